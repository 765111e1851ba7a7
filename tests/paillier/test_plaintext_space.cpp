#include "support/catch.hpp"

#include <veilsum/paillier/plaintext_space.hpp>

using namespace veilsum;
using namespace veilsum::paillier;

TEST_CASE("plaintext space: every residue of a small odd modulus has exactly one plaintext", "[paillier]") {
    for (const int modulus : {3, 15, 255, 257}) {
        const plaintext_space space{bigint(modulus)};
        const int largest = (modulus - 1) / 2;
        CHECK(space.largest() == largest);
        for (int m = -largest; m <= largest; ++m) {
            const auto residue = space.encode(m);
            REQUIRE(residue.has_value());
            CHECK(residue->to_integer() == (m + modulus) % modulus);
            CHECK(space.centre(*residue) == m);
        }
        for (const int outside : {largest + 1, -largest - 1, modulus, -modulus, 4 * modulus})
            CHECK_FALSE(space.encode(outside).has_value());
    }
}

TEST_CASE("plaintext space: the edges of a long modulus", "[paillier]") {
    const bigint n = (bigint(1) << 511) + 187;
    const plaintext_space space(n);
    const bigint largest = (n - 1) >> 1;
    for (const bigint& m : {largest, -largest, bigint(0), bigint(-1), bigint(1) << 64, -(bigint(1) << 64)}) {
        REQUIRE(space.encode(m).has_value());
        CHECK(space.encode(m)->to_integer() == m % n);
        CHECK(space.centre(m % n) == m);
    }
    CHECK_FALSE(space.encode(largest + 1).has_value());
    CHECK_FALSE(space.encode(-largest - 1).has_value());
    CHECK_FALSE(space.encode(bigint(1) << 512).has_value());
    CHECK_FALSE(space.encode(-(bigint(1) << 1000)).has_value());
}

TEST_CASE("plaintext space: reduction takes integers of any size and sign", "[paillier]") {
    const bigint n = (bigint(1) << 255) + 95;
    const plaintext_space space(n);
    for (const bigint& m : {bigint(0), bigint(-1), n, -n, (bigint(1) << 700) + 3, -(bigint(1) << 700)})
        CHECK(space.reduce(m).to_integer() == m % n);
}
