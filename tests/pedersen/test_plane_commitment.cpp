// Commitments to rows, bit planes, single bits and masks, against sums of single multiplications.
#include "support/catch.hpp"
#include "support/ends_process.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/pedersen/plane_commitment.hpp>
#include <veilsum/pedersen/row_commitment.hpp>

#include <sodium/crypto_core_ristretto255.h>
#include <sodium/crypto_scalarmult_ristretto255.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

using namespace veilsum;
using group::point;
using group::scalar;
using scalars = secret<std::vector<scalar>>;
using test::seeded_random;

namespace {

// 0, 1 and l - 1 among them.
scalars drawn(seeded_random& rng, std::size_t count) {
    std::vector<scalar> out(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t kind = rng.below(8);
        out[i] = kind == 0   ? scalar::zero()
                 : kind == 1 ? scalar::one()
                 : kind == 2 ? -scalar::one()
                             : scalar::random(rng);
    }
    return scalars(std::move(out));
}
// The first rows hold least values, largest values, zeros and all ones; the others random values.
encoding::row_matrix drawn_rows(seeded_random& rng, std::size_t count, std::size_t columns, unsigned b) {
    const std::int32_t half = std::int32_t{1} << (b - 1);
    encoding::row_matrix rows(count, columns);
    for (std::size_t i = 0; i < count; ++i)
        for (std::int32_t& x : rows.expose_row(i)) {
            const auto any = static_cast<std::int32_t>(rng.below(std::uint64_t{1} << b)) - half;
            x = i == 0 ? -half : i == 1 ? half - 1 : i == 2 ? 0 : i == 3 ? -1 : any;
        }
    return rows;
}

// y = x + 2^(b-1), and the sum of the generators of its bits k.
point plane_of(const pedersen::generators& bases, std::span<const std::int32_t> row, unsigned b, unsigned k) {
    point sum;
    for (std::size_t c = 0; c < row.size(); ++c)
        if (((row[c] + (std::int32_t{1} << (b - 1))) >> k & 1) != 0) sum += bases.G(c);
    return sum;
}
point row_of(const pedersen::generators& bases, std::span<const std::int32_t> row) {
    point sum;
    for (std::size_t c = 0; c < row.size(); ++c) sum += scalar::from_i64(row[c]) * bases.G(c);
    return sum;
}

struct planes_case {
    unsigned b;
    std::size_t count, columns;
    pedersen::generators bases{columns};
    pedersen::plane_committer committer{bases};
    encoding::row_matrix rows;
    scalars r, rho;
    pedersen::committed_planes made;

    planes_case(seeded_random& rng, unsigned bits, std::size_t rows_, std::size_t columns_)
        : b(bits), count(rows_), columns(columns_), rows(drawn_rows(rng, count, columns, b)),
          r(drawn(rng, count)), rho(drawn(rng, count * (b - 1))),
          made(committer.commit_planes(rows, r, rho, b)) {}
};

} // namespace

TEST_CASE("plane_commitment: rows and planes are what the definition says", "[pedersen]") {
    seeded_random rng(1);
    struct shape {
        std::size_t rows, columns;
    };
    const std::vector<shape> shapes{{1, 1}, {9, 4}, {6, 13}};
    for (const unsigned b : {2u, 3u, 5u, 8u, 16u, 24u})
        for (const shape& of : shapes) {
            const planes_case on(rng, b, of.rows, of.columns);
            REQUIRE(on.made.rows.size() == on.count);
            REQUIRE(on.made.planes.size() == on.count * (b - 1));
            for (std::size_t i = 0; i < on.count; ++i) {
                const auto row = on.rows.expose_row(i);
                CHECK(on.made.rows[i] == row_of(on.bases, row) + on.r.expose()[i] * on.bases.H());
                CHECK(on.made.rows[i].encoding_known());
                for (unsigned k = 1; k < b; ++k) {
                    const std::size_t at = i * (b - 1) + k - 1;
                    CHECK(on.made.planes[at] ==
                          plane_of(on.bases, row, b, k) + on.rho.expose()[at] * on.bases.H());
                    CHECK(on.made.planes[at].encoding_known());
                }
            }
        }
}

// B_{i,0} = C_i + 2^(b-1) Gsum - sum_{k>=1} 2^k B_{i,k} opens to plane 0 with r_i - sum_{k>=1} 2^k rho_{i,k}.
TEST_CASE("plane_commitment: the plane that is not sent follows from the others", "[pedersen]") {
    seeded_random rng(2);
    for (const unsigned b : {2u, 3u, 5u, 8u, 16u, 24u}) {
        const planes_case on(rng, b, 7, 6);
        CHECK(on.committer.sum_of_generators() == group::sum(on.bases.all_G()));
        for (std::size_t i = 0; i < on.count; ++i) {
            point lowest = on.made.rows[i] +
                           scalar::from_u64(std::uint64_t{1} << (b - 1)) * on.committer.sum_of_generators();
            scalar blinding = on.r.expose()[i];
            for (unsigned k = 1; k < b; ++k) {
                const std::size_t at = i * (b - 1) + k - 1;
                const scalar weight = scalar::from_u64(std::uint64_t{1} << k);
                lowest -= weight * on.made.planes[at];
                blinding -= weight * on.rho.expose()[at];
            }
            CHECK(lowest == plane_of(on.bases, on.rows.expose_row(i), b, 0) + blinding * on.bases.H());
        }
    }
}

TEST_CASE("plane_commitment: rows are the row commitments", "[pedersen]") {
    seeded_random rng(3);
    const planes_case on(rng, 16, 10, 7);
    const auto rows = pedersen::commit_rows(on.bases, on.rows, on.r, 16);
    for (std::size_t i = 0; i < on.count; ++i) CHECK(on.made.rows[i].bytes() == rows[i].bytes());
}

TEST_CASE("plane_commitment: encodings agree with libsodium", "[pedersen]") {
    seeded_random rng(4);
    const planes_case on(rng, 5, 6, 3);
    const auto added = [](const byte_array<32>& a, const byte_array<32>& b) {
        byte_array<32> out{};
        REQUIRE(crypto_core_ristretto255_add(out.data(), a.data(), b.data()) == 0);
        return out;
    };
    const auto times = [](const scalar& x, const point& p) {
        byte_array<32> out{}; // stays the identity where libsodium reports it
        const int failed = crypto_scalarmult_ristretto255(out.data(), x.bytes().data(), p.bytes().data());
        REQUIRE((failed != 0) == (x == scalar::zero()));
        return out;
    };
    for (std::size_t i = 0; i < on.count; ++i) {
        const auto row = on.rows.expose_row(i);
        byte_array<32> expected = times(on.r.expose()[i], on.bases.H());
        for (std::size_t c = 0; c < row.size(); ++c)
            expected = added(expected, times(scalar::from_i64(row[c]), on.bases.G(c)));
        CHECK(on.made.rows[i].bytes() == expected);
        for (unsigned k = 1; k < on.b; ++k) {
            const std::size_t at = i * (on.b - 1) + k - 1;
            expected = times(on.rho.expose()[at], on.bases.H());
            for (std::size_t c = 0; c < row.size(); ++c)
                if (((row[c] + 16) >> k & 1) != 0) expected = added(expected, on.bases.G(c).bytes());
            CHECK(on.made.planes[at].bytes() == expected);
        }
    }
}

TEST_CASE("plane_commitment: single bits and full scalars", "[pedersen]") {
    seeded_random rng(5);
    for (const std::size_t columns : {1u, 5u, 11u}) {
        const pedersen::generators bases(columns);
        const pedersen::plane_committer committer(columns);
        const secret<scalar> r(scalar::random(rng));
        for (int kind = 0; kind < 3; ++kind) { // none, all, some
            bytes bits(columns);
            point expected = r.expose() * bases.H();
            for (std::size_t c = 0; c < columns; ++c) {
                bits[c] =
                    static_cast<std::uint8_t>(kind == 2 ? rng.below(2) : static_cast<std::uint64_t>(kind));
                if (bits[c] != 0) expected += bases.G(c);
            }
            const point made = committer.commit_bits(secret<bytes>(std::move(bits)), r);
            CHECK(made == expected);
            CHECK(made.encoding_known());
        }
        for (int kind = 0; kind < 3; ++kind) { // zeros, l - 1, mixed
            scalars x = drawn(rng, columns);
            for (scalar& each : x.expose())
                each = kind == 0 ? scalar::zero() : kind == 1 ? -scalar::one() : each;
            point expected = r.expose() * bases.H();
            for (std::size_t c = 0; c < columns; ++c) expected += x.expose()[c] * bases.G(c);
            const point made = committer.commit(x, r);
            CHECK(made == expected);
            CHECK(made.encoding_known());
            CHECK(committer.times_H(x.expose()[0]) == x.expose()[0] * bases.H());
        }
    }
}

TEST_CASE("plane_commitment: a copy commits alike", "[pedersen]") {
    seeded_random rng(6);
    planes_case on(rng, 8, 3, 6);
    const pedersen::plane_committer copy = on.committer;
    on.committer = pedersen::plane_committer(2);
    const auto again = copy.commit_planes(on.rows, on.r, on.rho, 8);
    CHECK(again.rows == on.made.rows);
    CHECK(again.planes == on.made.planes);
    CHECK(copy.bases().columns() == 6);
}

TEST_CASE("plane_commitment: broken contracts end the process", "[pedersen]") {
    seeded_random rng(7);
    // Refused before any thread starts: a forked child has none of OpenMP's.
    const pedersen::plane_committer committer(3);
    const auto ends = [&](std::int32_t value, std::size_t columns, std::size_t r, std::size_t rho,
                          unsigned b) {
        encoding::row_matrix rows(2, columns);
        rows.expose()[1] = value;
        const scalars of_rows = drawn(rng, r), of_planes = drawn(rng, rho);
        return test::ends_process([&] { (void)committer.commit_planes(rows, of_rows, of_planes, b); });
    };
    CHECK(ends(128, 3, 2, 14, 8));
    CHECK(ends(-129, 3, 2, 14, 8));
    CHECK(ends(1, 4, 2, 14, 8));
    CHECK(ends(1, 3, 1, 14, 8));
    CHECK(ends(1, 3, 2, 13, 8));
    CHECK(ends(0, 3, 2, 0, 1));
    CHECK(ends(1, 3, 2, 48, 25));
    const secret<scalar> r(scalar::random(rng));
    CHECK(test::ends_process([&] { (void)committer.commit_bits(secret(bytes{0, 2, 1}), r); }));
    CHECK(test::ends_process([&] { (void)committer.commit_bits(secret(bytes{0, 1}), r); }));
    CHECK(test::ends_process([&] { (void)committer.commit(drawn(rng, 2), r); }));
}
