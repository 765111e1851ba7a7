// Chinese remainders: from x mod p and x mod q to x mod pq, for coprime p and q.
//
//     x = a + p ((b - a) p^-1 mod q),     0 <= x < p q          (Garner)
//
// Reference: Garner, "The residue number system", IRE Trans. EC-8 (1959); Menezes, van Oorschot, Vanstone,
// Handbook of Applied Cryptography, Algorithm 14.71 for two moduli.
//
// Whoever decrypts with the factors of a key ends with this step, so `combine` is constant time: it runs
// GMP's side-channel silent functions on numbers padded to the lengths of p and q, and wipes what they worked
// on. What is left is that a bigint has no leading zero limbs: copying one in or out takes time by its length
// in limbs, which differs from the modulus's with probability about 2^-64. `create` inverts in variable time,
// once for a key.
//
//     secret<crt_pair> key(*crt_pair::create(p, q));
//     bigint x = key.expose().combine(x_mod_p, x_mod_q);
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/integer/bigint.hpp>

#include <gmp.h>
#include <sodium/utils.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace veilsum::integer {

// Two coprime moduli with what recombination needs; as secret as they are.
class crt_pair {
  public:
    // Errors: bad_parameter if p or q is below 2 (check 1) or if they share a factor (check 2).
    static result<crt_pair> create(bigint p, bigint q) {
        if (p < 2 || q < 2) return error{errc::bad_parameter, "modulus below two", 1};
        std::optional<bigint> inverse = invert(p, q);
        if (!inverse) return error{errc::bad_parameter, "moduli with a common factor", 2};
        return crt_pair(std::move(p), std::move(q), std::move(*inverse));
    }

    const bigint& p() const { return p_; } // the first modulus
    const bigint& q() const { return q_; } // the second modulus

    // The x in [0, pq) with x = a mod p and x = b mod q; a in [0, p), b in [0, q).
    // Cost: two divisions and two products of the moduli's length.
    bigint combine(const bigint& a, const bigint& b) const {
        const std::size_t np = limbs(p_), nq = limbs(q_), n = std::max(np, nq), sum = np + nq;
        scratch memory(n + 6 * nq + 3 + 2 * sum + temporary_limbs(np, nq));

        mp_limb_t* const reduced = memory.take(n); // a mod q
        load(reduced, n, a);
        mp_limb_t* const difference = memory.take(nq + 1); // b + q - a mod q, in (0, 2q)
        load(difference, nq + 1, b);
        mp_limb_t* const inverse = memory.take(nq);
        load(inverse, nq, inverse_);
        mp_limb_t* const factor = memory.take(2 * nq + 1);
        mp_limb_t* const total = memory.take(sum);
        mp_limb_t* const shift = memory.take(sum);
        mp_limb_t* const temporary = memory.take(temporary_limbs(np, nq));
        const mp_limb_t* const p = mpz_limbs_read(p_.get());
        const mp_limb_t* const q = mpz_limbs_read(q_.get());

        // Out of range is a broken contract; whether a borrow comes out is all that is looked at.
        expects(!a.is_negative() && mpn_sub_n(shift, reduced, p, size(np)) != 0);
        expects(!b.is_negative() && mpn_sub_n(shift, difference, q, size(nq)) != 0);

        mpn_sec_div_r(reduced, size(n), q, size(nq), temporary);
        difference[nq] = mpn_add_n(difference, difference, q, size(nq));
        difference[nq] -= mpn_sub_n(difference, difference, reduced, size(nq));
        mpn_sec_mul(factor, difference, size(nq + 1), inverse, size(nq), temporary);
        mpn_sec_div_r(factor, size(2 * nq + 1), q, size(nq), temporary);
        if (np >= nq)
            mpn_sec_mul(total, p, size(np), factor, size(nq), temporary);
        else
            mpn_sec_mul(total, factor, size(nq), p, size(np), temporary);
        load(shift, sum, a);
        mpn_add_n(total, total, shift, size(sum)); // no carry: the result is below pq

        bigint x;
        std::copy_n(total, sum, mpz_limbs_write(x.get(), size(sum)));
        mpz_limbs_finish(x.get(), size(sum));
        return x;
    }

    void wipe() {
        p_.wipe();
        q_.wipe();
        inverse_.wipe();
    }

  private:
    // A block of limbs that is wiped at the end of its life.
    class scratch {
      public:
        explicit scratch(std::size_t count) : limbs_(count) {}
        scratch(const scratch&) = delete;
        scratch& operator=(const scratch&) = delete;
        ~scratch() { sodium_memzero(limbs_.data(), limbs_.size() * sizeof(mp_limb_t)); }
        mp_limb_t* take(std::size_t count) {
            expects(count <= limbs_.size() - used_);
            return limbs_.data() + std::exchange(used_, used_ + count);
        }

      private:
        std::vector<mp_limb_t> limbs_;
        std::size_t used_ = 0;
    };

    crt_pair(bigint&& p, bigint&& q, bigint&& inverse)
        : p_(std::move(p)), q_(std::move(q)), inverse_(std::move(inverse)) {}

    static std::size_t limbs(const bigint& a) { return mpz_size(a.get()); }
    static mp_size_t size(std::size_t count) { return static_cast<mp_size_t>(count); }
    // a in exactly `count` limbs, which it must fit into.
    static void load(mp_limb_t* out, std::size_t count, const bigint& a) {
        expects(limbs(a) <= count);
        std::fill_n(std::copy_n(mpz_limbs_read(a.get()), limbs(a), out), count - limbs(a), mp_limb_t{0});
    }
    static std::size_t temporary_limbs(std::size_t np, std::size_t nq) {
        const auto low = std::min(np, nq), high = std::max(np, nq);
        return static_cast<std::size_t>(std::max(
            {mpn_sec_div_r_itch(size(high), size(nq)), mpn_sec_div_r_itch(size(2 * nq + 1), size(nq)),
             mpn_sec_mul_itch(size(nq + 1), size(nq)), mpn_sec_mul_itch(size(high), size(low))}));
    }

    bigint p_, q_, inverse_; // inverse_ = p^-1 mod q
};

} // namespace veilsum::integer
