// The integers that a client commits to, as the sumcheck's cube has them:
//
//     row i < Kt     x_{i,0} .. x_{i,C-1}             signed, b bits
//     row Kt         s_c - off, with L2               so that x + off is s_c, the slack bits
//
// beta~ reads bits of x + off in all rows, so the slack row needs no case of its own; the other tables read x
// in the first Kt rows. Rows are padded with zeros to a multiple of the vector width.
//
// spec: validity proofs 4.4. Secret: move-only, wiped.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/encoding/matrix_layout.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace veilsum::zk {

class cube_rows {
  public:
    // x: the Kt rows of the layout, row-major, each value within its b bits (encoding::lay_out checks that).
    // slack: with L2 bits 0 or 1 for all C columns, those from t on zero; else empty.
    cube_rows(const encoding::matrix_layout& layout, std::span<const std::int32_t> x,
              std::span<const std::uint8_t> slack, std::size_t vector_width)
        : columns_(layout.columns()), stride_((columns_ + vector_width - 1) / vector_width * vector_width),
          offset_(std::int32_t{1} << (layout.value_bits() - 1)),
          entries_(std::vector<std::int32_t>(layout.cube_rows() * stride_)) {
        expects(x.size() == layout.rows() * columns_);
        expects(slack.size() == (layout.has_l2() ? columns_ : 0));
        for (std::size_t i = 0; i < layout.rows(); ++i)
            std::copy_n(x.begin() + static_cast<std::ptrdiff_t>(i * columns_), columns_, row(i).begin());
        if (layout.has_l2())
            std::transform(slack.begin(), slack.end(), row(layout.rows()).begin(),
                           [&](std::uint8_t bit) { return std::int32_t{bit} - offset_; });
    }

    std::size_t rows() const { return entries_.expose().size() / stride_; } // Kg
    std::size_t columns() const { return columns_; }                        // C
    std::size_t stride() const { return stride_; }                          // C and padding
    std::int32_t offset() const { return offset_; }                         // off

    // The integers of row i, padded to the stride.
    std::span<const std::int32_t> expose_row(std::size_t i) const {
        expects(i < rows());
        return std::span(entries_.expose()).subspan(i * stride_, stride_);
    }

  private:
    std::span<std::int32_t> row(std::size_t i) {
        return std::span(entries_.expose()).subspan(i * stride_, stride_);
    }

    std::size_t columns_, stride_;
    std::int32_t offset_;
    secret<std::vector<std::int32_t>> entries_;
};

} // namespace veilsum::zk
