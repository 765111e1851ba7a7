// As toy_instances.hpp, of the threshold scheme and the proofs about keys.
#pragma once

#include "support/toy.hpp"

#include "support/seeded_random.hpp"

#include <veilsum/threshold/combine.hpp>
#include <veilsum/threshold/dealer.hpp>
#include <veilsum/threshold/partially_decrypt.hpp>
#include <veilsum/zk/key_validity.hpp>

// `extern template` here and `template` in threshold_instances.cpp.
#ifndef VEILSUM_TEST_THRESHOLD_INSTANCE
#define VEILSUM_TEST_THRESHOLD_INSTANCE extern template
#endif

#define VEILSUM_TEST_THRESHOLD(degree, ciphertext_bits)                                                      \
    VEILSUM_TEST_THRESHOLD_INSTANCE struct zk::equal_exponent<modular::default_engine<ciphertext_bits>>;     \
    VEILSUM_TEST_THRESHOLD_INSTANCE class threshold::verification_keys<test::toy_scheme<degree>>;            \
    VEILSUM_TEST_THRESHOLD_INSTANCE class threshold::key_share<test::toy_scheme<degree>>;                    \
    VEILSUM_TEST_THRESHOLD_INSTANCE class threshold::partial_decryption<test::toy_scheme<degree>>;           \
    VEILSUM_TEST_THRESHOLD_INSTANCE class threshold::partial_verifier<test::toy_scheme<degree>>;             \
    VEILSUM_TEST_THRESHOLD_INSTANCE result<threshold::dealing<test::toy_scheme<degree>>> threshold::deal(    \
        integer::prime_pair&&, const paillier::public_key<test::toy_scheme<degree>>&,                        \
        const threshold::structure&, test::seeded_random&);                                                  \
    VEILSUM_TEST_THRESHOLD_INSTANCE result<threshold::folded_batch<test::toy_scheme<degree>>>                \
    threshold::fold_batch(const paillier::public_key<test::toy_scheme<degree>>&,                             \
                          const threshold::verification_keys<test::toy_scheme<degree>>&, party_id,           \
                          const paillier::ciphertext_vector<test::toy_scheme<degree>>&,                      \
                          const paillier::ciphertext_vector<test::toy_scheme<degree>>&,                      \
                          const transcript::transcript&);                                                    \
    VEILSUM_TEST_THRESHOLD_INSTANCE result<threshold::partial_decryption<test::toy_scheme<degree>>>          \
    threshold::partially_decrypt(const paillier::public_key<test::toy_scheme<degree>>&,                      \
                                 const threshold::verification_keys<test::toy_scheme<degree>>&,              \
                                 const threshold::key_share<test::toy_scheme<degree>>&,                      \
                                 const paillier::ciphertext_vector<test::toy_scheme<degree>>&,               \
                                 const transcript::transcript&, test::seeded_random&);                       \
    VEILSUM_TEST_THRESHOLD_INSTANCE result<std::vector<integer::bigint>> threshold::combine(                 \
        const paillier::public_key<test::toy_scheme<degree>>&, const threshold::structure&,                  \
        std::span<const threshold::verified_partial<test::toy_scheme<degree>>>);

namespace veilsum {

VEILSUM_TEST_THRESHOLD(1, 1024)
VEILSUM_TEST_THRESHOLD(2, 1536)
VEILSUM_TEST_THRESHOLD(3, 2048)

VEILSUM_TEST_THRESHOLD_INSTANCE struct zk::coprime_modulus<test::toy_scheme<1>>;
VEILSUM_TEST_THRESHOLD_INSTANCE struct zk::no_small_factor<test::toy_scheme<1>>;
VEILSUM_TEST_THRESHOLD_INSTANCE struct zk::blum_modulus<test::toy_scheme<1>>;
VEILSUM_TEST_THRESHOLD_INSTANCE struct zk::key_proof<test::toy_scheme<1>>;
VEILSUM_TEST_THRESHOLD_INSTANCE result<zk::key_proof<test::toy_scheme<1>>>
zk::prove_key(const transcript::transcript&, const integer::prime_pair&,
              const paillier::public_key<test::toy_scheme<1>>&, test::seeded_random&);
VEILSUM_TEST_THRESHOLD_INSTANCE result<zk::verified_key<test::toy_scheme<1>>>
zk::key_verifier::verify(const transcript::transcript&, const paillier::public_key<test::toy_scheme<1>>&,
                         const zk::key_proof<test::toy_scheme<1>>&);

} // namespace veilsum

#undef VEILSUM_TEST_THRESHOLD
