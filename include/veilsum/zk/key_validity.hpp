// Key validity: everything about the modulus of a public key that takes its owner to show.
//
//     n = p q,   p, q prime, = 3 mod 4,   p, q > 2^(nbits/2 - 257) >= 2^767,   gcd(n, phi(n)) = 1
//
// The owner or dealer makes one `key_proof`, anybody checks it, in this order:   spec: key-validity
//
//     step 1   public checks of n and root          in the type paillier::public_key (its checks 1 to 8)
//     step 2   gcd(n, phi(n)) = 1                   coprime_modulus.hpp
//     step 3   n = a b with both above 2^767        no_small_factor.hpp
//     step 4   exactly two prime factors            blum_modulus.hpp
//
// and gets a `verified_key`: "the modulus was checked" is a type. No step is enough alone: step 2 makes n
// square-free, step 4 then makes it a product of two primes, and only then step 3 speaks about primes. (A
// proof that h is a residue, residue_root.hpp, comes after all of them; keys that carry their root need
// none.)
//
// That p and q are safe primes is not proved, nor that they were drawn at random: who makes a key can always
// know it, and give it away.
//
//     transcript::transcript context("veilsum.example/1");       // protocol
//     here.absorb_into(context);                                 // session, owner, key id
//     auto made = zk::prove_key(context, primes, key, rng);      // owner: once
//     ...
//     auto proof = zk::key_proof<scheme>::parse(key, data);
//     auto checked = zk::key_verifier::verify(context, key, *proof);
//     if (!checked) return checked.error();                      // verified_key<scheme>
//
// The context is the caller's and says for whom, where and for which key; each part absorbs the key id as
// well. The parts take copies of it and their labels differ, so they do not depend on each other.
//
// Bytes, all lengths fixed by N = nbits; the parts are drawn in their own headers:
//
//     0               N                     2256 + 19N/16           2288 + 277N/16
//     +---------------+---------------------+-----------------------+
//     | coprime       | no small factor     | Blum                  |
//     +---------------+---------------------+-----------------------+
//       N               2256 + 3N/16          129N/8 + 32
//
// 37744, 55472, 73200 bytes at 2048, 3072, 4096 bits.
// Cost at 3072 bits on one 2.6 GHz core: 87 ms to check (64, 21, 2), 160 to 360 ms to make, by engine.
//
// Errors of `verify`: code and `what` of the part that failed, `check` the number of the step (2, 3, 4), and
// `place` the part with the number of its own check: "Blum modulus, check 5, root 17". `parse`: check 1,
// malformed "length of the key proof", or the same.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/wiped_stack.hpp>
#include <veilsum/integer/primes.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/transcript/transcript.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>
#include <veilsum/zk/blum_modulus.hpp>
#include <veilsum/zk/coprime_modulus.hpp>
#include <veilsum/zk/no_small_factor.hpp>
#include <veilsum/zk/verified.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace veilsum::zk {

class key_verifier;

// A public key whose modulus was checked. Only `key_verifier` makes one.
template <class Scheme>
using verified_key = verified<paillier::public_key<Scheme>, key_verifier>;

// The error of one part as the whole reports it.
inline error failed_step(const error& cause, std::uint32_t step, std::string_view part) {
    std::string place(part);
    if (cause.check != 0) place.append(", check ").append(std::to_string(cause.check));
    if (!cause.place.empty()) place.append(", ").append(cause.place);
    return error(cause).in_check(step).at(std::move(place));
}

// The three proofs about a modulus; in the description of the file, what each shows.
template <class Scheme>
struct key_proof {
    using public_key = paillier::public_key<Scheme>;
    using coprime = coprime_modulus<Scheme>; // gcd(n, phi(n)) = 1
    using factors = no_small_factor<Scheme>; // no factor below the bound
    using blum = blum_modulus<Scheme>;       // two prime factors, both 3 mod 4

    static constexpr std::size_t size_bytes =
        coprime::proof_bytes + factors::proof_bytes() + blum::proof_bytes;
    static_assert(size_bytes == 2288 + 277 * Scheme::modulus_bits / 16);

    typename coprime::proof coprime_part; // of coprime
    typename factors::proof factors_part; // of factors
    typename blum::proof blum_part;       // of blum

    bytes serialize(const public_key& key) const {
        wire::writer out(size_bytes);
        out.fixed(coprime_part.serialize());
        out.fixed(factors_part.serialize({key}));
        out.fixed(blum_part.serialize());
        return std::move(out).take();
    }
    static result<key_proof> parse(const public_key& key, byte_view data) {
        if (data.size() != size_bytes) return error{errc::malformed, "length of the key proof", 1};
        wire::reader in(data);
        auto first = coprime::proof::parse({key}, in.fixed(coprime::proof_bytes));
        if (!first) return failed_step(first.error(), 2, "coprime modulus");
        auto second = factors::proof::parse({key}, in.fixed(factors::proof_bytes()));
        if (!second) return failed_step(second.error(), 3, "no small factor");
        auto third = blum::proof::parse({key}, in.fixed(blum::proof_bytes));
        if (!third) return failed_step(third.error(), 4, "Blum modulus");
        return key_proof{*std::move(first), *std::move(second), *std::move(third)};
    }
};

// For the owner. Errors: those of the parts, with the number of the step: primes of another key, p or q not a
// prime or not 3 modulo 4, gcd(n, phi(n)) > 1. What is returned has been checked against the equations of
// steps 2 and 4, since a faulty root would show a factor.
template <class Scheme, random::random_source Source>
result<key_proof<Scheme>> prove_key(const transcript::transcript& context, const integer::prime_pair& primes,
                                    const paillier::public_key<Scheme>& key, Source& rng) {
    using made = key_proof<Scheme>;
    const wiped_stack afterwards;
    auto first = made::coprime::prove(context, {key}, {primes});
    if (!first) return failed_step(first.error(), 2, "coprime modulus");
    auto second = made::factors::prove(context, {key}, {primes}, rng);
    if (!second) return failed_step(second.error(), 3, "no small factor");
    auto third = made::blum::prove(context, {key}, {primes}, rng);
    if (!third) return failed_step(third.error(), 4, "Blum modulus");
    return made{*std::move(first), *std::move(second), *std::move(third)};
}

// The only maker of verified keys.
class key_verifier {
  public:
    // spec: key-validity, steps 2 to 4
    template <class Scheme>
    static result<verified_key<Scheme>> verify(const transcript::transcript& context,
                                               const paillier::public_key<Scheme>& key,
                                               const key_proof<Scheme>& proof) {
        using made = key_proof<Scheme>;
        if (auto valid = made::coprime::verify(context, {key}, proof.coprime_part); !valid)
            return failed_step(valid.error(), 2, "coprime modulus");
        if (auto valid = made::factors::verify(context, {key}, proof.factors_part); !valid)
            return failed_step(valid.error(), 3, "no small factor");
        if (auto valid = made::blum::verify(context, {key}, proof.blum_part); !valid)
            return failed_step(valid.error(), 4, "Blum modulus");
        return verified_key<Scheme>(key);
    }
};

} // namespace veilsum::zk
