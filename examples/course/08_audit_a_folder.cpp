// Lesson 8: audit a folder. Whoever has the record of a session checks all of it, without any secret. Then
// one byte of it is changed, and the audit says where.
#include "cohort.hpp"

#include <veilsum/aggregation/auditor.hpp>

#include <fstream>
#include <map>

using namespace course;

namespace {

// Prints the verdict. What it accepts must be the session that we know: anybody can make up another one.
void audit(const std::filesystem::path& folder, const veilsum::hash::digest32& session) {
    const auto log = veilsum::audit::log_reader::open(folder.string());
    if (!log) {
        std::printf("refused      the log does not open: %s\n", log.error().describe().c_str());
        return;
    }
    std::map<aggregation::audit_step, int> items;
    const auto count = [&items](aggregation::audit_step step) { ++items[step]; };
    veilsum::random::system_random rng; // weights of merged checks, which a forger must not know
    aggregation::audit_expectations known;
    known.session = session;
    const auto verdict = aggregation::audit_session<scheme>(*log, known, {}, rng, count);
    if (const auto& failure = verdict.failure) {
        std::printf("refused      step %u (%s), record %llu: %s\n", static_cast<unsigned>(failure->step),
                    std::string(name_of(failure->step)).c_str(),
                    static_cast<unsigned long long>(failure->record.value_or(0)),
                    std::string(failure->reason.what).c_str());
        return;
    }
    const auto& summary = verdict.summary;
    for (const auto& [step, done] : items)
        std::printf("step %-2u      %-66s %d\n", static_cast<unsigned>(step),
                    std::string(name_of(step)).c_str(), done);
    std::printf("accepted     %llu records, %llu contributions, %llu rounds\n",
                static_cast<unsigned long long>(summary.records),
                static_cast<unsigned long long>(summary.contributions),
                static_cast<unsigned long long>(summary.rounds_opened));
}

void flip_a_bit(const std::filesystem::path& file, std::streamoff place) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(place);
    const int byte = stream.get();
    stream.seekp(place);
    stream.put(static_cast<char>(byte ^ 1));
}

} // namespace

int main() {
    const scratch_folder folder;
    const auto record = folder.path() / "record";
    cohort three(record, 3, {0, 0, 0, 10});
    const auto session = three.facts().id;
    three.aggregate({{0.5F, 1, 0, 0}, {0.25F, -1, 0, 3}, {0, 0, 0.125F, 0}});
    // Records 0 to 3 open the session and enrol the clients, 4 opens the round, 5 is the first contribution.
    const auto entry = must(aggregation::contribution_record::parse(must(three.record().read(5)).body));
    three.end();
    audit(record, session);

    flip_a_bit(record / "bodies" / veilsum::to_hex(entry.header.body), 1000);
    audit(record, session);
    flip_a_bit(record / "bodies" / veilsum::to_hex(entry.header.body), 1000); // and back
    flip_a_bit(record / "log", 700);
    audit(record, session);
}
