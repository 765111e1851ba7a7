// The rows that a client commits to and encrypts: its values, and the random digits that blind them.
//
//     rows 0 .. K-1      x_{i,c} = x[i C + c], 0 from position d on
//     rows K .. Kt-1     with AUDIT: uniform signed b-bit digits in group 0 and in the group of every
//                        data row, 0 else
//
// Why digits: after decryption the digit sums give the blinding of every row sum
// (pedersen/audit_weights.hpp), so anybody can check the opened sum against the row commitments. Group 0 of
// an audit row belongs to no data row; it blinds the audit row's own commitment, which has no other blinding.
//
// spec: validity proofs 4.1, 4.3 and 8.1 (steps 1 and 2)
//
//     auto rows = lay_out(layout, quantised, rng);     // result<row_matrix>, Kt x C
#pragma once

#include <veilsum/core/constant_time.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/random/random_source.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::encoding {

// Signed integers in rows, row-major; secret: move-only, wiped, read through `expose` only.
class row_matrix {
  public:
    row_matrix(std::size_t rows, std::size_t columns) : columns_(columns), entries_(rows * columns) {
        expects(columns >= 1);
    }
    row_matrix(row_matrix&& other) noexcept
        : columns_(other.columns_), entries_(std::exchange(other.entries_, {})) {}
    row_matrix& operator=(row_matrix&& other) noexcept {
        if (this != &other) {
            wipe();
            columns_ = other.columns_;
            entries_ = std::exchange(other.entries_, {});
        }
        return *this;
    }
    ~row_matrix() { wipe(); }

    std::size_t rows() const { return entries_.size() / columns_; } // Kt
    std::size_t columns() const { return columns_; }                // C
    std::span<const std::int32_t> expose() const { return entries_; }
    std::span<std::int32_t> expose() { return entries_; }
    // The secret entries of one row, row < rows() (contract).
    std::span<const std::int32_t> expose_row(std::size_t row) const {
        expects(row < rows());
        return expose().subspan(row * columns_, columns_);
    }
    std::span<std::int32_t> expose_row(std::size_t row) {
        expects(row < rows());
        return expose().subspan(row * columns_, columns_);
    }
    void wipe() noexcept {
        if (!entries_.empty()) sodium_memzero(entries_.data(), entries_.size() * sizeof entries_[0]);
    }

  private:
    std::size_t columns_;
    std::vector<std::int32_t> entries_;
};

namespace detail {

// Uniform in [-2^(b-1), 2^(b-1)): b random bits each, so nothing is rejected and nothing is biased.
template <random::random_source Source>
void draw_digits(std::span<std::int32_t> out, unsigned value_bits, Source& rng) {
    bytes raw(4 * out.size());
    rng.fill(raw);
    const std::int32_t half = std::int32_t{1} << (value_bits - 1);
    for (std::size_t t = 0; t < out.size(); ++t) {
        std::uint32_t word = 0;
        for (std::size_t at = 0; at < 4; ++at) word = word << 8 | raw[4 * t + at];
        out[t] = static_cast<std::int32_t>(word >> (32 - value_bits)) - half;
    }
    veilsum::wipe(raw);
}

} // namespace detail

// The Ka audit rows (none without AUDIT).
template <random::random_source Source>
row_matrix draw_audit_rows(const matrix_layout& layout, Source& rng) {
    row_matrix digits(layout.audit_rows(), layout.columns());
    for (std::size_t row = 0; row < digits.rows(); ++row) {
        const std::size_t owners =
            std::min(layout.digit_groups(), layout.data_rows() - row * layout.digit_groups());
        detail::draw_digits(digits.expose_row(row).first((1 + owners) * layout.digits()), layout.value_bits(),
                            rng);
    }
    return digits;
}

// All Kt rows of a client. Refuses (checks, by number): 1 another number of values than d; 2 a value outside
// its b bits, place "value 17"; 3 with L2, a sum of squares above B2: such a client must not submit, because
// no proof can pass.
template <random::random_source Source>
result<row_matrix> lay_out(const matrix_layout& layout, std::span<const std::int32_t> values, Source& rng) {
    if (values.size() != layout.values()) return error{errc::mismatch, "number of values", 1};
    const std::int64_t half = std::int64_t{1} << (layout.value_bits() - 1);
    for (std::size_t j = 0; j < values.size(); ++j)
        if (values[j] < -half || values[j] >= half)
            return error{errc::overflow, "value outside its bits", 2}.at("value " + std::to_string(j));
    row_matrix rows(layout.rows(), layout.columns());
    std::copy(values.begin(), values.end(), rows.expose().begin());
    if (layout.has_l2()) {
        // 2^24 squares of at most 2^46 do not fit into 64 bits; one row's do.
        secret<bigint> squares{bigint(0)};
        for (std::size_t row = 0; row < layout.data_rows(); ++row) {
            std::uint64_t of_row = 0;
            for (const std::int64_t x : rows.expose_row(row)) of_row += static_cast<std::uint64_t>(x * x);
            squares.expose() += bigint(of_row);
        }
        if (squares.expose() > layout.norm_bound())
            return error{errc::out_of_range, "sum of squares above the norm bound", 3};
    }
    row_matrix digits = draw_audit_rows(layout, rng);
    const auto drawn = std::as_const(digits).expose();
    std::copy(drawn.begin(), drawn.end(),
              rows.expose().subspan(layout.data_rows() * layout.columns()).begin());
    return rows;
}

} // namespace veilsum::encoding
