// A trustee's answer for a round, and the refusal of a wrong one.
//
//     header   round u64 | trustee u16 | body digest 32 | signature 64
//              the body of `partial` and `partial_refusal`
//     message  frame(partial_decryption, 1) of: header | body
//     body     threshold::partial_decryption: one value for each ciphertext of the aggregate and one proof
//              for all
//
// The signature covers session, round, binding, the digest of the aggregated ciphertexts, the index and the
// body: a partial decryption made for one product cannot be shown for another.
//
// Checks, by number: 1 it is for this round; 2 the index is a trustee's; 3 the signature verifies; 4 the body
// has its digest and length; 5 it decodes; 6 the batch proof verifies. From 5 on a failure is the trustee's
// and is recorded.
#pragma once

#include <veilsum/aggregation/body_reader.hpp>
#include <veilsum/aggregation/ceremony.hpp>
#include <veilsum/aggregation/round.hpp>
#include <veilsum/paillier/ciphertext_vector.hpp>
#include <veilsum/threshold/partial_decryption.hpp>

#include <utility>

namespace veilsum::aggregation {

// What a trustee signs with its partial decryptions.
struct partial_header {
    std::uint64_t round = 0;
    std::uint16_t trustee = 0;
    hash::digest32 body{}; // digest of the body
    sign::signature signature{};

    static constexpr std::size_t size = 8 + 2 + 32 + 64; // bytes
    bool operator==(const partial_header&) const = default;

    bytes signed_message(const round_facts& facts, const hash::digest32& aggregate) const {
        wire::writer out;
        out.fixed(facts.session());
        out.u64(round);
        out.fixed(facts.binding());
        out.fixed(aggregate);
        out.u16(trustee);
        out.fixed(body);
        return std::move(out).take();
    }
    bytes serialize() const {
        wire::writer out;
        out.u64(round);
        out.u16(trustee);
        out.fixed(body);
        out.fixed(signature);
        return std::move(out).take();
    }
    static result<partial_header> parse(byte_view data) {
        wire::reader in(data);
        partial_header header;
        header.round = in.u64();
        header.trustee = in.u16();
        header.body = in.array<32>();
        header.signature = in.array<64>();
        if (auto end = in.finish(); !end) return end.error();
        return header;
    }
};

// Bytes of the partial decryptions of so many ciphertexts and their proof, for the ceremony's key.
template <class Scheme>
std::size_t partial_body_bytes(const ceremony<Scheme>& ceremony, std::size_t ciphertexts) {
    return threshold::partial_decryption<Scheme>::serialized_bytes(ceremony.verification, ciphertexts);
}

struct partial_message {
    partial_header header; // what the trustee signed
    bytes body;            // the partial decryptions and their proof

    bytes serialize() const {
        wire::writer out;
        out.fixed(header.serialize());
        out.fixed(body);
        return wire::frame(wire::message_type::partial_decryption, 1, out.view());
    }
    static result<partial_message> parse(byte_view data, std::size_t body_bytes) {
        auto content =
            wire::unframe(data, wire::message_type::partial_decryption, 1, partial_header::size + body_bytes);
        if (!content) return content.error();
        if (content->size() != partial_header::size + body_bytes)
            return error{errc::malformed, "length of the partial decryption", 4};
        auto header = partial_header::parse(content->first(partial_header::size));
        if (!header) return header.error();
        const byte_view body = content->subspan(partial_header::size);
        return partial_message{*header, bytes(body.begin(), body.end())};
    }
};

// Checks 1 to 3.
template <class Scheme>
result<party_id> check_partial_header(const ceremony<Scheme>& ceremony, const round_facts& round,
                                      const hash::digest32& aggregate, const partial_header& header) {
    if (header.round != round.header().round)
        return error{errc::wrong_context, "round of the partial decryption", 1};
    if (header.trustee < 1 || header.trustee > ceremony.structure().trustees())
        return error{errc::out_of_range, "trustee index", 2};
    const party_id trustee(header.trustee);
    if (!ceremony.trustees[header.trustee - 1u].verify(partial_label, header.signed_message(round, aggregate),
                                                       header.signature))
        return error{errc::bad_signature, "signature of the partial decryption", 3};
    return trustee;
}

// The transcript of a trustee's proof: round context with the trustee's signing key as the party.
template <class Scheme>
transcript::transcript partial_context(const ceremony<Scheme>& ceremony, const round_facts& round,
                                       party_id trustee) {
    transcript::transcript context(partial_protocol);
    round.context_of(ceremony.trustees[trustee.index() - 1].bytes()).absorb_into(context);
    return context;
}

// All six checks. Cost: 6 dominates, two multi-exponentiations over the ciphertexts.
template <class Scheme>
result<threshold::verified_partial<Scheme>>
check_partial(const ceremony<Scheme>& ceremony, const round_facts& round,
              const paillier::ciphertext_vector<Scheme>& aggregate, const hash::digest32& aggregate_digest,
              const partial_header& header, const body_reader& bodies) {
    const auto trustee = check_partial_header(ceremony, round, aggregate_digest, header);
    if (!trustee) return trustee.error();
    const std::string culprit = name_of(*trustee);
    const std::size_t length = partial_body_bytes(ceremony, aggregate.size());
    auto body = bodies(header.body, length);
    if (!body) return std::move(body).error().in_check(4);
    if (body->size() != length) return error{errc::malformed, "length of the partial decryption", 4};
    if (hash::sha256(*body) != header.body)
        return error{errc::mismatch, "digest of the partial decryption", 4};
    auto partial = threshold::partial_decryption<Scheme>::parse(ceremony.key, ceremony.verification,
                                                                aggregate.size(), *body);
    if (!partial) return std::move(partial).error().in_check(5).by(culprit);
    if (partial->party() != *trustee)
        return error{errc::wrong_context, "index inside the partial decryption", 5, {}, culprit};
    auto verified = threshold::verify_partial(ceremony.key, ceremony.verification, aggregate, *partial,
                                              partial_context(ceremony, round, *trustee));
    if (!verified) {
        const std::string inner = "share proof check " + std::to_string(verified.error().check);
        return std::move(verified).error().at(inner).in_check(6).by(culprit);
    }
    return verified;
}

} // namespace veilsum::aggregation
