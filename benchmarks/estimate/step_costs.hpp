// From the times of small rounds to the time of a large one, step by step.
//
//     seconds = a + b (C + Kt) + c ciphertexts        a, b, c >= 0, for each step
//
// The three numbers are what a layout of d values has: something fixed, the columns and rows (both grow with
// the square root of d: commitments, generators, responses), and the ciphertexts (with d: encryption, and
// all that is done for each value). a, b and c are those of least squares of the relative error. Key size,
// value bits, slot width and quorum must be the same in the small rounds and the large one: they are in a, b
// and c.
#pragma once

#include "support/round_step.hpp"

#include <veilsum/encoding/matrix_layout.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace veilsum::bench {

using cost_terms = std::array<double, 3>;

inline cost_terms terms_of(const encoding::matrix_layout& layout) {
    return {1, static_cast<double>(layout.columns() + layout.rows()),
            static_cast<double>(layout.ciphertexts())};
}

struct cost_sample {
    cost_terms terms{};
    double seconds = 0;
};

inline double cost_at(const cost_terms& factors, const cost_terms& terms) {
    return factors[0] * terms[0] + factors[1] * terms[1] + factors[2] * terms[2];
}

namespace detail {

using matrix3 = std::array<cost_terms, 3>;

// x with A x = y, restricted to the unknowns that are `used`, the others 0; nothing where A is singular.
inline std::optional<cost_terms> solve(matrix3 a, cost_terms y, const std::array<bool, 3>& used) {
    for (std::size_t i = 0; i < 3; ++i) {
        if (used[i]) continue;
        for (std::size_t j = 0; j < 3; ++j) a[i][j] = a[j][i] = 0;
        a[i][i] = 1;
        y[i] = 0;
    }
    for (std::size_t i = 0; i < 3; ++i) { // A is positive semidefinite: no need to exchange rows
        if (!(a[i][i] > 1e-12)) return std::nullopt;
        for (std::size_t k = 0; k < 3; ++k) {
            if (k == i) continue;
            const double times = a[k][i] / a[i][i];
            for (std::size_t j = 0; j < 3; ++j) a[k][j] -= times * a[i][j];
            y[k] -= times * y[i];
        }
    }
    for (std::size_t i = 0; i < 3; ++i) y[i] /= a[i][i];
    return y;
}

} // namespace detail

// The factors; nothing where samples are fewer than three or a time is not positive.
inline std::optional<cost_terms> fit_costs(std::span<const cost_sample> samples) {
    if (samples.size() < 3) return std::nullopt;
    cost_terms largest{}; // so that the unknowns are of one size
    for (const cost_sample& sample : samples) {
        if (!(sample.seconds > 0) || !std::isfinite(sample.seconds)) return std::nullopt;
        for (std::size_t i = 0; i < 3; ++i) largest[i] = std::max(largest[i], sample.terms[i]);
    }
    const auto row = [&](const cost_sample& sample) {
        cost_terms out;
        for (std::size_t i = 0; i < 3; ++i) out[i] = sample.terms[i] / (largest[i] * sample.seconds);
        return out;
    };
    detail::matrix3 normal{};
    cost_terms right{};
    for (const cost_sample& sample : samples)
        for (std::size_t i = 0; i < 3; ++i) {
            for (std::size_t j = 0; j < 3; ++j) normal[i][j] += row(sample)[i] * row(sample)[j];
            right[i] += row(sample)[i];
        }

    std::optional<cost_terms> best;
    double least = std::numeric_limits<double>::infinity();
    // With three unknowns every choice of those above 0 can be tried.
    for (unsigned choice = 1; choice < 8; ++choice) {
        const auto found =
            detail::solve(normal, right, {(choice & 1) != 0, (choice & 2) != 0, (choice & 4) != 0});
        if (!found || std::any_of(found->begin(), found->end(), [](double x) { return x < 0; })) continue;
        double squares = 0;
        for (const cost_sample& sample : samples) {
            const double off = cost_at(*found, row(sample)) - 1;
            squares += off * off;
        }
        if (squares < least) {
            least = squares;
            best = found;
        }
    }
    if (best)
        for (std::size_t i = 0; i < 3; ++i) (*best)[i] /= largest[i];
    return best;
}

inline double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

} // namespace veilsum::bench
