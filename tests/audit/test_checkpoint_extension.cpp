#include <veilsum/audit/checkpoint_extension.hpp>
#include <veilsum/audit/checkpoint_signing.hpp>
#include <veilsum/audit/log_store.hpp>

#include "support/catch.hpp"
#include "support/numbered_key.hpp"

#include <string>
#include <utility>

using namespace veilsum;
using namespace veilsum::audit;
using test::key_number;

namespace {

const std::string origin = "example.org/session-4";

memory_store store_of(std::size_t count) {
    memory_store store;
    for (std::size_t i = 0; i < count; ++i) REQUIRE(store.append(3, 1, bytes{static_cast<std::uint8_t>(i)}));
    return store;
}
checkpoint_extension extend(const memory_store& store, std::uint64_t from, std::uint64_t to) {
    return {from, store.tree().consistency(from, to),
            sign_checkpoint({origin, to, store.tree().root(to)}, origin, key_number(1))};
}
void malformed(const std::string& text, errc code, std::string_view what) {
    INFO(text);
    const auto parsed = checkpoint_extension::parse(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == code);
    CHECK(parsed.error().what == what);
}

} // namespace

TEST_CASE("checkpoint extension: text and back, and it connects", "[audit]") {
    const memory_store store = store_of(13);
    for (std::uint64_t to = 1; to <= 13; ++to)
        for (std::uint64_t from = 0; from <= to; ++from) {
            const checkpoint_extension made = extend(store, from, to);
            const auto read = checkpoint_extension::parse(made.serialize());
            REQUIRE(read);
            CHECK((*read == made));
            const checkpoint known{origin, from, store.tree().root(from)};
            const auto later = verify_later(known, read->old_size, read->proof, read->note, origin,
                                            key_number(1).verifying());
            REQUIRE(later);
            CHECK(later->size == to);
        }
}

TEST_CASE("checkpoint extension: the form of what stands before the note", "[audit]") {
    const std::string good = extend(store_of(7), 3, 7).serialize();
    const std::string line = good.substr(6, 45);
    REQUIRE(good.substr(0, 6) == "old 3\n");
    malformed("", errc::malformed, "old size of the extension");
    malformed("old 3", errc::malformed, "old size of the extension");
    malformed("old 03\n\n", errc::malformed, "old size of the extension");
    malformed("old -3\n\n", errc::malformed, "old size of the extension");
    malformed("new" + good.substr(3), errc::malformed, "old size of the extension");
    malformed("old 3\n" + line.substr(1) + "\n", errc::malformed, "digest of the extension");
    malformed("old 3\n" + to_base64(bytes(31)) + "\n\n", errc::malformed, "digest of the extension");
    malformed("old 3\n" + line, errc::malformed, "empty line of the extension");
    std::string most = "old 3\n";
    for (std::size_t i = 0; i < max_extension_digests; ++i) most += line;
    CHECK(checkpoint_extension::parse(most + "\nnote"));
    malformed(most + line + "\nnote", errc::overflow, "digests of the extension");
    malformed(std::string(max_extension_bytes + 1, 'o'), errc::overflow, "length of the extension");
}

TEST_CASE("checkpoint extension: a proof from elsewhere, and another log", "[audit]") {
    const memory_store store = store_of(9);
    const checkpoint known{origin, 5, store.tree().root(5)};
    const auto verify = [&](const checkpoint_extension& given, std::uint8_t key = 1) {
        return verify_later(known, given.old_size, given.proof, given.note, origin,
                            key_number(key).verifying());
    };
    const auto expect = [](const result<checkpoint>& outcome, errc code, std::string_view what,
                           std::uint32_t check) {
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().code == code);
        CHECK(outcome.error().what == what);
        CHECK(outcome.error().check == check);
    };
    REQUIRE(verify(extend(store, 5, 9)));
    expect(verify(extend(store, 5, 9), 2), errc::missing, "signature by the known key", 1);
    expect(verify(extend(store, 4, 9)), errc::wrong_context, "size that the proof starts from", 2);
    auto other_proof = extend(store, 5, 9);
    other_proof.proof = store.tree().consistency(4, 9);
    expect(verify(other_proof), errc::malformed, "length of the consistency proof", 2);
    auto smaller = extend(store, 4, 4);
    smaller.old_size = 5;
    expect(verify(smaller), errc::missing, "records that the receipt's checkpoint covers", 2);
}
