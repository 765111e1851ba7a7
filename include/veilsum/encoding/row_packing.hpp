// Rows to plaintexts and back: the order in which rows and blocks become ciphertexts.
//
//     plaintext i J + j = pack(columns j S .. of row i),     i < Kt, j < J
//     X_{i,c} = unpack of the decrypted sums,                 Kt x C, row-major
//
// spec: validity proofs 4.2 (blocks) and 10.2 (opening)
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/encoding/row_matrix.hpp>
#include <veilsum/encoding/slots.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::encoding {

// Kt J signed integers. Refuses an entry outside its b bits (errc::overflow, place "row 3, value 17": the
// position within its block); rows made by lay_out have none. The matrix has the layout's shape (contract).
inline result<secret<std::vector<bigint>>> pack_rows(const matrix_layout& layout, const row_matrix& rows) {
    expects(rows.rows() == layout.rows() && rows.columns() == layout.columns());
    secret<std::vector<bigint>> packed{std::vector<bigint>(layout.ciphertexts())};
    for (std::size_t row = 0; row < layout.rows(); ++row)
        for (std::size_t block = 0; block < layout.blocks(); ++block) {
            auto one =
                pack(rows.expose_row(row).subspan(layout.first_column(block), layout.block_length(block)),
                     layout.packing());
            if (!one) {
                const std::string where = "row " + std::to_string(row) + ", " + one.error().place;
                return std::move(one).error().at(where);
            }
            packed.expose()[row * layout.blocks() + block] = std::move(*one);
        }
    return packed;
}

// The sums X, Kt x C row-major, from Kt J decrypted integers, each read in (-n/2, n/2). Refuses (checks, by
// number): 1 another number of integers; 2 an integer that is no sum of this layout (errc::overflow, place
// "ciphertext 5").
inline result<std::vector<std::int64_t>> unpack_rows(const matrix_layout& layout,
                                                     std::span<const bigint> opened) {
    if (opened.size() != layout.ciphertexts()) return error{errc::mismatch, "number of opened plaintexts", 1};
    std::vector<std::int64_t> sums(layout.rows() * layout.columns());
    for (std::size_t row = 0; row < layout.rows(); ++row)
        for (std::size_t block = 0; block < layout.blocks(); ++block) {
            const std::size_t index = row * layout.blocks() + block;
            auto part = unpack_sum(opened[index], layout.packing(), layout.block_length(block));
            if (!part) return std::move(part).error().in_check(2).at("ciphertext " + std::to_string(index));
            std::copy(part->begin(), part->end(),
                      sums.begin() +
                          static_cast<std::ptrdiff_t>(row * layout.columns() + layout.first_column(block)));
        }
    return sums;
}

} // namespace veilsum::encoding
