// The Damgard-Jurik cryptosystem as the paper writes it, slow and plain: the reference for
// include/veilsum/paillier.
//
//     encrypt   c = (1+n)^M r^(n^s) mod n^(s+1)               by two calls of mpz_powm
//     decrypt   c^d with d = 0 mod lcm(p-1, q-1), d = 1 mod n^s, then the logarithm digit by digit
//
// Written from Damgard, Jurik, "A generalisation, a simplification and some applications of Paillier's
// probabilistic public-key system", PKC 2001, section 3, on GMP's own C++ class: it shares no code
// with the library. It takes moduli of any size. Nothing here is constant time or secret.
#pragma once

#include <gmpxx.h>

#include <veilsum/integer/bigint.hpp>

#include <cstddef>

namespace veilsum::test {

inline mpz_class naive(const integer::bigint& value) {
    return mpz_class(value.get());
}
inline integer::bigint library(const mpz_class& value) {
    integer::bigint out;
    mpz_set(out.get(), value.get_mpz_t());
    return out;
}

inline mpz_class naive_modulo(const mpz_class& a, const mpz_class& m) {
    mpz_class out;
    mpz_fdiv_r(out.get_mpz_t(), a.get_mpz_t(), m.get_mpz_t());
    return out;
}
inline mpz_class naive_powm(const mpz_class& base, const mpz_class& exponent, const mpz_class& m) {
    mpz_class out;
    mpz_powm(out.get_mpz_t(), base.get_mpz_t(), exponent.get_mpz_t(), m.get_mpz_t());
    return out;
}
inline mpz_class naive_inverse(const mpz_class& a, const mpz_class& m) {
    mpz_class out;
    mpz_invert(out.get_mpz_t(), a.get_mpz_t(), m.get_mpz_t());
    return out;
}
inline mpz_class naive_pow(const mpz_class& base, std::size_t exponent) {
    mpz_class out;
    mpz_pow_ui(out.get_mpz_t(), base.get_mpz_t(), exponent);
    return out;
}

struct naive_paillier {
    mpz_class n;
    std::size_t s = 1;

    mpz_class plaintexts() const { return naive_pow(n, s); }
    mpz_class modulus() const { return naive_pow(n, s + 1); }

    // Textbook encryption of any integer M with the unit r.
    mpz_class encrypt(const mpz_class& message, const mpz_class& r) const {
        const mpz_class big = modulus();
        const mpz_class left = naive_powm(n + 1, naive_modulo(message, plaintexts()), big);
        return naive_modulo(left * naive_powm(r, plaintexts(), big), big);
    }
    // The library's form: h_s = root^(n^s), c = (1+n)^M h_s^alpha.
    mpz_class encrypt_with_base(const mpz_class& message, const mpz_class& root,
                                const mpz_class& alpha) const {
        const mpz_class big = modulus();
        return encrypt(message, naive_powm(root, alpha, big));
    }

    // x in [0, n^s) with u = (1+n)^x mod n^(s+1): section 3, theorem 1. u must be 1 mod n.
    mpz_class logarithm(const mpz_class& u) const {
        mpz_class x = 0;
        for (std::size_t j = 1; j <= s; ++j) {
            const mpz_class nj = naive_pow(n, j);
            mpz_class t1 = (naive_modulo(u, nj * n) - 1) / n;
            mpz_class t2 = x;
            mpz_class i = x;
            mpz_class factorial = 1;
            for (std::size_t k = 2; k <= j; ++k) {
                i -= 1;
                factorial *= static_cast<unsigned long>(k);
                t2 = naive_modulo(t2 * i, nj);
                t1 = naive_modulo(t1 - t2 * naive_pow(n, k - 1) * naive_inverse(factorial, nj), nj);
            }
            x = naive_modulo(t1, nj);
        }
        return x;
    }

    // In [0, n^s).
    mpz_class decrypt(const mpz_class& c, const mpz_class& p, const mpz_class& q) const {
        mpz_class lambda;
        const mpz_class p1 = p - 1;
        const mpz_class q1 = q - 1;
        mpz_lcm(lambda.get_mpz_t(), p1.get_mpz_t(), q1.get_mpz_t());
        const mpz_class d = lambda * naive_inverse(lambda, plaintexts());
        return logarithm(naive_powm(c, d, modulus()));
    }
    mpz_class decrypt_signed(const mpz_class& c, const mpz_class& p, const mpz_class& q) const {
        const mpz_class m = decrypt(c, p, q);
        return 2 * m > plaintexts() ? mpz_class(m - plaintexts()) : m;
    }
};

} // namespace veilsum::test
