// Writes toy sessions to folders for the comparison of the two verifiers, with the secrets of all parties
// beside them.
//
//     VEILSUM_FORGE_DIR=<empty folder> forge_session
//
//     <dir>/honest       four rounds: two opened, one below the minimum cohort, one given up; every kind of
//                        record occurs
//     <dir>/second       another honest session under the same Paillier key, two rounds
//     <dir>/silent       an honest session that ends in the middle of a round: a client was silent, nothing
//                        is closed
//     <dir>/repeated     a round about to open the same set of the same model a second time; honest so far
//     <dir>/spoiled      a round that was opened and cannot have a result: a client encrypted other values
//                        than it committed to; honest as far as the record goes
//     <dir>/wrapped      the same, and one of the opened blocks lies outside its slots
//     <dir>/exceeding    the same, and one opened sum is beyond what the clients' weights allow
//     <dir>/budget       two rounds that book a privacy budget
//     <dir>/tried        as `repeated`, but the first round was given up after one answer
//     <dir>/moved        a key change to three of five other trustees, who open what comes after it; two
//                        models, drawn cohorts, one round given up after one answer, one because it has no
//                        opening
//     <dir>/proved       two rounds with validity proofs (suite 2); a client's bad proof is refused in the
//                        first
//     <dir>/<name>.json  seeds of aggregator, clients and trustees of that session, in hexadecimal; of
//                        `repeated` also the header of a partial decryption that no honest trustee would
//                        have given
//
// Keys are the published toy keys of support/toy.hpp. It is written as a test case because toy_session.hpp
// checks its own steps with the macros of the test framework.
#include "support/toy_session.hpp"

#include "support/catch.hpp"
#include "support/other_ceremony.hpp"

#include <veilsum/audit/file_store.hpp>
#include <veilsum/core/bytes.hpp>
#include <veilsum/threshold/partially_decrypt.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace veilsum::test {
namespace {

using scheme = toy_session::scheme;

// All of a session in memory, in a folder. Bodies are found by trying every 32 bytes of every record as a
// digest.
void write_folder(const audit::memory_store& log, const std::filesystem::path& folder) {
    auto files = audit::file_store::create(folder);
    REQUIRE(files);
    for (std::uint64_t index = 0; index < log.size(); ++index) {
        const auto entry = log.read(index);
        REQUIRE(entry);
        const byte_view body(entry->body);
        for (std::size_t at = 0; at + 32 <= body.size(); ++at) {
            hash::digest32 digest{};
            std::copy_n(body.begin() + static_cast<std::ptrdiff_t>(at), 32, digest.begin());
            if (const auto named = log.get_body(digest, std::size_t{1} << 26))
                REQUIRE(files->put_body(*named));
        }
        REQUIRE(files->append(entry->type, entry->version, entry->body));
    }
    const auto note = log.read_checkpoint();
    REQUIRE(note);
    REQUIRE(files->write_checkpoint(*note));
}

// The identities that toy_session made from its seed, made again.
std::vector<sign::signing_key> trustee_identities(const toy_session& world, const toy_options& options) {
    seeded_random same(options.seed);
    const auto who = threshold::structure::create(options.quorum, options.trustees);
    REQUIRE(who);
    REQUIRE(threshold::deal(fixed_prime_pair<512>(), world.ceremony->key, *who, same));
    std::vector<sign::signing_key> identities;
    for (std::uint32_t i = 0; i < options.trustees; ++i) {
        identities.push_back(sign::signing_key::generate(same));
        REQUIRE(identities.back().verifying() == world.ceremony->trustees[i]);
    }
    return identities;
}

std::vector<threshold::key_share<scheme>> shares_of(const toy_session& world, const toy_options& options) {
    seeded_random same(options.seed);
    const auto who = threshold::structure::create(options.quorum, options.trustees);
    REQUIRE(who);
    auto dealt = threshold::deal(fixed_prime_pair<512>(), world.ceremony->key, *who, same);
    REQUIRE(dealt);
    return std::move(dealt->shares);
}

void write_seeds(const toy_session& world, const toy_options& options, const std::filesystem::path& file,
                 const std::string& partial_header = {},
                 const std::vector<sign::signing_key>& next_trustees = {}) {
    std::ofstream out(file);
    out << "{\n  \"aggregator\": \"" << to_hex(world.aggregator_seed) << "\",\n  \"clients\": [";
    for (std::size_t i = 0; i < world.client_seeds.size(); ++i)
        out << (i == 0 ? "" : ", ") << '"' << to_hex(world.client_seeds[i]) << '"';
    out << "],\n  \"trustees\": [";
    const auto identities = trustee_identities(world, options);
    for (std::size_t i = 0; i < identities.size(); ++i)
        out << (i == 0 ? "" : ", ") << '"' << to_hex(identities[i].expose_seed()) << '"';
    out << "],\n  \"next\": [";
    for (std::size_t i = 0; i < next_trustees.size(); ++i)
        out << (i == 0 ? "" : ", ") << '"' << to_hex(next_trustees[i].expose_seed()) << '"';
    out << ']';
    if (!partial_header.empty()) out << ",\n  \"partial\": \"" << partial_header << '"';
    out << "\n}\n";
    REQUIRE(out.flush());
}

// The client's message with the last byte of its proof changed, signed again by the client.
bytes with_bad_proof(const toy_session& world, const toy_session::collecting& round, std::size_t client,
                     aggregation::contribution_message message) {
    message.body.back() = static_cast<std::uint8_t>(message.body.back() ^ 1);
    message.header.body = hash::sha256(message.body);
    message.header.signature =
        toy_session::key_of(world.client_seeds[client])
            .sign(aggregation::contribution_label, message.header.signed_message(round.state().round()));
    return message.serialize();
}

aggregation::partial_message signed_partial(const toy_session::opening& round,
                                            const sign::signing_key& identity, std::uint16_t index,
                                            bytes body) {
    aggregation::partial_message message;
    message.header.round = round.state().round().header().round;
    message.header.trustee = index;
    message.header.body = hash::sha256(body);
    message.header.signature =
        identity.sign(aggregation::partial_label,
                      message.header.signed_message(round.state().round(), round.state().aggregate_digest()));
    message.body = std::move(body);
    return message;
}

void forge_honest(const std::filesystem::path& folder) {
    const toy_options options{.weights = {1, 2, 1, 1}, .seed = 11};
    toy_session world(options);
    const auto identities = trustee_identities(world, options);

    // Client 2 sends a bad proof, client 3 two different contributions; trustee 2 answers wrongly.
    {
        auto round = world.open_round();
        REQUIRE(world.send(round, 0));
        REQUIRE(world.send(round, 1));
        const auto bad = with_bad_proof(world, round, 2, world.contribute(round, 2).message());
        REQUIRE_FALSE(round.receive(bad, toy_session::opening_time + 20, world.rng));
        const auto first = world.contribute(round, 3).message();
        REQUIRE(round.receive(first.serialize(), toy_session::opening_time + 30, world.rng));
        const auto other = world.spoil(round, 3, first.body);
        REQUIRE_FALSE(round.receive(other.serialize(), toy_session::opening_time + 40, world.rng));
        auto opening = world.close(round);
        REQUIRE(world.answer(opening, 1));
        auto wrong = world.partial(opening, 2).body;
        wrong.back() = static_cast<std::uint8_t>(wrong.back() ^ 1);
        REQUIRE_FALSE(
            opening.receive(signed_partial(opening, identities[1], 2, wrong).serialize(), world.rng));
        REQUIRE(world.answer(opening, 3));
        world.finish(opening);
    }
    // Client 3 is late.
    {
        auto round = world.open_round();
        for (const std::size_t i : {1U, 0U, 2U}) REQUIRE(world.send(round, i));
        REQUIRE_FALSE(world.send(round, 3, toy_session::closing_time + 5));
        auto opening = world.close(round, toy_session::closing_time + 6);
        for (std::uint32_t index = 1; index <= 3; ++index) REQUIRE(world.answer(opening, index));
        world.finish(opening);
    }
    // One client is fewer than the minimum cohort.
    {
        auto round = world.open_round();
        REQUIRE(world.send(round, 1));
        auto closed = std::move(round).close(toy_session::closing_time + 1, world.rng);
        REQUIRE(closed);
        REQUIRE(closed->idle);
        world.session.emplace(*std::move(closed->idle));
    }
    // Clients leave, are removed and come back; the session goes over to other trustees; two clients are
    // drawn for a round of another model, which nobody opens.
    const auto enrol = [&](std::size_t i, std::uint32_t weight, std::uint64_t serial) {
        REQUIRE(world.session->enrol(world.clients[i].enrol(weight, serial), world.rng));
    };
    enrol(3, 0, 1);
    REQUIRE(world.session->remove(world.clients[2].id(), world.rng));
    enrol(2, 1, 1);
    enrol(3, 1, 2);
    enrol(0, 2, 1);
    const other_ceremony next(2, 3, world.rng);
    REQUIRE(world.session->rotate(*next.ceremony, next.approvals(world, {1, 3}), world.rng));
    {
        auto header = world.header();
        header.model_number = 1;
        header.drawn = 2;
        const auto other = aggregation::model::of(std::vector<float>(options.values, 0.5F));
        auto round =
            std::move(*world.session).open_round(header, *other, toy_session::opening_time, world.rng);
        REQUIRE(round);
        for (const std::size_t i : {0U, 1U}) REQUIRE(world.send(*round, i, toy_session::opening_time + 21));
        auto opening = world.close(*round, toy_session::opening_time + 21);
        auto idle = std::move(opening).abandon(world.rng);
        REQUIRE(idle);
        world.session.emplace(*std::move(idle));
    }
    const std::string report = "a file that the record names\n";
    const auto log = world.end({{{"report.txt", hash::sha256(as_bytes(report))}}});
    write_folder(log, folder);
    std::ofstream(folder / "report.txt") << report;
    REQUIRE(world.audit(log).accepted());
    write_seeds(world, options, folder.native() + ".json", {}, next.identities);
}

void forge_second(const std::filesystem::path& folder) {
    const toy_options options{.weights = {1, 2, 1, 1}, .seed = 12};
    toy_session world(options);
    for (int round = 0; round < 2; ++round) world.run_round();
    write_folder(world.end(), folder);
    write_seeds(world, options, folder.native() + ".json");
}

void forge_silent(const std::filesystem::path& folder) {
    const toy_options options{.weights = {1, 1, 1}, .seed = 13};
    toy_session world(options);
    auto round = world.open_round();
    for (const std::size_t i : {2U, 0U}) REQUIRE(world.send(round, i));
    write_folder(round.store(), folder);
    write_seeds(world, options, folder.native() + ".json");
}

// What the holder of a share answers, asked by nobody's policy.
aggregation::partial_message made_partial(const toy_session::opening& round,
                                          const threshold::key_share<scheme>& share,
                                          const sign::signing_key& identity, std::uint16_t index,
                                          seeded_random& rng) {
    const auto context =
        aggregation::partial_context(round.state().ceremony(), round.state().round(), party_id(index));
    const auto& ceremony = round.state().ceremony();
    const auto made = threshold::partially_decrypt(ceremony.key, ceremony.verification, share,
                                                   round.state().aggregate(), context, rng);
    REQUIRE(made);
    return signed_partial(round, identity, index, made->serialize());
}

// A round whose set and model were opened before: with a result that changed nothing, or given up after one
// answer.
void forge_repeated(const std::filesystem::path& folder, std::uint64_t seed, bool given_up) {
    const toy_options options{.weights = {1, 1, 1}, .seed = seed};
    toy_session world(options);
    const auto identities = trustee_identities(world, options);
    const auto shares = shares_of(world, options);
    const std::vector<float> zeros(options.values, 0.0F);
    const auto collect = [&] {
        auto round = world.open_round();
        for (auto& client : world.clients) {
            const auto pending = client.contribute(round.state().round(), zeros, world.rng);
            REQUIRE(pending);
            REQUIRE(round.receive(pending->message().serialize(), toy_session::opening_time + 1, world.rng));
        }
        return world.close(round);
    };
    auto first = collect();
    REQUIRE(world.answer(first, 1));
    if (given_up) {
        auto idle = std::move(first).abandon(world.rng);
        REQUIRE(idle);
        world.session.emplace(*std::move(idle));
    } else {
        REQUIRE(world.answer(first, 2));
        world.finish(first);
    }
    // An update of zeros leaves the model as it was, so the second opening is of the same set and model:
    // refused by every honest trustee (rule 4), made here with a trustee's share all the same.
    auto second = collect();
    REQUIRE_FALSE(second.state().check_opening_policy(second.state().history()));
    const auto message = made_partial(second, shares[0], identities[0], 1, world.rng);
    write_folder(second.store(), folder);
    {
        auto files = audit::file_store::open_for_writing(folder);
        REQUIRE(files);
        REQUIRE(files->put_body(message.body));
    }
    write_seeds(world, options, folder.native() + ".json", to_hex(message.header.serialize()));
}

// The message with other plaintexts in its ciphertexts, proof and signature made for them: `first`, then
// zeros.
aggregation::contribution_message encrypting(toy_session& world, const toy_session::collecting& round,
                                             std::size_t client, aggregation::contribution_message message,
                                             const integer::bigint& first) {
    using knowledge = zk::plaintext_knowledge<scheme>;
    const auto& facts = round.state().round();
    const auto& layout = facts.layout();
    std::vector<integer::bigint> values(layout.ciphertexts());
    values.front() = first;
    const paillier::plaintext_vector plaintexts(std::move(values));
    const toy_session::client::encryptor encryptor(world.ceremony->key);
    const auto encrypted = encryptor.encrypt(plaintexts, world.rng);
    REQUIRE(encrypted);
    const std::size_t rows = 32 * layout.data_rows();
    const std::size_t audit_rows = 32 * layout.audit_rows();
    const auto context =
        aggregation::contribution_context(facts, message.header.client, byte_view(message.body).first(rows),
                                          byte_view(message.body).subspan(rows, audit_rows));
    const auto statement = knowledge::statement::create(world.ceremony->key, encrypted->ciphertexts);
    REQUIRE(statement);
    const auto proof =
        knowledge::prove(context, *statement, {encryptor, plaintexts, encrypted->exponents}, world.rng);
    REQUIRE(proof);
    message.body.resize(rows + audit_rows);
    for (const bytes& part : {encrypted->ciphertexts.serialize(), proof->serialize(*statement)})
        message.body.insert(message.body.end(), part.begin(), part.end());
    message.header.body = hash::sha256(message.body);
    message.header.signature =
        toy_session::key_of(world.client_seeds[client])
            .sign(aggregation::contribution_label, message.header.signed_message(facts));
    return message;
}

void forge_spoiled(const std::filesystem::path& folder, const integer::bigint& first, std::uint64_t seed) {
    const toy_options options{.weights = {1, 1, 1}, .seed = seed};
    toy_session world(options);
    auto round = world.open_round();
    REQUIRE(world.send(round, 0));
    REQUIRE(world.send(round, 1));
    const auto spoiled = encrypting(world, round, 2, world.contribute(round, 2).message(), first);
    REQUIRE(round.receive(spoiled.serialize(), toy_session::opening_time + 20, world.rng));
    auto opening = world.close(round);
    for (const std::uint32_t index : {1U, 2U}) REQUIRE(world.answer(opening, index));
    write_folder(opening.store(), folder);
    REQUIRE_FALSE(std::move(opening).finish(world.rng));
    write_seeds(world, options, folder.native() + ".json");
}

void forge_proved(const std::filesystem::path& folder) {
    const toy_options options{.weights = {1, 2, 1}, .seed = 18, .suite = aggregation::proof_suite::validity};
    toy_session world(options);
    {
        auto round = world.open_round();
        REQUIRE(world.send(round, 0));
        REQUIRE(world.send(round, 1));
        const auto bad = with_bad_proof(world, round, 2, world.contribute(round, 2).message());
        REQUIRE_FALSE(round.receive(bad, toy_session::opening_time + 20, world.rng));
        auto opening = world.close(round);
        for (const std::uint32_t index : {1U, 3U}) REQUIRE(world.answer(opening, index));
        world.finish(opening);
    }
    world.run_round();
    write_folder(world.end(), folder);
    write_seeds(world, options, folder.native() + ".json");
}

// Two rounds that book a privacy budget.
void forge_budget(const std::filesystem::path& folder) {
    const toy_options options{
        .weights = {1, 1, 1}, .values = 20, .seed = 19, .suite = aggregation::proof_suite::validity};
    toy_session world(options);
    privacy::privacy_terms terms;
    terms.scope = world.session->state().facts().id;
    terms.epsilon_micro = 200 * privacy::micro;
    terms.delta_atto = privacy::atto / 1000;
    auto book = privacy::accountant::open(terms).value();
    auto header = world.header();
    header.format.clip_l2 = 1.0;
    const auto norm =
        encoding::squared_norm_bound(header.format, header.layout.d, encoding::rounding::nearest);
    privacy::noise_request wanted{privacy::mechanism::gaussian, *privacy::ratio::of(1)};
    wanted.clients = 3;
    wanted.missing = 1;
    wanted.dimension = header.layout.d;
    const auto plan = book.plan_for(wanted, norm, 2).value();
    header.layout.B2 = encoding::norm_bound_bytes(plan.noised_norm_bound(norm));
    header.minimum_cohort = plan.smallest_cohort();
    for (std::uint64_t number = 1; number <= 2; ++number) {
        REQUIRE(book.charge(number, plan, norm));
        auto round = std::move(*world.session)
                         .open_round(header, *world.model, toy_session::opening_time, world.rng, book);
        REQUIRE(round);
        for (std::size_t i = 0; i < 3; ++i) REQUIRE(world.send(*round, i));
        auto opening = world.close(*round, toy_session::opening_time + 20);
        for (const std::uint32_t index : {1U, 2U}) REQUIRE(world.answer(opening, index));
        world.finish(opening);
    }
    write_folder(world.end(), folder);
    write_seeds(world, options, folder.native() + ".json");
}

void forge_moved(const std::filesystem::path& folder) {
    const toy_options options{.weights = {1, 2, 1, 1}, .seed = 21};
    toy_session world(options);
    world.run_round();
    const auto enrol = [&](std::size_t i, std::uint32_t weight, std::uint64_t serial) {
        REQUIRE(world.session->enrol(world.clients[i].enrol(weight, serial), world.rng));
    };
    enrol(3, 0, 1);
    enrol(3, 2, 2);
    enrol(0, 2, 1);
    enrol(1, 1, 1);
    const other_ceremony next(3, 5, world.rng);
    REQUIRE(world.session->rotate(*next.ceremony, next.approvals(world, {2, 3}), world.rng));

    auto other = *aggregation::model::of(std::vector<float>(options.values, 0.5F));
    const auto open = [&](std::uint32_t number, std::uint32_t drawn) {
        auto header = world.header();
        header.layout.m = 6;
        header.model_number = number;
        header.drawn = drawn;
        const auto& model = number == 1 ? other : *world.model;
        auto round =
            std::move(*world.session).open_round(header, model, toy_session::opening_time, world.rng);
        if (!round) FAIL(round.error().describe());
        return *std::move(round);
    };
    const auto send = [&](toy_session::collecting& round, std::initializer_list<std::size_t> clients) {
        for (const std::size_t i : clients) {
            if (round.state().round().members().weight_of(world.clients[i].id()))
                REQUIRE(world.send(round, i));
        }
    };
    const auto answer = [&](toy_session::opening& round, std::initializer_list<std::uint16_t> indices) {
        for (const std::uint16_t index : indices) {
            const auto message =
                made_partial(round, next.shares[index - 1U], next.identities[index - 1U], index, world.rng);
            REQUIRE(round.receive(message.serialize(), world.rng));
        }
    };
    const auto give_up = [&](toy_session::opening& round) {
        auto idle = std::move(round).abandon(world.rng);
        REQUIRE(idle);
        world.session.emplace(*std::move(idle));
    };
    // Drawn by the first round: client 3 enrolled again after it.
    {
        auto round = open(1, 3);
        send(round, {0, 1, 2, 3});
        auto opening = world.close(round);
        answer(opening, {4});
        give_up(opening);
    }
    {
        auto round = open(1, 0);
        send(round, {3, 0});
        auto opening = world.close(round);
        answer(opening, {5, 1, 3});
        world.finish(opening);
        other = world.session->state().standing().models().back();
    }
    // Drawn by the third; a client encrypts other values than it commits to.
    {
        auto round = open(0, 3);
        std::size_t sent = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            if (!round.state().round().members().weight_of(world.clients[i].id())) continue;
            if (sent++ == 0) {
                const auto spoiled =
                    encrypting(world, round, i, world.contribute(round, i).message(), integer::bigint(0));
                REQUIRE(round.receive(spoiled.serialize(), toy_session::opening_time + 10, world.rng));
            } else {
                REQUIRE(world.send(round, i));
            }
        }
        auto opening = world.close(round);
        answer(opening, {2, 4, 5});
        REQUIRE_FALSE(std::move(opening).finish(world.rng));
        give_up(opening);
    }
    const auto log = world.end();
    write_folder(log, folder);
    REQUIRE(world.audit(log).accepted());
    write_seeds(world, options, folder.native() + ".json", {}, next.identities);
}

TEST_CASE("forge: sessions for the comparison of verifiers", "[interop]") {
    const char* const target = std::getenv("VEILSUM_FORGE_DIR");
    REQUIRE(target != nullptr);
    const std::filesystem::path dir(target);
    forge_honest(dir / "honest");
    forge_second(dir / "second");
    forge_silent(dir / "silent");
    forge_repeated(dir / "repeated", 14, false);
    forge_repeated(dir / "tried", 20, true);
    forge_spoiled(dir / "spoiled", integer::bigint(0), 15);
    forge_spoiled(dir / "wrapped", integer::bigint(1) << 500, 16);
    forge_spoiled(dir / "exceeding", integer::bigint(120000), 17);
    forge_proved(dir / "proved");
    forge_budget(dir / "budget");
    forge_moved(dir / "moved");
}

} // namespace
} // namespace veilsum::test
