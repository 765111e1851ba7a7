// Resuming a session from its log: what an aggregator does when it starts again.
//
//     store, key --resume_session--> idle_session | collecting_round | opening_round | ended_session
//
// The log is the aggregator's only durable state; the signing key comes from where it is kept. Each action
// writes body, record, checkpoint, in this order (audit/file_store.hpp), and answers last. A crash in between
// leaves:
//
//     before the record       nothing happened; a body that no record names is harmless
//     before the checkpoint   the record counts; its checkpoint is signed here
//     before the answer       it happened; whoever sent the message sends it again and is answered as it
//                             would have been (aggregator.hpp)
//
// The own log is not believed either: every record is checked again, proofs included, as an auditor would
// (session_state.hpp). Somebody who can write the disk but not sign could otherwise have the next checkpoint
// vouch for a record that the aggregator never checked.
//
// Checks, in order:
//   - the first record opens a session (errc::missing for an empty log: `idle_session::open` is next);
//   - the key is the one that this record names (errc::wrong_key);
//   - the checkpoint is signed by it and the log covers it (audit/rollback.hpp); at most the last record is
//     not covered, because each is signed for before the next is written (errc::mismatch else);
//   - every record continues the session, with the fold's own errors, place "record N".
// When one fails, nothing has been written and the store is closed.
//
// What the store alone cannot show is that the whole of it was put back to an earlier state. Going on from
// there signs a second log in the place of the first, which everybody's receipts then prove. So whoever
// restores a backup compares it first with a checkpoint that somebody else holds:
//
//     auto store = audit::file_store::open_for_writing("session");
//     if (auto whole = audit::check_covers(store->tree(), known); !whole) ...
//     auto session = resume_session<scheme>(*std::move(store), std::move(key), rng);
//
// Cost: that of a full audit so far; verifying the contributions dominates.
#pragma once

#include <veilsum/aggregation/aggregator.hpp>
#include <veilsum/aggregation/session_state.hpp>
#include <veilsum/audit/checkpoint.hpp>
#include <veilsum/audit/log_store.hpp>
#include <veilsum/audit/rollback.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/sign/signing_key.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace veilsum::aggregation {

// `session_closed` is on the log, and its checkpoint covers it.
template <audit::log_store Store>
struct ended_session {
    Store store; // record and bodies
};

// What the session was doing where its log ends.
template <class Scheme, audit::log_store Store>
using resumed_session = std::variant<idle_session<Scheme, Store>, collecting_round<Scheme, Store>,
                                     opening_round<Scheme, Store>, ended_session<Store>>;

namespace detail {

template <class Scheme, audit::log_store Store>
struct session_resumer {
    using writer = session_writer<Scheme, Store>;

    // True when the last record is not covered yet.
    static result<bool> lacks_checkpoint(const Store& store, const session_header& header,
                                         const sign::verifying_key& key) {
        std::uint64_t covered = 0;
        if (const auto note = store.read_checkpoint()) {
            const auto tip = audit::verify_checkpoint(*note, header.origin, key);
            if (!tip) return error(tip.error()).at("checkpoint");
            if (auto whole = audit::check_covers(store.tree(), *tip); !whole) return whole.error();
            covered = tip->size;
        } else if (note.error().code != errc::missing) {
            return note.error();
        }
        if (store.size() - covered > 1)
            return error{errc::mismatch, "more than one record after the checkpoint", 0,
                         audit::record_place(covered)};
        return covered != store.size();
    }

    static resumed_session<Scheme, Store> state_of(std::unique_ptr<writer> made) {
        switch (made->state.phase()) {
        case session_phase::between_rounds:
            return idle_session<Scheme, Store>(std::move(made));
        case session_phase::collecting:
            return collecting_round<Scheme, Store>(std::move(made));
        case session_phase::opening:
            return opening_round<Scheme, Store>(std::move(made));
        case session_phase::ended:
            break;
        }
        return ended_session<Store>{std::move(made->store)};
    }
};

} // namespace detail

// Reads the log through the checks of session_state.hpp and goes on where it ends. Errors: those of the store
// and of its records; errc::wrong_key when `key` is not the session's aggregator. The checkpoint is signed
// anew if it was behind the log. Only a store that is given up is taken (a reference is no `log_store`), and
// after an error the caller still has it. Cost: all proofs of the record are verified again.
template <class Scheme, audit::log_store Store, random::random_source Source>
result<resumed_session<Scheme, Store>> resume_session(Store&& store, sign::signing_key&& key, Source& rng) {
    using resumer = detail::session_resumer<Scheme, Store>;
    const auto first = audit::first_record(store);
    if (!first) return first.error();
    auto state = session_state<Scheme>::open(*first, bodies_of(store));
    if (!state) return state.error();
    if (state->facts().header.aggregator != key.verifying().bytes())
        return error{errc::wrong_key, "signing key of the aggregator", 0, audit::record_place(0)};
    const auto behind = resumer::lacks_checkpoint(store, state->facts().header, key.verifying());
    if (!behind) return behind.error();
    for (std::uint64_t index = 1; index < store.size(); ++index) {
        const auto record = store.read(index);
        if (!record) return record.error();
        if (auto folded = state->apply(*record, bodies_of(store), rng); !folded) return folded.error();
    }
    auto made = std::make_unique<typename resumer::writer>(
        typename resumer::writer{std::forward<Store>(store), *std::move(state), std::move(key)});
    if (*behind)
        if (auto signed_tip = made->sign_tip(); !signed_tip) return signed_tip.error();
    return resumer::state_of(std::move(made));
}

} // namespace veilsum::aggregation
