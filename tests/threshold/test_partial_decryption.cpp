// Partial decryptions and their batch proof: the seven tests of a proof.
#include "support/threshold_fixture.hpp"

#include "support/catch.hpp"

#include <veilsum/hash/sha2.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using namespace veilsum;
using integer::bigint;
using tests::seeded_random;

namespace {

using toy = test::toy_scheme<1>;
using partial = threshold::partial_decryption<toy>;
using fixture = test::ceremony_fixture<toy>;
using ciphertexts = paillier::ciphertext_vector<toy>;

struct example_round {
    fixture ceremony{2, 3};
    ciphertexts sum = ceremony.encrypt({5, -7, bigint(1) << 400}, 3);
    partial made = ceremony.decrypt(2, sum);
};
const example_round& example() {
    static const example_round made;
    return made;
}

template <class T>
void check_refused(const result<T>& outcome, errc code, std::uint32_t check, std::string_view culprit) {
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == code);
    CHECK(outcome.error().check == check);
    CHECK(outcome.error().culprit == culprit);
}

std::vector<bigint> numbers_of(const ciphertexts& vector) {
    std::vector<bigint> out;
    for (std::size_t i = 0; i < vector.size(); ++i) out.push_back(vector[i]);
    return out;
}
ciphertexts vector_of(const std::vector<bigint>& numbers) {
    const auto& key = test::fixed_public_key<toy>();
    auto residues = key.arithmetic().make(numbers.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) key.arithmetic().set(residues, i, numbers[i]);
    return ciphertexts::from_residues(key, std::move(residues));
}
partial with_values(const partial& from, const std::vector<bigint>& numbers) {
    return partial(from.party(), vector_of(numbers), from.proof(), example().ceremony.who);
}

} // namespace

// 1. Completeness.

TEMPLATE_TEST_CASE("partial decryption: honest ones verify, for every trustee", "[threshold]",
                   test::toy_scheme<1>, test::toy_scheme<2>, test::toy_scheme<3>) {
    for (const auto& [quorum, trustees] : {std::pair{1u, 1u}, {2u, 3u}, {5u, 5u}}) {
        const test::ceremony_fixture<TestType> ceremony(quorum, trustees);
        const auto sum = ceremony.encrypt({0, 1, -1, 123456789}, 4);
        for (std::uint32_t i = 1; i <= trustees; ++i) {
            const auto made = ceremony.decrypt(i, sum);
            CHECK(made.party() == party_id(i));
            const bytes sent = made.serialize();
            using type = threshold::partial_decryption<TestType>;
            CHECK(sent.size() == type::serialized_bytes(ceremony.who, 4));
            const auto received = type::parse(ceremony.key, ceremony.who, 4, sent);
            REQUIRE(received);
            CHECK(received->serialize() == sent);
            const auto verified = ceremony.verify(sum, *received);
            REQUIRE(verified);
            CHECK((*verified)->party == party_id(i));
            CHECK((*verified)->values == made.values());
        }
    }
}

TEST_CASE("partial decryption: values are the powers that the scheme says", "[threshold]") {
    const auto& round = example();
    const bigint x = round.ceremony.who.delta() * round.ceremony.dealt.shares[1].value().expose() * 2;
    for (std::size_t k = 0; k < 3; ++k)
        CHECK(round.made.values()[k] == power_vartime(round.sum[k], x, round.ceremony.key.modulus()));
}

TEST_CASE("partial decryption: the message has the size of its formula", "[threshold]") {
    using real = threshold::partial_decryption<paillier::scheme<3072>>;
    const auto who = *threshold::structure::create(2, 3);
    CHECK(real::serialized_bytes(who, 200) == 6 + 200 * 768 + 2 * 768 + 801);
    CHECK(real::serialized_bytes(who, 1) == 6 + 768 + 2 * 768 + 801);
}

// 2. Each field tampered.

TEST_CASE("partial decryption: every altered value is refused, and the trustee named", "[threshold]") {
    const auto& round = example();
    for (std::size_t k = 0; k < 3; ++k) {
        auto numbers = numbers_of(round.made.values());
        numbers[k] = numbers[k] * (round.ceremony.key.n() + 1) % round.ceremony.key.modulus();
        check_refused(round.ceremony.verify(round.sum, with_values(round.made, numbers)), errc::bad_proof, 6,
                      "trustee 2");
    }
    auto swapped = numbers_of(round.made.values());
    std::swap(swapped[0], swapped[1]);
    check_refused(round.ceremony.verify(round.sum, with_values(round.made, swapped)), errc::bad_proof, 6,
                  "trustee 2");
}

TEST_CASE("partial decryption: every altered byte field is refused", "[threshold]") {
    const auto& round = example();
    const bytes sent = round.made.serialize();
    // index | count | three values | A | B | z
    const std::size_t fields[] = {6, 6 + 128, 6 + 256, 6 + 384, 6 + 512, 6 + 640, sent.size()};
    for (std::size_t field = 0; field + 1 < std::size(fields); ++field) {
        bytes altered = sent;
        altered[fields[field + 1] - 1] ^= 1;
        const auto parsed = partial::parse(round.ceremony.key, round.ceremony.who, 3, altered);
        REQUIRE(parsed);
        check_refused(round.ceremony.verify(round.sum, *parsed), errc::bad_proof, 6, "trustee 2");
    }
    bytes other_party = sent;
    other_party[1] = 3;
    const auto parsed = partial::parse(round.ceremony.key, round.ceremony.who, 3, other_party);
    REQUIRE(parsed);
    check_refused(round.ceremony.verify(round.sum, *parsed), errc::bad_proof, 6, "trustee 3");
}

// Two wrong values that cancel in the plain product do not cancel in the folded one.
TEST_CASE("partial decryption: errors that cancel each other are refused", "[threshold]") {
    const auto& round = example();
    const bigint& modulus = round.ceremony.key.modulus();
    auto numbers = numbers_of(round.made.values());
    const bigint g = round.ceremony.key.n() + 1;
    numbers[0] = numbers[0] * g % modulus;
    numbers[1] = numbers[1] * *invert(g, modulus) % modulus;
    check_refused(round.ceremony.verify(round.sum, with_values(round.made, numbers)), errc::bad_proof, 6,
                  "trustee 2");
}

TEST_CASE("partial decryption: a trustee with the wrong share cannot prove", "[threshold]") {
    const auto& round = example();
    const fixture& ceremony = round.ceremony;
    seeded_random rng(5);
    // Another trustee's share, and a share that is off by one, under trustee 2's index.
    for (const bigint& value :
         {bigint(ceremony.dealt.shares[2].value().expose()), ceremony.dealt.shares[1].value().expose() + 1}) {
        const auto wrong = threshold::key_share<toy>::create(ceremony.key, ceremony.who, party_id(2),
                                                             secret<bigint>(bigint(value)));
        REQUIRE(wrong);
        const auto made = threshold::partially_decrypt(ceremony.key, ceremony.dealt.verification, *wrong,
                                                       round.sum, test::decryption_context(), rng);
        REQUIRE(made);
        // The values agree with the proof, but not with v_2.
        check_refused(ceremony.verify(round.sum, *made), errc::bad_proof, 7, "trustee 2");
    }
}

// 3. Wrong statement.

TEST_CASE("partial decryption: replayed for other ciphertexts it is refused", "[threshold]") {
    const auto& round = example();
    const auto refused = [&](const std::vector<bigint>& numbers) {
        check_refused(round.ceremony.verify(vector_of(numbers), round.made), errc::bad_proof, 6, "trustee 2");
    };
    const auto numbers = numbers_of(round.sum);
    const bigint& modulus = round.ceremony.key.modulus();
    for (std::size_t k = 0; k < 3; ++k) {
        auto altered = numbers;
        altered[k] = altered[k] * 4 % modulus;
        refused(altered);
        altered[k] = modulus - numbers[k]; // has the same partial decryption, but is not what was asked
        refused(altered);
    }
    auto swapped = numbers;
    std::swap(swapped[0], swapped[2]);
    refused(swapped);
    check_refused(round.ceremony.verify(round.ceremony.encrypt({5, -7, bigint(1) << 400}, 6), round.made),
                  errc::bad_proof, 6, "trustee 2");
}

TEST_CASE("partial decryption: verification keys of another dealing refuse it", "[threshold]") {
    const auto& round = example();
    const fixture refreshed(2, 3, 2); // the same key, other shares
    check_refused(refreshed.verify(round.sum, round.made), errc::bad_proof, 6, "trustee 2");
    const fixture larger(2, 4);
    check_refused(larger.verify(round.sum, round.made), errc::bad_proof, 6, "trustee 2");
}

TEST_CASE("partial decryption: counts are the verifier's", "[threshold]") {
    const auto& round = example();
    for (const std::size_t count : {1u, 2u})
        check_refused(
            round.ceremony.verify(round.sum, partial(party_id(2), round.made.values().slice(0, count),
                                                     round.made.proof(), round.ceremony.who)),
            errc::mismatch, 3, "trustee 2");
    check_refused(round.ceremony.verify(round.sum.slice(0, 2), round.made), errc::mismatch, 3, "trustee 2");
}

TEST_CASE("partial decryption: the empty batch is refused", "[threshold]") {
    const auto& round = example();
    seeded_random rng(7);
    auto source = round.sum;
    const auto moved = std::move(source); // the only way to hold an empty vector
    check_refused(round.ceremony.verify(source, round.made), errc::missing, 1, "");
    check_refused(threshold::partially_decrypt(round.ceremony.key, round.ceremony.dealt.verification,
                                               round.ceremony.dealt.shares[0], source,
                                               test::decryption_context(), rng),
                  errc::missing, 1, "");
    check_refused(partial::parse(round.ceremony.key, round.ceremony.who, 0, round.made.serialize()),
                  errc::missing, 1, "");
    check_refused(partial::parse(round.ceremony.key, round.ceremony.who, partial::max_count + 1, {}),
                  errc::out_of_range, 1, "");
}

TEST_CASE("partial decryption: other keys are refused by name", "[threshold]") {
    const auto& round = example();
    const fixture& ceremony = round.ceremony;
    const auto& other = test::fixed_public_key<toy, 1>();
    const auto foreign = ciphertexts::from_residues(other, other.arithmetic().make(3));
    const auto context = test::decryption_context();
    seeded_random rng(8);
    check_refused(ceremony.verify(foreign, round.made), errc::wrong_key, 1, "");
    check_refused(
        threshold::verify_partial(other, ceremony.dealt.verification, round.sum, round.made, context),
        errc::wrong_key, 1, "");
    check_refused(ceremony.verify(round.sum, partial(party_id(2), foreign, round.made.proof(), ceremony.who)),
                  errc::wrong_key, 4, "trustee 2");
    const auto& share = ceremony.dealt.shares[0];
    check_refused(
        threshold::partially_decrypt(ceremony.key, ceremony.dealt.verification, share, foreign, context, rng),
        errc::wrong_key, 1, "");
    check_refused(
        threshold::partially_decrypt(other, ceremony.dealt.verification, share, foreign, context, rng),
        errc::wrong_key, 0, "");
    const fixture larger(2, 4);
    check_refused(
        threshold::partially_decrypt(ceremony.key, larger.dealt.verification, share, round.sum, context, rng),
        errc::mismatch, 0, "");
}

// 4. Wrong session or party.

TEST_CASE("partial decryption: replayed in another context it is refused", "[threshold]") {
    const auto& round = example();
    REQUIRE(round.ceremony.verify(round.sum, round.made));
    check_refused(round.ceremony.verify(round.sum, round.made, test::decryption_context("round 8")),
                  errc::bad_proof, 6, "trustee 2");
    check_refused(round.ceremony.verify(round.sum, round.made, transcript::transcript("veilsum.test/1")),
                  errc::bad_proof, 6, "trustee 2");
}

TEST_CASE("partial decryption: under another trustee's index it is refused", "[threshold]") {
    const auto& round = example();
    for (const std::uint32_t i : {1u, 3u})
        check_refused(round.ceremony.verify(round.sum, partial(party_id(i), round.made.values(),
                                                               round.made.proof(), round.ceremony.who)),
                      errc::bad_proof, 6, "trustee " + std::to_string(i));
    check_refused(round.ceremony.verify(round.sum, partial(party_id(4), round.made.values(),
                                                           round.made.proof(), round.ceremony.who)),
                  errc::out_of_range, 2, "");
}

// 5. Both sides of the bound of the response.

TEST_CASE("partial decryption: the response is in its window", "[threshold]") {
    const auto& round = example();
    const auto window = threshold::share_window<toy>(round.ceremony.who);
    CHECK(window.mask_bits() == 1022 + 3 + 256);
    const auto outcome = [&](const bigint& z) {
        auto proof = round.made.proof();
        proof.response.z = z;
        return round.ceremony.verify(round.sum,
                                     partial(party_id(2), round.made.values(), proof, round.ceremony.who));
    };
    const bigint end = bigint(1) << window.mask_bits();
    check_refused(outcome(window.minimum() - 1), errc::out_of_range, 5, "trustee 2");
    check_refused(outcome(window.minimum()), errc::bad_proof, 6, "trustee 2"); // in the window, but wrong
    check_refused(outcome(end - 1), errc::bad_proof, 6, "trustee 2");
    check_refused(outcome(end), errc::out_of_range, 5, "trustee 2");
    check_refused(outcome(-round.made.proof().response.z), errc::out_of_range, 5, "trustee 2");
    auto proof = round.made.proof();
    proof.announcement.B = 0;
    check_refused(round.ceremony.verify(round.sum,
                                        partial(party_id(2), round.made.values(), proof, round.ceremony.who)),
                  errc::out_of_range, 5, "trustee 2");
}

// 6. Malformed encodings.

TEST_CASE("partial decryption: bytes have one length and one spelling", "[threshold]") {
    const auto& round = example();
    const auto& key = round.ceremony.key;
    const bytes sent = round.made.serialize();
    const auto parse = [&](byte_view data, std::size_t count = 3) {
        return partial::parse(key, round.ceremony.who, count, data);
    };
    const auto with = [&](std::size_t at, const bytes& field) {
        bytes altered = sent;
        std::copy(field.begin(), field.end(), altered.begin() + static_cast<std::ptrdiff_t>(at));
        return altered;
    };
    check_refused(parse({}), errc::malformed, 1, "");
    check_refused(parse(byte_view(sent).first(sent.size() - 1)), errc::malformed, 1, "");
    bytes longer = sent;
    longer.push_back(0);
    check_refused(parse(longer), errc::malformed, 1, "");
    check_refused(parse(sent, 2), errc::malformed, 1, "");
    check_refused(parse(sent, 4), errc::malformed, 1, "");

    check_refused(parse(with(0, {0, 0})), errc::out_of_range, 2, "");
    check_refused(parse(with(0, {0, 4})), errc::out_of_range, 2, "");
    check_refused(parse(with(0, {1, 2})), errc::out_of_range, 2, "");
    check_refused(parse(with(2, {0, 0, 0, 2})), errc::mismatch, 3, "trustee 2");
    check_refused(parse(with(2, {0xff, 0xff, 0xff, 0xff})), errc::mismatch, 3, "trustee 2");

    const bigint factor = test::fixed_prime_pair<512>().q.expose();
    for (std::size_t k = 0; k < 3; ++k) {
        const std::string place = "ciphertext " + std::to_string(k);
        for (const auto& [number, code] : {std::pair{bigint(0), errc::out_of_range},
                                           {key.modulus(), errc::out_of_range},
                                           {key.n(), errc::not_a_unit},
                                           {factor * 12, errc::not_a_unit}}) {
            const auto parsed = parse(with(6 + 128 * k, number.to_bytes(128)));
            check_refused(parsed, code, 4, "trustee 2");
            CHECK(parsed.error().place == place);
        }
    }
    for (const std::size_t at : {6u + 384u, 6u + 512u}) {
        check_refused(parse(with(at, bytes(128, 0))), errc::out_of_range, 5, "trustee 2");
        check_refused(parse(with(at, key.modulus().to_bytes(128))), errc::out_of_range, 5, "trustee 2");
        check_refused(parse(with(at, factor.to_bytes(128))), errc::not_a_unit, 5, "trustee 2");
    }
    const std::size_t width = threshold::share_window<toy>(round.ceremony.who).size_bytes();
    check_refused(parse(with(6 + 640, bytes(width, 0))), errc::out_of_range, 5, "trustee 2");
    check_refused(parse(with(6 + 640, bytes(width, 0xff))), errc::out_of_range, 5, "trustee 2");
}

// 7. A fixed vector: what this version makes. The verifier in tests/interop, written from docs/spec, checks
// messages of this form.

TEST_CASE("partial decryption: the same randomness makes the same message for ever", "[threshold]") {
    const auto& round = example();
    CHECK(to_hex(hash::sha256(round.ceremony.dealt.verification.serialize())) ==
          "36c4a0ba53f75e2caadac52fff1a429cf966db6d817ca75defb38dc93bff933a");
    CHECK(to_hex(hash::sha256(round.sum.serialize())) ==
          "2e1a9985b2c3520a4e5c5bba7cd5ce297d6094eed281b3109f676ae60f364b28");
    CHECK(to_hex(hash::sha256(round.made.serialize())) ==
          "b25924d8c8c09593e6e28d186a6c121b6c39186d9e5250f89f2ecd9f862d224e");
}

// Folding.

TEST_CASE("partial decryption: folding weights depend on every absorbed item", "[threshold]") {
    const auto& round = example();
    const fixture& ceremony = round.ceremony;
    const auto state = [&](const fixture& who, std::uint32_t index, const ciphertexts& sum,
                           const ciphertexts& values, const transcript::transcript& context) {
        return threshold::fold_batch(who.key, who.dealt.verification, party_id(index), sum, values, context)
            ->context.state();
    };
    const auto context = test::decryption_context();
    const auto& values = round.made.values();
    std::vector<byte_array<64>> seen;
    seen.push_back(state(ceremony, 2, round.sum, values, context));
    seen.push_back(state(ceremony, 3, round.sum, values, context));
    seen.push_back(state(fixture(2, 3, 2), 2, round.sum, values, context));
    seen.push_back(state(fixture(3, 3), 2, round.sum, values, context));
    seen.push_back(state(fixture(2, 4), 2, round.sum, values, context));
    seen.push_back(state(ceremony, 2, values, values, context));
    seen.push_back(state(ceremony, 2, round.sum, round.sum, context));
    seen.push_back(state(ceremony, 2, round.sum.slice(0, 2), values.slice(0, 2), context));
    seen.push_back(state(ceremony, 2, round.sum, values, test::decryption_context("round 8")));
    for (std::size_t i = 0; i < seen.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) CHECK(seen[i] != seen[j]);
    CHECK(state(ceremony, 2, round.sum, values, context) == seen[0]);
}

TEST_CASE("partial decryption: folded elements are what the specification says", "[threshold]") {
    const auto& round = example();
    const auto folded =
        threshold::fold_batch(round.ceremony.key, round.ceremony.dealt.verification, party_id(2), round.sum,
                              round.made.values(), test::decryption_context());
    REQUIRE(folded);
    const bigint& modulus = round.ceremony.key.modulus();
    const bigint x = round.ceremony.dealt.shares[1].exponent().expose();
    CHECK(folded->statement.b() == power_vartime(folded->statement.a(), x, modulus));
    CHECK(folded->statement.w() == power_vartime(folded->statement.v(), x, modulus));
    CHECK(folded->ciphertexts == hash::sha256(round.sum.serialize()));

    transcript::transcript script = test::decryption_context();
    const auto number = [](const bigint& value) { return value.to_bytes(128); };
    script.absorb("proof", as_bytes("veilsum.share-batch/1"));
    script.absorb("share.key", round.ceremony.key.id());
    script.absorb_u64("share.quorum", 2);
    script.absorb_u64("share.trustees", 3);
    script.absorb_u64("share.index", 2);
    script.absorb("share.v", number(round.ceremony.dealt.verification.base()));
    script.absorb("share.v_i", number(round.ceremony.dealt.verification.of(party_id(2))));
    script.absorb_u64("share.count", 3);
    script.absorb("share.ciphertexts", round.sum.serialize());
    script.absorb("share.partials", round.made.values().serialize());
    bigint a = 1;
    std::size_t k = 0;
    for (const auto& rho : transcript::challenge_integers(script, "share.rho", 3))
        a = a * power_vartime(round.sum[k++], zk::to_integer(rho) * 4, modulus) % modulus;
    CHECK(a == folded->statement.a());
    CHECK(script == folded->context);
}

TEST_CASE("partial decryption: checked ones come from the verifier only", "[threshold]") {
    using verified = threshold::verified_partial<toy>;
    static_assert(!std::is_default_constructible_v<verified>);
    static_assert(!std::is_constructible_v<verified, partial>);
    static_assert(!std::is_constructible_v<verified, threshold::proved_partial<toy>>);
    static_assert(!std::is_convertible_v<partial, verified>);
    const auto& round = example();
    const auto made = round.ceremony.verify(round.sum, round.made);
    REQUIRE(made);
    CHECK((*made)->ciphertexts == hash::sha256(round.sum.serialize()));
    CHECK((*made)->verification == round.ceremony.dealt.verification.id());
}
