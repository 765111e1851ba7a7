// Products of many powers with short public exponents, eight chains at a time.
//
//     out_j = prod_k base_{k,j}^(e_k),   0 <= e_k < 2^b,   j < J
//
// by the chains of power_chain.hpp. Each lane of a vector follows a chain for the bases of one column. Where
// J is not a multiple of eight, exponents are cut into pieces, or bases into stretches, so that lanes have
// work: the pair (column, piece) is a lane's task, and lanes may follow different chains. The numbers of a
// lane stand in memory one by one, digits side by side; eight of them become lanes, and lanes numbers, by
// transposing 8 x 8 words. What the next step needs is called into the cache before.
//
// Products for each base, at 128 bits and one thread, an eighth of what all lanes do, joining included; and
// those of one uncut chain:
//
//     bases      columns    stretches    pieces    products    uncut
//     46          4         1            2         29.6        27.7
//     183         1         1            8         27.9        21.0
//     183        13         1            3         22.6        21.0
//     437        21         1            3         19.4        18.0
//     1000       13         1            3         17.5        15.8
//     10,000      1         4            2         14.8        11.7
//     18,300     13         6            1         21.4        16.3     192 bits
//
// Measured time is 1 to 2 % above that of so many products for hundreds of bases, 15 % for 10,000 bases of
// 6144 bits, which exceed the caches.
//
// Variable time: bases and exponents are public. Groups of lanes go to threads; results do not depend on
// their number, because residues are canonical in the end. Memory: eight numbers for each base of a stretch,
// at most 32 MiB, for each thread.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/modular/base_rows.hpp>
#include <veilsum/modular/lane_vector.hpp>
#include <veilsum/modular/multi_power.hpp>
#include <veilsum/modular/power_chain.hpp>

#if VEILSUM_IFMA_ENGINE

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace veilsum::modular {

// out[j] word i <- in[i] word j, 0 <= i, j < 8.
VEILSUM_IFMA_INLINE void transpose_words(lanes* out, const lanes* in) {
    lanes pair[8], quad[8];
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 8; i += 2) {
        pair[i] = __builtin_shufflevector(in[i], in[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
        pair[i + 1] = __builtin_shufflevector(in[i], in[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
    }
#pragma GCC unroll 2
    for (std::size_t h = 0; h < 8; h += 4)
#pragma GCC unroll 2
        for (std::size_t i = 0; i < 2; ++i) {
            quad[h + i] = __builtin_shufflevector(pair[h + i], pair[h + 2 + i], 0, 1, 8, 9, 4, 5, 12, 13);
            quad[h + 2 + i] =
                __builtin_shufflevector(pair[h + i], pair[h + 2 + i], 2, 3, 10, 11, 6, 7, 14, 15);
        }
#pragma GCC unroll 4
    for (std::size_t i = 0; i < 4; ++i) {
        out[i] = __builtin_shufflevector(quad[i], quad[4 + i], 0, 1, 2, 3, 8, 9, 10, 11);
        out[4 + i] = __builtin_shufflevector(quad[i], quad[4 + i], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

// Numbers of L digits, whole vectors of digits each, eight of which become lanes and back.
template <std::size_t L>
class lane_numbers {
    static constexpr std::size_t stride = (L + lane_count - 1) / lane_count * lane_count;

  public:
    using indices = std::array<std::size_t, lane_count>;            // of a number for each lane
    static constexpr std::size_t group_words = stride * lane_count; // limbs of eight numbers

    // `count` numbers for each lane, all 0.
    explicit lane_numbers(std::size_t count) : block_(count * group_words), count_(count) {}
    // `source`: digit k at 8 k.
    void put(std::size_t lane, std::size_t index, const limb* source) {
        for (std::size_t k = 0; k < L; ++k) at(lane, index)[k] = source[k * lane_count];
    }
    // Lane i of out <- number index[i] of lane i. out and in: `stride` digits of eight lanes.
    VEILSUM_IFMA void load(limb* out, const indices& index) const {
        const limb* from[lane_count];
        for (std::size_t lane = 0; lane < lane_count; ++lane) from[lane] = at(lane, index[lane]);
        for (std::size_t k = 0; k < stride; k += lane_count) {
            lanes rows[lane_count], columns[lane_count];
#pragma GCC unroll 8
            for (std::size_t lane = 0; lane < lane_count; ++lane)
                rows[lane] = _mm512_loadu_si512(from[lane] + k);
            transpose_words(columns, rows);
#pragma GCC unroll 8
            for (std::size_t i = 0; i < lane_count; ++i)
                _mm512_storeu_si512(out + (k + i) * lane_count, columns[i]);
        }
    }
    // Number index[i] of lane i <- lane i of in.
    VEILSUM_IFMA void store(const limb* in, const indices& index) {
        limb* to[lane_count];
        for (std::size_t lane = 0; lane < lane_count; ++lane) to[lane] = at(lane, index[lane]);
        for (std::size_t k = 0; k < stride; k += lane_count) {
            lanes rows[lane_count], columns[lane_count];
#pragma GCC unroll 8
            for (std::size_t i = 0; i < lane_count; ++i)
                columns[i] = _mm512_loadu_si512(in + (k + i) * lane_count);
            transpose_words(rows, columns);
#pragma GCC unroll 8
            for (std::size_t lane = 0; lane < lane_count; ++lane)
                _mm512_storeu_si512(to[lane] + k, rows[lane]);
        }
    }
    // Into the cache what will be loaded.
    void prefetch(const indices& index) const {
        for (std::size_t lane = 0; lane < lane_count; ++lane)
            for (std::size_t k = 0; k < stride; k += lane_count)
                __builtin_prefetch(at(lane, index[lane]) + k);
    }

  private:
    const limb* at(std::size_t lane, std::size_t index) const {
        return block_.data() + (lane * count_ + index) * stride;
    }
    limb* at(std::size_t lane, std::size_t index) {
        return block_.data() + (lane * count_ + index) * stride;
    }
    limb_block block_;
    std::size_t count_;
};

// A lane's task: `chain`, whose number i < `rows` is the base of row `first_row` + i in one `column`.
struct column_chain {
    const power_chain* chain;
    std::size_t first_row, rows, column;
};

// Lane i of out <- the product of chain i, i < tasks.size() <= 8.
template <std::size_t L>
void run_chains(limb* out, const lane_field<L>& field, std::span<const column_chain> tasks,
                std::span<const base_row<lane_vector<L>>> rows) {
    using indices = typename lane_numbers<L>::indices;
    std::size_t most_rows = 0, longest = 0;
    for (const column_chain& task : tasks) {
        most_rows = std::max(most_rows, task.rows);
        longest = std::max(longest, task.chain->steps().size());
    }
    const std::size_t spare = most_rows + 1; // for lanes that have nothing to do; it stays 0
    lane_numbers<L> numbers(spare + 1);
    for (std::size_t lane = 0; lane < tasks.size(); ++lane) {
        const column_chain& task = tasks[lane];
        for (std::size_t k = 0; k < task.rows; ++k) {
            const base_row<lane_vector<L>>& row = rows[task.first_row + k];
            const std::size_t at = row.first + task.column;
            numbers.put(lane, k, row.in->group(at / lane_count) + at % lane_count);
        }
        numbers.put(lane, task.rows, field.one());
    }
    struct lane_step {
        indices target, factor;
    };
    const auto step = [&](std::size_t i) {
        lane_step all;
        all.target.fill(spare);
        all.factor.fill(spare);
        for (std::size_t lane = 0; lane < tasks.size(); ++lane)
            if (const auto steps = tasks[lane].chain->steps(); i < steps.size()) {
                all.target[lane] = steps[i].target;
                all.factor[lane] = steps[i].factor;
            }
        return all;
    };
    typename lane_field<L>::workspace room;
    limb_block product(lane_numbers<L>::group_words), factor(lane_numbers<L>::group_words);
    lane_step next = step(0);
    for (std::size_t i = 0; i < longest; ++i) {
        const lane_step now = next;
        next = step(i + 1);
        numbers.prefetch(next.target);
        numbers.prefetch(next.factor);
        numbers.load(product.data(), now.target);
        if (now.target == now.factor) {
            field.square(product.data(), product.data(), room);
        } else {
            numbers.load(factor.data(), now.factor);
            field.multiply(product.data(), product.data(), factor.data(), room);
        }
        numbers.store(product.data(), now.target);
    }
    indices result;
    result.fill(spare);
    for (std::size_t lane = 0; lane < tasks.size(); ++lane) result[lane] = tasks[lane].chain->result();
    numbers.load(product.data(), result);
    std::copy_n(product.data(), lane_field<L>::words, out);
}

// out: number j for column j. No exponents give 1.
template <std::size_t L>
void multi_power_vartime(lane_vector<L>& out, const lane_field<L>& field,
                         std::span<const base_row<lane_vector<L>>> rows, std::span<const bigint> exponents) {
    constexpr std::size_t words = lane_field<L>::words;
    const std::size_t bits = longest_exponent(exponents), columns = out.size();
    for (std::size_t g = 0; g < out.groups(); ++g) std::copy_n(field.one(), words, out.group(g));
    if (bits == 0) return;
    constexpr std::size_t memory = std::size_t{32} << 20;
    const power_units units{lane_count, thread_count(), memory / (words * sizeof(limb))};
    const power_split split = best_split(exponents.size(), columns, bits, units);
    const std::vector<power_chain> chains = chains_of(split, exponents);
    std::vector<column_chain> tasks;
    for (std::size_t c = 0; c < chains.size(); ++c) {
        const std::size_t first = c / split.bit_parts * split.rows;
        for (std::size_t j = 0; j < columns; ++j)
            tasks.push_back({&chains[c], first, std::min(split.rows, exponents.size() - first), j});
    }
    std::vector<lane_vector<L>> partial(chains.size(), lane_vector<L>(columns));
    parallel_for((tasks.size() + lane_count - 1) / lane_count, [&](std::size_t g) {
        const std::size_t first = g * lane_count;
        const std::span own = std::span(tasks).subspan(first, std::min(lane_count, tasks.size() - first));
        lane_vector<L> results(own.size());
        run_chains(results.group(0), field, own, rows);
        for (std::size_t lane = 0; lane < own.size(); ++lane)
            partial[(first + lane) / columns].copy(own[lane].column, results, lane);
    });
    parallel_for(out.groups(), [&](std::size_t g) {
        typename lane_field<L>::workspace room;
        limb* total = out.group(g);
        for (std::size_t p = split.bit_parts; p-- > 0;) {
            for (std::size_t i = 0; i < split.bits && p + 1 < split.bit_parts; ++i)
                field.square(total, total, room);
            for (std::size_t r = 0; r < split.row_parts; ++r)
                field.multiply(total, total, partial[r * split.bit_parts + p].group(g), room);
        }
    });
}

} // namespace veilsum::modular

#endif
