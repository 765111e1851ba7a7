// Integers mod l, one and eight at a time.
//
// Names: Group/Scalar/Operation and Group/Lanes/Operation. Counters are those of support/measure.hpp, for one
// scalar also where eight are computed at once. Baselines: libsodium's operation on encodings; for lanes our
// own on single scalars. Every result is checked once. Operations do not wait for each other.
#include "support/measure.hpp"

#include <veilsum/group/lane_scalar.hpp>
#include <veilsum/random/system_random.hpp>

#include <benchmark/benchmark.h>
#include <sodium/crypto_core_ristretto255.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using namespace veilsum;
using group::scalar;
using encoded = byte_array<32>;

constexpr std::size_t count = 256, turns = 64; // 8 KiB a vector of scalars; long enough for the clock

template <class Operation>
auto in_turns(const Operation& operation) {
    return [&operation] {
        for (std::size_t turn = 0; turn < turns; ++turn) {
            operation();
            benchmark::ClobberMemory();
        }
    };
}
template <class Ours, class Baseline>
void compare(benchmark::State& state, const Ours& ours, const Baseline& baseline) {
    bench::compare(state, "operation", turns * count, in_turns(ours), turns * count, in_turns(baseline));
}

std::vector<scalar> draw_scalars() {
    random::system_random rng;
    std::vector<scalar> out(count);
    for (scalar& each : out) each = scalar::random(rng);
    return out;
}

template <class Ours, class Baseline>
void time_each(benchmark::State& state, const Ours& ours, const Baseline& baseline) {
    const std::vector<scalar> a = draw_scalars(), b = draw_scalars();
    std::vector<encoded> x, y, theirs(count);
    for (const scalar& each : a) x.push_back(each.bytes());
    for (const scalar& each : b) y.push_back(each.bytes());
    std::vector<scalar> out(count);
    compare(
        state,
        [&] {
            for (std::size_t i = 0; i < count; ++i) out[i] = ours(a[i], b[i]);
        },
        [&] {
            for (std::size_t i = 0; i < count; ++i) baseline(theirs[i].data(), x[i].data(), y[i].data());
        });
    for (std::size_t i = 0; i < count; ++i)
        if (out[i].bytes() != theirs[i]) return state.SkipWithError("libsodium has other results");
}

void multiply(benchmark::State& state) {
    time_each(
        state, [](const scalar& a, const scalar& b) { return a * b; }, crypto_core_ristretto255_scalar_mul);
}
void add(benchmark::State& state) {
    time_each(
        state, [](const scalar& a, const scalar& b) { return a + b; }, crypto_core_ristretto255_scalar_add);
}
void invert(benchmark::State& state) {
    time_each(
        state, [](const scalar& a, const scalar&) { return a.inverted(); },
        [](unsigned char* out, const unsigned char* a, const unsigned char*) {
            benchmark::DoNotOptimize(crypto_core_ristretto255_scalar_invert(out, a));
        });
}
BENCHMARK(multiply)->Name("Group/Scalar/Multiply")->UseManualTime();
BENCHMARK(add)->Name("Group/Scalar/Add")->UseManualTime();
BENCHMARK(invert)->Name("Group/Scalar/Invert")->UseManualTime();

#if VEILSUM_IFMA_ENGINE

using group::lane_scalar;
using eights = std::vector<lane_scalar>;

VEILSUM_IFMA eights gathered(const std::vector<scalar>& from) {
    eights to(from.size() / lane_count);
    for (std::size_t i = 0; i < to.size(); ++i)
        to[i] = group::gather_scalars(
            [&](std::size_t lane) -> const scalar& { return from[lane_count * i + lane]; });
    return to;
}
VEILSUM_IFMA std::vector<scalar> scattered(const eights& from) {
    std::vector<scalar> to;
    for (const lane_scalar& eight : from)
        for (const scalar& each : group::scatter_scalars(eight)) to.push_back(each);
    return to;
}

// ours(out, a, b) over all eights; one(a, b) for each scalar.
template <class Ours, class One>
void time_lanes(benchmark::State& state, const Ours& ours, const One& one) {
    if (!has_ifma()) return state.SkipWithError("no AVX-512 IFMA");
    const std::vector<scalar> a = draw_scalars(), b = draw_scalars();
    std::vector<scalar> singly(count);
    const eights x = gathered(a), y = gathered(b);
    eights out(count / lane_count);
    compare(
        state, [&] { ours(out, x, y); },
        [&] {
            for (std::size_t i = 0; i < count; ++i) singly[i] = one(a[i], b[i]);
        });
    if (scattered(out) != singly) return state.SkipWithError("lanes have other results");
}
void multiply_lanes(benchmark::State& state) {
    time_lanes(
        state,
        [](eights& out, const eights& a, const eights& b) VEILSUM_IFMA {
            for (std::size_t i = 0; i < out.size(); ++i) out[i] = a[i] * b[i];
        },
        [](const scalar& a, const scalar& b) { return a * b; });
}
void add_lanes(benchmark::State& state) {
    time_lanes(
        state,
        [](eights& out, const eights& a, const eights& b) VEILSUM_IFMA {
            for (std::size_t i = 0; i < out.size(); ++i) out[i] = a[i] + b[i];
        },
        [](const scalar& a, const scalar& b) { return a + b; });
}
BENCHMARK(multiply_lanes)->Name("Group/Lanes/Multiply")->UseManualTime();
BENCHMARK(add_lanes)->Name("Group/Lanes/Add")->UseManualTime();

// A sum over everything, reduced once: products, and terms under masks.
template <class Ours, class One>
void time_sum(benchmark::State& state, const Ours& ours, const One& one) {
    if (!has_ifma()) return state.SkipWithError("no AVX-512 IFMA");
    const std::vector<scalar> a = draw_scalars(), b = draw_scalars();
    const eights x = gathered(a), y = gathered(b);
    scalar sum, singly;
    compare(
        state, [&] { sum = ours(x, y); },
        [&] {
            singly = scalar::zero();
            for (std::size_t i = 0; i < count; ++i) singly += one(i, a[i], b[i]);
        });
    if (sum != singly) return state.SkipWithError("lanes have another sum");
}
void sum_products(benchmark::State& state) {
    time_sum(
        state,
        [](const eights& a, const eights& b) VEILSUM_IFMA {
            group::lane_product_sum sum;
            for (std::size_t i = 0; i < a.size(); ++i) sum.add(a[i], b[i]);
            return group::total(sum.reduced());
        },
        [](std::size_t, const scalar& a, const scalar& b) { return a * b; });
}
void sum_selected(benchmark::State& state) {
    std::array<std::uint8_t, count / lane_count> masks{};
    random::system_random rng;
    rng.fill(masks);
    time_sum(
        state,
        [&](const eights& a, const eights&) VEILSUM_IFMA {
            group::lane_scalar_sum sum;
            for (std::size_t i = 0; i < a.size(); ++i) sum.add(masks[i], a[i]);
            return group::total(sum.reduced());
        },
        [&](std::size_t i, const scalar& a, const scalar&) {
            const std::uint64_t bit = masks[i / lane_count] >> (i % lane_count) & 1;
            return select(0 - bit, a, scalar::zero());
        });
}
BENCHMARK(sum_products)->Name("Group/Lanes/SumOfProducts")->UseManualTime();
BENCHMARK(sum_selected)->Name("Group/Lanes/SumUnderMasks")->UseManualTime();

#endif

} // namespace
