// Random 32-byte strings as keys and random signatures: every answer is clean, and none verifies.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/sign/verifying_key.hpp>

#include <sodium/crypto_core_ed25519.h>

using namespace veilsum;
using namespace veilsum::sign;

TEST_CASE("hostile keys: one random string in sixteen is a key, as the group's structure says", "[sign]") {
    // Half of all strings decode to a point, one point in eight has prime order.
    test::seeded_random rng(61);
    std::size_t keys = 0;
    std::size_t verified = 0;
    for (int round = 0; round < 3000; ++round) {
        const bytes data = rng.draw(32);
        const auto key = verifying_key::parse(data);
        // What this parser takes, libsodium's own check takes too (the other way round not, in old versions).
        if (key) REQUIRE(crypto_core_ed25519_is_valid_point(data.data()) == 1);
        if (!key) {
            REQUIRE(key.error().check == 2);
            continue;
        }
        ++keys;
        REQUIRE(equal(key->bytes(), data));
        signature given{};
        rng.fill(given);
        given[63] &= 0x0f; // S below the order, so that the equation itself is reached
        verified += key->verify("veilsum.test/1", data, given) ? 1 : 0;
        verified += key->verify_raw(data, given) ? 1 : 0;
    }
    // 3000 / 16 = 187.5 with a standard deviation of 13.3.
    CHECK(keys > 187 - 7 * 14);
    CHECK(keys < 187 + 7 * 14);
    CHECK(verified == 0);
}
