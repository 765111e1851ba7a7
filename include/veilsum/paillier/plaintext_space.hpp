// Signed plaintexts and the residues that stand for them: the one place where the sign is handled.
//
//     { M in Z : |M| <= (N-1)/2 }  <->  Z/N,     M -> M mod N,     N = n^s, odd
//
// Both ways are one-to-one, so a sum that leaves the interval would come back as another number: whoever adds
// must know from the sizes that it cannot (encoding/slots.hpp), because nobody can see it afterwards.
// `encode` refuses what lies outside instead of wrapping it.
//
// Time depends on the size of N only; `reduce` takes integers of any length and shows their limb count.
#pragma once

#include <veilsum/paillier/padded_integer.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

namespace veilsum::paillier {

class plaintext_space {
  public:
    // `modulus` = N, odd, > 1.
    explicit plaintext_space(const bigint& modulus)
        : modulus_(modulus), padded_modulus_(modulus, limbs_for(modulus.bit_length())),
          padded_largest_(modulus >> 1, padded_modulus_.size()), largest_(modulus >> 1) {}

    const bigint& modulus() const { return modulus_; }
    // N with its limbs, for arithmetic in constant time.
    const padded_integer& padded_modulus() const { return padded_modulus_; }
    // (N-1)/2.
    const bigint& largest() const { return largest_; }

    // M mod N; empty if |M| > (N-1)/2, which is all that the time and the result tell about M.
    std::optional<padded_integer> encode(const bigint& plaintext) const {
        if (mpz_size(plaintext.get()) > padded_modulus_.size()) return std::nullopt;
        const padded_integer magnitude(plaintext, padded_modulus_.size());
        if (mask_if_less(padded_largest_, magnitude) != 0) return std::nullopt;
        const limb negative = 0 - static_cast<limb>(plaintext.is_negative());
        padded_integer complement = padded_modulus_.clone();
        subtract_from(complement, magnitude);
        return select(negative, complement, magnitude);
    }
    // m mod N for an integer of any size and sign.
    padded_integer reduce(const bigint& number) const {
        const std::size_t size = std::max(mpz_size(number.get()), padded_modulus_.size());
        const padded_integer magnitude = remainder(padded_integer(number, size), padded_modulus_);
        const limb negative = 0 - static_cast<limb>(number.is_negative());
        const padded_integer zero(padded_modulus_.size());
        return select(negative, subtract_modulo(zero, magnitude, padded_modulus_), magnitude);
    }
    // The signed plaintext of a residue in [0, N).
    bigint centre(const padded_integer& residue) const {
        const limb negative = mask_if_less(padded_largest_, residue);
        padded_integer complement = padded_modulus_.clone();
        subtract_from(complement, residue);
        return select(negative, complement, residue).to_integer(negative);
    }
    bigint centre(const bigint& residue) const {
        return centre(padded_integer(residue, padded_modulus_.size()));
    }

  private:
    bigint modulus_;
    padded_integer padded_modulus_;
    padded_integer padded_largest_;
    bigint largest_;
};

} // namespace veilsum::paillier
