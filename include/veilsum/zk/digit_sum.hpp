// Sums of many scalars that are carried and reduced once, at their end.
//
//     x R mod l = sum_k digit_k 2^(52 k),   k < 5        R = 2^256: the form in which a scalar is kept
//
// A column adds up the digits of one weight, or their multiples by small integers; `reduced` gives the
// scalar. With l = 2^252 + c, what stands above bit 252 counts -c times, and one subtraction of that reduces
// any sum below 2^300.
//
// Constant time.
#pragma once

#include <veilsum/core/double_word.hpp>
#include <veilsum/group/scalar.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace veilsum::zk {

inline constexpr std::size_t scalar_digits = 5;                 // of a scalar
inline constexpr int scalar_digit_bits = 52;                    // of a digit
using digit_columns = std::array<std::uint64_t, scalar_digits>; // sums of up to 4096 digits

// The same digits, two in a vector of the smallest width that processors have, and a zero.
struct paired_digits {
    using pair = std::uint64_t __attribute__((vector_size(16))); // two digits
    pair part[3]{};                                              // digits 0 and 1, 2 and 3, 4 and zero

    std::uint64_t operator[](std::size_t k) const { return part[k / 2][k % 2]; }
    // Where the mask has ones.
    void add(const paired_digits& other, std::uint64_t mask) {
#pragma GCC unroll 3
        for (std::size_t h = 0; h < 3; ++h) part[h] += other.part[h] & mask;
    }
};

__extension__ typedef __int128 wide_column; // sums of digits times integers of 32 bits, signed
using wide_columns = std::array<wide_column, scalar_digits>; // one for each digit

// The digits of the form in which the scalar is kept.
inline digit_columns digits_of(const group::scalar& value) {
    const group::scalar_words& w = value.montgomery_form();
    constexpr std::uint64_t mask = (std::uint64_t{1} << scalar_digit_bits) - 1;
    return {w[0] & mask, (w[0] >> 52 | w[1] << 12) & mask, (w[1] >> 40 | w[2] << 24) & mask,
            (w[2] >> 28 | w[3] << 36) & mask, w[3] >> 16};
}

// The same, in pairs.
inline paired_digits paired_digits_of(const group::scalar& value) {
    const digit_columns digits = digits_of(value);
    paired_digits out;
    for (std::size_t k = 0; k < scalar_digits; ++k) out.part[k / 2][k % 2] = digits[k];
    return out;
}

namespace detail {

// factor c, where l = 2^252 + c.
constexpr group::scalar times_excess(std::uint64_t factor) {
    const double_word low = double_word{factor} * group::scalar::order[0];
    const double_word high = double_word{factor} * group::scalar::order[1] + (low >> 64);
    return group::scalar::from_montgomery_form({static_cast<std::uint64_t>(low),
                                                static_cast<std::uint64_t>(high),
                                                static_cast<std::uint64_t>(high >> 64), 0});
}

} // namespace detail

// Of digit_columns or wide_columns; the sum's absolute value is below 2^300.
template <class Column>
group::scalar reduced(const std::array<Column, scalar_digits>& columns) {
    constexpr std::uint64_t mask = (std::uint64_t{1} << scalar_digit_bits) - 1;
    std::array<std::uint64_t, scalar_digits> d{};
    std::conditional_t<std::is_same_v<Column, wide_column>, wide_column, std::uint64_t> carry = 0;
    for (std::size_t k = 0; k < scalar_digits; ++k) {
        carry += columns[k];
        d[k] = static_cast<std::uint64_t>(carry) & mask;
        carry >>= scalar_digit_bits;
    }
    const std::uint64_t above = static_cast<std::uint64_t>(carry) << 8 | d[4] >> 44; // in units of 2^252
    d[4] &= (std::uint64_t{1} << 44) - 1;
    const group::scalar below = group::scalar::from_montgomery_form(
        {d[0] | d[1] << 52, d[1] >> 12 | d[2] << 40, d[2] >> 24 | d[3] << 28, d[3] >> 36 | d[4] << 16});
    if constexpr (std::is_same_v<Column, wide_column>) {
        // May be negative: made positive, and paid back.
        constexpr std::uint64_t more = std::uint64_t{1} << 49;
        constexpr group::scalar paid = detail::times_excess(more);
        return below + (paid - detail::times_excess(above + more));
    } else {
        return below - detail::times_excess(above);
    }
}
inline group::scalar reduced(const paired_digits& sums) {
    digit_columns columns{};
    for (std::size_t k = 0; k < scalar_digits; ++k) columns[k] = sums[k];
    return reduced(columns);
}

} // namespace veilsum::zk
