// Pearson's chi-square test of integer samples against given probabilities.
//
// Cells are single integers where at least five draws are expected, and one for each tail together with what
// lies between; the p-value is the upper regularised incomplete gamma function Q(cells/2, statistic/2).
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <vector>

namespace veilsum::test {

// Q(a, x): series for the lower function where x < a + 1, else Lentz's continued fraction. About 1e-12.
inline double upper_gamma(double a, double x) {
    if (x <= 0) return 1;
    const double scale = std::exp(a * std::log(x) - x - std::lgamma(a));
    if (x < a + 1) {
        double term = 1 / a, sum = term;
        for (double n = a + 1; term > sum * 1e-16; ++n) sum += term *= x / n;
        return 1 - scale * sum;
    }
    double b = x + 1 - a, c = 1e300, d = 1 / b, fraction = d;
    for (int i = 1; i < 100'000; ++i) {
        const double step = -i * (i - a);
        b += 2;
        d = 1 / (step * d + b);
        c = b + step / c;
        fraction *= d * c;
        if (std::fabs(d * c - 1) < 1e-15) break;
    }
    return scale * fraction;
}

class goodness_of_fit {
  public:
    // `weight` is proportional to the probabilities, largest at some x with |x| <= 1000, and falls on both
    // sides.
    goodness_of_fit(const std::function<double(std::int64_t)>& weight, double draws) : draws_(draws) {
        double total = 0;
        const auto sweep = [&](std::int64_t from, std::int64_t step) {
            int empty = 0;
            for (std::int64_t x = from; empty < 1100; x += step) {
                const double w = weight(x);
                empty = w > total * 1e-18 ? 0 : empty + 1;
                total += w;
                if (w > 0) cells_[x].expected = w;
            }
        };
        sweep(0, 1);
        sweep(-1, -1);
        for (auto at = cells_.begin(); at != cells_.end();) {
            at->second.expected *= draws / total;
            at = at->second.expected < 5 ? cells_.erase(at) : std::next(at);
        }
    }

    void add(std::int64_t x) {
        const auto at = cells_.find(x);
        ++(at != cells_.end() ? at->second.seen : rest_seen_[x < 0 ? 0 : 1]);
    }

    double p_value() const {
        double expected = 0, statistic = 0;
        for (const auto& [x, one] : cells_) {
            expected += one.expected;
            statistic += square(one.seen - one.expected) / one.expected;
        }
        // What no cell of its own expects, in one; a draw that should never happen is decisive.
        const double rest = draws_ - expected, seen = rest_seen_[0] + rest_seen_[1];
        double freedom = static_cast<double>(cells_.size()) - 1;
        if (rest > 0.5) {
            statistic += square(seen - rest) / rest;
            freedom += 1;
        } else if (seen > 20) {
            return 0;
        }
        if (freedom < 0.5) return seen > 0 ? 0 : 1;
        return upper_gamma(freedom / 2, statistic / 2);
    }

  private:
    struct cell {
        double expected = 0;
        double seen = 0;
    };
    static double square(double x) { return x * x; }

    double draws_;
    std::map<std::int64_t, cell> cells_;
    double rest_seen_[2] = {0, 0};
};

} // namespace veilsum::test
