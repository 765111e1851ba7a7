#include <veilsum/audit/checkpoint_signing.hpp>
#include <veilsum/audit/log_store.hpp>
#include <veilsum/audit/receipt.hpp>

#include "support/catch.hpp"
#include "support/numbered_key.hpp"

#include <string>
#include <utility>

using namespace veilsum;
using namespace veilsum::audit;
using test::key_number;

namespace {

const std::string origin = "example.org/session-4";

std::string tip_of(const memory_store& store, const sign::signing_key& key, std::uint64_t size) {
    return sign_checkpoint({origin, size, store.tree().root(size)}, origin, key);
}

memory_store store_of(std::size_t count, std::uint8_t flavour = 0) {
    memory_store store;
    for (std::size_t i = 0; i < count; ++i)
        REQUIRE(store.append(3, 1, bytes{static_cast<std::uint8_t>(i), i == 2 ? flavour : std::uint8_t{0}}));
    return store;
}

template <class T>
void check_error(const result<T>& outcome, errc code, std::string_view what, std::uint32_t check) {
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == code);
    CHECK(outcome.error().what == what);
    CHECK(outcome.error().check == check);
}

} // namespace

TEST_CASE("receipt: every record of a log has one, and it verifies offline", "[audit]") {
    const sign::signing_key key = key_number(1);
    const memory_store store = store_of(11);
    for (std::uint64_t size = 1; size <= store.size(); ++size) {
        const std::string note = tip_of(store, key, size);
        for (std::uint64_t index = 0; index < size; ++index) {
            const auto issued = issue_receipt(store, index, note);
            REQUIRE(issued);
            const auto read_back = receipt::parse(issued->serialize());
            REQUIRE(read_back);
            CHECK((*read_back == *issued));
            const auto contents = read_back->verify(origin, key.verifying());
            REQUIRE(contents);
            CHECK((contents->entry == *store.read(index)));
            CHECK(contents->tip.size == size);
        }
    }
}

TEST_CASE("receipt: places that the checkpoint or the store does not reach", "[audit]") {
    const sign::signing_key key = key_number(1);
    const memory_store store = store_of(5);
    check_error(issue_receipt(store, 3, tip_of(store, key, 3)), errc::out_of_range, "size of the checkpoint",
                0);
    const std::string ahead = sign_checkpoint({origin, 6, {}}, origin, key);
    check_error(issue_receipt(store, 3, ahead), errc::out_of_range, "size of the checkpoint", 0);
    check_error(issue_receipt(store, 3, "no note"), errc::malformed, "blank line of the note", 0);
}

TEST_CASE("receipt: each altered part is refused by its own check", "[audit]") {
    const sign::signing_key key = key_number(1);
    const memory_store store = store_of(7);
    const receipt issued = *issue_receipt(store, 4, tip_of(store, key, 7));
    receipt altered = issued;

    SECTION("no record") {
        altered.record_bytes.pop_back();
        check_error(altered.verify(origin, key.verifying()), errc::malformed, "length of the record", 1);
    }
    SECTION("content of the record") {
        altered.record_bytes.back() ^= 1;
        const auto outcome = altered.verify(origin, key.verifying());
        check_error(outcome, errc::mismatch, "root from the inclusion proof", 3);
        CHECK(outcome.error().place == "record 4");
    }
    SECTION("sequence number of the record") {
        altered.record_bytes[15] = 5;
        check_error(altered.verify(origin, key.verifying()), errc::mismatch, "root from the inclusion proof",
                    3);
        altered.record_bytes[15] = 7;
        check_error(altered.verify(origin, key.verifying()), errc::out_of_range, "index of the leaf", 3);
    }
    SECTION("another record of the same log") {
        altered.record_bytes = store.read(3)->serialize();
        check_error(altered.verify(origin, key.verifying()), errc::mismatch, "root from the inclusion proof",
                    3);
    }
    SECTION("proof") {
        altered.inclusion.path[1][7] ^= 1;
        check_error(altered.verify(origin, key.verifying()), errc::mismatch, "root from the inclusion proof",
                    3);
        altered.inclusion.path.pop_back();
        check_error(altered.verify(origin, key.verifying()), errc::malformed, "length of the inclusion proof",
                    3);
        altered.inclusion.path.clear();
        check_error(altered.verify(origin, key.verifying()), errc::malformed, "length of the inclusion proof",
                    3);
    }
    SECTION("checkpoint of another size of the same log") {
        altered.checkpoint_note = tip_of(store, key, 6);
        CHECK_FALSE(altered.verify(origin, key.verifying()));
        altered.checkpoint_note = tip_of(store, key, 4);
        check_error(altered.verify(origin, key.verifying()), errc::out_of_range, "index of the leaf", 3);
    }
    SECTION("checkpoint by another key, or for another log") {
        altered.checkpoint_note = tip_of(store, key_number(2), 7);
        check_error(altered.verify(origin, key.verifying()), errc::missing, "signature by the known key", 2);
        check_error(issued.verify("example.org/other", key.verifying()), errc::missing,
                    "signature by the known key", 2);
        check_error(issued.verify("example.org/other", key.verifying(), origin), errc::wrong_context,
                    "origin of the checkpoint", 2);
    }
    SECTION("checkpoint text") {
        altered.checkpoint_note[origin.size() + 1] = '8';
        check_error(altered.verify(origin, key.verifying()), errc::bad_signature, "signature of the note", 2);
        altered.checkpoint_note.clear();
        check_error(altered.verify(origin, key.verifying()), errc::malformed, "blank line of the note", 2);
    }
}

TEST_CASE("receipt: its bytes have one spelling", "[audit]") {
    const sign::signing_key key = key_number(1);
    const memory_store store = store_of(3);
    const bytes encoded = issue_receipt(store, 1, tip_of(store, key, 3))->serialize();
    for (std::size_t length = 0; length < encoded.size(); ++length)
        REQUIRE_FALSE(receipt::parse(byte_view(encoded).first(length)));
    bytes longer = encoded;
    longer.push_back(0);
    check_error(receipt::parse(longer), errc::malformed, "trailing bytes", 7);
    bytes other_type = encoded;
    other_type[5] = 11;
    check_error(receipt::parse(other_type), errc::mismatch, "frame type", 3);
    bytes other_version = encoded;
    other_version[7] = 2;
    check_error(receipt::parse(other_version), errc::unsupported, "frame version", 4);
    bytes huge_record = encoded;
    huge_record[12] = 0xff;
    check_error(receipt::parse(huge_record), errc::out_of_range, "length above its cap", 0);
}

TEST_CASE("receipt: a later checkpoint keeps the promise, or proves that it was broken", "[audit]") {
    const sign::signing_key key = key_number(1);
    const memory_store store = store_of(9);
    const receipt issued = *issue_receipt(store, 2, tip_of(store, key, 5));

    const std::string later = tip_of(store, key, 9);
    const auto kept = issued.verify_against(later, store.tree().consistency(5, 9), origin, key.verifying());
    REQUIRE(kept);
    CHECK(kept->entry.sequence == 2);
    CHECK(issued.verify_against(issued.checkpoint_note, {}, origin, key.verifying()));

    SECTION("the log was cut") {
        const auto outcome = issued.verify_against(tip_of(store, key, 4), {}, origin, key.verifying());
        check_error(outcome, errc::missing, "records that the receipt's checkpoint covers", 5);
        CHECK(outcome.error().culprit.empty()); // it may be an older checkpoint
    }
    SECTION("the log was rewritten") {
        const memory_store forged = store_of(9, 1);
        const std::string forged_tip = tip_of(forged, key, 9);
        check_error(
            issued.verify_against(forged_tip, forged.tree().consistency(5, 9), origin, key.verifying()),
            errc::mismatch, "old root from the consistency proof", 5);
        check_error(
            issued.verify_against(forged_tip, store.tree().consistency(5, 9), origin, key.verifying()),
            errc::mismatch, "new root from the consistency proof", 5);
        // Two faces of the same size prove it by themselves.
        const auto faces = issued.verify_against(tip_of(forged, key, 5), {}, origin, key.verifying());
        check_error(faces, errc::mismatch, "new root from the consistency proof", 5);
        CHECK(faces.error().culprit == origin);
    }
    SECTION("a proof that is none") {
        check_error(issued.verify_against(later, {}, origin, key.verifying()), errc::malformed,
                    "length of the consistency proof", 5);
    }
    SECTION("a later checkpoint by somebody else") {
        check_error(issued.verify_against(tip_of(store, key_number(2), 9), store.tree().consistency(5, 9),
                                          origin, key.verifying()),
                    errc::missing, "signature by the known key", 4);
    }
    SECTION("a receipt that was never good") {
        receipt altered = issued;
        altered.record_bytes.back() ^= 1;
        check_error(altered.verify_against(later, store.tree().consistency(5, 9), origin, key.verifying()),
                    errc::mismatch, "root from the inclusion proof", 3);
    }
}
