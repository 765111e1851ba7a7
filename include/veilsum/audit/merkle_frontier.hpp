// The root of a growing Merkle tree in logarithmic memory, for whoever reads a log once and proves nothing.
//
// Keeps the roots of the complete subtrees that the leaves so far fall into, largest first: one for each bit
// that is set in their number. The same hashes as audit/merkle.hpp, which keeps all of them and can prove.
//
//     append    1 leaf hash and on average 1 node hash        root    at most log2(size) node hashes
//
// spec: RFC 6962, section 2.1.
#pragma once

#include <veilsum/audit/merkle_proof.hpp>

#include <cstdint>
#include <vector>

namespace veilsum::audit {

class merkle_frontier {
  public:
    std::uint64_t size() const { return size_; }

    // The next leaf. Cost: one hash on average.
    void append(const leaf_hash& leaf) {
        hash::digest32 digest = leaf.value();
        // As many subtrees become one as there are ones at the end of the number of leaves before.
        for (std::uint64_t carry = size_; carry % 2 == 1; carry /= 2) {
            digest = node_hash(subtrees_.back(), digest);
            subtrees_.pop_back();
        }
        subtrees_.push_back(digest);
        ++size_;
    }

    hash::digest32 root() const {
        if (subtrees_.empty()) return empty_tree_root();
        hash::digest32 digest = subtrees_.back();
        for (std::size_t k = subtrees_.size() - 1; k-- > 0;) digest = node_hash(subtrees_[k], digest);
        return digest;
    }

  private:
    std::vector<hash::digest32> subtrees_;
    std::uint64_t size_ = 0;
};

} // namespace veilsum::audit
