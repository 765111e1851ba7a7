// The integers mod l of scalar.hpp, eight at a time in the lanes of the vector unit.
//
//     x R mod l = sum_{k<5} digit[k] 2^(52 k),   R = 2^260        in each lane, digits below 2^52
//
// Montgomery's form, as in scalar.hpp, with another R: the multiply-add works on digits of 52 bits.
//
//     lane_scalar a = gather_scalars([&](std::size_t i) -> const scalar& { return values[i]; });
//     lane_scalar b = a * broadcast(scalar::half()) - squared(a);
//     lane_scalar_sum sum;      sum.add(a); sum.add(mask, b); ...      sum.reduced()
//     lane_product_sum dot;     dot.add(a, b); dot.add_square(b); ...  dot.reduced()
//     scalar s = total(b);                                             // over the eight lanes
//
// Bounds. A lane_scalar stands for its residue, digit[4] is below 2^49: below 2^257 in all. Whatever the
// functions here return keeps that, and they take whatever keeps it, so that callers need not count. What is
// to be counted are the terms of the two sums, in which nothing is carried until `reduced()`:
//
//     lane_scalar_sum    at most 2047 terms       (digits below 2^52 stay below 2^63 - 2^52)
//     lane_product_sum   at most 224 products     (a column takes 9 halves of products, below 2^52 each;
//                                                  the reduction adds 8 more: 9 224 + 8 < 2^11)
//
// A sum that was merged into another counts with all of its terms.
//
// Cost for eight, in multiply-adds, and in nanoseconds where that is 4.1 GHz of an AMD EPYC, family 26 model
// 2: a product 80 (12 ns; 18 ns if the next one waits for it), a sum 5 (3 ns), a term of a lane_product_sum
// 50 (6 ns), a square in it 30 (4 ns).
//
// Constant time: neither branches nor addresses depend on digits or masks.
#pragma once

#include <veilsum/core/ifma.hpp>
#include <veilsum/group/scalar.hpp>

#if VEILSUM_IFMA_ENGINE

#include <sodium/utils.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace veilsum::group {

// Aligned by name: see core/ifma.hpp. The default value is zero.
struct alignas(64) lane_scalar {
    lanes digit[5]{}; // below 2^52, the last below 2^49

    void wipe() noexcept { sodium_memzero(digit, sizeof digit); }
};

namespace detail::mod_l {

// l = sum_k digit[k] 2^(52 k); the digit between these two is zero.
inline constexpr std::uint64_t digit0 = order[0] & digit_mask,
                               digit1 = (order[0] >> 52 | order[1] << 12) & digit_mask,
                               digit2 = order[1] >> 40;
inline constexpr int top_bits = 44; // digit 4 is 2^44

// A carried number below 2^260 from signed columns whose sum is such a number.
VEILSUM_IFMA_INLINE lane_scalar carried(lanes t0, lanes t1, lanes t2, lanes t3, lanes t4) {
    t1 += carry_of(t0);
    t2 += carry_of(t1);
    t3 += carry_of(t2);
    t4 += carry_of(t3);
    return {{digit_of(t0), digit_of(t1), digit_of(t2), digit_of(t3), t4}};
}
// The same residue, below 2^253 + 2^221: q 2^252 = -q c for what exceeds 252 bits in the last column, and l
// on top to stay above zero. Columns from -2^53 to 2^63 - 2^52, the last one from 0 to 2^63.
VEILSUM_IFMA_INLINE lane_scalar folded(lanes t0, lanes t1, lanes t2, lanes t3, lanes t4) {
    const lanes q = t4 >> top_bits; // q c has digits 0, 1 and 2
    const lanes c0 = all_lanes(digit0), c1 = all_lanes(digit1), c2 = all_lanes(digit2);
    const lanes less0 = multiply_low(no_lanes(), q, c0);
    const lanes less1 = multiply_low(multiply_high(no_lanes(), q, c0), q, c1);
    const lanes less2 = multiply_low(multiply_high(no_lanes(), q, c1), q, c2);
    const lanes top = all_lanes(std::uint64_t{1} << top_bits);
    return carried(t0 + c0 - less0, t1 + c1 - less1, t2 + c2 - less2, t3, (t4 & (top - 1)) + top);
}

} // namespace detail::mod_l

// Here and below, columns are written out, because compilers keep the columns of a loop in memory.
//
// Sums of lane_scalars, term by term or under a mask: lanes outside of it get zero.
struct alignas(64) lane_scalar_sum {
    static constexpr std::size_t capacity = 2047; // terms that fit
    lanes digit[5]{};                             // sums of digits

    // One term more.
    VEILSUM_IFMA_INLINE void add(const lane_scalar& x) {
        digit[0] += x.digit[0];
        digit[1] += x.digit[1];
        digit[2] += x.digit[2];
        digit[3] += x.digit[3];
        digit[4] += x.digit[4];
    }
    VEILSUM_IFMA_INLINE void add(lane_mask mask, const lane_scalar& x) {
        digit[0] = _mm512_mask_add_epi64(digit[0], mask, digit[0], x.digit[0]);
        digit[1] = _mm512_mask_add_epi64(digit[1], mask, digit[1], x.digit[1]);
        digit[2] = _mm512_mask_add_epi64(digit[2], mask, digit[2], x.digit[2]);
        digit[3] = _mm512_mask_add_epi64(digit[3], mask, digit[3], x.digit[3]);
        digit[4] = _mm512_mask_add_epi64(digit[4], mask, digit[4], x.digit[4]);
    }
    VEILSUM_IFMA_INLINE void add(const lane_scalar_sum& other) {
        digit[0] += other.digit[0];
        digit[1] += other.digit[1];
        digit[2] += other.digit[2];
        digit[3] += other.digit[3];
        digit[4] += other.digit[4];
    }
    // The sum, carried and reduced.
    VEILSUM_IFMA_INLINE lane_scalar reduced() const {
        return detail::mod_l::folded(digit[0], digit[1], digit[2], digit[3], digit[4]);
    }
    void wipe() noexcept { sodium_memzero(digit, sizeof digit); }
};

// Sums of products of lane_scalars.
struct alignas(64) lane_product_sum {
    static constexpr std::size_t capacity = 224; // products that fit
    lanes column[10]{};                          // sums of products

    VEILSUM_IFMA_INLINE void add(const lane_scalar& a, const lane_scalar& b); // the product a b
    VEILSUM_IFMA_INLINE void add_square(const lane_scalar& a);                // the product a a
    VEILSUM_IFMA_INLINE void add(const lane_product_sum& other) {
        column[0] += other.column[0];
        column[1] += other.column[1];
        column[2] += other.column[2];
        column[3] += other.column[3];
        column[4] += other.column[4];
        column[5] += other.column[5];
        column[6] += other.column[6];
        column[7] += other.column[7];
        column[8] += other.column[8];
        column[9] += other.column[9];
    }
    VEILSUM_IFMA_INLINE lane_scalar reduced() const; // the sum, carried and reduced
    void wipe() noexcept { sodium_memzero(column, sizeof column); }
};

namespace detail::mod_l {

// One digit times b. Low and high halves are kept apart, because each multiply-add waits for the one before.
VEILSUM_IFMA_INLINE void add_row(lanes a, const lane_scalar& b, lanes& low0, lanes& low1, lanes& low2,
                                 lanes& low3, lanes& low4, lanes& high1, lanes& high2, lanes& high3,
                                 lanes& high4, lanes& high5) {
    low0 = multiply_low(low0, a, b.digit[0]);
    high1 = multiply_high(high1, a, b.digit[0]);
    low1 = multiply_low(low1, a, b.digit[1]);
    high2 = multiply_high(high2, a, b.digit[1]);
    low2 = multiply_low(low2, a, b.digit[2]);
    high3 = multiply_high(high3, a, b.digit[2]);
    low3 = multiply_low(low3, a, b.digit[3]);
    high4 = multiply_high(high4, a, b.digit[3]);
    low4 = multiply_low(low4, a, b.digit[4]);
    high5 = multiply_high(high5, a, b.digit[4]);
}
VEILSUM_IFMA_INLINE lane_product_sum product_columns(const lane_scalar& a, const lane_scalar& b) {
    lanes low0{}, low1{}, low2{}, low3{}, low4{}, low5{}, low6{}, low7{}, low8{};
    lanes high1{}, high2{}, high3{}, high4{}, high5{}, high6{}, high7{}, high8{}, high9{};
    add_row(a.digit[0], b, low0, low1, low2, low3, low4, high1, high2, high3, high4, high5);
    add_row(a.digit[1], b, low1, low2, low3, low4, low5, high2, high3, high4, high5, high6);
    add_row(a.digit[2], b, low2, low3, low4, low5, low6, high3, high4, high5, high6, high7);
    add_row(a.digit[3], b, low3, low4, low5, low6, low7, high4, high5, high6, high7, high8);
    add_row(a.digit[4], b, low4, low5, low6, low7, low8, high5, high6, high7, high8, high9);
    return {{low0, low1 + high1, low2 + high2, low3 + high3, low4 + high4, low5 + high5, low6 + high6,
             low7 + high7, low8 + high8, high9}};
}
// Twice what stands above the diagonal, and the diagonal.
VEILSUM_IFMA_INLINE lane_product_sum square_columns(const lane_scalar& a) {
    const lanes a0 = a.digit[0], a1 = a.digit[1], a2 = a.digit[2], a3 = a.digit[3], a4 = a.digit[4];
    const lanes low1 = multiply_low(no_lanes(), a0, a1);
    const lanes high2 = multiply_high(no_lanes(), a0, a1);
    const lanes low2 = multiply_low(no_lanes(), a0, a2);
    lanes high3 = multiply_high(no_lanes(), a0, a2);
    lanes low3 = multiply_low(no_lanes(), a0, a3);
    lanes high4 = multiply_high(no_lanes(), a0, a3);
    lanes low4 = multiply_low(no_lanes(), a0, a4);
    lanes high5 = multiply_high(no_lanes(), a0, a4);
    low3 = multiply_low(low3, a1, a2);
    high4 = multiply_high(high4, a1, a2);
    low4 = multiply_low(low4, a1, a3);
    high5 = multiply_high(high5, a1, a3);
    lanes low5 = multiply_low(no_lanes(), a1, a4);
    lanes high6 = multiply_high(no_lanes(), a1, a4);
    low5 = multiply_low(low5, a2, a3);
    high6 = multiply_high(high6, a2, a3);
    const lanes low6 = multiply_low(no_lanes(), a2, a4);
    const lanes high7 = multiply_high(no_lanes(), a2, a4);
    const lanes low7 = multiply_low(no_lanes(), a3, a4);
    const lanes high8 = multiply_high(no_lanes(), a3, a4);
    const lanes twice2 = low2 + high2, twice3 = low3 + high3, twice4 = low4 + high4, twice5 = low5 + high5,
                twice6 = low6 + high6, twice7 = low7 + high7;
    return {{multiply_low(no_lanes(), a0, a0), multiply_high(low1 + low1, a0, a0),
             multiply_low(twice2 + twice2, a1, a1), multiply_high(twice3 + twice3, a1, a1),
             multiply_low(twice4 + twice4, a2, a2), multiply_high(twice5 + twice5, a2, a2),
             multiply_low(twice6 + twice6, a3, a3), multiply_high(twice7 + twice7, a3, a3),
             multiply_low(high8 + high8, a4, a4), multiply_high(no_lanes(), a4, a4)}};
}

// Adds the multiple of l 2^(52 i) that makes column t0, the i-th, a multiple of 2^52, and carries what it
// then holds. That is one more than before unless its digit was zero.
VEILSUM_IFMA_INLINE void eliminate(lanes t0, lanes& t1, lanes& t2, lanes& t3, lanes& t4, lanes& t5) {
    const lanes m = multiply_low(no_lanes(), t0, all_lanes(reducer & digit_mask)); // -t0/l mod 2^52
    t1 = multiply_low(t1 + carry_of(t0 + all_lanes(digit_mask)), m, all_lanes(digit1)) +
         multiply_high(no_lanes(), m, all_lanes(digit0));
    t2 = multiply_high(t2, m, all_lanes(digit1));
    t2 = multiply_low(t2, m, all_lanes(digit2));
    t3 = multiply_high(t3, m, all_lanes(digit2));
    t4 += digit_of(m << top_bits);
    t5 += m >> static_cast<int>(digit_bits - top_bits);
}
// Each row is followed by the elimination of the column that it completes, so that the long chain from one
// elimination to the next starts early. The result is below (2^257)^2 / R + l < 2^255.
VEILSUM_IFMA_INLINE lane_scalar product(const lane_scalar& a, const lane_scalar& b) {
    lanes low0{}, low1{}, low2{}, low3{}, low4{}, low5{}, low6{}, low7{}, low8{};
    lanes high1{}, high2{}, high3{}, high4{}, high5{}, high6{}, high7{}, high8{}, high9{};
    lanes t1{}, t2{}, t3{}, t4{}, t5{}, t6{}, t7{}, t8{}, t9{};
    add_row(a.digit[0], b, low0, low1, low2, low3, low4, high1, high2, high3, high4, high5);
    eliminate(low0, t1, t2, t3, t4, t5);
    add_row(a.digit[1], b, low1, low2, low3, low4, low5, high2, high3, high4, high5, high6);
    eliminate(t1 + (low1 + high1), t2, t3, t4, t5, t6);
    add_row(a.digit[2], b, low2, low3, low4, low5, low6, high3, high4, high5, high6, high7);
    eliminate(t2 + (low2 + high2), t3, t4, t5, t6, t7);
    add_row(a.digit[3], b, low3, low4, low5, low6, low7, high4, high5, high6, high7, high8);
    eliminate(t3 + (low3 + high3), t4, t5, t6, t7, t8);
    add_row(a.digit[4], b, low4, low5, low6, low7, low8, high5, high6, high7, high8, high9);
    eliminate(t4 + (low4 + high4), t5, t6, t7, t8, t9);
    return carried(t5 + (low5 + high5), t6 + (low6 + high6), t7 + (low7 + high7), t8 + (low8 + high8),
                   t9 + high9);
}

} // namespace detail::mod_l

VEILSUM_IFMA_INLINE void lane_product_sum::add(const lane_scalar& a, const lane_scalar& b) {
    add(detail::mod_l::product_columns(a, b));
}
VEILSUM_IFMA_INLINE void lane_product_sum::add_square(const lane_scalar& a) {
    add(detail::mod_l::square_columns(a));
}
VEILSUM_IFMA_INLINE lane_scalar lane_product_sum::reduced() const {
    using detail::mod_l::eliminate;
    lanes t1 = column[1], t2 = column[2], t3 = column[3], t4 = column[4], t5 = column[5], t6 = column[6],
          t7 = column[7], t8 = column[8], t9 = column[9];
    eliminate(column[0], t1, t2, t3, t4, t5);
    eliminate(t1, t2, t3, t4, t5, t6);
    eliminate(t2, t3, t4, t5, t6, t7);
    eliminate(t3, t4, t5, t6, t7, t8);
    eliminate(t4, t5, t6, t7, t8, t9);
    return detail::mod_l::folded(t5, t6, t7, t8, t9);
}

VEILSUM_IFMA_INLINE lane_scalar operator*(const lane_scalar& a, const lane_scalar& b) {
    return detail::mod_l::product(a, b);
}
// 60 multiply-adds would do, but take as long: eliminations wait for each other.
VEILSUM_IFMA_INLINE lane_scalar squared(const lane_scalar& a) {
    return a * a;
}
VEILSUM_IFMA_INLINE lane_scalar operator+(const lane_scalar& a, const lane_scalar& b) {
    return detail::mod_l::folded(a.digit[0] + b.digit[0], a.digit[1] + b.digit[1], a.digit[2] + b.digit[2],
                                 a.digit[3] + b.digit[3], a.digit[4] + b.digit[4]);
}
// a + 32 l - b, whose last digit is not negative.
VEILSUM_IFMA_INLINE lane_scalar operator-(const lane_scalar& a, const lane_scalar& b) {
    using namespace detail::mod_l;
    return folded(a.digit[0] - b.digit[0] + all_lanes(digit0 << 5),
                  a.digit[1] - b.digit[1] + all_lanes(digit1 << 5),
                  a.digit[2] - b.digit[2] + all_lanes(digit2 << 5), a.digit[3] - b.digit[3],
                  a.digit[4] - b.digit[4] + all_lanes(std::uint64_t{1} << (top_bits + 5)));
}
VEILSUM_IFMA_INLINE lane_scalar operator-(const lane_scalar& a) {
    return lane_scalar{} - a;
}
VEILSUM_IFMA_INLINE lane_scalar choose(lane_mask mask, const lane_scalar& yes, const lane_scalar& no) {
    return {{_mm512_mask_mov_epi64(no.digit[0], mask, yes.digit[0]),
             _mm512_mask_mov_epi64(no.digit[1], mask, yes.digit[1]),
             _mm512_mask_mov_epi64(no.digit[2], mask, yes.digit[2]),
             _mm512_mask_mov_epi64(no.digit[3], mask, yes.digit[3]),
             _mm512_mask_mov_epi64(no.digit[4], mask, yes.digit[4])}};
}

// x 2^260, below 16 l < 2^257, from x 2^256, four bits up: the digits of x in a lane, for tables that lanes
// look up.
constexpr std::array<std::uint64_t, 5> lane_digits(const scalar& x) {
    const scalar_words& form = x.montgomery_form();
    return {form[0] << 4 & digit_mask, (form[0] >> 48 | form[1] << 16) & digit_mask,
            (form[1] >> 36 | form[2] << 28) & digit_mask, (form[2] >> 24 | form[3] << 40) & digit_mask,
            form[3] >> 12};
}

VEILSUM_IFMA_INLINE lane_scalar broadcast(const scalar& x) {
    const auto digit = lane_digits(x);
    return {{all_lanes(digit[0]), all_lanes(digit[1]), all_lanes(digit[2]), all_lanes(digit[3]),
             all_lanes(digit[4])}};
}
// Scalar i of the eight in lane i.
template <class Source> // Source(lane): const scalar&
VEILSUM_IFMA inline lane_scalar gather_scalars(const Source& source) {
    alignas(64) std::uint64_t word[5][lane_count];
    for (std::size_t lane = 0; lane < lane_count; ++lane) {
        const auto digit = lane_digits(source(lane));
        for (std::size_t k = 0; k < 5; ++k) word[k][lane] = digit[k];
    }
    lane_scalar out;
    for (std::size_t k = 0; k < 5; ++k) out.digit[k] = _mm512_load_si512(word[k]);
    return out;
}
// A product by 2^256 leaves x 2^256, below 2^257 l / R + l < 2 l.
VEILSUM_IFMA inline std::array<scalar, lane_count> scatter_scalars(const lane_scalar& x) {
    using namespace detail::mod_l;
    constexpr std::uint64_t d0 = R[0] & digit_mask, d1 = (R[0] >> 52 | R[1] << 12) & digit_mask,
                            d2 = (R[1] >> 40 | R[2] << 24) & digit_mask,
                            d3 = (R[2] >> 28 | R[3] << 36) & digit_mask, d4 = R[3] >> 16;
    const lane_scalar form =
        x * lane_scalar{{all_lanes(d0), all_lanes(d1), all_lanes(d2), all_lanes(d3), all_lanes(d4)}};
    alignas(64) std::uint64_t word[5][lane_count];
    for (std::size_t k = 0; k < 5; ++k) _mm512_store_si512(word[k], form.digit[k]);
    std::array<scalar, lane_count> out;
    for (std::size_t lane = 0; lane < lane_count; ++lane)
        out[lane] = scalar::from_montgomery_form(reduced_once(
            {word[0][lane] | word[1][lane] << 52, word[1][lane] >> 12 | word[2][lane] << 40,
             word[2][lane] >> 24 | word[3][lane] << 28, word[3][lane] >> 36 | word[4][lane] << 16}));
    return out;
}
// The sum of the eight.
VEILSUM_IFMA inline scalar total(const lane_scalar& x) {
    constexpr lane_mask every = 0xff; // GCC 12 warns of an undefined value inside of the forms without a mask
    lane_scalar_sum sum;
    for (std::size_t k = 0; k < 5; ++k) {
        lanes each = x.digit[k];
        each += _mm512_maskz_shuffle_i64x2(every, each, each, 0x4e);
        each += _mm512_maskz_shuffle_i64x2(every, each, each, 0xb1);
        each += _mm512_maskz_permutex_epi64(every, each, 0xb1);
        sum.digit[k] = each;
    }
    return scatter_scalars(sum.reduced())[0];
}

} // namespace veilsum::group

#endif
