// From what a person decides about a round to the ten numbers of its layout.
//
//     auto layout = plan_layout({.format = {12, 16, 4.0}, .values = 25450, .total_weight = 8,
//                                .modulus_bits = 3072, .exponent_bits = 512});
//
// With the norm bound of nearest rounding (L2) and the least audit digits (AUDIT), and as many columns as
// make a submission short. Errors: `format.check()` by number; values outside 1..2^24 and total weights
// outside 1..2^24 (errc::out_of_range); the rules of matrix_layout by number.
#pragma once

#include <veilsum/core/result.hpp>
#include <veilsum/encoding/fixed_point.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/encoding/slots.hpp>

#include <cstddef>
#include <cstdint>

namespace veilsum::encoding {

// What a round needs of its layout, in words; `plan_layout` chooses the rest.
struct layout_wish {
    fixed_point format;               // scale, clip and bits of a value
    std::size_t values = 0;           // in one update
    std::uint64_t total_weight = 0;   // of all who may be in one sum: their number, if weights are 1
    std::uint32_t largest_weight = 1; // of one client
    std::size_t modulus_bits = 0;
    std::size_t exponent_bits = 0; // of an encryption, which follows from the exponent policy
};

inline result<matrix_layout> plan_layout(const layout_wish& wish) {
    if (auto usable = wish.format.check(); !usable) return usable.error();
    if (wish.values < 1 || wish.values > largest_dimension)
        return error{errc::out_of_range, "number of values in an update"};
    if (wish.total_weight < 1 || wish.total_weight > largest_total_weight)
        return error{errc::out_of_range, "sum of the weights"};
    const auto slots = slot_layout::create(wish.modulus_bits, wish.format.value_bits, wish.total_weight);
    if (!slots) return slots.error();
    layout_parameters made;
    made.nbits = static_cast<std::uint32_t>(wish.modulus_bits);
    made.b = wish.format.value_bits;
    made.m = static_cast<std::uint32_t>(wish.total_weight);
    made.wmax = wish.largest_weight;
    made.d = static_cast<std::uint32_t>(wish.values);
    made.flags = flag_audit | flag_l2;
    made.a = static_cast<std::uint32_t>(wish.exponent_bits);
    made.md = smallest_digit_count(made.b, made.wmax);
    made.C = recommended_columns(made.d, made.b, slots->slots(), made.md);
    made.B2 = norm_bound_bytes(squared_norm_bound(wish.format, wish.values, rounding::nearest));
    return matrix_layout::create(made, wish.modulus_bits);
}

} // namespace veilsum::encoding
