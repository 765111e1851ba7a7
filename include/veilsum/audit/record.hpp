// Record: one entry of the log, as bytes that have exactly one spelling.
//
//     record hash = SHA-256(canonical bytes)
//     previous    = record hash of the entry before; zeros in the first
//
// Layout, integers big-endian (docs/spec/record.md, section 1):
//
//     offset size
//          0    4  magic "VLOG"
//          4    2  type        what the body means; numbers belong to the protocol above
//          6    2  version     of the body's format
//          8    8  sequence    0, 1, 2, ... without gaps
//         16   32  previous    links the record to all before it
//         48    4  body length at most 1 MiB
//         52    n  body
//
// Larger things (contributions, models, openings) do not go into a record: the record names them by SHA-256
// and a body store keeps them, so that the log stays small enough for everybody to hold all of it.
//
// The chain alone does not notice that records are missing at the end: whoever holds the last record of a cut
// log sees nothing wrong. Only a signed checkpoint (audit/checkpoint.hpp) that somebody else holds shows
// that.
//
// Who must not know what: records are public. Nothing secret, and no bare hash of a secret, may enter a body.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace veilsum::audit {

inline constexpr std::string_view record_magic = "VLOG"; // where every record begins
inline constexpr std::size_t record_header_bytes = 52;   // in front of the body
inline constexpr std::size_t max_record_body = std::size_t{1}
                                               << 20; // bytes; larger things go to a body store
inline constexpr std::size_t max_record_bytes = record_header_bytes + max_record_body; // header and body

// What stands in front of the body. A reader of a file checks it before it trusts the length of the rest.
struct record_header {
    std::uint16_t type = 0; // what the body means
    std::uint16_t version = 0;
    std::uint64_t sequence = 0; // position in the log, from 0
    hash::digest32 previous{};  // hash of the record before; zeros in the first
    std::uint32_t body_bytes = 0;

    // `data` is exactly record_header_bytes long. Checks, in order: length, magic (errc::malformed), body
    // length within the cap (errc::overflow).
    static result<record_header> parse(byte_view data) {
        if (data.size() != record_header_bytes) return error{errc::malformed, "length of the record header"};
        wire::reader in(data);
        if (!equal(in.fixed(record_magic.size()), as_bytes(record_magic)))
            return error{errc::malformed, "record magic"};
        record_header header;
        header.type = in.u16();
        header.version = in.u16();
        header.sequence = in.u64();
        header.previous = in.array<32>();
        header.body_bytes = in.u32();
        if (auto end = in.finish(); !end) return end.error();
        if (header.body_bytes > max_record_body) return error{errc::overflow, "record body"};
        return header;
    }
};

struct record {
    std::uint16_t type = 0; // what the body means
    std::uint16_t version = 0;
    std::uint64_t sequence = 0; // position in the log, from 0
    hash::digest32 previous{};  // hash of the record before; zeros in the first
    bytes body;                 // what it means, `type` says

    bool operator==(const record&) const = default;

    // The body must be at most max_record_body long.
    bytes serialize() const {
        expects(body.size() <= max_record_body);
        wire::writer out;
        out.fixed(as_bytes(record_magic));
        out.u16(type);
        out.u16(version);
        out.u64(sequence);
        out.fixed(previous);
        out.var(body);
        return std::move(out).take();
    }

    // Exact length: a byte too few or too many is errc::malformed. Copies the body, at most 1 MiB.
    static result<record> parse(byte_view data) {
        if (data.size() < record_header_bytes) return error{errc::malformed, "length of the record header"};
        const auto header = record_header::parse(data.first(record_header_bytes));
        if (!header) return header.error();
        const byte_view rest = data.subspan(record_header_bytes);
        if (rest.size() != header->body_bytes) return error{errc::malformed, "length of the record"};
        return record{header->type, header->version, header->sequence, header->previous,
                      bytes(rest.begin(), rest.end())};
    }
};

// SHA-256 of the canonical bytes.
inline hash::digest32 record_hash(byte_view canonical) {
    return hash::sha256(canonical);
}
inline hash::digest32 record_hash(const record& entry) {
    return record_hash(byte_view(entry.serialize()));
}

} // namespace veilsum::audit
