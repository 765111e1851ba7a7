// Another ceremony for the key of toy_session: dealt anew, to other trustees, as a rotation goes over to.
// (There is one toy key of this size; one with refreshed shares looks like this too.)
#pragma once

#include "support/toy_session.hpp"

#include "support/catch.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace veilsum::test {

struct other_ceremony {
    using scheme = toy_session::scheme;

    std::vector<threshold::key_share<scheme>> shares;
    std::vector<sign::signing_key> identities;
    std::optional<aggregation::ceremony<scheme>> ceremony;

    other_ceremony(std::uint32_t quorum, std::uint32_t trustees, seeded_random& rng) {
        const auto who = threshold::structure::create(quorum, trustees);
        REQUIRE(who);
        const auto& key = fixed_public_key<scheme>();
        auto dealt = threshold::deal(fixed_prime_pair<512>(), key, *who, rng);
        REQUIRE(dealt);
        std::vector<sign::verifying_key> signers;
        for (std::uint32_t i = 0; i < trustees; ++i) {
            identities.push_back(sign::signing_key::generate(rng));
            signers.push_back(identities.back().verifying());
        }
        ceremony.emplace(aggregation::ceremony<scheme>{toy_session::ceremony_id,
                                                       key,
                                                       toy_session::proof_of_fixed_key(),
                                                       dealt->verification,
                                                       signers,
                                                       {}});
        for (std::uint32_t i = 0; i < trustees; ++i) {
            const auto signature = aggregation::acknowledge(*ceremony, dealt->shares[i], identities[i]);
            REQUIRE(signature);
            ceremony->acknowledgements.push_back(*signature);
            shares.push_back(std::move(dealt->shares[i]));
        }
    }

    // Of the trustees of `world`, who read its session up to here first.
    std::vector<aggregation::rotation_approval> approvals(toy_session& world,
                                                          std::initializer_list<std::uint32_t> by) const {
        std::vector<aggregation::rotation_approval> made;
        for (const std::uint32_t i : by) {
            REQUIRE(world.catch_up(i, world.session->store()));
            const auto approval = world.trustees[i - 1].approve(*ceremony);
            REQUIRE(approval);
            made.push_back(*approval);
        }
        return made;
    }
};

} // namespace veilsum::test
