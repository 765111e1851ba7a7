// Proofs of plaintext knowledge, on toy moduli of 512 bits and once at 2048.
#include "support/toy.hpp"

#include "support/catch.hpp"
#include "support/ends_process.hpp"
#include "support/scripted_random.hpp"
#include "support/seeded_random.hpp"
#include "support/simulators.hpp"

#include <veilsum/hash/sha2.hpp>
#include <veilsum/paillier/encryptor.hpp>
#include <veilsum/transcript/context.hpp>
#include <veilsum/zk/plaintext_knowledge.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

using namespace veilsum;
using integer::bigint;
using tests::seeded_random;

namespace {

using toy = test::toy_scheme<1>;
using popk = zk::plaintext_knowledge<toy>;

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

// K ciphertexts with everything that the prover knows about them.
template <class Scheme, class Policy = paillier::short_exponent>
struct batch {
    using protocol = zk::plaintext_knowledge<Scheme, Policy>;

    paillier::encryptor<Scheme, Policy> encryptor;
    paillier::plaintext_vector messages;
    paillier::encryption<Scheme> made;
    typename protocol::statement statement;

    batch(std::vector<bigint> values, std::uint64_t seed)
        : encryptor(test::fixed_public_key<Scheme>()), messages(std::move(values)), made(encrypt(seed)),
          statement(protocol::statement::create(encryptor.key(), made.ciphertexts).value()) {}
    typename protocol::witness witness() const { return {encryptor, messages, made.exponents}; }
    typename protocol::proof prove(std::uint64_t seed) const {
        seeded_random rng(seed);
        return protocol::prove(script(), statement, witness(), rng).value();
    }

  private:
    paillier::encryption<Scheme> encrypt(std::uint64_t seed) const {
        seeded_random rng(seed);
        return encryptor.encrypt(messages, rng).value();
    }
};

std::vector<bigint> some_values() {
    return {5, -7, 0, bigint(1) << 500, -(bigint(1) << 500)};
}

const batch<toy>& example() {
    static const batch<toy> made(some_values(), 11);
    return made;
}

void check_refused(const result<void>& outcome, errc code, std::uint32_t check) {
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == code);
    CHECK(outcome.error().check == check);
}

paillier::ciphertext_vector<toy> vector_of(const std::vector<bigint>& numbers) {
    const auto& key = test::fixed_public_key<toy>();
    auto residues = key.arithmetic().make(numbers.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) key.arithmetic().set(residues, i, numbers[i]);
    return paillier::ciphertext_vector<toy>::from_residues(key, std::move(residues));
}
std::vector<bigint> numbers_of(const paillier::ciphertext_vector<toy>& ciphertexts) {
    std::vector<bigint> out;
    for (std::size_t i = 0; i < ciphertexts.size(); ++i) out.push_back(ciphertexts[i]);
    return out;
}

popk::challenge challenges(std::size_t count, std::uint64_t seed) {
    seeded_random rng(seed);
    popk::challenge out(count);
    for (auto& e : out) rng.fill(e);
    return out;
}

} // namespace

// 1. Completeness.

TEMPLATE_TEST_CASE("plaintext knowledge: honest proofs verify", "[zk]", test::toy_scheme<1>,
                   test::toy_scheme<2>, test::toy_scheme<3>) {
    using protocol = zk::plaintext_knowledge<TestType>;
    const bigint largest = test::fixed_public_key<TestType>().plaintexts().largest();
    for (const std::size_t count : {1u, 2u, 9u}) {
        std::vector<bigint> values(count, largest);
        if (count > 1) values[1] = -largest;
        const batch<TestType> known(std::move(values), 20 + count);
        const auto proof = known.prove(count);
        const bytes sent = proof.serialize(known.statement);
        CHECK(sent.size() == protocol::proof_bytes(count));
        const auto received = protocol::proof::parse(known.statement, sent);
        REQUIRE(received);
        CHECK(received->serialize(known.statement) == sent);
        CHECK(protocol::verify(script(), known.statement, *received));
    }
}

TEMPLATE_TEST_CASE("plaintext knowledge: every exponent policy works", "[zk]", paillier::short_exponent,
                   paillier::half_length, paillier::uniform) {
    const batch<toy, TestType> known({1, 2, 3}, 5);
    using protocol = zk::plaintext_knowledge<toy, TestType>;
    CHECK(protocol::verify(script(), known.statement, known.prove(1)));
    CHECK(protocol::proof_bytes(3) == 128 + 64 + (TestType::template bits<512> + 128 + 2 + 128 + 7) / 8);
}

TEST_CASE("plaintext knowledge: the size of a proof is that of its formula", "[zk]") {
    using real = zk::plaintext_knowledge<paillier::scheme<3072>>;
    CHECK(real::proof_bytes(200) == 768 + 384 + 97);
    CHECK(real::proof_bytes(1) == 768 + 384 + 97);
    CHECK(real::proof_bytes(65535) == 768 + 384 + 98);
    CHECK(real::most_mask_bits == paillier::encryptor<paillier::scheme<3072>>::exponent_bits + 272);
}

TEST_CASE("plaintext knowledge: works at 2048 bits", "[zk]") {
    using real = paillier::scheme<2048>;
    const batch<real> known({123, -456}, 1);
    const auto proof = known.prove(2);
    CHECK(zk::plaintext_knowledge<real>::verify(script(), known.statement, proof));
    CHECK(proof.serialize(known.statement).size() == 512 + 256 + (448 + 128 + 2 + 128 + 7) / 8);
}

// 2. Each field of a proof tampered.

TEST_CASE("plaintext knowledge: every altered field is refused", "[zk]") {
    const auto& known = example();
    const bytes sent = known.prove(3).serialize(known.statement);
    const std::size_t fields[] = {0, 128, 128 + 64, sent.size()};
    for (std::size_t field = 0; field < 3; ++field) {
        // Lowest bit and a middle bit: the number stays in range.
        for (const std::size_t at : {fields[field + 1] - 1, (fields[field] + fields[field + 1]) / 2}) {
            bytes altered = sent;
            altered[at] ^= 1;
            const auto parsed = popk::proof::parse(known.statement, altered);
            REQUIRE(parsed);
            check_refused(popk::verify(script(), known.statement, *parsed), errc::bad_proof, 6);
        }
    }
}

TEST_CASE("plaintext knowledge: parts of two valid proofs do not make a third", "[zk]") {
    const auto& known = example();
    const auto first = known.prove(4), second = known.prove(5);
    CHECK(first.response.z != second.response.z);
    check_refused(popk::verify(script(), known.statement, {first.announcement, second.response}),
                  errc::bad_proof, 6);
    check_refused(popk::verify(script(), known.statement,
                               {first.announcement, {second.response.z, first.response.zeta}}),
                  errc::bad_proof, 6);
    check_refused(popk::verify(script(), known.statement,
                               {first.announcement, {first.response.z, second.response.zeta}}),
                  errc::bad_proof, 6);
}

// 3. Wrong statement.

TEST_CASE("plaintext knowledge: a proof is for its own ciphertexts in their order", "[zk]") {
    const auto& known = example();
    const auto proof = known.prove(6);
    const std::vector<bigint> numbers = numbers_of(known.made.ciphertexts);
    const bigint& modulus = known.encryptor.key().modulus();
    const auto refused = [&](const std::vector<bigint>& other) {
        const auto ciphertexts = vector_of(other);
        const auto claim = popk::statement::create(known.encryptor.key(), ciphertexts);
        REQUIRE(claim);
        check_refused(popk::verify(script(), *claim, proof), errc::bad_proof, 6);
    };
    for (std::size_t k = 0; k < numbers.size(); ++k) {
        auto altered = numbers;
        altered[k] = numbers[k] * (known.encryptor.key().n() + 1) % modulus; // one more
        refused(altered);
        altered[k] = modulus - numbers[k]; // the same plaintext, another ciphertext
        refused(altered);
        altered[k] = numbers[(k + 1) % numbers.size()];
        refused(altered);
    }
    auto swapped = numbers;
    std::swap(swapped[0], swapped[1]);
    refused(swapped);
    auto shorter = numbers;
    shorter.pop_back();
    refused(shorter); // 4 and 5 have the same length, so the proofs have too
}

TEST_CASE("plaintext knowledge: who does not know a plaintext cannot prove", "[zk]") {
    const auto& known = example();
    seeded_random rng(7);
    auto values = some_values();
    values[2] += 1;
    const paillier::plaintext_vector wrong(std::move(values));
    const auto proof =
        popk::prove(script(), known.statement, {known.encryptor, wrong, known.made.exponents}, rng);
    REQUIRE(proof);
    check_refused(popk::verify(script(), known.statement, *proof), errc::bad_proof, 6);

    auto exponents = known.made.exponents.expose();
    exponents[4] += 1;
    const secret<std::vector<bigint>> other(std::move(exponents));
    const auto second = popk::prove(script(), known.statement, {known.encryptor, known.messages, other}, rng);
    REQUIRE(second);
    check_refused(popk::verify(script(), known.statement, *second), errc::bad_proof, 6);
}

TEST_CASE("plaintext knowledge: a ciphertext derived from somebody else's comes with no proof", "[zk]") {
    // The copier re-randomises and adds 1; of the sum it knows neither plaintext nor exponent.
    const auto& victim = example();
    const batch<toy> own({1, 0, 0, 0, 0}, 30);
    const auto mauled = paillier::add(own.encryptor.key(), victim.made.ciphertexts, own.made.ciphertexts);
    REQUIRE(mauled);
    const auto claim = popk::statement::create(own.encryptor.key(), *mauled);
    REQUIRE(claim);
    check_refused(popk::verify(script(), *claim, victim.prove(8)), errc::bad_proof, 6);
    seeded_random rng(9);
    const auto forged = popk::prove(script(), *claim, own.witness(), rng);
    REQUIRE(forged);
    check_refused(popk::verify(script(), *claim, *forged), errc::bad_proof, 6);
}

TEST_CASE("plaintext knowledge: another key is refused by name", "[zk]") {
    const auto& known = example();
    const auto& other = test::fixed_public_key<toy, 1>();
    const auto claim = popk::statement::create(other, known.made.ciphertexts);
    REQUIRE_FALSE(claim);
    CHECK(claim.error().code == errc::wrong_key);
    CHECK(claim.error().check == 1);

    // An announcement under another key inside a proof that was put together by hand.
    auto proof = known.prove(10);
    auto residues = other.arithmetic().make(1);
    proof.announcement.value = paillier::ciphertext_vector<toy>::from_residues(other, std::move(residues));
    check_refused(popk::verify(script(), known.statement, proof), errc::wrong_key, 3);
    proof.announcement.value = known.made.ciphertexts; // five units instead of one
    check_refused(popk::verify(script(), known.statement, proof), errc::wrong_key, 3);
}

// 4. Wrong session, round, party, key, parameters or log.

TEST_CASE("plaintext knowledge: every item of the context counts", "[zk]") {
    const auto& known = example();
    const auto proof = known.prove(11);
    REQUIRE(popk::verify(script(), known.statement, proof));
    std::vector<transcript::context> others(6, here());
    others[0].session[31] ^= 1;
    others[1].round += 1;
    others[2].party[0] ^= 1;
    others[3].key[7] ^= 1;
    others[4].parameters[63] ^= 1;
    others[5].binding[15] ^= 1;
    for (const auto& other : others)
        check_refused(popk::verify(script_of(other), known.statement, proof), errc::bad_proof, 6);
    transcript::transcript protocol("veilsum.test/2");
    here().absorb_into(protocol);
    check_refused(popk::verify(protocol, known.statement, proof), errc::bad_proof, 6);
    transcript::transcript longer = script();
    longer.absorb("rows", {});
    check_refused(popk::verify(longer, known.statement, proof), errc::bad_proof, 6);
}

TEST_CASE("plaintext knowledge: challenges depend on every absorbed item", "[zk]") {
    const auto& known = example();
    const auto proof = known.prove(12);
    const auto derive = [&](const popk::statement& claim, const popk::announcement& first) {
        return zk::derive_challenge<popk>(zk::bind<popk>(script(), claim), claim, first);
    };
    const auto base = derive(known.statement, proof.announcement);
    CHECK(base.size() == 5);
    CHECK(derive(known.statement, proof.announcement) == base);
    CHECK(derive(known.statement, known.prove(13).announcement) != base);

    auto numbers = numbers_of(known.made.ciphertexts);
    numbers[4] = known.encryptor.key().modulus() - numbers[4];
    const auto other = vector_of(numbers);
    CHECK(derive(*popk::statement::create(known.encryptor.key(), other), proof.announcement) != base);

    // The length of an honest exponent is part of the statement.
    using longer = zk::plaintext_knowledge<toy, paillier::uniform>;
    const auto claim = *longer::statement::create(known.encryptor.key(), known.made.ciphertexts);
    CHECK(zk::derive_challenge<longer>(zk::bind<longer>(script(), claim), claim,
                                       {proof.announcement.value}) != base);
}

TEST_CASE("plaintext knowledge: the transcript is that of the specification", "[zk]") {
    const auto& known = example();
    const auto proof = known.prove(12);
    transcript::transcript by_hand = script();
    by_hand.absorb("proof", as_bytes("veilsum.plaintext-knowledge/1"));
    by_hand.absorb("popk.key", known.encryptor.key().id());
    by_hand.absorb_u64("popk.exponent-bits", 256);
    by_hand.absorb_u64("popk.count", 5);
    by_hand.absorb("popk.ciphertexts", known.made.ciphertexts.serialize());
    CHECK(zk::bind<popk>(script(), known.statement) == by_hand);
    by_hand.absorb("popk.A", proof.announcement.value.serialize());
    CHECK(zk::derive_challenge<popk>(zk::bind<popk>(script(), known.statement), known.statement,
                                     proof.announcement) ==
          transcript::challenge_integers(by_hand, "popk.e", 5));
}

// 5. Both sides of each bound. The simulator makes conversations whose equation holds, so that only the bound
// can be what refuses.

TEST_CASE("plaintext knowledge: both ends of the window of zeta", "[zk]") {
    const auto& known = example();
    const auto e = challenges(5, 14);
    const auto& window = known.statement.window();
    const bigint end = bigint(1) << window.mask_bits();
    const auto outcome = [&](const bigint& zeta) {
        const popk::response answer{17, zeta};
        const auto first = test::simulator<popk>::announcement_for(known.statement, e, answer);
        return popk::check(known.statement, first, e, answer);
    };
    CHECK(outcome(window.minimum()));
    check_refused(outcome(window.minimum() - 1), errc::out_of_range, 5);
    CHECK(outcome(end - 1));
    check_refused(outcome(end), errc::out_of_range, 5);
    check_refused(outcome(0), errc::out_of_range, 5);
    CHECK(window.minimum() == bigint(5) * zk::largest_challenge() * ((bigint(1) << 256) - 1));
    CHECK(window.mask_bits() == 256 + 128 + 3 + 128);
}

TEST_CASE("plaintext knowledge: both ends of z", "[zk]") {
    const auto& known = example();
    const auto e = challenges(5, 15);
    const bigint& plaintexts = known.encryptor.key().n_to_s();
    const auto outcome = [&](const bigint& z) {
        const popk::response honest{z % plaintexts, known.statement.window().minimum()};
        const auto first = test::simulator<popk>::announcement_for(known.statement, e, honest);
        return popk::check(known.statement, first, e, {z, honest.zeta});
    };
    CHECK(outcome(0));
    CHECK(outcome(plaintexts - 1));
    check_refused(outcome(plaintexts), errc::out_of_range, 4);
    check_refused(outcome(plaintexts + 3), errc::out_of_range, 4);
    check_refused(outcome(-1), errc::out_of_range, 4);
}

TEST_CASE("plaintext knowledge: one to 65535 ciphertexts", "[zk]") {
    const auto& key = test::fixed_public_key<toy>();
    const auto ones = [&](std::size_t count) {
        return paillier::ciphertext_vector<toy>::from_residues(key, key.arithmetic().make(count));
    };
    const auto most = ones(65535), more = ones(65536);
    CHECK(popk::statement::create(key, most));
    const auto refused = popk::statement::create(key, more);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::out_of_range);
    CHECK(refused.error().check == 1);

    // The empty batch: the only way to hold one is a vector that was moved from.
    auto source = ones(1);
    const auto moved = std::move(source);
    const auto empty = popk::statement::create(key, source);
    REQUIRE_FALSE(empty);
    CHECK(empty.error().code == errc::missing);
    CHECK(empty.error().check == 1);
}

TEST_CASE("plaintext knowledge: both signs are accepted, and only they", "[zk]") {
    const auto& known = example();
    const auto e = challenges(5, 16);
    seeded_random rng(17);
    const auto answer = test::simulator<popk>::draw_response(known.statement, rng);
    const auto first = test::simulator<popk>::announcement_for(known.statement, e, answer);
    const bigint& modulus = known.encryptor.key().modulus();
    const auto outcome = [&](const bigint& A) {
        return popk::check(known.statement, {vector_of({A})}, e, answer);
    };
    CHECK(outcome(first.value[0]));
    CHECK(outcome(modulus - first.value[0]));
    check_refused(outcome(first.value[0] * 2 % modulus), errc::bad_proof, 6);
    // A square root of 1 that only the owner of the key can find is not a sign.
    const auto pair = test::fixed_prime_pair<512>();
    const bigint P = pair.p.expose() * pair.p.expose(), Q = pair.q.expose() * pair.q.expose();
    const bigint root = (P * *invert(P, Q) - Q * *invert(Q, P)) % modulus;
    REQUIRE(root * root % modulus == 1);
    REQUIRE(root != 1);
    check_refused(outcome(first.value[0] * root % modulus), errc::bad_proof, 6);
}

TEST_CASE("plaintext knowledge: the prover withholds responses outside the window", "[zk]") {
    const auto& known = example();
    const auto e = challenges(5, 18);
    test::scripted_random zeros({0x00});
    auto low = popk::announce(known.statement, known.witness(), zeros); // beta = 0
    CHECK_FALSE(popk::respond(known.statement, known.witness(), std::move(low.secret), e));
    test::scripted_random ones({0x00, 0xff}); // y = 0, beta = 2^zbits - 1
    auto high = popk::announce(known.statement, known.witness(), ones);
    CHECK_FALSE(popk::respond(known.statement, known.witness(), std::move(high.secret), e));
    // The largest shift from the smallest mask just fits.
    popk::challenge largest(5);
    for (auto& e_k : largest) e_k.fill(0xff);
    const secret<std::vector<bigint>> exponents(std::vector<bigint>(5, (bigint(1) << 256) - 1));
    const popk::witness extreme{known.encryptor, known.messages, exponents};
    test::scripted_random again({0x00});
    auto first = popk::announce(known.statement, extreme, again);
    const auto answer = popk::respond(known.statement, extreme, std::move(first.secret), largest);
    REQUIRE(answer);
    CHECK(answer->zeta == known.statement.window().minimum());
}

TEST_CASE("plaintext knowledge: a witness of the wrong shape is refused", "[zk]") {
    const auto& known = example();
    seeded_random rng(19);
    const auto refused = [&](const popk::witness& witness, errc code) {
        const auto proof = popk::prove(script(), known.statement, witness, rng);
        REQUIRE_FALSE(proof);
        CHECK(proof.error().code == code);
    };
    const paillier::plaintext_vector few(std::vector<bigint>(4));
    refused({known.encryptor, few, known.made.exponents}, errc::mismatch);
    const secret<std::vector<bigint>> short_list(std::vector<bigint>(4));
    refused({known.encryptor, known.messages, short_list}, errc::mismatch);
    const secret<std::vector<bigint>> long_exponents(std::vector<bigint>(5, bigint(1) << 256));
    refused({known.encryptor, known.messages, long_exponents}, errc::out_of_range);
    const secret<std::vector<bigint>> negative(std::vector<bigint>(5, bigint(-1)));
    refused({known.encryptor, known.messages, negative}, errc::out_of_range);
    const paillier::encryptor<toy> other(test::fixed_public_key<toy, 1>());
    refused({other, known.messages, known.made.exponents}, errc::wrong_key);
    const paillier::encryptor<toy> short_table(known.encryptor.key(), 512);
    refused({short_table, known.messages, known.made.exponents}, errc::bad_parameter);
}

// 6. Malformed encodings.

TEST_CASE("plaintext knowledge: bytes have one length and one spelling", "[zk]") {
    const auto& known = example();
    const auto& key = known.encryptor.key();
    const bytes sent = known.prove(20).serialize(known.statement);
    const auto refused = [&](byte_view data, errc code, std::uint32_t check) {
        const auto parsed = popk::proof::parse(known.statement, data);
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

    refused(with(0, bytes(128, 0)), errc::out_of_range, 3);
    refused(with(0, key.modulus().to_bytes(128)), errc::out_of_range, 3);
    refused(with(0, bytes(128, 0xff)), errc::out_of_range, 3);
    refused(with(0, key.n().to_bytes(128)), errc::not_a_unit, 3);
    refused(with(0, (test::fixed_prime_pair<512>().p.expose() * 5).to_bytes(128)), errc::not_a_unit, 3);

    refused(with(128, key.n().to_bytes(64)), errc::out_of_range, 4);
    refused(with(128, bytes(64, 0xff)), errc::out_of_range, 4);

    const auto& window = known.statement.window();
    refused(with(192, bytes(window.size_bytes(), 0)), errc::out_of_range, 5);
    refused(with(192, (window.minimum() - 1).to_bytes(window.size_bytes())), errc::out_of_range, 5);
    // 515 bits in 65 bytes: the five upper bits must be zero.
    refused(with(192, (bigint(1) << window.mask_bits()).to_bytes(window.size_bytes())), errc::out_of_range,
            5);
    refused(with(192, bytes(window.size_bytes(), 0xff)), errc::out_of_range, 5);
}

TEST_CASE("plaintext knowledge: a proof for another number of ciphertexts has another length", "[zk]") {
    const auto& known = example();
    const batch<toy> eight(std::vector<bigint>(8), 21);
    // bitlen(5) = 3 and bitlen(8) = 4: zeta has 515 and 516 bits, 65 bytes each; 255 needs 520, 256 521.
    CHECK(popk::proof_bytes(5) == popk::proof_bytes(8));
    CHECK(popk::proof_bytes(256) == popk::proof_bytes(255) + 1);
    check_refused(popk::verify(script(), eight.statement, known.prove(22)), errc::bad_proof, 6);
}

// 7. A fixed vector. The proof behind this digest was checked, and its masks derived again, by a program of
// its own in Python that was written from docs/spec.

TEST_CASE("plaintext knowledge: the same randomness makes the same proof for ever", "[zk]") {
    const auto& known = example();
    const bytes sent = known.prove(23).serialize(known.statement);
    CHECK(to_hex(hash::sha256(known.made.ciphertexts.serialize())) ==
          "9644bf71db47574b571e2761abb8149ef47f339ca105b6830bc3cbbee3db5f9e");
    CHECK(to_hex(hash::sha256(sent)) == "5f4145e0f878c251ef60519d78c64012ed140d2da9c5f54b93a4c22a76f061ba");
}

// Laws.

TEST_CASE("plaintext knowledge: simulated conversations are accepted, and real ones are of their form",
          "[zk]") {
    const auto& known = example();
    using simulator = test::simulator<popk>;
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
        seeded_random rng(seed);
        const auto e = challenges(5, 100 + seed);
        const auto answer = simulator::draw_response(known.statement, rng);
        const auto first = simulator::announcement_for(known.statement, e, answer);
        CHECK(popk::check(known.statement, first, e, answer));

        auto real = popk::announce(known.statement, known.witness(), rng);
        const auto response = popk::respond(known.statement, known.witness(), std::move(real.secret), e);
        REQUIRE(response);
        CHECK(popk::check(known.statement, real.announcement, e, *response));
        CHECK(simulator::announcement_for(known.statement, e, *response).value == real.announcement.value);
    }
}

TEMPLATE_TEST_CASE("plaintext knowledge: two answers to one announcement give the plaintext", "[zk]",
                   test::toy_scheme<1>, test::toy_scheme<2>, test::toy_scheme<3>) {
    using protocol = zk::plaintext_knowledge<TestType>;
    const batch<TestType> known({11, -22, 33}, 40);
    auto e = challenges(3, 41);
    const auto answer = [&] {
        seeded_random rewound(42);
        auto first = protocol::announce(known.statement, known.witness(), rewound);
        return *protocol::respond(known.statement, known.witness(), std::move(first.secret), e);
    };
    const auto before = answer();
    const bigint earlier = zk::to_integer(e[1]);
    e[1][0] ^= 0x40;
    const auto after = answer();
    const bigint& plaintexts = known.encryptor.key().n_to_s();
    const bigint delta = (zk::to_integer(e[1]) - earlier) % plaintexts;
    const bigint found = (after.z - before.z) * *invert(delta, plaintexts) % plaintexts;
    CHECK(known.encryptor.key().plaintexts().centre(found) == -22);
}

TEST_CASE("plaintext knowledge: masks are single use and cannot be copied", "[zk]") {
    static_assert(!std::is_copy_constructible_v<popk::announcement_secret>);
    static_assert(!std::is_copy_assignable_v<popk::announcement_secret>);
    static_assert(!std::is_default_constructible_v<popk::announcement_secret>);
    const auto& known = example();
    seeded_random rng(50);
    auto first = popk::announce(known.statement, known.witness(), rng);
    const auto e = challenges(5, 51);
    REQUIRE(popk::respond(known.statement, known.witness(), std::move(first.secret), e));
    // What is left behind is zero: a second use is below the window, not a second answer with the same masks.
    CHECK_FALSE(popk::respond(known.statement, known.witness(), std::move(first.secret), e));
}

TEST_CASE("plaintext knowledge: ciphertexts moved from under a statement end the process, and say so",
          "[zk]") {
    batch<toy> known(some_values(), 12);
    const auto proof = known.prove(13);
    REQUIRE(popk::verify(script(), known.statement, proof));
    const auto elsewhere = std::move(known.made.ciphertexts);
    CHECK(elsewhere.size() == some_values().size());
    for (const auto& said : {test::last_words([&] { return popk::verify(script(), known.statement, proof); }),
                             test::last_words([&] { return known.prove(14); })}) {
        REQUIRE(said);
        CHECK(said->starts_with("veilsum: broken contract in ciphertexts, "));
        CHECK(said->find("plaintext_knowledge.hpp:") != std::string::npos);
    }
}
