// The auditor: anybody with the record and no secret, who answers "was this session right?".
//
// Goes through a log from the first record to the last, checks the checkpoint, and folds every record through
// `session_state`. The steps are numbered in audit_step.hpp; the verdict names the first that failed with its
// record and culprit, or says what was established.
//
// Trust: none in whoever wrote the record. One thing cannot come from the record itself: that it is *the*
// record. A self-made session with self-made keys is consistent too. Whoever cares passes what it knows from
// elsewhere: the session id or the aggregator's key, or a checkpoint that it holds (`audit_expectations`).
//
// Needs no key and includes nothing that can sign, encrypt or decrypt. Cost: verifying every contribution
// dominates, one multi-exponentiation over its ciphertexts each, shared by all cores. Memory: one
// contribution at a time and the state of a session (session_state.hpp); the log itself is not held
// (audit/log_reader.hpp).
#pragma once

#include <veilsum/aggregation/audit_step.hpp>
#include <veilsum/aggregation/light_session.hpp>
#include <veilsum/aggregation/record_blame.hpp>
#include <veilsum/aggregation/session_state.hpp>
#include <veilsum/audit/checkpoint.hpp>
#include <veilsum/audit/log_reader.hpp>
#include <veilsum/audit/log_store.hpp>
#include <veilsum/audit/witness_policy.hpp>
#include <veilsum/core/progress.hpp>
#include <veilsum/core/result.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace veilsum::aggregation {

// What the auditor knows from somewhere else than the record; empty fields are not checked.
struct audit_expectations {
    std::optional<hash::digest32> session;
    std::optional<byte_array<32>> aggregator;
    std::optional<audit::witness_policy> witnesses; // of the checkpoint, in step 2
    std::uint64_t oldest_cosignature = 0;           // seconds of the POSIX epoch
};

// Why a record is not accepted.
struct audit_failure {
    audit_step step = audit_step::chain; // the check that failed
    std::optional<std::uint64_t> record; // none where no single record is to blame
    error reason{errc::malformed, ""};
};

// What was read up to the end or to the failure, counted. `records`, `root` and `head` say which log the
// verdict is about, accepted or not.
struct audit_summary {
    hash::digest32 session{};
    std::string origin;
    byte_array<32> aggregator{};
    std::uint64_t records = 0;          // in the log
    hash::digest32 root{};              // Merkle root over them; zeros when the log could not be read
    hash::digest32 head{};              // hash of the last of them
    std::uint64_t rounds_opened = 0;    // rounds with a result
    std::uint64_t rounds_failed = 0;    // rounds below the minimum cohort, or given up
    std::uint64_t enrolments = 0;       // messages of clients that enrol, change their weight or leave
    std::uint64_t removals = 0;         // clients that the aggregator took out
    std::uint64_t rotations = 0;        // changes of the session's key
    std::uint64_t contributions = 0;    // accepted when they came; those withdrawn for equivocation included
    std::uint64_t refusals = 0;         // contributions refused with evidence
    std::uint64_t partials = 0;         // right partial decryptions
    std::uint64_t artifacts = 0;        // files that session_closed names
    bool ended = false;                 // session_closed is the last record
    std::vector<std::string> witnesses; // who counted, where a policy was expected
    std::vector<hash::digest32> models; // by model number, as the last results left them
    std::optional<std::uint64_t> spent_epsilon; // of the privacy budget, in millionths

    // Whether the log was read to its end, so that the verdict is about one that it names.
    bool names_log() const { return root != hash::digest32{}; }
};

// The outcome of an audit; `summary` also when it failed.
struct audit_verdict {
    audit_summary summary;                                 // what was read
    std::optional<audit_failure> failure;                  // none if it is accepted
    bool accepted() const { return !failure.has_value(); } // whether every check passed
};

// Reads a file that the record names, to compare its digest. Empty when nothing is exported beside the
// record.
using artifact_reader = std::function<result<hash::digest32>(const std::string& name)>;

// What an auditor reads from: a log that was gone through once already, so that size, head and root are
// known. `audit::log_reader` in bounded memory; any store.
template <class Log>
concept audited_log = requires(const Log& log, const hash::digest32& digest,
                               result<void> (*visit)(const audit::record&)) {
    { log.size() } -> std::same_as<std::uint64_t>;
    { log.root() } -> std::convertible_to<hash::digest32>;
    { log.head() } -> std::convertible_to<hash::digest32>;
    { log.read_checkpoint() } -> std::same_as<result<std::string>>;
    { log.get_body(digest, std::size_t{}) } -> std::same_as<result<bytes>>;
    { audit::first_record(log) } -> std::same_as<result<audit::record>>;
    { audit::for_each_record(log, visit) } -> std::same_as<result<void>>;
};

namespace detail {

struct signed_log {
    audit::record first;
    session_header header; // the first record's body
    std::vector<std::string> witnesses;
};

// Steps 1 and 2; opening the log has checked its frames and its chain.
template <audited_log Log>
std::variant<signed_log, audit_failure> check_signed_log(const Log& log, const audit_expectations& expected,
                                                         const step_watcher& watcher) {
    const auto failed = [](audit_step step, std::optional<std::uint64_t> record, error reason) {
        return audit_failure{step, record, std::move(reason)};
    };
    enter(watcher, audit_step::chain);
    if (log.size() == 0) return failed(audit_step::chain, std::nullopt, {errc::missing, "first record"});
    auto first = audit::first_record(log);
    if (!first) return failed(audit_step::chain, 0, first.error());

    // The header says whose checkpoint it must be, so it is read before; its failures are step 3's.
    enter(watcher, audit_step::ceremony);
    auto header = session_header::parse(first->body);
    if (!header) return failed(audit_step::ceremony, 0, header.error());
    const auto key = sign::verifying_key::parse(header->aggregator);
    if (!key) return failed(audit_step::ceremony, 0, error(key.error()).in_check(0).by({}));

    enter(watcher, audit_step::checkpoint);
    const auto refused = [&](std::optional<std::uint64_t> record, error reason) {
        return failed(audit_step::checkpoint, record, std::move(reason));
    };
    const auto note = log.read_checkpoint();
    if (!note) return refused(std::nullopt, note.error());
    const auto tip = audit::verify_checkpoint(*note, header->origin, *key);
    // Up to here nobody is named: whoever keeps the folder can change the log or the note. From here on every
    // record is the aggregator's, by its signature.
    if (!tip) return refused(std::nullopt, error(tip.error()).by({}));
    if (tip->size > log.size())
        return refused(log.size(), {errc::missing, "record that the checkpoint covers"});
    if (tip->size < log.size())
        return refused(tip->size, {errc::mismatch, "record that no checkpoint covers"});
    if (tip->root != log.root()) return refused(std::nullopt, {errc::mismatch, "Merkle root of the log"});
    std::vector<std::string> witnesses;
    if (expected.witnesses) {
        auto seen = expected.witnesses->verify(*note, header->origin, *key, expected.oldest_cosignature);
        if (!seen) return refused(std::nullopt, seen.error());
        witnesses = std::move(seen->witnesses);
    }
    return signed_log{*std::move(first), *std::move(header), std::move(witnesses)};
}

// A verdict that names its log and says nothing of it yet.
template <audited_log Log>
audit_verdict verdict_about(const Log& log) {
    audit_verdict verdict;
    verdict.summary.records = log.size();
    verdict.summary.root = log.root();
    verdict.summary.head = log.head();
    return verdict;
}

// What is known from elsewhere, against the summary.
inline std::optional<error> unexpected(const audit_expectations& expected, const audit_summary& summary) {
    if (expected.session && *expected.session != summary.session)
        return error{errc::wrong_context, "session id is not the expected one"};
    if (expected.aggregator && *expected.aggregator != summary.aggregator)
        return error{errc::wrong_key, "aggregator is not the expected one"};
    return std::nullopt;
}

} // namespace detail

// Steps 1 and 2 alone: nobody has altered, cut or reordered the log that the aggregator signed. What its
// records say is not looked at, so it may be all wrong; of the first record, whose log it is.
template <audited_log Log>
audit_verdict audit_log(const Log& log, const audit_expectations& expected,
                        const step_watcher& watcher = {}) {
    audit_verdict verdict = detail::verdict_about(log);
    auto checked = detail::check_signed_log(log, expected, watcher);
    if (auto* failure = std::get_if<audit_failure>(&checked)) {
        verdict.failure = std::move(*failure);
        return verdict;
    }
    const auto& [first, header, witnesses] = std::get<detail::signed_log>(checked);
    verdict.summary.session = audit::record_hash(first);
    verdict.summary.origin = header.origin;
    verdict.summary.aggregator = header.aggregator;
    verdict.summary.witnesses = witnesses;
    if (auto reason = detail::unexpected(expected, verdict.summary)) {
        enter(watcher, audit_step::ceremony);
        verdict.failure = audit_failure{audit_step::ceremony, 0, *std::move(reason)};
    }
    return verdict;
}

// `Fold` checks the records: `session_state`, everything; or `light_session`, the opened sums against the row
// commitments, and of contributions who signed them.
template <class Scheme, template <class> class Fold = session_state, audited_log Log,
          random::random_source Source>
audit_verdict audit_session(const Log& store, const audit_expectations& expected,
                            const artifact_reader& artifacts, Source& rng, const step_watcher& watcher = {},
                            const progress& watch_records = {}) {
    audit_verdict verdict = detail::verdict_about(store);
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
    auto checked = detail::check_signed_log(store, expected, follow);
    if (auto* failure = std::get_if<audit_failure>(&checked)) {
        verdict.failure = std::move(*failure);
        return verdict;
    }
    const auto& [first, header, witnesses] = std::get<detail::signed_log>(checked);

    const body_reader bodies = bodies_of(store);
    const watched_bodies watched(bodies);
    auto state = Fold<Scheme>::open(first, watched.reader(), follow);
    if (!state) {
        const bool names_nobody = !watched.complete() || state.error().code == errc::unsupported;
        return fail(0, error(state.error()).by(names_nobody ? std::string() : name_of_aggregator()));
    }
    summary.session = state->facts().id;
    summary.origin = header.origin;
    summary.aggregator = header.aggregator;
    summary.witnesses = witnesses;
    if (auto reason = detail::unexpected(expected, summary)) return fail(0, *std::move(reason));

    std::uint64_t next = 0; // record
    const auto folded = audit::for_each_record(store, [&](const audit::record& record) -> result<void> {
        const std::uint64_t index = next++;
        if (index == 0) return {}; // opened the state
        report(watch_records, index, store.size());
        step = audit_step::chain;
        if (auto applied = state->apply(record, bodies, rng, follow); !applied) {
            fail(index, applied.error());
            return applied;
        }
        step = audit_step::chain; // to read the next one
        switch (static_cast<record_type>(record.type)) {
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
        case record_type::round_abandoned:
            ++summary.rounds_failed;
            break;
        case record_type::enrolment:
            ++summary.enrolments;
            break;
        case record_type::removal:
            ++summary.removals;
            break;
        case record_type::key_rotated:
            ++summary.rotations;
            break;
        default:
            break;
        }
        return {};
    });
    if (verdict.failure) return verdict;
    if (!folded) return fail(std::min(next, store.size() - 1), folded.error());
    for (const model& each : state->standing().models()) summary.models.push_back(each.digest());
    if (state->standing().budget()) summary.spent_epsilon = state->standing().budget()->spent_micro();
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
