#include <veilsum/audit/checkpoint_signing.hpp>
#include <veilsum/audit/file_store.hpp>
#include <veilsum/audit/log_reader.hpp>
#include <veilsum/audit/merkle.hpp>
#include <veilsum/audit/merkle_frontier.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

using namespace veilsum;
using namespace veilsum::audit;
namespace fs = std::filesystem;

namespace {

// A folder with a log of bodies of these sizes.
class log_folder {
  public:
    explicit log_folder(const std::vector<std::size_t>& body_sizes) : base_(test::memory_backed()) {
        auto store = file_store::create(path());
        REQUIRE(store);
        for (std::size_t i = 0; i < body_sizes.size(); ++i)
            REQUIRE(store->append(static_cast<std::uint16_t>(i + 1), 1,
                                  bytes(body_sizes[i], static_cast<std::uint8_t>(i))));
    }
    fs::path path() const { return base_ / "log"; }
    fs::path file() const { return path() / "log"; }
    result<log_reader> open() const { return log_reader::open(path().native()); }

  private:
    test::temporary_folder base_;
};

void check_same_error(const error& ours, const error& theirs) {
    CHECK(ours.code == theirs.code);
    CHECK(ours.what == theirs.what);
    CHECK(ours.check == theirs.check);
    CHECK(ours.place == theirs.place);
}

result<void> ignore(const record&) {
    return {};
}

} // namespace

TEST_CASE("merkle frontier: the roots of the whole tree at every size", "[audit]") {
    merkle_tree tree;
    merkle_frontier frontier;
    CHECK(frontier.root() == empty_tree_root());
    for (std::uint32_t i = 0; i < 300; ++i) {
        const byte_array<2> data{static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
        tree.append(leaf_hash(data));
        frontier.append(leaf_hash(data));
        REQUIRE(frontier.size() == tree.size());
        REQUIRE(frontier.root() == tree.root());
    }
}

TEST_CASE("log reader: sees what a store of the same folder sees", "[audit]") {
    // Records across the ends of the reading window of 256 KiB, and the largest there can be.
    const log_folder folder({0, 10, 1 << 18, 3, (1 << 18) - 200, max_record_body, 0, 1 << 17, 1 << 17, 5});
    const auto log = folder.open();
    REQUIRE(log);
    const auto store = file_store::open_for_reading(folder.path());
    REQUIRE(store);
    CHECK(log->size() == store->size());
    CHECK(log->head() == store->head());
    CHECK(log->root() == store->root());
    CHECK(*first_record(*log) == *first_record(*store));
    std::vector<record> seen;
    for (int pass = 0; pass < 2; ++pass) {
        seen.clear();
        REQUIRE(for_each_record(*log, [&](const record& entry) -> result<void> {
            seen.push_back(entry);
            return {};
        }));
        REQUIRE(seen.size() == store->size());
        for (std::size_t i = 0; i < seen.size(); ++i) CHECK(seen[i] == *store->read(i));
    }
}

TEST_CASE("log reader: a log without records", "[audit]") {
    const log_folder folder({});
    const auto log = folder.open();
    REQUIRE(log);
    CHECK(log->size() == 0);
    CHECK(log->root() == empty_tree_root());
    CHECK(for_each_record(*log, ignore));
    const auto first = first_record(*log);
    REQUIRE_FALSE(first);
    CHECK(first.error().code == errc::missing);
    CHECK(first.error().what == "first record");
}

TEST_CASE("log reader: a visit stops at the visitor's error", "[audit]") {
    const log_folder folder({1, 2, 3});
    const auto log = folder.open();
    std::size_t visits = 0;
    const auto stopped = for_each_record(*log, [&](const record& entry) -> result<void> {
        ++visits;
        if (entry.sequence == 1) return error{errc::refused, "enough"};
        return {};
    });
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().what == "enough");
    CHECK(visits == 2);
}

TEST_CASE("log reader: damage is found where a store finds it", "[audit]") {
    const log_folder folder({20, 0, 33});
    const bytes sound = test::read_whole_file(folder.file());
    for (std::size_t at = 0; at < sound.size(); ++at) {
        bytes damaged = sound;
        damaged[at] ^= 0x40;
        test::write_whole_file(folder.file(), damaged);
        const auto log = folder.open();
        const auto store = file_store::open_for_reading(folder.path());
        INFO("byte " << at);
        REQUIRE_FALSE(log);
        REQUIRE_FALSE(store);
        check_same_error(log.error(), store.error());
    }
    for (std::size_t size = 0; size < sound.size(); ++size) {
        test::write_whole_file(folder.file(), {sound.begin(), sound.begin() + static_cast<long>(size)});
        const auto log = folder.open();
        const auto store = file_store::open_for_reading(folder.path());
        INFO("cut to " << size);
        REQUIRE(log.has_value() == store.has_value()); // whole at the end of each record
        if (!log) check_same_error(log.error(), store.error());
        if (log) CHECK(log->size() == store->size());
    }
}

TEST_CASE("log reader: a log that changes between the passes is noticed", "[audit]") {
    const log_folder folder({8, 8, 8});
    const log_folder other({9, 7, 8}); // as long, and sound in itself
    const auto log = folder.open();
    REQUIRE(log);
    const bytes mine = test::read_whole_file(folder.file());
    const bytes foreign = test::read_whole_file(other.file());
    REQUIRE(mine.size() == foreign.size());

    test::write_whole_file(folder.file(), foreign);
    auto visited = for_each_record(*log, ignore);
    REQUIRE_FALSE(visited);
    CHECK(visited.error().code == errc::mismatch);
    CHECK(visited.error().what == "log since it was opened");
    CHECK(visited.error().place == "record 2");

    // Cut after a record, cut inside one, and one byte altered.
    const std::size_t frame = (mine.size() - 8) / 3;
    test::write_whole_file(folder.file(), {mine.begin(), mine.end() - static_cast<long>(frame)});
    visited = for_each_record(*log, ignore);
    REQUIRE_FALSE(visited);
    CHECK(visited.error().what == "log since it was opened");
    test::write_whole_file(folder.file(), {mine.begin(), mine.end() - 1});
    visited = for_each_record(*log, ignore);
    REQUIRE_FALSE(visited);
    CHECK(visited.error().what == "log since it was opened");
    bytes altered = mine;
    altered.back() ^= 1;
    test::write_whole_file(folder.file(), altered);
    visited = for_each_record(*log, ignore);
    REQUIRE_FALSE(visited);
    CHECK(visited.error().what == "check of the frame");

    // What was appended since is not part of it.
    test::write_whole_file(folder.file(), mine);
    auto writer = file_store::open_for_writing(folder.path());
    REQUIRE(writer);
    REQUIRE(writer->append(4, 1, bytes(5)));
    std::size_t visits = 0;
    CHECK(for_each_record(*log, [&](const record&) -> result<void> {
        ++visits;
        return {};
    }));
    CHECK(visits == 3);
}

TEST_CASE("log reader: the first record is that of the log that was opened", "[audit]") {
    const log_folder folder({8, 8, 8});
    const log_folder other({9, 7, 8}); // as long, and sound in itself
    const auto log = folder.open();
    REQUIRE(log);
    test::write_whole_file(folder.file(), test::read_whole_file(other.file()));
    const auto first = first_record(*log);
    REQUIRE(first);
    CHECK(first->body.size() == 8);
    CHECK(first_record(*folder.open())->body.size() == 9);
}

TEST_CASE("log reader: says how far it is", "[audit]") {
    const log_folder folder({100, 200});
    std::uint64_t done = 0, total = 0;
    REQUIRE(log_reader::open(folder.path().native(), [&](std::uint64_t now, std::uint64_t all) {
        done = now;
        total = all;
    }));
    CHECK(total == test::read_whole_file(folder.file()).size());
    CHECK(done == total);
}
