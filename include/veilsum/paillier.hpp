// All of the room paillier: Paillier and Damgard-Jurik encryption: keys, plaintexts, ciphertexts.
#pragma once

#include <veilsum/paillier/ciphertext_vector.hpp>
#include <veilsum/paillier/encryptor.hpp>
#include <veilsum/paillier/exponent_policy.hpp>
#include <veilsum/paillier/key_generation.hpp>
#include <veilsum/paillier/logarithm.hpp>
#include <veilsum/paillier/modulus_checks.hpp>
#include <veilsum/paillier/operations.hpp>
#include <veilsum/paillier/padded_integer.hpp>
#include <veilsum/paillier/plaintext_space.hpp>
#include <veilsum/paillier/plaintext_vector.hpp>
#include <veilsum/paillier/prime_half.hpp>
#include <veilsum/paillier/principal_units.hpp>
#include <veilsum/paillier/private_key.hpp>
#include <veilsum/paillier/public_key.hpp>
#include <veilsum/paillier/scheme.hpp>
