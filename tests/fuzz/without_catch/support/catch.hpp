// In the place of tests/support/catch.hpp for fuzz targets, which build their worlds outside of a test case:
// what is required there ends the process, with a line that says what it was.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

namespace veilsum::fuzz {
[[noreturn]] inline void end_world(const char* file, int line, const std::string& what) {
    std::fprintf(stderr, "%s:%d: %s\n", file, line, what.c_str());
    std::abort();
}
} // namespace veilsum::fuzz

#define REQUIRE(...)                                                                                         \
    (static_cast<bool>(__VA_ARGS__) ? void() : veilsum::fuzz::end_world(__FILE__, __LINE__, #__VA_ARGS__))
#define REQUIRE_FALSE(...)                                                                                   \
    (static_cast<bool>(__VA_ARGS__) ? veilsum::fuzz::end_world(__FILE__, __LINE__, "not: " #__VA_ARGS__)     \
                                    : void())
#define CHECK(...) REQUIRE(__VA_ARGS__)
#define FAIL(...) veilsum::fuzz::end_world(__FILE__, __LINE__, __VA_ARGS__)
