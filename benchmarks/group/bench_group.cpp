// Group operations, row commitments and openings.
//
// Names: Group/Operation, Pedersen/Operation/columns/rows/bits of a value. Counters are those of
// support/measure.hpp, for one value where rows are committed or opened. The baseline of CommitRows is one
// multiplication and one addition a value. Every result is checked once.
#include "support/measure.hpp"

#include <veilsum/encoding/row_packing.hpp>
#include <veilsum/pedersen/audit_weights.hpp>
#include <veilsum/pedersen/row_commitment.hpp>
#include <veilsum/random/system_random.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace {

using namespace veilsum;
using group::point;
using group::scalar;

std::vector<std::int32_t> draw_values(std::size_t count, unsigned b) {
    random::system_random rng;
    std::vector<std::int32_t> values(count);
    encoding::detail::draw_digits(std::span(values), b, rng);
    return values;
}

// Operations on two points and a scalar, in turns long enough for the clock.
template <class Operation>
void time_each(benchmark::State& state, const Operation& operation) {
    constexpr std::size_t repeats = 16;
    random::system_random rng;
    const scalar x = scalar::random(rng);
    const point p = scalar::random(rng) * point::base();
    const point q = scalar::random(rng) * point::base();
    if (!(p + q == q + p) || !(x * (p + q) == x * p + x * q) || !(*point::parse(p.bytes()) == p) ||
        !(x * point::base() == point::from_scalar_base(x)))
        return state.SkipWithError("the group's laws do not hold");
    bench::measure(state, "operation", repeats, [&] {
        for (std::size_t i = 0; i < repeats; ++i) benchmark::DoNotOptimize(operation(x, p, q));
    });
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
BENCHMARK(parse_point)->Name("Group/Parse")->UseManualTime();
BENCHMARK(add_points)->Name("Group/Add")->UseManualTime();
BENCHMARK(multiply_point)->Name("Group/Multiply")->UseManualTime();
BENCHMARK(multiply_base)->Name("Group/MultiplyBase")->UseManualTime();
BENCHMARK(hash_to_generator)->Name("Group/Generator")->UseManualTime();
BENCHMARK(multiply_scalars)->Name("Group/ScalarMultiply")->UseManualTime();

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
    const auto by_tables = [&] { return pedersen::commit_rows(bases, values, columns, blindings, b); };
    std::vector<point> direct(direct_rows);
    const auto by_multiplication = [&] {
        parallel_for(direct_rows, [&](std::size_t i) {
            point sum = blindings.expose()[i] * bases.H();
            for (std::size_t c = 0; c < columns; ++c)
                sum += scalar::from_i64(values[i * columns + c]) * bases.G(c);
            direct[i] = sum;
        });
    };
    const std::vector<pedersen::row_commitment> committed = by_tables();
    by_multiplication();
    for (std::size_t i = 0; i < direct_rows; ++i)
        if (!(committed[i].value() == direct[i])) return state.SkipWithError("wrong commitment");
    bench::compare(
        state, "value", columns * rows, [&] { benchmark::DoNotOptimize(by_tables()); }, columns * direct_rows,
        by_multiplication);
    state.counters["bytes"] = 32.0 / static_cast<double>(columns);
}
BENCHMARK(commit_rows)
    ->Name("Pedersen/CommitRows")
    ->ArgNames({"columns", "rows", "bits"})
    ->Args({200, 4, 16})
    ->Args({200, 32, 8})
    ->Args({200, 32, 16})
    ->Args({200, 179, 16})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

// Counter multiply_us: time over the multiplications there are, one a row, one a column and one more.
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
    const auto check = [&] {
        return pedersen::check_openings(bases, rows, sums, blindings.expose(), rng).has_value();
    };
    if (!check()) return state.SkipWithError("opening refused");
    const std::size_t multiplications = columns + count + 1;
    bench::measure(state, "value", columns * count, [&] { benchmark::DoNotOptimize(check()); });
    state.counters["multiply_us"] =
        state.counters["us"] * static_cast<double>(columns * count) / static_cast<double>(multiplications);
}
BENCHMARK(check_openings)
    ->Name("Pedersen/CheckOpenings")
    ->ArgNames({"columns", "rows"})
    ->Args({436, 46})
    ->Args({1417, 179})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

// A full plaintext of 3072 bits, 16-bit values, 1024 clients: in slots, and out of them.
template <class Operation>
void pack_or_unpack(benchmark::State& state, const Operation& operation) {
    const auto layout = encoding::slot_budget<16, 1024, 3072>::layout();
    const std::vector<std::int32_t> values = draw_values(layout.slots(), 16);
    const encoding::bigint packed = *encoding::pack(values, layout);
    const auto unpacked = *encoding::unpack_sum(packed, layout, values.size());
    if (!std::equal(unpacked.begin(), unpacked.end(), values.begin(), values.end()))
        return state.SkipWithError("wrong values");
    bench::measure(state, "value", values.size(), [&] { operation(layout, values, packed); });
    state.counters["bytes"] = 768.0 / static_cast<double>(layout.slots());
}

void pack(benchmark::State& state) {
    pack_or_unpack(state, [](const auto& layout, const auto& values, const auto&) {
        benchmark::DoNotOptimize(encoding::pack(values, layout));
    });
}
void unpack(benchmark::State& state) {
    pack_or_unpack(state, [](const auto& layout, const auto& values, const auto& packed) {
        benchmark::DoNotOptimize(encoding::unpack_sum(packed, layout, values.size()));
    });
}
BENCHMARK(pack)->Name("Encoding/Pack/3072x16")->UseManualTime();
BENCHMARK(unpack)->Name("Encoding/Unpack/3072x16")->UseManualTime();

} // namespace
