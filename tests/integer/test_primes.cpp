// Prime generation: shape of the result, the sieve against trial division, refusals, repeatability.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/integer/primes.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using namespace veilsum;
using namespace veilsum::integer;
using tests::seeded_random;

bool is_prime_by_trial(std::uint64_t n) {
    if (n < 2) return false;
    for (std::uint64_t d = 2; d * d <= n; ++d)
        if (n % d == 0) return false;
    return true;
}

bool has_factor_below(std::uint64_t n, std::uint64_t limit) {
    for (std::uint64_t d = 2; d < limit; ++d)
        if (n % d == 0) return true;
    return false;
}

// Zeros for two calls, then a stream.
class stuck_at_first {
  public:
    void fill(std::span<std::uint8_t> out) {
        if (++calls_ > 2) return stream_.fill(out);
        std::fill(out.begin(), out.end(), std::uint8_t{0});
    }
    int calls() const { return calls_; }

  private:
    seeded_random stream_{50};
    int calls_ = 0;
};

void require_shape(const bigint& p, std::size_t bits) {
    REQUIRE(p.bit_length() == bits);
    REQUIRE(p.bit(bits - 2));
    REQUIRE(p % 4 == 3);
    REQUIRE(is_probable_prime(p, 30));
}

// RFC 3526, section 2: the 1536-bit MODP group's prime, which is safe.
const std::string rfc3526_prime_1536 =
    "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd"
    "ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"
    "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f"
    "83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca237327ffffffffffffffff";

// What a search accepts: Fermat's test of p, then the confirmation of p = 2 half + 1.
bool is_safe_pair(const bigint& half) {
    const std::vector<bigint> p{(half << 1) + 1};
    return one_by_one{}.passes(p)[0] && confirms_safe(half);
}

} // namespace

TEST_CASE("primes_below: agrees with trial division", "[integer]") {
    std::vector<std::uint32_t> expected;
    for (std::uint32_t n = 0; n < 3000; ++n)
        if (is_prime_by_trial(n)) expected.push_back(n);
    REQUIRE(primes_below(3000) == expected);
    for (std::uint32_t limit = 0; limit < 60; ++limit) {
        const auto end = std::lower_bound(expected.begin(), expected.end(), limit);
        REQUIRE(primes_below(limit) == std::vector<std::uint32_t>(expected.begin(), end));
    }
    REQUIRE(primes_below(1u << 20).size() == 82025); // the prime counting function at 2^20
}

TEST_CASE("window_sieve: strikes out exactly the multiples of small primes", "[integer]") {
    seeded_random rng(41);
    const std::uint32_t limit = GENERATE(8u, 11u, 12u, 100u, 256u);
    const window_sieve<false> plain(limit);
    const window_sieve<true> safe(limit);
    for (int round = 0; round < 3; ++round) {
        const std::uint64_t origin = (std::uint64_t{1} << 40) + rng.below(std::uint64_t{1} << 40);
        const std::uint64_t p_start = origin / 4 * 4 + 3, half_start = origin / 6 * 6 + 5;
        std::vector<std::uint32_t> p_expected, half_expected;
        for (std::uint32_t k = 0; k < 500; ++k) {
            const std::uint64_t p = p_start + 4 * k, half = half_start + 6 * k;
            if (!has_factor_below(p, limit)) p_expected.push_back(k);
            if (!has_factor_below(half, limit) && !has_factor_below(2 * half + 1, limit))
                half_expected.push_back(k);
        }
        REQUIRE(plain.survivors(p_start, 500).expose().values == p_expected);
        REQUIRE(safe.survivors(half_start, 500).expose().values == half_expected);
    }
    REQUIRE(plain.survivors(10007, 0).expose().values.empty());
}

TEST_CASE("confirms_safe: agrees with trial division", "[integer]") {
    for (std::uint64_t half = 1; half < 5000; ++half)
        REQUIRE(is_safe_pair(half) == (is_prime_by_trial(half) && is_prime_by_trial(2 * half + 1)));
}

TEST_CASE("confirms_safe: the 1536-bit prime of RFC 3526 is safe", "[integer]") {
    const bigint p = *bigint::from_hex(rfc3526_prime_1536);
    REQUIRE(p.bit_length() == 1536);
    REQUIRE(is_safe_pair(p >> 1));
    REQUIRE_FALSE(is_safe_pair((p >> 1) + 2));
    REQUIRE_FALSE(is_safe_pair(p));
}

TEST_CASE("generate_prime: exact length, top two bits, 3 mod 4", "[integer]") {
    seeded_random rng(42);
    const std::size_t bits =
        GENERATE(as<std::size_t>{}, 16, 17, 31, 32, 33, 63, 64, 65, 128, 255, 256, 512, 1024);
    const auto p = generate_prime(bits, rng);
    REQUIRE(p.has_value());
    require_shape(*p, bits);
}

TEST_CASE("generate_safe_prime: (p - 1)/2 is prime as well", "[integer]") {
    seeded_random rng(43);
    const std::size_t bits = GENERATE(as<std::size_t>{}, 16, 17, 31, 32, 33, 63, 64, 65, 128, 255, 256, 512);
    const auto p = generate_safe_prime(bits, rng);
    REQUIRE(p.has_value());
    require_shape(*p, bits);
    REQUIRE(is_probable_prime(*p >> 1, 30));
}

TEST_CASE("generate_safe_prime: all safe primes of a small size come up, none far too often", "[integer]") {
    seeded_random rng(44);
    // One window of 64 candidates spans 384 values of p', 768 of p: nearer to an end primes are rarer.
    std::set<std::int64_t> inner, all;
    for (std::uint64_t p = 3u << 14; p < 1u << 16; ++p)
        if (is_prime_by_trial(p) && is_prime_by_trial(p / 2)) {
            all.insert(static_cast<std::int64_t>(p));
            if ((3u << 14) + 768 < p && p + 768 < (1u << 16)) inner.insert(static_cast<std::int64_t>(p));
        }
    REQUIRE(inner.size() > 50);
    std::map<std::int64_t, std::size_t> counts;
    const std::size_t draws = 40 * all.size();
    for (std::size_t n = 0; n < draws; ++n) ++counts[*generate_safe_prime(16, rng)->to_int64()];
    for (const auto& [p, count] : counts) {
        REQUIRE(all.contains(p));
        REQUIRE(count < 120); // three times the mean
    }
    for (const std::int64_t p : inner) REQUIRE(counts[p] >= 13); // a third of it
}

TEST_CASE("generate_prime: the same random bytes give the same prime, others another", "[integer]") {
    seeded_random first(45), same(45), other(46);
    const bigint p = *generate_prime(128, first);
    REQUIRE(p == *generate_prime(128, same));
    REQUIRE(p != *generate_prime(128, other));
    REQUIRE(p != *generate_prime(128, first));
}

TEST_CASE("generate_prime: sizes that cannot work are refused", "[integer]") {
    seeded_random rng(47);
    const std::size_t bits = GENERATE(as<std::size_t>{}, 0, 1, 15, 16385);
    const auto plain = generate_prime(bits, rng), safe = generate_safe_prime(bits, rng);
    REQUIRE_FALSE(plain.has_value());
    REQUIRE(plain.error().code == errc::bad_parameter);
    REQUIRE(plain.error().what == "bits of a prime");
    REQUIRE_FALSE(safe.has_value());
    REQUIRE(safe.error().code == errc::bad_parameter);
    REQUIRE(safe.error().what == "bits of a prime");
}

TEMPLATE_TEST_CASE("generate_prime_pair: two distant Blum primes of half the length each", "[integer]",
                   std::false_type, std::true_type) {
    seeded_random rng(48);
    const std::size_t bits = GENERATE(as<std::size_t>{}, 32, 34, 128, 200, 256, 512);
    const auto pair = generate_prime_pair<TestType::value>(bits, rng);
    REQUIRE(pair.has_value());
    const bigint &p = pair->p.expose(), &q = pair->q.expose();
    require_shape(p, bits / 2);
    require_shape(q, bits / 2);
    if (TestType::value) {
        REQUIRE(is_probable_prime(p >> 1, 30));
        REQUIRE(is_probable_prime(q >> 1, 30));
    }
    REQUIRE((p * q).bit_length() == bits);
    REQUIRE(p != q);
    if (bits > 200) REQUIRE(abs(p - q) > bigint(1) << (bits / 2 - 100));
    REQUIRE(gcd(p * q, (p - 1) * (q - 1)) == 1);
}

TEST_CASE("generate_prime_pair: two threads repeat the same pair from the same random bytes", "[integer]") {
    seeded_random first(49), same(49);
    const auto a = generate_prime_pair<true>(256, first), b = generate_prime_pair<true>(256, same);
    REQUIRE(a->p.expose() == b->p.expose());
    REQUIRE(a->q.expose() == b->q.expose());
    REQUIRE(a->p.expose() != a->q.expose());
}

TEST_CASE("generate_prime_pair: equal primes are thrown away", "[integer]") {
    // Both searches of the first attempt get the same key, so they find the same prime.
    stuck_at_first rng;
    const auto pair = generate_prime_pair<false>(256, rng);
    REQUIRE(rng.calls() == 4);
    REQUIRE(pair->p.expose() != pair->q.expose());
}

TEST_CASE("generate_prime_pair: sizes that cannot work are refused", "[integer]") {
    seeded_random rng(51);
    const std::size_t bits = GENERATE(as<std::size_t>{}, 0, 30, 257, 32770);
    const auto refused = generate_prime_pair<true>(bits, rng);
    REQUIRE_FALSE(refused.has_value());
    REQUIRE(refused.error().code == errc::bad_parameter);
    REQUIRE(refused.error().what == "bits of a modulus");
}

TEST_CASE("generate_safe_prime: progress counts the candidates, the end is not known", "[integer]") {
    seeded_random rng(52);
    std::vector<std::uint64_t> heard;
    const progress watcher = [&](std::uint64_t done, std::uint64_t total) {
        REQUIRE(total == 0);
        heard.push_back(done);
    };
    REQUIRE(generate_safe_prime(256, rng, watcher).has_value());
    REQUIRE_FALSE(heard.empty());
    for (std::size_t i = 0; i < heard.size(); ++i) REQUIRE(heard[i] == i + 1);
    heard.clear();
    REQUIRE(generate_prime_pair<true>(256, rng, watcher).has_value());
    REQUIRE(heard.size() >= 2);
    for (std::size_t i = 0; i < heard.size(); ++i) REQUIRE(heard[i] == i + 1);
}
