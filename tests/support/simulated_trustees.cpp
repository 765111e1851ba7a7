#include "support/simulated_trustees.hpp"

#include "support/simulated_aggregator.hpp"

#include <algorithm>

namespace veilsum::test {

simulated_trustees::simulated_trustees(simulated_world& world)
    : actor(world), trustees_(world.plan.trustees) {
    for (std::uint32_t i = 1; i <= plan_.trustees; ++i)
        trustees_[i - 1].points_to_stop = static_cast<std::uint32_t>(plan_.trustee_stop(i));
    watch_.on_point = [this](std::size_t index, std::string_view) {
        std::uint32_t& left = trustees_[index - 1].points_to_stop;
        if (left != 0 && --left == 0) throw stopped{index};
    };
    for (std::uint32_t i = 1; i <= plan_.trustees; ++i)
        if (plan_.trustee_kinds[i - 1] == trustee_kind::honest)
            out_.honest_names.insert(aggregation::name_of(party_id(i)));
}

void simulated_trustees::schedule() {
    for (std::uint32_t i = 0; i < plan_.trustees; ++i)
        if (plan_.restarts[i])
            bus_.wake(trustee_base + 1 + static_cast<int>(i), simulated_opening(0) + draw_.below(2000), 0);
}

// A trustee that has read nothing yet may take over the fold of somebody else who has read the beginning of
// the same log: what it would come to by itself, at a third of the cost of a session. `read` records end
// with that of `head`.
void simulated_trustees::start_trustee(std::uint32_t index, const log_view& log) {
    trustee_node& node = trustees_[index - 1];
    const auto take_over = [&](const aggregation::session_state<scheme>& state, std::uint64_t read,
                               const hash::digest32& head) {
        if (read < 2 || read > log.size || read <= node.read) return false;
        if (audit::record_hash(take(log.read(read - 1), "record")) != head) return false;
        node.role.emplace(made_trustee(index, false, state));
        node.read = read;
        node.head = head;
        return true;
    };
    if (plan_.shares_folds) {
        const auto& honest = world_.aggregator->honest_log();
        if (const auto* state = world_.aggregator->fold();
            state && take_over(*state, honest.size(), honest.head()))
            return;
        for (const trustee_node& other : trustees_)
            if (other.role && take_over(other.role->state(), other.read, other.head)) return;
    }
    node.role.emplace(made_trustee(index, false, aggregation::session_state<scheme>(*facts_)));
}
simulated_trustees::trustee_role simulated_trustees::made_trustee(std::uint32_t index, bool second,
                                                                  aggregation::session_state<scheme> state) {
    return take(
        trustee_role::join(
            std::move(state), base_.share(index), base_.identity(index),
            journal(second ? trustees_[index - 1].second_kept : trustees_[index - 1].kept, watch_, index)),
        "trustee");
}
void simulated_trustees::restart_trustee(std::uint32_t index) {
    trace("trustee " + std::to_string(index) + " restarts");
    trustee_node& node = trustees_[index - 1];
    ++out_.restarts.trustees;
    node.role.reset();
    node.second_role.reset();
    node.second_read = 1;
    if (has_bug(planted_bug::forgetful_trustee)) node.kept = std::make_shared<memory_journal>();
    node.read = 1;
    node.answer.reset();
    node.refused = false;
}

void simulated_trustees::at_trustee(std::uint32_t index, const delivery& what) {
    if (what.timer) {
        restart_trustee(index);
        return;
    }
    if (!world_.aggregator->is_up()) return; // there is no log to be read
    try {
        read_and_answer(index, what);
    } catch (const stopped&) {
        restart_trustee(index);
    }
}

void simulated_trustees::read_and_answer(std::uint32_t index, const delivery& what) {
    const trustee_kind kind = plan_.trustee_kinds[index - 1];
    if (kind == trustee_kind::silent) return;
    wire::reader in(what.content);
    const int which = in.u8();
    const std::uint64_t size = in.u64();
    require(in.ok(), "notice");
    trustee_node& node = trustees_[index - 1];
    const bool corrupt = kind != trustee_kind::honest;
    const bool second = corrupt && which == 1; // plays somebody who has seen nothing else
    if (second && !node.second_role)
        node.second_role.emplace(made_trustee(index, true, aggregation::session_state<scheme>(*facts_)));
    const log_view log = world_.aggregator->view(which);
    if (!node.role) start_trustee(index, log);
    trustee_role& role = second ? *node.second_role : *node.role;
    std::uint64_t& read = second ? node.second_read : node.read;
    if (node.answer && node.answer_round == round_ && node.answer_view == which && !second) {
        post_answer(index, node.answer->first, node.answer->second);
        return;
    }
    for (; read < std::min(size, log.size); ++read) {
        const auto record = take(log.read(read), "record");
        if (const auto followed = role.follow(record, log.bodies, rng_); !followed) {
            refuse(index, which, followed.error(), false);
            return;
        }
        if (!second) node.head = audit::record_hash(record);
    }
    if (role.state().phase() != aggregation::session_phase::opening) return;
    if (!corrupt && role.has_answered()) return; // before it was stopped
    auto message = role.answer(rng_);
    if (!message) {
        refuse(index, which, message.error(), true);
        return;
    }
    const std::size_t answered = role.state().round().header().round - 1; // maybe not the newest
    // A log that is not longer than what was read before shows a trustee nothing new: it answers for
    // that.
    const bool for_second = world_.aggregator->second_opens(role.state().aggregate_digest());
    const int made_for = for_second ? 1 : 0;
    sent_answer sent{answered, index, effect::counts, made_for, !corrupt, role.state().aggregate_digest()};
    if (!corrupt) out_.honest_answers.push_back({index, answered, made_for, sent.aggregate});
    if (!world_.tapped_answer && !second && which == 0 && answered == round_)
        world_.tapped_answer = std::pair(index, message->body);
    bytes sent_bytes = message->serialize();
    if (!second) {
        const auto bent = [&](bytes body) {
            message->body = std::move(body);
            message->header.body = hash::sha256(message->body);
            message->header.signature = base_.identity(index).sign(
                aggregation::partial_label,
                message->header.signed_message(role.state().round(), role.state().aggregate_digest()));
            sent.what = effect::evidence;
            sent_bytes = message->serialize();
        };
        switch (kind) {
        case trustee_kind::honest:
        case trustee_kind::silent:
        case trustee_kind::answers_all:
            break;
        case trustee_kind::wrong: {
            bytes body = message->body;
            body.back() ^= 1;
            bent(std::move(body));
            break;
        }
        case trustee_kind::copied:
            if (!world_.tapped_answer || world_.tapped_answer->first == index || answered != round_)
                return; // nobody else has answered yet
            bent(world_.tapped_answer->second);
            break;
        case trustee_kind::malformed:
            sent_bytes.resize(draw_.below(sent_bytes.size()));
            sent.what = effect::dropped;
            break;
        case trustee_kind::framing: // somebody else's index over its own work
            message->header.trustee = static_cast<std::uint16_t>(index % plan_.trustees + 1);
            sent.trustee = message->header.trustee;
            sent.what = effect::dropped;
            sent_bytes = message->serialize();
            break;
        case trustee_kind::some_only:
            if (answered % 2 == 0) return;
            break;
        }
    }
    out_.answers.push_back(sent);
    const std::size_t tag = out_.answers.size() - 1;
    if (!second) {
        node.answer = std::pair(tag, sent_bytes);
        node.answer_round = answered;
        node.answer_view = which;
    }
    post_answer(index, tag, sent_bytes);
    watch_.point(index, "sent");
}
void simulated_trustees::post_answer(std::uint32_t index, std::size_t tag, const bytes& message) {
    bus_.send(trustee_base + static_cast<int>(index), aggregator_node, tag, message);
}
void simulated_trustees::refuse(std::uint32_t index, int which, const error& reason, bool answering) {
    trustee_node& node = trustees_[index - 1];
    if (node.refused) return;
    node.refused = true;
    if (plan_.trustee_kinds[index - 1] != trustee_kind::honest) return;
    trace("trustee " + std::to_string(index) + " refuses: " + reason.describe());
    out_.trustee_refusals.push_back({index, which, reason, answering});
}

} // namespace veilsum::test
