// Arithmetic of the naive validity proofs: integers and scalars, multilinear tables, sums of points.
//
//     eqtab(v)[u] = prod_j (v_j if bit_j(u) else 1 - v_j),   f~(v) = sum_u f[u] eqtab(v)[u]
//
// Points are libsodium's and not this library's: other code, and not slowed by the sanitisers. Variable time:
// for tests only.  spec: validity proofs, sections 1 and 4.4
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/group/scalar.hpp>
#include <veilsum/integer/bigint.hpp>

#include <sodium/crypto_core_ristretto255.h>
#include <sodium/crypto_scalarmult_ristretto255.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace veilsum::test {

using group::scalar;
using integer::bigint;

// --- Integers and scalars ---

// l
inline const bigint& group_order() {
    static const bigint order =
        (bigint(1) << 252) + *bigint::from_decimal("27742317777372353535851937790883648493");
    return order;
}
inline bigint to_integer(const scalar& x) {
    byte_array<32> big_endian = x.bytes();
    std::reverse(big_endian.begin(), big_endian.end());
    return bigint::from_bytes(big_endian);
}
inline scalar to_scalar(const bigint& value) {
    bytes little_endian = (value % group_order()).to_bytes(32);
    std::reverse(little_endian.begin(), little_endian.end());
    return scalar::from_bytes(little_endian).value();
}
// The residue mod l in (-l/2, l/2).
inline bigint signed_residue(const bigint& value) {
    bigint out = value % group_order();
    return out + out > group_order() ? out - group_order() : out;
}
// 2^exponent, for the exponents of bits, slack and plane 0: below 252.
inline const scalar& power_of_two(std::size_t exponent) {
    static const std::vector<scalar> powers = [] {
        std::vector<scalar> list{scalar::one()};
        while (list.size() < 252) list.push_back(list.back() + list.back());
        return list;
    }();
    return powers.at(exponent);
}
inline scalar quotient(const scalar& a, const scalar& b) {
    return a * b.invert().value();
}
inline const scalar& half() {
    static const scalar value = scalar::from_u64(2).invert().value();
    return value;
}
// l = 5 mod 8: a^((l+3)/8) is a root of a or of -a; in the second case sqrt(-1) = 2^((l-1)/4) corrects it.
inline std::optional<scalar> square_root(const scalar& a) {
    const bigint& l = group_order();
    const scalar first = to_scalar(power_vartime(to_integer(a), (l + 3) >> 3, l));
    const scalar second = first * to_scalar(power_vartime(2, (l - 1) >> 2, l));
    if (first * first == a) return first;
    if (second * second == a) return second;
    return std::nullopt;
}

// --- Tables ---

using scalars = std::vector<scalar>;

inline scalars eq_table(const scalars& v) {
    scalars table(std::size_t{1} << v.size());
    for (std::size_t u = 0; u < table.size(); ++u) {
        table[u] = scalar::one();
        for (std::size_t j = 0; j < v.size(); ++j)
            table[u] *= (u >> j & 1) != 0 ? v[j] : scalar::one() - v[j];
    }
    return table;
}
inline scalar eq(const scalars& u, const scalars& v) {
    expects(u.size() == v.size());
    scalar product = scalar::one();
    for (std::size_t j = 0; j < u.size(); ++j)
        product *= u[j] * v[j] + (scalar::one() - u[j]) * (scalar::one() - v[j]);
    return product;
}
// Over the shorter of the two: what is not there counts as 0.
inline scalar inner_product(const scalars& a, const scalars& b) {
    scalar sum;
    for (std::size_t u = 0; u < std::min(a.size(), b.size()); ++u) sum += a[u] * b[u];
    return sum;
}
inline scalar evaluate(const scalars& table, const scalars& at) {
    expects(table.size() == std::size_t{1} << at.size());
    return inner_product(table, eq_table(at));
}

// --- Points ---

// A ristretto255 element by its encoding.
class naive_point {
  public:
    naive_point() = default; // the identity
    static std::optional<naive_point> parse(byte_view data) {
        naive_point out;
        if (data.size() != out.encoded_.size()) return std::nullopt;
        std::copy(data.begin(), data.end(), out.encoded_.begin());
        // An encoding is less than 2^255 - 19 (RFC 9496, 4.3.1); libsodium 1.0.18 overlooks the top bit.
        if ((out.encoded_.back() & 0x80) != 0) return std::nullopt;
        if (crypto_core_ristretto255_is_valid_point(out.encoded_.data()) != 1) return std::nullopt;
        return out;
    }
    static naive_point from_uniform(const byte_array<64>& data) {
        naive_point out;
        crypto_core_ristretto255_from_hash(out.encoded_.data(), data.data());
        return out;
    }
    friend naive_point operator+(const naive_point& a, const naive_point& b) {
        if (a.is_identity() || b.is_identity()) return a.is_identity() ? b : a;
        naive_point out;
        const int status =
            crypto_core_ristretto255_add(out.encoded_.data(), a.encoded_.data(), b.encoded_.data());
        expects(status == 0);
        return out;
    }
    friend naive_point operator*(const scalar& x, const naive_point& p) {
        if (x == scalar::one() || p.is_identity()) return p;
        if (x.is_zero()) return {};
        naive_point out;
        // Fails, and writes zeros, if the product is the identity.
        if (crypto_scalarmult_ristretto255(out.encoded_.data(), x.bytes().data(), p.encoded_.data()) != 0)
            return {};
        return out;
    }
    naive_point& operator+=(const naive_point& b) { return *this = *this + b; }

    bool is_identity() const { return *this == naive_point(); }
    const byte_array<32>& bytes() const { return encoded_; }
    bool operator==(const naive_point&) const = default;

  private:
    byte_array<32> encoded_{};
};
using points = std::vector<naive_point>;

} // namespace veilsum::test
