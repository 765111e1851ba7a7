// Integers mod l = 2^252 + c, c = 27742317777372353535851937790883648493, the order of ristretto255.
//
//     scalar r = scalar::random(rng);
//     scalar s = r * scalar::from_i64(-5) + scalar::one();
//     auto sent = scalar::from_bytes(data);      // refused unless 32 bytes, little-endian, below l
//
// x is kept as x R mod l with R = 2^256, in four words: Montgomery's form, in which a product is
//
//     (x R) (y R) / R = (x y) R,
//     t / R = (t + m l) / R      for the m < R that makes t + m l a multiple of R
//
// It is found word by word from below. Of the words of l one is 0 and one is a power of 2, so that a step is
// three multiplications: by -1/l mod 2^64 and by the two words of c. For t < l R the quotient is below 2 l.
//
// Every object holds a value in [0, l). Constant time in the values: neither branches nor addresses depend on
// them. A scalar is a plain value that can be copied; one that must stay secret lives in secret<scalar>, and
// `wipe` makes it zero. Comparison is for public scalars.
//
// Source: RFC 9496, section 4.4; P. L. Montgomery, "Modular multiplication without trial division", 1985.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/constant_time.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/double_word.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/random/random_source.hpp>

#include <sodium/utils.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace veilsum::group {

using scalar_words = std::array<std::uint64_t, 4>; // least significant first

namespace detail::mod_l {

inline constexpr scalar_words order{0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, std::uint64_t{1} << 60};

constexpr scalar_words words_of(byte_view data) { // of 32 bytes
    scalar_words out{};
    for (std::size_t at = 0; at < 32; ++at) out[at / 8] |= std::uint64_t{data[at]} << (8 * (at % 8));
    return out;
}
// Words in variables, not in loops over arrays: compilers then keep them in registers. Each of these takes
// and leaves a carry or borrow of 0 or 1.
constexpr std::uint64_t add(std::uint64_t a, std::uint64_t b, std::uint64_t& carry) {
    const std::uint64_t sum = a + b, out = sum + carry;
    carry = static_cast<std::uint64_t>(sum < a) + static_cast<std::uint64_t>(out < sum);
    return out;
}
constexpr std::uint64_t subtract(std::uint64_t a, std::uint64_t b, std::uint64_t& borrow) {
    const std::uint64_t difference = a - b, out = difference - borrow;
    borrow = static_cast<std::uint64_t>(a < b) + static_cast<std::uint64_t>(difference < borrow);
    return out;
}
// The lower word of a b + c + carry; the upper one is carried.
constexpr std::uint64_t multiply_add(std::uint64_t a, std::uint64_t b, std::uint64_t c,
                                     std::uint64_t& carry) {
    const double_word out = double_word{a} * b + c + carry;
    carry = static_cast<std::uint64_t>(out >> 64);
    return static_cast<std::uint64_t>(out);
}

constexpr scalar_words select(std::uint64_t mask, const scalar_words& yes, const scalar_words& no) {
    return {veilsum::select(mask, yes[0], no[0]), veilsum::select(mask, yes[1], no[1]),
            veilsum::select(mask, yes[2], no[2]), veilsum::select(mask, yes[3], no[3])};
}
// a + b mod 2^256.
constexpr scalar_words sum(const scalar_words& a, const scalar_words& b) {
    std::uint64_t carry = 0;
    const std::uint64_t t0 = add(a[0], b[0], carry), t1 = add(a[1], b[1], carry), t2 = add(a[2], b[2], carry),
                        t3 = add(a[3], b[3], carry);
    return {t0, t1, t2, t3};
}
// a - b mod 2^256, and all ones if a < b.
struct difference_words {
    scalar_words value;
    std::uint64_t negative;
};
constexpr difference_words difference(const scalar_words& a, const scalar_words& b) {
    std::uint64_t borrow = 0;
    const std::uint64_t t0 = subtract(a[0], b[0], borrow), t1 = subtract(a[1], b[1], borrow),
                        t2 = subtract(a[2], b[2], borrow), t3 = subtract(a[3], b[3], borrow);
    return {{t0, t1, t2, t3}, 0 - borrow};
}
constexpr scalar_words reduced_once(const scalar_words& value) { // below 2 l
    const difference_words less = difference(value, order);
    return select(less.negative, value, less.value);
}

// -1/l mod 2^64: each step doubles the number of right bits, of which order[0] has three.
constexpr std::uint64_t make_reducer() {
    std::uint64_t inverse = order[0];
    for (int step = 0; step < 5; ++step) inverse *= 2 - order[0] * inverse;
    return 0 - inverse;
}
inline constexpr std::uint64_t reducer = make_reducer();

// a b / 2^256 mod l, in [0, l), for a < 2^256 and b < l. Between steps t is below 2 l.
constexpr scalar_words product(const scalar_words& a, const scalar_words& b) {
    std::uint64_t t0 = 0, t1 = 0, t2 = 0, t3 = 0;
#pragma GCC unroll 4
    for (std::size_t k = 0; k < 4; ++k) {
        std::uint64_t t4 = 0;
        t0 = multiply_add(a[k], b[0], t0, t4);
        t1 = multiply_add(a[k], b[1], t1, t4);
        t2 = multiply_add(a[k], b[2], t2, t4);
        t3 = multiply_add(a[k], b[3], t3, t4);
        // (t + m l) / 2^64
        const std::uint64_t m = t0 * reducer;
        std::uint64_t carry = 0;
        (void)multiply_add(m, order[0], t0, carry); // 0
        t0 = multiply_add(m, order[1], t1, carry);
        t1 = t2 + carry;
        carry = static_cast<std::uint64_t>(t1 < carry);
        t2 = add(t3, m << 60, carry);
        t3 = t4 + (m >> 4) + carry;
    }
    return reduced_once({t0, t1, t2, t3});
}

constexpr scalar_words power_of_two(int exponent) { // 2^exponent mod l
    scalar_words out{1, 0, 0, 0};
    for (; exponent > 0; --exponent) out = reduced_once(sum(out, out));
    return out;
}
inline constexpr scalar_words R = power_of_two(256), half_R = power_of_two(255),
                              R_squared = power_of_two(512), R_cubed = power_of_two(768);

} // namespace detail::mod_l

class scalar {
  public:
    static constexpr std::size_t encoded_size = 32;
    static constexpr scalar_words order = detail::mod_l::order; // l, least significant word first

    constexpr scalar() = default;                                            // zero
    static constexpr scalar zero() { return {}; }                            // 0
    static constexpr scalar one() { return scalar(detail::mod_l::R); }       // 1
    static constexpr scalar half() { return scalar(detail::mod_l::half_R); } // 1/2

    // The canonical encoding: 32 bytes, little-endian, below l (errc::malformed "scalar").
    static result<scalar> from_bytes(byte_view data) {
        if (data.size() != encoded_size) return error{errc::malformed, "scalar length"};
        const scalar_words value = detail::mod_l::words_of(data);
        if (detail::mod_l::difference(value, order).negative == 0)
            return error{errc::malformed, "scalar not reduced"};
        return from_words(value);
    }
    // 64 bytes, little-endian, reduced mod l: within 2^-259 of uniform if the bytes are uniform.
    static scalar from_uniform(const byte_array<64>& data) {
        const byte_view all(data);
        return from_words(detail::mod_l::words_of(all.first(32))) +
               scalar(
                   detail::mod_l::product(detail::mod_l::words_of(all.subspan(32)), detail::mod_l::R_cubed));
    }
    // A non-negative integer of at most 64 bytes, little-endian, reduced mod l; 128-bit challenges come in
    // here.
    static scalar from_little_endian(byte_view data) {
        expects(data.size() <= 64);
        byte_array<64> wide{};
        std::copy(data.begin(), data.end(), wide.begin());
        scalar out = from_uniform(wide);
        veilsum::wipe(wide);
        return out;
    }
    // Value mod l.
    static constexpr scalar from_u64(std::uint64_t value) { return from_words({value, 0, 0, 0}); }
    // value mod l, with the sign handled by masks.
    static constexpr scalar from_i64(std::int64_t value) {
        const std::uint64_t sign = 0 - (static_cast<std::uint64_t>(value) >> 63);
        const scalar magnitude = from_u64((static_cast<std::uint64_t>(value) ^ sign) - sign);
        return select(sign, -magnitude, magnitude);
    }
    // Uniform: 512 random bits reduced.
    template <random::random_source Source>
    static scalar random(Source& rng) {
        byte_array<64> wide = random::random_bytes<64>(rng);
        scalar out = from_uniform(wide);
        veilsum::wipe(wide);
        return out;
    }

    friend constexpr scalar operator+(const scalar& a, const scalar& b) {
        return scalar(detail::mod_l::reduced_once(detail::mod_l::sum(a.form_, b.form_)));
    }
    friend constexpr scalar operator-(const scalar& a, const scalar& b) {
        const auto difference = detail::mod_l::difference(a.form_, b.form_);
        return scalar(detail::mod_l::sum(difference.value,
                                         detail::mod_l::select(difference.negative, order, scalar_words{})));
    }
    friend constexpr scalar operator-(const scalar& a) { return zero() - a; }
    friend constexpr scalar operator*(const scalar& a, const scalar& b) {
        return scalar(detail::mod_l::product(a.form_, b.form_));
    }
    scalar& operator+=(const scalar& b) { return *this = *this + b; }
    scalar& operator-=(const scalar& b) { return *this = *this - b; }
    scalar& operator*=(const scalar& b) { return *this = *this * b; }
    constexpr scalar squared() const { return *this * *this; } // x x

    // 1/x; zero has none (errc::not_a_unit). Whether x is zero is not kept secret.
    result<scalar> invert() const {
        if (is_zero()) return error{errc::not_a_unit, "inverse of the scalar zero"};
        return inverted();
    }
    // 1/x, and 0 for 0: x^(l - 2), four bits of the exponent at a time.
    scalar inverted() const {
        std::array<scalar, 16> power{one(), *this};
        for (std::size_t k = 2; k < power.size(); ++k) power[k] = power[k - 1] * *this;
        scalar out = *this; // the uppermost digit of l - 2 is 1
        for (std::size_t digit = 63; digit-- > 0;) {
            for (int doubling = 0; doubling < 4; ++doubling) out = out.squared();
            const std::uint64_t word = digit < 16 ? order[0] - 2 : order[digit / 16];
            const std::size_t exponent = word >> (4 * (digit % 16)) & 15;
            if (exponent != 0) out *= power[exponent];
        }
        for (scalar& each : power) each.wipe();
        return out;
    }

    // The integer in [0, l), as words and as bytes, least significant first.
    constexpr scalar_words words() const { return detail::mod_l::product(form_, {1, 0, 0, 0}); }
    // 32 bytes, little-endian, below l.
    constexpr byte_array<32> bytes() const {
        const scalar_words value = words();
        byte_array<32> out{};
        for (std::size_t at = 0; at < encoded_size; ++at)
            out[at] = static_cast<std::uint8_t>(value[at / 8] >> (8 * (at % 8)));
        return out;
    }
    bool is_zero() const { return *this == zero(); }
    void wipe() noexcept { sodium_memzero(form_.data(), sizeof form_); }

    friend constexpr bool operator==(const scalar& a, const scalar& b) { return mask_equal(a, b) != 0; }
    // As masks, all ones or zero, for values that stay secret.
    friend constexpr std::uint64_t mask_equal(const scalar& a, const scalar& b) {
        std::uint64_t difference = 0;
        for (std::size_t k = 0; k < 4; ++k) difference |= a.form_[k] ^ b.form_[k];
        return mask_if_equal(difference, 0);
    }
    friend constexpr scalar select(std::uint64_t mask, const scalar& yes, const scalar& no) {
        return scalar(detail::mod_l::select(mask, yes.form_, no.form_));
    }

    // x 2^256 mod l, for other arithmetic in this form. The words given are below l.
    constexpr const scalar_words& montgomery_form() const { return form_; }
    // Of four words below l.
    static constexpr scalar from_montgomery_form(const scalar_words& form) { return scalar(form); }

  private:
    explicit constexpr scalar(const scalar_words& form) : form_(form) {}

    // Any integer below 2^256, reduced.
    static constexpr scalar from_words(const scalar_words& value) {
        return scalar(detail::mod_l::product(value, detail::mod_l::R_squared));
    }

    scalar_words form_{}; // x 2^256 mod l
};

} // namespace veilsum::group
