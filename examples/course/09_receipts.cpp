// Lesson 9: receipts. A client that contributed holds a proof of it, signed by the aggregator; a client that
// was not counted can have a proof of that. Both are checked offline, by anybody, without the record.
#include "cohort.hpp"

#include <veilsum/aggregation/issue_exclusion.hpp>

using namespace course;
using veilsum::audit::receipt;

int main() {
    const scratch_folder folder;
    cohort three(folder.path() / "record", 3, {0, 0, 0, 10});
    const auto aggregator = must(veilsum::sign::verifying_key::parse(three.facts().header.aggregator));
    const auto first = three.aggregate({{0.5F, 1, 0, 0}, {0.25F, -1, 0, 3}, {}}); // client 3 is silent

    // Inclusion. Besides the bytes one needs the name of the log and the aggregator's key, nothing else.
    const auto kept = must(receipt::parse(first.receipts[0]));
    const auto contents = must(kept.verify(cohort::origin, aggregator));
    const auto record = must(aggregation::contribution_record::parse(contents.entry.body));
    std::printf("inclusion    record %llu of %llu, round %llu, %s\n",
                static_cast<unsigned long long>(contents.entry.sequence),
                static_cast<unsigned long long>(contents.tip.size),
                static_cast<unsigned long long>(record.header.round),
                record.header.client == three.client_id(0).bytes() ? "by client 1" : "BY SOMEBODY ELSE");

    auto forged = kept;
    forged.record_bytes.back() ^= 1; // another time of arrival
    std::printf("altered      %s\n", refusal(forged.verify(cohort::origin, aggregator)).c_str());
    std::printf("another log  %s\n", refusal(kept.verify("other.example/log", aggregator)).c_str());

    // Later: is the record still on the log that everybody is shown now?
    three.aggregate({{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}});
    const auto& log = three.record();
    const auto proof = log.tree().consistency(contents.tip.size, log.size());
    const std::string now = must(log.read_checkpoint());
    must(kept.verify_against(now, proof, cohort::origin, aggregator));
    std::printf("later        still there, among %llu records\n",
                static_cast<unsigned long long>(log.size()));

    // Exclusion: in round 1 client 3 was not counted.
    const auto absent = three.client_id(2).bytes();
    const auto made = must(aggregation::issue_exclusion(log, 1, absent, now)).serialize();
    aggregation::receipt_expectations expected;
    expected.session = three.facts().id;
    expected.round = 1;
    expected.client = absent;
    const auto excluded = must(must(aggregation::exclusion_receipt::parse(made)).verify(expected));
    std::printf("exclusion    client 3 in round 1: %s\n", std::string(name_of(excluded.why)).c_str());

    expected.round = 2; // where it did contribute
    std::printf("round 2      %s\n",
                refusal(must(aggregation::exclusion_receipt::parse(made)).verify(expected)).c_str());
    const auto counted = aggregation::issue_exclusion(log, 1, three.client_id(0).bytes(), now);
    std::printf("client 1     %s\n", counted ? "EXCLUDED" : std::string(counted.error().what).c_str());
}
