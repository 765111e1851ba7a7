// Coprime modulus: n has no factor in common with phi(n).
//
//     L = { n :  gcd(n, phi(n)) = 1 }                   witness: the factors of n
//
// Then n has no square factor, x -> x^n permutes the units modulo n, and a Paillier ciphertext has exactly
// one plaintext: plaintexts add up when ciphertexts are multiplied. Without it two plaintexts fit one
// ciphertext.
//
// Ref: Goldberg, Reyzin, Sagga, Baldimtsi, "Efficient noninteractive certification of RSA moduli and beyond",
// ASIACRYPT 2019, with e = n.   spec: coprime-modulus
//
//     step 1   challenge   y_1..y_8, units modulo n, hashed from the context and the key
//     step 2   prove       x_i = y_i^(1/n) mod n, which exists for every y_i if gcd(n, phi(n)) = 1
//     step 3   check       x_i^n = y_i mod n for all i
//
// Soundness. If a prime r divides n and phi(n), there is a unit of order r, and x -> x^n maps r units to one:
// at most one unit in r has an n-th root. A public key has no prime factor below 2^16 (check 3 of its own
// list), so r > 2^16 and all eight y_i have roots with probability below (2^-16)^8 = 2^-128, for each key and
// context that somebody tries. The number of roots is `repetitions`; the verifier's, not the proof's.
//
// Zero knowledge. x -> x^n is a permutation: a simulator draws x_i and sets y_i = x_i^n, in the random-oracle
// model; the proof is the same for everybody who can make it, so it shows no more than that it can be made.
//
// Who must not know what: p and q are the prover's. Constant time in them: the roots (factor_powers.hpp);
// variable time: the inverses of n modulo p - 1 and q - 1, once. The roots are checked before they leave,
// since one that is wrong modulo p only would give q away.
//
// Proof, in bytes: 8 nbits/8, that is 3072 at 3072 bits. Cost, verifier: eight powers of nbits bits modulo n;
// prover: the same, and sixteen of half the length.
//
// Checks, by number: 1 the length is exact (parse); 2 each root is in (0, n); 3 the challenges are units;
// 4 each root is one (place "root 3").
//
//     using coprime = zk::coprime_modulus<scheme>;
//     auto proof = coprime::prove(context, {key}, {primes});
//     if (auto valid = coprime::verify(context, {key}, *proof); !valid) return valid.error();
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/primes.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/transcript/transcript.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>
#include <veilsum/zk/challenge.hpp>
#include <veilsum/zk/factor_powers.hpp>
#include <veilsum/zk/residue_challenge.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::zk {

template <class Scheme>
struct coprime_modulus {
    using bigint = integer::bigint;

    static constexpr std::string_view label = "veilsum.coprime-modulus/1";
    // Trial division says that no prime factor is below 2^16: each root is worth 16 bits.
    static constexpr std::size_t bits_per_root = 16;
    static constexpr std::size_t repetitions = (challenge_bits + bits_per_root - 1) / bits_per_root;
    static_assert(repetitions == 8);
    static constexpr std::size_t element_bytes = Scheme::modulus_bytes;
    static constexpr std::size_t proof_bytes = repetitions * element_bytes;

    // That the public checks of n hold is in the type of the key.
    struct statement {
        paillier::public_key<Scheme> key;
    };

    // A view: the primes stay in their home, which must outlive it.
    struct witness {
        const integer::prime_pair& factors; // p and q
    };

    using challenge = std::vector<bigint>; // `repetitions` units

    struct proof {
        std::array<bigint, repetitions> roots; // n-th roots of the challenges

        bytes serialize() const {
            wire::writer out(proof_bytes);
            for (const bigint& root : roots) out.fixed(root.to_bytes(element_bytes));
            return std::move(out).take();
        }
        // x_1 | .. | x_8, big-endian. Checks 1 and 2.
        static result<proof> parse(const statement& claim, byte_view data) {
            if (data.size() != proof_bytes) return error{errc::malformed, "length of the proof", 1};
            wire::reader in(data);
            proof made;
            for (bigint& root : made.roots) root = bigint::from_bytes(in.fixed(element_bytes));
            if (auto form = check_form(claim, made); !form) return form.error();
            return made;
        }
    };

    // spec: coprime-modulus, step 1. Check 3.
    static result<challenge> derive_challenge(const transcript::transcript& context, const statement& claim) {
        transcript::transcript script = context;
        script.absorb("proof", as_bytes(label));
        script.absorb("coprime.key", claim.key.id());
        challenge units = challenge_residues(script, "coprime.y", claim.key.n(), repetitions);
        if (!all_units(units, claim.key.n())) return error{errc::not_a_unit, "challenge", 3};
        return units;
    }

    // spec: coprime-modulus, step 2. Deterministic. Errors: those of factor_powers::create; bad_parameter
    // "modulus shares a factor with its order"; mismatch "root" if p or q is not prime or a fault occurred.
    static result<proof> prove(const transcript::transcript& context, const statement& claim,
                               const witness& known) {
        const bigint& n = claim.key.n();
        auto owner = factor_powers<Scheme::modulus_bits>::create(known.factors, n);
        if (!owner) return owner.error();
        const secret<bigint> p_order(known.factors.p.expose() - 1), q_order(known.factors.q.expose() - 1);
        auto d_p = invert(n, p_order.expose()), d_q = invert(n, q_order.expose());
        if (!d_p || !d_q) return error{errc::bad_parameter, "modulus shares a factor with its order"};
        const auto units = derive_challenge(context, claim);
        if (!units) return units.error();
        std::vector<bigint> roots =
            owner->power(*units, {secret<bigint>(*std::move(d_p)), secret<bigint>(*std::move(d_q))});
        proof made;
        std::move(roots.begin(), roots.end(), made.roots.begin());
        if (!check(claim, *units, made)) return error{errc::mismatch, "root"};
        return made;
    }

    static result<void> check_form(const statement& claim, const proof& candidate) {
        for (std::size_t i = 0; i < repetitions; ++i)
            if (candidate.roots[i] <= 0 || candidate.roots[i] >= claim.key.n())
                return error{errc::out_of_range, "root", 2}.at(place_of(i));
        return {};
    }

    // spec: coprime-modulus, step 3. Checks 2 and 4, for `repetitions` units.
    static result<void> check(const statement& claim, const challenge& units, const proof& candidate) {
        expects(units.size() == repetitions);
        if (auto form = check_form(claim, candidate); !form) return form;
        const bigint& n = claim.key.n();
        std::array<bool, repetitions> holds{};
        parallel_for(repetitions,
                     [&](std::size_t i) { holds[i] = power_vartime(candidate.roots[i], n, n) == units[i]; });
        for (std::size_t i = 0; i < repetitions; ++i)
            if (!holds[i]) return error{errc::bad_proof, "coprime modulus", 4}.at(place_of(i));
        return {};
    }

    // Checks 2 to 4. Nothing is changed.
    static result<void> verify(const transcript::transcript& context, const statement& claim,
                               const proof& candidate) {
        if (auto form = check_form(claim, candidate); !form) return form;
        const auto units = derive_challenge(context, claim);
        if (!units) return units.error();
        return check(claim, *units, candidate);
    }

  private:
    static std::string place_of(std::size_t index) { return "root " + std::to_string(index + 1); }
};

} // namespace veilsum::zk
