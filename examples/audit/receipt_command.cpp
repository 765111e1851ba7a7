#include "audit/receipt_command.hpp"

#include "support/console.hpp"
#include "support/files.hpp"
#include "support/identifiers.hpp"

#include <veilsum/aggregation/exclusion_receipt.hpp>
#include <veilsum/aggregation/issue_exclusion.hpp>
#include <veilsum/aggregation/record_subject.hpp>
#include <veilsum/audit/checkpoint_extension.hpp>
#include <veilsum/audit/file_store.hpp>
#include <veilsum/audit/receipt.hpp>
#include <veilsum/wire/message_type.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace examples {

namespace {

namespace aggregation = veilsum::aggregation;
namespace audit = veilsum::audit;
using veilsum::wire::message_type;

constexpr int accepted = 0, refused = 1, unusable = 2;
constexpr std::size_t max_receipt_file = aggregation::exclusion_receipt::max_bytes + 12;
static_assert(audit::max_receipt_bytes < max_receipt_file);

struct options {
    std::string file;
    std::string session, aggregator, origin, client, witnesses;
    std::vector<std::string> later;
    std::optional<std::uint64_t> round;
    std::uint64_t cosigned_since = 0;
};

// A refused check, and everything that is printed besides.
struct verdict {
    std::span<const std::string_view> checks; // their names, from number 1
    std::vector<bool> passed;
    std::optional<error> failure; // its `check` is the number
    std::vector<std::pair<std::string, std::string>> facts;
    std::string conclusion;

    explicit verdict(std::span<const std::string_view> names) : checks(names), passed(names.size() + 1) {}
    void pass(std::uint32_t check) { passed[check] = true; }
    void pass_until(std::uint32_t check) {
        for (std::uint32_t i = 1; i < check; ++i) pass(i);
    }
    void fail(error reason) { failure = std::move(reason); }
    void fact(std::string name, std::string value) { facts.emplace_back(std::move(name), std::move(value)); }
};

constexpr std::string_view inclusion_checks[] = {"record: canonical bytes",
                                                 "checkpoint: signed by the log",
                                                 "record: in the tree of the checkpoint",
                                                 "later checkpoint: signed by the log",
                                                 "later checkpoint: the log still contains the record",
                                                 "record: of a session, about what is expected",
                                                 "witnesses of the checkpoint"};
constexpr std::string_view exclusion_checks[] = {"records: canonical bytes",
                                                 "first record: opens a session",
                                                 "session, aggregator and origin",
                                                 "checkpoint: signed by the aggregator",
                                                 "records: in the tree of the checkpoint",
                                                 "opening and closing of the round",
                                                 "roster of the round",
                                                 "closing: every client of the roster once",
                                                 "client: not counted",
                                                 "refusal: signed by the client, reason",
                                                 "later checkpoint: signed by the aggregator",
                                                 "later checkpoint: the log still contains the records",
                                                 "witnesses of the checkpoint"};

// What is compared with a receipt's checkpoint.
struct later_file {
    std::string path;
    audit::checkpoint_extension content; // old_size and proof empty where the file is a note alone
    bool alone = false;
};

struct given_files {
    veilsum::bytes receipt;
    std::vector<later_file> later;
    std::optional<audit::witness_policy> policy;
};

result<given_files> read_files(const options& given) {
    given_files files;
    auto receipt = read_file(given.file, max_receipt_file);
    if (!receipt) return receipt.error();
    files.receipt = *std::move(receipt);
    for (const std::string& path : given.later) {
        const auto data = read_file(path, audit::max_extension_bytes);
        if (!data) return data.error();
        const std::string text(data->begin(), data->end());
        later_file file{path, {0, {}, text}, true};
        if (text.rfind(audit::extension_mark, 0) == 0) {
            auto extension = audit::checkpoint_extension::parse(text);
            if (!extension) return std::move(extension).error().at(path);
            file = {path, *std::move(extension), false};
        }
        files.later.push_back(std::move(file));
    }
    if (!given.witnesses.empty()) {
        auto policy = read_witness_policy(given.witnesses);
        if (!policy) return policy.error();
        files.policy = *std::move(policy);
    }
    return files;
}

// What both kinds have in common once the checkpoint of the receipt is verified.
struct signed_by {
    const audit::checkpoint& tip;
    std::string_view note;
    const std::string& origin;
    const veilsum::sign::verifying_key& key;
};

// Checks `first` and `first` + 1. An error: a file that cannot be used.
result<void> check_later(verdict& shown, std::uint32_t first, const signed_by& log,
                         const given_files& files) {
    for (const later_file& file : files.later) {
        std::uint64_t old_size = file.content.old_size;
        if (file.alone) {
            old_size = log.tip.size;
            const auto note = audit::parse_note(file.content.note);
            const auto tip =
                note ? audit::checkpoint::parse(note->text) : result<audit::checkpoint>(note.error());
            if (tip && tip->size > log.tip.size)
                return error{errc::missing, "consistency proof (make one with `audit receipt-of --extends`)",
                             0, file.path};
        }
        const auto later = audit::verify_later(log.tip, old_size, file.content.proof, file.content.note,
                                               log.origin, log.key);
        if (!later) {
            if (later.error().check == 2) shown.pass(first);
            shown.fail(error(later.error()).in_check(first - 1 + later.error().check));
            return {};
        }
        shown.pass(first);
        shown.pass(first + 1);
        shown.fact("later", file.path + ", size " + std::to_string(later->size));
    }
    return {};
}

// The policy is asked of each later checkpoint, or without any of the receipt's own.
void check_witnesses(verdict& shown, std::uint32_t number, const signed_by& log, const given_files& files,
                     std::uint64_t oldest) {
    if (!files.policy) return;
    std::vector<std::string_view> notes;
    for (const later_file& file : files.later) notes.push_back(file.content.note);
    if (notes.empty()) notes.push_back(log.note);
    std::string names;
    for (const std::string_view note : notes) {
        const auto seen = files.policy->verify(note, log.origin, log.key, oldest);
        if (!seen) {
            shown.fail(error(seen.error()).in_check(number));
            return;
        }
        names.clear();
        for (const std::string& name : seen->witnesses) names += (names.empty() ? "" : ", ") + name;
    }
    shown.pass(number);
    shown.fact("witnesses", names);
}

result<aggregation::receipt_expectations> expectations_of(const options& given) {
    aggregation::receipt_expectations expected;
    const auto session = parse_id(given.session, "session id must be 64 hexadecimal digits");
    if (!session) return session.error();
    const auto aggregator = parse_id(given.aggregator, "aggregator key must be 64 hexadecimal digits");
    if (!aggregator) return aggregator.error();
    const auto client = parse_id(given.client, "client id must be 64 hexadecimal digits");
    if (!client) return client.error();
    expected.session = *session;
    expected.aggregator = *aggregator;
    expected.client = *client;
    expected.round = given.round;
    if (!given.origin.empty()) expected.origin = given.origin;
    return expected;
}

// As the receipt says it; empty where it says none, and then check 2 fails.
std::string origin_in(const std::string& note_text) {
    const auto note = audit::parse_note(note_text);
    const auto tip = note ? audit::checkpoint::parse(note->text) : result<audit::checkpoint>(note.error());
    return tip ? tip->origin : std::string();
}

result<void> check_subject(const audit::record& entry, const veilsum::bytes& record_bytes,
                           const aggregation::receipt_expectations& expected, verdict& shown) {
    const auto about = aggregation::subject_of(entry);
    if (!about) return about.error();
    if (expected.session && *expected.session != audit::record_hash(veilsum::byte_view(record_bytes)))
        return error{errc::wrong_context, "session id is not the expected one"};
    if (expected.round && about->round != expected.round)
        return error{errc::wrong_context, "round is not the expected one"};
    if (expected.client && about->client != expected.client)
        return error{errc::wrong_context, "client is not the expected one"};
    shown.fact("record", std::to_string(entry.sequence) + ": " + about->describe());
    if (about->type == aggregation::record_type::contribution)
        shown.fact("note", "whether it was counted is what the closing of the round says");
    shown.conclusion = "the log contains record " + std::to_string(entry.sequence) + ", " + about->describe();
    return {};
}

result<verdict> verify_inclusion(const options& given, const given_files& files,
                                 const aggregation::receipt_expectations& expected) {
    const auto receipt = audit::receipt::parse(files.receipt);
    if (!receipt) return error(receipt.error()).at(given.file);
    if (!expected.aggregator)
        return error{errc::missing, "this receipt does not name its log: --aggregator is needed"};
    const auto key = veilsum::sign::verifying_key::parse(*expected.aggregator);
    if (!key) return error(key.error()).in_check(0).at("--aggregator");
    const std::string origin = expected.origin ? *expected.origin : origin_in(receipt->checkpoint_note);

    verdict shown(inclusion_checks);
    const auto contents = receipt->verify(origin, *key);
    if (!contents) {
        shown.pass_until(contents.error().check);
        shown.fail(contents.error());
        return shown;
    }
    shown.pass_until(4);
    const audit::record& entry = contents->entry;
    if (expected.session && entry.sequence != 0)
        return error{errc::unsupported,
                     "this receipt does not hold the session's first record: --session cannot be compared"};
    const signed_by log{contents->tip, receipt->checkpoint_note, origin, *key};
    shown.fact("origin", examples::printable(origin) + ", signed by " + veilsum::to_hex(key->bytes()));
    shown.fact("checkpoint", "size " + std::to_string(contents->tip.size));
    if (auto usable = check_later(shown, 4, log, files); !usable) return usable.error();
    if (shown.failure) return shown;
    if (auto fits = check_subject(entry, receipt->record_bytes, expected, shown); !fits) {
        shown.fail(std::move(fits).error().in_check(6));
        return shown;
    }
    shown.pass(6);
    check_witnesses(shown, 7, log, files, given.cosigned_since);
    return shown;
}

std::string reason_text(std::uint16_t reason) {
    if (reason == 4) return "late";
    if (reason == aggregation::equivocation) return "two different contributions";
    return "check " + std::to_string(reason) + " of its contribution";
}

result<verdict> verify_exclusion(const options& given, const given_files& files,
                                 const aggregation::receipt_expectations& expected) {
    const auto receipt = aggregation::exclusion_receipt::parse(files.receipt);
    if (!receipt) return error(receipt.error()).at(given.file);
    verdict shown(exclusion_checks);
    const auto contents = receipt->verify(expected);
    if (!contents) {
        shown.pass_until(contents.error().check);
        shown.fail(contents.error());
        return shown;
    }
    shown.pass_until(11);
    const signed_by log{contents->tip, receipt->checkpoint_note, contents->header.origin,
                        contents->aggregator};
    const std::string client = veilsum::to_hex(contents->client);
    const std::string round = std::to_string(contents->round);
    shown.fact("session", veilsum::to_hex(contents->session));
    shown.fact("origin", examples::printable(log.origin) + ", signed by " + veilsum::to_hex(log.key.bytes()));
    shown.fact("checkpoint", "size " + std::to_string(contents->tip.size));
    shown.fact("round", round + ", closed at " + std::to_string(contents->closing.closed_at) + ", " +
                            std::to_string(contents->closing.accepted.size()) + " counted" +
                            (contents->closing.outcome == aggregation::round_outcome::open_for_decryption
                                 ? ""
                                 : ", below the minimum cohort"));
    shown.fact("client", client);
    std::string why(name_of(contents->why));
    if (contents->refused)
        why += ", reason " + std::to_string(contents->refused->reason) + " (" +
               reason_text(contents->refused->reason) + "), received at " +
               std::to_string(contents->refused->received_at);
    shown.fact("not counted", why);
    shown.conclusion = "client " + client + " was not counted in round " + round + ": " + why;
    if (auto usable = check_later(shown, 11, log, files); !usable) return usable.error();
    if (shown.failure) return shown;
    check_witnesses(shown, 13, log, files, given.cosigned_since);
    return shown;
}

void print(const verdict& shown, const aggregation::receipt_expectations& expected) {
    for (std::uint32_t number = 1; number <= shown.checks.size(); ++number) {
        const bool failed = shown.failure && shown.failure->check == number;
        std::printf("  %2u  %-52s %s\n", number, std::string(shown.checks[number - 1]).c_str(),
                    failed                 ? "REFUSED"
                    : shown.passed[number] ? "ok"
                                           : "-");
    }
    std::printf("\n");
    if (shown.failure) {
        std::printf("VERDICT    refused at check %u (%s)\n", shown.failure->check,
                    std::string(shown.checks[shown.failure->check - 1]).c_str());
        std::printf("reason     %s\n", shown.failure->describe().c_str());
        std::printf("culprit    %s\n",
                    shown.failure->culprit.empty() ? "not known" : shown.failure->culprit.c_str());
        return;
    }
    for (const auto& [name, value] : shown.facts) std::printf("%-11s %s\n", name.c_str(), value.c_str());
    if (!expected.session && !expected.aggregator)
        std::printf("note        neither --session nor --aggregator was given: anybody can make up a session "
                    "that says this\n");
    std::printf("\nVERDICT    accepted: %s\n", shown.conclusion.c_str());
}

int run(const options& given) {
    const auto expected = expectations_of(given);
    const auto files = expected ? read_files(given) : result<given_files>(expected.error());
    if (!files) {
        fail("audit receipt", files.error());
        return unusable;
    }
    const bool excludes =
        veilsum::wire::unframe(files->receipt, message_type::exclusion_receipt, 1, max_receipt_file)
            .has_value();
    const auto shown =
        excludes ? verify_exclusion(given, *files, *expected) : verify_inclusion(given, *files, *expected);
    if (!shown) {
        fail("audit receipt", shown.error());
        return unusable;
    }
    std::printf("receipt %s: %s\n\n", given.file.c_str(),
                excludes ? "exclusion of a client" : "inclusion of a record");
    print(*shown, *expected);
    return shown->failure ? refused : accepted;
}

// ---- receipt-of

struct making_options {
    std::string folder, client, out;
    std::optional<std::uint64_t> record, round, extends;
};

// The record gives no such receipt, as opposed to: it cannot be read.
bool is_answer(const error& reason) {
    return reason.code == errc::refused || reason.code == errc::missing || reason.code == errc::out_of_range;
}

result<veilsum::bytes> make(const making_options& given, const audit::file_store& store,
                            const std::string& note) {
    const auto first = store.read(0);
    if (!first) return first.error();
    const auto header = aggregation::session_header::parse(first->body);
    if (!header) return error(header.error()).at("record 0");
    const auto key = veilsum::sign::verifying_key::parse(header->aggregator);
    if (!key) return error(key.error()).in_check(0).at("record 0");
    // What is written has been verified, as far as it says itself what it must be.
    const auto tip = audit::verify_checkpoint(note, header->origin, *key);
    if (!tip) return tip.error();
    if (given.extends) {
        if (*given.extends > tip->size || tip->size > store.size())
            return error{errc::out_of_range, "size to extend", 0,
                         "checkpoint of size " + std::to_string(tip->size)};
        const std::string text =
            audit::checkpoint_extension{*given.extends, store.tree().consistency(*given.extends, tip->size),
                                        note}
                .serialize();
        return veilsum::bytes(text.begin(), text.end());
    }
    if (given.record) {
        const auto made = audit::issue_receipt(store, *given.record, note);
        if (!made) return made.error();
        if (const auto good = made->verify(header->origin, *key); !good) return good.error();
        return made->serialize();
    }
    constexpr std::string_view client_form = "client id must be 64 hexadecimal digits";
    const auto client = parse_id(given.client, client_form);
    if (!client) return client.error();
    if (!*client) return error{errc::malformed, client_form};
    const auto made = aggregation::issue_exclusion(store, *given.round, **client, note);
    if (!made) return made.error();
    if (const auto good = made->verify({}); !good) return good.error();
    return made->serialize();
}

int run(const making_options& given) {
    const auto stop = [](const error& reason, int status) {
        fail("audit receipt-of", reason);
        return status;
    };
    const auto store = audit::file_store::open_for_reading(given.folder);
    if (!store) return stop(store.error(), unusable);
    if (store->size() == 0) return stop({errc::missing, "first record"}, unusable);
    const auto note = store->read_checkpoint();
    if (!note) return stop(note.error(), unusable);
    const auto made = make(given, *store, *note);
    if (!made) return stop(made.error(), is_answer(made.error()) ? refused : unusable);
    if (auto written = write_new_file(given.out, *made); !written) return stop(written.error(), unusable);
    std::printf("%s written, %zu bytes\n", given.out.c_str(), made->size());
    return accepted;
}

template <class Run>
int parse_and(CLI::App& app, int argc, char** argv, Run&& run_it) {
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
        return app.exit(wrong) == 0 ? accepted : unusable;
    }
    return run_it();
}

} // namespace

result<audit::witness_policy> read_witness_policy(const std::filesystem::path& file) {
    const auto data = read_file(file, audit::max_policy_bytes);
    if (!data) return data.error();
    auto policy = audit::parse_witness_policy(std::string(data->begin(), data->end()));
    if (!policy) {
        const std::string& line = policy.error().place;
        return error(policy.error()).at(file.string() + (line.empty() ? "" : ", " + line));
    }
    return policy;
}

int receipt_command(int argc, char** argv) {
    CLI::App app("Checks a receipt offline: that a record is on a log, or that a client was not counted in a "
                 "round.\nExit status: 0 accepted, 1 refused, 2 unusable input.",
                 "audit receipt");
    options given;
    app.add_option("file", given.file, "the receipt")->required();
    app.add_option("--session", given.session, "refuse any other session id (64 hexadecimal digits)");
    app.add_option("--aggregator", given.aggregator,
                   "key that signed the checkpoint (64 hexadecimal digits); an inclusion receipt needs it");
    app.add_option("--origin", given.origin, "refuse a checkpoint of any other origin");
    app.add_option("--round", given.round, "refuse a receipt about any other round");
    app.add_option("--client", given.client,
                   "refuse a receipt about any other client (64 hexadecimal digits)");
    app.add_option("--witnesses", given.witnesses,
                   "policy file: who must have cosigned the checkpoint, or each of --later");
    app.add_option("--cosigned-since", given.cosigned_since,
                   "oldest cosignature that counts, in seconds since 1970");
    app.add_option("--later", given.later,
                   "later checkpoints of the log, each with its consistency proof (receipt-of --extends)");
    return parse_and(app, argc, argv, [&] { return run(given); });
}

int receipt_of_command(int argc, char** argv) {
    CLI::App app("Makes a receipt from a record folder, without any key.\n"
                 "Exit status: 0 written, 1 the record gives no such receipt, 2 unusable input.",
                 "audit receipt-of");
    making_options given;
    app.add_option("folder", given.folder, "folder with log, checkpoint and bodies")->required();
    const auto record = app.add_option("--record", given.record, "that this record is on the log");
    const auto round = app.add_option("--round", given.round, "that --client was not counted in this round");
    const auto client = app.add_option("--client", given.client, "client id (64 hexadecimal digits)");
    const auto extends = app.add_option("--extends", given.extends,
                                        "that the log still contains its first so many records: for --later");
    app.add_option("--out", given.out, "file to write, which must not exist")->required();
    round->needs(client);
    client->needs(round);
    record->excludes(round)->excludes(extends);
    extends->excludes(round);
    return parse_and(app, argc, argv, [&] {
        if (given.record || given.round || given.extends) return run(given);
        fail("audit receipt-of",
             {errc::missing, "one of --record, --round with --client, --extends is needed"});
        return unusable;
    });
}

} // namespace examples
