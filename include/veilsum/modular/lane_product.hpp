// Products of long numbers in eight lanes, as columns.
//
//     columns(a b):  t_k,  0 <= k < 2 N,   such that   a b = sum_k t_k 2^(52 k)      in each lane
//
// A number is N digits of 52 bits, least significant first, digit k of the eight lanes side by side. The
// columns of a product are sums that nobody has carried yet: 64-bit signed integers with digits' weights.
//
// Method. A row block multiplies four digits of a by all of b: 8 multiply-adds for each column, while the
// digits of b move through registers, so that the multiply-add unit and not the loads is the limit. From
// `split_from` digits on, Karatsuba (1962) on two halves:
//
//     a b = z0 + (m - z0 - z2) B + z2 B^2,    z0 = a0 b0,  z2 = a1 b1,  m = (a0 + a1)(b0 + b1),  B = 2^(52 H)
//
// where the sums are carried, and a carry out of their top enters m under a mask. Squares need half the
// products: sum_{i<j} a_i a_j, doubled, and the diagonal.
//
// Bounds. With r(N) the range [low, high] of a column in units of 2^52: r = [0, 2 N] by rows; Karatsuba of
// halves with a range of width w gives [-2 w, 2 w + 2]. `product_range` follows that, and lane_field.hpp
// asserts that no column overflows, also after the reduction has added to it.
//
// Multiply-adds: 2 N^2 by rows, 3/2 N^2 after one split, 9/8 N^2 after two; squares N (N + 1) by rows.
//
// Constant time: neither branches nor addresses depend on digits.
#pragma once

#include <veilsum/core/ifma.hpp>

#if VEILSUM_IFMA_ENGINE

#include <cstddef>
#include <cstdint>

namespace veilsum::modular {

// Where Karatsuba pays, and how many times it splits at most. Measured on an AMD EPYC, family 25 model 17.
inline constexpr std::size_t split_from = 56;
inline constexpr int max_splits = 2;                  // times that Karatsuba splits at most
inline constexpr std::size_t square_split_from = 100; // digits from which squares split
inline constexpr std::size_t row_block = 4;           // digits that are multiplied at a time
static_assert(square_split_from >= split_from, "lane_scratch counts the splits of products");

// Where the columns of a product lie: from `low` to `high`, in units of 2^52.
struct column_range {
    std::int64_t low, high;                                     // in units of 2^52
    constexpr std::int64_t width() const { return high - low; } // high - low
};
// The range of the columns of a product of n digits.
constexpr column_range product_range(std::size_t n, int splits = max_splits) {
    if (n < split_from || splits == 0) return {0, 2 * static_cast<std::int64_t>(n)};
    const std::int64_t width = product_range((n + 1) / 2, splits - 1).width();
    return {-2 * width, 2 * width + 2};
}
// Scratch of a product or a square of n digits, in digits of eight lanes.
constexpr std::size_t lane_scratch(std::size_t n, int splits = max_splits) {
    if (n < split_from || splits == 0) return 0;
    const std::size_t half = (n + 1) / 2;
    return 4 * half + 1 + lane_scratch(half, splits - 1);
}

// window[r] <- window[r + 1], r < Rows; not a loop, which compilers take for a copy in memory.
template <std::size_t Rows>
VEILSUM_IFMA_INLINE void advance(lanes* window) {
    if constexpr (Rows > 1) advance<Rows - 1>(window);
    window[Rows - 1] = window[Rows];
}

// t[0, n + Rows) <- t + a[0, Rows) b[0, n), or without t if Fresh; columns from n on are always fresh.
// Rows <= n.
template <std::size_t Rows, bool Fresh>
VEILSUM_IFMA inline void add_rows(lanes* t, const lanes* a, const lanes* b, std::size_t n) {
    lanes factor[Rows], window[Rows + 1]; // window[j] = b[k - Rows + j] at column k
#pragma GCC unroll 8
    for (std::size_t r = 0; r < Rows; ++r) {
        factor[r] = a[r];
        window[r] = b[r];
    }
#pragma GCC unroll 8
    for (std::size_t k = 0; k < Rows; ++k) {
        lanes low = Fresh ? no_lanes() : t[k], high = no_lanes();
#pragma GCC unroll 8
        for (std::size_t r = 0; r <= k; ++r) low = multiply_low(low, factor[r], window[k - r]);
#pragma GCC unroll 8
        for (std::size_t r = 0; r < k; ++r) high = multiply_high(high, factor[r], window[k - r - 1]);
        t[k] = low + high;
    }
    for (std::size_t k = Rows; k < n; ++k) {
        window[Rows] = b[k];
        lanes low = Fresh ? no_lanes() : t[k], high = no_lanes();
#pragma GCC unroll 8
        for (std::size_t r = 0; r < Rows; ++r) {
            low = multiply_low(low, factor[r], window[Rows - r]);
            high = multiply_high(high, factor[r], window[Rows - r - 1]);
        }
        t[k] = low + high;
        advance<Rows>(window);
    }
#pragma GCC unroll 8
    for (std::size_t k = 0; k < Rows; ++k) {
        lanes low = no_lanes(), high = no_lanes();
#pragma GCC unroll 8
        for (std::size_t r = 0; r < Rows; ++r) {
            if (r > k) low = multiply_low(low, factor[r], window[Rows + k - r]);
            if (r >= k) high = multiply_high(high, factor[r], window[Rows + k - r - 1]);
        }
        t[n + k] = low + high;
    }
}

// The same for the last 1 to 3 rows; none of t is fresh but the columns from n on.
VEILSUM_IFMA inline void add_last_rows(lanes* t, const lanes* a, const lanes* b, std::size_t rows,
                                       std::size_t n) {
    if (rows == 3) add_rows<3, false>(t, a, b, n);
    if (rows == 2) add_rows<2, false>(t, a, b, n);
    if (rows == 1) add_rows<1, false>(t, a, b, n);
}

// t[0, 2 n) <- columns(a b) by rows; n >= row_block.
VEILSUM_IFMA inline void multiply_rows(lanes* t, const lanes* a, const lanes* b, std::size_t n) {
    add_rows<row_block, true>(t, a, b, n);
    std::size_t i = row_block;
    for (; i + row_block <= n; i += row_block) add_rows<row_block, false>(t + i, a + i, b, n);
    add_last_rows(t + i, a + i, b, n - i, n);
}

// t[0, n + row_block) <- t + sum over r < j of a[r] a[j], r < row_block, j < n; the columns from n on are
// fresh. n >= 2 row_block.
template <bool Fresh>
VEILSUM_IFMA inline void add_square_rows(lanes* t, const lanes* a, std::size_t n) {
    constexpr std::size_t rows = row_block;
    lanes digit[2 * rows];
#pragma GCC unroll 8
    for (std::size_t j = 0; j < 2 * rows; ++j) digit[j] = a[j];
#pragma GCC unroll 8
    for (std::size_t k = 0; k < 2 * rows; ++k) {
        lanes low = Fresh ? no_lanes() : t[k], high = no_lanes();
#pragma GCC unroll 8
        for (std::size_t r = 0; r < rows; ++r) {
            if (k > 2 * r) low = multiply_low(low, digit[r], digit[k - r]);
            if (k > 2 * r + 1) high = multiply_high(high, digit[r], digit[k - r - 1]);
        }
        t[k] = low + high;
    }
    lanes window[rows + 1];
#pragma GCC unroll 8
    for (std::size_t r = 0; r < rows; ++r) window[r] = digit[rows + r];
    for (std::size_t k = 2 * rows; k < n; ++k) {
        window[rows] = a[k];
        lanes low = Fresh ? no_lanes() : t[k], high = no_lanes();
#pragma GCC unroll 8
        for (std::size_t r = 0; r < rows; ++r) {
            low = multiply_low(low, digit[r], window[rows - r]);
            high = multiply_high(high, digit[r], window[rows - r - 1]);
        }
        t[k] = low + high;
        advance<rows>(window);
    }
#pragma GCC unroll 8
    for (std::size_t k = 0; k < rows; ++k) {
        lanes low = no_lanes(), high = no_lanes();
#pragma GCC unroll 8
        for (std::size_t r = 0; r < rows; ++r) {
            if (r > k) low = multiply_low(low, digit[r], window[rows + k - r]);
            if (r >= k) high = multiply_high(high, digit[r], window[rows + k - r - 1]);
        }
        t[n + k] = low + high;
    }
}

// t[0, 2 n) <- columns(a^2) by rows: products of different digits, twice, and the diagonal.
VEILSUM_IFMA inline void square_rows(lanes* t, const lanes* a, std::size_t n) {
    std::size_t i = 0;
    if (n >= 2 * row_block) {
        add_square_rows<true>(t, a, n);
        for (i = row_block; n - i >= 2 * row_block; i += row_block)
            add_square_rows<false>(t + 2 * i, a + i, n - i);
    }
    for (std::size_t k = i == 0 ? 0 : i + n; k < 2 * n; ++k) t[k] = no_lanes();
    for (; i < n; ++i)
        for (std::size_t j = i + 1; j < n; ++j) {
            t[i + j] = multiply_low(t[i + j], a[i], a[j]);
            t[i + j + 1] = multiply_high(t[i + j + 1], a[i], a[j]);
        }
    for (std::size_t k = 0; k < n; ++k) {
        t[2 * k] = multiply_low(t[2 * k] + t[2 * k], a[k], a[k]);
        t[2 * k + 1] = multiply_high(t[2 * k + 1] + t[2 * k + 1], a[k], a[k]);
    }
}

// sum[0, half) <- x[0, half) + x[half, half + rest), carried; the lanes whose sum has one bit more.
VEILSUM_IFMA inline __mmask8 add_halves(lanes* sum, const lanes* x, std::size_t half, std::size_t rest) {
    lanes column = no_lanes();
    for (std::size_t k = 0; k < half; ++k) {
        column = column + x[k];
        if (k < rest) column = column + x[half + k];
        sum[k] = digit_of(column);
        column = carry_of(column);
    }
    return _mm512_test_epi64_mask(column, column);
}

// t holds z0 and z2; t <- t + (m - z0 - z2) B.
VEILSUM_IFMA inline void join_halves(lanes* t, lanes* m, std::size_t half, std::size_t rest) {
    for (std::size_t k = 0; k < 2 * half; ++k) m[k] = m[k] - t[k];
    for (std::size_t k = 0; k < 2 * rest; ++k) m[k] = m[k] - t[2 * half + k];
    for (std::size_t k = 0; k <= 2 * half; ++k) t[half + k] = t[half + k] + m[k];
}

// t[0, 2 N) <- columns(a b); t overlaps neither factor. scratch: lane_scratch(N).
template <std::size_t N, int Splits = max_splits>
VEILSUM_IFMA void multiply_columns(lanes* t, const lanes* a, const lanes* b, lanes* scratch) {
    if constexpr (N < split_from || Splits == 0) {
        multiply_rows(t, a, b, N);
    } else {
        constexpr std::size_t half = (N + 1) / 2, rest = N - half;
        lanes *const sum_a = scratch, *const sum_b = sum_a + half, *const m = sum_b + half;
        scratch = m + 2 * half + 1;
        multiply_columns<half, Splits - 1>(t, a, b, scratch);
        multiply_columns<rest, Splits - 1>(t + 2 * half, a + half, b + half, scratch);
        const __mmask8 top_a = add_halves(sum_a, a, half, rest);
        const __mmask8 top_b = add_halves(sum_b, b, half, rest);
        multiply_columns<half, Splits - 1>(m, sum_a, sum_b, scratch);
        for (std::size_t k = 0; k < half; ++k) {
            m[half + k] = _mm512_mask_add_epi64(m[half + k], top_a, m[half + k], sum_b[k]);
            m[half + k] = _mm512_mask_add_epi64(m[half + k], top_b, m[half + k], sum_a[k]);
        }
        m[2 * half] = _mm512_maskz_set1_epi64(static_cast<__mmask8>(top_a & top_b), 1);
        join_halves(t, m, half, rest);
    }
}

// t[0, 2 N) <- columns(a^2).
template <std::size_t N, int Splits = max_splits>
VEILSUM_IFMA void square_columns(lanes* t, const lanes* a, lanes* scratch) {
    if constexpr (N < square_split_from || Splits == 0) {
        square_rows(t, a, N);
    } else {
        constexpr std::size_t half = (N + 1) / 2, rest = N - half;
        lanes *const sum = scratch, *const m = sum + half;
        scratch = m + 2 * half + 1;
        square_columns<half, Splits - 1>(t, a, scratch);
        square_columns<rest, Splits - 1>(t + 2 * half, a + half, scratch);
        const __mmask8 top = add_halves(sum, a, half, rest);
        square_columns<half, Splits - 1>(m, sum, scratch);
        for (std::size_t k = 0; k < half; ++k)
            m[half + k] = _mm512_mask_add_epi64(m[half + k], top, m[half + k], sum[k] + sum[k]);
        m[2 * half] = _mm512_maskz_set1_epi64(top, 1);
        join_halves(t, m, half, rest);
    }
}

} // namespace veilsum::modular

#endif
