// Sums over many points:  sum_i x_i P_i  and  sum_i P_i.
//
// One multiplication and one addition a point, in parallel over blocks of points; constant time in scalars
// and points, and the same result for any number of threads. Bucket methods would not gain anything here:
// they trade multiplications for additions, and through encodings an addition costs a third of a whole
// multiplication.
//
// Cost: about 67 us a term, 16 us a point for plain sums, divided by the threads.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/group/ristretto255.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace veilsum::group {

namespace detail {

// sum_{i<count} term(i), in blocks whose number does not depend on the threads.
template <class Term>
point parallel_sum(std::size_t count, const Term& term) {
    constexpr std::size_t block = 16;
    const std::size_t blocks = (count + block - 1) / block;
    std::vector<point> partial(blocks);
    parallel_for(blocks, [&](std::size_t k) {
        point sum = term(k * block);
        for (std::size_t i = k * block + 1; i < std::min(count, (k + 1) * block); ++i) sum += term(i);
        partial[k] = sum;
    });
    point sum;
    for (const point& one : partial) sum += one;
    wipe(partial);
    return sum;
}

} // namespace detail

// The empty sum is the identity.
inline point sum(std::span<const point> points) {
    return detail::parallel_sum(points.size(), [&](std::size_t i) { return points[i]; });
}

// As many scalars as points (contract).
inline point sum_of_products(std::span<const scalar> scalars, std::span<const point> points) {
    expects(scalars.size() == points.size());
    return detail::parallel_sum(points.size(), [&](std::size_t i) { return scalars[i] * points[i]; });
}

} // namespace veilsum::group
