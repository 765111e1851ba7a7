// Knowledge of an n^s-th root, on toy moduli of 512 bits.
#include "support/toy.hpp"

#include "support/catch.hpp"
#include "support/cheating_owner.hpp"
#include "support/key_context.hpp"
#include "support/key_simulators.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/hash/sha2.hpp>
#include <veilsum/zk/residue_root.hpp>

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>

using namespace veilsum;
using integer::bigint;
using test::check_refused;
using test::key_script;
using tests::seeded_random;

namespace {

using toy = test::toy_scheme<1>;
using root = zk::residue_root<toy>;

const paillier::public_key<toy>& key() {
    return test::fixed_public_key<toy>();
}
// h = rho^n for a known rho.
struct example {
    secret<bigint> rho;
    root::statement claim;
    explicit example(std::uint64_t seed)
        : rho(draw(seed)), claim(*root::statement::create(
                               key(), power_vartime(rho.expose(), key().n_to_s(), key().modulus()))) {}
    root::proof prove(std::uint64_t seed) const {
        seeded_random rng(seed);
        return root::prove(key_script(), claim, {rho}, rng).value();
    }

  private:
    static secret<bigint> draw(std::uint64_t seed) {
        seeded_random rng(seed);
        return secret<bigint>(integer::random_unit(key().n(), rng));
    }
};
root::challenge challenge_of(std::uint64_t seed) {
    seeded_random rng(seed);
    return random::random_bytes<16>(rng);
}

} // namespace

// 1. Completeness.

TEMPLATE_TEST_CASE("residue root: honest proofs verify, of the key's base and of a ciphertext of zero",
                   "[zk]", test::toy_scheme<1>, test::toy_scheme<2>, test::toy_scheme<3>) {
    using relation = zk::residue_root<TestType>;
    const auto& about = test::fixed_public_key<TestType>();
    seeded_random rng(1);
    const bigint alpha = integer::random_bits(256, rng);
    const secret<bigint> roots[] = {secret<bigint>(bigint(about.root())),
                                    secret<bigint>(power_vartime(about.root(), alpha, about.n()))};
    const bigint residues[] = {about.residue_base(),
                               power_vartime(about.residue_base(), alpha, about.modulus())};
    for (std::size_t i = 0; i < 2; ++i) {
        const auto claim = relation::statement::create(about, residues[i]);
        REQUIRE(claim);
        const auto proof = relation::prove(key_script(), *claim, {roots[i]}, rng);
        REQUIRE(proof);
        const bytes sent = proof->serialize(*claim);
        CHECK(sent.size() == (TestType::degree + 2) * 512 / 8);
        const auto received = relation::proof::parse(*claim, sent);
        REQUIRE(received);
        CHECK(received->serialize(*claim) == sent);
        CHECK(relation::verify(key_script(), *claim, *received));
    }
}

TEST_CASE("residue root: the size of a proof is that of its formula", "[zk]") {
    CHECK(zk::residue_root<paillier::scheme<3072>>::proof_bytes() == 1152);
}

// 2. Each field tampered.

TEST_CASE("residue root: every altered field is refused", "[zk]") {
    const example known(2);
    auto altered = known.prove(3);
    altered.announcement.A -= 1;
    check_refused(root::verify(key_script(), known.claim, altered), errc::bad_proof, "residue root", 5);
    altered = known.prove(3);
    altered.response.z -= 1;
    check_refused(root::verify(key_script(), known.claim, altered), errc::bad_proof, "residue root", 5);
    altered = known.prove(3);
    altered.response.z = key().n() - altered.response.z; // n is odd: the power changes its sign
    check_refused(root::verify(key_script(), known.claim, altered), errc::bad_proof, "residue root", 5);
    altered = known.prove(3);
    altered.response = known.prove(4).response;
    check_refused(root::verify(key_script(), known.claim, altered), errc::bad_proof, "residue root", 5);
}

// 3. Wrong statement.

TEST_CASE("residue root: a proof is for its own residue and key", "[zk]") {
    const example known(5);
    const auto proof = known.prove(6);
    const bigint& n = key().n();
    for (const bigint& factor : {n + 1, key().modulus() - 1, bigint(2)}) { // another plaintext, sign, unit
        const auto other = root::statement::create(key(), known.claim.h() * factor % key().modulus());
        REQUIRE(other);
        check_refused(root::verify(key_script(), *other, proof), errc::bad_proof, "residue root", 5);
    }
    const auto same_modulus = paillier::public_key<toy>::create(n, 4);
    const auto other = root::statement::create(*same_modulus, known.claim.h());
    check_refused(root::verify(key_script(), *other, proof), errc::bad_proof, "residue root", 5);
}

TEST_CASE("residue root: a ciphertext of one cannot be proved to be a residue", "[zk]") {
    const example known(7);
    const auto claim = root::statement::create(key(), known.claim.h() * (key().n() + 1) % key().modulus());
    REQUIRE(claim);
    seeded_random rng(8);
    const auto proof = root::prove(key_script(), *claim, {known.rho}, rng);
    REQUIRE(proof);
    check_refused(root::verify(key_script(), *claim, *proof), errc::bad_proof, "residue root", 5);
}

// Why the key is checked first: with a factor f of n, the part of a non-residue that lives modulo f
// disappears when f divides e. Here the challenge is chosen; a prover who may repeat gets one after f
// attempts.
TEST_CASE("residue root: under a key with a small factor a non-residue passes for one challenge in f",
          "[zk]") {
    seeded_random rng(9);
    const auto modulus = test::bad_moduli<512>::small_factor(17, rng);
    const auto weak = test::key_of<toy>(modulus.n);
    const bigint &f = modulus.factors[0], &n = modulus.n;
    const bigint rho = integer::random_unit(n, rng);
    // (1+n)^(n/f) has order f: the plaintext is n/f, not 0.
    const bigint h =
        power_vartime(rho, n, weak.modulus()) * power_vartime(n + 1, n / f, weak.modulus()) % weak.modulus();
    const auto claim = *root::statement::create(weak, h);
    const bigint r = integer::random_unit(n, rng);
    const root::announcement first{power_vartime(r, n, weak.modulus())};
    const auto outcome = [&](const bigint& number) {
        root::challenge e{};
        const bytes big_endian = number.to_bytes(e.size());
        std::reverse_copy(big_endian.begin(), big_endian.end(), e.begin());
        return root::check(claim, first, e, {r * power_vartime(rho, number, n) % n});
    };
    CHECK(outcome(f * 12345));
    check_refused(outcome(f * 12345 + 1), errc::bad_proof, "residue root", 5);
}

TEST_CASE("residue root: statements are made of units", "[zk]") {
    for (const bigint& bad : {bigint(0), bigint(-1), key().modulus(), key().modulus() + 1})
        check_refused(root::statement::create(key(), bad), errc::out_of_range, "residue", 1);
    const auto pair = test::fixed_prime_pair<512>();
    for (const bigint& bad : {pair.p.expose(), pair.q.expose() * 5, key().n()})
        check_refused(root::statement::create(key(), bad), errc::not_a_unit, "residue", 1);
}

// 4. Wrong session or party; every absorbed item.

TEST_CASE("residue root: every item of the context counts", "[zk]") {
    const example known(10);
    const auto proof = known.prove(11);
    REQUIRE(root::verify(key_script(), known.claim, proof));
    for (const auto& script : test::other_scripts())
        check_refused(root::verify(script, known.claim, proof), errc::bad_proof, "residue root", 5);
}

TEST_CASE("residue root: the transcript is that of the specification", "[zk]") {
    const example known(12);
    const auto proof = known.prove(13);
    transcript::transcript by_hand = key_script();
    by_hand.absorb("proof", as_bytes("veilsum.residue-root/1"));
    by_hand.absorb("root.key", key().id());
    by_hand.absorb("root.h", known.claim.h().to_bytes(128));
    CHECK(zk::bind<root>(key_script(), known.claim) == by_hand);
    by_hand.absorb("root.A", proof.announcement.A.to_bytes(128));
    CHECK(zk::derive_challenge<root>(zk::bind<root>(key_script(), known.claim), known.claim,
                                     proof.announcement) ==
          transcript::challenge_integers(by_hand, "root.e", 1).front());
}

// 5. Both sides of each bound.

TEST_CASE("residue root: A and z are in range", "[zk]") {
    const example known(14);
    const auto proof = known.prove(15);
    const auto with = [&](const bigint& A, const bigint& z) {
        return root::verify(key_script(), known.claim, {{A}, {z}});
    };
    const bigint &A = proof.announcement.A, &z = proof.response.z;
    for (const bigint& bad : {bigint(0), bigint(-1), key().modulus(), A + key().modulus()})
        check_refused(with(bad, z), errc::out_of_range, "announcement", 3);
    for (const bigint& bad : {bigint(0), bigint(-1), key().n(), z + key().n()})
        check_refused(with(A, bad), errc::out_of_range, "response", 4);
    check_refused(with(1, z), errc::bad_proof, "residue root", 5);
    check_refused(with(key().modulus() - 1, z), errc::bad_proof, "residue root", 5);
    check_refused(with(A, 1), errc::bad_proof, "residue root", 5);
    check_refused(with(A, key().n() - 1), errc::bad_proof, "residue root", 5);
    seeded_random rng(16);
    for (const bigint& bad : {bigint(0), bigint(-1), key().n()}) {
        const secret<bigint> rho{bigint(bad)};
        check_refused(root::prove(key_script(), known.claim, {rho}, rng), errc::out_of_range, "root", 0);
    }
}

// 6. Malformed encodings.

TEST_CASE("residue root: bytes have one length and one spelling", "[zk]") {
    const example known(17);
    const bytes sent = known.prove(18).serialize(known.claim);
    const auto parse = [&](byte_view data) { return root::proof::parse(known.claim, data); };
    check_refused(parse({}), errc::malformed, "length of the proof", 2);
    check_refused(parse(byte_view(sent).first(sent.size() - 1)), errc::malformed, "length of the proof", 2);
    bytes longer = sent;
    longer.push_back(0);
    check_refused(parse(longer), errc::malformed, "length of the proof", 2);
    const auto with = [&](std::size_t at, const bytes& field) {
        bytes altered = sent;
        std::copy(field.begin(), field.end(), altered.begin() + static_cast<std::ptrdiff_t>(at));
        return altered;
    };
    check_refused(parse(with(0, bytes(128, 0))), errc::out_of_range, "announcement", 3);
    check_refused(parse(with(0, bytes(128, 0xff))), errc::out_of_range, "announcement", 3);
    check_refused(parse(with(0, key().n().to_bytes(128))), errc::not_a_unit, "announcement", 3);
    check_refused(parse(with(128, bytes(64, 0))), errc::out_of_range, "response", 4);
    check_refused(parse(with(128, key().n().to_bytes(64))), errc::out_of_range, "response", 4);
}

// 7. A fixed vector.

TEST_CASE("residue root: the same randomness makes the same proof for ever", "[zk]") {
    const example known(19);
    CHECK(to_hex(hash::sha256(known.prove(20).serialize(known.claim))) ==
          "c07d91eec02b102e638e4bb68d54ae9b6f9882ea2bfd644c494c4d8c99e509b8");
}

// Laws.

TEST_CASE("residue root: simulated conversations are accepted, and real ones are of their form", "[zk]") {
    using simulator = test::simulator<root>;
    for (std::uint64_t seed = 21; seed < 25; ++seed) {
        const example known(seed);
        seeded_random rng(seed);
        const auto e = challenge_of(seed);
        const auto answer = simulator::draw_response(known.claim, rng);
        const auto first = simulator::announcement_for(known.claim, e, answer);
        CHECK(root::check(known.claim, first, e, answer));
        check_refused(root::verify(key_script(), known.claim, {first, answer}), errc::bad_proof,
                      "residue root", 5);

        auto real = root::announce(known.claim, {known.rho}, rng);
        const auto response = root::respond(known.claim, {known.rho}, std::move(real.secret), e);
        REQUIRE(response);
        CHECK(simulator::announcement_for(known.claim, e, *response).A == real.announcement.A);
    }
    static_assert(!std::is_copy_constructible_v<root::announcement_secret>);
    static_assert(!std::is_default_constructible_v<root::announcement_secret>);
}

TEST_CASE("residue root: two answers to one announcement give a root", "[zk]") {
    const example known(26);
    const auto answer = [&](const root::challenge& e) {
        seeded_random rewound(27);
        auto first = root::announce(known.claim, {known.rho}, rewound);
        return root::respond(known.claim, {known.rho}, std::move(first.secret), e)->z;
    };
    const auto e = challenge_of(28), f = challenge_of(29);
    const bigint delta = zk::to_integer(e) - zk::to_integer(f), n = key().n();
    // u delta + v n = 1
    const bigint u = *invert(delta, n), v = (bigint(1) - u * delta) / n;
    const auto signed_power = [&](const bigint& base, const bigint& exponent) {
        return exponent.is_negative() ? power_vartime(*invert(base, n), -exponent, n)
                                      : power_vartime(base, exponent, n);
    };
    const bigint quotient = answer(e) * *invert(answer(f), n) % n;
    const bigint found = signed_power(quotient, u) * signed_power(known.claim.h() % n, v) % n;
    CHECK(found == known.rho.expose());
}
