// Does the time of the IFMA engine depend on secrets? Valgrind cannot run its instructions, so that their
// constant time is looked at from outside: the time of a secret chosen to be extreme against the times of
// random secrets, by the t-test of welch.hpp.
//
// Names: Modular/TimingLeak/Operation/Bits. Two classes of inputs, chosen by a coin before each measurement.
// The input is copied to one place before the clock starts: where it came from, and what that does to caches,
// would otherwise be a difference between the classes that has nothing to do with values.
//
//     PowerSecret      exponent 2^255 against random ones of 256 bits (equal limb counts, which are public);
//                      modulo 1024 bits, eight bases
//     PowerFixed       the same, eight exponents at a time
//     Multiply         factors 0 against random ones, twenty products
//     PowerPublic      the inputs of PowerSecret given to the variable-time power: the control. Its |t| must
//                      be in the hundreds, or the measurement sees nothing
//
// Counters:
//     t                Welch's t, the largest of several croppings; above 10 means that time differs, below
//                      4.5 that no difference was seen in so many measurements
//     difference_ns    of the means of the two classes, where t was found
//     kept             the share of the measurements that was kept there
//     measurements     of both classes
//
// "us" is the time of a measurement. These are results for a reader, not assertions: a busy machine measures
// badly. Registered only where the processor has AVX-512 IFMA.
#include "modular/welch.hpp"

#include <veilsum/core/bytes.hpp>
#include <veilsum/modular/ifma_engine.hpp>
#include <veilsum/random/system_random.hpp>

#include <benchmark/benchmark.h>

#if VEILSUM_IFMA_ENGINE

#include <x86intrin.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace veilsum;
using integer::bigint;
using numbers = std::vector<bigint>;

constexpr std::size_t bits = 1024, exponent_bits = 256, pool = 64, group = veilsum::lane_count;
using engine_type = modular::ifma_engine<bits>;

bigint any_bits(std::size_t count) {
    random::system_random rng;
    bytes octets(count / 8);
    rng.fill(octets);
    return bigint::from_bytes(octets);
}
// Of exactly exponent_bits bits.
bigint exponent_of(bool fixed) {
    const bigint top = bigint(1) << (exponent_bits - 1);
    return fixed ? top : any_bits(exponent_bits) % top + top;
}

// For so many coins: prepare(class, place in the pool), then the time of operation(). 20,000 measurements of
// 150 us take three seconds.
template <class Prepare, class Operation>
void look_for_leak(benchmark::State& state, const Prepare& prepare, const Operation& operation) {
    constexpr std::size_t measurements = 20000, warm_up = 200;
    std::array<std::vector<double>, 2> ticks;
    const bytes coins = [] {
        bytes out(2 * (measurements + warm_up));
        random::system_random rng;
        rng.fill(out);
        return out;
    }();
    for (auto _ : state) {
        const auto begin = std::chrono::steady_clock::now();
        const std::uint64_t first_tick = __rdtsc();
        for (std::size_t i = 0; i < measurements + warm_up; ++i) {
            const std::size_t which = coins[2 * i] & 1, at = coins[2 * i + 1] % pool;
            unsigned processor = 0;
            prepare(which, at);
            _mm_lfence();
            const std::uint64_t before = __rdtsc();
            operation();
            const std::uint64_t after = __rdtscp(&processor);
            _mm_lfence();
            if (i >= warm_up) ticks[which].push_back(static_cast<double>(after - before));
        }
        const std::chrono::duration<double> all = std::chrono::steady_clock::now() - begin;
        const double tick = all.count() / static_cast<double>(__rdtsc() - first_tick);
        state.SetIterationTime(all.count());
        const bench::crop_result result = bench::largest_t(ticks[0], ticks[1]);
        state.counters["us"] = 1e6 * all.count() / (measurements + warm_up);
        state.counters["t"] = result.t;
        state.counters["difference_ns"] = 1e9 * tick * result.difference;
        state.counters["kept"] = result.share;
        state.counters["measurements"] = static_cast<double>(measurements);
    }
}

struct fixture {
    engine_type engine{(any_bits(bits) >> 1 << 1) % (bigint(1) << (bits - 1)) + (bigint(1) << (bits - 1)) +
                       bigint(1)};
    engine_type::vector base = engine.make(group), out = base;
    fixture() {
        for (std::size_t i = 0; i < group; ++i) engine.set(base, i, any_bits(bits) % engine.modulus());
    }
};

// Pools of both classes; make(class) gives one.
template <class Make>
auto pools(const Make& make) {
    std::array<std::vector<decltype(make(true))>, 2> out;
    for (std::size_t i = 0; i < pool; ++i)
        for (const std::size_t which : {0u, 1u}) out[which].push_back(make(which == 0));
    return out;
}
numbers eight(const auto& make) {
    numbers out;
    for (std::size_t lane = 0; lane < group; ++lane) out.push_back(make());
    return out;
}

void power_secret(benchmark::State& state) {
    fixture f;
    const auto exponents = pools(exponent_of);
    std::optional<secret<bigint>> current;
    look_for_leak(
        state, [&](std::size_t which, std::size_t at) { current.emplace(bigint(exponents[which][at])); },
        [&] { f.engine.power_secret(f.out, f.base, *current, exponent_bits); });
}
void power_public(benchmark::State& state) {
    fixture f;
    const auto exponents = pools(exponent_of);
    bigint current(0);
    look_for_leak(
        state, [&](std::size_t which, std::size_t at) { current = exponents[which][at]; },
        [&] { f.engine.power_public_vartime(f.out, f.base, current); });
}
void power_fixed(benchmark::State& state) {
    fixture f;
    const auto table = f.engine.make_table(any_bits(bits) % f.engine.modulus(), exponent_bits);
    const auto exponents = pools([](bool fixed) { return eight([fixed] { return exponent_of(fixed); }); });
    std::optional<secret<numbers>> current;
    look_for_leak(
        state, [&](std::size_t which, std::size_t at) { current.emplace(numbers(exponents[which][at])); },
        [&] { f.engine.power_fixed(f.out, table, *current, exponent_bits); });
}
void multiply(benchmark::State& state) {
    fixture f;
    const auto factors = pools([&](bool fixed) {
        return f.engine.enter(eight([&] { return fixed ? bigint(0) : any_bits(bits) % f.engine.modulus(); }));
    });
    look_for_leak(
        state,
        [&](std::size_t which, std::size_t at) {
            for (std::size_t i = 0; i < group; ++i) f.engine.copy(f.base, i, factors[which][at], i);
        },
        [&] {
            for (int i = 0; i < 20; ++i) f.engine.multiply(f.out, f.base, f.base);
        });
}

[[maybe_unused]] const bool registered = [] {
    if (!veilsum::has_ifma()) return false;
    const auto add = [](const std::string& operation, void (*function)(benchmark::State&)) {
        benchmark::RegisterBenchmark(("Modular/TimingLeak/" + operation + "/" + std::to_string(bits)).c_str(),
                                     function)
            ->UseManualTime()
            ->Iterations(1)
            ->Unit(benchmark::kMicrosecond);
    };
    add("PowerSecret", power_secret);
    add("PowerFixed", power_fixed);
    add("Multiply", multiply);
    add("PowerPublic", power_public);
    return true;
}();

} // namespace

#endif
