// Vectors as JSON in this folder, for other implementations: each test here writes its file anew in memory
// and compares, then replays the committed file; the verifier in Python replays the same files
// (tests/interop/test_vectors.py).
//
// To write the files after a change of the format:
//
//     VEILSUM_VECTOR_DIR=tests/vectors build/asan/tests/test_vectors "[.write]"
//
// Verdicts: "accepted", or {"code", "check"} of the first check that fails, with "part" where the procedure
// has parts.
#pragma once

#include "support/catch.hpp"

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/error.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/transcript/transcript.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::test {

// Keeps the order in which a file is written.
using json = nlohmann::ordered_json;

inline json read_vectors(const std::string& name) {
    std::ifstream file(std::filesystem::path(VEILSUM_SOURCE_DIR) / "tests" / "vectors" / name);
    REQUIRE(file);
    return json::parse(file);
}
inline void write_vectors(const std::string& name, const json& content) {
    const char* folder = std::getenv("VEILSUM_VECTOR_DIR");
    REQUIRE(folder != nullptr);
    std::ofstream file(std::filesystem::path(folder) / name);
    file << content.dump(1) << '\n';
    REQUIRE(file.flush());
}

inline bytes from(const json& hex) {
    auto data = from_hex(hex.get<std::string>());
    REQUIRE(data);
    return *std::move(data);
}

// {"protocol": ..., "items": [[label, hex], ...]}
inline json context_of(const std::string& protocol, const std::string& who) {
    return {{"protocol", protocol}, {"items", json::array({json::array({"who", to_hex(as_bytes(who))})})}};
}
inline transcript::transcript script_of(const json& context) {
    transcript::transcript made(context["protocol"].get<std::string>());
    for (const json& item : context["items"]) made.absorb(item[0].get<std::string>(), from(item[1]));
    return made;
}

// Changes are [[offset, hex], ...]: what stands there instead.
inline bytes altered(bytes data, const json& changes) {
    for (const json& change : changes) {
        const bytes instead = from(change[1]);
        const auto offset = change[0].get<std::size_t>();
        REQUIRE(offset + instead.size() <= data.size());
        std::copy(instead.begin(), instead.end(), data.begin() + static_cast<std::ptrdiff_t>(offset));
    }
    return data;
}
// One bit of one byte of `data` differs.
inline json flipped(const json& data, std::size_t offset, unsigned bit = 0) {
    const auto byte = static_cast<std::uint8_t>(from(data).at(offset) ^ (1u << bit));
    return json::array({json::array({offset, to_hex(byte_view(&byte, 1))})});
}

// "bad_proof"
inline std::string code_of(const error& failure) {
    std::string text(name_of(failure.code));
    std::replace(text.begin(), text.end(), ' ', '_');
    return text;
}
inline json refused(const char* code, std::uint32_t check) {
    return {{"code", code}, {"check", check}};
}
inline json refused(const char* code, std::uint32_t check, const char* part) {
    return {{"code", code}, {"check", check}, {"part", part}};
}

template <class T>
void compare(const result<T>& outcome, const json& verdict) {
    if (verdict == "accepted") {
        if (!outcome) FAIL(outcome.error().describe());
        return;
    }
    REQUIRE_FALSE(outcome);
    CHECK(code_of(outcome.error()) == verdict["code"].get<std::string>());
    CHECK(outcome.error().check == verdict["check"].get<std::uint32_t>());
    if (verdict.contains("part")) {
        const auto part = verdict["part"].get<std::string>();
        CHECK(outcome.error().place.substr(0, part.size()) == part);
    }
}

} // namespace veilsum::test
