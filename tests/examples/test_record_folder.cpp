// The programs as people use them: a session trained by `train`, then its folder changed in every way that
// storage or a dishonest keeper could change it, and `audit` asked about each. Keys have 2048 bits, the
// network is small.
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <veilsum/aggregation/contribution.hpp>
#include <veilsum/aggregation/partial_message.hpp>
#include <veilsum/aggregation/record_types.hpp>
#include <veilsum/aggregation/round_closed.hpp>
#include <veilsum/aggregation/round_result.hpp>
#include <veilsum/audit/file_store.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/wire/frame.hpp>

#include <nlohmann/json.hpp>

#include <sys/stat.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <tuple>
#include <utility>

using namespace veilsum;
using aggregation::record_type;

namespace {

struct outcome {
    int status;
    std::string output; // standard output and error together
};

std::string quoted(const std::filesystem::path& path) {
    return "'" + path.native() + "'";
}

outcome run(const std::string& program, const std::string& arguments) {
    const test::temporary_folder folder;
    const auto log = folder / "output";
    const std::string command = quoted(std::filesystem::path(VEILSUM_PROGRAM_DIR) / program) + " " +
                                arguments + " >" + quoted(log) + " 2>&1";
    const int status = std::system(command.c_str());
    const auto text = test::read_whole_file(log);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, std::string(text.begin(), text.end())};
}

constexpr auto small_session =
    "--bits 2048 --clients 2 --trustees 3 --quorum 2 --rounds 2 --examples 200 --hidden 3 "
    "--check-plaintext --out ";

// Trained once for all cases.
const std::filesystem::path& trained() {
    static const test::temporary_folder folder;
    static const std::filesystem::path out = [] {
        const auto made = folder.path() / "session";
        const auto result = run("train", small_session + quoted(made));
        INFO(result.output);
        REQUIRE(result.status == 0);
        REQUIRE(result.output.find("bit for bit") != std::string::npos);
        return made;
    }();
    return out;
}

// Dealt once.
const std::filesystem::path& dealt() {
    static const test::temporary_folder folder;
    static const std::filesystem::path out = [] {
        const auto made = folder.path() / "keys";
        const auto result = run("keys", "deal --bits 2048 --trustees 3 --quorum 2 --out " + quoted(made));
        INFO(result.output);
        REQUIRE(result.status == 0);
        return made;
    }();
    return out;
}

// A copy of the record that a case may spoil.
class record_copy {
  public:
    record_copy() {
        std::filesystem::copy(trained() / "record", path(), std::filesystem::copy_options::recursive);
    }
    std::filesystem::path path() const { return folder_.path() / "record"; }

    nlohmann::json audit() const {
        const auto verdict_file = folder_.path() / "verdict.json";
        std::filesystem::remove(verdict_file);
        const auto result = run("audit", quoted(path()) + " --json " + quoted(verdict_file));
        INFO(result.output);
        REQUIRE((result.status == 0 || result.status == 1));
        std::ifstream in(verdict_file);
        auto verdict = nlohmann::json::parse(in);
        CHECK(verdict["accepted"].get<bool>() == (result.status == 0));
        return verdict;
    }
    void flip(const std::string& name, std::size_t offset) const {
        auto data = test::read_whole_file(path() / name);
        REQUIRE(offset < data.size());
        data[offset] ^= 0x10;
        test::write_whole_file(path() / name, data);
    }
    std::size_t size(const std::string& name) const { return std::filesystem::file_size(path() / name); }

  private:
    test::temporary_folder folder_;
};

int step_of(const nlohmann::json& verdict) {
    REQUIRE_FALSE(verdict["accepted"].get<bool>());
    return verdict["failure"]["step"].get<int>();
}

std::vector<audit::record> records_of(const std::filesystem::path& folder) {
    const auto store = audit::file_store::open_for_reading(folder);
    REQUIRE(store);
    std::vector<audit::record> all;
    for (std::uint64_t i = 0; i < store->size(); ++i) all.push_back(*store->read(i));
    return all;
}

// Which step uses a body first, and the record that names it.
std::map<std::string, std::pair<int, std::uint64_t>> users_of_bodies(const std::filesystem::path& folder) {
    std::map<std::string, std::pair<int, std::uint64_t>> users;
    const auto use = [&](const hash::digest32& digest, int step, std::uint64_t record) {
        users.try_emplace(to_hex(digest), step, record);
    };
    for (const audit::record& record : records_of(folder)) {
        switch (static_cast<record_type>(record.type)) {
        case record_type::session_opened:
            use(aggregation::session_header::parse(record.body)->ceremony, 3, record.sequence);
            break;
        case record_type::round_opened:
            use(aggregation::round_header::parse(record.body)->roster, 4, record.sequence);
            use(aggregation::round_header::parse(record.body)->model, 4, record.sequence);
            if (const auto header = aggregation::round_header::parse(record.body); header->has_ledger())
                use(header->ledger, 4, record.sequence);
            break;
        case record_type::contribution:
            use(aggregation::contribution_record::parse(record.body)->header.body, 5, record.sequence);
            break;
        case record_type::round_closed:
            use(aggregation::round_closed::parse(record.body)->aggregate, 7, record.sequence);
            break;
        case record_type::partial:
            use(aggregation::partial_header::parse(record.body)->body, 9, record.sequence);
            break;
        case record_type::round_result:
            use(aggregation::round_result::parse(record.body)->opening, 10, record.sequence);
            use(aggregation::round_result::parse(record.body)->model, 12, record.sequence);
            break;
        default:
            break;
        }
    }
    return users;
}

} // namespace

TEST_CASE("programs: train writes a record that audit accepts", "[examples]") {
    const record_copy record;
    const auto verdict = record.audit();
    if (verdict.contains("failure")) FAIL(verdict["failure"].dump());
    CHECK(verdict["rounds_opened"] == 2);
    CHECK(verdict["contributions"] == 4);
    CHECK(verdict["partial_decryptions"] == 6);
    CHECK(verdict["ended"] == true);
    CHECK(std::filesystem::exists(record.path() / "report.html"));
    const auto page = test::read_whole_file(record.path() / "report.html");
    const std::string text(page.begin(), page.end());
    for (const auto part : {"<svg", "2048-bit key", "every value in range, bounded norm"})
        CHECK(text.find(part) != std::string::npos);
    for (const auto part : {"http://", "https://", "src="}) CHECK(text.find(part) == std::string::npos);
}

TEST_CASE("programs: a flipped byte in any file is found, at the step that uses the file", "[examples]") {
    const auto users = users_of_bodies(trained() / "record");
    std::size_t bodies = 0;
    for (const auto& entry : std::filesystem::directory_iterator(trained() / "record" / "bodies")) {
        const std::string name = entry.path().filename();
        INFO("body " << name);
        REQUIRE(users.contains(name));
        const record_copy record;
        record.flip("bodies/" + name, record.size("bodies/" + name) / 2);
        const auto verdict = record.audit();
        CHECK(step_of(verdict) == users.at(name).first);
        CHECK(verdict["failure"]["record"] == users.at(name).second);
        CHECK(verdict["failure"]["code"] == "mismatch");
        CHECK(verdict["failure"]["culprit"] == "");
        ++bodies;
    }
    CHECK(bodies == users.size());

    for (const auto& [name, step] :
         {std::pair{"model.bin", 13}, std::pair{"report.html", 13}, std::pair{"checkpoint", 2}}) {
        INFO(name);
        const record_copy record;
        for (const std::size_t at : {std::size_t{0}, record.size(name) / 2, record.size(name) - 1}) {
            const record_copy changed;
            changed.flip(name, at);
            CHECK(step_of(changed.audit()) == step);
        }
    }
}

TEST_CASE("programs: a flipped byte anywhere in the log is found", "[examples]") {
    const record_copy original;
    const std::size_t size = original.size("log");
    for (std::size_t k = 0; k < 24; ++k) {
        const std::size_t at = k == 23 ? size - 1 : k * size / 23;
        INFO("byte " << at << " of " << size);
        const record_copy record;
        record.flip("log", at);
        CHECK(step_of(record.audit()) == 1);
    }
}

TEST_CASE("programs: a removed last record, and a log cut in the middle of one", "[examples]") {
    const record_copy record;
    const auto all = records_of(record.path());
    const std::size_t last_frame = 4 + all.back().serialize().size() + 8;
    const std::size_t size = record.size("log");
    std::filesystem::resize_file(record.path() / "log", size - last_frame);
    auto verdict = record.audit();
    CHECK(step_of(verdict) == 2);
    CHECK(verdict["failure"]["record"] == all.size() - 1);
    CHECK(verdict["failure"]["culprit"] == ""); // whoever keeps the folder can cut it: nobody is named

    const record_copy torn;
    std::filesystem::resize_file(torn.path() / "log", size - 3);
    CHECK(step_of(torn.audit()) == 1);
}

TEST_CASE("programs: ids on the command line are whole or refused", "[examples]") {
    const record_copy copy;
    const auto refused = [&](const std::string& arguments, const std::string& message) {
        const auto said = run("audit", arguments);
        INFO(arguments << "\n" << said.output);
        CHECK(said.status == 2);
        CHECK(said.output.find(message) != std::string::npos);
    };
    const std::string record = quoted(copy.path());
    refused(record + " --session 12", "session id must be 64 hexadecimal digits");
    refused(record + " --aggregator " + std::string(63, 'a') + "g",
            "aggregator key must be 64 hexadecimal digits");
    const std::string out = " --out " + quoted(trained().parent_path() / "none");
    refused("receipt-of " + record + " --round 1 --client ''" + out,
            "client id must be 64 hexadecimal digits");
    refused("receipt-of " + record + " --round 1 --client 12" + out,
            "client id must be 64 hexadecimal digits");
    CHECK_FALSE(std::filesystem::exists(trained().parent_path() / "none"));
}

TEST_CASE("programs: the log alone", "[examples]") {
    const record_copy copy;
    const auto verdict_file = trained().parent_path() / "log.json";
    const auto ask = [&] {
        const auto said = run("audit", quoted(copy.path()) + " --log --json " + quoted(verdict_file));
        std::ifstream in(verdict_file);
        return std::pair(said, nlohmann::json::parse(in));
    };
    auto [said, verdict] = ask();
    CHECK(said.status == 0);
    CHECK(verdict["level"] == "log");
    CHECK(verdict["records"] == records_of(copy.path()).size());
    CHECK(said.output.find("what the records say was not looked at") != std::string::npos);
    // Without any body, because it reads none.
    std::filesystem::remove_all(copy.path() / "bodies");
    CHECK(ask().first.status == 0);
    CHECK(copy.audit()["failure"]["step"] == 3);

    copy.flip("checkpoint", copy.size("checkpoint") - 10);
    std::tie(said, verdict) = ask();
    CHECK(said.status == 1);
    CHECK(step_of(verdict) == 2);
    copy.flip("log", copy.size("log") / 2);
    std::tie(said, verdict) = ask();
    CHECK(said.status == 1);
    CHECK(step_of(verdict) == 1);
    CHECK(run("audit", quoted(copy.path()) + " --log --light").status == 2);
}

TEST_CASE("programs: a verdict names its log, accepted or not", "[examples]") {
    const record_copy copy;
    const auto store = audit::file_store::open_for_reading(copy.path());
    REQUIRE(store);
    const auto verdict_file = trained().parent_path() / "named.json";
    for (const auto* level : {"", " --light", " --log"}) {
        for (const bool accepted : {true, false}) {
            INFO(level);
            const auto said = run("audit", quoted(copy.path()) + level + " --json " + quoted(verdict_file) +
                                               (accepted ? "" : " --session " + std::string(64, '0')));
            CHECK(said.status == (accepted ? 0 : 1));
            std::ifstream in(verdict_file);
            const auto verdict = nlohmann::json::parse(in);
            CHECK(verdict["records"] == store->size());
            CHECK(verdict["root"] == to_hex(store->root()));
            CHECK(verdict["head"] == to_hex(store->head()));
            CHECK(said.output.find("\nlog        " + std::to_string(store->size()) + " records\nroot       " +
                                   to_hex(store->root()) + "\nhead       " + to_hex(store->head()) + "\n") !=
                  std::string::npos);
        }
    }
    copy.flip("log", copy.size("log") / 2);
    const auto unread = copy.audit();
    CHECK(step_of(unread) == 1);
    CHECK(unread["root"] == std::string(64, '0'));
}

TEST_CASE("programs: a page holds the log that was audited, or is not written", "[examples]") {
    const test::temporary_folder folder;
    const auto verdict_file = folder / "verdict", page = folder / "page.html", errors = folder / "errors";
    // The program waits at the pipe for its verdict: what `change` does comes after the audit, before the
    // page.
    const auto audit_and = [&](const record_copy& copy, const std::function<void()>& change) {
        std::filesystem::remove(verdict_file);
        REQUIRE(::mkfifo(verdict_file.c_str(), 0600) == 0);
        const std::string command = quoted(std::filesystem::path(VEILSUM_PROGRAM_DIR) / "audit") + " " +
                                    quoted(copy.path()) + " --log --json " + quoted(verdict_file) +
                                    " --html " + quoted(page) + " 2>" + quoted(errors);
        std::FILE* said = ::popen(command.c_str(), "r");
        REQUIRE(said != nullptr);
        std::string line;
        for (int c = 0;
             line.find("VERDICT    accepted") == std::string::npos && (c = std::fgetc(said)) != EOF;)
            line.push_back(static_cast<char>(c));
        REQUIRE(line.find("VERDICT    accepted") != std::string::npos);
        change();
        const auto verdict = test::read_whole_file(verdict_file);
        CHECK_FALSE(verdict.empty());
        while (std::fgetc(said) != EOF) {
        }
        const int status = ::pclose(said);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    };
    const auto refused = [&](const record_copy& copy, const std::function<void()>& change) {
        CHECK(audit_and(copy, change) == 2);
        const auto text = test::read_whole_file(errors);
        CHECK(std::string(text.begin(), text.end()).find("mismatch: log since it was audited") !=
              std::string::npos);
        CHECK_FALSE(std::filesystem::exists(page));
    };
    const record_copy cut, grown, torn, flipped, sound;
    refused(cut, [&] {
        const auto all = records_of(cut.path());
        std::filesystem::resize_file(cut.path() / "log",
                                     cut.size("log") - 12 - all.back().serialize().size());
    });
    refused(grown, [&] {
        auto writer = audit::file_store::open_for_writing(grown.path());
        REQUIRE(writer);
        REQUIRE(writer->append(1, 1, {}));
    });
    refused(torn, [&] { std::filesystem::resize_file(torn.path() / "log", torn.size("log") - 3); });
    refused(flipped, [&] { flipped.flip("log", flipped.size("log") / 2); });

    CHECK(audit_and(sound, [] {}) == 0);
    CHECK(std::filesystem::exists(page));
    // A log that cannot be read has no name: its page shows how far it goes.
    const auto unread = run("audit", quoted(torn.path()) + " --html " + quoted(page));
    CHECK(unread.status == 1);
    CHECK(unread.output.find("page       ") != std::string::npos);
}

TEST_CASE("programs: what is no regular file is refused in every place of a record", "[examples]") {
    const auto opened = aggregation::session_header::parse(records_of(trained() / "record")[0].body);
    REQUIRE(opened);
    const std::string body = "bodies/" + to_hex(opened->ceremony);
    for (const auto& [name, step] : {std::pair<std::string, int>{"log", 1},
                                     {"checkpoint", 2},
                                     {body, 3},
                                     {"model.bin", 13},
                                     {"report.html", 13}}) {
        INFO(name);
        const record_copy record;
        const auto place = record.path() / name, aside = record.path().parent_path() / "aside";
        std::filesystem::rename(place, aside);
        std::filesystem::create_symlink(aside, place); // to the very file
        CHECK(step_of(record.audit()) == step);
        std::filesystem::remove(place);
        REQUIRE(::mkfifo(place.c_str(), 0600) == 0); // nobody will ever write
        CHECK(step_of(record.audit()) == step);
        std::filesystem::remove(place);
        std::filesystem::create_directory(place);
        CHECK(step_of(record.audit()) == step);
    }
}

TEST_CASE("programs: removed files are named", "[examples]") {
    for (const auto& [name, step] :
         {std::pair{"checkpoint", 2}, std::pair{"log", 1}, std::pair{"model.bin", 13}}) {
        const record_copy record;
        std::filesystem::remove(record.path() / name);
        CHECK(step_of(record.audit()) == step);
    }
}

TEST_CASE("programs: another session, or another aggregator, than the expected one", "[examples]") {
    const std::string folder = quoted(trained() / "record");
    const std::string zeros(64, '0');
    const auto session = run("audit", folder + " --session " + zeros);
    CHECK(session.status == 1);
    CHECK(session.output.find("session id is not the expected one") != std::string::npos);
    CHECK(run("audit", folder + " --aggregator " + zeros).status == 1);
    CHECK(run("audit", folder + " --session xyz").status == 2);
    CHECK(run("audit", folder + "/nowhere").status == 2);
    const auto above = run("audit", quoted(trained()));
    CHECK(above.status == 2);
    CHECK(above.output.find("no record in this folder; its folder `record` is one") != std::string::npos);
    CHECK(run("audit", "").status == 2);
}

TEST_CASE("programs: audit has no verdict where nothing of a record is, and refuses what is left of one",
          "[examples]") {
    const auto no_verdict = [](const std::filesystem::path& folder, const std::string& message) {
        const auto result = run("audit", quoted(folder));
        INFO(result.output);
        CHECK(result.status == 2);
        CHECK(result.output.find(message) != std::string::npos);
        CHECK(result.output.find("VERDICT") == std::string::npos);
    };
    const test::temporary_folder empty;
    no_verdict(empty.path(), "no record in this folder: no `log`, `checkpoint` or `bodies`");
    no_verdict(empty / "nowhere", "no such folder");
    no_verdict(trained() / "record" / "log", "not a folder");
    for (const char* part : {"checkpoint", "bodies"}) {
        const test::temporary_folder left;
        std::filesystem::copy(trained() / "record" / part, left / part,
                              std::filesystem::copy_options::recursive);
        const auto result = run("audit", quoted(left.path()));
        INFO(part << "\n" << result.output);
        CHECK(result.status == 1);
        CHECK(result.output.find("VERDICT    refused at step 1") != std::string::npos);
    }
}

TEST_CASE("programs: bad input is refused with a message, and nothing already written is lost",
          "[examples]") {
    const test::temporary_folder folder;
    const std::string out = " --out " + quoted(folder / "out");
    const auto refused = [&](const std::string& arguments, const std::string& message) {
        const auto result = run("train", arguments + out);
        INFO(arguments << "\n" << result.output);
        CHECK((result.status == 1 || result.status == 2)); // said, and not ended by a signal
        CHECK(result.output.find(message) != std::string::npos);
        CHECK_FALSE(std::filesystem::exists(folder / "out" / "record" / "model.bin"));
    };
    refused("--bits 1024", "key size must be 2048, 3072 or 4096 bits");
    refused("--quorum 4 --trustees 3", "quorum and trustees: need 1 <= quorum <= trustees <= 64");
    refused("--quorum 0 --trustees 3", "quorum and trustees");
    refused("--quorum 2 --trustees 4", "more than half of the trustees");
    refused("--clients 1", "--clients");
    refused("--attack scale", "--attack: scale not in {scaled,norm-plus-one,");
    refused("--clients 3 --minimum-cohort 4", "minimum cohort");
    refused("--examples 40 --hidden 50000", "network has more than 2^24 weights");
    refused("--examples 40 --clients 41", "fewer training examples than clients");
    refused("--examples 40 --clients 12 --uneven",
            "fewer training examples than a client's share needs at client 10");
    refused("--value-bits 8", "clipped values do not fit");
    refused("--data " + quoted(folder / "nowhere"), "no such folder");
    refused("--train-csv " + quoted(folder / "no.csv") + " --test-csv " + quoted(folder / "no.csv"),
            "cannot open file");
    refused("--keys " + quoted(folder / "nokeys"), "cannot open file");
    refused("--no-such-option", "--no-such-option");

    // MNIST with a truncated image file.
    const auto data = folder / "mnist";
    std::filesystem::create_directory(data);
    test::write_whole_file(data / "train-images-idx3-ubyte",
                           {0, 0, 8, 3, 0, 0, 0, 9, 0, 0, 0, 28, 0, 0, 0, 28, 1, 2, 3});
    refused("--data " + quoted(data), "truncated IDX file");
    test::write_whole_file(data / "train-images-idx3-ubyte", {0, 0, 8, 3, 0, 0});
    refused("--data " + quoted(data), "truncated IDX header");

    // An output folder that is already there stays as it was.
    const auto before = test::read_whole_file(trained() / "record" / "log");
    const auto again = run("train", small_session + quoted(trained()));
    CHECK(again.status != 0);
    CHECK(again.output.find("output folder exists") != std::string::npos);
    CHECK(test::read_whole_file(trained() / "record" / "log") == before);

    // A training that diverges: the update is not finite. What was recorded before is a right, unfinished
    // session.
    const auto diverging =
        run("train", "--bits 2048 --clients 2 --trustees 2 --quorum 2 --rounds 2 --examples 200 --hidden 3 "
                     "--rate 1e30" +
                         out);
    INFO(diverging.output);
    CHECK(diverging.status == 1);
    CHECK(diverging.output.find("update is not finite") != std::string::npos);
    CHECK(diverging.output.find("value ") != std::string::npos);
    const auto audited = run("audit", quoted(folder / "out" / "record"));
    INFO(audited.output);
    CHECK(audited.status == 0);
    CHECK(audited.output.find("the session was not ended") != std::string::npos);
}

TEST_CASE("programs: train uses the ceremony that keys dealt", "[examples]") {
    const test::temporary_folder folder;
    std::filesystem::copy(dealt(), folder / "keys", std::filesystem::copy_options::recursive);
    CHECK(run("keys", "check " + quoted(folder / "keys")).status == 0);
    const auto trained_with =
        run("train", "--keys " + quoted(folder / "keys") +
                         " --clients 2 --rounds 1 --examples 200 --hidden 3 --out " + quoted(folder / "out"));
    INFO(trained_with.output);
    REQUIRE(trained_with.status == 0);
    CHECK(run("audit", quoted(folder / "out" / "record")).status == 0);
    auto ceremony = test::read_whole_file(folder / "keys" / "ceremony");
    ceremony[ceremony.size() / 2] ^= 1;
    test::write_whole_file(folder / "keys" / "ceremony", ceremony);
    CHECK(run("keys", "check " + quoted(folder / "keys")).status == 1);
    CHECK(run("train", "--keys " + quoted(folder / "keys") + " --out " + quoted(folder / "other")).status ==
          1);
    CHECK_FALSE(std::filesystem::exists(folder / "other"));
}

TEST_CASE("programs: train uses shares that keys refreshed, and no older one", "[examples]") {
    const test::temporary_folder folder;
    const auto refreshed = run("keys", "refresh " + quoted(dealt()) + " --out " + quoted(folder / "renewed"));
    INFO(refreshed.output);
    REQUIRE(refreshed.status == 0);
    const auto train = [&](const std::string& with, const std::string& out) {
        return run("train", "--keys " + quoted(folder / with) +
                                " --clients 2 --rounds 1 --examples 200 --hidden 3 --check-plaintext --out " +
                                quoted(folder / out));
    };
    const auto trained_with = train("renewed", "out");
    INFO(trained_with.output);
    REQUIRE(trained_with.status == 0);
    CHECK(trained_with.output.find("bit for bit") != std::string::npos);
    const auto audited = run("audit", quoted(folder / "out" / "record"));
    INFO(audited.output);
    CHECK(audited.status == 0);

    // The record names the refreshed ceremony, and the key that was dealt.
    const auto header = aggregation::session_header::parse(records_of(folder / "out" / "record")[0].body);
    REQUIRE(header);
    CHECK(header->ceremony == hash::sha256(test::read_whole_file(folder / "renewed" / "ceremony")));
    using key = paillier::public_key<paillier::scheme<2048>>;
    for (const auto& from : {dealt(), folder / "renewed"}) {
        // Frame, ceremony id, length of the key, the key in its frame.
        const auto ceremony = test::read_whole_file(from / "ceremony");
        const std::size_t at = wire::frame_header_bytes + 32 + 4;
        const auto parsed =
            key::parse(byte_view(ceremony).subspan(at, wire::frame_header_bytes + key::body_bytes));
        REQUIRE(parsed);
        CHECK(parsed->id() == header->key);
    }

    // One old share among the new ones.
    std::filesystem::copy_file(dealt() / "trustee-2" / "share", folder / "renewed" / "trustee-2" / "share",
                               std::filesystem::copy_options::overwrite_existing);
    const auto mixed = train("renewed", "mixed");
    INFO(mixed.output);
    CHECK(mixed.status == 1);
    CHECK(mixed.output.find("epoch of the key share") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(folder / "mixed" / "record" / "model.bin"));
}
