// A session of a file store and a journal as a list of steps, each of which is one call, so that a test can
// say at any moment what has been acknowledged (the call returned) and what is under way (the next step).
//
//     const test::session_script script = test::standard_script();
//     test::store_session session(folder);
//     session.run(script, 0, [&](std::size_t done) { ... });    // script.known[done] is acknowledged
//
// The folder holds <folder>/store and <folder>/journal. Each record names a body that was put before: its
// body begins with the digest.
#pragma once

#include "support/seeded_random.hpp"

#include <veilsum/audit/checkpoint_signing.hpp>
#include <veilsum/audit/file_store.hpp>
#include <veilsum/audit/journal.hpp>
#include <veilsum/audit/log_store.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::test {

enum class store_step {
    create,
    reopen,       // close, open for writing
    put,          // data: the body
    put_if_new,   // the same, unless the store says that it has the body
    append,       // data: body of the record
    checkpoint,   // of all records
    open_journal, // close, open, which creates it
    note,         // data: entry of the journal
    tear,         // close, and leave the beginning of a record and of an entry behind
    // What the store must not do, to see whether the harness notices.
    checkpoint_in_place, // overwrites the file that is there
};

struct session_step {
    store_step what;
    bytes data = {};
};

// What the steps so far say must be there.
struct session_knowledge {
    bool store = false;
    bool journal = false;
    audit::memory_store log;
    std::vector<hash::digest32> bodies;
    std::optional<std::string> checkpoint;
    std::vector<bytes> entries;
};

// Ends the test program: what is used with it cannot fail unless the test itself is wrong.
template <class T>
T must(result<T> outcome) {
    expects(outcome.has_value());
    if constexpr (!std::is_void_v<T>) return *std::move(outcome);
}

template <class Log>
std::string session_checkpoint(const Log& log) {
    static const sign::signing_key key =
        sign::signing_key::from_seed(secret<byte_array<32>>(byte_array<32>{1, 2, 3}));
    const std::string origin = "example.org/crash";
    return audit::sign_checkpoint({origin, log.size(), log.root()}, origin, key);
}

struct session_script {
    std::vector<session_step> steps;
    std::vector<session_knowledge> known{{}}; // known[k]: after the first k steps

    void add(session_step step) {
        session_knowledge next = known.back();
        switch (step.what) {
        case store_step::create:
            next.store = true;
            break;
        case store_step::put:
        case store_step::put_if_new:
            next.bodies.push_back(must(next.log.put_body(step.data)));
            break;
        case store_step::append:
            must(next.log.append(7, 1, step.data));
            break;
        case store_step::checkpoint:
        case store_step::checkpoint_in_place:
            next.checkpoint = session_checkpoint(next.log);
            break;
        case store_step::open_journal:
            next.journal = true;
            break;
        case store_step::note:
            next.entries.push_back(step.data);
            break;
        case store_step::reopen:
        case store_step::tear:
            break;
        }
        steps.push_back(std::move(step));
        known.push_back(std::move(next));
    }
    // A body, and a record of `extra` more bytes that names it.
    void add_body(const bytes& body) { add({store_step::put, body}); }
    void add_record(const bytes& body, std::size_t extra) {
        const hash::digest32 digest = hash::sha256(body);
        bytes data(digest.begin(), digest.end());
        data.resize(digest.size() + extra, static_cast<std::uint8_t>(steps.size()));
        add({store_step::append, std::move(data)});
    }
};

class store_session {
  public:
    explicit store_session(std::filesystem::path folder) : folder_(std::move(folder)) {}

    bool has_store() const { return store_.has_value(); }
    bool has_journal() const { return journal_.has_value(); }

    result<void> perform(const session_step& step) {
        switch (step.what) {
        case store_step::create:
            return keep(audit::file_store::create(store_path()), store_);
        case store_step::reopen:
            store_.reset();
            return keep(audit::file_store::open_for_writing(store_path()), store_);
        case store_step::put:
            return discard(store_->put_body(step.data));
        case store_step::put_if_new:
            if (store_->has_body(hash::sha256(step.data))) return {};
            return discard(store_->put_body(step.data));
        case store_step::append:
            return discard(store_->append(7, 1, step.data));
        case store_step::checkpoint:
            return store_->write_checkpoint(session_checkpoint(*store_));
        case store_step::open_journal:
            journal_.reset();
            return keep(audit::journal::open(journal_path()), journal_);
        case store_step::note:
            return journal_->append(step.data);
        case store_step::tear:
            return tear();
        case store_step::checkpoint_in_place:
            return checkpoint_in_place();
        }
        return error{errc::refused, "step"};
    }

    // Performs the steps from `first` on, and calls acknowledged(number of steps done) after each. Stops at
    // the first that fails; `done` says how many have succeeded.
    template <class Acknowledged>
    result<void> run(const session_script& script, std::size_t first, const Acknowledged& acknowledged) {
        for (done = first; done < script.steps.size();) {
            if (auto performed = perform(script.steps[done]); !performed) return performed;
            acknowledged(++done);
        }
        return {};
    }

    // After a stop or an error during step `next`: opens what is there anew. How many steps are behind us:
    // `next`, or one more if its record or entry was written nevertheless.
    result<std::size_t> recover(const session_script& script, std::size_t next) {
        store_.reset();
        journal_.reset();
        const session_knowledge& acked = script.known[next];
        if (acked.store)
            if (auto opened = perform({store_step::reopen}); !opened) return opened.error();
        if (acked.journal)
            if (auto opened = perform({store_step::open_journal}); !opened) return opened.error();
        if (next == script.steps.size()) return next;
        if (script.steps[next].what == store_step::append && store_->size() != acked.log.size())
            return next + 1;
        if (script.steps[next].what == store_step::note && journal_->entries() != acked.entries)
            return next + 1;
        if (script.steps[next].what == store_step::create) std::filesystem::remove_all(store_path());
        return next;
    }

    void close() {
        store_.reset();
        journal_.reset();
    }
    std::string store_path() const { return (folder_ / "store").native(); }
    std::string journal_path() const { return (folder_ / "journal").native(); }

    std::size_t done = 0;

  private:
    template <class T>
    static result<void> keep(result<T> made, std::optional<T>& place) {
        if (!made) return made.error();
        place.emplace(*std::move(made));
        return {};
    }
    template <class T>
    static result<void> discard(const result<T>& outcome) {
        if (!outcome) return outcome.error();
        return {};
    }

    // As an earlier process leaves it that was stopped in the middle of an append: a proper beginning.
    result<void> tear() {
        audit::record next{7, 1, store_->size(), store_->head(), bytes(300, 0x77)};
        wire::writer frame;
        frame.var(next.serialize());
        store_.reset();
        journal_.reset();
        if (auto torn = add_to(store_path() + "/log", byte_view(frame.view()).first(200)); !torn) return torn;
        return add_to(journal_path(), bytes{0, 0, 0, 9, 0xff});
    }
    static result<void> add_to(const std::string& path, byte_view data) {
        auto file = audit::posix_file::open(path, audit::posix_file::access::write);
        if (!file) return file.error();
        return file->write_at(must(file->size()), data);
    }

    result<void> checkpoint_in_place() {
        auto file = audit::posix_file::open(store_path() + "/checkpoint", audit::posix_file::access::write);
        if (!file) return file.error();
        if (auto cut = file->truncate(0); !cut) return cut;
        if (auto written = file->write_at(0, as_bytes(session_checkpoint(*store_))); !written) return written;
        return file->sync();
    }

    std::filesystem::path folder_;
    std::optional<audit::file_store> store_;
    std::optional<audit::journal> journal_;
};

// Every kind of step, several sizes, recovery of torn files, the same body twice.
inline session_script standard_script() {
    seeded_random rng(11);
    session_script script;
    const bytes first = rng.draw(40), empty, medium = rng.draw(5000), large = rng.draw(70000);
    script.add({store_step::create});
    script.add({store_step::open_journal});
    script.add_body(first);
    script.add_record(first, 0);
    script.add({store_step::note, rng.draw(32)});
    script.add({store_step::checkpoint});
    script.add_body(empty);
    script.add_record(empty, 5000);
    script.add_record(first, 100);
    script.add({store_step::checkpoint});
    script.add({store_step::note, {}});
    script.add({store_step::reopen});
    script.add_body(first); // is there already
    script.add_body(medium);
    script.add_record(medium, 20);
    script.add({store_step::open_journal});
    script.add({store_step::note, rng.draw(300)});
    script.add({store_step::tear});
    script.add({store_step::reopen});
    script.add({store_step::open_journal});
    script.add_body(large);
    script.add_record(large, 70000);
    script.add({store_step::note, rng.draw(9)});
    script.add({store_step::checkpoint});
    script.add_record(first, 1);
    script.add({store_step::reopen});
    script.add_record(medium, 2);
    script.add({store_step::checkpoint});
    return script;
}

// Steps by chance.
inline session_script random_script(std::uint64_t seed, std::size_t steps) {
    seeded_random rng(seed);
    session_script script;
    script.add({store_step::create});
    script.add({store_step::open_journal});
    bytes last = rng.draw(10);
    script.add_body(last);
    while (script.steps.size() < steps) {
        const std::size_t size = rng.below(10) == 0 ? 20000 + rng.below(50000) : rng.below(400);
        switch (rng.below(9)) {
        case 0:
        case 1:
            last = rng.draw(size);
            script.add_body(last);
            break;
        case 2:
        case 3:
        case 4:
            script.add_record(last, size);
            break;
        case 5:
            script.add({store_step::checkpoint});
            break;
        case 6:
            script.add({store_step::note, rng.draw(size)});
            break;
        case 7:
            script.add({store_step::reopen});
            break;
        default:
            script.add({store_step::open_journal});
        }
    }
    return script;
}

} // namespace veilsum::test
