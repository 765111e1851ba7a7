// As toy_instances.hpp, of a session in memory.
#pragma once

#include "support/threshold_instances.hpp"

#include <veilsum/aggregation/acknowledgement.hpp>
#include <veilsum/aggregation/aggregator.hpp>
#include <veilsum/aggregation/auditor.hpp>
#include <veilsum/aggregation/client.hpp>
#include <veilsum/aggregation/trustee.hpp>

// `extern template` here and `template` in session_instances.cpp.
#ifndef VEILSUM_TEST_SESSION_INSTANCE
#define VEILSUM_TEST_SESSION_INSTANCE extern template
#endif

namespace veilsum {

namespace test {
using session_scheme = toy_scheme<1>;
using session_store = audit::memory_store;
} // namespace test

VEILSUM_TEST_SESSION_INSTANCE struct zk::plaintext_knowledge<test::session_scheme, paillier::short_exponent>;
VEILSUM_TEST_SESSION_INSTANCE struct zk::plaintext_knowledge<test::session_scheme, paillier::half_length>;
VEILSUM_TEST_SESSION_INSTANCE struct zk::plaintext_knowledge<test::session_scheme, paillier::uniform>;
VEILSUM_TEST_SESSION_INSTANCE class zk::validity_verifier<test::session_scheme>;
VEILSUM_TEST_SESSION_INSTANCE class zk::validity_prover<test::session_scheme>;

VEILSUM_TEST_SESSION_INSTANCE result<zk::validity_verifier<test::session_scheme>::verified_submission>
zk::validity_verifier<test::session_scheme>::verify(const transcript::context&, byte_view,
                                                    test::seeded_random&) const;
VEILSUM_TEST_SESSION_INSTANCE result<zk::validity_verifier<test::session_scheme>::verified_submission>
zk::validity_verifier<test::session_scheme>::verify(zk::validity_transcript, byte_view,
                                                    test::seeded_random&) const;
VEILSUM_TEST_SESSION_INSTANCE result<bytes>
zk::validity_prover<test::session_scheme>::prove(const transcript::context&, std::span<const std::int32_t>,
                                                 test::seeded_random&) const;
VEILSUM_TEST_SESSION_INSTANCE result<bytes>
zk::validity_prover<test::session_scheme>::prove(zk::validity_transcript, encoding::row_matrix&&,
                                                 const paillier::plaintext_vector&,
                                                 test::seeded_random&) const;

namespace aggregation {

VEILSUM_TEST_SESSION_INSTANCE struct ceremony<test::session_scheme>;
VEILSUM_TEST_SESSION_INSTANCE struct session_facts<test::session_scheme>;
VEILSUM_TEST_SESSION_INSTANCE class verified_contribution<test::session_scheme>;
VEILSUM_TEST_SESSION_INSTANCE class contribution_checker<test::session_scheme>;
VEILSUM_TEST_SESSION_INSTANCE class session_register<test::session_scheme>;
VEILSUM_TEST_SESSION_INSTANCE class session_state<test::session_scheme>;
VEILSUM_TEST_SESSION_INSTANCE class light_session<test::session_scheme>;
VEILSUM_TEST_SESSION_INSTANCE class client<test::session_scheme, memory_outbox>;
VEILSUM_TEST_SESSION_INSTANCE class trustee<test::session_scheme>;
VEILSUM_TEST_SESSION_INSTANCE struct detail::session_writer<test::session_scheme, test::session_store>;
VEILSUM_TEST_SESSION_INSTANCE class idle_session<test::session_scheme, test::session_store>;
VEILSUM_TEST_SESSION_INSTANCE class collecting_round<test::session_scheme, test::session_store>;
VEILSUM_TEST_SESSION_INSTANCE class opening_round<test::session_scheme, test::session_store>;

VEILSUM_TEST_SESSION_INSTANCE result<sign::signature>
acknowledge(const ceremony<test::session_scheme>&, const threshold::key_share<test::session_scheme>&,
            const sign::signing_key&);
VEILSUM_TEST_SESSION_INSTANCE result<session_facts<test::session_scheme>> open_session(const audit::record&,
                                                                                       const body_reader&);
VEILSUM_TEST_SESSION_INSTANCE result<round_facts> check_round<test::session_scheme>(const round_header&,
                                                                                    const hash::digest32&,
                                                                                    const round_terms&,
                                                                                    result<roster>);
VEILSUM_TEST_SESSION_INSTANCE result<threshold::verified_partial<test::session_scheme>>
check_partial(const ceremony<test::session_scheme>&, const round_facts&,
              const paillier::ciphertext_vector<test::session_scheme>&, const hash::digest32&,
              const partial_header&, const body_reader&);

// What asks for randomness is a template of its own.
VEILSUM_TEST_SESSION_INSTANCE result<verified_contribution<test::session_scheme>>
contribution_checker<test::session_scheme>::check(const round_facts&, const contribution_record&,
                                                  const body_reader&, test::seeded_random&) const;
VEILSUM_TEST_SESSION_INSTANCE result<session_state<test::session_scheme>::event>
session_state<test::session_scheme>::check(const audit::record&, const body_reader&, test::seeded_random&,
                                           const step_watcher&) const;
VEILSUM_TEST_SESSION_INSTANCE result<pending_contribution>
client<test::session_scheme, memory_outbox>::contribute(const round_facts&, std::span<const float>,
                                                        test::seeded_random&);
VEILSUM_TEST_SESSION_INSTANCE result<void>
trustee<test::session_scheme>::follow(const audit::record&, const body_reader&, test::seeded_random&);
VEILSUM_TEST_SESSION_INSTANCE result<partial_message>
trustee<test::session_scheme>::answer(test::seeded_random&);
VEILSUM_TEST_SESSION_INSTANCE result<idle_session<test::session_scheme, test::session_store>>
idle_session<test::session_scheme, test::session_store>::open(test::session_store&&,
                                                              const ceremony<test::session_scheme>&,
                                                              exponent_policy, std::string,
                                                              sign::signing_key&&, test::seeded_random&);
VEILSUM_TEST_SESSION_INSTANCE result<collecting_round<test::session_scheme, test::session_store>>
idle_session<test::session_scheme, test::session_store>::open_round(
    round_header, const model&, std::uint64_t, test::seeded_random&,
    const std::optional<privacy::accountant>&) &&;
VEILSUM_TEST_SESSION_INSTANCE result<audit::receipt>
idle_session<test::session_scheme, test::session_store>::enrol(byte_view, test::seeded_random&);
VEILSUM_TEST_SESSION_INSTANCE result<audit::receipt>
collecting_round<test::session_scheme, test::session_store>::receive(byte_view, std::uint64_t,
                                                                     test::seeded_random&);
VEILSUM_TEST_SESSION_INSTANCE result<collecting_round<test::session_scheme, test::session_store>::closed>
collecting_round<test::session_scheme, test::session_store>::close(std::uint64_t, test::seeded_random&) &&;
VEILSUM_TEST_SESSION_INSTANCE result<opening_round<test::session_scheme, test::session_store>::finished>
opening_round<test::session_scheme, test::session_store>::finish(test::seeded_random&) &&;
VEILSUM_TEST_SESSION_INSTANCE result<void>
opening_round<test::session_scheme, test::session_store>::receive(byte_view, test::seeded_random&);
VEILSUM_TEST_SESSION_INSTANCE audit_verdict audit_session<test::session_scheme>(
    const test::session_store&, const audit_expectations&, const artifact_reader&, test::seeded_random&,
    const step_watcher&, const progress&);
VEILSUM_TEST_SESSION_INSTANCE audit_verdict audit_session<test::session_scheme, light_session>(
    const test::session_store&, const audit_expectations&, const artifact_reader&, test::seeded_random&,
    const step_watcher&, const progress&);

} // namespace aggregation
} // namespace veilsum
