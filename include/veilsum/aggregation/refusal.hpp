// A refused contribution on the record, with what anybody needs to see that the refusal is right.
//
//     header       200  the client's signed header (contribution.hpp)
//     received_at  u64
//     reason       u16  number of the failed check of contribution.hpp, or 12: equivocation
//
// The signed header proves who sent it. For reasons 7 to 11, and 103 to 111 of validity
// proofs, the body it names is in the body store and fails that very check again. Reason 12: the client
// signed two different contributions to one round; its earlier contribution is on the record and no longer
// counts, and neither does this one.
#pragma once

#include <veilsum/aggregation/contribution.hpp>

#include <utility>

namespace veilsum::aggregation {

// The reason that is not a check of contribution.hpp: two different contributions under one signature key.
inline constexpr std::uint16_t equivocation = 12;

struct refusal {
    contribution_header header; // what the client signed
    std::uint64_t received_at = 0;
    std::uint16_t reason = 0;

    bytes serialize() const {
        wire::writer out;
        header.write(out);
        out.u64(received_at);
        out.u16(reason);
        return std::move(out).take();
    }
    static result<refusal> parse(byte_view body) {
        wire::reader in(body);
        refusal made;
        made.header = contribution_header::read(in);
        made.received_at = in.u64();
        made.reason = in.u16();
        if (in.ok() && made.reason != equivocation && !is_evidence(made.reason))
            in.fail(errc::malformed, "reason of the refusal");
        if (auto end = in.finish(); !end) return end.error();
        return made;
    }
};

} // namespace veilsum::aggregation
