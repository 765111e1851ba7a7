// Bounds of a response, both sides, and the mask behind it: its length, and that it hides.
#include "support/catch.hpp"
#include "support/scripted_random.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/zk/response_window.hpp>

#include <array>
#include <cstddef>

using namespace veilsum;
using integer::bigint;
using zk::response_window;

namespace {

constexpr std::size_t bins = 32; // 16 for sums that fit, 16 for those that carry
using histogram = std::array<double, bins>;

// Upper four bits, with the carry, of mask + e x for the largest e, from `samples` masks of `mask_bits` bits.
histogram upper_bits(const bigint& x, std::size_t mask_bits, int samples, std::uint64_t seed) {
    tests::seeded_random rng(seed);
    histogram seen{};
    for (int i = 0; i < samples; ++i) {
        const bigint z = integer::random_bits(mask_bits, rng) + zk::largest_challenge() * x;
        const auto bin = (z >> (mask_bits - 4)).to_int64();
        ++seen.at(static_cast<std::size_t>(*bin));
    }
    return seen;
}

// Chi-squared distance of two histograms with the same number of samples; 15 degrees of freedom without
// carries.
double distance(const histogram& a, const histogram& b) {
    double sum = 0;
    for (std::size_t i = 0; i < bins; ++i)
        if (a[i] + b[i] > 0) sum += (a[i] - b[i]) * (a[i] - b[i]) / (a[i] + b[i]);
    return sum;
}

} // namespace

TEST_CASE("response window: lengths are the bound, the challenge and 128 bits more", "[zk]") {
    CHECK(response_window::of_one(4438).mask_bits() == 4438 + 256);
    CHECK(response_window::of_sum(512, 1).mask_bits() == 512 + 257);
    CHECK(response_window::of_sum(512, 183).mask_bits() == 512 + 264);
    CHECK(response_window::of_sum(512, 255).mask_bits() == 512 + 264);
    CHECK(response_window::of_sum(512, 256).mask_bits() == 512 + 265);
    CHECK(response_window::of_sum(512, 183).size_bytes() == 97);
    for (const std::size_t terms : {1u, 2u, 3u, 255u, 256u, 65535u}) {
        const auto window = response_window::of_sum(448, terms);
        CHECK(window.minimum() == bigint(terms) * zk::largest_challenge() * ((bigint(1) << 448) - 1));
        CHECK(window.minimum().bit_length() + zk::statistical_bits <= window.mask_bits());
    }
}

TEST_CASE("response window: both ends belong to it, their neighbours outside do not", "[zk]") {
    const auto window = response_window::of_sum(100, 3);
    const bigint end = bigint(1) << window.mask_bits();
    CHECK(window.contains(window.minimum()));
    CHECK_FALSE(window.contains(window.minimum() - 1));
    CHECK(window.contains(end - 1));
    CHECK_FALSE(window.contains(end));
    CHECK_FALSE(window.contains(0));
    CHECK_FALSE(window.contains(-window.minimum()));
    CHECK_FALSE(window.contains(-(end - 1)));
}

TEST_CASE("response window: an answer outside is withheld", "[zk]") {
    const auto window = response_window::of_one(64);
    const auto answer = [&](const bigint& mask, const bigint& shift) {
        return window.answer(secret<bigint>(bigint(mask)), secret<bigint>(bigint(shift)));
    };
    const bigint largest_mask = (bigint(1) << window.mask_bits()) - 1;
    CHECK(answer(0, window.minimum()) == window.minimum());
    CHECK_FALSE(answer(0, window.minimum() - 1).has_value());
    CHECK(answer(window.minimum(), 0) == window.minimum());
    CHECK(answer(largest_mask, 0) == largest_mask);
    CHECK_FALSE(answer(largest_mask, 1).has_value());
    CHECK(answer(largest_mask - window.minimum(), window.minimum()) == largest_mask);
}

TEST_CASE("response window: masks use their whole length", "[zk]") {
    const auto window = response_window::of_one(61); // 317 bits: not whole bytes
    test::scripted_random ones({0xff}), zeros({0x00});
    CHECK(window.draw_mask(ones).expose() == (bigint(1) << window.mask_bits()) - 1);
    CHECK(window.draw_mask(zeros).expose() == 0);
    tests::seeded_random rng(1);
    bigint any_bit = 0, every_bit = (bigint(1) << window.mask_bits()) - 1;
    for (int i = 0; i < 64; ++i) {
        const auto mask = window.draw_mask(rng);
        for (std::size_t b = 0; b < window.mask_bits(); ++b) {
            if (mask.expose().bit(b) && !any_bit.bit(b)) any_bit += bigint(1) << b;
            if (!mask.expose().bit(b) && every_bit.bit(b)) every_bit -= bigint(1) << b;
        }
    }
    CHECK(any_bit == (bigint(1) << window.mask_bits()) - 1);
    CHECK(every_bit == 0);
}

TEST_CASE("response window: responses to extreme witnesses cannot be told apart, with a short mask they can",
          "[zk]") {
    constexpr std::size_t bound = 32;
    constexpr int samples = 4000;
    constexpr double suspicious = 55; // exceeded with probability 2e-6 by equal distributions
    const bigint largest = (bigint(1) << bound) - 1;
    const std::size_t enough = response_window::of_one(bound).mask_bits();
    CHECK(distance(upper_bits(0, enough, samples, 1), upper_bits(largest, enough, samples, 2)) < suspicious);
    // The control: 128 bits less, as long as what it should hide.
    const std::size_t too_short = enough - zk::statistical_bits;
    CHECK(distance(upper_bits(0, too_short, samples, 1), upper_bits(largest, too_short, samples, 2)) >
          10 * suspicious);
}
