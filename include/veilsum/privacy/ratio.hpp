// Positive rational numbers in lowest terms: variances and scales of noise.
//
//     numerator / denominator,   1 <= numerator, denominator <= 2^54,   gcd = 1
//
// Lowest terms are what makes the encoding of a number unique. Products of two such numbers and a count of
// 20 bits fit into 128 bits, which the samplers and the accountant rely on.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/double_word.hpp>
#include <veilsum/core/result.hpp>

#include <cstdint>
#include <numeric>

namespace veilsum::privacy {

inline constexpr std::uint64_t largest_ratio_term = std::uint64_t{1} << 54; // of numerator and denominator

class ratio {
  public:
    // Reduces. Fails (errc::bad_parameter) when a term is zero or, in lowest terms, above 2^54.
    static result<ratio> of(std::uint64_t numerator, std::uint64_t denominator = 1) {
        if (numerator == 0 || denominator == 0) return error{errc::bad_parameter, "ratio is not positive"};
        const std::uint64_t common = std::gcd(numerator, denominator);
        const ratio reduced(numerator / common, denominator / common);
        if (reduced.numerator_ > largest_ratio_term || reduced.denominator_ > largest_ratio_term)
            return error{errc::bad_parameter, "ratio has a term above 2^54"};
        return reduced;
    }

    std::uint64_t numerator() const { return numerator_; }            // in lowest terms
    std::uint64_t denominator() const { return denominator_; }        // in lowest terms, at least 1
    std::uint64_t floor() const { return numerator_ / denominator_; } // the integer part

    // This number divided by `parts` (1..2^24); fails like `of`.
    result<ratio> over(std::uint32_t parts) const {
        expects(parts >= 1 && parts <= (std::uint32_t{1} << 24));
        const std::uint64_t common = std::gcd(numerator_, std::uint64_t{parts});
        const double_word below = double_word{denominator_} * (parts / common);
        if (below > largest_ratio_term) return error{errc::bad_parameter, "ratio has a term above 2^54"};
        return of(numerator_ / common, static_cast<std::uint64_t>(below));
    }

    friend bool operator==(const ratio&, const ratio&) = default;

  private:
    ratio(std::uint64_t numerator, std::uint64_t denominator)
        : numerator_(numerator), denominator_(denominator) {}

    std::uint64_t numerator_;
    std::uint64_t denominator_;
};

} // namespace veilsum::privacy
