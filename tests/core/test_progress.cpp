#include "support/catch.hpp"

#include <veilsum/core/progress.hpp>

using namespace veilsum;

TEST_CASE("progress: a watcher is told both numbers, an empty one is not called", "[core]") {
    std::uint64_t seen_done = 0, seen_total = 0;
    report([&](std::uint64_t done, std::uint64_t total) { seen_done = done, seen_total = total; }, 3, 8);
    CHECK(seen_done == 3);
    CHECK(seen_total == 8);
    CHECK_NOTHROW(report(progress{}, 1, 2));
}
