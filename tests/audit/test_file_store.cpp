#include <veilsum/audit/checkpoint_signing.hpp>
#include <veilsum/audit/file_store.hpp>

#include "support/catch.hpp"
#include "support/seeded_random.hpp"
#include "support/temporary_folder.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

using namespace veilsum;
using namespace veilsum::audit;
namespace fs = std::filesystem;

namespace {

const std::string origin = "example.org/session-4";

std::string tip_of(const file_store& store) {
    const auto key = sign::signing_key::from_seed(secret<byte_array<32>>(byte_array<32>{1, 2, 3}));
    return sign_checkpoint({origin, store.size(), store.root()}, origin, key);
}

bytes body_of(std::size_t i) {
    return bytes(10 + i, static_cast<std::uint8_t>(i + 1));
}

// A log of `count` records in `folder`, closed again; the bytes of its log file.
bytes make_log(const fs::path& folder, std::size_t count) {
    auto store = file_store::create(folder);
    REQUIRE(store);
    for (std::size_t i = 0; i < count; ++i) REQUIRE(store->append(1, 1, body_of(i)));
    return test::read_whole_file(folder / "log");
}

// Where frame i begins in such a log, and where its record begins.
std::size_t frame_at(std::size_t i) {
    std::size_t at = 8;
    for (std::size_t k = 0; k < i; ++k) at += 4 + record_header_bytes + body_of(k).size() + 8;
    return at;
}

template <class T>
void check_error(const result<T>& outcome, errc code, std::string_view what, std::uint32_t check,
                 std::string_view place) {
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == code);
    CHECK(outcome.error().what == what);
    CHECK(outcome.error().check == check);
    CHECK(outcome.error().place == place);
}

// Damage must be refused alike by readers and by writers, and must leave the file as it was.
void check_damaged(const fs::path& folder, const bytes& damaged, errc code, std::string_view what,
                   std::uint32_t check, std::string_view place) {
    test::write_whole_file(folder / "log", damaged);
    check_error(file_store::open_for_reading(folder), code, what, check, place);
    check_error(file_store::open_for_writing(folder), code, what, check, place);
    CHECK(test::read_whole_file(folder / "log") == damaged);
}

// What a crash does: the bytes at once, without going through the store.
void put_file(const fs::path& path, const std::string& text) {
    test::write_whole_file(path, {text.begin(), text.end()});
}

} // namespace

TEST_CASE("file store: the layout of a log file", "[audit]") {
    const test::temporary_folder folder;
    auto store = file_store::create(folder / "log");
    REQUIRE(store);
    REQUIRE(store->append(3, 1, as_bytes("hello")));
    // Made with Python's hashlib from docs/spec/record.md.
    CHECK(to_hex(test::read_whole_file(folder / "log/log")) ==
          "5653554d4c4f4731"
          "00000039"
          "564c4f47"
          "0003"
          "0001"
          "0000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000"
          "00000005"
          "68656c6c6f"
          "70ee89214767034f");
    CHECK(to_hex(store->head()) == "70ee89214767034f017c16e79b071244d3db6e9674a0a5be55c4c9278e1a7d82");
    CHECK(fs::is_directory(folder / "log/bodies"));
}

TEST_CASE("file store: what was written is there after reopening", "[audit]") {
    const test::temporary_folder folder;
    hash::digest32 head{}, root{}, body{};
    std::string note;
    {
        auto store = file_store::create(folder / "log/");
        REQUIRE(store);
        for (std::size_t i = 0; i < 6; ++i) REQUIRE(store->append(1, 1, body_of(i)));
        body = *store->put_body(as_bytes("a body"));
        note = tip_of(*store);
        REQUIRE(store->write_checkpoint(note));
        head = store->head();
        root = store->root();
    }
    const auto reader = file_store::open_for_reading(folder / "log");
    REQUIRE(reader);
    auto writer = file_store::open_for_writing(folder / "log");
    REQUIRE(writer);
    CHECK(writer->bytes_cut() == 0);
    for (const file_store* store : {&*reader, static_cast<const file_store*>(&*writer)}) {
        CHECK(store->size() == 6);
        CHECK(store->head() == head);
        CHECK(store->root() == root);
        CHECK(*store->read_checkpoint() == note);
        CHECK(*store->get_body(body, 100) == bytes{'a', ' ', 'b', 'o', 'd', 'y'});
        for (std::size_t i = 0; i < 6; ++i) CHECK(store->read(i)->body == body_of(i));
    }
    REQUIRE(writer->append(1, 1, {}));
    CHECK(writer->size() == 7);
    CHECK(reader->size() == 6); // what the reader verified when it opened
    CHECK(file_store::open_for_reading(folder / "log")->size() == 7);
}

TEST_CASE("file store: creating over something that exists is refused", "[audit]") {
    const test::temporary_folder folder;
    make_log(folder / "log", 1);
    const auto again = file_store::create(folder / "log");
    REQUIRE_FALSE(again);
    CHECK(again.error().code == errc::duplicate);
    CHECK(again.error().place.find((folder / "log").native()) == 0);
    CHECK(file_store::open_for_reading(folder / "log")->size() == 1);
}

TEST_CASE("file store: a reader cannot write", "[audit]") {
    const test::temporary_folder folder;
    const bytes before = make_log(folder / "log", 2);
    auto reader = file_store::open_for_reading(folder / "log");
    REQUIRE(reader);
    const std::string path = (folder / "log").native();
    const std::string_view what = "log is open for reading only";
    check_error(reader->append(1, 1, {}), errc::refused, what, 0, path + "/log");
    check_error(reader->put_body({}), errc::refused, what, 0, path);
    check_error(reader->write_checkpoint(tip_of(*reader)), errc::refused, what, 0, path);
    CHECK(test::read_whole_file(folder / "log/log") == before);
}

TEST_CASE("file store: one writer at a time", "[audit]") {
    const test::temporary_folder folder;
    const std::string place = (folder / "log").native() + "/log";
    const std::string_view what = "lock is held by another writer";
    {
        auto writer = file_store::create(folder / "log");
        REQUIRE(writer);
        check_error(file_store::open_for_writing(folder / "log"), errc::io, what, 0, place);
        CHECK(file_store::open_for_reading(folder / "log"));

        // Another process.
        const pid_t child = fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            const auto second = file_store::open_for_writing(folder / "log");
            _exit(!second && second.error().what == what ? 0 : 1);
        }
        int status = -1;
        REQUIRE(waitpid(child, &status, 0) == child);
        CHECK(status == 0);

        // The lock moves with the object.
        const file_store moved = *std::move(writer);
        check_error(file_store::open_for_writing(folder / "log"), errc::io, what, 0, place);
    }
    CHECK(file_store::open_for_writing(folder / "log"));
}

TEST_CASE("file store: a flipped byte anywhere in the log is found at its record", "[audit]") {
    const test::temporary_folder folder(test::memory_backed());
    const fs::path path = folder / "log";
    const bytes log = make_log(path, 4);
    struct region {
        std::size_t offset, length; // within the frame
        errc code;
        std::string_view what;
        std::uint32_t check;
    };
    const std::vector<region> regions = {
        {0, 2, errc::out_of_range, "length of the frame", 2}, // beyond any record
        {2, 2, errc::mismatch, "lengths of the frame and the record", 3},
        {4, 4, errc::malformed, "record magic", 3},
        {8, 2, errc::mismatch, "check of the frame", 6},  // type
        {10, 2, errc::mismatch, "check of the frame", 6}, // version
        {12, 8, errc::mismatch, "record sequence number", 4},
        {20, 32, errc::mismatch, "hash of the previous record", 5},
        {52, 1, errc::overflow, "record body", 3},
        {54, 2, errc::mismatch, "lengths of the frame and the record", 3},
        {56, 10, errc::mismatch, "check of the frame", 6}, // body
    };
    const std::size_t last = 3; // no later record vouches for this one
    for (const std::size_t i : {std::size_t{0}, std::size_t{2}, last}) {
        for (const region& where : regions) {
            for (const std::size_t offset : {where.offset, where.offset + where.length - 1}) {
                INFO("frame " << i << ", byte " << offset);
                bytes damaged = log;
                damaged[frame_at(i) + offset] ^= 0xff;
                check_damaged(path, damaged, where.code, where.what, where.check,
                              "record " + std::to_string(i));
            }
        }
        bytes damaged = log;
        damaged[frame_at(i + 1) - 1] ^= 1;
        check_damaged(path, damaged, errc::mismatch, "check of the frame", 6, "record " + std::to_string(i));
    }
    bytes damaged = log;
    damaged[3] ^= 1;
    check_damaged(path, damaged, errc::malformed, "magic of the log file", 1, (path / "log").native());
}

TEST_CASE("file store: every single flipped bit is refused", "[audit]") {
    const test::temporary_folder folder(test::memory_backed());
    const bytes log = make_log(folder / "log", 2);
    for (std::size_t i = 0; i < log.size(); ++i) {
        bytes damaged = log;
        damaged[i] ^= static_cast<std::uint8_t>(1u << (i % 8));
        test::write_whole_file(folder / "log/log", damaged);
        REQUIRE_FALSE(file_store::open_for_reading(folder / "log"));
        REQUIRE_FALSE(file_store::open_for_writing(folder / "log"));
        REQUIRE(test::read_whole_file(folder / "log/log") == damaged);
    }
}

TEST_CASE("file store: a crash at any byte leaves every complete record, and only those", "[audit]") {
    const test::temporary_folder folder(test::memory_backed());
    const fs::path path = folder / "log";
    const bytes log = make_log(path, 3);
    REQUIRE(log.size() == frame_at(3));
    for (std::size_t length = 0; length <= log.size(); ++length) {
        INFO("cut to " << length << " bytes");
        std::size_t complete = 0;
        while (complete < 3 && frame_at(complete + 1) <= length) ++complete;
        const std::size_t kept = length < 8 ? 0 : frame_at(complete);
        const bytes left(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(length));
        test::write_whole_file(path / "log", left);

        const auto reader = file_store::open_for_reading(path);
        if (length >= 8 && kept == length) {
            REQUIRE(reader);
            CHECK(reader->size() == complete);
        } else {
            check_error(reader, errc::missing, "end of the last record", 7,
                        "record " + std::to_string(complete));
        }
        CHECK(test::read_whole_file(path / "log") == left);

        auto writer = file_store::open_for_writing(path);
        REQUIRE(writer);
        REQUIRE(writer->size() == complete);
        CHECK(writer->bytes_cut() == length - kept);
        CHECK(fs::file_size(path / "log") == std::max<std::size_t>(kept, 8));
        REQUIRE(writer->append(1, 1, body_of(complete)));
        CHECK(writer->size() == complete + 1);
        if (complete == 3) continue;
        // The same record again gives the same bytes: nothing of the torn one is left.
        CHECK(test::read_whole_file(path / "log") ==
              bytes(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(frame_at(complete + 1))));
    }
}

TEST_CASE("file store: damage is never taken for a torn tail", "[audit]") {
    const test::temporary_folder folder;
    const fs::path path = folder / "log";
    const bytes log = make_log(path, 4);

    SECTION("a length in the middle that reaches past the end") {
        bytes damaged = log;
        damaged[frame_at(1) + 2] = 0x40; // 16 KiB: a possible length
        check_damaged(path, damaged, errc::mismatch, "lengths of the frame and the record", 3, "record 1");
    }
    SECTION("a huge length at the very end is refused without asking for memory") {
        bytes damaged = log;
        damaged.insert(damaged.end(), {0xff, 0xff, 0xff, 0xff});
        check_damaged(path, damaged, errc::out_of_range, "length of the frame", 2, "record 4");
    }
    SECTION("zeros at the end") {
        bytes damaged = log;
        damaged.resize(log.size() + 100);
        check_damaged(path, damaged, errc::out_of_range, "length of the frame", 2, "record 4");
    }
    SECTION("an unfinished frame that is not the next record's") {
        bytes damaged = log;
        damaged.insert(damaged.end(), log.begin() + static_cast<std::ptrdiff_t>(frame_at(2)),
                       log.begin() + static_cast<std::ptrdiff_t>(frame_at(3) - 1));
        check_damaged(path, damaged, errc::mismatch, "record sequence number", 4, "record 4");
    }
    SECTION("a complete last frame with a wrong body") {
        bytes damaged = log;
        damaged[log.size() - 9] ^= 1;
        check_damaged(path, damaged, errc::mismatch, "check of the frame", 6, "record 3");
    }
}

TEST_CASE("file store: frames swapped, repeated, removed or forged", "[audit]") {
    const test::temporary_folder folder;
    const fs::path path = folder / "log";
    const bytes log = make_log(path, 4);
    const auto frame = [&](std::size_t i) {
        return bytes(log.begin() + static_cast<std::ptrdiff_t>(frame_at(i)),
                     log.begin() + static_cast<std::ptrdiff_t>(frame_at(i + 1)));
    };
    const auto joined = [&](const std::vector<bytes>& frames) {
        bytes file(log.begin(), log.begin() + 8);
        for (const bytes& one : frames) file.insert(file.end(), one.begin(), one.end());
        return file;
    };
    check_damaged(path, joined({frame(0), frame(2), frame(1), frame(3)}), errc::mismatch,
                  "record sequence number", 4, "record 1");
    check_damaged(path, joined({frame(0), frame(1), frame(1)}), errc::mismatch, "record sequence number", 4,
                  "record 2");
    check_damaged(path, joined({frame(0), frame(1), frame(3)}), errc::mismatch, "record sequence number", 4,
                  "record 2");
    // A forger who keeps the check right meets the chain at the next record.
    bytes forged = frame(1);
    forged[4 + record_header_bytes] ^= 1;
    const auto digest = hash::sha256(byte_view(forged).subspan(4, forged.size() - 12));
    std::copy_n(digest.begin(), 8, forged.end() - 8);
    check_damaged(path, joined({frame(0), forged, frame(2), frame(3)}), errc::mismatch,
                  "hash of the previous record", 5, "record 2");
}

TEST_CASE("file store: a log cut behind its checkpoint is refused, and not cut further", "[audit]") {
    const test::temporary_folder folder;
    const fs::path path = folder / "log";
    const bytes log = make_log(path, 4);
    checkpoint tip;
    {
        auto store = file_store::open_for_writing(path);
        REQUIRE(store->write_checkpoint(tip_of(*store)));
        tip = {origin, store->size(), store->root()};
    }
    for (const std::size_t length :
         {frame_at(3), frame_at(4) - 5, frame_at(2) + 20, std::size_t{8}, std::size_t{3}}) {
        const bytes left(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(length));
        test::write_whole_file(path / "log", left);
        std::size_t complete = 0;
        while (frame_at(complete + 1) <= length) ++complete;
        check_error(file_store::open_for_writing(path), errc::missing, "records that the checkpoint covers",
                    1, "record " + std::to_string(complete));
        CHECK(test::read_whole_file(path / "log") == left);
    }
    // A reader sees a good chain; the checkpoint is what tells.
    test::write_whole_file(path / "log",
                           {log.begin(), log.begin() + static_cast<std::ptrdiff_t>(frame_at(3))});
    const auto reader = file_store::open_for_reading(path);
    REQUIRE(reader);
    check_error(check_covers(reader->tree(), tip), errc::missing, "records that the checkpoint covers", 1,
                "record 3");
    // Rewritten and grown again: same size, another root.
    fs::remove(path / "checkpoint");
    auto writer = file_store::open_for_writing(path);
    REQUIRE(writer->append(1, 1, as_bytes("another record")));
    check_error(check_covers(writer->tree(), tip), errc::mismatch, "root of the log at the checkpoint's size",
                2, "size 4");
}

TEST_CASE("file store: a checkpoint file that is none is refused by writers", "[audit]") {
    const test::temporary_folder folder;
    make_log(folder / "log", 1);
    put_file(folder / "log/checkpoint", "garbage");
    check_error(file_store::open_for_writing(folder / "log"), errc::malformed, "blank line of the note", 0,
                "");
    put_file(folder / "log/checkpoint", std::string(max_note_bytes + 1, 'x'));
    check_error(file_store::open_for_writing(folder / "log"), errc::overflow, "length of the checkpoint", 1,
                (folder / "log").native() + "/checkpoint");
}

TEST_CASE("file store: bodies that were removed, altered or replaced", "[audit]") {
    const test::temporary_folder folder;
    auto store = file_store::create(folder / "log");
    REQUIRE(store);
    test::seeded_random rng(9);
    const bytes body = rng.draw(100000);
    const hash::digest32 digest = *store->put_body(body);
    const fs::path file = folder / "log/bodies" / to_hex(digest);
    const std::string place = "body " + to_hex(digest);
    REQUIRE(test::read_whole_file(file) == body);
    CHECK_FALSE(fs::exists(folder / "log/bodies/incoming"));

    SECTION("altered") {
        bytes altered = body;
        altered[70000] ^= 1;
        test::write_whole_file(file, altered);
        CHECK(store->has_body(digest));
        check_error(store->get_body(digest, body.size()), errc::mismatch, "digest of the body", 0, place);
        // Storing it again repairs it.
        CHECK(*store->put_body(body) == digest);
        CHECK(*store->get_body(digest, body.size()) == body);
    }
    SECTION("shortened and lengthened") {
        test::write_whole_file(file, {body.begin(), body.end() - 1});
        check_error(store->get_body(digest, body.size()), errc::mismatch, "digest of the body", 0, place);
        bytes longer = body;
        longer.push_back(0);
        test::write_whole_file(file, longer);
        check_error(store->get_body(digest, body.size()), errc::out_of_range, "length of the body", 0, place);
    }
    SECTION("removed") {
        fs::remove(file);
        CHECK_FALSE(store->has_body(digest));
        check_error(store->get_body(digest, body.size()), errc::missing, "body", 0, place);
    }
    SECTION("a file of terabytes costs nothing") {
        fs::resize_file(file, std::uintmax_t{1} << 42);
        check_error(store->get_body(digest, body.size()), errc::out_of_range, "length of the body", 0, place);
    }
    SECTION("a pipe does not make the reader wait, a link is not followed") {
        fs::remove(file);
        REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
        check_error(store->get_body(digest, body.size()), errc::malformed, "kind of file", 0, file.native());
        fs::remove(file);
        test::write_whole_file(folder / "elsewhere", body);
        fs::create_symlink(folder / "elsewhere", file);
        CHECK_FALSE(store->has_body(digest));
        const auto linked = store->get_body(digest, body.size());
        REQUIRE_FALSE(linked);
        CHECK(linked.error().code == errc::io);
        CHECK(linked.error().what == "file cannot be opened");
    }
    SECTION("left over from a crash while it was written") {
        fs::remove(file);
        put_file(folder / "log/bodies/incoming", "half of someth");
        CHECK(*store->put_body(body) == digest);
        CHECK(*store->get_body(digest, body.size()) == body);
        CHECK_FALSE(fs::exists(folder / "log/bodies/incoming"));
    }
}

TEST_CASE("file store: the file changes behind an open store", "[audit]") {
    const test::temporary_folder folder;
    bytes log = make_log(folder / "log", 3);
    const auto reader = file_store::open_for_reading(folder / "log");
    REQUIRE(reader);
    log[frame_at(1) + 4 + record_header_bytes] ^= 1;
    test::write_whole_file(folder / "log/log", log);
    CHECK(reader->read(0));
    check_error(reader->read(1), errc::mismatch, "record since the log was opened", 0, "record 1");
    fs::resize_file(folder / "log/log", frame_at(2) + 10);
    check_error(reader->read(2), errc::io, "file became shorter while it was read", 0,
                (folder / "log").native() + "/log");
}

TEST_CASE("file store: what the system refuses is an error with path and reason", "[audit]") {
    const test::temporary_folder folder;
    put_file(folder / "file", "x");
    const std::string inside = (folder / "file/log").native();
    const auto made = file_store::create(inside);
    check_error(made, errc::io, "folder cannot be created", 0, inside + ": Not a directory");
    for (const bool writing : {true, false})
        check_error(writing ? file_store::open_for_writing(inside) : file_store::open_for_reading(inside),
                    errc::io, "file cannot be opened", 0, inside + "/log: Not a directory");
    const std::string absent = (folder / "absent").native();
    check_error(file_store::open_for_reading(absent), errc::missing, "file cannot be opened", 0,
                absent + "/log: No such file or directory");

    auto store = file_store::create(folder / "log");
    REQUIRE(store);
    fs::remove(folder / "log/bodies");
    put_file(folder / "log/bodies", "not a folder");
    check_error(store->put_body({}), errc::io, "file cannot be removed", 0,
                (folder / "log").native() + "/bodies/incoming: Not a directory");
    fs::create_directory(folder / "log/checkpoint");
    check_error(store->read_checkpoint(), errc::malformed, "kind of file", 0,
                (folder / "log").native() + "/checkpoint");
}

TEST_CASE("file store: a disk that fills up in the middle of a record", "[audit]") {
    const test::temporary_folder folder;
    const fs::path path = folder / "log";
    const bytes log = make_log(path, 2);
    auto store = file_store::open_for_writing(path);
    REQUIRE(store);
    // A limit on the size of files stands in for the full disk: the write stops half-way, the next one fails.
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit low{log.size() + 30, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &low) == 0);
    const auto failed = store->append(1, 1, body_of(2));
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    std::signal(SIGXFSZ, handler);

    check_error(failed, errc::io, "file cannot be written", 0, (path / "log").native() + ": File too large");
    CHECK(store->size() == 2);
    CHECK(fs::file_size(path / "log") == log.size() + 30);
    // There is room again, but nobody knows what the file holds: the store says so until it is opened anew.
    check_error(store->append(1, 1, body_of(2)), errc::io, "log after a failed write or with a torn tail", 0,
                (path / "log").native());
    CHECK(store->read(1)->body == body_of(1));
    store = file_store::create(folder / "other"); // closes the first
    auto again = file_store::open_for_writing(path);
    REQUIRE(again);
    CHECK(again->bytes_cut() == 30);
    CHECK(again->size() == 2);
    CHECK(again->append(1, 1, body_of(2)));
}

TEST_CASE("file store: a checkpoint is replaced whole or not at all", "[audit]") {
    const test::temporary_folder folder;
    auto store = file_store::create(folder / "log");
    REQUIRE(store);
    REQUIRE(store->append(1, 1, {}));
    const std::string first = tip_of(*store);
    REQUIRE(store->write_checkpoint(first));
    put_file(folder / "log/checkpoint.new", "left behind by a crash");
    CHECK(*store->read_checkpoint() == first);
    REQUIRE(store->append(1, 1, {}));
    const std::string second = tip_of(*store);
    REQUIRE(store->write_checkpoint(second));
    CHECK(*store->read_checkpoint() == second);
    CHECK_FALSE(fs::exists(folder / "log/checkpoint.new"));
}

TEST_CASE("file store: a flipped bit anywhere in the checkpoint is refused by the writer or by the signature",
          "[audit]") {
    const test::temporary_folder folder(test::memory_backed());
    const fs::path path = folder / "log";
    const bytes log = make_log(path, 3);
    std::string note;
    {
        auto store = file_store::open_for_writing(path);
        note = tip_of(*store);
        REQUIRE(store->write_checkpoint(note));
    }
    const auto key = sign::signing_key::from_seed(secret<byte_array<32>>(byte_array<32>{1, 2, 3}));
    REQUIRE(verify_checkpoint(note, origin, key.verifying()));
    std::size_t refused = 0;
    for (std::size_t i = 0; i < note.size(); ++i) {
        INFO("byte " << i);
        std::string damaged = note;
        damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
        put_file(path / "checkpoint", damaged);
        if (!file_store::open_for_writing(path)) ++refused; // needs no key: its form, size and root
        CHECK_FALSE(verify_checkpoint(damaged, origin, key.verifying()));
        CHECK(test::read_whole_file(path / "log") == log);
        CHECK(test::read_whole_file(path / "checkpoint") == bytes(damaged.begin(), damaged.end()));
    }
    CHECK(refused > 40); // size and root among them
}

TEST_CASE("file store: a folder that may only be read is read, and refused for writing with path and reason",
          "[audit]") {
    const test::temporary_folder folder;
    const fs::path path = folder / "log";
    const bytes log = make_log(path, 2);
    // Somebody may write to the log, but to none of the folders.
    const auto read_only = fs::perms::owner_read | fs::perms::owner_exec | fs::perms::group_read |
                           fs::perms::group_exec | fs::perms::others_read | fs::perms::others_exec;
    fs::permissions(path / "log", fs::perms::all);
    fs::permissions(path / "bodies", read_only);
    fs::permissions(path, read_only);
    fs::permissions(folder.path(), fs::perms::owner_all | read_only);
    const auto denied = [&](const auto& outcome, std::string_view what, const std::string& name) {
        return !outcome && outcome.error().code == errc::io && outcome.error().what == what &&
               outcome.error().place == (path / name).native() + ": Permission denied";
    };
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) { // permissions do not bind root
        if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) _exit(1);
        if (!file_store::open_for_reading(path)) _exit(2);
        auto writer = file_store::open_for_writing(path);
        if (!writer) _exit(3);
        if (!denied(writer->put_body(as_bytes("a body")), "file cannot be opened", "bodies/incoming"))
            _exit(4);
        if (writer->append(1, 1, {}) || writer->size() != 2) _exit(5);
        writer = file_store::create(path / "no"); // closes the first
        if (!denied(writer, "folder cannot be created", "no")) _exit(6);
        writer = file_store::open_for_writing(path);
        if (!writer) _exit(7);
        if (!denied(writer->write_checkpoint(tip_of(*writer)), "file cannot be opened", "checkpoint.new"))
            _exit(8);
        _exit(0);
    }
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    fs::permissions(path, fs::perms::owner_all);
    fs::permissions(path / "bodies", fs::perms::owner_all);
    CHECK(test::read_whole_file(path / "log") == log);
    CHECK_FALSE(fs::exists(path / "checkpoint"));
}

TEST_CASE("file store: a full disk under a body or a checkpoint", "[audit]") {
    const test::temporary_folder folder;
    const fs::path path = folder / "log";
    const bytes log = make_log(path, 2);
    auto store = file_store::open_for_writing(path);
    REQUIRE(store);
    const std::string first = tip_of(*store);
    REQUIRE(store->write_checkpoint(first));
    // A limit on the size of files stands in for the full disk, as above.
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit low{50, before.rlim_max};
    const bool as_body = GENERATE(true, false);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &low) == 0);
    const auto body = as_body ? store->put_body(bytes(100, 1)) : hash::digest32{};
    const auto note = as_body ? result<void>() : store->write_checkpoint(first);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    std::signal(SIGXFSZ, handler);
    if (as_body)
        check_error(body, errc::io, "file cannot be written", 0,
                    (path / "bodies/incoming").native() + ": File too large");
    else
        check_error(note, errc::io, "file cannot be written", 0,
                    (path / "checkpoint.new").native() + ": File too large");
    const std::string_view what = "store after a failed write";
    check_error(store->append(1, 1, {}), errc::io, what, 0, path.native());
    check_error(store->put_body({}), errc::io, what, 0, path.native());
    check_error(store->write_checkpoint(first), errc::io, what, 0, path.native());
    CHECK(*store->read_checkpoint() == first);
    CHECK(test::read_whole_file(path / "log") == log);
    store = file_store::create(folder / "other"); // closes the first
    auto again = file_store::open_for_writing(path);
    REQUIRE(again);
    CHECK(again->put_body(bytes(100, 1)));
    CHECK(again->append(1, 1, {}));
    CHECK(again->write_checkpoint(tip_of(*again)));
}

TEST_CASE("file store: a refused note is no failed write", "[audit]") {
    const test::temporary_folder folder;
    auto store = file_store::create(folder / "log");
    REQUIRE(store);
    check_error(store->write_checkpoint("garbage"), errc::malformed, "blank line of the note", 0, "");
    CHECK(store->append(1, 1, {}));
}
