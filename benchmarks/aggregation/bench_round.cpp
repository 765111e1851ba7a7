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
// is fixed and public (support/fixed_key.hpp). `./run bench estimate` predicts rounds of other sizes.
#include "support/measure.hpp"
#include "support/peak_memory.hpp"
#include "support/played_round.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace veilsum;
using bench::played_round;
using bench::round_dimensions;

// The round of these dimensions; null if it opened to a wrong sum. Only the last one is kept.
template <class Round>
Round* round_of(benchmark::State& state, round_dimensions size) {
    static round_dimensions kept{};
    static std::unique_ptr<Round> made;
    if (!made || !(kept == size)) {
        made.reset();
        made = std::make_unique<Round>(size);
        kept = size;
        if (!made->opened_correctly()) made.reset();
    }
    if (!made) state.SkipWithError("the opened sum is wrong");
    return made.get();
}

template <class Round>
double a_value(std::size_t bytes, const Round& round) {
    return static_cast<double>(bytes) / static_cast<double>(round.values());
}

template <class Round>
void contribute(benchmark::State& state, Round& round) {
    const std::vector<float> update = round.update(1);
    bench::stopwatch watch(state, "value");
    for (auto _ : state) {
        auto sender = round.member(1); // a client contributes to a round once
        watch.ours([&] {
            benchmark::DoNotOptimize(sender.contribute(round.collecting().round(), update, round.rng));
        });
    }
    watch.publish(round.values());
    state.counters["bytes"] = a_value(round.bytes_sent().contribution, round);
}

template <class Round>
void check_contribution(benchmark::State& state, Round& round) {
    const auto check = [&] {
        return round.collecting().check(round.contribution(), round.bodies(), round.rng).has_value();
    };
    if (!check()) return state.SkipWithError("a valid contribution was refused");
    bench::measure(state, "value", round.values(), [&] { benchmark::DoNotOptimize(check()); });
}

template <class Round>
void add_contribution(benchmark::State& state, Round& round) {
    const auto checked = round.collecting().check(round.contribution(), round.bodies(), round.rng);
    if (!checked) return state.SkipWithError("a valid contribution was refused");
    bench::stopwatch watch(state, "value");
    for (auto _ : state) {
        auto before = round.collecting();
        auto event = *checked;
        watch.ours([&] { before.store(round.contribution(), std::move(event)); });
    }
    watch.publish(round.values());
}

template <class Round>
void answer(benchmark::State& state, Round& round) {
    // The first answer was checked when the round was played; for the same product a trustee answers again.
    bench::measure(state, "value", round.values(),
                   [&] { benchmark::DoNotOptimize(round.answering_trustee().answer(round.rng)); });
    state.counters["bytes"] = a_value(round.bytes_sent().answer, round);
}

template <class Round>
void check_answer(benchmark::State& state, Round& round) {
    const auto check = [&] {
        return round.answering().check(round.answer(), round.bodies(), round.rng).has_value();
    };
    if (!check()) return state.SkipWithError("a valid answer was refused");
    bench::measure(state, "value", round.values(), [&] { benchmark::DoNotOptimize(check()); });
}

template <class Round>
void combine(benchmark::State& state, Round& round) {
    bench::measure(state, "value", round.values(),
                   [&] { benchmark::DoNotOptimize(round.finished().decide(round.rng)); });
}

template <std::size_t ModulusBits>
void add_size(round_dimensions size) {
    using round_type = played_round<paillier::scheme<ModulusBits>>;
    const std::string parameters = "/" + std::to_string(ModulusBits) + "x1/" + std::to_string(size.values) +
                                   "_values/" + std::to_string(size.clients) + "_clients/" +
                                   std::to_string(size.quorum) + "_of_" + std::to_string(size.trustees);
    const auto add = [&](const std::string& phase, void (*run)(benchmark::State&, round_type&)) {
        const auto measured = [size, run](benchmark::State& state) {
            auto* round = round_of<round_type>(state, size);
            if (round == nullptr) return;
            const bench::peak_memory memory;
            run(state, *round);
            state.counters["peak_MiB"] = memory.mebibytes();
        };
        benchmark::RegisterBenchmark(("Aggregation/" + phase + parameters).c_str(), measured)
            ->UseManualTime();
    };
    add("Contribute", contribute<round_type>);
    add("CheckContribution", check_contribution<round_type>);
    add("AddContribution", add_contribution<round_type>);
    add("Answer", answer<round_type>);
    add("CheckAnswer", check_answer<round_type>);
    add("Combine", combine<round_type>);
}

[[maybe_unused]] const bool registered = [] {
    add_size<3072>({2000, 4, 2, 3});
    add_size<3072>({2000, 16, 2, 3});
    add_size<3072>({2000, 64, 2, 3});
    add_size<3072>({2000, 4, 5, 9});
    add_size<2048>({25450, 4, 2, 3});
    add_size<3072>({25450, 4, 2, 3});
    add_size<4096>({25450, 4, 2, 3});
    add_size<3072>({252398, 4, 3, 4});
    return true;
}();

} // namespace
