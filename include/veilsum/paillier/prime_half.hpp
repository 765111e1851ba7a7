// The owner's half of decryption modulo one prime p of n = p q:  from c mod p^(s+1) to M mod p^s.
//
//     c = (1+n)^M r^(n^s)    =>    c^(p-1) = (1+n)^(M (p-1))  mod p^(s+1)
//
// because the group modulo p^(s+1) has p^s (p-1) elements and n^s (p-1) is a multiple of that. The logarithm
// of the right side to the base 1+n is M (p-1) mod p^s (principal_units.hpp with b = p), and p-1 is a unit
// there. For s = 1 this is Paillier's L_p(c^(p-1) mod p^2) h_p mod p.
//
// Reference: Paillier, "Public-key cryptosystems based on composite degree residuosity classes", EUROCRYPT
// 1999, section 7; for s > 1 the same with the logarithm above.
//
// Constant time: the power by the engine, everything around it on padded integers, the reduction of c modulo
// the secret p^(s+1) too. The constructor divides and inverts in variable time, once for a key.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/paillier/ciphertext_vector.hpp>
#include <veilsum/paillier/padded_integer.hpp>
#include <veilsum/paillier/principal_units.hpp>

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace veilsum::paillier {

// Holds the prime; memory is wiped by its members.
template <class Scheme>
class prime_half {
  public:
    using engine = typename Scheme::half_engine;
    static constexpr std::size_t prime_bits = Scheme::modulus_bits / 2;

    // p prime with exactly prime_bits bits, n a multiple of p, n/p a unit modulo p.
    prime_half(const bigint& p, const bigint& n)
        : units_(p, n, Scheme::degree), ring_(units_.modulus().to_integer()), exponent_(p - 1),
          inverse_(units_.order().size()) {
        expects(p.bit_length() == prime_bits);
        const std::optional<bigint> inverse = invert(exponent_.expose(), units_.order().to_integer());
        expects(inverse.has_value());
        inverse_ = padded_integer(*inverse, units_.order().size());
    }

    struct residues {
        std::vector<bigint> plaintexts; // M_k mod p^s
        bool sound;                     // every c_k^(p-1) was 1 modulo p, as Fermat says
    };

    // Cost: one power with an exponent of prime_bits bits modulo p^(s+1) for each ciphertext.
    residues decrypt(const ciphertext_vector<Scheme>& ciphertexts) const {
        auto powers = ring_.make(ciphertexts.size());
        parallel_for(ciphertexts.size(), [&](std::size_t k) { enter(powers, k, ciphertexts[k]); });
        ring_.power_secret(powers, powers, exponent_, prime_bits);
        residues out{std::vector<bigint>(ciphertexts.size()), false};
        std::vector<limb> in_group(ciphertexts.size());
        parallel_for(ciphertexts.size(), [&](std::size_t k) {
            const padded_integer power(ring_.get(powers, k), units_.modulus().size());
            const auto log = units_.log(power);
            out.plaintexts[k] = multiply_modulo(log.exponent, inverse_, units_.order()).to_integer();
            in_group[k] = log.in_group;
        });
        powers.wipe();
        limb all = ~limb{0};
        for (const limb one : in_group) all &= one;
        out.sound = all != 0;
        return out;
    }

    // Whether w is an n^s-th residue modulo p^(s+1), that is w^(p-1) = 1. Cost: one power.
    bool holds_residue(const bigint& w) const {
        auto power = ring_.make(1);
        enter(power, 0, w);
        ring_.power_secret(power, power, exponent_, prime_bits);
        return ring_.get(power, 0) == bigint(1);
    }

  private:
    // Entry k <- number mod p^(s+1), for a number of at most ciphertext_bits bits.
    void enter(typename engine::vector& out, std::size_t k, const bigint& number) const {
        const padded_integer padded(number, limbs_for(Scheme::ciphertext_bits));
        ring_.set(out, k, remainder(padded, units_.modulus()).to_integer());
    }

    principal_units units_;
    engine ring_;
    secret<bigint> exponent_; // p - 1
    padded_integer inverse_;  // (p-1)^(-1) mod p^s
};

} // namespace veilsum::paillier
