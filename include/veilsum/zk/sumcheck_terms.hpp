// The three terms of a validity proof's sumcheck, added up, in one kind of arithmetic: row_arithmetic or its
// form in lanes. sumcheck_prover.hpp says what they are and chooses.
//
// spec: validity proofs 8.5, 8.6
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/group/scalar.hpp>
#include <veilsum/zk/bit_check.hpp>
#include <veilsum/zk/blinding_digits.hpp>
#include <veilsum/zk/cube_rows.hpp>
#include <veilsum/zk/norm_bound.hpp>
#include <veilsum/zk/round_polynomial.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace veilsum::zk {

template <class Arithmetic>
class sumcheck_terms {
  public:
    sumcheck_terms(const encoding::matrix_layout& layout, std::span<const std::int32_t> x,
                   std::span<const std::uint8_t> slack, std::span<const group::scalar> e,
                   std::span<const group::scalar> tau, const group::scalar& gamma)
        : variables_(checked(layout, e, tau)), gamma_(gamma), rows_(layout, x, slack, Arithmetic::width),
          bits_(layout, rows_, tau) {
        if (layout.has_l2()) norm_.emplace(layout, rows_);
        if (layout.has_audit()) digits_.emplace(layout, rows_, e);
    }

    // g_j of the current variable j.
    secret<round_polynomial> round() const {
        round_polynomial sum = bits_.round();
        const auto add = [&](quadratic part, const group::scalar& factor) {
            sum.c1 += factor * part.c1;
            sum.c2 += factor * part.c2;
            part.wipe();
        };
        if (norm_) add(norm_->round(), gamma_);
        if (digits_) add(digits_->round(), gamma_ * gamma_);
        return secret(std::move(sum));
    }
    // Binds the current variable to r; broken contract when none is left.
    void bind(const group::scalar& r) {
        expects(bound_ < variables_);
        bits_.bind(r, rows_);
        if (norm_) norm_->bind(r, rows_);
        if (digits_) digits_->bind(r, rows_);
        ++bound_;
    }

    secret<group::scalar> v_b() const { return value(bits_.expose_value()); } // beta~(r)
    // Xi~(r); with L2 only.
    secret<group::scalar> v_x() const {
        expects(norm_.has_value());
        return value(norm_->expose_value());
    }
    // Sigma~(r); with L2 only.
    secret<group::scalar> v_s() const {
        expects(norm_.has_value());
        return value(norm_->expose_slack_value());
    }
    // Eta~(r); with AUDIT only.
    secret<group::scalar> v_d() const {
        expects(digits_.has_value());
        return value(digits_->expose_value());
    }
    // u_c of formula (6), c < C; all variables bound.
    secret<std::vector<group::scalar>> opening(const group::scalar& theta) const {
        expects(bound_ == variables_);
        const auto bits = bits_.expose_columns();
        secret<std::vector<group::scalar>> u{std::vector<group::scalar>(bits.begin(), bits.end())};
        const auto add = [&](std::span<const group::scalar> columns, const group::scalar& factor) {
            for (std::size_t c = 0; c < columns.size(); ++c) u.expose()[c] += factor * columns[c];
        };
        const group::scalar square = theta * theta;
        if (norm_) {
            add(norm_->expose_columns(), theta);
            add(norm_->expose_slack_columns(), theta * square);
        }
        if (digits_) add(digits_->expose_columns(), square);
        return u;
    }

  private:
    static std::size_t checked(const encoding::matrix_layout& layout, std::span<const group::scalar> e,
                               std::span<const group::scalar> tau) {
        expects(tau.size() == layout.variables() && (!layout.has_audit() || e.size() == layout.rows()));
        return layout.variables();
    }
    secret<group::scalar> value(group::scalar of) const {
        expects(bound_ == variables_);
        return secret(std::move(of));
    }

    std::size_t variables_, bound_ = 0;
    group::scalar gamma_;
    cube_rows rows_;
    bit_check<Arithmetic> bits_;
    std::optional<norm_bound<Arithmetic>> norm_;
    std::optional<blinding_digits<Arithmetic>> digits_;
};

} // namespace veilsum::zk
