// The owner's key: the two primes, and decryption by Chinese remainders.
//
//     c_k  ->  M_k mod p^s,  M_k mod q^s  ->  M_k mod n^s  ->  signed M_k
//
// Reference: Paillier, EUROCRYPT 1999, section 7; Damgard and Jurik, PKC 2001, section 3. spec: paillier,
// section 6. deviation: two powers with short exponents modulo p^(s+1) and q^(s+1) instead of one with
// exponent d modulo n^(s+1), about four times cheaper.
//
// Faults. A result that is right modulo q^s and wrong modulo p^s gives the key away: its difference from the
// true plaintext has the factor q (Boneh, DeMillo, Lipton, J. Cryptology 14, 2001). So nothing leaves before
// the whole batch was checked against the ciphertexts themselves:
//
//     w = prod_k c_k^(rho_k) (1+n)^(-sum_k rho_k M_k) mod n^(s+1)
//     w^(p-1) = 1 mod p^(s+1)   and   w^(q-1) = 1 mod q^(s+1)
//
// with rho_k in [1, 2^64]. If M_k is the plaintext of every c_k, w is an n^s-th residue and passes. If some
// M_k is wrong modulo p^s or q^s, w passes only if sum rho_k (error of M_k) vanishes there: probability at
// most 2^-64, and none for a single error, since rho_k is not 0 and below p. The check starts again from the
// ciphertexts and uses the recombined, signed numbers, so it covers the reduction of c, both powers,
// logarithm, recombination and sign; Fermat's check alone (c^(p-1) = 1 mod p) would miss a fault in the
// reduction of c. The rho_k come from a secret of the key and a digest of ciphertexts and results: who causes
// faults cannot know them before. Cost: two powers for the whole batch, and 20 to 60
// multiplications a ciphertext: decrypt vectors, not numbers.
//
// Checks of `create`, by number:
//   1  p and q have exactly half the modulus bits         out_of_range   "size of a prime"
//   2  p != q                                             bad_parameter  "equal primes"
//   3  p and q are prime                                  bad_parameter  "primality"
//   4  p q = n                                            mismatch       "modulus of the key"
// Then gcd(n, phi(n)) = 1 as well: q = k p + 1 would need k >= 2, and is a bit longer than p.
// Checks of `decrypt`:
//   1  ciphertexts of this key                            wrong_key      "ciphertexts"
//   2  Fermat's check of each power                       mismatch       "decryption"
//   3  the batch check above                              mismatch       "decryption"
//
// Body of the frame private_key, version 1 (secret; p < q, so that a key has one encoding):
//
//      0              2        3         3 + N/8      3 + 3N/16     3 + N/4
//     +--------------+--------+---------+------------+-------------+
//     | modulus_bits | degree | root    | p          | q           |      N = modulus_bits
//     +--------------+--------+---------+------------+-------------+
//          u16          u8       N/8       N/16         N/16             bytes, big-endian
//
// Store it encrypted (seal/passphrase_box.hpp). Primes may be safe or not; nothing here depends on it.
// Constant time in the primes and plaintexts, except `create` and `parse`, which test primes and invert.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/hash/domain.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/integer/crt.hpp>
#include <veilsum/integer/primes.hpp>
#include <veilsum/modular/paired_power.hpp>
#include <veilsum/paillier/ciphertext_vector.hpp>
#include <veilsum/paillier/plaintext_vector.hpp>
#include <veilsum/paillier/prime_half.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/wire/frame.hpp>
#include <veilsum/wire/message_type.hpp>
#include <veilsum/wire/reader.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace veilsum::paillier {

template <class Scheme>
class private_key {
  public:
    using scheme = Scheme;
    static constexpr std::uint16_t version = 1;
    // Of p and of q.
    static constexpr std::size_t prime_bytes = Scheme::modulus_bytes / 2;
    static constexpr std::size_t body_bytes = 3 + 2 * Scheme::modulus_bytes;

    static result<private_key> create(public_key<Scheme> key, integer::prime_pair primes) {
        constexpr std::size_t prime_bits = Scheme::modulus_bits / 2;
        bigint& p = primes.p.expose();
        bigint& q = primes.q.expose();
        for (const bigint* prime : {&p, &q})
            if (prime->is_negative() || prime->bit_length() != prime_bits)
                return error{errc::out_of_range, "size of a prime", 1};
        if (p == q) return error{errc::bad_parameter, "equal primes", 2};
        for (const bigint* prime : {&p, &q})
            if (!is_probable_prime(*prime, integer::prime_test_rounds))
                return error{errc::bad_parameter, "primality", 3};
        if (p * q != key.n()) return error{errc::mismatch, "modulus of the key", 4};
        if (p > q) swap(p, q);
        return private_key(std::move(key), std::move(primes));
    }

    // What others encrypt under.
    const public_key<Scheme>& public_half() const { return key_; }
    // p and q: the factorisation, for proofs about the key.
    const integer::prime_pair& primes() const { return primes_; }

    // The signed plaintexts, or an error and nothing.
    result<plaintext_vector> decrypt(const ciphertext_vector<Scheme>& ciphertexts) const {
        if (!(ciphertexts.key() == key_)) return error{errc::wrong_key, "ciphertexts", 1};
        using residues = typename prime_half<Scheme>::residues;
        const auto powers = to_prime_minus_one(ciphertexts.values());
        const std::array<residues, 2> found{halves_[0].decode(powers[0]), halves_[1].decode(powers[1])};
        if (!found[0].sound || !found[1].sound) return error{errc::mismatch, "decryption", 2};

        std::vector<bigint> values(ciphertexts.size());
        parallel_for(values.size(), [&](std::size_t k) {
            values[k] = key_.plaintexts().centre(
                crt_.expose().combine(found[0].plaintexts[k], found[1].plaintexts[k]));
        });
        plaintext_vector plaintexts(std::move(values));
        if (auto checked = check(ciphertexts, plaintexts); !checked)
            return std::move(checked).error().in_check(3);
        return plaintexts;
    }

    // Whether these are the plaintexts of these ciphertexts: the batch check above. Errors: wrong_key;
    // mismatch "number of plaintexts", "decryption"; out_of_range "plaintext" for one outside the plaintext
    // space.
    result<void> check(const ciphertext_vector<Scheme>& ciphertexts,
                       const plaintext_vector& plaintexts) const {
        if (!(ciphertexts.key() == key_)) return error{errc::wrong_key, "ciphertexts"};
        const std::vector<bigint>& values = plaintexts.expose();
        if (values.size() != ciphertexts.size()) return error{errc::mismatch, "number of plaintexts"};
        for (std::size_t k = 0; k < values.size(); ++k)
            if (!key_.plaintexts().encode(values[k]))
                return error{errc::out_of_range, "plaintext", 0, position_of("plaintext", k)};
        const std::vector<bigint> weights = check_weights(ciphertexts, values);
        bigint sum;
        for (std::size_t k = 0; k < values.size(); ++k) sum += weights[k] * values[k];
        const bigint product = key_.arithmetic().multi_power_vartime(ciphertexts.residues(), weights);
        auto rest = key_.arithmetic().make(2);
        key_.arithmetic().set(rest, 0, product);
        key_.arithmetic().set(rest, 1, key_.one_plus_n_power(-sum));
        const bigint w = key_.arithmetic().product(rest);
        rest.wipe();
        const auto powers = to_prime_minus_one({w});
        if (powers[0].expose()[0] != bigint(1) || powers[1].expose()[0] != bigint(1))
            return error{errc::mismatch, "decryption"};
        return {};
    }

    secret<bytes> serialize() const {
        const secret<bytes> p(primes_.p.expose().to_bytes(prime_bytes));
        const secret<bytes> q(primes_.q.expose().to_bytes(prime_bytes));
        wire::writer out(body_bytes); // room for all of it: the secret is not copied by growth
        out.u16(static_cast<std::uint16_t>(Scheme::modulus_bits));
        out.u8(static_cast<std::uint8_t>(Scheme::degree));
        out.fixed(key_.root().to_bytes(Scheme::modulus_bytes));
        out.fixed(p.expose());
        out.fixed(q.expose());
        const secret<bytes> body(std::move(out).take());
        return secret<bytes>(wire::frame(wire::message_type::private_key, version, body.expose()));
    }
    // Errors besides those of the frame: mismatch for another size or degree; malformed "order of the
    // primes"; those of public_key::create and of `create`.
    static result<private_key> parse(byte_view data) {
        const auto body = wire::unframe(data, wire::message_type::private_key, version, body_bytes);
        if (!body) return body.error();
        wire::reader in(*body);
        if (in.u16() != Scheme::modulus_bits) in.fail(errc::mismatch, "modulus size of the private key");
        if (in.u8() != Scheme::degree) in.fail(errc::mismatch, "degree of the private key");
        bigint root = bigint::from_bytes(in.fixed(Scheme::modulus_bytes));
        secret<bigint> p(bigint::from_bytes(in.fixed(prime_bytes)));
        secret<bigint> q(bigint::from_bytes(in.fixed(prime_bytes)));
        if (in.ok() && !(p.expose() < q.expose())) in.fail(errc::malformed, "order of the primes");
        if (auto end = in.finish(); !end) return end.error();
        auto key = public_key<Scheme>::create(p.expose() * q.expose(), std::move(root));
        if (!key) return key.error();
        return create(*std::move(key), integer::prime_pair{std::move(p), std::move(q)});
    }

  private:
    private_key(public_key<Scheme>&& key, integer::prime_pair&& primes)
        : key_(std::move(key)), primes_(std::move(primes)), crt_(make_crt(primes_)),
          check_seed_(make_seed(primes_)), halves_(make_halves(primes_, key_.n())),
          powers_(make_powers(halves_)) {}

    using power_pair = modular::paired_power<typename Scheme::half_engine>;

    static std::vector<prime_half<Scheme>> make_halves(const integer::prime_pair& primes, const bigint& n) {
        std::vector<prime_half<Scheme>> out;
        out.reserve(2);
        for (const secret<bigint>* prime : {&primes.p, &primes.q}) out.emplace_back(prime->expose(), n);
        return out;
    }
    static power_pair make_powers(const std::vector<prime_half<Scheme>>& halves) {
        const secret<bigint> first(halves[0].modulus()), second(halves[1].modulus());
        return power_pair(first.expose(), second.expose());
    }

    // x^(p-1) mod p^(s+1) and x^(q-1) mod q^(s+1) of all numbers x.
    typename power_pair::numbers to_prime_minus_one(const std::vector<bigint>& numbers) const {
        return powers_.raise({halves_[0].reduce(numbers), halves_[1].reduce(numbers)},
                             {&halves_[0].exponent(), &halves_[1].exponent()},
                             prime_half<Scheme>::prime_bits);
    }

    static integer::crt_pair make_crt(const integer::prime_pair& primes) {
        auto made = integer::crt_pair::create(small_power(primes.p.expose(), Scheme::degree),
                                              small_power(primes.q.expose(), Scheme::degree));
        return *std::move(made); // distinct primes: cannot fail
    }
    static hash::digest32 make_seed(const integer::prime_pair& primes) {
        const secret<bytes> p(primes.p.expose().to_bytes(prime_bytes));
        return hash::labelled_hash("veilsum.decryption-check/1", p.expose());
    }

    // Numbers in [1, 2^64] from the seed, the ciphertexts and the plaintexts; eight for each hash.
    std::vector<bigint> check_weights(const ciphertext_vector<Scheme>& ciphertexts,
                                      const std::vector<bigint>& values) const {
        hash::sha512_hasher hasher;
        hasher.update(check_seed_.expose()).update(ciphertexts.key_id()).update(ciphertexts.serialize());
        for (const bigint& value : values) {
            const secret<bytes> residue(key_.plaintexts().encode(value)->to_integer().to_bytes(
                (Scheme::degree * Scheme::modulus_bits) / 8));
            hasher.update(residue.expose());
        }
        const secret<hash::digest64> root(hasher.finish());
        std::vector<bigint> weights(values.size());
        for (std::size_t k = 0; k < weights.size(); ++k) {
            const std::size_t slot = k % 8;
            const secret<hash::digest64> block(hash::sha512_of(root.expose(), hash::length_prefix(k / 8)));
            weights[k] = bigint::from_bytes(byte_view(block.expose()).subspan(8 * slot, 8));
            ++weights[k];
        }
        return weights;
    }

    public_key<Scheme> key_;
    integer::prime_pair primes_;
    secret<integer::crt_pair> crt_;
    secret<hash::digest32> check_seed_;
    std::vector<prime_half<Scheme>> halves_;
    power_pair powers_;
};

} // namespace veilsum::paillier
