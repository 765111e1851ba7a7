// Integers mod l = 2^252 + 27742317777372353535851937790883648493, the order of ristretto255.
//
//     scalar r = scalar::random(rng);
//     scalar s = r * scalar::from_i64(-5) + scalar::one();
//     auto sent = scalar::from_bytes(data);      // refused unless 32 bytes, little-endian, below l
//
// Every object holds a value in [0, l). Constant time in the values. A scalar is a plain value that can be
// copied; one that must stay secret lives in secret<scalar>, and `wipe` makes it zero. Comparison is for
// public scalars.
//
// Source: RFC 9496, section 4.4; arithmetic by libsodium.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/constant_time.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/random/random_source.hpp>

#include <sodium/crypto_core_ristretto255.h>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>

namespace veilsum::group {

class scalar {
  public:
    static constexpr std::size_t encoded_size = 32;

    constexpr scalar() = default; // zero
    static constexpr scalar zero() { return {}; }
    static constexpr scalar one() {
        scalar out;
        out.value_[0] = 1;
        return out;
    }

    // The canonical encoding: 32 bytes, little-endian, below l (errc::malformed "scalar").
    static result<scalar> from_bytes(byte_view data) {
        if (data.size() != encoded_size) return error{errc::malformed, "scalar length"};
        scalar reduced = from_little_endian(data);
        if (!equal_constant_time(reduced.value_, data)) return error{errc::malformed, "scalar not reduced"};
        return reduced;
    }
    // 64 bytes, little-endian, reduced mod l: within 2^-259 of uniform if the bytes are uniform.
    static scalar from_uniform(const byte_array<64>& data) {
        scalar out;
        crypto_core_ristretto255_scalar_reduce(out.value_.data(), data.data());
        return out;
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
    static scalar from_u64(std::uint64_t value) {
        scalar out;
        for (std::size_t at = 0; at < 8; ++at) out.value_[at] = static_cast<std::uint8_t>(value >> (8 * at));
        return out;
    }
    // value mod l, with the sign handled by masks.
    static scalar from_i64(std::int64_t value) {
        const std::uint64_t sign = 0 - (static_cast<std::uint64_t>(value) >> 63);
        const scalar magnitude = from_u64((static_cast<std::uint64_t>(value) ^ sign) - sign);
        const scalar negated = -magnitude;
        scalar out;
        for (std::size_t at = 0; at < encoded_size; ++at)
            out.value_[at] =
                static_cast<std::uint8_t>(select(sign, negated.value_[at], magnitude.value_[at]));
        return out;
    }
    // Uniform: 512 random bits reduced.
    template <random::random_source Source>
    static scalar random(Source& rng) {
        byte_array<64> wide = random::random_bytes<64>(rng);
        scalar out = from_uniform(wide);
        veilsum::wipe(wide);
        return out;
    }

    friend scalar operator+(const scalar& a, const scalar& b) {
        scalar out;
        crypto_core_ristretto255_scalar_add(out.value_.data(), a.value_.data(), b.value_.data());
        return out;
    }
    friend scalar operator-(const scalar& a, const scalar& b) {
        scalar out;
        crypto_core_ristretto255_scalar_sub(out.value_.data(), a.value_.data(), b.value_.data());
        return out;
    }
    friend scalar operator-(const scalar& a) {
        scalar out;
        crypto_core_ristretto255_scalar_negate(out.value_.data(), a.value_.data());
        return out;
    }
    friend scalar operator*(const scalar& a, const scalar& b) {
        scalar out;
        crypto_core_ristretto255_scalar_mul(out.value_.data(), a.value_.data(), b.value_.data());
        return out;
    }
    scalar& operator+=(const scalar& b) { return *this = *this + b; }
    scalar& operator-=(const scalar& b) { return *this = *this - b; }
    scalar& operator*=(const scalar& b) { return *this = *this * b; }

    // 1/x; zero has none (errc::not_a_unit).
    result<scalar> invert() const {
        scalar out;
        if (crypto_core_ristretto255_scalar_invert(out.value_.data(), value_.data()) != 0)
            return error{errc::not_a_unit, "inverse of the scalar zero"};
        return out;
    }

    const byte_array<32>& bytes() const { return value_; }
    bool is_zero() const { return *this == zero(); }
    void wipe() noexcept { veilsum::wipe(value_); }

    friend bool operator==(const scalar& a, const scalar& b) {
        return equal_constant_time(a.value_, b.value_);
    }

  private:
    byte_array<32> value_{}; // little-endian, below l
};

} // namespace veilsum::group
