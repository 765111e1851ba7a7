// A planned round passes pre-flight, and a trustee catches up with a log.
#include "support/toy_session.hpp"

#include "support/catch.hpp"

#include <veilsum/aggregation/plan_round.hpp>

using namespace veilsum;
using test::toy_session;

namespace {

test::toy_options with_proofs() {
    test::toy_options options;
    options.weights = {1, 2, 1};
    options.suite = aggregation::proof_suite::validity;
    return options;
}

// A log of which one record's body has another last bit.
struct altered_log {
    const audit::memory_store& store;
    std::uint64_t index;

    std::uint64_t size() const { return store.size(); }
    result<audit::record> read(std::uint64_t at) const {
        auto entry = store.read(at);
        if (entry && at == index) entry->body.back() ^= 1;
        return entry;
    }
    result<bytes> get_body(const hash::digest32& digest, std::size_t most) const {
        return store.get_body(digest, most);
    }
};

} // namespace

TEST_CASE("planned round: the header is the one that one writes by hand", "[aggregation]") {
    toy_session world(with_proofs());
    const auto by_hand = world.header();
    const auto planned = aggregation::plan_round(world.session->state().standing(), by_hand.format, 100,
                                                 by_hand.minimum_cohort, by_hand.opens_at, by_hand.closes_at);
    REQUIRE(planned);
    CHECK(planned->serialize() == by_hand.serialize());
    auto opened = std::move(*world.session).open_round(*planned, *world.model, by_hand.opens_at, world.rng);
    REQUIRE(opened);
    CHECK(opened->state().round().layout().max_weight() == 4);
    CHECK(opened->state().round().layout().max_client_weight() == 2);
}

TEST_CASE("planned round: refused without clients, and with what the layout refuses", "[aggregation]") {
    toy_session world(with_proofs());
    const auto& standing = world.session->state().standing();
    CHECK(aggregation::plan_round(standing, {12, 16, 7.5}, 0, 2, 1, 2).error().what ==
          "number of values in an update");
    CHECK(aggregation::plan_round(standing, {12, 16, 8.5}, 100, 2, 1, 2).error().check == 4);
    for (const auto& entry : world.roster->entries()) REQUIRE(world.session->remove(entry.client, world.rng));
    const auto nobody = aggregation::plan_round(standing, {12, 16, 7.5}, 100, 2, 1, 2);
    REQUIRE_FALSE(nobody);
    CHECK(nobody.error().code == errc::missing);
}

TEST_CASE("trustee: catches up with a log, and stops at the record that it refuses", "[aggregation]") {
    toy_session world;
    auto round = world.open_round();
    const auto& log = round.store();
    auto& first = world.trustees[0];
    REQUIRE(first.catch_up(log, world.rng));
    CHECK(first.state().size() == log.size());
    CHECK(first.state().head() == log.head());
    REQUIRE(first.catch_up(log, world.rng)); // nothing new

    auto& second = world.trustees[1];
    const auto refused = second.catch_up(altered_log{log, 2}, world.rng);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().place == audit::record_place(2));
    CHECK(second.state().size() == 2);
    REQUIRE(second.catch_up(log, world.rng)); // of the log as it is
    CHECK(second.state().head() == log.head());
}
