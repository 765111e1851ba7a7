// Ed25519, the half that one party has: the key that signs (RFC 8032, 5.1.6).
//
//     signing_key key = signing_key::generate(rng);
//     signature s = key.sign("veilsum.contribution/1", message);
//     key.verifying().verify("veilsum.contribution/1", message, s);            true
//
// Signing is deterministic: the nonce is a hash of the key and the message, so a broken random source after
// key generation cannot reveal the key. Constant time. What is signed, and why it has a label:
// verifying_key.hpp.
//
// The seed is the whole secret. It leaves through `expose_seed` only, to be written under a passphrase
// (seal/passphrase_box.hpp). Keys are move-only and wiped; using one that was moved from ends the process,
// because the alternative would be a signature under a key of zeros.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/sign/verifying_key.hpp>

#include <sodium/crypto_sign_ed25519.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace veilsum::sign {

class signing_key {
  public:
    // From 32 fresh bytes.
    template <random::random_source Source>
    static signing_key generate(Source& rng) {
        return from_seed(secret<byte_array<32>>(random::random_bytes<32>(rng)));
    }
    // Any 32 bytes are a seed; they must be uniform and secret. The caller's secret is consumed.
    static signing_key from_seed(secret<byte_array<32>>&& seed) {
        secret<byte_array<32>> taken = std::move(seed);
        secret<byte_array<64>> expanded(byte_array<64>{});
        byte_array<32> verifying{};
        crypto_sign_ed25519_seed_keypair(verifying.data(), expanded.expose().data(), taken.expose().data());
        return signing_key(std::move(taken), std::move(expanded), *verifying_key::parse(verifying));
    }

    // To be sealed and kept.
    const byte_array<32>& expose_seed() const {
        live();
        return seed_.expose();
    }
    // The public half.
    const verifying_key& verifying() const { return verifying_; }

    // Ed25519 of label and message, framed as in verifying_key.hpp.
    signature sign(std::string_view label, byte_view message) const {
        return sign_raw(signed_bytes(label, message));
    }
    // Without a label: only for formats of others that bring their own separation (C2SP signed notes).
    signature sign_raw(byte_view message) const {
        live();
        signature out{};
        crypto_sign_ed25519_detached(out.data(), nullptr, message.data(), message.size(),
                                     expanded_.expose().data());
        return out;
    }

  private:
    signing_key(secret<byte_array<32>>&& seed, secret<byte_array<64>>&& expanded,
                const verifying_key& verifying)
        : seed_(std::move(seed)), expanded_(std::move(expanded)), verifying_(verifying) {}

    // libsodium's secret key ends with the public key, and a wiped one does not hold ours any more.
    void live() const {
        const byte_array<64>& key = expanded_.expose();
        expects(std::equal(verifying_.bytes().begin(), verifying_.bytes().end(), key.begin() + 32));
    }

    secret<byte_array<32>> seed_;
    secret<byte_array<64>> expanded_; // seed || public key, the form that libsodium signs with
    verifying_key verifying_;
};

} // namespace veilsum::sign
