// Holding a ceremony on one machine: the dealer's part, and every trustee's check and acknowledgement.
//
//     auto dealt = deal_ceremony<paillier::scheme<2048>>(*threshold::structure::create(2, 3), rng);
//     publish(dealt->ceremony.serialize());
//     hand_over(dealt->trustees[i - 1]);                       to trustee i and to nobody else
//
// Whoever runs this sees the primes and all shares: it is trusted with privacy, and with forgetting
// (docs/threat_model.md). What it returns passes `ceremony::check`. Apart from ceremony.hpp, so that whoever
// only verifies cannot deal.
//
// Errors: those of the search for primes, of `threshold::deal`, `zk::prove_key` and `acknowledge`. Variable
// time. Cost: the search for two safe primes, seconds to minutes, then some powers for each trustee.
#pragma once

#include <veilsum/aggregation/acknowledgement.hpp>
#include <veilsum/aggregation/ceremony.hpp>
#include <veilsum/core/progress.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/paillier/key_generation.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/sign/signing_key.hpp>
#include <veilsum/threshold/dealer.hpp>
#include <veilsum/threshold/key_share.hpp>
#include <veilsum/threshold/structure.hpp>

#include <utility>
#include <vector>

namespace veilsum::aggregation {

// What one trustee gets from the dealer.
template <class Scheme>
struct trustee_secrets {
    threshold::key_share<Scheme> share; // opens, with quorum - 1 others
    sign::signing_key identity;         // signs acknowledgements and partial decryptions
};

// A new key, public part and each trustee's secrets.
template <class Scheme>
struct dealt_ceremony {
    aggregation::ceremony<Scheme> ceremony;        // for everybody
    std::vector<trustee_secrets<Scheme>> trustees; // [i - 1] is for trustee i
};

// With safe primes of the scheme's size, which are wiped when this returns.
template <class Scheme, random::random_source Source>
result<dealt_ceremony<Scheme>> ceremony_from_primes(integer::prime_pair&& primes,
                                                    const threshold::structure& who, Source& rng) {
    auto key = paillier::make_public_key<Scheme>(primes, rng);
    if (!key) return key.error();
    const auto id = random::random_bytes<32>(rng);
    auto proof = zk::prove_key(ceremony<Scheme>::key_context(id, *key), primes, *key, rng);
    if (!proof) return proof.error();
    auto dealing = threshold::deal(std::move(primes), *key, who, rng);
    if (!dealing) return dealing.error();
    std::vector<trustee_secrets<Scheme>> trustees;
    std::vector<sign::verifying_key> signers;
    for (auto& share : dealing->shares) {
        trustees.push_back({std::move(share), sign::signing_key::generate(rng)});
        signers.push_back(trustees.back().identity.verifying());
    }
    ceremony<Scheme> made{id, *key, *std::move(proof), std::move(dealing->verification), std::move(signers),
                          {}};
    for (const auto& trustee : trustees) {
        auto signature = acknowledge(made, trustee.share, trustee.identity);
        if (!signature) return signature.error();
        made.acknowledgements.push_back(*signature);
    }
    return dealt_ceremony<Scheme>{std::move(made), std::move(trustees)};
}

// The same, and first the search for the primes, which `watcher` follows.
template <class Scheme, random::random_source Source>
result<dealt_ceremony<Scheme>> deal_ceremony(const threshold::structure& who, Source& rng,
                                             const progress& watcher = {}) {
    auto primes = paillier::generate_primes<Scheme, true>(rng, watcher);
    if (!primes) return primes.error();
    return ceremony_from_primes<Scheme>(*std::move(primes), who, rng);
}

} // namespace veilsum::aggregation
