// The laws of modular_engine for the engine on GMP, with both row kernels.
#include "modular/engine_laws.hpp"

#include <veilsum/modular/gmp_engine.hpp>

using namespace veilsum;
using namespace veilsum::modular;
using test::engine_ptr;
using test::model;

namespace {

constexpr row_kernel portable = row_kernel::portable;

// With both kernels; on a processor that has one only, with that one.
template <std::size_t Bits, class Check>
void with_kernels(const bigint& modulus, const Check& check) {
    check(*model(gmp_engine<Bits>(modulus, portable), "portable rows"));
    if (fastest_row_kernel() != portable)
        check(*model(gmp_engine<Bits>(modulus, fastest_row_kernel()), "adx rows"));
}

template <std::size_t Bits>
void laws() {
    tests::seeded_random rng(Bits);
    with_kernels<Bits>(tests::any_modulus(rng, Bits), test::check_laws);
}

} // namespace

TEST_CASE("gmp engine: the laws hold up to 2048 bits", "[modular]") {
    laws<128>();
    laws<256>();
    laws<512>();
    laws<1024>();
    laws<1536>();
    laws<2048>();
}

TEST_CASE("gmp engine: the laws hold from 3072 to 6144 bits", "[modular]") {
    laws<3072>();
    laws<4096>();
    laws<6144>();
}

TEST_CASE("gmp engine: the laws hold from 8192 to 12288 bits", "[modular]") {
    laws<8192>();
    laws<9216>();
    laws<12288>();
}

TEST_CASE("gmp engine: moduli of extreme shape", "[modular]") {
    for (const bigint& n : test::extreme_moduli(512)) with_kernels<512>(n, test::check_laws);
}

TEST_CASE("gmp engine: batches of every size", "[modular]") {
    tests::seeded_random rng(5);
    with_kernels<512>(tests::any_modulus(rng, 511), test::check_batches);
    with_kernels<512>(tests::any_modulus(rng, 509), test::check_shapes);
}

TEST_CASE("gmp engine: inverses of many", "[modular]") {
    tests::seeded_random rng(6);
    with_kernels<256>(bigint(3) * tests::any_modulus(rng, 250), test::check_inversion);
}

TEST_CASE("gmp engine: no bits, no residues", "[modular]") {
    with_kernels<512>((bigint(1) << 300) + bigint(1), test::check_no_bits);
}

TEST_CASE("gmp engine: long exponents", "[modular]") {
    tests::seeded_random rng(10);
    const auto check = [](const test::any_engine& engine) {
        test::check_long_exponents(engine, {63, 64, 65, 319, 320, 2048});
    };
    with_kernels<2048>(tests::any_modulus(rng, 2048), check);
    // The branch that leaves the power to GMP.
    with_kernels<9216>(tests::any_modulus(rng, 9216), [](const test::any_engine& engine) {
        test::check_long_exponents(engine, {10, 64, 90});
    });
}

TEST_CASE("gmp engine: every pair and power modulo every small odd number", "[modular]") {
    for (std::int64_t n = 3; n <= 31; n += 2) {
        with_kernels<64>(bigint(n), test::check_everything);
        with_kernels<256>(bigint(n), test::check_everything); // a modulus far shorter than the radix
    }
}
