// The discrete Laplace distribution, sampled exactly.
//
//     P[X = x] = (1 - p) / (1 + p) p^|x|,   p = exp(-1/scale),   x any integer
//
//     const discrete_laplace noise(*ratio::of(5, 2));              // scale 5/2
//     coins flip(rng);
//     std::int64_t x = noise.sample(flip);
//
// Added to an integer vector whose L1 norm changes by at most D between neighbours, it gives
// (D/scale)-differential privacy. Reference: Canonne, Kamath, Steinke 2020, algorithm 2.
// spec: docs/spec/privacy.md, section 2.  Variable time: see discrete_gaussian.hpp.
//
// deviation: the geometric factor V of the algorithm is unbounded; here a V of 512 ends the process. A random
// source gets there with probability exp(-512) < 2^-738 a sample; one that does is broken.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/privacy/coins.hpp>
#include <veilsum/privacy/ratio.hpp>

#include <cstdint>

namespace veilsum::privacy {

inline constexpr std::uint64_t geometric_end =
    512; // in scales; passed with probability exp(-512), and then the process ends

// P[K = k] = (1 - p) p^k for k >= 0, p = exp(-1/scale). Below 512 times the numerator of the scale.
template <random::random_source Source>
std::uint64_t sample_geometric(const ratio& scale, coins<Source>& flip) {
    const std::uint64_t t = scale.numerator();
    std::uint64_t rest = flip.below(t);
    while (!flip.bernoulli_exp(rest, t)) rest = flip.below(t);
    std::uint64_t whole = 0;
    while (flip.bernoulli_exp(1, 1)) {
        ++whole;
        expects(whole < geometric_end);
    }
    return (rest + t * whole) / scale.denominator();
}

class discrete_laplace {
  public:
    explicit discrete_laplace(const ratio& scale) : scale_(scale) {}

    // Below 2^63 in absolute value.
    template <random::random_source Source>
    std::int64_t sample(coins<Source>& flip) const {
        for (;;) {
            const auto size = static_cast<std::int64_t>(sample_geometric(scale_, flip));
            const bool negative = flip.fair();
            if (negative && size == 0) continue; // zero would count twice
            return negative ? -size : size;
        }
    }

    const ratio& scale() const { return scale_; } // S

  private:
    ratio scale_;
};

} // namespace veilsum::privacy
