// What happens between rounds: clients come and go, cohorts are drawn, keys change, budgets are spent. Each
// record is refused by its own check, and everybody who folds the record comes to the same.
#include "support/toy_session.hpp"

#include "support/catch.hpp"
#include "support/other_ceremony.hpp"

#include <veilsum/aggregation/light_session.hpp>
#include <veilsum/aggregation/record_subject.hpp>

#include <algorithm>
#include <set>
#include <string>

using namespace veilsum;
using namespace veilsum::aggregation;
using test::toy_session;
using scheme = toy_session::scheme;

namespace {

template <class Value>
void check_refused(const result<Value>& made, errc code, std::string_view what, std::uint32_t check = 0) {
    REQUIRE_FALSE(made);
    INFO(made.error().describe());
    CHECK(made.error().code == code);
    CHECK(made.error().what == what);
    CHECK(made.error().check == check);
}

sign::signing_key key_of(std::uint8_t seed) {
    byte_array<32> bytes{};
    bytes.fill(seed);
    return toy_session::key_of(bytes);
}

// Both folds read the log; the full verdict is returned.
audit_verdict audited(toy_session& world, toy_session::store log) {
    REQUIRE(log.size() > 0);
    const auto verdict = world.audit(log);
    test::seeded_random rng(3);
    const auto light = audit_session<scheme, light_session>(log, {}, {}, rng);
    if (!verdict.accepted()) UNSCOPED_INFO(verdict.failure->reason.describe());
    CHECK(light.accepted() == verdict.accepted());
    CHECK(light.summary.models == verdict.summary.models);
    CHECK(light.summary.enrolments == verdict.summary.enrolments);
    return verdict;
}

std::set<std::string> names_of(const roster& list) {
    std::set<std::string> names;
    for (const roster_entry& entry : list.entries()) names.insert(to_hex(entry.client.bytes()));
    return names;
}

} // namespace

TEST_CASE("pool: what a client signs is what counts", "[aggregation]") {
    client_pool pool;
    const hash::digest32 session{5};
    const sign::signing_key alice = key_of(1), bob = key_of(2);
    const auto enrol = [&](const sign::signing_key& who, std::uint32_t weight, std::uint64_t serial,
                           std::uint64_t record) {
        const enrolment next = sign_enrolment(who, session, weight, serial);
        const auto client = pool.check(next, session);
        if (client) pool.enrol(*client, next, record);
        return client;
    };
    REQUIRE(enrol(alice, 3, 0, 10));
    REQUIRE(enrol(bob, 1, 0, 11));
    CHECK(pool.size() == 2);
    CHECK(pool.weight_of(alice.verifying()) == 3U);
    CHECK(pool.everybody()->total_weight() == 4);
    CHECK(pool.next_serial(alice.verifying()) == 1);
    CHECK(pool.last_enrolment(bob.verifying()) == 11U);

    SECTION("an enrolment counts once") {
        check_refused(enrol(alice, 3, 0, 12), errc::duplicate, "serial of the enrolment");
        check_refused(enrol(alice, 3, 2, 12), errc::duplicate, "serial of the enrolment");
        REQUIRE(enrol(alice, 5, 1, 12));
        CHECK(pool.weight_of(alice.verifying()) == 5U);
    }
    SECTION("each signed part") {
        const enrolment good = sign_enrolment(alice, session, 7, 1);
        REQUIRE(pool.check(good, session));
        for (int part = 0; part < 5; ++part) {
            INFO(part);
            enrolment bent = good;
            hash::digest32 where = session;
            if (part == 0) bent.weight = 8;
            if (part == 1) bent.signature[0] ^= 1;
            if (part == 2) where[0] ^= 1;
            if (part == 3) bent.client = bob.verifying().bytes();
            if (part == 4) bent.signature = sign_enrolment(bob, session, 7, 1).signature;
            if (part == 3) REQUIRE(pool.next_serial(bob.verifying()) == 1);
            check_refused(pool.check(bent, where), errc::bad_signature, "enrolment");
        }
        enrolment nobody = good;
        nobody.client.fill(0xff);
        CHECK_FALSE(pool.check(nobody, session));
    }
    SECTION("leaving, being removed, and coming back") {
        check_refused(enrol(key_of(3), 0, 0, 12), errc::missing, "client that leaves");
        REQUIRE(enrol(alice, 0, 1, 12));
        CHECK_FALSE(pool.weight_of(alice.verifying()));
        CHECK(pool.size() == 1);
        check_refused(enrol(alice, 0, 2, 13), errc::missing, "client that leaves");
        check_refused(pool.check(removal{alice.verifying().bytes()}), errc::missing,
                      "client that is removed");
        const auto gone = pool.check(removal{bob.verifying().bytes()});
        REQUIRE(gone);
        pool.remove(*gone);
        CHECK(pool.size() == 0);
        check_refused(pool.everybody(), errc::missing, "roster entry");
        check_refused(enrol(bob, 1, 0, 14), errc::duplicate, "serial of the enrolment"); // not an old one
        REQUIRE(enrol(bob, 2, 1, 15));
        CHECK(pool.everybody()->size() == 1);
    }
}

TEST_CASE("pool: a draw takes the least tickets of those who were there", "[aggregation]") {
    client_pool pool;
    const hash::digest32 session{5};
    for (std::uint8_t i = 1; i <= 20; ++i) {
        const enrolment next = sign_enrolment(key_of(i), session, i, 0);
        pool.enrol(*pool.check(next, session), next, i);
    }
    const draw_randomness all{hash::digest32{1}, 100};
    const auto drawn = pool.draw(session, all, 2, 8);
    REQUIRE(drawn);
    CHECK(drawn->size() == 8);
    for (const roster_entry& entry : drawn->entries()) CHECK(pool.weight_of(entry.client) == entry.weight);

    // The tickets of the specification, written out.
    std::vector<std::pair<std::string, std::string>> tickets;
    for (std::uint8_t i = 1; i <= 20; ++i) {
        const client_id client = key_of(i).verifying();
        bytes text;
        for (const char letter : std::string("veilsum/aggregation/v1/draw"))
            text.push_back(static_cast<std::uint8_t>(letter));
        text.insert(text.end(), session.begin(), session.end());
        text.insert(text.end(), all.opening.begin(), all.opening.end());
        for (int byte = 0; byte < 7; ++byte) text.push_back(0);
        text.push_back(2);
        text.insert(text.end(), client.bytes().begin(), client.bytes().end());
        tickets.emplace_back(to_hex(hash::sha256(text)), to_hex(client.bytes()));
    }
    std::sort(tickets.begin(), tickets.end());
    std::set<std::string> least;
    for (std::size_t i = 0; i < 8; ++i) least.insert(tickets[i].second);
    CHECK(names_of(*drawn) == least);

    SECTION("another round, opening or session draws others") {
        CHECK(names_of(*pool.draw(session, all, 3, 8)) != least);
        CHECK(names_of(*pool.draw(session, {hash::digest32{2}, 100}, 2, 8)) != least);
        CHECK(names_of(*pool.draw(hash::digest32{6}, all, 2, 8)) != least);
    }
    SECTION("who enrolled later is not drawn") {
        const draw_randomness early{all.opening, 11}; // records 1 to 10 were before
        CHECK(pool.draw(session, early, 2, 10)->size() == 10);
        CHECK(names_of(*pool.draw(session, early, 2, 10)).contains(to_hex(key_of(10).verifying().bytes())));
        check_refused(pool.draw(session, early, 2, 11), errc::out_of_range,
                      "number of clients that are drawn");
        // Another weight does not change since when a client is there; coming back does.
        const enrolment heavier = sign_enrolment(key_of(1), session, 50, 1);
        pool.enrol(*pool.check(heavier, session), heavier, 200);
        CHECK(pool.draw(session, early, 2, 10)->largest_weight() == 50);
        pool.remove(key_of(1).verifying());
        const enrolment again = sign_enrolment(key_of(1), session, 1, 2);
        pool.enrol(*pool.check(again, session), again, 201);
        CHECK_FALSE(pool.draw(session, early, 2, 10));
    }
    SECTION("nobody") {
        check_refused(pool.draw(session, all, 2, 0), errc::out_of_range, "number of clients that are drawn");
        check_refused(pool.draw(session, all, 2, 21), errc::out_of_range, "number of clients that are drawn");
    }
}

TEST_CASE("pool: draws are even", "[aggregation]") {
    client_pool pool;
    const hash::digest32 session{9};
    for (std::uint8_t i = 0; i < 10; ++i) {
        const enrolment next = sign_enrolment(key_of(static_cast<std::uint8_t>(i + 1)), session, 1, 0);
        pool.enrol(*pool.check(next, session), next, i);
    }
    std::map<std::string, int> counts;
    for (std::uint64_t round = 0; round < 2000; ++round)
        for (const std::string& name : names_of(*pool.draw(session, {hash::digest32{3}, 100}, round, 3)))
            ++counts[name];
    // Binomial, 2000 draws of chance 0.3: 600 with a deviation of 20.5; 5 deviations.
    REQUIRE(counts.size() == 10);
    for (const auto& [name, count] : counts) CHECK((count > 497 && count < 703));
}

TEST_CASE("session: clients enrol, change their weight, leave, are removed and return between rounds",
          "[aggregation]") {
    toy_session world({.weights = {1, 2, 3, 1}});
    const hash::digest32 session = world.session->state().facts().id;
    const auto enrol = [&](std::size_t i, std::uint32_t weight, std::uint64_t serial) {
        return world.session->enrol(world.clients[i].enrol(weight, serial), world.rng);
    };
    CHECK(world.session->state().standing().pool().size() == 4);
    world.run_round();

    // The last message again: the same receipt, and no record.
    const std::uint64_t before = world.session->store().size();
    REQUIRE(enrol(0, 1, 0));
    CHECK(world.session->store().size() == before);
    check_refused(enrol(0, 2, 0), errc::duplicate, "serial of the enrolment");
    check_refused(enrol(0, 7, 5), errc::duplicate, "serial of the enrolment");

    REQUIRE(enrol(0, 2, 1)); // another weight
    REQUIRE(enrol(1, 0, 1)); // leaves
    REQUIRE(world.session->remove(world.clients[3].id(), world.rng));
    check_refused(world.session->remove(world.clients[3].id(), world.rng), errc::missing,
                  "client that is removed");
    const auto receipt = enrol(0, 2, 1);
    REQUIRE(receipt);
    const auto contents = receipt->verify("toy.example/log", world.aggregator_key().verifying());
    REQUIRE(contents);
    CHECK(enrolment::parse(contents->entry.body)->weight == 2);
    CHECK(subject_of(contents->entry)->describe() ==
          "enrolment, client " + to_hex(world.clients[0].id().bytes()));

    auto round = world.open_round();
    CHECK(round.state().round().members().size() == 2);
    CHECK(round.state().round().members().weight_of(world.clients[0].id()) == 2U);
    // Who is not in the pool is not on the roster.
    const auto stranger = world.clients[1].contribute(round.state().round(), world.update(1), world.rng);
    check_refused(stranger, errc::refused, "client is not on the roster");
    REQUIRE(world.send(round, 0));
    REQUIRE(world.send(round, 2));
    auto opening = world.close(round, toy_session::opening_time + 20);
    REQUIRE(world.answer(opening, 1));
    REQUIRE(world.answer(opening, 3));
    auto expected = world.plain_sum({0}); // of weight 1
    for (std::int64_t& value : expected) value *= 2;
    const auto other = world.plain_sum({2});
    for (std::size_t j = 0; j < expected.size(); ++j) expected[j] += other[j];
    const auto sums = world.finish(opening);
    CHECK(std::vector(sums.begin(), sums.begin() + 100) == expected);

    REQUIRE(enrol(3, 5, 1));
    CHECK(world.session->state().standing().pool().weight_of(world.clients[3].id()) == 5U);
    const auto verdict = audited(world, world.end());
    CHECK(verdict.accepted());
    CHECK(verdict.summary.enrolments == 4 + 3);
    CHECK(verdict.summary.removals == 1);
    CHECK(verdict.summary.session == session);
}

TEST_CASE("session: a cohort is drawn after a result, from those who were there", "[aggregation]") {
    toy_session world({.weights = {1, 1, 1, 1, 1}});
    auto header = world.header();
    header.drawn = 3;
    check_refused(std::move(*world.session).open_round(header, *world.model, 1000, world.rng), errc::missing,
                  "result to draw the cohort from", 7);
    world.run_round();

    // A sixth client comes now: too late for this draw.
    const sign::signing_key late = key_of(77);
    const auto message = sign_enrolment(late, world.session->state().facts().id, 1, 0).message();
    REQUIRE(world.session->enrol(message, world.rng));
    header.drawn = 6;
    header.layout.m = 6;
    check_refused(std::move(*world.session).open_round(header, *world.model, 1000, world.rng),
                  errc::out_of_range, "number of clients that are drawn", 7);
    header = world.header();
    header.drawn = 3;
    const auto expected = world.session->state().standing().roster_of_next(3);
    REQUIRE(expected);
    auto round = std::move(*world.session).open_round(header, *world.model, 1000, world.rng);
    REQUIRE(round);
    CHECK(names_of(round->state().round().members()) == names_of(*expected));
    CHECK(names_of(*expected).size() == 3);
    CHECK_FALSE(names_of(*expected).contains(to_hex(late.verifying().bytes())));
    for (std::size_t i = 0; i < 5; ++i) {
        const bool drawn = names_of(*expected).contains(to_hex(world.clients[i].id().bytes()));
        const auto pending = world.clients[i].contribute(round->state().round(), world.update(i), world.rng);
        CHECK(pending.has_value() == drawn);
        if (pending) REQUIRE(round->receive(pending->message().serialize(), 1010, world.rng));
    }
    auto closed = std::move(*round).close(1020, world.rng);
    REQUIRE((closed && closed->opening));
    REQUIRE(world.answer(*closed->opening, 1));
    REQUIRE(world.answer(*closed->opening, 2));
    auto finished = std::move(*closed->opening).finish(world.rng);
    REQUIRE(finished);
    auto log = std::move(finished->session).end({}, world.rng);
    REQUIRE(log);
    CHECK(audited(world, *std::move(log)).accepted());
}

TEST_CASE("session: several models, each with its own chain", "[aggregation]") {
    toy_session world;
    world.run_round();
    const hash::digest32 first = world.model->digest();
    auto header = world.header();
    header.model_number = 2;
    const auto second = model::of(std::vector<float>(100, 0.25F));
    check_refused(std::move(*world.session).open_round(header, *second, 1000, world.rng), errc::bad_parameter,
                  "model number", 2);
    header.model_number = 1;
    auto round = std::move(*world.session).open_round(header, *second, 1000, world.rng);
    REQUIRE(round);
    for (std::size_t i = 0; i < 3; ++i) REQUIRE(world.send(*round, i));
    auto closed = std::move(*round).close(1020, world.rng);
    REQUIRE(closed);
    REQUIRE(world.answer(*closed->opening, 1));
    REQUIRE(world.answer(*closed->opening, 2));
    auto finished = std::move(*closed->opening).finish(world.rng);
    REQUIRE(finished);
    const auto& models = finished->session.state().standing().models();
    REQUIRE(models.size() == 2);
    CHECK(models[0].digest() == first);
    CHECK(models[1].digest() == finished->record.model);

    // Number 0 goes on from its own last result, not from the session's.
    check_refused(std::move(finished->session).open_round(world.header(), models[1], 1000, world.rng),
                  errc::mismatch, "model of the round is not the last round's result", 2);
    world.session.emplace(std::move(finished->session));
    world.run_round();
    const auto verdict = audited(world, world.end());
    CHECK(verdict.accepted());
    REQUIRE(verdict.summary.models.size() == 2);
    CHECK(verdict.summary.models[0] == world.model->digest());
}

TEST_CASE("session: a closed round without a quorum is given up, and the next one can be had",
          "[aggregation]") {
    toy_session world;
    auto round = world.open_round();
    for (std::size_t i = 0; i < 3; ++i) REQUIRE(world.send(round, i));
    auto opening = world.close(round, 1020);

    SECTION("nobody answered: the same clients again") {
        auto idle = std::move(opening).abandon(world.rng);
        REQUIRE(idle);
        CHECK(idle->state().history().empty());
        CHECK(idle->state().standing().next_round() == 2);
        world.session.emplace(*std::move(idle));
        world.run_round();
        const auto verdict = audited(world, world.end());
        CHECK(verdict.accepted());
        CHECK(verdict.summary.rounds_failed == 1);
        CHECK(verdict.summary.rounds_opened == 1);
    }
    SECTION("an answer is on the record: the set counts as opened") {
        REQUIRE(world.answer(opening, 1));
        auto idle = std::move(opening).abandon(world.rng);
        REQUIRE(idle);
        CHECK(idle->state().history().size() == 1);
        world.session.emplace(*std::move(idle));
        auto again = world.open_round();
        for (std::size_t i = 0; i < 3; ++i) REQUIRE(world.send(again, i));
        auto second = world.close(again, 1020);
        // Trustee 1 knows from its journal, trustee 2 from the record.
        for (const std::uint32_t trustee : {1U, 2U}) {
            REQUIRE(world.catch_up(trustee, second.store()));
            check_refused(world.trustees[trustee - 1].answer(world.rng), errc::refused,
                          "an earlier opened set of this model differs by fewer than the minimum cohort", 4);
        }
    }
    SECTION("not while there is a result to be had") {
        REQUIRE(world.answer(opening, 1));
        REQUIRE(world.answer(opening, 2));
        check_refused(std::move(opening).abandon(world.rng), errc::refused,
                      "giving up a round that has a result");
        REQUIRE(std::move(opening).finish(world.rng));
    }
    SECTION("a false reason is refused") {
        const auto state = opening.state();
        audit::record claim{static_cast<std::uint16_t>(record_type::round_abandoned), record_version,
                            opening.store().size(), opening.store().head(),
                            round_abandoned{1, abandoning::no_opening}.serialize()};
        const auto bodies = bodies_of(opening.store());
        check_refused(state.check(claim, bodies, world.rng), errc::refused,
                      "round is given up for another reason than the record shows");
        claim.body = round_abandoned{2, abandoning::no_quorum}.serialize();
        check_refused(state.check(claim, bodies, world.rng), errc::wrong_context, "round that is given up");
        claim.body = round_abandoned{1, abandoning::no_quorum}.serialize();
        CHECK(state.check(claim, bodies, world.rng));
        claim.body.back() = 3;
        check_refused(state.check(claim, bodies, world.rng), errc::malformed,
                      "reason of giving up the round");
    }
}

TEST_CASE("session: what a quorum opens and is no opening is given up", "[aggregation]") {
    toy_session world; // suite 1: commitments to other values than are encrypted show at the opening only
    auto round = world.open_round();
    REQUIRE(world.send(round, 0));
    REQUIRE(world.send(round, 1));
    const auto honest = world.contribute(round, 2);
    const auto spoiled = world.spoil(round, 2, honest.message().body);
    REQUIRE(round.receive(spoiled.serialize(), 1010, world.rng));
    auto opening = world.close(round, 1020);
    REQUIRE(world.answer(opening, 1));
    REQUIRE(world.answer(opening, 2));
    const auto result = std::move(opening).finish(world.rng);
    REQUIRE_FALSE(result);
    auto idle = std::move(opening).abandon(world.rng);
    REQUIRE(idle);
    auto log = std::move(*idle).end({}, world.rng);
    REQUIRE(log);
    const auto record = log->read(log->size() - 2);
    CHECK(round_abandoned::parse(record->body)->reason == abandoning::no_opening);
    CHECK(audited(world, *std::move(log)).accepted());
}

namespace {

struct rotating {
    toy_session world;
    test::other_ceremony other;

    explicit rotating(std::uint32_t quorum = 3, std::uint32_t trustees = 5)
        : other(quorum, trustees, world.rng) {}
    std::vector<rotation_approval> approvals(std::initializer_list<std::uint32_t> by) {
        return other.approvals(world, by);
    }
};

} // namespace

TEST_CASE("session: a quorum of the trustees hands over to another ceremony", "[aggregation]") {
    rotating test;
    toy_session& world = test.world;
    world.run_round();
    const hash::digest32 before = world.session->state().facts().header.ceremony;
    REQUIRE(world.session->rotate(*test.other.ceremony, test.approvals({3, 1}), world.rng));
    CHECK(world.session->state().facts().header.ceremony != before);
    CHECK(world.session->state().ceremony().structure().trustees() == 5);

    // The old trustees have no share of it any more.
    auto round = world.open_round();
    for (std::size_t i = 0; i < 3; ++i) REQUIRE(world.send(round, i));
    auto opening = world.close(round, 1020);
    REQUIRE(world.catch_up(1, opening.store()));
    check_refused(world.trustees[0].answer(world.rng), errc::wrong_key, "share of an earlier ceremony");
    CHECK(world.trustees[0].opened().size() == 1);
    check_refused(
        world.trustees[0].renew(std::move(test.other.shares[0]), sign::signing_key::generate(world.rng)),
        errc::wrong_key, "signing key of the trustee", 2);

    // Trustee 1 goes on with a share of the new one, and its journal; 2 to 4 are new.
    auto& first = world.trustees[0];
    rotating same; // the same seed: the same shares
    REQUIRE(first.renew(std::move(same.other.shares[0]), std::move(same.other.identities[0])));
    const auto one = first.answer(world.rng);
    REQUIRE(one);
    CHECK(first.opened().size() == 2);
    REQUIRE(opening.receive(one->serialize(), world.rng));
    test::temporary_folder folder;
    for (std::size_t i = 1; i < 3; ++i) {
        auto state = session_state<scheme>::open(*opening.store().read(0), bodies_of(opening.store()));
        REQUIRE(state);
        for (std::uint64_t index = 1; index < opening.store().size(); ++index)
            REQUIRE(state->apply(*opening.store().read(index), bodies_of(opening.store()), world.rng));
        auto journal = audit::journal::open(folder.path() / std::to_string(i));
        REQUIRE(journal);
        auto joined = trustee<scheme>::join(*std::move(state), std::move(test.other.shares[i]),
                                            std::move(test.other.identities[i]), *std::move(journal));
        REQUIRE(joined);
        const auto answer = joined->answer(world.rng);
        REQUIRE(answer);
        REQUIRE(opening.receive(answer->serialize(), world.rng));
    }
    const auto expected = world.plain_sum({0, 1, 2});
    const auto sums = world.finish(opening);
    CHECK(std::vector(sums.begin(), sums.begin() + 100) == expected);
    const auto verdict = audited(world, world.end());
    CHECK(verdict.accepted());
    CHECK(verdict.summary.rotations == 1);
}

TEST_CASE("session: a trustee that went over to another ceremony goes on after a restart", "[aggregation]") {
    rotating test;
    toy_session& world = test.world;
    world.run_round();
    const test::temporary_folder folder;
    // As a process does it: folds up to the record `size` without the share, then joins.
    const auto joined = [&](std::uint64_t size, threshold::key_share<scheme>&& share,
                            sign::signing_key&& identity) {
        const auto& log = world.session->store();
        auto state = session_state<scheme>::open(*log.read(0), bodies_of(log));
        REQUIRE(state);
        for (std::uint64_t index = 1; index < size; ++index)
            REQUIRE(state->apply(*log.read(index), bodies_of(log), world.rng));
        auto journal = audit::journal::open(folder / "journal");
        REQUIRE(journal);
        auto made = trustee<scheme>::join(*std::move(state), std::move(share), std::move(identity),
                                          *std::move(journal));
        if (!made) FAIL(made.error().describe());
        return *std::move(made);
    };
    rotating same; // the same seed: the same shares
    std::uint64_t rotated = 0;
    {
        auto secrets = world.secrets_of(1);
        auto first = joined(1, std::move(secrets.share), std::move(secrets.identity));
        REQUIRE(first.catch_up(world.session->store(), world.rng));
        REQUIRE(first.remember());
        REQUIRE(world.session->rotate(*test.other.ceremony, test.approvals({3, 1}), world.rng));
        rotated = world.session->store().size();
        REQUIRE(first.catch_up(world.session->store(), world.rng));
        REQUIRE(first.renew(std::move(test.other.shares[0]), std::move(test.other.identities[0])));
    }
    // The new share fits no state before the rotation, and the journal ends at a record before it unless
    // `renew` has written.
    auto again = joined(rotated, std::move(same.other.shares[0]), std::move(same.other.identities[0]));
    auto round = world.open_round();
    for (std::size_t i = 0; i < 3; ++i) REQUIRE(world.send(round, i));
    auto opening = world.close(round, 1020);
    REQUIRE(again.catch_up(opening.store(), world.rng));
    const auto answer = again.answer(world.rng);
    REQUIRE(answer);
    CHECK(opening.receive(answer->serialize(), world.rng));
}

TEST_CASE("session: a rotation that the trustees did not decide is refused", "[aggregation]") {
    rotating test;
    toy_session& world = test.world;
    const auto good = test.approvals({1, 2, 3});
    const auto rotate = [&](std::vector<rotation_approval> by) {
        return world.session->rotate(*test.other.ceremony, std::move(by), world.rng);
    };
    SECTION("too few") {
        check_refused(rotate({good[1]}), errc::refused, "fewer than a quorum approve the new ceremony");
        check_refused(rotate({}), errc::refused, "fewer than a quorum approve the new ceremony");
    }
    SECTION("one twice") {
        check_refused(rotate({good[0], good[0]}), errc::malformed, "order of the trustees that approve");
    }
    SECTION("no such trustee") {
        check_refused(rotate({good[0], {0, good[1].signature}}), errc::malformed,
                      "order of the trustees that approve");
        check_refused(rotate({good[0], {4, good[1].signature}}), errc::out_of_range, "trustee that approves");
    }
    SECTION("signed by another") {
        check_refused(rotate({good[0], {2, good[2].signature}}), errc::bad_signature,
                      "approval of the new ceremony");
        auto bent = good;
        bent[2].signature[5] ^= 1; // one more than needed, but wrong
        check_refused(rotate(bent), errc::bad_signature, "approval of the new ceremony");
    }
    SECTION("for another place of the log") {
        REQUIRE(world.session->remove(world.clients[0].id(), world.rng));
        check_refused(rotate(good), errc::bad_signature, "approval of the new ceremony");
        REQUIRE(rotate(test.approvals({1, 2})));
    }
    SECTION("for another ceremony") {
        std::swap(test.other.ceremony->acknowledgements[0], test.other.ceremony->acknowledgements[1]);
        CHECK_FALSE(world.trustees[0].approve(*test.other.ceremony));
        check_refused(rotate(good), errc::bad_signature, "approval of the new ceremony");
    }
    SECTION("with an opened set that is not on the record") {
        auto round = world.open_round();
        for (std::size_t i = 0; i < 3; ++i) REQUIRE(world.send(round, i));
        auto opening = world.close(round, 1020);
        REQUIRE(world.catch_up(1, opening.store()));
        REQUIRE(world.trustees[0].answer(world.rng)); // the aggregator keeps the answer to itself
        auto idle = std::move(opening).abandon(world.rng);
        REQUIRE(idle);
        world.session.emplace(*std::move(idle));
        REQUIRE(world.catch_up(1, world.session->store()));
        const auto refused = world.trustees[0].approve(*test.other.ceremony);
        check_refused(refused, errc::refused,
                      "approval of a ceremony while an opened set is not on the record");
        CHECK(refused.error().place == "round 1");
        CHECK(test.approvals({2, 3}).size() == 2); // who opened nothing may
    }
    SECTION("while a round is open") {
        auto round = world.open_round();
        REQUIRE(world.catch_up(1, round.store()));
        check_refused(world.trustees[0].approve(*test.other.ceremony), errc::refused,
                      "approval of a ceremony while a round is open");
    }
}

TEST_CASE("session: a ceremony without a majority as quorum cannot follow", "[aggregation]") {
    rotating test(2, 4);
    check_refused(test.world.trustees[0].approve(*test.other.ceremony), errc::bad_parameter,
                  "quorum is no majority of the trustees");
}

namespace {

// A session of suite 2 whose rounds book a budget.
struct budgeted {
    toy_session world{{.weights = {1, 1, 1}, .values = 20, .suite = proof_suite::validity}};
    std::uint64_t norm = 0;
    std::uint64_t epsilon = 200 * privacy::micro;

    privacy::privacy_terms terms() const {
        privacy::privacy_terms made;
        made.scope = world.session->state().facts().id;
        made.epsilon_micro = epsilon;
        made.delta_atto = privacy::atto / 1000;
        return made;
    }
    // The budget with the next round booked, and the header that fits.
    std::pair<round_header, privacy::accountant> planned(std::uint32_t rounds = 2) {
        const auto& standing = world.session->state().standing();
        auto header = world.header();
        header.format.clip_l2 = 1.0;
        norm = encoding::squared_norm_bound(header.format, header.layout.d, encoding::rounding::nearest);
        auto book = standing.budget() ? *standing.budget() : *privacy::accountant::open(terms());
        privacy::noise_request wanted{privacy::mechanism::gaussian, *privacy::ratio::of(1)};
        wanted.clients = 3;
        wanted.missing = 1;
        wanted.dimension = header.layout.d;
        const auto fresh = privacy::accountant::open(terms());
        const auto plan = fresh->plan_for(wanted, norm, rounds);
        REQUIRE(plan);
        header.layout.B2 = encoding::norm_bound_bytes(plan->noised_norm_bound(norm));
        header.minimum_cohort = plan->smallest_cohort();
        const auto charged = book.charge(standing.next_round(), *plan, norm);
        REQUIRE(charged);
        return {header, book};
    }
    auto open(const round_header& header, const std::optional<privacy::accountant>& book) {
        return std::move(*world.session).open_round(header, *world.model, 1000, world.rng, book);
    }
    void run() {
        auto [header, book] = planned();
        auto round = open(header, book);
        if (!round) FAIL(round.error().describe());
        for (std::size_t i = 0; i < 3; ++i) REQUIRE(world.send(*round, i));
        auto opening = world.close(*round, 1020);
        REQUIRE(world.answer(opening, 1));
        REQUIRE(world.answer(opening, 2));
        world.finish(opening);
    }
};

} // namespace

TEST_CASE("session: the ledger of a privacy budget is on the record and ends the session's rounds",
          "[aggregation]") {
    budgeted test;
    test.run();
    CHECK(test.world.session->state().standing().budget()->entries().size() == 1);
    test.run();
    const std::uint64_t spent = test.world.session->state().standing().budget()->spent_micro();
    CHECK(spent > 0);
    CHECK(spent <= test.epsilon);
    // A third round like these is over budget: the accountant refuses, and nothing else passes check 11.
    auto book = *test.world.session->state().standing().budget();
    const auto plan = privacy::noise_plan::make(book.entries()[0].noise);
    check_refused(book.charge(3, *plan, test.norm), errc::refused, "privacy budget", 4);
    const auto header = test.world.header();
    check_refused(test.open(header, std::nullopt), errc::mismatch,
                  "a session has a privacy budget from its first round on or not", 11);
    const auto verdict = audited(test.world, test.world.end());
    CHECK(verdict.accepted());
    CHECK(verdict.summary.spent_epsilon == spent);
}

TEST_CASE("pre-flight 11: what the ledger must say of its round", "[aggregation]") {
    budgeted test;
    SECTION("each part of the round") {
        auto [header, book] = test.planned();
        const auto refused = [&](const round_header& bent, std::string_view what,
                                 errc code = errc::mismatch) {
            check_refused(test.open(bent, book), code, what, 11);
        };
        auto bent = header;
        bent.layout.B2[31] ^= 1;
        refused(bent, "norm bound of the round is not the ledger's");
        bent = header;
        bent.layout.flags = encoding::flag_audit;
        bent.layout.B2 = {};
        refused(bent, "norm bound of the round is not the ledger's");
        CHECK(test.open(header, book));
    }
    SECTION("the cohort that the noise was planned for") {
        auto [header, book] = test.planned();
        privacy::noise_request all = book.entries()[0].noise;
        all.missing = 0;
        auto strict = *privacy::accountant::open(test.terms());
        const auto plan = privacy::noise_plan::make(all);
        REQUIRE(plan);
        REQUIRE(strict.charge(1, *plan, test.norm));
        header.layout.B2 = encoding::norm_bound_bytes(plan->noised_norm_bound(test.norm));
        check_refused(test.open(header, strict), errc::refused,
                      "minimum cohort below what the noise was planned for", 11);
        header.minimum_cohort = 3;
        CHECK(test.open(header, strict));
    }
    SECTION("clients, dimension, round") {
        for (int part = 0; part < 3; ++part) {
            auto [header, book] = test.planned();
            privacy::noise_request bent = book.entries()[0].noise;
            if (part == 0) bent.clients = 4;
            if (part == 1) bent.dimension = 21;
            auto other = *privacy::accountant::open(test.terms());
            const auto plan = privacy::noise_plan::make(bent);
            REQUIRE(plan);
            REQUIRE(other.charge(part == 2 ? 2 : 1, *plan, test.norm));
            const std::array<std::string_view, 3> what = {"clients of the privacy ledger",
                                                          "dimension of the privacy ledger",
                                                          "round of the privacy ledger"};
            check_refused(test.open(header, other), errc::mismatch, what[static_cast<std::size_t>(part)], 11);
        }
    }
    SECTION("noise that leaves no room for an update") {
        auto [header, book] = test.planned();
        privacy::noise_request loud = book.entries()[0].noise;
        loud.amount = *privacy::ratio::of(10'000'000);
        auto other = *privacy::accountant::open(test.terms());
        const auto plan = privacy::noise_plan::make(loud);
        REQUIRE(plan);
        REQUIRE(other.charge(1, *plan, test.norm));
        header.layout.B2 = encoding::norm_bound_bytes(plan->noised_norm_bound(test.norm));
        check_refused(test.open(header, other), errc::bad_parameter,
                      "clipped values and noise do not fit into value_bits", 11);
    }
    SECTION("a norm below that of an update, which would book too little") {
        auto [header, book] = test.planned();
        const privacy::noise_request noise = book.entries()[0].noise;
        for (const std::uint64_t norm : {test.norm - 1, std::uint64_t{1}}) {
            auto cheap = *privacy::accountant::open(test.terms());
            const auto plan = privacy::noise_plan::make(noise);
            REQUIRE(plan);
            REQUIRE(cheap.charge(1, *plan, norm));
            header.layout.B2 = encoding::norm_bound_bytes(plan->noised_norm_bound(norm)); // fits the entry
            check_refused(test.open(header, cheap), errc::mismatch,
                          "norm of the privacy ledger is below that of an update", 11);
        }
    }
    SECTION("scope, and entries out of nowhere") {
        auto [header, book] = test.planned();
        auto terms = test.terms();
        terms.scope[0] ^= 1;
        auto other = *privacy::accountant::open(terms);
        const auto plan = privacy::noise_plan::make(book.entries()[0].noise);
        REQUIRE(other.charge(1, *plan, test.norm));
        check_refused(test.open(header, other), errc::wrong_context, "scope of the privacy ledger", 11);
        auto empty = *privacy::accountant::open(test.terms());
        check_refused(test.open(header, empty), errc::mismatch,
                      "privacy ledger does not continue the last one", 11);
    }
    SECTION("later rounds continue it") {
        test.run();
        auto [header, book] = test.planned();
        auto terms = test.terms();
        const auto plan = privacy::noise_plan::make(book.entries()[0].noise);
        auto fresh = *privacy::accountant::open(terms); // forgets round 1
        REQUIRE(fresh.charge(2, *plan, test.norm));
        check_refused(test.open(header, fresh), errc::mismatch,
                      "privacy ledger does not continue the last one", 11);
        terms.epsilon_micro *= 2; // another budget
        auto larger = *privacy::accountant::open(terms);
        REQUIRE(larger.charge(1, *plan, test.norm));
        REQUIRE(larger.charge(2, *plan, test.norm));
        check_refused(test.open(header, larger), errc::mismatch, "terms of the privacy budget", 11);
        CHECK(test.open(header, book));
    }
    SECTION("not from a later round on") {
        budgeted plain;
        auto round = plain.world.open_round();
        for (std::size_t i = 0; i < 3; ++i) REQUIRE(plain.world.send(round, i));
        auto opening = plain.world.close(round, 1020);
        REQUIRE(plain.world.answer(opening, 1));
        REQUIRE(plain.world.answer(opening, 2));
        plain.world.finish(opening);
        auto [header, book] = plain.planned();
        check_refused(plain.open(header, book), errc::mismatch,
                      "a session has a privacy budget from its first round on or not", 11);
    }
}
