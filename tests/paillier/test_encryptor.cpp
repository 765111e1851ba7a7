#include "support/toy.hpp"

#include "paillier/known_answers.hpp"
#include "support/catch.hpp"
#include "support/ends_process.hpp"
#include "support/naive_paillier.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/hash/sha2.hpp>
#include <veilsum/paillier/encryptor.hpp>

using namespace veilsum;
using namespace veilsum::paillier;
using test::fixed_private_key;
using test::fixed_public_key;
using test::seeded_random;
using toy = test::toy_scheme<1>;

namespace {

plaintext_vector plain(std::vector<bigint> values) {
    return plaintext_vector(std::move(values));
}
secret<std::vector<bigint>> hidden(std::vector<bigint> values) {
    return secret<std::vector<bigint>>(std::move(values));
}
std::vector<bigint> copy(const std::vector<bigint>& values) {
    return values;
}

// Zero, small, and the edges of the plaintext space.
template <class Scheme>
std::vector<bigint> edges(const public_key<Scheme>& key) {
    const bigint largest = key.plaintexts().largest();
    return {bigint(0), bigint(1), bigint(-1),  bigint(123456789),
            largest,   -largest,  largest - 1, bigint(1) - largest};
}

template <class Scheme, class Policy>
void check_round_trip() {
    CAPTURE(Scheme::modulus_bits, Scheme::degree, Policy::name);
    seeded_random rng(30 + Scheme::degree);
    const auto& key = fixed_public_key<Scheme>();
    const encryptor<Scheme, Policy> encrypt_for(key);
    const std::vector<bigint> values = edges(key);
    const auto sealed = encrypt_for.encrypt(plain(copy(values)), rng);
    REQUIRE(sealed.has_value());
    REQUIRE(sealed->ciphertexts.size() == values.size());

    const auto opened = fixed_private_key<Scheme>().decrypt(sealed->ciphertexts);
    REQUIRE(opened.has_value());
    CHECK(opened->expose() == values);

    // The definition, and the textbook's own decryption.
    const test::naive_paillier reference{test::naive(key.n()), Scheme::degree};
    const auto primes = test::fixed_prime_pair<Scheme::modulus_bits>();
    for (std::size_t k = 0; k < values.size(); ++k) {
        const bigint& alpha = sealed->exponents.expose()[k];
        CHECK(alpha.bit_length() <= Policy::template bits<Scheme::modulus_bits>);
        const bigint c = sealed->ciphertexts[k];
        CHECK(c == test::library(reference.encrypt_with_base(test::naive(values[k]), test::naive(key.root()),
                                                             test::naive(alpha))));
        CHECK(values[k] ==
              test::library(reference.decrypt_signed(test::naive(c), test::naive(primes.p.expose()),
                                                     test::naive(primes.q.expose()))));
    }
}

bigint vector_exponent(int index, std::size_t bits) {
    const auto digest = hash::sha512(as_bytes("veilsum exponent " + std::to_string(index)));
    return bigint::from_bytes(digest) >> (512 - bits);
}

template <class Scheme>
void check_computed(const test::computed_case& expected) {
    CAPTURE(Scheme::modulus_bits, Scheme::degree);
    REQUIRE(Scheme::modulus_bits == expected.modulus_bits);
    REQUIRE(Scheme::degree == expected.degree);
    const auto& key = fixed_public_key<Scheme>();
    const encryptor<Scheme> encrypt_for(key);
    constexpr std::size_t bits = encryptor<Scheme>::exponent_bits;
    CHECK(to_hex(key.id()) == expected.key_id);
    const auto made = encrypt_for.encrypt_with(
        plain({*bigint::from_decimal("12345678901234567890"), -key.plaintexts().largest()}),
        hidden({vector_exponent(0, bits), vector_exponent(1, bits)}));
    REQUIRE(made.has_value());
    for (std::size_t k = 0; k < 2; ++k)
        CHECK(to_hex(hash::sha256(made->slice(k, 1).serialize())) == expected.ciphertexts[k]);
}

} // namespace

TEST_CASE("encryptor: the textbook reference gives python-paillier's published ciphertext", "[paillier]") {
    const auto& answer = test::published_python_paillier;
    const auto number = [](std::string_view hex) { return test::naive(*bigint::from_hex(hex)); };
    const test::naive_paillier reference{number(answer.p) * number(answer.q), 1};
    CHECK(test::library(reference.n) == 126869);
    CHECK(test::library(reference.encrypt(number(answer.message), number(answer.r))) == 935906717);
    CHECK(test::library(reference.decrypt(number(answer.ciphertext), number(answer.p), number(answer.q))) ==
          10100);
}

TEST_CASE("encryptor: every policy and degree, against the definition", "[paillier]") {
    check_round_trip<test::toy_scheme<1>, short_exponent>();
    check_round_trip<test::toy_scheme<1>, half_length>();
    check_round_trip<test::toy_scheme<1>, uniform>();
    check_round_trip<test::toy_scheme<2>, short_exponent>();
    check_round_trip<test::toy_scheme<3>, short_exponent>();
    check_round_trip<test::tiny_scheme<1>, short_exponent>();
}

TEST_CASE("encryptor: fixed vectors of another implementation", "[paillier]") {
    check_computed<test::toy_scheme<1>>(test::computed_cases[0]);
    check_computed<test::toy_scheme<2>>(test::computed_cases[1]);
    check_computed<test::toy_scheme<3>>(test::computed_cases[2]);
}

TEST_CASE("encryptor: exponent lengths of the policies", "[paillier]") {
    CHECK(short_exponent::bits<2048> == 448);
    CHECK(short_exponent::bits<3072> == 512);
    CHECK(short_exponent::bits<4096> == 640);
    CHECK(half_length::bits<3072> == 1536);
    CHECK(uniform::bits<3072> == 3200);
    CHECK(encryptor<toy, uniform>::exponent_bits == 640);
    CHECK(encryptor<toy>(fixed_public_key<toy>()).table_bits() == 256 + 272);
    CHECK(encryptor<toy>(fixed_public_key<toy>()).table_size_bytes() >= 528 * toy::ciphertext_bytes);
    CHECK(test::ends_process([] { encryptor<toy> too_short(fixed_public_key<toy>(), 255); }));
}

TEST_CASE("encryptor: exponents fill their range and never repeat", "[paillier]") {
    seeded_random rng(31);
    const encryptor<toy> encrypt_for(fixed_public_key<toy>());
    const auto sealed = encrypt_for.encrypt(plain(std::vector<bigint>(64, bigint(7))), rng);
    std::vector<bigint> exponents = copy(sealed->exponents.expose());
    bigint any(0);
    for (const bigint& exponent : exponents) mpz_ior(any.get(), any.get(), exponent.get());
    CHECK(any == (bigint(1) << 256) - 1);
    std::sort(exponents.begin(), exponents.end());
    CHECK(std::adjacent_find(exponents.begin(), exponents.end()) == exponents.end());
    // Equal plaintexts, different ciphertexts.
    CHECK_FALSE(sealed->ciphertexts.slice(0, 1) == sealed->ciphertexts.slice(1, 1));
}

TEST_CASE("encryptor: what does not fit is refused by position, never wrapped", "[paillier]") {
    seeded_random rng(32);
    const auto& key = fixed_public_key<toy>();
    const encryptor<toy> encrypt_for(key);
    const bigint largest = key.plaintexts().largest();
    for (const bigint& bad : {largest + 1, -largest - 1, key.n(), -key.n(), key.n() + 5, bigint(1) << 5000}) {
        const auto made = encrypt_for.encrypt(plain({bigint(1), bigint(2), bigint(3), bad, bad}), rng);
        REQUIRE_FALSE(made.has_value());
        CHECK(made.error().code == errc::overflow);
        CHECK(made.error().what == "plaintext");
        CHECK(made.error().place == "plaintext 3");
    }
    const auto none = encrypt_for.encrypt(plain({}), rng);
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().code == errc::missing);
}

TEST_CASE("encryptor: given exponents are checked", "[paillier]") {
    const encryptor<toy> encrypt_for(fixed_public_key<toy>());
    const auto attempt = [&](std::vector<bigint> exponents) {
        return encrypt_for.encrypt_with(plain({bigint(1), bigint(2)}), hidden(std::move(exponents)));
    };
    CHECK(attempt({bigint(0), (bigint(1) << 256) - 1}).has_value());
    CHECK(attempt({bigint(0)}).error().what == "number of exponents");
    CHECK(attempt({bigint(0), bigint(1), bigint(2)}).error().code == errc::mismatch);
    for (const bigint& bad : {bigint(-1), bigint(1) << 256}) {
        const auto made = attempt({bigint(5), bad});
        REQUIRE_FALSE(made.has_value());
        CHECK(made.error().code == errc::out_of_range);
        CHECK(made.error().what == "exponent");
        CHECK(made.error().place == "exponent 1");
    }
}

TEST_CASE("encryptor: announcements take any message and exponents up to the table", "[paillier]") {
    const auto check = [](const auto& key) {
        using scheme_type = typename std::decay_t<decltype(key)>::scheme;
        const encryptor<scheme_type> encrypt_for(key, 700);
        const bigint longest = (bigint(1) << 700) - 1;
        const std::vector<bigint> messages{bigint(5), key.n_to_s() + 5, -key.n_to_s() * 3 + 5,
                                           bigint(1) << 4000};
        const std::vector<bigint> exponents{bigint(0), longest, bigint(77), longest - 1};
        const auto made = encrypt_for.commit(plain(copy(messages)), hidden(copy(exponents)));
        REQUIRE(made.has_value());
        for (std::size_t k = 0; k < messages.size(); ++k)
            CHECK((*made)[k] == power_vartime(key.n() + 1, messages[k] % key.n_to_s(), key.modulus()) *
                                    power_vartime(key.residue_base(), exponents[k], key.modulus()) %
                                    key.modulus());
        CHECK(encrypt_for.residue_power_vartime(longest) ==
              power_vartime(key.residue_base(), longest, key.modulus()));
        const auto beyond = encrypt_for.commit(plain({bigint(1)}), hidden({longest + 1}));
        REQUIRE_FALSE(beyond.has_value());
        CHECK(beyond.error().place == "exponent 0");
    };
    check(fixed_public_key<test::toy_scheme<1>>());
    check(fixed_public_key<test::toy_scheme<2>>());
}

TEST_CASE("encryptor: rerandomised ciphertexts are new and open to the same", "[paillier]") {
    seeded_random rng(33);
    const auto& key = fixed_public_key<toy>();
    const encryptor<toy> encrypt_for(key);
    const std::vector<bigint> values = edges(key);
    const auto sealed = encrypt_for.encrypt(plain(copy(values)), rng);
    const auto fresh = encrypt_for.rerandomise(sealed->ciphertexts, rng);
    REQUIRE(fresh.has_value());
    for (std::size_t k = 0; k < values.size(); ++k) CHECK((*fresh)[k] != sealed->ciphertexts[k]);
    CHECK(fixed_private_key<toy>().decrypt(*fresh)->expose() == values);
    const encryptor<toy> for_another(fixed_public_key<toy, 1>());
    CHECK(for_another.rerandomise(sealed->ciphertexts, rng).error().code == errc::wrong_key);
}
