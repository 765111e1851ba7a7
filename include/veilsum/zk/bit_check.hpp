// The zero check of the sumcheck: all entries of the bit table are 0 or 1.
//
//     sum over the cube of  eq(tau, X) (beta~(X)^2 - beta~(X)),        beta(k,i,c) = bit_k(x_{i,c} + off)
//
// The round polynomial is s eq(tau_j, X) h(X), where s = prod_{i<j} eq(tau_i, r_i) and h has degree 2 and is
// the sum over the vertices u of the variables after j:
//
//     h(X) = sum_u eq(tau_{>j}, u) (f_u(X)^2 - f_u(X)),        f_u(X) = beta~(r_0 .. r_{j-1}, X, u)
//
// h(0) and the leading coefficient are summed up. h(1) follows from the h of the round before,
// (1 - tau_j) h(0) + tau_j h(1) = h_before(r_before), which does not depend on s; where tau_j = 0 it is
// summed up too.
//
// Plane rounds need the inner products of the planes only. In the first row round and its binding, beta~ is
// computed from the bits, so no table ever holds more than half the entries of the matrix.
//
// Constant time in the values; tau and r are public.
//
// spec: validity proofs 8.5, first term; 13.2 items 4 to 6 in the forms of 13.4
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/group/scalar.hpp>
#include <veilsum/zk/cube_rows.hpp>
#include <veilsum/zk/gram_matrix.hpp>
#include <veilsum/zk/multilinear.hpp>
#include <veilsum/zk/plane_products.hpp>
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

template <class Arithmetic>
class bit_check {
  public:
    // tau: one scalar for each variable.
    bit_check(const encoding::matrix_layout& layout, const cube_rows& rows,
              std::span<const group::scalar> tau)
        : value_bits_(layout.value_bits()), plane_variables_(layout.plane_variables()),
          row_variables_(layout.row_variables()), tau_(tau.begin(), tau.end()),
          gram_(layout.plane_variables()), column_weights_(rows.stride() / Arithmetic::width) {
        const cube_point at(layout, tau);
        std::vector<group::scalar> weights = eq_table(at.columns, layout.columns());
        weights.resize(rows.stride()); // nothing counts in the padding
        Arithmetic::load(weights, column_weights_);
        multiply_planes(rows, eq_table(at.rows, rows.rows()), weights);
        current_ = plane_round();
    }

    // eq(tau, X) (beta~^2 - beta~), summed over the variables after the current one.
    round_polynomial round() const {
        expects(variable_ < tau_.size());
        const group::scalar &tau = tau_[variable_], one = group::scalar::one();
        quadratic h = current_.expose();
        h *= scale_;
        const round_polynomial out = product_with_line(h, one - tau, tau + tau - one);
        h.wipe();
        return out;
    }
    // `rows` are those of the constructor.
    void bind(const group::scalar& r, const cube_rows& rows) {
        expects(variable_ < tau_.size());
        const group::scalar& tau = tau_[variable_];
        claim_.expose() = current_.expose().at(r);
        scale_ *= eq(std::span(&tau, 1), std::span(&r, 1));
        bound_.push_back(r);
        if (variable_ < plane_variables_) {
            gram_.bind(r);
            linear_.bind(r);
        } else if (variable_ == plane_variables_ && row_variables_ != 0) {
            bind_bits(r, rows);
        } else if (variable_ < plane_variables_ + row_variables_) {
            table_.bind(r);
        } else {
            bound_columns_.bind(r);
        }
        ++variable_;
        prepare(rows);
    }

    // beta~(r_p, r_r, c) for c < C, once all rows are bound; beta~(r), once all variables are.
    std::span<const group::scalar> expose_columns() const { return columns_.expose(); }
    // Beta~ at r, when all variables are bound.
    const group::scalar& expose_value() const { return bound_columns_.value(); }

  private:
    static constexpr std::size_t rows_of_task = 8;

    std::span<const group::scalar> later_tau(std::size_t end) const {
        return std::span(tau_).subspan(variable_ + 1, end - variable_ - 1);
    }
    std::vector<group::scalar> plane_factors() const { // qv
        return eq_table(std::span(bound_).first(plane_variables_), value_bits_);
    }

    void multiply_planes(const cube_rows& rows, std::span<const group::scalar> row_weights,
                         std::span<const group::scalar> column_weights) {
        const typename Arithmetic::products products(value_bits_, column_weights);
        const std::size_t pairs = plane_pairs(value_bits_);
        const std::size_t tasks = (rows.rows() + rows_of_task - 1) / rows_of_task;
        secret<std::vector<group::scalar>> sums{std::vector<group::scalar>(tasks * pairs)};
        parallel_for(tasks, [&](std::size_t task) {
            const std::size_t first = task * rows_of_task;
            std::vector<std::span<const std::int32_t>> own;
            for (std::size_t i = first; i < std::min(rows.rows(), first + rows_of_task); ++i)
                own.push_back(rows.expose_row(i));
            products.add_rows(own, rows.offset(), row_weights.subspan(first, own.size()),
                              std::span(sums.expose()).subspan(task * pairs, pairs));
        });
        std::vector<group::scalar> diagonal(gram_.size());
        for (std::size_t task = 0; task < tasks; ++task) {
            const group::scalar* next = &sums.expose()[task * pairs];
            for (std::size_t k = 0; k < value_bits_; ++k)
                for (std::size_t other = k; other < value_bits_; ++other, ++next) {
                    gram_.add(k, other, *next);
                    if (k == other) diagonal[k] += *next;
                }
        }
        linear_ = column_table(diagonal);
        wipe(diagonal);
    }

    // h of the current variable, and the tables behind it.
    void prepare(const cube_rows& rows) {
        const std::size_t planes = plane_variables_, all_rows = planes + row_variables_;
        if (variable_ < planes) {
            current_ = plane_round();
        } else if (variable_ == planes && row_variables_ != 0) {
            sum_bits(rows);
        } else if (variable_ < all_rows) {
            sum_pairs(table_.end_pair(), [&](std::size_t p, const auto& add) {
                add(std::as_const(table_).expose_row(2 * p), std::as_const(table_).expose_row(2 * p + 1));
            });
        } else {
            if (variable_ == all_rows) leave_rows(rows);
            if (variable_ < tau_.size()) current_ = column_round();
        }
    }
    void leave_rows(const cube_rows& rows) {
        if (row_variables_ == 0) {
            table_ = row_table<Arithmetic>(0, 1, rows.stride());
            typename Arithmetic::plane_values(plane_factors())
                .fill_row(rows.expose_row(0), rows.offset(), table_.expose_row(0));
        }
        columns_ = table_.columns(rows.columns());
        bound_columns_ = column_table(columns_.expose());
        table_ = row_table<Arithmetic>();
    }
    // Values of rows 2p and 2p + 1 at r_p, two rows at a time.
    void sum_bits(const cube_rows& rows) {
        using element = typename Arithmetic::element;
        const typename Arithmetic::plane_values values(plane_factors());
        sum_pairs((rows.rows() + 1) / 2, [&](std::size_t p, const auto& add) {
            wiped_elements<element> a(column_weights_.size()), b(column_weights_.size());
            values.fill_row(rows.expose_row(2 * p), rows.offset(), a.expose());
            if (2 * p + 1 < rows.rows())
                values.fill_row(rows.expose_row(2 * p + 1), rows.offset(), b.expose());
            add(std::as_const(a).expose(), std::as_const(b).expose());
        });
    }
    void bind_bits(const group::scalar& r, const cube_rows& rows) {
        std::vector<group::scalar> even = plane_factors(), odd(even.size());
        for (std::size_t k = 0; k < even.size(); ++k) {
            odd[k] = r * even[k];
            even[k] -= odd[k];
        }
        const typename Arithmetic::plane_values even_values(even), odd_values(odd);
        table_ = row_table<Arithmetic>(0, (rows.rows() + 1) / 2, rows.stride());
        parallel_for(table_.end(), [&](std::size_t p) {
            const std::span<const std::int32_t> none;
            Arithmetic::plane_values::fill_row(even_values, rows.expose_row(2 * p), odd_values,
                                               2 * p + 1 < rows.rows() ? rows.expose_row(2 * p + 1) : none,
                                               rows.offset(), table_.expose_row(p));
        });
    }

    // rows(p, add) calls add(a, b) with the rows of pair p.
    template <class Rows>
    void sum_pairs(std::size_t pairs, const Rows& rows) {
        const std::vector<group::scalar> weights =
            eq_table(later_tau(plane_variables_ + row_variables_), pairs);
        const bool direct = tau_[variable_].is_zero();
        secret<std::vector<quadratic>> sums{std::vector<quadratic>(pairs)};
        parallel_for(pairs, [&](std::size_t p) {
            rows(p, [&](const auto& a, const auto& b) {
                pair_sums of = Arithmetic::bit_sums(a, b, column_weights_);
                pair_sums upper;
                if (direct) upper = Arithmetic::bit_sums(b, b, column_weights_);
                quadratic& own = sums.expose()[p];
                own = quadratic::from_values(of.at_zero, upper.at_zero, of.leading);
                own *= weights[p];
                of.wipe();
                upper.wipe();
            });
        });
        quadratic total;
        for (const quadratic& each : sums.expose()) total += each;
        if (!direct) {
            const group::scalar& tau = tau_[variable_];
            const group::scalar inverse = *tau.invert();
            const group::scalar at_one = inverse * (claim_.expose() - total.c0 + tau * total.c0);
            total = quadratic::from_values(total.c0, at_one, total.c2);
        }
        current_ = secret(std::move(total));
    }

    secret<quadratic> plane_round() const {
        const std::vector<group::scalar> weights = eq_table(later_tau(plane_variables_), gram_.size() / 2);
        quadratic sum;
        for (std::size_t u = 0; u < weights.size(); ++u) {
            quadratic part =
                quadratic::from_values(gram_(2 * u, 2 * u) - linear_.lower(u),
                                       gram_(2 * u + 1, 2 * u + 1) - linear_.upper(u), gram_.leading(u));
            part *= weights[u];
            sum += part;
        }
        return secret(std::move(sum));
    }
    secret<quadratic> column_round() const {
        const std::vector<group::scalar> weights = eq_table(later_tau(tau_.size()), bound_columns_.pairs());
        quadratic sum;
        for (std::size_t p = 0; p < weights.size(); ++p) {
            const group::scalar& a = bound_columns_.lower(p);
            const group::scalar b = bound_columns_.upper(p), slope = b - a;
            quadratic part = quadratic::from_values(a * a - a, b * b - b, slope * slope);
            part *= weights[p];
            sum += part;
        }
        return secret(std::move(sum));
    }

    std::size_t value_bits_, plane_variables_, row_variables_, variable_ = 0;
    std::vector<group::scalar> tau_, bound_;
    group::scalar scale_ = group::scalar::one(); // s
    secret<group::scalar> claim_{group::scalar::zero()};
    gram_matrix gram_;                                         // planes that are not bound, squared
    column_table linear_;                                      // and as they are
    secret<quadratic> current_{quadratic{}};                   // h
    std::vector<typename Arithmetic::element> column_weights_; // eqtab(tau_c)
    row_table<Arithmetic> table_;
    secret<std::vector<group::scalar>> columns_{std::vector<group::scalar>()};
    column_table bound_columns_;
};

} // namespace veilsum::zk
