// The durable state of each role behind a wrapper that announces every action on it, so that a test can stop
// the role there.
//
//     step_watch watch;                   watch.on_point is called before and after each action
//     watched_store<audit::memory_store> store(disk, watch);
//
// Whoever acts at a point is stopped there by an exception `stopped`: everything the role had in memory is
// destroyed, what is behind the wrapper stays.
#pragma once

#include <veilsum/audit/merkle.hpp>
#include <veilsum/audit/record.hpp>
#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::test {

struct stopped {
    std::size_t role;
};

struct step_watch {
    std::function<void(std::size_t role, std::string_view action)> on_point;
    std::uint64_t points = 0;
    void point(std::size_t role, std::string_view action) {
        ++points;
        if (on_point) on_point(role, action);
    }
    template <class Action>
    auto around(std::size_t role, std::string_view action, const Action& act) {
        point(role, action);
        auto outcome = act();
        point(role, action);
        return outcome;
    }
};

// The three kinds of durable state; copies share what is behind them.
template <class Base>
class watched_store {
  public:
    watched_store(std::shared_ptr<Base> base, step_watch& watch) : base_(std::move(base)), watch_(&watch) {}
    const Base& base() const { return *base_; }

    result<audit::record> append(std::uint16_t type, std::uint16_t version, byte_view body) {
        return watch_->around(0, "append", [&] { return base_->append(type, version, body); });
    }
    result<hash::digest32> put_body(byte_view body) {
        return watch_->around(0, "put_body", [&] { return base_->put_body(body); });
    }
    result<void> write_checkpoint(std::string_view note) {
        return watch_->around(0, "write_checkpoint", [&] { return base_->write_checkpoint(note); });
    }
    result<bytes> get_body(const hash::digest32& digest, std::size_t max_len) const {
        return base_->get_body(digest, max_len);
    }
    bool has_body(const hash::digest32& digest) const { return base_->has_body(digest); }
    result<std::string> read_checkpoint() const { return base_->read_checkpoint(); }
    result<audit::record> read(std::uint64_t index) const { return base_->read(index); }
    std::uint64_t size() const { return base_->size(); }
    hash::digest32 head() const { return base_->head(); }
    const audit::merkle_tree& tree() const { return base_->tree(); }
    hash::digest32 root() const { return base_->root(); }

  private:
    std::shared_ptr<Base> base_;
    step_watch* watch_;
};

template <class Base>
class watched_outbox {
  public:
    watched_outbox(std::shared_ptr<Base> base, step_watch& watch, std::size_t role)
        : base_(std::move(base)), watch_(&watch), role_(role) {}
    result<void> keep(const hash::digest32& session, std::uint64_t round, byte_view message) {
        return watch_->around(role_, "keep", [&] { return base_->keep(session, round, message); });
    }
    std::optional<std::uint64_t> last(const hash::digest32& session) const { return base_->last(session); }
    result<bytes> message(const hash::digest32& session, std::uint64_t round, std::size_t max) const {
        return base_->message(session, round, max);
    }

  private:
    std::shared_ptr<Base> base_;
    step_watch* watch_;
    std::size_t role_;
};

template <class Base>
class watched_journal {
  public:
    watched_journal(std::shared_ptr<Base> base, step_watch& watch, std::size_t role)
        : base_(std::move(base)), watch_(&watch), role_(role) {}
    result<void> append(byte_view entry) {
        return watch_->around(role_, "journal", [&] { return base_->append(entry); });
    }
    const std::vector<bytes>& entries() const { return base_->entries(); }

  private:
    std::shared_ptr<Base> base_;
    step_watch* watch_;
    std::size_t role_;
};

class memory_journal {
  public:
    result<void> append(byte_view entry) {
        entries_.emplace_back(entry.begin(), entry.end());
        return {};
    }
    const std::vector<bytes>& entries() const { return entries_; }

  private:
    std::vector<bytes> entries_;
};

} // namespace veilsum::test
