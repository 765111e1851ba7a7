// The Fiat-Shamir transcript: everything a verifier has seen, folded into 64 bytes from which challenges
// come.
//
//     init            st = SHA-512(0x00 || frame(protocol))
//     absorb(L, d)    st = SHA-512(0x01 || st || frame(L) || frame(d))
//     challenge(L)    out = SHA-512(0x02 || st || frame(L));  st = SHA-512(0x03 || st || frame(L));
//                     return out
//     expand(out, j)  SHA-512(0x04 || out || u32(j))
//
// with frame(s) = u64(len s) || s, lengths in bytes, integers big-endian.  spec: transcript, steps 1 to 5
//
// Why it is safe to read challenges off it: tags and lengths make every hash input of a step readable in one
// way only, so two different histories (other protocol, other items, other order, other labels, an item split
// in two) reach different states unless SHA-512 collides, and SHA-512 is modelled as a random oracle.
//
// Who does what. The caller makes the transcript and absorbs the context (context.hpp): protocol, session,
// round, prover, key, parameters. A proof gets a copy, and absorbs its label, its whole statement and its
// announcement before it asks for a challenge. Prover and verifier run the same code. Labels are ASCII
// literals.
//
//     transcript tr("veilsum.validity/1");
//     here.absorb_into(tr);
//     tr.absorb("link.A", announcement);
//     const auto e = challenge_integers(tr, "link.e", rows);
//
// Public data only: the state is sent to nobody, but anybody can compute it. Size 64 bytes; copies are
// independent.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/hash/domain.hpp>
#include <veilsum/hash/sha2.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace veilsum::transcript {

class transcript {
  public:
    // `protocol` names the protocol and its version: "veilsum.validity/1".
    explicit transcript(std::string_view protocol) { // spec: transcript, step 1
        hash::sha512_hasher hasher;
        hasher.update(byte_array<1>{0x00});
        frame(hasher, as_bytes(protocol));
        state_ = hasher.finish();
    }

    // Appends one labelled item of any length.
    void absorb(std::string_view label, byte_view data) { // spec: transcript, step 2
        hash::sha512_hasher hasher = step(0x01, label);
        frame(hasher, data);
        state_ = hasher.finish();
    }
    // Eight bytes, big-endian.
    void absorb_u64(std::string_view label, std::uint64_t value) {
        absorb(label, hash::length_prefix(value));
    }

    // 64 uniform bytes that depend on everything so far; the next challenge differs even under the same
    // label.
    [[nodiscard]] byte_array<64> challenge(std::string_view label) { // spec: transcript, step 3
        const byte_array<64> out = step(0x02, label).finish();
        state_ = step(0x03, label).finish();
        return out;
    }

    const byte_array<64>& state() const { return state_; } // 64 bytes that hold all that was absorbed
    bool operator==(const transcript&) const = default;

  private:
    static void frame(hash::sha512_hasher& hasher, byte_view data) {
        hasher.update(hash::length_prefix(data.size())).update(data);
    }
    hash::sha512_hasher step(std::uint8_t tag, std::string_view label) const {
        hash::sha512_hasher hasher;
        hasher.update(byte_array<1>{tag}).update(state_);
        frame(hasher, as_bytes(label));
        return hasher;
    }

    byte_array<64> state_{};
};

// Block j of the bytes that one challenge stands for.  spec: transcript, step 4
inline byte_array<64> expand(const byte_array<64>& challenge, std::uint32_t j) {
    const byte_array<4> index = {static_cast<std::uint8_t>(j >> 24), static_cast<std::uint8_t>(j >> 16),
                                 static_cast<std::uint8_t>(j >> 8), static_cast<std::uint8_t>(j)};
    return hash::sha512_of(byte_array<1>{0x04}, challenge, index);
}

// A uniform integer in [0, 2^128), little-endian. 128 bits: a false statement passes with probability 2^-128.
using challenge128 = byte_array<16>;

// `count` of them from one challenge; integer j is quarter (j mod 4) of block floor(j/4).
// spec: transcript, step 5
inline std::vector<challenge128> challenge_integers(transcript& tr, std::string_view label,
                                                    std::size_t count) {
    const byte_array<64> seed = tr.challenge(label);
    std::vector<challenge128> out(count);
    byte_array<64> block{};
    for (std::size_t j = 0; j < count; ++j) {
        if (j % 4 == 0) block = expand(seed, static_cast<std::uint32_t>(j / 4));
        std::copy_n(block.begin() + static_cast<std::ptrdiff_t>(16 * (j % 4)), 16, out[j].begin());
    }
    return out;
}

} // namespace veilsum::transcript
