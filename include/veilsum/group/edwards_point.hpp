// Points of the Edwards curve  -x^2 + y^2 = 1 + d x^2 y^2  over GF(2^255 - 19), in extended coordinates.
//
//     (X : Y : Z : T),    x = X/Z,  y = Y/Z,  x y = T/Z
//
// The addition law is complete on this curve (-1 is a square, d is not): one formula adds, doubles and takes
// the neutral element, without a case. The second summand comes prepared:
//
//     cached   (Y + X, Y - X, 2 Z, 2 d T)     8 products an addition
//     niels    (y + x, y - x, 2 d x y), Z = 1      7 products
//
// and its negative has the first two exchanged and the last one negated.
//
// A point of this curve is not an element of ristretto255, but represents one: P and P + T, with T one of the
// four points of 4-torsion, are the same element. `same_element` compares elements.
//
// Source: Hisil, Wong, Carter, Dawson, "Twisted Edwards curves revisited", 2008, sections 3.1 and 3.3, with
// a = -1; RFC 8032, 5.1.4.
//
// Constant time. Coordinates are tight (field25519.hpp) from one operation to the next.
//
// Cost in products M and squares S: addition 8 M (niels: 7 M), doubling 4 M + 4 S, about 0.13 us each.
#pragma once

#include <veilsum/group/field25519.hpp>

#include <cstdint>

namespace veilsum::group {

// A point prepared to be added: `y_plus_x` = Y + X, `y_minus_x` = Y - X, `twice_z` = 2 Z, `twice_dt` = 2 d T.
struct cached_point {
    field25519 y_plus_x = field25519::one(), y_minus_x = field25519::one();
    field25519 twice_z{{2, 0, 0, 0, 0}}, twice_dt; // default: the neutral element

    constexpr cached_point negated() const { return {y_minus_x, y_plus_x, twice_z, -twice_dt}; } // -P
    friend constexpr cached_point select(std::uint64_t mask, const cached_point& yes,
                                         const cached_point& no) {
        return {select(mask, yes.y_plus_x, no.y_plus_x), select(mask, yes.y_minus_x, no.y_minus_x),
                select(mask, yes.twice_z, no.twice_z), select(mask, yes.twice_dt, no.twice_dt)};
    }
};

// A point with Z = 1 prepared to be added: `y_plus_x` = y + x, `y_minus_x` = y - x, `twice_dxy` = 2 d x y.
struct niels_point {
    field25519 y_plus_x = field25519::one(), y_minus_x = field25519::one(), twice_dxy;

    constexpr niels_point negated() const { return {y_minus_x, y_plus_x, -twice_dxy}; } // -P
    friend constexpr niels_point select(std::uint64_t mask, const niels_point& yes, const niels_point& no) {
        return {select(mask, yes.y_plus_x, no.y_plus_x), select(mask, yes.y_minus_x, no.y_minus_x),
                select(mask, yes.twice_dxy, no.twice_dxy)};
    }
};

// Extended coordinates `x`, `y`, `z`, `t`: the point (X/Z, Y/Z), with X Y = Z T.
struct edwards_point {
    field25519 x, y = field25519::one(), z = field25519::one(), t; // default: the neutral element

    // The generator of RFC 8032 and RFC 9496, y = 4/5, x even.
    static constexpr edwards_point base() {
        return {{{0x62d608f25d51a, 0x412a4b4f6592a, 0x75b7171a4b31d, 0x1ff60527118fe, 0x216936d3cd6e5}},
                {{0x6666666666658, 0x4cccccccccccc, 0x1999999999999, 0x3333333333333, 0x6666666666666}},
                field25519::one(),
                {{0x68ab3a5b7dda3, 0xeea2a5eadbb, 0x2af8df483c27e, 0x332b375274732, 0x67875f0fd78b7}}};
    }

    // To add it more than once.
    constexpr cached_point cached() const {
        return {(y + x).carried(), (y - x).carried(), (z + z).carried(), t * curve25519::twice_d};
    }
    // For points with Z = 1.
    constexpr niels_point niels() const {
        return {(y + x).carried(), (y - x).carried(), t * curve25519::twice_d};
    }
    // The same point with Z = 1, given 1/Z.
    constexpr edwards_point scaled(const field25519& inverse_z) const {
        const field25519 affine_x = x * inverse_z, affine_y = y * inverse_z;
        return {affine_x, affine_y, field25519::one(), affine_x * affine_y};
    }

    // 2^count P, count >= 1. The doublings in between need no T: 3 M + 4 S.
    constexpr edwards_point doubled(int count = 1) const {
        edwards_point out = *this;
        for (int i = 1; i <= count; ++i) {
            const field25519 a = out.x.squared(), b = out.y.squared(), zz = out.z.squared();
            const field25519 h = a + b;                                     // below 2^53
            const field25519 e = (h - (out.x + out.y).squared()).carried(); // -2 x y
            const field25519 g = a - b;                                     // below 2^54
            const field25519 f = (zz + zz + g).carried();
            out.x = e * f;
            out.y = g * h;
            out.z = f * g;
            if (i == count) out.t = e * h;
        }
        return out;
    }
    friend constexpr edwards_point operator+(const edwards_point& p, const cached_point& q) {
        return joined((p.y - p.x) * q.y_minus_x, (p.y + p.x) * q.y_plus_x, p.t * q.twice_dt, p.z * q.twice_z);
    }
    friend constexpr edwards_point operator+(const edwards_point& p, const niels_point& q) {
        return joined((p.y - p.x) * q.y_minus_x, (p.y + p.x) * q.y_plus_x, p.t * q.twice_dxy, p.z + p.z);
    }
    friend constexpr edwards_point operator+(const edwards_point& p, const edwards_point& q) {
        return p + q.cached();
    }
    friend constexpr edwards_point operator-(const edwards_point& p) { return {-p.x, p.y, p.z, -p.t}; }
    friend constexpr edwards_point operator-(const edwards_point& p, const edwards_point& q) {
        return p + q.cached().negated();
    }

    // Whether both represent one element of ristretto255 (RFC 9496, 4.3.3): a mask.
    constexpr std::uint64_t same_element(const edwards_point& q) const {
        return (x * q.y).mask_equal(y * q.x) | (y * q.y).mask_equal(x * q.x);
    }
    // A mask: whether the coordinates satisfy the curve's equation, X Y = Z T, and Z is not zero.
    constexpr std::uint64_t on_curve() const {
        const field25519 xx = x.squared(), yy = y.squared(), zz = z.squared(), tt = t.squared();
        return (yy - xx).carried().mask_equal(zz + curve25519::d * tt) & (x * y).mask_equal(z * t) &
               ~z.mask_zero();
    }
    friend constexpr edwards_point select(std::uint64_t mask, const edwards_point& yes,
                                          const edwards_point& no) {
        return {select(mask, yes.x, no.x), select(mask, yes.y, no.y), select(mask, yes.z, no.z),
                select(mask, yes.t, no.t)};
    }

  private:
    // a and b tight, d below 2^53.
    static constexpr edwards_point joined(const field25519& a, const field25519& b, const field25519& c,
                                          const field25519& d) {
        const field25519 e = b - a, f = d - c, g = d + c, h = b + a;
        return {e * f, g * h, f * g, e * h};
    }
};

} // namespace veilsum::group
