// The trustee's half of a partial decryption: the powers with its share, and the proof for all of them.
//
//     c_{k,i} = c_k^(2 x_i) mod n^(s+1),    k = 1..K            (see partial_decryption.hpp)
//
// Apart from partial_decryption.hpp, so that whoever only verifies does not see a key share. When to answer
// is the caller's policy: a trustee that answers for any ciphertext is an oracle for decryption.
#pragma once

#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/paillier/ciphertext_vector.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/threshold/key_share.hpp>
#include <veilsum/threshold/partial_decryption.hpp>
#include <veilsum/threshold/share_proof.hpp>
#include <veilsum/threshold/structure.hpp>
#include <veilsum/threshold/verification_keys.hpp>
#include <veilsum/transcript/transcript.hpp>

#include <utility>

namespace veilsum::threshold {

// The share was not moved from (a contract: key_share.hpp). Errors: missing for an empty batch, out_of_range
// above max_count, wrong_key, mismatch of structures or epochs. spec: threshold, steps 5 and 6
template <class Scheme, random::random_source Source>
result<partial_decryption<Scheme>>
partially_decrypt(const paillier::public_key<Scheme>& key, const verification_keys<Scheme>& verification,
                  const key_share<Scheme>& share, const paillier::ciphertext_vector<Scheme>& ciphertexts,
                  const transcript::transcript& context, Source& rng) {
    using relation = share_relation<Scheme>;
    if (auto fit = share.fits(key, verification); !fit) return fit.error();
    if (ciphertexts.size() == 0) return error{errc::missing, "ciphertexts", 1};
    if (ciphertexts.size() > partial_decryption<Scheme>::max_count)
        return error{errc::out_of_range, "number of ciphertexts", 1};
    if (ciphertexts.key_id() != key.id()) return error{errc::wrong_key, "ciphertexts", 1};

    const structure& who = share.structure();
    const secret<integer::bigint> exponent = share.exponent();
    const secret<integer::bigint> doubled(exponent.expose() << 1);
    auto powers = key.arithmetic().make(ciphertexts.size());
    key.arithmetic().power_secret(powers, ciphertexts.residues(), doubled,
                                  lengths<Scheme>::power_bits(who, share.epoch()));
    auto values = paillier::ciphertext_vector<Scheme>::from_residues(key, std::move(powers));

    const auto folded = fold_batch(key, verification, share.index(), ciphertexts, values, context);
    if (!folded) return folded.error();
    auto proof = relation::prove(folded->context, folded->statement, {exponent}, rng);
    if (!proof) return proof.error();
    return partial_decryption<Scheme>(share.index(), std::move(values), *std::move(proof), who,
                                      share.epoch());
}

} // namespace veilsum::threshold
