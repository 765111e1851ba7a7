// Equal exponent: two pairs of units modulo N have the same discrete logarithm, up to elements of order two.
//
//     R = { (N, a, b, v, w ; x) :  b^2 = a^(2x)  and  w^2 = v^(2x) mod N,   0 <= x < 2^bound_bits }
//
// This is how a trustee shows that it used its key share: v, w are its verification keys, a and b the folded
// ciphertexts and partial decryptions (threshold/share_proof.hpp).
//
// Ref: Chaum, Pedersen, CRYPTO '92; in a group of unknown order Shoup, EUROCRYPT 2000, section 2.2, and
// Damgard, Jurik, PKC 2001, section 4.   spec: threshold, equal exponent
//
//     step 1   announce   A = a^r, B = v^r,   r uniform in [0, 2^mask_bits)
//     step 2   challenge  e, 128 bits, after the statement, A and B
//     step 3   respond    z = r + e x over the integers; afresh from step 1 if z is outside its window
//     step 4   check      a^(2z) = A^2 b^(2e)   and   v^(2z) = B^2 w^(2e)
//
//     mask_bits = bound_bits + 128 + 128,   window of z = [(2^128 - 1)(2^bound_bits - 1), 2^mask_bits - 1]
//
// Why squares. Soundness divides by a difference of challenges, which may have small factors; so the group in
// which the equations hold must have no element of small order. The units modulo N always have: -1, and more
// that a prover who knows the factors of N can find. The squares have none when N is a power of a product of
// two safe primes (order n^s p' q'), and squaring the equations moves them there. Whoever uses b or w
// afterwards must use their squares: b and b g with g^2 = 1 are accepted alike.
//
// Soundness. Two accepted answers to one (A, B), with D = z - z' and 0 < |delta| < 2^128, give
// b^(2 delta) = a^(2D) and w^(2 delta) = v^(2D). *If every prime factor of the order of the squares modulo N
// exceeds 2^128*, delta is invertible modulo it, and x = D / delta satisfies R with x modulo that order:
// knowledge error 2^-128. The interval of x is not proved and not needed. For other N the proof means
// nothing; that n is a product of two safe primes is the dealer's word (docs/spec/threshold.md, trust).
//
// Zero knowledge. Given that there is no restart (probability of one below 2^-128), z is exactly uniform in
// its window, and A = a^z b^-e, B = v^z w^-e. The simulator picks e, z and computes A, B. It is perfect when
// b = a^x and w = v^x hold without the squares, as they do for an honest prover with honest keys.
//
// Who must not know what: x and r are the prover's; two answers with one r give x away.
// Constant time: the powers of step 1; step 3 is one product of full length by a public number and a sum.
//
// Proof, in bytes: 2 bits(N)/8 + ceil(mask_bits/8); for 3072 bits, degree 1, three trustees: 1536 + 801.
// Cost, prover: two powers of mask_bits bits, verifier: two of mask_bits + 1 bits and two of 129.
//
// Checks, by number. `statement::create`: 1 a, b, v, w are units in (0, N). `parse`: 2 the length is exact;
// 3 A and B are units in (0, N). `check`: 3 A and B are in (0, N); 4 z is in its window; 5 the equation of a;
// 6 the equation of v.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/modular/engine.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/transcript/transcript.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>
#include <veilsum/zk/challenge.hpp>
#include <veilsum/zk/fiat_shamir.hpp>
#include <veilsum/zk/response_window.hpp>
#include <veilsum/zk/sigma_protocol.hpp>

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

namespace veilsum::zk {

template <modular::modular_engine Engine>
struct equal_exponent {
    using bigint = integer::bigint;
    using proof = zk::proof<equal_exponent>;

    static constexpr std::string_view label = "veilsum.equal-exponent/1";
    static constexpr std::size_t element_bytes = Engine::bits / 8;

    static constexpr std::size_t proof_bytes(std::size_t bound_bits) {
        return 2 * element_bytes + response_window::bytes_of(response_window::mask_bits_of_one(bound_bits));
    }

    // The ring is only looked at and must outlive the statement.
    class statement {
      public:
        static result<statement> create(const Engine& ring, bigint a, bigint b, bigint v, bigint w,
                                        std::size_t bound_bits) {
            if (!are_units(ring, {&a, &b, &v, &w}))
                return error{errc::not_a_unit, "element of an equal-exponent statement", 1};
            return statement(ring, std::move(a), std::move(b), std::move(v), std::move(w), bound_bits);
        }

        const Engine& ring() const { return *ring_; }             // where a, b, v, w are
        const bigint& a() const { return a_; }                    // first base
        const bigint& b() const { return b_; }                    // a^x, up to an element of order two
        const bigint& v() const { return v_; }                    // second base
        const bigint& w() const { return w_; }                    // v^x, likewise
        const response_window& window() const { return window_; } // of z, by the verifier's bound on x

      private:
        statement(const Engine& ring, bigint&& a, bigint&& b, bigint&& v, bigint&& w, std::size_t bound_bits)
            : ring_(&ring), a_(std::move(a)), b_(std::move(b)), v_(std::move(v)), w_(std::move(w)),
              window_(response_window::of_one(bound_bits)) {}
        const Engine* ring_;
        bigint a_, b_, v_, w_;
        response_window window_;
    };

    // A view: the exponent stays in its home, which must outlive it.
    struct witness {
        const secret<bigint>& exponent; // x in [0, 2^bound_bits)
    };

    // `A` = a^r and `B` = v^r.
    struct announcement {
        bigint A, B;
    };

    class announcement_secret {
      public:
        announcement_secret(announcement_secret&&) noexcept = default;
        announcement_secret& operator=(announcement_secret&&) noexcept = default;

      private:
        friend equal_exponent;
        explicit announcement_secret(secret<bigint>&& r) : r_(std::move(r)) {}
        secret<bigint> r_;
    };

    using challenge = transcript::challenge128;

    struct response {
        bigint z; // r + e x, over the integers
    };

    // ---- conversation

    static result<void> fits(const statement& claim, const witness& known) {
        const bigint& x = known.exponent.expose();
        if (x.is_negative() || x.bit_length() > claim.window().bound_bits())
            return error{errc::out_of_range, "exponent"};
        return {};
    }

    // spec: threshold, equal exponent, step 1
    template <random::random_source Source>
    static announced<announcement, announcement_secret> announce(const statement& claim, const witness&,
                                                                 Source& rng) {
        announcement_secret mask(claim.window().draw_mask(rng));
        auto powers = pair(claim.ring(), claim.a(), claim.v());
        claim.ring().power_secret(powers, powers, mask.r_, claim.window().mask_bits());
        return {announcement{claim.ring().get(powers, 0), claim.ring().get(powers, 1)}, std::move(mask)};
    }

    // spec: threshold, equal exponent, step 3
    static std::optional<response> respond(const statement& claim, const witness& known,
                                           announcement_secret&& used, const challenge& e) {
        announcement_secret mask = std::move(used);
        const secret<bigint> shift(to_integer(e) * known.exponent.expose());
        auto z = claim.window().answer(std::move(mask.r_), shift);
        if (!z) return std::nullopt;
        return response{*std::move(z)};
    }

    // Checks 3 and 4. They need the ring and the window only, so they can be made before a and b are
    // computed.
    static result<void> check_form(const Engine& ring, const response_window& window,
                                   const announcement& first, const response& answer) {
        for (const bigint* element : {&first.A, &first.B})
            if (*element <= 0 || *element >= ring.modulus())
                return error{errc::out_of_range, "announcement", 3};
        if (!window.contains(answer.z)) return error{errc::out_of_range, "response", 4};
        return {};
    }
    static result<void> check_form(const statement& claim, const announcement& first,
                                   const response& answer) {
        return check_form(claim.ring(), claim.window(), first, answer);
    }

    // spec: threshold, equal exponent, step 4. Checks 3 to 6.
    static result<void> check(const statement& claim, const announcement& first, const challenge& e,
                              const response& answer) {
        if (auto form = check_form(claim, first, answer); !form) return form;
        const Engine& ring = claim.ring();
        auto left = pair(ring, claim.a(), claim.v());
        ring.power_public_vartime(left, left, answer.z << 1);
        auto right = pair(ring, claim.b(), claim.w());
        ring.power_public_vartime(right, right, to_integer(e));
        ring.multiply(right, right, pair(ring, first.A, first.B));
        ring.square(right, right);
        if (ring.get(left, 0) != ring.get(right, 0)) return error{errc::bad_proof, "equal exponent", 5};
        if (ring.get(left, 1) != ring.get(right, 1)) return error{errc::bad_proof, "equal exponent", 6};
        return {};
    }

    // ---- transcript

    static secret<bytes> nonce_seed(const statement& claim, const witness& known) {
        return secret<bytes>(known.exponent.expose().to_bytes((claim.window().bound_bits() + 7) / 8));
    }
    static void append_to(transcript::transcript& script, const statement& claim) {
        script.absorb("eqexp.modulus", claim.ring().modulus().to_bytes(element_bytes));
        script.absorb_u64("eqexp.bound-bits", claim.window().bound_bits());
        script.absorb("eqexp.a", claim.a().to_bytes(element_bytes));
        script.absorb("eqexp.b", claim.b().to_bytes(element_bytes));
        script.absorb("eqexp.v", claim.v().to_bytes(element_bytes));
        script.absorb("eqexp.w", claim.w().to_bytes(element_bytes));
    }
    static void append_to(transcript::transcript& script, const announcement& first) {
        script.absorb("eqexp.A", first.A.to_bytes(element_bytes));
        script.absorb("eqexp.B", first.B.to_bytes(element_bytes));
    }
    // spec: threshold, equal exponent, step 2
    static challenge draw_challenge(transcript::transcript& script, const statement&) {
        return transcript::challenge_integers(script, "eqexp.e", 1).front();
    }

    // ---- bytes:  A | B | z, big-endian, fixed lengths

    static std::size_t proof_bytes(const statement& claim) {
        return proof_bytes(claim.window().bound_bits());
    }
    static bytes serialize(const response_window& window, const announcement& first, const response& answer) {
        wire::writer out(proof_bytes(window.bound_bits()));
        out.fixed(first.A.to_bytes(element_bytes));
        out.fixed(first.B.to_bytes(element_bytes));
        out.fixed(answer.z.to_bytes(window.size_bytes()));
        return std::move(out).take();
    }
    static bytes serialize(const statement& claim, const announcement& first, const response& answer) {
        return serialize(claim.window(), first, answer);
    }
    static result<conversation<announcement, response>> parse(const Engine& ring,
                                                              const response_window& window, byte_view data) {
        if (data.size() != proof_bytes(window.bound_bits()))
            return error{errc::malformed, "length of the proof", 2};
        wire::reader in(data);
        announcement first;
        first.A = bigint::from_bytes(in.fixed(element_bytes));
        first.B = bigint::from_bytes(in.fixed(element_bytes));
        response answer{bigint::from_bytes(in.fixed(window.size_bytes()))};
        if (auto form = check_form(ring, window, first, answer); !form) return form.error();
        if (!are_units(ring, {&first.A, &first.B})) return error{errc::not_a_unit, "announcement", 3};
        return conversation<announcement, response>{std::move(first), std::move(answer)};
    }
    static result<conversation<announcement, response>> parse(const statement& claim, byte_view data) {
        return parse(claim.ring(), claim.window(), data);
    }

    // ---- as a proof

    template <random::random_source Source>
    static result<proof> prove(const transcript::transcript& context, const statement& claim,
                               const witness& known, Source& rng) {
        return zk::prove<equal_exponent>(context, claim, known, rng);
    }
    static result<void> verify(const transcript::transcript& context, const statement& claim,
                               const proof& candidate) {
        return zk::verify<equal_exponent>(context, claim, candidate);
    }

  private:
    static typename Engine::vector pair(const Engine& ring, const bigint& first, const bigint& second) {
        auto out = ring.make(2);
        ring.set(out, 0, first);
        ring.set(out, 1, second);
        return out;
    }
    static bool are_units(const Engine& ring, std::initializer_list<const bigint*> elements) {
        bigint product = 1;
        for (const bigint* element : elements) {
            if (*element <= 0 || *element >= ring.modulus()) return false;
            product = product * *element % ring.modulus();
        }
        return gcd(product, ring.modulus()) == 1;
    }
};

} // namespace veilsum::zk
