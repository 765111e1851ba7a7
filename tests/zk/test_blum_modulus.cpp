// Exactly two prime factors, both 3 modulo 4, on toy moduli of 512 bits.
#include "support/toy.hpp"

#include "support/catch.hpp"
#include "support/cheating_owner.hpp"
#include "support/key_context.hpp"
#include "support/key_simulators.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/hash/sha2.hpp>
#include <veilsum/zk/blum_modulus.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

using namespace veilsum;
using integer::bigint;
using test::check_refused;
using test::key_script;
using tests::seeded_random;

namespace {

using toy = test::toy_scheme<1>;
using blum = zk::blum_modulus<toy>;

blum::statement claim() {
    return {test::fixed_public_key<toy>()};
}
blum::proof prove(std::uint64_t seed) {
    seeded_random rng(seed);
    return blum::prove(key_script(), claim(), {test::fixed_prime_pair<512>()}, rng).value();
}
const blum::proof& example() {
    static const blum::proof made = prove(1);
    return made;
}
std::string root(std::size_t index) {
    return "root " + std::to_string(index + 1);
}

} // namespace

// 1. Completeness.

TEMPLATE_TEST_CASE("Blum modulus: honest proofs verify", "[zk]", test::toy_scheme<1>, test::toy_scheme<2>) {
    using relation = zk::blum_modulus<TestType>;
    constexpr std::size_t bits = TestType::modulus_bits;
    const typename relation::statement about{test::fixed_public_key<TestType>()};
    for (std::uint64_t seed = 0; seed < 2; ++seed) {
        seeded_random rng(seed);
        const auto proof = relation::prove(key_script(), about, {test::fixed_prime_pair<bits>()}, rng);
        REQUIRE(proof);
        const bytes sent = proof->serialize();
        CHECK(sent.size() == 129 * bits / 8 + 32);
        const auto received = relation::proof::parse(about, sent);
        REQUIRE(received);
        CHECK(received->serialize() == sent);
        CHECK(relation::verify(key_script(), about, *received));
    }
}

TEST_CASE("Blum modulus: size and number of roots", "[zk]") {
    CHECK(blum::repetitions == 128);
    CHECK(zk::blum_modulus<paillier::scheme<3072>>::proof_bytes == 49568);
    CHECK(std::tuple_size_v<blum::response> == 128);
}

TEST_CASE("Blum modulus: all four kinds of challenges occur, and roots are squares", "[zk]") {
    std::array<int, 4> seen{};
    const auto primes = test::fixed_prime_pair<512>();
    for (const auto& answer : example().roots) {
        ++seen[(answer.negated ? 1u : 0u) + (answer.shifted ? 2u : 0u)];
        CHECK(mpz_jacobi(answer.x.get(), primes.p.expose().get()) == 1);
        CHECK(mpz_jacobi(answer.x.get(), primes.q.expose().get()) == 1);
    }
    for (const int count : seen) CHECK(count > 10); // of 128
}

// 2. Each field tampered.

TEST_CASE("Blum modulus: every altered field is refused", "[zk]") {
    const bigint& n = claim().key.n();
    const auto refused = [](const blum::proof& altered, std::size_t at) {
        check_refused(blum::verify(key_script(), claim(), altered), errc::bad_proof, "Blum modulus", 5,
                      root(at));
    };
    for (std::size_t i = 0; i < blum::repetitions; ++i) {
        auto altered = example();
        altered.roots[i].x = altered.roots[i].x - 1;
        refused(altered, i);
        altered = example();
        altered.roots[i].negated = !altered.roots[i].negated;
        refused(altered, i);
        altered = example();
        altered.roots[i].shifted = !altered.roots[i].shifted;
        refused(altered, i);
    }
    auto altered = example();
    altered.announcement.w = altered.announcement.w * 4 % n; // the same Jacobi symbol
    refused(altered, 0);
    altered.announcement.w = n - example().announcement.w; // as -1 has the symbol 1
    refused(altered, 0);
    auto swapped = example();
    std::swap(swapped.roots[3], swapped.roots[90]);
    refused(swapped, 3);
    auto mixed = example();
    mixed.announcement = prove(2).announcement;
    refused(mixed, 0);
}

TEST_CASE("Blum modulus: the other fourth roots of a number are as good", "[zk]") {
    auto other = example();
    other.roots[7].x = claim().key.n() - other.roots[7].x;
    CHECK(blum::verify(key_script(), claim(), other));
}

// 3. Wrong statement.

TEST_CASE("Blum modulus: a proof is for its own key", "[zk]") {
    const auto other = paillier::public_key<toy>::create(claim().key.n(), 4); // the same n, another root
    REQUIRE(other);
    check_refused(blum::verify(key_script(), {*other}, example()), errc::bad_proof, "Blum modulus", 5,
                  root(0));
    const auto& second = test::fixed_public_key<toy, 1>();
    seeded_random rng(3);
    check_refused(blum::prove(key_script(), {second}, {test::fixed_prime_pair<512>()}, rng), errc::mismatch,
                  "modulus of the key", 2);
}

// Counted in full: for the best w, the share of units y for which y, -y, w y or -w y is a fourth power.
TEST_CASE("Blum modulus: at most half of all challenges can be answered for other moduli", "[zk]") {
    const auto best_share = [](unsigned n) {
        std::vector<unsigned> units;
        for (unsigned x = 1; x < n; ++x)
            if (gcd(bigint(x), bigint(n)) == 1) units.push_back(x);
        std::vector<bool> fourth(n);
        for (const unsigned x : units) fourth[x * x % n * x % n * x % n] = true;
        double best = 0;
        for (const unsigned w : units) {
            unsigned answered = 0;
            for (const unsigned y : units)
                answered +=
                    fourth[y] || fourth[n - y] || fourth[w * y % n] || fourth[n - w * y % n] ? 1u : 0u;
            best = std::max(best, static_cast<double>(answered) / static_cast<double>(units.size()));
        }
        return best;
    };
    CHECK(best_share(7 * 11) == 1.0);        // 3 modulo 4 both
    CHECK(best_share(7 * 7 * 11) == 1.0);    // not square-free: another proof's task
    CHECK(best_share(7 * 13) == 0.5);        // 13 = 5 modulo 8
    CHECK(best_share(7 * 17) == 0.5);        // 17 = 1 modulo 8
    CHECK(best_share(5 * 13) <= 0.5);        // both 1 modulo 4
    CHECK(best_share(3 * 7 * 11) == 0.5);    // three primes
    CHECK(best_share(3 * 5 * 11) <= 0.5);    // three primes, one of them 1 modulo 4
    CHECK(best_share(3 * 5 * 7 * 11) < 0.3); // four
}

TEST_CASE("Blum modulus: the owner of another modulus cannot prove", "[zk]") {
    seeded_random rng(4);
    using bad = test::bad_moduli<512>;
    const auto three = bad::three_primes(rng), one = bad::not_blum(false, rng),
               both = bad::not_blum(true, rng);
    for (const auto* modulus : {&three, &one, &both}) {
        const blum::statement about{test::key_of<toy>(modulus->n)};
        // The best of 8 announcements; all 128 roots exist for one in 2^128.
        const auto best = test::cheat_blum(key_script(), about.key, *modulus, 8, rng);
        CHECK(best.answered > 20);
        CHECK(best.answered < 100);
        const auto outcome = blum::verify(key_script(), about, best.proof);
        check_refused(outcome, errc::bad_proof, "Blum modulus", 5);
        CHECK(outcome.error().place.substr(0, 5) == "root ");
    }
}

TEST_CASE("Blum modulus: the same attack succeeds where it must, on a good modulus", "[zk]") {
    seeded_random rng(5);
    const auto good = test::bad_moduli<512>::small_factor(40, rng); // bad for another reason
    const blum::statement about{test::key_of<toy>(good.n)};
    const auto best = test::cheat_blum(key_script(), about.key, good, 1, rng);
    CHECK(best.answered == 128);
    CHECK(blum::verify(key_script(), about, best.proof));
}

TEST_CASE("Blum modulus: the prover refuses what it cannot prove", "[zk]") {
    seeded_random rng(6);
    const auto prove = [&](const bigint& p, const bigint& q) {
        const integer::prime_pair pair{secret(bigint(p)), secret(bigint(q))};
        return blum::prove(key_script(), {test::key_of<toy>(p * q)}, {pair}, rng);
    };
    const auto one = test::bad_moduli<512>::not_blum(false, rng);
    check_refused(prove(one.factors[0], one.factors[1]), errc::bad_parameter, "primes not 3 modulo 4", 0);
    check_refused(prove(one.factors[1], one.factors[0]), errc::bad_parameter, "primes not 3 modulo 4", 0);
    // p = p1 p2 = 1 modulo 4 would be refused at once; p = p1 p2 p3 = 3 modulo 4 is noticed in the roots.
    for (;;) {
        const bigint p = test::blum_prime(86, rng) * test::blum_prime(85, rng) * test::blum_prime(85, rng);
        const bigint q = test::blum_prime(256, rng);
        if (p.bit_length() != 256 || (p * q).bit_length() != 512) continue;
        check_refused(prove(p, q), errc::mismatch, "root", 0);
        break;
    }
}

// 4. Wrong session or party; every absorbed item.

TEST_CASE("Blum modulus: every item of the context counts", "[zk]") {
    REQUIRE(blum::verify(key_script(), claim(), example()));
    for (const auto& script : test::other_scripts()) {
        const auto outcome = blum::verify(script, claim(), example());
        check_refused(outcome, errc::bad_proof, "Blum modulus", 5, root(0));
    }
}

TEST_CASE("Blum modulus: the transcript is that of the specification", "[zk]") {
    transcript::transcript by_hand = key_script();
    by_hand.absorb("proof", as_bytes("veilsum.blum-modulus/1"));
    by_hand.absorb("blum.key", claim().key.id());
    by_hand.absorb("blum.w", example().announcement.w.to_bytes(64));
    CHECK(blum::derive_challenge(key_script(), claim(), example().announcement).value() ==
          zk::challenge_residues(by_hand, "blum.y", claim().key.n(), 128));
}

// 5. Both sides of each bound.

TEST_CASE("Blum modulus: w has Jacobi symbol -1 and is in (0, n)", "[zk]") {
    const bigint& n = claim().key.n();
    const bigint& w = example().announcement.w;
    auto altered = example();
    for (const bigint& bad : {bigint(0), n, bigint(-1), w + n, w - n}) {
        altered.announcement.w = bad;
        check_refused(blum::verify(key_script(), claim(), altered), errc::out_of_range, "w", 2);
    }
    // 1, -1 and squares have the symbol 1, a multiple of a prime has 0.
    for (const bigint& bad : {bigint(1), n - 1, w * w % n, test::fixed_prime_pair<512>().p.expose()}) {
        altered.announcement.w = bad;
        check_refused(blum::verify(key_script(), claim(), altered), errc::bad_proof, "Jacobi symbol of w", 2);
    }
}

TEST_CASE("Blum modulus: roots are in (0, n)", "[zk]") {
    const bigint& n = claim().key.n();
    for (const std::size_t i : {std::size_t{0}, std::size_t{63}, std::size_t{127}})
        for (const bigint& bad :
             {bigint(0), n, bigint(-1), example().roots[i].x + n, example().roots[i].x - n}) {
            auto altered = example();
            altered.roots[i].x = bad;
            check_refused(blum::verify(key_script(), claim(), altered), errc::out_of_range, "root", 3,
                          root(i));
        }
}

TEST_CASE("Blum modulus: a challenge that is no unit is refused", "[zk]") {
    seeded_random rng(7);
    const auto modulus = test::bad_moduli<512>::small_factor(17, rng);
    const blum::statement about{test::key_of<toy>(modulus.n)};
    blum::proof any{};
    for (auto& answer : any.roots) answer.x = 1;
    bigint& w = any.announcement.w;
    for (w = 2; mpz_jacobi(w.get(), modulus.n.get()) != -1;) w += 1;
    auto context = test::key_context();
    for (context.round = 0; blum::derive_challenge(test::script_of(context), about, any.announcement);
         ++context.round)
        REQUIRE(context.round < 20000); // 128 residues in 2^17
    check_refused(blum::verify(test::script_of(context), about, any), errc::not_a_unit, "challenge", 4);
}

// 6. Malformed encodings.

TEST_CASE("Blum modulus: bytes have one length and one spelling", "[zk]") {
    const bytes sent = example().serialize();
    const auto parse = [](byte_view data) { return blum::proof::parse(claim(), data); };
    check_refused(parse({}), errc::malformed, "length of the proof", 1);
    check_refused(parse(byte_view(sent).first(sent.size() - 1)), errc::malformed, "length of the proof", 1);
    bytes longer = sent;
    longer.push_back(0);
    check_refused(parse(longer), errc::malformed, "length of the proof", 1);
    const auto with = [&](std::size_t at, const bytes& field) {
        bytes altered = sent;
        std::copy(field.begin(), field.end(), altered.begin() + static_cast<std::ptrdiff_t>(at));
        return altered;
    };
    for (const bytes& field : {bytes(64, 0), bytes(64, 0xff), claim().key.n().to_bytes(64)}) {
        check_refused(parse(with(0, field)), errc::out_of_range, "w", 2);
        for (const std::size_t i : {std::size_t{0}, std::size_t{127}})
            check_refused(parse(with(64 + 32 + 64 * i, field)), errc::out_of_range, "root", 3, root(i));
    }
    check_refused(parse(with(0, bigint(1).to_bytes(64))), errc::bad_proof, "Jacobi symbol of w", 2);
}

TEST_CASE("Blum modulus: bits are where the layout says", "[zk]") {
    for (const std::size_t i : {std::size_t{0}, std::size_t{6}, std::size_t{8}, std::size_t{127}}) {
        bytes altered = example().serialize();
        altered[64 + i / 8] ^= static_cast<std::uint8_t>(0x80 >> i % 8);
        const auto negated = blum::proof::parse(claim(), altered);
        REQUIRE(negated);
        CHECK(negated->roots[i].negated != example().roots[i].negated);
        altered = example().serialize();
        altered[64 + 16 + i / 8] ^= static_cast<std::uint8_t>(0x80 >> i % 8);
        const auto shifted = blum::proof::parse(claim(), altered);
        REQUIRE(shifted);
        CHECK(shifted->roots[i].shifted != example().roots[i].shifted);
    }
}

// 7. A fixed vector.

TEST_CASE("Blum modulus: the same randomness makes the same proof for ever", "[zk]") {
    CHECK(to_hex(hash::sha256(example().serialize())) ==
          "b504ff815e54a1d744b8ab9997dc3c3b1652654058be1f32a17dfbd8d456e00c");
    CHECK(prove(2).announcement.w != example().announcement.w);
}

// Zero knowledge.

TEST_CASE("Blum modulus: simulated challenges and roots are accepted", "[zk]") {
    seeded_random rng(8);
    const auto simulated = test::simulator<blum>::draw(claim(), rng);
    CHECK(blum::check(claim(), simulated.proof.announcement, simulated.units, simulated.proof.roots));
    check_refused(blum::verify(key_script(), claim(), simulated.proof), errc::bad_proof, "Blum modulus", 5);
}
