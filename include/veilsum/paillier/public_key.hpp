// The public key (n, root) and all that follows from it.
//
//     h_s = root^(n^s) mod n^(s+1),     root = y^2 mod n for a random y
//
// The key holds the root, not h_s: everybody computes h_s, which is then an n^s-th residue by construction,
// so that it can hide no plaintext and needs no proof.  spec: paillier, section 2
//
// Body of the frame public_key, version 1:
//
//      0              2        3                   3 + N/8             3 + N/4
//     +--------------+--------+-------------------+-------------------+
//     | modulus_bits | degree | n                 | root              |      N = modulus_bits
//     +--------------+--------+-------------------+-------------------+
//          u16          u8       N/8, big-endian     N/8, big-endian
//
// The key id is SHA-256 of the whole frame: it covers sizes, n and root, and through them h_s.
//
//     auto key = paillier::public_key<paillier::scheme<3072>>::parse(file);
//     if (!key) return key.error();                         // names the check that failed
//
// Checks, by number (1 to 5: modulus_checks.hpp):
//   6  0 < root < n                                out_of_range   "root"
//      gcd(root, n) = 1                            not_a_unit     "root"
//   7  root != 1 and root != n-1                   bad_parameter  "order of the root"
//   8  h_s != 1 and h_s != n^(s+1) - 1             bad_parameter  "order of the residue base"
// Check 8 catches roots whose order divides n^s, which exist where gcd(n, phi(n)) > 1. Other small orders
// cannot be seen from outside; they would harm secrecy under a key whose owner decrypts anyway.
//
// What a `public_key` does not say: that n has two prime factors, that gcd(n, phi(n)) = 1, that no factor is
// below 2^256. Proofs of that are made and checked elsewhere and bound to the key id.
//
// Cost of `create`: check 5 and one power with an exponent of s N bits modulo n^(s+1). Copies share state; a
// key that was moved from, and ciphertexts that were, hold none, and using them is a broken contract.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/paillier/modulus_checks.hpp>
#include <veilsum/paillier/plaintext_space.hpp>
#include <veilsum/paillier/principal_units.hpp>
#include <veilsum/paillier/scheme.hpp>
#include <veilsum/wire/frame.hpp>
#include <veilsum/wire/message_type.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace veilsum::paillier {

// n^exponent for a small exponent.
inline bigint small_power(const bigint& n, std::size_t exponent) {
    bigint out(1);
    for (std::size_t k = 0; k < exponent; ++k) out *= n;
    return out;
}

template <class Scheme>
class public_key {
  public:
    using scheme = Scheme;
    using engine = typename Scheme::engine;
    static constexpr std::uint16_t version = 1;
    static constexpr std::size_t body_bytes = 3 + 2 * Scheme::modulus_bytes;

    static result<public_key> create(bigint n, bigint root) {
        if (auto checked = check_modulus(n, Scheme::modulus_bits); !checked) return checked.error();
        if (root <= bigint(0) || root >= n) return error{errc::out_of_range, "root", 6};
        if (gcd(root, n) != bigint(1)) return error{errc::not_a_unit, "root", 6};
        if (root == bigint(1) || root == n - 1) return error{errc::bad_parameter, "order of the root", 7};
        auto made = std::make_shared<const state>(std::move(n), std::move(root));
        if (made->residue_base == bigint(1) || made->residue_base == made->arithmetic.modulus() - 1)
            return error{errc::bad_parameter, "order of the residue base", 8};
        return public_key(std::move(made));
    }

    static result<public_key> parse(byte_view data) {
        const auto body = wire::unframe(data, wire::message_type::public_key, version, body_bytes);
        if (!body) return body.error();
        wire::reader in(*body);
        if (in.u16() != Scheme::modulus_bits) in.fail(errc::mismatch, "modulus size of the public key");
        if (in.u8() != Scheme::degree) in.fail(errc::mismatch, "degree of the public key");
        bigint n = bigint::from_bytes(in.fixed(Scheme::modulus_bytes));
        bigint root = bigint::from_bytes(in.fixed(Scheme::modulus_bytes));
        if (auto end = in.finish(); !end) return end.error();
        return create(std::move(n), std::move(root));
    }
    bytes serialize() const { return own().canonical; }

    // SHA-256 of the canonical bytes.
    const hash::digest32& id() const { return own().id; }
    const bigint& n() const { return own().n; } // the modulus
    // n^s: what plaintexts are taken modulo.
    const bigint& n_to_s() const { return own().plaintexts.modulus(); }
    // n^(s+1)
    const bigint& modulus() const { return own().arithmetic.modulus(); }
    const bigint& root() const { return own().root; } // y^2, of which h_s is made
    // h_s
    const bigint& residue_base() const { return own().residue_base; }
    // Arithmetic modulo n^(s+1).
    const engine& arithmetic() const { return own().arithmetic; }
    // Plaintexts and their signs.
    const plaintext_space& plaintexts() const { return own().plaintexts; }
    // The group { u = 1 mod n }, where plaintexts live.
    const principal_units& units() const { return own().units; }

    // (1+n)^m mod n^(s+1) for an integer of any size and sign; the time shows its limb count.
    bigint one_plus_n_power(const bigint& m) const {
        return units().power(plaintexts().reduce(m)).to_integer();
    }

    // Keys are equal if their ids are.
    bool operator==(const public_key& other) const { return state_ == other.state_ || id() == other.id(); }

  private:
    struct state {
        state(bigint&& modulus, bigint&& key_root)
            : n(std::move(modulus)), root(std::move(key_root)), plaintexts(small_power(n, Scheme::degree)),
              units(n, n, Scheme::degree), arithmetic(plaintexts.modulus() * n),
              residue_base(power_vartime(root, plaintexts.modulus(), arithmetic.modulus())) {
            wire::writer out(body_bytes);
            out.u16(static_cast<std::uint16_t>(Scheme::modulus_bits));
            out.u8(static_cast<std::uint8_t>(Scheme::degree));
            out.fixed(n.to_bytes(Scheme::modulus_bytes));
            out.fixed(root.to_bytes(Scheme::modulus_bytes));
            canonical = wire::frame(wire::message_type::public_key, version, out.view());
            id = hash::sha256(canonical);
        }
        bigint n;
        bigint root;
        plaintext_space plaintexts;
        principal_units units;
        engine arithmetic;
        bigint residue_base;
        bytes canonical;
        hash::digest32 id{};
    };
    explicit public_key(std::shared_ptr<const state> made) : state_(std::move(made)) {}
    // A key that was moved from has none.
    const state& own() const { return expects(state_ != nullptr), *state_; }
    std::shared_ptr<const state> state_;
};

} // namespace veilsum::paillier
