// One digest for a client's list of row commitments: what its record and its proof name.
//
//     SHA-512(0x12 | frame("veilsum.rows/1") | u32(K) | C_0 | .. | C_{K-1})
//
// The count is inside, so a shorter or longer list is another digest; audit rows are not part of it. The
// commitments are hiding, so publishing the digest reveals nothing about the rows.
//
// spec: validity proofs, section 6.4
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/pedersen/row_commitment.hpp>
#include <veilsum/wire/writer.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace veilsum::pedersen {

// `rows`: K encodings of 32 bytes (contract).
inline hash::digest64 row_digest(byte_view rows) {
    expects(rows.size() % row_commitment::encoded_size == 0);
    constexpr std::string_view label = "veilsum.rows/1";
    wire::writer input(rows.size() + 32);
    input.u8(0x12);
    input.u64(label.size());
    input.fixed(as_bytes(label));
    input.u32(static_cast<std::uint32_t>(rows.size() / row_commitment::encoded_size));
    input.fixed(rows);
    return hash::sha512(input.view());
}
inline hash::digest64 row_digest(std::span<const row_commitment> rows) {
    bytes encoded;
    encoded.reserve(row_commitment::encoded_size * rows.size());
    for (const row_commitment& row : rows) {
        const auto one = row.bytes();
        encoded.insert(encoded.end(), one.begin(), one.end());
    }
    return row_digest(byte_view(encoded));
}

} // namespace veilsum::pedersen
