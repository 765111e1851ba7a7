// Sieving a window of prime candidates.
//
// A window is the progression  start + step k,  0 <= k < width,  with step 4 and start = 3 mod 4 where primes
// p are sought, step 6 and start = 5 mod 6 where p' is sought such that p' and p = 2p' + 1 are both prime:
// other classes hold none of size (p' = 1 mod 3 makes p a multiple of 3). Struck out is every k for which a
// small prime r divides start + step k or, for safe primes, 2 (start + step k) + 1, that is start + step k =
// (r - 1)/2 mod r.
//
// One division of a long number by a word gives `start` modulo several small primes at once, and this is what
// makes a bound in the millions worth while: after it, a window costs two short progressions for each r.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>

#include <gmp.h>
#include <sodium/utils.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace veilsum::integer {

// All primes below `limit`, ascending. Memory: limit / 2 bytes while it runs.
inline std::vector<std::uint32_t> primes_below(std::uint32_t limit) {
    std::vector<std::uint32_t> primes;
    if (limit > 2) primes.push_back(2);
    std::vector<std::uint8_t> composite(limit / 2); // entry i stands for 2i + 1
    for (std::size_t i = 1; i < composite.size(); ++i) {
        if (composite[i] != 0) continue;
        const std::size_t prime = 2 * i + 1;
        primes.push_back(static_cast<std::uint32_t>(prime));
        for (std::size_t multiple = (prime * prime - 1) / 2; multiple < composite.size(); multiple += prime)
            composite[multiple] = 1;
    }
    return primes;
}

// The step between candidates: see above.
template <bool Safe>
inline constexpr std::uint32_t candidate_step = Safe ? 6 : 4;

// Positions k in a window, ascending. Which ones survive says much about the start, so they are a secret too.
struct window_positions {
    std::vector<std::uint32_t> values; // ascending
    void wipe() {
        if (!values.empty()) sodium_memzero(values.data(), values.size() * sizeof(std::uint32_t));
    }
};

// The small primes that do not divide the step, and their products of at most 64 bits. Immutable; one serves
// several threads.
template <bool Safe>
class window_sieve {
  public:
    // 8 <= limit <= 2^28. No candidate may be below the limit: it would be struck out by itself.
    explicit window_sieve(std::uint32_t limit) : primes_(primes_below(limit)) {
        expects(8 <= limit && limit <= (std::uint32_t{1} << 28));
        primes_.erase(primes_.begin(), primes_.begin() + (Safe ? 2 : 1));
        for (std::size_t i = 0; i < primes_.size();) {
            group next{1, i};
            while (next.end < primes_.size() && next.product <= UINT64_MAX / primes_[next.end])
                next.product *= primes_[next.end++];
            i = next.end;
            groups_.push_back(next);
        }
    }

    // The k < width that no small prime strikes out.
    secret<window_positions> survivors(const bigint& start, std::uint32_t width) const {
        secret<bytes> struck{bytes(width)};
        std::uint8_t* const window = struck.expose().data();
        std::size_t i = 0;
        for (const group& part : groups_) {
            const std::uint64_t residue = remainder(start, part.product);
            for (; i < part.end; ++i) {
                const std::uint64_t prime = primes_[i];
                const std::uint64_t step_inverse = inverse_of_step(prime);
                const std::uint64_t negative = prime - residue % prime;
                strike(window, width, negative * step_inverse % prime, prime);
                if constexpr (Safe)
                    strike(window, width, (negative + (prime - 1) / 2) * step_inverse % prime, prime);
            }
        }
        window_positions left;
        left.values.reserve(static_cast<std::size_t>(std::count(window, window + width, std::uint8_t{0})));
        for (std::uint32_t k = 0; k < width; ++k)
            if (window[k] == 0) left.values.push_back(k);
        return secret(std::move(left));
    }

  private:
    struct group {
        std::uint64_t product;
        std::size_t end; // one past the last prime of the group
    };

    static std::uint64_t remainder(const bigint& a, std::uint64_t divisor) {
        return mpn_mod_1(mpz_limbs_read(a.get()), static_cast<mp_size_t>(mpz_size(a.get())), divisor);
    }
    // (j prime + 1) / step for the j < step that makes it whole.
    static std::uint64_t inverse_of_step(std::uint64_t prime) {
        std::uint64_t multiple = prime + 1;
        while (multiple % candidate_step<Safe> != 0) multiple += prime;
        return multiple / candidate_step<Safe>;
    }
    static void strike(std::uint8_t* window, std::size_t width, std::uint64_t first, std::uint64_t prime) {
        for (std::uint64_t k = first; k < width; k += prime) window[k] = 1;
    }

    std::vector<std::uint32_t> primes_;
    std::vector<group> groups_;
};

} // namespace veilsum::integer
