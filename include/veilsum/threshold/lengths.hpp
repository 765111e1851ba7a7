// Lengths of threshold decryption, each with its reason. All are upper bounds on public sizes; the numbers
// themselves are secret.
//
//     share       s_i in [0, n^s m),  m = p'q' < n/4       share_bits    = (s+1) bits(n) - 2
//     exponent    x_i = Delta s_i                           exponent_bits = share_bits + bitlen(Delta)
//     power       c^(2 Delta s_i)                           power_bits    = exponent_bits + 1
//
// share_bits is known at compile time; the others depend on the number of trustees and have compile-time
// caps. The response of a share proof is 256 bits longer than exponent_bits (zk/response_window.hpp).
#pragma once

#include <veilsum/threshold/structure.hpp>
#include <veilsum/zk/response_window.hpp>

#include <cstddef>

namespace veilsum::threshold {

template <class Scheme>
struct lengths {
    static constexpr std::size_t share_bits = Scheme::ciphertext_bits - 2;
    static constexpr std::size_t share_bytes = (share_bits + 7) / 8;
    static constexpr std::size_t max_exponent_bits = share_bits + structure::max_delta_bits;

    static std::size_t exponent_bits(const structure& who) { return share_bits + who.delta_bits(); }
    static std::size_t power_bits(const structure& who) { return exponent_bits(who) + 1; }

    // The mask hides e x for every share and every challenge.
    static_assert(zk::response_window::mask_bits_of_one(share_bits) ==
                  share_bits + zk::challenge_bits + zk::statistical_bits);
    static_assert(Scheme::ciphertext_bits == (Scheme::degree + 1) * Scheme::modulus_bits);
};

} // namespace veilsum::threshold
