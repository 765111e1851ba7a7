// Many small signed integers in one large one, so that adding the large ones adds all the small ones.
//
//     pack(v) = sum_k v_k 2^(w k),      -2^(b-1) <= v_k < 2^(b-1),      k < S
//     w = b + bitlen(m - 1),            S = floor((plaintext_bits - 2) / w)
//
// b bits a value, m the largest total weight of a sum, plaintext_bits the exact bit length of the plaintext
// modulus N. A slot of a sum lies in [-2^(w-1), 2^(w-1) - 1] because m <= 2^(w-b), so |pack of the sum| <
// 2^(wS-1) (1 + 2^(1-w)) < 2^(plaintext_bits - 2) < N/2: no slot carries into its neighbour and nothing wraps
// mod N. Both hold for *proved* value ranges and for total weights up to m; one client more may carry, so
// `admits` refuses it and the configuration has to say m first. Where the sizes are compile-time constants,
// `slot_budget` makes the same statement a type.
//
// spec: docs/spec/encoding.md, section 2 (validity proofs 3.2, 3.3, 4.2, 10.2)
//
// pack's running time depends on the count and the layout only, but a big integer has no leading zeros: its
// length shows which slots at the top are zero to somebody who can measure the memory of the process.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/encoding/fixed_point.hpp>
#include <veilsum/integer/bigint.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace veilsum::encoding {

using integer::bigint;

// w: 2..24 bits a value and a total weight of 1..2^24 give 2..48 bits.
constexpr unsigned slot_width(unsigned value_bits, std::uint64_t max_total_weight) {
    return value_bits + static_cast<unsigned>(std::bit_width(max_total_weight - 1));
}

// How wide slots are and how many fit, for sizes that are known at run time.
class slot_layout {
  public:
    // Checks, by number, all errc::bad_parameter: 1  2 <= value_bits <= 24;  2  1 <= max_weight <= 2^24;
    // 3  at least one slot fits.
    static constexpr bool is_permitted(unsigned value_bits, std::uint64_t max_weight) {
        return value_bits >= smallest_value_bits && value_bits <= largest_value_bits && max_weight >= 1 &&
               max_weight <= largest_total_weight;
    }
    static result<slot_layout> create(std::size_t plaintext_bits, unsigned value_bits,
                                      std::uint64_t max_weight) {
        if (value_bits < smallest_value_bits || value_bits > largest_value_bits)
            return error{errc::bad_parameter, "bits of a value", 1};
        if (max_weight < 1 || max_weight > largest_total_weight)
            return error{errc::bad_parameter, "largest total weight", 2};
        const std::size_t slots = slots_that_fit(plaintext_bits, slot_width(value_bits, max_weight));
        if (slots == 0) return error{errc::bad_parameter, "no slot fits into the plaintext", 3};
        return slot_layout(value_bits, max_weight, slots);
    }

    unsigned value_bits() const { return value_bits_; }                     // b
    std::uint64_t max_weight() const { return max_weight_; }                // m
    unsigned width() const { return slot_width(value_bits_, max_weight_); } // w, bits
    std::size_t slots() const { return slots_; }                            // S

    // May a sum of this total weight be formed? Refuses zero and more than m (errc::overflow).
    result<void> admits(std::uint64_t total_weight) const {
        if (total_weight == 0) return error{errc::out_of_range, "total weight of an empty sum"};
        if (total_weight > max_weight_) return error{errc::overflow, "total weight above the slot budget"};
        return {};
    }

    // S: the sign and one bit of head-room are left free.
    static constexpr std::size_t slots_that_fit(std::size_t plaintext_bits, unsigned width) {
        return plaintext_bits < 2 ? 0 : (plaintext_bits - 2) / width;
    }

  private:
    template <unsigned, std::uint64_t, std::size_t>
    friend struct slot_budget;
    slot_layout(unsigned value_bits, std::uint64_t max_weight, std::size_t slots)
        : value_bits_(value_bits), max_weight_(max_weight), slots_(slots) {}
    unsigned value_bits_;
    std::uint64_t max_weight_;
    std::size_t slots_;
};

// The same budget as a type: a configuration that could carry or wrap does not compile.
template <unsigned ValueBits, std::uint64_t MaxWeight, std::size_t PlaintextBits>
struct slot_budget {
    static_assert(slot_layout::is_permitted(ValueBits, MaxWeight),
                  "a value has 2..24 bits and the total weight is 1..2^24");
    static constexpr unsigned width = slot_width(ValueBits, MaxWeight);                     // w, bits
    static constexpr std::size_t slots = slot_layout::slots_that_fit(PlaintextBits, width); // S
    static_assert(slots >= 1, "not one slot of this width fits into the plaintext");
    static slot_layout layout() { return {ValueBits, MaxWeight, slots}; } // the same as a value
};

namespace detail {

// sum_k digits_k 2^(w k) for w-bit digits; w <= 48.
class digit_writer {
  public:
    digit_writer(std::size_t digits, unsigned width) : width_(width), data_((digits * width + 7) / 8) {}
    ~digit_writer() {
        wipe(data_);
        buffer_ = 0;
    }
    digit_writer(const digit_writer&) = delete;
    digit_writer& operator=(const digit_writer&) = delete;

    void append(std::uint64_t digit) {
        buffer_ |= digit << filled_;
        for (filled_ += width_; filled_ >= 8; filled_ -= 8, buffer_ >>= 8) put(buffer_);
    }
    bigint take() {
        if (filled_ != 0) put(buffer_);
        return bigint::from_bytes(data_);
    }

  private:
    // Big-endian: the lowest byte goes last.
    void put(std::uint64_t low) {
        data_[data_.size() - 1 - written_++] = static_cast<std::uint8_t>(low & 255);
    }
    unsigned width_;
    bytes data_;
    std::size_t written_ = 0;
    std::uint64_t buffer_ = 0; // at most 7 + 48 bits
    unsigned filled_ = 0;
};

// Digit k of a big-endian number: bits w k .. w k + w - 1.
inline std::uint64_t read_digit(byte_view data, std::size_t k, unsigned width) {
    const std::size_t first = k * width / 8;
    const unsigned shift = static_cast<unsigned>(k * width % 8);
    std::uint64_t value = 0;
    for (std::size_t at = 0; at < 7 && first + at < data.size(); ++at)
        value |= std::uint64_t{data[data.size() - 1 - first - at]} << (8 * at);
    return (value >> shift) & ((std::uint64_t{1} << width) - 1);
}

// half sum_{k<length} 2^(w k): the offset that makes all slots of a packed integer non-negative.
inline bigint slot_offset(std::uint64_t half, unsigned width, std::size_t length) {
    digit_writer digits(length, width);
    for (std::size_t k = 0; k < length; ++k) digits.append(half);
    return digits.take();
}

} // namespace detail

// The signed integer sum_k values_k 2^(w k); linear: pack(u) + pack(v) packs u + v as long as no slot
// overflows. At most slots() values (contract). Refuses a value outside [-2^(b-1), 2^(b-1)) (errc::overflow,
// place "value 17").
inline result<bigint> pack(std::span<const std::int32_t> values, const slot_layout& layout) {
    expects(values.size() <= layout.slots());
    const std::int64_t half = std::int64_t{1} << (layout.value_bits() - 1);
    for (std::size_t k = 0; k < values.size(); ++k)
        if (values[k] < -half || values[k] >= half)
            return error{errc::overflow, "value outside its bits"}.at("value " + std::to_string(k));
    detail::digit_writer digits(values.size(), layout.width());
    for (const std::int32_t value : values) digits.append(static_cast<std::uint64_t>(value + half));
    secret<bigint> unsigned_sum(digits.take());
    return unsigned_sum.expose() -
           detail::slot_offset(static_cast<std::uint64_t>(half), layout.width(), values.size());
}

// The same linear map for integers of any size and number (masks and responses of a proof): slots may
// overlap, only linearity is used. Not for values whose sum is to be unpacked. Time depends on the lengths of
// the integers.
inline bigint pack_integers_vartime(std::span<const bigint> values, unsigned width) {
    bigint sum(0);
    for (std::size_t k = values.size(); k-- > 0;) sum = (sum << width) + values[k];
    return sum;
}

// Takes apart the packed sum of `length` <= slots() slots, read as a signed integer: adds 2^(w-1) to every
// slot, cuts into w-bit digits, subtracts 2^(w-1). Refuses an integer outside [0, 2^(w length)) after the
// addition (errc::overflow): it is not a sum that this layout can hold, so nothing is wrapped or cut off. The
// result lies in [-2^(w-1), 2^(w-1)). A wrong value *inside* a slot is found by the audit, not here.
inline result<std::vector<std::int64_t>> unpack_sum(const bigint& packed, const slot_layout& layout,
                                                    std::size_t length) {
    expects(length <= layout.slots());
    const unsigned width = layout.width();
    const std::uint64_t half = std::uint64_t{1} << (width - 1);
    const bigint shifted = packed + detail::slot_offset(half, width, length);
    if (shifted.is_negative() || shifted.bit_length() > width * length)
        return error{errc::overflow, "packed sum outside its slots"};
    const bytes data = shifted.to_bytes((width * length + 7) / 8);
    std::vector<std::int64_t> sums(length);
    for (std::size_t k = 0; k < length; ++k)
        sums[k] =
            static_cast<std::int64_t>(detail::read_digit(data, k, width)) - static_cast<std::int64_t>(half);
    return sums;
}

// Light audit 10.3, step 3: -g 2^(b-1) <= sum <= g (2^(b-1) - 1) for total weight g. Fails with
// errc::out_of_range, place "value 17".
inline result<void> check_sum_range(std::span<const std::int64_t> sums, unsigned value_bits,
                                    std::uint64_t total_weight) {
    expects(slot_layout::is_permitted(value_bits, total_weight));
    const std::int64_t weight = static_cast<std::int64_t>(total_weight);
    const std::int64_t half = std::int64_t{1} << (value_bits - 1);
    for (std::size_t j = 0; j < sums.size(); ++j)
        if (sums[j] < -weight * half || sums[j] > weight * (half - 1))
            return error{errc::out_of_range, "sum outside the range of its weight"}.at("value " +
                                                                                       std::to_string(j));
    return {};
}

} // namespace veilsum::encoding
