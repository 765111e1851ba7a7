// The seven ways in which a client of `train --attack NAME` cheats, and the check that refuses each: 100 and
// the check of the validity proof, as aggregation/contribution.hpp numbers them.
//
// - scaled: its update times 100, above the norm bound.
// - norm-plus-one: a vector whose squares sum to the bound and one more.
// - overflow: one slot of a ciphertext carries into the next.
// - out-of-range: one slot holds 2^(b-1), one above the largest value.
// - mismatch: commits to its update and encrypts another.
// - copy: another client's contribution under a signature of its own.
// - replay: its own contribution to the round before, signed anew.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace train {

enum class attack : std::uint8_t { scaled, norm_plus_one, overflow, out_of_range, mismatch, copy, replay };

struct attack_name {
    std::string_view name;
    attack which;
    std::uint32_t check; // that refuses it
};
inline constexpr std::array<attack_name, 7> attack_names{{{"scaled", attack::scaled, 108},
                                                          {"norm-plus-one", attack::norm_plus_one, 108},
                                                          {"overflow", attack::overflow, 111},
                                                          {"out-of-range", attack::out_of_range, 111},
                                                          {"mismatch", attack::mismatch, 111},
                                                          {"copy", attack::copy, 108},
                                                          {"replay", attack::replay, 108}}};

inline std::optional<attack_name> attack_called(std::string_view name) {
    for (const attack_name& each : attack_names)
        if (each.name == name) return each;
    return std::nullopt;
}

inline std::vector<std::string> names_of_attacks() {
    std::vector<std::string> names;
    for (const attack_name& each : attack_names) names.emplace_back(each.name);
    return names;
}

} // namespace train
