// The auxiliary modulus: that it is the number it says, and that its bases follow from labels.
#include "support/catch.hpp"

#include <veilsum/zk/auxiliary_modulus.hpp>

#include <cstddef>
#include <set>

using namespace veilsum;
using integer::bigint;

namespace {
const zk::auxiliary_modulus& aux() {
    return zk::auxiliary_modulus::instance();
}
} // namespace

TEST_CASE("auxiliary modulus: RSA-2048 has 617 digits with sum 2738 and 2048 bits", "[zk]") {
    CHECK(zk::rsa_2048_decimal.size() == 617);
    int sum = 0;
    for (const char digit : zk::rsa_2048_decimal) sum += digit - '0';
    CHECK(sum == 2738);
    const bigint& n = aux().modulus();
    CHECK(n.to_decimal() == zk::rsa_2048_decimal);
    CHECK(n.bit_length() == 2048);
    CHECK(n.is_odd());
    CHECK_FALSE(is_perfect_power(n));
    CHECK_FALSE(is_probable_prime(n, 25));
    for (unsigned divisor = 3; divisor < 65536; divisor += 2)
        if (mpz_divisible_ui_p(n.get(), divisor) != 0) FAIL("divisible by " << divisor);
}

TEST_CASE("auxiliary modulus: bases are squares of hashed numbers", "[zk]") {
    const bigint& n = aux().modulus();
    transcript::transcript script("veilsum.auxiliary-modulus/1");
    script.absorb("auxiliary.modulus", n.to_bytes(256));
    for (const auto& [label, base] :
         {std::pair{"auxiliary.s", aux().s()}, std::pair{"auxiliary.t", aux().t()}}) {
        const byte_array<64> seed = script.challenge(label);
        bytes stream;
        for (std::uint32_t j = 0; j < 5; ++j) { // 256 + 16 bytes
            const auto block = transcript::expand(seed, j);
            stream.insert(stream.end(), block.begin(), block.end());
        }
        stream.resize(272);
        const bigint root = bigint::from_bytes(stream) % n;
        CHECK(base == root * root % n);
        CHECK(gcd(base, n) == 1);
        CHECK(mpz_jacobi(base.get(), n.get()) == 1);
    }
    CHECK(aux().t() * aux().t_inverse() % n == 1);
    CHECK(std::set<bigint>{1, n - 1, aux().s(), aux().t(), aux().t_inverse()}.size() == 5);
}

TEST_CASE("auxiliary modulus: arithmetic", "[zk]") {
    const bigint& n = aux().modulus();
    const secret<bigint> exponent((bigint(1) << 299) + 12345);
    CHECK(aux().power_secret(aux().s(), exponent, 300) == power_vartime(aux().s(), exponent.expose(), n));
    CHECK(aux().multiply(n - 1, n - 1) == 1);
    CHECK(aux().contains(1));
    CHECK(aux().contains(n - 1));
    CHECK_FALSE(aux().contains(0));
    CHECK_FALSE(aux().contains(n));
    CHECK_FALSE(aux().contains(-1));
}
