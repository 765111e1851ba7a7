// cluster: a session whose aggregator, clients, trustees and auditors are processes of their own
// (docs/cluster.md).
#include "cluster/connection.hpp"
#include "cluster/key_files.hpp"
#include "cluster/log_copy.hpp"
#include "cluster/options.hpp"
#include "cluster/process.hpp"
#include "cluster/roles.hpp"
#include "support/ceremony_folder.hpp"
#include "support/console.hpp"
#include "support/modulus_sizes.hpp"

#include <veilsum/aggregation/model.hpp>
#include <veilsum/integer/wiping_memory.hpp>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>
#include <string>

namespace {

using veilsum::result;

result<void> make_keys(const std::string& folder, const std::string& role) {
    const auto owner = role == "aggregator" ? cluster::key_owner::aggregator
                       : role == "client"   ? cluster::key_owner::client
                                            : cluster::key_owner::other;
    const auto text = cluster::make_keys(folder, owner);
    if (!text) return text.error();
    std::printf("%s", text->c_str());
    return {};
}

// To the aggregator whose public keys the file says, with the transport key in `folder`.
result<cluster::connection> connect(const cluster::link_options& given, const std::string& folder,
                                    const cluster::aggregator_keys& known) {
    auto own = cluster::read_transport_key(folder);
    if (!own) return own.error();
    return cluster::connection::open(given, known.transport, *std::move(own));
}

result<void> aggregator(const cluster::aggregator_options& given) {
    const auto bits = examples::modulus_bits_of_ceremony(given.keys);
    if (!bits) return bits.error();
    return examples::with_scheme(
        *bits, [&]<class Scheme>(Scheme) { return cluster::roles<Scheme>::aggregator(given); });
}

result<void> trustee(const cluster::trustee_options& given) {
    const auto known = cluster::read_public(given.link.aggregator);
    if (!known) return known.error();
    const auto bits = examples::modulus_bits_of_ceremony(given.keys);
    if (!bits) return bits.error();
    auto link = connect(given.link, given.folder, *known);
    if (!link) return link.error();
    return examples::with_scheme(
        *bits, [&]<class Scheme>(Scheme) { return cluster::roles<Scheme>::trustee(given, *known, *link); });
}

// Client and auditor learn the size of the key from the record.
template <class Options, class Act>
result<void> with_copy(const Options& given, const Act& act) {
    const auto known = cluster::read_public(given.link.aggregator);
    if (!known) return known.error();
    auto link = connect(given.link, given.folder, *known);
    if (!link) return link.error();
    auto copy = cluster::log_copy::open(std::filesystem::path(given.folder) / "record", known->log);
    if (!copy) return copy.error();
    const auto session = copy->session(*link);
    if (!session) return session.error();
    return examples::with_scheme(session->modulus_bits, [&]<class Scheme>(Scheme) {
        return act(cluster::roles<Scheme>(), *known, *link, *copy);
    });
}

void add_link(CLI::App& command, cluster::link_options& given) {
    command.add_option("--connect", given.connect, "address of the aggregator, tcp://HOST:PORT")->required();
    command.add_option("--aggregator", given.aggregator, "the aggregator's file `public`")->required();
    command
        .add_option("--patience", given.patience, "seconds until a request is sent again, doubled each time")
        ->check(CLI::Range(0.1, 600.0))
        ->capture_default_str();
    command.add_option("--give-up", given.give_up, "seconds without an answer until this ends; 0: never")
        ->check(CLI::Range(0.0, 1e8))
        ->capture_default_str();
    command.add_option("--poll", given.poll, "seconds between two looks at the record")
        ->check(CLI::Range(0.05, 3600.0))
        ->capture_default_str();
}

} // namespace

int main(int argc, char** argv) {
    veilsum::integer::wipe_gmp_memory();
    CLI::App app(
        "A session of encrypted aggregation, each role a process of its own. Started again with the same "
        "command line, a role goes on from its folder.\n"
        "Exit status: 0 done, 1 refused or failed, 2 bad usage.");
    app.require_subcommand(1);

    std::string key_folder, key_role;
    auto* keys = app.add_subcommand("keys", "make the keys of a party");
    keys->add_option("role", key_role, "aggregator, client, trustee or auditor")
        ->required()
        ->check(CLI::IsMember({"aggregator", "client", "trustee", "auditor"}));
    keys->add_option("folder", key_folder, "folder to make, which must not exist")->required();

    cluster::aggregator_options serving;
    auto* server = app.add_subcommand("aggregator", "keep the log, add ciphertexts");
    server->add_option("--folder", serving.folder, "made by `cluster keys aggregator`; the log goes here")
        ->required();
    server->add_option("--keys", serving.keys, "folder with the ceremony of `keys deal`")->required();
    server->add_option("--listen", serving.listen, "address, such as tcp://127.0.0.1:7150 or tcp://*:7150")
        ->required();
    server
        ->add_option("--clients", serving.clients,
                     "file of the clients that may enrol, a line \"ID WEIGHT\" for each")
        ->required();
    server
        ->add_option("--peers", serving.peers,
                     "file of those who may connect, the lines of their files `peer`; nobody else is let in")
        ->required();
    server->add_option("--enrol-for", serving.enrol_for, "seconds that the first round waits for them")
        ->check(CLI::Range(0, 10000000))
        ->capture_default_str();
    auto* start = server->add_option("--model", serving.model, "start model, binary32 values");
    server->add_option("--dimension", serving.dimension, "start from so many zeros")
        ->check(CLI::Range(1U, veilsum::aggregation::model::max_weights))
        ->excludes(start);
    server->add_option("--origin", serving.origin, "name of the log")->capture_default_str();
    server->add_option("--rounds", serving.rounds, "rounds, those below the minimum cohort included")
        ->check(CLI::Range(1, 1000000))
        ->capture_default_str();
    server->add_option("--open-for", serving.open_for, "seconds that a round waits for silent clients")
        ->check(CLI::Range(1, 10000000))
        ->capture_default_str();
    server->add_option("--minimum-cohort", serving.minimum_cohort, "fewest contributions whose sum is opened")
        ->capture_default_str();
    server->add_option("--value-bits", serving.value_bits, "bits of a quantised value")
        ->capture_default_str();
    server->add_option("--scale-bits", serving.scale_bits, "one unit of a quantised value is 2^-this")
        ->capture_default_str();
    server->add_option("--clip", serving.clip, "Euclidean norm that updates are clipped to")
        ->capture_default_str();
    server->add_option("--linger", serving.linger,
                       "seconds to serve the record after the session; default: until stopped");

    cluster::client_options contributing;
    auto* client = app.add_subcommand("client", "contribute to every round");
    add_link(*client, contributing.link);
    client->add_option("--folder", contributing.folder, "made by `cluster keys client`")->required();
    client->add_option("--key", contributing.key, "id of the ceremony's key, as `keys show` prints it")
        ->required();
    client->add_option("--weight", contributing.weight, "weight to enrol with")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    client->add_option("--roster", contributing.roster,
                       "contribute only to rounds of exactly the clients in this file");
    client
        ->add_option("--minimum-cohort", contributing.minimum_cohort,
                     "contribute only to rounds that ask for at least so many")
        ->capture_default_str();
    auto* update = client->add_option("--update", contributing.update,
                                      "file with the update, binary32 values; read anew each round");
    auto* random = client->add_option("--random-update", contributing.random_update, "update from this seed")
                       ->excludes(update);

    cluster::trustee_options opening;
    auto* trustee_command = app.add_subcommand("trustee", "check every record, answer closed rounds");
    add_link(*trustee_command, opening.link);
    trustee_command
        ->add_option("--folder", opening.folder,
                     "made by `cluster keys trustee`; journal and copy of the log go here")
        ->required();
    trustee_command->add_option("--keys", opening.keys, "folder with ceremony and trustee-INDEX")->required();
    trustee_command->add_option("--index", opening.index, "which trustee this is")
        ->required()
        ->check(CLI::Range(1, 64));

    cluster::auditor_options watching;
    auto* auditor = app.add_subcommand("auditor", "check every record, keep a copy for `audit`");
    add_link(*auditor, watching.link);
    auditor
        ->add_option("--folder", watching.folder, "made by `cluster keys auditor`; the copy is FOLDER/record")
        ->required();

    try {
        app.parse(argc, argv);
        if (*client && !*update && !*random) throw CLI::RequiredError("--update or --random-update");
        if (*server && serving.model.empty() && serving.dimension == 0)
            throw CLI::RequiredError("--model or --dimension");
    } catch (const CLI::ParseError& wrong) {
        return app.exit(wrong) == 0 ? 0 : 2;
    }
    cluster::stop_on_signals();
    const auto done = *keys              ? make_keys(key_folder, key_role)
                      : *server          ? aggregator(serving)
                      : *trustee_command ? trustee(opening)
                      : *client
                          ? with_copy(contributing,
                                      [&]<class Roles>(Roles, const auto& known, auto& link, auto& copy) {
                                          return Roles::client(contributing, known, link, copy);
                                      })
                          : with_copy(watching, [&]<class Roles>(Roles, const auto&, auto& link, auto& copy) {
                                return Roles::auditor(watching, link, copy);
                            });
    if (done || (cluster::stop_asked() && done.error().code == veilsum::errc::refused &&
                 done.error().what == cluster::stopped))
        return 0;
    return examples::fail("cluster", done.error());
}
