// Log reader: whoever checks the log of a folder from beginning to end, in bounded memory.
//
//     auto log = log_reader::open("round-7");                     // first pass: frames, chain, tree
//     check(log->root(), log->size(), log->read_checkpoint());
//     for_each_record(*log, [&](const record& entry) -> result<void> { ... });    // second pass
//
// The same folder and the same checks as audit/file_store.hpp, which can also reach any record at any time
// and prove where it is, for 72 bytes of memory a record. Here memory does not depend on the size of the log.
//
// Takes no lock. The second pass repeats the checks and ends in errc::mismatch unless it came to the same
// head: a file that changed between the passes is noticed, though only at the end, so whatever was made of
// the records before that must not be used when `for_each_record` fails. The first record is kept from the
// first pass: size, root, head and it are of one log, whatever becomes of the file.
//
// Cost: opening two SHA-256 passes over the log, each visit one.
#pragma once

#include <veilsum/audit/body_folder.hpp>
#include <veilsum/audit/checkpoint_file.hpp>
#include <veilsum/audit/frame_scanner.hpp>
#include <veilsum/audit/merkle_frontier.hpp>
#include <veilsum/audit/posix_file.hpp>
#include <veilsum/core/progress.hpp>
#include <veilsum/core/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace veilsum::audit {

class log_reader {
  public:
    // `watch` is told of the bytes of the log that were read. Errors are those of the numbered checks of
    // audit/frame_scanner.hpp, with a torn tail as check 7.
    static result<log_reader> open(const std::string& folder, const progress& watch = {}) {
        auto file = posix_file::open(folder + "/log", posix_file::access::read);
        if (!file) return file.error();
        log_reader log(folder, *std::move(file));
        merkle_frontier tree;
        auto scanner = frame_scanner::open(log.file_);
        if (!scanner) return scanner.error();
        for (;;) {
            const auto next = scanner->next();
            if (!next) return next.error();
            if (!*next) break;
            if (tree.size() == 0) {
                auto entry = record::parse((*next)->canonical);
                if (!entry) return std::move(entry).error().at(record_place(0));
                log.first_ = *std::move(entry);
            }
            tree.append(leaf_hash((*next)->canonical));
            if (tree.size() % 4096 == 0) report(watch, scanner->end(), scanner->file_bytes());
        }
        if (scanner->torn())
            return error{errc::missing, "end of the last record", 7, record_place(tree.size())};
        report(watch, scanner->end(), scanner->file_bytes());
        log.size_ = tree.size();
        log.root_ = tree.root();
        log.head_ = scanner->chain().head();
        return log;
    }

    std::uint64_t size() const { return size_; }
    const hash::digest32& head() const { return head_; } // of the last record; zeros if there is none
    const hash::digest32& root() const { return root_; }

    // The signed note; errc::missing if there is none.
    result<std::string> read_checkpoint() const { return read_checkpoint_file(folder_); }
    // errc::missing; errc::out_of_range above max_len; errc::mismatch when the bytes do not have this digest.
    result<bytes> get_body(const hash::digest32& digest, std::size_t max_len) const {
        return bodies_.get(digest, max_len);
    }
    // Whether there is a file for it, unread.
    bool has_body(const hash::digest32& digest) const { return bodies_.has(digest); }

    // Calls visit(record) -> result<void> for the records in order, from the first, and stops at an error.
    template <class Visit>
    result<void> visit_records(Visit&& visit) const {
        auto scanner = frame_scanner::open(file_);
        if (!scanner) return scanner.error();
        while (scanner->chain().size() < size_) {
            const auto next = scanner->next();
            if (!next) return next.error();
            if (!*next) return changed(scanner->chain().size());
            const auto entry = record::parse((*next)->canonical);
            if (!entry) return error(entry.error()).at(record_place(scanner->chain().size() - 1));
            if (result<void> visited = visit(*entry); !visited) return visited;
        }
        if (scanner->chain().head() != head_) return changed(size_ - 1);
        return {};
    }
    // As it was when the log was opened. errc::missing in an empty log.
    result<record> first() const {
        if (!first_) return error{errc::missing, "first record"};
        return *first_;
    }

  private:
    log_reader(const std::string& folder, posix_file file)
        : folder_(folder), file_(std::move(file)), bodies_(folder + "/bodies") {}
    static error changed(std::uint64_t position) {
        return error{errc::mismatch, "log since it was opened", 0, record_place(position)};
    }

    std::string folder_;
    posix_file file_;
    body_folder bodies_;
    std::optional<record> first_;
    std::uint64_t size_ = 0;
    hash::digest32 head_{};
    hash::digest32 root_{};
};

// The names that stores have too (audit/log_store.hpp).
inline result<record> first_record(const log_reader& log) {
    return log.first();
}
template <class Visit>
result<void> for_each_record(const log_reader& log, Visit&& visit) {
    return log.visit_records(std::forward<Visit>(visit));
}

} // namespace veilsum::audit
