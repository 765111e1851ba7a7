// Messages of a refresh: each field, each check, and who is named.
#include "threshold/refresh_world.hpp"

#include "support/catch.hpp"

#include <veilsum/hash/sha2.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace veilsum;
using integer::bigint;
using test::check_refused;
using test::signed_again;
using tests::seeded_random;
using threshold::name_of;

namespace {

using toy = test::toy_scheme<1>;
using world = test::refresh_world<toy>;
using contribution = threshold::refresh_contribution<toy>;
using threshold::refresh_complaint;
using threshold::refresh_reception;

// terms 32 | index 2 after the frame's header
constexpr std::size_t head = wire::frame_header_bytes, content = head + 34;

bytes with(bytes message, std::size_t at, const bytes& field) {
    std::copy(field.begin(), field.end(), message.begin() + static_cast<std::ptrdiff_t>(at));
    return message;
}
// The contribution of `dealer` with box i around `plaintext`, sealed and signed as its dealer can.
bytes with_box(const world& shared, const world::attempt& made, std::uint32_t dealer, std::uint32_t i,
               byte_view plaintext) {
    seeded_random rng(31);
    const auto& who = shared.ceremony.who;
    const bytes box =
        seal::seal_message(made.open.reception_key(party_id(i), party_id(dealer)), plaintext,
                           contribution::box_context(shared.terms(), party_id(dealer), party_id(i)), rng);
    const std::size_t at =
        content + (who.quorum() - 1) * toy::ciphertext_bytes + (i - 1) * contribution::box_bytes(who);
    return signed_again(shared, with(shared.contribution(made, dealer), at, box), contribution::label,
                        dealer);
}
bytes plain_of(const world& shared, const bigint& value) {
    return value.to_bytes(threshold::lengths<toy>::sub_share_bytes(shared.ceremony.who));
}
// Messages 1..count accepted, but `replacement` in place of dealer 2's.
world::review reviewed(const world& shared, const world::attempt& made, const bytes& replacement) {
    auto open = made.open;
    for (std::uint32_t i = 1; i <= shared.size(); ++i)
        REQUIRE(open.accept(i == 2 ? replacement : shared.contribution(made, i)));
    return std::move(open).close().value();
}

template <class State>
void check_framing(State state, const bytes& good, std::string_view length) {
    bytes longer = good;
    longer.push_back(0);
    check_refused(state.accept({}), errc::malformed, "frame header", 1);
    check_refused(state.accept(longer), errc::malformed, "trailing bytes", 1);
    check_refused(state.accept(byte_view(good).first(good.size() - 1)), errc::malformed, "truncated frame",
                  1);
    check_refused(state.accept(with(good, 4, {0, 3})), errc::mismatch, "frame type", 1);
    check_refused(state.accept(with(good, 6, {0, 9})), errc::unsupported, "frame version", 1);
    // A frame of another length that is whole in itself.
    bytes shorter(good.begin(), good.end() - 1);
    const std::uint32_t size = static_cast<std::uint32_t>(shorter.size() - head);
    for (unsigned k = 0; k < 4; ++k) shorter[8 + k] = static_cast<std::uint8_t>(size >> (24 - 8 * k));
    check_refused(state.accept(shorter), errc::malformed, length, 1);
    check_refused(state.accept(with(good, 8, {0xff, 0xff, 0xff, 0xff})), errc::out_of_range, "frame length",
                  1);
    check_refused(state.accept(with(good, head, {good[head], good[head + 1], 0xee})), errc::wrong_context,
                  "terms of the refresh", 2);
    for (const bytes& index : {bytes{0, 0}, bytes{0, 6}, bytes{1, 1}})
        check_refused(state.accept(with(good, head + 32, index)), errc::out_of_range, "trustee index", 3);
}

} // namespace

TEST_CASE("refresh reception: each field", "[threshold]") {
    const world shared(3, 5);
    const auto made = shared.enrol();
    const bytes good = *made.parties[1].reception(shared.identities[1]);
    CHECK(good.size() == head + 34 + 5 * 32 + 64);
    threshold::refresh_enrolment<toy> state(shared.terms());
    check_framing(state, good, "length of the reception");
    for (const std::size_t at : {head + 33, content, content + 159, good.size() - 1}) {
        bytes altered = good;
        altered[at] ^= 1;
        check_refused(state.accept(altered), errc::bad_signature, "message of the refresh", 4, "",
                      at == head + 33 ? "trustee 3" : "trustee 2");
    }
    // A key of small order, signed by its owner.
    check_refused(state.accept(signed_again(shared, with(good, content + 64, bytes(32, 0)),
                                            refresh_reception::label, 2)),
                  errc::malformed, "reception key", 5, "trustee 2", "key 3");
    check_refused(made.parties[1].reception(shared.identities[2]), errc::wrong_key, "identity of the trustee",
                  0);
    REQUIRE(state.accept(good));
    check_refused(state.accept(good), errc::duplicate, "reception", 7); // anybody can send it again
    const auto& other = shared.identities[0].verifying().bytes();
    check_refused(state.accept(signed_again(shared, with(good, content, bytes(other.begin(), other.end())),
                                            refresh_reception::label, 2)),
                  errc::duplicate, "reception", 7, "trustee 2");
}

TEST_CASE("refresh reception: all trustees enrol, and the state survives one that does not", "[threshold]") {
    const world shared(2, 3);
    const auto made = shared.enrol();
    threshold::refresh_enrolment<toy> state(shared.terms());
    for (const std::uint32_t i : {1u, 3u})
        REQUIRE(state.accept(*made.parties[i - 1].reception(shared.identities[i - 1])));
    check_refused(std::move(state).close(), errc::missing, "reception", 1, "trustee 2");
    REQUIRE(state.accept(*made.parties[1].reception(shared.identities[1])));
    CHECK(std::move(state).close());
}

TEST_CASE("refresh contribution: each field", "[threshold]") {
    const world shared(3, 5);
    const auto made = shared.enrol();
    const bytes good = shared.contribution(made, 2);
    const auto& who = shared.ceremony.who;
    CHECK(good.size() == head + contribution::body_bytes(who));
    CHECK(good.size() == head + 34 + 2 * 128 + 5 * (81 + threshold::lengths<toy>::sub_share_bytes(who)) + 64);
    check_framing(made.open, good, "length of the contribution");
    auto state = made.open;
    for (const std::size_t at : {content, content + 255, content + 256, good.size() - 65, good.size() - 1}) {
        bytes altered = good;
        altered[at] ^= 1;
        check_refused(state.accept(altered), errc::bad_signature, "message of the refresh", 4, "",
                      "trustee 2");
    }
    check_refused(state.accept(signed_again(shared, good, contribution::label, 3)), errc::bad_signature,
                  "message of the refresh", 4, "", "trustee 2");
    check_refused(state.accept(signed_again(shared, good, refresh_reception::label, 2)), errc::bad_signature,
                  "message of the refresh", 4, "", "trustee 2");
    const auto element = [&](std::size_t j, const bigint& value) {
        return signed_again(shared, with(good, content + 128 * (j - 1), value.to_bytes(128)),
                            contribution::label, 2);
    };
    const bigint factor = test::fixed_prime_pair<512>().p.expose();
    for (const bigint& value : {bigint(0), shared.key().modulus()})
        check_refused(state.accept(element(1, value)), errc::out_of_range, "refresh commitment", 5,
                      "trustee 2", "A_1");
    for (const bigint& value : {shared.key().n(), bigint(factor * 5)})
        check_refused(state.accept(element(2, value)), errc::not_a_unit, "refresh commitment", 5, "trustee 2",
                      "A_2");
    // Addressed to somebody else's key, and to the right trustee's key for another dealer.
    for (const auto& key :
         {shared.identities[2].verifying(), made.open.reception_key(party_id(3), party_id(1))}) {
        const std::size_t at = content + 256 + 2 * contribution::box_bytes(who) + 1;
        check_refused(
            state.accept(signed_again(shared, with(good, at, bytes(key.bytes().begin(), key.bytes().end())),
                                      contribution::label, 2)),
            errc::wrong_key, "recipient of a sub-share", 6, "trustee 2", "box 3");
    }
    REQUIRE(state.accept(good));
    check_refused(state.accept(good), errc::duplicate, "contribution", 7); // anybody can send it again
    check_refused(state.accept(shared.contribution(made, 2, 1)), errc::duplicate, "contribution", 7,
                  "trustee 2");
}

TEST_CASE("refresh contribution: other receptions take another polynomial and other ephemeral keys",
          "[threshold]") {
    const world shared(3, 5);
    const auto made = shared.enrol();
    seeded_random rng(11);
    const auto fifth = *world::trustee::start(shared.terms(), party_id(5), rng);
    // The same but for the key of trustee 5 for one other dealer.
    threshold::refresh_enrolment<toy> enrolment(shared.terms());
    for (std::uint32_t i = 1; i <= 4; ++i)
        REQUIRE(enrolment.accept(*made.parties[i - 1].reception(shared.identities[i - 1])));
    const bytes of_fifth = *made.parties[4].reception(shared.identities[4]);
    const auto key = *fifth.reception(shared.identities[4]);
    REQUIRE(enrolment.accept(signed_again(
        shared, with(of_fifth, content + 32, bytes(key.begin() + content + 32, key.begin() + content + 64)),
        refresh_reception::label, 5)));
    auto elsewhere = std::move(enrolment).close().value();

    const auto& dealer = made.parties[0];
    const bytes here = *dealer.contribute(made.open, shared.identities[0]);
    const bytes there = *dealer.contribute(elsewhere, shared.identities[0]);
    auto open = made.open;
    REQUIRE(open.accept(here));
    REQUIRE(elsewhere.accept(there));
    std::set<bytes> elements, ephemeral;
    for (const bytes& message : {here, there}) {
        const auto cut = [&](std::size_t at, std::size_t size) {
            const byte_view part = byte_view(message).subspan(at, size);
            return bytes(part.begin(), part.end());
        };
        for (std::size_t j = 0; j < 2; ++j) elements.insert(cut(content + 128 * j, 128));
        for (std::size_t i = 0; i < 5; ++i)
            ephemeral.insert(cut(content + 256 + i * contribution::box_bytes(shared.ceremony.who) + 33, 32));
    }
    CHECK(elements.size() == 4);
    CHECK(ephemeral.size() == 10);
}

TEST_CASE("refresh contribution: fewer than a quorum are not enough", "[threshold]") {
    const world shared(3, 5);
    const auto made = shared.enrol();
    auto state = made.open;
    for (const std::uint32_t i : {5u, 2u}) REQUIRE(state.accept(shared.contribution(made, i)));
    check_refused(std::move(state).close(), errc::missing, "contributions of a quorum", 1);
    REQUIRE(state.accept(shared.contribution(made, 1)));
    const auto review = std::move(state).close();
    REQUIRE(review);
    CHECK(review->contributions()[0].dealer() == party_id(1));
    CHECK(review->contributions()[2].dealer() == party_id(5));
}

TEST_CASE("refresh: messages of another epoch or attempt are refused", "[threshold]") {
    world shared(2, 3);
    const auto first = shared.enrol(1), second = shared.enrol(2);
    const bytes of_first = shared.contribution(first, 1);
    const auto refused = [](auto state, const bytes& message) {
        check_refused(state.accept(message), errc::wrong_context, "terms of the refresh", 2);
    };
    refused(second.open, of_first);
    threshold::refresh_enrolment<toy> enrolment(shared.terms(2));
    refused(enrolment, *first.parties[0].reception(shared.identities[0]));
    const bytes complaint = *first.parties[0].complain(party_id(2), shared.identities[0]);
    check_refused(first.parties[0].contribute(second.open, shared.identities[0]), errc::wrong_context,
                  "terms of the refresh", 0);

    auto attempt = shared.enrol(2);
    auto open = attempt.open;
    for (const std::uint32_t i : {1u, 2u}) REQUIRE(open.accept(shared.contribution(attempt, i)));
    auto review = std::move(open).close().value();
    refused(review, complaint);
    check_refused(first.parties[0].complaints(review, shared.identities[0]), errc::wrong_context,
                  "terms of the refresh", 0);
    const auto agreed = std::move(review).close().value();
    check_refused(first.parties[0].finish(agreed, shared.shares[0]), errc::wrong_context,
                  "terms of the refresh", 0);

    // The next epoch with the same binding: the verification keys differ.
    shared.apply(attempt, agreed);
    refused(shared.enrol(1).open, of_first);
    // Another session of the same key and shares, other identities.
    world elsewhere(2, 3);
    seeded_random fresh(9);
    elsewhere.identities[2] = sign::signing_key::generate(fresh);
    refused(elsewhere.enrol(1).open, of_first);
    // Another structure has messages of another length.
    check_refused(world(2, 4).enrol(1).open.accept(of_first), errc::malformed, "length of the contribution",
                  1);
    check_refused(world(3, 3).enrol(1).open.accept(of_first), errc::malformed, "length of the contribution",
                  1);
}

TEST_CASE("refresh complaint: a bad sub-share names its dealer and drops it", "[threshold]") {
    const world shared(3, 5);
    const auto made = shared.enrol();
    const auto largest = threshold::lengths<toy>::largest_sub_share(shared.ceremony.who, party_id(4));
    seeded_random rng(10);
    struct bad {
        bytes message;
        errc code;
        std::uint32_t check;
    };
    bytes broken = shared.contribution(made, 2);
    broken[content + 256 + 4 * contribution::box_bytes(shared.ceremony.who) - 1] ^= 1; // tag of box 4
    const bad cases[] = {
        {signed_again(shared, broken, contribution::label, 2), errc::refused, 1},
        {with_box(shared, made, 2, 4, plain_of(shared, largest + 1)), errc::out_of_range, 2},
        {with_box(shared, made, 2, 4, plain_of(shared, largest)), errc::mismatch, 3}, // in range, but wrong
        {with_box(shared, made, 2, 4, plain_of(shared, 0)), errc::mismatch, 3},
    };
    for (const bad& wrong : cases) {
        auto review = reviewed(shared, made, wrong.message);
        for (std::uint32_t i = 1; i <= 5; ++i) {
            const auto complaints = *made.parties[i - 1].complaints(review, shared.identities[i - 1]);
            CHECK(complaints.size() == (i == 4 ? 1u : 0u));
            for (const bytes& complaint : complaints) {
                REQUIRE(review.accept(complaint));
                REQUIRE(review.accept(complaint)); // says nothing new
            }
        }
        REQUIRE(review.dropped().size() == 1);
        CHECK(review.dropped()[0].dealer == party_id(2));
        CHECK(review.dropped()[0].accuser == party_id(4));
        CHECK(review.dropped()[0].reason.code == wrong.code);
        CHECK(review.dropped()[0].reason.check == wrong.check);
        CHECK(review.dropped()[0].reason.culprit == "trustee 2");
        const auto agreed = std::move(review).close();
        REQUIRE(agreed);
        CHECK(agreed->contributions().size() == 4);
        for (const auto& counted : agreed->contributions()) CHECK(counted.dealer() != party_id(2));
        // The new shares fit without it, the accuser's too.
        for (std::uint32_t i = 1; i <= 5; ++i)
            CHECK(made.parties[i - 1].finish(*agreed, shared.shares[i - 1]));
    }
}

TEST_CASE("refresh complaint: a tampered commitment is everybody's complaint", "[threshold]") {
    const world shared(2, 3);
    const auto made = shared.enrol();
    const bytes good = shared.contribution(made, 2);
    const bigint& modulus = shared.key().modulus();
    const bigint a = bigint::from_bytes(byte_view(good).subspan(content, 128));
    const auto complaining = [&](const bigint& element) {
        auto review = reviewed(
            shared, made,
            signed_again(shared, with(good, content, element.to_bytes(128)), contribution::label, 2));
        std::vector<std::uint32_t> out;
        for (std::uint32_t i = 1; i <= 3; ++i)
            if (!made.parties[i - 1].complaints(review, shared.identities[i - 1])->empty()) out.push_back(i);
        return out;
    };
    CHECK(complaining(a).empty());
    CHECK(complaining(a * 4 % modulus) == std::vector<std::uint32_t>{1, 2, 3});
    CHECK(complaining(a * (shared.key().n() + 1) % modulus) == std::vector<std::uint32_t>{1, 2, 3});
    // Another sign shows where i is odd; where it is even the sub-share is right as it stands.
    CHECK(complaining(modulus - a) == std::vector<std::uint32_t>{1, 3});
}

TEST_CASE("refresh complaint: an accuser without reason is named, and nothing changes", "[threshold]") {
    const world shared(3, 5);
    const auto made = shared.enrol();
    auto open = made.open;
    for (const std::uint32_t i : {1u, 2u, 3u}) REQUIRE(open.accept(shared.contribution(made, i)));
    auto review = std::move(open).close().value();
    const bytes false_one = *made.parties[4].complain(party_id(1), shared.identities[4]);
    check_refused(review.accept(false_one), errc::refused, "complaint about a good sub-share", 8,
                  "trustee 5");
    check_refused(review.accept(*made.parties[4].complain(party_id(4), shared.identities[4])), errc::missing,
                  "contribution of the accused", 7, "trustee 5");
    check_framing(review, false_one, "length of the complaint");
    for (const std::size_t at : {head + 33, content + 1, content + 2, false_one.size() - 1}) {
        bytes altered = false_one;
        altered[at] ^= 1;
        check_refused(review.accept(altered), errc::bad_signature, "message of the refresh", 4, "",
                      at == head + 33 ? "trustee 4" : "trustee 5");
    }
    const auto sign = [&](const bytes& message) {
        return signed_again(shared, message, refresh_complaint::label, 5);
    };
    for (const bytes& index : {bytes{0, 0}, bytes{0, 6}})
        check_refused(review.accept(sign(with(false_one, content, index))), errc::out_of_range,
                      "index of the accused", 5, "trustee 5");
    // The seed for dealer 1 does not open what dealer 2 sent, and no other seed does for dealer 1.
    check_refused(review.accept(sign(with(false_one, content, {0, 2}))), errc::mismatch,
                  "revealed reception key", 6, "trustee 5");
    check_refused(review.accept(sign(with(false_one, content + 2, bytes(32, 7)))), errc::mismatch,
                  "revealed reception key", 6, "trustee 5");
    CHECK(review.dropped().empty());
    CHECK(std::move(review).close()->contributions().size() == 3);
}

TEST_CASE("refresh complaint: too few good contributions end the refresh, old shares stay", "[threshold]") {
    const world shared(2, 3);
    const auto made = shared.enrol();
    auto open = made.open;
    REQUIRE(open.accept(shared.contribution(made, 1)));
    REQUIRE(open.accept(with_box(shared, made, 2, 3, plain_of(shared, 5))));
    auto review = std::move(open).close().value();
    REQUIRE(review.accept(made.parties[2].complaints(review, shared.identities[2])->front()));
    check_refused(std::move(review).close(), errc::missing, "contributions of a quorum", 1);
    CHECK(review.contributions().size() == 2); // as it was
    CHECK(shared.shares[0].check(shared.key(), shared.verification));
}

TEST_CASE("refresh complaint: a trustee that did not complain in time cannot finish", "[threshold]") {
    const world shared(2, 3);
    const auto made = shared.enrol();
    auto review = reviewed(shared, made, with_box(shared, made, 2, 3, plain_of(shared, 5)));
    const auto agreed = std::move(review).close().value();
    check_refused(made.parties[2].finish(agreed, shared.shares[2]), errc::mismatch,
                  "sub-share and commitments", 3, "trustee 2");
}

TEST_CASE("refresh: outcomes do not depend on the order of messages", "[threshold]") {
    const world shared(2, 4);
    const auto made = shared.enrol();
    const bytes bad = with_box(shared, made, 2, 3, plain_of(shared, 5));
    std::vector<bytes> messages;
    for (std::uint32_t i = 1; i <= 4; ++i) messages.push_back(i == 2 ? bad : shared.contribution(made, i));
    std::vector<hash::digest32> ids;
    for (int order = 0; order < 2; ++order) {
        auto open = made.open;
        for (const bytes& message : messages) REQUIRE(open.accept(message));
        auto review = std::move(open).close().value();
        REQUIRE(review.accept(*made.parties[2].complain(party_id(2), shared.identities[2])));
        ids.push_back(std::move(review).close()->after().id());
        std::reverse(messages.begin(), messages.end());
    }
    CHECK(ids[0] == ids[1]);
}

TEST_CASE("refresh: the new keys are the product that the specification says", "[threshold]") {
    const world shared(3, 4);
    auto made = shared.enrol();
    const auto agreed = shared.agree(made, {1, 3, 4});
    const bigint& modulus = shared.key().modulus();
    for (std::uint32_t i = 1; i <= 4; ++i) {
        bigint expected = shared.verification.of(party_id(i));
        for (const auto& counted : agreed.contributions())
            for (std::uint32_t j = 1; j <= 2; ++j)
                expected = expected *
                           power_vartime(counted.commitments()[j - 1], j == 1 ? i : i * i, modulus) % modulus;
        CHECK(agreed.after().of(party_id(i)) == expected);
    }
}

// A fixed vector. A script in Python, by the same author, computed it from the specifications, the primes and
// the test's seeds: dealing, messages with their boxes and signatures, new keys.

TEST_CASE("refresh: the same randomness makes the same messages for ever", "[threshold]") {
    const world shared(2, 3);
    auto made = shared.enrol();
    const auto digest = [](byte_view data) { return to_hex(hash::sha256(data)); };
    CHECK(to_hex(shared.terms().digest()) ==
          "ab4d5b9338e9e4a5853c1974ce2a3bc74444da19104bbb7e04417d93e450eb80");
    CHECK(digest(*made.parties[1].reception(shared.identities[1])) ==
          "0267b5121dfdc8572dbecd26b70c3295432772a5d961c09833e9c9cd643035ff");
    CHECK(digest(shared.contribution(made, 2)) ==
          "58ff5990f69355b26dd6bce3505cd3b923dce6322c4128860cb0554f30b07512");
    CHECK(digest(*made.parties[1].complain(party_id(3), shared.identities[1])) ==
          "f771913bb5c20eed7787e0b8c79a4ad6b046c56a0d710ec78662b142a36d3e4c");
    const auto agreed = shared.agree(made, {1, 2});
    CHECK(digest(agreed.after().serialize()) ==
          "d7b89bb4ad780a7bb5a2138195ec11b55c71376070ee00f1583e72e00a297b36");
}
