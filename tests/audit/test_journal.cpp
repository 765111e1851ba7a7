#include <veilsum/audit/journal.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

using namespace veilsum;
using namespace veilsum::audit;

namespace {

std::vector<bytes> sample_entries() {
    return {{'f', 'i', 'r', 's', 't'}, {}, bytes(40, 7), {1}};
}

bytes make_journal(const std::filesystem::path& path, const std::vector<bytes>& entries) {
    auto made = journal::open(path);
    REQUIRE(made);
    for (const bytes& entry : entries) REQUIRE(made->append(entry));
    CHECK(made->entries() == entries);
    return test::read_whole_file(path);
}

// Where frame i begins.
std::size_t frame_at(const std::vector<bytes>& entries, std::size_t i) {
    std::size_t at = 8;
    for (std::size_t k = 0; k < i; ++k) at += 8 + entries[k].size() + 32;
    return at;
}

void check_damaged(const std::filesystem::path& path, const bytes& damaged, errc code, std::string_view what,
                   std::uint32_t check, std::string_view place) {
    test::write_whole_file(path, damaged);
    const auto opened = journal::open(path);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == code);
    CHECK(opened.error().what == what);
    CHECK(opened.error().check == check);
    CHECK(opened.error().place == place);
    CHECK(test::read_whole_file(path) == damaged);
}

} // namespace

TEST_CASE("journal: the layout, from a fixed vector", "[audit]") {
    const test::temporary_folder folder;
    // Made with Python's hashlib from docs/spec/record.md.
    CHECK(to_hex(make_journal(folder / "j", {{'f', 'i', 'r', 's', 't'}})) ==
          "5653554d4a4e4c31"
          "00000005"
          "fffffffa"
          "6669727374"
          "ee355b0631c78d82f01fab447bc7b247f796973f2a1853a2c08ea7162ed10bc9");
}

TEST_CASE("journal: entries are there after reopening, and more can follow", "[audit]") {
    const test::temporary_folder folder;
    std::vector<bytes> entries = sample_entries();
    make_journal(folder / "j", entries);
    for (int round = 0; round < 3; ++round) {
        auto opened = journal::open(folder / "j");
        REQUIRE(opened);
        CHECK(opened->entries() == entries);
        CHECK(opened->bytes_cut() == 0);
        entries.push_back(bytes(3, static_cast<std::uint8_t>(round)));
        REQUIRE(opened->append(entries.back()));
    }
    CHECK(journal::open_existing(folder / "j")->entries() == entries);
}

TEST_CASE("journal: an owner who wrote one does not accept that there is none", "[audit]") {
    const test::temporary_folder folder;
    const auto absent = journal::open_existing(folder / "j");
    REQUIRE_FALSE(absent);
    CHECK(absent.error().code == errc::missing);
    CHECK_FALSE(std::filesystem::exists(folder / "j"));
    CHECK(journal::open(folder / "j")->entries().empty());
    CHECK(journal::open_existing(folder / "j")->entries().empty());
}

TEST_CASE("journal: a crash at any byte leaves every complete entry, and only those", "[audit]") {
    const test::temporary_folder folder(test::memory_backed());
    const std::vector<bytes> entries = sample_entries();
    const bytes file = make_journal(folder / "j", entries);
    for (std::size_t length = 0; length <= file.size(); ++length) {
        INFO("cut to " << length << " bytes");
        test::write_whole_file(folder / "j",
                               {file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length)});
        std::size_t complete = 0;
        while (complete < entries.size() && frame_at(entries, complete + 1) <= length) ++complete;
        const std::size_t kept = length < 8 ? 0 : frame_at(entries, complete);
        auto opened = journal::open(folder / "j");
        REQUIRE(opened);
        CHECK(opened->entries() ==
              std::vector<bytes>(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(complete)));
        CHECK(opened->bytes_cut() == length - kept);
        CHECK(std::filesystem::file_size(folder / "j") == std::max<std::size_t>(kept, 8));
        if (complete == entries.size()) continue;
        REQUIRE(opened->append(entries[complete]));
        const bytes after = test::read_whole_file(folder / "j");
        CHECK(after == bytes(file.begin(),
                             file.begin() + static_cast<std::ptrdiff_t>(frame_at(entries, complete + 1))));
    }
}

TEST_CASE("journal: a flipped byte anywhere is refused and nothing is cut", "[audit]") {
    const test::temporary_folder folder(test::memory_backed());
    const std::vector<bytes> entries = sample_entries();
    const bytes file = make_journal(folder / "j", entries);
    const std::string path = (folder / "j").native();
    for (std::size_t i = 0; i < file.size(); ++i) {
        INFO("byte " << i);
        bytes damaged = file;
        damaged[i] ^= static_cast<std::uint8_t>(1u << (i % 8));
        if (i < 8) {
            check_damaged(folder / "j", damaged, errc::malformed, "magic of the journal", 1, path);
            continue;
        }
        std::size_t frame = 0;
        while (frame_at(entries, frame + 1) <= i) ++frame;
        const std::string place = "entry " + std::to_string(frame);
        if (i < frame_at(entries, frame) + 8)
            check_damaged(folder / "j", damaged, errc::mismatch, "length of the journal entry", 2, place);
        else
            check_damaged(folder / "j", damaged, errc::mismatch, "mark of the journal entry", 4, place);
    }
}

TEST_CASE("journal: entries swapped, repeated or taken out of the middle", "[audit]") {
    const test::temporary_folder folder;
    const std::vector<bytes> entries = {{1}, {2}, {3}};
    const bytes file = make_journal(folder / "j", entries);
    const auto part = [&](std::size_t from, std::size_t to) {
        return bytes(file.begin() + static_cast<std::ptrdiff_t>(from),
                     file.begin() + static_cast<std::ptrdiff_t>(to));
    };
    const auto frame = [&](std::size_t i) { return part(frame_at(entries, i), frame_at(entries, i + 1)); };
    const auto joined = [&](const std::vector<std::size_t>& order) {
        bytes out = part(0, 8);
        for (const std::size_t i : order) {
            const bytes one = frame(i);
            out.insert(out.end(), one.begin(), one.end());
        }
        return out;
    };
    const std::string_view what = "mark of the journal entry";
    check_damaged(folder / "j", joined({0, 2, 1}), errc::mismatch, what, 4, "entry 1");
    check_damaged(folder / "j", joined({0, 0, 1}), errc::mismatch, what, 4, "entry 1");
    check_damaged(folder / "j", joined({0, 2}), errc::mismatch, what, 4, "entry 1");
    check_damaged(folder / "j", joined({1, 2}), errc::mismatch, what, 4, "entry 0");
}

TEST_CASE("journal: lengths are refused before they are believed", "[audit]") {
    const test::temporary_folder folder;
    bytes file = make_journal(folder / "j", {});
    file.insert(file.end(), {0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0});
    check_damaged(folder / "j", file, errc::overflow, "length of the journal entry", 3, "entry 0");
    std::filesystem::remove(folder / "j");
    auto opened = journal::open(folder / "j");
    CHECK(opened->append(bytes(journal::max_entry_bytes)));
    const auto refused = opened->append(bytes(journal::max_entry_bytes + 1));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::overflow);
    CHECK(opened->entries().size() == 1);
    CHECK(opened->append({}));
}

TEST_CASE("journal: one owner at a time", "[audit]") {
    const test::temporary_folder folder;
    {
        const auto first = journal::open(folder / "j");
        REQUIRE(first);
        const auto second = journal::open(folder / "j");
        REQUIRE_FALSE(second);
        CHECK(second.error().code == errc::io);
        CHECK(second.error().what == "lock is held by another writer");
        const pid_t child = fork();
        REQUIRE(child >= 0);
        if (child == 0) _exit(journal::open(folder / "j") ? 1 : 0);
        int status = -1;
        REQUIRE(waitpid(child, &status, 0) == child);
        CHECK(status == 0);
    }
    CHECK(journal::open(folder / "j"));
}

TEST_CASE("journal: what the system refuses is an error with path and reason", "[audit]") {
    const test::temporary_folder folder;
    test::write_whole_file(folder / "file", {'x'});
    const auto inside = journal::open(folder / "file/j");
    REQUIRE_FALSE(inside);
    CHECK(inside.error().code == errc::io);
    CHECK(inside.error().place == (folder / "file/j").native() + ": Not a directory");
    const auto is_folder = journal::open(folder.path());
    REQUIRE_FALSE(is_folder);
    CHECK(is_folder.error().code == errc::io);
}
