// Shares of discrete Laplace noise: differences of two Polya (negative binomial) variables.
//
//     P[K = k] = (1 - p)^r C(k + r - 1, k) p^k,   r = 1/parts,   p = exp(-1/scale),   k >= 0
//
// `parts` independent K add up to a geometric variable, and a difference of two geometric variables is
// discrete Laplace. So the shares of any `parts` clients add up to discrete Laplace noise of the full scale,
// exactly; further shares only add to it. Reference: Goryczka, Xiong, "A Comprehensive Comparison of
// Multiparty Secure Additions with Differential Privacy", 2017, section 4.  spec: docs/spec/privacy.md,
// section 4
//
// Sampled by rejection: a geometric k is kept with probability prod_{j=1..k} (j - 1 + r)/j, a coin for each
// factor. Expected proposals: (1 - p)^(r - 1), about scale^(1 - 1/parts). That is slow for large scales:
// meant for counts and histograms, not for long updates. Variable time: see discrete_gaussian.hpp.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/double_word.hpp>
#include <veilsum/privacy/coins.hpp>
#include <veilsum/privacy/discrete_laplace.hpp>
#include <veilsum/privacy/ratio.hpp>

#include <cstdint>

namespace veilsum::privacy {

// One of `parts` shares whose sum is a discrete Laplace variable of the scale.
class polya_difference {
  public:
    // parts in 1..2^24.
    polya_difference(const ratio& scale, std::uint32_t parts) : scale_(scale), parts_(parts) {
        expects(parts >= 1 && parts <= (std::uint32_t{1} << 24));
    }

    // Below 2^63 in absolute value.
    template <random::random_source Source>
    std::int64_t sample(coins<Source>& flip) const {
        const std::uint64_t up = sample_polya(flip), down = sample_polya(flip);
        return static_cast<std::int64_t>(up) - static_cast<std::int64_t>(down);
    }

    const ratio& scale() const { return scale_; }  // of the sum
    std::uint32_t parts() const { return parts_; } // how many shares make the sum

  private:
    template <random::random_source Source>
    std::uint64_t sample_polya(coins<Source>& flip) const {
        for (;;) {
            // Is k >= 1, and is it kept for that? Most proposals end here, before k is drawn.
            if (!flip.bernoulli_exp(scale_.denominator(), scale_.numerator())) return 0;
            if (!flip.bernoulli(1, parts_)) continue;
            const std::uint64_t k = 1 + sample_geometric(scale_, flip);
            std::uint64_t j = 2;
            while (j <= k && flip.bernoulli(double_word{j - 1} * parts_ + 1, double_word{j} * parts_)) ++j;
            if (j > k) return k;
        }
    }

    ratio scale_;
    std::uint32_t parts_;
};

} // namespace veilsum::privacy
