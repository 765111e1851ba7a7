// The ciphertext link: row commitments in ristretto255 and Paillier ciphertexts hold the same integers.
//
//     C_i = sum_c x_{i,c} G_c + r_i H          c_{i,j} = (1+n)^pack(x_i, j) h_s^alpha_{i,j} mod n^2
//
// One masked combination of all Kt rows, the same on both sides; its responses are integers:
//
//     Y = sum_c y_c G_c + y_r H,     A_j = (1+n)^pack(y, j) h_s^beta_j
//                       <-- e_0 .. e_{Kt-1}, 128 bits each
//     z_c = y_c + sum_i e_i x_{i,c},    zeta_j = beta_j + sum_i e_i alpha_{i,j}    over the integers
//     z_r = y_r + sum_i e_i r_i  mod l
//
//     sum_i e_i C_i + Y = sum_c z_c G_c + z_r H                                    check 9
//     A_j prod_i c_{i,j}^{e_i} = +- (1+n)^pack(z, j) h_s^zeta_j  mod n^2             check 11
//
// Why the windows. y_c is committed only as a residue mod l; z_c in [-N + Smax, N - 1 - Smax], N = 2^251,
// makes z_c - sum_i e_i x_{i,c} the one representative of it in [-N, N-1], fixed before e, so that both sides
// speak of one integer (11.2). It needs the range proof: without it sum_i e_i x_{i,c} is not small. A
// response inside its window is exactly uniform, whatever the values (11.4); outside, the prover starts
// afresh: below 2^-76. Soundness 2^-128, from discrete logarithms and the random oracle only: not even the
// owner of n can prove a false statement. The exponents alpha are never extracted. Both signs in check 11 so
// that verifiers that merge clients and those that do not agree (9.4); -1 is an n-th residue and has
// plaintext 0.
//
// The values enter as y = x + 2^(b-1), which has no sign, and the packed masks as integers of fixed length:
// constant time in values, masks and exponents.
//
// spec: validity proofs, sections 3.4, 8.4, 9.1 (checks 6, 7, 9, 11), 11.2
//
// Bytes: 32 + J ctlen + 32 C + 32 + J zlen, and 32 with AUDIT.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/constant_time.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/encoding/matrix_layout.hpp>
#include <veilsum/encoding/slots.hpp>
#include <veilsum/group/scalar.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/paillier/ciphertext_vector.hpp>
#include <veilsum/paillier/padded_integer.hpp>
#include <veilsum/paillier/plaintext_vector.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/transcript/transcript.hpp>
#include <veilsum/zk/challenge.hpp>
#include <veilsum/zk/response_window.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace veilsum::zk {

// Where the integer responses of the link must lie.
class link_windows {
  public:
    using bigint = integer::bigint;
    static constexpr std::size_t mask_bits = 252; // of y_c + N, N = 2^251

    explicit link_windows(const encoding::matrix_layout& layout)
        : shift_(layout.largest_value_shift()), lowest_(shift_ - half()), highest_(half() - 1 - shift_),
          exponents_(response_window::of_sum(layout.exponent_bits(), layout.rows())) {
        expects(shift_.bit_length() <= 163 && exponents_.mask_bits() == layout.exponent_response_bits());
    }

    static bigint half() { return bigint(1) << (mask_bits - 1); } // N
    const bigint& largest_shift() const { return shift_; }        // Smax
    bool contains(const bigint& z) const { return z >= lowest_ && z <= highest_; }
    const response_window& exponents() const { return exponents_; } // of zeta

  private:
    bigint shift_, lowest_, highest_;
    response_window exponents_;
};

// Kind Z: 32 bytes, two's complement, big-endian; every string is one integer.
inline integer::bigint signed_integer_of(byte_view data) {
    expects(data.size() == 32);
    integer::bigint value = integer::bigint::from_bytes(data);
    if ((data[0] & 0x80) != 0) value -= integer::bigint(1) << 256;
    return value;
}
// The same modulo l.
inline group::scalar scalar_of_signed(byte_view data) {
    expects(data.size() == 32);
    byte_array<32> lifted{}; // + 2^255
    std::reverse_copy(data.begin(), data.end(), lifted.begin());
    lifted[31] = static_cast<std::uint8_t>(lifted[31] ^ 0x80);
    byte_array<32> offset{};
    offset[31] = 0x80;
    return group::scalar::from_little_endian(lifted) - group::scalar::from_little_endian(offset);
}

namespace detail {

inline constexpr std::size_t link_words = 5; // signed integers below 2^319 in two's complement
using link_integer = std::array<std::uint64_t, link_words>;
__extension__ typedef unsigned __int128 uint128;

inline void add_to(link_integer& a, const link_integer& b) {
    uint128 carry = 0;
    for (std::size_t k = 0; k < link_words; ++k) {
        carry += uint128{a[k]} + b[k];
        a[k] = static_cast<std::uint64_t>(carry);
        carry >>= 64;
    }
}
inline link_integer negated(const link_integer& a) {
    link_integer out{1};
    link_integer flipped;
    for (std::size_t k = 0; k < link_words; ++k) flipped[k] = ~a[k];
    add_to(out, flipped);
    return out;
}
// |value| < 2^320, public.
inline link_integer link_integer_of(const integer::bigint& value) {
    const bytes data = abs(value).to_bytes(8 * link_words);
    link_integer out{};
    for (std::size_t at = 0; at < data.size(); ++at)
        out[at / 8] |= std::uint64_t{data[data.size() - 1 - at]} << (8 * (at % 8));
    return value.is_negative() ? negated(out) : out;
}
inline link_integer link_integer_of(uint128 value, std::size_t word) {
    link_integer out{};
    out[word] = static_cast<std::uint64_t>(value);
    out[word + 1] = static_cast<std::uint64_t>(value >> 64);
    return out;
}

} // namespace detail

// y_c + N as 252 random bits, y_r, s_y, beta_j: one use.
class link_masks {
  public:
    using words = std::vector<std::uint64_t>; // limbs of integers

    // Draws in this order.   spec: validity proofs 8.4, step 2
    template <random::random_source Source>
    static link_masks draw(const encoding::matrix_layout& layout, const link_windows& windows, Source& rng) {
        link_masks out(layout.columns());
        bytes raw(32 * layout.columns());
        rng.fill(raw);
        for (std::size_t c = 0; c < layout.columns(); ++c) {
            for (std::size_t at = 0; at < 32; ++at)
                out.lifted_.expose()[4 * c + at / 8] |= std::uint64_t{raw[32 * c + at]} << (8 * (at % 8));
            out.lifted_.expose()[4 * c + 3] &= (std::uint64_t{1} << (link_windows::mask_bits - 192)) - 1;
        }
        veilsum::wipe(raw);
        out.blinding_ = secret(group::scalar::random(rng));
        out.digit_blinding_ = secret(group::scalar::random(rng));
        for (std::size_t j = 0; j < layout.blocks(); ++j) {
            secret<integer::bigint> beta = windows.exponents().draw_mask(rng);
            out.exponents_.expose().push_back(std::move(beta.expose()));
        }
        return out;
    }

    const secret<words>& lifted() const { return lifted_; }             // y_c + N, four words each
    const secret<group::scalar>& blinding() const { return blinding_; } // y_r
    const secret<group::scalar>& digit_blinding() const { return digit_blinding_; }      // s_y
    const secret<std::vector<integer::bigint>>& exponents() const { return exponents_; } // beta_j

    // y_c mod l.
    secret<std::vector<group::scalar>> scalars() const {
        const std::size_t columns = lifted_.expose().size() / 4;
        secret<std::vector<group::scalar>> out{std::vector<group::scalar>(columns)};
        byte_array<32> data{};
        data[31] = 0x08; // N
        const group::scalar offset = group::scalar::from_little_endian(data);
        for (std::size_t c = 0; c < columns; ++c) {
            for (std::size_t at = 0; at < 32; ++at)
                data[at] = static_cast<std::uint8_t>(lifted_.expose()[4 * c + at / 8] >> (8 * (at % 8)));
            out.expose()[c] = group::scalar::from_little_endian(data) - offset;
        }
        veilsum::wipe(data);
        return out;
    }

    // pack(y, j) + a multiple of n that makes it positive, for all j: what stands in the exponent of 1 + n.
    // Their lengths do not depend on the masks.
    secret<std::vector<integer::bigint>> packed(const encoding::matrix_layout& layout,
                                                const integer::bigint& n) const {
        using integer::bigint;
        const std::size_t w = layout.slot_width();
        const std::size_t bits = w * layout.slots() + link_windows::mask_bits + 1;
        secret<std::vector<bigint>> out{std::vector<bigint>(layout.blocks())};
        for (std::size_t j = 0; j < layout.blocks(); ++j) {
            const std::size_t length = layout.block_length(j), first = layout.first_column(j);
            paillier::padded_integer sum(paillier::limbs_for(bits) + 1);
            add_packed(sum, std::span(lifted_.expose()).subspan(4 * first), w, length);
            bigint ones(0); // sum_k 2^(w k)
            for (std::size_t k = 0; k < length; ++k) ones += bigint(1) << (w * k);
            const bigint offset = ones * link_windows::half();
            out.expose()[j] = sum.to_integer();
            out.expose()[j] += (n << bits) - offset;
        }
        return out;
    }

    // sum += sum_{k < length} lifted_k 2^(w k), four words each. The steps are the same for all values.
    static void add_packed(paillier::padded_integer& sum, std::span<const std::uint64_t> lifted,
                           std::size_t w, std::size_t length) {
        for (std::size_t k = 0; k < length; ++k) add_shifted(sum, lifted.subspan(4 * k, 4), w * k);
    }

  private:
    explicit link_masks(std::size_t columns)
        : lifted_(words(4 * columns)), blinding_(group::scalar{}), digit_blinding_(group::scalar{}),
          exponents_(std::vector<integer::bigint>{}) {}

    // sum += value 2^shift; a carry runs to the end always.
    static void add_shifted(paillier::padded_integer& sum, std::span<const std::uint64_t> value,
                            std::size_t shift) {
        const std::size_t word = shift / 64;
        const unsigned bit = shift % 64;
        detail::uint128 carry = 0;
        for (std::size_t k = word; k < sum.size(); ++k) {
            const std::size_t at = k - word;
            const std::uint64_t here = at < 4 ? value[at] << bit : 0;
            const std::uint64_t below = at >= 1 && at <= 4 && bit != 0 ? value[at - 1] >> (64 - bit) : 0;
            carry += detail::uint128{sum.data()[k]} + (here | below);
            sum.data()[k] = static_cast<std::uint64_t>(carry);
            carry >>= 64;
        }
    }

    secret<words> lifted_;
    secret<group::scalar> blinding_, digit_blinding_;
    secret<std::vector<integer::bigint>> exponents_;
};

// Fields 9 to 11 of a submission.
struct link_response {
    bytes z;           // C integers of kind Z
    group::scalar z_r; // response for the blindings
    bytes zeta;        // J integers of kind E
};

// What the link is about, on the prover's side: views of secrets that live elsewhere.
struct link_witness {
    std::span<const std::int32_t> values;                  // x, Kt x C
    std::span<const group::scalar> blindings;              // r_i, Kt
    const secret<std::vector<integer::bigint>>& exponents; // alpha_{i,j}, Kt x J
};

namespace detail {

// z_c for columns [first, first + count), and all ones if one of them leaves its window.
inline std::uint64_t answer_columns(const encoding::matrix_layout& layout, const link_windows& windows,
                                    const link_witness& known,
                                    std::span<const std::array<std::uint64_t, 2>> e, const link_masks& masks,
                                    std::size_t first, std::size_t count, std::span<std::uint8_t> z) {
    const std::size_t C = layout.columns();
    const std::uint64_t off = std::uint64_t{1} << (layout.value_bits() - 1);
    std::vector<uint128> low(count), high(count); // 4096 products of 64 and 24 bits
    for (std::size_t i = 0; i < e.size(); ++i)
        for (std::size_t c = 0; c < count; ++c) {
            const std::uint64_t y =
                static_cast<std::uint64_t>(static_cast<std::int64_t>(known.values[i * C + first + c])) + off;
            low[c] += uint128{e[i][0]} * y;
            high[c] += uint128{e[i][1]} * y;
        }
    integer::bigint offset(0); // off sum_i e_i
    for (const auto& each : e) {
        offset += integer::bigint(each[0]);
        offset += integer::bigint(each[1]) << 64;
    }
    const link_integer minus_offset = negated(link_integer_of(offset * integer::bigint(off)));
    const link_integer minus_shift = negated(link_integer_of(windows.largest_shift()));
    const link_integer top =
        link_integer_of((link_windows::half() << 1) - 1 - windows.largest_shift()); // 2 N - 1 - Smax
    const link_integer minus_half = negated(link_integer_of(link_windows::half()));
    std::uint64_t outside = 0;
    for (std::size_t c = 0; c < count; ++c) {
        link_integer value{}; // z_c + N
        for (std::size_t k = 0; k < 4; ++k) value[k] = masks.lifted().expose()[4 * (first + c) + k];
        add_to(value, link_integer_of(low[c], 0));
        add_to(value, link_integer_of(high[c], 1));
        add_to(value, minus_offset);
        link_integer below = value, above = negated(value);
        add_to(below, minus_shift);
        add_to(above, top);
        outside |= (below[link_words - 1] | above[link_words - 1]) >> 63;
        add_to(value, minus_half);
        for (std::size_t at = 0; at < 32; ++at)
            z[32 * c + 31 - at] = static_cast<std::uint8_t>(value[at / 8] >> (8 * (at % 8)));
        sodium_memzero(value.data(), sizeof value);
    }
    sodium_memzero(low.data(), low.size() * sizeof low[0]);
    sodium_memzero(high.data(), high.size() * sizeof high[0]);
    return outside;
}

} // namespace detail

// Nothing if a response left its window: the prover starts afresh with other masks.
// spec: validity proofs 8.4, steps 5 and 6
inline std::optional<link_response> answer_link(const encoding::matrix_layout& layout,
                                                const link_windows& windows, const link_witness& known,
                                                std::span<const transcript::challenge128> e,
                                                link_masks&& used) {
    const link_masks masks = std::move(used);
    const std::size_t Kt = layout.rows(), C = layout.columns(), J = layout.blocks();
    expects(e.size() == Kt && known.values.size() == Kt * C && known.blindings.size() == Kt &&
            known.exponents.expose().size() == Kt * J);
    std::vector<std::array<std::uint64_t, 2>> halves(Kt);
    for (std::size_t i = 0; i < Kt; ++i)
        for (std::size_t at = 0; at < 16; ++at)
            halves[i][at / 8] |= std::uint64_t{e[i][at]} << (8 * (at % 8));

    link_response out{bytes(32 * C), {}, {}};
    constexpr std::size_t tile = 256; // columns whose accumulators stay in the cache
    const std::size_t tiles = (C + tile - 1) / tile;
    std::vector<std::uint64_t> outside(tiles);
    parallel_for(tiles, [&](std::size_t t) {
        const std::size_t first = t * tile, count = std::min(tile, C - first);
        outside[t] = detail::answer_columns(layout, windows, known, halves, masks, first, count,
                                            std::span(out.z).subspan(32 * first, 32 * count));
    });
    std::uint64_t restart = 0;
    for (const std::uint64_t each : outside) restart |= each;

    out.z_r = masks.blinding().expose();
    for (std::size_t i = 0; i < Kt; ++i)
        out.z_r += group::scalar::from_little_endian(e[i]) * known.blindings[i];

    for (std::size_t j = 0; j < J; ++j) {
        secret<integer::bigint> shift(integer::bigint(0));
        for (std::size_t i = 0; i < Kt; ++i)
            shift.expose() += to_integer(e[i]) * known.exponents.expose()[i * J + j];
        secret<integer::bigint> mask{integer::bigint(masks.exponents().expose()[j])};
        const auto zeta = windows.exponents().answer(std::move(mask), shift);
        if (!zeta) return std::nullopt;
        const bytes encoded = zeta->to_bytes(layout.exponent_response_bytes());
        out.zeta.insert(out.zeta.end(), encoded.begin(), encoded.end());
    }
    if (restart != 0) return std::nullopt;
    return out;
}

// Check 11 for one block: left = A_j prod_i c_{i,j}^{e_i}, residue = h_s^zeta_j, both in [0, n^2), and
// message = pack(z, j).
template <class Scheme>
bool link_holds(const paillier::public_key<Scheme>& key, const integer::bigint& left,
                const integer::bigint& residue, const integer::bigint& message) {
    const integer::bigint right = key.one_plus_n_power(message) * residue % key.modulus();
    return left == right || left == key.modulus() - right;
}

} // namespace veilsum::zk
