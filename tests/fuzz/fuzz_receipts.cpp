// Decoders of what is shown outside a record: receipts of exclusion, later checkpoints, witness policies.
//
//      0  exclusion_receipt::parse, parse_records, open, read, read_refusal
//      1  checkpoint_extension::parse, verify_later
//      2  parse_witness_policy
//      3  parse_verifier_key
//
// Holds: a receipt that verifies says of a client and a round what the record says; a later checkpoint that
// verifies is one of the log.
#include "fuzz/decoders.hpp"

#include "support/receipt_world.hpp"

#include <veilsum/aggregation/exclusion_receipt.hpp>
#include <veilsum/aggregation/issue_exclusion.hpp>
#include <veilsum/audit/checkpoint_extension.hpp>
#include <veilsum/audit/policy_file.hpp>
#include <veilsum/audit/verifier_key.hpp>

#include <string>
#include <utility>
#include <vector>

namespace {

using namespace veilsum;
using namespace veilsum::fuzz;
using aggregation::exclusion_receipt;
using audit::checkpoint_extension;

const test::receipt_world& here() {
    static const test::receipt_world made;
    return made;
}
// From 6 on, whoever is on no roster.
byte_array<32> client(std::size_t number) {
    return number < 6 ? here().id(number) : here().stranger.verifying().bytes();
}

bool read_exclusion(byte_view data) {
    const auto read = exclusion_receipt::parse(data);
    if (!one_spelling(data, read)) return false;
    const auto shown = read->verify(here().expected());
    if (!accepted(shown)) return true;
    const auto issued =
        aggregation::issue_exclusion(here().store, shown->round, shown->client, here().note());
    require_value(issued, "whoever a receipt excludes is not counted");
    const auto truth = issued->verify(here().expected());
    require_value(truth, "what is issued verifies");
    require(truth->why == shown->why && truth->refused.has_value() == shown->refused.has_value(),
            "a receipt gives the record's reason");
    return true;
}

audit::checkpoint known() {
    return audit::checkpoint::parse(audit::parse_note(here().note(5))->text).value();
}
bool read_extension(byte_view data) {
    const auto read = checkpoint_extension::parse(as_text(data));
    if (!one_spelling(data, read)) return false;
    require(read->proof.path.size() <= audit::max_extension_digests, "digests are within their cap");
    const auto later = audit::verify_later(known(), read->old_size, read->proof, read->note, here().origin,
                                           here().aggregator.verifying());
    if (!accepted(later)) return true;
    require(later->root == here().store.tree().root(later->size), "a later checkpoint is one of the log");
    return true;
}
std::string extension(std::uint64_t old_size, std::uint64_t size) {
    return checkpoint_extension{old_size, here().store.tree().consistency(old_size, size), here().note(size)}
        .serialize();
}

std::string vkey(std::size_t number, audit::note_key_type type) {
    return audit::verifier_key_text(
        {"w" + std::to_string(number) + ".example", here().clients[number].verifying()}, type);
}
constexpr auto witness_type = audit::note_key_type::cosignature_v1;
std::string witness_line(std::size_t number) {
    return "witness w" + std::to_string(number) + " " + vkey(number, witness_type) + "\n";
}

const decoder all[] = {
    {"exclusion_receipt::parse, exclusion_receipt::parse_records, exclusion_receipt::open, "
     "exclusion_receipt::read, exclusion_receipt::read_refusal",
     read_exclusion,
     [] {
         samples out;
         for (const auto& [round, who] : {std::pair{1, 2}, std::pair{1, 3}, std::pair{1, 4}, std::pair{1, 5},
                                          std::pair{2, 4}, std::pair{2, 6}}) {
             const auto issued =
                 aggregation::issue_exclusion(here().store, static_cast<std::uint64_t>(round),
                                              client(static_cast<std::size_t>(who)), here().note());
             require_value(issued, "issuing a receipt");
             require_value(issued->verify(here().expected()), "what is issued verifies");
             out.push_back(issued->serialize());
         }
         return out;
     }},
    {"checkpoint_extension::parse, verify_later", read_extension,
     [] {
         return samples{as_sample(extension(5, here().store.size())), as_sample(extension(5, 7)),
                        as_sample(extension(5, 5))};
     }},
    {"parse_witness_policy",
     [](byte_view data) {
         const auto policy = audit::parse_witness_policy(as_text(data));
         if (!accepted(policy)) return false;
         require(policy->threshold() >= 1 && policy->threshold() <= policy->witnesses().size(),
                 "a quorum is of its witnesses");
         return true;
     },
     [] {
         const std::string two = witness_line(0) + witness_line(1);
         return samples{as_sample(witness_line(0) + "quorum w0\n"),
                        as_sample("# who\nlog " + vkey(2, audit::note_key_type::ed25519) +
                                  " https://log\n\n" + two + "group g 2 w0 w1\nquorum g\n"),
                        as_sample(two + "group g any w1\tw0\nquorum g\n")};
     }},
    {"parse_verifier_key",
     [](byte_view data) {
         return one_spelling(
             data, audit::parse_verifier_key(as_text(data), witness_type),
             [](const audit::verifier_key& key) { return audit::verifier_key_text(key, witness_type); });
     },
     [] { return samples{as_sample(vkey(3, witness_type))}; }},
};

} // namespace

std::span<const veilsum::fuzz::decoder> veilsum::fuzz::decoders() {
    return all;
}
