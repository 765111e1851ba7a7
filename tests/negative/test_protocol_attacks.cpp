// Attacks on the aggregation protocol, one case each, named after docs/threat_model.md's list. Each asserts
// the check that is meant for it.
#include "support/toy_session.hpp"

#include "support/catch.hpp"
#include "support/forged_store.hpp"

#include <veilsum/encoding/row_packing.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace veilsum;
using aggregation::contribution_message;
using aggregation::record_type;
using test::toy_session;

namespace {

void sign_as(toy_session& world, const toy_session::collecting& round, contribution_message& message,
             std::size_t client) {
    const auto key = toy_session::key_of(world.client_seeds[client]);
    message.header.round = round.state().round().header().round;
    message.header.client = key.verifying().bytes();
    message.header.body = hash::sha256(message.body);
    message.header.signature =
        key.sign(aggregation::contribution_label, message.header.signed_message(round.state().round()));
}

error refused(result<audit::receipt> answer) {
    REQUIRE_FALSE(answer);
    INFO(answer.error().describe());
    return answer.error();
}

using scheme = toy_session::scheme;

test::toy_options with_proofs(std::vector<std::uint32_t> weights = {1, 1, 1}) {
    test::toy_options options;
    options.weights = std::move(weights);
    options.suite = aggregation::proof_suite::validity;
    return options;
}

// A client's own software on bent inputs, under its own signature.
struct cheat {
    toy_session& world;
    const toy_session::collecting& round;
    std::size_t who;

    const aggregation::round_facts& facts() const { return round.state().round(); }
    std::vector<std::int32_t> values() const {
        return *encoding::quantise(world.update(who), facts().header().format);
    }

    template <class Bend>
    bytes prove(const encoding::matrix_layout& layout, const std::vector<std::int32_t>& x, const Bend& bend) {
        auto rows = encoding::lay_out(layout, x, world.rng);
        if (!rows) FAIL(rows.error().describe());
        auto plaintexts = encoding::pack_rows(layout, *rows);
        REQUIRE(plaintexts);
        bend(plaintexts->expose());
        const zk::validity_prover<scheme> prover(
            std::make_shared<const toy_session::client::encryptor>(world.ceremony->key), layout);
        const auto identity = toy_session::key_of(world.client_seeds[who]);
        auto made =
            prover.prove(zk::validity_transcript(facts().context_of(identity.verifying().bytes())),
                         *std::move(rows), paillier::plaintext_vector(*std::move(plaintexts)), world.rng);
        if (!made) FAIL(made.error().describe());
        return *std::move(made);
    }
    bytes sign(bytes body) const {
        const auto identity = toy_session::key_of(world.client_seeds[who]);
        aggregation::contribution_message message;
        message.body = std::move(body);
        message.header = {
            facts().header().round,
            identity.verifying().bytes(),
            pedersen::row_digest(byte_view(message.body).first(32 * facts().layout().data_rows())),
            hash::sha256(message.body),
            {}};
        message.header.signature =
            identity.sign(aggregation::contribution_label, message.header.signed_message(facts()));
        return message.serialize();
    }
    encoding::matrix_layout looser(std::uint64_t bound) const {
        auto bent = facts().layout().parameters();
        bent.B2 = encoding::norm_bound_bytes(bound);
        return *encoding::matrix_layout::create(bent, scheme::modulus_bits);
    }
};

using plaintexts = std::vector<integer::bigint>;
const auto as_it_is = [](plaintexts&) {};

// The round goes on without the culprit, whose refusal stays on the record, and everybody agrees.
void refused_and_finished(toy_session& world, toy_session::collecting&& round, const bytes& message,
                          std::uint32_t check, const std::string& place) {
    const auto size = round.store().size();
    const auto answer = round.receive(message, toy_session::opening_time + 20, world.rng);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().check == check);
    CHECK(answer.error().place == place);
    CHECK(answer.error().culprit == "client " + to_hex(world.clients[2].id().bytes()));
    CHECK(round.store().size() == size + 1);
    CHECK(round.state().has_refused(world.clients[2].id().bytes()));
    auto opening = world.close(round, toy_session::opening_time + 30);
    for (std::uint32_t i = 1; i <= 2; ++i) REQUIRE(world.answer(opening, i));
    auto sums = world.finish(opening);
    const auto log = world.end();
    const auto verdict = world.audit(log);
    if (!verdict.accepted()) FAIL(verdict.failure->reason.describe());
    CHECK(verdict.summary.refusals == 1);
    const auto light = aggregation::audit_session<scheme, aggregation::light_session>(log, {}, {}, world.rng);
    if (!light.accepted()) FAIL(light.failure->reason.describe());
}

} // namespace

TEST_CASE("attack: copied-contribution, another client's ciphertexts under one's own signature",
          "[negative]") {
    toy_session world;
    auto round = world.open_round();
    auto message = world.contribute(round, 0).message();
    REQUIRE(round.receive(message.serialize(), 1010, world.rng));
    sign_as(world, round, message, 1);
    const auto reason = refused(round.receive(message.serialize(), 1011, world.rng));
    CHECK(reason.check == 11);
    CHECK(reason.code == errc::bad_proof);
    CHECK(reason.culprit == aggregation::name_of(world.clients[1].id()));
}

TEST_CASE("attack: stale-round, one's own contribution of an earlier round", "[negative]") {
    toy_session world;
    contribution_message first;
    {
        auto round = world.open_round();
        first = world.contribute(round, 0).message();
        REQUIRE(round.receive(first.serialize(), 1010, world.rng));
        REQUIRE(world.send(round, 1));
        REQUIRE(world.send(round, 2));
        auto opening = world.close(round);
        REQUIRE(world.answer(opening, 1));
        REQUIRE(world.answer(opening, 2));
        world.finish(opening);
    }
    auto round = world.open_round();
    CHECK(refused(round.receive(first.serialize(), 1010, world.rng)).check == 1);
    auto relabelled = first;
    relabelled.header.round = 2;
    CHECK(refused(round.receive(relabelled.serialize(), 1010, world.rng)).check == 3);
    sign_as(world, round, first, 0); // signed anew: the proof is still the old round's
    CHECK(refused(round.receive(first.serialize(), 1010, world.rng)).check == 11);
}

TEST_CASE("attack: replayed-session, a contribution of another session under the same key", "[negative]") {
    toy_session one;
    toy_session two({.seed = 2});
    auto first = one.open_round();
    auto second = two.open_round();
    auto message = one.contribute(first, 0).message();
    CHECK(refused(second.receive(message.serialize(), 1010, two.rng)).check ==
          2); // its client is a stranger there
    sign_as(two, second, message, 0);
    CHECK(refused(second.receive(message.serialize(), 1010, two.rng)).check == 11);
}

TEST_CASE("attack: wrong-model, clients that are shown different models", "[negative]") {
    // The same seed makes the same parties and session; only the model of round 1 differs, and with it the
    // binding.
    toy_session one;
    toy_session two;
    std::vector<float> other(two.model->weights().begin(), two.model->weights().end());
    other[0] += 1.0F;
    two.model = *aggregation::model::of(other);
    auto first = one.open_round();
    auto second = two.open_round();
    CHECK(first.state().facts().id == second.state().facts().id);
    CHECK(first.state().round().binding() != second.state().round().binding());
    auto message = one.contribute(first, 0).message();
    CHECK(refused(second.receive(message.serialize(), 1010, two.rng)).check == 3);
    sign_as(two, second, message, 0);
    CHECK(refused(second.receive(message.serialize(), 1010, two.rng)).check == 11);
}

TEST_CASE("attack: equivocating-client, two different contributions to one round", "[negative]") {
    toy_session world;
    auto round = world.open_round();
    const auto first = world.contribute(round, 0);
    REQUIRE(round.receive(first.message().serialize(), 1010, world.rng));
    REQUIRE(world.send(round, 1));
    REQUIRE(world.send(round, 2));
    CHECK(round.state().accepted() == 3);

    auto second = first.message();
    second.body.back() ^= 1; // anything else that it signs
    sign_as(world, round, second, 0);
    const auto size = round.store().size();
    const auto reason = refused(round.receive(second.serialize(), 1012, world.rng));
    CHECK(reason.check == aggregation::equivocation);
    CHECK(reason.culprit == aggregation::name_of(world.clients[0].id()));
    CHECK(round.store().size() == size + 1);
    CHECK(round.state().accepted() == 2);

    // Neither counts; the round completes with the others; the record holds the evidence and the auditor
    // agrees.
    const auto expected = world.plain_sum({1, 2});
    auto opening = world.close(round);
    REQUIRE(world.answer(opening, 1));
    REQUIRE(world.answer(opening, 2));
    const auto sums = world.finish(opening);
    CHECK(std::vector(sums.begin(), sums.begin() + 100) == expected);
    const auto verdict = world.audit(world.end());
    if (!verdict.accepted()) FAIL(verdict.failure->reason.describe());
    CHECK(verdict.summary.refusals == 1);
}

TEST_CASE("attack: framed-client, an equivocation that the client never signed", "[negative]") {
    toy_session world;
    auto round = world.open_round();
    const auto first = world.contribute(round, 0);
    REQUIRE(round.receive(first.message().serialize(), 1010, world.rng));
    auto forged = first.message();
    forged.body.back() ^= 1;
    forged.header.body = hash::sha256(forged.body);
    const auto size = round.store().size();
    CHECK(refused(round.receive(forged.serialize(), 1011, world.rng)).check == 3);
    CHECK(round.store().size() == size);
    CHECK(round.state().accepted() == 1);

    // An aggregator that records it all the same is found out.
    test::forged_store store(round.store(),
                             [](const audit::record& record) { return std::optional(record.body); });
    const aggregation::refusal frame{forged.header, 1011, aggregation::equivocation};
    REQUIRE(store.append(static_cast<std::uint16_t>(record_type::refusal), 1, frame.serialize()));
    store.sign("toy.example/log", world.aggregator_key());
    const auto verdict = aggregation::audit_session<toy_session::scheme>(store, {}, {}, world.rng);
    REQUIRE_FALSE(verdict.accepted());
    CHECK(verdict.failure->step == aggregation::audit_step::refusal);
    CHECK(verdict.failure->reason.culprit == "aggregator");
}

TEST_CASE("attack: unfounded-refusal, an aggregator that refuses a valid contribution", "[negative]") {
    toy_session world;
    auto round = world.open_round();
    const auto message = world.contribute(round, 0).message();
    for (const std::uint16_t reason : {std::uint16_t{4}, std::uint16_t{11}, aggregation::equivocation}) {
        test::forged_store store(round.store(),
                                 [](const audit::record& record) { return std::optional(record.body); });
        REQUIRE(store.put_body(message.body));
        REQUIRE(store.append(static_cast<std::uint16_t>(record_type::refusal), 1,
                             aggregation::refusal{message.header, 1010, reason}.serialize()));
        store.sign("toy.example/log", world.aggregator_key());
        const auto verdict = aggregation::audit_session<toy_session::scheme>(store, {}, {}, world.rng);
        REQUIRE_FALSE(verdict.accepted());
        CHECK(verdict.failure->step == aggregation::audit_step::refusal);
        CHECK(verdict.failure->reason.code == errc::refused);
        CHECK(verdict.failure->reason.culprit == "aggregator");
    }
}

TEST_CASE("attack: early-opening, a trustee asked before the round is closed", "[negative]") {
    toy_session world;
    auto round = world.open_round();
    REQUIRE(world.send(round, 0));
    REQUIRE(world.catch_up(1, round.store()));
    const auto answer = world.trustees[0].answer(world.rng);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == errc::refused);
    CHECK(answer.error().what == "no round is open for decryption");
}

TEST_CASE("attack: double-opening, a log rolled back and closed with another set", "[negative]") {
    toy_session world({.weights = {1, 1, 1, 1}});
    auto round = world.open_round();
    for (const std::size_t i : {0u, 1u, 2u}) REQUIRE(world.send(round, i));
    test::forged_store rolled_back(round.store(),
                                   [](const audit::record& record) { return std::optional(record.body); });
    const auto honest = world.contribute(round, 3);
    auto opening = world.close(round);
    REQUIRE(world.answer(opening, 1)); // trustee 1 opened {0, 1, 2}

    // The aggregator forgets the closing, adds client 3, and shows trustee 1's restarted process the other
    // log.
    const auto add = [&](record_type type, const bytes& body) {
        REQUIRE(rolled_back.append(static_cast<std::uint16_t>(type), 1, body));
    };
    const aggregation::contribution_record late{honest.message().header, toy_session::closing_time};
    REQUIRE(rolled_back.put_body(honest.message().body));
    add(record_type::contribution, late.serialize());
    const auto bodies = aggregation::bodies_of(rolled_back);
    const auto fresh = aggregation::session_state<toy_session::scheme>::open(*rolled_back.read(0), bodies);
    REQUIRE(fresh);
    auto restarted = world.restarted(1, *fresh);
    for (std::uint64_t i = 1; i < rolled_back.size(); ++i)
        REQUIRE(restarted.follow(*rolled_back.read(i), bodies, world.rng));
    const auto closing = restarted.state().closing(toy_session::closing_time + 1);
    CHECK(closing.accepted.size() == 4);
    REQUIRE(rolled_back.put_body(restarted.state().aggregate().serialize()));
    add(record_type::round_closed, closing.serialize());
    REQUIRE(restarted.follow(*rolled_back.read(rolled_back.size() - 1), bodies, world.rng));
    // The log alone says nothing against it; the trustee's own journal does.
    CHECK(restarted.state().check_opening_policy({}));
    const auto answer = restarted.answer(world.rng);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().check == 3);
    CHECK(answer.error().what == "round was opened before");
}

TEST_CASE("attack: split-view, two quorums of honest trustees that are shown different closings",
          "[negative]") {
    using scheme = toy_session::scheme;
    const auto open = [](std::uint32_t quorum, std::uint32_t trustees) -> result<void> {
        test::seeded_random rng(7);
        const auto& key = test::fixed_public_key<scheme>();
        const auto dealt = threshold::deal(test::fixed_prime_pair<512>(), key,
                                           *threshold::structure::create(quorum, trustees), rng);
        REQUIRE(dealt);
        std::vector<sign::signing_key> identities;
        aggregation::ceremony<scheme> ceremony{
            toy_session::ceremony_id, key, toy_session::proof_of_fixed_key(), dealt->verification, {}, {}};
        for (std::uint32_t i = 0; i < trustees; ++i) {
            identities.push_back(sign::signing_key::generate(rng));
            ceremony.trustees.push_back(identities.back().verifying());
        }
        for (std::uint32_t i = 0; i < trustees; ++i)
            ceremony.acknowledgements.push_back(
                *aggregation::acknowledge(ceremony, dealt->shares[i], identities[i]));
        const auto session =
            toy_session::idle::open({}, ceremony, aggregation::exponent_policy::short_exponent,
                                    "toy.example/log", sign::signing_key::generate(rng), rng);
        if (!session) return session.error();
        return {};
    };
    const auto refused = open(2, 4); // trustees 1 and 2 open one set, 3 and 4 another
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::bad_parameter);
    CHECK(refused.error().what == "quorum is no majority of the trustees");
    CHECK(open(3, 4));
    CHECK(open(1, 1));
}

TEST_CASE("session: a trustee that was stopped before it answered answers after its restart", "[negative]") {
    toy_session world;
    auto round = world.open_round();
    for (std::size_t i = 0; i < 3; ++i) REQUIRE(world.send(round, i));
    auto opening = world.close(round);
    world.partial(opening, 1); // journalled, never sent
    const auto bodies = aggregation::bodies_of(opening.store());
    const auto fresh =
        aggregation::session_state<toy_session::scheme>::open(*opening.store().read(0), bodies);
    REQUIRE(fresh);
    auto restarted = world.restarted(1, *fresh);
    CHECK(restarted.opened().size() == 1);
    for (std::uint64_t i = 1; i < opening.store().size(); ++i)
        REQUIRE(restarted.follow(*opening.store().read(i), bodies, world.rng));
    const auto answer = restarted.answer(world.rng);
    if (!answer) FAIL(answer.error().describe());
    CHECK(opening.receive(answer->serialize(), world.rng));
    CHECK(restarted.opened().size() == 1);
}

TEST_CASE("attack: rolled-back-log, a trustee that is shown a log that does not continue what it read",
          "[negative]") {
    toy_session world;
    auto round = world.open_round();
    REQUIRE(world.send(round, 0));
    REQUIRE(world.catch_up(1, round.store()));
    // A second, different record with number 1.
    const auto first = round.store().read(1);
    REQUIRE(first);
    const auto again = world.trustees[0].follow(*first, aggregation::bodies_of(round.store()), world.rng);
    REQUIRE_FALSE(again);
    CHECK(again.error().what == "record does not continue the log");
}

TEST_CASE("attack: copied-partial, one trustee's answer under another's name", "[negative]") {
    toy_session world;
    auto round = world.open_round();
    for (std::size_t i = 0; i < 3; ++i) REQUIRE(world.send(round, i));
    auto opening = world.close(round);
    auto message = world.partial(opening, 1);
    message.header.trustee = 2;
    const auto unsigned_copy = opening.receive(message.serialize(), world.rng);
    REQUIRE_FALSE(unsigned_copy);
    CHECK(unsigned_copy.error().check == 3);
    CHECK(unsigned_copy.error().culprit.empty());
    CHECK(opening.state().verified_partials() == 0);
}

TEST_CASE("attack: repeated-partial, one trustee counted twice towards the quorum", "[negative]") {
    toy_session world;
    auto round = world.open_round();
    for (std::size_t i = 0; i < 3; ++i) REQUIRE(world.send(round, i));
    auto opening = world.close(round);
    REQUIRE(world.answer(opening, 1));
    const auto again = world.answer(opening, 1);
    REQUIRE_FALSE(again);
    CHECK(again.error().code == errc::duplicate);
    CHECK(opening.state().verified_partials() == 1);
    CHECK_FALSE(opening.has_quorum());
}

TEST_CASE("attack: spoiled-round, commitments that are not to what is encrypted", "[negative]") {
    // Without the link proof this client cannot be named; but what it spoils is not opened as if nothing had
    // happened.
    toy_session world;
    auto round = world.open_round();
    const auto& layout = round.state().round().layout();
    auto message = world.contribute(round, 0).message();
    const pedersen::generators generators(layout.columns());
    const auto first = pedersen::row_commitment::parse(byte_view(message.body).first(32));
    REQUIRE(first);
    const auto shifted = pedersen::row_commitment(first->value() + generators.G(0)).bytes();
    std::copy(shifted.begin(), shifted.end(), message.body.begin());
    // The client makes its proof for these rows: it knows its plaintexts, so the proof is good.
    const auto spoiled = world.spoil(round, 0, message.body);
    REQUIRE(round.receive(spoiled.serialize(), 1010, world.rng));
    REQUIRE(world.send(round, 1));
    REQUIRE(world.send(round, 2));
    auto opening = world.close(round);
    REQUIRE(world.answer(opening, 1));
    REQUIRE(world.answer(opening, 2));
    const auto finished = std::move(opening).finish(world.rng);
    REQUIRE_FALSE(finished);
    CHECK(finished.error().code == errc::mismatch);
    CHECK(finished.error().what == "opening of the row commitments");
    CHECK(finished.error().place == "row 0");
}

TEST_CASE("attack: out-of-bounds update, each kind refused by its own check", "[negative]") {
    toy_session world(with_proofs());
    auto round = world.open_round();
    REQUIRE(world.send(round, 0));
    REQUIRE(world.send(round, 1));
    cheat who{world, round, 2};
    const auto& layout = who.facts().layout();
    const auto x = who.values();
    const std::int32_t largest = 32767;

    SECTION("scaled update") {
        auto scaled = x;
        for (std::int32_t& value : scaled) value = std::clamp(100 * value, -largest, largest);
        std::uint64_t squares = 0;
        for (const std::int64_t value : scaled) squares += static_cast<std::uint64_t>(value * value);
        REQUIRE(integer::bigint(squares) > layout.norm_bound());
        const bytes message = who.sign(who.prove(who.looser(squares), scaled, as_it_is));
        refused_and_finished(world, std::move(round), message, 108, "E2");
    }
    SECTION("norm broken by one unit") {
        integer::bigint left = layout.norm_bound() + 1;
        std::vector<std::int32_t> one_above(x.size());
        for (std::size_t j = 0; j < x.size() && !left.is_zero(); ++j) {
            const auto root = std::min(isqrt(left), integer::bigint(largest));
            left -= root * root;
            one_above[j] = std::stoi(root.to_decimal());
        }
        REQUIRE(left.is_zero());
        const std::uint64_t bound = std::stoull((layout.norm_bound() + 1).to_decimal());
        const bytes message = who.sign(who.prove(who.looser(bound), one_above, as_it_is));
        refused_and_finished(world, std::move(round), message, 108, "E2");
    }
    SECTION("slot that overflows into the next") {
        const bytes message = who.sign(
            who.prove(layout, x, [&](plaintexts& p) { p[0] += integer::bigint(1) << layout.slot_width(); }));
        refused_and_finished(world, std::move(round), message, 111, "block 0");
    }
    SECTION("one value out of range in one slot of one row") {
        const bytes message = who.sign(who.prove(layout, x, [&](plaintexts& p) {
            p[1] += (integer::bigint(32768) - integer::bigint(x[layout.slots()]));
        }));
        refused_and_finished(world, std::move(round), message, 111, "block 1");
    }
    SECTION("another vector encrypted than committed to") {
        const bytes message = who.sign(who.prove(layout, x, [](plaintexts& p) {
            for (auto& each : p) each = -each;
        }));
        refused_and_finished(world, std::move(round), message, 111, "block 0");
    }
    SECTION("another client's contribution with a new signature") {
        const auto other = round.state().accepted_header(world.clients[0].id().bytes());
        REQUIRE(other != nullptr);
        const auto body = round.store().get_body(other->body, layout.ciphertexts() * 1000 + 1000000);
        REQUIRE(body);
        refused_and_finished(world, std::move(round), who.sign(*body), 108, "E1");
    }
}

TEST_CASE("attack: stale-round, one's own contribution of an earlier round under validity proofs",
          "[negative]") {
    toy_session world(with_proofs());
    bytes earlier;
    {
        auto round = world.open_round();
        REQUIRE(world.send(round, 0));
        REQUIRE(world.send(round, 1));
        const auto mine = world.contribute(round, 2);
        earlier = mine.message().body;
        REQUIRE(round.receive(mine.message().serialize(), toy_session::opening_time + 20, world.rng));
        auto opening = world.close(round);
        for (std::uint32_t i = 1; i <= 2; ++i) REQUIRE(world.answer(opening, i));
        world.finish(opening);
    }
    auto round = world.open_round();
    REQUIRE(world.send(round, 0));
    REQUIRE(world.send(round, 1));
    cheat who{world, round, 2};
    const bytes message = who.sign(earlier);
    refused_and_finished(world, std::move(round), message, 108, "E1");
}

TEST_CASE("attack: second-encoding, whose refusal carries the reason of the proof", "[negative]") {
    toy_session world(with_proofs());
    auto round = world.open_round();
    REQUIRE(world.send(round, 0));
    REQUIRE(world.send(round, 1));
    cheat who{world, round, 2};
    bytes body = who.prove(who.facts().layout(), who.values(), as_it_is);
    const zk::validity_shape shape(who.facts().layout());
    const auto break_last = [&](zk::validity_field field) {
        const auto& place = shape[field];
        std::fill_n(body.begin() + static_cast<std::ptrdiff_t>(place.offset + place.size() - place.width),
                    place.width, std::uint8_t{0xff});
    };
    SECTION("an audit row") {
        break_last(zk::validity_field::aud);
        refused_and_finished(world, std::move(round), who.sign(body), 103,
                             "aud " + std::to_string(who.facts().layout().audit_rows() - 1));
    }
    SECTION("a response") {
        break_last(zk::validity_field::zr);
        refused_and_finished(world, std::move(round), who.sign(body), 104, "zr 0");
    }
}
