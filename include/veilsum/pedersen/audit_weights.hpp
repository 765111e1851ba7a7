// The blindings of the rows: hashes of digits that are added up like values, or fresh scalars.
//
//     r_i = sum_t alpha*_t D_{i,t}  mod l
//     alpha*_t = SHA-512(0x11 | frame("veilsum.audit-weight/1") | u32(t)) mod l
//
// D_{i,t} is digit t of data row i, kept in an audit row (encoding/matrix_layout.hpp, digit_position).
// Because the map is linear and its weights are public, the *sums* of the digits give the blinding R_i of the
// summed commitment, and anybody who sees the decrypted sums can check them. md (b - 1 - log2 wmax) >= 435
// bits of entropy stay in a client's digits when their sum with another client's is known, and the map is a
// universal hash: r_i is then within 2^-92 of uniform, so the commitments stay hiding (validity proofs 11.5).
// Audit rows themselves have blinding 0; their group 0 blinds them.
//
// spec: validity proofs 4.3, 6.3, 10.2
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/encoding/row_matrix.hpp>
#include <veilsum/group/scalar.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/wire/writer.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace veilsum::pedersen {

// alpha*_t: what digit t of a blinding counts. From a public label, so nobody chose it.
inline group::scalar audit_weight(std::uint32_t t) {
    constexpr std::string_view label = "veilsum.audit-weight/1";
    wire::writer input;
    input.u8(0x11);
    input.u64(label.size());
    input.fixed(as_bytes(label));
    input.u32(t);
    return group::scalar::from_uniform(hash::sha512(input.view()));
}

namespace detail {

inline std::vector<group::scalar> audit_weights(std::size_t digits) {
    std::vector<group::scalar> weights(digits);
    for (std::size_t t = 0; t < digits; ++t) weights[t] = audit_weight(static_cast<std::uint32_t>(t));
    return weights;
}

// sum_t alpha*_t entry(digit t of data row i), for i < K
template <class Integer>
void hash_digits(const encoding::matrix_layout& layout, std::span<const Integer> entries,
                 std::span<group::scalar> out) {
    expects(layout.has_audit() && entries.size() == layout.rows() * layout.columns());
    const std::vector<group::scalar> weights = audit_weights(layout.digits());
    parallel_for(layout.data_rows(), [&](std::size_t i) {
        group::scalar hashed;
        for (std::size_t t = 0; t < weights.size(); ++t) {
            const encoding::matrix_position at = layout.digit_position(i, t);
            hashed += weights[t] * group::scalar::from_i64(entries[at.row * layout.columns() + at.column]);
        }
        out[i] = hashed;
        hashed.wipe();
    });
}

} // namespace detail

// With AUDIT: r_0 .. r_{Kt-1} of a client's rows, zero for the audit rows. Constant time in the digits.
// Cost: md scalar multiplications a row, about 0.2 us each.
inline secret<std::vector<group::scalar>> row_blindings(const encoding::matrix_layout& layout,
                                                        const encoding::row_matrix& rows) {
    secret<std::vector<group::scalar>> blindings{std::vector<group::scalar>(layout.rows())};
    detail::hash_digits(layout, rows.expose(), std::span(blindings.expose()));
    return blindings;
}

// Without AUDIT: uniform blindings of the Kt = K rows; they cannot be had from the decrypted sum.
template <random::random_source Source>
secret<std::vector<group::scalar>> draw_blindings(const encoding::matrix_layout& layout, Source& rng) {
    expects(!layout.has_audit());
    secret<std::vector<group::scalar>> blindings{std::vector<group::scalar>(layout.rows())};
    for (group::scalar& blinding : blindings.expose()) blinding = group::scalar::random(rng);
    return blindings;
}

// R_0 .. R_{K-1} from the opened sums of all Kt rows, row-major (with AUDIT). Public.
inline std::vector<group::scalar> summed_blindings(const encoding::matrix_layout& layout,
                                                   std::span<const std::int64_t> sums) {
    std::vector<group::scalar> blindings(layout.data_rows());
    detail::hash_digits(layout, sums, std::span(blindings));
    return blindings;
}

} // namespace veilsum::pedersen
