// The interval that an integer response must lie in, and the mask that goes with it.
//
// In a group of unknown order a prover answers a challenge with an integer that is not reduced:
//
//     response = mask + shift,    shift = sum_k e_k x_k,    0 <= e_k < 2^128,    0 <= x_k < 2^bound_bits
//
// The mask is uniform in [0, 2^mask_bits). The response is accepted in
//
//     [largest_shift, 2^mask_bits - 1],    largest_shift = terms (2^128 - 1) (2^bound_bits - 1)
//
// and the prover starts afresh with a new mask when it falls outside. Every number in the window is then
// reached from exactly one mask, whatever the shift is. Hence
//  - a response is *exactly* uniform in the window and says nothing about the witness;
//  - a restart has probability largest_shift / 2^mask_bits < 2^-128, the same for every witness.
//
//     mask_bits = bound_bits + 128 + 128                          one term
//     mask_bits = bound_bits + 128 + bitlen(terms) + 128          a sum of `terms`
//
// because one term has at most bound_bits + 128 bits, a sum of them bitlen(terms) more, and the mask is 128
// bits longer. A shorter mask leaks: the top of the response then shows the top of the shift.
//
// Both sides build the window from their own numbers; a proof carries the response only, in the fixed
// length size_bytes(). Both ends are checked: the upper one fixes the length, and a response below the lower
// one is a response that an honest prover never sends.   spec: plaintext-knowledge, window
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/sample.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/zk/challenge.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace veilsum::zk {

class response_window {
  public:
    // Lengths, known at compile time where the bound is.
    static constexpr std::size_t mask_bits_of_one(std::size_t bound_bits) {
        return bound_bits + challenge_bits + statistical_bits;
    }
    // For mask + sum e_i x_i of so many terms.
    static constexpr std::size_t mask_bits_of_sum(std::size_t bound_bits, std::size_t terms) {
        return mask_bits_of_one(bound_bits) + static_cast<std::size_t>(std::bit_width(terms));
    }
    // Of a response.
    static constexpr std::size_t bytes_of(std::size_t mask_bits) { return (mask_bits + 7) / 8; }

    // For mask + e x, with 0 <= x < 2^bound_bits, bound_bits >= 1.
    static response_window of_one(std::size_t bound_bits) {
        return {bound_bits, 1, mask_bits_of_one(bound_bits)};
    }
    // For mask + sum_{k < terms} e_k x_k, terms >= 1.
    static response_window of_sum(std::size_t bound_bits, std::size_t terms) {
        return {bound_bits, terms, mask_bits_of_sum(bound_bits, terms)};
    }

    std::size_t bound_bits() const { return bound_bits_; } // of x
    std::size_t mask_bits() const { return mask_bits_; }   // of the mask
    std::size_t size_bytes() const { return bytes_of(mask_bits_); }
    // The lower end of the window, which is the largest shift.
    const integer::bigint& minimum() const { return minimum_; }

    bool contains(const integer::bigint& response) const {
        return response >= minimum_ && response.bit_length() <= mask_bits_;
    }

    // A uniform mask of mask_bits() bits; for one announcement.
    template <random::random_source Source>
    secret<integer::bigint> draw_mask(Source& rng) const {
        return secret<integer::bigint>(integer::random_bits(mask_bits_, rng));
    }
    // mask + shift, or nothing if that is outside the window: then the prover starts afresh.
    // The shift must be in [0, minimum()].
    std::optional<integer::bigint> answer(secret<integer::bigint>&& mask,
                                          const secret<integer::bigint>& shift) const {
        const secret<integer::bigint> used(std::move(mask));
        integer::bigint response = used.expose() + shift.expose();
        if (!contains(response)) return std::nullopt;
        return response;
    }

  private:
    response_window(std::size_t bound_bits, std::size_t terms, std::size_t mask_bits)
        : bound_bits_(bound_bits), mask_bits_(mask_bits),
          minimum_(integer::bigint(static_cast<std::uint64_t>(terms)) * largest_challenge() *
                   ((integer::bigint(1) << bound_bits) - 1)) {
        expects(bound_bits >= 1 && terms >= 1 && minimum_.bit_length() + statistical_bits <= mask_bits);
    }

    std::size_t bound_bits_;
    std::size_t mask_bits_;
    integer::bigint minimum_;
};

} // namespace veilsum::zk
