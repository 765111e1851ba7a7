// A fixed key of 3072 bits for the benchmarks of threshold decryption and of whole rounds: finding safe
// primes takes minutes, and is measured by itself (integer/bench_primes.cpp).
//
// THE PRIMES ARE PUBLIC. They are printed below and in the tests (tests/support/toy.hpp): whatever is
// encrypted under them can be read by everybody.
#pragma once

#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/primes.hpp>
#include <veilsum/paillier/scheme.hpp>

namespace veilsum::bench {

using fixed_scheme = paillier::scheme<3072>;

inline integer::prime_pair fixed_safe_primes() {
    return {
        secret(*integer::bigint::from_hex(
            "e4035f8640dc0eb7f0c4e31caa75be0f50ec4314b94a96fd59e8bbc095d2266a7c6b97ff47cdae9a5a763b5076001cfc"
            "0ed451d505a9eb07689a76c3a4d051724c09d1e2e65f8472a5110dab83dce64a27c3537f98c34579fe1a1f7cb47aad56"
            "ce60ff98f84abf4c893acbf18b880b415ec217313a8393aaa3a0b8478a71f4a7a7621509251e80a2cffe93de2b007116"
            "97a44dc2a9b743b138ca2a0402daabcc13881cca6515f61126efd9bd0b6159c63b9d5b42983df848948f4eb764e0347"
            "3")),
        secret(*integer::bigint::from_hex(
            "eb4ce1f6dd4b5448f2997fc046c8bc7b39414af6f47565df37d9b6d8554bd2a91daf32a52d387e970717943e0b72c72b"
            "8d55a921f835392db3301ab006f651b4fc94b174451dac5cedf849c427667eefc0a361c7946b0ad5f3f8200860f35e61"
            "4a0a2b6fedb1ecd01a391f2f3718b0079d401b2e076f343a9a69dcb8c2462323586ea73ee89997f8a64f4e39c9ffdeb2"
            "dc5c30538422ba542ba01e52054ecbdc5b893d6a945293fa9c0383055c84d4d6e690d1202b096a564c67031dd49d487"
            "b"))};
}

} // namespace veilsum::bench
