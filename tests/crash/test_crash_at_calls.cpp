// A process that is stopped: before and after each of its calls and in the middle of each write, by leaving
// in a forked child; and by SIGKILL at moments of chance.
//
// Of the program's files the first by name: its cases run first, while the process is small and a fork cheap.
#include "support/catch.hpp"
#include "support/power_loss.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <new>
#include <set>
#include <string>

using namespace veilsum;
using test::call_kind;
using test::store_step;

namespace {

// Stops the process at one call: `before` it, `after` it, or when the given part of a write is written.
struct stop_at : test::call_watcher {
    enum class moment { before, after, first_byte, half, all_but_one };
    std::size_t number = 0;
    moment when = moment::before;
    std::size_t seen = 0;
    bool stops = false;

    test::order before(const test::system_call& call) override {
        stops = seen++ == number;
        if (!stops) return {};
        if (when == moment::before) _exit(0);
        if (when == moment::after) return {};
        const std::size_t size = call.kind == call_kind::write ? call.data.size() : 0;
        if (size < 3) _exit(3); // no middle: not a stop of its own
        return {.at_most = when == moment::half ? size / 2 : when == moment::first_byte ? 1 : size - 1};
    }
    void after(const test::system_call&) override {
        if (stops) _exit(0);
    }
};

// A number that a child and its parent see.
class shared_number {
  public:
    shared_number() {
        void* const page = ::mmap(nullptr, sizeof(std::atomic<std::size_t>), PROT_READ | PROT_WRITE,
                                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED) throw std::runtime_error("no shared memory");
        number_ = new (page) std::atomic<std::size_t>(0);
    }
    shared_number(const shared_number&) = delete;
    shared_number& operator=(const shared_number&) = delete;
    ~shared_number() { ::munmap(number_, sizeof(std::atomic<std::size_t>)); }
    std::atomic<std::size_t>& operator*() { return *number_; }

  private:
    std::atomic<std::size_t>* number_;
};

// Runs the action in a child. Its exit status, or -1 if a signal ended it.
template <class Action>
int in_child(const Action& action) {
    const pid_t child = ::fork();
    if (child == 0) {
        action();
        _exit(1);
    }
    int status = -1;
    if (child < 0 || ::waitpid(child, &status, 0) != child) throw std::runtime_error("no child");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace

TEST_CASE("process stop: at every call and in the middle of every write", "[crash]") {
    const auto script = test::standard_script();
    using moment = stop_at::moment;
    shared_number done;
    std::size_t stops = 0, in_writes = 0;
    for (const moment when :
         {moment::before, moment::after, moment::first_byte, moment::half, moment::all_but_one}) {
        int outcome = 0;
        for (std::size_t number = 0; outcome != 1; ++number) {
            INFO("call " << number << ", moment " << static_cast<int>(when));
            const test::temporary_folder folder(test::memory_backed());
            *done = 0;
            outcome = in_child([&] {
                stop_at watcher;
                watcher.number = number;
                watcher.when = when;
                const test::watched here(watcher);
                test::store_session session(folder.path());
                if (!session.run(script, 0, [&](std::size_t count) { *done = count; })) _exit(2);
                if (watcher.seen > number) _exit(3); // a call that failed, as it should
            });
            if (outcome == 3) continue;
            REQUIRE(outcome >= 0);
            REQUIRE(outcome <= 1);
            const std::size_t tried = std::min<std::size_t>(*done + 1, script.steps.size());
            CHECK(test::complaint_about(folder.path(), script.known[*done], script.known[tried]) == "");
            ++stops;
            if (when > moment::after) ++in_writes;
        }
        CHECK(*done == script.steps.size()); // the last one was not stopped
    }
    CHECK(stops > 300);
    CHECK(in_writes > 60);
    WARN("stops of a process: " << stops);
}

TEST_CASE("process stop: SIGKILL at moments of chance, and the next process goes on", "[crash]") {
    const std::size_t wanted = test::wanted_stops(300);
    test::seeded_random rng(17);
    shared_number done;
    std::size_t stops = 0, sessions = 0, written_unheard = 0;
    std::set<std::size_t> places;
    while (stops < wanted) {
        const auto script = test::random_script(1000 + sessions, 120);
        const test::temporary_folder folder(test::memory_backed());
        std::size_t next = 0;
        *done = 0;
        while (next < script.steps.size() && stops < wanted) {
            INFO("session " << sessions << ", stop " << stops << ", step " << next);
            const pid_t child = ::fork();
            REQUIRE(child >= 0);
            if (child == 0) {
                test::store_session session(folder.path());
                const auto first = session.recover(script, next);
                if (!first) _exit(2);
                *done = *first;
                _exit(session.run(script, *first, [&](std::size_t count) { *done = count; }) ? 0 : 2);
            }
            ::usleep(static_cast<useconds_t>(rng.below(12000)));
            ::kill(child, SIGKILL);
            int status = 0;
            REQUIRE(::waitpid(child, &status, 0) == child);
            REQUIRE((WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0));
            if (WIFSIGNALED(status)) ++stops;

            const std::size_t acked = *done;
            const std::size_t tried = std::min(acked + 1, script.steps.size());
            places.insert(acked);
            const std::filesystem::path copy = folder / "copy";
            std::filesystem::remove_all(copy);
            std::filesystem::create_directory(copy);
            for (const char* const name : {"store", "journal"})
                if (std::filesystem::exists(folder / name))
                    std::filesystem::copy(folder / name, copy / name,
                                          std::filesystem::copy_options::recursive);
            CHECK(test::complaint_about(copy, script.known[acked], script.known[tried]) == "");
            test::store_session session(folder.path());
            const auto after = session.recover(script, acked);
            REQUIRE(after);
            written_unheard += *after - acked;
            next = *after;
            *done = next;
        }
        ++sessions;
    }
    CHECK(stops >= wanted);
    CHECK(places.size() > 30); // not always at the same place
    WARN("stops by SIGKILL: " << stops << ", in " << sessions << " sessions, at " << places.size()
                              << " different steps; steps complete but unheard of: " << written_unheard);
}
