// Dealing: from the two primes of a key to shares of its decryption exponent.
//
//     p = 2p'+1, q = 2q'+1 safe primes,   m = p'q'
//     d = 0 mod m,  d = 1 mod n^s                       c^(2d) = (1+n)^(2M)
//     f(X) = d + a_1 X + ... + a_{t-1} X^(t-1),  a_j uniform in Z_{n^s m};     s_i = f(i) mod n^s m
//     v = ((1+n) h_s)^2,   v_i = v^(Delta s_i) mod n^(s+1)
//
// Ref: Damgard, Jurik, PKC 2001, section 4; Shoup, EUROCRYPT 2000.   spec: threshold, steps 1 and 2
//
// The dealer is the one who knows the primes; it is trusted to forget them and to have shown its shares to
// nobody but their trustees. `deal` consumes the primes and wipes them, with d, m and the polynomial, before
// it returns; what remains of them is in the copies that the caller made.
//
// Safe primes give the squares modulo n^(s+1) a cyclic group of order n^s p'q' without small factors, which
// the share proofs need. Only the dealer can see that they are safe, so the library refuses others here.
//
// Variable time in places (inversions, interpolation): for the ceremony machine, once. Cost: l powers with
// secret exponents of (s+1) bits(n) bits, and two primality tests.
//
// Errors: 1 p q is not the n of the key (mismatch); 2 p and q are not safe primes (bad_parameter).
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/party.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/core/wiped_stack.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/primes.hpp>
#include <veilsum/integer/sample.hpp>
#include <veilsum/integer/shamir.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/threshold/key_share.hpp>
#include <veilsum/threshold/lengths.hpp>
#include <veilsum/threshold/structure.hpp>
#include <veilsum/threshold/verification_keys.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace veilsum::threshold {

// The public half goes on the record, shares[i - 1] to trustee i and to nobody else.
template <class Scheme>
struct dealing {
    verification_keys<Scheme> verification; // public
    std::vector<key_share<Scheme>> shares;  // [i - 1] for trustee i
};

// Deals shares of the key whose factors these are; the primes are wiped. Errors: mismatch, check 1, when they
// are not the factors of `key`; bad_parameter, check 2, when they are not safe primes.
template <class Scheme, random::random_source Source>
result<dealing<Scheme>> deal(integer::prime_pair&& primes, const paillier::public_key<Scheme>& key,
                             const structure& who, Source& rng) {
    using integer::bigint;
    const wiped_stack afterwards;
    const integer::prime_pair used = std::move(primes);
    const bigint& p = used.p.expose();
    const bigint& q = used.q.expose();
    if (p <= 1 || q <= 1 || p * q != key.n()) return error{errc::mismatch, "primes of the key", 1};
    const secret<bigint> half_p((p - 1) / 2), half_q((q - 1) / 2);
    for (const bigint* prime : {&p, &q, &half_p.expose(), &half_q.expose()})
        if (!is_probable_prime(*prime, integer::prime_test_rounds))
            return error{errc::bad_parameter, "safe primes", 2};

    // spec: threshold, step 1. gcd(m, n) = 1 because p and q are safe and of one length.
    const secret<bigint> m(half_p.expose() * half_q.expose());
    const secret<bigint> order(key.n_to_s() * m.expose());
    const std::optional<bigint> inverse = invert(m.expose(), key.n_to_s());
    expects(inverse.has_value());
    const secret<bigint> d(m.expose() * *inverse);
    std::vector<secret<bigint>> values = integer::share(d, order.expose(), who.quorum(), who.trustees(), rng);

    // spec: threshold, step 2
    const bigint base = verification_base(key);
    const auto& ring = key.arithmetic();
    std::vector<bigint> of_trustees(who.trustees());
    parallel_for(of_trustees.size(), [&](std::size_t i) {
        auto power = ring.make(1);
        ring.set(power, 0, base);
        const secret<bigint> exponent(who.delta() * values[i].expose());
        ring.power_secret(power, power, exponent, lengths<Scheme>::exponent_bits(who));
        of_trustees[i] = ring.get(power, 0);
    });

    auto verification = verification_keys<Scheme>::create(key, who, std::move(of_trustees));
    if (!verification) return verification.error();
    std::vector<key_share<Scheme>> shares;
    for (std::uint32_t i = 1; i <= who.trustees(); ++i) {
        auto share = key_share<Scheme>::create(key, who, party_id(i), std::move(values[i - 1]));
        if (!share) return share.error();
        shares.push_back(*std::move(share));
    }
    return dealing<Scheme>{*std::move(verification), std::move(shares)};
}

} // namespace veilsum::threshold
