// A client's contribution to a round: what it signs, what it sends, and the checks that make it count.
//
//     header    round u64 | client id 32 | row digest 64 | body digest 32 | signature 64
//     record    header | received_at u64                     body of a `contribution` record
//     message   frame(contribution_body, 1) of: header | body
//     body      rows | audit rows | ciphertexts | proof      no separators: all lengths follow from the round
//
// Suite 1: rows and audit rows are K and Ka ristretto255 elements, the ciphertexts Kt J canonical residues,
// row by row, and the proof is zk/plaintext_knowledge.hpp's. Suite 2: the body is a validity submission
// (zk/validity_shape.hpp), which begins with the same rows. So row commitments can be had without the rest.
//
// The signature covers session, round, client id, key id, parameters digest, binding, row digest and body
// digest: a contribution cannot be moved to another session, round, key or model, nor given to another
// client.
//
// Checks, by number; a refusal on the record carries the number and everybody can repeat it:
//    1  it is for this round                     2  the client is on the roster
//    3  the signature verifies                   4  it arrived while the round was open
//    5  the body has the length of the round     6  the body has the digest that was signed
//    7  row commitments decode, none is the identity
//    8  row digest
//  suite 1:                                      9  audit row commitments decode
//   10  ciphertexts are in range and units      11  the proof decodes, its responses in range, and verifies
//  suite 2:                                    100 + reason 3 .. 11 of the validity proof
// Up to 6 nothing is proved against the client (somebody else may have sent it): such a message is dropped,
// not recorded. From 7 on, and for lateness (4), the signed header together with the body is evidence. What
// comes before the round opens fails 4 too, but is dropped: the times of a round's records begin with its
// opening.
#pragma once

#include <veilsum/aggregation/body_reader.hpp>
#include <veilsum/aggregation/ceremony.hpp>
#include <veilsum/aggregation/round.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/paillier/ciphertext_vector.hpp>
#include <veilsum/pedersen/row_commitment.hpp>
#include <veilsum/pedersen/row_digest.hpp>
#include <veilsum/wire/frame.hpp>
#include <veilsum/zk/plaintext_knowledge.hpp>
#include <veilsum/zk/validity_shape.hpp>
#include <veilsum/zk/validity_verifier.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::aggregation {

// What a client signs; of fixed length.
struct contribution_header {
    std::uint64_t round = 0;
    byte_array<32> client{};
    hash::digest64 rows{}; // row digest
    hash::digest32 body{}; // digest of the body
    sign::signature signature{};

    static constexpr std::size_t size = 8 + 32 + 64 + 32 + 64; // bytes
    bool operator==(const contribution_header&) const = default;

    // Appends the header's bytes to a message or record.
    void write(wire::writer& out) const {
        out.u64(round);
        out.fixed(client);
        out.fixed(rows);
        out.fixed(body);
        out.fixed(signature);
    }
    // Reads what `write` wrote; the reader holds the error, if any.
    static contribution_header read(wire::reader& in) {
        contribution_header header;
        header.round = in.u64();
        header.client = in.array<32>();
        header.rows = in.array<64>();
        header.body = in.array<32>();
        header.signature = in.array<64>();
        return header;
    }
    bytes signed_message(const round_facts& facts) const {
        return signed_message(facts.session(), facts.key(), facts.layout().digest(), facts.binding());
    }
    bytes signed_message(const hash::digest32& session, const hash::digest32& key,
                         const hash::digest64& parameters, const hash::digest32& binding) const {
        wire::writer out;
        out.fixed(session);
        out.u64(round);
        out.fixed(client);
        out.fixed(key);
        out.fixed(parameters);
        out.fixed(binding);
        out.fixed(rows);
        out.fixed(body);
        return std::move(out).take();
    }
};

// The body of a `contribution` record.
struct contribution_record {
    contribution_header header; // what the client signed
    std::uint64_t received_at = 0;

    bytes serialize() const {
        wire::writer out;
        header.write(out);
        out.u64(received_at);
        return std::move(out).take();
    }
    static result<contribution_record> parse(byte_view body) {
        wire::reader in(body);
        contribution_record made;
        made.header = contribution_header::read(in);
        made.received_at = in.u64();
        if (auto end = in.finish(); !end) return end.error();
        return made;
    }
};

// What a client sends: header and body in a frame.
struct contribution_message {
    contribution_header header; // what the client signed
    bytes body;                 // rows, ciphertexts and proof

    bytes serialize() const {
        wire::writer out;
        header.write(out);
        out.fixed(body);
        return wire::frame(wire::message_type::contribution_body, 1, out.view());
    }
    // `body_bytes` is the length that the round prescribes (check 5).
    static result<contribution_message> parse(byte_view data, std::size_t body_bytes) {
        auto content = wire::unframe(data, wire::message_type::contribution_body, 1,
                                     contribution_header::size + body_bytes);
        if (!content) return content.error();
        if (content->size() != contribution_header::size + body_bytes)
            return error{errc::malformed, "length of the contribution", 5};
        wire::reader in(*content);
        contribution_message message;
        message.header = contribution_header::read(in);
        const byte_view body = in.fixed(body_bytes);
        if (auto end = in.finish(); !end) return end.error();
        message.body.assign(body.begin(), body.end());
        return message;
    }
};

// Check number of a validity proof's reason.
inline constexpr std::uint32_t validity_checks = 100;

// Whether a contribution refused by the check of this number goes on the record: the client's signature then
// proves the fault.
constexpr bool is_evidence(std::uint32_t contribution_check) {
    return contribution_check == 4 || (contribution_check >= 7 && contribution_check <= 11) ||
           (contribution_check >= validity_checks + 3 && contribution_check <= validity_checks + 11);
}

// Checks 1 to 4: who sent it and when. Returns the client's weight.
inline result<std::uint32_t> check_contribution_header(const round_facts& round,
                                                       const contribution_header& header,
                                                       std::uint64_t received_at) {
    if (header.round != round.header().round)
        return error{errc::wrong_context, "round of the contribution", 1};
    const auto client = client_id::parse(header.client);
    if (!client) return error{errc::malformed, "client id", 2};
    const auto weight = round.members().weight_of(*client);
    if (!weight) return error{errc::refused, "client is not on the roster", 2, {}, name_of(*client)};
    if (!client->verify(contribution_label, header.signed_message(round), header.signature))
        return error{errc::bad_signature, "signature of the contribution", 3};
    if (received_at < round.header().opens_at)
        return error{errc::refused, "contribution before the round opens", 4};
    if (received_at > round.header().closes_at)
        return error{errc::refused, "contribution after the round closes", 4, {}, name_of(*client)};
    return *weight;
}

// What the proof of suite 1 is bound to: the round's context for this client, and its row commitments. The
// statement of the proof adds key and ciphertexts.
inline transcript::transcript contribution_context(const round_facts& round, const byte_array<32>& client,
                                                   byte_view rows, byte_view audit_rows) {
    transcript::transcript context(contribution_protocol);
    round.context_of(client).absorb_into(context);
    context.absorb("rows", rows);
    context.absorb("aud", audit_rows);
    return context;
}

// Lengths of the four parts of a body of suite 1, in bytes; they follow from round and scheme alone.
template <class Scheme>
struct body_shape {
    std::size_t rows;        // bytes
    std::size_t audit_rows;  // bytes, as are all four
    std::size_t ciphertexts; // bytes
    std::size_t proof;       // bytes

    body_shape(const round_facts& round, exponent_policy policy)
        : rows(32 * round.layout().data_rows()), audit_rows(32 * round.layout().audit_rows()),
          ciphertexts(round.layout().ciphertexts() * Scheme::ciphertext_bytes),
          proof(with_policy(policy, [&]<class Policy>(Policy) {
              return zk::plaintext_knowledge<Scheme, Policy>::proof_bytes(round.layout().ciphertexts());
          })) {}

    std::size_t total() const { return rows + audit_rows + ciphertexts + proof; } // bytes of a body
};

// Bytes of a body in this round.
template <class Scheme>
std::size_t body_bytes(const round_facts& round, exponent_policy policy) {
    if (round.header().suite == proof_suite::validity) return zk::validity_shape(round.layout()).total();
    return body_shape<Scheme>(round, policy).total();
}

template <class Scheme>
class contribution_checker;

// A contribution that passed every check: only `contribution_checker` makes one.
template <class Scheme>
class verified_contribution {
  public:
    const contribution_header& header() const { return header_; } // what the client signed
    std::uint32_t weight() const { return weight_; }
    // Commitments to the rows of values.
    const std::vector<pedersen::row_commitment>& rows() const { return rows_; }
    // Kt J of them, row by row.
    const paillier::ciphertext_vector<Scheme>& ciphertexts() const { return ciphertexts_; }

  private:
    friend contribution_checker<Scheme>;
    verified_contribution(contribution_header header, std::uint32_t weight,
                          std::vector<pedersen::row_commitment> rows,
                          paillier::ciphertext_vector<Scheme> ciphertexts)
        : header_(header), weight_(weight), rows_(std::move(rows)), ciphertexts_(std::move(ciphertexts)) {}
    contribution_header header_;
    std::uint32_t weight_;
    std::vector<pedersen::row_commitment> rows_;
    paillier::ciphertext_vector<Scheme> ciphertexts_;
};

// Checks the contributions of a round. Made once a round: for suite 2 it holds tables of the key and the
// generators, which a later round of the same layout takes over. Copies share them.
template <class Scheme>
class contribution_checker {
  public:
    contribution_checker(const paillier::public_key<Scheme>& key, const round_facts& round,
                         exponent_policy policy, const contribution_checker* previous = nullptr)
        : key_(key), policy_(policy) {
        if constexpr (Scheme::degree == 1) {
            if (round.header().suite != proof_suite::validity) return;
            if (previous != nullptr && previous->validity_ && previous->validity_->layout() == round.layout())
                validity_ = previous->validity_;
            else
                validity_ = std::make_shared<const zk::validity_verifier<Scheme>>(key, round.layout());
        }
    }

    // All checks, cheap ones first. `rng` gives the verifier's secret weights. Cost: the powers of the
    // ciphertexts dominate, check 11 of either suite.
    template <random::random_source Source>
    result<verified_contribution<Scheme>> check(const round_facts& round, const contribution_record& record,
                                                const body_reader& bodies, Source& rng) const {
        const contribution_header& header = record.header;
        const auto weight = check_contribution_header(round, header, record.received_at);
        if (!weight) return weight.error();
        const std::string culprit = "client " + to_hex(header.client);

        const std::size_t total = body_bytes<Scheme>(round, policy_);
        auto body = bodies(header.body, total);
        if (!body) return error(body.error()).in_check(body.error().code == errc::out_of_range ? 5 : 6);
        if (body->size() != total) return error{errc::malformed, "length of the contribution", 5};
        if (hash::sha256(*body) != header.body)
            return error{errc::mismatch, "digest of the contribution's body", 6};

        auto rows = pedersen::parse_rows(byte_view(*body).first(32 * round.layout().data_rows()),
                                         round.layout().data_rows());
        if (!rows) return std::move(rows).error().in_check(7).by(culprit);
        if (pedersen::row_digest(*rows) != header.rows)
            return error{errc::mismatch, "row digest", 8, {}, culprit};
        auto ciphertexts = round.header().suite == proof_suite::validity
                               ? check_validity(round, header, *body, rng)
                               : check_knowledge(round, header, *body);
        if (!ciphertexts) return std::move(ciphertexts).error().by(culprit);
        return verified_contribution<Scheme>(header, *weight, *std::move(rows), *std::move(ciphertexts));
    }

  private:
    using ciphertext_vector = paillier::ciphertext_vector<Scheme>;

    template <class Source>
    result<ciphertext_vector> check_validity(const round_facts& round, const contribution_header& header,
                                             byte_view body, Source& rng) const {
        if constexpr (Scheme::degree == 1) {
            auto checked = validity_->verify(round.context_of(header.client), body, rng);
            if (!checked) return error(checked.error()).in_check(validity_checks + checked.error().check);
            return (*checked)->ciphertexts;
        } else {
            return error{errc::unsupported, "degree for this proof suite"};
        }
    }
    result<ciphertext_vector> check_knowledge(const round_facts& round, const contribution_header& header,
                                              byte_view body) const {
        const body_shape<Scheme> shape(round, policy_);
        const byte_view row_bytes = body.first(shape.rows);
        const byte_view audit_bytes = body.subspan(shape.rows, shape.audit_rows);
        auto audit_rows = pedersen::parse_rows(audit_bytes, round.layout().audit_rows());
        if (!audit_rows) return std::move(audit_rows).error().in_check(9);
        const byte_view ciphertext_bytes = body.subspan(shape.rows + shape.audit_rows, shape.ciphertexts);
        auto ciphertexts = ciphertext_vector::parse(key_, ciphertext_bytes, round.layout().ciphertexts());
        if (!ciphertexts) return std::move(ciphertexts).error().in_check(10);

        const auto context = contribution_context(round, header.client, row_bytes, audit_bytes);
        const result<void> known = with_policy(policy_, [&]<class Policy>(Policy) -> result<void> {
            using knowledge = zk::plaintext_knowledge<Scheme, Policy>;
            const auto statement = knowledge::statement::create(key_, *ciphertexts);
            if (!statement) return statement.error();
            const auto proof = knowledge::proof::parse(*statement, body.last(shape.proof));
            if (!proof) return proof.error();
            return knowledge::verify(context, *statement, *proof);
        });
        if (!known)
            return error(known.error()).at("proof check " + std::to_string(known.error().check)).in_check(11);
        return ciphertexts;
    }

    paillier::public_key<Scheme> key_;
    exponent_policy policy_;
    std::shared_ptr<const zk::validity_verifier<Scheme>> validity_; // suite 2 only
};

} // namespace veilsum::aggregation
