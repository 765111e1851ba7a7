#include "support/toy_session.hpp"

#include "support/catch.hpp"

#include <cstdint>
#include <utility>
#include <vector>

using namespace veilsum;
using test::toy_session;

namespace {

std::vector<std::int64_t> values_of(const std::vector<std::int64_t>& sums, std::size_t count) {
    return {sums.begin(), sums.begin() + static_cast<std::ptrdiff_t>(count)};
}

test::toy_options with_proofs(std::vector<std::uint32_t> weights = {1, 1, 1}) {
    test::toy_options options;
    options.weights = std::move(weights);
    options.suite = aggregation::proof_suite::validity;
    return options;
}
audit::memory_store honest_session() {
    toy_session world(with_proofs());
    world.run_round();
    world.run_round();
    return world.end();
}

} // namespace

TEST_CASE("session: the opened sum is the sum in the clear, round after round", "[aggregation]") {
    toy_session world;
    for (int round = 0; round < 2; ++round) {
        const auto expected = world.plain_sum({0, 1, 2});
        const auto before = *world.model;
        CHECK(values_of(world.run_round(), 100) == expected);
        const auto next = before.updated(expected, 3, world.header().format);
        REQUIRE(next);
        CHECK(next->serialize() == world.model->serialize());
    }
    const auto log = world.end();
    const auto verdict = world.audit(log);
    if (!verdict.accepted()) FAIL(verdict.failure->reason.describe());
    CHECK(verdict.summary.rounds_opened == 2);
    CHECK(verdict.summary.contributions == 6);
    CHECK(verdict.summary.partials == 6);
    CHECK(verdict.summary.ended);
    CHECK(verdict.summary.models.at(0) == world.model->digest());
}

TEST_CASE("session: weights multiply the updates and divide the mean", "[aggregation]") {
    toy_session world({.weights = {3, 1, 2}});
    const auto expected = world.plain_sum({0, 1, 2});
    const auto before = *world.model;
    CHECK(values_of(world.run_round(), 100) == expected);
    CHECK(before.updated(expected, 6, world.header().format)->serialize() == world.model->serialize());
    CHECK(world.audit(world.end()).accepted());
}

TEST_CASE("session: silent clients are left out and named", "[aggregation]") {
    toy_session world({.weights = {1, 1, 1, 1}});
    auto round = world.open_round();
    REQUIRE(world.send(round, 2));
    REQUIRE(world.send(round, 0));
    const auto expected = world.plain_sum({0, 2});
    const auto closing = round.state().closing(toy_session::closing_time + 1);
    CHECK(closing.accepted == std::vector{world.clients[2].id().bytes(), world.clients[0].id().bytes()});
    CHECK(closing.silent.size() == 2);
    auto opening = world.close(round);
    REQUIRE(world.answer(opening, 1));
    CHECK_FALSE(opening.has_quorum());
    REQUIRE(world.answer(opening, 3));
    CHECK(opening.has_quorum());
    REQUIRE(world.answer(opening, 2)); // on the record, and not kept
    CHECK(opening.state().verified_partials() == 2);
    CHECK(values_of(world.finish(opening), 100) == expected);
    CHECK(world.audit(world.end()).accepted());
}

TEST_CASE("session: a round is not closed early while clients are silent", "[aggregation]") {
    toy_session world;
    auto round = world.open_round();
    REQUIRE(world.send(round, 0));
    REQUIRE(world.send(round, 1));
    const auto size = round.store().size();
    const auto closed = std::move(round).close(toy_session::closing_time, world.rng);
    REQUIRE_FALSE(closed);
    CHECK(closed.error().code == errc::refused);
    CHECK(closed.error().what == "round closed before its time while clients were silent");
    CHECK(round.store().size() == size);
    REQUIRE(world.send(round, 2)); // the state can be used again
    world.close(round, toy_session::opening_time + 20);
}

TEST_CASE("session: a contribution before the round opens is dropped, and can come again", "[aggregation]") {
    toy_session world;
    auto round = world.open_round();
    const auto pending = world.contribute(round, 0);
    const bytes message = pending.message().serialize();
    const auto size = round.store().size();
    for (const std::uint64_t now : {std::uint64_t{0}, toy_session::opening_time - 1}) {
        const auto early = round.receive(message, now, world.rng);
        REQUIRE_FALSE(early);
        CHECK(early.error().code == errc::refused);
        CHECK(early.error().check == 4);
        CHECK(early.error().what == "contribution before the round opens");
        CHECK(round.store().size() == size);
    }
    auto forged = pending.message();
    forged.header.signature[0] ^= 1;
    CHECK(round.receive(forged.serialize(), toy_session::opening_time - 1, world.rng).error().check == 3);

    const auto receipt = round.receive(message, toy_session::opening_time, world.rng);
    REQUIRE(receipt);
    CHECK(pending.confirm(*receipt));
    const auto record = round.store().read(size);
    REQUIRE(record);
    CHECK(aggregation::contribution_record::parse(record->body)->received_at == toy_session::opening_time);
    // A clock that was put back does not take back what is on the record.
    const auto again = round.receive(message, toy_session::opening_time - 1, world.rng);
    REQUIRE(again);
    CHECK(again->serialize() == receipt->serialize());
    REQUIRE(world.send(round, 1));
    const auto log = [&] {
        auto opening = world.close(round);
        for (const std::uint32_t index : {1u, 2u}) REQUIRE(world.answer(opening, index));
        world.finish(opening);
        return world.end();
    }();
    CHECK(world.audit(log).accepted());
}

TEST_CASE("session: below the minimum cohort nothing is opened and the model stays", "[aggregation]") {
    toy_session world({.weights = {1, 1, 1}, .minimum_cohort = 3});
    auto round = world.open_round();
    REQUIRE(world.send(round, 0));
    REQUIRE(world.send(round, 1));
    auto closed = std::move(round).close(toy_session::closing_time + 1, world.rng);
    REQUIRE(closed);
    CHECK_FALSE(closed->opening);
    REQUIRE(closed->idle);
    CHECK(closed->idle->state().standing().next_round() == 2);
    CHECK(closed->idle->state().history().empty());
    const auto log = std::move(*closed->idle).end({}, world.rng);
    REQUIRE(log);
    const auto verdict = world.audit(*log);
    CHECK(verdict.accepted());
    CHECK(verdict.summary.rounds_failed == 1);
}

TEST_CASE("session: finishing needs a quorum", "[aggregation]") {
    toy_session world;
    auto round = world.open_round();
    for (std::size_t i = 0; i < 3; ++i) REQUIRE(world.send(round, i));
    auto opening = world.close(round);
    REQUIRE(world.answer(opening, 2));
    const auto early = std::move(opening).finish(world.rng);
    REQUIRE_FALSE(early);
    CHECK(early.error().code == errc::missing);
    CHECK(early.error().what == "partial decryptions for a quorum");
    REQUIRE(world.answer(opening, 1));
    const auto expected = world.plain_sum({0, 1, 2});
    CHECK(values_of(world.finish(opening), 100) == expected);
}

TEST_CASE("session: the receipt convinces its client, and only of its own contribution", "[aggregation]") {
    toy_session world;
    auto round = world.open_round();
    const auto first = world.contribute(round, 0);
    const auto second = world.contribute(round, 1);
    const auto receipt = round.receive(first.message().serialize(), 1010, world.rng);
    REQUIRE(receipt);
    CHECK(first.confirm(*receipt));
    const auto other = second.confirm(*receipt);
    REQUIRE_FALSE(other);
    CHECK(other.error().check == 4);

    auto altered = *receipt;
    altered.record_bytes.back() ^= 1;
    CHECK(first.confirm(altered).error().check == 3);
    altered = *receipt;
    altered.checkpoint_note[0] ^= 1;
    CHECK(first.confirm(altered).error().check == 2);
}

TEST_CASE("session: a client contributes once a round", "[aggregation]") {
    toy_session world;
    auto round = world.open_round();
    const auto pending = world.contribute(round, 0);
    const auto again = world.clients[0].contribute(round.state().round(), world.update(0), world.rng);
    REQUIRE_FALSE(again);
    CHECK(again.error().what == "second contribution to a round");

    const bytes message = pending.message().serialize();
    const auto receipt = round.receive(message, 1010, world.rng);
    REQUIRE(receipt);
    REQUIRE(world.send(round, 1));
    const auto size = round.store().size();
    for (const std::uint64_t late : {1011, 5000}) { // the time of the copy does not matter
        const auto repeated = round.receive(message, late, world.rng);
        REQUIRE(repeated);
        CHECK(repeated->serialize() == receipt->serialize());
    }
    auto otherwise_signed = pending.message();
    otherwise_signed.header.signature[0] ^= 1;
    const auto forged = round.receive(otherwise_signed.serialize(), 1012, world.rng);
    REQUIRE_FALSE(forged);
    CHECK(forged.error().code == errc::duplicate);
    CHECK(forged.error().what == "the same contribution again");
    CHECK(forged.error().culprit.empty()); // anybody can have sent it
    auto other_body = pending.message();
    other_body.body.back() ^= 1;
    CHECK(round.receive(other_body.serialize(), 1012, world.rng).error().what ==
          "the same contribution again");
    CHECK(round.store().size() == size);
    CHECK(round.state().accepted() == 2);

    // The receipt can be had by client too, as long as the round lasts.
    CHECK(round.receipt_of(world.clients[0].id().bytes())->serialize() == receipt->serialize());
    CHECK(round.receipt_of(world.clients[2].id().bytes()).error().code == errc::missing);
    auto opening = world.close(round);
    CHECK(opening.receipt_of(world.clients[0].id().bytes())->serialize() == receipt->serialize());
    CHECK(opening.receipt_of(world.clients[2].id().bytes()).error().code == errc::missing);
}

TEST_CASE("session: a trustee's answer that comes again changes nothing", "[aggregation]") {
    toy_session world;
    auto round = world.open_round();
    for (std::size_t i = 0; i < 3; ++i) REQUIRE(world.send(round, i));
    auto opening = world.close(round);
    auto answer = world.partial(opening, 2);
    REQUIRE(opening.receive(answer.serialize(), world.rng));
    const auto size = opening.store().size();
    CHECK(opening.receive(answer.serialize(), world.rng));

    // The same values with a new proof, and the old header over another body, are second answers.
    const auto fresh = world.trustees[1].answer(world.rng);
    REQUIRE(fresh);
    CHECK(fresh->body != answer.body);
    CHECK(opening.receive(fresh->serialize(), world.rng).error().what == "second answer of a trustee");
    answer.body.back() ^= 1;
    CHECK(opening.receive(answer.serialize(), world.rng).error().what == "second answer of a trustee");
    CHECK(opening.store().size() == size);
    CHECK(opening.state().verified_partials() == 1);

    CHECK_FALSE(world.trustees[1].has_answered());
    REQUIRE(world.catch_up(2, opening.store()));
    CHECK(world.trustees[1].has_answered());
}

TEST_CASE("session: a client does not contribute to a session it did not join", "[aggregation]") {
    toy_session world;
    auto other = toy_session::idle::open(toy_session::store(), *world.ceremony,
                                         aggregation::exponent_policy::short_exponent, "toy.example/log",
                                         world.aggregator_key(), world.rng);
    REQUIRE(other);
    world.enrol_clients(*other);
    auto round = std::move(*other).open_round(world.header(), *world.model, 1000, world.rng);
    REQUIRE(round);
    const auto pending = world.clients[0].contribute(round->state().round(), world.update(0), world.rng);
    REQUIRE_FALSE(pending);
    CHECK(pending.error().code == errc::wrong_context);
}

TEST_CASE("session: the first record's form", "[aggregation]") {
    toy_session world;
    const auto& log = world.session->store();
    const auto opens = [&](const audit::record& first) {
        return aggregation::session_state<toy_session::scheme>::open(first, aggregation::bodies_of(log));
    };
    auto first = *log.read(0);
    CHECK(opens(first));
    ++first.version;
    CHECK(opens(first).error().what == "record version");
    --first.version;
    first.previous[0] = 1;
    CHECK(opens(first).error().what == "record before the first");

    // The origin is shown to people and compared with the note's first line: no spaces, nothing a terminal
    // obeys.
    auto header = *aggregation::session_header::parse(log.read(0)->body);
    for (const auto& hostile :
         {std::string(), std::string("a b"), std::string("a\nb"), std::string("a\x1b[2J"), std::string("a+b"),
          std::string("\xff"), std::string(129, 'a')}) {
        header.origin = hostile;
        CHECK_FALSE(aggregation::session_header::parse(header.serialize()));
    }
}

TEST_CASE("session: an update that is not finite, or of another size, is refused by the client",
          "[aggregation]") {
    toy_session world;
    auto round = world.open_round();
    auto update = world.update(0);
    update[17] = std::nanf("");
    const auto nan = world.clients[0].contribute(round.state().round(), update, world.rng);
    REQUIRE_FALSE(nan);
    CHECK(nan.error().place == "value 17");
    update.pop_back();
    const auto shorter = world.clients[0].contribute(round.state().round(), update, world.rng);
    REQUIRE_FALSE(shorter);
    CHECK(shorter.error().what == "number of values in the update");
    REQUIRE(world.send(round, 0)); // neither attempt used up the round
}

TEST_CASE("session: validity proofs, weighted sums, and both audits", "[aggregation]") {
    for (const auto& weights : {std::vector<std::uint32_t>{1, 1, 1}, {3, 1, 2}}) {
        toy_session world(with_proofs(weights));
        const auto expected = world.plain_sum({0, 1, 2});
        const auto sums = world.run_round();
        for (std::size_t j = 0; j < expected.size(); ++j) CHECK(sums[j] == expected[j]);
        world.run_round(); // the tables of the first round serve again
        const auto log = world.end();
        const auto verdict = world.audit(log);
        if (!verdict.accepted()) FAIL(verdict.failure->reason.describe());
        CHECK(verdict.summary.contributions == 6);
        const auto light = aggregation::audit_session<toy_session::scheme, aggregation::light_session>(
            log, {}, {}, world.rng);
        if (!light.accepted()) FAIL(light.failure->reason.describe());
        CHECK(light.summary.models == verdict.summary.models);
    }
}

TEST_CASE("session: a light fold knows phase and round as the full one does", "[aggregation]") {
    const auto log = honest_session();
    toy_session world(with_proofs());
    const auto bodies = aggregation::bodies_of(log);
    auto full = aggregation::session_state<toy_session::scheme>::open(*log.read(0), bodies);
    auto light = aggregation::light_session<toy_session::scheme>::open(*log.read(0), bodies);
    REQUIRE((full && light));
    std::size_t in_a_round = 0;
    for (std::uint64_t i = 1; i < log.size(); ++i) {
        REQUIRE(full->apply(*log.read(i), bodies, world.rng));
        REQUIRE(light->apply(*log.read(i), bodies, world.rng));
        CHECK(light->size() == i + 1);
        REQUIRE(light->phase() == full->phase());
        if (light->phase() != aggregation::session_phase::collecting &&
            light->phase() != aggregation::session_phase::opening)
            continue;
        ++in_a_round;
        CHECK(light->round().binding() == full->round().binding());
        CHECK(light->round().header().round == full->round().header().round);
    }
    CHECK(in_a_round > 10);
}

TEST_CASE("session: a light audit notices other commitments and another opening", "[aggregation]") {
    const auto log = honest_session();
    toy_session world(with_proofs());
    const auto light = [&](const auto& store) {
        return aggregation::audit_session<toy_session::scheme, aggregation::light_session>(store, {}, {},
                                                                                           world.rng);
    };
    REQUIRE(light(log).accepted());
    // Bodies that fail: an opening with one sum off, row commitments of another client.
    std::vector<std::pair<hash::digest32, std::uint16_t>> named; // body and type of its record
    for (std::uint64_t i = 0; i < log.size(); ++i) {
        const auto record = log.read(i);
        REQUIRE(record);
        if (record->type == static_cast<std::uint16_t>(aggregation::record_type::contribution))
            named.push_back(
                {aggregation::contribution_record::parse(record->body)->header.body, record->type});
        if (record->type == static_cast<std::uint16_t>(aggregation::record_type::round_result))
            named.push_back({aggregation::round_result::parse(record->body)->opening, record->type});
    }
    REQUIRE(named.size() == 8);
    struct bent_store : audit::memory_store {
        hash::digest32 bent{};
        std::size_t at = 0;
        explicit bent_store(const audit::memory_store& from) : audit::memory_store(from) {}
        result<bytes> get_body(const hash::digest32& digest, std::size_t max) const {
            auto body = audit::memory_store::get_body(digest, max);
            if (body && digest == bent) (*body)[at] = static_cast<std::uint8_t>((*body)[at] ^ 1);
            return body;
        }
    };
    bent_store store(log);
    for (const auto& [digest, type] : named) {
        store.bent = digest;
        const bool is_opening = type == static_cast<std::uint16_t>(aggregation::record_type::round_result);
        store.at = is_opening ? 12 + 2 : 5; // lowest byte of the first sum; inside the first row commitment
        const auto verdict = light(store);
        REQUIRE_FALSE(verdict.accepted());
        CHECK(verdict.failure->step ==
              (is_opening ? aggregation::audit_step::commitments : aggregation::audit_step::contribution));
    }
}

TEST_CASE("opening: a length that is not the layout's is refused before anything is read", "[aggregation]") {
    const toy_session world;
    const auto layout =
        *encoding::matrix_layout::create(world.header().layout, toy_session::scheme::modulus_bits);
    const std::size_t length = aggregation::opening::serialized_bytes(layout) - wire::frame_header_bytes;
    for (const std::size_t other : {std::size_t{0}, length - 1, length + 1}) {
        const auto read =
            aggregation::opening::parse(layout, wire::frame(wire::message_type::opening, 1, bytes(other)), 3);
        REQUIRE_FALSE(read);
        CHECK(read.error().what == "length of the opening");
    }
    CHECK(aggregation::opening::parse(layout, wire::frame(wire::message_type::opening, 1, bytes(length)), 3));
}
