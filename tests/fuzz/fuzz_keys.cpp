// Decoders of keys, ciphertexts, commitments, and the proofs about them, at toy size.
//
//      0  public_key::parse                   7  coprime_modulus::proof::parse, verify
//      1  public_key::parse, degree 2         8  no_small_factor::parse, verify
//      2  private_key::parse                  9  blum_modulus::proof::parse, verify
//      3  ciphertext_vector::parse           10  residue_root::parse, verify
//      4  ciphertext_vector::parse, degree 2 11  key_proof::parse, key_verifier::verify
//      5  ciphertext_vector::parse_frame     12  plaintext_knowledge::parse, verify
//      6  row_commitment::parse, parse_rows  13  equal_exponent::parse, verify
//
// A proof that decodes is verified too, but the dear ones only now and then (by a hash of the input):
// decoding is what the fuzzer is to explore. Parsing goes through the generic proof::parse.
#include "support/threshold_fixture.hpp"

#include "fuzz/decoders.hpp"

#include "support/key_context.hpp"
#include "support/session_instances.hpp"

#include <veilsum/paillier/encryptor.hpp>
#include <veilsum/pedersen/row_commitment.hpp>
#include <veilsum/zk/key_validity.hpp>
#include <veilsum/zk/plaintext_knowledge.hpp>
#include <veilsum/zk/residue_root.hpp>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace veilsum;
using namespace veilsum::fuzz;
using integer::bigint;
using scheme = test::toy_scheme<1>;
using test::seeded_random;

template <class Scheme = scheme>
const paillier::public_key<Scheme>& key() {
    return test::fixed_public_key<Scheme>();
}
template <class Scheme>
const paillier::ciphertext_vector<Scheme>& ciphertexts() {
    static const auto made = [] {
        seeded_random rng(3);
        const paillier::encryptor<Scheme> encryptor(key<Scheme>());
        return encryptor.encrypt(paillier::plaintext_vector(std::vector<bigint>{bigint(1), bigint(-2)}), rng)
            .value()
            .ciphertexts;
    }();
    return made;
}

// Decodes a proof about `claim`, and verifies one input in `period`: only `good` may pass.
template <class Protocol>
bool check_proof(byte_view data, const typename Protocol::statement& claim, const bytes& good,
                 unsigned period) {
    const auto read = zk::proof<Protocol>::parse(claim, data);
    if (!one_spelling(data, read, [&](const auto& proof) { return proof.serialize(claim); })) return false;
    const bool is_good = equal(data, good);
    if (is_good || chosen(data, period))
        require(Protocol::verify(test::key_script(), claim, *read).has_value() == is_good,
                "only the proof that was made verifies");
    return true;
}

template <class Scheme>
bool read_public_key(byte_view data) {
    const auto read = paillier::public_key<Scheme>::parse(data);
    if (!one_spelling(data, read)) return false;
    require(read->id() == hash::sha256(data), "a key's id is the hash of its bytes");
    require(read->n().bit_length() == Scheme::modulus_bits && read->n().is_odd(), "a modulus has its size");
    require(gcd(read->residue_base(), read->n()) == 1, "the residue base is a unit");
    return true;
}
bool read_private_key(byte_view data) {
    const auto read = paillier::private_key<scheme>::parse(data);
    if (!accepted(read)) return false;
    require(equal(read->serialize().expose(), data), "a private key is written back the same");
    require(read->primes().p.expose() * read->primes().q.expose() == read->public_half().n(),
            "its primes are of its modulus");
    return true;
}
template <class Scheme>
bool read_ciphertexts(byte_view data) {
    const std::size_t count = data.size() / Scheme::ciphertext_bytes;
    return one_spelling(data, paillier::ciphertext_vector<Scheme>::parse(key<Scheme>(), data, count));
}
bool read_rows(byte_view data) {
    const auto rows = pedersen::parse_rows(data, data.size() / 32);
    for (std::size_t at = 0; at + 32 <= data.size(); at += 32) {
        const auto alone = pedersen::row_commitment::parse(data.subspan(at, 32));
        if (rows) require(alone && *alone == (*rows)[at / 32], "rows are read as one by one");
        if (!alone) {
            require(!rows, "a row that is refused alone is refused among others");
            break;
        }
    }
    return one_spelling(data, rows, [](const auto& all) {
        bytes out;
        for (const auto& row : all) {
            const auto encoded = group::point::from_representative(row.value().representative()).bytes();
            out.insert(out.end(), encoded.begin(), encoded.end());
        }
        return out;
    });
}

// ---- proofs, made once

const zk::key_proof<scheme>& key_proof() {
    static const auto made = [] {
        seeded_random rng(4);
        return zk::prove_key(test::key_script(), test::fixed_prime_pair<512>(), key(), rng).value();
    }();
    return made;
}
// The root of the key's residue base is the key's root.
using root_proof = zk::residue_root<scheme>;
const root_proof::statement& root_statement() {
    static const auto made = root_proof::statement::create(key(), key().residue_base()).value();
    return made;
}
const bytes& root_sample() {
    static const bytes made = [] {
        seeded_random rng(5);
        const secret<bigint> root(bigint(key().root()));
        return root_proof::prove(test::key_script(), root_statement(), {root}, rng)
            .value()
            .serialize(root_statement());
    }();
    return made;
}
using knowledge = zk::plaintext_knowledge<scheme, paillier::short_exponent>;
struct known {
    paillier::encryptor<scheme> encryptor{key()};
    paillier::plaintext_vector messages{std::vector<bigint>{bigint(5), bigint(-7), bigint(0)}};
    paillier::encryption<scheme> encrypted;
    knowledge::statement claim;
    bytes proof;

    known()
        : encrypted(encrypt()), claim(knowledge::statement::create(key(), encrypted.ciphertexts).value()) {
        seeded_random rng(7);
        proof = knowledge::prove(test::key_script(), claim, {encryptor, messages, encrypted.exponents}, rng)
                    .value()
                    .serialize(claim);
    }

  private:
    paillier::encryption<scheme> encrypt() const {
        seeded_random rng(6);
        return encryptor.encrypt(messages, rng).value();
    }
};
const known& plaintexts() {
    static const known made;
    return made;
}
using exponents = zk::equal_exponent<scheme::engine>;
struct equal_powers {
    secret<bigint> x{bigint(123456789)};
    exponents::statement claim;
    bytes proof;

    equal_powers() : claim(make()) {
        seeded_random rng(8);
        proof = exponents::prove(test::key_script(), claim, {x}, rng).value().serialize(claim);
    }

  private:
    exponents::statement make() const {
        const bigint& n = key().modulus();
        const bigint a = bigint(49), v = bigint(25);
        return exponents::statement::create(key().arithmetic(), a, power_vartime(a, x.expose(), n), v,
                                            power_vartime(v, x.expose(), n), 64)
            .value();
    }
};
const equal_powers& powers() {
    static const equal_powers made;
    return made;
}

template <class Proof, class Verify>
bool check_key_part(byte_view data, const Proof& good, const Verify& verify) {
    const auto read = Proof::parse({key()}, data);
    if (!one_spelling(data, read)) return false;
    const bool is_good = equal(data, good.serialize());
    if (is_good || chosen(data, 4))
        require(verify(*read) == is_good, "only the proof that was made verifies");
    return true;
}

const decoder all[] = {
    {"public_key::parse", read_public_key<scheme>, [] { return samples{key().serialize()}; }},
    {"public_key::parse, degree 2", read_public_key<test::toy_scheme<2>>,
     [] { return samples{key<test::toy_scheme<2>>().serialize()}; }},
    {"private_key::parse", read_private_key,
     [] { return samples{test::fixed_private_key<scheme>().serialize().expose()}; }},
    {"ciphertext_vector::parse", read_ciphertexts<scheme>,
     [] { return samples{ciphertexts<scheme>().serialize()}; }},
    {"ciphertext_vector::parse, degree 2", read_ciphertexts<test::toy_scheme<2>>,
     [] { return samples{ciphertexts<test::toy_scheme<2>>().serialize()}; }},
    {"ciphertext_vector::parse_frame",
     [](byte_view data) {
         return one_spelling(data, paillier::ciphertext_vector<scheme>::parse_frame(key(), data, 8),
                             [](const auto& read) {
                                 require(read.size() <= 8, "a count is within its cap");
                                 return read.serialize_frame();
                             });
     },
     [] { return samples{ciphertexts<scheme>().serialize_frame()}; }},
    {"row_commitment::parse, parse_rows", read_rows,
     [] {
         bytes sample;
         for (std::uint64_t i = 1; i <= 9; ++i) {
             const auto row = (group::scalar::from_u64(i * i) * group::point::base()).bytes();
             sample.insert(sample.end(), row.begin(), row.end());
         }
         return samples{sample, bytes(sample.begin(), sample.begin() + 32)};
     }},
    {"coprime_modulus::proof::parse",
     [](byte_view data) {
         return check_key_part(data, key_proof().coprime_part, [](const auto& proof) {
             return zk::coprime_modulus<scheme>::verify(test::key_script(), {key()}, proof).has_value();
         });
     },
     [] { return samples{key_proof().coprime_part.serialize()}; }},
    {"no_small_factor::parse",
     [](byte_view data) {
         static const bytes good = key_proof().factors_part.serialize({key()});
         return check_proof<zk::no_small_factor<scheme>>(data, {key()}, good, 64);
     },
     [] { return samples{key_proof().factors_part.serialize({key()})}; }},
    {"blum_modulus::proof::parse",
     [](byte_view data) {
         return check_key_part(data, key_proof().blum_part, [](const auto& proof) {
             return zk::blum_modulus<scheme>::verify(test::key_script(), {key()}, proof).has_value();
         });
     },
     [] { return samples{key_proof().blum_part.serialize()}; }},
    {"residue_root::parse",
     [](byte_view data) { return check_proof<root_proof>(data, root_statement(), root_sample(), 4); },
     [] { return samples{root_sample()}; }},
    {"key_proof::parse, key_verifier::verify",
     [](byte_view data) {
         static const bytes good = key_proof().serialize(key());
         const auto read = zk::key_proof<scheme>::parse(key(), data);
         if (!one_spelling(data, read, [](const auto& proof) { return proof.serialize(key()); }))
             return false;
         const bool is_good = equal(data, good);
         if (is_good || chosen(data, 64))
             require(zk::key_verifier::verify(test::key_script(), key(), *read).has_value() == is_good,
                     "only the proof that was made verifies");
         return true;
     },
     [] { return samples{key_proof().serialize(key())}; }},
    {"plaintext_knowledge::parse",
     [](byte_view data) { return check_proof<knowledge>(data, plaintexts().claim, plaintexts().proof, 4); },
     [] { return samples{plaintexts().proof}; }},
    {"equal_exponent::parse",
     [](byte_view data) { return check_proof<exponents>(data, powers().claim, powers().proof, 4); },
     [] { return samples{powers().proof}; }},
};

} // namespace

std::span<const veilsum::fuzz::decoder> veilsum::fuzz::decoders() {
    return all;
}
