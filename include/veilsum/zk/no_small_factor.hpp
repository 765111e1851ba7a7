// No small factor: n is a product of two integers of about half its length.
//
//     R = { (n ; p, q) :  n = p q,   0 < p, q < 2^L },    L = nbits / 2          (what an honest prover has)
//     shown:               n = a b,  |a|, |b| < 2^(L + 256),  so |a|, |b| > 2^(L - 257)
//
// If n has exactly two prime factors (blum_modulus.hpp, coprime_modulus.hpp) they are |a| and |b|, and none
// is below 2^(L - 257): 2^767, 2^1279, 2^1791 for 2048, 3072, 4096 bits, all far above 2^256. For n with
// three prime factors this proof alone says little: a could be the product of a small one and another.
//
// Why: proofs about ciphertexts divide by differences of challenges, which works modulo every prime factor
// above 2^128 and modulo no other; and a small factor lets its owner learn a plaintext modulo it from what
// the other parties send (CVE-2023-33241 and its relatives).
//
// Ref: Canetti, Gennaro, Goldfeder, Makriyannis, Peled (2021), the proof "no small factor".
// spec: no-small-factor
//
// N^, s, t: the auxiliary modulus RSA-2048 and its bases (auxiliary_modulus.hpp); equations are modulo N^.
//
//     step 1   announce    P = s^p t^mu,  Q = s^q t^nu,  A = s^alpha t^x,  B = s^beta t^y,  T = Q^alpha t^-r
//     step 2   challenge   e, 128 bits
//     step 3   respond     z1 = alpha + e p,  z2 = beta + e q,  w1 = x + e mu,  w2 = y + e nu,
//                          v = r + e nu p, over the integers; afresh from step 1 if one is outside its window
//     step 4   check       s^z1 t^w1 = A P^e,    s^z2 t^w2 = B Q^e,    Q^z1 = T s^(n e) t^v
//
//     mu, nu         [0, 2^h)                       h = 2048 + 128: t^mu is within 2^-128 of uniform in <t>
//     alpha, z1      [0, 2^(L + 256))               e p   < 2^(L + 128), and 128 bits more
//     beta, z2       the same                       e q
//     x, w1          [0, 2^(h + 256))               e mu  < 2^(h + 128), and 128 bits more
//     y, w2          the same                       e nu
//     r, v           [0, 2^(h + L + 256))           e nu p < 2^(h + L + 128), and 128 bits more
//
// Each response has the window of response_window.hpp, both ends checked; only the upper ends of z1 and z2
// carry the statement.
//
// deviation: the paper sends sigma and uses s^n t^sigma where s^n stands here (its case sigma = 0): r alone
// hides nu p. Signs are chosen so that no exponent of a response is negative. The paper draws from symmetric
// intervals.
//
// Soundness. Two accepted answers to one announcement differ by D1, D2, W1, W2, V and d = e - e', |d| <
// 2^128: s^D1 t^W1 = P^d, s^D2 t^W2 = Q^d, Q^D1 = s^(n d) t^V. If strong RSA is hard for N^ and nobody knows
// elements of small order but -1, d divides D1, W1, D2, W2 (Damgard, Fujisaki, ASIACRYPT 2002), so that
// P = +-s^a t^.. and Q = +-s^b t^.. with a = D1/d, b = D2/d. The third equation becomes
// s^(a b d) t^.. = +-s^(n d) t^.., and since nobody knows a relation between s and t, a b = n.
// |D1| < 2^(L + 256) is the bound of z1. Knowledge error 2^-128. A prover whose q is too long gets z1 and z2
// into their windows for one e only.
//
// Zero knowledge. P and Q are within 2^-128 of uniform in the coset of <t>, see auxiliary_modulus.hpp for
// what that hides from whom; the responses are exactly uniform in their windows given that there is no
// restart, which has probability below 5 2^-128; A, B, T follow from them. The simulator picks P, Q in <t>, e
// and responses.
//
// Who must not know what: p, q and all masks. Constant time: the powers of step 1, the products of step 3
// (full length, one public factor in each but nu p, which has two secret ones).
//
// Proof, in bytes: 5 256 + 2 (L + 256)/8 + 2 304 + (h + L + 256)/8 = 2832 at 3072 bits. Cost, prover: ten
// powers modulo 2048 bits with about 14 L exponent bits in all at 3072; verifier: nine.
//
// Checks, by number: 1 the length is exact (parse); 2 P, Q, A, B, T are in (0, N^); 3..7 z1, z2, w1, w2, v
// are in their windows; 8, 9, 10 the three equations in their order.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/primes.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/transcript/transcript.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>
#include <veilsum/zk/auxiliary_modulus.hpp>
#include <veilsum/zk/challenge.hpp>
#include <veilsum/zk/fiat_shamir.hpp>
#include <veilsum/zk/response_window.hpp>
#include <veilsum/zk/sigma_protocol.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::zk {

template <class Scheme>
struct no_small_factor {
    using bigint = integer::bigint;
    using proof = zk::proof<no_small_factor>;

    static constexpr std::string_view label = "veilsum.no-small-factor/1";
    static constexpr std::size_t element_bytes = auxiliary_modulus::element_bytes;

    // L, h, and the bits of the responses.
    static constexpr std::size_t factor_bits = Scheme::modulus_bits / 2;
    static constexpr std::size_t hiding_bits = auxiliary_modulus::bits + statistical_bits; // h
    static constexpr std::size_t z_bits = response_window::mask_bits_of_one(factor_bits);  // of z1 and z2
    static constexpr std::size_t w_bits = response_window::mask_bits_of_one(hiding_bits);  // of w1 and w2
    static constexpr std::size_t v_bits =
        response_window::mask_bits_of_one(hiding_bits + factor_bits); // of v
    // A factor of a proved modulus of two primes is above 2^excluded_bits: n >= 2^(2L - 1), the other factor
    // is below 2^z_bits. Toy moduli are too short for the slack, and nothing is excluded there.
    static constexpr std::size_t excluded_bits =
        Scheme::modulus_bits > z_bits + 1 ? Scheme::modulus_bits - 1 - z_bits : 0;
    static_assert(Scheme::modulus_bits < 2048 || excluded_bits >= 256, "no factor below 2^256");

    static constexpr std::size_t proof_bytes() {
        return 5 * element_bytes + 2 * response_window::bytes_of(z_bits) +
               2 * response_window::bytes_of(w_bits) + response_window::bytes_of(v_bits);
    }

    static const response_window& z_window() { return window<factor_bits>(); }               // of z1 and z2
    static const response_window& w_window() { return window<hiding_bits>(); }               // of w1 and w2
    static const response_window& v_window() { return window<hiding_bits + factor_bits>(); } // of v

    struct statement {
        paillier::public_key<Scheme> key;
    };

    // A view: the primes stay in their home, which must outlive it.
    struct witness {
        const integer::prime_pair& factors; // p and q
    };

    // Step 1, modulo N^: `P`, `Q`, `A`, `B`, `T`.
    struct announcement {
        bigint P, Q, A, B, T;
    };

    class announcement_secret {
      public:
        announcement_secret(announcement_secret&&) noexcept = default;
        announcement_secret& operator=(announcement_secret&&) noexcept = default;

      private:
        friend no_small_factor;
        template <random::random_source Source>
        explicit announcement_secret(Source& rng)
            : mu_(integer::random_bits(hiding_bits, rng)), nu_(integer::random_bits(hiding_bits, rng)),
              alpha_(z_window().draw_mask(rng)), beta_(z_window().draw_mask(rng)),
              x_(w_window().draw_mask(rng)), y_(w_window().draw_mask(rng)), r_(v_window().draw_mask(rng)) {}
        secret<bigint> mu_, nu_, alpha_, beta_, x_, y_, r_;
    };

    using challenge = transcript::challenge128;

    // Step 3, over the integers: `z1`, `z2`, `w1`, `w2`, `v`.
    struct response {
        bigint z1, z2, w1, w2, v;
    };

    // ---- conversation

    static result<void> fits(const statement& claim, const witness& known) {
        for (const auto* prime : {&known.factors.p, &known.factors.q})
            if (prime->expose() <= 1 || prime->expose().bit_length() > factor_bits)
                return error{errc::out_of_range, "size of a prime"};
        if (known.factors.p.expose() * known.factors.q.expose() != claim.key.n())
            return error{errc::mismatch, "modulus of the key"};
        return {};
    }

    // spec: no-small-factor, step 1
    template <random::random_source Source>
    static announced<announcement, announcement_secret> announce(const statement&, const witness& known,
                                                                 Source& rng) {
        const auxiliary_modulus& aux = auxiliary_modulus::instance();
        announcement_secret masks(rng);
        struct factor {
            const bigint& base;
            const secret<bigint>& exponent;
            std::size_t bits;
        };
        const std::array<factor, 9> factors{{{aux.t_inverse(), masks.r_, v_bits}, // the longest first
                                             {aux.s(), known.factors.p, factor_bits},
                                             {aux.t(), masks.mu_, hiding_bits},
                                             {aux.s(), known.factors.q, factor_bits},
                                             {aux.t(), masks.nu_, hiding_bits},
                                             {aux.s(), masks.alpha_, z_bits},
                                             {aux.t(), masks.x_, w_bits},
                                             {aux.s(), masks.beta_, z_bits},
                                             {aux.t(), masks.y_, w_bits}}};
        secret powers{std::vector<bigint>(factors.size())};
        std::vector<bigint>& power = powers.expose();
        parallel_for(factors.size(), [&](std::size_t i) {
            power[i] = aux.power_secret(factors[i].base, factors[i].exponent, factors[i].bits);
        });
        announcement first{aux.multiply(power[1], power[2]),
                           aux.multiply(power[3], power[4]),
                           aux.multiply(power[5], power[6]),
                           aux.multiply(power[7], power[8]),
                           {}};
        const secret<bigint> hidden(aux.power_secret(first.Q, masks.alpha_, z_bits));
        first.T = aux.multiply(hidden.expose(), power[0]);
        return {std::move(first), std::move(masks)};
    }

    // spec: no-small-factor, step 3
    static std::optional<response> respond(const statement&, const witness& known, announcement_secret&& used,
                                           const challenge& challenged) {
        announcement_secret masks = std::move(used);
        const bigint e = to_integer(challenged);
        const bigint &p = known.factors.p.expose(), &q = known.factors.q.expose();
        const secret<bigint> nu_p(masks.nu_.expose() * p);
        auto z1 = z_window().answer(std::move(masks.alpha_), secret<bigint>(e * p));
        auto z2 = z_window().answer(std::move(masks.beta_), secret<bigint>(e * q));
        auto w1 = w_window().answer(std::move(masks.x_), secret<bigint>(e * masks.mu_.expose()));
        auto w2 = w_window().answer(std::move(masks.y_), secret<bigint>(e * masks.nu_.expose()));
        auto v = v_window().answer(std::move(masks.r_), secret<bigint>(e * nu_p.expose()));
        if (!z1 || !z2 || !w1 || !w2 || !v) return std::nullopt;
        return response{*std::move(z1), *std::move(z2), *std::move(w1), *std::move(w2), *std::move(v)};
    }

    // Checks 2 to 7.
    static result<void> check_form(const statement&, const announcement& first, const response& answer) {
        for (const bigint* element : {&first.P, &first.Q, &first.A, &first.B, &first.T})
            if (!auxiliary_modulus::instance().contains(*element))
                return error{errc::out_of_range, "announcement", 2};
        if (!z_window().contains(answer.z1)) return error{errc::out_of_range, "response z1", 3};
        if (!z_window().contains(answer.z2)) return error{errc::out_of_range, "response z2", 4};
        if (!w_window().contains(answer.w1)) return error{errc::out_of_range, "response w1", 5};
        if (!w_window().contains(answer.w2)) return error{errc::out_of_range, "response w2", 6};
        if (!v_window().contains(answer.v)) return error{errc::out_of_range, "response v", 7};
        return {};
    }

    // spec: no-small-factor, step 4. Checks 2 to 10.
    static result<void> check(const statement& claim, const announcement& first, const challenge& challenged,
                              const response& answer) {
        if (auto form = check_form(claim, first, answer); !form) return form;
        const auxiliary_modulus& aux = auxiliary_modulus::instance();
        const bigint e = to_integer(challenged), n_e = claim.key.n() * e;
        struct factor {
            const bigint &base, &exponent;
        };
        const std::array<factor, 9> factors{{{aux.t(), answer.v},
                                             {aux.s(), answer.z1},
                                             {aux.t(), answer.w1},
                                             {first.P, e},
                                             {aux.s(), answer.z2},
                                             {aux.t(), answer.w2},
                                             {first.Q, e},
                                             {first.Q, answer.z1},
                                             {aux.s(), n_e}}};
        std::array<bigint, 9> power;
        parallel_for(factors.size(), [&](std::size_t i) {
            power[i] = power_vartime(factors[i].base, factors[i].exponent, aux.modulus());
        });
        if (aux.multiply(power[1], power[2]) != aux.multiply(first.A, power[3]))
            return error{errc::bad_proof, "no small factor", 8};
        if (aux.multiply(power[4], power[5]) != aux.multiply(first.B, power[6]))
            return error{errc::bad_proof, "no small factor", 9};
        if (power[7] != aux.multiply(aux.multiply(first.T, power[8]), power[0]))
            return error{errc::bad_proof, "no small factor", 10};
        return {};
    }

    // ---- transcript

    static secret<bytes> nonce_seed(const statement&, const witness& known) {
        wire::writer out(2 * (factor_bits / 8));
        for (const auto* prime : {&known.factors.p, &known.factors.q})
            out.fixed(secret(prime->expose().to_bytes(factor_bits / 8)).expose());
        return secret<bytes>(std::move(out).take());
    }
    static void append_to(transcript::transcript& script, const statement& claim) {
        const auxiliary_modulus& aux = auxiliary_modulus::instance();
        script.absorb("factor.auxiliary", aux.modulus().to_bytes(element_bytes));
        script.absorb("factor.s", aux.s().to_bytes(element_bytes));
        script.absorb("factor.t", aux.t().to_bytes(element_bytes));
        script.absorb_u64("factor.bits", factor_bits);
        script.absorb("factor.key", claim.key.id());
    }
    static void append_to(transcript::transcript& script, const announcement& first) {
        script.absorb("factor.P", first.P.to_bytes(element_bytes));
        script.absorb("factor.Q", first.Q.to_bytes(element_bytes));
        script.absorb("factor.A", first.A.to_bytes(element_bytes));
        script.absorb("factor.B", first.B.to_bytes(element_bytes));
        script.absorb("factor.T", first.T.to_bytes(element_bytes));
    }
    // spec: no-small-factor, step 2
    static challenge draw_challenge(transcript::transcript& script, const statement&) {
        return transcript::challenge_integers(script, "factor.e", 1).front();
    }

    // ---- bytes:  P | Q | A | B | T | z1 | z2 | w1 | w2 | v, big-endian, fixed lengths

    static std::size_t proof_bytes(const statement&) { return proof_bytes(); }
    static bytes serialize(const statement&, const announcement& first, const response& answer) {
        wire::writer out(proof_bytes());
        for (const bigint* element : {&first.P, &first.Q, &first.A, &first.B, &first.T})
            out.fixed(element->to_bytes(element_bytes));
        out.fixed(answer.z1.to_bytes(z_window().size_bytes()));
        out.fixed(answer.z2.to_bytes(z_window().size_bytes()));
        out.fixed(answer.w1.to_bytes(w_window().size_bytes()));
        out.fixed(answer.w2.to_bytes(w_window().size_bytes()));
        out.fixed(answer.v.to_bytes(v_window().size_bytes()));
        return std::move(out).take();
    }
    static result<conversation<announcement, response>> parse(const statement& claim, byte_view data) {
        if (data.size() != proof_bytes()) return error{errc::malformed, "length of the proof", 1};
        wire::reader in(data);
        announcement first;
        for (bigint* element : {&first.P, &first.Q, &first.A, &first.B, &first.T})
            *element = bigint::from_bytes(in.fixed(element_bytes));
        response answer;
        for (bigint* z : {&answer.z1, &answer.z2}) *z = bigint::from_bytes(in.fixed(z_window().size_bytes()));
        for (bigint* w : {&answer.w1, &answer.w2}) *w = bigint::from_bytes(in.fixed(w_window().size_bytes()));
        answer.v = bigint::from_bytes(in.fixed(v_window().size_bytes()));
        if (auto form = check_form(claim, first, answer); !form) return form.error();
        return conversation<announcement, response>{std::move(first), std::move(answer)};
    }

    // ---- as a proof

    template <random::random_source Source>
    static result<proof> prove(const transcript::transcript& context, const statement& claim,
                               const witness& known, Source& rng) {
        return zk::prove<no_small_factor>(context, claim, known, rng);
    }
    static result<void> verify(const transcript::transcript& context, const statement& claim,
                               const proof& candidate) {
        return zk::verify<no_small_factor>(context, claim, candidate);
    }

  private:
    template <std::size_t BoundBits>
    static const response_window& window() {
        static const response_window made = response_window::of_one(BoundBits);
        return made;
    }
};

} // namespace veilsum::zk
