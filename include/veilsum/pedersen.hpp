// All of the room pedersen: commitments to the rows of an update.
#pragma once

#include <veilsum/pedersen/audit_weights.hpp>
#include <veilsum/pedersen/generators.hpp>
#include <veilsum/pedersen/plane_commitment.hpp>
#include <veilsum/pedersen/row_commitment.hpp>
#include <veilsum/pedersen/row_digest.hpp>
