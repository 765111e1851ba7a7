// What every proof of a round is bound to, absorbed right after a transcript is made.
//
//     session   32   session id, unique under one key
//     round      8   round number
//     client    32   identity of the prover (of a trustee too: the label is part of the format)
//     key       32   key id
//     params    64   parameters digest
//     binding   32   digest of whatever else the round fixes (the model, the head of the log), or zeros
//
// spec: transcript, step 6. A verifier fills all six from its own state, never from the message that it
// checks: that is what makes a proof worthless for another client, round, session, key, parameter set or log.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/transcript/transcript.hpp>

#include <cstdint>

namespace veilsum::transcript {

struct context {
    hash::digest32 session{};
    std::uint64_t round = 0;
    byte_array<32> party{}; // identity of the prover
    hash::digest32 key{};
    hash::digest64 parameters{}; // digest of all parameters
    hash::digest32 binding{};    // digest of what else is fixed

    // All six, in the order of the table.
    void absorb_into(transcript& tr) const {
        tr.absorb("session", session);
        tr.absorb_u64("round", round);
        tr.absorb("client", party);
        tr.absorb("key", key);
        tr.absorb("params", parameters);
        tr.absorb("binding", binding);
    }
    bool operator==(const context&) const = default;
};

} // namespace veilsum::transcript
