#include "support/toy.hpp"

#include "paillier/known_answers.hpp"
#include "support/catch.hpp"
#include "support/naive_paillier.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/integer/primes.hpp>
#include <veilsum/paillier/logarithm.hpp>

using namespace veilsum;
using namespace veilsum::paillier;
using test::fixed_public_key;
using test::seeded_random;
using toy = test::toy_scheme<1>;
using key_type = public_key<toy>;

namespace {

bigint prime_of(std::size_t bits, seeded_random& rng) {
    return *integer::generate_prime(bits, rng);
}

// Primes come with their two top bits set; this one has exactly `bits` bits and a chosen top.
bigint prime_from(bigint candidate) {
    if (!candidate.is_odd()) ++candidate;
    while (!is_probable_prime(candidate, 32)) candidate += 2;
    return candidate;
}

void refused(const result<key_type>& made, errc code, std::string_view what, std::uint32_t check) {
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().code == code);
    CHECK(made.error().what == what);
    CHECK(made.error().check == check);
}

} // namespace

TEST_CASE("scheme: sizes that follow from modulus and degree", "[paillier]") {
    CHECK(scheme<2048>::ciphertext_bytes == 512);
    CHECK(scheme<3072>::ciphertext_bytes == 768);
    CHECK(scheme<4096>::ciphertext_bytes == 1024);
    CHECK(scheme<3072, 2>::ciphertext_bytes == 1152);
    CHECK(scheme<4096, 3>::ciphertext_bits == 16384);
    CHECK(scheme<4096, 3>::half_engine::bits == 8192);
    CHECK(scheme<3072>::plaintext_bits == 3072);
    CHECK(scheme<2048, 3>::plaintext_bits == 6142);
    // n^s never has fewer bits than `plaintext_bits`.
    const bigint least = bigint(1) << 2047;
    CHECK((least * least * least).bit_length() == 6142);
}

TEST_CASE("public key: what everybody computes from n and root", "[paillier]") {
    const auto check = [](const auto& key, std::size_t degree) {
        bigint n_to_s(1);
        for (std::size_t k = 0; k < degree; ++k) n_to_s *= key.n();
        CHECK(key.n_to_s() == n_to_s);
        CHECK(key.modulus() == n_to_s * key.n());
        CHECK(key.arithmetic().modulus() == key.modulus());
        CHECK(key.residue_base() == power_vartime(key.root(), n_to_s, key.modulus()));
        CHECK(key.plaintexts().largest() == (n_to_s - 1) >> 1);
        for (const bigint& m : {bigint(0), bigint(1), bigint(-1), bigint(77), -(bigint(1) << 3000)})
            CHECK(key.one_plus_n_power(m) == power_vartime(key.n() + 1, m % n_to_s, key.modulus()));
    };
    check(fixed_public_key<test::toy_scheme<1>>(), 1);
    check(fixed_public_key<test::toy_scheme<2>>(), 2);
    check(fixed_public_key<test::toy_scheme<3>>(), 3);
    check(fixed_public_key<test::tiny_scheme<1>>(), 1);
}

TEST_CASE("public key: the id is the one another implementation computed", "[paillier]") {
    const auto id_of = [](const auto& key) { return to_hex(key.id()); };
    CHECK(id_of(fixed_public_key<test::toy_scheme<1>>()) == test::computed_cases[0].key_id);
    CHECK(id_of(fixed_public_key<test::toy_scheme<2>>()) == test::computed_cases[1].key_id);
    CHECK(id_of(fixed_public_key<test::toy_scheme<3>>()) == test::computed_cases[2].key_id);
}

TEST_CASE("public key: id tells keys, roots and degrees apart", "[paillier]") {
    const key_type& key = fixed_public_key<toy>();
    const key_type& other = fixed_public_key<toy, 1>();
    const key_type other_root = *key_type::create(key.n(), 4);
    CHECK_FALSE(key == other);
    CHECK_FALSE(key == other_root);
    CHECK(key == *key_type::create(key.n(), key.root()));
    CHECK(key.id() != fixed_public_key<test::toy_scheme<2>>().id());
    const key_type copy = key;
    CHECK(&copy.arithmetic() == &key.arithmetic());
}

TEST_CASE("public key: check 1, exactly the right number of bits", "[paillier]") {
    seeded_random rng(10);
    const bigint p = prime_of(256, rng);
    const std::string_view what = "bit length of the modulus";
    refused(key_type::create(p * prime_of(255, rng), 4), errc::out_of_range, what, 1);
    refused(key_type::create(p * prime_of(257, rng), 4), errc::out_of_range, what, 1);
    refused(key_type::create(-(p * prime_of(256, rng)), 4), errc::out_of_range, what, 1);
    refused(key_type::create(0, 4), errc::out_of_range, what, 1);
    // Two factors of the right size whose product is a bit short.
    const bigint low = prime_from((bigint(1) << 255) + 12345);
    const bigint low2 = prime_from((bigint(1) << 255) + 9999999);
    REQUIRE((low * low2).bit_length() == 511);
    refused(key_type::create(low * low2, 4), errc::out_of_range, what, 1);
}

TEST_CASE("public key: check 2, an even modulus", "[paillier]") {
    seeded_random rng(11);
    const bigint n = prime_of(256, rng) * prime_of(256, rng);
    refused(key_type::create(n + 1, 4), errc::bad_parameter, "parity of the modulus", 2);
}

TEST_CASE("public key: check 3, every prime below 2^16 and none above", "[paillier]") {
    seeded_random rng(12);
    for (const int small : {3, 5, 251, 65519, 65521}) {
        const bigint rest = prime_from((bigint(1) << 511) / small + (bigint(1) << 400));
        refused(key_type::create(rest * small, 4), errc::bad_parameter, "small factor of the modulus", 3);
    }
    // The first prime above the limit is for a proof to exclude.
    const bigint rest = prime_from((bigint(1) << 511) / 65537 + (bigint(1) << 400));
    CHECK(key_type::create(rest * 65537, 4).has_value());
    CHECK(small_odd_primes().size() == 6541);
    CHECK(small_odd_primes().front() == 3);
    CHECK(small_odd_primes().back() == 65521);
}

TEST_CASE("public key: check 4, squares and cubes", "[paillier]") {
    seeded_random rng(13);
    const std::string_view what = "modulus is a perfect power";
    const bigint p = prime_of(256, rng);
    refused(key_type::create(p * p, 4), errc::bad_parameter, what, 4);
    const bigint cube_root = prime_from((bigint(11) << 167) + 31);
    const bigint cube = cube_root * cube_root * cube_root;
    REQUIRE(cube.bit_length() == 512);
    refused(key_type::create(cube, 4), errc::bad_parameter, what, 4);
}

TEST_CASE("public key: check 5, a prime modulus", "[paillier]") {
    seeded_random rng(14);
    refused(key_type::create(prime_of(512, rng), 4), errc::bad_parameter, "modulus is prime", 5);
}

TEST_CASE("public key: checks 6 and 7, the root", "[paillier]") {
    const bigint n = fixed_public_key<toy>().n();
    const bigint p = test::fixed_prime_pair<512>().p.expose();
    for (const bigint& root : {bigint(0), bigint(-4), n, n + 4})
        refused(key_type::create(n, root), errc::out_of_range, "root", 6);
    for (const bigint& root : {p, n - p}) refused(key_type::create(n, root), errc::not_a_unit, "root", 6);
    for (const bigint& root : {bigint(1), n - 1})
        refused(key_type::create(n, root), errc::bad_parameter, "order of the root", 7);
}

TEST_CASE("public key: check 8, a root whose order divides n", "[paillier]") {
    // q = 2 k p + 1, and a root of order p modulo q, 1 modulo p: its n-th power is 1 modulo n^2.
    seeded_random rng(15);
    const bigint p = prime_of(200, rng);
    bigint k = (bigint(1) << 511) / (p * p) / 2 + 1;
    while (!is_probable_prime(k * p * 2 + 1, 32)) ++k;
    const bigint q = k * p * 2 + 1, n = p * q;
    const bigint of_order_p = power_vartime(3, k * 2, q);
    REQUIRE(of_order_p != 1);
    const bigint root = (q * *invert(q, p) + p * *invert(p, q) * of_order_p) % n;
    REQUIRE(power_vartime(root, p, n) == 1);
    refused(key_type::create(n, root), errc::bad_parameter, "order of the residue base", 8);
    // n - root gives -1.
    refused(key_type::create(n, n - root), errc::bad_parameter, "order of the residue base", 8);
    CHECK(key_type::create(n, 4).has_value());
}

TEST_CASE("public key: bytes come back as the same key", "[paillier]") {
    const auto check = [](const auto& key) {
        using type = std::decay_t<decltype(key)>;
        const bytes data = key.serialize();
        CHECK(data.size() == 12 + 3 + 2 * type::scheme::modulus_bytes);
        const auto again = type::parse(data);
        REQUIRE(again.has_value());
        CHECK(again->serialize() == data);
        CHECK(again->id() == key.id());
        CHECK(again->n() == key.n());
        CHECK(again->root() == key.root());
    };
    check(fixed_public_key<test::toy_scheme<1>>());
    check(fixed_public_key<test::toy_scheme<3>>());
}

TEST_CASE("public key: hostile bytes are refused, each by its own check", "[paillier]") {
    const bytes good = fixed_public_key<toy>().serialize();
    const auto changed = [&](std::size_t at, std::uint8_t value) {
        bytes data = good;
        data[at] = value;
        return key_type::parse(data);
    };
    const auto expect = [](const result<key_type>& parsed, errc code, std::string_view what) {
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error().code == code);
        CHECK(parsed.error().what == what);
    };
    bytes longer = good;
    longer.push_back(0);
    expect(key_type::parse(longer), errc::malformed, "trailing bytes");
    for (std::size_t size = 0; size < good.size(); ++size)
        CHECK_FALSE(key_type::parse(byte_view(good).first(size)).has_value());
    expect(changed(5, 2), errc::mismatch, "frame type");
    expect(changed(7, 2), errc::unsupported, "frame version");
    expect(changed(12, 1), errc::mismatch, "modulus size of the public key"); // 256 bits instead of 512
    expect(changed(14, 2), errc::mismatch, "degree of the public key");
    expect(public_key<test::toy_scheme<1>>::parse(fixed_public_key<test::toy_scheme<2>>().serialize()),
           errc::mismatch, "degree of the public key");
    expect(key_type::parse(bytes{}), errc::malformed, "frame header");
    // A body that is one byte short inside a frame that says so.
    const bytes shorter =
        wire::frame(wire::message_type::public_key, 1, byte_view(good).subspan(12, good.size() - 13));
    expect(key_type::parse(shorter), errc::malformed, "truncated");
    // The last byte of n: even now.
    bytes even = good;
    even[15 + 63] = static_cast<std::uint8_t>(even[15 + 63] ^ 1);
    expect(key_type::parse(even), errc::bad_parameter, "parity of the modulus");
    // The top byte of n is zero: a shorter modulus has no encoding.
    expect(changed(15, 0), errc::out_of_range, "bit length of the modulus");
    bytes zero_root = good;
    std::fill(zero_root.begin() + 15 + 64, zero_root.end(), std::uint8_t{0});
    expect(key_type::parse(zero_root), errc::out_of_range, "root");
    std::fill(zero_root.begin() + 15 + 64, zero_root.end(), std::uint8_t{255});
    expect(key_type::parse(zero_root), errc::out_of_range, "root");
}

TEST_CASE("public key: the logarithm of public values", "[paillier]") {
    const auto check = [](const auto& key, std::size_t degree) {
        const test::naive_paillier reference{test::naive(key.n()), degree};
        for (const bigint& x :
             {bigint(0), bigint(1), key.n_to_s() - 1, key.n_to_s() >> 1, bigint(987654321)}) {
            const bigint u = power_vartime(key.n() + 1, x, key.modulus());
            const auto log = log_one_plus_n(key, u);
            REQUIRE(log.has_value());
            CHECK(*log == x);
            CHECK(*log == test::library(reference.logarithm(test::naive(u))));
        }
        for (const bigint& u : {bigint(-1), key.modulus()}) {
            CHECK(log_one_plus_n(key, u).error().code == errc::out_of_range);
            CHECK(log_one_plus_n(key, u).error().what == "argument of the logarithm");
        }
        for (const bigint& u : {bigint(0), bigint(2), key.n(), key.residue_base()})
            CHECK(log_one_plus_n(key, u).error().code == errc::mismatch);
    };
    check(fixed_public_key<test::toy_scheme<1>>(), 1);
    check(fixed_public_key<test::toy_scheme<2>>(), 2);
    check(fixed_public_key<test::toy_scheme<3>>(), 3);
}
