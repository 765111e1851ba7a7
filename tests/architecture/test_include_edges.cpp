// The tree of headers keeps to the table; and the checker itself sees every kind of violation, on small trees
// made for that.
#include "support/catch.hpp"
#include "support/include_graph.hpp"

using namespace veilsum::test;

namespace {

const std::string rules = "room low 0 : foundation\n"
                          "room mid 1 : in between\n"
                          "room side 1 : beside mid\n"
                          "room high 2 : on top\n"
                          "edge mid -> low : needs it\n"
                          "edge high -> mid/open.hpp : may see the public half only\n"
                          "edge high/door.hpp -> mid/key.hpp : the one header that may see the key\n"
                          "library low -> numbers.h : arithmetic\n"
                          "unreachable high/judge.hpp -> mid/key.hpp : a judge has no key\n"
                          "word printf : the library does not print\n"
                          "word std::cout : the library does not print\n"
                          "word getenv : no environment switches\n"
                          "word getenv except low/plain.hpp : to test exceptions\n"
                          "apart side : needs another library\n";

std::string header(const std::string& body) {
    return "// A header.\n#pragma once\n" + body;
}

// Breaks no rule and uses every edge.
header_tree good_tree() {
    return {
        {"low/plain.hpp", header("#include <vector>\n#include <numbers.h>\n// printf in a comment\n")},
        {"mid/open.hpp", header("#include <veilsum/low/plain.hpp>\n")},
        {"mid/key.hpp", header("#include <veilsum/mid/open.hpp>\n")},
        {"side/other.hpp", header("inline const char* text = \"printf\";\n")},
        {"high/judge.hpp", header("#include <veilsum/mid/open.hpp>\n")},
        {"high/door.hpp", header("#include <veilsum/mid/key.hpp>\n")},
        {"low.hpp", header("#include <veilsum/low/plain.hpp>\n")},
        {"mid.hpp", header("#include <veilsum/mid/key.hpp>\n#include <veilsum/mid/open.hpp>\n")},
        {"side.hpp", header("#include <veilsum/side/other.hpp>\n")},
        {"high.hpp", header("#include <veilsum/high/door.hpp>\n#include <veilsum/high/judge.hpp>\n")},
        {"veilsum.hpp",
         header("#include <veilsum/high.hpp>\n#include <veilsum/mid.hpp>\n#include <veilsum/low.hpp>\n")},
    };
}

text_lines check_with(const std::string& name, const std::string& body) {
    header_tree tree = good_tree();
    tree[name] = header(body);
    return check_tree(tree, parse_rules(rules));
}

text_lines only(const std::string& line) {
    return {line};
}

} // namespace

TEST_CASE("architecture: include/ keeps to the table of allowed edges", "[architecture]") {
    const std::filesystem::path root = VEILSUM_SOURCE_DIR;
    const rule_table table = parse_rules(read_text(root / "tests/architecture/allowed_edges.txt"));
    REQUIRE(table.layers.size() > 10);
    const header_tree tree = load_tree(root / "include/veilsum");
    REQUIRE(tree.count("core/bytes.hpp") == 1);
    const text_lines found = check_tree(tree, table);
    for (const std::string& line : found) FAIL_CHECK(line);
}

TEST_CASE("architecture checker: a tree that keeps every rule passes", "[architecture]") {
    CHECK(check_tree(good_tree(), parse_rules(rules)) == text_lines{});
}

TEST_CASE("architecture checker: an edge that the table lacks is found", "[architecture]") {
    header_tree tree = good_tree();
    tree["high/judge.hpp"] += "#include <veilsum/low/plain.hpp>\n";
    CHECK(check_tree(tree, parse_rules(rules)) ==
          only("high/judge.hpp: includes low/plain.hpp: no such edge in the table"));
}

TEST_CASE("architecture checker: an edge for one header does not serve its room", "[architecture]") {
    header_tree tree = good_tree();
    tree["high/thief.hpp"] = header("#include <veilsum/mid/key.hpp>\n");
    tree["high.hpp"] += "#include <veilsum/high/thief.hpp>\n";
    CHECK(check_tree(tree, parse_rules(rules)) ==
          only("high/thief.hpp: includes mid/key.hpp: no such edge in the table"));
}

TEST_CASE("architecture checker: an upward include is found, even with an edge for it", "[architecture]") {
    header_tree tree = good_tree();
    tree["mid/key.hpp"] += "#include <veilsum/high/judge.hpp>\n";
    const rule_table table = parse_rules(rules + "edge mid -> high : a mistake in the table\n");
    CHECK(check_tree(tree, table) ==
          text_lines{"mid/key.hpp: includes upward: high/judge.hpp", "rooms include each other: high, mid"});
}

TEST_CASE("architecture checker: a room that the table lacks is found", "[architecture]") {
    header_tree tree = good_tree();
    tree["attic/box.hpp"] = header("");
    tree["veilsum.hpp"] += "#include <veilsum/attic/box.hpp>\n";
    CHECK(check_tree(tree, parse_rules(rules)) == only("attic/box.hpp: room 'attic' is not in the table"));
}

TEST_CASE("architecture checker: a forbidden header is found through any number of steps", "[architecture]") {
    header_tree tree = good_tree();
    tree["high/judge.hpp"] = header("#include <veilsum/mid/open.hpp>\n#include <veilsum/high/step.hpp>\n");
    tree["high/step.hpp"] = header("#include <veilsum/high/door.hpp>\n");
    tree["high.hpp"] += "#include <veilsum/high/step.hpp>\n";
    CHECK(
        check_tree(tree, parse_rules(rules)) ==
        only("must not reach mid/key.hpp: high/judge.hpp -> high/step.hpp -> high/door.hpp -> mid/key.hpp"));
}

TEST_CASE("architecture checker: a rule about a header that was renamed is found", "[architecture]") {
    header_tree tree = good_tree();
    const rule_table table = parse_rules(rules + "unreachable high/judge.hpp -> mid/gone.hpp : old name\n");
    CHECK(check_tree(tree, table) ==
          only("table: rule names a header that does not exist: high/judge.hpp -> mid/gone.hpp"));
}

TEST_CASE("architecture checker: an edge or library that nothing uses is found", "[architecture]") {
    const rule_table table =
        parse_rules(rules + "edge high -> low : nobody needs it\nlibrary mid -> Eigen/ : nobody needs it\n");
    CHECK(check_tree(good_tree(), table) ==
          text_lines{"table: edge is not used: high -> low", "table: library is not used: mid -> Eigen/"});
}

TEST_CASE("architecture checker: a library outside its rooms is found", "[architecture]") {
    CHECK(check_with("side/other.hpp", "#include <numbers.h>\n") ==
          only("side/other.hpp: includes <numbers.h>: library not allowed here"));
    CHECK(check_with("side/other.hpp", "#  include <Eigen/Core>\n") ==
          only("side/other.hpp: includes <Eigen/Core>: library not allowed here"));
    CHECK(check_with("side/other.hpp", "#include \"numbers.h\"\n") ==
          only("side/other.hpp: includes \"numbers.h\": write <veilsum/room/file.hpp>"));
    CHECK(check_with("side/other.hpp", "#include SOME_MACRO\n") ==
          only("side/other.hpp: includes <>: library not allowed here"));
}

TEST_CASE("architecture checker: forbidden words are found in code only", "[architecture]") {
    CHECK(check_with("side/other.hpp", "inline void f() { printf(\"x\"); }\n") ==
          only("side/other.hpp: uses 'printf'"));
    CHECK(check_with("side/other.hpp", "inline void f() { std::cout << 1'000; }\n") ==
          only("side/other.hpp: uses 'std::cout'"));
    CHECK(check_with("side/other.hpp", "inline char f() { return '\"'; } inline int g = getenv(\"A\");\n") ==
          only("side/other.hpp: uses 'getenv'"));
    CHECK(check_with("side/other.hpp", "/* printf\n printf */ int sprintf_like; // getenv\n") ==
          text_lines{});
    CHECK(check_with("low/plain.hpp", "#include <numbers.h>\ninline int g = getenv(\"A\");\n") ==
          text_lines{});
}

TEST_CASE("architecture checker: an umbrella that leaves out or brings in too much is found",
          "[architecture]") {
    header_tree tree = good_tree();
    tree["low/more.hpp"] = header("");
    CHECK(check_tree(tree, parse_rules(rules)) ==
          text_lines{"low.hpp leaves out low/more.hpp", "veilsum.hpp leaves out low/more.hpp"});
    tree = good_tree();
    tree["veilsum.hpp"] += "#include <veilsum/side/other.hpp>\n";
    CHECK(check_tree(tree, parse_rules(rules)) == only("veilsum.hpp brings in side/other.hpp"));
    tree = good_tree();
    tree["veilsum.hpp"] += "#include <veilsum/side.hpp>\n";
    CHECK(check_tree(tree, parse_rules(rules)) ==
          text_lines{"veilsum.hpp brings in side.hpp", "veilsum.hpp brings in side/other.hpp"});
    tree = good_tree();
    tree["high/door.hpp"] += "#include <veilsum/veilsum.hpp>\n";
    CHECK(check_tree(tree, parse_rules(rules)) == only("high/door.hpp: includes the umbrella veilsum.hpp"));
    tree = good_tree();
    tree["high/door.hpp"] += "#include <veilsum/mid.hpp>\n";
    CHECK(check_tree(tree, parse_rules(rules)) == only("high/door.hpp: includes the umbrella mid.hpp"));
    tree = good_tree();
    tree.erase("veilsum.hpp");
    CHECK(check_tree(tree, parse_rules(rules)) == only("there is no umbrella veilsum.hpp"));
}

TEST_CASE("architecture checker: the umbrella of a room holds that room, all of it and nothing else",
          "[architecture]") {
    header_tree tree = good_tree();
    tree["mid.hpp"] = header("#include <veilsum/mid/key.hpp>\n"); // reaches open.hpp, but does not name it
    CHECK(check_tree(tree, parse_rules(rules)) == only("mid.hpp leaves out mid/open.hpp"));
    tree = good_tree();
    tree["mid.hpp"] += "#include <veilsum/low/plain.hpp>\n";
    CHECK(check_tree(tree, parse_rules(rules)) == only("mid.hpp brings in low/plain.hpp"));
    tree = good_tree();
    tree["mid.hpp"] += "#include <vector>\n";
    CHECK(check_tree(tree, parse_rules(rules)) == only("mid.hpp brings in <vector>"));
    tree = good_tree();
    tree["low/foreign.hpp"] = header("");
    const rule_table table = parse_rules(rules + "apart low/foreign.hpp : needs another library\n");
    CHECK(check_tree(tree, table) == text_lines{});
    tree["low.hpp"] += "#include <veilsum/low/foreign.hpp>\n";
    CHECK(check_tree(tree, table) ==
          text_lines{"low.hpp brings in low/foreign.hpp", "veilsum.hpp brings in low/foreign.hpp"});
    tree = good_tree();
    tree.erase("side.hpp");
    CHECK(check_tree(tree, parse_rules(rules)) == only("there is no umbrella side.hpp"));
    tree = good_tree();
    tree["stray.hpp"] = header("");
    CHECK(check_tree(tree, parse_rules(rules)) ==
          text_lines{"stray.hpp: lies in no room and is no umbrella", "veilsum.hpp leaves out stray.hpp"});
}

TEST_CASE("architecture checker: headers open with a comment and a guard", "[architecture]") {
    header_tree tree = good_tree();
    tree["side/other.hpp"] = "int x;\n";
    CHECK(check_tree(tree, parse_rules(rules)) ==
          text_lines{"side/other.hpp: does not open with a comment", "side/other.hpp: no #pragma once"});
}

TEST_CASE("architecture checker: a missing header and an unreadable rule are found", "[architecture]") {
    CHECK(check_with("side/other.hpp", "#include <veilsum/low/gone.hpp>\n") ==
          only("side/other.hpp: includes low/gone.hpp, which does not exist"));
    CHECK(check_tree(good_tree(), parse_rules(rules + "edge low -> nowhere\n")) ==
          only("table: cannot read: edge low -> nowhere"));
}
