// The field of field25519.hpp, eight elements at a time in the lanes of the vector unit.
//
//     x = sum_{k<5} digit[k] 2^(51 k)        in each lane, digits below 2^52
//
// The multiply-add takes 52 bits of its factors and cuts products at bit 52, while digits weigh 51 bits. So
// the high halves of products count twice in the next column, and the spare bit leaves room for a digit that
// was carried once, not for the sum of two: sums are carried before they are multiplied.
//
// What is not carried has another type, `lane_columns`, so that compilers see it. Products are columns, and
// columns can be added and subtracted: a formula carries what it multiplies next, and nothing twice.
//
// Bounds. Carried digits are below 2^51 + 2^17. With digits below 2^52, column 0 of a product, folded, is the
// largest: 1 low half, and 19 times 4 low and 5 double high halves, below 267 2^52 < 2^60.1. The difference
// a - b of columns is a + 2^9 (2 p) - b, whose digits exceed 2^60.9. A formula may therefore add up two
// products and subtract one, or add three and subtract one, and stays below 2^63.
//
// Multiply-adds: 50 a product, 30 a square; 60 and 45 cycles for eight on an AMD EPYC, family 25 model 17.
//
// Constant time: neither branches nor addresses depend on digits.
#pragma once

#include <veilsum/core/ifma.hpp>
#include <veilsum/group/field25519.hpp>

#if VEILSUM_IFMA_ENGINE

#include <array>
#include <cstddef>
#include <cstdint>

namespace veilsum::group {

// Aligned by name: outside of VEILSUM_IFMA functions GCC takes the alignment of `lanes` for 16, and would
// allocate vectors of these on it.
struct alignas(64) lane_columns {
    lanes digit[field25519::limbs]; // not carried: below 2^63
};

// Eight elements, carried.
struct alignas(64) lane_field25519 {
    lanes digit[field25519::limbs]; // below 2^52
};

// The same element in each lane.
VEILSUM_IFMA_INLINE lane_field25519 broadcast(const field25519& value) {
    return {{all_lanes(value.limb[0]), all_lanes(value.limb[1]), all_lanes(value.limb[2]),
             all_lanes(value.limb[3]), all_lanes(value.limb[4])}};
}
// Element i of the eight in lane i; limbs below 2^52.
template <class Source> // Source(lane): const field25519&
VEILSUM_IFMA inline lane_field25519 gather_lanes(const Source& source) {
    alignas(64) std::uint64_t word[field25519::limbs][lane_count];
    for (std::size_t lane = 0; lane < lane_count; ++lane) {
        const field25519& element = source(lane);
        for (std::size_t k = 0; k < field25519::limbs; ++k) word[k][lane] = element.limb[k];
    }
    lane_field25519 out;
    for (std::size_t k = 0; k < field25519::limbs; ++k) out.digit[k] = _mm512_load_si512(word[k]);
    return out;
}
// The elements, lane by lane.
VEILSUM_IFMA inline std::array<field25519, lane_count> scatter_lanes(const lane_field25519& x) {
    std::array<field25519, lane_count> out;
    for (std::size_t k = 0; k < field25519::limbs; ++k) {
        alignas(64) std::uint64_t word[lane_count];
        _mm512_store_si512(word, x.digit[k]);
        for (std::size_t lane = 0; lane < lane_count; ++lane) out[lane].limb[k] = word[lane];
    }
    return out;
}

// To be added to products.
VEILSUM_IFMA_INLINE lane_columns columns_of(const lane_field25519& x) {
    return {{x.digit[0], x.digit[1], x.digit[2], x.digit[3], x.digit[4]}};
}
// All columns at once: what one carries enters the next one's digit, 19 times what the last one carries the
// first one's. Columns below 2^63.
VEILSUM_IFMA_INLINE lane_field25519 carried(const lane_columns& x) {
    const lanes mask = all_lanes(field25519::limb_mask);
    constexpr int bits = static_cast<int>(field25519::limb_bits);
    return {{multiply_low(x.digit[0] & mask, x.digit[4] >> bits, all_lanes(19)),
             (x.digit[1] & mask) + (x.digit[0] >> bits), (x.digit[2] & mask) + (x.digit[1] >> bits),
             (x.digit[3] & mask) + (x.digit[2] >> bits), (x.digit[4] & mask) + (x.digit[3] >> bits)}};
}

VEILSUM_IFMA_INLINE lane_columns operator+(const lane_columns& a, const lane_columns& b) {
    return {{a.digit[0] + b.digit[0], a.digit[1] + b.digit[1], a.digit[2] + b.digit[2],
             a.digit[3] + b.digit[3], a.digit[4] + b.digit[4]}};
}
VEILSUM_IFMA_INLINE lane_columns operator-(const lane_columns& a, const lane_columns& b) {
    const lanes lowest = all_lanes(((std::uint64_t{1} << 52) - 38) << 9);
    const lanes other = all_lanes(((std::uint64_t{1} << 52) - 2) << 9);
    return {{a.digit[0] + lowest - b.digit[0], a.digit[1] + other - b.digit[1],
             a.digit[2] + other - b.digit[2], a.digit[3] + other - b.digit[3],
             a.digit[4] + other - b.digit[4]}};
}
VEILSUM_IFMA_INLINE lane_field25519 operator+(const lane_field25519& a, const lane_field25519& b) {
    return carried(columns_of(a) + columns_of(b));
}
VEILSUM_IFMA_INLINE lane_field25519 operator-(const lane_field25519& a, const lane_field25519& b) {
    return carried(columns_of(a) - columns_of(b));
}
VEILSUM_IFMA_INLINE lane_field25519 operator-(const lane_field25519& a) {
    return broadcast(field25519::zero()) - a;
}

// low + 2 high, and 19 times the same of five columns further up, because 2^255 = 19.
VEILSUM_IFMA_INLINE lanes joined(lanes low, lanes high) {
    return low + (high + high);
}
// column + 19 upper, because 2^255 = 19.
VEILSUM_IFMA_INLINE lanes folded(lanes column, lanes upper) {
    return column + ((upper << 4) + (upper + upper + upper));
}
// Written out, because compilers keep the columns of a loop in memory.
VEILSUM_IFMA_INLINE lane_columns multiply_columns(const lane_field25519& a, const lane_field25519& b) {
    const lanes a0 = a.digit[0], a1 = a.digit[1], a2 = a.digit[2], a3 = a.digit[3], a4 = a.digit[4];
    const lanes b0 = b.digit[0], b1 = b.digit[1], b2 = b.digit[2], b3 = b.digit[3], b4 = b.digit[4];
    lanes low0 = multiply_low(no_lanes(), a0, b0);
    lanes high1 = multiply_high(no_lanes(), a0, b0);
    lanes low1 = multiply_low(no_lanes(), a0, b1);
    lanes high2 = multiply_high(no_lanes(), a0, b1);
    lanes low2 = multiply_low(no_lanes(), a0, b2);
    lanes high3 = multiply_high(no_lanes(), a0, b2);
    lanes low3 = multiply_low(no_lanes(), a0, b3);
    lanes high4 = multiply_high(no_lanes(), a0, b3);
    lanes low4 = multiply_low(no_lanes(), a0, b4);
    lanes high5 = multiply_high(no_lanes(), a0, b4);
    low1 = multiply_low(low1, a1, b0);
    high2 = multiply_high(high2, a1, b0);
    low2 = multiply_low(low2, a1, b1);
    high3 = multiply_high(high3, a1, b1);
    low3 = multiply_low(low3, a1, b2);
    high4 = multiply_high(high4, a1, b2);
    low4 = multiply_low(low4, a1, b3);
    high5 = multiply_high(high5, a1, b3);
    lanes low5 = multiply_low(no_lanes(), a1, b4);
    lanes high6 = multiply_high(no_lanes(), a1, b4);
    low2 = multiply_low(low2, a2, b0);
    high3 = multiply_high(high3, a2, b0);
    low3 = multiply_low(low3, a2, b1);
    high4 = multiply_high(high4, a2, b1);
    low4 = multiply_low(low4, a2, b2);
    high5 = multiply_high(high5, a2, b2);
    low5 = multiply_low(low5, a2, b3);
    high6 = multiply_high(high6, a2, b3);
    lanes low6 = multiply_low(no_lanes(), a2, b4);
    lanes high7 = multiply_high(no_lanes(), a2, b4);
    low3 = multiply_low(low3, a3, b0);
    high4 = multiply_high(high4, a3, b0);
    low4 = multiply_low(low4, a3, b1);
    high5 = multiply_high(high5, a3, b1);
    low5 = multiply_low(low5, a3, b2);
    high6 = multiply_high(high6, a3, b2);
    low6 = multiply_low(low6, a3, b3);
    high7 = multiply_high(high7, a3, b3);
    lanes low7 = multiply_low(no_lanes(), a3, b4);
    lanes high8 = multiply_high(no_lanes(), a3, b4);
    low4 = multiply_low(low4, a4, b0);
    high5 = multiply_high(high5, a4, b0);
    low5 = multiply_low(low5, a4, b1);
    high6 = multiply_high(high6, a4, b1);
    low6 = multiply_low(low6, a4, b2);
    high7 = multiply_high(high7, a4, b2);
    low7 = multiply_low(low7, a4, b3);
    high8 = multiply_high(high8, a4, b3);
    lanes low8 = multiply_low(no_lanes(), a4, b4);
    lanes high9 = multiply_high(no_lanes(), a4, b4);
    return {{folded(low0, joined(low5, high5)), folded(joined(low1, high1), joined(low6, high6)),
             folded(joined(low2, high2), joined(low7, high7)),
             folded(joined(low3, high3), joined(low8, high8)), folded(joined(low4, high4), high9 + high9)}};
}
// Twice what stands above the diagonal, whose high halves count four times then.
VEILSUM_IFMA_INLINE lane_columns square_columns(const lane_field25519& a) {
    const lanes a0 = a.digit[0], a1 = a.digit[1], a2 = a.digit[2], a3 = a.digit[3], a4 = a.digit[4];
    const lanes once0 = multiply_low(no_lanes(), a0, a0);
    lanes twice1 = multiply_high(no_lanes(), a0, a0);
    twice1 = multiply_low(twice1, a0, a1);
    lanes four2 = multiply_high(no_lanes(), a0, a1);
    lanes twice2 = multiply_low(no_lanes(), a0, a2);
    lanes four3 = multiply_high(no_lanes(), a0, a2);
    lanes twice3 = multiply_low(no_lanes(), a0, a3);
    lanes four4 = multiply_high(no_lanes(), a0, a3);
    lanes twice4 = multiply_low(no_lanes(), a0, a4);
    lanes four5 = multiply_high(no_lanes(), a0, a4);
    const lanes once2 = multiply_low(no_lanes(), a1, a1);
    twice3 = multiply_high(twice3, a1, a1);
    twice3 = multiply_low(twice3, a1, a2);
    four4 = multiply_high(four4, a1, a2);
    twice4 = multiply_low(twice4, a1, a3);
    four5 = multiply_high(four5, a1, a3);
    lanes twice5 = multiply_low(no_lanes(), a1, a4);
    lanes four6 = multiply_high(no_lanes(), a1, a4);
    const lanes once4 = multiply_low(no_lanes(), a2, a2);
    twice5 = multiply_high(twice5, a2, a2);
    twice5 = multiply_low(twice5, a2, a3);
    four6 = multiply_high(four6, a2, a3);
    lanes twice6 = multiply_low(no_lanes(), a2, a4);
    lanes four7 = multiply_high(no_lanes(), a2, a4);
    const lanes once6 = multiply_low(no_lanes(), a3, a3);
    lanes twice7 = multiply_high(no_lanes(), a3, a3);
    twice7 = multiply_low(twice7, a3, a4);
    lanes four8 = multiply_high(no_lanes(), a3, a4);
    const lanes once8 = multiply_low(no_lanes(), a4, a4);
    lanes twice9 = multiply_high(no_lanes(), a4, a4);
    return {{folded(once0, joined(no_lanes(), joined(twice5, four5))),
             folded(joined(no_lanes(), twice1), joined(once6, joined(twice6, four6))),
             folded(joined(once2, joined(twice2, four2)), joined(no_lanes(), joined(twice7, four7))),
             folded(joined(no_lanes(), joined(twice3, four3)), joined(once8, four8 + four8)),
             folded(joined(once4, joined(twice4, four4)), joined(no_lanes(), twice9))}};
}
VEILSUM_IFMA inline lane_field25519 operator*(const lane_field25519& a, const lane_field25519& b) {
    return carried(multiply_columns(a, b));
}
VEILSUM_IFMA inline lane_field25519 squared(const lane_field25519& a, int times = 1) { // times >= 1
    lane_field25519 out = carried(square_columns(a));
    for (int i = 1; i < times; ++i) out = carried(square_columns(out));
    return out;
}

namespace detail {

// x^(2^250 - 1), and x^11: the chain of field25519.
struct lane_chain {
    lane_field25519 ones, x11;
};
VEILSUM_IFMA inline lane_chain power_of_ones(const lane_field25519& x) {
    const lane_field25519 x2 = squared(x), x9 = squared(x2, 2) * x, x11 = x9 * x2;
    const lane_field25519 e5 = squared(x11) * x9;
    const lane_field25519 e10 = squared(e5, 5) * e5;
    const lane_field25519 e20 = squared(e10, 10) * e10;
    const lane_field25519 e40 = squared(e20, 20) * e20;
    const lane_field25519 e50 = squared(e40, 10) * e10;
    const lane_field25519 e100 = squared(e50, 50) * e50;
    const lane_field25519 e200 = squared(e100, 100) * e100;
    return {squared(e200, 50) * e50, x11};
}

} // namespace detail

// x^(p - 2): 1/x, and 0 for zero.
VEILSUM_IFMA inline lane_field25519 inverted(const lane_field25519& x) {
    const detail::lane_chain chain = detail::power_of_ones(x);
    return squared(chain.ones, 5) * chain.x11;
}
// x^((p - 5) / 8), of which square roots are made.
VEILSUM_IFMA inline lane_field25519 root_power(const lane_field25519& x) {
    return squared(detail::power_of_ones(x).ones, 2) * x;
}

// The residue in [0, p), digits of 51 bits.
VEILSUM_IFMA inline lane_field25519 canonical(const lane_field25519& x) {
    constexpr int bits = static_cast<int>(field25519::limb_bits);
    const lanes mask = all_lanes(field25519::limb_mask);
    lane_field25519 out = x;
    // Twice: after the first time x is below 2^255 + 2^18, and its digits but the first are of 51 bits.
    for (int round = 0; round < 2; ++round) {
        lanes carry = no_lanes();
        for (std::size_t k = 0; k < field25519::limbs; ++k) {
            const lanes column = out.digit[k] + carry;
            out.digit[k] = column & mask;
            carry = column >> bits;
        }
        out.digit[0] = multiply_low(out.digit[0], carry, all_lanes(19));
    }
    lanes carry = (out.digit[0] + all_lanes(19)) >> bits; // becomes 1 if x >= p
    for (std::size_t k = 1; k < field25519::limbs; ++k) carry = (out.digit[k] + carry) >> bits;
    carry = multiply_low(no_lanes(), carry, all_lanes(19));
    for (std::size_t k = 0; k < field25519::limbs; ++k) {
        const lanes column = out.digit[k] + carry;
        out.digit[k] = column & mask;
        carry = column >> bits;
    }
    return out;
}

// The lanes where the residue is zero; where both are equal; where it is odd.
VEILSUM_IFMA inline lane_mask zero_lanes(const lane_field25519& x) {
    const lane_field25519 r = canonical(x);
    const lanes any = r.digit[0] | r.digit[1] | r.digit[2] | r.digit[3] | r.digit[4];
    return static_cast<lane_mask>(~_mm512_test_epi64_mask(any, any));
}
// The lanes where both are equal.
VEILSUM_IFMA inline lane_mask equal_lanes(const lane_field25519& a, const lane_field25519& b) {
    return zero_lanes(a - b);
}
// The lanes where the residue is odd.
VEILSUM_IFMA inline lane_mask negative_lanes(const lane_field25519& x) {
    return _mm512_test_epi64_mask(canonical(x).digit[0], all_lanes(1));
}
// yes in the lanes of the mask, no in the others.
VEILSUM_IFMA_INLINE lane_field25519 choose(lane_mask mask, const lane_field25519& yes,
                                           const lane_field25519& no) {
    lane_field25519 out;
#pragma GCC unroll 5
    for (std::size_t k = 0; k < field25519::limbs; ++k)
        out.digit[k] = _mm512_mask_mov_epi64(no.digit[k], mask, yes.digit[k]);
    return out;
}
// The one of x and -x that is not negative, in each lane.
VEILSUM_IFMA inline lane_field25519 absolute(const lane_field25519& x) {
    return choose(negative_lanes(x), -x, x);
}

} // namespace veilsum::group

#endif
