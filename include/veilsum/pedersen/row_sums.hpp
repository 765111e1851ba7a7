// Rows of small secret values times the generators, and blindings written as more such values.
//
//     P_i = sum_c x_{i,c} G_c,       -2^(b-1) <= x_{i,c} < 2^(b-1)
//
// is group/small_multiples.hpp's sum. A blinding joins it as digits of b bits, digit_count(b) further columns
// whose generators are the multiples 2^(b j) H:
//
//     r H = sum_j digit_j (2^(b j) H),        -2^(b-1) <= digit_j < 2^(b-1)
//
// so a commitment needs no multiplication: 16 more columns for b = 16.
//
// Constant time in values and blindings.
//
// spec: validity proofs 8.2 and 13.4 (planes; deviation: five columns a table instead of four; signs in two's
// complement instead of an offset)
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/group/ristretto255.hpp>
#include <veilsum/group/scalar_digits.hpp>
#include <veilsum/group/small_multiples.hpp>
#include <veilsum/pedersen/generators.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace veilsum::pedersen {

// P_i for every row of `values` (row-major, as many columns as points). Values outside b = value_bits <= 24
// bits are a broken contract. The sums are as secret as the values.
inline secret<std::vector<group::point>> row_sums(std::span<const group::point> points,
                                                  std::span<const std::int32_t> values, unsigned value_bits) {
    expects(!points.empty());
    const group::subset_tables tables(points.size(),
                                      [&](std::size_t c) { return points[c].representative(); });
    return group::small_multiples(tables, values, points.size(), value_bits);
}

namespace detail {

// 2^j H for j < 255: public, the same in every process, made at the first use.
inline const std::vector<group::edwards_point>& blinding_multiples() {
    static const std::vector<group::edwards_point> multiples = [] {
        std::vector<group::edwards_point> powers(255, blinding_generator().representative());
        for (std::size_t j = 1; j < powers.size(); ++j) powers[j] = powers[j - 1].doubled();
        return powers;
    }();
    return multiples;
}

} // namespace detail

// sum_c x_{i,c} G_c + r_i H. The same contract, and a blinding for every row.
inline secret<std::vector<group::point>> blinded_row_sums(const generators& generators,
                                                          std::span<const std::int32_t> values,
                                                          std::span<const group::scalar> blindings,
                                                          unsigned value_bits) {
    const std::size_t own = generators.columns(), more = group::digit_count(value_bits);
    expects(values.size() == blindings.size() * own);
    const std::vector<group::edwards_point>& multiples = detail::blinding_multiples();
    const group::subset_tables tables(own + more, [&](std::size_t c) {
        return c < own ? generators.G(c).representative() : multiples[value_bits * (c - own)];
    });
    secret<std::vector<std::int32_t>> wide{std::vector<std::int32_t>(blindings.size() * (own + more))};
    for (std::size_t i = 0; i < blindings.size(); ++i) {
        const auto row = std::span(wide.expose()).subspan(i * (own + more), own + more);
        std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(i * own), own, row.begin());
        group::signed_digits(blindings[i], value_bits, row.subspan(own));
    }
    return group::small_multiples(tables, wide.expose(), own + more, value_bits);
}

} // namespace veilsum::pedersen
