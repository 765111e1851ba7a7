// Sums over many points: by buckets, by tables, one term after the other.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"
#include "support/skip.hpp"

#include <veilsum/group/base_multiples.hpp>
#include <veilsum/group/batch.hpp>
#include <veilsum/group/multi_scalar.hpp>
#include <veilsum/group/small_multiples.hpp>

#ifdef _OPENMP
#include <omp.h>
#endif

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
        const auto packed = group::detail::packed_points(points);
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
    constexpr std::size_t most = group::detail::points_of_task + 300;
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
    const auto packed = group::detail::packed_points(std::span(points).first(700));
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

TEST_CASE("group: representatives do not depend on the number of threads", "[group]") {
#ifdef _OPENMP
    seeded_random rng(7);
    const std::vector<point> points = draw_points(rng, 400);
    std::vector<scalar> scalars(400);
    for (std::size_t i = 0; i < 400; ++i) scalars[i] = edge_scalar(rng, i);
    std::vector<std::int32_t> values(20 * 400);
    for (std::int32_t& value : values) value = static_cast<std::int32_t>(rng.below(1u << 16)) - (1 << 15);
    const subset_tables tables(400, [&](std::size_t c) { return points[c].representative(); });
    const base_multiples base(points[0]);
    const auto everything = [&](int threads) {
        omp_set_num_threads(threads);
        std::vector<edwards_point> out{sum(points).representative(),
                                       sum_of_products(scalars, points).representative(),
                                       sum_of_products_vartime(scalars, points).representative()};
        const auto rows = small_multiples(tables, values, 400, 16);
        for (const point& row : rows.expose()) out.push_back(row.representative());
        out.push_back(sum_of_products(tables, scalars).representative());
        const auto multiples = base.times(scalars);
        for (const point& each : multiples.expose()) out.push_back(each.representative());
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
