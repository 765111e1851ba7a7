// The operating system's randomness, by libsodium's randombytes_buf.
//
//     random::system_random rng;
//     auto keys = sign::signing_key::generate(rng);
//
// The object has no state: every byte comes from the kernel (getrandom, or /dev/urandom where that is
// missing), so a forked child never repeats its parent's bytes and any number of threads may share one
// object. There is no seed to set and no variable of the environment that changes anything.
// Cost: one system call for each 256 bytes or less, roughly; draw masks in one call, not byte by byte.
#pragma once

#include <veilsum/random/random_source.hpp>
#include <veilsum/random/sodium.hpp>

#include <sodium/randombytes.h>

#include <cstdint>
#include <span>

namespace veilsum::random {

class system_random {
  public:
    system_random() { require_sodium(); }

    // From the operating system. Threads may share the source; a fork is harmless.
    void fill(std::span<std::uint8_t> out) {
        if (!out.empty()) randombytes_buf(out.data(), out.size());
    }
};
static_assert(random_source<system_random>);

} // namespace veilsum::random
