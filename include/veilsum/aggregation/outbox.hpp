// Outbox: the messages that a client has made, kept before any of them is sent.
//
//     make message --keep--> outbox --> send ... restart --message--> send the same bytes again
//
// Two different contributions of one client to one round are equivocation: neither counts, and the record
// keeps the proof (contribution.hpp). A client that forgot what it sent would make a second one, because
// encryption is randomised. So it sends only what an outbox holds, and makes nothing for a round that the
// outbox knows.
//
// Laws, for every model and every outbox b:
//
// keep(s, r, m) refuses a round that is not above last(s) (errc::duplicate), and an error changes nothing
// that `last` and `message` say. After success last(s) = r and message(s, r, n) = m for every n >= |m|, until
// a later keep for s; whether earlier messages can still be had is the model's choice. What returned success
// is as durable as the model says.
//
// message(s, r, n) is errc::missing for a message that is not there, errc::out_of_range for n < |m|.
//
// `memory_outbox` holds the newest message of each session, for tests and for clients that do not outlive
// their process: such a client must not contribute to a round that an earlier process of it may have
// contributed to. `file_outbox` is the durable one:
//
//     <folder>/journal          session id 32 | round u64 | digest 32, an entry a message   audit/journal.hpp
//     <folder>/messages/<hex>   messages under their SHA-256                          audit/body_folder.hpp
//
// Order of writing: message, then entry, each synced; the entry is the promise. It keeps all messages; those
// of rounds whose receipt is held may be removed to save space. The journal may not: what it cannot show,
// that it was put back to an older state, lets its client equivocate. Messages are public data.
#pragma once

#include <veilsum/audit/body_folder.hpp>
#include <veilsum/audit/journal.hpp>
#include <veilsum/audit/posix_file.hpp>
#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace veilsum::aggregation {

template <class Outbox>
concept outbox = std::movable<Outbox> &&
    requires(Outbox& box, const Outbox& view, const hash::digest32& session, std::uint64_t round,
             byte_view message) {
    { box.keep(session, round, message) } -> std::same_as<result<void>>;
    { view.last(session) } -> std::same_as<std::optional<std::uint64_t>>;
    { view.message(session, round, std::size_t{}) } -> std::same_as<result<bytes>>;
};

namespace detail {

inline std::string round_place(std::uint64_t round) {
    return "round " + std::to_string(round);
}
inline error not_after_last(std::uint64_t round) {
    return error{errc::duplicate, "message for a round at or before the last one", 0, round_place(round)};
}

} // namespace detail

// Durable as long as the process lives; the newest message of each session.
class memory_outbox {
  public:
    // The newest round of the session that a message was kept for; empty if none.
    std::optional<std::uint64_t> last(const hash::digest32& session) const {
        const auto at = newest_.find(session);
        if (at == newest_.end()) return std::nullopt;
        return at->second.round;
    }
    // The message of this round, if it is the newest; else errc::missing.
    result<bytes> message(const hash::digest32& session, std::uint64_t round, std::size_t max_bytes) const {
        const auto at = newest_.find(session);
        if (at == newest_.end() || at->second.round != round)
            return error{errc::missing, "message for this round", 0, detail::round_place(round)};
        if (at->second.message.size() > max_bytes)
            return error{errc::out_of_range, "length of the message", 0, detail::round_place(round)};
        return at->second.message;
    }
    // Rounds must increase: errc::duplicate for one at or before the last.
    result<void> keep(const hash::digest32& session, std::uint64_t round, byte_view message) {
        if (const auto before = last(session); before && round <= *before)
            return detail::not_after_last(round);
        newest_[session] = {round, bytes(message.begin(), message.end())};
        return {};
    }

  private:
    struct kept {
        std::uint64_t round;
        bytes message;
    };
    std::map<hash::digest32, kept> newest_;
};

static_assert(outbox<memory_outbox>);

// One owner at a time: the journal's lock. Some 200 bytes of memory a message. Checks on opening are the
// journal's 1 to 4, then 5: an entry has the length and the order that `keep` gives it.
class file_outbox {
  public:
    // In a folder that must not exist yet (errc::duplicate). After a failure or a crash the folder may be
    // there in part; as long as `open` finds no journal in it, nothing was promised: remove it and try again.
    static result<file_outbox> create(const std::filesystem::path& path) {
        const std::string folder = without_final_slash(path);
        for (const std::string& each : {folder, folder + "/messages"})
            if (auto made = audit::create_folder(each); !made) return made.error();
        if (auto synced = audit::sync_folder(audit::folder_of(folder)); !synced) return synced.error();
        auto promises = audit::journal::open(folder + "/journal");
        if (!promises) return promises.error();
        return recovered(folder, *std::move(promises));
    }
    // errc::missing when there is no journal.
    static result<file_outbox> open(const std::filesystem::path& path) {
        const std::string folder = without_final_slash(path);
        auto promises = audit::journal::open_existing(folder + "/journal");
        if (!promises) return promises.error();
        return recovered(folder, *std::move(promises));
    }

    // The newest round of the session that a message was kept for; empty if none.
    std::optional<std::uint64_t> last(const hash::digest32& session) const {
        const auto rounds = rounds_.find(session);
        if (rounds == rounds_.end()) return std::nullopt;
        return rounds->second.rbegin()->first;
    }
    // The message of this round. errc::missing if there is none or its file is gone.
    result<bytes> message(const hash::digest32& session, std::uint64_t round, std::size_t max_bytes) const {
        if (const auto rounds = rounds_.find(session); rounds != rounds_.end())
            if (const auto at = rounds->second.find(round); at != rounds->second.end())
                return messages_.get(at->second, max_bytes);
        return error{errc::missing, "message for this round", 0, detail::round_place(round)};
    }
    // Durable when it returns. After errc::io open anew and look what is there.
    result<void> keep(const hash::digest32& session, std::uint64_t round, byte_view message) {
        if (const auto before = last(session); before && round <= *before)
            return detail::not_after_last(round);
        const auto digest = messages_.put(message);
        if (!digest) return digest.error();
        wire::writer entry;
        entry.fixed(session);
        entry.u64(round);
        entry.fixed(*digest);
        if (auto written = promises_.append(entry.view()); !written) return written;
        rounds_[session].emplace(round, *digest);
        return {};
    }

  private:
    static std::string without_final_slash(const std::filesystem::path& path) {
        return (path / "").parent_path().native();
    }

    file_outbox(const std::string& folder, audit::journal promises)
        : messages_(folder + "/messages"), promises_(std::move(promises)) {}

    static result<file_outbox> recovered(const std::string& folder, audit::journal promises) {
        file_outbox opened(folder, std::move(promises));
        std::size_t number = 0;
        for (const bytes& entry : opened.promises_.entries()) {
            wire::reader in(entry);
            const hash::digest32 session = in.array<32>();
            const std::uint64_t round = in.u64();
            const hash::digest32 digest = in.array<32>();
            const std::string place = "entry " + std::to_string(number++);
            if (auto end = in.finish(); !end) return std::move(end).error().in_check(5).at(place);
            if (const auto before = opened.last(session); before && round <= *before)
                return detail::not_after_last(round).in_check(5).at(place);
            opened.rounds_[session].emplace(round, digest);
        }
        return opened;
    }

    audit::body_folder messages_;
    audit::journal promises_;
    std::map<hash::digest32, std::map<std::uint64_t, hash::digest32>> rounds_; // by session: round, message
};

static_assert(outbox<file_outbox>);

} // namespace veilsum::aggregation
