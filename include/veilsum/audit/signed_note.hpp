// Signed note: a text, a blank line, and signature lines by any number of keys.
//
//     <text, ends in newline>
//
//     - <key name> <base64(key id || signature)>              (with an em dash, U+2014, in front)
//
//     key id = first 4 bytes of SHA-256(key name || 0x0A || type || public key)         type 1: Ed25519
//
// The signature is over the text, final newline included, and nothing else: C2SP puts no label in front, so a
// key that signs notes must sign nothing else that could end in a newline. Signing keys of records sign
// labelled messages, which begin with eight bytes of length and are no valid note text (they hold control
// characters).
//
// The text means nothing until a known key's signature has verified: parse first, then `verify_note`. Lines
// by keys that we do not know are kept and ignored, which is how witnesses add theirs. A line that names a
// known key and does not verify spoils the whole note.
//
// Caps: 1 MiB a note, 100 signature lines (the same as the Go checksum database's); control characters and
// anything that is not UTF-8 are refused. A key id is an abbreviation, not a fingerprint: the verifier brings
// the whole key.
//
// spec: C2SP signed-note, https://c2sp.org/signed-note.
#pragma once

#include <veilsum/audit/note_encoding.hpp>
#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/sign/verifying_key.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::audit {

inline constexpr std::size_t max_note_bytes = std::size_t{1} << 20;      // of the whole note
inline constexpr std::size_t max_note_signatures = 100;                  // lines
inline constexpr std::string_view note_signature_mark = "\xe2\x80\x94 "; // em dash and space

// What a key signs: notes themselves (`ed25519`) or cosignatures (`cosignature_v1`).
enum class note_key_type : std::uint8_t { ed25519 = 0x01, cosignature_v1 = 0x04 };

// Non-empty UTF-8 without Unicode spaces, plus signs and control characters.
inline bool is_key_name(std::string_view name) {
    if (name.empty()) return false;
    while (!name.empty()) {
        const auto point = take_code_point(name);
        if (!point || *point < 0x20 || *point == '+' || is_unicode_space(*point)) return false;
    }
    return true;
}

// First 4 bytes of SHA-256(name | 0x0A | type | key). An abbreviation, no fingerprint.
inline byte_array<4> note_key_id(std::string_view name, note_key_type type, const sign::verifying_key& key) {
    const byte_array<2> between{0x0a, static_cast<std::uint8_t>(type)};
    const auto digest = hash::sha256_of(as_bytes(name), byte_view(between), byte_view(key.bytes()));
    byte_array<4> id;
    std::copy_n(digest.begin(), id.size(), id.begin());
    return id;
}

// One signature line.
struct note_signature {
    std::string key_name; // who signed
    byte_array<4> key_id; // note_key_id of name, type and key
    bytes signature;      // without the key id; 64 bytes for Ed25519
    bool operator==(const note_signature&) const = default;
};

// The line, without a newline.
inline std::string signature_line(const note_signature& line) {
    bytes blob(line.key_id.begin(), line.key_id.end());
    blob.insert(blob.end(), line.signature.begin(), line.signature.end());
    std::string text(note_signature_mark);
    return text.append(line.key_name).append(" ").append(to_base64(blob)).append("\n");
}

struct signed_note {
    std::string text;                       // with its final newline
    std::vector<note_signature> signatures; // in the order of the lines

    std::string serialize() const {
        std::string note = text + "\n";
        for (const note_signature& line : signatures) note += signature_line(line);
        return note;
    }
    bool operator==(const signed_note&) const = default;
};

// A line without its newline. errc::malformed: mark, key name, base64, or nothing behind the key id.
inline result<note_signature> parse_signature_line(std::string_view line) {
    if (line.substr(0, note_signature_mark.size()) != note_signature_mark)
        return error{errc::malformed, "mark of a signature line"};
    line.remove_prefix(note_signature_mark.size());
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return error{errc::malformed, "signature line"};
    const std::string_view name = line.substr(0, space);
    if (!is_key_name(name)) return error{errc::malformed, "key name of a signature line"};
    const auto blob = from_base64(line.substr(space + 1));
    if (!blob) return error{errc::malformed, "base64 of a signature line"};
    if (blob->size() < 5) return error{errc::malformed, "length of a signature line"};
    note_signature parsed{std::string(name), {}, {}};
    std::copy_n(blob->begin(), parsed.key_id.size(), parsed.key_id.begin());
    parsed.signature.assign(blob->begin() + 4, blob->end());
    return parsed;
}

// errc::overflow beyond the caps, errc::malformed else; the place names the signature line, counted from 1.
inline result<signed_note> parse_note(std::string_view note) {
    if (note.size() > max_note_bytes) return error{errc::overflow, "length of the note"};
    if (!is_note_text(note)) return error{errc::malformed, "characters of the note"};
    // The text may hold blank lines itself: the last one is what separates it.
    const std::size_t blank = note.rfind("\n\n");
    if (blank == std::string_view::npos) return error{errc::malformed, "blank line of the note"};
    signed_note parsed;
    parsed.text = note.substr(0, blank + 1);
    std::string_view lines = note.substr(blank + 2);
    if (lines.empty()) return error{errc::missing, "signature lines of the note"};
    if (lines.back() != '\n') return error{errc::malformed, "end of the note"};
    while (!lines.empty()) {
        const std::string place = "signature line " + std::to_string(parsed.signatures.size() + 1);
        if (parsed.signatures.size() == max_note_signatures)
            return error{errc::overflow, "number of signature lines", 0, place};
        const std::size_t end = lines.find('\n');
        auto line = parse_signature_line(lines.substr(0, end));
        if (!line) return std::move(line).error().at(place);
        parsed.signatures.push_back(*std::move(line));
        lines.remove_prefix(end + 1);
    }
    return parsed;
}

// Has this key signed the note? errc::missing when no line names the key, errc::bad_signature (place and
// culprit given) when one does and fails. Cost: one Ed25519 verification for each line that names the key.
inline result<void> verify_note(const signed_note& note, std::string_view key_name,
                                const sign::verifying_key& key) {
    const byte_array<4> id = note_key_id(key_name, note_key_type::ed25519, key);
    bool found = false;
    for (std::size_t i = 0; i < note.signatures.size(); ++i) {
        const note_signature& line = note.signatures[i];
        if (line.key_name != key_name || line.key_id != id) continue;
        sign::signature signature{};
        const bool right_length = line.signature.size() == signature.size();
        if (right_length) std::copy(line.signature.begin(), line.signature.end(), signature.begin());
        if (!right_length || !key.verify_raw(as_bytes(note.text), signature))
            return error{errc::bad_signature, "signature of the note", 0,
                         "signature line " + std::to_string(i + 1), std::string(key_name)};
        found = true;
    }
    if (!found) return error{errc::missing, "signature by the known key", 0, {}, std::string(key_name)};
    return {};
}

} // namespace veilsum::audit
