// Uniform sampling: ranges, rejection, and frequencies.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/integer/forked_source.hpp>
#include <veilsum/integer/sample.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace {

using namespace veilsum;
using namespace veilsum::integer;
using tests::seeded_random;

// Gives the listed bytes, one after the other, and counts them; reading past the end fails the test.
class listed_bytes {
  public:
    explicit listed_bytes(bytes content) : content_(std::move(content)) {}
    void fill(std::span<std::uint8_t> out) {
        for (std::uint8_t& octet : out) octet = content_.at(used_++);
    }
    std::size_t used() const { return used_; }

  private:
    bytes content_;
    std::size_t used_ = 0;
};

// Sum over cells of (count - expected)^2 / expected.
double chi_square(const std::map<std::int64_t, std::size_t>& counts, std::size_t cells, std::size_t draws) {
    const double expected = static_cast<double>(draws) / static_cast<double>(cells);
    double sum = static_cast<double>(cells - counts.size()) * expected; // cells never hit
    for (const auto& [value, count] : counts) {
        const double difference = static_cast<double>(count) - expected;
        sum += difference * difference / expected;
    }
    return sum;
}

} // namespace

TEST_CASE("random_bits: takes the low bits of the first byte and all of the others", "[integer]") {
    listed_bytes rng({0xff, 0x01, 0x80, 0xab, 0xcd});
    REQUIRE(random_bits(12, rng) == 0xf01);
    REQUIRE(random_bits(0, rng) == 0);
    REQUIRE(rng.used() == 2);
    REQUIRE(random_bits(8, rng) == 0x80);
    REQUIRE(random_bits(16, rng) == 0xabcd);
}

TEST_CASE("random_bits: every bit is one half of the time", "[integer]") {
    seeded_random rng(11);
    constexpr std::size_t bits = 70, draws = 4000;
    std::vector<std::size_t> ones(bits);
    for (std::size_t n = 0; n < draws; ++n) {
        const bigint a = random_bits(bits, rng);
        REQUIRE(a.bit_length() <= bits);
        for (std::size_t i = 0; i < bits; ++i) ones[i] += a.bit(i) ? 1 : 0;
    }
    for (const std::size_t count : ones) { // six standard deviations of 31.6
        REQUIRE(count > draws / 2 - 190);
        REQUIRE(count < draws / 2 + 190);
    }
}

TEST_CASE("random_below: a draw at or above the bound is rejected, not reduced", "[integer]") {
    listed_bytes rng({7, 6, 5, 0xf4});
    REQUIRE(random_below(6, rng) == 5);
    REQUIRE(rng.used() == 3);
    REQUIRE(random_below(6, rng) == 4); // the upper five bits are masked
    listed_bytes nothing(bytes{});
    REQUIRE(random_below(1, nothing) == 0);
    listed_bytes whole({0xff});
    REQUIRE(random_below(256, whole) == 255); // a power of two needs no rejection
}

TEST_CASE("random_below: all values are equally frequent", "[integer]") {
    // Bounds on chi-square at about 1e-6 for the degrees of freedom.
    const auto [bound, limit] = GENERATE(std::pair{5, 37.0}, std::pair{6, 40.0}, std::pair{100, 180.0});
    seeded_random rng(12);
    constexpr std::size_t draws = 20000;
    std::map<std::int64_t, std::size_t> counts;
    for (std::size_t n = 0; n < draws; ++n) ++counts[*random_below(bound, rng).to_int64()];
    REQUIRE(counts.begin()->first >= 0);
    REQUIRE(counts.rbegin()->first < bound);
    REQUIRE(chi_square(counts, static_cast<std::size_t>(bound), draws) < limit);
}

TEST_CASE("random_below: a long bound is filled up to its end", "[integer]") {
    seeded_random rng(13);
    const bigint bound = (bigint(5) << 1000) + 1;
    bigint largest;
    for (int n = 0; n < 300; ++n) {
        bigint a = random_below(bound, rng);
        REQUIRE(a < bound);
        REQUIRE_FALSE(a.is_negative());
        if (a > largest) largest = std::move(a);
    }
    REQUIRE(largest > (bound * 9) / 10); // fails with probability 0.9^300
}

TEST_CASE("random_unit: exactly the units come, equally often", "[integer]") {
    seeded_random rng(14);
    constexpr std::size_t draws = 16000;
    std::map<std::int64_t, std::size_t> counts;
    for (std::size_t n = 0; n < draws; ++n) ++counts[*random_unit(15, rng).to_int64()];
    std::vector<std::int64_t> seen;
    for (const auto& [value, count] : counts) seen.push_back(value);
    REQUIRE(seen == std::vector<std::int64_t>{1, 2, 4, 7, 8, 11, 13, 14});
    REQUIRE(chi_square(counts, 8, draws) < 42.0);
}

TEST_CASE("forked_source: is the key stream of ChaCha20, one nonce a call", "[integer]") {
    // From Python's `cryptography`: key 00 01 .. 1f, nonces 0 and 1.
    byte_array<32> key{};
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
    secret<byte_array<32>> given(std::move(key));
    forked_source source = forked_source::from_key(std::move(given));
    CHECK(given.expose() == byte_array<32>{}); // consumed
    CHECK(to_hex(random::random_bytes<40>(source)) ==
          "39fd2b7dd9c5196a8dbd0377b8dc4a498a35d86fbcde6accb2cc7d4cd8ea24922b23cce7a26023ab");
    CHECK(to_hex(random::random_bytes<40>(source)) ==
          "2fa4f10250808e89a25231e50fdf6ee071c65f21ef9eee784c3f2d89061ae8951eebde59042784fa");
}

TEST_CASE("forked_source: repeats from its parent's bytes and differs from its siblings", "[integer]") {
    seeded_random parent(15), same(15);
    forked_source first = forked_source::fork(parent), second = forked_source::fork(parent);
    forked_source again = forked_source::fork(same);
    const auto draw = [](forked_source& source) { return random::random_bytes<40>(source); };
    const auto a = draw(first);
    REQUIRE(a == draw(again));
    REQUIRE(a != draw(second));
    const auto b = draw(first);
    REQUIRE(a != b);
    REQUIRE(b == draw(again));
    std::span<std::uint8_t> nothing;
    first.fill(nothing);
}
