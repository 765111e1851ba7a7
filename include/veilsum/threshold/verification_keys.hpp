// Verification keys: what everybody knows about the shares, and checks them by.
//
//     v a random square mod n^(s+1),     v_i = v^(Delta s_i),     i = 1..l
//
// They come from the ceremony's record and from nowhere else; nothing in a trustee's message replaces them.
//
// `check` is the public check of the dealing. With f the shared polynomial, deg f < t, s_i = f(i), and the
// integers lambda_j(x) with  Delta f(x) = sum_{j <= t} lambda_j(x) f(j):
//
//     check 1   keys and verification keys belong together
//     check 2   v is neither 1 nor -1
//     check 3   for each i > t:  v_i^Delta = prod_{j <= t} v_j^(lambda_j(i)) mod n^(s+1)       place "v_7"
//     check 4   prod_{j <= t} v_j^(lambda_j(0)) = 1 mod n
//
// 3 says that all shares lie on one polynomial of degree below t, so that every quorum opens the same. 4 says
// that the shared secret d removes the random part of a ciphertext: v^d = 1 mod n, as d = 0 mod m demands.
// Both hold up to elements of small order, which later steps square away: v_i and -v_i can pass alike.
//
// Not shown: that d = 1 mod n^s. A dealer who shares a d with another plaintext part makes every opening come
// out multiplied by d; one opening of an encryption of 1 by every trustee at the ceremony shows it
// (docs/spec/threshold.md, ceremony).   spec: threshold, step 3
//
//     frame(verification_keys, 1) of
//        0        32       34         36
//       +--------+--------+----------+-----+-----+-----+-----+
//       | key id | quorum | trustees |  v  | v_1 | ... | v_l |      numbers of ciphertext_bytes, big-endian
//       +--------+--------+----------+-----+-----+-----+-----+
//           32      u16       u16
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/party.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/shamir.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/threshold/structure.hpp>
#include <veilsum/wire/frame.hpp>
#include <veilsum/wire/message_type.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::threshold {

template <class Scheme>
class verification_keys {
  public:
    using bigint = integer::bigint;
    static constexpr std::uint16_t version = 1;
    static constexpr std::size_t head_bytes = 32 + 2 + 2;
    static constexpr std::size_t max_body_bytes =
        head_bytes + (threshold::structure::max_trustees + 1) * Scheme::ciphertext_bytes;

    // All numbers must be units in (0, n^(s+1)): out_of_range or not_a_unit with place "v" or "v_3"; mismatch
    // if there is not one for each trustee. What they have to do with each other is `check`'s business.
    static result<verification_keys> create(const paillier::public_key<Scheme>& key, threshold::structure who,
                                            bigint base, std::vector<bigint> of_trustees) {
        if (of_trustees.size() != who.trustees()) return error{errc::mismatch, "number of verification keys"};
        if (auto unit = check_unit(key, base, "v"); !unit) return unit.error();
        for (std::size_t i = 0; i < of_trustees.size(); ++i)
            if (auto unit = check_unit(key, of_trustees[i], place_of(i + 1)); !unit) return unit.error();
        return verification_keys(key.id(), std::move(who), std::move(base), std::move(of_trustees));
    }

    // Errors: those of the frame and of `create`; wrong_key; bad_parameter for an impossible structure.
    static result<verification_keys> parse(const paillier::public_key<Scheme>& key, byte_view data) {
        const auto body = wire::unframe(
            data, static_cast<std::uint16_t>(wire::message_type::verification_keys), version, max_body_bytes);
        if (!body) return body.error();
        wire::reader in(*body);
        const auto id = in.template array<32>();
        const std::uint32_t quorum = in.u16();
        const std::uint32_t trustees = in.u16();
        if (!in.ok()) return in.finish().error();
        auto who = threshold::structure::create(quorum, trustees);
        if (!who) return who.error();
        bigint base = bigint::from_bytes(in.fixed(Scheme::ciphertext_bytes));
        std::vector<bigint> of_trustees;
        for (std::uint32_t i = 0; i < trustees; ++i)
            of_trustees.push_back(bigint::from_bytes(in.fixed(Scheme::ciphertext_bytes)));
        if (auto end = in.finish(); !end) return end.error();
        if (id != key.id()) return error{errc::wrong_key, "verification keys"};
        return create(key, *std::move(who), std::move(base), std::move(of_trustees));
    }
    bytes serialize() const {
        wire::writer out(head_bytes + (of_trustees_.size() + 1) * Scheme::ciphertext_bytes);
        out.fixed(key_id_);
        out.u16(static_cast<std::uint16_t>(structure_.quorum()));
        out.u16(static_cast<std::uint16_t>(structure_.trustees()));
        out.fixed(base_.to_bytes(Scheme::ciphertext_bytes));
        for (const bigint& v_i : of_trustees_) out.fixed(v_i.to_bytes(Scheme::ciphertext_bytes));
        return wire::frame(static_cast<std::uint16_t>(wire::message_type::verification_keys), version,
                           out.view());
    }

    const hash::digest32& key_id() const { return key_id_; }
    // SHA-256 of the canonical bytes.
    const hash::digest32& id() const { return id_; }
    const threshold::structure& structure() const { return structure_; }
    // v
    const bigint& base() const { return base_; }
    // v_i, for a trustee of the structure.
    const bigint& of(party_id trustee) const {
        expects(structure_.contains(trustee));
        return of_trustees_[trustee.index() - 1];
    }

    // Checks 1 to 4. Cost: l - t + 1 multi-exponentiations of t bases with exponents of about
    // bitlen(Delta) + t log2(l) bits.
    result<void> check(const paillier::public_key<Scheme>& key) const {
        if (key.id() != key_id_) return error{errc::wrong_key, "verification keys", 1};
        if (base_ == 1 || base_ == key.modulus() - 1) return error{errc::bad_parameter, "v", 2};
        for (std::uint32_t i = structure_.quorum() + 1; i <= structure_.trustees(); ++i)
            if (!on_polynomial(key, i)) return error{errc::mismatch, "verification key", 3, place_of(i)};
        const sides at_zero = interpolate(key, 0, bigint(1));
        if (at_zero.positive % key.n() != at_zero.negative % key.n())
            return error{errc::mismatch, "shared secret", 4};
        return {};
    }

  private:
    // The two sides of  prod_{lambda_j > 0} v_j^(lambda_j) = left prod_{lambda_j < 0} v_j^(-lambda_j):
    // negative exponents are brought over, so that nothing has to be inverted.
    struct sides {
        bigint positive, negative;
    };

    verification_keys(hash::digest32 key_id, threshold::structure who, bigint&& base,
                      std::vector<bigint>&& of_trustees)
        : key_id_(key_id), structure_(std::move(who)), base_(std::move(base)),
          of_trustees_(std::move(of_trustees)), id_(hash::sha256(serialize())) {}

    static std::string place_of(std::size_t index) { return "v_" + std::to_string(index); }
    static result<void> check_unit(const paillier::public_key<Scheme>& key, const bigint& element,
                                   std::string place) {
        if (element <= 0 || element >= key.modulus())
            return error{errc::out_of_range, "verification key", 0, std::move(place)};
        if (gcd(element, key.n()) != 1)
            return error{errc::not_a_unit, "verification key", 0, std::move(place)};
        return {};
    }

    bool on_polynomial(const paillier::public_key<Scheme>& key, std::uint32_t i) const {
        const auto& ring = key.arithmetic();
        auto power = ring.make(1);
        ring.set(power, 0, of_trustees_[i - 1]);
        ring.power_public_vartime(power, power, structure_.delta());
        const sides at_i = interpolate(key, i, ring.get(power, 0));
        return at_i.positive == at_i.negative;
    }
    sides interpolate(const paillier::public_key<Scheme>& key, std::uint32_t at, const bigint& left) const {
        std::vector<party_id> first;
        for (std::uint32_t j = 1; j <= structure_.quorum(); ++j) first.emplace_back(j);
        const auto set = party_set::of(first);
        const std::vector<bigint> lambda =
            integer::lagrange(set.value(), structure_.delta(), static_cast<std::int64_t>(at));

        const auto& ring = key.arithmetic();
        std::vector<bigint> positive(lambda.size()), negative(lambda.size());
        auto bases = ring.make(lambda.size());
        for (std::size_t j = 0; j < lambda.size(); ++j) {
            ring.set(bases, j, of_trustees_[j]);
            (lambda[j].is_negative() ? negative : positive)[j] = abs(lambda[j]);
        }
        return {ring.multi_power_vartime(bases, positive),
                ring.multi_power_vartime(bases, negative) * left % ring.modulus()};
    }

    hash::digest32 key_id_;
    threshold::structure structure_;
    bigint base_;
    std::vector<bigint> of_trustees_; // [i - 1] is v_i
    hash::digest32 id_;
};

} // namespace veilsum::threshold
