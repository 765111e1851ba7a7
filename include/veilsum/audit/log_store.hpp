// Log store: where records, the bodies they name, and the newest checkpoint are kept.
//
// Laws, for every model and every store s:
//
// append(t, v, b) = r has r.sequence = old size and r.previous = old head. Then size has grown by one, head
// is record_hash(r), read(r.sequence) = r, and the tree has one leaf more, leaf_hash(r.serialize()). After an
// error nothing has changed for readers of this object.
//
// put_body(b) = SHA-256(b). Then get_body of it gives b, or an error if max_len is smaller. Putting twice is
// putting once.
//
// write_checkpoint accepts a note only if it is a checkpoint that the log covers and that is not smaller than
// the stored one. Then read_checkpoint gives it back, byte for byte. Signatures are the business of the
// callers, who have keys.
//
// What returned success is as durable as the model says, and in the order of the calls.
//
// `memory_store` is the model for tests and simulations; audit/file_store.hpp is the durable one.
#pragma once

#include <veilsum/audit/chain.hpp>
#include <veilsum/audit/checkpoint.hpp>
#include <veilsum/audit/merkle.hpp>
#include <veilsum/audit/record.hpp>
#include <veilsum/audit/rollback.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::audit {

template <class Store>
concept log_store = std::movable<Store> &&
    requires(Store& store, const Store& view, std::uint16_t number, std::uint64_t index, byte_view data,
             const hash::digest32& digest, std::string_view text) {
    { store.append(number, number, data) } -> std::same_as<result<record>>;
    { store.put_body(data) } -> std::same_as<result<hash::digest32>>;
    { store.write_checkpoint(text) } -> std::same_as<result<void>>;
    { view.get_body(digest, std::size_t{}) } -> std::same_as<result<bytes>>;
    { view.has_body(digest) } -> std::same_as<bool>;
    { view.read_checkpoint() } -> std::same_as<result<std::string>>;
    { view.read(index) } -> std::same_as<result<record>>;
    { view.size() } -> std::same_as<std::uint64_t>;
    { view.head() } -> std::convertible_to<hash::digest32>;
    { view.tree() } -> std::same_as<const merkle_tree&>;
    { view.root() } -> std::convertible_to<hash::digest32>;
};

// May this note become the checkpoint of this log, which now has `stored`? errc::refused when it is smaller.
inline result<checkpoint>
check_new_checkpoint(const merkle_tree& log, const std::optional<checkpoint>& stored, std::string_view note) {
    const auto parsed = parse_note(note);
    if (!parsed) return parsed.error();
    auto tip = checkpoint::parse(parsed->text);
    if (!tip) return tip;
    if (auto covered = check_covers(log, *tip); !covered) return covered.error();
    if (stored && tip->size < stored->size)
        return error{errc::refused, "checkpoint older than the stored one", 0,
                     "size " + std::to_string(tip->size)};
    return tip;
}

// Calls visit(record) -> result<void> for each record in order and stops at the first error. One record in
// memory.
template <log_store Store, class Visit>
result<void> for_each_record(const Store& store, Visit&& visit) {
    for (std::uint64_t index = 0; index < store.size(); ++index) {
        const auto entry = store.read(index);
        if (!entry) return entry.error();
        if (result<void> visited = visit(*entry); !visited) return visited;
    }
    return {};
}

// errc::missing in an empty log.
template <log_store Store>
result<record> first_record(const Store& store) {
    if (store.size() == 0) return error{errc::missing, "first record"};
    return store.read(0);
}

// Durable as long as the process lives.
class memory_store {
  public:
    // errc::overflow for a body above max_record_body.
    result<record> append(std::uint16_t type, std::uint16_t version, byte_view body) {
        if (body.size() > max_record_body)
            return error{errc::overflow, "record body", 0, record_place(size())};
        record entry{type, version, chain_.size(), chain_.head(), bytes(body.begin(), body.end())};
        const bytes canonical = entry.serialize();
        chain_.advance(record_hash(byte_view(canonical)));
        tree_.append(byte_view(canonical));
        records_.push_back(entry);
        return entry;
    }
    // Kept once, under its SHA-256, which is returned.
    result<hash::digest32> put_body(byte_view body) {
        const hash::digest32 digest = hash::sha256(body);
        bodies_.try_emplace(digest, body.begin(), body.end());
        return digest;
    }
    // errc::missing; errc::out_of_range above max_len.
    result<bytes> get_body(const hash::digest32& digest, std::size_t max_len) const {
        const auto found = bodies_.find(digest);
        const std::string place = "body " + to_hex(digest);
        if (found == bodies_.end()) return error{errc::missing, "body", 0, place};
        if (found->second.size() > max_len) return error{errc::out_of_range, "length of the body", 0, place};
        return found->second;
    }
    // Whether put_body kept it.
    bool has_body(const hash::digest32& digest) const { return bodies_.contains(digest); }
    // Errors: those of check_new_checkpoint.
    result<void> write_checkpoint(std::string_view note) {
        auto tip = check_new_checkpoint(tree_, tip_, note);
        if (!tip) return tip.error();
        tip_ = *std::move(tip);
        note_ = note;
        return {};
    }
    // The signed note; errc::missing before the first.
    result<std::string> read_checkpoint() const {
        if (!tip_) return error{errc::missing, "checkpoint"};
        return note_;
    }
    // errc::out_of_range from size() on.
    result<record> read(std::uint64_t index) const {
        if (index >= size()) return error{errc::out_of_range, "number of the record", 0, record_place(index)};
        return records_[static_cast<std::size_t>(index)];
    }
    std::uint64_t size() const { return chain_.size(); }
    const hash::digest32& head() const { return chain_.head(); } // zeros before the first record
    const merkle_tree& tree() const { return tree_; }            // over all records
    hash::digest32 root() const { return tree_.root(); }

  private:
    std::vector<record> records_;
    std::map<hash::digest32, bytes> bodies_;
    std::optional<checkpoint> tip_;
    std::string note_;
    chain_verifier chain_;
    merkle_tree tree_;
};

static_assert(log_store<memory_store>);

} // namespace veilsum::audit
