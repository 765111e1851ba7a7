// Ed25519, the half that everybody has: a public key, and the check of a signature (RFC 8032, 5.1.7).
//
// What is signed is never bare bytes but a labelled message,
//
//     signed bytes = u64(len label) || label || message          length in bytes, big-endian
//
// so a signature given for one purpose is none for another. A label is a literal "veilsum.<what>/<version>".
//
// One verdict for all. RFC 8032 lets verifiers differ on signatures that a dishonest signer bends: some
// multiply the equation by 8 and some do not (libsodium up to 1.0.22 does not, the source of the release
// after it does). Here a key and the signature's point R must lie in the subgroup of prime order, where the
// two equations are the same. Hence two auditors never disagree on a record, whatever their libsodium, and no
// honest signature is refused. Small-order keys, under which one signature fits many messages, and second
// encodings of a key cannot be parsed.
//
// This header cannot sign and knows no secret: an auditor includes it alone. signing_key.hpp is the other
// half. Cost: about 0.17 ms for a verification, a third of it the equation itself; 0.12 ms for parsing a key.
// A labelled message is copied once, because libsodium signs one piece of memory.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/sign/prime_subgroup.hpp>

#include <sodium/crypto_sign_ed25519.h>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace veilsum::sign {

using signature = byte_array<64>; // RFC 8032

// u64(len label) || label || message.  spec: wire-primitives, section 5
inline bytes signed_bytes(std::string_view label, byte_view message) {
    veilsum::bytes out;
    out.reserve(8 + label.size() + message.size());
    for (unsigned shift = 64; shift != 0; shift -= 8)
        out.push_back(static_cast<std::uint8_t>(std::uint64_t{label.size()} >> (shift - 8)));
    const byte_view name = as_bytes(label);
    out.insert(out.end(), name.begin(), name.end());
    out.insert(out.end(), message.begin(), message.end());
    return out;
}

// A valid public key: canonical, of prime order. Compares and sorts by its bytes.
class verifying_key {
  public:
    // Check 1: 32 bytes (malformed, "verifying key length"). Check 2: the canonical encoding of a point of
    // prime order (malformed, "verifying key").
    static result<verifying_key> parse(byte_view data) {
        if (data.size() != 32) return error{errc::malformed, "verifying key length"}.in_check(1);
        verifying_key key;
        std::copy(data.begin(), data.end(), key.bytes_.begin());
        if (!is_in_prime_subgroup(key.bytes_)) return error{errc::malformed, "verifying key"}.in_check(2);
        return key;
    }

    const byte_array<32>& bytes() const { return bytes_; } // RFC 8032 encoding

    // Whether `given` is this key's signature of the label and the message, framed (signed_bytes).
    [[nodiscard]] bool verify(std::string_view label, byte_view message, const signature& given) const {
        return verify_raw(signed_bytes(label, message), given);
    }
    // Without a label: for formats of others that bring their own separation (C2SP signed notes).
    [[nodiscard]] bool verify_raw(byte_view message, const signature& given) const {
        byte_array<32> r{};
        std::copy_n(given.begin(), r.size(), r.begin());
        // The equation first: it is the cheaper half, and all but the bent signatures end there.
        return crypto_sign_ed25519_verify_detached(given.data(), message.data(), message.size(),
                                                   bytes_.data()) == 0 &&
               is_in_prime_subgroup(r);
    }

    friend auto operator<=>(const verifying_key&, const verifying_key&) = default;

  private:
    verifying_key() = default;
    byte_array<32> bytes_{};
};

} // namespace veilsum::sign
