// Sealed messages: the recipient opens them, nobody else, and every region is authenticated.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/hash/sha2.hpp>
#include <veilsum/random/system_random.hpp>
#include <veilsum/seal/sealed_message.hpp>
#include <veilsum/sign/signing_key.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>

using namespace veilsum;
using namespace veilsum::seal;

namespace {

sign::signing_key identity(std::uint64_t seed) {
    test::seeded_random rng(seed);
    return sign::signing_key::generate(rng);
}
bytes sealed(std::string_view plaintext, std::string_view associated, std::uint64_t seed = 7) {
    test::seeded_random rng(seed);
    return seal_message(identity(1).verifying(), as_bytes(plaintext), as_bytes(associated), rng);
}
void check_refused(const result<secret<bytes>>& opened, errc code, std::string_view what,
                   std::uint32_t check) {
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == code);
    CHECK(opened.error().what == what);
    CHECK(opened.error().check == check);
}

} // namespace

TEST_CASE("sealed message: its recipient opens it", "[seal]") {
    random::system_random rng;
    const auto recipient = sign::signing_key::generate(rng);
    for (const std::size_t length : {0u, 1u, 31u, 32u, 1000u}) {
        const bytes plaintext(length, 0x5a), associated(length / 2, 3);
        const bytes message = seal_message(recipient.verifying(), plaintext, associated, rng);
        CHECK(message.size() == length + sealed_message_overhead);
        CHECK(equal(recipient_of(message), recipient.verifying().bytes()));
        const auto opened = open_message(recipient, message, associated);
        REQUIRE(opened);
        CHECK(opened->expose() == plaintext);
        CHECK(seal_message(recipient.verifying(), plaintext, associated, rng) != message); // fresh key
    }
    static_assert(identity_holder<sign::signing_key>);
    static_assert(!identity_holder<sign::verifying_key>);
}

TEST_CASE("sealed message: somebody else does not open it", "[seal]") {
    const bytes message = sealed("share", "refresh 1");
    check_refused(open_message(identity(2), message, as_bytes("refresh 1")), errc::wrong_key,
                  "recipient of the sealed message", 3);
    // Relabelled to somebody else, it opens for nobody.
    bytes relabelled = message;
    const auto other = identity(2);
    std::copy(other.verifying().bytes().begin(), other.verifying().bytes().end(), relabelled.begin() + 1);
    check_refused(open_message(other, relabelled, as_bytes("refresh 1")), errc::refused, "sealed message", 5);
    check_refused(open_message(identity(1), relabelled, as_bytes("refresh 1")), errc::wrong_key,
                  "recipient of the sealed message", 3);
}

TEST_CASE("sealed message: what it is about is part of it", "[seal]") {
    const bytes message = sealed("share", "refresh 1");
    for (const std::string_view wrong : {"refresh 2", "refresh 1 ", "refresh ", ""})
        check_refused(open_message(identity(1), message, as_bytes(wrong)), errc::refused, "sealed message",
                      5);
    CHECK(open_message(identity(1), message, as_bytes("refresh 1")));
    // The end of the header and the associated data cannot be exchanged.
    check_refused(open_message(identity(1), sealed("share", ""), as_bytes("refresh 1")), errc::refused,
                  "sealed message", 5);
}

TEST_CASE("sealed message: every altered byte is noticed", "[seal]") {
    const auto recipient = identity(1);
    const bytes message = sealed("a share of 24 bytes, say", "x");
    for (std::size_t at = 0; at < message.size(); ++at)
        for (const std::uint8_t change : {std::uint8_t{0x01}, std::uint8_t{0x80}}) {
            bytes altered = message;
            altered[at] ^= change;
            const auto opened = open_message(recipient, altered, as_bytes("x"));
            REQUIRE_FALSE(opened);
            CHECK(opened.error().check == (at == 0 ? 2u : at < 33 ? 3u : 5u));
        }
    bytes longer = message;
    longer.push_back(0);
    check_refused(open_message(recipient, longer, as_bytes("x")), errc::refused, "sealed message", 5);
    check_refused(open_message(recipient, byte_view(message).first(message.size() - 1), as_bytes("x")),
                  errc::refused, "sealed message", 5);
    check_refused(open_message(recipient, byte_view(message).first(80), as_bytes("x")), errc::malformed,
                  "sealed message", 1);
    check_refused(open_message(recipient, {}, as_bytes("x")), errc::malformed, "sealed message", 1);
    CHECK(recipient_of(byte_view(message).first(80)).empty());
    bytes version = message;
    version[0] = 2;
    check_refused(open_message(recipient, version, as_bytes("x")), errc::unsupported,
                  "sealed message version", 2);
    // An ephemeral key of small order, whose shared secret everybody knows.
    bytes small = message;
    std::fill(small.begin() + 33, small.begin() + 65, std::uint8_t{0});
    check_refused(open_message(recipient, small, as_bytes("x")), errc::malformed, "ephemeral key", 4);
    small[33] = 1;
    check_refused(open_message(recipient, small, as_bytes("x")), errc::malformed, "ephemeral key", 4);
}

TEST_CASE("sealed message: a revealed identity opens it, if it is the right one", "[seal]") {
    const auto recipient = identity(1);
    const auto shown = revealed_identity::create(recipient.expose_seed(), recipient.verifying());
    REQUIRE(shown);
    const auto opened = open_message(*shown, sealed("share", "x"), as_bytes("x"));
    REQUIRE(opened);
    CHECK(equal(opened->expose(), as_bytes("share")));
    const auto wrong = revealed_identity::create(identity(2).expose_seed(), recipient.verifying());
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().code == errc::mismatch);
}

// Opened by a program in Python with an X25519 (RFC 7748) and a change of coordinates of its own.

TEST_CASE("sealed message: the same randomness makes the same message for ever", "[seal]") {
    CHECK(to_hex(sealed("share", "refresh 1")) ==
          "01f8889cd6a02c137e0b4a8a39c0d4886b09cf72b585acc7031770990bf5667cf1bdde710f77ac0ba56b1e4daaa4d8b5bb"
          "d7d543a6601d72ab7720de4f0b351b17266cf911cce1feb2488e5c6c4965d8c753a697025f");
}
