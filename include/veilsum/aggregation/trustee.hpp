// The trustee: follows the record by itself and answers a closed round with its partial decryptions, once.
//
//     trustee --follow(record)*--> trustee (round closed) --answer()--> partial_message
//     trustee (between rounds) --approve(ceremony)--> rotation_approval     ... follow ... --renew(share)
//
// A malicious trustee can be silent or wrong; wrong answers are refused by number and name. Fewer than
// `quorum` of them learn nothing about any ciphertext. A trustee believes nobody: it re-checks every
// contribution and the product, and applies the opening policy to the record *and* to its own journal, so
// that an aggregator that cuts or rewrites the log does not get a second set opened.
//
// The journal entry is on disk before the answer is computed. Journal, share and signing key are the durable
// state; of what a trustee has read of the record only how far it was (`remember`). After a restart it
// follows the record again from the beginning, and answers again unless its answer is there (`has_answered`):
// for the same product only. One whose share is of a later ceremony than the first folds the record up to the
// rotation before it joins. The old share is kept until `renew` has returned: with the new one alone a
// trustee that had not read the rotation could not compare the log with what it remembers.
#pragma once

#include <veilsum/aggregation/key_rotated.hpp>
#include <veilsum/aggregation/partial_message.hpp>
#include <veilsum/aggregation/session_state.hpp>
#include <veilsum/audit/chain.hpp>
#include <veilsum/audit/journal.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/sign/signing_key.hpp>
#include <veilsum/threshold/key_share.hpp>
#include <veilsum/threshold/partially_decrypt.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <algorithm>
#include <concepts>
#include <utility>
#include <vector>

namespace veilsum::aggregation {

static_assert(opened_set::serialized_bytes(roster::max_clients) <= audit::journal::max_entry_bytes);

// Where a trustee writes down what it opens: entries in order, an appended one durable before `append`
// returns. `audit::journal` is the one for trustees that can be restarted.
template <class Journal>
concept opening_journal = std::movable<Journal> &&
    requires(Journal& own, const Journal& view, byte_view entry) {
    { own.append(entry) } -> std::same_as<result<void>>;
    { view.entries() } -> std::convertible_to<const std::vector<bytes>&>;
};
static_assert(opening_journal<audit::journal>);

// How far a trustee has followed a log: an entry of its journal beside the opened sets, which are longer.
struct followed_log {
    hash::digest32 session{};
    std::uint64_t size = 0; // records
    hash::digest32 head{};  // hash of the last of them

    static constexpr std::size_t serialized_bytes = 32 + 8 + 32;
    bytes serialize() const {
        wire::writer out;
        out.fixed(session);
        out.u64(size);
        out.fixed(head);
        return std::move(out).take();
    }
    static result<followed_log> parse(byte_view data) {
        wire::reader in(data);
        followed_log made;
        made.session = in.array<32>();
        made.size = in.u64();
        made.head = in.array<32>();
        if (auto end = in.finish(); !end) return end.error();
        return made;
    }
};
static_assert(followed_log::serialized_bytes < opened_set::serialized_bytes(0));

template <class Scheme, opening_journal Journal = audit::journal>
class trustee {
  public:
    // Refuses a share that does not match the ceremony in force (check 1), a signing key that is not this
    // index's (check 2), a ceremony without this trustee's acknowledgement (checked by
    // `session_state::open`), a journal that cannot be read back (check 3), and a state that has folded more
    // of the log than the journal remembers, so that it could not be compared (check 4).
    static result<trustee> join(session_state<Scheme> state, threshold::key_share<Scheme>&& share,
                                sign::signing_key&& identity, Journal&& journal) {
        if (auto ours = belongs(state, share, identity); !ours) return ours.error();
        std::vector<opened_set> opened;
        followed_log remembered;
        for (const bytes& entry : journal.entries()) {
            if (entry.size() == followed_log::serialized_bytes) {
                auto seen = followed_log::parse(entry);
                if (!seen) return std::move(seen).error().in_check(3);
                if (seen->session == state.facts().id && seen->size > remembered.size) remembered = *seen;
                continue;
            }
            auto set = opened_set::parse(entry);
            if (!set) return std::move(set).error().in_check(3).at("journal of " + name_of(share.index()));
            opened.push_back(*std::move(set));
        }
        if (remembered.size != 0 && state.size() >= remembered.size &&
            (state.size() > remembered.size || state.head() != remembered.head))
            return error{errc::mismatch, "log that was followed before the journal was read", 4};
        return trustee(std::move(state), std::move(share), std::move(identity), std::move(journal),
                       std::move(opened), remembered);
    }

    party_id party() const { return share_.index(); } // index of this trustee
    const session_state<Scheme>& state() const { return state_; }
    // What this trustee has opened so far, by its own journal.
    const std::vector<opened_set>& opened() const { return opened_; }

    // Whether the record that was followed so far holds this trustee's answer to the round in progress.
    bool has_answered() const {
        return state_.phase() == session_phase::opening && still_ours() && state_.has_answered(party());
    }

    // The next record of the log. One that does not continue what this trustee has read is refused: it does
    // not forget.
    template <random::random_source Source>
    result<void> follow(const audit::record& record, const body_reader& bodies, Source& rng) {
        if (record.sequence + 1 == remembered_.size && audit::record_hash(record) != remembered_.head)
            return error{errc::mismatch, "log is not the one that this trustee followed before it restarted",
                         0, audit::record_place(record.sequence), name_of_aggregator()};
        return state_.apply(record, bodies, rng);
    }
    // Follows all records of a log that are new to this trustee; stops at the first that is refused, with the
    // record as place where the refusal names none. `Log` is any store (audit/log_store.hpp) that has what it
    // held before.
    template <class Log, random::random_source Source>
    result<void> catch_up(const Log& log, Source& rng) {
        for (std::uint64_t next = state_.size(); next < log.size(); ++next) {
            const auto record = log.read(next);
            if (!record) return record.error();
            if (auto followed = follow(*record, bodies_of(log), rng); !followed) {
                if (!followed.error().place.empty()) return followed;
                return std::move(followed).error().at(audit::record_place(next));
            }
        }
        return {};
    }
    // Writes down how far the log was followed: after a restart a log that is another one up to here is
    // refused, and nothing is answered or approved for one that is shorter. Costs a sync; call it after each
    // batch of records.
    result<void> remember() {
        if (state_.size() <= remembered_.size) return {};
        const followed_log now{state_.facts().id, state_.size(), state_.head()};
        if (auto written = journal_.append(now.serialize()); !written) return written;
        remembered_ = now;
        return {};
    }

    // Approves another ceremony for the session, in this place of the log. Refused (errc::refused) unless the
    // record is between rounds and shows every set of the session that this trustee has opened: the trustees
    // of the next ceremony know of the record's sets only, and two that differ by one client tell its update.
    // (A quorum that opened a set and one that approves share a trustee.) Else errors of `check_ceremony`,
    // and of a key, size or degree that is no other. What the checks cannot know is who the new trustees are:
    // whoever calls this has compared them with what it knows.
    result<rotation_approval> approve(const ceremony<Scheme>& next) const {
        if (auto current = still_ours(); !current) return current.error();
        if (state_.phase() != session_phase::between_rounds)
            return error{errc::refused, "approval of a ceremony while a round is open"};
        for (const opened_set& set : opened_)
            if (set.session == state_.facts().id && !is_on_record(set))
                return error{errc::refused, "approval of a ceremony while an opened set is not on the record",
                             0, "round " + std::to_string(set.round)};
        if (auto good = check_ceremony(next); !good) return good.error();
        const bytes message =
            key_rotated::signed_message(state_.facts().id, state_.head(), hash::sha256(next.serialize()));
        return rotation_approval{static_cast<std::uint16_t>(party().index()),
                                 identity_.sign(rotation_label, message)};
    }
    // After a rotation: goes on with a share of the ceremony that is in force now, as `join` checks it. The
    // journal stays and remembers the log up to here (`remember`), so that a restart can join with the new
    // share; the old one is wiped.
    result<void> renew(threshold::key_share<Scheme>&& share, sign::signing_key&& identity) {
        if (auto ours = belongs(state_, share, identity); !ours) return ours.error();
        if (auto noted = remember(); !noted) return noted;
        share_ = std::move(share);
        identity_ = std::move(identity);
        ceremony_ = state_.facts().header.ceremony;
        return {};
    }

    // Refuses when no round is closed and open for decryption, when the session went over to another ceremony
    // and this trustee has no share of that (errc::wrong_key), and when the opening policy forbids it
    // (opening_policy.hpp, by number). Cost: one power with a secret exponent for each ciphertext, and one
    // proof.
    template <random::random_source Source>
    result<partial_message> answer(Source& rng) {
        if (auto current = still_ours(); !current) return current.error();
        if (state_.phase() != session_phase::opening)
            return error{errc::refused, "no round is open for decryption"};
        std::vector<opened_set> earlier = opened_;
        for (const opened_set& set : state_.history()) earlier.push_back(set);
        if (auto allowed = state_.check_opening_policy(earlier); !allowed) return allowed.error();

        opened_set set = state_.candidate();
        if (std::none_of(opened_.begin(), opened_.end(), [&](const opened_set& before) {
                return before.session == set.session && before.round == set.round;
            })) {
            if (auto written = journal_.append(set.serialize()); !written) return written.error();
            opened_.push_back(std::move(set));
        }

        const ceremony<Scheme>& ceremony = state_.ceremony();
        auto partial =
            threshold::partially_decrypt(ceremony.key, ceremony.verification, share_, state_.aggregate(),
                                         partial_context(ceremony, state_.round(), party()), rng);
        if (!partial) return partial.error();
        partial_message message;
        message.body = partial->serialize();
        message.header.round = state_.round().header().round;
        message.header.trustee = static_cast<std::uint16_t>(party().index());
        message.header.body = hash::sha256(message.body);
        message.header.signature = identity_.sign(
            partial_label, message.header.signed_message(state_.round(), state_.aggregate_digest()));
        return message;
    }

  private:
    // Checks 1 and 2 of `join`.
    static result<void> belongs(const session_state<Scheme>& state, const threshold::key_share<Scheme>& share,
                                const sign::signing_key& identity) {
        const ceremony<Scheme>& ceremony = state.ceremony();
        if (auto matches = share.check(ceremony.key, ceremony.verification); !matches)
            return std::move(matches).error().in_check(1);
        if (!(ceremony.trustees[share.index().index() - 1] == identity.verifying()))
            return error{errc::wrong_key, "signing key of the trustee", 2, {}, name_of(share.index())};
        return {};
    }
    bool is_on_record(const opened_set& set) const {
        return std::any_of(state_.history().begin(), state_.history().end(), [&](const opened_set& shown) {
            return shown.round == set.round && shown.aggregate == set.aggregate;
        });
    }
    // The share is of the ceremony in force, and the log as long as it was once.
    result<void> still_ours() const {
        if (state_.size() < remembered_.size)
            return error{errc::refused, "log is shorter than what this trustee has followed", 0,
                         audit::record_place(state_.size()), name_of_aggregator()};
        if (state_.facts().header.ceremony != ceremony_)
            return error{errc::wrong_key, "share of an earlier ceremony", 0, {}, name_of(party())};
        return {};
    }

    trustee(session_state<Scheme> state, threshold::key_share<Scheme>&& share, sign::signing_key&& identity,
            Journal&& journal, std::vector<opened_set> opened, followed_log remembered)
        : state_(std::move(state)), share_(std::move(share)), identity_(std::move(identity)),
          journal_(std::move(journal)), opened_(std::move(opened)), remembered_(remembered),
          ceremony_(state_.facts().header.ceremony) {}
    session_state<Scheme> state_;
    threshold::key_share<Scheme> share_;
    sign::signing_key identity_;
    Journal journal_;
    std::vector<opened_set> opened_;
    followed_log remembered_;
    hash::digest32 ceremony_; // of the share
};

} // namespace veilsum::aggregation
