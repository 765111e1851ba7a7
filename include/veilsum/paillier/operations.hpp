// What everybody can do with ciphertexts: sums, differences, public multiples.
//
//     add              c_k d_k                  opens to  M_k + N_k
//     subtract         c_k d_k^(-1)             opens to  M_k - N_k
//     scale_vartime    c_k^g                    opens to  g M_k,   any public integer g
//     add_constant     c_k (1+n)^(m_k)          opens to  M_k + m_k
//     aggregate        prod_u c_{u,k}^(g_u)     opens to  sum_u g_u M_{u,k},   g_u >= 1
//
// modulo n^s: a result outside |M| < n^s / 2 opens to a wrong number that nobody can tell from a right one.
// The bound on results follows from the bounds on what goes in, and is the caller's to keep
// (encoding/slots.hpp does).
//
// None of these hides anything: whoever knows the inputs knows how the output was made, and a sum with a
// multiple of zero is the trivial 1. `encryptor::rerandomise` makes a result look fresh.
//
// Errors: wrong_key for ciphertexts of another key (place "vector 3" in aggregate), mismatch for different
// sizes. Key and sizes are checked before anything is computed. Cost: one multiplication a ciphertext and
// input; an inverse costs about thirty; aggregate squares once for each bit of the largest weight.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/paillier/ciphertext_vector.hpp>
#include <veilsum/paillier/plaintext_vector.hpp>
#include <veilsum/paillier/public_key.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace veilsum::paillier {

// Whether a belongs to the key; b too, with the same size.
template <class Scheme>
result<void> check_operands(const public_key<Scheme>& key, const ciphertext_vector<Scheme>& a) {
    if (!(a.key() == key)) return error{errc::wrong_key, "ciphertexts"};
    return {};
}
template <class Scheme>
result<void> check_operands(const public_key<Scheme>& key, const ciphertext_vector<Scheme>& a,
                            const ciphertext_vector<Scheme>& b) {
    if (!(a.key() == key) || !(b.key() == key)) return error{errc::wrong_key, "ciphertexts"};
    if (a.size() != b.size()) return error{errc::mismatch, "number of ciphertexts"};
    return {};
}

// c_k^(-1). Variable time, as ciphertexts are public.
template <class Scheme>
typename Scheme::engine::vector inverses(const ciphertext_vector<Scheme>& a) {
    auto out = modular::invert_vartime(a.key().arithmetic(), a.residues());
    expects(out.has_value()); // a ciphertext is a unit
    return *std::move(out);
}

// (1+n)^(M_k) for plaintexts in range; overflow with place "plaintext 3" else. The terms are as secret as the
// plaintexts: the caller wipes them, or multiplies them by something that hides them.
template <class Scheme>
result<typename Scheme::engine::vector> message_terms(const public_key<Scheme>& key,
                                                      const plaintext_vector& plaintexts) {
    const std::vector<bigint>& values = plaintexts.expose();
    secret<std::vector<bigint>> terms{std::vector<bigint>(values.size())};
    std::vector<std::uint8_t> fits(values.size());
    parallel_for(values.size(), [&](std::size_t i) {
        const std::optional<padded_integer> residue = key.plaintexts().encode(values[i]);
        fits[i] = residue.has_value();
        if (residue) terms.expose()[i] = key.units().power(*residue).to_integer();
    });
    const auto outside = std::find(fits.begin(), fits.end(), std::uint8_t{0});
    if (outside != fits.end())
        return error{errc::overflow, "plaintext", 0,
                     position_of("plaintext", static_cast<std::size_t>(outside - fits.begin()))};
    return key.arithmetic().enter(terms.expose());
}

// Ciphertexts of the sums of plaintexts modulo n^s, place by place. Errors: wrong_key, mismatch of lengths.
// Cost: one multiplication each.
template <class Scheme>
result<ciphertext_vector<Scheme>> add(const public_key<Scheme>& key, const ciphertext_vector<Scheme>& a,
                                      const ciphertext_vector<Scheme>& b) {
    if (auto fit = check_operands(key, a, b); !fit) return fit.error();
    auto out = key.arithmetic().make(a.size());
    key.arithmetic().multiply(out, a.residues(), b.residues());
    return ciphertext_vector<Scheme>::from_residues(key, std::move(out));
}

// Ciphertexts of the differences. Errors as for `add`. Cost: one inversion for all, three multiplications
// each.
template <class Scheme>
result<ciphertext_vector<Scheme>> subtract(const public_key<Scheme>& key, const ciphertext_vector<Scheme>& a,
                                           const ciphertext_vector<Scheme>& b) {
    if (auto fit = check_operands(key, a, b); !fit) return fit.error();
    auto out = inverses(b);
    key.arithmetic().multiply(out, a.residues(), out);
    return ciphertext_vector<Scheme>::from_residues(key, std::move(out));
}

// `factor` is public: its bits show in the time.
template <class Scheme>
result<ciphertext_vector<Scheme>> scale_vartime(const public_key<Scheme>& key,
                                                const ciphertext_vector<Scheme>& a, const bigint& factor) {
    if (auto fit = check_operands(key, a); !fit) return fit.error();
    auto out = factor.is_negative() ? inverses(a) : a.residues();
    key.arithmetic().power_public_vartime(out, out, abs(factor));
    return ciphertext_vector<Scheme>::from_residues(key, std::move(out));
}

// Constants may be secret: constant time. overflow with place "plaintext 3" if one is outside |m| < n^s / 2.
template <class Scheme>
result<ciphertext_vector<Scheme>> add_constant(const public_key<Scheme>& key,
                                               const ciphertext_vector<Scheme>& a,
                                               const plaintext_vector& constants) {
    if (auto fit = check_operands(key, a); !fit) return fit.error();
    if (constants.size() != a.size()) return error{errc::mismatch, "number of plaintexts"};
    auto out = message_terms(key, constants);
    if (!out) return out.error();
    key.arithmetic().multiply(*out, *out, a.residues());
    return ciphertext_vector<Scheme>::from_residues(key, *std::move(out));
}

// The weighted sum over inputs: one weight for each, all >= 1 (leave out what does not count). At least one
// input; all of one size. Errors besides those above: missing without inputs; mismatch "number of weights";
// out_of_range "weight".
template <class Scheme>
result<ciphertext_vector<Scheme>>
aggregate(const public_key<Scheme>& key,
          std::span<const std::reference_wrapper<const ciphertext_vector<Scheme>>> inputs,
          std::span<const std::uint64_t> weights) {
    if (inputs.empty()) return error{errc::missing, "ciphertexts"};
    if (weights.size() != inputs.size()) return error{errc::mismatch, "number of weights"};
    std::uint64_t all_bits = 0;
    for (std::size_t u = 0; u < inputs.size(); ++u) {
        if (auto fit = check_operands(key, inputs[0].get(), inputs[u].get()); !fit)
            return std::move(fit).error().at(position_of("vector", u));
        if (weights[u] == 0) return error{errc::out_of_range, "weight", 0, position_of("vector", u)};
        all_bits |= weights[u];
    }
    const auto& ring = key.arithmetic();
    auto sum = ring.make(inputs[0].get().size());
    bool empty = true;
    for (std::size_t bit = std::bit_width(all_bits); bit-- > 0;) {
        if (!empty) ring.square(sum, sum);
        for (std::size_t u = 0; u < inputs.size(); ++u) {
            if ((weights[u] >> bit & 1) == 0) continue;
            if (empty)
                sum = inputs[u].get().residues();
            else
                ring.multiply(sum, sum, inputs[u].get().residues());
            empty = false;
        }
    }
    return ciphertext_vector<Scheme>::from_residues(key, std::move(sum));
}

// The same over a contiguous list.
template <class Scheme>
result<ciphertext_vector<Scheme>> aggregate(const public_key<Scheme>& key,
                                            const std::vector<ciphertext_vector<Scheme>>& inputs,
                                            std::span<const std::uint64_t> weights) {
    const std::vector<std::reference_wrapper<const ciphertext_vector<Scheme>>> views(inputs.begin(),
                                                                                     inputs.end());
    return aggregate(key, std::span(views), weights);
}

} // namespace veilsum::paillier
