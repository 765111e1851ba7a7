// Complaint: trustee i shows everybody what dealer k sent to it.
//
//     frame(refresh_complaint, 1) of
//        0       32        34        36            68
//       +-------+---------+---------+-------------+-----------+
//       | terms | accuser | accused | seed of     | signature |
//       |       |    i    |    k    | P_i,k       |           |
//       +-------+---------+---------+-------------+-----------+
//          32       u16       u16         32           64
//
// The seed belongs to P_i,k, which trustee i signed before k dealt, so it is the right one or visibly not. It
// opens box_i of k's contribution and nothing else: anybody repeats the recipient's three checks
// (`open_sub_share`) and sees who is right. A dealer whose sub-share fails is named and its contribution does
// not count; an accuser whose complaint fails is named and nothing else happens. There is no word against
// word and no answer to wait for.
//
// What it reveals: z_k,i. An honest accuser's is worthless, since k is out; an honest dealer's is one that
// the accuser, who is not honest then, knew already.
//
// Checks of `parse`, by number: 1 the frame decodes and has its exact length; 2 terms; 3 index of the
// accuser; 4 signature. Then, with the accuser as culprit: 5 the accused is a trustee (out_of_range); 6 the
// seed is that of P_i,k (mismatch).   spec: refresh, step 6
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/party.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/seal/sealed_message.hpp>
#include <veilsum/threshold/refresh_reception.hpp>
#include <veilsum/threshold/refresh_terms.hpp>
#include <veilsum/threshold/structure.hpp>
#include <veilsum/wire/frame.hpp>
#include <veilsum/wire/message_type.hpp>
#include <veilsum/wire/reader.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace veilsum::threshold {

class refresh_complaint {
  public:
    static constexpr std::uint16_t version = 1;
    static constexpr std::string_view label = "veilsum/threshold/v1/refresh-complaint";
    static constexpr std::size_t body_bytes = refresh_message_overhead + 2 + 32;

    template <class Scheme>
    static result<refresh_complaint> parse(const refresh_terms<Scheme>& terms,
                                           std::span<const refresh_reception> receptions, byte_view data) {
        expects(receptions.size() == terms.structure().trustees());
        const auto body = wire::unframe(data, wire::message_type::refresh_complaint, version, body_bytes);
        if (!body) return error(body.error()).in_check(1);
        if (body->size() != body_bytes) return error{errc::malformed, "length of the complaint", 1};
        wire::reader in(*body);
        const auto accuser = check_refresh_sender(terms, label, *body, in);
        if (!accuser) return accuser.error();
        const auto accused = party_id::parse(in.u16());
        if (!accused || !terms.structure().contains(*accused))
            return error{errc::out_of_range, "index of the accused", 5, {}, name_of(*accuser)};
        auto key = seal::revealed_identity::create(in.array<32>(),
                                                   receptions[accuser->index() - 1].key_for(*accused));
        if (!key) return error{errc::mismatch, "revealed reception key", 6, {}, name_of(*accuser)};
        return refresh_complaint(*accuser, *accused, *std::move(key));
    }

    party_id accuser() const { return accuser_; }               // the recipient of the bad sub-share
    party_id accused() const { return accused_; }               // its dealer
    const seal::revealed_identity& key() const { return key_; } // P_i,k with its secret half, revealed

  private:
    refresh_complaint(party_id accuser, party_id accused, seal::revealed_identity&& key)
        : accuser_(accuser), accused_(accused), key_(std::move(key)) {}
    party_id accuser_, accused_;
    seal::revealed_identity key_;
};

} // namespace veilsum::threshold
