// Slack bits of the norm bound, against big integers.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/zk/norm_slack.hpp>

#include <cstdint>
#include <vector>

using namespace veilsum;
using integer::bigint;

namespace {

encoding::matrix_layout layout_with(const bigint& bound, std::uint32_t b, std::uint32_t d) {
    encoding::layout_parameters p;
    p.nbits = 2048;
    p.b = b;
    p.m = 4;
    p.d = d;
    p.C = 130;
    p.flags = encoding::flag_l2;
    p.a = 448;
    const bytes data = bound.to_bytes(32);
    std::copy(data.begin(), data.end(), p.B2.begin());
    return *encoding::matrix_layout::create(p);
}

} // namespace

TEST_CASE("norm slack: B2 = T + sum of 2^c s_c") {
    test::seeded_random rng(3);
    for (const std::uint32_t b : {2u, 16u, 24u})
        for (const char* room : {"0", "1", "12345678901234567890123456789"}) {
            std::vector<std::int32_t> values(260); // two rows, the last one not full
            bigint squares(0);
            for (std::size_t j = 0; j < 200; ++j) {
                values[j] = static_cast<std::int32_t>(rng.below(std::uint64_t{1} << b)) - (1 << (b - 1));
                squares += bigint(std::int64_t{values[j]} * values[j]);
            }
            const bigint bound = squares + *bigint::from_decimal(room);
            const auto layout = layout_with(bound, b, 200);
            const auto slack = zk::norm_slack(layout, values);
            REQUIRE(slack.expose().size() == 130);
            bigint sum(0);
            for (std::size_t c = 0; c < 130; ++c) {
                CHECK(slack.expose()[c] <= 1);
                if (c >= layout.slack_bits()) CHECK(slack.expose()[c] == 0);
                if (slack.expose()[c] != 0) sum += bigint(1) << c;
            }
            CHECK(squares + sum == bound);
        }
}

TEST_CASE("norm slack: a vector above its bound gets no slack that adds up") {
    std::vector<std::int32_t> values(130, 0);
    values[0] = 11;
    const auto layout = layout_with(bigint(120), 8, 130);
    const auto slack = zk::norm_slack(layout, values);
    std::uint64_t sum = 0;
    for (std::size_t c = 0; c < layout.slack_bits(); ++c) sum |= std::uint64_t{slack.expose()[c]} << c;
    CHECK(121 + sum != 120); // 120 - 121 mod 2^7
    CHECK(sum == 127);
}
