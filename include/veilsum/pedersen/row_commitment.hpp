// Pedersen commitments to rows of small integers, their sums, and the check of an opened sum.
//
//     C = sum_c x_c G_c + r H
//
// Perfectly hiding for uniform r, binding under the discrete-logarithm assumption, and additive: the
// commitments of all clients to row i, times their public weights, add up to a commitment to the summed row
// with the summed blinding. So whoever has the row commitments and an opened sum (X, R) checks
//
//     sum_u g_u C_{u,i} = sum_c X_{i,c} G_c + R_i H          for every row i
//
// and has the right sum of exactly those clients' rows, whoever decrypted it and however (validity
// proofs 10.3). A bare hash of a row would be no substitute: updates can be guessed.
//
//     auto mine = commit_rows(generators, rows, blindings, layout.value_bits());
//     total = add(total, scale(theirs, weight));
//     if (auto opened = check_openings(generators, totals, X, R, rng); !opened) ...       // place "row 3"
//
// spec: validity proofs 5 (kind P), 8.2, 10.3
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/encoding/row_matrix.hpp>
#include <veilsum/group/batch.hpp>
#include <veilsum/group/multi_scalar.hpp>
#include <veilsum/group/ristretto255.hpp>
#include <veilsum/group/small_multiples.hpp>
#include <veilsum/pedersen/generators.hpp>
#include <veilsum/random/random_source.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::pedersen {

class row_commitment {
  public:
    static constexpr std::size_t encoded_size = group::point::encoded_size;

    explicit row_commitment(const group::point& value) : value_(value) {}
    // The commitment to zeros with blinding zero: where a sum starts.
    static row_commitment zero() { return row_commitment(group::point::identity()); }
    // A received commitment: canonical, on the group, not the identity, which an honest client meets with
    // probability 2^-252 and a dishonest one would send to commit to nothing (errc::malformed).
    static result<row_commitment> parse(byte_view data) {
        auto value = group::point::parse(data);
        if (!value) return value.error();
        if (value->is_identity()) return error{errc::malformed, "row commitment is the identity"};
        return row_commitment(*value);
    }

    // The point.
    const group::point& value() const { return value_; }
    // The canonical encoding of ristretto255.
    byte_array<32> bytes() const { return value_.bytes(); }
    bool operator==(const row_commitment&) const = default;

  private:
    group::point value_;
};

// `count` commitments one after the other; the number is the receiver's, never the sender's. Fails with
// errc::malformed: wrong length, or the first bad element, place "row 3". Cost: batch.hpp.
inline result<std::vector<row_commitment>> parse_rows(byte_view data, std::size_t count) {
    constexpr std::size_t size = row_commitment::encoded_size;
    if (data.size() % size != 0 || data.size() / size != count)
        return error{errc::malformed, "length of the row commitments"};
    std::vector<group::point> points(count);
    std::size_t good = group::parse_all(data, points);
    for (std::size_t i = 0; i < good; ++i)
        if (points[i].is_identity()) good = i;
    if (good < count)
        return row_commitment::parse(data.subspan(good * size, size))
            .error()
            .at("row " + std::to_string(good));
    return std::vector<row_commitment>(points.begin(), points.end());
}

namespace detail {

// sum_c x_{i,c} G_c + r_i H; as many rows as blindings (contract).
inline secret<std::vector<group::point>> blinded_sums(const generators& generators,
                                                      std::span<const std::int32_t> values,
                                                      std::span<const group::scalar> blindings,
                                                      unsigned value_bits) {
    auto sums = group::small_multiples(generators.tables(), values, generators.columns(), value_bits);
    blinding_multiples().add_to(sums.expose(), blindings);
    return sums;
}

} // namespace detail

// Several rows: `values` row-major with `columns` a row, one blinding a row. Constant time in values and
// blindings. The values have value_bits <= 24 bits, signed (contract); a tight value_bits is faster. Cost:
// small_multiples.hpp, base_multiples.hpp and an encoding a row.
inline std::vector<row_commitment> commit_rows(const generators& generators,
                                               std::span<const std::int32_t> values, std::size_t columns,
                                               const secret<std::vector<group::scalar>>& blindings,
                                               unsigned value_bits = encoding::largest_value_bits) {
    expects(columns == generators.columns());
    secret<std::vector<group::point>> sums =
        detail::blinded_sums(generators, values, blindings.expose(), value_bits);
    group::encode_all(sums.expose());
    return std::vector<row_commitment>(sums.expose().begin(), sums.expose().end());
}
inline std::vector<row_commitment> commit_rows(const generators& generators, const encoding::row_matrix& rows,
                                               const secret<std::vector<group::scalar>>& blindings,
                                               unsigned value_bits = encoding::largest_value_bits) {
    return commit_rows(generators, rows.expose(), rows.columns(), blindings, value_bits);
}

// One row of as many values as there are generators.
inline row_commitment commit(const generators& generators, std::span<const std::int32_t> values,
                             const secret<group::scalar>& blinding) {
    expects(values.size() == generators.columns());
    const secret<std::vector<group::point>> sum =
        detail::blinded_sums(generators, values, {&blinding.expose(), 1}, encoding::largest_value_bits);
    return row_commitment(sum.expose()[0]);
}

// Commitment to the sum of the rows, under the sum of the blindings.
inline row_commitment add(const row_commitment& a, const row_commitment& b) {
    return row_commitment(a.value() + b.value());
}

// Public weights. Weight 1 costs nothing.
inline row_commitment scale(const row_commitment& row, std::uint64_t weight) {
    return weight == 1 ? row : row_commitment(group::scalar::from_u64(weight) * row.value());
}

namespace detail {

__extension__ typedef __int128 wide_integer;

// Largest |X| that a sum can have: 2^24 clients' weights, values of 24 bits.
inline constexpr std::int64_t largest_sum = std::int64_t{1} << 47;

inline group::scalar scalar_of(wide_integer value) {
    const bool negative = value < 0;
    if (negative) value = -value;
    byte_array<16> magnitude{};
    for (std::size_t at = 0; at < 16; ++at)
        magnitude[at] = static_cast<std::uint8_t>((value >> (8 * at)) & 255);
    const group::scalar absolute = group::scalar::from_little_endian(magnitude);
    return negative ? -absolute : absolute;
}

struct opened_rows {
    const generators& bases;
    std::span<const row_commitment> rows;
    std::span<const std::int64_t> sums;
    std::span<const group::scalar> blindings;

    // sum_i f_i C_i = sum_c (sum_i f_i X_{i,c}) G_c + (sum_i f_i R_i) H over rows [first, last), for fresh
    // uniform 128-bit f_i: false for a wrong opening but with probability 2^-128.
    template <random::random_source Source>
    bool hold(std::size_t first, std::size_t last, Source& rng) const {
        const std::size_t columns = bases.columns();
        const std::size_t count = last - first;
        std::vector<std::array<std::uint64_t, 2>> weights(count);
        std::vector<group::scalar> scalars(count + columns + 1);
        std::vector<group::point> points(count + columns + 1);
        group::scalar blinding;
        for (std::size_t i = 0; i < count; ++i) {
            const byte_array<16> f = random::random_bytes<16>(rng);
            for (std::size_t at = 0; at < 16; ++at)
                weights[i][at / 8] |= std::uint64_t{f[at]} << (8 * (at % 8));
            scalars[i] = group::scalar::from_little_endian(f);
            points[i] = rows[first + i].value();
            blinding += scalars[i] * blindings[first + i];
        }
        constexpr std::size_t block = 64;
        parallel_for((columns + block - 1) / block, [&](std::size_t k) {
            const std::size_t begin = k * block;
            const std::size_t end = std::min(columns, begin + block);
            // f is taken in halves: 4096 products of 2^64 and 2^47 stay below 2^123.
            std::array<wide_integer, block> low{};
            std::array<wide_integer, block> high{};
            for (std::size_t i = 0; i < count; ++i)
                for (std::size_t c = begin; c < end; ++c) {
                    const wide_integer x = sums[(first + i) * columns + c];
                    low[c - begin] += x * weights[i][0];
                    high[c - begin] += x * weights[i][1];
                }
            byte_array<9> two_to_64{};
            two_to_64[8] = 1;
            const group::scalar shift = group::scalar::from_little_endian(two_to_64);
            for (std::size_t c = begin; c < end; ++c) {
                scalars[count + c] = -(scalar_of(low[c - begin]) + shift * scalar_of(high[c - begin]));
                points[count + c] = bases.G(c);
            }
        });
        scalars[count + columns] = -blinding;
        points[count + columns] = bases.H();
        return group::sum_of_products_vartime(scalars, points).is_identity();
    }

    // The first row that is wrong, given that one of [0, rows) is: halves the range with folded checks.
    template <random::random_source Source>
    std::size_t first_wrong(Source& rng) const {
        std::size_t first = 0;
        for (std::size_t last = rows.size(); last - first > 1;) {
            const std::size_t middle = first + (last - first) / 2;
            if (hold(first, middle, rng))
                first = middle;
            else
                last = middle;
        }
        return first;
    }
};

} // namespace detail

// Light audit, step 4: does (sums, blindings) open the summed row commitments? Checks, by number:
//   1  at least one row (errc::missing: an empty sum is no success);   2  rows x columns sums and one
//   blinding a row (errc::mismatch);   3  |X| <= 2^47 (errc::out_of_range, place "row 3");   4  the equation
//   (errc::mismatch, place: the first row that does not open).
// `rows` are the *weighted sums* over clients, at most 4096 (contract). `rng` gives the secret folding
// weights, so its output must not be known to whoever made the opening. All inputs are public. Cost: a
// sum of rows + C + 1 products (group/multi_scalar.hpp); a wrong opening costs log2(rows) times that again.
template <random::random_source Source>
result<void> check_openings(const generators& generators, std::span<const row_commitment> rows,
                            std::span<const std::int64_t> sums, std::span<const group::scalar> blindings,
                            Source& rng) {
    expects(rows.size() <= encoding::largest_rows);
    const std::size_t columns = generators.columns();
    if (rows.empty()) return error{errc::missing, "no row to open", 1};
    if (sums.size() != rows.size() * columns) return error{errc::mismatch, "number of opened sums", 2};
    if (blindings.size() != rows.size()) return error{errc::mismatch, "number of opened blindings", 2};
    const auto place = [](std::size_t row) { return "row " + std::to_string(row); };
    for (std::size_t j = 0; j < sums.size(); ++j)
        if (sums[j] < -detail::largest_sum || sums[j] > detail::largest_sum)
            return error{errc::out_of_range, "opened sum", 3}.at(place(j / columns));
    const detail::opened_rows opening{generators, rows, sums, blindings};
    if (!opening.hold(0, rows.size(), rng))
        return error{errc::mismatch, "opening of the row commitments", 4}.at(place(opening.first_wrong(rng)));
    return {};
}

} // namespace veilsum::pedersen
