#include "support/forged_store.hpp"
#include "support/receipt_world.hpp"
#include "support/toy_session.hpp"

#include "support/catch.hpp"

#include <veilsum/aggregation/exclusion_receipt.hpp>
#include <veilsum/aggregation/issue_exclusion.hpp>
#include <veilsum/aggregation/record_subject.hpp>
#include <veilsum/audit/receipt.hpp>

#include <functional>
#include <optional>

using namespace veilsum;
using aggregation::exclusion;
using aggregation::exclusion_receipt;
using aggregation::record_type;
using test::receipt_world;

namespace {

exclusion_receipt issue(const receipt_world& world, std::uint64_t round, const byte_array<32>& client) {
    auto made = aggregation::issue_exclusion(world.store, round, client, world.note());
    if (!made) FAIL(made.error().describe());
    return *std::move(made);
}

template <class T>
void check_error(const result<T>& outcome, std::uint32_t check, errc code, std::string_view what,
                 std::string_view culprit = {}) {
    REQUIRE_FALSE(outcome);
    INFO(outcome.error().describe());
    CHECK(outcome.error().check == check);
    CHECK(outcome.error().code == code);
    CHECK(outcome.error().what == what);
    CHECK(outcome.error().culprit == culprit);
}

// The log with some bodies changed, chained and signed anew by its owner.
class forged {
  public:
    using edit = std::function<std::optional<bytes>(const audit::record&)>;
    forged(const receipt_world& world, const edit& change) : world_(world), log_(world.store, change) {
        log_.sign(world.origin, world.aggregator);
    }
    const test::forged_store& log() const { return log_; }

    aggregation::proved_record at(std::uint64_t index) const {
        return {log_.read(index)->serialize(), log_.tree().inclusion(index, log_.size())};
    }
    exclusion_receipt receipt(const byte_array<32>& client, std::optional<std::uint64_t> refused) const {
        exclusion_receipt made{client, at(0), at(1), world_.members, {}, at(8), {}};
        if (refused) made.refused = at(*refused);
        made.checkpoint_note = *log_.read_checkpoint();
        return made;
    }
    // The session id changes with its first record only.
    result<aggregation::exclusion_contents> verify(const exclusion_receipt& receipt) const {
        return receipt.verify({audit::record_hash(*log_.read(0)), {}, {}, {}, {}});
    }

  private:
    const receipt_world& world_;
    test::forged_store log_;
};

template <class Body>
forged::edit change_at(std::uint64_t index, std::function<void(Body&)> change) {
    return [index, change = std::move(change)](const audit::record& entry) -> std::optional<bytes> {
        if (entry.sequence != index) return entry.body;
        auto body = Body::parse(entry.body);
        REQUIRE(body);
        change(*body);
        return body->serialize();
    };
}

} // namespace

// Records of round 1: 1 opened, 2..4 contributions of 0, 1, 5; 5..7 refusals of 2, 3, 5; 8 closed.

TEST_CASE("exclusion receipt: each kind of exclusion verifies offline and says what it is", "[aggregation]") {
    const receipt_world world;
    const auto verify = [&](const exclusion_receipt& receipt) {
        const auto read = exclusion_receipt::parse(receipt.serialize());
        REQUIRE(read);
        CHECK((*read == receipt));
        auto contents = read->verify(world.expected());
        if (!contents) FAIL(contents.error().describe());
        CHECK(contents->session == world.session());
        CHECK(contents->aggregator == world.aggregator.verifying());
        CHECK(contents->client == receipt.client);
        return *std::move(contents);
    };
    for (const auto& [client, reason] :
         {std::pair{2, std::uint16_t{11}}, {3, std::uint16_t{4}}, {5, aggregation::equivocation}}) {
        const auto contents = verify(issue(world, 1, world.id(static_cast<std::size_t>(client))));
        CHECK(contents.why == exclusion::refused);
        CHECK(contents.round == 1);
        REQUIRE(contents.refused);
        CHECK(contents.refused->reason == reason);
    }
    for (const std::uint64_t round : {1U, 2U}) {
        const auto contents = verify(issue(world, round, world.id(4)));
        CHECK(contents.why == exclusion::silent);
        CHECK(contents.round == round);
        CHECK_FALSE(contents.refused);
        const auto stranger = verify(issue(world, round, world.stranger.verifying().bytes()));
        CHECK(stranger.why == exclusion::not_on_roster);
        CHECK(stranger.round == round);
    }
}

TEST_CASE("exclusion receipt: none for a client that is counted, or a round that is not closed",
          "[aggregation]") {
    const receipt_world world;
    const auto counted = aggregation::issue_exclusion(world.store, 1, world.id(0), world.note());
    check_error(counted, 0, errc::refused, "client is counted", "client " + to_hex(world.id(0)));
    CHECK(counted.error().place == "record 8");
    check_error(aggregation::issue_exclusion(world.store, 3, world.id(0), world.note()), 0, errc::missing,
                "closing of the round");
    check_error(aggregation::issue_exclusion(world.store, 1, world.id(4), world.note(8)), 0, errc::missing,
                "closing of the round");
    CHECK(aggregation::issue_exclusion(world.store, 1, world.id(4), world.note(9)));
    check_error(aggregation::issue_exclusion(world.store, 1, world.id(4), "no note"), 0, errc::malformed,
                "blank line of the note");
}

TEST_CASE("exclusion receipt: what the verifier knows from elsewhere", "[aggregation]") {
    const receipt_world world;
    const auto receipt = issue(world, 1, world.id(4));
    const auto expected = world.expected();
    REQUIRE(receipt.verify({}));
    auto other = expected;
    other.round = 1;
    other.client = world.id(4);
    REQUIRE(receipt.verify(other));

    other = expected;
    other.session = hash::digest32{};
    check_error(receipt.verify(other), 3, errc::wrong_context, "session id is not the expected one");
    other = expected;
    other.aggregator = world.stranger.verifying().bytes();
    check_error(receipt.verify(other), 3, errc::wrong_key, "aggregator is not the expected one");
    other = expected;
    other.origin = "receipts.example/other";
    check_error(receipt.verify(other), 3, errc::wrong_context, "origin is not the expected one");
    other = expected;
    other.round = 2;
    check_error(receipt.verify(other), 6, errc::wrong_context, "round is not the expected one");
    other = expected;
    other.client = world.id(3);
    check_error(receipt.verify(other), 9, errc::wrong_context, "client is not the expected one");

    // Another session of the same aggregator and origin cannot be told apart by these two.
    const receipt_world second(2);
    check_error(issue(second, 1, second.id(4)).verify(expected), 3, errc::wrong_context,
                "session id is not the expected one");
}

TEST_CASE("exclusion receipt: each altered part is refused by its own check", "[aggregation]") {
    const receipt_world world;
    const auto good = issue(world, 1, world.id(2));
    const auto expected = world.expected();
    REQUIRE(good.verify(expected));
    auto altered = good;
    const auto verify = [&] { return altered.verify(expected); };
    const std::string_view root = "root from the inclusion proof";

    SECTION("1, records that are none") {
        altered.closed.record_bytes.pop_back();
        check_error(verify(), 1, errc::malformed, "length of the record");
        CHECK(verify().error().place == "round_closed");
        altered = good;
        altered.first.record_bytes.clear();
        check_error(verify(), 1, errc::malformed, "length of the record header");
        CHECK(verify().error().place == "session_opened");
        altered = good;
        altered.opened.record_bytes[0] ^= 1;
        check_error(verify(), 1, errc::malformed, "record magic");
        CHECK(verify().error().place == "round_opened");
        altered = good;
        altered.refused->record_bytes.push_back(0);
        check_error(verify(), 1, errc::malformed, "length of the record");
        CHECK(verify().error().place == "refusal");
    }
    SECTION("2, another record in the place of the first") {
        altered.first = good.opened;
        check_error(verify(), 2, errc::malformed, "first record is not session_opened");
        altered = good;
        altered.first.record_bytes[7] = 2;
        check_error(verify(), 2, errc::unsupported, "record version");
        altered = good;
        altered.first.record_bytes[16] = 1;
        check_error(verify(), 2, errc::mismatch, "record before the first");
        altered = good;
        altered.first.record_bytes[audit::record_header_bytes + 38] = 9;
        check_error(verify(), 2, errc::unsupported, "exponent policy");
        altered = good;
        std::fill_n(altered.first.record_bytes.begin() + audit::record_header_bytes + 103, 32,
                    std::uint8_t{0});
        check_error(verify(), 2, errc::malformed, "verifying key");
    }
    SECTION("3, the content of the first is the session id") {
        altered.first.record_bytes[audit::record_header_bytes] ^= 1;
        check_error(verify(), 3, errc::wrong_context, "session id is not the expected one");
        check_error(altered.verify({}), 5, errc::mismatch, root);
    }
    SECTION("4, the checkpoint") {
        altered.checkpoint_note = audit::sign_checkpoint(
            {world.origin, world.store.size(), world.store.root()}, world.origin, world.stranger);
        check_error(verify(), 4, errc::missing, "signature by the known key");
        altered.checkpoint_note = good.checkpoint_note;
        altered.checkpoint_note[world.origin.size() + 1] ^= 1;
        check_error(verify(), 4, errc::bad_signature, "signature of the note");
        altered.checkpoint_note.clear();
        check_error(verify(), 4, errc::malformed, "blank line of the note");
    }
    SECTION("4, signed by another key under which the first record is changed too") {
        const auto key = world.stranger.verifying().bytes();
        std::copy(key.begin(), key.end(),
                  altered.first.record_bytes.begin() + audit::record_header_bytes + 103);
        altered.checkpoint_note = audit::sign_checkpoint(
            {world.origin, world.store.size(), world.store.root()}, world.origin, world.stranger);
        check_error(verify(), 3, errc::wrong_context, "session id is not the expected one");
        check_error(altered.verify({}), 5, errc::mismatch, root);
    }
    SECTION("5, each record and each proof") {
        const auto each = std::vector<aggregation::proved_record exclusion_receipt::*>{
            &exclusion_receipt::first, &exclusion_receipt::opened, &exclusion_receipt::closed};
        for (const auto part : each) {
            altered = good;
            (altered.*part).inclusion.path[0][3] ^= 1;
            check_error(verify(), 5, errc::mismatch, root);
            altered = good;
            (altered.*part).inclusion.path.pop_back();
            check_error(verify(), 5, errc::malformed, "length of the inclusion proof");
        }
        altered = good;
        altered.refused->inclusion.path[0][3] ^= 1;
        check_error(verify(), 5, errc::mismatch, root);
        CHECK(verify().error().place == "record 5");
        altered = good;
        altered.closed.record_bytes.back() ^= 1;
        check_error(verify(), 5, errc::mismatch, root);
        altered = good;
        altered.closed.record_bytes[15] ^= 1; // sequence
        check_error(verify(), 5, errc::mismatch, root);
        altered = good;
        altered.checkpoint_note = world.note(8);
        check_error(verify(), 5, errc::malformed, "length of the inclusion proof");
    }
    SECTION("6, opening or closing of another round, or none") {
        const auto second = issue(world, 2, world.id(4));
        altered.closed = second.closed;
        check_error(verify(), 6, errc::mismatch, "opening and closing of one round");
        altered = good;
        altered.opened = second.opened;
        check_error(verify(), 6, errc::mismatch, "opening and closing of one round");
        altered = good;
        altered.opened = good.closed;
        check_error(verify(), 6, errc::mismatch, "type of the record");
        CHECK(verify().error().place == "record 8");
        altered = good;
        altered.closed = *good.refused;
        check_error(verify(), 6, errc::mismatch, "type of the record");
    }
    SECTION("7, the roster") {
        altered.members.back() ^= 1;
        check_error(verify(), 7, errc::mismatch, "digest of the roster");
        altered.members.clear();
        check_error(verify(), 7, errc::mismatch, "digest of the roster");
    }
    SECTION("9, given to a client that is counted") {
        altered.client = world.id(0);
        check_error(verify(), 9, errc::refused, "client is counted");
    }
    SECTION("10, given to another client, with a refusal that is not its own, or without one") {
        altered.client = world.id(4);
        check_error(verify(), 10, errc::mismatch, "refusal of a client that was not refused");
        altered.client = world.stranger.verifying().bytes();
        check_error(verify(), 10, errc::mismatch, "refusal of a client that was not refused");
        altered.client = world.id(3);
        check_error(verify(), 10, errc::mismatch, "round and client of the refusal");
        altered = good;
        altered.refused.reset();
        check_error(verify(), 10, errc::missing, "refusal of the client");
        altered.refused = forged(world, [](const audit::record& entry) { return entry.body; }).at(2);
        check_error(verify(), 10, errc::mismatch, "type of the record");
    }
}

TEST_CASE("exclusion receipt: an aggregator whose records contradict each other is named", "[aggregation]") {
    const receipt_world world;
    const std::string aggregator = "aggregator";
    using closing = aggregation::round_closed;
    using refused = aggregation::refusal;

    SECTION("6, parameters that are none, or not the session's") {
        for (const std::uint32_t bits : {512U, 3072U}) {
            const forged log(world, change_at<aggregation::round_header>(
                                        1, [&](auto& header) { header.layout.nbits = bits; }));
            check_error(log.verify(log.receipt(world.id(4), {})), 6, errc::bad_parameter,
                        "parameters of the round", aggregator);
        }
    }
    SECTION("6, a closing before its opening") {
        test::forged_store late(world.store, [](const audit::record& entry) -> std::optional<bytes> {
            return entry.sequence == 1 ? std::nullopt : std::optional(entry.body);
        });
        REQUIRE(
            late.append(static_cast<std::uint16_t>(record_type::round_opened), 1, world.store.read(1)->body));
        late.sign(world.origin, world.aggregator);
        const auto at = [&](std::uint64_t index) {
            return aggregation::proved_record{late.read(index)->serialize(),
                                              late.tree().inclusion(index, late.size())};
        };
        const exclusion_receipt made{world.id(4), at(0), at(late.size() - 1),    world.members,
                                     {},          at(7), *late.read_checkpoint()};
        check_error(made.verify({}), 6, errc::mismatch, "opening and closing of one round");
    }
    SECTION("7, a roster of the right digest that is none") {
        bytes unsorted = world.members;
        std::swap_ranges(unsorted.begin() + 4, unsorted.begin() + 40, unsorted.begin() + 40);
        const forged log(world, change_at<aggregation::round_header>(
                                    1, [&](auto& header) { header.roster = hash::sha256(unsorted); }));
        auto made = log.receipt(world.id(4), {});
        made.members = unsorted;
        check_error(log.verify(made), 7, errc::malformed, "roster order", aggregator);
    }
    SECTION("8, lists that are no partition of the roster") {
        const std::string_view what = "clients of the closing against the roster";
        const auto check = [&](const std::function<void(closing&)>& change, std::string_view why) {
            const forged log(world, change_at<closing>(8, change));
            check_error(log.verify(log.receipt(world.id(4), {})), 8, errc::mismatch, why, aggregator);
        };
        check([&](closing& body) { body.silent.clear(); }, what);
        check([&](closing& body) { body.accepted.push_back(world.id(4)); }, what);
        check([&](closing& body) { body.accepted.push_back(body.accepted[0]); }, what);
        check([&](closing& body) { body.accepted[0] = world.stranger.verifying().bytes(); }, what);
        check([&](closing& body) { std::swap(body.refused[0], body.refused[1]); },
              "order of the closing's lists");
        // The order of the accepted is that of their records.
        const forged log(world, change_at<closing>(
                                    8, [](closing& body) { std::swap(body.accepted[0], body.accepted[1]); }));
        CHECK(log.verify(log.receipt(world.id(4), {})));
    }
    SECTION("9, a round closed before its time while a client was silent") {
        const auto closed_at = [&](std::uint64_t when) {
            return forged(world, change_at<closing>(8, [when](closing& body) { body.closed_at = when; }));
        };
        const auto early = closed_at(receipt_world::closes_at);
        check_error(early.verify(early.receipt(world.id(4), {})), 9, errc::refused,
                    "round closed before its time while clients were silent", aggregator);
        CHECK(early.verify(early.receipt(world.id(2), 5)));
        const auto in_time = closed_at(receipt_world::closes_at + 1);
        CHECK(in_time.verify(in_time.receipt(world.id(4), {})));
    }
    SECTION("10, a refusal of what the client did not sign") {
        const forged log(world, change_at<refused>(5, [](refused& body) { body.header.body[0] ^= 1; }));
        check_error(log.verify(log.receipt(world.id(2), 5)), 10, errc::bad_signature,
                    "signature of what was refused", aggregator);
        // Signed for this round of another session.
        const forged moved(world, [&](const audit::record& entry) -> std::optional<bytes> {
            if (entry.sequence != 0) return entry.body;
            auto body = aggregation::session_header::parse(entry.body);
            body->nonce[0] ^= 1;
            return body->serialize();
        });
        check_error(moved.verify(moved.receipt(world.id(2), 5)), 10, errc::bad_signature,
                    "signature of what was refused", aggregator);
        // Signed for another opening of the round.
        const forged reopened(
            world, change_at<aggregation::round_header>(1, [](auto& header) { header.model[0] ^= 1; }));
        check_error(reopened.verify(reopened.receipt(world.id(2), 5)), 10, errc::bad_signature,
                    "signature of what was refused", aggregator);
    }
    SECTION("10, a reason that the hours contradict") {
        const std::string_view what = "reason of the refusal against the hours of the round";
        const auto check = [&](std::uint64_t index, std::size_t client, std::uint16_t reason,
                               std::uint64_t received_at, bool right) {
            const forged log(world, change_at<refused>(index, [&](refused& body) {
                                 body.reason = reason;
                                 body.received_at = received_at;
                             }));
            const auto outcome = log.verify(log.receipt(world.id(client), index));
            if (right)
                CHECK(outcome);
            else
                check_error(outcome, 10, errc::refused, what, aggregator);
        };
        check(6, 3, 4, receipt_world::closes_at, false);
        check(6, 3, 4, receipt_world::closes_at + 1, true);
        check(6, 3, 4, receipt_world::opens_at, false);
        check(6, 3, 4, receipt_world::opens_at - 1, true);
        check(6, 3, 11, receipt_world::closes_at + 1, false);
        check(6, 3, 11, receipt_world::closes_at, true);
        check(6, 3, aggregation::equivocation, receipt_world::closes_at + 1, true);
    }
    SECTION("10, a refusal outside of its round") {
        // Client 2's refusal is written after the closing.
        std::optional<bytes> body;
        test::forged_store log(world.store, [&](const audit::record& entry) -> std::optional<bytes> {
            if (entry.sequence != 5) return entry.body;
            body = entry.body;
            return std::nullopt;
        });
        REQUIRE(log.append(static_cast<std::uint16_t>(record_type::refusal), 1, *body));
        log.sign(world.origin, world.aggregator);
        const auto at = [&](std::uint64_t index) {
            return aggregation::proved_record{log.read(index)->serialize(),
                                              log.tree().inclusion(index, log.size())};
        };
        const exclusion_receipt made{
            world.id(2), at(0), at(1), world.members, at(log.size() - 1), at(7), *log.read_checkpoint()};
        check_error(made.verify({}), 10, errc::mismatch, "place of the refusal in its round");
    }
}

TEST_CASE("exclusion receipt: a later checkpoint keeps the promise, or proves that it was broken",
          "[aggregation]") {
    const receipt_world world;
    const auto issued = aggregation::issue_exclusion(world.store, 1, world.id(4), world.note(9));
    REQUIRE(issued);
    const auto expected = world.expected();
    const std::uint64_t size = world.store.size();
    const auto proof = world.store.tree().consistency(9, size);
    CHECK(issued->verify_against(world.note(), 9, proof, expected));
    check_error(issued->verify_against(world.note(), 8, proof, expected), 12, errc::wrong_context,
                "size that the proof starts from");
    check_error(issued->verify_against(world.note(8), 9, {}, expected), 12, errc::missing,
                "records that the receipt's checkpoint covers");
    check_error(issued->verify_against("no note", 9, proof, expected), 11, errc::malformed,
                "blank line of the note");
    const forged rewritten(world,
                           change_at<aggregation::round_closed>(8, [](auto& body) { ++body.closed_at; }));
    check_error(issued->verify_against(*rewritten.log().read_checkpoint(), 9,
                                       rewritten.log().tree().consistency(9, size), expected),
                12, errc::mismatch, "old root from the consistency proof");
    auto altered = *issued;
    altered.client = world.id(0);
    check_error(altered.verify_against(world.note(), 9, proof, expected), 9, errc::refused,
                "client is counted");
}

TEST_CASE("exclusion receipt: its bytes have one spelling", "[aggregation]") {
    const receipt_world world;
    const bytes encoded = issue(world, 1, world.id(2)).serialize();
    for (std::size_t length = 0; length < encoded.size(); ++length)
        REQUIRE_FALSE(exclusion_receipt::parse(byte_view(encoded).first(length)));
    const auto check = [](bytes data, std::uint32_t number, errc code, std::string_view what) {
        check_error(exclusion_receipt::parse(data), number, code, what);
    };
    bytes longer = encoded;
    longer.push_back(0);
    check(longer, 7, errc::malformed, "trailing bytes");
    bytes inclusion = encoded;
    inclusion[5] = 12;
    check(inclusion, 3, errc::mismatch, "frame type");
    bytes version = encoded;
    version[7] = 2;
    check(version, 4, errc::unsupported, "frame version");
    bytes huge = encoded;
    huge[12 + 32] = 0xff;
    check(huge, 0, errc::out_of_range, "length above its cap");
    // Two refusals.
    const auto made = issue(world, 1, world.id(2));
    wire::writer before;
    before.fixed(made.client);
    made.first.write(before);
    made.opened.write(before);
    before.var(made.members);
    bytes two = encoded;
    two[12 + before.view().size() + 3] = 2;
    check(two, 0, errc::out_of_range, "count above its cap");
    // An inclusion receipt is none of exclusion, nor the other way round.
    const auto other = audit::issue_receipt(world.store, 2, world.note());
    REQUIRE(other);
    check(other->serialize(), 3, errc::mismatch, "frame type");
    check_error(audit::receipt::parse(encoded), 3, errc::mismatch, "frame type");
}

TEST_CASE("exclusion receipt: of a session as the roles write it", "[aggregation]") {
    test::toy_session world({.weights = {1, 2, 1, 1}});
    const encoding::layout_floors toy{512, 256, encoding::layout_floors{}.digit_bits};
    auto round = world.open_round();
    const auto inclusion = world.send(round, 0);
    REQUIRE(inclusion);
    REQUIRE(world.send(round, 1));
    // Client 2's proof is bad, client 3 is silent.
    auto bad = world.contribute(round, 2).message();
    bad.body.back() ^= 1;
    bad.header.body = hash::sha256(bad.body);
    bad.header.signature =
        test::toy_session::key_of(world.client_seeds[2])
            .sign(aggregation::contribution_label, bad.header.signed_message(round.state().round()));
    const auto refused = round.receive(bad.serialize(), test::toy_session::opening_time + 20, world.rng);
    REQUIRE_FALSE(refused);
    const std::uint32_t reason = refused.error().check;
    const auto session = round.state().facts().id;
    const auto opening = world.close(round);
    const auto& log = opening.store();
    const auto note = log.read_checkpoint();
    REQUIRE(note);
    const auto verify = [&](std::size_t client) {
        const auto id = world.clients[client].id().bytes();
        const auto made = aggregation::issue_exclusion(log, 1, id, *note);
        if (!made) return result<aggregation::exclusion_contents>(made.error());
        return made->verify({session, world.aggregator_key().verifying().bytes(), "toy.example/log", 1, id},
                            toy);
    };
    const auto two = verify(2);
    if (!two) FAIL(two.error().describe());
    CHECK(two->why == exclusion::refused);
    CHECK(two->refused->reason == reason);
    const auto three = verify(3);
    if (!three) FAIL(three.error().describe());
    CHECK(three->why == exclusion::silent);
    check_error(verify(0), 0, errc::refused, "client is counted",
                aggregation::name_of(world.clients[0].id()));
}

TEST_CASE("record subject: what a receipt's record is about", "[aggregation]") {
    const receipt_world world;
    const auto subject = [&](std::uint64_t index) {
        const auto found = aggregation::subject_of(*world.store.read(index));
        REQUIRE(found);
        return *found;
    };
    const auto hex = [&](std::size_t i) { return to_hex(world.id(i)); };
    CHECK(subject(0).describe() == "session_opened");
    CHECK(subject(1).describe() == "round_opened, round 1");
    CHECK(subject(2).describe() == "contribution, round 1, client " + hex(0));
    CHECK(subject(5).describe() == "refusal, round 1, client " + hex(2) + ", reason 11");
    CHECK(subject(8).describe() == "round_closed, round 1");
    CHECK(subject(2).client == world.id(0));
    CHECK(subject(2).round == 1);

    audit::record entry = *world.store.read(2);
    entry.type = 14;
    check_error(aggregation::subject_of(entry), 0, errc::unsupported, "record type");
    entry.type = 0;
    check_error(aggregation::subject_of(entry), 0, errc::unsupported, "record type");
    entry = *world.store.read(2);
    entry.version = 2;
    check_error(aggregation::subject_of(entry), 0, errc::unsupported, "record version");
    entry.version = 1;
    entry.body.pop_back();
    check_error(aggregation::subject_of(entry), 0, errc::malformed, "truncated");

    // The kinds that this session lacks.
    const auto of = [](record_type type, const bytes& body) {
        return aggregation::subject_of({static_cast<std::uint16_t>(type), 1, 9, {}, body});
    };
    aggregation::partial_header partial;
    partial.round = 3;
    partial.trustee = 2;
    CHECK(of(record_type::partial, partial.serialize())->describe() == "partial, round 3, trustee 2");
    CHECK(of(record_type::partial_refusal, partial.serialize())->describe() ==
          "partial_refusal, round 3, trustee 2");
    CHECK(of(record_type::session_closed, aggregation::session_end{}.serialize())->describe() ==
          "session_closed");
    aggregation::round_result opened;
    opened.round = 4;
    opened.quorum = {party_id(1), party_id(2)};
    CHECK(of(record_type::round_result, opened.serialize())->describe() == "round_result, round 4");
}
