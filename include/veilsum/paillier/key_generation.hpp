// New keys: n = p q and root = y^2 mod n for a random unit y.
//
//     random::system_random rng;
//     auto pair = paillier::generate_key<paillier::scheme<3072>>(rng);             // a second or two
//     auto safe = paillier::generate_key<paillier::scheme<3072>, true>(rng, watcher);   // minutes
//
// `Safe` asks for p = 2p' + 1, q = 2q' + 1 with p', q' prime, as threshold decryption needs. Generate a key
// once and keep it. All of it is variable time in the primes: do it where nobody else measures.
#pragma once

#include <veilsum/core/progress.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/integer/primes.hpp>
#include <veilsum/integer/sample.hpp>
#include <veilsum/modular/fermat.hpp>
#include <veilsum/paillier/private_key.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/random/random_source.hpp>

#include <cstddef>
#include <utility>

namespace veilsum::paillier {

// Both halves of a key that has one owner.
template <class Scheme>
struct key_pair {
    public_key<Scheme> public_half;   // for everybody
    private_key<Scheme> private_half; // stays with the owner
};

// The primes of a key for this scheme, safe or not, found with the fastest engine of the processor. Errors:
// those of generate_prime_pair.
template <class Scheme, bool Safe = false, random::random_source Source>
result<integer::prime_pair> generate_primes(Source& rng, const progress& watcher = {}) {
    return integer::generate_prime_pair<Safe>(Scheme::modulus_bits, rng, watcher,
                                              modular::fermat_batch(Scheme::modulus_bits / 2));
}

// The public key of given primes with a fresh root. Errors: those of public_key::create (the primes' fault).
template <class Scheme, random::random_source Source>
result<public_key<Scheme>> make_public_key(const integer::prime_pair& primes, Source& rng) {
    const bigint n = primes.p.expose() * primes.q.expose();
    if (n <= bigint(1)) return error{errc::out_of_range, "bit length of the modulus", 1};
    const bigint y = integer::random_unit(n, rng);
    return public_key<Scheme>::create(n, y * y % n);
}

// A key without trustees: whoever holds private_half decrypts. Errors: those of generate_primes and
// make_public_key.
template <class Scheme, bool Safe = false, random::random_source Source>
result<key_pair<Scheme>> generate_key(Source& rng, const progress& watcher = {}) {
    auto primes = generate_primes<Scheme, Safe>(rng, watcher);
    if (!primes) return primes.error();
    auto key = make_public_key<Scheme>(*primes, rng);
    if (!key) return key.error();
    auto owner = private_key<Scheme>::create(*key, *std::move(primes));
    if (!owner) return owner.error();
    return key_pair<Scheme>{*std::move(key), *std::move(owner)};
}

} // namespace veilsum::paillier
