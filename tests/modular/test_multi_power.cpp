#include "support/catch.hpp"
#include "support/naive_modular.hpp"

#include <veilsum/modular/gmp_engine.hpp>

#include <span>
#include <vector>

using namespace veilsum;
using namespace veilsum::modular;
using engine_type = gmp_engine<512>;

namespace {

struct instance {
    engine_type engine;
    std::vector<bigint> bases;
    engine_type::vector vector;
};
instance any_instance(std::uint64_t seed, std::size_t count) {
    tests::seeded_random rng(seed);
    engine_type engine(tests::any_modulus(rng, 509));
    std::vector<bigint> bases;
    engine_type::vector vector = engine.make(count);
    for (std::size_t k = 0; k < count; ++k) {
        bases.push_back(tests::any_below(rng, engine.modulus()));
        engine.set(vector, k, bases.back());
    }
    return {engine, bases, vector};
}

} // namespace

TEST_CASE("multi power: equals the product of powers for any count and length", "[modular]") {
    tests::seeded_random rng(20);
    for (const std::size_t count : {1u, 2u, 3u, 17u, 100u}) {
        const instance given = any_instance(count, count);
        for (const std::size_t bits : {1u, 7u, 63u, 64u, 65u, 128u, 200u}) {
            std::vector<bigint> exponents;
            for (std::size_t k = 0; k < count; ++k) exponents.push_back(tests::any_bits(rng, bits));
            REQUIRE(given.engine.multi_power_vartime(given.vector, exponents) ==
                    tests::naive_multi_power(given.bases, exponents, given.engine.modulus()));
        }
    }
}

TEST_CASE("multi power: exponents at the edges", "[modular]") {
    const instance given = any_instance(21, 6);
    const bigint& n = given.engine.modulus();
    const bigint all_ones = (bigint(1) << 128) - bigint(1);
    const std::vector<std::vector<bigint>> cases{
        std::vector<bigint>(6, bigint(0)),
        std::vector<bigint>(6, bigint(1)),
        std::vector<bigint>(6, all_ones),
        {bigint(0), bigint(0), bigint(1) << 127, bigint(0), bigint(0), bigint(0)},
        {all_ones, bigint(0), bigint(1), bigint(0), bigint(2), bigint(1) << 64},
    };
    for (const std::vector<bigint>& exponents : cases)
        REQUIRE(given.engine.multi_power_vartime(given.vector, exponents) ==
                tests::naive_multi_power(given.bases, exponents, n));
}

TEST_CASE("multi power: a range of the bases", "[modular]") {
    tests::seeded_random rng(22);
    const instance given = any_instance(22, 9);
    std::vector<bigint> exponents;
    for (int k = 0; k < 9; ++k) exponents.push_back(tests::any_bits(rng, 40));
    const std::span<const bigint> bases = given.bases, powers = exponents;
    for (std::size_t first = 0; first <= 9; ++first) {
        for (std::size_t last = first; last <= 9; ++last) {
            const std::size_t count = last - first;
            REQUIRE(
                given.engine.multi_power_vartime(given.vector, first, last, powers.subspan(first, count)) ==
                tests::naive_multi_power(bases.subspan(first, count), powers.subspan(first, count),
                                         given.engine.modulus()));
        }
    }
}

TEST_CASE("multi power: the window is the cheapest", "[modular]") {
    for (const std::size_t count : {1u, 10u, 1000u, 100000u}) {
        for (const std::size_t bits : {1u, 128u, 200u}) {
            const std::size_t chosen = bucket_width(count, bits);
            for (std::size_t other = 1; other <= 16; ++other)
                REQUIRE(bucket_cost(count, bits, chosen) <= bucket_cost(count, bits, other));
        }
    }
    REQUIRE(bucket_width(1000000, 128) > bucket_width(100, 128));
}

TEST_CASE("product: of any number of residues", "[modular]") {
    for (const std::size_t count : {1u, 2u, 3u, 5u, 8u, 13u, 64u, 100u}) {
        const instance given = any_instance(30 + count, count);
        bigint expected(1);
        for (const bigint& base : given.bases) expected = expected * base % given.engine.modulus();
        REQUIRE(given.engine.product(given.vector) == expected);
        REQUIRE(given.engine.get(given.vector, 0) == given.bases[0]);
    }
}
