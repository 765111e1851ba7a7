// receipts.json: witness policies and notes under them, receipts of inclusion and of exclusion, later
// checkpoints; good ones and each check's failure.
#include "support/receipt_world.hpp"

#include "support/catch.hpp"
#include "vectors/vector_file.hpp"

#include <veilsum/aggregation/exclusion_receipt.hpp>
#include <veilsum/aggregation/issue_exclusion.hpp>
#include <veilsum/aggregation/record_subject.hpp>
#include <veilsum/audit/checkpoint_extension.hpp>
#include <veilsum/audit/policy_file.hpp>
#include <veilsum/audit/receipt.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace veilsum;
using test::json;
using test::refused;

namespace {

constexpr const char* file_name = "receipts.json";

// ---- writing

sign::signing_key witness_key(std::uint8_t number) {
    byte_array<32> seed{};
    seed.fill(number);
    return sign::signing_key::from_seed(secret<byte_array<32>>(std::move(seed)));
}
std::string witness_name(std::uint8_t number) {
    return "witness.example/" + std::to_string(number);
}
std::string vkey(std::uint8_t number) {
    return audit::verifier_key_text({witness_name(number), witness_key(number).verifying()},
                                    audit::note_key_type::cosignature_v1);
}
std::string cosigned(const std::string& note, std::uint8_t number, std::uint64_t seconds) {
    return *audit::cosign_checkpoint(note, witness_name(number), witness_key(number), seconds);
}

json policies() {
    const std::string three =
        "witness A " + vkey(1) + "\nwitness B " + vkey(2) + "\nwitness C " + vkey(3) + "\n";
    const auto good = [](const char* name, const std::string& text, std::size_t k, std::vector<int> of) {
        json witnesses = json::array();
        for (const int i : of) witnesses.push_back(witness_name(static_cast<std::uint8_t>(i)));
        return json{{"name", name}, {"text", text}, {"threshold", k}, {"witnesses", witnesses}};
    };
    const auto bad = [](const char* name, const std::string& text, const char* code, std::size_t line) {
        return json{{"name", name}, {"text", text}, {"code", code}, {"line", line}};
    };
    const std::string log =
        audit::verifier_key_text({"receipts.example/log", test::receipt_world().aggregator.verifying()},
                                 audit::note_key_type::ed25519);
    return {
        good("2-of-3", three + "group G 2 A B C\nquorum G\n", 2, {1, 2, 3}),
        good("any", three + "group G any A B C\nquorum G\n", 1, {1, 2, 3}),
        good("all", three + "group G all C A\nquorum G\n", 2, {3, 1}),
        good("single witness", three + "quorum B\n", 1, {2}),
        good("with log", "log " + log + " https://receipts.example\n" + three + "group G 2 A B C\nquorum G\n",
             2, {1, 2, 3}),
        good("other log",
             "log " +
                 audit::verifier_key_text({"l", witness_key(9).verifying()}, audit::note_key_type::ed25519) +
                 "\n" + three + "group G 2 A B C\nquorum G\n",
             2, {1, 2, 3}),
        good("log as witness",
             "witness L " +
                 audit::verifier_key_text({"w/log", test::receipt_world().aggregator.verifying()},
                                          audit::note_key_type::cosignature_v1) +
                 "\n" + three + "group G 1 L A\nquorum G\n",
             1, {}),
        good("white space and comments", "#c\n\n \t \n\twitness\tA  " + vkey(1) + " url \n # c\nquorum A\t\n",
             1, {1}),
        bad("empty", "", "missing", 0),
        bad("no quorum", three, "missing", 0),
        bad("no final newline", three + "quorum A", "malformed", 0),
        bad("carriage return", three + "quorum A\r\n", "malformed", 0),
        bad("unknown keyword", three + "quota A\n", "malformed", 4),
        bad("quorum none", three + "quorum none\n", "unsupported", 4),
        bad("second quorum", three + "quorum A\nquorum A\n", "duplicate", 5),
        bad("quorum before its definition", "quorum A\n" + three, "missing", 1),
        bad("k above n", three + "group G 4 A B C\nquorum G\n", "out_of_range", 4),
        bad("k of 0", three + "group G 0 A B C\nquorum G\n", "out_of_range", 4),
        bad("k with a zero in front", three + "group G 02 A B C\nquorum G\n", "malformed", 4),
        bad("member twice", three + "group G 2 A A\nquorum G\n", "duplicate", 4),
        bad("member unknown", three + "group G 1 D\nquorum G\n", "missing", 4),
        bad("group within a group", three + "group H 1 A\ngroup G 1 H\nquorum G\n", "unsupported", 5),
        bad("name twice", three + "witness A " + vkey(4) + "\nquorum A\n", "duplicate", 4),
        bad("reserved name", three + "witness none " + vkey(4) + "\nquorum A\n", "malformed", 4),
        bad("key twice",
            three + "witness D " +
                audit::verifier_key_text({"w/d", witness_key(1).verifying()},
                                         audit::note_key_type::cosignature_v1) +
                "\nquorum A\n",
            "duplicate", 4),
        bad("key name twice",
            three + "witness D " +
                audit::verifier_key_text({witness_name(1), witness_key(4).verifying()},
                                         audit::note_key_type::cosignature_v1) +
                "\nquorum A\n",
            "duplicate", 4),
        bad("log key as witness", three + "witness D " + log + "\nquorum A\n", "unsupported", 4),
        bad("key id of another name", three + "witness D x" + vkey(4) + "\nquorum A\n", "mismatch", 4),
    };
}

json notes(const test::receipt_world& world) {
    const std::string plain = world.note();
    const std::string two = cosigned(cosigned(plain, 1, 100), 2, 200);
    const auto accepted = [](const char* name, const std::string& note, const char* policy,
                             std::uint64_t oldest, std::vector<int> by) {
        json witnesses = json::array();
        for (const int i : by) witnesses.push_back(witness_name(static_cast<std::uint8_t>(i)));
        return json{{"name", name},     {"note", note},           {"policy", policy},
                    {"oldest", oldest}, {"witnesses", witnesses}, {"verdict", "accepted"}};
    };
    const auto no = [](const char* name, const std::string& note, const char* policy, std::uint64_t oldest,
                       const json& verdict) {
        return json{
            {"name", name}, {"note", note}, {"policy", policy}, {"oldest", oldest}, {"verdict", verdict}};
    };
    auto false_line = *audit::parse_note(cosigned(two, 3, 300));
    false_line.signatures[3].signature.back() ^= 1;
    auto false_time = *audit::parse_note(cosigned(two, 3, 300));
    false_time.signatures[3].signature[7] ^= 1;
    auto short_line = *audit::parse_note(cosigned(two, 3, 300));
    short_line.signatures[3].signature.pop_back();
    auto foreign = *audit::parse_note(cosigned(two, 9, 300));
    foreign.signatures[3].signature.back() ^= 1;
    auto doubled = *audit::parse_note(cosigned(plain, 1, 100));
    doubled.signatures.push_back(doubled.signatures.back());
    auto headless = *audit::parse_note(two);
    headless.signatures.erase(headless.signatures.begin());
    auto transplanted = *audit::parse_note(plain);
    transplanted.signatures.push_back(audit::parse_note(cosigned(world.note(9), 1, 100))->signatures[1]);
    const std::string impostor =
        *audit::cosign_checkpoint(cosigned(plain, 1, 100), witness_name(2), witness_key(9), 200);
    return {
        accepted("two of three", two, "2-of-3", 0, {1, 2}),
        accepted("all three", cosigned(two, 3, 300), "2-of-3", 100, {1, 2, 3}),
        accepted("log listed", two, "with log", 0, {1, 2}),
        accepted("only one of the quorum's", two, "single witness", 200, {2}),
        accepted("false line by somebody else", foreign.serialize(), "2-of-3", 0, {1, 2}),
        accepted("latest time counts", cosigned(two, 1, 400), "2-of-3", 200, {1, 2}),
        no("none", plain, "2-of-3", 0, refused("missing", 8)),
        no("one of two", cosigned(plain, 1, 100), "2-of-3", 0, refused("missing", 8)),
        no("one witness, two times", cosigned(cosigned(plain, 1, 100), 1, 200), "2-of-3", 0,
           refused("missing", 8)),
        no("one witness, one line twice", doubled.serialize(), "2-of-3", 0, refused("missing", 8)),
        no("one too old", two, "2-of-3", 101, refused("missing", 8)),
        no("name of a witness, key of another", impostor, "2-of-3", 0, refused("missing", 8)),
        no("false line beside two good ones", false_line.serialize(), "2-of-3", 0,
           refused("bad_signature", 7)),
        no("another time than was signed", false_time.serialize(), "2-of-3", 0, refused("bad_signature", 7)),
        no("short line", short_line.serialize(), "2-of-3", 0, refused("bad_signature", 7)),
        no("cosignature of another checkpoint", transplanted.serialize(), "any", 0,
           refused("bad_signature", 7)),
        no("log is its own witness", cosigned(plain, 1, 100), "log as witness", 0, refused("duplicate", 6)),
        no("another log", two, "other log", 0, refused("wrong_key", 5)),
        no("without the log's own line", headless.serialize(), "2-of-3", 0, refused("missing", 2)),
    };
}

json expectations_of(const test::receipt_world& world) {
    return {{"session", to_hex(world.session())},
            {"aggregator", to_hex(world.aggregator.verifying().bytes())},
            {"origin", world.origin}};
}

json inclusions(const test::receipt_world& world) {
    const auto issue = [&](std::uint64_t index, const std::string& note) {
        return audit::issue_receipt(world.store, index, note)->serialize();
    };
    const bytes contribution = issue(3, world.note());
    json cases = json::array();
    for (const std::uint64_t index : {0U, 1U, 3U, 5U, 8U}) {
        const auto about = aggregation::subject_of(*world.store.read(index));
        cases.push_back({{"name", "record " + std::to_string(index)},
                         {"receipt", to_hex(issue(index, world.note()))},
                         {"subject", about->describe()},
                         {"verdict", "accepted"}});
    }
    const auto flip = [&](const char* name, std::size_t offset, const json& verdict) {
        cases.push_back({{"name", name},
                         {"of", "record 3"},
                         {"replace", test::flipped(to_hex(contribution), offset)},
                         {"verdict", verdict}});
    };
    const std::size_t record = 12 + 4; // offsets in the receipt
    const std::size_t proof = record + audit::record_header_bytes + 208;
    const std::size_t note = proof + 4 + 32 * static_cast<std::size_t>(contribution[proof + 3]) + 4;
    flip("magic of the record", record, refused("malformed", 1));
    flip("type of the record", record + 5, refused("mismatch", 3));
    flip("sequence", record + 15, refused("mismatch", 3));
    flip("round", record + 52 + 7, refused("mismatch", 3));
    flip("client", record + 52 + 8, refused("mismatch", 3));
    flip("digest of the proof", proof + 4, refused("mismatch", 3));
    flip("size in the note", note + world.origin.size() + 1, refused("bad_signature", 2));
    flip("signature of the note", contribution.size() - 6, refused("bad_signature", 2));
    cases.push_back(
        {{"name", "checkpoint of another key"},
         {"receipt",
          to_hex(issue(3, audit::sign_checkpoint({world.origin, world.store.size(), world.store.root()},
                                                 world.origin, world.stranger)))},
         {"verdict", refused("missing", 2)}});
    cases.push_back({{"name", "a shorter checkpoint"},
                     {"of", "record 3"},
                     {"note", world.note(3)},
                     {"verdict", refused("out_of_range", 3)}});
    return cases;
}

json exclusions(const test::receipt_world& world) {
    json cases = json::array();
    const auto good = [&](const std::string& name, std::uint64_t round, const byte_array<32>& client,
                          const char* why) {
        const auto made = aggregation::issue_exclusion(world.store, round, client, world.note());
        REQUIRE(made);
        cases.push_back(
            {{"name", name},
             {"receipt", to_hex(made->serialize())},
             {"round", round},
             {"client", to_hex(client)},
             {"why", why},
             {"reason", made->refused ? json(aggregation::refusal::parse(
                                                 audit::record::parse(made->refused->record_bytes)->body)
                                                 ->reason)
                                      : json()},
             {"verdict", "accepted"}});
        return *made;
    };
    const auto refusal = good("refused", 1, world.id(2), "refused");
    good("late", 1, world.id(3), "refused");
    good("equivocation", 1, world.id(5), "refused");
    const auto silent = good("silent", 1, world.id(4), "silent");
    good("silent in round 2", 2, world.id(4), "silent");
    good("stranger", 1, world.stranger.verifying().bytes(), "not on the roster");

    const auto bad = [&](const char* name, const aggregation::exclusion_receipt& receipt, const json& verdict,
                         const json& expected = json()) {
        json made{{"name", name}, {"receipt", to_hex(receipt.serialize())}, {"verdict", verdict}};
        if (!expected.is_null()) made["expected"] = expected;
        cases.push_back(made);
    };
    auto altered = refusal;
    altered.closed.record_bytes.pop_back();
    bad("truncated record", altered, refused("malformed", 1));
    altered = refusal;
    altered.first = refusal.opened;
    bad("another first record", altered, refused("malformed", 2));
    bad("another session",
        *aggregation::issue_exclusion(test::receipt_world(2).store, 1, test::receipt_world(2).id(4),
                                      test::receipt_world(2).note()),
        refused("wrong_context", 3));
    altered = refusal;
    altered.first.record_bytes[52] ^= 1;
    bad("another nonce", altered, refused("wrong_context", 3));
    bad("another nonce, session not expected", altered, refused("mismatch", 5), json::object());
    altered = refusal;
    altered.checkpoint_note = audit::sign_checkpoint({world.origin, world.store.size(), world.store.root()},
                                                     world.origin, world.stranger);
    bad("checkpoint of another key", altered, refused("missing", 4));
    altered = refusal;
    altered.checkpoint_note = world.note(8);
    bad("a shorter checkpoint", altered, refused("malformed", 5));
    altered = refusal;
    altered.members.back() ^= 1;
    bad("another roster", altered, refused("mismatch", 7));
    altered = refusal;
    altered.closed = aggregation::issue_exclusion(world.store, 2, world.id(4), world.note())->closed;
    bad("closing of another round", altered, refused("mismatch", 6));
    altered = refusal;
    altered.closed = refusal.opened;
    bad("opening as closing", altered, refused("mismatch", 6));
    altered = silent;
    altered.client = world.id(0);
    bad("given to a counted client", altered, refused("refused", 9));
    altered = refusal;
    altered.client = world.id(3);
    bad("refusal of another client", altered, refused("mismatch", 10));
    altered = refusal;
    altered.refused.reset();
    bad("refused without its refusal", altered, refused("missing", 10));
    altered = silent;
    altered.refused = refusal.refused;
    bad("silent with a refusal", altered, refused("mismatch", 10));
    bad("another round than expected", silent, refused("wrong_context", 6), {{"round", 2}});
    bad("another client than expected", silent, refused("wrong_context", 9),
        {{"client", to_hex(world.id(3))}});
    bad("another aggregator than expected", silent, refused("wrong_key", 3),
        {{"aggregator", to_hex(world.id(3))}});
    bad("another origin than expected", silent, refused("wrong_context", 3),
        {{"origin", "receipts.example/other"}});
    return cases;
}

json extensions(const test::receipt_world& world) {
    const std::uint64_t size = world.store.size();
    const auto extend = [&](std::uint64_t from, const audit::consistency_proof& proof,
                            const std::string& note) {
        return audit::checkpoint_extension{from, proof, note}.serialize();
    };
    const auto good_proof = world.store.tree().consistency(9, size);
    auto false_proof = good_proof;
    false_proof.path[0][0] ^= 1;
    const json known{{"size", 9}, {"root", to_hex(world.store.tree().root(9))}};
    json cases = json::array();
    const auto add = [&](const char* name, const std::string& text, const json& verdict) {
        cases.push_back({{"name", name}, {"text", text}, {"verdict", verdict}});
    };
    add("good", extend(9, good_proof, world.note()), "accepted");
    add("same size", extend(9, {}, world.note(9)), "accepted");
    add("false proof", extend(9, false_proof, world.note()), refused("mismatch", 2));
    add("proof from another size", extend(8, world.store.tree().consistency(8, size), world.note()),
        refused("wrong_context", 2));
    add("cut log", extend(9, {}, world.note(8)), refused("missing", 2));
    const std::string other = audit::sign_checkpoint({world.origin, 9, hash::sha256(as_bytes("x"))},
                                                     world.origin, world.aggregator);
    add("two faces", extend(9, {}, other), refused("mismatch", 2));
    add("another key",
        extend(
            9, good_proof,
            audit::sign_checkpoint({world.origin, size, world.store.root()}, world.origin, world.stranger)),
        refused("missing", 1));
    add("no old size", world.note(), refused("malformed", 0));
    add("no empty line", "old 9\n", refused("malformed", 0));
    add("size with a zero in front", "old 09\n\n" + world.note(), refused("malformed", 0));
    return {{"known", known}, {"cases", cases}};
}

json write_receipts() {
    const test::receipt_world world;
    return {
        {"about",
         "Receipts, witness policies and later checkpoints of a session whose ciphertexts are nothing. "
         "Specifications: record 4 to 6, wire-format 11. Written and replayed by tests/vectors, replayed by "
         "tests/interop."},
        {"expected", expectations_of(world)},
        {"policies", policies()},
        {"notes", notes(world)},
        {"inclusions", inclusions(world)},
        {"exclusions", exclusions(world)},
        {"extensions", extensions(world)}};
}

// ---- replaying

json named(const json& cases, const json& name) {
    for (const json& each : cases)
        if (each["name"] == name) return each;
    FAIL("no such case: " << name);
    return {};
}

struct known_log {
    std::string origin;
    sign::verifying_key key;
};
known_log log_of(const json& vectors) {
    const auto key = sign::verifying_key::parse(test::from(vectors["expected"]["aggregator"]));
    REQUIRE(key);
    return {vectors["expected"]["origin"].get<std::string>(), *key};
}

template <std::size_t N>
byte_array<N> fixed(const json& hex) {
    const bytes data = test::from(hex);
    REQUIRE(data.size() == N);
    byte_array<N> made{};
    std::copy(data.begin(), data.end(), made.begin());
    return made;
}
aggregation::receipt_expectations expected_of(const json& given) {
    aggregation::receipt_expectations made;
    if (given.contains("session")) made.session = fixed<32>(given["session"]);
    if (given.contains("aggregator")) made.aggregator = fixed<32>(given["aggregator"]);
    if (given.contains("origin")) made.origin = given["origin"].get<std::string>();
    if (given.contains("round")) made.round = given["round"].get<std::uint64_t>();
    if (given.contains("client")) made.client = fixed<32>(given["client"]);
    return made;
}

} // namespace

TEST_CASE("receipt vectors: the committed file is what the library writes", "[vectors]") {
    CHECK((test::read_vectors(file_name) == write_receipts()));
}
TEST_CASE("receipt vectors: write the file anew", "[.write]") {
    test::write_vectors(file_name, write_receipts());
}

TEST_CASE("receipt vectors: policies", "[vectors]") {
    const json vectors = test::read_vectors(file_name);
    for (const json& each : vectors["policies"]) {
        INFO(each["name"]);
        const auto policy = audit::parse_witness_policy(each["text"].get<std::string>());
        if (each.contains("code")) {
            REQUIRE_FALSE(policy);
            CHECK(test::code_of(policy.error()) == each["code"].get<std::string>());
            const auto line = each["line"].get<std::size_t>();
            CHECK(policy.error().place == (line == 0 ? "" : "line " + std::to_string(line)));
            continue;
        }
        if (!policy) FAIL(policy.error().describe());
        CHECK(policy->threshold() == each["threshold"].get<std::size_t>());
        std::vector<std::string> names;
        for (const auto& witness : policy->witnesses()) names.push_back(witness.name);
        if (!each["witnesses"].empty()) CHECK(names == each["witnesses"].get<std::vector<std::string>>());
    }
}

TEST_CASE("receipt vectors: notes under a policy", "[vectors]") {
    const json vectors = test::read_vectors(file_name);
    const auto [origin, key] = log_of(vectors);
    for (const json& each : vectors["notes"]) {
        INFO(each["name"]);
        const auto policy = audit::parse_witness_policy(
            named(vectors["policies"], each["policy"])["text"].get<std::string>());
        REQUIRE(policy);
        const auto seen =
            policy->verify(each["note"].get<std::string>(), origin, key, each["oldest"].get<std::uint64_t>());
        test::compare(seen, each["verdict"]);
        if (seen) CHECK(seen->witnesses == each["witnesses"].get<std::vector<std::string>>());
    }
}

TEST_CASE("receipt vectors: inclusion", "[vectors]") {
    const json vectors = test::read_vectors(file_name);
    const auto [origin, key] = log_of(vectors);
    for (const json& each : vectors["inclusions"]) {
        INFO(each["name"]);
        const json base = each.contains("of") ? named(vectors["inclusions"], each["of"]) : each;
        const bytes data = test::altered(test::from(base["receipt"]), each.value("replace", json::array()));
        auto receipt = audit::receipt::parse(data);
        REQUIRE(receipt);
        if (each.contains("note")) receipt->checkpoint_note = each["note"].get<std::string>();
        const auto contents = receipt->verify(origin, key);
        test::compare(contents, each["verdict"]);
        if (contents)
            CHECK(aggregation::subject_of(contents->entry)->describe() == each["subject"].get<std::string>());
    }
}

TEST_CASE("receipt vectors: exclusion", "[vectors]") {
    const json vectors = test::read_vectors(file_name);
    for (const json& each : vectors["exclusions"]) {
        INFO(each["name"]);
        const auto receipt = aggregation::exclusion_receipt::parse(test::from(each["receipt"]));
        REQUIRE(receipt);
        CHECK(to_hex(receipt->serialize()) == each["receipt"].get<std::string>());
        const auto contents = receipt->verify(expected_of(each.value("expected", vectors["expected"])));
        test::compare(contents, each["verdict"]);
        if (!contents) continue;
        CHECK(name_of(contents->why) == each["why"].get<std::string>());
        CHECK(contents->round == each["round"].get<std::uint64_t>());
        CHECK(to_hex(contents->client) == each["client"].get<std::string>());
        if (contents->refused) CHECK(contents->refused->reason == each["reason"].get<std::uint16_t>());
        CHECK(contents->refused.has_value() == !each["reason"].is_null());
    }
}

TEST_CASE("receipt vectors: later checkpoints", "[vectors]") {
    const json vectors = test::read_vectors(file_name);
    const auto [origin, key] = log_of(vectors);
    const json& given = vectors["extensions"];
    const audit::checkpoint known{origin, given["known"]["size"].get<std::uint64_t>(),
                                  fixed<32>(given["known"]["root"])};
    for (const json& each : given["cases"]) {
        INFO(each["name"]);
        const auto extension = audit::checkpoint_extension::parse(each["text"].get<std::string>());
        if (!extension) {
            test::compare(extension, each["verdict"]);
            continue;
        }
        CHECK(extension->serialize() == each["text"].get<std::string>());
        test::compare(
            audit::verify_later(known, extension->old_size, extension->proof, extension->note, origin, key),
            each["verdict"]);
    }
}
