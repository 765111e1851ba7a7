// What the records between rounds have established: the ceremony in force, the pool of clients, the models,
// the privacy budget, and what the next cohort is drawn from.
//
//     enrolment, removal --> pool
//     key_rotated        --> ceremony in force
//     round_opened       --> privacy budget, a new model number
//     round_result       --> model of its number, randomness of the next draw
//
// The full and the light fold share it. Like theirs, `check_...` is const and says what a record would do;
// the others do it and cannot fail.
//
// Memory: all models, at most `most_models` of them; of clients and ledger what their headers say.
// spec: wire-format, sections 3.1 and 4
#pragma once

#include <veilsum/aggregation/body_reader.hpp>
#include <veilsum/aggregation/client_pool.hpp>
#include <veilsum/aggregation/enrolment.hpp>
#include <veilsum/aggregation/key_rotated.hpp>
#include <veilsum/aggregation/model.hpp>
#include <veilsum/aggregation/round.hpp>
#include <veilsum/aggregation/session_facts.hpp>
#include <veilsum/audit/record.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/privacy/accountant.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace veilsum::aggregation {

// What a `round_opened` record says, checked.
struct opened_round {
    round_facts facts;                         // for the fold of the round
    std::optional<model> first;                // with the first round of a model number
    std::optional<privacy::accountant> ledger; // with this round booked, if the session has a budget
};

// A client's enrolment that passed its checks.
struct enrolled {
    client_id client;
    enrolment content; // what it signed
};

template <class Scheme>
class session_register {
  public:
    explicit session_register(session_facts<Scheme> facts) : facts_(std::move(facts)) {}

    const session_facts<Scheme>& facts() const { return facts_; } // header and ceremony in force
    const client_pool& pool() const { return pool_; }             // clients, weights and serials
    std::uint64_t next_round() const { return next_round_; } // number that the next round must have, from 1
    // By model number.
    const std::vector<model>& models() const { return models_; }
    // Empty in a session without a budget, and before its first round.
    const std::optional<privacy::accountant>& budget() const { return budget_; }
    // Empty before the first result.
    const std::optional<draw_randomness>& randomness() const { return randomness_; }

    // The roster of the next round: everybody, or `drawn` clients. errc::missing: nothing to draw from, or
    // nobody is there; errc::out_of_range: fewer can take part.
    result<roster> roster_of_next(std::uint32_t drawn) const {
        if (drawn == 0) return pool_.everybody();
        if (!randomness_) return error{errc::missing, "result to draw the cohort from"};
        return pool_.draw(facts_.id, *randomness_, next_round_, drawn);
    }

    // Checks of `client_pool::check`; the signature under the client's own key among them.
    result<enrolled> check_enrolment(const audit::record& record) const {
        const auto content = enrolment::parse(record.body);
        if (!content) return content.error();
        const auto client = pool_.check(*content, facts_.id);
        if (!client) return client.error();
        return enrolled{*client, *content};
    }
    // The client must be in the pool.
    result<client_id> check_removal(const audit::record& record) const {
        const auto content = removal::parse(record.body);
        if (!content) return content.error();
        return pool_.check(*content);
    }
    // The facts from here on.
    result<session_facts<Scheme>> check_rotation(const audit::record& record,
                                                 const body_reader& bodies) const {
        const auto content = key_rotated::parse(record.body);
        if (!content) return content.error();
        if (auto approved = content->check_approvals(facts_.ceremony, facts_.id, record.previous); !approved)
            return approved.error();
        auto next = read_ceremony<Scheme>(content->ceremony, content->key, bodies);
        if (!next) return next.error();
        session_header header = facts_.header;
        header.ceremony = content->ceremony;
        header.key = content->key;
        return session_facts<Scheme>{facts_.id, std::move(header), *std::move(next)};
    }
    // The pre-flight (round.hpp), check 11 included.
    result<opened_round> check_round_opened(const audit::record& record, const body_reader& bodies) const {
        const auto header = round_header::parse(record.body);
        if (!header) return header.error();
        if (auto listed = bodies(header->roster, roster::max_bytes); !listed)
            return std::move(listed).error().at("roster");
        std::optional<model> first;
        const bool known = header->model_number < models_.size();
        if (!known) {
            auto body = bodies(header->model, model::max_bytes);
            if (!body) return std::move(body).error().at("model");
            if (hash::sha256(*body) != header->model) return error{errc::mismatch, "digest of the model"};
            auto parsed = model::parse(*body);
            if (!parsed) return parsed.error();
            first = *std::move(parsed);
        }
        round_terms terms;
        terms.session = facts_.id;
        terms.key = facts_.header.key;
        terms.policy = facts_.header.policy;
        terms.next_round = next_round_;
        terms.models = static_cast<std::uint32_t>(models_.size());
        if (known) terms.model = digests_[header->model_number];
        terms.model_weights = known ? models_[header->model_number].size() : first->size();
        auto facts =
            check_round<Scheme>(*header, audit::record_hash(record), terms, roster_of_next(header->drawn));
        if (!facts) return facts.error();
        auto ledger = check_ledger(*facts, bodies);
        if (!ledger) return std::move(ledger).error().in_check(11);
        return opened_round{*std::move(facts), std::move(first), *std::move(ledger)};
    }

    // `record` is the number of the record.
    void enrol(const enrolled& happened, std::uint64_t record) {
        pool_.enrol(happened.client, happened.content, record);
    }
    void remove(const client_id& client) { pool_.remove(client); } // after check_removal
    // After the checks of key_rotated.hpp.
    void rotate(session_facts<Scheme>&& next) { facts_ = std::move(next); }
    // Returns what the round's fold needs.
    round_facts open(opened_round&& happened, std::uint64_t record) {
        if (happened.first) {
            digests_.push_back(happened.first->digest());
            models_.push_back(*std::move(happened.first));
        }
        budget_ = std::move(happened.ledger);
        opened_at_ = record;
        return std::move(happened.facts);
    }
    // The round that was opened last is over, with a result or without.
    void finish(std::uint32_t number, model&& next, const hash::digest32& opening) {
        digests_[number] = next.digest();
        models_[number] = std::move(next);
        randomness_ = draw_randomness{opening, opened_at_};
        ++next_round_;
    }
    void finish_without_result() { ++next_round_; } // the round is over, models stay

  private:
    // Check 11; gives the round its noise. Empty: the session has no budget.
    result<std::optional<privacy::accountant>> check_ledger(round_facts& round,
                                                            const body_reader& bodies) const {
        using none = std::optional<privacy::accountant>;
        const round_header& header = round.header();
        const bool first = next_round_ == 1;
        if (!first && header.has_ledger() != budget_.has_value())
            return error{errc::mismatch, "a session has a privacy budget from its first round on or not"};
        if (!header.has_ledger()) return none();
        constexpr std::size_t cap = wire::frame_header_bytes + privacy::ledger_head_bytes +
                                    privacy::ledger_entry_bytes * privacy::most_ledger_entries;
        auto body = bodies(header.ledger, cap);
        if (!body) return std::move(body).error().at("privacy ledger");
        auto ledger = privacy::accountant::decode_next(*body, first ? nullptr : &*budget_);
        if (!ledger) {
            const std::uint32_t check = ledger.error().check;
            return std::move(ledger).error().at("privacy ledger, check " + std::to_string(check));
        }
        if (ledger->terms().scope != facts_.id)
            return error{errc::wrong_context, "scope of the privacy ledger"};
        const privacy::ledger_entry& entry = ledger->entries().back();
        const auto wrong = [](std::string_view what) { return error{errc::mismatch, what}; };
        if (entry.round != header.round) return wrong("round of the privacy ledger");
        if (entry.noise.clients != round.members().size()) return wrong("clients of the privacy ledger");
        if (entry.noise.dimension != header.layout.d) return wrong("dimension of the privacy ledger");
        if (entry.squared_norm <
            encoding::squared_norm_bound(header.format, header.layout.d, encoding::rounding::nearest))
            return wrong("norm of the privacy ledger is below that of an update");
        const auto plan = privacy::noise_plan::make(entry.noise);
        if (!plan) return plan.error();
        if ((header.layout.flags & encoding::flag_l2) == 0 ||
            header.layout.B2 != encoding::norm_bound_bytes(plan->noised_norm_bound(entry.squared_norm)))
            return wrong("norm bound of the round is not the ledger's");
        if (auto fits = plan->fits(header.format); !fits) return fits.error();
        if (header.minimum_cohort < plan->smallest_cohort())
            return error{errc::refused, "minimum cohort below what the noise was planned for"};
        if (round.members().largest_weight() != 1)
            return error{errc::refused, "weights with a privacy budget"};
        round.noise_ = *plan;
        return std::optional(*std::move(ledger));
    }

    session_facts<Scheme> facts_;
    client_pool pool_;
    std::vector<model> models_;
    std::vector<hash::digest32> digests_; // of them
    std::optional<privacy::accountant> budget_;
    std::optional<draw_randomness> randomness_;
    std::uint64_t opened_at_ = 0; // record of the last `round_opened`
    std::uint64_t next_round_ = 1;
};

} // namespace veilsum::aggregation
