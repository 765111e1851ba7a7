// One set of properties, run over every model of `log_store`.
#include <veilsum/audit/checkpoint_signing.hpp>
#include <veilsum/audit/file_store.hpp>
#include <veilsum/audit/log_store.hpp>

#include "support/catch.hpp"
#include "support/naive_merkle.hpp"
#include "support/seeded_random.hpp"
#include "support/temporary_folder.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace veilsum;
using namespace veilsum::audit;

namespace {

const std::string origin = "example.org/session-4";

const sign::signing_key& log_key() {
    static const sign::signing_key key =
        sign::signing_key::from_seed(secret<byte_array<32>>(byte_array<32>{1, 2, 3}));
    return key;
}

struct in_memory {
    static constexpr const char* name = "memory_store";
    memory_store make() { return {}; }
};
struct in_a_folder {
    static constexpr const char* name = "file_store";
    test::temporary_folder folder;
    file_store make() {
        auto made = file_store::create(folder / "log");
        REQUIRE(made);
        return *std::move(made);
    }
};

template <log_store Store>
void check_agrees(const Store& store, const std::vector<bytes>& model) {
    REQUIRE(store.size() == model.size());
    CHECK(store.tree().size() == model.size());
    CHECK(store.root() == test::naive_root(model));
    CHECK(store.head() == (model.empty() ? hash::digest32{} : record_hash(byte_view(model.back()))));
    for (std::size_t i = 0; i < model.size(); ++i) {
        const auto entry = store.read(i);
        REQUIRE(entry);
        CHECK(entry->serialize() == model[i]);
    }
}

} // namespace

TEMPLATE_TEST_CASE("log store: any sequence of operations", "[audit]", in_memory, in_a_folder) {
    INFO(TestType::name);
    TestType fixture;
    auto store = fixture.make();
    test::seeded_random rng(5);
    std::vector<bytes> model; // canonical bytes of all records
    std::map<hash::digest32, bytes> bodies;
    std::string note;
    check_agrees(store, model);
    for (int step = 0; step < 60; ++step) {
        const std::uint64_t choice = rng.below(4);
        if (choice <= 1) {
            const auto type = static_cast<std::uint16_t>(rng.below(65536));
            const bytes body = rng.draw(rng.below(200));
            const hash::digest32 head = store.head();
            const auto appended = store.append(type, 2, body);
            REQUIRE(appended);
            CHECK(appended->type == type);
            CHECK(appended->version == 2);
            CHECK(appended->sequence == model.size());
            CHECK(appended->previous == head);
            CHECK(appended->body == body);
            model.push_back(appended->serialize());
        } else if (choice == 2) {
            const bytes body = rng.draw(rng.below(500));
            const auto digest = store.put_body(body);
            REQUIRE(digest);
            CHECK(*digest == hash::sha256(body));
            CHECK(*store.put_body(body) == *digest);
            bodies[*digest] = body;
        } else {
            note = sign_checkpoint({origin, store.size(), store.root()}, origin, log_key());
            REQUIRE(store.write_checkpoint(note));
        }
        if (step % 15 == 0) check_agrees(store, model);
    }
    check_agrees(store, model);
    CHECK(bodies.size() > 3);
    for (const auto& [digest, body] : bodies) {
        CHECK(store.has_body(digest));
        CHECK(*store.get_body(digest, body.size()) == body);
        const auto capped = store.get_body(digest, body.size() - 1);
        REQUIRE_FALSE(capped);
        CHECK(capped.error().code == errc::out_of_range);
        CHECK(capped.error().what == "length of the body");
        CHECK(capped.error().place == "body " + to_hex(digest));
    }
    CHECK(*store.read_checkpoint() == note);
}

TEMPLATE_TEST_CASE("log store: what is not there", "[audit]", in_memory, in_a_folder) {
    INFO(TestType::name);
    TestType fixture;
    auto store = fixture.make();
    const auto nothing = store.read(0);
    REQUIRE_FALSE(nothing);
    CHECK(nothing.error().code == errc::out_of_range);
    CHECK(nothing.error().place == "record 0");
    const hash::digest32 unknown = hash::sha256(as_bytes("unknown"));
    CHECK_FALSE(store.has_body(unknown));
    const auto body = store.get_body(unknown, 100);
    REQUIRE_FALSE(body);
    CHECK(body.error().code == errc::missing);
    CHECK(body.error().what == "body");
    CHECK(body.error().place == "body " + to_hex(unknown));
    const auto note = store.read_checkpoint();
    REQUIRE_FALSE(note);
    CHECK(note.error().code == errc::missing);
    CHECK(note.error().what == "checkpoint");
}

TEMPLATE_TEST_CASE("log store: a body at the cap is stored, one above it changes nothing", "[audit]",
                   in_memory, in_a_folder) {
    INFO(TestType::name);
    TestType fixture;
    auto store = fixture.make();
    CHECK(store.append(1, 1, bytes(max_record_body)));
    const auto refused = store.append(1, 1, bytes(max_record_body + 1));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::overflow);
    CHECK(refused.error().what == "record body");
    CHECK(store.size() == 1);
    CHECK(store.append(1, 1, {}));
    CHECK(store.read(0)->body.size() == max_record_body);
}

TEMPLATE_TEST_CASE("log store: only checkpoints of this log, and never an older one", "[audit]", in_memory,
                   in_a_folder) {
    INFO(TestType::name);
    TestType fixture;
    auto store = fixture.make();
    for (int i = 0; i < 3; ++i) REQUIRE(store.append(1, 1, bytes{static_cast<std::uint8_t>(i)}));
    const auto note_of = [&](std::uint64_t size, const hash::digest32& root) {
        return sign_checkpoint({origin, size, root}, origin, log_key());
    };
    const auto refused = [&](const std::string& note, errc code, std::string_view what) {
        const auto outcome = store.write_checkpoint(note);
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().code == code);
        CHECK(outcome.error().what == what);
    };
    refused("not a note", errc::malformed, "blank line of the note");
    refused(note_of(4, store.root()), errc::missing, "records that the checkpoint covers");
    refused(note_of(2, store.root()), errc::mismatch, "root of the log at the checkpoint's size");
    CHECK_FALSE(store.read_checkpoint());

    const std::string current = note_of(2, store.tree().root(2));
    REQUIRE(store.write_checkpoint(current));
    refused(note_of(1, store.tree().root(1)), errc::refused, "checkpoint older than the stored one");
    CHECK(*store.read_checkpoint() == current);
    CHECK(store.write_checkpoint(note_of(2, store.tree().root(2))));
    CHECK(store.write_checkpoint(note_of(3, store.root())));
}

TEMPLATE_TEST_CASE("log store: a visit goes through all records and stops at the first error", "[audit]",
                   in_memory, in_a_folder) {
    INFO(TestType::name);
    TestType fixture;
    auto store = fixture.make();
    for (int i = 0; i < 5; ++i) REQUIRE(store.append(1, 1, {}));
    std::uint64_t seen = 0;
    CHECK(for_each_record(store, [&](const record& entry) -> result<void> {
        CHECK(entry.sequence == seen++);
        return {};
    }));
    CHECK(seen == 5);
    const auto stopped = for_each_record(store, [&](const record& entry) -> result<void> {
        if (entry.sequence == 2) return error{errc::refused, "enough"};
        return {};
    });
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().what == "enough");
}
