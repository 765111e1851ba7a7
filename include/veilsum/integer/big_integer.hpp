// big_integer: what the library asks of a type of signed integers of any length.
//
// Laws, for all a, b, c, all m > 0, all e >= 0 and all bit counts k:
//
//     ring       (a + b) + c = a + (b + c),  a + b = b + a,  a (b + c) = a b + a c,  a + (-a) = 0, exactly
//     order      a <= b  =>  a + c <= b + c;   a, b > 0  =>  a b > 0
//     division   a = (a / m) m + a % m,  0 <= a % m < m           (division rounds down)
//     shifts     a << k = a 2^k,   a >> k = a / 2^k (rounds down),   a.bit(k) = (a >> k) % 2
//     length     2^(a.bit_length() - 1) <= |a| < 2^a.bit_length();   0 has length 0
//     bytes      from_bytes(a.to_bytes(n)) = a  for 0 <= a < 2^(8n)
//     text       from_decimal(a.to_decimal()) = a = from_hex(a.to_hex()), and no other text is accepted
//     gcd        gcd(a, b) >= 0 divides both, and gcd(a c, b c) = gcd(a, b) |c|;  gcd lcm = |a b|
//     inverse    invert(a, m) has a value x iff gcd(a, m) = 1, and then a x = 1 mod m, 0 <= x < m
//     power      power_vartime(a, e, m) = a^e % m
//     root       isqrt(a)^2 <= a < (isqrt(a) + 1)^2  for a >= 0
//     wiping     after a.wipe(), a = 0 and no limb of the memory that a owns has kept its value
//
// A number that was moved from is a valid number of unspecified value. Division by a number <= 0, a negative
// exponent, the root of a negative number and bytes that do not fit are broken contracts: they end the
// process.
//
// Models: `gmp_integer` (what the library computes with) and `ntl_integer` (a second implementation to test
// against). tests/integer/test_big_integer.cpp runs the laws over both and one against the other.
#pragma once

#include <veilsum/core/bytes.hpp>

#include <algorithm>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace veilsum::integer {

template <class T>
concept big_integer =
    std::regular<T> && std::totally_ordered<T> && std::convertible_to<std::int64_t, T> &&
    std::convertible_to<std::uint64_t, T> && !std::convertible_to<double, T> &&
    !std::convertible_to<bool, T> && requires(T & target, const T& a, const T& b, const T& m, std::size_t k) {
    { a + b } -> std::same_as<T>;
    { a - b } -> std::same_as<T>;
    { -a } -> std::same_as<T>;
    { a* b } -> std::same_as<T>;
    { a / m } -> std::same_as<T>;
    { a % m } -> std::same_as<T>;
    { a << k } -> std::same_as<T>;
    { a >> k } -> std::same_as<T>;
    { target += a } -> std::same_as<T&>;
    { target -= a } -> std::same_as<T&>;
    { target *= a } -> std::same_as<T&>;
    { target /= m } -> std::same_as<T&>;
    { target %= m } -> std::same_as<T&>;
    { target <<= k } -> std::same_as<T&>;
    { target >>= k } -> std::same_as<T&>;
    { ++target } -> std::same_as<T&>;
    { --target } -> std::same_as<T&>;
    { a <=> b } -> std::same_as<std::strong_ordering>;
    { a.is_zero() } -> std::same_as<bool>;
    { a.is_negative() } -> std::same_as<bool>;
    { a.is_odd() } -> std::same_as<bool>;
    { a.bit(k) } -> std::same_as<bool>;
    { a.bit_length() } -> std::same_as<std::size_t>;
    { a.to_bytes(k) } -> std::same_as<bytes>;
    { T::from_bytes(byte_view{}) } -> std::same_as<T>;
    { a.to_decimal() } -> std::same_as<std::string>;
    { a.to_hex() } -> std::same_as<std::string>;
    { T::from_decimal(std::string_view{}) } -> std::same_as<std::optional<T>>;
    { T::from_hex(std::string_view{}) } -> std::same_as<std::optional<T>>;
    { a.to_int64() } -> std::same_as<std::optional<std::int64_t>>;
    { abs(a) } -> std::same_as<T>;
    { gcd(a, b) } -> std::same_as<T>;
    { lcm(a, b) } -> std::same_as<T>;
    { invert(a, m) } -> std::same_as<std::optional<T>>;
    { power_vartime(a, b, m) } -> std::same_as<T>;
    { isqrt(a) } -> std::same_as<T>;
    { is_perfect_power(a) } -> std::same_as<bool>;
    { is_probable_prime(a, 1) } -> std::same_as<bool>;
    { target.wipe() } -> std::same_as<void>;
};

// What converts to an integer without a cast: built-in whole numbers of at most 64 bits.
template <class T>
concept machine_integer = std::integral<T> && !std::same_as<std::remove_cv_t<T>, bool> && sizeof(T) <= 8;

// |value| without the overflow at the most negative number.
template <machine_integer T>
constexpr std::uint64_t magnitude(T value) {
    return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

// `magnitude` with a sign; empty outside [-2^63, 2^63).
constexpr std::optional<std::int64_t> with_sign(std::uint64_t magnitude, bool negative) {
    constexpr std::uint64_t limit = std::uint64_t{1} << 63;
    if (magnitude > limit || (magnitude == limit && !negative)) return std::nullopt;
    return static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
}

// The one spelling of a number in base 10 or 16 (lower case): a minus sign if negative, no leading zeros, no
// "-0", nothing else.
constexpr bool is_canonical_number(std::string_view text, int base) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    if (text.empty()) return false;
    if (text.front() == '0' && (negative || text.size() > 1)) return false;
    return std::all_of(text.begin(), text.end(), [base](char c) {
        return (c >= '0' && c <= '9') || (base == 16 && c >= 'a' && c <= 'f');
    });
}

} // namespace veilsum::integer
