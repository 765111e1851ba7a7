// Rows of a client: values, padding, digits; to plaintexts and back.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/encoding/row_matrix.hpp>
#include <veilsum/encoding/row_packing.hpp>

#include <set>
#include <type_traits>

using namespace veilsum;
using namespace veilsum::encoding;
using veilsum::tests::seeded_random;

namespace {

constexpr layout_floors small_keys{512, 64, 1};

layout_parameters small(std::uint32_t flags) {
    layout_parameters p;
    p.nbits = 512;
    p.b = 6;
    p.m = 6;
    p.d = 50;
    p.C = 20;
    p.flags = flags;
    p.a = 64;
    p.md = (flags & flag_audit) != 0 ? 3 : 0;
    if ((flags & flag_l2) != 0) p.B2 = norm_bound_bytes(20000);
    return p;
}

matrix_layout layout_of(const layout_parameters& p) {
    auto layout = matrix_layout::create(p, small_keys);
    REQUIRE(layout);
    return *layout;
}

std::vector<std::int32_t> draw_values(seeded_random& rng, std::size_t count, unsigned b) {
    std::vector<std::int32_t> values(count);
    for (std::int32_t& value : values)
        value = static_cast<std::int32_t>(rng.word() >> (64 - b)) - (std::int32_t{1} << (b - 1));
    return values;
}

static_assert(!std::is_copy_constructible_v<row_matrix> && !std::is_copy_assignable_v<row_matrix>);
static_assert(wipeable<row_matrix>);

} // namespace

TEST_CASE("row_matrix: values fill the data rows and padding is zero", "[encoding]") {
    seeded_random rng(1);
    const matrix_layout layout = layout_of(small(0));
    const auto values = draw_values(rng, 50, 6);
    auto rows = lay_out(layout, values, rng);
    REQUIRE(rows);
    REQUIRE(rows->rows() == 3);
    REQUIRE(rows->columns() == 20);
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t c = 0; c < 20; ++c)
            CHECK(rows->expose_row(i)[c] == (i * 20 + c < 50 ? values[i * 20 + c] : 0));
}

TEST_CASE("row_matrix: digits are uniform where they belong and zero elsewhere", "[encoding]") {
    seeded_random rng(2);
    layout_parameters p = small(flag_audit);
    p.b = 4;
    p.d = 137; // K = 7; q = 20/3 - 1 = 5: audit rows for 5 and 2 data rows
    const matrix_layout layout = layout_of(p);
    REQUIRE(layout.audit_rows() == 2);
    std::vector<std::size_t> histogram(16, 0);
    for (int trial = 0; trial < 400; ++trial) {
        const row_matrix digits = draw_audit_rows(layout, rng);
        REQUIRE(digits.rows() == 2);
        for (std::size_t row = 0; row < 2; ++row)
            for (std::size_t c = 0; c < 20; ++c) {
                const std::int32_t digit = digits.expose_row(row)[c];
                const bool used = c < (row == 0 ? 6u : 3u) * 3;
                if (!used) CHECK(digit == 0);
                if (used) {
                    REQUIRE(digit >= -8);
                    REQUIRE(digit <= 7);
                    ++histogram[static_cast<std::size_t>(digit + 8)];
                }
            }
    }
    // 10800 digits, 675 expected of each, standard deviation 25.
    for (const std::size_t count : histogram) {
        CHECK(count > 525);
        CHECK(count < 825);
    }
    CHECK(draw_audit_rows(layout_of(small(0)), rng).rows() == 0);

    auto rows = lay_out(layout, draw_values(rng, 137, 4), rng);
    REQUIRE(rows);
    REQUIRE(rows->rows() == 9);
    std::set<std::int32_t> seen;
    for (const std::int32_t digit : rows->expose_row(7).first(18)) seen.insert(digit);
    CHECK(seen.size() > 4);
    CHECK(rows->expose_row(7)[18] == 0);
}

TEST_CASE("row_matrix: what does not belong into the rows is refused", "[encoding]") {
    seeded_random rng(3);
    const matrix_layout layout = layout_of(small(flag_l2 | flag_audit));
    std::vector<std::int32_t> values(50, 0);
    REQUIRE(lay_out(layout, values, rng));
    CHECK(lay_out(layout, std::span(values).first(49), rng).error().check == 1);
    CHECK(lay_out(layout, std::span(values).first(49), rng).error().code == errc::mismatch);
    for (const std::int32_t bad : {32, -33}) {
        values[41] = bad;
        auto refused = lay_out(layout, values, rng);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::overflow);
        CHECK(refused.error().check == 2);
        CHECK(refused.error().place == "value 41");
    }
    // Sum of squares: 20000 = 19 x 32^2 + 23^2 + 3^2 + 2 x 1^2 + 2^2
    values.assign(50, 0);
    std::fill_n(values.begin(), 19, -32);
    values[19] = 23;
    values[20] = 3;
    values[21] = 1;
    values[22] = 1;
    REQUIRE(lay_out(layout, values, rng));
    values[23] = 2; // 19456 + 529 + 9 + 2 + 4 = 20000
    REQUIRE(lay_out(layout, values, rng));
    values[24] = 1;
    auto refused = lay_out(layout, values, rng);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::out_of_range);
    CHECK(refused.error().check == 3);
    CHECK(refused.error().what == "sum of squares above the norm bound");
}

TEST_CASE("row_matrix: moving leaves nothing behind and wiping overwrites", "[encoding]") {
    row_matrix rows(2, 3);
    rows.expose_row(1)[2] = 7;
    row_matrix moved(std::move(rows));
    CHECK(moved.rows() == 2);
    CHECK(moved.expose_row(1)[2] == 7);
    CHECK(rows.rows() == 0); // NOLINT(bugprone-use-after-move)
    moved.wipe();
    CHECK(moved.expose_row(1)[2] == 0);
}

TEST_CASE("row_packing: sums of packed rows unpack to sums of rows", "[encoding]") {
    seeded_random rng(4);
    for (const std::uint32_t flags : {0u, flag_audit}) {
        layout_parameters p = small(flags);
        p.b = 16;
        p.m = 100;
        p.d = 111;
        p.C = 50; // w = 23, S = 22: blocks of 22, 22 and 6 columns
        const matrix_layout layout = layout_of(p);
        REQUIRE(layout.blocks() == 3);
        std::vector<bigint> total(layout.ciphertexts(), bigint(0));
        std::vector<std::int64_t> sums(layout.rows() * layout.columns(), 0);
        std::uint64_t weights = 0;
        for (const std::uint64_t weight : {1u, 30u, 69u}) {
            auto rows = lay_out(layout, draw_values(rng, 111, 16), rng);
            REQUIRE(rows);
            auto packed = pack_rows(layout, *rows);
            REQUIRE(packed);
            REQUIRE(packed->expose().size() == total.size());
            for (std::size_t k = 0; k < total.size(); ++k)
                total[k] = total[k] + packed->expose()[k] * bigint(weight);
            for (std::size_t k = 0; k < sums.size(); ++k)
                sums[k] += static_cast<std::int64_t>(weight) * rows->expose()[k];
            weights += weight;
        }
        REQUIRE(layout.packing().admits(weights));
        auto opened = unpack_rows(layout, total);
        REQUIRE(opened);
        CHECK(*opened == sums);

        CHECK(unpack_rows(layout, std::span(total).first(total.size() - 1)).error().check == 1);
        total[5] = bigint(1) << (23 * 6); // the short block of row 1 overflows
        auto refused = unpack_rows(layout, total);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::overflow);
        CHECK(refused.error().check == 2);
        CHECK(refused.error().place == "ciphertext 5");
    }
}

TEST_CASE("row_packing: an entry outside its bits is refused with its row", "[encoding]") {
    const matrix_layout layout = layout_of(small(0));
    row_matrix rows(layout.rows(), layout.columns());
    REQUIRE(pack_rows(layout, rows));
    rows.expose_row(2)[4] = 32;
    auto refused = pack_rows(layout, rows);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::overflow);
    CHECK(refused.error().place == "row 2, value 4");
}
