// A vector of ciphertexts under one key: units modulo n^(s+1) that know which key they belong to.
//
//     auto received = ciphertext_vector<scheme>::parse(key, raw, count);    // checked, or an error
//     bytes raw = received->serialize();
//
// Bytes: count numbers of ciphertext_bytes each, big-endian, nothing else; whoever sends them fixes the
// count. A file that must stand alone uses the frame ciphertext_vector, version 1, with the body
//
//     key id 32 | count u32 | the numbers
//
// Checks of `parse`, by number:
//   1  exactly count numbers                       malformed      "length of the ciphertexts"
//      count >= 1                                  missing        "ciphertexts"
//   2  0 < c < n^(s+1)                             out_of_range   "ciphertext", place "ciphertext 5"
//   3  gcd(c, n) = 1                               not_a_unit     "ciphertext", place "ciphertext 5"
// Check 3 costs one multiplication for each number and one gcd for all of them, because a product is a unit
// exactly if its factors are; only after a failure is each number looked at. Every unit is a ciphertext of
// exactly one plaintext (if gcd(n, phi(n)) = 1), so there is nothing else to check.
//
// Ciphertexts are public. Memory: ciphertext_bytes each, one block. Positions count from 0.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/modular/inversion.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/wire/frame.hpp>
#include <veilsum/wire/message_type.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::paillier {

// "ciphertext 5", "plaintext 5", ...
inline std::string position_of(std::string_view what, std::size_t index) {
    return std::string(what) + " " + std::to_string(index);
}

template <class Scheme>
class ciphertext_vector {
  public:
    using scheme = Scheme;
    using engine = typename Scheme::engine;
    // The engine's batches of residues.
    using vector = typename engine::vector;
    static constexpr std::uint16_t version = 1;

    // What the caller computed by the key's own arithmetic from units, which gives units: at least one.
    static ciphertext_vector from_residues(public_key<Scheme> key, vector residues) {
        expects(residues.size() >= 1);
        return ciphertext_vector(std::move(key), std::move(residues));
    }

    static result<ciphertext_vector> parse(const public_key<Scheme>& key, byte_view raw, std::size_t count) {
        constexpr std::size_t width = Scheme::ciphertext_bytes;
        if (raw.size() % width != 0 || raw.size() / width != count)
            return error{errc::malformed, "length of the ciphertexts", 1};
        if (count == 0) return error{errc::missing, "ciphertexts", 1};
        const engine& ring = key.arithmetic();
        std::vector<bigint> values(count);
        for (std::size_t i = 0; i < count; ++i) {
            values[i] = bigint::from_bytes(raw.subspan(i * width, width));
            if (values[i].is_zero() || values[i] >= ring.modulus())
                return error{errc::out_of_range, "ciphertext", 2, position_of("ciphertext", i)};
        }
        vector residues = ring.enter(values);
        if (gcd(ring.product(residues), key.n()) != bigint(1))
            for (std::size_t i = 0; i < count; ++i)
                if (gcd(values[i], key.n()) != bigint(1))
                    return error{errc::not_a_unit, "ciphertext", 3, position_of("ciphertext", i)};
        return ciphertext_vector(key, std::move(residues));
    }
    bytes serialize() const {
        constexpr std::size_t width = Scheme::ciphertext_bytes;
        bytes out;
        out.reserve(size() * width);
        for (const bigint& value : values()) {
            const bytes number = value.to_bytes(width);
            out.insert(out.end(), number.begin(), number.end());
        }
        return out;
    }

    // The frame. Errors: those of the frame and of `parse`; wrong_key if it names another key; out_of_range
    // if it claims more than max_count numbers.
    static result<ciphertext_vector> parse_frame(const public_key<Scheme>& key, byte_view data,
                                                 std::uint32_t max_count) {
        const auto body = wire::unframe(data, wire::message_type::ciphertext_vector, version,
                                        frame_head_bytes + std::size_t{max_count} * Scheme::ciphertext_bytes);
        if (!body) return body.error();
        wire::reader in(*body);
        const auto id = in.template array<32>();
        const std::size_t count = in.count(max_count, Scheme::ciphertext_bytes);
        const byte_view raw = in.fixed(in.remaining());
        if (auto end = in.finish(); !end) return end.error();
        if (id != key.id()) return error{errc::wrong_key, "ciphertexts"};
        return parse(key, raw, count);
    }
    // The frame, which `parse_frame` reads.
    bytes serialize_frame() const {
        expects(size() <=
                (std::numeric_limits<std::uint32_t>::max() - frame_head_bytes) / Scheme::ciphertext_bytes);
        const bytes numbers = serialize();
        wire::writer out(frame_head_bytes + numbers.size());
        out.fixed(key_id());
        out.u32(static_cast<std::uint32_t>(size()));
        out.fixed(numbers);
        return wire::frame(wire::message_type::ciphertext_vector, version, out.view());
    }

    std::size_t size() const { return residues_.size(); }
    const public_key<Scheme>& key() const { return key_; }
    const hash::digest32& key_id() const { return key_.id(); }
    // The engine's form, for arithmetic under `key().arithmetic()`.
    const vector& residues() const { return residues_; }
    // The canonical number, in (0, n^(s+1)).
    bigint operator[](std::size_t i) const { return key_.arithmetic().get(residues_, i); }
    // All of them, which is cheaper than one by one.
    std::vector<bigint> values() const { return key_.arithmetic().leave(residues_); }

    // Positions first .. first + count - 1, which must exist; count >= 1.
    ciphertext_vector slice(std::size_t first, std::size_t count) const {
        expects(count >= 1 && first <= size() && count <= size() - first);
        return ciphertext_vector(key_, modular::slice(key_.arithmetic(), residues_, first, count));
    }

    // Same key, same numbers.
    bool operator==(const ciphertext_vector& other) const {
        return key_ == other.key_ && size() == other.size() && values() == other.values();
    }

  private:
    static constexpr std::size_t frame_head_bytes = 32 + 4;
    ciphertext_vector(public_key<Scheme> key, vector residues)
        : key_(std::move(key)), residues_(std::move(residues)) {}

    public_key<Scheme> key_;
    vector residues_;
};

} // namespace veilsum::paillier
