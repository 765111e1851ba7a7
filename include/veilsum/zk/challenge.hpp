// Lengths that every proof over a group of unknown order shares, each with its reason.
//
//     challenge_bits   = 128   a false statement survives with probability 2^-128
//     statistical_bits = 128   a mask is this much longer than what it hides, so that a response is uniform
//                              but for an event of probability 2^-128
//
// They are constants of the verifier, never read from a proof. Challenges are whole numbers in [0, 2^128),
// taken from the transcript in its own byte order (little-endian).
#pragma once

#include <veilsum/integer/bigint.hpp>
#include <veilsum/transcript/transcript.hpp>

#include <algorithm>
#include <cstddef>

namespace veilsum::zk {

inline constexpr std::size_t challenge_bits =
    128; // of every Fiat-Shamir challenge of a proof over the integers
inline constexpr std::size_t statistical_bits = 128; // of masks beyond what they hide
static_assert(8 * transcript::challenge128{}.size() == challenge_bits);

// The integer in [0, 2^128) that the bytes are, little-endian.
inline integer::bigint to_integer(const transcript::challenge128& challenge) {
    transcript::challenge128 big_endian = challenge;
    std::reverse(big_endian.begin(), big_endian.end());
    return integer::bigint::from_bytes(big_endian);
}

// 2^128 - 1.
inline integer::bigint largest_challenge() {
    return (integer::bigint(1) << challenge_bits) - 1;
}

} // namespace veilsum::zk
