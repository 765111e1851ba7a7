// What the record of a session is made of. One number a kind of record; the body of each is drawn in the
// header that is named beside it. Version 1 of all of them.
#pragma once

#include <cstdint>
#include <string_view>

namespace veilsum::aggregation {

// What a record says, as u16 in its header; the comment names the header that has its body.
enum class record_type : std::uint16_t {
    session_opened = 1,   // session.hpp
    round_opened = 2,     // round.hpp
    contribution = 3,     // contribution.hpp
    refusal = 4,          // refusal.hpp
    round_closed = 5,     // round_closed.hpp
    partial = 6,          // partial_message.hpp
    partial_refusal = 7,  // partial_message.hpp
    round_result = 8,     // round_result.hpp
    session_closed = 9,   // session.hpp
    enrolment = 10,       // enrolment.hpp
    removal = 11,         // enrolment.hpp
    key_rotated = 12,     // key_rotated.hpp
    round_abandoned = 13, // round_abandoned.hpp
};

// Version of every record body here.
inline constexpr std::uint16_t record_version = 1;

constexpr std::string_view name_of(record_type type) {
    switch (type) {
    case record_type::session_opened:
        return "session_opened";
    case record_type::round_opened:
        return "round_opened";
    case record_type::contribution:
        return "contribution";
    case record_type::refusal:
        return "refusal";
    case record_type::round_closed:
        return "round_closed";
    case record_type::partial:
        return "partial";
    case record_type::partial_refusal:
        return "partial_refusal";
    case record_type::round_result:
        return "round_result";
    case record_type::session_closed:
        return "session_closed";
    case record_type::enrolment:
        return "enrolment";
    case record_type::removal:
        return "removal";
    case record_type::key_rotated:
        return "key_rotated";
    case record_type::round_abandoned:
        return "round_abandoned";
    }
    return "unknown";
}

// Protocol names of the transcripts, version in the name.
inline constexpr std::string_view contribution_protocol = "veilsum.contribution/1";
// Protocol name of the transcripts of partial decryptions.
inline constexpr std::string_view partial_protocol = "veilsum.partial-decryption/1";

// Labels of the signatures that parties of a session make.
inline constexpr std::string_view acknowledgement_label = "veilsum/aggregation/v1/acknowledgement";
inline constexpr std::string_view contribution_label =
    "veilsum/aggregation/v1/contribution"; // header of a contribution
inline constexpr std::string_view partial_label =
    "veilsum/aggregation/v1/partial"; // header of partial decryptions
inline constexpr std::string_view enrolment_label = "veilsum/aggregation/v1/enrolment"; // enrolment
inline constexpr std::string_view rotation_label =
    "veilsum/aggregation/v1/rotation"; // approval of the next key

// Of the tickets by which a cohort is drawn (client_pool.hpp).
inline constexpr std::string_view draw_label = "veilsum/aggregation/v1/draw";

} // namespace veilsum::aggregation
