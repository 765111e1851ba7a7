// Do two classes of measurements have the same mean? Welch's t, and t after outliers are cropped.
//
//     t = (m_a - m_b) / sqrt(v_a / n_a + v_b / n_b)
//
// with means m, unbiased variances v and counts n (Welch 1947). For a function whose time does not depend on
// what the classes differ in, |t| is below 4.5 except once in 100,000 experiments; where it does, |t| grows
// with the square root of the number of measurements. Reparaz, Balasch and Verbauwhede (2017) test code in
// this way.
//
// Timings have a long upper tail (interrupts, other programs) that hides small differences. Cropping keeps
// what is below a percentile of all measurements, of both classes alike, so that classes that do not differ
// stay so. `largest_t` tries several percentiles and none: it looks at a few statistics that depend on each
// other, so between 4.5 and 10 it says "look again with more measurements", above 10 "there is a difference".
//
// Nothing here proves that time is constant: it looks at one input against random ones.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <span>
#include <vector>

namespace veilsum::bench {

struct mean_and_variance {
    std::size_t count = 0;
    double mean = 0, variance = 0;
};
// By Welford's recurrence, which loses no digits where times are long and differences short.
inline mean_and_variance moments(std::span<const double> values) {
    mean_and_variance out;
    double squares = 0;
    for (const double value : values) {
        ++out.count;
        const double off = value - out.mean;
        out.mean += off / static_cast<double>(out.count);
        squares += off * (value - out.mean);
    }
    if (out.count > 1) out.variance = squares / static_cast<double>(out.count - 1);
    return out;
}

// 0 where a class has fewer than two values; infinite where neither varies and they differ.
inline double welch_t(std::span<const double> a, std::span<const double> b) {
    if (a.size() < 2 || b.size() < 2) return 0;
    const mean_and_variance first = moments(a), second = moments(b);
    const double difference = first.mean - second.mean;
    const double error = std::sqrt(first.variance / static_cast<double>(first.count) +
                                   second.variance / static_cast<double>(second.count));
    if (error > 0) return difference / error;
    return difference == 0 ? 0 : std::copysign(std::numeric_limits<double>::infinity(), difference);
}

// What is at most `limit`.
inline std::vector<double> cropped(std::span<const double> values, double limit) {
    std::vector<double> out;
    std::copy_if(values.begin(), values.end(), std::back_inserter(out),
                 [&](double value) { return value <= limit; });
    return out;
}
// The smallest value that `share` of all are at most, 0 < share <= 1.
inline double percentile(std::span<const double> a, std::span<const double> b, double share) {
    std::vector<double> all(a.begin(), a.end());
    all.insert(all.end(), b.begin(), b.end());
    if (all.empty()) return 0;
    std::sort(all.begin(), all.end());
    const auto at = static_cast<std::size_t>(std::ceil(share * static_cast<double>(all.size())));
    return all[std::clamp<std::size_t>(at, 1, all.size()) - 1];
}

inline constexpr std::array crops{1.0, 0.99, 0.95, 0.9, 0.75, 0.5};
struct crop_result {
    double t = 0;          // the largest in absolute value
    double share = 1;      // the part of the measurements that gave it
    double difference = 0; // of the means there, first minus second
};
inline crop_result largest_t(std::span<const double> a, std::span<const double> b) {
    crop_result out;
    for (const double share : crops) {
        const double limit = percentile(a, b, share);
        const std::vector<double> first = cropped(a, limit), second = cropped(b, limit);
        const double t = welch_t(first, second);
        if (share == crops.front() || std::abs(t) > std::abs(out.t))
            out = {t, share, moments(first).mean - moments(second).mean};
    }
    return out;
}

} // namespace veilsum::bench
