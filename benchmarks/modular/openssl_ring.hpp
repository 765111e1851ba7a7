// OpenSSL's modular arithmetic as a rival: products in Montgomery's form, its constant-time power. Only the
// benchmarks link OpenSSL, and only where it was found (VEILSUM_BENCH_OPENSSL).
#pragma once

#ifdef VEILSUM_BENCH_OPENSSL

#include <veilsum/core/contract.hpp>
#include <veilsum/integer/bigint.hpp>

#include <openssl/bn.h>

#include <cstddef>
#include <memory>

namespace veilsum::bench {

struct openssl_free {
    void operator()(BIGNUM* value) const { BN_clear_free(value); }
    void operator()(BN_CTX* context) const { BN_CTX_free(context); }
    void operator()(BN_MONT_CTX* context) const { BN_MONT_CTX_free(context); }
};
using openssl_number = std::unique_ptr<BIGNUM, openssl_free>;

inline openssl_number to_openssl(const integer::bigint& value) {
    const bytes plain = value.to_bytes((value.bit_length() + 7) / 8);
    return openssl_number(BN_bin2bn(plain.data(), static_cast<int>(plain.size()), nullptr));
}
inline integer::bigint from_openssl(const BIGNUM* value) {
    bytes plain(static_cast<std::size_t>(BN_num_bytes(value)));
    BN_bn2bin(value, plain.data());
    return integer::bigint::from_bytes(plain);
}

class openssl_ring {
  public:
    explicit openssl_ring(const integer::bigint& modulus)
        : n_(to_openssl(modulus)), context_(BN_CTX_new()), montgomery_(BN_MONT_CTX_new()) {
        expects(BN_MONT_CTX_set(montgomery_.get(), n_.get(), context_.get()) == 1);
    }
    openssl_number fresh() const { return openssl_number(BN_new()); }
    openssl_number enter(const integer::bigint& value) const {
        openssl_number out = to_openssl(value);
        expects(BN_to_montgomery(out.get(), out.get(), montgomery_.get(), context_.get()) == 1);
        return out;
    }
    integer::bigint leave(const openssl_number& value) const {
        const openssl_number out = fresh();
        expects(BN_from_montgomery(out.get(), value.get(), montgomery_.get(), context_.get()) == 1);
        return from_openssl(out.get());
    }
    // Of numbers in Montgomery's form; equal factors are squared.
    void multiply(const openssl_number& out, const openssl_number& a, const openssl_number& b) const {
        BN_mod_mul_montgomery(out.get(), a.get(), b.get(), montgomery_.get(), context_.get());
    }
    // Of plain numbers.
    void power_secret(const openssl_number& out, const openssl_number& base, const openssl_number& e) const {
        BN_mod_exp_mont_consttime(out.get(), base.get(), e.get(), n_.get(), context_.get(),
                                  montgomery_.get());
    }
    void power_public(const openssl_number& out, const openssl_number& base, const openssl_number& e) const {
        BN_mod_exp_mont(out.get(), base.get(), e.get(), n_.get(), context_.get(), montgomery_.get());
    }
    void multiply_plain(const openssl_number& out, const openssl_number& a, const openssl_number& b) const {
        BN_mod_mul(out.get(), a.get(), b.get(), n_.get(), context_.get());
    }

  private:
    openssl_number n_;
    std::unique_ptr<BN_CTX, openssl_free> context_;
    std::unique_ptr<BN_MONT_CTX, openssl_free> montgomery_;
};

} // namespace veilsum::bench

#endif
