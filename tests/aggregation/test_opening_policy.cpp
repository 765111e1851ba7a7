#include <veilsum/aggregation/opening_policy.hpp>

#include "support/catch.hpp"

#include <vector>

using namespace veilsum;
using aggregation::difference;
using aggregation::may_open;
using aggregation::opened_set;

namespace {

byte_array<32> client(std::uint8_t number) {
    byte_array<32> id{};
    id[0] = number;
    return id;
}

opened_set set_of(std::uint64_t round, std::uint8_t model,
                  std::vector<std::pair<std::uint8_t, std::uint32_t>> members) {
    opened_set set;
    set.round = round;
    set.session[0] = 1;
    set.model[0] = model;
    set.aggregate[0] = static_cast<std::uint8_t>(round);
    for (const auto& [number, weight] : members) set.members[client(number)] = weight;
    return set;
}

std::uint32_t failed_rule(opened_set candidate, std::size_t counted, std::uint32_t cohort,
                          const std::vector<opened_set>& earlier) {
    candidate.minimum_cohort = cohort;
    const auto allowed = may_open(candidate, counted, earlier);
    if (allowed) return 0;
    CHECK((allowed.error().code == errc::refused || allowed.error().code == errc::duplicate));
    return allowed.error().check;
}

} // namespace

TEST_CASE("opening policy: rule 1, the cohort is large enough, and never below 2", "[aggregation]") {
    CHECK(failed_rule(set_of(1, 1, {{1, 1}, {2, 1}, {3, 1}}), 3, 3, {}) == 0);
    CHECK(failed_rule(set_of(1, 1, {{1, 1}, {2, 1}}), 2, 3, {}) == 1);
    CHECK(failed_rule(set_of(1, 1, {{1, 1}}), 1, 1, {}) == 1);
    CHECK(failed_rule(set_of(1, 1, {}), 0, 0, {}) == 1);
}

TEST_CASE("opening policy: rule 2, nobody is counted twice", "[aggregation]") {
    CHECK(failed_rule(set_of(1, 1, {{1, 1}, {2, 1}}), 3, 2, {}) == 2);
}

TEST_CASE("opening policy: rule 3, a round is opened once", "[aggregation][double-opening]") {
    const auto first = set_of(1, 1, {{1, 1}, {2, 1}, {3, 1}, {4, 1}});
    CHECK(failed_rule(first, 4, 2, {first}) == 0); // the same product again says nothing new
    auto other_product = first;
    other_product.aggregate[5] = 9;
    CHECK(failed_rule(other_product, 4, 2, {first}) == 3);
    auto other_set = set_of(1, 1, {{5, 1}, {6, 1}, {7, 1}});
    CHECK(failed_rule(other_set, 3, 2, {first}) == 3);
    auto other_session = other_product;
    other_session.session[0] = 2;
    other_session.model[0] = 7;
    CHECK(failed_rule(other_session, 4, 2, {first}) == 0);
}

TEST_CASE("opening policy: rule 4, two sums of one model differ by a whole cohort",
          "[aggregation][near-duplicate-cohort]") {
    const auto first = set_of(1, 1, {{1, 1}, {2, 1}, {3, 1}, {4, 1}});
    CHECK(failed_rule(set_of(2, 1, {{1, 1}, {2, 1}, {3, 1}}), 3, 2, {first}) == 4); // one fewer
    CHECK(failed_rule(set_of(2, 1, {{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}}), 5, 2, {first}) ==
          4); // one more
    CHECK(failed_rule(set_of(2, 1, {{1, 1}, {2, 1}, {3, 1}, {4, 2}}), 4, 2, {first}) ==
          4); // one with another weight
    CHECK(failed_rule(set_of(2, 1, {{1, 1}, {2, 1}, {3, 1}, {4, 1}}), 4, 2, {first}) == 4); // none at all
    CHECK(failed_rule(set_of(2, 1, {{1, 1}, {2, 1}}), 2, 2, {first}) == 0); // two fewer: a cohort
    CHECK(failed_rule(set_of(2, 1, {{1, 1}, {2, 1}}), 2, 3, {first}) == 1);
    CHECK(failed_rule(set_of(2, 2, {{1, 1}, {2, 1}, {3, 1}}), 3, 2, {first}) == 0); // another model
    const auto second = set_of(2, 2, {{1, 1}, {2, 1}, {3, 1}});
    CHECK(failed_rule(set_of(3, 1, {{1, 1}, {2, 1}, {3, 1}}), 3, 2, {second, first}) ==
          4); // not only the last one
}

TEST_CASE("opening policy: rule 4, a later round does not lower the cohort of an earlier one",
          "[aggregation][near-duplicate-cohort]") {
    auto first = set_of(1, 1, {{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}});
    first.minimum_cohort = 4;
    auto later = set_of(1, 1, {{1, 1}, {2, 1}, {3, 1}}); // of another session, whose cohort is 2
    later.session[0] = 2;
    CHECK(failed_rule(later, 3, 2, {first}) == 4); // else the sum of clients 4 and 5 is known
    CHECK(failed_rule(set_of(2, 1, {{6, 1}, {2, 1}, {3, 1}}), 3, 2, {first}) == 0);
}

TEST_CASE("opening policy: differences are counted on both sides", "[aggregation]") {
    const auto a = set_of(1, 1, {{1, 1}, {2, 1}, {3, 5}});
    const auto b = set_of(2, 1, {{2, 1}, {3, 4}, {4, 1}, {5, 1}});
    CHECK(difference(a, b) == 4);
    CHECK(difference(b, a) == 4);
    CHECK(difference(a, a) == 0);
}

TEST_CASE("opening policy: a set survives the journal, hostile bytes do not", "[aggregation]") {
    auto set = set_of(7, 3, {{1, 1}, {2, 9}});
    set.minimum_cohort = 5;
    const bytes written = set.serialize();
    CHECK(written.size() == opened_set::serialized_bytes(2));
    const auto read = opened_set::parse(written);
    REQUIRE(read);
    CHECK(read->round == 7);
    CHECK(read->minimum_cohort == 5);
    CHECK(read->model == set.model);
    CHECK(read->aggregate == set.aggregate);
    CHECK(read->session == set.session);
    CHECK(read->members == set.members);
    for (std::size_t length = 0; length < written.size(); ++length)
        CHECK_FALSE(opened_set::parse(byte_view(written).first(length)));
    bytes longer = written;
    longer.push_back(0);
    CHECK_FALSE(opened_set::parse(longer));
    bytes twice = written; // the second member becomes the first again
    std::copy_n(twice.begin() + 112, 32, twice.begin() + 148);
    CHECK(opened_set::parse(twice).error().code == errc::duplicate);
    bytes other_order = written;
    std::swap_ranges(other_order.begin() + 112, other_order.begin() + 148, other_order.begin() + 148);
    CHECK(opened_set::parse(other_order).error().what == "order of an opened set");
}
