// The linear-relation proof by itself: as a conversation, and with its challenge from a transcript.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/group/generators.hpp>
#include <veilsum/zk/linear_relation.hpp>

#include <cstddef>
#include <utility>
#include <vector>

using namespace veilsum;
using group::point;
using group::scalar;
using test::seeded_random;

namespace {

// V = v G + s H, V2 = v2 G + s2 H, V2 = v V + p H, and v - 2 v2 + s = c: a committed square and a scalar
// equation.
struct world {
    seeded_random rng{5};
    std::vector<point> elements{
        group::generator("test", 0), group::generator("test", 1), {}, {}}; // G, H, V, V2
    zk::linear_relation relation{5};                                       // v, s, v2, s2, p
    secret<std::vector<scalar>> witness{std::vector<scalar>(5)};

    explicit world(bool square = true) {
        auto& w = witness.expose();
        w[0] = scalar::random(rng);
        w[1] = scalar::random(rng);
        w[4] = scalar::random(rng);
        w[2] = square ? w[0] * w[0] : w[0] * w[0] + scalar::one();
        w[3] = w[0] * w[1] + w[4];
        elements[2] = w[0] * elements[0] + w[1] * elements[1];
        elements[3] = w[2] * elements[0] + w[3] * elements[1];
        const scalar one = scalar::one();
        relation.group.push_back({{{0, 0}, {1, 1}}, {{2, one}}});
        relation.group.push_back({{{2, 0}, {3, 1}}, {{3, one}}});
        relation.group.push_back({{{0, 2}, {4, 1}}, {{3, one}}});
        relation.field.push_back({{{0, one}, {2, -(one + one)}, {1, one}}, w[0] - w[2] - w[2] + w[1]});
    }
    struct made {
        zk::linear_announcement first;
        scalar challenge;
        zk::linear_response answer;
    };
    made prove(const char* protocol = "veilsum.test/1") {
        auto [first, masks] = zk::announce(relation, zk::elements_in(elements), rng);
        transcript::transcript script(protocol);
        const scalar challenge = zk::challenge_of(script, "test", first);
        auto answer = zk::respond(relation, witness, std::move(masks), challenge);
        return {std::move(first), challenge, std::move(answer)};
    }
    std::uint32_t verdict(const made& m) const {
        const auto checked = zk::check(relation, elements, m.first, m.challenge, m.answer);
        return checked ? 0 : checked.error().check;
    }
    // As a verifier that derives the challenge.
    std::uint32_t verdict_of(const made& m, const char* protocol) const {
        transcript::transcript script(protocol);
        const scalar challenge = zk::challenge_of(script, "test", m.first);
        const auto checked = zk::check(relation, elements, m.first, challenge, m.answer);
        return checked ? 0 : checked.error().check;
    }
};

} // namespace

TEST_CASE("linear relation: completeness, for any challenge") {
    world here;
    CHECK(here.verdict(here.prove()) == 0);
    for (const scalar& challenge : {scalar::zero(), scalar::one(), -scalar::one(), scalar::from_u64(77)}) {
        auto [first, masks] = zk::announce(here.relation, zk::elements_in(here.elements), here.rng);
        auto answer = zk::respond(here.relation, here.witness, std::move(masks), challenge);
        CHECK(here.verdict({std::move(first), challenge, std::move(answer)}) == 0);
    }
    CHECK(zk::satisfies(here.relation, here.witness, 0));
}

TEST_CASE("linear relation: two answers to one announcement give the witness") {
    world here;
    seeded_random same(8), again(8);
    auto one = zk::announce(here.relation, zk::elements_in(here.elements), same);
    auto two = zk::announce(here.relation, zk::elements_in(here.elements), again);
    const scalar e = scalar::from_u64(3), f = scalar::from_u64(10);
    const auto a = zk::respond(here.relation, here.witness, std::move(one.secret), e);
    const auto b = zk::respond(here.relation, here.witness, std::move(two.secret), f);
    const scalar inverse = *(e - f).invert();
    for (std::size_t i = 0; i < a.size(); ++i) CHECK((a[i] - b[i]) * inverse == here.witness.expose()[i]);
}

TEST_CASE("linear relation: simulated conversations verify") {
    // Responses first, announcements from the equations: what a verifier sees tells nothing about the
    // witness.
    world here;
    world::made m;
    m.challenge = scalar::random(here.rng);
    m.answer.resize(here.relation.unknowns);
    for (scalar& each : m.answer) each = scalar::random(here.rng);
    for (const auto& equation : here.relation.group) {
        point T;
        for (const auto& term : equation.left) T += m.answer[term.unknown] * here.elements[term.element];
        for (const auto& term : equation.right) T -= m.challenge * term.factor * here.elements[term.element];
        m.first.group.push_back(T);
    }
    for (const auto& equation : here.relation.field) {
        scalar t = -(m.challenge * equation.right);
        for (const auto& term : equation.left) t += term.factor * m.answer[term.unknown];
        m.first.field.push_back(t);
    }
    CHECK(here.verdict(m) == 0);
}

TEST_CASE("linear relation: each part tampered with") {
    world here;
    const world::made good = here.prove();
    for (std::size_t a = 0; a < good.first.group.size(); ++a) {
        world::made bad = good;
        bad.first.group[a] += here.elements[0];
        CHECK(here.verdict(bad) == 3);
    }
    world::made bad = good;
    bad.first.field[0] += scalar::one();
    CHECK(here.verdict(bad) == 2);
    for (std::size_t i = 0; i < good.answer.size(); ++i) {
        bad = good;
        bad.answer[i] += scalar::one();
        CHECK(here.verdict(bad) == (i < 3 ? 2u : 3u)); // the scalar equation holds v, s and v2
    }
    bad = good;
    bad.challenge += scalar::one();
    CHECK(here.verdict(bad) == 2);
    bad = good;
    bad.answer.pop_back();
    CHECK(here.verdict(bad) == 1);
    bad = good;
    bad.first.group.pop_back();
    CHECK(here.verdict(bad) == 1);
    bad = good;
    bad.first.field.clear();
    CHECK(here.verdict(bad) == 1);
}

TEST_CASE("linear relation: a false statement, another statement, another transcript") {
    world liar(false); // V2 commits to v^2 + 1
    CHECK(liar.verdict(liar.prove()) == 3);
    world here;
    const world::made good = here.prove();
    world other = here.relation.unknowns == 5 ? world() : world();
    other.elements[3] += other.elements[0];
    CHECK(other.verdict(good) == 3);
    other = world();
    other.relation.field[0].right += scalar::one();
    CHECK(other.verdict(good) == 2);
    CHECK(here.verdict_of(good, "veilsum.test/1") == 0);
    CHECK(here.verdict_of(good, "veilsum.test/2") == 2);
}

TEST_CASE("linear relation: folded equations say the same as single ones") {
    world here;
    const world::made good = here.prove();
    std::vector<point> points = here.elements;
    points.insert(points.end(), good.first.group.begin(), good.first.group.end());
    const auto folded = [&](const world::made& m) {
        std::vector<scalar> coefficients(points.size());
        for (std::size_t a = 0; a < here.relation.group.size(); ++a)
            zk::fold(here.relation, a, m.answer, m.challenge, scalar::random(here.rng),
                     here.elements.size() + a, coefficients);
        return group::sum_of_products_vartime(coefficients, points).is_identity();
    };
    CHECK(folded(good));
    for (std::size_t i = 0; i < good.answer.size(); ++i) {
        world::made bad = good;
        bad.answer[i] += scalar::one();
        CHECK_FALSE(folded(bad));
    }
}
