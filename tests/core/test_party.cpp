#include "support/catch.hpp"
#include "support/ends_process.hpp"

#include <veilsum/core/party.hpp>

#include <type_traits>

using namespace veilsum;

TEST_CASE("party_id: indices are 1 to 65535, and parse says so", "[core]") {
    REQUIRE(party_id::parse(1).has_value());
    CHECK(party_id::parse(1)->index() == 1);
    REQUIRE(party_id::parse(65535).has_value());
    CHECK(party_id::parse(65535)->index() == 65535);
    // 65536 and 65537 would be 0 and 1 if they were cut to 16 bits.
    for (const std::uint32_t index : {0u, 65536u, 65537u, 0xffffffffu}) {
        INFO(index);
        const auto parsed = party_id::parse(index);
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error().code == errc::out_of_range);
        CHECK(parsed.error().what == "party index");
    }
}

TEST_CASE("party_id: an impossible index in the program's own code ends it", "[core]") {
    CHECK(test::ends_process([] { return party_id(0).index(); }));
    CHECK(test::ends_process([] { return party_id(65536).index(); }));
    CHECK_FALSE(test::ends_process([] { return party_id(65535).index(); }));
    static_assert(!std::is_convertible_v<std::uint32_t, party_id>);
    static_assert(!std::is_default_constructible_v<party_id>);
}

TEST_CASE("party_id: order is the order of indices", "[core]") {
    CHECK(party_id(1) < party_id(2));
    CHECK(party_id(256) > party_id(255));
    CHECK(party_id(7) == party_id(7));
    CHECK(party_id(7) != party_id(8));
}

TEST_CASE("party_set: sorted, and each member once", "[core]") {
    const std::vector<party_id> members{party_id(9), party_id(1), party_id(300)};
    const auto set = party_set::of(members);
    REQUIRE(set.has_value());
    CHECK(std::vector<party_id>(set->begin(), set->end()) ==
          std::vector<party_id>{party_id(1), party_id(9), party_id(300)});
    CHECK(set->size() == 3);
    CHECK(set->contains(party_id(300)));
    CHECK_FALSE(set->contains(party_id(2)));

    const std::vector<party_id> other_order{party_id(300), party_id(9), party_id(1)};
    CHECK(*party_set::of(other_order) == *set);
    const std::vector<party_id> fewer{party_id(1), party_id(9)};
    CHECK_FALSE(*party_set::of(fewer) == *set);
}

TEST_CASE("party_set: a duplicate is refused wherever it stands", "[core]") {
    for (const auto& members : {std::vector<party_id>{party_id(1), party_id(1)},
                                std::vector<party_id>{party_id(1), party_id(2), party_id(1)},
                                std::vector<party_id>{party_id(3), party_id(2), party_id(2)}}) {
        const auto set = party_set::of(members);
        REQUIRE_FALSE(set.has_value());
        CHECK(set.error().code == errc::duplicate);
        CHECK(set.error().what == "party index");
    }
}

TEST_CASE("party_set: the empty set has no members", "[core]") {
    const auto set = party_set::of({});
    REQUIRE(set.has_value());
    CHECK(set->size() == 0);
    CHECK(set->begin() == set->end());
    CHECK_FALSE(set->contains(party_id(1)));
}
