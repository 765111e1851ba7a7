// Tables of small multiples, read under masks, and what they multiply: secret scalars times points.
//
//     multiples_of(P) = (P, 2 P, .., 8 P),     x P = sum_j 16^j digit_j P          (scalar_digits.hpp)
//
// A variable base takes 64 additions and 252 doublings; a fixed base has a table for every second power of 16
// and takes 64 additions and 4 doublings.
//
// Constant time: every look-up reads its whole table, and the sign is applied under a mask.
//
// Cost: 39 us and 11 us; a fixed base's table is 30 KiB and 100 us.
#pragma once

#include <veilsum/core/secret.hpp>
#include <veilsum/group/edwards_point.hpp>
#include <veilsum/group/scalar_digits.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace veilsum::group {

// All Z become 1, by one inversion and three products a point (Montgomery 1987). No Z of a point is zero.
inline void normalise(std::span<edwards_point> points) {
    std::vector<field25519> before(points.size()); // Z_0 .. Z_{i-1}
    field25519 product = field25519::one();
    for (std::size_t i = 0; i < points.size(); ++i) {
        before[i] = product;
        product = product * points[i].z;
    }
    field25519 inverse = product.inverted();
    for (std::size_t i = points.size(); i-- > 0;) {
        const field25519 z = points[i].z;
        points[i] = points[i].scaled(inverse * before[i]);
        inverse = inverse * z;
    }
    for (field25519& each : before) sodium_memzero(&each, sizeof each);
}

// P, 2 P, .., 8 P, for digits of four bits with sign; looked up in constant time.
template <class Prepared>
class multiples_table {
  public:
    static constexpr std::size_t size = 8;

    explicit multiples_table(const std::array<Prepared, size>& multiples) : multiples_(multiples) {}

    // digit P for -8 <= digit <= 8.
    Prepared look_up(int digit) const {
        const auto sign = 0 - (static_cast<std::uint64_t>(static_cast<std::int64_t>(digit)) >> 63);
        const std::uint64_t magnitude = (static_cast<std::uint64_t>(digit) ^ sign) - sign;
        Prepared found; // the neutral element
        for (std::size_t k = 0; k < size; ++k)
            found = select(mask_if_equal(k + 1, magnitude), multiples_[k], found);
        return select(sign, found.negated(), found);
    }

  private:
    std::array<Prepared, size> multiples_;
};

// Cost: seven additions.
inline multiples_table<cached_point> multiples_of(const edwards_point& p) {
    std::array<cached_point, 8> multiples{p.cached()};
    edwards_point multiple = p;
    for (std::size_t k = 1; k < multiples.size(); ++k) {
        multiple = multiple + multiples[0];
        multiples[k] = multiple.cached();
    }
    return multiples_table<cached_point>(multiples);
}

// x P. Constant time. Cost: 252 doublings and 64 additions.
inline edwards_point multiply(const scalar& x, const edwards_point& p) {
    const multiples_table<cached_point> table = multiples_of(p);
    signed_nibbles digits(x);
    edwards_point sum = edwards_point{} + table.look_up(digits[nibbles_of_scalar - 1]);
    for (std::size_t j = nibbles_of_scalar - 1; j-- > 0;) sum = sum.doubled(4) + table.look_up(digits[j]);
    digits.wipe();
    return sum;
}

// A fixed point with tables, for many secret scalars.
class fixed_base {
  public:
    explicit fixed_base(edwards_point p) {
        constexpr std::size_t size = multiples_table<niels_point>::size;
        std::vector<edwards_point> multiples; // k 256^j P, k = 1 .. 8
        multiples.reserve(windows * size);
        for (std::size_t j = 0; j < windows; ++j, p = p.doubled(8)) {
            const cached_point step = p.cached();
            edwards_point multiple = p;
            for (std::size_t k = 0; k < size; ++k, multiple = multiple + step) multiples.push_back(multiple);
        }
        normalise(multiples);
        for (std::size_t j = 0; j < windows; ++j) {
            std::array<niels_point, size> prepared;
            for (std::size_t k = 0; k < size; ++k) prepared[k] = multiples[j * size + k].niels();
            tables_.emplace_back(prepared);
        }
    }
    // x P. Constant time. Cost: 64 additions and 4 doublings.
    edwards_point times(const scalar& x) const {
        signed_nibbles digits(x);
        edwards_point sum;
        for (std::size_t j = 0; j < windows; ++j) sum = sum + tables_[j].look_up(digits[2 * j + 1]);
        sum = sum.doubled(4);
        for (std::size_t j = 0; j < windows; ++j) sum = sum + tables_[j].look_up(digits[2 * j]);
        digits.wipe();
        return sum;
    }

  private:
    static constexpr std::size_t windows = nibbles_of_scalar / 2;
    std::vector<multiples_table<niels_point>> tables_;
};

} // namespace veilsum::group
