// Fixed keys for the benchmarks of threshold decryption and of whole rounds: finding safe primes takes
// minutes, and is measured by itself (integer/bench_primes.cpp).
//
// THE PRIMES ARE PUBLIC. They are printed in the tests: whatever is encrypted under them can be read by
// everybody.
#pragma once

#include "support/fixed_primes.hpp" // of the tests

#include <veilsum/integer/primes.hpp>
#include <veilsum/paillier/scheme.hpp>

#include <cstddef>

namespace veilsum::bench {

using fixed_scheme = paillier::scheme<3072>;

// 2048, 3072 or 4096 bits.
template <std::size_t ModulusBits = fixed_scheme::modulus_bits>
integer::prime_pair fixed_safe_primes() {
    return test::fixed_prime_pair<ModulusBits>();
}

} // namespace veilsum::bench
