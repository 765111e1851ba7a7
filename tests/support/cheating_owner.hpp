// The best that the owner of a bad modulus can do: it knows all prime factors, takes every root that exists,
// and puts something into the proof where none does. What it makes is a well-formed proof; tests see it
// refused.
#pragma once

#include "support/bad_moduli.hpp"

#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/sample.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/transcript/transcript.hpp>
#include <veilsum/zk/auxiliary_modulus.hpp>
#include <veilsum/zk/blum_modulus.hpp>
#include <veilsum/zk/challenge.hpp>
#include <veilsum/zk/coprime_modulus.hpp>
#include <veilsum/zk/fiat_shamir.hpp>
#include <veilsum/zk/no_small_factor.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace veilsum::test {

// The key of a modulus with the root 4, which is a unit and a square modulo every odd n.
template <class Scheme>
paillier::public_key<Scheme> key_of(const integer::bigint& n) {
    return paillier::public_key<Scheme>::create(n, 4).value();
}

// A root modulo each prime, put together; nothing if one does not exist. The primes differ.
using prime_root =
    std::function<std::optional<integer::bigint>(const integer::bigint& u, const integer::bigint& prime)>;
inline std::optional<integer::bigint> root_modulo(const integer::bigint& u, const known_modulus& modulus,
                                                  const prime_root& root) {
    integer::bigint out = 0;
    for (const auto& prime : modulus.factors) {
        const auto part = root(u % prime, prime);
        if (!part) return std::nullopt;
        const integer::bigint others = modulus.n / prime;
        out += *part * others * *invert(others, prime);
    }
    return out % modulus.n;
}

// x with x^e = u modulo a prime, where gcd(e, prime - 1) = g is such that g and (prime - 1)/g are coprime.
inline std::optional<integer::bigint> power_root(const integer::bigint& u, const integer::bigint& e,
                                                 const integer::bigint& prime) {
    const integer::bigint g = gcd(e, prime - 1), order = (prime - 1) / g;
    if (power_vartime(u, order, prime) != 1) return std::nullopt;
    return power_vartime(u, *invert(e, order), prime);
}

// Roots, and how many of them are right.
template <class Proof>
struct attempt {
    Proof proof;
    std::size_t answered = 0;
};

// n-th roots of all challenges that have one, and 2 for the others.
template <class Scheme>
attempt<typename zk::coprime_modulus<Scheme>::proof> cheat_coprime(const transcript::transcript& context,
                                                                   const paillier::public_key<Scheme>& key,
                                                                   const known_modulus& modulus) {
    using relation = zk::coprime_modulus<Scheme>;
    const auto units = relation::derive_challenge(context, {key}).value();
    attempt<typename relation::proof> made{};
    for (std::size_t i = 0; i < units.size(); ++i) {
        const auto root = root_modulo(units[i], modulus, [&](const auto& u, const auto& prime) {
            return power_root(u, modulus.n, prime);
        });
        made.proof.roots[i] = root.value_or(integer::bigint(2));
        made.answered += root ? 1u : 0u;
    }
    return made;
}

// A fourth root modulo a prime that is 3 modulo 4 or 5 modulo 8.
inline std::optional<integer::bigint> fourth_root(const integer::bigint& u, const integer::bigint& prime) {
    return power_root(u, 4, prime);
}

// Fourth roots for the best of `tries` values of w.
template <class Scheme>
attempt<typename zk::blum_modulus<Scheme>::proof>
cheat_blum(const transcript::transcript& context, const paillier::public_key<Scheme>& key,
           const known_modulus& modulus, std::size_t tries, seeded_random& rng) {
    using relation = zk::blum_modulus<Scheme>;
    using integer::bigint;
    attempt<typename relation::proof> best{};
    while (tries > 0) {
        attempt<typename relation::proof> made{};
        bigint& w = made.proof.announcement.w;
        w = integer::random_unit(modulus.n, rng);
        if (mpz_jacobi(w.get(), modulus.n.get()) != -1) continue;
        --tries;
        const auto units = relation::derive_challenge(context, {key}, made.proof.announcement).value();
        for (std::size_t i = 0; i < units.size(); ++i) {
            auto& root = made.proof.roots[i];
            root = {2, false, false};
            for (int choice = 0; choice < 4; ++choice) {
                const bool negated = (choice & 1) != 0, shifted = (choice & 2) != 0;
                bigint u = shifted ? w * units[i] % modulus.n : units[i];
                if (negated) u = modulus.n - u;
                if (auto x = root_modulo(u, modulus, fourth_root)) {
                    root = {*std::move(x), negated, shifted};
                    ++made.answered;
                    break;
                }
            }
        }
        if (made.answered >= best.answered) best = std::move(made);
    }
    return best;
}

// A conversation of no_small_factor for integers a, b of any size, with honest masks and no questions asked.
// `last_word` may change the response before it is sent.
template <class Scheme>
typename zk::no_small_factor<Scheme>::proof
cheat_factors(const transcript::transcript& context, const paillier::public_key<Scheme>& key,
              const integer::bigint& a, const integer::bigint& b, seeded_random& rng,
              const std::function<void(typename zk::no_small_factor<Scheme>::response&)>& last_word = {}) {
    using relation = zk::no_small_factor<Scheme>;
    using integer::bigint;
    const auto& aux = zk::auxiliary_modulus::instance();
    const auto raise = [&](const bigint& base, const bigint& exponent) {
        return power_vartime(base, exponent, aux.modulus());
    };
    const auto draw = [&](std::size_t bits) { return integer::random_bits(bits, rng); };
    const bigint mu = draw(relation::hiding_bits), nu = draw(relation::hiding_bits);
    const bigint alpha = draw(relation::z_bits), beta = draw(relation::z_bits);
    const bigint x = draw(relation::w_bits), y = draw(relation::w_bits), r = draw(relation::v_bits);
    typename relation::announcement first;
    first.P = aux.multiply(raise(aux.s(), a), raise(aux.t(), mu));
    first.Q = aux.multiply(raise(aux.s(), b), raise(aux.t(), nu));
    first.A = aux.multiply(raise(aux.s(), alpha), raise(aux.t(), x));
    first.B = aux.multiply(raise(aux.s(), beta), raise(aux.t(), y));
    first.T = aux.multiply(raise(first.Q, alpha), raise(aux.t_inverse(), r));
    const typename relation::statement claim{key};
    const bigint e =
        zk::to_integer(zk::derive_challenge<relation>(zk::bind<relation>(context, claim), claim, first));
    typename relation::response answer{alpha + e * a, beta + e * b, x + e * mu, y + e * nu, r + e * nu * a};
    if (last_word) last_word(answer);
    return {std::move(first), std::move(answer)};
}

} // namespace veilsum::test
