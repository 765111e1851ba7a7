// The trustees of a simulated session, honest or not. A corrupt one plays two where it is shown two logs.
#pragma once

#include "support/simulated_world.hpp"
#include "support/watched_state.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace veilsum::test {

class simulated_trustees : actor {
    using journal = watched_journal<memory_journal>;
    using trustee_role = aggregation::trustee<scheme, journal>;

  public:
    explicit simulated_trustees(simulated_world& world);

    void schedule(); // restarts
    void at_trustee(std::uint32_t index, const delivery& what);
    // What a process that was stopped comes back with: share, identity, journal.
    void restart_trustee(std::uint32_t index);

  private:
    struct trustee_node {
        std::shared_ptr<memory_journal> kept = std::make_shared<memory_journal>();
        std::shared_ptr<memory_journal> second_kept = std::make_shared<memory_journal>();
        std::uint32_t points_to_stop = 0; // of its first answer; 0: is not stopped
        std::optional<trustee_role> role;
        std::optional<trustee_role> second_role; // of a corrupt trustee: another journal, for another view
        std::uint64_t read = 1;
        hash::digest32 head{}; // of what it has read
        std::uint64_t second_read = 1;
        std::optional<std::pair<std::size_t, bytes>> answer; // tag, bytes
        std::size_t answer_round = 0;
        int answer_view = 0;
        bool refused = false; // noted once
    };

    void start_trustee(std::uint32_t index, const log_view& log);
    trustee_role made_trustee(std::uint32_t index, bool second, aggregation::session_state<scheme> state);
    void read_and_answer(std::uint32_t index, const delivery& what);
    void post_answer(std::uint32_t index, std::size_t tag, const bytes& message);
    void refuse(std::uint32_t index, int which, const error& reason, bool answering);

    step_watch watch_;
    std::vector<trustee_node> trustees_;
};

} // namespace veilsum::test
