// Eight residues with a modulus each, and the powers and tables made of them, against GMP.
//
// Below, "held" numbers are what lies in memory: representatives in [0, 2 n), of x R mod n.
#include "support/catch.hpp"
#include "support/ends_process.hpp"
#include "support/naive_modular.hpp"
#include "support/skip.hpp"
#include "support/thread_count.hpp"

#include <veilsum/modular/lane_multi_power.hpp>
#include <veilsum/modular/lane_power.hpp>
#include <veilsum/modular/lane_table.hpp>
#include <veilsum/modular/lane_vector.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

using namespace veilsum;
using namespace veilsum::modular;
using tests::any_below;
using tests::any_bits;

#if VEILSUM_IFMA_ENGINE

namespace {

using numbers = std::vector<bigint>;

bool absent() {
    if (!has_ifma()) test::skip_case("this processor has no AVX-512 IFMA");
    return !has_ifma();
}
bigint two_to(std::size_t k) {
    return bigint(1) << k;
}

// Eight numbers in, eight numbers out: what the cases see of lane_field<L>, so that they are compiled once.
class lane_ring {
  public:
    lane_ring() = default;
    lane_ring(const lane_ring&) = delete;
    lane_ring& operator=(const lane_ring&) = delete;
    virtual ~lane_ring() = default;
    virtual std::size_t digits() const = 0;
    virtual numbers multiply(const numbers& a, const numbers& b) const = 0; // of held numbers
    virtual numbers square(const numbers& a) const = 0;
    virtual numbers enter(const numbers& plain) const = 0;
    virtual numbers leave(const numbers& held) const = 0;
    virtual numbers one() const = 0;
    virtual numbers multiply_lanes(const numbers& held) const = 0;
    virtual numbers power_secret(const numbers& held, const numbers& exponents, std::size_t bits) const = 0;
    virtual numbers power_public(const numbers& held, const bigint& exponent) const = 0;
};

template <std::size_t L>
class ring_of final : public lane_ring {
    using field = lane_field<L>;
    using block = limb_block;

  public:
    explicit ring_of(const numbers& moduli) : field_(moduli) {}
    std::size_t digits() const override { return L; }
    // In place and out of place must agree; what is returned was computed in place.
    numbers multiply(const numbers& a, const numbers& b) const override {
        block x = put(a), y = put(b), out(field::words);
        field_.multiply(out.data(), x.data(), y.data(), room_);
        block over_second = y;
        field_.multiply(over_second.data(), x.data(), over_second.data(), room_);
        field_.multiply(x.data(), x.data(), y.data(), room_);
        REQUIRE(take(out) == take(x));
        REQUIRE(take(over_second) == take(x));
        return take(x);
    }
    numbers square(const numbers& a) const override {
        block x = put(a), out(field::words);
        field_.square(out.data(), x.data(), room_);
        field_.square(x.data(), x.data(), room_);
        REQUIRE(take(out) == take(x));
        return take(x);
    }
    numbers enter(const numbers& plain) const override {
        block x = put(plain);
        field_.enter(x.data(), x.data(), room_);
        return take(x);
    }
    numbers leave(const numbers& held) const override {
        block x = put(held);
        field_.leave(x.data(), x.data(), room_);
        return take(x);
    }
    numbers one() const override {
        block x(field::words);
        std::copy_n(field_.one(), field::words, x.data());
        return take(x);
    }
    numbers multiply_lanes(const numbers& held) const override {
        block x = put(held);
        field_.multiply_lanes(x.data(), room_);
        return take(x);
    }
    numbers power_secret(const numbers& held, const numbers& exponents, std::size_t bits) const override {
        block x = put(held), out(field::words);
        std::vector<secret_exponent> own;
        own.reserve(exponents.size());
        for (const bigint& e : exponents) own.emplace_back(e, bits);
        modular::power_secret<L>(out.data(), field_, x.data(), own, room_);
        modular::power_secret<L>(x.data(), field_, x.data(), own, room_);
        REQUIRE(take(out) == take(x));
        return take(out);
    }
    numbers power_public(const numbers& held, const bigint& exponent) const override {
        block x = put(held);
        modular::power_public_vartime<L>(x.data(), field_, x.data(), exponent, room_);
        return take(x);
    }

  private:
    static block put(const numbers& values) {
        block out(field::words);
        for (std::size_t lane = 0; lane < lane_count; ++lane) field::put(out.data(), lane, values[lane]);
        return out;
    }
    static numbers take(const block& held) {
        numbers out;
        for (std::size_t lane = 0; lane < lane_count; ++lane) out.push_back(field::take(held.data(), lane));
        return out;
    }
    field field_;
    mutable typename field::workspace room_;
};

// Eight moduli of every shape that R > 4 n allows.
numbers moduli_for(std::size_t digits, tests::seeded_random& rng) {
    const std::size_t longest = digits * digit_bits - 2;
    return {two_to(longest) - bigint(1),
            two_to(longest - 1) + bigint(1),
            tests::any_modulus(rng, longest),
            two_to(longest) - two_to(longest / 2) + bigint(1),
            two_to(digit_bits) - bigint(1), // one digit
            bigint(3),
            tests::any_modulus(rng, longest / 2),
            two_to(longest) - two_to(digit_bits * 2) - bigint(1)}; // a digit of ...1110 among ones
}

// Held numbers: edges of [0, 2 n), a different one in each lane and turn.
constexpr std::size_t edge_count = 10;
bigint edge(std::size_t kind, const bigint& n, tests::seeded_random& rng) {
    const bigint end = n << 1;
    switch (kind % edge_count) {
    case 0:
        return bigint(0);
    case 1:
        return bigint(1);
    case 2:
        return n - bigint(1);
    case 3:
        return n; // 0 again
    case 4:
        return end - bigint(1);
    case 5:
        return n + bigint(1);
    case 6:
        return (two_to(end.bit_length() - 1) - bigint(1)) % end; // ones
    case 7:
        return two_to(end.bit_length() - 1) % end; // a one and zeros
    case 8:
        return (two_to(n.bit_length()) - two_to(n.bit_length() / 2)) % end; // ones above, zeros
    default:
        return any_below(rng, end);
    }
}
numbers edges(std::size_t turn, std::size_t step, const numbers& n, tests::seeded_random& rng) {
    numbers out;
    for (std::size_t lane = 0; lane < lane_count; ++lane)
        out.push_back(edge(turn + step * lane, n[lane], rng));
    return out;
}

void check_field(const lane_ring& ring, const numbers& n) {
    INFO(ring.digits() << " digits");
    tests::seeded_random rng(ring.digits());
    const bigint radix = two_to(ring.digits() * digit_bits);
    const auto each = [](const auto& function) {
        numbers out;
        for (std::size_t lane = 0; lane < lane_count; ++lane) out.push_back(function(lane));
        return out;
    };
    numbers back = each([&](std::size_t i) { return *invert(radix % n[i], n[i]); });
    const auto in_range = [&](const numbers& held) {
        for (std::size_t i = 0; i < lane_count; ++i)
            if (held[i] >= n[i] << 1) return false;
        return true;
    };
    const auto reduced = [&](const numbers& held) {
        return each([&](std::size_t i) { return held[i] % n[i]; });
    };
    REQUIRE(ring.one() == each([&](std::size_t i) { return radix % n[i]; }));
    for (std::size_t turn = 0; turn < edge_count; ++turn) {
        const numbers a = edges(turn, 1, n, rng);
        for (std::size_t other = 0; other < edge_count; ++other) {
            const numbers b = edges(other, 3, n, rng);
            const numbers out = ring.multiply(a, b);
            REQUIRE(in_range(out));
            REQUIRE(reduced(out) == each([&](std::size_t i) { return a[i] * b[i] * back[i] % n[i]; }));
        }
        const numbers square = ring.square(a);
        REQUIRE(in_range(square));
        REQUIRE(reduced(square) == each([&](std::size_t i) { return a[i] * a[i] * back[i] % n[i]; }));
        const numbers entered = ring.enter(a);
        REQUIRE(in_range(entered));
        REQUIRE(reduced(entered) == each([&](std::size_t i) { return a[i] * radix % n[i]; }));
        REQUIRE(ring.leave(entered) == reduced(a)); // the canonical residue, not only the class
        REQUIRE(ring.leave(a) == each([&](std::size_t i) { return a[i] * back[i] % n[i]; }));
    }
}

void check_powers(const lane_ring& ring, const numbers& n) {
    INFO(ring.digits() << " digits");
    tests::seeded_random rng(ring.digits() + 1);
    const numbers bases = edges(2, 1, n, rng);
    const numbers plain = ring.leave(bases);
    const auto expect = [&](const numbers& held, const numbers& exponents) {
        const numbers out = ring.leave(held);
        for (std::size_t i = 0; i < lane_count; ++i)
            if (out[i] != tests::naive_power(plain[i], exponents[i % exponents.size()], n[i])) return false;
        return true;
    };
    for (const std::size_t bits : {0u, 1u, 4u, 5u, 6u, 63u, 64u, 65u, 129u}) {
        const bigint top = two_to(bits);
        const numbers exponents{bigint(0),
                                bigint(1) % top,
                                top - bigint(1),
                                top >> 1,
                                (top >> 1) - bigint(bits > 0 ? 1 : 0),
                                any_bits(rng, bits),
                                any_bits(rng, bits),
                                any_bits(rng, bits)};
        REQUIRE(expect(ring.power_secret(bases, exponents, bits), exponents));
        for (const bigint& e : {exponents[0], exponents[2], exponents[5]}) {
            REQUIRE(expect(ring.power_secret(bases, {e}, bits), {e}));
            REQUIRE(expect(ring.power_public(bases, e), {e}));
        }
    }
}

template <std::size_t L>
void check_eight_moduli() {
    tests::seeded_random rng(L + 2);
    const numbers n = moduli_for(L, rng);
    check_field(ring_of<L>(n), n);
}
template <std::size_t L>
void check_one_modulus() {
    tests::seeded_random rng(L + 3);
    const bigint n = tests::any_modulus(rng, L * digit_bits - 2);
    const ring_of<L> ring({n});
    check_field(ring, numbers(lane_count, n));
    const numbers factors = edges(4, 1, numbers(lane_count, n), rng), plain = ring.leave(factors);
    bigint all(1), nonzero(1);
    numbers units = factors;
    for (std::size_t i = 0; i < lane_count; ++i) {
        all = all * plain[i] % n;
        if (plain[i].is_zero()) units[i] = ring.one()[i];
        nonzero = nonzero * (plain[i].is_zero() ? bigint(1) : plain[i]) % n;
    }
    REQUIRE(ring.leave(ring.multiply_lanes(factors)) == numbers(lane_count, all));
    REQUIRE(ring.leave(ring.multiply_lanes(units)) == numbers(lane_count, nonzero));
}

// The toy size of everything below.
constexpr std::size_t toy = digits_for(256);
struct toy_ring {
    bigint n;
    lane_field<toy> field;
    explicit toy_ring(bigint modulus) : n(std::move(modulus)), field(std::span<const bigint>(&n, 1)) {}
    lane_vector<toy> load(const numbers& values) const {
        lane_vector<toy> out(values.size());
        lane_field<toy>::workspace room;
        for (std::size_t i = 0; i < values.size(); ++i)
            lane_field<toy>::put(out.group(i / lane_count), i % lane_count, values[i]);
        for (std::size_t g = 0; g < out.groups(); ++g) field.enter(out.group(g), out.group(g), room);
        return out;
    }
    bigint unload(const limb* group, std::size_t lane) const {
        lane_field<toy>::workspace room;
        limb_block plain(lane_field<toy>::words);
        field.leave(plain.data(), group, room);
        return lane_field<toy>::take(plain.data(), lane);
    }
};

} // namespace

TEST_CASE("lane field: eight moduli, products, squares, in and out", "[modular]") {
    if (absent()) return;
    check_eight_moduli<5>();
    check_eight_moduli<8>();
    check_eight_moduli<10>();
    check_eight_moduli<60>();
    check_eight_moduli<111>(); // the last length whose reduction is not halved
    check_eight_moduli<112>();
    check_eight_moduli<113>();
    check_eight_moduli<119>();
}

TEST_CASE("lane field: one modulus, products of all lanes", "[modular]") {
    if (absent()) return;
    check_one_modulus<5>();
    check_one_modulus<79>();
    check_one_modulus<158>();
    check_one_modulus<237>();
}

TEST_CASE("lane field: moduli that have no Montgomery form end the process", "[modular]") {
    if (absent()) return;
    const auto field_of = [](const numbers& moduli) { lane_field<5> field{std::span<const bigint>(moduli)}; };
    const bigint largest = two_to(5 * digit_bits - 2) - bigint(1);
    field_of({largest});
    CHECK(test::ends_process([&] { field_of({largest + bigint(2)}); }));
    CHECK(test::ends_process([&] { field_of({bigint(4)}); }));
    CHECK(test::ends_process([&] { field_of({bigint(1)}); }));
    CHECK(test::ends_process([&] { field_of({bigint(-3)}); }));
    CHECK(test::ends_process([&] { field_of({bigint(3), bigint(5)}); })); // neither one nor eight
    CHECK(test::ends_process([&] { field_of({}); }));
}

TEST_CASE("lane power: eight moduli, eight exponents", "[modular]") {
    if (absent()) return;
    tests::seeded_random rng(30);
    const numbers small = moduli_for(5, rng), middle = moduli_for(30, rng), large = moduli_for(119, rng);
    check_powers(ring_of<5>(small), small);
    check_powers(ring_of<30>(middle), middle);
    check_powers(ring_of<119>(large), large);
}

TEST_CASE("lane vector: numbers stay apart", "[modular]") {
    if (absent()) return;
    tests::seeded_random rng(31);
    const toy_ring ring(tests::any_modulus(rng, 256));
    for (const std::size_t count : {1u, 7u, 8u, 9u, 17u}) {
        numbers values;
        for (std::size_t i = 0; i < count; ++i) values.push_back(any_below(rng, ring.n));
        lane_vector<toy> v = ring.load(values);
        REQUIRE(v.groups() == (count + 7) / 8);
        const lane_vector<toy> before = v;
        v.copy(count - 1, before, 0);
        v.copy(0, before, count - 1);
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t from = i == 0 ? count - 1 : i == count - 1 ? 0 : i;
            REQUIRE(ring.unload(v.group(i / 8), i % 8) == values[from]);
        }
        const lane_vector<toy> moved = std::move(v);
        REQUIRE(moved.size() == count);
        REQUIRE(v.size() == 0);
    }
}

TEST_CASE("lane table: equals the powers for every length", "[modular]") {
    if (absent()) return;
    tests::seeded_random rng(32);
    const toy_ring ring(tests::any_modulus(rng, 255));
    lane_field<toy>::workspace room;
    for (const bigint& base : {bigint(0), bigint(1), ring.n - bigint(1), any_below(rng, ring.n)}) {
        const lane_vector<toy> everywhere = ring.load(numbers(lane_count, base));
        for (const std::size_t bits : {0u, 1u, 6u, 7u, 8u, 127u, 128u, 129u}) {
            const bigint top = two_to(bits);
            const lane_table<toy> table(ring.field, everywhere.group(0), bits),
                longer(ring.field, everywhere.group(0), bits + 9);
            REQUIRE(table.max_exponent_bits() == bits);
            REQUIRE(table.size_bytes() == (bits + 6) / 7 * 128 * toy * sizeof(limb));
            numbers exponents{bigint(0), bigint(1) % top, top - bigint(1), top >> 1};
            while (exponents.size() < 24) exponents.push_back(any_bits(rng, bits));
            std::vector<secret_exponent> own;
            own.reserve(exponents.size());
            for (const bigint& e : exponents) own.emplace_back(e, bits);
            limb_block out(3 * lane_field<toy>::words), again(out), single(lane_field<toy>::words);
            table.power(out.data(), ring.field, own, room);
            longer.power(again.data(), ring.field, own, room);
            for (std::size_t i = 0; i < exponents.size(); ++i) {
                const std::size_t group = i / lane_count * lane_field<toy>::words;
                const bigint expected = tests::naive_power(base, exponents[i], ring.n);
                REQUIRE(ring.unload(out.data() + group, i % lane_count) == expected);
                REQUIRE(ring.unload(again.data() + group, i % lane_count) == expected);
                table.power_vartime(single.data(), ring.field, exponents[i], room);
                REQUIRE(ring.unload(single.data(), 0) == expected);
            }
            table.power(out.data(), ring.field, {}, room); // no group, no work
        }
    }
}

TEST_CASE("lane table: lengths that it was not made for end the process", "[modular]") {
    if (absent()) return;
    const toy_ring ring(two_to(255) + bigint(95));
    const lane_vector<toy> base = ring.load(numbers(lane_count, bigint(2)));
    const lane_table<toy> table(ring.field, base.group(0), 14);
    limb_block out(lane_field<toy>::words);
    lane_field<toy>::workspace room;
    const auto power = [&](std::size_t count, std::size_t bits) {
        std::vector<secret_exponent> own;
        for (std::size_t i = 0; i < count; ++i) own.emplace_back(bigint(1), bits);
        table.power(out.data(), ring.field, own, room);
    };
    power(8, 14);
    CHECK(ring.unload(out.data(), 7) == bigint(2));
    CHECK(test::ends_process([&] { power(8, 15); }));
    CHECK(test::ends_process([&] { power(7, 14); }));
    CHECK(test::ends_process([&] { table.power_vartime(out.data(), ring.field, two_to(14), room); }));
    CHECK(test::ends_process([&] { table.power_vartime(out.data(), ring.field, bigint(-1), room); }));
}

TEST_CASE("lane numbers: eight become lanes and go back", "[modular]") {
    if (absent()) return;
    constexpr std::size_t digits = 11, count = 3; // a vector of digits and a part of another
    lane_numbers<digits> numbers(count);
    limb_block source(digits * lane_count), out(lane_numbers<digits>::group_words), again(out);
    const auto value = [](std::size_t lane, std::size_t index, std::size_t k) {
        return 10000 * lane + 100 * index + k + 1;
    };
    for (std::size_t index = 0; index < count; ++index)
        for (std::size_t lane = 0; lane < lane_count; ++lane) {
            for (std::size_t k = 0; k < digits; ++k)
                source.data()[k * lane_count + 5] = value(lane, index, k);
            numbers.put(lane, index, source.data() + 5);
        }
    const lane_numbers<digits>::indices from{0, 1, 2, 1, 0, 2, 2, 0}, to{1, 2, 0, 0, 1, 1, 0, 2};
    numbers.load(out.data(), from);
    for (std::size_t lane = 0; lane < lane_count; ++lane)
        for (std::size_t k = 0; k < digits; ++k)
            REQUIRE(out.data()[k * lane_count + lane] == value(lane, from[lane], k));
    numbers.store(out.data(), to);
    numbers.load(again.data(), to);
    REQUIRE(std::equal(out.data(), out.data() + out.size(), again.data()));
    // The third number of each lane is neither.
    lane_numbers<digits>::indices rest{};
    for (std::size_t lane = 0; lane < lane_count; ++lane) rest[lane] = 3 - from[lane] - to[lane];
    numbers.load(again.data(), rest);
    for (std::size_t lane = 0; lane < lane_count; ++lane)
        for (std::size_t k = 0; k < digits; ++k)
            REQUIRE(again.data()[k * lane_count + lane] == value(lane, rest[lane], k));
}

TEST_CASE("lane multi power: equals the product of powers for any count and length", "[modular]") {
    if (absent()) return;
    tests::seeded_random rng(33);
    const toy_ring ring(tests::any_modulus(rng, 256));
    numbers values;
    for (std::size_t k = 0; k < 25; ++k) values.push_back(any_below(rng, ring.n));
    const lane_vector<toy> bases = ring.load(values);
    const auto power = [&](std::size_t first, const numbers& exponents) {
        std::vector<base_row<lane_vector<toy>>> rows;
        for (std::size_t k = 0; k < exponents.size(); ++k) rows.push_back({&bases, first + k});
        lane_vector<toy> out(1);
        multi_power_vartime<toy>(out, ring.field, rows, exponents);
        return ring.unload(out.group(0), 0);
    };
    for (std::size_t count = 1; count <= 20; ++count)
        for (const std::size_t bits : {0u, 1u, 6u, 7u, 8u, 127u, 128u, 129u}) {
            const std::size_t first = (count + bits) % 6; // not always the first lane of a group
            numbers exponents;
            for (std::size_t k = 0; k < count; ++k) exponents.push_back(any_bits(rng, bits));
            if (bits > 0) exponents[count / 2] = two_to(bits) - bigint(1);
            const std::span<const bigint> used = std::span<const bigint>(values).subspan(first, count);
            REQUIRE(power(first, exponents) == tests::naive_multi_power(used, exponents, ring.n));
        }
    REQUIRE(power(3, {}) == bigint(1));
}

TEST_CASE("lane multi power: several stretches of bases and pieces of exponents", "[modular]") {
    if (absent()) return;
    tests::seeded_random rng(34);
    const toy_ring ring(tests::any_modulus(rng, 253));
    constexpr std::size_t count = 1500, bits = 128;
    REQUIRE(best_split(count, 1, bits, {lane_count, 1, count}).row_parts > 1);
    REQUIRE(best_split(count, 1, bits, {lane_count, 1, count}).bit_parts > 1);
    numbers values, exponents;
    for (std::size_t k = 0; k < count; ++k) {
        values.push_back(any_below(rng, ring.n));
        exponents.push_back(any_bits(rng, bits));
    }
    const lane_vector<toy> bases = ring.load(values);
    std::vector<base_row<lane_vector<toy>>> rows;
    for (std::size_t k = 0; k < count; ++k) rows.push_back({&bases, k});
    const bigint expected = tests::naive_multi_power(values, exponents, ring.n);
    for (const int threads : {1, 8}) {
        const bigint found = test::with_threads(threads, [&] {
            lane_vector<toy> out(1);
            multi_power_vartime<toy>(out, ring.field, rows, exponents);
            return ring.unload(out.group(0), 0);
        });
        REQUIRE(found == expected);
    }
}

#else

TEST_CASE("lane field: absent", "[modular]") {
    test::skip_case("this platform has no IFMA engine");
}

#endif
