// All of the room sign: Ed25519: verifying and signing keys.
// It brings in what can sign: programs that must not be able to include single headers.
#pragma once

#include <veilsum/sign/prime_subgroup.hpp>
#include <veilsum/sign/signing_key.hpp>
#include <veilsum/sign/verifying_key.hpp>
