// Making an exclusion receipt: for whoever holds the record, and without any key.
//
//     const auto receipt = issue_exclusion(store, 3, client, *store.read_checkpoint());
//
// The aggregator does it for a client that asks, an auditor for one that the aggregator does not answer.
#pragma once

#include <veilsum/aggregation/exclusion_receipt.hpp>
#include <veilsum/aggregation/record_types.hpp>
#include <veilsum/aggregation/refusal.hpp>
#include <veilsum/aggregation/roster.hpp>
#include <veilsum/aggregation/round.hpp>
#include <veilsum/aggregation/round_closed.hpp>
#include <veilsum/audit/chain.hpp>
#include <veilsum/audit/checkpoint.hpp>
#include <veilsum/audit/signed_note.hpp>
#include <veilsum/core/result.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace veilsum::aggregation {

// The receipt for a round of a store, under a checkpoint of that store: errc::missing where the checkpoint
// does not reach a closing of the round, errc::refused where it counts the client. Reads every record once.
// The log's signature is not checked: the log knows its own notes.
template <class Store>
result<exclusion_receipt> issue_exclusion(const Store& store, std::uint64_t round,
                                          const byte_array<32>& client, std::string_view checkpoint_note) {
    const auto note = audit::parse_note(checkpoint_note);
    if (!note) return note.error();
    const auto tip = audit::checkpoint::parse(note->text);
    if (!tip) return tip.error();
    if (tip->size == 0 || tip->size > store.size())
        return error{errc::out_of_range, "size of the checkpoint"};

    exclusion_receipt made;
    made.client = client;
    made.checkpoint_note = checkpoint_note;
    const auto prove = [&](const audit::record& entry) {
        return proved_record{entry.serialize(), store.tree().inclusion(entry.sequence, tip->size)};
    };
    std::optional<hash::digest32> members;
    for (std::uint64_t index = 0; index < tip->size; ++index) {
        const auto entry = store.read(index);
        if (!entry) return entry.error();
        if (index == 0) made.first = prove(*entry);
        switch (static_cast<record_type>(entry->type)) {
        case record_type::round_opened: {
            const auto header = round_header::parse(entry->body);
            if (!header) return error(header.error()).at(audit::record_place(index));
            if (header->round != round) break;
            members = header->roster;
            made.opened = prove(*entry);
            break;
        }
        case record_type::refusal: {
            const auto refused = refusal::parse(entry->body);
            if (!refused) return error(refused.error()).at(audit::record_place(index));
            if (refused->header.round == round && refused->header.client == client)
                made.refused = prove(*entry);
            break;
        }
        case record_type::round_closed: {
            const auto closing = round_closed::parse(entry->body);
            if (!closing) return error(closing.error()).at(audit::record_place(index));
            if (closing->round != round || !members) break;
            if (std::find(closing->accepted.begin(), closing->accepted.end(), client) !=
                closing->accepted.end())
                return error{errc::refused, "client is counted", 0, audit::record_place(index),
                             "client " + to_hex(client)};
            auto list = store.get_body(*members, roster::max_bytes);
            if (!list) return std::move(list).error().at("roster");
            made.members = *std::move(list);
            made.closed = prove(*entry);
            return made;
        }
        default:
            break;
        }
    }
    return error{errc::missing, "closing of the round", 0, "round " + std::to_string(round)};
}

} // namespace veilsum::aggregation
