// What the programs print of somebody else's text.
#include "support/catch.hpp"

#include "support/console.hpp"

#include <string>
#include <string_view>

using examples::printable;

TEST_CASE("console: text that could act on a terminal is spelled out", "[examples]") {
    for (const std::string_view plain : {"", "example.org/log", "B\xc3\xbcro \xe2\x82\xac", "~\xc2\xa0"})
        CHECK(printable(plain) == plain);
    CHECK(printable("a\x1b[2Jb") == "a\\u{1b}[2Jb"); // clears a screen
    CHECK(printable("\xc2\x9b"
                    "1A") == "\\u{9b}1A"); // the same in one character: a line up
    CHECK(printable("\x7f\r\n") == "\\u{7f}\\u{d}\\u{a}");
    CHECK(printable("\xe2\x80\xae"
                    "gol") == "\\u{202e}gol"); // right to left
    CHECK(printable("\xe2\x81\xa6\xe2\x80\xa8") == "\\u{2066}\\u{2028}");
    CHECK(printable("\xff\xc3") == "\\xff\\xc3"); // no UTF-8
}
