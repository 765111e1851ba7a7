// The time that the programs put on a record.
#include "support/catch.hpp"

#include "support/clock.hpp"

TEST_CASE("clock: one that is put back stands still until it has caught up", "[examples]") {
    examples::latest_time clock;
    CHECK(clock.at(1000) == 1000);
    CHECK(clock.at(1005) == 1005);
    CHECK(clock.at(990) == 1005);
    CHECK(clock.at(1005) == 1005);
    CHECK(clock.at(1006) == 1006);
    const auto before = examples::unix_seconds();
    CHECK(before > 1'700'000'000);
    CHECK(examples::unix_seconds() >= before);
}
