// All of the room integer: big integers over GMP, primes, sampling, Chinese remainders, sharing.
// Not here: integer/ntl_integer.hpp, which needs the target veilsum::ntl.
#pragma once

#include <veilsum/integer/big_integer.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/crt.hpp>
#include <veilsum/integer/forked_source.hpp>
#include <veilsum/integer/gmp_integer.hpp>
#include <veilsum/integer/prime_sieve.hpp>
#include <veilsum/integer/primes.hpp>
#include <veilsum/integer/sample.hpp>
#include <veilsum/integer/shamir.hpp>
#include <veilsum/integer/wiping_memory.hpp>
