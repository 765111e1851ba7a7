// gmp_integer: signed integers of any length over GMP; the model of `big_integer` that the library uses.
//
//     bigint p = *bigint::from_decimal("1000003");
//     bigint r = power_vartime(3, p - 1, p);              // 1
//     bytes raw = (p << 8).to_bytes(4);                    // big-endian, exactly four bytes
//
// Division rounds down:  a = (a / m) m + a % m  with  0 <= a % m < m,  for m > 0. A shift is a product or a
// division by a power of two with the same rounding, so `>>` of a negative number rounds down too.
//
// Whole numbers of built-in integral types convert implicitly; floating point and bool do not compile.
//
// Secrets: `wipe` overwrites every limb that the number owns, the unused ones too, and the destructor does
// the same, so that a temporary of a secret computation does not stay behind on the heap. GMP's scratch
// memory, and the blocks it frees when a number grows in place, are wiped if the program says so
// (wiping_memory.hpp). Nothing here is constant
// time: secret exponents belong to `modular_engine`.
//
// Contracts (a violation ends the process): divisors and moduli are > 0, exponents >= 0, roots are of numbers
// >= 0, and `to_bytes` gets a number that fits. GMP itself ends the process when memory runs out.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/integer/big_integer.hpp>

#include <gmp.h>
#include <sodium/utils.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace veilsum::integer {

class gmp_integer {
  public:
    gmp_integer() noexcept { mpz_init(value_); }
    template <machine_integer T>
    gmp_integer(T value) {
        mpz_init(value_);
        const std::uint64_t absolute = magnitude(value);
        mpz_import(value_, 1, 1, sizeof absolute, 0, 0, &absolute);
        if (value < 0) mpz_neg(value_, value_);
    }
    gmp_integer(const gmp_integer& other) { mpz_init_set(value_, other.value_); }
    gmp_integer(gmp_integer&& other) noexcept {
        mpz_init(value_);
        mpz_swap(value_, other.value_);
    }
    gmp_integer& operator=(const gmp_integer& other) {
        gmp_integer copy(other); // the old limbs are wiped with it, not left in a freed block
        mpz_swap(value_, copy.value_);
        return *this;
    }
    // Leaves `other` zero.
    gmp_integer& operator=(gmp_integer&& other) noexcept {
        if (this != &other) {
            mpz_swap(value_, other.value_);
            other.wipe();
        }
        return *this;
    }
    ~gmp_integer() {
        wipe();
        mpz_clear(value_);
    }

    // Overwrites all memory of the number and makes it zero. A fresh number owns none.
    void wipe() noexcept {
        if (value_->_mp_alloc > 0)
            sodium_memzero(value_->_mp_d, static_cast<std::size_t>(value_->_mp_alloc) * sizeof(mp_limb_t));
        value_->_mp_size = 0;
    }

    // Big-endian, any length, leading zeros allowed; no bytes are zero.
    static gmp_integer from_bytes(byte_view big_endian) {
        gmp_integer out;
        if (!big_endian.empty()) mpz_import(out.value_, big_endian.size(), 1, 1, 1, 0, big_endian.data());
        return out;
    }
    // Big-endian, exactly `length` bytes. The number must be in [0, 2^(8 length)).
    bytes to_bytes(std::size_t length) const {
        const std::size_t used = (bit_length() + 7) / 8;
        expects(!is_negative() && used <= length);
        bytes out(length);
        if (used != 0) mpz_export(out.data() + (length - used), nullptr, 1, 1, 1, 0, value_);
        return out;
    }

    // Accept exactly what to_decimal and to_hex write.
    static std::optional<gmp_integer> from_decimal(std::string_view text) { return from_text(text, 10); }
    // Lower case, no leading zeros, with - if negative.
    static std::optional<gmp_integer> from_hex(std::string_view text) { return from_text(text, 16); }
    std::string to_decimal() const { return to_text(10); } // no leading zeros, with - if negative
    std::string to_hex() const { return to_text(16); }

    // Empty if the number is outside the 64-bit range.
    std::optional<std::int64_t> to_int64() const {
        if (bit_length() > 64) return std::nullopt;
        std::uint64_t absolute = 0;
        mpz_export(&absolute, nullptr, 1, sizeof absolute, 0, 0, value_);
        return with_sign(absolute, is_negative());
    }

    bool is_zero() const { return mpz_sgn(value_) == 0; }
    bool is_negative() const { return mpz_sgn(value_) < 0; } // below zero
    bool is_odd() const { return mpz_odd_p(value_) != 0; }   // modulo 2
    // Bits of |a|: the least k with |a| < 2^k; 0 for zero.
    std::size_t bit_length() const { return is_zero() ? 0 : mpz_sizeinbase(value_, 2); }
    // floor(a / 2^index) mod 2: two's complement without end for negative numbers.
    bool bit(std::size_t index) const { return mpz_tstbit(value_, index) != 0; }

    mpz_srcptr get() const { return value_; } // for functions of GMP
    mpz_ptr get() { return value_; }

    gmp_integer& operator+=(const gmp_integer& b) { return mpz_add(value_, value_, b.value_), *this; }
    gmp_integer& operator-=(const gmp_integer& b) { return mpz_sub(value_, value_, b.value_), *this; }
    gmp_integer& operator*=(const gmp_integer& b) { return mpz_mul(value_, value_, b.value_), *this; }
    gmp_integer& operator/=(const gmp_integer& m) {
        expects(mpz_sgn(m.value_) > 0);
        return mpz_fdiv_q(value_, value_, m.value_), *this;
    }
    gmp_integer& operator%=(const gmp_integer& m) {
        expects(mpz_sgn(m.value_) > 0);
        return mpz_fdiv_r(value_, value_, m.value_), *this;
    }
    gmp_integer& operator<<=(std::size_t bits) { return mpz_mul_2exp(value_, value_, bits), *this; }
    gmp_integer& operator>>=(std::size_t bits) { return mpz_fdiv_q_2exp(value_, value_, bits), *this; }
    gmp_integer& operator++() { return mpz_add_ui(value_, value_, 1), *this; }
    gmp_integer& operator--() { return mpz_sub_ui(value_, value_, 1), *this; }

    friend gmp_integer operator+(const gmp_integer& a, const gmp_integer& b) {
        return make([&](mpz_ptr out) { mpz_add(out, a.value_, b.value_); });
    }
    friend gmp_integer operator-(const gmp_integer& a, const gmp_integer& b) {
        return make([&](mpz_ptr out) { mpz_sub(out, a.value_, b.value_); });
    }
    friend gmp_integer operator-(const gmp_integer& a) {
        return make([&](mpz_ptr out) { mpz_neg(out, a.value_); });
    }
    friend gmp_integer operator*(const gmp_integer& a, const gmp_integer& b) {
        return make([&](mpz_ptr out) { mpz_mul(out, a.value_, b.value_); });
    }
    friend gmp_integer operator/(const gmp_integer& a, const gmp_integer& m) {
        expects(mpz_sgn(m.value_) > 0);
        return make([&](mpz_ptr out) { mpz_fdiv_q(out, a.value_, m.value_); });
    }
    friend gmp_integer operator%(const gmp_integer& a, const gmp_integer& m) {
        expects(mpz_sgn(m.value_) > 0);
        return make([&](mpz_ptr out) { mpz_fdiv_r(out, a.value_, m.value_); });
    }
    friend gmp_integer operator<<(const gmp_integer& a, std::size_t bits) {
        return make([&](mpz_ptr out) { mpz_mul_2exp(out, a.value_, bits); });
    }
    friend gmp_integer operator>>(const gmp_integer& a, std::size_t bits) {
        return make([&](mpz_ptr out) { mpz_fdiv_q_2exp(out, a.value_, bits); });
    }

    friend bool operator==(const gmp_integer& a, const gmp_integer& b) {
        return mpz_cmp(a.value_, b.value_) == 0;
    }
    friend std::strong_ordering operator<=>(const gmp_integer& a, const gmp_integer& b) {
        return mpz_cmp(a.value_, b.value_) <=> 0;
    }

    friend gmp_integer abs(const gmp_integer& a) {
        return make([&](mpz_ptr out) { mpz_abs(out, a.value_); });
    }
    // The non-negative one; gcd(0, 0) = 0.
    friend gmp_integer gcd(const gmp_integer& a, const gmp_integer& b) {
        return make([&](mpz_ptr out) { mpz_gcd(out, a.value_, b.value_); });
    }
    // The non-negative one; zero if a or b is.
    friend gmp_integer lcm(const gmp_integer& a, const gmp_integer& b) {
        return make([&](mpz_ptr out) { mpz_lcm(out, a.value_, b.value_); });
    }
    // The x in [0, m) with a x = 1 mod m; empty if gcd(a, m) != 1. Modulo 1 it is 0. Variable time.
    friend std::optional<gmp_integer> invert(const gmp_integer& a, const gmp_integer& m) {
        expects(mpz_sgn(m.value_) > 0);
        gmp_integer out;
        if (mpz_cmp_ui(m.value_, 1) == 0) return out;
        if (mpz_invert(out.value_, a.value_, m.value_) == 0) return std::nullopt;
        return out;
    }
    // base^exponent mod m in [0, m), exponent >= 0. Time depends on all three: public values only.
    friend gmp_integer power_vartime(const gmp_integer& base, const gmp_integer& exponent,
                                     const gmp_integer& m) {
        expects(mpz_sgn(m.value_) > 0 && !exponent.is_negative());
        return make([&](mpz_ptr out) { mpz_powm(out, base.value_, exponent.value_, m.value_); });
    }
    // floor of the square root of a >= 0.
    friend gmp_integer isqrt(const gmp_integer& a) {
        expects(!a.is_negative());
        return make([&](mpz_ptr out) { mpz_sqrt(out, a.value_); });
    }
    // Whether a = b^k for whole b >= 0 and k >= 2, for a >= 0; 0 and 1 are perfect powers.
    friend bool is_perfect_power(const gmp_integer& a) {
        expects(!a.is_negative());
        return mpz_perfect_power_p(a.value_) != 0;
    }
    // False: composite, or below 2. True: prime, but for an error that no input is known to cause: GMP >= 6.2
    // runs the Baillie-PSW test and then max(0, rounds - 24) Miller-Rabin rounds. Its bases are pseudo-random
    // with a fixed seed, so for numbers that an adversary chose it is Baillie-PSW that carries the weight.
    friend bool is_probable_prime(const gmp_integer& a, int rounds) {
        expects(rounds >= 1);
        return mpz_sgn(a.value_) > 0 && mpz_probab_prime_p(a.value_, rounds) != 0;
    }
    friend void swap(gmp_integer& a, gmp_integer& b) noexcept { mpz_swap(a.value_, b.value_); }

  private:
    template <class Operation>
    static gmp_integer make(const Operation& operation) {
        gmp_integer out;
        operation(out.value_);
        return out;
    }
    static std::optional<gmp_integer> from_text(std::string_view text, int base) {
        if (!is_canonical_number(text, base)) return std::nullopt;
        gmp_integer out;
        const int status = mpz_set_str(out.value_, std::string(text).c_str(), base);
        expects(status == 0);
        return out;
    }
    std::string to_text(int base) const {
        std::string text(mpz_sizeinbase(value_, base) + 2, '\0'); // sign and terminator
        mpz_get_str(text.data(), base, value_);
        text.resize(text.find('\0'));
        return text;
    }

    mpz_t value_;
};
static_assert(big_integer<gmp_integer>);

} // namespace veilsum::integer
