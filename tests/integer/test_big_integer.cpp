// The laws of `big_integer` over both models, one model against the other, and answers from elsewhere.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/core/secret.hpp>
#include <veilsum/integer/gmp_integer.hpp>
#include <veilsum/integer/ntl_integer.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using namespace veilsum;
using namespace veilsum::integer;
using tests::seeded_random;

// Lengths around the limb boundaries, both signs, and runs of equal bits, where carries go wrong.
template <class T>
T sample_integer(seeded_random& rng) {
    constexpr std::size_t lengths[] = {0, 1, 2, 7, 8, 9, 16, 17, 64, 65, 129};
    bytes raw = rng.draw(lengths[rng.below(std::size(lengths))]);
    if (rng.below(4) == 0) std::fill(raw.begin(), raw.end(), std::uint8_t{0xff});
    if (rng.below(4) == 0 && !raw.empty()) std::fill(raw.begin() + 1, raw.end(), std::uint8_t{0});
    const T absolute = T::from_bytes(raw);
    return rng.below(2) == 0 ? absolute : -absolute;
}

template <class T>
T sample_positive(seeded_random& rng) {
    const T a = abs(sample_integer<T>(rng));
    return a.is_zero() ? T(1) : a;
}

} // namespace

TEMPLATE_TEST_CASE("big_integer: the laws of the concept hold", "[integer]", gmp_integer, ntl_integer) {
    using T = TestType;
    seeded_random rng(1);
    const T zero, one = 1;
    for (int round = 0; round < 400; ++round) {
        const T a = sample_integer<T>(rng), b = sample_integer<T>(rng), c = sample_integer<T>(rng);
        const T m = sample_positive<T>(rng);
        const std::size_t k = rng.below(200);
        const T power_of_two = one << k;

        REQUIRE((a + b) + c == a + (b + c));
        REQUIRE(a + b == b + a);
        REQUIRE((a * b) * c == a * (b * c));
        REQUIRE(a * (b + c) == a * b + a * c);
        REQUIRE(a + (-a) == zero);
        REQUIRE(a - b == a + (-b));
        REQUIRE(a * one == a);
        REQUIRE((a <=> b) == (a - b <=> zero));
        REQUIRE((a < b) == (a + c < b + c));

        REQUIRE((a / m) * m + a % m == a);
        REQUIRE(zero <= a % m);
        REQUIRE(a % m < m);

        REQUIRE(a << k == a * power_of_two);
        REQUIRE(a >> k == a / power_of_two);
        REQUIRE(a.bit(k) == ((a >> k) % 2 == one));
        REQUIRE(a.is_odd() == a.bit(0));
        REQUIRE(a.is_negative() == (a < zero));
        REQUIRE(abs(a) < one << a.bit_length());
        if (!a.is_zero()) REQUIRE(one << (a.bit_length() - 1) <= abs(a));

        REQUIRE(T::from_bytes(m.to_bytes((m.bit_length() + 7) / 8 + k % 3)) == m);
        REQUIRE(*T::from_decimal(a.to_decimal()) == a);
        REQUIRE(*T::from_hex(a.to_hex()) == a);

        const T divisor = gcd(a, b);
        REQUIRE_FALSE(divisor.is_negative());
        if (!divisor.is_zero()) {
            REQUIRE((a % divisor).is_zero());
            REQUIRE((b % divisor).is_zero());
        }
        REQUIRE(gcd(a * m, b * m) == divisor * m);
        REQUIRE(divisor * lcm(a, b) == abs(a * b));
        const auto inverse = invert(a, m);
        REQUIRE(inverse.has_value() == (gcd(a, m) == one));
        if (inverse) {
            REQUIRE((a * *inverse - 1) % m == zero);
            REQUIRE(*inverse < m);
            REQUIRE(*inverse >= zero);
        }

        const T root = isqrt(m);
        REQUIRE(root * root <= m);
        REQUIRE(m < (root + 1) * (root + 1));
        T power = one % m;
        const std::uint64_t exponent = rng.below(12);
        for (std::uint64_t e = 0; e < exponent; ++e) power = power * a % m;
        REQUIRE(power_vartime(a, exponent, m) == power);
    }
}

TEMPLATE_TEST_CASE("big_integer: compound assignment is the operator, on aliases too", "[integer]",
                   gmp_integer, ntl_integer) {
    using T = TestType;
    seeded_random rng(2);
    for (int round = 0; round < 100; ++round) {
        const T a = sample_integer<T>(rng), b = sample_integer<T>(rng), m = sample_positive<T>(rng);
        T x = a;
        REQUIRE((x += b) == a + b);
        x = a;
        REQUIRE((x -= b) == a - b);
        x = a;
        REQUIRE((x *= b) == a * b);
        x = a;
        REQUIRE((x /= m) == a / m);
        x = a;
        REQUIRE((x %= m) == a % m);
        x = a;
        REQUIRE((x <<= 67) == a << 67);
        x = a;
        REQUIRE((x >>= 67) == a >> 67);
        x = a;
        REQUIRE(++x == a + 1);
        x = a;
        REQUIRE(--x == a - 1);
        x = a;
        REQUIRE((x *= x) == a * a);
        x = a;
        REQUIRE((x -= x).is_zero());
        x = m;
        REQUIRE((x /= x) == T(1));
    }
}

TEMPLATE_TEST_CASE("big_integer: machine integers at their ends", "[integer]", gmp_integer, ntl_integer) {
    using T = TestType;
    constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
    constexpr auto highest = std::numeric_limits<std::int64_t>::max();
    REQUIRE(T(lowest).to_decimal() == "-9223372036854775808");
    REQUIRE(T(highest).to_decimal() == "9223372036854775807");
    REQUIRE(T(std::numeric_limits<std::uint64_t>::max()).to_hex() == "ffffffffffffffff");
    REQUIRE(T(-1).to_hex() == "-1");
    REQUIRE(T(std::uint8_t{200}) == T(200));
    REQUIRE(T(lowest).to_int64() == lowest);
    REQUIRE(T(highest).to_int64() == highest);
    REQUIRE(T(0).to_int64() == 0);
    REQUIRE_FALSE((T(highest) + 1).to_int64().has_value());
    REQUIRE_FALSE((T(lowest) - 1).to_int64().has_value());
    REQUIRE_FALSE((T(1) << 64).to_int64().has_value());
    STATIC_REQUIRE_FALSE(std::is_convertible_v<double, T>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<bool, T>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<T, float>);
}

TEMPLATE_TEST_CASE("big_integer: division and shifts of negative numbers round down", "[integer]",
                   gmp_integer, ntl_integer) {
    using T = TestType;
    REQUIRE(T(-7) / 2 == T(-4));
    REQUIRE(T(-7) % 2 == T(1));
    REQUIRE(T(7) / 2 == T(3));
    REQUIRE(T(-6) / 3 == T(-2));
    REQUIRE(T(-6) % 3 == T(0));
    REQUIRE(T(-1) >> 100 == T(-1));
    REQUIRE(T(-8) >> 3 == T(-1));
    REQUIRE(T(-9) >> 3 == T(-2));
    REQUIRE(T(-1).bit(1000));
    REQUIRE_FALSE(T(-2).bit(0));
}

TEMPLATE_TEST_CASE("big_integer: bytes are big-endian of exactly the length asked", "[integer]", gmp_integer,
                   ntl_integer) {
    using T = TestType;
    REQUIRE(to_hex(T(0x0102).to_bytes(4)) == "00000102");
    REQUIRE(T(0).to_bytes(0).empty());
    REQUIRE(to_hex(T(0).to_bytes(3)) == "000000");
    REQUIRE(T::from_bytes({}) == T(0));
    REQUIRE(T::from_bytes(bytes{0, 0, 1, 0}) == T(256));
    REQUIRE(to_hex(((T(1) << 64) - 1).to_bytes(8)) == "ffffffffffffffff");
}

TEMPLATE_TEST_CASE("big_integer: one spelling in each base is accepted", "[integer]", gmp_integer,
                   ntl_integer) {
    using T = TestType;
    REQUIRE(*T::from_decimal("-12") == T(-12));
    REQUIRE(*T::from_hex("-ff") == T(-255));
    REQUIRE(*T::from_hex("fff") == T(4095));
    REQUIRE(T(0).to_decimal() == "0");
    REQUIRE(T(0).to_hex() == "0");
    for (const char* text : {"", "-", "-0", "00", "01", "+1", " 1", "1 ", "0x1", "1a", "--1", "1-"}) {
        INFO("text '" << text << "'");
        REQUIRE_FALSE(T::from_decimal(text).has_value());
    }
    for (const char* text : {"", "-", "-0", "00", "0f", "+f", " f", "f ", "0xf", "F", "g", "--f"}) {
        INFO("text '" << text << "'");
        REQUIRE_FALSE(T::from_hex(text).has_value());
    }
    REQUIRE_FALSE(T::from_decimal(std::string_view("1\0002", 3)).has_value());
}

TEMPLATE_TEST_CASE("big_integer: edge cases of the number theory", "[integer]", gmp_integer, ntl_integer) {
    using T = TestType;
    REQUIRE(gcd(T(0), T(0)) == T(0));
    REQUIRE(gcd(T(-4), T(0)) == T(4));
    REQUIRE(lcm(T(0), T(5)) == T(0));
    REQUIRE(lcm(T(-4), T(6)) == T(12));
    REQUIRE(*invert(T(5), T(1)) == T(0));
    REQUIRE(*invert(T(-3), T(7)) == T(2));
    REQUIRE_FALSE(invert(T(0), T(7)).has_value());
    REQUIRE_FALSE(invert(T(6), T(9)).has_value());
    REQUIRE(power_vartime(T(0), T(0), T(7)) == T(1));
    REQUIRE(power_vartime(T(5), T(0), T(1)) == T(0));
    REQUIRE(power_vartime(T(-2), T(3), T(11)) == T(3));
    REQUIRE(isqrt(T(0)) == T(0));
    REQUIRE(isqrt(T(99)) == T(9));
    REQUIRE(isqrt(T(100)) == T(10));

    for (const int a : {0, 1, 4, 8, 9, 27, 32, 36, 1024, 2187}) REQUIRE(is_perfect_power(T(a)));
    for (const int a : {2, 3, 5, 6, 12, 18, 26, 28, 72, 1023}) REQUIRE_FALSE(is_perfect_power(T(a)));
    const T large = *T::from_decimal("123456789012345678901234567891");
    REQUIRE(is_perfect_power(large * large * large));
    REQUIRE_FALSE(is_perfect_power(large * large * (large + 1)));

    for (const int a : {2, 3, 5, 65537, 2147483647}) REQUIRE(is_probable_prime(T(a), 30));
    // Carmichael numbers, and strong pseudoprimes to the bases 2 (2047), 2..7 (3215031751).
    for (const std::int64_t a : {-7LL, -2LL, 0LL, 1LL, 4LL, 561LL, 1729LL, 2047LL, 3215031751LL})
        REQUIRE_FALSE(is_probable_prime(T(a), 30));
    REQUIRE(is_probable_prime((T(1) << 521) - 1, 30));
    REQUIRE_FALSE(is_probable_prime((T(1) << 523) - 1, 30));
}

// Computed with Python 3.11 (its own integers, not GMP): a = 3^200 + 2^311, m = 10^60 + 7;
// -a // m, -a % m, pow(a, 2^130 + 5, m), pow(a, -1, m), math.isqrt(a).
TEMPLATE_TEST_CASE("big_integer: answers computed with Python", "[integer]", gmp_integer, ntl_integer) {
    using T = TestType;
    T a = 1, m = 7;
    for (int i = 0; i < 200; ++i) a *= 3;
    a += T(1) << 311;
    T ten_to_60 = 1;
    for (int i = 0; i < 60; ++i) ten_to_60 *= 10;
    m += ten_to_60;
    REQUIRE((-a / m).to_decimal() == "-269785838555407796843459098805642034");
    REQUIRE((-a % m).to_decimal() == "696933140076377666584124111121499624051360407645043342624189");
    REQUIRE((power_vartime(a, (T(1) << 130) + 5, m)).to_decimal() ==
            "815427072292985664870540378467132588388907980925876773238704");
    REQUIRE((*invert(a, m)).to_decimal() == "435339015623008313281898826351103967373159346348432332162649");
    REQUIRE((isqrt(a)).to_decimal() == "519409124443735390222523316965940505482533436875");
}

TEMPLATE_TEST_CASE("big_integer: copies are independent and a moved-from number is usable", "[integer]",
                   gmp_integer, ntl_integer) {
    using T = TestType;
    T a = T(1) << 300;
    T copy = a;
    copy += 1;
    REQUIRE(a == T(1) << 300);
    T& alias = a;
    a = alias;
    REQUIRE(a == T(1) << 300);
    a = std::move(alias);
    REQUIRE(a == T(1) << 300);
    T moved = std::move(a);
    REQUIRE(moved == T(1) << 300);
    REQUIRE(a.is_zero());
    a = 5;
    REQUIRE(a + moved == (T(1) << 300) + 5);
    copy = std::move(moved);
    REQUIRE(moved.is_zero());
    REQUIRE(copy == T(1) << 300);
    swap(copy, moved);
    REQUIRE(copy.is_zero());
    REQUIRE(moved == T(1) << 300);
}

TEST_CASE("gmp_integer: wiping overwrites every limb that the number owns", "[integer]") {
    gmp_integer a = (gmp_integer(1) << 512) - 1;
    a >>= 400; // the allocation stays, and so do the upper limbs
    const mp_limb_t* const limbs = mpz_limbs_read(a.get());
    const int allocated = a.get()->_mp_alloc;
    REQUIRE(allocated >= 8);
    REQUIRE(limbs[7] == ~mp_limb_t{0});
    a.wipe();
    REQUIRE(a.is_zero());
    for (int i = 0; i < allocated; ++i) REQUIRE(limbs[i] == 0);
    a += 7;
    REQUIRE(a == 7);
    gmp_integer never_used;
    never_used.wipe();
    REQUIRE(never_used.is_zero());
    secret<gmp_integer> hidden(gmp_integer(12));
    secret<gmp_integer> other = std::move(hidden);
    REQUIRE(other.expose() == 12);
    REQUIRE(hidden.expose().is_zero());
}

TEST_CASE("ntl_integer: wiping overwrites every limb that the number owns", "[integer]") {
    ntl_integer a = (ntl_integer(1) << 512) - 1;
    a.get() >>= 400;
    const NTL::ZZ_limb_t* const limbs = NTL::ZZ_limbs_get(a.get());
    const long allocated = a.get().MaxAlloc();
    REQUIRE(allocated >= 2);
    REQUIRE(limbs[0] != 0);
    a.wipe();
    REQUIRE(a.is_zero());
    for (long i = 0; i < allocated; ++i) REQUIRE(limbs[i] == 0);
}

TEST_CASE("big_integer: GMP and NTL agree", "[integer]") {
    seeded_random rng(3);
    const auto same = [](const gmp_integer& g, const ntl_integer& n) { return g.to_hex() == n.to_hex(); };
    const auto twin = [](const gmp_integer& g) { return *ntl_integer::from_decimal(g.to_decimal()); };
    for (int round = 0; round < 300; ++round) {
        const auto a = sample_integer<gmp_integer>(rng), b = sample_integer<gmp_integer>(rng);
        const auto m = sample_positive<gmp_integer>(rng);
        const auto x = twin(a), y = twin(b), n = twin(m);
        const std::size_t k = rng.below(1100);
        REQUIRE(same(a, x));
        REQUIRE(a.to_decimal() == x.to_decimal());
        REQUIRE(same(a + b, x + y));
        REQUIRE(same(a - b, x - y));
        REQUIRE(same(a * b, x * y));
        REQUIRE(same(a / m, x / n));
        REQUIRE(same(a % m, x % n));
        REQUIRE(same(a << k, x << k));
        REQUIRE(same(a >> k, x >> k));
        REQUIRE(a.bit(k) == x.bit(k));
        REQUIRE(a.bit_length() == x.bit_length());
        REQUIRE((a <=> b) == (x <=> y));
        REQUIRE(same(gcd(a, b), gcd(x, y)));
        REQUIRE(same(lcm(a, b), lcm(x, y)));
        REQUIRE(same(isqrt(m), isqrt(n)));
        REQUIRE(same(power_vartime(a, abs(b), m), power_vartime(x, abs(y), n)));
        const auto inverse = invert(a, m);
        const auto other = invert(x, n);
        REQUIRE(inverse.has_value() == other.has_value());
        if (inverse) REQUIRE(same(*inverse, *other));
        REQUIRE(is_probable_prime(a, 30) == is_probable_prime(x, 30));
        REQUIRE(a.to_int64() == x.to_int64());
        REQUIRE(m.to_bytes(130) == n.to_bytes(130));
    }
    for (int a = 0; a < 3000; ++a) {
        REQUIRE(is_perfect_power(gmp_integer(a)) == is_perfect_power(ntl_integer(a)));
        REQUIRE(is_probable_prime(gmp_integer(a), 25) == is_probable_prime(ntl_integer(a), 25));
    }
}
