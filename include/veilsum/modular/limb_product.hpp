// Products of numbers of equal, fixed length, in constant time.
//
// GMP's fast multiplication (mpn_mul_n) is Karatsuba's and Toom's: it branches on the sign of differences of
// halves and skips carries that are zero, so its time tells about the factors. mpn_sec_mul is the
// schoolbook, twice slower at 96 limbs. Here Karatsuba's identity is used without a data-dependent branch:
//
//     a = a1 B + a0,  b = b1 B + b0,  B = 2^(64 L/2)
//     a b = a1 b1 B^2 + ((a1 + a0)(b1 + b0) - a1 b1 - a0 b0) B + a0 b0
//
// The sums may have one bit more than a half; it takes part by additions under a condition that always run.
// Below the threshold the schoolbook wins; the thresholds were measured, and a wrong one costs time only.
//
// Squares need each product of different limbs once: half of the products, doubled at the end.
//
// Cost at 96 limbs: 9 products of 24 limbs, 5184 products of single limbs instead of 9216, and a fifth of
// that in additions; the square 3 squares of 48 limbs, 3528 products.
#pragma once

#include <veilsum/modular/limb_row.hpp>

#include <algorithm>
#include <cstddef>

namespace veilsum::modular {

// Whether a product, or a square, of L limbs is computed from three of L/2.
template <row_kernel Kernel>
constexpr bool splits_product(std::size_t limbs) {
    return Kernel == row_kernel::adx ? limbs >= 32 && limbs % (2 * row_step) == 0
                                     : limbs >= 24 && limbs % 2 == 0;
}
// From three of half the length.
template <row_kernel Kernel>
constexpr bool splits_square(std::size_t limbs) {
    return Kernel == row_kernel::adx ? limbs >= 96 && limbs % (2 * row_step) == 0
                                     : limbs >= 40 && limbs % 2 == 0;
}

// Scratch limbs that `multiply_limbs` and `square_limbs` need: 2 L for each level of splitting.
constexpr std::size_t product_scratch(std::size_t limbs) {
    return 4 * limbs + 8;
}

// out (4 h limbs, holding low and high product) <- out + (cross - low - high) B, where `cross` has 2 h limbs
// and `top` above them; it is overwritten.
inline void add_middle(limb* out, std::size_t h, limb* cross, limb top) {
    const auto n = static_cast<mp_size_t>(2 * h);
    top -= mpn_sub_n(cross, cross, out, n);
    top -= mpn_sub_n(cross, cross, out + n, n);
    top += mpn_add_n(out + h, out + h, cross, n);
    mpn_sec_add_1(out + 3 * h, out + 3 * h, static_cast<mp_size_t>(h), top, cross);
}

// out (2 L limbs) <- a b; out overlaps neither factor; scratch has product_scratch(L) limbs.
template <std::size_t L, row_kernel Kernel>
void multiply_limbs(limb* out, const limb* a, const limb* b, limb* scratch) {
    if constexpr (splits_product<Kernel>(L)) {
        constexpr std::size_t h = L / 2;
        limb* cross = scratch;
        limb* rest = scratch + 2 * h;
        // The sums wait where the outer products will be.
        limb *const sum_a = out, *const sum_b = out + h;
        const limb bit_a = mpn_add_n(sum_a, a, a + h, h);
        const limb bit_b = mpn_add_n(sum_b, b, b + h, h);
        multiply_limbs<h, Kernel>(cross, sum_a, sum_b, rest);
        limb top = bit_a & bit_b;
        top += mpn_cnd_add_n(bit_a, cross + h, cross + h, sum_b, h);
        top += mpn_cnd_add_n(bit_b, cross + h, cross + h, sum_a, h);
        multiply_limbs<h, Kernel>(out, a, b, rest);
        multiply_limbs<h, Kernel>(out + 2 * h, a + h, b + h, rest);
        add_middle(out, h, cross, top);
    } else if constexpr (Kernel == row_kernel::adx && fits_row_steps<L>) {
        std::fill_n(out, L, limb{0});
        for (std::size_t i = 0; i < L; i += row_step) add_limb_rows(out + i, out + L + i, b, L, a + i);
    } else {
        mpn_sec_mul(out, a, L, b, L, scratch);
    }
}

// out (2 L limbs) <- a^2; as multiply_limbs, with half the limb products.
template <std::size_t L, row_kernel Kernel>
void square_limbs(limb* out, const limb* a, limb* scratch) {
    if constexpr (splits_square<Kernel>(L)) {
        constexpr std::size_t h = L / 2;
        limb* cross = scratch;
        limb* rest = scratch + 2 * h;
        const limb bit = mpn_add_n(out, a, a + h, h);
        square_limbs<h, Kernel>(cross, out, rest);
        limb top = bit;
        top += mpn_cnd_add_n(bit, cross + h, cross + h, out, h);
        top += mpn_cnd_add_n(bit, cross + h, cross + h, out, h);
        square_limbs<h, Kernel>(out, a, rest);
        square_limbs<h, Kernel>(out + 2 * h, a + h, rest);
        add_middle(out, h, cross, top);
    } else if constexpr (Kernel == row_kernel::adx && fits_row_steps<L>) {
        std::fill_n(out, L, limb{0});
        for (std::size_t i = 0; i < L; i += row_step)
            add_limb_square_rows(out + 2 * i, out + L + i, a + i, L - i);
        double_and_add_squares(out, a, L);
    } else {
        mpn_sec_sqr(out, a, L, scratch);
    }
}

} // namespace veilsum::modular
