// eq, its tables, multilinear extensions, and the public numbers at the end of a sumcheck.
#include "support/catch.hpp"
#include "support/ends_process.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/zk/multilinear.hpp>

#include <vector>

using namespace veilsum;
using namespace veilsum::zk;
using group::scalar;
using veilsum::test::seeded_random;

namespace {

std::vector<scalar> draw(seeded_random& rng, std::size_t count) {
    std::vector<scalar> out(count);
    for (scalar& each : out) each = scalar::random(rng);
    return out;
}
std::vector<scalar> vertex(std::size_t u, std::size_t variables) {
    std::vector<scalar> out(variables);
    for (std::size_t j = 0; j < variables; ++j) out[j] = scalar::from_u64(u >> j & 1);
    return out;
}

} // namespace

TEST_CASE("multilinear: eq tells vertices apart, and its table lists it, lowest bit first", "[zk]") {
    seeded_random rng(1);
    for (std::size_t k = 0; k <= 5; ++k) {
        const std::vector<scalar> v = draw(rng, k);
        const std::size_t size = std::size_t{1} << k;
        const std::vector<scalar> table = eq_table(v);
        REQUIRE(table.size() == size);
        scalar sum;
        for (std::size_t u = 0; u < size; ++u) {
            CHECK(table[u] == eq(vertex(u, k), v));
            CHECK(table[u] == eq(u, v));
            CHECK(eq(u, vertex(u, k)) == scalar::one());
            CHECK(eq(u, vertex(u ^ (size - 1), k)) == (k == 0 ? scalar::one() : scalar::zero()));
            sum += table[u];
        }
        CHECK(sum == scalar::one());
        for (std::size_t length = 0; length <= size; ++length) {
            const std::vector<scalar> cut = eq_table(v, length);
            REQUIRE(cut.size() == length);
            CHECK(std::equal(cut.begin(), cut.end(), table.begin()));
        }
        CHECK(test::ends_process([&] { (void)eq_table(v, size + 1); }));
    }
    const std::vector<scalar> u{scalar::from_u64(3), scalar::from_u64(5)},
        v{scalar::from_u64(2), -scalar::one()};
    // (6 + 2 * 1) (-5 + 4 * -2)
    CHECK(eq(u, v) == scalar::from_i64(8 * -13));
    CHECK(eq_table(v)[1] == scalar::from_u64(4)); // variable 0 is the lowest bit: 2 (1 + 1)
    CHECK(test::ends_process([&] { (void)eq(std::span(u).first(1), v); }));
}

TEST_CASE("multilinear: an extension equals its table on the cube and is linear in each variable", "[zk]") {
    seeded_random rng(2);
    for (const std::size_t length : {1u, 2u, 3u, 5u, 8u}) {
        const std::vector<scalar> table = draw(rng, length);
        const std::size_t k = 3;
        for (std::size_t u = 0; u < 8; ++u)
            CHECK(evaluate(table, vertex(u, k)) == (u < length ? table[u] : scalar::zero()));
        for (std::size_t j = 0; j < k; ++j) {
            std::vector<scalar> at = draw(rng, k), low = at, high = at;
            low[j] = scalar::zero();
            high[j] = scalar::one();
            const scalar f0 = evaluate(table, low), f1 = evaluate(table, high);
            CHECK(evaluate(table, at) == f0 + at[j] * (f1 - f0));
        }
    }
    CHECK(evaluate(std::vector<scalar>{scalar::from_u64(9)}, {}) == scalar::from_u64(9));
}

TEST_CASE("multilinear: the weights of an evaluation are those of the formulas", "[zk]") {
    seeded_random rng(3);
    for (const std::uint32_t flags : {0u, encoding::flag_l2}) {
        encoding::layout_parameters p;
        p.nbits = 512;
        p.b = 5;
        p.m = 3;
        p.d = 50;
        p.C = 20;
        p.a = 64;
        p.flags = flags;
        if (flags != 0) p.B2 = encoding::norm_bound_bytes(20000);
        const auto layout = encoding::matrix_layout::create(p, {512, 64, 1});
        REQUIRE(layout);
        const std::vector<scalar> tau = draw(rng, layout->variables()), r = draw(rng, layout->variables());
        const evaluation_weights at(*layout, tau, r);
        const auto planes = std::span(r).first(3), rows = std::span(r).subspan(3, 2),
                   columns = std::span(r).last(5);
        CHECK(layout->variables() == 10);
        REQUIRE(at.planes.size() == 5);
        REQUIRE(at.rows.size() == layout->cube_rows());
        REQUIRE(at.columns.size() == 20);
        for (std::size_t k = 0; k < 5; ++k) CHECK(at.planes[k] == eq(k, planes));
        for (std::size_t i = 0; i < at.rows.size(); ++i) CHECK(at.rows[i] == eq(i, rows));
        scalar powers;
        for (std::size_t c = 0; c < 20; ++c) {
            CHECK(at.columns[c] == eq(c, columns));
            if (c < layout->slack_bits()) powers += scalar::from_u64(std::uint64_t{1} << c) * at.columns[c];
        }
        CHECK(at.zero_check == eq(tau, r));
        CHECK(at.first_plane == eq(0, planes));
        CHECK(at.slack_row == (flags == 0 ? scalar::zero() : eq(3, rows)));
        CHECK(at.slack_columns == powers);
        CHECK(test::ends_process([&] { (void)cube_point(*layout, std::span(r).first(9)); }));
    }
}
