// All engines against each other: random operations on random numbers give equal integers, whatever computes
// them.
#include "modular/engine_laws.hpp"
#include "support/skip.hpp"

#include <veilsum/modular/default_engine.hpp>
#ifdef VEILSUM_TEST_NTL
#include <veilsum/modular/ntl_engine.hpp>
#endif

#include <cstddef>
#include <cstdint>
#include <vector>

using namespace veilsum;
using namespace veilsum::modular;
using test::any_engine;
using test::engine_ptr;
using test::model;
using test::numbers;
using tests::any_below;
using tests::any_bits;

namespace {

bool absent() {
    if (!has_ifma()) test::skip_case("this processor has no AVX-512 IFMA");
    return !has_ifma();
}

// The engines of a size; the last ones compute with other instructions than the first.
template <std::size_t Bits>
std::vector<engine_ptr> portable_engines(const bigint& n) {
    std::vector<engine_ptr> out;
    out.push_back(model(gmp_engine<Bits>(n, row_kernel::portable), "portable rows"));
    if (fastest_row_kernel() != row_kernel::portable)
        out.push_back(model(gmp_engine<Bits>(n, fastest_row_kernel()), "adx rows"));
#ifdef VEILSUM_TEST_NTL
    out.push_back(model(ntl_engine<Bits>(n)));
#endif
    return out;
}
template <std::size_t Bits>
std::vector<engine_ptr> gmp_and_ifma(const bigint& n) {
    std::vector<engine_ptr> out;
    out.push_back(model(default_engine<Bits>(n, engine_kind::gmp), "gmp"));
    out.push_back(model(default_engine<Bits>(n, engine_kind::ifma), "ifma"));
    return out;
}

// A program of random operations on a batch, run by every engine: the batch after each of them.
void check_agreement(const std::vector<engine_ptr>& engines, std::uint64_t seed, int steps,
                     std::size_t max_exponent_bits) {
    const bigint& n = engines[0]->modulus();
    tests::seeded_random rng(seed);
    const std::size_t count = 1 + rng.below(20);
    const auto draw = [&] {
        const numbers hard = test::hard_residues(rng, n, engines[0]->bits());
        numbers out;
        while (out.size() < count)
            out.push_back(rng.below(3) == 0 ? hard[rng.below(hard.size())] : any_below(rng, n));
        return out;
    };
    numbers state = draw();
    for (int step = 0; step < steps; ++step) {
        const numbers other = draw();
        const std::uint64_t operation = rng.below(7);
        const std::size_t bits = rng.below(max_exponent_bits + 1);
        numbers exponents;
        for (std::size_t i = 0; i < count; ++i) exponents.push_back(any_bits(rng, bits));
        const auto apply = [&](const any_engine& engine) -> numbers {
            switch (operation) {
            case 0:
                return engine.multiply(state, other);
            case 1:
                return engine.square(state);
            case 2:
                return engine.power_secret(state, exponents[0], bits);
            case 3:
                return engine.power_public(state, exponents[0]);
            case 4:
                return engine.power_fixed(state[0], bits, exponents, bits).first;
            case 5:
                return {engine.multi_power(state, exponents), engine.product(other)};
            default:
                return engine.invert(other).value_or(state);
            }
        };
        INFO("seed " << seed << ", step " << step << ", operation " << operation << ", " << count
                     << " numbers, " << bits << " bits");
        const numbers expected = apply(*engines[0]);
        for (const engine_ptr& engine : engines) {
            INFO(engine->name());
            REQUIRE(apply(*engine) == expected);
        }
        for (std::size_t i = 0; i < expected.size(); ++i) state[i % count] = expected[i];
    }
}
template <std::size_t Bits, class Engines>
void check_agreement_of(const Engines& engines, int programs, int steps, std::size_t max_exponent_bits) {
    tests::seeded_random rng(Bits + 2);
    for (int i = 0; i < programs; ++i) {
        // Every other modulus is shorter than the engine is wide.
        const std::size_t length = i % 2 == 0 ? Bits : Bits / 2 + rng.below(Bits / 2);
        check_agreement(engines(tests::any_modulus(rng, length)), Bits + static_cast<std::uint64_t>(i), steps,
                        max_exponent_bits);
    }
}

} // namespace

TEST_CASE("engines agree: gmp kernels and NTL", "[modular]") {
    check_agreement_of<256>(portable_engines<256>, 8, 12, 300);
    check_agreement_of<1024>(portable_engines<1024>, 4, 12, 200);
    check_agreement_of<3072>(portable_engines<3072>, 2, 8, 80);
}

TEST_CASE("engines agree: gmp and ifma", "[modular]") {
    if (absent()) return;
    check_agreement_of<256>(gmp_and_ifma<256>, 16, 14, 300);
    check_agreement_of<1024>(gmp_and_ifma<1024>, 6, 12, 200);
    check_agreement_of<3072>(gmp_and_ifma<3072>, 3, 10, 80);
    check_agreement_of<6144>(gmp_and_ifma<6144>, 3, 10, 40);
}
