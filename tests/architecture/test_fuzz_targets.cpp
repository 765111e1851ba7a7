// Every decoder of the library has a fuzz target: a function in include/ that makes a value, or an error, of
// bytes, text or a file is named in tests/fuzz/fuzz_*.cpp, as `class::function` where it is a member. What
// needs none stands below with its reason. The messages of the program `cluster` are held to the same.
#include "support/catch.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path root = VEILSUM_SOURCE_DIR;

const std::map<std::string, std::string_view> exempt = {
    {"proof::parse", "of fiat_shamir.hpp: through the protocols' own, in fuzz_keys.cpp"},
    {"posix_file::open", "opens a file, reads nothing of it"},
    {"posix_file::read_at", "reads so many bytes, which others decode"},
    {"ntl_integer::from_decimal", "a second backend, for tests alone"},
    {"ntl_integer::from_hex", "a second backend, for tests alone"},
    {"gmp_integer::from_text", "through from_decimal and from_hex"},
    {"accountant::read_form", "through decode and decode_next"},
    {"validity_verifier::parse", "through verify"},
    {"validity_verifier::parse_elements", "through verify"},
    {"validity_verifier::parse_residues", "through verify"},
    {"validity_verifier::open_claim", "through verify"},
    {"log_file::read", "through open_for_reading: reads what was checked on opening"},
    {"file_store::read", "through log_file::open_for_reading"},
    {"memory_store::read", "of records that the process made"},
    {"memory_store::read_checkpoint", "of a note that the process was given"},
    {"opening::from_blocks", "of plaintexts that a quorum decrypted; through session_state"},
    {"idle_session::open", "begins a session"},
    {"file_outbox::open", "through journal::open; its entries have one length"},
    {"light_session::open_round_of", "through light_session::apply"},
    {"session_state::open", "through open_session"},
    {"light_session::open", "through open_session"},
    {"open_sub_share", "of a contribution that was parsed; named with it"},
};

std::string read_file(const fs::path& path) {
    std::ifstream in(path);
    REQUIRE(in);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Names of the decoders that a header defines: `result<...>` or `std::optional<...>`, then a name that says
// so.
std::vector<std::string> decoders_of(const std::string& text) {
    static const std::regex opens_class(R"(^\s*(?:class|struct)\s+(?:\[\[nodiscard\]\]\s+)?(\w+)[^;]*\{)");
    static const std::regex defines(
        R"(^\s*(?:static |inline )*(?:result|std::optional)<.*>\s+((?:parse|read|open|unframe|from|take_code|decode)\w*)\()");
    static const std::regex continues(R"(^\s*((?:parse|read|open|from)\w*)\((?:const|byte_view|std::))");
    std::vector<std::string> found;
    std::vector<std::pair<std::size_t, std::string>> classes; // with their indentation
    std::string line, before;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        line = text.substr(at, end - at);
        at = end + 1;
        const std::size_t indent = line.find_first_not_of(' ');
        if (indent == std::string::npos || line.compare(indent, 2, "//") == 0) continue;
        while (!classes.empty() && indent <= classes.back().first && line[indent] != '}' &&
               line.compare(indent, 7, "public:") != 0 && line.compare(indent, 8, "private:") != 0)
            classes.pop_back();
        std::smatch match;
        if (std::regex_search(line, match, opens_class)) classes.emplace_back(indent, match[1]);
        const bool declared = std::regex_search(line, match, defines) ||
                              ((before.ends_with('>') && before.find("result<") != std::string::npos) &&
                               std::regex_search(line, match, continues));
        before = line;
        if (!declared) continue;
        std::string name = match[1];
        if (!classes.empty()) name = classes.back().second + "::" + name;
        found.push_back(name);
    }
    return found;
}

std::vector<fs::path> files(const fs::path& folder, std::string_view extension) {
    std::vector<fs::path> out;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.path().extension() == extension) out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
}

} // namespace

TEST_CASE("fuzz targets: what makes a value of bytes is found in a header", "[architecture]") {
    CHECK(decoders_of("class key {\n  public:\n    static result<key> parse(byte_view data) {\n") ==
          std::vector<std::string>{"key::parse"});
    CHECK(
        decoders_of(
            "template <class T>\nresult<share<T>>\nopen_share(const secret<bytes>& p, byte_view file);\n") ==
        std::vector<std::string>{"open_share"});
    CHECK(decoders_of("struct a {\n    struct b {\n        static result<b> parse(byte_view);\n    };\n"
                      "    static result<a> parse(byte_view);\n};\ninline std::optional<bytes> "
                      "from_hex(std::string_view);\n") ==
          std::vector<std::string>{"b::parse", "a::parse", "from_hex"});
    CHECK(decoders_of("// result<key> parse(byte_view)\nresult<void> check();\n").empty());
}

TEST_CASE("fuzz targets: each decoder of the library is named in one", "[architecture]") {
    std::string targets;
    for (const fs::path& path : files(root / "tests/fuzz", ".cpp")) targets += read_file(path);
    std::vector<std::string> all;
    for (const fs::path& path : files(root / "include", ".hpp"))
        for (std::string& name : decoders_of(read_file(path))) all.push_back(std::move(name));
    CHECK(all.size() > 60);
    for (std::string& name : decoders_of(read_file(root / "examples/cluster/protocol.hpp")))
        all.push_back(std::move(name));
    for (const std::string& name : all) {
        INFO(name << ": name it in the table of a target in tests/fuzz, or exempt it here");
        // A member's name is followed by something else than the rest of a longer one.
        const std::regex whole("(^|[^\\w:]|::)" + name + "\\b");
        CHECK((exempt.contains(name) || std::regex_search(targets, whole)));
    }
    for (const auto& [name, reason] : exempt) {
        INFO(name << ": exempt, but there is no such decoder");
        CHECK(std::count(all.begin(), all.end(), name) > 0);
    }
}
