#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/modular/limb_product.hpp>

#include <algorithm>
#include <utility>
#include <vector>

using namespace veilsum;
using namespace veilsum::modular;
using limbs_type = std::vector<limb>;

namespace {

constexpr limb ones = ~limb{0};

// Random limbs, but a third of them all ones or zero, so that carries run far.
limbs_type any_limbs(tests::seeded_random& rng, std::size_t count) {
    limbs_type out(count);
    for (limb& value : out) {
        const std::uint64_t kind = rng.below(6);
        value = kind == 0 ? ones : kind == 1 ? 0 : rng.word();
    }
    return out;
}

std::vector<limbs_type> operands(tests::seeded_random& rng, std::size_t count) {
    std::vector<limbs_type> out{limbs_type(count, 0), limbs_type(count, ones), limbs_type(count, limb{1})};
    out.emplace_back(count, 0).front() = 1;
    out.emplace_back(count, 0).back() = limb{1} << 63;
    // Equal halves.
    limbs_type twice = any_limbs(rng, count);
    std::copy_n(twice.begin(), count / 2, twice.begin() + static_cast<std::ptrdiff_t>(count - count / 2));
    out.push_back(twice);
    for (int i = 0; i < 4; ++i) out.push_back(any_limbs(rng, count));
    return out;
}

template <std::size_t L, row_kernel Kernel>
void check_products() {
    tests::seeded_random rng(L);
    limbs_type scratch(product_scratch(L));
    const std::vector<limbs_type> values = operands(rng, L);
    for (const limbs_type& a : values) {
        for (const limbs_type& b : values) {
            limbs_type expected(2 * L), out(2 * L, ones);
            mpn_mul_n(expected.data(), a.data(), b.data(), L);
            multiply_limbs<L, Kernel>(out.data(), a.data(), b.data(), scratch.data());
            REQUIRE(out == expected);
        }
        limbs_type expected(2 * L), out(2 * L, ones);
        mpn_sqr(expected.data(), a.data(), L);
        square_limbs<L, Kernel>(out.data(), a.data(), scratch.data());
        REQUIRE(out == expected);
    }
}
template <std::size_t L>
void check_length() {
    CAPTURE(L);
    check_products<L, row_kernel::portable>();
    if constexpr (fits_row_steps<L>) {
        if (fastest_row_kernel() == row_kernel::adx) check_products<L, row_kernel::adx>();
    }
}
template <std::size_t... Less>
void check_lengths(std::index_sequence<Less...>) {
    (check_length<Less + 1>(), ...);
}

} // namespace

TEST_CASE("product: short lengths agree with GMP", "[modular]") {
    check_lengths(std::make_index_sequence<40>{});
}

TEST_CASE("product: long lengths, split and not, agree with GMP", "[modular]") {
    check_length<48>();
    check_length<64>();
    check_length<72>();
    check_length<96>();
    check_length<128>();
    check_length<144>();
    check_length<192>();
    check_length<256>();
}

TEST_CASE("product: carries of the middle run to the top", "[modular]") {
    // Halves whose sums have a bit more, and products that are ones in all limbs but two.
    constexpr std::size_t length = 64, half = length / 2;
    const limbs_type all(length, ones);
    limbs_type high(length, 0), low(length, 0);
    std::fill_n(high.begin() + half, half, ones);
    std::fill_n(low.begin(), half, ones);
    limbs_type scratch(product_scratch(length));
    for (const limbs_type& a : {all, high, low}) {
        for (const limbs_type& b : {all, high, low}) {
            limbs_type expected(2 * length), out(2 * length);
            mpn_mul_n(expected.data(), a.data(), b.data(), length);
            multiply_limbs<length, row_kernel::portable>(out.data(), a.data(), b.data(), scratch.data());
            REQUIRE(out == expected);
            if (fastest_row_kernel() != row_kernel::adx) continue;
            multiply_limbs<length, row_kernel::adx>(out.data(), a.data(), b.data(), scratch.data());
            REQUIRE(out == expected);
        }
    }
}
