// Noise plans: margins, bounds on the noise, refusals, and the noise of sums when clients drop out.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/privacy/noise_plan.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

using namespace veilsum;
using namespace veilsum::privacy;
using veilsum::test::seeded_random;

namespace {

noise_request gaussian(std::uint64_t variance) {
    return {mechanism::gaussian, *ratio::of(variance), 20, 2, 4, 1000, 128};
}
noise_request laplace(std::uint64_t scale) {
    return {mechanism::laplace, *ratio::of(scale), 20, 2, 4, 1000, 128};
}
noise_plan plan_of(const noise_request& request) {
    auto plan = noise_plan::make(request);
    REQUIRE(plan);
    return *plan;
}
void refuses(const noise_request& request, std::uint32_t check) {
    auto plan = noise_plan::make(request);
    REQUIRE_FALSE(plan);
    CHECK(plan.error().code == errc::bad_parameter);
    CHECK(plan.error().check == check);
}

// Mean square of the sum of `shares` shares, over `count` sums.
double mean_square(const noise_plan& plan, std::uint32_t shares, std::size_t count, std::uint64_t seed) {
    seeded_random rng(seed);
    coins flip(rng);
    double squares = 0;
    for (std::size_t i = 0; i < count; ++i) {
        double sum = 0;
        for (std::uint32_t u = 0; u < shares; ++u) sum += static_cast<double>(plan.sample(flip));
        squares += sum * sum;
    }
    return squares / static_cast<double>(count);
}

} // namespace

TEST_CASE("noise_plan: each check refuses on its own, both sides of every limit", "[privacy]") {
    noise_request request = gaussian(40'000);
    request.kind = static_cast<mechanism>(3);
    refuses(request, 1);
    request = gaussian(40'000);
    request.clients = 0;
    refuses(request, 2);
    request.clients = largest_client_count + 1;
    refuses(request, 2);
    request = gaussian(40'000);
    request.missing = 16; // with 4 colluding nobody is left of 20
    refuses(request, 3);
    request.missing = 15;
    CHECK(plan_of(request).honest() == 1);
    request.missing = 0xffffffff; // the sum does not wrap
    request.colluding = 21;
    refuses(request, 3);
    request = gaussian(40'000);
    request.dimension = 0;
    refuses(request, 4);
    request.dimension = (1u << 24) + 1;
    refuses(request, 4);
    request = gaussian(40'000);
    for (const auto& [bits, good] : {std::pair(95u, false), {96u, true}, {256u, true}, {257u, false}}) {
        request.tail_bits = bits;
        if (good)
            CHECK(noise_plan::make(request));
        else
            refuses(request, 5);
    }
    // 14 shares of 1/4 are 7/2; a little less is too small.
    request = gaussian(1);
    request.amount = *ratio::of(7, 2);
    CHECK(noise_plan::make(request));
    request.amount = *ratio::of(349, 100);
    refuses(request, 6);
    request.amount = *ratio::of(largest_ratio_term - 1, largest_ratio_term);
    refuses(request, 6);
    // The bound of one value reaches 2^23; the sum of squares 2^60.
    request = laplace((1u << 23) / 98);
    CHECK(plan_of(request).largest_noise() < 1u << 23);
    refuses(laplace((1u << 23) / 96), 7);
    request.dimension = 1u << 24;
    refuses(request, 7);
}

TEST_CASE("noise_plan: margins", "[privacy]") {
    const noise_plan plan = plan_of(gaussian(40'000));
    CHECK(plan.honest() == 14);
    CHECK(plan.smallest_cohort() == 18);
    CHECK(permille_of(20, 100) == 2);
    CHECK(permille_of(19, 100) == 1);
    CHECK(permille_of(largest_client_count, 1000) == largest_client_count);
}

TEST_CASE("noise_plan: bounds on the noise are the formulas rounded up", "[privacy]") {
    for (const std::uint64_t amount : {50u, 333u, 40'000u}) {
        const noise_plan plan = plan_of(gaussian(amount));
        const double variance = static_cast<double>(amount) / 14, log_2 = std::log(2.0);
        const double lambda = std::sqrt(2 * variance * (128 + 1 + std::log2(1000.0)) * log_2);
        CHECK(static_cast<double>(plan.largest_noise()) >= lambda);
        CHECK(static_cast<double>(plan.largest_noise()) <= 1.01 * lambda + 1);
        for (const double norm : {1.0, 1e6, 1e15}) {
            const double x = 129 * log_2, d = 1000;
            const double bound =
                norm + variance * (d + 2 * std::sqrt(d * x) + 2 * x) + std::sqrt(8 * norm * variance * x);
            const auto ours = static_cast<double>(plan.noised_norm_bound(static_cast<std::uint64_t>(norm)));
            CHECK(ours >= bound);
            CHECK(ours <= 1.01 * bound + 3);
        }
    }
    const noise_plan plan = plan_of(laplace(10));
    const double lambda = 10 * std::log(2.0) * (129 + std::log2(1000.0));
    CHECK(static_cast<double>(plan.largest_noise()) >= lambda);
    CHECK(static_cast<double>(plan.largest_noise()) <= 1.01 * lambda + 10);
    const double tail = static_cast<double>(plan.largest_noise()), noise = 1000 * tail * tail;
    CHECK(std::fabs(static_cast<double>(plan.noised_norm_bound(10'000)) -
                    std::pow(100 + std::sqrt(noise), 2)) <= 2);
    CHECK(plan.gap() == 0);
}

TEST_CASE("noise_plan: noised updates stay within the bounds that were announced", "[privacy]") {
    const encoding::fixed_point format{6, 14, 20.0};
    seeded_random rng(1);
    for (const noise_plan& plan : {plan_of(gaussian(40'000)), plan_of(laplace(10))}) {
        REQUIRE(plan.fits(format));
        const std::uint64_t norm = encoding::squared_norm_bound(format, 1000, encoding::rounding::nearest);
        for (int trial = 0; trial < 10; ++trial) {
            std::vector<std::int32_t> update(1000, 0);
            update[rng.below(1000)] = static_cast<std::int32_t>(std::sqrt(static_cast<double>(norm)));
            auto sent = plan.add_noise(update, format.value_bits, rng);
            REQUIRE(sent);
            double squares = 0;
            std::size_t moved = 0;
            for (std::size_t j = 0; j < update.size(); ++j) {
                const std::int64_t noise = sent->expose()[j] - update[j];
                CHECK(static_cast<std::uint64_t>(std::abs(noise)) <= plan.largest_noise());
                squares += std::pow(sent->expose()[j], 2);
                moved += noise != 0;
            }
            CHECK(squares <= static_cast<double>(plan.noised_norm_bound(norm)));
            CHECK(moved > 100); // there is noise
        }
    }
}

TEST_CASE("noise_plan: the pre-flight leaves room for the noise, to the unit", "[privacy]") {
    const noise_plan plan = plan_of(gaussian(40'000));
    const auto tail = static_cast<double>(plan.largest_noise());
    const double room = std::ldexp(1.0, 13) - 1 - 1 - tail; // scale 1
    CHECK(plan.fits({0, 14, room}));
    auto tight = plan.fits({0, 14, std::nextafter(room, 1e9)});
    REQUIRE_FALSE(tight);
    CHECK(tight.error().check == 4);
    CHECK(tight.error().what == "clipped values and noise do not fit into value_bits");
    CHECK(plan.fits({0, 25, 1.0}).error().check == 1);
    CHECK(plan.fits({65, 14, 1.0}).error().check == 2);
    CHECK(plan.fits({0, 14, -1.0}).error().check == 3);
}

TEST_CASE("noise_plan: an update that noise carries out of its range is refused, not wrapped", "[privacy]") {
    const noise_plan plan = plan_of(gaussian(40'000));
    seeded_random rng(2);
    for (const std::int32_t edge : {8191, -8192}) {
        const std::vector<std::int32_t> update(1000, edge);
        auto sent = plan.add_noise(update, 14, rng);
        REQUIRE_FALSE(sent);
        CHECK(sent.error().code == errc::overflow);
        CHECK(sent.error().what == "update with noise does not fit into value_bits");
        CHECK(sent.error().place == "noised update"); // not which value
    }
    // Exactly the edges are inside.
    seeded_random again(3);
    std::vector<std::int32_t> zero(1000, 0);
    const auto drawn = plan.add_noise(zero, 14, again);
    REQUIRE(drawn);
    for (std::size_t j = 0; j < zero.size(); ++j) zero[j] = (j % 2 == 0 ? 8191 : -8192) - drawn->expose()[j];
    seeded_random same(3);
    auto sent = plan.add_noise(zero, 14, same);
    REQUIRE(sent);
    CHECK(sent->expose()[0] == 8191);
    CHECK(sent->expose()[1] == -8192);
}

TEST_CASE("noise_plan: sums carry at least the target variance when clients drop out or collude",
          "[privacy]") {
    constexpr std::size_t count = 20'000;
    const double slack = 6 * std::sqrt(2.0 / count); // six deviations of the estimate
    const noise_plan plan = plan_of(gaussian(4000));
    // As many as there are if all margins are used up; then everybody but the colluders; then one too few.
    CHECK(mean_square(plan, 14, count, 1) / 4000 > 1 - slack);
    CHECK(mean_square(plan, 14, count, 2) / 4000 < 1 + slack);
    CHECK(mean_square(plan, 16, count, 3) / 4000 > 16.0 / 14 - 2 * slack);
    CHECK(mean_square(plan, 10, count, 4) / 4000 < 1 - slack); // beyond the margins the target is missed
    const noise_plan other = plan_of(laplace(6));
    const double p = std::exp(-1 / 6.0), variance = 2 * p / ((1 - p) * (1 - p));
    const double wide = 6 * std::sqrt(5.0 / count);
    CHECK(mean_square(other, 14, count, 5) / variance > 1 - wide);
    CHECK(mean_square(other, 14, count, 6) / variance < 1 + wide);
    CHECK(mean_square(other, 8, count, 7) / variance < 1 - wide);
}

TEST_CASE("noise_plan: the gap bounds what separates a sum of shares from a discrete Gaussian", "[privacy]") {
    // Exact distributions by convolution; the largest |ln ratio| must stay below tau. Small variances, where
    // there is something to see.
    for (const auto& [variance, shares] : {std::pair(1u, 2u), {1u, 3u}, {1u, 5u}, {2u, 2u}}) {
        const int reach = 60;
        const auto table = [&](double v) {
            std::vector<double> mass(2 * reach + 1);
            for (int x = -reach; x <= reach; ++x)
                mass[static_cast<std::size_t>(x + reach)] = std::exp(-x * x / (2 * v));
            const double total = std::accumulate(mass.begin(), mass.end(), 0.0);
            for (double& each : mass) each /= total;
            return mass;
        };
        const std::vector<double> one = table(variance);
        std::vector<double> sum = one;
        for (unsigned k = 1; k < shares; ++k) {
            std::vector<double> next(sum.size(), 0.0);
            for (int x = -reach; x <= reach; ++x)
                for (int y = std::max(-reach, x - reach); y <= std::min(reach, x + reach); ++y)
                    next[static_cast<std::size_t>(x + reach)] += sum[static_cast<std::size_t>(y + reach)] *
                                                                 one[static_cast<std::size_t>(x - y + reach)];
            sum = next;
        }
        const std::vector<double> whole = table(variance * shares);
        double largest = 0;
        for (int x = -8; x <= 8; ++x) {
            const auto at = static_cast<std::size_t>(x + reach);
            largest = std::max(largest, std::fabs(std::log(sum[at] / whole[at])));
        }
        const noise_plan plan = plan_of(
            {mechanism::gaussian, *ratio::of(std::uint64_t{variance} * shares), shares, 0, 0, 10, 128});
        REQUIRE(plan.gap());
        const double gap = std::ldexp(static_cast<double>(*plan.gap()), -64);
        double exact = 0;
        for (unsigned k = 1; k < shares; ++k)
            exact += 10 * std::exp(-2 * 9.869604401089358 * variance * k / (k + 1.0));
        CHECK(largest > 1e-9);
        CHECK(2 * largest <= exact); // the claim of the specification, before rounding
        CHECK(exact <= gap);
        CHECK(gap <= 2.1 * exact); // each term is rounded to a power of two
    }
    CHECK(plan_of({mechanism::gaussian, *ratio::of(1), 1, 0, 0, 10, 128}).gap() == 0);
    CHECK_FALSE(plan_of({mechanism::gaussian, *ratio::of(1, 2), 2, 0, 0, 10, 128}).gap());
}
