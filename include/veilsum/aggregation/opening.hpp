// The opening of a round: the summed rows and the blindings that open the product of the row commitments.
//
// From the decrypted blocks M_{i,j} of the aggregate (docs/spec/validity.md, 10.2):
//     X_{i,c} = sum_u g_u x_{u,i,c}                   unpacked from the slots, i < Kt
//     R_i     = sum_t alpha*_t X_{digit(i,t)} mod l   i < K
// and it must hold that  sum_u g_u C_{u,i} = sum_c X_{i,c} G_c + R_i H  for every data row i.
//
//     frame(opening, 1) of: X, row by row, K C values, padding included, each in ceil(w/8) bytes,
//                           two's complement, big-endian | R_0 .. R_{K-1}, 32 bytes each
#pragma once

#include <veilsum/aggregation/round.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/encoding/row_packing.hpp>
#include <veilsum/pedersen/audit_weights.hpp>
#include <veilsum/pedersen/row_commitment.hpp>
#include <veilsum/wire/frame.hpp>
#include <veilsum/wire/message_type.hpp>

#include <span>
#include <utility>
#include <vector>

namespace veilsum::aggregation {

struct opening {
    std::vector<std::int64_t> sums;       // X, K rows of C
    std::vector<group::scalar> blindings; // R, K

    // `blocks`: the Kt J signed plaintexts of the aggregate, row by row. Refuses a block outside its slots
    // (errc::overflow) and a sum outside what `total_weight` values of b bits can reach (errc::out_of_range):
    // somebody encrypted values that are not b-bit integers.
    static result<opening> from_blocks(const encoding::matrix_layout& layout,
                                       std::span<const integer::bigint> blocks, std::uint64_t total_weight) {
        auto all = encoding::unpack_rows(layout, blocks);
        if (!all) return all.error();
        if (auto in_range = encoding::check_sum_range(*all, layout.value_bits(), total_weight); !in_range)
            return in_range.error();
        opening made;
        made.blindings = pedersen::summed_blindings(layout, *all);
        all->resize(layout.data_rows() * layout.columns());
        made.sums = *std::move(all);
        return made;
    }

    static std::size_t serialized_bytes(const encoding::matrix_layout& layout) {
        const std::size_t width = (layout.slot_width() + 7) / 8;
        return wire::frame_header_bytes + layout.data_rows() * (layout.columns() * width + 32);
    }
    // Refuses a sum outside what `total_weight` values of b bits can reach (errc::out_of_range).
    static result<opening> parse(const encoding::matrix_layout& layout, byte_view data,
                                 std::uint64_t total_weight) {
        const auto body = wire::unframe(data, wire::message_type::opening, 1, serialized_bytes(layout));
        if (!body) return body.error();
        if (data.size() != serialized_bytes(layout)) return error{errc::malformed, "length of the opening"};
        const unsigned width = (layout.slot_width() + 7) / 8;
        wire::reader in(*body);
        opening made;
        made.sums.resize(layout.data_rows() * layout.columns());
        for (std::int64_t& sum : made.sums) {
            std::uint64_t value = 0;
            for (const std::uint8_t byte : in.fixed(width)) value = value << 8 | byte;
            const unsigned unused = 64 - 8 * width;
            sum = static_cast<std::int64_t>(value << unused) >> unused;
        }
        for (std::size_t i = 0; i < layout.data_rows(); ++i) {
            auto blinding = group::scalar::from_bytes(in.array<32>());
            if (!blinding) return std::move(blinding).error().at("blinding " + std::to_string(i));
            made.blindings.push_back(*blinding);
        }
        if (auto end = in.finish(); !end) return end.error();
        if (auto in_range = encoding::check_sum_range(made.sums, layout.value_bits(), total_weight);
            !in_range)
            return in_range.error();
        return made;
    }

    bytes serialize(const encoding::matrix_layout& layout) const {
        const std::size_t width = (layout.slot_width() + 7) / 8;
        wire::writer out;
        for (const std::int64_t sum : sums)
            for (std::size_t k = width; k-- > 0;)
                out.u8(static_cast<std::uint8_t>(static_cast<std::uint64_t>(sum) >> (8 * k)));
        for (const group::scalar& blinding : blindings) out.fixed(blinding.bytes());
        return wire::frame(wire::message_type::opening, 1, out.view());
    }
};

} // namespace veilsum::aggregation
