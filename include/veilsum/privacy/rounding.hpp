// Roots, logarithms and exponentials of integers, with the direction of rounding in the name.
//
// The accountant uses these and no floating point: its figures are upper bounds by construction and come out
// the same on every machine, so that whoever reads a ledger can compute them again and compare.
//
//     fixed = a number in units of 2^-40
//
// log2 is found digit by digit: y in [1, 2) with 63 binary places is squared and cut off; where it passes 2
// the digit is 1 and y is halved. Cutting off makes every y, and so the result, too small. A cut is at most
// 2^-62 of y and moves the logarithm by at most 1.45 2^-62 2^-j at digit j, all of them by less than 2^-60,
// and 40 digits leave less than 2^-40: the logarithm is in [floor, floor + 2 units).
// spec: docs/spec/privacy.md, section 7
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/double_word.hpp>

#include <bit>
#include <cstdint>

namespace veilsum::privacy {

// Signed, of 128 bits.
__extension__ typedef __int128 signed_double_word;

// floor(a / b) + 1 unless it divides; b > 0.
constexpr double_word ceil_divide(double_word a, double_word b) {
    return a / b + static_cast<double_word>(a % b != 0);
}

// The largest integer whose square is at most this.
constexpr std::uint64_t floor_sqrt(double_word square) {
    std::uint64_t root = 0;
    for (unsigned bit = 64; bit-- > 0;) {
        const std::uint64_t larger = root | std::uint64_t{1} << bit;
        if (double_word{larger} * larger <= square) root = larger;
    }
    return root;
}
// square <= (2^64 - 1)^2.
constexpr std::uint64_t ceil_sqrt(double_word square) {
    const std::uint64_t root = floor_sqrt(square);
    return root + static_cast<std::uint64_t>(double_word{root} * root != square);
}

inline constexpr unsigned fixed_bits = 40; // fractional bits of fixed-point logarithms
inline constexpr std::int64_t fixed_one = std::int64_t{1} << fixed_bits; // 1 in these units
// ln 2 = 0.693147180559945309417232...; in units of 2^-40: 762123384785.8...
inline constexpr std::int64_t ln2_below = 762123384785;
inline constexpr std::int64_t ln2_above = 762123384786; // rounded up

// log2 of n >= 1, in units of 2^-40, rounded down.
constexpr std::int64_t log2_below(std::uint64_t n) {
    expects(n >= 1);
    const auto whole = static_cast<unsigned>(std::bit_width(n)) - 1;
    double_word y = double_word{n} << (63 - whole); // in units of 2^-63
    std::int64_t digits = whole;
    for (unsigned j = 0; j < fixed_bits; ++j) {
        y = y * y >> 63;
        digits <<= 1;
        if (y >> 64 != 0) {
            y >>= 1;
            digits |= 1;
        }
    }
    return digits;
}
// The same rounded up; exact for powers of two.
constexpr std::int64_t log2_above(std::uint64_t n) {
    return log2_below(n) + (std::has_single_bit(n) ? 0 : 2);
}

// x ln 2 rounded up, x and the result in units of 2^-40, |x| < 2^80.
constexpr signed_double_word times_ln2_above(signed_double_word x) {
    const signed_double_word product = x * (x < 0 ? ln2_below : ln2_above);
    return (product >> fixed_bits) + 1;
}

// exp(x) - 1 rounded up for 0 <= x <= 1: twenty terms of the series, each rounded up, and for the rest (less
// than the last term) that term once more.
constexpr std::uint64_t exp_minus_one_above(std::uint64_t x) {
    expects(x <= static_cast<std::uint64_t>(fixed_one));
    double_word sum = x, term = x;
    for (unsigned k = 2; k <= 20; ++k) {
        term = ceil_divide(term * x, double_word{k} << fixed_bits);
        sum += term;
    }
    return static_cast<std::uint64_t>(sum + term);
}

} // namespace veilsum::privacy
