// Which proof a contribution carries. The number and the version stand in `round_opened`, so a verifier never
// takes them from a contribution.
//
// Suite 1, plaintext knowledge: the client knows what is inside its ciphertexts. It does not show that values
// are in range or bounded in norm, nor that ciphertexts and row commitments hold the same values; a client
// that lies there spoils the round (the opening no longer matches the commitments) and cannot be named.
//
// Suite 2, validity: every value is in its range, ciphertexts and row commitments hold the same values, the
// blindings are the hashes of the audit digits, and with L2 the norm is bounded (zk/validity_verifier.hpp). A
// contribution that could spoil the sum is refused before it counts, and its sender is on the record.
//
// A round never runs with weaker proofs than its record says: unknown suites and versions are refused.
#pragma once

#include <veilsum/core/result.hpp>
#include <veilsum/encoding/matrix_layout.hpp>

#include <cstdint>
#include <string_view>

namespace veilsum::aggregation {

// By number: suite 1 is `plaintext_knowledge`, suite 2 is `validity`.
enum class proof_suite : std::uint16_t { plaintext_knowledge = 1, validity = 2 };

constexpr std::string_view name_of(proof_suite suite) {
    switch (suite) {
    case proof_suite::plaintext_knowledge:
        return "plaintext knowledge";
    case proof_suite::validity:
        return "validity (range, norm, link)";
    }
    return "unknown";
}

// Both need AUDIT (the opening is checked against the row commitments). Suite 1 excludes L2: no proof would
// back it.
inline result<void> check_suite(proof_suite suite, std::uint16_t version, std::uint32_t layout_flags) {
    if ((suite != proof_suite::plaintext_knowledge && suite != proof_suite::validity) || version != 1)
        return error{errc::unsupported, "proof suite"};
    const bool bounds_norm = suite == proof_suite::validity && (layout_flags & encoding::flag_l2) != 0;
    if (layout_flags != (encoding::flag_audit | (bounds_norm ? encoding::flag_l2 : 0)))
        return error{errc::bad_parameter, "options of the layout for this proof suite"};
    return {};
}

} // namespace veilsum::aggregation
