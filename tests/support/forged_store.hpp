// A log store of a malicious aggregator: records can be dropped and changed, bodies replaced, and everything
// is chained, hashed and signed anew, so that only what the protocol checks can give it away.
#pragma once

#include <veilsum/audit/checkpoint_signing.hpp>
#include <veilsum/audit/log_store.hpp>
#include <veilsum/sign/signing_key.hpp>

#include "support/catch.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace veilsum::test {

class forged_store {
  public:
    // Returns the body to keep, or nothing to drop the record.
    using change = std::function<std::optional<bytes>(const audit::record&)>;

    forged_store(const audit::memory_store& honest, const change& edit) : honest_(&honest) {
        for (std::uint64_t i = 0; i < honest.size(); ++i) {
            const auto record = honest.read(i);
            REQUIRE(record);
            if (auto body = edit(*record)) REQUIRE(log_.append(record->type, record->version, *body));
        }
    }
    // Signs the log as it stands now.
    void sign(std::string_view origin, const sign::signing_key& key) {
        REQUIRE(log_.write_checkpoint(
            audit::sign_checkpoint({std::string(origin), log_.size(), log_.root()}, origin, key)));
    }
    // Replaces stored bytes without changing the digest they are found under.
    void corrupt_body(const hash::digest32& digest, bytes data) { corrupted_[digest] = std::move(data); }
    void remove_body(const hash::digest32& digest) { corrupted_[digest] = std::nullopt; }

    result<audit::record> append(std::uint16_t type, std::uint16_t version, byte_view body) {
        return log_.append(type, version, body);
    }
    result<hash::digest32> put_body(byte_view body) { return log_.put_body(body); }
    result<void> write_checkpoint(std::string_view note) { return log_.write_checkpoint(note); }
    // As the stores do: what is not the digest's content is an error.
    result<bytes> get_body(const hash::digest32& digest, std::size_t max_bytes) const {
        const std::string place = "body " + to_hex(digest);
        if (const auto found = corrupted_.find(digest); found != corrupted_.end())
            return error{found->second ? errc::mismatch : errc::missing, "body", 0, place};
        return log_.has_body(digest) ? log_.get_body(digest, max_bytes)
                                     : honest_->get_body(digest, max_bytes);
    }
    bool has_body(const hash::digest32& digest) const {
        return log_.has_body(digest) || honest_->has_body(digest);
    }
    result<std::string> read_checkpoint() const { return log_.read_checkpoint(); }
    result<audit::record> read(std::uint64_t index) const { return log_.read(index); }
    std::uint64_t size() const { return log_.size(); }
    const hash::digest32& head() const { return log_.head(); }
    const audit::merkle_tree& tree() const { return log_.tree(); }
    hash::digest32 root() const { return log_.root(); }

  private:
    const audit::memory_store* honest_;
    audit::memory_store log_;
    std::map<hash::digest32, std::optional<bytes>> corrupted_;
};

static_assert(audit::log_store<forged_store>);

} // namespace veilsum::test
