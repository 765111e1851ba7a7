// The light audit: is the opened sum the sum of the listed commitments? Without ciphertexts, proofs or
// partial decryptions; 32 K bytes a client instead of the whole contribution.
//
//     sum_u g_u C_{u,i} = sum_c X_{i,c} G_c + R_i H          for every row i of every opened round
//
// It folds the same records as session_state.hpp, with the same steps, and checks of each
//
//     contribution   who signed it and when (checks 1 to 4), row commitments and row digest (7, 8)
//     refusal        that the client signed what was refused; of equivocation, that there are two
//     enrolment, removal, key_rotated, round_opened   everything
//     round_closed   accepted, refused and silent clients; time
//     round_result   the opening: X in the range of its total weight, R below l, the equation above;
//                    the digests of update and model
//
// What that proves without trust: (X, R) opens the product of exactly the listed commitments, and nobody can
// find another opening (discrete logarithms in ristretto255). Wrong partial decryptions, a wrong product, a
// listed client left out or counted twice cannot pass; how X was found does not matter.
//
// What it trusts: (a) that somebody honest ran the full audit, that is the proofs, and would have objected:
// without it a listed commitment may hold values out of range or above the norm bound; (b) that refusals were
// right; (c) that the log shows everybody the same. The verdict says "light".
//
// spec: validity proofs, section 10.3
//
// Cost: K decodings and additions a client, one sum of K + C + 1 products a round.
#pragma once

#include <veilsum/aggregation/audit_step.hpp>
#include <veilsum/aggregation/body_reader.hpp>
#include <veilsum/aggregation/contribution.hpp>
#include <veilsum/aggregation/model.hpp>
#include <veilsum/aggregation/opening.hpp>
#include <veilsum/aggregation/record_blame.hpp>
#include <veilsum/aggregation/record_types.hpp>
#include <veilsum/aggregation/refusal.hpp>
#include <veilsum/aggregation/round.hpp>
#include <veilsum/aggregation/round_abandoned.hpp>
#include <veilsum/aggregation/round_closed.hpp>
#include <veilsum/aggregation/round_result.hpp>
#include <veilsum/aggregation/session.hpp>
#include <veilsum/aggregation/session_facts.hpp>
#include <veilsum/aggregation/session_register.hpp>
#include <veilsum/aggregation/session_state.hpp>
#include <veilsum/audit/record.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/pedersen/row_commitment.hpp>
#include <veilsum/pedersen/row_digest.hpp>
#include <veilsum/random/random_source.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::aggregation {

template <class Scheme>
class light_session {
    using rows = std::vector<pedersen::row_commitment>;

    struct open_round {
        round_facts facts;
        std::vector<byte_array<32>> order;
        std::map<byte_array<32>, std::pair<contribution_header, std::uint32_t>> accepted; // with weights
        std::set<byte_array<32>> refused;
        rows sums; // weighted, K of them once somebody is accepted
        std::uint64_t clock;
    };

  public:
    // From the session's first record. Checks and errors are those of `open_session`; culprit: the
    // aggregator.
    static result<light_session> open(const audit::record& first, const body_reader& bodies,
                                      const step_watcher& watcher = {}) {
        enter(watcher, audit_step::ceremony);
        auto facts = open_session<Scheme>(first, bodies);
        if (!facts) return facts.error();
        return light_session(*std::move(facts));
    }

    // An error's place begins with the number of the record; after an error nothing has changed.
    template <random::random_source Source>
    result<void> apply(const audit::record& record, const body_reader& bodies, Source& rng,
                       const step_watcher& watcher = {}) {
        enter(watcher, audit_step::chain);
        const watched_bodies watched(bodies);
        auto done = record.sequence != next_record_ || record.previous != head_
                        ? result<void>(by_aggregator(errc::mismatch, "record does not continue the log"))
                    : record.version != record_version
                        ? result<void>(error{errc::unsupported, "record version"})
                        : fold(record, watched.reader(), rng, watcher);
        if (!done) return refused_record(done.error(), record, watched.complete());
        head_ = audit::record_hash(record);
        ++next_record_;
        return {};
    }

    session_phase phase() const { return phase_; } // what may follow
    // Of the round in progress: phase() is collecting or opening. Enough for a client to contribute to it.
    const round_facts& round() const {
        expects(current_.has_value());
        return current_->facts;
    }
    std::uint64_t size() const { return next_record_; }                      // records that were folded
    const session_facts<Scheme>& facts() const { return register_.facts(); } // header and ceremony in force
    const session_register<Scheme>& standing() const { return register_; }   // pool, models and budget
    const session_end& end() const { return end_; }                          // once the session has ended

  private:
    explicit light_session(session_facts<Scheme> facts) : head_(facts.id), register_(std::move(facts)) {}

    static error by_aggregator(errc code, std::string_view what) {
        return error{code, what, 0, {}, name_of_aggregator()};
    }

    template <class Source>
    result<void> fold(const audit::record& record, const body_reader& bodies, Source& rng,
                      const step_watcher& watcher) {
        const auto turn = [&](audit_step step, session_phase expected) -> result<void> {
            enter(watcher, step);
            if (phase_ != expected) return by_aggregator(errc::malformed, "record out of turn");
            return {};
        };
        switch (static_cast<record_type>(record.type)) {
        case record_type::enrolment: {
            if (auto now = turn(audit_step::round_opened, session_phase::between_rounds); !now) return now;
            const auto who = register_.check_enrolment(record);
            if (!who) return who.error();
            register_.enrol(*who, record.sequence);
            return {};
        }
        case record_type::removal: {
            if (auto now = turn(audit_step::round_opened, session_phase::between_rounds); !now) return now;
            const auto client = register_.check_removal(record);
            if (!client) return client.error();
            register_.remove(*client);
            return {};
        }
        case record_type::key_rotated: {
            if (auto now = turn(audit_step::ceremony, session_phase::between_rounds); !now) return now;
            auto next = register_.check_rotation(record, bodies);
            if (!next) return next.error();
            register_.rotate(*std::move(next));
            return {};
        }
        case record_type::round_opened:
            if (auto now = turn(audit_step::round_opened, session_phase::between_rounds); !now) return now;
            return open_round_of(record, bodies);
        case record_type::contribution:
            if (auto now = turn(audit_step::contribution, session_phase::collecting); !now) return now;
            return accept(record, bodies);
        case record_type::refusal:
            if (auto now = turn(audit_step::refusal, session_phase::collecting); !now) return now;
            return refuse(record, bodies);
        case record_type::round_closed:
            if (auto now = turn(audit_step::round_closed, session_phase::collecting); !now) return now;
            return close(record);
        case record_type::partial:
        case record_type::partial_refusal:
            // However the opening was found, it is checked against the commitments.
            return turn(audit_step::partial, session_phase::opening);
        case record_type::round_result:
            if (auto now = turn(audit_step::combination, session_phase::opening); !now) return now;
            return finish(record, bodies, rng, watcher);
        case record_type::round_abandoned:
            if (auto now = turn(audit_step::combination, session_phase::opening); !now) return now;
            return abandon(record);
        case record_type::session_closed: {
            if (auto now = turn(audit_step::artifacts, session_phase::between_rounds); !now) return now;
            auto end = session_end::parse(record.body);
            if (!end) return end.error();
            end_ = *std::move(end);
            phase_ = session_phase::ended;
            return {};
        }
        case record_type::session_opened:
            return by_aggregator(errc::malformed, "record out of turn");
        }
        return error{errc::unsupported, "record type"};
    }

    result<void> open_round_of(const audit::record& record, const body_reader& bodies) {
        auto opened = register_.check_round_opened(record, bodies);
        if (!opened) return opened.error();
        round_facts facts = register_.open(*std::move(opened), record.sequence);
        const std::uint64_t opens_at = facts.header().opens_at;
        current_.emplace(open_round{std::move(facts), {}, {}, {}, {}, opens_at});
        phase_ = session_phase::collecting;
        return {};
    }

    // Checks 7 and 8: the row commitments at the front of the body are those that the client signed.
    result<rows> rows_of(const contribution_header& header, const body_reader& bodies) const {
        const std::string culprit = "client " + to_hex(header.client);
        const std::size_t K = current_->facts.layout().data_rows();
        auto body = bodies(header.body, body_bytes<Scheme>(current_->facts, facts().header.policy));
        if (!body) return std::move(body).error().in_check(body.error().code == errc::out_of_range ? 5 : 6);
        if (body->size() < 32 * K) return error{errc::malformed, "length of the contribution", 5};
        auto parsed = pedersen::parse_rows(byte_view(*body).first(32 * K), K);
        if (!parsed) return std::move(parsed).error().in_check(7).by(culprit);
        if (pedersen::row_digest(*parsed) != header.rows)
            return error{errc::mismatch, "row digest", 8, {}, culprit};
        return parsed;
    }

    result<void> accept(const audit::record& record, const body_reader& bodies) {
        const auto parsed = contribution_record::parse(record.body);
        if (!parsed) return parsed.error();
        const contribution_header& header = parsed->header;
        if (current_->accepted.contains(header.client) || current_->refused.contains(header.client))
            return by_aggregator(errc::duplicate, "second contribution of a client");
        if (parsed->received_at < current_->clock)
            return by_aggregator(errc::refused, "clock of the record runs backwards");
        const auto weight = check_contribution_header(current_->facts, header, parsed->received_at);
        if (!weight) return weight.error();
        const auto committed = rows_of(header, bodies);
        if (!committed) return committed.error();
        add(*committed, group::scalar::from_u64(*weight));
        current_->order.push_back(header.client);
        current_->accepted.emplace(header.client, std::pair{header, *weight});
        current_->clock = parsed->received_at;
        return {};
    }

    result<void> refuse(const audit::record& record, const body_reader& bodies) {
        const auto parsed = refusal::parse(record.body);
        if (!parsed) return parsed.error();
        const contribution_header& header = parsed->header;
        if (parsed->received_at < current_->clock)
            return by_aggregator(errc::refused, "clock of the record runs backwards");
        if (current_->refused.contains(header.client))
            return by_aggregator(errc::refused, "second refusal of a client");
        const auto arrived = check_contribution_header(current_->facts, header, parsed->received_at);
        const std::uint32_t failed = arrived ? 0 : arrived.error().check;
        if (failed != 0 && failed != 4) return arrived.error();
        const auto counted = current_->accepted.find(header.client);
        if (parsed->reason == equivocation) {
            if (counted == current_->accepted.end() ||
                (counted->second.first.rows == header.rows && counted->second.first.body == header.body))
                return by_aggregator(errc::refused, "equivocation without two contributions");
            const auto withdrawn = rows_of(counted->second.first, bodies);
            if (!withdrawn) return withdrawn.error();
            add(*withdrawn, -group::scalar::from_u64(counted->second.second));
            std::erase(current_->order, header.client);
            current_->accepted.erase(counted);
        } else if (counted != current_->accepted.end()) {
            return by_aggregator(errc::refused, "refusal of a client that is counted");
        }
        current_->refused.insert(header.client);
        current_->clock = parsed->received_at;
        return {};
    }

    void add(const rows& committed, const group::scalar& weight) {
        const bool plain = weight == group::scalar::one();
        if (current_->sums.empty()) current_->sums.resize(committed.size(), pedersen::row_commitment::zero());
        parallel_for(committed.size(), [&](std::size_t i) {
            const group::point& row = committed[i].value();
            current_->sums[i] =
                pedersen::row_commitment(current_->sums[i].value() + (plain ? row : weight * row));
        });
    }

    result<void> close(const audit::record& record) {
        const auto parsed = round_closed::parse(record.body);
        if (!parsed) return parsed.error();
        const round_header& header = current_->facts.header();
        std::vector<byte_array<32>> refused(current_->refused.begin(), current_->refused.end()), silent;
        for (const roster_entry& entry : current_->facts.members().entries())
            if (!current_->accepted.contains(entry.client.bytes()) &&
                !current_->refused.contains(entry.client.bytes()))
                silent.push_back(entry.client.bytes());
        if (parsed->round != header.round) return by_aggregator(errc::wrong_context, "round of the closing");
        if (parsed->closed_at < current_->clock)
            return by_aggregator(errc::refused, "clock of the record runs backwards");
        if (!silent.empty() && parsed->closed_at <= header.closes_at)
            return by_aggregator(errc::refused, "round closed before its time while clients were silent");
        if (parsed->accepted != current_->order) return by_aggregator(errc::mismatch, "accepted clients");
        if (parsed->refused != refused) return by_aggregator(errc::mismatch, "refused clients");
        if (parsed->silent != silent) return by_aggregator(errc::mismatch, "silent clients");
        const bool opens = current_->order.size() >= header.minimum_cohort;
        if (opens != (parsed->outcome == round_outcome::open_for_decryption))
            return by_aggregator(errc::mismatch, "outcome of the round");
        if (opens)
            phase_ = session_phase::opening;
        else
            leave_without_result();
        return {};
    }

    // Why is not looked at: answers are not checked here.
    result<void> abandon(const audit::record& record) {
        const auto parsed = round_abandoned::parse(record.body);
        if (!parsed) return parsed.error();
        if (parsed->round != current_->facts.header().round)
            return by_aggregator(errc::wrong_context, "round that is given up");
        leave_without_result();
        return {};
    }

    template <class Source>
    result<void> finish(const audit::record& record, const body_reader& bodies, Source& rng,
                        const step_watcher& watcher) {
        const auto claimed = round_result::parse(record.body);
        if (!claimed) return claimed.error();
        const encoding::matrix_layout& layout = current_->facts.layout();
        if (claimed->round != current_->facts.header().round)
            return by_aggregator(errc::wrong_context, "round of the result");

        enter(watcher, audit_step::commitments);
        std::uint64_t total = 0;
        for (const auto& [client, entry] : current_->accepted) total += entry.second;
        auto body = bodies(claimed->opening, opening::serialized_bytes(layout));
        if (!body) return std::move(body).error().at("opening");
        auto opened = opening::parse(layout, *body, total);
        if (!opened) return std::move(opened).error().in_check(3); // docs/spec/validity.md, 10.3
        const pedersen::generators generators(layout.columns());
        if (auto opens =
                pedersen::check_openings(generators, current_->sums, opened->sums, opened->blindings, rng);
            !opens)
            return opens;

        enter(watcher, audit_step::model_update);
        const std::uint32_t number = current_->facts.header().model_number;
        const model& current = register_.models()[number];
        if (claimed->update != update_digest(opened->sums, current.size()))
            return by_aggregator(errc::mismatch, "summed update");
        auto next = current.updated(opened->sums, total, current_->facts.header().format);
        if (!next) return next.error();
        if (claimed->model != next->digest()) return by_aggregator(errc::mismatch, "new model");
        if (auto stored = bodies(claimed->model, model::max_bytes); !stored)
            return std::move(stored).error().at("new model");
        register_.finish(number, *std::move(next), claimed->opening);
        leave_round();
        return {};
    }

    void leave_without_result() {
        register_.finish_without_result();
        leave_round();
    }
    void leave_round() {
        current_.reset();
        phase_ = session_phase::between_rounds;
    }

    hash::digest32 head_;
    session_register<Scheme> register_;
    std::uint64_t next_record_ = 1;
    session_phase phase_ = session_phase::between_rounds;
    std::optional<open_round> current_;
    session_end end_;
};

} // namespace veilsum::aggregation
