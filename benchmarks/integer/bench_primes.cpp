// What key generation costs: safe primes, and the two things that their search is made of.
//
// Names: Integer/SafePrime/bits, one prime; Integer/SafePrimePair/modulus_bits, both factors of a modulus on
// two threads, wall time; Integer/SieveWindow/bits, one window of candidates struck out;
// Integer/FermatTest/bits, the first test of a survivor. Counter: candidates, tested for one prime (or pair).
// Every prime is checked by the generator itself, so there is no result to check here.
//
// The number of candidates until the first hit is geometric, so the time of one prime is spread as widely as
// its mean: over n primes the mean is known to 1 part in sqrt(n). The last two do not vary, and their figures
// predict the first: SafePrime = candidates * FermatTest + (windows, about one) * SieveWindow + building the
// sieve.
#include "support/threads.hpp"

#include <veilsum/integer/primes.hpp>
#include <veilsum/random/system_random.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>

namespace {

using namespace veilsum;
using namespace veilsum::integer;

// Counts over all iterations; the watcher hears a running number in each.
struct candidate_count {
    std::uint64_t total = 0, last = 0;
    progress watcher() {
        return [this](std::uint64_t done, std::uint64_t) { last = done; };
    }
    void end_of_prime() { total += last; }
    void publish(benchmark::State& state) const {
        state.counters["candidates"] =
            benchmark::Counter(static_cast<double>(total), benchmark::Counter::kAvgIterations);
    }
};

void safe_prime(benchmark::State& state) {
    state.SetLabel("prime");
    random::system_random rng;
    candidate_count count;
    for (auto _ : state) {
        benchmark::DoNotOptimize(
            generate_safe_prime(static_cast<std::size_t>(state.range(0)), rng, count.watcher()));
        count.end_of_prime();
    }
    count.publish(state);
}
BENCHMARK(safe_prime)->Name("Integer/SafePrime")->ArgName("bits")->Arg(1024)->Iterations(60);
BENCHMARK(safe_prime)->Name("Integer/SafePrime")->ArgName("bits")->Arg(1536)->Iterations(20);
BENCHMARK(safe_prime)->Name("Integer/SafePrime")->ArgName("bits")->Arg(2048)->Iterations(10);

void safe_prime_pair(benchmark::State& state) {
    const bench::thread_scope two(2);
    state.SetLabel("pair");
    random::system_random rng;
    candidate_count count;
    for (auto _ : state) {
        benchmark::DoNotOptimize(
            generate_prime_pair<true>(static_cast<std::size_t>(state.range(0)), rng, count.watcher()));
        count.end_of_prime();
    }
    count.publish(state);
}
BENCHMARK(safe_prime_pair)
    ->Name("Integer/SafePrimePair")
    ->ArgName("modulus_bits")
    ->UseRealTime()
    ->Arg(2048)
    ->Arg(3072)
    ->Iterations(20);

void sieve_window(benchmark::State& state) {
    random::system_random rng;
    const auto bits = static_cast<std::size_t>(state.range(0));
    const window_sieve<true> sieve(search_size<true>::sieve_limit(bits));
    const bigint start = random_bits(bits - 1, rng) * 6 + 5;
    std::size_t left = 0;
    state.SetLabel("window");
    for (auto _ : state)
        left = sieve.survivors(start, search_size<true>::window(bits)).expose().values.size();
    state.counters["survivors"] = static_cast<double>(left);
}
BENCHMARK(sieve_window)->Name("Integer/SieveWindow")->ArgName("bits")->Arg(1024)->Arg(1536)->Arg(2048);

void fermat_test(benchmark::State& state) {
    random::system_random rng;
    const auto bits = static_cast<std::size_t>(state.range(0));
    state.SetLabel("candidate");
    const bigint p = (bigint(1) << (bits - 1)) + (random_bits(bits - 2, rng) << 1) + 1;
    for (auto _ : state) benchmark::DoNotOptimize(power_vartime(2, p - 1, p));
}
BENCHMARK(fermat_test)->Name("Integer/FermatTest")->ArgName("bits")->Arg(1024)->Arg(1536)->Arg(2048);

} // namespace
