// RFC 6962, section 2.1, transcribed: the tree hash, PATH, PROOF and SUBPROOF as recursive functions on the
// list of leaves. Slow and obvious; it computes everything from the leaves each time, with no code of the
// library but the hash.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/hash/sha2.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace veilsum::test {

using leaves = std::span<const bytes>;
using digests = std::vector<hash::digest32>;

inline hash::digest32 prefixed_hash(std::uint8_t prefix, byte_view first, byte_view second = {}) {
    bytes input{prefix};
    input.insert(input.end(), first.begin(), first.end());
    input.insert(input.end(), second.begin(), second.end());
    return hash::sha256(input);
}

// "k is the largest power of two smaller than n"
inline std::size_t split_point(std::size_t n) {
    std::size_t k = 1;
    while (2 * k < n) k = 2 * k;
    return k;
}

inline hash::digest32 naive_root(leaves data) {
    if (data.empty()) return hash::sha256({});
    if (data.size() == 1) return prefixed_hash(0x00, data[0]);
    const std::size_t k = split_point(data.size());
    return prefixed_hash(0x01, naive_root(data.first(k)), naive_root(data.subspan(k)));
}

inline digests naive_path(std::size_t m, leaves data) {
    if (data.size() == 1) return {};
    const std::size_t k = split_point(data.size());
    digests path = m < k ? naive_path(m, data.first(k)) : naive_path(m - k, data.subspan(k));
    path.push_back(naive_root(m < k ? data.subspan(k) : data.first(k)));
    return path;
}

inline digests naive_subproof(std::size_t m, leaves data, bool whole) {
    if (m == data.size()) return whole ? digests{} : digests{naive_root(data)};
    const std::size_t k = split_point(data.size());
    digests proof;
    if (m <= k) {
        proof = naive_subproof(m, data.first(k), whole);
        proof.push_back(naive_root(data.subspan(k)));
    } else {
        proof = naive_subproof(m - k, data.subspan(k), false);
        proof.push_back(naive_root(data.first(k)));
    }
    return proof;
}

// 0 < m <= n.
inline digests naive_consistency(std::size_t m, leaves data) {
    return naive_subproof(m, data, true);
}

} // namespace veilsum::test
