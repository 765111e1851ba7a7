// A made-up session of a store and a journal, always the same for one seed, and what must be left of it after
// a crash.
//
// The writer keeps a list of what it was told is done, in the order in which it was told:
//     created | body <digest> | record <hash> | checkpoint <size> | entry <number>
// A crash may come after any of them. Of what was told everything must be there, of what was begun the next
// item may be there, and nothing else.
#pragma once

#include "crash/interposed_calls.hpp"

#include "support/seeded_random.hpp"

#include <veilsum/audit/checkpoint_signing.hpp>
#include <veilsum/audit/file_store.hpp>
#include <veilsum/audit/journal.hpp>
#include <veilsum/audit/log_reader.hpp>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::test::crash {

inline constexpr std::string_view script_origin = "crash.example/log";

inline const sign::signing_key& script_key() {
    static const auto key = sign::signing_key::from_seed(secret<byte_array<32>>(byte_array<32>{7}));
    return key;
}

// What a session is made of; the same in the run that is stopped and in the check afterwards.
class store_script {
  public:
    enum class step { body, record, checkpoint, reopen, entry };

    explicit store_script(std::uint64_t seed) {
        seeded_random rng(seed);
        std::size_t unused = 0; // bodies that no record names yet
        for (int i = 0; i < 14; ++i) {
            auto what = static_cast<step>(rng.below(5));
            if (i == 0) what = step::body;
            if (what == step::record && unused == 0) what = step::body;
            steps_.push_back(what);
            if (what == step::body) {
                bytes body = rng.draw(1 + rng.below(200));
                body.resize(body.size() + (rng.below(4) == 0 ? 5000 : 0), 0x77);
                bodies_.push_back(std::move(body));
                ++unused;
            }
            if (what == step::record) --unused;
            if (what == step::entry) entries_.push_back(rng.draw(rng.below(120)));
        }
    }

    // Runs it in `root`, an empty folder. `told` hears of each item as it is done. An error of a step ends
    // it.
    result<void> run(const std::string& root, const std::function<void(std::string)>& told) const {
        auto store = audit::file_store::create(root + "/session");
        if (!store) return store.error();
        told("created");
        std::optional<audit::journal> journal;
        std::vector<hash::digest32> digests;
        std::size_t body = 0, named = 0, entry = 0;
        for (const step what : steps_) {
            switch (what) {
            case step::body: {
                const auto put = store->put_body(bodies_[body++]);
                if (!put) return put.error();
                digests.push_back(*put);
                told("body " + to_hex(*put));
                break;
            }
            case step::record: {
                const hash::digest32 digest = digests[named++];
                const auto made = store->append(3, 1, digest);
                if (!made) {
                    // Nobody knows what the file holds now: it must not go on.
                    if (store->append(3, 1, digest))
                        return error{errc::bad_proof, "appended after a failure"};
                    return made.error();
                }
                told("record " + to_hex(audit::record_hash(*made)));
                break;
            }
            case step::checkpoint: {
                const auto note = audit::sign_checkpoint(
                    {std::string(script_origin), store->size(), store->root()}, script_origin, script_key());
                if (auto written = store->write_checkpoint(note); !written) return written;
                told("checkpoint " + std::to_string(store->size()));
                break;
            }
            case step::reopen: {
                {
                    const auto closed = *std::move(store);
                }
                store = audit::file_store::open_for_writing(root + "/session");
                if (!store) return store.error();
                break;
            }
            case step::entry: {
                if (!journal) {
                    auto opened = audit::journal::open(root + "/journal");
                    if (!opened) return opened.error();
                    journal.emplace(*std::move(opened));
                }
                if (auto done = journal->append(entries_[entry]); !done) {
                    if (journal->append(entries_[entry]))
                        return error{errc::bad_proof, "went on after a failure"};
                    return done;
                }
                told("entry " + std::to_string(entry++));
                break;
            }
            }
        }
        return {};
    }

    // What is wrong with `root`, a crash after the first `done` items of `told`; empty if nothing is. Opens
    // the store as its owner does after a restart, and goes on writing.
    std::optional<std::string> wrong(const std::filesystem::path& root, const std::vector<std::string>& told,
                                     std::size_t done) const {
        const auto count = [&](std::string_view kind, std::size_t upto) {
            std::size_t found = 0;
            for (std::size_t i = 0; i < upto && i < told.size(); ++i) found += told[i].rfind(kind, 0) == 0;
            return found;
        };
        const auto items = [&](std::string_view kind) {
            std::vector<std::string> found;
            for (const std::string& item : told)
                if (item.rfind(kind, 0) == 0) found.push_back(item.substr(kind.size()));
            return found;
        };
        const std::string folder = (root / "session").native();
        const auto seen = audit::log_reader::open(folder);
        auto store = audit::file_store::open_for_writing(folder);
        if (!store) {
            if (done == 0) return std::nullopt; // not created yet, as far as anybody was told
            return "does not open: " + store.error().describe();
        }
        const bool torn = !seen && seen.error().check == 7;
        if (!seen && !torn) return "a reader is refused: " + seen.error().describe();

        const std::vector<std::string> records = items("record ");
        if (store->size() < count("record ", done)) return "a record is lost";
        if (store->size() > count("record ", done + 1)) return "a record that nobody wrote";
        for (std::uint64_t i = 0; i < store->size(); ++i) {
            const auto entry = store->read(i);
            if (!entry || to_hex(audit::record_hash(*entry)) != records[static_cast<std::size_t>(i)])
                return "a record is not the one that was written";
            hash::digest32 digest{};
            std::copy(entry->body.begin(), entry->body.end(), digest.begin());
            if (!store->get_body(digest, 1 << 20)) return "a record without its body";
        }
        std::size_t number = 0;
        for (std::size_t i = 0; i < done && i < told.size(); ++i) {
            if (told[i].rfind("body ", 0) != 0) continue;
            const auto body = store->get_body(hash::sha256(bodies_[number]), 1 << 20);
            if (!body || *body != bodies_[number]) return "a body is lost";
            ++number;
        }
        const auto note = store->read_checkpoint();
        const std::vector<std::string> tips = items("checkpoint ");
        if (!note && count("checkpoint ", done) > 0) return "the checkpoint is lost";
        if (note) {
            const auto tip = audit::verify_checkpoint(*note, script_origin, script_key().verifying());
            if (!tip) return "the checkpoint is damaged";
            if (!audit::check_covers(store->tree(), *tip)) return "the checkpoint is not of this log";
            const std::size_t at_least = count("checkpoint ", done), at_most = count("checkpoint ", done + 1);
            const std::string size = std::to_string(tip->size);
            const bool last = at_least > 0 && size == tips[at_least - 1];
            const bool next = at_most > at_least && size == tips[at_most - 1];
            if (!last && !next) return "the checkpoint is not the newest";
        }
        const std::uint64_t before = store->size();
        if (!store->append(9, 1, as_bytes("after the crash"))) return "appending afterwards fails";
        { const auto closed = *std::move(store); }
        const auto again = audit::file_store::open_for_reading(folder);
        if (!again || again->size() != before + 1) return "what was appended afterwards cannot be read";
        return wrong_journal(root, count("entry ", done), count("entry ", done + 1));
    }

  private:
    std::optional<std::string> wrong_journal(const std::filesystem::path& root, std::size_t at_least,
                                             std::size_t at_most) const {
        const auto journal = audit::journal::open_existing(root / "journal");
        if (!journal) {
            if (at_least == 0 && journal.error().code == errc::missing) return std::nullopt;
            return "the journal does not open: " + journal.error().describe();
        }
        const auto& found = journal->entries();
        if (found.size() < at_least) return "an entry of the journal is lost";
        if (found.size() > at_most) return "an entry that nobody wrote";
        for (std::size_t i = 0; i < found.size(); ++i)
            if (found[i] != entries_[i]) return "an entry is not the one that was written";
        return std::nullopt;
    }
    std::vector<step> steps_;
    std::vector<bytes> bodies_;
    std::vector<bytes> entries_;
};

} // namespace veilsum::test::crash
