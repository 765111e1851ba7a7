// The aggregator of a simulated session: the library's, and in the last round the attack of the plan.
//
// An attack forges a log that goes on in the place of the library's (`forged_`) or beside it (`second_`).
// simulated_attacks.cpp makes them, simulated_aggregator.cpp is the rest.
//
// Where the plan says so it is stopped, and some seconds later goes on from its log, by `resume_session`.
// What an attacker has forged it still has then.
#pragma once

#include "support/lax_log.hpp"
#include "support/simulated_world.hpp"
#include "support/watched_state.hpp"

#include <veilsum/aggregation/resume.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace veilsum::test {

class simulated_aggregator : actor {
    using store = watched_store<session_store>;
    using idle = aggregation::idle_session<scheme, store>;
    using collecting = aggregation::collecting_round<scheme, store>;
    using opening = aggregation::opening_round<scheme, store>;

  public:
    explicit simulated_aggregator(simulated_world& world); // opens the session
    void schedule();                                       // with the clients there

    void at_aggregator(const delivery& what);
    void end(); // the session, where it can be

    bool is_up() const { return up_; } // else nobody can read its log
    bool collects() const { return collecting_.has_value(); }
    // 0: what the aggregator shows as its record; 1: what it shows beside.
    log_view view(int which) const;
    const session_store& honest_log() const { return *disk_; }
    const aggregation::session_state<scheme>* fold() const; // of the honest log, while there is one
    const lax_log* forged() const { return forged_.get(); }
    const lax_log* second() const { return second_.get(); }
    // Whether the log beside asks to open this product.
    bool second_opens(const hash::digest32& aggregate) const;

  private:
    // What a timer is for.
    enum timer : std::size_t { open_round, announce, close_if_heard, close_round, notify, start_again };
    void wake(std::uint64_t at, timer what);

    idle opened(store&& empty);
    void start();
    void stop();
    void go_on();
    void act(const delivery& what);
    void open();
    void round_began();
    void arm_timers();
    void announce_round();
    void take_contribution(const delivery& what);
    void acknowledge(const delivery& what, const audit::receipt& receipt);
    void close();
    void round_closed();
    void next_round();
    void notify_trustees();
    void send_notice(std::uint32_t trustee, int which);
    void take_answer(const delivery& what);
    void finish_round();

    bool last_round() const { return round_ + 1 == plan_.rounds(); }
    bool attacks(aggregator_kind kind) const { return plan_.aggregator == kind && last_round(); }
    std::unique_ptr<lax_log> rewrite(std::uint64_t size, const lax_log::change& edit);
    std::optional<std::size_t> honest_accepted() const;
    bool is_contribution_of(const audit::record& record, std::size_t client) const;
    bool is_earlier_closing(std::uint64_t index) const;
    void blame(std::string culprit) { out_.expected_culprit = std::move(culprit); }
    bool forge_closing(bool silent);
    bool unverified_record(bool expected);
    void close_lax(lax_log& log);
    void freeze();
    bool forge_result(bool has_answers);
    bool forge_partial_refusal();
    void ask_again();
    static bool take_partial(lax_log& log, const aggregation::partial_message& message);
    void finish_forged();

    byte_array<32> seed_{};
    std::shared_ptr<session_store> disk_ = std::make_shared<session_store>();
    step_watch watch_;
    std::vector<std::uint32_t> stops_; // the next one last
    std::size_t life_ = 0;             // how often it was stopped
    bool up_ = true;
    seeded_random downtime_;
    std::optional<session_store> before_last_; // planted bug: the disk before its last record
    bool appending_ = false;
    std::uint64_t round_start_ = 0;
    std::optional<aggregation::model> model_;
    std::optional<idle> idle_;
    std::optional<collecting> collecting_;
    std::optional<opening> opening_;
    bool ended_ = false;
    std::unique_ptr<lax_log> forged_; // instead of the honest log
    std::unique_ptr<lax_log> second_; // beside it
    bool asks_again_ = false;
    std::uint32_t attempts_ = 0;
};

} // namespace veilsum::test
