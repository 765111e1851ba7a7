// Powers in eight lanes: with secret exponents in constant time, with a public one faster.
//
// Secret: fixed windows of five bits, as in power.hpp; each lane has an exponent of its own, or all have one.
// The table of 32 powers of eight bases is read in full for each window, and each lane takes its entry under
// a mask.  Cost: bits squarings, bits / 5 + 30 products, of eight numbers at once.
//
// Public: sliding windows over odd powers, one exponent for all lanes.
#pragma once

#include <veilsum/modular/lane_field.hpp>
#include <veilsum/modular/power.hpp>
#include <veilsum/modular/secret_exponent.hpp>

#if VEILSUM_IFMA_ENGINE

#include <algorithm>
#include <cstddef>
#include <span>

namespace veilsum::modular {

// In each lane: out <- entry digit[lane] of a table of `entries` numbers of eight lanes, all of which are
// read.
template <std::size_t L>
VEILSUM_IFMA void select_lanes(limb* out, const limb* table, std::size_t entries, const limb* digit) {
    constexpr std::size_t block = 8; // digits that wait in registers
    const lanes wanted = _mm512_loadu_si512(digit);
    for (std::size_t first = 0; first < L; first += block) {
        lanes found[block] = {};
        const std::size_t count = std::min(block, L - first);
        const limb* entry = table + first * lane_count;
        for (std::size_t d = 0; d < entries; ++d, entry += L * lane_count) {
            const __mmask8 here = _mm512_cmpeq_epi64_mask(wanted, all_lanes(d));
            if (count == block) {
#pragma GCC unroll 8
                for (std::size_t k = 0; k < block; ++k)
                    found[k] = _mm512_mask_loadu_epi64(found[k], here, entry + k * lane_count);
            } else {
                for (std::size_t k = 0; k < count; ++k)
                    found[k] = _mm512_mask_loadu_epi64(found[k], here, entry + k * lane_count);
            }
        }
        for (std::size_t k = 0; k < count; ++k) _mm512_storeu_si512(out + (first + k) * lane_count, found[k]);
    }
}

// out <- base^exponent in each lane; exponents: eight of one length, or one for all lanes. out may be base.
// Scratch: 33 numbers of eight lanes on the heap, wiped.
template <std::size_t L>
void power_secret(limb* out, const lane_field<L>& field, const limb* base,
                  std::span<const secret_exponent> exponents, typename lane_field<L>::workspace& room) {
    constexpr std::size_t width = 5;
    constexpr std::size_t entries = std::size_t{1} << width;
    constexpr std::size_t words = lane_field<L>::words;
    expects(exponents.size() == 1 || exponents.size() == lane_count);
    const std::size_t bits = exponents[0].bits();
    for (const secret_exponent& exponent : exponents) expects(exponent.bits() == bits);
    std::size_t windows = secret_exponent::digits(bits, width);
    if (windows == 0) {
        std::copy_n(field.one(), words, out);
        return;
    }
    secret<limb_block> scratch{limb_block((entries + 1) * words + lane_count)};
    limb* const table = scratch.expose().data();
    limb* const factor = table + entries * words;
    limb* const digit = factor + words;
    std::copy_n(field.one(), words, table);
    std::copy_n(base, words, table + words);
    for (std::size_t d = 2; d < entries; d += 2) {
        field.square(table + d * words, table + d / 2 * words, room);
        field.multiply(table + (d + 1) * words, table + d * words, table + words, room);
    }
    for (bool first = true; windows-- > 0; first = false) {
        for (std::size_t lane = 0; lane < lane_count; ++lane)
            digit[lane] = exponents[exponents.size() == 1 ? 0 : lane].digit(windows * width, width);
        if (first) {
            select_lanes<L>(out, table, entries, digit);
            continue;
        }
        for (std::size_t i = 0; i < width; ++i) field.square(out, out, room);
        select_lanes<L>(factor, table, entries, digit);
        field.multiply(out, out, factor, room);
    }
}

// out <- base^exponent in all lanes for a public exponent >= 0; out may be base.
template <std::size_t L>
void power_public_vartime(limb* out, const lane_field<L>& field, const limb* base, const bigint& exponent,
                          typename lane_field<L>::workspace& room) {
    constexpr std::size_t words = lane_field<L>::words;
    const std::size_t bits = exponent.bit_length();
    if (bits == 0) {
        std::copy_n(field.one(), words, out);
        return;
    }
    const std::size_t odd_powers = std::size_t{1} << (sliding_width(bits) - 1);
    limb_block table(odd_powers * words); // entry k is base^(2 k + 1)
    limb_block square(words);
    std::copy_n(base, words, table.data());
    if (odd_powers > 1) field.square(square.data(), base, room);
    for (std::size_t k = 1; k < odd_powers; ++k)
        field.multiply(table.data() + k * words, table.data() + (k - 1) * words, square.data(), room);
    slide_windows_vartime(exponent, [&](bool first, std::size_t squarings, std::size_t odd_power) {
        if (first) {
            std::copy_n(table.data() + odd_power * words, words, out);
            return;
        }
        for (std::size_t i = 0; i < squarings; ++i) field.square(out, out, room);
        if (odd_power != no_power) field.multiply(out, out, table.data() + odd_power * words, room);
    });
}

} // namespace veilsum::modular

#endif
