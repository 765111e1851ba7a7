// A source of random bytes is a parameter, never a global.
//
// Law: after `source.fill(span)` every byte of the span is independent and uniform, and nobody who does not
// hold the source's state can tell it from uniform. A source cannot fail: one that meets a failure ends the
// process, because no caller can do anything safe with a half-filled mask or an all-zero key.
//
// Shipped models: `random::system_random`, `transcript::nonce_source`, `integer::forked_source`. One with a
// seed that is no secret would make keys that anybody can repeat; the only such lives in tests/support.
#pragma once

#include <veilsum/core/bytes.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace veilsum::random {

template <class Source>
concept random_source = requires(Source& source, std::span<std::uint8_t> out) {
    { source.fill(out) } -> std::same_as<void>;
};

// N fresh bytes. The caller wipes them if they are a secret: `secret key(random_bytes<32>(rng))`.
template <std::size_t N, random_source Source>
byte_array<N> random_bytes(Source& rng) {
    byte_array<N> out{};
    rng.fill(out);
    return out;
}

} // namespace veilsum::random
