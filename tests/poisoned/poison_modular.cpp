// Do operations on secret residues, and powers with secret exponents, take time that depends on them?
//
// The bits of a secret are marked as undefined memory; valgrind's memcheck then reports every branch and
// every address that depends on them. Run by hand or by the suite, optimised as users compile it:
//
//     g++ -std=c++20 -O2 -g -Iinclude tests/poisoned/poison_modular.cpp -o poison_modular -lsodium -lgmp
//     valgrind -q ./poison_modular
//
// The honest functions must add no report; then three controls leak on purpose (a variable-time power, a
// table indexed by the secret, a branch on the result) and each must be reported, or the checker sees
// nothing. Exit status: 0 all as it must be, 1 a leak or a blind checker or a wrong result, 2 not under
// valgrind.
//
// The `adx` kernel is asked for by name where the processor has it: valgrind hides that from programs. It
// hides AVX-512 too and cannot run it: default_engine is the portable one here, and the vector unit's engine
// is looked at by its timing (benchmarks/modular/bench_timing_leak.cpp).
#include <veilsum/modular/default_engine.hpp>
#include <veilsum/modular/gmp_engine.hpp>

#include <valgrind/memcheck.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

using namespace veilsum;
using namespace veilsum::modular;
using integer::bigint;

namespace {

constexpr std::size_t bits = 512 - 9;
int failures = 0;

void poison(const bigint& value) {
    limb* limbs = const_cast<limb*>(mpz_limbs_read(value.get()));
    std::vector<limb> undefined(mpz_size(value.get()), ~limb{0});
    // Bits above the public length are defined to be zero.
    undefined.back() >>= (limb_bits - bits % limb_bits) % limb_bits;
    (void)VALGRIND_SET_VBITS(limbs, undefined.data(), undefined.size() * sizeof(limb));
}
void unpoison(const bigint& value) {
    (void)VALGRIND_MAKE_MEM_DEFINED(mpz_limbs_read(value.get()), mpz_size(value.get()) * sizeof(limb));
}

template <class Operation>
unsigned reports_of(const Operation& operation) {
    const unsigned before = VALGRIND_COUNT_ERRORS;
    operation();
    return VALGRIND_COUNT_ERRORS - before;
}
void expect(bool holds, std::string_view what, unsigned reports) {
    if (!holds) ++failures;
    std::printf("%s %.*s: %u reports\n", holds ? "ok  " : "FAIL", static_cast<int>(what.size()), what.data(),
                reports);
}
template <class Operation>
void honest(std::string_view what, const Operation& operation) {
    const unsigned reports = reports_of(operation);
    expect(reports == 0, what, reports);
}
template <class Operation>
void leaking(std::string_view what, const Operation& operation) {
    const unsigned reports = reports_of(operation);
    expect(reports > 0, what, reports);
}

// Undefined bits must have reached the result, or nothing was tested; then it may be read.
template <std::size_t L>
bool arrived(std::array<limb, L>& value) {
    std::array<limb, L> undefined{};
    (void)VALGRIND_GET_VBITS(value.data(), undefined.data(), sizeof(value));
    (void)VALGRIND_MAKE_MEM_DEFINED(value.data(), sizeof(value));
    (void)VALGRIND_MAKE_MEM_DEFINED(undefined.data(), sizeof(undefined));
    limb any = 0;
    for (const limb word : undefined) any |= word;
    return any != 0;
}

template <std::size_t L>
void check(row_kernel kernel, std::string_view name) {
    std::printf("%zu limbs, kernel %.*s\n", L, static_cast<int>(name.size()), name.data());
    const bigint modulus = (bigint(1) << (64 * L - 1)) + bigint(12345);
    const bigint base = modulus / bigint(3);
    const bigint value = ((bigint(1) << bits) - bigint(1)) / bigint(7);
    const bigint expected = power_vartime(base, value, modulus);
    const montgomery<L> field(modulus, kernel);
    typename montgomery<L>::workspace room;
    std::array<limb, L> residue, out;
    field.enter(residue.data(), base, room);
    const fixed_base_table<L> table(field, residue.data(), bits + 20);

    const bigint exponent = value;
    poison(exponent);
    honest("power_secret",
           [&] { power_secret(out.data(), field, residue.data(), secret_exponent(exponent, bits), room); });
    expect(arrived(out) && field.leave(out.data(), room) == expected, "  undefined, and right", 0);
    honest("fixed_base_table::power",
           [&] { table.power(out.data(), field, secret_exponent(exponent, bits), room); });
    expect(arrived(out) && field.leave(out.data(), room) == expected, "  undefined, and right", 0);
    honest("multiply and square of secret residues", [&] {
        (void)VALGRIND_MAKE_MEM_UNDEFINED(residue.data(), sizeof(residue));
        field.multiply(out.data(), residue.data(), residue.data(), room);
        field.square(out.data(), out.data(), room);
    });
    expect(arrived(residue) && arrived(out) &&
               field.leave(out.data(), room) == power_vartime(base, bigint(4), modulus),
           "  undefined, and right", 0);

    leaking("control: fixed_base_table::power_vartime",
            [&] { table.power_vartime(out.data(), field, exponent, room); });
    leaking("control: power_public_vartime",
            [&] { power_public_vartime(out.data(), field, residue.data(), exponent, room); });
    leaking("control: branch on a secret result", [&] {
        table.power(out.data(), field, secret_exponent(exponent, bits), room);
        if ((out[0] & 1) != 0) std::printf("an odd result\n");
    });
    unpoison(exponent);
}

// The whole engine, from secret<bigint> on. Its residues cannot be poisoned from outside: powers with secret
// exponents make them undefined, and the last control shows that they still are in the end.
template <class Engine>
void check_engine(const Engine& engine, std::string_view name) {
    std::printf("engine %.*s\n", static_cast<int>(name.size()), name.data());
    const bigint& modulus = engine.modulus();
    auto v = engine.make(3), w = engine.make(3);
    engine.set(v, 0, bigint(3));
    engine.set(v, 1, modulus - bigint(1));
    engine.set(v, 2, modulus / bigint(7));
    bigint first = (bigint(1) << bits) / bigint(5);
    const bigint value = first;
    const secret<bigint> exponent(std::move(first));
    std::vector<bigint> list{value, value / bigint(3), value};
    const secret<std::vector<bigint>> exponents(std::move(list));
    const auto table = engine.make_table(bigint(3), bits);
    poison(exponent.expose());
    for (const bigint& e : exponents.expose()) poison(e);
    honest("power_fixed", [&] { engine.power_fixed(w, table, exponents, bits); });
    honest("power_secret", [&] { engine.power_secret(v, v, exponent, bits); });
    honest("multiply, square and copy of secret residues", [&] {
        engine.multiply(v, v, w);
        engine.square(v, v);
        engine.copy(w, 2, v, 0);
        engine.copy(v, 1, w, 2);
        auto fresh = v;
        engine.multiply(fresh, v, fresh);
        fresh.wipe();
    });
    // Into and out of an engine go numbers without zero limbs on top, so that how many there are can be seen,
    // as the headers say; and `enter` checks its contract, a branch that always goes the same way.
    bigint secret_number = modulus - bigint(99);
    (void)VALGRIND_MAKE_MEM_UNDEFINED(mpz_limbs_read(secret_number.get()),
                                      (mpz_size(secret_number.get()) - 1) * sizeof(limb));
    const unsigned reports =
        reports_of([&] { (void)engine.enter(std::span<const bigint>(&secret_number, 1)); });
    expect(reports <= 2, "enter: nothing but the check that it is in range", reports);
    (void)VALGRIND_MAKE_MEM_DEFINED(mpz_limbs_read(secret_number.get()),
                                    mpz_size(secret_number.get()) * sizeof(limb));

    bigint result(0);
    leaking("control: power_public_vartime", [&] { engine.power_public_vartime(w, w, exponent.expose()); });
    leaking("control: power_fixed_vartime",
            [&] { (void)engine.power_fixed_vartime(table, exponent.expose()); });
    leaking("control: a secret residue as a number", [&] {
        result = engine.get(v, 0);
        (void)VALGRIND_MAKE_MEM_DEFINED(&result, sizeof result);
        if (result.is_odd()) std::printf("an odd result\n");
    });
    unpoison(exponent.expose());
    for (const bigint& e : exponents.expose()) unpoison(e);
    unpoison(result);
    const bigint product =
        power_vartime(bigint(3), value, modulus) * power_vartime(bigint(3), value, modulus);
    expect(result == product * product % modulus, "the right number", 0);
}

} // namespace

int main() {
    if (RUNNING_ON_VALGRIND == 0) {
        std::printf("run this under valgrind\n");
        return 2;
    }
    check<16>(row_kernel::portable, "portable");
    check<48>(row_kernel::portable, "portable");
    const bigint modulus = (bigint(1) << 1023) + bigint(12345);
    check_engine(gmp_engine<1024>(modulus, row_kernel::portable), "gmp");
    check_engine(default_engine<1024>(modulus, engine_kind::gmp), "default (gmp)");
    if (has_ifma()) check_engine(default_engine<1024>(modulus, engine_kind::ifma), "default (ifma)");
    std::FILE* processor = std::fopen("/proc/cpuinfo", "r");
    bool adx = false;
    for (char word[256]; processor != nullptr && std::fscanf(processor, "%255s", word) == 1;)
        adx = adx || std::strcmp(word, "adx") == 0;
    if (processor != nullptr) std::fclose(processor);
    if (adx) {
        check<16>(row_kernel::adx, "adx");
        check<48>(row_kernel::adx, "adx");
        check<128>(row_kernel::adx, "adx"); // where the reduction runs in halves
        check_engine(gmp_engine<1024>(modulus, row_kernel::adx), "gmp");
    }
    std::printf("%d failures\n", failures);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
