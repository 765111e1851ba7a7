// Verifier key: the name and public key of one who signs notes, as one line of text.
//
//     <key name>+<key id, 8 hexadecimal digits>+<base64(type || public key)>
//
// The type says what the key signs: 1 the notes themselves (a log), 4 cosignatures of checkpoints (a
// witness). The reader says which it wants, so that a log's key is never taken for a witness's. The key id
// follows from the rest and catches a copying mistake; it is no fingerprint.
//
// Checks, by number: 1 three parts, a key name, lower-case digits, base64 (malformed); 2 the type is the one
// wanted (unsupported); 3 the rest is a verifying key (malformed); 4 the key id is that of name, type and key
// (mismatch).
//
// spec: record, section 5.1; C2SP signed-note, https://c2sp.org/signed-note, "Verifier keys".
// deviation: upper-case digits, which some readers allow, are refused: one spelling.
#pragma once

#include <veilsum/audit/note_encoding.hpp>
#include <veilsum/audit/signed_note.hpp>
#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/sign/verifying_key.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace veilsum::audit {

struct verifier_key {
    std::string name;        // is_key_name holds
    sign::verifying_key key; // Ed25519
    bool operator==(const verifier_key&) const = default;
};

// The name must be a key name (`is_key_name`).
inline std::string verifier_key_text(const verifier_key& signer, note_key_type type) {
    expects(is_key_name(signer.name));
    bytes blob{static_cast<std::uint8_t>(type)};
    blob.insert(blob.end(), signer.key.bytes().begin(), signer.key.bytes().end());
    return signer.name + "+" + to_hex(note_key_id(signer.name, type, signer.key)) + "+" + to_base64(blob);
}

// Checks 1 to 4 of the description of the file.
inline result<verifier_key> parse_verifier_key(std::string_view text, note_key_type wanted) {
    const error bad_form{errc::malformed, "form of the verifier key", 1};
    const std::size_t first = text.find('+');
    if (first == std::string_view::npos) return bad_form;
    const std::size_t second = text.find('+', first + 1); // base64 has plus signs too
    if (second == std::string_view::npos) return bad_form;
    const std::string_view name = text.substr(0, first);
    const std::string_view id_text = text.substr(first + 1, second - first - 1);
    const auto id = from_hex(id_text);
    const auto blob = from_base64(text.substr(second + 1));
    if (!is_key_name(name) || !id || id->size() != 4 || to_hex(*id) != id_text || !blob || blob->empty())
        return bad_form;
    if (blob->front() != static_cast<std::uint8_t>(wanted))
        return error{errc::unsupported, "type of the verifier key", 2};
    auto key = sign::verifying_key::parse(byte_view(*blob).subspan(1));
    if (!key) return std::move(key).error().in_check(3);
    if (!equal(*id, note_key_id(name, wanted, *key)))
        return error{errc::mismatch, "id of the verifier key", 4};
    return verifier_key{std::string(name), *key};
}

} // namespace veilsum::audit
