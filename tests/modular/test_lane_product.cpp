// Columns of products and squares against GMP's products, around every length where the method changes.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"
#include "support/skip.hpp"

#include <veilsum/integer/bigint.hpp>
#include <veilsum/modular/lane_product.hpp>
#include <veilsum/modular/limb_block.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

using namespace veilsum;
using namespace veilsum::modular;
using integer::bigint;

#if VEILSUM_IFMA_ENGINE

namespace {

bool absent() {
    if (!has_ifma()) test::skip_case("this processor has no AVX-512 IFMA");
    return !has_ifma();
}
lanes* view(limb_block& block) {
    return reinterpret_cast<lanes*>(block.data());
}

// One instance of the templates; a column of it lies in `range` times 2^52.
struct product {
    std::size_t digits;
    int splits;
    column_range range;
    std::size_t scratch;
    void (*multiply)(lanes*, const lanes*, const lanes*, lanes*);
    void (*square)(lanes*, const lanes*, lanes*);
};
template <std::size_t N, int Splits = max_splits>
product instance() {
    return {
        N,
        Splits,
        product_range(N, Splits),
        lane_scratch(N, Splits),
        [](lanes* t, const lanes* a, const lanes* b, lanes* s) { multiply_columns<N, Splits>(t, a, b, s); },
        [](lanes* t, const lanes* a, lanes* s) { square_columns<N, Splits>(t, a, s); }};
}
template <std::size_t... N>
std::vector<product> instances(std::index_sequence<N...>) {
    return {instance<N>()...};
}

// Digit k of a lane, by pattern: what makes columns large, carries long, or cross terms negative.
enum class pattern { ones, zero, one, top, upper_half, lower_half, alternating, random, mixed };
constexpr std::array patterns{pattern::ones,        pattern::zero,       pattern::one,
                              pattern::top,         pattern::upper_half, pattern::lower_half,
                              pattern::alternating, pattern::random,     pattern::mixed};

limb digit_for(pattern kind, std::size_t k, std::size_t n, test::seeded_random& rng) {
    const bool upper = k >= (n + 1) / 2;
    switch (kind) {
    case pattern::ones:
        return digit_mask;
    case pattern::zero:
        return 0;
    case pattern::one:
        return k == 0 ? 1 : 0;
    case pattern::top:
        return k + 1 == n ? digit_mask : 0;
    case pattern::upper_half:
        return upper ? digit_mask : 0;
    case pattern::lower_half:
        return upper ? 0 : digit_mask;
    case pattern::alternating:
        return k % 2 == 0 ? digit_mask : 0;
    case pattern::random:
        return rng.word() & digit_mask;
    case pattern::mixed:
        break;
    }
    const std::uint64_t choice = rng.below(4);
    return choice == 0 ? digit_mask : choice == 1 ? 0 : rng.word() & digit_mask;
}

// Pattern of each lane: all pairs of patterns are met over nine turns.
limb_block factor(std::size_t n, std::size_t first, std::size_t step, test::seeded_random& rng) {
    limb_block out(n * lane_count);
    for (std::size_t lane = 0; lane < lane_count; ++lane)
        for (std::size_t k = 0; k < n; ++k)
            out.data()[k * lane_count + lane] =
                digit_for(patterns[(first + step * lane) % patterns.size()], k, n, rng);
    return out;
}

// sum_k x_k 2^(52 k) over a lane, columns as signed numbers.
bigint value_of(const limb_block& block, std::size_t lane, std::size_t columns) {
    bigint out(0);
    for (std::size_t k = columns; k-- > 0;)
        out = (out << digit_bits) + bigint(static_cast<std::int64_t>(block.data()[k * lane_count + lane]));
    return out;
}
bool within(const limb_block& columns, column_range range) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto column = static_cast<std::int64_t>(columns.data()[i]);
        if (column > range.high * (std::int64_t{1} << digit_bits) ||
            column < range.low * (std::int64_t{1} << digit_bits))
            return false;
    }
    return true;
}

void check(const product& of) {
    INFO(of.digits << " digits, at most " << of.splits << " splits");
    test::seeded_random rng(of.digits);
    const std::size_t n = of.digits;
    for (std::size_t turn = 0; turn < patterns.size(); ++turn) {
        const limb_block a = factor(n, 0, 1, rng), b = factor(n, turn, 1, rng);
        limb_block columns(2 * n * lane_count), scratch((of.scratch + 1) * lane_count);
        for (limb_block* dirty : {&columns, &scratch}) // nothing may depend on what was there
            for (std::size_t i = 0; i < dirty->size(); ++i) dirty->data()[i] = rng.word();
        limb_block ours(a), theirs(b);
        of.multiply(view(columns), view(ours), view(theirs), view(scratch));
        bool right = true;
        for (std::size_t lane = 0; lane < lane_count; ++lane)
            right = right && value_of(columns, lane, 2 * n) == value_of(a, lane, n) * value_of(b, lane, n);
        REQUIRE(right);
        REQUIRE(within(columns, of.range));
        of.square(view(columns), view(theirs), view(scratch));
        for (std::size_t lane = 0; lane < lane_count; ++lane)
            right = right && value_of(columns, lane, 2 * n) == value_of(b, lane, n) * value_of(b, lane, n);
        REQUIRE(right);
        REQUIRE(within(columns, of.range));
    }
}

} // namespace

TEST_CASE("lane product: columns recombine to products and squares, by rows", "[modular]") {
    if (absent()) return;
    for (const product& of : instances(std::index_sequence<5, 6, 7, 8, 9, 10, 11, 12, 13, 20>())) check(of);
}

TEST_CASE("lane product: columns recombine around the lengths that split", "[modular]") {
    if (absent()) return;
    static_assert(split_from == 56 && square_split_from == 100, "the lengths below are around these");
    for (const product& of : instances(std::index_sequence<55, 56, 57, 58, 59, 60, 61, 79, 99, 100, 101>()))
        check(of);
    for (const product& of :
         instances(std::index_sequence<111, 112, 113, 114, 115, 116, 117, 118, 119, 158, 237>()))
        check(of);
}

TEST_CASE("lane product: columns recombine for fewer splits", "[modular]") {
    if (absent()) return;
    // One split is what the reduction's products have (lane_field.hpp).
    for (const product& of : {instance<56, 1>(), instance<60, 1>(), instance<79, 1>(), instance<119, 1>(),
                              instance<119, 0>(), instance<60, 0>()})
        check(of);
}

#else

TEST_CASE("lane product: absent", "[modular]") {
    test::skip_case("this platform has no IFMA engine");
}

#endif
