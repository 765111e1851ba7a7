// Paillier against the textbook on GMP, both in the same process, turn by turn.
//
// Names: Paillier/Operation/BitsxDegree[/policy]. Counters (support/measure.hpp) are for one ciphertext.
//
//     Encrypt   fixed-base table, constant time    baseline: (1+n)^M r^(n^s) by mpz_powm, r given
//     Decrypt   CRT, constant time, fault check    baseline: c^lambda mod n^(s+1) by mpz_powm
//     DecryptByCrt   the same                      baseline: mpz_powm modulo p^2 and q^2, without check
//     Add       one product each                   baseline: mpz_mul + mpz_mod
//     Parse     range and unit check by one gcd    baseline: mpz_import and mpz_gcd for each
//
// Decrypt has 128 ciphertexts, over which the check's two powers are spread; DecryptOne one, against CRT.
// Every result is checked once. Keys are generated when first needed (plain primes, some seconds at 4096
// bits).
#include "support/measure.hpp"

#include <veilsum/paillier/encryptor.hpp>
#include <veilsum/paillier/key_generation.hpp>
#include <veilsum/random/system_random.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace veilsum;
using namespace veilsum::paillier;

template <class Scheme>
const key_pair<Scheme>& keys() {
    static const key_pair<Scheme> pair = [] {
        random::system_random rng;
        return *generate_key<Scheme>(rng);
    }();
    return pair;
}

// A full plaintext: uniform among the non-negative ones.
template <class Scheme>
std::vector<bigint> messages(std::size_t count) {
    random::system_random rng;
    std::vector<bigint> out;
    for (std::size_t k = 0; k < count; ++k)
        out.push_back(integer::random_below(keys<Scheme>().public_half.plaintexts().largest(), rng));
    return out;
}
plaintext_vector plain(const std::vector<bigint>& values) {
    std::vector<bigint> copy = values;
    return plaintext_vector(std::move(copy));
}

template <class Scheme, class Policy>
void encrypt(benchmark::State& state) {
    constexpr std::size_t count = 128; // fewer share the table's rows less well: 16 take a fifth longer each
    random::system_random rng;
    const auto& key = keys<Scheme>().public_half;
    const encryptor<Scheme, Policy> encrypt_for(key);
    const std::vector<bigint> values = messages<Scheme>(count);
    const auto plaintexts = plain(values);
    const auto sealed = encrypt_for.encrypt(plaintexts, rng);
    if (!sealed || keys<Scheme>().private_half.decrypt(sealed->ciphertexts)->expose() != values)
        return state.SkipWithError("wrong decryption");

    const bigint r = integer::random_unit(key.n(), rng);
    std::vector<bigint> inverse_of{0}, n_power{1};
    for (std::size_t k = 1; k <= Scheme::degree; ++k) {
        inverse_of.push_back(*invert(k, key.n_to_s()));
        n_power.push_back(n_power.back() * key.n());
    }
    bigint blind(0), out(0);
    const auto textbook = [&] {
        mpz_powm(blind.get(), r.get(), key.n_to_s().get(), key.modulus().get());
        // (1+n)^M by binomial coefficients
        out = bigint(1);
        bigint term(1);
        for (std::size_t k = 1; k <= Scheme::degree; ++k) {
            term = term * (values[0] - (k - 1)) * inverse_of[k] % key.n_to_s();
            out += term * n_power[k];
        }
        mpz_mul(out.get(), out.get(), blind.get());
        mpz_mod(out.get(), out.get(), key.modulus().get());
    };
    bench::compare(
        state, "ciphertext", count, [&] { benchmark::DoNotOptimize(encrypt_for.encrypt(plaintexts, rng)); },
        1, textbook);
    state.counters["table_MiB"] = static_cast<double>(encrypt_for.table_size_bytes()) / 1048576.0;
    state.counters["bytes"] = static_cast<double>(Scheme::ciphertext_bytes);
}

template <class Scheme, std::size_t Count, bool ByCrt = false>
void decrypt(benchmark::State& state) {
    random::system_random rng;
    const auto& key = keys<Scheme>().public_half;
    const auto& owner = keys<Scheme>().private_half;
    const bigint& n = key.n();
    const std::vector<bigint> values = messages<Scheme>(Count);
    const auto sealed = encryptor<Scheme>(key).encrypt(plain(values), rng)->ciphertexts;
    if (owner.decrypt(sealed)->expose() != values) return state.SkipWithError("wrong decryption");

    const bigint c = sealed[0];
    const bigint p = owner.primes().p.expose(), q = owner.primes().q.expose();
    bigint power(0), out(0);
    const auto ours = [&] { benchmark::DoNotOptimize(owner.decrypt(sealed)); };
    if constexpr (!ByCrt) {
        const bigint lambda = lcm(p - 1, q - 1);
        const bigint mu = *invert(lambda, key.n_to_s());
        const auto textbook = [&] {
            mpz_powm(power.get(), c.get(), lambda.get(), key.modulus().get());
            if constexpr (Scheme::degree == 1) {
                out = (power - 1) / n * mu % n;
            } else {
                out = key.units()
                          .log(padded_integer(power, key.units().modulus().size()))
                          .exponent.to_integer() *
                      mu % key.n_to_s();
            }
        };
        textbook();
        if (out != values[0]) return state.SkipWithError("wrong textbook decryption");
        bench::compare(state, "ciphertext", Count, ours, 1, textbook);
    } else {
        static_assert(Scheme::degree == 1);
        const bigint p2 = p * p, q2 = q * q, p1 = p - 1, q1 = q - 1, p_inverse = *invert(p, q);
        const bigint hp = *invert((power_vartime(n + 1, p1, p2) - 1) / p, p);
        const bigint hq = *invert((power_vartime(n + 1, q1, q2) - 1) / q, q);
        const auto crt = [&] {
            const bigint mp = (power_vartime(c, p1, p2) - 1) / p * hp % p;
            const bigint mq = (power_vartime(c, q1, q2) - 1) / q * hq % q;
            out = mp + p * ((mq - mp) * p_inverse % q);
        };
        crt();
        if (out != values[0]) return state.SkipWithError("wrong CRT decryption");
        bench::compare(state, "ciphertext", Count, ours, 1, crt);
    }
}

template <class Scheme>
void add_pair(benchmark::State& state) {
    constexpr std::size_t count = 64;
    random::system_random rng;
    const auto& key = keys<Scheme>().public_half;
    const encryptor<Scheme> encrypt_for(key);
    const auto a = encrypt_for.encrypt(plain(messages<Scheme>(count)), rng)->ciphertexts;
    const auto b = encrypt_for.encrypt(plain(messages<Scheme>(count)), rng)->ciphertexts;
    std::vector<bigint> x, y;
    for (std::size_t k = 0; k < count; ++k) {
        x.push_back(a[k]);
        y.push_back(b[k]);
    }
    bigint out(0);
    const auto textbook = [&] {
        for (std::size_t k = 0; k < count; ++k) {
            mpz_mul(out.get(), x[k].get(), y[k].get());
            mpz_mod(out.get(), out.get(), key.modulus().get());
        }
    };
    textbook();
    if ((*add(key, a, b))[count - 1] != out) return state.SkipWithError("wrong sum");
    bench::compare(
        state, "ciphertext", count, [&] { benchmark::DoNotOptimize(add(key, a, b)); }, count, textbook);
}

template <class Scheme>
void parse(benchmark::State& state) {
    constexpr std::size_t count = 64;
    random::system_random rng;
    const auto& key = keys<Scheme>().public_half;
    const bytes raw =
        encryptor<Scheme>(key).encrypt(plain(messages<Scheme>(count)), rng)->ciphertexts.serialize();
    if (ciphertext_vector<Scheme>::parse(key, raw, count)->serialize() != raw)
        return state.SkipWithError("wrong ciphertexts");
    bigint number(0), out(0);
    const auto textbook = [&] {
        for (std::size_t k = 0; k < count; ++k) {
            mpz_import(number.get(), Scheme::ciphertext_bytes, 1, 1, 1, 0,
                       raw.data() + k * Scheme::ciphertext_bytes);
            mpz_gcd(out.get(), number.get(), key.n().get());
        }
    };
    bench::compare(
        state, "ciphertext", count,
        [&] { benchmark::DoNotOptimize(ciphertext_vector<Scheme>::parse(key, raw, count)); }, count,
        textbook);
}

template <class Function>
void add_benchmark(const std::string& name, Function* function) {
    benchmark::RegisterBenchmark(("Paillier/" + name).c_str(), function)
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
}

template <class Scheme>
void add_size(const std::string& size) {
    add_benchmark("Encrypt/" + size + "/short", encrypt<Scheme, short_exponent>);
    add_benchmark("Decrypt/" + size, decrypt<Scheme, 128>);
    add_benchmark("Add/" + size, add_pair<Scheme>);
    add_benchmark("Parse/" + size, parse<Scheme>);
}

[[maybe_unused]] const bool registered = [] {
    add_size<scheme<3072>>("3072x1");
    add_benchmark("Encrypt/3072x1/half", encrypt<scheme<3072>, half_length>);
    add_benchmark("Encrypt/3072x1/uniform", encrypt<scheme<3072>, uniform>);
    add_benchmark("DecryptByCrt/3072x1", decrypt<scheme<3072>, 128, true>);
    add_benchmark("DecryptOne/3072x1", decrypt<scheme<3072>, 1, true>);
    add_size<scheme<2048>>("2048x1");
    add_size<scheme<2048, 2>>("2048x2");
    add_size<scheme<2048, 3>>("2048x3");
    add_size<scheme<4096>>("4096x1");
    return true;
}();

} // namespace
