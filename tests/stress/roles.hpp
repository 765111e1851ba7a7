// The processes of a stress run. Each is a program of its own, so that its memory and time are its own.
//
//     setup        deals the key, opens session and round, makes and checks one contribution, which is the
//                  estimate for the rest
//     aggregator   goes on from the record of `setup`: contributions in, closing, answers in; at the end of
//                  its input result and end of the session
//     clients      everybody on the roster and a few who are not, one contribution at a time
//     trustee      reads the whole record, checks it, answers
//     referee      compares record and plan: who is counted, who is refused for what, what was opened
//
// The key is fixed and public (support/fixed_primes.hpp), and so is everybody's identity.
#pragma once

#include "stress/stress_plan.hpp"

#include <veilsum/core/result.hpp>
#include <veilsum/paillier/scheme.hpp>

#include <string>

namespace veilsum::stress {

// Failures are exceptions. Compiled once for each size, in roles_BITS.cpp.
template <class Scheme>
void play(const std::string& role, const parameters& given);

extern template void play<paillier::scheme<2048>>(const std::string&, const parameters&);
extern template void play<paillier::scheme<3072>>(const std::string&, const parameters&);

} // namespace veilsum::stress
