// Products of numbers of equal, fixed length, in constant time.
//
// GMP's fast multiplication (mpn_mul_n) is Karatsuba's and Toom's: it branches on the sign of differences of
// halves and skips carries that are zero, so its time tells about the factors. mpn_sec_mul is the
// schoolbook, twice slower at 96 limbs. Here Karatsuba's identity is used without a data-dependent branch:
//
//     a = a1 B + a0,  b = b1 B + b0,  B = 2^(64 L/2)
//     a b = a1 b1 B^2 + (a1 b1 + a0 b0 - (a1 - a0)(b1 - b0)) B + a0 b0
//
// with |a1 - a0| and |b1 - b0| formed under masks and the third product added or subtracted by two
// conditional instructions that both always run. Below the threshold the schoolbook wins; the thresholds
// were measured, and a wrong one costs time only.
//
// Cost at 96 limbs: 9 products of 24 limbs, 5184 products of single limbs instead of 9216, and a fifth of
// that in additions.
#pragma once

#include <veilsum/modular/limb_row.hpp>

#include <algorithm>
#include <cstddef>

namespace veilsum::modular {

// Whether a product of L limbs is computed from three of L/2.
template <row_kernel Kernel>
constexpr bool splits_product(std::size_t limbs) {
    return Kernel == row_kernel::adx ? limbs >= 48 && limbs % (2 * row_step) == 0
                                     : limbs >= 24 && limbs % 2 == 0;
}
constexpr bool splits_square(std::size_t limbs) {
    return limbs >= 40 && limbs % 2 == 0;
}

// Scratch limbs that `multiply_limbs` and `square_limbs` need: 2 L for each level of splitting.
constexpr std::size_t product_scratch(std::size_t limbs) {
    return 4 * limbs + 8;
}

// out <- |a - b|; returns all ones where a < b, else 0.
inline limb subtract_absolute(limb* out, const limb* a, const limb* b, std::size_t n) {
    const limb negative = 0 - mpn_sub_n(out, a, b, static_cast<mp_size_t>(n));
    limb carry = negative & 1; // -x = ~x + 1
    for (std::size_t i = 0; i < n; ++i) {
        const limb value = (out[i] ^ negative) + carry;
        carry = static_cast<limb>(value < carry);
        out[i] = value;
    }
    return negative;
}

// out <- out + carry over n limbs; nothing may leave the top.
inline void add_carry(limb* out, std::size_t n, limb carry) {
    for (std::size_t i = 0; i < n; ++i) {
        const limb value = out[i] + carry;
        carry = static_cast<limb>(value < carry);
        out[i] = value;
    }
}

// out (4 h limbs, holding low and high product) += middle B, where middle = low + high -/+ cross.
// `negative` all ones: the cross product is negative, so that subtracting it adds.
inline void add_middle(limb* out, std::size_t h, limb* cross, limb negative, limb* middle) {
    const auto n = static_cast<mp_size_t>(2 * h);
    limb carry = mpn_add_n(middle, out, out + 2 * h, n);
    carry += mpn_cnd_add_n(negative & 1, middle, middle, cross, n);
    carry -= mpn_cnd_sub_n(~negative & 1, middle, middle, cross, n);
    carry += mpn_add_n(out + h, out + h, middle, n);
    add_carry(out + 3 * h, h, carry);
}

// out (2 L limbs) <- a b; out overlaps neither factor; scratch has product_scratch(L) limbs.
template <std::size_t L, row_kernel Kernel>
void multiply_limbs(limb* out, const limb* a, const limb* b, limb* scratch) {
    if constexpr (splits_product<Kernel>(L)) {
        constexpr std::size_t h = L / 2;
        limb* cross = scratch;
        limb* rest = scratch + 2 * h;
        // The absolute differences wait where the outer products will be.
        limb negative = subtract_absolute(out, a + h, a, h);
        negative ^= subtract_absolute(out + h, b + h, b, h);
        multiply_limbs<h, Kernel>(cross, out, out + h, rest);
        multiply_limbs<h, Kernel>(out, a, b, rest);
        multiply_limbs<h, Kernel>(out + 2 * h, a + h, b + h, rest);
        add_middle(out, h, cross, negative, rest);
    } else if constexpr (Kernel == row_kernel::adx && L % row_step == 0) {
        std::fill_n(out, L, limb{0});
        for (std::size_t i = 0; i < L; ++i) out[i + L] = add_row<Kernel>(out + i, b, L, a[i]);
    } else {
        mpn_sec_mul(out, a, L, b, L, scratch);
    }
}

// out (2 L limbs) <- a^2; as multiply_limbs, with half the limb products.
template <std::size_t L>
void square_limbs(limb* out, const limb* a, limb* scratch) {
    if constexpr (splits_square(L)) {
        constexpr std::size_t h = L / 2;
        limb* cross = scratch;
        limb* rest = scratch + 2 * h;
        subtract_absolute(out, a + h, a, h);
        square_limbs<h>(cross, out, rest);
        square_limbs<h>(out, a, rest);
        square_limbs<h>(out + 2 * h, a + h, rest);
        add_middle(out, h, cross, 0, rest);
    } else {
        mpn_sec_sqr(out, a, L, scratch);
    }
}

} // namespace veilsum::modular
