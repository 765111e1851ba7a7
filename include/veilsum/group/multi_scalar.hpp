// Sums over many points:  sum_i x_i P_i  and  sum_i P_i.
//
//     point p = sum_of_products(secret_scalars, points);          // constant time
//     point q = sum_of_products_vartime(scalars, points);         // public scalars: buckets
//
// In parallel over blocks of points, with the same result for any number of threads.
//
// Cost, one core: 14 us a term in constant time; with public scalars, at 10^3, 10^4, 10^5
// terms, 1.3, 1.1, 1.1 us in lanes and 5, 3.5, 3 us else; 0.14 us a point for plain sums.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/ifma.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/group/bucket_sum.hpp>
#include <veilsum/group/point_table.hpp>
#include <veilsum/group/ristretto255.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace veilsum::group {

namespace detail {

inline constexpr std::size_t block_of_sum = 16;

// sum over blocks [first, first + count) of [0, total): their number does not depend on the threads.
template <class Block>
point parallel_sum(std::size_t total, const Block& block) {
    const std::size_t blocks = (total + block_of_sum - 1) / block_of_sum;
    std::vector<edwards_point> partial(blocks);
    parallel_for(blocks, [&](std::size_t k) {
        const std::size_t first = k * block_of_sum;
        partial[k] = block(first, std::min(block_of_sum, total - first));
    });
    edwards_point sum;
    for (const edwards_point& one : partial) sum = sum + one;
    sodium_memzero(partial.data(), partial.size() * sizeof(edwards_point));
    return point::from_representative(sum);
}

// A table of multiples for each point, and the doublings shared by all (Straus 1964).
inline edwards_point sum_of_block(std::span<const scalar> scalars, std::span<const point> points) {
    std::vector<multiples_table<cached_point>> tables;
    std::vector<signed_nibbles> digits;
    tables.reserve(points.size());
    digits.reserve(points.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
        tables.push_back(multiples_of(points[i].representative()));
        digits.emplace_back(scalars[i]);
    }
    edwards_point sum;
    for (std::size_t j = nibbles_of_scalar; j-- > 0;) {
        if (j + 1 < nibbles_of_scalar) sum = sum.doubled(4);
        for (std::size_t i = 0; i < tables.size(); ++i) sum = sum + tables[i].look_up(digits[i][j]);
    }
    for (signed_nibbles& each : digits) each.wipe();
    sodium_memzero(tables.data(), tables.size() * sizeof tables[0]);
    return sum;
}

// The points with Z = 1, by one inversion for a block of them.
inline std::vector<packed_niels> packed_points(std::span<const point> points) {
    constexpr std::size_t block = 256;
    std::vector<packed_niels> packed(points.size());
    parallel_for((points.size() + block - 1) / block, [&](std::size_t k) {
        const std::size_t first = k * block, count = std::min(block, points.size() - first);
        std::vector<edwards_point> values(count);
        for (std::size_t i = 0; i < count; ++i) values[i] = points[first + i].representative();
        normalise(values);
        for (std::size_t i = 0; i < count; ++i) packed[first + i] = packed_niels::of(values[i].niels());
    });
    return packed;
}

} // namespace detail

// The empty sum is the identity.
inline point sum(std::span<const point> points) {
    return detail::parallel_sum(points.size(), [&](std::size_t first, std::size_t count) {
        edwards_point out = points[first].representative();
        for (std::size_t i = first + 1; i < first + count; ++i) out = out + points[i].representative();
        return out;
    });
}

// As many scalars as points (contract). Constant time in both.
inline point sum_of_products(std::span<const scalar> scalars, std::span<const point> points) {
    expects(scalars.size() == points.size());
    return detail::parallel_sum(points.size(), [&](std::size_t first, std::size_t count) {
        return detail::sum_of_block(scalars.subspan(first, count), points.subspan(first, count));
    });
}

// The same for public scalars and points.
inline point sum_of_products_vartime(std::span<const scalar> scalars, std::span<const point> points) {
    expects(scalars.size() == points.size());
    if (points.empty()) return point::identity();
    return point::from_representative(bucket_sum_vartime(scalars, detail::packed_points(points), has_ifma()));
}

} // namespace veilsum::group
