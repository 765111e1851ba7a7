// Labels that keep hashes of different meaning apart.
//
//     labelled_hash(label, data) = SHA-256( u64(len label) || label || u64(len data) || data )
//
// Lengths are in bytes, big-endian. Two pairs (label, data) give the same input only if both parts are equal,
// so a digest made for one purpose is never valid for another. A label is a literal of the form
// "veilsum.<what>/<version>"; a change of meaning takes a new version.
// spec: wire-primitives, section 5
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/hash/sha2.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace veilsum::hash {

// A length or counter as hash inputs carry it: 8 bytes, big-endian.
constexpr byte_array<8> length_prefix(std::uint64_t length) {
    byte_array<8> out{};
    for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(length >> (56 - 8 * i));
    return out;
}

// SHA-256 with the label in front, both framed: see the description of the file.
inline digest32 labelled_hash(std::string_view label, byte_view data) {
    return sha256_of(length_prefix(label.size()), as_bytes(label), length_prefix(data.size()), data);
}

} // namespace veilsum::hash
