// The discrete Gaussian distribution, sampled exactly.
//
//     P[X = x] proportional to exp(-x^2 / (2 variance)),   x any integer
//
//     auto noise = discrete_gaussian::of(*ratio::of(100));         // result<discrete_gaussian>
//     coins flip(rng);
//     std::int64_t x = noise->sample(flip);
//
// Added to an integer vector whose L2 norm changes by at most D between neighbours, it gives
// (D^2 / (2 variance))-concentrated differential privacy. Reference: Canonne, Kamath, Steinke 2020
// (arXiv:2004.00010), algorithm 3 and theorem 4; a discrete Laplace sample of scale t = floor(sigma) + 1 is
// kept with probability exp(-(|y| - variance/t)^2 / (2 variance)). All integers stay below 2^126.
// spec: docs/spec/privacy.md, section 3
//
// Variable time, and the values are secret. The time of one sample grows with its size (about one coin for
// each t) and with the number of proposals that were turned down, which does not depend on the sample. Who
// times single samples to some ten nanoseconds learns something of their sizes, and noise that somebody
// knows protects nothing. So: draw a whole update at once, on a machine where nobody else measures, and send
// nothing in between. The time of the whole then shows about the sum of |x| over all values and the proposals
// turned down: one number for thousands of values. No guarantee here counts that number; a deployment that
// must exclude it waits for a fixed time before it sends.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/double_word.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/privacy/coins.hpp>
#include <veilsum/privacy/discrete_laplace.hpp>
#include <veilsum/privacy/ratio.hpp>
#include <veilsum/privacy/rounding.hpp>

#include <cstdint>

namespace veilsum::privacy {

class discrete_gaussian {
  public:
    // Fails (errc::bad_parameter) unless denominator (floor(sigma) + 1)^2 <= 2^54: sigma up to 2^26, and fine
    // fractions for small variances only.
    static result<discrete_gaussian> of(const ratio& variance) {
        const std::uint64_t t = floor_sqrt(variance.floor()) + 1;
        if (double_word{variance.denominator()} * t * t > largest_ratio_term)
            return error{errc::bad_parameter, "variance is too large or too fine to sample"};
        return discrete_gaussian(variance, t);
    }

    // Below 2^36 in absolute value.
    template <random::random_source Source>
    std::int64_t sample(coins<Source>& flip) const {
        for (;;) {
            const std::int64_t candidate = proposal_.sample(flip);
            const auto size = static_cast<std::uint64_t>(candidate < 0 ? -candidate : candidate);
            const std::uint64_t reach = size * step_; // |y| den t < 2^63
            const std::uint64_t off =
                reach < variance_.numerator() ? variance_.numerator() - reach : reach - variance_.numerator();
            if (flip.bernoulli_exp(double_word{off} * off, denominator_)) return candidate;
        }
    }

    const ratio& variance() const { return variance_; } // V

  private:
    discrete_gaussian(const ratio& variance, std::uint64_t t)
        : variance_(variance), proposal_(*ratio::of(t)), step_(variance.denominator() * t),
          denominator_(double_word{2} * variance.numerator() * step_ * t) {}

    ratio variance_;
    discrete_laplace proposal_;
    std::uint64_t step_;      // den t
    double_word denominator_; // 2 num den t^2 <= 2^109
};

} // namespace veilsum::privacy
