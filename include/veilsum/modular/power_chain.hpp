// In what order to multiply for a product of powers with public exponents.
//
//     prod_k base_k^(e_k):      x^a y^b = x^(a - b) (x y)^b,   a the largest exponent, b the next
//
// One product x y takes about log2(K) bits off an exponent, because the two largest of K are that close
// (Bos and Coster, "Addition chain heuristics", Crypto 1989; de Rooij, Eurocrypt 1994). Where a >= 2 b, the
// base is squared instead and a halved; the lowest bit of an odd a goes to one more number, which starts as 1
// and takes exponent 1. So every square or difference takes a bit off at least, whatever the exponents are.
//
// A chain depends on exponents alone, so columns of bases that share them share their chain. Products for
// each of K bases of 128-bit exponents (192 bits for the last row), counted with random exponents; the others
// by formula, each at its best window:
//
//     K           this    buckets    running buckets    subsets of 5 or 6 bases
//     46          27.7    57.0       42.5               32.8
//     183         21.0    35.8       29.8               30.7
//     437         18.0    28.7       24.6               30.3
//     1000        15.8    24.0       20.1               30.1
//     18,300      16.3    22.0       19.6               41.0
//
// (Buckets: for each window of w bits, K and twice 2^w products, or once where bases come in the order of
// their digits.)
//
// Making a chain costs 0.02 us a step for 64-bit exponents, 0.06 us for longer ones.
//
// Variable time: for public exponents.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/modular/limb_block.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace veilsum::modular {

using integer::bigint;

// number[`target`] <- number[`target`] number[`factor`]; a square where both are one.
struct chain_step {
    std::uint32_t target, factor;
};

// The numbers are one for each base, in order, and the number 1.
class power_chain {
  public:
    power_chain() = default; // for no bases: 1
    // For the bits [from, from + bits) of the exponents, which are >= 0.
    power_chain(std::span<const bigint> exponents, std::size_t from, std::size_t bits)
        : result_(static_cast<std::uint32_t>(exponents.size())) {
        expects(exponents.size() < std::numeric_limits<std::uint32_t>::max());
        std::vector<bigint> pieces(exponents.size());
        for (std::size_t k = 0; k < pieces.size(); ++k) {
            expects(!exponents[k].is_negative());
            mpz_fdiv_q_2exp(pieces[k].get(), exponents[k].get(), from);
            mpz_fdiv_r_2exp(pieces[k].get(), pieces[k].get(), bits);
        }
        if (bits > limb_bits) {
            reduce(std::move(pieces));
        } else {
            std::vector<limb> words;
            words.reserve(pieces.size());
            for (const bigint& piece : pieces) words.push_back(mpz_get_ui(piece.get()));
            reduce(std::move(words));
        }
    }

    std::span<const chain_step> steps() const { return steps_; } // in order
    // The number that holds the product after the last step.
    std::size_t result() const { return result_; }

  private:
    static bool is_odd(limb value) { return value % 2 != 0; }
    static bool is_odd(const bigint& value) { return value.is_odd(); }

    // left[k]: the exponent that number k still has; the last number has exponent 1 once it is used.
    template <class Number>
    void reduce(std::vector<Number> left) {
        const auto less = [&](std::uint32_t a, std::uint32_t b) { return left[a] < left[b]; };
        const Number zero(0), one(1);
        const std::uint32_t unit = result_;
        bool unit_used = false;
        std::vector<std::uint32_t> heap;
        for (std::uint32_t k = 0; k < unit; ++k)
            if (left[k] != zero) heap.push_back(k);
        std::make_heap(heap.begin(), heap.end(), less);
        while (!heap.empty()) {
            std::pop_heap(heap.begin(), heap.end(), less);
            const std::uint32_t a = heap.back();
            if (heap.size() > 1) {
                const std::uint32_t b = heap.front();
                left[a] -= left[b];
                if (left[a] < left[b]) {
                    steps_.push_back({b, a});
                    if (left[a] == zero) {
                        heap.pop_back();
                    } else {
                        std::push_heap(heap.begin(), heap.end(), less);
                    }
                    continue;
                }
                left[a] += left[b];
            } else if (left[a] == one) {
                if (unit_used) steps_.push_back({a, unit});
                result_ = a;
                return;
            }
            if (is_odd(left[a])) {
                steps_.push_back({unit, a});
                unit_used = true;
            }
            steps_.push_back({a, a});
            left[a] >>= 1;
            std::push_heap(heap.begin(), heap.end(), less);
        }
    }

    std::vector<chain_step> steps_;
    std::uint32_t result_ = 0;
};

// Products that a chain for `count` random exponents takes, about: 6 % off for 16 bits and more, 8 bases and
// more.
inline double chain_cost(std::size_t count, std::size_t bits) {
    const double each = 0.7 + 0.75 * std::log2(static_cast<double>(count));
    return static_cast<double>(count) * (0.4 + static_cast<double>(bits) / each);
}

// How many chains compute prod_k base_{k,j}^(e_k) for all columns j: rows k in stretches, exponents in
// pieces, so that lanes and threads have work, and a stretch fits into memory. The pieces are joined by
// squaring. `row_parts` stretches of `rows` rows at most, `bit_parts` pieces of `bits` bits at most.
struct power_split {
    std::size_t rows, row_parts, bits, bit_parts;
    std::size_t chains() const { return row_parts * bit_parts; } // for each column
};

// What computes: `lanes` chains at a time on each of `threads`, at most `max_rows` bases in one.
struct power_units {
    std::size_t lanes, threads, max_rows;
};

// Time in products of a unit.
inline double split_cost(const power_split& split, std::size_t columns, const power_units& on) {
    const auto turns = [&](std::size_t tasks) {
        const std::size_t groups = (tasks + on.lanes - 1) / on.lanes;
        const std::size_t whole = (groups + on.threads - 1) / on.threads;
        return static_cast<double>(whole);
    };
    constexpr double square = 0.85;
    const auto join =
        static_cast<double>(split.bit_parts - 1) * (1 + square * static_cast<double>(split.bits)) +
        static_cast<double>((split.row_parts - 1) * split.bit_parts);
    return turns(columns * split.chains()) * chain_cost(split.rows, split.bits) + turns(columns) * join;
}

// The cheapest for exponents of at most `bits` bits; rows, columns and bits are not 0.
inline power_split best_split(std::size_t rows, std::size_t columns, std::size_t bits,
                              const power_units& on) {
    constexpr std::size_t most = 16; // parts; of rows, beyond those that memory asks for
    const auto parts = [](std::size_t all, std::size_t each) { return (all + each - 1) / each; };
    const std::size_t fewest = parts(rows, on.max_rows);
    power_split best{};
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t r = fewest; r < fewest + most; ++r)
        for (std::size_t p = 1; p <= most; ++p) {
            const std::size_t some_rows = parts(rows, r), some_bits = parts(bits, p);
            const power_split split{some_rows, parts(rows, some_rows), some_bits, parts(bits, some_bits)};
            const double cost = split_cost(split, columns, on);
            if (cost < least) {
                best = split;
                least = cost;
            }
        }
    return best;
}

} // namespace veilsum::modular
