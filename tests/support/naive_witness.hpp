// What a client proves about, true or not: any integers as row entries, any scalars as bits, any plaintexts.
//
//     naive_witness w = make_witness(layout, values, rng);      honest
//     w.x[0][3] += 1;                                            and what follows from the rows with it:
//     derive_from_rows(layout, w);
//     w.plane(0, 2, 3) = scalar::from_u64(2);                    or one thing alone
//
// spec: validity proofs, sections 4 and 8.1
#pragma once

#include "support/naive_field.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/core/contract.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/integer/sample.hpp>
#include <veilsum/pedersen/audit_weights.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace veilsum::test {

struct naive_witness {
    std::vector<std::vector<bigint>> x;       // Kt rows of C entries
    std::vector<std::vector<scalars>> planes; // planes[i][k - 1][c] for k = 1 .. b-1; plane 0 follows by (4)
    scalars slack;                            // C
    scalars r;                                // Kt
    std::vector<scalars> rho;                 // rho[i][k - 1]
    scalar rho_s;
    std::vector<std::vector<bigint>> plaintext; // M_{i,j}, of any size and sign
    std::vector<std::vector<bigint>> alpha;

    scalar& plane(std::size_t i, std::size_t k, std::size_t c) { return planes[i][k - 1][c]; }
};

inline bigint value_offset(const encoding::matrix_layout& layout) {
    return bigint(1) << (layout.value_bits() - 1); // off
}
// Entry (k, i, c) of beta, i < Kt: for k = 0 what (4) leaves.
inline scalar committed_bit(const encoding::matrix_layout& layout, const naive_witness& w, std::size_t k,
                            std::size_t i, std::size_t c) {
    if (k >= 1) return w.planes[i][k - 1][c];
    scalar rest = to_scalar(w.x[i][c] + value_offset(layout));
    for (std::size_t higher = 1; higher < layout.value_bits(); ++higher)
        rest -= power_of_two(higher) * w.planes[i][higher - 1][c];
    return rest;
}

// pack(v, j): the sum of v[jS + k] 2^(w k)
inline bigint naive_pack(const encoding::matrix_layout& layout, const std::vector<bigint>& v, std::size_t j) {
    bigint packed = 0;
    for (std::size_t k = 0; k < layout.block_length(j); ++k)
        packed += v[j * layout.slots() + k] << (layout.slot_width() * k);
    return packed;
}
inline bigint sum_of_squares(const encoding::matrix_layout& layout, const naive_witness& w) {
    bigint sum = 0;
    for (std::size_t i = 0; i < layout.data_rows(); ++i)
        for (const bigint& entry : w.x[i]) sum += entry * entry;
    return sum;
}
// sum_t alpha*_t x_{digit(i,t)}
inline scalar hash_of_digits(const encoding::matrix_layout& layout, const naive_witness& w,
                             std::size_t data_row) {
    scalar sum;
    for (std::size_t t = 0; t < layout.digits(); ++t) {
        const auto at = layout.digit_position(data_row, t);
        sum += pedersen::audit_weight(static_cast<std::uint32_t>(t)) * to_scalar(w.x[at.row][at.column]);
    }
    return sum;
}

// Bits, slack, blindings with AUDIT, and plaintexts, from the entries. What lies out of range has the bits of
// its two's complement, cut to those that there are.
inline void derive_from_rows(const encoding::matrix_layout& layout, naive_witness& w) {
    const std::size_t C = layout.columns();
    w.planes.assign(layout.rows(), std::vector<scalars>(layout.value_bits() - 1, scalars(C)));
    w.plaintext.assign(layout.rows(), std::vector<bigint>(layout.blocks()));
    for (std::size_t i = 0; i < layout.rows(); ++i) {
        for (std::size_t k = 1; k < layout.value_bits(); ++k)
            for (std::size_t c = 0; c < C; ++c)
                w.plane(i, k, c) = scalar::from_u64((w.x[i][c] + value_offset(layout)).bit(k) ? 1 : 0);
        for (std::size_t j = 0; j < layout.blocks(); ++j) w.plaintext[i][j] = naive_pack(layout, w.x[i], j);
    }
    w.slack.assign(C, scalar::zero());
    const bigint missing = layout.norm_bound() - sum_of_squares(layout, w);
    for (std::size_t c = 0; c < layout.slack_bits(); ++c)
        w.slack[c] = scalar::from_u64(missing.bit(c) ? 1 : 0);
    if (layout.has_audit())
        for (std::size_t i = 0; i < layout.rows(); ++i)
            w.r[i] = i < layout.data_rows() ? hash_of_digits(layout, w, i) : scalar::zero();
}

// `values` may be out of range, and their squares above the bound.
inline naive_witness make_witness(const encoding::matrix_layout& layout, const std::vector<bigint>& values,
                                  seeded_random& rng) {
    expects(values.size() == layout.values());
    const std::size_t C = layout.columns(), K = layout.data_rows();
    naive_witness w;
    w.x.assign(layout.rows(), std::vector<bigint>(C));
    for (std::size_t at = 0; at < values.size(); ++at) w.x[at / C][at % C] = values[at];
    const auto draw_digit = [&] {
        return integer::random_bits(layout.value_bits(), rng) - value_offset(layout);
    };
    for (std::size_t i = K; i < layout.rows(); ++i)
        for (std::size_t t = 0; t < layout.digits(); ++t) w.x[i][t] = draw_digit(); // group 0
    if (layout.has_audit())
        for (std::size_t i = 0; i < K; ++i)
            for (std::size_t t = 0; t < layout.digits(); ++t) {
                const auto at = layout.digit_position(i, t);
                w.x[at.row][at.column] = draw_digit();
            }
    for (std::size_t i = 0; i < layout.rows(); ++i) {
        w.r.push_back(scalar::random(rng));
        w.rho.emplace_back();
        for (std::size_t k = 1; k < layout.value_bits(); ++k) w.rho[i].push_back(scalar::random(rng));
        w.alpha.emplace_back();
        for (std::size_t j = 0; j < layout.blocks(); ++j)
            w.alpha[i].push_back(integer::random_bits(layout.exponent_bits(), rng));
    }
    w.rho_s = scalar::random(rng);
    derive_from_rows(layout, w);
    return w;
}

} // namespace veilsum::test
