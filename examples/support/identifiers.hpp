// Ids and keys on a command line.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace examples {

// 64 hexadecimal digits; nothing for an empty text, which is an option that was not given.
inline veilsum::result<std::optional<veilsum::byte_array<32>>> parse_id(const std::string& text,
                                                                        std::string_view what) {
    if (text.empty()) return std::optional<veilsum::byte_array<32>>();
    const auto parsed = veilsum::from_hex(text);
    if (!parsed || parsed->size() != 32) return veilsum::error{veilsum::errc::malformed, what};
    veilsum::byte_array<32> id{};
    std::copy(parsed->begin(), parsed->end(), id.begin());
    return std::optional(id);
}

} // namespace examples
