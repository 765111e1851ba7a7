// When a sum may be opened, decided by every trustee for itself and checked again by every auditor.
//
// Rules, by number (protocol.md 6.4; attacks.md row 15):
//   1  at least `minimum_cohort` clients are counted, and never fewer than 2;
//   2  no client is counted twice;
//   3  this round was not opened before with another set, or another product;
//   4  no earlier opened set of the same model differs from this one by fewer clients than the minimum cohort
//   of either
//      round: a later round with a smaller one must not lower what the earlier round promised its clients. A
//      client counted with another weight is a difference: the two sums give away a multiple of its update.
// Opening the *same* product of the same round again gives away nothing new and is allowed, so that a trustee
// which was stopped between writing its journal and answering can answer after it restarts.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <utility>

namespace veilsum::aggregation {

// One opened sum, or one that is to be opened: what the policy compares.
struct opened_set {
    std::uint64_t round = 0;
    std::uint32_t minimum_cohort = 0; // of the round's record
    hash::digest32 session{};
    hash::digest32 model{};                          // the model the updates refer to
    hash::digest32 aggregate{};                      // the product that was opened
    std::map<byte_array<32>, std::uint32_t> members; // client id -> weight

    // round u64 | minimum cohort u32 | session 32 | model 32 | aggregate 32 | count u32, each: client id 32,
    // weight u32
    static constexpr std::size_t serialized_bytes(std::size_t clients) {
        return 8 + 4 + 3 * 32 + 4 + 36 * clients;
    }
    bytes serialize() const {
        wire::writer out;
        out.u64(round);
        out.u32(minimum_cohort);
        out.fixed(session);
        out.fixed(model);
        out.fixed(aggregate);
        out.u32(static_cast<std::uint32_t>(members.size()));
        for (const auto& [client, weight] : members) {
            out.fixed(client);
            out.u32(weight);
        }
        return std::move(out).take();
    }
    static result<opened_set> parse(byte_view data) {
        wire::reader in(data);
        opened_set set;
        set.round = in.u64();
        set.minimum_cohort = in.u32();
        set.session = in.array<32>();
        set.model = in.array<32>();
        set.aggregate = in.array<32>();
        const std::size_t count = in.count(1u << 20, 36);
        for (std::size_t i = 0; i < count; ++i) {
            const auto client = in.array<32>();
            if (!set.members.empty() && !(set.members.rbegin()->first < client)) {
                if (set.members.contains(client)) return error{errc::duplicate, "client in an opened set"};
                return error{errc::malformed, "order of an opened set"};
            }
            set.members[client] = in.u32();
        }
        if (auto end = in.finish(); !end) return end.error();
        return set;
    }
};

// Clients in which two sets differ: in one only, or in both with different weights.
inline std::size_t difference(const opened_set& a, const opened_set& b) {
    std::size_t count = 0;
    for (const auto& [client, weight] : a.members) {
        const auto other = b.members.find(client);
        count += other == b.members.end() || other->second != weight;
    }
    for (const auto& member : b.members) count += !a.members.contains(member.first);
    return count;
}

// `counted` is the length of the accepted list, which must be that of the set (rule 2).
inline result<void> may_open(const opened_set& candidate, std::size_t counted,
                             std::span<const opened_set> earlier) {
    if (counted < 2 || counted < candidate.minimum_cohort)
        return error{errc::refused, "fewer clients than the minimum cohort", 1};
    if (candidate.members.size() != counted) return error{errc::duplicate, "client counted twice", 2};
    for (const opened_set& before : earlier) {
        if (before.session == candidate.session && before.round == candidate.round) {
            if (before.aggregate == candidate.aggregate && difference(before, candidate) == 0) continue;
            return error{errc::refused, "round was opened before", 3,
                         "round " + std::to_string(candidate.round)};
        }
        if (before.model == candidate.model &&
            difference(before, candidate) < std::max(before.minimum_cohort, candidate.minimum_cohort))
            return error{errc::refused,
                         "an earlier opened set of this model differs by fewer than the minimum cohort", 4,
                         "round " + std::to_string(before.round)};
    }
    return {};
}

} // namespace veilsum::aggregation
