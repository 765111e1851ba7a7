// What README.md shows is code that is compiled.
#include "support/catch.hpp"
#include "support/include_graph.hpp"

using namespace veilsum::test;

TEST_CASE("README: its example is the one that is built", "[architecture]") {
    const std::filesystem::path root = VEILSUM_SOURCE_DIR;
    const std::string program = read_text(root / "examples/course/01_encrypt_and_add.cpp");
    std::string shown;
    bool inside = false;
    for (const std::string& line : lines_of(read_text(root / "README.md"))) {
        if (line.rfind("    veilsum::result<", 0) == 0) inside = true;
        if (inside && line.rfind("## ", 0) == 0) break;
        if (inside) shown += (line.size() > 4 ? line.substr(4) : line) + "\n";
    }
    while (!shown.empty() && shown.back() == '\n') shown.pop_back();
    REQUIRE(shown.size() > 500);
    CHECK(program.find(shown) != std::string::npos);
}
