#include "support/simulated_session.hpp"

#include "support/simulated_aggregator.hpp"
#include "support/simulated_clients.hpp"
#include "support/simulated_trustees.hpp"
#include "support/simulated_verdict.hpp"

#include <utility>

namespace veilsum::test {

observation simulate(const session_plan& plan) {
    simulated_world world(plan);
    simulated_aggregator aggregator(world);
    world.aggregator = &aggregator;
    simulated_clients clients(world);
    world.clients = &clients;
    simulated_trustees trustees(world);
    world.trustees = &trustees;
    aggregator.schedule();
    trustees.schedule();
    while (const auto next = world.bus.next()) {
        if (next->to == aggregator_node)
            aggregator.at_aggregator(*next);
        else if (next->to == outsider_node)
            clients.at_outsider();
        else if (next->to > trustee_base)
            trustees.at_trustee(static_cast<std::uint32_t>(next->to - trustee_base), *next);
        else
            clients.at_client(static_cast<std::size_t>(next->to - 1), *next);
    }
    aggregator.end();
    judge_session(world);
    return std::move(world.out);
}

} // namespace veilsum::test
