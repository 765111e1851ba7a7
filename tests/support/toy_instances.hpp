// The engines and Paillier classes of the test sizes are compiled once, in toy_instances.cpp, and not again
// in each test: unoptimised and with sanitisers that is a third of what a test takes to compile. Included by
// toy.hpp.
#pragma once

#include <veilsum/modular/default_engine.hpp>
#include <veilsum/modular/paired_power.hpp>
#include <veilsum/paillier/encryptor.hpp>
#include <veilsum/paillier/private_key.hpp>

// VEILSUM_TEST_INSTANCE is `extern template` here and `template` in toy_instances.cpp.
#ifndef VEILSUM_TEST_INSTANCE
#define VEILSUM_TEST_INSTANCE extern template
#endif

#if VEILSUM_IFMA_ENGINE
#define VEILSUM_TEST_ENGINE(bits)                                                                            \
    VEILSUM_TEST_INSTANCE class veilsum::modular::gmp_engine<bits>;                                          \
    VEILSUM_TEST_INSTANCE class veilsum::modular::ifma_engine<bits>;                                         \
    VEILSUM_TEST_INSTANCE class veilsum::modular::default_engine<bits>;
#else
#define VEILSUM_TEST_ENGINE(bits) VEILSUM_TEST_INSTANCE class veilsum::modular::gmp_engine<bits>;
#endif

VEILSUM_TEST_ENGINE(256)
VEILSUM_TEST_ENGINE(512)
VEILSUM_TEST_ENGINE(768)
VEILSUM_TEST_ENGINE(1024)
VEILSUM_TEST_ENGINE(1536)
VEILSUM_TEST_ENGINE(2048)
VEILSUM_TEST_ENGINE(3072)
VEILSUM_TEST_ENGINE(4096)
VEILSUM_TEST_ENGINE(6144)

#define VEILSUM_TEST_SCHEME(bits, degree)                                                                    \
    VEILSUM_TEST_INSTANCE class veilsum::paillier::public_key<veilsum::paillier::scheme<bits, degree>>;      \
    VEILSUM_TEST_INSTANCE class veilsum::paillier::ciphertext_vector<                                        \
        veilsum::paillier::scheme<bits, degree>>;                                                            \
    VEILSUM_TEST_INSTANCE class veilsum::paillier::prime_half<veilsum::paillier::scheme<bits, degree>>;      \
    VEILSUM_TEST_INSTANCE class veilsum::paillier::private_key<veilsum::paillier::scheme<bits, degree>>;     \
    VEILSUM_TEST_INSTANCE class veilsum::paillier::encryptor<veilsum::paillier::scheme<bits, degree>>;

VEILSUM_TEST_SCHEME(256, 1)
VEILSUM_TEST_SCHEME(512, 1)
VEILSUM_TEST_SCHEME(512, 2)
VEILSUM_TEST_SCHEME(512, 3)
VEILSUM_TEST_SCHEME(2048, 1)

#undef VEILSUM_TEST_SCHEME
#undef VEILSUM_TEST_ENGINE
