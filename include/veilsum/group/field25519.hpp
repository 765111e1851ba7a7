// The field of Curve25519: integers mod p = 2^255 - 19.
//
//     x = sum_{k<5} limb[k] 2^(51 k)
//
// Five limbs of 51 bits in words of 64, so that sums need no carry: 2^255 = 19 mod p folds the upper half of
// a product onto the lower (Bernstein et al., "High-speed high-security signatures", 2011, section 3).
//
// Bounds, which the formulas of this room keep and state where they are not obvious. A product, a square and
// whatever was parsed or `carried` is *tight*: limbs below 2^51 + 2^13. Sums and differences are not carried:
//
//     a + b   limbs add up;        a - b   is a + 4 p - b, for b below 2^53 - 76: adds up to 2^53 to a limb;
//     a * b   takes factors with limbs below 2^54 and is tight.
//
// So sums of two tight ones may be added to or subtracted from another tight one, and multiplied after that.
//
// Constant time: neither branches nor addresses depend on limbs. Comparisons are masks, all ones or zero.
//
// Cost, one core (AMD EPYC, family 25 model 17): a product 20 ns, a square 12 ns, the power of an inverse or
// a root 3 us.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/constant_time.hpp>
#include <veilsum/core/double_word.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace veilsum::group {

struct field25519 {
    static constexpr std::size_t limbs = 5;                                         // in one element
    static constexpr unsigned limb_bits = 51;                                       // bits of a limb
    static constexpr std::uint64_t limb_mask = (std::uint64_t{1} << limb_bits) - 1; // the low 51 bits

    std::array<std::uint64_t, limbs> limb{}; // least significant first

    static constexpr field25519 zero() { return {}; }               // 0
    static constexpr field25519 one() { return {{1, 0, 0, 0, 0}}; } // 1

    // 32 bytes, little-endian, the uppermost bit ignored, reduced mod p.
    static constexpr field25519 from_bytes(const byte_array<32>& data) {
        std::array<std::uint64_t, 4> word{};
        for (std::size_t at = 0; at < 32; ++at) word[at / 8] |= std::uint64_t{data[at]} << (8 * (at % 8));
        return {{word[0] & limb_mask, (word[0] >> 51 | word[1] << 13) & limb_mask,
                 (word[1] >> 38 | word[2] << 26) & limb_mask, (word[2] >> 25 | word[3] << 39) & limb_mask,
                 word[3] >> 12 & limb_mask}};
    }
    // The residue in [0, p).
    constexpr byte_array<32> bytes() const {
        std::array<std::uint64_t, limbs> r = carried().limb;
        std::uint64_t carry = (r[0] + 19) >> limb_bits; // becomes 1 if x >= p
        for (std::size_t k = 1; k < limbs; ++k) carry = (r[k] + carry) >> limb_bits;
        carry *= 19;
        for (std::size_t k = 0; k < limbs; ++k) {
            r[k] += carry;
            carry = r[k] >> limb_bits;
            r[k] &= limb_mask;
        }
        const std::array<std::uint64_t, 4> word{r[0] | r[1] << 51, r[1] >> 13 | r[2] << 38,
                                                r[2] >> 26 | r[3] << 25, r[3] >> 39 | r[4] << 12};
        byte_array<32> out{};
        for (std::size_t at = 0; at < 32; ++at)
            out[at] = static_cast<std::uint8_t>(word[at / 8] >> (8 * (at % 8)));
        return out;
    }
    // The same residue, tight, and below 2^255 + 2^13. Limbs below 2^63.
    constexpr field25519 carried() const {
        field25519 out = *this;
        std::uint64_t carry = 0;
        for (std::uint64_t& each : out.limb) {
            each += carry;
            carry = each >> limb_bits;
            each &= limb_mask;
        }
        out.limb[0] += 19 * carry;
        out.limb[1] += out.limb[0] >> limb_bits;
        out.limb[0] &= limb_mask;
        return out;
    }

    friend constexpr field25519 operator+(const field25519& a, const field25519& b) {
        return {{a.limb[0] + b.limb[0], a.limb[1] + b.limb[1], a.limb[2] + b.limb[2], a.limb[3] + b.limb[3],
                 a.limb[4] + b.limb[4]}};
    }
    friend constexpr field25519 operator-(const field25519& a, const field25519& b) {
        constexpr std::uint64_t lowest = (std::uint64_t{1} << 53) - 76, other = (std::uint64_t{1} << 53) - 4;
        return {{a.limb[0] + lowest - b.limb[0], a.limb[1] + other - b.limb[1], a.limb[2] + other - b.limb[2],
                 a.limb[3] + other - b.limb[3], a.limb[4] + other - b.limb[4]}};
    }
    friend constexpr field25519 operator-(const field25519& a) { return (zero() - a).carried(); }
    friend constexpr field25519 operator*(const field25519& x, const field25519& y) {
        const auto& a = x.limb;
        const auto& b = y.limb;
        const std::uint64_t b1 = 19 * b[1], b2 = 19 * b[2], b3 = 19 * b[3], b4 = 19 * b[4];
        return from_columns(
            wide(a[0], b[0]) + wide(a[4], b1) + wide(a[3], b2) + wide(a[2], b3) + wide(a[1], b4),
            wide(a[1], b[0]) + wide(a[0], b[1]) + wide(a[4], b2) + wide(a[3], b3) + wide(a[2], b4),
            wide(a[2], b[0]) + wide(a[1], b[1]) + wide(a[0], b[2]) + wide(a[4], b3) + wide(a[3], b4),
            wide(a[3], b[0]) + wide(a[2], b[1]) + wide(a[1], b[2]) + wide(a[0], b[3]) + wide(a[4], b4),
            wide(a[4], b[0]) + wide(a[3], b[1]) + wide(a[2], b[2]) + wide(a[1], b[3]) + wide(a[0], b[4]));
    }
    // Always part of the loops that call it: a call would pass limbs through memory.
    [[gnu::always_inline]] constexpr field25519 squared() const {
        const auto& a = limb;
        const std::uint64_t a3 = 19 * a[3], a4 = 19 * a[4], twice0 = 2 * a[0], twice1 = 2 * a[1],
                            twice2 = 2 * a[2];
        return from_columns(wide(a[0], a[0]) + wide(twice1, a4) + wide(twice2, a3),
                            wide(twice0, a[1]) + wide(twice2, a4) + wide(a[3], a3),
                            wide(twice0, a[2]) + wide(a[1], a[1]) + wide(2 * a[3], a4),
                            wide(twice0, a[3]) + wide(twice1, a[2]) + wide(a[4], a4),
                            wide(twice0, a[4]) + wide(twice1, a[3]) + wide(a[2], a[2]));
    }
    // x^(2^count), count >= 1.
    constexpr field25519 squared_times(int count) const { // count >= 1
        field25519 out = squared();
        for (int i = 1; i < count; ++i) out = out.squared();
        return out;
    }
    // 1/x, and 0 for 0: x^(p - 2), p - 2 = 2^255 - 21 = 32 (2^250 - 1) + 11.
    constexpr field25519 inverted() const {
        const field25519 x2 = squared(), x9 = x2.squared_times(2) * *this, x11 = x9 * x2;
        return power_of_ones(x9, x11).squared_times(5) * x11;
    }
    // x^((p - 5) / 8) = x^(2^252 - 3), the power in square roots.
    constexpr field25519 root_power() const {
        const field25519 x2 = squared(), x9 = x2.squared_times(2) * *this, x11 = x9 * x2;
        return power_of_ones(x9, x11).squared_times(2) * *this;
    }

    // Of the residues in [0, p): equal; zero; odd, which is what RFC 9496 calls negative.
    constexpr std::uint64_t mask_equal(const field25519& other) const { return (*this - other).mask_zero(); }
    // All ones if x = 0 mod p, else 0.
    constexpr std::uint64_t mask_zero() const {
        std::uint64_t bits = 0;
        for (const std::uint8_t byte : bytes()) bits |= byte;
        return mask_if_equal(bits, 0);
    }
    // All ones if the canonical residue is odd (RFC 9496: negative), else 0.
    constexpr std::uint64_t mask_negative() const { return 0 - (std::uint64_t{bytes()[0]} & 1); }
    // The one of x and -x that is not negative.
    constexpr field25519 absolute() const { return select(mask_negative(), -*this, *this); }

    friend constexpr field25519 select(std::uint64_t mask, const field25519& yes, const field25519& no) {
        field25519 out;
        for (std::size_t k = 0; k < limbs; ++k) out.limb[k] = veilsum::select(mask, yes.limb[k], no.limb[k]);
        return out;
    }

  private:
    static constexpr double_word wide(std::uint64_t a, std::uint64_t b) { return double_word{a} * b; }
    // sum_k c_k 2^(51 k), tight. With factors below 2^54 a column is below 77 2^108 < 2^115 and the last one,
    // in which nothing was folded, below 2^111: 19 times its carry still fits into a word.
    [[gnu::always_inline]] static constexpr field25519
    from_columns(double_word c0, double_word c1, double_word c2, double_word c3, double_word c4) {
        c1 += static_cast<std::uint64_t>(c0 >> limb_bits);
        c2 += static_cast<std::uint64_t>(c1 >> limb_bits);
        c3 += static_cast<std::uint64_t>(c2 >> limb_bits);
        c4 += static_cast<std::uint64_t>(c3 >> limb_bits);
        const std::uint64_t lowest =
            (static_cast<std::uint64_t>(c0) & limb_mask) + 19 * static_cast<std::uint64_t>(c4 >> limb_bits);
        return {{lowest & limb_mask, (static_cast<std::uint64_t>(c1) & limb_mask) + (lowest >> limb_bits),
                 static_cast<std::uint64_t>(c2) & limb_mask, static_cast<std::uint64_t>(c3) & limb_mask,
                 static_cast<std::uint64_t>(c4) & limb_mask}};
    }
    // x^(2^250 - 1) from x^9 and x^11: exponents of ones, doubled in length.
    static constexpr field25519 power_of_ones(const field25519& x9, const field25519& x11) {
        const field25519 e5 = x11.squared() * x9; // 2^5 - 1
        const field25519 e10 = e5.squared_times(5) * e5;
        const field25519 e20 = e10.squared_times(10) * e10;
        const field25519 e40 = e20.squared_times(20) * e20;
        const field25519 e50 = e40.squared_times(10) * e10;
        const field25519 e100 = e50.squared_times(50) * e50;
        const field25519 e200 = e100.squared_times(100) * e100;
        return e200.squared_times(50) * e50;
    }
};

// The constants of RFC 9496, 4.1; each is tested against its definition.
namespace curve25519 {

// -121665/121666.
inline constexpr field25519 d{
    {0x34dca135978a3, 0x1a8283b156ebd, 0x5e7a26001c029, 0x739c663a03cbb, 0x52036cee2b6ff}};
// 2 d.
inline constexpr field25519 twice_d{
    {0x69b9426b2f159, 0x35050762add7a, 0x3cf44c0038052, 0x6738cc7407977, 0x2406d9dc56dff}};
// A square root of -1.
inline constexpr field25519 sqrt_minus_one{
    {0x61b274a0ea0b0, 0xd5a5fc8f189d, 0x7ef5e9cbd0c60, 0x78595a6804c9e, 0x2b8324804fc1d}};
// A square root of a d - 1, a = -1.
inline constexpr field25519 sqrt_ad_minus_one{
    // a = -1
    {0x7f6a0497b2e1b, 0x1836f0a97afd2, 0x7d747f6be7638, 0x456079e7e6498, 0x376931bf2b834}};
// 1 / sqrt(a - d), a = -1.
inline constexpr field25519 inverse_sqrt_a_minus_d{
    {0xfdaa805d40ea, 0x2eb482e57d339, 0x7610274bc58, 0x6510b613dc8ff, 0x786c8905cfaff}};
// 1 - d^2.
inline constexpr field25519 one_minus_d_squared{
    // 1 - d^2
    {0x409c1945fc176, 0x719abc6a1fc4f, 0x1c37f90b20684, 0x6bccca55eedf, 0x29072a8b2b3e}};
// (d - 1)^2.
inline constexpr field25519 d_minus_one_squared{
    // (d - 1)^2
    {0x55aaa44ed4d20, 0x59603c3332635, 0x26d3baf4a7928, 0x120a66e6997a9, 0x5968b37af66c2}};

} // namespace curve25519

} // namespace veilsum::group
