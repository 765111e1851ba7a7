// The numbered steps of an audit. A refusal names the step, the record and the culprit.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace veilsum::aggregation {

enum class audit_step : std::uint8_t {
    chain = 1,          // framing, sequence numbers and hash chain of the log
    checkpoint = 2,     // Merkle root and size against the signed checkpoint
    ceremony = 3,       // key and its proof, verification keys, acknowledgements, session header
    round_opened = 4,   // parameters of a round (pre-flight), roster, model chain so far
    contribution = 5,   // signature, digests, row commitments, ciphertexts and proof of a contribution
    refusal = 6,        // evidence of a refusal
    round_closed = 7,   // accepted, refused and silent clients; product of the ciphertexts
    opening_policy = 8, // minimum cohort, one opening a round, differencing rule
    partial = 9,        // partial decryptions and their proofs
    combination = 10,   // combining a quorum gives the opening on the record
    commitments = 11,   // the opening opens the product of the row commitments
    model_update = 12,  // decoded update and new model
    artifacts = 13,     // files that the record names
};

// How many steps there are; they are numbered from 1.
inline constexpr std::uint8_t audit_steps = 13;

constexpr std::string_view name_of(audit_step step) {
    switch (step) {
    case audit_step::chain:
        return "log: framing and hash chain";
    case audit_step::checkpoint:
        return "checkpoint: Merkle root and signature";
    case audit_step::ceremony:
        return "ceremony: key and its proof, verification keys, acknowledgements";
    case audit_step::round_opened:
        return "rounds: parameters, roster, model";
    case audit_step::contribution:
        return "contributions: signatures, ciphertexts, proofs";
    case audit_step::refusal:
        return "refusals: evidence";
    case audit_step::round_closed:
        return "closings: accepted set, product of ciphertexts";
    case audit_step::opening_policy:
        return "opening policy";
    case audit_step::partial:
        return "partial decryptions: signatures, proofs";
    case audit_step::combination:
        return "combination of the quorum";
    case audit_step::commitments:
        return "opening against row commitments";
    case audit_step::model_update:
        return "update and new model";
    case audit_step::artifacts:
        return "files named by the record";
    }
    return "unknown";
}

// Told of each step as it is entered, once for every item that is checked: a caller that wants counts and
// times keeps them here. When a check fails, the step entered last is the one that failed.
using step_watcher = std::function<void(audit_step)>;

// Tells the watcher, if there is one, that this step begins.
inline void enter(const step_watcher& watcher, audit_step step) {
    if (watcher) watcher(step);
}

} // namespace veilsum::aggregation
