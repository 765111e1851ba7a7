// The last step of a validity proof as one linear relation: every check of the sumcheck, the product
// relations of the evaluations, and the opening of the bit planes at one point.
//
// Unknowns, in this order:
//
//     for j < nu:  c_{j,1}, c_{j,2}, c_{j,3}, s_j                   coefficients and blindings of P_j
//     v_b, s_b, v_b2, s_b2, p_b                                     bits at r, and their product relation
//     [L2]     v_x, s_x, v_x2, s_x2, p_x, v_s, s_s
//     [AUDIT]  v_d, s_d, y_r, s_y
//     r_u, u_0 .. u_{C-1}                                           opening of U
//
// Group equations, in this order:
//
//     P_j   = c_{j,1} Q_1 + c_{j,2} Q_2 + c_{j,3} Q_3 + s_j H        j < nu
//     V_b   = v_b Q_1 + s_b H;    V_b2 = v_b2 Q_1 + s_b2 H;    V_b2 = v_b V_b + p_b H
//     [L2]     V_x = v_x Q_1 + s_x H;   V_x2 = v_x2 Q_1 + s_x2 H;   V_x2 = v_x V_x + p_x H;
//              V_s = v_s Q_1 + s_s H
//     [AUDIT]  V_d = v_d Q_1 + s_d H;   Py = y_r Q_1 + s_y H
//     U     = sum_c u_c G_c + r_u H
//
// with U = sum_i lv[i] (kappa_i C_i + sum_{k>=1} (qv[k] - 2^k qv[0]) B_{i,k}) + (ls qv[0] + theta^3) B_s
//          + off qv[0] (sum_i lv[i]) Gsum,
//          kappa_i = qv[0] + theta (i < K, L2), qv[0] (i < K), qv[0] + theta^2
//
// Scalar equations:
//
//     E1   sum_c Rv[c] u_c - v_b - theta v_x - theta^2 v_d - theta^3 v_s = 0
//     E2   sum_j half^(nu-1-j) sum_e (r_j^e - half) c_{j,e} - E v_b2 + E v_b
//            - gamma delta v_x2 - gamma delta ls wt v_s - gamma^2 delta Wd v_d - gamma^2 half^nu y_r
//          = - half^nu (gamma B2 + gamma^2 z_r)
//
// E2 is the whole sumcheck: constant terms of round polynomials are never sent, because g_j(0) + g_j(1) is
// the claim, so all claims together are one equation in committed values.
//
// spec: validity proofs, sections 8.6 (7), 8.7
#pragma once

#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/group/generators.hpp>
#include <veilsum/group/ristretto255.hpp>
#include <veilsum/group/scalar.hpp>
#include <veilsum/zk/blinding_digits.hpp>
#include <veilsum/zk/linear_relation.hpp>
#include <veilsum/zk/multilinear.hpp>
#include <veilsum/zk/validity_shape.hpp>
#include <veilsum/zk/validity_transcript.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace veilsum::zk {

// Q_1, Q_2, Q_3 of the sumcheck.
inline std::array<group::point, 3> sumcheck_generators() {
    return {group::generator("Q", 0), group::generator("Q", 1), group::generator("Q", 2)};
}

// Numbers of the group elements: first the generators, which all submissions share, then a submission's own.
class validity_elements {
  public:
    explicit validity_elements(const encoding::matrix_layout& layout)
        : columns_(layout.columns()), planes_(layout.value_bits() - 1), rows_(layout.rows()),
          first_plane_(generators() + rows_), slack_(first_plane_ + rows_ * planes_),
          Y_(slack_ + (layout.has_l2() ? 1 : 0)), Py_(Y_ + 1), P_(Py_ + (layout.has_audit() ? 1 : 0)),
          V_(P_ + layout.variables()), T_(V_ + validity_shape(layout)[validity_field::V].count),
          total_(T_ + validity_shape(layout)[validity_field::T].count) {}

    std::size_t generators() const { return columns_ + 4; }     // how many: G_0 .. G_{C-1}, H, Q_1, Q_2, Q_3
    std::size_t G(std::size_t c) const { return c; }            // c < C
    std::size_t H() const { return columns_; }                  // base of blindings
    std::size_t Q(std::size_t e) const { return columns_ + e; } // e = 1, 2, 3
    std::size_t row(std::size_t i) const { return generators() + i; } // C_i, i < Kt
    // Commitment B_{i,k} to bit k of row i, k >= 1.
    std::size_t plane(std::size_t i, std::size_t k) const { return first_plane_ + i * planes_ + k - 1; }
    std::size_t slack() const { return slack_; }                        // B_s
    std::size_t Y() const { return Y_; }                                // announcement of the link
    std::size_t Py() const { return Py_; }                              // commitment to y_r, with AUDIT
    std::size_t P(std::size_t j) const { return P_ + j; }               // of round j
    std::size_t V(std::size_t index) const { return V_ + index; }       // in the order of the field
    std::size_t T(std::size_t equation) const { return T_ + equation; } // in the order of the group equations
    std::size_t total() const { return total_; }                        // all elements

  private:
    std::size_t columns_, planes_, rows_, first_plane_, slack_, Y_, Py_, P_, V_, T_, total_;
};

// Numbers of the unknowns.
class validity_unknowns {
  public:
    explicit validity_unknowns(const encoding::matrix_layout& layout)
        : bits_(4 * layout.variables()), norm_(bits_ + 5), digits_(norm_ + (layout.has_l2() ? 7 : 0)),
          opening_(digits_ + (layout.has_audit() ? 4 : 0)), total_(opening_ + 1 + layout.columns()) {}

    // c_{j,e}, e = 1, 2, 3.
    std::size_t coefficient(std::size_t j, std::size_t e) const { return 4 * j + e - 1; }
    std::size_t round_blinding(std::size_t j) const { return 4 * j + 3; } // s_j
    std::size_t v_b() const { return bits_; }                             // bits at r
    std::size_t s_b() const { return bits_ + 1; }                         // blinding of V_b
    std::size_t v_b2() const { return bits_ + 2; }                        // its square
    std::size_t s_b2() const { return bits_ + 3; }                        // blinding of V_b2
    std::size_t p_b() const { return bits_ + 4; }                         // V_b2 = v_b V_b + p_b H
    std::size_t v_x() const { return norm_; }                             // values at r
    std::size_t s_x() const { return norm_ + 1; }                         // blinding of V_x
    std::size_t v_x2() const { return norm_ + 2; }                        // its square
    std::size_t s_x2() const { return norm_ + 3; }                        // blinding of V_x2
    std::size_t p_x() const { return norm_ + 4; }                         // V_x2 = v_x V_x + p_x H
    std::size_t v_s() const { return norm_ + 5; }                         // slack at r
    std::size_t s_s() const { return norm_ + 6; }                         // blinding of V_s
    std::size_t v_d() const { return digits_; }                           // digits at r
    std::size_t s_d() const { return digits_ + 1; }                       // blinding of V_d
    std::size_t y_r() const { return digits_ + 2; }                       // sum of digits behind Py
    std::size_t s_y() const { return digits_ + 3; }                       // blinding of Py
    std::size_t r_u() const { return opening_; }                          // blinding of U
    std::size_t u(std::size_t c) const { return opening_ + 1 + c; }       // c < C
    std::size_t total() const { return total_; }                          // all unknowns

  private:
    std::size_t bits_, norm_, digits_, opening_, total_;
};

// The public numbers at the end of the sumcheck: qv, lv, Rv, E, delta, ls, wt, and Wd with AUDIT.
struct evaluation_point : evaluation_weights {
    group::scalar digits; // Wd

    evaluation_point(const encoding::matrix_layout& layout, const validity_challenges& said)
        : evaluation_weights(layout, said.tau, said.r) {
        if (layout.has_audit()) digits = evaluate_digit_weights(layout, said.row_weights, rows, columns);
    }
};

// What the round polynomials and evaluations have to satisfy, given everything that was said; z_r is the
// response of the link.
inline linear_relation validity_relation(const encoding::matrix_layout& layout,
                                         const validity_challenges& said, const evaluation_point& at,
                                         const group::scalar& z_r) {
    using scalar = group::scalar;
    const validity_elements element(layout);
    const validity_unknowns unknown(layout);
    const bool L2 = layout.has_l2(), AUDIT = layout.has_audit();
    const std::size_t nu = layout.variables(), C = layout.columns(), K = layout.data_rows(),
                      Kt = layout.rows();
    const std::size_t b = layout.value_bits();
    const scalar one = scalar::one();
    linear_relation out(unknown.total());

    for (std::size_t j = 0; j < nu; ++j)
        out.group.push_back({{{unknown.coefficient(j, 1), element.Q(1)},
                              {unknown.coefficient(j, 2), element.Q(2)},
                              {unknown.coefficient(j, 3), element.Q(3)},
                              {unknown.round_blinding(j), element.H()}},
                             {{element.P(j), one}}});
    // w Q_1 + s H = B, or w B' + s H = B.
    const auto commits = [&](std::size_t w, std::size_t base, std::size_t s, std::size_t B) {
        out.group.push_back({{{w, base}, {s, element.H()}}, {{B, one}}});
    };
    const std::size_t V_b = element.V(0), V_b2 = element.V(1);
    commits(unknown.v_b(), element.Q(1), unknown.s_b(), V_b);
    commits(unknown.v_b2(), element.Q(1), unknown.s_b2(), V_b2);
    commits(unknown.v_b(), V_b, unknown.p_b(), V_b2);
    if (L2) {
        const std::size_t V_x = element.V(2), V_x2 = element.V(3), V_s = element.V(4);
        commits(unknown.v_x(), element.Q(1), unknown.s_x(), V_x);
        commits(unknown.v_x2(), element.Q(1), unknown.s_x2(), V_x2);
        commits(unknown.v_x(), V_x, unknown.p_x(), V_x2);
        commits(unknown.v_s(), element.Q(1), unknown.s_s(), V_s);
    }
    if (AUDIT) {
        commits(unknown.v_d(), element.Q(1), unknown.s_d(), element.V(L2 ? 5 : 2));
        commits(unknown.y_r(), element.Q(1), unknown.s_y(), element.Py());
    }

    const scalar theta = said.theta, theta2 = theta * theta, theta3 = theta2 * theta;
    linear_relation::group_equation opening;
    for (std::size_t c = 0; c < C; ++c) opening.left.push_back({unknown.u(c), element.G(c)});
    opening.left.push_back({unknown.r_u(), element.H()});
    std::vector<scalar> plane_factor(b); // qv[k] - 2^k qv[0]
    scalar power = one;
    for (std::size_t k = 1; k < b; ++k) {
        power += power;
        plane_factor[k] = at.planes[k] - power * at.planes[0];
    }
    scalar weight_of_rows;
    for (std::size_t i = 0; i < Kt; ++i) {
        const scalar kappa = at.planes[0] + (i >= K ? theta2 : L2 ? theta : scalar::zero());
        opening.right.push_back({element.row(i), at.rows[i] * kappa});
        for (std::size_t k = 1; k < b; ++k)
            opening.right.push_back({element.plane(i, k), at.rows[i] * plane_factor[k]});
        weight_of_rows += at.rows[i];
    }
    if (L2) opening.right.push_back({element.slack(), at.slack_row * at.planes[0] + theta3});
    const scalar offset = scalar::from_u64(std::uint64_t{1} << (b - 1)) * at.planes[0] * weight_of_rows;
    for (std::size_t c = 0; c < C; ++c) opening.right.push_back({element.G(c), offset});
    out.group.push_back(std::move(opening));

    linear_relation::scalar_equation e1;
    for (std::size_t c = 0; c < C; ++c) e1.left.push_back({unknown.u(c), at.columns[c]});
    e1.left.push_back({unknown.v_b(), -one});
    if (L2) {
        e1.left.push_back({unknown.v_x(), -theta});
        e1.left.push_back({unknown.v_s(), -theta3});
    }
    if (AUDIT) e1.left.push_back({unknown.v_d(), -theta2});
    out.field.push_back(std::move(e1));

    const scalar half = scalar::half(), gamma = said.gamma, gamma2 = gamma * gamma;
    linear_relation::scalar_equation e2;
    scalar half_power = one; // half^(nu-1-j), then half^nu
    for (std::size_t j = nu; j-- > 0;) {
        scalar r_power = one;
        for (std::size_t e = 1; e <= 3; ++e) {
            r_power *= said.r[j];
            e2.left.push_back({unknown.coefficient(j, e), half_power * (r_power - half)});
        }
        half_power *= half;
    }
    e2.left.push_back({unknown.v_b2(), -at.zero_check});
    e2.left.push_back({unknown.v_b(), at.zero_check});
    if (L2) {
        const scalar factor = gamma * at.first_plane;
        e2.left.push_back({unknown.v_x2(), -factor});
        e2.left.push_back({unknown.v_s(), -(factor * at.slack_row * at.slack_columns)});
        byte_array<32> bound = layout.parameters().B2; // big-endian
        std::reverse(bound.begin(), bound.end());
        e2.right -= half_power * gamma * scalar::from_little_endian(bound);
    }
    if (AUDIT) {
        e2.left.push_back({unknown.v_d(), -(gamma2 * at.first_plane * at.digits)});
        e2.left.push_back({unknown.y_r(), -(gamma2 * half_power)});
        e2.right -= half_power * gamma2 * z_r;
    }
    out.field.push_back(std::move(e2));
    return out;
}

} // namespace veilsum::zk
