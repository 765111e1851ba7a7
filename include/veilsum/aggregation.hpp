// All of the room aggregation: the protocol: ceremony, sessions, rounds, and the roles client, aggregator,
// trustee and auditor. It brings in what can sign or decrypt: programs that must not be able to include
// single headers.
#pragma once

#include <veilsum/aggregation/acknowledgement.hpp>
#include <veilsum/aggregation/aggregator.hpp>
#include <veilsum/aggregation/audit_step.hpp>
#include <veilsum/aggregation/auditor.hpp>
#include <veilsum/aggregation/body_reader.hpp>
#include <veilsum/aggregation/ceremony.hpp>
#include <veilsum/aggregation/client.hpp>
#include <veilsum/aggregation/client_pool.hpp>
#include <veilsum/aggregation/contribution.hpp>
#include <veilsum/aggregation/deal_ceremony.hpp>
#include <veilsum/aggregation/enrolment.hpp>
#include <veilsum/aggregation/exclusion_receipt.hpp>
#include <veilsum/aggregation/identity.hpp>
#include <veilsum/aggregation/issue_exclusion.hpp>
#include <veilsum/aggregation/key_rotated.hpp>
#include <veilsum/aggregation/light_session.hpp>
#include <veilsum/aggregation/model.hpp>
#include <veilsum/aggregation/opening.hpp>
#include <veilsum/aggregation/opening_policy.hpp>
#include <veilsum/aggregation/outbox.hpp>
#include <veilsum/aggregation/partial_message.hpp>
#include <veilsum/aggregation/plan_round.hpp>
#include <veilsum/aggregation/proof_suite.hpp>
#include <veilsum/aggregation/record_blame.hpp>
#include <veilsum/aggregation/record_subject.hpp>
#include <veilsum/aggregation/record_types.hpp>
#include <veilsum/aggregation/refusal.hpp>
#include <veilsum/aggregation/resume.hpp>
#include <veilsum/aggregation/roster.hpp>
#include <veilsum/aggregation/round.hpp>
#include <veilsum/aggregation/round_abandoned.hpp>
#include <veilsum/aggregation/round_closed.hpp>
#include <veilsum/aggregation/round_result.hpp>
#include <veilsum/aggregation/session.hpp>
#include <veilsum/aggregation/session_facts.hpp>
#include <veilsum/aggregation/session_register.hpp>
#include <veilsum/aggregation/session_state.hpp>
#include <veilsum/aggregation/trustee.hpp>
