// Journal: a small append-only file for one owner, who must not forget what it promised.
//
// A trustee writes down what it is about to open before it opens it; a client what it is about to send.
// After a restart the journal, not the log of somebody else, says what was already done. An entry is durable
// when `append` returns.
//
//     file  = magic "VSUMJNL1" (8 bytes) | frame | frame | ...
//     frame = length u32 | complement of the length u32 | entry (at most 1 MiB) | mark 32 bytes
//     mark  = SHA-256(mark of the frame before, zeros in the first || length u32 || entry)
//
// The marks chain the entries, so an entry that was altered, moved, or taken out of the middle is found. The
// complement tells a damaged length from a torn tail, which matters here more than anywhere: taking damage
// for a torn tail would forget promises. A frame counts as torn only if the file ends inside it and its
// length is sound; it is cut on opening, and `append` had not returned for it. Anything else is refused, the
// place "entry i".
//
// What the file cannot show: that it was put back to an older state, or removed. Keep it where backups do not
// restore it silently, and use `open_existing` wherever a journal must be there already.
//
// Numbered checks on opening: 1 magic; 2 length and complement; 3 length within the cap; 4 mark.
// The whole journal is kept in memory: it holds digests and decisions, not data. One thread at a time.
#pragma once

#include <veilsum/audit/posix_file.hpp>
#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::audit {

class journal {
  public:
    static constexpr std::string_view magic = "VSUMJNL1";                // where the file begins
    static constexpr std::size_t max_entry_bytes = std::size_t{1} << 20; // of one entry

    // Creates the file when there is none. Takes the lock: errc::io while another writer holds it.
    static result<journal> open(const std::filesystem::path& path) {
        auto file = posix_file::open(path.native(), posix_file::access::create);
        if (!file && file.error().code == errc::duplicate) return open_existing(path);
        if (!file) return file.error();
        return recovered(*std::move(file));
    }

    // errc::missing when there is none: for owners that know they have written one.
    static result<journal> open_existing(const std::filesystem::path& path) {
        auto file = posix_file::open(path.native(), posix_file::access::write);
        if (!file) return file.error();
        return recovered(*std::move(file));
    }

    const std::vector<bytes>& entries() const { return entries_; } // all of them, oldest first
    // How many bytes of an unfinished entry opening removed.
    std::uint64_t bytes_cut() const { return bytes_cut_; }

    // Durable when it returns. After errc::io nothing more is accepted: open anew and look what is there.
    result<void> append(byte_view entry) {
        if (failed_) return error{errc::io, "journal after a failed write", 0, file_.path()};
        if (entry.size() > max_entry_bytes) return error{errc::overflow, "journal entry", 0, file_.path()};
        const hash::digest32 mark = next_mark(entry);
        failed_ = true; // until both calls have succeeded nobody knows what the file holds
        if (auto written = file_.write_at(end_, frame_of(entry, mark)); !written) return written;
        if (auto synced = file_.sync(); !synced) return synced;
        failed_ = false;
        accept(entry, mark);
        return {};
    }

  private:
    static constexpr std::size_t front_bytes = 8;
    static constexpr std::size_t mark_bytes = 32;

    explicit journal(posix_file file) : file_(std::move(file)) {}

    // Also for a file just created: another process may have locked and filled it before we lock it.
    static result<journal> recovered(posix_file file) {
        journal opened(std::move(file));
        if (auto locked = opened.file_.lock(); !locked) return locked.error();
        if (auto scanned = opened.recover(); !scanned) return scanned.error();
        if (auto synced = sync_folder(folder_of(opened.file_.path())); !synced) return synced.error();
        return opened;
    }

    std::string place() const { return "entry " + std::to_string(entries_.size()); }

    hash::digest32 next_mark(byte_view entry) const {
        wire::writer length;
        length.u32(static_cast<std::uint32_t>(entry.size()));
        return hash::sha256_of(byte_view(mark_), byte_view(length.view()), entry);
    }

    static bytes frame_of(byte_view entry, const hash::digest32& mark) {
        const auto length = static_cast<std::uint32_t>(entry.size());
        wire::writer frame;
        frame.u32(length);
        frame.u32(~length);
        frame.fixed(entry);
        frame.fixed(mark);
        return std::move(frame).take();
    }

    void accept(byte_view entry, const hash::digest32& mark) {
        entries_.emplace_back(entry.begin(), entry.end());
        mark_ = mark;
        end_ += front_bytes + entry.size() + mark_bytes;
    }

    // Reads all entries, cuts a torn tail, and makes durable what an earlier process may have left unsynced:
    // at most the last entry, which is written again, because its sync may have failed.
    result<void> recover() {
        const auto total = file_.size();
        if (!total) return total.error();
        byte_array<8> begun{};
        const auto there = static_cast<std::size_t>(std::min<std::uint64_t>(*total, begun.size()));
        if (auto got = file_.read_at(0, std::span(begun).first(there)); !got) return got;
        if (!equal(byte_view(begun).first(there), as_bytes(magic).first(there)))
            return error{errc::malformed, "magic of the journal", 1, file_.path()};
        if (there < magic.size()) bytes_cut_ = there;
        end_ = magic.size();
        bool torn = false;
        while (end_ < *total && !torn) {
            const auto complete = scan_frame(*total - end_);
            if (!complete) return complete.error();
            torn = !*complete;
        }
        if (torn) {
            bytes_cut_ = *total - end_;
            if (auto cut = file_.truncate(end_); !cut) return cut;
        }
        if (auto written = rewrite_last_frame(); !written) return written;
        return file_.sync();
    }

    // The same bytes in the same place; without entries the magic.
    result<void> rewrite_last_frame() {
        if (entries_.empty()) return file_.write_at(0, as_bytes(magic));
        const bytes frame = frame_of(entries_.back(), mark_);
        return file_.write_at(end_ - frame.size(), frame);
    }

    // False when the file ends inside the frame.
    result<bool> scan_frame(std::uint64_t remaining) {
        if (remaining < front_bytes) return false;
        byte_array<front_bytes> front{};
        if (auto got = file_.read_at(end_, front); !got) return got.error();
        wire::reader in(front);
        const std::uint32_t length = in.u32();
        if (in.u32() != ~length) return error{errc::mismatch, "length of the journal entry", 2, place()};
        if (length > max_entry_bytes) return error{errc::overflow, "length of the journal entry", 3, place()};
        if (remaining < front_bytes + length + mark_bytes) return false;
        bytes rest(length + mark_bytes);
        if (auto got = file_.read_at(end_ + front_bytes, rest); !got) return got.error();
        const byte_view entry = byte_view(rest).first(length);
        const hash::digest32 mark = next_mark(entry);
        if (!equal(byte_view(rest).subspan(length), mark))
            return error{errc::mismatch, "mark of the journal entry", 4, place()};
        accept(entry, mark);
        return true;
    }

    posix_file file_;
    std::vector<bytes> entries_;
    hash::digest32 mark_{};
    std::uint64_t end_ = 0;
    std::uint64_t bytes_cut_ = 0;
    bool failed_ = false;
};

} // namespace veilsum::audit
