// The state of a session as its record gives it: the one place that decides whether a record is right.
//
//     session_opened -> ( { enrolment | removal | key_rotated }*
//                         -> round_opened -> { contribution | refusal }* -> round_closed
//                         -> { partial | partial_refusal }* -> round_result | round_abandoned )*
//                    -> session_closed
//
// Everybody folds the same records through the same checks: the aggregator before it appends a record, a
// trustee before it answers, the auditor afterwards. `check` is const and says what a record would do;
// `store` does it and cannot fail. A record that is refused therefore leaves the state byte for byte as it
// was.
//
// Trust: nothing that is read is believed. A malicious aggregator that writes the log can stop the session or
// leave out a client before recording it (the receipt then proves it); it cannot make a fold accept a
// contribution without a proof, a product that is not the accepted set's, or an opening that is not the
// product's.
//
// Memory: one aggregate of ciphertexts and row commitments, the partial decryptions of a quorum, and some
// hundred bytes a client of the round; contributions are folded into the sum when they are stored and not
// kept. Of each opened round its set of clients stays; between rounds, what session_register.hpp says.
#pragma once

#include <veilsum/aggregation/audit_step.hpp>
#include <veilsum/aggregation/body_reader.hpp>
#include <veilsum/aggregation/ceremony.hpp>
#include <veilsum/aggregation/contribution.hpp>
#include <veilsum/aggregation/model.hpp>
#include <veilsum/aggregation/opening.hpp>
#include <veilsum/aggregation/opening_policy.hpp>
#include <veilsum/aggregation/partial_message.hpp>
#include <veilsum/aggregation/record_blame.hpp>
#include <veilsum/aggregation/record_types.hpp>
#include <veilsum/aggregation/refusal.hpp>
#include <veilsum/aggregation/round.hpp>
#include <veilsum/aggregation/round_abandoned.hpp>
#include <veilsum/aggregation/round_closed.hpp>
#include <veilsum/aggregation/round_result.hpp>
#include <veilsum/aggregation/session_facts.hpp>
#include <veilsum/aggregation/session_register.hpp>
#include <veilsum/audit/record.hpp>
#include <veilsum/paillier/operations.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/threshold/combine.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace veilsum::aggregation {

// Which records may follow: `between_rounds` an opening, an enrolment, a rotation or the end; while
// `collecting` contributions; while `opening` partial decryptions; none when it has `ended`.
enum class session_phase : std::uint8_t { between_rounds, collecting, opening, ended };

template <class Scheme>
class session_state {
    using ciphertexts = paillier::ciphertext_vector<Scheme>;
    using verified_partial = threshold::verified_partial<Scheme>;

    struct accepted_client {
        contribution_header header; // what the client signed
        std::uint32_t weight;
        std::uint64_t record; // its number on the log
    };
    struct answer {
        partial_header header; // what the trustee signed
        bool valid;
    };

    // A round from round_opened to round_result.
    struct open_round {
        round_facts facts;
        contribution_checker<Scheme> checker;
        std::vector<byte_array<32>> order; // accepted clients in the order of their records
        std::map<byte_array<32>, accepted_client> accepted;
        std::set<byte_array<32>> refused;
        std::optional<ciphertexts> sum; // weighted product so far; empty before the first
        std::vector<pedersen::row_commitment> row_sums;
        std::uint64_t clock = 0;                  // latest time on the round's records
        hash::digest32 aggregate{};               // digest of `sum` once the round is closed
        std::vector<verified_partial> partials;   // the first `quorum` that verified: what is combined
        std::map<std::uint32_t, answer> answered; // by trustee: what is on the record, right or wrong
        bool announced = false;                   // a partial decryption is on the record
    };

  public:
    // What a record would change. Made by `check`, consumed by `store`.
    struct enrolment_event {
        enrolled who; // who, and what was signed
    };
    // The client that leaves.
    struct removal_event {
        client_id client;
    };
    // The next ceremony takes over.
    struct rotation_event {
        session_facts<Scheme> next; // with the new ceremony
    };
    // Opened, with its first model and ledger.
    using round_opened_event = opened_round;
    // Verified, not yet in the sum.
    struct contribution_event {
        verified_contribution<Scheme> content; // ciphertexts and commitments
        std::uint64_t received_at;
    };
    // A refusal that its evidence bears out.
    struct refusal_event {
        refusal content;                                        // header and reason
        std::optional<verified_contribution<Scheme>> withdrawn; // with equivocation: what no longer counts
    };
    // Which contributions count.
    struct round_closed_event {
        round_closed content; // as on the record
    };
    // A right answer of a trustee.
    struct partial_event {
        verified_partial content; // ready to combine
        partial_header header;    // what the trustee signed
    };
    // A wrong answer, signed by its trustee.
    struct partial_refusal_event {
        partial_header header; // what the trustee signed
    };
    // The round has a result.
    struct result_event {
        model next;             // the model from now on
        hash::digest32 opening; // digest of the opening, which the next draw uses
    };
    // The round is given up.
    struct abandoned_event {};
    // Nothing may follow.
    struct session_closed_event {
        session_end content; // files that it names
    };
    // What a record would do: `check` makes it, `store` consumes it.
    using event = std::variant<enrolment_event, removal_event, rotation_event, round_opened_event,
                               contribution_event, refusal_event, round_closed_event, partial_event,
                               partial_refusal_event, result_event, abandoned_event, session_closed_event>;

    // `facts.id` is the hash of the first record.
    explicit session_state(session_facts<Scheme> facts) : head_(facts.id), register_(std::move(facts)) {}

    // From the session's first record. Checks are those of `open_session`; culprit: the aggregator.
    static result<session_state> open(const audit::record& first, const body_reader& bodies,
                                      const step_watcher& watcher = {}) {
        enter(watcher, audit_step::ceremony);
        auto facts = open_session<Scheme>(first, bodies);
        if (!facts) return facts.error();
        return session_state(*std::move(facts));
    }

    // May this record come next, and what would it change? `Source` supplies the verifier's secret weights
    // where checks are folded.
    template <random::random_source Source>
    result<event> check(const audit::record& record, const body_reader& bodies, Source& rng,
                        const step_watcher& watcher = {}) const {
        enter(watcher, audit_step::chain);
        if (record.sequence != next_record_ || record.previous != head_)
            return error{errc::mismatch, "record does not continue the log", 0, {}, name_of_aggregator()};
        if (record.version != record_version) return error{errc::unsupported, "record version"};
        const auto out_of_turn = [] {
            return error{errc::malformed, "record out of turn", 0, {}, name_of_aggregator()};
        };
        switch (static_cast<record_type>(record.type)) {
        case record_type::enrolment: {
            enter(watcher, audit_step::round_opened);
            if (phase_ != session_phase::between_rounds) return out_of_turn();
            auto who = register_.check_enrolment(record);
            if (!who) return who.error();
            return event(enrolment_event{*std::move(who)});
        }
        case record_type::removal: {
            enter(watcher, audit_step::round_opened);
            if (phase_ != session_phase::between_rounds) return out_of_turn();
            const auto client = register_.check_removal(record);
            if (!client) return client.error();
            return event(removal_event{*client});
        }
        case record_type::key_rotated: {
            enter(watcher, audit_step::ceremony);
            if (phase_ != session_phase::between_rounds) return out_of_turn();
            auto next = register_.check_rotation(record, bodies);
            if (!next) return next.error();
            return event(rotation_event{*std::move(next)});
        }
        case record_type::round_opened: {
            enter(watcher, audit_step::round_opened);
            if (phase_ != session_phase::between_rounds) return out_of_turn();
            auto opened = register_.check_round_opened(record, bodies);
            if (!opened) return opened.error();
            return event(*std::move(opened));
        }
        case record_type::contribution:
            enter(watcher, audit_step::contribution);
            if (phase_ != session_phase::collecting) return out_of_turn();
            return check_contribution_record(record, bodies, rng);
        case record_type::refusal:
            enter(watcher, audit_step::refusal);
            if (phase_ != session_phase::collecting) return out_of_turn();
            return check_refusal(record, bodies, rng);
        case record_type::round_closed:
            enter(watcher, audit_step::round_closed);
            if (phase_ != session_phase::collecting) return out_of_turn();
            return check_round_closed(record, bodies);
        case record_type::partial:
            if (phase_ == session_phase::opening) return check_partial_record(record, bodies, watcher);
            enter(watcher, audit_step::partial);
            return out_of_turn();
        case record_type::partial_refusal:
            enter(watcher, audit_step::partial);
            if (phase_ != session_phase::opening) return out_of_turn();
            return check_partial_refusal(record, bodies);
        case record_type::round_result:
            enter(watcher, audit_step::combination);
            if (phase_ != session_phase::opening) return out_of_turn();
            return check_result(record, bodies, rng, watcher);
        case record_type::round_abandoned:
            enter(watcher, audit_step::combination);
            if (phase_ != session_phase::opening) return out_of_turn();
            return check_abandoned(record, rng);
        case record_type::session_closed: {
            enter(watcher, audit_step::artifacts);
            if (phase_ != session_phase::between_rounds) return out_of_turn();
            auto end = session_end::parse(record.body);
            if (!end) return end.error();
            return event(session_closed_event{*std::move(end)});
        }
        case record_type::session_opened:
            return out_of_turn();
        }
        return error{errc::unsupported, "record type"};
    }

    // The record that `check` accepted, and what it said.
    void store(const audit::record& record, event&& happened) {
        expects(record.sequence == next_record_ && record.previous == head_);
        head_ = audit::record_hash(record);
        ++next_record_;
        std::visit([this](auto&& what) { this->apply_event(std::forward<decltype(what)>(what)); },
                   std::move(happened));
    }

    // check, then store. An error's place begins with the number of the record.
    template <random::random_source Source>
    result<void> apply(const audit::record& record, const body_reader& bodies, Source& rng,
                       const step_watcher& watcher = {}) {
        const watched_bodies watched(bodies);
        auto happened = check(record, watched.reader(), rng, watcher);
        if (!happened) return refused_record(happened.error(), record, watched.complete());
        store(record, *std::move(happened));
        return {};
    }

    session_phase phase() const { return phase_; } // which records may follow
    // How many records were folded, the first included, and the hash of the last.
    std::uint64_t size() const { return next_record_; }
    const hash::digest32& head() const { return head_; }                     // hash of the last record
    const session_facts<Scheme>& facts() const { return register_.facts(); } // header and ceremony in force
    // The one in force.
    const veilsum::aggregation::ceremony<Scheme>& ceremony() const { return facts().ceremony; }
    // Pool, models, budget: what the next round can build on.
    const session_register<Scheme>& standing() const { return register_; }
    const std::vector<opened_set>& history() const { return history_; } // opened so far, one a round
    const session_end& end() const { return end_; }                     // once the session has ended

    // Of the round in progress: phase() is collecting or opening.
    const round_facts& round() const { return current().facts; }
    // SHA-256 of the product, once closed.
    const hash::digest32& aggregate_digest() const { return current().aggregate; }
    const ciphertexts& aggregate() const { return *current().sum; } // the product so far
    std::uint64_t clock() const { return current().clock; } // latest time on the round's records, seconds
    std::size_t accepted() const { return current().order.size(); } // contributions counted so far
    // How many there are to combine: at most a quorum.
    std::size_t verified_partials() const { return current().partials.size(); }
    // Counted so far.
    bool has_accepted(const byte_array<32>& client) const { return current().accepted.contains(client); }
    // The earlier signed header of a client that is counted so far, if there is one.
    const contribution_header* accepted_header(const byte_array<32>& client) const {
        const auto at = current().accepted.find(client);
        return at == current().accepted.end() ? nullptr : &at->second.header;
    }
    // Number of the record of a client that is counted so far.
    std::optional<std::uint64_t> accepted_record(const byte_array<32>& client) const {
        const auto at = current().accepted.find(client);
        if (at == current().accepted.end()) return std::nullopt;
        return at->second.record;
    }
    // On the record as refused.
    bool has_refused(const byte_array<32>& client) const { return current().refused.contains(client); }
    // Whether this trustee's answer to the round is on the record, right or wrong.
    bool has_answered(party_id trustee) const { return current().answered.contains(trustee.index()); }
    // Its header, if it was right.
    const partial_header* valid_answer(std::uint32_t trustee) const {
        const auto at = current().answered.find(trustee);
        return at == current().answered.end() || !at->second.valid ? nullptr : &at->second.header;
    }

    // The set that would be opened now.
    opened_set candidate() const {
        const round_header& header = current().facts.header();
        opened_set set{header.round, header.minimum_cohort, facts().id,
                       header.model, current().aggregate,   {}};
        for (const auto& [client, entry] : current().accepted) set.members[client] = entry.weight;
        return set;
    }
    // May this product be opened, given what `earlier` and this session have opened? Errors:
    // opening_policy.hpp.
    result<void> check_opening_policy(std::span<const opened_set> earlier) const {
        return may_open(candidate(), current().order.size(), earlier);
    }

    // How the round would be closed now: the record that `check` will accept.
    round_closed closing(std::uint64_t now) const {
        const open_round& round = current();
        round_closed closed{
            round.facts.header().round, now, round_outcome::below_minimum_cohort, round.order, {}, {}, {}};
        for (const auto& client : round.refused) closed.refused.push_back(client);
        for (const roster_entry& entry : round.facts.members().entries())
            if (!round.accepted.contains(entry.client.bytes()) &&
                !round.refused.contains(entry.client.bytes()))
                closed.silent.push_back(entry.client.bytes());
        if (round.order.size() >= round.facts.header().minimum_cohort) {
            closed.outcome = round_outcome::open_for_decryption;
            closed.aggregate = hash::sha256(round.sum->serialize());
        }
        return closed;
    }

    // What a quorum's answers come to.
    struct decided {
        round_result record;                  // to append
        veilsum::aggregation::opening opened; // its body
        model next;                           // the body of the new model
    };
    // Combines the first `quorum` verified partial decryptions and derives the result from them: what steps
    // 10 to 12 of an audit check. Cost: quorum powers for each ciphertext, one multi-scalar multiplication of
    // C + K points.
    template <random::random_source Source>
    result<decided> decide(Source& rng) const {
        auto opened = combine_quorum();
        if (!opened) return opened.error();
        if (auto opens = check_commitments(*opened, rng); !opens) return opens.error();
        auto next = next_model(*opened);
        if (!next) return next.error();
        round_result record{current().facts.header().round, quorum(),
                            hash::sha256(opened->serialize(layout())),
                            update_digest(opened->sums, current_model().size()), next->digest()};
        return decided{std::move(record), *std::move(opened), *std::move(next)};
    }

    // Why the closed round can be given up now; empty: a quorum has answered, and there is a result.
    // Cost: that of `decide` once a quorum has answered.
    template <random::random_source Source>
    std::optional<abandoning> why_abandon(Source& rng) const {
        if (verified_partials() < ceremony().structure().quorum()) return abandoning::no_quorum;
        const auto opened = combine_quorum();
        if (!opened || !check_commitments(*opened, rng)) return abandoning::no_opening;
        return std::nullopt;
    }

  private:
    const open_round& current() const {
        expects(current_.has_value());
        return *current_;
    }

    template <class Source>
    result<event> check_contribution_record(const audit::record& record, const body_reader& bodies,
                                            Source& rng) const {
        const auto parsed = contribution_record::parse(record.body);
        if (!parsed) return parsed.error();
        if (has_accepted(parsed->header.client) ||
            has_refused(parsed->header.client)) // by whom: no signature was checked
            return error{errc::duplicate, "second contribution of a client"};
        if (parsed->received_at < current().clock)
            return error{errc::refused, "clock of the record runs backwards", 0, {}, name_of_aggregator()};
        auto content = current().checker.check(current().facts, *parsed, bodies, rng);
        if (!content) return content.error();
        return event(contribution_event{*std::move(content), parsed->received_at});
    }

    template <class Source>
    result<event> check_refusal(const audit::record& record, const body_reader& bodies, Source& rng) const {
        const auto parsed = refusal::parse(record.body);
        if (!parsed) return parsed.error();
        const open_round& round = current();
        const contribution_header& header = parsed->header;
        const auto unfounded = [](std::string_view what) {
            return error{errc::refused, what, 0, {}, name_of_aggregator()};
        };
        if (parsed->received_at < round.clock) return unfounded("clock of the record runs backwards");
        if (has_refused(header.client)) return unfounded("second refusal of a client");
        const auto arrived = check_contribution_header(round.facts, header, parsed->received_at);
        const std::uint32_t failed = arrived ? 0 : arrived.error().check;
        if (failed != 0 && failed != 4) return arrived.error(); // not signed by that client: no evidence
        if (parsed->reason == equivocation) {
            const contribution_header* earlier = accepted_header(header.client);
            if (earlier == nullptr) return unfounded("equivocation without an earlier contribution");
            if (earlier->rows == header.rows && earlier->body == header.body)
                return unfounded("equivocation with the same contribution");
            auto withdrawn = round.checker.check(
                round.facts, contribution_record{*earlier, round.facts.header().opens_at}, bodies, rng);
            if (!withdrawn) return withdrawn.error();
            return event(refusal_event{*parsed, *std::move(withdrawn)});
        }
        if (has_accepted(header.client)) return unfounded("refusal of a client that is counted");
        if (parsed->reason == 4) {
            if (failed != 4) return unfounded("refusal as late of a contribution in time");
            return event(refusal_event{*parsed, std::nullopt});
        }
        const auto content =
            round.checker.check(round.facts, contribution_record{header, parsed->received_at}, bodies, rng);
        if (content) return unfounded("refusal of a valid contribution");
        if (content.error().check == 5 || content.error().check == 6)
            return content.error(); // no evidence to be read
        if (content.error().check != parsed->reason)
            return unfounded("refusal for another reason than the evidence shows");
        return event(refusal_event{*parsed, std::nullopt});
    }

    result<event> check_round_closed(const audit::record& record, const body_reader& bodies) const {
        auto parsed = round_closed::parse(record.body);
        if (!parsed) return parsed.error();
        const auto wrong = [](errc code, std::string_view what) {
            return error{code, what, 0, {}, name_of_aggregator()};
        };
        const round_closed expected = closing(parsed->closed_at);
        if (parsed->round != expected.round) return wrong(errc::wrong_context, "round of the closing");
        if (parsed->closed_at < current().clock)
            return wrong(errc::refused, "clock of the record runs backwards");
        if (!expected.silent.empty() && parsed->closed_at <= current().facts.header().closes_at)
            return wrong(errc::refused, "round closed before its time while clients were silent");
        if (parsed->accepted != expected.accepted) return wrong(errc::mismatch, "accepted clients");
        if (parsed->refused != expected.refused) return wrong(errc::mismatch, "refused clients");
        if (parsed->silent != expected.silent) return wrong(errc::mismatch, "silent clients");
        if (parsed->outcome != expected.outcome) return wrong(errc::mismatch, "outcome of the round");
        if (parsed->aggregate != expected.aggregate)
            return wrong(errc::mismatch, "product of the ciphertexts");
        if (parsed->outcome == round_outcome::open_for_decryption)
            if (auto stored = bodies(parsed->aggregate, current().sum->size() * Scheme::ciphertext_bytes);
                !stored)
                return std::move(stored).error().at("product of the ciphertexts");
        return event(round_closed_event{*std::move(parsed)});
    }

    result<event> check_partial_record(const audit::record& record, const body_reader& bodies,
                                       const step_watcher& watcher) const {
        const open_round& round = current();
        if (!round.announced) {
            enter(watcher, audit_step::opening_policy);
            if (auto allowed = check_opening_policy(history_); !allowed) return allowed.error();
        }
        enter(watcher, audit_step::partial);
        const auto header = partial_header::parse(record.body);
        if (!header) return header.error();
        if (round.answered.contains(header->trustee)) return second_answer();
        auto content = check_partial(ceremony(), round.facts, *round.sum, round.aggregate, *header, bodies);
        if (!content) return content.error();
        return event(partial_event{*std::move(content), *header});
    }

    result<event> check_partial_refusal(const audit::record& record, const body_reader& bodies) const {
        const auto header = partial_header::parse(record.body);
        if (!header) return header.error();
        const open_round& round = current();
        if (round.answered.contains(header->trustee)) return second_answer();
        const auto trustee = check_partial_header(ceremony(), round.facts, round.aggregate, *header);
        if (!trustee) return trustee.error();
        const auto content =
            check_partial(ceremony(), round.facts, *round.sum, round.aggregate, *header, bodies);
        if (content)
            return error{errc::refused, "refusal of a valid partial decryption", 0, {}, name_of_aggregator()};
        if (content.error().check < 5) return content.error();
        return event(partial_refusal_event{*header});
    }

    // One answer a trustee and round, right or wrong: a trustee cannot fill the record with wrong ones.
    // Nobody is named: no signature was checked.
    static error second_answer() { return error{errc::duplicate, "second answer of a trustee"}; }

    template <class Source>
    result<event> check_result(const audit::record& record, const body_reader& bodies, Source& rng,
                               const step_watcher& watcher) const {
        const auto claimed = round_result::parse(record.body);
        if (!claimed) return claimed.error();
        const auto wrong = [](errc code, std::string_view what) {
            return error{code, what, 0, {}, name_of_aggregator()};
        };
        if (claimed->round != current().facts.header().round)
            return wrong(errc::wrong_context, "round of the result");
        auto opened = combine_quorum();
        if (!opened) return opened.error();
        if (claimed->quorum != quorum()) return wrong(errc::mismatch, "quorum of the result");
        const bytes opening_body = opened->serialize(layout());
        if (claimed->opening != hash::sha256(opening_body)) return wrong(errc::mismatch, "opening");
        if (auto stored = bodies(claimed->opening, opening_body.size()); !stored)
            return std::move(stored).error().at("opening");

        enter(watcher, audit_step::commitments);
        if (auto opens = check_commitments(*opened, rng); !opens) return opens.error();

        enter(watcher, audit_step::model_update);
        if (claimed->update != update_digest(opened->sums, current_model().size()))
            return wrong(errc::mismatch, "summed update");
        auto next = next_model(*opened);
        if (!next) return next.error();
        if (claimed->model != next->digest()) return wrong(errc::mismatch, "new model");
        if (auto stored = bodies(claimed->model, model::max_bytes); !stored)
            return std::move(stored).error().at("new model");
        return event(result_event{*std::move(next), claimed->opening});
    }

    template <class Source>
    result<event> check_abandoned(const audit::record& record, Source& rng) const {
        const auto claimed = round_abandoned::parse(record.body);
        if (!claimed) return claimed.error();
        if (claimed->round != current().facts.header().round)
            return error{errc::wrong_context, "round that is given up", 0, {}, name_of_aggregator()};
        const auto reason = why_abandon(rng);
        if (!reason || *reason != claimed->reason)
            return error{errc::refused,
                         "round is given up for another reason than the record shows",
                         0,
                         {},
                         name_of_aggregator()};
        return event(abandoned_event{});
    }

    const encoding::matrix_layout& layout() const { return current().facts.layout(); }
    std::uint64_t counted_weight() const {
        std::uint64_t total = 0;
        for (const auto& [client, entry] : current().accepted) total += entry.weight;
        return total;
    }
    std::span<const verified_partial> quorum_partials() const {
        return std::span<const verified_partial>(current().partials).first(ceremony().structure().quorum());
    }
    std::vector<party_id> quorum() const {
        std::vector<party_id> members;
        for (const verified_partial& partial : quorum_partials()) members.push_back(partial->party);
        std::sort(members.begin(), members.end());
        return members;
    }
    result<opening> combine_quorum() const {
        if (current().partials.size() < ceremony().structure().quorum())
            return error{errc::missing, "partial decryptions for a quorum"};
        auto blocks = threshold::combine(ceremony().key, ceremony().structure(), quorum_partials());
        if (!blocks) return blocks.error();
        return opening::from_blocks(layout(), *blocks, counted_weight());
    }
    template <class Source>
    result<void> check_commitments(const opening& opened, Source& rng) const {
        const pedersen::generators generators(layout().columns());
        return pedersen::check_openings(generators, current().row_sums, opened.sums, opened.blindings, rng);
    }
    result<model> next_model(const opening& opened) const {
        return current_model().updated(opened.sums, counted_weight(), current().facts.header().format);
    }

    const model& current_model() const { return register_.models()[current().facts.header().model_number]; }

    void apply_event(enrolment_event&& happened) { register_.enrol(happened.who, next_record_ - 1); }
    void apply_event(removal_event&& happened) { register_.remove(happened.client); }
    void apply_event(rotation_event&& happened) {
        register_.rotate(std::move(happened.next));
        checker_.reset(); // its tables are the old key's
    }
    void apply_event(round_opened_event&& happened) {
        round_facts facts = register_.open(std::move(happened), next_record_ - 1);
        const std::uint64_t opens_at = facts.header().opens_at;
        checker_ = contribution_checker<Scheme>(ceremony().key, facts, this->facts().header.policy,
                                                checker_ ? &*checker_ : nullptr);
        current_.emplace(
            open_round{std::move(facts), *checker_, {}, {}, {}, {}, {}, opens_at, {}, {}, {}, false});
        phase_ = session_phase::collecting;
    }
    void apply_event(contribution_event&& happened) {
        open_round& round = *current_;
        const verified_contribution<Scheme>& content = happened.content;
        fold(content, direction::add);
        round.order.push_back(content.header().client);
        round.accepted.emplace(content.header().client,
                               accepted_client{content.header(), content.weight(), next_record_ - 1});
        round.clock = happened.received_at;
    }
    void apply_event(refusal_event&& happened) {
        open_round& round = *current_;
        const byte_array<32>& client = happened.content.header.client;
        if (happened.withdrawn) {
            fold(*happened.withdrawn, direction::withdraw);
            round.accepted.erase(client);
            std::erase(round.order, client);
        }
        round.refused.insert(client);
        round.clock = happened.content.received_at;
    }
    void apply_event(round_closed_event&& happened) {
        open_round& round = *current_;
        round.aggregate = happened.content.aggregate;
        if (happened.content.outcome == round_outcome::open_for_decryption) {
            phase_ = session_phase::opening;
            return;
        }
        register_.finish_without_result();
        leave_round();
    }
    void apply_event(partial_event&& happened) {
        if (!current_->announced) {
            history_.push_back(candidate());
            current_->announced = true;
        }
        current_->answered.emplace(happened.header.trustee, answer{happened.header, true});
        if (current_->partials.size() < ceremony().structure().quorum())
            current_->partials.push_back(std::move(happened.content));
    }
    void apply_event(partial_refusal_event&& happened) {
        current_->answered.emplace(happened.header.trustee, answer{happened.header, false});
    }
    void apply_event(result_event&& happened) {
        register_.finish(current().facts.header().model_number, std::move(happened.next), happened.opening);
        leave_round();
    }
    void apply_event(abandoned_event&&) {
        register_.finish_without_result();
        leave_round();
    }
    void apply_event(session_closed_event&& happened) {
        end_ = std::move(happened.content);
        phase_ = session_phase::ended;
    }

    void leave_round() {
        current_.reset();
        phase_ = session_phase::between_rounds;
    }

    // sum *= ciphertexts^(+-weight), row_sums += +-weight rows. Both were checked, so neither can fail.
    enum class direction : std::uint8_t { add, withdraw };
    void fold(const verified_contribution<Scheme>& content, direction which) {
        open_round& round = *current_;
        const paillier::public_key<Scheme>& key = ceremony().key;
        const bool adds = which == direction::add;
        auto scaled = content.weight() == 1 ? result<ciphertexts>(content.ciphertexts())
                                            : paillier::scale_vartime(key, content.ciphertexts(),
                                                                      integer::bigint(content.weight()));
        expects(scaled.has_value() && (adds || round.sum));
        auto sum = !round.sum ? std::move(scaled)
                   : adds     ? paillier::add(key, *round.sum, *scaled)
                              : paillier::subtract(key, *round.sum, *scaled);
        expects(sum.has_value());
        round.sum = *std::move(sum);
        if (round.row_sums.empty())
            round.row_sums.resize(content.rows().size(), pedersen::row_commitment::zero());
        parallel_for(round.row_sums.size(), [&](std::size_t i) {
            const group::point row = pedersen::scale(content.rows()[i], content.weight()).value();
            const group::point& so_far = round.row_sums[i].value();
            round.row_sums[i] = pedersen::row_commitment(adds ? so_far + row : so_far - row);
        });
    }

    hash::digest32 head_; // hash of the last record
    session_register<Scheme> register_;
    std::uint64_t next_record_ = 1;
    session_phase phase_ = session_phase::between_rounds;
    std::optional<contribution_checker<Scheme>> checker_; // of the last round: the next takes over its tables
    std::optional<open_round> current_;
    std::vector<opened_set> history_;
    session_end end_;
};

} // namespace veilsum::aggregation
