// The frame around every message and file.
//
//      0        4      6         8         12
//     +--------+------+---------+---------+------------------+
//     | "VSUM" | type | version | length  | body, `length` B |
//     +--------+------+---------+---------+------------------+
//         4      u16      u16       u32
//
// Type and version stand in front, so bytes made for one purpose are never parsed as another, and a new
// version is a plain refusal to old readers. The reader names the type and version it wants and its own cap
// for the body; nothing in the frame is believed.  spec: wire-primitives, section 3
//
// `unframe` returns a view into its argument. Its checks, by number, cheapest first:
//   1 at least 12 bytes            malformed      "frame header"
//   2 magic                        malformed      "frame magic"
//   3 type is the one wanted       mismatch       "frame type"
//   4 version is the one wanted    unsupported    "frame version"
//   5 length at most `max_length`  out_of_range   "frame length"
//   6 body is all there            malformed      "truncated frame"
//   7 nothing after the body       malformed      "trailing bytes"
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/wire/message_type.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

namespace veilsum::wire {

inline constexpr std::string_view frame_magic = "VSUM"; // first bytes of all frames
inline constexpr std::size_t frame_header_bytes = 12;   // before the body

// The body has at most 2^32 - 1 bytes.
inline bytes frame(std::uint16_t type, std::uint16_t version, byte_view body) {
    expects(body.size() <= std::numeric_limits<std::uint32_t>::max());
    writer out(frame_header_bytes + body.size());
    out.fixed(as_bytes(frame_magic));
    out.u16(type);
    out.u16(version);
    out.var(body);
    return std::move(out).take();
}
inline bytes frame(message_type type, std::uint16_t version, byte_view body) {
    return frame(static_cast<std::uint16_t>(type), version, body);
}

// The body of a frame of this type and version. Checks 1 to 7 of the description of the file.
inline result<byte_view> unframe(byte_view data, std::uint16_t type, std::uint16_t version,
                                 std::size_t max_length) {
    if (data.size() < frame_header_bytes) return error{errc::malformed, "frame header"}.in_check(1);
    reader in(data.first(frame_header_bytes));
    const byte_view body = data.subspan(frame_header_bytes);
    if (!equal(in.fixed(frame_magic.size()), as_bytes(frame_magic)))
        return error{errc::malformed, "frame magic"}.in_check(2);
    if (in.u16() != type) return error{errc::mismatch, "frame type"}.in_check(3);
    if (in.u16() != version) return error{errc::unsupported, "frame version"}.in_check(4);
    const std::uint32_t length = in.u32();
    if (length > max_length) return error{errc::out_of_range, "frame length"}.in_check(5);
    if (length > body.size()) return error{errc::malformed, "truncated frame"}.in_check(6);
    if (length < body.size()) return error{errc::malformed, "trailing bytes"}.in_check(7);
    return body;
}
inline result<byte_view> unframe(byte_view data, message_type type, std::uint16_t version,
                                 std::size_t max_length) {
    return unframe(data, static_cast<std::uint16_t>(type), version, max_length);
}

} // namespace veilsum::wire
