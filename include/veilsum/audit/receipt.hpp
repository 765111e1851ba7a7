// Receipt: what a client keeps, and can show to anybody, to prove that its record is on the log.
//
//     receipt = record | inclusion proof | checkpoint note        position = sequence number of the record
//
// It verifies offline from the log's origin and key alone. Against a later checkpoint, which everybody else
// is shown, a consistency proof shows that the log still contains what the receipt promised; when the log
// cannot give one, the two signed checkpoints together are transferable evidence against it.
//
//     client: send contribution      aggregator: append, checkpoint, issue_receipt -> bytes
//     client: receipt::parse, verify, compare the record with what it sent, keep the bytes
//     later:  verify_against(receipt, later checkpoint, consistency proof)
//
// A receipt says that a record is on the log, not that its content was counted: the protocol's closing record
// says that, and the receipt is what a client holds up when it is missing there.
//
//     frame(receipt, 1) of: record var (at most 1 MiB + 52) | proof | checkpoint note var (at most 1 MiB)
//     proof = count u32 (at most 64) | count x 32 bytes
//
// Caller's duty: the record inside must be the caller's own. `verify` returns it for that purpose.
#pragma once

#include <veilsum/audit/chain.hpp>
#include <veilsum/audit/checkpoint.hpp>
#include <veilsum/audit/checkpoint_extension.hpp>
#include <veilsum/audit/merkle_proof.hpp>
#include <veilsum/audit/record.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/wire/frame.hpp>
#include <veilsum/wire/message_type.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace veilsum::audit {

// Of the frame's body.
inline constexpr std::size_t max_receipt_bytes =
    max_record_bytes + max_note_bytes + 32 * max_proof_digests + 12;

// What a verified receipt establishes.
struct receipt_contents {
    record entry;   // the record
    checkpoint tip; // the checkpoint that it was proved under
};

struct receipt {
    bytes record_bytes;          // canonical, as in the log
    inclusion_proof inclusion;   // under the checkpoint
    std::string checkpoint_note; // text of the signed note
    bool operator==(const receipt&) const = default;

    bytes serialize() const {
        wire::writer out;
        out.var(record_bytes);
        write_proof(out, inclusion);
        out.var(as_bytes(checkpoint_note));
        return wire::frame(static_cast<std::uint16_t>(wire::message_type::receipt), 1, out.view());
    }

    static result<receipt> parse(byte_view data) {
        const auto body = wire::unframe(data, static_cast<std::uint16_t>(wire::message_type::receipt), 1,
                                        max_receipt_bytes);
        if (!body) return body.error();
        wire::reader in(*body);
        const byte_view record_part = in.var(max_record_bytes);
        auto proof = read_proof<inclusion_proof>(in);
        const byte_view note = in.var(max_note_bytes);
        if (auto end = in.finish(); !end) return end.error();
        return receipt{bytes(record_part.begin(), record_part.end()), std::move(proof),
                       std::string(note.begin(), note.end())};
    }

    // Checks, in order: 1 the record is canonical; 2 the checkpoint (`what` says which part of it); 3 the
    // record is where its sequence number says in the checkpoint's tree.
    result<receipt_contents> verify(std::string_view origin, const sign::verifying_key& log_key) const {
        return verify(origin, log_key, origin);
    }
    // The same where the checkpoint is signed under another name than the origin.
    result<receipt_contents> verify(std::string_view origin, const sign::verifying_key& log_key,
                                    std::string_view key_name) const {
        auto entry = record::parse(record_bytes);
        if (!entry) return std::move(entry).error().in_check(1);
        auto tip = verify_checkpoint(checkpoint_note, origin, log_key, key_name);
        if (!tip) return std::move(tip).error().in_check(2).by({}); // anybody can write a note
        const auto included =
            verify_inclusion(tip->root, tip->size, entry->sequence, leaf_hash(record_bytes), inclusion);
        if (!included) return error(included.error()).in_check(3).at(record_place(entry->sequence));
        return receipt_contents{*std::move(entry), *std::move(tip)};
    }

    // Does the log still contain what this receipt promised? Checks 1 to 3, then: 4 the later checkpoint; 5
    // it is not smaller than the receipt's (errc::missing: the log was cut) and consistent with it
    // (errc::mismatch: the log was rewritten).
    result<receipt_contents> verify_against(std::string_view later_note, const consistency_proof& proof,
                                            std::string_view origin,
                                            const sign::verifying_key& log_key) const {
        auto contents = verify(origin, log_key);
        if (!contents) return contents;
        auto later = verify_later(contents->tip, contents->tip.size, proof, later_note, origin, log_key);
        if (!later) {
            const std::uint32_t check = later.error().check;
            return std::move(later).error().in_check(3 + check);
        }
        return contents;
    }
};

// The receipt for record `index` of a store, under a checkpoint of that store. errc::out_of_range when the
// checkpoint does not reach the record, or reaches past the store. The log's signature is not checked: the
// log knows its own notes.
template <class Store>
result<receipt> issue_receipt(const Store& store, std::uint64_t index, std::string_view checkpoint_note) {
    const auto note = parse_note(checkpoint_note);
    if (!note) return note.error();
    const auto tip = checkpoint::parse(note->text);
    if (!tip) return tip.error();
    if (index >= tip->size || tip->size > store.size())
        return error{errc::out_of_range, "size of the checkpoint", 0, record_place(index)};
    const auto entry = store.read(index);
    if (!entry) return entry.error();
    return receipt{entry->serialize(), store.tree().inclusion(index, tip->size),
                   std::string(checkpoint_note)};
}

} // namespace veilsum::audit
