// Combination: from the verified partial decryptions of a quorum to the plaintexts.
//
//     lambda_i = Delta prod_{j in Q, j != i} (-j)/(i-j)           signed integers
//     c'_k     = prod_{i in Q} c_{k,i}^(2 lambda_i) = (1+n)^(4 Delta^2 M_k) mod n^(s+1)
//     M_k      = log(c'_k) (4 Delta^2)^-1 mod n^s,     centred: |M_k| < n^s / 2
//
// Ref: Damgard, Jurik, PKC 2001, section 4.   spec: threshold, step 8
//
// Only verified partial decryptions come in (the type says so), and they must be about the same ciphertexts
// under the same verification keys; more than a quorum is fine, the first `quorum` are used. Any two quorums
// give the same plaintexts, because their shares lie on one polynomial (verification_keys::check).
//
// Checks, by number: 1 at least a quorum; 2 all are about this key, this structure, the same ciphertexts and
// the same verification keys; 3 each trustee once; 4 c'_k = 1 mod n, so that the logarithm exists. After
// verified partial decryptions 4 fails only if the ceremony was wrong; the trustees are not to blame.
//
// Public values throughout. Cost: for each ciphertext one power of about bitlen(Delta) + t log2(l) bits per
// trustee of the quorum, and one inversion.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/party.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/shamir.hpp>
#include <veilsum/modular/inversion.hpp>
#include <veilsum/paillier/logarithm.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/threshold/partial_decryption.hpp>
#include <veilsum/threshold/structure.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace veilsum::threshold {

template <class Scheme>
result<std::vector<integer::bigint>>
combine(const paillier::public_key<Scheme>& key, const structure& who,
        std::span<const std::type_identity_t<verified_partial<Scheme>>> partials) {
    using integer::bigint;
    if (partials.size() < who.quorum()) return error{errc::missing, "partial decryptions for a quorum", 1};
    for (const auto& partial : partials) {
        if (partial->values.key_id() != key.id())
            return error{errc::wrong_key, "partial decryption", 2, name_of(partial->party)};
        if (!(partial->structure == who))
            return error{errc::mismatch, "structure of the partial decryption", 2, name_of(partial->party)};
        if (partial->ciphertexts != partials.front()->ciphertexts)
            return error{errc::mismatch, "ciphertexts of the partial decryptions", 2,
                         name_of(partial->party)};
        if (partial->verification != partials.front()->verification)
            return error{errc::mismatch, "verification keys of the partial decryptions", 2,
                         name_of(partial->party)};
    }
    std::vector<party_id> parties;
    for (const auto& partial : partials) {
        if (std::find(parties.begin(), parties.end(), partial->party) != parties.end())
            return error{errc::duplicate, "trustee index", 3, name_of(partial->party)};
        parties.push_back(partial->party);
    }
    parties.resize(who.quorum(), party_id(1));
    const auto quorum = party_set::of(parties);
    if (!quorum) return quorum.error();

    // Numerator and denominator collect the positive and the negative exponents.
    const std::vector<bigint> lambda = integer::lagrange(*quorum, who.delta());
    const auto& ring = key.arithmetic();
    const std::size_t count = partials.front()->values.size();
    auto numerator = ring.make(count), denominator = ring.make(count), power = ring.make(count);
    for (std::size_t i = 0; i < parties.size(); ++i) {
        const auto position = std::find(quorum->begin(), quorum->end(), parties[i]) - quorum->begin();
        const bigint& exponent = lambda[static_cast<std::size_t>(position)];
        ring.power_public_vartime(power, partials[i]->values.residues(), abs(exponent) << 1);
        auto& side = exponent.is_negative() ? denominator : numerator;
        ring.multiply(side, side, power);
    }

    const std::optional<bigint> unscale = invert(who.delta() * who.delta() << 2, key.n_to_s());
    if (!unscale) return error{errc::not_a_unit, "number of trustees", 4};
    const auto inverses = modular::invert_vartime(ring, denominator);
    expects(inverses.has_value()); // products of verified partial decryptions are units
    ring.multiply(power, numerator, *inverses);
    const std::vector<bigint> powers = ring.leave(power);
    std::vector<bigint> plaintexts(count);
    std::vector<std::uint8_t> done(count);
    parallel_for(count, [&](std::size_t k) {
        const auto scaled = paillier::log_one_plus_n(key, powers[k]);
        if (!scaled) return;
        plaintexts[k] = key.plaintexts().centre(*scaled * *unscale % key.n_to_s());
        done[k] = 1;
    });
    const auto failed = std::find(done.begin(), done.end(), std::uint8_t{0});
    if (failed != done.end())
        return error{errc::mismatch, "combination of the partial decryptions", 4,
                     "ciphertext " + std::to_string(failed - done.begin())};
    return plaintexts;
}

} // namespace veilsum::threshold
