#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/modular/limb_row.hpp>

#include <algorithm>
#include <vector>

using namespace veilsum;
using namespace veilsum::modular;
using limbs_type = std::vector<limb>;

namespace {

constexpr limb ones = ~limb{0};
constexpr std::size_t longest = 13 * row_step;

// All ones at first, where every carry runs through every limb; then random limbs, a third of them all ones
// or zero.
limbs_type any_limbs(tests::seeded_random& rng, std::size_t count, int round) {
    limbs_type out(count, ones);
    if (round == 0) return out;
    for (limb& value : out) {
        const std::uint64_t kind = rng.below(6);
        value = kind == 0 ? ones : kind == 1 ? 0 : rng.word();
    }
    return out;
}

// sum <- sum + a b 2^(64 at), one product after the other.
void add_product(limbs_type& sum, std::size_t at, limb a, limb b) {
    limb product[2] = {a, 0};
    product[1] = mpn_mul_1(product, product, 1, b);
    limb carry = 0;
    for (std::size_t k = at; k < sum.size(); ++k) {
        const limb addend = k < at + 2 ? product[k - at] : 0;
        const limb partial = addend + carry;
        carry = partial < carry ? 1 : 0;
        sum[k] += partial;
        carry += sum[k] < partial ? 1 : 0;
    }
    REQUIRE(carry == 0);
}
limbs_type widened(const limbs_type& value, std::size_t count) {
    limbs_type out = value;
    out.resize(count, 0);
    return out;
}

} // namespace

TEST_CASE("row: eight rows are the sum of their products", "[modular]") {
    tests::seeded_random rng(1);
    if constexpr (fits_row_steps<row_step>) {
        if (fastest_row_kernel() != row_kernel::adx) return;
        for (std::size_t n = row_step; n <= longest; n += row_step) {
            for (int round = 0; round < 12; ++round) {
                const limbs_type a = any_limbs(rng, n, round), b = any_limbs(rng, row_step, round);
                const limbs_type r = any_limbs(rng, n, round);
                limbs_type expected = widened(r, n + row_step), out = expected;
                std::fill(out.begin() + static_cast<std::ptrdiff_t>(n), out.end(), ones); // not read
                for (std::size_t i = 0; i < row_step; ++i)
                    for (std::size_t j = 0; j < n; ++j) add_product(expected, i + j, a[j], b[i]);
                add_limb_rows(out.data(), out.data() + n, a.data(), n, b.data());
                REQUIRE(out == expected);
                // The top in the place of the lowest limbs.
                limbs_type folded = r;
                add_limb_rows(folded.data(), folded.data(), a.data(), n, b.data());
                std::copy_n(expected.begin() + static_cast<std::ptrdiff_t>(n), row_step, expected.begin());
                expected.resize(n);
                REQUIRE(folded == expected);
            }
        }
    }
}

TEST_CASE("row: the rows of a square have each pair of limbs once", "[modular]") {
    tests::seeded_random rng(2);
    if constexpr (fits_row_steps<row_step>) {
        if (fastest_row_kernel() != row_kernel::adx) return;
        for (std::size_t n = row_step; n <= longest; n += row_step) {
            for (int round = 0; round < 12; ++round) {
                const limbs_type a = any_limbs(rng, n, round), r = any_limbs(rng, n, round);
                limbs_type expected = widened(r, n + row_step), out = expected;
                std::fill(out.begin() + static_cast<std::ptrdiff_t>(n), out.end(), ones); // not read
                for (std::size_t i = 0; i < row_step; ++i)
                    for (std::size_t j = i + 1; j < n; ++j) add_product(expected, i + j, a[i], a[j]);
                add_limb_square_rows(out.data(), out.data() + n, a.data(), n);
                REQUIRE(out == expected);
            }
        }
    }
}

TEST_CASE("row: doubling and the squares of the limbs", "[modular]") {
    tests::seeded_random rng(3);
    if constexpr (fits_row_steps<row_step>) {
        if (fastest_row_kernel() != row_kernel::adx) return;
        for (std::size_t n = 1; n <= 20; ++n) {
            for (int round = 0; round < 12; ++round) {
                const limbs_type a = any_limbs(rng, n, round);
                limbs_type out = any_limbs(rng, 2 * n, round);
                // The largest that fits beside a^2 < 2^(128 n) - 2^(64 n) is less than half of that.
                out.back() = round == 0 ? 0 : out.back() >> 2;
                limbs_type limbs = a;
                limbs.back() >>= 1;
                limbs_type expected = out;
                REQUIRE(mpn_add_n(expected.data(), out.data(), out.data(), static_cast<mp_size_t>(2 * n)) ==
                        0);
                for (std::size_t i = 0; i < n; ++i) add_product(expected, 2 * i, limbs[i], limbs[i]);
                double_and_add_squares(out.data(), limbs.data(), n);
                REQUIRE(out == expected);
            }
        }
    }
}

TEST_CASE("row: the low half of a product of eight limbs", "[modular]") {
    tests::seeded_random rng(4);
    if constexpr (fits_row_steps<row_step>) {
        if (fastest_row_kernel() != row_kernel::adx) return;
        for (int round = 0; round < 200; ++round) {
            const limbs_type a = any_limbs(rng, row_step, round % 40);
            const limbs_type b = any_limbs(rng, row_step, round % 50);
            limbs_type expected(2 * row_step), out(row_step, ones);
            mpn_mul_n(expected.data(), a.data(), b.data(), row_step);
            expected.resize(row_step);
            multiply_low_limbs(out.data(), a.data(), b.data());
            REQUIRE(out == expected);
        }
    }
}
