// The aggregator: keeps the record, adds ciphertexts, and can do nothing else.
//
//     idle_session --open_round--> collecting_round --close--> opening_round --finish--> idle_session ...
//      | enrol, remove, rotate              |                        \--abandon--> idle_session
//      \--end--> store                      \-- fewer than the minimum cohort --> idle_session
//
// A malicious aggregator can refuse service. It sees ciphertexts and commitments only; what it appends is
// checked by every trustee before decryption and by every auditor afterwards (session_state.hpp).
//
// Each step consumes its state when it succeeds. When it fails, the state is untouched and can be used again;
// the one exception is a store that fails to write (errc::io), after which the session must be resumed from
// its log (resume.hpp), as after a crash. A refused message leaves state and record as they were, unless the
// refusal itself is evidence and is recorded.
//
// A message whose record is on the log already, byte for byte, is answered again as it was the first time, a
// contribution with the same receipt: senders that did not get an answer send again, whoever was stopped.
#pragma once

#include <veilsum/aggregation/contribution.hpp>
#include <veilsum/aggregation/enrolment.hpp>
#include <veilsum/aggregation/key_rotated.hpp>
#include <veilsum/aggregation/partial_message.hpp>
#include <veilsum/aggregation/refusal.hpp>
#include <veilsum/aggregation/round_abandoned.hpp>
#include <veilsum/aggregation/session_state.hpp>
#include <veilsum/audit/checkpoint_signing.hpp>
#include <veilsum/audit/log_store.hpp>
#include <veilsum/audit/receipt.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/privacy/accountant.hpp>
#include <veilsum/sign/signing_key.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace veilsum::aggregation {

template <class Scheme, audit::log_store Store>
class collecting_round;
template <class Scheme, audit::log_store Store>
class opening_round;

namespace detail {

// What the states hand on: the record, its fold, and the key that signs checkpoints.
template <class Scheme, audit::log_store Store>
struct session_writer {
    Store store;
    session_state<Scheme> state;
    sign::signing_key key;

    audit::record candidate(record_type type, bytes body) const {
        return {static_cast<std::uint16_t>(type), record_version, store.size(), store.head(),
                std::move(body)};
    }
    // A checkpoint after every record: whoever holds one notices a log that is cut or rewritten later.
    result<void> sign_tip() {
        const audit::checkpoint tip{state.facts().header.origin, store.size(), store.root()};
        return store.write_checkpoint(audit::sign_checkpoint(tip, tip.origin, key));
    }
    // Of a record of this log, under the checkpoint that was signed after it: the same bytes at any time.
    result<audit::receipt> receipt_of(std::uint64_t index) const {
        const audit::checkpoint then{state.facts().header.origin, index + 1, store.tree().root(index + 1)};
        return audit::issue_receipt(store, index, audit::sign_checkpoint(then, then.origin, key));
    }
    result<audit::receipt> receipt_of(const byte_array<32>& client) const {
        const auto index = state.accepted_record(client);
        if (!index) return error{errc::missing, "contribution of this client"};
        return receipt_of(*index);
    }
    // Write and sign; the caller has checked the record.
    result<void> append(const audit::record& next) {
        auto written = store.append(next.type, next.version, next.body);
        if (!written) return written.error();
        expects(*written == next);
        return sign_tip();
    }
    // Check, write, then fold.
    template <random::random_source Source>
    result<void> commit(record_type type, bytes body, Source& rng) {
        const audit::record next = candidate(type, std::move(body));
        auto happened = state.check(next, bodies_of(store), rng);
        if (!happened) return happened.error();
        if (auto written = append(next); !written) return written;
        state.store(next, *std::move(happened));
        return {};
    }
};

template <class Scheme, audit::log_store Store>
using writer_handle = std::unique_ptr<session_writer<Scheme, Store>>;

template <class Scheme, audit::log_store Store>
struct session_resumer; // resume.hpp

} // namespace detail

// Between rounds.
template <class Scheme, audit::log_store Store>
class idle_session {
    using writer = detail::session_writer<Scheme, Store>;

  public:
    // Writes the ceremony and the first record, with a fresh nonce, into an empty store. Refuses a store that
    // holds records (errc::duplicate), an origin that a checkpoint cannot carry (errc::bad_parameter), and a
    // ceremony that `open_session` refuses.
    template <random::random_source Source>
    static result<idle_session> open(Store&& store, const ceremony<Scheme>& ceremony, exponent_policy policy,
                                     std::string origin, sign::signing_key&& key, Source& rng) {
        if (store.size() != 0) return error{errc::duplicate, "a session in this store"};
        if (!session_header::is_valid_origin(origin)) return error{errc::bad_parameter, "checkpoint origin"};
        auto body = store.put_body(ceremony.serialize());
        if (!body) return body.error();
        session_header header;
        header.nonce = random::random_bytes<32>(rng);
        header.modulus_bits = static_cast<std::uint32_t>(Scheme::modulus_bits);
        header.degree = static_cast<std::uint16_t>(Scheme::degree);
        header.policy = policy;
        header.ceremony = *body;
        header.key = ceremony.key.id();
        header.aggregator = key.verifying().bytes();
        header.origin = std::move(origin);
        const audit::record first{static_cast<std::uint16_t>(record_type::session_opened), record_version, 0,
                                  store.head(), header.serialize()};
        auto state = session_state<Scheme>::open(first, bodies_of(store));
        if (!state) return state.error();
        if (auto written = store.append(first.type, first.version, first.body); !written)
            return written.error();
        auto made = std::make_unique<writer>(writer{std::move(store), *std::move(state), std::move(key)});
        if (auto signed_tip = made->sign_tip(); !signed_tip) return signed_tip.error();
        return idle_session(std::move(made));
    }

    const session_state<Scheme>& state() const { return writer_->state; }
    // Where record and bodies lie.
    const Store& store() const { return writer_->store; }

    // A client's enrolment message. The receipt is for its record; the last message of a client again gives
    // the same one. Errors: client_pool.hpp.
    template <random::random_source Source>
    result<audit::receipt> enrol(byte_view message, Source& rng) {
        const auto wanted = enrolment::parse_message(message);
        if (!wanted) return wanted.error();
        const client_pool& pool = writer_->state.standing().pool();
        const auto client = client_id::parse(wanted->client);
        if (!client) return client.error();
        if (const auto last = pool.last_enrolment(*client);
            last && wanted->serial + 1 == pool.next_serial(*client)) {
            const auto record = writer_->store.read(*last);
            if (!record) return record.error();
            if (record->body == wanted->serialize()) return writer_->receipt_of(*last);
        }
        const std::uint64_t sequence = writer_->store.size();
        if (auto done = writer_->commit(record_type::enrolment, wanted->serialize(), rng); !done)
            return done.error();
        return writer_->receipt_of(sequence);
    }
    // Takes a client out of the pool, on the record. errc::missing: it is not there.
    template <random::random_source Source>
    result<void> remove(const client_id& client, Source& rng) {
        return writer_->commit(record_type::removal, removal{client.bytes()}.serialize(), rng);
    }
    // Goes over to another ceremony with the approvals of a quorum of the trustees (`trustee::approve`), all
    // given for the log as it is now. Errors: key_rotated.hpp, session_facts.hpp.
    template <random::random_source Source>
    result<void> rotate(const ceremony<Scheme>& next, std::vector<rotation_approval> approvals, Source& rng) {
        std::sort(approvals.begin(), approvals.end(),
                  [](const auto& a, const auto& b) { return a.trustee < b.trustee; });
        auto body = writer_->store.put_body(next.serialize());
        if (!body) return body.error();
        const key_rotated change{*body, next.key.id(), std::move(approvals)};
        return writer_->commit(record_type::key_rotated, change.serialize(), rng);
    }

    // Pre-flight and `round_opened`. `header` says encoding, layout, suite, cohort, times, model number and
    // how many clients to draw; round number, key, roster and digests are filled in here. `start` is what the
    // model number has now, or begins with. `ledger` is the session's budget with this round booked
    // (`state().standing().budget()`, or a new one before the first round); empty without one.
    // Roster, model and ledger are written as bodies.
    template <random::random_source Source>
    result<collecting_round<Scheme, Store>>
    open_round(round_header header, const model& start, std::uint64_t now, Source& rng,
               const std::optional<privacy::accountant>& ledger = std::nullopt) && {
        if (now >= header.closes_at) return error{errc::bad_parameter, "closing time is in the past", 10};
        const session_register<Scheme>& standing = writer_->state.standing();
        const auto members = standing.roster_of_next(header.drawn);
        if (!members) return error(members.error()).in_check(7);
        std::vector<bytes> made = {members->serialize(), start.serialize()};
        if (ledger) made.push_back(ledger->encode());
        header.roster = hash::sha256(made[0]);
        header.model = hash::sha256(made[1]);
        header.ledger = ledger ? hash::sha256(made[2]) : hash::digest32{};
        header.round = standing.next_round();
        header.key = standing.facts().header.key;
        body_reader bodies = bodies_of(writer_->store);
        for (const bytes& body : made) bodies = with_body(hash::sha256(body), body, std::move(bodies));
        const audit::record next = writer_->candidate(record_type::round_opened, header.serialize());
        auto happened = writer_->state.check(next, bodies, rng);
        if (!happened) return happened.error();
        for (const bytes& body : made)
            if (auto put = writer_->store.put_body(body); !put) return put.error();
        if (auto written = writer_->append(next); !written) return written.error();
        writer_->state.store(next, *std::move(happened));
        return collecting_round<Scheme, Store>(std::move(writer_));
    }

    // Writes the closing record with the digests of exported files and gives the store back.
    template <random::random_source Source>
    result<Store> end(const session_end& last, Source& rng) && {
        if (auto done = writer_->commit(record_type::session_closed, last.serialize(), rng); !done)
            return done.error();
        return std::move(writer_->store);
    }

  private:
    friend class collecting_round<Scheme, Store>;
    friend class opening_round<Scheme, Store>;
    friend struct detail::session_resumer<Scheme, Store>;
    explicit idle_session(detail::writer_handle<Scheme, Store> handle) : writer_(std::move(handle)) {}
    detail::writer_handle<Scheme, Store> writer_;
};

// A round that accepts contributions.
template <class Scheme, audit::log_store Store>
class collecting_round {
  public:
    const session_state<Scheme>& state() const { return writer_->state; }
    // Where record and bodies lie.
    const Store& store() const { return writer_->store; }

    // One contribution message. Returns the receipt, or why it is refused (contribution.hpp, by number; 12:
    // equivocation). Refusals that are evidence are on the record when this returns. A first message before
    // the round's opening time is refused and not recorded: it can come again. The same message again gives
    // the same receipt, at any time of the round.
    template <random::random_source Source>
    result<audit::receipt> receive(byte_view message_bytes, std::uint64_t now, Source& rng) {
        const round_facts& round = writer_->state.round();
        const std::size_t length = body_bytes<Scheme>(round, writer_->state.facts().header.policy);
        auto message = contribution_message::parse(message_bytes, length);
        if (!message) return message.error();
        const contribution_header& header = message->header;
        const contribution_header* earlier = writer_->state.accepted_header(header.client);
        if (earlier == nullptr && now < round.header().opens_at)
            return check_contribution_header(round, header, now).error();
        now = std::max(now, writer_->state.clock());
        if (earlier != nullptr) {
            if (header == *earlier && hash::sha256(message->body) == header.body)
                return writer_->receipt_of(header.client);
            return receive_second(*earlier, header, now, rng);
        }

        const audit::record next =
            writer_->candidate(record_type::contribution, contribution_record{header, now}.serialize());
        auto happened =
            writer_->state.check(next, with_body(header.body, message->body, bodies_of(writer_->store)), rng);
        if (!happened) {
            if (!is_evidence(happened.error().check) || writer_->state.has_refused(header.client))
                return happened.error();
            const auto reason = static_cast<std::uint16_t>(happened.error().check);
            if (reason >= 7) // for lateness the signed header is enough, and this body may be anybody's
                if (auto put = writer_->store.put_body(message->body); !put) return put.error();
            if (auto recorded =
                    writer_->commit(record_type::refusal, refusal{header, now, reason}.serialize(), rng);
                !recorded)
                return recorded.error();
            return happened.error();
        }
        if (auto put = writer_->store.put_body(message->body); !put) return put.error();
        if (auto written = writer_->append(next); !written) return written.error();
        writer_->state.store(next, *std::move(happened));
        return writer_->receipt_of(next.sequence);
    }
    // Of a client that is counted so far (errc::missing else). Receipts are public.
    result<audit::receipt> receipt_of(const byte_array<32>& client) const {
        return writer_->receipt_of(client);
    }

    // What closing the round leads to: `opening` when the cohort is large enough, else `idle`.
    struct closed {
        std::optional<opening_round<Scheme, Store>> opening;
        std::optional<idle_session<Scheme, Store>> idle;
    };
    // Refused while clients are silent and the closing time is not over.
    template <random::random_source Source>
    result<closed> close(std::uint64_t now, Source& rng) && {
        const round_closed closing = writer_->state.closing(std::max(now, writer_->state.clock()));
        if (closing.outcome == round_outcome::open_for_decryption)
            if (auto put = writer_->store.put_body(writer_->state.aggregate().serialize()); !put)
                return put.error();
        if (auto done = writer_->commit(record_type::round_closed, closing.serialize(), rng); !done)
            return done.error();
        closed next;
        if (writer_->state.phase() == session_phase::opening)
            next.opening = opening_round<Scheme, Store>(std::move(writer_));
        else
            next.idle = idle_session<Scheme, Store>(std::move(writer_));
        return next;
    }

  private:
    friend class idle_session<Scheme, Store>;
    friend struct detail::session_resumer<Scheme, Store>;
    explicit collecting_round(detail::writer_handle<Scheme, Store> handle) : writer_(std::move(handle)) {}

    template <random::random_source Source>
    result<audit::receipt> receive_second(const contribution_header& earlier,
                                          const contribution_header& header, std::uint64_t now, Source& rng) {
        if (earlier.rows == header.rows && earlier.body == header.body) // signed otherwise, by anybody
            return error{errc::duplicate, "the same contribution again"};
        const auto authentic = check_contribution_header(writer_->state.round(), header, now);
        if (!authentic && authentic.error().check != 4) return authentic.error();
        if (auto recorded =
                writer_->commit(record_type::refusal, refusal{header, now, equivocation}.serialize(), rng);
            !recorded)
            return recorded.error();
        return error{errc::duplicate,
                     "two different contributions of one client",
                     equivocation,
                     {},
                     "client " + to_hex(header.client)};
    }

    detail::writer_handle<Scheme, Store> writer_;
};

// A closed round that waits for partial decryptions.
template <class Scheme, audit::log_store Store>
class opening_round {
  public:
    const session_state<Scheme>& state() const { return writer_->state; }
    // Where record and bodies lie.
    const Store& store() const { return writer_->store; }
    // Whether enough right partial decryptions are on the record to combine.
    bool has_quorum() const {
        return writer_->state.verified_partials() >= writer_->state.ceremony().structure().quorum();
    }

    // For clients of this round whose receipt did not reach them before it was closed.
    result<audit::receipt> receipt_of(const byte_array<32>& client) const {
        return writer_->receipt_of(client);
    }

    // A trustee's message, one a round; a wrong one is recorded with its culprit (partial_message.hpp, from
    // check 5 on). The same good message again is a success that changes nothing.
    template <random::random_source Source>
    result<void> receive(byte_view message_bytes, Source& rng) {
        const std::size_t length =
            partial_body_bytes(writer_->state.ceremony(), writer_->state.aggregate().size());
        auto message = partial_message::parse(message_bytes, length);
        if (!message) return message.error();
        if (const partial_header* earlier = writer_->state.valid_answer(message->header.trustee);
            earlier != nullptr && *earlier == message->header &&
            hash::sha256(message->body) == message->header.body)
            return {};
        const bytes header = message->header.serialize();
        const audit::record next = writer_->candidate(record_type::partial, header);
        auto happened = writer_->state.check(
            next, with_body(message->header.body, message->body, bodies_of(writer_->store)), rng);
        const bool evidence =
            !happened && happened.error().check >= 5 && happened.error().code != errc::refused;
        if (!happened && !evidence) return happened.error();
        if (auto put = writer_->store.put_body(message->body); !put) return put.error();
        if (!happened) {
            if (auto recorded = writer_->commit(record_type::partial_refusal, header, rng); !recorded)
                return recorded;
            return happened.error();
        }
        if (auto written = writer_->append(next); !written) return written;
        writer_->state.store(next, *std::move(happened));
        return {};
    }

    // What `finish` returns.
    struct finished {
        idle_session<Scheme, Store> session;  // ready for the next round
        round_result record;                  // as it was appended
        veilsum::aggregation::opening opened; // the body that it names
    };
    // Combines a quorum, writes opening and model as bodies, appends `round_result`.
    // Refused without a quorum (errc::missing), and when the opening does not open the product of the row
    // commitments.
    template <random::random_source Source>
    result<finished> finish(Source& rng) && {
        auto decision = writer_->state.decide(rng);
        if (!decision) return decision.error();
        const bytes opening_body = decision->opened.serialize(writer_->state.round().layout());
        for (const bytes& body : {opening_body, decision->next.serialize()})
            if (auto put = writer_->store.put_body(body); !put) return put.error();
        const audit::record next =
            writer_->candidate(record_type::round_result, decision->record.serialize());
        if (auto written = writer_->append(next); !written) return written.error();
        writer_->state.store(next, typename session_state<Scheme>::result_event{std::move(decision->next),
                                                                                decision->record.opening});
        return finished{idle_session<Scheme, Store>(std::move(writer_)), std::move(decision->record),
                        std::move(decision->opened)};
    }

    // Gives the round up: no quorum has answered, or what it opened is no opening (round_abandoned.hpp).
    // Refused while there is a result to be had. What was opened stays opened: the same clients cannot be
    // summed again over this model once a trustee has answered.
    template <random::random_source Source>
    result<idle_session<Scheme, Store>> abandon(Source& rng) && {
        const auto reason = writer_->state.why_abandon(rng);
        if (!reason) return error{errc::refused, "giving up a round that has a result"};
        const round_abandoned last{writer_->state.round().header().round, *reason};
        if (auto done = writer_->commit(record_type::round_abandoned, last.serialize(), rng); !done)
            return done.error();
        return idle_session<Scheme, Store>(std::move(writer_));
    }

  private:
    friend class collecting_round<Scheme, Store>;
    friend struct detail::session_resumer<Scheme, Store>;
    explicit opening_round(detail::writer_handle<Scheme, Store> handle) : writer_(std::move(handle)) {}
    detail::writer_handle<Scheme, Store> writer_;
};

} // namespace veilsum::aggregation
