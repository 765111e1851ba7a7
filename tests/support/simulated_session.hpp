// Runs one simulated session to its end: all roles of the library on one virtual network.
//
//     const observation seen = simulate(plan_of(seed));
//     for (const violation& wrong : check_property(seen)) ...
//
// Deterministic: everything follows from the plan. Any number may run at the same time.
//
// Restarts. A party that restarts is a node whose role is made anew from what is durable, at a second drawn
// by the plan; everything else of it is lost. Trustees do so today (`restart_trustee`: key share, journal,
// and the log from its beginning). An aggregator that resumes from its log, or a client from its journal,
// needs one such function each and a timer (`wake`), nothing else of the simulation.
#pragma once

#include "support/simulated_observation.hpp"
#include "support/simulated_plan.hpp"

namespace veilsum::test {

observation simulate(const session_plan& plan);

} // namespace veilsum::test
