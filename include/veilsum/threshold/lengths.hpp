// Lengths of threshold decryption and of refresh, each with its reason. All are upper bounds on public sizes;
// the numbers themselves are secret. l trustees, quorum t, Delta = l!, epoch e.
//
//     share        s_i in [0, n^s m),  m = p'q' < n/4        share_bits = (s+1) bits(n) - 2
//     exponent     x_i = Delta s_i                 e = 0     share_bits + bitlen(Delta)
//                  x_i = Delta s_i + sum of z_k,i  e > 0     sub_share_bits + bitlen(e l)
//     power        c^(2 x_i)                                 exponent_bits + 1
//     coefficient  a_k,j uniform in [0, 2^B)                 B, below
//     sub-share    z_k,i = sum_{0 < j < t} a_k,j i^j         B + bitlen(w(l)),   w(i) = sum_{0 < j < t} i^j
//
// share_bits is known at compile time; the others depend on the structure and have compile-time caps. The
// response of a share proof is 256 bits longer than exponent_bits (zk/response_window.hpp).
//
// Why B. Let two dealings give the shares s_i and s_i' in [0, 2^share_bits), and let C be t - 1 trustees. The
// refreshes hide which of the two it was from C if D can be added to the sum of polynomials unnoticed, where
//
//     D(X) = sum_{i in C} Delta (s_i - s_i') X prod_{j in C, j != i} (X - j)
//                                                      / (i prod_{j in C, j != i} (i - j))
//
// is the polynomial with D(0) = 0 and D(i) = Delta (s_i - s_i') on C. Its coefficients are *integers*: the
// divisor is a product of differences of i to others of 0..l, and divides Delta. Their magnitudes add up to
// at most (t-1) Delta 2^share_bits (l+1)^(t-2), since those of X prod (X - j) add up to prod (1 + j). One
// refresh shifts by the difference of two such D (before, after), and uniform coefficients below 2^B shift
// unnoticed but for the sum of the magnitudes over 2^B. Over 2^epoch::bits refreshes that is at most 2^-128
// for
//
//     B = share_bits + bitlen(Delta) + (t-2) bitlen(l+1) + bitlen(t-1) + 1 + epoch::bits + 128
//
// This is why refresh adds to x_i = Delta s_i and not to s_i: an integer polynomial without constant term is
// divisible by i at i, so s_i + z_k,i would have the s_i mod i of the dealing for ever, and t - 1 such sums
// the old shares modulo the determinant of a Vandermonde matrix. x_i starts as a multiple of Delta, so
// nothing is there to be seen.   spec: refresh, lengths
#pragma once

#include <veilsum/core/party.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/threshold/epoch.hpp>
#include <veilsum/threshold/structure.hpp>
#include <veilsum/zk/response_window.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace veilsum::threshold {

template <class Scheme>
struct lengths {
    using bigint = integer::bigint;
    // Of s_i, which is below n^s phi(n) / 4.
    static constexpr std::size_t share_bits = Scheme::ciphertext_bits - 2;
    // Of s_i in a file.
    static constexpr std::size_t share_bytes = (share_bits + 7) / 8;

    // B. The structure has a quorum of at least 2.
    static std::size_t coefficient_bits(const structure& who) {
        return share_bits + who.delta_bits() + (who.quorum() - 2) * bits_of(who.trustees() + 1) +
               bits_of(who.quorum() - 1) + 1 + epoch::bits + zk::statistical_bits;
    }
    // The largest z_k,i that B allows.
    static bigint largest_sub_share(const structure& who, party_id trustee) {
        return ((bigint(1) << coefficient_bits(who)) - 1) * weight(who, trustee);
    }
    // Of every z_k,i, at most.
    static std::size_t sub_share_bits(const structure& who) {
        return coefficient_bits(who) + weight(who, party_id(who.trustees())).bit_length();
    }
    // Of z_k,i in a message.
    static std::size_t sub_share_bytes(const structure& who) { return (sub_share_bits(who) + 7) / 8; }

    // With l contributions of less than 2^sub_share_bits in each of e refreshes,
    // x_i < 2^(share_bits + bitlen(Delta)) + e l 2^sub_share_bits <= (e l + 1) 2^sub_share_bits.
    static std::size_t exponent_bits(const structure& who, epoch at = {}) {
        if (at.is_dealing()) return share_bits + who.delta_bits();
        return sub_share_bits(who) + bits_of(at.number() * who.trustees());
    }
    // Of 2 x_i.
    static std::size_t power_bits(const structure& who, epoch at = {}) { return exponent_bits(who, at) + 1; }

    // What a key share holds: s_i as it was dealt, x_i later.
    static std::size_t value_bits(const structure& who, epoch at) {
        return at.is_dealing() ? share_bits : exponent_bits(who, at);
    }
    // Of what a key share holds.
    static std::size_t value_bytes(const structure& who, epoch at) { return (value_bits(who, at) + 7) / 8; }

    // Of all structures and epochs, that of 64 of 64 at the end: 62 * 7 + 6 + 1 + 12 + 128 bits from
    // coefficient_bits, 379 = bitlen(w(64)), 18 = bitlen(4095 * 64).
    static constexpr std::size_t max_exponent_bits =
        share_bits + structure::max_delta_bits + (62 * 7 + 6 + 1 + 12 + 128) + 379 + 18;
    // For caps before a structure is known.
    static constexpr std::size_t max_value_bytes = (max_exponent_bits + 7) / 8;

    // The mask hides e x for every share and every challenge.
    static_assert(zk::response_window::mask_bits_of_one(share_bits) ==
                  share_bits + zk::challenge_bits + zk::statistical_bits);
    static_assert(Scheme::ciphertext_bits == (Scheme::degree + 1) * Scheme::modulus_bits);

  private:
    static std::size_t bits_of(std::uint32_t number) {
        return static_cast<std::size_t>(std::bit_width(number));
    }
    // w(i)
    static bigint weight(const structure& who, party_id trustee) {
        bigint sum = 0;
        for (std::uint32_t j = 1; j < who.quorum(); ++j) sum = (sum + 1) * trustee.index();
        return sum;
    }
};

} // namespace veilsum::threshold
