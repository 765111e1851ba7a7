// SHA-256 and SHA-512 (FIPS 180-4), by libsodium.
//
//     digest32 id   = sha256(data);
//     digest64 seed = sha512_of(first, second);      hash of the concatenation first || second
//     sha256_hasher h;  h.update(a);  h.update(b);  digest32 d = h.finish();
//
// `..._of` and the hashers only concatenate. Where the parts can have different lengths the caller frames
// them (hash/domain.hpp, wire/writer.hpp), because ("ab", "c") and ("a", "bc") hash alike here.
//
// A secret may be hashed: time depends on lengths only, and a hasher wipes its state when it dies.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>

#include <sodium/crypto_hash_sha256.h>
#include <sodium/crypto_hash_sha512.h>
#include <sodium/utils.h>

#include <concepts>
#include <cstddef>

namespace veilsum::hash {

using digest32 = byte_array<32>; // of SHA-256
using digest64 = byte_array<64>; // of SHA-512

// Incremental SHA-256. `finish` may be called once; the hasher must not be used after it.
class sha256_hasher {
  public:
    sha256_hasher() { crypto_hash_sha256_init(&state_); }
    sha256_hasher(const sha256_hasher&) = default;
    sha256_hasher& operator=(const sha256_hasher&) = default;
    ~sha256_hasher() { sodium_memzero(&state_, sizeof state_); }

    // Appends to the message.
    sha256_hasher& update(byte_view data) {
        expects(!finished_);
        if (!data.empty()) crypto_hash_sha256_update(&state_, data.data(), data.size());
        return *this;
    }
    // The digest of the whole message; once.
    digest32 finish() {
        expects(!finished_);
        finished_ = true;
        digest32 out{};
        crypto_hash_sha256_final(&state_, out.data());
        return out;
    }

  private:
    crypto_hash_sha256_state state_;
    bool finished_ = false;
};

// Incremental SHA-512, with the same rules.
class sha512_hasher {
  public:
    sha512_hasher() { crypto_hash_sha512_init(&state_); }
    sha512_hasher(const sha512_hasher&) = default;
    sha512_hasher& operator=(const sha512_hasher&) = default;
    ~sha512_hasher() { sodium_memzero(&state_, sizeof state_); }

    // Appends to the message.
    sha512_hasher& update(byte_view data) {
        expects(!finished_);
        if (!data.empty()) crypto_hash_sha512_update(&state_, data.data(), data.size());
        return *this;
    }
    // The digest of the whole message; once.
    digest64 finish() {
        expects(!finished_);
        finished_ = true;
        digest64 out{};
        crypto_hash_sha512_final(&state_, out.data());
        return out;
    }

  private:
    crypto_hash_sha512_state state_;
    bool finished_ = false;
};

// SHA-256 of the parts one after the other, without lengths between.
template <std::convertible_to<byte_view>... Parts>
digest32 sha256_of(const Parts&... parts) {
    sha256_hasher hasher;
    (hasher.update(byte_view(parts)), ...);
    return hasher.finish();
}
// SHA-512 of the parts one after the other, without lengths between.
template <std::convertible_to<byte_view>... Parts>
digest64 sha512_of(const Parts&... parts) {
    sha512_hasher hasher;
    (hasher.update(byte_view(parts)), ...);
    return hasher.finish();
}

// SHA-256 of one piece.
inline digest32 sha256(byte_view data) {
    return sha256_of(data);
}
// SHA-512 of one piece.
inline digest64 sha512(byte_view data) {
    return sha512_of(data);
}

} // namespace veilsum::hash
