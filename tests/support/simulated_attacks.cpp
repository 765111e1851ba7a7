// What a malicious aggregator does with its log.
#include "support/simulated_aggregator.hpp"
#include "support/simulated_clients.hpp"
#include "support/simulated_trustees.hpp"

#include <algorithm>

namespace veilsum::test {
namespace {

lax_log::entry same(const audit::record& record) {
    return {record.type, record.body};
}

} // namespace

std::unique_ptr<lax_log> simulated_aggregator::rewrite(std::uint64_t size, const lax_log::change& edit) {
    return std::make_unique<lax_log>(honest_log(), size, *facts_, key_of_seed(seed_), rng_, edit);
}

std::optional<std::size_t> simulated_aggregator::honest_accepted() const {
    for (const auto& [client, tag] : out_.reference.back().accepted())
        if (plan_.clients[round_][client] == client_kind::honest) return client;
    return std::nullopt;
}

bool simulated_aggregator::is_contribution_of(const audit::record& record, std::size_t client) const {
    if (record.type != static_cast<std::uint16_t>(record_type::contribution)) return false;
    const auto parsed = aggregation::contribution_record::parse(record.body);
    return parsed && parsed->header.client == world_.clients->id(client) &&
           parsed->header.round == round().header().round;
}

// Goes on with another log than the library's aggregator wrote. False where the attack is not possible.
bool simulated_aggregator::forge_closing(bool silent) {
    if (!last_round()) return false;
    const auto victim = honest_accepted();
    const std::uint64_t size = honest_log().size();
    auto closing = collecting_->state().closing(bus_.now());
    const auto end_with = [&](std::unique_ptr<lax_log> log, const aggregation::round_closed& with) {
        if (collecting_->state().accepted() > 0)
            take(log->put_body(collecting_->state().aggregate().serialize()), "body");
        log->add(static_cast<std::uint16_t>(record_type::round_closed), with.serialize());
        forged_ = std::move(log);
        freeze();
        return true;
    };
    const auto id_of = [&](std::size_t client) { return world_.clients->id(client); };
    const auto keep = [&](const audit::record& record) { return std::optional(same(record)); };
    const auto without = [&](std::size_t client) {
        return [this, client](const audit::record& record) {
            return is_contribution_of(record, client) ? std::nullopt : std::optional(same(record));
        };
    };
    if (has_bug(planted_bug::accepts_unverified) && plan_.aggregator == aggregator_kind::honest) {
        if (!unverified_record(false)) return false;
        freeze();
        return true;
    }
    out_.victim = plan_.aggregator == aggregator_kind::drops_unrecorded ? out_.victim : victim;
    switch (plan_.aggregator) {
    case aggregator_kind::doubles: {
        if (!victim) return false;
        auto log = rewrite(size, keep);
        for (std::uint64_t i = 1; i < size; ++i)
            if (const auto record = take(honest_log().read(i), "record"); is_contribution_of(record, *victim))
                log->add(record.type, record.body);
        blame(aggregation::name_of_aggregator());
        return end_with(std::move(log), closing);
    }
    case aggregator_kind::alters: {
        if (!victim) return false;
        blame(aggregation::name_of_aggregator());
        return end_with(rewrite(size,
                                [&](const audit::record& record) {
                                    auto entry = same(record);
                                    if (is_contribution_of(record, *victim)) entry.body[150] ^= 1;
                                    return std::optional(std::move(entry));
                                }),
                        closing);
    }
    case aggregator_kind::unverified:
        if (!unverified_record(true)) return false;
        freeze();
        return true;
    case aggregator_kind::closes_early:
        if (!silent || bus_.now() > round().header().closes_at) return false;
        blame(aggregation::name_of_aggregator());
        return end_with(rewrite(size, keep), closing);
    case aggregator_kind::refuses_valid: {
        if (!victim) return false;
        blame(aggregation::name_of_aggregator());
        std::erase(closing.accepted, id_of(*victim));
        closing.refused.push_back(id_of(*victim));
        std::sort(closing.refused.begin(), closing.refused.end());
        if (closing.accepted.size() < plan_.minimum_cohort) {
            closing.outcome = aggregation::round_outcome::below_minimum_cohort;
            closing.aggregate = {};
        }
        return end_with(rewrite(size,
                                [&](const audit::record& record) {
                                    if (!is_contribution_of(record, *victim))
                                        return std::optional(same(record));
                                    const auto parsed =
                                        take(aggregation::contribution_record::parse(record.body), "record");
                                    const aggregation::refusal made{parsed.header, parsed.received_at, 11};
                                    return std::optional(lax_log::entry{
                                        static_cast<std::uint16_t>(record_type::refusal), made.serialize()});
                                }),
                        closing);
    }
    case aggregator_kind::wrong_product:
        if (closing.outcome != aggregation::round_outcome::open_for_decryption) return false;
        if (silent && bus_.now() <= round().header().closes_at) return false;
        blame(aggregation::name_of_aggregator());
        closing.aggregate[0] ^= 1;
        return end_with(rewrite(size, keep), closing);
    case aggregator_kind::wrong_list: {
        if (!victim || (silent && bus_.now() <= round().header().closes_at)) return false;
        blame(aggregation::name_of_aggregator());
        std::erase(closing.accepted, id_of(*victim));
        closing.silent.push_back(id_of(*victim));
        std::sort(closing.silent.begin(), closing.silent.end());
        return end_with(rewrite(size, keep), closing);
    }
    case aggregator_kind::drops_recorded: {
        // Someone who holds a receipt; the rest must still be a cohort, and the time over.
        if (bus_.now() <= round().header().closes_at) return false;
        std::optional<std::size_t> holder;
        for (const auto& [client, tag] : out_.reference.back().accepted())
            if (plan_.clients[round_][client] == client_kind::honest && world_.clients->has_receipt(client))
                holder = client;
        if (!holder || closing.accepted.size() <= plan_.minimum_cohort) return false;
        out_.victim = holder;
        auto log = rewrite(size, without(*holder));
        close_lax(*log);
        out_.reference.back().withdraw(*holder);
        forged_ = std::move(log);
        freeze();
        return true;
    }
    case aggregator_kind::split_view: {
        if (!victim || closing.accepted.size() <= plan_.minimum_cohort) return false;
        if (bus_.now() <= round().header().closes_at) return false;
        second_ = rewrite(size, without(*victim));
        close_lax(*second_);
        out_.attacked = true;
        return false; // the first view is the library's
    }
    default:
        return false;
    }
}
void simulated_aggregator::close_lax(lax_log& log) {
    require(log.fold().has_value(), "a rewritten log that is wrong");
    take(log.put_body(log.fold()->aggregate().serialize()), "body");
    take(log.commit(static_cast<std::uint16_t>(record_type::round_closed),
                    log.fold()->closing(bus_.now()).serialize()),
         "closing of a rewritten log");
}
// The library's aggregator stops here.
void simulated_aggregator::freeze() {
    collecting_.reset();
    opening_.reset();
    idle_.reset();
}

// A refused contribution, with its proof or bytes wrong, recorded as accepted.
bool simulated_aggregator::unverified_record(bool expected) {
    std::optional<std::uint64_t> found;
    std::optional<aggregation::refusal> refused;
    const std::uint64_t size = honest_log().size();
    for (std::uint64_t i = 1; i < size; ++i) {
        const auto record = take(honest_log().read(i), "record");
        if (record.type != static_cast<std::uint16_t>(record_type::refusal)) continue;
        const auto parsed = take(aggregation::refusal::parse(record.body), "refusal");
        if (parsed.reason == 4 || parsed.reason == aggregation::equivocation ||
            parsed.header.round != round().header().round)
            continue;
        found = i;
        refused = parsed;
    }
    if (!found) return false;
    auto closing = collecting_->state().closing(bus_.now());
    std::erase(closing.refused, refused->header.client);
    closing.accepted.push_back(refused->header.client);
    auto log = rewrite(size, [&](const audit::record& record) {
        if (record.sequence != *found) return std::optional(same(record));
        const aggregation::contribution_record made{refused->header, refused->received_at};
        return std::optional(
            lax_log::entry{static_cast<std::uint16_t>(record_type::contribution), made.serialize()});
    });
    log->add(static_cast<std::uint16_t>(record_type::round_closed), closing.serialize());
    forged_ = std::move(log);
    if (expected) blame("client " + to_hex(refused->header.client));
    return true;
}

// A result that the partial decryptions do not give, or without any.
bool simulated_aggregator::forge_result(bool has_answers) {
    auto log = rewrite(honest_log().size(), [&](const audit::record& r) { return std::optional(same(r)); });
    const auto& state = opening_->state();
    aggregation::opening opened;
    if (has_answers) {
        const auto decided = state.decide(rng_);
        if (!decided) return false;
        opened = decided->opened;
        opened.sums[0] += 1;
    } else {
        opened.sums.resize(round().layout().data_rows() * round().layout().columns());
        opened.blindings.resize(round().layout().data_rows());
    }
    const bytes body = opened.serialize(round().layout());
    aggregation::round_result made;
    made.round = round().header().round;
    for (std::uint32_t i = 1; i <= plan_.quorum; ++i) made.quorum.push_back(party_id(i));
    made.opening = take(log->put_body(body), "body");
    made.update = aggregation::update_digest(opened.sums, round().header().layout.d);
    std::uint64_t weight = 0;
    for (const auto& [client, tag] : out_.reference.back().accepted()) weight += plan_.weights[client];
    const auto next = model_->updated(opened.sums, weight, round().header().format);
    if (!next) return false;
    made.model = take(log->put_body(next->serialize()), "body");
    log->add(static_cast<std::uint16_t>(record_type::round_result), made.serialize());
    forged_ = std::move(log);
    freeze();
    blame(aggregation::name_of_aggregator());
    out_.attacked = true;
    trace("the aggregator writes a forged result");
    return true;
}
// The last valid answer recorded as a wrong one.
bool simulated_aggregator::forge_partial_refusal() {
    std::optional<std::uint64_t> last;
    for (std::uint64_t i = 1; i < honest_log().size(); ++i)
        if (take(honest_log().read(i), "record").type == static_cast<std::uint16_t>(record_type::partial))
            last = i;
    if (!last) return false;
    auto log = rewrite(honest_log().size(), [&](const audit::record& record) {
        auto entry = same(record);
        if (record.sequence == *last) entry.type = static_cast<std::uint16_t>(record_type::partial_refusal);
        return std::optional(std::move(entry));
    });
    forged_ = std::move(log);
    freeze();
    blame(aggregation::name_of_aggregator());
    out_.attacked = true;
    return true;
}
// The round opened once: the same round closed with a client less, for everybody.
void simulated_aggregator::ask_again() {
    const auto victim = honest_accepted();
    if (!victim || out_.reference.back().accepted().size() <= plan_.minimum_cohort) return;
    std::uint64_t size = 0;
    while (take(honest_log().read(size), "record").type !=
               static_cast<std::uint16_t>(record_type::round_closed) ||
           is_earlier_closing(size))
        ++size;
    if (bus_.now() <= round().header().closes_at) return;
    second_ = rewrite(size, [&](const audit::record& record) {
        return is_contribution_of(record, *victim) ? std::nullopt : std::optional(same(record));
    });
    close_lax(*second_);
    out_.attacked = true;
    asks_again_ = true;
    if (attempts_ > 8) wake(bus_.now() + 1, notify); // the last answer came after the last attempt
    attempts_ = 0;
    trace("the aggregator asks for a second opening");
    if (draw_.below(2) == 0)
        for (std::uint32_t i = 1; i <= plan_.trustees; ++i) world_.trustees->restart_trustee(i);
}
bool simulated_aggregator::is_earlier_closing(std::uint64_t index) const {
    const auto record = take(honest_log().read(index), "record");
    const auto closed = aggregation::round_closed::parse(record.body);
    return closed && closed->round != round().header().round;
}

// As the library's aggregator does it. True if it counts.
bool simulated_aggregator::take_partial(lax_log& log, const aggregation::partial_message& message) {
    if (log.fold()->phase() != aggregation::session_phase::opening) return false;
    take(log.put_body(message.body), "body");
    const bytes header = message.header.serialize();
    if (log.commit(static_cast<std::uint16_t>(record_type::partial), header)) return true;
    (void)log.commit(static_cast<std::uint16_t>(record_type::partial_refusal), header).has_value();
    return false;
}

void simulated_aggregator::finish_forged() {
    const auto decided = forged_->fold()->decide(rng_);
    if (!decided) {
        out_.no_result = decided.error();
        return;
    }
    take(forged_->put_body(decided->opened.serialize(round().layout())), "body");
    take(forged_->put_body(decided->next.serialize()), "body");
    take(forged_->commit(static_cast<std::uint16_t>(record_type::round_result), decided->record.serialize()),
         "result");
    attempts_ = 100;
}

} // namespace veilsum::test
