// The prover's side of the sumcheck behind a validity proof.
//
//     G(X) = eq(tau, X) (beta~(X)^2 - beta~(X))                                         bit_check.hpp
//          + gamma   eq(0, X_p) ( xi~(X_r,X_c)^2 + sigma~(X_r,X_c) omega~(X_c) )        norm_bound.hpp, with
//          L2
//          + gamma^2 eq(0, X_p) eta~(X_r,X_c) W~(X_r,X_c)                               blinding_digits.hpp,
//          AUDIT
//
//     g_j(X) = sum over the cube of the variables after j of G(r_0 .. r_{j-1}, X, ..)
//
//     sumcheck_prover prover(layout, rows, slack, e, tau, gamma);
//     for (j < layout.variables()) {
//         send a commitment to prover.round().expose();       // c1, c2, c3; c0 follows from the claim
//         prover.bind(r_j);
//     }
//     prover.v_b(), prover.v_x(), prover.v_s(), prover.v_d();  // evaluations at r
//     prover.opening(theta);                                   // u of formula (6)
//
// The claim g_0(0) + g_0(1) is gamma B2 + gamma^2 sum_{i<K} e_i r_i if the rows keep the statement.
//
// tau, gamma, e, r and theta are public; everything else is secret. Constant time in rows and slack. The
// arithmetic runs in eight lanes where the processor has AVX-512 IFMA; results are the same without, and for
// any number of threads. What calls this should let a wiped_stack go last.
//
// Memory: 4 bytes a value for a copy of the rows, then 20 for half of the bit table and up to 10 for the
// next.
//
// spec: validity proofs 8.5, 8.6, 13.2 items 4 to 8 in the forms of 13.4
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
#include <veilsum/zk/row_arithmetic.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace veilsum::zk {

// With the arithmetic of one kind of processor.
template <class Arithmetic>
class sumcheck_terms {
  public:
    sumcheck_terms(const encoding::matrix_layout& layout, std::span<const std::int32_t> x,
                   std::span<const std::uint8_t> slack, std::span<const group::scalar> e,
                   std::span<const group::scalar> tau, const group::scalar& gamma)
        : variables_(layout.variables()), gamma_(gamma), rows_(layout, x, slack, Arithmetic::width),
          bits_(layout, rows_, tau) {
        if (layout.has_l2()) norm_.emplace(layout, rows_);
        if (layout.has_audit()) digits_.emplace(layout, rows_, e);
    }

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
    void bind(const group::scalar& r) {
        expects(bound_ < variables_);
        bits_.bind(r, rows_);
        if (norm_) norm_->bind(r, rows_);
        if (digits_) digits_->bind(r, rows_);
        ++bound_;
    }

    secret<group::scalar> v_b() const { return value(bits_.expose_value()); }
    secret<group::scalar> v_x() const {
        expects(norm_.has_value());
        return value(norm_->expose_value());
    }
    secret<group::scalar> v_s() const {
        expects(norm_.has_value());
        return value(norm_->expose_slack_value());
    }
    secret<group::scalar> v_d() const {
        expects(digits_.has_value());
        return value(digits_->expose_value());
    }
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

using sumcheck_prover = sumcheck_terms<row_arithmetic>;

} // namespace veilsum::zk
