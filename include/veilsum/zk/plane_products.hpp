// The inner products of the bit planes of a row, weighted by column:
//
//     M_i[k][k'] = sum_c w_c bit_k(y_{i,c}) bit_k'(y_{i,c}),        y = x + off,  k <= k' < b
//
// The weight of a column is added under a mask for each pair of planes: b (b + 1) / 2 masked additions a
// value. Weights are cut into digits of 52 bits, so that the sum over a row carries nothing.
//
// Constant time in the values. This is the portable code; lane_plane_products.hpp has the same class for the
// vector unit.
//
// spec: validity proofs 13.2 item 4, in the form of 13.4 (deviation: the row's factor of eq(tau, X) is
// applied to the products, not to every weight)
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/group/scalar.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace veilsum::zk {

// The pairs k <= k' < b, in the order (0,0) (0,1) .. (0,b-1) (1,1) ..
constexpr std::size_t plane_pairs(std::size_t value_bits) {
    return value_bits * (value_bits + 1) / 2;
}

namespace detail {

// A scalar in digits of 52 bits; sums of up to 4096 of them, digit by digit, fit into the words.
inline constexpr std::size_t scalar_digits = 5;
using digit_sums = std::array<std::uint64_t, scalar_digits>;

inline digit_sums digits_of(const group::scalar& value) {
    const byte_array<32> data = value.bytes();
    std::array<std::uint64_t, 5> word{}; // and a zero above
    for (std::size_t at = 0; at < 32; ++at) word[at / 8] |= std::uint64_t{data[at]} << (8 * (at % 8));
    digit_sums out{};
    for (std::size_t k = 0; k < scalar_digits; ++k) {
        const std::size_t from = 52 * k / 64, shift = 52 * k % 64;
        const std::uint64_t above = shift == 0 ? 0 : word[from + 1] << (64 - shift);
        out[k] = (word[from] >> shift | above) & ((std::uint64_t{1} << 52) - 1);
    }
    return out;
}
inline group::scalar scalar_of(const digit_sums& sums) {
    byte_array<40> data{};
    std::uint64_t carry = 0;
    for (std::size_t k = 0; k <= scalar_digits; ++k) { // the uppermost digit is what the others carried
        const std::uint64_t column = k < scalar_digits ? sums[k] + carry : carry;
        for (std::size_t bit = 0; bit < 52; bit += 4) { // half a byte at a time
            const std::size_t at = 52 * k + bit;
            if (at / 8 < data.size())
                data[at / 8] |= static_cast<std::uint8_t>((column >> bit & 15) << (at % 8));
        }
        carry = column >> 52;
    }
    const group::scalar out = group::scalar::from_little_endian(data);
    veilsum::wipe(data);
    return out;
}

} // namespace detail

class plane_products {
  public:
    // A weight for each column; at most 4096 of them.
    plane_products(std::size_t value_bits, std::span<const group::scalar> weights)
        : value_bits_(value_bits), weights_(weights.size()) {
        expects(weights.size() <= 4096);
        for (std::size_t c = 0; c < weights.size(); ++c) {
            const detail::digit_sums parts = detail::digits_of(weights[c]);
            for (std::size_t k = 0; k < scalar_digits; ++k) weights_[c].half[k / 2][k % 2] = parts[k];
        }
    }

    // sums[pair] += factor M_i[pair] for the row x + offset; as many values as weights.
    void add_row(std::span<const std::int32_t> x, std::int32_t offset, const group::scalar& factor,
                 std::span<group::scalar> sums) const {
        expects(x.size() == weights_.size() && sums.size() == plane_pairs(value_bits_));
        secret<std::vector<std::uint64_t>> memory{std::vector<std::uint64_t>(scalar_digits * sums.size())};
        std::vector<std::uint64_t>& columns = memory.expose();
        for (std::size_t first = 0; first < x.size(); first += block) {
            const std::size_t count = std::min(block, x.size() - first);
            add_block(x.subspan(first, count), offset, std::span(weights_).subspan(first, count), columns);
        }
        for (std::size_t pair = 0; pair < sums.size(); ++pair) {
            detail::digit_sums parts{};
            std::copy_n(columns.begin() + static_cast<std::ptrdiff_t>(scalar_digits * pair), scalar_digits,
                        parts.begin());
            sums[pair] += factor * detail::scalar_of(parts);
        }
    }

  private:
    // Two digits in a vector of the smallest width that processors have.
    typedef std::uint64_t word_pair __attribute__((vector_size(16)));
    struct digits {
        word_pair half[3]{};
    };
    static constexpr std::size_t scalar_digits = detail::scalar_digits, block = 32;

    void add_block(std::span<const std::int32_t> x, std::int32_t offset, std::span<const digits> weights,
                   std::span<std::uint64_t> columns) const {
        std::array<std::array<std::uint64_t, block>, 25> mask{}; // one plane more than there are: zero
        std::array<digits, block> masked;
        for (std::size_t k = 0; k < value_bits_; ++k)
            for (std::size_t c = 0; c < x.size(); ++c)
                mask[k][c] = 0 - (static_cast<std::uint64_t>(x[c] + offset) >> k & 1);
        std::size_t pair = 0;
        for (std::size_t k = 0; k < value_bits_; ++k) {
            for (std::size_t c = 0; c < x.size(); ++c)
                for (std::size_t h = 0; h < 3; ++h) masked[c].half[h] = weights[c].half[h] & mask[k][c];
            for (std::size_t other = k; other < value_bits_; other += 2, pair += 2) {
                digits even, odd;
                for (std::size_t c = 0; c < x.size(); ++c) {
                    const std::uint64_t take = mask[other][c], take_next = mask[other + 1][c];
#pragma GCC unroll 3
                    for (std::size_t h = 0; h < 3; ++h) {
                        even.half[h] += masked[c].half[h] & take;
                        odd.half[h] += masked[c].half[h] & take_next;
                    }
                }
                add(even, columns.subspan(scalar_digits * pair, scalar_digits));
                if (other + 1 < value_bits_)
                    add(odd, columns.subspan(scalar_digits * (pair + 1), scalar_digits));
            }
            if ((value_bits_ - k) % 2 == 1) --pair;
        }
        sodium_memzero(mask.data(), sizeof mask);
        sodium_memzero(masked.data(), sizeof masked);
    }
    static void add(const digits& sum, std::span<std::uint64_t> columns) {
        for (std::size_t k = 0; k < scalar_digits; ++k) columns[k] += sum.half[k / 2][k % 2];
    }

    std::size_t value_bits_;
    std::vector<digits> weights_;
};

} // namespace veilsum::zk
