// A whole round, phase by phase, driven as the roles drive it: bytes in, bytes out, the record in memory.
//
// Names: Aggregation/Phase/BitsxDegree/values/clients/quorum_of_trustees. Counters (support/measure.hpp) are
// for one value of the update; bytes is what the phase sends, over the values.
//
//     Contribute          one client: quantise, commit, encrypt, prove validity, sign
//     CheckContribution   one contribution, by the aggregator, and again by each trustee and auditor
//     AddContribution     fold a checked one into the product and the row sums
//     Answer              one trustee: opening policy, partial decryptions and their proof, signature
//     CheckAnswer         one answer, by the aggregator and by an auditor
//     Combine             quorum answers to sums, sums against the row commitments, the next model
//
// A round costs clients x (Contribute + CheckContribution + AddContribution) + quorum x (Answer +
// CheckAnswer) + Combine at the aggregator, and clients x (CheckContribution + AddContribution) more at each
// trustee. Values have 16 bits, weights are 1, exponents short, the record's disk is left out
// (audit/bench_log.cpp has it). peak_MiB: the most memory that the process held during the phase, all parties
// and their tables together.
//
// The opened sums are compared with those of the same updates in the clear before anything is timed. The key
// is fixed and public (support/fixed_key.hpp).
#include "support/fixed_key.hpp"
#include "support/measure.hpp"
#include "support/peak_memory.hpp"
#include "support/scratch_folder.hpp"

#include <veilsum/aggregation/acknowledgement.hpp>
#include <veilsum/aggregation/aggregator.hpp>
#include <veilsum/aggregation/client.hpp>
#include <veilsum/aggregation/trustee.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/paillier/key_generation.hpp>
#include <veilsum/random/system_random.hpp>
#include <veilsum/threshold/dealer.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace veilsum;
using scheme = bench::fixed_scheme;
using store = audit::memory_store;
using client = aggregation::client<scheme, aggregation::memory_outbox>;
using trustee = aggregation::trustee<scheme>;
using state_of_session = aggregation::session_state<scheme>;

struct dimensions {
    std::uint32_t values, clients, quorum, trustees;
    bool operator==(const dimensions&) const = default;
};

// One round that was played to its end, with what each phase starts from.
class played_round {
    static constexpr std::uint64_t opening_time = 1000, closing_time = 2000;

  public:
    explicit played_round(dimensions size) : size_(size) {
        const auto key = paillier::make_public_key<scheme>(bench::fixed_safe_primes(), rng).value();
        const auto who = threshold::structure::create(size.quorum, size.trustees).value();
        auto dealt = threshold::deal(bench::fixed_safe_primes(), key, who, rng).value();
        std::vector<sign::signing_key> identities;
        std::vector<sign::verifying_key> signers;
        for (std::uint32_t i = 0; i < size.trustees; ++i) {
            identities.push_back(sign::signing_key::generate(rng));
            signers.push_back(identities.back().verifying());
        }
        using ceremony_type = aggregation::ceremony<scheme>;
        const auto id = random::random_bytes<32>(rng);
        auto proof =
            zk::prove_key(ceremony_type::key_context(id, key), bench::fixed_safe_primes(), key, rng).value();
        ceremony_type ceremony{id, key, std::move(proof), dealt.verification, signers, {}};
        for (std::uint32_t i = 0; i < size.trustees; ++i)
            ceremony.acknowledgements.push_back(
                aggregation::acknowledge(ceremony, dealt.shares[i], identities[i]).value());
        auto session = aggregation::idle_session<scheme, store>::open(
                           store(), ceremony, aggregation::exponent_policy::short_exponent,
                           "bench.example/log", sign::signing_key::generate(rng), rng)
                           .value();
        facts_.emplace(session.state().facts());
        encryptor_ = std::make_shared<const client::encryptor>(key);

        collect(std::move(session));
        open(dealt.shares, identities);
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
    const state_of_session& collecting() const { return *collecting_; }
    const audit::record& contribution() const { return *contribution_; }
    // The first trustee's answer, the state in which it arrives, and the trustee.
    const state_of_session& answering() const { return *answering_; }
    const audit::record& answer() const { return *answer_; }
    trustee& answering_trustee() { return trustees_.front(); }
    // With a quorum of answers.
    const state_of_session& finished() const { return opening_->state(); }
    aggregation::body_reader bodies() const { return aggregation::bodies_of(opening_->store()); }

    std::size_t contribution_bytes() const { return contribution_bytes_; }
    std::size_t answer_bytes() const { return answer_bytes_; }
    std::size_t values() const { return size_.values; }

    mutable random::system_random rng;

  private:
    aggregation::round_header header() const {
        aggregation::round_header made;
        made.format = {12, 16, 7.5};
        made.layout.nbits = scheme::modulus_bits;
        made.layout.b = made.format.value_bits;
        made.layout.m = size_.clients;
        made.layout.wmax = 1;
        made.layout.d = size_.values;
        made.suite = aggregation::proof_suite::validity;
        made.layout.flags = encoding::flag_audit | encoding::flag_l2;
        made.layout.B2 = encoding::norm_bound_bytes(
            encoding::squared_norm_bound(made.format, size_.values, encoding::rounding::nearest));
        made.layout.a = paillier::short_exponent::bits<scheme::modulus_bits>;
        made.layout.md = encoding::smallest_digit_count(made.layout.b, made.layout.wmax);
        const auto slots =
            encoding::slot_layout::create(scheme::plaintext_bits, made.layout.b, made.layout.m).value();
        made.layout.C =
            encoding::recommended_columns(made.layout.d, made.layout.b, slots.slots(), made.layout.md);
        made.minimum_cohort = 2;
        made.opens_at = opening_time;
        made.closes_at = closing_time;
        return made;
    }

    void collect(aggregation::idle_session<scheme, store>&& session) {
        for (std::uint32_t i = 0; i < size_.clients; ++i) {
            seeds_.push_back(random::random_bytes<32>(rng));
            session.enrol(member(i).enrol(1, 0), rng).value();
        }
        const auto start = aggregation::model::of(std::vector<float>(size_.values)).value();
        auto round = std::move(session).open_round(header(), start, opening_time, rng).value();
        for (std::uint32_t i = 0; i < size_.clients; ++i) {
            client sender = member(i);
            const auto pending = sender.contribute(round.state().round(), update(i), rng).value();
            const bytes message = pending.message().serialize();
            if (i == 1) {
                contribution_bytes_ = message.size();
                collecting_.emplace(round.state());
            }
            const auto receipt = round.receive(message, opening_time + i, rng).value();
            pending.confirm(receipt).value();
            if (i == 1) contribution_.emplace(round.store().read(round.store().size() - 1).value());
        }
        opening_.emplace(*std::move(round).close(closing_time, rng).value().opening);
    }

    void open(std::vector<threshold::key_share<scheme>>& shares, std::vector<sign::signing_key>& identities) {
        answering_.emplace(opening_->state());
        for (std::uint32_t i = 0; i < size_.quorum; ++i) {
            // To have followed the record is to hold the aggregator's state at this point.
            trustees_.push_back(trustee::join(*answering_, std::move(shares[i]), std::move(identities[i]),
                                              audit::journal::open(folder_ / std::to_string(i)).value())
                                    .value());
            const bytes message = trustees_.back().answer(rng).value().serialize();
            opening_->receive(message, rng).value();
            if (i == 0) {
                answer_bytes_ = message.size();
                answer_.emplace(opening_->store().read(opening_->store().size() - 1).value());
            }
        }
    }

    dimensions size_;
    bench::scratch_folder folder_;
    std::optional<aggregation::session_facts<scheme>> facts_;
    std::shared_ptr<const client::encryptor> encryptor_;
    std::vector<byte_array<32>> seeds_;
    std::optional<state_of_session> collecting_, answering_;
    std::optional<audit::record> contribution_, answer_;
    std::optional<aggregation::opening_round<scheme, store>> opening_;
    std::vector<trustee> trustees_;
    std::size_t contribution_bytes_ = 0, answer_bytes_ = 0;
};

// The round of these dimensions; null if it opened to a wrong sum. Only the last one is kept.
played_round* round_of(benchmark::State& state, dimensions size) {
    static dimensions kept{};
    static std::unique_ptr<played_round> made;
    if (!made || !(kept == size)) {
        made.reset();
        made = std::make_unique<played_round>(size);
        kept = size;
        if (!made->opened_correctly()) made.reset();
    }
    if (!made) state.SkipWithError("the opened sum is wrong");
    return made.get();
}

double a_value(std::size_t bytes, const played_round& round) {
    return static_cast<double>(bytes) / static_cast<double>(round.values());
}

void contribute(benchmark::State& state, played_round& round) {
    const std::vector<float> update = round.update(1);
    bench::stopwatch watch(state, "value");
    for (auto _ : state) {
        client sender = round.member(1); // a client contributes to a round once
        watch.ours([&] {
            benchmark::DoNotOptimize(sender.contribute(round.collecting().round(), update, round.rng));
        });
    }
    watch.publish(round.values());
    state.counters["bytes"] = a_value(round.contribution_bytes(), round);
}

void check_contribution(benchmark::State& state, played_round& round) {
    const auto check = [&] {
        return round.collecting().check(round.contribution(), round.bodies(), round.rng).has_value();
    };
    if (!check()) return state.SkipWithError("a valid contribution was refused");
    bench::measure(state, "value", round.values(), [&] { benchmark::DoNotOptimize(check()); });
}

void add_contribution(benchmark::State& state, played_round& round) {
    const auto checked = round.collecting().check(round.contribution(), round.bodies(), round.rng);
    if (!checked) return state.SkipWithError("a valid contribution was refused");
    bench::stopwatch watch(state, "value");
    for (auto _ : state) {
        state_of_session before = round.collecting();
        auto event = *checked;
        watch.ours([&] { before.store(round.contribution(), std::move(event)); });
    }
    watch.publish(round.values());
}

void answer(benchmark::State& state, played_round& round) {
    // The first answer was checked when the round was played; for the same product a trustee answers again.
    bench::measure(state, "value", round.values(),
                   [&] { benchmark::DoNotOptimize(round.answering_trustee().answer(round.rng)); });
    state.counters["bytes"] = a_value(round.answer_bytes(), round);
}

void check_answer(benchmark::State& state, played_round& round) {
    const auto check = [&] {
        return round.answering().check(round.answer(), round.bodies(), round.rng).has_value();
    };
    if (!check()) return state.SkipWithError("a valid answer was refused");
    bench::measure(state, "value", round.values(), [&] { benchmark::DoNotOptimize(check()); });
}

void combine(benchmark::State& state, played_round& round) {
    bench::measure(state, "value", round.values(),
                   [&] { benchmark::DoNotOptimize(round.finished().decide(round.rng)); });
}

void add_size(dimensions size) {
    const std::string parameters = "/3072x1/" + std::to_string(size.values) + "_values/" +
                                   std::to_string(size.clients) + "_clients/" + std::to_string(size.quorum) +
                                   "_of_" + std::to_string(size.trustees);
    const auto add = [&](const std::string& phase, void (*run)(benchmark::State&, played_round&)) {
        const auto measured = [size, run](benchmark::State& state) {
            played_round* round = round_of(state, size);
            if (round == nullptr) return;
            const bench::peak_memory memory;
            run(state, *round);
            state.counters["peak_MiB"] = memory.mebibytes();
        };
        benchmark::RegisterBenchmark(("Aggregation/" + phase + parameters).c_str(), measured)
            ->UseManualTime();
    };
    add("Contribute", contribute);
    add("CheckContribution", check_contribution);
    add("AddContribution", add_contribution);
    add("Answer", answer);
    add("CheckAnswer", check_answer);
    add("Combine", combine);
}

[[maybe_unused]] const bool registered = [] {
    add_size({2000, 4, 2, 3});
    add_size({2000, 16, 2, 3});
    add_size({2000, 4, 5, 9});
    add_size({25450, 4, 2, 3});
    add_size({252398, 4, 3, 4});
    return true;
}();

} // namespace
