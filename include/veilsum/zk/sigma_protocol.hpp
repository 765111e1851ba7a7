// Sigma protocols: the cast, and what a relation must offer to become a proof.
//
//     prover                                            verifier
//     (announcement, secret) = announce(statement, witness)
//                    -- announcement -->
//                    <-- challenge ---      128-bit numbers, chosen after the announcement
//     response = respond(statement, witness, secret, challenge)
//                    -- response -->        check(statement, announcement, challenge, response)
//
// The cast, in every proof of this library:
//     statement            public, says which relation holds; both sides build it from their own data
//     witness              what only the prover knows
//     announcement         first message; fixed before the challenge
//     announcement_secret  the prover's masks behind it; used for one response and consumed by it
//     challenge            what the verifier asks
//     response             the answer
//
// Laws. Completeness: check accepts what announce and respond produce, for any challenge. Special soundness:
// from two accepted responses to one announcement and different challenges the witness (or what the header of
// the protocol says in its place) can be computed. Honest-verifier zero knowledge: from a statement and a
// challenge alone a simulator makes announcement and response with the same distribution.
//
// `respond` may return nothing: the masks were unlucky, a response would say something about the witness, and
// the prover must start afresh with another announcement (zk/response_window.hpp). It never says why.
//
// These parts do no hashing, so a protocol can also run between two parties who talk. zk/fiat_shamir.hpp
// turns any model of `sigma_protocol` into a proof that everybody can check; for that, a model also tells
// how statement and announcement enter a transcript, how a challenge is taken from it, and how announcement
// and response are written as bytes.
//
// Ref: Cramer, "Modular design of secure yet practical cryptographic protocols" (1996); Damgard, "On sigma
// protocols" (2010).
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/transcript/nonce_source.hpp>
#include <veilsum/transcript/transcript.hpp>

#include <concepts>
#include <optional>
#include <string_view>
#include <utility>

namespace veilsum::zk {

// The prover's two halves of an announcement: the first is sent, the second kept for one response.
template <class Announcement, class Secret>
struct announced {
    Announcement announcement;
    Secret secret; // consumed by respond
};

// One round of a conversation as the verifier sees it, without the challenge: what a proof consists of.
template <class Announcement, class Response>
struct conversation {
    Announcement announcement;
    Response response;
};

template <class Protocol>
concept sigma_protocol = requires {
    typename Protocol::statement;
    typename Protocol::witness;
    typename Protocol::announcement;
    typename Protocol::announcement_secret;
    typename Protocol::challenge;
    typename Protocol::response;
}
&&std::movable<typename Protocol::announcement_secret> &&
    !std::copyable<typename Protocol::announcement_secret> &&
    requires(const typename Protocol::statement& statement, const typename Protocol::witness& witness,
             const typename Protocol::announcement& announcement,
             typename Protocol::announcement_secret masks, const typename Protocol::challenge& challenge,
             const typename Protocol::response& response, transcript::transcript& script,
             transcript::nonce_source& rng, byte_view data) {
    // The conversation: announce, challenge, respond, verify.
    {
        Protocol::announce(statement, witness, rng)
        } -> std::same_as<announced<typename Protocol::announcement, typename Protocol::announcement_secret>>;
    {
        Protocol::respond(statement, witness, std::move(masks), challenge)
        } -> std::same_as<std::optional<typename Protocol::response>>;
    // The number of the first check that fails, in the error. `check_form` makes the cheap ones that need no
    // challenge; `check` makes all of them.
    { Protocol::check_form(statement, announcement, response) } -> std::same_as<result<void>>;
    { Protocol::check(statement, announcement, challenge, response) } -> std::same_as<result<void>>;

    // What Fiat-Shamir needs. `fits` refuses a witness of the wrong shape, `nonce_seed` is the whole witness
    // as bytes, for deriving masks that differ when the witness does.
    { Protocol::label } -> std::convertible_to<std::string_view>;
    { Protocol::fits(statement, witness) } -> std::same_as<result<void>>;
    { Protocol::nonce_seed(statement, witness) } -> std::same_as<secret<bytes>>;
    { Protocol::append_to(script, statement) } -> std::same_as<void>;
    { Protocol::append_to(script, announcement) } -> std::same_as<void>;
    { Protocol::draw_challenge(script, statement) } -> std::same_as<typename Protocol::challenge>;

    // Bytes of a proof: a length that follows from the statement alone, and one encoding.
    { Protocol::proof_bytes(statement) } -> std::same_as<std::size_t>;
    { Protocol::serialize(statement, announcement, response) } -> std::same_as<bytes>;
    {
        Protocol::parse(statement, data)
        } -> std::same_as<result<conversation<typename Protocol::announcement, typename Protocol::response>>>;
};

} // namespace veilsum::zk
