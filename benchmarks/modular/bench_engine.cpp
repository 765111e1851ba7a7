// The residue engines against each other, GMP's own modular arithmetic and OpenSSL's, all in one process,
// turn by turn.
//
// Names: Modular/Operation/BitsxDegree with modulus n^Degree for n of Bits bits: 3072x2 computes modulo 6144
// bits. Exponents of powers have 512 bits, those of MultiPower 128. "us" is the fastest engine that the
// processor has (the context `engine` of the results says which) and one result of many; the others:
//
//     baseline      plain GMP: mpz_mul + mpz_mod; mpz_powm (PowerPublic); mpz_powm_sec (PowerSecret,
//                   PowerFixed); MultiPower: one mpz_powm for each base, multiplied; time a base
//     gmp_engine    gmp_engine, where it is not the fastest
//     ntl           ntl_engine, that is NTL's MulMod, SqrMod, PowerMod; where NTL is installed. Not constant
//                   time; its PowerFixed has a table like ours
//     openssl       where it is installed: BN_mod_mul_montgomery, BN_mod_exp_mont_consttime (PowerSecret,
//                   PowerFixed), BN_mod_exp_mont (PowerPublic, MultiPower)
//
// Each over_NAME, and ratio for the baseline, is its time divided by ours.
//
// Multiply and Square on AVX-512 IFMA also say how near they are to what the multiply-add unit can do, which
// a loop of independent instructions measures in the same turns:
//
//     schoolbook_madds   multiply-adds for eight results by rows: 4 L^2, squares 3 L^2 + 2 L
//     madds              ... that are executed (multiply_adds.hpp)
//     port_us            time of one result if the unit did schoolbook_madds and nothing else
//     port_share         port_us / us: the fraction of that limit; above 1, fewer were executed
//     unit_share         the fraction of the time that the unit is at work; at most 1
//
// Every result is checked once against GMP before it is timed.
#include "modular/contest.hpp"
#include "modular/multiply_adds.hpp"
#include "modular/openssl_ring.hpp"

#include <veilsum/modular/default_engine.hpp>
#ifdef VEILSUM_BENCH_NTL
#include <veilsum/modular/ntl_engine.hpp>
#endif

#include <benchmark/benchmark.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace veilsum;
using integer::bigint;
using numbers = std::vector<bigint>;

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

constexpr std::size_t batch = 16;          // results of an engine in one turn
constexpr std::size_t exponent_bits = 512; // of single powers
constexpr std::size_t repeats = 20;        // of products in one turn

// What all contenders compute with.
template <std::size_t Bits>
struct problem {
    bigint n = dense(Bits, 1), e = dense(exponent_bits, 4), out{0};
    numbers x, y;
    problem() {
        for (std::size_t i = 0; i < batch; ++i) {
            x.push_back(dense(Bits, 100 + i) % n);
            y.push_back(dense(Bits, 200 + i) % n);
        }
    }
    // Whether what somebody computed is right; the benchmark fails where it is not.
    static bool right(benchmark::State& state, const char* who, const bigint& theirs,
                      const bigint& expected) {
        if (theirs != expected) state.SkipWithError((std::string(who) + " disagrees with GMP").c_str());
        return theirs == expected;
    }
};

// An engine with its vectors loaded.
template <class Engine>
struct contender {
    Engine engine;
    typename Engine::vector a, b, out;
    secret<bigint> exponent;
    explicit contender(const auto& p)
        : engine(p.n), a(engine.enter(p.x)), b(engine.enter(p.y)), out(engine.make(batch)),
          exponent(bigint(p.e)) {}
    bigint last() const { return engine.get(out, batch - 1); }
};

// race(contender of an engine, name): ours first, without a name; then the engines that are rivals.
template <std::size_t Bits, class Enter>
void for_engines(const problem<Bits>& p, const Enter& enter) {
    const auto ours = std::make_shared<contender<modular::default_engine<Bits>>>(p);
    enter(ours, "");
    if (ours->engine.kind() != modular::engine_kind::gmp)
        enter(std::make_shared<contender<modular::gmp_engine<Bits>>>(p), "gmp_engine");
#ifdef VEILSUM_BENCH_NTL
    enter(std::make_shared<contender<modular::ntl_engine<Bits>>>(p), "ntl");
#endif
}
void add(bench::contest& race, const std::string& name, std::size_t items, std::function<void()> operation) {
    if (name.empty()) {
        race.ours(items, std::move(operation));
    } else {
        race.rival(name, items, std::move(operation));
    }
}

// Adds the counters of the multiply-add unit to a race for products or squares.
template <std::size_t Bits>
class port_limit {
  public:
    explicit port_limit(bench::contest& race) {
#if VEILSUM_IFMA_ENGINE
        if (modular::fastest_engine() != modular::engine_kind::ifma) return;
        block_ = modular::limb_block(bench::madd_block);
        for (std::size_t i = 0; i < bench::madd_block; ++i) block_.data()[i] = 0x9e3779b97f4a7 * (i + 1);
        race.rival("unit", rounds * bench::madds_a_round,
                   [this] { bench::independent_madds(block_, rounds); });
#else
        (void)race;
#endif
    }
    void publish(benchmark::State& state, double us, bool square) const {
#if VEILSUM_IFMA_ENGINE
        if (block_.size() == 0) return;
        constexpr std::size_t digits = modular::digits_for(Bits);
        const double each = state.counters["unit_us"]; // of one instruction, for eight results
        state.counters.erase("unit_us");
        state.counters.erase("over_unit");
        const auto schoolbook =
            static_cast<double>(square ? 3 * digits * digits + 2 * digits : 4 * digits * digits);
        const auto executed =
            static_cast<double>((square ? bench::square_madds(digits) : bench::product_madds(digits)) +
                                bench::reduction_madds(digits));
        const double lanes = veilsum::lane_count;
        state.counters["schoolbook_madds"] = schoolbook;
        state.counters["madds"] = executed;
        state.counters["port_us"] = schoolbook * each / lanes;
        state.counters["port_share"] = schoolbook * each / lanes / us;
        state.counters["unit_share"] = executed * each / lanes / us;
#else
        (void)state, (void)us, (void)square;
#endif
    }

  private:
    static constexpr std::size_t rounds = 10000;
    modular::limb_block block_;
};

template <std::size_t Bits, bool Square>
void product(benchmark::State& state) {
    problem<Bits> p;
    const bigint& x = p.x.back();
    const bigint& y = Square ? p.x.back() : p.y.back();
    const bigint expected = x * y % p.n;
    bench::contest race(state, Square ? "square" : "product");
    bool right = true;
    for_engines(p, [&](auto each, const std::string& name) {
        const auto once = [each] {
            if constexpr (Square) {
                each->engine.square(each->out, each->a);
            } else {
                each->engine.multiply(each->out, each->a, each->b);
            }
        };
        once();
        right = right && p.right(state, name.c_str(), each->last(), expected);
        add(race, name, batch * repeats / 2, [once] {
            for (std::size_t i = 0; i < repeats / 2; ++i) once();
        });
    });
    race.baseline(repeats, [&] {
        for (std::size_t i = 0; i < repeats; ++i) {
            mpz_mul(p.out.get(), x.get(), y.get());
            mpz_mod(p.out.get(), p.out.get(), p.n.get());
        }
    });
#ifdef VEILSUM_BENCH_OPENSSL
    const bench::openssl_ring openssl(p.n);
    const auto a = openssl.enter(x), b = openssl.enter(y), out = openssl.fresh();
    openssl.multiply(out, a, Square ? a : b);
    right = right && p.right(state, "openssl", openssl.leave(out), expected);
    race.rival("openssl", repeats, [&] {
        for (std::size_t i = 0; i < repeats; ++i) openssl.multiply(out, a, Square ? a : b);
    });
#endif
    port_limit<Bits> limit(race);
    if (right) limit.publish(state, race.run(), Square);
}
template <std::size_t Bits>
void multiply(benchmark::State& state) {
    product<Bits, false>(state);
}
template <std::size_t Bits>
void square(benchmark::State& state) {
    product<Bits, true>(state);
}

enum class kind { publicly, secretly, fixed };

template <std::size_t Bits, kind Kind>
void power(benchmark::State& state) {
    problem<Bits> p;
    const bigint& base = Kind == kind::fixed ? p.x.front() : p.x.back();
    bigint expected(0);
    mpz_powm(expected.get(), base.get(), p.e.get(), p.n.get());
    bench::contest race(state, "power");
    bool right = true;
    for_engines(p, [&](auto each, const std::string& name) {
        std::function<void()> once;
        if constexpr (Kind == kind::fixed) {
            const auto table =
                std::make_shared<const std::remove_cvref_t<decltype(each->engine.make_table(p.e, 1))>>(
                    each->engine.make_table(base, exponent_bits));
            const auto exponents = std::make_shared<const secret<numbers>>(numbers(batch, p.e));
            once = [each, table, exponents] {
                each->engine.power_fixed(each->out, *table, *exponents, exponent_bits);
            };
            if (name.empty()) state.counters["table_bytes"] = static_cast<double>(table->size_bytes());
        } else if constexpr (Kind == kind::secretly) {
            once = [each] { each->engine.power_secret(each->out, each->a, each->exponent, exponent_bits); };
        } else {
            once = [each, &p] { each->engine.power_public_vartime(each->out, each->a, p.e); };
        }
        once();
        right = right && p.right(state, name.c_str(), each->last(), expected);
        add(race, name, batch, std::move(once));
    });
    race.baseline(1, [&] {
        if constexpr (Kind == kind::publicly) {
            mpz_powm(p.out.get(), base.get(), p.e.get(), p.n.get());
        } else {
            mpz_powm_sec(p.out.get(), base.get(), p.e.get(), p.n.get());
        }
    });
#ifdef VEILSUM_BENCH_OPENSSL
    const bench::openssl_ring openssl(p.n);
    const auto b = bench::to_openssl(base), e = bench::to_openssl(p.e), out = openssl.fresh();
    const auto theirs = [&] {
        if constexpr (Kind == kind::publicly) {
            openssl.power_public(out, b, e);
        } else {
            openssl.power_secret(out, b, e);
        }
    };
    theirs();
    right = right && p.right(state, "openssl", bench::from_openssl(out.get()), expected);
    race.rival("openssl", 1, theirs);
#endif
    if (right) race.run();
}
template <std::size_t Bits>
void power_public(benchmark::State& state) {
    power<Bits, kind::publicly>(state);
}
template <std::size_t Bits>
void power_secret(benchmark::State& state) {
    power<Bits, kind::secretly>(state);
}
template <std::size_t Bits>
void power_fixed(benchmark::State& state) {
    power<Bits, kind::fixed>(state);
}

template <std::size_t Bits>
void make_table(benchmark::State& state) {
    const problem<Bits> p;
    const modular::default_engine<Bits> engine(p.n);
    const std::size_t size = engine.make_table(p.x[0], exponent_bits).size_bytes();
    bench::measure(state, "table", 1,
                   [&] { benchmark::DoNotOptimize(engine.make_table(p.x[0], exponent_bits).size_bytes()); });
    state.counters["bytes"] = static_cast<double>(size);
}

// 256 bases to 128-bit powers, multiplied together; time a base. Who takes one power each does a few of them.
template <std::size_t Bits>
void multi_power(benchmark::State& state) {
    problem<Bits> p;
    constexpr std::size_t count = 256, few = 8;
    numbers bases, exponents;
    bigint expected(1), of_few(1), power(0);
    for (std::size_t k = 0; k < count; ++k) {
        bases.push_back(dense(Bits, 10 + k) % p.n);
        exponents.push_back(dense(128, 1000 + k));
        mpz_powm(power.get(), bases[k].get(), exponents[k].get(), p.n.get());
        expected = expected * power % p.n;
        if (k < few) of_few = expected;
    }
    const std::span<const bigint> first(exponents.data(), few);
    bench::contest race(state, "base");
    bool right = true;
    for_engines(p, [&](auto each, const std::string& name) {
        const auto in = std::make_shared<decltype(each->a)>(each->engine.enter(bases));
        right =
            right && p.right(state, name.c_str(), each->engine.multi_power_vartime(*in, exponents), expected);
        if (name == "ntl") {
            const auto in_few = std::make_shared<decltype(each->a)>(
                each->engine.enter(std::span<const bigint>(bases).first(few)));
            add(race, name, few, [=, &power] { power = each->engine.multi_power_vartime(*in_few, first); });
        } else {
            add(race, name, count,
                [=, &power, &exponents] { power = each->engine.multi_power_vartime(*in, exponents); });
        }
    });
    race.baseline(few, [&] {
        p.out = bigint(1);
        for (std::size_t k = 0; k < few; ++k) {
            mpz_powm(power.get(), bases[k].get(), exponents[k].get(), p.n.get());
            mpz_mul(p.out.get(), p.out.get(), power.get());
            mpz_mod(p.out.get(), p.out.get(), p.n.get());
        }
    });
#ifdef VEILSUM_BENCH_OPENSSL
    const bench::openssl_ring openssl(p.n);
    std::vector<bench::openssl_number> b, e;
    for (std::size_t k = 0; k < few; ++k) {
        b.push_back(bench::to_openssl(bases[k]));
        e.push_back(bench::to_openssl(exponents[k]));
    }
    const auto out = openssl.fresh(), factor = openssl.fresh();
    const auto theirs = [&] {
        BN_one(out.get());
        for (std::size_t k = 0; k < few; ++k) {
            openssl.power_public(factor, b[k], e[k]);
            openssl.multiply_plain(out, out, factor);
        }
    };
    theirs();
    right = right && p.right(state, "openssl", bench::from_openssl(out.get()), of_few);
    race.rival("openssl", few, theirs);
#endif
    if (right) race.run();
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
    add("Square", square<Bits>);
    add("PowerPublic", power_public<Bits>);
    add("PowerSecret", power_secret<Bits>);
    add("PowerFixed", power_fixed<Bits>);
    add("MakeTable", make_table<Bits>);
    add("MultiPower", multi_power<Bits>);
}

[[maybe_unused]] const bool registered = [] {
    benchmark::AddCustomContext("engine", std::string(modular::name_of(modular::fastest_engine())));
    add_size<2048>("2048x1");
    add_size<3072>("3072x1");
    add_size<4096>("2048x2");
    add_size<6144>("3072x2");
    add_size<8192>("4096x2");
    add_size<9216>("3072x3");
    return true;
}();

} // namespace
