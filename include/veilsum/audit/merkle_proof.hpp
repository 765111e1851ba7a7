// Merkle proofs of RFC 6962: that a record is in a log, and that a log only grew.
//
//     leaf(d)    = SHA-256(0x00 || d)               node(l, r) = SHA-256(0x01 || l || r)
//     MTH({})    = SHA-256("")                      MTH({d})   = leaf(d)
//     MTH(D[n])  = node(MTH(D[0:k]), MTH(D[k:n]))   k the largest power of two below n
//
// The two prefixes keep a leaf from being read as a node: without them whoever knows the tree could present
// the 64 bytes of an inner node as a record. `leaf_hash` is a type of its own, made from data only, so that
// no node's hash can be passed where a leaf is meant.
//
// The tree is not padded by repeating leaves (the flaw of CVE-2012-2459): trees of different sizes have
// different shapes, and both verifiers take the size from the signed checkpoint, never from the proof.
//
// Sizes: a proof has at most 64 digests. Cost: one hash a digest, two for consistency.
//
// spec: RFC 9162, sections 2.1.3.2 and 2.1.4.2 (same trees as RFC 6962, with the verification spelled out).
// deviation: a consistency proof from size 0, undefined there, is the empty proof from the root of the empty
// tree.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace veilsum::audit {

inline constexpr std::uint32_t max_proof_digests = 64; // a tree has fewer than 2^64 leaves

// SHA-256(0x00 | data): a leaf, which a node cannot be.
class leaf_hash {
  public:
    explicit leaf_hash(byte_view data) {
        const byte_array<1> prefix{0x00};
        value_ = hash::sha256_of(byte_view(prefix), data);
    }
    const hash::digest32& value() const { return value_; } // the digest
    bool operator==(const leaf_hash&) const = default;

  private:
    hash::digest32 value_;
};

// SHA-256(0x01 | left | right).
inline hash::digest32 node_hash(const hash::digest32& left, const hash::digest32& right) {
    const byte_array<1> prefix{0x01};
    return hash::sha256_of(byte_view(prefix), byte_view(left), byte_view(right));
}

// SHA-256 of nothing, as RFC 6962 has it.
inline hash::digest32 empty_tree_root() {
    return hash::sha256({});
}

// The siblings on the way from a leaf to the root, lowest first.
struct inclusion_proof {
    std::vector<hash::digest32> path; // from the leaf upwards
    bool operator==(const inclusion_proof&) const = default;
};

// The subtrees from which both the old and the new root can be computed, lowest first.
struct consistency_proof {
    std::vector<hash::digest32> path; // in the order of RFC 6962
    bool operator==(const consistency_proof&) const = default;
};

// Both proofs travel as: count u32 (at most 64) | count x 32 bytes.
template <class Proof>
void write_proof(wire::writer& out, const Proof& proof) {
    expects(proof.path.size() <= max_proof_digests);
    out.u32(static_cast<std::uint32_t>(proof.path.size()));
    for (const hash::digest32& digest : proof.path) out.fixed(digest);
}
// An inclusion or consistency proof as write_proof wrote it; the reader holds the error, if any.
template <class Proof>
Proof read_proof(wire::reader& in) {
    Proof proof;
    proof.path.resize(in.count(max_proof_digests, 32));
    for (hash::digest32& digest : proof.path) digest = in.array<32>();
    return proof;
}

// Is `leaf` the entry number `index` of the tree of `size` leaves with this root? Checks, in order:
//     1  index < size                                     errc::out_of_range
//     2  as many digests as the shape of the tree needs   errc::malformed
//     3  they lead to the root                            errc::mismatch
inline result<void> verify_inclusion(const hash::digest32& root, std::uint64_t size, std::uint64_t index,
                                     const leaf_hash& leaf, const inclusion_proof& proof) {
    if (index >= size) return error{errc::out_of_range, "index of the leaf", 1};
    std::uint64_t position = index;
    std::uint64_t last = size - 1;
    hash::digest32 digest = leaf.value();
    for (const hash::digest32& sibling : proof.path) {
        if (last == 0) return error{errc::malformed, "length of the inclusion proof", 2};
        if (position % 2 == 1 || position == last) {
            digest = node_hash(sibling, digest);
            // A last node without a right sibling rises unchanged until it is a right child itself.
            while (position % 2 == 0 && position != 0) {
                position >>= 1;
                last >>= 1;
            }
        } else {
            digest = node_hash(digest, sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    if (last != 0) return error{errc::malformed, "length of the inclusion proof", 2};
    if (digest != root) return error{errc::mismatch, "root from the inclusion proof", 3};
    return {};
}

// Is the tree of `old_size` leaves the beginning of the tree of `new_size` leaves? Checks, in order:
//     1  old_size <= new_size                                errc::out_of_range
//     2  as many digests as the shapes of the trees need     errc::malformed
//     3  they lead to the old root                           errc::mismatch
//     4  they lead to the new root                           errc::mismatch
inline result<void> verify_consistency(const hash::digest32& old_root, std::uint64_t old_size,
                                       const hash::digest32& new_root, std::uint64_t new_size,
                                       const consistency_proof& proof) {
    const error wrong_length{errc::malformed, "length of the consistency proof", 2};
    const error wrong_old{errc::mismatch, "old root from the consistency proof", 3};
    const error wrong_new{errc::mismatch, "new root from the consistency proof", 4};
    if (old_size > new_size) return error{errc::out_of_range, "sizes of a consistency proof", 1};
    if (old_size == 0 || old_size == new_size) {
        if (!proof.path.empty()) return wrong_length;
        if (old_size == 0 && old_root != empty_tree_root()) return wrong_old;
        if (old_size == new_size && old_root != new_root) return wrong_new;
        return {};
    }
    // When the old tree is complete its root is a node of the new tree, and the proof leaves it out.
    const bool complete = std::has_single_bit(old_size);
    if (!complete && proof.path.empty()) return wrong_length;
    std::uint64_t position = old_size - 1;
    std::uint64_t last = new_size - 1;
    while (position % 2 == 1) {
        position >>= 1;
        last >>= 1;
    }
    hash::digest32 old_digest = complete ? old_root : proof.path.front();
    hash::digest32 new_digest = old_digest;
    for (std::size_t i = complete ? 0 : 1; i < proof.path.size(); ++i) {
        const hash::digest32& sibling = proof.path[i];
        if (last == 0) return wrong_length;
        if (position % 2 == 1 || position == last) {
            old_digest = node_hash(sibling, old_digest);
            new_digest = node_hash(sibling, new_digest);
            while (position % 2 == 0 && position != 0) {
                position >>= 1;
                last >>= 1;
            }
        } else {
            new_digest = node_hash(new_digest, sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    if (last != 0) return wrong_length;
    if (old_digest != old_root) return wrong_old;
    if (new_digest != new_root) return wrong_new;
    return {};
}

} // namespace veilsum::audit
