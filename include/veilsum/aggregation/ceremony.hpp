// The key ceremony as the record keeps it: everything public that a session needs to trust its key.
//
//     ceremony = public key (n, root) | verification keys v, v_1..v_l | for each trustee: signing key,
//     acknowledgement
//
// Each trustee checks its own share against v_i and then signs the ceremony's core (everything but the
// acknowledgements) together with its index. A session can start only when every trustee has done so.
//
// Who must not know what: nothing here is secret. The dealer's primes and the shares are not part of it.
//
// Checks of `check`, in order: 1 as many trustees as the structure says, each signing key once; 2 the key's
// own checks were made when it was parsed; 3 v and all v_i are units; 4 the v_i lie on one polynomial of
// degree < quorum; 5 each acknowledgement verifies.
//
// What this does not show: that n is a product of two safe primes, nor that gcd(n, phi(n)) = 1. Until the
// ceremony carries proofs of that, soundness rests on the dealer (docs/threat_model.md).
//
//     frame(ceremony, 1) of
//       key              var   public key frame
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
#include <veilsum/wire/frame.hpp>
#include <veilsum/wire/message_type.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace veilsum::aggregation {

inline constexpr std::size_t max_ceremony_bytes = std::size_t{1} << 20;

template <class Scheme>
struct ceremony {
    paillier::public_key<Scheme> key;
    threshold::verification_keys<Scheme> verification;
    std::vector<sign::verifying_key> trustees;     // [i - 1] signs for trustee i
    std::vector<sign::signature> acknowledgements; // [i - 1] by trustee i

    const threshold::structure& structure() const { return verification.structure(); }

    // What a trustee acknowledges: SHA-256 over key, verification keys and all signing keys.
    hash::digest32 core_digest() const {
        wire::writer out;
        out.var(key.serialize());
        out.var(verification.serialize());
        out.u32(static_cast<std::uint32_t>(trustees.size()));
        for (const sign::verifying_key& trustee : trustees) out.fixed(trustee.bytes());
        return hash::sha256(out.view());
    }

    static bytes acknowledgement_message(const hash::digest32& core, party_id trustee) {
        wire::writer out;
        out.fixed(core);
        out.u16(static_cast<std::uint16_t>(trustee.index()));
        return std::move(out).take();
    }

    bytes serialize() const {
        wire::writer out;
        out.var(key.serialize());
        out.var(verification.serialize());
        out.u32(static_cast<std::uint32_t>(trustees.size()));
        for (const sign::verifying_key& trustee : trustees) out.fixed(trustee.bytes());
        out.u32(static_cast<std::uint32_t>(acknowledgements.size()));
        for (const sign::signature& acknowledgement : acknowledgements) out.fixed(acknowledgement);
        return wire::frame(wire::message_type::ceremony, 1, out.view());
    }

    static result<ceremony> parse(byte_view data) {
        const auto body = wire::unframe(data, wire::message_type::ceremony, 1, max_ceremony_bytes);
        if (!body) return body.error();
        wire::reader in(*body);
        const byte_view key_bytes = in.var(max_ceremony_bytes);
        const byte_view verification_bytes = in.var(max_ceremony_bytes);
        std::vector<byte_array<32>> trustee_bytes(in.count(threshold::structure::max_trustees, 32));
        for (auto& trustee : trustee_bytes) trustee = in.template array<32>();
        std::vector<sign::signature> acknowledgements(in.count(threshold::structure::max_trustees, 64));
        for (auto& acknowledgement : acknowledgements) acknowledgement = in.template array<64>();
        if (auto end = in.finish(); !end) return end.error();

        auto key = paillier::public_key<Scheme>::parse(key_bytes);
        if (!key) return key.error();
        auto verification = threshold::verification_keys<Scheme>::parse(*key, verification_bytes);
        if (!verification) return verification.error();
        std::vector<sign::verifying_key> trustees;
        for (const auto& trustee : trustee_bytes) {
            auto parsed = sign::verifying_key::parse(trustee);
            if (!parsed)
                return std::move(parsed).error().at("trustee " + std::to_string(trustees.size() + 1));
            trustees.push_back(*parsed);
        }
        return ceremony{*std::move(key), *std::move(verification), std::move(trustees),
                        std::move(acknowledgements)};
    }

    // Cost: l - t + 1 short multi-exponentiations mod n^(s+1) and l signature checks.
    result<void> check() const {
        const std::size_t l = structure().trustees();
        if (trustees.size() != l || acknowledgements.size() != l)
            return error{errc::mismatch, "number of trustees and acknowledgements", 1};
        auto sorted = trustees;
        std::sort(sorted.begin(), sorted.end());
        if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
            return error{errc::duplicate, "trustee signing key", 1};
        if (auto dealt = verification.check(key); !dealt)
            return error(dealt.error())
                .in_check(4)
                .at("verification keys, check " + std::to_string(dealt.error().check));
        const hash::digest32 core = core_digest();
        for (std::uint32_t i = 1; i <= l; ++i)
            if (!trustees[i - 1].verify(acknowledgement_label, acknowledgement_message(core, party_id(i)),
                                        acknowledgements[i - 1]))
                return error{
                    errc::bad_signature, "acknowledgement of the ceremony", 5, {}, name_of(party_id(i))};
        return {};
    }
};

// Bits of the modulus of a serialized ceremony, so that a program can choose the scheme to parse it with.
inline result<std::uint32_t> modulus_bits_of_ceremony(byte_view data) {
    const auto body = wire::unframe(data, wire::message_type::ceremony, 1, max_ceremony_bytes);
    if (!body) return body.error();
    wire::reader in(*body);
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
