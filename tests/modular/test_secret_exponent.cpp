#include "support/catch.hpp"
#include "support/naive_modular.hpp"

#include <veilsum/modular/secret_exponent.hpp>

using namespace veilsum;
using namespace veilsum::modular;
using integer::bigint;

TEST_CASE("secret exponent: digits recompose to the value", "[modular]") {
    tests::seeded_random rng(40);
    for (const std::size_t bits : {1u, 5u, 63u, 64u, 65u, 128u, 200u, 512u}) {
        const bigint top = bigint(1) << bits;
        for (const bigint& value :
             {bigint(0), bigint(1), top - bigint(1), top >> 1, tests::any_bits(rng, bits)}) {
            const secret_exponent exponent(value, bits);
            REQUIRE(exponent.bits() == bits);
            for (const std::size_t width : {1u, 4u, 5u, 6u, 8u, 13u}) {
                bigint recomposed(0);
                for (std::size_t j = secret_exponent::digits(bits, width); j-- > 0;) {
                    const limb digit = exponent.digit(j * width, width);
                    REQUIRE(digit < (limb{1} << width));
                    recomposed = (recomposed << width) + bigint(static_cast<std::int64_t>(digit));
                }
                REQUIRE(recomposed == value);
            }
        }
    }
}

TEST_CASE("secret exponent: an empty one has no digits", "[modular]") {
    REQUIRE(secret_exponent::digits(0, 5) == 0);
    REQUIRE(secret_exponent::digits(1, 5) == 1);
    REQUIRE(secret_exponent::digits(5, 5) == 1);
    REQUIRE(secret_exponent::digits(6, 5) == 2);
    REQUIRE(secret_exponent(bigint(0), 0).bits() == 0);
}

TEST_CASE("secret exponent: selection reads the entry that was asked for", "[modular]") {
    constexpr std::size_t length = 7, entries = 32;
    std::vector<limb> table(length * entries);
    tests::seeded_random rng(41);
    for (limb& value : table) value = rng.word();
    for (std::size_t d = 0; d < entries; ++d) {
        std::vector<limb> out(length);
        select_entry(out.data(), table.data(), length, entries, d);
        REQUIRE(std::equal(out.begin(), out.end(), table.begin() + static_cast<std::ptrdiff_t>(d * length)));
    }
}
