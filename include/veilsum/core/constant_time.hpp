// Comparison, selection and masks whose time depends on sizes only.
#pragma once

#include <veilsum/core/bytes.hpp>

#include <sodium/utils.h>

#include <cstdint>

namespace veilsum {

// Lengths are public: different lengths compare unequal at once.
inline bool equal_constant_time(byte_view a, byte_view b) {
    return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

// All ones if a == b, else 0.
constexpr std::uint64_t mask_if_equal(std::uint64_t a, std::uint64_t b) {
    const std::uint64_t difference = a ^ b;
    return ((difference | (0 - difference)) >> 63) - 1;
}

// `yes` where the mask has ones, `no` where it has zeros.
constexpr std::uint64_t select(std::uint64_t mask, std::uint64_t yes, std::uint64_t no) {
    return no ^ (mask & (yes ^ no));
}

} // namespace veilsum
