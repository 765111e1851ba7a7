// One trustee's share s_i of the decryption exponent.
//
// Whoever holds a quorum of shares decrypts everything; fewer say nothing about it. A share is move-only,
// wiped, and stored sealed (threshold/share_file.hpp). `check` is what a trustee does before it acknowledges
// the ceremony: a share that does not fit v_i would make it look like a cheater later.
//
//     frame(key_share, 1) of
//        0        32       34         36      38
//       +--------+--------+----------+-------+------------------+
//       | key id | quorum | trustees | index | s_i, big-endian  |      share_bytes, see lengths.hpp
//       +--------+--------+----------+-------+------------------+
//           32      u16       u16       u16
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/party.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/paillier/public_key.hpp>
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
    static constexpr std::uint16_t version = 1;
    static constexpr std::size_t body_bytes = 32 + 2 + 2 + 2 + lengths<Scheme>::share_bytes;

    // Errors: out_of_range for an index above the number of trustees or a share above its bound.
    static result<key_share> create(const paillier::public_key<Scheme>& key, threshold::structure who,
                                    party_id index, secret<bigint>&& value) {
        if (!who.contains(index)) return error{errc::out_of_range, "trustee index"};
        if (value.expose().is_negative() || value.expose().bit_length() > lengths<Scheme>::share_bits)
            return error{errc::out_of_range, "key share"};
        return key_share(key.id(), std::move(who), index, std::move(value));
    }

    // Errors: those of the frame and of `create`; wrong_key; bad_parameter for an impossible structure.
    static result<key_share> parse(const paillier::public_key<Scheme>& key, byte_view data) {
        const auto body = wire::unframe(data, static_cast<std::uint16_t>(wire::message_type::key_share),
                                        version, body_bytes);
        if (!body) return body.error();
        wire::reader in(*body);
        const auto id = in.template array<32>();
        const std::uint32_t quorum = in.u16();
        const std::uint32_t trustees = in.u16();
        const std::uint32_t index = in.u16();
        secret<bigint> value(bigint::from_bytes(in.fixed(lengths<Scheme>::share_bytes)));
        if (auto end = in.finish(); !end) return end.error();
        auto who = threshold::structure::create(quorum, trustees);
        if (!who) return who.error();
        const auto party = party_id::parse(index);
        if (!party) return party.error();
        if (id != key.id()) return error{errc::wrong_key, "key share"};
        return create(key, *std::move(who), *party, std::move(value));
    }
    secret<bytes> serialize() const {
        wire::writer out(body_bytes);
        out.fixed(key_id_);
        out.u16(static_cast<std::uint16_t>(structure_.quorum()));
        out.u16(static_cast<std::uint16_t>(structure_.trustees()));
        out.u16(static_cast<std::uint16_t>(index_.index()));
        out.fixed(secret<bytes>(value_.expose().to_bytes(lengths<Scheme>::share_bytes)).expose());
        const secret<bytes> body(std::move(out).take());
        return secret<bytes>(
            wire::frame(static_cast<std::uint16_t>(wire::message_type::key_share), version, body.expose()));
    }

    const hash::digest32& key_id() const { return key_id_; }
    const threshold::structure& structure() const { return structure_; }
    party_id index() const { return index_; }
    // s_i
    const secret<bigint>& value() const { return value_; }
    // x_i = Delta s_i, the logarithm of v_i.
    secret<bigint> exponent() const { return secret<bigint>(structure_.delta() * value_.expose()); }

    // v_i = v^(Delta s_i), and everything is about the same key and structure. Errors: wrong_key, mismatch.
    // Cost: one secret power.   spec: threshold, step 4
    result<void> check(const paillier::public_key<Scheme>& key,
                       const verification_keys<Scheme>& verification) const {
        if (auto fit = fits(key, verification); !fit) return fit;
        const auto& ring = key.arithmetic();
        auto power = ring.make(1);
        ring.set(power, 0, verification.base());
        ring.power_secret(power, power, exponent(), lengths<Scheme>::exponent_bits(structure_));
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
        return {};
    }

  private:
    key_share(hash::digest32 key_id, threshold::structure who, party_id index, secret<bigint>&& value)
        : key_id_(key_id), structure_(std::move(who)), index_(index), value_(std::move(value)) {}

    hash::digest32 key_id_;
    threshold::structure structure_;
    party_id index_;
    secret<bigint> value_;
};

} // namespace veilsum::threshold
