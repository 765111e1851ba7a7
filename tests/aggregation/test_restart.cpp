#include "support/restartable_session.hpp"

#include "support/catch.hpp"
#include "support/thread_count.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <set>
#include <string>

using namespace veilsum;
using aggregation::bodies_of;
using aggregation::record_type;
using test::restart_roles;
using test::restartable_session;
using test::step_watch;
using test::toy_session;

namespace {

using memory_play = restartable_session<test::memory_disk>;

// Runs a session and, at each of its points, a child process in which the acting role is stopped there and
// the session goes on to its end. Children inherit the memory of everybody, so nothing is played twice. A
// child may end as soon as its situation is one of `known`: those of a run that was played to its end.
class explorer {
  public:
    explorer(toy_session& base, std::set<hash::digest32> known) : base_(base), known_(std::move(known)) {}

    std::array<std::uint64_t, restart_roles> points{}; // by role
    std::vector<std::string> failures;
    std::uint64_t children = 0;

    void explore() {
        bool in_child = false;
        step_watch watch;
        memory_play play(base_, {}, watch);
        const auto child = [&](std::size_t role, std::string_view action, std::uint64_t again_after,
                               bool to_the_end) {
            ++children;
            std::fflush(nullptr);
            const pid_t id = fork();
            if (id < 0) throw std::runtime_error("fork");
            if (id > 0) {
                int status = 0;
                if (waitpid(id, &status, 0) != id || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
                    failures.push_back("role " + std::to_string(role) + ", " + std::string(action) +
                                       ", point " + std::to_string(watch.points) + ", again after " +
                                       std::to_string(again_after));
                return;
            }
            in_child = true;
            watch.on_point = nullptr;
            if (again_after != 0)
                watch.on_point = [&watch, last = watch.points + again_after](std::size_t acting,
                                                                             std::string_view) {
                    if (watch.points != last) return;
                    watch.on_point = nullptr;
                    throw test::stopped{acting};
                };
            if (!to_the_end) play.between_steps = [&] { return known_.contains(play.situation()); };
            throw test::stopped{role};
        };
        test::seeded_random choice(5);
        watch.on_point = [&](std::size_t role, std::string_view action) {
            if (in_child) return;
            ++points[role];
            const std::uint64_t number = watch.points;
            child(role, action, 0, number % 16 == 0);
            if (number % 8 == 4) child(role, action, 1 + choice.below(30), true);
        };
        try {
            play.run();
        } catch (const std::exception& reason) {
            if (!in_child) throw;
            std::fprintf(stderr, "%s\n", reason.what());
            _exit(1);
        }
        if (in_child) _exit(0);
    }

  private:
    toy_session& base_;
    std::set<hash::digest32> known_;
};

} // namespace

TEST_CASE("restart: any role stopped at any point, once and twice", "[aggregation]") {
    // Children of a process whose threads are gone with the fork: one thread.
    const bool explored = test::with_threads(1, [] {
        toy_session base({.values = 8});
        std::set<hash::digest32> known;
        step_watch watch;
        memory_play undisturbed(base, {}, watch);
        undisturbed.between_steps = [&] {
            known.insert(undisturbed.situation());
            return false;
        };
        undisturbed.run();

        explorer all(base, known);
        all.explore();
        for (const std::string& failure : all.failures) UNSCOPED_INFO(failure);
        CHECK(all.failures.empty());
        std::uint64_t points = 0;
        for (const std::uint64_t each : all.points) {
            CHECK(each >= 6);
            points += each;
        }
        CHECK(points == watch.points);
        CHECK(points == 0);
        return true;
    });
    CHECK(explored);
}
