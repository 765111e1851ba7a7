// ristretto255: a group of prime order l on Curve25519, with one encoding for each element.
//
//     point p = point::base();
//     point q = scalar::from_u64(3) * p + -p;                  // 2 B
//     auto received = point::parse(data);                      // refused unless canonical and on the group
//     if (!received || received->is_identity()) ...            // where the identity must not be, the caller
//     says so
//
// Every object is a valid element, held as its 32-byte encoding. Group operations are libsodium's and go
// through encodings: about 16 us an addition, 50 us a multiplication, 5 us to parse (one core). Constant time
// in scalars and points.
//
// Source: RFC 9496, section 4; libsodium 1.0.18 or later.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/constant_time.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/group/prime_group.hpp>
#include <veilsum/group/scalar.hpp>

#include <sodium/crypto_core_ristretto255.h>
#include <sodium/crypto_scalarmult_ristretto255.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace veilsum::group {

class point {
  public:
    static constexpr std::size_t encoded_size = 32;

    constexpr point() = default; // the identity
    static constexpr point identity() { return {}; }
    static point base() { return from_scalar_base(scalar::one()); }

    // Canonical encodings only (RFC 9496, 4.3.1); the identity is one (32 zero bytes). errc::malformed
    // "point".
    static result<point> parse(byte_view data) {
        if (data.size() != encoded_size) return error{errc::malformed, "point length"};
        point out;
        std::copy(data.begin(), data.end(), out.encoded_.begin());
        if (crypto_core_ristretto255_is_valid_point(out.encoded_.data()) != 1)
            return error{errc::malformed, "point encoding"};
        return out;
    }
    // The one-way map of RFC 9496, 4.3.4.
    static point from_uniform(const byte_array<64>& data) {
        point out;
        crypto_core_ristretto255_from_hash(out.encoded_.data(), data.data());
        return out;
    }
    // x B, from tables inside libsodium: a third of the cost of x P.
    static point from_scalar_base(const scalar& x) {
        point out;
        [[maybe_unused]] const int identity_seen =
            crypto_scalarmult_ristretto255_base(out.encoded_.data(), x.bytes().data());
        return out;
    }

    friend point operator+(const point& a, const point& b) {
        point out;
        expects(crypto_core_ristretto255_add(out.encoded_.data(), a.encoded_.data(), b.encoded_.data()) == 0);
        return out;
    }
    friend point operator-(const point& a, const point& b) {
        point out;
        expects(crypto_core_ristretto255_sub(out.encoded_.data(), a.encoded_.data(), b.encoded_.data()) == 0);
        return out;
    }
    friend point operator-(const point& a) { return identity() - a; }
    // libsodium reports a result that is the identity like a failure, after writing its encoding. A valid
    // point cannot fail otherwise, so the report is not looked at (nor in from_scalar_base), and nothing
    // depends on whether x or P is zero.
    friend point operator*(const scalar& x, const point& p) {
        point out;
        [[maybe_unused]] const int identity_seen =
            crypto_scalarmult_ristretto255(out.encoded_.data(), x.bytes().data(), p.encoded_.data());
        return out;
    }
    point& operator+=(const point& b) { return *this = *this + b; }
    point& operator-=(const point& b) { return *this = *this - b; }

    // yes where the mask has ones, no where it has zeros; the mask is all ones or zero.
    friend point select(std::uint64_t mask, const point& yes, const point& no) {
        std::array<std::uint64_t, 4> words{}; // whole words: table scans spend their time here
        std::array<std::uint64_t, 4> others{};
        std::memcpy(words.data(), yes.encoded_.data(), encoded_size);
        std::memcpy(others.data(), no.encoded_.data(), encoded_size);
        for (std::size_t at = 0; at < 4; ++at) words[at] = veilsum::select(mask, words[at], others[at]);
        point out;
        std::memcpy(out.encoded_.data(), words.data(), encoded_size);
        return out;
    }

    bool is_identity() const { return *this == identity(); }
    const byte_array<32>& bytes() const { return encoded_; }
    void wipe() noexcept { veilsum::wipe(encoded_); }

    friend bool operator==(const point& a, const point& b) {
        return equal_constant_time(a.encoded_, b.encoded_);
    }

  private:
    byte_array<32> encoded_{}; // RFC 9496 encoding of a valid element; all zero: the identity
};

struct ristretto255 {
    using scalar = group::scalar;
    using point = group::point;
};
static_assert(prime_group<ristretto255>);

} // namespace veilsum::group
