// The signing half: known answers, determinism, one key from one seed, and a moved-from key that cannot sign.
#include "sign/bent_signatures.hpp"
#include "support/catch.hpp"
#include "support/ends_process.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/random/system_random.hpp>
#include <veilsum/sign/signing_key.hpp>

#include <algorithm>
#include <string_view>
#include <type_traits>
#include <utility>

using namespace veilsum;
using namespace veilsum::sign;

namespace {

secret<byte_array<32>> seed_from_hex(std::string_view text) {
    return secret<byte_array<32>>(test::point_from_hex(text));
}

static_assert(!std::is_copy_constructible_v<signing_key> && !std::is_copy_assignable_v<signing_key>);
static_assert(std::is_nothrow_move_constructible_v<signing_key>);

} // namespace

TEST_CASE("signing_key: reproduces the keys and signatures of RFC 8032", "[sign]") {
    // Source: RFC 8032, 7.1, tests 1 and 2.
    const auto first = signing_key::from_seed(
        seed_from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
    CHECK(to_hex(first.verifying().bytes()) ==
          "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    CHECK(to_hex(first.sign_raw({})) ==
          "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
          "1cf9b46bd25bf5f0595bbe24655141438e7a100b");
    const auto second = signing_key::from_seed(
        seed_from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
    CHECK(to_hex(second.verifying().bytes()) ==
          "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    CHECK(to_hex(second.sign_raw(byte_array<1>{0x72})) ==
          "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
          "d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

TEST_CASE("signing_key: a labelled signature is that of the framed bytes", "[sign]") {
    test::seeded_random rng(11);
    const auto key = signing_key::generate(rng);
    for (const std::size_t size : {0u, 1u, 63u, 64u, 5000u}) {
        const bytes message = rng.draw(size);
        bytes framed = {0, 0, 0, 0, 0, 0, 0, 14};
        for (const char c : std::string_view("veilsum.test/1"))
            framed.push_back(static_cast<std::uint8_t>(c));
        framed.insert(framed.end(), message.begin(), message.end());
        const signature given = key.sign("veilsum.test/1", message);
        CHECK(given == key.sign_raw(framed));
        CHECK(given == key.sign("veilsum.test/1", message));
        CHECK(key.verifying().verify("veilsum.test/1", message, given));
        // An independent composition of the same signature.
        CHECK(given == test::sign_with_moved_r(key.expose_seed(), key.verifying().bytes(), framed,
                                               test::point_from_hex(test::small_order_points[7])));
    }
}

TEST_CASE("signing_key: the seed is the whole key", "[sign]") {
    random::system_random rng;
    const auto key = signing_key::generate(rng);
    const auto other = signing_key::generate(rng);
    CHECK(key.verifying() != other.verifying());

    secret<byte_array<32>> seed(byte_array<32>(key.expose_seed()));
    const auto again = signing_key::from_seed(std::move(seed));
    CHECK(seed.expose() == byte_array<32>{}); // consumed
    CHECK(again.verifying() == key.verifying());
    CHECK(again.sign("veilsum.test/1", as_bytes("m")) == key.sign("veilsum.test/1", as_bytes("m")));

    test::seeded_random first(12);
    test::seeded_random second(12);
    CHECK(signing_key::generate(first).verifying() == signing_key::generate(second).verifying());
}

TEST_CASE("signing_key: a key that was moved from ends the process instead of signing with zeros", "[sign]") {
    test::seeded_random rng(13);
    signing_key key = signing_key::generate(rng);
    const verifying_key verifying = key.verifying();
    const signing_key moved = std::move(key);
    CHECK(verifying.verify("veilsum.test/1", as_bytes("m"), moved.sign("veilsum.test/1", as_bytes("m"))));
    CHECK(test::ends_process([&] { (void)key.sign("veilsum.test/1", as_bytes("m")); }));
    CHECK(test::ends_process([&] { (void)key.sign_raw(as_bytes("m")); }));
    CHECK(test::ends_process([&] { (void)key.expose_seed(); }));
}
