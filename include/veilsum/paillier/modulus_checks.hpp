// What everybody can see of a modulus without its factors: the cheap half of the checks of a public key.
//
// A modulus that passes can still have three factors, or share one with phi(n): that takes proofs (zk/). What
// is refused here has been used against real systems (CVE-2023-33241 among others): a modulus with small
// factors lets its maker learn residues of what is multiplied into ciphertexts, a prime one lets everybody
// decrypt, a prime power breaks the isomorphism that the homomorphism rests on.
#pragma once

#include <veilsum/core/result.hpp>
#include <veilsum/integer/bigint.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace veilsum::paillier {

using integer::bigint;

// Odd primes below `bound`, in order.
inline std::vector<std::uint32_t> sieve_odd_primes(std::uint32_t bound) {
    std::vector<bool> composite(bound);
    std::vector<std::uint32_t> found;
    for (std::uint32_t candidate = 3; candidate < bound; candidate += 2) {
        if (composite[candidate]) continue;
        found.push_back(candidate);
        for (std::uint64_t multiple = std::uint64_t{candidate} * candidate; multiple < bound;
             multiple += 2 * candidate)
            composite[static_cast<std::size_t>(multiple)] = true;
    }
    return found;
}

// Odd primes below 2^16, in order; made once. (By a named function: a compiler would try to evaluate a lambda
// here at compile time, in each file that includes this.)
inline const std::vector<std::uint32_t>& small_odd_primes() {
    static const std::vector<std::uint32_t> primes = sieve_odd_primes(1u << 16);
    return primes;
}

// Checks 1 to 5 of a public key, cheapest first.  spec: paillier, section 3
//   1  exactly `modulus_bits` bits, positive       out_of_range   "bit length of the modulus"
//   2  odd                                         bad_parameter  "parity of the modulus"
//   3  no prime factor below 2^16                  bad_parameter  "small factor of the modulus"
//   4  not a perfect power                         bad_parameter  "modulus is a perfect power"
//   5  not prime                                   bad_parameter  "modulus is prime"
// Cost: 6541 divisions by one word and one primality test that a composite fails in its first round: about
// one power modulo n.
inline result<void> check_modulus(const bigint& n, std::size_t modulus_bits) {
    if (n.is_negative() || n.bit_length() != modulus_bits)
        return error{errc::out_of_range, "bit length of the modulus", 1};
    if (!n.is_odd()) return error{errc::bad_parameter, "parity of the modulus", 2};
    for (const std::uint32_t prime : small_odd_primes())
        if (mpz_divisible_ui_p(n.get(), prime) != 0)
            return error{errc::bad_parameter, "small factor of the modulus", 3};
    if (is_perfect_power(n)) return error{errc::bad_parameter, "modulus is a perfect power", 4};
    if (is_probable_prime(n, 32)) return error{errc::bad_parameter, "modulus is prime", 5};
    return {};
}

} // namespace veilsum::paillier
