// A random source split off from another one, for a second thread.
//
// Two threads that draw from one source in turn would make the result depend on who is faster. So each thread
// gets its own source, forked before the threads start: a 32-byte key drawn from the parent, expanded with
// ChaCha20 (libsodium), one nonce for each call of `fill`. What a fork gives is as secret as what the parent
// gave for its key, which is wiped with the fork.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/random/random_source.hpp>

#include <sodium/crypto_stream_chacha20.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace veilsum::integer {

class forked_source {
  public:
    // A source of its own, keyed with 32 bytes of the parent.
    template <random::random_source Parent>
    static forked_source fork(Parent& parent) {
        return forked_source(secret(random::random_bytes<key_bytes>(parent)));
    }

    // The next bytes of the stream.
    void fill(std::span<std::uint8_t> out) {
        if (out.empty()) return;
        byte_array<crypto_stream_chacha20_NONCEBYTES> nonce{};
        for (std::size_t i = 0; i < nonce.size(); ++i)
            nonce[i] = static_cast<std::uint8_t>(calls_ >> (8 * i));
        ++calls_;
        crypto_stream_chacha20(out.data(), out.size(), nonce.data(), key_.expose().data());
    }

  private:
    static constexpr std::size_t key_bytes = crypto_stream_chacha20_KEYBYTES;
    explicit forked_source(secret<byte_array<key_bytes>>&& key) : key_(std::move(key)) {}

    secret<byte_array<key_bytes>> key_;
    std::uint64_t calls_ = 0;
};
static_assert(random::random_source<forked_source>);

} // namespace veilsum::integer
