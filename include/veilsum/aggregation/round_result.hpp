// The outcome of an opened round.
//
//     round     u64
//     quorum    count u32, each: trustee index u16     ascending: whose partial decryptions were combined
//     opening   32  digest of the opening's body (opening.hpp)
//     update    32  digest of the summed update: SHA-256 of the d sums X_j, 8 bytes each, big-endian, two's
//                   complement
//     model     32  digest of the new model's body (model.hpp)
#pragma once

#include <veilsum/core/party.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/threshold/structure.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <utility>
#include <vector>

namespace veilsum::aggregation {

struct round_result {
    std::uint64_t round = 0;
    std::vector<party_id> quorum; // whose partial decryptions were combined, ascending
    hash::digest32 opening{};     // digest of the opening's body
    hash::digest32 update{};      // digest of the d sums
    hash::digest32 model{};       // digest of the new model's body

    bytes serialize() const {
        wire::writer out;
        out.u64(round);
        out.u32(static_cast<std::uint32_t>(quorum.size()));
        for (const party_id trustee : quorum) out.u16(static_cast<std::uint16_t>(trustee.index()));
        out.fixed(opening);
        out.fixed(update);
        out.fixed(model);
        return std::move(out).take();
    }
    static result<round_result> parse(byte_view body) {
        wire::reader in(body);
        round_result made;
        made.round = in.u64();
        const std::size_t count = in.count(threshold::structure::max_trustees, 2);
        for (std::size_t i = 0; i < count; ++i) {
            auto trustee = party_id::parse(in.u16());
            if (!trustee) return trustee.error();
            if (trustee->index() > threshold::structure::max_trustees)
                return error{errc::out_of_range, "trustee of the quorum"};
            if (i > 0 && !(made.quorum.back() < *trustee))
                return error{errc::duplicate, "trustee of the quorum"};
            made.quorum.push_back(*trustee);
        }
        made.opening = in.array<32>();
        made.update = in.array<32>();
        made.model = in.array<32>();
        if (auto end = in.finish(); !end) return end.error();
        return made;
    }
};

// Digest of the summed update; padding behind the first `count` sums is left out.
inline hash::digest32 update_digest(std::span<const std::int64_t> sums, std::size_t count) {
    wire::writer out;
    for (std::size_t j = 0; j < count; ++j) out.u64(static_cast<std::uint64_t>(sums[j]));
    return hash::sha256(out.view());
}

} // namespace veilsum::aggregation
