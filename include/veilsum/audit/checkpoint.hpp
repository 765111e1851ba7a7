// Checkpoint: the signed statement "this log has so many records, with this root".
//
//     <origin>
//     <size, decimal>
//     <root, base64>
//
//     - <key name> <base64(key id || Ed25519 signature)>       (an em dash in front); then witnesses' lines
//
// Whoever holds a checkpoint can refuse a log that is shorter than it or different from it
// (audit/rollback.hpp); two checkpoints that no consistency proof connects are evidence, by its own
// signature, that the log showed two faces. Only comparing checkpoints, directly or through witnesses
// (audit/cosignature.hpp), reveals that.
//
// The key name is the origin unless the caller says otherwise.
//
// spec: C2SP tlog-checkpoint, https://c2sp.org/tlog-checkpoint.
//
// deviation: extension lines, which the specification allows and advises against, are refused: nobody would
// check them.
//
// deviation: the root of size 0 must be that of the empty tree.
#pragma once

#include <veilsum/audit/merkle_proof.hpp>
#include <veilsum/audit/note_encoding.hpp>
#include <veilsum/audit/signed_note.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/sign/verifying_key.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace veilsum::audit {

// One line of note text that is not empty. Should be a URL without scheme, such as "example.org/log".
inline bool is_origin(std::string_view origin) {
    return !origin.empty() && origin.find('\n') == std::string_view::npos && is_note_text(origin);
}

struct checkpoint {
    std::string origin;
    std::uint64_t size = 0;
    hash::digest32 root{};
    bool operator==(const checkpoint&) const = default;

    // The note text. The origin must be a valid one.
    std::string text() const {
        expects(is_origin(origin));
        return origin + "\n" + std::to_string(size) + "\n" + to_base64(root) + "\n";
    }

    static result<checkpoint> parse(std::string_view text) {
        std::array<std::string_view, 3> lines;
        for (std::string_view& line : lines) {
            const std::size_t end = text.find('\n');
            if (end == std::string_view::npos || end == 0)
                return error{errc::malformed, "lines of the checkpoint"};
            line = text.substr(0, end);
            text.remove_prefix(end + 1);
        }
        if (!text.empty()) return error{errc::unsupported, "extension lines of the checkpoint"};
        if (!is_origin(lines[0])) return error{errc::malformed, "origin of the checkpoint"};
        const auto size = from_decimal(lines[1]);
        if (!size) return error{errc::malformed, "size of the checkpoint"};
        const auto root = from_base64(lines[2]);
        if (!root || root->size() != 32) return error{errc::malformed, "root of the checkpoint"};
        checkpoint parsed{std::string(lines[0]), *size, {}};
        std::copy(root->begin(), root->end(), parsed.root.begin());
        if (parsed.size == 0 && parsed.root != empty_tree_root())
            return error{errc::mismatch, "root of an empty log"};
        return parsed;
    }
};

// Checks, in order: 1 the note's form; 2 the signature by this key under this name (errc::missing or
// errc::bad_signature); 3 the form of the checkpoint; 4 its origin (errc::wrong_context). Other lines are
// ignored.
inline result<checkpoint> verify_checkpoint(std::string_view note, std::string_view origin,
                                            const sign::verifying_key& key, std::string_view key_name) {
    const auto parsed = parse_note(note);
    if (!parsed) return error(parsed.error()).in_check(1);
    if (auto signed_by_log = verify_note(*parsed, key_name, key); !signed_by_log)
        return error(signed_by_log.error()).in_check(2);
    auto tip = checkpoint::parse(parsed->text);
    if (!tip) return std::move(tip).error().in_check(3);
    if (tip->origin != origin) return error{errc::wrong_context, "origin of the checkpoint", 4};
    return tip;
}
inline result<checkpoint> verify_checkpoint(std::string_view note, std::string_view origin,
                                            const sign::verifying_key& key) {
    return verify_checkpoint(note, origin, key, origin);
}

} // namespace veilsum::audit
