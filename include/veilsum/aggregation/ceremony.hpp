// The key ceremony as the record keeps it: everything public that a session needs to trust its key.
//
//     ceremony = id | public key (n, root) | proof that n is a product of two fit primes |
//                verification keys v_1..v_l | for each trustee: signing key, acknowledgement
//
// Each trustee checks its own share against v_i and then signs the ceremony's core (everything but the
// acknowledgements) together with its index. A session can start only when every trustee has done so.
//
// Who must not know what: nothing here is secret. The dealer's primes and the shares are not part of it.
//
// Checks of `check`, by number. 2 and 4 are made by `parse`, whose errors name them too:
//   1  as many trustees as the structure says, each signing key once
//   2  the key's own checks (paillier/public_key.hpp)
//   3  the proof of the key (zk/key_validity.hpp): gcd(n, phi(n)) = 1, no factor below 2^256, two primes;
//      bound to the id of the ceremony
//   4  all v_i are units
//   5  the v_i lie on one polynomial of degree < quorum that opens ciphertexts (verification_keys::check)
//   6  each acknowledgement verifies; one that does not names nobody, as anybody can write it
//
// What this does not show: that the primes are safe, which the soundness of share proofs rests on, and that
// the dealer has forgotten them (docs/threat_model.md).
//
//     frame(ceremony, 2) of
//       id               32    random, fresh for each ceremony
//       key              var   public key frame
//       proof            var   key proof, one length for each key size
//       verification     var   verification keys frame
//       trustees         count u32, each: signing key 32 bytes
//       acknowledgements count u32, each: signature 64 bytes       (same count, same order: index 1..l)
#pragma once

#include <veilsum/aggregation/identity.hpp>
#include <veilsum/aggregation/record_types.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/threshold/structure.hpp>
#include <veilsum/threshold/verification_keys.hpp>
#include <veilsum/transcript/transcript.hpp>
#include <veilsum/wire/frame.hpp>
#include <veilsum/wire/message_type.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>
#include <veilsum/zk/key_validity.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::aggregation {

// Longest encoding of a ceremony that is read, in bytes.
inline constexpr std::size_t max_ceremony_bytes = std::size_t{1} << 20;
// Version in the frame.
inline constexpr std::uint16_t ceremony_version = 2;
// Label of the digest that trustees acknowledge.
inline constexpr std::string_view ceremony_label = "veilsum.ceremony/2";

template <class Scheme>
struct ceremony {
    hash::digest32 id; // random, fresh for each ceremony
    paillier::public_key<Scheme> key;
    zk::key_proof<Scheme> proof; // that the key is well formed
    threshold::verification_keys<Scheme>
        verification; // v_1 .. v_l: each trustee's partial decryptions are checked against its own
    std::vector<sign::verifying_key> trustees;     // [i - 1] signs for trustee i
    std::vector<sign::signature> acknowledgements; // [i - 1] by trustee i

    const threshold::structure& structure() const { return verification.structure(); }

    // What the proof of the key is bound to. spec: aggregation, ceremony
    static transcript::transcript key_context(const hash::digest32& id,
                                              const paillier::public_key<Scheme>& key) {
        transcript::transcript context(ceremony_label);
        context.absorb("ceremony", id);
        context.absorb("key", key.id());
        return context;
    }

    // What a trustee acknowledges: SHA-256 over all that is not an acknowledgement.
    hash::digest32 core_digest() const {
        wire::writer out;
        write_core(out);
        return hash::sha256(out.view());
    }

    // What trustee i signs: digest of the ceremony without acknowledgements | i u16.
    static bytes acknowledgement_message(const hash::digest32& core, party_id trustee) {
        wire::writer out;
        out.fixed(core);
        out.u16(static_cast<std::uint16_t>(trustee.index()));
        return std::move(out).take();
    }

    bytes serialize() const {
        wire::writer out;
        write_core(out);
        out.u32(static_cast<std::uint32_t>(acknowledgements.size()));
        for (const sign::signature& acknowledgement : acknowledgements) out.fixed(acknowledgement);
        return wire::frame(wire::message_type::ceremony, ceremony_version, out.view());
    }

    static result<ceremony> parse(byte_view data) {
        const auto body =
            wire::unframe(data, wire::message_type::ceremony, ceremony_version, max_ceremony_bytes);
        if (!body) return error(body.error()).in_check(1);
        wire::reader in(*body);
        const auto id = in.template array<32>();
        const byte_view key_bytes = in.var(max_ceremony_bytes);
        const byte_view proof_bytes = in.var(max_ceremony_bytes);
        const byte_view verification_bytes = in.var(max_ceremony_bytes);
        std::vector<byte_array<32>> trustee_bytes(in.count(threshold::structure::max_trustees, 32));
        for (auto& trustee : trustee_bytes) trustee = in.template array<32>();
        std::vector<sign::signature> acknowledgements(in.count(threshold::structure::max_trustees, 64));
        for (auto& acknowledgement : acknowledgements) acknowledgement = in.template array<64>();
        if (auto end = in.finish(); !end) return std::move(end).error().in_check(1);

        auto key = paillier::public_key<Scheme>::parse(key_bytes);
        if (!key) return in_part(key.error(), 2, "key");
        auto proof = zk::key_proof<Scheme>::parse(*key, proof_bytes);
        if (!proof) return in_part(proof.error(), 3, "proof of the key");
        auto verification = threshold::verification_keys<Scheme>::parse(*key, verification_bytes);
        if (!verification) return in_part(verification.error(), 4, "verification keys");
        std::vector<sign::verifying_key> trustees;
        for (const auto& trustee : trustee_bytes) {
            auto parsed = sign::verifying_key::parse(trustee);
            if (!parsed)
                return std::move(parsed).error().in_check(1).at("trustee " +
                                                                std::to_string(trustees.size() + 1));
            trustees.push_back(*parsed);
        }
        return ceremony{id,
                        *std::move(key),
                        *std::move(proof),
                        *std::move(verification),
                        std::move(trustees),
                        std::move(acknowledgements)};
    }

    // Cost: that of the key proof, l - t + 1 short multi-exponentiations mod n^(s+1), l signature checks.
    result<void> check() const {
        const std::size_t l = structure().trustees();
        if (trustees.size() != l || acknowledgements.size() != l)
            return error{errc::mismatch, "number of trustees and acknowledgements", 1};
        auto sorted = trustees;
        std::sort(sorted.begin(), sorted.end());
        if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
            return error{errc::duplicate, "trustee signing key", 1};
        if (auto valid = zk::key_verifier::verify(key_context(id, key), key, proof); !valid)
            return in_part(valid.error(), 3, "proof of the key");
        if (auto dealt = verification.check(key); !dealt)
            return in_part(dealt.error(), 5, "verification keys");
        const hash::digest32 core = core_digest();
        for (std::uint32_t i = 1; i <= l; ++i)
            if (!trustees[i - 1].verify(acknowledgement_label, acknowledgement_message(core, party_id(i)),
                                        acknowledgements[i - 1]))
                return error{errc::bad_signature, "acknowledgement of the ceremony", 6, name_of(party_id(i))};
        return {};
    }

  private:
    void write_core(wire::writer& out) const {
        out.fixed(id);
        out.var(key.serialize());
        out.var(proof.serialize(key));
        out.var(verification.serialize());
        out.u32(static_cast<std::uint32_t>(trustees.size()));
        for (const sign::verifying_key& trustee : trustees) out.fixed(trustee.bytes());
    }
    // The error of a part, its own check and place behind the name of the part.
    static error in_part(const error& cause, std::uint32_t check, std::string place) {
        if (cause.check != 0) place += ", check " + std::to_string(cause.check);
        if (!cause.place.empty()) place += ", " + cause.place;
        return error(cause).in_check(check).at(std::move(place));
    }
};

// Bits of the modulus of a serialized ceremony, so that a program can choose the scheme to parse it with.
inline result<std::uint32_t> modulus_bits_of_ceremony(byte_view data) {
    const auto body = wire::unframe(data, wire::message_type::ceremony, ceremony_version, max_ceremony_bytes);
    if (!body) return body.error();
    wire::reader in(*body);
    in.fixed(32);
    const byte_view key = in.var(max_ceremony_bytes);
    if (!in.ok()) return in.finish().error();
    const auto key_body = wire::unframe(key, wire::message_type::public_key, 1, max_ceremony_bytes);
    if (!key_body) return key_body.error();
    wire::reader key_in(*key_body);
    const std::uint32_t bits = key_in.u16();
    if (!key_in.ok()) return error{errc::malformed, "public key"};
    return bits;
}

} // namespace veilsum::aggregation
