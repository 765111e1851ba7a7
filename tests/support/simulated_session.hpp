// Runs one simulated session to its end: all roles of the library on one virtual network.
//
//     const observation seen = simulate(plan_of(seed));
//     for (const violation& wrong : check_property(seen)) ...
//
// Deterministic: everything follows from the plan. Any number may run at the same time.
//
// Restarts. The plan says who is stopped, and at which of its actions: the aggregator (`aggregator_stops`),
// honest clients (`client_stops`), trustees (`trustee_stops`; `restarts` at a second). Whoever is stopped
// loses all but its durable state and its keys, and starts again through the library: `resume_session` on the
// store, `client::sent` on the outbox, `trustee::join` on the journal and the log from its beginning.
#pragma once

#include "support/simulated_observation.hpp"
#include "support/simulated_plan.hpp"

namespace veilsum::test {

observation simulate(const session_plan& plan);

} // namespace veilsum::test
