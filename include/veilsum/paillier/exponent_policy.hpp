// How long the random exponent of a ciphertext is: a type, with the assumption that it buys beside it.
//
//     c = (1+n)^M h_s^alpha mod n^(s+1),   alpha uniform in [0, 2^a)
//
// h_s generates a group of residues whose order nobody but the owner knows. What hides M is that h_s^alpha
// cannot be told from a random residue:
//
//   policy          a at 2048 / 3072 / 4096   assumed besides decisional composite residuosity
//   short_exponent      448 / 512 / 640       discrete logarithms with a-bit exponents to the base h_s: hard
//   half_length        1024 / 1536 / 2048     factoring is hard: half-length exponents then look like full
//                                             ones (Goldreich, Rosen, J. Cryptology 16, 2003)
//   uniform            2176 / 3200 / 4224     nothing: alpha mod the order is within 2^-128 of uniform
//
// The short lengths are four times the security level of the modulus (112, 128 and about 160 bits): generic
// attacks on an a-bit exponent cost 2^(a/2), so half of that would do; the rest is margin for attacks that
// use what leaks about the group.
#pragma once

#include <cstddef>
#include <string_view>

namespace veilsum::paillier {

// `bits`: 448, 512 and 640 for moduli of 2048, 3072 and 4096 bits; why, in the description of the file.
struct short_exponent {
    // 256 for the sizes that exist in tests only.
    template <std::size_t ModulusBits>
    static constexpr std::size_t bits = ModulusBits == 2048   ? 448
                                        : ModulusBits == 3072 ? 512
                                        : ModulusBits == 4096 ? 640
                                                              : 256;
    static constexpr std::string_view name = "short"; // in reports
};

// Half the bits of the modulus.
struct half_length {
    template <std::size_t ModulusBits>
    static constexpr std::size_t bits = ModulusBits / 2; // a
    static constexpr std::string_view name = "half";     // in reports
};

// 128 bits more than the modulus: statistically uniform powers of h_s, without an assumption.
struct uniform {
    template <std::size_t ModulusBits>
    static constexpr std::size_t bits = ModulusBits + 128; // a
    static constexpr std::string_view name = "uniform";    // in reports
};

} // namespace veilsum::paillier
