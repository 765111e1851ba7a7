// Bytes sealed under a passphrase: Argon2id makes the key, XChaCha20-Poly1305 encrypts and authenticates.
//
// spec: wire-primitives, section 6
//
//     version u8 = 1 | operations u64 | memory u64 | salt 16 | nonce 24 | ciphertext | tag 16
//     key        = Argon2id13(passphrase, salt, operations, memory)                     32 bytes, RFC 9106
//     ciphertext || tag = XChaCha20-Poly1305-IETF(key, nonce, plaintext, header || associated)
//
// Integers are big-endian. The header is everything before the ciphertext, 57 bytes, so header || associated
// has one reading. `associated` is what the box belongs to (a key id, a party's index): it is not stored, and
// the box opens only with the same bytes again, so boxes cannot be exchanged.
//
// Size: plaintext + 73 bytes.  Cost: that of Argon2id, chosen when sealing. When opening, the cost comes from
// the file; it is capped before any memory is asked for, and a file cannot weaken the key, because another
// cost is another key and the header is authenticated.
//
// A wrong passphrase, another `associated` and a changed box are one error on purpose: a finer answer would
// help somebody who guesses only. Strength is that of the passphrase; Argon2id makes each guess as dear as an
// opening.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/random/sodium.hpp>

#include <sodium/crypto_aead_xchacha20poly1305.h>
#include <sodium/crypto_pwhash_argon2id.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace veilsum::seal {

// What one guess costs: passes over the memory, and the memory in bytes (a multiple of 1024).
struct passphrase_cost {
    static constexpr std::uint64_t max_operations = 16; // passes that are accepted from a file
    static constexpr std::uint64_t max_memory_bytes = std::uint64_t{1} << 30; // 1 GiB
    static constexpr std::uint64_t min_memory_bytes = 8192; // least that Argon2 is defined for

    std::uint64_t operations = 0;   // passes over the memory
    std::uint64_t memory_bytes = 0; // a multiple of 1024

    // Three passes over 256 MiB, one to two seconds: for passphrases that people remember.
    static constexpr passphrase_cost moderate() { return {3, std::uint64_t{1} << 28}; }
    // One pass over 8 KiB: no protection at all unless the passphrase itself is a random key of 128 bits.
    static constexpr passphrase_cost minimum() { return {1, min_memory_bytes}; }

    // One number for one cost: libsodium would silently round the memory down to whole kibibytes.
    constexpr bool is_valid() const {
        return operations >= 1 && operations <= max_operations && memory_bytes >= min_memory_bytes &&
               memory_bytes <= max_memory_bytes && memory_bytes % 1024 == 0;
    }
    bool operator==(const passphrase_cost&) const = default;
};

inline constexpr std::uint8_t passphrase_box_version = 1;                       // first byte of a box
inline constexpr std::size_t passphrase_box_header_bytes = 1 + 8 + 8 + 16 + 24; // bytes before the ciphertext
inline constexpr std::size_t passphrase_box_overhead =
    passphrase_box_header_bytes + 16;                     // bytes more than the plaintext
inline constexpr std::size_t max_passphrase_bytes = 4096; // longest passphrase

namespace detail {

static_assert(crypto_pwhash_argon2id_SALTBYTES == 16);
static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == 24);
static_assert(crypto_aead_xchacha20poly1305_ietf_ABYTES == 16);
static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == 32);

inline constexpr std::size_t salt_at = 17;
inline constexpr std::size_t nonce_at = 33;

inline void put_u64(std::uint8_t* out, std::uint64_t value) {
    for (unsigned i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
}
inline std::uint64_t get_u64(const std::uint8_t* in) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 8; ++i) value = value << 8 | in[i];
    return value;
}

// Fails only if the system does not give the memory.
inline result<secret<byte_array<32>>> passphrase_key(const secret<bytes>& passphrase,
                                                     const std::uint8_t* salt, passphrase_cost cost) {
    random::require_sodium();
    secret<byte_array<32>> key(byte_array<32>{});
    const bytes& text = passphrase.expose();
    if (crypto_pwhash_argon2id(key.expose().data(), key.expose().size(),
                               reinterpret_cast<const char*>(text.data()), text.size(), salt, cost.operations,
                               static_cast<std::size_t>(cost.memory_bytes),
                               crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
        return error{errc::io, "memory for the passphrase key"};
    return key;
}

// header || associated: what the tag covers besides the plaintext.
inline bytes passphrase_box_context(byte_view header, byte_view associated) {
    bytes out(header.begin(), header.end());
    out.insert(out.end(), associated.begin(), associated.end());
    return out;
}

} // namespace detail

// Checks: 1 passphrase of 1 to 4096 bytes (bad_parameter), 2 cost valid (bad_parameter), 3 memory (io).
template <random::random_source Source>
result<bytes> seal_with_passphrase(const secret<bytes>& passphrase, byte_view plaintext, byte_view associated,
                                   passphrase_cost cost, Source& rng) {
    const std::size_t length = passphrase.expose().size();
    if (length < 1 || length > max_passphrase_bytes)
        return error{errc::bad_parameter, "passphrase length"}.in_check(1);
    if (!cost.is_valid()) return error{errc::bad_parameter, "passphrase cost"}.in_check(2);

    bytes box(plaintext.size() + passphrase_box_overhead);
    box[0] = passphrase_box_version;
    detail::put_u64(&box[1], cost.operations);
    detail::put_u64(&box[9], cost.memory_bytes);
    rng.fill(std::span(box).subspan(detail::salt_at, passphrase_box_header_bytes - detail::salt_at));

    const auto key = detail::passphrase_key(passphrase, &box[detail::salt_at], cost);
    if (!key) return error(key.error()).in_check(3);
    const bytes context =
        detail::passphrase_box_context(byte_view(box).first(passphrase_box_header_bytes), associated);
    crypto_aead_xchacha20poly1305_ietf_encrypt(&box[passphrase_box_header_bytes], nullptr, plaintext.data(),
                                               plaintext.size(), context.data(), context.size(), nullptr,
                                               &box[detail::nonce_at], key->expose().data());
    return box;
}

// Checks, cheapest first:
//   1 at least 73 bytes                    malformed     "passphrase box"
//   2 version                              unsupported   "passphrase box version"
//   3 cost valid, so within the caps       out_of_range  "passphrase cost"
//   4 memory for Argon2id                  io            "memory for the passphrase key"
//   5 the tag                              refused       "passphrase or box"
inline result<secret<bytes>> open_with_passphrase(const secret<bytes>& passphrase, byte_view box,
                                                  byte_view associated) {
    if (box.size() < passphrase_box_overhead) return error{errc::malformed, "passphrase box"}.in_check(1);
    if (box[0] != passphrase_box_version)
        return error{errc::unsupported, "passphrase box version"}.in_check(2);
    const passphrase_cost cost{detail::get_u64(&box[1]), detail::get_u64(&box[9])};
    if (!cost.is_valid()) return error{errc::out_of_range, "passphrase cost"}.in_check(3);
    // Nothing was ever sealed under such a passphrase.
    const std::size_t length = passphrase.expose().size();
    if (length < 1 || length > max_passphrase_bytes)
        return error{errc::refused, "passphrase or box"}.in_check(5);

    const auto key = detail::passphrase_key(passphrase, &box[detail::salt_at], cost);
    if (!key) return error(key.error()).in_check(4);
    const bytes context = detail::passphrase_box_context(box.first(passphrase_box_header_bytes), associated);
    const byte_view sealed = box.subspan(passphrase_box_header_bytes);
    secret<bytes> plaintext(bytes(sealed.size() - crypto_aead_xchacha20poly1305_ietf_ABYTES));
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plaintext.expose().data(), nullptr, nullptr, sealed.data(),
                                                   sealed.size(), context.data(), context.size(),
                                                   &box[detail::nonce_at], key->expose().data()) != 0)
        return error{errc::refused, "passphrase or box"}.in_check(5);
    return plaintext;
}

} // namespace veilsum::seal
