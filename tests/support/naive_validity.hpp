// A slow and obvious prover and verifier of validity proofs, straight from the specification: the reference
// for the fast ones, and the hands of the cheats in validity_cheats.hpp.
#pragma once

#include "support/naive_field.hpp"
#include "support/naive_prover.hpp"
#include "support/naive_relation.hpp"
#include "support/naive_submission.hpp"
#include "support/naive_transcript.hpp"
#include "support/naive_validity_sumcheck.hpp"
#include "support/naive_verifier.hpp"
#include "support/naive_witness.hpp"
