#include "support/catch.hpp"
#include "support/ends_process.hpp"

#include <veilsum/core/contract.hpp>

using namespace veilsum;

TEST_CASE("contract: a broken one ends the process, a kept one does nothing", "[core]") {
    CHECK(test::ends_process([] { expects(false); }));
    CHECK_FALSE(test::ends_process([] { expects(true); }));
}
