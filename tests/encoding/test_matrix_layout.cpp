// The derived numbers of a layout, each of its rules, the positions of digits, and the recommended columns.
#include "support/catch.hpp"

#include <veilsum/encoding/matrix_layout.hpp>

#include <set>
#include <utility>

using namespace veilsum;
using namespace veilsum::encoding;

namespace {

constexpr layout_floors small_keys{512, 64, 1};

// The sizes of a real round: 3072 bits, 100 clients, both options.
layout_parameters usual() {
    layout_parameters p;
    p.nbits = 3072;
    p.b = 16;
    p.m = 4096;
    p.wmax = 1;
    p.d = 252398;
    p.C = 1417;
    p.flags = flag_l2 | flag_audit;
    p.a = 512;
    p.md = 29;
    p.B2 = norm_bound_bytes(std::uint64_t{1} << 40);
    return p;
}

std::uint32_t refused_rule(const layout_parameters& p, const layout_floors& floors = {}) {
    auto layout = matrix_layout::create(p, floors);
    REQUIRE_FALSE(layout);
    CHECK(layout.error().code == errc::bad_parameter);
    return layout.error().check;
}

} // namespace

// Parameters, derived numbers and digests of three sets, from an independent model of the specification.
TEST_CASE("matrix_layout: derived numbers and digests equal those of the model", "[encoding]") {
    struct vector {
        std::uint32_t b, m, d, C, flags, md;
        std::uint64_t B2;
        std::size_t w, S, J, K, Ka, Kt, t, Kg, kp, kr, kc, nu, kt, zbits, zlen;
        std::string digest;
    };
    const std::vector<vector> vectors{
        {6,
         6,
         50,
         20,
         3,
         5,
         20000,
         9,
         56,
         1,
         3,
         1,
         4,
         15,
         5,
         3,
         3,
         5,
         11,
         3,
         323,
         41,
         "0369cc0975407f8afbd5c3eb631dd792e2a6e6fe21cfe81938ec7087ac7e3474"
         "94ea436d45da9c084a5790cc4a5a9f7264257fb1dfd88f1dea33f9e3f2f54f0a"},
        {8,
         3,
         31,
         13,
         0,
         0,
         0,
         10,
         51,
         1,
         3,
         0,
         3,
         0,
         3,
         3,
         2,
         4,
         9,
         2,
         322,
         41,
         "995199aebb0d9cd79bdc596c224a4d4bb98bdfc0d0894a4f8d0cb7757653c5f2"
         "387355dfb0cf5ec17daa07f74ed8ea86e92a0efff2514ec9f4c8365e92c63d52"},
        {16,
         4096,
         70,
         40,
         1,
         0,
         18790481920,
         28,
         18,
         3,
         2,
         0,
         2,
         35,
         3,
         4,
         2,
         6,
         12,
         2,
         322,
         41,
         "da93658cf4ed8fe73c0ff7cea92606e7bd8b87f586a95aa7ce44f76c166e51eb"
         "bac680874d1ba7ee0a430fa4005a8a97cd3178a6d55615c0de9c733bcf17c87e"},
    };
    for (const vector& v : vectors) {
        layout_parameters p;
        p.nbits = 512;
        p.b = v.b;
        p.m = v.m;
        p.d = v.d;
        p.C = v.C;
        p.flags = v.flags;
        p.a = 64;
        p.md = v.md;
        p.B2 = norm_bound_bytes(v.B2);
        auto layout = matrix_layout::create(p, small_keys);
        REQUIRE(layout);
        CHECK(layout->slot_width() == v.w);
        CHECK(layout->slots() == v.S);
        CHECK(layout->blocks() == v.J);
        CHECK(layout->data_rows() == v.K);
        CHECK(layout->audit_rows() == v.Ka);
        CHECK(layout->rows() == v.Kt);
        CHECK(layout->slack_bits() == v.t);
        CHECK(layout->cube_rows() == v.Kg);
        CHECK(layout->plane_variables() == v.kp);
        CHECK(layout->row_variables() == v.kr);
        CHECK(layout->column_variables() == v.kc);
        CHECK(layout->variables() == v.nu);
        CHECK(layout->row_count_bits() == v.kt);
        CHECK(layout->exponent_response_bits() == v.zbits);
        CHECK(layout->exponent_response_bytes() == v.zlen);
        CHECK(layout->ciphertext_bytes() == 128);
        CHECK(layout->ciphertexts() == v.Kt * v.J);
        CHECK(to_hex(layout->digest()) == v.digest);
    }
}

TEST_CASE("matrix_layout: a full-size round has the sizes of the specification", "[encoding]") {
    auto layout = matrix_layout::create(usual());
    REQUIRE(layout);
    CHECK(layout->slots() == 109);
    CHECK(layout->blocks() == 13);
    CHECK(layout->data_rows() == 179);
    CHECK(layout->audit_rows() == 4);
    CHECK(layout->digit_groups() == 47);
    CHECK(layout->exponent_response_bits() == 776);
    CHECK(layout->largest_value_shift() == bigint(183) * ((bigint(1) << 128) - 1) * (bigint(1) << 15));
    CHECK(layout->largest_exponent_shift() ==
          bigint(183) * ((bigint(1) << 128) - 1) * ((bigint(1) << 512) - 1));
    for (std::size_t j = 0; j < 13; ++j) CHECK(layout->block_length(j) == 109);

    layout_parameters uneven = usual();
    uneven.C = 1400; // 12 full blocks and one of 92 columns
    auto short_block = matrix_layout::create(uneven);
    REQUIRE(short_block);
    CHECK(short_block->blocks() == 13);
    CHECK(short_block->block_length(11) == 109);
    CHECK(short_block->block_length(12) == 92);
    CHECK(short_block->first_column(12) == 1308);
}

TEST_CASE("matrix_layout: every rule refuses with its own number", "[encoding]") {
    REQUIRE(matrix_layout::create(usual()));
    const auto rule = [](auto change) {
        layout_parameters p = usual();
        change(p);
        return refused_rule(p);
    };
    using P = layout_parameters;
    CHECK(rule([](P& p) { p.nbits = 2047; }) == 1);
    CHECK(rule([](P& p) { p.nbits = 512; }) == 1);
    CHECK(rule([](P& p) { p.nbits = 4097; }) == 1);
    CHECK(rule([](P& p) { p.b = 1; }) == 2);
    CHECK(rule([](P& p) { p.b = 25; }) == 2);
    CHECK(rule([](P& p) { p.wmax = 0; }) == 3);
    CHECK(rule([](P& p) { p.wmax = p.m + 1; }) == 3);
    CHECK(rule([](P& p) { p.m = 0; }) == 3);
    CHECK(rule([](P& p) { p.m = (1u << 24) + 1; }) == 3);
    CHECK(rule([](P& p) { p.d = 0; }) == 4);
    CHECK(rule([](P& p) { p.C = 0; }) == 5);
    CHECK(rule([](P& p) { p.C = 4097; }) == 5);
    CHECK(rule([](P& p) { p.a = 255; }) == 7);
    CHECK(rule([](P& p) { p.a = p.nbits + 129; }) == 7);
    for (std::uint32_t bit = 2; bit < 32; ++bit) CHECK(rule([bit](P& p) { p.flags |= 1u << bit; }) == 8);
    CHECK(rule([](P& p) { p.flags = flag_audit; }) == 9);
    CHECK(rule([](P& p) { p.B2 = {}; }) == 10);
    CHECK(rule([](P& p) { p.flags = flag_l2; }) == 11);
    CHECK(rule([](P& p) { p.wmax = 4096, p.b = 13; }) == 12);
    CHECK(rule([](P& p) { p.md = 28; }) == 13);
    CHECK(rule([](P& p) { p.md = 0; }) == 13);
    CHECK(rule([](P& p) { p.C = 57, p.B2 = norm_bound_bytes(1); }) == 14);
    CHECK(rule([](P& p) { p.md = 709; }) == 14);
    CHECK(rule([](P& p) { p.d = 4294967295u; }) == 15);
    CHECK(rule([](P& p) { p.B2 = {}, p.B2[0] = 16; }) == 16); // 2^252
}

TEST_CASE("matrix_layout: both sides of each bound", "[encoding]") {
    const auto accepted = [](auto change) {
        layout_parameters p = usual();
        change(p);
        return matrix_layout::create(p).has_value();
    };
    using P = layout_parameters;
    CHECK(accepted([](P& p) { p.nbits = 2048; }));
    CHECK(accepted([](P& p) { p.nbits = 4096; }));
    CHECK(accepted([](P& p) { p.a = 256; }));
    CHECK(accepted([](P& p) { p.a = p.nbits + 128; }));
    CHECK(accepted([](P& p) { p.b = 24, p.md = 19; }));
    CHECK(accepted([](P& p) { p.b = 2, p.md = 435; }));
    CHECK(accepted([](P& p) { p.md = 700; }));
    CHECK(accepted([](P& p) { p.md = 708; }));
    CHECK(accepted([](P& p) { p.C = 58, p.d = 100, p.B2 = norm_bound_bytes(1); }));
    CHECK(accepted([](P& p) { p.C = 4096; }));
    CHECK(accepted([](P& p) { p.wmax = p.m = 1; }));
    // d up to K C with K + Ka <= 4096.
    layout_parameters p = usual();
    p.flags = 0;
    p.md = 0;
    p.B2 = {};
    p.d = 4096u * 1417u;
    CHECK(matrix_layout::create(p));
    ++p.d;
    CHECK(refused_rule(p) == 15);
    // With AUDIT the digits count: 4010 data rows have 86 audit rows (q = 47), one more makes 4097 in all.
    p = usual();
    p.d = 4010u * 1417u;
    CHECK(matrix_layout::create(p)->rows() == 4096);
    ++p.d;
    CHECK(refused_rule(p) == 15);
    // bitlen(B2) against C.
    p = usual();
    p.flags = flag_l2;
    p.md = 0;
    p.C = 41;
    p.d = 1000;
    CHECK(matrix_layout::create(p)->slack_bits() == 41);
    p.C = 40;
    CHECK(refused_rule(p) == 10);
}

TEST_CASE("matrix_layout: the norm bound stays below half the group order", "[encoding]") {
    layout_parameters p = usual();
    p.flags = flag_l2;
    p.md = 0;
    p.d = 1000;
    p.C = 500;
    // (l - 1)/2 - K C 4^(b-1), with K = 2.
    const bigint half =
        (bigint(1) << 251) + (*bigint::from_decimal("27742317777372353535851937790883648493") >> 1);
    const bigint largest = half - (bigint(1000) << 30);
    const auto with_bound = [&p](const bigint& bound) {
        const bytes data = bound.to_bytes(32);
        std::copy(data.begin(), data.end(), p.B2.begin());
        return p;
    };
    CHECK(matrix_layout::create(with_bound(largest)));
    CHECK(refused_rule(with_bound(largest + 1)) == 16);
    CHECK(refused_rule(with_bound((bigint(1) << 256) - 1)) == 16);
}

TEST_CASE("matrix_layout: without a slot there is no layout", "[encoding]") {
    layout_parameters p = usual();
    p.nbits = 49;
    p.m = 1u << 24;
    p.b = 24;
    CHECK(refused_rule(p, layout_floors{16, 64, 1}) == 6);
    p.nbits = 50;
    p.a = 64;
    CHECK(refused_rule(p, layout_floors{16, 65, 1}) == 7);
}

TEST_CASE("matrix_layout: the floors of the modulus are the caller's", "[encoding]") {
    layout_parameters p = usual();
    p.nbits = 512;
    p.C = 100;
    p.d = 1000;
    CHECK(refused_rule(p) == 1);
    CHECK(matrix_layout::create(p, 512));
    p.a = 255; // the other floors do not move with it
    CHECK(matrix_layout::create(p, 512).error().check == 7);
}

TEST_CASE("matrix_layout: digits have disjoint places in the audit rows", "[encoding]") {
    CHECK(smallest_digit_count(8, 1) == 63);
    CHECK(smallest_digit_count(12, 1) == 40);
    CHECK(smallest_digit_count(16, 1) == 29);
    CHECK(smallest_digit_count(20, 1) == 23);
    CHECK(smallest_digit_count(24, 1) == 19);
    CHECK(smallest_digit_count(16, 2) == 32);
    CHECK(smallest_digit_count(16, 3) == 34);
    CHECK(smallest_digit_count(2, 1) == 435);
    CHECK(smallest_digit_count(2, 2) == 0);

    auto layout = matrix_layout::create(usual());
    REQUIRE(layout);
    std::set<std::pair<std::size_t, std::size_t>> seen;
    for (std::size_t i = 0; i < layout->data_rows(); ++i)
        for (std::size_t t = 0; t < layout->digits(); ++t) {
            const matrix_position at = layout->digit_position(i, t);
            CHECK(at.row >= layout->data_rows());
            CHECK(at.row < layout->rows());
            CHECK(at.column >= layout->digits()); // group 0 belongs to the audit row
            CHECK(at.column < layout->columns());
            CHECK(seen.insert({at.row, at.column}).second);
        }
    CHECK(layout->digit_position(0, 0) == matrix_position{179, 29});
    CHECK(layout->digit_position(46, 28) == matrix_position{179, 1391});
    CHECK(layout->digit_position(47, 0) == matrix_position{180, 29});
    CHECK(layout->digit_position(178, 28) == matrix_position{182, 38 * 29 + 28});
}

TEST_CASE("matrix_layout: every parameter moves the digest", "[encoding]") {
    const hash::digest64 original = matrix_layout::create(usual())->digest();
    std::set<hash::digest64> digests{original};
    const auto add = [&digests](auto change) {
        layout_parameters p = usual();
        change(p);
        auto layout = matrix_layout::create(p);
        REQUIRE(layout);
        CHECK(digests.insert(layout->digest()).second);
    };
    using P = layout_parameters;
    add([](P& p) { p.nbits = 3073; });
    add([](P& p) { p.b = 17; });
    add([](P& p) { p.m = 4095; });
    add([](P& p) { p.wmax = 2, p.md = 32; });
    add([](P& p) { p.d = 252397; });
    add([](P& p) { p.C = 1418; });
    add([](P& p) { p.flags = flag_audit, p.B2 = {}; });
    add([](P& p) { p.a = 513; });
    add([](P& p) { p.md = 30; });
    add([](P& p) { p.B2[31] = 1; });
    CHECK(matrix_layout::create(usual())->digest() == original);
}

TEST_CASE("matrix_layout: recommended columns waste no slot and balance the bytes", "[encoding]") {
    // Sizes of the specification's table (section 12), m = 4096, b = 16.
    CHECK(recommended_columns(20000, 16, 73) == 365);
    CHECK(recommended_columns(20000, 16, 109) == 436);
    CHECK(recommended_columns(20000, 16, 146) == 438);
    CHECK(recommended_columns(252398, 16, 73) == 1387);
    CHECK(recommended_columns(252398, 16, 109) == 1417);
    CHECK(recommended_columns(252398, 16, 146) == 1460);
    // Always usable, also where d is tiny, huge, or the digits need room.
    for (const std::uint32_t d : {1u, 50u, 1000u, 10000000u})
        for (const std::uint32_t b : {2u, 8u, 16u, 24u}) {
            layout_parameters p = usual();
            p.d = d;
            p.b = b;
            p.md = smallest_digit_count(b, 1);
            const std::size_t slots = slot_layout::create(p.nbits, b, p.m)->slots();
            p.C = recommended_columns(d, b, slots, p.md);
            CHECK(p.C % slots == 0);
            CHECK(matrix_layout::create(p));
        }
}
