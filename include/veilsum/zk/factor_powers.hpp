// Powers modulo n = p q for whoever knows p and q: roots, as the proofs about a modulus ask for them.
//
//     x^d mod n   from   x^(d_p) mod p   and   x^(d_q) mod q,      d_p = d mod p - 1,  d_q = d mod q - 1
//
// Two powers of half the length instead of one of full length, about four times cheaper, and the only way if
// d differs between p and q, as it does for square roots.
//
// Constant time in p, q, d_p, d_q: the reductions on padded integers, the powers by the engine, the
// recombination by integer/crt.hpp. `create` divides and inverts in variable time, once for a key.
//
// Faults: a result that is right modulo q and wrong modulo p gives the factors away. Whoever publishes a
// power checks it against its base first, as coprime_modulus.hpp and blum_modulus.hpp do.
//
// Checks of `create`, by number:
//   1  p and q have exactly half the modulus bits      out_of_range   "size of a prime"
//   2  p q = n                                         mismatch       "modulus of the key"
//   3  p and q are odd and coprime                     bad_parameter  "primes of the modulus"
// Whether they are primes is not checked: powers are right only if they are.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/crt.hpp>
#include <veilsum/integer/primes.hpp>
#include <veilsum/modular/default_engine.hpp>
#include <veilsum/paillier/padded_integer.hpp>

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace veilsum::zk {

template <std::size_t ModulusBits>
class factor_powers {
  public:
    using bigint = integer::bigint;
    static constexpr std::size_t prime_bits = ModulusBits / 2; // of p and of q

    // d_p and d_q in `p` and `q`, each in [0, 2^prime_bits).
    struct exponents {
        secret<bigint> p, q;
    };

    static result<factor_powers> create(const integer::prime_pair& primes, const bigint& n) {
        const bigint &p = primes.p.expose(), &q = primes.q.expose();
        for (const bigint* prime : {&p, &q})
            if (prime->is_negative() || prime->bit_length() != prime_bits)
                return error{errc::out_of_range, "size of a prime", 1};
        if (p * q != n) return error{errc::mismatch, "modulus of the key", 2};
        auto crt = integer::crt_pair::create(p, q);
        if (!p.is_odd() || !q.is_odd() || !crt) return error{errc::bad_parameter, "primes of the modulus", 3};
        return factor_powers(*std::move(crt));
    }

    // x^d mod n for each x in [0, n). Cost: two powers of prime_bits bits modulo prime_bits bits each;
    // threads share the batch.
    std::vector<bigint> power(std::span<const bigint> bases, const exponents& d) const {
        const auto modulo_p = half_powers(crt_.expose().p(), bases, d.p);
        const auto modulo_q = half_powers(crt_.expose().q(), bases, d.q);
        std::vector<bigint> out(bases.size());
        parallel_for(out.size(), [&](std::size_t i) {
            out[i] = crt_.expose().combine(modulo_p.expose()[i], modulo_q.expose()[i]);
        });
        return out;
    }

  private:
    explicit factor_powers(integer::crt_pair&& crt) : crt_(std::move(crt)) {}

    static secret<std::vector<bigint>> half_powers(const bigint& prime, std::span<const bigint> bases,
                                                   const secret<bigint>& exponent) {
        const modular::default_engine<prime_bits> field(prime);
        const paillier::padded_integer divisor(prime, paillier::limbs_for(prime_bits));
        auto powers = field.make(bases.size());
        parallel_for(bases.size(), [&](std::size_t i) {
            const paillier::padded_integer base(bases[i], paillier::limbs_for(ModulusBits));
            const secret<bigint> residue(paillier::remainder(base, divisor).to_integer());
            field.set(powers, i, residue.expose());
        });
        field.power_secret(powers, powers, exponent, prime_bits);
        secret out{std::vector<bigint>(bases.size())};
        for (std::size_t i = 0; i < bases.size(); ++i) out.expose()[i] = field.get(powers, i);
        powers.wipe();
        return out;
    }

    secret<integer::crt_pair> crt_;
};

} // namespace veilsum::zk
