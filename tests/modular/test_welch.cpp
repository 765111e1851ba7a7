// The statistics that judge timings (benchmarks/modular/welch.hpp), on data whose answer is known. Timings
// themselves are measured by the benchmarks: how a machine is loaded does not decide whether code is right.
#include "../../benchmarks/modular/welch.hpp"
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

using namespace veilsum;
using namespace veilsum::bench;
using values = std::vector<double>;

namespace {

// About normal: the sum of twelve uniform numbers in [0, 1), shifted.
double normal(test::seeded_random& rng, double mean, double deviation) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(rng.word() >> 11) * 0x1p-53;
    return mean + deviation * sum;
}
// Times of some microseconds with a long upper tail: an interrupt in every fiftieth.
values timings(std::uint64_t seed, std::size_t count, double mean, double deviation) {
    test::seeded_random rng(seed);
    values out;
    for (std::size_t i = 0; i < count; ++i)
        out.push_back(normal(rng, mean, deviation) +
                      (rng.below(50) == 0 ? 10000 * static_cast<double>(1 + rng.below(30)) : 0));
    return out;
}

} // namespace

TEST_CASE("welch: t of small samples, by hand", "[modular]") {
    const values a{1, 2, 3, 4}, b{2, 4, 6, 8};
    // Means 5/2 and 5, variances 5/3 and 20/3: t = -(5/2) / sqrt(25/12) = -sqrt(3).
    CHECK(welch_t(a, b) == Approx(-std::sqrt(3.0)));
    CHECK(welch_t(b, a) == Approx(std::sqrt(3.0)));
    CHECK(welch_t(a, a) == 0);
    // Unequal counts: means 2 and 6, variances 1 and 8, t = -4 / sqrt(1/3 + 8/2).
    CHECK(welch_t(values{1, 2, 3}, values{4, 8}) == Approx(-4 / std::sqrt(1.0 / 3 + 4)));
}

TEST_CASE("welch: samples that say nothing, and samples that do not vary", "[modular]") {
    const double infinity = std::numeric_limits<double>::infinity();
    CHECK(welch_t({}, {}) == 0);
    CHECK(welch_t(values{1}, values{2, 3}) == 0);
    CHECK(welch_t(values{5, 5}, values{5, 5, 5}) == 0);
    CHECK(welch_t(values{4, 4}, values{5, 5}) == -infinity);
    CHECK(welch_t(values{6, 6}, values{5, 5}) == infinity);
    CHECK(largest_t({}, {}).t == 0);
    CHECK(largest_t(values{3, 3, 3}, values{3, 3, 3}).t == 0);
}

TEST_CASE("welch: short differences between long times keep their digits", "[modular]") {
    const double far = 0x1p50;
    CHECK(welch_t(values{far + 1, far + 2, far + 3, far + 4}, values{far + 2, far + 4, far + 6, far + 8}) ==
          Approx(-std::sqrt(3.0)));
}

TEST_CASE("welch: percentiles are of both classes together", "[modular]") {
    const values a{1, 3, 5, 7, 9}, b{2, 4, 6, 8, 10};
    CHECK(percentile(a, b, 1.0) == 10);
    CHECK(percentile(a, b, 0.9) == 9);
    CHECK(percentile(a, b, 0.5) == 5);
    CHECK(percentile(a, b, 0.01) == 1);
    CHECK(percentile({}, {}, 0.5) == 0);
    CHECK(cropped(a, 5) == values{1, 3, 5});
}

TEST_CASE("welch: equal classes are not told apart", "[modular]") {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        INFO("seed " << seed);
        CHECK(std::abs(
                  largest_t(timings(2 * seed, 1000, 10000, 50), timings(2 * seed + 1, 1000, 10000, 50)).t) <
              4.5);
    }
}

TEST_CASE("welch: a small difference shows once outliers are cropped", "[modular]") {
    const values fast = timings(100, 4000, 10000, 50), slow = timings(101, 4000, 10010, 50);
    CHECK(std::abs(welch_t(fast, slow)) < 4.5); // the tail hides it
    const crop_result found = largest_t(fast, slow);
    CHECK(found.t < -6);
    CHECK(found.share < 1);
    CHECK(found.difference < 0);
    CHECK(largest_t(slow, fast).t == Approx(-found.t));
    // Four times the measurements, twice the t.
    const crop_result more = largest_t(timings(102, 16000, 10000, 50), timings(103, 16000, 10010, 50));
    CHECK(more.t < 1.5 * found.t);
}

TEST_CASE("welch: a difference in the tail alone shows without cropping", "[modular]") {
    values steady(2000, 100), jumpy(2000, 100);
    for (std::size_t i = 0; i < jumpy.size(); i += 20) jumpy[i] = 200; // every twentieth takes twice as long
    const crop_result found = largest_t(steady, jumpy);
    CHECK(found.share == 1);
    CHECK(found.t < -10);
}
