// Group operations, row commitments and openings.
//
// Names: Group/Operation, Pedersen/Operation/C/K/b with C columns, K rows and b-bit values. Counter us: time
// of one value, where rows are committed or opened. CommitRows runs its baseline, one multiplication and one
// addition a value, in the same turn: direct_us, and ratio above 1 where the tables win. Every result is
// checked once. Threads as OpenMP is told (OMP_NUM_THREADS=1 for one core); the time is wall time.
#include <veilsum/encoding/row_packing.hpp>
#include <veilsum/pedersen/audit_weights.hpp>
#include <veilsum/pedersen/row_commitment.hpp>
#include <veilsum/random/system_random.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace {

using namespace veilsum;
using group::point;
using group::scalar;

template <class Operation>
double seconds_of(const Operation& operation) {
    const auto begin = std::chrono::steady_clock::now();
    operation();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::vector<std::int32_t> draw_values(std::size_t count, unsigned b) {
    random::system_random rng;
    std::vector<std::int32_t> values(count);
    encoding::detail::draw_digits(std::span(values), b, rng);
    return values;
}

// One operation on two points and a scalar.
template <class Operation>
void time_each(benchmark::State& state, const Operation& operation) {
    random::system_random rng;
    const scalar x = scalar::random(rng);
    const point p = scalar::random(rng) * point::base();
    const point q = scalar::random(rng) * point::base();
    for (auto _ : state) benchmark::DoNotOptimize(operation(x, p, q));
}

void parse_point(benchmark::State& state) {
    time_each(state, [](const scalar&, const point& p, const point&) {
        return point::parse(p.bytes()).has_value();
    });
}
void add_points(benchmark::State& state) {
    time_each(state, [](const scalar&, const point& p, const point& q) { return p + q; });
}
void multiply_point(benchmark::State& state) {
    time_each(state, [](const scalar& x, const point& p, const point&) { return x * p; });
}
void multiply_base(benchmark::State& state) {
    time_each(state, [](const scalar& x, const point&, const point&) { return point::from_scalar_base(x); });
}
void hash_to_generator(benchmark::State& state) {
    time_each(state, [](const scalar&, const point&, const point&) { return group::generator("G", 7); });
}
void multiply_scalars(benchmark::State& state) {
    time_each(state, [](const scalar& x, const point&, const point&) { return x * x; });
}
BENCHMARK(parse_point)->Name("Group/Parse");
BENCHMARK(add_points)->Name("Group/Add");
BENCHMARK(multiply_point)->Name("Group/Multiply");
BENCHMARK(multiply_base)->Name("Group/MultiplyBase");
BENCHMARK(hash_to_generator)->Name("Group/Generator");
BENCHMARK(multiply_scalars)->Name("Group/ScalarMultiply");

// Arguments: columns, rows, bits of a value.
void commit_rows(benchmark::State& state) {
    const auto columns = static_cast<std::size_t>(state.range(0));
    const auto rows = static_cast<std::size_t>(state.range(1));
    const auto b = static_cast<unsigned>(state.range(2));
    random::system_random rng;
    const pedersen::generators bases(columns);
    const std::vector<std::int32_t> values = draw_values(columns * rows, b);
    secret<std::vector<scalar>> blindings{std::vector<scalar>(rows)};
    for (scalar& blinding : blindings.expose()) blinding = scalar::random(rng);
    // Four rows are enough to know what a value costs by multiplication.
    const std::size_t direct_rows = std::min<std::size_t>(rows, 4);
    std::vector<pedersen::row_commitment> committed;
    std::vector<point> direct(direct_rows);
    double ours = 0;
    double theirs = 0;
    for (auto _ : state) {
        const double time =
            seconds_of([&] { committed = pedersen::commit_rows(bases, values, columns, blindings, b); });
        ours += time;
        theirs += seconds_of([&] {
            parallel_for(direct_rows, [&](std::size_t i) {
                point sum = blindings.expose()[i] * bases.H();
                for (std::size_t c = 0; c < columns; ++c)
                    sum += scalar::from_i64(values[i * columns + c]) * bases.G(c);
                direct[i] = sum;
            });
        });
        state.SetIterationTime(time);
    }
    for (std::size_t i = 0; i < direct_rows; ++i)
        if (!(committed[i].value() == direct[i])) state.SkipWithError("wrong commitment");
    const double turns = static_cast<double>(state.iterations());
    const double ours_us = ours / turns / static_cast<double>(columns * rows) * 1e6;
    const double direct_us = theirs / turns / static_cast<double>(columns * direct_rows) * 1e6;
    state.counters["us"] = ours_us;
    state.counters["direct_us"] = direct_us;
    state.counters["ratio"] = direct_us / ours_us;
}
BENCHMARK(commit_rows)
    ->Name("Pedersen/CommitRows")
    ->Args({200, 4, 16})
    ->Args({200, 32, 8})
    ->Args({200, 32, 16})
    ->Args({200, 179, 16})
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

// Arguments: columns, rows. Counter multiply_us: time over the K + C + 1 multiplications there are.
void check_openings(benchmark::State& state) {
    const auto columns = static_cast<std::size_t>(state.range(0));
    const auto count = static_cast<std::size_t>(state.range(1));
    random::system_random rng;
    const pedersen::generators bases(columns);
    const std::vector<std::int32_t> values = draw_values(columns * count, 16);
    secret<std::vector<scalar>> blindings{std::vector<scalar>(count)};
    for (scalar& blinding : blindings.expose()) blinding = scalar::random(rng);
    const auto rows = pedersen::commit_rows(bases, values, columns, blindings, 16);
    const std::vector<std::int64_t> sums(values.begin(), values.end());
    double time = 0;
    for (auto _ : state)
        time += seconds_of([&] {
            if (!pedersen::check_openings(bases, rows, sums, blindings.expose(), rng))
                state.SkipWithError("opening refused");
        });
    const double us = time / static_cast<double>(state.iterations()) * 1e6;
    state.counters["us"] = us / static_cast<double>(columns * count);
    state.counters["multiply_us"] = us / static_cast<double>(columns + count + 1);
}
BENCHMARK(check_openings)
    ->Name("Pedersen/CheckOpenings")
    ->Args({436, 46})
    ->Args({1417, 179})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// A full plaintext of 3072 bits, 16-bit values, 1024 clients; time of a value.
void pack_and_unpack(benchmark::State& state) {
    const auto layout = encoding::slot_budget<16, 1024, 3072>::layout();
    const std::vector<std::int32_t> values = draw_values(layout.slots(), 16);
    double packing = 0;
    double unpacking = 0;
    for (auto _ : state) {
        encoding::bigint packed(0);
        packing += seconds_of([&] { packed = *encoding::pack(values, layout); });
        unpacking += seconds_of([&] {
            if ((*encoding::unpack_sum(packed, layout, values.size()))[0] != values[0])
                state.SkipWithError("wrong sum");
        });
    }
    const double each = 1e6 / static_cast<double>(state.iterations()) / static_cast<double>(values.size());
    state.counters["pack_us"] = packing * each;
    state.counters["unpack_us"] = unpacking * each;
}
BENCHMARK(pack_and_unpack)->Name("Encoding/PackUnpack/3072x16");

} // namespace
