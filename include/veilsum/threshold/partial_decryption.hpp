// Partial decryption: what one trustee contributes to an opening, with the proof that it used its share.
//
//     c_{k,i} = c_k^(2 x_i) mod n^(s+1),  k = 1..K,  and one proof for all k (share_proof.hpp)
//
//     trustee i:  partially_decrypt(key, verification, share, ciphertexts, context, rng)  ->  partial
//     anybody:    partial_decryption::parse(key, verification, K, bytes)  ->  partial
//                 verify_partial(key, verification, ciphertexts, partial, context)  ->  verified_partial
//                 combine(key, structure, {verified_partial...})  ->  plaintexts            (combine.hpp)
//
// Ref: Damgard, Jurik, PKC 2001, section 4.   spec: threshold, steps 5 to 7
//
// A `verified_partial` can only come out of verify_partial, and combine takes nothing else. It remembers
// which ciphertexts, verification keys and index it is about.
//
//        0       2       6
//       +-------+-------+---------+-----+---------+-----+-----+-----+
//       | index | count | c_{1,i} | ... | c_{K,i} |  A  |  B  |  z  |      W = ciphertext_bytes
//       +-------+-------+---------+-----+---------+-----+-----+-----+
//          u16     u32       W              W        W     W    ceil(mask_bits/8), see share_window
//
// All integers are big-endian; the length follows from the verifier's own structure, epoch and K.
//
// Checks, by number, cheap ones first. `parse` makes 1 to 5, `verify_partial` 1 to 7:
//   1  there are ciphertexts, all is under this key, and the message has exactly its length
//   2  the index is 1..l
//   3  one value for each ciphertext
//   4  each value is a unit in (0, n^(s+1))
//   5  A and B are units in (0, n^(s+1)), z is in its window
//   6  the batch equation: a^(2z) = A^2 b^(2e)
//   7  the verification key's equation: v^(2z) = B^2 v_i^(2e)
// From check 3 on the error names the culprit, "trustee 2": the index that the message claims, so the caller
// must know who sent it, and must have called with the ciphertexts and at the place that were asked for: at
// another, an honest answer fails 6. A failure of 7 with a valid 6 is what a wrong share looks like when the
// partial decryptions agree with it.
//
// Who must not know what: x_i is the trustee's. A trustee that answers for any ciphertext it is given is an
// oracle for decryption; when to answer is the caller's policy.
// Constant time in the share. Cost: K powers with exponents of power_bits (lengths.hpp).
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/party.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/paillier/ciphertext_vector.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/threshold/epoch.hpp>
#include <veilsum/threshold/lengths.hpp>
#include <veilsum/threshold/share_proof.hpp>
#include <veilsum/threshold/structure.hpp>
#include <veilsum/threshold/verification_keys.hpp>
#include <veilsum/transcript/transcript.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>
#include <veilsum/zk/verified.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace veilsum::threshold {

// As it was received: nothing about it is proved.
template <class Scheme>
class partial_decryption {
  public:
    using bigint = integer::bigint;
    // The relation of its proof.
    using relation = share_relation<Scheme>;
    using share_proof = typename relation::proof; // one for all ciphertexts of the batch
    // Most ciphertexts of one batch.
    static constexpr std::size_t max_count = std::size_t{1} << 20;

    // Contract: at least one value.
    partial_decryption(party_id party, paillier::ciphertext_vector<Scheme> values, share_proof proof,
                       const structure& who, epoch at = {})
        : party_(party), values_(std::move(values)), proof_(std::move(proof)),
          window_(share_window<Scheme>(who, at)) {}

    static std::size_t serialized_bytes(const structure& who, std::size_t count, epoch at = {}) {
        return 2 + 4 + count * Scheme::ciphertext_bytes +
               relation::proof_bytes(lengths<Scheme>::exponent_bits(who, at));
    }
    static std::size_t serialized_bytes(const verification_keys<Scheme>& verification, std::size_t count) {
        return serialized_bytes(verification.structure(), count, verification.epoch());
    }
    // `count`: how many ciphertexts the reader asked about.
    static result<partial_decryption> parse(const paillier::public_key<Scheme>& key,
                                            const verification_keys<Scheme>& verification, std::size_t count,
                                            byte_view data) {
        return parse(key, verification.structure(), count, data, verification.epoch());
    }
    static result<partial_decryption> parse(const paillier::public_key<Scheme>& key, const structure& who,
                                            std::size_t count, byte_view data, epoch at = {}) {
        if (count == 0) return error{errc::missing, "ciphertexts", 1};
        if (count > max_count) return error{errc::out_of_range, "number of ciphertexts", 1};
        if (data.size() != serialized_bytes(who, count, at))
            return error{errc::malformed, "length of the partial decryption", 1};
        wire::reader in(data);
        const auto party = party_id::parse(in.u16());
        if (!party || !who.contains(*party)) return error{errc::out_of_range, "trustee index", 2};
        const std::string culprit = name_of(*party);
        if (in.u32() != count) return error{errc::mismatch, "number of partial decryptions", 3, {}, culprit};
        auto values = paillier::ciphertext_vector<Scheme>::parse(
            key, in.fixed(count * Scheme::ciphertext_bytes), count);
        if (!values)
            return error{values.error().code, "partial decryption", 4, values.error().place, culprit};
        auto proof =
            relation::parse(key.arithmetic(), share_window<Scheme>(who, at), in.fixed(in.remaining()));
        if (!proof) return std::move(proof).error().in_check(5).by(culprit);
        return partial_decryption(*party, *std::move(values),
                                  {std::move(proof->announcement), std::move(proof->response)}, who, at);
    }
    bytes serialize() const {
        const bytes values = values_.serialize();
        const bytes proof = relation::serialize(window_, proof_.announcement, proof_.response);
        wire::writer out(6 + values.size() + proof.size());
        out.u16(static_cast<std::uint16_t>(party_.index()));
        out.u32(static_cast<std::uint32_t>(values_.size()));
        out.fixed(values);
        out.fixed(proof);
        return std::move(out).take();
    }

    party_id party() const { return party_; } // who made it
    // c_{k,i}, k = 1..K.
    const paillier::ciphertext_vector<Scheme>& values() const { return values_; }
    const share_proof& proof() const { return proof_; }

  private:
    party_id party_;
    paillier::ciphertext_vector<Scheme> values_;
    share_proof proof_;
    zk::response_window window_;
};

// What a verified partial decryption is about. All of it was part of the proof's statement.
template <class Scheme>
struct proved_partial {
    party_id party; // who made it
    threshold::structure structure;
    paillier::ciphertext_vector<Scheme> values; // c_{k,i}
    hash::digest32 ciphertexts;                 // SHA-256 of the bytes of the ciphertexts
    hash::digest32 verification;                // id of the verification keys
};

template <class Scheme>
class partial_verifier;

// A partial decryption whose proof holds. Only partial_verifier makes it.
template <class Scheme>
using verified_partial = zk::verified<proved_partial<Scheme>, partial_verifier<Scheme>>;

// The only maker of verified partial decryptions.
template <class Scheme>
class partial_verifier {
  public:
    static result<verified_partial<Scheme>> verify(const paillier::public_key<Scheme>& key,
                                                   const verification_keys<Scheme>& verification,
                                                   const paillier::ciphertext_vector<Scheme>& ciphertexts,
                                                   const partial_decryption<Scheme>& partial,
                                                   const transcript::transcript& context) {
        using relation = share_relation<Scheme>;
        if (ciphertexts.size() == 0) return error{errc::missing, "ciphertexts", 1};
        if (ciphertexts.size() > partial_decryption<Scheme>::max_count)
            return error{errc::out_of_range, "number of ciphertexts", 1};
        if (verification.key_id() != key.id()) return error{errc::wrong_key, "verification keys", 1};
        if (ciphertexts.key_id() != key.id()) return error{errc::wrong_key, "ciphertexts", 1};
        if (!verification.structure().contains(partial.party()))
            return error{errc::out_of_range, "trustee index", 2};
        const std::string culprit = name_of(partial.party());
        if (partial.values().size() != ciphertexts.size())
            return error{errc::mismatch, "number of partial decryptions", 3, {}, culprit};
        if (partial.values().key_id() != key.id())
            return error{errc::wrong_key, "partial decryption", 4, {}, culprit};
        const auto& [announcement, response] = partial.proof();
        if (auto form = relation::check_form(key.arithmetic(), share_window<Scheme>(verification),
                                             announcement, response);
            !form)
            return std::move(form).error().in_check(5).by(culprit);

        const auto folded =
            fold_batch(key, verification, partial.party(), ciphertexts, partial.values(), context);
        if (!folded) return error(folded.error()).in_check(4).by(culprit);
        if (auto valid = relation::verify(folded->context, folded->statement, partial.proof()); !valid)
            return error{errc::bad_proof, "share proof", valid.error().check + 1, {}, culprit};
        return verified_partial<Scheme>(proved_partial<Scheme>{partial.party(), verification.structure(),
                                                               partial.values(), folded->ciphertexts,
                                                               verification.id()});
    }
};

// Checks 1 to 7. `context` must be the verifier's own: protocol, session, round, trustee, key, parameters.
// Cost: two multi-exponentiations of K bases by 128 bits, two powers of about (s+1) bits(n) + 560 bits.
template <class Scheme>
result<verified_partial<Scheme>>
verify_partial(const paillier::public_key<Scheme>& key, const verification_keys<Scheme>& verification,
               const paillier::ciphertext_vector<Scheme>& ciphertexts,
               const partial_decryption<Scheme>& partial, const transcript::transcript& context) {
    return partial_verifier<Scheme>::verify(key, verification, ciphertexts, partial, context);
}

} // namespace veilsum::threshold
