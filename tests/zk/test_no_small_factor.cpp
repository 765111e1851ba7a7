// No small factor: conversations at toy size, where the algebra is the same and nothing is excluded, and
// moduli of 2048 bits for what the proof is about.
#include "support/toy.hpp"

#include "support/catch.hpp"
#include "support/cheating_owner.hpp"
#include "support/key_context.hpp"
#include "support/key_simulators.hpp"
#include "support/scripted_random.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/hash/sha2.hpp>
#include <veilsum/zk/no_small_factor.hpp>

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

using namespace veilsum;
using integer::bigint;
using test::check_refused;
using test::key_script;
using tests::seeded_random;

namespace {

using toy = test::toy_scheme<1>;
using factor = zk::no_small_factor<toy>;

factor::statement claim() {
    return {test::fixed_public_key<toy>()};
}
const integer::prime_pair& primes() {
    static const integer::prime_pair made = test::fixed_prime_pair<512>();
    return made;
}
factor::proof prove(std::uint64_t seed) {
    seeded_random rng(seed);
    return factor::prove(key_script(), claim(), {primes()}, rng).value();
}
const factor::proof& example() {
    static const factor::proof made = prove(1);
    return made;
}
factor::challenge challenge_of(std::uint64_t seed) {
    seeded_random rng(seed);
    return random::random_bytes<16>(rng);
}
std::vector<bigint*> fields(factor::announcement& first) {
    return {&first.P, &first.Q, &first.A, &first.B, &first.T};
}
std::vector<bigint*> fields(factor::response& answer) {
    return {&answer.z1, &answer.z2, &answer.w1, &answer.w2, &answer.v};
}
constexpr std::string_view responses[] = {"response z1", "response z2", "response w1", "response w2",
                                          "response v"};

} // namespace

// 1. Completeness.

TEST_CASE("no small factor: honest proofs verify", "[zk]") {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
        const bytes sent = prove(seed).serialize(claim());
        CHECK(sent.size() == 2256 + 3 * 512 / 16);
        const auto received = factor::proof::parse(claim(), sent);
        REQUIRE(received);
        CHECK(received->serialize(claim()) == sent);
        CHECK(factor::verify(key_script(), claim(), *received));
    }
    const integer::prime_pair turned{secret(bigint(primes().q.expose())),
                                     secret(bigint(primes().p.expose()))};
    seeded_random rng(9);
    const auto proof = factor::prove(key_script(), claim(), {turned}, rng);
    REQUIRE(proof);
    CHECK(factor::verify(key_script(), claim(), *proof));
}

TEST_CASE("no small factor: works at 2048 bits", "[zk]") {
    using real = zk::no_small_factor<paillier::scheme<2048>>;
    const real::statement about{test::fixed_public_key<paillier::scheme<2048>>()};
    seeded_random rng(2);
    const auto proof = real::prove(key_script(), about, {test::fixed_prime_pair<2048>()}, rng);
    REQUIRE(proof);
    CHECK(proof->serialize(about).size() == 2640);
    CHECK(real::verify(key_script(), about, *proof));
}

TEST_CASE("no small factor: lengths and what they exclude", "[zk]") {
    using at2048 = zk::no_small_factor<paillier::scheme<2048>>;
    using at3072 = zk::no_small_factor<paillier::scheme<3072>>;
    using at4096 = zk::no_small_factor<paillier::scheme<4096>>;
    CHECK(at2048::excluded_bits == 767);
    CHECK(at3072::excluded_bits == 1279);
    CHECK(at4096::excluded_bits == 1791);
    CHECK(factor::excluded_bits == 0);
    CHECK(at3072::proof_bytes() == 2832);
    CHECK(at4096::proof_bytes() == 3024);
    CHECK(at3072::z_bits == 1536 + 256);
    CHECK(at3072::w_bits == 2048 + 128 + 256);
    CHECK(at3072::v_bits == 2048 + 128 + 1536 + 256);
    // A mask is 128 bits longer than the largest thing that it hides.
    CHECK((factor::z_window().minimum()).bit_length() + 128 == factor::z_bits);
    CHECK((factor::w_window().minimum()).bit_length() + 128 == factor::w_bits);
    CHECK((factor::v_window().minimum()).bit_length() + 128 == factor::v_bits);
}

// 2. Each field tampered.

TEST_CASE("no small factor: every altered field is refused", "[zk]") {
    for (std::size_t i = 0; i < 5; ++i) {
        auto altered = example(); // any change of the announcement changes e; the first equation fails first
        *fields(altered.announcement)[i] -= 1;
        check_refused(factor::verify(key_script(), claim(), altered), errc::bad_proof, "no small factor", 8);
    }
    const std::uint32_t check[] = {8, 9, 8, 9, 10};
    for (std::size_t i = 0; i < 5; ++i) {
        auto altered = example();
        *fields(altered.response)[i] -= 1;
        check_refused(factor::verify(key_script(), claim(), altered), errc::bad_proof, "no small factor",
                      check[i]);
    }
    auto mixed = example();
    mixed.response = prove(3).response;
    check_refused(factor::verify(key_script(), claim(), mixed), errc::bad_proof, "no small factor", 8);
}

TEST_CASE("no small factor: each equation is checked", "[zk]") {
    using simulator = test::simulator<factor>;
    seeded_random rng(4);
    const auto e = challenge_of(5);
    const auto answer = simulator::draw_response(rng);
    const auto first = simulator::announcement_for(claim(), simulator::draw_commitment(rng),
                                                   simulator::draw_commitment(rng), e, answer);
    REQUIRE(factor::check(claim(), first, e, answer));
    const auto altered = [&](bigint factor::announcement::*field) {
        auto other = first;
        other.*field = other.*field * 4 % zk::auxiliary_modulus::instance().modulus();
        return factor::check(claim(), other, e, answer);
    };
    check_refused(altered(&factor::announcement::P), errc::bad_proof, "no small factor", 8);
    check_refused(altered(&factor::announcement::A), errc::bad_proof, "no small factor", 8);
    check_refused(altered(&factor::announcement::Q), errc::bad_proof, "no small factor", 9);
    check_refused(altered(&factor::announcement::B), errc::bad_proof, "no small factor", 9);
    check_refused(altered(&factor::announcement::T), errc::bad_proof, "no small factor", 10);
    // And for the right modulus: n is in the third equation alone.
    check_refused(factor::check({test::fixed_public_key<toy, 1>()}, first, e, answer), errc::bad_proof,
                  "no small factor", 10);
}

// 3. Wrong statement.

TEST_CASE("no small factor: a proof is for its own key", "[zk]") {
    const auto other = paillier::public_key<toy>::create(claim().key.n(), 4); // the same n, another root
    REQUIRE(other);
    check_refused(factor::verify(key_script(), {*other}, example()), errc::bad_proof, "no small factor", 8);
    check_refused(factor::verify(key_script(), {test::fixed_public_key<toy, 1>()}, example()),
                  errc::bad_proof, "no small factor", 8);
    seeded_random rng(6);
    check_refused(factor::prove(key_script(), {test::fixed_public_key<toy, 1>()}, {primes()}, rng),
                  errc::mismatch, "modulus of the key", 0);
}

TEST_CASE("no small factor: integers whose product is not n cannot be proved", "[zk]") {
    seeded_random rng(7);
    const bigint root = isqrt(claim().key.n());
    for (const auto& [a, b] : {std::pair{root, root}, std::pair{primes().p.expose(), primes().q.expose() + 2},
                               std::pair{bigint(1), bigint(1)}})
        check_refused(factor::verify(key_script(), claim(),
                                     test::cheat_factors<toy>(key_script(), claim().key, a, b, rng)),
                      errc::bad_proof, "no small factor", 10);
    const auto honest =
        test::cheat_factors<toy>(key_script(), claim().key, primes().p.expose(), primes().q.expose(), rng);
    CHECK(factor::verify(key_script(), claim(), honest)); // the attack code itself is right
}

// The slack leaves nothing to exclude at 512 bits by the bound, but factors far below 2^128 are refused: a
// prover finds z2 in its window with probability 2^(f - 128) for a factor of f bits.
TEST_CASE("no small factor: factors of 40 and 64 bits are refused at toy size", "[zk]") {
    seeded_random rng(8);
    for (const std::size_t bits : {40u, 64u}) {
        const auto modulus = test::bad_moduli<512>::small_factor(bits, rng);
        const factor::statement about{test::key_of<toy>(modulus.n)};
        const auto natural =
            test::cheat_factors<toy>(key_script(), about.key, modulus.factors[0], modulus.factors[1], rng);
        check_refused(factor::verify(key_script(), about, natural), errc::out_of_range, "response z2", 4);
        const auto turned =
            test::cheat_factors<toy>(key_script(), about.key, modulus.factors[1], modulus.factors[0], rng);
        check_refused(factor::verify(key_script(), about, turned), errc::out_of_range, "response z1", 3);
    }
}

TEST_CASE("no small factor: factors of 128 and 250 bits are refused at 2048 bits", "[zk]") {
    using scheme = paillier::scheme<2048>;
    using real = zk::no_small_factor<scheme>;
    seeded_random rng(9);
    for (const std::size_t bits : {128u, 250u}) {
        const auto modulus = test::bad_moduli<2048>::small_factor(bits, rng);
        const bigint &p = modulus.factors[0], &q = modulus.factors[1];
        const real::statement about{test::key_of<scheme>(modulus.n)};
        const auto refused = [&](const real::proof& proof, errc code, std::string_view what,
                                 std::uint32_t check) {
            check_refused(real::verify(key_script(), about, proof), code, what, check);
        };
        // All as the protocol says: e q is too long for the window.
        refused(test::cheat_factors<scheme>(key_script(), about.key, p, q, rng), errc::out_of_range,
                "response z2", 4);
        refused(test::cheat_factors<scheme>(key_script(), about.key, q, p, rng), errc::out_of_range,
                "response z1", 3);
        // z2 brought into the window by force.
        refused(test::cheat_factors<scheme>(key_script(), about.key, p, q, rng,
                                            [](real::response& answer) {
                                                answer.z2 = real::z_window().minimum() +
                                                            answer.z2 % (bigint(1) << (real::z_bits - 1));
                                            }),
                errc::bad_proof, "no small factor", 9);
        // 1 and n, and two integers of the right length with the wrong product.
        refused(test::cheat_factors<scheme>(key_script(), about.key, 1, modulus.n, rng), errc::out_of_range,
                "response z2", 4);
        const bigint root = isqrt(modulus.n);
        refused(test::cheat_factors<scheme>(key_script(), about.key, root, root + 1, rng), errc::bad_proof,
                "no small factor", 10);
        // The honest prover does not begin.
        const integer::prime_pair pair{secret(bigint(p)), secret(bigint(q))};
        check_refused(real::prove(key_script(), about, {pair}, rng), errc::out_of_range, "size of a prime",
                      0);
    }
}

TEST_CASE("no small factor: a guessed challenge does not help against the hash", "[zk]") {
    // Without any factor: the simulator's conversation is right for the guess, and for nothing else.
    using simulator = test::simulator<factor>;
    seeded_random rng(10);
    const auto guess = challenge_of(11);
    const auto answer = simulator::draw_response(rng);
    const auto first = simulator::announcement_for(claim(), simulator::draw_commitment(rng),
                                                   simulator::draw_commitment(rng), guess, answer);
    CHECK(factor::check(claim(), first, guess, answer));
    check_refused(factor::verify(key_script(), claim(), {first, answer}), errc::bad_proof, "no small factor",
                  8);
}

TEST_CASE("no small factor: three primes pass if they make two halves", "[zk]") {
    // So exactly two prime factors is another proof's task, and this one is worth nothing without it.
    seeded_random rng(12);
    const auto three = test::of_length(512, [&] {
        return test::product_of(
            {test::blum_prime(40, rng), test::blum_prime(216, rng), test::blum_prime(256, rng)});
    });
    const factor::statement about{test::key_of<toy>(three.n)};
    const integer::prime_pair halves{secret(three.factors[0] * three.factors[1]),
                                     secret(bigint(three.factors[2]))};
    const auto proof = factor::prove(key_script(), about, {halves}, rng);
    REQUIRE(proof);
    CHECK(factor::verify(key_script(), about, *proof));
}

// 4. Wrong session or party; every absorbed item.

TEST_CASE("no small factor: every item of the context counts", "[zk]") {
    REQUIRE(factor::verify(key_script(), claim(), example()));
    for (const auto& script : test::other_scripts())
        check_refused(factor::verify(script, claim(), example()), errc::bad_proof, "no small factor", 8);
}

TEST_CASE("no small factor: the transcript is that of the specification", "[zk]") {
    const auto& aux = zk::auxiliary_modulus::instance();
    const auto& first = example().announcement;
    transcript::transcript by_hand = key_script();
    by_hand.absorb("proof", as_bytes("veilsum.no-small-factor/1"));
    by_hand.absorb("factor.auxiliary", aux.modulus().to_bytes(256));
    by_hand.absorb("factor.s", aux.s().to_bytes(256));
    by_hand.absorb("factor.t", aux.t().to_bytes(256));
    by_hand.absorb_u64("factor.bits", 256);
    by_hand.absorb("factor.key", claim().key.id());
    CHECK(zk::bind<factor>(key_script(), claim()) == by_hand);
    by_hand.absorb("factor.P", first.P.to_bytes(256));
    by_hand.absorb("factor.Q", first.Q.to_bytes(256));
    by_hand.absorb("factor.A", first.A.to_bytes(256));
    by_hand.absorb("factor.B", first.B.to_bytes(256));
    by_hand.absorb("factor.T", first.T.to_bytes(256));
    CHECK(zk::derive_challenge<factor>(zk::bind<factor>(key_script(), claim()), claim(), first) ==
          transcript::challenge_integers(by_hand, "factor.e", 1).front());
}

// 5. Both sides of each bound, with conversations whose equations hold.

TEST_CASE("no small factor: both ends of every window", "[zk]") {
    using simulator = test::simulator<factor>;
    seeded_random rng(13);
    const auto e = challenge_of(14);
    const bigint P = simulator::draw_commitment(rng), Q = simulator::draw_commitment(rng);
    const auto drawn = simulator::draw_response(rng);
    const zk::response_window* windows[] = {&factor::z_window(), &factor::z_window(), &factor::w_window(),
                                            &factor::w_window(), &factor::v_window()};
    for (std::size_t i = 0; i < 5; ++i) {
        const auto outcome = [&](const bigint& value) {
            auto answer = drawn;
            *fields(answer)[i] = value;
            return factor::check(claim(), simulator::announcement_for(claim(), P, Q, e, answer), e, answer);
        };
        const bigint low = windows[i]->minimum(), end = bigint(1) << windows[i]->mask_bits();
        const auto check = static_cast<std::uint32_t>(3 + i);
        CHECK(outcome(low));
        check_refused(outcome(low - 1), errc::out_of_range, responses[i], check);
        CHECK(outcome(end - 1));
        check_refused(outcome(end), errc::out_of_range, responses[i], check);
        check_refused(outcome(0), errc::out_of_range, responses[i], check);
    }
    auto negative = example();
    negative.response.z1 = -negative.response.z1;
    check_refused(factor::verify(key_script(), claim(), negative), errc::out_of_range, "response z1", 3);
}

TEST_CASE("no small factor: elements are in (0, N^)", "[zk]") {
    const bigint& modulus = zk::auxiliary_modulus::instance().modulus();
    for (std::size_t i = 0; i < 5; ++i)
        for (const bigint& bad : {bigint(0), modulus, bigint(-1), modulus + 5}) {
            auto altered = example();
            *fields(altered.announcement)[i] = bad;
            check_refused(factor::verify(key_script(), claim(), altered), errc::out_of_range, "announcement",
                          2);
        }
}

TEST_CASE("no small factor: primes up to their bound, and none above", "[zk]") {
    seeded_random rng(15);
    const auto fits = [&](const bigint& p, const bigint& q) {
        const integer::prime_pair pair{secret(bigint(p)), secret(bigint(q))};
        return factor::fits(claim(), {pair});
    };
    const bigint p = primes().p.expose(), q = primes().q.expose();
    CHECK(fits(p, q));
    check_refused(fits(1, claim().key.n()), errc::out_of_range, "size of a prime", 0);
    check_refused(fits(claim().key.n(), 1), errc::out_of_range, "size of a prime", 0);
    check_refused(fits(-p, -q), errc::out_of_range, "size of a prime", 0);
    check_refused(fits(p, bigint(1) << 256), errc::out_of_range, "size of a prime", 0);
    check_refused(fits(p, (bigint(1) << 256) - 1), errc::mismatch, "modulus of the key", 0);
    check_refused(fits(p, q - 2), errc::mismatch, "modulus of the key", 0);
}

TEST_CASE("no small factor: the prover withholds responses outside a window", "[zk]") {
    factor::challenge largest;
    largest.fill(0xff);
    test::scripted_random zeros({0x00}), ones({0xff});
    auto low = factor::announce(claim(), {primes()}, zeros);
    CHECK_FALSE(factor::respond(claim(), {primes()}, std::move(low.secret), largest));
    auto high = factor::announce(claim(), {primes()}, ones);
    CHECK_FALSE(factor::respond(claim(), {primes()}, std::move(high.secret), largest));
    const auto stuck = factor::prove(key_script(), claim(), {primes()}, zeros); // the nonce source stays good
    CHECK(stuck);
    static_assert(!std::is_copy_constructible_v<factor::announcement_secret>);
    static_assert(!std::is_default_constructible_v<factor::announcement_secret>);
}

// 6. Malformed encodings.

TEST_CASE("no small factor: bytes have one length and one spelling", "[zk]") {
    const bytes sent = example().serialize(claim());
    const auto parse = [](byte_view data) { return factor::proof::parse(claim(), data); };
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
    for (std::size_t i = 0; i < 5; ++i) {
        check_refused(parse(with(256 * i, bytes(256, 0))), errc::out_of_range, "announcement", 2);
        check_refused(parse(with(256 * i, bytes(256, 0xff))), errc::out_of_range, "announcement", 2);
    }
    const std::size_t width[] = {64, 64, 304, 304, 336};
    std::size_t at = 5 * 256;
    for (std::size_t i = 0; i < 5; at += width[i], ++i)
        check_refused(parse(with(at, bytes(width[i], 0))), errc::out_of_range, responses[i],
                      static_cast<std::uint32_t>(3 + i));
    CHECK(at == sent.size());
}

// 7. A fixed vector.

TEST_CASE("no small factor: the same randomness makes the same proof for ever", "[zk]") {
    CHECK(to_hex(hash::sha256(example().serialize(claim()))) ==
          "abfb40e096470c7abfce301119da6257d6ad54ba312024837ac812e58f58c04c");
}

// Laws.

TEST_CASE("no small factor: real conversations are of the simulator's form", "[zk]") {
    using simulator = test::simulator<factor>;
    seeded_random rng(16);
    const auto e = challenge_of(17);
    auto real = factor::announce(claim(), {primes()}, rng);
    const auto answer = factor::respond(claim(), {primes()}, std::move(real.secret), e);
    REQUIRE(answer);
    const auto same =
        simulator::announcement_for(claim(), real.announcement.P, real.announcement.Q, e, *answer);
    CHECK(same.A == real.announcement.A);
    CHECK(same.B == real.announcement.B);
    CHECK(same.T == real.announcement.T);
}

TEST_CASE("no small factor: two answers to one announcement give the factors", "[zk]") {
    const auto answer = [&](const factor::challenge& e) {
        seeded_random rewound(18);
        auto first = factor::announce(claim(), {primes()}, rewound);
        return factor::respond(claim(), {primes()}, std::move(first.secret), e).value();
    };
    const auto e = challenge_of(19), f = challenge_of(20);
    const auto one = answer(e), two = answer(f);
    const bigint delta = zk::to_integer(e) - zk::to_integer(f);
    CHECK(one.z1 - two.z1 == delta * primes().p.expose());
    CHECK(one.z2 - two.z2 == delta * primes().q.expose());
}

// The responses hide the factors: the upper bits of z1 for the smallest and the largest p there is have the
// same distribution. Only z1 is looked at, so that thousands of masks cost nothing.
TEST_CASE("no small factor: responses do not show the size of a factor", "[zk]") {
    seeded_random rng(21);
    const auto histogram = [&](const bigint& p) {
        std::vector<double> seen(16);
        for (int i = 0; i < 4000; ++i) {
            const auto z1 = factor::z_window().answer(factor::z_window().draw_mask(rng),
                                                      secret<bigint>(zk::largest_challenge() * p));
            ++seen.at(static_cast<std::size_t>(*(*z1 >> (factor::z_bits - 4)).to_int64()));
        }
        return seen;
    };
    const auto least = histogram(1), most = histogram((bigint(1) << factor::factor_bits) - 1);
    double distance = 0; // chi-squared with 15 degrees of freedom
    for (std::size_t i = 0; i < 16; ++i)
        distance += (least[i] - most[i]) * (least[i] - most[i]) / (least[i] + most[i]);
    CHECK(distance < 55);
}
