// The sumcheck of a submission by its definition, with every table written out over the whole cube.
//
//     G(X) = eq(tau, X) (beta~(X)^2 - beta~(X))
//          + gamma   eq(0, X_p) (xi~^2 + sigma~ omega~)            [L2]
//          + gamma^2 eq(0, X_p) eta~ W~                            [AUDIT]
//
//     naive_validity_sumcheck sumcheck(layout, witness, challenges);
//     for (...) { const auto c = sumcheck.round_polynomial(); ...; sumcheck.bind(r_j); }
//
// Point (k, i, c) of the cube is k + 2^kp i + 2^(kp + kr) c: planes, rows, columns, lowest bits first, and
// variable 0 is the lowest bit of all. Cost: about 100 2^nu multiplications.
// spec: validity proofs, sections 4.4 and 8.5
#pragma once

#include "support/naive_field.hpp"
#include "support/naive_witness.hpp"

#include <veilsum/core/contract.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/pedersen/audit_weights.hpp>

#include <array>
#include <cstddef>
#include <vector>

namespace veilsum::test {

struct naive_challenges {
    std::vector<bigint> e;
    scalars tau;
    scalar gamma;
    scalars r;
    scalar theta, eps;
};

// W(i, c) = e_{i'} alpha*_{t'} at the digits, on the rows and columns of the cube: [i + 2^kr c]
inline scalars digit_weights(const encoding::matrix_layout& layout, const std::vector<bigint>& e) {
    scalars table(std::size_t{1} << (layout.row_variables() + layout.column_variables()));
    if (!layout.has_audit()) return table;
    for (std::size_t i = 0; i < layout.data_rows(); ++i)
        for (std::size_t t = 0; t < layout.digits(); ++t) {
            const auto at = layout.digit_position(i, t);
            table[at.row + (at.column << layout.row_variables())] =
                to_scalar(e[i]) * pedersen::audit_weight(static_cast<std::uint32_t>(t));
        }
    return table;
}

class naive_validity_sumcheck {
  public:
    // Needs e, tau and gamma.
    naive_validity_sumcheck(const encoding::matrix_layout& layout, const naive_witness& w,
                            const naive_challenges& challenges)
        : gamma_(challenges.gamma) {
        if (layout.has_l2() || layout.has_audit()) used_.push_back(eq_zero);
        if (layout.has_l2()) used_.insert(used_.end(), {xi, sigma, omega});
        if (layout.has_audit()) used_.insert(used_.end(), {eta, digits});
        const std::size_t planes = std::size_t{1} << layout.plane_variables();
        const std::size_t rows = std::size_t{1} << layout.row_variables();
        const std::size_t columns = std::size_t{1} << layout.column_variables();
        for (scalars& table : tables_) table.resize(planes * rows * columns); // 0
        const scalars weights = digit_weights(layout, challenges.e);
        tables_[eq_tau] = eq_table(challenges.tau);
        const std::size_t K = layout.data_rows(), Kt = layout.rows();
        for (std::size_t c = 0; c < columns; ++c)
            for (std::size_t i = 0; i < rows; ++i)
                for (std::size_t k = 0; k < planes; ++k) {
                    const std::size_t at = k + planes * (i + rows * c);
                    const bool inside = c < layout.columns();
                    const bool slack_row = layout.has_l2() && i == Kt && inside;
                    if (k == 0) tables_[eq_zero][at] = scalar::one();
                    if (inside && i < Kt && k < layout.value_bits())
                        tables_[beta][at] = committed_bit(layout, w, k, i, c);
                    if (slack_row && k == 0) tables_[beta][at] = w.slack[c];
                    if (layout.has_l2()) {
                        if (inside && i < K) tables_[xi][at] = to_scalar(w.x[i][c]);
                        if (slack_row) tables_[sigma][at] = w.slack[c];
                        if (c < layout.slack_bits()) tables_[omega][at] = power_of_two(c);
                    }
                    if (layout.has_audit()) {
                        if (inside && i >= K && i < Kt) tables_[eta][at] = to_scalar(w.x[i][c]);
                        tables_[digits][at] = weights[i + rows * c];
                    }
                }
    }

    // g(X) = c_0 + c_1 X + c_2 X^2 + c_3 X^3, the sum over the variables after the next one.
    std::array<scalar, 4> round_polynomial() const {
        std::array<scalar, 4> g; // at 0, 1, 2, 3
        for (std::size_t u = 0; u < size() / 2; ++u) {
            std::array<scalar, table_count> value, step;
            for (const table_name t : used_) {
                value[t] = tables_[t][2 * u];
                step[t] = tables_[t][2 * u + 1] - tables_[t][2 * u];
            }
            for (scalar& sum : g) {
                sum += summand(value);
                for (const table_name t : used_) value[t] += step[t];
            }
        }
        const auto small = [](std::uint64_t factor) { return scalar::from_u64(factor); };
        std::array<scalar, 4> c;
        c[0] = g[0];
        c[3] = quotient(g[3] - small(3) * g[2] + small(3) * g[1] - g[0], small(6));
        c[2] = quotient(g[2] - small(2) * g[1] + g[0], small(2)) - small(3) * c[3];
        c[1] = g[1] - g[0] - c[2] - c[3];
        return c;
    }
    void bind(const scalar& r) {
        expects(size() > 1);
        for (const table_name t : used_) {
            scalars& table = tables_[t];
            scalars bound(table.size() / 2);
            for (std::size_t u = 0; u < bound.size(); ++u)
                bound[u] = table[2 * u] + r * (table[2 * u + 1] - table[2 * u]);
            table = bound;
        }
    }
    // The sum of G over what is left of the cube; G(r) in the end.
    scalar sum() const {
        scalar total;
        for (std::size_t u = 0; u < size(); ++u) {
            std::array<scalar, table_count> value;
            for (const table_name t : used_) value[t] = tables_[t][u];
            total += summand(value);
        }
        return total;
    }
    // Of the tables with all variables bound.
    const scalar& bits_at_point() const { return tables_[beta].front(); }

  private:
    enum table_name { eq_tau, eq_zero, beta, xi, sigma, omega, eta, digits, table_count };

    std::size_t size() const { return tables_[beta].size(); }
    scalar summand(const std::array<scalar, table_count>& v) const {
        const scalar bits = v[eq_tau] * (v[beta] * v[beta] - v[beta]);
        if (used_.size() == 2) return bits;
        return bits +
               gamma_ * v[eq_zero] * (v[xi] * v[xi] + v[sigma] * v[omega] + gamma_ * v[eta] * v[digits]);
    }

    scalar gamma_;
    std::array<scalars, table_count> tables_;
    std::vector<table_name> used_{eq_tau, beta}; // the others are 0 everywhere
};

} // namespace veilsum::test
