#include "support/simulated_aggregator.hpp"

#include "support/simulated_clients.hpp"
#include "support/simulated_trustees.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

namespace veilsum::test {

simulated_aggregator::simulated_aggregator(simulated_world& world)
    : actor(world), seed_(random::random_bytes<32>(rng_)),
      stops_(plan_.aggregator_stops.rbegin(), plan_.aggregator_stops.rend()),
      downtime_(plan_.seed ^ 0x646f776e00000000) {
    watch_.on_point = [this](std::size_t, std::string_view action) {
        if (has_bug(planted_bug::forgetful_aggregator) && action == "append") {
            appending_ = !appending_;
            if (appending_) before_last_ = *disk_;
        }
        if (!stops_.empty() && --stops_.back() == 0) {
            stops_.pop_back();
            throw stopped{0};
        }
    };
    while (fold() == nullptr) {
        try {
            start();
        } catch (const stopped&) {
            stop();
        }
    }
    world_.facts.emplace(fold()->facts());
    world_.aggregator_key.emplace(key_of_seed(seed_).verifying());
    model_.emplace(take(aggregation::model::of({0.5F, -1.0F, 0.0F, 2.0F}), "model"));
}

void simulated_aggregator::wake(std::uint64_t at, timer what) {
    bus_.wake(aggregator_node, at, life_ * 16 + what);
}

// All that was in memory is gone.
void simulated_aggregator::stop() {
    idle_.reset();
    collecting_.reset();
    opening_.reset();
    up_ = false;
    appending_ = false;
    ++life_;
}

// From what is on the disk.
void simulated_aggregator::start() {
    up_ = true;
    if (disk_->size() == 0) {
        idle_.emplace(opened(store(disk_, watch_)));
        return;
    }
    if (has_bug(planted_bug::forgetful_aggregator) && !out_.acknowledged.empty() && before_last_ &&
        out_.acknowledged.back().record + 1 == disk_->size())
        *disk_ = *before_last_;
    auto resumed =
        take(aggregation::resume_session<scheme>(store(disk_, watch_), key_of_seed(seed_), rng_), "resume");
    restart_counts& counts = out_.restarts;
    if (auto* between = std::get_if<idle>(&resumed)) {
        ++counts.between_rounds;
        idle_.emplace(std::move(*between));
    } else if (auto* round = std::get_if<collecting>(&resumed)) {
        ++counts.collecting;
        collecting_.emplace(std::move(*round));
    } else if (auto* closed = std::get_if<opening>(&resumed)) {
        ++counts.opening;
        opening_.emplace(std::move(*closed));
    } else {
        ++counts.ended;
        ended_ = true;
    }
}

// What it has to do next follows from the phase alone.
void simulated_aggregator::go_on() {
    trace("the aggregator goes on");
    if (collecting_) {
        if (collecting_->state().round().header().round > out_.reference.size())
            round_began();
        else
            arm_timers();
    } else if (opening_) {
        attempts_ = 0;
        round_closed();
    } else if (idle_ && !out_.reference.empty()) {
        next_round();
    } else if (idle_) {
        wake(simulated_opening(0), open_round);
    }
}

// As the library does it, which checks the ceremony first; that is a fifth of what a small session costs. It
// is checked where the plan says so, and otherwise was, in another session of the same structure.
simulated_aggregator::idle simulated_aggregator::opened(store&& empty) {
    constexpr auto policy = aggregation::exponent_policy::short_exponent;
    constexpr std::string_view origin = "simulated.example/log";
    if (plan_.full_ceremony)
        return take(idle::open(std::move(empty), base_.ceremony(), policy, std::string(origin),
                               key_of_seed(seed_), rng_),
                    "session");
    auto key = key_of_seed(seed_);
    aggregation::session_header header;
    header.nonce = random::random_bytes<32>(rng_);
    header.modulus_bits = static_cast<std::uint32_t>(scheme::modulus_bits);
    header.degree = static_cast<std::uint16_t>(scheme::degree);
    header.policy = policy;
    header.ceremony = take(empty.put_body(base_.ceremony().serialize()), "ceremony");
    header.key = base_.ceremony().key.id();
    header.aggregator = key.verifying().bytes();
    header.origin = origin;
    const auto first = take(empty.append(static_cast<std::uint16_t>(record_type::session_opened),
                                         aggregation::record_version, header.serialize()),
                            "first record");
    aggregation::session_state<scheme> state(
        {audit::record_hash(first), std::move(header), base_.ceremony()});
    using writer = aggregation::detail::session_writer<scheme, store>;
    auto made = std::make_unique<writer>(writer{std::move(empty), std::move(state), std::move(key)});
    take(made->sign_tip(), "checkpoint");
    return std::get<idle>(aggregation::detail::session_resumer<scheme, store>::state_of(std::move(made)));
}

void simulated_aggregator::schedule() {
    // Clients send again what was not answered, so that everybody is enrolled, and once.
    for (const bytes& message : world_.clients->enrolments(world_.facts->id))
        for (bool answered = false; !answered;) try {
                if (!idle_) start();
                take(idle_->enrol(message, rng_), "enrolment");
                answered = true;
            } catch (const stopped&) {
                stop();
            }
    wake(simulated_opening(0), open_round);
}

void simulated_aggregator::end() {
    if (!idle_ || forged_) return;
    while (!ended_) {
        try {
            if (!idle_) {
                start();
                continue;
            }
            (void)take(std::move(*idle_).end({}, rng_), "end");
            idle_.reset();
            ended_ = true;
        } catch (const stopped&) {
            stop();
        }
    }
}

const aggregation::session_state<session_scheme>* simulated_aggregator::fold() const {
    return idle_         ? &idle_->state()
           : collecting_ ? &collecting_->state()
           : opening_    ? &opening_->state()
                         : nullptr;
}

bool simulated_aggregator::second_opens(const hash::digest32& aggregate) const {
    return second_ && second_->fold() && second_->fold()->phase() == aggregation::session_phase::opening &&
           second_->fold()->aggregate_digest() == aggregate;
}

log_view simulated_aggregator::view(int which) const {
    if (which == 1) return log_view::of(*second_);
    return forged_ ? log_view::of(*forged_) : log_view::of(honest_log());
}
void simulated_aggregator::at_aggregator(const delivery& what) {
    if (what.timer && what.tag / 16 != life_) return; // set by an earlier life
    if (!up_ && !what.timer) return;                  // lost
    try {
        act(what);
    } catch (const stopped&) {
        stop();
        trace("the aggregator is stopped");
        wake(bus_.now() + 1 + downtime_.below(60), start_again);
    }
}

void simulated_aggregator::act(const delivery& what) {
    if (!what.timer) {
        if (what.from > trustee_base && what.from != outsider_node)
            take_answer(what);
        else
            take_contribution(what);
        return;
    }
    switch (what.tag % 16) {
    case start_again:
        start();
        go_on();
        break;
    case open_round:
        open();
        break;
    case announce:
        if (collecting_) announce_round();
        break;
    case close_if_heard:
        if (collecting_ && (attacks(aggregator_kind::closes_early) ||
                            collecting_->state().closing(bus_.now()).silent.empty()))
            close();
        break;
    case close_round:
        if (collecting_) close();
        break;
    case notify:
        notify_trustees();
        break;
    default:
        break;
    }
}

void simulated_aggregator::open() {
    const std::size_t next = out_.reference.size();
    auto opened = std::move(*idle_).open_round(simulated_header(plan_, next), *model_, bus_.now(), rng_);
    idle_.reset();
    collecting_.emplace(take(std::move(opened), "round"));
    round_began();
}

// It is on the record.
void simulated_aggregator::round_began() {
    world_.round = out_.reference.size();
    world_.round_facts.emplace(collecting_->state().round());
    out_.reference.emplace_back(round_, round().header().closes_at);
    world_.tapped_answer.reset();
    world_.clients->round_opened();
    attempts_ = 0;
    if (attacks(aggregator_kind::drops_unrecorded)) {
        const auto& kinds = plan_.clients[round_];
        const auto honest = std::find(kinds.begin(), kinds.end(), client_kind::honest);
        if (honest != kinds.end()) {
            out_.victim = static_cast<std::size_t>(honest - kinds.begin());
            out_.attacked = true;
        }
    }
    round_start_ = bus_.now();
    arm_timers();
    if (plan_.outsiders[round_] != outsider_kind::none)
        bus_.wake(outsider_node, round_start_ + 30 + draw_.below(1200), 0);
    trace("round " + std::to_string(round_ + 1) + " opened");
}

// Those whose time is over go off at once.
void simulated_aggregator::arm_timers() {
    announce_round();
    for (const std::uint64_t later : {200U, 400U, 600U})
        if (round_start_ + later > bus_.now()) wake(round_start_ + later, announce);
    // Who is left out of a second closing is silent there, and that needs the time to be over.
    const bool needs_time = attacks(aggregator_kind::drops_recorded) ||
                            attacks(aggregator_kind::split_view) || attacks(aggregator_kind::second_opening);
    if (!needs_time) wake(round_start_ + 500, close_if_heard);
    wake(round().header().closes_at + 200, close_round);
    if (plan_.follows_early)
        for (const std::uint64_t later : {300U, 800U}) wake(round_start_ + later, notify);
}

void simulated_aggregator::announce_round() {
    for (std::size_t i = 0; i < plan_.weights.size(); ++i)
        if (!world_.clients->started(i)) bus_.send(aggregator_node, static_cast<int>(i) + 1, 0, bytes{});
}

void simulated_aggregator::take_contribution(const delivery& what) {
    const sent_contribution& sent = out_.contributions[what.tag];
    if (!collecting_) {
        trace("contribution " + std::to_string(what.tag) + " arrives when no round collects");
        return;
    }
    if (attacks(aggregator_kind::drops_unrecorded) && out_.victim == sent.client && sent.on_roster) return;
    const std::uint64_t before = disk_->size();
    std::optional<result<audit::receipt>> answered;
    try {
        answered.emplace(collecting_->receive(what.content, bus_.now(), rng_));
    } catch (const stopped&) {
        if (disk_->size() != before) out_.reference.back().contribution(sent, what.tag, bus_.now());
        throw;
    }
    const result<audit::receipt>& receipt = *answered;
    out_.reference.back().contribution(sent, what.tag, bus_.now());
    trace("contribution " + std::to_string(what.tag) + " of client " + std::to_string(sent.client) +
          (receipt ? ": accepted" : ": " + receipt.error().describe()));
    if (receipt) acknowledge(what, *receipt);
}

void simulated_aggregator::acknowledge(const delivery& what, const audit::receipt& receipt) {
    watch_.point(0, "answer");
    const sent_contribution& sent = out_.contributions[what.tag];
    const auto record = take(audit::record::parse(receipt.record_bytes), "record of a receipt");
    out_.acknowledged.push_back({sent.client, sent.round, record.sequence, audit::record_hash(record),
                                 hash::sha256(receipt.serialize()), false});
    bus_.send(aggregator_node, what.from, 0, receipt.serialize());
}

void simulated_aggregator::close() {
    const bool silent = !collecting_->state().closing(bus_.now()).silent.empty();
    if (forge_closing(silent)) {
        trace("the aggregator closes with a forged log: " + std::string(name_of(plan_.aggregator)));
        out_.attacked = true;
    } else {
        if (silent && bus_.now() <= round().header().closes_at) return; // wait
        auto closed = std::move(*collecting_).close(bus_.now(), rng_);
        require(closed.has_value(), "closing: " + (closed ? "" : closed.error().describe()));
        collecting_.reset();
        trace("round closed");
        if (closed->opening) opening_.emplace(*std::move(closed->opening));
        if (closed->idle) {
            idle_.emplace(*std::move(closed->idle));
            next_round();
            return;
        }
    }
    round_closed();
}

void simulated_aggregator::round_closed() {
    if (opening_ && attacks(aggregator_kind::result_unasked)) forge_result(false);
    wake(bus_.now() + 1, notify);
}

void simulated_aggregator::next_round() {
    if (idle_ && !idle_->state().standing().models().empty())
        model_.emplace(idle_->state().standing().models().front());
    if (last_round()) return;
    wake(simulated_opening(round_ + 1), open_round);
}

void simulated_aggregator::notify_trustees() {
    const bool waiting = opening_ || forged_ || second_;
    if (waiting && !collecting_ && ++attempts_ > 8) {
        if (opening_ && opening_->has_quorum()) finish_round();
        return;
    }
    for (std::uint32_t i = 1; i <= plan_.trustees; ++i) {
        if (second_ && plan_.aggregator == aggregator_kind::split_view) {
            // Corrupt trustees are shown both.
            const bool second = i % 2 == 0;
            const bool corrupt = plan_.trustee_kinds[i - 1] != trustee_kind::honest;
            if (!second || corrupt) send_notice(i, 0);
            if (second || corrupt) send_notice(i, 1);
        } else {
            send_notice(i, second_ && asks_again_ ? 1 : 0);
        }
    }
    if (waiting && !collecting_) wake(bus_.now() + 100, notify);
}
void simulated_aggregator::send_notice(std::uint32_t trustee, int which) {
    wire::writer out;
    out.u8(static_cast<std::uint8_t>(which));
    out.u64(view(which).size);
    bus_.send(aggregator_node, trustee_base + static_cast<int>(trustee), 0, std::move(out).take());
}

void simulated_aggregator::take_answer(const delivery& what) {
    const sent_answer& sent = out_.answers[what.tag];
    const auto length = [&](const aggregation::session_state<scheme>& state) {
        return aggregation::partial_body_bytes(state.ceremony(), state.aggregate().size());
    };
    if (second_ && sent.view == 1 && second_->fold()) {
        const auto message = aggregation::partial_message::parse(what.content, length(*second_->fold()));
        if (message && take_partial(*second_, *message)) out_.answered_second.insert(sent.trustee);
        trace("answer of trustee " + std::to_string(sent.trustee) + " for the second log");
    }
    if (opening_) {
        const std::uint64_t before = disk_->size();
        const auto is_taken_in = [&] {
            if (sent.view == 0) out_.reference.back().answer(sent);
        };
        std::optional<result<void>> answered;
        try {
            answered.emplace(opening_->receive(what.content, rng_));
        } catch (const stopped&) {
            if (disk_->size() != before) is_taken_in();
            throw;
        }
        is_taken_in();
        const result<void>& taken = *answered;
        trace("answer of trustee " + std::to_string(sent.trustee) +
              (taken ? ": counted" : ": " + taken.error().describe()));
        if (!opening_->has_quorum()) return;
        if (attacks(aggregator_kind::second_opening) && !second_) {
            ask_again();
            if (second_) return;
        }
        const bool all =
            !plan_.waits_for_all || attempts_ > 8 ||
            out_.reference.back().answered().size() + out_.reference.back().wrong().size() == plan_.trustees;
        // A second log is given the time of all attempts to be answered before this one ends.
        if (all && (!second_ || attempts_ > 8)) finish_round();
    } else if (forged_ && forged_->fold() &&
               forged_->fold()->phase() == aggregation::session_phase::opening) {
        out_.reference.back().answer(sent);
        const auto message = aggregation::partial_message::parse(what.content, length(*forged_->fold()));
        if (message) take_partial(*forged_, *message);
        trace("answer of trustee " + std::to_string(sent.trustee) + " for the rewritten log");
        if (forged_->fold()->verified_partials() >= plan_.quorum) finish_forged();
    }
}
void simulated_aggregator::finish_round() {
    if (has_bug(planted_bug::no_result)) return;
    if (attacks(aggregator_kind::wrong_result) && forge_result(true)) return;
    if (attacks(aggregator_kind::refuses_partial) && forge_partial_refusal()) return;
    auto finished = std::move(*opening_).finish(rng_);
    if (!finished) {
        out_.no_result = finished.error();
        trace("no result: " + finished.error().describe());
        attempts_ = 100;
        return;
    }
    opening_.reset();
    idle_.emplace(std::move(finished->session));
    trace("result");
    next_round();
}
} // namespace veilsum::test
