// What the programs write once and completely (examples/support/files.hpp): the folder that holds a new name
// is synced after the name is there, and a folder that cannot be synced is an error.
#include "support/catch.hpp"
#include "support/system_calls.hpp"
#include "support/temporary_folder.hpp"

#include "support/files.hpp"

#include <cerrno>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

using namespace veilsum;
using test::call_kind;

namespace {

// The paths that are synced; the sync of one of them can be made to fail.
struct syncs : test::call_watcher {
    std::vector<std::string> paths;
    std::string failing;
    test::order before(const test::system_call& call) override {
        return {.error = call.kind == call_kind::sync && call.path == failing ? EIO : 0};
    }
    void after(const test::system_call& call) override {
        if (call.kind == call_kind::sync) paths.push_back(call.path);
    }
};

template <class Step>
void check_syncs_last(const std::string& folder, const Step& step) {
    syncs seen;
    {
        const test::watched here(seen);
        REQUIRE(step(1));
    }
    REQUIRE_FALSE(seen.paths.empty());
    CHECK(seen.paths.back() == folder);
    seen.failing = folder;
    const test::watched here(seen);
    const auto failed = step(2);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == errc::io);
    CHECK(failed.error().what == "folder cannot be synced");
}

} // namespace

TEST_CASE("crash: the names of new files and folders are synced", "[crash]") {
    const test::temporary_folder folder;
    const std::string parent = folder.path().native();
    const auto named = [&](const char* kind, std::size_t number) {
        return folder / (kind + std::to_string(number));
    };
    check_syncs_last(parent, [&](std::size_t number) {
        return examples::write_new_file(named("file", number), bytes(3, 1));
    });
    check_syncs_last(parent,
                     [&](std::size_t number) { return examples::create_folder(named("folder", number)); });
    // Made as NAME.incomplete, then named: the second name counts.
    std::vector<examples::new_folder> made;
    for (const std::size_t number : {1, 2}) {
        auto staging = examples::new_folder::create(named("whole", number));
        REQUIRE(staging);
        made.push_back(*std::move(staging));
    }
    check_syncs_last(parent, [&](std::size_t number) { return std::move(made[number - 1]).finish(); });
}
