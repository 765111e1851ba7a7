// Random primes, safe primes, and the two factors of a modulus.
//
//     p = 3 mod 4,   3 * 2^(bits-2) <= p < 2^bits;       safe:  p = 2 p' + 1 with p' prime as well
//
// The top two bits are set so that the product of two has exactly twice the bits.
//
// Search. A window of candidates in an arithmetic progression is drawn at random and sieved
// (prime_sieve.hpp); what is left is tested in random order, without replacement; if the window holds no
// prime, a fresh one is drawn. A candidate takes one Fermat test to base 2 first, several at a time where the
// filter can; of a safe candidate it is p that is tested, and p' is looked at only if p passes.
//
// Certainty. p' (or p, if plain) passes Baillie-PSW and 16 Miller-Rabin rounds: no composite that passes the
// first is known, and for random candidates the second alone errs with probability below 2^-200 from 1024
// bits on (Damgard, Landrock, Pomerance, "Average case error estimates for the strong probable prime test",
// Math. Comp. 61, 1993; FIPS 186-5, appendix B.3, asks for fewer rounds). Given that p' is prime, the Fermat
// test proves p prime: p' > sqrt(p), 2^(p-1) = 1 mod p and gcd(2^2 - 1, p) = 1 (Pocklington).
//
// Distribution. Within one window every prime is equally likely. Over all windows a prime is the likelier the
// fewer others share its window; windows are wide enough to hold several on average, so that this bias is a
// small constant factor, far less than that of "the next prime after a random point" (Brandt, Damgard, "On
// generation of probable primes by incremental search", Crypto '92, who show that even that costs little
// entropy). Primes within one window of an end of the interval, a share of 2^-100 or less at real sizes, come
// up less often.
//
// Side channels. The search is variable time. What leaks about candidates that are thrown away is harmless;
// what leaks about the last one is about the secret itself, so keys are made where nobody measures.
// Candidates, start points and sieve are wiped.
//
// Cost on one 2.6 GHz core, mean, one test at a time: a safe prime of 1024, 1536, 2048 bits takes about 0.25,
// 1.4 and 5.5 s, of which nearly all is the Fermat tests, and a quarter of that with eight at a time; the
// spread is that of a geometric distribution (benchmarks/integer).
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/progress.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/core/wiped_stack.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/forked_source.hpp>
#include <veilsum/integer/prime_sieve.hpp>
#include <veilsum/integer/sample.hpp>
#include <veilsum/random/random_source.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace veilsum::integer {

inline constexpr int prime_test_rounds = 40; // Baillie-PSW and 40 - 24 Miller-Rabin rounds

// Sizes of the search for one prime of `bits` bits, from `smallest` to `largest`.
template <bool Safe>
struct search_size {
    static constexpr std::size_t smallest = 16, largest = 16384; // bits

    // The sieve pays while striking out one more candidate is cheaper than a Fermat test, which grows with
    // the cube of the length. Measured optima; twice or half the limit costs a few percent. At the largest a
    // sieve takes 32 MiB while it is built, 24 MiB later.
    static constexpr std::uint32_t sieve_limit(std::size_t bits) {
        if constexpr (!Safe)
            return std::uint32_t{1} << (bits < 64 ? 8 : bits < 512 ? 11 : bits < 1024 ? 14 : 16);
        if (bits < 64) return std::uint32_t{1} << 8;
        if (bits < 256) return std::uint32_t{1} << 12;
        if (bits < 512) return std::uint32_t{1} << 14;
        if (bits < 1024) return std::uint32_t{1} << 18;
        if (bits < 1536) return std::uint32_t{1} << 22;
        if (bits < 2048) return std::uint32_t{1} << 24;
        return std::uint32_t{1} << 25;
    }
    // Candidates in a window. By the prime number theorem one in 0.35 bits candidates is a prime (among
    // the integers 3 mod 4), by Hardy and Littlewood one in 0.06 bits^2 gives a safe one (p' = 5 mod 6).
    static constexpr std::uint32_t window(std::size_t bits) {
        return static_cast<std::uint32_t>(Safe ? bits * bits / 4 : 8 * bits);
    }
};

// Fermat's test to base 2 of several candidates: passes(c)[i] says whether 2^(c_i - 1) = 1 mod c_i, for at
// most batch() odd candidates > 2. One object serves several threads. modular/fermat.hpp has one that takes
// eight for the price of one.
template <class Filter>
concept fermat_filter = requires(const Filter& filter, std::span<const bigint> candidates) {
    { filter.batch() } -> std::same_as<std::size_t>;
    { filter.passes(candidates) } -> std::same_as<std::vector<bool>>;
};

// Fermat's test by powers of GMP, one candidate at a time.
struct one_by_one {
    std::size_t batch() const { return 1; } // candidates in one call of `passes`
    // Whether 2^(c - 1) = 1 mod c, for the one candidate.
    std::vector<bool> passes(std::span<const bigint> candidates) const {
        return {power_vartime(2, candidates[0] - 1, candidates[0]) == 1};
    }
};

// Whether half, whose p = 2 half + 1 has passed Fermat's test to base 2, makes p a safe prime.
inline bool confirms_safe(const bigint& half) {
    return gcd((half << 1) + 1, 3) == 1 && is_probable_prime(half, prime_test_rounds);
}

// One prime; `tested` is called once for each candidate that is about to be tested. Candidates are tested in
// the same order whatever the filter's batch.
template <bool Safe, random::random_source Source, class Tested, fermat_filter Filter>
bigint search_prime(std::size_t bits, const window_sieve<Safe>& sieve, Source& rng, const Tested& tested,
                    const Filter& filter) {
    using size = search_size<Safe>;
    expects(size::smallest <= bits && bits <= size::largest);
    constexpr std::uint32_t step = candidate_step<Safe>;
    const std::uint32_t width = size::window(bits);
    const std::size_t candidate_bits = Safe ? bits - 1 : bits; // of p' or p
    const bigint lowest = (bigint(3) << (candidate_bits - 2)) + (step - 1);
    const bigint starts = (bigint(1) << (candidate_bits - 2)) / step - width;
    for (;;) {
        const bigint start = lowest + random_below(starts, rng) * step;
        secret<window_positions> survivors = sieve.survivors(start, width);
        std::vector<std::uint32_t>& position = survivors.expose().values;
        for (std::size_t left = position.size(); left > 0;) {
            std::vector<bigint> batch; // of the p
            while (left > 0 && batch.size() < filter.batch()) {
                const auto chosen = static_cast<std::size_t>(*random_below(left, rng).to_int64());
                std::swap(position[chosen], position[--left]);
                const bigint candidate = start + bigint(position[left]) * step;
                batch.push_back(Safe ? (candidate << 1) + 1 : candidate);
                tested();
            }
            const std::vector<bool> likely = filter.passes(batch);
            for (std::size_t i = 0; i < batch.size(); ++i) {
                if (!likely[i]) continue;
                if constexpr (Safe) {
                    if (confirms_safe(batch[i] >> 1)) return std::move(batch[i]);
                } else {
                    if (is_probable_prime(batch[i], prime_test_rounds)) return std::move(batch[i]);
                }
            }
        }
    }
}

// A prime of exactly `bits` bits, safe if Safe; errc::bad_parameter outside search_size's bounds.
template <bool Safe, random::random_source Source>
result<bigint> generate_prime_of_kind(std::size_t bits, Source& rng, const progress& watcher) {
    using size = search_size<Safe>;
    if (bits < size::smallest || bits > size::largest) return error{errc::bad_parameter, "bits of a prime"};
    const window_sieve<Safe> sieve(size::sieve_limit(bits));
    std::uint64_t count = 0;
    return search_prime<Safe>(
        bits, sieve, rng, [&] { report(watcher, ++count, 0); }, one_by_one{});
}

// A random prime of exactly `bits` bits (16 to 16384; else bad_parameter), its top two bits set, 3 mod 4.
// The watcher hears how many candidates were tested; how many there will be is not known.
template <random::random_source Source>
result<bigint> generate_prime(std::size_t bits, Source& rng, const progress& watcher = {}) {
    return generate_prime_of_kind<false>(bits, rng, watcher);
}

// The same with (p - 1)/2 prime as well.
template <random::random_source Source>
result<bigint> generate_safe_prime(std::size_t bits, Source& rng, const progress& watcher = {}) {
    return generate_prime_of_kind<true>(bits, rng, watcher);
}

// The factors `p` and `q` of a modulus n = pq.
struct prime_pair {
    secret<bigint> p, q;
};

// Two primes (both safe if Safe) of modulus_bits / 2 bits each, found on two threads at once, such that
//     n = pq has exactly modulus_bits bits,   p = q = 3 mod 4,   gcd(n, (p-1)(q-1)) = 1,
//     p != q, and |p - q| > 2^(modulus_bits/2 - 100), as FIPS 186-5, appendix A.1.3, asks (above 200 bits).
// The same random bytes give the same pair, whatever the number of threads.
// Errors: bad_parameter if modulus_bits is odd, below 32 or above 32768.
template <bool Safe, random::random_source Source, fermat_filter Filter = one_by_one>
result<prime_pair> generate_prime_pair(std::size_t modulus_bits, Source& rng, const progress& watcher = {},
                                       const Filter& filter = {}) {
    using size = search_size<Safe>;
    const wiped_stack afterwards;
    const std::size_t bits = modulus_bits / 2;
    if (modulus_bits % 2 != 0 || bits < size::smallest || bits > size::largest)
        return error{errc::bad_parameter, "bits of a modulus"};
    const bigint distance = bits > 100 ? bigint(1) << (bits - 100) : bigint(0);
    // The cheaper a test is, the sooner sieving stops to pay.
    const window_sieve<Safe> sieve(
        std::max<std::uint32_t>(size::sieve_limit(bits) / static_cast<std::uint32_t>(filter.batch()), 64));
    std::mutex reporting;
    std::uint64_t count = 0;
    const auto tested = [&] {
        const std::lock_guard<std::mutex> one_at_a_time(reporting);
        report(watcher, ++count, 0);
    };
    for (;;) {
        std::array<forked_source, 2> sources{forked_source::fork(rng), forked_source::fork(rng)};
        std::array<bigint, 2> found;
        parallel_for(found.size(), [&](std::size_t i) {
            found[i] = search_prime<Safe>(bits, sieve, sources[i], tested, filter);
        });
        auto& [p, q] = found;
        if (abs(p - q) > distance && gcd(p * q, (p - 1) * (q - 1)) == 1)
            return prime_pair{secret(std::move(p)), secret(std::move(q))};
    }
}

} // namespace veilsum::integer
