// Row blindings from digits: vectors, linearity, and an audit from rows to opening.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/encoding/row_packing.hpp>
#include <veilsum/pedersen/audit_weights.hpp>
#include <veilsum/pedersen/row_commitment.hpp>

#include <string>
#include <vector>

using namespace veilsum;
using namespace veilsum::pedersen;
using group::scalar;
using veilsum::tests::seeded_random;

namespace {

constexpr encoding::layout_floors small_keys{512, 64, 1};

encoding::matrix_layout small_layout(std::uint32_t flags, std::uint32_t md) {
    encoding::layout_parameters p;
    p.nbits = 512;
    p.b = 6;
    p.m = 6;
    p.wmax = 3;
    p.d = 50;
    p.C = 20;
    p.flags = flags;
    p.a = 64;
    p.md = md;
    auto layout = encoding::matrix_layout::create(p, small_keys);
    REQUIRE(layout);
    return *layout;
}

// The values of the specification's first example, rows of 20, and audit digits 7c + 3 mod 64 - 32.
encoding::row_matrix example_rows() {
    const std::vector<std::int32_t> values{0,   6,   -15, 13, -1, -13, -6, -9,  7,   14, -1, 8,  -10,
                                           -1,  -16, -3,  10, 1,  -5,  8,  -6,  -12, -8, 12, -8, -8,
                                           -16, -16, -3,  -3, -6, -6,  2,  4,   -4,  -3, -5, -4, 8,
                                           3,   -15, 7,   10, -6, -7,  0,  -12, 5,   3,  -16};
    encoding::row_matrix rows(4, 20);
    std::copy(values.begin(), values.end(), rows.expose().begin());
    for (std::size_t c = 0; c < 20; ++c)
        rows.expose_row(3)[c] = static_cast<std::int32_t>((7 * c + 3) % 64) - 32;
    return rows;
}

} // namespace

// From an independent model of the specification.
TEST_CASE("audit_weights: weights, blindings and commitments equal those of the model", "[pedersen]") {
    CHECK(to_hex(audit_weight(0).bytes()) ==
          "f48f16a23c5ac064845f9b56049dc9060770b6ff50a71517dabfd0d724351000");
    CHECK(to_hex(audit_weight(1).bytes()) ==
          "208bef6f23e72871c86f1e7ec1f61ccbcbb01c2faae434f6032ac55420ad8200");
    CHECK(to_hex(audit_weight(28).bytes()) ==
          "7059baf32ac26d246c1885a90dbc99879484bf3145b910aecbd031b8ea3c9d05");

    const encoding::matrix_layout layout = small_layout(encoding::flag_audit, 5);
    const encoding::row_matrix rows = example_rows();
    const auto blindings = row_blindings(layout, rows);
    REQUIRE(blindings.expose().size() == 4);
    CHECK(to_hex(blindings.expose()[0].bytes()) ==
          "724fd4d8f1aad7e7b7c7efddb0d70bd837f36ac2617da60376097fa032ad7d02");
    CHECK(to_hex(blindings.expose()[1].bytes()) ==
          "ed32d88c98c0ea7a130ee72fcb24941c5374859b595a01efbf1c79b8a76fa104");
    CHECK(to_hex(blindings.expose()[2].bytes()) ==
          "d66a5ddc9f4f5211800364471f8b532c08d97c6fc849fe37c094d7333930c60d");
    CHECK(blindings.expose()[3].is_zero());

    const auto committed = commit_rows(generators(20), rows, blindings, layout.value_bits());
    REQUIRE(committed.size() == 4);
    CHECK(to_hex(committed[0].bytes()) == "ee2709ca74b3d101c60363625d4f66afc1b576d23d6ec178a76f82bbfe35220a");
    CHECK(to_hex(committed[1].bytes()) == "d0c59e95bd165253b3db337b72e77e3c8e5bc8f7ec0e1e083178f89c22c8fd18");
    CHECK(to_hex(committed[2].bytes()) == "c01aa520b5ecb469a3ff08ba963005e04bbb12e27ca870759b84a4cc7898175b");
    CHECK(to_hex(committed[3].bytes()) == "2e2d28be2204fe93272d7bd84a8adda636ec3ab4b5db7388b93e1fe7f9225009");
}

TEST_CASE("audit_weights: only a row's own digits move its blinding", "[pedersen]") {
    const encoding::matrix_layout layout = small_layout(encoding::flag_audit, 5);
    const auto original = row_blindings(layout, example_rows());
    for (std::size_t row = 2; row < 4; ++row)
        for (std::size_t c = 0; c < 20; c += row == 3 ? 1 : 7) {
            encoding::row_matrix rows = example_rows();
            rows.expose_row(row)[c] += 1;
            const auto moved = row_blindings(layout, rows);
            for (std::size_t i = 0; i < 4; ++i) {
                const bool own = row == 3 && i < 3 && c / 5 == i + 1;
                CHECK((moved.expose()[i] == original.expose()[i]) == !own);
                if (own)
                    CHECK(moved.expose()[i] - original.expose()[i] ==
                          audit_weight(static_cast<std::uint32_t>(c % 5)));
            }
        }
}

TEST_CASE("audit_weights: a weighted round opens from its decrypted sums alone", "[pedersen]") {
    seeded_random rng(1);
    const encoding::matrix_layout layout = small_layout(encoding::flag_audit, 4);
    const generators bases(layout.columns());
    const std::size_t data_rows = layout.data_rows();
    std::vector<encoding::bigint> plaintexts(layout.ciphertexts(), encoding::bigint(0));
    std::vector<row_commitment> totals(data_rows, row_commitment::zero());
    for (const std::uint64_t weight : {1u, 3u, 2u}) {
        std::vector<std::int32_t> values(layout.values());
        for (std::int32_t& value : values) value = static_cast<std::int32_t>(rng.below(64)) - 32;
        auto rows = encoding::lay_out(layout, values, rng);
        REQUIRE(rows);
        const auto committed = commit_rows(bases, *rows, row_blindings(layout, *rows), layout.value_bits());
        for (std::size_t i = 0; i < data_rows; ++i) totals[i] = add(totals[i], scale(committed[i], weight));
        auto packed = encoding::pack_rows(layout, *rows);
        REQUIRE(packed);
        for (std::size_t k = 0; k < plaintexts.size(); ++k)
            plaintexts[k] = plaintexts[k] + packed->expose()[k] * encoding::bigint(weight);
    }
    auto sums = encoding::unpack_rows(layout, plaintexts);
    REQUIRE(sums);
    REQUIRE(encoding::check_sum_range(*sums, layout.value_bits(), 6));
    const std::vector<scalar> blindings = summed_blindings(layout, *sums);
    REQUIRE(blindings.size() == data_rows);
    const auto opened = std::span(*sums).first(data_rows * layout.columns());
    CHECK(check_openings(bases, totals, opened, blindings, rng));

    // A digit sum off by one gives a wrong blinding for its row, and only there.
    const encoding::matrix_position at = layout.digit_position(1, 2);
    (*sums)[at.row * layout.columns() + at.column] += 1;
    auto refused = check_openings(bases, totals, opened, summed_blindings(layout, *sums), rng);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().check == 4);
    CHECK(refused.error().place == "row 1");
}

TEST_CASE("audit_weights: without AUDIT blindings are fresh for every row", "[pedersen]") {
    seeded_random rng(2);
    const encoding::matrix_layout layout = small_layout(0, 0);
    const auto first = draw_blindings(layout, rng);
    const auto second = draw_blindings(layout, rng);
    REQUIRE(first.expose().size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK_FALSE(first.expose()[i].is_zero());
        CHECK_FALSE(first.expose()[i] == second.expose()[i]);
        CHECK_FALSE(first.expose()[i] == first.expose()[(i + 1) % 3]);
    }
}
