// Row commitments: the definition, hiding and adding, openings of aggregates, and every way to open them
// wrongly.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/pedersen/row_commitment.hpp>
#include <veilsum/pedersen/row_digest.hpp>

#include <limits>
#include <string>
#include <vector>

using namespace veilsum;
using namespace veilsum::pedersen;
using group::point;
using group::scalar;
using veilsum::tests::seeded_random;

namespace {

// The definition: one multiplication a value.
point by_definition(const generators& bases, std::span<const std::int32_t> values, const scalar& blinding) {
    point sum = blinding * bases.H();
    for (std::size_t c = 0; c < values.size(); ++c) sum += scalar::from_i64(values[c]) * bases.G(c);
    return sum;
}

std::vector<std::int32_t> draw_values(seeded_random& rng, std::size_t count, unsigned b) {
    std::vector<std::int32_t> values(count);
    for (std::int32_t& value : values)
        value = static_cast<std::int32_t>(rng.word() >> (64 - b)) - (std::int32_t{1} << (b - 1));
    return values;
}

secret<std::vector<scalar>> draw_blindings(seeded_random& rng, std::size_t count) {
    std::vector<scalar> blindings(count);
    for (scalar& blinding : blindings) blinding = scalar::random(rng);
    return secret<std::vector<scalar>>(std::move(blindings));
}

row_commitment parsed(const std::string& hex) {
    auto row = row_commitment::parse(*from_hex(hex));
    REQUIRE(row);
    return *row;
}

// Three clients with weights 1, 5 and 2, their summed commitments and the opening.
struct aggregate {
    static constexpr std::size_t columns = 9;
    static constexpr std::size_t count = 6;
    generators bases{columns};
    std::vector<row_commitment> rows{count, row_commitment::zero()};
    std::vector<std::int64_t> sums = std::vector<std::int64_t>(count * columns, 0);
    std::vector<scalar> blindings = std::vector<scalar>(count);

    explicit aggregate(seeded_random& rng) {
        for (const std::uint64_t weight : {1u, 5u, 2u}) {
            const auto values = draw_values(rng, count * columns, 16);
            const auto own = draw_blindings(rng, count);
            const auto committed = commit_rows(bases, values, columns, own, 16);
            for (std::size_t i = 0; i < count; ++i) {
                rows[i] = add(rows[i], scale(committed[i], weight));
                blindings[i] += scalar::from_u64(weight) * own.expose()[i];
            }
            for (std::size_t j = 0; j < sums.size(); ++j)
                sums[j] += static_cast<std::int64_t>(weight) * values[j];
        }
    }
};

} // namespace

TEST_CASE("row_commitment: fixed vectors of an independent model", "[pedersen]") {
    const auto blinding =
        scalar::from_bytes(*from_hex("069b483bdfe9293e09e0ca9d9441d0320ef254df415be6de0b1e7c672ca3000c"));
    REQUIRE(blinding);
    const generators bases(5);
    const row_commitment first =
        commit(bases, std::vector<std::int32_t>{0, 1, -1, 32767, -32768}, secret<scalar>(scalar(*blinding)));
    CHECK(to_hex(first.bytes()) == "aef5f8283e6ce870e3b7449394d41e6e59a3df264ea217d96091bd5015027009");
    const row_commitment second = commit(bases, std::vector<std::int32_t>{-8388608, 8388607, 5, -7, 123456},
                                         secret<scalar>(scalar::one()));
    CHECK(to_hex(second.bytes()) == "d8689963849470ad92ecb1a93b2b587b11bcb9dca39cb46cc425e3a3a71d5259");
    CHECK(to_hex(row_digest(std::vector<row_commitment>{first, second})) ==
          "5264775d72d844ad89d9e52c62fd7c9170d8e7e7b9d48f0ce741365ccb7119cb"
          "a2114bac69f47426a81388cabc22b2f8655b0b09db17e901bdd86e506a25d87a");
}

TEST_CASE("row_commitment: one row equals the definition", "[pedersen]") {
    seeded_random rng(1);
    for (const std::size_t columns : {1u, 2u, 8u, 9u, 17u, 40u}) {
        const generators bases(columns);
        const auto values = draw_values(rng, columns, 24);
        const auto blindings = draw_blindings(rng, 1);
        const point expected = by_definition(bases, values, blindings.expose()[0]);
        CHECK(commit(bases, values, secret<scalar>(scalar(blindings.expose()[0]))).value() == expected);
        CHECK(commit_rows(bases, values, columns, blindings)[0].value() == expected);
    }
}

TEST_CASE("row_commitment: sums by planes equal sums by multiplications", "[pedersen]") {
    seeded_random rng(2);
    for (const unsigned b : {2u, 8u, 16u, 24u})
        for (const std::size_t columns : {1u, 5u, 11u}) {
            const std::size_t rows = 3 + columns;
            const generators bases(columns);
            auto values = draw_values(rng, rows * columns, b);
            const std::int32_t half = std::int32_t{1} << (b - 1);
            std::fill_n(values.begin(), columns, -half);
            std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(columns), columns, half - 1);
            std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(2 * columns), columns, 0);
            const auto sums = group::small_multiples(bases.tables(), values, columns, b);
            REQUIRE(sums.expose().size() == rows);
            for (const std::size_t i : {std::size_t{0}, std::size_t{1}, std::size_t{2}, rows / 2, rows - 1})
                CHECK(sums.expose()[i] ==
                      by_definition(bases,
                                    std::span<const std::int32_t>(values).subspan(i * columns, columns),
                                    scalar::zero()));
        }
}

// The smallest and largest blindings, for every number of bits of a value.
TEST_CASE("row_commitment: values of every length and all blindings equal multiplications", "[pedersen]") {
    seeded_random rng(11);
    const generators bases(3);
    for (unsigned b = 2; b <= 24; ++b) {
        std::vector<scalar> own{scalar::zero(), scalar::one(), -scalar::one(), scalar::random(rng)};
        own.push_back(scalar::from_u64(std::uint64_t{1} << (b - 1)));
        const auto values = draw_values(rng, 3 * own.size(), b);
        const secret<std::vector<scalar>> blindings{std::vector<scalar>(own)};
        const auto rows = commit_rows(bases, values, 3, blindings, b);
        REQUIRE(rows.size() == own.size());
        for (std::size_t i = 0; i < own.size(); ++i) {
            const auto row = std::span<const std::int32_t>(values).subspan(3 * i, 3);
            CHECK(rows[i].value() == by_definition(bases, row, own[i]));
            CHECK(rows[i].bytes() == by_definition(bases, row, own[i]).bytes());
        }
    }
}

TEST_CASE("row_commitment: the same row with another blinding is another commitment", "[pedersen]") {
    seeded_random rng(3);
    const generators bases(4);
    const std::vector<std::int32_t> values{1, -2, 3, -4};
    const row_commitment a = commit(bases, values, secret<scalar>(scalar::from_u64(1)));
    const row_commitment b = commit(bases, values, secret<scalar>(scalar::from_u64(2)));
    CHECK_FALSE(a == b);
    CHECK(b.value() - a.value() == bases.H());
}

TEST_CASE("row_commitment: commitments add and scale like what they hold", "[pedersen]") {
    seeded_random rng(4);
    const generators bases(12);
    const auto u = draw_values(rng, 12, 10);
    const auto v = draw_values(rng, 12, 10);
    std::vector<std::int32_t> w(12);
    for (std::size_t c = 0; c < 12; ++c) w[c] = u[c] + 7 * v[c];
    const scalar r = scalar::random(rng);
    const scalar s = scalar::random(rng);
    const row_commitment of_u = commit(bases, u, secret<scalar>(scalar(r)));
    const row_commitment of_v = commit(bases, v, secret<scalar>(scalar(s)));
    const row_commitment of_w = commit(bases, w, secret<scalar>(r + scalar::from_u64(7) * s));
    CHECK(add(of_u, scale(of_v, 7)) == of_w);
    CHECK(scale(of_v, 1) == of_v);
    CHECK(scale(of_v, 0) == row_commitment::zero());
    CHECK(add(of_u, row_commitment::zero()) == of_u);
}

TEST_CASE("row_commitment: parsing refuses the identity and malformed points", "[pedersen]") {
    const std::string base = "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76";
    CHECK(to_hex(parsed(base).bytes()) == base);
    auto identity = row_commitment::parse(bytes(32, 0));
    REQUIRE_FALSE(identity);
    CHECK(identity.error().code == errc::malformed);
    CHECK(identity.error().what == "row commitment is the identity");
    for (const char* text : {"00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                             "0100000000000000000000000000000000000000000000000000000000000000",
                             "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
                             "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
                             "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
        auto refused = row_commitment::parse(*from_hex(text));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().what == "point encoding");
    }
    CHECK(row_commitment::parse(bytes(31, 1)).error().what == "point length");
}

TEST_CASE("row_commitment: a list has exactly the receiver's count and names the bad row", "[pedersen]") {
    bytes data;
    for (std::uint64_t k = 1; k <= 5; ++k) {
        const byte_array<32> encoded = point::from_scalar_base(scalar::from_u64(k)).bytes();
        data.insert(data.end(), encoded.begin(), encoded.end());
    }
    auto rows = parse_rows(data, 5);
    REQUIRE(rows);
    for (std::uint64_t k = 1; k <= 5; ++k)
        CHECK((*rows)[k - 1].value() == point::from_scalar_base(scalar::from_u64(k)));
    CHECK(parse_rows({}, 0)->empty());
    for (const std::size_t count : {0u, 4u, 6u})
        CHECK(parse_rows(data, count).error().what == "length of the row commitments");
    CHECK(parse_rows(byte_view(data).first(159), 5).error().what == "length of the row commitments");
    std::fill_n(data.begin() + 96, 32, std::uint8_t{0});
    data[32 * 4 + 31] = 255;
    auto refused = parse_rows(data, 5);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what == "row commitment is the identity");
    CHECK(refused.error().place == "row 3");
}

TEST_CASE("check_openings: the opening of a weighted aggregate is accepted", "[pedersen]") {
    seeded_random rng(5);
    const aggregate round(rng);
    CHECK(check_openings(round.bases, round.rows, round.sums, round.blindings, rng));
    // Any single row too.
    for (const std::size_t i : {std::size_t{0}, aggregate::count - 1})
        CHECK(check_openings(round.bases, std::span(round.rows).subspan(i, 1),
                             std::span(round.sums).subspan(i * aggregate::columns, aggregate::columns),
                             std::span(round.blindings).subspan(i, 1), rng));
}

TEST_CASE("check_openings: the largest sums that a layout can hold are handled exactly", "[pedersen]") {
    seeded_random rng(6);
    const generators bases(3);
    const std::int64_t largest = std::int64_t{1} << 47;
    const std::vector<std::int64_t> sums{largest, -largest, 0, -largest, largest, -1};
    std::vector<row_commitment> rows;
    std::vector<scalar> blindings;
    for (std::size_t i = 0; i < 2; ++i) {
        blindings.push_back(scalar::random(rng));
        point sum = blindings[i] * bases.H();
        for (std::size_t c = 0; c < 3; ++c) sum += scalar::from_i64(sums[3 * i + c]) * bases.G(c);
        rows.emplace_back(sum);
    }
    CHECK(check_openings(bases, rows, sums, blindings, rng));
    for (const std::int64_t beyond : {largest + 1, -largest - 1, std::numeric_limits<std::int64_t>::min()}) {
        auto changed = sums;
        changed[4] = beyond;
        auto refused = check_openings(bases, rows, changed, blindings, rng);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::out_of_range);
        CHECK(refused.error().check == 3);
        CHECK(refused.error().place == "row 1");
    }
}

TEST_CASE("check_openings: one sum off by one is found in its row", "[pedersen]") {
    seeded_random rng(7);
    const aggregate round(rng);
    for (std::size_t row = 0; row < aggregate::count; ++row) {
        auto sums = round.sums;
        sums[row * aggregate::columns + rng.below(aggregate::columns)] += row % 2 == 0 ? 1 : -1;
        auto refused = check_openings(round.bases, round.rows, sums, round.blindings, rng);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::mismatch);
        CHECK(refused.error().what == "opening of the row commitments");
        CHECK(refused.error().check == 4);
        CHECK(refused.error().place == "row " + std::to_string(row));
    }
}

TEST_CASE("check_openings: a wrong blinding, commitment or order is found in its row", "[pedersen]") {
    seeded_random rng(8);
    const aggregate round(rng);
    const auto refused_at = [&](const std::vector<row_commitment>& rows,
                                const std::vector<std::int64_t>& sums, const std::vector<scalar>& blindings) {
        auto refused = check_openings(round.bases, rows, sums, blindings, rng);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().check == 4);
        return refused.error().place;
    };
    auto blindings = round.blindings;
    blindings[2] += scalar::one();
    CHECK(refused_at(round.rows, round.sums, blindings) == "row 2");
    blindings[4] += scalar::one(); // the first of several wrong rows is named
    CHECK(refused_at(round.rows, round.sums, blindings) == "row 2");

    auto rows = round.rows;
    rows[5] = add(rows[5], row_commitment(point::base())); // a list with something added
    CHECK(refused_at(rows, round.sums, round.blindings) == "row 5");
    rows = round.rows;
    std::swap(rows[1], rows[3]);
    CHECK(refused_at(rows, round.sums, round.blindings) == "row 1");

    // Errors that cancel in an unweighted sum over the rows do not cancel here.
    auto sums = round.sums;
    sums[0] += 1;
    sums[aggregate::columns] -= 1;
    CHECK(refused_at(round.rows, sums, round.blindings) == "row 0");
    // Two columns exchanged.
    sums = round.sums;
    std::swap(sums[3 * aggregate::columns], sums[3 * aggregate::columns + 1]);
    CHECK(refused_at(round.rows, sums, round.blindings) == "row 3");
}

TEST_CASE("check_openings: a client left out or counted twice is refused", "[pedersen]") {
    seeded_random rng(9);
    const aggregate round(rng);
    const auto values = draw_values(rng, aggregate::count * aggregate::columns, 16);
    const auto blindings = draw_blindings(rng, aggregate::count);
    const auto extra = commit_rows(round.bases, values, aggregate::columns, blindings, 16);
    auto rows = round.rows;
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = add(rows[i], extra[i]);
    auto refused = check_openings(round.bases, rows, round.sums, round.blindings, rng);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().place == "row 0");
}

TEST_CASE("check_openings: empty and ill-shaped openings are no success", "[pedersen]") {
    seeded_random rng(10);
    const aggregate round(rng);
    auto empty = check_openings(round.bases, {}, {}, {}, rng);
    REQUIRE_FALSE(empty);
    CHECK(empty.error().code == errc::missing);
    CHECK(empty.error().check == 1);
    const std::span all_sums(round.sums);
    auto short_sums =
        check_openings(round.bases, round.rows, all_sums.first(all_sums.size() - 1), round.blindings, rng);
    REQUIRE_FALSE(short_sums);
    CHECK(short_sums.error().what == "number of opened sums");
    CHECK(short_sums.error().check == 2);
    auto row_missing =
        check_openings(round.bases, std::span(round.rows).first(5), round.sums, round.blindings, rng);
    REQUIRE_FALSE(row_missing);
    CHECK(row_missing.error().what == "number of opened sums");
    auto short_blindings =
        check_openings(round.bases, round.rows, round.sums, std::span(round.blindings).first(5), rng);
    REQUIRE_FALSE(short_blindings);
    CHECK(short_blindings.error().what == "number of opened blindings");
}

TEST_CASE("generators: shared, cached and a prefix of one sequence", "[pedersen]") {
    const generators few(3);
    const generators more(10);
    REQUIRE(few.columns() == 3);
    for (std::size_t c = 0; c < 3; ++c) CHECK(few.G(c) == more.G(c));
    for (std::uint32_t c = 0; c < 10; ++c) CHECK(more.G(c) == group::generator("G", c));
    CHECK(few.H() == group::generator("H", 0));
    const generators copy = more;
    CHECK(copy.all_G().data() == more.all_G().data());
}

// Field 1 of the specification's three example submissions, whose makers are another program.
TEST_CASE("row_digest: the digests of the example submissions", "[pedersen]") {
    const auto digest = [](const std::vector<std::string>& rows) {
        std::vector<row_commitment> all;
        for (const std::string& row : rows) all.push_back(parsed(row));
        return to_hex(row_digest(all));
    };
    CHECK(digest({"b6024cb924c253d3a85cff61de75f5ff997aac51ec3e2c5211e4103a65314c7a",
                  "70bd0d08a8247bf14e30398c5a626db721d00ed38c625aa7f7ea8010f6be6e25",
                  "8cc9b31c5b51ac1301c493c8025cca4434a31a875e68a54d88feb749c81d4674"}) ==
          "0a2b8d617194d2ee00695ffe1134bd4a3bf3a1e68b70f3bc4c3b93fa44f7824d"
          "eef64c153f8c022974123d88289ca0d642a27d6164df06e4efde2431350c04c4");
    CHECK(digest({"402eb2bb3ea154e2e459d1a882ca39125daa92019fa639a25284a5471e8cec69",
                  "1e41a426ab41c7612fa3fff74a222675590d70390cc309c9f4d5cb58f6448673",
                  "ec945222f9088672cbcdf84f881350265b5467d2a40990d6809dc3e06504053d"}) ==
          "38e69504a11e94c6eed3e59a8a4caefd6658a2863a95c40dda17f15917c6666c"
          "b782cc376348741fbe971e40cf78074c42591701c0bdf5c815c06389d2777726");
    CHECK(digest({"984c9ab94754e9ebb63a75e004ce303bda685445e53806c5d09c93dfc26af439",
                  "66eff76f574d1bd15269ddf0087813248626244e85b61ccaca42c0c831774d24"}) ==
          "7b8e00af803a8e537480c7e4fb1736352439317fea02efef36edd06700ea9658"
          "f379095fb5c518bf0f7c8c6d0dc48b346efd1efe98ee94a517eff3fa2222e66b");
    // The count is part of it.
    CHECK(row_digest(std::vector<row_commitment>{}) !=
          row_digest(std::vector<row_commitment>{row_commitment::zero()}));
}
