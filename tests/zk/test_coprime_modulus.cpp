// gcd(n, phi(n)) = 1, on toy moduli of 512 bits.
#include "support/toy.hpp"

#include "support/catch.hpp"
#include "support/cheating_owner.hpp"
#include "support/key_context.hpp"
#include "support/key_simulators.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/hash/sha2.hpp>
#include <veilsum/zk/coprime_modulus.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

using namespace veilsum;
using integer::bigint;
using test::check_refused;
using test::key_script;
using tests::seeded_random;

namespace {

using toy = test::toy_scheme<1>;
using coprime = zk::coprime_modulus<toy>;

coprime::statement claim() {
    return {test::fixed_public_key<toy>()};
}
const coprime::proof& example() {
    static const coprime::proof made =
        coprime::prove(key_script(), claim(), {test::fixed_prime_pair<512>()}).value();
    return made;
}
std::string root(std::size_t index) {
    return "root " + std::to_string(index + 1);
}

} // namespace

// 1. Completeness.

TEMPLATE_TEST_CASE("coprime modulus: honest proofs verify", "[zk]", test::toy_scheme<1>,
                   test::toy_scheme<2>) {
    using relation = zk::coprime_modulus<TestType>;
    const typename relation::statement about{test::fixed_public_key<TestType>()};
    const auto proof =
        relation::prove(key_script(), about, {test::fixed_prime_pair<TestType::modulus_bits>()});
    REQUIRE(proof);
    const bytes sent = proof->serialize();
    CHECK(sent.size() == TestType::modulus_bits);
    const auto received = relation::proof::parse(about, sent);
    REQUIRE(received);
    CHECK(received->serialize() == sent);
    CHECK(relation::verify(key_script(), about, *received));
}

TEST_CASE("coprime modulus: size and number of roots", "[zk]") {
    CHECK(coprime::repetitions == 8);
    CHECK(zk::coprime_modulus<paillier::scheme<3072>>::proof_bytes == 3072);
    CHECK(std::tuple_size_v<decltype(coprime::proof::roots)> == 8);
}

// 2. Each field tampered.

TEST_CASE("coprime modulus: every altered root is refused, and named", "[zk]") {
    for (std::size_t i = 0; i < coprime::repetitions; ++i) {
        auto altered = example();
        altered.roots[i] -= 1;
        check_refused(coprime::verify(key_script(), claim(), altered), errc::bad_proof, "coprime modulus", 4,
                      root(i));
        altered = example();
        altered.roots[i] = claim().key.n() - altered.roots[i]; // n is odd: not a second root
        check_refused(coprime::verify(key_script(), claim(), altered), errc::bad_proof, "coprime modulus", 4,
                      root(i));
    }
    auto swapped = example();
    std::swap(swapped.roots[2], swapped.roots[5]);
    check_refused(coprime::verify(key_script(), claim(), swapped), errc::bad_proof, "coprime modulus", 4,
                  root(2));
}

// 3. Wrong statement.

TEST_CASE("coprime modulus: a proof is for its own key", "[zk]") {
    const auto other = paillier::public_key<toy>::create(claim().key.n(), 4); // the same n, another root
    REQUIRE(other);
    check_refused(coprime::verify(key_script(), {*other}, example()), errc::bad_proof, "coprime modulus", 4,
                  root(0));
    const auto& second = test::fixed_public_key<toy, 1>();
    auto smaller = example();
    for (bigint& x : smaller.roots) x = x % second.n();
    check_refused(coprime::verify(key_script(), {second}, smaller), errc::bad_proof, "coprime modulus", 4,
                  root(0));
    check_refused(coprime::prove(key_script(), {second}, {test::fixed_prime_pair<512>()}), errc::mismatch,
                  "modulus of the key", 2);
}

// Counted in full on a modulus of two digits: one unit in r has an n-th root.
TEST_CASE("coprime modulus: one unit in r has a root if r divides n and phi(n)", "[zk]") {
    const auto share = [](unsigned n) {
        std::vector<bool> power(n);
        unsigned units = 0, powers = 0;
        for (unsigned x = 1; x < n; ++x)
            if (gcd(bigint(x), bigint(n)) == 1) {
                ++units;
                power[static_cast<std::size_t>(*power_vartime(bigint(x), n, n).to_int64())] = true;
            }
        for (const bool reached : power) powers += reached ? 1 : 0;
        return std::pair(units, powers);
    };
    CHECK(share(7 * 43) == std::pair(6u * 42, 6u * 42 / 7)); // 43 = 1 mod 7
    CHECK(share(7 * 7 * 11) == std::pair(42u * 10, 42u * 10 / 7));
    CHECK(share(7 * 11) == std::pair(60u, 60u));
    CHECK(share(7 * 11 * 19) == std::pair(1080u, 1080u)); // says nothing about the number of primes
}

TEST_CASE("coprime modulus: the owner of a modulus with gcd(n, phi(n)) > 1 cannot prove", "[zk]") {
    seeded_random rng(1);
    using bad = test::bad_moduli<512>;
    // The smallest factor that trial division lets pass has 17 bits.
    for (const auto& modulus :
         {bad::shared_factor(17, rng), bad::shared_factor(200, rng), bad::shared_factor(240, rng)}) {
        const bigint &p = modulus.factors[0], &q = modulus.factors[1];
        REQUIRE(gcd(modulus.n, (p - 1) * (q - 1)) == p);
        const coprime::statement about{test::key_of<toy>(modulus.n)};
        const auto best = test::cheat_coprime(key_script(), about.key, modulus);
        CHECK(best.answered == 0); // each with probability 1/p
        check_refused(coprime::verify(key_script(), about, best.proof), errc::bad_proof, "coprime modulus", 4,
                      root(0));
    }
    // p^2 q: roots modulo p q always exist, but they are right modulo p^2 for one unit in p only.
    const auto repeated = bad::repeated_factor(rng);
    const bigint &p = repeated.factors[0], &q = repeated.factors[2];
    const coprime::statement about{test::key_of<toy>(repeated.n)};
    const auto units = coprime::derive_challenge(key_script(), about);
    REQUIRE(units);
    coprime::proof best;
    for (std::size_t i = 0; i < coprime::repetitions; ++i) {
        best.roots[i] =
            *test::root_modulo((*units)[i], test::product_of({p, q}), [&](const auto& u, const auto& r) {
                return test::power_root(u, repeated.n, r);
            });
        CHECK(power_vartime(best.roots[i], repeated.n, p * q) == (*units)[i] % (p * q));
    }
    check_refused(coprime::verify(key_script(), about, best), errc::bad_proof, "coprime modulus", 4, root(0));
}

TEST_CASE("coprime modulus: the same attack succeeds where it must, on a good modulus", "[zk]") {
    seeded_random rng(2);
    const auto good = test::bad_moduli<512>::three_primes(rng); // bad for another reason
    const coprime::statement about{test::key_of<toy>(good.n)};
    const auto best = test::cheat_coprime(key_script(), about.key, good);
    CHECK(best.answered == 8);
    CHECK(coprime::verify(key_script(), about, best.proof));
}

TEST_CASE("coprime modulus: the prover refuses primes that are none", "[zk]") {
    seeded_random rng(3);
    const auto pair_of = [](const bigint& p, const bigint& q) {
        return integer::prime_pair{secret(bigint(p)), secret(bigint(q))};
    };
    // Halves that are not prime, so that the roots come out wrong: noticed before anything leaves.
    const auto three = test::of_length(512, [&] {
        return test::product_of(
            {test::blum_prime(128, rng), test::blum_prime(128, rng), test::blum_prime(256, rng)});
    });
    const auto pair = pair_of(three.factors[0] * three.factors[1], three.factors[2]);
    check_refused(coprime::prove(key_script(), {test::key_of<toy>(three.n)}, {pair}), errc::mismatch, "root",
                  0);

    const bigint third = claim().key.n() / 3;
    check_refused(coprime::prove(key_script(), claim(), {pair_of(3, third)}), errc::out_of_range,
                  "size of a prime", 1);
}

TEST_CASE("coprime modulus: the prover refuses a modulus that shares a factor with its order", "[zk]") {
    // Two primes of equal length cannot: q = 1 + 2p would be longer. So q is no prime here.
    seeded_random rng(4);
    const bigint r = test::blum_prime(100, rng);
    const auto modulus = test::of_length(512, [&] {
        return test::product_of({test::prime_in_class(256, 1, r, rng), r, test::blum_prime(156, rng)});
    });
    const integer::prime_pair pair{secret(bigint(modulus.factors[0])),
                                   secret(modulus.factors[1] * modulus.factors[2])};
    check_refused(coprime::prove(key_script(), {test::key_of<toy>(modulus.n)}, {pair}), errc::bad_parameter,
                  "modulus shares a factor with its order", 0);
}

// 4. Wrong session or party; every absorbed item.

TEST_CASE("coprime modulus: every item of the context counts", "[zk]") {
    REQUIRE(coprime::verify(key_script(), claim(), example()));
    for (const auto& script : test::other_scripts())
        check_refused(coprime::verify(script, claim(), example()), errc::bad_proof, "coprime modulus", 4,
                      root(0));
}

TEST_CASE("coprime modulus: the transcript is that of the specification", "[zk]") {
    transcript::transcript by_hand = key_script();
    by_hand.absorb("proof", as_bytes("veilsum.coprime-modulus/1"));
    by_hand.absorb("coprime.key", claim().key.id());
    CHECK(coprime::derive_challenge(key_script(), claim()).value() ==
          zk::challenge_residues(by_hand, "coprime.y", claim().key.n(), 8));
}

// 5. Both sides of each bound.

TEST_CASE("coprime modulus: roots are in (0, n)", "[zk]") {
    const bigint& n = claim().key.n();
    for (std::size_t i = 0; i < coprime::repetitions; ++i)
        for (const bigint& bad : {bigint(0), n, bigint(-1), example().roots[i] + n, example().roots[i] - n}) {
            auto altered = example();
            altered.roots[i] = bad;
            check_refused(coprime::verify(key_script(), claim(), altered), errc::out_of_range, "root", 2,
                          root(i));
        }
    for (const bigint& edge : {bigint(1), n - 1}) { // in range, and no roots
        auto altered = example();
        altered.roots[0] = edge;
        check_refused(coprime::verify(key_script(), claim(), altered), errc::bad_proof, "coprime modulus", 4);
    }
}

TEST_CASE("coprime modulus: a challenge that is no unit is refused on both sides", "[zk]") {
    seeded_random rng(5);
    const auto modulus = test::bad_moduli<512>::small_factor(17, rng);
    const coprime::statement about{test::key_of<toy>(modulus.n)};
    auto context = test::key_context();
    for (context.round = 0; coprime::derive_challenge(test::script_of(context), about); ++context.round)
        REQUIRE(context.round < 200000); // eight residues in 2^17
    coprime::proof any;
    any.roots.fill(1);
    check_refused(coprime::verify(test::script_of(context), about, any), errc::not_a_unit, "challenge", 3);
    check_refused(coprime::derive_challenge(test::script_of(context), about), errc::not_a_unit, "challenge",
                  3);
}

// 6. Malformed encodings.

TEST_CASE("coprime modulus: bytes have one length and one spelling", "[zk]") {
    const bytes sent = example().serialize();
    const auto parse = [](byte_view data) { return coprime::proof::parse(claim(), data); };
    check_refused(parse({}), errc::malformed, "length of the proof", 1);
    check_refused(parse(byte_view(sent).first(sent.size() - 1)), errc::malformed, "length of the proof", 1);
    bytes longer = sent;
    longer.push_back(0);
    check_refused(parse(longer), errc::malformed, "length of the proof", 1);
    for (std::size_t i = 0; i < 8; ++i)
        for (const bytes& field : {bytes(64, 0), bytes(64, 0xff), claim().key.n().to_bytes(64)}) {
            bytes altered = sent;
            std::copy(field.begin(), field.end(), altered.begin() + static_cast<std::ptrdiff_t>(64 * i));
            check_refused(parse(altered), errc::out_of_range, "root", 2, root(i));
        }
}

// 7. A fixed vector; the roots are unique, so anybody who has the primes can compute it again.

TEST_CASE("coprime modulus: the same key and context make the same proof for ever", "[zk]") {
    CHECK(to_hex(hash::sha256(example().serialize())) ==
          "79efff86dda1ed05174ee3b21bbfc096c522ecb591e3445d6a8300c1ef45d300");
}

// Zero knowledge.

TEST_CASE("coprime modulus: simulated challenges and roots are accepted", "[zk]") {
    seeded_random rng(6);
    const auto simulated = test::simulator<coprime>::draw(claim(), rng);
    CHECK(coprime::check(claim(), simulated.units, simulated.proof));
    check_refused(coprime::verify(key_script(), claim(), simulated.proof), errc::bad_proof, "coprime modulus",
                  4);
}
