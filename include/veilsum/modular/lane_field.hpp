// Montgomery's representation of residues in eight lanes, each with an odd modulus of its own.
//
//     x is held as  x R mod n,   R = 2^(52 L) > 4 n;        multiply(x R, y R) = x y R  (mod n)
//
// Digits and columns are those of lane_product.hpp. Results lie in [0, 2 n), not in [0, n): from a, b < 2 n
// follows (a b + q n) / R < (4 n^2 + R n) / R < 2 n, so that no subtraction is needed between operations
// (Walter 1999). `leave` gives the canonical residue.
//
// Reduction. Four quotient digits at a time are found from the lowest columns, whose sum with q n must vanish
// mod 2^(52 4), and their multiples of n are added by rows (Montgomery 1985). From 2 split_from digits on it
// runs in two halves: the upper part of each half's quotient times n is a product of equal halves, which
// Karatsuba shortens:
//
//     q = q0 + q1 B:    t += q0 n_low;   t += (q0 n_high) B;   then the same for q1, one half higher
//
// Multiply-adds for a product of L digits: 4 L^2 by rows, the figure that ports are measured by; 119 digits
// (6144 bits) take 2.9 L^2, squares 2.5 L^2.
//
// Constant time in residues and moduli, except that construction divides in variable time.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/modular/lane_product.hpp>
#include <veilsum/modular/limb_block.hpp>

#if VEILSUM_IFMA_ENGINE

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace veilsum::modular {

using integer::bigint;

// Digits for moduli of `bits` bits: R > 4 n, and more digits than a block has rows.
constexpr std::size_t digits_for(std::size_t bits) {
    return std::max((bits + 2 + digit_bits - 1) / digit_bits, row_block + 1);
}

// t[0, n + Rows) <- t + q modulus[0, n), quotient[0, Rows) <- q such that the lowest Rows columns vanish;
// what they carry is in t[Rows]. Columns from n on must hold values. Rows < n.
template <std::size_t Rows>
VEILSUM_IFMA inline void cancel_rows(lanes* t, lanes* quotient, const lanes* modulus, lanes inverse,
                                     std::size_t n) {
    lanes q[Rows], window[Rows + 1];
    lanes carry = no_lanes();
#pragma GCC unroll 8
    for (std::size_t r = 0; r < Rows; ++r) window[r] = modulus[r];
#pragma GCC unroll 8
    for (std::size_t k = 0; k < Rows; ++k) {
        lanes low = t[k], high = carry;
#pragma GCC unroll 8
        for (std::size_t r = 0; r < k; ++r) {
            low = multiply_low(low, q[r], window[k - r]);
            high = multiply_high(high, q[r], window[k - r - 1]);
        }
        low = low + high;
        quotient[k] = q[k] = multiply_low(no_lanes(), low, inverse);
        carry = carry_of(multiply_low(low, q[k], window[0]));
    }
    t[Rows] = t[Rows] + carry;
    for (std::size_t k = Rows; k < n; ++k) {
        window[Rows] = modulus[k];
        lanes low = t[k], high = no_lanes();
#pragma GCC unroll 8
        for (std::size_t r = 0; r < Rows; ++r) {
            low = multiply_low(low, q[r], window[Rows - r]);
            high = multiply_high(high, q[r], window[Rows - r - 1]);
        }
        t[k] = low + high;
        advance<Rows>(window);
    }
#pragma GCC unroll 8
    for (std::size_t k = 0; k < Rows; ++k) {
        lanes low = t[n + k], high = no_lanes();
#pragma GCC unroll 8
        for (std::size_t r = 0; r < Rows; ++r) {
            if (r > k) low = multiply_low(low, q[r], window[Rows + k - r]);
            if (r >= k) high = multiply_high(high, q[r], window[Rows + k - r - 1]);
        }
        t[n + k] = low + high;
    }
}

// The same for n quotient digits against n digits of the modulus.
VEILSUM_IFMA inline void cancel_columns(lanes* t, lanes* quotient, const lanes* modulus, lanes inverse,
                                        std::size_t n) {
    std::size_t i = 0;
    for (; i + row_block <= n; i += row_block)
        cancel_rows<row_block>(t + i, quotient + i, modulus, inverse, n);
    if (n - i == 3) cancel_rows<3>(t + i, quotient + i, modulus, inverse, n);
    if (n - i == 2) cancel_rows<2>(t + i, quotient + i, modulus, inverse, n);
    if (n - i == 1) cancel_rows<1>(t + i, quotient + i, modulus, inverse, n);
}

template <std::size_t L>
class lane_field {
    static_assert(L > row_block);
    static constexpr bool halved = L >= 2 * split_from;
    static constexpr std::size_t upper = (L + 1) / 2; // digits of the first half of a quotient
    static constexpr std::size_t quotient_digits = halved ? 3 * upper : L;
    static constexpr std::size_t scratch_digits =
        std::max(lane_scratch(L), quotient_digits + (halved ? lane_scratch(upper, 1) : 0));
    // What a reduction adds to a column at most, in units of 2^52, and whether that still fits into 63 bits
    // on top of a product that nobody has carried. At 16384 bits it does not.
    static constexpr std::int64_t added =
        2 * (halved ? product_range(upper, 1).high : 0) + 2 * static_cast<std::int64_t>(L);
    static constexpr std::int64_t limit = (std::int64_t{1} << 11) - 2;
    static constexpr bool carried_first = product_range(L).high + added > limit;
    static_assert(product_range(L).high <= limit && 1 + added <= limit, "columns stay below 2^63");

  public:
    static constexpr std::size_t digits = L;             // of a number, 52 bits each
    static constexpr std::size_t words = L * lane_count; // of one number in each lane

    // Room for the intermediates of one operation at a time; wiped, because they tell as much as residues do.
    class workspace {
      public:
        workspace() : block_((2 * L + scratch_digits) * lane_count) {}
        workspace(const workspace&) = delete;
        workspace& operator=(const workspace&) = delete;
        ~workspace() { block_.wipe(); }

      private:
        friend class lane_field;
        lanes* columns() { return reinterpret_cast<lanes*>(block_.data()); }
        lanes* scratch() { return columns() + 2 * L; }
        limb_block block_;
    };

    // Eight moduli, or one for all lanes: odd, > 1, R > 4 n.
    explicit lane_field(std::span<const bigint> moduli)
        : modulus_((L + 1) * lane_count), one_(words), radix_squared_(words), inverse_(lane_count) {
        expects(moduli.size() == 1 || moduli.size() == lane_count);
        const bigint radix = bigint(1) << (L * digit_bits), digit = bigint(1) << digit_bits;
        for (std::size_t lane = 0; lane < lane_count; ++lane) {
            const bigint& n = moduli[moduli.size() == 1 ? 0 : lane];
            expects(n.is_odd() && n > bigint(1) && n.bit_length() + 2 <= L * digit_bits);
            if (moduli.size() == 1 && lane > 0) {
                for (limb_block* block : {&modulus_, &one_, &radix_squared_})
                    for (std::size_t k = 0; k < L; ++k)
                        block->data()[k * lane_count + lane] = block->data()[k * lane_count];
                inverse_.data()[lane] = inverse_.data()[0];
                continue;
            }
            const bigint one = radix % n;
            put(modulus_.data(), lane, n);
            put(one_.data(), lane, one);
            put(radix_squared_.data(), lane, one * one % n);
            inverse_.data()[lane] = mpz_get_ui((digit - *invert(n, digit)).get());
        }
    }
    // Moduli may be secrets of a key's owner.
    void wipe() {
        for (limb_block* block : {&modulus_, &one_, &radix_squared_, &inverse_}) block->wipe();
    }

    const limb* one() const { return one_.data(); } // the residue 1 in each lane

    // out <- a b / R mod n, in [0, 2 n) for a, b in [0, 2 n); out may be a or b.
    VEILSUM_IFMA void multiply(limb* out, const limb* a, const limb* b, workspace& room) const {
        multiply_columns<L>(room.columns(), view(a), view(b), room.scratch());
        reduce(view(out), room);
    }
    // out <- a a / R mod n, in [0, 2 n) for a in [0, 2 n); in place too.
    VEILSUM_IFMA void square(limb* out, const limb* a, workspace& room) const {
        square_columns<L>(room.columns(), view(a), room.scratch());
        reduce(view(out), room);
    }
    // Into Montgomery's form from numbers in [0, 2 n), and out of it to [0, n); in place too.
    VEILSUM_IFMA void enter(limb* out, const limb* plain, workspace& room) const {
        multiply(out, plain, radix_squared_.data(), room);
    }
    // Out of Montgomery's form, to [0, n); in place too.
    VEILSUM_IFMA void leave(limb* out, const limb* in, workspace& room) const {
        lanes* t = room.columns();
        for (std::size_t k = 0; k < L; ++k) {
            t[k] = view(in)[k];
            t[L + k] = no_lanes();
        }
        reduce(view(out), room); // in [0, n], n for 0
        subtract_if_not_less(view(out), t);
    }

    // Whether x < n in every lane, which is all that its time tells; x carried.
    VEILSUM_IFMA bool below_modulus(const limb* x) const {
        lanes column = no_lanes();
        for (std::size_t k = 0; k < L; ++k) column = carry_of(column + view(x)[k] - view(modulus_.data())[k]);
        return _mm512_test_epi64_mask(column, column) == 0xff;
    }
    // x <- 2 x in the lanes of the set, carried but not reduced: below 4 n for x < 2 n.
    VEILSUM_IFMA void double_where(limb* x, std::uint8_t set) const {
        lanes column = no_lanes();
        for (std::size_t k = 0; k < L; ++k) {
            const lanes digit = view(x)[k];
            column = column + _mm512_mask_add_epi64(digit, set, digit, digit);
            view(x)[k] = digit_of(column);
            column = carry_of(column);
        }
    }
    // Every lane of out <- the product of all lanes of out; one modulus for all lanes.
    void multiply_lanes(limb* out, workspace& room) const {
        limb_block turned(words);
        for (std::size_t distance = lane_count / 2; distance > 0; distance /= 2) {
            for (std::size_t i = 0; i < words; ++i)
                turned.data()[i] = out[i / lane_count * lane_count + (i + distance) % lane_count];
            multiply(out, out, turned.data(), room);
        }
        turned.wipe();
    }

    // One number into or out of one lane: digits from 64-bit limbs and back, without secret-dependent
    // addresses but for the limb count of `value`. 0 <= value < 2^(52 L).
    static void put(limb* block, std::size_t lane, const bigint& value) {
        const limb* source = mpz_limbs_read(value.get());
        const std::size_t size = mpz_size(value.get());
        expects(mpz_sgn(value.get()) >= 0 && value.bit_length() <= L * digit_bits);
        put(block, lane, source, size);
    }
    static void put(limb* block, std::size_t lane, const limb* source, std::size_t size) {
        for (std::size_t k = 0; k < L; ++k) {
            const std::size_t index = k * digit_bits / limb_bits, shift = k * digit_bits % limb_bits;
            limb digit = index < size ? source[index] >> shift : 0;
            if (shift > limb_bits - digit_bits && index + 1 < size)
                digit |= source[index + 1] << (limb_bits - shift);
            block[k * lane_count + lane] = digit & digit_mask;
        }
    }
    // The integer in one lane of a block of digits.
    static bigint take(const limb* block, std::size_t lane) {
        bigint value(0);
        constexpr std::size_t size = (L * digit_bits + limb_bits - 1) / limb_bits;
        limb* target = mpz_limbs_write(value.get(), static_cast<mp_size_t>(size));
        std::fill_n(target, size, limb{0});
        for (std::size_t k = 0; k < L; ++k) {
            const std::size_t index = k * digit_bits / limb_bits, shift = k * digit_bits % limb_bits;
            const limb digit = block[k * lane_count + lane];
            target[index] |= digit << shift;
            if (shift > limb_bits - digit_bits && index + 1 < size)
                target[index + 1] |= digit >> (limb_bits - shift);
        }
        mpz_limbs_finish(value.get(), static_cast<mp_size_t>(size));
        return value;
    }

  private:
    static const lanes* view(const limb* block) { return reinterpret_cast<const lanes*>(block); }
    static lanes* view(limb* block) { return reinterpret_cast<lanes*>(block); }

    // out <- columns / R mod n, carried.
    VEILSUM_IFMA void reduce(lanes* out, workspace& room) const {
        lanes* t = room.columns();
        lanes* quotient = room.scratch();
        const lanes* n = view(modulus_.data()); // L digits and a zero
        const lanes inverse = *view(inverse_.data());
        if constexpr (carried_first) {
            lanes column = no_lanes();
            for (std::size_t k = 0; k + 1 < 2 * L; ++k) {
                column = column + t[k];
                t[k] = digit_of(column);
                column = carry_of(column);
            }
            t[2 * L - 1] = t[2 * L - 1] + column;
        }
        if constexpr (halved) {
            constexpr std::size_t lower = L - upper;
            lanes *const part = quotient + upper, *const scratch = part + 2 * upper;
            cancel_columns(t, quotient, n, inverse, upper);
            // Upper parts have L columns: where L is odd, one digit more of either factor is 0.
            multiply_columns<upper, 1>(part, quotient, n + upper, scratch);
            for (std::size_t k = 0; k < L; ++k) t[upper + k] = t[upper + k] + part[k];
            t += upper;
            cancel_columns(t, quotient, n, inverse, lower);
            if constexpr (lower < upper) quotient[lower] = no_lanes();
            multiply_columns<upper, 1>(part, quotient, n + lower, scratch);
            for (std::size_t k = 0; k < L; ++k) t[lower + k] = t[lower + k] + part[k];
            t += lower;
        } else {
            cancel_columns(t, quotient, n, inverse, L);
            t += L;
        }
        lanes column = no_lanes();
        for (std::size_t k = 0; k < L; ++k) {
            column = column + t[k];
            out[k] = digit_of(column);
            column = carry_of(column);
        }
    }
    // x <- x - n where x >= n.
    VEILSUM_IFMA void subtract_if_not_less(lanes* x, lanes* difference) const {
        const lanes* n = view(modulus_.data());
        lanes column = no_lanes();
        for (std::size_t k = 0; k < L; ++k) {
            column = column + x[k] - n[k];
            difference[k] = digit_of(column);
            column = carry_of(column);
        }
        const __mmask8 less = _mm512_test_epi64_mask(column, column);
        for (std::size_t k = 0; k < L; ++k) x[k] = _mm512_mask_mov_epi64(difference[k], less, x[k]);
    }

    limb_block modulus_; // and a digit of zero
    limb_block one_;
    limb_block radix_squared_;
    limb_block inverse_; // -1/n mod 2^52
};

} // namespace veilsum::modular

#endif
