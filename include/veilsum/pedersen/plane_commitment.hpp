// Commitments to rows and to their bit planes, as validity proofs need them.
//
//     C_i     = sum_c x_{i,c} G_c + r_i H
//     B_{i,k} = sum_c bit_k(y_{i,c}) G_c + rho_{i,k} H,       y = x + 2^(b-1),   k = 1 .. b-1
//     B_s     = sum_c s_c G_c + rho_s H
//
// One set of sums serves both: bit k < b - 1 of y is that of x in two's complement, and the last one is its
// complement, D_{i,b-1}(y) = Gsum - D_{i,b-1}(x). Plane 0 is not sent; everybody has
//
//     B_{i,0} = C_i + 2^(b-1) Gsum - sum_{k>=1} 2^k B_{i,k},
//
// whose blinding is r_i - sum_{k>=1} 2^k rho_{i,k}.
//
//     const plane_committer committer(layout.columns());      // tables: once for many rounds
//     auto made = committer.commit_planes(rows, r, rho, b);   // encodings known
//
// Hiding for uniform blindings that are used once, one for each commitment; an audit row, whose r_i is zero,
// is hidden by its digits (audit_weights.hpp). Binding as row_commitment.hpp says.
//
// spec: validity proofs 8.2, 13.2 (items 1, 2, 9), 13.4. deviation: five columns a table instead of four, and
// bit planes of two's complement; encodings take a square root each, because sharing inversions among doubled
// points (13.2, item 3) could save no more than a tenth of the whole.
//
// Constant time in values, blindings and masks. Cost, one core of an AMD EPYC, family 26, b = 16, 1417
// columns and 183 rows: 0.053 us a value in lanes and 0.51 else, of which encodings are 0.005 and 0.03;
// `commit` 0.65 us and 6.5 us a column. Memory: 768 bytes a column for the tables, 600 bytes a commitment
// while they are made.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/core/wiped_stack.hpp>
#include <veilsum/encoding/fixed_point.hpp>
#include <veilsum/encoding/row_matrix.hpp>
#include <veilsum/group/batch.hpp>
#include <veilsum/group/bit_planes.hpp>
#include <veilsum/group/multi_scalar.hpp>
#include <veilsum/group/ristretto255.hpp>
#include <veilsum/group/small_multiples.hpp>
#include <veilsum/group/subset_tables.hpp>
#include <veilsum/pedersen/generators.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace veilsum::pedersen {

// What `commit_planes` makes of Kt rows of b-bit values.
struct committed_planes {
    std::vector<group::point> rows;   // C_0 .. C_{Kt-1}
    std::vector<group::point> planes; // B_{i,k}, i outer, k = 1 .. b-1 inner
};

// Copies share the tables and can be used from any thread.
class plane_committer {
  public:
    // Blindings and masks.
    using scalars = secret<std::vector<group::scalar>>;

    explicit plane_committer(std::size_t columns) : plane_committer(generators(columns)) {}
    explicit plane_committer(const generators& generators)
        : generators_(generators), sum_(group::sum(generators.all_G())),
          tables_(std::make_shared<const group::subset_tables>(generators.tables())) {}

    // As many columns as generators, values of b bits, 2 <= b <= 24, and blindings: one for each row, and b -
    // 1 a row for the planes (contract).
    committed_planes commit_planes(const encoding::row_matrix& rows, const scalars& blindings,
                                   const scalars& plane_blindings, unsigned b) const {
        const wiped_stack afterwards;
        const std::size_t count = rows.rows();
        expects(b >= encoding::smallest_value_bits && b <= encoding::largest_value_bits);
        expects(rows.columns() == generators_.columns() && blindings.expose().size() == count &&
                plane_blindings.expose().size() == count * (b - 1));
        group::expect_signed_bits(rows.expose(), b);
        const auto planes = group::bit_planes(*tables_, rows.expose(), rows.columns(), b);
        // Secret until they are blinded.
        auto sums = group::signed_sums(planes.expose(), b);
        secret<std::vector<group::point>> sent{std::vector<group::point>(count * (b - 1))};
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t k = 1; k < b; ++k) {
                const group::point& of_x = planes.expose()[i * b + k];
                sent.expose()[i * (b - 1) + k - 1] = k + 1 < b ? of_x : sum_ - of_x;
            }
        return {blinded(sums.expose(), blindings.expose()), blinded(sent.expose(), plane_blindings.expose())};
    }

    // sum_c s_c G_c + r H for bits s, a byte each, as many as generators (contract).
    group::point commit_bits(const secret<bytes>& bits, const secret<group::scalar>& r) const {
        const wiped_stack afterwards;
        expects(bits.expose().size() == generators_.columns());
        std::uint8_t excess = 0;
        for (const std::uint8_t bit : bits.expose()) excess = static_cast<std::uint8_t>(excess | bit >> 1);
        expects(excess == 0);
        const secret<std::vector<std::int32_t>> values{
            std::vector<std::int32_t>(bits.expose().begin(), bits.expose().end())};
        auto plane = group::bit_planes(*tables_, values.expose(), generators_.columns(), 1);
        return blinded(plane.expose(), {&r.expose(), 1})[0];
    }
    // sum_c x_c G_c + r H for full scalars, as many as generators (contract): masks.
    group::point commit(const scalars& x, const secret<group::scalar>& r) const {
        const wiped_stack afterwards;
        expects(x.expose().size() == generators_.columns());
        secret<std::vector<group::point>> sum{{group::sum_of_products(*tables_, x.expose())}};
        return blinded(sum.expose(), {&r.expose(), 1})[0];
    }
    // x H, constant time in x.
    group::point times_H(const group::scalar& x) const { return blinding_multiples().times(x); }

    // G_0 .. G_{C-1} and H.
    const generators& bases() const { return generators_; }
    const group::point& sum_of_generators() const { return sum_; } // Gsum

  private:
    static std::vector<group::point> blinded(std::span<group::point> sums,
                                             std::span<const group::scalar> blindings) {
        blinding_multiples().add_to(sums, blindings);
        group::encode_all(sums);
        return {sums.begin(), sums.end()};
    }

    generators generators_;
    group::point sum_;
    std::shared_ptr<const group::subset_tables> tables_;
};

} // namespace veilsum::pedersen
