// Real values to integers and back: exact rounding, refusals, and the stated error bounds.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/encoding/fixed_point.hpp>

#include <cfenv>
#include <cmath>
#include <limits>

using namespace veilsum;
using namespace veilsum::encoding;
using veilsum::tests::seeded_random;

namespace {

float uniform(seeded_random& rng, double largest) {
    const double unit = static_cast<double>(rng.word() >> 11) * 0x1p-53;
    return static_cast<float>((2.0 * unit - 1.0) * largest);
}

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float quiet_nan = std::numeric_limits<float>::quiet_NaN();

} // namespace

TEST_CASE("fixed_point: pre-flight refuses formats whose clipped values may not fit", "[encoding]") {
    CHECK(fixed_point{16, 24, 100.0}.check());
    const auto check_of = [](const fixed_point& format) {
        auto verdict = format.check();
        REQUIRE_FALSE(verdict);
        CHECK(verdict.error().code == errc::bad_parameter);
        return verdict.error().check;
    };
    CHECK(check_of({16, 1, 1.0}) == 1);
    CHECK(check_of({16, 25, 1.0}) == 1);
    CHECK(check_of({65, 16, 1.0}) == 2);
    CHECK(check_of({8, 16, 0.0}) == 3);
    CHECK(check_of({8, 16, -1.0}) == 3);
    CHECK(check_of({8, 16, std::numeric_limits<double>::infinity()}) == 3);
    CHECK(check_of({8, 16, std::numeric_limits<double>::quiet_NaN()}) == 3);

    // Both sides of clip 2^scale + 1 <= 2^(b-1) - 1.
    for (unsigned b = 3; b <= 24; ++b) {
        const double largest = std::ldexp(1.0, static_cast<int>(b) - 1) - 2.0;
        CHECK(fixed_point{0, b, largest}.check());
        CHECK(check_of({0, b, std::nextafter(largest, 2.0 * largest)}) == 4);
        CHECK(fixed_point{10, b, std::ldexp(largest, -10)}.check());
    }
    CHECK(check_of({0, 2, 1e-9}) == 4);
}

TEST_CASE("fixed_point: values round to the nearest integer and halves to even", "[encoding]") {
    const fixed_point format{2, 16, 1e6}; // unit 1/4
    const std::vector<float> values{0.0f,    0.125f, 0.375f, 0.625f,  -0.125f, -0.375f,
                                    -0.625f, 0.3f,   -0.3f,  0.1249f, -0.1251f};
    const std::vector<std::int32_t> expected{0, 0, 2, 2, 0, -2, -2, 1, -1, 0, -1};
    REQUIRE(quantise(values, format));
    CHECK(*quantise(values, format) == expected);

    // The rounding mode of the processor plays no part.
    REQUIRE(std::fesetround(FE_UPWARD) == 0);
    const auto upward = quantise(values, format);
    REQUIRE(std::fesetround(FE_TONEAREST) == 0);
    REQUIRE(upward);
    CHECK(*upward == expected);
    CHECK(quantise({}, format)->empty());
}

TEST_CASE("fixed_point: rounding agrees with integer arithmetic on random values", "[encoding]") {
    seeded_random rng(1);
    for (int trial = 0; trial < 2000; ++trial) {
        const double v = static_cast<double>(uniform(rng, 4e6));
        // v = k / 2^20 rounded to the nearest integer, halves to even, without floating point.
        const auto k = static_cast<std::int64_t>(std::ldexp(static_cast<double>(static_cast<float>(v)), 20));
        if (std::ldexp(static_cast<double>(k), -20) != v) continue;
        std::int64_t below = k >> 20;
        const std::int64_t rest = k & ((1 << 20) - 1);
        if (rest > (1 << 19) || (rest == (1 << 19) && (below & 1) != 0)) ++below;
        const std::vector<float> one{static_cast<float>(v)};
        REQUIRE(quantise(one, {0, 24, 1e9}));
        CHECK((*quantise(one, {0, 24, 1e9}))[0] == below);
    }
}

TEST_CASE("fixed_point: NaN and infinity are refused with their position", "[encoding]") {
    const fixed_point format{8, 16, 1.0};
    for (const float bad : {quiet_nan, -quiet_nan, infinity, -infinity}) {
        std::vector<float> values(30, 0.5f);
        values[17] = bad;
        auto refused = quantise(values, format);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::out_of_range);
        CHECK(refused.error().what == "update is not finite");
        CHECK(refused.error().place == "value 17");
    }
    // The largest finite numbers are clipped like any other.
    const std::vector<float> huge(4, std::numeric_limits<float>::max());
    REQUIRE(quantise(huge, format));
    CHECK(*quantise(huge, format) == std::vector<std::int32_t>(4, 128));
    const std::vector<float> tiny(4, std::numeric_limits<float>::denorm_min());
    CHECK(*quantise(tiny, format) == std::vector<std::int32_t>(4, 0));
}

TEST_CASE("fixed_point: values outside the range are refused, never wrapped or clamped", "[encoding]") {
    const fixed_point format{0, 8, 1e6}; // does not pass check(): -128..127
    CHECK(*quantise(std::vector<float>{-128.0f, 127.0f, -128.5f, 127.49f}, format) ==
          std::vector<std::int32_t>{-128, 127, -128, 127});
    for (const float bad : {127.5f, 128.0f, -128.51f, 1e5f, -1e5f}) {
        std::vector<float> values(5, 1.0f);
        values[3] = bad;
        auto refused = quantise(values, format);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::overflow);
        CHECK(refused.error().what == "update does not fit into value_bits");
        CHECK(refused.error().place == "value 3");
    }
    CHECK(quantise(std::vector<float>{1.0f}, {0, 25, 1.0}).error().check == 1);
    CHECK(quantise(std::vector<float>{1.0f}, {99, 16, 1.0}).error().check == 2);
    CHECK(quantise(std::vector<float>{1.0f}, {0, 16, -1.0}).error().check == 3);
}

TEST_CASE("fixed_point: a format that passes the pre-flight encodes every finite update", "[encoding]") {
    seeded_random rng(2);
    for (unsigned b = 3; b <= 24; ++b) {
        const double clip = std::ldexp(1.0, static_cast<int>(b) - 1) - 2.0;
        const fixed_point format{0, b, clip};
        REQUIRE(format.check());
        for (const double size : {0.5 * clip, clip, 1e4 * clip, 1e30}) {
            std::vector<float> values(1 + rng.below(40));
            for (float& value : values) value = uniform(rng, size);
            auto nearest = quantise(values, format);
            auto stochastic = quantise_stochastic(values, format, rng);
            REQUIRE(nearest);
            REQUIRE(stochastic);
            const std::int32_t largest = (std::int32_t{1} << (b - 1)) - 1;
            for (const auto& encoded : {*nearest, *stochastic})
                for (const std::int32_t x : encoded) CHECK(std::abs(x) <= largest);
        }
        // One entry that holds the whole norm.
        for (const float sign : {1.0f, -1.0f}) {
            auto encoded = quantise(std::vector<float>{sign * 1e30f}, format);
            REQUIRE(encoded);
            CHECK((*encoded)[0] == static_cast<std::int32_t>(sign * static_cast<float>(clip)));
        }
    }
}

TEST_CASE("fixed_point: the clip brings the norm down and leaves short updates alone", "[encoding]") {
    const fixed_point format{12, 24, 5.0};
    CHECK(*quantise(std::vector<float>{3.0f, 4.0f}, format) == std::vector<std::int32_t>{3 * 4096, 4 * 4096});
    CHECK(*quantise(std::vector<float>{6.0f, 8.0f}, format) == std::vector<std::int32_t>{3 * 4096, 4 * 4096});
    CHECK(*quantise(std::vector<float>{0.6f, -0.8f}, format) == std::vector<std::int32_t>{2458, -3277});
}

TEST_CASE("fixed_point: one client's decoded values are within half a unit", "[encoding]") {
    seeded_random rng(3);
    const fixed_point format{14, 20, 20.0};
    REQUIRE(format.check());
    std::vector<float> values(500);
    for (float& value : values) value = uniform(rng, 0.5);
    auto encoded = quantise(values, format);
    REQUIRE(encoded);
    const std::vector<double> back = dequantise(*encoded, format);
    REQUIRE(back.size() == values.size());
    double largest = 0.0;
    for (std::size_t j = 0; j < values.size(); ++j)
        largest = std::max(largest, std::abs(back[j] - static_cast<double>(values[j])));
    CHECK(largest <= std::ldexp(0.5, -14));
    CHECK(largest > std::ldexp(0.45, -14)); // the bound is tight
}

TEST_CASE("fixed_point: the decoded weighted mean keeps its error bound", "[encoding]") {
    // |decoded - mean| <= 2^-(scale_bits+1) + 1 ulp, against long double arithmetic on the clipped reals.
    seeded_random rng(4);
    for (const unsigned scale_bits : {0u, 7u, 16u, 20u}) {
        const double clip = std::ldexp(1.0, 22 - static_cast<int>(scale_bits));
        const fixed_point format{scale_bits, 24, clip};
        REQUIRE(format.check());
        const std::size_t clients = 1 + rng.below(40);
        constexpr std::size_t length = 16;
        std::vector<std::int64_t> sums(length, 0);
        std::vector<std::int64_t> stochastic_sums(length, 0);
        std::vector<long double> exact(length, 0.0L);
        std::uint64_t total = 0;
        for (std::size_t u = 0; u < clients; ++u) {
            const std::uint64_t weight = 1 + rng.below(100);
            total += weight;
            std::vector<float> values(length);
            for (float& value : values) value = uniform(rng, clip * (u % 2 == 0 ? 0.1 : 1.0));
            const double factor = encoding::detail::clip_factor(values, clip);
            auto encoded = quantise(values, format);
            auto stochastic = quantise_stochastic(values, format, rng);
            REQUIRE(encoded);
            REQUIRE(stochastic);
            for (std::size_t j = 0; j < length; ++j) {
                sums[j] += static_cast<std::int64_t>(weight) * (*encoded)[j];
                stochastic_sums[j] += static_cast<std::int64_t>(weight) * (*stochastic)[j];
                exact[j] += static_cast<long double>(weight) *
                            static_cast<long double>(static_cast<double>(values[j]) * factor);
            }
        }
        for (std::size_t j = 0; j < length; ++j) {
            const long double mean = exact[j] / static_cast<long double>(total);
            const auto error_of = [&](std::int64_t sum, double unit_error) {
                const double decoded = format.decode(sum, total);
                const double ulp = std::abs(std::nextafter(decoded, 1e300) - decoded);
                const long double bound =
                    static_cast<long double>(std::ldexp(unit_error, -static_cast<int>(scale_bits)) + ulp);
                return std::abs(static_cast<long double>(decoded) - mean) <= bound;
            };
            CHECK(error_of(sums[j], 0.5));
            CHECK(error_of(stochastic_sums[j], 1.0));
        }
    }
}

TEST_CASE("fixed_point: decode is one correctly rounded division", "[encoding]") {
    CHECK(fixed_point{0, 16, 1.0}.decode(7, 1) == 7.0);
    CHECK(fixed_point{3, 16, 1.0}.decode(-7, 1) == -0.875);
    CHECK(fixed_point{0, 16, 1.0}.decode(1, 3) == 1.0 / 3.0);
    CHECK(fixed_point{10, 16, 1.0}.decode(-10, 3072) == -10.0 / 3145728.0);
    // The largest sum that a layout can hold, exactly.
    const std::int64_t largest = std::int64_t{1} << 47;
    CHECK(fixed_point{64, 24, 1.0}.decode(-largest, largest_total_weight) == -std::ldexp(1.0, 47 - 64 - 24));
    CHECK(fixed_point{16, 24, 1.0}.decode(0, 5) == 0.0);
}

TEST_CASE("fixed_point: stochastic rounding takes a neighbour and has no bias", "[encoding]") {
    seeded_random rng(5);
    const fixed_point format{0, 16, 1e6};
    const std::vector<float> values(20000, 2.25f);
    auto encoded = quantise_stochastic(values, format, rng);
    REQUIRE(encoded);
    std::int64_t up = 0;
    for (const std::int32_t x : *encoded) {
        REQUIRE((x == 2 || x == 3));
        up += x == 3;
    }
    // 5000 expected, standard deviation 61.
    CHECK(up > 4600);
    CHECK(up < 5400);
    CHECK(*quantise_stochastic(std::vector<float>{-3.0f, 0.0f, 5.0f}, format, rng) ==
          std::vector<std::int32_t>{-3, 0, 5});
    CHECK(quantise_stochastic(std::vector<float>{0.0f, quiet_nan}, format, rng).error().place == "value 1");
}

TEST_CASE("fixed_point: the norm bound admits every honest update", "[encoding]") {
    seeded_random rng(6);
    for (const std::size_t d : {std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
        const fixed_point format{8, 20, 37.5};
        REQUIRE(format.check());
        const std::uint64_t nearest_bound = squared_norm_bound(format, d, rounding::nearest);
        const std::uint64_t stochastic_bound = squared_norm_bound(format, d, rounding::stochastic);
        for (int trial = 0; trial < 20; ++trial) {
            std::vector<float> values(d);
            for (float& value : values) value = uniform(rng, 1e3);
            const auto squares = [](const std::vector<std::int32_t>& encoded) {
                std::uint64_t sum = 0;
                for (const std::int64_t x : encoded) sum += static_cast<std::uint64_t>(x * x);
                return sum;
            };
            CHECK(squares(*quantise(values, format)) <= nearest_bound);
            CHECK(squares(*quantise_stochastic(values, format, rng)) <= stochastic_bound);
        }
        // (9600 + sqrt(d)/2)^2, and not much more.
        const double norm = 9600.0 + 0.5 * std::sqrt(static_cast<double>(d));
        CHECK(static_cast<double>(nearest_bound) >= norm * norm);
        CHECK(static_cast<double>(nearest_bound) <= norm * norm * (1.0 + 1e-7) + 2.0);
    }
}
