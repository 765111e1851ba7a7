// Contribution: one trustee's sharing of zero, with what everybody needs to check it.
//
//     g_k(X) = a_k,1 X + ... + a_k,t-1 X^(t-1),     a_k,j uniform in [0, 2^B)           (lengths.hpp)
//     A_k,j = v^(a_k,j) mod n^(s+1)                 on the record
//     z_k,i = g_k(i)                                sealed to P_i,k
//
//     v_i' = v_i prod_k prod_j A_k,j^(i^j)                       everybody, from the record (refresh.hpp)
//     v^(z_k,i) = prod_j A_k,j^(i^j),  0 <= z_k,i <= (2^B - 1) w(i)      the recipient, or anybody after a
//                                                                        complaint
//
//     frame(refresh_contribution, 1) of
//        0       32       34
//       +-------+--------+-------+-----+---------+-------+-----+-------+-----------+
//       | terms | dealer | A_k,1 | ... | A_k,t-1 | box_1 | ... | box_l | signature |
//       +-------+--------+-------+-----+---------+-------+-----+-------+-----------+
//          32      u16      W                W      box_bytes               64           W = ciphertext_bytes
//
// box_i is a sealed message (seal/sealed_message.hpp) to P_i,k around z_k,i in sub_share_bytes, big-endian;
// associated data: terms 32 | dealer u16 | recipient u16.
//
// There is no constant term to commit to, so g_k(0) = 0 needs no proof: whatever the A_k,j are, the new
// verification keys share the exponent that the old ones share. Nor is it proved that the dealer knows the
// a_k,j: each recipient has an integer that satisfies its own equation, and the equations alone put all of
// them on one polynomial modulo the order of v.
//
// Ref: Feldman, FOCS '87; Herzberg, Jarecki, Krawczyk, Yung, CRYPTO '95 (refresh); Frankel, Gemmell,
// MacKenzie, Yung, FOCS '97 (over the integers).   spec: refresh, steps 3 to 5
//
// Checks of `parse`, by number: 1 the frame decodes and has its exact length; 2 terms; 3 index; 4 signature;
// 5 each A_k,j is a unit in (0, n^(s+1)) (out_of_range, not_a_unit, place "A_2"); 6 each box is addressed to
// P_i,k (wrong_key, place "box 3"). From 5 on the error names the culprit.
//
// Checks of `open_sub_share`: 1 the box opens (refused); 2 z_k,i is within its bound (out_of_range); 3 the
// equation (mismatch). The culprit is the dealer.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/party.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/seal/sealed_message.hpp>
#include <veilsum/threshold/lengths.hpp>
#include <veilsum/threshold/refresh_reception.hpp>
#include <veilsum/threshold/refresh_terms.hpp>
#include <veilsum/threshold/structure.hpp>
#include <veilsum/wire/frame.hpp>
#include <veilsum/wire/message_type.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::threshold {

template <class Scheme>
class refresh_contribution {
  public:
    using bigint = integer::bigint;
    static constexpr std::uint16_t version = 1;
    static constexpr std::string_view label = "veilsum/threshold/v1/refresh-contribution";

    // Of one sealed sub-share.
    static std::size_t box_bytes(const structure& who) {
        return seal::sealed_message_overhead + lengths<Scheme>::sub_share_bytes(who);
    }
    static std::size_t body_bytes(const structure& who) {
        return refresh_message_overhead + (who.quorum() - 1) * Scheme::ciphertext_bytes +
               who.trustees() * box_bytes(who);
    }

    // `receptions[i - 1]` is trustee i's. No number in the message says how long anything is.
    static result<refresh_contribution> parse(const refresh_terms<Scheme>& terms,
                                              std::span<const refresh_reception> receptions, byte_view data) {
        const structure& who = terms.structure();
        expects(receptions.size() == who.trustees());
        const auto body =
            wire::unframe(data, wire::message_type::refresh_contribution, version, body_bytes(who));
        if (!body) return error(body.error()).in_check(1);
        if (body->size() != body_bytes(who)) return error{errc::malformed, "length of the contribution", 1};
        wire::reader in(*body);
        const auto dealer = check_refresh_sender(terms, label, *body, in);
        if (!dealer) return dealer.error();
        const bigint& modulus = terms.key().modulus();
        refresh_contribution made(*dealer, hash::sha256(data));
        for (std::uint32_t j = 1; j < who.quorum(); ++j) {
            bigint element = bigint::from_bytes(in.fixed(Scheme::ciphertext_bytes));
            const bool in_range = element > 0 && element < modulus;
            if (!in_range || gcd(element, terms.key().n()) != 1)
                return error{in_range ? errc::not_a_unit : errc::out_of_range, "refresh commitment", 5,
                             "A_" + std::to_string(j), name_of(*dealer)};
            made.commitments_.push_back(std::move(element));
        }
        for (std::uint32_t i = 1; i <= who.trustees(); ++i) {
            const byte_view box = in.fixed(box_bytes(who));
            if (!equal(seal::recipient_of(box), receptions[i - 1].key_for(*dealer).bytes()))
                return error{errc::wrong_key, "recipient of a sub-share", 6, "box " + std::to_string(i),
                             name_of(*dealer)};
            made.boxes_.emplace_back(box.begin(), box.end());
        }
        return made;
    }

    party_id dealer() const { return dealer_; } // k, who made it
    // [j - 1] is A_k,j
    const std::vector<bigint>& commitments() const { return commitments_; }
    // The sealed sub-share of a trustee of the structure.
    byte_view box_for(party_id recipient) const {
        expects(recipient.index() <= boxes_.size());
        return boxes_[recipient.index() - 1];
    }
    const hash::digest32& digest() const { return digest_; } // SHA-256 of the message

    // What a sealed sub-share is bound to: terms, dealer, recipient.
    static bytes box_context(const refresh_terms<Scheme>& terms, party_id dealer, party_id recipient) {
        wire::writer out(36);
        out.fixed(terms.digest());
        out.u16(static_cast<std::uint16_t>(dealer.index()));
        out.u16(static_cast<std::uint16_t>(recipient.index()));
        return std::move(out).take();
    }

  private:
    refresh_contribution(party_id dealer, const hash::digest32& digest) : dealer_(dealer), digest_(digest) {}
    party_id dealer_;
    hash::digest32 digest_;
    std::vector<bigint> commitments_;
    std::vector<bytes> boxes_;
};

// prod_j A_j^(i^j): v to the value at i of the polynomial that the A_j commit to.
template <class Scheme>
integer::bigint evaluate_in_exponent(const paillier::public_key<Scheme>& key,
                                     std::span<const integer::bigint> commitments, party_id at) {
    const auto& ring = key.arithmetic();
    auto bases = ring.make(commitments.size());
    std::vector<integer::bigint> exponents;
    integer::bigint power = 1;
    for (std::size_t j = 0; j < commitments.size(); ++j) {
        ring.set(bases, j, commitments[j]);
        power *= at.index();
        exponents.push_back(power);
    }
    return ring.multi_power_vartime(bases, exponents);
}

// z_k,i for whoever holds the secret of P_i,k; checks 1 to 3. Cost: one power of sub_share_bits bits.
template <class Scheme, seal::identity_holder Holder>
result<secret<integer::bigint>> open_sub_share(const refresh_terms<Scheme>& terms,
                                               const refresh_contribution<Scheme>& from, party_id recipient,
                                               const Holder& reception_key) {
    using integer::bigint;
    const structure& who = terms.structure();
    const std::string culprit = name_of(from.dealer());
    const auto plain =
        seal::open_message(reception_key, from.box_for(recipient),
                           refresh_contribution<Scheme>::box_context(terms, from.dealer(), recipient));
    if (!plain) return error{errc::refused, "sub-share", 1, {}, culprit};
    secret<bigint> value(bigint::from_bytes(plain->expose()));
    if (value.expose() > lengths<Scheme>::largest_sub_share(who, recipient))
        return error{errc::out_of_range, "sub-share", 2, {}, culprit};
    const auto& ring = terms.key().arithmetic();
    auto power = ring.make(1);
    ring.set(power, 0, terms.before().base());
    ring.power_secret(power, power, value, lengths<Scheme>::sub_share_bits(who));
    if (ring.get(power, 0) != evaluate_in_exponent(terms.key(), from.commitments(), recipient))
        return error{errc::mismatch, "sub-share and commitments", 3, {}, culprit};
    return value;
}

} // namespace veilsum::threshold
