// Montgomery's representation of residues modulo an odd n < R = 2^(64 L):  x is held as  x R mod n.
//
//     multiply(x R, y R) = (x R)(y R) / R = (x y) R  (mod n)
//
// so that a product costs no division: the exact quotient by R comes from adding the multiple q n that makes
// the low L limbs zero, one or eight limbs a step (Montgomery 1985; Menezes et al., Handbook of Applied
// Cryptography, 14.32). Eight limbs of q are  -t / n mod 2^512,  t the lowest limbs not yet zero.
//
// Long moduli are reduced in two halves, because the upper half of n then meets as many limbs of q at once,
// and Karatsuba's product applies:
//
//     q = q0 + q1 B,  n = n0 + n1 B:    t += q0 n0;   t += (q0 n1) B;   then the same for q1, one half higher
//
// Residues are canonical: every result lies in [0, n), so equal residues are equal limbs. From a, b < n
// follows a b < n R, so (a b + q n) / R < 2 n and one conditional subtraction is enough; n may be shorter
// than R.
//
// Constant time in the residues; the subtraction always runs and its outcome is chosen by a mask. `_vartime`
// functions may use GMP's products and are for public residues only. Construction divides by n in
// variable time: a secret modulus shows its length there, and little else is known about that division.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/modular/limb_product.hpp>

#include <array>
#include <cstddef>

namespace veilsum::modular {

using integer::bigint;

// out (n limbs) <- value, which must lie in [0, 2^(64 n)). The number of limbs of `value` is visible.
inline void copy_to_limbs(limb* out, std::size_t n, const bigint& value) {
    const std::size_t size = mpz_size(value.get());
    expects(mpz_sgn(value.get()) >= 0 && size <= n);
    std::copy_n(mpz_limbs_read(value.get()), size, out);
    std::fill_n(out + size, n - size, limb{0});
}

// The number of n limbs, least significant first.
inline bigint copy_from_limbs(const limb* in, std::size_t n) {
    bigint value(0);
    std::copy_n(in, n, mpz_limbs_write(value.get(), static_cast<mp_size_t>(n)));
    mpz_limbs_finish(value.get(), static_cast<mp_size_t>(n));
    return value;
}

template <std::size_t L>
class montgomery {
    static_assert(L >= 1);

  public:
    static constexpr std::size_t limbs = L; // of the modulus

    // Room for the intermediates of one multiplication at a time; wiped at the end of its life, because they
    // tell as much as the residues do.
    class workspace {
      public:
        workspace() = default;
        workspace(const workspace&) = delete;
        workspace& operator=(const workspace&) = delete;
        ~workspace() { sodium_memzero(this, sizeof(*this)); }

      private:
        friend class montgomery;
        alignas(limb_block::alignment) limb wide_[2 * L];
        limb scratch_[product_scratch(L)];
    };

    // `modulus` is odd, > 1, at most 64 L bits long.
    explicit montgomery(const bigint& modulus, row_kernel kernel = fastest_row_kernel()) {
        expects(modulus.is_odd() && modulus > bigint(1));
        expects(static_cast<std::size_t>(mpn_sec_sqr_itch(L)) <= product_scratch(L));
        expects(static_cast<std::size_t>(mpn_sec_mul_itch(L, L)) <= product_scratch(L));
        expects(static_cast<std::size_t>(mpn_sec_add_1_itch(L)) <= L);
        copy_to_limbs(modulus_.data(), L, modulus);
        kernel_ = fits_row_steps<L> ? kernel : row_kernel::portable;
        fill_inverse();
        const bigint radix = bigint(1) << (limb_bits * L);
        copy_to_limbs(one_.data(), L, radix % modulus);
        copy_to_limbs(radix_squared_.data(), L, (radix << (limb_bits * L)) % modulus);
    }

    const limb* modulus() const { return modulus_.data(); }
    // The residue 1, that is R mod n.
    const limb* one() const { return one_.data(); }
    row_kernel kernel() const { return kernel_; } // what multiplies

    // out may be a or b, here and below.
    void multiply(limb* out, const limb* a, const limb* b, workspace& room) const {
        if (uses_adx()) {
            multiply_limbs<L, row_kernel::adx>(room.wide_, a, b, room.scratch_);
        } else {
            multiply_limbs<L, row_kernel::portable>(room.wide_, a, b, room.scratch_);
        }
        reduce(out, room);
    }
    // out <- a a / R mod n.
    void square(limb* out, const limb* a, workspace& room) const {
        if (uses_adx()) {
            square_limbs<L, row_kernel::adx>(room.wide_, a, room.scratch_);
        } else {
            square_limbs<L, row_kernel::portable>(room.wide_, a, room.scratch_);
        }
        reduce(out, room);
    }
    // The same as multiply, for public numbers.
    void multiply_vartime(limb* out, const limb* a, const limb* b, workspace& room) const {
        if (uses_adx()) {
            multiply(out, a, b, room); // faster than mpn_mul_n at every length in use
            return;
        }
        mpn_mul_n(room.wide_, a, b, L);
        reduce(out, room);
    }
    // The same as square, for public numbers.
    void square_vartime(limb* out, const limb* a, workspace& room) const {
        if (uses_adx()) {
            square(out, a, room);
            return;
        }
        mpn_sqr(room.wide_, a, L);
        reduce(out, room);
    }

    // Into and out of Montgomery's form; `value` lies in [0, n). Constant time but for the limb count of
    // `value`.
    void enter(limb* out, const bigint& value, workspace& room) const {
        expects(mpz_sgn(value.get()) >= 0);
        copy_to_limbs(out, L, value);
        expects(mpn_sub_n(room.wide_, out, modulus_.data(), L) != 0);
        multiply(out, out, radix_squared_.data(), room);
    }
    // Out of Montgomery's form, to [0, n).
    bigint leave(const limb* in, workspace& room) const {
        std::array<limb, L> plain;
        std::copy_n(in, L, room.wide_);
        std::fill_n(room.wide_ + L, L, limb{0});
        reduce(plain.data(), room);
        bigint value = copy_from_limbs(plain.data(), L);
        sodium_memzero(plain.data(), sizeof(plain));
        return value;
    }

    void wipe() { sodium_memzero(this, sizeof(*this)); }

  private:
    // Whether reductions run in two halves: measured, as the thresholds of limb_product.hpp.
    static constexpr bool halved = L >= 128 && splits_product<row_kernel::adx>(L / 2);

    bool uses_adx() const {
        if constexpr (fits_row_steps<L>) return kernel_ == row_kernel::adx;
        return false;
    }

    // Limb by limb the q with 1 + q n = 0 modulo 2^(64 inverse_limbs).
    void fill_inverse() {
        // Newton: an inverse modulo 2^k is one modulo 2^(2 k) after one step; n is its own modulo 2^3.
        limb inverse = modulus_[0];
        for (int correct = 3; correct < 64; correct *= 2) inverse *= 2 - modulus_[0] * inverse;
        std::array<limb, inverse_limbs> sum{1};
        for (std::size_t i = 0; i < inverse_limbs; ++i) {
            inverse_[i] = sum[i] * (0 - inverse);
            mpn_addmul_1(sum.data() + i, modulus_.data(), static_cast<mp_size_t>(inverse_limbs - i),
                         inverse_[i]);
        }
    }

    // t <- t + q n, where n has the lowest N limbs of the modulus and q (N limbs) makes the lowest N limbs of
    // t zero. Carries belong to limbs N to 2 N of t and wait in the limbs that are zero now.
    template <std::size_t N>
    void cancel_rows(limb* t, limb* q) const {
        for (std::size_t i = 0; i < N; i += row_step) {
            multiply_low_limbs(q + i, t + i, inverse_.data());
            add_limb_rows(t + i, t + i, modulus_.data(), N, q + i);
        }
    }
    // The next three: upper half of wide <- (wide + q n) / R; they return the carry out of it.
    limb reduce_portable(limb* wide) const {
        for (std::size_t i = 0; i < L; ++i)
            wide[i] = mpn_addmul_1(wide + i, modulus_.data(), L, wide[i] * inverse_[0]);
        return mpn_add_n(wide + L, wide + L, wide, L);
    }
    limb reduce_rows(limb* wide, limb* scratch) const {
        cancel_rows<L>(wide, scratch);
        return mpn_add_n(wide + L, wide + L, wide, L);
    }
    limb reduce_halves(limb* wide, limb* scratch) const {
        constexpr std::size_t h = L / 2;
        limb *const q = scratch, *const part = q + h, *const rest = part + 2 * h;
        static_assert(3 * h + product_scratch(h) <= product_scratch(L));
        limb carry = 0;
        for (limb* t = wide; t != wide + L; t += h) {
            cancel_rows<h>(t, q);
            multiply_limbs<h, row_kernel::adx>(part, q, modulus_.data() + h, rest);
            const limb up = mpn_add_n(part, part, t, h);
            mpn_sec_add_1(part + h, part + h, h, up, rest); // (B - 1)^2 + B - 1 < B^2
            carry += mpn_add_n(t + h, t + h, part, 2 * h);
            // One half of the product is above the first half's sum.
            if (t == wide) carry = mpn_sec_add_1(t + 3 * h, t + 3 * h, h, carry, rest);
        }
        return carry;
    }
    void reduce(limb* out, workspace& room) const {
        limb* low = room.wide_;
        limb* high = room.wide_ + L;
        limb carry = 0;
        if constexpr (fits_row_steps<L>) {
            if (!uses_adx()) {
                carry = reduce_portable(low);
            } else if constexpr (halved) {
                carry = reduce_halves(low, room.scratch_);
            } else {
                carry = reduce_rows(low, room.scratch_);
            }
        } else {
            carry = reduce_portable(low);
        }
        // The value is carry R + high < 2 n: subtract n unless that borrows.
        const limb borrow = mpn_sub_n(low, high, modulus_.data(), L);
        mpn_cnd_sub_n(carry | (borrow ^ 1), out, high, modulus_.data(), L);
    }

    static constexpr std::size_t inverse_limbs = fits_row_steps<L> ? row_step : 1;
    std::array<limb, L> modulus_;
    std::array<limb, L> one_;
    std::array<limb, L> radix_squared_;
    std::array<limb, inverse_limbs> inverse_; // -1/n mod 2^(64 inverse_limbs)
    row_kernel kernel_ = row_kernel::portable;
};

} // namespace veilsum::modular
