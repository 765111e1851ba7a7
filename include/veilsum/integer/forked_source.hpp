// A random source that is the stream of a key: split off from another source, or for draws that must repeat.
//
//     call c of `fill`, c = 0, 1, ..:
//         ChaCha20 key stream from block 0, 64-bit nonce c (little-endian); empty calls do not count
//
// Two threads that draw from one source in turn would make the result depend on who is faster. So each thread
// gets its own source, forked before the threads start, with a key drawn from the parent. And whoever has to
// make the same message again after a restart derives the key from what it keeps
// (threshold/refresh_trustee.hpp).
//
// What the source gives is as secret as its key, which is wiped with it, and repeats with its key.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/random/random_source.hpp>

#include <sodium/crypto_stream_chacha20.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace veilsum::integer {

class forked_source {
  public:
    // A source of its own, keyed with 32 bytes of the parent.
    template <random::random_source Parent>
    static forked_source fork(Parent& parent) {
        return from_key(secret(random::random_bytes<key_bytes>(parent)));
    }
    // The source of a key that is uniform, secret and used for nothing else. The caller's secret is consumed.
    static forked_source from_key(secret<byte_array<32>>&& key) { return forked_source(std::move(key)); }

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
