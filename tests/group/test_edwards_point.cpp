// Points in extended coordinates, one and eight at a time, and the elements that they represent.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"
#include "support/skip.hpp"

#include <veilsum/group/batch.hpp>
#include <veilsum/group/edwards_point.hpp>
#include <veilsum/group/lane_ristretto.hpp>
#include <veilsum/group/point_table.hpp>
#include <veilsum/group/ristretto_encoding.hpp>

#include <sodium/crypto_core_ristretto255.h>
#include <sodium/crypto_scalarmult_ristretto255.h>

#include <array>
#include <string>
#include <vector>

using namespace veilsum;
using namespace veilsum::group;
using veilsum::tests::seeded_random;

namespace {

// The 4-torsion: what may be added to a representative without leaving its element.
std::vector<edwards_point> torsion() {
    const field25519 zero, one = field25519::one(), i = curve25519::sqrt_minus_one;
    return {{zero, one, one, zero}, {zero, -one, one, zero}, {i, zero, one, zero}, {-i, zero, one, zero}};
}
edwards_point any_point(seeded_random& rng) {
    byte_array<64> wide{};
    rng.fill(wide);
    return hash_to_element(wide);
}
// The same point with another Z.
edwards_point rescaled(const edwards_point& p, seeded_random& rng) {
    byte_array<32> data{};
    rng.fill(data);
    const field25519 z = field25519::from_bytes(data);
    return {p.x * z, p.y * z, p.z * z, p.t * z};
}
bool same_point(const edwards_point& p, const edwards_point& q) {
    return ((p.x * q.z).mask_equal(q.x * p.z) & (p.y * q.z).mask_equal(q.y * p.z) & p.on_curve() &
            q.on_curve()) != 0;
}
std::vector<edwards_point> edge_points(seeded_random& rng) {
    std::vector<edwards_point> points = torsion();
    points.push_back(edwards_point::base());
    points.push_back(-edwards_point::base());
    for (const edwards_point& t : torsion()) points.push_back(rescaled(edwards_point::base() + t, rng));
    for (int k = 0; k < 6; ++k) points.push_back(any_point(rng));
    return points;
}
std::vector<scalar> edge_scalars(seeded_random& rng) {
    std::vector<scalar> all{scalar::zero(),      scalar::one(),        -scalar::one(),
                            scalar::from_u64(8), scalar::from_i64(-8), scalar::from_u64(0x8888888888888888)};
    bytes nibbles(32, 0x77);
    nibbles[31] = 0x07;
    all.push_back(scalar::from_little_endian(nibbles));
    bytes eights(32, 0x88);
    eights[31] = 0x08;
    all.push_back(scalar::from_little_endian(eights));
    bytes ones(32, 0xff);
    ones[31] = 0x0f;
    all.push_back(scalar::from_little_endian(ones));
    for (int k = 0; k < 4; ++k) all.push_back(scalar::random(rng));
    return all;
}

} // namespace

TEST_CASE("edwards_point: the addition law is complete", "[group]") {
    seeded_random rng(1);
    const auto points = edge_points(rng);
    for (const edwards_point& p : points) {
        CHECK(p.on_curve() != 0);
        CHECK(same_point(p + edwards_point{}, p));
        CHECK(same_point(p - p, edwards_point{}));
        CHECK(same_point(p + p, p.doubled()));
        CHECK(same_point(p.doubled(3), p.doubled().doubled().doubled()));
        CHECK(same_point(-p, edwards_point{} - p));
        const edwards_point affine = p.scaled(p.z.inverted());
        CHECK(same_point(affine, p));
        for (const edwards_point& q : points) {
            const edwards_point sum = q + p;
            CHECK(sum.on_curve() != 0);
            CHECK(same_point(sum, p + q));
            CHECK(same_point(q + affine.niels(), sum));
            CHECK(same_point(q + affine.niels().negated(), q - p));
            CHECK(same_point(q + p.cached().negated(), q - p));
            CHECK(same_point(sum - p, q));
        }
    }
    // 8 l B = 0 by the group's order is covered by scalars; a point of the wrong curve is seen.
    edwards_point wrong = edwards_point::base();
    wrong.t = wrong.t + field25519::one();
    CHECK(wrong.on_curve() == 0);
}

TEST_CASE("edwards_point: representatives of one element compare equal and encode alike", "[group]") {
    seeded_random rng(2);
    std::vector<edwards_point> elements{edwards_point{}, edwards_point::base()};
    for (int k = 0; k < 8; ++k) elements.push_back(any_point(rng));
    for (std::size_t i = 0; i < elements.size(); ++i)
        for (const edwards_point& t : torsion()) {
            const edwards_point other = rescaled(elements[i] + t, rng);
            CHECK(elements[i].same_element(other) != 0);
            CHECK(encode_element(other) == encode_element(elements[i]));
            for (std::size_t j = 0; j < elements.size(); ++j)
                if (j != i) CHECK(elements[j].same_element(other) == 0);
            const point p = point::from_representative(other);
            CHECK(p == point::from_representative(elements[i]));
            CHECK(p.is_identity() == (i == 0));
        }
}

TEST_CASE("point: every operation agrees with libsodium", "[group]") {
    seeded_random rng(3);
    std::vector<byte_array<32>> encodings{byte_array<32>{}, point::base().bytes()};
    for (int k = 0; k < 10; ++k) {
        byte_array<64> wide{};
        rng.fill(wide);
        byte_array<32> expected{};
        crypto_core_ristretto255_from_hash(expected.data(), wide.data());
        CHECK(point::from_uniform(wide).bytes() == expected);
        encodings.push_back(expected);
    }
    const auto scalars = edge_scalars(rng);
    for (const byte_array<32>& a : encodings) {
        const auto p = point::parse(a);
        REQUIRE(p);
        for (const byte_array<32>& b : encodings) {
            const auto q = point::parse(b);
            REQUIRE(q);
            byte_array<32> expected{};
            REQUIRE(crypto_core_ristretto255_add(expected.data(), a.data(), b.data()) == 0);
            CHECK((*p + *q).bytes() == expected);
            REQUIRE(crypto_core_ristretto255_sub(expected.data(), a.data(), b.data()) == 0);
            CHECK((*p - *q).bytes() == expected);
            CHECK((*p == *q) == (a == b));
        }
        for (const scalar& x : scalars) {
            byte_array<32> expected{}; // all zero is libsodium's answer for the identity, with a failure
            const bool nonzero =
                crypto_scalarmult_ristretto255(expected.data(), x.bytes().data(), a.data()) == 0;
            CHECK((x * *p).bytes() == expected);
            CHECK((x * *p).is_identity() == !nonzero);
        }
    }
    for (const scalar& x : scalars) {
        byte_array<32> expected{};
        (void)crypto_scalarmult_ristretto255_base(expected.data(), x.bytes().data());
        CHECK(point::from_scalar_base(x).bytes() == expected);
    }
}

// RFC 9496 refuses bit 255; libsodium 1.0.18 does not look at it.
TEST_CASE("point: what is a valid encoding agrees with libsodium", "[group]") {
    const auto is_valid = [](const byte_array<32>& data) {
        return data[31] < 0x80 && crypto_core_ristretto255_is_valid_point(data.data()) == 1;
    };
    seeded_random rng(4);
    std::size_t valid = 0;
    std::vector<byte_array<32>> all;
    for (int k = 0; k < 400; ++k) {
        byte_array<32> data{};
        rng.fill(data);
        if (k % 2 == 0) data[31] = static_cast<std::uint8_t>(data[31] & 0x7f);
        if (k % 4 == 0) data[0] = static_cast<std::uint8_t>(data[0] & 0xfe);
        all.push_back(data);
    }
    // p - 20 .. 2^255 + 19, around every bound of a canonical encoding, and small numbers.
    for (int low = 0; low < 256; ++low)
        for (const int high : {0x7f, 0xff, 0x80, 0x00}) {
            byte_array<32> data{};
            data.fill(static_cast<std::uint8_t>((high & 0x7f) == 0x7f ? 0xff : 0));
            data[0] = static_cast<std::uint8_t>(low);
            data[31] = static_cast<std::uint8_t>(high);
            all.push_back(data);
        }
    for (const byte_array<32>& data : all) {
        const bool expected = is_valid(data);
        const auto parsed = point::parse(data);
        CHECK(parsed.has_value() == expected);
        if (!parsed) continue;
        ++valid;
        CHECK(parsed->representative().on_curve() != 0);
        CHECK(point::from_representative(parsed->representative()).bytes() == data);
    }
    CHECK(valid > 60);
    CHECK(valid < all.size() / 2);
    // Eight at a time: each of them in each lane.
    std::vector<point> eight(8);
    for (std::size_t k = 0; k + 8 <= all.size(); k += 3) {
        bytes data;
        std::size_t good = 0;
        for (std::size_t i = 0; i < 8; ++i) data.insert(data.end(), all[k + i].begin(), all[k + i].end());
        while (good < 8 && is_valid(all[k + good])) ++good;
        CHECK(parse_all(data, eight) == good);
    }
}

TEST_CASE("batch: many at a time are as many one at a time", "[group]") {
    seeded_random rng(5);
    for (const std::size_t count : {0u, 1u, 7u, 8u, 9u, 16u, 37u}) {
        std::vector<byte_array<64>> hashes(count);
        for (auto& each : hashes) rng.fill(each);
        if (count > 2) hashes[2] = {};
        if (count > 3) hashes[3].fill(255);
        std::vector<point> points = from_uniform_all(hashes);
        REQUIRE(points.size() == count);
        for (std::size_t i = 0; i < count; ++i)
            CHECK(points[i].bytes() == point::from_uniform(hashes[i]).bytes());
        if (count > 1) points[1] = point::identity() - point::identity();
        const std::vector<edwards_point> others = torsion();
        for (std::size_t i = 0; i < count; ++i)
            points[i] = point::from_representative(rescaled(points[i].representative() + others[i % 4], rng));
        std::vector<point> encoded = points;
        encode_all(encoded);
        bytes data;
        for (std::size_t i = 0; i < count; ++i) {
            CHECK_FALSE(points[i].encoding_known());
            CHECK(encoded[i].encoding_known());
            const byte_array<32> one = encoded[i].bytes();
            CHECK(one == points[i].bytes());
            data.insert(data.end(), one.begin(), one.end());
        }
        std::vector<point> back(count);
        REQUIRE(parse_all(data, back) == count);
        for (std::size_t i = 0; i < count; ++i) {
            CHECK(back[i] == points[i]);
            CHECK(back[i].bytes() == encoded[i].bytes());
        }
        // The first of two bad ones is named.
        for (std::size_t bad = 0; bad < count; bad += 5) {
            bytes broken = data;
            broken[32 * bad] = static_cast<std::uint8_t>(broken[32 * bad] | 1); // odd: a negative residue
            broken.back() = static_cast<std::uint8_t>(broken.back() | 0x80);
            CHECK(parse_all(broken, back) == bad);
        }
    }
}

TEST_CASE("lane_edwards_point: eight at a time are eight", "[group]") {
    if (!has_ifma()) return test::skip_case("this processor has no AVX-512 IFMA");
#if VEILSUM_IFMA_ENGINE
    seeded_random rng(6);
    const auto points = edge_points(rng);
    for (std::size_t shift = 0; shift < points.size() * points.size(); shift += 3) {
        std::array<edwards_point, 8> p, q;
        for (std::size_t lane = 0; lane < 8; ++lane) {
            p[lane] = points[(shift + lane) % points.size()];
            q[lane] = points[(shift / points.size() + 5 * lane) % points.size()];
        }
        struct of_lanes {
            std::array<edwards_point, 8> sum, difference, doubled, eightfold;
        };
        const auto compute = [&]() VEILSUM_IFMA {
            const lane_point left =
                gather_points([&](std::size_t i) -> const edwards_point& { return p[i]; });
            const lane_point right =
                gather_points([&](std::size_t i) -> const edwards_point& { return q[i]; });
            lane_point sum = left, difference = left, twice = left, eight = left;
            add(sum, right);
            add(difference, negated(0xff, niels(right, inverted(right.z))));
            double_point(twice);
            double_point(eight, 3);
            return of_lanes{scatter_points(sum), scatter_points(difference), scatter_points(twice),
                            scatter_points(eight)};
        };
        const of_lanes out = compute();
        for (std::size_t lane = 0; lane < 8; ++lane) {
            CHECK(same_point(out.sum[lane], p[lane] + q[lane]));
            CHECK(same_point(out.difference[lane], p[lane] - q[lane]));
            CHECK(same_point(out.doubled[lane], p[lane] + p[lane]));
            CHECK(same_point(out.eightfold[lane], p[lane].doubled(3)));
        }
    }
#endif
}

TEST_CASE("scalar_digits: digits add up to the scalar and keep their range", "[group]") {
    seeded_random rng(7);
    for (const scalar& x : edge_scalars(rng)) {
        scalar sum;
        const signed_nibbles nibbles(x);
        for (std::size_t j = nibbles_of_scalar; j-- > 0;) {
            CHECK(nibbles[j] >= -8);
            CHECK(nibbles[j] <= 8);
            sum = sum * scalar::from_u64(16) + scalar::from_i64(nibbles[j]);
        }
        CHECK(sum == x);
        for (unsigned c = 2; c <= 32; ++c) {
            std::vector<std::int32_t> digits(digit_count(c));
            signed_digits(x, c, digits);
            sum = scalar::zero();
            for (std::size_t j = digits.size(); j-- > 0;) {
                CHECK(digits[j] >= -(std::int64_t{1} << (c - 1)));
                CHECK(digits[j] < std::int64_t{1} << (c - 1));
                sum = sum * scalar::from_u64(std::uint64_t{1} << c) + scalar::from_i64(digits[j]);
            }
            CHECK(sum == x);
        }
    }
}
