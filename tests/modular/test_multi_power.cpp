#include "support/catch.hpp"
#include "support/naive_modular.hpp"
#include "support/thread_count.hpp"

#include <veilsum/modular/gmp_engine.hpp>

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

TEST_CASE("multi power: columns, for any number of threads", "[modular]") {
    tests::seeded_random rng(22);
    for (const std::size_t columns : {1u, 3u, 13u}) {
        const std::size_t rows = 390 / columns;
        const instance given = any_instance(22 + columns, rows * columns);
        std::vector<bigint> exponents, expected;
        for (std::size_t k = 0; k < rows; ++k) exponents.push_back(tests::any_bits(rng, 100));
        for (std::size_t j = 0; j < columns; ++j) {
            std::vector<bigint> column;
            for (std::size_t k = 0; k < rows; ++k) column.push_back(given.bases[k * columns + j]);
            expected.push_back(tests::naive_multi_power(column, exponents, given.engine.modulus()));
        }
        for (const int threads : {1, 2, 7}) {
            const auto found = test::with_threads(threads, [&] {
                return given.engine.leave(given.engine.multi_power_vartime(given.vector, columns, exponents));
            });
            REQUIRE(found == expected);
        }
    }
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
