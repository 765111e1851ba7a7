// Canonical decoding of untrusted bytes.
//
//     wire::reader in(data);
//     const std::uint64_t round = in.u64();
//     std::vector<digest32> items(in.count(max_items, 32));     cap checked before the memory is asked for
//     for (digest32& item : items) item = in.array<32>();
//     if (auto end = in.finish(); !end) return end.error();     nothing above counts before this line
//
// The first failure sticks: from then on every read gives zero or nothing, so a parser is written without a
// test after each field, and `finish` reports what went wrong first and at which byte. It also refuses bytes
// that are left over, so that no message has two encodings.  spec: wire-primitives, section 2
//
// What the caller must do: put a cap on every `var` and `count` that is its own constant (never a number from
// the message), call `finish`, and use no value before it. A reader allocates nothing on success and never
// reads outside its view; the view must outlive the reader and every view it returned.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace veilsum::wire {

class reader {
  public:
    explicit reader(byte_view data) : data_(data) {}

    // Big-endian; 0 after a failure, as of all that is read then.
    std::uint8_t u8() { return static_cast<std::uint8_t>(big_endian(1)); }
    // Big-endian, two bytes.
    std::uint16_t u16() { return static_cast<std::uint16_t>(big_endian(2)); }
    // Big-endian, four bytes.
    std::uint32_t u32() { return static_cast<std::uint32_t>(big_endian(4)); }
    // Big-endian, eight bytes.
    std::uint64_t u64() { return big_endian(8); }

    // `length` bytes, or an empty view after a failure.
    byte_view fixed(std::size_t length) {
        if (!ok()) return {};
        if (length > data_.size() - position_) {
            fail(errc::malformed, "truncated");
            return {};
        }
        const byte_view out = data_.subspan(position_, length);
        position_ += length;
        return out;
    }
    // N bytes, or zeros after a failure.
    template <std::size_t N>
    byte_array<N> array() {
        byte_array<N> out{};
        const byte_view data = fixed(N);
        std::copy(data.begin(), data.end(), out.begin());
        return out;
    }
    // u32 length, then that many bytes; at most `max_length`.
    byte_view var(std::size_t max_length) {
        const std::size_t start = position_;
        const std::uint32_t length = u32();
        if (ok() && length > max_length) fail_at(start, errc::out_of_range, "length above its cap");
        return fixed(ok() ? length : 0);
    }
    // u32 count of items that take at least `min_item_bytes` (> 0) each. It is at most `max` and at most what
    // the bytes that are left can hold, so memory for the items is bounded by the message's own size.
    std::size_t count(std::uint32_t max, std::size_t min_item_bytes) {
        expects(min_item_bytes > 0);
        const std::size_t start = position_;
        const std::uint32_t items = u32();
        if (ok() && items > max) fail_at(start, errc::out_of_range, "count above its cap");
        if (ok() && items > remaining() / min_item_bytes)
            fail_at(start, errc::malformed, "count above what the bytes hold");
        return ok() ? items : 0;
    }

    // Bytes not read yet; 0 after a failure.
    std::size_t remaining() const { return ok() ? data_.size() - position_ : 0; }
    // Whether nothing has failed so far.
    bool ok() const { return !failure_.has_value(); }
    // For the caller's own checks of what it read. `what` is a literal. Only the first failure is kept.
    void fail(errc code, std::string_view what) { fail_at(position_, code, what); }

    // Everything was read, and nothing failed; else the first failure, with `place` "byte 17".
    result<void> finish() const {
        if (failure_) return *failure_;
        if (position_ != data_.size()) return placed(position_, errc::malformed, "trailing bytes");
        return {};
    }

  private:
    static error placed(std::size_t position, errc code, std::string_view what) {
        return error{code, what}.at("byte " + std::to_string(position));
    }
    void fail_at(std::size_t position, errc code, std::string_view what) {
        if (!failure_) failure_ = placed(position, code, what);
    }
    std::uint64_t big_endian(std::size_t width) {
        std::uint64_t value = 0;
        for (const std::uint8_t byte : fixed(width)) value = value << 8 | byte;
        return value;
    }

    byte_view data_;
    std::size_t position_ = 0;
    std::optional<error> failure_;
};

} // namespace veilsum::wire
