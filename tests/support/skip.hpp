// skip_case: this machine lacks what the case needs (a data set, an instruction set). The case then counts as
// skipped, never as passed. Return from the case straight after it.
//
//     if (!std::filesystem::exists(path)) return skip_case("data set is absent");
#pragma once

#include "support/catch.hpp"

#include <string>

namespace veilsum::test {

inline bool& skipped_case() {
    static bool skipped = false;
    return skipped;
}

inline void skip_case(const std::string& reason) {
    skipped_case() = true;
    WARN("skipped: " << reason);
}

} // namespace veilsum::test
