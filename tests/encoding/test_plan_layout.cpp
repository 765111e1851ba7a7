// The layout that follows from a format, a number of values and the weights.
#include "support/catch.hpp"

#include <veilsum/encoding/plan_layout.hpp>

using namespace veilsum;
using namespace veilsum::encoding;

namespace {

layout_wish usual() {
    return {.format = {12, 16, 4.0},
            .values = 25450,
            .total_weight = 8,
            .largest_weight = 3,
            .modulus_bits = 3072,
            .exponent_bits = 512};
}

} // namespace

TEST_CASE("planned layout: what was wished, with norm bound and audit digits", "[encoding]") {
    const auto layout = plan_layout(usual());
    REQUIRE(layout);
    CHECK(layout->values() == 25450);
    CHECK(layout->value_bits() == 16);
    CHECK(layout->max_weight() == 8);
    CHECK(layout->max_client_weight() == 3);
    CHECK(layout->exponent_bits() == 512);
    CHECK(layout->slots() == (3072 - 2) / (16 + 3));
    CHECK(layout->columns() == recommended_columns(25450, 16, layout->slots(), smallest_digit_count(16, 3)));
    CHECK(layout->digits() == smallest_digit_count(16, 3));
    REQUIRE(layout->has_l2());
    REQUIRE(layout->has_audit());
    CHECK(layout->norm_bound() ==
          integer::bigint(squared_norm_bound({12, 16, 4.0}, 25450, rounding::nearest)));
}

TEST_CASE("planned layout: what cannot work is refused by its own check", "[encoding]") {
    const auto refused = [](auto&& change) {
        layout_wish wish = usual();
        change(wish);
        const auto layout = plan_layout(wish);
        REQUIRE_FALSE(layout);
        return layout.error();
    };
    CHECK(refused([](auto& w) { w.format.clip_l2 = 100.0; }).check == 4); // fixed_point::check
    CHECK(refused([](auto& w) { w.format.value_bits = 25; }).check == 1);
    CHECK(refused([](auto& w) { w.values = 0; }).what == "number of values in an update");
    CHECK(refused([](auto& w) { w.values = largest_dimension + 1; }).what == "number of values in an update");
    CHECK(refused([](auto& w) { w.total_weight = 0; }).what == "sum of the weights");
    CHECK(refused([](auto& w) { w.total_weight = largest_total_weight + 1; }).what == "sum of the weights");
    CHECK(refused([](auto& w) { w.largest_weight = 9; }).check == 3); // the rules of matrix_layout
    CHECK(refused([](auto& w) { w.exponent_bits = 255; }).check == 7);
    CHECK(refused([](auto& w) { w.modulus_bits = 16; }).check == 3); // slot_layout: no slot fits
}
