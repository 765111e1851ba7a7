// Residue root: the prover knows an n^s-th root of h.
//
//     R = { (n, h ; rho) :  h = rho^(n^s) mod n^(s+1),   0 < rho < n }
//
// An n^s-th residue has plaintext 0. So this shows that a ciphertext encrypts zero (its root is all the
// randomness in it), and that the base h of a key that carries h instead of its root hides no plaintext. The
// keys of this library carry the root, from which everybody computes h_s, and need no such proof.
//
// Ref: Guillou, Quisquater, EUROCRYPT '88; for Paillier's residues Damgard, Jurik, PKC 2001.
// spec: residue-root
//
//     step 1   announce    A = r^(n^s) mod n^(s+1),   r a uniform unit in (0, n)
//     step 2   challenge   e, 128 bits
//     step 3   respond     z = r rho^e mod n
//     step 4   check       z^(n^s) = A h^e mod n^(s+1)
//
// z may be reduced modulo n because (z + k n)^(n^s) = z^(n^s) modulo n^(s+1).
//
// Soundness. Two accepted answers to one A give (z/z')^(n^s) = h^d with 0 < |d| < 2^128. *If every prime
// factor of n exceeds 2^128*, d and n^s are coprime, u d + v n^s = 1 for some u and v, and (z/z')^u h^v is an
// n^s-th root of h: knowledge error 2^-128. With a prime factor f of n below 2^128 the error is 1/f: somebody
// who knows f proves a non-residue whenever f divides the difference of two challenges. So this proof is
// checked after the key's own (key_validity.hpp: no small factor, exactly two prime factors), and means
// nothing without them.
//
// Zero knowledge, perfect: r is a uniform unit, so z is; the simulator draws z and e and computes A.
//
// Whether h is 1 or -1, residues too, is the caller's question. Who must not know what: rho and r; two
// answers with one r give rho away. Constant time: the power of step 1, and all of step 3. Variable time: the
// gcd that makes r a unit. Powers come one at a time here, so both engines are gmp_engine: one that takes
// eight at the price of one would waste seven.
//
// Proof, in bytes: (s+2) nbits/8: 1152 at 3072 bits, degree 1. Cost: one power of s nbits bits modulo n^(s+1)
// on each side.
//
// Checks, by number. `statement::create`: 1 h is a unit in (0, n^(s+1)). `parse`: 2 the length is exact;
// `check`: 3 A is in (0, n^(s+1)) and, in `parse`, a unit; 4 z is in (0, n); 5 the equation.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/sample.hpp>
#include <veilsum/modular/gmp_engine.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/transcript/transcript.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>
#include <veilsum/zk/challenge.hpp>
#include <veilsum/zk/fiat_shamir.hpp>
#include <veilsum/zk/sigma_protocol.hpp>

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace veilsum::zk {

template <class Scheme>
struct residue_root {
    using bigint = integer::bigint;
    using public_key = paillier::public_key<Scheme>;
    using proof = zk::proof<residue_root>;

    static constexpr std::string_view label = "veilsum.residue-root/1";
    static constexpr std::size_t residue_bytes = Scheme::ciphertext_bytes; // of A
    static constexpr std::size_t root_bytes = Scheme::modulus_bytes;       // of z
    static constexpr std::size_t proof_bytes() { return residue_bytes + root_bytes; }

    class statement {
      public:
        static result<statement> create(const public_key& key, bigint h) {
            if (h <= 0 || h >= key.modulus()) return error{errc::out_of_range, "residue", 1};
            if (gcd(h, key.n()) != 1) return error{errc::not_a_unit, "residue", 1};
            return statement(key, std::move(h));
        }
        const public_key& key() const { return key_; }
        const bigint& h() const { return h_; } // the residue

      private:
        statement(const public_key& key, bigint&& h) : key_(key), h_(std::move(h)) {}
        public_key key_;
        bigint h_;
    };

    // A view: the root stays in its home, which must outlive it.
    struct witness {
        const secret<bigint>& root; // rho in (0, n)
    };

    struct announcement {
        bigint A; // r^(n^s) mod n^(s+1)
    };

    class announcement_secret {
      public:
        announcement_secret(announcement_secret&&) noexcept = default;
        announcement_secret& operator=(announcement_secret&&) noexcept = default;

      private:
        friend residue_root;
        explicit announcement_secret(secret<bigint>&& r) : r_(std::move(r)) {}
        secret<bigint> r_;
    };

    using challenge = transcript::challenge128;

    struct response {
        bigint z; // r rho^e mod n
    };

    // ---- conversation

    static result<void> fits(const statement& claim, const witness& known) {
        if (known.root.expose() <= 0 || known.root.expose() >= claim.key().n())
            return error{errc::out_of_range, "root"};
        return {};
    }

    // spec: residue-root, step 1
    template <random::random_source Source>
    static announced<announcement, announcement_secret> announce(const statement& claim, const witness&,
                                                                 Source& rng) {
        announcement_secret mask(secret<bigint>(integer::random_unit(claim.key().n(), rng)));
        const modular::gmp_engine<Scheme::ciphertext_bits> ring(claim.key().modulus());
        auto power = ring.make(1);
        ring.set(power, 0, mask.r_.expose());
        ring.power_secret(power, power, secret<bigint>(bigint(claim.key().n_to_s())),
                          claim.key().n_to_s().bit_length());
        return {announcement{ring.get(power, 0)}, std::move(mask)};
    }

    // spec: residue-root, step 3
    static std::optional<response> respond(const statement& claim, const witness& known,
                                           announcement_secret&& used, const challenge& e) {
        const announcement_secret mask = std::move(used);
        const modular::gmp_engine<Scheme::modulus_bits> ring(claim.key().n());
        auto product = ring.make(1), r = ring.make(1);
        ring.set(product, 0, known.root.expose());
        ring.power_secret(product, product, secret<bigint>(to_integer(e)), challenge_bits);
        ring.set(r, 0, mask.r_.expose());
        ring.multiply(product, product, r);
        r.wipe();
        return response{ring.get(product, 0)};
    }

    // Checks 3 and 4.
    static result<void> check_form(const statement& claim, const announcement& first,
                                   const response& answer) {
        if (first.A <= 0 || first.A >= claim.key().modulus())
            return error{errc::out_of_range, "announcement", 3};
        if (answer.z <= 0 || answer.z >= claim.key().n()) return error{errc::out_of_range, "response", 4};
        return {};
    }

    // spec: residue-root, step 4. Checks 3 to 5.
    static result<void> check(const statement& claim, const announcement& first, const challenge& e,
                              const response& answer) {
        if (auto form = check_form(claim, first, answer); !form) return form;
        const bigint& modulus = claim.key().modulus();
        const bigint left = power_vartime(answer.z, claim.key().n_to_s(), modulus);
        if (left != first.A * power_vartime(claim.h(), to_integer(e), modulus) % modulus)
            return error{errc::bad_proof, "residue root", 5};
        return {};
    }

    // ---- transcript

    static secret<bytes> nonce_seed(const statement&, const witness& known) {
        return secret<bytes>(known.root.expose().to_bytes(root_bytes));
    }
    static void append_to(transcript::transcript& script, const statement& claim) {
        script.absorb("root.key", claim.key().id());
        script.absorb("root.h", claim.h().to_bytes(residue_bytes));
    }
    static void append_to(transcript::transcript& script, const announcement& first) {
        script.absorb("root.A", first.A.to_bytes(residue_bytes));
    }
    // spec: residue-root, step 2
    static challenge draw_challenge(transcript::transcript& script, const statement&) {
        return transcript::challenge_integers(script, "root.e", 1).front();
    }

    // ---- bytes:  A | z, big-endian, fixed lengths

    static std::size_t proof_bytes(const statement&) { return proof_bytes(); }
    static bytes serialize(const statement&, const announcement& first, const response& answer) {
        wire::writer out(proof_bytes());
        out.fixed(first.A.to_bytes(residue_bytes));
        out.fixed(answer.z.to_bytes(root_bytes));
        return std::move(out).take();
    }
    static result<conversation<announcement, response>> parse(const statement& claim, byte_view data) {
        if (data.size() != proof_bytes()) return error{errc::malformed, "length of the proof", 2};
        wire::reader in(data);
        announcement first{bigint::from_bytes(in.fixed(residue_bytes))};
        response answer{bigint::from_bytes(in.fixed(root_bytes))};
        if (auto form = check_form(claim, first, answer); !form) return form.error();
        if (gcd(first.A, claim.key().n()) != 1) return error{errc::not_a_unit, "announcement", 3};
        return conversation<announcement, response>{std::move(first), std::move(answer)};
    }

    // ---- as a proof

    template <random::random_source Source>
    static result<proof> prove(const transcript::transcript& context, const statement& claim,
                               const witness& known, Source& rng) {
        return zk::prove<residue_root>(context, claim, known, rng);
    }
    static result<void> verify(const transcript::transcript& context, const statement& claim,
                               const proof& candidate) {
        return zk::verify<residue_root>(context, claim, candidate);
    }
};

} // namespace veilsum::zk
