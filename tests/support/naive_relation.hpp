// The final relation: what is public at the point r, the unknowns, and the equations that tie them.
//
//     group   a:   sum_i w_i A_{a,i} = B_a         scalar a:   sum_i w_i k_{a,i} = c_a  (mod l)
//
// spec: validity proofs, sections 7, 8.6 and 8.7
#pragma once

#include "support/naive_field.hpp"
#include "support/naive_submission.hpp"
#include "support/naive_validity_sumcheck.hpp"

#include <veilsum/core/contract.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/group/generators.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::test {

struct naive_generators {
    explicit naive_generators(std::size_t columns) {
        for (std::uint32_t c = 0; c < columns; ++c) G.push_back(generator("G", c));
        for (std::uint32_t e = 0; e < 3; ++e) Q.push_back(generator("Q", e));
        H = generator("H", 0);
        for (const naive_point& point : G) G_sum += point;
    }
    static naive_point generator(std::string_view name, std::uint32_t i) {
        return naive_point::from_uniform(group::generator_hash(name, i));
    }
    points G, Q; // Q_1, Q_2, Q_3
    naive_point H, G_sum;
};

// 8.6, by the definitions of the multilinear extensions.
struct naive_publics {
    naive_publics(const encoding::matrix_layout& layout, const naive_challenges& challenges) {
        const auto r_p = challenges.r.begin();
        const auto r_r = r_p + static_cast<std::ptrdiff_t>(layout.plane_variables());
        const auto r_c = r_r + static_cast<std::ptrdiff_t>(layout.row_variables());
        qv = eq_table({r_p, r_r});
        lv = eq_table({r_r, r_c});
        Rv = eq_table({r_c, challenges.r.end()});
        Wd = evaluate(digit_weights(layout, challenges.e), {r_r, challenges.r.end()});
        scalars powers;
        for (std::size_t c = 0; c < layout.slack_bits(); ++c) powers.push_back(power_of_two(c));
        wt = inner_product(powers, Rv);
        Rv.resize(layout.columns());
        E = eq(challenges.tau, challenges.r);
        delta = qv[0];
        if (layout.has_l2()) ls = lv[layout.rows()];
    }
    scalars qv, lv, Rv;
    scalar E, delta, ls, wt, Wd;
};

// Where each unknown stands. Those of absent options are at `nowhere`.
struct naive_unknowns {
    static constexpr std::size_t nowhere = ~std::size_t{0};

    explicit naive_unknowns(const encoding::matrix_layout& layout) : nu(layout.variables()) {
        std::size_t next = 4 * nu;
        for (std::size_t* at : {&v_b, &s_b, &v_b2, &s_b2, &p_b}) *at = next++;
        if (layout.has_l2())
            for (std::size_t* at : {&v_x, &s_x, &v_x2, &s_x2, &p_x, &v_s, &s_s}) *at = next++;
        if (layout.has_audit())
            for (std::size_t* at : {&v_d, &s_d, &y_r, &s_y}) *at = next++;
        r_u = next++;
        u = next;
        count = next + layout.columns();
    }
    std::size_t c(std::size_t j, std::size_t e) const { return 4 * j + e - 1; } // c_{j,e}, e = 1, 2, 3
    std::size_t s(std::size_t j) const { return 4 * j + 3; }

    std::size_t nu;
    std::size_t v_b, s_b, v_b2, s_b2, p_b;
    std::size_t v_x = nowhere, s_x = nowhere, v_x2 = nowhere, s_x2 = nowhere, p_x = nowhere;
    std::size_t v_s = nowhere, s_s = nowhere;
    std::size_t v_d = nowhere, s_d = nowhere, y_r = nowhere, s_y = nowhere;
    std::size_t r_u, u, count; // u_c is at u + c
};

struct scalar_equation {
    scalars k; // one for each unknown
    scalar c;

    // What is missing from the left side for the equation to hold.
    scalar gap(const scalars& unknowns) const { return c - inner_product(k, unknowns); }
};
struct group_equation {
    std::string name;
    std::vector<std::pair<std::size_t, naive_point>> left; // unknown, its point
    naive_point right;

    naive_point left_side(const scalars& unknowns) const {
        naive_point sum;
        for (const auto& [unknown, base] : left) sum += unknowns[unknown] * base;
        return sum;
    }
};

inline scalar_equation equation_e1(const encoding::matrix_layout& layout, const naive_publics& publics,
                                   const scalar& theta) {
    const naive_unknowns at(layout);
    scalar_equation out{scalars(at.count), scalar::zero()};
    for (std::size_t c = 0; c < layout.columns(); ++c) out.k[at.u + c] = publics.Rv[c];
    out.k[at.v_b] = -scalar::one();
    if (layout.has_l2()) out.k[at.v_x] = -theta;
    if (layout.has_audit()) out.k[at.v_d] = -(theta * theta);
    if (layout.has_l2()) out.k[at.v_s] = -(theta * theta * theta);
    return out;
}

inline scalar_equation equation_e2(const encoding::matrix_layout& layout, const naive_publics& publics,
                                   const naive_challenges& challenges, const scalar& zr) {
    const naive_unknowns at(layout);
    scalar_equation out{scalars(at.count), scalar::zero()};
    const scalar& gamma = challenges.gamma;
    scalar factor = scalar::one(); // half^(nu-1-j), then half^nu
    for (std::size_t j = at.nu; j-- > 0; factor *= half()) {
        scalar power = scalar::one();
        for (std::size_t e = 1; e <= 3; ++e) {
            power *= challenges.r[j];
            out.k[at.c(j, e)] = factor * (power - half());
        }
    }
    out.k[at.v_b2] = -publics.E;
    out.k[at.v_b] = publics.E;
    if (layout.has_l2()) {
        out.k[at.v_x2] = -(gamma * publics.delta);
        out.k[at.v_s] = -(gamma * publics.delta * publics.ls * publics.wt);
        out.c -= factor * gamma * to_scalar(layout.norm_bound());
    }
    if (layout.has_audit()) {
        out.k[at.v_d] = -(gamma * gamma * publics.delta * publics.Wd);
        out.k[at.y_r] = -(gamma * gamma * factor);
        out.c -= factor * gamma * gamma * zr;
    }
    return out;
}

// U as the combination of planes, rows and slack that u opens; plane 0 of each row by (4).
inline naive_point opened_element(const encoding::matrix_layout& layout, const naive_generators& generators,
                                  const naive_publics& publics, const scalar& theta,
                                  const naive_submission& sent) {
    const std::size_t b = layout.value_bits(), K = layout.data_rows();
    naive_point U;
    for (std::size_t i = 0; i < layout.rows(); ++i) {
        const naive_point& row = i < K ? sent.rows[i] : sent.aud[i - K];
        naive_point plane_0 = row + power_of_two(b - 1) * generators.G_sum, planes;
        for (std::size_t k = 1; k < b; ++k) {
            const naive_point& plane = sent.planes[i * (b - 1) + k - 1];
            plane_0 += -power_of_two(k) * plane;
            planes += publics.qv[k] * plane;
        }
        planes += publics.qv[0] * plane_0;
        if (i < K && layout.has_l2()) planes += theta * row;
        if (i >= K) planes += theta * theta * row;
        U += publics.lv[i] * planes;
    }
    if (layout.has_l2()) U += (publics.ls * publics.qv[0] + theta * theta * theta) * sent.slack.front();
    return U;
}

inline std::vector<group_equation> group_equations(const encoding::matrix_layout& layout,
                                                   const naive_generators& generators,
                                                   const naive_publics& publics, const scalar& theta,
                                                   const naive_submission& sent) {
    const naive_unknowns at(layout);
    const naive_point &Q_1 = generators.Q[0], &H = generators.H;
    std::vector<group_equation> out;
    const auto committed = [&](std::string name, std::size_t v, std::size_t s,
                               const naive_point& commitment) {
        out.push_back({std::move(name), {{v, Q_1}, {s, H}}, commitment});
    };
    const auto product = [&](std::string name, std::size_t v, std::size_t p, const naive_point& base,
                             const naive_point& square) {
        out.push_back({std::move(name), {{v, base}, {p, H}}, square});
    };
    for (std::size_t j = 0; j < at.nu; ++j) {
        group_equation round{"P" + std::to_string(j), {}, sent.P[j]};
        for (std::size_t e = 1; e <= 3; ++e) round.left.emplace_back(at.c(j, e), generators.Q[e - 1]);
        round.left.emplace_back(at.s(j), H);
        out.push_back(std::move(round));
    }
    committed("V_b", at.v_b, at.s_b, sent.V[0]);
    committed("V_b2", at.v_b2, at.s_b2, sent.V[1]);
    product("V_b2 = v_b V_b", at.v_b, at.p_b, sent.V[0], sent.V[1]);
    if (layout.has_l2()) {
        committed("V_x", at.v_x, at.s_x, sent.V[2]);
        committed("V_x2", at.v_x2, at.s_x2, sent.V[3]);
        product("V_x2 = v_x V_x", at.v_x, at.p_x, sent.V[2], sent.V[3]);
        committed("V_s", at.v_s, at.s_s, sent.V[4]);
    }
    if (layout.has_audit()) {
        committed("V_d", at.v_d, at.s_d, sent.V.back());
        committed("Py", at.y_r, at.s_y, sent.Py.front());
    }
    group_equation opening{"U", {}, opened_element(layout, generators, publics, theta, sent)};
    for (std::size_t c = 0; c < layout.columns(); ++c) opening.left.emplace_back(at.u + c, generators.G[c]);
    opening.left.emplace_back(at.r_u, H);
    out.push_back(std::move(opening));
    return out;
}

} // namespace veilsum::test
