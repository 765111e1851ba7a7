// The shape of one round's vectors: d values in K rows of C columns, cut into J ciphertexts a row, and Ka
// more rows for the digits of the row blindings. Every count that prover, verifier, aggregator and auditor
// use is derived here, from ten public numbers, by one class; a message never says how long it is.
//
//     x_{i,c} = x[i C + c]    for i < K, c < C, and 0 from position d on         (padding; readers ignore it)
//     block j of a row = columns j S .. min((j+1) S, C) - 1, one ciphertext
//     row K + a', with AUDIT:  | md own digits | digits of row a' q | of row a' q + 1 | ... | 0 |
//
// The symbols are those of the specification: input parameters keep them as names, derived numbers have a
// word and the symbol beside it.
//
// spec: validity proofs, sections 3.1, 3.2, 4.1 to 4.3, 6.4. Public data only.
//
//     layout_parameters p{.nbits = 3072, .b = 16, .m = 100, .wmax = 1, .d = 252398, .a = 512};
//     p.C = recommended_columns(p.d, p.b, S);
//     auto layout = matrix_layout::create(p);          // refused: error().check is the rule
//     layout->data_rows(); layout->blocks(); layout->digest();
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/encoding/slots.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/integer/bigint.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace veilsum::encoding {

inline constexpr std::uint32_t flag_l2 = 1; // L2: the sum of squares is at most B2
inline constexpr std::uint32_t flag_audit =
    2; // AUDIT: row blindings are hashes of digits that are summed too

// Rules 5 of `create`.
inline constexpr std::uint32_t largest_columns = 4096;
// Rule 15 of `create`.
inline constexpr std::uint32_t largest_rows = 4096;

// Section 3.1. B2 is big-endian.
struct layout_parameters {
    std::uint32_t nbits = 0; // exact bits of the Paillier modulus
    std::uint32_t b = 0;     // bits of a value, signed
    std::uint32_t m = 0;     // largest total weight of a sum: the most clients, if weights are 1
    std::uint32_t wmax = 1;  // largest weight of one client
    std::uint32_t d = 0;     // values
    std::uint32_t C = 0;     // columns
    std::uint32_t flags = 0; // flag_l2, flag_audit
    std::uint32_t a = 0;     // bits of an encryption exponent
    std::uint32_t md = 0;    // audit digits of a row blinding, 0 without AUDIT
    byte_array<32> B2{};     // bound on the sum of squares, 0 without L2

    bool operator==(const layout_parameters&) const = default;
};

// What a verifier demands at least. The values belong to the verifier's program, never to a message. The
// defaults are those of section 3.2; smaller ones are for tests of the arithmetic on small keys.
struct layout_floors {
    std::uint32_t modulus_bits = 2048;
    std::uint32_t exponent_bits = 256; // 128-bit security against generic attacks on short exponents
    std::uint32_t digit_bits =
        435; // min-entropy of a blinding's digits given their sum: l 2^-435 < 2^-182 (11.5)
};

// Least md: every digit keeps b - 1 - bitlen(wmax - 1) bits of entropy when its sum with another client's is
// known; 0 if that leaves none.
constexpr std::uint32_t smallest_digit_count(std::uint32_t b, std::uint32_t wmax,
                                             std::uint32_t digit_bits = layout_floors{}.digit_bits) {
    const auto lost = 1 + static_cast<std::uint32_t>(std::bit_width(wmax - 1));
    return b <= lost ? 0 : (digit_bits + (b - lost) - 1) / (b - lost);
}

// C = J S nearest to sqrt(d b / 2), where commitments (d b / C) and responses (2 C) cost the same bytes,
// within J >= 1 and C <= 4096; with AUDIT give md: C is then at least 2 md. The minimum is flat: half or
// twice as many columns cost 1 % of a submission.
inline std::uint32_t recommended_columns(std::uint32_t d, std::uint32_t b, std::size_t slots,
                                         std::uint32_t md = 0) {
    expects(slots >= 1 && slots <= largest_columns);
    const double S = static_cast<double>(slots);
    const double balanced = std::sqrt(static_cast<double>(d) * static_cast<double>(b) / 2.0);
    const auto least = static_cast<std::size_t>(std::ceil(std::max(1.0, 2.0 * md / S)));
    const auto nearest = static_cast<std::size_t>(std::lround(balanced / S));
    const std::size_t most = largest_columns / slots;
    return static_cast<std::uint32_t>(slots * std::min(std::max(nearest, least), most));
}

// B2 of layout_parameters from a machine integer, for instance squared_norm_bound().
constexpr byte_array<32> norm_bound_bytes(std::uint64_t bound) {
    byte_array<32> out{};
    for (std::size_t at = 0; at < 8; ++at) out[31 - at] = static_cast<std::uint8_t>(bound >> (8 * at));
    return out;
}

// Where a digit of a blinding, or any entry, stands.
struct matrix_position {
    std::size_t row;    // from 0, below K
    std::size_t column; // from 0, below C
    bool operator==(const matrix_position&) const = default;
};

class matrix_layout {
  public:
    // The rules of section 3.2; the number of the first one broken is `check`, the code is
    // errc::bad_parameter:
    //    1  floor <= nbits <= 4096              9  without L2: B2 = 0
    //    2  2 <= b <= 24                       10  with L2: 1 <= bitlen(B2) <= C
    //    3  1 <= wmax <= m <= 2^24             11  without AUDIT: md = 0
    //    4  d >= 1                             12  with AUDIT: b - 1 > bitlen(wmax - 1)
    //    5  1 <= C <= 4096                     13  with AUDIT: md at least smallest_digit_count
    //    6  S >= 1                             14  with AUDIT: q >= 1, that is C >= 2 md
    //    7  floor <= a <= nbits + 128          15  Kt <= 4096
    //    8  unknown flags are zero             16  with L2: B2 + K C 4^(b-1) < l/2
    static result<matrix_layout> create(const layout_parameters& p, const layout_floors& floors) {
        const auto refuse = [](std::uint32_t rule, std::string_view what) {
            return error{errc::bad_parameter, what, rule};
        };
        if (p.nbits < floors.modulus_bits || p.nbits > 4096) return refuse(1, "bits of the modulus");
        if (p.b < smallest_value_bits || p.b > largest_value_bits) return refuse(2, "bits of a value");
        if (p.wmax < 1 || p.wmax > p.m || p.m > largest_total_weight) return refuse(3, "largest weights");
        if (p.d < 1) return refuse(4, "number of values");
        if (p.C < 1 || p.C > largest_columns) return refuse(5, "number of columns");
        auto slots = slot_layout::create(p.nbits, p.b, p.m);
        if (!slots) return refuse(6, "no slot fits into the plaintext");
        if (p.a < floors.exponent_bits || p.a > p.nbits + 128)
            return refuse(7, "bits of an encryption exponent");
        if ((p.flags & ~(flag_l2 | flag_audit)) != 0) return refuse(8, "unknown flag");
        matrix_layout layout(p, *slots);
        if (auto fits = layout.check_norm_bound(); !fits) return std::move(fits).error();
        if (auto fits = layout.check_audit(floors); !fits) return std::move(fits).error();
        // Counted in 64 bits: d and the row counts may be anything up to here.
        const std::uint64_t data_rows = divide_up(p.d, p.C);
        const std::uint64_t audit_rows = layout.has_audit() ? divide_up(data_rows, layout.digit_groups()) : 0;
        if (data_rows + audit_rows > largest_rows) return refuse(15, "number of rows");
        layout.data_rows_ = static_cast<std::size_t>(data_rows);
        layout.audit_rows_ = static_cast<std::size_t>(audit_rows);
        if (layout.has_l2() && !layout.norm_stays_below_group_order())
            return refuse(16, "bound on the sum of squares and padding exceed the group order");
        return layout;
    }
    static result<matrix_layout> create(const layout_parameters& p, std::size_t minimum_modulus_bits = 2048) {
        layout_floors floors;
        floors.modulus_bits = static_cast<std::uint32_t>(minimum_modulus_bits);
        return create(p, floors);
    }

    // The ten numbers from which all others follow.
    const layout_parameters& parameters() const { return parameters_; }
    // Whether the sum of squares is bounded: L2.
    bool has_l2() const { return (parameters_.flags & flag_l2) != 0; }
    // Whether blindings are hashes of digits that are summed too: AUDIT.
    bool has_audit() const { return (parameters_.flags & flag_audit) != 0; }

    std::size_t values() const { return parameters_.d; }                 // d
    std::size_t columns() const { return parameters_.C; }                // C
    unsigned value_bits() const { return parameters_.b; }                // b
    std::uint64_t max_weight() const { return parameters_.m; }           // m
    std::uint64_t max_client_weight() const { return parameters_.wmax; } // wmax
    std::size_t exponent_bits() const { return parameters_.a; }          // a
    std::size_t digits() const { return parameters_.md; }                // md
    // Slots of one ciphertext.
    const slot_layout& packing() const { return packing_; }

    unsigned slot_width() const { return packing_.width(); }             // w, bits
    std::size_t slots() const { return packing_.slots(); }               // S
    std::size_t blocks() const { return divide_up(columns(), slots()); } // J, ciphertexts of a row
    std::size_t data_rows() const { return data_rows_; }                 // K
    std::size_t audit_rows() const { return audit_rows_; }               // Ka
    std::size_t rows() const { return data_rows_ + audit_rows_; }        // Kt
    std::size_t ciphertexts() const { return rows() * blocks(); }        // Kt J
    std::size_t digit_groups() const { return has_audit() ? columns() / digits() - 1 : 0; } // q
    std::size_t slack_bits() const { return norm_bound().bit_length(); }                    // t; 0 without L2
    std::size_t cube_rows() const { return rows() + (has_l2() ? 1 : 0); }                   // Kg

    // Variables of the sumcheck.
    std::size_t plane_variables() const { return bit_length(value_bits() - 1); }                       // kp
    std::size_t row_variables() const { return bit_length(cube_rows() - 1); }                          // kr
    std::size_t column_variables() const { return bit_length(columns() - 1); }                         // kc
    std::size_t variables() const { return plane_variables() + row_variables() + column_variables(); } // nu

    // Linking responses (3.4).
    std::size_t row_count_bits() const { return bit_length(rows()); }                                 // kt
    std::size_t exponent_response_bits() const { return exponent_bits() + 256 + row_count_bits(); }   // zbits
    std::size_t exponent_response_bytes() const { return divide_up(exponent_response_bits(), 8); }    // zlen
    std::size_t ciphertext_bytes() const { return divide_up(2 * std::size_t{parameters_.nbits}, 8); } // ctlen
    // Smax: largest |sum_i e_i x_{i,c}| over 128-bit challenges.
    bigint largest_value_shift() const { return challenge_rows() << (value_bits() - 1); }
    // Emin: largest sum_i e_i alpha_{i,j}.
    bigint largest_exponent_shift() const { return challenge_rows() * ((bigint(1) << exponent_bits()) - 1); }

    bigint norm_bound() const { return bigint::from_bytes(parameters_.B2); } // B2

    // Columns of block j, j < blocks().
    std::size_t first_column(std::size_t block) const { return block * slots(); }
    // Slots of a block that are used: S, fewer in the last.
    std::size_t block_length(std::size_t block) const {
        expects(block < blocks());
        return std::min(slots(), columns() - first_column(block));
    }
    // 4.3: digit t of the blinding of data row i; with AUDIT, i < data_rows(), t < digits().
    matrix_position digit_position(std::size_t data_row, std::size_t t) const {
        expects(has_audit() && data_row < data_rows_ && t < digits());
        return {data_rows_ + data_row / digit_groups(), (1 + data_row % digit_groups()) * digits() + t};
    }

    // Params digest (6.4): SHA-512(0x13 | frame("veilsum.params/1") | u32 of nbits b m wmax d C flags a md w
    // S J K Ka t | B2). A challenge that absorbed it cannot be replayed under any other parameter set.
    hash::digest64 digest() const {
        constexpr std::string_view label = "veilsum.params/1";
        bytes data{0x13};
        append_big_endian(data, label.size(), 8);
        data.insert(data.end(), label.begin(), label.end());
        const layout_parameters& p = parameters_;
        for (const std::size_t value : std::initializer_list<std::size_t>{
                 p.nbits, p.b, p.m, p.wmax, p.d, p.C, p.flags, p.a, p.md, slot_width(), slots(), blocks(),
                 data_rows_, audit_rows_, slack_bits()})
            append_big_endian(data, value, 4);
        data.insert(data.end(), p.B2.begin(), p.B2.end());
        return hash::sha512(data);
    }

    bool operator==(const matrix_layout& other) const { return parameters_ == other.parameters_; }

  private:
    matrix_layout(const layout_parameters& p, slot_layout packing) : parameters_(p), packing_(packing) {}

    static constexpr std::size_t divide_up(std::size_t a, std::size_t b) { return a / b + (a % b != 0); }
    static constexpr std::size_t bit_length(std::size_t value) {
        return static_cast<std::size_t>(std::bit_width(value));
    }
    static void append_big_endian(bytes& out, std::size_t value, int length) {
        for (int at = length - 1; at >= 0; --at) out.push_back(static_cast<std::uint8_t>(value >> (8 * at)));
    }
    // Kt (2^128 - 1)
    bigint challenge_rows() const { return bigint(rows()) * ((bigint(1) << 128) - 1); }

    result<void> check_norm_bound() const {
        if (!has_l2() && slack_bits() != 0)
            return error{errc::bad_parameter, "norm bound without its flag", 9};
        if (has_l2() && (slack_bits() < 1 || slack_bits() > columns()))
            return error{errc::bad_parameter, "bits of the norm bound", 10};
        return {};
    }
    result<void> check_audit(const layout_floors& floors) const {
        const layout_parameters& p = parameters_;
        if (!has_audit()) {
            if (p.md != 0) return error{errc::bad_parameter, "audit digits without their flag", 11};
            return {};
        }
        const std::uint32_t least = smallest_digit_count(p.b, p.wmax, floors.digit_bits);
        if (least == 0) return error{errc::bad_parameter, "values too short for the largest weight", 12};
        if (p.md < least) return error{errc::bad_parameter, "number of audit digits", 13};
        if (p.C / p.md < 2) return error{errc::bad_parameter, "columns for audit digits", 14};
        return {};
    }
    // l = 2^252 + delta: half of it, rounded down, is 2^251 + floor(delta / 2). The sum of squares of
    // committed entries and slack, K C 4^(b-1) + B2, then equals its residue.
    bool norm_stays_below_group_order() const {
        const bigint half_order =
            (bigint(1) << 251) + (*bigint::from_decimal("27742317777372353535851937790883648493") >> 1);
        const bigint squares = bigint(data_rows_ * columns()) << (2 * (value_bits() - 1));
        return norm_bound() + squares <= half_order; // l is odd: v < l/2 iff v <= (l-1)/2
    }

    layout_parameters parameters_;
    slot_layout packing_;
    std::size_t data_rows_ = 0;
    std::size_t audit_rows_ = 0;
};

} // namespace veilsum::encoding
