// The prover's side of the sumcheck behind a validity proof.
//
//     G(X) = eq(tau, X) (beta~(X)^2 - beta~(X))                                         bit_check.hpp
//          + gamma   eq(0, X_p) ( xi~(X_r,X_c)^2 + sigma~(X_r,X_c) omega~(X_c) )        norm_bound.hpp (L2)
//          + gamma^2 eq(0, X_p) eta~(X_r,X_c) W~(X_r,X_c)                               blinding_digits.hpp
//                                                                                       (AUDIT)
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
// The claim g_0(0) + g_0(1) is gamma B2 + gamma^2 sum_{i<K} e_i r_i if rows and slack keep the statement; if
// they do not, the polynomials are still those of G, and no verifier accepts them.
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

#include <veilsum/core/ifma.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/group/scalar.hpp>
#include <veilsum/zk/lane_row_arithmetic.hpp>
#include <veilsum/zk/round_polynomial.hpp>
#include <veilsum/zk/row_arithmetic.hpp>
#include <veilsum/zk/sumcheck_terms.hpp>

#include <cstdint>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace veilsum::zk {

// Move-only, wiped. A template so that only who proves pays for compiling it; use `sumcheck_prover`.
template <class Portable = row_arithmetic>
class basic_sumcheck_prover {
  public:
    // x: Kt rows of C values within their b bits, row-major (encoding::lay_out); slack: with L2 the bits of
    // B2 - sum x^2 in C bytes, zero from t on; e: with AUDIT the Kt row weights of the linking step; else
    // they are not looked at and may be empty. tau: one scalar for each variable. Lengths are a contract.
    basic_sumcheck_prover(const encoding::matrix_layout& layout, std::span<const std::int32_t> x,
                          std::span<const std::uint8_t> slack, std::span<const group::scalar> e,
                          std::span<const group::scalar> tau, const group::scalar& gamma)
        : terms_(choose(layout, x, slack, e, tau, gamma)) {}

    // g_j of the current variable j.
    secret<round_polynomial> round() const {
        return std::visit([](const auto& terms) { return terms.round(); }, terms_);
    }
    // Binds it to r_j.
    void bind(const group::scalar& r) {
        std::visit([&](auto& terms) { terms.bind(r); }, terms_);
    }

    // Once all variables are bound: evaluations at r. v_x and v_s exist with L2, v_d with AUDIT.
    secret<group::scalar> v_b() const {
        return std::visit([](const auto& terms) { return terms.v_b(); }, terms_);
    }
    // Xi~(r); with L2 only.
    secret<group::scalar> v_x() const {
        return std::visit([](const auto& terms) { return terms.v_x(); }, terms_);
    }
    // Sigma~(r); with L2 only.
    secret<group::scalar> v_s() const {
        return std::visit([](const auto& terms) { return terms.v_s(); }, terms_);
    }
    // Eta~(r); with AUDIT only.
    secret<group::scalar> v_d() const {
        return std::visit([](const auto& terms) { return terms.v_d(); }, terms_);
    }
    // And u_c of formula (6), c < C.
    secret<std::vector<group::scalar>> opening(const group::scalar& theta) const {
        return std::visit([&](const auto& terms) { return terms.opening(theta); }, terms_);
    }

  private:
    using portable = sumcheck_terms<Portable>;
#if VEILSUM_IFMA_ENGINE
    using in_lanes = sumcheck_terms<lane_row_arithmetic>;
    using choice = std::variant<portable, in_lanes>;
#else
    using choice = std::variant<portable>;
#endif

    template <class... Arguments>
    static choice choose(const Arguments&... arguments) {
#if VEILSUM_IFMA_ENGINE
        if (has_ifma()) return choice(std::in_place_type<in_lanes>, arguments...);
#endif
        return choice(std::in_place_type<portable>, arguments...);
    }

    choice terms_;
};

using sumcheck_prover = basic_sumcheck_prover<>;

} // namespace veilsum::zk
