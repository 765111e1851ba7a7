// Who may contribute to a round, and with which public weight.
//
// The roster is fixed by the digest in `round_opened` before anybody encrypts: weights chosen later could
// make one client's update stand out from the sum. Entries are sorted by client id and each client occurs
// once, so a roster has one spelling and one digest.
//
//     count u32, each: client id 32 | weight u32 (at least 1)
#pragma once

#include <veilsum/aggregation/identity.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace veilsum::aggregation {

// A client of a round and the weight of its update in the sum.
struct roster_entry {
    client_id client;
    std::uint32_t weight;
};

class roster {
  public:
    // A closing (round_closed.hpp) and an entry of a trustee's journal (opening_policy.hpp) name every client
    // of a round, and each must fit into 1 MiB.
    static constexpr std::uint32_t max_clients = 29'000;
    static constexpr std::size_t max_bytes = 4 + std::size_t{max_clients} * 36;

    // Any order; refuses an empty list, a client named twice and a weight of zero.
    static result<roster> of(std::vector<roster_entry> entries) {
        if (entries.empty()) return error{errc::missing, "roster entry"};
        if (entries.size() > max_clients) return error{errc::out_of_range, "roster size"};
        std::sort(entries.begin(), entries.end(),
                  [](const roster_entry& a, const roster_entry& b) { return a.client < b.client; });
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (entries[i].weight == 0)
                return error{errc::out_of_range, "weight", 0, {}, name_of(entries[i].client)};
            if (i > 0 && entries[i - 1].client == entries[i].client)
                return error{errc::duplicate, "roster entry", 0, {}, name_of(entries[i].client)};
        }
        roster list;
        list.entries_ = std::move(entries);
        return list;
    }

    static result<roster> parse(byte_view data) {
        wire::reader in(data);
        const std::size_t count = in.count(max_clients, 36);
        std::vector<roster_entry> entries;
        entries.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            auto client = client_id::parse(in.fixed(32));
            if (!client) return std::move(client).error().in_check(0).at("roster entry " + std::to_string(i));
            entries.push_back({*client, in.u32()});
        }
        if (auto end = in.finish(); !end) return end.error();
        const bool sorted = std::is_sorted(entries.begin(), entries.end(),
                                           [](const auto& a, const auto& b) { return a.client < b.client; });
        if (!sorted) return error{errc::malformed, "roster order"};
        return of(std::move(entries));
    }

    bytes serialize() const {
        wire::writer out;
        out.u32(static_cast<std::uint32_t>(entries_.size()));
        for (const roster_entry& entry : entries_) {
            out.fixed(entry.client.bytes());
            out.u32(entry.weight);
        }
        return std::move(out).take();
    }
    hash::digest32 digest() const { return hash::sha256(serialize()); }

    const std::vector<roster_entry>& entries() const { return entries_; } // sorted by client id
    std::size_t size() const { return entries_.size(); }

    // Empty for a client that is not on the roster.
    std::optional<std::uint32_t> weight_of(const client_id& client) const {
        const auto at = std::lower_bound(
            entries_.begin(), entries_.end(), client,
            [](const roster_entry& entry, const client_id& id) { return entry.client < id; });
        if (at == entries_.end() || !(at->client == client)) return std::nullopt;
        return at->weight;
    }
    // Of all clients.
    std::uint64_t total_weight() const {
        std::uint64_t total = 0;
        for (const roster_entry& entry : entries_) total += entry.weight;
        return total;
    }
    // 0 for an empty roster.
    std::uint32_t largest_weight() const {
        std::uint32_t largest = 0;
        for (const roster_entry& entry : entries_) largest = std::max(largest, entry.weight);
        return largest;
    }

  private:
    roster() = default;
    std::vector<roster_entry> entries_;
};

} // namespace veilsum::aggregation
