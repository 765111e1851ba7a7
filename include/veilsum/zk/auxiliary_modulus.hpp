// The auxiliary modulus: a modulus of unknown factorisation, and two bases in it that nobody chose.
//
//     N^ = RSA-2048,     s = u_s^2 mod N^,     t = u_t^2 mod N^,     u_s, u_t hashed from labels
//
// A proof about the size of secret integers commits to them as s^x t^r mod N^. That binds only if nobody who
// proves knows the order of the group or a relation between s and t. CGGMP (2021) lets each
// verifier make such a modulus and prove it well formed; here there are many verifiers, most of whom come
// later, so all use one modulus whose factors nobody knows.
//
// RSA-2048 is the number of that name of the RSA Factoring Challenge, published in 2001 by RSA Laboratories,
// who say that nobody kept the primes; the prize for them was never claimed. 617 decimal digits, 2048 bits,
// digit sum 2738.
//
// Bases (spec: no-small-factor, auxiliary modulus): a transcript "veilsum.auxiliary-modulus/1" absorbs N^
// ("auxiliary.modulus", 256 bytes big-endian) and gives one residue for "auxiliary.s" and then one for
// "auxiliary.t" (residue_challenge.hpp: 128 surplus bits); each is squared.
//
// Assumptions, all about this one number. Binding: the strong RSA problem is hard, and nobody knows an
// element of small order but -1 (Damgard, Fujisaki, ASIACRYPT 2002). log_t s is unknown because
// both are hashed. Hiding: s looks like a power of t. It is one if t generates the squares; that fails in
// part where the orders of the two halves of the group share primes, which nobody can see. Then s^x t^r
// shows, to whoever factors N^, x modulo the index of <t> in <s, t>: a number of few bits, and no more.
//
// A non-unit other than 0 would be a factor of RSA-2048; so elements are checked by range only.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/modular/gmp_engine.hpp>
#include <veilsum/transcript/transcript.hpp>
#include <veilsum/zk/residue_challenge.hpp>

#include <cstddef>
#include <string_view>

namespace veilsum::zk {

// N^: RSA-2048 of the RSA Factoring Challenge, in decimal digits.
inline constexpr std::string_view rsa_2048_decimal =
    "25195908475657893494027183240048398571429282126204032027777137836043662020707595556264018525880784"
    "40691829064124951508218929855914917618450280848912007284499268739280728777673597141834727026189637"
    "50149718246911650776133798590957000973304597488084284017974291006424586918171951187461215151726546"
    "32282216869987549182422433637259085141865462043576798423387184774447920739934236584823824281198163"
    "81501067481045166037730605620161967625613384414360383390441495263443219011465754445417842402092461"
    "65157233507787077498171257724679629263863563732899121548314381678998850404453640235273819513786365"
    "64391212010397122822120720357";

class auxiliary_modulus {
  public:
    using bigint = integer::bigint;
    static constexpr std::size_t bits = 2048; // of N^
    static constexpr std::size_t element_bytes = bits / 8;
    static constexpr std::string_view label = "veilsum.auxiliary-modulus/1";

    // The one there is; made at the first call.
    static const auxiliary_modulus& instance() {
        static const auxiliary_modulus made;
        return made;
    }

    const bigint& modulus() const { return ring_.modulus(); }
    const bigint& s() const { return s_; }                 // base for what is proved
    const bigint& t() const { return t_; }                 // base for what hides it
    const bigint& t_inverse() const { return t_inverse_; } // modulo N^

    // Whether the number is in (0, N^).
    bool contains(const bigint& element) const { return element > 0 && element < modulus(); }

    // base^exponent, 0 <= exponent < 2^exponent_bits; constant time in the exponent, base in [0, N^).
    bigint power_secret(const bigint& base, const secret<bigint>& exponent, std::size_t exponent_bits) const {
        auto value = ring_.make(1);
        ring_.set(value, 0, base);
        ring_.power_secret(value, value, exponent, exponent_bits);
        bigint power = ring_.get(value, 0);
        value.wipe();
        return power;
    }
    bigint multiply(const bigint& a, const bigint& b) const { return a * b % modulus(); } // modulo N^

  private:
    auxiliary_modulus() : ring_(*bigint::from_decimal(rsa_2048_decimal)) {
        transcript::transcript script(label);
        script.absorb("auxiliary.modulus", modulus().to_bytes(element_bytes));
        s_ = hashed_square(script, "auxiliary.s");
        t_ = hashed_square(script, "auxiliary.t");
        const auto inverse = invert(t_, modulus());
        expects(inverse.has_value());
        t_inverse_ = *inverse;
    }
    bigint hashed_square(transcript::transcript& script, std::string_view name) const {
        const bigint root = challenge_residues(script, name, modulus(), 1).front();
        return multiply(root, root);
    }

    modular::gmp_engine<bits> ring_; // single powers: an engine that takes eight at a time would waste seven
    bigint s_, t_, t_inverse_;
};

} // namespace veilsum::zk
