// Whole sessions on a virtual network, each from one seed: honest parties and cheats of every kind against
// the property of support/simulated_observation.hpp.
//
//     VEILSUM_SIMULATED_SESSIONS=100000   how many, instead of 2000
//     VEILSUM_SIMULATION_SEED=41          only this one, with its trace
#include "support/catch.hpp"
#include "support/simulated_session.hpp"

#include <veilsum/core/parallel.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

using namespace veilsum;
using namespace veilsum::test;

namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::stoull(text);
}

// Compact: the plan, what is wrong, and the end of the trace.
std::string report(const observation& seen, const std::vector<violation>& wrong, std::size_t lines = 40) {
    std::ostringstream text;
    text << "replay with VEILSUM_SIMULATION_SEED=" << seen.plan.seed << "\n" << seen.plan.describe() << "\n";
    for (const violation& each : wrong) text << "  (" << each.part << ") " << each.what << "\n";
    const std::size_t skipped = seen.trace.size() > lines ? seen.trace.size() - lines : 0;
    if (skipped != 0) text << "    (" << skipped << " lines before)\n";
    for (std::size_t i = skipped; i < seen.trace.size(); ++i)
        text << "    " << seen.trace[i].substr(0, 150) << "\n";
    return text.str();
}

// How often each kind occurred; of an attack, how often it could be made.
struct tally {
    std::array<std::size_t, client_kinds> clients{};
    std::array<std::size_t, outsider_kinds> outsiders{};
    std::array<std::size_t, trustee_kinds> trustees{};
    std::array<std::size_t, aggregator_kinds> aggregators{};
    std::array<std::size_t, aggregator_kinds> attacks{};
    std::size_t sessions = 0, results = 0, validity = 0, light = 0, both_opened = 0;
    restart_counts restarts;

    void add(const observation& seen) {
        ++sessions;
        for (const auto& round : seen.plan.clients)
            for (const client_kind kind : round) ++clients[static_cast<std::size_t>(kind)];
        for (const outsider_kind kind : seen.plan.outsiders) ++outsiders[static_cast<std::size_t>(kind)];
        for (const trustee_kind kind : seen.plan.trustee_kinds) ++trustees[static_cast<std::size_t>(kind)];
        ++aggregators[static_cast<std::size_t>(seen.plan.aggregator)];
        attacks[static_cast<std::size_t>(seen.plan.aggregator)] += seen.attacked;
        for (const observed_round& round : seen.record) results += round.sums.has_value();
        validity += seen.plan.validity;
        light += seen.light.has_value();
        restarts.between_rounds += seen.restarts.between_rounds;
        restarts.collecting += seen.restarts.collecting;
        restarts.opening += seen.restarts.opening;
        restarts.ended += seen.restarts.ended;
        restarts.clients += seen.restarts.clients;
        restarts.trustees += seen.restarts.trustees;
        both_opened += seen.answered_second.size() >= seen.plan.quorum &&
                       seen.reference.back().answered().size() >= seen.plan.quorum;
    }
    template <class Kind, std::size_t Count>
    static void list(std::ostream& out, const std::string& title,
                     const std::array<std::size_t, Count>& counts) {
        out << "  " << title << ":";
        for (std::size_t i = 0; i < Count; ++i)
            out << (i == 0 ? " " : ", ") << name_of(static_cast<Kind>(i)) << " " << counts[i];
        out << "\n";
    }
    void print(std::ostream& out) const {
        out << sessions << " sessions, " << results << " results, " << validity << " of suite 2, " << light
            << " light audits, two sets opened " << both_opened << "\n";
        out << "  restarts: clients " << restarts.clients << ", trustees " << restarts.trustees
            << ", aggregators between rounds " << restarts.between_rounds << ", collecting "
            << restarts.collecting << ", opening " << restarts.opening << ", ended " << restarts.ended
            << "\n";
        list<client_kind>(out, "clients", clients);
        list<outsider_kind>(out, "outsiders", outsiders);
        list<trustee_kind>(out, "trustees", trustees);
        list<aggregator_kind>(out, "aggregators", aggregators);
        list<aggregator_kind>(out, "attacks made", attacks);
    }
};

// Runs the seeds from `first` on all processors, and says on standard error how far it is. `keep` is told of
// each session, one at a time, in any order.
template <class Keep>
void simulate_all(std::uint64_t first, std::size_t count, const Keep& keep) {
    std::mutex one_at_a_time;
    std::size_t done = 0, failed = 0;
    auto last_said = std::chrono::steady_clock::now();
    const auto say = [&](std::uint64_t seed, bool holds) { // with the lock
        ++done;
        failed += !holds;
        if (!holds) std::cerr << "seed " << seed << " failed" << std::endl;
        const auto now = std::chrono::steady_clock::now();
        if (now - last_said < std::chrono::seconds(10)) return;
        last_said = now;
        std::cerr << done << " of " << count << " sessions, " << failed << " failed" << std::endl;
    };
    parallel_for(count, [&](std::size_t i) {
        const session_plan plan = plan_of(first + i);
        try {
            const observation seen = simulate(plan);
            const auto wrong = check_property(seen);
            const std::lock_guard lock(one_at_a_time);
            say(plan.seed, wrong.empty());
            keep(seen, wrong);
        } catch (const std::exception& broken) {
            observation seen;
            seen.plan = plan;
            const std::lock_guard lock(one_at_a_time);
            say(plan.seed, false);
            keep(seen, {{'x', std::string("the simulation itself failed: ") + broken.what()}});
        }
    });
}

} // namespace

TEST_CASE("simulated sessions: the property holds for every seed", "[simulation]") {
    if (std::getenv("VEILSUM_SIMULATION_SEED") != nullptr) {
        const observation seen = simulate(plan_of(from_environment("VEILSUM_SIMULATION_SEED", 0)));
        const auto wrong = check_property(seen);
        std::cout << report(seen, wrong, 1000);
        CHECK(wrong.empty());
        return;
    }
    const std::size_t count = from_environment("VEILSUM_SIMULATED_SESSIONS", 2000);
    tally counted;
    std::size_t failed = 0;
    std::vector<std::pair<std::uint64_t, std::string>>
        reports; // the first seeds, whatever came first in time
    simulate_all(1, count, [&](const observation& seen, const std::vector<violation>& wrong) {
        if (!seen.reference.empty()) counted.add(seen);
        if (wrong.empty()) return;
        ++failed;
        reports.emplace_back(seen.plan.seed, report(seen, wrong));
        std::sort(reports.begin(), reports.end());
        if (reports.size() > 5) reports.pop_back();
    });
    counted.print(std::cout);
    for (const auto& [seed, text] : reports) std::cout << text;
    CHECK(failed == 0);

    // Each kind did occur.
    if (count < 2000) return;
    CHECK(counted.sessions == count);
    CHECK(*std::min_element(counted.clients.begin(), counted.clients.end()) > 0);
    CHECK(*std::min_element(counted.outsiders.begin(), counted.outsiders.end()) > 0);
    CHECK(*std::min_element(counted.trustees.begin(), counted.trustees.end()) > 0);
    CHECK(*std::min_element(counted.attacks.begin() + 1, counted.attacks.end()) > 0);
    CHECK(counted.validity > 0);
    for (const std::size_t restarts :
         {counted.restarts.clients, counted.restarts.trustees, counted.restarts.between_rounds,
          counted.restarts.collecting, counted.restarts.opening, counted.restarts.ended})
        CHECK(restarts > 0);
    CHECK(counted.results > count / 4);
}

TEST_CASE("simulated session: the same seed gives the same bytes", "[simulation]") {
    const auto is_stopped = [](const session_plan& plan) {
        const auto& stops = plan.client_stops.front();
        return !plan.aggregator_stops.empty() &&
               std::any_of(stops.begin(), stops.end(), [](stop_point at) { return at != stop_point::never; });
    };
    std::uint64_t with_stops = 1;
    while (!is_stopped(plan_of(with_stops))) ++with_stops;
    for (const std::uint64_t seed : {std::uint64_t{7}, std::uint64_t{79}, std::uint64_t{91}, with_stops}) {
        const observation one = simulate(plan_of(seed));
        const observation two = simulate(plan_of(seed));
        CHECK(one.trace == two.trace);
        CHECK(one.trace.size() > 3);
        CHECK(one.full.summary.session == two.full.summary.session);
        CHECK(one.full.summary.models == two.full.summary.models);

        // Sessions that are opened without checking the ceremony again are the library's.
        session_plan other = plan_of(seed);
        other.full_ceremony = !other.full_ceremony;
        const observation three = simulate(other);
        CHECK(three.trace == one.trace);
        CHECK(three.full.summary.session == one.full.summary.session);
    }
}

TEST_CASE("simulated session: a thousand clients, of which a tenth cheats", "[simulation]") {
    const std::size_t clients = from_environment("VEILSUM_SIMULATED_CLIENTS", 1000);
    session_plan plan;
    plan.seed = 1000;
    seeded_random draw(plan.seed);
    plan.weights.assign(clients, 1);
    plan.minimum_cohort = static_cast<std::uint32_t>(clients / 2);
    auto& kinds = plan.clients.emplace_back(clients, client_kind::honest);
    for (client_kind& kind : kinds)
        if (draw.below(10) == 0) do
                kind = static_cast<client_kind>(draw.below(client_kinds));
            while (kind == client_kind::spoiled || kind == client_kind::wrong_round ||
                   kind == client_kind::other_round || kind == client_kind::out_of_range ||
                   kind == client_kind::norm_above);
    plan.outsiders = {outsider_kind::framed};
    plan.trustee_kinds = {trustee_kind::honest, trustee_kind::wrong, trustee_kind::honest};
    plan.restarts = {false, false, true};
    plan.shares_folds = true;
    plan.waits_for_all = true;
    plan.light = true;
    plan.network = {.loss = 5, .doubled = 5, .slow = 5};
    const observation seen = simulate(plan);
    const auto wrong = check_property(seen);
    if (!wrong.empty()) std::cout << report(seen, wrong);
    CHECK(wrong.empty());
    REQUIRE(seen.record.size() == 1);
    CHECK(seen.record[0].sums);
    CHECK(seen.record[0].accepted.size() > clients * 8 / 10);
    CHECK(seen.record[0].refused.size() > clients / 40);
    CHECK(seen.record[0].wrong_partials == std::vector<std::uint32_t>{2});
}

TEST_CASE("property checker: every planted bug is noticed by its own part of the property", "[simulation]") {
    struct expected {
        planted_bug bug;
        const char* what;
        char part;
        std::string_view says;
        aggregator_kind aggregator; // under which it shows
    };
    using a = aggregator_kind;
    using b = planted_bug;
    const std::vector<expected> table = {
        {b::accepts_unverified, "unverified contribution", 'a', "other clients accepted", a::honest},
        {b::accepts_unverified, "the same", 'd', "full audit refuses", a::honest},
        {b::sum_off_by_one, "sum off by one", 'a', "not the plain sum", a::honest},
        {b::weight_forgotten, "weights", 'a', "not the plain sum", a::honest},
        {b::wrong_culprit, "culprit of a refusal", 'c', "without having sent evidence", a::honest},
        {b::wrong_reason, "reason of a refusal", 'b', "expected", a::honest},
        {b::honest_named, "silent client refused", 'c', "without having sent evidence", a::honest},
        {b::culprit_missed, "refusal missing", 'b', "not refused, expected reason", a::honest},
        {b::wrong_trustee, "culprit of an answer", 'c', "an answer that it did not give", a::honest},
        {b::no_result, "round without its result", 'e', "no result", a::honest},
        {b::lenient_auditor, "auditor accepts", 'd', "full audit accepts", a::alters},
        {b::wrong_step, "auditor's step", 'd', "expected step", a::wrong_product},
        {b::blames_nobody, "auditor's culprit", 'd', "expected 'aggregator'", a::doubles},
        {b::forgetful_trustee, "trustee without its journal", 'd', "answers for two products",
         a::second_opening},
        {b::no_receipt_check, "receipt not compared", 'd', "holds no evidence", a::drops_recorded},
        {b::client_without_outbox, "client without its outbox", 'f', "signed two contributions", a::honest},
        {b::client_without_outbox, "the same", 'c', "refused for 12", a::honest},
        {b::forgetful_aggregator, "acknowledged record lost", 'f', "is not on the log", a::honest},
        {b::forgetful_aggregator, "the same", 'a', "other clients accepted", a::honest},
    };
    for (const expected& each : table) {
        INFO(each.what << " (" << static_cast<int>(each.bug) << ")");
        bool noticed = false;
        std::size_t tried = 0;
        // The bug shows in the sessions where there is something for it to spoil.
        for (std::uint64_t seed = 1; seed <= 400 && !noticed; ++seed) {
            session_plan plan = plan_of(seed);
            if (plan.validity || plan.aggregator != each.aggregator) continue;
            ++tried;
            plan.bug = each.bug;
            for (const violation& wrong : check_property(simulate(plan)))
                noticed =
                    noticed || (wrong.part == each.part && wrong.what.find(each.says) != std::string::npos);
        }
        CHECK(tried > 0);
        CHECK(noticed);
    }
}
