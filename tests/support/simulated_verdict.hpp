// After a simulated session: what the auditors say of its log, what is on it, and whether receipts still
// hold.
#pragma once

#include "support/simulated_world.hpp"

namespace veilsum::test {

// Fills in what `world.out` says of the log. Some planted bugs are planted here, into what is seen.
void judge_session(simulated_world& world);

} // namespace veilsum::test
