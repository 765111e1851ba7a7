// Giving up a closed round that will have no result, in place of `round_result`.
//
//     round u64 | reason u8      1: no quorum has answered, 2: what a quorum opened is no opening
//
// Reason 2 can happen with proof suite 1 only, where a client may commit to other values than it encrypts.
// The model stays as it is; what trustees have opened stays opened for the opening policy. spec: wire-format,
// section 9.1
#pragma once

#include <veilsum/core/result.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <cstdint>
#include <utility>

namespace veilsum::aggregation {

// Why: `no_quorum` has answered, or what a quorum opened is `no_opening` of the row commitments.
enum class abandoning : std::uint8_t { no_quorum = 1, no_opening = 2 };

struct round_abandoned {
    std::uint64_t round = 0;
    abandoning reason = abandoning::no_quorum;

    bytes serialize() const {
        wire::writer out;
        out.u64(round);
        out.u8(static_cast<std::uint8_t>(reason));
        return std::move(out).take();
    }
    static result<round_abandoned> parse(byte_view body) {
        wire::reader in(body);
        round_abandoned made;
        made.round = in.u64();
        const std::uint8_t reason = in.u8();
        if (in.ok() && reason != 1 && reason != 2) in.fail(errc::malformed, "reason of giving up the round");
        made.reason = static_cast<abandoning>(reason);
        if (auto end = in.finish(); !end) return end.error();
        return made;
    }
};

} // namespace veilsum::aggregation
