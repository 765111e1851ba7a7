// Samplers of coins and noise: chi-square tests against exact probabilities, each with samplers that are
// wrong in a known way and must fail the same test; moments; refusals.
//
// The draws come from a seeded stream, so a verdict never changes between runs. VEILSUM_PRIVACY_DRAWS sets
// how many draws each test makes (default 100,000; 10,000,000 for a soak).
#include "support/catch.hpp"
#include "support/ends_process.hpp"
#include "support/goodness_of_fit.hpp"
#include "support/scripted_random.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/privacy/coins.hpp>
#include <veilsum/privacy/discrete_gaussian.hpp>
#include <veilsum/privacy/discrete_laplace.hpp>
#include <veilsum/privacy/polya.hpp>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace veilsum;
using namespace veilsum::privacy;
using veilsum::test::goodness_of_fit;
using veilsum::test::seeded_random;

namespace {

std::size_t draws() {
    const char* asked = std::getenv("VEILSUM_PRIVACY_DRAWS");
    return asked == nullptr ? 100'000 : std::stoul(asked);
}
constexpr double threshold = 1e-6;

ratio of(std::uint64_t numerator, std::uint64_t denominator = 1) {
    return *ratio::of(numerator, denominator);
}
double real(const ratio& value) {
    return static_cast<double>(value.numerator()) / static_cast<double>(value.denominator());
}

using sampler = std::function<std::int64_t(coins<seeded_random>&)>;
using weight = std::function<double(std::int64_t)>;

// p-value of `count` draws against probabilities proportional to `w`.
double fit(const sampler& draw, const weight& w, std::uint64_t seed, std::size_t count = draws()) {
    seeded_random rng(seed);
    coins flip(rng);
    goodness_of_fit test(w, static_cast<double>(count));
    for (std::size_t i = 0; i < count; ++i) test.add(draw(flip));
    return test.p_value();
}

weight gaussian_weight(const ratio& variance) {
    return [v = real(variance)](std::int64_t x) {
        return std::exp(-static_cast<double>(x) * static_cast<double>(x) / (2 * v));
    };
}
weight laplace_weight(const ratio& scale) {
    return [s = real(scale)](std::int64_t x) { return std::exp(-std::fabs(static_cast<double>(x)) / s); };
}
// Difference of two negative binomials of r = 1/parts: the series, cut where nothing is left.
weight polya_weight(const ratio& scale, std::uint32_t parts) {
    const double p = std::exp(-1.0 / real(scale)), r = 1.0 / parts;
    std::vector<double> one(1, std::pow(1 - p, r));
    while (one.back() > 1e-18 || one.size() < 8) {
        const auto k = static_cast<double>(one.size());
        one.push_back(one.back() * p * (k - 1 + r) / k);
    }
    return [one](std::int64_t x) {
        const auto off = static_cast<std::size_t>(x < 0 ? -x : x);
        double sum = 0;
        for (std::size_t k = 0; k + off < one.size(); ++k) sum += one[k] * one[k + off];
        return sum;
    };
}

double uniform(coins<seeded_random>& flip) {
    return static_cast<double>(flip.below(std::uint64_t{1} << 53)) * 0x1p-53;
}

} // namespace

TEST_CASE("coins: numbers below a bound are uniform, and a masked word is not", "[privacy]") {
    for (const std::uint64_t bound : {1u, 2u, 3u, 5u, 100u, 255u, 256u, 257u, 1000u}) {
        const auto flat = [bound](std::int64_t x) {
            return x >= 0 && x < static_cast<std::int64_t>(bound) ? 1.0 : 0.0;
        };
        const double p =
            fit([bound](auto& flip) { return static_cast<std::int64_t>(flip.below(bound)); }, flat, bound);
        CHECK(p > threshold);
    }
    // Reduction of a byte modulo 100 favours 0..55.
    const auto flat = [](std::int64_t x) { return x >= 0 && x < 100 ? 1.0 : 0.0; };
    CHECK(fit([](auto& flip) { return static_cast<std::int64_t>(flip.below(256) % 100); }, flat, 1) <
          threshold);
}

TEST_CASE("coins: p/q and exp(-a/b) come out at their probabilities", "[privacy]") {
    const auto against = [](double p) {
        return [p](std::int64_t x) { return x == 1 ? p : x == 0 ? 1 - p : 0.0; };
    };
    std::uint64_t seed = 100;
    const std::pair<std::uint64_t, std::uint64_t> rationals[] = {{1, 3},      {1, 2},     {2, 3},
                                                                 {999, 1000}, {1, 70000}, {65535, 65536}};
    for (const auto& [a, b] : rationals) {
        const double exact = static_cast<double>(a) / static_cast<double>(b);
        CHECK(fit([a = a, b = b](auto& flip) { return std::int64_t{flip.bernoulli(a, b)}; }, against(exact),
                  ++seed) > threshold);
    }
    const std::pair<std::uint64_t, std::uint64_t> exponents[] = {{0, 1}, {1, 1000}, {1, 2}, {1, 1},
                                                                 {3, 2}, {2, 1},    {7, 2}};
    for (const auto& [a, b] : exponents) {
        const double exact = std::exp(-static_cast<double>(a) / static_cast<double>(b));
        CHECK(fit([a = a, b = b](auto& flip) { return std::int64_t{flip.bernoulli_exp(a, b)}; },
                  against(exact), ++seed) > threshold);
    }
    // Wrong: the series of exp(-x) cut after its second term.
    const auto cut = [](auto& flip) { return std::int64_t{!flip.bernoulli(1, 2)}; };
    CHECK(fit(cut, against(std::exp(-0.5)), 1) < threshold);
    // Certain outcomes, and digits beyond the first sixteen.
    seeded_random rng(5);
    coins flip(rng);
    CHECK(flip.bernoulli(7, 7));
    CHECK_FALSE(flip.bernoulli(0, 7));
    CHECK_FALSE(flip.bernoulli_exp(std::uint64_t{1} << 62, 1));
    test::scripted_random half({0x55});
    coins same(half); // 1/3 is 0.010101... and so is the stream: equal until p/q's expansion is left
    CHECK_FALSE(same.bernoulli((double_word{1} << 48) / 3, double_word{1} << 48));
    coins less(half);
    CHECK(less.bernoulli((double_word{1} << 48) / 3 + 1, double_word{1} << 48));
}

TEST_CASE("discrete_laplace: draws follow the distribution, and wrong ones are found out", "[privacy]") {
    std::uint64_t seed = 200;
    for (const ratio& scale : {of(1), of(1, 3), of(5, 2), of(10), of(1000, 7)}) {
        const discrete_laplace noise(scale);
        CHECK(fit([&](auto& flip) { return noise.sample(flip); }, laplace_weight(scale), ++seed) > threshold);
    }
    const discrete_laplace noise(of(5, 2)), wider(of(26, 10));
    const weight right = laplace_weight(of(5, 2));
    CHECK(fit([&](auto& flip) { return noise.sample(flip) + (flip.below(10) == 0); }, right, 1) < threshold);
    CHECK(fit([&](auto& flip) { return wider.sample(flip); }, right, 2) < threshold);
    const auto cut = [&](auto& flip) {
        std::int64_t x = noise.sample(flip);
        while (x > 15 || x < -15) x = noise.sample(flip);
        return x;
    };
    CHECK(fit(cut, right, 3) < threshold);
    // A sign for zero as for everything else: zero twice as likely.
    const auto double_zero = [](auto& flip) {
        const auto size = static_cast<std::int64_t>(sample_geometric(of(5, 2), flip));
        return flip.fair() ? -size : size;
    };
    CHECK(fit(double_zero, right, 4) < threshold);
    // A continuous Laplace sample in floating point, rounded.
    const auto rounded = [](auto& flip) {
        const double e = -2.5 * std::log(1 - uniform(flip));
        return static_cast<std::int64_t>(std::lround(flip.fair() ? e : -e));
    };
    CHECK(fit(rounded, right, 5) < threshold);
}

TEST_CASE("discrete_gaussian: draws follow the distribution, and wrong ones are found out", "[privacy]") {
    std::uint64_t seed = 300;
    for (const ratio& variance :
         {of(1), of(1, 4), of(1, 2), of(10, 3), of(100), of(99, 10), of(2500), of(1'000'000)}) {
        auto noise = discrete_gaussian::of(variance);
        REQUIRE(noise);
        CHECK(fit([&](auto& flip) { return noise->sample(flip); }, gaussian_weight(variance), ++seed) >
              threshold);
    }
    auto noise = discrete_gaussian::of(of(4)), wider = discrete_gaussian::of(of(42, 10));
    REQUIRE(noise);
    REQUIRE(wider);
    const weight right = gaussian_weight(of(4));
    CHECK(fit([&](auto& flip) { return noise->sample(flip) + (flip.below(10) == 0); }, right, 1) < threshold);
    CHECK(fit([&](auto& flip) { return wider->sample(flip); }, right, 2) < threshold);
    const auto cut = [&](auto& flip) {
        std::int64_t x = noise->sample(flip);
        while (x > 5 || x < -5) x = noise->sample(flip);
        return x;
    };
    CHECK(fit(cut, right, 3) < threshold);
    // Box and Muller in floating point, rounded: its variance is 1 + 1/12.
    const auto rounded = [](auto& flip) {
        const double size = std::sqrt(-2 * std::log(1 - uniform(flip)));
        return static_cast<std::int64_t>(
            std::lround(size * std::cos(2 * 3.14159265358979323846 * uniform(flip))));
    };
    CHECK(fit(rounded, gaussian_weight(of(1)), 4) < threshold);
    // The proposal kept without its coin.
    const discrete_laplace proposal(of(3));
    CHECK(fit([&](auto& flip) { return proposal.sample(flip); }, right, 5) < threshold);
}

TEST_CASE("polya_difference: shares follow their distribution and add up to discrete Laplace", "[privacy]") {
    std::uint64_t seed = 400;
    const std::pair<ratio, std::uint32_t> cases[] = {
        {of(2), 1}, {of(2), 2}, {of(5, 2), 3}, {of(10), 10}, {of(3), 1000}};
    for (const auto& [scale, parts] : cases) {
        const polya_difference share(scale, parts);
        CHECK(fit([&](auto& flip) { return share.sample(flip); }, polya_weight(scale, parts), ++seed) >
              threshold);
    }
    const auto sum_of = [](std::uint32_t taken, std::uint32_t parts) {
        return [share = polya_difference(of(4), parts), taken](auto& flip) {
            std::int64_t sum = 0;
            for (std::uint32_t i = 0; i < taken; ++i) sum += share.sample(flip);
            return sum;
        };
    };
    CHECK(fit(sum_of(5, 5), laplace_weight(of(4)), 1) > threshold);
    CHECK(fit(sum_of(4, 5), laplace_weight(of(4)), 2) < threshold); // one share is missing
    CHECK(fit(sum_of(1, 1), polya_weight(of(4), 2), 3) < threshold);
}

TEST_CASE("samplers: mean and variance are those of the distributions", "[privacy]") {
    const std::size_t count = draws();
    const auto moments = [count](const sampler& draw, std::uint64_t seed) {
        seeded_random rng(seed);
        coins flip(rng);
        double sum = 0, squares = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const auto x = static_cast<double>(draw(flip));
            sum += x;
            squares += x * x;
        }
        return std::pair(sum / static_cast<double>(count), squares / static_cast<double>(count));
    };
    const auto n = static_cast<double>(count);
    auto noise = discrete_gaussian::of(of(10'000, 3));
    REQUIRE(noise);
    const auto [mean, variance] = moments([&](auto& flip) { return noise->sample(flip); }, 1);
    // Six standard deviations of the estimates; the discrete variance is that of the parameter to 10^-1000.
    CHECK(std::fabs(mean) < 6 * std::sqrt(10'000 / 3.0 / n));
    CHECK(std::fabs(variance / (10'000 / 3.0) - 1) < 6 * std::sqrt(2 / n));
    const discrete_laplace laplace(of(20));
    const auto [middle, spread] = moments([&](auto& flip) { return laplace.sample(flip); }, 2);
    const double p = std::exp(-1 / 20.0), exact = 2 * p / ((1 - p) * (1 - p));
    CHECK(std::fabs(middle) < 6 * std::sqrt(exact / n));
    CHECK(std::fabs(spread / exact - 1) < 6 * std::sqrt(5 / n)); // fourth moment: 6 variances squared
}

TEST_CASE("samplers: parameters that cannot be sampled are refused", "[privacy]") {
    CHECK(ratio::of(0, 1).error().what == "ratio is not positive");
    CHECK(ratio::of(1, 0).error().what == "ratio is not positive");
    CHECK(ratio::of(largest_ratio_term, 1));
    CHECK(ratio::of(largest_ratio_term + 1, 1).error().what == "ratio has a term above 2^54");
    CHECK(of(6, 4) == of(3, 2));
    CHECK(of(6, 4).over(9).value() == of(1, 6));
    CHECK(ratio::of(1, largest_ratio_term)->over(2).error().what == "ratio has a term above 2^54");

    // den (floor(sigma) + 1)^2 <= 2^54, both sides: sigma = 2^27 - 1 and 2^27.
    const std::uint64_t largest = (std::uint64_t{1} << 54) - 1;
    CHECK(discrete_gaussian::of(of(largest)));
    CHECK(discrete_gaussian::of(of(largest + 1)).error().code == errc::bad_parameter);
    CHECK(discrete_gaussian::of(of(1, largest_ratio_term)));
    CHECK(discrete_gaussian::of(of(largest_ratio_term - 1, largest_ratio_term)));
    CHECK_FALSE(discrete_gaussian::of(of(largest_ratio_term, largest_ratio_term - 1)));
}

TEST_CASE("samplers: the largest and finest parameters stay within their integers", "[privacy]") {
    seeded_random rng(9);
    coins flip(rng);
    for (const ratio& variance : {of((std::uint64_t{1} << 54) - 1), of(1, largest_ratio_term),
                                  of(largest_ratio_term - 1, largest_ratio_term),
                                  of((std::uint64_t{1} << 51) - 1, (std::uint64_t{1} << 25) + 1)}) {
        auto noise = discrete_gaussian::of(variance);
        REQUIRE(noise);
        for (int i = 0; i < 200; ++i)
            CHECK(std::fabs(static_cast<double>(noise->sample(flip))) < 12 * std::sqrt(real(variance)) + 1);
    }
}

TEST_CASE("samplers: a source that says yes for ever ends the process", "[privacy]") {
    struct alternating {
        void fill(std::span<std::uint8_t> out) {
            for (std::size_t i = 0; i < out.size(); ++i)
                out[i] = i % 2; // the coin of exp(-1) is true each time
        }
    };
    CHECK(test::ends_process([] {
        alternating yes;
        coins flip(yes);
        static_cast<void>(discrete_laplace(of(1)).sample(flip));
    }));
}
