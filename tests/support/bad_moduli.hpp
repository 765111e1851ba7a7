// Moduli that a public key must not have, one maker for each kind, with all prime factors: what a malicious
// owner knows. Nothing here is random enough for a real key; include support/toy.hpp first for toy sizes.
//
//     kind                   refused by
//     one bit short, long    public_key::create, check 1
//     even                   check 2
//     factor below 2^16      check 3
//     square                 check 4
//     prime                  check 5
//     shared factor          coprime_modulus: gcd(n, phi(n)) > 1, by p | q - 1 or by p^2 | n
//     small factor           no_small_factor
//     three primes           blum_modulus
//     not Blum               blum_modulus: a prime that is 1 modulo 4
#pragma once

#include "support/seeded_random.hpp"

#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/sample.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace veilsum::test {

struct known_modulus {
    integer::bigint n;
    std::vector<integer::bigint> factors; // primes, with multiplicity
};

inline known_modulus product_of(std::vector<integer::bigint> factors) {
    integer::bigint n = 1;
    for (const auto& factor : factors) n *= factor;
    return {std::move(n), std::move(factors)};
}

// A prime of exactly `bits` bits that is `residue` modulo `modulus`; the upper two bits are set if bits > 20.
inline integer::bigint prime_in_class(std::size_t bits, std::uint64_t residue, const integer::bigint& modulus,
                                      seeded_random& rng) {
    using integer::bigint;
    for (;;) {
        bigint candidate = integer::random_bits(bits, rng);
        if (bits > 20) mpz_setbit(candidate.get(), bits - 2);
        mpz_setbit(candidate.get(), bits - 1);
        candidate += residue - candidate % modulus;
        // On through the class: far faster than fresh draws, and uniformity does not matter here.
        for (int step = 0; step < 4096 && candidate.bit_length() == bits; ++step, candidate += modulus)
            if (is_probable_prime(candidate, 25)) return candidate;
    }
}
inline integer::bigint blum_prime(std::size_t bits, seeded_random& rng) {
    return prime_in_class(bits, 3, 4, rng);
}

// The maker's product, drawn again until it has exactly `bits` bits.
template <class Maker>
known_modulus of_length(std::size_t bits, const Maker& make) {
    for (;;) {
        known_modulus made = make();
        if (made.n.bit_length() == bits) return made;
    }
}

template <std::size_t Bits>
struct bad_moduli {
    using bigint = integer::bigint;
    static constexpr std::size_t half = Bits / 2;

    static known_modulus one_bit_short(seeded_random& rng) {
        return of_length(Bits - 1, [&] { return two(half, half - 1, rng); });
    }
    static known_modulus one_bit_long(seeded_random& rng) {
        return of_length(Bits + 1, [&] { return two(half, half + 1, rng); });
    }
    static known_modulus even(seeded_random& rng) {
        return product_of({bigint(2), blum_prime(Bits - 1, rng)});
    }
    static known_modulus square(seeded_random& rng) {
        const bigint p = blum_prime(half, rng);
        return product_of({p, p});
    }
    static known_modulus prime(seeded_random& rng) { return product_of({blum_prime(Bits, rng)}); }

    // A factor of factor_bits bits; both primes are 3 modulo 4.
    static known_modulus small_factor(std::size_t factor_bits, seeded_random& rng) {
        return of_length(Bits, [&] { return two(factor_bits, Bits - factor_bits, rng); });
    }
    // p of p_bits bits, at most Bits/2 - 16, divides q - 1, so x -> x^n is not a permutation modulo q.
    static known_modulus shared_factor(std::size_t p_bits, seeded_random& rng) {
        return of_length(Bits, [&] {
            const bigint p = blum_prime(p_bits, rng);
            for (;;) {
                const bigint q = prime_in_class(Bits - p_bits, 1, p, rng);
                if (q.bit(1)) return product_of({p, q}); // 3 modulo 4 too
            }
        });
    }
    // p^2 q: p divides phi(n).
    static known_modulus repeated_factor(seeded_random& rng) {
        return of_length(Bits, [&] {
            const bigint p = blum_prime(Bits / 4, rng);
            return product_of({p, p, blum_prime(half, rng)});
        });
    }
    // All three are 3 modulo 4 and of about the same length.
    static known_modulus three_primes(seeded_random& rng) {
        return of_length(Bits, [&] {
            const std::size_t third = (Bits + 2) / 3;
            return product_of(
                {blum_prime(third, rng), blum_prime(third, rng), blum_prime(Bits - 2 * third + 1, rng)});
        });
    }
    // p = 5 modulo 8; q = 3 modulo 4, or 5 modulo 8 too.
    static known_modulus not_blum(bool both, seeded_random& rng) {
        return of_length(Bits, [&] {
            const bigint q = both ? prime_in_class(half, 5, 8, rng) : blum_prime(half, rng);
            return product_of({prime_in_class(half, 5, 8, rng), q});
        });
    }

  private:
    static known_modulus two(std::size_t p_bits, std::size_t q_bits, seeded_random& rng) {
        return product_of({blum_prime(p_bits, rng), blum_prime(q_bits, rng)});
    }
};

} // namespace veilsum::test
