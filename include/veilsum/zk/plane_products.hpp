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

#include <veilsum/core/contract.hpp>
#include <veilsum/group/scalar.hpp>
#include <veilsum/zk/digit_sum.hpp>
#include <veilsum/zk/wiped_elements.hpp>

#include <sodium/utils.h>

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

class plane_products {
  public:
    // A weight for each column; at most 4096 of them.
    plane_products(std::size_t value_bits, std::span<const group::scalar> weights)
        : value_bits_(value_bits), weights_(weights.size()) {
        expects(weights.size() <= 4096);
        std::transform(weights.begin(), weights.end(), weights_.begin(), paired_digits_of);
    }

    // sums[pair] += sum_i factor_i M_i[pair] for the rows x_i + offset, with as many values as weights.
    void add_rows(std::span<const std::span<const std::int32_t>> rows, std::int32_t offset,
                  std::span<const group::scalar> factors, std::span<group::scalar> sums) const {
        expects(sums.size() == plane_pairs(value_bits_));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            expects(rows[i].size() == weights_.size());
            wiped_elements<paired_digits> columns(sums.size());
            for (std::size_t first = 0; first < weights_.size(); first += block) {
                const std::size_t count = std::min(block, weights_.size() - first);
                add_block(rows[i].subspan(first, count), offset, std::span(weights_).subspan(first, count),
                          columns.expose());
            }
            for (std::size_t pair = 0; pair < sums.size(); ++pair)
                sums[pair] += factors[i] * reduced(columns.expose()[pair]);
        }
    }

  private:
    static constexpr std::size_t block = 32;

    void add_block(std::span<const std::int32_t> x, std::int32_t offset,
                   std::span<const paired_digits> weights, std::span<paired_digits> columns) const {
        std::array<std::array<std::uint64_t, block>, 25> mask{}; // one plane more than there are: zero
        std::array<paired_digits, block> masked;
        for (std::size_t k = 0; k < value_bits_; ++k)
            for (std::size_t c = 0; c < x.size(); ++c)
                mask[k][c] = 0 - (static_cast<std::uint64_t>(x[c] + offset) >> k & 1);
        std::size_t pair = 0;
        for (std::size_t k = 0; k < value_bits_; ++k) {
            for (std::size_t c = 0; c < x.size(); ++c) {
                masked[c] = {};
                masked[c].add(weights[c], mask[k][c]);
            }
            for (std::size_t other = k; other < value_bits_; other += 2, pair += 2) {
                paired_digits even, odd;
                for (std::size_t c = 0; c < x.size(); ++c) {
                    even.add(masked[c], mask[other][c]);
                    odd.add(masked[c], mask[other + 1][c]);
                }
                columns[pair].add(even, ~std::uint64_t{0});
                if (other + 1 < value_bits_) columns[pair + 1].add(odd, ~std::uint64_t{0});
            }
            if ((value_bits_ - k) % 2 == 1) --pair;
        }
        sodium_memzero(mask.data(), sizeof mask);
        sodium_memzero(masked.data(), sizeof masked);
    }

    std::size_t value_bits_;
    std::vector<paired_digits> weights_;
};

} // namespace veilsum::zk
