// ntl_integer: `big_integer` over NTL's ZZ, a second implementation to test the first one against.
//
// This header and modular/ntl_engine.hpp alone include NTL, and nothing else in the library includes them: a
// program that does not want NTL does not need it. Where NTL differs from the laws of `big_integer` (it
// shifts the absolute value, its bits are those of the absolute value, it has no perfect powers and no
// hexadecimal) the difference is made up here. NTL ends the process on wrong arguments, so each is checked
// before it gets there.
//
// Link with -lntl -lgmp. Whoever needs speed takes `gmp_integer`.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/integer/big_integer.hpp>

#include <NTL/ZZ.h>
#include <NTL/ZZ_limbs.h>
#include <sodium/utils.h>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace veilsum::integer {

class ntl_integer {
  public:
    ntl_integer() = default;
    template <machine_integer T>
    ntl_integer(T value) {
        std::uint64_t absolute = magnitude(value);
        byte_array<8> little_endian{};
        for (std::uint8_t& octet : little_endian) {
            octet = static_cast<std::uint8_t>(absolute);
            absolute >>= 8;
        }
        NTL::ZZFromBytes(value_, little_endian.data(), 8);
        if (value < 0) NTL::negate(value_, value_);
    }
    ntl_integer(const ntl_integer& other) = default;
    ntl_integer(ntl_integer&& other) noexcept { NTL::swap(value_, other.value_); }
    ntl_integer& operator=(const ntl_integer& other) {
        ntl_integer copy(other);
        NTL::swap(value_, copy.value_);
        return *this;
    }
    ntl_integer& operator=(ntl_integer&& other) noexcept {
        if (this != &other) {
            NTL::swap(value_, other.value_);
            other.wipe();
        }
        return *this;
    }
    ~ntl_integer() { wipe(); }

    void wipe() noexcept {
        const auto allocated = static_cast<std::size_t>(value_.MaxAlloc());
        if (allocated != 0) // the body belongs to this number alone; NTL only hands it out read-only
            sodium_memzero(const_cast<NTL::ZZ_limb_t*>(NTL::ZZ_limbs_get(value_)),
                           allocated * sizeof(NTL::ZZ_limb_t));
        NTL::clear(value_);
    }

    // Like gmp_integer's, as all that follows.
    static ntl_integer from_bytes(byte_view big_endian) {
        bytes little_endian(big_endian.rbegin(), big_endian.rend());
        ntl_integer out;
        NTL::ZZFromBytes(out.value_, little_endian.data(), length(little_endian.size()));
        if (!little_endian.empty()) sodium_memzero(little_endian.data(), little_endian.size());
        return out;
    }
    // Big-endian, exactly `size` bytes. The number must be in [0, 2^(8 size)).
    bytes to_bytes(std::size_t size) const {
        expects(!is_negative() && (bit_length() + 7) / 8 <= size);
        bytes out(size);
        NTL::BytesFromZZ(out.data(), value_, length(size));
        std::reverse(out.begin(), out.end());
        return out;
    }
    // Accepts exactly what to_decimal writes.
    static std::optional<ntl_integer> from_decimal(std::string_view text) {
        if (!is_canonical_number(text, 10)) return std::nullopt;
        ntl_integer out;
        for (const char digit : text)
            if (digit != '-') out.value_ = 10 * out.value_ + (digit - '0');
        return text.front() == '-' ? -out : out;
    }
    // Accepts exactly what to_hex writes.
    static std::optional<ntl_integer> from_hex(std::string_view text) {
        if (!is_canonical_number(text, 16)) return std::nullopt;
        const bool negative = text.front() == '-';
        std::string even(text.substr(negative ? 1 : 0));
        if (even.size() % 2 != 0) even.insert(even.begin(), '0');
        ntl_integer out = from_bytes(*veilsum::from_hex(even));
        return negative ? -out : out;
    }
    // No leading zeros, with - if negative.
    std::string to_decimal() const {
        std::string reversed;
        NTL::ZZ rest = NTL::abs(value_);
        do reversed.push_back(static_cast<char>('0' + NTL::DivRem(rest, rest, 10)));
        while (!NTL::IsZero(rest));
        if (is_negative()) reversed.push_back('-');
        return {reversed.rbegin(), reversed.rend()};
    }
    std::string to_hex() const {
        const ntl_integer absolute = abs(*this);
        std::string text = veilsum::to_hex(absolute.to_bytes((bit_length() + 8) / 8));
        text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
        return is_negative() ? "-" + text : text;
    }
    // Empty if the number is outside the 64-bit range.
    std::optional<std::int64_t> to_int64() const {
        if (bit_length() > 64) return std::nullopt;
        std::uint64_t absolute = 0;
        for (const std::uint8_t octet : abs(*this).to_bytes(8)) absolute = absolute << 8 | octet;
        return with_sign(absolute, is_negative());
    }

    bool is_zero() const { return NTL::IsZero(value_) != 0; }
    bool is_negative() const { return NTL::sign(value_) < 0; } // below zero
    bool is_odd() const { return NTL::IsOdd(value_) != 0; }    // modulo 2
    // Bits of |a|: the least k with |a| < 2^k; 0 for zero.
    std::size_t bit_length() const { return static_cast<std::size_t>(NTL::NumBits(value_)); }
    // floor(a / 2^index) mod 2: two's complement without end for negative numbers.
    bool bit(std::size_t index) const { return (*this >> index).is_odd(); }

    const NTL::ZZ& get() const { return value_; } // for functions of NTL
    NTL::ZZ& get() { return value_; }

    ntl_integer& operator+=(const ntl_integer& b) { return value_ += b.value_, *this; }
    ntl_integer& operator-=(const ntl_integer& b) { return value_ -= b.value_, *this; }
    ntl_integer& operator*=(const ntl_integer& b) { return value_ *= b.value_, *this; }
    ntl_integer& operator/=(const ntl_integer& m) { return *this = *this / m; }
    ntl_integer& operator%=(const ntl_integer& m) { return *this = *this % m; }
    ntl_integer& operator<<=(std::size_t bits) { return *this = *this << bits; }
    ntl_integer& operator>>=(std::size_t bits) { return *this = *this >> bits; }
    ntl_integer& operator++() { return value_ += 1, *this; }
    ntl_integer& operator--() { return value_ -= 1, *this; }

    friend ntl_integer operator+(const ntl_integer& a, const ntl_integer& b) {
        return wrap(a.value_ + b.value_);
    }
    friend ntl_integer operator-(const ntl_integer& a, const ntl_integer& b) {
        return wrap(a.value_ - b.value_);
    }
    friend ntl_integer operator-(const ntl_integer& a) { return wrap(-a.value_); }
    friend ntl_integer operator*(const ntl_integer& a, const ntl_integer& b) {
        return wrap(a.value_ * b.value_);
    }
    friend ntl_integer operator/(const ntl_integer& a, const ntl_integer& m) {
        expects(NTL::sign(m.value_) > 0);
        return wrap(a.value_ / m.value_); // NTL rounds down as well
    }
    friend ntl_integer operator%(const ntl_integer& a, const ntl_integer& m) {
        expects(NTL::sign(m.value_) > 0);
        return wrap(a.value_ % m.value_);
    }
    friend ntl_integer operator<<(const ntl_integer& a, std::size_t bits) {
        return wrap(NTL::LeftShift(a.value_, length(bits)));
    }
    // floor(a / 2^k) = -floor((-a - 1) / 2^k) - 1 for negative a: NTL shifts the absolute value.
    friend ntl_integer operator>>(const ntl_integer& a, std::size_t bits) {
        if (!a.is_negative()) return wrap(NTL::RightShift(a.value_, length(bits)));
        return wrap(-NTL::RightShift(-a.value_ - 1, length(bits)) - 1);
    }
    friend bool operator==(const ntl_integer& a, const ntl_integer& b) { return (a <=> b) == 0; }
    friend std::strong_ordering operator<=>(const ntl_integer& a, const ntl_integer& b) {
        return NTL::compare(a.value_, b.value_) <=> 0L;
    }

    friend ntl_integer abs(const ntl_integer& a) { return wrap(NTL::abs(a.value_)); }
    friend ntl_integer gcd(const ntl_integer& a, const ntl_integer& b) {
        return wrap(NTL::GCD(a.value_, b.value_));
    }
    friend ntl_integer lcm(const ntl_integer& a, const ntl_integer& b) {
        return a.is_zero() || b.is_zero() ? ntl_integer() : abs(a) / gcd(a, b) * abs(b);
    }
    friend std::optional<ntl_integer> invert(const ntl_integer& a, const ntl_integer& m) {
        const ntl_integer reduced = a % m;
        ntl_integer out;
        if (NTL::IsOne(m.value_)) return out;
        if (NTL::InvModStatus(out.value_, reduced.value_, m.value_) != 0) return std::nullopt;
        return out;
    }
    friend ntl_integer power_vartime(const ntl_integer& base, const ntl_integer& exponent,
                                     const ntl_integer& m) {
        expects(!exponent.is_negative());
        const ntl_integer reduced = base % m;
        if (NTL::IsOne(m.value_)) return {};
        return wrap(NTL::PowerMod(reduced.value_, exponent.value_, m.value_));
    }
    friend ntl_integer isqrt(const ntl_integer& a) {
        expects(!a.is_negative());
        return wrap(NTL::SqrRoot(a.value_));
    }
    friend bool is_perfect_power(const ntl_integer& a) {
        expects(!a.is_negative());
        if (a < 2) return true;
        for (std::size_t k = 2; k < a.bit_length(); ++k)
            if (NTL::power(root(a, k).value_, length(k)) == a.value_) return true;
        return false;
    }
    // `rounds` Miller-Rabin rounds with random bases after trial division.
    friend bool is_probable_prime(const ntl_integer& a, int rounds) {
        expects(rounds >= 1);
        return a >= 2 && NTL::ProbPrime(a.value_, rounds) != 0;
    }
    friend void swap(ntl_integer& a, ntl_integer& b) noexcept { NTL::swap(a.value_, b.value_); }

  private:
    static ntl_integer wrap(NTL::ZZ&& value) {
        ntl_integer out;
        NTL::swap(out.value_, value);
        return out;
    }
    static long length(std::size_t count) {
        expects(count <= static_cast<std::size_t>(std::numeric_limits<long>::max()));
        return static_cast<long>(count);
    }
    // floor(a^(1/k)) for a > 0: Newton's iteration falls from a power of two above the root until it stops.
    static ntl_integer root(const ntl_integer& a, std::size_t k) {
        ntl_integer x = ntl_integer(1) << (a.bit_length() / k + 1);
        for (;;) {
            const ntl_integer power = wrap(NTL::power(x.value_, length(k - 1)));
            ntl_integer next = (x * (k - 1) + a / power) / ntl_integer(k);
            if (next >= x) return x;
            x = std::move(next);
        }
    }

    NTL::ZZ value_;
};
static_assert(big_integer<ntl_integer>);

} // namespace veilsum::integer
