// The laws of modular_engine, one test over all models and sizes, against the definition.
#include "support/catch.hpp"
#include "support/naive_modular.hpp"

#include <veilsum/modular/default_engine.hpp>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <utility>
#include <vector>

using namespace veilsum;
using namespace veilsum::modular;
using tests::any_below;
using tests::any_bits;
using tests::naive_power;

namespace {

template <class Engine>
typename Engine::vector load(const Engine& engine, const std::vector<bigint>& values) {
    auto out = engine.make(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) engine.set(out, i, values[i]);
    return out;
}
template <class Engine>
std::vector<bigint> unload(const Engine& engine, const typename Engine::vector& values) {
    std::vector<bigint> out;
    for (std::size_t i = 0; i < values.size(); ++i) out.push_back(engine.get(values, i));
    return out;
}
secret<bigint> hide(bigint value) {
    return secret<bigint>(std::move(value));
}
secret<std::vector<bigint>> hide(std::vector<bigint> values) {
    return secret<std::vector<bigint>>(std::move(values));
}

template <class Engine>
struct scratch_power {
    const Engine& engine;
    bigint secretly(const bigint& base, const bigint& exponent, std::size_t bits) const {
        auto v = load(engine, {base});
        engine.power_secret(v, v, hide(exponent), bits);
        return engine.get(v, 0);
    }
    bigint publicly(const bigint& base, const bigint& exponent) const {
        auto v = load(engine, {base});
        engine.power_public_vartime(v, v, exponent);
        return engine.get(v, 0);
    }
};

template <modular_engine Engine>
void check_laws(const Engine& engine) {
    const bigint& n = engine.modulus();
    tests::seeded_random rng(n.bit_length());
    const std::vector<bigint> edges = tests::edge_residues(rng, n);
    const std::size_t count = edges.size();
    const auto a = load(engine, edges);
    REQUIRE(unload(engine, a) == edges);
    REQUIRE(unload(engine, engine.make(3)) == std::vector<bigint>(3, bigint(1)));

    // Every edge times every edge: one rotation of the second factor after the other.
    for (std::size_t turn = 0; turn < count; ++turn) {
        std::vector<bigint> turned;
        for (std::size_t i = 0; i < count; ++i) turned.push_back(edges[(i + turn) % count]);
        const auto b = load(engine, turned);
        auto out = engine.make(count);
        engine.multiply(out, a, b);
        for (std::size_t i = 0; i < count; ++i) REQUIRE(engine.get(out, i) == edges[i] * turned[i] % n);
    }
    auto squares = engine.make(count);
    engine.square(squares, a);
    for (std::size_t i = 0; i < count; ++i) REQUIRE(engine.get(squares, i) == edges[i] * edges[i] % n);

    // Powers: exponents around the borders of windows and limbs, and 0^0 = 1.
    const std::size_t bits = 129;
    const std::vector<bigint> exponents{bigint(0),
                                        bigint(1),
                                        bigint(31),
                                        bigint(32),
                                        (bigint(1) << 64) - bigint(1),
                                        bigint(1) << 64,
                                        bigint(1) << 128,
                                        (bigint(1) << 129) - bigint(1),
                                        any_bits(rng, 129)};
    auto out = engine.make(count);
    for (const bigint& e : exponents) {
        engine.power_secret(out, a, hide(e), bits);
        auto publicly = engine.make(count);
        engine.power_public_vartime(publicly, a, e);
        REQUIRE(unload(engine, publicly) == unload(engine, out));
        for (std::size_t i = 0; i < count; ++i) REQUIRE(engine.get(out, i) == naive_power(edges[i], e, n));
    }
    // Fixed base: another base each time; the table is longer than the exponents in one case.
    for (const std::size_t table_bits : {bits, bits + 60}) {
        for (const bigint& base : {edges[0], edges[3], edges.back()}) {
            const auto table = engine.make_table(base, table_bits);
            REQUIRE(table.max_exponent_bits() == table_bits);
            auto fixed = engine.make(exponents.size());
            engine.power_fixed(fixed, table, hide(exponents), bits);
            for (std::size_t i = 0; i < exponents.size(); ++i) {
                const bigint expected = naive_power(base, exponents[i], n);
                REQUIRE(engine.get(fixed, i) == expected);
                REQUIRE(engine.power_fixed_vartime(table, exponents[i]) == expected);
            }
        }
    }
    // Products of powers and products.
    std::vector<bigint> short_exponents;
    for (std::size_t i = 0; i < count; ++i) short_exponents.push_back(any_bits(rng, 8 * i));
    REQUIRE(engine.multi_power_vartime(a, short_exponents) ==
            tests::naive_multi_power(edges, short_exponents, n));
    bigint all(1);
    for (const bigint& value : edges) all = all * value % n;
    REQUIRE(engine.product(a) == all);
}

} // namespace

TEST_CASE("engine: the laws hold for every kernel and size", "[modular]") {
    tests::seeded_random rng(7);
    for (const row_kernel kernel : {row_kernel::portable, fastest_row_kernel()}) {
        check_laws(gmp_engine<128>(tests::any_modulus(rng, 128), kernel));
        check_laws(gmp_engine<1024>(tests::any_modulus(rng, 1024), kernel));
        check_laws(gmp_engine<2048>(tests::any_modulus(rng, 2048), kernel));
    }
    check_laws(default_engine<4096>(tests::any_modulus(rng, 4096)));
    check_laws(default_engine<6144>(tests::any_modulus(rng, 6144)));
}

TEST_CASE("engine: moduli of extreme shape", "[modular]") {
    const auto power_of_two = [](std::size_t bits) { return bigint(1) << bits; };
    check_laws(default_engine<512>(power_of_two(512) - bigint(1)));                     // all ones
    check_laws(default_engine<512>(power_of_two(511) + bigint(1)));                     // all zeros between
    check_laws(default_engine<512>(power_of_two(512) - power_of_two(256) + bigint(1))); // low half of zeros
    check_laws(default_engine<512>(power_of_two(200) + bigint(15)));                    // far shorter than R
    check_laws(default_engine<1024>(power_of_two(959) - bigint(3)));                    // one limb shorter
    check_laws(default_engine<512>(power_of_two(64) + bigint(1)));
}

TEST_CASE("engine: every pair and power modulo every small odd number", "[modular]") {
    constexpr std::uint64_t max_exponent = 40;
    std::vector<bigint> exponents;
    for (std::uint64_t e = 0; e <= max_exponent; ++e) exponents.emplace_back(static_cast<std::int64_t>(e));
    for (std::uint64_t n = 3; n <= 31; n += 2) {
        const gmp_engine<64> engine{bigint(static_cast<std::int64_t>(n))};
        std::vector<bigint> residues;
        for (std::uint64_t x = 0; x < n; ++x) residues.emplace_back(static_cast<std::int64_t>(x));
        const auto all = load(engine, residues);
        for (std::uint64_t x = 0; x < n; ++x) {
            const bigint& base = residues[x];
            auto out = load(engine, std::vector<bigint>(n, base));
            engine.multiply(out, out, all);
            for (std::uint64_t y = 0; y < n; ++y)
                REQUIRE(engine.get(out, y) == bigint(static_cast<std::int64_t>(x * y % n)));
            const auto table = engine.make_table(base, 6);
            auto fixed = engine.make(exponents.size());
            engine.power_fixed(fixed, table, hide(exponents), 6);
            const scratch_power<gmp_engine<64>> power{engine};
            for (std::uint64_t e = 0; e <= max_exponent; ++e) {
                const bigint expected(static_cast<std::int64_t>(tests::repeated_product(x, e, n)));
                REQUIRE(engine.get(fixed, e) == expected);
                REQUIRE(power.secretly(base, exponents[e], 6) == expected);
                REQUIRE(power.publicly(base, exponents[e]) == expected);
            }
        }
    }
}

TEST_CASE("engine: outputs may be inputs", "[modular]") {
    tests::seeded_random rng(9);
    const default_engine<1024> engine(tests::any_modulus(rng, 1024));
    const bigint& n = engine.modulus();
    const bigint x = any_below(rng, n), y = any_below(rng, n), e = any_bits(rng, 70);
    const auto a = load(engine, {x, y}), b = load(engine, {y, x});
    auto out = a;
    engine.multiply(out, out, b);
    REQUIRE(unload(engine, out) == std::vector<bigint>(2, x * y % n));
    out = a;
    engine.multiply(out, b, out);
    REQUIRE(unload(engine, out) == std::vector<bigint>(2, x * y % n));
    out = a;
    engine.multiply(out, out, out);
    REQUIRE(engine.get(out, 1) == y * y % n);
    out = a;
    engine.square(out, out);
    REQUIRE(engine.get(out, 0) == x * x % n);
    out = a;
    engine.power_secret(out, out, hide(e), 70);
    REQUIRE(engine.get(out, 1) == naive_power(y, e, n));
    out = a;
    engine.power_public_vartime(out, out, e);
    REQUIRE(engine.get(out, 0) == naive_power(x, e, n));
    out = a;
    engine.copy(out, 0, out, 1);
    engine.copy(out, 1, out, 1);
    REQUIRE(unload(engine, out) == std::vector<bigint>{y, y});
    REQUIRE(unload(engine, a) == std::vector<bigint>{x, y});
}

TEST_CASE("engine: no bits, no residues", "[modular]") {
    const default_engine<512> engine((bigint(1) << 300) + bigint(1));
    auto out = load(engine, {bigint(5)});
    engine.power_secret(out, out, hide(bigint(0)), 0);
    REQUIRE(engine.get(out, 0) == bigint(1));
    const auto table = engine.make_table(bigint(5), 0);
    REQUIRE(table.size_bytes() == 0);
    engine.set(out, 0, bigint(7));
    engine.power_fixed(out, table, hide(std::vector<bigint>{bigint(0)}), 0);
    REQUIRE(engine.get(out, 0) == bigint(1));

    auto none = engine.make(0);
    engine.multiply(none, none, none);
    engine.power_fixed(none, table, hide(std::vector<bigint>{}), 0);
    REQUIRE(none.size() == 0);
    REQUIRE(engine.product(none) == bigint(1));
    REQUIRE(engine.multi_power_vartime(none, {}) == bigint(1));
}

TEST_CASE("engine: long exponents", "[modular]") {
    tests::seeded_random rng(10);
    for (const row_kernel kernel : {row_kernel::portable, fastest_row_kernel()}) {
        const gmp_engine<2048> engine(tests::any_modulus(rng, 2048), kernel);
        const bigint x = any_below(rng, engine.modulus());
        const scratch_power<gmp_engine<2048>> power{engine};
        for (const std::size_t bits : {63u, 64u, 65u, 319u, 320u, 2048u}) {
            const bigint e = any_bits(rng, bits - 1) + (bigint(1) << (bits - 1));
            const bigint expected = power_vartime(x, e, engine.modulus());
            REQUIRE(power.secretly(x, e, bits) == expected);
            REQUIRE(power.secretly(x, e, bits + 100) == expected);
            REQUIRE(power.publicly(x, e) == expected);
        }
    }
    // Widths that exist for several moduli at once (degree two) and the branch that leaves the power to GMP.
    const default_engine<9216> wide(tests::any_modulus(rng, 9216));
    const bigint x = any_below(rng, wide.modulus()), e = any_bits(rng, 90);
    const scratch_power<default_engine<9216>> power{wide};
    const bigint expected = power_vartime(x, e, wide.modulus());
    REQUIRE(power.secretly(x, e, 90) == expected);
    REQUIRE(power.publicly(x, e) == expected);
    REQUIRE(power.publicly(x, bigint(12)) == power_vartime(x, bigint(12), wide.modulus()));
}

TEST_CASE("engine: a vector is a value and can be wiped", "[modular]") {
    using engine_type = default_engine<512>;
    const engine_type engine((bigint(1) << 511) + bigint(9));
    engine_type::vector a = load(engine, {bigint(3), bigint(4)});
    engine_type::vector b = a;
    engine.set(b, 0, bigint(8));
    REQUIRE(engine.get(a, 0) == bigint(3));
    engine_type::vector c = std::move(b);
    REQUIRE(b.size() == 0);
    REQUIRE(unload(engine, c) == std::vector<bigint>{bigint(8), bigint(4)});
    a = std::move(c);
    REQUIRE(engine.get(a, 0) == bigint(8));
    a.wipe();
    REQUIRE(unload(engine, a) == std::vector<bigint>{bigint(0), bigint(0)});
    REQUIRE(engine.get(engine_type::vector(2), 1) == bigint(0));
    secret<engine_type::vector> hidden(load(engine, {bigint(6)}));
    REQUIRE(engine.get(hidden.expose(), 0) == bigint(6));

    const engine_type twin = engine;
    REQUIRE(twin.modulus() == engine.modulus());
    REQUIRE(twin.get(hidden.expose(), 0) == bigint(6));
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
    tests::seeded_random rng(11);
    const bigint n = tests::any_modulus(rng, 1024);
    std::vector<bigint> values, exponents;
    for (int i = 0; i < 300; ++i) {
        values.push_back(any_below(rng, n));
        exponents.push_back(any_bits(rng, 64));
    }
    const auto everything = [&](int threads) {
        const int before = omp_get_max_threads();
        omp_set_num_threads(threads);
        const default_engine<1024> engine(n);
        const auto a = load(engine, values);
        auto out = engine.make(values.size());
        engine.multiply(out, a, a);
        engine.power_secret(out, out, hide(exponents[0]), 64);
        engine.power_public_vartime(out, out, exponents[1]);
        std::vector<bigint> results = unload(engine, out);
        const auto table = engine.make_table(values[0], 64);
        engine.power_fixed(out, table, hide(exponents), 64);
        for (bigint& value : unload(engine, out)) results.push_back(std::move(value));
        results.push_back(engine.multi_power_vartime(a, exponents));
        results.push_back(engine.product(a));
        omp_set_num_threads(before);
        return results;
    };
    const std::vector<bigint> alone = everything(1);
    REQUIRE(everything(2) == alone);
    REQUIRE(everything(5) == alone);
}
#endif
