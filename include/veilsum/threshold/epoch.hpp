// The epoch of a sharing: 0 as it was dealt, one more with each refresh.
//
// Shares, verification keys and lengths belong to one epoch; those of different epochs do not combine. A key
// has at most `last` refreshes, because every refresh makes shares a little longer (lengths.hpp) and adds a
// little to what they could say about each other (docs/spec/refresh.md, secrecy): both are bounded for the
// whole life of the key, where an epoch enters, by `parse` and `next`. 4095 are eleven years of daily ones.
#pragma once

#include <veilsum/core/result.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>

namespace veilsum::threshold {

class epoch {
  public:
    static constexpr std::uint32_t last = 4095;
    static constexpr std::size_t bits = 12; // 2^12 refreshes, counting those that were given up
    static_assert(last + 1 == std::uint32_t{1} << bits);

    // 0: shares as they were dealt.
    constexpr epoch() = default;
    static result<epoch> parse(std::uint32_t number) {
        if (number > last) return error{errc::out_of_range, "epoch"};
        return epoch(number);
    }
    // After one more refresh; refused after the last.
    result<epoch> next() const {
        if (number_ == last) return error{errc::refused, "refreshes of a key are used up"};
        return epoch(number_ + 1);
    }

    // Refreshes so far: 0 to 4095.
    constexpr std::uint32_t number() const { return number_; }
    // Whether no refresh has happened.
    constexpr bool is_dealing() const { return number_ == 0; }
    constexpr auto operator<=>(const epoch&) const = default;

  private:
    explicit constexpr epoch(std::uint32_t number) : number_(number) {}
    std::uint32_t number_ = 0;
};

} // namespace veilsum::threshold
