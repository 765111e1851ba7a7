// Powers of one base that is used again and again, eight secret exponents at a time.
//
//     e = sum_j d_j 2^(w j)         base^e = prod_j T[j][d_j],    T[j][d] = base^(d 2^(w j)),  0 <= d < 2^w
//
// The method of fixed_base_table.hpp. What differs is how eight lanes pick eight entries of row j without
// telling which: digit k of all entries lies side by side, and a register permutation of sixteen of them by
// the lanes' lowest four bits costs one instruction and touches no address; the upper bits choose among
// those under masks. Reading 2^w entries therefore takes 2^w / 8 loads for each digit instead of 2^w, and
// wider windows pay:
//
//     w     products of 512 bits     table at 6144 bits, 784 bits      reading, of a product's time
//     5     103                        4.9 MB                          1 %
//     6      86                        8.1 MB                          2 %
//     7      74                       13.8 MB                          4 %
//     8      64                       24.2 MB                          8 %
//
// w = 7. Several groups of lanes take one row before the next, so that a row stays in the cache.
//
// Constant time: the number of products is ceil(bits / w), all entries of a row are read, T[j][0] = 1 is
// multiplied like any other.
#pragma once

#include <veilsum/modular/batch.hpp>
#include <veilsum/modular/lane_field.hpp>
#include <veilsum/modular/secret_exponent.hpp>

#if VEILSUM_IFMA_ENGINE

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

namespace veilsum::modular {

// Immutable; copies share one table, between threads too. `base` is public.
template <std::size_t L>
class lane_table {
    using field = lane_field<L>;
    using workspace = typename field::workspace;
    static constexpr std::size_t words = field::words;

  public:
    static constexpr std::size_t width = 7;                         // w
    static constexpr std::size_t entries = std::size_t{1} << width; // 2^w in each row
    static constexpr std::size_t row_words = L * entries;           // limbs

    // `base`: a residue in the form of `ring`, the same in all lanes. Cost: of eight residues at once, w
    // squarings one after the other and 2^w / 8 + 1 products for each w bits.
    lane_table(const field& ring, const limb* base, std::size_t max_exponent_bits)
        : max_exponent_bits_(max_exponent_bits) {
        const std::size_t rows = secret_exponent::digits(max_exponent_bits, width);
        limb_block table(rows * row_words);
        limb_block powers(rows * (width + 1) * words); // base^(2^(w j + i)), i <= w
        workspace room;
        for (std::size_t j = 0; j < rows; ++j) {
            limb* power = powers.data() + j * (width + 1) * words;
            std::copy_n(j == 0 ? base : power - words, words, power);
            for (std::size_t i = 0; i < width; ++i)
                ring.square(power + (i + 1) * words, power + i * words, room);
        }
        for_each_chunk(rows, 1, [&](std::size_t first, std::size_t last) {
            workspace own;
            for (std::size_t j = first; j < last; ++j)
                fill_row(table.data() + j * row_words, ring, powers.data() + j * (width + 1) * words, own);
        });
        table_ = std::make_shared<const limb_block>(std::move(table));
    }

    std::size_t max_exponent_bits() const { return max_exponent_bits_; } // longest exponent
    std::size_t size_bytes() const { return table_->size() * sizeof(limb); }

    // out <- base^exponent in each lane of some groups: eight exponents a group, all of one length.
    void power(limb* out, const field& ring, std::span<const secret_exponent> exponents,
               workspace& room) const {
        const std::size_t groups = exponents.size() / lane_count;
        expects(exponents.size() % lane_count == 0);
        if (groups == 0) return;
        const std::size_t bits = exponents[0].bits();
        expects(bits <= max_exponent_bits_);
        for (const secret_exponent& exponent : exponents) expects(exponent.bits() == bits);
        secret<limb_block> scratch{limb_block(words + lane_count)};
        limb* const factor = scratch.expose().data();
        limb* const digit = factor + words;
        const std::size_t rows = secret_exponent::digits(bits, width);
        for (std::size_t g = 0; g < groups && rows == 0; ++g) std::copy_n(ring.one(), words, out + g * words);
        for (std::size_t j = 0; j < rows; ++j)
            for (std::size_t g = 0; g < groups; ++g) {
                for (std::size_t lane = 0; lane < lane_count; ++lane)
                    digit[lane] = exponents[g * lane_count + lane].digit(j * width, width);
                if (j == 0) {
                    select(out + g * words, row(0), digit);
                    continue;
                }
                select(factor, row(j), digit);
                ring.multiply(out + g * words, out + g * words, factor, room);
            }
    }

    // The same for a public exponent, in lane 0 of `out`: reads one entry a row and skips zero digits.
    void power_vartime(limb* out, const field& ring, const bigint& exponent, workspace& room) const {
        expects(mpz_sgn(exponent.get()) >= 0 && exponent.bit_length() <= max_exponent_bits_);
        const secret_exponent digits(exponent, exponent.bit_length());
        const std::size_t rows = secret_exponent::digits(exponent.bit_length(), width);
        // Lane i multiplies the rows i mod 8; then the lanes are multiplied together.
        limb_block factor(words);
        std::copy_n(ring.one(), words, out);
        for (std::size_t j = 0; j < rows; j += lane_count) {
            std::copy_n(ring.one(), words, factor.data());
            for (std::size_t lane = 0; lane < lane_count && j + lane < rows; ++lane) {
                const limb* source = row(j + lane) + digits.digit((j + lane) * width, width);
                for (std::size_t k = 0; k < L; ++k)
                    factor.data()[k * lane_count + lane] = source[k * entries];
            }
            ring.multiply(out, out, factor.data(), room);
        }
        ring.multiply_lanes(out, room);
    }

  private:
    const limb* row(std::size_t j) const { return table_->data() + j * row_words; }

    // power[i] = b^(2^i) in all lanes; entries 0 .. 2^w - 1 of b, eight at a time.
    static void fill_row(limb* out, const field& ring, const limb* power, workspace& room) {
        limb_block current(words), factor(words);
        std::copy_n(ring.one(), words, current.data());
        // Lane d < 8 becomes b^d.
        for (std::size_t i = 0; i < 3; ++i) {
            std::copy_n(ring.one(), words, factor.data());
            for (std::size_t k = 0; k < L; ++k)
                for (std::size_t lane = 0; lane < lane_count; ++lane)
                    if ((lane >> i & 1) != 0)
                        factor.data()[k * lane_count + lane] = power[i * words + k * lane_count];
            ring.multiply(current.data(), current.data(), factor.data(), room);
        }
        for (std::size_t d = 0; d < entries; d += lane_count) {
            if (d != 0) ring.multiply(current.data(), current.data(), power + 3 * words, room);
            for (std::size_t k = 0; k < L; ++k)
                std::copy_n(current.data() + k * lane_count, lane_count, out + k * entries + d);
        }
    }

    // part[0] <- part[i] where i has the bits bit[0], bit[1], ...
    template <std::size_t Count>
    VEILSUM_IFMA_INLINE static void narrow(lanes* part, const __mmask8* bit) {
        if constexpr (Count > 1) {
#pragma GCC unroll 32
            for (std::size_t i = 0; i < Count / 2; ++i)
                part[i] = _mm512_mask_mov_epi64(part[2 * i], bit[0], part[2 * i + 1]);
            narrow<Count / 2>(part, bit + 1);
        }
    }
    // out <- entry digit[lane] of a row, for each lane.
    VEILSUM_IFMA static void select(limb* out, const limb* row, const limb* digit) {
        const lanes index = _mm512_loadu_si512(digit);
        __mmask8 bit[width];
        for (std::size_t i = 4; i < width; ++i)
            bit[i] = _mm512_test_epi64_mask(index, all_lanes(limb{1} << i));
        for (std::size_t k = 0; k < L; ++k, row += entries) {
            lanes part[entries / 16];
#pragma GCC unroll 32
            for (std::size_t i = 0; i < entries / 16; ++i)
                part[i] = _mm512_permutex2var_epi64(_mm512_loadu_si512(row + 16 * i), index,
                                                    _mm512_loadu_si512(row + 16 * i + 8));
            narrow<entries / 16>(part, bit + 4);
            _mm512_storeu_si512(out + k * lane_count, part[0]);
        }
    }

    std::shared_ptr<const limb_block> table_;
    std::size_t max_exponent_bits_;
};

} // namespace veilsum::modular

#endif
