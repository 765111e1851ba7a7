// Shamir's secret sharing over the integers modulo M, where M need be neither prime nor known.
//
//     f(X) = secret + a_1 X + ... + a_{t-1} X^(t-1),   a_j uniform in [0, M),   share_i = f(i) mod M
//
//     Delta f(x) = sum_{i in Q} lambda_i f(i),   lambda_i = Delta prod_{j in Q, j != i} (x - j)/(i - j)
//
// for every set Q of t indices. Nobody who combines knows M (in a threshold scheme it holds the group's
// secret order), so the denominators cannot be inverted; with Delta = l! they divide out and the lambda_i are
// signed integers: prod_{j != i, j <= l} |i - j| = (i-1)! (l-i)! divides (l-1)!, whatever the point x.
//
// Fewer than t shares are independent of the secret modulo M, provided that no difference of two indices has
// a common factor with M; so every prime factor of M must be above l.
//
// Reference: Shamir, "How to share a secret", CACM 22 (1979); Shoup, "Practical threshold signatures",
// Eurocrypt 2000, section 2.1 (the factor Delta).
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/party.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/sample.hpp>
#include <veilsum/random/random_source.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace veilsum::integer {

// l!, for l <= 65535.
inline bigint factorial(std::uint32_t l) {
    expects(l <= 65535);
    bigint out;
    mpz_fac_ui(out.get(), l);
    return out;
}

// Shares f(1), ..., f(parties), in this order, each in [0, modulus).
// Needs 1 <= quorum <= parties <= 65535 and 0 <= value < modulus. The modulus may be a secret too: it is only
// read. The polynomial is wiped. Variable time: for a dealer, on its own machine, once.
// Cost: quorum * parties products and reductions of the modulus's length.
template <random::random_source Source>
std::vector<secret<bigint>> share(const secret<bigint>& value, const bigint& modulus, std::uint32_t quorum,
                                  std::uint32_t parties, Source& rng) {
    expects(1 <= quorum && quorum <= parties && parties <= 65535);
    expects(!value.expose().is_negative() && value.expose() < modulus);
    secret coefficients{std::vector<bigint>(quorum)};
    coefficients.expose()[0] = value.expose();
    for (std::uint32_t j = 1; j < quorum; ++j) coefficients.expose()[j] = random_below(modulus, rng);

    std::vector<secret<bigint>> shares;
    shares.reserve(parties);
    for (std::uint32_t i = 1; i <= parties; ++i) {
        bigint at_i;
        for (std::uint32_t j = quorum; j-- > 0;) at_i = (at_i * i + coefficients.expose()[j]) % modulus;
        shares.emplace_back(std::move(at_i));
    }
    return shares;
}

// The lambda_i at the point `at`, in the order of the set: delta f(at) = sum lambda_i f(i) for every f of
// degree below the size of the set. `delta` must be a multiple of each prod_{j != i} (i - j); l! is, for
// indices up to l. |lambda_i| <= delta prod_{j != i} |at - j|. Public values; cost: t^2 short products.
inline std::vector<bigint> lagrange(const party_set& parties, const bigint& delta, std::int64_t at = 0) {
    std::vector<bigint> lambda;
    lambda.reserve(parties.size());
    for (const party_id i : parties) {
        bigint numerator = 1, denominator = 1;
        for (const party_id j : parties) {
            if (i == j) continue;
            numerator *= bigint(at) - bigint(j.index());
            denominator *= bigint(i.index()) - bigint(j.index());
        }
        if (denominator.is_negative()) {
            numerator = -numerator;
            denominator = -denominator;
        }
        expects((delta % denominator).is_zero());
        lambda.push_back(delta / denominator * numerator);
    }
    return lambda;
}

} // namespace veilsum::integer
