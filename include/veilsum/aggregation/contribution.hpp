// A client's contribution to a round: what it signs, what it sends, and the checks that make it count.
//
//     header    round u64 | client id 32 | row digest 64 | body digest 32 | signature 64
//     record    header | received_at u64                     body of a `contribution` record
//     message   frame(contribution_body, 1) of: header | body
//     body      rows | audit rows | ciphertexts | proof      no separators: all lengths follow from the round
//
// rows and audit rows are K and Ka ristretto255 elements, the ciphertexts Kt J canonical residues, row by
// row, and the proof is the one of the round's suite. The row commitments come first, so they can be had
// without the rest.
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
//    8  row digest                               9  audit row commitments, likewise
//   10  ciphertexts are in range and units      11  the proof decodes, its responses in range, and verifies
// Up to 6 nothing is proved against the client (somebody else may have sent it): such a message is dropped,
// not recorded. From 7 on, and for lateness (4), the signed header together with the body is evidence.
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

#include <utility>
#include <vector>

namespace veilsum::aggregation {

struct contribution_header {
    std::uint64_t round = 0;
    byte_array<32> client{};
    hash::digest64 rows{};
    hash::digest32 body{};
    sign::signature signature{};

    static constexpr std::size_t size = 8 + 32 + 64 + 32 + 64;
    bool operator==(const contribution_header&) const = default;

    void write(wire::writer& out) const {
        out.u64(round);
        out.fixed(client);
        out.fixed(rows);
        out.fixed(body);
        out.fixed(signature);
    }
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
        wire::writer out;
        out.fixed(facts.session());
        out.u64(round);
        out.fixed(client);
        out.fixed(facts.key());
        out.fixed(facts.layout().digest());
        out.fixed(facts.binding());
        out.fixed(rows);
        out.fixed(body);
        return std::move(out).take();
    }
};

// The body of a `contribution` record.
struct contribution_record {
    contribution_header header;
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

// Lengths of the four parts of a body, in bytes; they follow from round and scheme alone.
template <class Scheme>
struct body_shape {
    std::size_t rows;
    std::size_t audit_rows;
    std::size_t ciphertexts;
    std::size_t proof;

    body_shape(const round_facts& round, exponent_policy policy)
        : rows(32 * round.layout().data_rows()), audit_rows(32 * round.layout().audit_rows()),
          ciphertexts(round.layout().ciphertexts() * Scheme::ciphertext_bytes),
          proof(with_policy(policy, [&]<class Policy>(Policy) {
              return zk::plaintext_knowledge<Scheme, Policy>::proof_bytes(round.layout().ciphertexts());
          })) {}

    std::size_t total() const { return rows + audit_rows + ciphertexts + proof; }
};

struct contribution_message {
    contribution_header header;
    bytes body;

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

// A contribution that passed every check: only `check_contribution` makes one.
template <class Scheme>
class verified_contribution {
  public:
    const contribution_header& header() const { return header_; }
    std::uint32_t weight() const { return weight_; }
    const std::vector<pedersen::row_commitment>& rows() const { return rows_; }
    const paillier::ciphertext_vector<Scheme>& ciphertexts() const { return ciphertexts_; }

  private:
    template <class Other>
    friend result<verified_contribution<Other>>
    check_contribution(const ceremony<Other>&, const round_facts&, exponent_policy,
                       const contribution_record&, const body_reader&);
    verified_contribution(contribution_header header, std::uint32_t weight,
                          std::vector<pedersen::row_commitment> rows,
                          paillier::ciphertext_vector<Scheme> ciphertexts)
        : header_(header), weight_(weight), rows_(std::move(rows)), ciphertexts_(std::move(ciphertexts)) {}
    contribution_header header_;
    std::uint32_t weight_;
    std::vector<pedersen::row_commitment> rows_;
    paillier::ciphertext_vector<Scheme> ciphertexts_;
};

constexpr bool is_evidence(std::uint32_t contribution_check) {
    return contribution_check == 4 || (contribution_check >= 7 && contribution_check <= 11);
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
    if (received_at < round.header().opens_at || received_at > round.header().closes_at)
        return error{errc::refused, "contribution outside the opening hours", 4, {}, name_of(*client)};
    return *weight;
}

// What a contribution's proof is bound to: the round's context for this client, and its row commitments. The
// statement of the proof adds key and ciphertexts.
inline transcript::transcript contribution_context(const round_facts& round, const byte_array<32>& client,
                                                   byte_view rows, byte_view audit_rows) {
    transcript::transcript context(contribution_protocol);
    round.context_of(client).absorb_into(context);
    context.absorb("rows", rows);
    context.absorb("aud", audit_rows);
    return context;
}

// All eleven checks, cheap ones first. Cost: check 11 dominates, a multi-exponentiation over all ciphertexts.
template <class Scheme>
result<verified_contribution<Scheme>>
check_contribution(const ceremony<Scheme>& ceremony, const round_facts& round, exponent_policy policy,
                   const contribution_record& record, const body_reader& bodies) {
    const contribution_header& header = record.header;
    const auto weight = check_contribution_header(round, header, record.received_at);
    if (!weight) return weight.error();
    const std::string culprit = "client " + to_hex(header.client);

    const body_shape<Scheme> shape(round, policy);
    auto body = bodies(header.body, shape.total());
    if (!body) return std::move(body).error().in_check(body.error().code == errc::out_of_range ? 5 : 6);
    if (body->size() != shape.total()) return error{errc::malformed, "length of the contribution", 5};
    if (hash::sha256(*body) != header.body)
        return error{errc::mismatch, "digest of the contribution's body", 6};

    const byte_view view(*body);
    const byte_view row_bytes = view.first(shape.rows);
    auto rows = pedersen::parse_rows(row_bytes, round.layout().data_rows());
    if (!rows) return std::move(rows).error().in_check(7).by(culprit);
    if (pedersen::row_digest(*rows) != header.rows)
        return error{errc::mismatch, "row digest", 8, {}, culprit};
    const byte_view audit_bytes = view.subspan(shape.rows, shape.audit_rows);
    auto audit_rows = pedersen::parse_rows(audit_bytes, round.layout().audit_rows());
    if (!audit_rows) return std::move(audit_rows).error().in_check(9).by(culprit);

    const byte_view ciphertext_bytes = view.subspan(shape.rows + shape.audit_rows, shape.ciphertexts);
    auto ciphertexts = paillier::ciphertext_vector<Scheme>::parse(ceremony.key, ciphertext_bytes,
                                                                  round.layout().ciphertexts());
    if (!ciphertexts) return std::move(ciphertexts).error().in_check(10).by(culprit);

    const auto context = contribution_context(round, header.client, row_bytes, audit_bytes);
    const result<void> known = with_policy(policy, [&]<class Policy>(Policy) -> result<void> {
        using knowledge = zk::plaintext_knowledge<Scheme, Policy>;
        const auto statement = knowledge::statement::create(ceremony.key, *ciphertexts);
        if (!statement) return statement.error();
        const auto proof = knowledge::proof::parse(*statement, view.last(shape.proof));
        if (!proof) return proof.error();
        return knowledge::verify(context, *statement, *proof);
    });
    if (!known)
        return error(known.error())
            .at("proof check " + std::to_string(known.error().check))
            .in_check(11)
            .by(culprit);
    return verified_contribution<Scheme>(header, *weight, *std::move(rows), *std::move(ciphertexts));
}

} // namespace veilsum::aggregation
