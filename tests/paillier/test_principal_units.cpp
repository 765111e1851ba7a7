#include "support/catch.hpp"
#include "support/naive_modular.hpp"
#include "support/naive_paillier.hpp"
#include "support/toy.hpp"

#include <veilsum/paillier/principal_units.hpp>

using namespace veilsum;
using namespace veilsum::paillier;
using tests::any_below;
using tests::seeded_random;

namespace {

bigint power_of(const bigint& base, std::size_t exponent) {
    bigint out(1);
    for (std::size_t k = 0; k < exponent; ++k) out *= base;
    return out;
}

// (1+n)^x and its logarithm modulo b^(s+1), against mpz_powm.
void check_group(const bigint& b, const bigint& n, std::size_t degree, seeded_random& rng) {
    const principal_units group(b, n, degree);
    const bigint order = power_of(b, degree);
    const bigint modulus = order * b;
    CHECK(group.order().to_integer() == order);
    CHECK(group.modulus().to_integer() == modulus);
    std::vector<bigint> exponents{bigint(0), bigint(1), bigint(2), order - 1, order >> 1, b, order / b};
    for (int i = 0; i < 3; ++i) exponents.push_back(any_below(rng, order));
    for (const bigint& x : exponents) {
        const padded_integer exponent(x % order, group.order().size());
        const bigint expected = power_vartime(n + 1, x % order, modulus);
        CHECK(group.power(exponent).to_integer() == expected);
        const auto log = group.log(padded_integer(expected, group.modulus().size()));
        CHECK(log.in_group == ~limb{0});
        CHECK(log.exponent.to_integer() == x % order);
    }
    for (const bigint& outside : {bigint(0), bigint(2), b, b + 2, modulus - 1, modulus - b})
        CHECK(group.log(padded_integer(outside, group.modulus().size())).in_group == 0);
}

} // namespace

TEST_CASE("principal units: (1+n)^x and its logarithm modulo powers of n, p and q", "[paillier]") {
    seeded_random rng(4);
    const integer::prime_pair primes = test::fixed_prime_pair<256>();
    const bigint p = primes.p.expose(), q = primes.q.expose(), n = p * q;
    for (std::size_t degree = 1; degree <= 3; ++degree) {
        check_group(n, n, degree, rng);
        check_group(p, n, degree, rng);
        check_group(q, n, degree, rng);
    }
}

TEST_CASE("principal units: every element of a tiny group", "[paillier]") {
    // n = 11 * 17, s = 2: 187^2 elements are too many for each test run, those of 11^2 and 17^2 are not.
    const bigint n(187);
    for (const int prime : {11, 17}) {
        const principal_units group(prime, n, 2);
        const bigint order = prime * prime, modulus = order * prime;
        bigint expected(1);
        for (bigint x(0); x < order; ++x) {
            CHECK(group.power(padded_integer(x, 1)).to_integer() == expected);
            CHECK(group.log(padded_integer(expected, 1)).exponent.to_integer() == x);
            expected = expected * (n + 1) % modulus;
        }
        CHECK(expected == 1);
    }
}

TEST_CASE("principal units: the series give what the paper's digit by digit logarithm gives", "[paillier]") {
    seeded_random rng(5);
    const integer::prime_pair primes = test::fixed_prime_pair<512>();
    const bigint n = primes.p.expose() * primes.q.expose();
    for (std::size_t degree = 1; degree <= 3; ++degree) {
        const test::naive_paillier reference{test::naive(n), degree};
        const principal_units group(n, n, degree);
        const bigint modulus = power_of(n, degree + 1);
        for (int i = 0; i < 5; ++i) {
            // Any element of the group, not one that `power` made.
            const bigint u = (any_below(rng, power_of(n, degree)) * n + 1) % modulus;
            CHECK(group.log(padded_integer(u, group.modulus().size())).exponent.to_integer() ==
                  test::library(reference.logarithm(test::naive(u))));
        }
    }
}
