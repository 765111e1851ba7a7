// What a round of the sumcheck is about: a polynomial of degree 3 in one variable.
//
//     g(X) = c0 + c1 X + c2 X^2 + c3 X^3,        c0 follows from g(0) + g(1) = claim
//
// Its parts are quadratics, which the prover knows by their values at 0 and 1 and their leading coefficient;
// the zero-check's is multiplied by eq(tau, X) = (1 - tau) + (2 tau - 1) X.
//
// Coefficients are as secret as the values that the prover commits to.
//
// spec: validity proofs 8.5
#pragma once

#include <veilsum/core/secret.hpp>
#include <veilsum/group/scalar.hpp>

namespace veilsum::zk {

// Coefficients `c1`, `c2`, `c3` of X, X^2, X^3. The constant term follows from the claim and is not sent.
struct round_polynomial {
    group::scalar c1, c2, c3;

    void wipe() noexcept {
        c1.wipe();
        c2.wipe();
        c3.wipe();
    }
};

// `c0` + `c1` X + `c2` X^2
struct quadratic {
    group::scalar c0, c1, c2;

    // Of its values at 0 and at 1 and the coefficient of X^2.
    static quadratic from_values(const group::scalar& at_zero, const group::scalar& at_one,
                                 const group::scalar& leading) {
        return {at_zero, at_one - at_zero - leading, leading};
    }
    group::scalar at(const group::scalar& x) const { return c0 + x * (c1 + x * c2); } // its value at x
    quadratic& operator+=(const quadratic& other) {
        c0 += other.c0;
        c1 += other.c1;
        c2 += other.c2;
        return *this;
    }
    quadratic& operator*=(const group::scalar& factor) {
        c0 *= factor;
        c1 *= factor;
        c2 *= factor;
        return *this;
    }
    void wipe() noexcept {
        c0.wipe();
        c1.wipe();
        c2.wipe();
    }
};

// (slope X + constant) q(X)
inline round_polynomial product_with_line(const quadratic& q, const group::scalar& constant,
                                          const group::scalar& slope) {
    return {constant * q.c1 + slope * q.c0, constant * q.c2 + slope * q.c1, slope * q.c2};
}

} // namespace veilsum::zk
