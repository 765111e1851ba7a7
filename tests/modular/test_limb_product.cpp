#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/modular/limb_product.hpp>

#include <algorithm>
#include <cstring>
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
    // Equal halves: the difference of Karatsuba's halves is zero.
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
        square_limbs<L>(out.data(), a.data(), scratch.data());
        REQUIRE(out == expected);
    }
}

// The row as its definition says, one limb after the other.
limb naive_row(limb* r, const limb* a, std::size_t n, limb b) {
    limb carry = 0;
    for (std::size_t i = 0; i < n; ++i) {
        limb product[2] = {a[i], 0};
        product[1] = mpn_mul_1(product, product, 1, b);
        product[1] += mpn_add_1(product, product, 1, r[i]);
        product[1] += mpn_add_1(product, product, 1, carry);
        r[i] = product[0];
        carry = product[1];
    }
    return carry;
}

} // namespace

TEST_CASE("row: both kernels add a multiple like the definition", "[modular]") {
    tests::seeded_random rng(1);
    for (std::size_t n = row_step; n <= 13 * row_step; n += row_step) {
        for (int round = 0; round < 20; ++round) {
            const limbs_type a = round == 0 ? limbs_type(n, ones) : any_limbs(rng, n);
            const limbs_type r = round == 0 ? limbs_type(n, ones) : any_limbs(rng, n);
            const limb b = round < 2 ? ones : round == 2 ? 0 : rng.word();
            limbs_type expected = r, portable = r, fastest = r;
            const limb carry = naive_row(expected.data(), a.data(), n, b);
            REQUIRE(add_row<row_kernel::portable>(portable.data(), a.data(), n, b) == carry);
            REQUIRE(portable == expected);
            if (fastest_row_kernel() == row_kernel::adx) {
                REQUIRE(add_row<row_kernel::adx>(fastest.data(), a.data(), n, b) == carry);
                REQUIRE(fastest == expected);
            }
        }
    }
}

TEST_CASE("product: every length agrees with GMP", "[modular]") {
    check_products<1, row_kernel::portable>();
    check_products<2, row_kernel::portable>();
    check_products<8, row_kernel::portable>();
    check_products<24, row_kernel::portable>();
    check_products<34, row_kernel::portable>();
    check_products<40, row_kernel::portable>();
    check_products<48, row_kernel::portable>();
    check_products<64, row_kernel::portable>();
    check_products<96, row_kernel::portable>();
    check_products<144, row_kernel::portable>();
    if (fastest_row_kernel() != row_kernel::adx) return;
    check_products<8, row_kernel::adx>();
    check_products<24, row_kernel::adx>();
    check_products<40, row_kernel::adx>();
    check_products<48, row_kernel::adx>();
    check_products<64, row_kernel::adx>();
    check_products<72, row_kernel::adx>();
    check_products<96, row_kernel::adx>();
    check_products<128, row_kernel::adx>();
    check_products<144, row_kernel::adx>();
    check_products<256, row_kernel::adx>();
}

TEST_CASE("product: the absolute difference and its sign", "[modular]") {
    tests::seeded_random rng(2);
    const std::vector<limbs_type> values = operands(rng, 5);
    for (const limbs_type& a : values) {
        for (const limbs_type& b : values) {
            limbs_type out(5), expected(5);
            const bool less = mpn_cmp(a.data(), b.data(), 5) < 0;
            mpn_sub_n(expected.data(), (less ? b : a).data(), (less ? a : b).data(), 5);
            REQUIRE(subtract_absolute(out.data(), a.data(), b.data(), 5) == (less ? ones : 0));
            REQUIRE(out == expected);
        }
    }
}
