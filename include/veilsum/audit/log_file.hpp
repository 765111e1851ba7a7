// Log file: all records of a log, one frame after the other, in a file that only grows.
//
// Frames, numbered checks and torn tails: audit/frame_scanner.hpp. Opening reads the whole file once, in
// order, holding one record at a time, and keeps 72 bytes for each: where it is, and the tree over all.
// Whoever only goes through the log once more needs less: audit/log_reader.hpp.
//
// After a failed write or sync nothing more is appended: open the log anew, and look whether the record is
// there before appending it again. Not for several threads at once. Cost of opening: two SHA-256 passes over
// the file.
#pragma once

#include <veilsum/audit/chain.hpp>
#include <veilsum/audit/frame_scanner.hpp>
#include <veilsum/audit/log_frame.hpp>
#include <veilsum/audit/merkle.hpp>
#include <veilsum/audit/posix_file.hpp>
#include <veilsum/audit/record.hpp>
#include <veilsum/core/contract.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::audit {

class log_file {
  public:
    // A new, empty, locked log; durable once the caller has synced the folder.
    static result<log_file> create(const std::string& path) {
        auto file = posix_file::open(path, posix_file::access::create);
        if (!file) return file.error();
        log_file log(*std::move(file), true);
        if (auto locked = log.file_.lock(); !locked) return locked.error();
        if (auto begun = log.begin(); !begun) return begun.error();
        return log;
    }

    // Errors: the numbered checks of audit/frame_scanner.hpp, those of audit/posix_file.hpp; a torn tail is
    // refused.
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
            if (end_ < log_magic.size())
                if (auto begun = begin(); !begun) return begun.error();
            torn_ = false;
        }
        if (auto written = rewrite_last_frame(); !written) return written.error();
        if (auto synced = file_.sync(); !synced) return synced.error();
        return removed;
    }

    bool writable() const { return writable_; } // opened for writing
    std::uint64_t size() const { return chain_.size(); }
    const hash::digest32& head() const { return chain_.head(); } // zeros before the first record
    const merkle_tree& tree() const { return tree_; }            // over all records

    // Durable when it returns. errc::overflow for a body above the cap, errc::refused when open for reading.
    result<record> append(std::uint16_t type, std::uint16_t version, byte_view body) {
        if (!writable_) return error{errc::refused, "log is open for reading only", 0, file_.path()};
        if (torn_) return error{errc::io, "log after a failed write or with a torn tail", 0, file_.path()};
        if (body.size() > max_record_body)
            return error{errc::overflow, "record body", 0, record_place(size())};
        record entry{type, version, chain_.size(), chain_.head(), bytes(body.begin(), body.end())};
        const bytes canonical = entry.serialize();
        const hash::digest32 digest = record_hash(byte_view(canonical));
        const bytes frame = log_frame(canonical, digest);
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
        bytes canonical(static_cast<std::size_t>(next - first) - frame_length_bytes - frame_check_bytes);
        if (auto got = file_.read_at(first + frame_length_bytes, canonical); !got) return got.error();
        if (leaf_hash(canonical).value() != tree_.leaf(index))
            return error{errc::mismatch, "record since the log was opened", 0, record_place(index)};
        auto entry = record::parse(canonical);
        if (!entry) return std::move(entry).error().at(record_place(index));
        return entry;
    }

  private:
    log_file(posix_file file, bool writable) : file_(std::move(file)), writable_(writable) {}

    result<void> begin() {
        if (auto written = file_.write_at(0, as_bytes(log_magic)); !written) return written;
        if (auto synced = file_.sync(); !synced) return synced;
        end_ = log_magic.size();
        return {};
    }

    // The same bytes in the same place; without records the log_magic.
    result<void> rewrite_last_frame() {
        if (size() == 0) return file_.write_at(0, as_bytes(log_magic));
        const auto last = read(size() - 1);
        if (!last) return last.error();
        const bytes frame = log_frame(last->serialize(), head());
        return file_.write_at(end_ - frame.size(), frame);
    }

    void accept(byte_view canonical, const hash::digest32& digest) {
        chain_.advance(digest);
        tree_.append(canonical);
        starts_.push_back(end_);
        end_ += frame_length_bytes + canonical.size() + frame_check_bytes;
    }

    result<void> scan() {
        auto scanner = frame_scanner::open(file_);
        if (!scanner) return scanner.error();
        for (;;) {
            const auto next = scanner->next();
            if (!next) return next.error();
            if (!*next) break;
            tree_.append((*next)->canonical);
            starts_.push_back((*next)->start);
        }
        chain_ = scanner->chain();
        torn_ = scanner->torn();
        end_ = scanner->end();
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
