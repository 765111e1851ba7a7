// What `train` and `keys` have in common for one key size is compiled once, in instances_SIZE.cpp, and not in
// each of them. Not for `audit`, which must not even hold what can sign or encrypt. Include it after nothing
// that has instantiated the same.
#pragma once

#include "support/ceremony_folder.hpp"

#include <veilsum/aggregation/acknowledgement.hpp>
#include <veilsum/aggregation/light_session.hpp>
#include <veilsum/aggregation/session_state.hpp>
#include <veilsum/paillier/encryptor.hpp>
#include <veilsum/random/system_random.hpp>
#include <veilsum/threshold/combine.hpp>
#include <veilsum/threshold/dealer.hpp>
#include <veilsum/threshold/partially_decrypt.hpp>

#if VEILSUM_IFMA_ENGINE
#define EXAMPLES_ENGINE_INSTANCES(instance, bits)                                                            \
    instance class veilsum::modular::gmp_engine<bits>;                                                       \
    instance class veilsum::modular::ifma_engine<bits>;                                                      \
    instance class veilsum::modular::default_engine<bits>;
#else
#define EXAMPLES_ENGINE_INSTANCES(instance, bits) instance class veilsum::modular::gmp_engine<bits>;
#endif

namespace examples {
template <std::size_t Bits>
using scheme_of = veilsum::paillier::scheme<Bits, 1>;
template <std::size_t Bits>
using key_of = veilsum::paillier::public_key<scheme_of<Bits>>;
template <std::size_t Bits>
using ciphertexts_of = veilsum::paillier::ciphertext_vector<scheme_of<Bits>>;
template <std::size_t Bits>
using verification_of = veilsum::threshold::verification_keys<scheme_of<Bits>>;
template <std::size_t Bits>
using share_of = veilsum::threshold::key_share<scheme_of<Bits>>;
template <std::size_t Bits>
using ceremony_of = veilsum::aggregation::ceremony<scheme_of<Bits>>;
} // namespace examples

// `instance` is `extern template` or `template`.
#define EXAMPLES_SCHEME_INSTANCES(instance, bits)                                                            \
    EXAMPLES_ENGINE_INSTANCES(instance, 2 * bits)                                                            \
    namespace veilsum {                                                                                      \
    instance class paillier::public_key<examples::scheme_of<bits>>;                                          \
    instance class paillier::ciphertext_vector<examples::scheme_of<bits>>;                                   \
    instance class paillier::encryptor<examples::scheme_of<bits>>;                                           \
    instance struct zk::coprime_modulus<examples::scheme_of<bits>>;                                          \
    instance struct zk::no_small_factor<examples::scheme_of<bits>>;                                          \
    instance struct zk::blum_modulus<examples::scheme_of<bits>>;                                             \
    instance struct zk::key_proof<examples::scheme_of<bits>>;                                                \
    instance struct zk::equal_exponent<examples::scheme_of<bits>::engine>;                                   \
    instance struct zk::plaintext_knowledge<examples::scheme_of<bits>, paillier::short_exponent>;            \
    instance struct zk::plaintext_knowledge<examples::scheme_of<bits>, paillier::half_length>;               \
    instance struct zk::plaintext_knowledge<examples::scheme_of<bits>, paillier::uniform>;                   \
    instance result<zk::key_proof<examples::scheme_of<bits>>> zk::prove_key(const transcript::transcript&,   \
                                                                            const integer::prime_pair&,      \
                                                                            const examples::key_of<bits>&,   \
                                                                            random::system_random&);         \
    instance result<zk::verified_key<examples::scheme_of<bits>>>                                             \
    zk::key_verifier::verify(const transcript::transcript&, const examples::key_of<bits>&,                   \
                             const zk::key_proof<examples::scheme_of<bits>>&);                               \
    instance class threshold::verification_keys<examples::scheme_of<bits>>;                                  \
    instance class threshold::key_share<examples::scheme_of<bits>>;                                          \
    instance class threshold::partial_decryption<examples::scheme_of<bits>>;                                 \
    instance class threshold::partial_verifier<examples::scheme_of<bits>>;                                   \
    instance result<threshold::dealing<examples::scheme_of<bits>>>                                           \
    threshold::deal(integer::prime_pair&&, const examples::key_of<bits>&, const threshold::structure&,       \
                    random::system_random&);                                                                 \
    instance result<std::vector<integer::bigint>>                                                            \
    threshold::combine(const examples::key_of<bits>&, const threshold::structure&,                           \
                       std::span<const threshold::verified_partial<examples::scheme_of<bits>>>);             \
    instance struct aggregation::ceremony<examples::scheme_of<bits>>;                                        \
    instance struct aggregation::session_facts<examples::scheme_of<bits>>;                                   \
    instance class aggregation::verified_contribution<examples::scheme_of<bits>>;                            \
    instance class zk::validity_verifier<examples::scheme_of<bits>>;                                         \
    instance result<zk::validity_verifier<examples::scheme_of<bits>>::verified_submission>                   \
    zk::validity_verifier<examples::scheme_of<bits>>::verify(const transcript::context&, byte_view,          \
                                                             random::system_random&) const;                  \
    instance class aggregation::contribution_checker<examples::scheme_of<bits>>;                             \
    instance class aggregation::light_session<examples::scheme_of<bits>>;                                    \
    instance result<aggregation::session_facts<examples::scheme_of<bits>>>                                   \
    aggregation::open_session(const audit::record&, const aggregation::body_reader&);                        \
    instance result<aggregation::round_facts> aggregation::check_round<examples::scheme_of<bits>>(           \
        const aggregation::round_header&, const hash::digest32&, const aggregation::round_terms&,            \
        result<aggregation::roster>);                                                                        \
    instance class aggregation::session_register<examples::scheme_of<bits>>;                                 \
    instance result<aggregation::verified_contribution<examples::scheme_of<bits>>>                           \
    aggregation::contribution_checker<examples::scheme_of<bits>>::check(                                     \
        const aggregation::round_facts&, const aggregation::contribution_record&,                            \
        const aggregation::body_reader&, random::system_random&) const;                                      \
    instance class aggregation::session_state<examples::scheme_of<bits>>;                                    \
    instance result<sign::signature> aggregation::acknowledge(const examples::ceremony_of<bits>&,            \
                                                              const examples::share_of<bits>&,               \
                                                              const sign::signing_key&);                     \
    instance result<aggregation::session_state<examples::scheme_of<bits>>::event>                            \
    aggregation::session_state<examples::scheme_of<bits>>::check(const audit::record&,                       \
                                                                 const aggregation::body_reader&,            \
                                                                 random::system_random&,                     \
                                                                 const aggregation::step_watcher&) const;    \
    instance result<aggregation::dealt_ceremony<examples::scheme_of<bits>>>                                  \
    aggregation::deal_ceremony(const threshold::structure&, random::system_random&, const progress&);        \
    }

#ifndef EXAMPLES_INSTANCES_HERE
EXAMPLES_SCHEME_INSTANCES(extern template, 2048)
EXAMPLES_SCHEME_INSTANCES(extern template, 3072)
EXAMPLES_SCHEME_INSTANCES(extern template, 4096)
#endif
