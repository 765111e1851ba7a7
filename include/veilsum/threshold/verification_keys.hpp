// Verification keys: what everybody knows about the shares, and checks them by.
//
//     v = ((1+n) h_s)^2 mod n^(s+1),     v_i = v^(x_i),  x_i = Delta s_i as dealt,     i = 1..l
//
// v is nobody's choice: it is the square of an encryption of 1 with randomness 1, so that the v_i are at the
// same time its partial decryptions, and `check` sees it open to 1. The v_i come from the ceremony's record,
// and after a refresh from the record of that (refresh.hpp), and from nowhere else; nothing in a trustee's
// message replaces them. They say in which epoch they hold, and their id covers it.
//
// `check` is the public check of the dealing, and holds in all epochs. With F the shared polynomial,
// deg F < t, x_i = F(i), and the integers lambda_j(x) with  Delta F(x) = sum_{j <= t} lambda_j(x) F(j):
//
//     check 1   keys and verification keys belong together
//     check 2   for each i > t:  v_i^Delta = prod_{j <= t} v_j^(lambda_j(i)) mod n^(s+1)       place "v_7"
//     check 3   prod_{j <= t} v_j^(lambda_j(0)) = (1+n)^(2 Delta^2) mod n^(s+1)
//
// 2 says that all shares lie on one polynomial of degree below t, so that every quorum opens the same. 3 says
// what the shared secret d does: v^(Delta^2 d) = (1+n)^(2 Delta^2) means that d removes the random part h_s
// of a ciphertext and leaves its plaintext as it is, d = 0 modulo the order of h_s and d = 1 mod n^s, so that
// openings are the plaintexts and not multiples of them. Both hold up to elements whose order divides
// Delta^2, which a key of safe primes has not, but for signs: v_i and -v_i can pass alike.   spec: threshold,
// step 3
//
//     frame(verification_keys, 2) of
//        0        32       34         36      38
//       +--------+--------+----------+-------+-----+-----+-----+
//       | key id | quorum | trustees | epoch | v_1 | ... | v_l |      numbers of ciphertext_bytes,
//       +--------+--------+----------+-------+-----+-----+-----+      big-endian
//           32      u16       u16       u16
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/party.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/shamir.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/threshold/epoch.hpp>
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

// v. Its square root is an encryption of 1.
template <class Scheme>
integer::bigint verification_base(const paillier::public_key<Scheme>& key) {
    const integer::bigint one = (key.n() + 1) * key.residue_base() % key.modulus();
    return one * one % key.modulus();
}

template <class Scheme>
class verification_keys {
  public:
    using bigint = integer::bigint;
    static constexpr std::uint16_t version = 2;
    // Of everything before v_1.
    static constexpr std::size_t head_bytes = 32 + 2 + 2 + 2;
    static constexpr std::size_t max_body_bytes =
        head_bytes + threshold::structure::max_trustees * Scheme::ciphertext_bytes;

    // All numbers must be units in (0, n^(s+1)): out_of_range or not_a_unit with place "v_3"; mismatch
    // if there is not one for each trustee; bad_parameter for a refreshed quorum of one, which has nothing to
    // refresh. What they have to do with each other is `check`'s business.
    static result<verification_keys> create(const paillier::public_key<Scheme>& key, threshold::structure who,
                                            std::vector<bigint> of_trustees, threshold::epoch at = {}) {
        if (!at.is_dealing() && who.quorum() < 2)
            return error{errc::bad_parameter, "epoch of a quorum of one"};
        if (of_trustees.size() != who.trustees()) return error{errc::mismatch, "number of verification keys"};
        for (std::size_t i = 0; i < of_trustees.size(); ++i)
            if (auto unit = check_unit(key, of_trustees[i], place_of(i + 1)); !unit) return unit.error();
        return verification_keys(key.id(), std::move(who), at, verification_base(key),
                                 std::move(of_trustees));
    }

    // Errors: those of the frame and of `create`; wrong_key; bad_parameter for an impossible structure;
    // out_of_range for an epoch above the last.
    static result<verification_keys> parse(const paillier::public_key<Scheme>& key, byte_view data) {
        const auto body = wire::unframe(
            data, static_cast<std::uint16_t>(wire::message_type::verification_keys), version, max_body_bytes);
        if (!body) return body.error();
        wire::reader in(*body);
        const auto id = in.template array<32>();
        const std::uint32_t quorum = in.u16();
        const std::uint32_t trustees = in.u16();
        const std::uint32_t number = in.u16();
        if (!in.ok()) return in.finish().error();
        auto who = threshold::structure::create(quorum, trustees);
        if (!who) return who.error();
        const auto at = threshold::epoch::parse(number);
        if (!at) return at.error();
        std::vector<bigint> of_trustees;
        for (std::uint32_t i = 0; i < trustees; ++i)
            of_trustees.push_back(bigint::from_bytes(in.fixed(Scheme::ciphertext_bytes)));
        if (auto end = in.finish(); !end) return end.error();
        if (id != key.id()) return error{errc::wrong_key, "verification keys"};
        return create(key, *std::move(who), std::move(of_trustees), *at);
    }
    bytes serialize() const {
        wire::writer out(head_bytes + of_trustees_.size() * Scheme::ciphertext_bytes);
        out.fixed(key_id_);
        out.u16(static_cast<std::uint16_t>(structure_.quorum()));
        out.u16(static_cast<std::uint16_t>(structure_.trustees()));
        out.u16(static_cast<std::uint16_t>(epoch_.number()));
        for (const bigint& v_i : of_trustees_) out.fixed(v_i.to_bytes(Scheme::ciphertext_bytes));
        return wire::frame(static_cast<std::uint16_t>(wire::message_type::verification_keys), version,
                           out.view());
    }

    const hash::digest32& key_id() const { return key_id_; }
    // SHA-256 of the canonical bytes.
    const hash::digest32& id() const { return id_; }
    const threshold::structure& structure() const { return structure_; }
    threshold::epoch epoch() const { return epoch_; }
    // v
    const bigint& base() const { return base_; }
    // v_i, for a trustee of the structure.
    const bigint& of(party_id trustee) const {
        expects(structure_.contains(trustee));
        return of_trustees_[trustee.index() - 1];
    }

    // Checks 1 to 3. Cost: l - t + 1 multi-exponentiations of t bases with exponents of about
    // bitlen(Delta) + t log2(l) bits.
    result<void> check(const paillier::public_key<Scheme>& key) const {
        if (key.id() != key_id_) return error{errc::wrong_key, "verification keys", 1};
        for (std::uint32_t i = structure_.quorum() + 1; i <= structure_.trustees(); ++i)
            if (!on_polynomial(key, i)) return error{errc::mismatch, "verification key", 2, place_of(i)};
        const bigint& delta = structure_.delta();
        const sides at_zero = interpolate(key, 0, key.one_plus_n_power(delta * delta << 1));
        if (at_zero.positive != at_zero.negative) return error{errc::mismatch, "shared secret", 3};
        return {};
    }

  private:
    // The two sides of  prod_{lambda_j > 0} v_j^(lambda_j) = left prod_{lambda_j < 0} v_j^(-lambda_j):
    // negative exponents are brought over, so that nothing has to be inverted.
    struct sides {
        bigint positive, negative;
    };

    verification_keys(hash::digest32 key_id, threshold::structure who, threshold::epoch at, bigint&& base,
                      std::vector<bigint>&& of_trustees)
        : key_id_(key_id), structure_(std::move(who)), epoch_(at), base_(std::move(base)),
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
    threshold::epoch epoch_;
    bigint base_;
    std::vector<bigint> of_trustees_; // [i - 1] is v_i
    hash::digest32 id_;
};

} // namespace veilsum::threshold
