// The accountant: roots and logarithms rounded up, compositions, the budget's two sides, and the ledger's
// bytes.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/privacy/accountant.hpp>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

using namespace veilsum;
using namespace veilsum::privacy;

namespace {

constexpr std::uint64_t norm = 1'000'000; // sensitivity 1000

noise_plan gaussian(std::uint64_t variance, std::uint32_t dimension = 100) {
    return noise_plan::make({mechanism::gaussian, *ratio::of(variance), 10, 1, 1, dimension, 128}).value();
}
// One value of sensitivity 1000.
noise_plan laplace(std::uint64_t scale) {
    return noise_plan::make({mechanism::laplace, *ratio::of(scale), 10, 1, 1, 1, 128}).value();
}
accountant book_of(std::uint64_t epsilon_micro, std::uint64_t delta_atto,
                   neighbours relation = neighbours::removed) {
    auto book = accountant::open({{7}, relation, epsilon_micro, delta_atto});
    REQUIRE(book);
    return *std::move(book);
}
constexpr std::uint64_t delta = atto / 1'000'000;

spending concentrated(std::uint64_t rho) {
    spending out;
    REQUIRE(out.add_concentrated(rho));
    return out;
}

// epsilon(delta) of rho-zCDP by golden section over the order, in floating point.
double best_epsilon(double rho, double log_inverse) {
    const auto at = [=](double s) { // order 1 + exp(s)
        const double a = 1 + std::exp(s);
        return a * rho + (log_inverse - a * std::log(a)) / (a - 1) + s;
    };
    double low = -10, high = 20;
    for (int i = 0; i < 200; ++i) {
        const double left = low + (high - low) / 3, right = high - (high - low) / 3;
        (at(left) < at(right) ? high : low) = at(left) < at(right) ? right : left;
    }
    return std::max(0.0, at(low));
}

// A 64-bit big-endian number in a ledger's bytes.
void put(bytes& data, std::size_t offset, std::uint64_t value) {
    for (std::size_t i = 0; i < 8; ++i) data[offset + i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
}
constexpr std::size_t first_entry = wire::frame_header_bytes + ledger_head_bytes;

void refuses(const bytes& data, errc code, std::uint32_t check, std::string_view what,
             const std::string& place) {
    auto read = accountant::decode(data);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == code);
    CHECK(read.error().check == check);
    CHECK(read.error().what == what);
    CHECK(read.error().place == place);
}

} // namespace

TEST_CASE("rounding: roots and logarithms enclose the exact values", "[privacy]") {
    for (const std::uint64_t n : {0u, 1u, 2u, 3u, 4u, 99u, 100u, 101u}) {
        CHECK(floor_sqrt(n) * floor_sqrt(n) <= n);
        CHECK((floor_sqrt(n) + 1) * (floor_sqrt(n) + 1) > n);
        CHECK(ceil_sqrt(n) * ceil_sqrt(n) >= n);
    }
    CHECK(ceil_sqrt(100) == 10);
    CHECK(ceil_sqrt(101) == 11);
    const std::uint64_t top = ~std::uint64_t{0};
    CHECK(floor_sqrt(~double_word{0}) == top);
    CHECK(ceil_sqrt(double_word{top} * top) == top);

    test::seeded_random rng(1);
    for (int trial = 0; trial < 3000; ++trial) {
        const std::uint64_t n = 1 + (rng.word() >> rng.below(63)) / 2;
        const long double exact =
            std::log2(static_cast<long double>(n)) * 0x1p40L; // within 2^-20 of a unit or so
        CHECK(static_cast<long double>(log2_below(n)) <= exact + 0x1p-15L);
        CHECK(static_cast<long double>(log2_above(n)) >= exact - 0x1p-15L);
        CHECK(log2_above(n) - log2_below(n) <= 2);
    }
    for (unsigned bit = 0; bit < 64; ++bit)
        CHECK(log2_above(std::uint64_t{1} << bit) == std::int64_t{bit} << 40);

    for (std::uint64_t x = 0; x <= 1000; ++x) {
        const auto argument = static_cast<std::uint64_t>(fixed_one) / 1000 * x;
        const long double exact = std::expm1(static_cast<long double>(argument) * 0x1p-40L) * 0x1p40L;
        CHECK(static_cast<long double>(exp_minus_one_above(argument)) >= exact);
        CHECK(static_cast<long double>(exp_minus_one_above(argument)) <= exact + 25);
    }
    CHECK(times_ln2_above(0) >= 0);
    CHECK(times_ln2_above(fixed_one) >= ln2_above);
    CHECK(times_ln2_above(-fixed_one) >= -ln2_above);
}

TEST_CASE("composition: Renyi conversion is above the best order and within 0.1 % of it", "[privacy]") {
    for (const double rho : {1e-9, 1e-6, 1e-4, 0.01, 0.1, 0.5, 1.0, 10.0, 100.0, 999.0})
        for (const double inverse : {1e2, 1e5, 1e6, 1e9, 1e12, 1e18}) {
            const auto rho_pico = static_cast<std::uint64_t>(std::llround(rho * 1e12));
            const auto delta_atto = static_cast<std::uint64_t>(std::llround(1e18 / inverse));
            const auto ours = concentrated(rho_pico).epsilon_micro(delta_atto);
            const double exact = best_epsilon(rho, std::log(inverse)) * 1e6;
            if (!ours) {
                CHECK(exact > 1e9);
                continue;
            }
            CHECK(static_cast<double>(*ours) >= exact - 1e-6);
            CHECK(static_cast<double>(*ours) <= exact * 1.001 + 5);
            // Never worse than the simpler rho + 2 sqrt(rho ln(1/delta)) (Bun, Steinke 2016,
            // proposition 1.3).
            CHECK(static_cast<double>(*ours) <=
                  1e6 * (rho + 2 * std::sqrt(rho * std::log(inverse))) * 1.001 + 5);
        }
    CHECK(spending().epsilon_micro(delta) == 0);
    CHECK(spending().epsilon_micro(0) == 0);
    CHECK(concentrated(0).epsilon_micro(delta) == 0);
    CHECK_FALSE(concentrated(1).epsilon_micro(0)); // Gaussian noise has no pure guarantee
}

TEST_CASE("composition: published conversions of concentrated privacy", "[privacy]") {
    // Computed with the same proposition by others, in floating point: rho, delta, epsilon.
    struct published {
        std::uint64_t rho_pico, delta_atto;
        double epsilon;
    };
    for (const auto& [rho, at, epsilon] :
         {// OpenDP 0.14, test_zCDP_to_approxDP_nontrivial: a Gaussian of scale 4 for sensitivity 1
          published{pico / 32, atto / 1000, 0.6880024554878086},
          // OpenDP 0.15, test_zcdp_delta_rounding_regression
          published{pico / 20, 81'772'753'103'695'600, 0.25}}) {
        const auto ours = concentrated(rho).epsilon_micro(at);
        REQUIRE(ours);
        CHECK(static_cast<double>(*ours) >= 1e6 * epsilon - 1e-3);
        CHECK(static_cast<double>(*ours) <= 1e6 * epsilon * 1.001 + 5);
    }
}

TEST_CASE("composition: a published table of Gaussian noise in a tree of sums", "[privacy]") {
    // Kairouz et al. 2021, "Practical and Private (Deep) Learning Without Sampling or Shuffling", Stack
    // Overflow: 1,600 rounds of which each client is in one, delta 10^-6. A client is then in 11 sums, each
    // with noise of `scale` times its sensitivity. They convert by rho + 2 sqrt(rho ln(1/delta)), and print
    // two decimals; ours is the tighter conversion of the same rho, and must lie below.
    struct row {
        double scale, epsilon, ours;
    };
    for (const auto& [scale, epsilon, expected] : {row{1.13, 19.74, 18.708}, row{8.83, 2.04, 1.7723}}) {
        const double rho = 11 / (2 * scale * scale);
        CHECK(std::abs(rho + 2 * std::sqrt(rho * std::log(1e6)) - epsilon) < 0.01);
        const auto ours = concentrated(static_cast<std::uint64_t>(std::llround(rho * 1e12)))
                              .epsilon_micro(atto / 1'000'000);
        REQUIRE(ours);
        CHECK(static_cast<double>(*ours) < 1e6 * epsilon);
        CHECK(std::abs(static_cast<double>(*ours) / (1e6 * expected) - 1) < 0.001);
    }
}

TEST_CASE("composition: advanced and basic composition give their formulas, rounded up", "[privacy]") {
    for (const double epsilon : {0.001, 0.01, 0.1, 0.5, 1.0})
        for (const std::uint64_t k : {1u, 10u, 100u, 500u}) {
            const auto one = static_cast<std::uint64_t>(std::llround(epsilon * 1e6));
            const auto n = static_cast<double>(k);
            const double exact =
                1e6 * (std::sqrt(2 * n * std::log(1e6)) * epsilon + n * epsilon * std::expm1(epsilon));
            const auto advanced = advanced_composition({one, 1000}, k, delta);
            if (!advanced) {
                CHECK(n * epsilon > 1000);
                continue;
            }
            CHECK(static_cast<double>(advanced->epsilon_micro) >= exact);
            CHECK(static_cast<double>(advanced->epsilon_micro) <= exact + 2 + 1e-6 * exact);
            CHECK(advanced->delta_atto == 1000 * k + delta);
            CHECK(basic_composition({one, 1000}, k) == guarantee{one * k, 1000 * k});
            spending all;
            for (std::uint64_t i = 0; i < k; ++i) REQUIRE(all.add_pure(one));
            CHECK(all.basic() == one * k);
            CHECK(all.advanced(delta) == advanced->epsilon_micro);
            // Many small ones: Renyi beats both; one: basic is the best.
            const auto best = all.epsilon_micro(delta);
            REQUIRE(best);
            CHECK(*best == std::min({all.basic(), *all.advanced(delta), all.renyi(delta)}));
            if (k == 1) CHECK(*best <= one);
            if (k == 500 && epsilon <= 0.1) CHECK(*best < *all.advanced(delta));
        }
    CHECK_FALSE(advanced_composition({micro + 1, 0}, 2, delta));
    CHECK_FALSE(basic_composition({largest_epsilon, 0}, 2));
    CHECK_FALSE(basic_composition({1, atto}, 2));
    spending full;
    CHECK(full.add_pure(largest_epsilon));
    CHECK_FALSE(full.add_pure(1));
    CHECK(full.add_concentrated(largest_rho));
    CHECK_FALSE(full.add_concentrated(1));
    CHECK(full.rho_pico() == largest_rho);
}

TEST_CASE("composition: spending never falls, and a smaller delta costs more", "[privacy]") {
    test::seeded_random rng(2);
    spending book;
    std::uint64_t before = 0;
    for (int i = 0; i < 60; ++i) {
        if (rng.below(2) == 0)
            REQUIRE(book.add_pure(1 + rng.below(200'000)));
        else
            REQUIRE(book.add_concentrated(rng.below(10'000'000'000)));
        const auto now = book.epsilon_micro(delta), stricter = book.epsilon_micro(delta / 1000);
        REQUIRE(now);
        REQUIRE(stricter);
        CHECK(*now >= before);
        CHECK(*stricter >= *now);
        before = *now;
    }
}

TEST_CASE("accountant: a round costs the formula of its mechanism", "[privacy]") {
    CHECK(*cost_of(gaussian(1'000'000), norm, neighbours::removed) == pico / 2 + 1); // one unit for the gap
    CHECK(*cost_of(gaussian(1'000'000), norm, neighbours::replaced) == 2 * pico + 1);
    CHECK(*cost_of(gaussian(3'000'000), norm, neighbours::removed) == 166'666'666'667 + 1);
    CHECK(*cost_of(laplace(1000), norm, neighbours::removed) == micro);
    CHECK(*cost_of(laplace(3000), norm, neighbours::removed) == 333'334);
    CHECK(*cost_of(laplace(1000), norm, neighbours::replaced) == 2 * micro);
    // L1 sensitivity grows with sqrt(d): floor(sqrt(7 10^6)) = 2645.
    const auto seven = noise_plan::make({mechanism::laplace, *ratio::of(1000), 10, 1, 1, 7, 128});
    REQUIRE(seven);
    CHECK(*cost_of(*seven, norm, neighbours::removed) == 2'645'000);

    // 1000, both sides: rho = 10^6 / (2 V).
    CHECK(cost_of(gaussian(501), norm, neighbours::removed));
    auto dear = cost_of(gaussian(499), norm, neighbours::removed);
    REQUIRE_FALSE(dear);
    CHECK(dear.error().what == "round spends more privacy than can be counted");
    auto small = cost_of(gaussian(2), 1, neighbours::removed); // eight shares of variance 1/4
    REQUIRE_FALSE(small);
    CHECK(small.error().what == "shares of noise are too small to count on their sum");
    // Where shares are small the gap is charged: eight of variance 1.
    const std::uint64_t with_gap = *cost_of(gaussian(8, 100), 1, neighbours::removed);
    CHECK(with_gap > pico / 16 + pico / 1000);
    CHECK(*cost_of(gaussian(8, 1000), 1, neighbours::removed) - pico / 16 <= 10 * (with_gap - pico / 16));
}

TEST_CASE("accountant: the budget is refused at its limit, with figures, and nothing is spent", "[privacy]") {
    const noise_plan plan = gaussian(40'000'000);
    accountant wide = book_of(100 * micro, delta);
    std::vector<std::uint64_t> spent;
    for (std::uint64_t round = 1; round <= 5; ++round) {
        const auto expected = wide.would_spend(plan, norm);
        auto entry = wide.charge(round, plan, norm);
        REQUIRE(entry);
        REQUIRE(expected);
        CHECK(*expected == entry->spent_micro);
        spent.push_back(entry->spent_micro);
    }
    CHECK(wide.spent_micro() == spent.back());
    // Five equal rounds are one release of five times the rho.
    CHECK(spent.back() == *concentrated(5 * *cost_of(plan, norm, neighbours::removed)).epsilon_micro(delta));

    // A budget of exactly what five rounds cost allows five, one millionth less only four.
    for (const std::uint64_t less : {0u, 1u}) {
        accountant book = book_of(spent.back() - less, delta);
        CHECK(book.rounds_left(plan, norm, 100) == 5 - less);
        for (std::uint64_t round = 1; round <= 5 - less; ++round) REQUIRE(book.charge(round, plan, norm));
        const bytes before = book.encode();
        auto refused = book.charge(6, plan, norm);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::refused);
        CHECK(refused.error().what == "privacy budget");
        CHECK(refused.error().check == 4);
        CHECK(book.encode() == before);
        CHECK(book.rounds_left(plan, norm, 100) == 0);
    }
    accountant book = book_of(250'000, delta);
    auto refused = book.charge(3, gaussian(4'000'000), norm);
    REQUIRE_FALSE(refused);
    const std::string would = std::to_string(*book.would_spend(gaussian(4'000'000), norm));
    CHECK(refused.error().place == "round 3: epsilon " + would.substr(0, would.size() - 6) + "." +
                                       would.substr(would.size() - 6) + " of 0.250000, 0.000000 before");
}

TEST_CASE("accountant: rounds ascend, costs can be counted, terms are in range", "[privacy]") {
    accountant book = book_of(10 * micro, delta);
    const noise_plan plan = gaussian(40'000'000);
    REQUIRE(book.charge(5, plan, norm));
    for (const std::uint64_t round : {5u, 4u, 0u}) {
        auto refused = book.charge(round, plan, norm);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::duplicate);
        CHECK(refused.error().check == 2);
    }
    auto uncounted = book.charge(6, gaussian(499), norm);
    REQUIRE_FALSE(uncounted);
    CHECK(uncounted.error().code == errc::bad_parameter);
    CHECK(uncounted.error().check == 3);
    CHECK(book.entries().size() == 1);

    // Without a delta Gaussian noise has no epsilon; Laplace noise has.
    accountant pure = book_of(10 * micro, 0);
    auto refused = pure.charge(1, plan, norm);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::refused);
    CHECK(refused.error().what == "no epsilon below 1000 can be stated for this delta");
    for (std::uint64_t round = 1; round <= 10; ++round)
        CHECK(pure.charge(round, laplace(1000), norm)->spent_micro == round * micro);
    CHECK_FALSE(pure.charge(11, laplace(1000), norm));

    const auto check_of = [](const privacy_terms& terms) { return accountant::open(terms).error().check; };
    CHECK(check_of({{}, static_cast<neighbours>(0), micro, delta}) == 1);
    CHECK(check_of({{}, static_cast<neighbours>(3), micro, delta}) == 1);
    CHECK(check_of({{}, neighbours::removed, 0, delta}) == 2);
    CHECK(check_of({{}, neighbours::removed, largest_epsilon + 1, delta}) == 2);
    CHECK(accountant::open({{}, neighbours::removed, largest_epsilon, delta}));
    CHECK(check_of({{}, neighbours::removed, micro, atto}) == 3);
    CHECK(accountant::open({{}, neighbours::removed, micro, atto - 1}));
}

TEST_CASE("accountant: planned noise lets the rounds pass, and a sixteenth less does not", "[privacy]") {
    for (const std::uint32_t rounds : {1u, 10u, 300u}) {
        accountant book = book_of(2 * micro, delta);
        const noise_request wanted{mechanism::gaussian, *ratio::of(1), 10, 1, 1, 100, 128};
        auto plan = book.plan_for(wanted, norm, rounds);
        REQUIRE(plan);
        CHECK(book.rounds_left(*plan, norm, 1000) == rounds);
        const ratio amount = plan->request().amount;
        // V = 8 u / 16 = u / 2
        const std::uint64_t halves = amount.numerator() * 2 / amount.denominator();
        auto less = noise_plan::make({mechanism::gaussian, *ratio::of(halves - 1, 2), 10, 1, 1, 100, 128});
        REQUIRE(less);
        CHECK(book.rounds_left(*less, norm, 1000) == rounds - 1);
    }
    accountant book = book_of(1, delta);
    auto none =
        book.plan_for({mechanism::gaussian, *ratio::of(1), 10, 1, 1, 100, 128}, std::uint64_t{1} << 49, 1000);
    REQUIRE_FALSE(none);
    CHECK(none.error().code == errc::refused);
    CHECK(none.error().what == "no noise that fits into an encoding keeps the budget");
    CHECK(book.plan_for({mechanism::gaussian, *ratio::of(1), 10, 9, 1, 100, 128}, norm, 1).error().check ==
          3);
    CHECK(book.plan_for({mechanism::gaussian, *ratio::of(1), 10, 1, 1, 0, 128}, norm, 1).error().check == 4);
}

TEST_CASE("accountant: a ledger survives its bytes, and every change of them is noticed", "[privacy]") {
    accountant book = book_of(30 * micro, delta, neighbours::replaced);
    CHECK(accountant::decode(book.encode())->terms() == book.terms());
    REQUIRE(book.charge(1, gaussian(40'000'000), norm));
    REQUIRE(book.charge(4, laplace(20'000), norm));
    const bytes good = book.encode();
    CHECK(good.size() == first_entry + 2 * ledger_entry_bytes);
    auto read = accountant::decode(good);
    REQUIRE(read);
    CHECK(read->terms() == book.terms());
    CHECK(read->entries() == book.entries());
    CHECK(read->encode() == good);
    // It goes on where the other would.
    CHECK(*read->would_spend(gaussian(40'000'000), norm) == *book.would_spend(gaussian(40'000'000), norm));

    // Every bit but those that say what the ledger is about: scope, limits that stay above, the last round's
    // number.
    std::size_t accepted = 0;
    for (std::size_t at = 0; at < good.size(); ++at)
        for (unsigned bit = 0; bit < 8; ++bit) {
            bytes changed = good;
            changed[at] = static_cast<std::uint8_t>(changed[at] ^ (1u << bit));
            auto other = accountant::decode(changed);
            if (!other) continue;
            CHECK(other->encode() == changed); // one encoding of each ledger
            ++accepted;
        }
    CHECK(accepted < 32 * 8 + 3 * 64 + 80);

    bytes data = good;
    data.pop_back();
    refuses(data, errc::malformed, 1, "truncated frame", "");
    data = good;
    data[first_entry - 1] = 3; // entries
    refuses(data, errc::malformed, 2, "count above what the bytes hold", "byte 49");
    data[first_entry - 1] = 1;
    refuses(data, errc::malformed, 2, "trailing bytes", "byte 120");
    data = good;
    data[wire::frame_header_bytes + 32] = 0;
    refuses(data, errc::bad_parameter, 3, "relation of neighbours", "");

    data = good;
    put(data, first_entry + 9, 80'000'000);
    put(data, first_entry + 17, 2);
    refuses(data, errc::malformed, 4, "amount of noise is not in lowest terms", "entry 0");
    data = good;
    data[first_entry + 8] = 9;
    refuses(data, errc::bad_parameter, 4, "noise mechanism", "entry 0");
    data = good;
    put(data, first_entry + 43, 0);
    refuses(data, errc::out_of_range, 5, "norm in the ledger", "entry 0");
    put(data, first_entry + 43, std::uint64_t{1} << 50);
    refuses(data, errc::out_of_range, 5, "norm in the ledger", "entry 0");
    const std::size_t second = first_entry + ledger_entry_bytes;
    data = good;
    put(data, second, 1);
    refuses(data, errc::duplicate, 6, "round is not above the last one charged", "entry 1");
    for (const std::int64_t off : {-1, 1}) {
        data = good;
        put(data, second + 51,
            static_cast<std::uint64_t>(static_cast<std::int64_t>(book.entries()[1].cost) + off));
        refuses(data, errc::mismatch, 7, "cost in the ledger", "entry 1");
        data = good;
        put(data, second + 59,
            static_cast<std::uint64_t>(static_cast<std::int64_t>(book.spent_micro()) + off));
        refuses(data, errc::mismatch, 8, "spent epsilon in the ledger", "entry 1");
    }
    data = good;
    put(data, wire::frame_header_bytes + 33, book.spent_micro());
    CHECK(accountant::decode(data));
    put(data, wire::frame_header_bytes + 33, book.spent_micro() - 1);
    refuses(data, errc::refused, 8, "privacy budget", "entry 1");
}

TEST_CASE("accountant: the next ledger continues the last one, and only its new entry is computed",
          "[privacy]") {
    accountant before = book_of(30 * micro, delta, neighbours::replaced);
    const bytes first = [&] {
        accountant book = before;
        REQUIRE(book.charge(1, gaussian(40'000'000), norm));
        return book.encode();
    }();
    CHECK(accountant::decode_next(first, nullptr)->encode() == first);
    CHECK(accountant::decode_next(first, &before)->encode() == first);
    REQUIRE(before.charge(1, gaussian(40'000'000), norm));
    accountant after = before;
    REQUIRE(after.charge(4, laplace(20'000), norm));
    const bytes good = after.encode();
    auto read = accountant::decode_next(good, &before);
    REQUIRE(read);
    CHECK(read->entries() == after.entries());
    CHECK(*read->would_spend(gaussian(40'000'000), norm) == *after.would_spend(gaussian(40'000'000), norm));

    const auto refused = [](const bytes& data, const accountant* known, errc code, std::uint32_t check,
                            std::string_view what) {
        const auto other = accountant::decode_next(data, known);
        REQUIRE_FALSE(other);
        CHECK(other.error().code == code);
        CHECK(other.error().check == check);
        CHECK(other.error().what == what);
    };
    constexpr std::string_view apart = "privacy ledger does not continue the last one";
    refused(good, nullptr, errc::mismatch, 9, apart); // two at once
    refused(first, &after, errc::mismatch, 9, apart); // fewer
    refused(good, &after, errc::mismatch, 9, apart);  // none more
    // What was booked before is compared, not computed: a change that `decode` finds by its figures, this
    // finds by its bytes, the figures unread.
    const std::size_t second = first_entry + ledger_entry_bytes;
    for (std::size_t at = first_entry; at < second; ++at) {
        bytes changed = good;
        changed[at] ^= 1;
        refused(changed, &before, errc::mismatch, 9, apart);
    }
    bytes changed = good;
    changed[wire::frame_header_bytes] ^= 1; // the scope
    refused(changed, &before, errc::mismatch, 9, "terms of the privacy budget");
    changed = good;
    changed[wire::frame_header_bytes + 32] = 0;
    refused(changed, nullptr, errc::bad_parameter, 3, "relation of neighbours");
    changed = good;
    put(changed, second + 51, after.entries()[1].cost + 1);
    refused(changed, &before, errc::mismatch, 7, "cost in the ledger");
    changed = good;
    changed.pop_back();
    refused(changed, &before, errc::malformed, 1, "truncated frame");
}
