// What a record of a session is about: its kind, and the round, client, trustee and reason that it names.
//
// For those who hold one record, with a receipt, and not the session: reads the body and believes it. What it
// says is then as good as whoever signed for the record.
//
// errc::unsupported for a type or version that a session does not have, else the error of the body's parser.
#pragma once

#include <veilsum/aggregation/contribution.hpp>
#include <veilsum/aggregation/enrolment.hpp>
#include <veilsum/aggregation/key_rotated.hpp>
#include <veilsum/aggregation/partial_message.hpp>
#include <veilsum/aggregation/record_types.hpp>
#include <veilsum/aggregation/refusal.hpp>
#include <veilsum/aggregation/round.hpp>
#include <veilsum/aggregation/round_abandoned.hpp>
#include <veilsum/aggregation/round_closed.hpp>
#include <veilsum/aggregation/round_result.hpp>
#include <veilsum/aggregation/session.hpp>
#include <veilsum/audit/record.hpp>
#include <veilsum/core/result.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace veilsum::aggregation {

struct record_subject {
    record_type type = record_type::session_opened; // what kind of record
    std::optional<std::uint64_t> round = {};
    std::optional<byte_array<32>> client = {};
    std::optional<std::uint32_t> trustee = {};
    std::optional<std::uint16_t> reason = {}; // of a refusal

    // "contribution, round 3, client 5f3c..."
    std::string describe() const {
        std::string text(name_of(type));
        if (round) text += ", round " + std::to_string(*round);
        if (client) text += ", client " + to_hex(*client);
        if (trustee) text += ", trustee " + std::to_string(*trustee);
        if (reason) text += ", reason " + std::to_string(*reason);
        return text;
    }
};

// Whom and what a record is about. errc::unsupported for another version or type; errors of the body's
// parser.
inline result<record_subject> subject_of(const audit::record& entry) {
    if (entry.version != record_version) return error{errc::unsupported, "record version"};
    record_subject found{static_cast<record_type>(entry.type)};
    // `fill` takes what is of interest from the parsed body.
    const auto read = [&](const auto& parsed, auto&& fill) -> result<record_subject> {
        if (!parsed) return parsed.error();
        fill(*parsed);
        return found;
    };
    const auto of_round = [&](const auto& body) { found.round = body.round; };
    switch (found.type) {
    case record_type::session_opened:
        return read(session_header::parse(entry.body), [](const auto&) {});
    case record_type::round_opened:
        return read(round_header::parse(entry.body), of_round);
    case record_type::contribution:
        return read(contribution_record::parse(entry.body), [&](const contribution_record& body) {
            found.round = body.header.round;
            found.client = body.header.client;
        });
    case record_type::refusal:
        return read(refusal::parse(entry.body), [&](const refusal& body) {
            found.round = body.header.round;
            found.client = body.header.client;
            found.reason = body.reason;
        });
    case record_type::round_closed:
        return read(round_closed::parse(entry.body), of_round);
    case record_type::partial:
    case record_type::partial_refusal:
        return read(partial_header::parse(entry.body), [&](const partial_header& body) {
            found.round = body.round;
            found.trustee = body.trustee;
        });
    case record_type::round_result:
        return read(round_result::parse(entry.body), of_round);
    case record_type::session_closed:
        return read(session_end::parse(entry.body), [](const auto&) {});
    case record_type::enrolment:
        return read(enrolment::parse(entry.body), [&](const enrolment& body) { found.client = body.client; });
    case record_type::removal:
        return read(removal::parse(entry.body), [&](const removal& body) { found.client = body.client; });
    case record_type::key_rotated:
        return read(key_rotated::parse(entry.body), [](const auto&) {});
    case record_type::round_abandoned:
        return read(round_abandoned::parse(entry.body), of_round);
    }
    return error{errc::unsupported, "record type"};
}

} // namespace veilsum::aggregation
