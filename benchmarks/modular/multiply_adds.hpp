// How many multiply-add instructions a product of eight residues takes, and how fast the processor can do
// them.
//
// Schoolbook product and reduction of L digits: L^2 pairs of digits each, a low and a high half: 4 L^2. A
// square: 3 L^2 + 2 L. What lane_product.hpp and lane_field.hpp execute, with h = ceil(N / 2), r = N - h:
//
//     M(N, s) = 2 M(h, s - 1) + M(r, s - 1) from 56 digits on while s > 0, else 2 N^2
//     S(N, s) = 2 S(h, s - 1) + S(r, s - 1) from 100 digits on while s > 0, else N (N + 1)
//     C(N)    = 2 N^2 + N       N quotient digits (one multiplication each) against N digits of the modulus
//     reduction = C(L), or C(h) + C(r) + 2 M(h, 1) in halves
#pragma once

#include <veilsum/modular/lane_field.hpp>

#if VEILSUM_IFMA_ENGINE

#include <algorithm>
#include <cstddef>

namespace veilsum::bench {

constexpr std::size_t product_madds(std::size_t n, int splits = modular::max_splits) {
    if (n < modular::split_from || splits == 0) return 2 * n * n;
    const std::size_t half = (n + 1) / 2;
    return 2 * product_madds(half, splits - 1) + product_madds(n - half, splits - 1);
}
constexpr std::size_t square_madds(std::size_t n, int splits = modular::max_splits) {
    if (n < modular::square_split_from || splits == 0) return n * (n + 1);
    const std::size_t half = (n + 1) / 2;
    return 2 * square_madds(half, splits - 1) + square_madds(n - half, splits - 1);
}
constexpr std::size_t reduction_madds(std::size_t n) {
    const auto by_rows = [](std::size_t digits) { return 2 * digits * digits + digits; };
    if (n < 2 * modular::split_from) return by_rows(n);
    const std::size_t half = (n + 1) / 2;
    return by_rows(half) + by_rows(n - half) + 2 * product_madds(half, 1);
}
// 6144 bits: what the header of lane_field.hpp says, 2.9 L^2.
static_assert(product_madds(119) + reduction_madds(119) == 41163);

// `rounds` times sixteen multiply-adds, none of which waits for another of its round.
VEILSUM_IFMA __attribute__((noinline)) inline void independent_madds(modular::limb_block& sums,
                                                                     std::size_t rounds) {
    constexpr std::size_t chains = 16;
    veilsum::lanes sum[chains]; // different from one another, or compilers keep one for all
#pragma GCC unroll 16
    for (std::size_t k = 0; k < chains; ++k) sum[k] = _mm512_loadu_si512(sums.data() + k * 8);
    const veilsum::lanes a = _mm512_loadu_si512(sums.data()), b = _mm512_loadu_si512(sums.data() + 8);
    for (std::size_t i = 0; i < rounds; ++i)
#pragma GCC unroll 16
        for (std::size_t k = 0; k < chains; ++k) sum[k] = veilsum::multiply_low(sum[k], a, b);
#pragma GCC unroll 16
    for (std::size_t k = 0; k < chains; ++k) _mm512_storeu_si512(sums.data() + k * 8, sum[k]);
}
inline constexpr std::size_t madd_block = 128; // limbs that independent_madds works on
inline constexpr std::size_t madds_a_round = 16;

} // namespace veilsum::bench

#endif
