// Fiat-Shamir: one way from a sigma protocol to a proof that everybody can check, for all protocols.
//
// The caller makes the transcript, which already holds protocol, session, round, prover, key, parameters and
// binding (transcript/context.hpp). A proof works on a copy and appends, in this order,
//
//     1  absorb "proof", the protocol's label
//     2  the whole statement                            Protocol::append_to(script, statement)
//     3  the announcement                               Protocol::append_to(script, announcement)
//     4  the challenge is drawn                         Protocol::draw_challenge(script, statement)
//
// `bind` does 1 and 2, `derive_challenge` 3 and 4; prover and verifier both go through these two functions,
// so nothing can be hashed on one side only.   spec: plaintext-knowledge, transcript
//
// Masks come from a nonce_source that is seeded, after step 2, with fresh randomness, the witness and the
// transcript: a source that fails gives other masks for another witness or statement, and a witness that
// leaks tells nothing without the fresh randomness. A restart goes on with the same source; seeding it again
// could repeat the masks and loop.
//
//     transcript::transcript context("veilsum.example/1");          // protocol name
//     session_context.absorb_into(context);                         // who, where, when
//     auto made = zk::prove<protocol>(context, statement, witness, rng);
//     bytes sent = made->serialize(statement);
//     auto received = zk::proof<protocol>::parse(statement, sent);
//     if (auto valid = zk::verify(context, statement, *received); !valid) return valid.error();
//
// Soundness of a proof is that of the protocol times the number of hash evaluations somebody can afford
// (random oracle; Bellare, Rogaway 1993; Pointcheval, Stern 2000). The statement is hashed in full: hashing
// the announcement alone is broken (Bernhard, Pereira, Warinschi, ASIACRYPT 2012).
//
// The caller must give the verifier a context of its own, never one that came with the proof.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/transcript/nonce_source.hpp>
#include <veilsum/transcript/transcript.hpp>
#include <veilsum/zk/sigma_protocol.hpp>

#include <cstddef>
#include <optional>
#include <utility>

namespace veilsum::zk {

// Announcement and response; the challenge is derived, so it is not part of a proof and cannot be chosen.
template <class Protocol>
struct proof {
    typename Protocol::announcement announcement;
    typename Protocol::response response;

    static std::size_t size_bytes(const typename Protocol::statement& statement) {
        return Protocol::proof_bytes(statement);
    }
    bytes serialize(const typename Protocol::statement& statement) const {
        return Protocol::serialize(statement, announcement, response);
    }
    // Exactly size_bytes(statement) bytes; the checks and their numbers are the protocol's.
    static result<proof> parse(const typename Protocol::statement& statement, byte_view data) {
        auto parsed = Protocol::parse(statement, data);
        if (!parsed) return parsed.error();
        return proof{std::move(parsed->announcement), std::move(parsed->response)};
    }
};

// Steps 1 and 2.
template <sigma_protocol Protocol>
transcript::transcript bind(const transcript::transcript& context,
                            const typename Protocol::statement& statement) {
    transcript::transcript script = context;
    script.absorb("proof", as_bytes(Protocol::label));
    Protocol::append_to(script, statement);
    return script;
}

// Steps 3 and 4. `bound` is what `bind` returned; it is taken by value and used up.
template <sigma_protocol Protocol>
typename Protocol::challenge derive_challenge(transcript::transcript bound,
                                              const typename Protocol::statement& statement,
                                              const typename Protocol::announcement& announcement) {
    Protocol::append_to(bound, announcement);
    return Protocol::draw_challenge(bound, statement);
}

// A restart has probability below 2^-128 in the protocols of this library, so a prover that needs this many
// has a broken random source, and stops.
inline constexpr int most_restarts = 16;

// A proof that the statement holds. Fails if the witness has the wrong shape (the protocol's `fits`), or with
// errc::refused if the masks left their windows `most_restarts` times. Whether the witness is a witness is
// not checked: a proof made from a wrong one does not verify.
template <sigma_protocol Protocol, random::random_source Source>
result<proof<Protocol>> prove(const transcript::transcript& context,
                              const typename Protocol::statement& statement,
                              const typename Protocol::witness& witness, Source& rng) {
    if (auto shape = Protocol::fits(statement, witness); !shape) return shape.error();
    const transcript::transcript bound = bind<Protocol>(context, statement);
    const secret<bytes> seed = Protocol::nonce_seed(statement, witness);
    transcript::nonce_source nonces(bound, seed.expose(), rng);
    for (int restarts = 0; restarts < most_restarts; ++restarts) {
        auto first = Protocol::announce(statement, witness, nonces);
        const auto challenge = derive_challenge<Protocol>(bound, statement, first.announcement);
        auto response = Protocol::respond(statement, witness, std::move(first.secret), challenge);
        if (response) return proof<Protocol>{std::move(first.announcement), *std::move(response)};
    }
    return error{errc::refused, "masks of a proof keep leaving their window"};
}

// The protocol's checks, by their numbers, those of form before anything is hashed. Nothing is changed.
template <sigma_protocol Protocol>
result<void> verify(const transcript::transcript& context, const typename Protocol::statement& statement,
                    const proof<Protocol>& candidate) {
    if (auto form = Protocol::check_form(statement, candidate.announcement, candidate.response); !form)
        return form;
    const auto challenge =
        derive_challenge<Protocol>(bind<Protocol>(context, statement), statement, candidate.announcement);
    return Protocol::check(statement, candidate.announcement, challenge, candidate.response);
}

} // namespace veilsum::zk
