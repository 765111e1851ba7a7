// The laws of modular_engine for the engine on AVX-512 IFMA, where the processor has it.
#include "modular/engine_laws.hpp"
#include "support/ends_process.hpp"
#include "support/skip.hpp"

#include <veilsum/modular/ifma_engine.hpp>

using namespace veilsum;
using namespace veilsum::modular;
using test::model;

#if VEILSUM_IFMA_ENGINE

namespace {

bool absent() {
    if (!has_ifma()) test::skip_case("this processor has no AVX-512 IFMA");
    return !has_ifma();
}

template <std::size_t Bits>
void laws() {
    tests::seeded_random rng(Bits);
    test::check_laws(*model(ifma_engine<Bits>(tests::any_modulus(rng, Bits))));
}

} // namespace

TEST_CASE("ifma engine: the laws hold up to 2048 bits", "[modular]") {
    if (absent()) return;
    laws<256>();
    laws<512>();
    laws<1024>();
    laws<1536>();
    laws<2048>();
}

TEST_CASE("ifma engine: the laws hold from 3072 to 6144 bits", "[modular]") {
    if (absent()) return;
    laws<3072>();
    laws<4096>();
    laws<6144>();
}

TEST_CASE("ifma engine: the laws hold from 8192 to 12288 bits", "[modular]") {
    if (absent()) return;
    laws<8192>();
    laws<9216>();
    laws<12288>();
}

TEST_CASE("ifma engine: moduli of extreme shape", "[modular]") {
    if (absent()) return;
    for (const bigint& n : test::extreme_moduli(512)) test::check_laws(*model(ifma_engine<512>(n)));
    // Where reduction runs in halves.
    tests::seeded_random rng(12);
    for (const bigint& n : test::extreme_moduli(6144)) {
        const auto engine = model(ifma_engine<6144>(n));
        INFO("modulus of " << n.bit_length() << " bits");
        test::check_products(*engine, test::hard_residues(rng, n, 6144), test::effort::brief);
    }
}

TEST_CASE("ifma engine: batches of every size", "[modular]") {
    if (absent()) return;
    tests::seeded_random rng(5);
    test::check_batches(*model(ifma_engine<512>(tests::any_modulus(rng, 511))));
    test::check_shapes(*model(ifma_engine<512>(tests::any_modulus(rng, 509))));
}

TEST_CASE("ifma engine: inverses of many", "[modular]") {
    if (absent()) return;
    tests::seeded_random rng(6);
    test::check_inversion(*model(ifma_engine<256>(bigint(3) * tests::any_modulus(rng, 250))));
}

TEST_CASE("ifma engine: no bits, no residues", "[modular]") {
    if (absent()) return;
    test::check_no_bits(*model(ifma_engine<512>((bigint(1) << 300) + bigint(1))));
}

TEST_CASE("ifma engine: long exponents", "[modular]") {
    if (absent()) return;
    tests::seeded_random rng(10);
    test::check_long_exponents(*model(ifma_engine<2048>(tests::any_modulus(rng, 2048))),
                               {63, 64, 65, 319, 320, 2048});
}

TEST_CASE("ifma engine: every pair and power modulo every small odd number", "[modular]") {
    if (absent()) return;
    for (std::int64_t n = 3; n <= 31; n += 2) test::check_everything(*model(ifma_engine<256>(bigint(n))));
}

TEST_CASE("ifma engine: broken contracts end the process", "[modular]") {
    if (absent()) return;
    using engine_type = ifma_engine<256>;
    const bigint n = (bigint(1) << 250) + bigint(1);
    const engine_type engine(n), other(n + bigint(2));
    auto one = engine.make(1), two = engine.make(2);
    CHECK(test::ends_process([&] { engine_type{bigint(1) << 255}; }));
    CHECK(test::ends_process([&] { engine_type{(bigint(1) << 256) + bigint(1)}; }));
    CHECK(test::ends_process([&] { engine_type{bigint(1)}; }));
    CHECK(test::ends_process([&] { engine.set(one, 0, n); }));
    CHECK(test::ends_process([&] { engine.set(one, 0, bigint(-1)); }));
    CHECK(test::ends_process([&] { engine.set(one, 1, bigint(1)); }));
    CHECK(test::ends_process([&] { (void)engine.get(one, 1); }));
    CHECK(test::ends_process([&] { engine.copy(one, 0, two, 2); }));
    CHECK(test::ends_process([&] { engine.multiply(one, one, two); }));
    CHECK(test::ends_process([&] { engine.power_secret(one, one, secret<bigint>(bigint(32)), 5); }));
    CHECK(test::ends_process([&] { engine.power_public_vartime(one, one, bigint(-1)); }));
    const auto table = engine.make_table(bigint(3), 10);
    CHECK(test::ends_process([&] { (void)engine.power_fixed_vartime(table, bigint(1024)); }));
    CHECK(test::ends_process([&] { (void)other.power_fixed_vartime(table, bigint(4)); }));
    CHECK(test::ends_process(
        [&] { engine.power_fixed(one, table, secret<test::numbers>(test::numbers{bigint(4)}), 11); }));
    CHECK(test::ends_process([&] { (void)engine.multi_power_vartime(one, test::numbers{bigint(-1)}); }));
    CHECK(test::ends_process([&] { (void)engine.multi_power_vartime(two, test::numbers{bigint(1)}); }));
    CHECK(test::ends_process([&] { (void)engine.multi_power_vartime(one, 2, test::numbers{bigint(1)}); }));
    CHECK(test::ends_process([&] { (void)engine.multi_power_vartime(two, 2, test::numbers(2, bigint(1))); }));
    CHECK(test::ends_process([&] { (void)engine.multi_power_vartime(two, 0, test::numbers{}); }));
    // What was forked away left nothing behind.
    CHECK(engine.get(one, 0) == bigint(1));
}

#else

TEST_CASE("ifma engine: absent", "[modular]") {
    test::skip_case("this platform has no IFMA engine");
}

#endif
