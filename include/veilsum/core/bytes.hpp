// Bytes: owned, viewed, as hexadecimal text.
//
// `bytes` owns, `byte_view` looks; text is viewed as its bytes without a terminator. Hexadecimal is lower
// case without prefix or separators; reading accepts that form only, so a value has one spelling.
#pragma once

#if __cplusplus < 202002L
#error "veilsum needs C++20: compile with -std=c++20 or later"
#endif

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace veilsum {

using bytes = std::vector<std::uint8_t>;
using byte_view = std::span<const std::uint8_t>; // not owned
// N bytes, by value.
template <std::size_t N>
using byte_array = std::array<std::uint8_t, N>;

// The characters of a text, looked at as bytes; the text must outlive the view.
inline byte_view as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string to_hex(byte_view data) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(2 * data.size());
    for (const std::uint8_t value : data) {
        text.push_back(digits[value >> 4]);
        text.push_back(digits[value & 15]);
    }
    return text;
}

// Empty when the text has odd length or a character outside 0-9a-f.
inline std::optional<bytes> from_hex(std::string_view text) {
    const auto nibble = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    if (text.size() % 2 != 0) return std::nullopt;
    bytes out(text.size() / 2);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int high = nibble(text[2 * i]);
        const int low = nibble(text[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out[i] = static_cast<std::uint8_t>(16 * high + low);
    }
    return out;
}

// Same length, same bytes. Variable time: for public bytes.
inline bool equal(byte_view a, byte_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

} // namespace veilsum
