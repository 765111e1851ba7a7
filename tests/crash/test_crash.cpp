// The store and the journal against crashes: the writer is stopped at every system call of a session, and at
// any time; the power fails; calls fail. docs/spec/record.md, sections 7 to 9.
#include "crash/interposed_calls.hpp"

#include "crash/disk_model.hpp"
#include "crash/store_script.hpp"

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <sys/mman.h>
#include <sys/wait.h>

#include <atomic>
#include <chrono>
#include <iostream>
#include <set>
#include <thread>

using namespace veilsum;
using namespace veilsum::test::crash;
namespace fs = std::filesystem;

namespace {

// Items that a child process was told of, seen by its parent after its death.
class shared_counter {
  public:
    shared_counter()
        : value_(new (::mmap(nullptr, sizeof(std::atomic<std::uint64_t>), PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0)) std::atomic<std::uint64_t>(0)) {}
    shared_counter(const shared_counter&) = delete;
    shared_counter& operator=(const shared_counter&) = delete;
    ~shared_counter() { ::munmap(value_, sizeof *value_); }
    std::atomic<std::uint64_t>& operator*() const { return *value_; }

  private:
    std::atomic<std::uint64_t>* value_;
};

struct clean_run {
    std::vector<std::string> told;
    std::vector<std::string> calls; // "pwrite session/log"
    std::vector<event> events;
};
clean_run run_cleanly(const store_script& script) {
    const test::temporary_folder folder(test::memory_backed());
    clean_run out;
    watch seen(folder.path().native());
    const auto done = script.run(folder.path().native(), [&](std::string item) {
        seen.note(item);
        out.told.push_back(std::move(item));
    });
    REQUIRE(done);
    out.calls = seen.names();
    out.events = seen.events();
    return out;
}

// Runs `work` in a child and returns how it ended.
template <class Work>
int in_child(const Work& work) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        work();
        ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return status;
}

constexpr std::uint64_t scripts = 5;

// Longer runs: the number of random stops.
std::uint64_t random_stops() {
    const char* wanted = std::getenv("VEILSUM_CRASH_STOPS");
    return wanted == nullptr ? 150 : std::strtoull(wanted, nullptr, 10);
}

} // namespace

TEST_CASE("crash: killed at every call, and at any time", "[crash]") {
    std::uint64_t stops = 0;
    for (std::uint64_t seed = 0; seed < scripts; ++seed) {
        const store_script script(seed);
        const clean_run clean = run_cleanly(script);
        for (std::size_t n = 0; n < clean.calls.size(); ++n) {
            const bool writes = clean.calls[n].rfind("pwrite", 0) == 0;
            for (const fault where : {fault::before, fault::within, fault::after}) {
                if (where == fault::within && !writes) continue;
                const test::temporary_folder folder(test::memory_backed());
                const shared_counter told;
                const int status = in_child([&] {
                    watch stop(folder.path().native(), where, n);
                    (void)script.run(folder.path().native(), [&](const std::string&) { ++*told; });
                });
                INFO("script " << seed << ", call " << n << ", " << clean.calls[n] << ", "
                               << (where == fault::before  ? "before"
                                   : where == fault::after ? "after"
                                                           : "within"));
                REQUIRE(WIFSIGNALED(status));
                REQUIRE(WTERMSIG(status) == SIGKILL);
                const auto wrong = script.wrong(folder.path(), clean.told, *told);
                INFO(wrong.value_or(""));
                REQUIRE_FALSE(wrong);
                ++stops;
            }
        }
    }

    // kill -9 from outside, whenever it comes.
    test::seeded_random rng(2026);
    const std::uint64_t random = random_stops();
    std::uint64_t interrupted = 0; // sessions that were cut short
    for (std::uint64_t i = 0; i < random; ++i) {
        const test::temporary_folder folder(test::memory_backed());
        const shared_counter session, told;
        const auto root = [&](std::uint64_t number) { return folder.path() / std::to_string(number); };
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            for (;;) {
                const store_script script(i + *session);
                fs::create_directory(root(*session));
                (void)script.run(root(*session).native(), [&](const std::string&) { ++*told; });
                *told = 0;
                ++*session;
            }
        }
        std::this_thread::sleep_for(std::chrono::microseconds(rng.below(8000)));
        ::kill(child, SIGKILL);
        REQUIRE(::waitpid(child, nullptr, 0) == child);
        const std::uint64_t last = *session;
        if (!fs::exists(root(last))) continue;
        const store_script script(i + last);
        const clean_run clean = run_cleanly(script);
        // Between two sessions the counter may not be back at zero yet.
        const std::uint64_t done = *told;
        const auto wrong = script.wrong(root(last), clean.told, done);
        INFO("random stop " << i << ": " << wrong.value_or(""));
        REQUIRE_FALSE(wrong);
        interrupted += done < clean.told.size();
        ++stops;
    }
    std::cout << "crash: " << stops << " stops, " << interrupted << " of them at any time within a session\n";
    CHECK(stops >= 1000);
    CHECK(interrupted > random / 4);
}

TEST_CASE("crash: the power fails after any call", "[crash]") {
    std::uint64_t images = 0;
    for (std::uint64_t seed = 0; seed < scripts; ++seed) {
        const store_script script(seed);
        const clean_run clean = run_cleanly(script);
        test::seeded_random rng(seed);
        std::size_t told = 0;
        for (std::size_t n = 0; n <= clean.events.size(); ++n) {
            if (n > 0 && clean.events[n - 1].what == event::kind::note) ++told;
            const disk_model disk(std::span(clean.events).first(n));
            for (int variant = 0; variant < 5; ++variant) {
                const auto what = variant == 0   ? survival::nothing
                                  : variant == 1 ? survival::everything
                                                 : survival::some;
                const test::temporary_folder folder(test::memory_backed());
                disk.write_to(folder.path(), what, rng);
                const auto wrong = script.wrong(folder.path(), clean.told, told);
                INFO("script " << seed << ", event " << n << ", variant " << variant << ": "
                               << wrong.value_or(""));
                REQUIRE_FALSE(wrong);
                ++images;
            }
        }
    }
    std::cout << "crash: " << images << " disks after a power failure\n";
}

TEST_CASE("crash: each sync is needed, and a disk that lies about it is noticed", "[crash]") {
    const store_script script(1);
    const clean_run clean = run_cleanly(script);
    std::set<std::string> synced;
    for (const event& one : clean.events)
        if (one.what == event::kind::sync_file || one.what == event::kind::sync_folder)
            synced.insert(one.path);
    // The folder that holds the store and the journal, theirs, and the files.
    REQUIRE(synced == std::set<std::string>{"", "journal", "session", "session/bodies",
                                            "session/bodies/incoming", "session/checkpoint.new",
                                            "session/log"});
    for (const std::string& lied_about : synced) {
        test::seeded_random rng(3);
        std::size_t told = 0, noticed = 0;
        for (std::size_t n = 0; n <= clean.events.size(); ++n) {
            if (n > 0 && clean.events[n - 1].what == event::kind::note) ++told;
            const disk_model disk(std::span(clean.events).first(n),
                                  [&](const event& sync) { return sync.path != lied_about; });
            const test::temporary_folder folder(test::memory_backed());
            disk.write_to(folder.path(), survival::nothing, rng);
            noticed += script.wrong(folder.path(), clean.told, told).has_value();
        }
        INFO("sync of '" << lied_about << "'");
        CHECK(noticed > 0);
    }
}

TEST_CASE("crash: a record without its body, were it written first, is noticed", "[crash]") {
    const store_script script(1);
    clean_run clean = run_cleanly(script);
    // What a store would leave that appends the record before it stores the body: no body at all.
    const test::temporary_folder folder(test::memory_backed());
    test::seeded_random rng(1);
    disk_model(clean.events).write_to(folder.path(), survival::nothing, rng);
    fs::remove_all(folder / "session/bodies");
    fs::create_directory(folder / "session/bodies");
    CHECK(script.wrong(folder.path(), clean.told, clean.told.size()) == "a record without its body");
}

TEST_CASE("crash: every call fails once, and nothing is lost", "[crash]") {
    const store_script script(2);
    const clean_run clean = run_cleanly(script);
    for (const int code : {EIO, ENOSPC, EROFS, EACCES}) {
        for (std::size_t n = 0; n < clean.calls.size(); ++n) {
            const test::temporary_folder folder(test::memory_backed());
            const std::string root = folder.path().native();
            std::size_t told = 0;
            std::optional<watch> failing(std::in_place, root, fault::fails, n, code);
            const auto done = script.run(root, [&](const std::string&) { ++told; });
            const std::string struck = failing->struck();
            failing.reset();
            INFO("call " << n << ", " << struck << ", errno " << code);
            REQUIRE(struck == clean.calls[n]);
            if (done) {
                // Looking for a body that is not there yet, as opposed to writing it.
                CHECK(struck.rfind("open session/bodies/", 0) == 0);
            } else {
                CHECK(done.error().code == errc::io);
                CHECK(done.error().place.find(root) != std::string::npos);
                CHECK(done.error().place.find(std::generic_category().message(code)) != std::string::npos);
            }
            const auto wrong = script.wrong(folder.path(), clean.told, told);
            INFO(wrong.value_or(""));
            CHECK_FALSE(wrong);
        }
    }
}

TEST_CASE("crash: interrupted calls and short writes are not noticed", "[crash]") {
    const store_script script(3);
    const clean_run clean = run_cleanly(script);
    std::size_t interrupted = 0, cut = 0;
    for (std::size_t n = 0; n < clean.calls.size(); ++n) {
        const std::string name = clean.calls[n].substr(0, clean.calls[n].find(' '));
        for (const fault what : {fault::fails, fault::cut}) {
            const bool writes = name == "pwrite";
            if (what == fault::cut && !writes) continue;
            if (what == fault::fails && (name == "rename" || name == "unlink" || name == "mkdir")) continue;
            const test::temporary_folder folder(test::memory_backed());
            std::vector<std::string> told;
            std::optional<watch> disturbing(std::in_place, folder.path().native(), what, n, EINTR);
            const auto done = script.run(folder.path().native(),
                                         [&](std::string item) { told.push_back(std::move(item)); });
            disturbing.reset();
            INFO("call " << n << ", " << clean.calls[n]);
            if (!done) FAIL(done.error().describe());
            CHECK(told == clean.told);
            CHECK_FALSE(script.wrong(folder.path(), clean.told, told.size()));
            ++(what == fault::cut ? cut : interrupted);
        }
    }
    CHECK(interrupted > 20);
    CHECK(cut > 5);
}
