// Parties of a threshold scheme: indices 1..65535 and sets of them.
//
// Index 0 is where the shared polynomial holds the secret, so it cannot be named: a `party_id` is never zero.
// A `party_set` is sorted and holds each index once; a duplicate is an error where the set is made.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>

#include <algorithm>
#include <compare>
#include <cstdint>
#include <span>
#include <vector>

namespace veilsum {

// The index of a trustee, 1..65535.
class party_id {
  public:
    // The index must be 1..65535: check input with `parse` first.
    explicit constexpr party_id(std::uint32_t index) : index_(static_cast<std::uint16_t>(index)) {
        expects(index >= 1 && index <= 65535);
    }
    static result<party_id> parse(std::uint32_t index) {
        if (index < 1 || index > 65535) return error{errc::out_of_range, "party index"};
        return party_id(index);
    }
    // 1 or more.
    constexpr std::uint32_t index() const { return index_; }
    constexpr auto operator<=>(const party_id&) const = default;

  private:
    std::uint16_t index_;
};

// Parties in ascending order, each once.
class party_set {
  public:
    // Refuses duplicates (errc::duplicate).
    static result<party_set> of(std::span<const party_id> members) {
        party_set set;
        set.members_.assign(members.begin(), members.end());
        std::sort(set.members_.begin(), set.members_.end());
        if (std::adjacent_find(set.members_.begin(), set.members_.end()) != set.members_.end())
            return error{errc::duplicate, "party index"};
        return set;
    }
    std::size_t size() const { return members_.size(); }
    bool contains(party_id id) const { return std::binary_search(members_.begin(), members_.end(), id); }
    auto begin() const { return members_.begin(); } // in ascending order
    auto end() const { return members_.end(); }     // in ascending order
    bool operator==(const party_set&) const = default;

  private:
    std::vector<party_id> members_;
};

} // namespace veilsum
