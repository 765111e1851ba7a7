// The log of an aggregator that writes what it likes: an honest log with records left out, changed or added,
// chained, hashed and signed anew, so that only what the protocol checks can give it away. As
// forged_store.hpp, for many sessions at once, and it can go on: as long as what it holds is right it keeps
// the fold of it.
#pragma once

#include "support/simulated_parties.hpp"

#include <veilsum/aggregation/session_state.hpp>
#include <veilsum/audit/checkpoint_signing.hpp>
#include <veilsum/audit/log_store.hpp>
#include <veilsum/sign/signing_key.hpp>

#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace veilsum::test {

class lax_log {
  public:
    using state = aggregation::session_state<session_scheme>;
    struct entry {
        std::uint16_t type;
        bytes body;
    };
    // What to write instead; nothing leaves the record out.
    using change = std::function<std::optional<entry>(const audit::record&)>;

    // Records from `honest` up to `size`, changed; the first stays.
    lax_log(const audit::memory_store& honest, std::uint64_t size,
            const aggregation::session_facts<session_scheme>& facts, sign::signing_key&& key,
            seeded_random& rng, const change& edit)
        : honest_(honest), key_(std::move(key)), origin_(facts.header.origin), rng_(&rng),
          fold_(state(facts)) {
        for (std::uint64_t i = 0; i < size; ++i) {
            const auto record = take(honest.read(i), "honest record");
            if (i == 0) {
                take(log_.append(record.type, record.version, record.body), "append");
            } else if (auto made = edit(record)) {
                add(made->type, made->body);
            }
        }
        sign();
    }

    // Writes and signs whatever it is; the fold ends with the first record that it refuses.
    void add(std::uint16_t type, const bytes& body) {
        const auto record = take(log_.append(type, aggregation::record_version, body), "append");
        if (fold_ && !fold_->apply(record, aggregation::bodies_of(*this), *rng_)) fold_.reset();
        sign();
    }
    // Writes only what is right.
    result<void> commit(std::uint16_t type, const bytes& body) {
        require(fold_.has_value(), "the fold of a log that is wrong");
        const audit::record next{type, aggregation::record_version, log_.size(), log_.head(), body};
        auto happened = fold_->check(next, aggregation::bodies_of(*this), *rng_);
        if (!happened) return happened.error();
        take(log_.append(type, aggregation::record_version, body), "append");
        fold_->store(next, *std::move(happened));
        sign();
        return {};
    }
    const std::optional<state>& fold() const { return fold_; }

    result<audit::record> append(std::uint16_t type, std::uint16_t version, byte_view body) {
        return log_.append(type, version, body);
    }
    result<hash::digest32> put_body(byte_view body) { return log_.put_body(body); }
    result<void> write_checkpoint(std::string_view note) { return log_.write_checkpoint(note); }
    result<bytes> get_body(const hash::digest32& digest, std::size_t max_bytes) const {
        return log_.has_body(digest) ? log_.get_body(digest, max_bytes) : honest_.get_body(digest, max_bytes);
    }
    bool has_body(const hash::digest32& digest) const {
        return log_.has_body(digest) || honest_.has_body(digest);
    }
    result<std::string> read_checkpoint() const { return log_.read_checkpoint(); }
    result<audit::record> read(std::uint64_t index) const { return log_.read(index); }
    std::uint64_t size() const { return log_.size(); }
    const hash::digest32& head() const { return log_.head(); }
    const audit::merkle_tree& tree() const { return log_.tree(); }
    hash::digest32 root() const { return log_.root(); }

  private:
    void sign() {
        take(
            log_.write_checkpoint(audit::sign_checkpoint({origin_, log_.size(), log_.root()}, origin_, key_)),
            "checkpoint");
    }

    audit::memory_store honest_;
    audit::memory_store log_;
    sign::signing_key key_;
    std::string origin_;
    seeded_random* rng_;
    std::optional<state> fold_;
};

static_assert(audit::log_store<lax_log>);

} // namespace veilsum::test
