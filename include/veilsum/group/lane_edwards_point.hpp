// The points of edwards_point.hpp, eight at a time: the same coordinates, prepared forms and formulas.
//
// Complete formulas have no cases, so lanes never go different ways. What is multiplied next is carried, and
// nothing else is: an addition of a niels point carries ten times, a doubling eight times.
//
// Source: Hisil, Wong, Carter, Dawson 2008, sections 3.1 and 3.3. Constant time.
//
// Cost, cycles a point on one core of an AMD EPYC, family 25 model 17: addition 77 (niels: 65), doubling 64.
#pragma once

#include <veilsum/group/edwards_point.hpp>
#include <veilsum/group/lane_field25519.hpp>

#if VEILSUM_IFMA_ENGINE

#include <array>
#include <cstddef>

namespace veilsum::group {

// cached_point, eight of them: `y_plus_x`, `y_minus_x`, `twice_z`, `twice_dt`.
struct lane_cached_point {
    lane_field25519 y_plus_x, y_minus_x, twice_z, twice_dt;
};
// niels_point, eight of them: `y_plus_x`, `y_minus_x`, `twice_dxy`.
struct lane_niels_point {
    lane_field25519 y_plus_x, y_minus_x, twice_dxy;
};
// Extended coordinates `x`, `y`, `z`, `t` of eight points.
struct lane_point {
    lane_field25519 x, y, z, t;
};

// The neutral element in each lane.
VEILSUM_IFMA inline lane_point neutral_lanes() {
    const lane_field25519 zero = broadcast(field25519::zero()), one = broadcast(field25519::one());
    return {zero, one, one, zero};
}
// Point i of the eight in lane i.
template <class Source> // Source(lane): const edwards_point&
VEILSUM_IFMA inline lane_point gather_points(const Source& source) {
    return {gather_lanes([&](std::size_t lane) -> const field25519& { return source(lane).x; }),
            gather_lanes([&](std::size_t lane) -> const field25519& { return source(lane).y; }),
            gather_lanes([&](std::size_t lane) -> const field25519& { return source(lane).z; }),
            gather_lanes([&](std::size_t lane) -> const field25519& { return source(lane).t; })};
}
// The points, lane by lane.
VEILSUM_IFMA inline std::array<edwards_point, lane_count> scatter_points(const lane_point& p) {
    const auto x = scatter_lanes(p.x), y = scatter_lanes(p.y), z = scatter_lanes(p.z), t = scatter_lanes(p.t);
    std::array<edwards_point, lane_count> out;
    for (std::size_t lane = 0; lane < lane_count; ++lane) out[lane] = {x[lane], y[lane], z[lane], t[lane]};
    return out;
}

// To add them more than once.
VEILSUM_IFMA inline lane_cached_point cached(const lane_point& p) {
    return {p.y + p.x, p.y - p.x, p.z + p.z, p.t * broadcast(curve25519::twice_d)};
}
// With Z = 1, and from 1/Z else.
VEILSUM_IFMA inline lane_niels_point niels(const lane_point& p) {
    return {p.y + p.x, p.y - p.x, p.t * broadcast(curve25519::twice_d)};
}
VEILSUM_IFMA inline lane_niels_point niels(const lane_point& p, const lane_field25519& inverse_z) {
    const lane_field25519 x = p.x * inverse_z, y = p.y * inverse_z;
    return {y + x, y - x, x * y * broadcast(curve25519::twice_d)};
}
// -q in the lanes of the mask.
VEILSUM_IFMA inline lane_niels_point negated(lane_mask mask, const lane_niels_point& q) {
    return {choose(mask, q.y_minus_x, q.y_plus_x), choose(mask, q.y_plus_x, q.y_minus_x),
            choose(mask, -q.twice_dxy, q.twice_dxy)};
}

// p <- p + q.
VEILSUM_IFMA inline void add(lane_point& p, const lane_niels_point& q) {
    const lane_columns a = multiply_columns(p.y - p.x, q.y_minus_x);
    const lane_columns b = multiply_columns(p.y + p.x, q.y_plus_x);
    const lane_field25519 e = carried(b - a), h = carried(b + a);
    const lane_columns c = multiply_columns(p.t, q.twice_dxy);
    const lane_columns d = columns_of(p.z) + columns_of(p.z);
    const lane_field25519 f = carried(d - c), g = carried(d + c);
    p = {e * f, g * h, f * g, e * h};
}
VEILSUM_IFMA inline void add(lane_point& p, const lane_cached_point& q) {
    const lane_columns a = multiply_columns(p.y - p.x, q.y_minus_x);
    const lane_columns b = multiply_columns(p.y + p.x, q.y_plus_x);
    const lane_field25519 e = carried(b - a), h = carried(b + a);
    const lane_columns c = multiply_columns(p.t, q.twice_dt);
    const lane_columns d = multiply_columns(p.z, q.twice_z);
    const lane_field25519 f = carried(d - c), g = carried(d + c);
    p = {e * f, g * h, f * g, e * h};
}
VEILSUM_IFMA inline void add(lane_point& p, const lane_point& q) {
    add(p, cached(q));
}
// p <- 2^count p, count >= 1.
VEILSUM_IFMA inline void double_point(lane_point& p, int count = 1) {
    for (int i = 1; i <= count; ++i) {
        const lane_columns a = square_columns(p.x), b = square_columns(p.y), zz = square_columns(p.z);
        const lane_columns sum = a + b, difference = a - b;
        const lane_field25519 e = carried(sum - square_columns(p.x + p.y)); // -2 x y
        const lane_field25519 h = carried(sum), g = carried(difference);
        const lane_field25519 f = carried(zz + zz + difference);
        p.x = e * f;
        p.y = g * h;
        p.z = f * g;
        if (i == count) p.t = e * h;
    }
}

} // namespace veilsum::group

#endif
