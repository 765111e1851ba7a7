// Canonical encoding, the writing half.
//
//     u8 u16 u32 u64     unsigned, big-endian, 1 2 4 8 bytes
//     fixed              the bytes themselves; their number is known from the format
//     var                u32 length, then the bytes
//     list               u32 count, then the items (write the count with u32)
//
// There is no padding, alignment, optional field or second spelling: a value has exactly one encoding, and
// `reader` accepts no other.  spec: wire-primitives, section 1
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

namespace veilsum::wire {

class writer {
  public:
    writer() = default;
    // Room for `capacity` bytes from the start; a body that outgrows it still works.
    explicit writer(std::size_t capacity) { out_.reserve(capacity); }

    void u8(std::uint8_t value) { out_.push_back(value); }  // one byte
    void u16(std::uint16_t value) { big_endian(value, 2); } // big-endian
    void u32(std::uint32_t value) { big_endian(value, 4); } // big-endian
    void u64(std::uint64_t value) { big_endian(value, 8); } // big-endian
    // As it is: the length is known to the reader.
    void fixed(byte_view data) { out_.insert(out_.end(), data.begin(), data.end()); }
    // At most 2^32 - 1 bytes.
    void var(byte_view data) {
        expects(data.size() <= std::numeric_limits<std::uint32_t>::max());
        u32(static_cast<std::uint32_t>(data.size()));
        fixed(data);
    }

    // What was written so far; valid until the next write.
    const bytes& view() const { return out_; }
    // What was written. The writer is spent, as the && says.
    bytes take() && { return std::move(out_); }

  private:
    void big_endian(std::uint64_t value, unsigned width) {
        for (unsigned shift = 8 * width; shift != 0; shift -= 8)
            out_.push_back(static_cast<std::uint8_t>(value >> (shift - 8)));
    }

    bytes out_;
};

} // namespace veilsum::wire
