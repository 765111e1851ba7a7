// Verifying a client's submission: every value in range, the norm bounded, ciphertexts and commitments the
// same.
//
//     validity_verifier<scheme> verifier(key, layout);            // once a key and parameter set: tables
//     auto checked = verifier.verify(round.context_of(client), body, rng);
//     if (!checked) return checked.error();                       // error().check is the reason, 1 .. 11
//     fold((*checked)->ciphertexts, (*checked)->rows);            // verified<submission>: made here only
//
// What an accepted submission shows (validity proofs, section 11), up to 2^-128 and discrete logarithms in
// ristretto255: every entry of the Kt x C matrix behind `ciphertexts` is a signed b-bit integer, with L2 the
// squares of the first K rows sum to at most B2, `rows` commit to the same entries, and with AUDIT their
// blindings are the hashes of the digits in the audit rows. Who made the modulus cannot forge this either.
//
// Reasons, in the order of checking; the first one that fails is reported, with the field as `place`:
//     1  parameters digest and key id are those of the context       wrong_context, wrong_key
//     2  length of the submission                                    malformed
//     3  elements decode and are not the identity                    malformed      "planes 17"
//     4  scalars are below l                                         malformed      "resp 5"
//     5  residues are in (0, n^2) and units                          out_of_range, not_a_unit
//     6  z in its window           7  zeta in its window             out_of_range   "z 3"
//     8  scalar equations E1, E2                                     bad_proof      "E1"
//     9  link, group side                                            bad_proof
//    10  group equations of the final relation                       bad_proof      "equation 4"
//    11  link, Paillier side                                         bad_proof      "block 2"
// 9 and 10 are folded into one sum of products with secret 128-bit weights (9.3); after a failure they are
// repeated one by one, so that the reason is exact and everybody finds the same.
//
// Preconditions: the key was certified (zk/key_validity.hpp, P1 to P4 of section 2), and the context is the
// verifier's own. `rng` must not be known to the prover before it has sent its submission.
//
// spec: validity proofs, section 9. Includes nothing that can encrypt or prove.
// Cost: check 11 dominates, J simultaneous powers of Kt bases by 128 bits; figures in docs/performance.md.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/group/batch.hpp>
#include <veilsum/group/multi_scalar.hpp>
#include <veilsum/group/ristretto255.hpp>
#include <veilsum/paillier/ciphertext_vector.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/pedersen/generators.hpp>
#include <veilsum/pedersen/row_commitment.hpp>
#include <veilsum/pedersen/row_digest.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/transcript/context.hpp>
#include <veilsum/zk/ciphertext_link.hpp>
#include <veilsum/zk/linear_relation.hpp>
#include <veilsum/zk/validity_relation.hpp>
#include <veilsum/zk/validity_shape.hpp>
#include <veilsum/zk/validity_transcript.hpp>
#include <veilsum/zk/verified.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::zk {

// What a submission is good for once it is accepted.
template <class Scheme>
struct validity_submission {
    std::vector<pedersen::row_commitment> rows;      // C_0 .. C_{K-1}
    paillier::ciphertext_vector<Scheme> ciphertexts; // c_{i,j}, Kt x J
};

template <class Scheme>
class validity_verifier {
  public:
    static_assert(Scheme::degree == 1, "validity proofs are defined for degree 1");
    using bigint = integer::bigint;
    using public_key = paillier::public_key<Scheme>;
    using ciphertext_vector = paillier::ciphertext_vector<Scheme>;
    using verified_submission =
        verified<validity_submission<Scheme>, validity_verifier>; // made by verify only

    // The layout is for moduli of this scheme's size (contract).
    validity_verifier(public_key key, const encoding::matrix_layout& layout)
        : key_(std::move(key)), layout_(layout), shape_(layout), element_(layout), windows_(layout),
          generators_(generator_list(layout)),
          residues_(key_.arithmetic().make_table(key_.residue_base(), layout.exponent_response_bits())) {
        expects(layout.parameters().nbits == Scheme::modulus_bits);
    }

    const encoding::matrix_layout& layout() const { return layout_; }
    const validity_shape& shape() const { return shape_; } // fields of a submission

    template <random::random_source Source>
    result<verified_submission> verify(const transcript::context& here, byte_view data, Source& rng) const {
        if (here.key != key_.id()) return error{errc::wrong_key, "key of the context", 1};
        if (here.parameters != layout_.digest())
            return error{errc::wrong_context, "parameters of the context", 1};
        return verify(validity_transcript(here), data, rng);
    }
    // For a transcript that holds the context already; check 1 is the caller's.
    template <random::random_source Source>
    result<verified_submission> verify(validity_transcript script, byte_view data, Source& rng) const {
        auto opened = open_claim(std::move(script), data);
        if (!opened) return opened.error();
        if (!group_equations_hold({&*opened, 1}, rng)) return first_wrong_equation(*opened);
        if (auto linked = check_ciphertexts(*opened); !linked) return linked.error();
        return accept(*std::move(opened));
    }

    // One submission of several.
    struct candidate {
        transcript::context here; // the verifier's own
        byte_view data;           // must outlive the call
    };
    // The verdicts of `verify`, with checks 9 to 11 merged over all submissions that pass the others; where a
    // merged check fails, single ones find the culprits. Merged, a wrong ciphertext passes with probability
    // 2^-64 instead of 2^-128, and a client that knows elements of small order modulo n could make verifiers
    // disagree (9.4): for a verifier that trusts the maker of the key in this and decides for itself only.
    // What others must be able to repeat rests on `verify`.
    template <random::random_source Source>
    std::vector<result<verified_submission>> verify_merged(std::span<const candidate> candidates,
                                                           Source& rng) const {
        std::vector<result<verified_submission>> verdicts;
        std::vector<claim> open;
        std::vector<std::size_t> of; // open[k] is candidate of[k]
        for (std::size_t u = 0; u < candidates.size(); ++u) {
            verdicts.push_back(error{errc::bad_proof, "not decided"});
            if (candidates[u].here.key != key_.id()) {
                verdicts[u] = error{errc::wrong_key, "key of the context", 1};
                continue;
            }
            if (candidates[u].here.parameters != layout_.digest()) {
                verdicts[u] = error{errc::wrong_context, "parameters of the context", 1};
                continue;
            }
            auto made = open_claim(validity_transcript(candidates[u].here), candidates[u].data);
            if (!made) {
                verdicts[u] = made.error();
                continue;
            }
            open.push_back(*std::move(made));
            of.push_back(u);
        }
        if (open.empty()) return verdicts;
        const bool equations_hold = group_equations_hold(open, rng);
        const bool merged = equations_hold && merged_ciphertexts_hold(open, rng);
        for (std::size_t k = 0; k < open.size(); ++k) {
            result<void> single{};
            if (!equations_hold && !group_equations_hold({&open[k], 1}, rng))
                single = first_wrong_equation(open[k]);
            if (single && !merged) single = check_ciphertexts(open[k]);
            if (single)
                verdicts[of[k]] = accept(std::move(open[k]));
            else
                verdicts[of[k]] = single.error();
        }
        return verdicts;
    }

  private:
    using field = validity_field;

    struct parsed {
        std::vector<group::point> elements; // in the order of validity_elements, without the generators
        std::vector<pedersen::row_commitment> rows;
        ciphertext_vector ciphertexts;
        ciphertext_vector A;
        std::vector<bigint> z;
        std::vector<group::scalar> z_mod_l;
        group::scalar z_r;
        std::vector<bigint> zeta;
        linear_announcement first; // of the final relation
        linear_response answer;
    };

    // A submission that has passed checks 2 to 8.
    struct claim {
        parsed read;
        validity_challenges said;
        linear_relation relation;
    };
    result<claim> open_claim(validity_transcript&& script, byte_view data) const {
        auto read = parse(data);
        if (!read) return read.error();
        validity_challenges said = replay(std::move(script), data, *read);
        const evaluation_point at(layout_, said);
        linear_relation relation = validity_relation(layout_, said, at, read->z_r);
        if (auto equal = check_field_equations(relation, *read, said.eps); !equal) return equal.error();
        return claim{*std::move(read), std::move(said), std::move(relation)};
    }
    static verified_submission accept(claim&& good) {
        return verified_submission(
            validity_submission<Scheme>{std::move(good.read.rows), std::move(good.read.ciphertexts)});
    }

    static std::vector<group::point> generator_list(const encoding::matrix_layout& layout) {
        const pedersen::generators columns(layout.columns());
        std::vector<group::point> out(columns.all_G().begin(), columns.all_G().end());
        out.push_back(columns.H());
        for (const group::point& Q : sumcheck_generators()) out.push_back(Q);
        return out;
    }

    // ---- checks 2 to 7

    result<parsed> parse(byte_view data) const {
        if (data.size() != shape_.total()) return error{errc::malformed, "length of the submission", 2};
        auto elements = parse_elements(data);
        if (!elements) return elements.error();
        std::vector<group::scalar> scalars; // zr, tt, resp
        for (const field which : {field::zr, field::tt, field::resp})
            for (std::size_t i = 0; i < shape_[which].count; ++i) {
                const auto one = group::scalar::from_bytes(shape_.element(data, which, i));
                if (!one) return error(one.error()).in_check(4).at(place_of(shape_[which], i));
                scalars.push_back(*one);
            }
        auto ciphertexts = parse_residues(data, field::cts);
        if (!ciphertexts) return ciphertexts.error();
        auto announced = parse_residues(data, field::A);
        if (!announced) return announced.error();

        parsed out{
            *std::move(elements), {}, *std::move(ciphertexts), *std::move(announced), {}, {}, {}, {}, {}, {}};
        for (std::size_t c = 0; c < layout_.columns(); ++c) {
            const byte_view encoded = shape_.element(data, field::z, c);
            out.z.push_back(signed_integer_of(encoded));
            out.z_mod_l.push_back(scalar_of_signed(encoded));
            if (!windows_.contains(out.z[c]))
                return error{errc::out_of_range, "response of the link", 6}.at(place_of(shape_[field::z], c));
        }
        for (std::size_t j = 0; j < layout_.blocks(); ++j) {
            out.zeta.push_back(bigint::from_bytes(shape_.element(data, field::zeta, j)));
            if (!windows_.exponents().contains(out.zeta[j]))
                return error{errc::out_of_range, "response of the link", 7}.at(
                    place_of(shape_[field::zeta], j));
        }
        for (std::size_t i = 0; i < layout_.data_rows(); ++i) out.rows.emplace_back(out.elements[i]);
        const std::size_t first_T = element_.T(0) - element_.generators();
        out.first.group.assign(out.elements.begin() + static_cast<std::ptrdiff_t>(first_T),
                               out.elements.end());
        out.z_r = scalars[0];
        out.first.field.assign(scalars.begin() + 1, scalars.begin() + 3);
        out.answer.assign(scalars.begin() + 3, scalars.end());
        return out;
    }
    result<std::vector<group::point>> parse_elements(byte_view data) const {
        static constexpr std::array order{field::rows, field::aud, field::planes, field::slack, field::Y,
                                          field::Py,   field::P,   field::V,      field::T};
        bytes encoded;
        for (const field which : order) {
            const byte_view part = shape_.view(data, which);
            encoded.insert(encoded.end(), part.begin(), part.end());
        }
        std::vector<group::point> elements(encoded.size() / group::point::encoded_size);
        std::size_t good = group::parse_all(encoded, elements);
        for (std::size_t i = good; i-- > 0;)
            if (elements[i].is_identity()) good = i;
        if (good < elements.size()) {
            for (const field which : order) {
                if (good < shape_[which].count)
                    return error{errc::malformed, "element of the submission", 3}.at(
                        place_of(shape_[which], good));
                good -= shape_[which].count;
            }
        }
        return elements;
    }
    result<ciphertext_vector> parse_residues(byte_view data, field which) const {
        auto out = ciphertext_vector::parse(key_, shape_.view(data, which), shape_[which].count);
        if (out) return out;
        const std::string index = out.error().place.substr(out.error().place.find(' ') + 1);
        return std::move(out).error().in_check(5).at(std::string(shape_[which].name) + " " + index);
    }

    // ---- the verifier's coins

    validity_challenges replay(validity_transcript script, byte_view data, const parsed& read) const {
        validity_challenges said;
        const auto view = [&](field which) { return shape_.view(data, which); };
        script.statement(pedersen::row_digest(read.rows), view(field::aud), view(field::planes),
                         view(field::slack), view(field::cts));
        script.link_announcement(view(field::Y), view(field::A), view(field::Py), layout_.rows(), said);
        script.link_response(view(field::z), view(field::zr), view(field::zeta), layout_.variables(), said);
        for (std::size_t j = 0; j < layout_.variables(); ++j)
            script.round_polynomial(shape_.element(data, field::P, j), said);
        script.evaluations(view(field::V), said);
        said.eps = challenge_of(script.script(), "fin", read.first);
        return said;
    }

    // ---- checks 8 to 10

    static result<void> check_field_equations(const linear_relation& relation, const parsed& read,
                                              const group::scalar& eps) {
        for (std::size_t a = 0; a < relation.field.size(); ++a)
            if (!check_field(relation, read.first, read.answer, eps, a))
                return error{errc::bad_proof, "scalar equation", 8}.at("E" + std::to_string(a + 1));
        return {};
    }

    // coefficients += the link's group side times weights[0], and equation a of the final relation times
    // weights[a + 1]; numbers of elements as in validity_elements.
    void fold_equations(const claim& from, std::span<const group::scalar> weights,
                        std::span<group::scalar> coefficients) const {
        const group::scalar link = weights[0];
        if (!link.is_zero()) {
            for (std::size_t i = 0; i < layout_.rows(); ++i)
                coefficients[element_.row(i)] += link * from.said.row_weights[i];
            coefficients[element_.Y()] += link;
            for (std::size_t c = 0; c < layout_.columns(); ++c)
                coefficients[element_.G(c)] -= link * from.read.z_mod_l[c];
            coefficients[element_.H()] -= link * from.read.z_r;
        }
        for (std::size_t a = 0; a < from.relation.group.size(); ++a)
            if (!weights[a + 1].is_zero())
                fold(from.relation, a, from.read.answer, from.said.eps, weights[a + 1], element_.T(a),
                     coefficients);
    }
    // Adds up the nonzero coefficients times their elements.
    class folded_sum {
      public:
        void add(const group::scalar& coefficient, const group::point& element) {
            if (coefficient.is_zero()) return;
            scalars_.push_back(coefficient);
            points_.push_back(element);
        }
        bool vanishes() const { return group::sum_of_products_vartime(scalars_, points_).is_identity(); }

      private:
        std::vector<group::scalar> scalars_;
        std::vector<group::point> points_;
    };

    // All equations of all claims, with secret 128-bit weights; the generators are shared.
    template <class Source>
    bool group_equations_hold(std::span<const claim> claims, Source& rng) const {
        const std::size_t shared = element_.generators();
        folded_sum sum;
        std::vector<group::scalar> generators(shared);
        for (const claim& each : claims) {
            std::vector<group::scalar> weights(each.relation.group.size() + 1);
            for (group::scalar& weight : weights)
                weight = group::scalar::from_little_endian(random::random_bytes<16>(rng));
            std::vector<group::scalar> coefficients(element_.total());
            fold_equations(each, weights, coefficients);
            for (std::size_t at = 0; at < shared; ++at) generators[at] += coefficients[at];
            for (std::size_t at = shared; at < coefficients.size(); ++at)
                sum.add(coefficients[at], each.read.elements[at - shared]);
        }
        for (std::size_t at = 0; at < shared; ++at) sum.add(generators[at], generators_[at]);
        return sum.vanishes();
    }
    // Of a claim whose folded equations failed.
    error first_wrong_equation(const claim& bad) const {
        const std::size_t shared = element_.generators();
        std::vector<group::scalar> weights(bad.relation.group.size() + 1);
        for (std::size_t a = 0; a < weights.size(); ++a) {
            std::fill(weights.begin(), weights.end(), group::scalar::zero());
            weights[a] = group::scalar::one();
            std::vector<group::scalar> coefficients(element_.total());
            fold_equations(bad, weights, coefficients);
            folded_sum sum;
            for (std::size_t at = 0; at < coefficients.size(); ++at)
                sum.add(coefficients[at], at < shared ? generators_[at] : bad.read.elements[at - shared]);
            if (sum.vanishes()) continue;
            if (a == 0) return error{errc::bad_proof, "link of commitments", 9};
            return error{errc::bad_proof, "group equation", 10}.at("equation " + std::to_string(a - 1));
        }
        return error{errc::bad_proof, "group equations", 10};
    }

    // ---- check 11

    result<void> check_ciphertexts(const claim& from) const {
        const auto& ring = key_.arithmetic();
        std::vector<bigint> exponents;
        for (const auto& e : from.said.e) exponents.push_back(to_integer(e));
        const std::vector<bigint> powers = block_powers({&from, 1}, exponents);
        std::vector<std::uint8_t> holds(layout_.blocks());
        parallel_for(layout_.blocks(), [&](std::size_t j) {
            const bigint left = powers[j] * from.read.A[j] % ring.modulus();
            const bigint residue = ring.power_fixed_vartime(residues_, from.read.zeta[j]);
            holds[j] = link_holds(key_, left, residue, packed(from, j)) ? 1 : 0;
        });
        for (std::size_t j = 0; j < holds.size(); ++j)
            if (holds[j] == 0)
                return error{errc::bad_proof, "link of ciphertexts", 11}.at("block " + std::to_string(j));
        return {};
    }
    // 9.4: all claims at once, each to the power of a secret 64-bit weight.
    template <class Source>
    bool merged_ciphertexts_hold(std::span<const claim> claims, Source& rng) const {
        const auto& ring = key_.arithmetic();
        std::vector<bigint> weights, exponents;
        for (const claim& each : claims) {
            weights.push_back(bigint::from_bytes(random::random_bytes<8>(rng)));
            for (const auto& e : each.said.e) exponents.push_back(to_integer(e) * weights.back());
        }
        const std::vector<bigint> powers = block_powers(claims, exponents);
        std::vector<std::uint8_t> holds(layout_.blocks());
        parallel_for(layout_.blocks(), [&](std::size_t j) {
            auto announced = ring.make(claims.size());
            bigint message(0), exponent(0);
            for (std::size_t u = 0; u < claims.size(); ++u) {
                ring.copy(announced, u, claims[u].read.A.residues(), j);
                message += weights[u] * packed(claims[u], j);
                exponent += weights[u] * claims[u].read.zeta[j];
            }
            const bigint left = powers[j] * ring.multi_power_vartime(announced, weights) % ring.modulus();
            const bigint residue = power_vartime(key_.residue_base(), exponent, ring.modulus());
            holds[j] = link_holds(key_, left, residue, message) ? 1 : 0;
        });
        return std::find(holds.begin(), holds.end(), 0) == holds.end();
    }
    // pack(z, j)
    bigint packed(const claim& from, std::size_t j) const {
        const auto own = std::span(from.read.z).subspan(layout_.first_column(j), layout_.block_length(j));
        return encoding::pack_integers_vartime(own, layout_.slot_width());
    }
    // prod_{u,i} c_{u,i,j}^{exponent_{u,i}} for every block j.
    std::vector<bigint> block_powers(std::span<const claim> claims, std::span<const bigint> exponents) const {
        using residues = typename ciphertext_vector::vector;
        std::vector<const residues*> bases;
        for (const claim& each : claims) bases.push_back(&each.read.ciphertexts.residues());
        const auto& ring = key_.arithmetic();
        return ring.leave(
            ring.multi_power_vartime(std::span<const residues* const>(bases), layout_.blocks(), exponents));
    }

    public_key key_;
    encoding::matrix_layout layout_;
    validity_shape shape_;
    validity_elements element_;
    link_windows windows_;
    std::vector<group::point> generators_;
    typename Scheme::engine::table residues_;
};

} // namespace veilsum::zk
