// The auditor against storage that changed and against an aggregator that writes a consistent but false
// record: the step, the record and the culprit it names.
#include "support/toy_session.hpp"

#include "support/catch.hpp"
#include "support/forged_store.hpp"

using namespace veilsum;
using aggregation::audit_step;
using aggregation::record_type;
using test::forged_store;
using test::toy_session;

namespace {

// One honest round: record 0 session, 1..3 enrolments, 4 round, 5..7 contributions, 8 closing, 9..11
// partials, 12 result, 13 end.
struct finished_session {
    toy_session world;
    std::vector<std::int64_t> sums = world.run_round();
    audit::memory_store log = world.end();

    forged_store forge(const forged_store::change& edit) {
        forged_store made(log, edit);
        made.sign("toy.example/log", world.aggregator_key());
        return made;
    }
    forged_store copy() {
        return forge([](const audit::record& record) { return std::optional(record.body); });
    }
    aggregation::audit_failure refused(const forged_store& store) {
        const auto verdict = aggregation::audit_session<toy_session::scheme>(store, {}, {}, world.rng);
        REQUIRE_FALSE(verdict.accepted());
        INFO(verdict.failure->reason.describe());
        return *verdict.failure;
    }
    std::string client(std::size_t i) const { return aggregation::name_of(world.clients[i].id()); }
    audit::record record(std::uint64_t index) const { return *log.read(index); }
};

// Changes one byte of the body of the record `index`.
forged_store::change flip(std::uint64_t index, std::size_t offset) {
    return [=](const audit::record& record) {
        bytes body = record.body;
        if (record.sequence == index) body[offset] ^= 1;
        return std::optional(body);
    };
}

// Forging copies, so one session serves all cases that start from a finished one.
finished_session& shared_session() {
    static finished_session session;
    return session;
}

constexpr auto aggregator = "aggregator";

} // namespace

TEST_CASE("auditor: accepts an honest record and says what it saw", "[aggregation]") {
    finished_session& session = shared_session();
    const auto store = session.copy();
    std::map<audit_step, int> entered;
    const auto verdict = aggregation::audit_session<toy_session::scheme>(
        store, {}, {}, session.world.rng, [&](audit_step step) { ++entered[step]; });
    if (!verdict.accepted()) FAIL(verdict.failure->reason.describe());
    CHECK(verdict.summary.records == 14);
    CHECK(verdict.summary.root == store.root());
    CHECK(verdict.summary.head == audit::record_hash(session.record(13)));
    CHECK(entered[audit_step::contribution] == 3);
    CHECK(entered[audit_step::partial] == 3);
    CHECK(entered[audit_step::opening_policy] == 1);
    CHECK(entered[audit_step::commitments] == 1);
    CHECK(entered[audit_step::model_update] == 1);
}

TEST_CASE("auditor: every verdict names the log that it is about", "[aggregation]") {
    finished_session& session = shared_session();
    const auto names = [](const aggregation::audit_verdict& verdict, const auto& store) {
        CHECK(verdict.summary.names_log());
        CHECK(verdict.summary.records == store.size());
        CHECK(verdict.summary.root == store.root());
        CHECK(verdict.summary.head == store.head());
    };
    const auto by_all_levels = [&](const auto& store, bool accepted) {
        for (const auto& verdict :
             {aggregation::audit_log(store, {}),
              aggregation::audit_session<toy_session::scheme, aggregation::light_session>(store, {}, {},
                                                                                          session.world.rng),
              aggregation::audit_session<toy_session::scheme>(store, {}, {}, session.world.rng)}) {
            CHECK(verdict.accepted() == accepted);
            names(verdict, store);
        }
    };
    by_all_levels(session.copy(), true);
    const forged_store unsigned_log(session.log, flip(5, 0)); // step 2
    by_all_levels(unsigned_log, false);
    by_all_levels(audit::memory_store(), false);            // step 1: the log is there, and empty
    const auto signed_nonsense = session.forge(flip(8, 0)); // step 7
    names(aggregation::audit_session<toy_session::scheme>(signed_nonsense, {}, {}, session.world.rng),
          signed_nonsense);
    CHECK_FALSE(aggregation::audit_verdict().summary.names_log());
}

TEST_CASE("auditor: a body that changed on disk is found where it is used", "[aggregation]") {
    finished_session& session = shared_session();
    const auto contribution = aggregation::contribution_record::parse(session.record(6).body);
    const auto closing = aggregation::round_closed::parse(session.record(8).body);
    const auto partial = aggregation::partial_header::parse(session.record(10).body);
    const auto result = aggregation::round_result::parse(session.record(12).body);
    const auto round = aggregation::round_header::parse(session.record(4).body);
    const auto opened = aggregation::session_header::parse(session.record(0).body);
    struct expectation {
        hash::digest32 body;
        audit_step step;
        std::uint64_t record;
    };
    for (const auto& [body, step, record] : {expectation{opened->ceremony, audit_step::ceremony, 0},
                                             {round->roster, audit_step::round_opened, 4},
                                             {round->model, audit_step::round_opened, 4},
                                             {contribution->header.body, audit_step::contribution, 6},
                                             {closing->aggregate, audit_step::round_closed, 8},
                                             {partial->body, audit_step::partial, 10},
                                             {result->opening, audit_step::combination, 12},
                                             {result->model, audit_step::model_update, 12}}) {
        for (const bool removed : {false, true}) {
            auto store = session.copy();
            if (removed)
                store.remove_body(body);
            else
                store.corrupt_body(body, {});
            const auto failure = session.refused(store);
            CHECK(failure.step == step);
            CHECK(failure.record == record);
            CHECK(failure.reason.code == (removed ? errc::missing : errc::mismatch));
            CHECK(failure.reason.culprit.empty()); // the disk's fault, or whoever keeps it: nobody is named
        }
    }
}

TEST_CASE("auditor: a log that is shorter than its checkpoint", "[aggregation][truncated-log]") {
    finished_session& session = shared_session();
    struct cut_store : audit::memory_store {
        std::string note;
        result<std::string> read_checkpoint() const { return note; }
    };
    cut_store store;
    for (std::uint64_t i = 0; i + 1 < session.log.size(); ++i)
        REQUIRE(store.append(session.record(i).type, 1, session.record(i).body));
    store.note = *session.log.read_checkpoint();
    const auto verdict = aggregation::audit_session<toy_session::scheme>(store, {}, {}, session.world.rng);
    REQUIRE_FALSE(verdict.accepted());
    CHECK(verdict.failure->step == audit_step::checkpoint);
    CHECK(verdict.failure->record == 13);
    CHECK(verdict.failure->reason.culprit.empty()); // whoever keeps the folder can cut it
}

TEST_CASE("auditor: a rewritten log under the old checkpoint, and a checkpoint by somebody else",
          "[aggregation]") {
    finished_session& session = shared_session();
    SECTION("old checkpoint, other root") {
        struct replaced_store : audit::memory_store {
            std::string note;
            result<std::string> read_checkpoint() const { return note; }
        };
        replaced_store store;
        for (std::uint64_t i = 0; i < session.log.size(); ++i) {
            bytes body = session.record(i).body;
            if (i == 13) body.insert(body.end(), 0);
            REQUIRE(store.append(session.record(i).type, 1, body));
        }
        store.note = *session.log.read_checkpoint();
        const auto verdict =
            aggregation::audit_session<toy_session::scheme>(store, {}, {}, session.world.rng);
        REQUIRE_FALSE(verdict.accepted());
        CHECK(verdict.failure->step == audit_step::checkpoint);
        CHECK(verdict.failure->reason.what == "Merkle root of the log");
        CHECK(verdict.failure->reason.culprit.empty());
    }
    SECTION("another signing key") {
        forged_store store(session.log,
                           [](const audit::record& record) { return std::optional(record.body); });
        store.sign("toy.example/log", sign::signing_key::generate(session.world.rng));
        CHECK(session.refused(store).step == audit_step::checkpoint);
    }
    SECTION("another origin") {
        forged_store store(session.log,
                           [](const audit::record& record) { return std::optional(record.body); });
        store.sign("other.example/log", session.world.aggregator_key());
        CHECK(session.refused(store).step == audit_step::checkpoint);
    }
}

TEST_CASE("auditor: knows what it was told to expect", "[aggregation]") {
    finished_session& session = shared_session();
    aggregation::audit_expectations expected;
    expected.session = hash::digest32{};
    auto verdict =
        aggregation::audit_session<toy_session::scheme>(session.log, expected, {}, session.world.rng);
    REQUIRE_FALSE(verdict.accepted());
    CHECK(verdict.failure->reason.what == "session id is not the expected one");
    expected = {};
    expected.aggregator = session.world.clients[0].id().bytes();
    verdict = aggregation::audit_session<toy_session::scheme>(session.log, expected, {}, session.world.rng);
    REQUIRE_FALSE(verdict.accepted());
    CHECK(verdict.failure->reason.what == "aggregator is not the expected one");
    expected.aggregator = session.world.aggregator_key().verifying().bytes();
    expected.session = verdict.summary.session;
    CHECK(aggregation::audit_session<toy_session::scheme>(session.log, expected, {}, session.world.rng)
              .accepted());
}

TEST_CASE("auditor: the log alone, chain and checkpoint and nothing else", "[aggregation]") {
    finished_session& session = shared_session();
    const auto verdict = aggregation::audit_log(session.log, {});
    REQUIRE(verdict.accepted());
    CHECK(verdict.summary.records == session.log.size());
    CHECK(verdict.summary.origin == "toy.example/log");
    CHECK(verdict.summary.session == audit::record_hash(session.record(0)));

    // A record that says something wrong, signed by its aggregator, is another level's business.
    const auto signed_nonsense = session.forge(flip(5, 0));
    CHECK(aggregation::audit_log(signed_nonsense, {}).accepted());
    CHECK_FALSE(aggregation::audit_session<toy_session::scheme>(signed_nonsense, {}, {}, session.world.rng)
                    .accepted());

    const forged_store nobody_signed(session.log, flip(5, 0));
    auto refused = aggregation::audit_log(nobody_signed, {});
    REQUIRE_FALSE(refused.accepted());
    CHECK(refused.failure->step == audit_step::checkpoint);
    CHECK(refused.failure->reason.what == "checkpoint");

    aggregation::audit_expectations expected;
    expected.session = hash::digest32{};
    refused = aggregation::audit_log(session.log, expected);
    REQUIRE_FALSE(refused.accepted());
    CHECK(refused.failure->step == audit_step::ceremony);
    CHECK(refused.failure->reason.what == "session id is not the expected one");
    expected = {};
    expected.aggregator = session.world.clients[0].id().bytes();
    refused = aggregation::audit_log(session.log, expected);
    REQUIRE_FALSE(refused.accepted());
    CHECK(refused.failure->reason.what == "aggregator is not the expected one");
}

TEST_CASE("auditor: a forged contribution record names the aggregator, not the client", "[aggregation]") {
    finished_session& session = shared_session();
    // header: round 8, client 32, rows 64, body 32, signature 64, then the time
    for (const std::size_t offset :
         {std::size_t{7}, std::size_t{20}, std::size_t{50}, std::size_t{110}, std::size_t{150}}) {
        const auto failure = session.refused(session.forge(flip(6, offset)));
        CHECK(failure.step == audit_step::contribution);
        CHECK(failure.record == 6);
        CHECK(failure.reason.culprit == aggregator);
    }
}

TEST_CASE("auditor: a swapped pair of ciphertexts", "[aggregation]") {
    finished_session& session = shared_session();
    const auto& layout = session.world.header().layout;
    const auto slots = encoding::matrix_layout::create(layout, 512);
    REQUIRE(slots);
    const auto record = aggregation::contribution_record::parse(session.record(6).body);
    bytes body = *session.log.get_body(record->header.body, 1 << 20);
    const auto first = body.begin() + static_cast<std::ptrdiff_t>(32 * slots->rows());
    const auto size = static_cast<std::ptrdiff_t>(toy_session::scheme::ciphertext_bytes);
    std::swap_ranges(first, first + size, first + size);

    SECTION("hashed again by the aggregator: the client's signature does not cover it") {
        auto forged_record = *record;
        forged_record.header.body = hash::sha256(body);
        auto store = session.forge([&](const audit::record& entry) {
            return std::optional(entry.sequence == 6 ? forged_record.serialize() : entry.body);
        });
        REQUIRE(store.put_body(body));
        const auto failure = session.refused(store);
        CHECK(failure.step == audit_step::contribution);
        CHECK(failure.record == 6);
        CHECK(failure.reason.check == 3);
        CHECK(failure.reason.culprit == aggregator);
    }
    SECTION("signed by the client: the proof does not hold") {
        std::size_t sender = 3;
        for (std::size_t i = 0; i < 3; ++i)
            if (session.world.clients[i].id().bytes() == record->header.client) sender = i;
        REQUIRE(sender < 3);
        auto forged_record = *record;
        forged_record.header.body = hash::sha256(body);
        const auto header = aggregation::round_header::parse(session.record(4).body);
        aggregation::round_terms terms;
        terms.session = audit::record_hash(session.record(0));
        terms.key = header->key;
        terms.model_weights = 100;
        const auto facts = aggregation::check_round<toy_session::scheme>(
            *header, audit::record_hash(session.record(4)), terms, *session.world.roster);
        REQUIRE(facts);
        forged_record.header.signature =
            toy_session::key_of(session.world.client_seeds[sender])
                .sign(aggregation::contribution_label, forged_record.header.signed_message(*facts));
        auto store = session.forge([&](const audit::record& entry) {
            return std::optional(entry.sequence == 6 ? forged_record.serialize() : entry.body);
        });
        REQUIRE(store.put_body(body));
        const auto failure = session.refused(store);
        CHECK(failure.step == audit_step::contribution);
        CHECK(failure.record == 6);
        CHECK(failure.reason.check == 11);
        CHECK(failure.reason.code == errc::bad_proof);
        CHECK(failure.reason.culprit == session.client(sender));
    }
}

TEST_CASE("auditor: a record that should not have been written is the aggregator's", "[aggregation]") {
    finished_session& session = shared_session();
    const auto opened_as = [&](auto edit) {
        auto header = *aggregation::round_header::parse(session.record(4).body);
        edit(header);
        const auto failure = session.refused(session.forge([&](const audit::record& record) {
            return std::optional(record.sequence == 4 ? header.serialize() : record.body);
        }));
        CHECK(failure.step == audit_step::round_opened);
        CHECK(failure.record == 4);
        return failure.reason;
    };
    using header = aggregation::round_header;
    CHECK(opened_as([](header& h) { h.minimum_cohort = 1; }).culprit == aggregator);
    CHECK(opened_as([](header& h) { h.layout.m = 2; }).culprit == aggregator);
    CHECK(opened_as([](header& h) { h.format.clip_l2 = -1; }).culprit == aggregator);
    // A newer library may know what this one does not.
    CHECK(opened_as([](header& h) { h.suite = static_cast<aggregation::proof_suite>(3); }).culprit.empty());

    const auto early = session.refused(session.forge([](const audit::record& record) {
        return record.sequence == 10 || record.sequence == 11 ? std::nullopt : std::optional(record.body);
    }));
    CHECK(early.step == audit_step::combination);
    CHECK(early.reason.what == "partial decryptions for a quorum");
    CHECK(early.reason.culprit == aggregator);
}

TEST_CASE("auditor: a refusal whose evidence cannot be read names nobody", "[aggregation]") {
    toy_session world;
    auto round = world.open_round();
    auto message = world.contribute(round, 0).message();
    message.body.back() ^= 1;
    message.header.body = hash::sha256(message.body);
    message.header.signature =
        toy_session::key_of(world.client_seeds[0])
            .sign(aggregation::contribution_label, message.header.signed_message(round.state().round()));
    CHECK(round.receive(message.serialize(), 1010, world.rng).error().check == 11);
    for (const bool removed : {false, true}) {
        forged_store store(round.store(),
                           [](const audit::record& record) { return std::optional(record.body); });
        store.sign("toy.example/log", world.aggregator_key());
        if (removed)
            store.remove_body(message.header.body);
        else
            store.corrupt_body(message.header.body, {});
        const auto verdict = aggregation::audit_session<toy_session::scheme>(store, {}, {}, world.rng);
        REQUIRE_FALSE(verdict.accepted());
        CHECK(verdict.failure->step == audit_step::refusal);
        CHECK(verdict.failure->reason.code == (removed ? errc::missing : errc::mismatch));
        CHECK(verdict.failure->reason.culprit.empty());
    }
}

TEST_CASE("auditor: an opening against the policy", "[aggregation]") {
    // Updates of zero leave the model as it is: the second round would open the same clients for the same
    // model.
    toy_session world;
    const std::vector<float> zeros(100, 0.0F);
    const auto everybody = [&](toy_session::collecting& round) {
        for (auto& client : world.clients) {
            const auto pending = client.contribute(round.state().round(), zeros, world.rng);
            REQUIRE(pending);
            REQUIRE(round.receive(pending->message().serialize(), 1010, world.rng));
        }
        return world.close(round);
    };
    {
        auto round = world.open_round();
        auto opening = everybody(round);
        REQUIRE(world.answer(opening, 1));
        REQUIRE(world.answer(opening, 2));
        world.finish(opening);
    }
    auto round = world.open_round();
    auto opening = everybody(round);
    REQUIRE(world.catch_up(1, opening.store()));
    CHECK(world.trustees[0].answer(world.rng).error().check == 4);

    forged_store store(opening.store(),
                       [](const audit::record& record) { return std::optional(record.body); });
    const std::uint64_t last = store.size();
    REQUIRE(store.append(static_cast<std::uint16_t>(record_type::partial), 1,
                         aggregation::partial_header{2, 1, {}, {}}.serialize()));
    store.sign("toy.example/log", world.aggregator_key());
    const auto verdict = aggregation::audit_session<toy_session::scheme>(store, {}, {}, world.rng);
    REQUIRE_FALSE(verdict.accepted());
    CHECK(verdict.failure->step == audit_step::opening_policy);
    CHECK(verdict.failure->record == last);
    CHECK(verdict.failure->reason.check == 4);
    CHECK(verdict.failure->reason.culprit == aggregator);
}

TEST_CASE("auditor: a dropped contribution", "[aggregation]") {
    finished_session& session = shared_session();
    SECTION("the closing still counts it") {
        const auto store = session.forge([](const audit::record& record) {
            return record.sequence == 6 ? std::nullopt : std::optional(record.body);
        });
        const auto failure = session.refused(store);
        CHECK(failure.step == audit_step::round_closed);
        CHECK(failure.record == 7);
        CHECK(failure.reason.what == "accepted clients");
        CHECK(failure.reason.culprit == aggregator);
    }
    SECTION("the closing leaves it out: the trustees signed another product") {
        // What the aggregator would have to write: the closing of the two others, after the closing time.
        auto state = aggregation::session_state<toy_session::scheme>::open(
            session.record(0), aggregation::bodies_of(session.log));
        REQUIRE(state);
        forged_store store(session.log, [](const audit::record& record) {
            return record.sequence == 6 || record.sequence >= 8 ? std::nullopt : std::optional(record.body);
        });
        for (std::uint64_t i = 1; i < store.size(); ++i)
            REQUIRE(state->apply(*store.read(i), aggregation::bodies_of(store), session.world.rng));
        REQUIRE(store.put_body(state->aggregate().serialize()));
        REQUIRE(store.append(static_cast<std::uint16_t>(record_type::round_closed), 1,
                             state->closing(toy_session::closing_time + 1).serialize()));
        for (std::uint64_t i = 9; i < session.log.size(); ++i)
            REQUIRE(store.append(session.record(i).type, 1, session.record(i).body));
        store.sign("toy.example/log", session.world.aggregator_key());
        const auto failure = session.refused(store);
        CHECK(failure.step == audit_step::partial);
        CHECK(failure.record == 8);
        CHECK(failure.reason.check == 3);
        CHECK(failure.reason.culprit == aggregator);
    }
}

TEST_CASE("auditor: a contribution counted twice", "[aggregation]") {
    finished_session& session = shared_session();
    forged_store store(session.log, [](const audit::record& record) {
        return record.sequence >= 8 ? std::nullopt : std::optional(record.body);
    });
    REQUIRE(store.append(session.record(6).type, 1, session.record(6).body));
    store.sign("toy.example/log", session.world.aggregator_key());
    const auto failure = session.refused(store);
    CHECK(failure.step == audit_step::contribution);
    CHECK(failure.record == 8);
    CHECK(failure.reason.code == errc::duplicate);
}

TEST_CASE("auditor: each field of the closing", "[aggregation]") {
    finished_session& session = shared_session();
    const auto with = [&](auto edit) {
        auto closing = *aggregation::round_closed::parse(session.record(8).body);
        edit(closing);
        const auto store = session.forge([&](const audit::record& record) {
            return std::optional(record.sequence == 8 ? closing.serialize() : record.body);
        });
        const auto failure = session.refused(store);
        CHECK(failure.step == audit_step::round_closed);
        CHECK(failure.record == 8);
        CHECK(failure.reason.culprit == aggregator);
        return failure.reason.what;
    };
    using closed = aggregation::round_closed;
    CHECK(with([](closed& c) { c.round = 2; }) == "round of the closing");
    CHECK(with([](closed& c) { c.closed_at = 5; }) == "clock of the record runs backwards");
    CHECK(with([](closed& c) { std::swap(c.accepted[0], c.accepted[1]); }) == "accepted clients");
    CHECK(with([](closed& c) { c.refused.push_back(c.accepted[0]); }) == "refused clients");
    CHECK(with([](closed& c) { c.silent.push_back(c.accepted[0]); }) == "silent clients");
    CHECK(with([](closed& c) { c.outcome = aggregation::round_outcome::below_minimum_cohort; }) ==
          "outcome of the round");
    CHECK(with([](closed& c) { c.aggregate[0] ^= 1; }) == "product of the ciphertexts");
}

TEST_CASE("auditor: a result that was altered and hashed again", "[aggregation]") {
    finished_session& session = shared_session();
    const auto with = [&](auto edit, audit_step step) {
        auto result = *aggregation::round_result::parse(session.record(12).body);
        edit(result);
        const auto store = session.forge([&](const audit::record& record) {
            return std::optional(record.sequence == 12 ? result.serialize() : record.body);
        });
        const auto failure = session.refused(store);
        CHECK(failure.step == step);
        CHECK(failure.record == 12);
        CHECK(failure.reason.culprit == aggregator);
        return failure.reason.what;
    };
    using result = aggregation::round_result;
    CHECK(with([](result& r) { r.round = 2; }, audit_step::combination) == "round of the result");
    CHECK(with([](result& r) { r.quorum[1] = party_id(3); }, audit_step::combination) ==
          "quorum of the result");
    CHECK(with([](result& r) { r.opening[0] ^= 1; }, audit_step::combination) == "opening");
    CHECK(with([](result& r) { r.update[0] ^= 1; }, audit_step::model_update) == "summed update");
    CHECK(with([](result& r) { r.model[0] ^= 1; }, audit_step::model_update) == "new model");
}

TEST_CASE("round result: a trustee that no ceremony has", "[aggregation]") {
    auto result = *aggregation::round_result::parse(shared_session().record(12).body);
    result.quorum[1] = party_id(threshold::structure::max_trustees);
    CHECK(aggregation::round_result::parse(result.serialize()));
    result.quorum[1] = party_id(threshold::structure::max_trustees + 1);
    const auto refused = aggregation::round_result::parse(result.serialize());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::out_of_range);
    CHECK(refused.error().what == "trustee of the quorum");
}

TEST_CASE("auditor: a model that is not the sum's, with its own digest", "[aggregation]") {
    finished_session& session = shared_session();
    std::vector<float> weights(session.world.model->weights().begin(), session.world.model->weights().end());
    weights[3] += 0.25F;
    const auto other = aggregation::model::of(weights);
    REQUIRE(other);
    auto result = *aggregation::round_result::parse(session.record(12).body);
    result.model = other->digest();
    auto store = session.forge([&](const audit::record& record) {
        return std::optional(record.sequence == 12 ? result.serialize() : record.body);
    });
    REQUIRE(store.put_body(other->serialize()));
    const auto failure = session.refused(store);
    CHECK(failure.step == audit_step::model_update);
    CHECK(failure.reason.what == "new model");
}

TEST_CASE("auditor: a partial decryption from the wrong share", "[aggregation]") {
    toy_session world;
    auto round = world.open_round();
    for (std::size_t i = 0; i < 3; ++i) REQUIRE(world.send(round, i));
    auto opening = world.close(round);

    // Trustee 2 answers with trustee 1's share and signs it as its own.
    auto dealt_rng = test::seeded_random(1);
    const auto who = threshold::structure::create(2, 3);
    auto dealt = threshold::deal(test::fixed_prime_pair<512>(), world.ceremony->key, *who,
                                 dealt_rng); // as toy_session deals
    REQUIRE(dealt);
    std::vector<sign::signing_key> identities;
    for (int i = 0; i < 3; ++i) identities.push_back(sign::signing_key::generate(dealt_rng));
    REQUIRE(identities[1].verifying() == world.ceremony->trustees[1]);
    const auto& facts = opening.state().round();
    auto wrong = threshold::partially_decrypt(
        world.ceremony->key, world.ceremony->verification, dealt->shares[0], opening.state().aggregate(),
        aggregation::partial_context(*world.ceremony, facts, party_id(2)), world.rng);
    REQUIRE(wrong);
    const threshold::partial_decryption<toy_session::scheme> relabelled(party_id(2), wrong->values(),
                                                                        wrong->proof(), *who);
    aggregation::partial_message message;
    message.body = relabelled.serialize();
    message.header = {1, 2, hash::sha256(message.body), {}};
    message.header.signature = identities[1].sign(
        aggregation::partial_label, message.header.signed_message(facts, opening.state().aggregate_digest()));

    SECTION("the aggregator refuses it, records it, and the round completes with the others") {
        const auto size = opening.store().size();
        const auto refused = opening.receive(message.serialize(), world.rng);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().check == 6);
        CHECK(refused.error().code == errc::bad_proof);
        CHECK(refused.error().culprit == "trustee 2");
        CHECK(opening.store().size() == size + 1);
        REQUIRE(world.answer(opening, 1));
        REQUIRE(world.answer(opening, 3));
        const auto expected = world.plain_sum({0, 1, 2});
        const auto sums = world.finish(opening);
        CHECK(std::vector(sums.begin(), sums.begin() + 100) == expected);
        const auto verdict = world.audit(world.end());
        if (!verdict.accepted()) FAIL(verdict.failure->reason.describe());
    }
    SECTION("one wrong answer a round is on the record, not as many as the trustee sends") {
        CHECK(opening.receive(message.serialize(), world.rng).error().check == 6);
        const auto size = opening.store().size();
        for (const bytes& more : {message.serialize(), world.partial(opening, 2).serialize()}) {
            const auto again = opening.receive(more, world.rng);
            REQUIRE_FALSE(again);
            CHECK(again.error().code == errc::duplicate);
            CHECK(again.error().culprit.empty()); // no signature was looked at
        }
        CHECK(opening.store().size() == size);
        // Nor can an aggregator write it twice.
        forged_store store(opening.store(),
                           [](const audit::record& record) { return std::optional(record.body); });
        REQUIRE(store.append(static_cast<std::uint16_t>(record_type::partial_refusal), 1,
                             message.header.serialize()));
        store.sign("toy.example/log", world.aggregator_key());
        const auto verdict = aggregation::audit_session<toy_session::scheme>(store, {}, {}, world.rng);
        REQUIRE_FALSE(verdict.accepted());
        CHECK(verdict.failure->record == size);
        CHECK(verdict.failure->reason.code == errc::duplicate);
        CHECK(verdict.failure->reason.culprit == aggregator);
    }
    SECTION("an aggregator that records it all the same is found out, and the trustee named") {
        const auto& honest = opening.store();
        forged_store store(honest, [](const audit::record& record) { return std::optional(record.body); });
        REQUIRE(store.put_body(message.body));
        REQUIRE(
            store.append(static_cast<std::uint16_t>(record_type::partial), 1, message.header.serialize()));
        store.sign("toy.example/log", world.aggregator_key());
        const auto verdict = aggregation::audit_session<toy_session::scheme>(store, {}, {}, world.rng);
        REQUIRE_FALSE(verdict.accepted());
        CHECK(verdict.failure->step == audit_step::partial);
        CHECK(verdict.failure->record == 9);
        CHECK(verdict.failure->reason.check == 6);
        CHECK(verdict.failure->reason.culprit == "trustee 2");
    }
    SECTION("a refusal of an honest partial decryption is itself refused") {
        const auto honest_partial = world.partial(opening, 1);
        forged_store store(opening.store(),
                           [](const audit::record& record) { return std::optional(record.body); });
        REQUIRE(store.put_body(honest_partial.body));
        REQUIRE(store.append(static_cast<std::uint16_t>(record_type::partial_refusal), 1,
                             honest_partial.header.serialize()));
        store.sign("toy.example/log", world.aggregator_key());
        const auto verdict = aggregation::audit_session<toy_session::scheme>(store, {}, {}, world.rng);
        REQUIRE_FALSE(verdict.accepted());
        CHECK(verdict.failure->reason.what == "refusal of a valid partial decryption");
        CHECK(verdict.failure->reason.culprit == aggregator);
    }
}

TEST_CASE("auditor: records out of turn", "[aggregation]") {
    finished_session& session = shared_session();
    // Each record after the first, moved to the end of the session.
    for (const std::uint64_t moved : {2u, 4u, 5u, 8u, 9u, 12u}) {
        forged_store store(session.log,
                           [](const audit::record& record) { return std::optional(record.body); });
        REQUIRE(store.append(session.record(moved).type, 1, session.record(moved).body));
        store.sign("toy.example/log", session.world.aggregator_key());
        const auto failure = session.refused(store);
        CHECK(failure.record == 14);
        CHECK(failure.reason.what == "record out of turn");
    }
}

TEST_CASE("auditor: files that the record names", "[aggregation]") {
    toy_session world;
    world.run_round();
    const hash::digest32 digest = hash::sha256(as_bytes("weights"));
    const auto log = world.end({{{"model.bin", digest}}});
    const auto with = [&](aggregation::artifact_reader reader) {
        return aggregation::audit_session<toy_session::scheme>(log, {}, reader, world.rng);
    };
    CHECK(with([&](const std::string&) { return digest; }).accepted());
    const auto changed = with([](const std::string&) { return hash::digest32{}; });
    REQUIRE_FALSE(changed.accepted());
    CHECK(changed.failure->step == audit_step::artifacts);
    CHECK(changed.failure->reason.place == "model.bin");
    const auto absent = with([](const std::string&) { return error{errc::io, "cannot open file"}; });
    REQUIRE_FALSE(absent.accepted());
    CHECK(absent.failure->step == audit_step::artifacts);
}
