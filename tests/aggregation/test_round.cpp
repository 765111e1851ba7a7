// Pre-flight: numbers that cannot work are refused before anybody encrypts, each by its own check.
#include "support/toy.hpp"

#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/aggregation/model.hpp>
#include <veilsum/aggregation/round.hpp>
#include <veilsum/sign/signing_key.hpp>

#include <limits>

using namespace veilsum;
using aggregation::round_header;
using scheme = test::toy_scheme<1>;

namespace {

aggregation::roster make_roster(std::vector<std::uint32_t> weights) {
    test::seeded_random rng(5);
    std::vector<aggregation::roster_entry> entries;
    for (const std::uint32_t weight : weights)
        entries.push_back({sign::signing_key::generate(rng).verifying(), weight});
    return *aggregation::roster::of(entries);
}

struct preflight {
    aggregation::roster members = make_roster({1, 1, 2});
    aggregation::round_terms terms{};
    round_header header{};

    preflight() {
        terms.model_weights = 100;
        terms.key.fill(0x6b);
        header.key = terms.key;
        header.round = 1;
        header.format = {12, 16, 7.5};
        header.layout.nbits = 512;
        header.layout.b = 16;
        header.layout.m = 4;
        header.layout.wmax = 2;
        header.layout.d = 100;
        header.layout.flags = encoding::flag_audit;
        header.layout.a = 256;
        header.layout.md = encoding::smallest_digit_count(16, 2);
        header.layout.C = encoding::recommended_columns(
            100, 16, encoding::slot_layout::create(512, 16, 4)->slots(), header.layout.md);
        header.minimum_cohort = 2;
        header.roster = members.digest();
        header.opens_at = 10;
        header.closes_at = 20;
    }
    result<aggregation::round_facts> check() const {
        return aggregation::check_round<scheme>(header, {}, terms, members);
    }
    std::uint32_t failed() const {
        const auto checked = check();
        return checked ? 0 : checked.error().check;
    }
};

} // namespace

TEST_CASE("pre-flight: a good round passes and says what it fixes", "[aggregation]") {
    const preflight good;
    const auto facts = good.check();
    if (!facts) FAIL(facts.error().describe());
    CHECK(facts->header().round == 1);
    CHECK(facts->layout().columns() == good.header.layout.C);
    CHECK(facts->members().size() == 3);
}

TEST_CASE("pre-flight: each check", "[aggregation]") {
    preflight round;
    SECTION("1, the round number is the next one") {
        round.header.round = 2;
        CHECK(round.failed() == 1);
        round.terms.next_round = 2;
        CHECK(round.failed() == 0);
    }
    SECTION("2, the model is the last result, of this size") {
        round.terms.model = hash::digest32{1};
        CHECK(round.failed() == 2);
        round.terms.model = round.header.model;
        CHECK(round.failed() == 0);
        round.terms.model_weights = 101;
        CHECK(round.failed() == 2);
    }
    SECTION("2, model numbers come in order, and there are sixteen") {
        round.header.model_number = 1;
        CHECK(round.failed() == 2);
        round.terms.models = 1;
        CHECK(round.failed() == 0);
        round.terms.models = 16;
        round.header.model_number = 15;
        CHECK(round.failed() == 0);
        round.header.model_number = 16;
        CHECK(round.failed() == 2);
    }
    SECTION("3, the layout is valid for the scheme") {
        round.header.layout.nbits = 2048;
        CHECK(round.failed() == 3);
        round.header.layout.nbits = 512;
        round.header.layout.C = 0;
        CHECK(round.failed() == 3);
        CHECK(round.check().error().place == "layout rule 5");
    }
    SECTION("4, the key is the session's") {
        round.header.key[0] ^= 1;
        CHECK(round.failed() == 4);
        CHECK(round.check().error().code == errc::wrong_key);
    }
    SECTION("4, the exponent length is the policy's") {
        round.header.layout.a = 257;
        CHECK(round.failed() == 4);
        round.terms.policy = aggregation::exponent_policy::uniform;
        round.header.layout.a = 512 + 128;
        CHECK(round.failed() == 0);
    }
    SECTION("5, clipped updates fit into the bits of a value") {
        round.header.format.clip_l2 = 8.0; // 8 * 2^12 + 1 > 2^15 - 1
        CHECK(round.failed() == 5);
        round.header.format.clip_l2 = std::numeric_limits<double>::quiet_NaN();
        CHECK(round.failed() == 5);
        round.header.format.clip_l2 = 7.5;
        round.header.format.value_bits = 17;
        CHECK(round.failed() == 5);
    }
    SECTION("6, the proof suite is known; a round never runs with weaker proofs than it says") {
        round.header.suite = static_cast<aggregation::proof_suite>(3);
        CHECK(round.failed() == 6);
        CHECK(round.check().error().code == errc::unsupported);
        round.header.suite = aggregation::proof_suite::validity;
        CHECK(round.failed() == 0);
        round.header.suite_version = 2;
        CHECK(round.failed() == 6);
        round.header.suite_version = 1;
        round.header.layout.flags |= encoding::flag_l2;
        round.header.layout.B2[31] = 1;
        CHECK(round.failed() == 0); // a norm bound, with the proof that backs it
        round.header.suite = aggregation::proof_suite::plaintext_knowledge;
        CHECK(round.failed() == 6);
        round.header.suite = aggregation::proof_suite::validity;
        round.header.layout.flags = encoding::flag_l2;
        round.header.layout.md = 0;
        CHECK(round.failed() == 6); // the opening is checked against the row commitments always
    }
    SECTION("6, no more ciphertexts than a client can prove") {
        round.header.layout.C = 4096; // about 150 ciphertexts a row
        round.header.layout.d = 4096 * 400;
        round.terms.model_weights = 4096 * 400;
        CHECK(round.failed() == 0);
        round.header.layout.d = 4096 * 480;
        round.terms.model_weights = 4096 * 480;
        CHECK(round.failed() == 6);
        CHECK(round.check().error().what == "number of ciphertexts for this proof suite");
        round.header.suite = aggregation::proof_suite::validity; // has no such limit
        CHECK(round.failed() == 0);
    }
    SECTION("7, the roster is the one of its digest") {
        round.members = make_roster({1, 1, 1});
        CHECK(round.failed() == 7);
    }
    SECTION("8, weights stay within the slot budget") {
        round.members = make_roster({1, 3});
        round.header.roster = round.members.digest();
        CHECK(round.failed() == 8);
        round.members = make_roster({2, 2, 1});
        round.header.roster = round.members.digest();
        CHECK(round.failed() == 8);
        round.members = make_roster({2, 2});
        round.header.roster = round.members.digest();
        CHECK(round.failed() == 0);
    }
    SECTION("9, the minimum cohort") {
        round.header.minimum_cohort = 1;
        CHECK(round.failed() == 9);
        round.header.minimum_cohort = 4;
        CHECK(round.failed() == 9);
        round.header.minimum_cohort = 3;
        CHECK(round.failed() == 0);
    }
    SECTION("10, it closes after it opens") {
        round.header.closes_at = 10;
        CHECK(round.failed() == 10);
        round.header.closes_at = std::numeric_limits<std::uint64_t>::max(); // no closing could be later
        CHECK(round.failed() == 10);
        --round.header.closes_at;
        CHECK(round.failed() == 0);
    }
}

TEST_CASE("round header: one spelling, no trailing bytes", "[aggregation]") {
    const preflight good;
    const bytes written = good.header.serialize();
    const auto read = round_header::parse(written);
    REQUIRE(read);
    CHECK(read->serialize() == written);
    for (std::size_t length = 0; length < written.size(); ++length)
        CHECK_FALSE(round_header::parse(byte_view(written).first(length)));
    bytes longer = written;
    longer.push_back(0);
    CHECK(round_header::parse(longer).error().what == "trailing bytes");
}

TEST_CASE("roster: sorted, unique, positive weights", "[aggregation]") {
    const auto members = make_roster({4, 5, 6});
    const bytes written = members.serialize();
    const auto read = aggregation::roster::parse(written);
    REQUIRE(read);
    CHECK(read->digest() == members.digest());
    CHECK(read->total_weight() == 15);
    CHECK(read->largest_weight() == 6);

    bytes unsorted = written;
    std::swap_ranges(unsorted.begin() + 4, unsorted.begin() + 40, unsorted.begin() + 40);
    CHECK(aggregation::roster::parse(unsorted).error().what == "roster order");
    bytes doubled = written;
    std::copy_n(doubled.begin() + 4, 32, doubled.begin() + 40);
    CHECK(aggregation::roster::parse(doubled).error().code == errc::duplicate);
    bytes weightless = written;
    std::fill_n(weightless.begin() + 36, 4, std::uint8_t{0});
    CHECK(aggregation::roster::parse(weightless).error().what == "weight");
    bytes huge = written;
    huge[0] = 0xff; // a count that the bytes do not hold
    CHECK_FALSE(aggregation::roster::parse(huge));
    // More clients than a closing or a journal entry has room for.
    const std::uint32_t many = aggregation::roster::max_clients + 1;
    bytes crowded(4 + std::size_t{many} * 36);
    for (std::size_t at = 0; at < 4; ++at) crowded[at] = static_cast<std::uint8_t>(many >> (24 - 8 * at));
    CHECK(aggregation::roster::parse(crowded).error().what == "count above its cap");
    CHECK(aggregation::roster::of({}).error().code == errc::missing);
}

TEST_CASE("model: bytes, refusals, and the rule of an update", "[aggregation]") {
    using aggregation::model;
    const auto made = model::of({1.0F, -2.5F, 0.0F});
    REQUIRE(made);
    const bytes written = made->serialize();
    CHECK(model::parse(written)->serialize() == written);
    CHECK(model::of({}).error().code == errc::out_of_range);
    const auto nan = model::of({0.0F, std::numeric_limits<float>::quiet_NaN()});
    REQUIRE_FALSE(nan);
    CHECK(nan.error().place == "weight 1");
    CHECK_FALSE(model::of({std::numeric_limits<float>::infinity()}));

    const encoding::fixed_point format{12, 16, 7.5};
    const std::vector<std::int64_t> sums = {4096 * 3, -4096, 1, 999 /* padding */};
    const auto next = made->updated(sums, 3, format);
    REQUIRE(next);
    CHECK(next->weights()[0] == 2.0F);
    CHECK(next->weights()[1] == static_cast<float>(-2.5 + -4096.0 / (4096.0 * 3)));
    CHECK(next->weights()[2] == static_cast<float>(1.0 / (4096.0 * 3)));
    CHECK(made->updated({{1, 2}}, 3, format).error().what == "number of opened sums");
    const auto top = model::of({std::numeric_limits<float>::max()});
    const encoding::fixed_point coarse{0, 24, 1.0};
    const auto over = top->updated({{std::int64_t{1} << 46}}, 1, coarse);
    CHECK(over.has_value()); // far below half a unit in the last place of the largest float
}
