// Who is who in a session.
//
// A client is its Ed25519 public key: canonical and not of small order, so one client has one name. A trustee
// is an index 1..l of the ceremony together with the key it signs with. The names that appear in errors as
// culprits are made here and nowhere else.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/sign/verifying_key.hpp>
#include <veilsum/threshold/structure.hpp>

#include <string>

namespace veilsum::aggregation {

// A client is its Ed25519 public key.
using client_id = sign::verifying_key;

inline std::string name_of(const client_id& client) {
    return "client " + to_hex(client.bytes());
}
using threshold::name_of;
// The name that errors have for the aggregator as culprit.
inline std::string name_of_aggregator() {
    return "aggregator";
}

} // namespace veilsum::aggregation
