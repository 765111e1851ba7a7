// What every engine must do, against the definition (support/naive_modular.hpp) or GMP's own power.
//
// The edges are numbers whose *representatives* are edges: an engine that holds x as x R mod n computes with
// runs of ones and zeros where x itself looks random.
#pragma once

#include "modular/any_engine.hpp"
#include "support/catch.hpp"
#include "support/naive_modular.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace veilsum::test {

// The radices of Montgomery's form: whole limbs for gmp, digits of 52 bits and two bits to spare for ifma.
inline std::vector<std::size_t> radix_bits(std::size_t bits) {
    return {bits, (bits + 2 + 51) / 52 * 52};
}

// Numbers in [0, n) that are hard in themselves or in Montgomery's form.
inline numbers hard_residues(tests::seeded_random& rng, const bigint& n, std::size_t engine_bits) {
    numbers out = tests::edge_residues(rng, n);
    const std::size_t length = n.bit_length();
    const auto ones = [](std::size_t count) { return (bigint(1) << count) - bigint(1); };
    for (const std::size_t radix : radix_bits(engine_bits)) {
        const std::size_t digit = radix == engine_bits ? 64 : 52;
        const bigint back = *invert((bigint(1) << radix) % n, n);
        bigint alternating(0); // all-ones digits with zeros between
        for (std::size_t i = 0; i < length; i += 2 * digit) alternating = alternating + (ones(digit) << i);
        for (const bigint& held :
             {n - bigint(1), ones(length - 1), ones(length / digit * digit), alternating,
              (bigint(1) << (length - 1)) - (bigint(1) << (length / 2)), bigint(1), ones(digit)})
            out.push_back(held % n * back % n);
    }
    return out;
}

// How much of it: less for sizes where one power takes milliseconds.
enum class effort { full, brief, least };
inline effort effort_for(std::size_t bits) {
    return bits <= 2048 ? effort::full : bits <= 4096 ? effort::brief : effort::least;
}

inline void check_products(const any_engine& engine, const numbers& edges, effort much) {
    const bigint& n = engine.modulus();
    const std::size_t count = edges.size();
    // Every edge times every edge: one rotation of the second factor after the other; some of them in brief.
    const std::size_t step = much == effort::full ? 1 : 7;
    for (std::size_t turn = 0; turn < count; turn += step) {
        numbers turned, expected;
        for (std::size_t i = 0; i < count; ++i) {
            turned.push_back(edges[(i + turn) % count]);
            expected.push_back(edges[i] * turned[i] % n);
        }
        const place where = turn % 3 == 0 ? place::fresh : turn % 3 == 1 ? place::first : place::second;
        REQUIRE(engine.multiply(edges, turned, where) == expected);
        if (turn != 0) continue;
        REQUIRE(engine.square(edges) == expected);
        REQUIRE(engine.square(edges, place::first) == expected);
        REQUIRE(engine.multiply_itself(edges) == expected);
    }
    bigint all(1);
    for (const bigint& value : edges) all = all * (value.is_zero() ? bigint(1) : value) % n;
    numbers factors = edges;
    for (bigint& factor : factors)
        if (factor.is_zero()) factor = bigint(1);
    REQUIRE(engine.product(factors) == all);
    REQUIRE(engine.product(edges) == bigint(0)); // 0 is one of them
}

// Products of powers whose columns share exponents; those given, and again from the first.
inline void check_columns(const any_engine& engine, const std::vector<numbers>& bases, std::size_t columns,
                          const numbers& some_exponents) {
    std::vector<numbers> column(columns);
    for (const numbers& each : bases)
        for (std::size_t i = 0; i < each.size(); ++i) column[i % columns].push_back(each[i]);
    numbers exponents, expected;
    for (std::size_t k = 0; k < column[0].size(); ++k)
        exponents.push_back(some_exponents[k % some_exponents.size()]);
    for (const numbers& each : column)
        expected.push_back(tests::naive_multi_power(each, exponents, engine.modulus()));
    INFO(exponents.size() << " rows of " << columns);
    REQUIRE(engine.multi_power(bases, columns, exponents) == expected);
}

// Shapes around groups of eight, exponents at the edges and of mixed lengths, bases in several vectors.
inline void check_shapes(const any_engine& engine) {
    INFO(engine.name());
    const bigint& n = engine.modulus();
    tests::seeded_random rng(n.bit_length() + 5);
    const auto ones = [](std::size_t bits) { return (bigint(1) << bits) - bigint(1); };
    const auto bases = [&](std::size_t count) {
        numbers out;
        while (out.size() < count) out.push_back(tests::any_below(rng, n));
        return out;
    };
    const std::vector<numbers> exponents{
        {bigint(0)},
        {bigint(1)},
        {ones(128), ones(192)},
        {bigint(1) << 127, bigint(0), bigint(1), bigint(2), bigint(3)},
        {tests::any_bits(rng, 128), tests::any_bits(rng, 192), tests::any_bits(rng, 9), bigint(0), ones(64),
         tests::any_bits(rng, 300), bigint(1), tests::any_bits(rng, 64), tests::any_bits(rng, 65)},
    };
    for (const std::size_t columns : {1u, 2u, 7u, 8u, 9u, 13u, 16u})
        for (const std::size_t rows : {0u, 1u, 2u, 9u})
            for (const numbers& some : exponents)
                if (rows != 2 || some.size() > 1)
                    check_columns(engine, {bases(rows * columns)}, columns, some);
    for (const std::size_t columns : {1u, 5u, 13u}) {
        check_columns(engine, {}, columns, {bigint(1)});
        check_columns(engine, {bases(0), bases(3 * columns), bases(columns), bases(0), bases(5 * columns)},
                      columns, exponents.back());
    }
    // Enough rows for chains that use all kinds of steps, and for stretches of rows.
    numbers many;
    while (many.size() < 40) many.push_back(tests::any_bits(rng, 96));
    for (const std::size_t columns : {1u, 3u, 8u})
        check_columns(engine, {bases(40 * columns)}, columns, many);
}

inline void check_powers(const any_engine& engine, const numbers& bases, effort much) {
    const bigint& n = engine.modulus();
    tests::seeded_random rng(n.bit_length() + 1);
    const std::size_t bits = much == effort::least ? 66 : 129;
    numbers edges;
    for (std::size_t i = 0; i < bases.size(); i += much == effort::least ? 3 : 1) edges.push_back(bases[i]);
    const auto two_to = [](std::size_t k) { return bigint(1) << k; };
    // Around the borders of windows and limbs; 0^0 = 1.
    const numbers exponents = much == effort::full
                                  ? numbers{bigint(0),
                                            bigint(1),
                                            bigint(31),
                                            bigint(32),
                                            two_to(64) - bigint(1),
                                            two_to(64),
                                            two_to(128),
                                            two_to(129) - bigint(1),
                                            tests::any_bits(rng, 129)}
                                  : numbers{bigint(0), two_to(bits) - bigint(1), tests::any_bits(rng, bits)};
    const auto reference = [&](const bigint& x, const bigint& e) {
        return much == effort::full ? tests::naive_power(x, e, n) : power_vartime(x, e, n);
    };
    for (const bigint& e : exponents) {
        numbers expected;
        for (const bigint& x : edges) expected.push_back(reference(x, e));
        REQUIRE(engine.power_secret(edges, e, bits) == expected);
        REQUIRE(engine.power_secret(edges, e, bits + 3, place::first) == expected);
        REQUIRE(engine.power_public(edges, e) == expected);
        REQUIRE(engine.power_public(edges, e, place::first) == expected);
        // One base alone may take another way than many.
        REQUIRE(engine.power_public({edges.back()}, e) == numbers{expected.back()});
        REQUIRE(engine.power_secret({edges.back()}, e, bits) == numbers{expected.back()});
    }
    // Fixed base: another base each time; the table is longer than the exponents in one case.
    for (const bigint& base : {edges[3], edges[0], edges.back()}) {
        if (much == effort::least && base != edges[3]) continue;
        const std::size_t table_bits = base == edges[3] ? bits + 60 : bits;
        numbers expected;
        for (const bigint& e : exponents) expected.push_back(reference(base, e));
        const auto [secretly, publicly] = engine.power_fixed(base, table_bits, exponents, bits);
        REQUIRE(secretly == expected);
        REQUIRE(publicly == expected);
    }
    // Products of powers, in one column and in several.
    numbers lengths;
    for (std::size_t i = 0; i < edges.size(); ++i) lengths.push_back(tests::any_bits(rng, i * bits / 30));
    REQUIRE(engine.multi_power(edges, lengths) == tests::naive_multi_power(edges, lengths, n));
    edges.resize(edges.size() / 4 * 4);
    check_columns(engine, {edges}, 4, exponents);
}

inline void check_laws(const any_engine& engine) {
    INFO(engine.name());
    const bigint& n = engine.modulus();
    tests::seeded_random rng(n.bit_length());
    const numbers edges = hard_residues(rng, n, engine.bits());
    const effort much = effort_for(n.bit_length());
    REQUIRE(engine.set_get({edges[3], edges.back(), edges[0]}) == numbers{edges[3], edges.back(), edges[0]});
    REQUIRE(engine.enter_leave(edges) == edges);
    REQUIRE(engine.ones(3) == numbers(3, bigint(1)));
    check_products(engine, edges, much);
    check_powers(engine, edges, much);
}

// Counts of numbers around groups of eight, and none.
inline void check_batches(const any_engine& engine) {
    INFO(engine.name());
    const bigint& n = engine.modulus();
    tests::seeded_random rng(n.bit_length() + 2);
    const bigint e = tests::any_bits(rng, 20);
    for (const std::size_t count : {0u, 1u, 2u, 7u, 8u, 9u, 15u, 16u, 17u, 33u}) {
        numbers a, b, exponents, products, squares, powers, fixed;
        std::vector<std::size_t> turned;
        bigint all(1), sum_of_powers(1);
        const bigint base = tests::any_below(rng, n);
        for (std::size_t i = 0; i < count; ++i) {
            a.push_back(tests::any_below(rng, n));
            b.push_back(tests::any_below(rng, n));
            exponents.push_back(tests::any_bits(rng, 20));
            products.push_back(a[i] * b[i] % n);
            squares.push_back(a[i] * a[i] % n);
            powers.push_back(tests::naive_power(a[i], e, n));
            fixed.push_back(tests::naive_power(base, exponents[i], n));
            all = all * a[i] % n;
            sum_of_powers = sum_of_powers * tests::naive_power(a[i], exponents[i], n) % n;
            turned.push_back((i * 5 + 3) % count);
        }
        REQUIRE(engine.ones(count) == numbers(count, bigint(1)));
        REQUIRE(engine.enter_leave(a) == a);
        REQUIRE(engine.enter_get(a) == a);
        REQUIRE(engine.set_get(a) == a);
        REQUIRE(engine.multiply(a, b) == products);
        REQUIRE(engine.square(a) == squares);
        REQUIRE(engine.power_secret(a, e, 20) == powers);
        REQUIRE(engine.power_public(a, e) == powers);
        const auto [secretly, publicly] = engine.power_fixed(base, 20, exponents, 20);
        REQUIRE(secretly == fixed);
        REQUIRE(publicly == fixed);
        REQUIRE(engine.product(a) == all);
        REQUIRE(engine.multi_power(a, exponents) == sum_of_powers);
        numbers moved;
        for (const std::size_t from : turned) moved.push_back(a[from]);
        REQUIRE(engine.copied(a, turned) == moved);
    }
}

inline void check_inversion(const any_engine& engine) {
    INFO(engine.name());
    const bigint& n = engine.modulus(); // composite, with the factor 3
    REQUIRE((n % bigint(3)).is_zero());
    tests::seeded_random rng(n.bit_length() + 3);
    for (const std::size_t count : {0u, 1u, 2u, 3u, 7u, 8u, 9u, 17u}) {
        numbers units;
        while (units.size() < count) {
            bigint x = tests::any_below(rng, n);
            if (gcd(x, n) == bigint(1)) units.push_back(std::move(x));
        }
        const auto inverses = engine.invert(units);
        REQUIRE(inverses.has_value());
        REQUIRE(inverses->size() == count);
        for (std::size_t i = 0; i < count; ++i) {
            REQUIRE((*inverses)[i] < n);
            REQUIRE((*inverses)[i] * units[i] % n == bigint(1));
        }
        // One number without an inverse, wherever it is.
        for (std::size_t i = 0; i < count; ++i)
            for (const bigint& bad : {bigint(0), bigint(3), n - bigint(3)}) {
                numbers spoiled = units;
                spoiled[i] = bad;
                REQUIRE_FALSE(engine.invert(spoiled).has_value());
            }
    }
    REQUIRE(*engine.invert({n - bigint(1), bigint(1)}) == numbers{n - bigint(1), bigint(1)});
}

inline void check_no_bits(const any_engine& engine) {
    INFO(engine.name());
    const numbers none, one{bigint(1)}, seven{bigint(7)};
    REQUIRE(engine.power_secret(seven, bigint(0), 0) == one);
    REQUIRE(engine.power_public(seven, bigint(0)) == one);
    REQUIRE(engine.power_fixed(bigint(5), 0, {bigint(0)}, 0).first == one);
    REQUIRE(engine.power_fixed(bigint(5), 0, {bigint(0)}, 0).second == one);
    REQUIRE(engine.power_fixed(bigint(5), 40, {bigint(0), bigint(0)}, 0).first == numbers(2, bigint(1)));
    REQUIRE(engine.table_facts(bigint(5), 0) == std::pair<std::size_t, std::size_t>(0, 0));
    REQUIRE(engine.table_facts(bigint(5), 1).first > 0);
    REQUIRE(engine.table_facts(bigint(5), 129).second == 129);
    REQUIRE(engine.product(none) == bigint(1));
    REQUIRE(engine.multi_power(none, none) == bigint(1));
    REQUIRE(engine.multi_power(seven, {bigint(0)}) == bigint(1));
    REQUIRE(engine.multi_power(std::vector<numbers>{none}, 2, none) == numbers(2, bigint(1)));
    REQUIRE(engine.multi_power(std::vector<numbers>{}, 1, none) == numbers{bigint(1)});
    REQUIRE(engine.power_fixed(bigint(5), 3, none, 3).first.empty());
}

// Exponents of hundreds of bits, around limbs and windows.
inline void check_long_exponents(const any_engine& engine, const std::vector<std::size_t>& lengths) {
    INFO(engine.name());
    const bigint& n = engine.modulus();
    tests::seeded_random rng(n.bit_length() + 4);
    const numbers bases{tests::any_below(rng, n), tests::any_below(rng, n)};
    for (const std::size_t bits : lengths) {
        const bigint e = tests::any_bits(rng, bits - 1) + (bigint(1) << (bits - 1));
        const numbers expected{power_vartime(bases[0], e, n), power_vartime(bases[1], e, n)};
        REQUIRE(engine.power_secret(bases, e, bits) == expected);
        REQUIRE(engine.power_secret(bases, e, bits + 100) == expected);
        REQUIRE(engine.power_public(bases, e) == expected);
        REQUIRE(engine.power_public({bases[0]}, e) == numbers{expected[0]});
    }
}

// Every pair and every short power; for small odd moduli.
inline void check_everything(const any_engine& engine) {
    INFO(engine.name() << ", modulus " << engine.modulus().to_decimal());
    const auto n = static_cast<std::uint64_t>(*engine.modulus().to_int64());
    constexpr std::uint64_t max_exponent = 40;
    const auto big = [](std::uint64_t value) { return bigint(static_cast<std::int64_t>(value)); };
    numbers residues, exponents;
    for (std::uint64_t x = 0; x < n; ++x) residues.push_back(big(x));
    for (std::uint64_t e = 0; e <= max_exponent; ++e) exponents.push_back(big(e));
    REQUIRE(engine.enter_leave(residues) == residues);
    for (std::uint64_t x = 0; x < n; ++x) {
        numbers products, powers;
        for (std::uint64_t y = 0; y < n; ++y) products.push_back(big(x * y % n));
        REQUIRE(engine.multiply(numbers(n, big(x)), residues) == products);
        for (std::uint64_t e = 0; e <= max_exponent; ++e)
            powers.push_back(big(tests::repeated_product(x, e, n)));
        const auto [secretly, publicly] = engine.power_fixed(big(x), 6, exponents, 6);
        REQUIRE(secretly == powers);
        REQUIRE(publicly == powers);
    }
    for (std::uint64_t e = 0; e <= max_exponent; ++e) {
        numbers powers;
        for (std::uint64_t x = 0; x < n; ++x) powers.push_back(big(tests::repeated_product(x, e, n)));
        REQUIRE(engine.power_secret(residues, big(e), 6) == powers);
        REQUIRE(engine.power_public(residues, big(e)) == powers);
    }
}

// Moduli whose shape is extreme for an engine of `bits` bits: runs of ones, runs of zeros, far too short.
inline numbers extreme_moduli(std::size_t bits) {
    const auto two_to = [](std::size_t k) { return bigint(1) << k; };
    return {
        two_to(bits) - bigint(1),                    // all ones
        two_to(bits - 1) + bigint(1),                // all zeros between
        two_to(bits) - two_to(bits / 2) + bigint(1), // the lower half is 0...01
        two_to(bits) - two_to(52) + bigint(1),       // the lowest digit alone is not all ones
        two_to(bits - 64) - bigint(3),               // a limb shorter
        two_to(bits * 2 / 5) + bigint(15),           // far shorter than the radix
        two_to(104) - bigint(17),                    // two digits
        two_to(64) + bigint(13),
        two_to(52) - bigint(5), // one digit
        bigint(3),
    };
}

} // namespace veilsum::test
