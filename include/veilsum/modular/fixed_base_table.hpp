// Powers of one base that is used again and again, by an exponent that nobody may learn.
//
//     e = sum_j d_j 2^(w j)         base^e = prod_j T[j][d_j],    T[j][d] = base^(d 2^(w j)),  0 <= d < 2^w
//
// No squarings are left: one multiplication for each w bits of the exponent, where the square-and-multiply
// method needs w squarings and one multiplication (Brickell, Gordon, McCurley, Wilson 1992).
//
// Constant time: every entry of row j is read and combined under masks, so neither branches nor addresses
// depend on d_j; the entry T[j][0] = 1 is multiplied like any other. The number of multiplications is
// ceil(bits / w), public.
//
// Size: ceil(bits / w) 2^w residues. w = 5: reading 32 residues costs a seventh of the multiplication that
// follows; w = 6 saves a sixth of the multiplications, doubles the reading and takes 1.7 times the memory:
// measured 6 to 9 % less time at 6144 bits.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/modular/batch.hpp>
#include <veilsum/modular/montgomery.hpp>
#include <veilsum/modular/secret_exponent.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>

namespace veilsum::modular {

// Immutable; copies share one table, between threads too. `base` is public.
template <std::size_t L>
class fixed_base_table {
  public:
    static constexpr std::size_t width = 5;                         // w
    static constexpr std::size_t entries = std::size_t{1} << width; // 2^w in each row

    // `base` is a residue in the form of `field`. Cost: 2^w ceil(bits / w) multiplications.
    fixed_base_table(const montgomery<L>& field, const limb* base, std::size_t max_exponent_bits)
        : max_exponent_bits_(max_exponent_bits) {
        const std::size_t rows = secret_exponent::digits(max_exponent_bits, width);
        limb_block table(rows * entries * L);
        typename montgomery<L>::workspace room;
        // The first power of each row comes from the row before, by w squarings; the rest row by row.
        for (std::size_t j = 0; j < rows; ++j) {
            limb* row = table.data() + j * entries * L;
            std::copy_n(field.one(), L, row);
            if (j == 0) {
                std::copy_n(base, L, row + L);
                continue;
            }
            field.square(row + L, row + L - entries * L, room);
            for (std::size_t i = 1; i < width; ++i) field.square(row + L, row + L, room);
        }
        for_each_chunk(rows, 1, [&](std::size_t first, std::size_t last) {
            typename montgomery<L>::workspace own;
            for (std::size_t j = first; j < last; ++j) {
                limb* row = table.data() + j * entries * L;
                for (std::size_t d = 2; d < entries; ++d)
                    field.multiply(row + d * L, row + (d - 1) * L, row + L, own);
            }
        });
        table_ = std::make_shared<const limb_block>(std::move(table));
        std::copy_n(field.modulus(), L, modulus_.data());
    }

    std::size_t max_exponent_bits() const { return max_exponent_bits_; } // longest exponent
    std::size_t size_bytes() const { return table_->size() * sizeof(limb); }
    // Whether the base is a residue of this modulus.
    bool belongs_to(const montgomery<L>& field) const {
        return std::equal(modulus_.begin(), modulus_.end(), field.modulus());
    }

    // out <- base^exponent, constant time; exponent.bits() <= max_exponent_bits().
    void power(limb* out, const montgomery<L>& field, const secret_exponent& exponent,
               typename montgomery<L>::workspace& room) const {
        expects(exponent.bits() <= max_exponent_bits_);
        const std::size_t rows = secret_exponent::digits(exponent.bits(), width);
        std::array<limb, L> factor;
        std::copy_n(field.one(), L, out);
        for (std::size_t j = 0; j < rows; ++j) {
            const limb digit = exponent.digit(j * width, width);
            if (j == 0) {
                select_entry(out, row(0), L, entries, digit);
                continue;
            }
            select_entry(factor.data(), row(j), L, entries, digit);
            field.multiply(out, out, factor.data(), room);
        }
        sodium_memzero(factor.data(), sizeof(factor));
    }

    // The same for a public exponent: reads one entry a row and skips zero digits.
    void power_vartime(limb* out, const montgomery<L>& field, const bigint& exponent,
                       typename montgomery<L>::workspace& room) const {
        expects(mpz_sgn(exponent.get()) >= 0 && exponent.bit_length() <= max_exponent_bits_);
        const std::size_t rows = secret_exponent::digits(exponent.bit_length(), width);
        const secret_exponent digits(exponent, exponent.bit_length());
        std::copy_n(field.one(), L, out);
        for (std::size_t j = 0; j < rows; ++j) {
            const limb digit = digits.digit(j * width, width);
            if (digit != 0) field.multiply_vartime(out, out, row(j) + digit * L, room);
        }
    }

  private:
    const limb* row(std::size_t j) const { return table_->data() + j * entries * L; }

    std::shared_ptr<const limb_block> table_;
    std::array<limb, L> modulus_; // of the field that made the table: residues of another mean nothing
    std::size_t max_exponent_bits_;
};

} // namespace veilsum::modular
