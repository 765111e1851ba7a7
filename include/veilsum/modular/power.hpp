// One residue to one power: with a secret exponent in constant time, with a public one faster.
//
// Secret: fixed window. e = sum_j d_j 32^j; from the top digit down, five squarings and one multiplication by
// a power of the base, picked from a table of 32 that is read in full. Squarings, multiplications and
// addresses depend on the length of the exponent alone, which is public (Handbook of Applied
// Cryptography, 14.82). Cost: bits squarings, bits / 5 + 30 multiplications.
//
// Public: sliding window over odd powers (14.85): zeros between windows cost squarings only.
#pragma once

#include <veilsum/modular/montgomery.hpp>
#include <veilsum/modular/secret_exponent.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace veilsum::modular {

// out <- base^exponent; out may be base. Scratch: 32 residues on the heap, wiped.
template <std::size_t L>
void power_secret(limb* out, const montgomery<L>& field, const limb* base, const secret_exponent& exponent,
                  typename montgomery<L>::workspace& room) {
    constexpr std::size_t width = 5;
    constexpr std::size_t entries = std::size_t{1} << width;
    std::size_t windows = secret_exponent::digits(exponent.bits(), width);
    if (windows == 0) {
        std::copy_n(field.one(), L, out);
        return;
    }
    secret<limb_block> scratch{limb_block((entries + 1) * L)};
    limb* table = scratch.expose().data();
    limb* factor = table + entries * L;
    std::copy_n(field.one(), L, table);
    std::copy_n(base, L, table + L);
    for (std::size_t d = 2; d < entries; d += 2) {
        field.square(table + d * L, table + d / 2 * L, room);
        field.multiply(table + (d + 1) * L, table + d * L, table + L, room);
    }
    --windows;
    select_entry(out, table, L, entries, exponent.digit(windows * width, width));
    while (windows-- > 0) {
        for (std::size_t i = 0; i < width; ++i) field.square(out, out, room);
        select_entry(factor, table, L, entries, exponent.digit(windows * width, width));
        field.multiply(out, out, factor, room);
    }
}

// Window of a sliding-window power: the one with the fewest multiplications, 2^(w-1) + bits / (w + 1).
constexpr std::size_t sliding_width(std::size_t bits) {
    std::size_t width = 1;
    for (const std::size_t end : {7u, 25u, 81u, 241u, 673u, 1793u, 4609u}) width += bits >= end ? 1 : 0;
    return width;
}

// Of slide_windows_vartime: no multiplication.
inline constexpr std::size_t no_power = static_cast<std::size_t>(-1);
// The windows of a public exponent > 0 from the top: step(first, squarings, k) stands for so many squarings
// and then one multiplication by base^(2 k + 1), or none if k is `no_power`; the first step starts with that
// power.
template <class Step>
void slide_windows_vartime(const bigint& exponent, const Step& step) {
    const std::size_t width = sliding_width(exponent.bit_length());
    std::size_t zeros = 0;
    bool first = true;
    for (std::size_t top = exponent.bit_length(); top > 0;) { // bits [0, top) are left
        if (!exponent.bit(top - 1)) {
            ++zeros;
            --top;
            continue;
        }
        std::size_t low = top > width ? top - width : 0;
        while (!exponent.bit(low)) ++low; // the window [low, top) ends in a one
        std::size_t value = 0;
        for (std::size_t i = top; i-- > low;) value = 2 * value + (exponent.bit(i) ? 1 : 0);
        step(first, zeros + top - low, value / 2);
        first = false;
        zeros = 0;
        top = low;
    }
    if (zeros > 0) step(false, zeros, no_power);
}

// out <- base^exponent for public base and exponent >= 0; out may be base.
template <std::size_t L>
void power_public_vartime(limb* out, const montgomery<L>& field, const limb* base, const bigint& exponent,
                          typename montgomery<L>::workspace& room) {
    const std::size_t bits = exponent.bit_length();
    if (bits == 0) {
        std::copy_n(field.one(), L, out);
        return;
    }
    const std::size_t odd_powers = std::size_t{1} << (sliding_width(bits) - 1);
    limb_block scratch((odd_powers + 1) * L);
    limb* table = scratch.data(); // entry k is base^(2 k + 1)
    limb* square = table + odd_powers * L;
    std::copy_n(base, L, table);
    if (odd_powers > 1) field.square_vartime(square, base, room);
    for (std::size_t k = 1; k < odd_powers; ++k)
        field.multiply_vartime(table + k * L, table + (k - 1) * L, square, room);
    slide_windows_vartime(exponent, [&](bool first, std::size_t squarings, std::size_t odd_power) {
        if (first) {
            std::copy_n(table + odd_power * L, L, out);
            return;
        }
        for (std::size_t i = 0; i < squarings; ++i) field.square_vartime(out, out, room);
        if (odd_power != no_power) field.multiply_vartime(out, out, table + odd_power * L, room);
    });
}

} // namespace veilsum::modular
