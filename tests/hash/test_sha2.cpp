// SHA-256 and SHA-512: known answers, and agreement of the one-shot, joined and incremental forms.
#include "support/catch.hpp"
#include "support/ends_process.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/hash/sha2.hpp>

#include <algorithm>
#include <string>

using namespace veilsum;
using namespace veilsum::hash;

TEST_CASE("sha2: known answers of FIPS 180", "[hash]") {
    // Source: NIST, "Examples with Intermediate Values", SHA256.pdf and SHA512.pdf; empty message: CAVP.
    CHECK(to_hex(sha256(as_bytes("abc"))) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(to_hex(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(to_hex(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))) ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(to_hex(sha512(as_bytes("abc"))) ==
          "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
          "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
    CHECK(to_hex(sha512({})) == "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
                                "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e");
    CHECK(to_hex(sha256(bytes(1000000, 'a'))) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("sha2: joined and incremental hashing equal hashing the concatenation", "[hash]") {
    test::seeded_random rng(1);
    for (int round = 0; round < 60; ++round) {
        const bytes data = rng.draw(rng.below(400));
        const byte_view all(data);
        const std::size_t a = rng.below(data.size() + 1);
        const std::size_t b = a + rng.below(data.size() - a + 1);
        CHECK(sha256_of(all.first(a), all.subspan(a, b - a), all.subspan(b)) == sha256(data));
        CHECK(sha512_of(all.first(a), all.subspan(a, b - a), all.subspan(b)) == sha512(data));

        sha256_hasher one;
        sha512_hasher two;
        for (std::size_t at = 0; at < data.size();) {
            const std::size_t step = std::min<std::size_t>(rng.below(130), data.size() - at);
            one.update(all.subspan(at, step));
            two.update(all.subspan(at, step));
            at += step;
        }
        CHECK(one.finish() == sha256(data));
        CHECK(two.finish() == sha512(data));
    }
    CHECK(sha256_of() == sha256({}));
    CHECK(sha512_of() == sha512({}));
}

TEST_CASE("sha2: a copied hasher goes its own way", "[hash]") {
    sha256_hasher left;
    left.update(as_bytes("ab"));
    sha256_hasher right = left;
    left.update(as_bytes("c"));
    right.update(as_bytes("d"));
    CHECK(left.finish() == sha256(as_bytes("abc")));
    CHECK(right.finish() == sha256(as_bytes("abd")));
}

TEST_CASE("sha2: a finished hasher cannot be used again", "[hash]") {
    sha256_hasher one;
    (void)one.finish();
    CHECK(test::ends_process([&] { (void)one.finish(); }));
    CHECK(test::ends_process([&] { one.update(as_bytes("late")); }));
    sha512_hasher two;
    (void)two.finish();
    CHECK(test::ends_process([&] { (void)two.finish(); }));
    CHECK(test::ends_process([&] { two.update(as_bytes("late")); }));
}
