// Step 2 of an audit under a witness policy.
#include "support/toy_session.hpp"

#include "support/catch.hpp"

#include <veilsum/aggregation/auditor.hpp>
#include <veilsum/audit/checkpoint_signing.hpp>
#include <veilsum/audit/witness_policy.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace veilsum;
using test::toy_session;

TEST_CASE("auditor: a checkpoint that too few witnesses cosigned is refused at step 2", "[aggregation]") {
    toy_session world;
    auto log = world.end();
    std::vector<sign::signing_key> keys;
    std::vector<audit::verifier_key> witnesses;
    for (std::uint8_t i = 1; i <= 3; ++i) {
        byte_array<32> seed{};
        seed.fill(i);
        keys.push_back(sign::signing_key::from_seed(secret(std::move(seed))));
        witnesses.push_back({"w/" + std::to_string(i), keys.back().verifying()});
    }
    const std::string plain = *log.read_checkpoint();
    const auto cosigned = [&](std::string note, std::size_t i) {
        return *audit::cosign_checkpoint(note, witnesses[i].name, keys[i], 1000);
    };
    aggregation::audit_expectations expected;
    expected.witnesses = *audit::witness_policy::of(witnesses, 2);
    const auto audit_with = [&](const std::string& note) {
        REQUIRE(log.write_checkpoint(note));
        return aggregation::audit_session<toy_session::scheme>(log, expected, {}, world.rng);
    };
    const auto refused = [](const aggregation::audit_verdict& verdict, std::uint32_t check,
                            std::string_view place) {
        REQUIRE_FALSE(verdict.accepted());
        CHECK(verdict.failure->step == aggregation::audit_step::checkpoint);
        CHECK_FALSE(verdict.failure->record);
        CHECK(verdict.failure->reason.check == check);
        CHECK(verdict.failure->reason.place == place);
        CHECK(verdict.failure->reason.culprit.empty());
    };
    refused(audit_with(plain), 8, "0 of 2 needed, 3 listed");
    refused(audit_with(cosigned(plain, 0)), 8, "1 of 2 needed, 3 listed");
    const std::string two = cosigned(cosigned(plain, 0), 2);
    const auto accepted = audit_with(two);
    if (!accepted.accepted()) FAIL(accepted.failure->reason.describe());
    CHECK(accepted.summary.witnesses == std::vector<std::string>{"w/1", "w/3"});
    auto bent = *audit::parse_note(cosigned(two, 1));
    bent.signatures.back().signature.back() ^= 1;
    refused(audit_with(bent.serialize()), 7, "signature line 4, w/2");
    expected.oldest_cosignature = 1001;
    refused(audit_with(two), 8, "0 of 2 needed, 3 listed, 2 too old");
    expected.witnesses.reset();
    CHECK(audit_with(two).accepted());
}
