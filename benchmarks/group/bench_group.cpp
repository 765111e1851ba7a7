// Group operations, row commitments and openings.
//
// Names: Group/Operation, Pedersen/Operation/columns/rows/bits of a value,
// Encoding/Operation/BitsxDegree/bits of a value/bits of a slot. Counters are those of
// support/measure.hpp, for one value where rows are committed, opened, packed. Baselines are libsodium's,
// which takes and gives encodings: the same operation; for CommitRows one multiplication and one addition a
// value, for sums of products one of each a term. Every result is checked once.
#include "support/measure.hpp"

#include <veilsum/encoding/row_packing.hpp>
#include <veilsum/group/base_multiples.hpp>
#include <veilsum/group/batch.hpp>
#include <veilsum/group/multi_scalar.hpp>
#include <veilsum/group/small_multiples.hpp>
#include <veilsum/pedersen/audit_weights.hpp>
#include <veilsum/pedersen/plane_commitment.hpp>
#include <veilsum/pedersen/row_commitment.hpp>
#include <veilsum/random/system_random.hpp>

#include <benchmark/benchmark.h>
#include <sodium/crypto_core_ristretto255.h>
#include <sodium/crypto_scalarmult_ristretto255.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
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

// libsodium's operations, as results.
using encoded = byte_array<32>;
encoded sodium_add(const encoded& p, const encoded& q) {
    encoded out{};
    benchmark::DoNotOptimize(crypto_core_ristretto255_add(out.data(), p.data(), q.data()));
    return out;
}
encoded sodium_multiply(const scalar& x, const encoded& p) {
    encoded out{}; // stays the identity where libsodium reports it
    benchmark::DoNotOptimize(crypto_scalarmult_ristretto255(out.data(), x.bytes().data(), p.data()));
    return out;
}
encoded sodium_multiply_base(const scalar& x) {
    encoded out{};
    benchmark::DoNotOptimize(crypto_scalarmult_ristretto255_base(out.data(), x.bytes().data()));
    return out;
}

// What single operations work on.
struct operands {
    scalar x;
    point p, q;
    encoded p_bytes, q_bytes;

    operands() {
        random::system_random rng;
        x = scalar::random(rng);
        p = scalar::random(rng) * point::base();
        q = scalar::random(rng) * point::base();
        p_bytes = p.bytes();
        q_bytes = q.bytes();
    }
    bool agree() const {
        return (p + q).bytes() == sodium_add(p_bytes, q_bytes) &&
               (x * p).bytes() == sodium_multiply(x, p_bytes) &&
               point::from_scalar_base(x).bytes() == sodium_multiply_base(x) && *point::parse(p_bytes) == p;
    }
};

// In turns long enough for the clock.
template <class Ours, class Baseline>
void time_each(benchmark::State& state, const Ours& ours, const Baseline& baseline) {
    constexpr std::size_t repeats = 64;
    const operands on;
    if (!on.agree()) return state.SkipWithError("libsodium has other results");
    const auto repeat = [&](const auto& operation) {
        return [&] {
            for (std::size_t i = 0; i < repeats; ++i) {
                benchmark::ClobberMemory();
                benchmark::DoNotOptimize(operation(on));
            }
        };
    };
    bench::compare(state, "operation", repeats, repeat(ours), repeats, repeat(baseline));
}

void parse_point(benchmark::State& state) {
    time_each(
        state, [](const operands& on) { return point::parse(on.p_bytes).has_value(); },
        [](const operands& on) { return crypto_core_ristretto255_is_valid_point(on.p_bytes.data()); });
}
// libsodium encodes the sum of every addition: the baseline decodes twice as well.
void encode_point(benchmark::State& state) {
    time_each(
        state, [](const operands& on) { return on.p.bytes(); },
        [](const operands& on) { return sodium_add(on.p_bytes, on.q_bytes); });
}
void add_points(benchmark::State& state) {
    time_each(
        state, [](const operands& on) { return on.p + on.q; },
        [](const operands& on) { return sodium_add(on.p_bytes, on.q_bytes); });
}
void multiply_point(benchmark::State& state) {
    time_each(
        state, [](const operands& on) { return on.x * on.p; },
        [](const operands& on) { return sodium_multiply(on.x, on.p_bytes); });
}
void multiply_base(benchmark::State& state) {
    time_each(
        state, [](const operands& on) { return point::from_scalar_base(on.x); },
        [](const operands& on) { return sodium_multiply_base(on.x); });
}
void hash_to_generator(benchmark::State& state) {
    const byte_array<64> wide = group::generator_hash("G", 7);
    time_each(
        state, [&](const operands&) { return point::from_uniform(wide); },
        [&](const operands&) {
            encoded out{};
            benchmark::DoNotOptimize(crypto_core_ristretto255_from_hash(out.data(), wide.data()));
            return out;
        });
}
BENCHMARK(parse_point)->Name("Group/Parse")->UseManualTime();
BENCHMARK(encode_point)->Name("Group/Encode")->UseManualTime();
BENCHMARK(add_points)->Name("Group/Add")->UseManualTime();
BENCHMARK(multiply_point)->Name("Group/Multiply")->UseManualTime();
BENCHMARK(multiply_base)->Name("Group/MultiplyBase")->UseManualTime();
BENCHMARK(hash_to_generator)->Name("Group/Generator")->UseManualTime();

std::vector<point> draw_points(std::size_t count) {
    random::system_random rng;
    std::vector<byte_array<64>> hashes(count);
    for (auto& each : hashes) rng.fill(each);
    std::vector<point> points = group::from_uniform_all(hashes);
    group::encode_all(points);
    return points;
}

// Argument: elements.
void encode_batch(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    std::vector<point> points = draw_points(count);
    const std::vector<encoded> known{points[0].bytes(), points[count - 1].bytes()};
    std::vector<point> unknown;
    for (const point& p : points) unknown.push_back(point::from_representative(p.representative()));
    bench::compare(
        state, "element", count,
        [&] {
            points = unknown;
            group::encode_all(points);
        },
        16,
        [&] {
            for (int i = 0; i < 16; ++i) benchmark::DoNotOptimize(sodium_add(known[0], known[1]));
        });
    if (points[0].bytes() != known[0]) state.SkipWithError("wrong encoding");
}
void parse_batch(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    std::vector<point> points = draw_points(count);
    bytes data;
    for (const point& p : points) {
        const encoded one = p.bytes();
        data.insert(data.end(), one.begin(), one.end());
    }
    std::size_t good = 0;
    bench::compare(
        state, "element", count, [&] { good = group::parse_all(data, points); }, count,
        [&] {
            for (std::size_t i = 0; i < count; ++i)
                benchmark::DoNotOptimize(crypto_core_ristretto255_is_valid_point(data.data() + 32 * i));
        });
    if (good != count) state.SkipWithError("encodings refused");
}
BENCHMARK(encode_batch)->Name("Group/EncodeBatch")->Arg(1024)->UseManualTime();
BENCHMARK(parse_batch)->Name("Group/ParseBatch")->Arg(1024)->UseManualTime();

// Arguments: terms. Public scalars; the baseline's 32 terms say what one costs.
void sum_of_products(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    constexpr std::size_t few = 32;
    random::system_random rng;
    const std::vector<point> points = draw_points(count);
    std::vector<scalar> scalars(count);
    for (scalar& x : scalars) x = scalar::random(rng);
    encoded theirs{};
    const auto by_sodium = [&] {
        theirs = {};
        for (std::size_t i = 0; i < few; ++i)
            theirs = sodium_add(theirs, sodium_multiply(scalars[i], points[i].bytes()));
    };
    by_sodium();
    const point ours =
        group::sum_of_products_vartime(std::span(scalars).first(few), std::span(points).first(few));
    if (ours.bytes() != theirs) return state.SkipWithError("wrong sum");
    bench::compare(
        state, "term", count,
        [&] { benchmark::DoNotOptimize(group::sum_of_products_vartime(scalars, points)); }, few, by_sodium);
}
BENCHMARK(sum_of_products)
    ->Name("Group/SumOfProducts")
    ->Arg(1000)
    ->Arg(10000)
    ->Arg(100000)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

// Arguments: terms. Secret scalars, tables of the points; the same baseline.
void secret_sum_of_products(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    random::system_random rng;
    const std::vector<point> points = draw_points(count);
    std::vector<scalar> scalars(count);
    for (scalar& x : scalars) x = scalar::random(rng);
    const group::subset_tables tables(count, [&](std::size_t c) { return points[c].representative(); });
    if (group::sum_of_products(tables, scalars) != group::sum_of_products_vartime(scalars, points))
        return state.SkipWithError("wrong sum");
    bench::compare(
        state, "term", count, [&] { benchmark::DoNotOptimize(group::sum_of_products(tables, scalars)); }, 1,
        [&] { (void)sodium_add(sodium_multiply(scalars[0], points[0].bytes()), points[0].bytes()); });
}
BENCHMARK(secret_sum_of_products)
    ->Name("Group/SecretSumOfProducts")
    ->Arg(1417)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

// Arguments: scalars, times one base.
void base_multiples(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    random::system_random rng;
    const point base = draw_points(1)[0];
    const group::base_multiples multiples(base);
    std::vector<scalar> scalars(count);
    for (scalar& x : scalars) x = scalar::random(rng);
    const auto made = multiples.times(scalars);
    if (made.expose()[count - 1].bytes() != sodium_multiply(scalars[count - 1], base.bytes()))
        return state.SkipWithError("wrong multiple");
    bench::compare(
        state, "multiple", count, [&] { benchmark::DoNotOptimize(multiples.times(scalars)); }, 1,
        [&] { (void)sodium_multiply(scalars[0], base.bytes()); });
}
BENCHMARK(base_multiples)->Name("Group/BaseMultiples")->Arg(1)->Arg(1024)->UseManualTime();

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
    // One row is enough to know what a value costs by multiplication.
    const std::size_t direct_rows = 1;
    const auto by_tables = [&] { return pedersen::commit_rows(bases, values, columns, blindings, b); };
    std::vector<encoded> direct(direct_rows), encoded_bases;
    for (const point& base : bases.all_G()) encoded_bases.push_back(base.bytes());
    const encoded encoded_h = bases.H().bytes();
    const auto by_multiplication = [&] {
        parallel_for(direct_rows, [&](std::size_t i) {
            encoded sum = sodium_multiply(blindings.expose()[i], encoded_h);
            for (std::size_t c = 0; c < columns; ++c)
                sum = sodium_add(
                    sum, sodium_multiply(scalar::from_i64(values[i * columns + c]), encoded_bases[c]));
            direct[i] = sum;
        });
    };
    const std::vector<pedersen::row_commitment> committed = by_tables();
    by_multiplication();
    for (std::size_t i = 0; i < direct_rows; ++i)
        if (committed[i].bytes() != direct[i]) return state.SkipWithError("wrong commitment");
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
    ->Args({1417, 179, 16})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

// Rows and planes. Arguments: columns, rows, bits of a value.
void commit_planes(benchmark::State& state) {
    const auto columns = static_cast<std::size_t>(state.range(0));
    const auto count = static_cast<std::size_t>(state.range(1));
    const auto b = static_cast<unsigned>(state.range(2));
    random::system_random rng;
    const pedersen::generators bases(columns);
    const pedersen::plane_committer committer(bases);
    encoding::row_matrix rows(count, columns);
    encoding::detail::draw_digits(rows.expose(), b, rng);
    const auto draw = [&](std::size_t blindings) {
        secret<std::vector<scalar>> out{std::vector<scalar>(blindings)};
        for (scalar& each : out.expose()) each = scalar::random(rng);
        return out;
    };
    const auto of_rows = draw(count), of_planes = draw(count * (b - 1));
    const pedersen::committed_planes made = committer.commit_planes(rows, of_rows, of_planes, b);
    // The same rows, and plane 1 of the first.
    const auto expected = pedersen::commit_rows(bases, rows, of_rows, b);
    point plane = of_planes.expose()[0] * bases.H();
    for (std::size_t c = 0; c < columns; ++c)
        if (((rows.expose_row(0)[c] + (1 << (b - 1))) & 2) != 0) plane += bases.G(c);
    for (std::size_t i = 0; i < count; ++i)
        if (made.rows[i].bytes() != expected[i].bytes() || made.planes[0] != plane)
            return state.SkipWithError("wrong commitment");
    bench::measure(state, "value", columns * count,
                   [&] { benchmark::DoNotOptimize(committer.commit_planes(rows, of_rows, of_planes, b)); });
    state.counters["bytes"] = 32.0 * b / static_cast<double>(columns);
}
BENCHMARK(commit_planes)
    ->Name("Pedersen/CommitPlanes")
    ->ArgNames({"columns", "rows", "bits"})
    ->Args({436, 50, 16})
    ->Args({1417, 183, 8})
    ->Args({1417, 183, 16})
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

// A full plaintext of 3072 bits: into slots, and out of them.
template <class Operation>
void pack_or_unpack(benchmark::State& state, const Operation& operation) {
    const auto value_bits = static_cast<unsigned>(state.range(0));
    const auto slot_bits = static_cast<unsigned>(state.range(1));
    const auto layout =
        encoding::slot_layout::create(3072, value_bits, std::uint64_t{1} << (slot_bits - value_bits)).value();
    const std::vector<std::int32_t> values = draw_values(layout.slots(), value_bits);
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
// A slot has log2 of the clients bits more than a value: 4 clients, 1024 (the usual), 2^20.
void slot_widths(benchmark::internal::Benchmark* rows) {
    rows->ArgNames({"value_bits", "slot_bits"})->UseManualTime();
    for (const auto& [value_bits, slot_bits] :
         {std::pair{8, 18}, {16, 18}, {12, 22}, {16, 26}, {24, 34}, {16, 36}, {24, 44}})
        rows->Args({value_bits, slot_bits});
}
BENCHMARK(pack)->Name("Encoding/Pack/3072x1")->Apply(slot_widths);
BENCHMARK(unpack)->Name("Encoding/Unpack/3072x1")->Apply(slot_widths);

} // namespace
