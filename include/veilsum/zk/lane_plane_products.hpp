// The class of plane_products.hpp for the vector unit: look-ups of subset sums instead of masked additions.
//
//     table_g[s] = sum of the weights of columns 4 g + p with bit p of s,      s < 16
//
// With four bits of every plane in a lane, u_k = sum_p bit_k(y_{4g+p}) 2^p, the lane's share of M[k][k'] is
// table_g[u_k & u_k']. All lanes look up one table, which is a permutation of its words in registers: neither
// addresses nor time depend on the bits. A vector holds the pairs of planes
//
//     (8 a + k, 8 a' + (k + s) mod 8)  for lanes k < 8,      a = a': s = 0 .. 4,      a < a': s = 0 .. 7
//
// So all pairs of 8 planes take 5 vectors, of 16 planes 18, of 24 planes 39; each costs five permutations and
// five additions for four columns.
//
// Constant time in the values.
//
// spec: validity proofs 13.2 item 4, 13.4
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/ifma.hpp>
#include <veilsum/group/lane_scalar.hpp>
#include <veilsum/group/scalar.hpp>
#include <veilsum/zk/digit_sum.hpp>
#include <veilsum/zk/plane_products.hpp>
#include <veilsum/zk/wiped_elements.hpp>

#if VEILSUM_IFMA_ENGINE

#include <sodium/utils.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace veilsum::zk {

class lane_plane_products {
  public:
    // A weight for each column, a multiple of eight of them.
    lane_plane_products(std::size_t value_bits, std::span<const group::scalar> weights)
        : value_bits_(value_bits), blocks_((value_bits + 7) / 8),
          vectors_(5 * blocks_ + 4 * blocks_ * (blocks_ - 1)), tables_(weights.size() / 4) {
        expects(weights.size() <= 4 * group::lane_scalar_sum::capacity && weights.size() % lane_count == 0 &&
                blocks_ <= most_blocks);
        for (std::size_t g = 0; g < tables_.size(); ++g)
            for (std::size_t s = 0; s < 16; ++s) {
                group::scalar sum;
                for (std::size_t p = 0; p < 4; ++p)
                    if ((s >> p & 1) != 0) sum += weights[4 * g + p];
                const auto digits = group::lane_digits(sum);
                for (std::size_t d = 0; d < scalar_digits; ++d) tables_[g].word[d][s] = digits[d];
            }
    }

    // sums[pair] += sum_i factor_i M_i[pair] for the rows x_i + offset, with as many values as weights; up to
    // `most_rows` rows.
    void add_rows(std::span<const std::span<const std::int32_t>> rows, std::int32_t offset,
                  std::span<const group::scalar> factors, std::span<group::scalar> sums) const {
        expects(sums.size() == plane_pairs(value_bits_) && rows.size() <= most_rows);
        wiped_elements<digits_of_vector> total(padded_vectors());
        wiped_elements<group::lane_product_sum> weighted(vectors_);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            expects(rows[i].size() == 4 * tables_.size());
            add_row(rows[i], offset, factors[i], total.expose(), weighted.expose());
        }
        wiped_elements<group::scalar> values(lane_count);
        std::size_t vector = 0;
        for (std::size_t a = 0; a < blocks_; ++a)
            for (std::size_t b = a; b < blocks_; ++b)
                for (std::size_t s = 0; s < (a == b ? 5 : 8); ++s, ++vector) {
                    store(weighted.expose()[vector], values.expose());
                    for (std::size_t lane = 0; lane < lane_count; ++lane) {
                        const std::size_t k = 8 * a + lane, other = 8 * b + (lane + s) % 8;
                        if (k >= value_bits_ || other >= value_bits_) continue;
                        if (a == b && s == 4 && lane >= 4) continue; // the same pairs again
                        sums[pair_index(std::min(k, other), std::max(k, other))] += values.expose()[lane];
                    }
                }
    }

  private:
    static constexpr std::size_t most_rows = 64;
    static constexpr std::size_t most_blocks = 3, most_vectors = 39, tile = 3, groups_of_block = 8;
    struct alignas(64) subset_table {
        std::uint64_t word[scalar_digits][16]{};
    };
    struct alignas(64) digits_of_vector {
        std::uint64_t word[scalar_digits][lane_count]{};
    };

    struct alignas(64) index_vector {
        std::uint64_t word[lane_count];
    };
    using index_block = std::array<index_vector, groups_of_block * most_vectors>;

    std::size_t padded_vectors() const { return (vectors_ + tile - 1) / tile * tile; }
    std::size_t pair_index(std::size_t k, std::size_t other) const {
        return k * value_bits_ - k * (k + 1) / 2 + other;
    }

    // weighted[vector] += factor total[vector], total being zero before.
    VEILSUM_IFMA void add_row(std::span<const std::int32_t> x, std::int32_t offset,
                              const group::scalar& factor, std::span<digits_of_vector> total,
                              std::span<group::lane_product_sum> weighted) const {
        std::fill(total.begin(), total.end(), digits_of_vector{});
        add_lanes(x, offset, total);
        const group::lane_scalar multiplier = group::broadcast(factor);
        for (std::size_t vector = 0; vector < vectors_; ++vector) {
            const auto& word = total[vector].word;
            const group::lane_scalar_sum sum{{_mm512_load_si512(word[0]), _mm512_load_si512(word[1]),
                                              _mm512_load_si512(word[2]), _mm512_load_si512(word[3]),
                                              _mm512_load_si512(word[4])}};
            weighted[vector].add(sum.reduced(), multiplier);
        }
    }
    VEILSUM_IFMA static void store(const group::lane_product_sum& from, std::span<group::scalar> to) {
        auto values = group::scatter_scalars(from.reduced());
        std::copy(values.begin(), values.end(), to.begin());
        sodium_memzero(values.data(), sizeof values);
    }
    VEILSUM_IFMA void add_lanes(std::span<const std::int32_t> x, std::int32_t offset,
                                std::span<digits_of_vector> total) const {
        index_block index;
        const std::size_t vectors = padded_vectors();
        if (vectors != vectors_)
            for (std::size_t g = 0; g < groups_of_block; ++g) index[g * vectors + vectors_] = {};
        for (std::size_t first = 0; first < tables_.size(); first += groups_of_block) {
            const std::size_t count = std::min(groups_of_block, tables_.size() - first);
            for (std::size_t g = 0; g < count; ++g)
                fill_indices(x.subspan(4 * (first + g), 4), offset, &index[g * vectors]);
            for (std::size_t vector = 0; vector < vectors; vector += tile)
                add_tile(std::span(tables_).subspan(first, count), &index[vector], vectors,
                         total.subspan(vector, tile));
        }
        sodium_memzero(index.data(), groups_of_block * vectors * sizeof index[0]);
    }

    // u_k & u_k' for the pairs of each vector. A permutation reads four bits of an index and ignores the
    // rest.
    VEILSUM_IFMA void fill_indices(std::span<const std::int32_t> x, std::int32_t offset,
                                   index_vector* to) const {
        const lanes number{0, 1, 2, 3, 4, 5, 6, 7}, one = all_lanes(1);
        lanes u[most_blocks];
        for (std::size_t a = 0; a < blocks_; ++a) {
            const lanes plane = number + all_lanes(8 * a);
            lanes bits = no_lanes();
#pragma GCC unroll 4
            for (std::size_t p = 0; p < 4; ++p)
                bits = bits | (((all_lanes(static_cast<std::uint32_t>(x[p] + offset)) >> plane) & one)
                               << static_cast<int>(p));
            u[a] = bits;
        }
        for (std::size_t a = 0; a < blocks_; ++a)
            for (std::size_t b = a; b < blocks_; ++b) {
                const std::size_t rotations = a == b ? 5 : 8;
#pragma GCC unroll 8
                for (std::size_t s = 0; s < rotations; ++s, ++to) {
                    const lanes rotated = _mm512_permutex2var_epi64(u[b], number + all_lanes(s), u[b]);
                    _mm512_store_si512(to->word, u[a] & rotated);
                }
            }
    }

    // One digit of three vectors.
    struct triple {
        lanes a, b, c;
    };
    VEILSUM_IFMA_INLINE static void look_up(triple& sum, const std::uint64_t* table, const triple& index) {
        const lanes low = _mm512_load_si512(table), high = _mm512_load_si512(table + lane_count);
        sum.a += _mm512_permutex2var_epi64(low, index.a, high);
        sum.b += _mm512_permutex2var_epi64(low, index.b, high);
        sum.c += _mm512_permutex2var_epi64(low, index.c, high);
    }
    VEILSUM_IFMA_INLINE static void add(std::span<digits_of_vector> total, std::size_t d, const triple& sum) {
        const lanes part[tile] = {sum.a, sum.b, sum.c};
        for (std::size_t v = 0; v < tile; ++v) {
            std::uint64_t* to = total[v].word[d];
            _mm512_store_si512(to, _mm512_load_si512(to) + part[v]);
        }
    }
    // Three vectors, whose sums stay in registers; index: of the first group, with a stride to the next.
    VEILSUM_IFMA static void add_tile(std::span<const subset_table> tables, const index_vector* index,
                                      std::size_t stride, std::span<digits_of_vector> total) {
        triple sum0{}, sum1{}, sum2{}, sum3{}, sum4{};
        for (const subset_table& table : tables) {
            const triple at{_mm512_load_si512(index[0].word), _mm512_load_si512(index[1].word),
                            _mm512_load_si512(index[2].word)};
            look_up(sum0, table.word[0], at);
            look_up(sum1, table.word[1], at);
            look_up(sum2, table.word[2], at);
            look_up(sum3, table.word[3], at);
            look_up(sum4, table.word[4], at);
            index += stride;
        }
        add(total, 0, sum0);
        add(total, 1, sum1);
        add(total, 2, sum2);
        add(total, 3, sum3);
        add(total, 4, sum4);
    }

    std::size_t value_bits_, blocks_, vectors_;
    std::vector<subset_table> tables_;
};

} // namespace veilsum::zk

#endif
