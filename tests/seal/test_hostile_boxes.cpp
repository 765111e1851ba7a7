// Random and mutated boxes: a clean refusal each time, and cheap unless the header is one that we would
// write.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/seal/passphrase_box.hpp>

#include <algorithm>

using namespace veilsum;
using namespace veilsum::seal;

TEST_CASE("hostile boxes: random bytes are refused by number", "[seal]") {
    test::seeded_random rng(71);
    const secret<bytes> passphrase(bytes(8, 'p'));
    std::size_t refused[6] = {};
    for (int round = 0; round < 20000; ++round) {
        bytes box = rng.draw(rng.below(2 * passphrase_box_overhead));
        if (!box.empty() && rng.below(2) == 0) box[0] = passphrase_box_version;
        const auto opened = open_with_passphrase(passphrase, box, {});
        REQUIRE(!opened);
        REQUIRE(opened.error().check >= 1);
        REQUIRE(opened.error().check <= 3); // random costs are beyond the caps: Argon2 is never started
        ++refused[opened.error().check];
    }
    for (std::size_t check = 1; check <= 3; ++check) CHECK(refused[check] > 1000);
}

TEST_CASE("hostile boxes: mutations behind the cost are refused by the tag", "[seal]") {
    test::seeded_random rng(72);
    const secret<bytes> passphrase(bytes(8, 'p'));
    const bytes plaintext = rng.draw(50);
    const auto good = seal_with_passphrase(passphrase, plaintext, {}, passphrase_cost::minimum(), rng);
    REQUIRE(good);
    for (int round = 0; round < 1000; ++round) {
        bytes box = *good;
        for (std::uint64_t hits = 1 + rng.below(3); hits != 0; --hits)
            box[17 + rng.below(box.size() - 17)] ^= static_cast<std::uint8_t>(1 + rng.below(255));
        if (rng.below(4) == 0)
            box.resize(passphrase_box_overhead + rng.below(box.size() - passphrase_box_overhead));
        if (rng.below(4) == 0) box.insert(box.end(), 1 + rng.below(20), std::uint8_t{0});
        if (box == *good) continue; // two hits on one byte may cancel
        const auto opened = open_with_passphrase(passphrase, box, {});
        REQUIRE(!opened);
        REQUIRE(opened.error().code == errc::refused);
        REQUIRE(opened.error().check == 5);
    }
}
