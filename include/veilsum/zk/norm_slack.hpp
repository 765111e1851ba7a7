// The slack of the norm bound, in bits: what a client has left of it.
//
//     T = sum_{i<K,c} x_{i,c}^2,      B2 - T = sum_{c<t} 2^c s_c,      t = bitlen(B2)
//
// The bits fill one more row of the cube; that they are bits and that T + slack = B2 is what the sumcheck
// shows, so T <= B2 over the integers (both sides stay below l/2: rule 16 of encoding/matrix_layout.hpp). t
// bits let every client with T <= B2 succeed.
//
// spec: validity proofs 8.1 (step 4), 13.4. Constant time in the values.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/encoding/matrix_layout.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace veilsum::zk {

// s_c for all C columns, a byte each, 0 from t on. `values`: at least K C of them, of which the first K C
// count. For T > B2, which encoding::lay_out refuses, these are the bits of B2 - T mod 2^t: a proof of them
// does not verify.
inline secret<bytes> norm_slack(const encoding::matrix_layout& layout, std::span<const std::int32_t> values) {
    const std::size_t count = layout.data_rows() * layout.columns();
    expects(layout.has_l2() && values.size() >= count);
    std::array<std::uint64_t, 2> sum{}; // T < 2^24 2^46
    for (const std::int64_t x : values.first(count)) {
        const auto square = static_cast<std::uint64_t>(x * x);
        sum[0] += square;
        sum[1] += static_cast<std::uint64_t>(sum[0] < square);
    }
    const byte_array<32>& bound = layout.parameters().B2; // big-endian
    secret<bytes> slack{bytes(layout.columns())};
    std::uint64_t borrow = 0;
    for (std::size_t k = 0; k < 4; ++k) {
        std::uint64_t word = 0;
        for (std::size_t at = 0; at < 8; ++at) word = word << 8 | bound[8 * (3 - k) + at];
        const std::uint64_t taken = k < 2 ? sum[k] : 0, once = word - taken, left = once - borrow;
        borrow = static_cast<std::uint64_t>(word < taken) | static_cast<std::uint64_t>(once < borrow);
        for (std::size_t bit = 0; bit < 64; ++bit)
            if (const std::size_t c = 64 * k + bit; c < layout.slack_bits())
                slack.expose()[c] = static_cast<std::uint8_t>(left >> bit & 1);
    }
    sodium_memzero(sum.data(), sizeof sum);
    return slack;
}

} // namespace veilsum::zk
