// A trustee's acknowledgement of the key ceremony: "the share that I hold is the one the record speaks of".
//
// Apart from ceremony.hpp, so that whoever only verifies does not see a signing key.
#pragma once

#include <veilsum/aggregation/ceremony.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/sign/signing_key.hpp>
#include <veilsum/threshold/key_share.hpp>

namespace veilsum::aggregation {

// Checks the verification keys (they lie on one polynomial) and the share against its own, then signs.
// Refuses a share that does not match and a signing key that the ceremony does not list for this trustee. The
// ceremony's acknowledgements may still be missing: this is how they are made.
template <class Scheme>
result<sign::signature> acknowledge(const ceremony<Scheme>& ceremony,
                                    const threshold::key_share<Scheme>& share,
                                    const sign::signing_key& identity) {
    if (auto polynomial = ceremony.verification.check(ceremony.key); !polynomial) return polynomial.error();
    if (auto matches = share.check(ceremony.key, ceremony.verification); !matches) return matches.error();
    const std::size_t index = share.index().index();
    if (index > ceremony.trustees.size() || !(ceremony.trustees[index - 1] == identity.verifying()))
        return error{errc::wrong_key, "signing key of the trustee", 0, {}, name_of(share.index())};
    return identity.sign(acknowledgement_label,
                         ceremony.acknowledgement_message(ceremony.core_digest(), share.index()));
}

} // namespace veilsum::aggregation
