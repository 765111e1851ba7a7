// The first and the last record of a session.
//
// The session id is SHA-256 of the canonical bytes of the first record, which holds 32 random bytes: no two
// sessions share an id, so nothing that was signed or proved in one is valid in another.
//
//     session_opened body
//       nonce          32   random
//       modulus_bits   u32
//       degree         u16
//       policy         u8   exponent policy
//       ceremony       32   digest of the ceremony body
//       key            32   key id
//       aggregator     32   Ed25519 key that signs checkpoints
//       origin         var  checkpoint origin and key name, at most 128 bytes
//
//     session_closed body
//       artifacts      count u32, each:
//         name         var  at most 64 bytes, [A-Za-z0-9._-], no leading dot
//         digest       32   SHA-256 of the file
#pragma once

#include <veilsum/aggregation/identity.hpp>
#include <veilsum/audit/checkpoint.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/paillier/exponent_policy.hpp>
#include <veilsum/paillier/scheme.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::aggregation {

// The exponent policies of paillier/exponent_policy.hpp, as numbers on the record: `short_exponent`,
// `half_length`, `uniform`.
enum class exponent_policy : std::uint8_t { short_exponent = 1, half_length = 2, uniform = 3 };

// Calls visit(policy) with the policy's type, so that lengths are constants where proofs are checked.
template <class Visit>
decltype(auto) with_policy(exponent_policy policy, Visit&& visit) {
    switch (policy) {
    case exponent_policy::half_length:
        return visit(paillier::half_length());
    case exponent_policy::uniform:
        return visit(paillier::uniform());
    case exponent_policy::short_exponent:
        break;
    }
    return visit(paillier::short_exponent());
}

// Bits of the random exponent of a ciphertext.
template <class Scheme>
std::size_t exponent_bits(exponent_policy policy) {
    return with_policy(policy,
                       [](auto chosen) { return decltype(chosen)::template bits<Scheme::modulus_bits>; });
}

// The body of `session_opened`; layout in the description of the file.
struct session_header {
    hash::digest32 nonce{}; // random: makes the session id unique
    std::uint32_t modulus_bits = 0;
    std::uint16_t degree = 0; // s: ciphertexts are modulo n^(s+1)
    exponent_policy policy = exponent_policy::short_exponent;
    hash::digest32 ceremony{}; // digest of the ceremony's body
    hash::digest32 key{};
    byte_array<32> aggregator{};
    std::string origin;

    // The origin names the key in the checkpoint too, so it follows the rules of both: no spaces, no ASCII
    // control characters.
    static bool is_valid_origin(std::string_view name) {
        return name.size() <= 128 && audit::is_origin(name) && audit::is_key_name(name);
    }

    bytes serialize() const {
        wire::writer out;
        out.fixed(nonce);
        out.u32(modulus_bits);
        out.u16(degree);
        out.u8(static_cast<std::uint8_t>(policy));
        out.fixed(ceremony);
        out.fixed(key);
        out.fixed(aggregator);
        out.var(as_bytes(origin));
        return std::move(out).take();
    }
    static result<session_header> parse(byte_view body) {
        wire::reader in(body);
        session_header header;
        header.nonce = in.array<32>();
        header.modulus_bits = in.u32();
        header.degree = in.u16();
        const std::uint8_t policy = in.u8();
        if (policy < 1 || policy > 3) in.fail(errc::unsupported, "exponent policy");
        header.policy = static_cast<exponent_policy>(policy);
        header.ceremony = in.array<32>();
        header.key = in.array<32>();
        header.aggregator = in.array<32>();
        const byte_view origin = in.var(128);
        header.origin.assign(origin.begin(), origin.end());
        if (in.ok() && !is_valid_origin(header.origin)) in.fail(errc::malformed, "checkpoint origin");
        if (auto end = in.finish(); !end) return end.error();
        return header;
    }
};

// A file that belongs to the session, such as the final model.
struct artifact {
    std::string name;        // of the file, at most 64 bytes of [A-Za-z0-9._-]
    hash::digest32 digest{}; // SHA-256 of the file
    bool operator==(const artifact&) const = default;

    // A plain file name: it can be joined to a folder without leaving it.
    static bool is_valid_name(std::string_view name) {
        return !name.empty() && name.size() <= 64 && name.front() != '.' &&
               std::all_of(name.begin(), name.end(), [](char c) {
                   return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '.' || c == '_' || c == '-';
               });
    }
};

// The body of `session_closed`.
struct session_end {
    std::vector<artifact> artifacts; // files that the session leaves

    bytes serialize() const {
        wire::writer out;
        out.u32(static_cast<std::uint32_t>(artifacts.size()));
        for (const artifact& file : artifacts) {
            out.var(as_bytes(file.name));
            out.fixed(file.digest);
        }
        return std::move(out).take();
    }
    static result<session_end> parse(byte_view body) {
        wire::reader in(body);
        session_end end;
        end.artifacts.resize(in.count(64, 4 + 1 + 32));
        for (artifact& file : end.artifacts) {
            const byte_view name = in.var(64);
            file.name.assign(name.begin(), name.end());
            file.digest = in.array<32>();
            if (in.ok() && !artifact::is_valid_name(file.name)) in.fail(errc::malformed, "artifact name");
        }
        if (auto finished = in.finish(); !finished) return finished.error();
        return end;
    }
};

} // namespace veilsum::aggregation
