#include "support/restartable_session.hpp"

#include "support/catch.hpp"
#include "support/thread_count.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <set>
#include <string>

using namespace veilsum;
using aggregation::bodies_of;
using aggregation::record_type;
using test::restart_roles;
using test::restartable_session;
using test::step_watch;
using test::toy_session;

namespace {

using scheme = toy_session::scheme;
using memory_play = restartable_session<test::memory_disk>;

// Runs a session and, at each of its points, a child process in which the acting role is stopped there and
// the session goes on. Children inherit the memory of everybody, so nothing is played twice. Where a child's
// situation becomes one of `known`, those of a run that was played to its end, it has nothing more to show.
// A sample is played to its end in any case, with others acting before who was stopped starts again.
class explorer {
  public:
    explorer(toy_session& base, std::set<hash::digest32> known) : base_(base), known_(std::move(known)) {}

    std::array<std::uint64_t, restart_roles> points{}; // by role
    std::vector<std::string> failures;
    std::uint64_t children = 0;

    void explore() {
        bool in_child = false;
        step_watch watch;
        memory_play play(base_, {}, watch);
        const auto child = [&](std::size_t role, std::string_view action, std::uint64_t again_after,
                               bool to_the_end) {
            ++children;
            std::fflush(nullptr);
            const pid_t id = fork();
            if (id < 0) throw std::runtime_error("fork");
            if (id > 0) {
                running_[id] = "role " + std::to_string(role) + ", " + std::string(action) + ", point " +
                               std::to_string(watch.points) + ", again after " + std::to_string(again_after);
                while (running_.size() >= 2) wait_for_one();
                return;
            }
            in_child = true;
            watch.on_point = nullptr;
            if (again_after != 0)
                watch.on_point = [&watch, last = watch.points + again_after](std::size_t acting,
                                                                             std::string_view) {
                    if (watch.points != last) return;
                    watch.on_point = nullptr;
                    throw test::stopped{acting};
                };
            play.at_once = !to_the_end;
            if (!to_the_end) play.between_steps = [&] { return known_.contains(play.situation()); };
            throw test::stopped{role};
        };
        test::seeded_random choice(5);
        watch.on_point = [&](std::size_t role, std::string_view action) {
            if (in_child) return;
            ++points[role];
            const std::uint64_t number = watch.points;
            child(role, action, 0, number % 24 == 0);
            if (number % 16 == 4) child(role, action, 1 + choice.below(30), true);
        };
        try {
            play.run();
        } catch (const std::exception& reason) {
            if (!in_child) throw;
            std::fprintf(stderr, "%s\n", reason.what());
            _exit(1);
        }
        if (in_child) _exit(0);
        while (!running_.empty()) wait_for_one();
    }

  private:
    void wait_for_one() {
        int status = 0;
        const pid_t id = waitpid(-1, &status, 0);
        const auto ended = running_.find(id);
        if (ended == running_.end()) throw std::runtime_error("waitpid");
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) failures.push_back(ended->second);
        running_.erase(ended);
    }

    toy_session& base_;
    std::set<hash::digest32> known_;
    std::map<pid_t, std::string> running_; // at most two at a time
};

} // namespace

TEST_CASE("restart: any role stopped at any point, once and twice", "[aggregation]") {
    // Children of a process whose threads are gone with the fork: one thread.
    const bool explored = test::with_threads(1, [] {
        toy_session base({.values = 8});
        std::set<hash::digest32> known;
        step_watch watch;
        memory_play undisturbed(base, {}, watch);
        undisturbed.between_steps = [&] {
            known.insert(undisturbed.situation());
            return false;
        };
        undisturbed.run();

        explorer all(base, known);
        all.explore();
        for (const std::string& failure : all.failures) UNSCOPED_INFO(failure);
        CHECK(all.failures.empty());
        std::uint64_t points = 0;
        for (const std::uint64_t each : all.points) {
            CHECK(each >= 6);
            points += each;
        }
        CHECK(points == watch.points);
        CHECK(points >= 190);
        CHECK(all.children > points);
        return true;
    });
    CHECK(explored);
}

TEST_CASE("restart: with files and their locks, all roles stopped again and again", "[aggregation]") {
    toy_session base({.values = 8});
    test::temporary_folder folder(test::memory_backed());
    step_watch watch;
    std::array<int, restart_roles> stops{};
    watch.on_point = [&](std::size_t role, std::string_view) {
        if (watch.points % 17 != 0) return;
        ++stops[role];
        throw test::stopped{role};
    };
    restartable_session<test::file_disk> play(base, test::file_disk(folder.path()), watch);
    play.run();
    int total = 0;
    for (const int each : stops) total += each;
    CHECK(total > 10);
    CHECK(stops[0] > 2);
}

namespace {

constexpr const char* origin = "toy.example/log";

std::string note_at(const audit::memory_store& log, std::uint64_t size, const sign::signing_key& key) {
    return audit::sign_checkpoint({origin, size, log.tree().root(size)}, origin, key);
}

// What a crash leaves of a log: the first `records`, under a checkpoint of `covered` of them, with all
// bodies.
class crash_image : public audit::memory_store {
  public:
    crash_image(const audit::memory_store& whole, std::uint64_t records, std::uint64_t covered,
                const sign::signing_key& key)
        : bodies_(whole) {
        for (std::uint64_t index = 0; index < records; ++index) {
            const auto record = whole.read(index);
            REQUIRE(record);
            REQUIRE(append(record->type, record->version, record->body));
        }
        if (covered != 0) REQUIRE(write_checkpoint(note_at(whole, covered, key)));
    }
    result<bytes> get_body(const hash::digest32& digest, std::size_t max) const {
        return bodies_.get_body(digest, max);
    }
    bool has_body(const hash::digest32& digest) const { return bodies_.has_body(digest); }

  private:
    audit::memory_store bodies_;
};
static_assert(audit::log_store<crash_image>);

audit::memory_store one_round(toy_session& world) {
    world.run_round();
    return world.end();
}

using resumed = aggregation::resumed_session<scheme, crash_image>;

error refusal_of(crash_image image, sign::signing_key key) {
    test::seeded_random rng(3);
    auto session = aggregation::resume_session<scheme>(std::move(image), std::move(key), rng);
    REQUIRE_FALSE(session);
    return session.error();
}

} // namespace

TEST_CASE("resume: every length of a log gives the state that wrote it, under its checkpoint",
          "[aggregation]") {
    toy_session world({.values = 8});
    const audit::memory_store log = one_round(world);
    const auto key = world.aggregator_key();
    // session_opened, 3 enrolments, round_opened, 3 contributions, round_closed, 3 partials, round_result,
    // session_closed
    const std::vector<std::size_t> expected = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 0, 3};
    REQUIRE(log.size() == expected.size());
    for (std::uint64_t records = 1; records <= log.size(); ++records)
        for (const std::uint64_t covered : {records - 1, records}) {
            if (covered == records && records % 4 != 0) continue; // nothing was left out: some are enough
            INFO(records << " records, " << covered << " covered");
            auto session = aggregation::resume_session<scheme>(crash_image(log, records, covered, key),
                                                               world.aggregator_key(), world.rng);
            if (!session) FAIL(session.error().describe());
            CHECK(session->index() == expected[records - 1]);
            const crash_image& store = std::visit(
                [](const auto& state) -> const crash_image& {
                    if constexpr (std::is_same_v<std::decay_t<decltype(state)>,
                                                 aggregation::ended_session<crash_image>>)
                        return state.store;
                    else
                        return state.store();
                },
                *session);
            CHECK(store.size() == records);
            CHECK(*store.read_checkpoint() == note_at(log, records, key));
        }
}

TEST_CASE("resume: goes on where the session was", "[aggregation]") {
    toy_session world({.values = 8});
    auto round = world.open_round();
    const auto pending = world.contribute(round, 0);
    const auto receipt = round.receive(pending.message().serialize(), 1010, world.rng);
    REQUIRE(receipt);
    REQUIRE(world.send(round, 1));

    auto session = aggregation::resume_session<scheme>(audit::memory_store(round.store()),
                                                       world.aggregator_key(), world.rng);
    REQUIRE(session);
    auto& again = std::get<toy_session::collecting>(*session);
    CHECK(again.state().accepted() == 2);
    CHECK(again.receive(pending.message().serialize(), 5000, world.rng)->serialize() == receipt->serialize());
    CHECK(again.state().accepted() == 2);
    // Equivocation is still noticed: a client whose memory was lost makes a second message.
    auto forgetful = toy_session::client::join(
        again.state().facts(), std::make_shared<const toy_session::client::encryptor>(world.ceremony->key),
        toy_session::key_of(world.client_seeds[0]), aggregation::memory_outbox());
    REQUIRE(forgetful);
    const auto second = forgetful->contribute(again.state().round(), world.update(0), world.rng);
    REQUIRE(second);
    const auto refused = again.receive(second->message().serialize(), 1012, world.rng);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().check == aggregation::equivocation);
    CHECK(again.state().accepted() == 1);
    REQUIRE(world.send(again, 2));
    const auto expected = world.plain_sum({1, 2});
    auto opening = world.close(again);
    REQUIRE(world.answer(opening, 1));
    REQUIRE(world.answer(opening, 3));
    const auto sums = world.finish(opening);
    CHECK(std::vector(sums.begin(), sums.begin() + 8) == expected);
    CHECK(world.audit(world.end()).accepted());
}

TEST_CASE("resume: what is refused", "[aggregation]") {
    toy_session world({.values = 8});
    const audit::memory_store log = one_round(world);
    const auto key = world.aggregator_key();
    const auto stranger = toy_session::key_of(byte_array<32>{9});

    SECTION("an empty log") {
        CHECK(refusal_of(crash_image({}, 0, 0, key), world.aggregator_key()).code == errc::missing);
    }
    SECTION("another key than the first record's") {
        const error reason = refusal_of(crash_image(log, 4, 4, key), toy_session::key_of(byte_array<32>{9}));
        CHECK(reason.code == errc::wrong_key);
        CHECK(reason.what == "signing key of the aggregator");
    }
    SECTION("a checkpoint by somebody else") {
        const error reason = refusal_of(crash_image(log, 4, 4, stranger), world.aggregator_key());
        CHECK(reason.place == "checkpoint");
        CHECK(reason.check == 2);
    }
    SECTION("more than one record past the checkpoint, which no crash leaves") {
        for (const auto& [records, covered] : {std::pair{5u, 3u}, {11u, 1u}, {2u, 0u}}) {
            const error reason = refusal_of(crash_image(log, records, covered, key), world.aggregator_key());
            CHECK(reason.code == errc::mismatch);
            CHECK(reason.what == "more than one record after the checkpoint");
            CHECK(reason.place == audit::record_place(covered));
        }
    }
    SECTION("a log that is shorter than its checkpoint") {
        struct cut_store : crash_image {
            std::string kept;
            cut_store(const audit::memory_store& whole, const sign::signing_key& signer)
                : crash_image(whole, 4, 4, signer), kept(note_at(whole, 5, signer)) {}
            result<std::string> read_checkpoint() const { return kept; }
        };
        auto session =
            aggregation::resume_session<scheme>(cut_store(log, key), world.aggregator_key(), world.rng);
        REQUIRE_FALSE(session);
        CHECK(session.error().what == "records that the checkpoint covers");
    }
    SECTION("a record that was put after the last one and does not verify") {
        const auto contribution = log.read(5);
        REQUIRE(contribution);
        crash_image image(log, 6, 6, key);
        REQUIRE(image.append(contribution->type, contribution->version, contribution->body));
        const error reason = refusal_of(std::move(image), world.aggregator_key());
        CHECK(reason.what == "second contribution of a client");
        CHECK(reason.place.starts_with("record 6"));

        crash_image forged(log, 5, 5, key);
        bytes bent = contribution->body;
        bent.back() ^= 1; // the time is not signed: another one verifies, as long as the round is open
        bent[8 + 32 + 64 + 32] ^= 1; // the signature
        REQUIRE(forged.append(contribution->type, contribution->version, bent));
        const error signature = refusal_of(std::move(forged), world.aggregator_key());
        CHECK(signature.code == errc::bad_signature);
        CHECK(signature.place.starts_with("record 5"));
    }
}

namespace {

// The laws of an outbox (outbox.hpp), for one that is empty.
template <aggregation::outbox Outbox>
void check_laws(Outbox& box) {
    const hash::digest32 session{1};
    const hash::digest32 other{2};
    const bytes first{1, 2, 3};
    const bytes second{4, 5};
    CHECK_FALSE(box.last(session));
    CHECK(box.message(session, 1, 100).error().code == errc::missing);
    REQUIRE(box.keep(session, 3, first));
    CHECK(box.last(session) == 3);
    CHECK_FALSE(box.last(other));
    CHECK(*box.message(session, 3, first.size()) == first);
    CHECK(box.message(session, 3, first.size() - 1).error().code == errc::out_of_range);
    CHECK(box.message(session, 2, 100).error().code == errc::missing);
    CHECK(box.message(other, 3, 100).error().code == errc::missing);
    for (const std::uint64_t round : {1u, 3u}) {
        const auto again = box.keep(session, round, second);
        REQUIRE_FALSE(again);
        CHECK(again.error().code == errc::duplicate);
        CHECK(again.error().place == "round " + std::to_string(round));
    }
    CHECK(*box.message(session, 3, 100) == first);
    REQUIRE(box.keep(other, 1, second));
    REQUIRE(box.keep(session, 4, second));
    CHECK(box.last(session) == 4);
    CHECK(*box.message(session, 4, 100) == second);
    CHECK(*box.message(other, 1, 100) == second);
}

} // namespace

TEST_CASE("outbox: its laws, in memory and in files", "[aggregation]") {
    aggregation::memory_outbox memory;
    check_laws(memory);
    test::temporary_folder folder(test::memory_backed());
    auto files = aggregation::file_outbox::create(folder / "box/");
    REQUIRE(files);
    check_laws(*files);
}

TEST_CASE("outbox: files are there after reopening, for one owner at a time", "[aggregation]") {
    test::temporary_folder folder(test::memory_backed());
    const auto path = folder / "box";
    const hash::digest32 session{1};
    CHECK(aggregation::file_outbox::open(path).error().code == errc::missing);
    {
        auto box = aggregation::file_outbox::create(path);
        REQUIRE(box);
        REQUIRE(box->keep(session, 1, bytes{1}));
        REQUIRE(box->keep(session, 2, bytes{2}));
        CHECK(aggregation::file_outbox::open(path).error().what == "lock is held by another writer");
        CHECK(aggregation::file_outbox::create(path).error().code == errc::duplicate);
    }
    auto box = aggregation::file_outbox::open(path);
    REQUIRE(box);
    CHECK(box->last(session) == 2);
    CHECK(*box->message(session, 1, 10) == bytes{1});
    CHECK(*box->message(session, 2, 10) == bytes{2});
    // A message that was removed is not there, and its round is still taken.
    std::filesystem::remove(path / "messages" / to_hex(hash::sha256(bytes{2})));
    CHECK(box->message(session, 2, 10).error().code == errc::missing);
    CHECK(box->keep(session, 2, bytes{3}).error().code == errc::duplicate);
    // One that was altered is not sent.
    test::write_whole_file(path / "messages" / to_hex(hash::sha256(bytes{1})), {7});
    CHECK(box->message(session, 1, 10).error().code == errc::mismatch);
}

TEST_CASE("outbox: check 5, entries that `keep` does not write", "[aggregation]") {
    test::temporary_folder folder(test::memory_backed());
    const auto entry_of = [](std::uint64_t round) {
        wire::writer entry;
        entry.fixed(hash::digest32{1});
        entry.u64(round);
        entry.fixed(hash::digest32{2});
        return std::move(entry).take();
    };
    bytes shorter = entry_of(2);
    shorter.pop_back();
    bytes longer = entry_of(2);
    longer.push_back(0);
    int number = 0;
    for (const bytes& wrong : {shorter, longer, entry_of(1), entry_of(0)}) {
        const auto path = folder / std::to_string(number++);
        REQUIRE(aggregation::file_outbox::create(path));
        {
            auto journal = audit::journal::open_existing(path / "journal");
            REQUIRE(journal);
            REQUIRE(journal->append(entry_of(1)));
            REQUIRE(journal->append(wrong));
        }
        const auto box = aggregation::file_outbox::open(path);
        REQUIRE_FALSE(box);
        CHECK(box.error().check == 5);
        CHECK(box.error().place == "entry 1");
    }
}

TEST_CASE("client: restarted within a round it sends the same bytes, and makes no second message",
          "[aggregation]") {
    using client = aggregation::client<scheme, aggregation::file_outbox>;
    toy_session world({.values = 8});
    auto round = world.open_round();
    const auto& facts = round.state().round();
    test::temporary_folder folder(test::memory_backed());
    const auto encryptor = std::make_shared<const client::encryptor>(world.ceremony->key);
    const auto join = [&](std::size_t i, result<aggregation::file_outbox> box) {
        REQUIRE(box);
        auto joined = client::join(round.state().facts(), encryptor,
                                   toy_session::key_of(world.client_seeds[i]), *std::move(box));
        REQUIRE(joined);
        return *std::move(joined);
    };
    bytes sent;
    {
        auto first = join(0, aggregation::file_outbox::create(folder / "box"));
        CHECK(first.sent(facts).error().code == errc::missing);
        const auto pending = first.contribute(facts, world.update(0), world.rng);
        REQUIRE(pending);
        sent = pending->message().serialize();
        CHECK(first.sent(facts)->message().serialize() == sent);
    }
    {
        auto second = join(0, aggregation::file_outbox::open(folder / "box"));
        const auto other = second.contribute(facts, world.update(1), world.rng);
        REQUIRE_FALSE(other);
        CHECK(other.error().what == "second contribution to a round");
        const auto pending = second.sent(facts);
        REQUIRE(pending);
        CHECK(pending->message().serialize() == sent);
        const auto receipt = round.receive(sent, 1010, world.rng);
        REQUIRE(receipt);
        CHECK(pending->confirm(*receipt));
    }
    SECTION("not for another opening of the same round") {
        // As an aggregator can that signs two logs: the same session and round, opened otherwise.
        audit::memory_store fork = crash_image(round.store(), 4, 4, world.aggregator_key());
        for (const bytes& body : {world.ceremony->serialize()}) REQUIRE(fork.put_body(body));
        auto session =
            aggregation::resume_session<scheme>(std::move(fork), world.aggregator_key(), world.rng);
        REQUIRE(session);
        auto header = world.header();
        ++header.closes_at;
        auto forked = std::move(std::get<toy_session::idle>(*session))
                          .open_round(header, *world.model, toy_session::opening_time, world.rng);
        REQUIRE(forked);
        auto restarted = join(0, aggregation::file_outbox::open(folder / "box"));
        const auto pending = restarted.sent(forked->state().round());
        REQUIRE_FALSE(pending);
        CHECK(pending.error().code == errc::wrong_context);
        CHECK(pending.error().culprit == "aggregator");
        CHECK_FALSE(restarted.contribute(forked->state().round(), world.update(0), world.rng));
    }
    SECTION("not from another client's outbox") {
        auto other = join(1, aggregation::file_outbox::open(folder / "box"));
        CHECK(other.sent(facts).error().code == errc::wrong_key);
        CHECK_FALSE(other.contribute(facts, world.update(1), world.rng));
    }
    SECTION("not when the message is gone: then nothing is sent") {
        std::filesystem::remove(folder.path() / "box/messages" / to_hex(hash::sha256(sent)));
        auto restarted = join(0, aggregation::file_outbox::open(folder / "box"));
        CHECK(restarted.sent(facts).error().code == errc::missing);
        CHECK(restarted.contribute(facts, world.update(0), world.rng).error().what ==
              "second contribution to a round");
    }
}

TEST_CASE("client: nothing is sent that could not be kept", "[aggregation]") {
    struct full_outbox {
        result<void> keep(const hash::digest32&, std::uint64_t, byte_view) {
            return error{errc::io, "file cannot be written"};
        }
        std::optional<std::uint64_t> last(const hash::digest32&) const { return std::nullopt; }
        result<bytes> message(const hash::digest32&, std::uint64_t, std::size_t) const {
            return error{errc::missing, "message for this round"};
        }
    };
    toy_session world({.values = 8});
    auto round = world.open_round();
    using client = aggregation::client<scheme, full_outbox>;
    auto joined =
        client::join(round.state().facts(), std::make_shared<const client::encryptor>(world.ceremony->key),
                     toy_session::key_of(world.client_seeds[0]), full_outbox());
    REQUIRE(joined);
    CHECK(joined->contribute(round.state().round(), world.update(0), world.rng).error().code == errc::io);
}

TEST_CASE("trustee: its journal forbids after a restart what another log does not", "[aggregation]") {
    using trustee = aggregation::trustee<scheme, test::memory_journal>;
    toy_session world({.values = 8});
    const auto follow = [&](const auto& log, test::memory_journal journal) {
        auto state = aggregation::session_state<scheme>::open(*log.read(0), bodies_of(log));
        REQUIRE(state);
        auto secrets = world.secrets_of(1);
        auto joined = trustee::join(*std::move(state), std::move(secrets.share), std::move(secrets.identity),
                                    std::move(journal));
        REQUIRE(joined);
        for (std::uint64_t i = 1; i < log.size(); ++i)
            REQUIRE(joined->follow(*log.read(i), bodies_of(log), world.rng));
        return *std::move(joined);
    };
    auto round = world.open_round();
    for (std::size_t i = 0; i < 3; ++i) REQUIRE(world.send(round, i));
    auto opening = world.close(round);
    auto first = follow(opening.store(), {});
    CHECK_FALSE(first.has_answered());
    REQUIRE(first.answer(world.rng));
    test::memory_journal journal;
    for (const auto& set : first.opened()) REQUIRE(journal.append(set.serialize()));
    REQUIRE(journal.entries().size() == 1);

    SECTION("the same product may be answered again, and is not written down twice") {
        auto again = follow(opening.store(), journal);
        REQUIRE(again.answer(world.rng));
        CHECK(again.opened().size() == 1);
    }
    SECTION("the same clients for the same model in a new session of the same ceremony") {
        auto other =
            toy_session::idle::open({}, *world.ceremony, aggregation::exponent_policy::short_exponent, origin,
                                    world.aggregator_key(), world.rng);
        REQUIRE(other);
        world.enrol_clients(*other);
        auto second =
            std::move(*other).open_round(world.header(), *world.model, toy_session::opening_time, world.rng);
        REQUIRE(second);
        for (std::size_t i = 0; i < 3; ++i) {
            auto joined = toy_session::client::join(
                second->state().facts(),
                std::make_shared<const toy_session::client::encryptor>(world.ceremony->key),
                toy_session::key_of(world.client_seeds[i]), aggregation::memory_outbox());
            REQUIRE(joined);
            const auto pending = joined->contribute(second->state().round(), world.update(i), world.rng);
            REQUIRE(pending);
            REQUIRE(second->receive(pending->message().serialize(), 1010, world.rng));
        }
        auto closed = std::move(*second).close(1020, world.rng);
        REQUIRE(closed);
        CHECK(
            follow(closed->opening->store(), {}).answer(world.rng)); // the log alone says nothing against it
        const auto refused = follow(closed->opening->store(), journal).answer(world.rng);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().check == 4);
    }
    SECTION("a log that lost what was followed and remembered, though not answered") {
        REQUIRE(first.remember());
        REQUIRE(first.remember()); // nothing new
        const aggregation::followed_log seen{opening.state().facts().id, opening.store().size(),
                                             opening.store().head()};
        REQUIRE(journal.append(seen.serialize()));
        auto shorter = follow(crash_image(opening.store(), 8, 8, world.aggregator_key()), journal);
        CHECK(shorter.answer(world.rng).error().what == "log is shorter than what this trustee has followed");
        CHECK(shorter.answer(world.rng).error().code == errc::refused); // no round is open in it either
        CHECK(shorter.approve(*world.ceremony).error().code == errc::refused);
        auto whole = follow(opening.store(), journal);
        CHECK(whole.answer(world.rng));

        // Another end of the same length: the last record remembered is another one.
        test::memory_journal other;
        auto bent = seen;
        bent.head[0] ^= 1;
        REQUIRE(other.append(bent.serialize()));
        auto state =
            aggregation::session_state<scheme>::open(*opening.store().read(0), bodies_of(opening.store()));
        REQUIRE(state);
        const auto unread = *state;
        auto secrets = world.secrets_of(1);
        auto joined = trustee::join(*std::move(state), std::move(secrets.share), std::move(secrets.identity),
                                    test::memory_journal(other));
        REQUIRE(joined);
        const std::uint64_t last = opening.store().size() - 1;
        for (std::uint64_t i = 1; i < last; ++i)
            REQUIRE(joined->follow(*opening.store().read(i), bodies_of(opening.store()), world.rng));
        const auto forked =
            joined->follow(*opening.store().read(last), bodies_of(opening.store()), world.rng);
        REQUIRE_FALSE(forked);
        CHECK(forked.error().what == "log is not the one that this trustee followed before it restarted");
        CHECK(forked.error().culprit == "aggregator");

        // A state that is past that already cannot be compared.
        bent.size = 3;
        test::memory_journal early;
        REQUIRE(early.append(bent.serialize()));
        auto ahead = unread;
        for (std::uint64_t i = 1; i < 5; ++i)
            REQUIRE(ahead.apply(*opening.store().read(i), bodies_of(opening.store()), world.rng));
        auto again = world.secrets_of(1);
        const auto late = trustee::join(std::move(ahead), std::move(again.share), std::move(again.identity),
                                        std::move(early));
        REQUIRE_FALSE(late);
        CHECK(late.error().check == 4);
    }
    SECTION("a log that was cut before the closing has nothing to answer") {
        auto again = follow(crash_image(opening.store(), 8, 8, world.aggregator_key()), journal);
        CHECK(again.answer(world.rng).error().what == "no round is open for decryption");
    }
    SECTION("a log that became shorter, or forked, while it was followed") {
        const auto before = first.follow(*opening.store().read(4), bodies_of(opening.store()), world.rng);
        REQUIRE_FALSE(before);
        CHECK(before.error().what == "record does not continue the log");
        auto other = *opening.store().read(opening.store().size() - 1);
        ++other.sequence; // continues the number, not the hash
        CHECK(first.follow(other, bodies_of(opening.store()), world.rng).error().what ==
              "record does not continue the log");
    }
}
