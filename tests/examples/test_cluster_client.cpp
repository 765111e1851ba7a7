// The client of `cluster` does not check everything on the record, but takes each record in its turn only: an
// aggregator that signs a log in another order is refused, whatever the records say.
#include "support/catch.hpp"
#include "support/toy_session.hpp"

#include "cluster/client_role.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace veilsum;

namespace {

using aggregation::record_type;
using role = cluster::client_role<test::toy_session::scheme>;

// Makes clients that have followed the first records of an honest log.
class reader {
  public:
    reader() {
        world_.run_round();
        for (std::uint64_t i = 0; i < store().size(); ++i) log_.push_back(*store().read(i));
        given_.folder = folder_.path().native();
    }

    const test::toy_session::store& store() const { return world_.session->store(); }
    std::size_t size() const { return log_.size(); }
    // The number of the first record of a type.
    std::size_t first(record_type type) const {
        for (std::size_t i = 0; i < log_.size(); ++i)
            if (log_[i].type == static_cast<std::uint16_t>(type)) return i;
        FAIL("no such record");
        return 0;
    }
    // What a client that has followed `count` records says of another one.
    result<void> after(std::size_t count, const audit::record& next) {
        std::filesystem::remove_all(folder_.path() / "outbox");
        const auto identity = folder_.path() / "identity";
        std::ofstream(identity, std::ios::binary) << std::string(32, 'i');
        std::filesystem::permissions(identity, std::filesystem::perms::owner_read |
                                                   std::filesystem::perms::owner_write);
        const cluster::aggregator_keys known{world_.aggregator_key().verifying(), {}};
        auto made = role::start(given_, known, world_.session->state().facts().header.key);
        REQUIRE(made);
        const auto bodies = aggregation::bodies_of(store());
        for (std::size_t i = 0; i < count; ++i) {
            const auto followed = made->follow(log_[i], bodies);
            if (!followed) FAIL("record " << i << ": " << followed.error().describe());
        }
        return made->follow(next, bodies);
    }
    result<void> after(std::size_t count, record_type next) { return after(count, log_[first(next)]); }
    // A record of this type that says nothing.
    audit::record empty(std::uint16_t type) const {
        audit::record made = log_.back();
        made.type = type;
        made.body.clear();
        return made;
    }

  private:
    test::toy_session world_;
    test::temporary_folder folder_;
    cluster::client_options given_;
    std::vector<audit::record> log_;
};

} // namespace

TEST_CASE("cluster client: a record out of turn is refused", "[examples]") {
    reader log;
    const std::size_t opened = log.first(record_type::round_opened),
                      closed = log.first(record_type::round_closed);
    struct {
        std::size_t followed;
        std::vector<record_type> next;
    } const cases[] = {
        // Nothing yet: what follows needs a session.
        {0,
         {record_type::enrolment, record_type::round_opened, record_type::contribution,
          record_type::round_closed, record_type::partial, record_type::round_result}},
        // Between rounds: no round to close, no result to take a model from.
        {1,
         {record_type::session_opened, record_type::contribution, record_type::round_closed,
          record_type::partial, record_type::round_result}},
        // Collecting.
        {opened + 1,
         {record_type::session_opened, record_type::enrolment, record_type::round_opened,
          record_type::partial, record_type::round_result}},
        // Opening.
        {closed + 1,
         {record_type::session_opened, record_type::enrolment, record_type::round_opened,
          record_type::contribution, record_type::round_closed}},
        // Between rounds again: the round that was is over.
        {log.size(),
         {record_type::session_opened, record_type::contribution, record_type::round_closed,
          record_type::partial, record_type::round_result}},
    };
    for (const auto& [followed, next] : cases)
        for (const record_type type : next) {
            INFO(followed << " records, then one of type " << static_cast<int>(type));
            const auto said = log.after(followed, type);
            REQUIRE_FALSE(said);
            CHECK(said.error().what == "record out of turn");
            CHECK(said.error().culprit == aggregation::name_of_aggregator());
        }
    for (const record_type type : {record_type::round_abandoned, record_type::session_closed,
                                   record_type::refusal, record_type::partial_refusal}) {
        INFO("in a round, a record of type " << static_cast<int>(type));
        const bool collecting = type == record_type::refusal;
        const auto said =
            log.after(collecting ? closed + 1 : opened + 1, log.empty(static_cast<std::uint16_t>(type)));
        REQUIRE_FALSE(said);
        CHECK(said.error().what == "record out of turn");
    }
    CHECK(log.after(1, log.empty(999)).error().what == "record out of turn"); // no such type
}
