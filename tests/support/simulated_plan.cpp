#include "support/simulated_plan.hpp"

#include <algorithm>

namespace veilsum::test {
namespace {

// What makes sense in a round of that suite and number.
bool is_possible(client_kind kind, bool validity, std::size_t round) {
    switch (kind) {
    case client_kind::wrong_round:
    case client_kind::other_round:
        return round > 0;
    case client_kind::other_session:
    case client_kind::bad_proof:
        return !validity;
    case client_kind::out_of_range:
    case client_kind::norm_above:
        return validity;
    default:
        return true;
    }
}

} // namespace

session_plan plan_of(std::uint64_t seed) {
    seeded_random draw(seed);
    const auto chance = [&](std::uint64_t percent) { return draw.below(100) < percent; };
    session_plan plan;
    plan.seed = seed;
    constexpr std::uint32_t structures[][2] = {{2, 2}, {2, 3}, {2, 3}, {3, 4}, {3, 5}};
    const auto& structure = structures[draw.below(5)];
    plan.quorum = structure[0];
    plan.trustees = structure[1];
    plan.validity = chance(5);
    const std::size_t clients = plan.validity ? 3 : 3 + draw.below(chance(15) ? 6 : 3);
    for (std::size_t i = 0; i < clients; ++i)
        plan.weights.push_back(1 + static_cast<std::uint32_t>(chance(30) ? draw.below(3) : 0));
    plan.minimum_cohort = 2 + static_cast<std::uint32_t>(chance(30) ? draw.below(clients - 1) : 0);

    const std::size_t rounds = plan.validity ? 1 : 1 + chance(15);
    const std::uint64_t cheating = draw.below(4) * 20; // in a hundred clients
    for (std::size_t round = 0; round < rounds; ++round) {
        auto& kinds = plan.clients.emplace_back();
        for (std::size_t i = 0; i < clients; ++i) {
            client_kind kind = client_kind::honest;
            if (chance(cheating)) {
                do kind = static_cast<client_kind>(draw.below(client_kinds));
                while (!is_possible(kind, plan.validity, round));
                // A spoiled round of suite 1 has no result, so it would hide the rest if it were frequent.
                if (kind == client_kind::spoiled && !plan.validity && !chance(20)) kind = client_kind::honest;
            }
            kinds.push_back(kind);
        }
        plan.outsiders.push_back(chance(25) ? static_cast<outsider_kind>(1 + draw.below(outsider_kinds - 1))
                                            : outsider_kind::none);
    }
    // Fewer than a quorum are corrupt, and those who keep silence count.
    plan.trustee_kinds.assign(plan.trustees, trustee_kind::honest);
    const std::uint64_t corrupt = draw.below(plan.quorum);
    for (std::uint64_t i = 0; i < corrupt; ++i)
        plan.trustee_kinds[draw.below(plan.trustees)] =
            static_cast<trustee_kind>(1 + draw.below(trustee_kinds - 1));
    for (std::uint32_t i = 0; i < plan.trustees; ++i) plan.restarts.push_back(chance(8));
    if (chance(45)) plan.aggregator = static_cast<aggregator_kind>(1 + draw.below(aggregator_kinds - 1));
    plan.follows_early = chance(30);
    plan.waits_for_all = chance(50);
    plan.full_ceremony = chance(1); // each aggregator that goes on checks it too
    plan.light = chance(20);
    plan.shares_folds = chance(75);
    if (chance(50)) {
        plan.network.loss = static_cast<std::uint32_t>(draw.below(40));
        plan.network.doubled = static_cast<std::uint32_t>(draw.below(40));
        plan.network.slow = static_cast<std::uint32_t>(draw.below(30));
    }
    // Last, so that the rest of a seed's plan does not depend on it.
    if (chance(15)) {
        do {
            plan.aggregator_stops.push_back(
                1 + static_cast<std::uint32_t>(draw.below(75 + 4 * plan.weights.size())));
        } while (plan.aggregator_stops.size() < 3 && chance(25));
    }
    for (std::size_t round = 0; round < rounds; ++round) {
        auto& stops = plan.client_stops.emplace_back(clients, stop_point::never);
        for (std::size_t i = 0; i < clients; ++i)
            if (plan.clients[round][i] == client_kind::honest && chance(10))
                stops[i] = static_cast<stop_point>(1 + draw.below(4));
    }
    for (std::uint32_t i = 0; i < plan.trustees; ++i)
        plan.trustee_stops.push_back(chance(8) ? static_cast<stop_point>(1 + draw.below(3))
                                               : stop_point::never);
    return plan;
}

std::string session_plan::describe() const {
    std::string text = "seed " + std::to_string(seed) + ": " + std::to_string(quorum) + " of " +
                       std::to_string(trustees) + ", suite " + (validity ? "2" : "1") + ", cohort " +
                       std::to_string(minimum_cohort) + ", aggregator " + std::string(name_of(aggregator));
    for (std::size_t round = 0; round < clients.size(); ++round) {
        text += "\n  round " + std::to_string(round + 1) + ":";
        for (std::size_t i = 0; i < clients[round].size(); ++i)
            text += " [" + std::to_string(i) + " x" + std::to_string(weights[i]) + " " +
                    std::string(name_of(clients[round][i])) +
                    (client_stop(round, i) == stop_point::never ? "]" : ", restarts]");
        text += ", outsider " + std::string(name_of(outsiders[round]));
    }
    text += "\n  trustees:";
    for (std::size_t i = 0; i < trustee_kinds.size(); ++i)
        text += " [" + std::to_string(i + 1) + " " + std::string(name_of(trustee_kinds[i])) +
                (restarts[i] || trustee_stop(static_cast<std::uint32_t>(i) + 1) != stop_point::never
                     ? ", restarts]"
                     : "]");
    if (!aggregator_stops.empty()) text += "\n  the aggregator is stopped at points";
    for (const std::uint32_t point : aggregator_stops) text += " +" + std::to_string(point);
    text += "\n  network: loss " + std::to_string(network.loss) + "%, doubled " +
            std::to_string(network.doubled) + "%, slow " + std::to_string(network.slow) + "%";
    return text;
}

} // namespace veilsum::test
