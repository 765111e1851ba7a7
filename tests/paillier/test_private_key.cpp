#include "support/toy.hpp"

#include "paillier/known_answers.hpp"
#include "support/catch.hpp"
#include "support/naive_modular.hpp"
#include "support/naive_paillier.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/paillier/encryptor.hpp>
#include <veilsum/paillier/private_key.hpp>

using namespace veilsum;
using namespace veilsum::paillier;
using test::fixed_prime_pair;
using test::fixed_private_key;
using test::fixed_public_key;
using test::seeded_random;
using toy = test::toy_scheme<1>;
using key_type = private_key<toy>;

namespace {

// Reaches into a key to break it, as a fault would. The language lets an explicit instantiation name a
// private member, so that the library needs no door for tests.
template <class Tag, typename Tag::type Member>
struct reach {
    friend typename Tag::type member_of(Tag) { return Member; }
};
struct halves {
    using type = std::vector<prime_half<toy>> private_key<toy>::*;
    friend type member_of(halves);
};
template struct reach<halves, &private_key<toy>::halves_>;
struct inverse {
    using type = padded_integer prime_half<toy>::*;
    friend type member_of(inverse);
};
template struct reach<inverse, &prime_half<toy>::inverse_>;
struct exponent {
    using type = secret<bigint> prime_half<toy>::*;
    friend type member_of(exponent);
};
template struct reach<exponent, &prime_half<toy>::exponent_>;

integer::prime_pair pair_of(bigint p, bigint q) {
    return {secret(std::move(p)), secret(std::move(q))};
}
plaintext_vector plain(const std::vector<bigint>& values) {
    std::vector<bigint> copy = values;
    return plaintext_vector(std::move(copy));
}
template <class Result>
void refused(const Result& made, errc code, std::string_view what, std::uint32_t check) {
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().code == code);
    CHECK(made.error().what == what);
    CHECK(made.error().check == check);
}

// Any units are ciphertexts: what do they open to, here and by the textbook?
template <class Scheme>
void check_any_units() {
    CAPTURE(Scheme::modulus_bits, Scheme::degree);
    seeded_random rng(50 + Scheme::degree);
    const auto& key = fixed_public_key<Scheme>();
    const auto primes = fixed_prime_pair<Scheme::modulus_bits>();
    const test::naive_paillier reference{test::naive(key.n()), Scheme::degree};
    std::vector<bigint> units{bigint(1), key.modulus() - 1, bigint(2), key.n() + 1};
    for (int i = 0; i < 4; ++i) units.push_back(tests::any_below(rng, key.modulus()));
    auto residues = key.arithmetic().make(units.size());
    for (std::size_t k = 0; k < units.size(); ++k) key.arithmetic().set(residues, k, units[k]);
    const auto opened = fixed_private_key<Scheme>().decrypt(
        ciphertext_vector<Scheme>::from_residues(key, std::move(residues)));
    REQUIRE(opened.has_value());
    for (std::size_t k = 0; k < units.size(); ++k)
        CHECK(opened->expose()[k] ==
              test::library(reference.decrypt_signed(test::naive(units[k]), test::naive(primes.p.expose()),
                                                     test::naive(primes.q.expose()))));
}

template <class Scheme>
void check_faults() {
    CAPTURE(Scheme::modulus_bits, Scheme::degree);
    seeded_random rng(60 + Scheme::degree);
    const auto& key = fixed_public_key<Scheme>();
    const auto& owner = fixed_private_key<Scheme>();
    const auto primes = fixed_prime_pair<Scheme::modulus_bits>();
    const encryptor<Scheme> encrypt_for(key);
    const std::vector<bigint> values{bigint(3), bigint(-4), key.plaintexts().largest(), bigint(0)};
    const auto sealed = encrypt_for.encrypt(plain(values), rng)->ciphertexts;
    REQUIRE(owner.check(sealed, plain(values)).has_value());

    const auto check = [&](std::size_t at, const bigint& wrong) {
        std::vector<bigint> faulty = values;
        faulty[at] = key.plaintexts().centre(wrong % key.n_to_s());
        REQUIRE(faulty[at] != values[at]);
        refused(owner.check(sealed, plain(faulty)), errc::mismatch, "decryption", 0);
    };
    for (std::size_t at = 0; at < values.size(); ++at) {
        bigint p_to_s(1), q_to_s(1);
        for (std::size_t k = 0; k < Scheme::degree; ++k) {
            p_to_s *= primes.p.expose();
            q_to_s *= primes.q.expose();
        }
        // Right modulo one prime power, wrong modulo the other: what a fault in one half makes.
        check(at, values[at] + q_to_s);
        check(at, values[at] - p_to_s * 12345);
        // Wrong in the highest digit only: invisible to a check modulo a lower power.
        check(at, values[at] + q_to_s * (p_to_s / primes.p.expose()));
        check(at, values[at] + 1);
        if (!values[at].is_zero()) check(at, -values[at]);
    }
    // Two that swap places, and errors that cancel without weights.
    refused(owner.check(sealed, plain({values[1], values[0], values[2], values[3]})), errc::mismatch,
            "decryption", 0);
    refused(owner.check(sealed, plain({values[0] + 1, values[1] - 1, values[2], values[3]})), errc::mismatch,
            "decryption", 0);
}

} // namespace

TEST_CASE("private key: a published ciphertext of another implementation, 2048 bits", "[paillier]") {
    using real = scheme<2048>;
    const auto& answer = test::published_milagro;
    const auto number = [](std::string_view hex) { return *bigint::from_hex(hex); };
    const bigint p = number(answer.p), q = number(answer.q);
    const auto key = public_key<real>::create(p * q, 4);
    REQUIRE(key.has_value());
    const auto owner = private_key<real>::create(*key, pair_of(p, q));
    REQUIRE(owner.has_value());
    const test::naive_paillier reference{test::naive(key->n()), 1};
    CHECK(test::library(reference.encrypt(test::naive(number(answer.message)),
                                          test::naive(number(answer.r)))) == number(answer.ciphertext));
    const auto sealed =
        ciphertext_vector<real>::parse(*key, number(answer.ciphertext).to_bytes(real::ciphertext_bytes), 1);
    REQUIRE(sealed.has_value());
    const auto opened = owner->decrypt(*sealed);
    REQUIRE(opened.has_value());
    CHECK(opened->expose()[0] == number(answer.message));
}

TEST_CASE("private key: 2048 bits, encrypted here, with the fixed vectors of another implementation",
          "[paillier]") {
    using real = scheme<2048>;
    const auto& expected = test::computed_cases[3];
    REQUIRE(expected.modulus_bits == 2048);
    const auto& key = fixed_public_key<real>();
    CHECK(to_hex(key.id()) == expected.key_id);
    std::vector<bigint> exponents;
    for (const std::string_view label : {"veilsum exponent 0", "veilsum exponent 1"})
        exponents.push_back(bigint::from_bytes(hash::sha512(as_bytes(label))) >> (512 - 448));
    const std::vector<bigint> values{*bigint::from_decimal("12345678901234567890"),
                                     -key.plaintexts().largest()};
    const auto sealed =
        encryptor<real>(key).encrypt_with(plain(values), secret<std::vector<bigint>>(std::move(exponents)));
    REQUIRE(sealed.has_value());
    for (std::size_t k = 0; k < 2; ++k)
        CHECK(to_hex(hash::sha256(sealed->slice(k, 1).serialize())) == expected.ciphertexts[k]);
    CHECK(fixed_private_key<real>().decrypt(*sealed)->expose() == values);
    CHECK(fixed_private_key<real>().decrypt(sealed->slice(1, 1))->expose() == std::vector<bigint>{values[1]});
}

TEST_CASE("private key: every unit opens to what the textbook says", "[paillier]") {
    check_any_units<test::toy_scheme<1>>();
    check_any_units<test::toy_scheme<2>>();
    check_any_units<test::toy_scheme<3>>();
    check_any_units<test::tiny_scheme<1>>();
}

TEST_CASE("private key: results that a fault would make do not pass the check", "[paillier]") {
    check_faults<test::toy_scheme<1>>();
    check_faults<test::toy_scheme<2>>();
}

TEST_CASE("private key: decrypt check 2, what is not a unit fails Fermat's check", "[paillier]") {
    // Only `parse` keeps non-units out of a ciphertext_vector; this one was smuggled past it.
    const auto& key = fixed_public_key<toy>();
    for (const bigint& bad :
         {fixed_prime_pair<512>().p.expose(), fixed_prime_pair<512>().q.expose() * 6, bigint(0)}) {
        auto residues = key.arithmetic().make(2);
        key.arithmetic().set(residues, 1, bad);
        refused(
            fixed_private_key<toy>().decrypt(ciphertext_vector<toy>::from_residues(key, std::move(residues))),
            errc::mismatch, "decryption", 2);
    }
}

TEST_CASE("private key: a fault in one half lets nothing out", "[paillier]") {
    seeded_random rng(74);
    const auto& key = fixed_public_key<toy>();
    const std::vector<bigint> values{bigint(17), -key.plaintexts().largest(), bigint(0)};
    const auto sealed = encryptor<toy>(key).encrypt(plain(values), rng)->ciphertexts;
    for (const std::size_t half : {std::size_t{0}, std::size_t{1}}) {
        auto owner = *key_type::create(key, fixed_prime_pair<512>());
        prime_half<toy>& broken = (owner.*member_of(halves{}))[half];
        // One bit in the constant after the logarithm: Fermat's check holds, the batch check does not.
        (broken.*member_of(inverse{})).data()[1] ^= 4;
        refused(owner.decrypt(sealed), errc::mismatch, "decryption", 3);
        refused(owner.decrypt(sealed.slice(0, 1)), errc::mismatch, "decryption", 3);
        (broken.*member_of(inverse{})).data()[1] ^= 4;
        REQUIRE(owner.decrypt(sealed).has_value());
        // One bit in the exponent.
        mpz_combit((broken.*member_of(exponent{})).expose().get(), 100);
        refused(owner.decrypt(sealed), errc::mismatch, "decryption", 2);
    }
}

TEST_CASE("private key: check wants plaintexts of these ciphertexts, in range", "[paillier]") {
    seeded_random rng(70);
    const auto& key = fixed_public_key<toy>();
    const auto& owner = fixed_private_key<toy>();
    const auto sealed = encryptor<toy>(key).encrypt(plain({bigint(1), bigint(2)}), rng)->ciphertexts;
    refused(owner.check(sealed, plain({bigint(1)})), errc::mismatch, "number of plaintexts", 0);
    // The same residue, not the plaintext.
    const auto outside = owner.check(sealed, plain({bigint(1), key.n() + 2}));
    refused(outside, errc::out_of_range, "plaintext", 0);
    CHECK(outside.error().place == "plaintext 1");
    const auto& other = fixed_private_key<toy, 1>();
    refused(other.check(sealed, plain({bigint(1), bigint(2)})), errc::wrong_key, "ciphertexts", 0);
    refused(other.decrypt(sealed), errc::wrong_key, "ciphertexts", 1);
}

TEST_CASE("private key: the same bits whatever the batch", "[paillier]") {
    seeded_random rng(71);
    const auto& key = fixed_public_key<toy>();
    std::vector<bigint> values;
    for (int i = 0; i < 23; ++i)
        values.push_back(tests::any_below(rng, key.n()) - key.plaintexts().largest());
    const auto sealed = encryptor<toy>(key).encrypt(plain(values), rng)->ciphertexts;
    CHECK(fixed_private_key<toy>().decrypt(sealed)->expose() == values);
    for (std::size_t k = 0; k < values.size(); k += 5)
        CHECK(fixed_private_key<toy>().decrypt(sealed.slice(k, 1))->expose()[0] == values[k]);
}

TEST_CASE("private key: create refuses what does not belong together", "[paillier]") {
    seeded_random rng(72);
    const auto& key = fixed_public_key<toy>();
    const bigint p = fixed_prime_pair<512>().p.expose(), q = fixed_prime_pair<512>().q.expose();
    refused(key_type::create(key, pair_of(p, *integer::generate_prime(255, rng))), errc::out_of_range,
            "size of a prime", 1);
    refused(key_type::create(key, pair_of(p * 2, q)), errc::out_of_range, "size of a prime", 1);
    refused(key_type::create(key, pair_of(-p, -q)), errc::out_of_range, "size of a prime", 1);
    refused(key_type::create(key, pair_of(1, key.n())), errc::out_of_range, "size of a prime", 1);
    refused(key_type::create(key, pair_of(p, p)), errc::bad_parameter, "equal primes", 2);
    refused(key_type::create(key, pair_of(p, q + 2)), errc::bad_parameter, "primality", 3);
    refused(key_type::create(key, pair_of(p + 2, q)), errc::bad_parameter, "primality", 3);
    refused(key_type::create(fixed_public_key<toy, 1>(), pair_of(p, q)), errc::mismatch, "modulus of the key",
            4);
    const auto swapped = key_type::create(key, pair_of(q, p));
    REQUIRE(swapped.has_value());
    CHECK(swapped->primes().p.expose() < swapped->primes().q.expose());
    CHECK(equal(swapped->serialize().expose(), fixed_private_key<toy>().serialize().expose()));
}

TEST_CASE("private key: plain primes serve as well as safe ones", "[paillier]") {
    seeded_random rng(73);
    const bigint p = *integer::generate_prime(256, rng), q = *integer::generate_prime(256, rng);
    REQUIRE_FALSE(is_probable_prime(p >> 1, 32));
    const auto key = public_key<toy>::create(p * q, 9);
    REQUIRE(key.has_value());
    const auto owner = key_type::create(*key, pair_of(p, q));
    REQUIRE(owner.has_value());
    const std::vector<bigint> values{bigint(-1), key->plaintexts().largest()};
    const auto sealed = encryptor<toy, uniform>(*key).encrypt(plain(values), rng);
    CHECK(owner->decrypt(sealed->ciphertexts)->expose() == values);
}

TEST_CASE("private key: bytes come back as the same key", "[paillier]") {
    const auto check = [](const auto& owner) {
        using type = std::decay_t<decltype(owner)>;
        const auto data = owner.serialize();
        CHECK(data.expose().size() == 12 + 3 + 2 * type::scheme::modulus_bytes);
        const auto again = type::parse(data.expose());
        REQUIRE(again.has_value());
        CHECK(again->public_half() == owner.public_half());
        CHECK(again->serialize().expose() == data.expose());
    };
    check(fixed_private_key<test::toy_scheme<1>>());
    check(fixed_private_key<test::toy_scheme<2>>());
}

TEST_CASE("private key: hostile bytes are refused, each by its own check", "[paillier]") {
    const auto& owner = fixed_private_key<toy>();
    const auto data = owner.serialize();
    const bytes& good = data.expose();
    const std::size_t body = 12, root_at = body + 3, p_at = root_at + 64, q_at = p_at + 32;
    const auto changed = [&](std::size_t at, std::uint8_t mask) {
        bytes copy = good;
        copy[at] = static_cast<std::uint8_t>(copy[at] ^ mask);
        return key_type::parse(copy);
    };
    const auto expect = [](const result<key_type>& parsed, errc code, std::string_view what) {
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error().code == code);
        CHECK(parsed.error().what == what);
    };
    for (std::size_t size = 0; size < good.size(); ++size)
        CHECK_FALSE(key_type::parse(byte_view(good).first(size)).has_value());
    bytes longer = good;
    longer.push_back(0);
    expect(key_type::parse(longer), errc::malformed, "trailing bytes");
    expect(key_type::parse(owner.public_half().serialize()), errc::mismatch, "frame type");
    expect(changed(7, 3), errc::unsupported, "frame version");
    expect(changed(body, 4), errc::mismatch, "modulus size of the private key");
    expect(changed(body + 2, 3), errc::mismatch, "degree of the private key");
    // The second encoding of the same key: q before p.
    bytes swapped = good;
    std::swap_ranges(swapped.begin() + static_cast<std::ptrdiff_t>(p_at),
                     swapped.begin() + static_cast<std::ptrdiff_t>(q_at),
                     swapped.begin() + static_cast<std::ptrdiff_t>(q_at));
    expect(key_type::parse(swapped), errc::malformed, "order of the primes");
    expect(changed(p_at + 31, 1), errc::bad_parameter, "parity of the modulus");
    expect(changed(p_at, 0x80), errc::out_of_range, "bit length of the modulus");
    bytes zero_root = good;
    std::fill_n(zero_root.begin() + static_cast<std::ptrdiff_t>(root_at), 64, std::uint8_t{0});
    expect(key_type::parse(zero_root), errc::out_of_range, "root");
    // A composite in the place of p that is not caught by the modulus: two bits changed in the middle.
    std::size_t composite = 0;
    for (std::size_t at = p_at + 8; at < p_at + 24; ++at) {
        const auto parsed = changed(at, 6);
        REQUIRE_FALSE(parsed.has_value());
        if (parsed.error().what == "primality" && parsed.error().check == 3) ++composite;
    }
    CHECK(composite > 0);
}
