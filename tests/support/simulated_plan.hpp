// What happens in one simulated session, drawn from one seed: who is there, who cheats and how, what the
// network does. The plan is all there is to a run; the same plan gives the same bytes.
#pragma once

#include "support/seeded_random.hpp"
#include "support/simulated_bus.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace veilsum::test {

// What a client of the roster does in a round.
enum class client_kind : std::uint8_t {
    honest,
    silent,
    late,           // honest bytes, sent when the round is over
    malformed,      // bytes that are no contribution
    wrong_round,    // an honest contribution of another round, unchanged
    bad_row,        // a row that is no point
    wrong_digest,   // signs another row digest
    bad_audit_row,  // an audit row that is no point
    bad_ciphertext, // a residue out of range
    bad_proof,      // one byte of the proof
    copied,         // another client's body under its own signature
    other_round,    // its own body of another round, signed anew
    other_session,  // a body made for another session, signed for this one
    equivocates,    // two valid contributions
    twice_bad,      // a refused contribution, then a valid one
    spoiled,        // commits to other values than it encrypts
    out_of_range,   // suite 2: a value of b + 1 bits
    norm_above,     // suite 2: just above the norm bound
    last = norm_above,
};
inline constexpr std::size_t client_kinds = static_cast<std::size_t>(client_kind::last) + 1;
constexpr std::string_view name_of(client_kind kind) {
    constexpr std::array<std::string_view, client_kinds> names = {
        "honest",  "silent",           "late",          "malformed",      "wrong round",
        "bad row", "wrong row digest", "bad audit row", "bad ciphertext", "bad proof",
        "copied",  "other round",      "other session", "equivocates",    "refused, then valid",
        "spoiled", "out of range",     "norm above"};
    return names[static_cast<std::size_t>(kind)];
}

// What somebody who is not on the roster sends, or sends in the name of an honest client.
enum class outsider_kind : std::uint8_t { none, stranger, framed, swapped_body, garbage, last = garbage };
inline constexpr std::size_t outsider_kinds = static_cast<std::size_t>(outsider_kind::last) + 1;
constexpr std::string_view name_of(outsider_kind kind) {
    constexpr std::array<std::string_view, outsider_kinds> names = {"none", "stranger", "framed client",
                                                                    "swapped body", "garbage"};
    return names[static_cast<std::size_t>(kind)];
}

enum class trustee_kind : std::uint8_t {
    honest,
    silent,
    wrong,       // one byte of its partial decryption
    copied,      // another trustee's partial decryption under its own signature
    malformed,   // bytes that are no answer
    framing,     // signs in the name of another trustee
    some_only,   // answers every second round
    answers_all, // for whatever log it is shown
    last = answers_all,
};
inline constexpr std::size_t trustee_kinds = static_cast<std::size_t>(trustee_kind::last) + 1;
constexpr std::string_view name_of(trustee_kind kind) {
    constexpr std::array<std::string_view, trustee_kinds> names = {
        "honest",    "silent",  "wrong partial", "copied partial",
        "malformed", "framing", "answers some",  "answers all"};
    return names[static_cast<std::size_t>(kind)];
}

// All but the first are tried in the last round of a session.
enum class aggregator_kind : std::uint8_t {
    honest,
    drops_unrecorded, // never records one honest client
    drops_recorded,   // rewrites the log without a client that has a receipt
    doubles,          // records one contribution twice
    alters,           // one bit of a recorded contribution
    unverified,       // records a contribution that does not verify as accepted
    closes_early,     // while a client is silent
    refuses_valid,    // a refusal that its evidence does not bear out
    wrong_product,    // closes with another product
    wrong_list,       // closes with a client less than were accepted
    wrong_result,     // another result than the partial decryptions give
    result_unasked,   // a result without partial decryptions
    refuses_partial,  // a valid partial decryption recorded as wrong
    split_view,       // two logs for two groups of trustees
    second_opening,   // after the opening, another set of the same round for everybody
    last = second_opening,
};
inline constexpr std::size_t aggregator_kinds = static_cast<std::size_t>(aggregator_kind::last) + 1;
constexpr std::string_view name_of(aggregator_kind kind) {
    constexpr std::array<std::string_view, aggregator_kinds> names = {"honest",
                                                                      "drops a client unrecorded",
                                                                      "drops a client with a receipt",
                                                                      "doubles a contribution",
                                                                      "alters a contribution",
                                                                      "records an unverified one",
                                                                      "closes early",
                                                                      "refuses a valid one",
                                                                      "closes with another product",
                                                                      "closes with another list",
                                                                      "another result",
                                                                      "a result unasked",
                                                                      "refuses a valid partial",
                                                                      "split view",
                                                                      "second opening"};
    return names[static_cast<std::size_t>(kind)];
}

// Where a client or a trustee is stopped in a round, if at all: before it keeps what it is about to send,
// when it has kept and not sent it, or when it has sent it; a client also when the receipt is there and not
// yet kept. It loses everything but what is durable and its keys, and starts again.
enum class stop_point : std::uint8_t { never, before_keeping, after_keeping, after_sending, at_receipt };

// Bugs planted to see that the checker notices: property_checker's own test.
enum class planted_bug : std::uint8_t {
    none,
    accepts_unverified,    // the simulated aggregator records a bad contribution as accepted
    sum_off_by_one,        // in what was opened
    weight_forgotten,      // sums with weight 1
    wrong_culprit,         // a refusal is read with the next client's name
    wrong_reason,          // or with another reason
    honest_named,          // an honest silent client is read as refused
    culprit_missed,        // a refusal is not read at all
    wrong_trustee,         // a refused answer is read with another trustee's index
    no_result,             // a round that could be opened is not
    lenient_auditor,       // everything is accepted
    wrong_step,            // the auditor's step is read one too high
    blames_nobody,         // and its culprit is lost
    forgetful_trustee,     // answers for any product
    no_receipt_check,      // a client whose contribution was removed does not notice
    client_without_outbox, // forgets with a restart what it sent
    forgetful_aggregator,  // goes on after a restart without the last record that it answered for
    last = forgetful_aggregator,
};
inline constexpr std::size_t planted_bugs = static_cast<std::size_t>(planted_bug::last) + 1;

struct session_plan {
    std::uint64_t seed = 0;
    std::uint32_t quorum = 2;
    std::uint32_t trustees = 3;
    std::uint32_t minimum_cohort = 2;
    std::vector<std::uint32_t> weights;                // one a client
    std::vector<std::vector<client_kind>> clients;     // [round][client]
    std::vector<outsider_kind> outsiders;              // one a round
    std::vector<trustee_kind> trustee_kinds;           // one a trustee
    std::vector<bool> restarts;                        // which trustees restart at a random second
    std::vector<stop_point> trustee_stops;             // one a trustee, at its first answer
    std::vector<std::vector<stop_point>> client_stops; // [round][client], of honest clients; or empty
    // The aggregator is stopped at these points, counted from its start, then from its last restart: a point
    // is before or after each action on its store, and before it answers.
    std::vector<std::uint32_t> aggregator_stops;
    aggregator_kind aggregator = aggregator_kind::honest;
    bool validity = false;      // proof suite 2
    bool follows_early = false; // trustees read the log while contributions come in
    bool waits_for_all = false; // for trustees beyond the quorum
    bool shares_folds = false;  // a trustee takes over the fold of another that read the same log
    bool full_ceremony = false; // auditors check the ceremony anew, not only once a structure
    bool light = false;         // the light audit too
    network_faults network;
    planted_bug bug = planted_bug::none;

    std::size_t rounds() const { return clients.size(); }
    stop_point client_stop(std::size_t round, std::size_t client) const {
        return client_stops.empty() ? stop_point::never : client_stops[round][client];
    }
    stop_point trustee_stop(std::uint32_t index) const {
        return trustee_stops.empty() ? stop_point::never : trustee_stops[index - 1];
    }
    std::string describe() const;
};

session_plan plan_of(std::uint64_t seed);

} // namespace veilsum::test
