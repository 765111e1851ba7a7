// What the parties of one simulated session have in common: clock and network, the two streams of
// randomness, what is seen, and where the others are.
//
//     simulated_world <- simulated_aggregator     the library's aggregator, and attacks    (node 0)
//                     <- simulated_clients        and whoever is not on the roster         (nodes 1, 2, ...)
//                     <- simulated_trustees                                                (behind their
//                     base)
//
// Parties talk over the network only. Beside it they read the log as the aggregator shows it, and those who
// cheat overhear what honest ones have sent.
#pragma once

#include "support/session_instances.hpp"
#include "support/simulated_observation.hpp"
#include "support/simulated_parties.hpp"

#include <veilsum/aggregation/aggregator.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::test {

inline constexpr int aggregator_node = 0; // clients are 1, 2, ..., trustees behind their base
inline constexpr int trustee_base = 100'000;
inline constexpr int outsider_node = 200'000;

struct log_view {
    std::uint64_t size;
    std::function<result<audit::record>(std::uint64_t)> read;
    aggregation::body_reader bodies;
    template <class Log>
    static log_view of(const Log& log) {
        return {log.size(), [&log](std::uint64_t i) { return log.read(i); }, aggregation::bodies_of(log)};
    }
};

class simulated_aggregator;
class simulated_clients;
class simulated_trustees;

struct simulated_world {
    explicit simulated_world(const session_plan& from)
        : plan(from), base(foundation::of(from.quorum, from.trustees)),
          bus(from.seed ^ 0x6e65740000000000, from.network), rng(from.seed ^ 0x7065657200000000),
          draw(from.seed ^ 0x6472617700000000) {
        out.plan = from;
    }
    simulated_world(const simulated_world&) = delete;

    const session_plan plan;
    const foundation& base;
    simulated_bus bus;
    seeded_random rng;  // of the roles
    seeded_random draw; // of what happens
    observation out;

    std::optional<aggregation::session_facts<session_scheme>> facts;
    std::optional<sign::verifying_key> aggregator_key;
    std::size_t round = 0;
    std::optional<aggregation::round_facts> round_facts;
    std::vector<std::pair<std::size_t, aggregation::contribution_message>> tapped; // honest, this round
    std::optional<std::pair<std::uint32_t, bytes>> tapped_answer;

    simulated_aggregator* aggregator = nullptr;
    simulated_clients* clients = nullptr;
    simulated_trustees* trustees = nullptr;
};

// Whoever acts in a world.
class actor {
  protected:
    using scheme = session_scheme;
    using record_type = aggregation::record_type;

    explicit actor(simulated_world& world)
        : world_(world), plan_(world.plan), base_(world.base), bus_(world.bus), rng_(world.rng),
          draw_(world.draw), out_(world.out), facts_(world.facts), round_(world.round) {}
    actor(const actor&) = delete;
    ~actor() = default;

    void trace(std::string what) { out_.trace.push_back(std::to_string(bus_.now()) + " " + std::move(what)); }
    const aggregation::round_facts& round() const { return *world_.round_facts; }
    bool has_bug(planted_bug bug) const { return plan_.bug == bug; }

    simulated_world& world_;
    const session_plan& plan_;
    const foundation& base_;
    simulated_bus& bus_;
    seeded_random& rng_;
    seeded_random& draw_;
    observation& out_;
    const std::optional<aggregation::session_facts<session_scheme>>& facts_;
    const std::size_t& round_;
};

} // namespace veilsum::test
