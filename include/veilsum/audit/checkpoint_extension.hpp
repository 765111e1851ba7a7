// Checkpoint extension: a later checkpoint, with the proof that its log only grew.
//
//     old <size, decimal>
//     <base64 of a digest>                    the consistency proof, at most 63 lines
//
//     <checkpoint note>
//
// This is what a log sends to its witnesses, and what the holder of a receipt asks for to see that the log
// still contains what the receipt promised.
//
//     const auto later = checkpoint_extension::parse(text);
//     const auto tip = verify_later(receipt's checkpoint, later->old_size, later->proof, later->note, ...);
//
// spec: record, section 6.1; C2SP tlog-witness, https://c2sp.org/tlog-witness, body of add-checkpoint.
#pragma once

#include <veilsum/audit/checkpoint.hpp>
#include <veilsum/audit/merkle_proof.hpp>
#include <veilsum/audit/note_encoding.hpp>
#include <veilsum/audit/signed_note.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/sign/verifying_key.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace veilsum::audit {

inline constexpr std::size_t max_extension_digests = 63; // of the consistency proof
inline constexpr std::size_t max_extension_bytes =
    max_note_bytes + 26 + 45 * max_extension_digests;      // of the whole text
inline constexpr std::string_view extension_mark = "old "; // before the size of the older log

struct checkpoint_extension {
    std::uint64_t old_size = 0; // records that the older checkpoint covers
    consistency_proof proof;    // from the older log to this
    std::string note;           // the later checkpoint with its signatures
    bool operator==(const checkpoint_extension&) const = default;

    // At most 63 digests.
    std::string serialize() const {
        expects(proof.path.size() <= max_extension_digests);
        std::string text = std::string(extension_mark) + std::to_string(old_size) + "\n";
        for (const hash::digest32& digest : proof.path) text += to_base64(digest) + "\n";
        return text + "\n" + note;
    }

    // The form of what stands before the note; the note is `verify_later`'s to judge.
    static result<checkpoint_extension> parse(std::string_view text) {
        if (text.size() > max_extension_bytes) return error{errc::overflow, "length of the extension"};
        const auto take_line = [&]() -> std::optional<std::string_view> {
            const std::size_t end = text.find('\n');
            if (end == std::string_view::npos) return std::nullopt;
            const std::string_view line = text.substr(0, end);
            text.remove_prefix(end + 1);
            return line;
        };
        checkpoint_extension made;
        auto line = take_line();
        if (!line || line->substr(0, extension_mark.size()) != extension_mark)
            return error{errc::malformed, "old size of the extension"};
        const auto size = from_decimal(line->substr(extension_mark.size()));
        if (!size) return error{errc::malformed, "old size of the extension"};
        made.old_size = *size;
        for (line = take_line(); line && !line->empty(); line = take_line()) {
            const auto digest = from_base64(*line);
            if (!digest || digest->size() != 32) return error{errc::malformed, "digest of the extension"};
            if (made.proof.path.size() == max_extension_digests)
                return error{errc::overflow, "digests of the extension"};
            std::copy(digest->begin(), digest->end(), made.proof.path.emplace_back().begin());
        }
        if (!line) return error{errc::malformed, "empty line of the extension"};
        made.note = text;
        return made;
    }
};

// Does the log that signed `known` still contain what it covers? Checks: 1 the later checkpoint, by this key
// under this origin; 2 the proof starts from `known` (errc::wrong_context), the later log is not smaller
// (errc::missing: it was cut) and consistent with it (errc::mismatch: it was rewritten). The place of 2 is
// the later size.
//
// Two roots of one size, both signed, are evidence by themselves: the log is named as the culprit. A smaller
// checkpoint is evidence only if it was made later, and a checkpoint holds no time; a proof that fails may be
// anybody's mistake, and the log is asked for a better one.
inline result<checkpoint> verify_later(const checkpoint& known, std::uint64_t old_size,
                                       const consistency_proof& proof, std::string_view later_note,
                                       std::string_view origin, const sign::verifying_key& log_key) {
    auto later = verify_checkpoint(later_note, origin, log_key);
    if (!later) return std::move(later).error().in_check(1).by({});
    if (old_size != known.size) return error{errc::wrong_context, "size that the proof starts from", 2};
    const std::string place = "size " + std::to_string(later->size);
    if (later->size < known.size)
        return error{errc::missing, "records that the receipt's checkpoint covers", 2, place};
    const auto consistent = verify_consistency(known.root, known.size, later->root, later->size, proof);
    if (!consistent) {
        const bool two_faces = later->size == known.size && later->root != known.root;
        return error(consistent.error())
            .in_check(2)
            .at(place)
            .by(two_faces ? std::string(origin) : std::string());
    }
    return later;
}

} // namespace veilsum::audit
