// Secret sharing over Z_M: every quorum at toy size, other points, and what fewer shares say (nothing).
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/integer/shamir.hpp>

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace {

using namespace veilsum;
using namespace veilsum::integer;
using tests::seeded_random;

// The members whose bits are set: bit 0 is party 1.
party_set members(std::uint32_t mask) {
    std::vector<party_id> ids;
    for (std::uint32_t i = 0; i < 32; ++i)
        if ((mask >> i & 1) != 0) ids.emplace_back(i + 1);
    return *party_set::of(ids);
}

std::uint32_t size_of(std::uint32_t mask) {
    return static_cast<std::uint32_t>(members(mask).size());
}

// sum lambda_i f(i), over the integers.
bigint interpolate(const party_set& set, const std::vector<secret<bigint>>& shares, const bigint& delta,
                   std::int64_t at = 0) {
    const std::vector<bigint> lambda = lagrange(set, delta, at);
    bigint sum;
    std::size_t k = 0;
    for (const party_id i : set) sum += lambda[k++] * shares[i.index() - 1].expose();
    return sum;
}

class one_byte {
  public:
    explicit one_byte(std::uint8_t value) : value_(value) {}
    void fill(std::span<std::uint8_t> out) { out[0] = value_; }

  private:
    std::uint8_t value_;
};

} // namespace

TEST_CASE("shamir: every quorum recombines, for every quorum size up to five parties", "[integer]") {
    seeded_random rng(31);
    const bigint modulus = bigint(1009) * 1013 * 1013; // composite, no prime factor up to 5
    for (std::uint32_t parties = 1; parties <= 5; ++parties) {
        const bigint delta = factorial(parties);
        for (std::uint32_t quorum = 1; quorum <= parties; ++quorum) {
            const bigint value = random_below(modulus, rng);
            const auto shares = share(secret(bigint(value)), modulus, quorum, parties, rng);
            REQUIRE(shares.size() == parties);
            for (const auto& one : shares) {
                REQUIRE(one.expose() < modulus);
                REQUIRE_FALSE(one.expose().is_negative());
            }
            for (std::uint32_t mask = 1; mask < (1u << parties); ++mask) {
                if (size_of(mask) < quorum) continue;
                REQUIRE((interpolate(members(mask), shares, delta) - delta * value) % modulus == 0);
            }
        }
    }
}

TEST_CASE("shamir: one share too few gives another value", "[integer]") {
    seeded_random rng(32);
    const bigint modulus = (bigint(1) << 127) - 1, value = 12345, delta = factorial(5);
    const auto shares = share(secret(bigint(value)), modulus, 3, 5, rng);
    for (std::uint32_t mask = 1; mask < 32; ++mask) {
        if (size_of(mask) != 2) continue;
        REQUIRE((interpolate(members(mask), shares, delta) - delta * value) % modulus != 0);
    }
}

TEST_CASE("shamir: a share alone takes every value once, whatever the secret", "[integer]") {
    for (int value = 0; value < 7; ++value) {
        std::vector<std::map<std::int64_t, int>> seen(3);
        for (std::uint8_t coefficient = 0; coefficient < 7; ++coefficient) {
            one_byte rng(coefficient);
            const auto shares = share(secret(bigint(value)), 7, 2, 3, rng);
            for (std::size_t i = 0; i < 3; ++i) ++seen[i][*shares[i].expose().to_int64()];
        }
        for (const auto& counts : seen) {
            REQUIRE(counts.size() == 7);
            for (const auto& [share_value, count] : counts) REQUIRE(count == 1);
        }
    }
}

TEST_CASE("shamir: a quorum of one gives everybody the secret", "[integer]") {
    seeded_random rng(33);
    for (const auto& one : share(secret(bigint(42)), 101, 1, 4, rng)) REQUIRE(one.expose() == 42);
}

TEST_CASE("lagrange: coefficients interpolate at any integer point", "[integer]") {
    // f(x) = 7 - 3 x + 11 x^2 over the integers, known everywhere.
    const auto f = [](std::int64_t x) { return bigint(7) - bigint(3) * x + bigint(11) * x * x; };
    const bigint delta = factorial(6);
    for (std::uint32_t mask = 1; mask < 64; ++mask) {
        if (size_of(mask) < 3) continue;
        const party_set set = members(mask);
        for (std::int64_t at = -4; at <= 9; ++at) {
            const std::vector<bigint> lambda = lagrange(set, delta, at);
            bigint sum;
            std::size_t k = 0;
            for (const party_id i : set) sum += lambda[k++] * f(i.index());
            REQUIRE(sum == delta * f(at));
        }
    }
}

TEST_CASE("lagrange: at a member's own point the coefficients are delta and zeros", "[integer]") {
    const party_set set = members(0b110101);
    std::size_t k = 0;
    for (const party_id i : set) {
        const auto lambda = lagrange(set, factorial(6), i.index());
        for (std::size_t j = 0; j < lambda.size(); ++j)
            REQUIRE(lambda[j] == (j == k ? factorial(6) : bigint(0)));
        ++k;
    }
}

// By hand: 120 * 20/6, 120 * 10/(-2), 120 * 8/3; they sum to delta, as for the constant polynomial.
TEST_CASE("lagrange: a worked example", "[integer]") {
    const std::vector<bigint> expected{400, -600, 320};
    REQUIRE(lagrange(members(0b11010), 120) == expected);
    REQUIRE(lagrange(members(0b1), 1) == std::vector<bigint>{1});
}

TEST_CASE("lagrange: l! clears the denominators of every set up to ten parties, at any point", "[integer]") {
    for (std::uint32_t mask = 1; mask < 1024; ++mask) {
        bigint sum;
        for (const bigint& one :
             lagrange(members(mask), factorial(10), static_cast<std::int64_t>(mask) - 500))
            sum += one;
        REQUIRE(sum == factorial(10)); // f = 1
    }
}

TEST_CASE("factorial: small values and one computed with Python", "[integer]") {
    REQUIRE(factorial(0) == 1);
    REQUIRE(factorial(1) == 1);
    REQUIRE(factorial(5) == 120);
    REQUIRE(factorial(30).to_decimal() == "265252859812191058636308480000000");
    REQUIRE(factorial(64).bit_length() == 296);
}
