// What the sumcheck's prover does with whole rows of field elements, in portable code.
// lane_row_arithmetic.hpp has the same for the vector unit; the terms of the sumcheck are templates over
// either.
//
// With a, b two rows that differ in the lowest variable X only, so that the row at X is a + X (b - a), and
// p(X) the sum over columns of each round polynomial's part, sums are given as p(0) and the X^2 coefficient:
//
//     bit_sums(a, b, w)           p = sum_c w_c (f_c^2 - f_c)          f = a + X (b - a)
//     square_sums(a, b)           p = sum_c f_c^2
//     product_sums(a, b, u, v)    p = sum_c f_c h_c                    h = u + X (v - u)
//
// Constant time in the elements; factors and weights are public.
//
// spec: validity proofs 13.2 items 5 to 7, 13.4
#pragma once

#include <veilsum/group/scalar.hpp>
#include <veilsum/zk/digit_sum.hpp>
#include <veilsum/zk/plane_products.hpp>
#include <veilsum/zk/wiped_elements.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace veilsum::zk {

// A quadratic p by `at_zero` = p(0) and `leading`, the coefficient of X^2; p(1) is known from elsewhere.
struct pair_sums {
    group::scalar at_zero, leading;

    void wipe() noexcept {
        at_zero.wipe();
        leading.wipe();
    }
};

struct row_arithmetic {
    using element = group::scalar;          // one scalar
    static constexpr std::size_t width = 1; // scalars in an element
    using products = plane_products;        // of planes of bits

    // Scalars to elements, as many as `to` has room for.
    static void load(std::span<const group::scalar> from, std::span<element> to) {
        std::copy(from.begin(), from.end(), to.begin());
    }
    // Elements to scalars, as many as `to` has room for.
    static void store(std::span<const element> from, std::span<group::scalar> to) {
        std::copy_n(from.begin(), to.size(), to.begin());
    }

    // p = sum_c w_c (f_c^2 - f_c), f = a + X (b - a); w is public.
    static pair_sums bit_sums(std::span<const element> a, std::span<const element> b,
                              std::span<const element> w) {
        pair_sums out;
        for (std::size_t c = 0; c < a.size(); ++c) {
            const element slope = b[c] - a[c];
            out.at_zero += w[c] * (a[c] * a[c] - a[c]);
            out.leading += w[c] * (slope * slope);
        }
        return out;
    }
    // p = sum_c f_c^2.
    static pair_sums square_sums(std::span<const element> a, std::span<const element> b) {
        return product_sums(a, b, a, b);
    }
    // p = sum_c f_c h_c, h = u + X (v - u).
    static pair_sums product_sums(std::span<const element> a, std::span<const element> b,
                                  std::span<const element> u, std::span<const element> v) {
        pair_sums out;
        for (std::size_t c = 0; c < a.size(); ++c) {
            out.at_zero += a[c] * u[c];
            out.leading += (b[c] - a[c]) * (v[c] - u[c]);
        }
        return out;
    }

    // to = a + r (b - a)
    static void bind(std::span<const element> a, std::span<const element> b, const group::scalar& r,
                     std::span<element> to) {
        for (std::size_t c = 0; c < a.size(); ++c) to[c] = a[c] + r * (b[c] - a[c]);
    }
    // products[u, v] = sum_c row_u[c] row_v[c] for u <= v, in the order (0,0) (0,1) .. (1,1) ..; an empty row
    // is zero. At most 4096 values of 24 bits in a row.
    static void inner_products(std::span<const std::span<const std::int32_t>> rows,
                               std::span<std::int64_t> products) {
        std::size_t at = 0;
        for (std::size_t u = 0; u < rows.size(); ++u)
            for (std::size_t v = u; v < rows.size(); ++v, ++at) {
                std::int64_t sum = 0;
                for (std::size_t c = 0; c < std::min(rows[u].size(), rows[v].size()); ++c)
                    sum += std::int64_t{rows[u][c]} * rows[v][c];
                products[at] = sum;
            }
    }
    // to = sum_u factor_u row_u; an empty row is zero.
    static void combine_integers(std::span<const std::span<const std::int32_t>> rows,
                                 std::span<const group::scalar> factors, std::span<element> to) {
        std::vector<digit_columns> digits(factors.size());
        std::transform(factors.begin(), factors.end(), digits.begin(), digits_of);
        for (std::size_t c = 0; c < to.size(); ++c) {
            wide_columns sums{};
            for (std::size_t u = 0; u < rows.size(); ++u) {
                if (rows[u].empty()) continue;
                for (std::size_t k = 0; k < scalar_digits; ++k)
                    sums[k] += wide_column{static_cast<std::int64_t>(digits[u][k])} * rows[u][c];
            }
            to[c] = reduced(sums);
        }
    }

    // Rows of bits to rows of elements: sum_k factor_k bit_k(x + offset).
    class plane_values {
      public:
        explicit plane_values(std::span<const group::scalar> factors) : digits_(factors.size()) {
            std::transform(factors.begin(), factors.end(), digits_.begin(), paired_digits_of);
        }

        // The sum of two rows, each with values of its own; the second may be empty.
        static void fill_row(const plane_values& first, std::span<const std::int32_t> x,
                             const plane_values& second, std::span<const std::int32_t> z, std::int32_t offset,
                             std::span<element> to) {
            for (std::size_t c = 0; c < to.size(); ++c) {
                paired_digits sums;
                first.add(static_cast<std::uint32_t>(x[c] + offset), sums);
                if (!z.empty()) second.add(static_cast<std::uint32_t>(z[c] + offset), sums);
                to[c] = reduced(sums);
            }
        }
        void fill_row(std::span<const std::int32_t> x, std::int32_t offset, std::span<element> to) const {
            fill_row(*this, x, *this, {}, offset, to);
        }

      private:
        void add(std::uint32_t y, paired_digits& sums) const {
            for (std::size_t k = 0; k < digits_.size(); ++k)
                sums.add(digits_[k], 0 - static_cast<std::uint64_t>(y >> k & 1));
        }

        std::vector<paired_digits> digits_;
    };
};

} // namespace veilsum::zk
