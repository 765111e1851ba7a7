// Known answers.
//
// published_*: from elsewhere.
//   - python-paillier (data61/python-paillier, phe/tests/paillier_test.py, testRawEncryptDecryptRegression0):
//     n = 293 * 433, M = 10100, r = 74384, c = 935906717.
//   - Apache Milagro MPC (apache/incubator-milagro-MPC, testVectors/mpc/MTA.json, test 1): 2048 bits,
//     CA = (1+n)^A R1^n mod n^2.
//
// computed_*: our own format and our own choice of h_s, so nobody else has answers. Computed with Python's
// integers by an implementation that shares nothing with the library (powers by pow(), the logarithm digit by
// digit as in the paper) for the fixed keys of support/toy.hpp, pair 0. Ciphertexts by their SHA-256 over the
// canonical big-endian bytes. alpha_i = the leading a bits of SHA-512("veilsum exponent " || i), a = 256 for
// the toy sizes, else 448. Plaintext 0 is 12345678901234567890, plaintext 1 is -(n^s - 1)/2.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace veilsum::test {

struct published_case {
    std::string_view p, q, message, r, ciphertext; // hexadecimal
};

inline constexpr published_case published_python_paillier{"125", "1b1", "2774", "12290", "37c8cd9d"};

inline constexpr published_case published_milagro{
    "b6f8699116d6cc86db209bfeb615bbda3cb270b247d70bb68030ec274eb1e2649e45801f11de18fdf1fb922288cb0819"
    "196f41cccc5c5b07b92a77136d1f1bf1527636957b7c8d311fb86f5ac0156052f98e9808effa51b3ca285a6dfda05d28"
    "ef772c4e341a1eabcace7dd9226e0c5f4de2b538556edd7a2993431785ead3a1",
    "e9cee8e06f1869225c470e05d7d762240b6fde34513ac96acdea2bbb6d09948082aed8e84405e763e50501f559f1462e"
    "02e0b73d0be81393e2513b53a94baa6d5cc1fe4c82c783e105312db81a771d644bb2d81d40be510b9e50ff3d777d66db"
    "2b07a7c46f7d4203cd67728bae3128b5de01dab95b09d1c96449c67e1a9aebc9",
    "29cb060fe78bef5763cba5c624e56f4e04d89c353b8142a9c98bea9792abd0cd",
    "6a89dce19e0c8ea1855a82a74273a56ab74e76527cf97403f20aeddb3f7673e5c6ee8fe50a53d9434d1ded1d4c788cea"
    "aacb3b1fbef454b7db8f8192ac621d52a2ba3e742f6cb80887ec923df166599964856230d6209ed9824dcb56800a6389"
    "74cbcca83b0c14d7f252896dbbc2f69b366455081e314bef69ec1eb5b753e2900fca1fa641faf7b963c43f43a6986336"
    "93f3a6c413494a7a1c0378d8ecbecce5b0e87eb5e67935c511baa029d1660a4382628e981275e7dd9ddd2872d2a792b4"
    "676302305b0b498481b921348939e24f7cb30e5c82c60d514be775c12fe5533992d2b23a27ce3944f4d57086a1cbaa7e"
    "ff6661bdc90c4d84a5855fc5b7129f97c7aaf6510b06725bd399fc7a90439c370a1d0fc3380c4e61d97e623f4c8cce2a"
    "b22610d2509916cf07c9cc56fac5041b671cef835c1470e339ecd3edc0a98a85684d0612536ed6f612e5717801ecde3c"
    "b3633f97810f66d6397197b51336e47b8234471de421d09233c27613006faf31cdcf7712bf77a19f75f5b2c2e2ee7144"
    "170c39222b794ed65d8366554f29e621647036d97d044053400074e5b1e7a41cb9c1221b3070bc256f72efbc13c4a3bf"
    "f49655e1f58b87821648213174c383adb52eaf29b46adbd3e27dd639c3036155cff34d2c011a8590a562e56912412dcd"
    "48b5a693e30689c047dc7a0671a8390a8493ebeb185155d034e6d2190acda92f",
    "7a448f994e2aaf2815640af740333eaafba35f305cf8e8614882abd44acc5c4b1fefdaf4f0dadc46962b377ad47a8075"
    "f5da3c3b452877a8519f2b9f8a29ad136dad81e649b435c16c466b933994d7318d11e28d1d8d0daddd78242b51a1308d"
    "b6b29eb385148cf07e3b3300aa845ac29b5039980821ea760f2dda839a88d4995c1579612e289fbe3c3722bba0cf8c00"
    "760c48458c8e805aee1c708632af0624621d4c5f1d0a73c64ec07206496fc82e8cc06ab840a21b3ed18c5ba80fd2588c"
    "977105dc279e5e05dee5053878de48689b0eb2eca3a41440c9b60905af13a797260aecf06a86dc1f8e3b142441e3085b"
    "a70eaba6aa8d3813cee478a37442433099b32ef1f517f49983a8082b76bdddbc579dba234ec3e6aaebc67ab7e74b0130"
    "0e10bd275cc1f4e8d53e7866b971f9b3ef08057f54eb730460622cb3543aba4de44ef0ffd8c5989bb860e4cc65e70cde"
    "9e5b8fb1f99e3d785a6ce32a7e8e0151174e7585d54adac605f183a3c3b22c4ed53f67eff6ee13378e1a2c491c2084af"
    "c6fb19ca7e86126da566fb912b6aa3c0a131bf83e08a878c879e4c6015cbe6ed6762bebb964a97e2720da89d1d07152b"
    "344643e830450e39a3d67104eb08073d054b00cfc353df0f93f2aa20f7779a26df7e761baff772f2ac26def7fc121219"
    "75ee6889f584315c92f4bb5d423a98621da5f52fb6e54cf6f61f84cd59b5ae5"};

struct computed_case {
    std::size_t modulus_bits, degree;
    std::string_view key_id;                     // SHA-256 of the public key's frame
    std::array<std::string_view, 2> ciphertexts; // SHA-256
};

inline constexpr std::array<computed_case, 4> computed_cases{{
    {512,
     1,
     "4d28594f47540678d33b44f4f6942f04b7c6a38cddefde2890026509b84e740d",
     {"3ebe82aa19bfd629d7bfff892276ecb68da4e01dd63f85ba08657d4291c13d55",
      "d79cb251b4fa19a7250062bc82eee6f334ed650c90417d5d02240db50e55ddbd"}},
    {512,
     2,
     "f91e5d202c121b952aaa606f238941998d96e3f058176e4bb327b2740c82ce47",
     {"009515e9458b91ed5e35e3c2cfe130ab4cc8fb5de699f56893c7658a3abcd57c",
      "8ffd62a51dc8709f3fee0ca217b15f72644ebd46508b8ecf70e73ed7c6f93b8e"}},
    {512,
     3,
     "55adfd8f0d2b690c719650c28c2d366103e72ae8368b7976a09558a89918c355",
     {"522a9e7fd8343cf4a584851b3fa9568e0e129a04c1f30601ab00c470d5de8800",
      "692219c453ba9869f52b3257b957cad24ffdeb254743556ce6f5aaa2bb85f421"}},
    {2048,
     1,
     "dc7da87222f3cb59ea2f3c86d966a233a6dd72fb3dd58737ecee815ad97eb04d",
     {"0570746a313ca39b421a98e3a6ab0bac2a14b6174065deb03b54031dab422da9",
      "95eb0ecaee377a7339e47170553f62aa3cbc3989eb07d281f487b45a71468828"}},
}};

} // namespace veilsum::test
