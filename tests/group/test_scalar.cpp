// Arithmetic mod l against libsodium's and against big integers.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/group/scalar.hpp>
#include <veilsum/integer/bigint.hpp>

#include <sodium/crypto_core_ristretto255.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

using namespace veilsum;
using namespace veilsum::group;
using integer::bigint;
using veilsum::tests::seeded_random;

namespace {

using encoded = byte_array<32>;

// RFC 9496, 4.4.
const bigint order = (bigint(1) << 252) + *bigint::from_decimal("27742317777372353535851937790883648493");

bigint value_of(byte_view little_endian) {
    return bigint::from_bytes(bytes(little_endian.rbegin(), little_endian.rend()));
}
template <std::size_t N>
byte_array<N> little_endian(const bigint& value) {
    const bytes big = value.to_bytes(N);
    byte_array<N> out{};
    std::copy(big.rbegin(), big.rend(), out.begin());
    return out;
}
scalar scalar_of(const bigint& value) {
    return *scalar::from_bytes(little_endian<32>(value));
}

// The ends of [0, l), powers of two around the words' ends, and what is near l in its upper or lower words.
std::vector<bigint> edge_values() {
    std::vector<bigint> values{bigint(0),
                               bigint(1),
                               bigint(2),
                               order - bigint(1),
                               order - bigint(2),
                               (order - bigint(1)) / bigint(2),
                               (order + bigint(1)) / bigint(2),
                               order - (bigint(1) << 252),
                               order - (bigint(1) << 252) - bigint(1)};
    for (const std::size_t bit : {63u, 64u, 124u, 125u, 127u, 128u, 191u, 192u, 251u, 252u})
        for (const int offset : {-1, 0, 1}) values.push_back((bigint(1) << bit) + bigint(offset));
    return values;
}
std::vector<scalar> test_values(seeded_random& rng) {
    std::vector<scalar> values;
    for (const bigint& each : edge_values()) values.push_back(scalar_of(each));
    // Whose Montgomery forms are at the edges.
    for (const bigint& each : edge_values()) {
        const encoded form = little_endian<32>(each);
        scalar_words words{};
        for (std::size_t at = 0; at < 32; ++at) words[at / 8] |= std::uint64_t{form[at]} << (8 * (at % 8));
        values.push_back(scalar::from_montgomery_form(words));
    }
    for (int i = 0; i < 16; ++i) values.push_back(scalar::random(rng));
    return values;
}

template <class Operation>
encoded by_sodium(const Operation& operation, const encoded& a, const encoded& b) {
    encoded out{};
    operation(out.data(), a.data(), b.data());
    return out;
}

} // namespace

TEST_CASE("scalar: sums, differences and products are libsodium's", "[group]") {
    seeded_random rng(1);
    const std::vector<scalar> values = test_values(rng);
    std::vector<encoded> encodings;
    for (const scalar& each : values) encodings.push_back(each.bytes());
    std::size_t wrong = 0; // each pair many times: counted, not logged one by one
    for (std::size_t i = 0; i < values.size(); ++i)
        for (std::size_t j = 0; j < values.size(); ++j) {
            const scalar &a = values[i], &b = values[j];
            const encoded &x = encodings[i], &y = encodings[j];
            scalar in_place = a;
            wrong += (in_place += b).bytes() != by_sodium(crypto_core_ristretto255_scalar_add, x, y);
            in_place = a;
            wrong += (in_place -= b).bytes() != by_sodium(crypto_core_ristretto255_scalar_sub, x, y);
            in_place = a;
            wrong += (in_place *= b).bytes() != by_sodium(crypto_core_ristretto255_scalar_mul, x, y);
            wrong += (a == b) != (x == y);
            wrong += mask_equal(a, b) != (x == y ? ~std::uint64_t{0} : 0);
            wrong += select(~std::uint64_t{0}, a, b) != a;
            wrong += select(0, a, b) != b;
        }
    CHECK(wrong == 0);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const scalar& a = values[i];
        encoded negated{};
        crypto_core_ristretto255_scalar_negate(negated.data(), encodings[i].data());
        CHECK((-a).bytes() == negated);
        CHECK(a.squared() == a * a);
        CHECK(*scalar::from_bytes(encodings[i]) == a);
        CHECK(a.is_zero() == (encodings[i] == encoded{}));
        // Sums, differences and products are in [0, l) inside too: equality compares these forms.
        CHECK(a - a == scalar::zero());
        CHECK(a + -a == scalar::zero());
        CHECK(a * scalar::half() + a * scalar::half() == a);
        CHECK(scalar::from_montgomery_form(a.montgomery_form()) == a);
    }
}

TEST_CASE("scalar: encodings are the integers in [0, l)", "[group]") {
    for (const bigint& value : edge_values()) {
        const scalar x = scalar_of(value);
        CHECK(value_of(x.bytes()) == value);
        const scalar_words words = x.words();
        bigint sum(0);
        for (std::size_t k = 4; k-- > 0;) sum = (sum << 64) + bigint(words[k]);
        CHECK(sum == value);
        // x 2^256
        bigint form(0);
        for (std::size_t k = 4; k-- > 0;) form = (form << 64) + bigint(x.montgomery_form()[k]);
        CHECK(form == (value << 256) % order);
    }
    for (const bigint& value : {order, order + bigint(1), (bigint(1) << 252) * bigint(2), bigint(1) << 255,
                                (bigint(1) << 256) - bigint(1), order + (bigint(1) << 64)}) {
        const auto refused = scalar::from_bytes(little_endian<32>(value));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::malformed);
        CHECK(refused.error().what == "scalar not reduced");
    }
}

TEST_CASE("scalar: long integers are reduced as libsodium and division reduce them", "[group]") {
    seeded_random rng(2);
    std::vector<byte_array<64>> inputs;
    for (const std::size_t bits :
         {0u, 1u, 64u, 128u, 252u, 253u, 255u, 256u, 257u, 320u, 505u, 508u, 511u, 512u})
        for (const int offset : {-1, 0, 1}) {
            const bigint value = (bigint(1) << bits) + bigint(offset);
            if (!value.is_negative() && value.bit_length() <= 512) inputs.push_back(little_endian<64>(value));
        }
    for (const bigint& multiple : {bigint(1), bigint(2), bigint(15), bigint(16), (bigint(1) << 256) / order,
                                   (bigint(1) << 512) / order})
        for (const int offset : {-1, 0, 1})
            inputs.push_back(little_endian<64>(multiple * order + bigint(offset)));
    for (int i = 0; i < 16; ++i) {
        inputs.emplace_back();
        rng.fill(inputs.back());
    }
    for (const byte_array<64>& input : inputs) {
        const scalar x = scalar::from_uniform(input);
        encoded expected{};
        crypto_core_ristretto255_scalar_reduce(expected.data(), input.data());
        CHECK(x.bytes() == expected);
        CHECK(value_of(x.bytes()) == value_of(input) % order);
        for (const std::size_t length : {0u, 1u, 16u, 31u, 32u, 33u, 63u, 64u}) {
            const byte_view part = byte_view(input).first(length);
            CHECK(value_of(scalar::from_little_endian(part).bytes()) == value_of(part) % order);
        }
    }
}

TEST_CASE("scalar: integers of a word, with and without sign", "[group]") {
    for (const std::uint64_t value :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 63, ~std::uint64_t{0}})
        CHECK(value_of(scalar::from_u64(value).bytes()) == bigint(value));
    for (const std::int64_t value :
         {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::max(),
          std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::min() + 1})
        CHECK(value_of(scalar::from_i64(value).bytes()) == (order + bigint(value)) % order);
    CHECK(value_of(scalar::half().bytes()) == (order + bigint(1)) / bigint(2));
    CHECK(scalar::one() == scalar::from_u64(1));
    STATIC_REQUIRE(scalar::half() + scalar::half() == scalar::one());
    STATIC_REQUIRE(scalar::from_i64(-3) * scalar::from_u64(5) == -scalar::from_u64(15));
}

TEST_CASE("scalar: inverses are libsodium's, and zero has none", "[group]") {
    seeded_random rng(3);
    for (const scalar& a : test_values(rng)) {
        const auto inverse = a.invert();
        if (a.is_zero()) {
            REQUIRE_FALSE(inverse);
            CHECK(inverse.error().code == errc::not_a_unit);
            CHECK(inverse.error().what == "inverse of the scalar zero");
            CHECK(a.inverted().is_zero());
            continue;
        }
        encoded expected{};
        REQUIRE(crypto_core_ristretto255_scalar_invert(expected.data(), a.bytes().data()) == 0);
        CHECK(inverse->bytes() == expected);
        CHECK(*inverse * a == scalar::one());
    }
}
