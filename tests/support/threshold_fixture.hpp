// A dealt toy key: ceremony, ciphertexts, partial decryptions and quorums for the threshold tests.
#pragma once

#include "support/threshold_instances.hpp"

#include "support/seeded_random.hpp"

#include <veilsum/paillier/encryptor.hpp>
#include <veilsum/threshold/combine.hpp>
#include <veilsum/threshold/dealer.hpp>
#include <veilsum/threshold/partial_decryption.hpp>
#include <veilsum/threshold/partially_decrypt.hpp>
#include <veilsum/transcript/context.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::test {

inline transcript::transcript decryption_context(std::string_view who = "round 7") {
    transcript::transcript made("veilsum.test/1");
    made.absorb("who", as_bytes(who));
    return made;
}

template <class Scheme>
struct ceremony_fixture {
    using partial = threshold::partial_decryption<Scheme>;
    using verified = threshold::verified_partial<Scheme>;

    const paillier::public_key<Scheme>& key = fixed_public_key<Scheme>();
    threshold::structure who;
    threshold::dealing<Scheme> dealt;

    ceremony_fixture(std::uint32_t quorum, std::uint32_t trustees, std::uint64_t seed = 1)
        : who(threshold::structure::create(quorum, trustees).value()), dealt(deal(seed)) {}

    paillier::ciphertext_vector<Scheme> encrypt(std::vector<integer::bigint> values,
                                                std::uint64_t seed) const {
        tests::seeded_random rng(seed);
        const paillier::encryptor<Scheme> encryptor(key);
        return encryptor.encrypt(paillier::plaintext_vector(std::move(values)), rng).value().ciphertexts;
    }
    // By trustee 1, 2, ...
    partial decrypt(std::uint32_t trustee, const paillier::ciphertext_vector<Scheme>& ciphertexts,
                    const transcript::transcript& context = decryption_context()) const {
        tests::seeded_random rng(1000 + trustee);
        return threshold::partially_decrypt(key, dealt.verification, dealt.shares[trustee - 1], ciphertexts,
                                            context, rng)
            .value();
    }
    result<verified> verify(const paillier::ciphertext_vector<Scheme>& ciphertexts, const partial& candidate,
                            const transcript::transcript& context = decryption_context()) const {
        return threshold::verify_partial(key, dealt.verification, ciphertexts, candidate, context);
    }
    std::vector<verified> all(const paillier::ciphertext_vector<Scheme>& ciphertexts) const {
        std::vector<verified> out;
        for (std::uint32_t i = 1; i <= who.trustees(); ++i)
            out.push_back(verify(ciphertexts, decrypt(i, ciphertexts)).value());
        return out;
    }

  private:
    threshold::dealing<Scheme> deal(std::uint64_t seed) const {
        tests::seeded_random rng(seed);
        return threshold::deal(fixed_prime_pair<Scheme::modulus_bits>(), key, who, rng).value();
    }
};

// All subsets of `size` of 1..count, each ascending.
inline std::vector<std::vector<std::uint32_t>> subsets(std::uint32_t count, std::uint32_t size) {
    std::vector<std::vector<std::uint32_t>> out;
    for (std::uint64_t mask = 0; mask < (std::uint64_t{1} << count); ++mask) {
        std::vector<std::uint32_t> members;
        for (std::uint32_t i = 0; i < count; ++i)
            if ((mask >> i & 1) != 0) members.push_back(i + 1);
        if (members.size() == size) out.push_back(std::move(members));
    }
    return out;
}

} // namespace veilsum::test
