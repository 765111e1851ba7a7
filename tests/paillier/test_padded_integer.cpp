#include "support/catch.hpp"
#include "support/naive_modular.hpp"

#include <veilsum/paillier/padded_integer.hpp>

using namespace veilsum;
using namespace veilsum::paillier;
using tests::any_below;
using tests::any_bits;
using tests::seeded_random;

namespace {

// Numbers whose upper limbs are zero, or not, of at most `limbs` limbs.
std::vector<bigint> samples(seeded_random& rng, std::size_t limbs) {
    std::vector<bigint> out{bigint(0), bigint(1), (bigint(1) << (64 * limbs)) - 1,
                            bigint(1) << (64 * limbs - 1)};
    for (std::size_t size = 1; size <= limbs; ++size) out.push_back(any_bits(rng, 64 * size));
    return out;
}

} // namespace

TEST_CASE("padded integer: bigints go in and come out, with sign and any number of zero limbs",
          "[paillier]") {
    seeded_random rng(1);
    for (const bigint& value : samples(rng, 5)) {
        for (const std::size_t size : {std::size_t{5}, std::size_t{6}, std::size_t{9}}) {
            const padded_integer padded(value, size);
            CHECK(padded.size() == size);
            CHECK(padded.to_integer() == value);
            CHECK(padded.to_integer(~limb{0}) == -value);
            CHECK(padded_integer(-value, size).to_integer() == value);
            CHECK(padded.resized(12).to_integer() == value);
            CHECK(padded.resized(2).to_integer() == value % (bigint(1) << 128));
        }
    }
}

TEST_CASE("padded integer: products, remainders and quotients are those of bigint", "[paillier]") {
    seeded_random rng(2);
    for (const std::size_t divisor_limbs : {std::size_t{1}, std::size_t{3}, std::size_t{5}}) {
        const bigint modulus =
            any_bits(rng, 64 * divisor_limbs - 7) + (bigint(1) << (64 * divisor_limbs - 7));
        const padded_integer m(modulus, divisor_limbs);
        for (const bigint& a : samples(rng, 5)) {
            const padded_integer pa(a, 5);
            CHECK(remainder(pa, m).to_integer() == a % modulus);
            CHECK(remainder(pa, m).size() == divisor_limbs);
            const division parts = divide(pa, m);
            CHECK(parts.quotient.to_integer() == a / modulus);
            CHECK(parts.remainder.to_integer() == a % modulus);
            for (const bigint& b : samples(rng, 2)) {
                const padded_integer pb(b, 2);
                CHECK(multiply(pa, pb).to_integer() == a * b);
                CHECK(multiply(pb, pa).to_integer() == a * b);
                CHECK(multiply_modulo(pb, pa, m).to_integer() == a * b % modulus);
            }
        }
    }
}

TEST_CASE("padded integer: a dividend shorter than its divisor is its own remainder", "[paillier]") {
    const bigint modulus = (bigint(1) << 255) + 77;
    CHECK(remainder(padded_integer(bigint(5), 1), padded_integer(modulus, 4)).to_integer() == 5);
}

TEST_CASE("padded integer: differences, comparisons and choices", "[paillier]") {
    seeded_random rng(3);
    const bigint modulus = (bigint(1) << 190) + 12345;
    const padded_integer m(modulus, 3);
    std::vector<bigint> values{bigint(0), bigint(1), modulus - 1, modulus >> 1};
    for (int i = 0; i < 4; ++i) values.push_back(any_below(rng, modulus));
    for (const bigint& a : values) {
        for (const bigint& b : values) {
            const padded_integer pa(a, 3), pb(b, 3);
            CHECK(subtract_modulo(pa, pb, m).to_integer() == (a - b) % modulus);
            CHECK(mask_if_less(pa, pb) == (a < b ? ~limb{0} : limb{0}));
            CHECK(select(~limb{0}, pa, pb).to_integer() == a);
            CHECK(select(0, pa, pb).to_integer() == b);
        }
        CHECK(padded_integer(a, 3).mask_if(0) == (a.is_zero() ? ~limb{0} : limb{0}));
        CHECK(padded_integer(a, 3).mask_if(1) == (a == 1 ? ~limb{0} : limb{0}));
    }
}

TEST_CASE("padded integer: adding one carries through all limbs", "[paillier]") {
    padded_integer value((bigint(1) << 128) - 1, 3);
    CHECK(increment(value) == 0);
    CHECK(value.to_integer() == bigint(1) << 128);
    padded_integer full((bigint(1) << 192) - 1, 3);
    CHECK(increment(full) == 1);
    CHECK(full.to_integer() == 0);
}
