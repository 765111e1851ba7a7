// The aggregator of `cluster` between rounds: who may enrol and how often, and when a round is opened.
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/toy_session.hpp"

#include "cluster/aggregator_role.hpp"

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <variant>
#include <vector>

using namespace veilsum;

namespace {

using scheme = test::toy_session::scheme;
using role = cluster::aggregator_role<scheme>;
using aggregation::record_type;

constexpr std::uint64_t open_for = 10;

// An aggregator and two clients of weight 1.
class world {
  public:
    world() {
        REQUIRE(cluster::make_keys(folder_ / "server", cluster::key_owner::aggregator));
        for (std::uint8_t i = 1; i <= 2; ++i)
            identities_.push_back(test::toy_session::key_of(byte_array<32>{i}));
        std::ofstream clients(folder_ / "clients");
        for (const auto& each : identities_) clients << to_hex(each.verifying().bytes()) << " 1\n";
        given.folder = (folder_ / "server").native();
        given.clients = (folder_ / "clients").native();
        given.dimension = 10;
        given.rounds = 2;
        given.open_for = open_for;
    }

    // From the folder, as the process does it.
    void start() {
        running.reset(); // it holds the lock
        auto made = role::start(given, *toy_.ceremony);
        if (!made) FAIL(made.error().describe());
        running.emplace(*std::move(made));
    }
    void tick(std::uint64_t now) {
        if (const auto done = running->tick(now); !done) FAIL(done.error().describe());
    }
    cluster::reply enrol(std::size_t client, std::uint32_t weight, std::uint64_t serial) {
        const auto message = aggregation::sign_enrolment(
            identities_[client], audit::record_hash(*running->log().read(0)), weight, serial);
        const bytes said = running->answer(
            cluster::serialize(1, cluster::request(cluster::enrol_request{message.message()})), now());
        auto parsed = cluster::parse_reply(said);
        REQUIRE(parsed);
        return std::move(parsed->message);
    }
    // Refusals are text; everything else that is asked for here is a receipt.
    std::string refusal(const cluster::reply& answer) {
        const auto* no = std::get_if<cluster::refused_reply>(&answer);
        if (no == nullptr) REQUIRE(std::holds_alternative<cluster::receipt_reply>(answer));
        return no == nullptr ? "" : no->text;
    }
    std::uint64_t records() const { return running->log().size(); }
    record_type last() const { return static_cast<record_type>(running->log().read(records() - 1)->type); }
    static std::uint64_t now() { return cluster::unix_seconds(); }

    cluster::aggregator_options given;
    std::optional<role> running;

  private:
    test::toy_session toy_;
    test::temporary_folder folder_{test::memory_backed()};
    std::vector<sign::signing_key> identities_;
};

} // namespace

TEST_CASE("cluster aggregator: a minimum cohort above the number of clients is refused", "[examples]") {
    world here;
    here.given.minimum_cohort = 3;
    const auto refused = cluster::session_plan<scheme>::make(here.given);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::bad_parameter);
    CHECK(refused.error().what == "minimum cohort above the number of clients");
    CHECK(refused.error().place == here.given.clients);
    here.given.minimum_cohort = 2;
    CHECK(cluster::session_plan<scheme>::make(here.given));
}

TEST_CASE("cluster aggregator: where clients have left it waits for as many as a round needs", "[examples]") {
    world here;
    here.start();
    REQUIRE(here.refusal(here.enrol(0, 1, 0)).empty());
    REQUIRE(here.refusal(here.enrol(1, 1, 0)).empty());
    here.tick(here.now());
    REQUIRE(here.last() == record_type::round_opened);
    here.tick(here.now() + open_for + 1); // nobody has contributed
    REQUIRE(here.last() == record_type::round_closed);
    REQUIRE(here.refusal(here.enrol(0, 0, 1)).empty());

    const std::uint64_t before = here.records();
    for (int starts = 0; starts < 3; ++starts) {
        INFO("started again " << starts << " times");
        here.tick(here.now());
        here.tick(here.now() + 100000); // longer than the first round would wait
        CHECK(here.records() == before);
        CHECK_FALSE(here.running->is_over());
        here.start();
    }
    REQUIRE(here.refusal(here.enrol(0, 1, 2)).empty());
    here.tick(here.now());
    CHECK(here.last() == record_type::round_opened);
}

TEST_CASE("cluster aggregator: a client that enrols again and again is refused", "[examples]") {
    world here;
    here.start();
    constexpr std::uint64_t most = cluster::session_plan<scheme>::max_enrolments;
    for (std::uint64_t serial = 0; serial < most; ++serial)
        REQUIRE(here.refusal(here.enrol(0, 1, serial)).empty());
    const std::uint64_t before = here.records();
    CHECK(before == 1 + most);
    CHECK(here.refusal(here.enrol(0, 1, most)).find("too many enrolments of this client") !=
          std::string::npos);
    CHECK(here.records() == before);
    // What it was answered it is answered again, the others are not concerned, and it can leave, once.
    CHECK(here.refusal(here.enrol(0, 1, most - 1)).empty());
    CHECK(here.records() == before);
    CHECK(here.refusal(here.enrol(1, 1, 0)).empty());
    CHECK(here.refusal(here.enrol(0, 0, most)).empty());
    CHECK(here.refusal(here.enrol(0, 1, most + 1)).find("too many enrolments") != std::string::npos);
    CHECK(here.refusal(here.enrol(0, 0, most + 1)).find("client that leaves") != std::string::npos);
    CHECK(here.records() == before + 2);
}
