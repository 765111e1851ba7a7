// Plaintext knowledge: the prover knows what is inside a batch of ciphertexts.
//
//     R = { (n, h_s, c_1..c_K ; M_k, alpha_k) :  c_k = (1+n)^(M_k) h_s^(alpha_k) mod n^(s+1) for all k }
//
// Whoever can prove this for its ciphertexts has not copied or mauled somebody else's. Nothing is said about
// the size of the M_k: that takes a range proof. One announcement and one response serve the whole batch, so
// a proof for sixty thousand ciphertexts is a byte or two longer than one for a single ciphertext.
//
// Ref: Damgard, Jurik, PKC 2001, section 5, for one ciphertext; a batch has one independent challenge each.
// spec: plaintext-knowledge
//
//     step 1   announce   A = (1+n)^y h_s^beta,  y uniform in [0, n^s), beta uniform in [0, 2^zbits)
//     step 2   challenge  e_1..e_K, 128 bits each, after the statement and A
//     step 3   respond    z = y + sum_k e_k M_k mod n^s,   zeta = beta + sum_k e_k alpha_k over the integers;
//                         afresh from step 1 if zeta is outside its window
//     step 4   check      A prod_k c_k^(e_k) = + or - (1+n)^z h_s^zeta mod n^(s+1)
//
//     zbits = a + 128 + bitlen(K) + 128,     window of zeta = [K (2^128 - 1)(2^a - 1), 2^zbits - 1]
//
// with a the bits of an honest exponent, which the verifier's `Policy` says and a proof cannot.
//
// Soundness. Let pt be the plaintext of a unit: pt(u v) = pt(u) + pt(v), pt(h_s) = pt(-1) = 0 (n is odd). Two
// accepted answers to one A that differ in e_k only give  delta pt(c_k) = z - z' mod n^s  with
// 0 < |delta| < 2^128. *If every prime factor of n exceeds 2^128*, delta is invertible modulo n^s and
// M_k = pt(c_k) = (z - z') / delta is computed: knowledge error 2^-128 for each k. The exponents alpha_k are
// not extracted and need not exist; a ciphertext has its plaintext whatever its mask is. That pt is a
// homomorphism needs gcd(n, phi(n)) = 1. Neither this nor the bound on the prime factors follows from the
// checks of `public_key`: the key's maker proves them (zk/key_validity.hpp), and a ceremony's check demands
// it. Under a key with a small factor p the argument fails modulo p; whoever takes a key without those proofs
// trusts its maker with that.
//
// Zero knowledge. y is uniform modulo n^s, so z is; zeta is exactly uniform in its window given that no
// restart happens, which has probability below 2^-128 (zk/response_window.hpp). A follows from z, zeta, e and
// the statement by step 4 with the sign +. The simulator picks e, z, zeta and computes A: the same
// distribution. The accepted sign - only spares verifiers who merge many checks a disagreement, and proves
// the same, as -1 has plaintext 0.
//
// Who must not know what: M_k, alpha_k, y, beta are the prover's. Two answers with one (y, beta) give away
// the plaintexts; announcement_secret can be used once, and masks come from a nonce_source.
// Constant time: announcing is encrypting; a response is made of sums of products with public e_k, all of
// full length, and one division of fixed length. Limb counts show with probability 2^-64 for each secret.
//
// Proof, in bytes: (s+1) nbits/8 for A, s nbits/8 for z, ceil(zbits/8) for zeta: 768 + 384 + 97 at 3072 bits,
// degree 1, short exponents, 128 <= K < 256.
//
// Checks, by number. `statement::create`: 1 there are 1..65535 ciphertexts, all under the key. `parse`: 2 the
// length is exact; 3 A is a unit in (0, n^(s+1)). `check`: 3 A is one unit under this key; 4 z < n^s; 5 zeta
// is in its window; 6 the equation of step 4.
//
//     using popk = zk::plaintext_knowledge<scheme>;
//     auto statement = popk::statement::create(key, made.ciphertexts);
//     auto proof = popk::prove(context, *statement, {encryptor, messages, made.exponents}, rng);
//     send(proof->serialize(*statement));
//     ...
//     auto received = popk::proof::parse(*statement, data);
//     if (auto valid = popk::verify(context, *statement, *received); !valid) return valid.error();
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/sample.hpp>
#include <veilsum/paillier/ciphertext_vector.hpp>
#include <veilsum/paillier/exponent_policy.hpp>
#include <veilsum/paillier/padded_integer.hpp>
#include <veilsum/paillier/plaintext_vector.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/paillier/scheme.hpp>
#include <veilsum/random/random_source.hpp>
#include <veilsum/transcript/transcript.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>
#include <veilsum/zk/challenge.hpp>
#include <veilsum/zk/fiat_shamir.hpp>
#include <veilsum/zk/response_window.hpp>
#include <veilsum/zk/sigma_protocol.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::paillier {
// Only a prover needs paillier/encryptor.hpp; whoever verifies should not even see it.
template <class Scheme, class Policy>
class encryptor;
} // namespace veilsum::paillier

namespace veilsum::zk {

template <class Scheme, class Policy = paillier::short_exponent>
struct plaintext_knowledge {
    using bigint = integer::bigint;
    using public_key = paillier::public_key<Scheme>;
    using ciphertext_vector = paillier::ciphertext_vector<Scheme>;
    using proof = zk::proof<plaintext_knowledge>;

    static constexpr std::string_view label = "veilsum.plaintext-knowledge/1";
    static constexpr std::size_t most_ciphertexts = 65535; // of one proof
    // a: bits of an honest exponent.
    static constexpr std::size_t exponent_bits = Policy::template bits<Scheme::modulus_bits>;
    static constexpr std::size_t plaintext_bytes = (Scheme::degree * Scheme::modulus_bits + 7) / 8; // of z
    // The longest mask is what the prover's fixed-base table must cover.
    static constexpr std::size_t most_mask_bits =
        response_window::mask_bits_of_sum(exponent_bits, most_ciphertexts);
    static_assert(most_mask_bits == exponent_bits + challenge_bits + 16 + statistical_bits);

    static constexpr std::size_t proof_bytes(std::size_t ciphertexts) {
        return Scheme::ciphertext_bytes + plaintext_bytes +
               response_window::bytes_of(response_window::mask_bits_of_sum(exponent_bits, ciphertexts));
    }

    // Which ciphertexts, under which key. It looks at the ciphertexts, which must outlive it.
    class statement {
      public:
        static result<statement> create(const public_key& key, const ciphertext_vector& ciphertexts) {
            if (ciphertexts.size() == 0) return error{errc::missing, "ciphertexts", 1};
            if (ciphertexts.size() > most_ciphertexts)
                return error{errc::out_of_range, "number of ciphertexts", 1};
            if (ciphertexts.key_id() != key.id()) return error{errc::wrong_key, "ciphertexts", 1};
            return statement(key, ciphertexts);
        }
        static result<statement> create(const public_key&, ciphertext_vector&&) = delete;

        const public_key& key() const { return key_; }
        // Those of the caller, who must not have moved or changed them since.
        const ciphertext_vector& ciphertexts() const {
            return expects(ciphertexts_->size() == size_), *ciphertexts_;
        }
        std::size_t size() const { return size_; }
        const response_window& window() const { return window_; } // of zeta

      private:
        statement(const public_key& key, const ciphertext_vector& ciphertexts)
            : key_(key), ciphertexts_(&ciphertexts), size_(ciphertexts.size()),
              window_(response_window::of_sum(exponent_bits, size_)) {}
        public_key key_;
        const ciphertext_vector* ciphertexts_;
        std::size_t size_;
        response_window window_;
    };

    // M_k, alpha_k, and the encryptor whose table makes the announcement cheap. A view: the secrets stay in
    // their own move-only homes, which must outlive it.
    struct witness {
        const paillier::encryptor<Scheme, Policy>& encryptor; // for the key of the statement
        const paillier::plaintext_vector& messages;           // one for each ciphertext
        const secret<std::vector<bigint>>& exponents;         // one for each ciphertext
    };

    struct announcement {
        ciphertext_vector value; // A, one element
    };

    class announcement_secret {
      public:
        announcement_secret(announcement_secret&&) noexcept = default;
        announcement_secret& operator=(announcement_secret&&) noexcept = default;

      private:
        friend plaintext_knowledge;
        announcement_secret(secret<bigint>&& y, secret<bigint>&& beta)
            : y_(std::move(y)), beta_(std::move(beta)) {}
        secret<bigint> y_, beta_;
    };

    using challenge = std::vector<transcript::challenge128>; // one for each ciphertext

    struct response {
        bigint z;    // [0, n^s)
        bigint zeta; // in the window
    };

    // ---- conversation

    static result<void> fits(const statement& claim, const witness& known) {
        if (known.encryptor.key().id() != claim.key().id()) return error{errc::wrong_key, "encryptor"};
        if (known.encryptor.table_bits() < claim.window().mask_bits())
            return error{errc::bad_parameter, "length of the encryptor's table"};
        if (known.messages.size() != claim.size() || known.exponents.expose().size() != claim.size())
            return error{errc::mismatch, "number of plaintexts and exponents"};
        for (const bigint& alpha : known.exponents.expose())
            if (alpha.is_negative() || alpha.bit_length() > exponent_bits)
                return error{errc::out_of_range, "exponent of a ciphertext"};
        return {};
    }

    // spec: plaintext-knowledge, step 1
    template <random::random_source Source>
    static announced<announcement, announcement_secret> announce(const statement& claim, const witness& known,
                                                                 Source& rng) {
        secret<bigint> mask(integer::random_below(claim.key().n_to_s(), rng)); // y first, then beta
        announcement_secret masks(std::move(mask), claim.window().draw_mask(rng));
        std::vector<bigint> y(1, masks.y_.expose()), beta(1, masks.beta_.expose());
        auto value =
            known.encryptor.commit(paillier::plaintext_vector(secret(std::move(y))), secret(std::move(beta)));
        expects(value.has_value()); // `fits` has checked key and lengths
        return {announcement{*std::move(value)}, std::move(masks)};
    }

    // spec: plaintext-knowledge, step 3
    //
    // n^s is added to each M_k so that all factors are positive and of full length, whatever the plaintexts.
    static std::optional<response> respond(const statement& claim, const witness& known,
                                           announcement_secret&& used, const challenge& e) {
        expects(e.size() == claim.size());
        announcement_secret masks = std::move(used);
        const bigint& modulus = claim.key().n_to_s();
        secret<bigint> sum = std::move(masks.y_);
        secret<bigint> shift(bigint(0));
        for (std::size_t k = 0; k < claim.size(); ++k) {
            const bigint e_k = to_integer(e[k]);
            const secret<bigint> lifted(known.messages.expose()[k] + modulus);
            sum.expose() += e_k * lifted.expose();
            shift.expose() += e_k * known.exponents.expose()[k];
        }
        auto zeta = claim.window().answer(std::move(masks.beta_), shift);
        if (!zeta) return std::nullopt;
        const paillier::padded_integer padded(sum.expose(), sum_limbs);
        return response{paillier::remainder(padded, claim.key().plaintexts().padded_modulus()).to_integer(),
                        *std::move(zeta)};
    }

    // Checks 3, 4 and 5: what can be said before a challenge is known.
    static result<void> check_form(const statement& claim, const announcement& first,
                                   const response& answer) {
        if (first.value.size() != 1 || first.value.key_id() != claim.key().id())
            return error{errc::wrong_key, "announcement", 3};
        if (answer.z.is_negative() || answer.z >= claim.key().n_to_s())
            return error{errc::out_of_range, "response z", 4};
        if (!claim.window().contains(answer.zeta)) return error{errc::out_of_range, "response zeta", 5};
        return {};
    }

    // spec: plaintext-knowledge, step 4. Checks 3 to 6. Cost: one multi-exponentiation of K bases by 128 bits
    // and one power of zbits bits, modulo n^(s+1).
    static result<void> check(const statement& claim, const announcement& first, const challenge& e,
                              const response& answer) {
        if (auto form = check_form(claim, first, answer); !form) return form;
        expects(e.size() == claim.size());
        const auto& ring = claim.key().arithmetic();
        std::vector<bigint> exponents;
        exponents.reserve(e.size());
        for (const auto& e_k : e) exponents.push_back(to_integer(e_k));
        const bigint left = ring.multi_power_vartime(claim.ciphertexts().residues(), exponents) *
                            ring.get(first.value.residues(), 0) % ring.modulus();
        auto residue = ring.make(1);
        ring.set(residue, 0, claim.key().residue_base());
        ring.power_public_vartime(residue, residue, answer.zeta);
        const bigint right = claim.key().one_plus_n_power(answer.z) * ring.get(residue, 0) % ring.modulus();
        if (left != right && left != ring.modulus() - right)
            return error{errc::bad_proof, "plaintext knowledge", 6};
        return {};
    }

    // ---- transcript

    static secret<bytes> nonce_seed(const statement& claim, const witness& known) {
        wire::writer out(claim.size() * (plaintext_bytes + 1 + (exponent_bits + 7) / 8));
        for (std::size_t k = 0; k < claim.size(); ++k) {
            const secret<bigint> lifted(known.messages.expose()[k] + claim.key().n_to_s());
            out.fixed(secret(lifted.expose().to_bytes(plaintext_bytes + 1)).expose());
            out.fixed(secret(known.exponents.expose()[k].to_bytes((exponent_bits + 7) / 8)).expose());
        }
        return secret<bytes>(std::move(out).take());
    }
    static void append_to(transcript::transcript& script, const statement& claim) {
        script.absorb("popk.key", claim.key().id());
        script.absorb_u64("popk.exponent-bits", exponent_bits);
        script.absorb_u64("popk.count", claim.size());
        script.absorb("popk.ciphertexts", claim.ciphertexts().serialize());
    }
    static void append_to(transcript::transcript& script, const announcement& first) {
        script.absorb("popk.A", first.value.serialize());
    }
    // spec: plaintext-knowledge, step 2
    static challenge draw_challenge(transcript::transcript& script, const statement& claim) {
        return transcript::challenge_integers(script, "popk.e", claim.size());
    }

    // ---- bytes:  A | z | zeta, big-endian, fixed lengths

    static std::size_t proof_bytes(const statement& claim) { return proof_bytes(claim.size()); }
    static bytes serialize(const statement& claim, const announcement& first, const response& answer) {
        wire::writer out(proof_bytes(claim));
        out.fixed(first.value.serialize());
        out.fixed(answer.z.to_bytes(plaintext_bytes));
        out.fixed(answer.zeta.to_bytes(claim.window().size_bytes()));
        return std::move(out).take();
    }
    static result<conversation<announcement, response>> parse(const statement& claim, byte_view data) {
        if (data.size() != proof_bytes(claim)) return error{errc::malformed, "length of the proof", 2};
        wire::reader in(data);
        auto value = ciphertext_vector::parse(claim.key(), in.fixed(Scheme::ciphertext_bytes), 1);
        if (!value) return error{value.error().code, "announcement", 3};
        response answer{bigint::from_bytes(in.fixed(plaintext_bytes)),
                        bigint::from_bytes(in.fixed(claim.window().size_bytes()))};
        announcement first{*std::move(value)};
        if (auto form = check_form(claim, first, answer); !form) return form.error();
        return conversation<announcement, response>{std::move(first), std::move(answer)};
    }

    // ---- as a proof

    template <random::random_source Source>
    static result<proof> prove(const transcript::transcript& context, const statement& claim,
                               const witness& known, Source& rng) {
        return zk::prove<plaintext_knowledge>(context, claim, known, rng);
    }
    static result<void> verify(const transcript::transcript& context, const statement& claim,
                               const proof& candidate) {
        return zk::verify<plaintext_knowledge>(context, claim, candidate);
    }

  private:
    // y + sum_k e_k (M_k + n^s) is below n^s (1 + 2^128 K 3/2), and K below 2^16.
    static constexpr std::size_t sum_limbs =
        paillier::limbs_for(8 * plaintext_bytes + challenge_bits + 16 + 1);
};

} // namespace veilsum::zk
