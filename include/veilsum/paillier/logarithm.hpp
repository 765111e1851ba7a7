// The Damgard-Jurik logarithm of public values, as combination needs it:
//
//     (1+n)^x = u mod n^(s+1)   ->   x in [0, n^s)
//
// Only u = 1 mod n has one. Whoever removed the random part of a ciphertext by raising it to a multiple of
// the secret order (the owner, or a quorum together) gets such a u; anything else means that a step before
// was wrong, and is refused.  spec: paillier, section 4.  Cost: 2 s short products.
#pragma once

#include <veilsum/core/result.hpp>
#include <veilsum/paillier/public_key.hpp>

namespace veilsum::paillier {

// Errors: out_of_range unless 0 <= u < n^(s+1); mismatch unless u = 1 mod n.
template <class Scheme>
result<bigint> log_one_plus_n(const public_key<Scheme>& key, const bigint& u) {
    if (u.is_negative() || u >= key.modulus()) return error{errc::out_of_range, "argument of the logarithm"};
    const auto log = key.units().log(padded_integer(u, key.units().modulus().size()));
    if (log.in_group == 0) return error{errc::mismatch, "argument of the logarithm"};
    return log.exponent.to_integer();
}

} // namespace veilsum::paillier
