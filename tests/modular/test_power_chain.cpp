// Chains, in a group where they can be read off: integers with addition, so that a power is a multiple.
#include "support/catch.hpp"
#include "support/ends_process.hpp"
#include "support/naive_modular.hpp"

#include <veilsum/modular/power_chain.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

using namespace veilsum;
using namespace veilsum::modular;
using numbers = std::vector<bigint>;
using tests::any_bits;

namespace {

numbers any_exponents(std::size_t count, std::size_t bits, std::uint64_t seed = 1) {
    tests::seeded_random rng(seed);
    numbers out;
    while (out.size() < count) out.push_back(any_bits(rng, bits));
    return out;
}

// What the chain computes from numbers 2^(1000 k), that is all exponents at once, 1000 bits for each.
bigint run(const power_chain& chain, std::size_t count) {
    numbers number;
    for (std::size_t k = 0; k < count; ++k) number.push_back(bigint(1) << (1000 * k));
    number.push_back(bigint(0));
    for (const chain_step& step : chain.steps()) {
        REQUIRE(step.target <= count);
        REQUIRE(step.factor <= count);
        number[step.target] = number[step.target] + number[step.factor];
    }
    REQUIRE(chain.result() <= count);
    return number[chain.result()];
}
bigint all_at_once(const numbers& exponents, std::size_t from, std::size_t bits) {
    bigint out(0);
    for (std::size_t k = 0; k < exponents.size(); ++k)
        out += (exponents[k] >> from) % (bigint(1) << bits) << (1000 * k);
    return out;
}

} // namespace

TEST_CASE("power chain: computes the exponents it was made for", "[modular]") {
    for (const std::size_t count : {0u, 1u, 2u, 3u, 5u, 30u, 100u})
        for (const std::size_t bits : {1u, 2u, 8u, 63u, 64u, 65u, 128u, 300u}) {
            const numbers exponents = any_exponents(count, bits, 100 * bits + count);
            for (const auto& [from, width] : {std::pair<std::size_t, std::size_t>{0, bits},
                                              {0, bits + 70},
                                              {bits / 3, 1},
                                              {bits / 2, bits / 2},
                                              {5, 64},
                                              {bits, 3}})
                REQUIRE(run(power_chain(exponents, from, width), count) ==
                        all_at_once(exponents, from, width));
        }
}

TEST_CASE("power chain: exponents of any shape, at two steps a bit at most", "[modular]") {
    const auto two_to = [](std::size_t k) { return bigint(1) << k; };
    std::vector<numbers> cases{
        {bigint(0), bigint(0)},
        {bigint(0), bigint(1), bigint(0)},
        numbers(9, bigint(1)),
        numbers(9, two_to(128) - bigint(1)),
        {two_to(192) - bigint(1), bigint(1)},
        {two_to(700) - bigint(1), two_to(699), bigint(1), bigint(2), bigint(3)},
        {two_to(127), two_to(127) - bigint(1), two_to(127) + bigint(1)},
    };
    numbers geometric, factorials, fibonacci{bigint(1), bigint(2)};
    bigint power(1), factorial(1);
    for (std::int64_t i = 1; i < 40; ++i) {
        geometric.push_back(power *= bigint(63));
        factorials.push_back(factorial *= bigint(i));
        fibonacci.push_back(fibonacci[fibonacci.size() - 1] + fibonacci[fibonacci.size() - 2]);
    }
    for (const numbers& each : {geometric, factorials, fibonacci}) cases.push_back(each);
    for (const numbers& exponents : cases) {
        std::size_t bits = 0, longest = 1;
        for (const bigint& e : exponents) {
            bits += e.bit_length();
            longest = std::max(longest, e.bit_length());
        }
        const power_chain chain(exponents, 0, longest);
        REQUIRE(run(chain, exponents.size()) == all_at_once(exponents, 0, longest));
        REQUIRE(chain.steps().size() <= 2 * bits + 1);
    }
}

TEST_CASE("power chain: as long as it says", "[modular]") {
    for (const std::size_t count : {8u, 23u, 46u, 183u, 437u, 1000u})
        for (const std::size_t bits : {16u, 43u, 64u, 128u, 192u}) {
            const auto steps =
                static_cast<double>(power_chain(any_exponents(count, bits), 0, bits).steps().size());
            INFO(count << " exponents of " << bits << " bits");
            CHECK(chain_cost(count, bits) > 0.87 * steps);
            CHECK(chain_cost(count, bits) < 1.1 * steps);
        }
    // The table of the header.
    const auto each = [](std::size_t count) {
        return static_cast<double>(power_chain(any_exponents(count, 128), 0, 128).steps().size()) /
               static_cast<double>(count);
    };
    CHECK(each(46) == Approx(27.7).margin(0.6));
    CHECK(each(183) == Approx(21.0).margin(0.3));
    CHECK(each(437) == Approx(18.0).margin(0.2));
    CHECK(each(1000) == Approx(15.8).margin(0.2));
}

TEST_CASE("power split: covers rows and bits, within memory, and is the cheapest", "[modular]") {
    for (const std::size_t rows : {1u, 7u, 46u, 183u, 4096u, 18300u})
        for (const std::size_t columns : {1u, 4u, 8u, 13u, 21u})
            for (const std::size_t bits : {1u, 43u, 128u, 192u})
                for (const power_units& on :
                     {power_units{1, 1, 100}, {1, 4, 5000}, {8, 1, 4096}, {8, 6, 4096}}) {
                    const power_split best = best_split(rows, columns, bits, on);
                    REQUIRE(best.rows <= on.max_rows);
                    REQUIRE(best.rows * best.row_parts >= rows);
                    REQUIRE(best.rows * (best.row_parts - 1) < rows);
                    REQUIRE(best.bits * best.bit_parts >= bits);
                    REQUIRE(best.bits * (best.bit_parts - 1) < bits);
                    const double cost = split_cost(best, columns, on);
                    for (std::size_t parts = 1; parts <= std::min<std::size_t>(bits, 16); ++parts) {
                        const std::size_t piece = (bits + parts - 1) / parts;
                        const power_split other{best.rows, best.row_parts, piece, (bits + piece - 1) / piece};
                        REQUIRE(cost <= split_cost(other, columns, on));
                    }
                    if (rows <= on.max_rows)
                        REQUIRE(cost <= split_cost({rows, 1, best.bits, best.bit_parts}, columns, on));
                }
    // Lanes are full where that is possible.
    const power_split thirteen = best_split(183, 13, 128, {8, 1, 4096});
    REQUIRE(thirteen.chains() * 13 % 8 >= 7);
    REQUIRE(best_split(183, 8, 128, {8, 1, 4096}).chains() == 1);
    REQUIRE(best_split(183, 1, 128, {8, 1, 4096}).chains() == 8);
    REQUIRE(best_split(183, 1, 128, {1, 1, 4096}).chains() == 1);
}

TEST_CASE("power chain: negative exponents end the process", "[modular]") {
    const numbers negative{bigint(5), bigint(-1)};
    CHECK(test::ends_process([&] { power_chain(negative, 0, 8); }));
}
