// Noise: one draw, and the share of a whole update; the accountant's figure.
//
// Names: Privacy/Gaussian/sigma, Privacy/Laplace/scale and Privacy/Polya/scale (ten parts), microseconds a
// draw; Privacy/AddNoise/sigma_of_a_share, microseconds a value of an update of 25,450; Privacy/WouldSpend,
// one question to an accountant with a hundred rounds. Counters are those of support/measure.hpp; there is no
// baseline. The source is the system's, so a time has the spread of its draws: thousands of them, a few
// percent.
#include "support/measure.hpp"

#include <veilsum/privacy/accountant.hpp>
#include <veilsum/random/system_random.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using namespace veilsum;
using namespace veilsum::privacy;

constexpr std::size_t draws = 10'000;

template <class Sampler>
void time_draws(benchmark::State& state, const Sampler& sampler) {
    random::system_random rng;
    coins flip(rng);
    bench::measure(state, "draw", draws, [&] {
        for (std::size_t i = 0; i < draws; ++i) benchmark::DoNotOptimize(sampler.sample(flip));
    });
}
std::uint64_t argument(const benchmark::State& state) {
    return static_cast<std::uint64_t>(state.range(0));
}

void gaussian(benchmark::State& state) {
    time_draws(state, discrete_gaussian::of(*ratio::of(argument(state) * argument(state))).value());
}
void laplace(benchmark::State& state) {
    time_draws(state, discrete_laplace(*ratio::of(argument(state))));
}
void polya(benchmark::State& state) {
    time_draws(state, polya_difference(*ratio::of(argument(state)), 10));
}
BENCHMARK(gaussian)->Name("Privacy/Gaussian")->ArgName("sigma")->Arg(1)->Arg(10)->Arg(1000)->UseManualTime();
BENCHMARK(laplace)->Name("Privacy/Laplace")->ArgName("scale")->Arg(1)->Arg(10)->Arg(1000)->UseManualTime();
BENCHMARK(polya)->Name("Privacy/Polya")->ArgName("scale")->Arg(1)->Arg(10)->Arg(100)->UseManualTime();

void add_noise(benchmark::State& state) {
    constexpr std::uint32_t dimension = 25450;
    const std::uint64_t sigma = argument(state);
    const auto plan =
        noise_plan::make({mechanism::gaussian, *ratio::of(14 * sigma * sigma), 20, 2, 4, dimension, 128})
            .value();
    const std::vector<std::int32_t> update(dimension, 1);
    random::system_random rng;
    bool sent = true;
    bench::measure(state, "value", dimension, [&] { sent &= plan.add_noise(update, 24, rng).has_value(); });
    if (!sent) state.SkipWithError("noise did not fit");
}
BENCHMARK(add_noise)->Name("Privacy/AddNoise")->ArgName("sigma")->Arg(1)->Arg(10)->Arg(1000)->UseManualTime();

void would_spend(benchmark::State& state) {
    auto book = accountant::open({{}, neighbours::removed, largest_epsilon, atto / 1'000'000}).value();
    const auto plan =
        noise_plan::make({mechanism::gaussian, *ratio::of(3'000'000), 20, 2, 4, 25450, 128}).value();
    constexpr std::uint64_t norm = 112'740;
    bool booked = true;
    for (std::uint64_t round = 1; round <= 100; ++round) booked &= book.charge(round, plan, norm).has_value();
    bench::measure(state, "question", 1, [&] { booked &= book.would_spend(plan, norm).has_value(); });
    if (!booked) state.SkipWithError("a round was refused");
}
BENCHMARK(would_spend)->Name("Privacy/WouldSpend")->UseManualTime();

} // namespace
