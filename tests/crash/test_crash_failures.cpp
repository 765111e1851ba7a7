// System calls that fail: each call of a session in turn. The error names the file and the system's reason,
// nothing acknowledged is lost, and nothing is appended until the store has been opened anew.
#include "support/catch.hpp"
#include "support/power_loss.hpp"

#include <cerrno>
#include <cstddef>
#include <map>
#include <string>
#include <system_error>
#include <vector>

using namespace veilsum;
using test::call_kind;
using test::store_step;

namespace {

// Fails one call, and remembers which.
struct fail_once : test::call_watcher {
    std::size_t number = 0; // of the call
    int code = 0;
    std::size_t seen = 0;
    std::string path;
    call_kind kind = call_kind::open;
    test::order before(const test::system_call& call) override {
        if (seen++ != number) return {};
        path = call.to.empty() ? call.path : call.to;
        kind = call.kind;
        return {.error = code};
    }
    bool has_failed() const { return seen > number; }
};

// An error that a person can act on.
void check_names(const error& failure, const std::string& path, int code) {
    CHECK(failure.code == errc::io);
    CHECK_FALSE(failure.what.empty());
    CHECK(failure.place == path + ": " + std::generic_category().message(code));
}

bool is_of_journal(store_step what) {
    return what == store_step::note || what == store_step::open_journal;
}

// After the step `what` has failed: no more appends by this object.
void check_refuses_more(test::store_session& session, store_step what) {
    if (what == store_step::note) {
        const auto refused = session.perform({store_step::note, {1}});
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::io);
        CHECK(refused.error().what == "journal after a failed write");
    } else if (!is_of_journal(what) && session.has_store()) {
        for (const store_step next : {store_step::append, store_step::put, store_step::checkpoint}) {
            if (what == store_step::append && next != store_step::append) continue;
            const auto refused = session.perform({next, bytes(40)});
            REQUIRE_FALSE(refused);
            CHECK(refused.error().code == errc::io);
            CHECK(refused.error().what == (what == store_step::append
                                               ? "log after a failed write or with a torn tail"
                                               : "store after a failed write"));
        }
    }
}

} // namespace

TEST_CASE("failing calls: a clear error, nothing lost, no appends until opened anew", "[crash]") {
    const auto script = test::standard_script();
    std::size_t failures = 0, borne = 0;
    for (const int code : {EIO, ENOSPC}) {
        for (std::size_t number = 0;; ++number) {
            INFO("call " << number << " fails with " << std::generic_category().message(code));
            const test::temporary_folder folder(test::memory_backed());
            test::store_session session(folder.path());
            fail_once watcher;
            watcher.number = number;
            watcher.code = code;
            result<void> ran;
            {
                const test::watched here(watcher);
                ran = session.run(script, 0, [](std::size_t) {});
            }
            if (!watcher.has_failed()) break;
            ++failures;
            INFO("at " << watcher.path << ", step " << session.done);
            if (ran) { // a body that cannot be opened to be compared is written anew
                ++borne;
                CHECK(watcher.kind == call_kind::open);
                CHECK(watcher.path.find("/bodies/") != std::string::npos);
            } else {
                check_names(ran.error(), watcher.path, code);
                check_refuses_more(session, script.steps[session.done].what);
            }
            session.close();
            const std::size_t tried = std::min(session.done + 1, script.steps.size());
            CHECK(test::complaint_about(folder.path(), script.known[session.done], script.known[tried]) ==
                  "");
        }
    }
    CHECK(failures > 200);
    CHECK(borne < failures / 10);
    WARN("calls that failed: " << failures);
}

TEST_CASE("failing calls: a sync that lost what was written is not trusted after opening anew", "[crash]") {
    // The kernel still shows the record, and the next sync succeeds: only writing it again makes it durable.
    const auto script = test::standard_script();
    std::size_t failures = 0;
    for (std::size_t number = 0;; ++number) {
        INFO("sync " << number);
        std::size_t seen = 0;
        test::power_losses losses(script, 1, number);
        losses.every = 47;
        losses.fail = [&](const test::system_call& call) {
            return call.kind == call_kind::sync && seen++ == number ? EIO : 0;
        };
        REQUIRE(losses.run());
        if (seen <= number) break;
        CHECK(losses.complaints() == "");
        ++failures;
    }
    CHECK(failures > 30);
}

TEST_CASE("failing calls: a body whose name was not synced is durable once the store is open", "[crash]") {
    test::session_script script;
    const bytes body = {'b', 'o', 'd', 'y'};
    script.add({store_step::create});
    script.add({store_step::open_journal});
    script.add({store_step::put_if_new, body}); // its folder is not synced: as after a process stop there
    script.add_record(body, 0);
    std::size_t failures = 0;
    test::power_losses losses(script, 2);
    losses.fail = [&](const test::system_call& call) {
        return call.kind == call_kind::sync && call.path.ends_with("/bodies") && failures++ == 0 ? EIO : 0;
    };
    REQUIRE(losses.run());
    REQUIRE(failures > 0);
    CHECK(losses.complaints() == "");
}

TEST_CASE("failing calls: interruptions and short writes change nothing", "[crash]") {
    const auto script = test::standard_script();
    const auto files_after = [&](test::call_watcher* watcher) {
        const test::temporary_folder folder(test::memory_backed());
        test::store_session session(folder.path());
        const test::watched here(watcher);
        const auto ran = session.run(script, 0, [](std::size_t) {});
        session.close();
        CHECK(ran);
        return test::files_below(folder.path());
    };
    const auto expected = files_after(nullptr);

    struct : test::call_watcher {
        std::map<call_kind, std::size_t> interrupted;
        bool again = false;
        test::order before(const test::system_call& call) override {
            if (call.kind == call_kind::rename || call.kind == call_kind::remove ||
                call.kind == call_kind::make_folder)
                return {}; // never interrupted
            again = !again;
            interrupted[call.kind] += again ? 1 : 0;
            return {.error = again ? EINTR : 0};
        }
    } interruptions;
    CHECK(files_after(&interruptions) == expected);
    CHECK(interruptions.interrupted.size() == 5);

    for (const std::size_t most : {std::size_t{1}, std::size_t{37}, std::size_t{4096}}) {
        struct : test::call_watcher {
            std::size_t most = 0, shortened = 0;
            test::order before(const test::system_call& call) override {
                if (call.kind != call_kind::write || call.data.size() <= most) return {};
                ++shortened;
                return {.at_most = most};
            }
        } short_writes;
        short_writes.most = most;
        CHECK(files_after(&short_writes) == expected);
        CHECK(short_writes.shortened > 10);
    }
}

TEST_CASE("failing calls: a write that writes nothing is an error, not a wait", "[crash]") {
    const test::temporary_folder folder(test::memory_backed());
    auto file = audit::posix_file::open((folder / "file").native(), audit::posix_file::access::create);
    REQUIRE(file);
    struct : test::call_watcher {
        test::order before(const test::system_call&) override { return {.at_most = 0}; }
    } nothing;
    const test::watched here(nothing);
    const auto written = file->write_at(0, bytes{1});
    REQUIRE_FALSE(written);
    CHECK(written.error().code == errc::io);
    CHECK(written.error().what == "file takes no more bytes");
    CHECK(written.error().place == (folder / "file").native());
}
