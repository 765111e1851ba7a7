// The operations of row_arithmetic.hpp for the vector unit: an element is eight columns of a row.
//
// Constant time in the elements; factors and weights are public.
//
// spec: validity proofs 13.2 items 5 to 7, 13.4
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/ifma.hpp>
#include <veilsum/group/lane_scalar.hpp>
#include <veilsum/group/scalar.hpp>
#include <veilsum/zk/digit_sum.hpp>
#include <veilsum/zk/lane_plane_products.hpp>
#include <veilsum/zk/row_arithmetic.hpp>

#if VEILSUM_IFMA_ENGINE

#include <sodium/utils.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace veilsum::zk {

struct lane_row_arithmetic {
    using element = group::lane_scalar;              // eight scalars
    using product_sum = group::lane_product_sum;     // of eight columns at a time
    static constexpr std::size_t width = lane_count; // scalars in an element
    using products = lane_plane_products;            // of planes of bits

    // Scalars to elements; `from` has width scalars for each element.
    static void load(std::span<const group::scalar> from, std::span<element> to) {
        for (std::size_t at = 0; at < to.size(); ++at) load_element(from.subspan(width * at, width), to[at]);
    }
    // Elements to scalars, as many as `to` has room for.
    static void store(std::span<const element> from, std::span<group::scalar> to) {
        for (std::size_t at = 0; at < from.size() && width * at < to.size(); ++at)
            store_element(from[at], to.subspan(width * at, std::min(width, to.size() - width * at)));
    }

    // As row_arithmetic's; w is public.
    VEILSUM_IFMA static pair_sums bit_sums(std::span<const element> a, std::span<const element> b,
                                           std::span<const element> w) {
        return sum_blocks(a.size(),
                          [&](std::size_t at, product_sum& at_zero, product_sum& leading) VEILSUM_IFMA {
                              at_zero.add(group::squared(a[at]) - a[at], w[at]);
                              leading.add(group::squared(b[at] - a[at]), w[at]);
                          });
    }
    // As row_arithmetic's.
    VEILSUM_IFMA static pair_sums square_sums(std::span<const element> a, std::span<const element> b) {
        return sum_blocks(a.size(),
                          [&](std::size_t at, product_sum& at_zero, product_sum& leading) VEILSUM_IFMA {
                              at_zero.add_square(a[at]);
                              leading.add_square(b[at] - a[at]);
                          });
    }
    // As row_arithmetic's.
    VEILSUM_IFMA static pair_sums product_sums(std::span<const element> a, std::span<const element> b,
                                               std::span<const element> u, std::span<const element> v) {
        return sum_blocks(a.size(),
                          [&](std::size_t at, product_sum& at_zero, product_sum& leading) VEILSUM_IFMA {
                              at_zero.add(a[at], u[at]);
                              leading.add(b[at] - a[at], v[at] - u[at]);
                          });
    }

    // to = a + r (b - a)
    VEILSUM_IFMA static void bind(std::span<const element> a, std::span<const element> b,
                                  const group::scalar& r, std::span<element> to) {
        const element factor = group::broadcast(r);
        for (std::size_t at = 0; at < a.size(); ++at) to[at] = a[at] + (b[at] - a[at]) * factor;
    }

    // products[u, v] = sum_c row_u[c] row_v[c] for u <= v, in the order (0,0) (0,1) .. (1,1) ..; an empty row
    // is zero. At most eight rows of 4096 values of 24 bits.
    VEILSUM_IFMA static void inner_products(std::span<const std::span<const std::int32_t>> rows,
                                            std::span<std::int64_t> products) {
        const std::size_t values = rows[0].size();
        expects(rows.size() <= most_rows && values % width == 0);
        lanes sum[most_rows * (most_rows + 1) / 2]{};
        for (std::size_t c = 0; c < values; c += width) {
            lanes x[most_rows]{};
            for (std::size_t u = 0; u < rows.size(); ++u)
                if (!rows[u].empty()) x[u] = load_integers(&rows[u][c]);
            lanes* next = sum;
            for (std::size_t u = 0; u < rows.size(); ++u)
                for (std::size_t v = u; v < rows.size(); ++v, ++next)
                    *next = *next + _mm512_maskz_mul_epi32(0xff, x[u], x[v]);
        }
        for (std::size_t pair = 0; pair < products.size(); ++pair)
            products[pair] = sum[pair][0] + sum[pair][1] + sum[pair][2] + sum[pair][3] + sum[pair][4] +
                             sum[pair][5] + sum[pair][6] + sum[pair][7];
    }

    // to = sum_u factor_u row_u; an empty row is zero. With x + 2^23, which has no sign, in place of x.
    VEILSUM_IFMA static void combine_integers(std::span<const std::span<const std::int32_t>> rows,
                                              std::span<const group::scalar> factors, std::span<element> to) {
        expects(rows.size() <= most_rows);
        const lanes bias = all_lanes(std::uint64_t{1} << 23);
        std::vector<element> scaled(
            rows.size()); // times R: what an integer that is in no form is multiplied by
        group::scalar sum;
        for (std::size_t u = 0; u < rows.size(); ++u) {
            if (rows[u].empty()) continue;
            scaled[u] = group::broadcast(factors[u] * form_factor());
            sum += factors[u];
        }
        const element start = group::broadcast(sum * group::scalar::from_i64(-(std::int64_t{1} << 23)));
        for (std::size_t at = 0; at < to.size(); ++at) {
            product_sum biased;
            for (std::size_t u = 0; u < rows.size(); ++u) {
                if (rows[u].empty()) continue;
                biased.add(element{{load_integers(&rows[u][width * at]) + bias}}, scaled[u]);
            }
            to[at] = start + biased.reduced();
        }
    }

    // Rows of bits to rows of elements: sum_k factor_k bit_k(x + offset). Four planes at a time, from the
    // sums of all subsets of their factors: a permutation of words in registers, as in
    // lane_plane_products.hpp.
    class plane_values {
      public:
        explicit plane_values(std::span<const group::scalar> factors) : tables_((factors.size() + 3) / 4) {
            for (std::size_t n = 0; n < tables_.size(); ++n)
                for (std::size_t subset = 0; subset < 16; ++subset) {
                    group::scalar sum;
                    for (std::size_t k = 4 * n; k < std::min(4 * n + 4, factors.size()); ++k)
                        if ((subset >> (k - 4 * n) & 1) != 0) sum += factors[k];
                    const auto digits = group::lane_digits(sum);
                    for (std::size_t d = 0; d < scalar_digits; ++d) tables_[n].word[d][subset] = digits[d];
                }
        }

        // The sum of two rows, each with values of its own; the second may be empty.
        VEILSUM_IFMA static void fill_row(const plane_values& first, std::span<const std::int32_t> x,
                                          const plane_values& second, std::span<const std::int32_t> z,
                                          std::int32_t offset, std::span<element> to) {
            const std::size_t last = to.size() - 1;
            for (std::size_t at = 0; at < to.size(); at += 4) {
                // The last elements are computed more than once where four do not fit.
                const std::array<std::size_t, 4> place{at, std::min(at + 1, last), std::min(at + 2, last),
                                                       std::min(at + 3, last)};
                quadruple d0{}, d1{}, d2{}, d3{}, d4{};
                const auto add = [&](const plane_values& values, std::span<const std::int32_t> row)
                                     VEILSUM_IFMA {
                                         const lanes bias = all_lanes(static_cast<std::uint64_t>(offset));
                                         quadruple y{load_integers(&row[width * place[0]]) + bias,
                                                     load_integers(&row[width * place[1]]) + bias,
                                                     load_integers(&row[width * place[2]]) + bias,
                                                     load_integers(&row[width * place[3]]) + bias};
                                         for (const subset_table& table : values.tables_) {
                                             look_up(d0, table.word[0], y);
                                             look_up(d1, table.word[1], y);
                                             look_up(d2, table.word[2], y);
                                             look_up(d3, table.word[3], y);
                                             look_up(d4, table.word[4], y);
                                             y = {y.a >> 4, y.b >> 4, y.c >> 4, y.d >> 4};
                                         }
                                     };
                add(first, x);
                if (!z.empty()) add(second, z);
                to[place[0]] = group::lane_scalar_sum{{d0.a, d1.a, d2.a, d3.a, d4.a}}.reduced();
                to[place[1]] = group::lane_scalar_sum{{d0.b, d1.b, d2.b, d3.b, d4.b}}.reduced();
                to[place[2]] = group::lane_scalar_sum{{d0.c, d1.c, d2.c, d3.c, d4.c}}.reduced();
                to[place[3]] = group::lane_scalar_sum{{d0.d, d1.d, d2.d, d3.d, d4.d}}.reduced();
            }
        }
        void fill_row(std::span<const std::int32_t> x, std::int32_t offset, std::span<element> to) const {
            fill_row(*this, x, *this, {}, offset, to);
        }

      private:
        struct alignas(64) subset_table {
            std::uint64_t word[scalar_digits][16]{};
        };
        // One digit of four elements.
        struct quadruple {
            lanes a, b, c, d;
        };
        // A permutation reads four bits of an index and ignores the rest.
        VEILSUM_IFMA_INLINE static void look_up(quadruple& sum, const std::uint64_t* table,
                                                const quadruple& index) {
            const lanes low = _mm512_load_si512(table), high = _mm512_load_si512(table + lane_count);
            sum.a += _mm512_permutex2var_epi64(low, index.a, high);
            sum.b += _mm512_permutex2var_epi64(low, index.b, high);
            sum.c += _mm512_permutex2var_epi64(low, index.c, high);
            sum.d += _mm512_permutex2var_epi64(low, index.d, high);
        }

        std::vector<subset_table> tables_;
    };

  private:
    static constexpr std::size_t most_rows = 8;

    // R = 2^260
    static group::scalar form_factor() {
        const group::scalar digit = group::scalar::from_u64(std::uint64_t{1} << digit_bits);
        return digit * digit * digit * digit * digit;
    }
    // Eight values, with their signs.
    VEILSUM_IFMA_INLINE static lanes load_integers(const std::int32_t* from) {
        return lanes{from[0], from[1], from[2], from[3], from[4], from[5], from[6], from[7]};
    }
    VEILSUM_IFMA static void load_element(std::span<const group::scalar> from, element& to) {
        to = group::gather_scalars([&](std::size_t lane) -> const group::scalar& { return from[lane]; });
    }
    VEILSUM_IFMA static void store_element(const element& from, std::span<group::scalar> to) {
        auto values = group::scatter_scalars(from);
        std::copy_n(values.begin(), to.size(), to.begin());
        sodium_memzero(values.data(), sizeof values);
    }

    // add(at, at_zero, leading), one product each, for every element.
    template <class Add>
    VEILSUM_IFMA static pair_sums sum_blocks(std::size_t count, const Add& add) {
        element at_zero, leading;
        for (std::size_t first = 0; first < count; first += product_sum::capacity) {
            product_sum zero_products, leading_products;
            for (std::size_t at = first; at < std::min(first + product_sum::capacity, count); ++at)
                add(at, zero_products, leading_products);
            at_zero = at_zero + zero_products.reduced();
            leading = leading + leading_products.reduced();
            zero_products.wipe();
            leading_products.wipe();
        }
        const pair_sums sums{group::total(at_zero), group::total(leading)};
        at_zero.wipe();
        leading.wipe();
        return sums;
    }
};

} // namespace veilsum::zk

#endif
