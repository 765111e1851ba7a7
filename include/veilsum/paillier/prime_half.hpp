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
// The power itself is taken for both primes together (modular/paired_power.hpp, private_key.hpp); here is
// what comes before and after it. Constant time: all of it is on padded integers, the reduction of c modulo
// the secret p^(s+1) too. The constructor divides and inverts in variable time, once for a key.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/paillier/padded_integer.hpp>
#include <veilsum/paillier/principal_units.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace veilsum::paillier {

// Holds the prime; memory is wiped by its members.
template <class Scheme>
class prime_half {
  public:
    // Of p, exactly.
    static constexpr std::size_t prime_bits = Scheme::modulus_bits / 2;

    // p prime with exactly prime_bits bits, n a multiple of p, n/p a unit modulo p.
    prime_half(const bigint& p, const bigint& n)
        : units_(p, n, Scheme::degree), exponent_(p - 1), inverse_(units_.order().size()) {
        expects(p.bit_length() == prime_bits);
        const std::optional<bigint> inverse = invert(exponent_.expose(), units_.order().to_integer());
        expects(inverse.has_value());
        inverse_ = padded_integer(*inverse, units_.order().size());
    }

    // p^(s+1)
    bigint modulus() const { return units_.modulus().to_integer(); }
    // p - 1
    const secret<bigint>& exponent() const { return exponent_; }

    // c_k mod p^(s+1) for numbers of at most ciphertext_bits bits.
    secret<std::vector<bigint>> reduce(std::span<const bigint> numbers) const {
        secret<std::vector<bigint>> out{std::vector<bigint>(numbers.size())};
        parallel_for(numbers.size(), [&](std::size_t k) {
            const padded_integer padded(numbers[k], limbs_for(Scheme::ciphertext_bits));
            out.expose()[k] = remainder(padded, units_.modulus()).to_integer();
        });
        return out;
    }

    // Plaintexts modulo one prime's power, and whether the check against faults held.
    struct residues {
        std::vector<bigint> plaintexts; // M_k mod p^s
        bool sound;                     // every c_k^(p-1) was 1 modulo p, as Fermat says
    };
    // From the c_k^(p-1).
    residues decode(const secret<std::vector<bigint>>& powers) const {
        const std::vector<bigint>& values = powers.expose();
        residues out{std::vector<bigint>(values.size()), false};
        std::vector<limb> in_group(values.size());
        parallel_for(values.size(), [&](std::size_t k) {
            const padded_integer power(values[k], units_.modulus().size());
            const auto log = units_.log(power);
            out.plaintexts[k] = multiply_modulo(log.exponent, inverse_, units_.order()).to_integer();
            in_group[k] = log.in_group;
        });
        limb all = ~limb{0};
        for (const limb one : in_group) all &= one;
        out.sound = all != 0;
        return out;
    }

  private:
    principal_units units_;
    secret<bigint> exponent_; // p - 1
    padded_integer inverse_;  // (p-1)^(-1) mod p^s
};

} // namespace veilsum::paillier
