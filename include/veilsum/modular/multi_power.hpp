// Products of many powers with short public exponents, as the batch proofs need them.
//
//     out_j = prod_k base_{k,j}^(e_k),   0 <= e_k < 2^b,   j < J
//
// by the chains of power_chain.hpp: 128-bit exponents cost 24 products a base for 100 bases, 12 for 10,000,
// against b + b / 5 for one power each. Where there are fewer columns than threads, exponents are cut into
// pieces, or the bases into stretches, which costs a little more in all.
//
// Variable time: bases and exponents are public. Residues are canonical, so the result is the same for any
// number of threads. Memory: the bases of one column once more, at most 4 MiB of them, for each thread.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/modular/montgomery.hpp>
#include <veilsum/modular/power_chain.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace veilsum::modular {

// The longest of some exponents, none of which is negative.
inline std::size_t longest_exponent(std::span<const bigint> exponents) {
    std::size_t bits = 0;
    for (const bigint& exponent : exponents) {
        expects(!exponent.is_negative());
        bits = std::max(bits, exponent.bit_length());
    }
    return bits;
}

// The chains of a split: bit_parts for each stretch of rows.
inline std::vector<power_chain> chains_of(const power_split& split, std::span<const bigint> exponents) {
    std::vector<power_chain> chains(split.chains());
    parallel_for(split.chains(), [&](std::size_t c) {
        const std::size_t first = c / split.bit_parts * split.rows;
        chains[c] = power_chain(exponents.subspan(first, std::min(split.rows, exponents.size() - first)),
                                c % split.bit_parts * split.bits, split.bits);
    });
    return chains;
}

// out: `columns` residues of L limbs. base(k, j): those of row k < exponents.size(). No exponents give 1.
template <std::size_t L, class Base>
void multi_power_vartime(limb* out, const montgomery<L>& field, std::size_t columns, const Base& base,
                         std::span<const bigint> exponents) {
    using workspace = typename montgomery<L>::workspace;
    const std::size_t bits = longest_exponent(exponents);
    for (std::size_t j = 0; j < columns; ++j) std::copy_n(field.one(), L, out + j * L);
    if (bits == 0) return;
    constexpr std::size_t memory = std::size_t{4} << 20;
    const power_units units{1, thread_count(), std::max<std::size_t>(memory / (L * sizeof(limb)), 1)};
    const power_split split = best_split(exponents.size(), columns, bits, units);
    const std::vector<power_chain> chains = chains_of(split, exponents);
    limb_block partial(chains.size() * columns * L);
    parallel_for(chains.size() * columns, [&](std::size_t task) {
        const power_chain& chain = chains[task / columns];
        const std::size_t first = task / columns / split.bit_parts * split.rows;
        const std::size_t count = std::min(split.rows, exponents.size() - first);
        limb_block number((count + 1) * L);
        for (std::size_t k = 0; k < count; ++k)
            std::copy_n(base(first + k, task % columns), L, number.data() + k * L);
        std::copy_n(field.one(), L, number.data() + count * L);
        workspace room;
        for (const chain_step& step : chain.steps()) {
            limb* target = number.data() + step.target * L;
            if (step.target == step.factor) {
                field.square_vartime(target, target, room);
            } else {
                field.multiply_vartime(target, target, number.data() + step.factor * L, room);
            }
        }
        std::copy_n(number.data() + chain.result() * L, L, partial.data() + task * L);
    });
    parallel_for(columns, [&](std::size_t j) {
        workspace room;
        limb* total = out + j * L;
        for (std::size_t p = split.bit_parts; p-- > 0;) {
            for (std::size_t i = 0; i < split.bits && p + 1 < split.bit_parts; ++i)
                field.square_vartime(total, total, room);
            for (std::size_t r = 0; r < split.row_parts; ++r)
                field.multiply_vartime(total, total,
                                       partial.data() + ((r * split.bit_parts + p) * columns + j) * L, room);
        }
    });
}

} // namespace veilsum::modular
