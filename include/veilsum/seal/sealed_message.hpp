// Bytes for the eyes of one party: whoever holds a certain Ed25519 identity opens them, nobody else.
//
// spec: refresh, sealed message
//
//      0         1           33          65
//     +---------+-----------+-----------+------------+-----+
//     | version | recipient | ephemeral | ciphertext | tag |          81 bytes more than the plaintext
//     +---------+-----------+-----------+------------+-----+
//         u8         32          32       of plaintext  16
//
//     shared       = X25519(ephemeral secret, recipient's key on Curve25519)
//     key || nonce = first 56 bytes of SHA-512(frame("veilsum.sealed-message/1") || recipient || ephemeral ||
//                    shared)
//     ciphertext || tag = XChaCha20-Poly1305-IETF(key, nonce, plaintext, header || associated)
//
// header is everything before the ciphertext. An Ed25519 key and a key on Curve25519 are the same point in
// two coordinate systems (RFC 7748, 4.1); libsodium converts. That one key pair may both sign and receive is
// shown in Thormarker, "On using the same key pair for Ed25519 and an X25519 based KEM" (2021).
//
//     bytes sent = seal_message(recipient.verifying(), plaintext, associated, rng);
//     result<secret<bytes>> plaintext = open_message(recipient, sent, associated);
//
// `associated` is what the message is about; it is not sent, and the message opens only with the same bytes.
// What this does not give:
//  - the sender: anybody can seal. Sign the message, or the record that it lies in.
//  - forward secrecy towards the recipient: who gets the recipient's seed later opens what was recorded
//  today.
//    Where that matters, seal to an identity that was made for the purpose and is wiped after use
//    (threshold/refresh_reception.hpp).
//
// The recipient is named in the open so that a message for somebody else is a specific error. A changed
// message and other `associated` cannot be told apart.
//
// Constant time in the secrets. Cost: sealing two, opening one scalar multiplication, some 0.1 ms.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/hash/domain.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/random/sodium.hpp>
#include <veilsum/sign/verifying_key.hpp>

#include <sodium/crypto_aead_xchacha20poly1305.h>
#include <sodium/crypto_scalarmult_curve25519.h>
#include <sodium/crypto_sign_ed25519.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace veilsum::seal {

// What opening asks for: the seed of an identity and its public half. sign::signing_key is one.
template <class Holder>
concept identity_holder = requires(const Holder& holder) {
    { holder.expose_seed() } -> std::same_as<const byte_array<32>&>;
    { holder.verifying() } -> std::same_as<const sign::verifying_key&>;
};

// An identity whose seed its owner has shown, so that anybody can open what was sealed to it.
class revealed_identity {
  public:
    // Errors: mismatch if the seed is that of another identity.
    static result<revealed_identity> create(const byte_array<32>& seed, const sign::verifying_key& expected) {
        secret<byte_array<64>> expanded(byte_array<64>{});
        byte_array<32> derived{};
        crypto_sign_ed25519_seed_keypair(derived.data(), expanded.expose().data(), seed.data());
        if (derived != expected.bytes()) return error{errc::mismatch, "revealed identity"};
        return revealed_identity(seed, expected);
    }
    const byte_array<32>& expose_seed() const { return seed_; } // the identity's seed, which is no secret now
    // The public half that it was checked against.
    const sign::verifying_key& verifying() const { return verifying_; }

  private:
    revealed_identity(const byte_array<32>& seed, const sign::verifying_key& verifying)
        : seed_(seed), verifying_(verifying) {}
    byte_array<32> seed_;
    sign::verifying_key verifying_;
};
static_assert(identity_holder<revealed_identity>);

inline constexpr std::uint8_t sealed_message_version = 1;               // first byte of a message
inline constexpr std::size_t sealed_message_header_bytes = 1 + 32 + 32; // bytes before the ciphertext
inline constexpr std::size_t sealed_message_overhead =
    sealed_message_header_bytes + 16; // bytes more than the plaintext

namespace detail {

static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == 32);
static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == 24);
static_assert(crypto_aead_xchacha20poly1305_ietf_ABYTES == 16);
static_assert(crypto_scalarmult_curve25519_BYTES == 32);
static_assert(crypto_sign_ed25519_SECRETKEYBYTES == 64);

// key || nonce || 8 bytes that nobody uses.
inline secret<byte_array<64>> message_keys(byte_view recipient, byte_view ephemeral,
                                           const secret<byte_array<32>>& shared) {
    constexpr std::string_view label = "veilsum.sealed-message/1";
    return secret<byte_array<64>>(hash::sha512_of(hash::length_prefix(label.size()), as_bytes(label),
                                                  recipient, ephemeral, shared.expose()));
}
inline bytes message_context(byte_view header, byte_view associated) {
    bytes out(header.begin(), header.end());
    out.insert(out.end(), associated.begin(), associated.end());
    return out;
}

} // namespace detail

// To whom a message says it is; empty if it is too short to say.
inline byte_view recipient_of(byte_view message) {
    return message.size() < sealed_message_overhead ? byte_view{} : message.subspan(1, 32);
}

// Seals `plaintext` for `recipient`; opens only with the same `associated`. Plaintext + 81 bytes.
template <random::random_source Source>
bytes seal_message(const sign::verifying_key& recipient, byte_view plaintext, byte_view associated,
                   Source& rng) {
    random::require_sodium();
    byte_array<32> on_curve25519{};
    // A verifying key has prime order: the conversion and the multiplication below cannot fail.
    expects(crypto_sign_ed25519_pk_to_curve25519(on_curve25519.data(), recipient.bytes().data()) == 0);
    const secret<byte_array<32>> scalar(random::random_bytes<32>(rng));
    byte_array<32> ephemeral{};
    expects(crypto_scalarmult_curve25519_base(ephemeral.data(), scalar.expose().data()) == 0);
    secret<byte_array<32>> shared(byte_array<32>{});
    expects(crypto_scalarmult_curve25519(shared.expose().data(), scalar.expose().data(),
                                         on_curve25519.data()) == 0);

    bytes message(plaintext.size() + sealed_message_overhead);
    message[0] = sealed_message_version;
    std::copy(recipient.bytes().begin(), recipient.bytes().end(), message.begin() + 1);
    std::copy(ephemeral.begin(), ephemeral.end(), message.begin() + 33);
    const auto keys = detail::message_keys(recipient.bytes(), ephemeral, shared);
    const bytes context =
        detail::message_context(byte_view(message).first(sealed_message_header_bytes), associated);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        &message[sealed_message_header_bytes], nullptr, plaintext.data(), plaintext.size(), context.data(),
        context.size(), nullptr, keys.expose().data() + 32, keys.expose().data());
    return message;
}

// Checks, cheapest first:
//   1 at least 81 bytes                           malformed     "sealed message"
//   2 version                                     unsupported   "sealed message version"
//   3 the recipient is this identity              wrong_key     "recipient of the sealed message"
//   4 the ephemeral key is not of small order     malformed     "ephemeral key"
//   5 the tag                                     refused       "sealed message"
template <identity_holder Holder>
result<secret<bytes>> open_message(const Holder& recipient, byte_view message, byte_view associated) {
    if (message.size() < sealed_message_overhead) return error{errc::malformed, "sealed message", 1};
    if (message[0] != sealed_message_version) return error{errc::unsupported, "sealed message version", 2};
    const byte_array<32>& identity = recipient.verifying().bytes();
    if (!equal(recipient_of(message), identity))
        return error{errc::wrong_key, "recipient of the sealed message", 3};
    random::require_sodium();
    secret<byte_array<64>> expanded(byte_array<64>{}); // seed || public key: libsodium's form
    std::copy(recipient.expose_seed().begin(), recipient.expose_seed().end(), expanded.expose().begin());
    std::copy(identity.begin(), identity.end(), expanded.expose().begin() + 32);
    secret<byte_array<32>> scalar(byte_array<32>{});
    crypto_sign_ed25519_sk_to_curve25519(scalar.expose().data(), expanded.expose().data());
    const byte_view ephemeral = message.subspan(33, 32);
    secret<byte_array<32>> shared(byte_array<32>{});
    if (crypto_scalarmult_curve25519(shared.expose().data(), scalar.expose().data(), ephemeral.data()) != 0)
        return error{errc::malformed, "ephemeral key", 4};

    const auto keys = detail::message_keys(identity, ephemeral, shared);
    const bytes context = detail::message_context(message.first(sealed_message_header_bytes), associated);
    const byte_view sealed = message.subspan(sealed_message_header_bytes);
    secret<bytes> plaintext(bytes(sealed.size() - crypto_aead_xchacha20poly1305_ietf_ABYTES));
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plaintext.expose().data(), nullptr, nullptr, sealed.data(),
                                                   sealed.size(), context.data(), context.size(),
                                                   keys.expose().data() + 32, keys.expose().data()) != 0)
        return error{errc::refused, "sealed message", 5};
    return plaintext;
}

} // namespace veilsum::seal
