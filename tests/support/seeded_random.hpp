// A deterministic random source for tests: SHA-512 in counter mode.
//
//     block_i = SHA-512("veilsum test stream" || u64(seed) || u64(i)),   stream = block_0 || block_1 || ...
//
// The stream does not depend on how it is cut into calls. It lives here because whoever knows 64 bits of seed
// knows every "secret" drawn from it; nothing under include/ may name it.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/random/random_source.hpp>

#include <sodium/crypto_hash_sha512.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace veilsum::test {

class seeded_random {
  public:
    explicit seeded_random(std::uint64_t seed = 0) : seed_(seed) {}

    void fill(std::span<std::uint8_t> out) {
        for (std::size_t done = 0; done < out.size();) {
            if (used_ == block_.size()) refill();
            const std::size_t take = std::min(out.size() - done, block_.size() - used_);
            std::copy_n(block_.begin() + static_cast<std::ptrdiff_t>(used_), take,
                        out.begin() + static_cast<std::ptrdiff_t>(done));
            used_ += take;
            done += take;
        }
    }

    // A 64-bit word, and a slightly biased number below `bound` (> 0): good enough to choose test cases.
    std::uint64_t word() {
        byte_array<8> raw{};
        fill(raw);
        std::uint64_t value = 0;
        for (const std::uint8_t byte : raw) value = value << 8 | byte;
        return value;
    }
    std::uint64_t below(std::uint64_t bound) { return word() % bound; }
    bytes draw(std::size_t count) {
        bytes out(count);
        fill(out);
        return out;
    }

  private:
    void refill() {
        constexpr std::string_view label = "veilsum test stream";
        byte_array<label.size() + 16> input{};
        std::copy(label.begin(), label.end(), input.begin());
        for (std::size_t i = 0; i < 8; ++i) {
            input[label.size() + i] = static_cast<std::uint8_t>(seed_ >> (56 - 8 * i));
            input[label.size() + 8 + i] = static_cast<std::uint8_t>(counter_ >> (56 - 8 * i));
        }
        crypto_hash_sha512(block_.data(), input.data(), input.size());
        ++counter_;
        used_ = 0;
    }

    std::uint64_t seed_;
    std::uint64_t counter_ = 0;
    byte_array<64> block_{};
    std::size_t used_ = 64;
};
static_assert(random::random_source<seeded_random>);

} // namespace veilsum::test

// The same class for code that lives in `veilsum::tests`.
namespace veilsum::tests {
using test::seeded_random;
} // namespace veilsum::tests
