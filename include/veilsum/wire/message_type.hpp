// The frames that travel or are stored, and their numbers.
//
// A number is given once and never reused; 0 is no type, so zeroed memory is not a message. The body of each
// type is drawn in the header of the class that parses it.  spec: wire-primitives, section 4
#pragma once

#include <cstdint>

namespace veilsum::wire {

enum class message_type : std::uint16_t {
    public_key = 1,         // paillier/public_key.hpp
    private_key = 2,        // paillier/private_key.hpp
    verification_keys = 3,  // threshold/verification_keys.hpp
    key_share = 4,          // threshold/key_share.hpp
    ciphertext_vector = 5,  // paillier/ciphertext_vector.hpp
    partial_decryption = 6, // aggregation/partial_message.hpp
    share_file = 7,         // threshold/share_file.hpp
    ceremony = 8,           // aggregation/ceremony.hpp
    contribution_body = 9,  // aggregation/contribution.hpp
    opening = 10,           // aggregation/opening.hpp
    model = 11,             // aggregation/model.hpp
    receipt = 12,           // audit/receipt.hpp
    // 13 and 14 were given away and are not used.
    refresh_reception = 15,    // threshold/refresh_reception.hpp
    refresh_contribution = 16, // threshold/refresh_contribution.hpp
    refresh_complaint = 17,    // threshold/refresh_complaint.hpp
    exclusion_receipt = 18,    // aggregation/exclusion_receipt.hpp
    enrolment = 19,            // aggregation/enrolment.hpp
    // 20 to 23 are not given yet.
    privacy_ledger = 24, // privacy/accountant.hpp
};

} // namespace veilsum::wire
