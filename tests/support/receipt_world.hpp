// The record of a session with nothing behind its ciphertexts: headers, signatures, rosters and closings are
// as a session has them, and no key is needed to make them. For what receipts show.
//
//     record 0  session_opened
//     round 1   1 round_opened; contributions of 0, 1 and 5; refusals of 2 (reason 11), 3 (late) and 5
//               (equivocation); closing, with 4 silent
//     round 2   the same parties; everybody but 4 is accepted
//
// `stranger` is on no roster.
#pragma once

#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/aggregation/contribution.hpp>
#include <veilsum/aggregation/issue_exclusion.hpp>
#include <veilsum/aggregation/refusal.hpp>
#include <veilsum/aggregation/roster.hpp>
#include <veilsum/aggregation/round.hpp>
#include <veilsum/aggregation/round_closed.hpp>
#include <veilsum/aggregation/session.hpp>
#include <veilsum/audit/checkpoint_signing.hpp>
#include <veilsum/audit/log_store.hpp>
#include <veilsum/sign/signing_key.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::test {

class receipt_world {
  public:
    static constexpr std::uint64_t opens_at = 1000, closes_at = 2000;
    const std::string origin = "receipts.example/log";

    sign::signing_key aggregator;
    std::vector<sign::signing_key> clients;
    sign::signing_key stranger;
    audit::memory_store store;
    bytes members;

    explicit receipt_world(std::uint64_t seed = 1) : receipt_world(seeded_random(seed)) {}

    byte_array<32> id(std::size_t client) const { return clients[client].verifying().bytes(); }
    hash::digest32 session() const { return audit::record_hash(*store.read(0)); }
    // Of the first `size` records.
    std::string note(std::uint64_t size) const { return note_of(store, size); }
    std::string note() const { return note(store.size()); }
    template <class Store>
    std::string note_of(const Store& log, std::uint64_t size) const {
        return audit::sign_checkpoint({origin, size, log.tree().root(size)}, origin, aggregator);
    }
    aggregation::receipt_expectations expected() const {
        return {session(), aggregator.verifying().bytes(), origin, {}, {}};
    }
    // First record of its kind from `from` on.
    std::uint64_t find(aggregation::record_type type, std::uint64_t from = 0) const {
        for (; from < store.size(); ++from)
            if (store.read(from)->type == static_cast<std::uint16_t>(type)) return from;
        FAIL("no such record");
        return 0;
    }
    // Of the contribution or refusal at `index`, signed by its client for the store it is in.
    template <class Store>
    aggregation::contribution_header signed_header(const Store& log, std::uint64_t opened, std::size_t client,
                                                   std::uint8_t content) const {
        const auto opening = log.read(opened);
        REQUIRE(opening);
        const auto header = aggregation::round_header::parse(opening->body);
        REQUIRE(header);
        aggregation::contribution_header made;
        made.round = header->round;
        made.client = id(client);
        made.rows.fill(content);
        made.body.fill(content);
        const auto layout = encoding::matrix_layout::create(header->layout);
        REQUIRE(layout);
        made.signature =
            clients[client].sign(aggregation::contribution_label,
                                 made.signed_message(audit::record_hash(*log.read(0)), header->key,
                                                     layout->digest(), audit::record_hash(*opening)));
        return made;
    }

  private:
    explicit receipt_world(seeded_random rng)
        : aggregator(sign::signing_key::generate(rng)), stranger(sign::signing_key::generate(rng)) {
        for (std::size_t i = 0; i < 6; ++i) clients.push_back(sign::signing_key::generate(rng));
        aggregation::session_header session;
        session.nonce = random::random_bytes<32>(rng);
        session.modulus_bits = 2048;
        session.degree = 1;
        session.ceremony.fill(0xce);
        session.key.fill(0x6b);
        session.aggregator = aggregator.verifying().bytes();
        session.origin = origin;
        append(aggregation::record_type::session_opened, session.serialize());
        std::vector<aggregation::roster_entry> entries;
        for (const auto& client : clients) entries.push_back({client.verifying(), 1});
        members = aggregation::roster::of(std::move(entries))->serialize();
        REQUIRE(store.put_body(members));
        run_round(1, {0, 1, 5}, {{2, 11, 1500}, {3, 4, 2001}, {5, aggregation::equivocation, 1501}});
        run_round(2, {0, 1, 2, 3, 5}, {});
        REQUIRE(store.write_checkpoint(note()));
    }

    struct refused_client {
        std::size_t client;
        std::uint16_t reason;
        std::uint64_t received_at;
    };

    std::uint64_t append(aggregation::record_type type, const bytes& body) {
        const auto made = store.append(static_cast<std::uint16_t>(type), 1, body);
        REQUIRE(made);
        return made->sequence;
    }
    void run_round(std::uint64_t number, const std::vector<std::size_t>& sent,
                   const std::vector<refused_client>& refusals) {
        aggregation::round_header header;
        header.round = number;
        header.format = {12, 16, 7.5};
        header.layout.nbits = 2048;
        header.layout.b = 16;
        header.layout.m = 6;
        header.layout.wmax = 1;
        header.layout.d = 100;
        header.layout.flags = encoding::flag_audit;
        header.layout.a = 448;
        header.layout.md = encoding::smallest_digit_count(16, 1);
        header.layout.C = encoding::recommended_columns(
            100, 16, encoding::slot_layout::create(2048, 16, 6)->slots(), header.layout.md);
        header.minimum_cohort = 2;
        header.roster = hash::sha256(members);
        header.key.fill(0x6b);
        header.opens_at = opens_at * number;
        header.closes_at = closes_at * number;
        const std::uint64_t opened = append(aggregation::record_type::round_opened, header.serialize());
        aggregation::round_closed closing;
        closing.round = number;
        closing.closed_at = header.closes_at + 1;
        closing.outcome = aggregation::round_outcome::open_for_decryption;
        closing.aggregate.fill(0xa9);
        for (const std::size_t i : sent) {
            append(aggregation::record_type::contribution,
                   aggregation::contribution_record{signed_header(store, opened, i, 1), header.opens_at + 10}
                       .serialize());
            closing.accepted.push_back(id(i));
        }
        for (const refused_client& who : refusals) {
            append(
                aggregation::record_type::refusal,
                aggregation::refusal{signed_header(store, opened, who.client, 2), who.received_at, who.reason}
                    .serialize());
            closing.refused.push_back(id(who.client));
            closing.accepted.erase(
                std::remove(closing.accepted.begin(), closing.accepted.end(), id(who.client)),
                closing.accepted.end());
        }
        for (std::size_t i = 0; i < clients.size(); ++i)
            if (std::find(closing.accepted.begin(), closing.accepted.end(), id(i)) ==
                    closing.accepted.end() &&
                std::find(closing.refused.begin(), closing.refused.end(), id(i)) == closing.refused.end())
                closing.silent.push_back(id(i));
        std::sort(closing.refused.begin(), closing.refused.end());
        std::sort(closing.silent.begin(), closing.silent.end());
        append(aggregation::record_type::round_closed, closing.serialize());
    }
};

} // namespace veilsum::test
