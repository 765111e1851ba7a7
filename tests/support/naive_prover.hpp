// The prover of a submission as the specification writes it, slow and plain; with hooks at which a cheat
// steps in.
//
//     bytes sent = prove(layout, key, after_context, make_witness(layout, values, rng), rng);    honest
//
//     naive_hooks cheat;
//     cheat.announced = [](naive_prover& p) { p.sent.A[0] = p.key.negated(p.sent.A[0]); };
//     bytes bent = prove(layout, key, after_context, witness, rng, cheat);
//
// A hook may change everything that is there when it is called; what comes later is computed from it.
// spec: validity proofs, section 8
#pragma once

#include "support/naive_field.hpp"
#include "support/naive_relation.hpp"
#include "support/naive_submission.hpp"
#include "support/naive_transcript.hpp"
#include "support/naive_validity_sumcheck.hpp"
#include "support/naive_witness.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/core/bytes.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/group/generators.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/integer/sample.hpp>
#include <veilsum/transcript/transcript.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::test {

struct naive_key {
    bigint n, h_s;

    bigint n_squared() const { return n * n; }
    // (1+n)^m h_s^exponent mod n^2
    bigint encrypt(const bigint& m, const bigint& exponent) const {
        return (1 + m % n * n) * power_vartime(h_s, exponent, n_squared()) % n_squared();
    }
    bigint negated(const bigint& unit) const { return n_squared() - unit; }
};

// 3.4. Both ends belong to it.
struct naive_window {
    bigint least, largest;
    bool contains(const bigint& value) const { return least <= value && value <= largest; }
};
inline bigint largest_mask() {
    return bigint(1) << 251; // N
}
inline naive_window value_window(const encoding::matrix_layout& layout) { // of z_c
    return {layout.largest_value_shift() - largest_mask(), largest_mask() - 1 - layout.largest_value_shift()};
}
inline naive_window exponent_window(const encoding::matrix_layout& layout) { // of zeta_j
    return {layout.largest_exponent_shift(), (bigint(1) << layout.exponent_response_bits()) - 1};
}

// SHA-512(0x12 | frame("veilsum.rows/1") | u32(K) | C_0 | ...)
inline hash::digest64 naive_row_digest(const points& rows) {
    bytes data{0x12};
    group::detail::append_frame(data, "veilsum.rows/1");
    group::detail::append_big_endian(data, rows.size(), 4);
    for (const naive_point& row : rows) {
        const auto encoded = row.bytes();
        data.insert(data.end(), encoded.begin(), encoded.end());
    }
    return hash::sha512(data);
}

class naive_prover;

struct naive_hooks {
    using hook = std::function<void(naive_prover&)>;
    hook committed;            // fields 1 to 5 are made
    hook masked;               // y, y_r, s_y, beta are drawn
    hook announced;            // fields 6 to 8 are made
    hook responded;            // fields 9 to 11 are made
    hook evaluated;            // v_b, v_b2 and so on are known, nothing is committed to them yet
    hook opened;               // all unknowns are known
    hook finished;             // all fields are made
    bool keeps_windows = true; // starts the linking step afresh if a response is outside its window
    std::string omitted;       // label of an item that is left out of the transcript
};

class naive_prover {
  public:
    naive_prover(const encoding::matrix_layout& round, const naive_key& public_key,
                 const transcript::transcript& after_context, naive_witness witness, seeded_random& source,
                 const naive_hooks& cheat)
        : layout(round), key(public_key), generators(round.columns()), at(round), w(std::move(witness)),
          unknowns(at.count), rng(source), tr(after_context, cheat.omitted), hooks_(cheat) {}

    void run() {
        commit();
        absorb_statement();
        for (naive_transcript before = tr; !link(); ++restarts) tr = before;
        sumcheck();
        evaluations();
        open();
        final_relation();
        call(hooks_.finished);
    }

    // With what is known so far.
    scalar_equation E1() const { return equation_e1(layout, publics(), challenges.theta); }
    scalar_equation E2() const { return equation_e2(layout, publics(), challenges, sent.zr.front()); }
    naive_publics publics() const { return {layout, challenges}; }

    const encoding::matrix_layout layout;
    const naive_key key;
    const naive_generators generators;
    const naive_unknowns at;
    naive_witness w;
    std::vector<bigint> y, beta;
    scalar y_r, s_y;
    naive_challenges challenges;
    scalars unknowns;
    naive_submission sent;
    std::size_t restarts = 0;
    bool hopeless = false; // a hook says so: try again with other randomness
    seeded_random& rng;
    naive_transcript tr;

  private:
    void call(const naive_hooks::hook& hook) {
        if (hook) hook(*this);
    }
    template <class Element>
    void absorb(std::string_view label, std::size_t number, const std::vector<Element>& field) {
        tr.absorb(label, encode_field(field, submission_fields(layout)[number - 1]));
    }
    naive_point commit_to(const scalars& entries, const scalar& blinding) const {
        naive_point sum = blinding * generators.H;
        for (std::size_t c = 0; c < entries.size(); ++c) sum += entries[c] * generators.G[c];
        return sum;
    }
    // v Q_1 + s H
    naive_point commit_value(std::size_t v, std::size_t s) const {
        return unknowns[v] * generators.Q[0] + unknowns[s] * generators.H;
    }
    static scalars residues(const std::vector<bigint>& values) {
        scalars out;
        for (const bigint& value : values) out.push_back(to_scalar(value));
        return out;
    }

    void commit() { // 8.2, 8.3
        for (std::size_t i = 0; i < layout.rows(); ++i) {
            const naive_point row = commit_to(residues(w.x[i]), w.r[i]);
            (i < layout.data_rows() ? sent.rows : sent.aud).push_back(row);
            for (std::size_t k = 1; k < layout.value_bits(); ++k)
                sent.planes.push_back(commit_to(w.planes[i][k - 1], w.rho[i][k - 1]));
            for (std::size_t j = 0; j < layout.blocks(); ++j)
                sent.cts.push_back(key.encrypt(w.plaintext[i][j], w.alpha[i][j]));
        }
        if (layout.has_l2()) sent.slack.push_back(commit_to(w.slack, w.rho_s));
        call(hooks_.committed);
    }
    void absorb_statement() { // 6.2, steps 1 to 5
        tr.absorb("rows", naive_row_digest(sent.rows));
        absorb("aud", 2, sent.aud);
        absorb("planes", 3, sent.planes);
        absorb("slack", 4, sent.slack);
        absorb("cts", 5, sent.cts);
    }

    // 8.4. False: a response is outside its window.
    bool link() {
        y.clear(), beta.clear();
        for (std::size_t c = 0; c < layout.columns(); ++c)
            y.push_back(integer::random_bits(252, rng) - largest_mask());
        y_r = scalar::random(rng);
        s_y = scalar::random(rng);
        for (std::size_t j = 0; j < layout.blocks(); ++j)
            beta.push_back(integer::random_bits(layout.exponent_response_bits(), rng));
        call(hooks_.masked);

        sent.Y = {commit_to(residues(y), y_r)};
        sent.A.clear();
        for (std::size_t j = 0; j < layout.blocks(); ++j)
            sent.A.push_back(key.encrypt(naive_pack(layout, y, j), beta[j]));
        if (layout.has_audit()) sent.Py = {y_r * generators.Q[0] + s_y * generators.H};
        call(hooks_.announced);
        absorb("link.Y", 6, sent.Y);
        absorb("link.A", 7, sent.A);
        absorb("link.P", 8, sent.Py);
        challenges.e = tr.challenge_integers("link.e", layout.rows());

        sent.z = y;
        sent.zeta = beta;
        sent.zr = {y_r};
        for (std::size_t i = 0; i < layout.rows(); ++i) {
            const bigint& e = challenges.e[i];
            for (std::size_t c = 0; c < layout.columns(); ++c) sent.z[c] += e * w.x[i][c];
            for (std::size_t j = 0; j < layout.blocks(); ++j) sent.zeta[j] += e * w.alpha[i][j];
            sent.zr.front() += to_scalar(e) * w.r[i];
        }
        call(hooks_.responded);
        if (hooks_.keeps_windows) {
            for (const bigint& z : sent.z)
                if (!value_window(layout).contains(z)) return false;
            for (const bigint& zeta : sent.zeta)
                if (!exponent_window(layout).contains(zeta)) return false;
        }
        absorb("link.z", 9, sent.z);
        absorb("link.zr", 10, sent.zr);
        absorb("link.zeta", 11, sent.zeta);
        return true;
    }

    void sumcheck() { // 8.5
        challenges.tau = tr.challenge_scalars("sc.tau", layout.variables());
        challenges.gamma = tr.challenge_scalar("sc.gamma");
        naive_validity_sumcheck rounds(layout, w, challenges);
        for (std::size_t j = 0; j < layout.variables(); ++j) {
            const auto polynomial = rounds.round_polynomial();
            naive_point P;
            for (std::size_t e = 1; e <= 3; ++e) {
                unknowns[at.c(j, e)] = polynomial[e];
                P += polynomial[e] * generators.Q[e - 1];
            }
            unknowns[at.s(j)] = scalar::random(rng);
            sent.P.push_back(P + unknowns[at.s(j)] * generators.H);
            tr.absorb("sc.P", sent.P.back().bytes());
            challenges.r.push_back(tr.challenge_scalar("sc.r"));
            rounds.bind(challenges.r.back());
        }
        unknowns[at.v_b] = rounds.bits_at_point();
    }

    void evaluations() { // 8.6, steps 1 to 4
        const naive_publics known = publics();
        // <row i, Rv>
        const auto at_column_point = [&](std::size_t i) { return inner_product(residues(w.x[i]), known.Rv); };
        unknowns[at.v_b2] = unknowns[at.v_b] * unknowns[at.v_b];
        if (layout.has_l2()) {
            for (std::size_t i = 0; i < layout.data_rows(); ++i)
                unknowns[at.v_x] += known.lv[i] * at_column_point(i);
            unknowns[at.v_x2] = unknowns[at.v_x] * unknowns[at.v_x];
            unknowns[at.v_s] = inner_product(w.slack, known.Rv);
        }
        if (layout.has_audit()) {
            for (std::size_t i = layout.data_rows(); i < layout.rows(); ++i)
                unknowns[at.v_d] += known.lv[i] * at_column_point(i);
            unknowns[at.y_r] = y_r;
            unknowns[at.s_y] = s_y;
        }
        call(hooks_.evaluated);

        commit_square(at.v_b, at.s_b, at.v_b2, at.s_b2, at.p_b);
        if (layout.has_l2()) {
            commit_square(at.v_x, at.s_x, at.v_x2, at.s_x2, at.p_x);
            unknowns[at.s_s] = scalar::random(rng);
            sent.V.push_back(commit_value(at.v_s, at.s_s));
        }
        if (layout.has_audit()) {
            unknowns[at.s_d] = scalar::random(rng);
            sent.V.push_back(commit_value(at.v_d, at.s_d));
        }
        absorb("fin.V", 13, sent.V);
        challenges.theta = tr.challenge_scalar("fin.theta");
    }
    void commit_square(std::size_t v, std::size_t s, std::size_t v2, std::size_t s2, std::size_t p) {
        unknowns[s] = scalar::random(rng);
        unknowns[p] = scalar::random(rng);
        unknowns[s2] = unknowns[v] * unknowns[s] + unknowns[p];
        sent.V.push_back(commit_value(v, s));
        sent.V.push_back(commit_value(v2, s2));
    }

    void open() { // 8.6, step 5: formula (6)
        const naive_publics known = publics();
        const scalar theta = challenges.theta, theta_2 = theta * theta, theta_3 = theta_2 * theta;
        const std::size_t K = layout.data_rows();
        scalar& r_u = unknowns[at.r_u];
        for (std::size_t i = 0; i < layout.rows(); ++i) {
            scalar on_row; // theta for data rows with L2, theta^2 for audit rows
            if (i < K && layout.has_l2()) on_row = theta;
            if (i >= K) on_row = theta_2;
            for (std::size_t c = 0; c < layout.columns(); ++c) {
                scalar entry = on_row * to_scalar(w.x[i][c]);
                for (std::size_t k = 0; k < layout.value_bits(); ++k)
                    entry += known.qv[k] * committed_bit(layout, w, k, i, c);
                unknowns[at.u + c] += known.lv[i] * entry;
            }
            scalar blinding = (known.qv[0] + on_row) * w.r[i];
            for (std::size_t k = 1; k < layout.value_bits(); ++k)
                blinding += (known.qv[k] - power_of_two(k) * known.qv[0]) * w.rho[i][k - 1];
            r_u += known.lv[i] * blinding;
        }
        if (layout.has_l2()) {
            const scalar on_slack = known.ls * known.qv[0] + theta_3;
            for (std::size_t c = 0; c < layout.columns(); ++c) unknowns[at.u + c] += on_slack * w.slack[c];
            r_u += on_slack * w.rho_s;
        }
        call(hooks_.opened);
    }

    void final_relation() { // 7 and 8.7
        const naive_publics known = publics();
        scalars o;
        for (std::size_t i = 0; i < unknowns.size(); ++i) o.push_back(scalar::random(rng));
        for (const auto& equation : group_equations(layout, generators, known, challenges.theta, sent))
            sent.T.push_back(equation.left_side(o));
        sent.tt = {inner_product(E1().k, o), inner_product(E2().k, o)};
        absorb("fin.T", 14, sent.T);
        absorb("fin.t", 15, sent.tt);
        challenges.eps = tr.challenge_scalar("fin.e");
        for (std::size_t i = 0; i < unknowns.size(); ++i)
            sent.resp.push_back(o[i] + challenges.eps * unknowns[i]);
    }

    const naive_hooks& hooks_;
};

inline bytes prove(const encoding::matrix_layout& layout, const naive_key& key,
                   const transcript::transcript& after_context, const naive_witness& witness,
                   seeded_random& rng, const naive_hooks& cheat = {}) {
    for (;;) {
        naive_prover prover(layout, key, after_context, witness, rng, cheat);
        prover.run();
        if (!prover.hopeless) return encode_submission(layout, prover.sent);
    }
}

} // namespace veilsum::test
