// Reception: trustee i's one-time keys, one for each dealer, to which sub-shares are sealed.
//
//     frame(refresh_reception, 1) of
//        0       32      34                        34 + 32 l
//       +-------+-------+-------+-----+-------+-----------+
//       | terms | index | P_i,1 | ... | P_i,l | signature |          Ed25519 public keys, 32 bytes each
//       +-------+-------+-------+-----+-------+-----------+
//          32      u16      32            32        64
//
// Why one-time keys. What is sealed stays on the record for ever. Were it sealed to the identity that signs,
// an adversary that gets that key in a later epoch would open all earlier sub-shares, count back from the
// share it finds to the one before, and join it with shares that it had then: refresh would not help at all.
// So the keys are made for one refresh and wiped with the old share.
//
// Why one for each dealer. A complaint about dealer k is proved by showing the secret of P_i,k: anybody then
// opens what k sent to i (refresh_complaint.hpp), and nothing that others sent. A single key for all dealers
// would let one corrupt dealer make honest trustees show their whole increments.
//
// That an owner knows the secrets of its keys, or that they differ, is not checked: it would only harm
// itself.
//
// Checks of `parse`, by number: 1 the frame decodes and has its exact length; 2 terms; 3 index; 4 signature;
// 5 each P_i,k is a valid key (malformed, place "key 3", culprit the trustee).   spec: refresh, step 2
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/party.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/sign/verifying_key.hpp>
#include <veilsum/threshold/refresh_terms.hpp>
#include <veilsum/threshold/structure.hpp>
#include <veilsum/wire/frame.hpp>
#include <veilsum/wire/message_type.hpp>
#include <veilsum/wire/reader.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::threshold {

class refresh_reception {
  public:
    static constexpr std::uint16_t version = 1;
    static constexpr std::string_view label = "veilsum/threshold/v1/refresh-reception";

    static std::size_t body_bytes(const structure& who) {
        return refresh_message_overhead + 32 * std::size_t{who.trustees()};
    }

    template <class Scheme>
    static result<refresh_reception> parse(const refresh_terms<Scheme>& terms, byte_view data) {
        const structure& who = terms.structure();
        const auto body =
            wire::unframe(data, wire::message_type::refresh_reception, version, body_bytes(who));
        if (!body) return error(body.error()).in_check(1);
        if (body->size() != body_bytes(who)) return error{errc::malformed, "length of the reception", 1};
        wire::reader in(*body);
        const auto owner = check_refresh_sender(terms, label, *body, in);
        if (!owner) return owner.error();
        std::vector<sign::verifying_key> keys;
        for (std::uint32_t k = 1; k <= who.trustees(); ++k) {
            auto key = sign::verifying_key::parse(in.fixed(32));
            if (!key)
                return error{errc::malformed, "reception key", 5, "key " + std::to_string(k),
                             name_of(*owner)};
            keys.push_back(*std::move(key));
        }
        return refresh_reception(*owner, std::move(keys), hash::sha256(data));
    }

    // Whose reception keys these are.
    party_id owner() const { return owner_; }
    // P_i,k: what dealer k seals to for the owner, i.
    const sign::verifying_key& key_for(party_id dealer) const {
        expects(dealer.index() <= keys_.size());
        return keys_[dealer.index() - 1];
    }
    const hash::digest32& digest() const { return digest_; } // SHA-256 of the message

  private:
    refresh_reception(party_id owner, std::vector<sign::verifying_key>&& keys, const hash::digest32& digest)
        : owner_(owner), keys_(std::move(keys)), digest_(digest) {}
    party_id owner_;
    std::vector<sign::verifying_key> keys_;
    hash::digest32 digest_;
};

} // namespace veilsum::threshold
