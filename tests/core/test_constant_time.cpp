#include "support/catch.hpp"

#include <veilsum/core/constant_time.hpp>

using namespace veilsum;

namespace {

constexpr std::uint64_t ones = ~std::uint64_t{0};

} // namespace

TEST_CASE("constant time: a difference in any one bit is a difference", "[core]") {
    const bytes one(33, 0x5a);
    CHECK(equal_constant_time(one, one));
    for (std::size_t bit = 0; bit < 8 * one.size(); ++bit) {
        bytes other = one;
        other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ (1u << (bit % 8)));
        if (equal_constant_time(one, other)) FAIL_CHECK("bit " << bit);
    }
    CHECK(equal_constant_time(bytes{}, bytes{}));
    CHECK_FALSE(equal_constant_time(one, bytes(32, 0x5a)));
    CHECK_FALSE(equal_constant_time(bytes{}, bytes{0}));
}

TEST_CASE("constant time: the mask is all ones for equal words and zero for others", "[core]") {
    static_assert(mask_if_equal(0, 0) == ones);
    static_assert(mask_if_equal(ones, ones) == ones);
    for (unsigned bit = 0; bit < 64; ++bit) {
        const std::uint64_t word = std::uint64_t{1} << bit;
        CHECK(mask_if_equal(word, word) == ones);
        CHECK(mask_if_equal(word, 0) == 0);
        CHECK(mask_if_equal(0, word) == 0);
        CHECK(mask_if_equal(ones, ones ^ word) == 0);
    }
}

TEST_CASE("constant time: select takes bits from one word or the other", "[core]") {
    static_assert(select(ones, 7, 9) == 7);
    static_assert(select(0, 7, 9) == 9);
    CHECK(select(0xff00, 0x1234, 0xabcd) == 0x12cd);
}
