// Combination: every quorum opens the same, and nothing else opens.
#include "support/threshold_fixture.hpp"

#include "support/catch.hpp"

#include <veilsum/paillier/operations.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace veilsum;
using integer::bigint;
using tests::seeded_random;

namespace {

using toy = test::toy_scheme<1>;

template <class T>
void check_refused(const result<T>& outcome, errc code, std::uint32_t check, std::string_view place = {}) {
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == code);
    CHECK(outcome.error().check == check);
    CHECK(outcome.error().place == place);
}

template <class Scheme>
std::vector<bigint> edge_values() {
    const bigint largest = test::fixed_public_key<Scheme>().plaintexts().largest();
    return {0, 1, -1, largest, -largest};
}

template <class Scheme>
void check_all_quorums(std::uint32_t quorum, std::uint32_t trustees) {
    const test::ceremony_fixture<Scheme> ceremony(quorum, trustees);
    const auto values = edge_values<Scheme>();
    const auto sum = ceremony.encrypt(values, 10);
    const auto partials = ceremony.all(sum);
    for (const auto& members : test::subsets(trustees, quorum)) {
        std::vector<threshold::verified_partial<Scheme>> chosen;
        for (const std::uint32_t i : members) chosen.push_back(partials[i - 1]);
        const auto opened = threshold::combine(ceremony.key, ceremony.who, chosen);
        REQUIRE(opened);
        CHECK(*opened == values);
        std::reverse(chosen.begin(), chosen.end());
        CHECK(threshold::combine(ceremony.key, ceremony.who, chosen).value() == values);
    }
}

} // namespace

TEMPLATE_TEST_CASE("combine: every quorum opens the plaintexts", "[threshold]", test::toy_scheme<1>,
                   test::toy_scheme<2>, test::toy_scheme<3>) {
    for (const auto& [quorum, trustees] :
         {std::pair{1u, 1u}, {1u, 3u}, {2u, 2u}, {2u, 3u}, {3u, 5u}, {5u, 5u}})
        check_all_quorums<TestType>(quorum, trustees);
}

TEST_CASE("combine: larger structures open too", "[threshold]") {
    check_all_quorums<test::tiny_scheme<1>>(4, 7);
}

TEMPLATE_TEST_CASE("combine: 64 trustees open at every degree, by quorums of 33 and of all", "[threshold]",
                   test::tiny_scheme<1>, test::tiny_scheme<2>, test::tiny_scheme<3>) {
    using verified = threshold::verified_partial<TestType>;
    const std::vector<bigint> values{-42, test::fixed_public_key<TestType>().plaintexts().largest()};
    for (const std::uint32_t quorum : {33u, 64u}) {
        const test::ceremony_fixture<TestType> most(quorum, 64);
        REQUIRE(most.dealt.verification.check(most.key));
        const auto sum = most.encrypt(values, 11);
        const auto partials = most.all(sum);
        for (const std::size_t first : {0u, 15u, 31u}) {
            if (first + quorum > 64) continue;
            const auto opened = threshold::combine(
                most.key, most.who, std::span<const verified>(partials).subspan(first, quorum));
            REQUIRE(opened);
            CHECK(*opened == values);
        }
    }
}

TEST_CASE("combine: opens a weighted sum, and agrees with the owner of the key", "[threshold]") {
    const test::ceremony_fixture<toy> ceremony(2, 3);
    const auto first = ceremony.encrypt({100, -100, 7}, 12), second = ceremony.encrypt({-1, 2, -3}, 13);
    const auto weighted = paillier::scale_vartime(ceremony.key, second, bigint(-5));
    REQUIRE(weighted);
    const auto sum = paillier::add(ceremony.key, first, *weighted);
    REQUIRE(sum);
    const auto opened = threshold::combine(ceremony.key, ceremony.who, ceremony.all(*sum));
    REQUIRE(opened);
    CHECK(*opened == std::vector<bigint>{105, -110, 22});
    const auto owner = test::fixed_private_key<toy>().decrypt(*sum);
    REQUIRE(owner);
    CHECK(owner->expose() == *opened);
}

TEST_CASE("combine: more than a quorum is fine, less is refused", "[threshold]") {
    const test::ceremony_fixture<toy> ceremony(3, 5);
    const auto sum = ceremony.encrypt({9}, 14);
    const auto partials = ceremony.all(sum);
    using verified = threshold::verified_partial<toy>;
    const std::span<const verified> view(partials);
    for (const std::size_t count : {3u, 4u, 5u})
        CHECK(threshold::combine(ceremony.key, ceremony.who, view.first(count)).value() ==
              std::vector<bigint>{9});
    for (const std::size_t count : {0u, 1u, 2u})
        check_refused(threshold::combine(ceremony.key, ceremony.who, view.first(count)), errc::missing, 1);
}

TEST_CASE("combine: the structure is that of the dealing, not the caller's wish", "[threshold]") {
    const test::ceremony_fixture<toy> ceremony(2, 3);
    const auto sum = ceremony.encrypt({9}, 15);
    const auto partials = ceremony.all(sum);
    const std::vector<threshold::verified_partial<toy>> alone{partials[0]};
    check_refused(threshold::combine(ceremony.key, *threshold::structure::create(1, 3), alone),
                  errc::mismatch, 2, "trustee 1");
    check_refused(threshold::combine(ceremony.key, *threshold::structure::create(2, 4), partials),
                  errc::mismatch, 2, "trustee 1");
}

TEST_CASE("combine: one trustee does not count twice", "[threshold]") {
    const test::ceremony_fixture<toy> ceremony(2, 3);
    const auto sum = ceremony.encrypt({9, 10}, 16);
    const auto partials = ceremony.all(sum);
    const std::vector<threshold::verified_partial<toy>> twice{partials[1], partials[1]};
    check_refused(threshold::combine(ceremony.key, ceremony.who, twice), errc::duplicate, 3, "trustee 2");
    // Also beyond the quorum, where it would not be used.
    const std::vector<threshold::verified_partial<toy>> beyond{partials[0], partials[1], partials[0]};
    check_refused(threshold::combine(ceremony.key, ceremony.who, beyond), errc::duplicate, 3, "trustee 1");
}

TEST_CASE("combine: partial decryptions of different ciphertexts are refused", "[threshold]") {
    const test::ceremony_fixture<toy> ceremony(2, 3);
    const auto sum = ceremony.encrypt({9, 10}, 17), other = ceremony.encrypt({9, 10}, 18);
    const auto first = ceremony.verify(sum, ceremony.decrypt(1, sum));
    const auto second = ceremony.verify(other, ceremony.decrypt(2, other));
    const auto shorter = ceremony.verify(sum.slice(0, 1), ceremony.decrypt(3, sum.slice(0, 1)));
    REQUIRE((first && second && shorter));
    using list = std::vector<threshold::verified_partial<toy>>;
    check_refused(threshold::combine(ceremony.key, ceremony.who, list{*first, *second}), errc::mismatch, 2,
                  "trustee 2");
    check_refused(threshold::combine(ceremony.key, ceremony.who, list{*first, *shorter}), errc::mismatch, 2,
                  "trustee 3");
}

TEST_CASE("combine: shares of different dealings are refused", "[threshold]") {
    const test::ceremony_fixture<toy> before(2, 3, 1), after(2, 3, 2);
    const auto sum = before.encrypt({9}, 19);
    const auto first = before.verify(sum, before.decrypt(1, sum));
    const auto second = after.verify(sum, after.decrypt(2, sum));
    REQUIRE((first && second));
    using list = std::vector<threshold::verified_partial<toy>>;
    check_refused(threshold::combine(before.key, before.who, list{*first, *second}), errc::mismatch, 2,
                  "trustee 2");
}

TEST_CASE("combine: another key is refused", "[threshold]") {
    const test::ceremony_fixture<toy> ceremony(2, 3);
    const auto sum = ceremony.encrypt({9}, 20);
    const auto partials = ceremony.all(sum);
    check_refused(threshold::combine(test::fixed_public_key<toy, 1>(), ceremony.who, partials),
                  errc::wrong_key, 2, "trustee 1");
}

TEST_CASE("combine: a wrong ceremony is noticed at the latest here", "[threshold]") {
    // Shares that lie on no polynomial with a decryption exponent: each proof is right, the whole is not.
    const test::ceremony_fixture<toy> ceremony(2, 3);
    std::vector<bigint> keys;
    std::vector<threshold::key_share<toy>> shares;
    for (std::uint32_t i = 1; i <= 3; ++i) {
        bigint s_i = ceremony.dealt.shares[i - 1].value().expose() + i * i;
        keys.push_back(power_vartime(ceremony.dealt.verification.base(), ceremony.who.delta() * s_i,
                                     ceremony.key.modulus()));
        shares.push_back(*threshold::key_share<toy>::create(ceremony.key, ceremony.who, party_id(i),
                                                            secret<bigint>(std::move(s_i))));
    }
    const auto verification =
        *threshold::verification_keys<toy>::create(ceremony.key, ceremony.who, std::move(keys));
    CHECK_FALSE(verification.check(ceremony.key));
    const auto sum = ceremony.encrypt({9, 10}, 21);
    const auto context = test::decryption_context();
    seeded_random rng(22);
    std::vector<threshold::verified_partial<toy>> partials;
    for (const auto& share : shares) {
        const auto made = threshold::partially_decrypt(ceremony.key, verification, share, sum, context, rng);
        REQUIRE(made);
        const auto verified = threshold::verify_partial(ceremony.key, verification, sum, *made, context);
        REQUIRE(verified);
        partials.push_back(*verified);
    }
    check_refused(threshold::combine(ceremony.key, ceremony.who, partials), errc::mismatch, 4,
                  "ciphertext 0");
}

// Values are proved up to sign; squares make that harmless.
TEST_CASE("combine: partial decryptions with another sign open the same", "[threshold]") {
    const test::ceremony_fixture<toy> ceremony(2, 3);
    const auto sum = ceremony.encrypt({9, -10}, 23);
    const auto& ring = ceremony.key.arithmetic();
    const auto negate = [&](const paillier::ciphertext_vector<toy>& from) {
        auto residues = ring.make(from.size());
        for (std::size_t k = 0; k < from.size(); ++k) ring.set(residues, k, ring.modulus() - from[k]);
        return paillier::ciphertext_vector<toy>::from_residues(ceremony.key, std::move(residues));
    };
    // Trustee 1 proves for values that it negated before it hashed them.
    const auto context = test::decryption_context();
    const auto honest = ceremony.decrypt(1, sum);
    const auto values = negate(honest.values());
    const auto folded =
        threshold::fold_batch(ceremony.key, ceremony.dealt.verification, party_id(1), sum, values, context);
    REQUIRE(folded);
    seeded_random rng(24);
    const auto exponent = ceremony.dealt.shares[0].exponent();
    const auto proof =
        threshold::share_relation<toy>::prove(folded->context, folded->statement, {exponent}, rng);
    REQUIRE(proof);
    const auto negated =
        ceremony.verify(sum, threshold::partial_decryption<toy>(party_id(1), values, *proof, ceremony.who));
    REQUIRE(negated);
    const auto second = ceremony.verify(sum, ceremony.decrypt(2, sum));
    REQUIRE(second);
    const std::vector<threshold::verified_partial<toy>> mixed{*negated, *second};
    CHECK(threshold::combine(ceremony.key, ceremony.who, mixed).value() == std::vector<bigint>{9, -10});
}

TEST_CASE("combine: works at 2048 bits", "[threshold]") {
    using real = paillier::scheme<2048>;
    const test::ceremony_fixture<real> ceremony(2, 3);
    CHECK(ceremony.dealt.verification.check(ceremony.key));
    const std::vector<bigint> values{123456789, -(bigint(1) << 2000)};
    const auto sum = ceremony.encrypt(values, 25);
    std::vector<threshold::verified_partial<real>> partials;
    for (const std::uint32_t i : {3u, 1u}) {
        CHECK(ceremony.dealt.shares[i - 1].check(ceremony.key, ceremony.dealt.verification));
        const auto made = ceremony.decrypt(i, sum);
        const auto received =
            threshold::partial_decryption<real>::parse(ceremony.key, ceremony.who, 2, made.serialize());
        REQUIRE(received);
        auto verified = ceremony.verify(sum, *received);
        REQUIRE(verified);
        partials.push_back(*std::move(verified));
    }
    CHECK(threshold::combine(ceremony.key, ceremony.who, partials).value() == values);
}
