// Published data sets for tests on real input. They are no part of the project: they lie beside it, in
// ../shared/data, or where the environment variable VEILSUM_DATA says.
//
//     const auto folder = test::shared_data("mnist");
//     if (!folder) return test::skip_case(test::where_shared_data_is_sought());
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

namespace veilsum::test {

inline std::filesystem::path shared_data_folder() {
    const char* const given = std::getenv("VEILSUM_DATA");
    return given != nullptr && *given != '\0'
               ? std::filesystem::path(given)
               : std::filesystem::path(VEILSUM_SOURCE_DIR) / ".." / "shared" / "data";
}

inline std::string where_shared_data_is_sought() {
    return "no such folder under " + shared_data_folder().string() + ", and VEILSUM_DATA names no other";
}

// The folder of one set, if it is there.
inline std::optional<std::filesystem::path> shared_data(const std::string& set) {
    std::error_code ignored;
    std::filesystem::path folder = shared_data_folder() / set;
    if (!std::filesystem::is_directory(folder, ignored)) return std::nullopt;
    return folder;
}

} // namespace veilsum::test
