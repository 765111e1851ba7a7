// Scalars as short signed digits, for tables of multiples.
//
//     x = sum_{j<64} digit_j 16^j,     -8 <= digit_j < 8 for j < 63,  0 <= digit_63 <= 2        (secret x)
//     x = sum_j digit_j 2^(c j),       -2^(c-1) <= digit_j < 2^(c-1),  j < digit_count(c)
//
// Signs halve the tables: a point is negated for free. Adding the constant sum_j 2^(c j + c - 1) beforehand
// turns all carries into one addition of long numbers; then c bits are a digit plus 2^(c-1).
//
// Constant time in x.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/group/scalar.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace veilsum::group {

// x + sum_{j<count} 2^(c j + c - 1), so that digit_j = (its c bits at c j) - 2^(c-1). For c count < 255 and x
// < 2^253 the sum stays below 2^256.
constexpr scalar_words with_offsets(const scalar_words& x, unsigned c, std::size_t count) {
    scalar_words offset{};
    for (std::size_t j = 0; j < count; ++j) {
        const std::size_t bit = c * j + c - 1;
        offset[bit / 64] |= std::uint64_t{1} << (bit % 64);
    }
    scalar_words out{};
    std::uint64_t carry = 0;
    for (std::size_t k = 0; k < 4; ++k) {
        const std::uint64_t sum = x[k] + carry;
        carry = static_cast<std::uint64_t>(sum < carry);
        out[k] = sum + offset[k];
        carry += static_cast<std::uint64_t>(out[k] < sum);
    }
    return out;
}

// `width` <= 32 bits from `bit` on; bits from 256 on are zero.
constexpr std::uint64_t bits_at(const scalar_words& x, std::size_t bit, unsigned width) {
    const std::size_t word = bit / 64;
    const unsigned shift = bit % 64;
    if (word >= 4) return 0;
    std::uint64_t out = x[word] >> shift;
    if (shift + width > 64 && word + 1 < 4) out |= x[word + 1] << (64 - shift);
    return out & ((std::uint64_t{1} << width) - 1);
}

// How many signed digits of c bits a scalar has: the last one stays below 2^(c-2) + 2, without offset.
constexpr std::size_t digit_count(unsigned c) {
    return (255 + c - 1) / c;
}
// digit_j for j < digit_count(c), 2 <= c <= 32, all in [-2^(c-1), 2^(c-1)).
inline void signed_digits(const scalar& x, unsigned c, std::span<std::int32_t> out) {
    const std::size_t count = digit_count(c);
    expects(c >= 2 && c <= 32 && out.size() == count);
    scalar_words words = with_offsets(x.words(), c, count - 1);
    for (std::size_t j = 0; j < count; ++j) {
        const std::int64_t offset = j + 1 < count ? std::int64_t{1} << (c - 1) : 0;
        out[j] = static_cast<std::int32_t>(static_cast<std::int64_t>(bits_at(words, c * j, c)) - offset);
    }
    sodium_memzero(words.data(), sizeof words);
}

inline constexpr std::size_t nibbles_of_scalar = 64; // digits of four bits

// digit_j + 8 for j < 63, in [0, 16); the last digit has no offset.
class signed_nibbles {
  public:
    explicit signed_nibbles(const scalar& x) : words_(with_offsets(x.words(), 4, nibbles_of_scalar - 1)) {}
    constexpr int operator[](std::size_t j) const {
        return static_cast<int>(bits_at(words_, 4 * j, 4)) - (j + 1 < nibbles_of_scalar ? 8 : 0);
    }
    void wipe() noexcept { sodium_memzero(words_.data(), sizeof words_); }

  private:
    scalar_words words_;
};

} // namespace veilsum::group
