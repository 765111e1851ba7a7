// How bytes, text and numbers are spelled in a signed note: base64, UTF-8, decimal. One spelling for each
// value.
//
// Base64 is that of RFC 4648, section 4, with padding, and unused bits that are zero. Numbers are ASCII
// decimal without sign or leading zero. UTF-8 is that of RFC 3629: no overlong forms, surrogates, or code
// points above U+10FFFF.
#pragma once

#include <veilsum/core/bytes.hpp>

#include <sodium/utils.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace veilsum::audit {

// The standard alphabet, padded.
inline std::string to_base64(byte_view data) {
    std::string text(sodium_base64_encoded_len(data.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), data.data(), data.size(), sodium_base64_VARIANT_ORIGINAL);
    text.pop_back(); // the terminator that sodium counts
    return text;
}

// Empty for anything but the one spelling that to_base64 gives, and compared with it: libsodium refuses
// missing padding and unused bits that are not zero, but 1.0.18 takes every octet above 0x7f for a digit.
inline std::optional<bytes> from_base64(std::string_view text) {
    bytes data(text.size() / 4 * 3 + 3);
    std::size_t length = 0;
    const char* end = nullptr;
    if (sodium_base642bin(data.data(), data.size(), text.data(), text.size(), nullptr, &length, &end,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        end != text.data() + text.size())
        return std::nullopt;
    data.resize(length);
    if (to_base64(data) != text) return std::nullopt;
    return data;
}

// Digits without sign or leading zero, below 2^64; else empty.
inline std::optional<std::uint64_t> from_decimal(std::string_view text) {
    if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
    if (text.size() > 1 && text.front() == '0') return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// The code point at the front of `text`, which is shortened by it; empty when there is none.
inline std::optional<char32_t> take_code_point(std::string_view& text) {
    if (text.empty()) return std::nullopt;
    const auto byte_at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = byte_at(0);
    const std::size_t length = lead < 0x80             ? 1
                               : (lead & 0xe0) == 0xc0 ? 2
                               : (lead & 0xf0) == 0xe0 ? 3
                               : (lead & 0xf8) == 0xf0 ? 4
                                                       : 0;
    if (length == 0 || text.size() < length) return std::nullopt;
    char32_t point = length == 1 ? lead : static_cast<char32_t>(lead & (0x7f >> length));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte_at(i) & 0xc0) != 0x80) return std::nullopt;
        point = point << 6 | static_cast<char32_t>(byte_at(i) & 0x3f);
    }
    constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < smallest[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return std::nullopt;
    text.remove_prefix(length);
    return point;
}

// The property White_Space of the Unicode character database.
constexpr bool is_unicode_space(char32_t point) {
    return (point >= 0x09 && point <= 0x0d) || point == 0x20 || point == 0x85 || point == 0xa0 ||
           point == 0x1680 || (point >= 0x2000 && point <= 0x200a) || point == 0x2028 || point == 0x2029 ||
           point == 0x202f || point == 0x205f || point == 0x3000;
}

// UTF-8 without control characters below U+0020 other than newline.
inline bool is_note_text(std::string_view text) {
    while (!text.empty()) {
        const auto point = take_code_point(text);
        if (!point || (*point < 0x20 && *point != '\n')) return false;
    }
    return true;
}

} // namespace veilsum::audit
