// Residue engine against GMP's own modular arithmetic, both in the same process, turn by turn.
//
// Names: Modular/Operation/BitsxDegree with modulus n^Degree for n of Bits bits: 3072x2 computes modulo 6144
// bits. Exponents of powers have 512 bits. Counters are those of support/measure.hpp; the baseline:
//
//     Multiply              mpz_mul + mpz_mod; twenty products a turn
//     PowerPublic           mpz_powm
//     PowerSecret           mpz_powm_sec; both constant time
//     PowerFixed            mpz_powm_sec; ours has a table of the base, scanned in constant time
//     MakeTable             none: it is made once a key
//     MultiPower            256 powers of 128 bits by mpz_powm, multiplied; time a base
//
// Every result is checked once against GMP before it is timed.
#include "support/measure.hpp"

#include <veilsum/modular/default_engine.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace veilsum;
using integer::bigint;

// A fixed, odd, dense number: speed does not depend on which.
bigint dense(std::size_t bits, unsigned long seed) {
    gmp_randstate_t state;
    gmp_randinit_default(state);
    gmp_randseed_ui(state, seed);
    bigint out(0);
    mpz_urandomb(out.get(), state, bits);
    mpz_setbit(out.get(), bits - 1);
    mpz_setbit(out.get(), 0);
    gmp_randclear(state);
    return out;
}

template <std::size_t Bits>
struct fixture {
    using engine_type = modular::default_engine<Bits>;
    engine_type engine{dense(Bits, 1)};
    const bigint& n = engine.modulus();
    bigint x = dense(Bits, 2) % n, y = dense(Bits, 3) % n, out{0};
    typename engine_type::vector a = engine.make(1), b = engine.make(1), c = engine.make(1);

    fixture() {
        engine.set(a, 0, x);
        engine.set(b, 0, y);
    }
    bool agrees(benchmark::State& state, const bigint& ours, const bigint& theirs) const {
        if (ours != theirs) state.SkipWithError("the engine disagrees with GMP");
        return ours == theirs;
    }
};

template <std::size_t Bits>
void multiply(benchmark::State& state) {
    fixture<Bits> f;
    constexpr std::size_t repeats = 20;
    f.engine.multiply(f.c, f.a, f.b);
    if (!f.agrees(state, f.engine.get(f.c, 0), f.x * f.y % f.n)) return;
    bench::compare(
        state, "product", repeats,
        [&] {
            for (std::size_t i = 0; i < repeats; ++i) f.engine.multiply(f.c, f.a, f.b);
        },
        repeats,
        [&] {
            for (std::size_t i = 0; i < repeats; ++i) {
                mpz_mul(f.out.get(), f.x.get(), f.y.get());
                mpz_mod(f.out.get(), f.out.get(), f.n.get());
            }
        });
}

template <std::size_t Bits>
void power_public(benchmark::State& state) {
    fixture<Bits> f;
    const bigint e = dense(512, 4);
    const auto theirs = [&] { mpz_powm(f.out.get(), f.x.get(), e.get(), f.n.get()); };
    f.engine.power_public_vartime(f.c, f.a, e);
    theirs();
    if (!f.agrees(state, f.engine.get(f.c, 0), f.out)) return;
    bench::compare(
        state, "power", 1, [&] { f.engine.power_public_vartime(f.c, f.a, e); }, 1, theirs);
}

template <std::size_t Bits>
void power_secret(benchmark::State& state) {
    fixture<Bits> f;
    const bigint e = dense(512, 4);
    const secret<bigint> hidden{bigint(e)};
    const auto theirs = [&] { mpz_powm_sec(f.out.get(), f.x.get(), e.get(), f.n.get()); };
    f.engine.power_secret(f.c, f.a, hidden, 512);
    theirs();
    if (!f.agrees(state, f.engine.get(f.c, 0), f.out)) return;
    bench::compare(
        state, "power", 1, [&] { f.engine.power_secret(f.c, f.a, hidden, 512); }, 1, theirs);
}

template <std::size_t Bits>
void power_fixed(benchmark::State& state) {
    fixture<Bits> f;
    const bigint e = dense(512, 4);
    const auto table = f.engine.make_table(f.x, 512);
    const secret<std::vector<bigint>> hidden{std::vector<bigint>{e}};
    const auto theirs = [&] { mpz_powm_sec(f.out.get(), f.x.get(), e.get(), f.n.get()); };
    f.engine.power_fixed(f.c, table, hidden, 512);
    theirs();
    if (!f.agrees(state, f.engine.get(f.c, 0), f.out)) return;
    bench::compare(
        state, "power", 1, [&] { f.engine.power_fixed(f.c, table, hidden, 512); }, 1, theirs);
    state.counters["table_bytes"] = static_cast<double>(table.size_bytes());
}

template <std::size_t Bits>
void make_table(benchmark::State& state) {
    fixture<Bits> f;
    const std::size_t size = f.engine.make_table(f.x, 512).size_bytes();
    bench::measure(state, "table", 1,
                   [&] { benchmark::DoNotOptimize(f.engine.make_table(f.x, 512).size_bytes()); });
    state.counters["bytes"] = static_cast<double>(size);
}

// 256 bases to 128-bit powers, multiplied together; time a base.
template <std::size_t Bits>
void multi_power(benchmark::State& state) {
    fixture<Bits> f;
    constexpr std::size_t count = 256;
    auto bases = f.engine.make(count);
    std::vector<bigint> values, exponents;
    for (std::size_t k = 0; k < count; ++k) {
        values.push_back(dense(Bits, 10 + k) % f.n);
        exponents.push_back(dense(128, 1000 + k));
        f.engine.set(bases, k, values.back());
    }
    bigint ours(0), power(0);
    const auto theirs = [&] {
        f.out = bigint(1);
        for (std::size_t k = 0; k < count; ++k) {
            mpz_powm(power.get(), values[k].get(), exponents[k].get(), f.n.get());
            mpz_mul(f.out.get(), f.out.get(), power.get());
            mpz_mod(f.out.get(), f.out.get(), f.n.get());
        }
    };
    const auto run = [&] { ours = f.engine.multi_power_vartime(bases, exponents); };
    run();
    theirs();
    if (!f.agrees(state, ours, f.out)) return;
    bench::compare(state, "base", count, run, count, theirs);
}

template <std::size_t Bits>
void add_size(const std::string& parameters) {
    const auto add = [&](const char* operation, auto* function) {
        benchmark::RegisterBenchmark(("Modular/" + std::string(operation) + "/" + parameters).c_str(),
                                     function)
            ->UseManualTime()
            ->Unit(benchmark::kMicrosecond);
    };
    add("Multiply", multiply<Bits>);
    add("PowerPublic", power_public<Bits>);
    add("PowerSecret", power_secret<Bits>);
    add("PowerFixed", power_fixed<Bits>);
    add("MakeTable", make_table<Bits>);
    add("MultiPower", multi_power<Bits>);
}

[[maybe_unused]] const bool registered = [] {
    add_size<2048>("2048x1");
    add_size<4096>("2048x2");
    add_size<6144>("3072x2");
    add_size<8192>("4096x2");
    add_size<9216>("3072x3");
    return true;
}();

} // namespace
