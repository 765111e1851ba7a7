// Real updates as signed b-bit integers, and sums of them back as real means.
//
//     x = round(g' 2^scale_bits),   g' = g min(1, clip_l2 / |g|)         -2^(b-1) <= x < 2^(b-1)
//     mean = (sum_u weight_u x_u) / (2^scale_bits sum_u weight_u)
//
// The encryption adds integers exactly, so all the error there is comes from here. For one entry, against the
// weighted mean of the clipped real values g':
//
//     nearest rounding:
//     |decode(sum, total_weight) - mean of g'| <= 2^-(scale_bits+1) + 1 ulp of the result
//
// because every x is within 1/2 of g' 2^scale_bits, a weighted mean of such errors is no larger, the opened
// sum is exact and the division rounds once. With stochastic rounding an entry is off by less than 1 instead
// of 1/2 (twice the first term), and the mean of many clients has no bias.
//
// A value that cannot be encoded (NaN, infinity, outside the range) is refused with its position, never
// wrapped or saturated: a silent clamp would be a wrong sum that still proves well formed.
//
//     const fixed_point format{16, 24, 50.0};
//     if (auto fits = format.check(); !fits) return fits.error();
//     auto x = quantise(gradient, format);              // result<std::vector<std::int32_t>>
//     double mean = format.decode(opened_sum, total_weight);
//
// spec: docs/spec/encoding.md, section 1. Values are read in a fixed order and rounded without the
// processor's rounding mode, so results do not depend on threads. The time depends on whether a value is
// refused and on which, as does the error.
#pragma once

#ifdef __FAST_MATH__
#error "fixed-point encoding is specified in IEEE 754 arithmetic: compile without -ffast-math"
#endif

#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/random/random_source.hpp>

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace veilsum::encoding {

// The smallest b: bits of an encoded value.
inline constexpr unsigned smallest_value_bits = 2;
// The largest b.
inline constexpr unsigned largest_value_bits = 24;
// A unit is at least 2^-64.
inline constexpr unsigned largest_scale_bits = 64;
// Of the weights of one sum.
inline constexpr std::uint64_t largest_total_weight = std::uint64_t{1} << 24;
// Rows and columns of a layout are at most 4096 each, so no update is longer.
inline constexpr std::uint64_t largest_dimension = std::uint64_t{1} << 24;

// How a real becomes an integer: `nearest`, halves to even, or `stochastic`, up with the probability of the
// fraction.
enum class rounding { nearest, stochastic };

struct fixed_point {
    unsigned scale_bits = 16; // 0..64: one unit of an integer is 2^-scale_bits
    unsigned value_bits = 24; // b, 2..24
    double clip_l2 = 1.0;     // Euclidean norm that an update is scaled down to; positive and finite

    // 2^scale_bits: integers for 1.0.
    double scale() const { return std::ldexp(1.0, static_cast<int>(scale_bits)); }

    // Pre-flight: can every clipped update be encoded? Checks, by number:
    //   1  2 <= value_bits <= 24;           2  scale_bits <= 64;           3  clip_l2 positive and finite;
    //   4  clip_l2 2^scale_bits + 1 <= 2^(b-1) - 1: a single entry may hold the whole norm, and rounding of
    //   either kind
    //      moves it by no more than 1. The clip then implies |x| <= 2^(b-1) - 1, and quantise never refuses a
    //      finite value.
    result<void> check() const {
        if (auto usable = check_ranges(); !usable) return usable;
        if (!(clip_l2 * scale() + 1.0 <= largest_value()))
            return error{errc::bad_parameter, "clipped values do not fit into value_bits", 4};
        return {};
    }

    // The mean that an exactly opened sum stands for; one correctly rounded division. `sum` must be at most
    // 2^53 in absolute value (sums that pass check_sum_range are below 2^48) and total_weight in 1..2^24:
    // then numerator and denominator are exact.
    double decode(std::int64_t sum, std::uint64_t total_weight) const {
        constexpr std::int64_t exact = std::int64_t{1} << 53;
        expects(sum >= -exact && sum <= exact);
        expects(total_weight >= 1 && total_weight <= largest_total_weight &&
                scale_bits <= largest_scale_bits);
        return static_cast<double>(sum) / (scale() * static_cast<double>(total_weight));
    }

    // Checks 1 to 3 of check().
    result<void> check_ranges() const {
        if (value_bits < smallest_value_bits || value_bits > largest_value_bits)
            return error{errc::bad_parameter, "value_bits", 1};
        if (scale_bits > largest_scale_bits) return error{errc::bad_parameter, "scale_bits", 2};
        if (!(clip_l2 > 0.0 && clip_l2 <= std::numeric_limits<double>::max()))
            return error{errc::bad_parameter, "clip_l2", 3};
        return {};
    }
    // 2^(b-1) - 1.
    double largest_value() const { return std::ldexp(1.0, static_cast<int>(value_bits) - 1) - 1.0; }
};

namespace detail {

// By the exponent field, which no compiler flag can optimise away.
inline bool is_finite(float value) {
    constexpr std::uint32_t exponent = 0x7f800000;
    return (std::bit_cast<std::uint32_t>(value) & exponent) != exponent;
}

// The factor that brings the update's norm down to clip_l2. Squares of binary32 numbers are exact in
// binary64, and their sum over at most 2^24 values is within 2^-29 of itself.
inline double clip_factor(std::span<const float> values, double clip_l2) {
    double squares = 0.0;
    for (const float value : values) squares += static_cast<double>(value) * static_cast<double>(value);
    const double norm = std::sqrt(squares);
    return norm > clip_l2 ? clip_l2 / norm : 1.0;
}

// Half to even, whatever the rounding mode; v - floor(v) is exact.
inline double round_nearest_even(double v) {
    const double below = std::floor(v);
    const double fraction = v - below;
    const bool odd = below - 2.0 * std::floor(below / 2.0) != 0.0;
    const bool up = (fraction > 0.5) | ((fraction == 0.5) & odd);
    return below + static_cast<double>(up);
}

// `round` maps a real to one of the two integers next to it.
template <class Round>
result<std::vector<std::int32_t>> quantise_by(std::span<const float> values, const fixed_point& format,
                                              const Round& round) {
    if (auto usable = format.check_ranges(); !usable) return usable.error();
    expects(values.size() <= largest_dimension);
    for (std::size_t j = 0; j < values.size(); ++j)
        if (!is_finite(values[j]))
            return error{errc::out_of_range, "update is not finite"}.at("value " + std::to_string(j));
    const double factor = clip_factor(values, format.clip_l2);
    const double scale = format.scale();
    const double largest = format.largest_value();
    std::vector<std::int32_t> encoded(values.size());
    for (std::size_t j = 0; j < values.size(); ++j) {
        const double rounded = round(static_cast<double>(values[j]) * factor * scale);
        if (!(rounded >= -largest - 1.0 && rounded <= largest))
            return error{errc::overflow, "update does not fit into value_bits"}.at("value " +
                                                                                   std::to_string(j));
        encoded[j] = static_cast<std::int32_t>(rounded);
    }
    return encoded;
}

} // namespace detail

// Clips, scales and rounds to the nearest integer, halves to even. Fails when a value is NaN or infinite
// (errc::out_of_range) or does not fit (errc::overflow), place "value 17"; or with check 1..3 of the format.
// An empty update gives an empty result. At most 2^24 values.
inline result<std::vector<std::int32_t>> quantise(std::span<const float> values, const fixed_point& format) {
    return detail::quantise_by(values, format, detail::round_nearest_even);
}

// The same with stochastic rounding: v becomes floor(v) + 1 with probability v - floor(v) (to within 2^-53),
// so the expected value of every entry is v itself.
template <random::random_source Source>
result<std::vector<std::int32_t>> quantise_stochastic(std::span<const float> values,
                                                      const fixed_point& format, Source& rng) {
    bytes coins(8 * values.size());
    rng.fill(coins);
    std::size_t next = 0;
    const auto round = [&coins, &next](double v) {
        std::uint64_t word = 0;
        for (std::size_t end = next + 8; next < end; ++next) word = word << 8 | coins[next];
        const double uniform = std::ldexp(static_cast<double>(word >> 11), -53);
        const double below = std::floor(v);
        return below + static_cast<double>(uniform < v - below);
    };
    auto encoded = detail::quantise_by(values, format, round);
    wipe(coins);
    return encoded;
}

// The reals that integers of one client stand for: x 2^-scale_bits, exact.
inline std::vector<double> dequantise(std::span<const std::int32_t> values, const fixed_point& format) {
    std::vector<double> reals(values.size());
    for (std::size_t j = 0; j < values.size(); ++j) reals[j] = format.decode(values[j], 1);
    return reals;
}

// Smallest safe integer bound B2 on the sum of squares of d encoded values: at least (scale clip_l2 + e
// sqrt(d))^2 with e = 1/2 for nearest and 1 for stochastic rounding, by the triangle inequality, plus 2^-25
// of it for the rounding of the clip itself, so that every honest update passes the norm proof. Computed
// once, when a round is opened, and recorded; nobody derives it again from floating point. `format` passes
// check(), d <= 2^24: the bound is below 2^49.
inline std::uint64_t squared_norm_bound(const fixed_point& format, std::uint64_t d, rounding mode) {
    expects(format.check().has_value() && d <= largest_dimension);
    const double error_of_one = mode == rounding::nearest ? 0.5 : 1.0;
    const double norm = format.scale() * format.clip_l2 + error_of_one * std::sqrt(static_cast<double>(d));
    return static_cast<std::uint64_t>(std::ceil(norm * norm * (1.0 + std::ldexp(1.0, -25)))) + 1;
}

} // namespace veilsum::encoding
