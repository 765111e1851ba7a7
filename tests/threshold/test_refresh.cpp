// Refresh: new shares of the same secret; what they open, what they do not, and what they say.
#include "threshold/refresh_world.hpp"

#include "support/catch.hpp"
#include "support/ends_process.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

using namespace veilsum;
using integer::bigint;
using test::check_refused;
using tests::seeded_random;
using threshold::epoch;
using threshold::structure;

namespace {

using toy = test::toy_scheme<1>;
using tiny = test::tiny_scheme<1>;
using world = test::refresh_world<toy>;

std::vector<std::uint32_t> first(std::uint32_t count) {
    std::vector<std::uint32_t> out(count);
    std::iota(out.begin(), out.end(), 1u);
    return out;
}

// D of lengths.hpp for C and the differences of the shares on it: coefficients of X, X^2, ...
// Fails the test if one is not an integer.
std::vector<bigint> shift_polynomial(const structure& who, const std::vector<std::uint32_t>& members,
                                     const std::vector<bigint>& differences) {
    std::vector<bigint> sum(members.size());
    for (std::size_t m = 0; m < members.size(); ++m) {
        std::vector<bigint> basis{1}; // prod_{j != i} (X - j)
        bigint divisor = members[m];
        for (const std::uint32_t j : members) {
            if (j == members[m]) continue;
            divisor *= bigint(members[m]) - bigint(j);
            std::vector<bigint> next(basis.size() + 1);
            for (std::size_t k = 0; k < basis.size(); ++k) {
                next[k + 1] += basis[k];
                next[k] -= basis[k] * j;
            }
            basis = std::move(next);
        }
        REQUIRE((who.delta() % abs(divisor)).is_zero());
        const bigint factor = who.delta() / abs(divisor) * (divisor.is_negative() ? -1 : 1) * differences[m];
        for (std::size_t k = 0; k < basis.size(); ++k) sum[k] += basis[k] * factor;
    }
    return sum;
}

// Chi-square of two samples over the same cells; its mean is the number of cells - 1 where they are alike.
double chi_square(const std::vector<std::size_t>& a, const std::vector<std::size_t>& b) {
    double sum = 0;
    for (std::size_t cell = 0; cell < a.size(); ++cell) {
        const double x = static_cast<double>(a[cell]), y = static_cast<double>(b[cell]);
        if (x + y > 0) sum += (x - y) * (x - y) / (x + y);
    }
    return sum;
}

} // namespace

TEMPLATE_TEST_CASE("refresh: every quorum opens the same before and after, in each epoch", "[threshold]",
                   test::tiny_scheme<1>, test::tiny_scheme<2>, test::tiny_scheme<3>) {
    test::refresh_world<TestType> shared(3, 5);
    const bigint largest = shared.key().plaintexts().largest();
    const std::vector<bigint> values{0, -1, largest};
    const auto sum = shared.ceremony.encrypt(values, 10);
    shared.check_all_quorums(sum, values);
    for (std::uint32_t round = 1; round <= 2; ++round) {
        shared.refresh(round == 1 ? first(5) : std::vector<std::uint32_t>{2, 4, 5});
        CHECK(shared.verification.epoch().number() == round);
        CHECK(shared.verification.check(shared.key()));
        CHECK(shared.verification.base() == shared.ceremony.dealt.verification.base());
        for (const auto& share : shared.shares) {
            CHECK(share.epoch().number() == round);
            CHECK(share.check(shared.key(), shared.verification));
        }
        shared.check_all_quorums(sum, values);
    }
}

TEST_CASE("refresh: shares stay on a polynomial with Delta d at zero", "[threshold]") {
    world shared(3, 5);
    shared.refresh(first(4));
    const auto primes = test::fixed_prime_pair<512>();
    const bigint m = (primes.p.expose() - 1) / 2 * ((primes.q.expose() - 1) / 2);
    const bigint order = shared.key().n_to_s() * m, delta = shared.ceremony.who.delta();
    for (const auto& members : test::subsets(5, 3)) {
        std::vector<party_id> parties;
        for (const std::uint32_t i : members) parties.emplace_back(i);
        const auto lambda = integer::lagrange(*party_set::of(parties), delta);
        bigint scaled = 0;
        for (std::size_t j = 0; j < members.size(); ++j)
            scaled += lambda[j] * shared.shares[members[j] - 1].exponent().expose();
        const bigint d = scaled * *invert(delta * delta, order) % order;
        CHECK(d % m == 0);
        CHECK(d % shared.key().n_to_s() == 1);
    }
}

TEST_CASE("refresh: shares of different epochs do not combine", "[threshold]") {
    world shared(2, 3);
    const auto sum = shared.ceremony.encrypt({9, -9}, 11);
    const auto before = shared.verification;
    std::vector<threshold::key_share<toy>> old;
    for (const auto& share : shared.shares) old.push_back(test::stolen(shared.key(), share));
    const auto old_answers = shared.answers(sum);
    shared.refresh(first(2));
    CHECK(shared.verification.id() != before.id());

    // Verified under the keys of their own epochs, they are told apart by the id.
    using list = std::vector<threshold::verified_partial<toy>>;
    for (std::uint32_t i = 1; i <= 3; ++i)
        for (std::uint32_t j = 1; j <= 3; ++j) {
            if (i == j) continue;
            const auto now = shared.answer(j, sum);
            CHECK(now->verification != old_answers[i - 1]->verification);
            check_refused(
                threshold::combine(shared.key(), shared.ceremony.who, list{old_answers[i - 1], now}),
                errc::mismatch, "verification keys of the partial decryptions", 2, "",
                threshold::name_of(party_id(j)));
        }
    // An old share under the new keys: refused by the trustee's own side,
    for (std::uint32_t i = 1; i <= 3; ++i) {
        check_refused(old[i - 1].check(shared.key(), shared.verification), errc::mismatch,
                      "epoch of the key share", 0);
        check_refused(shared.decrypt(old[i - 1], shared.verification, sum), errc::mismatch,
                      "epoch of the key share", 0);
        check_refused(shared.shares[i - 1].check(shared.key(), before), errc::mismatch,
                      "epoch of the key share", 0);
        // and, for a thief that relabels it, by the proof: equation 7 is that of v_i.
        const auto relabelled =
            *threshold::key_share<toy>::create(shared.key(), shared.ceremony.who, party_id(i),
                                               old[i - 1].exponent(), shared.verification.epoch());
        const auto made = shared.decrypt(relabelled, shared.verification, sum);
        REQUIRE(made);
        check_refused(threshold::verify_partial(shared.key(), shared.verification, sum, *made,
                                                test::decryption_context()),
                      errc::bad_proof, "share proof", 7, threshold::name_of(party_id(i)));
        // An answer of the old epoch is not even as long as one of the new.
        const auto stale = shared.decrypt(old[i - 1], before, sum);
        REQUIRE(stale);
        check_refused(threshold::partial_decryption<toy>::parse(shared.key(), shared.verification, 2,
                                                                stale->serialize()),
                      errc::malformed, "length of the partial decryption", 1);
    }
}

TEST_CASE("refresh: without the checks, mixed shares open nothing", "[threshold]") {
    // One old and one new exponent, interpolated as an attacker would: not a decryption exponent.
    world shared(2, 3);
    const bigint old_exponent = shared.shares[0].exponent().expose();
    shared.refresh(first(2));
    const std::vector<party_id> parties{party_id(1), party_id(2)};
    const auto lambda = integer::lagrange(*party_set::of(parties), shared.ceremony.who.delta());
    const bigint fresh = shared.shares[1].exponent().expose();
    const auto interpolate = [&](const bigint& first_exponent) {
        bigint x = lambda[0] * first_exponent + lambda[1] * fresh;
        const auto primes = test::fixed_prime_pair<512>();
        const bigint m = (primes.p.expose() - 1) / 2 * ((primes.q.expose() - 1) / 2);
        return (x % m).is_zero();
    };
    CHECK(interpolate(shared.shares[0].exponent().expose()));
    CHECK_FALSE(interpolate(old_exponent));
}

TEST_CASE("refresh: up to the last epoch and no further", "[threshold]") {
    test::refresh_world<tiny> shared(2, 3);
    const auto sum = shared.ceremony.encrypt({7}, 12);
    for (int round = 0; round < 3; ++round) shared.refresh(first(2));
    // The same exponents, two epochs before the last.
    const auto late = *epoch::parse(epoch::last - 2);
    std::vector<bigint> keys;
    for (std::uint32_t i = 1; i <= 3; ++i) {
        keys.push_back(shared.verification.of(party_id(i)));
        shared.shares[i - 1] = *threshold::key_share<tiny>::create(
            shared.key(), shared.ceremony.who, party_id(i), shared.shares[i - 1].exponent(), late);
    }
    shared.verification =
        *threshold::verification_keys<tiny>::create(shared.key(), shared.ceremony.who, keys, late);
    for (int round = 0; round < 2; ++round) shared.refresh(first(3));
    CHECK(shared.verification.epoch().number() == epoch::last);
    shared.check_all_quorums(sum, {7});
    check_refused(threshold::refresh_terms<tiny>::create(shared.key(), shared.verification,
                                                         shared.public_identities(), {}),
                  errc::refused, "refreshes of a key are used up", 3);
    CHECK(epoch::parse(epoch::last));
    check_refused(epoch::parse(epoch::last + 1), errc::out_of_range, "epoch", 0);
}

TEST_CASE("refresh: larger structures", "[threshold]") {
    test::refresh_world<tiny> shared(5, 8);
    shared.refresh({1, 3, 5, 7, 8});
    const auto sum = shared.ceremony.encrypt({-42}, 13);
    const auto partials = shared.answers(sum);
    using verified = threshold::verified_partial<tiny>;
    for (const std::size_t from : {0u, 1u, 3u})
        CHECK(threshold::combine(shared.key(), shared.ceremony.who,
                                 std::span<const verified>(partials).subspan(from, 5))
                  .value() == std::vector<bigint>{-42});
}

TEST_CASE("refresh: terms that cannot work are refused", "[threshold]") {
    const world shared(2, 3);
    auto names = shared.public_identities();
    const auto create = [&](const auto& key, const auto& keys) {
        return threshold::refresh_terms<toy>::create(key, keys, names, {});
    };
    REQUIRE(create(shared.key(), shared.verification));
    check_refused(create(test::fixed_public_key<toy, 1>(), shared.verification), errc::wrong_key,
                  "verification keys", 1);
    check_refused(create(shared.key(), test::ceremony_fixture<toy>(1, 3).dealt.verification),
                  errc::bad_parameter, "refresh of a quorum of one", 2);
    names.pop_back();
    check_refused(create(shared.key(), shared.verification), errc::mismatch, "number of identities", 4);
    names.push_back(names[0]);
    check_refused(create(shared.key(), shared.verification), errc::duplicate, "identity of a trustee", 4);
}

TEST_CASE("refresh: a share is refreshed for its own keys only, and stays as it was", "[threshold]") {
    world shared(2, 3);
    auto made = shared.enrol();
    const auto agreed = shared.agree(made, first(3));
    const auto& after = agreed.after();
    const auto& share = shared.shares[0];
    const bigint old = share.value().expose();
    const auto increment = [&](const bigint& value) { return secret<bigint>(bigint(value)); };
    const auto try_with = [&](const bigint& value, const auto& from, const auto& to) {
        auto outcome = share.refreshed(shared.key(), from, to, increment(value));
        CHECK(share.value().expose() == old);
        return outcome;
    };
    const auto& before = shared.verification;
    check_refused(try_with(5, after, after), errc::mismatch, "epoch of the key share", 1);
    check_refused(try_with(5, before, before), errc::mismatch, "refreshed verification keys", 2);
    check_refused(try_with(5, before, test::ceremony_fixture<toy>(2, 4).dealt.verification), errc::mismatch,
                  "refreshed verification keys", 2);
    check_refused(try_with(-1, before, after), errc::out_of_range, "sum of the sub-shares", 3);
    const bigint bound = bigint(3) << threshold::lengths<toy>::sub_share_bits(shared.ceremony.who);
    check_refused(try_with(bound, before, after), errc::out_of_range, "sum of the sub-shares", 3);
    check_refused(try_with(bound - 1, before, after), errc::mismatch, "key share and verification key", 4,
                  "trustee 1");
    check_refused(made.parties[0].finish(agreed, shared.shares[1]), errc::mismatch, "index of the key share",
                  0);

    const auto fresh = made.parties[0].finish(agreed, share);
    REQUIRE(fresh);
    CHECK(fresh->check(shared.key(), after));
    CHECK(share.value().expose() == old);
    static_assert(!std::is_copy_constructible_v<threshold::refresh_trustee<toy>>);

    const auto moved = std::move(shared.shares[0]);
    CHECK(test::ends_process([&] { (void)share.refreshed(shared.key(), before, after, increment(5)); }));
    CHECK(moved.refreshed(shared.key(), before, after,
                          secret<bigint>(fresh->exponent().expose() - moved.exponent().expose())));
}

TEST_CASE("refresh: old shares open as before until they are erased, new ones under the new keys",
          "[threshold]") {
    world shared(2, 3);
    const auto sum = shared.ceremony.encrypt({9, -9}, 16);
    auto made = shared.enrol();
    const byte_array<32> seed = made.parties[0].expose_seed();
    const auto agreed = shared.agree(made, first(2));
    std::vector<threshold::key_share<toy>> fresh;
    for (std::uint32_t i = 1; i <= 3; ++i)
        fresh.push_back(made.parties[i - 1].finish(agreed, shared.shares[i - 1]).value());
    CHECK(made.parties[0].expose_seed() == seed);
    shared.check_all_quorums(sum, {9, -9});

    shared.shares = std::move(fresh);
    shared.verification = agreed.after();
    shared.check_all_quorums(sum, {9, -9});
}

TEST_CASE("refresh: what is given up after the last step goes on with the old shares", "[threshold]") {
    // Dealer 2 signs two contributions and shows the second to trustee 3 only.
    world shared(2, 3);
    const auto sum = shared.ceremony.encrypt({9, -9}, 17);
    const auto made = shared.enrol();
    const auto outcome_with = [&](const bytes& of_second) {
        auto open = made.open;
        REQUIRE(open.accept(shared.contribution(made, 1)));
        REQUIRE(open.accept(of_second));
        return std::move(open).close().value().close().value();
    };
    const auto shown = outcome_with(shared.contribution(made, 2));
    const auto shown_to_third = outcome_with(shared.contribution(made, 2, 1));
    CHECK(shown.after().id() != shown_to_third.after().id()); // so the acknowledgements differ
    std::vector<threshold::key_share<toy>> fresh;
    for (std::uint32_t i = 1; i <= 3; ++i) {
        const auto& outcome = i == 3 ? shown_to_third : shown;
        fresh.push_back(made.parties[i - 1].finish(outcome, shared.shares[i - 1]).value());
        CHECK(fresh.back().check(shared.key(), outcome.after()));
    }
    check_refused(fresh[2].check(shared.key(), shown.after()), errc::mismatch,
                  "key share and verification key", 0, "trustee 3");

    fresh.clear();
    shared.check_all_quorums(sum, {9, -9});
    shared.refresh(first(3), 2); // the next attempt
    shared.check_all_quorums(sum, {9, -9});
}

TEST_CASE("refresh: a trustee goes on from its master seed", "[threshold]") {
    world shared(2, 3);
    auto made = shared.enrol();
    const auto terms = shared.terms();
    const auto messages = [&] {
        const auto& second = made.parties[1];
        return std::vector<bytes>{*second.reception(shared.identities[1]), shared.contribution(made, 2),
                                  *second.complain(party_id(1), shared.identities[1])};
    };
    const auto posted = messages();
    byte_array<32> seed = made.parties[1].expose_seed();
    made.parties[1] =
        *threshold::refresh_trustee<toy>::resume(terms, party_id(2), secret<byte_array<32>>(std::move(seed)));
    CHECK(messages() == posted);
    const auto agreed = shared.agree(made, first(2));
    CHECK(made.parties[1].finish(agreed, shared.shares[1]));
    seeded_random rng(1);
    check_refused(threshold::refresh_trustee<toy>::start(terms, party_id(4), rng), errc::out_of_range,
                  "trustee index", 0);
}

// ---- lengths

TEST_CASE("refresh lengths: coefficients hide every difference of old shares", "[threshold]") {
    // Each set of t - 1 trustees, shares as far apart as they can be, all signs: D is an integer polynomial,
    // and a shift by two of them is below 2^-(128 + epoch::bits) of the range of the coefficients.
    using lengths = threshold::lengths<tiny>;
    const bigint largest = (bigint(1) << lengths::share_bits) - 1;
    for (const auto& [quorum, trustees] :
         {std::pair{2u, 2u}, {2u, 3u}, {3u, 5u}, {5u, 5u}, {4u, 7u}, {6u, 9u}, {2u, 64u}}) {
        const auto who = *structure::create(quorum, trustees);
        const bigint range = bigint(1) << lengths::coefficient_bits(who);
        bigint most = 0;
        const auto sets = trustees > 20 ? std::vector<std::vector<std::uint32_t>>{{1}, {37}, {64}}
                                        : test::subsets(trustees, quorum - 1);
        for (const auto& members : sets)
            for (std::uint32_t signs = 0; signs < 1u << members.size(); ++signs) {
                std::vector<bigint> differences;
                for (std::size_t m = 0; m < members.size(); ++m)
                    differences.push_back((signs >> m & 1) != 0 ? bigint(-largest) : largest);
                bigint magnitude = 0;
                const auto shift = shift_polynomial(who, members, differences);
                for (const bigint& coefficient : shift) magnitude += abs(coefficient);
                for (std::size_t m = 0; m < members.size(); ++m) { // D(i) = Delta (s_i - s_i')
                    bigint at = 0;
                    for (std::size_t k = shift.size(); k-- > 0;) at = (at + shift[k]) * members[m];
                    CHECK(at == who.delta() * differences[m]);
                }
                most = std::max(most, magnitude);
            }
        CHECK(most * 2 << (128 + epoch::bits) <= range);
        // Not longer than need be: the estimates cost at most a few bits for each trustee of the quorum.
        CHECK(range.bit_length() <= most.bit_length() + 1 + 128 + epoch::bits + 8 + 7 * quorum);
    }
}

TEST_CASE("refresh lengths: bounds of exponents hold for the largest contributions", "[threshold]") {
    using lengths = threshold::lengths<paillier::scheme<3072>>;
    std::size_t longest = 0;
    for (std::uint32_t l = 2; l <= 64; l += l < 8 ? 1 : 8)
        for (std::uint32_t t = 2; t <= l; t += l < 8 ? 1 : 9) {
            const auto who = *structure::create(t, l);
            const bigint dealt = ((bigint(1) << lengths::share_bits) - 1) * who.delta();
            const bigint most = lengths::largest_sub_share(who, party_id(l));
            CHECK(most.bit_length() <= lengths::sub_share_bits(who));
            CHECK(lengths::largest_sub_share(who, party_id(1)) <= most);
            for (const std::uint32_t number : {1u, 2u, 3u, 4u, 100u, epoch::last}) {
                const auto at = *epoch::parse(number);
                const bigint x = dealt + most * number * l;
                CHECK(x.bit_length() <= lengths::exponent_bits(who, at));
                CHECK(lengths::exponent_bits(who, at) <= x.bit_length() + 2);
                longest = std::max(longest, lengths::exponent_bits(who, at));
            }
            CHECK(lengths::exponent_bits(who) == lengths::share_bits + who.delta_bits());
        }
    const auto largest = *structure::create(64, 64);
    CHECK(lengths::exponent_bits(largest, *epoch::parse(epoch::last)) == lengths::max_exponent_bits);
    CHECK(longest <= lengths::max_exponent_bits);
    // The figures of the specification.
    const auto who = *structure::create(2, 3);
    CHECK(lengths::coefficient_bits(who) == 6142 + 3 + 0 + 1 + 1 + 12 + 128);
    CHECK(lengths::sub_share_bits(who) == 6289);
    CHECK(lengths::exponent_bits(who, *epoch::parse(1)) == 6291);
    CHECK(lengths::exponent_bits(who, *epoch::parse(epoch::last)) == 6303);
}

TEST_CASE("refresh lengths: windows of share proofs follow the epoch", "[threshold]") {
    const auto who = *structure::create(2, 3);
    CHECK(threshold::share_window<toy>(who).mask_bits() == 1022 + 3 + 256);
    for (const std::uint32_t number : {1u, 5u, epoch::last}) {
        const auto at = *epoch::parse(number);
        CHECK(threshold::share_window<toy>(who, at).mask_bits() ==
              threshold::lengths<toy>::exponent_bits(who, at) + 256);
    }
    // Both sides of the bound of the response, at epoch 1.
    world shared(2, 3);
    shared.refresh(first(2));
    const auto sum = shared.ceremony.encrypt({3}, 14);
    const auto made = *shared.decrypt(shared.shares[1], shared.verification, sum);
    const auto window = threshold::share_window(shared.verification);
    const auto outcome = [&](const bigint& z) {
        auto proof = made.proof();
        proof.response.z = z;
        return threshold::verify_partial(shared.key(), shared.verification, sum,
                                         threshold::partial_decryption<toy>(party_id(2), made.values(), proof,
                                                                            shared.ceremony.who,
                                                                            shared.verification.epoch()),
                                         test::decryption_context());
    };
    const bigint end = bigint(1) << window.mask_bits();
    check_refused(outcome(window.minimum() - 1), errc::out_of_range, "response", 5, "trustee 2");
    check_refused(outcome(window.minimum()), errc::bad_proof, "share proof", 6, "trustee 2");
    check_refused(outcome(end - 1), errc::bad_proof, "share proof", 6, "trustee 2");
    check_refused(outcome(end), errc::out_of_range, "response", 5, "trustee 2");
    CHECK(outcome(made.proof().response.z));
}

// ---- bytes with an epoch

TEST_CASE("refresh: shares and verification keys carry their epoch", "[threshold]") {
    world shared(2, 3);
    shared.refresh(first(2));
    using share_type = threshold::key_share<toy>;
    using keys_type = threshold::verification_keys<toy>;
    const auto& key = shared.key();
    const auto file = shared.shares[1].serialize();
    CHECK(file.expose().size() == 12 + share_type::body_bytes(shared.ceremony.who, *epoch::parse(1)));
    const auto read = share_type::parse(key, file.expose());
    REQUIRE(read);
    CHECK(read->epoch().number() == 1);
    CHECK(read->exponent().expose() == shared.shares[1].exponent().expose());
    CHECK(equal(read->serialize().expose(), file.expose()));
    const auto with_epoch = [](const bytes& from, std::size_t at, std::uint16_t number) {
        bytes out = from;
        out[at] = static_cast<std::uint8_t>(number >> 8);
        out[at + 1] = static_cast<std::uint8_t>(number);
        return out;
    };
    // Another epoch is another length, or a share that fits no key.
    check_refused(share_type::parse(key, with_epoch(file.expose(), 12 + 38, 0)), errc::malformed,
                  "trailing bytes", 0, "", "byte 168");
    check_refused(share_type::parse(key, with_epoch(file.expose(), 12 + 38, 4096)), errc::out_of_range,
                  "epoch", 0);
    const bytes keys = shared.verification.serialize();
    CHECK(keys.size() == 12 + 38 + 3 * 128);
    REQUIRE(keys_type::parse(key, keys));
    CHECK(keys_type::parse(key, keys)->id() == shared.verification.id());
    CHECK(keys_type::parse(key, keys)->epoch().number() == 1);
    const auto relabelled = keys_type::parse(key, with_epoch(keys, 12 + 36, 0));
    REQUIRE(relabelled);
    CHECK(relabelled->id() != shared.verification.id());
    check_refused(keys_type::parse(key, with_epoch(keys, 12 + 36, 4096)), errc::out_of_range, "epoch", 0);
    // A quorum of one has no later epochs.
    const test::ceremony_fixture<toy> single(1, 2);
    check_refused(keys_type::parse(key, with_epoch(single.dealt.verification.serialize(), 12 + 36, 1)),
                  errc::bad_parameter, "epoch of a quorum of one", 0);
    check_refused(share_type::parse(key, with_epoch(single.dealt.shares[0].serialize().expose(), 12 + 38, 1)),
                  errc::bad_parameter, "epoch of a quorum of one", 0);
    // Both sides of the bound of a share.
    const auto at = *epoch::parse(1);
    const std::size_t bits = threshold::lengths<toy>::exponent_bits(shared.ceremony.who, at);
    const auto of = [&](bigint value) {
        return share_type::create(key, shared.ceremony.who, party_id(1), secret<bigint>(std::move(value)),
                                  at);
    };
    CHECK(of((bigint(1) << bits) - 1));
    check_refused(of(bigint(1) << bits), errc::out_of_range, "key share", 0);
    check_refused(of(bigint(-1)), errc::out_of_range, "key share", 0);
}

// ---- what new shares say about old ones

namespace {

// What trustees 2 and 3 get from 256 contributions of trustee 1.
std::pair<std::vector<bigint>, std::vector<bigint>> sub_shares() {
    const test::refresh_world<tiny> shared(2, 3);
    const auto made = shared.enrol();
    const auto terms = shared.terms();
    std::vector<threshold::refresh_reception> receptions;
    for (std::uint32_t i = 1; i <= 3; ++i)
        receptions.push_back(*threshold::refresh_reception::parse(
            terms, *made.parties[i - 1].reception(shared.identities[i - 1])));
    const auto key_of = [&](std::uint32_t i) {
        const auto shown = *made.parties[i - 1].complain(party_id(1), shared.identities[i - 1]);
        return threshold::refresh_complaint::parse(terms, receptions, shown)->key();
    };
    const auto second = key_of(2), third = key_of(3);
    std::pair<std::vector<bigint>, std::vector<bigint>> out;
    for (std::uint64_t sample = 0; sample < 256; ++sample) {
        const auto read = *threshold::refresh_contribution<tiny>::parse(terms, receptions,
                                                                        shared.contribution(made, 1, sample));
        out.first.push_back(threshold::open_sub_share(terms, read, party_id(2), second)->expose());
        out.second.push_back(threshold::open_sub_share(terms, read, party_id(3), third)->expose());
    }
    return out;
}
std::vector<bigint> plus(std::vector<bigint> values, const bigint& old) {
    for (bigint& value : values) value += old;
    return values;
}
std::vector<std::size_t> residues(const std::vector<bigint>& values, std::int64_t modulus) {
    std::vector<std::size_t> out(static_cast<std::size_t>(modulus));
    for (const bigint& value : values) ++out[static_cast<std::size_t>(*(value % modulus).to_int64())];
    return out;
}
std::vector<std::size_t> histogram(const std::vector<bigint>& values, const bigint& low, const bigint& width,
                                   std::size_t cells) {
    std::vector<std::size_t> out(cells);
    for (const bigint& value : values) {
        const auto cell = static_cast<std::size_t>(*((value - low) / width).to_int64());
        ++out[std::min(cell, cells - 1)];
    }
    return out;
}

} // namespace

TEST_CASE("refresh: new shares do not depend on old ones", "[threshold]") {
    // x_i + z_k,i for the smallest and for the largest old share, one honest dealer. One half of the samples
    // stands for each, since equal randomness would differ by a constant.
    const auto who = *structure::create(2, 3);
    using lengths = threshold::lengths<tiny>;
    const bigint full = ((bigint(1) << lengths::share_bits) - 1) * who.delta();
    const auto [of_second, of_third] = sub_shares();
    for (const std::uint32_t trustee : {2u, 3u}) {
        const auto& all = trustee == 2 ? of_second : of_third;
        const std::vector<bigint> one(all.begin(), all.begin() + 128), other(all.begin() + 128, all.end());
        // High bits, 8 cells: 99.9 % of chi-squares with 7 degrees of freedom are below 24.3.
        const bigint width = (lengths::largest_sub_share(who, party_id(trustee)) >> 3) + 1;
        CHECK(chi_square(histogram(one, 0, width, 8), histogram(plus(other, full), 0, width, 8)) < 24.3);
        // Low bits, and residues modulo Delta, where an integer polynomial has its structure (7 and 5
        // degrees of freedom at most).
        CHECK(chi_square(residues(one, 8), residues(plus(other, full), 8)) < 24.3);
        CHECK(chi_square(residues(one, 6), residues(plus(other, full), 6)) < 20.5);
        // A control: added to s_i instead of Delta s_i, s_i = 1 shows modulo the index.
        CHECK(chi_square(residues(one, trustee), residues(plus(other, 1), trustee)) > 100);
        // Another: coefficients no longer than what they hide show how large it is.
        const std::size_t excess = lengths::sub_share_bits(who) - full.bit_length();
        auto short_one = one, short_other = other;
        for (bigint& value : short_one) value >>= excess;
        for (bigint& value : short_other) value >>= excess;
        CHECK(chi_square(histogram(short_one, 0, width >> excess, 16),
                         histogram(plus(short_other, full), 0, width >> excess, 16)) > 100);
    }
}

TEST_CASE("partial decryption: responses do not depend on the share", "[threshold]") {
    // The smallest and the largest exponent that epoch 1 has, proved in the same way.
    const test::ceremony_fixture<tiny> ceremony(2, 3);
    const auto at = *epoch::parse(1);
    const std::size_t bits = threshold::lengths<tiny>::exponent_bits(ceremony.who, at);
    const auto sum = ceremony.encrypt({1}, 15);
    const auto sample = [&](const bigint& x, std::uint64_t from) {
        const auto share = *threshold::key_share<tiny>::create(ceremony.key, ceremony.who, party_id(1),
                                                               secret<bigint>(bigint(x)), at);
        const bigint& v = ceremony.dealt.verification.base();
        const std::vector<bigint> keys(3, power_vartime(v, x, ceremony.key.modulus()));
        const auto verification =
            *threshold::verification_keys<tiny>::create(ceremony.key, ceremony.who, keys, at);
        std::vector<bigint> out;
        for (std::uint64_t k = 0; k < 128; ++k) {
            seeded_random rng(from + k);
            const auto made = threshold::partially_decrypt(ceremony.key, verification, share, sum,
                                                           test::decryption_context(), rng);
            REQUIRE(made);
            out.push_back(made->proof().response.z);
        }
        return out;
    };
    const auto small = sample(1, 5000), large = sample((bigint(1) << bits) - 1, 9000);
    const bigint width = bigint(1) << (bits + 256 - 3);
    CHECK(chi_square(histogram(small, 0, width, 8), histogram(large, 0, width, 8)) < 24.3);
    CHECK(chi_square(residues(small, 8), residues(large, 8)) < 24.3);
}
