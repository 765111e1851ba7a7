// The frames that travel or are stored, and their numbers.
//
// A number is given once and never reused; 0 is no type, so zeroed memory is not a message. The body of each
// type is drawn in the header of the class that parses it.  spec: wire-primitives, section 4
#pragma once

#include <cstdint>

namespace veilsum::wire {

enum class message_type : std::uint16_t {
    public_key = 1,
    private_key = 2,
    verification_keys = 3,
    key_share = 4,
    ciphertext_vector = 5,
    partial_decryption = 6,
    share_file = 7,
    ceremony = 8,
    contribution_body = 9,
    opening = 10,
    model = 11,
    receipt = 12,
    // 13 and 14 were given away and are not used.
    refresh_reception = 15,
    refresh_contribution = 16,
    refresh_complaint = 17,
    exclusion_receipt = 18,
    enrolment = 19,
    // 20 to 23 are not given yet.
    privacy_ledger = 24,
};

} // namespace veilsum::wire
