// The verifying half: which keys can be parsed, and that a signature has one verdict.
#include "sign/bent_signatures.hpp"
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/sign/signing_key.hpp>
#include <veilsum/sign/verifying_key.hpp>

#include <algorithm>
#include <set>
#include <string_view>
#include <type_traits>

using namespace veilsum;
using namespace veilsum::sign;

namespace {

void check_refused(byte_view data, std::uint32_t check, std::string_view what) {
    const auto key = verifying_key::parse(data);
    REQUIRE(!key);
    CHECK(key.error().code == errc::malformed);
    CHECK(key.error().what == what);
    CHECK(key.error().check == check);
}

signature signature_from_hex(std::string_view text) {
    signature out{};
    const bytes raw = *from_hex(text);
    REQUIRE(raw.size() == out.size());
    std::copy(raw.begin(), raw.end(), out.begin());
    return out;
}

static_assert(!std::is_default_constructible_v<verifying_key>,
              "a key exists only by being parsed or derived");

} // namespace

TEST_CASE("verifying_key: verifies the signatures of RFC 8032", "[sign]") {
    // Source: RFC 8032, 7.1, tests 1 and 2.
    const auto first =
        verifying_key::parse(*from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
    REQUIRE(first);
    const signature of_nothing = signature_from_hex(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
        "1cf9b46bd25bf5f0595bbe24655141438e7a100b");
    CHECK(first->verify_raw({}, of_nothing));
    CHECK_FALSE(first->verify_raw(as_bytes("x"), of_nothing));

    const auto second =
        verifying_key::parse(*from_hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
    REQUIRE(second);
    const signature of_r = signature_from_hex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
        "d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    CHECK(second->verify_raw(byte_array<1>{0x72}, of_r));
    CHECK_FALSE(second->verify_raw(byte_array<1>{0x73}, of_r));
    CHECK_FALSE(first->verify_raw(byte_array<1>{0x72}, of_r));
}

TEST_CASE("verifying_key: verifies a labelled signature made elsewhere", "[sign]") {
    // Computed with an Ed25519 written from RFC 8032 in Python: seed 00 01 .. 1f,
    // message u64(14) || "veilsum.test/1" || "abc".
    const auto key =
        verifying_key::parse(*from_hex("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"));
    REQUIRE(key);
    const signature given = signature_from_hex(
        "6dc21aa9a901815b1909d3e64ebfe3d1af1c209c869a6a5aa5c650e153e2a26fccd258bfb7ef7b22f53c57dd"
        "c05e71c68ce35a5bcf698baa6f8ca47891462600");
    CHECK(key->verify("veilsum.test/1", as_bytes("abc"), given));
    CHECK_FALSE(key->verify("veilsum.test/2", as_bytes("abc"), given));
    CHECK_FALSE(key->verify("veilsum.test/1a", as_bytes("bc"), given));
    CHECK_FALSE(key->verify("veilsum.test/", as_bytes("1abc"), given));
    CHECK_FALSE(key->verify_raw(as_bytes("abc"), given));
}

TEST_CASE("verifying_key: refuses wrong lengths", "[sign]") {
    const byte_array<32> good =
        test::point_from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    REQUIRE(verifying_key::parse(good));
    bytes data(good.begin(), good.end());
    data.push_back(0);
    for (const std::size_t length : {0u, 1u, 31u, 33u})
        check_refused(byte_view(data).first(length), 1, "verifying key length");
}

TEST_CASE("verifying_key: refuses every point of small order", "[sign]") {
    for (const std::string_view text : test::small_order_points)
        check_refused(test::point_from_hex(text), 2, "verifying key");
}

TEST_CASE("verifying_key: refuses second encodings and strings that are no point", "[sign]") {
    // y + p for y = 0 .. 18, with either sign: all that is not reduced.
    for (std::uint8_t low = 0xed; low != 0; ++low)
        for (const std::uint8_t high : byte_array<2>{0x7f, 0xff}) {
            byte_array<32> point{};
            point.fill(0xff);
            point[0] = low;
            point[31] = high;
            check_refused(point, 2, "verifying key");
        }
    // y = 2 is on no point of the curve (x^2 would be a non-square).
    byte_array<32> nowhere{};
    nowhere[0] = 2;
    check_refused(nowhere, 2, "verifying key");
}

TEST_CASE("verifying_key: refuses a good key moved by a point of small order", "[sign]") {
    test::seeded_random rng(3);
    for (int round = 0; round < 8; ++round) {
        const auto key = signing_key::generate(rng);
        const byte_array<32> good = key.verifying().bytes();
        REQUIRE(verifying_key::parse(good));
        std::set<byte_array<32>> moved;
        for (const std::string_view text : test::small_order_points) {
            const byte_array<32> sum = test::add_points(good, test::point_from_hex(text));
            moved.insert(sum);
            if (sum == good) continue; // moved by the identity
            check_refused(sum, 2, "verifying key");
        }
        CHECK(moved.size() == 8);
    }
}

TEST_CASE("verifying_key: a signature whose R was moved by a small order is refused", "[sign]") {
    // Verifiers that multiply the equation by 8 accept these, the others do not; here there is one answer.
    test::seeded_random rng(4);
    const auto key = signing_key::generate(rng);
    const bytes message = rng.draw(40);
    const byte_array<32> identity = test::point_from_hex(test::small_order_points[7]);
    CHECK(key.verifying().verify_raw(
        message, test::sign_with_moved_r(key.expose_seed(), key.verifying().bytes(), message, identity)));
    for (std::size_t i = 0; i < 7; ++i) {
        const signature bent = test::sign_with_moved_r(key.expose_seed(), key.verifying().bytes(), message,
                                                       test::point_from_hex(test::small_order_points[i]));
        CHECK_FALSE(key.verifying().verify_raw(message, bent));
    }
}

TEST_CASE("verifying_key: a signature has one encoding", "[sign]") {
    test::seeded_random rng(5);
    const auto key = signing_key::generate(rng);
    const bytes message = rng.draw(10);
    const signature good = key.sign_raw(message);
    REQUIRE(key.verifying().verify_raw(message, good));
    // S + L is the same number mod L.  L = 2^252 + 27742317777372353535851937790883648493, little-endian.
    const byte_array<32> order =
        test::point_from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    signature again = good;
    unsigned carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        carry += 0u + again[32 + i] + order[i];
        again[32 + i] = static_cast<std::uint8_t>(carry);
        carry >>= 8;
    }
    REQUIRE(again != good);
    CHECK_FALSE(key.verifying().verify_raw(message, again));
}

TEST_CASE("verifying_key: any changed bit of a signature, message or label is noticed", "[sign]") {
    test::seeded_random rng(6);
    const auto key = signing_key::generate(rng);
    const bytes message = rng.draw(20);
    const signature good = key.sign("veilsum.test/1", message);
    REQUIRE(key.verifying().verify("veilsum.test/1", message, good));
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        signature bent = good;
        bent[bit / 8] = static_cast<std::uint8_t>(bent[bit / 8] ^ (1u << (bit % 8)));
        CHECK_FALSE(key.verifying().verify("veilsum.test/1", message, bent));
    }
    for (std::size_t bit = 0; bit < 8 * message.size(); ++bit) {
        bytes bent = message;
        bent[bit / 8] = static_cast<std::uint8_t>(bent[bit / 8] ^ (1u << (bit % 8)));
        CHECK_FALSE(key.verifying().verify("veilsum.test/1", bent, good));
    }
    CHECK_FALSE(key.verifying().verify("veilsum.test/1", byte_view(message).first(19), good));
    CHECK_FALSE(key.verifying().verify("", message, good));
    CHECK_FALSE(key.verifying().verify("veilsum.test/1", message, signature{}));
}

TEST_CASE("verifying_key: compares and sorts by its bytes", "[sign]") {
    test::seeded_random rng(7);
    const verifying_key a = signing_key::generate(rng).verifying();
    const verifying_key b = signing_key::generate(rng).verifying();
    CHECK(a == *verifying_key::parse(a.bytes()));
    CHECK(a != b);
    CHECK((a < b) == (a.bytes() < b.bytes()));
    CHECK((a > b) == (a.bytes() > b.bytes()));
}
