// Structure, dealing, shares and verification keys.
#include "support/threshold_fixture.hpp"

#include "support/catch.hpp"
#include "support/ends_process.hpp"

#include <veilsum/integer/crt.hpp>
#include <veilsum/threshold/key_share.hpp>
#include <veilsum/threshold/lengths.hpp>
#include <veilsum/threshold/structure.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

using namespace veilsum;
using integer::bigint;
using tests::seeded_random;
using threshold::structure;

namespace {

using toy = test::toy_scheme<1>;

template <class T>
void check_refused(const result<T>& outcome, errc code, std::uint32_t check, std::string_view place = {}) {
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == code);
    CHECK(outcome.error().check == check);
    CHECK(outcome.error().place == place);
}

// v_1..v_l with one of them changed.
template <class Scheme>
threshold::verification_keys<Scheme> altered(const test::ceremony_fixture<Scheme>& ceremony,
                                             std::uint32_t which, const bigint& factor) {
    std::vector<bigint> keys;
    for (std::uint32_t i = 1; i <= ceremony.who.trustees(); ++i) {
        bigint v_i = ceremony.dealt.verification.of(party_id(i));
        if (i == which) v_i = v_i * factor % ceremony.key.modulus();
        keys.push_back(std::move(v_i));
    }
    return *threshold::verification_keys<Scheme>::create(ceremony.key, ceremony.who, std::move(keys));
}

} // namespace

TEST_CASE("structure: 1 <= quorum <= trustees <= 64", "[threshold]") {
    for (const auto& [quorum, trustees] : {std::pair{1u, 1u}, {1u, 64u}, {64u, 64u}, {3u, 5u}}) {
        const auto made = structure::create(quorum, trustees);
        REQUIRE(made);
        CHECK(made->quorum() == quorum);
        CHECK(made->trustees() == trustees);
        CHECK(made->contains(party_id(trustees)));
        CHECK_FALSE(made->contains(party_id(trustees + 1)));
    }
    for (const auto& [quorum, trustees] : {std::pair{0u, 1u},
                                           {0u, 0u},
                                           {1u, 0u},
                                           {2u, 1u},
                                           {65u, 64u},
                                           {1u, 65u},
                                           {65u, 65u},
                                           {1u, 65537u},
                                           {65537u, 65537u}}) {
        const auto made = structure::create(quorum, trustees);
        REQUIRE_FALSE(made);
        CHECK(made.error().code == errc::bad_parameter);
    }
}

TEST_CASE("structure: Delta is the factorial, and its longest length is known", "[threshold]") {
    CHECK(structure::create(1, 1)->delta() == 1);
    CHECK(structure::create(2, 5)->delta() == 120);
    CHECK(structure::create(33, 64)->delta_bits() == structure::max_delta_bits);
    static_assert(threshold::lengths<paillier::scheme<3072>>::share_bits == 6142);
    CHECK(threshold::lengths<paillier::scheme<3072>>::power_bits(*structure::create(2, 3)) == 6142 + 3 + 1);
}

TEMPLATE_TEST_CASE("dealer: shares lie on a polynomial with the decryption exponent at zero", "[threshold]",
                   test::toy_scheme<1>, test::toy_scheme<2>, test::toy_scheme<3>) {
    const test::ceremony_fixture<TestType> ceremony(3, 5);
    const auto primes = test::fixed_prime_pair<512>();
    const bigint m = (primes.p.expose() - 1) / 2 * ((primes.q.expose() - 1) / 2);
    const bigint order = ceremony.key.n_to_s() * m;
    for (const auto& members : test::subsets(5, 3)) {
        std::vector<party_id> parties;
        for (const std::uint32_t i : members) parties.emplace_back(i);
        const auto lambda = integer::lagrange(*party_set::of(parties), ceremony.who.delta());
        bigint scaled = 0;
        for (std::size_t j = 0; j < members.size(); ++j)
            scaled += lambda[j] * ceremony.dealt.shares[members[j] - 1].value().expose();
        const bigint d = scaled * *invert(ceremony.who.delta(), order) % order;
        CHECK(d % m == 0);
        CHECK(d % ceremony.key.n_to_s() == 1);
    }
    for (const auto& share : ceremony.dealt.shares) {
        CHECK(share.value().expose() < order);
        CHECK(share.value().expose().bit_length() <= threshold::lengths<TestType>::share_bits);
        CHECK(share.check(ceremony.key, ceremony.dealt.verification));
    }
}

TEST_CASE("dealer: verification keys are powers of a square that the key fixes", "[threshold]") {
    const test::ceremony_fixture<toy> ceremony(2, 3);
    const auto& verification = ceremony.dealt.verification;
    // A square is one modulo both primes.
    const auto primes = test::fixed_prime_pair<512>();
    for (const bigint* prime : {&primes.p.expose(), &primes.q.expose()})
        CHECK(power_vartime(verification.base(), (*prime - 1) / 2, *prime) == 1);
    for (std::uint32_t i = 1; i <= 3; ++i) {
        const bigint x = ceremony.who.delta() * ceremony.dealt.shares[i - 1].value().expose();
        CHECK(verification.of(party_id(i)) == power_vartime(verification.base(), x, ceremony.key.modulus()));
        CHECK(ceremony.dealt.shares[i - 1].exponent().expose() == x);
    }
    // It follows from the key: whoever deals has no choice.
    const auto& key = ceremony.key;
    CHECK(verification.base() == power_vartime((key.n() + 1) * key.residue_base(), 2, key.modulus()));
    CHECK(test::ceremony_fixture<toy>(2, 3, 2).dealt.verification.base() == verification.base());
}

TEST_CASE("dealer: refuses primes of another key and primes that are not safe", "[threshold]") {
    const auto& key = test::fixed_public_key<toy>();
    const auto who = *structure::create(2, 3);
    seeded_random rng(1);
    check_refused(threshold::deal(test::fixed_prime_pair<512, 1>(), key, who, rng), errc::mismatch, 1);
    integer::prime_pair trivial{secret(bigint(1)), secret(bigint(key.n()))};
    check_refused(threshold::deal(std::move(trivial), key, who, rng), errc::mismatch, 1);
    const auto good = test::fixed_prime_pair<512>();
    integer::prime_pair negative{secret(-good.p.expose()), secret(-good.q.expose())};
    check_refused(threshold::deal(std::move(negative), key, who, rng), errc::mismatch, 1);

    auto plain = integer::generate_prime_pair<false>(512, rng);
    REQUIRE(plain);
    const bigint n = plain->p.expose() * plain->q.expose();
    const auto other = paillier::public_key<toy>::create(n, bigint(9));
    REQUIRE(other);
    check_refused(threshold::deal(*std::move(plain), *other, who, rng), errc::bad_parameter, 2);
}

TEST_CASE("dealer: consumes the primes", "[threshold]") {
    auto primes = test::fixed_prime_pair<512>();
    seeded_random rng(2);
    const auto made =
        threshold::deal(std::move(primes), test::fixed_public_key<toy>(), *structure::create(1, 1), rng);
    REQUIRE(made);
    CHECK(primes.p.expose().is_zero());
    CHECK(primes.q.expose().is_zero());
    static_assert(!std::is_invocable_v<decltype(threshold::deal<toy, seeded_random>), integer::prime_pair&,
                                       const paillier::public_key<toy>&, const structure&, seeded_random&>);
}

TEST_CASE("key share: encodes in one way, and is checked when read", "[threshold]") {
    const test::ceremony_fixture<toy> ceremony(2, 3);
    const auto& share = ceremony.dealt.shares[1];
    const auto file = share.serialize();
    CHECK(file.expose().size() == 12 + 40 + 128);
    const auto read = threshold::key_share<toy>::parse(ceremony.key, file.expose());
    REQUIRE(read);
    CHECK(read->index() == party_id(2));
    CHECK(read->value().expose() == share.value().expose());
    CHECK(read->structure() == ceremony.who);
    CHECK(equal(read->serialize().expose(), file.expose()));

    const auto with = [&](std::size_t at, std::uint8_t value) {
        bytes changed = file.expose();
        changed[12 + at] = value;
        return threshold::key_share<toy>::parse(ceremony.key, changed);
    };
    check_refused(with(0, static_cast<std::uint8_t>(file.expose()[12] ^ 1)), errc::wrong_key, 0);
    check_refused(with(33, 0), errc::bad_parameter, 0);   // quorum 0
    check_refused(with(33, 4), errc::bad_parameter, 0);   // quorum 4 of 3
    check_refused(with(35, 65), errc::bad_parameter, 0);  // 65 trustees
    check_refused(with(37, 0), errc::out_of_range, 0);    // index zero
    check_refused(with(37, 4), errc::out_of_range, 0);    // index above l
    check_refused(with(36, 1), errc::out_of_range, 0);    // index 258
    check_refused(with(38, 16), errc::out_of_range, 0);   // epoch 4096
    check_refused(with(40, 0x40), errc::out_of_range, 0); // 2^1022: one bit more than a share has
    CHECK(with(40, 0x3f));
    bytes longer = file.expose();
    longer.push_back(0);
    check_refused(threshold::key_share<toy>::parse(ceremony.key, longer), errc::malformed, 7);
    check_refused(threshold::key_share<toy>::parse(ceremony.key, byte_view(longer).first(longer.size() - 2)),
                  errc::malformed, 6);
    check_refused(threshold::key_share<toy>::parse(test::fixed_public_key<toy, 1>(), file.expose()),
                  errc::wrong_key, 0);
    static_assert(!std::is_copy_constructible_v<threshold::key_share<toy>>);
}

TEST_CASE("key share: zero is no share", "[threshold]") {
    const test::ceremony_fixture<toy> ceremony(2, 3);
    const auto of = [&](const bigint& value, std::uint32_t number) {
        return threshold::key_share<toy>::create(ceremony.key, ceremony.who, party_id(1),
                                                 secret<bigint>(bigint(value)),
                                                 *threshold::epoch::parse(number));
    };
    for (const std::uint32_t number : {0u, 1u}) {
        const auto zero = of(0, number);
        check_refused(zero, errc::out_of_range, 0);
        CHECK(zero.error().what == "key share of zero");
        CHECK(of(1, number));
    }
    bytes file = ceremony.dealt.shares[0].serialize().expose();
    std::fill(file.begin() + 12 + 40, file.end(), std::uint8_t{0});
    const auto read = threshold::key_share<toy>::parse(ceremony.key, file);
    check_refused(read, errc::out_of_range, 0);
    CHECK(read.error().what == "key share of zero");
}

TEST_CASE("key share: one that was moved from ends the process instead of accusing its owner",
          "[threshold]") {
    test::ceremony_fixture<toy> ceremony(2, 3);
    const auto sum = ceremony.encrypt({1}, 18);
    auto& share = ceremony.dealt.shares[1];
    const auto moved = std::move(share);
    CHECK(moved.check(ceremony.key, ceremony.dealt.verification));
    CHECK(test::ends_process([&] { (void)share.value(); }));
    CHECK(test::ends_process([&] { (void)share.exponent(); }));
    CHECK(test::ends_process([&] { (void)share.serialize(); }));
    CHECK(test::ends_process([&] { (void)share.check(ceremony.key, ceremony.dealt.verification); }));
    CHECK(test::ends_process([&] { (void)ceremony.decrypt(2, sum); }));
}

TEST_CASE("key share: a share that does not fit its verification key is noticed", "[threshold]") {
    const test::ceremony_fixture<toy> ceremony(2, 3), another(2, 3, 2), larger(2, 4);
    for (std::uint32_t i = 1; i <= 3; ++i) {
        const auto& share = ceremony.dealt.shares[i - 1];
        CHECK(share.check(ceremony.key, ceremony.dealt.verification));
        const auto foreign = share.check(ceremony.key, another.dealt.verification);
        check_refused(foreign, errc::mismatch, 0);
        CHECK(foreign.error().culprit == "trustee " + std::to_string(i));
        const auto off = threshold::key_share<toy>::create(ceremony.key, ceremony.who, party_id(i),
                                                           secret<bigint>(share.value().expose() + 1));
        REQUIRE(off);
        check_refused(off->check(ceremony.key, ceremony.dealt.verification), errc::mismatch, 0);
    }
    check_refused(ceremony.dealt.shares[0].check(ceremony.key, larger.dealt.verification), errc::mismatch, 0);
    check_refused(
        ceremony.dealt.shares[0].check(test::fixed_public_key<toy, 1>(), ceremony.dealt.verification),
        errc::wrong_key, 0);
}

TEST_CASE("verification keys: honest ones pass their check, in many shapes", "[threshold]") {
    for (const auto& [quorum, trustees] :
         {std::pair{1u, 1u}, {1u, 4u}, {2u, 2u}, {2u, 3u}, {3u, 5u}, {5u, 5u}, {4u, 9u}}) {
        const test::ceremony_fixture<toy> ceremony(quorum, trustees);
        CHECK(ceremony.dealt.verification.check(ceremony.key));
    }
    CHECK(test::ceremony_fixture<test::toy_scheme<2>>(2, 4).dealt.verification.check(
        test::fixed_public_key<test::toy_scheme<2>>()));
    const test::ceremony_fixture<test::tiny_scheme<1>> most(33, 64);
    CHECK(most.dealt.verification.check(most.key));
}

TEST_CASE("verification keys: one altered key is caught, whichever it is", "[threshold]") {
    for (const auto& [quorum, trustees] : {std::pair{1u, 3u}, {2u, 3u}, {3u, 5u}, {3u, 3u}, {1u, 1u}}) {
        const test::ceremony_fixture<toy> ceremony(quorum, trustees);
        for (std::uint32_t i = 1; i <= trustees; ++i) {
            const auto changed = altered(ceremony, i, 4);
            const auto outcome = changed.check(ceremony.key);
            REQUIRE_FALSE(outcome);
            CHECK(outcome.error().code == errc::mismatch);
            // Above the quorum the culprit's place is known; within it the first equation that uses it fails.
            if (i > quorum)
                CHECK(outcome.error().place == "v_" + std::to_string(i));
            else
                CHECK(outcome.error().check == (quorum < trustees ? 2u : 3u));
        }
    }
}

TEST_CASE("verification keys: a polynomial of too high degree is caught", "[threshold]") {
    // Keys of a quorum of 3, declared as a quorum of 2.
    const test::ceremony_fixture<toy> ceremony(3, 5);
    std::vector<bigint> keys;
    for (std::uint32_t i = 1; i <= 5; ++i) keys.push_back(ceremony.dealt.verification.of(party_id(i)));
    const auto claimed =
        threshold::verification_keys<toy>::create(ceremony.key, *structure::create(2, 5), keys);
    REQUIRE(claimed);
    check_refused(claimed->check(ceremony.key), errc::mismatch, 2, "v_3");
    // And one degree lower than allowed is no error: a quorum of 3 opens as well.
    const auto loose =
        threshold::verification_keys<toy>::create(ceremony.key, *structure::create(4, 5), keys);
    REQUIRE(loose);
    CHECK(loose->check(ceremony.key));
}

TEST_CASE("verification keys: a shared secret that does not decrypt is caught", "[threshold]") {
    // A dealer who shares d + 1 instead of d: all shares lie on a polynomial, but v^(d+1) is not 1 mod n.
    const test::ceremony_fixture<toy> ceremony(2, 3);
    std::vector<bigint> keys;
    for (std::uint32_t i = 1; i <= 3; ++i) {
        const bigint x = ceremony.who.delta() * (ceremony.dealt.shares[i - 1].value().expose() + 1);
        keys.push_back(power_vartime(ceremony.dealt.verification.base(), x, ceremony.key.modulus()));
    }
    const auto claimed =
        threshold::verification_keys<toy>::create(ceremony.key, ceremony.who, std::move(keys));
    REQUIRE(claimed);
    check_refused(claimed->check(ceremony.key), errc::mismatch, 3);
}

TEST_CASE("verification keys: a shared secret that multiplies plaintexts is caught", "[threshold]") {
    // d' = c d removes the random part of a ciphertext as d does, and opens it to c M.
    const test::ceremony_fixture<toy> ceremony(2, 3);
    for (const std::int64_t factor : {2, 3, -1, 7919}) {
        std::vector<bigint> keys;
        for (std::uint32_t i = 1; i <= 3; ++i) {
            const bigint v_i = ceremony.dealt.verification.of(party_id(i));
            keys.push_back(factor < 0 ? *invert(v_i, ceremony.key.modulus())
                                      : power_vartime(v_i, bigint(factor), ceremony.key.modulus()));
        }
        const auto claimed =
            threshold::verification_keys<toy>::create(ceremony.key, ceremony.who, std::move(keys));
        REQUIRE(claimed);
        check_refused(claimed->check(ceremony.key), errc::mismatch, 3);
    }
}

TEST_CASE("verification keys: keys that are all one are refused", "[threshold]") {
    const auto& key = test::fixed_public_key<toy>();
    const auto made = threshold::verification_keys<toy>::create(key, *structure::create(2, 3),
                                                                std::vector<bigint>(3, bigint(1)));
    REQUIRE(made);
    check_refused(made->check(key), errc::mismatch, 3);
}

TEST_CASE("verification keys: encode in one way, and are checked when read", "[threshold]") {
    const test::ceremony_fixture<toy> ceremony(2, 3);
    const auto& verification = ceremony.dealt.verification;
    const bytes file = verification.serialize();
    CHECK(file.size() == 12 + 38 + 3 * 128);
    const auto parse = [&](byte_view data) {
        return threshold::verification_keys<toy>::parse(ceremony.key, data);
    };
    const auto read = parse(file);
    REQUIRE(read);
    CHECK(read->serialize() == file);
    CHECK(read->id() == verification.id());
    CHECK(read->structure() == ceremony.who);
    CHECK(read->check(ceremony.key));

    const auto with = [&](std::size_t at, const bytes& field) {
        bytes changed = file;
        std::copy(field.begin(), field.end(), changed.begin() + 12 + static_cast<std::ptrdiff_t>(at));
        return changed;
    };
    check_refused(parse(with(0, bytes(32, 9))), errc::wrong_key, 0);
    check_refused(parse(with(32, {0, 0})), errc::bad_parameter, 0);
    check_refused(parse(with(32, {0, 4})), errc::bad_parameter, 0);
    check_refused(parse(with(34, {0, 65})), errc::bad_parameter, 0);
    check_refused(parse(with(34, {0, 2})), errc::malformed, 0, "byte 294"); // one key too many
    check_refused(parse(with(34, {0, 4})), errc::malformed, 0, "byte 422"); // one missing
    check_refused(parse(with(36, {16, 0})), errc::out_of_range, 0);         // epoch 4096
    check_refused(parse(with(38, bytes(128, 0))), errc::out_of_range, 0, "v_1");
    check_refused(parse(with(38 + 1 * 128, ceremony.key.modulus().to_bytes(128))), errc::out_of_range, 0,
                  "v_2");
    const auto primes = test::fixed_prime_pair<512>();
    check_refused(parse(with(38 + 2 * 128, primes.p.expose().to_bytes(128))), errc::not_a_unit, 0, "v_3");
    check_refused(parse(with(38, primes.q.expose().to_bytes(128))), errc::not_a_unit, 0, "v_1");
    bytes longer = file;
    longer.push_back(0);
    check_refused(parse(longer), errc::malformed, 7);
    check_refused(parse(byte_view(file).first(20)), errc::malformed, 6);
    check_refused(parse(byte_view(file).first(11)), errc::malformed, 1);
    check_refused(threshold::verification_keys<toy>::create(ceremony.key, ceremony.who,
                                                            std::vector<bigint>(2, bigint(4))),
                  errc::mismatch, 0);
    check_refused(verification.check(test::fixed_public_key<toy, 1>()), errc::wrong_key, 1);
}
