// Generators that nobody chose: points hashed from public labels.
//
//     gen(name, i) = from_uniform(SHA-512(0x10 | frame("veilsum.generator/1") | frame(name) | u32(i)))
//
// frame(s) = u64(len(s)) | s, integers big-endian. A commitment binds only as long as nobody knows a linear
// relation between its generators; a hash of a label leaves no room to plant one, and everybody recomputes
// it.
//
// spec: validity proofs, section 6.3. Cost: two maps to the curve, about 7 us; from_uniform_all (batch.hpp)
// does many hashes together.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/group/ristretto255.hpp>
#include <veilsum/hash/sha2.hpp>

#include <cstdint>
#include <string_view>

namespace veilsum::group {

namespace detail {

inline void append_big_endian(bytes& out, std::uint64_t value, int length) {
    for (int at = length - 1; at >= 0; --at) out.push_back(static_cast<std::uint8_t>(value >> (8 * at)));
}
inline void append_frame(bytes& out, std::string_view text) {
    append_big_endian(out, text.size(), 8);
    out.insert(out.end(), text.begin(), text.end());
}

} // namespace detail

// name "G" (columns), "H" (blinding), "Q" (sumcheck): the 64 bytes that are mapped to the element.
inline byte_array<64> generator_hash(std::string_view name, std::uint32_t i) {
    bytes data{0x10};
    detail::append_frame(data, "veilsum.generator/1");
    detail::append_frame(data, name);
    detail::append_big_endian(data, i, 4);
    return hash::sha512(data);
}
// Number i of the generators of this name. Cost: two maps to the curve.
inline point generator(std::string_view name, std::uint32_t i) {
    return point::from_uniform(generator_hash(name, i));
}

} // namespace veilsum::group
