// The laws of modular_engine for the engine on NTL, and its agreement with the one on GMP from several
// threads.
#include "modular/engine_laws.hpp"
#include "support/ends_process.hpp"

#include <veilsum/modular/gmp_engine.hpp>
#include <veilsum/modular/ntl_engine.hpp>

#include <array>
#include <cstddef>
#include <thread>
#include <vector>

using namespace veilsum;
using namespace veilsum::modular;
using test::model;

namespace {

template <std::size_t Bits>
void laws() {
    tests::seeded_random rng(Bits);
    test::check_laws(*model(ntl_engine<Bits>(tests::any_modulus(rng, Bits))));
}

} // namespace

TEST_CASE("ntl engine: the laws hold for every size", "[modular]") {
    laws<256>();
    laws<1024>();
    laws<2048>();
    laws<6144>();
}

TEST_CASE("ntl engine: moduli of extreme shape", "[modular]") {
    for (const bigint& n : test::extreme_moduli(512)) test::check_laws(*model(ntl_engine<512>(n)));
}

TEST_CASE("ntl engine: batches, inverses, no bits, long exponents", "[modular]") {
    tests::seeded_random rng(5);
    test::check_batches(*model(ntl_engine<512>(tests::any_modulus(rng, 511))));
    test::check_shapes(*model(ntl_engine<512>(tests::any_modulus(rng, 509))));
    test::check_inversion(*model(ntl_engine<256>(bigint(3) * tests::any_modulus(rng, 250))));
    test::check_no_bits(*model(ntl_engine<512>((bigint(1) << 300) + bigint(1))));
    test::check_long_exponents(*model(ntl_engine<512>(tests::any_modulus(rng, 512))), {63, 64, 65, 320, 512});
}

TEST_CASE("ntl engine: every pair and power modulo every small odd number", "[modular]") {
    for (std::int64_t n = 3; n <= 31; n += 2) test::check_everything(*model(ntl_engine<256>(bigint(n))));
}

TEST_CASE("ntl engine: several threads use one engine", "[modular]") {
    tests::seeded_random rng(50);
    const bigint n = tests::any_modulus(rng, 1024), e = tests::any_bits(rng, 200);
    const ntl_engine<1024> engine(n);
    test::numbers values;
    for (int i = 0; i < 20; ++i) values.push_back(tests::any_below(rng, n));
    const auto inputs = engine.enter(values);
    const auto table = engine.make_table(values[0], 200);
    const auto work = [&](test::numbers& results) {
        auto out = engine.make(values.size());
        for (int turn = 0; turn < 5; ++turn) {
            engine.power_public_vartime(out, inputs, e);
            engine.multiply(out, out, inputs);
            engine.square(out, out);
        }
        results = engine.leave(out);
        results.push_back(engine.power_fixed_vartime(table, e));
        results.push_back(engine.product(inputs));
    };
    test::numbers expected;
    for (const bigint& x : values) {
        const bigint y = power_vartime(x, e, n) * x % n;
        expected.push_back(y * y % n);
    }
    expected.push_back(power_vartime(values[0], e, n));
    expected.push_back(gmp_engine<1024>(n).product(gmp_engine<1024>(n).enter(values)));
    std::array<test::numbers, 4> results;
    std::vector<std::thread> threads;
    for (test::numbers& mine : results) threads.emplace_back([&] { work(mine); });
    for (std::thread& thread : threads) thread.join();
    for (const test::numbers& mine : results) REQUIRE(mine == expected);
}

TEST_CASE("ntl engine: a vector is a value and can be wiped", "[modular]") {
    using engine_type = ntl_engine<256>;
    const engine_type engine((bigint(1) << 255) + bigint(95));
    auto a = engine.enter(test::numbers{bigint(3), bigint(4)});
    auto b = a;
    engine.set(b, 0, bigint(8));
    REQUIRE(engine.leave(a) == test::numbers{bigint(3), bigint(4)});
    auto c = std::move(b);
    REQUIRE(b.size() == 0);
    REQUIRE(engine.leave(c) == test::numbers{bigint(8), bigint(4)});
    c.wipe();
    REQUIRE(engine.leave(c) == test::numbers(2, bigint(0)));
    engine.copy(a, 1, a, 1);
    engine.copy(a, 0, a, 1);
    REQUIRE(engine.leave(a) == test::numbers(2, bigint(4)));
}

// NTL itself would end the process without std::terminate, or compute nonsense.
TEST_CASE("ntl engine: broken contracts end the process", "[modular]") {
    using engine_type = ntl_engine<256>;
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
    CHECK(test::ends_process([&] { (void)engine.power_fixed_vartime(table, bigint(-1)); }));
    CHECK(test::ends_process([&] { (void)other.power_fixed_vartime(table, bigint(4)); }));
    CHECK(test::ends_process(
        [&] { engine.power_fixed(one, table, secret<test::numbers>(test::numbers{bigint(4)}), 11); }));
    CHECK(test::ends_process([&] { (void)engine.multi_power_vartime(one, test::numbers{bigint(-1)}); }));
    CHECK(test::ends_process([&] { (void)engine.multi_power_vartime(two, test::numbers{bigint(1)}); }));
    CHECK(test::ends_process([&] { (void)engine.multi_power_vartime(one, 2, test::numbers{bigint(1)}); }));
    CHECK(test::ends_process([&] { (void)engine.multi_power_vartime(two, 2, test::numbers(2, bigint(1))); }));
    CHECK(test::ends_process([&] { (void)engine.multi_power_vartime(two, 0, test::numbers{}); }));
}
