// The digits that make the row blindings, as a term of the sumcheck:
//
//     eq(0, X_p) eta~(X_r, X_c) W~(X_r, X_c),        summed: sum_{i<K} e_i sum_t alpha*_t x_{digit(i,t)}
//
// eta holds the audit rows Kt - Ka .. Kt - 1, and W at a digit's place the weight e_i alpha*_t with which it
// counts in sum_i e_i r_i. W is public: e are the row weights of the linking step, 128-bit integers as
// scalars.
//
// Constant time in the digits.
//
// spec: validity proofs 4.3, 4.4 (W), 8.5, third term, 8.6 (Wd)
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/group/scalar.hpp>
#include <veilsum/pedersen/audit_weights.hpp>
#include <veilsum/zk/cube_rows.hpp>
#include <veilsum/zk/multilinear.hpp>
#include <veilsum/zk/round_polynomial.hpp>
#include <veilsum/zk/row_arithmetic.hpp>
#include <veilsum/zk/row_table.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace veilsum::zk {

namespace detail {

inline std::vector<group::scalar> digit_factors(const encoding::matrix_layout& layout) { // alpha*_t
    std::vector<group::scalar> factors(layout.digits());
    for (std::size_t t = 0; t < factors.size(); ++t)
        factors[t] = pedersen::audit_weight(static_cast<std::uint32_t>(t));
    return factors;
}

} // namespace detail

// W on the audit rows: Ka rows of C entries, row-major. e: Kt row weights. With AUDIT.
inline std::vector<group::scalar> digit_weights(const encoding::matrix_layout& layout,
                                                std::span<const group::scalar> e) {
    expects(layout.has_audit() && e.size() == layout.rows());
    const std::vector<group::scalar> factors = detail::digit_factors(layout);
    std::vector<group::scalar> weights(layout.audit_rows() * layout.columns());
    for (std::size_t i = 0; i < layout.data_rows(); ++i)
        for (std::size_t t = 0; t < factors.size(); ++t) {
            const encoding::matrix_position at = layout.digit_position(i, t);
            weights[(at.row - layout.data_rows()) * layout.columns() + at.column] = e[i] * factors[t];
        }
    return weights;
}

// Wd = W~(r_r, r_c), given lv and Rv (evaluation_weights). Cost: K (md + 2) multiplications.
inline group::scalar evaluate_digit_weights(const encoding::matrix_layout& layout,
                                            std::span<const group::scalar> e,
                                            std::span<const group::scalar> rows,
                                            std::span<const group::scalar> columns) {
    expects(layout.has_audit() && e.size() == layout.rows());
    expects(rows.size() == layout.cube_rows() && columns.size() == layout.columns());
    const std::vector<group::scalar> factors = detail::digit_factors(layout);
    group::scalar sum;
    for (std::size_t i = 0; i < layout.data_rows(); ++i) {
        const encoding::matrix_position first = layout.digit_position(i, 0);
        group::scalar hashed;
        for (std::size_t t = 0; t < factors.size(); ++t) hashed += factors[t] * columns[first.column + t];
        sum += e[i] * rows[first.row] * hashed;
    }
    return sum;
}

template <class Arithmetic>
class blinding_digits {
  public:
    // e: as above. With AUDIT.
    blinding_digits(const encoding::matrix_layout& layout, const cube_rows& rows,
                    std::span<const group::scalar> e)
        : plane_variables_(layout.plane_variables()), row_variables_(layout.row_variables()),
          digits_(layout.data_rows(), layout.rows(), rows.stride()),
          weights_(layout.data_rows(), layout.rows(), rows.stride()) {
        const std::vector<group::scalar> weights = digit_weights(layout, e);
        const group::scalar one = group::scalar::one();
        std::vector<group::scalar> row(rows.stride());
        for (std::size_t i = layout.data_rows(); i < layout.rows(); ++i) {
            const std::size_t at = (i - layout.data_rows()) * layout.columns();
            std::copy_n(weights.begin() + static_cast<std::ptrdiff_t>(at), layout.columns(), row.begin());
            Arithmetic::load(row, weights_.expose_row(i));
            const std::span<const std::int32_t> digits = rows.expose_row(i);
            Arithmetic::combine_integers(std::span(&digits, 1), std::span(&one, 1), digits_.expose_row(i));
        }
        // The sum of products, as the values at 0 of pairs that are the same twice.
        for (std::size_t i = layout.data_rows(); i < layout.rows(); ++i) {
            const auto digits = std::as_const(digits_).expose_row(i);
            const auto of = std::as_const(weights_).expose_row(i);
            claim_.expose() += Arithmetic::product_sums(digits, digits, of, of).at_zero;
        }
    }

    // The term summed over the variables after the current one.
    quadratic round() const {
        quadratic out;
        if (variable_ < plane_variables_) { // constant but for 1 - X
            out.c0 = claim_.expose();
            out.c1 = -out.c0;
        } else if (variable_ < plane_variables_ + row_variables_) {
            out = row_round_.expose();
        } else {
            out = product_round(bound_columns_, bound_weights_);
        }
        out *= first_plane_;
        return out;
    }
    // Fixes the next variable to the challenge r.
    void bind(const group::scalar& r, const cube_rows& rows) {
        const std::size_t j = variable_++; // what r is for
        if (j < plane_variables_) {
            first_plane_ *= group::scalar::one() - r;
        } else if (j < plane_variables_ + row_variables_) {
            quadratic before = row_round_.expose();
            claim_.expose() = before.at(r);
            before.wipe();
            digits_.bind(r);
            weights_.bind(r);
        } else {
            bound_columns_.bind(r);
            bound_weights_.bind(r);
        }
        prepare(rows);
    }

    // eta~(r_r, c) for c < C, once all rows are bound; eta~(r), once all variables are.
    std::span<const group::scalar> expose_columns() const { return columns_.expose(); }
    // Eta~ at r, when all variables are bound.
    const group::scalar& expose_value() const { return bound_columns_.value(); }

  private:
    void prepare(const cube_rows& rows) {
        const std::size_t row_end = plane_variables_ + row_variables_;
        if (variable_ < plane_variables_ || variable_ > row_end) return;
        if (variable_ < row_end) {
            const secret<std::vector<pair_sums>> sums =
                digits_.sum_pairs([&](std::size_t p, const auto& a, const auto& b) {
                    return Arithmetic::product_sums(a, b, std::as_const(weights_).expose_row(2 * p),
                                                    std::as_const(weights_).expose_row(2 * p + 1));
                });
            quadratic sum;
            for (const pair_sums& each : sums.expose()) {
                sum.c0 += each.at_zero;
                sum.c2 += each.leading;
            }
            sum = quadratic::from_values(sum.c0, claim_.expose() - sum.c0, sum.c2);
            row_round_ = secret(std::move(sum));
        } else {
            columns_ = digits_.columns(rows.columns());
            bound_columns_ = column_table(columns_.expose());
            bound_weights_ = column_table(weights_.columns(rows.columns()).expose());
            digits_ = row_table<Arithmetic>();
            weights_ = row_table<Arithmetic>();
        }
    }

    std::size_t plane_variables_, row_variables_, variable_ = 0;
    group::scalar first_plane_ = group::scalar::one(); // eq(0, r_p) of the variables that are bound
    secret<group::scalar> claim_{group::scalar::zero()};
    secret<quadratic> row_round_{quadratic{}};
    row_table<Arithmetic> digits_, weights_; // eta~, W~
    secret<std::vector<group::scalar>> columns_{std::vector<group::scalar>()};
    column_table bound_columns_, bound_weights_;
};

} // namespace veilsum::zk
