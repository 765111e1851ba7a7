// The whole proof about a key, and every kind of bad modulus against all that stands in its way.
#include "support/toy.hpp"

#include "support/catch.hpp"
#include "support/cheating_owner.hpp"
#include "support/key_context.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/hash/sha2.hpp>
#include <veilsum/zk/key_validity.hpp>

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

using namespace veilsum;
using integer::bigint;
using test::check_refused;
using test::key_script;
using tests::seeded_random;

namespace {

using toy = test::toy_scheme<1>;
using key_proof = zk::key_proof<toy>;
using bad = test::bad_moduli<512>;

const paillier::public_key<toy>& key() {
    return test::fixed_public_key<toy>();
}
const key_proof& example() {
    static const key_proof made = [] {
        seeded_random rng(1);
        return zk::prove_key(key_script(), test::fixed_prime_pair<512>(), key(), rng).value();
    }();
    return made;
}
auto verify(const key_proof& proof) {
    return zk::key_verifier::verify(key_script(), key(), proof);
}

// What the owner of a bad modulus can do with all its factors: a proof that is as right as there is, with n =
// a b for the factor part.
key_proof best_proof(const paillier::public_key<toy>& about, const test::known_modulus& modulus,
                     const bigint& a, seeded_random& rng) {
    return {test::cheat_coprime(key_script(), about, modulus).proof,
            test::cheat_factors<toy>(key_script(), about, a, modulus.n / a, rng),
            test::cheat_blum(key_script(), about, modulus, 4, rng).proof};
}

} // namespace

static_assert(!std::is_constructible_v<zk::verified_key<toy>, paillier::public_key<toy>>);

// 1. Completeness.

TEST_CASE("key validity: an honest proof makes a verified key", "[zk]") {
    const bytes sent = example().serialize(key());
    CHECK(sent.size() == key_proof::size_bytes);
    const auto received = key_proof::parse(key(), sent);
    REQUIRE(received);
    CHECK(received->serialize(key()) == sent);
    const auto checked = verify(*received);
    REQUIRE(checked);
    CHECK(**checked == key());
    CHECK((*checked)->n() == key().n());
}

TEST_CASE("key validity: works at 2048 bits and degree 2", "[zk]") {
    using scheme = paillier::scheme<2048>;
    seeded_random rng(2);
    const auto& real = test::fixed_public_key<scheme>();
    const auto proof = zk::prove_key(key_script(), test::fixed_prime_pair<2048>(), real, rng);
    REQUIRE(proof);
    CHECK(zk::key_verifier::verify(key_script(), real, *proof));

    const auto& wide = test::fixed_public_key<test::toy_scheme<2>>();
    const auto second = zk::prove_key(key_script(), test::fixed_prime_pair<512>(), wide, rng);
    REQUIRE(second);
    CHECK(zk::key_verifier::verify(key_script(), wide, *second));
}

TEST_CASE("key validity: sizes", "[zk]") {
    CHECK(zk::key_proof<paillier::scheme<2048>>::size_bytes == 37744);
    CHECK(zk::key_proof<paillier::scheme<3072>>::size_bytes == 55472);
    CHECK(zk::key_proof<paillier::scheme<4096>>::size_bytes == 73200);
}

// 2. Each part tampered; the step and the part's own check are named.

TEST_CASE("key validity: a part that fails is named with its check", "[zk]") {
    auto altered = example();
    altered.coprime_part.roots[4] -= 1;
    check_refused(verify(altered), errc::bad_proof, "coprime modulus", 2, "coprime modulus, check 4, root 5");
    altered = example();
    altered.coprime_part.roots[7] = 0;
    check_refused(verify(altered), errc::out_of_range, "root", 2, "coprime modulus, check 2, root 8");
    altered = example();
    altered.factors_part.response.v -= 1;
    check_refused(verify(altered), errc::bad_proof, "no small factor", 3, "no small factor, check 10");
    altered = example();
    altered.factors_part.response.z1 = 0;
    check_refused(verify(altered), errc::out_of_range, "response z1", 3, "no small factor, check 3");
    altered = example();
    altered.blum_part.roots[16].negated = !altered.blum_part.roots[16].negated;
    check_refused(verify(altered), errc::bad_proof, "Blum modulus", 4, "Blum modulus, check 5, root 17");
    altered = example();
    altered.blum_part.announcement.w = 1;
    check_refused(verify(altered), errc::bad_proof, "Jacobi symbol of w", 4, "Blum modulus, check 2");
}

// 3. Wrong statement.

TEST_CASE("key validity: a proof is for one key, root included", "[zk]") {
    const auto other_root = test::key_of<toy>(key().n());
    check_refused(zk::key_verifier::verify(key_script(), other_root, example()), errc::bad_proof,
                  "coprime modulus", 2);
    seeded_random rng(3);
    const auto& other = test::fixed_public_key<toy, 1>();
    const auto proof = zk::prove_key(key_script(), test::fixed_prime_pair<512, 1>(), other, rng);
    REQUIRE(proof);
    const auto first = verify({proof->coprime_part, example().factors_part, example().blum_part});
    CHECK_FALSE(first);
    check_refused(verify({example().coprime_part, proof->factors_part, example().blum_part}), errc::bad_proof,
                  "no small factor", 3);
    check_refused(zk::prove_key(key_script(), test::fixed_prime_pair<512>(), other, rng), errc::mismatch,
                  "modulus of the key", 2, "coprime modulus, check 2");
}

// 4. Wrong session, owner or key id.

TEST_CASE("key validity: every part is bound to the context", "[zk]") {
    for (const auto& script : test::other_scripts()) {
        check_refused(zk::key_verifier::verify(script, key(), example()), errc::bad_proof, "coprime modulus",
                      2);
        // Parts of a proof for the right context do not excuse the others.
        seeded_random rng(4);
        const auto elsewhere = zk::prove_key(script, test::fixed_prime_pair<512>(), key(), rng);
        REQUIRE(elsewhere);
        check_refused(verify({example().coprime_part, elsewhere->factors_part, example().blum_part}),
                      errc::bad_proof, "no small factor", 3);
        check_refused(verify({example().coprime_part, example().factors_part, elsewhere->blum_part}),
                      errc::bad_proof, "Blum modulus", 4);
    }
}

// 5. Bad moduli: both sides of what is proved. attacks: 2, malicious modulus

TEST_CASE("key validity: bad moduli that everybody can see make no key", "[zk]") {
    seeded_random rng(5);
    const auto create = [](const bigint& n) { return paillier::public_key<toy>::create(n, 4); };
    check_refused(create(bad::one_bit_short(rng).n), errc::out_of_range, "bit length of the modulus", 1);
    check_refused(create(bad::one_bit_long(rng).n), errc::out_of_range, "bit length of the modulus", 1);
    check_refused(create(bad::even(rng).n), errc::bad_parameter, "parity of the modulus", 2);
    check_refused(create(bad::small_factor(16, rng).n), errc::bad_parameter, "small factor of the modulus",
                  3);
    check_refused(create(bad::square(rng).n), errc::bad_parameter, "modulus is a perfect power", 4);
    check_refused(create(bad::prime(rng).n), errc::bad_parameter, "modulus is prime", 5);
}

TEST_CASE("key validity: moduli that share a factor with phi(n) fail at step 2", "[zk]") {
    seeded_random rng(6);
    for (const std::size_t bits : {17u, 128u, 240u}) {
        const auto modulus = bad::shared_factor(bits, rng);
        const auto about = test::key_of<toy>(modulus.n);
        check_refused(zk::key_verifier::verify(key_script(), about,
                                               best_proof(about, modulus, modulus.factors[0], rng)),
                      errc::bad_proof, "coprime modulus", 2, "coprime modulus, check 4, root 1");
    }
}

TEST_CASE("key validity: moduli with a small factor fail at step 3", "[zk]") {
    seeded_random rng(7);
    for (const std::size_t bits : {40u, 64u}) {
        const auto modulus = bad::small_factor(bits, rng);
        const auto about = test::key_of<toy>(modulus.n);
        const auto proof = best_proof(about, modulus, modulus.factors[0], rng);
        CHECK(key_proof::coprime::verify(key_script(), {about}, proof.coprime_part)); // nothing else is wrong
        CHECK(key_proof::blum::verify(key_script(), {about}, proof.blum_part));
        check_refused(zk::key_verifier::verify(key_script(), about, proof), errc::out_of_range, "response z2",
                      3, "no small factor, check 4");
    }
}

TEST_CASE("key validity: a factor of 250 bits fails at step 3 at 2048 bits", "[zk]") {
    using scheme = paillier::scheme<2048>;
    seeded_random rng(8);
    const auto modulus = test::bad_moduli<2048>::small_factor(250, rng);
    const auto about = test::key_of<scheme>(modulus.n);
    zk::key_proof<scheme> proof{
        test::cheat_coprime(key_script(), about, modulus).proof,
        test::cheat_factors<scheme>(key_script(), about, modulus.factors[0], modulus.factors[1], rng),
        {}};
    check_refused(zk::key_verifier::verify(key_script(), about, proof), errc::out_of_range, "response z2", 3,
                  "no small factor, check 4");
    // With z2 forced into its window the equation fails instead.
    using factors = zk::no_small_factor<scheme>;
    proof.factors_part = test::cheat_factors<scheme>(
        key_script(), about, modulus.factors[0], modulus.factors[1], rng,
        [](factors::response& answer) { answer.z2 = factors::z_window().minimum() + 1; });
    check_refused(zk::key_verifier::verify(key_script(), about, proof), errc::bad_proof, "no small factor", 3,
                  "no small factor, check 9");
}

TEST_CASE("key validity: three primes fail at step 4 even if they make two halves", "[zk]") {
    seeded_random rng(9);
    const auto equal = bad::three_primes(rng);
    const auto hidden = test::of_length(512, [&] { // a factor of 40 bits inside one half
        return test::product_of(
            {test::blum_prime(40, rng), test::blum_prime(216, rng), test::blum_prime(256, rng)});
    });
    for (const auto* modulus : {&equal, &hidden}) {
        const auto about = test::key_of<toy>(modulus->n);
        const auto proof = best_proof(about, *modulus, modulus->factors[0] * modulus->factors[1], rng);
        CHECK(key_proof::coprime::verify(key_script(), {about}, proof.coprime_part));
        CHECK(key_proof::factors::verify(key_script(), {about}, proof.factors_part));
        const auto outcome = zk::key_verifier::verify(key_script(), about, proof);
        check_refused(outcome, errc::bad_proof, "Blum modulus", 4);
        CHECK(outcome.error().place.substr(0, 28) == "Blum modulus, check 5, root ");
    }
}

TEST_CASE("key validity: a prime that is 1 modulo 4 fails at step 4", "[zk]") {
    seeded_random rng(10);
    for (const bool both : {false, true}) {
        const auto modulus = bad::not_blum(both, rng);
        const auto about = test::key_of<toy>(modulus.n);
        const auto proof = best_proof(about, modulus, modulus.factors[0], rng);
        CHECK(key_proof::coprime::verify(key_script(), {about}, proof.coprime_part));
        CHECK(key_proof::factors::verify(key_script(), {about}, proof.factors_part));
        check_refused(zk::key_verifier::verify(key_script(), about, proof), errc::bad_proof, "Blum modulus",
                      4);

        const integer::prime_pair pair{secret(bigint(modulus.factors[0])),
                                       secret(bigint(modulus.factors[1]))};
        check_refused(zk::prove_key(key_script(), pair, about, rng), errc::bad_parameter,
                      "primes not 3 modulo 4", 4, "Blum modulus");
    }
}

TEST_CASE("key validity: the same attacks pass on a good modulus", "[zk]") {
    seeded_random rng(11);
    const auto good = test::of_length(512, [&] {
        return test::product_of({test::blum_prime(256, rng), test::blum_prime(256, rng)});
    });
    const auto about = test::key_of<toy>(good.n);
    CHECK(zk::key_verifier::verify(key_script(), about, best_proof(about, good, good.factors[0], rng)));
}

// 6. Malformed encodings.

TEST_CASE("key validity: bytes have one length, and the part that is wrong is named", "[zk]") {
    const bytes sent = example().serialize(key());
    const auto parse = [](byte_view data) { return key_proof::parse(key(), data); };
    check_refused(parse({}), errc::malformed, "length of the key proof", 1);
    check_refused(parse(byte_view(sent).first(sent.size() - 1)), errc::malformed, "length of the key proof",
                  1);
    bytes longer = sent;
    longer.push_back(0);
    check_refused(parse(longer), errc::malformed, "length of the key proof", 1);
    const auto with = [&](std::size_t at, std::size_t count, std::uint8_t value) {
        bytes altered = sent;
        for (std::size_t i = 0; i < count; ++i) altered[at + i] = value;
        return altered;
    };
    check_refused(parse(with(64, 64, 0xff)), errc::out_of_range, "root", 2,
                  "coprime modulus, check 2, root 2");
    check_refused(parse(with(512, 256, 0xff)), errc::out_of_range, "announcement", 3,
                  "no small factor, check 2");
    check_refused(parse(with(512 + 2352, 64, 0)), errc::out_of_range, "w", 4, "Blum modulus, check 2");
    check_refused(parse(with(sent.size() - 64, 64, 0)), errc::out_of_range, "root", 4,
                  "Blum modulus, check 3, root 128");
}

// 7. A fixed vector. A verifier in Python, written from docs/spec on hashlib and built-in integers, accepts
// it.

TEST_CASE("key validity: the same randomness makes the same proof for ever", "[zk]") {
    CHECK(to_hex(hash::sha256(example().serialize(key()))) ==
          "5948b2cb66f44c6683caeca5c6230056e795a39bee218149ff7afd407856abe9");
}
