// audit: checks the record of a session without any secret, step by step, and says whether it is right.
#include "audit/html_report.hpp"
#include "audit/receipt_command.hpp"
#include "support/console.hpp"
#include "support/files.hpp"
#include "support/identifiers.hpp"
#include "support/modulus_sizes.hpp"

#include <veilsum/aggregation/auditor.hpp>
#include <veilsum/audit/log_reader.hpp>
#include <veilsum/random/system_random.hpp>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

namespace {

namespace aggregation = veilsum::aggregation;
using aggregation::audit_step;
using examples::result;

struct options {
    std::string folder;
    std::string session;
    std::string aggregator;
    std::string json;
    std::string html;
    bool log_only = false;
    std::string witnesses;
    std::uint64_t cosigned_since = 0;
    bool light = false;

    const char* level() const { return log_only ? "log" : light ? "light" : "full"; }
};

// Items and seconds of each step: the library says which step it enters, the clock is ours. Step 1 is entered
// for the whole log, then again for each record; its items are the records.
class step_times {
  public:
    void enter(audit_step step) {
        leave();
        current_ = step;
        if (step != audit_step::chain) ++entries_[index(step)].items;
    }
    void opened(std::uint64_t records) { entries_[index(audit_step::chain)].items = records; }
    void leave() {
        if (current_) entries_[index(*current_)].seconds += watch_.seconds() - since_;
        since_ = watch_.seconds();
    }
    std::uint64_t items(audit_step step) const { return entries_[index(step)].items; }
    double seconds(audit_step step) const { return entries_[index(step)].seconds; }

  private:
    struct entry {
        std::uint64_t items = 0;
        double seconds = 0;
    };
    static std::size_t index(audit_step step) { return static_cast<std::size_t>(step); }
    std::array<entry, aggregation::audit_steps + 1> entries_{};
    std::optional<audit_step> current_;
    examples::stopwatch watch_;
    double since_ = 0;
};

// A mistyped name is not a record that somebody changed: without any part of a record there is no verdict.
result<void> find_record(const std::filesystem::path& folder) {
    std::error_code ignored;
    const auto has = [&](const char* name) {
        return std::filesystem::exists(std::filesystem::symlink_status(folder / name, ignored));
    };
    const auto none = [&](std::string_view why) {
        return veilsum::error{veilsum::errc::io, why, 0, folder.string()};
    };
    if (!std::filesystem::exists(folder, ignored)) return none("no such folder");
    if (!std::filesystem::is_directory(folder, ignored)) return none("not a folder; a record is one");
    if (has("log")) return {};
    if (has("record/log")) return none("no record in this folder; its folder `record` is one");
    if (!has("checkpoint") && !has("bodies"))
        return none("no record in this folder: no `log`, `checkpoint` or `bodies`");
    return {};
}

// Reading the log already checks framing and chain, so a store that does not open is step 1's failure.
result<aggregation::audit_verdict> run(const options& given, step_times& times) {
    const std::filesystem::path folder(given.folder);
    aggregation::audit_expectations expected;
    const auto session = examples::parse_id(given.session, "session id must be 64 hexadecimal digits");
    if (!session) return session.error();
    const auto aggregator =
        examples::parse_id(given.aggregator, "aggregator key must be 64 hexadecimal digits");
    if (!aggregator) return aggregator.error();
    expected.session = *session;
    expected.aggregator = *aggregator;
    if (!given.witnesses.empty()) {
        auto policy = examples::read_witness_policy(given.witnesses);
        if (!policy) return policy.error();
        expected.witnesses = *std::move(policy);
        expected.oldest_cosignature = given.cosigned_since;
    }
    if (auto found = find_record(folder); !found) return found.error();

    aggregation::audit_verdict verdict;
    times.enter(audit_step::chain);
    const auto log = [&] {
        examples::progress_bar bar("reading the log", "bytes");
        return veilsum::audit::log_reader::open(given.folder, bar.watcher());
    }();
    if (!log) {
        verdict.failure = aggregation::audit_failure{audit_step::chain, std::nullopt, log.error()};
        return verdict;
    }
    times.opened(log->size());
    const auto watcher = [&](audit_step step) { times.enter(step); };
    const auto first = log->first();
    const auto header = first ? aggregation::session_header::parse(first->body)
                              : result<aggregation::session_header>(first.error());
    // Without a header, which says how large the key is, the log alone is refused too, at the same step.
    if (given.log_only || !header) return aggregation::audit_log(*log, expected, watcher);
    veilsum::random::system_random rng;
    examples::progress_bar bar("auditing", "records");
    const auto artifacts = [&](const std::string& name) { return examples::digest_of_file(folder / name); };
    // A size that this program does not know is found out in its turn, at step 3.
    const std::uint32_t bits = examples::has_scheme(header->modulus_bits) ? header->modulus_bits : 3072;
    return examples::with_scheme(bits, [&]<class Scheme>(Scheme) -> result<aggregation::audit_verdict> {
        if (given.light)
            return aggregation::audit_session<Scheme, aggregation::light_session>(
                *log, expected, artifacts, rng, watcher, bar.watcher());
        return aggregation::audit_session<Scheme>(*log, expected, artifacts, rng, watcher, bar.watcher());
    });
}

// Which log the verdict is about: what a checkpoint says of it, and the hash of its last record.
void print_log(const aggregation::audit_summary& summary) {
    std::printf("log        %llu records\n", static_cast<unsigned long long>(summary.records));
    std::printf("root       %s\n", veilsum::to_hex(summary.root).c_str());
    std::printf("head       %s\n", veilsum::to_hex(summary.head).c_str());
}

void print(const aggregation::audit_verdict& verdict, const step_times& times, const options& given) {
    for (std::uint8_t number = 1; number <= aggregation::audit_steps; ++number) {
        const auto step = static_cast<audit_step>(number);
        const bool failed = verdict.failure && verdict.failure->step == step;
        // Of the ceremony, --log reads whose log it is, and checks nothing.
        const bool checked = times.items(step) > 0 && !(given.log_only && step > audit_step::checkpoint);
        const char* outcome = failed ? "REFUSED" : checked ? "ok" : "-";
        std::printf("  %2u  %-63s %6llu checked  %8s  %s\n", number, std::string(name_of(step)).c_str(),
                    static_cast<unsigned long long>(times.items(step)),
                    examples::human_seconds(times.seconds(step)).c_str(), outcome);
    }
    const aggregation::audit_summary& summary = verdict.summary;
    if (verdict.accepted()) {
        std::printf("\nsession    %s\n", veilsum::to_hex(summary.session).c_str());
        std::printf("origin     %s, signed by %s\n", examples::printable(summary.origin).c_str(),
                    veilsum::to_hex(summary.aggregator).c_str());
        print_log(summary);
        for (const std::string& name : summary.witnesses) std::printf("witness    %s\n", name.c_str());
        if (given.log_only) {
            std::printf(
                "level      log: chain, Merkle root, checkpoint; what the records say was not looked at\n");
            std::printf("\nVERDICT    accepted\n");
            return;
        }
        std::printf("clients    %llu enrolments, %llu removals; %llu changes of the key\n",
                    static_cast<unsigned long long>(summary.enrolments),
                    static_cast<unsigned long long>(summary.removals),
                    static_cast<unsigned long long>(summary.rotations));
        std::printf("rounds     %llu opened, %llu without a result\n",
                    static_cast<unsigned long long>(summary.rounds_opened),
                    static_cast<unsigned long long>(summary.rounds_failed));
        std::printf("counted    %llu contributions, %llu refused, %llu partial decryptions\n",
                    static_cast<unsigned long long>(summary.contributions),
                    static_cast<unsigned long long>(summary.refusals),
                    static_cast<unsigned long long>(summary.partials));
        for (std::size_t number = 0; number < summary.models.size(); ++number)
            std::printf("model %-4zu %s\n", number, veilsum::to_hex(summary.models[number]).c_str());
        if (summary.spent_epsilon)
            std::printf("privacy    epsilon %.6f spent\n", static_cast<double>(*summary.spent_epsilon) / 1e6);
        if (!summary.ended)
            std::printf("note       the session was not ended: what is recorded so far is right, exported "
                        "files are not covered\n");
        std::printf("memory     %s at most\n",
                    examples::human_bytes(static_cast<double>(examples::peak_memory_bytes())).c_str());
        if (given.light)
            std::printf("level      light: proofs, ciphertexts and partial decryptions were not checked\n");
        std::printf("\nVERDICT    accepted\n");
        return;
    }
    const aggregation::audit_failure& failure = *verdict.failure;
    std::printf("\nVERDICT    refused at step %u (%s)\n", static_cast<unsigned>(failure.step),
                std::string(name_of(failure.step)).c_str());
    if (failure.record) std::printf("record     %llu\n", static_cast<unsigned long long>(*failure.record));
    std::printf("reason     %s\n", failure.reason.describe().c_str());
    std::printf(
        "culprit    %s\n",
        failure.reason.culprit.empty()
            ? "not known: the stored bytes were changed, or are of a version that this program does not know"
            : failure.reason.culprit.c_str());
    if (summary.names_log()) print_log(summary);
}

nlohmann::json report_of(const aggregation::audit_verdict& verdict, const step_times& times,
                         const options& given) {
    nlohmann::json report;
    report["accepted"] = verdict.accepted();
    report["level"] = given.level();
    const aggregation::audit_summary& summary = verdict.summary;
    report["session"] = veilsum::to_hex(summary.session);
    report["origin"] = summary.origin;
    report["aggregator"] = veilsum::to_hex(summary.aggregator);
    report["records"] = summary.records;
    report["root"] = veilsum::to_hex(summary.root);
    report["head"] = veilsum::to_hex(summary.head);
    report["rounds_opened"] = summary.rounds_opened;
    report["rounds_without_result"] = summary.rounds_failed;
    report["enrolments"] = summary.enrolments;
    report["removals"] = summary.removals;
    report["rotations"] = summary.rotations;
    report["contributions"] = summary.contributions;
    report["refusals"] = summary.refusals;
    report["partial_decryptions"] = summary.partials;
    report["ended"] = summary.ended;
    report["peak_memory_bytes"] = examples::peak_memory_bytes();
    report["models"] = nlohmann::json::array();
    for (const auto& model : summary.models) report["models"].push_back(veilsum::to_hex(model));
    if (summary.spent_epsilon) report["spent_epsilon_millionths"] = *summary.spent_epsilon;
    report["witnesses"] = summary.witnesses;
    for (std::uint8_t number = 1; number <= aggregation::audit_steps; ++number) {
        const auto step = static_cast<audit_step>(number);
        report["steps"].push_back({{"number", number},
                                   {"name", std::string(name_of(step))},
                                   {"checked", times.items(step)},
                                   {"seconds", times.seconds(step)}});
    }
    if (verdict.failure) {
        const aggregation::audit_failure& failure = *verdict.failure;
        report["failure"] = {{"step", static_cast<unsigned>(failure.step)},
                             {"code", std::string(veilsum::name_of(failure.reason.code))},
                             {"what", std::string(failure.reason.what)},
                             {"check", failure.reason.check},
                             {"place", failure.reason.place},
                             {"culprit", failure.reason.culprit}};
        if (failure.record) report["failure"]["record"] = *failure.record;
    }
    return report;
}

result<void> write_json(const std::string& path, const nlohmann::json& report) {
    std::ofstream out(path);
    out << report.dump(2) << '\n';
    if (!out.flush()) return veilsum::error{veilsum::errc::io, "cannot write file", 0, path};
    return {};
}

result<void> write_page(const options& given, nlohmann::json report,
                        const aggregation::audit_summary& summary) {
    const auto digest = audit_page::write(given.html, given.folder, std::move(report), summary);
    if (!digest) return digest.error();
    std::printf("\npage       %s\n           SHA-256 %s\n", given.html.c_str(),
                veilsum::to_hex(*digest).c_str());
    return {};
}

} // namespace

int main(int argc, char** argv) {
    if (argc > 1 && std::string_view(argv[1]) == "receipt")
        return examples::receipt_command(argc - 1, argv + 1);
    if (argc > 1 && std::string_view(argv[1]) == "receipt-of")
        return examples::receipt_of_command(argc - 1, argv + 1);
    CLI::App app(
        "Checks the record of an aggregation session. Exit status: 0 accepted, 1 refused, 2 unusable input.\n"
        "`audit receipt` checks a receipt, `audit receipt-of` makes one (a folder of that name is "
        "./receipt).");
    options given;
    app.add_option("folder", given.folder, "folder with log, checkpoint and bodies")->required();
    app.add_option("--session", given.session, "refuse any other session id (64 hexadecimal digits)");
    app.add_option("--aggregator", given.aggregator,
                   "refuse any other aggregator key (64 hexadecimal digits)");
    auto* log_only = app.add_flag(
        "--log", given.log_only,
        "only that the log is whole and is the one that was signed: chain, Merkle root, checkpoint");
    auto* light = app.add_flag(
        "--light", given.light,
        "only the opened sums against the row commitments, and who signed them: trusts that somebody "
        "honest checked the proofs");
    light->excludes(log_only);
    app.add_option("--witnesses", given.witnesses, "policy file: who must have cosigned the checkpoint");
    app.add_option("--cosigned-since", given.cosigned_since,
                   "oldest cosignature that counts, in seconds since 1970");
    app.add_option("--json", given.json, "write the verdict to this file as JSON too");
    app.add_option("--html", given.html,
                   "write a page for people to this file: timeline, verdict, checks in the browser");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
        return app.exit(wrong) == 0 ? 0 : 2;
    }
    step_times times;
    const auto verdict = run(given, times);
    times.leave();
    if (!verdict) {
        examples::fail("audit", verdict.error());
        if (!given.html.empty())
            if (auto written = write_page(given, {{"no_verdict", verdict.error().describe()}}, {}); !written)
                examples::fail("audit", written.error());
        return 2;
    }
    std::printf("audit of %s\n\n", given.folder.c_str());
    print(*verdict, times, given);
    std::fflush(stdout); // whoever reads it has the verdict, whatever becomes of the files
    const nlohmann::json report = report_of(*verdict, times, given);
    if (!given.json.empty())
        if (auto written = write_json(given.json, report); !written) {
            examples::fail("audit", written.error());
            return 2;
        }
    if (!given.html.empty())
        if (auto written = write_page(given, report, verdict->summary); !written) {
            examples::fail("audit", written.error());
            return 2;
        }
    return verdict->accepted() ? 0 : 1;
}
