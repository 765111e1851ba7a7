// Safe primes of the tests' and benchmarks' keys: whatever is encrypted under them is public. They were made
// with OpenSSL's `prime -generate -safe` and checked by themselves. 256 and 512 bits have two pairs, number 0
// and 1, for tests that mix keys; 2048, 3072 and 4096 have one.
//
//     integer::prime_pair pair = test::fixed_prime_pair<2048>();
#pragma once

#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/primes.hpp>

#include <cstddef>
#include <string_view>

namespace veilsum::test {

struct fixed_primes {
    std::string_view p, q; // hexadecimal
};

template <std::size_t ModulusBits>
constexpr std::size_t fixed_prime_pairs = ModulusBits <= 512 ? 2 : 1;

template <std::size_t ModulusBits, std::size_t Number>
constexpr fixed_primes fixed_primes_of() {
    static_assert(Number < fixed_prime_pairs<ModulusBits>, "there is no such fixed key");
    if constexpr (ModulusBits == 256 && Number == 0) {
        return {"e39999886c98ad3caa843c37ac3fbfbb", "d55843dee4474b4d34b73c10dfabca1f"};
    } else if constexpr (ModulusBits == 256 && Number == 1) {
        return {"fae13b9d9ca6bed5b3c280b58f867803", "d3ff5e16614e28b55692fb33d4e4aaf7"};
    } else if constexpr (ModulusBits == 512 && Number == 0) {
        return {"ff75dbd12d838afe206cc240156b631e6810b6ed09b46433fa2801bc0f18002f",
                "c2176b2f2ab899b7784dc8df9247d657000b1907f8bfb7f4bdaa7d36756d1f07"};
    } else if constexpr (ModulusBits == 512 && Number == 1) {
        return {"eb0d69330e3e98e9a9dfd92e0070e94e0b0adda5c4bfe903e8fa5b8bf010f79b",
                "f016b0f31c158dec07809f94d803877b84175e569d260a72ea5bce660d7826eb"};
    } else if constexpr (ModulusBits == 2048) {
        return {
            "de00c01378fdfcbc57ed8cf5d64df27233347a6b4b04ed366b42761b7050ec4fb7089e94f7aea75b87dad3807283805a"
            "d0eeabb490c2691359bd0cc38981a818718b537cc6c3924e233be9e084d5825266e27c18c00710536cb82d7d55e18fe3"
            "9dc6eff3d5d94a3c6f57553d98b520d985a2673515ed45f822c6eac37c4b78df",
            "efa8876d495f1a3a17c543f0df2861f3cb41b88e9f401b39d590808c42a133bba01a951f5cdbbcc0c8c346c7eed087a5"
            "210970d44f7ed88204721959303b5ea83172c56eade736eacc29459a9df4a77d343c9d167325543363e699321d7949c3"
            "66fe0b73ff9265505ffe25ff4b5ae23755ea2b9cf313704903ba048ed09cbf57"};
    } else if constexpr (ModulusBits == 3072) {
        return {
            "e4035f8640dc0eb7f0c4e31caa75be0f50ec4314b94a96fd59e8bbc095d2266a7c6b97ff47cdae9a5a763b5076001cfc"
            "0ed451d505a9eb07689a76c3a4d051724c09d1e2e65f8472a5110dab83dce64a27c3537f98c34579fe1a1f7cb47aad56"
            "ce60ff98f84abf4c893acbf18b880b415ec217313a8393aaa3a0b8478a71f4a7a7621509251e80a2cffe93de2b007116"
            "97a44dc2a9b743b138ca2a0402daabcc13881cca6515f61126efd9bd0b6159c63b9d5b42983df848948f4eb764e0347"
            "3",
            "eb4ce1f6dd4b5448f2997fc046c8bc7b39414af6f47565df37d9b6d8554bd2a91daf32a52d387e970717943e0b72c72b"
            "8d55a921f835392db3301ab006f651b4fc94b174451dac5cedf849c427667eefc0a361c7946b0ad5f3f8200860f35e61"
            "4a0a2b6fedb1ecd01a391f2f3718b0079d401b2e076f343a9a69dcb8c2462323586ea73ee89997f8a64f4e39c9ffdeb2"
            "dc5c30538422ba542ba01e52054ecbdc5b893d6a945293fa9c0383055c84d4d6e690d1202b096a564c67031dd49d487"
            "b"};
    } else if constexpr (ModulusBits == 4096) {
        return {
            "e9d3e21197b100a77d76d9ddfd0ff92ca946ebf70ecae48a6d36ff38b43fd1f340abd2c7e86dc04e0ecdc429ebcf2641"
            "8edf3e01315ce429cb5cd7e47a617101754208fc0c222fbc582e88cca63e79b532975f6edaeb9d2c64421adcc762e3cc"
            "f54a88cae68830dec9da510f09638fc4f89137618a324949b5c28f2924532190f6af39621a223d7a1db949a5c96d9c96"
            "db502136a83446781fcf394947d6fdb917725e2ae69538820f2df6d71e5f7b1a16ba9195852bb86814fafe76d3779a10"
            "4446c4e669751c6550866ff62403c8a1f7bdd2932b59339d11cb186b5329cce62920c23098be894f9cdfa64f47cc8242"
            "2d2f1d3ff464e7235d788da7cf918deb",
            "f7d8c65048711f16118cdbf00ab131e22dcef6fa5e4c929547709963a230c7d46893147f9d6accc49f4cea22fb808227"
            "09f460137b6f927158163a311a0a08aa91d0dec0e1295d26de074a52b9225541d067c6b4ce78a28e56b0de1af4623d17"
            "d1ea40d949c4c03def7e03239f173ad9183c478e277814c1453fbc1d28134fcfb8a43611ddbe76813ded85f8d071119c"
            "7bdc2cabe5fbed3eeaf34c176b5caa8378ae66c8bbe614567adea2347900dca43010ffeaa512cdb218df2a962cca928c"
            "0350e832fa0f60dacce0779b1bfd450720bd6d98e4f1c073f595bcbbc0a7918b4b702b4fa9da472a07cab1ad8b403c89"
            "845a3a3763e837835c5d62dfdc349503"};
    } else {
        static_assert(ModulusBits == 0, "no fixed key of this size");
    }
}

template <std::size_t ModulusBits, std::size_t Number = 0>
integer::prime_pair fixed_prime_pair() {
    constexpr fixed_primes primes = fixed_primes_of<ModulusBits, Number>();
    return {secret(*integer::bigint::from_hex(primes.p)), secret(*integer::bigint::from_hex(primes.q))};
}

} // namespace veilsum::test
