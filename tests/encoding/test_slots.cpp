// Slot packing at every edge: nothing carries, nothing wraps, and what could is refused.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/encoding/slots.hpp>

using namespace veilsum;
using namespace veilsum::encoding;
using veilsum::tests::seeded_random;

namespace {

// The plain definition: sum_k v_k 2^(w k).
bigint packed_by_definition(const std::vector<std::int64_t>& values, unsigned width) {
    bigint sum(0);
    for (std::size_t k = 0; k < values.size(); ++k) sum = sum + (bigint(values[k]) << (width * k));
    return sum;
}

std::int32_t draw_value(seeded_random& rng, unsigned b) {
    return static_cast<std::int32_t>(rng.word() >> (64 - b)) - (std::int32_t{1} << (b - 1));
}

} // namespace

TEST_CASE("slots: width and number follow the budget", "[encoding]") {
    // Validity proofs 3.3, for m = 4096.
    struct row {
        unsigned b, w;
        std::size_t s2048, s3072, s4096;
    };
    for (const row& r : {row{8, 20, 102, 153, 204}, row{12, 24, 85, 127, 170}, row{16, 28, 73, 109, 146},
                         row{20, 32, 63, 95, 127}, row{24, 36, 56, 85, 113}}) {
        CHECK(slot_width(r.b, 4096) == r.w);
        CHECK(slot_layout::create(2048, r.b, 4096)->slots() == r.s2048);
        CHECK(slot_layout::create(3072, r.b, 4096)->slots() == r.s3072);
        CHECK(slot_layout::create(4096, r.b, 4096)->slots() == r.s4096);
    }
    // One client more than a power of two costs a bit.
    CHECK(slot_width(16, 1) == 16);
    CHECK(slot_width(16, 2) == 17);
    CHECK(slot_width(16, 1024) == 26);
    CHECK(slot_width(16, 1025) == 27);
    CHECK(slot_width(24, std::uint64_t{1} << 24) == 48);
    // w S <= plaintext bits - 2, at the edge.
    CHECK(slot_layout::create(2 + 17 * 5, 16, 2)->slots() == 5);
    CHECK(slot_layout::create(1 + 17 * 5, 16, 2)->slots() == 4);

    using budget = slot_budget<16, 1024, 3072>;
    static_assert(budget::width == 26 && budget::slots == 118);
    CHECK(budget::layout().slots() == slot_layout::create(3072, 16, 1024)->slots());
    CHECK(budget::layout().width() == 26);
    CHECK(budget::layout().max_weight() == 1024);
}

TEST_CASE("slots: budgets that cannot work are refused", "[encoding]") {
    const auto check_of = [](std::size_t bits, unsigned b, std::uint64_t m) {
        auto refused = slot_layout::create(bits, b, m);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::bad_parameter);
        return refused.error().check;
    };
    CHECK(check_of(2048, 1, 10) == 1);
    CHECK(check_of(2048, 25, 10) == 1);
    CHECK(check_of(2048, 16, 0) == 2);
    CHECK(check_of(2048, 16, largest_total_weight + 1) == 2);
    CHECK(check_of(17, 16, 1) == 3);
    CHECK(slot_layout::create(18, 16, 1)->slots() == 1);
    CHECK(check_of(0, 16, 1) == 3);
    CHECK(check_of(1, 16, 1) == 3);
}

TEST_CASE("slots: pack is the linear map of the specification", "[encoding]") {
    seeded_random rng(1);
    for (const unsigned b : {2u, 3u, 8u, 13u, 16u, 24u}) {
        const slot_layout layout = *slot_layout::create(512, b, 100);
        for (std::size_t length = 0; length <= layout.slots(); ++length) {
            std::vector<std::int32_t> values(length);
            for (std::int32_t& value : values) value = draw_value(rng, b);
            const std::vector<std::int64_t> wide(values.begin(), values.end());
            auto packed = pack(values, layout);
            REQUIRE(packed);
            CHECK(*packed == packed_by_definition(wide, layout.width()));
            auto back = unpack_sum(*packed, layout, length);
            REQUIRE(back);
            CHECK(*back == wide);

            std::vector<bigint> integers;
            for (const std::int64_t value : wide) integers.emplace_back(value);
            CHECK(pack_integers_vartime(integers, layout.width()) == *packed);
        }
    }
    // Entries wider than a slot overlap and stay linear.
    const std::vector<bigint> wide{(bigint(1) << 251) - 1, -(bigint(1) << 250), bigint(5)};
    CHECK(pack_integers_vartime(wide, 20) == wide[0] + (wide[1] << 20) + (wide[2] << 40));
}

TEST_CASE("slots: values outside their bits are refused with their position", "[encoding]") {
    for (unsigned b = 2; b <= 24; ++b) {
        const slot_layout layout = *slot_layout::create(512, b, 7);
        const std::int32_t half = std::int32_t{1} << (b - 1);
        for (const std::int32_t bad : {half, -half - 1, std::numeric_limits<std::int32_t>::max(),
                                       std::numeric_limits<std::int32_t>::min()}) {
            std::vector<std::int32_t> values(layout.slots(), -half);
            values[layout.slots() - 2] = half - 1;
            CHECK(pack(values, layout));
            values[layout.slots() - 1] = bad;
            auto refused = pack(values, layout);
            REQUIRE_FALSE(refused);
            CHECK(refused.error().code == errc::overflow);
            CHECK(refused.error().what == "value outside its bits");
            CHECK(refused.error().place == "value " + std::to_string(layout.slots() - 1));
        }
    }
}

TEST_CASE("slots: extreme sums at the largest weight fill their slots and do not carry", "[encoding]") {
    constexpr std::size_t plaintext_bits = 1024;
    const bigint half_modulus = bigint(1) << (plaintext_bits - 2); // below N/2 for every N of that many bits
    for (unsigned b = 2; b <= 24; ++b)
        for (const std::uint64_t m :
             {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3}, std::uint64_t{1000}, std::uint64_t{1024},
              std::uint64_t{1025}, largest_total_weight}) {
            const slot_layout layout = *slot_layout::create(plaintext_bits, b, m);
            const std::int32_t half = std::int32_t{1} << (b - 1);
            const std::int64_t weight = static_cast<std::int64_t>(m);
            for (int pattern = 0; pattern < 4; ++pattern) {
                std::vector<std::int32_t> values(layout.slots());
                std::vector<std::int64_t> sums(layout.slots());
                for (std::size_t k = 0; k < values.size(); ++k) {
                    const bool low =
                        pattern == 0 || (pattern >= 2 && (k + static_cast<std::size_t>(pattern)) % 2 == 0);
                    values[k] = low ? -half : half - 1;
                    sums[k] = weight * values[k];
                }
                const bigint total = *pack(values, layout) * bigint(m);
                CHECK(abs(total) < half_modulus);
                auto back = unpack_sum(total, layout, values.size());
                REQUIRE(back);
                CHECK(*back == sums);
                CHECK(check_sum_range(*back, b, m));
            }
        }
}

TEST_CASE("slots: one client more than the budget carries, so it is refused first", "[encoding]") {
    for (unsigned b = 2; b <= 24; ++b) {
        constexpr std::uint64_t m = 64; // a power of two: the slots have no spare room
        const slot_layout layout = *slot_layout::create(512, b, m);
        CHECK(layout.admits(1));
        CHECK(layout.admits(m));
        REQUIRE_FALSE(layout.admits(m + 1));
        CHECK(layout.admits(m + 1).error().code == errc::overflow);
        CHECK(layout.admits(m + 1).error().what == "total weight above the slot budget");
        REQUIRE_FALSE(layout.admits(0));
        CHECK(layout.admits(0).error().code == errc::out_of_range);

        // What would happen: all values minimal, m + 1 clients. The sum leaves its slots: refused, not
        // wrapped.
        const std::int32_t half = std::int32_t{1} << (b - 1);
        const std::vector<std::int32_t> values(layout.slots(), -half);
        auto carried = unpack_sum(*pack(values, layout) * bigint(m + 1), layout, values.size());
        REQUIRE_FALSE(carried);
        CHECK(carried.error().code == errc::overflow);
        CHECK(carried.error().what == "packed sum outside its slots");
        // A configuration for m + 1 has the room.
        const slot_layout wider = *slot_layout::create(512, b, m + 1);
        CHECK(wider.width() == layout.width() + 1);
        const std::vector<std::int32_t> fewer(wider.slots(), -half);
        CHECK(unpack_sum(*pack(fewer, wider) * bigint(m + 1), wider, fewer.size()));
    }
}

TEST_CASE("slots: integers outside the slots are refused on both sides", "[encoding]") {
    const slot_layout layout = *slot_layout::create(512, 16, 1000); // w = 26
    for (const std::size_t length : {std::size_t{1}, std::size_t{3}, layout.slots()}) {
        bigint lowest(0);
        for (std::size_t k = 0; k < length; ++k) lowest = lowest - (bigint(1) << (26 * k + 25));
        const bigint highest = lowest + (bigint(1) << (26 * length)) - 1;
        const std::int64_t edge = std::int64_t{1} << 25;
        REQUIRE(unpack_sum(lowest, layout, length));
        CHECK(*unpack_sum(lowest, layout, length) == std::vector<std::int64_t>(length, -edge));
        REQUIRE(unpack_sum(highest, layout, length));
        CHECK(*unpack_sum(highest, layout, length) == std::vector<std::int64_t>(length, edge - 1));
        for (const bigint& outside : {lowest - 1, highest + 1, bigint(1) << 511, -(bigint(1) << 511)}) {
            auto refused = unpack_sum(outside, layout, length);
            REQUIRE_FALSE(refused);
            CHECK(refused.error().code == errc::overflow);
        }
    }
    CHECK(unpack_sum(bigint(0), layout, 0)->empty());
    CHECK_FALSE(unpack_sum(bigint(1), layout, 0));
}

TEST_CASE("slots: random weighted sums unpack to the plain sums", "[encoding]") {
    seeded_random rng(2);
    for (int trial = 0; trial < 30; ++trial) {
        const unsigned b = 2 + static_cast<unsigned>(rng.below(23));
        const std::uint64_t m = 1 + rng.below(5000);
        const slot_layout layout = *slot_layout::create(700, b, m);
        std::vector<std::int64_t> sums(layout.slots(), 0);
        bigint total(0);
        for (std::uint64_t left = m; left > 0;) {
            const std::uint64_t weight = 1 + rng.below(left);
            left -= weight;
            std::vector<std::int32_t> values(layout.slots());
            for (std::size_t k = 0; k < values.size(); ++k) {
                values[k] = draw_value(rng, b);
                sums[k] += static_cast<std::int64_t>(weight) * values[k];
            }
            total = total + *pack(values, layout) * bigint(weight);
        }
        auto back = unpack_sum(total, layout, layout.slots());
        REQUIRE(back);
        CHECK(*back == sums);
    }
}

TEST_CASE("slots: sums beyond what their weight allows are refused", "[encoding]") {
    const std::int64_t low = -5 * 128;
    const std::int64_t high = 5 * 127;
    CHECK(check_sum_range(std::vector<std::int64_t>{low, high, 0}, 8, 5));
    for (const std::int64_t bad : {low - 1, high + 1}) {
        auto refused = check_sum_range(std::vector<std::int64_t>{0, high, bad}, 8, 5);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::out_of_range);
        CHECK(refused.error().place == "value 2");
    }
}
