// The client: encrypts one update a round, proves what the round asks for, signs, and keeps the receipt.
//
//     client --enrol(weight, serial)--> message
//     client --contribute(round, update)--> pending_contribution --confirm(receipt)--> done
//     restarted client --sent(round)--> the same pending_contribution, if there was one
//
// The message of a round is in the client's outbox before `contribute` returns it, so that a client which is
// stopped at any moment sends the same bytes again, or nothing yet: it never makes two. Its durable state is
// the outbox and its signing key; receipts can be had again (aggregator.hpp).
//
//     auto pending = client.sent(round);                      after a restart
//     if (!pending && pending.error().code == errc::missing) pending = client.contribute(round, update, rng);
//     send(pending->message().serialize()); ...
//
// A malicious client can contribute any vector within the bounds of the round (proof suite 2), or any whose
// ciphertexts it knows the plaintexts of (proof suite 1), or nothing. It cannot contribute as somebody else,
// twice, or with another client's ciphertexts. A client
// relies on nobody: it checks the key, the ceremony and the round's parameters before it encrypts
// (`open_session`, `check_round`), and the receipt, which proves to everybody that the aggregator took the
// contribution.
#pragma once

#include <veilsum/aggregation/contribution.hpp>
#include <veilsum/aggregation/enrolment.hpp>
#include <veilsum/aggregation/outbox.hpp>
#include <veilsum/aggregation/session_facts.hpp>
#include <veilsum/audit/receipt.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/encoding/fixed_point.hpp>
#include <veilsum/encoding/row_matrix.hpp>
#include <veilsum/encoding/row_packing.hpp>
#include <veilsum/paillier/encryptor.hpp>
#include <veilsum/pedersen/audit_weights.hpp>
#include <veilsum/pedersen/row_commitment.hpp>
#include <veilsum/sign/signing_key.hpp>
#include <veilsum/zk/plaintext_knowledge.hpp>
#include <veilsum/zk/validity_prover.hpp>

#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace veilsum::aggregation {

// An enrolment of `identity` with this weight and serial, signed under enrolment_label.
inline enrolment sign_enrolment(const sign::signing_key& identity, const hash::digest32& session,
                                std::uint32_t weight, std::uint64_t serial) {
    enrolment made{identity.verifying().bytes(), weight, serial, {}};
    made.signature = identity.sign(enrolment_label, made.signed_message(session));
    return made;
}

// A sent contribution that waits for its receipt.
class pending_contribution {
  public:
    pending_contribution(contribution_message message, std::string origin, sign::verifying_key aggregator)
        : message_(std::move(message)), origin_(std::move(origin)), aggregator_(std::move(aggregator)) {}

    // What to send, and to send again while there is no receipt.
    const contribution_message& message() const { return message_; }

    // The receipt must show, under the aggregator's signature, a record with exactly this contribution.
    // Checks 1 to 3 are audit::receipt's; 4: the record is this contribution.
    result<void> confirm(const audit::receipt& receipt) const {
        auto contents = receipt.verify(origin_, aggregator_);
        if (!contents) return contents.error();
        if (contents->entry.type != static_cast<std::uint16_t>(record_type::contribution))
            return error{errc::mismatch, "type of the record in the receipt", 4};
        auto record = contribution_record::parse(contents->entry.body);
        if (!record) return std::move(record).error().in_check(4);
        if (!(record->header == message_.header))
            return error{errc::mismatch, "contribution in the receipt", 4};
        return {};
    }

  private:
    contribution_message message_;
    std::string origin_;
    sign::verifying_key aggregator_;
};

// `Policy` is the session's exponent policy. The encryptor holds the fixed-base table, some megabytes that
// clients of one process can share. The outbox is where this identity keeps what it sends: `file_outbox`, or
// `memory_outbox` for a client that does not outlive its process (outbox.hpp).
template <class Scheme, outbox Outbox, class Policy = paillier::short_exponent>
class client {
  public:
    // Fixed-base encryption under the session's key.
    using encryptor = paillier::encryptor<Scheme, Policy>;

    // The encryptor must be for the session's key now (errc::wrong_key) and policy (errc::bad_parameter).
    static result<client> join(const session_facts<Scheme>& session, std::shared_ptr<const encryptor> shared,
                               sign::signing_key&& identity, Outbox&& sent) {
        if (shared->key().id() != session.header.key) return error{errc::wrong_key, "key of the encryptor"};
        if (exponent_bits<Scheme>(session.header.policy) != Policy::template bits<Scheme::modulus_bits>)
            return error{errc::bad_parameter, "exponent policy of the session"};
        auto aggregator = sign::verifying_key::parse(session.header.aggregator);
        if (!aggregator) return aggregator.error();
        return client(std::move(shared), std::move(identity), std::move(sent), session, *aggregator);
    }

    const client_id& id() const { return identity_.verifying(); } // its Ed25519 public key

    // The message that puts this client into the pool with this weight, changes its weight, or (0) takes it
    // out. `serial` is what the record says is next: `standing().pool().next_serial(id())` of its fold. The
    // same arguments give the same bytes.
    bytes enrol(std::uint32_t weight, std::uint64_t serial) const {
        return sign_enrolment(identity_, session_, weight, serial).message();
    }

    // What was made for this round, to be sent again: by this object or, with a durable outbox, by an earlier
    // process. errc::missing when nothing was; errc::wrong_context when what was made does not fit the round
    // as it is shown now, which then was opened twice (culprit: the aggregator); errc::wrong_key when the
    // outbox is another client's. Also errc::missing when the outbox knows the round and no longer has its
    // message: `contribute` then refuses.
    result<pending_contribution> sent(const round_facts& round) const {
        if (auto ours = belongs(round); !ours) return ours.error();
        const std::size_t body = body_bytes<Scheme>(round, policy_);
        const auto kept = outbox_.message(session_, round.header().round,
                                          wire::frame_header_bytes + contribution_header::size + body);
        if (!kept) return kept.error();
        auto message = contribution_message::parse(*kept, body);
        if (!message) return message.error();
        const contribution_header& header = message->header;
        if (header.client != id().bytes()) return error{errc::wrong_key, "client of the kept contribution"};
        if (!id().verify(contribution_label, header.signed_message(round), header.signature))
            return error{errc::wrong_context, "round of the kept contribution", 0, {}, name_of_aggregator()};
        return pending_contribution(*std::move(message), origin_, aggregator_);
    }

    // Clips and quantises `update` (d values), adds this client's share of the round's noise if the session
    // has a privacy budget, lays it out in rows, commits, encrypts, proves, signs, and keeps the message in
    // the outbox. Errors: NaN, infinity or a value out of range (place "value j"); a norm above the round's
    // bound; a client that is not on the roster; a second contribution to a round (errc::refused), also when
    // only the outbox knows of the first; an outbox that fails, after which nothing may be sent; noise that
    // does not fit (errc::overflow, probability 2^-tail_bits): the client then sits the round out and does
    // not call again, which would be choosing noise by its size. Cost: K J encryptions, and with suite 2 a
    // proof; the first round of a layout makes tables, some 3 ms and a megabyte for a thousand columns.
    template <random::random_source Source>
    result<pending_contribution> contribute(const round_facts& round, std::span<const float> update,
                                            Source& rng) {
        const encoding::matrix_layout& layout = round.layout();
        if (update.size() != layout.values()) return error{errc::mismatch, "number of values in the update"};
        if (auto ours = belongs(round); !ours) return ours.error();
        if (!round.members().weight_of(id()))
            return error{errc::refused, "client is not on the roster", 0, {}, name_of(id())};
        if (const auto last = outbox_.last(session_); last && round.header().round <= *last)
            return error{errc::refused, "second contribution to a round"};
        auto quantised = encoding::quantise(update, round.header().format);
        if (!quantised) return quantised.error();
        secret<std::vector<std::int32_t>> values(std::move(*quantised));
        if (round.noise()) {
            auto noised = round.noise()->add_noise(values.expose(), round.layout().value_bits(), rng);
            if (!noised) return noised.error();
            values = *std::move(noised);
        }
        auto body = round.header().suite == proof_suite::validity ? valid_body(round, values.expose(), rng)
                                                                  : known_body(round, values.expose(), rng);
        if (!body) return body.error();
        return send(round, *std::move(body));
    }

  private:
    result<void> belongs(const round_facts& round) const {
        if (round.session() != session_) return error{errc::wrong_context, "session of the round"};
        if (round.key() != encryptor_->key().id()) return error{errc::wrong_key, "key of the round"};
        return {};
    }

    // spec: aggregation, contributions
    result<pending_contribution> send(const round_facts& round, bytes&& body) {
        const std::size_t data_rows = round.layout().data_rows();
        contribution_message message;
        message.body = std::move(body);
        message.header.round = round.header().round;
        message.header.client = id().bytes();
        message.header.rows = pedersen::row_digest(byte_view(message.body).first(32 * data_rows));
        message.header.body = hash::sha256(message.body);
        message.header.signature = identity_.sign(contribution_label, message.header.signed_message(round));
        if (auto kept = outbox_.keep(session_, message.header.round, message.serialize()); !kept)
            return kept.error();
        return pending_contribution(std::move(message), origin_, aggregator_);
    }

    // Suite 2: one validity submission.
    template <class Source>
    result<bytes> valid_body(const round_facts& round, std::span<const std::int32_t> values, Source& rng) {
        if constexpr (Scheme::degree == 1) {
            if (!prover_ || !(prover_->layout() == round.layout()))
                prover_ =
                    std::make_shared<const zk::validity_prover<Scheme, Policy>>(encryptor_, round.layout());
            return prover_->prove(round.context_of(id().bytes()), values, rng);
        } else {
            return error{errc::unsupported, "degree for this proof suite"};
        }
    }

    // Suite 1: rows, ciphertexts, and the proof that their plaintexts are known.
    template <class Source>
    result<bytes> known_body(const round_facts& round, std::span<const std::int32_t> values,
                             Source& rng) const {
        const encoding::matrix_layout& layout = round.layout();
        auto rows = encoding::lay_out(layout, values, rng);
        if (!rows) return rows.error();
        const secret<std::vector<group::scalar>> blindings = pedersen::row_blindings(layout, *rows);
        const pedersen::generators generators(layout.columns());
        const std::vector<pedersen::row_commitment> commitments =
            pedersen::commit_rows(generators, *rows, blindings, layout.value_bits());

        auto blocks = encoding::pack_rows(layout, *rows);
        if (!blocks) return blocks.error();
        const paillier::plaintext_vector plaintexts(std::move(*blocks));
        auto encrypted = encryptor_->encrypt(plaintexts, rng);
        if (!encrypted) return encrypted.error();

        bytes body;
        for (const pedersen::row_commitment& row : commitments) {
            const auto encoded = row.bytes();
            body.insert(body.end(), encoded.begin(), encoded.end());
        }
        const std::size_t data_rows = 32 * layout.data_rows();
        using knowledge = zk::plaintext_knowledge<Scheme, Policy>;
        const auto context = contribution_context(round, id().bytes(), byte_view(body).first(data_rows),
                                                  byte_view(body).subspan(data_rows));
        const auto statement = knowledge::statement::create(encryptor_->key(), encrypted->ciphertexts);
        if (!statement) return statement.error();
        const auto proof =
            knowledge::prove(context, *statement, {*encryptor_, plaintexts, encrypted->exponents}, rng);
        if (!proof) return proof.error();
        const bytes ciphertexts = encrypted->ciphertexts.serialize();
        body.insert(body.end(), ciphertexts.begin(), ciphertexts.end());
        const bytes proof_bytes = proof->serialize(*statement);
        body.insert(body.end(), proof_bytes.begin(), proof_bytes.end());
        return body;
    }

    client(std::shared_ptr<const encryptor> shared, sign::signing_key&& identity, Outbox&& sent,
           const session_facts<Scheme>& session, sign::verifying_key aggregator)
        : encryptor_(std::move(shared)), identity_(std::move(identity)), outbox_(std::move(sent)),
          session_(session.id), policy_(session.header.policy), origin_(session.header.origin),
          aggregator_(std::move(aggregator)) {}
    std::shared_ptr<const encryptor> encryptor_;
    std::shared_ptr<const zk::validity_prover<Scheme, Policy>> prover_; // of the last round's layout, suite 2
    sign::signing_key identity_;
    Outbox outbox_;
    hash::digest32 session_;
    exponent_policy policy_;
    std::string origin_;
    sign::verifying_key aggregator_;
};

} // namespace veilsum::aggregation
