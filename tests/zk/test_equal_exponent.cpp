// Proofs of equal exponents, modulo the square of a toy RSA modulus of two safe primes.
#include "support/toy.hpp"

#include "support/catch.hpp"
#include "support/scripted_random.hpp"
#include "support/seeded_random.hpp"
#include "support/simulators.hpp"

#include <veilsum/hash/sha2.hpp>
#include <veilsum/transcript/context.hpp>
#include <veilsum/zk/equal_exponent.hpp>

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

using namespace veilsum;
using integer::bigint;
using tests::seeded_random;

namespace {

using engine = test::toy_scheme<1>::engine;
using eqexp = zk::equal_exponent<engine>;
constexpr std::size_t bound_bits = 1000;

const engine& ring() {
    return test::fixed_public_key<test::toy_scheme<1>>().arithmetic();
}
const bigint& modulus() {
    return ring().modulus();
}
bigint raise(const bigint& base, const bigint& exponent) {
    return power_vartime(base, exponent, modulus());
}

// A square root of 1 other than 1 and -1: known to who knows the primes.
bigint hidden_root() {
    const auto pair = test::fixed_prime_pair<512>();
    const bigint P = pair.p.expose() * pair.p.expose(), Q = pair.q.expose() * pair.q.expose();
    return (P * *invert(P, Q) - Q * *invert(Q, P)) % modulus();
}

struct example {
    bigint a, b, v, w;
    secret<bigint> x;
    explicit example(std::uint64_t seed, std::size_t bits = bound_bits) : x(bigint(0)) {
        seeded_random rng(seed);
        x = secret<bigint>(integer::random_bits(bits, rng));
        a = raise(integer::random_unit(modulus(), rng), 4);
        v = raise(integer::random_unit(modulus(), rng), 2);
        b = raise(a, x.expose());
        w = raise(v, x.expose());
    }
    eqexp::statement statement() const {
        return eqexp::statement::create(ring(), a, b, v, w, bound_bits).value();
    }
    eqexp::proof prove(std::uint64_t seed) const;
};

transcript::context here() {
    transcript::context made;
    made.session.fill(1);
    made.round = 7;
    made.party.fill(2);
    made.key.fill(3);
    made.parameters.fill(4);
    made.binding.fill(5);
    return made;
}
transcript::transcript script_of(const transcript::context& context) {
    transcript::transcript made("veilsum.test/1");
    context.absorb_into(made);
    return made;
}
transcript::transcript script() {
    return script_of(here());
}

eqexp::proof example::prove(std::uint64_t seed) const {
    seeded_random rng(seed);
    return eqexp::prove(script(), statement(), {x}, rng).value();
}

void check_refused(const result<void>& outcome, errc code, std::uint32_t check) {
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == code);
    CHECK(outcome.error().check == check);
}

eqexp::challenge challenge_of(std::uint64_t seed) {
    seeded_random rng(seed);
    return random::random_bytes<16>(rng);
}

} // namespace

// 1. Completeness.

TEST_CASE("equal exponent: honest proofs verify", "[zk]") {
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
        const example known(seed, seed == 0 ? 0 : bound_bits); // seed 0: x = 0
        const auto claim = known.statement();
        const bytes sent = known.prove(seed).serialize(claim);
        CHECK(sent.size() == 2 * 128 + (bound_bits + 256) / 8);
        const auto received = eqexp::proof::parse(claim, sent);
        REQUIRE(received);
        CHECK(received->serialize(claim) == sent);
        CHECK(eqexp::verify(script(), claim, *received));
    }
}

TEST_CASE("equal exponent: the size of a proof is that of its formula", "[zk]") {
    using real = zk::equal_exponent<paillier::scheme<3072>::engine>;
    CHECK(real::proof_bytes(6142 + 3) == 1536 + 801); // 3! has 3 bits
}

// 2. Each field tampered.

TEST_CASE("equal exponent: every altered field is refused", "[zk]") {
    const example known(1);
    const auto claim = known.statement();
    const auto proof = known.prove(2);
    const bytes sent = proof.serialize(claim);
    const std::size_t fields[] = {0, 128, 256, sent.size()};
    // A enters the first equation only, B the second, but all enter the challenge; the first fails first.
    for (std::size_t field = 0; field < 3; ++field)
        for (const std::size_t at : {fields[field + 1] - 1, (fields[field] + fields[field + 1]) / 2}) {
            bytes altered = sent;
            altered[at] ^= 1;
            const auto parsed = eqexp::proof::parse(claim, altered);
            REQUIRE(parsed);
            check_refused(eqexp::verify(script(), claim, *parsed), errc::bad_proof, 5);
        }
    const auto other = known.prove(3);
    check_refused(eqexp::verify(script(), claim, {proof.announcement, other.response}), errc::bad_proof, 5);
}

TEST_CASE("equal exponent: each equation is checked", "[zk]") {
    const example known(4);
    const auto claim = known.statement();
    const auto e = challenge_of(5);
    seeded_random rng(6);
    const auto answer = test::simulator<eqexp>::draw_response(claim, rng);
    const auto first = test::simulator<eqexp>::announcement_for(claim, e, answer);
    CHECK(eqexp::check(claim, first, e, answer));
    const bigint four = 4;
    check_refused(eqexp::check(claim, {first.A * four % modulus(), first.B}, e, answer), errc::bad_proof, 5);
    check_refused(eqexp::check(claim, {first.A, first.B * four % modulus()}, e, answer), errc::bad_proof, 6);
}

// 3. Wrong statement.

TEST_CASE("equal exponent: every element of the statement counts", "[zk]") {
    const example known(7);
    const auto proof = known.prove(8);
    for (int which = 0; which < 4; ++which) {
        std::vector<bigint> elements{known.a, known.b, known.v, known.w};
        elements[static_cast<std::size_t>(which)] = elements[static_cast<std::size_t>(which)] * 4 % modulus();
        const auto claim =
            eqexp::statement::create(ring(), elements[0], elements[1], elements[2], elements[3], bound_bits);
        REQUIRE(claim);
        check_refused(eqexp::verify(script(), *claim, proof), errc::bad_proof, 5);
    }
    // Another bound, in whose window the response lies as well.
    const auto claim = eqexp::statement::create(ring(), known.a, known.b, known.v, known.w, bound_bits + 1);
    check_refused(eqexp::verify(script(), *claim, proof), errc::bad_proof, 5);
}

TEST_CASE("equal exponent: different exponents cannot be proved equal", "[zk]") {
    const example known(9);
    const auto claim = eqexp::statement::create(ring(), known.a, known.b, known.v,
                                                known.w * known.v % modulus(), bound_bits);
    REQUIRE(claim);
    seeded_random rng(10);
    const auto with_x = eqexp::prove(script(), *claim, {known.x}, rng);
    REQUIRE(with_x);
    check_refused(eqexp::verify(script(), *claim, *with_x), errc::bad_proof, 6);
    const secret<bigint> next(known.x.expose() + 1);
    const auto with_next = eqexp::prove(script(), *claim, {next}, rng);
    REQUIRE(with_next);
    check_refused(eqexp::verify(script(), *claim, *with_next), errc::bad_proof, 5);
}

// What is proved is about squares: elements of order two pass, and do no harm to who squares.
TEST_CASE("equal exponent: elements of order two are accepted in b and w, others are not", "[zk]") {
    const example known(11);
    const bigint root = hidden_root();
    REQUIRE(root * root % modulus() == 1);
    REQUIRE(root != 1);
    REQUIRE(root != modulus() - 1);
    seeded_random rng(12);
    for (const bigint& g : {modulus() - 1, root}) {
        const bigint b = known.b * g % modulus(), w = known.w * g % modulus();
        for (const auto& claim :
             {eqexp::statement::create(ring(), known.a, b, known.v, known.w, bound_bits),
              eqexp::statement::create(ring(), known.a, known.b, known.v, w, bound_bits)}) {
            REQUIRE(claim);
            const auto proof = eqexp::prove(script(), *claim, {known.x}, rng);
            REQUIRE(proof);
            CHECK(eqexp::verify(script(), *claim, *proof));
        }
        CHECK(b * b % modulus() == raise(known.a, known.x.expose() << 1));
    }
    // 1+n has order n, which is odd: no square makes it disappear.
    const bigint shifted = known.b * (test::fixed_public_key<test::toy_scheme<1>>().n() + 1) % modulus();
    const auto claim = eqexp::statement::create(ring(), known.a, shifted, known.v, known.w, bound_bits);
    const auto proof = eqexp::prove(script(), *claim, {known.x}, rng);
    check_refused(eqexp::verify(script(), *claim, *proof), errc::bad_proof, 5);
}

TEST_CASE("equal exponent: statements are made of units", "[zk]") {
    const example known(13);
    const bigint factor = test::fixed_prime_pair<512>().q.expose();
    for (const bigint& bad : {bigint(0), bigint(-1), modulus(), modulus() + 1, factor,
                              test::fixed_public_key<test::toy_scheme<1>>().n()})
        for (std::size_t which = 0; which < 4; ++which) {
            std::vector<bigint> elements{known.a, known.b, known.v, known.w};
            elements[which] = bad;
            const auto claim = eqexp::statement::create(ring(), elements[0], elements[1], elements[2],
                                                        elements[3], bound_bits);
            REQUIRE_FALSE(claim);
            CHECK(claim.error().code == errc::not_a_unit);
            CHECK(claim.error().check == 1);
        }
}

// 4. Wrong session, round, party, key, parameters or log.

TEST_CASE("equal exponent: every item of the context counts", "[zk]") {
    const example known(14);
    const auto claim = known.statement();
    const auto proof = known.prove(15);
    REQUIRE(eqexp::verify(script(), claim, proof));
    std::vector<transcript::context> others(6, here());
    others[0].session[31] ^= 1;
    others[1].round += 1;
    others[2].party[0] ^= 1;
    others[3].key[7] ^= 1;
    others[4].parameters[63] ^= 1;
    others[5].binding[15] ^= 1;
    for (const auto& other : others)
        check_refused(eqexp::verify(script_of(other), claim, proof), errc::bad_proof, 5);
}

TEST_CASE("equal exponent: challenges depend on every absorbed item", "[zk]") {
    const example known(16);
    const auto derive = [&](const eqexp::statement& claim, const eqexp::announcement& first) {
        return zk::derive_challenge<eqexp>(zk::bind<eqexp>(script(), claim), claim, first);
    };
    const auto statement = [&](bigint a, bigint b, bigint v, bigint w, std::size_t bits) {
        return *eqexp::statement::create(ring(), std::move(a), std::move(b), std::move(v), std::move(w),
                                         bits);
    };
    std::vector<eqexp::challenge> seen;
    seen.push_back(derive(statement(2, 3, 5, 7, 100), {11, 13}));
    seen.push_back(derive(statement(4, 3, 5, 7, 100), {11, 13}));
    seen.push_back(derive(statement(2, 4, 5, 7, 100), {11, 13}));
    seen.push_back(derive(statement(2, 3, 4, 7, 100), {11, 13}));
    seen.push_back(derive(statement(2, 3, 5, 4, 100), {11, 13}));
    seen.push_back(derive(statement(2, 3, 5, 7, 101), {11, 13}));
    seen.push_back(derive(statement(2, 3, 5, 7, 100), {4, 13}));
    seen.push_back(derive(statement(2, 3, 5, 7, 100), {11, 4}));
    seen.push_back(derive(statement(3, 2, 5, 7, 100), {11, 13}));
    const engine other(test::fixed_public_key<test::toy_scheme<1>, 1>().arithmetic());
    const auto elsewhere = *eqexp::statement::create(other, 2, 3, 5, 7, 100);
    seen.push_back(derive(elsewhere, {11, 13}));
    for (std::size_t i = 0; i < seen.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) CHECK(seen[i] != seen[j]);
    CHECK(derive(statement(2, 3, 5, 7, 100), {11, 13}) == seen[0]);
}

TEST_CASE("equal exponent: the transcript is that of the specification", "[zk]") {
    const auto claim = *eqexp::statement::create(ring(), 2, 3, 5, 7, 100);
    const auto number = [](const bigint& value) { return value.to_bytes(128); };
    transcript::transcript by_hand = script();
    by_hand.absorb("proof", as_bytes("veilsum.equal-exponent/1"));
    by_hand.absorb("eqexp.modulus", number(modulus()));
    by_hand.absorb_u64("eqexp.bound-bits", 100);
    by_hand.absorb("eqexp.a", number(2));
    by_hand.absorb("eqexp.b", number(3));
    by_hand.absorb("eqexp.v", number(5));
    by_hand.absorb("eqexp.w", number(7));
    CHECK(zk::bind<eqexp>(script(), claim) == by_hand);
    by_hand.absorb("eqexp.A", number(11));
    by_hand.absorb("eqexp.B", number(13));
    CHECK(zk::derive_challenge<eqexp>(zk::bind<eqexp>(script(), claim), claim, {11, 13}) ==
          transcript::challenge_integers(by_hand, "eqexp.e", 1).front());
}

// 5. Both sides of each bound, with conversations whose equations hold.

TEST_CASE("equal exponent: both ends of the window of z", "[zk]") {
    const example known(17);
    const auto claim = known.statement();
    const auto e = challenge_of(18);
    const auto outcome = [&](const bigint& z) {
        const auto first = test::simulator<eqexp>::announcement_for(claim, e, {z});
        return eqexp::check(claim, first, e, {z});
    };
    const bigint end = bigint(1) << (bound_bits + 256);
    const bigint start = zk::largest_challenge() * ((bigint(1) << bound_bits) - 1);
    CHECK(outcome(start));
    check_refused(outcome(start - 1), errc::out_of_range, 4);
    CHECK(outcome(end - 1));
    check_refused(outcome(end), errc::out_of_range, 4);
    check_refused(outcome(0), errc::out_of_range, 4);
    check_refused(eqexp::check(claim, {1, 1}, e, {-end}), errc::out_of_range, 4);
}

TEST_CASE("equal exponent: exponents up to the bound, and none above", "[zk]") {
    const example known(19);
    const auto claim = known.statement();
    seeded_random rng(20);
    const auto fits = [&](bigint x) {
        const secret<bigint> exponent(std::move(x));
        return eqexp::prove(script(), claim, {exponent}, rng);
    };
    CHECK(fits((bigint(1) << bound_bits) - 1));
    for (const bigint& x : {bigint(1) << bound_bits, bigint(-1)}) {
        const auto refused = fits(x);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::out_of_range);
    }
}

TEST_CASE("equal exponent: the prover withholds responses outside the window", "[zk]") {
    const example known(21);
    const auto claim = known.statement();
    eqexp::challenge largest;
    largest.fill(0xff);
    test::scripted_random zeros({0x00}), ones({0xff});
    auto low = eqexp::announce(claim, {known.x}, zeros);
    CHECK_FALSE(eqexp::respond(claim, {known.x}, std::move(low.secret), largest));
    auto high = eqexp::announce(claim, {known.x}, ones);
    CHECK_FALSE(eqexp::respond(claim, {known.x}, std::move(high.secret), largest));
    const secret<bigint> top((bigint(1) << bound_bits) - 1);
    auto edge = eqexp::announce(claim, {top}, zeros);
    const auto answer = eqexp::respond(claim, {top}, std::move(edge.secret), largest);
    REQUIRE(answer);
    CHECK(answer->z == claim.window().minimum());
    static_assert(!std::is_copy_constructible_v<eqexp::announcement_secret>);
    static_assert(!std::is_default_constructible_v<eqexp::announcement_secret>);
}

// 6. Malformed encodings.

TEST_CASE("equal exponent: bytes have one length and one spelling", "[zk]") {
    const example known(22);
    const auto claim = known.statement();
    const bytes sent = known.prove(23).serialize(claim);
    const auto refused = [&](byte_view data, errc code, std::uint32_t check) {
        const auto parsed = eqexp::proof::parse(claim, data);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == code);
        CHECK(parsed.error().check == check);
    };
    const auto with = [&](std::size_t at, const bytes& field) {
        bytes altered = sent;
        std::copy(field.begin(), field.end(), altered.begin() + static_cast<std::ptrdiff_t>(at));
        return altered;
    };
    refused({}, errc::malformed, 2);
    refused(byte_view(sent).first(sent.size() - 1), errc::malformed, 2);
    bytes longer = sent;
    longer.push_back(0);
    refused(longer, errc::malformed, 2);
    const bigint factor = test::fixed_prime_pair<512>().p.expose();
    for (const std::size_t at : {std::size_t{0}, std::size_t{128}}) {
        refused(with(at, bytes(128, 0)), errc::out_of_range, 3);
        refused(with(at, modulus().to_bytes(128)), errc::out_of_range, 3);
        refused(with(at, bytes(128, 0xff)), errc::out_of_range, 3);
        refused(with(at, factor.to_bytes(128)), errc::not_a_unit, 3);
    }
    const std::size_t width = claim.window().size_bytes();
    refused(with(256, bytes(width, 0)), errc::out_of_range, 4);
    refused(with(256, (claim.window().minimum() - 1).to_bytes(width)), errc::out_of_range, 4);
    const auto narrow = *eqexp::statement::create(ring(), known.a, known.b, known.v, known.w, bound_bits - 3);
    const auto second_spelling = eqexp::proof::parse(narrow, with(256, bytes(width, 0xff)));
    REQUIRE_FALSE(second_spelling); // 1253 bits in 157 bytes: the upper bits must be zero
    CHECK(second_spelling.error().check == 4);
}

TEST_CASE("equal exponent: announcements put together by hand are in range too", "[zk]") {
    const example known(24);
    const auto claim = known.statement();
    auto proof = known.prove(25);
    for (const bigint& bad : {bigint(0), modulus(), bigint(-1), proof.announcement.A + modulus()}) {
        check_refused(eqexp::verify(script(), claim, {{bad, proof.announcement.B}, proof.response}),
                      errc::out_of_range, 3);
        check_refused(eqexp::verify(script(), claim, {{proof.announcement.A, bad}, proof.response}),
                      errc::out_of_range, 3);
    }
}

// 7. A fixed vector.

TEST_CASE("equal exponent: the same randomness makes the same proof for ever", "[zk]") {
    const example known(26);
    const bytes sent = known.prove(27).serialize(known.statement());
    CHECK(to_hex(hash::sha256(sent)) == "11894cc646700b7788a6b26fd4674530bf69c0256ea6c29d3efb7b37363b39fe");
}

// Laws.

TEST_CASE("equal exponent: simulated conversations are accepted, and real ones are of their form", "[zk]") {
    using simulator = test::simulator<eqexp>;
    for (std::uint64_t seed = 30; seed < 34; ++seed) {
        const example known(seed);
        const auto claim = known.statement();
        seeded_random rng(seed);
        const auto e = challenge_of(seed);
        const auto answer = simulator::draw_response(claim, rng);
        CHECK(eqexp::check(claim, simulator::announcement_for(claim, e, answer), e, answer));

        auto real = eqexp::announce(claim, {known.x}, rng);
        const auto response = eqexp::respond(claim, {known.x}, std::move(real.secret), e);
        REQUIRE(response);
        const auto same = simulator::announcement_for(claim, e, *response);
        CHECK(same.A == real.announcement.A);
        CHECK(same.B == real.announcement.B);
    }
}

TEST_CASE("equal exponent: two answers to one announcement give the exponent", "[zk]") {
    const example known(35);
    const auto claim = known.statement();
    const auto answer = [&](const eqexp::challenge& e) {
        seeded_random rewound(36);
        auto first = eqexp::announce(claim, {known.x}, rewound);
        return eqexp::respond(claim, {known.x}, std::move(first.secret), e)->z;
    };
    const auto e = challenge_of(37), f = challenge_of(38);
    const bigint delta = zk::to_integer(e) - zk::to_integer(f), difference = answer(e) - answer(f);
    CHECK(difference == delta * known.x.expose());
}

// The response hides x: the upper bits of responses to the smallest and the largest exponent have the same
// distribution, on a modulus so small that thousands of conversations cost nothing.
TEST_CASE("equal exponent: responses do not show the exponent", "[zk]") {
    using small_engine = modular::gmp_engine<64>;
    using small = zk::equal_exponent<small_engine>;
    const small_engine field(bigint(std::uint64_t{1000003} * 1000033));
    constexpr std::size_t bits = 16, samples = 3000;
    small::challenge largest;
    largest.fill(0xff);
    seeded_random rng(39);
    const auto histogram = [&](const bigint& exponent) {
        const secret<bigint> x{bigint(exponent)};
        const auto claim = *small::statement::create(field, 4, power_vartime(4, exponent, field.modulus()), 9,
                                                     power_vartime(9, exponent, field.modulus()), bits);
        std::vector<double> seen(16);
        for (std::size_t i = 0; i < samples; ++i) {
            auto first = small::announce(claim, {x}, rng);
            const auto answer = small::respond(claim, {x}, std::move(first.secret), largest);
            ++seen.at(static_cast<std::size_t>(*(answer->z >> (claim.window().mask_bits() - 4)).to_int64()));
        }
        return seen;
    };
    const auto none = histogram(0), most = histogram((bigint(1) << bits) - 1);
    double distance = 0; // chi-squared with 15 degrees of freedom
    for (std::size_t i = 0; i < 16; ++i)
        distance += (none[i] - most[i]) * (none[i] - most[i]) / (none[i] + most[i]);
    CHECK(distance < 55);
}
