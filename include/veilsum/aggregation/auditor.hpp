// The auditor: anybody with the record and no secret, who answers "was this session right?".
//
// Reads a log store from the first record to the last, checks the checkpoint, and folds every record through
// `session_state`. The steps are numbered in audit_step.hpp; the verdict names the first that failed with its
// record and culprit, or says what was established.
//
// Trust: none in whoever wrote the record. One thing cannot come from the record itself: that it is *the*
// record. A self-made session with self-made keys is consistent too. Whoever cares passes what it knows from
// elsewhere: the session id or the aggregator's key, or a checkpoint that it holds (`audit_expectations`).
//
// Needs no key and includes nothing that can sign, encrypt or decrypt. Cost: verifying every contribution
// dominates, one multi-exponentiation over its ciphertexts each. Memory: one contribution at a time.
#pragma once

#include <veilsum/aggregation/audit_step.hpp>
#include <veilsum/aggregation/light_session.hpp>
#include <veilsum/aggregation/session_state.hpp>
#include <veilsum/audit/checkpoint.hpp>
#include <veilsum/audit/log_store.hpp>
#include <veilsum/audit/rollback.hpp>
#include <veilsum/audit/witness_policy.hpp>
#include <veilsum/core/progress.hpp>
#include <veilsum/core/result.hpp>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::aggregation {

// What the auditor knows from somewhere else than the record; empty fields are not checked.
struct audit_expectations {
    std::optional<hash::digest32> session;
    std::optional<byte_array<32>> aggregator;
    std::optional<audit::witness_policy> witnesses; // of the checkpoint, in step 2
    std::uint64_t oldest_cosignature = 0;           // seconds of the POSIX epoch
};

struct audit_failure {
    audit_step step = audit_step::chain;
    std::optional<std::uint64_t> record; // none where no single record is to blame
    error reason{errc::malformed, ""};
};

struct audit_summary {
    hash::digest32 session{};
    std::string origin;
    byte_array<32> aggregator{};
    std::uint64_t records = 0;
    std::uint64_t rounds_opened = 0; // rounds with a result
    std::uint64_t rounds_failed = 0; // rounds below the minimum cohort
    std::uint64_t contributions = 0;
    std::uint64_t refusals = 0;
    std::uint64_t partials = 0;
    std::uint64_t artifacts = 0;
    bool ended = false;                 // session_closed is the last record
    std::vector<std::string> witnesses; // who counted, where a policy was expected
    std::optional<hash::digest32> model;
};

struct audit_verdict {
    audit_summary summary;
    std::optional<audit_failure> failure;
    bool accepted() const { return !failure.has_value(); }
};

// Reads a file that the record names, to compare its digest. Empty when nothing is exported beside the
// record.
using artifact_reader = std::function<result<hash::digest32>(const std::string& name)>;

// `Fold` checks the records: `session_state`, everything; or `light_session`, the opened sums against the row
// commitments, and of contributions who signed them.
template <class Scheme, template <class> class Fold = session_state, audit::log_store Store,
          random::random_source Source>
audit_verdict audit_session(const Store& store, const audit_expectations& expected,
                            const artifact_reader& artifacts, Source& rng, const step_watcher& watcher = {},
                            const progress& watch_records = {}) {
    audit_verdict verdict;
    audit_summary& summary = verdict.summary;
    audit_step step = audit_step::chain;
    const step_watcher follow = [&](audit_step entered) {
        step = entered;
        enter(watcher, entered);
    };
    const auto fail = [&](std::optional<std::uint64_t> record, error reason) {
        verdict.failure = audit_failure{step, record, std::move(reason)};
        return verdict;
    };

    follow(audit_step::chain);
    if (store.size() == 0) return fail(std::nullopt, {errc::missing, "first record"});
    auto first = store.read(0);
    if (!first) return fail(0, first.error());

    // The header says whose checkpoint it must be, so it is read before; its failures are step 3's.
    follow(audit_step::ceremony);
    auto header = session_header::parse(first->body);
    if (!header) return fail(0, header.error());
    const auto key = sign::verifying_key::parse(header->aggregator);
    if (!key) return fail(0, error(key.error()).in_check(0).by({}));

    follow(audit_step::checkpoint);
    const auto note = store.read_checkpoint();
    if (!note) return fail(std::nullopt, note.error());
    const auto tip = audit::verify_checkpoint(*note, header->origin, *key);
    // Up to here nobody is named: whoever keeps the folder can change the log or the note. From here on every
    // record is the aggregator's, by its signature.
    if (!tip) return fail(std::nullopt, error(tip.error()).by({}));
    if (tip->size > store.size())
        return fail(store.size(), {errc::missing, "record that the checkpoint covers"});
    if (tip->size < store.size())
        return fail(tip->size, {errc::mismatch, "record that no checkpoint covers"});
    if (tip->root != store.root()) return fail(std::nullopt, {errc::mismatch, "Merkle root of the log"});
    if (expected.witnesses) {
        auto seen = expected.witnesses->verify(*note, header->origin, *key, expected.oldest_cosignature);
        if (!seen) return fail(std::nullopt, seen.error());
        summary.witnesses = std::move(seen->witnesses);
    }

    const body_reader bodies = bodies_of(store);
    bool complete = true; // every body that was asked for could be read
    const body_reader watched = [&](const hash::digest32& digest, std::size_t max_bytes) {
        auto body = bodies(digest, max_bytes);
        complete = complete && body.has_value();
        return body;
    };
    auto state = Fold<Scheme>::open(*first, watched, follow);
    if (!state) {
        const bool names_nobody = !complete || state.error().code == errc::unsupported;
        return fail(0, error(state.error()).by(names_nobody ? std::string() : name_of_aggregator()));
    }
    summary.session = state->facts().id;
    summary.origin = header->origin;
    summary.aggregator = header->aggregator;
    summary.records = store.size();
    if (expected.session && *expected.session != summary.session)
        return fail(0, {errc::wrong_context, "session id is not the expected one"});
    if (expected.aggregator && *expected.aggregator != header->aggregator)
        return fail(0, {errc::wrong_key, "aggregator is not the expected one"});

    for (std::uint64_t index = 1; index < store.size(); ++index) {
        report(watch_records, index, store.size());
        step = audit_step::chain;
        auto record = store.read(index);
        if (!record) return fail(index, record.error());
        if (auto applied = state->apply(*record, bodies, rng, follow); !applied)
            return fail(index, applied.error());
        switch (static_cast<record_type>(record->type)) {
        case record_type::contribution:
            ++summary.contributions;
            break;
        case record_type::refusal:
            ++summary.refusals;
            break;
        case record_type::partial:
            ++summary.partials;
            break;
        case record_type::round_result:
            ++summary.rounds_opened;
            break;
        case record_type::round_closed:
            summary.rounds_failed += state->phase() == session_phase::between_rounds;
            break;
        default:
            break;
        }
    }
    if (state->current_model()) summary.model = state->current_model()->digest();
    summary.ended = state->phase() == session_phase::ended;

    for (const artifact& file : state->end().artifacts) {
        follow(audit_step::artifacts);
        if (!artifacts) break;
        const auto digest = artifacts(file.name);
        if (!digest) return fail(store.size() - 1, digest.error());
        if (*digest != file.digest)
            return fail(store.size() - 1,
                        {errc::mismatch, "digest of a file that the record names", 0, file.name});
        ++summary.artifacts;
    }
    report(watch_records, store.size(), store.size());
    return verdict;
}

} // namespace veilsum::aggregation
