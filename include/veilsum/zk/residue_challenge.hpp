// Challenges that are residues: numbers modulo N that nobody chose.
//
//     residue i = (the first m bytes of expand(seed, i B) || expand(seed, i B + 1) || ...) mod N
//
// with seed = challenge(label) of the transcript, m = ceil(bits(N) / 8) + 16 and B = ceil(m / 64) blocks for
// each residue; the m bytes are read big-endian.   spec: key-validity, residue challenges
//
// The number that is reduced has 128 bits more than N, so each residue is within 2^-128 of uniform
// (statistical distance; with a random oracle). A hash of the length of N, reduced, would not do: it is
// biased by up to a factor of two towards small residues.
//
// A residue may share a factor with N. Proofs that need units refuse such a challenge instead of drawing
// another one: for an honest N that happens with probability about 2 / sqrt(N), and it would show a factor.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/transcript/transcript.hpp>
#include <veilsum/zk/challenge.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace veilsum::zk {

// `count` residues in [0, modulus), modulus > 1.
inline std::vector<integer::bigint> challenge_residues(transcript::transcript& script, std::string_view label,
                                                       const integer::bigint& modulus, std::size_t count) {
    expects(modulus > 1);
    const std::size_t length = (modulus.bit_length() + 7) / 8 + statistical_bits / 8;
    const std::size_t blocks = (length + 63) / 64;
    const byte_array<64> seed = script.challenge(label);
    std::vector<integer::bigint> out(count);
    bytes stream;
    for (std::size_t i = 0; i < count; ++i) {
        stream.clear();
        for (std::size_t j = 0; j < blocks; ++j) {
            const auto block = transcript::expand(seed, static_cast<std::uint32_t>(i * blocks + j));
            stream.insert(stream.end(), block.begin(), block.end());
        }
        out[i] = integer::bigint::from_bytes(byte_view(stream).first(length)) % modulus;
    }
    return out;
}

// Whether all are units modulo `modulus`: one product and one gcd. True for none.
inline bool all_units(std::span<const integer::bigint> residues, const integer::bigint& modulus) {
    integer::bigint product = 1;
    for (const integer::bigint& residue : residues) product = product * residue % modulus;
    return gcd(product, modulus) == 1;
}

} // namespace veilsum::zk
