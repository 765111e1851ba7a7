// The engine that is chosen at run time, of every kind.
#include "modular/engine_laws.hpp"
#include "support/ends_process.hpp"
#include "support/skip.hpp"

#include <veilsum/modular/default_engine.hpp>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <span>
#include <utility>
#include <vector>

using namespace veilsum;
using namespace veilsum::modular;
using test::model;
using test::numbers;
using tests::any_below;
using tests::any_bits;

namespace {

bool absent() {
    if (!has_ifma()) test::skip_case("this processor has no AVX-512 IFMA");
    return !has_ifma();
}

template <std::size_t Bits>
void default_laws(engine_kind kind) {
    tests::seeded_random rng(Bits);
    const default_engine<Bits> engine(tests::any_modulus(rng, Bits), kind);
    REQUIRE(engine.kind() == kind);
    test::check_laws(*model(engine, std::string(name_of(kind))));
}
template <std::size_t Bits>
void default_details(engine_kind kind) {
    tests::seeded_random rng(Bits + 1);
    const auto make = [&](const bigint& n) {
        return model(default_engine<Bits>(n, kind), std::string(name_of(kind)));
    };
    test::check_batches(*make(tests::any_modulus(rng, Bits - 1)));
    test::check_shapes(*make(tests::any_modulus(rng, Bits - 3)));
    test::check_inversion(*make(bigint(3) * tests::any_modulus(rng, Bits - 2)));
    test::check_no_bits(*make((bigint(1) << (Bits / 2)) + bigint(1)));
}

} // namespace

TEST_CASE("default engine: the fastest kind that there is", "[modular]") {
    REQUIRE(fastest_engine() == (has_ifma() ? engine_kind::ifma : engine_kind::gmp));
    const default_engine<256> engine((bigint(1) << 255) + bigint(95));
    REQUIRE(engine.kind() == fastest_engine());
    REQUIRE(name_of(engine_kind::gmp) == "gmp");
    REQUIRE(name_of(engine_kind::ifma) == "ifma");
}

TEST_CASE("default engine: the laws hold for gmp", "[modular]") {
    default_laws<512>(engine_kind::gmp);
    default_laws<2048>(engine_kind::gmp);
    default_details<512>(engine_kind::gmp);
}

TEST_CASE("default engine: the laws hold for ifma", "[modular]") {
    if (absent()) return;
    default_laws<512>(engine_kind::ifma);
    default_laws<2048>(engine_kind::ifma);
    default_details<512>(engine_kind::ifma);
}

TEST_CASE("default engine: kinds that are mixed end the process", "[modular]") {
    if (absent()) return;
    const bigint n = (bigint(1) << 511) + bigint(187);
    const default_engine<512> gmp(n, engine_kind::gmp), ifma(n, engine_kind::ifma);
    auto a = gmp.make(1), b = ifma.make(1);
    gmp.multiply(a, a, a);
    ifma.multiply(b, b, b);
    CHECK(test::ends_process([&] { gmp.multiply(a, a, b); }));
    CHECK(test::ends_process([&] { ifma.multiply(a, b, b); }));
    CHECK(test::ends_process([&] { (void)gmp.get(b, 0); }));
    CHECK(test::ends_process([&] { (void)ifma.leave(a); }));
    const std::vector<const default_engine<512>::vector*> both{&a, &b};
    const numbers ones(2, bigint(1));
    CHECK(test::ends_process([&] { (void)gmp.multi_power_vartime(std::span(both), 1, ones); }));
    CHECK(test::ends_process([&] { (void)ifma.multi_power_vartime(std::span(both), 1, ones); }));
    const auto table = gmp.make_table(bigint(3), 8);
    CHECK(gmp.power_fixed_vartime(table, bigint(3)) == bigint(27));
    CHECK(test::ends_process([&] { (void)ifma.power_fixed_vartime(table, bigint(3)); }));
}

TEST_CASE("default engine: a vector is a value and can be wiped", "[modular]") {
    using engine_type = default_engine<512>;
    for (const engine_kind kind : {engine_kind::gmp, fastest_engine()}) {
        const engine_type engine((bigint(1) << 511) + bigint(9), kind);
        engine_type::vector a = engine.enter(numbers{bigint(3), bigint(4)});
        engine_type::vector b = a;
        engine.set(b, 0, bigint(8));
        REQUIRE(engine.get(a, 0) == bigint(3));
        engine_type::vector c = std::move(b);
        REQUIRE(b.size() == 0);
        REQUIRE(engine.leave(c) == numbers{bigint(8), bigint(4)});
        a = std::move(c);
        REQUIRE(engine.get(a, 0) == bigint(8));
        a.wipe();
        REQUIRE(engine.leave(a) == numbers{bigint(0), bigint(0)});
        secret<engine_type::vector> hidden(engine.enter(numbers{bigint(6)}));
        REQUIRE(engine.get(hidden.expose(), 0) == bigint(6));

        const engine_type twin = engine;
        REQUIRE(twin.kind() == kind);
        REQUIRE(twin.modulus() == engine.modulus());
        REQUIRE(twin.get(hidden.expose(), 0) == bigint(6));
    }
}

TEST_CASE("power: the sliding window has the fewest multiplications", "[modular]") {
    // Both sides times (w + 1)(v + 1), to compare 2^(w-1) + bits / (w + 1) without fractions.
    const auto no_dearer = [](std::size_t bits, std::size_t w, std::size_t v) {
        const std::size_t left = ((std::size_t{1} << (w - 1)) * (w + 1) + bits) * (v + 1);
        const std::size_t right = ((std::size_t{1} << (v - 1)) * (v + 1) + bits) * (w + 1);
        return left <= right;
    };
    for (std::size_t bits = 1; bits <= 9216; ++bits)
        for (std::size_t other = 1; other <= 8; ++other)
            if (!no_dearer(bits, sliding_width(bits), other)) FAIL("length " << bits << ", window " << other);
    REQUIRE(sliding_width(9216) == 8);
}

#ifdef _OPENMP
TEST_CASE("engine: the number of threads changes nothing", "[modular]") {
    for (const engine_kind kind : {engine_kind::gmp, fastest_engine()}) {
        tests::seeded_random rng(11);
        const bigint n = (bigint(1) << 607) - bigint(1); // a prime, so that there are inverses
        numbers values, exponents;
        for (int i = 0; i < 300; ++i) {
            values.push_back(any_below(rng, n));
            exponents.push_back(any_bits(rng, 64));
        }
        const auto everything = [&](int threads) {
            const int before = omp_get_max_threads();
            omp_set_num_threads(threads);
            const default_engine<1024> engine(n, kind);
            const auto a = engine.enter(values);
            auto out = engine.make(values.size());
            engine.multiply(out, a, a);
            engine.power_secret(out, out, secret<bigint>(bigint(exponents[0])), 64);
            engine.power_public_vartime(out, out, exponents[1]);
            numbers results = engine.leave(out);
            const auto table = engine.make_table(values[0], 64);
            engine.power_fixed(out, table, secret<numbers>(numbers(exponents)), 64);
            for (bigint& value : engine.leave(out)) results.push_back(std::move(value));
            results.push_back(engine.multi_power_vartime(a, exponents));
            for (const std::size_t columns : {3u, 10u}) {
                const std::span<const bigint> some = std::span(exponents).first(300 / columns);
                for (bigint& value : engine.leave(engine.multi_power_vartime(a, columns, some)))
                    results.push_back(std::move(value));
            }
            results.push_back(engine.product(a));
            const auto inverses = invert_vartime(engine, a);
            REQUIRE(inverses.has_value());
            for (bigint& value : engine.leave(*inverses)) results.push_back(std::move(value));
            omp_set_num_threads(before);
            return results;
        };
        const numbers alone = everything(1);
        REQUIRE(everything(2) == alone);
        REQUIRE(everything(5) == alone);
    }
}
#endif
