// One round with validity proofs, played to its end as the roles play it: bytes in, bytes out, the record in
// memory. It keeps what each phase starts from, for the benchmarks that repeat a phase, and the processor
// time of each step, for the estimate of larger rounds.
//
//     played_round<paillier::scheme<3072>> round({.values = 2000, .clients = 4, .quorum = 2, .trustees = 3});
//     round.opened_correctly();                   against the same updates in the clear
//     round.seconds()[round_step::contribute]     one time a client
//
// Values have 16 bits, weights are 1, exponents short. The key is made of fixed primes that everybody can
// read: whatever is encrypted here is public. A step that fails ends the process.
#pragma once

#include "support/fixed_key.hpp"
#include "support/measure.hpp"
#include "support/round_bytes.hpp"
#include "support/round_step.hpp"
#include "support/scratch_folder.hpp"

#include <veilsum/aggregation/aggregator.hpp>
#include <veilsum/aggregation/auditor.hpp>
#include <veilsum/aggregation/client.hpp>
#include <veilsum/aggregation/deal_ceremony.hpp>
#include <veilsum/aggregation/trustee.hpp>
#include <veilsum/core/progress.hpp>
#include <veilsum/encoding/plan_layout.hpp>
#include <veilsum/random/system_random.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::bench {

struct round_dimensions {
    std::uint32_t values, clients, quorum, trustees;
    std::uint32_t room = 0; // how many clients a slot has room for; 0: as many as there are
    bool operator==(const round_dimensions&) const = default;
};

inline constexpr encoding::fixed_point round_format{12, 16, 7.5};

// The 16-bit layout of such a round, or why there is none.
template <class Scheme>
result<encoding::matrix_layout> layout_of(const round_dimensions& size) {
    return encoding::plan_layout({.format = round_format,
                                  .values = size.values,
                                  .total_weight = std::max(size.room, size.clients),
                                  .modulus_bits = Scheme::modulus_bits,
                                  .exponent_bits = paillier::short_exponent::bits<Scheme::modulus_bits>});
}

template <class Scheme>
class played_round {
    static constexpr std::uint64_t opening_time = 1000, closing_time = 2000;

  public:
    using store = audit::memory_store;
    using client = aggregation::client<Scheme, aggregation::memory_outbox>;
    using trustee = aggregation::trustee<Scheme>;
    using session_state = aggregation::session_state<Scheme>;

    // `watch` is told how many contributions are in.
    explicit played_round(round_dimensions size, const progress& watch = {}) : size_(size) {
        auto dealt = aggregation::ceremony_from_primes<Scheme>(
                         fixed_safe_primes<Scheme::modulus_bits>(),
                         threshold::structure::create(size.quorum, size.trustees).value(), rng)
                         .value();
        auto session = aggregation::idle_session<Scheme, store>::open(
                           store(), dealt.ceremony, aggregation::exponent_policy::short_exponent,
                           "bench.example/log", sign::signing_key::generate(rng), rng)
                           .value();
        facts_.emplace(session.state().facts());
        table_seconds_ = seconds_of(
            [&] { encryptor_ = std::make_shared<const typename client::encryptor>(dealt.ceremony.key); });
        std::optional<session_state> start;
        start_seconds_ = seconds_of([&] {
            start.emplace(
                session_state::open(session.store().read(0).value(), aggregation::bodies_of(session.store()))
                    .value());
        });
        join(*std::move(start), std::move(dealt.trustees[0]));
        collect(std::move(session), watch);
        open(dealt.trustees);
    }

    client member(std::size_t i) const {
        return client::join(*facts_, encryptor_,
                            sign::signing_key::from_seed(secret(byte_array<32>(seeds_[i]))),
                            aggregation::memory_outbox())
            .value();
    }
    std::vector<float> update(std::size_t i) const {
        std::vector<float> values(size_.values);
        for (std::size_t j = 0; j < values.size(); ++j)
            values[j] = static_cast<float>((i * 37 + j * 11) % 101) / 101.0F - 0.5F;
        return values;
    }
    // Sums of the opened round against those of the quantised updates in the clear.
    bool opened_correctly() const {
        const auto decided = finished().decide(rng);
        if (!decided) return false;
        std::vector<std::int64_t> sums(size_.values, 0);
        for (std::size_t i = 0; i < size_.clients; ++i) {
            const auto quantised = encoding::quantise(update(i), header().format).value();
            for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += quantised[j];
        }
        return std::equal(sums.begin(), sums.end(), decided->opened.sums.begin());
    }

    // The second client's contribution, and the state in which it arrives.
    const session_state& collecting() const { return *collecting_; }
    const audit::record& contribution() const { return *contribution_; }
    // The first trustee's answer, the state in which it arrives, and the trustee.
    const session_state& answering() const { return *answering_; }
    const audit::record& answer() const { return *answer_; }
    trustee& answering_trustee() { return trustees_.front(); }
    // With a quorum of answers.
    const session_state& finished() const { return opening_->state(); }
    aggregation::body_reader bodies() const { return aggregation::bodies_of(opening_->store()); }

    // As they were sent and written; `opening` and `model` once the round is finished.
    const round_bytes& bytes_sent() const { return bytes_; }
    std::size_t values() const { return size_.values; }

    const step_seconds& seconds() const { return seconds_; }
    // Once a session, not a round: the check of the ceremony by each party, and each client's table.
    double start_seconds() const { return start_seconds_; }
    double table_seconds() const { return table_seconds_; }
    // Writes the result, as the last step, and audits the record. What an audit takes; nothing if it does not
    // accept. Once: nothing else of this round can be used after it.
    std::optional<double> finish_and_audit() {
        const auto layout = finished().round().layout();
        std::optional<typename aggregation::opening_round<Scheme, store>::finished> ended;
        timed(round_step::finish, [&] { ended.emplace(std::move(*opening_).finish(rng).value()); });
        bytes_.opening = ended->opened.serialize(layout).size();
        bytes_.model = ended->session.state().standing().models().front().serialize().size();
        bool accepted = false;
        const double taken = seconds_of([&] {
            accepted = aggregation::audit_session<Scheme>(ended->session.store(), {}, {}, rng).accepted();
        });
        return accepted ? std::optional(taken) : std::nullopt;
    }

    mutable random::system_random rng;

  private:
    template <class Step>
    void timed(round_step step, const Step& work) {
        seconds_[step].push_back(seconds_of(work));
    }

    aggregation::round_header header() const {
        aggregation::round_header made;
        made.format = round_format;
        made.suite = aggregation::proof_suite::validity;
        made.layout = layout_of<Scheme>(size_).value().parameters();
        made.minimum_cohort = 2;
        made.opens_at = opening_time;
        made.closes_at = closing_time;
        return made;
    }

    void join(session_state state, aggregation::trustee_secrets<Scheme>&& own) {
        const std::string name = std::to_string(trustees_.size());
        trustees_.push_back(trustee::join(std::move(state), std::move(own.share), std::move(own.identity),
                                          audit::journal::open(folder_ / name).value())
                                .value());
    }
    // The first trustee reads what is new on the record.
    template <class Round>
    void catch_up(const Round& round) {
        trustees_.front().catch_up(round.store(), rng).value();
    }

    void collect(aggregation::idle_session<Scheme, store>&& session, const progress& watch) {
        for (std::uint32_t i = 0; i < size_.clients; ++i) {
            seeds_.push_back(random::random_bytes<32>(rng));
            session.enrol(member(i).enrol(1, 0), rng).value();
        }
        catch_up(session);
        const auto start = aggregation::model::of(std::vector<float>(size_.values)).value();
        std::optional<aggregation::collecting_round<Scheme, store>> round;
        timed(round_step::open_round, [&] {
            round.emplace(std::move(session).open_round(header(), start, opening_time, rng).value());
        });
        timed(round_step::follow_opening, [&] { catch_up(*round); });
        for (std::uint32_t i = 0; i < size_.clients; ++i) {
            if (i == 1) collecting_.emplace(round->state());
            const std::vector<float> values = update(i);
            client sender = member(i);
            bytes message;
            std::optional<aggregation::pending_contribution> sent;
            timed(round_step::contribute, [&] {
                sent.emplace(sender.contribute(round->state().round(), values, rng).value());
                message = sent->message().serialize();
            });
            timed(round_step::receive, [&] {
                sent->confirm(round->receive(message, opening_time + i % 1000, rng).value()).value();
            });
            timed(round_step::follow, [&] { catch_up(*round); });
            if (i == 1) {
                bytes_.contribution = message.size();
                contribution_.emplace(round->store().read(round->store().size() - 1).value());
                bytes_.contribution_entry = contribution_->serialize().size();
            }
            report(watch, i + 1, size_.clients);
        }
        timed(round_step::close,
              [&] { opening_.emplace(*std::move(*round).close(closing_time, rng).value().opening); });
        bytes_.aggregate = finished().aggregate().serialize().size();
        timed(round_step::follow_closing, [&] { catch_up(*opening_); });
    }

    void open(std::vector<aggregation::trustee_secrets<Scheme>>& secrets) {
        answering_.emplace(opening_->state());
        for (std::uint32_t i = 0; i < size_.quorum; ++i) {
            // The first has followed the record; to have done so is to hold the aggregator's state.
            if (i > 0) join(*answering_, std::move(secrets[i]));
            bytes message;
            timed(round_step::answer, [&] { message = trustees_.back().answer(rng).value().serialize(); });
            timed(round_step::receive_answer, [&] { opening_->receive(message, rng).value(); });
            if (i == 0) {
                bytes_.answer = message.size();
                answer_.emplace(opening_->store().read(opening_->store().size() - 1).value());
            }
        }
    }

    round_dimensions size_;
    scratch_folder folder_;
    std::optional<aggregation::session_facts<Scheme>> facts_;
    std::shared_ptr<const typename client::encryptor> encryptor_;
    std::vector<byte_array<32>> seeds_;
    std::optional<session_state> collecting_, answering_;
    std::optional<audit::record> contribution_, answer_;
    std::optional<aggregation::opening_round<Scheme, store>> opening_;
    std::vector<trustee> trustees_;
    round_bytes bytes_;
    step_seconds seconds_;
    double start_seconds_ = 0, table_seconds_ = 0;
};

// Compiled once for all programs, in support/played_round_BITS.cpp.
extern template class played_round<paillier::scheme<2048>>;
extern template class played_round<paillier::scheme<3072>>;
extern template class played_round<paillier::scheme<4096>>;

} // namespace veilsum::bench
