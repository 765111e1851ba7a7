// One trustee's share of the decryption exponent, in one epoch.
//
//     x_i = Delta s_i                                       as it was dealt, with s_i = f(i)
//     x_i = (x_i of the epoch before) + sum_k z_k,i         after a refresh (refresh.hpp), over the integers
//
// The share holds s_i at epoch 0 and x_i later; x_i, the logarithm of v_i, is what decryption uses.
//
// Whoever holds a quorum of shares decrypts everything; fewer say nothing about it. A share is move-only,
// wiped, and stored sealed (threshold/share_file.hpp). `check` is what a trustee does before it acknowledges
// the ceremony: a share that does not fit v_i would make it look like a cheater later.
//
// Using the value of a share that was moved from ends the process, because the alternative would be a partial
// decryption that names its owner. Such a share is known by its value 0, which `create` refuses: a dealing
// comes to it with probability l / (n^s m) at most, a refresh never, since it adds and does not subtract.
//
//     frame(key_share, 2) of
//        0        32       34         36      38      40
//       +--------+--------+----------+-------+-------+------------------+
//       | key id | quorum | trustees | index | epoch | s_i or x_i       |      value_bytes, big-endian:
//       +--------+--------+----------+-------+-------+------------------+      lengths.hpp
//           32      u16       u16       u16     u16
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/party.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/threshold/epoch.hpp>
#include <veilsum/threshold/lengths.hpp>
#include <veilsum/threshold/structure.hpp>
#include <veilsum/threshold/verification_keys.hpp>
#include <veilsum/wire/frame.hpp>
#include <veilsum/wire/message_type.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace veilsum::threshold {

template <class Scheme>
class key_share {
  public:
    using bigint = integer::bigint;
    static constexpr std::uint16_t version = 2;
    // Of everything before the value.
    static constexpr std::size_t head_bytes = 32 + 2 + 2 + 2 + 2;
    static constexpr std::size_t max_body_bytes = head_bytes + lengths<Scheme>::max_value_bytes;
    static std::size_t body_bytes(const threshold::structure& who, threshold::epoch at) {
        return head_bytes + lengths<Scheme>::value_bytes(who, at);
    }

    // `value` is s_i at epoch 0, x_i later. Errors: out_of_range for an index above the number of trustees, a
    // share of 0 or one above its bound; bad_parameter for a refreshed quorum of one.
    static result<key_share> create(const paillier::public_key<Scheme>& key, threshold::structure who,
                                    party_id index, secret<bigint>&& value, threshold::epoch at = {}) {
        if (!who.contains(index)) return error{errc::out_of_range, "trustee index"};
        if (!at.is_dealing() && who.quorum() < 2)
            return error{errc::bad_parameter, "epoch of a quorum of one"};
        if (value.expose().is_negative() ||
            value.expose().bit_length() > lengths<Scheme>::value_bits(who, at))
            return error{errc::out_of_range, "key share"};
        if (value.expose().is_zero()) return error{errc::out_of_range, "key share of zero"};
        return key_share(key.id(), std::move(who), index, at, std::move(value));
    }

    // Errors: those of the frame and of `create`; wrong_key; bad_parameter for an impossible structure;
    // out_of_range for an epoch above the last.
    static result<key_share> parse(const paillier::public_key<Scheme>& key, byte_view data) {
        const auto body = wire::unframe(data, static_cast<std::uint16_t>(wire::message_type::key_share),
                                        version, max_body_bytes);
        if (!body) return body.error();
        wire::reader in(*body);
        const auto id = in.template array<32>();
        const std::uint32_t quorum = in.u16();
        const std::uint32_t trustees = in.u16();
        const std::uint32_t index = in.u16();
        const std::uint32_t number = in.u16();
        if (!in.ok()) return in.finish().error();
        auto who = threshold::structure::create(quorum, trustees);
        if (!who) return who.error();
        const auto at = threshold::epoch::parse(number);
        if (!at) return at.error();
        if (!at->is_dealing() && quorum < 2) return error{errc::bad_parameter, "epoch of a quorum of one"};
        secret<bigint> value(bigint::from_bytes(in.fixed(lengths<Scheme>::value_bytes(*who, *at))));
        if (auto end = in.finish(); !end) return end.error();
        const auto party = party_id::parse(index);
        if (!party) return party.error();
        if (id != key.id()) return error{errc::wrong_key, "key share"};
        return create(key, *std::move(who), *party, std::move(value), *at);
    }
    secret<bytes> serialize() const {
        live();
        const std::size_t width = lengths<Scheme>::value_bytes(structure_, epoch_);
        wire::writer out(head_bytes + width);
        out.fixed(key_id_);
        out.u16(static_cast<std::uint16_t>(structure_.quorum()));
        out.u16(static_cast<std::uint16_t>(structure_.trustees()));
        out.u16(static_cast<std::uint16_t>(index_.index()));
        out.u16(static_cast<std::uint16_t>(epoch_.number()));
        out.fixed(secret<bytes>(value_.expose().to_bytes(width)).expose());
        const secret<bytes> body(std::move(out).take());
        return secret<bytes>(
            wire::frame(static_cast<std::uint16_t>(wire::message_type::key_share), version, body.expose()));
    }

    const hash::digest32& key_id() const { return key_id_; }
    const threshold::structure& structure() const { return structure_; }
    party_id index() const { return index_; } // 1 to l
    threshold::epoch epoch() const { return epoch_; }
    // s_i at epoch 0, x_i later.
    const secret<bigint>& value() const {
        live();
        return value_;
    }
    // x_i, the logarithm of v_i.
    secret<bigint> exponent() const {
        live();
        return secret<bigint>((epoch_.is_dealing() ? structure_.delta() : bigint(1)) * value_.expose());
    }

    // v_i = v^(x_i), and everything is about the same key, structure and epoch. Errors: wrong_key, mismatch.
    // Cost: one secret power.   spec: threshold, step 4
    result<void> check(const paillier::public_key<Scheme>& key,
                       const verification_keys<Scheme>& verification) const {
        if (auto fit = fits(key, verification); !fit) return fit;
        const auto& ring = key.arithmetic();
        auto power = ring.make(1);
        ring.set(power, 0, verification.base());
        ring.power_secret(power, power, exponent(), lengths<Scheme>::exponent_bits(structure_, epoch_));
        if (ring.get(power, 0) != verification.of(index_))
            return error{errc::mismatch, "key share and verification key", 0, {}, name_of(index_)};
        return {};
    }
    // The same without the power.
    result<void> fits(const paillier::public_key<Scheme>& key,
                      const verification_keys<Scheme>& verification) const {
        if (key.id() != key_id_ || verification.key_id() != key_id_)
            return error{errc::wrong_key, "key share"};
        if (!(verification.structure() == structure_))
            return error{errc::mismatch, "structure of the key share"};
        if (verification.epoch() != epoch_) return error{errc::mismatch, "epoch of the key share"};
        return {};
    }

    // The share of the next epoch: x_i' = x_i + increment, where `increment` is the sum of the sub-shares
    // that this trustee got from those whose contributions count. This share stays as it is.
    // spec: refresh, step 8
    //
    //   1  this share fits `before`                                       wrong_key, mismatch
    //   2  `after` is the next epoch of `before`: key, structure, v       wrong_key, mismatch
    //   3  0 <= increment < l 2^sub_share_bits                            out_of_range
    //   4  v_i' = v^(x_i')                                                mismatch
    result<key_share> refreshed(const paillier::public_key<Scheme>& key,
                                const verification_keys<Scheme>& before,
                                const verification_keys<Scheme>& after, secret<bigint>&& increment) const {
        if (auto fit = fits(key, before); !fit) return std::move(fit).error().in_check(1);
        if (after.key_id() != key_id_) return error{errc::wrong_key, "refreshed verification keys", 2};
        if (!(after.structure() == structure_) || after.base() != before.base() ||
            after.epoch().number() != epoch_.number() + 1)
            return error{errc::mismatch, "refreshed verification keys", 2};
        const secret<bigint> added = std::move(increment);
        if (added.expose().is_negative() ||
            added.expose() >> lengths<Scheme>::sub_share_bits(structure_) >= structure_.trustees())
            return error{errc::out_of_range, "sum of the sub-shares", 3};
        secret<bigint> sum(exponent().expose() + added.expose());
        auto made = create(key, structure_, index_, std::move(sum), after.epoch());
        if (!made) return std::move(made).error().in_check(3);
        if (auto good = made->check(key, after); !good) return std::move(good).error().in_check(4);
        return made;
    }

  private:
    key_share(hash::digest32 key_id, threshold::structure who, party_id index, threshold::epoch at,
              secret<bigint>&& value)
        : key_id_(key_id), structure_(std::move(who)), index_(index), epoch_(at), value_(std::move(value)) {}

    // Not moved from: a wiped value is 0, and `create` makes none such.
    void live() const { expects(!value_.expose().is_zero()); }

    hash::digest32 key_id_;
    threshold::structure structure_;
    party_id index_;
    threshold::epoch epoch_;
    secret<bigint> value_;
};

} // namespace veilsum::threshold
