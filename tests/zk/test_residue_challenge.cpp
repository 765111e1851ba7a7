// Challenges that are residues, and powers by whoever knows the factors.
#include "support/toy.hpp"

#include "support/catch.hpp"
#include "support/key_context.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/zk/factor_powers.hpp>
#include <veilsum/zk/residue_challenge.hpp>

#include <cstddef>
#include <vector>

using namespace veilsum;
using integer::bigint;
using tests::seeded_random;

TEST_CASE("residue challenge: the numbers of the specification", "[zk]") {
    const bigint n = test::fixed_public_key<test::toy_scheme<1>>().n();
    auto script = test::key_script(), by_hand = test::key_script();
    const auto residues = zk::challenge_residues(script, "label", n, 3);
    const auto seed = by_hand.challenge("label");
    CHECK(script == by_hand); // drawing changes the transcript as any challenge does
    for (std::uint32_t i = 0; i < 3; ++i) {
        bytes stream;
        for (std::uint32_t j = 0; j < 2; ++j) { // 64 + 16 bytes are two blocks
            const auto block = transcript::expand(seed, 2 * i + j);
            stream.insert(stream.end(), block.begin(), block.end());
        }
        stream.resize(80);
        CHECK(residues[i] == bigint::from_bytes(stream) % n);
    }
}

TEST_CASE("residue challenge: residues are in range, uniform and independent of their number", "[zk]") {
    auto script = test::key_script();
    const auto many = zk::challenge_residues(script, "label", 5, 4000);
    std::vector<double> seen(5);
    for (const bigint& residue : many) ++seen.at(static_cast<std::size_t>(*residue.to_int64()));
    double distance = 0; // chi-squared with 4 degrees of freedom
    for (const double count : seen) distance += (count - 800) * (count - 800) / 800;
    CHECK(distance < 30);
    auto again = test::key_script();
    const auto few = zk::challenge_residues(again, "label", 5, 7);
    CHECK(std::vector<bigint>(many.begin(), many.begin() + 7) == few);
    auto other = test::key_script();
    CHECK(zk::challenge_residues(other, "lebal", 5, 40) !=
          std::vector<bigint>(many.begin(), many.begin() + 40));
}

TEST_CASE("residue challenge: one non-unit is found among units", "[zk]") {
    CHECK(zk::all_units(std::vector<bigint>{1, 2, 4, 14}, 15));
    CHECK_FALSE(zk::all_units(std::vector<bigint>{1, 2, 5, 14}, 15));
    CHECK_FALSE(zk::all_units(std::vector<bigint>{1, 0}, 15));
    CHECK(zk::all_units({}, 15));
}

TEST_CASE("factor powers: the powers that plain arithmetic gives", "[zk]") {
    const auto primes = test::fixed_prime_pair<512>();
    const bigint n = primes.p.expose() * primes.q.expose();
    const auto owner = zk::factor_powers<512>::create(primes, n);
    REQUIRE(owner);
    seeded_random rng(1);
    const bigint d = integer::random_bits(700, rng);
    std::vector<bigint> bases{0, 1, n - 1, primes.p.expose()};
    for (int i = 0; i < 4; ++i) bases.push_back(integer::random_below(n, rng));
    const auto powers = owner->power(
        bases, {secret<bigint>(d % (primes.p.expose() - 1)), secret<bigint>(d % (primes.q.expose() - 1))});
    for (std::size_t i = 0; i < bases.size(); ++i) CHECK(powers[i] == power_vartime(bases[i], d, n));
    CHECK(owner->power({}, {secret<bigint>(1), secret<bigint>(1)}).empty());
}

TEST_CASE("factor powers: primes that do not belong to the modulus are refused", "[zk]") {
    const auto make = [](bigint p, bigint q, const bigint& n) {
        return zk::factor_powers<512>::create({secret(std::move(p)), secret(std::move(q))}, n);
    };
    const auto primes = test::fixed_prime_pair<512>();
    const bigint p = primes.p.expose(), q = primes.q.expose();
    test::check_refused(make(p >> 1, q, p * q), errc::out_of_range, "size of a prime", 1);
    test::check_refused(make(p, q << 1, p * q), errc::out_of_range, "size of a prime", 1);
    test::check_refused(make(-p, -q, p * q), errc::out_of_range, "size of a prime", 1);
    test::check_refused(make(p, q, p * q + 1), errc::mismatch, "modulus of the key", 2);
    test::check_refused(make(p, p, p * p), errc::bad_parameter, "primes of the modulus", 3);
    test::check_refused(make(p + 1, q, (p + 1) * q), errc::bad_parameter, "primes of the modulus", 3);
}
