// Going over to another ceremony within a session: a new key, other trustees, or refreshed shares.
//
//     ceremony 32 | key id 32 | count u32, each: trustee u16 | signature 64        trustees rising
//
// The trustees of the ceremony in force decide: a quorum of them signs session, head of the log (the hash of
// the record before) and digest of the new ceremony, so that an approval is for one place of one log. Each of
// them checks the new ceremony first (`trustee::approve`). An aggregator with fewer than a quorum of them
// cannot put trustees of its own in their place.
//
// What it does not do: the old shares still open what was encrypted under the old key.
// spec: wire-format, section 3.1
#pragma once

#include <veilsum/aggregation/ceremony.hpp>
#include <veilsum/aggregation/identity.hpp>
#include <veilsum/aggregation/record_types.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace veilsum::aggregation {

// One trustee of the ceremony in force agrees to the next, under rotation_label.
struct rotation_approval {
    std::uint16_t trustee = 0;
    sign::signature signature{};
};

struct key_rotated {
    hash::digest32 ceremony{}; // digest of the body of the next ceremony
    hash::digest32 key{};
    std::vector<rotation_approval> approvals; // by trustees of the ceremony that ends

    bytes serialize() const {
        wire::writer out;
        out.fixed(ceremony);
        out.fixed(key);
        out.u32(static_cast<std::uint32_t>(approvals.size()));
        for (const rotation_approval& approval : approvals) {
            out.u16(approval.trustee);
            out.fixed(approval.signature);
        }
        return std::move(out).take();
    }
    static result<key_rotated> parse(byte_view body) {
        wire::reader in(body);
        key_rotated made;
        made.ceremony = in.array<32>();
        made.key = in.array<32>();
        made.approvals.resize(in.count(threshold::structure::max_trustees, 2 + 64));
        for (rotation_approval& approval : made.approvals) {
            approval.trustee = in.u16();
            approval.signature = in.array<64>();
        }
        if (auto end = in.finish(); !end) return end.error();
        return made;
    }

    static bytes signed_message(const hash::digest32& session, const hash::digest32& head,
                                const hash::digest32& ceremony) {
        wire::writer out;
        out.fixed(session);
        out.fixed(head);
        out.fixed(ceremony);
        return std::move(out).take();
    }

    // Do a quorum of the trustees of `in_force` approve? Each once, in rising order.
    template <class Scheme>
    result<void> check_approvals(const veilsum::aggregation::ceremony<Scheme>& in_force,
                                 const hash::digest32& session, const hash::digest32& head) const {
        const bytes message = signed_message(session, head, ceremony);
        std::uint16_t before = 0;
        for (const rotation_approval& approval : approvals) {
            if (approval.trustee <= before)
                return error{errc::malformed, "order of the trustees that approve"};
            if (approval.trustee > in_force.structure().trustees())
                return error{errc::out_of_range, "trustee that approves"};
            before = approval.trustee;
        }
        for (const rotation_approval& approval : approvals)
            if (!in_force.trustees[approval.trustee - 1].verify(rotation_label, message, approval.signature))
                return error{errc::bad_signature, "approval of the new ceremony", 0,
                             name_of(party_id(approval.trustee))};
        if (approvals.size() < in_force.structure().quorum())
            return error{errc::refused, "fewer than a quorum approve the new ceremony"};
        return {};
    }
};

} // namespace veilsum::aggregation
