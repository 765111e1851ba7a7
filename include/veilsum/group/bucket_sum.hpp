// Sums of many points with public scalars, by buckets:
//
//     sum_i x_i P_i = sum_j 2^(c j) W_j,     W_j = sum_i digit_{i,j} P_i = sum_{v=1..B} v S_{j,v}
//     B = 2^(c-1)
//
// S_{j,v} adds up the points whose digit is v and subtracts those whose digit is -v: one addition a point and
// window. The weights v cost two additions a bucket, because sum_v v S_v = sum_v (S_B + .. + S_v).
//
// In lanes, eight windows go side by side. Each lane takes its points in the order of their digits, largest
// first, and adds them to one *running* sum, S_B + .. + S_v after the points of bucket v, which is then put
// aside; the sums put aside add up to W_j. So lanes need no bucket of their own to read, whatever their
// digits are, and never wait for one another.
//
// Source: Bernstein, Doumen, Lange, Oosterwijk, "Faster batch forgery identification", 2012, section 4
// (Pippenger's method).
//
// Variable time: for public scalars and points. The sum does not depend on the number of threads, nor does
// its representative.
//
// Cost, one core: 0.04 us a point and window in lanes, 0.13 us else, and a fifth more a bucket.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/ifma.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/group/edwards_point.hpp>
#include <veilsum/group/lane_edwards_point.hpp>
#include <veilsum/group/point_table.hpp>
#include <veilsum/group/scalar_digits.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace veilsum::group {

namespace detail {

inline constexpr std::size_t windows_of_task = 8;
inline constexpr std::size_t points_of_task = std::size_t{1} << 14;

// A niels point in two cache lines: 15 limbs and a spare.
struct alignas(64) packed_niels {
    std::array<std::uint64_t, 16> word;

    static packed_niels of(const niels_point& p) {
        packed_niels out{};
        for (std::size_t k = 0; k < field25519::limbs; ++k) {
            out.word[k] = p.y_plus_x.limb[k];
            out.word[field25519::limbs + k] = p.y_minus_x.limb[k];
            out.word[2 * field25519::limbs + k] = p.twice_dxy.limb[k];
        }
        return out;
    }
    niels_point value() const {
        niels_point out;
        for (std::size_t k = 0; k < field25519::limbs; ++k) {
            out.y_plus_x.limb[k] = word[k];
            out.y_minus_x.limb[k] = word[field25519::limbs + k];
            out.twice_dxy.limb[k] = word[2 * field25519::limbs + k];
        }
        return out;
    }
};

// The points of one window in the order of their digits' magnitudes, largest first, without the zeros.
struct sorted_window {
    std::vector<std::uint32_t> order; // 2 i + (digit_i < 0)
    std::vector<std::uint32_t> end;   // end[v]: how many have a magnitude of at least v, 1 <= v <= B + 1

    sorted_window() = default;
    sorted_window(std::span<const std::int16_t> digits, std::size_t buckets) : end(buckets + 2, 0) {
        const auto magnitude = [](std::int16_t digit) {
            return static_cast<std::size_t>(digit < 0 ? -digit : digit);
        };
        for (const std::int16_t digit : digits) ++end[magnitude(digit)];
        for (std::size_t v = buckets; v-- > 1;) end[v] += end[v + 1];
        order.resize(end[1]);
        std::vector<std::uint32_t> next(end.begin() + 1, end.end()); // bucket v begins where v + 1 ends
        for (std::size_t i = 0; i < digits.size(); ++i)
            if (digits[i] != 0)
                order[next[magnitude(digits[i])]++] =
                    static_cast<std::uint32_t>(2 * i + static_cast<std::size_t>(digits[i] < 0));
    }
};

// W_j of one window.
inline edwards_point window_sum(std::span<const packed_niels> points, const sorted_window& window) {
    edwards_point running, total;
    std::size_t t = 0;
    for (std::size_t v = window.end.size() - 2; v > 0; --v) {
        for (; t < window.end[v]; ++t) {
            const niels_point p = points[window.order[t] / 2].value();
            running = running + (window.order[t] % 2 == 0 ? p : p.negated());
        }
        total = total + running;
    }
    return total;
}

#if VEILSUM_IFMA_ENGINE

// word[k] <- word k of each lane's eight words.
VEILSUM_IFMA_INLINE void transpose(lanes* word, const std::array<const std::uint64_t*, lane_count>& from) {
    const lanes even{0, 8, 2, 10, 4, 12, 6, 14}, odd{1, 9, 3, 11, 5, 13, 7, 15};
    const lanes even_pair{0, 1, 8, 9, 4, 5, 12, 13}, odd_pair{2, 3, 10, 11, 6, 7, 14, 15};
    const lanes low_half{0, 1, 2, 3, 8, 9, 10, 11}, high_half{4, 5, 6, 7, 12, 13, 14, 15};
    lanes quad[2][4]; // rows 0 .. 3 and 4 .. 7; words k and k + 4 of them
#pragma GCC unroll 2
    for (std::size_t half = 0; half < 2; ++half) {
        const lanes a = _mm512_load_si512(from[4 * half]), b = _mm512_load_si512(from[4 * half + 1]);
        const lanes c = _mm512_load_si512(from[4 * half + 2]), d = _mm512_load_si512(from[4 * half + 3]);
        const lanes ab = _mm512_permutex2var_epi64(a, even, b), cd = _mm512_permutex2var_epi64(c, even, d);
        const lanes ab_odd = _mm512_permutex2var_epi64(a, odd, b),
                    cd_odd = _mm512_permutex2var_epi64(c, odd, d);
        quad[half][0] = _mm512_permutex2var_epi64(ab, even_pair, cd);
        quad[half][1] = _mm512_permutex2var_epi64(ab_odd, even_pair, cd_odd);
        quad[half][2] = _mm512_permutex2var_epi64(ab, odd_pair, cd);
        quad[half][3] = _mm512_permutex2var_epi64(ab_odd, odd_pair, cd_odd);
    }
#pragma GCC unroll 4
    for (std::size_t k = 0; k < 4; ++k) {
        word[k] = _mm512_permutex2var_epi64(quad[0][k], low_half, quad[1][k]);
        word[k + 4] = _mm512_permutex2var_epi64(quad[0][k], high_half, quad[1][k]);
    }
}
VEILSUM_IFMA inline lane_niels_point load_lanes(std::array<const std::uint64_t*, lane_count> from) {
    lanes word[16];
    transpose(word, from);
    for (const std::uint64_t*& each : from) each += 8;
    transpose(word + 8, from);
    return {{{word[0], word[1], word[2], word[3], word[4]}},
            {{word[5], word[6], word[7], word[8], word[9]}},
            {{word[10], word[11], word[12], word[13], word[14]}}};
}

// W_j of eight windows.
VEILSUM_IFMA inline std::array<edwards_point, lane_count>
window_sums_lanes(std::span<const packed_niels> points,
                  const std::array<sorted_window, lane_count>& windows) {
    constexpr std::size_t words = sizeof(lane_point) / sizeof(std::uint64_t);
    const std::size_t buckets = windows[0].end.size() - 2;
    const packed_niels neutral = packed_niels::of({});
    std::size_t length = 0;
    for (const sorted_window& window : windows) length = std::max(length, window.order.size());
    std::array<std::size_t, lane_count> open; // the bucket that a lane is at; 0: done
    open.fill(buckets);
    std::vector<lane_point> aside(buckets);
    lane_point running = neutral_lanes();
    for (std::size_t t = 0;; ++t) {
        std::array<const std::uint64_t*, lane_count> from;
        unsigned negative = 0;
        for (std::size_t lane = 0; lane < lane_count; ++lane) {
            const sorted_window& window = windows[lane];
            for (; open[lane] > 0 && window.end[open[lane]] == t; --open[lane]) {
                const auto* now = reinterpret_cast<const std::uint64_t*>(&running);
                auto* kept = reinterpret_cast<std::uint64_t*>(&aside[open[lane] - 1]);
                for (std::size_t k = lane; k < words; k += lane_count) kept[k] = now[k];
            }
            const std::uint32_t entry = t < window.order.size() ? window.order[t] : 0;
            from[lane] = t < window.order.size() ? points[entry / 2].word.data() : neutral.word.data();
            negative |= (entry & 1) << lane;
        }
        if (t == length) break;
        add(running, negated(static_cast<lane_mask>(negative), load_lanes(from)));
    }
    lane_point total = neutral_lanes();
    for (const lane_point& sum : aside) add(total, sum);
    return scatter_points(total);
}

#endif

// The length of digits for n points: least time by the figures above.
inline unsigned window_bits(std::size_t n, bool in_lanes) {
    if (in_lanes) return n < 140 ? 4 : n < 3200 ? 8 : 11; // multiples of eight windows: 64, 32, 24
    unsigned best = 2;
    const auto cost = [n](unsigned c) { return digit_count(c) * (n + (std::size_t{1} << c)); };
    for (unsigned c = 3; c <= 12; ++c)
        if (cost(c) < cost(best)) best = c;
    return best;
}

} // namespace detail

// sum_i x_i P_i; as many scalars as points, with Z = 1 (contract).
inline edwards_point bucket_sum_vartime(std::span<const scalar> scalars,
                                        std::span<const detail::packed_niels> points, bool in_lanes) {
    expects(scalars.size() == points.size());
    const std::size_t n = points.size();
    const unsigned c = detail::window_bits(n, in_lanes);
    const std::size_t windows = digit_count(c), buckets = std::size_t{1} << (c - 1);
    std::vector<std::int16_t> digits(windows * n); // window by window
    constexpr std::size_t block = 256;
    parallel_for((n + block - 1) / block, [&](std::size_t k) {
        std::vector<std::int32_t> own(windows);
        for (std::size_t i = k * block; i < std::min(n, (k + 1) * block); ++i) {
            signed_digits(scalars[i], c, own);
            for (std::size_t j = 0; j < windows; ++j) digits[j * n + i] = static_cast<std::int16_t>(own[j]);
        }
    });
    const std::size_t parts = (n + detail::points_of_task - 1) / detail::points_of_task;
    const std::size_t groups = (windows + detail::windows_of_task - 1) / detail::windows_of_task;
    std::vector<edwards_point> sums(parts * windows);
    parallel_for(parts * groups, [&](std::size_t task) {
        const std::size_t part = task / groups, first = task % groups * detail::windows_of_task;
        const std::size_t begin = part * detail::points_of_task;
        const std::size_t count = std::min(detail::points_of_task, n - begin);
        const std::size_t here = std::min(detail::windows_of_task, windows - first);
        std::array<detail::sorted_window, detail::windows_of_task> sorted;
        for (std::size_t j = 0; j < detail::windows_of_task; ++j)
            sorted[j] =
                detail::sorted_window(j < here ? std::span(digits).subspan((first + j) * n + begin, count)
                                               : std::span(digits).first(0),
                                      buckets);
        const auto own = points.subspan(begin, count);
        const auto out = std::span(sums).subspan(part * windows + first, here);
#if VEILSUM_IFMA_ENGINE
        if (in_lanes) {
            const auto of_lanes = detail::window_sums_lanes(own, sorted);
            std::copy_n(of_lanes.begin(), here, out.begin());
            return;
        }
#endif
        for (std::size_t j = 0; j < here; ++j) out[j] = detail::window_sum(own, sorted[j]);
    });
    edwards_point sum;
    for (std::size_t j = windows; j-- > 0;) {
        if (j + 1 < windows) sum = sum.doubled(static_cast<int>(c));
        for (std::size_t part = 0; part < parts; ++part) sum = sum + sums[part * windows + j];
    }
    return sum;
}

} // namespace veilsum::group
