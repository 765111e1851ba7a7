// A table of field elements on the row and column variables of the cube, most of whose rows may be zero:
//
//     rows first .. end-1 are kept, all others are zero;      binding the lowest row variable,
//     T'[i] = T[2i] + r (T[2i+1] - T[2i]),                    gives rows first/2 .. ceil(end/2)-1
//
// Arithmetic is row_arithmetic or its lane form. Secret: move-only, wiped.
//
// spec: validity proofs 8.5, 13.2 item 6
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/group/scalar.hpp>
#include <veilsum/zk/round_polynomial.hpp>
#include <veilsum/zk/row_arithmetic.hpp>

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace veilsum::zk {

template <class Arithmetic>
class row_table {
  public:
    using element = typename Arithmetic::element; // one scalar or several

    row_table() = default;
    // Zeros; `columns` counts scalars and is a multiple of the arithmetic's width.
    row_table(std::size_t first, std::size_t end, std::size_t columns)
        : first_(first), end_(end), stride_(columns / Arithmetic::width), zeros_(stride_),
          elements_((end - first) * stride_) {
        expects(columns % Arithmetic::width == 0 && first < end);
    }

    std::size_t first() const { return first_; }            // first row that may differ from zero
    std::size_t end() const { return end_; }                // after the last one
    std::size_t first_pair() const { return first_ / 2; }   // rows 2k and 2k + 1 are a pair
    std::size_t end_pair() const { return (end_ + 1) / 2; } // after the last one

    // Row i, zeros where it is not kept.
    std::span<const element> expose_row(std::size_t i) const {
        return i < first_ || i >= end_ ? std::span<const element>(zeros_)
                                       : elements_.expose().subspan((i - first_) * stride_, stride_);
    }
    std::span<element> expose_row(std::size_t i) {
        expects(i >= first_ && i < end_);
        return elements_.expose().subspan((i - first_) * stride_, stride_);
    }

    // sum(p, a, b) for each pair of rows a = T[2p], b = T[2p+1], p counted from first_pair().
    template <class Sum>
    secret<std::vector<pair_sums>> sum_pairs(const Sum& sum) const {
        secret<std::vector<pair_sums>> sums{std::vector<pair_sums>(end_pair() - first_pair())};
        parallel_for(sums.expose().size(), [&](std::size_t at) {
            const std::size_t p = first_pair() + at;
            sums.expose()[at] = sum(p, expose_row(2 * p), expose_row(2 * p + 1));
        });
        return sums;
    }
    // Binds the lowest row variable to r, as in the description of the file.
    void bind(const group::scalar& r) {
        const row_table& whole = *this;
        row_table half(first_pair(), end_pair(), stride_ * Arithmetic::width);
        parallel_for(half.end_ - half.first_, [&](std::size_t at) {
            const std::size_t i = half.first_ + at;
            Arithmetic::bind(whole.expose_row(2 * i), whole.expose_row(2 * i + 1), r, half.expose_row(i));
        });
        *this = std::move(half);
    }
    // Row 0 as scalars: what is left when all row variables are bound.
    secret<std::vector<group::scalar>> columns(std::size_t count) const {
        secret<std::vector<group::scalar>> out{std::vector<group::scalar>(count)};
        Arithmetic::store(expose_row(0), out.expose());
        return out;
    }

  private:
    std::size_t first_ = 0, end_ = 0, stride_ = 0;
    std::vector<element> zeros_;
    wiped_elements<element> elements_;
};

// The same for the column variables, where a single row of scalars is left.
class column_table {
  public:
    column_table() : entries_(std::vector<group::scalar>(1)) {}
    explicit column_table(std::span<const group::scalar> entries)
        : entries_(std::vector<group::scalar>(entries.begin(), entries.end())) {}

    // Neighbours in the lowest variable.
    std::size_t pairs() const { return (entries_.expose().size() + 1) / 2; }
    const group::scalar& lower(std::size_t p) const { return entries_.expose()[2 * p]; } // of a pair
    // Of a pair; zero beyond the end.
    group::scalar upper(std::size_t p) const {
        return 2 * p + 1 < entries_.expose().size() ? entries_.expose()[2 * p + 1] : group::scalar::zero();
    }
    // Binds the lowest variable to r.
    void bind(const group::scalar& r) {
        std::vector<group::scalar>& entries = entries_.expose();
        const std::size_t half = pairs();
        for (std::size_t p = 0; p < half; ++p) entries[p] = lower(p) + r * (upper(p) - lower(p));
        for (std::size_t c = half; c < entries.size(); ++c) entries[c].wipe();
        entries.resize(half);
    }
    // The value at the point that all variables are bound to.
    const group::scalar& value() const {
        expects(entries_.expose().size() == 1);
        return entries_.expose()[0];
    }

  private:
    secret<std::vector<group::scalar>> entries_;
};

// sum_u f~(X, u) h~(X, u); tables of the same length.
inline quadratic product_round(const column_table& f, const column_table& h) {
    quadratic sum;
    for (std::size_t p = 0; p < f.pairs(); ++p) {
        const group::scalar &f0 = f.lower(p), &h0 = h.lower(p);
        const group::scalar f1 = f.upper(p), h1 = h.upper(p);
        sum += quadratic::from_values(f0 * h0, f1 * h1, (f1 - f0) * (h1 - h0));
    }
    return sum;
}

} // namespace veilsum::zk
