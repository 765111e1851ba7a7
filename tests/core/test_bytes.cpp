#include "support/catch.hpp"

#include <veilsum/core/bytes.hpp>

using namespace veilsum;

TEST_CASE("bytes: every byte value goes to hexadecimal text and back", "[core]") {
    bytes all(256);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i);
    const std::string text = to_hex(all);
    CHECK(text.substr(0, 8) == "00010203");
    CHECK(text.substr(504) == "fcfdfeff");
    CHECK(from_hex(text) == all);
    CHECK(to_hex(bytes{}).empty());
    CHECK(from_hex("") == bytes{});
}

TEST_CASE("bytes: hexadecimal text has one spelling", "[core]") {
    for (const char* text : {"0", "0g", "g0", "AB", "aB", "0x", "0x01", " 1", "1 ", "01 02", "0\n"}) {
        INFO(text);
        CHECK(from_hex(text) == std::nullopt);
    }
    CHECK(from_hex(std::string_view("0\0", 2)) == std::nullopt);
    // Neighbours of the accepted ranges 0-9 and a-f.
    for (const char c : {'/', ':', '`', 'g', '@', 'G'}) {
        CHECK(from_hex(std::string{c, '0'}) == std::nullopt);
        CHECK(from_hex(std::string{'0', c}) == std::nullopt);
    }
}

TEST_CASE("bytes: text is viewed without a terminator", "[core]") {
    CHECK(as_bytes("").empty());
    const std::string_view with_zero("a\0b", 3);
    REQUIRE(as_bytes(with_zero).size() == 3);
    CHECK(as_bytes(with_zero)[1] == 0);
    CHECK(as_bytes(with_zero)[2] == 'b');
}

TEST_CASE("bytes: equal means same length and same bytes", "[core]") {
    CHECK(equal(as_bytes(""), as_bytes("")));
    CHECK(equal(as_bytes("abc"), as_bytes("abc")));
    CHECK_FALSE(equal(as_bytes("abc"), as_bytes("abd")));
    CHECK_FALSE(equal(as_bytes("abc"), as_bytes("ab")));
    CHECK_FALSE(equal(as_bytes(""), as_bytes("a")));
}
