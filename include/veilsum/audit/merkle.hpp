// The Merkle tree of RFC 6962 over all records of a log, grown leaf by leaf.
//
// The tree keeps the hash of every complete subtree, level by level: level k holds the roots of leaves
// [j 2^k, (j + 1) 2^k). That is 64 bytes a leaf in all, and makes each operation logarithmic:
//
//     append        1 leaf hash, on average 1 node hash, at most log2(size)
//     root          at most log2(size) node hashes, for the present and for every earlier size
//     proofs        at most 2 log2(size) node hashes
//
//     merkle_tree tree;
//     for (const bytes& entry : log) tree.append(entry);
//     const inclusion_proof proof = tree.inclusion(7);
//     auto there = verify_inclusion(tree.root(), tree.size(), 7, leaf_hash(log[7]), proof);
//
// The caller guarantees that indices and sizes lie inside the tree; a number that a peer sent is compared
// first.
//
// spec: RFC 6962, section 2.1 (hashes, PATH, PROOF and SUBPROOF).
#pragma once

#include <veilsum/audit/merkle_proof.hpp>
#include <veilsum/core/contract.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace veilsum::audit {

// The whole tree in memory: all roots and proofs of now and before.
class merkle_tree {
  public:
    std::uint64_t size() const { return levels_.empty() ? 0 : levels_.front().size(); }

    void append(byte_view leaf_data) { append(leaf_hash(leaf_data)); } // its leaf is leaf_hash(leaf_data)
    void append(const leaf_hash& leaf) {
        hash::digest32 digest = leaf.value();
        for (std::size_t level = 0;; ++level) {
            if (level == levels_.size()) levels_.emplace_back();
            levels_[level].push_back(digest);
            const std::size_t count = levels_[level].size();
            if (count % 2 == 1) return;
            digest = node_hash(levels_[level][count - 2], levels_[level][count - 1]);
        }
    }

    // index < size().
    const hash::digest32& leaf(std::uint64_t index) const {
        expects(index < size());
        return levels_.front()[static_cast<std::size_t>(index)];
    }

    hash::digest32 root() const { return root(size()); }
    // Root of the first `size` leaves, size <= size().
    hash::digest32 root(std::uint64_t size) const {
        expects(size <= this->size());
        return size == 0 ? empty_tree_root() : subtree(0, size);
    }

    // That leaf `index` is in the tree of the first `size` leaves; index < size <= size().
    inclusion_proof inclusion(std::uint64_t index) const { return inclusion(index, size()); }
    inclusion_proof inclusion(std::uint64_t index, std::uint64_t size) const {
        expects(index < size && size <= this->size());
        inclusion_proof proof;
        std::uint64_t first = 0;
        std::uint64_t count = size;
        while (count > 1) {
            const std::uint64_t left = std::bit_floor(count - 1);
            if (index - first < left) {
                proof.path.push_back(subtree(first + left, count - left));
                count = left;
            } else {
                proof.path.push_back(subtree(first, left));
                first += left;
                count -= left;
            }
        }
        std::reverse(proof.path.begin(), proof.path.end());
        return proof;
    }

    // That the tree of the first `old_size` leaves is the beginning of that of the first `new_size`;
    // old_size <= new_size <= size().
    consistency_proof consistency(std::uint64_t old_size) const { return consistency(old_size, size()); }
    consistency_proof consistency(std::uint64_t old_size, std::uint64_t new_size) const {
        expects(old_size <= new_size && new_size <= size());
        consistency_proof proof;
        if (old_size == 0) return proof;
        std::uint64_t first = 0;
        std::uint64_t count = new_size;
        std::uint64_t kept = old_size; // leaves of the old tree inside [first, first + count)
        while (kept != count) {
            const std::uint64_t left = std::bit_floor(count - 1);
            if (kept <= left) {
                proof.path.push_back(subtree(first + left, count - left));
                count = left;
            } else {
                proof.path.push_back(subtree(first, left));
                first += left;
                count -= left;
                kept -= left;
            }
        }
        // With first == 0 this is the old tree's own root, which the verifier has.
        if (first != 0) proof.path.push_back(subtree(first, count));
        std::reverse(proof.path.begin(), proof.path.end());
        return proof;
    }

  private:
    // Root of leaves [first, first + count); first is a multiple of a power of two not below count.
    hash::digest32 subtree(std::uint64_t first, std::uint64_t count) const {
        if (std::has_single_bit(count)) {
            const auto level = static_cast<std::size_t>(std::countr_zero(count));
            return levels_[level][static_cast<std::size_t>(first >> level)];
        }
        const std::uint64_t left = std::bit_floor(count);
        return node_hash(subtree(first, left), subtree(first + left, count - left));
    }

    std::vector<std::vector<hash::digest32>> levels_;
};

} // namespace veilsum::audit
