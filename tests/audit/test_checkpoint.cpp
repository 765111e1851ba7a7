#include <veilsum/audit/checkpoint.hpp>
#include <veilsum/audit/checkpoint_signing.hpp>
#include <veilsum/audit/cosignature.hpp>
#include <veilsum/audit/rollback.hpp>

#include "support/catch.hpp"
#include "support/ends_process.hpp"
#include "support/numbered_key.hpp"

#include <algorithm>
#include <string>
#include <utility>

using namespace veilsum;
using namespace veilsum::audit;
using test::key_number;

namespace {

// The key pair, text and notes of the tests of golang.org/x/mod/sumdb/note (note_test.go).
const std::string go_seed = "810a1402d5146c8d84f2443330f54080ebf98ee17d9c74f6252fc5d5c7283173";
const std::string go_public = "1a5cd907143c384c41e830c5bce12aa8817ec5649aaabf2c31388b35b2d744d6";
const std::string go_text = "If you think cryptography is the answer to your problem,\n"
                            "then you don't know what your problem is.\n";
const std::string peter_line =
    "\xe2\x80\x94 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const std::string enoch_line =
    "\xe2\x80\x94 EnochRoot "
    "rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";
const std::string enoch_key = "ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"; // type byte and key

sign::signing_key key_from_hex(const std::string& hex) {
    byte_array<32> seed{};
    const bytes data = *from_hex(hex);
    std::copy(data.begin(), data.end(), seed.begin());
    return sign::signing_key::from_seed(secret<byte_array<32>>(std::move(seed)));
}
sign::verifying_key verifying_key_of(const std::string& base64_with_type) {
    return *sign::verifying_key::parse(byte_view(*from_base64(base64_with_type)).subspan(1));
}

const std::string origin = "example.org/session-4";

checkpoint sample_checkpoint() {
    checkpoint tip{origin, 20852163, {}};
    tip.root.fill(0xa5);
    return tip;
}

template <class T>
void check_error(const result<T>& outcome, errc code, std::string_view what, std::uint32_t check = 0) {
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == code);
    CHECK(outcome.error().what == what);
    CHECK(outcome.error().check == check);
}

// A checkpoint whose text is `text`, properly signed by the log's own key.
std::string signed_by(const sign::signing_key& key, const std::string& text) {
    return signed_note{text, {sign_note(text, origin, key)}}.serialize();
}

} // namespace

TEST_CASE("signed note: Go's published note is reproduced and verified", "[audit]") {
    const sign::signing_key key = key_from_hex(go_seed);
    REQUIRE(to_hex(key.verifying().bytes()) == go_public);
    CHECK(to_hex(note_key_id("PeterNeumann", note_key_type::ed25519, key.verifying())) == "c74f20a3");
    const signed_note made{go_text, {sign_note(go_text, "PeterNeumann", key)}};
    CHECK(made.serialize() == go_text + "\n" + peter_line);
    const auto parsed = parse_note(go_text + "\n" + peter_line);
    REQUIRE(parsed);
    CHECK((*parsed == made));
    CHECK(verify_note(*parsed, "PeterNeumann", key.verifying()));
}

TEST_CASE("signed note: several signatures, each found by its own key", "[audit]") {
    const auto note = parse_note(go_text + "\n" + peter_line + enoch_line);
    REQUIRE(note);
    CHECK(note->signatures.size() == 2);
    const sign::signing_key peter = key_from_hex(go_seed);
    CHECK(verify_note(*note, "PeterNeumann", peter.verifying()));
    CHECK(verify_note(*note, "EnochRoot", verifying_key_of(enoch_key)));
    // A known key under another name is another key, and an unknown one.
    check_error(verify_note(*note, "EnochRoot", peter.verifying()), errc::missing,
                "signature by the known key");
    check_error(verify_note(*note, "PeterNeuman", peter.verifying()), errc::missing,
                "signature by the known key");
    check_error(verify_note(*note, origin, key_number(1).verifying()), errc::missing,
                "signature by the known key");
}

TEST_CASE("signed note: a bad line by a known key spoils the note, wherever it stands", "[audit]") {
    const sign::signing_key peter = key_from_hex(go_seed);
    std::string bad = peter_line;
    bad[40] = bad[40] == 'A' ? 'B' : 'A';
    for (const bool first : {true, false}) {
        const auto note = parse_note(go_text + "\n" + (first ? bad + peter_line : peter_line + bad));
        REQUIRE(note);
        const auto outcome = verify_note(*note, "PeterNeumann", peter.verifying());
        check_error(outcome, errc::bad_signature, "signature of the note");
        CHECK(outcome.error().place == (first ? "signature line 1" : "signature line 2"));
        CHECK(outcome.error().culprit == "PeterNeumann");
        CHECK(verify_note(*parse_note(go_text + "\n" + bad + enoch_line), "EnochRoot",
                          verifying_key_of(enoch_key)));
    }
    // A signature of another length is no excuse to ignore the line.
    auto longer = *parse_note(go_text + "\n" + peter_line);
    longer.signatures[0].signature.push_back(0);
    check_error(verify_note(longer, "PeterNeumann", peter.verifying()), errc::bad_signature,
                "signature of the note");
    auto twice = *parse_note(go_text + "\n" + peter_line + peter_line);
    CHECK(verify_note(twice, "PeterNeumann", peter.verifying()));
}

TEST_CASE("signed note: every altered character of the text is noticed", "[audit]") {
    const sign::signing_key peter = key_from_hex(go_seed);
    const signed_note note = *parse_note(go_text + "\n" + peter_line);
    for (std::size_t i = 0; i < go_text.size(); i += 7) {
        signed_note altered = note;
        altered.text[i] = altered.text[i] == 'x' ? 'y' : 'x';
        check_error(verify_note(altered, "PeterNeumann", peter.verifying()), errc::bad_signature,
                    "signature of the note");
    }
}

TEST_CASE("signed note: what is not a note is refused, each for its own reason", "[audit]") {
    const std::string dash = "\xe2\x80\x94 ";
    const std::string blob =
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
    const auto refused = [](const std::string& note, errc code, std::string_view what) {
        INFO(note);
        check_error(parse_note(note), code, what);
    };
    refused("", errc::malformed, "blank line of the note");
    refused(go_text, errc::malformed, "blank line of the note");
    refused(go_text + "\n", errc::missing, "signature lines of the note");
    refused(go_text + "\n" + peter_line.substr(0, peter_line.size() - 1), errc::malformed, "end of the note");
    refused("\x01" + go_text + "\n" + peter_line, errc::malformed, "characters of the note");
    refused("a\r\n\n" + peter_line, errc::malformed, "characters of the note");
    refused("a\tb\n\n" + peter_line, errc::malformed, "characters of the note");
    refused("\xff" + go_text + "\n" + peter_line, errc::malformed, "characters of the note");
    refused(std::string("a\0b\n\n", 5) + peter_line, errc::malformed, "characters of the note");
    refused(go_text + "\n" + peter_line + "Unexpected line.\n", errc::malformed, "mark of a signature line");
    refused(go_text + "\n- PeterNeumann " + blob + "\n", errc::malformed, "mark of a signature line");
    refused(go_text + "\n" + dash + "Bad Name " + blob + "\n", errc::malformed, "base64 of a signature line");
    refused(go_text + "\n" + dash + "Bad+Name " + blob + "\n", errc::malformed,
            "key name of a signature line");
    refused(go_text + "\n" + dash + "Bad\xc2\xa0Name " + blob + "\n", errc::malformed,
            "key name of a signature line");
    refused(go_text + "\n" + dash + " " + blob + "\n", errc::malformed, "key name of a signature line");
    refused(go_text + "\n" + dash + "Name\n", errc::malformed, "signature line");
    refused(go_text + "\n" + dash + "Name AAAAAA==\n", errc::malformed, "length of a signature line");
    refused(go_text + "\n" + dash + "Name " + blob + " \n", errc::malformed, "base64 of a signature line");
    refused(go_text + "\n" + dash + "Name " + blob.substr(0, blob.size() - 1) + "\n", errc::malformed,
            "base64 of a signature line");
    // "M=" and "N=" would give the same bytes if unused bits were not looked at.
    refused(go_text + "\n" + dash + "Name " + blob.substr(0, blob.size() - 2) + "N=\n", errc::malformed,
            "base64 of a signature line");
    const auto spoiled = parse_note(go_text + "\n" + peter_line + dash + "Name AA\n");
    REQUIRE_FALSE(spoiled);
    CHECK(spoiled.error().place == "signature line 2");
}

TEST_CASE("signed note: caps on size and on signature lines", "[audit]") {
    std::string hundred = go_text + "\n";
    for (int i = 0; i < 100; ++i) hundred += peter_line;
    REQUIRE(parse_note(hundred));
    CHECK(parse_note(hundred)->signatures.size() == 100);
    const auto more = parse_note(hundred + peter_line);
    check_error(more, errc::overflow, "number of signature lines");
    CHECK(more.error().place == "signature line 101");
    const std::string tail = "\n\n" + peter_line;
    CHECK(parse_note(std::string(max_note_bytes - tail.size(), 'x') + tail));
    check_error(parse_note(std::string(max_note_bytes - tail.size() + 1, 'x') + tail), errc::overflow,
                "length of the note");
}

TEST_CASE("signed note: the text may hold blank lines, the last one separates", "[audit]") {
    const sign::signing_key key = key_number(2);
    const std::string text = "one\n\nthree \xc3\xa9\xe4\xb8\x96\xf0\x9f\x8c\x8d\n";
    const auto note = parse_note(signed_note{text, {sign_note(text, "k", key)}}.serialize());
    REQUIRE(note);
    CHECK(note->text == text);
    CHECK(verify_note(*note, "k", key.verifying()));
}

TEST_CASE("note encoding: one spelling for each value", "[audit]") {
    for (const auto& [text, valid] :
         std::initializer_list<std::pair<std::string_view, bool>>{{"0", true},
                                                                  {"7", true},
                                                                  {"18446744073709551615", true},
                                                                  {"18446744073709551616", false},
                                                                  {"", false},
                                                                  {"00", false},
                                                                  {"01", false},
                                                                  {"+1", false},
                                                                  {"-1", false},
                                                                  {" 1", false},
                                                                  {"1 ", false},
                                                                  {"0x1", false},
                                                                  {"1e3", false},
                                                                  {"1\n", false},
                                                                  {"\xd9\xa1", false}}) {
        INFO(text);
        CHECK(from_decimal(text).has_value() == valid);
    }
    CHECK(*from_decimal("18446744073709551615") == 0xffffffffffffffffu);

    for (std::size_t size = 0; size < 40; ++size) {
        bytes data(size);
        for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(37 * i + 1);
        CHECK(from_base64(to_base64(data)) == data);
    }
    CHECK(to_base64(as_bytes("foob")) == "Zm9vYg=="); // RFC 4648, section 10
    CHECK(to_base64(as_bytes("fooba")) == "Zm9vYmE=");
    CHECK(to_base64(as_bytes("foobar")) == "Zm9vYmFy");
    for (const std::string_view text : {"Zm9vYg", "Zm9vYg=", "Zm9vYg===", "Zm9vYh==", "Zm9vYmF=", "Zm9v Yg==",
                                        "Zm9vYg==\n", "=", "A", "AA==A", "Zm9-Yg==", "Zm9vYg==Zm9v"}) {
        INFO(text);
        CHECK_FALSE(from_base64(text).has_value());
    }
    for (int octet = 0x80; octet < 0x100; ++octet) { // which libsodium 1.0.18 would take for digits
        INFO(octet);
        CHECK_FALSE(from_base64(std::string("Zm9") + static_cast<char>(octet)).has_value());
    }

    for (const std::string_view text :
         {"", "a\nb", "\x7f", "\xc2\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf"})
        CHECK(is_note_text(text));
    for (const std::string_view text :
         {"\x80", "\xc2", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
          "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xff", "\xe2\x82", "\xe2\x28\xa1", "\x1f", "\r"})
        CHECK_FALSE(is_note_text(text));
}

TEST_CASE("checkpoint: a tree head of the Go checksum database", "[audit]") {
    // https://sum.golang.org/latest at that size; the key is the one that Go's own source fixes. OpenSSL
    // agrees.
    const std::string note =
        "go.sum database tree\n65209736\n5+uGFjx6xBZG8ip1+wi77v+grwbhhukIrxEUS8PXvRo=\n\n"
        "\xe2\x80\x94 sum.golang.org Az3grnbssgK7ubgFX36gVETtNv0U23qxyAhAMai2QUfeGa3nB/"
        "akvkMdlUErfcZz7l/R3cVtYspg3dxXABkGZZKdsQ8=\n";
    const auto key = verifying_key_of("Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8");
    CHECK(to_hex(note_key_id("sum.golang.org", note_key_type::ed25519, key)) == "033de0ae");
    const auto tip = verify_checkpoint(note, "go.sum database tree", key, "sum.golang.org");
    REQUIRE(tip);
    CHECK(tip->size == 65209736);
    CHECK(to_base64(tip->root) == "5+uGFjx6xBZG8ip1+wi77v+grwbhhukIrxEUS8PXvRo=");
}

TEST_CASE("checkpoint: signed, parsed and verified", "[audit]") {
    const sign::signing_key key = key_number(3);
    const checkpoint tip = sample_checkpoint();
    CHECK(tip.text() == origin + "\n20852163\npaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU=\n");
    const std::string note = sign_checkpoint(tip, origin, key);
    const auto verified = verify_checkpoint(note, origin, key.verifying());
    REQUIRE(verified);
    CHECK((*verified == tip));
    CHECK(verify_checkpoint(sign_checkpoint(tip, "other-name", key), origin, key.verifying(), "other-name"));
}

TEST_CASE("checkpoint: another key, name, origin or content is refused by its own check", "[audit]") {
    const sign::signing_key key = key_number(3);
    const std::string note = sign_checkpoint(sample_checkpoint(), origin, key);
    check_error(verify_checkpoint(note, origin, key_number(4).verifying()), errc::missing,
                "signature by the known key", 2);
    check_error(verify_checkpoint(note, origin, key.verifying(), "other-name"), errc::missing,
                "signature by the known key", 2);
    check_error(verify_checkpoint(note, "example.org/other", key.verifying(), origin), errc::wrong_context,
                "origin of the checkpoint", 4);
    // The log's line moved under another log's text: the other log's name is not what the line says.
    check_error(verify_checkpoint(note, "example.org/other", key.verifying()), errc::missing,
                "signature by the known key", 2);

    const auto replaced = [&](const std::string& from, const std::string& to) {
        std::string altered = note;
        altered.replace(altered.find(from), from.size(), to);
        return verify_checkpoint(altered, origin, key.verifying());
    };
    check_error(replaced("20852163", "20852164"), errc::bad_signature, "signature of the note", 2);
    check_error(replaced("paWl", "qaWl"), errc::bad_signature, "signature of the note", 2);
    check_error(replaced("session-4\n", "session-5\n"), errc::bad_signature, "signature of the note", 2);
    check_error(replaced("aU=\n\n", "aU=\nmore\n\n"), errc::bad_signature, "signature of the note", 2);
    check_error(verify_checkpoint(note + "trailing", origin, key.verifying()), errc::malformed,
                "end of the note", 1);
    check_error(verify_checkpoint(note + "\n", origin, key.verifying()), errc::missing,
                "signature lines of the note", 1);
}

TEST_CASE("checkpoint: a signature does not make a malformed checkpoint good", "[audit]") {
    const sign::signing_key key = key_number(3);
    const std::string root = to_base64(sample_checkpoint().root);
    const std::string empty_root = to_base64(empty_tree_root());
    const auto refused = [&](const std::string& text, errc code, std::string_view what) {
        INFO(text);
        check_error(verify_checkpoint(signed_by(key, text), origin, key.verifying()), code, what, 3);
    };
    refused(origin + "\n", errc::malformed, "lines of the checkpoint");
    refused(origin + "\n5\n", errc::malformed, "lines of the checkpoint");
    refused("\n5\n" + root + "\n", errc::malformed, "lines of the checkpoint");
    refused(origin + "\n\n" + root + "\n", errc::malformed, "lines of the checkpoint");
    refused(origin + "\n05\n" + root + "\n", errc::malformed, "size of the checkpoint");
    refused(origin + "\n-5\n" + root + "\n", errc::malformed, "size of the checkpoint");
    refused(origin + "\n18446744073709551616\n" + root + "\n", errc::malformed, "size of the checkpoint");
    refused(origin + "\n5\n" + root.substr(0, 40) + "\n", errc::malformed, "root of the checkpoint");
    refused(origin + "\n5\n" + root.substr(0, 42) + "V=\n", errc::malformed, "root of the checkpoint");
    refused(origin + "\n5\nAAAA" + root + "\n", errc::malformed, "root of the checkpoint");
    refused(origin + "\n5\n" + root + " \n", errc::malformed, "root of the checkpoint");
    refused(origin + "\n5\n" + root + "\nextension\n", errc::unsupported,
            "extension lines of the checkpoint");
    refused(origin + "\n0\n" + root + "\n", errc::mismatch, "root of an empty log");
    CHECK(verify_checkpoint(signed_by(key, origin + "\n0\n" + empty_root + "\n"), origin, key.verifying()));
}

TEST_CASE("checkpoint: names that could be misread cannot be signed", "[audit]") {
    CHECK(is_origin("go.sum database tree"));
    for (const std::string_view text : {"", "a\nb", "a\x01", "\xff"}) CHECK_FALSE(is_origin(text));
    CHECK(is_key_name("example.org/log"));
    for (const std::string_view text : {"", "a b", "a+b", "a\nb",
                                        "a\xe3\x80\x80"
                                        "b",
                                        "\xff"})
        CHECK_FALSE(is_key_name(text));
    const sign::signing_key key = key_number(3);
    CHECK(test::ends_process([&] { (void)sign_checkpoint({"a\nb", 0, {}}, "name", key); }));
    CHECK(test::ends_process([&] { (void)sign_checkpoint({"origin", 0, {}}, "na me", key); }));
}

TEST_CASE("cosignature: a fixed vector", "[audit]") {
    // The checkpoint and time of the example in C2SP tlog-cosignature, signed by OpenSSL 3 with Go's key
    // above.
    const std::string text =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    const std::string line =
        "\xe2\x80\x94 witness.example.com/w1 1GorGwAAAABkGFDLJeR//pqzhnEKVvEm2wWbh2RJ6oru5+cUUfm5X9NnlaGr8a"
        "SH9QE5RVZD4QGlxl2F5UpVIIi94p178KLfqPPsAA==\n";
    const sign::signing_key witness = key_from_hex(go_seed);
    const std::string log_note =
        signed_note{text, {sign_note(text, "example.com/behind-the-sofa", key_number(3))}}.serialize();
    const auto note = cosign_checkpoint(log_note, "witness.example.com/w1", witness, 1679315147);
    REQUIRE(note);
    CHECK(*note == log_note + line);
    const auto time = verify_cosignature(*parse_note(*note), "witness.example.com/w1", witness.verifying());
    REQUIRE(time);
    CHECK(*time == 1679315147);
}

TEST_CASE("cosignature: witnesses add lines that the log's verifier ignores", "[audit]") {
    const sign::signing_key log = key_number(3), first = key_number(5), second = key_number(6);
    std::string text = sign_checkpoint(sample_checkpoint(), origin, log);
    text = *cosign_checkpoint(text, "w1", first, 100);
    text = *cosign_checkpoint(text, "w2", second, 200);
    text = *cosign_checkpoint(text, "w1", first, 150);
    CHECK(verify_checkpoint(text, origin, log.verifying()));
    const signed_note note = *parse_note(text);
    CHECK(note.signatures.size() == 4);
    CHECK(*verify_cosignature(note, "w1", first.verifying()) == 150);
    CHECK(*verify_cosignature(note, "w2", second.verifying()) == 200);
    check_error(verify_cosignature(note, "w3", second.verifying()), errc::missing,
                "cosignature by the witness");
    // A log's own line is no cosignature, and a cosignature no log's line.
    check_error(verify_cosignature(note, origin, log.verifying()), errc::missing,
                "cosignature by the witness");
    check_error(verify_note(note, "w1", first.verifying()), errc::missing, "signature by the known key");
}

TEST_CASE("cosignature: altered time, text or length is refused", "[audit]") {
    const sign::signing_key log = key_number(3), witness = key_number(5);
    const std::string text =
        *cosign_checkpoint(sign_checkpoint(sample_checkpoint(), origin, log), "w1", witness, 100);
    const signed_note note = *parse_note(text);
    signed_note altered = note;
    SECTION("time") {
        altered.signatures[1].signature[7] ^= 1;
        check_error(verify_cosignature(altered, "w1", witness.verifying()), errc::bad_signature,
                    "cosignature of the note");
    }
    SECTION("signature") {
        altered.signatures[1].signature[20] ^= 1;
        check_error(verify_cosignature(altered, "w1", witness.verifying()), errc::bad_signature,
                    "cosignature of the note");
    }
    SECTION("text") {
        altered.text[0] ^= 1;
        check_error(verify_cosignature(altered, "w1", witness.verifying()), errc::bad_signature,
                    "cosignature of the note");
    }
    SECTION("length") {
        for (const std::size_t length : {0u, 71u, 73u}) {
            altered.signatures[1].signature = note.signatures[1].signature;
            altered.signatures[1].signature.resize(length);
            const auto outcome = verify_cosignature(altered, "w1", witness.verifying());
            check_error(outcome, errc::bad_signature, "cosignature of the note");
            CHECK(outcome.error().place == "signature line 2");
            CHECK(outcome.error().culprit == "w1");
        }
    }
    SECTION("time beyond 2^63 - 1, properly signed") {
        const std::uint64_t late = max_cosignature_time + 1;
        const auto signature = witness.sign_raw(as_bytes(cosigned_message(note.text, late)));
        wire::writer out;
        out.u64(late);
        out.fixed(signature);
        altered.signatures[1].signature = std::move(out).take();
        check_error(verify_cosignature(altered, "w1", witness.verifying()), errc::out_of_range,
                    "time of the cosignature");
    }
    SECTION("a note that is no checkpoint, or is full") {
        check_error(cosign_checkpoint(go_text + "\n" + peter_line, "w1", witness, 1), errc::malformed,
                    "lines of the checkpoint");
        while (altered.signatures.size() < max_note_signatures)
            altered.signatures.push_back(altered.signatures[0]);
        check_error(cosign_checkpoint(altered.serialize(), "w1", witness, 1), errc::overflow,
                    "number of signature lines");
    }
}

TEST_CASE("rollback: a log that is shorter or different is refused, a longer one is not", "[audit]") {
    merkle_tree log;
    for (const char* entry : {"a", "b", "c"}) log.append(as_bytes(entry));
    const checkpoint known{origin, 3, log.root()};
    CHECK(check_covers(log, known));
    log.append(as_bytes("d"));
    CHECK(check_covers(log, known));
    CHECK(check_covers(log, {origin, 0, empty_tree_root()}));

    merkle_tree cut;
    for (const char* entry : {"a", "b"}) cut.append(as_bytes(entry));
    const auto shorter = check_covers(cut, known);
    check_error(shorter, errc::missing, "records that the checkpoint covers", 1);
    CHECK(shorter.error().place == "record 2");

    merkle_tree other;
    for (const char* entry : {"a", "x", "c", "d"}) other.append(as_bytes(entry));
    check_error(check_covers(other, known), errc::mismatch, "root of the log at the checkpoint's size", 2);
}
