// Is a 32-byte string the canonical encoding of a point of prime order on edwards25519?
//
//     P = (1/8 mod L) . (8 P)      with L the order of the base point
//
// The curve has 8 L points. 8 P always lies in the subgroup of order L, and there 1/8 undoes the factor 8, so
// the equation holds exactly for the points of that subgroup. Comparing the encodings of both sides refuses
// second encodings at the same time, and the identity fails because libsodium multiplies no small-order
// point.
//
// deviation: libsodium has crypto_core_ed25519_is_valid_point for this question, but before 2026 it lets
// points of order 2 L pass (CVE-2025-69277). Whether a key or a signature is good must not depend on the
// version that an auditor happens to have installed.
//
// Cost: about two scalar multiplications. For public points.
#pragma once

#include <veilsum/core/bytes.hpp>

#include <sodium/crypto_core_ed25519.h>
#include <sodium/crypto_scalarmult_ed25519.h>

namespace veilsum::sign {

// Whether the encoded point has the order of the base point, 2^252 + delta.
inline bool is_in_prime_subgroup(const byte_array<32>& point) {
    // 1/8 mod L, little-endian.
    static constexpr byte_array<32> eighth = {
        0x79, 0x2f, 0xdc, 0xe2, 0x29, 0xe5, 0x06, 0x61, 0xd0, 0xda, 0x1c, 0x7d, 0xb3, 0x9d, 0xd3, 0x07,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x06};
    byte_array<32> multiple = point;
    for (int doubling = 0; doubling < 3; ++doubling) {
        const byte_array<32> half = multiple;
        if (crypto_core_ed25519_add(multiple.data(), half.data(), half.data()) != 0) return false;
    }
    byte_array<32> image{};
    return crypto_scalarmult_ed25519_noclamp(image.data(), eighth.data(), multiple.data()) == 0 &&
           image == point;
}

} // namespace veilsum::sign
