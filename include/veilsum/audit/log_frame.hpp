// Log frame: how a record lies in the file of a log.
//
//     file  = magic "VSUMLOG1" (8 bytes) | frame | frame | ...
//     frame = length u32 | record (52 .. 52 + 2^20 bytes) | check (first 8 bytes of SHA-256(record))
//
// The check makes every altered byte visible at its own record, also in the last record, which no other
// record's hash covers yet. It is no protection against somebody who recomputes it: chain, tree and
// checkpoint are.
//
// spec: record, section 7.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/wire/writer.hpp>

#include <cstddef>
#include <string_view>
#include <utility>

namespace veilsum::audit {

inline constexpr std::string_view log_magic = "VSUMLOG1"; // where a log file begins
inline constexpr std::size_t frame_length_bytes = 4;      // in front of the record
inline constexpr std::size_t frame_check_bytes = 8;       // behind the record

// Of a record's canonical bytes and their hash.
inline bytes log_frame(byte_view canonical, const hash::digest32& digest) {
    wire::writer frame;
    frame.var(canonical);
    frame.fixed(byte_view(digest).first(frame_check_bytes));
    return std::move(frame).take();
}

} // namespace veilsum::audit
