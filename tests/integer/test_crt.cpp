// Recombination: all residues at toy size, long and uneven moduli, refusals.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/core/secret.hpp>
#include <veilsum/integer/crt.hpp>
#include <veilsum/integer/sample.hpp>

#include <cstddef>

using namespace veilsum;
using namespace veilsum::integer;
using tests::seeded_random;

TEST_CASE("crt_pair: recombines every number below the product of two small moduli", "[integer]") {
    for (int p = 2; p <= 24; ++p)
        for (int q = 2; q <= 24; ++q) {
            const auto pair = crt_pair::create(p, q);
            REQUIRE(pair.has_value() == (gcd(bigint(p), bigint(q)) == 1));
            if (!pair) continue;
            for (int x = 0; x < p * q; ++x) REQUIRE(pair->combine(x % p, x % q) == x);
        }
}

TEST_CASE("crt_pair: recombines long numbers, whichever modulus is longer", "[integer]") {
    seeded_random rng(21);
    const auto [p_bits, q_bits] = GENERATE(table<std::size_t, std::size_t>(
        {{64, 64}, {65, 64}, {512, 512}, {1024, 130}, {130, 1024}, {2, 500}, {500, 2}, {1537, 1535}}));
    for (int round = 0; round < 20; ++round) {
        const bigint p = random_bits(p_bits - 1, rng) + (bigint(1) << (p_bits - 1));
        bigint q = random_bits(q_bits - 1, rng) + (bigint(1) << (q_bits - 1));
        while (gcd(p, q) != 1) ++q;
        const auto pair = crt_pair::create(p, q);
        REQUIRE(pair.has_value());
        REQUIRE(pair->p() == p);
        REQUIRE(pair->q() == q);
        const bigint n = p * q;
        for (const bigint& x :
             {random_below(n, rng), bigint(0), bigint(1), n - 1, p % n, q % n, n - p, n - q})
            REQUIRE(pair->combine(x % p, x % q) == x);
    }
}

// Computed with Python 3.11: the x below p q with x = 2^200 mod p, x = 3^150 mod q, p = 2^255 - 19, q = 2^521
// - 1.
TEST_CASE("crt_pair: an answer computed with Python", "[integer]") {
    const bigint p = (bigint(1) << 255) - 19, q = (bigint(1) << 521) - 1;
    const auto pair = crt_pair::create(p, q);
    REQUIRE(pair.has_value());
    const bigint x = pair->combine(power_vartime(2, 200, p), power_vartime(3, 150, q));
    REQUIRE(
        x.to_hex() ==
        "ddd2c7c8e5752700e452244cb519614d5b147efab959a39c44419a74b1aef8f7ffffffffffffffffffffffffffffffffffff"
        "ffffffffffffffffffffffffffffff9116d1b72ffef920ab3f527cd727aa4063c1c28261228efdf4c5c5c10aef659d");
}

TEST_CASE("crt_pair: moduli that cannot work are refused with the check that says so", "[integer]") {
    const auto too_small = GENERATE(-5, 0, 1);
    for (const auto& refused : {crt_pair::create(too_small, 7), crt_pair::create(7, too_small)}) {
        REQUIRE_FALSE(refused.has_value());
        REQUIRE(refused.error().code == errc::bad_parameter);
        REQUIRE(refused.error().check == 1);
        REQUIRE(refused.error().what == "modulus below two");
    }
    const auto common = crt_pair::create(15, 21);
    REQUIRE_FALSE(common.has_value());
    REQUIRE(common.error().code == errc::bad_parameter);
    REQUIRE(common.error().check == 2);
    REQUIRE(common.error().what == "moduli with a common factor");
}

TEST_CASE("crt_pair: can be kept secret and is wiped when moved from", "[integer]") {
    secret<crt_pair> first(std::move(*crt_pair::create(11, 13)));
    secret<crt_pair> second = std::move(first);
    REQUIRE(second.expose().combine(5, 6) == 71);
    REQUIRE(first.expose().p().is_zero());
    REQUIRE(first.expose().q().is_zero());
}
