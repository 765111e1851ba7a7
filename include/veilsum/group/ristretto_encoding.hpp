// ristretto255's encoding of elements, and its map from bytes to elements.
//
//     decode: 32 bytes -> representative       encode: any representative -> 32 bytes, one for each element
//
// All three procedures are a handful of products around one inverse square root
//
//     sqrt_ratio(u, v) = (u / v is a square,  r >= 0),    v r^2 = u,  or  v r^2 = sqrt(-1) u
//
// which is x^((p-5)/8) of x = u v^7 (p = 5 mod 8).
//
// Source: RFC 9496, sections 4.2 (sqrt_ratio) and 4.3.1 to 4.3.4; names of variables are its names.
//
// Constant time, also in whether an encoding is valid. Cost: 3.6 us each, 7.4 us for `hash_to_element`,
// nearly all in the power; lane_ristretto.hpp does eight at a time.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/group/edwards_point.hpp>
#include <veilsum/group/field25519.hpp>

#include <algorithm>
#include <cstdint>

namespace veilsum::group {

// What sqrt_ratio finds: sqrt(u / v), or sqrt(i u / v) if u / v is no square.
struct square_root {
    std::uint64_t was_square; // a mask
    field25519 root;          // not negative
};

// u and v tight.
constexpr square_root sqrt_ratio(const field25519& u, const field25519& v) {
    const field25519 v3 = v.squared() * v;
    const field25519 v7 = v3.squared() * v;
    const field25519 r = (u * v3) * (u * v7).root_power();
    const field25519 check = v * r.squared();
    const field25519 minus_u = -u;
    const std::uint64_t correct = check.mask_equal(u);
    const std::uint64_t flipped = check.mask_equal(minus_u);
    const std::uint64_t flipped_i = check.mask_equal(minus_u * curve25519::sqrt_minus_one);
    return {correct | flipped, select(flipped | flipped_i, r * curve25519::sqrt_minus_one, r).absolute()};
}

// What decoding finds.
struct decoded_point {
    std::uint64_t valid; // a mask; the point means nothing where it is zero
    edwards_point point; // a representative
};

// RFC 9496, 4.3.1.
constexpr decoded_point decode_element(const byte_array<32>& data) {
    const field25519 s = field25519::from_bytes(data);
    const byte_array<32> again = s.bytes();
    std::uint64_t difference = 0;
    for (std::size_t at = 0; at < 32; ++at) difference |= static_cast<std::uint64_t>(data[at] ^ again[at]);
    const std::uint64_t canonical = mask_if_equal(difference, 0);

    const field25519 ss = s.squared();
    const field25519 u1 = (field25519::one() - ss).carried();
    const field25519 u2 = (field25519::one() + ss).carried();
    const field25519 u2_squared = u2.squared();
    const field25519 v = -(curve25519::d * u1.squared() + u2_squared);
    const auto [was_square, inverse_root] = sqrt_ratio(field25519::one(), v * u2_squared);
    const field25519 den_x = inverse_root * u2;
    const field25519 den_y = inverse_root * den_x * v;
    const field25519 half_x = s * den_x;
    const field25519 x = (half_x + half_x).carried().absolute();
    const field25519 y = u1 * den_y;
    const field25519 t = x * y;
    return {canonical & ~s.mask_negative() & was_square & ~t.mask_negative() & ~y.mask_zero(),
            {x, y, field25519::one(), t}};
}

// RFC 9496, 4.3.2.
constexpr byte_array<32> encode_element(const edwards_point& p) {
    const field25519 u1 = (p.z + p.y) * (p.z - p.y);
    const field25519 u2 = p.x * p.y;
    const field25519 inverse_root = sqrt_ratio(field25519::one(), u1 * u2.squared()).root;
    const field25519 den1 = inverse_root * u1;
    const field25519 den2 = inverse_root * u2;
    const field25519 z_inverse = den1 * den2 * p.t;
    const std::uint64_t rotate = (p.t * z_inverse).mask_negative();
    const field25519 x = select(rotate, p.y * curve25519::sqrt_minus_one, p.x);
    const field25519 y = select(rotate, p.x * curve25519::sqrt_minus_one, p.y);
    const field25519 den = select(rotate, den1 * curve25519::inverse_sqrt_a_minus_d, den2);
    const std::uint64_t negate = (x * z_inverse).mask_negative();
    return (den * (p.z - select(negate, -y, y))).absolute().bytes();
}

// RFC 9496, 4.3.4: MAP(t).
constexpr edwards_point map_to_element(const field25519& t) {
    const field25519 one = field25519::one();
    const field25519 r = curve25519::sqrt_minus_one * t.squared();
    const field25519 u = (r + one) * curve25519::one_minus_d_squared;
    const field25519 rd = r * curve25519::d;
    const field25519 v = (-(rd + one)) * (r + curve25519::d);
    const auto [was_square, root] = sqrt_ratio(u, v);
    const field25519 s = select(was_square, root, -(root * t).absolute());
    const field25519 c = select(was_square, -one, r);
    const field25519 n = (c * (r - one) * curve25519::d_minus_one_squared - v).carried();
    const field25519 sv = s * v, ss = s.squared();
    const field25519 w0 = sv + sv, w1 = n * curve25519::sqrt_ad_minus_one;
    const field25519 w2 = one - ss, w3 = one + ss;
    return {w0 * w3, w2 * w1, w1 * w3, w0 * w2};
}

// The one-way map of RFC 9496, 4.3.4: MAP of both halves, added.
inline edwards_point hash_to_element(const byte_array<64>& data) {
    byte_array<32> half{};
    std::copy_n(data.begin(), 32, half.begin());
    const edwards_point first = map_to_element(field25519::from_bytes(half));
    std::copy_n(data.begin() + 32, 32, half.begin());
    return first + map_to_element(field25519::from_bytes(half));
}

} // namespace veilsum::group
