// What a refresh is about: the same on all sides, and inside every message by its digest.
//
//     digest = SHA-256 with label "veilsum.refresh/1" of
//              key id 32 | id of the verification keys 32 | binding 32 | l u16 | identity 32 for each trustee
//
// The id of the verification keys covers structure and epoch; `binding` is the digest of whatever opened the
// refresh (a record with a number and the head of the log), so that an attempt that was given up and its
// repetition are different refreshes. A message of another refresh is refused by its digest: no replay.
//
// Checks of `create`, by number:
//   1 verification keys are for this key                 wrong_key
//   2 the quorum is at least 2                           bad_parameter   one trustee's share is d itself
//   3 there is a next epoch                              refused
//   4 one identity for each trustee, all different       mismatch, duplicate
// spec: refresh, step 1
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/party.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/domain.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/sign/verifying_key.hpp>
#include <veilsum/threshold/epoch.hpp>
#include <veilsum/threshold/structure.hpp>
#include <veilsum/threshold/verification_keys.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::threshold {

// Copies share state.
template <class Scheme>
class refresh_terms {
  public:
    // `verification`: those of the epoch that ends. `identities[i - 1]` signs for trustee i.
    static result<refresh_terms> create(const paillier::public_key<Scheme>& key,
                                        verification_keys<Scheme> verification,
                                        std::vector<sign::verifying_key> identities,
                                        const hash::digest32& binding) {
        const threshold::structure& who = verification.structure();
        if (verification.key_id() != key.id()) return error{errc::wrong_key, "verification keys", 1};
        if (who.quorum() < 2) return error{errc::bad_parameter, "refresh of a quorum of one", 2};
        const auto next = verification.epoch().next();
        if (!next) return error(next.error()).in_check(3);
        if (identities.size() != who.trustees()) return error{errc::mismatch, "number of identities", 4};
        auto sorted = identities;
        std::sort(sorted.begin(), sorted.end());
        if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
            return error{errc::duplicate, "identity of a trustee", 4};

        wire::writer out;
        out.fixed(key.id());
        out.fixed(verification.id());
        out.fixed(binding);
        out.u16(static_cast<std::uint16_t>(who.trustees()));
        for (const sign::verifying_key& identity : identities) out.fixed(identity.bytes());
        const hash::digest32 digest = hash::labelled_hash("veilsum.refresh/1", out.view());
        return refresh_terms(std::make_shared<const state>(
            state{key, std::move(verification), std::move(identities), *next, digest}));
    }

    const paillier::public_key<Scheme>& key() const { return state_->key; }
    // The verification keys that the refresh starts from.
    const verification_keys<Scheme>& before() const { return state_->verification; }
    const threshold::structure& structure() const { return state_->verification.structure(); }
    // The epoch that it leads to.
    epoch next_epoch() const { return state_->next; }
    // The signing key of a trustee of the structure.
    const sign::verifying_key& identity(party_id trustee) const {
        expects(structure().contains(trustee));
        return state_->identities[trustee.index() - 1];
    }
    const hash::digest32& digest() const { return state_->digest; }
    bool operator==(const refresh_terms& other) const { return digest() == other.digest(); }

  private:
    struct state {
        paillier::public_key<Scheme> key;
        verification_keys<Scheme> verification;
        std::vector<sign::verifying_key> identities;
        epoch next;
        hash::digest32 digest;
    };
    explicit refresh_terms(std::shared_ptr<const state> made) : state_(std::move(made)) {}
    std::shared_ptr<const state> state_;
};

// ---- what the messages of a refresh share:  terms 32 | trustee u16 | ... | signature 64

// Bytes of terms, index and signature.
inline constexpr std::size_t refresh_message_overhead = 32 + 2 + 64;

// Check 7 for the second message of one kind by one trustee, which is not stored. The bytes of the first
// again accuse nobody: everybody who reads the record can send them. Other bytes carry another signature of
// the sender, which is named.
inline error duplicate_of(std::string_view what, party_id sender, const hash::digest32& first,
                          const hash::digest32& second) {
    return error{errc::duplicate, what, 7, {}, first == second ? std::string() : name_of(sender)};
}

// The first checks of every message: 2 these terms (wrong_context), 3 an index of 1..l (out_of_range),
// 4 the signature of that trustee's identity over everything before it (bad_signature). `body` is read up to
// the index by `in`, has its exact length, and is at least refresh_message_overhead long.
template <class Scheme>
result<party_id> check_refresh_sender(const refresh_terms<Scheme>& terms, std::string_view label,
                                      byte_view body, wire::reader& in) {
    if (in.array<32>() != terms.digest()) return error{errc::wrong_context, "terms of the refresh", 2};
    const auto sender = party_id::parse(in.u16());
    if (!sender || !terms.structure().contains(*sender)) return error{errc::out_of_range, "trustee index", 3};
    sign::signature given{};
    std::copy_n(body.end() - 64, 64, given.begin());
    if (!terms.identity(*sender).verify(label, body.first(body.size() - 64), given))
        return error{errc::bad_signature, "message of the refresh", 4, name_of(*sender)};
    return *sender;
}

} // namespace veilsum::threshold
