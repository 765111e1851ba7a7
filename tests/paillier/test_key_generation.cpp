#include "support/toy.hpp"

#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/paillier/encryptor.hpp>
#include <veilsum/paillier/key_generation.hpp>

using namespace veilsum;
using namespace veilsum::paillier;
using test::seeded_random;
using toy = test::toy_scheme<1>;

TEST_CASE("key generation: a fresh key encrypts and decrypts", "[paillier]") {
    seeded_random rng(80);
    std::uint64_t reports = 0;
    const auto made =
        generate_key<test::toy_scheme<2>>(rng, [&](std::uint64_t, std::uint64_t) { ++reports; });
    REQUIRE(made.has_value());
    CHECK(reports > 0);
    CHECK(made->public_half.n().bit_length() == 512);
    CHECK(made->private_half.public_half() == made->public_half);
    std::vector<bigint> values{bigint(-12345), made->public_half.plaintexts().largest()};
    const auto sealed =
        encryptor<test::toy_scheme<2>>(made->public_half).encrypt(plaintext_vector(std::move(values)), rng);
    const auto opened = made->private_half.decrypt(sealed->ciphertexts);
    REQUIRE(opened.has_value());
    CHECK(opened->expose()[0] == -12345);
    CHECK(opened->expose()[1] == made->public_half.plaintexts().largest());
}

TEST_CASE("key generation: safe primes on demand, a square as root, a new key each time", "[paillier]") {
    seeded_random rng(81);
    const auto made = generate_key<test::tiny_scheme<1>, true>(rng);
    REQUIRE(made.has_value());
    for (const bigint* prime :
         {&made->private_half.primes().p.expose(), &made->private_half.primes().q.expose()}) {
        CHECK(is_probable_prime(*prime, 32));
        CHECK(is_probable_prime(*prime >> 1, 32));
        // A square modulo each prime: Euler's criterion.
        CHECK(power_vartime(made->public_half.root(), *prime >> 1, *prime) == 1);
    }
    const auto another = generate_key<test::tiny_scheme<1>, true>(rng);
    CHECK(another->public_half.n() != made->public_half.n());
    // The same primes, another root: another key.
    const auto again = make_public_key<test::tiny_scheme<1>>(made->private_half.primes(), rng);
    REQUIRE(again.has_value());
    CHECK(again->n() == made->public_half.n());
    CHECK_FALSE(*again == made->public_half);
}

TEST_CASE("key generation: a pair of the wrong size gives no key", "[paillier]") {
    seeded_random rng(82);
    const integer::prime_pair pair = test::fixed_prime_pair<256>();
    const auto made = make_public_key<toy>(pair, rng);
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().what == "bit length of the modulus");
    CHECK(made.error().check == 1);
}
