#include <veilsum/audit/checkpoint_signing.hpp>
#include <veilsum/audit/witness_policy.hpp>

#include "support/catch.hpp"
#include "support/numbered_key.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace veilsum;
using namespace veilsum::audit;
using test::key_number;

namespace {

const std::string origin = "example.org/session-4";

// Witnesses "w/1", "w/2", ... with keys 11, 12, ...
std::string witness_name(std::uint8_t i) {
    return "w/" + std::to_string(i);
}
sign::signing_key witness_key(std::uint8_t i) {
    return key_number(static_cast<std::uint8_t>(10 + i));
}
std::vector<verifier_key> named(std::vector<std::uint8_t> numbers) {
    std::vector<verifier_key> made;
    for (const std::uint8_t i : numbers) made.push_back({witness_name(i), witness_key(i).verifying()});
    return made;
}
std::string signed_tip(std::uint64_t size = 5) {
    return sign_checkpoint({origin, size, hash::sha256(as_bytes("root"))}, origin, key_number(1));
}
std::string cosigned(std::string note, std::vector<std::uint8_t> by, std::uint64_t seconds = 1000) {
    for (const std::uint8_t i : by) {
        auto more = cosign_checkpoint(note, witness_name(i), witness_key(i), seconds);
        REQUIRE(more);
        note = *std::move(more);
    }
    return note;
}

template <class T>
void check_error(const result<T>& outcome, errc code, std::string_view what, std::uint32_t check,
                 std::string_view place = {}) {
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == code);
    CHECK(outcome.error().what == what);
    CHECK(outcome.error().check == check);
    CHECK(outcome.error().place == place);
}
auto verify(const witness_policy& policy, std::string_view note, std::uint64_t oldest = 0) {
    return policy.verify(note, origin, key_number(1).verifying(), oldest);
}

} // namespace

TEST_CASE("witness policy: only distinct names and keys, and a threshold of 1..n", "[audit]") {
    CHECK(witness_policy::of(named({1, 2, 3}), 1));
    const auto all = witness_policy::of(named({1, 2, 3}), 3);
    REQUIRE(all);
    CHECK(all->threshold() == 3);
    CHECK(all->witnesses().size() == 3);
    check_error(witness_policy::of(named({1, 2}), 0), errc::out_of_range, "threshold of the policy", 0);
    check_error(witness_policy::of(named({1, 2}), 3), errc::out_of_range, "threshold of the policy", 0);
    check_error(witness_policy::of({}, 0), errc::missing, "witness of the policy", 0);
    auto same_name = named({1, 2});
    same_name[1].name = same_name[0].name;
    check_error(witness_policy::of(same_name, 1), errc::duplicate, "name of a witness", 0, "w/1");
    auto same_key = named({1, 2});
    same_key[1].key = same_key[0].key;
    check_error(witness_policy::of(same_key, 1), errc::duplicate, "key of a witness", 0, "w/2");
    auto nameless = named({1});
    nameless[0].name = "a b";
    check_error(witness_policy::of(nameless, 1), errc::malformed, "name of a witness", 0);
    const verifier_key log{origin, key_number(1).verifying()};
    check_error(witness_policy::of(named({1}), 1, {log, log}), errc::duplicate, "key of a log", 0, origin);
    check_error(witness_policy::of(named({1}), 1, {{"", log.key}}), errc::malformed, "name of a log", 0);

    std::vector<std::uint8_t> many(max_policy_witnesses + 1);
    for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<std::uint8_t>(i);
    check_error(witness_policy::of(named(many), 1), errc::overflow, "witnesses of the policy", 0);
    many.pop_back();
    CHECK(witness_policy::of(named(many), many.size()));
    check_error(witness_policy::of(named({1}), 1, std::vector(max_policy_logs + 1, log)), errc::overflow,
                "logs of the policy", 0);
}

TEST_CASE("witness policy: k of n, each set of cosigners", "[audit]") {
    const auto policy = witness_policy::of(named({1, 2, 3}), 2);
    REQUIRE(policy);
    for (unsigned set = 0; set < 8; ++set) {
        std::vector<std::uint8_t> by;
        std::vector<std::string> names;
        for (std::uint8_t i = 1; i <= 3; ++i)
            if ((set >> (i - 1) & 1) != 0) {
                by.push_back(i);
                names.push_back(witness_name(i));
            }
        const auto found = verify(*policy, cosigned(signed_tip(), by));
        if (by.size() >= 2) {
            REQUIRE(found);
            CHECK(found->witnesses == names);
            CHECK(found->tip.size == 5);
        } else {
            check_error(found, errc::missing, "cosignatures of witnesses", 8,
                        std::to_string(by.size()) + " of 2 needed, 3 listed");
        }
    }
}

TEST_CASE("witness policy: each check refuses by its number", "[audit]") {
    const auto policy = witness_policy::of(named({1, 2, 3}), 2);
    REQUIRE(policy);
    const std::string good = cosigned(signed_tip(), {1, 2});
    REQUIRE(verify(*policy, good));

    SECTION("1 to 4, the checkpoint comes first") {
        check_error(verify(*policy, "no note"), errc::malformed, "blank line of the note", 1);
        check_error(policy->verify(good, origin, key_number(2).verifying()), errc::missing,
                    "signature by the known key", 2);
        check_error(policy->verify(good, "example.org/other", key_number(1).verifying()), errc::missing,
                    "signature by the known key", 2);
        // Witnesses that vouch for what the log did not sign.
        auto unsigned_note = *parse_note(good);
        unsigned_note.signatures.erase(unsigned_note.signatures.begin());
        check_error(verify(*policy, unsigned_note.serialize()), errc::missing, "signature by the known key",
                    2);
    }
    SECTION("5, the log is the policy's") {
        const verifier_key ours{origin, key_number(1).verifying()};
        const verifier_key other{"example.org/other", key_number(2).verifying()};
        CHECK(verify(*witness_policy::of(named({1, 2}), 2, {other, ours}), good));
        check_error(verify(*witness_policy::of(named({1, 2}), 2, {other}), good), errc::wrong_key,
                    "log is none of the policy's", 5, origin);
        // Name and key belong together.
        check_error(verify(*witness_policy::of(named({1, 2}), 2, {{other.name, ours.key}}), good),
                    errc::wrong_key, "log is none of the policy's", 5, origin);
    }
    SECTION("6, a log does not vouch for itself") {
        auto with_log = named({1, 2});
        with_log.push_back({"w/log", key_number(1).verifying()});
        const auto self = witness_policy::of(with_log, 2);
        REQUIRE(self);
        check_error(verify(*self, *cosign_checkpoint(good, "w/log", key_number(1), 1000)), errc::duplicate,
                    "log is its own witness", 6, "w/log");
        check_error(verify(*self, good), errc::duplicate, "log is its own witness", 6, "w/log");
    }
    SECTION("7, a false line spoils the note although enough others remain") {
        const std::string three = cosigned(signed_tip(), {1, 2, 3});
        auto note = *parse_note(three);
        note.signatures[2].signature[20] ^= 1;
        const auto outcome = verify(*policy, note.serialize());
        check_error(outcome, errc::bad_signature, "cosignature of the note", 7, "signature line 3, w/2");
        CHECK(outcome.error().culprit.empty());
        // The time is signed.
        note = *parse_note(three);
        note.signatures[2].signature[7] ^= 1;
        check_error(verify(*policy, note.serialize()), errc::bad_signature, "cosignature of the note", 7,
                    "signature line 3, w/2");
        // A good line beside the false one does not mend it.
        note = *parse_note(three);
        note.signatures.push_back(note.signatures[2]);
        note.signatures.back().signature.pop_back();
        check_error(verify(*policy, note.serialize()), errc::bad_signature, "cosignature of the note", 7,
                    "signature line 5, w/2");
        // A cosignature of another checkpoint.
        note = *parse_note(signed_tip());
        note.signatures.push_back(parse_note(cosigned(signed_tip(6), {1}))->signatures[1]);
        check_error(verify(*policy, note.serialize()), errc::bad_signature, "cosignature of the note", 7,
                    "signature line 2, w/1");
    }
    SECTION("7, lines by others do not matter, false as they may be") {
        auto note = *parse_note(cosigned(good, {7}));
        note.signatures.back().signature[20] ^= 1;
        CHECK(verify(*policy, note.serialize()));
        // Same name, other key: another key id.
        const auto impostor = cosign_checkpoint(signed_tip(), "w/1", key_number(99), 1000);
        check_error(verify(*policy, *impostor), errc::missing, "cosignatures of witnesses", 8,
                    "0 of 2 needed, 3 listed");
        // Same key, other name.
        check_error(verify(*policy, *cosign_checkpoint(signed_tip(), "w/9", witness_key(1), 1000)),
                    errc::missing, "cosignatures of witnesses", 8, "0 of 2 needed, 3 listed");
        // A witness's plain signature of the note is no cosignature.
        auto plain = *parse_note(cosigned(signed_tip(), {1}));
        plain.signatures.push_back(sign_note(plain.text, "w/2", witness_key(2)));
        check_error(verify(*policy, plain.serialize()), errc::missing, "cosignatures of witnesses", 8,
                    "1 of 2 needed, 3 listed");
    }
    SECTION("8, one witness twice is one witness") {
        const std::string twice = cosigned(cosigned(signed_tip(), {1}, 1000), {1}, 2000);
        check_error(verify(*policy, twice), errc::missing, "cosignatures of witnesses", 8,
                    "1 of 2 needed, 3 listed");
        auto note = *parse_note(cosigned(signed_tip(), {1}));
        note.signatures.push_back(note.signatures.back());
        check_error(verify(*policy, note.serialize()), errc::missing, "cosignatures of witnesses", 8,
                    "1 of 2 needed, 3 listed");
        CHECK(verify(*policy, cosigned(twice, {2})));
    }
    SECTION("8, an old cosignature is none") {
        const std::string aged = cosigned(cosigned(signed_tip(), {1}, 2000), {2}, 1000);
        CHECK(verify(*policy, aged, 1000));
        check_error(verify(*policy, aged, 1001), errc::missing, "cosignatures of witnesses", 8,
                    "1 of 2 needed, 3 listed, 1 too old");
        // The latest time counts.
        CHECK(verify(*policy, cosigned(aged, {2}, 1500), 1500));
    }
}

TEST_CASE("verifier key: one spelling, and each check", "[audit]") {
    const verifier_key witness{"w/1", witness_key(1).verifying()};
    const std::string text = verifier_key_text(witness, note_key_type::cosignature_v1);
    const auto parse = [](std::string_view given) {
        return parse_verifier_key(given, note_key_type::cosignature_v1);
    };
    REQUIRE(parse(text));
    CHECK((*parse(text) == witness));
    // The key of Go's checksum database, as the note package publishes it.
    const auto published = parse_verifier_key(
        "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", note_key_type::ed25519);
    REQUIRE(published);
    CHECK(published->name == "sum.golang.org");
    CHECK(verifier_key_text(*published, note_key_type::ed25519) ==
          "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8");

    const std::string_view form = "form of the verifier key";
    const std::size_t id = text.find('+') + 1;
    for (const std::string& bad :
         {std::string(), std::string("w/1"), text.substr(0, id), text.substr(id - 1), "w 1" + text.substr(3),
          text.substr(0, id) + text.substr(id + 1), text + "=", text.substr(0, text.size() - 1),
          text.substr(0, id) + "0" + text.substr(id), text.substr(0, id + 9)})
        check_error(parse(bad), errc::malformed, form, 1);
    std::string upper = text;
    upper[id] = 'A';
    check_error(parse(upper), errc::malformed, form, 1);
    check_error(parse(verifier_key_text(witness, note_key_type::ed25519)), errc::unsupported,
                "type of the verifier key", 2);
    bytes weak(33); // the identity's neighbour: not of prime order
    weak[0] = 4;
    check_error(parse("w/1+00000000+" + to_base64(weak)), errc::malformed, "verifying key", 3);
    weak.pop_back();
    check_error(parse("w/1+00000000+" + to_base64(weak)), errc::malformed, "verifying key length", 3);
    check_error(parse("w/2" + text.substr(3)), errc::mismatch, "id of the verifier key", 4);
    std::string other_id = text;
    other_id[id] = other_id[id] == '0' ? '1' : '0';
    check_error(parse(other_id), errc::mismatch, "id of the verifier key", 4);
}
