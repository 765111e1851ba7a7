// Definitions of parties.hpp for one key size, for the size_*.cpp only.
#pragma once

#include "support/scheme_instances.hpp"

#include "c_interface/parties.hpp"

#include <veilsum/aggregation/aggregator.hpp>
#include <veilsum/aggregation/auditor.hpp>
#include <veilsum/aggregation/client.hpp>
#include <veilsum/aggregation/light_session.hpp>
#include <veilsum/aggregation/plan_round.hpp>
#include <veilsum/aggregation/trustee.hpp>
#include <veilsum/audit/checkpoint.hpp>
#include <veilsum/audit/checkpoint_file.hpp>
#include <veilsum/audit/file_store.hpp>
#include <veilsum/audit/rollback.hpp>
#include <veilsum/random/system_random.hpp>

#include <filesystem>
#include <map>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>

namespace c_interface {

namespace aggregation = veilsum::aggregation;
using veilsum::audit::file_store;
using veilsum::random::system_random;

// An outbox on disk, or for the length of the process.
class any_outbox {
  public:
    static result<any_outbox> at(const std::optional<path>& folder) {
        if (!folder) return any_outbox(aggregation::memory_outbox());
        std::error_code ignored;
        auto made = std::filesystem::exists(*folder, ignored) ? aggregation::file_outbox::open(*folder)
                                                              : aggregation::file_outbox::create(*folder);
        if (!made) return std::move(made).error();
        return any_outbox(*std::move(made));
    }
    result<void> keep(const digest32& session, std::uint64_t round, byte_view message) {
        return std::visit([&](auto& box) { return box.keep(session, round, message); }, box_);
    }
    std::optional<std::uint64_t> last(const digest32& session) const {
        return std::visit([&](const auto& box) { return box.last(session); }, box_);
    }
    result<bytes> message(const digest32& session, std::uint64_t round, std::size_t most) const {
        return std::visit([&](const auto& box) { return box.message(session, round, most); }, box_);
    }

  private:
    using any = std::variant<aggregation::memory_outbox, aggregation::file_outbox>;
    explicit any_outbox(any box) : box_(std::move(box)) {}
    any box_;
};

// The fold of a record that somebody else writes; with a session, of that one.
template <class Fold>
result<Fold> open_fold(const path& record, const std::optional<digest32>& session = std::nullopt) {
    const auto store = file_store::open_for_reading(record);
    if (!store) return store.error();
    const auto first = veilsum::audit::first_record(*store);
    if (!first) return first.error();
    if (session && veilsum::audit::record_hash(*first) != *session)
        return error{errc::wrong_context, "session id is not the expected one", 0, record.string()};
    return Fold::open(*first, aggregation::bodies_of(*store));
}

template <class Scheme>
class aggregator_of final : public aggregator_party {
    using idle = aggregation::idle_session<Scheme, file_store>;
    using collecting = aggregation::collecting_round<Scheme, file_store>;
    using opening = aggregation::opening_round<Scheme, file_store>;
    struct ended {};

  public:
    static result<std::unique_ptr<aggregator_party>> make(const path& ceremony, const path& record,
                                                          std::string origin, std::size_t values,
                                                          const roster& members) {
        auto start = aggregation::model::of(std::vector<float>(std::min(
            values, std::size_t{aggregation::model::max_weights} + 1))); // which is refused, not allocated
        if (!start) return error(start.error());
        const auto dealt = examples::read_ceremony<Scheme>(ceremony);
        if (!dealt) return dealt.error();
        auto store = file_store::create(record);
        if (!store) return store.error();
        system_random rng;
        auto session = idle::open(*std::move(store), *dealt, aggregation::exponent_policy::short_exponent,
                                  std::move(origin), veilsum::sign::signing_key::generate(rng), rng);
        if (!session) {
            std::error_code ignored;
            std::filesystem::remove_all(record, ignored); // it was made here, and holds nothing
            return session.error();
        }
        return std::unique_ptr<aggregator_party>(
            new aggregator_of(*std::move(session), *std::move(start), members));
    }

    result<void> enrol(byte_view message) override {
        idle* const now = std::get_if<idle>(&phase_);
        if (now == nullptr) return not_now("enrolment");
        if (auto known = may_enrol(message); !known) return known;
        const auto receipt = now->enrol(message, rng_);
        if (!receipt) return receipt.error();
        return {};
    }
    result<std::vector<aggregation::roster_entry>> enrolled() const override {
        using entries = std::vector<aggregation::roster_entry>;
        return std::visit(
            [](const auto& now) -> result<entries> {
                if constexpr (std::is_same_v<std::decay_t<decltype(now)>, ended>) {
                    return not_now("list of enrolled clients").error();
                } else {
                    const aggregation::client_pool& pool = now.state().standing().pool();
                    if (pool.size() == 0) return entries();
                    const auto members = pool.everybody();
                    if (!members) return members.error();
                    return members->entries();
                }
            },
            phase_);
    }
    result<void> remove(const client_id& client) override {
        idle* const now = std::get_if<idle>(&phase_);
        if (now == nullptr) return not_now("removal");
        if (!members_.contains(client))
            return error{errc::missing, "client in the roster", 0, aggregation::name_of(client)};
        if (now->state().standing().pool().weight_of(client))
            if (auto removed = now->remove(client, rng_); !removed) return removed;
        members_.erase(client);
        return {};
    }
    result<void> open_round(const round_plan& plan) override {
        idle* const now = std::get_if<idle>(&phase_);
        if (now == nullptr) return not_now("opening of a round");
        const auto& standing = now->state().standing();
        const aggregation::model& before = standing.models().empty() ? start_ : standing.models().front();
        const auto header = aggregation::plan_round(standing, plan.format, before.size(), plan.minimum_cohort,
                                                    plan.opens_at, plan.closes_at);
        if (!header) return header.error();
        auto next = std::move(*now).open_round(*header, aggregation::model(before), plan.opens_at, rng_);
        if (!next) return next.error();
        phase_ = *std::move(next);
        return {};
    }
    result<bytes> receive(byte_view message, std::uint64_t time) override {
        collecting* const now = std::get_if<collecting>(&phase_);
        if (now == nullptr) return not_now("contribution").error();
        const auto receipt = now->receive(message, time, rng_);
        if (!receipt) return receipt.error();
        return receipt->serialize();
    }
    result<void> close(std::uint64_t time) override {
        collecting* const now = std::get_if<collecting>(&phase_);
        if (now == nullptr) return not_now("closing of a round");
        auto next = std::move(*now).close(time, rng_);
        if (!next) return next.error();
        if (next->opening) {
            phase_ = *std::move(next->opening);
            return {};
        }
        phase_ = *std::move(next->idle);
        return error{errc::missing, "contributions for the minimum cohort"};
    }
    result<void> receive_partial(byte_view message) override {
        opening* const now = std::get_if<opening>(&phase_);
        if (now == nullptr) return not_now("partial decryption");
        return now->receive(message, rng_);
    }
    result<void> finish() override {
        opening* const now = std::get_if<opening>(&phase_);
        if (now == nullptr) return not_now("result of a round");
        round_outcome outcome;
        for (const auto& [client, weight] : now->state().candidate().members) outcome.total_weight += weight;
        const veilsum::encoding::fixed_point format = now->state().round().header().format;
        auto done = std::move(*now).finish(rng_);
        if (!done) return done.error();
        outcome.sums = std::move(done->opened.sums);
        outcome.sums.resize(start_.size()); // the rest is padding of the last row
        for (const std::int64_t sum : outcome.sums)
            outcome.mean.push_back(static_cast<float>(format.decode(sum, outcome.total_weight)));
        phase_ = std::move(done->session);
        last_ = std::move(outcome);
        return {};
    }
    result<void> end() override {
        idle* const now = std::get_if<idle>(&phase_);
        if (now == nullptr) return not_now("end of the session");
        if (auto store = std::move(*now).end({}, rng_); !store) return store.error();
        phase_ = ended();
        return {};
    }
    const digest32& session() const override { return session_; }
    const std::optional<round_outcome>& last() const override { return last_; }

  private:
    aggregator_of(idle&& session, aggregation::model&& start, const roster& members)
        : session_(session.state().facts().id), start_(std::move(start)), phase_(std::move(session)) {
        for (const auto& [client, weight] : members.entries()) members_.emplace(client, weight);
    }
    static result<void> not_now(std::string_view what) {
        return error{errc::refused, what, 0, "another phase of the session"};
    }
    // A message of a client of the roster, with its weight, or that leaves.
    result<void> may_enrol(byte_view message) const {
        const auto wanted = aggregation::enrolment::parse_message(message);
        if (!wanted) return wanted.error();
        const auto client = client_id::parse(wanted->client);
        if (!client) return client.error();
        const auto listed = members_.find(*client);
        if (listed == members_.end())
            return error{errc::refused, "client that is not in the roster", 0, aggregation::name_of(*client)};
        if (wanted->weight != 0 && wanted->weight != listed->second)
            return error{errc::refused, "weight that is not the roster's", 0, aggregation::name_of(*client)};
        return {};
    }

    system_random rng_;
    digest32 session_;
    aggregation::model start_;
    std::map<client_id, std::uint32_t> members_; // who may enrol, with which weights
    std::variant<idle, collecting, opening, ended> phase_;
    std::optional<round_outcome> last_;
};

template <class Scheme>
class client_of final : public client_party {
    using role = aggregation::client<Scheme, any_outbox>;
    using fold = aggregation::light_session<Scheme>; // the proofs of others are not a client's to check

  public:
    static result<std::unique_ptr<client_party>> make(const path& record, expectation&& known,
                                                      client_seed&& seed, const std::optional<path>& outbox) {
        auto identity = veilsum::sign::signing_key::from_seed(std::move(seed));
        if (!known.members.weight_of(identity.verifying()))
            return error{errc::missing, "this client in the roster", 0,
                         aggregation::name_of(identity.verifying())};
        if (known.minimum_cohort < 2 || known.minimum_cohort > known.members.size())
            return error{errc::bad_parameter, "minimum cohort: need 2 <= cohort <= clients of the roster"};
        auto state = open_fold<fold>(record, known.session);
        if (!state) return state.error();
        if (state->facts().header.key != known.key)
            return error{errc::wrong_key, "key id is not the expected one", 0, record.string()};
        auto box = any_outbox::at(outbox);
        if (!box) return box.error();
        auto joined = role::join(
            state->facts(), std::make_shared<const typename role::encryptor>(state->facts().ceremony.key),
            std::move(identity), *std::move(box));
        if (!joined) return joined.error();
        return std::unique_ptr<client_party>(
            new client_of(record, std::move(known), *std::move(state), *std::move(joined)));
    }

    result<bytes> enrol() override { return enrolment(*known_.members.weight_of(role_.id())); }
    result<bytes> leave() override { return enrolment(0); }
    result<bytes> contribute(std::span<const float> update) override {
        if (auto read = catch_up(); !read) return read.error();
        if (state_.phase() != aggregation::session_phase::collecting)
            return error{errc::refused, "no round is open for contributions"};
        if (auto expected = check_round(state_.round()); !expected) return expected.error();
        auto pending = role_.sent(state_.round());
        if (!pending && pending.error().code == errc::missing)
            pending = role_.contribute(state_.round(), update, rng_);
        if (!pending) return pending.error();
        sent_ = *std::move(pending);
        return sent_->message().serialize();
    }
    result<void> confirm(byte_view data) const override {
        if (!sent_) return error{errc::refused, "receipt before a contribution"};
        const auto receipt = veilsum::audit::receipt::parse(data);
        if (!receipt) return receipt.error();
        return sent_->confirm(*receipt);
    }

  private:
    client_of(path record, expectation&& known, fold&& state, role&& joined)
        : record_(std::move(record)), known_(std::move(known)), state_(std::move(state)),
          role_(std::move(joined)) {}
    result<bytes> enrolment(std::uint32_t weight) {
        if (auto read = catch_up(); !read) return read.error();
        return role_.enrol(weight, state_.standing().pool().next_serial(role_.id()));
    }
    // What this client asks of a round beyond the pre-flight, before it encrypts.
    result<void> check_round(const aggregation::round_facts& round) const {
        if (round.header().minimum_cohort < known_.minimum_cohort)
            return error{
                errc::refused, "minimum cohort of the round", 0, {}, aggregation::name_of_aggregator()};
        for (const auto& [client, weight] : round.members().entries())
            if (known_.members.weight_of(client) != weight)
                return error{errc::mismatch, "client or weight of the round that is not in the roster", 0,
                             aggregation::name_of(client), aggregation::name_of_aggregator()};
        return {};
    }
    // Follows the records that the aggregator has signed.
    result<void> catch_up() {
        const auto note =
            veilsum::audit::read_checkpoint_file(record_.string()); // before the log, which grows
        if (!note) return note.error();
        const auto store = file_store::open_for_reading(record_);
        if (!store) return store.error();
        const auto& header = state_.facts().header;
        const auto key = veilsum::sign::verifying_key::parse(header.aggregator);
        if (!key) return key.error();
        const auto tip = veilsum::audit::verify_checkpoint(*note, header.origin, *key);
        if (!tip) return tip.error();
        if (auto covered = veilsum::audit::check_covers(store->tree(), *tip); !covered) return covered;
        for (std::uint64_t next = state_.size(); next < tip->size; ++next) {
            const auto record = store->read(next);
            if (!record) return record.error();
            if (auto good = state_.apply(*record, aggregation::bodies_of(*store), rng_); !good) return good;
        }
        return {};
    }

    path record_;
    expectation known_;
    system_random rng_;
    fold state_;
    role role_;
    std::optional<aggregation::pending_contribution> sent_;
};

template <class Scheme>
class trustee_of final : public trustee_party {
    using role = aggregation::trustee<Scheme>;

  public:
    static result<std::unique_ptr<trustee_party>> make(const path& ceremony, std::uint32_t index,
                                                       const path& record, const path& journal_file) {
        auto state = open_fold<aggregation::session_state<Scheme>>(record);
        if (!state) return state.error();
        auto secrets = examples::read_trustee<Scheme>(ceremony, index, state->ceremony());
        if (!secrets) return secrets.error();
        auto journal = veilsum::audit::journal::open(journal_file);
        if (!journal) return journal.error();
        auto joined = role::join(*std::move(state), std::move(secrets->share), std::move(secrets->identity),
                                 *std::move(journal));
        if (!joined) return joined.error();
        return std::unique_ptr<trustee_party>(new trustee_of(record, *std::move(joined)));
    }
    result<bytes> answer() override {
        const auto store = file_store::open_for_reading(record_);
        if (!store) return store.error();
        if (auto read = role_.catch_up(*store, rng_); !read) return read.error();
        if (auto written = role_.remember(); !written) return written.error();
        const auto message = role_.answer(rng_);
        if (!message) return message.error();
        return message->serialize();
    }

  private:
    trustee_of(path record, role&& joined) : record_(std::move(record)), role_(std::move(joined)) {}
    path record_;
    system_random rng_;
    role role_;
};

template <class Scheme>
class maker_of final : public party_maker {
    result<void> deal(const path& folder, std::uint32_t quorum, std::uint32_t trustees) const override {
        const auto who = veilsum::threshold::structure::create(quorum, trustees);
        if (!who) return who.error();
        if (2 * quorum <= trustees)
            return error{errc::bad_parameter, "quorum is no majority of the trustees"};
        if (const auto trial = examples::new_folder::create(folder); !trial) return trial.error();
        system_random rng;
        const auto dealt = examples::deal_ceremony<Scheme>(*who, rng, {});
        if (!dealt) return dealt.error();
        return examples::write_ceremony<Scheme>(folder, *dealt, {}, rng);
    }
    result<digest32> key_of_ceremony(const path& folder) const override {
        const auto dealt = examples::read_ceremony<Scheme>(folder);
        if (!dealt) return dealt.error();
        return dealt->key.id();
    }
    result<std::unique_ptr<aggregator_party>> aggregator(const path& ceremony, const path& record,
                                                         std::string origin, std::size_t values,
                                                         const roster& members) const override {
        return aggregator_of<Scheme>::make(ceremony, record, std::move(origin), values, members);
    }
    result<std::unique_ptr<client_party>> client(const path& record, expectation known, client_seed&& seed,
                                                 const std::optional<path>& outbox) const override {
        return client_of<Scheme>::make(record, std::move(known), std::move(seed), outbox);
    }
    result<std::unique_ptr<trustee_party>> trustee(const path& ceremony, std::uint32_t index,
                                                   const path& record, const path& journal) const override {
        return trustee_of<Scheme>::make(ceremony, index, record, journal);
    }
    result<void> audit(const path& record, const std::optional<digest32>& session) const override {
        const auto log = veilsum::audit::log_reader::open(record.string());
        if (!log) return log.error();
        aggregation::audit_expectations known;
        known.session = session;
        system_random rng;
        const auto verdict = aggregation::audit_session<Scheme>(*log, known, {}, rng);
        if (verdict.accepted()) return {};
        error reason = verdict.failure->reason;
        std::string place = "audit step " + std::to_string(static_cast<unsigned>(verdict.failure->step));
        if (verdict.failure->record) place += ", record " + std::to_string(*verdict.failure->record);
        if (!reason.place.empty()) place += ", " + reason.place;
        return std::move(reason).at(std::move(place));
    }
};

} // namespace c_interface
