#include "support/catch.hpp"
#include "support/naive_modular.hpp"

#include <veilsum/modular/fermat.hpp>
#include <veilsum/modular/paired_power.hpp>

#include <span>
#include <utility>
#include <vector>

using namespace veilsum;
using namespace veilsum::modular;
using tests::any_below;
using tests::any_bits;

namespace {

bool passes_by_definition(const bigint& p) {
    return tests::naive_power(2, p - 1, p) == bigint(1);
}

void agree(const fermat_batch& fermat, const std::vector<bigint>& candidates) {
    for (std::size_t first = 0; first < candidates.size(); first += fermat.batch()) {
        const std::size_t count = std::min(fermat.batch(), candidates.size() - first);
        const auto passed = fermat.passes(std::span(candidates).subspan(first, count));
        REQUIRE(passed.size() == count);
        for (std::size_t i = 0; i < count; ++i)
            REQUIRE(passed[i] == passes_by_definition(candidates[first + i]));
    }
}

std::vector<engine_kind> kinds() {
    std::vector<engine_kind> out{engine_kind::gmp};
    if (has_ifma()) out.push_back(engine_kind::ifma);
    return out;
}

} // namespace

TEST_CASE("fermat: small odd numbers, primes, pseudoprimes to base 2 and composites", "[modular]") {
    std::vector<bigint> candidates;
    for (std::int64_t n = 3; n < 700; n += 2) candidates.emplace_back(n); // 341, 561, 645 are pseudoprimes
    for (const engine_kind kind : kinds()) agree(fermat_batch(256, kind), candidates);
}

TEST_CASE("fermat: candidates of every size that keys need", "[modular]") {
    tests::seeded_random rng(77);
    for (const std::size_t bits : {256u, 512u, 1024u, 1536u}) {
        std::vector<bigint> candidates;
        for (int i = 0; i < 9; ++i) candidates.push_back(tests::any_modulus(rng, bits));
        mpz_nextprime(candidates[2].get(), candidates[2].get());
        candidates.push_back((bigint(1) << bits) - 1);
        candidates.push_back((bigint(1) << (bits - 1)) + 1);
        for (const engine_kind kind : kinds()) {
            const fermat_batch fermat(bits, kind);
            REQUIRE(fermat.batch() == (kind == engine_kind::ifma ? 8 : 1));
            agree(fermat, candidates);
        }
    }
    // Beyond the vector unit's sizes GMP does it.
    for (const std::size_t bits : {100u, 2100u})
        for (const engine_kind kind : kinds()) {
            const fermat_batch fermat(bits, kind);
            REQUIRE(fermat.batch() == 1);
            agree(fermat, {tests::any_modulus(rng, bits)});
        }
    REQUIRE(fermat_batch(512).passes({}).empty());
}

TEMPLATE_TEST_CASE("paired power: each number to the power of its side", "[modular]", gmp_engine<512>,
                   default_engine<512>) {
    tests::seeded_random rng(78);
    const bigint p = tests::any_modulus(rng, 500), q = tests::any_modulus(rng, 509);
    const paired_power<TestType> powers(p, q);
    const secret<bigint> e(any_bits(rng, 130)), f(any_bits(rng, 130));
    for (const std::size_t count : {0u, 1u, 3u, 4u, 5u, 9u}) {
        std::vector<bigint> x, y;
        for (std::size_t k = 0; k < count; ++k) {
            x.push_back(k == 1 ? bigint(0) : any_below(rng, p));
            y.push_back(k == 2 ? q - 1 : any_below(rng, q));
        }
        const auto out =
            powers.raise({secret(std::vector<bigint>(x)), secret(std::vector<bigint>(y))}, {&e, &f}, 130);
        REQUIRE(out[0].expose().size() == count);
        REQUIRE(out[1].expose().size() == count);
        for (std::size_t k = 0; k < count; ++k) {
            CHECK(out[0].expose()[k] == tests::naive_power(x[k], e.expose(), p));
            CHECK(out[1].expose()[k] == tests::naive_power(y[k], f.expose(), q));
        }
    }
}
