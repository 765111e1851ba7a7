// What a dishonest signer can make: points outside the prime subgroup, and signatures that some verifiers of
// RFC 8032 accept and others refuse. Built from libsodium's scalar and point arithmetic, variable-time, for
// tests.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/hash/sha2.hpp>

#include <sodium/crypto_core_ed25519.h>
#include <sodium/crypto_scalarmult_ed25519.h>

#include <algorithm>
#include <string_view>

namespace veilsum::test {

// The points of order 2, 4, 4, 8, 8, 8, 8 (orders computed in Python from the curve equation), and the
// identity.
inline constexpr std::string_view small_order_points[] = {
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "0100000000000000000000000000000000000000000000000000000000000000"};

inline byte_array<32> point_from_hex(std::string_view text) {
    byte_array<32> out{};
    const bytes raw = *from_hex(text);
    std::copy_n(raw.begin(), out.size(), out.begin());
    return out;
}

inline byte_array<32> add_points(const byte_array<32>& a, const byte_array<32>& b) {
    byte_array<32> sum{};
    if (crypto_core_ed25519_add(sum.data(), a.data(), b.data()) != 0) sum.fill(0xff);
    return sum;
}

// An Ed25519 signature of `message` under `seed` whose R is moved by `torsion`, with the rest honest. With
// the identity for `torsion` it is an ordinary signature.
inline byte_array<64> sign_with_moved_r(const byte_array<32>& seed, const byte_array<32>& verifying,
                                        byte_view message, const byte_array<32>& torsion) {
    auto reduced = [](const hash::digest64& wide) {
        byte_array<32> out{};
        crypto_core_ed25519_scalar_reduce(out.data(), wide.data());
        return out;
    };
    const hash::digest64 expanded = hash::sha512(seed);
    hash::digest64 wide{};
    std::copy_n(expanded.begin(), 32, wide.begin());
    wide[0] &= 248;
    wide[31] = static_cast<std::uint8_t>((wide[31] & 63) | 64);
    const byte_array<32> a = reduced(wide);
    const byte_array<32> r = reduced(hash::sha512_of(byte_view(expanded).subspan(32), message));
    byte_array<32> big_r{};
    if (crypto_scalarmult_ed25519_base_noclamp(big_r.data(), r.data()) != 0) big_r.fill(0xff);
    big_r = add_points(big_r, torsion);
    const byte_array<32> k = reduced(hash::sha512_of(big_r, verifying, message));
    byte_array<32> s{};
    crypto_core_ed25519_scalar_mul(s.data(), k.data(), a.data());
    const byte_array<32> product = s;
    crypto_core_ed25519_scalar_add(s.data(), product.data(), r.data());
    byte_array<64> out{};
    std::copy(big_r.begin(), big_r.end(), out.begin());
    std::copy(s.begin(), s.end(), out.begin() + 32);
    return out;
}

} // namespace veilsum::test
