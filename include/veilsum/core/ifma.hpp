// The vector unit the kernels compute with: eight lanes of 64 bits, and the multiply-add of 52-bit numbers.
//
//     multiply_low(c, a, b)  = c + (a b mod 2^52)          in each lane, for a, b mod 2^52
//     multiply_high(c, a, b) = c + floor(a b / 2^52)
//
// These are AVX-512 IFMA's two instructions (Intel since Cannon Lake, AMD since Zen 4). Code that uses them
// is marked VEILSUM_IFMA and compiled whatever the compiler's -march is; it may run only where `has_ifma()`
// says so. Lanes are added, subtracted and shifted by the compiler's vector operators. Elsewhere than on
// x86-64, VEILSUM_IFMA_ENGINE is 0 and none of it exists.
//
// A struct that holds lanes must be alignas(64): outside of VEILSUM_IFMA functions GCC takes 16 for the
// alignment of `lanes`, and would put vectors of it on such addresses.
//
// The time of these instructions does not depend on their operands.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__x86_64__) && defined(__GNUC__)
#define VEILSUM_IFMA_ENGINE 1
#include <immintrin.h>
#if defined(__OPTIMIZE__) || defined(__clang__)
#define VEILSUM_IFMA __attribute__((target("avx512f,avx512dq,avx512ifma")))
#elif defined(VEILSUM_WATCHED_KERNELS) // optimised in debug builds too, where it would be forty times slower
#define VEILSUM_IFMA __attribute__((target("avx512f,avx512dq,avx512ifma"), optimize("O2")))
#else // and nothing watches it there: sanitisers check each lane of each sum, six times slower again
#define VEILSUM_IFMA                                                                                         \
    __attribute__((target("avx512f,avx512dq,avx512ifma"), optimize("O2"), no_sanitize("address"),            \
                   no_sanitize("signed-integer-overflow")))
#endif
#else
#define VEILSUM_IFMA_ENGINE 0
#endif

namespace veilsum {

// Whether processor and operating system run such code.
inline bool has_ifma() {
#if VEILSUM_IFMA_ENGINE
    static const bool answer = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                               __builtin_cpu_supports("avx512ifma");
    return answer;
#else
    return false;
#endif
}

#if VEILSUM_IFMA_ENGINE

using lanes = __m512i;                                                            // eight numbers
using lane_mask = __mmask8;                                                       // a bit for each lane
inline constexpr std::size_t lane_count = 8;                                      // numbers in a vector
inline constexpr std::size_t digit_bits = 52;                                     // bits of a digit
inline constexpr std::uint64_t digit_mask = (std::uint64_t{1} << digit_bits) - 1; // the low 52 bits

#define VEILSUM_IFMA_INLINE VEILSUM_IFMA __attribute__((always_inline)) inline

// c + the low 52 bits of a b, in each lane; a, b below 2^52.
VEILSUM_IFMA_INLINE lanes multiply_low(lanes c, lanes a, lanes b) {
    return _mm512_madd52lo_epu64(c, a, b);
}
// c + the bits from 52 on of a b, in each lane; a, b below 2^52.
VEILSUM_IFMA_INLINE lanes multiply_high(lanes c, lanes a, lanes b) {
    return _mm512_madd52hi_epu64(c, a, b);
}
// Zero in each lane.
VEILSUM_IFMA_INLINE lanes no_lanes() {
    return lanes{};
}
// The same number in each lane.
VEILSUM_IFMA_INLINE lanes all_lanes(std::uint64_t value) {
    const auto each = static_cast<long long>(value);
    return lanes{each, each, each, each, each, each, each, each};
}
// The digit of a column, and what it carries to the next; columns are signed.
VEILSUM_IFMA_INLINE lanes digit_of(lanes column) {
    return column & all_lanes(digit_mask);
}
// column / 2^52, rounded down, in each lane.
VEILSUM_IFMA_INLINE lanes carry_of(lanes column) {
    return column >> static_cast<int>(digit_bits);
}

#endif

} // namespace veilsum
