// A toy session of two rounds whose roles can be stopped at any step: 3 clients, 3 trustees (quorum 2) and an
// aggregator, each with its durable state behind a wrapper that announces every action on it.
//
//     step_watch watch;                   watch.on_point is called before and after each action
//     restartable_session<Disk> play(base, disk, watch);
//     play.run();                         throws std::runtime_error when a property does not hold
//
// Whoever acts at a point is stopped there by an exception `stopped`: everything the role had in memory is
// destroyed, and it starts again from its disk when it is next due. The others keep their memory; a call that
// was under way between two roles has no answer. Randomness
// differs from start to start, as that of real processes does: a role that makes something twice makes two
// things.
#pragma once

#include "support/toy_session.hpp"
#include "support/watched_state.hpp"

#include <veilsum/aggregation/outbox.hpp>
#include <veilsum/aggregation/resume.hpp>
#include <veilsum/audit/file_store.hpp>

#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace veilsum::test {

inline constexpr std::size_t restart_clients = 3;
inline constexpr std::size_t restart_trustees = 3;
inline constexpr std::size_t restart_roles = 1 + restart_clients + restart_trustees;
inline constexpr std::uint64_t restart_rounds = 2;
// Roles by number: 0 the aggregator, then the clients, then the trustees.
inline constexpr std::size_t role_of_client(std::size_t i) {
    return 1 + i;
}
inline constexpr std::size_t role_of_trustee(std::size_t i) {
    return 1 + restart_clients + i;
}

inline void must(bool holds, const std::string& what) {
    if (!holds) throw std::runtime_error(what);
}
template <class Value>
void must_succeed(const result<Value>& outcome, const std::string& what) {
    if (!outcome) throw std::runtime_error(what + ": " + outcome.error().describe());
}

// A disk that lives as long as the test; what was written once is there.
class memory_disk {
  public:
    using store = audit::memory_store;
    using outbox = aggregation::memory_outbox;
    using journal = memory_journal;
    std::shared_ptr<store> open_store() { return store_; }
    std::shared_ptr<outbox> open_outbox(std::size_t i) { return outboxes_[i]; }
    std::shared_ptr<journal> open_journal(std::size_t i) { return journals_[i]; }

  private:
    template <class Made>
    static std::shared_ptr<Made> made() {
        return std::make_shared<Made>();
    }
    std::shared_ptr<store> store_ = made<store>();
    std::array<std::shared_ptr<outbox>, restart_clients> outboxes_{made<outbox>(), made<outbox>(),
                                                                   made<outbox>()};
    std::array<std::shared_ptr<journal>, restart_trustees> journals_{made<journal>(), made<journal>(),
                                                                     made<journal>()};
};

// Files, with their locks: opened anew by each start, closed when the role is stopped.
class file_disk {
  public:
    using store = audit::file_store;
    using outbox = aggregation::file_outbox;
    using journal = audit::journal;
    explicit file_disk(std::filesystem::path folder) : folder_(std::move(folder)) {}

    std::shared_ptr<store> open_store() {
        const auto path = folder_ / "session";
        return opened(std::filesystem::exists(path) ? store::open_for_writing(path) : store::create(path));
    }
    std::shared_ptr<outbox> open_outbox(std::size_t i) {
        const auto path = folder_ / ("outbox-" + std::to_string(i));
        return opened(std::filesystem::exists(path) ? outbox::open(path) : outbox::create(path));
    }
    std::shared_ptr<journal> open_journal(std::size_t i) {
        return opened(journal::open(folder_ / ("journal-" + std::to_string(i))));
    }

  private:
    template <class Made>
    static std::shared_ptr<Made> opened(result<Made> made) {
        must_succeed(made, "durable state can be opened");
        return std::make_shared<Made>(*std::move(made));
    }
    std::filesystem::path folder_;
};

template <class Disk>
class restartable_session {
    using scheme = toy_session::scheme;
    using store = watched_store<typename Disk::store>;
    using outbox = watched_outbox<typename Disk::outbox>;
    using journal = watched_journal<typename Disk::journal>;
    using client = aggregation::client<scheme, outbox>;
    using trustee = aggregation::trustee<scheme, journal>;
    using idle = aggregation::idle_session<scheme, store>;
    using collecting = aggregation::collecting_round<scheme, store>;
    using opening = aggregation::opening_round<scheme, store>;
    using ended = aggregation::ended_session<store>;

    static constexpr std::uint64_t received = toy_session::opening_time + 10;

  public:
    restartable_session(toy_session& base, Disk disk, step_watch& watch)
        : base_(base), disk_(std::move(disk)), watch_(watch),
          encryptor_(std::make_shared<const typename client::encryptor>(base.ceremony->key)) {
        for (std::size_t i = 0; i < restart_trustees; ++i) {
            const auto secrets = base_.secrets_of(static_cast<std::uint32_t>(i + 1));
            shares_[i] = secrets.share.serialize().expose();
            identities_[i] = secrets.identity.expose_seed();
        }
    }

    // Whether who was stopped starts again before anybody else acts, or when it is next due.
    bool at_once = false;
    // Called between two steps; true ends the run early.
    std::function<bool()> between_steps;

    // To the end of the session, whoever is stopped on the way; then all that must hold.
    void run() {
        while (!aggregator_ || !std::holds_alternative<ended>(*aggregator_)) {
            must(++turns_ < 40, "the session comes to its end");
            for (std::size_t role = 0; role < restart_roles; ++role) {
                for (bool due = true; due;) {
                    due = false;
                    try {
                        if (at_once && !aggregator_ && role != 0) step(0);
                        step(role);
                    } catch (const stopped& who) {
                        stop(who.role);
                        due = at_once;
                    }
                }
                if (between_steps && between_steps()) return;
            }
        }
        check_outcome();
    }

    void stop(std::size_t role) {
        if (role == 0)
            aggregator_.reset();
        else if (role < role_of_trustee(0))
            clients_[role - role_of_client(0)].reset();
        else
            forget_trustee(role - role_of_trustee(0));
    }

    // All that the next steps depend on, as far as it differs between runs: two runs with the same value go
    // on alike, up to the randomness of the roles.
    hash::digest32 situation() const {
        wire::writer out;
        out.u16(aggregator_ ? static_cast<std::uint16_t>(1 + aggregator_->index()) : 0);
        if (aggregator_) {
            out.fixed(log().head());
            out.var(as_bytes(*log().read_checkpoint()));
        }
        for (std::size_t i = 0; i < restart_clients; ++i) {
            out.u16(clients_[i] ? 1 : 0);
            out.u64(receipts_[i].size());
            out.u64(kept_[i].size());
            for (const hash::digest32& message : kept_[i]) out.fixed(message);
        }
        for (std::size_t i = 0; i < restart_trustees; ++i) {
            out.u64(trustees_[i] ? read_[i] : 0);
            if (!trustees_[i]) continue;
            out.u64(trustees_[i]->opened().size());
            out.fixed(unanswered_[i] ? hash::sha256(*unanswered_[i]) : hash::digest32{});
        }
        return hash::sha256(out.view());
    }

  private:
    // The log as everybody can read it; the aggregator must be there.
    const store& log() const {
        return std::visit(
            [](const auto& state) -> const store& {
                if constexpr (std::is_same_v<std::decay_t<decltype(state)>, ended>)
                    return state.store;
                else
                    return state.store();
            },
            *aggregator_);
    }
    template <class State>
    State* phase() {
        return aggregator_ ? std::get_if<State>(&*aggregator_) : nullptr;
    }
    // Never the same twice in a run.
    seeded_random randomness(std::size_t role, std::uint64_t round) {
        return seeded_random(1'000'000 * (role + 1) + 1000 * round + ++drawn_[{role, round}]);
    }

    void step(std::size_t role) {
        if (role == 0)
            aggregator_step();
        else if (role < role_of_trustee(0))
            client_step(role - role_of_client(0));
        else
            trustee_step(role - role_of_trustee(0));
    }

    void forget_trustee(std::size_t i) {
        trustees_[i].reset();
        unanswered_[i].reset();
    }

    void aggregator_step() {
        if (!aggregator_) {
            seeded_random rng = randomness(0, 0);
            store disk(disk_.open_store(), watch_);
            if (disk.size() == 0) {
                auto made =
                    idle::open(std::move(disk), *base_.ceremony, aggregation::exponent_policy::short_exponent,
                               "toy.example/log", base_.aggregator_key(), rng);
                must_succeed(made, "a session opens");
                aggregator_.emplace(*std::move(made));
            } else {
                auto made = aggregation::resume_session<scheme>(std::move(disk), base_.aggregator_key(), rng);
                must_succeed(made, "the aggregator resumes");
                aggregator_.emplace(*std::move(made));
            }
            aggregator_random_.emplace(rng);
            return;
        }
        seeded_random& rng = *aggregator_random_;
        if (idle* state = phase<idle>()) {
            // Enrolments are known to the aggregator before anything else happens.
            if (state->state().standing().pool().size() < restart_clients) {
                const std::size_t i = state->state().standing().pool().size();
                must_succeed(state->enrol(enrolment_of(i, state->state()), rng), "a client enrols");
                return;
            }
            if (state->state().standing().next_round() <= restart_rounds) {
                auto opened = std::move(*state).open_round(base_.header(), start_model(state->state()),
                                                           toy_session::opening_time, rng);
                must_succeed(opened, "a round opens");
                aggregator_.emplace(*std::move(opened));
            } else {
                auto last = std::move(*state).end({}, rng);
                must_succeed(last, "the session ends");
                aggregator_.emplace(ended{*std::move(last)});
            }
        } else if (collecting* round = phase<collecting>()) {
            if (round->state().accepted() < restart_clients) return;
            auto closed = std::move(*round).close(received + 10, rng);
            must_succeed(closed, "a round closes");
            must(closed->opening.has_value(), "the cohort is complete");
            aggregator_.emplace(*std::move(closed->opening));
        } else if (opening* closed = phase<opening>()) {
            for (std::uint32_t i = 1; i <= restart_trustees; ++i)
                if (!closed->state().has_answered(party_id(i))) return;
            for (const auto& held : receipts_) // can be had as long as the round lasts
                if (!held.contains(closed->state().round().header().round)) return;
            auto finished = std::move(*closed).finish(rng);
            must_succeed(finished, "a round finishes");
            aggregator_.emplace(std::move(finished->session));
        }
    }
    bytes enrolment_of(std::size_t i, const aggregation::session_state<scheme>& state) const {
        return aggregation::sign_enrolment(toy_session::key_of(base_.client_seeds[i]), state.facts().id, 1, 0)
            .message();
    }
    const aggregation::model& start_model(const aggregation::session_state<scheme>& state) const {
        const auto& models = state.standing().models();
        return models.empty() ? *base_.model : models.front();
    }

    void client_step(std::size_t i) {
        if (!aggregator_ || phase<idle>() || phase<ended>()) return;
        const aggregation::session_state<scheme>& session =
            phase<collecting>() ? phase<collecting>()->state() : phase<opening>()->state();
        const aggregation::round_facts& facts = session.round();
        const std::uint64_t round = facts.header().round;
        const std::size_t role = role_of_client(i);
        if (!clients_[i]) {
            auto joined =
                client::join(session.facts(), encryptor_, toy_session::key_of(base_.client_seeds[i]),
                             outbox(disk_.open_outbox(i), watch_, role));
            must_succeed(joined, "a client joins");
            clients_[i].emplace(*std::move(joined));
        }
        if (receipts_[i].contains(round)) return;
        auto pending = clients_[i]->sent(facts);
        if (!pending) {
            must(pending.error().code == errc::missing, "nothing was kept for the round");
            seeded_random rng = randomness(role, round);
            pending = clients_[i]->contribute(facts, update(i, round), rng);
        }
        must_succeed(pending, "a client contributes");
        kept_[i].insert(hash::sha256(pending->message().serialize()));
        watch_.point(role, "send");
        auto answer = phase<collecting>() ? phase<collecting>()->receive(pending->message().serialize(),
                                                                         received, *aggregator_random_)
                                          : phase<opening>()->receipt_of(clients_[i]->id().bytes());
        must_succeed(answer, "a contribution is answered with a receipt");
        watch_.point(0, "receipt");
        handed_out_.push_back({i, *answer});
        watch_.point(role, "receipt");
        must_succeed(pending->confirm(*answer), "the receipt is for this contribution");
        receipts_[i].emplace(round, *answer);
        watch_.point(role, "confirmed");
    }

    void trustee_step(std::size_t i) {
        opening* round = phase<opening>();
        if (round == nullptr) return;
        const std::size_t role = role_of_trustee(i);
        const auto bodies = aggregation::bodies_of(log());
        if (!trustees_[i]) {
            const auto first = log().read(0);
            must_succeed(first, "the log has a first record");
            auto state = aggregation::session_state<scheme>::open(*first, bodies);
            must_succeed(state, "a trustee opens the session");
            auto share = threshold::key_share<scheme>::parse(base_.ceremony->key, shares_[i]);
            must_succeed(share, "a share can be read");
            auto joined =
                trustee::join(*std::move(state), *std::move(share), toy_session::key_of(identities_[i]),
                              journal(disk_.open_journal(i), watch_, role));
            must_succeed(joined, "a trustee joins");
            trustees_[i].emplace(*std::move(joined));
            read_[i] = 1;
        }
        catch_up(i);
        if (trustees_[i]->has_answered()) return;
        if (!unanswered_[i]) {
            seeded_random rng = randomness(role, round->state().round().header().round);
            const auto message = trustees_[i]->answer(rng);
            must_succeed(message, "a trustee answers");
            unanswered_[i] = message->serialize();
        }
        watch_.point(role, "send");
        must_succeed(round->receive(*unanswered_[i], *aggregator_random_), "an answer is taken");
        watch_.point(0, "acknowledge");
        watch_.point(role, "sent");
        catch_up(i);
    }
    void catch_up(std::size_t i) {
        seeded_random rng(7); // weights of checks
        for (; read_[i] < log().size(); ++read_[i]) {
            const auto record = log().read(read_[i]);
            must_succeed(record, "a record can be read");
            must_succeed(trustees_[i]->follow(*record, aggregation::bodies_of(log()), rng),
                         "a trustee follows");
        }
        if (trustees_[i]->has_answered()) unanswered_[i].reset();
    }

    std::vector<float> update(std::size_t i, std::uint64_t round) const {
        std::vector<float> values(base_.header().layout.d);
        for (std::size_t j = 0; j < values.size(); ++j)
            values[j] = static_cast<float>((i * 37 + j * 11 + round * 5) % 101) / 101.0F - 0.5F;
        return values;
    }
    std::vector<std::int64_t> plain_sum(std::uint64_t round) const {
        std::vector<std::int64_t> sums(base_.header().layout.d, 0);
        for (std::size_t i = 0; i < restart_clients; ++i) {
            const auto quantised = encoding::quantise(update(i, round), base_.header().format);
            must_succeed(quantised, "an update is quantised");
            for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += (*quantised)[j];
        }
        return sums;
    }

    void check_outcome() {
        const auto& last = log().base();
        seeded_random rng(99);
        const auto verdict = aggregation::audit_session<scheme>(last, {}, {}, rng);
        if (!verdict.accepted()) throw std::runtime_error(verdict.failure->reason.describe());
        must(verdict.summary.ended, "the session is over");
        must(verdict.summary.rounds_opened == restart_rounds, "every round has a result");
        must(verdict.summary.contributions == restart_rounds * restart_clients, "each client counts once");
        must(verdict.summary.refusals == 0, "nobody is refused");
        must(verdict.summary.partials == restart_rounds * restart_trustees, "each trustee answers once");
        std::uint64_t round = 0;
        for (std::uint64_t index = 0; index < last.size(); ++index) {
            const auto record = last.read(index);
            must_succeed(record, "a record can be read");
            if (record->type != static_cast<std::uint16_t>(aggregation::record_type::round_result)) continue;
            const auto said = aggregation::round_result::parse(record->body);
            must_succeed(said, "a result is a result");
            const auto expected = plain_sum(++round);
            must(said->round == round &&
                     said->update == aggregation::update_digest(expected, expected.size()),
                 "the opened sum is the sum in the clear");
        }
        for (const auto& [i, receipt] : handed_out_) {
            const auto promised = audit::record::parse(receipt.record_bytes);
            must_succeed(promised, "a receipt holds a record");
            const auto there = last.read(promised->sequence);
            must(there && *there == *promised, "what was promised is on the log");
            const auto header = aggregation::contribution_record::parse(promised->body)->header;
            must(receipt == receipts_[i].at(header.round), "each time the same receipt");
        }
        for (std::size_t i = 0; i < restart_clients; ++i) {
            must(receipts_[i].size() == restart_rounds, "each client has its receipts");
            must(kept_[i].size() == restart_rounds, "each client has sent one message a round");
        }
        for (std::size_t i = 0; i < restart_trustees; ++i) {
            trustees_[i].reset(); // gives the journal back
            must(disk_.open_journal(i)->entries().size() == restart_rounds,
                 "one entry a round in each journal");
        }
    }

    toy_session& base_;
    Disk disk_;
    step_watch& watch_;
    std::shared_ptr<const typename client::encryptor> encryptor_;
    std::optional<aggregation::resumed_session<scheme, store>> aggregator_;
    std::optional<seeded_random> aggregator_random_;
    std::array<std::optional<client>, restart_clients> clients_;
    std::array<std::optional<trustee>, restart_trustees> trustees_;
    std::array<std::optional<bytes>, restart_trustees> unanswered_; // sent; the record does not show it yet
    std::array<std::uint64_t, restart_trustees> read_{};
    std::map<std::pair<std::size_t, std::uint64_t>, std::uint64_t> drawn_;
    std::array<bytes, restart_trustees> shares_; // these two are on each trustee's disk
    std::array<byte_array<32>, restart_trustees> identities_{};
    // Written durably by the clients.
    std::array<std::map<std::uint64_t, audit::receipt>, restart_clients> receipts_;
    // What the test saw.
    std::array<std::set<hash::digest32>, restart_clients> kept_;
    std::vector<std::pair<std::size_t, audit::receipt>> handed_out_;
    int turns_ = 0;
};

} // namespace veilsum::test
