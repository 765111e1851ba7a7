// Integers mod l in eight lanes, and unreduced sums of them, against big integers.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"
#include "support/skip.hpp"

#include <veilsum/group/lane_scalar.hpp>
#include <veilsum/integer/bigint.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

using namespace veilsum;

#if VEILSUM_IFMA_ENGINE

using namespace veilsum::group;
using integer::bigint;
using veilsum::tests::seeded_random;

namespace {

const bigint order = (bigint(1) << 252) + *bigint::from_decimal("27742317777372353535851937790883648493");

using digits = std::array<std::uint64_t, 5>;
constexpr std::uint64_t top_bound = std::uint64_t{1} << 49; // of digit 4
constexpr digits largest{digit_mask, digit_mask, digit_mask, digit_mask, top_bound - 1};
// The square of 2^52 - 2^26 + 1 has both halves near 2^52: this squared has the largest column.
constexpr std::uint64_t wide_digit = (std::uint64_t{1} << 52) - (std::uint64_t{1} << 26) + 1;
constexpr digits widest{wide_digit, wide_digit, wide_digit, wide_digit, 1};

bigint integer_of(const digits& x) {
    bigint sum(0);
    for (std::size_t k = 5; k-- > 0;) sum = (sum << 52) + bigint(x[k]);
    return sum;
}
digits digits_of(bigint value) {
    digits out{};
    for (std::size_t k = 0; k < 5; ++k) {
        const bytes low = (value % (bigint(1) << 52)).to_bytes(8);
        for (const std::uint8_t each : low) out[k] = out[k] << 8 | each;
        value = value >> 52;
    }
    return out;
}
// What the digits stand for.
bigint residue_of(const digits& x) {
    static const bigint inverse_of_R = *invert((bigint(1) << 260) % order, order);
    return integer_of(x) * inverse_of_R % order;
}
bigint value_of(const scalar& x) {
    bigint sum(0);
    for (std::size_t k = 4; k-- > 0;) sum = (sum << 64) + bigint(x.words()[k]);
    return sum;
}
scalar scalar_of(const digits& x) {
    const bytes big = residue_of(x).to_bytes(32);
    return *scalar::from_bytes(bytes(big.rbegin(), big.rend()));
}

// Residues at the edges in all of their representations' extremes: what is closed under the operations.
std::vector<digits> test_values(seeded_random& rng) {
    std::vector<digits> values{largest, widest};
    for (const bigint& each :
         {bigint(0), bigint(1), order - bigint(1), order, order + bigint(1), (bigint(1) << 252) - bigint(1),
          bigint(1) << 252, (bigint(1) << 256) % order, order * bigint(2) - bigint(1), order * bigint(16),
          order * bigint(31), order * bigint(31) - bigint(1), (bigint(1) << 257) - (bigint(1) << 208)})
        values.push_back(digits_of(each));
    for (std::size_t k = 0; k < 5; ++k) {
        values.push_back({});
        values.back()[k] = largest[k];
        values.push_back(largest);
        values.back()[k] = 0;
    }
    for (int i = 0; i < 9; ++i) {
        values.emplace_back();
        for (std::size_t k = 0; k < 5; ++k) values.back()[k] = rng.word() & largest[k];
    }
    return values;
}

using eight_digits = std::array<digits, lane_count>;

VEILSUM_IFMA lane_scalar load(const eight_digits& x) {
    lane_scalar out;
    for (std::size_t k = 0; k < 5; ++k) {
        alignas(64) std::uint64_t word[lane_count];
        for (std::size_t lane = 0; lane < lane_count; ++lane) word[lane] = x[lane][k];
        out.digit[k] = _mm512_load_si512(word);
    }
    return out;
}
VEILSUM_IFMA eight_digits store(const lane_scalar& x) {
    eight_digits out;
    for (std::size_t k = 0; k < 5; ++k) {
        alignas(64) std::uint64_t word[lane_count];
        _mm512_store_si512(word, x.digit[k]);
        for (std::size_t lane = 0; lane < lane_count; ++lane) out[lane][k] = word[lane];
    }
    return out;
}
eight_digits eight_times(const digits& x) {
    eight_digits out;
    out.fill(x);
    return out;
}

void check_bounds(const eight_digits& x) {
    for (const digits& each : x) {
        for (std::size_t k = 0; k < 4; ++k) CHECK(each[k] <= digit_mask);
        CHECK(each[4] < top_bound);
    }
}

} // namespace

TEST_CASE("lane_scalar: eight at a time are eight", "[group]") {
    if (!has_ifma()) return test::skip_case("this processor has no AVX-512 IFMA");
    seeded_random rng(1);
    const std::vector<digits> values = test_values(rng);
    const std::size_t count = values.size();
    std::vector<bigint> residues;
    for (const digits& each : values) residues.push_back(residue_of(each));
    // Every pair once; rotations put every value into every lane, beside different neighbours.
    for (std::size_t shift = 0; shift < count; ++shift)
        for (std::size_t first = 0; first < count; first += lane_count) {
            eight_digits a, b;
            for (std::size_t lane = 0; lane < lane_count; ++lane) {
                a[lane] = values[(first + lane + shift) % count];
                b[lane] = values[(first + lane + 2 * shift) % count];
            }
            struct results {
                eight_digits sum, difference, product, square, negative, chosen;
            };
            const auto compute = [&]() VEILSUM_IFMA {
                const lane_scalar x = load(a), y = load(b);
                return results{store(x + y),      store(x - y), store(x * y),
                               store(squared(x)), store(-x),    store(choose(0xa5, x, y))};
            };
            const results out = compute();
            for (std::size_t lane = 0; lane < lane_count; ++lane) {
                const bigint& x = residues[(first + lane + shift) % count];
                const bigint& y = residues[(first + lane + 2 * shift) % count];
                CHECK(residue_of(out.sum[lane]) == (x + y) % order);
                CHECK(residue_of(out.difference[lane]) == (x - y) % order);
                CHECK(residue_of(out.product[lane]) == x * y % order);
                CHECK(residue_of(out.square[lane]) == x * x % order);
                CHECK(residue_of(out.negative[lane]) == (order - x) % order);
                CHECK(out.chosen[lane] == ((0xa5 >> lane & 1) != 0 ? a : b)[lane]);
            }
            for (const auto* each : {&out.sum, &out.difference, &out.product, &out.square, &out.negative})
                check_bounds(*each);
        }
}

TEST_CASE("lane_scalar: scalars in and out of the lanes", "[group]") {
    if (!has_ifma()) return test::skip_case("this processor has no AVX-512 IFMA");
    seeded_random rng(2);
    std::vector<digits> values = test_values(rng);
    while (values.size() % lane_count != 0) values.push_back(largest);
    for (std::size_t first = 0; first < values.size(); first += lane_count) {
        eight_digits x;
        std::array<scalar, lane_count> expected;
        scalar sum;
        for (std::size_t lane = 0; lane < lane_count; ++lane) {
            x[lane] = values[first + lane];
            expected[lane] = scalar_of(x[lane]);
            sum += expected[lane];
        }
        struct results {
            std::array<scalar, lane_count> scattered, again;
            eight_digits gathered, broadcasted;
            scalar total;
        };
        const auto compute = [&]() VEILSUM_IFMA {
            const lane_scalar in = load(x);
            const lane_scalar gathered =
                gather_scalars([&](std::size_t i) -> const scalar& { return expected[i]; });
            return results{scatter_scalars(in), scatter_scalars(gathered), store(gathered),
                           store(broadcast(expected[3])), total(in)};
        };
        const results out = compute();
        CHECK(out.scattered == expected);
        CHECK(out.again == expected);
        CHECK(out.total == sum);
        check_bounds(out.gathered);
        for (std::size_t lane = 0; lane < lane_count; ++lane) {
            CHECK(residue_of(out.gathered[lane]) == value_of(expected[lane]));
            CHECK(out.broadcasted[lane] == out.gathered[3]);
        }
    }
    // All lanes at the bound.
    const auto at_bound = [&]() VEILSUM_IFMA { return total(load(eight_times(largest))); };
    CHECK(value_of(at_bound()) == bigint(8) * residue_of(largest) % order);
    const scalar minus_one = -scalar::one();
    const auto least = [&]() VEILSUM_IFMA { return total(broadcast(minus_one)); };
    CHECK(least() == scalar::from_i64(-8));
}

TEST_CASE("lane_scalar: zero by default and after wiping", "[group]") {
    if (!has_ifma()) return test::skip_case("this processor has no AVX-512 IFMA");
    const auto compute = []() VEILSUM_IFMA {
        lane_scalar x = load(eight_times(largest));
        lane_scalar_sum sum;
        sum.add(x);
        lane_product_sum products;
        products.add(x, x);
        x.wipe();
        sum.wipe();
        products.wipe();
        return std::array{store(lane_scalar{}),
                          store(x),
                          store(sum.reduced()),
                          store(products.reduced()),
                          store(lane_scalar_sum{}.reduced()),
                          store(lane_product_sum{}.reduced())};
    };
    const auto out = compute();
    CHECK(out[0] == eight_times(digits{}));
    CHECK(out[1] == eight_times(digits{}));
    for (const eight_digits& each : out)
        for (const digits& lane : each) CHECK(residue_of(lane).is_zero());
}

TEST_CASE("lane_scalar_sum: under masks, merged, and with as many terms as fit", "[group]") {
    if (!has_ifma()) return test::skip_case("this processor has no AVX-512 IFMA");
    seeded_random rng(3);
    const std::vector<digits> values = test_values(rng);
    std::vector<lane_mask> masks{0, 0xff};
    while (masks.size() < 61) masks.push_back(static_cast<lane_mask>(rng.below(256)));
    const auto random_terms = [&]() VEILSUM_IFMA {
        lane_scalar_sum one, other;
        for (std::size_t i = 0; i < masks.size(); ++i) {
            const lane_scalar x = load(eight_times(values[i % values.size()]));
            (i % 2 == 0 ? one : other).add(masks[i], x);
            if (i % 3 == 0) other.add(x);
        }
        one.add(other);
        return store(one.reduced());
    };
    const eight_digits out = random_terms();
    check_bounds(out);
    for (std::size_t lane = 0; lane < lane_count; ++lane) {
        bigint expected(0);
        for (std::size_t i = 0; i < masks.size(); ++i) {
            const bigint x = residue_of(values[i % values.size()]);
            if ((masks[i] >> lane & 1) != 0) expected = expected + x;
            if (i % 3 == 0) expected = expected + x;
        }
        CHECK(residue_of(out[lane]) == expected % order);
    }
    const auto at_capacity = [&]() VEILSUM_IFMA {
        const lane_scalar x = load(eight_times(largest));
        lane_scalar_sum sum;
        for (std::size_t i = 0; i < lane_scalar_sum::capacity; ++i)
            if (i % 2 == 0)
                sum.add(x);
            else
                sum.add(lane_mask{0x0f}, x);
        return store(sum.reduced());
    };
    const eight_digits full = at_capacity();
    check_bounds(full);
    const bigint x = residue_of(largest);
    CHECK(residue_of(full[0]) == bigint(2047) * x % order);
    CHECK(residue_of(full[7]) == bigint(1024) * x % order);
    // The columns have room for that: capacity times the largest digit, and what folding adds.
    STATIC_REQUIRE(lane_scalar_sum::capacity <= (std::uint64_t{1} << 63) / digit_mask - 1);
}

TEST_CASE("lane_product_sum: products and squares, merged, and as many as fit", "[group]") {
    if (!has_ifma()) return test::skip_case("this processor has no AVX-512 IFMA");
    seeded_random rng(4);
    const std::vector<digits> values = test_values(rng);
    const std::size_t count = values.size();
    const auto random_terms = [&]() VEILSUM_IFMA {
        lane_product_sum one, other;
        for (std::size_t i = 0; i < 3 * count; ++i) {
            const lane_scalar x = load(eight_times(values[i % count]));
            const lane_scalar y = load(eight_times(values[5 * i % count]));
            (i % 2 == 0 ? one : other).add(x, y);
            if (i % 3 == 0) other.add_square(x);
        }
        one.add(other);
        return store(one.reduced());
    };
    bigint expected(0);
    for (std::size_t i = 0; i < 3 * count; ++i) {
        const bigint x = residue_of(values[i % count]), y = residue_of(values[5 * i % count]);
        expected = expected + x * y;
        if (i % 3 == 0) expected = expected + x * x;
    }
    const eight_digits out = random_terms();
    check_bounds(out);
    for (const digits& lane : out) CHECK(residue_of(lane) == expected % order);

    // At capacity: the largest factors, those that make the largest column, and all others.
    for (std::size_t shift = 0; shift < count; ++shift) {
        eight_digits a, b;
        for (std::size_t lane = 0; lane < lane_count; ++lane) {
            a[lane] = lane % 2 == 0 ? largest : values[(lane + shift) % count];
            b[lane] = values[(3 * lane + shift) % count];
        }
        a[0] = b[0] = largest;
        a[1] = b[1] = widest;
        struct results {
            eight_digits products, squares;
        };
        const auto at_capacity = [&]() VEILSUM_IFMA {
            const lane_scalar x = load(a), y = load(b);
            lane_product_sum products, squares;
            for (std::size_t i = 0; i < lane_product_sum::capacity; ++i) {
                products.add(x, y);
                squares.add_square(x);
            }
            return results{store(products.reduced()), store(squares.reduced())};
        };
        const results full = at_capacity();
        check_bounds(full.products);
        check_bounds(full.squares);
        const bigint terms(static_cast<std::int64_t>(lane_product_sum::capacity));
        for (std::size_t lane = 0; lane < lane_count; ++lane) {
            const bigint x = residue_of(a[lane]), y = residue_of(b[lane]);
            CHECK(residue_of(full.products[lane]) == terms * x * y % order);
            CHECK(residue_of(full.squares[lane]) == terms * x * x % order);
        }
    }
}

#else

TEST_CASE("lane_scalar: eight at a time are eight", "[group]") {
    test::skip_case("no AVX-512 IFMA on this architecture");
}

#endif
