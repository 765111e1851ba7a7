// The sumcheck of a validity proof by its plain definition: every table of specification 4.4 written out on
// the whole cube, every round polynomial a sum of products over what is left of it. Slow on purpose: checks
// the fast prover.
#pragma once

#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/group/scalar.hpp>
#include <veilsum/pedersen/audit_weights.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace veilsum::test {

class naive_sumcheck {
  public:
    using scalar = group::scalar;
    using table = std::vector<scalar>; // on the cube, variable 0 in the lowest bit

    // x: Kt rows; slack: C bits, or nothing without L2; e: Kt row weights.
    naive_sumcheck(const encoding::matrix_layout& layout, const std::vector<std::int32_t>& x,
                   const std::vector<std::uint8_t>& slack, const std::vector<scalar>& e,
                   const std::vector<scalar>& tau, const scalar& gamma)
        : gamma_(gamma), l2_(layout.has_l2()), audit_(layout.has_audit()) {
        const std::size_t size = std::size_t{1} << layout.variables();
        for (table* each : {&eq_tau, &eq_zero, &beta, &xi, &sigma, &omega, &eta, &W}) each->resize(size);
        const std::size_t kp = layout.plane_variables(), kr = layout.row_variables();
        const std::size_t C = layout.columns(), K = layout.data_rows(), Kt = layout.rows();
        for (std::size_t at = 0; at < size; ++at) {
            const std::size_t k = at % (std::size_t{1} << kp), i = (at >> kp) % (std::size_t{1} << kr),
                              c = at >> (kp + kr);
            eq_tau[at] = scalar::one();
            for (std::size_t j = 0; j < tau.size(); ++j)
                eq_tau[at] *= (at >> j) % 2 == 1 ? tau[j] : scalar::one() - tau[j];
            eq_zero[at] = k == 0 ? scalar::one() : scalar::zero();
            if (c >= C) continue;
            if (c < layout.slack_bits()) omega[at] = power_of_two(c);
            if (i < Kt && k < layout.value_bits()) {
                const std::int64_t y =
                    std::int64_t{x[i * C + c]} + (std::int64_t{1} << (layout.value_bits() - 1));
                beta[at] = scalar::from_u64(static_cast<std::uint64_t>(y) >> k & 1);
            }
            if (i == Kt && l2_) {
                sigma[at] = scalar::from_u64(slack[c]);
                if (k == 0) beta[at] = sigma[at];
            }
            if (i < K) xi[at] = scalar::from_i64(x[i * C + c]);
            if (K <= i && i < Kt) eta[at] = scalar::from_i64(x[i * C + c]);
        }
        if (audit_)
            for (std::size_t i = 0; i < K; ++i)
                for (std::size_t t = 0; t < layout.digits(); ++t) {
                    const encoding::matrix_position to = layout.digit_position(i, t);
                    for (std::size_t k = 0; k < std::size_t{1} << kp; ++k)
                        W[k + (to.row << kp) + (to.column << (kp + kr))] =
                            e[i] * pedersen::audit_weight(static_cast<std::uint32_t>(t));
                }
    }

    // g(0), g(1), g(2), g(3) of the current variable
    std::array<scalar, 4> round_values() const {
        std::array<scalar, 4> sums{};
        for (std::size_t u = 0; u < beta.size() / 2; ++u) {
            line of_eq(eq_tau, u), of_zero(eq_zero, u), of_beta(beta, u), of_xi(xi, u), of_sigma(sigma, u),
                of_omega(omega, u), of_eta(eta, u), of_W(W, u);
            for (scalar& sum : sums) { // each line one step further
                sum += of_eq.at * (of_beta.at * of_beta.at - of_beta.at);
                if (l2_) sum += gamma_ * of_zero.at * (of_xi.at * of_xi.at + of_sigma.at * of_omega.at);
                if (audit_) sum += gamma_ * gamma_ * of_zero.at * of_eta.at * of_W.at;
                for (line* each : {&of_eq, &of_zero, &of_beta, &of_xi, &of_sigma, &of_omega, &of_eta, &of_W})
                    each->at += each->step;
            }
        }
        return sums;
    }
    void bind(const scalar& r) {
        for (table* each : {&eq_tau, &eq_zero, &beta, &xi, &sigma, &omega, &eta, &W}) {
            for (std::size_t u = 0; u < each->size() / 2; ++u)
                (*each)[u] = (*each)[2 * u] + r * ((*each)[2 * u + 1] - (*each)[2 * u]);
            each->resize(each->size() / 2);
        }
    }

    table eq_tau, eq_zero, beta, xi, sigma, omega, eta, W;

  private:
    // A table on the line through the vertices (0, u) and (1, u).
    struct line {
        line(const table& f, std::size_t u) : at(f[2 * u]), step(f[2 * u + 1] - f[2 * u]) {}
        scalar at, step;
    };
    static scalar power_of_two(std::size_t exponent) {
        scalar out = scalar::one();
        for (; exponent > 0; --exponent) out += out;
        return out;
    }

    scalar gamma_;
    bool l2_, audit_;
};

} // namespace veilsum::test
