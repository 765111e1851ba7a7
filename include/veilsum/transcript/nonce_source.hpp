// Where a prover draws its masks: a random source that stays good if the system's randomness is not.
//
//     seed   = SHA-512(0x20 || frame("veilsum.nonce/1") || fresh 32 || frame(witness) || state 64)
//     stream = ChaCha20(key = seed[0..31], nonce = seed[32..39]), from block 0
//
// `fresh` are 32 bytes of the source that the caller gives, `state` is the transcript as the proof starts.
// spec: transcript, step 7
//
// A sigma protocol that uses one mask for two challenges reveals its witness by subtraction. So:
//  - with a good source the masks are uniform and independent of everything else;
//  - with a source that repeats (a cloned virtual machine) or that somebody predicts, the masks are still
//    unpredictable to all who do not know the witness, and they repeat only for the same witness and the same
//    transcript, where the same challenge gives the same proof again and nothing is revealed. (That holds as
//    long as the witness has entropy of its own: put keys, blindings and exponents in, not just a gradient.)
// What the caller must do: absorb the whole statement before making the source. Two statements under one
// transcript state would share masks under a repeating source, with two challenges.
//
// Cost: some 600 MB/s, ten times the system source.
//
// Move-only and wiped; a source that was moved from ends the process when it is used, as a copy would repeat
// masks.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/hash/domain.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/random/sodium.hpp>
#include <veilsum/transcript/transcript.hpp>

#include <sodium/crypto_stream_chacha20.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace veilsum::transcript {

class nonce_source {
  public:
    // `witness`: canonical bytes of all secrets of the proof. They are read once and not kept.
    template <random::random_source Source>
    nonce_source(const transcript& tr, byte_view witness, Source& rng) : seed_(byte_array<64>{}) {
        random::require_sodium();
        constexpr std::string_view label = "veilsum.nonce/1";
        const secret<byte_array<32>> fresh(random::random_bytes<32>(rng));
        seed_ = secret<byte_array<64>>(
            hash::sha512_of(byte_array<1>{0x20}, hash::length_prefix(label.size()), as_bytes(label),
                            fresh.expose(), hash::length_prefix(witness.size()), witness, tr.state()));
    }
    nonce_source(nonce_source&& other) noexcept
        : seed_(std::move(other.seed_)), block_(std::move(other.block_)), next_block_(other.next_block_),
          used_(other.used_), live_(std::exchange(other.live_, false)) {}
    nonce_source& operator=(nonce_source&&) = delete;

    // Contract: the source was not moved from.
    void fill(std::span<std::uint8_t> out) {
        expects(live_);
        const std::size_t kept = std::min(out.size(), block_bytes - used_);
        std::copy_n(block_.expose().begin() + static_cast<std::ptrdiff_t>(used_), kept, out.begin());
        used_ += kept;
        out = out.subspan(kept);

        const std::size_t whole = out.size() / block_bytes * block_bytes;
        if (whole != 0) stream(out.first(whole));
        out = out.subspan(whole);

        if (!out.empty()) {
            stream(block_.expose());
            std::copy_n(block_.expose().begin(), out.size(), out.begin());
            used_ = out.size();
        }
    }

  private:
    static constexpr std::size_t block_bytes = 64;

    // The next blocks; out.size() is a multiple of 64.
    void stream(std::span<std::uint8_t> out) {
        std::fill(out.begin(), out.end(), std::uint8_t{0});
        crypto_stream_chacha20_xor_ic(out.data(), out.data(), out.size(), seed_.expose().data() + 32,
                                      next_block_, seed_.expose().data());
        next_block_ += out.size() / block_bytes;
    }

    secret<byte_array<64>> seed_;
    secret<byte_array<block_bytes>> block_{byte_array<block_bytes>{}};
    std::uint64_t next_block_ = 0;
    std::size_t used_ = block_bytes;
    bool live_ = true;
};
static_assert(random::random_source<nonce_source>);

} // namespace veilsum::transcript
