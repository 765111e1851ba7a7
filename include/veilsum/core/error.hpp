// Errors as values: what went wrong, which check said so, where, and who did it; never the offending value.
//
// `code` is for programs, `what` names the thing that was checked (a literal), `check` is the number of the
// failed check within the procedure that reports it (0: not numbered), `place` names the file, record or
// field, and `culprit` the identity that is to blame, where one is known ("trustee 2", "client 5f3c...").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace veilsum {

// What kind of thing went wrong; the table of who can cause it is in docs/guide_engineers.md.
enum class errc : std::uint8_t {
    malformed,     // bytes that do not follow their format
    out_of_range,  // a number outside the interval it must lie in
    not_a_unit,    // a residue that shares a factor with the modulus
    wrong_key,     // made for, or under, another key
    wrong_context, // made for another session, round, party or parameter set
    duplicate,     // a second one where one is allowed
    missing,       // something that must be there is not
    mismatch,      // two things that must agree do not (digest, count, sum)
    bad_signature, // a signature that does not verify
    bad_proof,     // a zero-knowledge proof that does not verify
    bad_parameter, // a parameter set that cannot work
    overflow,      // a value that does not fit into its encoding
    refused,       // a policy forbids it (quorum, cohort, opening twice, late)
    io,            // the operating system refused a read, write or lock
    unsupported,   // a version or variant this library does not have
};

constexpr std::string_view name_of(errc code) {
    switch (code) {
    case errc::malformed:
        return "malformed";
    case errc::out_of_range:
        return "out of range";
    case errc::not_a_unit:
        return "not a unit";
    case errc::wrong_key:
        return "wrong key";
    case errc::wrong_context:
        return "wrong context";
    case errc::duplicate:
        return "duplicate";
    case errc::missing:
        return "missing";
    case errc::mismatch:
        return "mismatch";
    case errc::bad_signature:
        return "bad signature";
    case errc::bad_proof:
        return "bad proof";
    case errc::bad_parameter:
        return "bad parameter";
    case errc::overflow:
        return "overflow";
    case errc::refused:
        return "refused";
    case errc::io:
        return "input/output";
    case errc::unsupported:
        return "unsupported";
    }
    return "unknown";
}

struct error {
    errc code;
    std::string_view what;   // always a literal
    std::uint32_t check = 0; // number of the check that failed; 0: it has none
    std::string place = {};
    std::string culprit = {};

    // The same error with a place.
    error at(std::string where) && {
        place = std::move(where);
        return std::move(*this);
    }
    // The same error with the number of a check.
    error in_check(std::uint32_t number) && {
        check = number;
        return std::move(*this);
    }
    // The same error with a culprit; an empty name takes it away.
    error by(std::string who) && {
        culprit = std::move(who);
        return std::move(*this);
    }
    // "bad proof: share proof (check 3) at record 17, culprit trustee 2"
    std::string describe() const {
        std::string text{name_of(code)};
        text.append(": ").append(what);
        if (check != 0) text.append(" (check ").append(std::to_string(check)).append(")");
        if (!place.empty()) text.append(" at ").append(place);
        if (!culprit.empty()) text.append(", culprit ").append(culprit);
        return text;
    }
};

} // namespace veilsum
