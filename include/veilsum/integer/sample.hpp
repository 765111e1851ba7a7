// Uniform random integers.
//
// All draws reject and draw again instead of reducing, so the result is exactly uniform. How often a draw is
// rejected depends on the bound and on rejected values, never on the value that is returned. The buffer of
// random bytes is wiped; the result is the caller's to keep in a `secret`.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/random/random_source.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace veilsum::integer {

// Uniform in [0, 2^bits). Draws ceil(bits / 8) bytes; 0 bits give 0 and draw nothing.
template <random::random_source Source>
bigint random_bits(std::size_t bits, Source& rng) {
    secret<bytes> raw{bytes((bits + 7) / 8)};
    if (bits == 0) return 0;
    rng.fill(raw.expose());
    if (bits % 8 != 0)
        raw.expose().front() = static_cast<std::uint8_t>(raw.expose().front() & ((1u << (bits % 8)) - 1));
    return bigint::from_bytes(raw.expose());
}

// Uniform in [0, bound), bound > 0. Less than two draws on average.
template <random::random_source Source>
bigint random_below(const bigint& bound, Source& rng) {
    expects(bound > 0);
    const std::size_t bits = (bound - 1).bit_length();
    for (;;) {
        bigint candidate = random_bits(bits, rng);
        if (candidate < bound) return candidate;
    }
}

// Uniform among the units modulo n in [1, n), n > 1. One gcd a draw; for an RSA modulus one draw suffices but
// with probability about 1/p + 1/q. Variable time in rejected values and in the gcd.
template <random::random_source Source>
bigint random_unit(const bigint& n, Source& rng) {
    expects(n > 1);
    for (;;) {
        bigint candidate = random_below(n, rng);
        if (gcd(candidate, n) == 1) return candidate;
    }
}

} // namespace veilsum::integer
