// Exclusion receipt: in this round of this session this client was not counted, and the aggregator signed so.
//
//     receipt = client | session_opened | round_opened | roster | refusal, if any | round_closed | checkpoint
//
// Each record comes with its inclusion proof under the one checkpoint. The first gives the session id, the
// origin and the key of that checkpoint; the second the roster, the hours and what a client's signature
// covers; the last says who is accepted, refused and silent. So it verifies offline, without the record, by
// anybody who knows the session id (or the aggregator's key) from elsewhere.
//
// What it shows, and by whose signature:
//   refused        the aggregator refused what this client signed, for the reason of that number
//   silent         the aggregator says it got nothing from the client before the round closed, late enough
//   not on roster  the round was not open to the client
// What it does not show: that the refusal was right, since the contribution is not in it, or that nothing was
// sent. The audit decides the first. A client that holds an inclusion receipt of a contribution
// (audit/receipt.hpp) and is silent here has the aggregator's two signatures against each other.
//
//     frame(exclusion_receipt, 1) of
//       client   32
//       entry    session_opened               entry = record var (at most 1 MiB + 52) | proof
//       entry    round_opened                 proof = count u32 (at most 64) | count x 32 bytes
//       roster   var (at most 1 044 004 bytes)
//       entries  count u32, 0 or 1: refusal
//       entry    round_closed
//       note     var (at most 1 MiB)
//
// Checks, by number:
//    1  the records are canonical
//    2  the first is a session's first record
//    3  session id, aggregator and origin are the expected ones         wrong_context, wrong_key
//    4  the checkpoint, by the aggregator under the origin
//    5  each record is in its tree, where its sequence number says
//    6  opening and closing are those of one round, in this order; it is the expected one; parameters valid
//    7  the roster is the one that the opening names
//    8  every client of the roster is on exactly one of the closing's lists, and nobody else
//    9  the client is the expected one, and not counted; if it is silent, the round closed after its time
//   10  a refusal is there exactly if the client is refused; it lies between opening and closing; the client
//       signed what was refused; lateness is the reason exactly when the hours say so (equivocation apart)
// and against a later checkpoint (`verify_against`) 11 and 12, those of `audit::verify_later`.
// From 6 on the records are the aggregator's by its signature, and where they contradict each other it is the
// culprit.
//
// spec: wire-format, section 11
// Cost: two Ed25519 verifications, hashing of at most 6 MiB.
#pragma once

#include <veilsum/aggregation/body_reader.hpp>
#include <veilsum/aggregation/contribution.hpp>
#include <veilsum/aggregation/identity.hpp>
#include <veilsum/aggregation/record_types.hpp>
#include <veilsum/aggregation/refusal.hpp>
#include <veilsum/aggregation/roster.hpp>
#include <veilsum/aggregation/round.hpp>
#include <veilsum/aggregation/round_closed.hpp>
#include <veilsum/aggregation/session.hpp>
#include <veilsum/audit/chain.hpp>
#include <veilsum/audit/checkpoint.hpp>
#include <veilsum/audit/checkpoint_extension.hpp>
#include <veilsum/audit/merkle_proof.hpp>
#include <veilsum/audit/record.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/wire/frame.hpp>
#include <veilsum/wire/message_type.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::aggregation {

// Why a client was not counted, as in the description of the file: `refused`, `silent` or `not_on_roster`.
enum class exclusion : std::uint8_t { refused = 1, silent = 2, not_on_roster = 3 };

constexpr std::string_view name_of(exclusion why) {
    switch (why) {
    case exclusion::refused:
        return "refused";
    case exclusion::silent:
        return "silent";
    case exclusion::not_on_roster:
        return "not on the roster";
    }
    return "unknown";
}

// What the verifier knows from elsewhere; empty fields are not compared. Without session or aggregator a
// receipt of a session that somebody made up verifies too.
struct receipt_expectations {
    std::optional<hash::digest32> session = {};
    std::optional<byte_array<32>> aggregator = {};
    std::optional<std::string> origin = {};
    std::optional<std::uint64_t> round = {};
    std::optional<byte_array<32>> client = {};
};

// What a verified receipt establishes.
struct exclusion_contents {
    hash::digest32 session{};
    session_header header; // the first record's body
    sign::verifying_key aggregator;
    std::uint64_t round = 0;
    byte_array<32> client{};
    exclusion why = exclusion::not_on_roster; // what the record shows
    std::optional<refusal> refused = {};      // there exactly if `why` is refused
    round_closed closing;                     // the round's closing record
    audit::checkpoint tip;                    // the checkpoint that all is proved under
};

// A record with the proof that it is in the tree of the receipt's checkpoint.
struct proved_record {
    bytes record_bytes;               // canonical, as in the log
    audit::inclusion_proof inclusion; // under the receipt's checkpoint
    bool operator==(const proved_record&) const = default;

    // Appends record and proof: the entry of the description of the file.
    void write(wire::writer& out) const {
        out.var(record_bytes);
        audit::write_proof(out, inclusion);
    }
    // Reads what `write` wrote; the reader holds the error, if any.
    static proved_record read(wire::reader& in) {
        const byte_view part = in.var(audit::max_record_bytes);
        proved_record made{bytes(part.begin(), part.end()), {}};
        made.inclusion = audit::read_proof<audit::inclusion_proof>(in);
        return made;
    }
};

class exclusion_receipt {
    struct parts {
        audit::record first, opened, closed;
        std::optional<audit::record> refused;
    };
    struct opened_session {
        hash::digest32 id;
        session_header header;
        sign::verifying_key aggregator;
    };

  public:
    static constexpr std::size_t max_bytes =
        32 + 4 * (4 + audit::max_record_bytes + 4 + 32 * std::size_t{audit::max_proof_digests}) + 4 +
        roster::max_bytes + 4 + 4 + audit::max_note_bytes;

    byte_array<32> client{};
    proved_record first;                  // session_opened
    proved_record opened;                 // round_opened
    bytes members;                        // the roster
    std::optional<proved_record> refused; // refusal
    proved_record closed;                 // round_closed
    std::string checkpoint_note;          // text of the signed note
    bool operator==(const exclusion_receipt&) const = default;

    bytes serialize() const {
        wire::writer out;
        out.fixed(client);
        first.write(out);
        opened.write(out);
        out.var(members);
        out.u32(refused ? 1 : 0);
        if (refused) refused->write(out);
        closed.write(out);
        out.var(as_bytes(checkpoint_note));
        return wire::frame(wire::message_type::exclusion_receipt, 1, out.view());
    }
    static result<exclusion_receipt> parse(byte_view data) {
        const auto body = wire::unframe(data, wire::message_type::exclusion_receipt, 1, max_bytes);
        if (!body) return body.error();
        wire::reader in(*body);
        exclusion_receipt made;
        made.client = in.array<32>();
        made.first = proved_record::read(in);
        made.opened = proved_record::read(in);
        const byte_view list = in.var(roster::max_bytes);
        made.members.assign(list.begin(), list.end());
        if (in.count(1, 4 + 4) == 1) made.refused = proved_record::read(in);
        made.closed = proved_record::read(in);
        const byte_view note = in.var(audit::max_note_bytes);
        made.checkpoint_note.assign(note.begin(), note.end());
        if (auto end = in.finish(); !end) return end.error();
        return made;
    }

    // `floors` are those of the round's parameters: what a key of the session must at least be.
    result<exclusion_contents> verify(const receipt_expectations& expected,
                                      const encoding::layout_floors& floors = {}) const {
        auto records = parse_records();
        if (!records) return std::move(records).error().in_check(1);
        auto session = open(records->first);
        if (!session) return std::move(session).error().in_check(2);
        if (auto known = compare(*session, expected); !known) return std::move(known).error().in_check(3);
        auto tip = audit::verify_checkpoint(checkpoint_note, session->header.origin, session->aggregator);
        if (!tip) return std::move(tip).error().in_check(4).by({}); // anybody can write a note
        for (const proved_record* entry : entries()) {
            const std::uint64_t index = sequence_of(*entry);
            const auto there = audit::verify_inclusion(
                tip->root, tip->size, index, audit::leaf_hash(entry->record_bytes), entry->inclusion);
            if (!there) return error(there.error()).in_check(5).at(audit::record_place(index));
        }

        const auto header = read<round_header>(records->opened, record_type::round_opened);
        if (!header) return error(header.error()).in_check(6);
        auto closing = read<round_closed>(records->closed, record_type::round_closed);
        if (!closing) return std::move(closing).error().in_check(6);
        if (header->round != closing->round || records->opened.sequence >= records->closed.sequence)
            return error{errc::mismatch, "opening and closing of one round", 6};
        if (expected.round && *expected.round != header->round)
            return error{errc::wrong_context, "round is not the expected one", 6};
        const auto layout = encoding::matrix_layout::create(header->layout, floors);
        if (!layout || header->layout.nbits != session->header.modulus_bits)
            return error{errc::bad_parameter, "parameters of the round", 6, {}, name_of_aggregator()};

        if (hash::sha256(members) != header->roster) return error{errc::mismatch, "digest of the roster", 7};
        const auto list = roster::parse(members);
        if (!list) return error(list.error()).in_check(7).by(name_of_aggregator());
        if (auto fits = check_lists(*closing, *list); !fits) return std::move(fits).error().in_check(8);
        const auto why = standing(*header, *closing, expected);
        if (!why) return error(why.error()).in_check(9);
        auto made = read_refusal(*records, *session, *header, layout->digest(), *why);
        if (!made) return std::move(made).error().in_check(10);
        return exclusion_contents{
            session->id, std::move(session->header), session->aggregator, header->round,  client,
            *why,        *std::move(made),           *std::move(closing), *std::move(tip)};
    }

    // Checks 1 to 10, then: 11 the later checkpoint; 12 its log still contains what this receipt shows.
    result<exclusion_contents> verify_against(std::string_view later_note, std::uint64_t old_size,
                                              const audit::consistency_proof& proof,
                                              const receipt_expectations& expected,
                                              const encoding::layout_floors& floors = {}) const {
        auto contents = verify(expected, floors);
        if (!contents) return contents;
        auto later = audit::verify_later(contents->tip, old_size, proof, later_note, contents->header.origin,
                                         contents->aggregator);
        if (!later) {
            const std::uint32_t check = later.error().check;
            return std::move(later).error().in_check(10 + check);
        }
        return contents;
    }

  private:
    std::vector<const proved_record*> entries() const {
        std::vector<const proved_record*> all{&first, &opened};
        if (refused) all.push_back(&*refused);
        all.push_back(&closed);
        return all;
    }
    // Of bytes that parsed.
    static std::uint64_t sequence_of(const proved_record& entry) {
        wire::reader in(byte_view(entry.record_bytes).subspan(8, 8));
        return in.u64();
    }
    result<parts> parse_records() const {
        const auto parse = [](const proved_record& entry, std::string_view which) -> result<audit::record> {
            auto made = audit::record::parse(entry.record_bytes);
            if (!made) return std::move(made).error().at(std::string(which));
            return made;
        };
        auto one = parse(first, "session_opened");
        if (!one) return one.error();
        auto two = parse(opened, "round_opened");
        if (!two) return two.error();
        parts all{*std::move(one), *std::move(two), {}, {}};
        if (refused) {
            auto made = parse(*refused, "refusal");
            if (!made) return made.error();
            all.refused = *std::move(made);
        }
        auto last = parse(closed, "round_closed");
        if (!last) return last.error();
        all.closed = *std::move(last);
        return all;
    }
    static result<opened_session> open(const audit::record& entry) {
        if (entry.sequence != 0 || entry.type != static_cast<std::uint16_t>(record_type::session_opened))
            return error{errc::malformed, "first record is not session_opened"};
        if (entry.version != record_version) return error{errc::unsupported, "record version"};
        if (entry.previous != hash::digest32{}) return error{errc::mismatch, "record before the first"};
        auto header = session_header::parse(entry.body);
        if (!header) return header.error();
        auto key = sign::verifying_key::parse(header->aggregator);
        if (!key) return key.error();
        return opened_session{audit::record_hash(entry), *std::move(header), *key};
    }
    static result<void> compare(const opened_session& found, const receipt_expectations& expected) {
        if (expected.session && *expected.session != found.id)
            return error{errc::wrong_context, "session id is not the expected one"};
        if (expected.aggregator && *expected.aggregator != found.header.aggregator)
            return error{errc::wrong_key, "aggregator is not the expected one"};
        if (expected.origin && *expected.origin != found.header.origin)
            return error{errc::wrong_context, "origin is not the expected one"};
        return {};
    }
    template <class Body>
    static result<Body> read(const audit::record& entry, record_type type) {
        const auto placed = [&](error why) { return std::move(why).at(audit::record_place(entry.sequence)); };
        if (entry.type != static_cast<std::uint16_t>(type))
            return placed(error{errc::mismatch, "type of the record"});
        if (entry.version != record_version) return placed(error{errc::unsupported, "record version"});
        auto body = Body::parse(entry.body);
        if (!body) return placed(body.error());
        return body;
    }
    static result<void> check_lists(const round_closed& closing, const roster& members) {
        const auto wrong = [](std::string_view what) {
            return error{errc::mismatch, what, 0, {}, name_of_aggregator()};
        };
        for (const auto* list : {&closing.refused, &closing.silent})
            if (!std::is_sorted(list->begin(), list->end())) return wrong("order of the closing's lists");
        std::vector<byte_array<32>> all;
        for (const auto* list : {&closing.accepted, &closing.refused, &closing.silent})
            all.insert(all.end(), list->begin(), list->end());
        std::sort(all.begin(), all.end());
        const auto& entries = members.entries();
        if (!std::equal(all.begin(), all.end(), entries.begin(), entries.end(),
                        [](const byte_array<32>& id, const roster_entry& entry) {
                            return id == entry.client.bytes();
                        }))
            return wrong("clients of the closing against the roster");
        return {};
    }
    result<exclusion> standing(const round_header& header, const round_closed& closing,
                               const receipt_expectations& expected) const {
        const auto is_on = [&](const std::vector<byte_array<32>>& list) {
            return std::find(list.begin(), list.end(), client) != list.end();
        };
        const std::string name = "client " + to_hex(client);
        if (expected.client && *expected.client != client)
            return error{errc::wrong_context, "client is not the expected one"};
        if (is_on(closing.accepted)) return error{errc::refused, "client is counted", 0, name};
        if (is_on(closing.refused)) return exclusion::refused;
        if (!is_on(closing.silent)) return exclusion::not_on_roster;
        if (closing.closed_at <= header.closes_at)
            return error{errc::refused, "round closed before its time while clients were silent", 0, name,
                         name_of_aggregator()};
        return exclusion::silent;
    }
    result<std::optional<refusal>> read_refusal(const parts& records, const opened_session& session,
                                                const round_header& header, const hash::digest64& parameters,
                                                exclusion why) const {
        if (why != exclusion::refused) {
            if (records.refused) return error{errc::mismatch, "refusal of a client that was not refused"};
            return std::optional<refusal>();
        }
        if (!records.refused) return error{errc::missing, "refusal of the client"};
        const audit::record& entry = *records.refused;
        auto made = read<refusal>(entry, record_type::refusal);
        if (!made) return made.error();
        const contribution_header& sent = made->header;
        if (sent.round != header.round || sent.client != client)
            return error{errc::mismatch, "round and client of the refusal"};
        if (entry.sequence <= records.opened.sequence || entry.sequence >= records.closed.sequence)
            return error{errc::mismatch, "place of the refusal in its round"};
        const auto wrong = [](errc code, std::string_view what) {
            return error{code, what, 0, {}, name_of_aggregator()};
        };
        const auto id = client_id::parse(client);
        const hash::digest32 binding = audit::record_hash(records.opened);
        if (!id ||
            !id->verify(contribution_label, sent.signed_message(session.id, header.key, parameters, binding),
                        sent.signature))
            return wrong(errc::bad_signature, "signature of what was refused");
        const bool late = made->received_at < header.opens_at || made->received_at > header.closes_at;
        if (made->reason != equivocation && late != (made->reason == 4))
            return wrong(errc::refused, "reason of the refusal against the hours of the round");
        return std::optional<refusal>(*std::move(made));
    }
};

} // namespace veilsum::aggregation
