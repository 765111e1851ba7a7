// Toy sizes and fixed keys for the tests. Include it FIRST: it permits moduli of 256 and 512 bits, which
// exist nowhere else, and must do so before any scheme of these sizes is named.
//
//     using toy = test::toy_scheme<2>;                                  512 bits, degree 2
//     const auto& key   = test::fixed_public_key<toy>();
//     const auto& owner = test::fixed_private_key<toy>();
//     integer::prime_pair pair = test::fixed_prime_pair<2048>();        safe primes, for a dealer
//
// TEST KEYS. Their primes are in fixed_primes.hpp: whatever is encrypted under them is public.
#pragma once

#include <veilsum/paillier/scheme.hpp>

namespace veilsum::paillier {
template <>
inline constexpr bool is_permitted_modulus<256> = true;
template <>
inline constexpr bool is_permitted_modulus<512> = true;
} // namespace veilsum::paillier

#include "support/fixed_primes.hpp"
#include "support/toy_instances.hpp"

#include <veilsum/paillier/private_key.hpp>
#include <veilsum/paillier/public_key.hpp>

#include <cstddef>
#include <utility>

namespace veilsum::test {

template <std::size_t Degree = 1>
using toy_scheme = paillier::scheme<512, Degree>;
template <std::size_t Degree = 1>
using tiny_scheme = paillier::scheme<256, Degree>;

// n with the root y^2, y = 2^(bits - 3) + 12345.
template <class Scheme, std::size_t Number = 0>
const paillier::public_key<Scheme>& fixed_public_key() {
    static const paillier::public_key<Scheme> key = [] {
        const integer::prime_pair primes = fixed_prime_pair<Scheme::modulus_bits, Number>();
        integer::bigint n = primes.p.expose() * primes.q.expose();
        const integer::bigint y = (integer::bigint(1) << (Scheme::modulus_bits - 3)) + integer::bigint(12345);
        integer::bigint root = y * y % n;
        return *paillier::public_key<Scheme>::create(std::move(n), std::move(root));
    }();
    return key;
}

template <class Scheme, std::size_t Number = 0>
const paillier::private_key<Scheme>& fixed_private_key() {
    static const paillier::private_key<Scheme> key = *paillier::private_key<Scheme>::create(
        fixed_public_key<Scheme, Number>(), fixed_prime_pair<Scheme::modulus_bits, Number>());
    return key;
}

} // namespace veilsum::test
