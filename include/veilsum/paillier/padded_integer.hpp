// Non-negative integers of a fixed number of limbs, whatever their value: for the few secret-dependent
// operations around the engine (reductions, the exponential and the logarithm of principal_units.hpp, CRT).
//
// A `bigint` drops its zero upper limbs, so the time of each operation shows how long a secret is, and a
// remainder returns at once when the dividend is short: a decryptor that reduces a chosen ciphertext modulo
// p^2 that way tells p to whoever can time it. Here every operation takes the time of its *sizes*: it rests
// on GMP's mpn_sec_* functions, which branch on nothing and read no address that depends on a value.
//
// Memory is wiped at the end of its life, scratch included. What remains visible is the limb count of a
// `bigint` at the moment it is read or written here, and the leading zero bits of a divisor's upper limb.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/modular/limb_block.hpp>

#include <gmp.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace veilsum::paillier {

using integer::bigint;
using modular::limb;

// Limbs that hold so many bits.
constexpr std::size_t limbs_for(std::size_t bits) {
    return (bits + modular::limb_bits - 1) / modular::limb_bits;
}

class padded_integer {
  public:
    // Zero, with `size` >= 1 limbs.
    explicit padded_integer(std::size_t size) : limbs_{modular::limb_block(size)} { expects(size >= 1); }
    // |value|, which must be below 2^(64 size).
    padded_integer(const bigint& value, std::size_t size) : padded_integer(size) {
        const std::size_t used = mpz_size(value.get());
        expects(used <= size);
        const limb* source = mpz_limbs_read(value.get());
        for (std::size_t i = 0; i < size; ++i) {
            const limb present = 0 - static_cast<limb>(i < used);
            data()[i] = source[i & present] & present; // a bigint always owns or lends one limb
        }
    }

    std::size_t size() const { return limbs_.expose().size(); } // limbs
    limb* data() { return limbs_.expose().data(); }
    // Limbs, least significant first: secret.
    const limb* data() const { return limbs_.expose().data(); }

    // An explicit copy, wiped like the original.
    padded_integer clone() const { return resized(size()); }
    // Upper limbs are added as zeros or dropped.
    padded_integer resized(std::size_t new_size) const {
        padded_integer out(new_size);
        std::copy_n(data(), std::min(size(), new_size), out.data());
        return out;
    }

    // The value, negated where `negative` is all ones (it is 0 elsewhere).
    bigint to_integer(limb negative = 0) const {
        bigint out;
        const auto length = static_cast<mp_size_t>(size());
        std::copy_n(data(), size(), mpz_limbs_write(out.get(), length));
        const auto sign = static_cast<mp_size_t>(1 - 2 * (negative & 1));
        mpz_limbs_finish(out.get(), sign * length);
        return out;
    }

    // All ones if the value is `small`, else 0.
    limb mask_if(limb small) const {
        limb difference = data()[0] ^ small;
        for (std::size_t i = 1; i < size(); ++i) difference |= data()[i];
        return ((difference | (0 - difference)) >> 63) - 1;
    }

  private:
    secret<modular::limb_block> limbs_;
};

// Limbs, as GMP counts them.
inline mp_size_t length_of(const padded_integer& a) {
    return static_cast<mp_size_t>(a.size());
}

// a b, with as many limbs as both together.
inline padded_integer multiply(const padded_integer& a, const padded_integer& b) {
    if (a.size() < b.size()) return multiply(b, a);
    padded_integer out(a.size() + b.size());
    const auto itch = static_cast<std::size_t>(mpn_sec_mul_itch(length_of(a), length_of(b)));
    padded_integer scratch(std::max<std::size_t>(itch, 1));
    mpn_sec_mul(out.data(), a.data(), length_of(a), b.data(), length_of(b), scratch.data());
    return out;
}

// a mod m, with the limbs of m, whose uppermost is not zero.
inline padded_integer remainder(const padded_integer& a, const padded_integer& m) {
    padded_integer work = a.resized(std::max(a.size(), m.size()));
    padded_integer scratch(static_cast<std::size_t>(mpn_sec_div_r_itch(length_of(work), length_of(m))));
    mpn_sec_div_r(work.data(), length_of(work), m.data(), length_of(m), scratch.data());
    return work.resized(m.size());
}

// a b mod m, with the limbs of m.
inline padded_integer multiply_modulo(const padded_integer& a, const padded_integer& b,
                                      const padded_integer& m) {
    return remainder(multiply(a, b), m);
}

// Quotient and remainder, both padded.
struct division {
    padded_integer quotient;  // size(a) - size(m) + 1 limbs
    padded_integer remainder; // with the limbs of m
};

// size(a) >= size(m), and the uppermost limb of m is not zero.
inline division divide(const padded_integer& a, const padded_integer& m) {
    expects(a.size() >= m.size());
    padded_integer work = a.clone();
    padded_integer quotient(a.size() - m.size() + 1);
    padded_integer scratch(static_cast<std::size_t>(mpn_sec_div_qr_itch(length_of(a), length_of(m))));
    const limb top =
        mpn_sec_div_qr(quotient.data(), work.data(), length_of(a), m.data(), length_of(m), scratch.data());
    quotient.data()[a.size() - m.size()] = top;
    return {std::move(quotient), work.resized(m.size())};
}

// a <- a + b, b no longer than a; returns the carry.
inline limb add_to(padded_integer& a, const padded_integer& b) {
    expects(a.size() >= b.size());
    const padded_integer padded = b.resized(a.size());
    return mpn_add_n(a.data(), a.data(), padded.data(), length_of(a));
}

// a <- a + 1; returns the carry.
inline limb increment(padded_integer& a) {
    padded_integer one(a.size());
    one.data()[0] = 1;
    return mpn_add_n(a.data(), a.data(), one.data(), length_of(a));
}

// a <- a - b, equal sizes; returns all ones where a < b (the result is then 2^(64 size) too large), else 0.
inline limb subtract_from(padded_integer& a, const padded_integer& b) {
    expects(a.size() == b.size());
    return 0 - mpn_sub_n(a.data(), a.data(), b.data(), length_of(a));
}

// All ones if a < b, else 0; equal sizes.
inline limb mask_if_less(const padded_integer& a, const padded_integer& b) {
    padded_integer difference = a.clone();
    return subtract_from(difference, b);
}

// a - b mod m for a, b in [0, m), equal sizes.
inline padded_integer subtract_modulo(const padded_integer& a, const padded_integer& b,
                                      const padded_integer& m) {
    padded_integer out = a.clone();
    const limb borrow = subtract_from(out, b);
    mpn_cnd_add_n(borrow & 1, out.data(), out.data(), m.data(), length_of(m));
    return out;
}

// `yes` where the mask has ones, `no` where it has zeros; equal sizes.
inline padded_integer select(limb mask, const padded_integer& yes, const padded_integer& no) {
    expects(yes.size() == no.size());
    padded_integer out = no.clone();
    for (std::size_t i = 0; i < out.size(); ++i) out.data()[i] ^= mask & (yes.data()[i] ^ no.data()[i]);
    return out;
}

} // namespace veilsum::paillier
