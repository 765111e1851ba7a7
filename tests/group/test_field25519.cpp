// GF(2^255 - 19), one element and eight at a time, against big integers.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"
#include "support/skip.hpp"

#include <veilsum/group/field25519.hpp>
#include <veilsum/group/lane_field25519.hpp>
#include <veilsum/integer/bigint.hpp>

#include <algorithm>
#include <array>
#include <vector>

using namespace veilsum;
using namespace veilsum::group;
using integer::bigint;
using veilsum::tests::seeded_random;

namespace {

const bigint prime = (bigint(1) << 255) - bigint(19);

// Any limbs, whatever their bounds.
bigint value_of(const field25519& x) {
    bigint sum(0);
    for (std::size_t k = 5; k-- > 0;) {
        bytes word(8);
        for (std::size_t at = 0; at < 8; ++at)
            word[7 - at] = static_cast<std::uint8_t>(x.limb[k] >> (8 * at));
        sum = (sum << 51) + bigint::from_bytes(word);
    }
    return sum;
}
bigint residue_of(const field25519& x) {
    return value_of(x) % prime;
}
byte_array<32> little_endian(const bigint& value) {
    const bytes big = value.to_bytes(32);
    byte_array<32> out{};
    std::copy(big.rbegin(), big.rend(), out.begin());
    return out;
}
field25519 all_limbs(std::uint64_t limb) {
    return {{limb, limb, limb, limb, limb}};
}

// Residues at the edges, residues that are not reduced, and limbs at the bounds of a tight element.
std::vector<field25519> tight_values(seeded_random& rng) {
    std::vector<field25519> values;
    for (const bigint& each :
         {bigint(0), bigint(1), bigint(2), bigint(18), bigint(19), prime - bigint(1), prime - bigint(2),
          prime, prime + bigint(1), prime + bigint(18), (bigint(1) << 254), (bigint(1) << 255) - bigint(1)})
        values.push_back(field25519::from_bytes(little_endian(each)));
    values.push_back(all_limbs(field25519::limb_mask));
    values.push_back(all_limbs(field25519::limb_mask + (1u << 13)));
    for (std::size_t k = 0; k < 5; ++k) {
        field25519 one_limb;
        one_limb.limb[k] = field25519::limb_mask + (1u << 13);
        values.push_back(one_limb);
    }
    for (int i = 0; i < 12; ++i) {
        byte_array<32> data{};
        rng.fill(data);
        values.push_back(field25519::from_bytes(data));
    }
    return values;
}
void check_tight(const field25519& x) {
    for (const std::uint64_t limb : x.limb) CHECK(limb < field25519::limb_mask + (1u << 13) + 1);
}

} // namespace

TEST_CASE("field25519: sums, differences and products are those of residues", "[group]") {
    seeded_random rng(1);
    const auto values = tight_values(rng);
    for (const field25519& a : values)
        for (const field25519& b : values) {
            const bigint x = residue_of(a), y = residue_of(b);
            CHECK(residue_of(a + b) == (x + y) % prime);
            CHECK(residue_of(a - b) == (x - y) % prime);
            CHECK(residue_of(a * b) == x * y % prime);
            check_tight(a * b);
            // The sums that may be multiplied without a carry.
            const field25519 sum = a + b - a, difference = a - (a + b);
            CHECK(residue_of(sum * difference) == (prime - y) * y % prime);
            check_tight(sum * difference);
            CHECK(a.mask_equal(b) == (x == y ? ~std::uint64_t{0} : 0));
        }
    for (const field25519& a : values) {
        CHECK(residue_of(a.squared()) == residue_of(a * a));
        CHECK(residue_of(-a) == (prime - residue_of(a)) % prime);
        CHECK(residue_of(a.squared_times(3)) == residue_of(a * a * a * a * a * a * a * a));
        CHECK(a.bytes() == little_endian(residue_of(a)));
        CHECK((a.mask_zero() != 0) == residue_of(a).is_zero());
        CHECK((a.mask_negative() != 0) == residue_of(a).is_odd());
        CHECK_FALSE(residue_of(a.absolute()).is_odd());
        CHECK(residue_of(a.absolute().squared()) == residue_of(a.squared()));
    }
}

TEST_CASE("field25519: factors at their bounds do not overflow", "[group]") {
    for (const std::uint64_t limb : {(std::uint64_t{1} << 54) - 1, (std::uint64_t{1} << 53) - 1}) {
        const field25519 a = all_limbs(limb);
        CHECK(residue_of(a * a) == residue_of(a) * residue_of(a) % prime);
        CHECK(residue_of(a.squared()) == residue_of(a * a));
        check_tight(a * a);
        check_tight(a.squared());
    }
    const field25519 widest = all_limbs((std::uint64_t{1} << 63) - 1);
    CHECK(residue_of(widest.carried()) == residue_of(widest));
    check_tight(widest.carried());
    CHECK(widest.bytes() == little_endian(residue_of(widest)));
}

TEST_CASE("field25519: inverses and the power of square roots", "[group]") {
    seeded_random rng(2);
    const bigint exponent = (bigint(1) << 252) - bigint(3);
    for (const field25519& a : tight_values(rng)) {
        const bigint x = residue_of(a);
        CHECK(residue_of(a.inverted()) == (x.is_zero() ? bigint(0) : *invert(x, prime)));
        CHECK(residue_of(a.root_power()) == power_vartime(x, exponent, prime));
    }
}

TEST_CASE("field25519: the constants are what they are called", "[group]") {
    using namespace curve25519;
    const bigint of_d = (prime - bigint(121665)) * *invert(bigint(121666), prime) % prime;
    CHECK(residue_of(d) == of_d);
    CHECK(residue_of(twice_d) == bigint(2) * of_d % prime);
    CHECK(residue_of(sqrt_minus_one.squared()) == prime - bigint(1));
    CHECK(sqrt_minus_one.mask_negative() == 0);
    CHECK(residue_of(sqrt_ad_minus_one.squared()) == (prime - of_d - bigint(1)) % prime);
    CHECK(residue_of(inverse_sqrt_a_minus_d.squared()) * (prime - of_d - bigint(1)) % prime == bigint(1));
    CHECK(residue_of(one_minus_d_squared) == (bigint(1) - of_d * of_d) % prime);
    CHECK(residue_of(d_minus_one_squared) == (of_d - bigint(1)) * (of_d - bigint(1)) % prime);
    // RFC 9496, 4.1, of the roots whose sign matters.
    CHECK(value_of(sqrt_ad_minus_one) ==
          *bigint::from_decimal(
              "25063068953384623474111414158702152701244531502492656460079210482610430750235"));
    CHECK(value_of(inverse_sqrt_a_minus_d) ==
          *bigint::from_decimal(
              "54469307008909316920995813868745141605393597292927456921205312896311721017578"));
}

TEST_CASE("lane_field25519: eight at a time are eight", "[group]") {
    if (!has_ifma()) return test::skip_case("this processor has no AVX-512 IFMA");
#if VEILSUM_IFMA_ENGINE
    seeded_random rng(3);
    auto values = tight_values(rng);
    values.push_back(all_limbs((std::uint64_t{1} << 52) - 1)); // all ones in a lane's digit
    values.push_back(all_limbs(field25519::limb_mask + (1u << 17)));
    const std::size_t count = values.size();
    // Rotations put every value into every lane, beside different neighbours.
    for (std::size_t shift = 0; shift < count; ++shift) {
        std::array<field25519, 8> a, b;
        for (std::size_t lane = 0; lane < 8; ++lane) {
            a[lane] = values[(lane + shift) % count];
            b[lane] = values[(3 * lane + 7 * shift + 5) % count];
        }
        struct of_lanes {
            std::array<field25519, 8> sum, difference, product, square, negative, canonical, inverse, root;
            lane_mask zero, equal, odd;
        };
        const auto compute = [&]() VEILSUM_IFMA {
            const lane_field25519 x = gather_lanes([&](std::size_t i) -> const field25519& { return a[i]; });
            const lane_field25519 y = gather_lanes([&](std::size_t i) -> const field25519& { return b[i]; });
            return of_lanes{scatter_lanes(x + y),
                            scatter_lanes(x - y),
                            scatter_lanes(x * y),
                            scatter_lanes(squared(x)),
                            scatter_lanes(-x),
                            scatter_lanes(group::canonical(x)),
                            scatter_lanes(inverted(x)),
                            scatter_lanes(root_power(x)),
                            zero_lanes(x),
                            equal_lanes(x, y),
                            negative_lanes(x)};
        };
        const of_lanes out = compute();
        for (std::size_t lane = 0; lane < 8; ++lane) {
            const bigint x = residue_of(a[lane]), y = residue_of(b[lane]);
            CHECK(residue_of(out.sum[lane]) == (x + y) % prime);
            CHECK(residue_of(out.difference[lane]) == (x - y) % prime);
            CHECK(residue_of(out.product[lane]) == x * y % prime);
            CHECK(residue_of(out.square[lane]) == x * x % prime);
            CHECK(residue_of(out.negative[lane]) == (prime - x) % prime);
            CHECK(value_of(out.canonical[lane]) == x);
            CHECK(residue_of(out.inverse[lane]) == residue_of(a[lane].carried().inverted()));
            CHECK(residue_of(out.root[lane]) == residue_of(a[lane].carried().root_power()));
            for (const auto* each : {&out.sum, &out.difference, &out.product, &out.square, &out.negative})
                for (const std::uint64_t limb : (*each)[lane].limb)
                    CHECK(limb < field25519::limb_mask + (1u << 17));
            CHECK((out.zero >> lane & 1) == (x.is_zero() ? 1 : 0));
            CHECK((out.equal >> lane & 1) == (x == y ? 1 : 0));
            CHECK((out.odd >> lane & 1) == (x.is_odd() ? 1 : 0));
        }
    }
#endif
}

TEST_CASE("lane_field25519: sums of products at their bounds do not overflow", "[group]") {
    if (!has_ifma()) return test::skip_case("this processor has no AVX-512 IFMA");
#if VEILSUM_IFMA_ENGINE
    const field25519 ones = all_limbs((std::uint64_t{1} << 52) - 1);
    const auto compute = [&]() VEILSUM_IFMA {
        const lane_field25519 x = broadcast(ones), zero = broadcast(field25519::zero());
        const lane_columns product = multiply_columns(x, x), square = square_columns(x);
        const lane_columns none = multiply_columns(zero, zero);
        return std::array<field25519, 4>{
            scatter_lanes(carried(product + square - none))[0],
            scatter_lanes(carried(none - product))[1],
            scatter_lanes(carried(product + square + (product - none)))[2],
            scatter_lanes(carried(product - square))[7],
        };
    };
    const std::array<field25519, 4> out = compute();
    const bigint square = residue_of(ones) * residue_of(ones) % prime;
    CHECK(residue_of(out[0]) == bigint(2) * square % prime);
    CHECK(residue_of(out[1]) == (prime - square) % prime);
    CHECK(residue_of(out[2]) == bigint(3) * square % prime);
    CHECK(residue_of(out[3]).is_zero());
    for (const field25519& each : out)
        for (const std::uint64_t limb : each.limb) CHECK(limb < field25519::limb_mask + (1u << 17));
#endif
}
