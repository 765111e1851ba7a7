#include <veilsum/audit/policy_file.hpp>
#include <veilsum/sign/signing_key.hpp>

#include "support/catch.hpp"
#include "support/numbered_key.hpp"

#include <string>
#include <utility>

using namespace veilsum;
using namespace veilsum::audit;

namespace {

sign::verifying_key key_of(std::uint8_t number) {
    return test::key_number(number).verifying();
}
std::string vkey(const std::string& name, std::uint8_t number) {
    return verifier_key_text({name, key_of(number)}, note_key_type::cosignature_v1);
}
std::string log_vkey(const std::string& name, std::uint8_t number) {
    return verifier_key_text({name, key_of(number)}, note_key_type::ed25519);
}
const std::string log_line = "log " + log_vkey("example.org/log", 1) + "\n";
const std::string three = "witness A " + vkey("w/a", 11) + "\nwitness B " + vkey("w/b", 12) + "\nwitness C " +
                          vkey("w/c", 13) + "\n";

void refused(const std::string& text, errc code, std::string_view what, std::string_view place = {}) {
    INFO(text);
    const auto parsed = parse_witness_policy(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == code);
    CHECK(parsed.error().what == what);
    CHECK(parsed.error().place == place);
}
std::size_t threshold_of(const std::string& text) {
    const auto parsed = parse_witness_policy(text);
    if (!parsed) FAIL(parsed.error().describe());
    return parsed->threshold();
}

} // namespace

TEST_CASE("policy file: log, witnesses, one group and the quorum", "[audit]") {
    const auto policy = parse_witness_policy(log_line + three + "group G 2 A B C\nquorum G\n");
    if (!policy) FAIL(policy.error().describe());
    CHECK(policy->threshold() == 2);
    REQUIRE(policy->witnesses().size() == 3);
    CHECK(policy->witnesses()[1] == verifier_key{"w/b", key_of(12)});
    REQUIRE(policy->logs().size() == 1);
    CHECK(policy->logs()[0] == verifier_key{"example.org/log", key_of(1)});

    CHECK(threshold_of(three + "group G any A B C\nquorum G\n") == 1);
    CHECK(threshold_of(three + "group G all A B C\nquorum G\n") == 3);
    CHECK(threshold_of(three + "group G 3 A B C\nquorum G\n") == 3);
    // Only the quorum's witnesses are in the policy.
    const auto part = parse_witness_policy(three + "group G all C A\ngroup H any B\nquorum G\n");
    REQUIRE(part);
    REQUIRE(part->witnesses().size() == 2);
    CHECK(part->witnesses()[0].name == "w/c");
    const auto one = parse_witness_policy(three + "quorum B\n");
    REQUIRE(one);
    CHECK(one->threshold() == 1);
    REQUIRE(one->witnesses().size() == 1);
    CHECK(one->witnesses()[0].name == "w/b");
    CHECK(one->logs().empty());
}

TEST_CASE("policy file: white space, comments, URLs and order as the format allows them", "[audit]") {
    const auto policy = parse_witness_policy("# a comment\n\n \t \n  #another, \xc3\xa4\xff\n\twitness  A\t" +
                                             vkey("w/a", 11) + " https://w.example/a \nquorum A\n" + "log " +
                                             log_vkey("l", 1) + " https://log.example\t\n" +
                                             "witness \xff\xfe " + vkey("w/b", 12) + "\n");
    if (!policy) FAIL(policy.error().describe());
    CHECK(policy->witnesses().size() == 1);
    CHECK(policy->logs().size() == 1);
}

TEST_CASE("policy file: every line that is refused names its number", "[audit]") {
    const auto group = [](const std::string& line) { return three + line + "\nquorum G\n"; };
    refused("", errc::missing, "quorum line of the policy");
    refused(three, errc::missing, "quorum line of the policy");
    refused(three + "quorum A", errc::malformed, "end of the policy");
    refused(three + "quorum A\r\n", errc::malformed, "characters of the policy");
    refused(three + "quorum A\x7f\n", errc::malformed, "characters of the policy");
    refused(three + "quorums A\n", errc::malformed, "keyword of a policy line", "line 4");
    refused(three + "Quorum A\n", errc::malformed, "keyword of a policy line", "line 4");

    refused(three + "quorum none\n", errc::unsupported, "quorum without witnesses", "line 4");
    refused(three + "quorum\n", errc::malformed, "items of a quorum line", "line 4");
    refused(three + "quorum A B\n", errc::malformed, "items of a quorum line", "line 4");
    refused(three + "quorum a\n", errc::missing, "name of the quorum", "line 4");
    refused(three + "quorum A\nquorum A\n", errc::duplicate, "quorum line of the policy", "line 5");
    refused("quorum A\n" + three, errc::missing, "name of the quorum", "line 1");

    refused(group("group G 2 A"), errc::out_of_range, "threshold of a group", "line 4");
    refused(group("group G 0 A"), errc::out_of_range, "threshold of a group", "line 4");
    refused(group("group G 02 A B"), errc::malformed, "threshold of a group", "line 4");
    refused(group("group G +1 A B"), errc::malformed, "threshold of a group", "line 4");
    refused(group("group G some A B"), errc::malformed, "threshold of a group", "line 4");
    refused(group("group G 1"), errc::malformed, "items of a group line", "line 4");
    refused(group("group G 2 A A"), errc::duplicate, "member of a group", "line 4");
    refused(group("group G 2 A none"), errc::missing, "member of a group", "line 4");
    refused(group("group G 2 A D\nwitness D " + vkey("w/d", 14)), errc::missing, "member of a group",
            "line 4");
    refused(group("group H 1 A\ngroup G 2 H B"), errc::unsupported, "group within a group", "line 5");
    refused(group("group G 1 G"), errc::missing, "member of a group", "line 4");
    refused(group("group A 1 B"), errc::duplicate, "name of a policy line", "line 4");
    refused(group("group G 1 A\ngroup G 1 B"), errc::duplicate, "name of a policy line", "line 5");
    refused(group("group none 1 A"), errc::malformed, "reserved name", "line 4");

    const auto witness = [](const std::string& line) { return three + line + "\nquorum A\n"; };
    refused(witness("witness A " + vkey("w/d", 14)), errc::duplicate, "name of a policy line", "line 4");
    refused(witness("witness none " + vkey("w/d", 14)), errc::malformed, "reserved name", "line 4");
    refused(witness("witness D " + vkey("w/d", 13)), errc::duplicate, "key of a witness", "line 4");
    refused(witness("witness D " + vkey("w/c", 14)), errc::duplicate, "name of a witness", "line 4");
    refused(witness("witness D"), errc::malformed, "items of a witness line", "line 4");
    refused(witness("witness D " + vkey("w/d", 14) + " url more"), errc::malformed, "items of a witness line",
            "line 4");
    refused(witness("witness D " + log_vkey("w/d", 14)), errc::unsupported, "type of the verifier key",
            "line 4");
    refused(witness("witness D w/d"), errc::malformed, "form of the verifier key", "line 4");

    refused(witness("log"), errc::malformed, "items of a log line", "line 4");
    refused(witness("log " + log_vkey("l", 1) + " url more"), errc::malformed, "items of a log line",
            "line 4");
    refused(witness("log " + vkey("l", 1)), errc::unsupported, "type of the verifier key", "line 4");
    refused(witness("log " + log_vkey("l", 1) + "\nlog " + log_vkey("m", 1)), errc::duplicate, "key of a log",
            "line 5");
}

TEST_CASE("policy file: caps", "[audit]") {
    const std::string good = three + "quorum A\n";
    CHECK(parse_witness_policy(good + "#" + std::string(max_policy_bytes - good.size() - 2, 'x') + "\n"));
    refused(good + "#" + std::string(max_policy_bytes - good.size() - 1, 'x') + "\n", errc::overflow,
            "length of the policy");
    std::string many;
    const auto add = [&](const char* kind, std::uint8_t i) {
        const std::string name = "n" + std::to_string(i);
        many += std::string(kind) + " ";
        many += std::string(kind) == "log"     ? log_vkey(name, i)
                : std::string(kind) == "group" ? name + " any A"
                                               : name + " " + vkey(name, i);
        many += "\n";
    };
    for (std::uint8_t i = 0; i < max_policy_witnesses; ++i) add("witness", i);
    CHECK(threshold_of(many + "quorum n0\n") == 1);
    add("witness", max_policy_witnesses);
    refused(many + "quorum n0\n", errc::overflow, "witness lines of the policy", "line 65");
    many = three;
    for (std::uint8_t i = 0; i < max_policy_groups; ++i) add("group", i);
    CHECK(threshold_of(many + "quorum n0\n") == 1);
    add("group", max_policy_groups);
    refused(many + "quorum n0\n", errc::overflow, "group lines of the policy", "line 36");
    many = three;
    for (std::uint8_t i = 0; i < max_policy_logs; ++i) add("log", i);
    CHECK(threshold_of(many + "quorum A\n") == 1);
    add("log", max_policy_logs);
    refused(many + "quorum A\n", errc::overflow, "log lines of the policy", "line 36");
}
