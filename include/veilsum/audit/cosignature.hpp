// Cosignature: a witness states that, at a time, this was the largest consistent view of the log it had seen.
//
//     signed message = "cosignature/v1" LF "time " <seconds, decimal> LF <text of the checkpoint>
//     signature line = key id (type 4) | time u64, big-endian | Ed25519 signature
//
// A witness keeps the last checkpoint of each log and signs a new one only after a consistency proof, so a
// log that shows two faces must split its witnesses too. How many witnesses are enough is the verifier's
// policy (audit/witness_policy.hpp).
//
// spec: C2SP tlog-cosignature, https://c2sp.org/tlog-cosignature (the Ed25519 kind).
#pragma once

#include <veilsum/audit/signed_note.hpp>
#include <veilsum/wire/reader.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace veilsum::audit {

inline constexpr std::uint64_t max_cosignature_time =
    std::numeric_limits<std::int64_t>::max(); // the latest time that can be written, seconds of the POSIX
                                              // epoch

// What a witness signs: the text of the checkpoint, with its final newline, and the time.
inline std::string cosigned_message(std::string_view checkpoint_text, std::uint64_t seconds) {
    std::string message = "cosignature/v1\ntime " + std::to_string(seconds) + "\n";
    return message.append(checkpoint_text);
}

// The time, in seconds of the POSIX epoch, of this witness's latest cosignature. errc::missing when no line
// names the witness, errc::bad_signature when one does and fails, errc::out_of_range for a time above 2^63
// - 1. The library reads no clock: whether the time is acceptable is for the caller to say.
inline result<std::uint64_t> verify_cosignature(const signed_note& note, std::string_view witness_name,
                                                const sign::verifying_key& witness) {
    const byte_array<4> id = note_key_id(witness_name, note_key_type::cosignature_v1, witness);
    bool found = false;
    std::uint64_t latest = 0;
    for (std::size_t i = 0; i < note.signatures.size(); ++i) {
        const note_signature& line = note.signatures[i];
        if (line.key_name != witness_name || line.key_id != id) continue;
        const std::string place = "signature line " + std::to_string(i + 1);
        wire::reader in(line.signature);
        const std::uint64_t seconds = in.u64();
        const sign::signature signature = in.array<64>();
        if (!in.finish() || !witness.verify_raw(as_bytes(cosigned_message(note.text, seconds)), signature))
            return error{errc::bad_signature, "cosignature of the note", 0, place, std::string(witness_name)};
        if (seconds > max_cosignature_time)
            return error{errc::out_of_range, "time of the cosignature", 0, place, std::string(witness_name)};
        latest = std::max(latest, seconds);
        found = true;
    }
    if (!found) return error{errc::missing, "cosignature by the witness", 0, {}, std::string(witness_name)};
    return latest;
}

} // namespace veilsum::audit
