// The one place that readies libsodium.
//
// libsodium wants `sodium_init` before anything that draws randomness or picks an implementation for the
// processor (ChaCha20, Poly1305, Argon2). Whatever in this library does either calls `require_sodium` first.
// SHA-2, Ed25519, ristretto255, `sodium_memzero` and `sodium_memcmp` do neither, so the headers that hash or
// verify include nothing from this room.
//
// Thread safe; after the first call the cost is one load. Ends the process if libsodium cannot start, which
// means that the system has no randomness to give: there is no safe way to go on.
#pragma once

#include <veilsum/core/contract.hpp>

#include <sodium/core.h>

namespace veilsum::random {

// Initialises libsodium, from any thread, as often as one likes; ends the process if that fails.
inline void require_sodium() {
    static const bool ready = sodium_init() >= 0; // 1: somebody else in the process was first
    expects(ready);
}

} // namespace veilsum::random
