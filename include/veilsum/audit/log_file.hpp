// Log file: all records of a log, one frame after the other, in a file that only grows.
//
//     file  = magic "VSUMLOG1" (8 bytes) | frame | frame | ...
//     frame = length u32 | record (52 .. 52 + 2^20 bytes) | check (first 8 bytes of SHA-256(record))
//
// The check makes every altered byte visible at its own record, also in the last record, which no other
// record's hash covers yet. It is no protection against somebody who recomputes it: chain, tree and
// checkpoint are.
//
// Opening reads the whole file once, in order, holding one record at a time, and performs for each frame the
// numbered checks below; the place is "record i", i the position in the log.
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
// After a failed write or sync nothing more is appended: open the log anew, and look whether the record is
// there before appending it again. Not for several threads at once. Cost of opening: two SHA-256 passes over
// the file.
#pragma once

#include <veilsum/audit/chain.hpp>
#include <veilsum/audit/merkle.hpp>
#include <veilsum/audit/posix_file.hpp>
#include <veilsum/audit/record.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::audit {

class log_file {
  public:
    static constexpr std::string_view magic = "VSUMLOG1";
    static constexpr std::size_t length_bytes = 4;
    static constexpr std::size_t check_bytes = 8;

    // A new, empty, locked log; durable once the caller has synced the folder.
    static result<log_file> create(const std::string& path) {
        auto file = posix_file::open(path, posix_file::access::create);
        if (!file) return file.error();
        log_file log(*std::move(file), true);
        if (auto locked = log.file_.lock(); !locked) return locked.error();
        if (auto begun = log.begin(); !begun) return begun.error();
        return log;
    }

    static result<log_file> open_for_reading(const std::string& path) {
        auto file = posix_file::open(path, posix_file::access::read);
        if (!file) return file.error();
        log_file log(*std::move(file), false);
        if (auto scanned = log.scan(); !scanned) return scanned.error();
        if (log.torn_) return error{errc::missing, "end of the last record", 7, record_place(log.size())};
        return log;
    }

    // Locks the file for this writer. A torn tail is found and left alone: `cut_torn_tail` removes it.
    static result<log_file> open_for_writing(const std::string& path) {
        auto file = posix_file::open(path, posix_file::access::write);
        if (!file) return file.error();
        log_file log(*std::move(file), true);
        if (auto locked = log.file_.lock(); !locked) return locked.error();
        if (auto scanned = log.scan(); !scanned) return scanned.error();
        return log;
    }

    // Must be called once after open_for_writing. Returns the number of bytes removed. Also makes durable
    // what an earlier writer may have left unsynced, so that whatever is built on it stands: that is at most
    // the last record, and it is written again, because its sync may have failed.
    result<std::uint64_t> cut_torn_tail() {
        expects(writable_);
        const auto total = file_.size();
        if (!total) return total.error();
        const std::uint64_t removed = *total - end_;
        if (torn_) {
            if (auto cut = file_.truncate(end_); !cut) return cut.error();
            if (end_ < magic.size())
                if (auto begun = begin(); !begun) return begun.error();
            torn_ = false;
        }
        if (auto written = rewrite_last_frame(); !written) return written.error();
        if (auto synced = file_.sync(); !synced) return synced.error();
        return removed;
    }

    bool writable() const { return writable_; }
    std::uint64_t size() const { return chain_.size(); }
    const hash::digest32& head() const { return chain_.head(); }
    const merkle_tree& tree() const { return tree_; }

    // Durable when it returns. errc::overflow for a body above the cap, errc::refused when open for reading.
    result<record> append(std::uint16_t type, std::uint16_t version, byte_view body) {
        if (!writable_) return error{errc::refused, "log is open for reading only", 0, file_.path()};
        if (torn_) return error{errc::io, "log after a failed write or with a torn tail", 0, file_.path()};
        if (body.size() > max_record_body)
            return error{errc::overflow, "record body", 0, record_place(size())};
        record entry{type, version, chain_.size(), chain_.head(), bytes(body.begin(), body.end())};
        const bytes canonical = entry.serialize();
        const hash::digest32 digest = record_hash(byte_view(canonical));
        const bytes frame = frame_of(canonical, digest);
        torn_ = true; // until both calls have succeeded nobody knows what the file holds
        if (auto written = file_.write_at(end_, frame); !written) return written.error();
        if (auto synced = file_.sync(); !synced) return synced.error();
        torn_ = false;
        accept(canonical, digest);
        return entry;
    }

    // errc::out_of_range past the end; errc::mismatch when the file no longer holds what was there when it
    // was opened.
    result<record> read(std::uint64_t index) const {
        if (index >= size()) return error{errc::out_of_range, "number of the record", 0, record_place(index)};
        const std::uint64_t first = starts_[static_cast<std::size_t>(index)];
        const std::uint64_t next = index + 1 == size() ? end_ : starts_[static_cast<std::size_t>(index) + 1];
        bytes canonical(static_cast<std::size_t>(next - first) - length_bytes - check_bytes);
        if (auto got = file_.read_at(first + length_bytes, canonical); !got) return got.error();
        if (leaf_hash(canonical).value() != tree_.leaf(index))
            return error{errc::mismatch, "record since the log was opened", 0, record_place(index)};
        auto entry = record::parse(canonical);
        if (!entry) return std::move(entry).error().at(record_place(index));
        return entry;
    }

  private:
    log_file(posix_file file, bool writable) : file_(std::move(file)), writable_(writable) {}

    result<void> begin() {
        if (auto written = file_.write_at(0, as_bytes(magic)); !written) return written;
        if (auto synced = file_.sync(); !synced) return synced;
        end_ = magic.size();
        return {};
    }

    static bytes frame_of(byte_view canonical, const hash::digest32& digest) {
        wire::writer frame;
        frame.var(canonical);
        frame.fixed(byte_view(digest).first(check_bytes));
        return std::move(frame).take();
    }

    // The same bytes in the same place; without records the magic.
    result<void> rewrite_last_frame() {
        if (size() == 0) return file_.write_at(0, as_bytes(magic));
        const auto last = read(size() - 1);
        if (!last) return last.error();
        const bytes frame = frame_of(last->serialize(), head());
        return file_.write_at(end_ - frame.size(), frame);
    }

    void accept(byte_view canonical, const hash::digest32& digest) {
        chain_.advance(digest);
        tree_.append(canonical);
        starts_.push_back(end_);
        end_ += length_bytes + canonical.size() + check_bytes;
    }

    result<void> scan() {
        const auto total = file_.size();
        if (!total) return total.error();
        byte_array<8> begun{};
        static_assert(magic.size() == begun.size());
        const auto there = static_cast<std::size_t>(std::min<std::uint64_t>(*total, magic.size()));
        if (auto got = file_.read_at(0, std::span(begun).first(there)); !got) return got;
        if (!equal(byte_view(begun).first(there), as_bytes(magic).first(there)))
            return error{errc::malformed, "magic of the log file", 1, file_.path()};
        torn_ = there < magic.size(); // the crash hit the creation: no record was ever there
        if (torn_) return {};
        end_ = magic.size();
        bytes buffer;
        while (end_ < *total && !torn_)
            if (auto scanned = scan_frame(*total - end_, buffer); !scanned) return scanned;
        return {};
    }

    // Accepts the frame at end_, or marks the tail as torn, or says what is wrong with it.
    result<void> scan_frame(std::uint64_t remaining, bytes& buffer) {
        constexpr std::size_t front_bytes = length_bytes + record_header_bytes;
        byte_array<front_bytes> front{};
        const auto there = static_cast<std::size_t>(std::min<std::uint64_t>(remaining, front_bytes));
        if (auto got = file_.read_at(end_, std::span(front).first(there)); !got) return got;
        torn_ = there < length_bytes;
        if (torn_) return {};
        const std::uint32_t length = wire::reader(byte_view(front).first(length_bytes)).u32();
        if (length < record_header_bytes || length > max_record_bytes)
            return error{errc::out_of_range, "length of the frame", 2, record_place(size())};
        torn_ = there < front_bytes; // too short for any complete frame
        if (torn_) return {};
        const auto header = record_header::parse(byte_view(front).subspan(length_bytes));
        if (!header) return error(header.error()).in_check(3).at(record_place(size()));
        if (header->body_bytes != length - record_header_bytes)
            return error{errc::mismatch, "lengths of the frame and the record", 3, record_place(size())};
        if (auto linked = chain_.follows(header->sequence, header->previous); !linked)
            return error(linked.error()).in_check(linked.error().check + 2);
        torn_ = remaining < length_bytes + length + check_bytes;
        if (torn_) return {};

        buffer.resize(length + check_bytes);
        if (auto got = file_.read_at(end_ + length_bytes, buffer); !got) return got;
        const byte_view canonical = byte_view(buffer).first(length);
        const hash::digest32 digest = record_hash(canonical);
        if (!equal(byte_view(buffer).subspan(length), byte_view(digest).first(check_bytes)))
            return error{errc::mismatch, "check of the frame", 6, record_place(size())};
        accept(canonical, digest);
        return {};
    }

    posix_file file_;
    bool writable_;
    bool torn_ = false;
    std::uint64_t end_ = 0;             // of the last complete frame
    std::vector<std::uint64_t> starts_; // of each frame
    chain_verifier chain_;
    merkle_tree tree_;
};

} // namespace veilsum::audit
