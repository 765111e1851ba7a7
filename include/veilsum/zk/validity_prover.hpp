// Making a client's submission: commitments, ciphertexts, and the one proof that binds and bounds them.
//
//     validity_prover<scheme> prover(encryptor, layout);          // once a parameter set: tables
//     auto body = prover.prove(round.context_of(me), values, rng);
//     if (!body) return body.error();                             // overflow, "value 17"; out_of_range: norm
//
// The order of section 8:
//
//     lay out values and digits, draw blindings             rows C_i, planes B_{i,k}, slack B_s
//     encrypt                                               c_{i,j}
//     link, afresh while a response leaves its window       Y, A, Py  ->  e  ->  z, z_r, zeta
//     sumcheck                                              P_j  ->  r_j,  nu times
//     evaluations                                           V  ->  theta
//     final relation                                        T, tt  ->  eps  ->  resp
//
// Everything secret that is drawn after the statement is fixed comes from a nonce_source, seeded with fresh
// randomness, the blindings and exponents, and the transcript: a source that repeats itself gives other masks
// for another statement. Before the last announcement is answered the prover checks E1 and E2 on its own
// values: a fault there would show them.
//
// Constant time in the values, in the forms of section 13.4 (no table is read at a secret place), but for the
// limb counts that paillier/encryptor.hpp names.
//
// spec: validity proofs, sections 8 and 13. The verifying half is zk/validity_verifier.hpp.
//
// Costs and memory: docs/performance.md.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/core/wiped_stack.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/encoding/row_matrix.hpp>
#include <veilsum/encoding/row_packing.hpp>
#include <veilsum/group/batch.hpp>
#include <veilsum/group/point_table.hpp>
#include <veilsum/group/ristretto255.hpp>
#include <veilsum/paillier/encryptor.hpp>
#include <veilsum/pedersen/audit_weights.hpp>
#include <veilsum/pedersen/plane_commitment.hpp>
#include <veilsum/pedersen/row_digest.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/transcript/context.hpp>
#include <veilsum/transcript/nonce_source.hpp>
#include <veilsum/zk/ciphertext_link.hpp>
#include <veilsum/zk/fiat_shamir.hpp>
#include <veilsum/zk/linear_relation.hpp>
#include <veilsum/zk/norm_slack.hpp>
#include <veilsum/zk/sumcheck_prover.hpp>
#include <veilsum/zk/validity_relation.hpp>
#include <veilsum/zk/validity_shape.hpp>
#include <veilsum/zk/validity_transcript.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace veilsum::zk {

template <class Scheme, class Policy = paillier::short_exponent>
class validity_prover {
  public:
    static_assert(Scheme::degree == 1, "validity proofs are defined for degree 1");
    using encryptor = paillier::encryptor<Scheme, Policy>; // under the client's key and policy

    // The layout is for the scheme's size and the policy's exponents, and the encryptor's table covers zbits
    // (contract).
    validity_prover(std::shared_ptr<const encryptor> encrypt, const encoding::matrix_layout& layout)
        : encryptor_(std::move(encrypt)), layout_(layout), shape_(layout), element_(layout), unknown_(layout),
          windows_(layout), committer_(layout.columns()), Q_(tables_of(sumcheck_generators())) {
        expects(layout.parameters().nbits == Scheme::modulus_bits &&
                layout.exponent_bits() == encryptor::exponent_bits &&
                encryptor_->table_bits() >= layout.exponent_response_bits());
    }

    const encoding::matrix_layout& layout() const { return layout_; }
    const validity_shape& shape() const { return shape_; } // fields of a submission

    // `values`: d integers. Errors: those of encoding::lay_out; wrong_key and wrong_context for a context of
    // another key or layout; refused if masks keep leaving their windows (a broken source).
    template <random::random_source Source>
    result<bytes> prove(const transcript::context& here, std::span<const std::int32_t> values,
                        Source& rng) const {
        const wiped_stack afterwards;
        if (here.key != encryptor_->key().id()) return error{errc::wrong_key, "key of the context"};
        if (here.parameters != layout_.digest())
            return error{errc::wrong_context, "parameters of the context"};
        auto rows = encoding::lay_out(layout_, values, rng);
        if (!rows) return rows.error();
        auto packed = encoding::pack_rows(layout_, *rows);
        if (!packed) return packed.error();
        return prove(validity_transcript(here), *std::move(rows),
                     paillier::plaintext_vector(*std::move(packed)), rng);
    }
    // For a transcript that holds the context already, rows as encoding::lay_out makes them and plaintexts as
    // encoding::pack_rows does, of the layout's shape (contract). What else they hold is not looked at: of
    // other rows or plaintexts this makes a submission that does not verify, or `mismatch`.
    template <random::random_source Source>
    result<bytes> prove(validity_transcript script, encoding::row_matrix&& rows,
                        const paillier::plaintext_vector& plaintexts, Source& rng) const {
        const wiped_stack afterwards;
        expects(rows.rows() == layout_.rows() && rows.columns() == layout_.columns() &&
                plaintexts.size() == layout_.ciphertexts());
        const work known = draw(std::move(rows), rng);
        const auto encrypted = encryptor_->encrypt(plaintexts, rng);
        if (!encrypted) return encrypted.error();

        submission out(shape_);
        commit(known, encrypted->ciphertexts, script, out);
        transcript::nonce_source nonces(script.script(), seed_of(known, encrypted->exponents).expose(), rng);
        validity_challenges said;
        auto mask = link(known, encrypted->exponents, script, said, nonces, out);
        if (!mask) return mask.error();
        return finish(known, *std::move(mask), std::move(script), std::move(said), nonces, std::move(out));
    }

  private:
    using field = validity_field;
    using scalar = group::scalar;
    using scalars = secret<std::vector<scalar>>;

    // What is committed to.
    struct work {
        encoding::row_matrix rows;
        scalars blindings;       // r_i
        scalars plane_blindings; // rho_{i,k}, i outer, k >= 1 inner
        secret<bytes> slack;     // s_c, C of them with L2
        secret<scalar> slack_blinding;
    };
    // What the link leaves for the sumcheck.
    struct link_secrets {
        secret<scalar> y_r, s_y;
        scalar z_r; // public
    };

    // The bytes that will be sent.
    class submission {
      public:
        explicit submission(const validity_shape& shape) : shape_(&shape), data_(shape.total()) {}
        void put(field which, byte_view data) { put(which, 0, data); }
        void put(field which, std::size_t index, byte_view data) {
            const field_place& place = (*shape_)[which];
            expects(index * place.width + data.size() <= place.size());
            std::copy(data.begin(), data.end(),
                      data_.begin() + static_cast<std::ptrdiff_t>(place.offset + index * place.width));
        }
        void put(field which, std::size_t index, const group::point& value) {
            put(which, index, value.bytes());
        }
        void put(field which, std::size_t index, const scalar& value) { put(which, index, value.bytes()); }
        byte_view view(field which) const { return shape_->view(data_, which); }
        bytes take() && { return std::move(data_); }

      private:
        const validity_shape* shape_;
        bytes data_;
    };

    static std::array<group::fixed_base, 3> tables_of(const std::array<group::point, 3>& points) {
        return {group::fixed_base(points[0].representative()), group::fixed_base(points[1].representative()),
                group::fixed_base(points[2].representative())};
    }

    // spec: validity proofs 8.1
    template <class Source>
    work draw(encoding::row_matrix&& rows, Source& rng) const {
        scalars blindings = layout_.has_audit() ? pedersen::row_blindings(layout_, rows)
                                                : pedersen::draw_blindings(layout_, rng);
        scalars planes{std::vector<scalar>(layout_.rows() * (layout_.value_bits() - 1))};
        for (scalar& each : planes.expose()) each = scalar::random(rng);
        secret<bytes> slack = layout_.has_l2() ? norm_slack(layout_, rows.expose()) : secret<bytes>(bytes{});
        secret<scalar> slack_blinding(layout_.has_l2() ? scalar::random(rng) : scalar{});
        return {std::move(rows), std::move(blindings), std::move(planes), std::move(slack),
                std::move(slack_blinding)};
    }

    // spec: validity proofs 8.2, 8.3, and steps 1 to 5 of 6.2
    void commit(const work& known, const paillier::ciphertext_vector<Scheme>& ciphertexts,
                validity_transcript& script, submission& out) const {
        const auto made = committer_.commit_planes(known.rows, known.blindings, known.plane_blindings,
                                                   layout_.value_bits());
        for (std::size_t i = 0; i < layout_.data_rows(); ++i) out.put(field::rows, i, made.rows[i]);
        for (std::size_t i = layout_.data_rows(); i < layout_.rows(); ++i)
            out.put(field::aud, i - layout_.data_rows(), made.rows[i]);
        for (std::size_t i = 0; i < made.planes.size(); ++i) out.put(field::planes, i, made.planes[i]);
        if (layout_.has_l2())
            out.put(field::slack, 0, committer_.commit_bits(known.slack, known.slack_blinding));
        out.put(field::cts, ciphertexts.serialize());
        script.statement(pedersen::row_digest(out.view(field::rows)), out.view(field::aud),
                         out.view(field::planes), out.view(field::slack), out.view(field::cts));
    }

    // All secrets that have entropy of their own.
    static secret<bytes> seed_of(const work& known, const secret<std::vector<integer::bigint>>& exponents) {
        secret<bytes> seed{bytes{}};
        const auto append = [&](byte_view data) {
            seed.expose().insert(seed.expose().end(), data.begin(), data.end());
        };
        seed.expose().reserve(
            32 * (known.blindings.expose().size() + known.plane_blindings.expose().size() + 1) +
            exponents.expose().size() * exponent_bytes);
        for (const scalar& each : known.blindings.expose()) append(each.bytes());
        for (const scalar& each : known.plane_blindings.expose()) append(each.bytes());
        append(known.slack_blinding.expose().bytes());
        for (const auto& alpha : exponents.expose()) append(secret(alpha.to_bytes(exponent_bytes)).expose());
        return seed;
    }

    // spec: validity proofs 8.4
    template <class Source>
    result<link_secrets> link(const work& known, const secret<std::vector<integer::bigint>>& exponents,
                              validity_transcript& script, validity_challenges& said, Source& nonces,
                              submission& out) const {
        const validity_transcript before = script;
        for (int restarts = 0; restarts < most_restarts; ++restarts) {
            script = before;
            link_masks masks = link_masks::draw(layout_, windows_, nonces);
            const group::point Y = committer_.commit(masks.scalars(), masks.blinding());
            auto A = encryptor_->commit(
                paillier::plaintext_vector(masks.packed(layout_, encryptor_->key().n())), masks.exponents());
            if (!A) return A.error();
            out.put(field::Y, 0, Y);
            out.put(field::A, A->serialize());
            if (layout_.has_audit())
                out.put(field::Py, 0,
                        times_Q_and_H(masks.blinding().expose(), masks.digit_blinding().expose()));
            script.link_announcement(out.view(field::Y), out.view(field::A), out.view(field::Py),
                                     layout_.rows(), said);
            secret<scalar> y_r{scalar(masks.blinding().expose())},
                s_y{scalar(masks.digit_blinding().expose())};
            const auto answer =
                answer_link(layout_, windows_, {known.rows.expose(), known.blindings.expose(), exponents},
                            said.e, std::move(masks));
            if (!answer) continue;
            out.put(field::z, answer->z);
            out.put(field::zr, 0, answer->z_r);
            out.put(field::zeta, answer->zeta);
            script.link_response(out.view(field::z), out.view(field::zr), out.view(field::zeta),
                                 layout_.variables(), said);
            return link_secrets{std::move(y_r), std::move(s_y), answer->z_r};
        }
        return error{errc::refused, "masks of a proof keep leaving their window"};
    }

    // spec: validity proofs 8.5 to 8.7
    template <class Source>
    result<bytes> finish(const work& known, link_secrets&& mask, validity_transcript script,
                         validity_challenges said, Source& nonces, submission out) const {
        scalars witness{std::vector<scalar>(unknown_.total())};
        std::vector<scalar>& w = witness.expose();
        const auto fresh = [&] { return scalar::random(nonces); };
        const auto keep = [&](std::size_t unknown, const secret<scalar>& value) {
            w[unknown] = value.expose();
        };

        sumcheck_prover rounds(layout_, known.rows.expose(), known.slack.expose(), said.row_weights, said.tau,
                               said.gamma);
        for (std::size_t j = 0; j < layout_.variables(); ++j) {
            const secret<round_polynomial> g = rounds.round();
            w[unknown_.coefficient(j, 1)] = g.expose().c1;
            w[unknown_.coefficient(j, 2)] = g.expose().c2;
            w[unknown_.coefficient(j, 3)] = g.expose().c3;
            w[unknown_.round_blinding(j)] = fresh();
            group::point P = times_H(w[unknown_.round_blinding(j)]);
            for (std::size_t e = 1; e <= 3; ++e)
                P += group::point::from_representative(Q_[e - 1].times(w[unknown_.coefficient(j, e)]));
            out.put(field::P, j, P);
            script.round_polynomial(P.bytes(), said);
            rounds.bind(said.r[j]);
        }

        std::vector<group::point> V;
        // V = v Q_1 + s H and V2 = v V + p H, that is v^2 Q_1 + (v s + p) H.
        const auto value_and_square = [&](std::size_t v, std::size_t s, std::size_t v2, std::size_t s2,
                                          std::size_t p) {
            w[s] = fresh();
            w[p] = fresh();
            w[v2] = w[v] * w[v];
            w[s2] = w[v] * w[s] + w[p];
            V.push_back(times_Q_and_H(w[v], w[s]));
            V.push_back(times_Q_and_H(w[v2], w[s2]));
        };
        keep(unknown_.v_b(), rounds.v_b());
        value_and_square(unknown_.v_b(), unknown_.s_b(), unknown_.v_b2(), unknown_.s_b2(), unknown_.p_b());
        if (layout_.has_l2()) {
            keep(unknown_.v_x(), rounds.v_x());
            value_and_square(unknown_.v_x(), unknown_.s_x(), unknown_.v_x2(), unknown_.s_x2(),
                             unknown_.p_x());
            keep(unknown_.v_s(), rounds.v_s());
            w[unknown_.s_s()] = fresh();
            V.push_back(times_Q_and_H(w[unknown_.v_s()], w[unknown_.s_s()]));
        }
        if (layout_.has_audit()) {
            keep(unknown_.v_d(), rounds.v_d());
            w[unknown_.s_d()] = fresh();
            V.push_back(times_Q_and_H(w[unknown_.v_d()], w[unknown_.s_d()]));
            w[unknown_.y_r()] = mask.y_r.expose();
            w[unknown_.s_y()] = mask.s_y.expose();
        }
        group::encode_all(V);
        for (std::size_t i = 0; i < V.size(); ++i) out.put(field::V, i, V[i]);
        script.evaluations(out.view(field::V), said);

        const evaluation_point at(layout_, said);
        scalars opening = rounds.opening(said.theta);
        std::copy(opening.expose().begin(), opening.expose().end(),
                  w.begin() + static_cast<std::ptrdiff_t>(unknown_.u(0)));
        w[unknown_.r_u()] = opening_blinding(known, at, said.theta);

        const linear_relation relation = validity_relation(layout_, said, at, mask.z_r);
        for (std::size_t a = 0; a < relation.field.size(); ++a)
            if (!satisfies(relation, witness, a)) return error{errc::mismatch, "fault while proving"};
        auto first = announce(relation, multiplier{*this, V}, nonces);
        for (std::size_t a = 0; a < first.announcement.group.size(); ++a)
            out.put(field::T, a, first.announcement.group[a]);
        for (std::size_t a = 0; a < first.announcement.field.size(); ++a)
            out.put(field::tt, a, first.announcement.field[a]);
        said.eps = challenge_of(script.script(), "fin", first.announcement);
        const linear_response answer = respond(relation, witness, std::move(first.secret), said.eps);
        for (std::size_t i = 0; i < answer.size(); ++i) out.put(field::resp, i, answer[i]);
        return std::move(out).take();
    }

    // r_u of (6).
    scalar opening_blinding(const work& known, const evaluation_point& at, const scalar& theta) const {
        const std::size_t K = layout_.data_rows(), b = layout_.value_bits();
        const scalar theta2 = theta * theta;
        scalar sum;
        for (std::size_t i = 0; i < layout_.rows(); ++i) {
            const scalar row_factor = at.planes[0] + (i >= K             ? theta2
                                                      : layout_.has_l2() ? theta
                                                                         : scalar::zero());
            scalar of_row = row_factor * known.blindings.expose()[i];
            scalar power = scalar::one();
            for (std::size_t k = 1; k < b; ++k) {
                power += power;
                of_row += (at.planes[k] - power * at.planes[0]) *
                          known.plane_blindings.expose()[i * (b - 1) + k - 1];
            }
            sum += at.rows[i] * of_row;
        }
        if (layout_.has_l2())
            sum += (at.slack_row * at.planes[0] + theta2 * theta) * known.slack_blinding.expose();
        return sum;
    }

    group::point times_H(const scalar& x) const { return committer_.times_H(x); }
    group::point times_Q_and_H(const scalar& v, const scalar& s) const {
        return group::point::from_representative(Q_[0].times(v)) + times_H(s);
    }

    // Tables for what is fixed; V_b and V_x are the only elements without.
    struct multiplier {
        const validity_prover& own;
        std::span<const group::point> V;

        group::point operator()(std::span<const secret_product> products) const {
            const validity_elements& element = own.element_;
            group::point sum;
            std::size_t columns = 0;
            for (const secret_product& each : products) columns += each.element < element.H() ? 1 : 0;
            if (columns != 0) {
                scalars factors{std::vector<scalar>(own.layout_.columns())};
                for (const secret_product& each : products)
                    if (each.element < element.H()) factors.expose()[each.element] += each.factor;
                sum = own.committer_.commit(factors, secret(scalar{}));
            }
            for (const secret_product& each : products) {
                if (each.element < element.H()) continue;
                if (each.element == element.H())
                    sum += own.times_H(each.factor);
                else if (each.element <= element.Q(3))
                    sum += group::point::from_representative(
                        own.Q_[each.element - element.Q(1)].times(each.factor));
                else
                    sum += each.factor * V[each.element - element.V(0)];
            }
            return sum;
        }
    };

    static constexpr std::size_t exponent_bytes = (encryptor::exponent_bits + 7) / 8;

    std::shared_ptr<const encryptor> encryptor_;
    encoding::matrix_layout layout_;
    validity_shape shape_;
    validity_elements element_;
    validity_unknowns unknown_;
    link_windows windows_;
    pedersen::plane_committer committer_;
    std::array<group::fixed_base, 3> Q_;
};

} // namespace veilsum::zk
