#include "support/catch.hpp"

#include <veilsum/learn/generator.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

using veilsum::learn::generator;

TEST_CASE("generator: SplitMix64 as published", "[learn]") {
    // Widely published outputs of the reference code, for instance Rosetta Code "Pseudo-random
    // numbers/Splitmix64" for seed 1234567; both rows were computed again in Python from the paper's formula.
    struct vector {
        std::uint64_t seed;
        std::array<std::uint64_t, 5> outputs;
    };
    constexpr vector published[] = {
        {0,
         {0xe220a8397b1dcdafu, 0x6e789e6aa1b965f4u, 0x06c45d188009454fu, 0xf88bb8a8724c81ecu,
          0x1b39896a51a8749bu}},
        {1234567,
         {6457827717110365317u, 3203168211198807973u, 9817491932198370423u, 4593380528125082431u,
          16408922859458223821u}},
    };
    for (const vector& expected : published) {
        generator draw(expected.seed);
        for (const std::uint64_t output : expected.outputs) CHECK(draw.next() == output);
    }
}

TEST_CASE("generator: uniform takes the upper 53 bits", "[learn]") {
    generator draw(0);
    CHECK(draw.uniform() == 7956156453446585.0 / 9007199254740992.0);
    generator many(3);
    double least = 1, greatest = 0, sum = 0;
    for (int i = 0; i < 10000; ++i) {
        const double u = many.uniform(-2, 2);
        least = std::min(least, u);
        greatest = std::max(greatest, u);
        sum += u;
    }
    CHECK(least >= -2);
    CHECK(least < -1.99);
    CHECK(greatest <= 2);
    CHECK(greatest > 1.99);
    CHECK(std::abs(sum / 10000) < 0.05); // 4.3 standard deviations
}

TEST_CASE("generator: a permutation has each number once, and is the one of its seed", "[learn]") {
    // Computed in Python: Fisher-Yates from the end, each index being the next output modulo what is left.
    CHECK(generator(42).permutation(10) == std::vector<std::size_t>{0, 9, 5, 8, 6, 4, 7, 2, 1, 3});
    CHECK(generator(42).permutation(0).empty());
    std::vector<std::size_t> sorted = generator(7).permutation(1000);
    CHECK(!std::is_sorted(sorted.begin(), sorted.end()));
    std::sort(sorted.begin(), sorted.end());
    std::vector<std::size_t> all(1000);
    std::iota(all.begin(), all.end(), std::size_t{0});
    CHECK(sorted == all);
}

TEST_CASE("generator: streams of one seed differ and can be made in any order", "[learn]") {
    CHECK(generator::stream(7, 3).next() == 0x9c1b0b5b3e06cf11u); // Python
    std::vector<std::uint64_t> firsts;
    for (std::uint64_t seed = 0; seed < 10; ++seed)
        for (std::uint64_t i = 0; i < 100; ++i) firsts.push_back(generator::stream(seed, i).next());
    CHECK(generator::stream(4, 20).next() == firsts[420]);
    std::sort(firsts.begin(), firsts.end());
    CHECK(std::adjacent_find(firsts.begin(), firsts.end()) == firsts.end());
}

TEST_CASE("generator: below stays below", "[learn]") {
    generator draw(11);
    std::array<int, 6> seen{};
    for (int i = 0; i < 6000; ++i) ++seen.at(draw.below(6));
    for (const int count : seen) CHECK(std::abs(count - 1000) < 150); // 5 standard deviations
    CHECK(draw.below(1) == 0);
}
