#include "support/simulated_session.hpp"

#include "support/lax_log.hpp"
#include "support/simulated_parties.hpp"
#include "support/temporary_folder.hpp"

#include <veilsum/aggregation/aggregator.hpp>
#include <veilsum/aggregation/auditor.hpp>
#include <veilsum/encoding/fixed_point.hpp>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

namespace veilsum::test {
namespace {

using scheme = session_scheme;
using aggregation::record_type;
using facts_of_session = aggregation::session_facts<scheme>;

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

constexpr int aggregator_node = 0; // clients are 1, 2, ..., trustees behind their base
constexpr int trustee_base = 100'000;
constexpr int outsider_node = 200'000;

// What an aggregator's timer is for.
enum timer : std::size_t { open_round, announce, close_if_heard, close_round, notify };

struct log_view {
    std::uint64_t size;
    std::function<result<audit::record>(std::uint64_t)> read;
    aggregation::body_reader bodies;
    template <class Log>
    static log_view of(const Log& log) {
        return {log.size(), [&log](std::uint64_t i) { return log.read(i); }, aggregation::bodies_of(log)};
    }
};

class simulation {
    using store = session_store;
    using idle = aggregation::idle_session<scheme, store>;
    using collecting = aggregation::collecting_round<scheme, store>;
    using opening = aggregation::opening_round<scheme, store>;
    using trustee_role = aggregation::trustee<scheme>;

    struct client_node {
        byte_array<32> seed{};
        byte_array<32> id{};
        std::string name;
        bool started = false;                               // in this round
        std::vector<std::pair<std::size_t, bytes>> message; // tag, bytes; sent again until a receipt comes
        std::vector<std::vector<std::int32_t>> values;      // [round]
        std::vector<std::pair<aggregation::pending_contribution, std::size_t>> pending; // and its round
        std::optional<bytes> earlier_body; // of the round before, for those who will use it again
        std::optional<bytes> earlier_message;
        std::vector<std::pair<audit::receipt, std::size_t>> receipts;
        std::uint32_t resent = 0;
    };
    struct trustee_node {
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

  public:
    explicit simulation(const session_plan& plan)
        : plan_(plan), base_(foundation::of(plan.quorum, plan.trustees)), folder_(memory_backed()),
          bus_(plan.seed ^ 0x6e65740000000000, plan.network), rng_(plan.seed ^ 0x7065657200000000),
          draw_(plan.seed ^ 0x6472617700000000) {
        out_.plan = plan;
        aggregator_seed_ = random::random_bytes<32>(rng_);
        idle_.emplace(take(idle::open(store(), base_.ceremony(), aggregation::exponent_policy::short_exponent,
                                      "simulated.example/log", key_of_seed(aggregator_seed_), rng_),
                           "session"));
        facts_.emplace(idle_->state().facts());
        for (const std::uint32_t weight : plan.weights) {
            client_node node;
            node.seed = random::random_bytes<32>(rng_);
            const auto id = key_of_seed(node.seed).verifying();
            node.id = id.bytes();
            node.name = aggregation::name_of(id);
            const auto message =
                aggregation::sign_enrolment(key_of_seed(node.seed), facts_->id, weight, 0).message();
            take(idle_->enrol(message, rng_), "enrolment");
            clients_.push_back(std::move(node));
        }
        model_.emplace(take(aggregation::model::of({0.5F, -1.0F, 0.0F, 2.0F}), "model"));
        for (std::uint32_t i = 1; i <= plan.trustees; ++i) {
            trustees_.emplace_back();
        }
        for (std::size_t i = 0; i < clients_.size(); ++i) {
            bool honest = true;
            for (const auto& round : plan.clients)
                honest = honest && (round[i] == client_kind::honest || round[i] == client_kind::silent ||
                                    round[i] == client_kind::late);
            if (honest) out_.honest_names.insert(clients_[i].name);
        }
        for (std::uint32_t i = 1; i <= plan.trustees; ++i)
            if (plan.trustee_kinds[i - 1] == trustee_kind::honest)
                out_.honest_names.insert(aggregation::name_of(party_id(i)));
    }

    observation run() {
        bus_.wake(aggregator_node, simulated_opening(0), open_round);
        for (std::uint32_t i = 0; i < plan_.trustees; ++i)
            if (plan_.restarts[i])
                bus_.wake(trustee_base + 1 + static_cast<int>(i), simulated_opening(0) + draw_.below(2000),
                          0);
        while (const auto next = bus_.next()) {
            if (next->to == aggregator_node)
                at_aggregator(*next);
            else if (next->to == outsider_node)
                at_outsider();
            else if (next->to > trustee_base)
                at_trustee(static_cast<std::uint32_t>(next->to - trustee_base), *next);
            else
                at_client(static_cast<std::size_t>(next->to - 1), *next);
        }
        finish();
        return std::move(out_);
    }

  private:
    void trace(std::string what) { out_.trace.push_back(std::to_string(bus_.now()) + " " + std::move(what)); }

    // --- the logs ---

    const store& honest_log() const {
        if (idle_) return idle_->store();
        if (collecting_) return collecting_->store();
        if (opening_) return opening_->store();
        return *ended_;
    }
    // 0: what the aggregator shows as its record; 1: what it shows beside.
    log_view view(int which) const {
        if (which == 1) return log_view::of(*second_);
        return forged_ ? log_view::of(*forged_) : log_view::of(honest_log());
    }
    const aggregation::round_facts& round() const { return *round_facts_; }
    std::unique_ptr<lax_log> rewrite(std::uint64_t size, const lax_log::change& edit) {
        return std::make_unique<lax_log>(honest_log(), size, *facts_, key_of_seed(aggregator_seed_), rng_,
                                         edit);
    }
    static lax_log::entry same(const audit::record& record) { return {record.type, record.body}; }

    // --- the aggregator ---

    void at_aggregator(const delivery& what) {
        if (!what.timer) {
            if (what.from > trustee_base && what.from != outsider_node)
                take_answer(what);
            else
                take_contribution(what);
            return;
        }
        switch (what.tag) {
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

    bool last_round() const { return round_ + 1 == plan_.rounds(); }
    bool attacks(aggregator_kind kind) const { return plan_.aggregator == kind && last_round(); }
    bool has_bug(planted_bug bug) const { return plan_.bug == bug; }

    void open() {
        if (!out_.reference.empty()) ++round_;
        auto opened =
            std::move(*idle_).open_round(simulated_header(plan_, round_), *model_, bus_.now(), rng_);
        idle_.reset();
        collecting_.emplace(take(std::move(opened), "round"));
        round_facts_.emplace(collecting_->state().round());
        out_.reference.emplace_back(round_, round().header().closes_at);
        tapped_.clear();
        tapped_answer_.reset();
        attempts_ = 0;
        for (client_node& client : clients_) {
            client.started = false;
            client.message.clear();
            client.resent = 0;
        }
        if (attacks(aggregator_kind::drops_unrecorded)) {
            const auto& kinds = plan_.clients[round_];
            const auto honest = std::find(kinds.begin(), kinds.end(), client_kind::honest);
            if (honest != kinds.end()) {
                out_.victim = static_cast<std::size_t>(honest - kinds.begin());
                out_.attacked = true;
            }
        }
        const std::uint64_t start = bus_.now();
        announce_round();
        for (const std::uint64_t later : {200U, 400U, 600U})
            bus_.wake(aggregator_node, start + later, announce);
        // Who is left out of a second closing is silent there, and that needs the time to be over.
        const bool needs_time = attacks(aggregator_kind::drops_recorded) ||
                                attacks(aggregator_kind::split_view) ||
                                attacks(aggregator_kind::second_opening);
        if (!needs_time) bus_.wake(aggregator_node, start + 500, close_if_heard);
        bus_.wake(aggregator_node, round().header().closes_at + 200, close_round);
        if (plan_.follows_early)
            for (const std::uint64_t later : {300U, 800U}) bus_.wake(aggregator_node, start + later, notify);
        if (plan_.outsiders[round_] != outsider_kind::none)
            bus_.wake(outsider_node, start + 30 + draw_.below(1200), 0);
        trace("round " + std::to_string(round_ + 1) + " opened");
    }

    void announce_round() {
        for (std::size_t i = 0; i < clients_.size(); ++i)
            if (!clients_[i].started) bus_.send(aggregator_node, static_cast<int>(i) + 1, 0, bytes{});
    }

    void take_contribution(const delivery& what) {
        const sent_contribution& sent = out_.contributions[what.tag];
        if (!collecting_) {
            trace("contribution " + std::to_string(what.tag) + " arrives when no round collects");
            return;
        }
        if (attacks(aggregator_kind::drops_unrecorded) && out_.victim == sent.client && sent.on_roster)
            return;
        out_.reference.back().contribution(sent, what.tag, bus_.now());
        auto receipt = collecting_->receive(what.content, bus_.now(), rng_);
        trace("contribution " + std::to_string(what.tag) + " of client " + std::to_string(sent.client) +
              (receipt ? ": accepted" : ": " + receipt.error().describe()));
        if (receipt) bus_.send(aggregator_node, what.from, 0, receipt->serialize());
    }

    std::optional<std::size_t> honest_accepted() const {
        for (const auto& [client, tag] : out_.reference.back().accepted())
            if (plan_.clients[round_][client] == client_kind::honest) return client;
        return std::nullopt;
    }

    void close() {
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
            if (attacks(aggregator_kind::result_unasked)) forge_result(false);
        }
        bus_.wake(aggregator_node, bus_.now() + 1, notify);
    }

    void next_round() {
        if (idle_ && !idle_->state().standing().models().empty())
            model_.emplace(idle_->state().standing().models().front());
        if (last_round()) return;
        bus_.wake(aggregator_node, simulated_opening(round_ + 1), open_round);
    }

    void notify_trustees() {
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
        if (waiting && !collecting_) bus_.wake(aggregator_node, bus_.now() + 100, notify);
    }
    void send_notice(std::uint32_t trustee, int which) {
        wire::writer out;
        out.u8(static_cast<std::uint8_t>(which));
        out.u64(view(which).size);
        bus_.send(aggregator_node, trustee_base + static_cast<int>(trustee), 0, std::move(out).take());
    }

    void take_answer(const delivery& what) {
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
            if (sent.view == 0) out_.reference.back().answer(sent);
            const auto taken = opening_->receive(what.content, rng_);
            trace("answer of trustee " + std::to_string(sent.trustee) +
                  (taken ? ": counted" : ": " + taken.error().describe()));
            if (!opening_->has_quorum()) return;
            if (attacks(aggregator_kind::second_opening) && !second_) {
                ask_again();
                if (second_) return;
            }
            const bool all = !plan_.waits_for_all || attempts_ > 8 ||
                             out_.reference.back().answered().size() + out_.reference.back().wrong().size() ==
                                 plan_.trustees;
            if (all && !second_) finish_round();
        } else if (forged_ && forged_->fold() &&
                   forged_->fold()->phase() == aggregation::session_phase::opening) {
            out_.reference.back().answer(sent);
            const auto message = aggregation::partial_message::parse(what.content, length(*forged_->fold()));
            if (message) take_partial(*forged_, *message);
            trace("answer of trustee " + std::to_string(sent.trustee) + " for the rewritten log");
            if (forged_->fold()->verified_partials() >= plan_.quorum) finish_forged();
        }
    }
    // As the library's aggregator does it. True if it counts.
    static bool take_partial(lax_log& log, const aggregation::partial_message& message) {
        if (log.fold()->phase() != aggregation::session_phase::opening) return false;
        take(log.put_body(message.body), "body");
        const bytes header = message.header.serialize();
        if (log.commit(static_cast<std::uint16_t>(record_type::partial), header)) return true;
        (void)log.commit(static_cast<std::uint16_t>(record_type::partial_refusal), header).has_value();
        return false;
    }

    void finish_round() {
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
    void finish_forged() {
        const auto decided = forged_->fold()->decide(rng_);
        if (!decided) {
            out_.no_result = decided.error();
            return;
        }
        take(forged_->put_body(decided->opened.serialize(round().layout())), "body");
        take(forged_->put_body(decided->next.serialize()), "body");
        take(forged_->commit(static_cast<std::uint16_t>(record_type::round_result),
                             decided->record.serialize()),
             "result");
        attempts_ = 100;
    }

    // --- attacks of the aggregator ---

    bool is_contribution_of(const audit::record& record, std::size_t client) const {
        if (record.type != static_cast<std::uint16_t>(record_type::contribution)) return false;
        const auto parsed = aggregation::contribution_record::parse(record.body);
        return parsed && parsed->header.client == clients_[client].id &&
               parsed->header.round == round().header().round;
    }
    void blame(std::string culprit) { out_.expected_culprit = std::move(culprit); }

    // Goes on with another log than the library's aggregator wrote. False where the attack is not possible.
    bool forge_closing(bool silent) {
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
        const auto id_of = [&](std::size_t client) { return clients_[client].id; };
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
                if (const auto record = take(honest_log().read(i), "record");
                    is_contribution_of(record, *victim))
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
            return end_with(
                rewrite(size,
                        [&](const audit::record& record) {
                            if (!is_contribution_of(record, *victim)) return std::optional(same(record));
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
                if (plan_.clients[round_][client] == client_kind::honest && has_receipt(client))
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
    bool has_receipt(std::size_t client) const {
        return std::any_of(clients_[client].receipts.begin(), clients_[client].receipts.end(),
                           [this](const auto& receipt) { return receipt.second == round_; });
    }
    void close_lax(lax_log& log) {
        require(log.fold().has_value(), "a rewritten log that is wrong");
        take(log.put_body(log.fold()->aggregate().serialize()), "body");
        take(log.commit(static_cast<std::uint16_t>(record_type::round_closed),
                        log.fold()->closing(bus_.now()).serialize()),
             "closing of a rewritten log");
    }
    // The library's aggregator stops here.
    void freeze() {
        ended_.emplace(honest_log());
        collecting_.reset();
        opening_.reset();
        idle_.reset();
    }

    // A refused contribution, with its proof or bytes wrong, recorded as accepted.
    bool unverified_record(bool expected) {
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
    bool forge_result(bool has_answers) {
        auto log =
            rewrite(honest_log().size(), [&](const audit::record& r) { return std::optional(same(r)); });
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
    bool forge_partial_refusal() {
        std::optional<std::uint64_t> last;
        for (std::uint64_t i = 1; i < honest_log().size(); ++i)
            if (take(honest_log().read(i), "record").type == static_cast<std::uint16_t>(record_type::partial))
                last = i;
        if (!last) return false;
        auto log = rewrite(honest_log().size(), [&](const audit::record& record) {
            auto entry = same(record);
            if (record.sequence == *last)
                entry.type = static_cast<std::uint16_t>(record_type::partial_refusal);
            return std::optional(std::move(entry));
        });
        forged_ = std::move(log);
        freeze();
        blame(aggregation::name_of_aggregator());
        out_.attacked = true;
        return true;
    }
    // The round opened once: the same round closed with a client less, for everybody.
    void ask_again() {
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
        attempts_ = 0;
        trace("the aggregator asks for a second opening");
        restart_before_asking_ = draw_.below(2) == 0;
        if (restart_before_asking_)
            for (std::uint32_t i = 1; i <= plan_.trustees; ++i) restart_trustee(i);
    }
    bool is_earlier_closing(std::uint64_t index) const {
        const auto record = take(honest_log().read(index), "record");
        const auto closed = aggregation::round_closed::parse(record.body);
        return closed && closed->round != round().header().round;
    }

    // --- clients ---

    std::vector<std::int32_t> draw_values() {
        std::vector<float> update(round().header().layout.d);
        for (float& value : update)
            value = static_cast<float>(static_cast<double>(draw_.below(200'001)) / 100'000.0 - 1.0);
        return take(encoding::quantise(update, round().header().format), "quantise");
    }

    std::size_t note(sent_contribution sent) {
        out_.contributions.push_back(std::move(sent));
        return out_.contributions.size() - 1;
    }
    void send(std::size_t client, std::size_t tag, const bytes& message) {
        bus_.send(static_cast<int>(client) + 1, aggregator_node, tag, message);
    }

    void at_client(std::size_t who, const delivery& what) {
        client_node& client = clients_[who];
        if (what.timer) {
            if (!client.started) return;
            if (client.message.empty()) {
                act(who); // was waiting for somebody to copy from, or for the end of the round
                return;
            }
            if (has_receipt(who) || ++client.resent > 4 || bus_.now() > round().header().closes_at + 300)
                return;
            for (const auto& [tag, message] : client.message) send(who, tag, message);
            bus_.wake(static_cast<int>(who) + 1, bus_.now() + 150 + draw_.below(100), 0);
            return;
        }
        if (what.content.empty()) {
            if (client.started) return;
            client.started = true;
            act(who);
            return;
        }
        const auto receipt = audit::receipt::parse(what.content);
        observed_receipt seen{who, round_, false, false};
        for (const auto& [pending, round] : client.pending)
            if (receipt && pending.confirm(*receipt)) {
                seen.round = round;
                seen.confirmed = true;
                client.receipts.emplace_back(*receipt, round);
            }
        out_.receipts.push_back(seen);
    }

    void act(std::size_t who) {
        client_node& client = clients_[who];
        const client_kind kind = plan_.clients[round_][who];
        const int node = static_cast<int>(who) + 1;
        const bool validity = plan_.validity;
        client_software software(round(), facts_->header, client.seed, rng_);
        const auto values = draw_values();
        sent_contribution sent;
        sent.round = round_;
        sent.client = who;
        sent.authentic = true;
        sent.content = ++contents_;
        const auto post = [&](aggregation::contribution_message message, effect what, std::uint16_t reason) {
            sent.what = what;
            sent.reason = reason;
            client.pending.emplace_back(
                aggregation::pending_contribution(message, facts_->header.origin,
                                                  key_of_seed(aggregator_seed_).verifying()),
                round_);
            const std::size_t tag = note(sent);
            client.message.emplace_back(tag, message.serialize());
            send(who, tag, client.message.back().second);
            bus_.wake(node, bus_.now() + 150, 0);
        };
        const auto honest = [&] {
            sent.values = values;
            auto body = software.body(values);
            if (round_ + 1 < plan_.rounds()) client.earlier_body = body;
            return software.sign(std::move(body));
        };
        const auto valid_check = [&](std::uint16_t suite1, std::uint16_t suite2) {
            return validity ? suite2 : suite1;
        };
        const std::size_t rows = 32 * round().layout().data_rows();
        const std::size_t audit_rows = 32 * round().layout().audit_rows();
        switch (kind) {
        case client_kind::honest: {
            auto message = honest();
            if (round_ + 1 < plan_.rounds()) client.earlier_message = message.serialize();
            tapped_.emplace_back(who, message);
            post(std::move(message), effect::counts, 0);
            break;
        }
        case client_kind::silent:
            break;
        case client_kind::late:
            if (bus_.now() <= round().header().closes_at)
                bus_.wake(node, round().header().closes_at + 1 + draw_.below(150), 0);
            else
                post(honest(), effect::counts, 0);
            break;
        case client_kind::malformed: {
            sent.authentic = false;
            bytes message = software.sign(software.body(values)).serialize();
            switch (draw_.below(4)) {
            case 0:
                message.resize(draw_.below(message.size()));
                break;
            case 1:
                message.push_back(0);
                break;
            case 2:
                message[draw_.below(12)] ^= 0x55; // frame
                break;
            default:
                message = draw_.draw(draw_.below(300));
            }
            const std::size_t tag = note(sent);
            client.message.emplace_back(tag, message);
            send(who, tag, message);
            break;
        }
        case client_kind::wrong_round:
            if (!client.earlier_message) break;
            sent.authentic = false;
            client.message.emplace_back(note(sent), *client.earlier_message);
            send(who, client.message.back().first, *client.earlier_message);
            break;
        case client_kind::bad_row: {
            auto body = software.body(values);
            std::fill_n(body.begin(), 32, std::uint8_t{0xff});
            post(software.sign(std::move(body)), effect::evidence, 7);
            break;
        }
        case client_kind::wrong_digest: {
            hash::digest64 other{};
            other[draw_.below(64)] = 1;
            post(software.sign(software.body(values), other), effect::evidence, 8);
            break;
        }
        case client_kind::bad_audit_row: {
            auto body = software.body(values);
            std::fill_n(body.begin() + static_cast<std::ptrdiff_t>(rows), 32, std::uint8_t{0xff});
            post(software.sign(std::move(body)), effect::evidence, valid_check(9, 103));
            break;
        }
        case client_kind::bad_ciphertext: {
            auto body = software.body(values);
            const std::size_t at = validity
                                       ? zk::validity_shape(round().layout())[zk::validity_field::cts].offset
                                       : rows + audit_rows;
            std::fill_n(body.begin() + static_cast<std::ptrdiff_t>(at), scheme::ciphertext_bytes,
                        draw_.below(2) == 0 ? std::uint8_t{0} : std::uint8_t{0xff});
            post(software.sign(std::move(body)), effect::evidence, valid_check(10, 105));
            break;
        }
        case client_kind::bad_proof: {
            auto body = software.body(values);
            body.back() ^= 1;
            post(software.sign(std::move(body)), effect::evidence, 11);
            break;
        }
        case client_kind::copied: {
            const auto other = std::find_if(tapped_.begin(), tapped_.end(),
                                            [&](const auto& seen) { return seen.first != who; });
            if (other == tapped_.end()) {
                if (bus_.now() + 100 < round().header().closes_at) bus_.wake(node, bus_.now() + 60, 0);
                break;
            }
            post(software.sign(other->second.body), effect::evidence, valid_check(11, 108));
            break;
        }
        case client_kind::other_round:
            if (client.earlier_body)
                post(software.sign(*client.earlier_body), effect::evidence, valid_check(11, 108));
            break;
        case client_kind::other_session:
            post(software.sign(software.of_other_session(values)), effect::evidence, 11);
            break;
        case client_kind::equivocates: {
            post(honest(), effect::counts, 0);
            sent.values = draw_values();
            sent.content = ++contents_;
            post(software.sign(software.body(sent.values)), effect::counts, 0);
            break;
        }
        case client_kind::twice_bad: {
            auto body = software.body(values);
            std::fill_n(body.begin(), 32, std::uint8_t{0xff});
            post(software.sign(std::move(body)), effect::evidence, 7);
            sent.content = ++contents_;
            post(honest(), effect::counts, 0);
            break;
        }
        case client_kind::spoiled:
            sent.spoils = !validity;
            sent.values = values;
            post(software.sign(software.spoiled(values, integer::bigint(1))),
                 validity ? effect::evidence : effect::counts, validity ? 111 : 0);
            break;
        case client_kind::out_of_range:
            post(software.sign(software.spoiled(values, integer::bigint(1) << round().layout().value_bits())),
                 effect::evidence, 111);
            break;
        case client_kind::norm_above:
            post(software.sign(software.above_norm()), effect::evidence, 108);
            break;
        }
    }

    void at_outsider() {
        if (!collecting_) return;
        sent_contribution sent;
        sent.round = round_;
        sent.content = ++contents_;
        if (tapped_.empty()) { // nobody to listen to yet
            if (bus_.now() + 100 < round().header().closes_at) bus_.wake(outsider_node, bus_.now() + 60, 0);
            return;
        }
        const auto& [client, overheard] = tapped_[draw_.below(tapped_.size())];
        aggregation::contribution_message message = overheard;
        sent.client = client;
        bytes sent_bytes;
        switch (plan_.outsiders[round_]) {
        case outsider_kind::none:
            return;
        case outsider_kind::stranger: {
            client_software software(round(), facts_->header, random::random_bytes<32>(rng_), rng_);
            sent.on_roster = false;
            sent_bytes = software.sign(message.body).serialize();
            break;
        }
        case outsider_kind::framed: // as if the client had signed something else
            message.body.back() ^= 1;
            message.header.body = hash::sha256(message.body);
            sent_bytes = message.serialize();
            break;
        case outsider_kind::swapped_body: // what the client signed, before other bytes: says only when it
                                          // came
            message.body.back() ^= 1;
            sent.authentic = true;
            for (const sent_contribution& earlier : out_.contributions)
                if (earlier.round == round_ && earlier.client == client && earlier.what == effect::counts)
                    sent.content = earlier.content;
            sent_bytes = message.serialize();
            break;
        case outsider_kind::garbage:
            sent_bytes = draw_.draw(draw_.below(2000));
            break;
        }
        bus_.send(outsider_node, aggregator_node, note(sent), sent_bytes);
    }

    // --- trustees ---

    std::filesystem::path journal_of(std::uint32_t index, bool second) const {
        return folder_ / ((second ? "second-" : "journal-") + std::to_string(index));
    }
    // A trustee that has read nothing yet may take over the fold of another that has read the beginning of
    // the same log: what it would come to by itself, at a third of the cost of a session.
    void start_trustee(std::uint32_t index, const log_view& log) {
        trustee_node& node = trustees_[index - 1];
        if (plan_.shares_folds)
            for (const trustee_node& other : trustees_) {
                if (!other.role || other.read < 2 || other.read > log.size || other.read <= node.read)
                    continue;
                if (audit::record_hash(take(log.read(other.read - 1), "record")) != other.head) continue;
                node.role.emplace(made_trustee(index, false, other.role->state()));
                node.read = other.read;
                node.head = other.head;
                return;
            }
        node.role.emplace(made_trustee(index, false, aggregation::session_state<scheme>(*facts_)));
    }
    trustee_role made_trustee(std::uint32_t index, bool second, aggregation::session_state<scheme> state) {
        return take(trustee_role::join(std::move(state), base_.share(index), base_.identity(index),
                                       take(audit::journal::open(journal_of(index, second)), "journal")),
                    "trustee");
    }
    void join_trustee(std::uint32_t index) {
        trustee_node& node = trustees_[index - 1];
        node.role.reset(); // releases the journal
        if (has_bug(planted_bug::forgetful_trustee)) std::filesystem::remove(journal_of(index, false));
        node.read = 1;
        node.answer.reset();
        node.refused = false;
    }
    // What a process that was stopped comes back with: share, identity, journal.
    void restart_trustee(std::uint32_t index) {
        trace("trustee " + std::to_string(index) + " restarts");
        join_trustee(index);
    }

    void at_trustee(std::uint32_t index, const delivery& what) {
        if (what.timer) {
            restart_trustee(index);
            return;
        }
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
        const log_view log = view(which);
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
        auto message = role.answer(rng_);
        if (!message) {
            refuse(index, which, message.error(), true);
            return;
        }
        const std::size_t answered = role.state().round().header().round - 1; // maybe not the newest
        // A log that is not longer than what was read before shows a trustee nothing new: it answers for
        // that.
        const bool for_second = second_ && second_->fold() &&
                                second_->fold()->phase() == aggregation::session_phase::opening &&
                                second_->fold()->aggregate_digest() == role.state().aggregate_digest();
        const int made_for = for_second ? 1 : 0;
        sent_answer sent{answered, index,    effect::counts,
                         made_for, !corrupt, role.state().aggregate_digest()};
        if (!corrupt) out_.honest_answers.push_back({index, answered, made_for, sent.aggregate});
        if (!tapped_answer_ && !second && which == 0 && answered == round_)
            tapped_answer_ = std::pair(index, message->body);
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
                if (!tapped_answer_ || tapped_answer_->first == index || answered != round_)
                    return; // nobody else has answered yet
                bent(tapped_answer_->second);
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
    }
    void post_answer(std::uint32_t index, std::size_t tag, const bytes& message) {
        bus_.send(trustee_base + static_cast<int>(index), aggregator_node, tag, message);
    }
    void refuse(std::uint32_t index, int which, const error& reason, bool answering) {
        trustee_node& node = trustees_[index - 1];
        if (node.refused) return;
        node.refused = true;
        if (plan_.trustee_kinds[index - 1] != trustee_kind::honest) return;
        trace("trustee " + std::to_string(index) + " refuses: " + reason.describe());
        out_.trustee_refusals.push_back({index, which, reason, answering});
    }

    // --- afterwards ---

    void finish() {
        if (idle_ && !forged_) {
            ended_.emplace(take(std::move(*idle_).end({}, rng_), "end"));
            idle_.reset();
        }
        if (forged_)
            judge(*forged_);
        else
            judge(honest_log());
        if (second_) {
            const audit::merkle_tree& first = honest_log().tree();
            const audit::merkle_tree& second = second_->tree();
            const bool shorter = second.size() < first.size();
            const auto& small = shorter ? second : first;
            const auto& large = shorter ? first : second;
            out_.views_contradict = !audit::verify_consistency(small.root(), small.size(), large.root(),
                                                               large.size(), large.consistency(small.size()));
        }
        plant();
    }

    template <class Log>
    void judge(const Log& log) {
        using namespace aggregation;
        trusting_fold<scheme>::known = plan_.full_ceremony ? nullptr : &*facts_;
        out_.full = audit_session<scheme, trusting_fold>(log, {}, {}, rng_);
        trusting_fold<scheme>::known = nullptr;
        if (plan_.light) out_.light = audit_session<scheme, light_session>(log, {}, {}, rng_);
        read_record(log);
        const auto note = take(log.read_checkpoint(), "checkpoint");
        const auto key = key_of_seed(aggregator_seed_).verifying();
        for (std::size_t client = 0; client < clients_.size(); ++client)
            for (const auto& [receipt, round] : clients_[client].receipts) {
                const auto tip =
                    audit::checkpoint::parse(take(audit::parse_note(receipt.checkpoint_note), "note").text);
                require(tip.has_value(), "checkpoint of a receipt");
                const bool there =
                    tip->size <= log.size() && receipt.verify_against(note, log.tree().consistency(tip->size),
                                                                      facts_->header.origin, key);
                for (observed_receipt& seen : out_.receipts)
                    if (seen.client == client && seen.round == round) seen.still_there = there;
            }
    }

    std::size_t place_of(const byte_array<32>& client) const {
        for (std::size_t i = 0; i < clients_.size(); ++i)
            if (clients_[i].id == client) return i;
        throw simulation_error("a client that is not on the roster is on the record");
    }

    template <class Log>
    void read_record(const Log& log) {
        std::optional<encoding::matrix_layout> layout;
        std::uint64_t weight = 0;
        for (std::uint64_t i = 1; i < log.size(); ++i) {
            const auto record = take(log.read(i), "record");
            switch (static_cast<record_type>(record.type)) {
            case record_type::round_opened: {
                out_.record.emplace_back();
                const auto header = take(aggregation::round_header::parse(record.body), "round header");
                layout.emplace(
                    take(encoding::matrix_layout::create(header.layout, scheme::modulus_bits), "layout"));
                break;
            }
            case record_type::refusal: {
                const auto parsed = take(aggregation::refusal::parse(record.body), "refusal");
                out_.record.back().refused.emplace_back(place_of(parsed.header.client), parsed.reason);
                break;
            }
            case record_type::round_closed: {
                const auto closed = take(aggregation::round_closed::parse(record.body), "closing");
                observed_round& seen = out_.record.back();
                seen.closed = true;
                seen.opened = closed.outcome == aggregation::round_outcome::open_for_decryption;
                weight = 0;
                for (const auto& client : closed.accepted) {
                    seen.accepted.push_back(place_of(client));
                    weight += plan_.weights[seen.accepted.back()];
                }
                for (const auto& client : closed.silent) seen.silent.push_back(place_of(client));
                break;
            }
            case record_type::partial:
                out_.record.back().partials.push_back(
                    take(aggregation::partial_header::parse(record.body), "partial").trustee);
                break;
            case record_type::partial_refusal:
                out_.record.back().wrong_partials.push_back(
                    take(aggregation::partial_header::parse(record.body), "partial").trustee);
                break;
            case record_type::round_result: {
                const auto result = take(aggregation::round_result::parse(record.body), "result");
                const auto body = take(log.get_body(result.opening, std::size_t{1} << 24), "opening");
                const auto opened = aggregation::opening::parse(*layout, body, weight);
                if (!opened) break; // of a forged result
                out_.record.back().sums.emplace(opened->sums.begin(),
                                                opened->sums.begin() +
                                                    static_cast<std::ptrdiff_t>(layout->values()));
                break;
            }
            default:
                break;
            }
        }
    }

    // Bugs that are planted into what is seen.
    void plant() {
        if (out_.record.empty()) return;
        observed_round& last = out_.record.back();
        switch (plan_.bug) {
        case planted_bug::sum_off_by_one:
            if (last.sums) (*last.sums)[draw_.below(last.sums->size())] += 1;
            break;
        case planted_bug::weight_forgotten:
            if (last.sums) {
                std::fill(last.sums->begin(), last.sums->end(), 0);
                for (const auto& [client, tag] : out_.reference.back().accepted())
                    for (std::size_t j = 0; j < last.sums->size(); ++j)
                        (*last.sums)[j] += out_.contributions[tag].values[j];
            }
            break;
        case planted_bug::wrong_culprit:
            for (auto& refused : last.refused) refused.first = (refused.first + 1) % clients_.size();
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
            for (std::uint32_t& trustee : last.wrong_partials) trustee = trustee % plan_.trustees + 1;
            break;
        case planted_bug::lenient_auditor:
            out_.full.failure.reset();
            break;
        case planted_bug::wrong_step:
            if (out_.full.failure)
                out_.full.failure->step =
                    static_cast<aggregation::audit_step>(static_cast<int>(out_.full.failure->step) + 1);
            break;
        case planted_bug::blames_nobody:
            if (out_.full.failure) out_.full.failure->reason.culprit.clear();
            break;
        case planted_bug::no_receipt_check:
            for (observed_receipt& receipt : out_.receipts) receipt.still_there = true;
            break;
        default:
            break;
        }
    }

    const session_plan plan_;
    const foundation& base_;
    temporary_folder folder_;
    simulated_bus bus_;
    seeded_random rng_;  // of the roles
    seeded_random draw_; // of what happens
    observation out_;
    byte_array<32> aggregator_seed_{};
    std::optional<facts_of_session> facts_;
    std::optional<aggregation::model> model_;
    std::vector<client_node> clients_;
    std::vector<trustee_node> trustees_;

    std::size_t round_ = 0;
    std::optional<aggregation::round_facts> round_facts_;
    std::optional<idle> idle_;
    std::optional<collecting> collecting_;
    std::optional<opening> opening_;
    std::optional<store> ended_;
    std::unique_ptr<lax_log> forged_; // instead of the honest log
    std::unique_ptr<lax_log> second_; // beside it
    bool asks_again_ = false;
    bool restart_before_asking_ = false;
    std::uint32_t attempts_ = 0;
    std::size_t contents_ = 0;
    std::vector<std::pair<std::size_t, aggregation::contribution_message>> tapped_; // honest, this round
    std::optional<std::pair<std::uint32_t, bytes>> tapped_answer_;
};

} // namespace

observation simulate(const session_plan& plan) {
    return simulation(plan).run();
}

} // namespace veilsum::test
