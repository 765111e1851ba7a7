// Products of many powers with short public exponents, eight windows at a time.
//
//     out = prod_k base_k^(e_k),   0 <= e_k < 2^b
//
// The bucket method of multi_power.hpp. The lanes of a vector stand for eight windows of the exponents: all
// eight multiply the same base into buckets of their own, lane i into number digit_i(e_k). A bucket is one
// number in memory, L digits side by side; eight of them become lanes, and lanes buckets, by transposing 8 x
// 8 words, which costs a fiftieth of the product between. At the end lane i holds P_i of its window, and the
// windows are joined by squarings as in multi_power.hpp.
//
// Cost: ceil(windows / 8) (K + 2^(w+1)) + b products of eight numbers at once. 128-bit exponents: 4.6 a base
// for 200 bases, 2.1 for 10,000.
//
// Variable time: bases and exponents are public. Groups of windows and stretches of bases go to threads;
// results do not depend on their number, because residues are canonical in the end.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/modular/lane_vector.hpp>
#include <veilsum/modular/multi_power.hpp>

#if VEILSUM_IFMA_ENGINE

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace veilsum::modular {

// out[j] word i <- in[i] word j, 0 <= i, j < 8; eight vectors each, in[i] at `in + i in_step`.
VEILSUM_IFMA inline void transpose_words(limb* out, std::size_t out_step, const limb* in,
                                         std::size_t in_step) {
    lanes pair[8], quad[8];
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 8; i += 2) {
        const lanes even = _mm512_loadu_si512(in + i * in_step),
                    odd = _mm512_loadu_si512(in + (i + 1) * in_step);
        pair[i] = __builtin_shufflevector(even, odd, 0, 8, 2, 10, 4, 12, 6, 14);
        pair[i + 1] = __builtin_shufflevector(even, odd, 1, 9, 3, 11, 5, 13, 7, 15);
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
        const lanes low = __builtin_shufflevector(quad[i], quad[4 + i], 0, 1, 2, 3, 8, 9, 10, 11);
        const lanes high = __builtin_shufflevector(quad[i], quad[4 + i], 4, 5, 6, 7, 12, 13, 14, 15);
        _mm512_storeu_si512(out + i * out_step, low);
        _mm512_storeu_si512(out + (4 + i) * out_step, high);
    }
}

// Numbers of L digits in memory, whole vectors of digits each, eight of which become lanes and back.
template <std::size_t L>
class lane_buckets {
    static constexpr std::size_t stride = (L + lane_count - 1) / lane_count * lane_count;

  public:
    // `count` buckets in each lane, all 1.
    lane_buckets(std::size_t count, const limb* one) : block_(count * lane_count * stride), count_(count) {
        for (std::size_t i = 0; i < count * lane_count; ++i)
            for (std::size_t k = 0; k < L; ++k) block_.data()[i * stride + k] = one[k * lane_count];
    }
    // out <- bucket index[lane] of each lane. out and in: stride digits of eight lanes.
    void load(limb* out, const std::array<std::size_t, lane_count>& index) const {
        limb rows[lane_count * lane_count];
        for (std::size_t k = 0; k < stride; k += lane_count) {
            for (std::size_t lane = 0; lane < lane_count; ++lane)
                std::copy_n(at(lane, index[lane]) + k, lane_count, rows + lane * lane_count);
            transpose_words(out + k * lane_count, lane_count, rows, lane_count);
        }
    }
    void store(const limb* in, const std::array<std::size_t, lane_count>& index) {
        limb rows[lane_count * lane_count];
        for (std::size_t k = 0; k < stride; k += lane_count) {
            transpose_words(rows, lane_count, in + k * lane_count, lane_count);
            for (std::size_t lane = 0; lane < lane_count; ++lane)
                std::copy_n(rows + lane * lane_count, lane_count, at(lane, index[lane]) + k);
        }
    }
    static constexpr std::size_t group_words = stride * lane_count;

  private:
    const limb* at(std::size_t lane, std::size_t index) const {
        return block_.data() + (lane * count_ + index) * stride;
    }
    limb* at(std::size_t lane, std::size_t index) { return block_.data() + (lane * count_ + index) * stride; }
    limb_block block_;
    std::size_t count_;
};

constexpr std::size_t lane_bucket_cost(std::size_t count, std::size_t bits, std::size_t width) {
    const std::size_t windows = (bits + width - 1) / width;
    return (windows + lane_count - 1) / lane_count * (count + (std::size_t{2} << width));
}
// The cheapest window of at most 8 bits, so that buckets stay below 2 MiB at 6144 bits.
constexpr std::size_t lane_bucket_width(std::size_t count, std::size_t bits) {
    std::size_t best = 1;
    for (std::size_t width = 2; width <= 8; ++width)
        if (lane_bucket_cost(count, bits, width) < lane_bucket_cost(count, bits, best)) best = width;
    return best;
}

// Lane i of out <- P_j, j = window + i, for bases first .. first + exponents.size() - 1.
template <std::size_t L>
void bucket_windows(limb* out, const lane_field<L>& field, const lane_vector<L>& bases, std::size_t first,
                    std::span<const bigint> exponents, std::size_t window, std::size_t width) {
    constexpr std::size_t words = lane_field<L>::words;
    const std::size_t buckets = std::size_t{1} << width;
    lane_buckets<L> bucket(buckets, field.one());
    typename lane_field<L>::workspace room;
    limb_block current(lane_buckets<L>::group_words), base(words);
    std::array<std::size_t, lane_count> index{};
    for (std::size_t k = 0; k < exponents.size(); ++k) {
        std::size_t any = 0;
        for (std::size_t lane = 0; lane < lane_count; ++lane)
            any |= index[lane] = digit_vartime(exponents[k], (window + lane) * width, width);
        if (any == 0) continue;
        const limb* source = bases.group((first + k) / lane_count) + (first + k) % lane_count;
        for (std::size_t i = 0; i < L; ++i)
            std::fill_n(base.data() + i * lane_count, lane_count, source[i * lane_count]);
        bucket.load(current.data(), index); // bucket 0 takes what counts for nothing
        field.multiply(current.data(), current.data(), base.data(), room);
        bucket.store(current.data(), index);
    }
    limb_block above(words); // product of the buckets >= d
    std::copy_n(field.one(), words, above.data());
    std::copy_n(field.one(), words, out);
    for (std::size_t d = buckets; d-- > 1;) {
        index.fill(d);
        bucket.load(current.data(), index);
        field.multiply(above.data(), above.data(), current.data(), room);
        field.multiply(out, out, above.data(), room);
    }
}

// Lane 0 of out <- the product over bases first .. first + exponents.size() - 1; 1 for none.
template <std::size_t L>
void multi_power_vartime(limb* out, const lane_field<L>& field, const lane_vector<L>& bases,
                         std::size_t first, std::span<const bigint> exponents) {
    constexpr std::size_t words = lane_field<L>::words;
    std::size_t bits = 0;
    for (const bigint& exponent : exponents) {
        expects(!exponent.is_negative());
        bits = std::max(bits, exponent.bit_length());
    }
    std::copy_n(field.one(), words, out);
    if (bits == 0) return;
    const std::size_t width = lane_bucket_width(exponents.size(), bits);
    const std::size_t groups = ((bits + width - 1) / width + lane_count - 1) / lane_count;
    // Stretches of bases, so that each thread has work; each pays for its buckets.
    constexpr std::size_t stretch = 2048;
    const std::size_t stretches = (exponents.size() + stretch - 1) / stretch;
    limb_block partial(groups * stretches * words);
    parallel_for(groups * stretches, [&](std::size_t i) {
        const std::size_t from = i / groups * stretch;
        bucket_windows(partial.data() + i * words, field, bases, first + from,
                       exponents.subspan(from, std::min(stretch, exponents.size() - from)),
                       i % groups * lane_count, width);
    });
    typename lane_field<L>::workspace room;
    for (std::size_t i = groups; i < groups * stretches; ++i)
        field.multiply(partial.data() + i % groups * words, partial.data() + i % groups * words,
                       partial.data() + i * words, room);
    limb_block factor(words);
    for (std::size_t j = groups * lane_count; j-- > 0;) {
        for (std::size_t i = 0; i < width && j + 1 < groups * lane_count; ++i) field.square(out, out, room);
        const limb* source = partial.data() + j / lane_count * words + j % lane_count;
        for (std::size_t k = 0; k < L; ++k) factor.data()[k * lane_count] = source[k * lane_count];
        field.multiply(out, out, factor.data(), room);
    }
}

} // namespace veilsum::modular

#endif
