// The sum of squares and its slack, as a term of the sumcheck:
//
//     eq(0, X_p) ( xi~(X_r, X_c)^2 + sigma~(X_r, X_c) omega~(X_c) )
//     summed: sum x^2 + sum_{c<t} 2^c s_c = B2
//
// The plane variables only bring the factor prod (1 - r). For the first row variables, up to three, squares
// come from the inner products of up to eight consecutive rows, which are small integers; then the table of
// field elements takes over, with an eighth of the rows. sigma has one row, Kt: in the row rounds it is
// eq(X_r, Kt) times a sum that is known.
//
// Constant time in the values.
//
// spec: validity proofs 8.5, second term; 13.2 item 7
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/group/scalar.hpp>
#include <veilsum/zk/cube_rows.hpp>
#include <veilsum/zk/gram_matrix.hpp>
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

template <class Arithmetic>
class norm_bound {
  public:
    norm_bound(const encoding::matrix_layout& layout, const cube_rows& rows)
        : data_rows_(layout.data_rows()), slack_row_(layout.rows()),
          plane_variables_(layout.plane_variables()), row_variables_(layout.row_variables()),
          group_variables_(std::min<std::size_t>(row_variables_, most_group_variables)),
          gram_(group_variables_) {
        expects(layout.has_l2());
        multiply_rows(rows);
        std::vector<group::scalar> slack(layout.columns()), powers(layout.columns());
        for (std::size_t c = 0; c < slack.size(); ++c)
            slack[c] = group::scalar::from_i64(rows.expose_row(slack_row_)[c] + rows.offset());
        group::scalar power = group::scalar::one();
        for (std::size_t c = 0; c < layout.slack_bits(); ++c, power += power) {
            powers[c] = power;
            slack_sum_.expose() += power * slack[c];
        }
        slack_ = column_table(slack);
        slack_columns_ = secret(std::move(slack));
        powers_ = column_table(powers);
    }

    // The term summed over the variables after the current one.
    quadratic round() const {
        quadratic out;
        if (variable_ < plane_variables_) { // constant but for 1 - X
            out.c0 = slack_sum_.expose();
            for (std::size_t u = 0; u < gram_.size(); ++u) out.c0 += gram_(u, u);
            out.c1 = -out.c0;
        } else {
            out = squares_round();
            out += slack_round();
        }
        out *= first_plane_;
        return out;
    }
    // `rows` are those of the constructor.
    void bind(const group::scalar& r, const cube_rows& rows) {
        const std::size_t j = variable_++; // what r is for
        if (j < plane_variables_) {
            first_plane_ *= group::scalar::one() - r;
        } else if (j < plane_variables_ + row_variables_) {
            const std::size_t variable = j - plane_variables_;
            slack_scale_ *= slack_row_bit(variable) ? r : group::scalar::one() - r;
            if (variable < group_variables_) {
                gram_.bind(r);
                group_point_.push_back(r);
            } else {
                quadratic before = row_round_.expose();
                claim_.expose() = before.at(r);
                before.wipe();
                table_.bind(r);
            }
        } else {
            bound_columns_.bind(r);
            slack_.bind(r);
            powers_.bind(r);
        }
        prepare(rows);
    }

    // xi~(r_r, c) and s_c for c < C, once all rows are bound; xi~(r) and <s, Rv>, once all variables are.
    std::span<const group::scalar> expose_columns() const { return columns_.expose(); }
    // Of sigma, when the rows are bound.
    std::span<const group::scalar> expose_slack_columns() const { return slack_columns_.expose(); }
    // Xi~ at r, when all variables are bound.
    const group::scalar& expose_value() const { return bound_columns_.value(); }
    // Sigma~ at r, when all variables are bound.
    const group::scalar& expose_slack_value() const { return slack_.value(); }

  private:
    static constexpr std::size_t most_group_variables = 3;

    std::size_t group_rows() const { return std::size_t{1} << group_variables_; }
    std::size_t groups() const { return (data_rows_ + group_rows() - 1) / group_rows(); }
    bool slack_row_bit(std::size_t variable) const { return (slack_row_ >> variable & 1) != 0; }

    // The rows of a group; empty where there is none.
    std::vector<std::span<const std::int32_t>> members(const cube_rows& rows, std::size_t group) const {
        const std::size_t first = group * group_rows();
        std::vector<std::span<const std::int32_t>> out(group_rows());
        for (std::size_t u = 0; u < std::min(group_rows(), data_rows_ - first); ++u)
            out[u] = rows.expose_row(first + u);
        return out;
    }

    // Up to 4096 products of 46 bits in a word.
    void multiply_rows(const cube_rows& rows) {
        const std::size_t size = group_rows(), pairs = size * (size + 1) / 2;
        secret<std::vector<std::int64_t>> products{std::vector<std::int64_t>(groups() * pairs)};
        parallel_for(groups(), [&](std::size_t group) {
            Arithmetic::inner_products(members(rows, group),
                                       std::span(products.expose()).subspan(group * pairs, pairs));
        });
        for (std::size_t group = 0; group < groups(); ++group) {
            const std::int64_t* next = &products.expose()[group * pairs];
            for (std::size_t u = 0; u < size; ++u)
                for (std::size_t v = u; v < size; ++v) gram_.add(u, v, group::scalar::from_i64(*next++));
        }
    }

    void prepare(const cube_rows& rows) {
        const std::size_t group_end = plane_variables_ + group_variables_;
        const std::size_t row_end = plane_variables_ + row_variables_;
        if (variable_ < group_end || variable_ > row_end) return;
        if (variable_ == group_end) {
            claim_.expose() = gram_(0, 0);
            bind_group(rows);
        }
        if (variable_ < row_end) {
            quadratic sum;
            const secret<std::vector<pair_sums>> sums = table_.sum_pairs(
                [](std::size_t, const auto& a, const auto& b) { return Arithmetic::square_sums(a, b); });
            for (const pair_sums& each : sums.expose()) {
                sum.c0 += each.at_zero;
                sum.c2 += each.leading;
            }
            sum = quadratic::from_values(sum.c0, claim_.expose() - sum.c0, sum.c2);
            row_round_ = secret(std::move(sum));
        } else {
            columns_ = table_.columns(rows.columns());
            bound_columns_ = column_table(columns_.expose());
            table_ = row_table<Arithmetic>();
        }
    }
    // The table after the group variables.
    void bind_group(const cube_rows& rows) {
        const std::vector<group::scalar> weights = eq_table(group_point_);
        table_ = row_table<Arithmetic>(0, groups(), rows.stride());
        parallel_for(groups(), [&](std::size_t group) {
            Arithmetic::combine_integers(members(rows, group), weights, table_.expose_row(group));
        });
    }

    quadratic squares_round() const {
        quadratic sum;
        if (variable_ < plane_variables_ + group_variables_) {
            for (std::size_t u = 0; u < gram_.size() / 2; ++u)
                sum += quadratic::from_values(gram_(2 * u, 2 * u), gram_(2 * u + 1, 2 * u + 1),
                                              gram_.leading(u));
            return sum;
        }
        if (variable_ < plane_variables_ + row_variables_) return row_round_.expose();
        return product_round(bound_columns_, bound_columns_);
    }
    quadratic slack_round() const {
        quadratic sum;
        if (variable_ < plane_variables_ + row_variables_) {
            sum.c0 = slack_sum_.expose();
            sum.c1 = sum.c0;
            if (slack_row_bit(variable_ - plane_variables_))
                sum.c0 = group::scalar::zero(); // X
            else
                sum.c1 = -sum.c1; // 1 - X
        } else {
            sum = product_round(slack_, powers_);
        }
        sum *= slack_scale_;
        return sum;
    }

    std::size_t data_rows_, slack_row_, plane_variables_, row_variables_, group_variables_, variable_ = 0;
    group::scalar first_plane_ = group::scalar::one(); // eq(0, r_p) of the variables that are bound
    group::scalar slack_scale_ = group::scalar::one(); // eq(Kt, r_r) of the same
    std::vector<group::scalar> group_point_;
    gram_matrix gram_;
    secret<group::scalar> claim_{group::scalar::zero()}, slack_sum_{group::scalar::zero()};
    secret<quadratic> row_round_{quadratic{}};
    row_table<Arithmetic> table_; // xi~
    secret<std::vector<group::scalar>> columns_{std::vector<group::scalar>()},
        slack_columns_{std::vector<group::scalar>()};
    column_table bound_columns_, slack_, powers_; // xi~, sigma~ without its row, omega~
};

} // namespace veilsum::zk
