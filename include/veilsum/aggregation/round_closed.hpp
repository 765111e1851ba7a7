// The end of collecting: which contributions count, who was refused, who was silent, and the product of
// ciphertexts.
//
//     round      u64
//     closed_at  u64  seconds
//     outcome    u8   1 open for decryption, 2 fewer accepted than the minimum cohort: nothing may be opened
//     accepted   count u32, each: client id 32        in the order of their contribution records
//     refused    count u32, each: client id 32        sorted; each has a refusal record of this round
//     silent     count u32, each: client id 32        sorted; the rest of the roster
//     aggregate  32   digest of the aggregated ciphertexts (canonical, row by row); zeros when outcome is 2
#pragma once

#include <veilsum/aggregation/identity.hpp>
#include <veilsum/aggregation/roster.hpp>
#include <veilsum/audit/record.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <utility>
#include <vector>

namespace veilsum::aggregation {

// `open_for_decryption`: trustees may answer; `below_minimum_cohort`: nothing may be opened.
enum class round_outcome : std::uint8_t { open_for_decryption = 1, below_minimum_cohort = 2 };

struct round_closed {
    std::uint64_t round = 0;
    std::uint64_t closed_at = 0;                                 // seconds
    round_outcome outcome = round_outcome::below_minimum_cohort; // whether it may be opened
    std::vector<byte_array<32>> accepted;                        // client ids in the order of their records
    std::vector<byte_array<32>> refused;                         // client ids, sorted
    std::vector<byte_array<32>> silent;                          // client ids, sorted
    hash::digest32 aggregate{}; // digest of the product of ciphertexts; zeros below the minimum cohort

    static constexpr std::size_t serialized_bytes(std::size_t clients) {
        return 8 + 8 + 1 + 3 * 4 + 32 * clients + 32;
    }
    bool operator==(const round_closed&) const = default;

    bytes serialize() const {
        wire::writer out;
        out.u64(round);
        out.u64(closed_at);
        out.u8(static_cast<std::uint8_t>(outcome));
        for (const auto* list : {&accepted, &refused, &silent}) {
            out.u32(static_cast<std::uint32_t>(list->size()));
            for (const auto& client : *list) out.fixed(client);
        }
        out.fixed(aggregate);
        return std::move(out).take();
    }
    static result<round_closed> parse(byte_view body) {
        wire::reader in(body);
        round_closed closed;
        closed.round = in.u64();
        closed.closed_at = in.u64();
        const std::uint8_t outcome = in.u8();
        if (outcome != 1 && outcome != 2) in.fail(errc::malformed, "round outcome");
        closed.outcome = static_cast<round_outcome>(outcome);
        for (auto* list : {&closed.accepted, &closed.refused, &closed.silent}) {
            list->resize(in.count(roster::max_clients, 32));
            for (auto& client : *list) client = in.array<32>();
        }
        closed.aggregate = in.array<32>();
        if (auto end = in.finish(); !end) return end.error();
        return closed;
    }
};

static_assert(round_closed::serialized_bytes(roster::max_clients) <= audit::max_record_body);

} // namespace veilsum::aggregation
