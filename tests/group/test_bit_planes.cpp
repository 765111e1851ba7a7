// Secret coefficients: bit planes, small multiples, sums of products and multiples of one base, from tables
// of subset sums. Every result is compared with additions and multiplications of single points, on both
// paths.
#include "support/catch.hpp"
#include "support/ends_process.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/group/base_multiples.hpp>
#include <veilsum/group/batch.hpp>
#include <veilsum/group/bit_planes.hpp>
#include <veilsum/group/multi_scalar.hpp>
#include <veilsum/group/small_multiples.hpp>

#include <sodium/crypto_core_ristretto255.h>
#include <sodium/crypto_scalarmult_ristretto255.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

using namespace veilsum;
using namespace veilsum::group;
using veilsum::tests::seeded_random;

namespace {

std::vector<point> draw_points(seeded_random& rng, std::size_t count) {
    std::vector<byte_array<64>> hashes(count);
    for (auto& each : hashes) rng.fill(each);
    return from_uniform_all(hashes);
}
subset_tables tables_of(const std::vector<point>& points) {
    return subset_tables(points.size(), [&](std::size_t c) { return points[c].representative(); });
}
// Rows of least values, largest values, zeros and ones in all bits come first; then bounds and random values
// mixed.
std::vector<std::int32_t> draw_values(seeded_random& rng, std::size_t rows, std::size_t columns, unsigned b) {
    const std::int64_t half = std::int64_t{1} << (b - 1);
    std::vector<std::int32_t> values(rows * columns);
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t c = 0; c < columns; ++c) {
            const std::uint64_t kind = i < 4 ? i : rng.below(8);
            const std::int64_t value = kind == 0   ? -half
                                       : kind == 1 ? half - 1
                                       : kind == 2 ? 0
                                       : kind == 3 ? -1
                                                   : static_cast<std::int64_t>(rng.word() >> (64 - b)) - half;
            values[i * columns + c] = static_cast<std::int32_t>(value);
        }
    return values;
}
std::vector<scalar> draw_scalars(seeded_random& rng, std::size_t count) {
    const byte_array<32> ones = [] {
        byte_array<32> out{};
        out.fill(0xff);
        out[31] = 0x0f; // 2^252 - 1: all digits and windows full
        return out;
    }();
    std::vector<scalar> scalars(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t kind = i < 6 ? i : rng.below(12);
        scalars[i] = kind == 0   ? scalar::zero()
                     : kind == 1 ? scalar::one()
                     : kind == 2 ? -scalar::one()
                     : kind == 3 ? scalar::from_little_endian(ones)
                     : kind == 4 ? scalar::from_u64(std::uint64_t{1} << rng.below(64))
                                 : scalar::random(rng);
    }
    return scalars;
}
point by_terms(std::span<const scalar> scalars, std::span<const point> points) {
    point sum;
    for (std::size_t c = 0; c < points.size(); ++c) sum += scalars[c] * points[c];
    return sum;
}
// The planes of some rows, by one path for all of them.
template <class Path>
std::vector<point> planes_by(const Path& path, const subset_tables& tables,
                             const std::vector<std::int32_t>& values, std::size_t columns, unsigned b) {
    const std::size_t rows = values.size() / columns;
    std::vector<point> planes(rows * b);
    for (std::size_t row = 0; row < rows; row += group::detail::rows_of_task)
        for (unsigned first = 0; first < b; first += group::detail::planes_of_task) {
            const std::size_t count = std::min(group::detail::rows_of_task, rows - row);
            const group::detail::plane_task task{values.data() + row * columns,
                                                 count,
                                                 columns,
                                                 b,
                                                 first,
                                                 std::min(group::detail::planes_of_task, b - first)};
            path(task, tables, std::span(planes).subspan(row * b, count * b));
        }
    return planes;
}
void check_equal(std::span<const point> given, std::span<const point> expected) {
    REQUIRE(given.size() == expected.size());
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < given.size(); ++i) wrong += given[i] == expected[i] ? 0 : 1;
    CHECK(wrong == 0);
}

} // namespace

TEST_CASE("subset_tables: every entry is the sum of its points", "[group]") {
    seeded_random rng(4);
    for (const std::size_t count : {1u, 5u, 6u, 43u}) {
        const std::vector<point> points = draw_points(rng, count);
        const subset_tables tables = tables_of(points);
        REQUIRE(tables.size() == (count + 4) / 5);
        std::vector<std::uint8_t> chosen(count);
        point of_chosen;
        for (std::size_t c = 0; c < count; ++c) {
            chosen[c] = static_cast<std::uint8_t>(rng.below(2));
            if (chosen[c] != 0) of_chosen += points[c];
        }
        CHECK(point::from_representative(tables.sum_vartime(chosen)) == of_chosen);
        CHECK(point::from_representative(tables.sum_vartime({})).is_identity());
        for (std::size_t g = 0; g < tables.size(); ++g)
            for (std::size_t v = 0; v < 32; ++v) {
                point expected;
                for (std::size_t c = 0; c < 5; ++c)
                    if ((v >> c & 1) != 0 && 5 * g + c < count) expected += points[5 * g + c];
                CHECK(point::from_representative(edwards_point{} + tables[g].look_up(v)) == expected);
                CHECK(point::from_representative(edwards_point{} + tables[g].look_up_vartime(v)) == expected);
            }
    }
}

TEST_CASE("bit_planes: planes and small multiples equal single additions, on both paths", "[group]") {
    seeded_random rng(1);
    struct shape {
        std::size_t rows, columns;
    };
    const std::vector<shape> shapes{{1, 1}, {7, 4}, {8, 5}, {9, 13}, {19, 6}};
    for (const unsigned b : {1u, 2u, 3u, 5u, 8u, 9u, 16u, 17u, 24u, 32u})
        for (std::size_t s = b % 2; s < shapes.size(); s += 2) {
            const auto [rows, columns] = shapes[s];
            const std::vector<point> points = draw_points(rng, columns);
            const subset_tables tables = tables_of(points);
            const std::vector<std::int32_t> values = draw_values(rng, rows, columns, b);
            std::vector<point> planes(rows * b), sums(rows);
            for (std::size_t i = 0; i < rows; ++i)
                for (std::size_t c = 0; c < columns; ++c) {
                    const std::int32_t x = values[i * columns + c];
                    sums[i] += scalar::from_i64(x) * points[c];
                    for (unsigned k = 0; k < b; ++k)
                        if ((static_cast<std::uint32_t>(x) >> k & 1) != 0) planes[i * b + k] += points[c];
                }
            check_equal(bit_planes(tables, values, columns, b).expose(), planes);
            check_equal(planes_by(group::detail::sum_planes, tables, values, columns, b), planes);
            check_equal(signed_sums(planes, b).expose(), sums);
            check_equal(small_multiples(tables, values, columns, b).expose(), sums);
            for (std::size_t i = 0; i < rows; ++i)
                CHECK(point::from_representative(
                          group::detail::signed_sum(std::span(planes).subspan(i * b, b))) == sums[i]);
#if VEILSUM_IFMA_ENGINE
            if (!has_ifma()) continue;
            check_equal(planes_by(group::detail::sum_planes_lanes, tables, values, columns, b), planes);
            std::vector<point> of_lanes(std::min<std::size_t>(rows, 8));
            group::detail::signed_sums_lanes(planes, b, of_lanes);
            check_equal(of_lanes, std::span(sums).first(of_lanes.size()));
#endif
        }
}

TEST_CASE("bit_planes: bits above the planes do not count", "[group]") {
    seeded_random rng(2);
    const std::vector<point> points = draw_points(rng, 7);
    const subset_tables tables = tables_of(points);
    const std::vector<std::int32_t> values = draw_values(rng, 9, 7, 32);
    for (const unsigned b : {1u, 6u, 11u}) {
        std::vector<std::int32_t> low = values;
        for (std::int32_t& value : low)
            value = static_cast<std::int32_t>(static_cast<std::uint32_t>(value) & ((1u << b) - 1));
        check_equal(bit_planes(tables, values, 7, b).expose(), bit_planes(tables, low, 7, b).expose());
    }
}

TEST_CASE("small_multiples: encodings agree with libsodium", "[group]") {
    seeded_random rng(3);
    std::vector<point> points = draw_points(rng, 6);
    const std::vector<std::int32_t> values = draw_values(rng, 5, 6, 16);
    auto sums = small_multiples(tables_of(points), values, 6, 16);
    encode_all(sums.expose());
    for (std::size_t i = 0; i < 5; ++i) {
        byte_array<32> expected{};
        for (std::size_t c = 0; c < 6; ++c) {
            byte_array<32> term{}; // stays the identity where libsodium reports it
            const int failed = crypto_scalarmult_ristretto255(
                term.data(), scalar::from_i64(values[i * 6 + c]).bytes().data(), points[c].bytes().data());
            REQUIRE((failed != 0) == (values[i * 6 + c] == 0));
            REQUIRE(crypto_core_ristretto255_add(expected.data(), expected.data(), term.data()) == 0);
        }
        CHECK(sums.expose()[i].encoding_known());
        CHECK(sums.expose()[i].bytes() == expected);
    }
}

TEST_CASE("small_multiples: long rows", "[group]") {
    seeded_random rng(4);
    constexpr std::size_t columns = 643;
    const std::vector<point> points = draw_points(rng, columns);
    const std::vector<std::int32_t> values = draw_values(rng, 6, columns, 16);
    const auto sums = small_multiples(tables_of(points), values, columns, 16);
    for (std::size_t i = 0; i < 6; ++i) {
        std::vector<scalar> scalars;
        for (std::size_t c = 0; c < columns; ++c)
            scalars.push_back(scalar::from_i64(values[i * columns + c]));
        CHECK(sums.expose()[i] == sum_of_products_vartime(scalars, points));
    }
}

TEST_CASE("small_multiples: values out of range end the process", "[group]") {
    const std::vector<point> points{point::base()};
    const subset_tables tables = tables_of(points);
    // Refused before any thread starts: a forked child has none of OpenMP's.
    for (const std::int32_t value : {128, -129, std::numeric_limits<std::int32_t>::min()})
        CHECK(test::ends_process([&] { (void)small_multiples(tables, std::vector{value}, 1, 8); }));
    for (const unsigned b : {0u, 33u})
        CHECK(test::ends_process([&] { (void)small_multiples(tables, std::vector{1}, 1, b); }));
    CHECK(test::ends_process([&] { (void)small_multiples(tables, std::vector<std::int32_t>(6), 6, 8); }));
    CHECK(test::ends_process([&] { (void)bit_planes(tables, std::vector<std::int32_t>(6), 6, 8); }));
    CHECK(test::ends_process([&] { (void)bit_planes(tables, std::vector{1}, 1, 33); }));
    CHECK(test::ends_process([&] { (void)sum_of_products(tables, std::vector<scalar>(6)); }));
    CHECK(small_multiples(tables, std::vector{127, -128}, 1, 8).expose()[1] ==
          scalar::from_i64(-128) * point::base());
    CHECK(bit_planes(tables, {}, 1, 8).expose().empty());
}

TEST_CASE("sum_of_products: tables and full scalars", "[group]") {
    seeded_random rng(5);
    for (const std::size_t columns : {1u, 5u, 8u, 43u}) {
        const std::vector<point> points = draw_points(rng, columns);
        const subset_tables tables = tables_of(points);
        for (const std::vector<scalar>& scalars :
             {draw_scalars(rng, columns), std::vector<scalar>(columns), std::vector(columns, -scalar::one())})
            CHECK(sum_of_products(tables, scalars) == by_terms(scalars, points));
    }
}

TEST_CASE("base_multiples: multiples equal multiplications, on both paths", "[group]") {
    seeded_random rng(6);
    for (const point& base : {draw_points(rng, 1)[0], point::base(), point::identity()}) {
        const base_multiples multiples(base);
        for (const std::size_t count : {0u, 1u, 7u, 8u, 9u, 19u}) {
            const std::vector<scalar> scalars = draw_scalars(rng, count);
            const std::vector<point> starts = draw_points(rng, count);
            std::vector<point> products(count), expected(count);
            for (std::size_t i = 0; i < count; ++i) {
                products[i] = scalars[i] * base;
                expected[i] = starts[i] + products[i];
            }
            check_equal(multiples.times(scalars).expose(), products);
            std::vector<point> sums = starts;
            multiples.add_to(sums, scalars);
            check_equal(sums, expected);
            sums = starts;
            group::detail::add_multiples(multiples.tables(), scalars, sums);
            check_equal(sums, expected);
            if (count != 0) CHECK(multiples.times(scalars.back()) == products.back());
#if VEILSUM_IFMA_ENGINE
            if (!has_ifma() || count == 0 || count > 8) continue;
            sums = starts;
            group::detail::add_multiples_lanes(multiples.tables(), scalars, sums);
            check_equal(sums, expected);
#endif
        }
    }
}
