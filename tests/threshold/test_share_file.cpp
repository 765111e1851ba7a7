// Key shares at rest.
#include "support/threshold_fixture.hpp"

#include "support/catch.hpp"
#include "support/ends_process.hpp"

#include <veilsum/threshold/share_file.hpp>

#include <cstddef>
#include <string_view>
#include <utility>

using namespace veilsum;
using tests::seeded_random;

namespace {

using toy = test::toy_scheme<1>;

secret<bytes> passphrase(std::string_view text) {
    const byte_view view = as_bytes(text);
    return secret<bytes>(bytes(view.begin(), view.end()));
}

struct stored_share {
    test::ceremony_fixture<toy> ceremony{2, 3};
    bytes file = seal(2, 1);
    bytes seal(std::uint32_t trustee, std::uint64_t seed) const {
        seeded_random rng(seed);
        return threshold::seal_share(passphrase("correct horse"), ceremony.dealt.shares[trustee - 1],
                                     seal::passphrase_cost::minimum(), rng)
            .value();
    }
    auto open(byte_view data, std::string_view text = "correct horse") const {
        return threshold::open_share(passphrase(text), data, ceremony.key);
    }
};
const stored_share& example() {
    static const stored_share made;
    return made;
}

template <class T>
void check_refused(const result<T>& outcome, errc code, std::uint32_t check) {
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == code);
    CHECK(outcome.error().check == check);
}

} // namespace

TEST_CASE("share file: opens with its passphrase and gives the share back", "[threshold]") {
    const auto& stored = example();
    const auto opened = stored.open(stored.file);
    REQUIRE(opened);
    CHECK(opened->index() == party_id(2));
    CHECK(opened->value().expose() == stored.ceremony.dealt.shares[1].value().expose());
    CHECK(opened->check(stored.ceremony.key, stored.ceremony.dealt.verification));
    const std::size_t share = threshold::key_share<toy>::body_bytes(stored.ceremony.who, {});
    CHECK(stored.file.size() == 12 + 34 + 4 + 12 + share + seal::passphrase_box_overhead);
    CHECK(stored.file.size() < 12 + threshold::share_file_body_bytes<toy>); // the longest of all
    CHECK(stored.seal(2, 2) != stored.file);                                // fresh salt and nonce
}

TEST_CASE("share file: a share that was moved from is not sealed", "[threshold]") {
    test::ceremony_fixture<toy> ceremony(2, 3);
    const auto moved = std::move(ceremony.dealt.shares[0]);
    CHECK(test::ends_process([&] {
        seeded_random rng(6);
        (void)threshold::seal_share(passphrase("correct horse"), ceremony.dealt.shares[0],
                                    seal::passphrase_cost::minimum(), rng);
    }));
}

TEST_CASE("share file: another passphrase does not open it", "[threshold]") {
    const auto& stored = example();
    for (const std::string_view wrong : {"correct hors", "Correct horse", "correct horse ", "x"})
        check_refused(stored.open(stored.file, wrong), errc::refused, 3);
    check_refused(stored.open(stored.file, ""), errc::refused, 3);
    seeded_random rng(3);
    check_refused(threshold::seal_share(passphrase(""), stored.ceremony.dealt.shares[0],
                                        seal::passphrase_cost::minimum(), rng),
                  errc::bad_parameter, 1);
}

TEST_CASE("share file: every altered byte is noticed", "[threshold]") {
    const auto& stored = example();
    const std::size_t box = 12 + 34 + 4;
    for (std::size_t at = 0; at < stored.file.size(); at += at < box + 60 ? 1 : 17) {
        // The cost of the box is a number that may legally change (check 3 then finds another key), but a
        // large one would make this test slow: its bytes are covered by the tests of the box.
        if (at >= box + 1 && at < box + 17) continue;
        bytes altered = stored.file;
        altered[at] ^= 1;
        const auto outcome = stored.open(altered);
        REQUIRE_FALSE(outcome);
        const std::uint32_t expected = at < 12        ? outcome.error().check // magic, type, version, length
                                       : at < 12 + 32 ? 2u                    // key id
                                       : at < 12 + 34 ? 3u                    // index: associated data
                                       : at < box     ? 1u                    // length of the box
                                                      : 3u;
        CHECK(outcome.error().check == expected);
        CHECK((at >= 12 || outcome.error().check == 1));
    }
    bytes longer = stored.file;
    longer.push_back(0);
    check_refused(stored.open(longer), errc::malformed, 1);
    check_refused(stored.open(byte_view(stored.file).first(stored.file.size() - 1)), errc::malformed, 1);
    check_refused(stored.open({}), errc::malformed, 1);
}

TEST_CASE("share file: cannot be relabelled to another index or key", "[threshold]") {
    const auto& stored = example();
    bytes relabelled = stored.file;
    relabelled[12 + 33] = 3;
    check_refused(stored.open(relabelled), errc::refused, 3);
    const auto& other = test::fixed_public_key<toy, 1>();
    check_refused(threshold::open_share(passphrase("correct horse"), stored.file, other), errc::wrong_key, 2);
    bytes moved = stored.file;
    std::copy(other.id().begin(), other.id().end(), moved.begin() + 12);
    check_refused(threshold::open_share(passphrase("correct horse"), moved, other), errc::refused, 3);
}

TEST_CASE("share file: what is inside must agree with the label", "[threshold]") {
    // A box that was sealed with the label of trustee 3 around the share of trustee 2.
    const auto& stored = example();
    const auto& share = stored.ceremony.dealt.shares[1];
    seeded_random rng(4);
    const bytes label = threshold::share_file_label(share.key_id(), 3);
    const auto wrap = [&](byte_view content) {
        const auto box = seal::seal_with_passphrase(passphrase("correct horse"), content, label,
                                                    seal::passphrase_cost::minimum(), rng);
        wire::writer out;
        out.fixed(label);
        out.var(*box);
        return wire::frame(wire::message_type::share_file, threshold::share_file_version, out.view());
    };
    check_refused(stored.open(wrap(share.serialize().expose())), errc::mismatch, 4);
    check_refused(stored.open(wrap(byte_view(share.serialize().expose()).first(40))), errc::malformed, 4);
}

TEST_CASE("share file: carries the epoch of the share", "[threshold]") {
    const test::ceremony_fixture<toy> ceremony(2, 3);
    const auto& dealt = ceremony.dealt.shares[0];
    const auto late = *threshold::epoch::parse(threshold::epoch::last);
    const auto share =
        *threshold::key_share<toy>::create(ceremony.key, ceremony.who, party_id(1), dealt.exponent(), late);
    seeded_random rng(5);
    const auto file =
        threshold::seal_share(passphrase("correct horse"), share, seal::passphrase_cost::minimum(), rng);
    REQUIRE(file);
    CHECK(file->size() <= 12 + threshold::share_file_body_bytes<toy>);
    const auto opened = threshold::open_share(passphrase("correct horse"), *file, ceremony.key);
    REQUIRE(opened);
    CHECK(opened->epoch() == late);
    CHECK(opened->exponent().expose() == dealt.exponent().expose());
}
