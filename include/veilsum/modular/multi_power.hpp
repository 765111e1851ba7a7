// Products of many powers with short public exponents, as the batch proofs need them.
//
//     out = prod_k base_k^{e_k},   0 <= e_k < 2^b
//
// The bucket method (Pippenger 1976; the form of Bernstein, Doumen, Lange, Oosterwijk, section 4): for each
// window j of w bits, bases with the same digit d are multiplied together into bucket d, and
//
//     P_j = prod_d bucket_d^d      by two running products from the highest bucket down
//
// costs 2 (2^w - 1) multiplications. Then out = prod_j P_j^(2^(w j)), by b squarings in all. Together
// ceil(b / w) (K + 2^(w+1)) + b multiplications, against K (b + b / 5) for one power each: 128-bit exponents
// and 100 bases cost 44 multiplications a base, 10000 bases 16.
//
// Variable time: bases and exponents are public. Windows go to threads; residues are canonical, so the result
// is the same for any number of threads.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/modular/montgomery.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace veilsum::modular {

constexpr std::size_t bucket_cost(std::size_t count, std::size_t bits, std::size_t width) {
    return (bits + width - 1) / width * (count + (std::size_t{2} << width));
}
// The cheapest window of at most 16 bits.
constexpr std::size_t bucket_width(std::size_t count, std::size_t bits) {
    std::size_t best = 1;
    for (std::size_t width = 2; width <= 16; ++width)
        if (bucket_cost(count, bits, width) < bucket_cost(count, bits, best)) best = width;
    return best;
}

// Bits [position, position + width) of a public number >= 0.
inline limb digit_vartime(const bigint& value, std::size_t position, std::size_t width) {
    const std::size_t size = mpz_size(value.get());
    const std::size_t index = position / limb_bits;
    const std::size_t shift = position % limb_bits;
    if (index >= size) return 0;
    const limb* source = mpz_limbs_read(value.get());
    limb digit = source[index] >> shift;
    if (shift != 0 && index + 1 < size) digit |= source[index + 1] << (limb_bits - shift);
    return digit & ((limb{1} << width) - 1);
}

// A product that starts empty: multiplying into it first copies.
template <std::size_t L>
struct running_product {
    limb* value;
    bool empty = true;

    void multiply(const montgomery<L>& field, const limb* factor, typename montgomery<L>::workspace& room) {
        if (empty) {
            std::copy_n(factor, L, value);
        } else {
            field.multiply_vartime(value, value, factor, room);
        }
        empty = false;
    }
};

// out <- P_j for the digits at `position`. Scratch: 2^width residues.
template <std::size_t L>
void bucket_window(limb* out, const montgomery<L>& field, const limb* bases,
                   std::span<const bigint> exponents, std::size_t position, std::size_t width) {
    const std::size_t buckets = std::size_t{1} << width; // number 0 serves as the running product
    limb_block memory(buckets * L);
    std::vector<running_product<L>> bucket(buckets);
    for (std::size_t d = 0; d < buckets; ++d) bucket[d].value = memory.data() + d * L;
    typename montgomery<L>::workspace room;
    for (std::size_t k = 0; k < exponents.size(); ++k) {
        const limb digit = digit_vartime(exponents[k], position, width);
        if (digit != 0) bucket[digit].multiply(field, bases + k * L, room);
    }
    running_product<L>& above = bucket[0]; // product of the buckets >= d
    running_product<L> total{out};
    for (std::size_t d = buckets; d-- > 1;) {
        if (!bucket[d].empty) above.multiply(field, bucket[d].value, room);
        if (!above.empty) total.multiply(field, above.value, room);
    }
    if (total.empty) std::copy_n(field.one(), L, out);
}

// bases: exponents.size() residues of L limbs each; out does not overlap them. No exponents give 1.
template <std::size_t L>
void multi_power_vartime(limb* out, const montgomery<L>& field, const limb* bases,
                         std::span<const bigint> exponents) {
    std::size_t bits = 0;
    for (const bigint& exponent : exponents) {
        expects(!exponent.is_negative());
        bits = std::max(bits, exponent.bit_length());
    }
    std::copy_n(field.one(), L, out);
    if (bits == 0) return;
    const std::size_t width = bucket_width(exponents.size(), bits);
    const std::size_t windows = (bits + width - 1) / width;
    limb_block partial(windows * L);
    parallel_for(windows, [&](std::size_t j) {
        bucket_window(partial.data() + j * L, field, bases, exponents, j * width, width);
    });
    typename montgomery<L>::workspace room;
    std::copy_n(partial.data() + (windows - 1) * L, L, out);
    for (std::size_t j = windows - 1; j-- > 0;) {
        for (std::size_t i = 0; i < width; ++i) field.square_vartime(out, out, room);
        field.multiply_vartime(out, out, partial.data() + j * L, room);
    }
}

} // namespace veilsum::modular
