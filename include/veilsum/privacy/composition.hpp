// What several releases cost together: basic, advanced and Renyi composition, as integers rounded up.
//
//     epsilon in units of 10^-6 ("micro"), delta in units of 10^-18 ("atto"), rho in units of 10^-12 ("pico")
//
// A mechanism is rho-zCDP if its Renyi divergence of every order a > 1 is at most a rho; noise of variance V
// and an L2 sensitivity of D give rho = D^2 / (2 V). epsilon-differential privacy gives a divergence of at
// most min(a epsilon^2 / 2, epsilon) (Bun, Steinke 2016, proposition 1.4). Divergences of one order add up.
//
//     Renyi to (epsilon, delta), for any order a > 1:
//         epsilon = R(a) + (ln(1/delta) - a ln a) / (a - 1) + ln(a - 1)
//     (Canonne, Kamath, Steinke 2020, proposition 12; a - 1 = (16 + f) 2^e / 1024, f < 16, e < 25 are tried)
// No order below 1 + 1/64 is used; accountant.hpp relies on that.
//
//     basic:     sums of epsilon and of delta
//     advanced:  epsilon = sqrt(2 ln(1/slack) sum e_i^2) + sum e_i (exp(e_i) - 1),   delta = slack + sum d_i
//     (Dwork, Rothblum, Vadhan 2010; Dwork, Roth 2014, theorem 3.20, for unequal e_i by the same martingale)
//
// Every order gives a true statement, so trying only some costs a little and risks nothing: against the best
// order the loss is below 0.1 % where that order lies within the grid. Arithmetic: rounding.hpp. spec:
// docs/spec/privacy.md, section 7.  Public values; variable time.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/double_word.hpp>
#include <veilsum/privacy/rounding.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

namespace veilsum::privacy {

inline constexpr std::uint64_t micro = 1'000'000;                // units of epsilon in 1
inline constexpr std::uint64_t pico = 1'000'000'000'000;         // units of rho in 1
inline constexpr std::uint64_t atto = 1'000'000'000'000'000'000; // units of delta in 1
// Larger figures mean nothing any more and are not counted: epsilon and rho of 1000.
inline constexpr std::uint64_t largest_epsilon = 1000 * micro;
inline constexpr std::uint64_t largest_rho = 1000 * pico; // in units of 10^-12

// (epsilon, delta)-differential privacy.
struct guarantee {
    std::uint64_t epsilon_micro = 0; // in units of 10^-6
    std::uint64_t delta_atto = 0;    // in units of 10^-18

    friend bool operator==(const guarantee&, const guarantee&) = default;
};

// ln(1/delta) in units of 2^-40, rounded up. 1 <= delta_atto <= 10^18.
inline std::uint64_t log_inverse_above(std::uint64_t delta_atto) {
    expects(delta_atto >= 1 && delta_atto <= atto);
    return static_cast<std::uint64_t>(
        std::max<signed_double_word>(0, times_ln2_above(log2_above(atto) - log2_below(delta_atto))));
}

// What was released so far. `rho` and epsilons are sums of valid upper bounds.
class spending {
  public:
    // False, and nothing changes, if the total would pass largest_rho or largest_epsilon.
    [[nodiscard]] bool add_concentrated(std::uint64_t rho_pico) {
        if (rho_pico > largest_rho - rho_) return false;
        rho_ += rho_pico;
        concentrated_ = true;
        return true;
    }
    // The same for a release that is pure epsilon-differentially private.
    [[nodiscard]] bool add_pure(std::uint64_t epsilon_micro) {
        if (epsilon_micro > largest_epsilon - epsilon_sum_) return false;
        epsilon_sum_ += epsilon_micro;
        ++pure_[epsilon_micro];
        return true;
    }

    std::uint64_t rho_pico() const { return rho_; } // so far, in units of 10^-12

    // The smallest epsilon that one of the compositions gives for this delta; empty if none does: no delta,
    // but Gaussian noise, or more than largest_epsilon. Monotone in what was added.
    std::optional<std::uint64_t> epsilon_micro(std::uint64_t delta_atto) const {
        std::uint64_t best = largest_epsilon + 1;
        if (!concentrated_) best = std::min(best, basic());
        if (delta_atto != 0) {
            if (!concentrated_)
                if (const auto drv = advanced(delta_atto)) best = std::min(best, *drv);
            best = std::min(best, renyi(delta_atto));
        }
        if (best > largest_epsilon) return std::nullopt;
        return best;
    }

    // Sum of the epsilons of pure releases.
    std::uint64_t basic() const { return epsilon_sum_; }

    // Advanced composition of the pure releases; empty if one of them has epsilon above 1.
    std::optional<std::uint64_t> advanced(std::uint64_t slack_atto) const {
        double_word squares = 0, drift = 0; // pico; units of 10^-6 2^-40
        for (const auto& [epsilon, times] : pure_) {
            if (epsilon > micro) return std::nullopt;
            squares += double_word{epsilon} * epsilon * times;
            const auto x = static_cast<std::uint64_t>(ceil_divide(double_word{epsilon} << fixed_bits, micro));
            drift += double_word{epsilon} * exp_minus_one_above(x) * times;
        }
        const double_word variance = ceil_divide(2 * squares * log_inverse_above(slack_atto), fixed_one);
        return ceil_sqrt(variance) + static_cast<std::uint64_t>(ceil_divide(drift, fixed_one));
    }

    // The best order's epsilon; largest_epsilon + 1 if it is above largest_epsilon.
    std::uint64_t renyi(std::uint64_t delta_atto) const {
        if (rho_ == 0 && pure_.empty()) return 0;
        expects(delta_atto >= 1 && delta_atto <= atto);
        const std::int64_t log_delta = log2_above(atto) - log2_below(delta_atto);
        signed_double_word best = signed_double_word{largest_epsilon + 1} << fixed_bits; // times 10^6
        for (unsigned e = 0; e < 25; ++e)
            for (std::uint64_t f = 0; f < 16; ++f)
                best = std::min(best, at_order((16 + f) << e, log_delta) * micro);
        if (best <= 0) return 0;
        return static_cast<std::uint64_t>(std::min<double_word>(
            ceil_divide(static_cast<double_word>(best), fixed_one), largest_epsilon + 1));
    }

  private:
    // epsilon of the order 1 + m/1024, in units of 2^-40, rounded up.
    signed_double_word at_order(std::uint64_t m, std::int64_t log_delta) const {
        const std::uint64_t a = 1024 + m;
        double_word divergence = ceil_divide((double_word{a} * rho_) << (fixed_bits - 10), pico);
        for (const auto& [epsilon, times] : pure_) {
            // min(a epsilon^2 / 2, epsilon), with the order in 1024ths
            double_word one = double_word{epsilon} * fixed_one; // micro
            if (double_word{a} * epsilon < double_word{2048} * micro)
                one = ceil_divide((double_word{a} * epsilon * epsilon) << (fixed_bits - 11), micro);
            divergence += ceil_divide(one, micro) * times;
        }
        constexpr std::int64_t ten = 10 * fixed_one;
        const signed_double_word a_log =
            signed_double_word{log2_below(a) - ten} * static_cast<std::int64_t>(a);
        const signed_double_word m_log =
            signed_double_word{log2_above(m) - ten} * static_cast<std::int64_t>(m);
        const signed_double_word logs = signed_double_word{log_delta} * 1024 - a_log + m_log;
        // floor(x / m) + 1 is above x / m for x of either sign
        signed_double_word quotient = logs / static_cast<std::int64_t>(m);
        if (logs < 0 && quotient * static_cast<std::int64_t>(m) != logs) --quotient;
        return static_cast<signed_double_word>(divergence) + times_ln2_above(quotient + 1);
    }

    std::uint64_t rho_ = 0;
    std::uint64_t epsilon_sum_ = 0;
    bool concentrated_ = false;
    std::map<std::uint64_t, std::uint64_t> pure_; // epsilon of a release, how many
};

// k releases, each with the guarantee `one`, by the basic theorem; empty above largest_epsilon or delta 1.
inline std::optional<guarantee> basic_composition(const guarantee& one, std::uint64_t k) {
    const double_word epsilon = double_word{one.epsilon_micro} * k, delta = double_word{one.delta_atto} * k;
    if (epsilon > largest_epsilon || delta > atto) return std::nullopt;
    return guarantee{static_cast<std::uint64_t>(epsilon), static_cast<std::uint64_t>(delta)};
}

// The same by the advanced theorem, with 1 <= slack_atto <= 10^18; empty also for an epsilon above 1.
inline std::optional<guarantee> advanced_composition(const guarantee& one, std::uint64_t k,
                                                     std::uint64_t slack_atto) {
    expects(slack_atto >= 1 && slack_atto <= atto);
    const auto sums = basic_composition(one, k);
    if (!sums || one.epsilon_micro > micro || slack_atto > atto - sums->delta_atto) return std::nullopt;
    const auto x =
        static_cast<std::uint64_t>(ceil_divide(double_word{one.epsilon_micro} << fixed_bits, micro));
    const double_word squares = double_word{one.epsilon_micro} * one.epsilon_micro * k;
    const double_word variance = ceil_divide(2 * squares * log_inverse_above(slack_atto), fixed_one);
    const double_word drift =
        ceil_divide(double_word{one.epsilon_micro} * exp_minus_one_above(x) * k, fixed_one);
    return guarantee{ceil_sqrt(variance) + static_cast<std::uint64_t>(drift), sums->delta_atto + slack_atto};
}

} // namespace veilsum::privacy
