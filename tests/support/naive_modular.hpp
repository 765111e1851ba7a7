// Modular arithmetic as it is defined, slow and plain: the reference for every engine.
#pragma once

#include "support/seeded_random.hpp"

#include <veilsum/integer/bigint.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace veilsum::tests {

using integer::bigint;

// Right-to-left square and multiply, with a division after each product.
inline bigint naive_power(const bigint& base, const bigint& exponent, const bigint& modulus) {
    bigint out = bigint(1) % modulus;
    bigint square = base % modulus;
    for (std::size_t i = 0; i < exponent.bit_length(); ++i) {
        if (exponent.bit(i)) out = out * square % modulus;
        square = square * square % modulus;
    }
    return out;
}

inline bigint naive_multi_power(std::span<const bigint> bases, std::span<const bigint> exponents,
                                const bigint& modulus) {
    bigint out = bigint(1) % modulus;
    for (std::size_t k = 0; k < bases.size(); ++k)
        out = out * naive_power(bases[k], exponents[k], modulus) % modulus;
    return out;
}

// base multiplied to 1 `exponent` times, for one-word moduli below 2^32.
inline std::uint64_t repeated_product(std::uint64_t base, std::uint64_t exponent, std::uint64_t modulus) {
    std::uint64_t out = 1 % modulus;
    for (std::uint64_t i = 0; i < exponent; ++i) out = out * base % modulus;
    return out;
}

inline bigint any_bits(seeded_random& rng, std::size_t bits) {
    return bigint::from_bytes(rng.draw((bits + 7) / 8)) % (bigint(1) << bits);
}
inline bigint any_below(seeded_random& rng, const bigint& bound) {
    return any_bits(rng, bound.bit_length() + 64) % bound;
}
// Odd, of exactly `bits` bits.
inline bigint any_modulus(seeded_random& rng, std::size_t bits) {
    bigint out = any_bits(rng, bits - 1) + (bigint(1) << (bits - 1));
    return out.is_odd() ? out : out + bigint(1);
}

// The values where carries and subtractions go wrong: 0, 1, 2, n - 1, n - 2, halves, runs of ones, and some
// that nobody chose; all in [0, n).
inline std::vector<bigint> edge_residues(seeded_random& rng, const bigint& n) {
    std::vector<bigint> out{bigint(0), bigint(1) % n, bigint(2) % n, n - bigint(1), n - bigint(2), n >> 1};
    const std::size_t bits = n.bit_length();
    for (const std::size_t run : {std::size_t{64}, bits / 2, bits - 1})
        out.push_back(((bigint(1) << run) - bigint(1)) % n);
    out.push_back((bigint(1) << (bits - 1)) % n);
    for (int i = 0; i < 4; ++i) out.push_back(any_below(rng, n));
    return out;
}

} // namespace veilsum::tests
