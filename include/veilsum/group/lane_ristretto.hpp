// The encoding of ristretto_encoding.hpp, eight elements at a time.
//
// Source: RFC 9496, sections 4.2 and 4.3; names of variables are its names. Constant time, also in which
// encodings are valid. Cost: 0.75 us an element, 1.2 us to hash to one.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/group/lane_edwards_point.hpp>
#include <veilsum/group/ristretto_encoding.hpp>

#if VEILSUM_IFMA_ENGINE

#include <array>
#include <cstddef>

namespace veilsum::group {

// square_root, eight of them.
struct lane_square_root {
    lane_mask was_square; // lanes where u / v was a square
    lane_field25519 root; // not negative
};

VEILSUM_IFMA inline lane_square_root sqrt_ratio(const lane_field25519& u, const lane_field25519& v) {
    const lane_field25519 sqrt_minus_one = broadcast(curve25519::sqrt_minus_one);
    const lane_field25519 v3 = squared(v) * v;
    const lane_field25519 v7 = squared(v3) * v;
    const lane_field25519 r = (u * v3) * root_power(u * v7);
    const lane_field25519 check = v * squared(r);
    const lane_field25519 minus_u = -u;
    const lane_mask correct = equal_lanes(check, u);
    const lane_mask flipped = equal_lanes(check, minus_u);
    const lane_mask flipped_i = equal_lanes(check, minus_u * sqrt_minus_one);
    return {static_cast<lane_mask>(correct | flipped),
            absolute(choose(static_cast<lane_mask>(flipped | flipped_i), r * sqrt_minus_one, r))};
}

// decoded_point, eight of them.
struct lane_decoded_point {
    lane_mask valid;  // lanes whose encoding is valid; in others the point means nothing
    lane_point point; // the representatives
};

// s: encodings as residues; whether they were canonical is for the caller to check.
VEILSUM_IFMA inline lane_decoded_point decode_element(const lane_field25519& s) {
    const lane_field25519 one = broadcast(field25519::one());
    const lane_field25519 ss = squared(s);
    const lane_field25519 u1 = one - ss;
    const lane_field25519 u2 = one + ss;
    const lane_field25519 u2_squared = squared(u2);
    const lane_field25519 v = -(broadcast(curve25519::d) * squared(u1)) - u2_squared;
    const auto [was_square, inverse_root] = sqrt_ratio(one, v * u2_squared);
    const lane_field25519 den_x = inverse_root * u2;
    const lane_field25519 den_y = inverse_root * den_x * v;
    const lane_field25519 half_x = s * den_x;
    const lane_field25519 x = absolute(half_x + half_x);
    const lane_field25519 y = u1 * den_y;
    const lane_field25519 t = x * y;
    return {static_cast<lane_mask>(was_square & ~negative_lanes(s) & ~negative_lanes(t) & ~zero_lanes(y)),
            {x, y, one, t}};
}

// The encodings as canonical residues.
VEILSUM_IFMA inline lane_field25519 encode_element(const lane_point& p) {
    const lane_field25519 sqrt_minus_one = broadcast(curve25519::sqrt_minus_one);
    const lane_field25519 u1 = (p.z + p.y) * (p.z - p.y);
    const lane_field25519 u2 = p.x * p.y;
    const lane_field25519 inverse_root = sqrt_ratio(broadcast(field25519::one()), u1 * squared(u2)).root;
    const lane_field25519 den1 = inverse_root * u1;
    const lane_field25519 den2 = inverse_root * u2;
    const lane_field25519 z_inverse = den1 * den2 * p.t;
    const lane_mask rotate = negative_lanes(p.t * z_inverse);
    const lane_field25519 x = choose(rotate, p.y * sqrt_minus_one, p.x);
    const lane_field25519 y = choose(rotate, p.x * sqrt_minus_one, p.y);
    const lane_field25519 den = choose(rotate, den1 * broadcast(curve25519::inverse_sqrt_a_minus_d), den2);
    const lane_mask negate = negative_lanes(x * z_inverse);
    return canonical(absolute(den * (p.z - choose(negate, -y, y))));
}

// MAP(t).
VEILSUM_IFMA inline lane_point map_to_element(const lane_field25519& t) {
    const lane_field25519 one = broadcast(field25519::one());
    const lane_field25519 r = broadcast(curve25519::sqrt_minus_one) * squared(t);
    const lane_field25519 u = (r + one) * broadcast(curve25519::one_minus_d_squared);
    const lane_field25519 d = broadcast(curve25519::d);
    const lane_field25519 v = -(r * d + one) * (r + d);
    const auto [was_square, root] = sqrt_ratio(u, v);
    const lane_field25519 s = choose(was_square, root, -absolute(root * t));
    const lane_field25519 c = choose(was_square, -one, r);
    const lane_field25519 n = c * (r - one) * broadcast(curve25519::d_minus_one_squared) - v;
    const lane_field25519 sv = s * v, ss = squared(s);
    const lane_field25519 w0 = sv + sv, w1 = n * broadcast(curve25519::sqrt_ad_minus_one);
    const lane_field25519 w2 = one - ss, w3 = one + ss;
    return {w0 * w3, w2 * w1, w1 * w3, w0 * w2};
}

} // namespace veilsum::group

#endif
