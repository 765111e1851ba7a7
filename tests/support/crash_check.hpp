// Is everything there that was acknowledged before a stop, and nothing that must not be?
//
//     const auto wrong = test::complaint_about(folder, script.known[k], script.known[k + 1]);
//     CHECK(wrong == "");
//
// The folder is opened as a reader and as a writer would, and then goes on: it is changed. A complaint begins
// with one of the phrases below; tests of the harness itself ask for the phrase.
#pragma once

#include "support/store_session.hpp"
#include "support/system_calls.hpp"
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace veilsum::test {

namespace complaint {
inline const std::string lost_record = "an acknowledged record is missing";
inline const std::string extra_record = "a record that nobody appended";
inline const std::string altered_record = "a record is altered";
inline const std::string record_without_body = "a record without its body";
inline const std::string lost_body = "an acknowledged body is missing";
inline const std::string altered_body = "a body is altered";
inline const std::string lost_checkpoint = "the acknowledged checkpoint is missing";
inline const std::string altered_checkpoint = "a checkpoint that nobody wrote";
inline const std::string early_checkpoint = "a checkpoint of records that are not there";
inline const std::string reader_refused = "a reader is refused: ";
inline const std::string reader_changed = "a reader changed the log";
inline const std::string writer_refused = "a writer is refused: ";
inline const std::string stuck = "the log does not go on: ";
inline const std::string journal_refused = "the journal is refused: ";
inline const std::string lost_entry = "an acknowledged entry is missing";
inline const std::string altered_entry = "an entry is altered";
inline const std::string journal_stuck = "the journal does not go on: ";
} // namespace complaint

inline std::string words_of(const error& failure) {
    return std::string(name_of(failure.code)) + ", " + std::string(failure.what) + ", check " +
           std::to_string(failure.check) + ", " + failure.place;
}

namespace detail {

constexpr std::size_t largest_body = std::size_t{1} << 20;

// `tried` is what would be there if the step under way had been completed.
inline std::string check_store(const audit::file_store& store, const session_knowledge& acked,
                               const session_knowledge& tried) {
    if (store.size() < acked.log.size()) return complaint::lost_record;
    if (store.size() > tried.log.size()) return complaint::extra_record;
    for (std::uint64_t i = 0; i < store.size(); ++i) {
        const auto entry = store.read(i);
        if (!entry || *entry != *tried.log.read(i)) return complaint::altered_record;
        hash::digest32 named{};
        std::copy_n(entry->body.begin(), named.size(), named.begin());
        if (!store.get_body(named, largest_body)) return complaint::record_without_body;
    }
    for (const hash::digest32& digest : acked.bodies)
        if (!store.has_body(digest)) return complaint::lost_body;
    for (const hash::digest32& digest : tried.bodies) // get_body compares with the digest
        if (store.has_body(digest) && !store.get_body(digest, largest_body)) return complaint::altered_body;
    const auto note = store.read_checkpoint();
    if (!note) {
        if (note.error().code != errc::missing) return complaint::altered_checkpoint;
        return acked.checkpoint ? complaint::lost_checkpoint : "";
    }
    if (*note != acked.checkpoint.value_or("") && *note != tried.checkpoint.value_or(""))
        return complaint::altered_checkpoint;
    if (!audit::check_new_checkpoint(store.tree(), std::nullopt, *note)) return complaint::early_checkpoint;
    return "";
}

inline std::string check_reader(const std::string& path, const session_knowledge& acked,
                                const session_knowledge& tried) {
    const bool is_there = std::filesystem::exists(path + "/log");
    const auto before = is_there ? read_whole_file(path + "/log") : bytes();
    const auto reader = audit::file_store::open_for_reading(path);
    if (is_there && read_whole_file(path + "/log") != before) return complaint::reader_changed;
    if (reader) return check_store(*reader, acked, tried);
    const error& failure = reader.error();
    const bool torn = failure.code == errc::missing && failure.check == 7;
    const bool not_made = failure.code == errc::missing && !acked.store && !is_there;
    return torn || not_made ? "" : complaint::reader_refused + words_of(failure);
}

// The session goes on with a body, a record that names it and a checkpoint.
inline result<void> continue_store(const std::string& path, std::uint64_t size) {
    const bytes body = {'m', 'o', 'r', 'e'};
    {
        auto writer = audit::file_store::open_for_writing(path);
        if (!writer) return writer.error();
        const auto digest = writer->put_body(body);
        if (!digest) return digest.error();
        if (auto added = writer->append(7, 1, *digest); !added) return added.error();
        if (auto noted = writer->write_checkpoint(session_checkpoint(*writer)); !noted) return noted;
    }
    const auto reader = audit::file_store::open_for_reading(path);
    if (!reader) return reader.error();
    if (reader->size() != size + 1) return error{errc::mismatch, "number of records"};
    if (auto got = reader->get_body(hash::sha256(body), largest_body); !got) return got.error();
    const auto note = reader->read_checkpoint();
    if (!note) return note.error();
    if (auto tip = audit::check_new_checkpoint(reader->tree(), std::nullopt, *note); !tip) return tip.error();
    return audit::for_each_record(*reader, [](const audit::record&) { return result<void>(); });
}

inline std::string check_writer(const std::string& path, const session_knowledge& acked,
                                const session_knowledge& tried) {
    std::uint64_t size = 0;
    {
        const auto writer = audit::file_store::open_for_writing(path);
        if (!writer) {
            const bool not_made = !acked.store && writer.error().code == errc::missing;
            if (!not_made || std::filesystem::exists(path + "/log"))
                return complaint::writer_refused + words_of(writer.error());
            return "";
        }
        if (const std::string wrong = check_store(*writer, acked, tried); !wrong.empty()) return wrong;
        size = writer->size();
    }
    if (auto gone_on = continue_store(path, size); !gone_on)
        return complaint::stuck + words_of(gone_on.error());
    return "";
}

inline std::string check_entries(const audit::journal& opened, const session_knowledge& acked,
                                 const session_knowledge& tried) {
    const std::size_t count = opened.entries().size();
    if (count < acked.entries.size()) return complaint::lost_entry;
    if (count > tried.entries.size() ||
        !std::equal(opened.entries().begin(), opened.entries().end(), tried.entries.begin()))
        return complaint::altered_entry;
    return "";
}

inline std::string check_journal(const std::string& path, const session_knowledge& acked,
                                 const session_knowledge& tried) {
    std::size_t count = 0;
    {
        auto opened = acked.journal ? audit::journal::open_existing(path) : audit::journal::open(path);
        if (!opened) return complaint::journal_refused + words_of(opened.error());
        if (const std::string wrong = check_entries(*opened, acked, tried); !wrong.empty()) return wrong;
        count = opened->entries().size();
        if (auto added = opened->append(bytes{1, 2}); !added)
            return complaint::journal_stuck + words_of(added.error());
    }
    const auto again = audit::journal::open_existing(path);
    if (!again) return complaint::journal_stuck + words_of(again.error());
    if (again->entries().size() != count + 1) return complaint::journal_stuck + "number of entries";
    return "";
}

} // namespace detail

// The first thing that is wrong with the folder that a stop left, or "".
inline std::string complaint_about(const std::filesystem::path& folder, const session_knowledge& acked,
                                   const session_knowledge& tried) {
    const watched unseen(nullptr);
    const std::string store = (folder / "store").native();
    std::string wrong = detail::check_reader(store, acked, tried);
    if (wrong.empty()) wrong = detail::check_writer(store, acked, tried);
    if (wrong.empty()) wrong = detail::check_journal((folder / "journal").native(), acked, tried);
    return wrong;
}

} // namespace veilsum::test
