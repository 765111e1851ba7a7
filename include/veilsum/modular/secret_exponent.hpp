// An exponent laid out for reading without telling what it is: a fixed number of limbs, whatever the value.
//
//     e = sum_j digit_j 2^(w j),   0 <= digit_j < 2^w,   j < ceil(bits / w)
//
// The limbs come from an integer whose *limb count* is a property of the number: which of its upper limbs are
// zero can be seen in the addresses that are read while it is copied, once, and nowhere after. Exponents
// drawn uniformly from [0, 2^bits) have a zero upper limb with probability 2^-64.
#pragma once

#include <veilsum/core/constant_time.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/modular/limb_block.hpp>

#include <cstddef>
#include <cstdint>

namespace veilsum::modular {

class secret_exponent {
  public:
    // 0 <= value < 2^bits.
    secret_exponent(const integer::bigint& value, std::size_t bits)
        : limbs_{limb_block((bits + limb_bits - 1) / limb_bits + 1)}, bits_(bits) {
        const std::size_t size = mpz_size(value.get());
        const std::size_t count = limbs_.expose().size() - 1; // one more stays zero for `digit` to read
        expects(mpz_sgn(value.get()) >= 0 && size <= count);
        const limb* source = mpz_limbs_read(value.get());
        limb* target = limbs_.expose().data();
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint64_t present = 0 - static_cast<std::uint64_t>(i < size);
            // Also a number without limbs has one that can be read.
            target[i] = source[i & present] & present;
        }
        const std::size_t top_bits = bits % limb_bits;
        expects(top_bits == 0 || target[count - 1] >> top_bits == 0);
    }

    std::size_t bits() const { return bits_; } // as declared, not the value's own
    // How many windows of so many bits there are.
    static constexpr std::size_t digits(std::size_t bits, std::size_t width) {
        return (bits + width - 1) / width;
    }
    // Bits [position, position + width) of the value, width <= 16; position and width are public.
    limb digit(std::size_t position, std::size_t width) const {
        const std::size_t index = position / limb_bits;
        const std::size_t shift = position % limb_bits;
        const limb* source = limbs_.expose().data();
        const limb low = source[index] >> shift;
        const limb high = shift == 0 ? 0 : source[index + 1] << (limb_bits - shift);
        return (low | high) & ((limb{1} << width) - 1);
    }

  private:
    secret<limb_block> limbs_;
    std::size_t bits_;
};

// out (n limbs) <- entry `index` of a table of `entries` numbers, every one of which is read.
inline void select_entry(limb* out, const limb* table, std::size_t n, std::size_t entries, limb index) {
    mpn_sec_tabselect(out, table, static_cast<mp_size_t>(n), static_cast<mp_size_t>(entries),
                      static_cast<mp_size_t>(index));
}

} // namespace veilsum::modular
