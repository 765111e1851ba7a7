// The residues u = 1 mod b modulo b^(s+1), and their logarithm to the base 1+n.
//
//     Z / b^s  ->  { u mod b^(s+1) : u = 1 mod b },      x -> (1+n)^x,      b | n,  gcd(n/b, b) = 1
//
// is an isomorphism of groups. With b = n it carries the plaintext in and out of a ciphertext; with b = p and
// b = q it does so for the owner, who works modulo the prime powers. Modulo each prime that divides b the two
// directions are the exponential and the logarithm of the p-adic numbers:
//
//     power:  (1+n)^x = exp(x L) = sum_{k <= s} (x L)^k / k!          L = log(1+n) = sum (-1)^(k+1) n^k / k
//     log:    x = log(u) / L,    log(1 + z) = sum_{k <= s} (-1)^(k+1) z^k / k
//
// where z, L and n are multiples of b, so that all terms beyond s vanish modulo b^(s+1) (no prime factor of b
// is as small as s: they have more than 16 bits), and everything is divided by b once, exactly. Cost: s - 1
// products and remainders of s limbs(b) limbs for either direction, and two more.
//
// spec: paillier, section 4.  deviation: Damgard and Jurik (PKC 2001, section 3) extract the logarithm digit
// by digit to the base n, with about s^2 / 2 products, and expand (1+n)^x with binomial coefficients; the
// results are the same and the tests compare them. Two series of fixed length are shorter and branch on
// nothing.
//
// Constant time in x, u and in b, so that b may be a secret prime; the constructor is not (it inverts), and
// runs once for a key. Memory is wiped at the end of life.
#pragma once

#include <veilsum/paillier/padded_integer.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace veilsum::paillier {

class principal_units {
  public:
    // b odd, without prime factors <= s; n a multiple of b with n/b a unit modulo b; s >= 1.
    principal_units(const bigint& b, const bigint& n, std::size_t degree)
        : base_(b, limbs_for(b.bit_length())) {
        expects(degree >= 1 && b.is_odd() && (n % b).is_zero());
        bigint modulus = b; // b^s
        for (std::size_t k = 1; k < degree; ++k) modulus *= b;
        const std::size_t size = limbs_for(modulus.bit_length());
        modulus_.emplace_back(modulus, size);
        const bigint lifted = modulus * b; // b^(s+1)
        modulus_.emplace_back(lifted, limbs_for(lifted.bit_length()));

        // L / b = sum_k (-1)^(k+1) (n/b)^k b^(k-1) / k  mod b^s
        bigint scale;
        bigint term = n / b;
        for (std::size_t k = 1; k <= degree; ++k) {
            const std::optional<bigint> inverse = invert(bigint(k), modulus);
            expects(inverse.has_value());
            inverses_.emplace_back(*inverse, size);
            scale += k % 2 == 1 ? term * *inverse : -(term * *inverse);
            term *= n;
        }
        scale %= modulus;
        const std::optional<bigint> unscale = invert(scale, modulus);
        expects(unscale.has_value());
        scaled_ = scale != bigint(1);
        scale_.emplace_back(scale, size);
        scale_.emplace_back(*unscale, size);
    }

    // b^s: exponents count modulo it.
    const padded_integer& order() const { return modulus_[0]; }
    // b^(s+1)
    const padded_integer& modulus() const { return modulus_[1]; }

    // (1+n)^x mod b^(s+1) for x in [0, b^s), with the limbs of b^s.
    padded_integer power(const padded_integer& x) const {
        const padded_integer y = scaled_ ? multiply_modulo(x, scale_[0], order()) : x.clone();
        // 1 + b y (1 + b y/2 (1 + b y/3 (...))); b times a residue mod b^s is one mod b^(s+1)
        padded_integer sum(modulus().size());
        for (std::size_t k = inverses_.size(); k > 0; --k) {
            padded_integer factor = y.clone();
            if (k > 1) factor = multiply_modulo(factor, inverses_[k - 1], order());
            if (k < inverses_.size()) factor = multiply_modulo(factor, sum, order());
            sum = multiply(factor, base_).resized(modulus().size());
            increment(sum);
        }
        return sum;
    }

    // What `log` finds.
    struct logarithm {
        padded_integer exponent; // in [0, b^s); without meaning unless u = 1 mod b
        limb in_group;           // all ones if u = 1 mod b, else 0
    };
    // The x with (1+n)^x = u, for u in [0, b^(s+1)).
    logarithm log(const padded_integer& u) const {
        padded_integer z = u.clone();
        padded_integer one(z.size());
        one.data()[0] = 1;
        const limb zero = subtract_from(z, one); // u = 0 gives no group element and no quotient
        const division parts = divide(z, base_);
        const padded_integer t = parts.quotient.resized(order().size());
        const padded_integer reduced = remainder(z, order());
        // t (1 - z (1/2 - z (1/3 - ...)))
        padded_integer series = inverses_.back().clone();
        for (std::size_t k = inverses_.size() - 1; k > 0; --k)
            series = subtract_modulo(inverses_[k - 1], multiply_modulo(reduced, series, order()), order());
        padded_integer x = multiply_modulo(t, series, order());
        if (scaled_) x = multiply_modulo(x, scale_[1], order());
        return {std::move(x), parts.remainder.mask_if(0) & ~zero};
    }

  private:
    padded_integer base_;
    std::vector<padded_integer> modulus_;  // b^s, b^(s+1)
    std::vector<padded_integer> inverses_; // 1/1, ..., 1/s mod b^s
    std::vector<padded_integer> scale_;    // L/b and its inverse mod b^s
    bool scaled_ = true;                   // L/b != 1; it is 1 for b = n, s = 1
};

} // namespace veilsum::paillier
