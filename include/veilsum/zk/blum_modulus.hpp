// Blum modulus: n has exactly two prime factors, and both are 3 modulo 4.
//
//     L = { n :  n = p^a q^b for different primes p = q = 3 mod 4 }           witness: the factors of n
//
// Together with gcd(n, phi(n)) = 1 (coprime_modulus.hpp) both exponents are 1, and n = p q.
//
// Ref: Canetti, Gennaro, Goldfeder, Makriyannis, Peled, "UC non-interactive, proactive, threshold ECDSA with
// identifiable aborts" (2021), proof of the Paillier-Blum modulus.   spec: blum-modulus
//
//     step 1   announce    w with Jacobi symbol (w/n) = -1
//     step 2   challenge   y_1..y_128, units modulo n, hashed from the context, the key and w
//     step 3   prove       x_i with  x_i^4 = (-1)^(a_i) w^(b_i) y_i mod n  for bits a_i, b_i
//     step 4   check       (w/n) = -1 and the 128 equations
//
// deviation: the paper also sends n-th roots z_i of the y_i. They show gcd(n, phi(n)) = 1, which
// coprime_modulus shows with eight roots instead of 128, because the primes below 2^16 are excluded by trial
// division. Whoever uses this proof alone has no square-freeness. That n is odd, not a prime and not a prime
// power are checks 2, 4 and 5 of the public key.
//
// Completeness. In a Blum modulus -1 has the signs (-,-) modulo p and q, and w has (+,-) or (-,+): exactly
// one of y, -y, w y, -w y is a square, and squares have fourth roots that are squares.
//
// Soundness. The four candidates for x_i^4 are y_i times four fixed units. Let n have k different prime
// factors. The fourth powers have index at least 2^k in the units, and twice that if one of the primes is 1
// modulo 4. So for k >= 3, or k = 2 and a prime that is 1 modulo 4, the index is at least 8, whatever w is:
// the candidates of a uniform y_i lie in four cosets, and one of them is a fourth power with probability at
// most 4/8. All 128 have one with probability at most 2^-128, for each w, key and context that somebody
// tries. (w/n) = -1 makes w a unit: with a w that shares a factor with n the count would be 5/8.
//
// Zero knowledge. The x_i of the prover are squares. A simulator, in the random-oracle model, draws w,
// squares x_i, bits a_i, b_i, and sets y_i = (-1)^(a_i) w^(-b_i) x_i^4, which is uniform among the units.
//
// Who must not know what: p and q. Constant time in them: the fourth roots. With d even and 4 d = 1 modulo
// the odd (p-1)/2, u^d is a fourth root of u or of -u modulo p, whichever is a square, so no symbol modulo p
// is computed: b_i is the Jacobi symbol modulo n, and a_i is seen from x_i^4. Variable time: d itself, once.
//
// Proof, in bytes: 129 nbits/8 + 32, that is 49568 at 3072 bits. Cost, verifier: one Jacobi symbol and four
// multiplications modulo n for each root; prover: 256 powers of half the length.
//
// Checks, by number: 1 the length is exact (parse); 2 w is in (0, n) and (w/n) = -1; 3 each x_i is in (0, n);
// 4 the challenges are units; 5 the equations (places "root 17").
//
//     using blum = zk::blum_modulus<scheme>;
//     auto proof = blum::prove(context, {key}, {primes}, rng);
//     if (auto valid = blum::verify(context, {key}, *proof); !valid) return valid.error();
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/primes.hpp>
#include <veilsum/integer/sample.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/transcript/nonce_source.hpp>
#include <veilsum/transcript/transcript.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>
#include <veilsum/zk/challenge.hpp>
#include <veilsum/zk/factor_powers.hpp>
#include <veilsum/zk/residue_challenge.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::zk {

template <class Scheme>
struct blum_modulus {
    using bigint = integer::bigint;

    static constexpr std::string_view label = "veilsum.blum-modulus/1";
    // A modulus of another form answers each challenge with probability at most 1/2.
    static constexpr std::size_t repetitions = challenge_bits;
    static constexpr std::size_t element_bytes = Scheme::modulus_bytes;
    static constexpr std::size_t proof_bytes = (1 + repetitions) * element_bytes + 2 * (repetitions / 8);

    // That the public checks of n hold is in the type of the key.
    struct statement {
        paillier::public_key<Scheme> key;
    };

    // A view: the primes stay in their home, which must outlive it.
    struct witness {
        const integer::prime_pair& factors; // p and q, both 3 mod 4
    };

    struct announcement {
        bigint w; // Jacobi symbol -1
    };

    using challenge = std::vector<bigint>; // `repetitions` units

    // x^4 = (-1)^negated w^shifted y
    struct fourth_root {
        bigint x;             // in (0, n)
        bool negated = false; // a
        bool shifted = false; // b
    };
    using response = std::array<fourth_root, repetitions>;

    struct proof {
        blum_modulus::announcement announcement;
        response roots; // to the challenges, in order

        // w | bits a_1..a_128 | bits b_1..b_128 | x_1 | .. | x_128; numbers big-endian, bit i of a byte
        // string is bit 7 - (i mod 8) of byte floor(i/8), i = 0 for the first root.
        bytes serialize() const {
            wire::writer out(proof_bytes);
            out.fixed(announcement.w.to_bytes(element_bytes));
            byte_array<repetitions / 8> negated{}, shifted{};
            for (std::size_t i = 0; i < repetitions; ++i) {
                negated[i / 8] = static_cast<std::uint8_t>(negated[i / 8] | roots[i].negated << (7 - i % 8));
                shifted[i / 8] = static_cast<std::uint8_t>(shifted[i / 8] | roots[i].shifted << (7 - i % 8));
            }
            out.fixed(negated);
            out.fixed(shifted);
            for (const fourth_root& root : roots) out.fixed(root.x.to_bytes(element_bytes));
            return std::move(out).take();
        }
        // Checks 1 to 3.
        static result<proof> parse(const statement& claim, byte_view data) {
            if (data.size() != proof_bytes) return error{errc::malformed, "length of the proof", 1};
            wire::reader in(data);
            proof made;
            made.announcement.w = bigint::from_bytes(in.fixed(element_bytes));
            const auto negated = in.array<repetitions / 8>(), shifted = in.array<repetitions / 8>();
            for (std::size_t i = 0; i < repetitions; ++i) {
                made.roots[i].x = bigint::from_bytes(in.fixed(element_bytes));
                made.roots[i].negated = (negated[i / 8] >> (7 - i % 8) & 1) != 0;
                made.roots[i].shifted = (shifted[i / 8] >> (7 - i % 8) & 1) != 0;
            }
            if (auto form = check_form(claim, made); !form) return form.error();
            return made;
        }
    };

    // spec: blum-modulus, step 2. Check 4.
    static result<challenge> derive_challenge(const transcript::transcript& context, const statement& claim,
                                              const announcement& first) {
        transcript::transcript script = bind(context, claim);
        script.absorb("blum.w", first.w.to_bytes(element_bytes));
        challenge units = challenge_residues(script, "blum.y", claim.key.n(), repetitions);
        if (!all_units(units, claim.key.n())) return error{errc::not_a_unit, "challenge", 4};
        return units;
    }

    // spec: blum-modulus, steps 1 to 3. Errors: those of factor_powers::create; bad_parameter "primes not 3
    // modulo 4"; mismatch "root" if p or q is not prime or a fault occurred.
    template <random::random_source Source>
    static result<proof> prove(const transcript::transcript& context, const statement& claim,
                               const witness& known, Source& rng) {
        const bigint& n = claim.key.n();
        auto owner = factor_powers<Scheme::modulus_bits>::create(known.factors, n);
        if (!owner) return owner.error();
        for (const auto* prime : {&known.factors.p, &known.factors.q})
            if (!prime->expose().bit(1)) return error{errc::bad_parameter, "primes not 3 modulo 4"};
        proof made{announce(context, claim, known, rng), {}};
        const bigint& w = made.announcement.w;
        const auto units = derive_challenge(context, claim, made.announcement);
        if (!units) return units.error();

        std::vector<bigint> bases(repetitions);
        for (std::size_t i = 0; i < repetitions; ++i) {
            made.roots[i].shifted = jacobi((*units)[i], n) < 0;
            bases[i] = made.roots[i].shifted ? w * (*units)[i] % n : (*units)[i];
        }
        std::vector<bigint> roots =
            owner->power(bases, {quarter(known.factors.p.expose()), quarter(known.factors.q.expose())});
        for (std::size_t i = 0; i < repetitions; ++i) {
            made.roots[i].negated = fourth_power(roots[i], n) != bases[i];
            made.roots[i].x = std::move(roots[i]);
        }
        if (!check(claim, made.announcement, *units, made.roots)) return error{errc::mismatch, "root"};
        return made;
    }

    // Checks 2 and 3.
    static result<void> check_form(const statement& claim, const proof& candidate) {
        return check_form(claim, candidate.announcement, candidate.roots);
    }
    static result<void> check_form(const statement& claim, const announcement& first, const response& roots) {
        const bigint& n = claim.key.n();
        if (first.w <= 0 || first.w >= n) return error{errc::out_of_range, "w", 2};
        if (jacobi(first.w, n) != -1) return error{errc::bad_proof, "Jacobi symbol of w", 2};
        for (std::size_t i = 0; i < repetitions; ++i)
            if (roots[i].x <= 0 || roots[i].x >= n)
                return error{errc::out_of_range, "root", 3}.at(place_of(i));
        return {};
    }

    // spec: blum-modulus, step 4. Checks 2, 3 and 5, for `repetitions` units.
    static result<void> check(const statement& claim, const announcement& first, const challenge& units,
                              const response& roots) {
        expects(units.size() == repetitions);
        if (auto form = check_form(claim, first, roots); !form) return form;
        const bigint& n = claim.key.n();
        std::array<bool, repetitions> holds{};
        parallel_for(repetitions, [&](std::size_t i) {
            bigint right = roots[i].shifted ? first.w * units[i] % n : units[i];
            if (roots[i].negated) right = n - right; // units are not 0
            holds[i] = fourth_power(roots[i].x, n) == right;
        });
        for (std::size_t i = 0; i < repetitions; ++i)
            if (!holds[i]) return error{errc::bad_proof, "Blum modulus", 5}.at(place_of(i));
        return {};
    }

    // Checks 2 to 5. Nothing is changed.
    static result<void> verify(const transcript::transcript& context, const statement& claim,
                               const proof& candidate) {
        if (auto form = check_form(claim, candidate); !form) return form;
        const auto units = derive_challenge(context, claim, candidate.announcement);
        if (!units) return units.error();
        return check(claim, candidate.announcement, *units, candidate.roots);
    }

  private:
    static int jacobi(const bigint& a, const bigint& n) { return mpz_jacobi(a.get(), n.get()); }
    static bigint fourth_power(const bigint& x, const bigint& n) {
        const bigint square = x * x % n;
        return square * square % n;
    }
    static std::string place_of(std::size_t index) { return "root " + std::to_string(index + 1); }

    static transcript::transcript bind(const transcript::transcript& context, const statement& claim) {
        transcript::transcript script = context;
        script.absorb("proof", as_bytes(label));
        script.absorb("blum.key", claim.key.id());
        return script;
    }

    // spec: blum-modulus, step 1
    template <random::random_source Source>
    static announcement announce(const transcript::transcript& context, const statement& claim,
                                 const witness& known, Source& rng) {
        const secret<bytes> seed(known.factors.p.expose().to_bytes(element_bytes / 2));
        transcript::nonce_source nonces(bind(context, claim), seed.expose(), rng);
        for (;;) {
            bigint w = integer::random_below(claim.key.n(), nonces);
            if (jacobi(w, claim.key.n()) == -1) return {std::move(w)};
        }
    }

    // The even d below p - 1 with 4 d = 1 mod (p-1)/2, which is odd.
    static secret<bigint> quarter(const bigint& prime) {
        const secret<bigint> half(prime >> 1);
        auto inverse = invert(bigint(4), half.expose());
        expects(inverse.has_value());
        if (inverse->is_odd()) *inverse += half.expose();
        return secret<bigint>(*std::move(inverse));
    }
};

} // namespace veilsum::zk
