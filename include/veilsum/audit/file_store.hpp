// File store: a log in a folder, durable against crashes, for one writer and any number of readers.
//
//     <folder>/log           all records, append-only                       audit/log_file.hpp
//     <folder>/checkpoint    the newest signed checkpoint, replaced whole   audit/checkpoint.hpp
//     <folder>/bodies/<hex>  bodies under their SHA-256                     audit/body_folder.hpp
//
// Order of writing: body (file, then folder), record, checkpoint; each is synced before the call returns. So
// after a crash at any moment every record's body is there, and the checkpoint never speaks of a record that
// is not.
//
// Opening for writing takes an exclusive lock, cuts a torn last frame (`bytes_cut` says how much), and
// refuses a log that is shorter than, or different from, its own checkpoint: appending to it would fork it.
// It looks at the checkpoint *before* it cuts. Opening for reading changes nothing, takes no lock, and
// refuses a torn tail, which is also what a reader sees while a writer is in the middle of an append: try
// again, the writer will finish or cut it.
//
// What the folder alone cannot show: that the whole folder was put back to an earlier state. Compare with a
// checkpoint that somebody else holds (audit/rollback.hpp).
//
//     auto store = file_store::create("round-7");
//     auto digest = store->put_body(contribution);
//     auto entry = store->append(3, 1, describe(*digest));
//     store->write_checkpoint(sign_checkpoint({origin, store->size(), store->root()}, origin, key));
//
// The caller guarantees: one thread at a time uses an object; the folder is on a file system that honours
// fsync.
#pragma once

#include <veilsum/audit/body_folder.hpp>
#include <veilsum/audit/checkpoint_file.hpp>
#include <veilsum/audit/log_file.hpp>
#include <veilsum/audit/log_store.hpp>
#include <veilsum/audit/posix_file.hpp>
#include <veilsum/core/result.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace veilsum::audit {

class file_store {
  public:
    // A new, empty log in a folder that must not exist yet (errc::duplicate), open for writing. After a
    // failure or a crash the folder may be there in part: with a log, open it; without, remove the folder and
    // try again.
    static result<file_store> create(const std::filesystem::path& path) {
        const std::string folder = without_final_slash(path);
        if (auto made = create_folder(folder); !made) return made.error();
        if (auto made = create_folder(folder + "/bodies"); !made) return made.error();
        if (auto synced = sync_folder(folder); !synced) return synced.error(); // no log without `bodies`
        auto log = log_file::create(folder + "/log");
        if (!log) return log.error();
        if (auto synced = sync_names(folder); !synced) return synced.error();
        return file_store(folder, *std::move(log));
    }

    // The folder of a log that exists; takes the lock (errc::io while another writer has it), cuts a torn
    // tail and compares the log with its own checkpoint.
    static result<file_store> open_for_writing(const std::filesystem::path& path) {
        const std::string folder = without_final_slash(path);
        auto log = log_file::open_for_writing(folder + "/log");
        if (!log) return log.error();
        file_store store(folder, *std::move(log));
        if (auto note = store.read_checkpoint()) {
            auto tip = check_new_checkpoint(store.tree(), std::nullopt, *note);
            if (!tip) return std::move(tip).error();
            store.tip_ = *std::move(tip);
        } else if (note.error().code != errc::missing) {
            return note.error();
        }
        const auto cut = store.log_.cut_torn_tail();
        if (!cut) return cut.error();
        store.bytes_cut_ = *cut;
        if (auto synced = sync_names(folder); !synced) return synced.error();
        return store;
    }

    // The folder of a log that exists; changes nothing, takes no lock. errc::missing for a torn tail.
    static result<file_store> open_for_reading(const std::filesystem::path& path) {
        const std::string folder = without_final_slash(path);
        auto log = log_file::open_for_reading(folder + "/log");
        if (!log) return log.error();
        return file_store(folder, *std::move(log));
    }

    // How many bytes of an unfinished record open_for_writing removed; 0 after a clean shutdown.
    std::uint64_t bytes_cut() const { return bytes_cut_; }

    std::uint64_t size() const { return log_.size(); }
    const hash::digest32& head() const { return log_.head(); } // zeros before the first record
    const merkle_tree& tree() const { return log_.tree(); }    // over all records
    hash::digest32 root() const { return log_.tree().root(); }
    // errc::out_of_range from size() on; reads and checks its frame again.
    result<record> read(std::uint64_t index) const { return log_.read(index); }

    // After errc::io the store refuses further appends: open it anew and look whether the record is there.
    result<record> append(std::uint16_t type, std::uint16_t version, byte_view body) {
        if (failed_) return failed();
        return log_.append(type, version, body);
    }

    // After an error the store refuses further writes, as after a failed `append`.
    result<hash::digest32> put_body(byte_view body) {
        if (!log_.writable()) return read_only();
        if (failed_) return failed();
        auto digest = bodies_.put(body);
        failed_ = !digest;
        return digest;
    }
    // errc::missing; errc::out_of_range above max_len; errc::mismatch when the bytes do not have this digest.
    result<bytes> get_body(const hash::digest32& digest, std::size_t max_len) const {
        return bodies_.get(digest, max_len);
    }
    // Whether there is a file for it, unread.
    bool has_body(const hash::digest32& digest) const { return bodies_.has(digest); }

    // The same, unless the note itself was refused.
    result<void> write_checkpoint(std::string_view note) {
        if (!log_.writable()) return read_only();
        if (failed_) return failed();
        auto tip = check_new_checkpoint(tree(), tip_, note);
        if (!tip) return tip.error();
        if (auto replaced = replace_file(folder_, "checkpoint", "checkpoint.new", as_bytes(note));
            !replaced) {
            failed_ = true; // which of the two is there nobody knows
            return replaced;
        }
        tip_ = *std::move(tip);
        return {};
    }
    // The signed note; errc::missing before the first.
    result<std::string> read_checkpoint() const { return read_checkpoint_file(folder_); }

  private:
    file_store(const std::string& folder, log_file log)
        : folder_(folder), log_(std::move(log)), bodies_(folder + "/bodies") {}

    static std::string without_final_slash(const std::filesystem::path& path) {
        std::string text = path.native();
        while (text.size() > 1 && text.back() == '/') text.pop_back();
        return text;
    }
    // The names of bodies, log and checkpoint, and the folder's own: an earlier process may have been stopped
    // before it had synced them, and `has_body` must not speak of what a power loss takes away.
    static result<void> sync_names(const std::string& folder) {
        if (auto synced = sync_folder(folder + "/bodies"); !synced) return synced;
        if (auto synced = sync_folder(folder); !synced) return synced;
        return sync_folder(folder_of(folder));
    }
    error failed() const { return error{errc::io, "store after a failed write", 0, folder_}; }
    error read_only() const { return error{errc::refused, "log is open for reading only", 0, folder_}; }

    std::string folder_;
    log_file log_;
    body_folder bodies_;
    std::optional<checkpoint> tip_;
    std::uint64_t bytes_cut_ = 0;
    bool failed_ = false;
};

static_assert(log_store<file_store>);

} // namespace veilsum::audit
