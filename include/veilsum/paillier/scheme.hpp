// The sizes of one Damgard-Jurik cryptosystem, fixed at compile time.
//
//     plaintexts  M in Z, |M| < n^s / 2        ciphertexts  c in (Z / n^(s+1))^*
//
// n = p q has exactly `modulus_bits` bits and s = `degree`; s = 1 is Paillier's scheme (EUROCRYPT 1999),
// s > 1 its generalisation by Damgard and Jurik (PKC 2001). A greater degree carries more plaintext in a
// ciphertext byte, s/(s+1) of it, at about (s+1)^2/4 times the work of s = 1 for each multiplication.
//
//     using scheme = paillier::scheme<3072>;       // degree 1
//     using wide   = paillier::scheme<2048, 2>;
//     using plain  = paillier::scheme<3072, 1, modular::gmp_engine>;     // no vector unit, whatever there is
//
// Moduli below 2048 bits do not compile. The one list of permitted sizes is `is_permitted_modulus`.
#pragma once

#include <veilsum/modular/default_engine.hpp>
#include <veilsum/paillier/exponent_policy.hpp>

#include <cstddef>

namespace veilsum::paillier {

template <std::size_t Bits>
inline constexpr bool is_permitted_modulus =
    Bits == 2048 || Bits == 3072 || Bits == 4096; // what keys of users have

// The largest s.
inline constexpr std::size_t max_degree = 3;

// `Engine` does the arithmetic (modular/engine.hpp); keys and ciphertexts have the same bytes with any.
template <std::size_t ModulusBits, std::size_t Degree = 1,
          template <std::size_t> class Engine = modular::default_engine>
struct scheme {
    static_assert(is_permitted_modulus<ModulusBits>, "the modulus has 2048, 3072 or 4096 bits");
    static_assert(Degree >= 1 && Degree <= max_degree, "the degree is 1, 2 or 3");

    static constexpr std::size_t modulus_bits = ModulusBits;
    static constexpr std::size_t degree = Degree; // s
    // The fewest bits that n^s can have: n >= 2^(modulus_bits - 1).
    static constexpr std::size_t plaintext_bits = Degree * (ModulusBits - 1) + 1;
    // Of n^(s+1), at most.
    static constexpr std::size_t ciphertext_bits = (Degree + 1) * ModulusBits;
    // Of n, which has exactly ModulusBits bits.
    static constexpr std::size_t modulus_bytes = ModulusBits / 8;
    // Of one ciphertext in its canonical encoding.
    static constexpr std::size_t ciphertext_bytes = ciphertext_bits / 8;

    // Arithmetic modulo n^(s+1), and the owner's modulo p^(s+1) and q^(s+1).
    using engine = Engine<ciphertext_bits>;
    using half_engine = Engine<ciphertext_bits / 2>; // modulo the squares of the primes, for the key's owner
};

} // namespace veilsum::paillier
