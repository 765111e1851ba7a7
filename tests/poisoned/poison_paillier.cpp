// Does the arithmetic around the engine take time that depends on plaintexts, or on the owner's primes?
//
// Secrets are marked as undefined memory; valgrind's memcheck then reports every branch and every address
// that depends on them. How to run it, and what the exit status means: poison_modular.cpp.
//
// The conversion to a bigint drops zero limbs and is therefore no honest function: it is the control that
// must be reported, together with a branch on a secret and a division by GMP's own mpz layer.
#include <veilsum/paillier/plaintext_space.hpp>
#include <veilsum/paillier/principal_units.hpp>

#include <valgrind/memcheck.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

using namespace veilsum;
using namespace veilsum::paillier;

namespace {

int failures = 0;

void poison(padded_integer& value) {
    (void)VALGRIND_MAKE_MEM_UNDEFINED(value.data(), value.size() * sizeof(limb));
}
// A divisor's upper limb stays defined: its leading zeros are public.
void poison_divisor(padded_integer& value) {
    (void)VALGRIND_MAKE_MEM_UNDEFINED(value.data(), (value.size() - 1) * sizeof(limb));
}
// Undefined bits must have reached the result, or nothing was tested; then it may be read.
bool arrived(padded_integer& value) {
    std::vector<limb> undefined(value.size());
    (void)VALGRIND_GET_VBITS(value.data(), undefined.data(), value.size() * sizeof(limb));
    (void)VALGRIND_MAKE_MEM_DEFINED(value.data(), value.size() * sizeof(limb));
    (void)VALGRIND_MAKE_MEM_DEFINED(undefined.data(), undefined.size() * sizeof(limb));
    limb any = 0;
    for (const limb word : undefined) any |= word;
    return any != 0;
}

void expect(bool holds, std::string_view what, unsigned reports) {
    if (!holds) ++failures;
    std::printf("%s %.*s: %u reports\n", holds ? "ok  " : "FAIL", static_cast<int>(what.size()), what.data(),
                reports);
}
// The operation gives a padded_integer, which must be `expected`.
template <class Operation>
void honest(std::string_view what, const bigint& expected, const Operation& operation) {
    const unsigned before = VALGRIND_COUNT_ERRORS;
    padded_integer out = operation();
    const unsigned reports = VALGRIND_COUNT_ERRORS - before;
    expect(reports == 0 && arrived(out) && out.to_integer() == expected, what, reports);
}
template <class Operation>
void leaking(std::string_view what, const Operation& operation) {
    const unsigned before = VALGRIND_COUNT_ERRORS;
    operation();
    const unsigned reports = VALGRIND_COUNT_ERRORS - before;
    expect(reports > 0, what, reports);
}

// The group of 1 mod b, with b = n or the secret b = p.
void check_group(const bigint& b, const bigint& n, std::size_t degree) {
    const principal_units group(b, n, degree);
    const bigint order = group.order().to_integer(), modulus = group.modulus().to_integer();
    const bigint x = order / 7, u = power_vartime(n + 1, x, modulus);
    padded_integer exponent(x, group.order().size());
    poison(exponent);
    honest("(1+n)^x", u, [&] { return group.power(exponent); });
    padded_integer element(u, group.modulus().size());
    poison(element);
    honest("logarithm", x, [&] { return group.log(element).exponent; });
    // A chosen, public, short ciphertext modulo the secret p^(s+1).
    padded_integer divisor = group.modulus().clone();
    const padded_integer chosen(modulus - 2, 2 * divisor.size());
    poison_divisor(divisor);
    honest("remainder by a secret", modulus - 2, [&] { return remainder(chosen, divisor); });

    leaking("control: to_integer", [&] { (void)exponent.to_integer(); });
    leaking("control: branch on a secret", [&] {
        if ((exponent.data()[0] & 1) != 0) std::printf("an odd exponent\n");
    });
}

void check_plaintexts(const bigint& n) {
    const plaintext_space space(n);
    for (const int sign : {1, -1}) {
        const bigint plaintext = (n >> 2) * sign;
        (void)VALGRIND_MAKE_MEM_UNDEFINED(mpz_limbs_read(plaintext.get()),
                                          mpz_size(plaintext.get()) * sizeof(limb));
        // Its one branch, on whether the plaintext fits, is public, and memcheck does not see it: a borrow
        // that leaves a subtraction is taken for defined.
        honest("encode", (n >> 2) * sign % n, [&] { return space.encode(plaintext)->clone(); });
        leaking("control: remainder of a bigint", [&] { (void)(plaintext % (n >> 100)); });
        (void)VALGRIND_MAKE_MEM_DEFINED(mpz_limbs_read(plaintext.get()),
                                        mpz_size(plaintext.get()) * sizeof(limb));
    }
}

} // namespace

int main() {
    if (RUNNING_ON_VALGRIND == 0) {
        std::printf("run this under valgrind\n");
        return 2;
    }
    // Any numbers without small factors serve: the arithmetic does not know primes.
    const bigint p = (bigint(1) << 255) + 95, q = (bigint(1) << 255) + 3;
    for (std::size_t degree = 1; degree <= 3; ++degree) {
        std::printf("degree %zu\n", degree);
        check_group(p * q, p * q, degree);
        check_group(p, p * q, degree);
    }
    check_plaintexts(p * q);
    std::printf("%d failures\n", failures);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
