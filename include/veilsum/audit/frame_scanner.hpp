// Frame scanner: goes once through the file of a log, from its first record to its last, in bounded memory.
//
// Performs for each frame (audit/log_frame.hpp) the numbered checks below; the place is "record i", i the
// position in the log.
//     1  the file begins with its magic                           malformed
//     2  the length is possible for a record                      out_of_range
//     3  the record's header is well formed, agrees with length   malformed, overflow, mismatch
//     4  its sequence number is its position                      mismatch
//     5  it holds the hash of the record before it                mismatch
//     6  the check agrees with the record                         mismatch
//     7  the file does not end inside the frame (readers only)    missing
//
// Torn tail. A crash while a record is appended leaves the beginning of a frame at the end of the file. Only
// that is taken for torn: a frame that runs past the end of the file *and* whose header, if there is room for
// one, is the next record's own (checks 2 to 5). So a damaged length in the middle of the file is damage, and
// never makes the records behind it disappear. A complete frame is never cut, whatever is wrong with it.
//
// Cost: one hash of each record. Memory: one window, at least 256 KiB, at most the longest frame and that.
// What is appended to the file after the scanner was made is not seen.
//
// spec: record, section 7.
#pragma once

#include <veilsum/audit/chain.hpp>
#include <veilsum/audit/log_frame.hpp>
#include <veilsum/audit/posix_file.hpp>
#include <veilsum/audit/record.hpp>
#include <veilsum/wire/reader.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace veilsum::audit {

class frame_scanner {
  public:
    // The next record; its bytes are valid until the next call.
    struct frame {
        byte_view canonical;   // the record's bytes; valid until `next` is called again
        hash::digest32 digest; // hash of the record
        std::uint64_t start;   // offset of the frame in the file
    };

    // `file` must outlive the scanner. Check 1; errc::io when the file cannot be read.
    static result<frame_scanner> open(const posix_file& file) {
        const auto total = file.size();
        if (!total) return total.error();
        frame_scanner scanner(file, *total);
        byte_array<8> begun{};
        static_assert(log_magic.size() == begun.size());
        const auto there = static_cast<std::size_t>(std::min<std::uint64_t>(*total, log_magic.size()));
        if (auto got = file.read_at(0, std::span(begun).first(there)); !got) return got.error();
        if (!equal(byte_view(begun).first(there), as_bytes(log_magic).first(there)))
            return error{errc::malformed, "magic of the log file", 1, file.path()};
        scanner.torn_ = there < log_magic.size(); // the crash hit the creation: no record was ever there
        if (!scanner.torn_) scanner.end_ = log_magic.size();
        return scanner;
    }

    // Empty at the end of the file and at a torn tail. Checks 2 to 6. Not to be called after an error.
    result<std::optional<frame>> next() {
        constexpr std::size_t front_bytes = frame_length_bytes + record_header_bytes;
        const std::uint64_t remaining = total_ - end_;
        if (remaining == 0 || torn_) return std::optional<frame>();
        const auto there = static_cast<std::size_t>(std::min<std::uint64_t>(remaining, front_bytes));
        const auto front = window(there);
        if (!front) return front.error();
        const auto torn = [this] {
            torn_ = true;
            return std::optional<frame>();
        };
        if (there < frame_length_bytes) return torn();
        const std::uint32_t length = wire::reader(front->first(frame_length_bytes)).u32();
        if (length < record_header_bytes || length > max_record_bytes)
            return error{errc::out_of_range, "length of the frame", 2, record_place(chain_.size())};
        if (there < front_bytes) return torn(); // too short for any complete frame
        const auto header = record_header::parse(front->subspan(frame_length_bytes));
        if (!header) return error(header.error()).in_check(3).at(record_place(chain_.size()));
        if (header->body_bytes != length - record_header_bytes)
            return error{errc::mismatch, "lengths of the frame and the record", 3,
                         record_place(chain_.size())};
        if (auto linked = chain_.follows(header->sequence, header->previous); !linked)
            return error(linked.error()).in_check(linked.error().check + 2);
        const std::size_t whole = frame_length_bytes + length + frame_check_bytes;
        if (remaining < whole) return torn();

        const auto bytes_of_frame = window(whole);
        if (!bytes_of_frame) return bytes_of_frame.error();
        const byte_view canonical = bytes_of_frame->subspan(frame_length_bytes, length);
        const hash::digest32 digest = record_hash(canonical);
        if (!equal(bytes_of_frame->last(frame_check_bytes), byte_view(digest).first(frame_check_bytes)))
            return error{errc::mismatch, "check of the frame", 6, record_place(chain_.size())};
        chain_.advance(digest);
        const std::uint64_t start = end_;
        end_ += whole;
        return std::optional(frame{canonical, digest, start});
    }

    bool torn() const { return torn_; } // whether the file ends inside a frame
    // Of the last complete frame.
    std::uint64_t end() const { return end_; }
    std::uint64_t file_bytes() const { return total_; }    // when the scanner was made
    const chain_verifier& chain() const { return chain_; } // over the frames so far

  private:
    static constexpr std::size_t window_bytes = std::size_t{1} << 18;

    frame_scanner(const posix_file& file, std::uint64_t total) : file_(&file), total_(total) {}

    // The `count` bytes at end_, at most those that the file has.
    result<byte_view> window(std::size_t count) {
        if (end_ < from_ || end_ + count > from_ + held_) {
            const auto wanted = static_cast<std::size_t>(
                std::min<std::uint64_t>(total_ - end_, std::max(count, window_bytes)));
            if (buffer_.size() < wanted) buffer_.resize(wanted);
            held_ = 0; // what a failed read leaves is nobody's
            if (auto got = file_->read_at(end_, std::span(buffer_).first(wanted)); !got) return got.error();
            from_ = end_;
            held_ = wanted;
        }
        return byte_view(buffer_).subspan(static_cast<std::size_t>(end_ - from_), count);
    }

    const posix_file* file_;
    std::uint64_t total_; // of the file, when the scan began
    std::uint64_t end_ = 0;
    bool torn_ = false;
    chain_verifier chain_;
    bytes buffer_; // [from_, from_ + held_) of the file
    std::uint64_t from_ = 0;
    std::size_t held_ = 0;
};

} // namespace veilsum::audit
