// Encryption:   c_k = (1+n)^(M_k) h_s^(alpha_k) mod n^(s+1),    alpha_k uniform in [0, 2^a).
//
//     paillier::encryptor<scheme> encrypt_for(key);                    // builds the table of h_s once
//     std::vector<bigint> values{5, -7};
//     auto sealed = encrypt_for.encrypt(plaintext_vector(std::move(values)), rng);
//     if (!sealed) return sealed.error();                              // overflow at "plaintext 1"
//     bytes message = sealed->ciphertexts.serialize();                 // sealed->exponents stays: a witness
//
// Reference: Damgard, Jurik, Nielsen, "A generalization of Paillier's public-key system with applications to
// electronic voting", IJIS 9 (2010); the length a is the policy's (exponent_policy.hpp). h_s is
// fixed in the key, so that its powers come from a table, without squarings: a/5 + 3 multiplications for a
// ciphertext.  spec: paillier, section 5
//
// The exponents open the ciphertexts: whoever learns alpha_k learns M_k. They are returned as a secret for
// the proofs, and should die with them. A wrong random source breaks everything here: exponents that repeat
// show differences of plaintexts.
//
// Table: `table_bits` is the longest exponent it serves. Proofs mask exponents with up to a + 256 + 16 bits,
// hence the default. Its memory is `table_size_bytes()`; copies of an encryptor share it, threads too.
//
// Constant time in plaintexts and exponents but for the limb counts of the integers that hold them: a
// plaintext with 64 leading zero bits, of itself or of (1+n)^M, can be told by copies that are a limb
// shorter. Packed plaintexts and masks fill their limbs.
//
// Errors: missing for an empty vector; overflow "plaintext" with place "plaintext 3" for |M| >= n^s / 2;
// mismatch for a wrong number of exponents; out_of_range "exponent" with place "exponent 3"; wrong_key.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/integer/sample.hpp>
#include <veilsum/paillier/ciphertext_vector.hpp>
#include <veilsum/paillier/operations.hpp>
#include <veilsum/paillier/plaintext_vector.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/random/random_source.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace veilsum::paillier {

// What the sender keeps and what it sends.
template <class Scheme>
struct encryption {
    ciphertext_vector<Scheme> ciphertexts; // to send
    secret<std::vector<bigint>> exponents; // to keep: they open the ciphertexts
};

template <class Scheme, class Policy = short_exponent>
class encryptor {
  public:
    using scheme = Scheme;
    using policy = Policy;
    using engine = typename Scheme::engine;
    // a: bits of the exponent that blinds a ciphertext.
    static constexpr std::size_t exponent_bits = Policy::template bits<Scheme::modulus_bits>;

    // table_bits >= exponent_bits. Cost: about 7 multiplications for each bit.
    explicit encryptor(public_key<Scheme> key, std::size_t table_bits = exponent_bits + 272)
        : key_(std::move(key)), table_(make_table(key_, table_bits)) {}

    const public_key<Scheme>& key() const { return key_; }
    // Longest exponent that the table serves.
    std::size_t table_bits() const { return table_.max_exponent_bits(); }
    std::size_t table_size_bytes() const { return table_.size_bytes(); } // memory of the table

    // Draws an exponent for each plaintext from the policy and encrypts. Errors: missing, overflow, with the
    // place.
    template <random::random_source Source>
    result<encryption<Scheme>> encrypt(const plaintext_vector& plaintexts, Source& rng) const {
        auto exponents = draw(plaintexts.size(), rng);
        auto made = encrypt_with(plaintexts, exponents);
        if (!made) return made.error();
        return encryption<Scheme>{*std::move(made), std::move(exponents)};
    }

    // With given exponents in [0, 2^a): for known answers, and where exponents come from elsewhere. Each
    // exponent serves once.
    result<ciphertext_vector<Scheme>> encrypt_with(const plaintext_vector& plaintexts,
                                                   const secret<std::vector<bigint>>& exponents) const {
        if (auto fit = check_sizes(plaintexts, exponents, exponent_bits); !fit) return fit.error();
        auto terms = message_terms(key_, plaintexts);
        if (!terms) return terms.error();
        return blind(*std::move(terms), exponents, exponent_bits);
    }

    // The announcement of a proof: (1+n)^m h_s^beta for any integers m, taken modulo n^s, and exponents in
    // [0, 2^table_bits).
    result<ciphertext_vector<Scheme>> commit(const plaintext_vector& messages,
                                             const secret<std::vector<bigint>>& exponents) const {
        if (auto fit = check_sizes(messages, exponents, table_bits()); !fit) return fit.error();
        secret<std::vector<bigint>> terms{std::vector<bigint>(messages.size())};
        parallel_for(messages.size(),
                     [&](std::size_t i) { terms.expose()[i] = key_.one_plus_n_power(messages.expose()[i]); });
        return blind(key_.arithmetic().enter(terms.expose()), exponents, table_bits());
    }

    // Fresh ciphertexts of the same plaintexts: c_k h_s^(alpha_k). The exponents are wiped.
    template <random::random_source Source>
    result<ciphertext_vector<Scheme>> rerandomise(const ciphertext_vector<Scheme>& ciphertexts,
                                                  Source& rng) const {
        if (auto fit = check_operands(key_, ciphertexts); !fit) return fit.error();
        return blind(ciphertexts.residues(), draw(ciphertexts.size(), rng), exponent_bits);
    }

    // h_s^exponent for a public exponent in [0, 2^table_bits), as verification needs it.
    bigint residue_power_vartime(const bigint& exponent) const {
        return key_.arithmetic().power_fixed_vartime(table_, exponent);
    }

  private:
    static typename engine::table make_table(const public_key<Scheme>& key, std::size_t table_bits) {
        expects(table_bits >= exponent_bits);
        return key.arithmetic().make_table(key.residue_base(), table_bits);
    }

    template <class Source>
    static secret<std::vector<bigint>> draw(std::size_t count, Source& rng) {
        std::vector<bigint> exponents(count);
        for (bigint& exponent : exponents) exponent = integer::random_bits(exponent_bits, rng);
        return secret<std::vector<bigint>>(std::move(exponents));
    }

    static result<void> check_sizes(const plaintext_vector& plaintexts,
                                    const secret<std::vector<bigint>>& exponents, std::size_t bits) {
        const std::vector<bigint>& values = exponents.expose();
        if (plaintexts.size() == 0) return error{errc::missing, "plaintexts"};
        if (values.size() != plaintexts.size()) return error{errc::mismatch, "number of exponents"};
        for (std::size_t i = 0; i < values.size(); ++i)
            if (values[i].is_negative() || values[i].bit_length() > bits)
                return error{errc::out_of_range, "exponent", 0, position_of("exponent", i)};
        return {};
    }

    // factor_k h_s^(exponent_k)
    ciphertext_vector<Scheme> blind(typename engine::vector factors,
                                    const secret<std::vector<bigint>>& exponents, std::size_t bits) const {
        auto out = key_.arithmetic().make(factors.size());
        key_.arithmetic().power_fixed(out, table_, exponents, bits);
        key_.arithmetic().multiply(out, out, factors);
        factors.wipe(); // (1+n)^M is the plaintext
        return ciphertext_vector<Scheme>::from_residues(key_, std::move(out));
    }

    public_key<Scheme> key_;
    typename engine::table table_;
};

} // namespace veilsum::paillier
