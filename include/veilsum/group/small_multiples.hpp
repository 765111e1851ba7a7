// Sums of secret multiples of fixed points, by bit planes.
//
//     S_i = sum_c x_{i,c} P_c,       -2^(b-1) <= x_{i,c} < 2^(b-1)
//
// In two's complement x has bits x_0 .. x_{b-1}, the last of which weighs -2^(b-1), so
//
//     S_i = sum_{k<b-1} 2^k D_{i,k} - 2^(b-1) D_{i,b-1},        D_{i,k} = sum_c bit_k(x_{i,c}) P_c
//
// and D takes one addition for five columns (bit_planes.hpp): b / 5 look-ups and additions a value, and no
// carries, signs or offsets.
//
// Why this way: one addition of a point that was looked up in a table of 2^w entries serves w bits of a row,
// however they are spread over columns and planes; planes spread them evenly for every b.
//
// Full scalars are eight rows of 32-bit digits, x_c = sum_{i<8} 2^(32 i) digit_{i,c}, and their sum is
// sum_i 2^(32 i) S_i: the same tables serve values and masks.
//
// Constant time in values and scalars.
//
// Cost, one core of an AMD EPYC, family 26: with b = 16 and many rows 0.040 us a value in lanes and 0.40
// else; a full scalar 0.65 us and 6.5 us; a column of the tables 0.27 us and 1.8 us.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/group/bit_planes.hpp>
#include <veilsum/group/ristretto255.hpp>
#include <veilsum/group/scalar_digits.hpp>
#include <veilsum/group/subset_tables.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace veilsum::group {

inline constexpr unsigned largest_multiple_bits = largest_plane_bits; // b

namespace detail {

inline edwards_point signed_sum(std::span<const point> planes) {
    edwards_point sum = -planes.back().representative();
    for (std::size_t k = planes.size() - 1; k-- > 0;) sum = sum.doubled() + planes[k].representative();
    return sum;
}

#if VEILSUM_IFMA_ENGINE

// Eight rows of b planes; those beyond sums.size() repeat the first.
VEILSUM_IFMA inline void signed_sums_lanes(std::span<const point> planes, unsigned b, std::span<point> sums) {
    const auto plane = [&](unsigned k) VEILSUM_IFMA {
        return gather_points([&](std::size_t lane) -> const edwards_point& {
            return planes[(lane < sums.size() ? lane : 0) * b + k].representative();
        });
    };
    lane_point sum = plane(b - 1);
    sum.x = -sum.x;
    sum.t = -sum.t;
    for (unsigned k = b - 1; k-- > 0;) {
        double_point(sum);
        add(sum, plane(k));
    }
    const std::array<edwards_point, lane_count> rows = scatter_points(sum);
    for (std::size_t lane = 0; lane < sums.size(); ++lane)
        sums[lane] = point::from_representative(rows[lane]);
}

#endif

} // namespace detail

// Ends the process unless every value has b bits, signed: 1 <= b <= 32. One verdict over all of them.
inline void expect_signed_bits(std::span<const std::int32_t> values, unsigned b) {
    expects(b >= 1 && b <= largest_multiple_bits);
    const std::uint32_t half = std::uint32_t{1} << (b - 1);
    std::uint64_t excess = 0;
    for (const std::int32_t value : values)
        excess |= std::uint64_t{static_cast<std::uint32_t>(value) + half} >> b;
    expects(excess == 0);
}

// S_i from the planes D_{i,k}, k < b, row by row.
inline secret<std::vector<point>> signed_sums(std::span<const point> planes, unsigned b) {
    expects(b >= 1 && planes.size() % b == 0);
    const std::size_t rows = planes.size() / b;
    secret<std::vector<point>> sums{std::vector<point>(rows)};
    parallel_for((rows + detail::rows_of_task - 1) / detail::rows_of_task, [&](std::size_t block) {
        const std::size_t first = block * detail::rows_of_task;
        const std::size_t count = std::min(detail::rows_of_task, rows - first);
        const auto own = planes.subspan(first * b, count * b);
        const auto out = std::span(sums.expose()).subspan(first, count);
#if VEILSUM_IFMA_ENGINE
        if (has_ifma()) return detail::signed_sums_lanes(own, b, out);
#endif
        for (std::size_t i = 0; i < count; ++i)
            out[i] = point::from_representative(detail::signed_sum(own.subspan(i * b, b)));
    });
    return sums;
}

// S_i for every row of `values` (row-major, `columns` a row), the tables being those of the columns' points.
// 1 <= b <= 32, and b bits hold every value (contract). The sums are as secret as the values.
inline secret<std::vector<point>> small_multiples(const subset_tables& tables,
                                                  std::span<const std::int32_t> values, std::size_t columns,
                                                  unsigned b) {
    expect_signed_bits(values, b);
    return signed_sums(bit_planes(tables, values, columns, b).expose(), b);
}

// sum_c x_c P_c for as many secret scalars as the tables have points (contract).
inline point sum_of_products(const subset_tables& tables, std::span<const scalar> scalars) {
    constexpr unsigned bits = 32;
    constexpr std::size_t rows = digit_count(bits);
    const std::size_t columns = scalars.size();
    secret<std::vector<std::int32_t>> digits{std::vector<std::int32_t>(rows * columns)};
    std::array<std::int32_t, rows> own{};
    for (std::size_t c = 0; c < columns; ++c) {
        signed_digits(scalars[c], bits, own);
        for (std::size_t i = 0; i < rows; ++i) digits.expose()[i * columns + c] = own[i];
    }
    sodium_memzero(own.data(), sizeof own);
    const auto planes = bit_planes(tables, digits.expose(), columns, bits);
    const auto sums = signed_sums(planes.expose(), bits);
    edwards_point sum;
    for (std::size_t i = rows; i-- > 0;) sum = sum.doubled(bits) + sums.expose()[i].representative();
    return point::from_representative(sum);
}

} // namespace veilsum::group
