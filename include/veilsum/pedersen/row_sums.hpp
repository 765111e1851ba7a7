// Sums of small secret multiples of fixed points, for many rows at once:
//
//     P_i = sum_c x_{i,c} G_c,       -2^(b-1) <= x_{i,c} < 2^(b-1)
//
// By bit planes. With y = x + 2^(b-1), which has b bits and no sign,
//
//     P_i = sum_{k<b} 2^k D_{i,k} - 2^(b-1) sum_c G_c,     D_{i,k} = sum_c bit_k(y_{i,c}) G_c
//
// and D is added up eight columns at a time from a table of the 256 subset sums of their generators: b/8
// additions a value in place of one multiplication and one addition. The tables (1 KiB a column) cost 31
// additions a column, so they pay from about a dozen rows on; below that each value is multiplied.
//
// Constant time in the values: every look-up reads its whole table under masks.
//
// Cost, one core, with 13 us an addition and 48 us a multiplication: 31 us a value for b = 16, 15 us for b =
// 8, and 0.4 ms a column for the tables, against 61 us a value by multiplications.
//
// spec: validity proofs 8.2 and 13.4 (planes; deviation: eight columns a table instead of four, because an
// addition through encodings costs far more than a scan)
#pragma once

#include <veilsum/core/constant_time.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/group/multi_scalar.hpp>
#include <veilsum/group/ristretto255.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace veilsum::pedersen {

namespace detail {

inline constexpr std::size_t columns_of_table = 8;

// In additions a value: 31 / rows for the tables and 1.14 b / 8 with the scans, against 4.6 for a
// multiplication and an addition. Public sizes only.
constexpr bool tables_pay(std::size_t rows, unsigned value_bits) {
    return rows * (32 - value_bits) >= 212;
}

// All subset sums of at most eight points; entry v is the sum of the points whose bits are set in v.
class subset_table {
  public:
    subset_table() = default;
    explicit subset_table(std::span<const group::point> points) : entries_(std::size_t{1} << points.size()) {
        for (std::size_t v = 1; v < entries_.size(); ++v) {
            const std::size_t rest = v & (v - 1);
            const auto lowest = static_cast<std::size_t>(std::countr_zero(v));
            entries_[v] = rest == 0 ? points[lowest] : entries_[rest] + points[lowest];
        }
    }
    // index < 2^points, secret.
    group::point look_up(std::size_t index) const {
        group::point found;
        for (std::size_t v = 0; v < entries_.size(); ++v)
            found = select(mask_if_equal(v, index), entries_[v], found);
        return found;
    }
    const group::point& whole() const { return entries_.back(); }

  private:
    std::vector<group::point> entries_;
};

// One row by its planes. `values` has as many entries as the tables have points.
inline group::point row_sum_by_planes(std::span<const subset_table> tables, const group::point& offset,
                                      std::span<const std::int32_t> values, unsigned value_bits) {
    const std::int32_t half = std::int32_t{1} << (value_bits - 1);
    secret<std::vector<group::point>> planes{std::vector<group::point>(value_bits)};
    for (std::size_t g = 0; g < tables.size(); ++g) {
        const auto group = values.subspan(g * columns_of_table,
                                          std::min(columns_of_table, values.size() - g * columns_of_table));
        for (unsigned k = 0; k < value_bits; ++k) {
            std::size_t index = 0;
            for (std::size_t c = 0; c < group.size(); ++c)
                index |= static_cast<std::size_t>(static_cast<std::uint32_t>(group[c] + half) >> k & 1) << c;
            planes.expose()[k] += tables[g].look_up(index);
        }
    }
    group::point sum;
    for (unsigned k = value_bits; k-- > 0;) sum = sum + sum + planes.expose()[k];
    return sum - offset;
}

} // namespace detail

// P_i for every row of `values` (row-major, as many columns as points). Values outside b = value_bits <= 24
// bits are a broken contract. The sums are as secret as the values.
inline secret<std::vector<group::point>> row_sums(std::span<const group::point> points,
                                                  std::span<const std::int32_t> values, unsigned value_bits) {
    expects(!points.empty() && values.size() % points.size() == 0 && value_bits >= 2 && value_bits <= 24);
    const std::size_t columns = points.size();
    const std::size_t rows = values.size() / columns;
    const std::int32_t half = std::int32_t{1} << (value_bits - 1);
    std::uint32_t excess = 0; // one verdict over all values
    for (const std::int32_t value : values)
        excess |= (static_cast<std::uint32_t>(value) + static_cast<std::uint32_t>(half)) >> value_bits;
    expects(excess == 0);

    secret<std::vector<group::point>> sums{std::vector<group::point>(rows)};
    const auto row_of = [&](std::size_t row) { return values.subspan(row * columns, columns); };
    if (!detail::tables_pay(rows, value_bits)) {
        for (std::size_t row = 0; row < rows; ++row)
            sums.expose()[row] = group::detail::parallel_sum(
                columns, [&](std::size_t c) { return group::scalar::from_i64(row_of(row)[c]) * points[c]; });
        return sums;
    }
    const std::size_t step = detail::columns_of_table;
    std::vector<detail::subset_table> tables((columns + step - 1) / step);
    parallel_for(tables.size(), [&](std::size_t g) {
        tables[g] = detail::subset_table(points.subspan(g * step, std::min(step, columns - g * step)));
    });
    group::point all;
    for (const detail::subset_table& table : tables) all += table.whole();
    const group::point offset = group::scalar::from_u64(static_cast<std::uint64_t>(half)) * all;
    parallel_for(rows, [&](std::size_t row) {
        sums.expose()[row] = detail::row_sum_by_planes(tables, offset, row_of(row), value_bits);
    });
    return sums;
}

} // namespace veilsum::pedersen
