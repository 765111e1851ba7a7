#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/modular/montgomery.hpp>

#include <array>
#include <utility>
#include <vector>

using namespace veilsum;
using namespace veilsum::modular;

namespace {

bigint any_below(tests::seeded_random& rng, const bigint& bound) {
    const std::size_t length = (bound.bit_length() + 7) / 8;
    return bigint::from_bytes(rng.draw(length)) % bound;
}

// Odd moduli of at most 64 L bits: those whose reductions carry furthest, and one that is short.
template <std::size_t L>
std::vector<bigint> moduli(tests::seeded_random& rng) {
    const bigint radix = bigint(1) << (limb_bits * L), half = bigint(1) << (limb_bits * L - 1);
    std::vector<bigint> out{radix - bigint(1), half + bigint(1), bigint(3)};
    bigint random = any_below(rng, half) + half;
    if (!random.is_odd()) random += bigint(1);
    out.push_back(random);
    // Lowest limb one, all others ones: the quotient's limbs are ones.
    if (L > 1) out.push_back(radix - (bigint(1) << limb_bits) + bigint(1));
    return out;
}

// Every product, square and conversion against division, for residues at both ends and between.
template <std::size_t L>
void check_field(const bigint& modulus, row_kernel kernel, tests::seeded_random& rng) {
    const montgomery<L> field(modulus, kernel);
    typename montgomery<L>::workspace room;
    const bigint last = modulus - bigint(1);
    std::vector<bigint> values{bigint(0), bigint(1), last, modulus / bigint(2)};
    values.push_back(any_below(rng, modulus));
    const bigint one = (bigint(1) << (limb_bits * L)) % modulus;
    REQUIRE(copy_from_limbs(field.one(), L) == one);
    std::vector<std::array<limb, L>> residues(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        field.enter(residues[i].data(), values[i], room);
        REQUIRE(copy_from_limbs(residues[i].data(), L) == values[i] * one % modulus);
        REQUIRE(field.leave(residues[i].data(), room) == values[i]);
    }
    std::array<limb, L> out{}, canonical{};
    for (std::size_t i = 0; i < values.size(); ++i) {
        const bigint square = values[i] * values[i] % modulus;
        field.enter(canonical.data(), square, room);
        field.square(out.data(), residues[i].data(), room);
        REQUIRE(out == canonical);
        field.square_vartime(out.data(), residues[i].data(), room);
        REQUIRE(out == canonical);
        for (std::size_t j = 0; j <= i; ++j) {
            field.enter(canonical.data(), values[i] * values[j] % modulus, room);
            field.multiply(out.data(), residues[i].data(), residues[j].data(), room);
            REQUIRE(out == canonical);
            field.multiply_vartime(out.data(), residues[i].data(), residues[j].data(), room);
            REQUIRE(out == canonical);
        }
        // In place.
        out = residues[i];
        field.multiply(out.data(), out.data(), out.data(), room);
        field.enter(canonical.data(), square, room);
        REQUIRE(out == canonical);
    }
    // Residues as limbs, whatever they stand for: the largest makes the largest sums.
    copy_to_limbs(out.data(), L, last);
    field.multiply(out.data(), out.data(), out.data(), room);
    REQUIRE(copy_from_limbs(out.data(), L) * one % modulus == last * last % modulus);
    REQUIRE(copy_from_limbs(out.data(), L) < modulus);
}

template <std::size_t L>
void check_length() {
    CAPTURE(L);
    tests::seeded_random rng(L);
    for (const bigint& modulus : moduli<L>(rng)) {
        CAPTURE(modulus.to_hex());
        check_field<L>(modulus, row_kernel::portable, rng);
        if (fits_row_steps<L> && fastest_row_kernel() == row_kernel::adx)
            check_field<L>(modulus, row_kernel::adx, rng);
    }
}
template <std::size_t... Less>
void check_lengths(std::index_sequence<Less...>) {
    (check_length<Less + 1>(), ...);
}

} // namespace

TEST_CASE("montgomery: short lengths agree with division", "[modular]") {
    check_lengths(std::make_index_sequence<40>{});
}

TEST_CASE("montgomery: long lengths, in halves and not, agree with division", "[modular]") {
    check_length<48>();
    check_length<64>();
    check_length<72>();
    check_length<96>();
    check_length<128>();
    check_length<144>();
    check_length<192>();
    check_length<256>();
}

TEST_CASE("montgomery: only whole row steps use the assembly", "[modular]") {
    const bigint modulus(1000003);
    REQUIRE(montgomery<9>(modulus, row_kernel::adx).kernel() == row_kernel::portable);
    REQUIRE(montgomery<16>(modulus, row_kernel::portable).kernel() == row_kernel::portable);
    REQUIRE(montgomery<16>(modulus).kernel() == fastest_row_kernel());
}
