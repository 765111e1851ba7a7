#include "support/catch.hpp"
#include "support/ends_process.hpp"

#include <veilsum/core/contract.hpp>

using namespace veilsum;

TEST_CASE("contract: a broken one ends the process, a kept one does nothing", "[core]") {
    CHECK(test::ends_process([] { expects(false); }));
    CHECK_FALSE(test::ends_process([] { expects(true); }));
}

namespace {
void takes_positive(int value) {
    expects(value > 0);
}
} // namespace

TEST_CASE("contract: a broken one says where, and not with what", "[core]") {
    const auto said = test::last_words([] { takes_positive(-41); });
    REQUIRE(said);
    CHECK(said->starts_with("veilsum: broken contract in takes_positive, "));
    CHECK(said->find("test_contract.cpp:") != said->npos);
    CHECK(said->ends_with("\n"));
    CHECK(said->find("41") == said->npos);
}
