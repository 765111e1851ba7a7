// Sums over many points: by buckets, by tables, one term after the other.
#include "support/catch.hpp"
#include "support/ends_process.hpp"
#include "support/seeded_random.hpp"
#include "support/skip.hpp"

#include <veilsum/group/batch.hpp>
#include <veilsum/group/multi_scalar.hpp>
#include <veilsum/group/small_multiples.hpp>

#ifdef _OPENMP
#include <omp.h>
#endif

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
point by_terms(const std::vector<scalar>& scalars, const std::vector<point>& points) {
    point sum;
    for (std::size_t i = 0; i < points.size(); ++i) sum += scalars[i] * points[i];
    return sum;
}
scalar edge_scalar(seeded_random& rng, std::size_t i) {
    switch (i % 9) {
    case 0:
        return scalar::zero();
    case 1:
        return scalar::one();
    case 2:
        return -scalar::one();
    case 3: // a few digits only
        return scalar::from_u64(std::uint64_t{1} << (i % 64));
    case 4: { // digits at their lower bound, with a carry through all of them
        bytes eights(32, 0x88);
        eights[31] = 0x08;
        return scalar::from_little_endian(eights);
    }
    case 5: {
        bytes ones(32, 0xff);
        ones[31] = 0x0f;
        return scalar::from_little_endian(ones);
    }
    default:
        return scalar::random(rng);
    }
}
std::vector<std::int32_t> draw_values(seeded_random& rng, std::size_t count, unsigned b) {
    std::vector<std::int32_t> values(count);
    const std::int32_t half = std::int32_t{1} << (b - 1);
    for (std::int32_t& value : values) {
        const std::uint64_t kind = rng.below(6);
        value = kind == 0   ? -half
                : kind == 1 ? half - 1
                : kind == 2 ? 0
                            : static_cast<std::int32_t>(rng.below(std::uint64_t{1} << b)) - half;
    }
    return values;
}

} // namespace

TEST_CASE("multi_scalar: buckets equal one term after the other, on both paths", "[group]") {
    seeded_random rng(1);
    for (const std::size_t count : {1u, 2u, 9u, 60u, 150u}) {
        std::vector<point> points = draw_points(rng, count);
        std::vector<scalar> scalars(count);
        for (std::size_t i = 0; i < count; ++i) scalars[i] = edge_scalar(rng, i + count);
        if (count > 5) {
            points[3] = point::identity();
            points[5] = points[4]; // the same point twice in a bucket, and its negative
            points[2] = -points[4];
            scalars[5] = scalars[4] = scalars[2];
        }
        const point expected = by_terms(scalars, points);
        CHECK(sum_of_products_vartime(scalars, points) == expected);
        CHECK(sum_of_products(scalars, points) == expected);
        const auto packed = detail::packed_points(points);
        CHECK(point::from_representative(bucket_sum_vartime(scalars, packed, false)) == expected);
        if (has_ifma())
            CHECK(point::from_representative(bucket_sum_vartime(scalars, packed, true)) == expected);
    }
    CHECK(sum_of_products_vartime({}, {}).is_identity());
    CHECK(sum_of_products({}, {}).is_identity());
    CHECK(sum({}).is_identity());
}

// x_i P_i with P_i = y_i B: the sum is (sum x_i y_i) B, which needs no slow reference.
TEST_CASE("multi_scalar: every length of digits and several parts", "[group]") {
    seeded_random rng(2);
    constexpr std::size_t most = detail::points_of_task + 300;
    std::vector<point> points{point::base()};
    std::vector<scalar> scalars(most), logarithms{scalar::one()};
    while (points.size() < most) { // 1, 2, 3, 6, 7, 14, ... times B, mod l
        const bool doubles = points.size() % 2 == 1;
        points.push_back(points.back() + (doubles ? points.back() : point::base()));
        logarithms.push_back(logarithms.back() + (doubles ? logarithms.back() : scalar::one()));
    }
    for (std::size_t i = 0; i < most; ++i) scalars[i] = edge_scalar(rng, i);
    for (const std::size_t count : {std::size_t{139}, std::size_t{140}, std::size_t{3200}, most}) {
        scalar expected;
        for (std::size_t i = 0; i < count; ++i) expected += scalars[i] * logarithms[i];
        CHECK(sum_of_products_vartime(std::span(scalars).first(count), std::span(points).first(count)) ==
              point::from_scalar_base(expected));
    }
    const auto packed = detail::packed_points(std::span(points).first(700));
    scalar expected, plain;
    for (std::size_t i = 0; i < 700; ++i) {
        expected += scalars[i] * logarithms[i];
        plain += logarithms[i];
    }
    CHECK(point::from_representative(bucket_sum_vartime(std::span(scalars).first(700), packed, false)) ==
          point::from_scalar_base(expected));
    CHECK(sum(std::span(points).first(700)) == point::from_scalar_base(plain));
}

TEST_CASE("multi_scalar: zeros alone add up to the identity", "[group]") {
    seeded_random rng(3);
    const std::vector<point> points = draw_points(rng, 20);
    CHECK(sum_of_products_vartime(std::vector<scalar>(20), points).is_identity());
    CHECK(sum_of_products(std::vector<scalar>(20), points).is_identity());
}

TEST_CASE("subset_tables: every entry is the sum of its points", "[group]") {
    seeded_random rng(4);
    for (const std::size_t count : {1u, 5u, 6u, 43u}) {
        const std::vector<point> points = draw_points(rng, count);
        const subset_tables tables(count, [&](std::size_t c) { return points[c].representative(); });
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

TEST_CASE("small_multiples: rows equal multiplications, on both paths", "[group]") {
    seeded_random rng(5);
    for (const unsigned b : {2u, 7u, 16u, 24u})
        for (const std::size_t columns : {1u, 4u, 5u, 13u})
            for (const std::size_t rows : {1u, 7u, 8u, 9u}) {
                const std::vector<point> points = draw_points(rng, columns);
                const auto values = draw_values(rng, rows * columns, b);
                const subset_tables tables(columns,
                                           [&](std::size_t c) { return points[c].representative(); });
                const auto sums = small_multiples(tables, values, columns, b);
                REQUIRE(sums.expose().size() == rows);
                const std::size_t block_rows = std::min<std::size_t>(rows, 8);
                std::vector<edwards_point> portable(block_rows), of_lanes(block_rows);
                const detail::value_block block{values.data(), columns, block_rows, columns};
                detail::add_block(block, tables, 0, b, portable);
#if VEILSUM_IFMA_ENGINE
                if (has_ifma()) detail::add_block_lanes(block, tables, 0, b, of_lanes);
#endif
                for (std::size_t i = 0; i < rows; ++i) {
                    point expected;
                    for (std::size_t c = 0; c < columns; ++c)
                        expected += scalar::from_i64(values[i * columns + c]) * points[c];
                    CHECK(sums.expose()[i] == expected);
                    if (i < block_rows) CHECK(point::from_representative(portable[i]) == expected);
                    if (i < block_rows && has_ifma())
                        CHECK(point::from_representative(of_lanes[i]) == expected);
                }
            }
}

TEST_CASE("small_multiples: rows longer than a segment", "[group]") {
    seeded_random rng(6);
    const std::size_t columns = 2 * detail::tables_of_segment * subset_tables::points_each + 3;
    const std::vector<point> points = draw_points(rng, columns);
    const auto values = draw_values(rng, 2 * columns, 16);
    const subset_tables tables(columns, [&](std::size_t c) { return points[c].representative(); });
    const auto sums = small_multiples(tables, values, columns, 16);
    for (std::size_t i = 0; i < 2; ++i) {
        std::vector<scalar> scalars;
        for (std::size_t c = 0; c < columns; ++c)
            scalars.push_back(scalar::from_i64(values[i * columns + c]));
        CHECK(sums.expose()[i] == sum_of_products_vartime(scalars, points));
        CHECK(sums.expose()[i] == sum_of_products(scalars, points));
    }
}

TEST_CASE("small_multiples: values out of range end the process", "[group]") {
    const std::vector<point> points{point::base()};
    const subset_tables tables(1, [&](std::size_t c) { return points[c].representative(); });
    // Refused before any thread starts: a forked child has none of OpenMP's.
    for (const std::int32_t value : {128, -129, std::numeric_limits<std::int32_t>::min()})
        CHECK(test::ends_process([&] { (void)small_multiples(tables, std::vector{value}, 1, 8); }));
    CHECK(test::ends_process([&] { (void)small_multiples(tables, std::vector{1}, 1, 25); }));
    CHECK(test::ends_process([&] { (void)small_multiples(tables, std::vector<std::int32_t>(6), 6, 8); }));
    CHECK(small_multiples(tables, std::vector{127, -128}, 1, 8).expose()[1] ==
          scalar::from_i64(-128) * point::base());
}

TEST_CASE("group: representatives do not depend on the number of threads", "[group]") {
#ifdef _OPENMP
    seeded_random rng(7);
    const std::vector<point> points = draw_points(rng, 400);
    std::vector<scalar> scalars(400);
    for (std::size_t i = 0; i < 400; ++i) scalars[i] = edge_scalar(rng, i);
    const auto values = draw_values(rng, 20 * 400, 16);
    const subset_tables tables(400, [&](std::size_t c) { return points[c].representative(); });
    const auto everything = [&](int threads) {
        omp_set_num_threads(threads);
        std::vector<edwards_point> out{sum(points).representative(),
                                       sum_of_products(scalars, points).representative(),
                                       sum_of_products_vartime(scalars, points).representative()};
        const auto rows = small_multiples(tables, values, 400, 16);
        for (const point& row : rows.expose()) out.push_back(row.representative());
        std::vector<byte_array<32>> coordinates;
        for (const edwards_point& p : out)
            for (const field25519* each : {&p.x, &p.y, &p.z, &p.t}) coordinates.push_back(each->bytes());
        return coordinates;
    };
    const int threads = omp_get_max_threads();
    const auto one = everything(1), three = everything(3);
    omp_set_num_threads(threads);
    CHECK(one == three);
#else
    test::skip_case("built without OpenMP");
#endif
}
