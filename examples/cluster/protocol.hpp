// What the processes of a session say to each other: requests to the aggregator, and its replies.
//
//     request   version u8 | kind u8 | number u64 | content       reply: the same, with the request's number
//       1 records      first u64                 checkpoint, and records from `first` on
//       2 body         digest 32 | offset u64    a piece of a body
//       3 contribute   var message               a contribution (contribution.hpp)
//       4 partial      var message               a trustee's answer (partial_message.hpp)
//       5 receipt      client id 32              the receipt of this round, again
//       6 enrol        var message               a client comes, changes its weight or leaves (enrolment.hpp)
//
//     reply
//       1 records      var note | count u32 | count x (var record | inclusion proof)
//       2 piece        total u64 | var bytes
//       3 receipt      var receipt (audit/receipt.hpp)
//       4 done
//       5 refused      code u8 | check u32 | var text
//
// Every request can be sent again: 1, 2 and 5 change nothing, and 3, 4 and 6 are answered as they were the
// first time (aggregator.hpp). Integers and `var` are those of wire/writer.hpp; one encoding a message, caps
// before memory is asked for. Nothing here is believed because of who sent it: records come with a proof that
// leads to a signed checkpoint, bodies have their digest, the messages are signed by clients and trustees.
#pragma once

#include <veilsum/audit/merkle_proof.hpp>
#include <veilsum/audit/receipt.hpp>
#include <veilsum/audit/record.hpp>
#include <veilsum/audit/signed_note.hpp>
#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cluster {

using veilsum::byte_array;
using veilsum::byte_view;
using veilsum::bytes;
using veilsum::errc;
using veilsum::error;
using veilsum::result;
using veilsum::hash::digest32;
namespace audit = veilsum::audit;
namespace wire = veilsum::wire;

inline constexpr std::uint8_t protocol_version = 1;
inline constexpr std::size_t message_header_bytes = 1 + 1 + 8;
inline constexpr std::uint32_t max_batch_records = 256;
inline constexpr std::size_t max_batch_bytes = std::size_t{2}
                                               << 20; // one record may exceed what is left of it
inline constexpr std::size_t max_piece_bytes = std::size_t{1} << 20;
inline constexpr std::size_t max_text_bytes = 500;
// Of a whole reply: note, batch and its last record, lengths and proofs.
inline constexpr std::size_t max_reply_bytes =
    audit::max_note_bytes + max_batch_bytes + audit::max_record_bytes +
    max_batch_records * (8 + 32 * std::size_t{audit::max_proof_digests}) + 1024;
static_assert(audit::max_receipt_bytes + 1024 <= max_reply_bytes);

// --- Requests, in the order of their kinds ---

struct records_request {
    std::uint64_t first = 0;
    bool operator==(const records_request&) const = default;
    void write(wire::writer& out) const { out.u64(first); }
    static records_request read(wire::reader& in, std::size_t) { return {in.u64()}; }
};
struct body_request {
    digest32 digest{};
    std::uint64_t offset = 0;
    bool operator==(const body_request&) const = default;
    void write(wire::writer& out) const {
        out.fixed(digest);
        out.u64(offset);
    }
    static body_request read(wire::reader& in, std::size_t) {
        body_request made;
        made.digest = in.array<32>();
        made.offset = in.u64();
        return made;
    }
};
// Contributions and partial decryptions: the library's own bytes, which it parses itself.
template <int Kind>
struct message_request {
    bytes message;
    bool operator==(const message_request&) const = default;
    void write(wire::writer& out) const { out.var(message); }
    static message_request read(wire::reader& in, std::size_t max_message) {
        const byte_view view = in.var(max_message);
        return {bytes(view.begin(), view.end())};
    }
};
using contribute_request = message_request<3>;
using partial_request = message_request<4>;
using enrol_request = message_request<6>;
struct receipt_request {
    byte_array<32> client{};
    bool operator==(const receipt_request&) const = default;
    void write(wire::writer& out) const { out.fixed(client); }
    static receipt_request read(wire::reader& in, std::size_t) { return {in.array<32>()}; }
};
using request = std::variant<records_request, body_request, contribute_request, partial_request,
                             receipt_request, enrol_request>;

// --- Replies ---

struct proved_record {
    bytes record;
    audit::inclusion_proof proof; // leads to the root of the reply's checkpoint
    bool operator==(const proved_record&) const = default;
};
struct records_reply {
    std::string note;
    std::vector<proved_record> records;
    bool operator==(const records_reply&) const = default;
    void write(wire::writer& out) const {
        out.var(veilsum::as_bytes(note));
        out.u32(static_cast<std::uint32_t>(records.size()));
        for (const proved_record& each : records) {
            out.var(each.record);
            audit::write_proof(out, each.proof);
        }
    }
    static records_reply read(wire::reader& in, std::size_t) {
        records_reply made;
        const byte_view text = in.var(audit::max_note_bytes);
        made.note.assign(text.begin(), text.end());
        made.records.resize(in.count(max_batch_records, 4 + audit::record_header_bytes + 4));
        for (proved_record& each : made.records) {
            const byte_view view = in.var(audit::max_record_bytes);
            each.record.assign(view.begin(), view.end());
            each.proof = audit::read_proof<audit::inclusion_proof>(in);
        }
        return made;
    }
};
struct piece_reply {
    std::uint64_t total = 0; // bytes of the whole body
    bytes piece;
    bool operator==(const piece_reply&) const = default;
    void write(wire::writer& out) const {
        out.u64(total);
        out.var(piece);
    }
    static piece_reply read(wire::reader& in, std::size_t) {
        piece_reply made;
        made.total = in.u64();
        const byte_view view = in.var(max_piece_bytes);
        made.piece.assign(view.begin(), view.end());
        return made;
    }
};
struct receipt_reply {
    bytes receipt;
    bool operator==(const receipt_reply&) const = default;
    void write(wire::writer& out) const { out.var(receipt); }
    static receipt_reply read(wire::reader& in, std::size_t) {
        const byte_view view = in.var(audit::max_receipt_bytes);
        return {bytes(view.begin(), view.end())};
    }
};
struct done_reply {
    bool operator==(const done_reply&) const = default;
    void write(wire::writer&) const {}
    static done_reply read(wire::reader&, std::size_t) { return {}; }
};
// Printable ASCII: it ends up on somebody's terminal.
struct refused_reply {
    errc code = errc::refused;
    std::uint32_t check = 0;
    std::string text;
    bool operator==(const refused_reply&) const = default;

    static refused_reply of(const error& reason) {
        std::string text = reason.describe().substr(0, max_text_bytes);
        std::replace_if(
            text.begin(), text.end(), [](char c) { return !is_printable(c); }, '?');
        return {reason.code, reason.check, std::move(text)};
    }
    void write(wire::writer& out) const {
        out.u8(static_cast<std::uint8_t>(code));
        out.u32(check);
        out.var(veilsum::as_bytes(text));
    }
    static refused_reply read(wire::reader& in, std::size_t) {
        refused_reply made;
        const std::uint8_t code = in.u8();
        if (code > static_cast<std::uint8_t>(errc::unsupported)) in.fail(errc::malformed, "error code");
        made.code = static_cast<errc>(code);
        made.check = in.u32();
        const byte_view view = in.var(max_text_bytes);
        made.text.assign(view.begin(), view.end());
        if (!std::all_of(made.text.begin(), made.text.end(), is_printable))
            in.fail(errc::malformed, "text of a refusal");
        return made;
    }
    static bool is_printable(char c) { return c >= 0x20 && c <= 0x7e; }
};
using reply = std::variant<records_reply, piece_reply, receipt_reply, done_reply, refused_reply>;

// --- Encoding ---

template <class Message>
struct numbered {
    std::uint64_t number;
    Message message;
};

template <class... Kinds>
bytes serialize(std::uint64_t number, const std::variant<Kinds...>& message) {
    wire::writer out;
    out.u8(protocol_version);
    out.u8(static_cast<std::uint8_t>(message.index() + 1));
    out.u64(number);
    std::visit([&](const auto& content) { content.write(out); }, message);
    return std::move(out).take();
}

namespace detail {

template <class Message, std::size_t Index = 0>
Message read_kind(std::size_t index, wire::reader& in, std::size_t max_message) {
    if constexpr (Index + 1 < std::variant_size_v<Message>)
        if (index != Index) return read_kind<Message, Index + 1>(index, in, max_message);
    return std::variant_alternative_t<Index, Message>::read(in, max_message);
}

template <class Message>
result<numbered<Message>> parse(byte_view data, std::size_t max_message) {
    wire::reader in(data);
    const std::uint8_t version = in.u8();
    if (in.ok() && version != protocol_version) in.fail(errc::unsupported, "version of the cluster protocol");
    const std::uint8_t kind = in.u8();
    if (in.ok() && (kind < 1 || kind > std::variant_size_v<Message>))
        in.fail(errc::unsupported, "kind of message");
    const std::uint64_t number = in.u64();
    if (!in.ok()) return in.finish().error();
    Message message = read_kind<Message>(kind - 1u, in, max_message);
    if (auto end = in.finish(); !end) return end.error();
    return numbered<Message>{number, std::move(message)};
}

} // namespace detail

// `max_message`: cap of a contribution or partial decryption, the aggregator's own.
inline result<numbered<request>> parse_request(byte_view data, std::size_t max_message) {
    return detail::parse<request>(data, max_message);
}
inline result<numbered<reply>> parse_reply(byte_view data) {
    return detail::parse<reply>(data, 0);
}
// The number of a request that may be malformed, so that whoever sent it can tell what was refused; 0 if it
// is not there.
inline std::uint64_t number_of(byte_view data) {
    if (data.size() < message_header_bytes) return 0;
    wire::reader in(data.subspan(2, 8));
    return in.u64();
}

} // namespace cluster
