// Attacks of a log's owner that receipts and witnesses answer, named after docs/threat_model.md's list. Each
// asserts the check that is meant for it.
#include "support/forged_store.hpp"
#include "support/receipt_world.hpp"

#include "support/catch.hpp"

#include <veilsum/aggregation/exclusion_receipt.hpp>
#include <veilsum/aggregation/issue_exclusion.hpp>
#include <veilsum/aggregation/record_subject.hpp>
#include <veilsum/audit/checkpoint_extension.hpp>
#include <veilsum/audit/receipt.hpp>
#include <veilsum/audit/witness_policy.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace veilsum;
using aggregation::exclusion;
using test::receipt_world;

namespace {

// The closing of round 1 calls client 0 silent; `keep` says whether its contribution stays on the log.
test::forged_store without_client_0(const receipt_world& world, bool keep) {
    test::forged_store log(world.store, [&](const audit::record& entry) -> std::optional<bytes> {
        if (entry.sequence == 2 && !keep) return std::nullopt;
        if (entry.sequence != 8) return entry.body;
        auto closing = aggregation::round_closed::parse(entry.body);
        closing->accepted.erase(std::find(closing->accepted.begin(), closing->accepted.end(), world.id(0)));
        closing->silent.push_back(world.id(0));
        std::sort(closing->silent.begin(), closing->silent.end());
        return closing->serialize();
    });
    log.sign(world.origin, world.aggregator);
    return log;
}

// One that keeps its word: it signs only what continues what it signed before.
class honest_witness {
  public:
    honest_witness(std::string name, std::uint8_t seed) : name_(std::move(name)), key_(make_key(seed)) {}
    audit::verifier_key named() const { return {name_, key_.verifying()}; }

    template <class Log>
    result<std::string> cosign(const receipt_world& world, const Log& log, std::string_view note) {
        const std::uint64_t known = last_ ? last_->size : 0;
        const auto size = audit::checkpoint::parse(audit::parse_note(note)->text)->size;
        const auto later = audit::verify_later(
            last_ ? *last_ : audit::checkpoint{world.origin, 0, audit::empty_tree_root()}, known,
            known <= size ? log.tree().consistency(known, size) : audit::consistency_proof{}, note,
            world.origin, world.aggregator.verifying());
        if (!later) return later.error();
        last_ = *later;
        return audit::cosign_checkpoint(note, name_, key_, 1000);
    }

  private:
    static sign::signing_key make_key(std::uint8_t seed) {
        byte_array<32> bytes{};
        bytes.fill(seed);
        return sign::signing_key::from_seed(secret<byte_array<32>>(std::move(bytes)));
    }
    std::string name_;
    sign::signing_key key_;
    std::optional<audit::checkpoint> last_;
};

} // namespace

TEST_CASE("attack: dropped-client, left out of a rewritten log despite its receipt", "[negative]") {
    const receipt_world world;
    const auto kept = audit::issue_receipt(world.store, 2, world.note(3)); // as it got it when it sent
    REQUIRE(kept);
    const auto key = world.aggregator.verifying();
    REQUIRE(kept->verify(world.origin, key));

    const auto log = without_client_0(world, false);
    const auto note = *log.read_checkpoint();
    // The rewritten log is consistent in itself, and its owner signs that the client was silent.
    const auto claimed = aggregation::issue_exclusion(log, 1, world.id(0), note);
    REQUIRE(claimed);
    const auto contents = claimed->verify(world.expected());
    if (!contents) FAIL(contents.error().describe());
    CHECK(contents->why == exclusion::silent);
    // No proof leads from the receipt to that log.
    const auto broken = kept->verify_against(note, log.tree().consistency(3, log.size()), world.origin, key);
    REQUIRE_FALSE(broken);
    CHECK(broken.error().check == 5);
    CHECK(broken.error().code == errc::mismatch);
    // Shown at the receipt's size, the two faces name the log.
    const auto faces = kept->verify_against(world.note_of(log, 3), {}, world.origin, key);
    REQUIRE_FALSE(faces);
    CHECK(faces.error().check == 5);
    CHECK(faces.error().culprit == world.origin);
}

TEST_CASE("attack: dropped-client, called silent beside its own contribution", "[negative]") {
    const receipt_world world;
    const auto log = without_client_0(world, true);
    const auto note = *log.read_checkpoint();
    // Both verify, under one checkpoint: that is the contradiction, by the aggregator's own signature.
    const auto sent = audit::issue_receipt(log, 2, note);
    REQUIRE(sent);
    const auto entry = sent->verify(world.origin, world.aggregator.verifying());
    REQUIRE(entry);
    CHECK(aggregation::subject_of(entry->entry)->client == world.id(0));
    const auto claimed = aggregation::issue_exclusion(log, 1, world.id(0), note);
    REQUIRE(claimed);
    const auto contents = claimed->verify(world.expected());
    REQUIRE(contents);
    CHECK(contents->why == exclusion::silent);
    CHECK(contents->tip == entry->tip);
}

TEST_CASE("attack: moved-receipt, records of one session under the first record of another", "[negative]") {
    // Same aggregator, same origin, same clients: only the nonce differs.
    const receipt_world world;
    test::forged_store second(world.store, [](const audit::record& entry) -> std::optional<bytes> {
        if (entry.sequence != 0) return entry.body;
        auto header = aggregation::session_header::parse(entry.body);
        header->nonce[0] ^= 1;
        return header->serialize();
    });
    second.sign(world.origin, world.aggregator);
    const auto note = *second.read_checkpoint();
    const auto honest = aggregation::issue_exclusion(world.store, 1, world.id(4), world.note());
    auto moved = aggregation::issue_exclusion(second, 1, world.id(4), note);
    REQUIRE(honest);
    REQUIRE(moved);
    const auto refused = [&](std::uint32_t check, errc code) {
        const auto outcome = moved->verify(world.expected());
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().check == check);
        CHECK(outcome.error().code == code);
    };
    refused(3, errc::wrong_context);
    moved->first = honest->first;
    refused(5, errc::mismatch);
    moved->checkpoint_note = world.note();
    refused(5, errc::mismatch);
}

TEST_CASE("attack: split-view, two faces of a log before honest witnesses", "[negative]") {
    const receipt_world world;
    const auto other = without_client_0(world, false);
    std::array<honest_witness, 3> witnesses{honest_witness("w/1", 1), honest_witness("w/2", 2),
                                            honest_witness("w/3", 3)};
    const auto policy = [&](std::size_t k) {
        std::vector<audit::verifier_key> keys;
        for (const honest_witness& witness : witnesses) keys.push_back(witness.named());
        return *audit::witness_policy::of(std::move(keys), k);
    };
    // Everybody saw the beginning, which the two faces share.
    for (honest_witness& witness : witnesses) REQUIRE(witness.cosign(world, world.store, world.note(2)));

    std::string ours = world.note();
    for (const std::size_t i : {0u, 1u}) {
        auto more = witnesses[i].cosign(world, world.store, ours);
        REQUIRE(more);
        ours = *std::move(more);
    }
    std::string theirs = *other.read_checkpoint();
    auto more = witnesses[2].cosign(world, other, theirs);
    REQUIRE(more);
    theirs = *std::move(more);
    for (const std::size_t i : {0u, 1u}) {
        const auto refused = witnesses[i].cosign(world, other, theirs);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().check == 2);
    }
    const auto key = world.aggregator.verifying();
    CHECK(policy(2).verify(ours, world.origin, key));
    const auto hidden = policy(2).verify(theirs, world.origin, key);
    REQUIRE_FALSE(hidden);
    CHECK(hidden.error().check == 8);
    CHECK(hidden.error().place == "1 of 2 needed, 3 listed");
    // One of three is no majority: both faces would do.
    CHECK(policy(1).verify(ours, world.origin, key));
    CHECK(policy(1).verify(theirs, world.origin, key));
}

TEST_CASE("attack: rolled-back-log, an old checkpoint with its good cosignatures", "[negative]") {
    const receipt_world world;
    honest_witness witness("w/1", 1);
    const auto policy = audit::witness_policy::of({witness.named()}, 1);
    REQUIRE(policy);
    const auto old = witness.cosign(world, world.store, world.note(9)); // at 1000
    REQUIRE(old);
    const auto key = world.aggregator.verifying();
    CHECK(policy->verify(*old, world.origin, key, 1000));
    const auto stale = policy->verify(*old, world.origin, key, 1001);
    REQUIRE_FALSE(stale);
    CHECK(stale.error().check == 8);
    CHECK(stale.error().place == "0 of 1 needed, 1 listed, 1 too old");
    // And the witness itself never goes back.
    REQUIRE(witness.cosign(world, world.store, world.note()));
    const auto back = witness.cosign(world, world.store, world.note(9));
    REQUIRE_FALSE(back);
    CHECK(back.error().check == 2);
    CHECK(back.error().code == errc::missing);
}
