// The harness notices a store that leaves something out. Each mutant is the real store with some of its calls
// not made although they seem to be, or a session in an order that the store's callers must not use.
#include "support/catch.hpp"
#include "support/power_loss.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

using namespace veilsum;
using test::call_kind;
using test::store_step;
namespace complaint = test::complaint;

namespace {

struct mutant {
    std::string name;
    call_kind kind;
    std::string path_end;             // of the calls that are left out
    std::vector<std::string> phrases; // the complaint that must be among those that are made
};

test::session_script short_script() {
    const bytes first = bytes(50, 1), second = bytes(3000, 2);
    test::session_script script;
    script.add({store_step::create});
    script.add({store_step::open_journal});
    script.add_body(first);
    script.add_record(first, 10);
    script.add({store_step::checkpoint});
    script.add({store_step::note, bytes(20, 3)});
    script.add_body(second);
    script.add_record(second, 300);
    script.add({store_step::checkpoint});
    script.add({store_step::note, bytes(30, 4)});
    return script;
}

} // namespace

TEST_CASE("crash harness: the unchanged store gives no complaint on the mutants' session", "[crash]") {
    const auto script = short_script();
    test::power_losses losses(script, 4);
    REQUIRE(losses.run());
    CHECK(losses.complaints() == "");
}

TEST_CASE("crash harness: a sync that is left out is noticed", "[crash]") {
    const std::string covers = complaint::writer_refused + "missing, records that the checkpoint covers";
    const std::vector<mutant> mutants = {
        {"of a body's content", call_kind::sync, "/bodies/incoming", {complaint::record_without_body}},
        {"of the names of bodies", call_kind::sync, "/bodies", {complaint::record_without_body}},
        {"of the log", call_kind::sync, "/log", {complaint::lost_record, covers}},
        {"of a checkpoint's content", call_kind::sync, "/checkpoint.new", {complaint::altered_checkpoint}},
        {"of the store's names", call_kind::sync, "/store", {complaint::lost_checkpoint}},
        {"of the journal", call_kind::sync, "/journal", {complaint::lost_entry}},
    };
    const auto script = short_script();
    for (const mutant& one : mutants) {
        INFO("a store without the sync " << one.name);
        test::power_losses losses(script, 4);
        losses.lie = [&](const test::system_call& call) {
            return call.kind == one.kind && call.path.ends_with(one.path_end);
        };
        losses.run(); // opening may be refused already
        INFO(losses.complaints());
        for (const std::string& phrase : one.phrases) CHECK(losses.complained(phrase));
    }
}

TEST_CASE("crash harness: a name of the store's folder itself that is not synced is noticed", "[crash]") {
    const auto script = short_script();
    test::power_losses losses(script, 2);
    std::string outermost;
    losses.lie = [&](const test::system_call& call) {
        if (outermost.empty() && call.kind == call_kind::make_folder)
            outermost = std::filesystem::path(call.path).parent_path().native();
        return call.kind == call_kind::sync && call.path == outermost;
    };
    REQUIRE(losses.run());
    INFO(losses.complaints());
    CHECK(losses.complained(complaint::reader_refused + "missing, file cannot be opened"));
}

TEST_CASE("crash harness: a record before its body is noticed", "[crash]") {
    const bytes body(100, 5);
    test::session_script script;
    script.add({store_step::create});
    script.add({store_step::open_journal});
    script.add_record(body, 0);
    script.add_body(body);
    test::power_losses losses(script, 2);
    REQUIRE(losses.run());
    CHECK(losses.complained(complaint::record_without_body));
}

TEST_CASE("crash harness: a checkpoint written in place is noticed", "[crash]") {
    test::session_script script = short_script();
    script.add({store_step::append, script.steps[3].data});
    script.add({store_step::checkpoint_in_place});
    test::power_losses losses(script, 2);
    REQUIRE(losses.run());
    CHECK(losses.complained(complaint::altered_checkpoint));
}

TEST_CASE("crash harness: a journal or log that is not written again after a failed sync is noticed",
          "[crash]") {
    const auto script = short_script();
    for (const std::string path_end : {"/log", "/journal"}) {
        INFO(path_end);
        const std::string& phrase = path_end == "/log" ? complaint::lost_record : complaint::lost_entry;
        std::size_t complaints = 0;
        for (std::size_t number = 0;; ++number) {
            std::size_t seen = 0;
            bool failed = false;
            test::power_losses losses(script, 0);
            losses.every = 0;
            losses.fail = [&](const test::system_call& call) {
                const bool hit =
                    call.kind == call_kind::sync && call.path.ends_with(path_end) && seen++ == number;
                failed = failed || hit;
                return hit ? EIO : 0;
            };
            bool rewritten = false;
            losses.lie = [&](const test::system_call& call) { // leaves the first write afterwards out
                const bool first =
                    failed && !rewritten && call.kind == call_kind::write && call.path.ends_with(path_end);
                rewritten = rewritten || first;
                return first;
            };
            losses.run();
            if (!failed) break;
            if (losses.complained(phrase)) ++complaints;
        }
        CHECK(complaints > 0);
    }
}

TEST_CASE("crash harness: bytes that were altered or added are noticed", "[crash]") {
    const auto script = short_script();
    const std::size_t all = script.steps.size();
    const auto complaint_after = [&](const std::function<void(const test::temporary_folder&)>& harm,
                                     std::size_t acked) {
        const test::temporary_folder folder(test::memory_backed());
        test::store_session session(folder.path());
        REQUIRE(session.run(script, 0, [](std::size_t) {}));
        session.close();
        harm(folder);
        return test::complaint_about(folder.path(), script.known[acked], script.known[acked]);
    };
    const auto nothing = [](const test::temporary_folder&) {};
    const auto flip_in = [](const std::string& name) {
        return [name](const test::temporary_folder& folder) {
            bytes content = test::read_whole_file(folder / name);
            content[content.size() / 2] ^= 1;
            test::write_whole_file(folder / name, content);
        };
    };
    CHECK(complaint_after(nothing, all) == "");
    CHECK(complaint_after(nothing, 5) == complaint::extra_record);
    CHECK(complaint_after(flip_in("store/log"), all).starts_with(complaint::reader_refused));
    CHECK(complaint_after(flip_in("store/checkpoint"), all) == complaint::altered_checkpoint);
    CHECK(complaint_after(flip_in("journal"), all).starts_with(complaint::journal_refused));
    const auto body = "store/bodies/" + to_hex(script.known[all].bodies[1]);
    CHECK(complaint_after(flip_in(body), all) == complaint::record_without_body);
}
