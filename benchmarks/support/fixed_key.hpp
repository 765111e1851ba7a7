// Fixed keys of 2048, 3072 and 4096 bits for the benchmarks of threshold decryption and of whole rounds:
// finding safe primes takes minutes, and is measured by itself (integer/bench_primes.cpp).
//
// THE PRIMES ARE PUBLIC. They are printed below, most in the tests too (tests/support/fixed_primes.hpp):
// whatever is encrypted under them can be read by everybody.
#pragma once

#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/primes.hpp>
#include <veilsum/paillier/scheme.hpp>

#include <cstddef>
#include <string_view>

namespace veilsum::bench {

using fixed_scheme = paillier::scheme<3072>;

template <std::size_t ModulusBits = 3072>
integer::prime_pair fixed_safe_primes() {
    static_assert(ModulusBits == 2048 || ModulusBits == 3072 || ModulusBits == 4096);
    std::string_view p, q;
    if constexpr (ModulusBits == 2048) {
        p = "de00c01378fdfcbc57ed8cf5d64df27233347a6b4b04ed366b42761b7050ec4fb7089e94f7aea75b87dad3807283805a"
            "d0eeabb490c2691359bd0cc38981a818718b537cc6c3924e233be9e084d5825266e27c18c00710536cb82d7d55e18fe3"
            "9dc6eff3d5d94a3c6f57553d98b520d985a2673515ed45f822c6eac37c4b78df";
        q = "efa8876d495f1a3a17c543f0df2861f3cb41b88e9f401b39d590808c42a133bba01a951f5cdbbcc0c8c346c7eed087a5"
            "210970d44f7ed88204721959303b5ea83172c56eade736eacc29459a9df4a77d343c9d167325543363e699321d7949c3"
            "66fe0b73ff9265505ffe25ff4b5ae23755ea2b9cf313704903ba048ed09cbf57";
    } else if constexpr (ModulusBits == 3072) {
        p = "e4035f8640dc0eb7f0c4e31caa75be0f50ec4314b94a96fd59e8bbc095d2266a7c6b97ff47cdae9a5a763b5076001cfc"
            "0ed451d505a9eb07689a76c3a4d051724c09d1e2e65f8472a5110dab83dce64a27c3537f98c34579fe1a1f7cb47aad56"
            "ce60ff98f84abf4c893acbf18b880b415ec217313a8393aaa3a0b8478a71f4a7a7621509251e80a2cffe93de2b007116"
            "97a44dc2a9b743b138ca2a0402daabcc13881cca6515f61126efd9bd0b6159c63b9d5b42983df848948f4eb764e0347"
            "3";
        q = "eb4ce1f6dd4b5448f2997fc046c8bc7b39414af6f47565df37d9b6d8554bd2a91daf32a52d387e970717943e0b72c72b"
            "8d55a921f835392db3301ab006f651b4fc94b174451dac5cedf849c427667eefc0a361c7946b0ad5f3f8200860f35e61"
            "4a0a2b6fedb1ecd01a391f2f3718b0079d401b2e076f343a9a69dcb8c2462323586ea73ee89997f8a64f4e39c9ffdeb2"
            "dc5c30538422ba542ba01e52054ecbdc5b893d6a945293fa9c0383055c84d4d6e690d1202b096a564c67031dd49d487"
            "b";
    } else {
        p = "e10aa9357548511f8ccb05d6bf2c87e349ef36906be72e534017bf85184aee1e1f616e43845a65b69ad13ea91e227d46"
            "45ab3d8c2ae204157d0080e6043d603ff3dd5d652a13176ca8c98241db0eb34a2779d94b65d26254f077e3d96373d679"
            "76c8bac47b50377d142e7650e8c540092dc72ea223f2fb802466401c45208ae6a2548fb32faf906602996521d336bb50"
            "5058370474db433535a13612e0ba6ed184852db668d94db6f7cf505473667117aa9e57c6d4e0eaaf81481c5721b35961"
            "a52750cacdae0a958e30dc170a451ff6d94c2f3eccd5a9f5852077a002cead864f5de58aa44121a8d71e92d791a04073"
            "6e67f0a0678396cc2d9e69ea76fc34b7";
        q = "ebde6229c5d6bf774f6fb57f55a3e81ee15524bb89d1c20a9b4621d502b057cbd47eeb3199489f1719ed66d3389f4801"
            "c8c7b5295e59521e90db47919da054b60e87fcfe9e367c98a45c454f231c3849ef1e70b7aac8c77c0b7e435afc01ce81"
            "48bcf9c7aca4f08627a8147a885a5938cd8af81499afa2b56b234e3d0e1db736dff06024d09f9306b4811c4aed299022"
            "e617e1dc880bb22d1b83f4101cec1fedb9cf23d886f36ab12eea4314d2c8bc7b634586409575445e036d6e91d8d708ea"
            "10d69dea9f70a4c55ee2a303ea5356410570f01028a2c7f67b951fbde5ce06a4022200ed2c8cea92528ba4359d655512"
            "c4c94e795a0979f3759d257db2cbdc83";
    }
    return {secret(*integer::bigint::from_hex(p)), secret(*integer::bigint::from_hex(q))};
}

} // namespace veilsum::bench
