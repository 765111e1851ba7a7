// Sums of small secret multiples of fixed points, for many rows at once:
//
//     S_i = sum_c x_{i,c} P_c,       -2^(b-1) <= x_{i,c} < 2^(b-1)
//
// By bit planes. In two's complement x has bits x_0 .. x_{b-1}, the last of which weighs -2^(b-1), so
//
//     S_i = sum_{k<b-1} 2^k D_{i,k} - 2^(b-1) D_{i,b-1},        D_{i,k} = sum_c bit_k(x_{i,c}) P_c
//
// and D takes one addition for five columns, from the tables of their subset sums (subset_tables.hpp), which
// all rows and planes share: b / 5 look-ups and additions a value, and no carries, signs or offsets.
//
// Why this way: one addition of a point that was looked up in a table of 2^w entries serves w bits of a row,
// however they are spread over columns and planes; planes spread them evenly for every b. In lanes, eight
// rows look up the same table at different indices, which is a permutation of its words: the cost of a
// look-up is a tenth of an addition, whatever the values are.
//
// Constant time in the values.
//
// Cost, one core, b = 16, many rows: 0.08 us a value in lanes and 0.57 else, and 0.35 us and 2.6 us a column
// for the tables.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/group/ristretto255.hpp>
#include <veilsum/group/subset_tables.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace veilsum::group {

inline constexpr unsigned largest_multiple_bits = 24;

namespace detail {

inline constexpr std::size_t rows_of_block = 8;
inline constexpr std::size_t tables_of_segment = 64;

// Some columns of up to eight rows: values[row][column], row-major with `stride` values to a row.
struct value_block {
    const std::int32_t* values;
    std::size_t stride, rows, columns;
};

// Bit k of table g's columns of a row.
inline std::uint64_t subset_index(std::span<const std::int32_t> columns, unsigned k) {
    std::uint64_t index = 0;
    for (std::size_t c = 0; c < columns.size(); ++c)
        index |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(columns[c]) >> k & 1) << c;
    return index;
}

inline void add_block(const value_block& block, const subset_tables& tables, std::size_t first_table,
                      unsigned b, std::span<edwards_point> sums) {
    std::array<edwards_point, largest_multiple_bits> plane;
    for (std::size_t row = 0; row < block.rows; ++row) {
        plane.fill(edwards_point{});
        const std::span<const std::int32_t> values(block.values + row * block.stride, block.columns);
        for (std::size_t at = 0, g = first_table; at < block.columns; at += subset_tables::points_each, ++g) {
            const auto here = values.subspan(at, std::min(subset_tables::points_each, block.columns - at));
            for (unsigned k = 0; k < b; ++k) plane[k] = plane[k] + tables[g].look_up(subset_index(here, k));
        }
        edwards_point sum = -plane[b - 1];
        for (unsigned k = b - 1; k-- > 0;) sum = sum.doubled() + plane[k];
        sums[row] = sum;
    }
    sodium_memzero(plane.data(), sizeof plane);
}

#if VEILSUM_IFMA_ENGINE

// Each lane's entry of the table: index < 32 in each lane.
VEILSUM_IFMA inline lane_niels_point look_up(const subset_tables::table& table, lanes index) {
    static_assert(subset_tables::entries == 4 * lane_count);
    const lane_mask upper = _mm512_test_epi64_mask(index, all_lanes(16));
    lanes word[subset_tables::words_of_entry];
#pragma GCC unroll 15
    for (std::size_t k = 0; k < subset_tables::words_of_entry; ++k) {
        const std::uint64_t* entry = table.word[k].data();
        const lanes low =
            _mm512_permutex2var_epi64(_mm512_load_si512(entry), index, _mm512_load_si512(entry + lane_count));
        const lanes high = _mm512_permutex2var_epi64(_mm512_load_si512(entry + 2 * lane_count), index,
                                                     _mm512_load_si512(entry + 3 * lane_count));
        word[k] = _mm512_mask_mov_epi64(low, upper, high);
    }
    return {{{word[0], word[1], word[2], word[3], word[4]}},
            {{word[5], word[6], word[7], word[8], word[9]}},
            {{word[10], word[11], word[12], word[13], word[14]}}};
}
// Eight rows; those beyond block.rows repeat the first.
VEILSUM_IFMA inline void add_block_lanes(const value_block& block, const subset_tables& tables,
                                         std::size_t first_table, unsigned b, std::span<edwards_point> sums) {
    std::array<lane_point, largest_multiple_bits> plane;
    for (unsigned k = 0; k < b; ++k) plane[k] = neutral_lanes();
    for (std::size_t at = 0, g = first_table; at < block.columns; at += subset_tables::points_each, ++g) {
        lanes values[subset_tables::points_each];
        for (std::size_t c = 0; c < subset_tables::points_each; ++c) {
            alignas(64) std::array<std::uint64_t, lane_count> word{};
            if (at + c < block.columns)
                for (std::size_t row = 0; row < lane_count; ++row) {
                    const std::size_t from = row < block.rows ? row : 0;
                    word[row] = static_cast<std::uint32_t>(block.values[from * block.stride + at + c]);
                }
            values[c] = _mm512_load_si512(word.data());
        }
        const lanes one = all_lanes(1);
        for (unsigned k = 0; k < b; ++k) {
            lanes index = values[0] & one;
#pragma GCC unroll 5
            for (std::size_t c = 0; c < subset_tables::points_each; ++c) {
                index = index | ((values[c] & one) << static_cast<int>(c));
                values[c] = values[c] >> 1;
            }
            add(plane[k], look_up(tables[g], index));
        }
    }
    lane_point sum = plane[b - 1];
    sum.x = -sum.x;
    sum.t = -sum.t;
    for (unsigned k = b - 1; k-- > 0;) {
        double_point(sum);
        add(sum, plane[k]);
    }
    const std::array<edwards_point, lane_count> rows = scatter_points(sum);
    std::copy_n(rows.begin(), block.rows, sums.begin());
    sodium_memzero(plane.data(), sizeof plane);
}

#endif

} // namespace detail

// S_i for every row of `values` (row-major, `columns` a row), the tables being those of the columns' points.
// 2 <= b <= 24, and b bits hold every value (contract). The sums are as secret as the values.
inline secret<std::vector<point>> small_multiples(const subset_tables& tables,
                                                  std::span<const std::int32_t> values, std::size_t columns,
                                                  unsigned b) {
    expects(columns > 0 && values.size() % columns == 0 && b >= 2 && b <= largest_multiple_bits);
    expects(tables.size() == (columns + subset_tables::points_each - 1) / subset_tables::points_each);
    const std::uint32_t half = std::uint32_t{1} << (b - 1);
    std::uint32_t excess = 0; // one verdict over all values
    for (const std::int32_t value : values) excess |= (static_cast<std::uint32_t>(value) + half) >> b;
    expects(excess == 0);

    const std::size_t rows = values.size() / columns;
    const std::size_t blocks = (rows + detail::rows_of_block - 1) / detail::rows_of_block;
    const std::size_t segments = (tables.size() + detail::tables_of_segment - 1) / detail::tables_of_segment;
    constexpr std::size_t segment_columns = detail::tables_of_segment * subset_tables::points_each;
    std::vector<edwards_point> partial(rows * segments); // segment by segment
    parallel_for(blocks * segments, [&](std::size_t task) {
        const std::size_t segment = task / blocks, row = task % blocks * detail::rows_of_block;
        const std::size_t column = segment * segment_columns;
        const detail::value_block block{values.data() + row * columns + column, columns,
                                        std::min(detail::rows_of_block, rows - row),
                                        std::min(segment_columns, columns - column)};
        const auto out = std::span(partial).subspan(segment * rows + row, block.rows);
        const std::size_t table = segment * detail::tables_of_segment;
#if VEILSUM_IFMA_ENGINE
        if (has_ifma()) return detail::add_block_lanes(block, tables, table, b, out);
#endif
        detail::add_block(block, tables, table, b, out);
    });
    secret<std::vector<point>> sums{std::vector<point>(rows)};
    parallel_for(rows, [&](std::size_t i) {
        edwards_point sum = partial[i];
        for (std::size_t s = 1; s < segments; ++s) sum = sum + partial[s * rows + i];
        sums.expose()[i] = point::from_representative(sum);
    });
    sodium_memzero(partial.data(), partial.size() * sizeof partial[0]);
    return sums;
}

} // namespace veilsum::group
