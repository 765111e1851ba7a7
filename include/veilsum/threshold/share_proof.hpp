// The share proof: one proof for a whole batch of partial decryptions.
//
//     c_{k,i}^2 = c_k^(4 x_i)  for all k = 1..K,   with the x_i of  v_i = v^(x_i)
//
// After all c_{k,i} are fixed, 128-bit rho_k come from the transcript, and the batch is folded into
//
//     a = prod_k c_k^(4 rho_k),     b = prod_k c_{k,i}^(2 rho_k)           spec: threshold, step 6
//
// and one equal-exponent proof (zk/equal_exponent.hpp) for log_a b = log_v v_i = x_i. A verifier does
// two multi-exponentiations with short exponents and four powers, where recomputing takes K long powers.
//
// Soundness. Let u_k = c_{k,i}^2 / c_k^(4x) for the x of v_i = v^x, all of them squares. The equal-exponent
// proof shows (prod u_k^(rho_k))^2 = 1. The squares modulo n^(s+1) are a cyclic group of order n^s p'q', all
// of whose prime factors exceed 2^128 when p and q are safe primes; there, if some u_k is not 1, this holds
// for at most one value of rho_k whatever the others are: probability 2^-128. The u_k are fixed before rho,
// because ciphertexts and partial decryptions are hashed before it. c_{k,i} itself is shown up to an element
// of order two, which combination squares away.
//
// It matters that v = ((1+n) h_s)^2 generates the squares, or at least that c_k^4 has no part outside what v
// generates: it does if h_s generates the n^s-th residues among them, and a root drawn at random makes such
// an h_s but with probability about 1/p' + 1/q'. That the root was drawn at random is the dealer's word.
//
// Appended to the caller's context, in this order:
//     "proof" = "veilsum.share-batch/1", "share.key" = key id,
//     "share.quorum", "share.trustees", "share.index", "share.v", "share.v_i", "share.count",
//     "share.ciphertexts", "share.partials";  challenge "share.rho"
// and then what the equal-exponent proof appends, the bound of x_i among it. The epoch is not named: v_i and
// the bound are of one epoch only.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/party.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/paillier/ciphertext_vector.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/threshold/epoch.hpp>
#include <veilsum/threshold/lengths.hpp>
#include <veilsum/threshold/structure.hpp>
#include <veilsum/threshold/verification_keys.hpp>
#include <veilsum/transcript/transcript.hpp>
#include <veilsum/zk/challenge.hpp>
#include <veilsum/zk/equal_exponent.hpp>
#include <veilsum/zk/response_window.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::threshold {

// Domain label of the challenges rho_k.
inline constexpr std::string_view share_batch_label = "veilsum.share-batch/1";

// log_a(b) = log_v(v_i).
template <class Scheme>
using share_relation = zk::equal_exponent<typename Scheme::engine>;

// Where the response of an honest trustee lies.
template <class Scheme>
zk::response_window share_window(const structure& who, epoch at = {}) {
    return zk::response_window::of_one(lengths<Scheme>::exponent_bits(who, at));
}
template <class Scheme>
zk::response_window share_window(const verification_keys<Scheme>& verification) {
    return share_window<Scheme>(verification.structure(), verification.epoch());
}

// A batch folded into one statement, with the transcript in which it is proved.
template <class Scheme>
struct folded_batch {
    typename share_relation<Scheme>::statement statement;
    transcript::transcript context; // of the proof, after batch and powers
    hash::digest32 ciphertexts;     // SHA-256 of their bytes
};

// Both sides fold with this function. `ciphertexts` and `values` have equal sizes >= 1 and are under `key`,
// of which `verification` is a part; the index is a trustee's. Cost: two multi-exponentiations of K bases by
// 128 bits, on two threads.
template <class Scheme>
result<folded_batch<Scheme>>
fold_batch(const paillier::public_key<Scheme>& key, const verification_keys<Scheme>& verification,
           party_id index, const paillier::ciphertext_vector<Scheme>& ciphertexts,
           const paillier::ciphertext_vector<Scheme>& values, const transcript::transcript& context) {
    expects(ciphertexts.size() == values.size() && verification.structure().contains(index));
    const bytes raw = ciphertexts.serialize();
    transcript::transcript script = context;
    script.absorb("proof", as_bytes(share_batch_label));
    script.absorb("share.key", key.id());
    script.absorb_u64("share.quorum", verification.structure().quorum());
    script.absorb_u64("share.trustees", verification.structure().trustees());
    script.absorb_u64("share.index", index.index());
    script.absorb("share.v", verification.base().to_bytes(Scheme::ciphertext_bytes));
    script.absorb("share.v_i", verification.of(index).to_bytes(Scheme::ciphertext_bytes));
    script.absorb_u64("share.count", ciphertexts.size());
    script.absorb("share.ciphertexts", raw);
    script.absorb("share.partials", values.serialize());
    std::vector<integer::bigint> rho;
    rho.reserve(ciphertexts.size());
    for (const auto& challenge : transcript::challenge_integers(script, "share.rho", ciphertexts.size()))
        rho.push_back(zk::to_integer(challenge));

    const auto& ring = key.arithmetic();
    const std::array<const paillier::ciphertext_vector<Scheme>*, 2> factors{&ciphertexts, &values};
    std::array<integer::bigint, 2> products;
    parallel_for(2, [&](std::size_t side) {
        products[side] = ring.multi_power_vartime(factors[side]->residues(), rho);
    });
    const auto squared = [&ring](const integer::bigint& x) { return x * x % ring.modulus(); };
    auto statement = share_relation<Scheme>::statement::create(
        ring, squared(squared(products[0])), squared(products[1]), verification.base(),
        verification.of(index),
        lengths<Scheme>::exponent_bits(verification.structure(), verification.epoch()));
    if (!statement) return statement.error();
    return folded_batch<Scheme>{*std::move(statement), std::move(script), hash::sha256(raw)};
}

} // namespace veilsum::threshold
