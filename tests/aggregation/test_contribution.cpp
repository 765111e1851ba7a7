// Every check of a contribution, refused for its own reason, and what then stands on the record.
#include "support/toy_session.hpp"

#include "support/catch.hpp"

using namespace veilsum;
using aggregation::contribution_message;
using test::toy_session;

namespace {

// A round with client 0's contribution in hand, not yet sent.
struct waiting_round {
    toy_session world;
    toy_session::collecting round = world.open_round();
    contribution_message message = world.contribute(round, 0).message();

    void sign(std::size_t client = 0) {
        message.header.body = hash::sha256(message.body);
        const auto key = toy_session::key_of(world.client_seeds[client]);
        message.header.client = key.verifying().bytes();
        message.header.signature =
            key.sign(aggregation::contribution_label, message.header.signed_message(round.state().round()));
    }
    std::size_t rows() const { return 32 * round.state().round().layout().data_rows(); }
    std::size_t audit_rows() const { return 32 * round.state().round().layout().audit_rows(); }
    std::size_t ciphertexts() const {
        return round.state().round().layout().ciphertexts() * toy_session::scheme::ciphertext_bytes;
    }
    void redigest_rows() {
        const auto parsed = pedersen::parse_rows(byte_view(message.body).first(rows()), rows() / 32);
        REQUIRE(parsed);
        message.header.rows = pedersen::row_digest(*parsed);
    }

    // Refused with this check; recorded as a refusal or not; the sum is untouched either way.
    error refused(std::uint32_t check, bool recorded, std::uint64_t now = 1010) {
        const auto before = round.store().size();
        const auto answer = round.receive(message.serialize(), now, world.rng);
        REQUIRE_FALSE(answer);
        INFO(answer.error().describe());
        CHECK(answer.error().check == check);
        CHECK(round.store().size() == before + (recorded ? 1 : 0));
        CHECK(round.state().accepted() == 0);
        if (recorded) {
            const auto record = round.store().read(before);
            REQUIRE(record);
            CHECK(record->type == static_cast<std::uint16_t>(aggregation::record_type::refusal));
            const auto refusal = aggregation::refusal::parse(record->body);
            REQUIRE(refusal);
            CHECK(refusal->reason == check);
            CHECK(refusal->header == message.header);
        }
        return answer.error();
    }

    // The round goes on with the others, and the auditor agrees.
    void completes_without_client_0() {
        REQUIRE(world.send(round, 1));
        REQUIRE(world.send(round, 2));
        const auto expected = world.plain_sum({1, 2});
        auto opening = world.close(round);
        REQUIRE(world.answer(opening, 1));
        REQUIRE(world.answer(opening, 2));
        const auto sums = world.finish(opening);
        CHECK(std::vector(sums.begin(), sums.begin() + 100) == expected);
        const auto verdict = world.audit(world.end());
        if (!verdict.accepted()) FAIL(verdict.failure->reason.describe());
    }
};

} // namespace

TEST_CASE("contribution: an honest one is accepted", "[aggregation]") {
    waiting_round test;
    const auto receipt = test.round.receive(test.message.serialize(), 1010, test.world.rng);
    if (!receipt) FAIL(receipt.error().describe());
    CHECK(test.round.state().accepted() == 1);
}

TEST_CASE("contribution: check 1, for another round", "[aggregation]") {
    waiting_round test;
    test.message.header.round = 2;
    test.sign();
    test.refused(1, false);
}

TEST_CASE("contribution: check 2, a stranger", "[aggregation]") {
    waiting_round test;
    const auto stranger = sign::signing_key::generate(test.world.rng);
    test.message.header.client = stranger.verifying().bytes();
    test.message.header.signature = stranger.sign(
        aggregation::contribution_label, test.message.header.signed_message(test.round.state().round()));
    CHECK(test.refused(2, false).what == "client is not on the roster");
}

TEST_CASE("contribution: check 2, a client id that is no key", "[aggregation]") {
    waiting_round test;
    test.message.header.client = {};
    CHECK(test.refused(2, false).what == "client id");
}

TEST_CASE("contribution: check 3, every signed field is covered by the signature", "[aggregation]") {
    SECTION("signature") {
        waiting_round test;
        test.message.header.signature[5] ^= 1;
        test.refused(3, false);
    }
    SECTION("row digest") {
        waiting_round test;
        test.message.header.rows[0] ^= 1;
        test.refused(3, false);
    }
    SECTION("body digest") {
        waiting_round test;
        test.message.body.back() ^= 1;
        test.message.header.body = hash::sha256(test.message.body);
        test.refused(3, false);
    }
    SECTION("client") {
        waiting_round test;
        test.message.header.client = test.world.clients[1].id().bytes();
        test.refused(3, false);
    }
}

TEST_CASE("contribution: check 4, late by a second, on the record", "[aggregation]") {
    waiting_round test;
    const auto late = test.refused(4, true, toy_session::closing_time + 1);
    CHECK(late.culprit == aggregation::name_of(test.world.clients[0].id()));
    CHECK(test.round.state().has_refused(test.message.header.client));
    // The signed header is the evidence. The body was not looked at and may be anybody's: it is not kept.
    CHECK_FALSE(test.round.store().has_body(hash::sha256(test.message.body)));
}

TEST_CASE("contribution: check 4, the last second is in time", "[aggregation]") {
    waiting_round test;
    CHECK(test.round.receive(test.message.serialize(), toy_session::closing_time, test.world.rng));
}

TEST_CASE("contribution: check 5, a byte too few or too many", "[aggregation]") {
    waiting_round test;
    test.message.body.pop_back();
    test.sign();
    test.refused(5, false);
    test.message.body.resize(test.message.body.size() + 2);
    test.sign();
    test.refused(5, false);
}

TEST_CASE("contribution: check 6, a body that was changed on the way", "[aggregation]") {
    waiting_round test;
    test.message.body[40] ^= 1;
    test.refused(6, false);
}

TEST_CASE("contribution: check 7, a row commitment that is no point, or the identity", "[aggregation]") {
    SECTION("not canonical") {
        waiting_round test;
        std::fill_n(test.message.body.begin() + 32, 32, std::uint8_t{0xff});
        test.sign();
        CHECK(test.refused(7, true).place == "row 1");
        test.completes_without_client_0();
    }
    SECTION("identity") {
        waiting_round test;
        std::fill_n(test.message.body.begin(), 32, std::uint8_t{0});
        test.sign();
        CHECK(test.refused(7, true).place == "row 0");
    }
}

TEST_CASE("contribution: check 8, rows that are not the digest's", "[aggregation]") {
    waiting_round test;
    std::swap_ranges(test.message.body.begin(), test.message.body.begin() + 32,
                     test.message.body.begin() + 32);
    test.sign();
    test.refused(8, true);
}

TEST_CASE("contribution: check 9, an audit row commitment that is no point", "[aggregation]") {
    waiting_round test;
    std::fill_n(test.message.body.begin() + static_cast<std::ptrdiff_t>(test.rows()), 32, std::uint8_t{0xff});
    test.sign();
    test.refused(9, true);
}

TEST_CASE("contribution: check 10, ciphertexts out of range or no units", "[aggregation]") {
    const auto& key = test::fixed_public_key<toy_session::scheme>();
    const auto put = [](waiting_round& test, std::size_t index, const integer::bigint& value) {
        const bytes encoded = value.to_bytes(toy_session::scheme::ciphertext_bytes);
        std::copy(encoded.begin(), encoded.end(),
                  test.message.body.begin() +
                      static_cast<std::ptrdiff_t>(test.rows() + test.audit_rows() + index * encoded.size()));
        test.sign();
    };
    SECTION("zero") {
        waiting_round test;
        put(test, 1, integer::bigint(0));
        CHECK(test.refused(10, true).place == "ciphertext 1");
        test.completes_without_client_0();
    }
    SECTION("the modulus") {
        waiting_round test;
        put(test, 0, key.modulus());
        CHECK(test.refused(10, true).code == errc::out_of_range);
    }
    SECTION("a multiple of n") {
        waiting_round test;
        put(test, 2, key.n() * integer::bigint(5));
        const auto reason = test.refused(10, true);
        CHECK(reason.code == errc::not_a_unit);
        CHECK(reason.place == "ciphertext 2");
    }
}

TEST_CASE("contribution: check 11, two ciphertexts swapped", "[aggregation]") {
    waiting_round test;
    const auto first =
        test.message.body.begin() + static_cast<std::ptrdiff_t>(test.rows() + test.audit_rows());
    const auto size = static_cast<std::ptrdiff_t>(toy_session::scheme::ciphertext_bytes);
    std::swap_ranges(first, first + size, first + size);
    test.sign();
    const auto reason = test.refused(11, true);
    CHECK(reason.code == errc::bad_proof);
    CHECK(reason.culprit == aggregation::name_of(test.world.clients[0].id()));
    test.completes_without_client_0();
}

TEST_CASE("contribution: check 11, the proof is bound to the row commitments", "[aggregation]") {
    waiting_round test;
    std::swap_ranges(test.message.body.begin(), test.message.body.begin() + 32,
                     test.message.body.begin() + 32);
    test.redigest_rows();
    test.sign();
    CHECK(test.refused(11, true).code == errc::bad_proof);
}

TEST_CASE("contribution: check 11, each byte region of the proof", "[aggregation]") {
    const std::size_t proof_bytes = [] {
        waiting_round test;
        return test.message.body.size() - test.rows() - test.audit_rows() - test.ciphertexts();
    }();
    for (const std::size_t offset : {std::size_t{60}, proof_bytes / 2, proof_bytes - 1}) {
        waiting_round test;
        test.message.body[test.message.body.size() - proof_bytes + offset] ^= 1;
        test.sign();
        test.refused(11, true);
    }
}

TEST_CASE("contribution: a refused client cannot try again in the same round", "[aggregation]") {
    waiting_round test;
    const auto honest = test.message;
    test.message.body.back() ^= 1;
    test.sign();
    test.refused(11, true);
    const auto again = test.round.receive(honest.serialize(), 1011, test.world.rng);
    REQUIRE_FALSE(again);
    CHECK(again.error().code == errc::duplicate);
    CHECK(test.round.state().accepted() == 0);
}

TEST_CASE("contribution: hostile bytes never get past the parser", "[aggregation]") {
    waiting_round test;
    const bytes message = test.message.serialize();
    for (std::size_t length :
         {std::size_t{0}, std::size_t{1}, std::size_t{11}, std::size_t{12}, std::size_t{300}}) {
        const auto answer = test.round.receive(byte_view(message).first(length), 1010, test.world.rng);
        CHECK_FALSE(answer);
    }
    bytes longer = message;
    longer.push_back(0);
    CHECK_FALSE(test.round.receive(longer, 1010, test.world.rng));
    CHECK(test.round.store().size() == 5);
    CHECK(test.round.state().accepted() == 0);
}
