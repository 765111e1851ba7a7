// The bill of a round in benchmarks/estimate: who does what how often, and when a prediction has missed.
#include "support/catch.hpp"

#include "estimate/bill_table.hpp"

using namespace veilsum::bench;

namespace {

// Each step costs 1 s times its number, the first 1.
round_bill bill_of(std::uint64_t clients, std::uint64_t quorum) {
    round_bill bill;
    bill.clients = clients;
    bill.quorum = quorum;
    for (std::size_t i = 0; i < round_steps; ++i)
        bill.seconds[static_cast<round_step>(i)] = static_cast<double>(i + 1);
    bill.start_seconds = 0.5;
    bill.audit_seconds = bill.audit_of_steps();
    bill.bytes = {1000, 200, 40, 30, 20, 10};
    return bill;
}

} // namespace

TEST_CASE("round bill: every party's steps are counted", "[benchmarks]") {
    const round_bill bill = bill_of(10, 3);
    // open 1 + contribute 10*2 + receive 10*3 + close 4 + follow opening 3*5 + follow 30*6 + closing 3*7
    // + answer 3*8 + receive answer 3*9 + finish 10
    CHECK(bill.total_seconds() == Approx(1 + 20 + 30 + 4 + 15 + 180 + 21 + 24 + 27 + 10));
    // open 1 + contribute 2 + 10 * max(3, 6) + close 4 + closing 7 + answer 8 + 3*9 + finish 10
    CHECK(bill.elapsed_seconds() == Approx(1 + 2 + 60 + 4 + 7 + 8 + 27 + 10));
    // start 0.5 + opening 5 + 10*6 + closing 7 + 3*9 + finish 10
    CHECK(bill.audit_seconds == Approx(0.5 + 5 + 60 + 7 + 27 + 10));
    CHECK(bill.record_bytes() == 10 * (1000 + 10) + 30 + 3 * 200 + 20 + 40);
}

TEST_CASE("round bill: the table names each step once", "[benchmarks]") {
    const std::string table = table_of(bill_of(10, 3));
    for (const named_step& each : named_steps) {
        CHECK(table.find(std::string(each.party) + " ") != std::string::npos);
        CHECK(table.find(each.name) != std::string::npos);
    }
    by_step<int> seen;
    for (const named_step& each : named_steps) ++seen[each.step];
    for (std::size_t i = 0; i < round_steps; ++i) CHECK(seen[static_cast<round_step>(i)] == 1);
    CHECK(table.find("332 s") != std::string::npos);    // the round
    CHECK(table.find("10.79 kB") != std::string::npos); // the record
}

TEST_CASE("round bill: a prediction more than 20 % off is a miss", "[benchmarks]") {
    const round_bill real = bill_of(10, 3);
    CHECK(compare_bills(real, real).good);

    round_bill predicted = real;
    predicted.seconds[round_step::follow] *= 1.19; // more than half of the round
    CHECK(compare_bills(predicted, real).good);
    predicted.seconds[round_step::follow] = real.seconds[round_step::follow] * 1.21;
    const comparison high = compare_bills(predicted, real);
    CHECK_FALSE(high.good);
    CHECK(high.text.find("+21.0%   MISSED") != std::string::npos);
    predicted.seconds[round_step::follow] = real.seconds[round_step::follow] * 0.79;
    CHECK(compare_bills(predicted, real).text.find("-21.0%   MISSED") != std::string::npos);

    predicted = real;
    predicted.seconds[round_step::close] *= 3; // 4 s of 332: too small to count
    CHECK(compare_bills(predicted, real).good);

    predicted = real;
    predicted.audit_seconds *= 1.3;
    CHECK_FALSE(compare_bills(predicted, real).good);

    predicted = real;
    ++predicted.bytes.answer;
    const comparison longer = compare_bills(predicted, real);
    CHECK_FALSE(longer.good);
    CHECK(longer.text.find("bytes: NOT as predicted") != std::string::npos);
}

TEST_CASE("round bill: times are readable at every size", "[benchmarks]") {
    CHECK(readable_seconds(0.0000123) == "12.3 us");
    CHECK(readable_seconds(0.00123) == "1.23 ms");
    CHECK(readable_seconds(4.556) == "4.56 s");
    CHECK(readable_seconds(599) == "599 s");
    CHECK(readable_seconds(1800) == "30.0 min");
    CHECK(readable_seconds(36000) == "10.0 h");
}
