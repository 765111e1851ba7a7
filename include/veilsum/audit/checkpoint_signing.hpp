// Signing checkpoints: the one header of this room that sees a signing key.
//
// A log must never sign two checkpoints that are not consistent: write the records first, sign afterwards,
// and sign only what the store holds durably. Whoever can make a log's key sign twice can make it look
// dishonest.
//
//     const checkpoint tip{"example.org/log", store.size(), store.root()};
//     store.write_checkpoint(sign_checkpoint(tip, "example.org/log", key));
//
// Who must not know what: auditors include audit/checkpoint.hpp, which cannot sign.
#pragma once

#include <veilsum/audit/checkpoint.hpp>
#include <veilsum/audit/cosignature.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/sign/signing_key.hpp>
#include <veilsum/wire/writer.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace veilsum::audit {

// The text must be note text that ends in a newline, the name a valid key name.
inline note_signature sign_note(std::string_view text, std::string_view key_name,
                                const sign::signing_key& key) {
    expects(is_key_name(key_name) && is_note_text(text) && !text.empty() && text.back() == '\n');
    const sign::signature signature = key.sign_raw(as_bytes(text));
    return {std::string(key_name), note_key_id(key_name, note_key_type::ed25519, key.verifying()),
            bytes(signature.begin(), signature.end())};
}

// The origin must be a valid origin (`is_origin`) and the name a valid key name (`is_key_name`).
inline std::string sign_checkpoint(const checkpoint& tip, std::string_view key_name,
                                   const sign::signing_key& key) {
    const std::string text = tip.text();
    return signed_note{text, {sign_note(text, key_name, key)}}.serialize();
}

// A witness's line added to a note that parses as a checkpoint. The witness has checked the log's signature
// and the consistency with what it signed before; this function cannot. Refuses a note that is full.
inline result<std::string> cosign_checkpoint(std::string_view note, std::string_view witness_name,
                                             const sign::signing_key& witness, std::uint64_t seconds) {
    expects(is_key_name(witness_name) && seconds <= max_cosignature_time);
    auto parsed = parse_note(note);
    if (!parsed) return parsed.error();
    if (const auto tip = checkpoint::parse(parsed->text); !tip) return tip.error();
    if (parsed->signatures.size() == max_note_signatures)
        return error{errc::overflow, "number of signature lines"};
    const sign::signature signature = witness.sign_raw(as_bytes(cosigned_message(parsed->text, seconds)));
    wire::writer out;
    out.u64(seconds);
    out.fixed(signature);
    parsed->signatures.push_back(
        {std::string(witness_name),
         note_key_id(witness_name, note_key_type::cosignature_v1, witness.verifying()),
         std::move(out).take()});
    return parsed->serialize();
}

} // namespace veilsum::audit
