#include "support/simulated_verdict.hpp"

#include "support/simulated_aggregator.hpp"
#include "support/simulated_clients.hpp"

#include <veilsum/aggregation/auditor.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace veilsum::test {
namespace {

using scheme = session_scheme;
using aggregation::record_type;

// A fold that does not check again the ceremony of a session that was checked when it was opened: that is a
// third of what a small session costs.
template <class Scheme>
class trusting_fold : public aggregation::session_state<Scheme> {
  public:
    static thread_local const aggregation::session_facts<Scheme>* known;

    explicit trusting_fold(aggregation::session_state<Scheme> state)
        : aggregation::session_state<Scheme>(std::move(state)) {}
    static result<trusting_fold> open(const audit::record& first, const aggregation::body_reader& bodies,
                                      const aggregation::step_watcher& watcher = {}) {
        if (known != nullptr && known->id == audit::record_hash(first))
            return trusting_fold(aggregation::session_state<Scheme>(*known));
        auto opened = aggregation::session_state<Scheme>::open(first, bodies, watcher);
        if (!opened) return opened.error();
        return trusting_fold(*std::move(opened));
    }
};
template <class Scheme>
thread_local const aggregation::session_facts<Scheme>* trusting_fold<Scheme>::known = nullptr;

template <class Log>
void read_record(simulated_world& world, const Log& log) {
    std::vector<observed_round>& rounds = world.out.record;
    std::optional<encoding::matrix_layout> layout;
    std::uint64_t weight = 0;
    for (std::uint64_t i = 1; i < log.size(); ++i) {
        const auto record = take(log.read(i), "record");
        switch (static_cast<record_type>(record.type)) {
        case record_type::round_opened: {
            rounds.emplace_back();
            const auto header = take(aggregation::round_header::parse(record.body), "round header");
            layout.emplace(
                take(encoding::matrix_layout::create(header.layout, scheme::modulus_bits), "layout"));
            break;
        }
        case record_type::refusal: {
            const auto parsed = take(aggregation::refusal::parse(record.body), "refusal");
            rounds.back().refused.emplace_back(world.clients->place_of(parsed.header.client), parsed.reason);
            break;
        }
        case record_type::round_closed: {
            const auto closed = take(aggregation::round_closed::parse(record.body), "closing");
            observed_round& seen = rounds.back();
            seen.closed = true;
            seen.opened = closed.outcome == aggregation::round_outcome::open_for_decryption;
            weight = 0;
            for (const auto& client : closed.accepted) {
                seen.accepted.push_back(world.clients->place_of(client));
                weight += world.plan.weights[seen.accepted.back()];
            }
            for (const auto& client : closed.silent) seen.silent.push_back(world.clients->place_of(client));
            break;
        }
        case record_type::partial:
            rounds.back().partials.push_back(
                take(aggregation::partial_header::parse(record.body), "partial").trustee);
            break;
        case record_type::partial_refusal:
            rounds.back().wrong_partials.push_back(
                take(aggregation::partial_header::parse(record.body), "partial").trustee);
            break;
        case record_type::round_result: {
            ++rounds.back().results;
            const auto result = take(aggregation::round_result::parse(record.body), "result");
            const auto body = take(log.get_body(result.opening, std::size_t{1} << 24), "opening");
            const auto opened = aggregation::opening::parse(*layout, body, weight);
            if (!opened) break; // of a forged result
            rounds.back().sums.emplace(opened->sums.begin(),
                                       opened->sums.begin() + static_cast<std::ptrdiff_t>(layout->values()));
            break;
        }
        default:
            break;
        }
    }
}

template <class Log>
void judge(simulated_world& world, const Log& log) {
    using namespace aggregation;
    observation& seen = world.out;
    trusting_fold<scheme>::known = world.plan.full_ceremony ? nullptr : &*world.facts;
    seen.full = audit_session<scheme, trusting_fold>(log, {}, {}, world.rng);
    trusting_fold<scheme>::known = nullptr;
    if (world.plan.light) seen.light = audit_session<scheme, light_session>(log, {}, {}, world.rng);
    read_record(world, log);
    const auto note = take(log.read_checkpoint(), "checkpoint");
    world.clients->compare_receipts([&](const audit::receipt& receipt) {
        const auto tip =
            audit::checkpoint::parse(take(audit::parse_note(receipt.checkpoint_note), "note").text);
        require(tip.has_value(), "checkpoint of a receipt");
        return tip->size <= log.size() &&
               receipt
                   .verify_against(note, log.tree().consistency(tip->size), world.facts->header.origin,
                                   *world.aggregator_key)
                   .has_value();
    });
}

// Bugs that are planted into what is seen.
void plant_bug(simulated_world& world) {
    observation& seen = world.out;
    if (seen.record.empty()) return;
    observed_round& last = seen.record.back();
    switch (world.plan.bug) {
    case planted_bug::sum_off_by_one:
        if (last.sums) (*last.sums)[world.draw.below(last.sums->size())] += 1;
        break;
    case planted_bug::weight_forgotten:
        if (last.sums) {
            std::fill(last.sums->begin(), last.sums->end(), 0);
            for (const auto& [client, tag] : seen.reference.back().accepted())
                for (std::size_t j = 0; j < last.sums->size(); ++j)
                    (*last.sums)[j] += seen.contributions[tag].values[j];
        }
        break;
    case planted_bug::wrong_culprit:
        for (auto& refused : last.refused) refused.first = (refused.first + 1) % world.plan.weights.size();
        break;
    case planted_bug::wrong_reason:
        for (auto& refused : last.refused) refused.second = refused.second == 11 ? 10 : 11;
        break;
    case planted_bug::honest_named:
        for (const std::size_t client : last.silent) last.refused.emplace_back(client, std::uint16_t{4});
        last.silent.clear();
        break;
    case planted_bug::culprit_missed:
        last.refused.clear();
        break;
    case planted_bug::wrong_trustee:
        for (std::uint32_t& trustee : last.wrong_partials) trustee = trustee % world.plan.trustees + 1;
        break;
    case planted_bug::lenient_auditor:
        seen.full.failure.reset();
        break;
    case planted_bug::wrong_step:
        if (seen.full.failure)
            seen.full.failure->step =
                static_cast<aggregation::audit_step>(static_cast<int>(seen.full.failure->step) + 1);
        break;
    case planted_bug::blames_nobody:
        if (seen.full.failure) seen.full.failure->reason.culprit.clear();
        break;
    case planted_bug::no_receipt_check:
        for (observed_receipt& receipt : seen.receipts) receipt.still_there = true;
        break;
    default:
        break;
    }
}

} // namespace

void judge_session(simulated_world& world) {
    const simulated_aggregator& aggregator = *world.aggregator;
    if (const lax_log* forged = aggregator.forged())
        judge(world, *forged);
    else
        judge(world, aggregator.honest_log());
    if (const lax_log* beside = aggregator.second()) {
        const audit::merkle_tree& first = aggregator.honest_log().tree();
        const audit::merkle_tree& second = beside->tree();
        const bool shorter = second.size() < first.size();
        const auto& small = shorter ? second : first;
        const auto& large = shorter ? first : second;
        world.out.views_contradict = !audit::verify_consistency(
            small.root(), small.size(), large.root(), large.size(), large.consistency(small.size()));
    }
    for (observed_acknowledgement& each : world.out.acknowledged) {
        const auto record = aggregator.honest_log().read(each.record);
        each.kept = record && audit::record_hash(*record) == each.content;
    }
    plant_bug(world);
}

} // namespace veilsum::test
