// Validity proofs: what is accepted and what is refused, and by which check.
#include "zk/validity_world.hpp"

#include <veilsum/paillier/private_key.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using namespace veilsum;
using test::validity_sizes;
using test::validity_world;
using submission_field = zk::validity_field;

namespace {

constexpr std::uint32_t none = 0, L2 = encoding::flag_l2, AUDIT = encoding::flag_audit;

// An unknown that stands in no scalar equation.
bool is_blinding(const encoding::matrix_layout& layout, std::size_t unknown) {
    const zk::validity_unknowns u(layout);
    for (std::size_t j = 0; j < layout.variables(); ++j)
        if (unknown == u.round_blinding(j)) return true;
    for (const std::size_t each :
         {u.s_b(), u.s_b2(), u.p_b(), u.s_x(), u.s_x2(), u.p_x(), u.s_s(), u.s_d(), u.s_y(), u.r_u()})
        if (unknown == each) return true;
    return false;
}
std::uint32_t judge(validity_sizes sizes, std::vector<std::int32_t> values) {
    sizes.d = static_cast<std::uint32_t>(values.size());
    validity_world world(sizes, std::move(values));
    const std::uint32_t reason = world.verdict(world.prove());
    UNSCOPED_INFO(world.last);
    return reason;
}

} // namespace

TEST_CASE("validity proof: honest submissions of all shapes are accepted") {
    const validity_sizes shapes[] = {
        {.b = 6, .d = 50, .C = 20, .flags = L2 | AUDIT}, // several rows, last block full
        {.b = 6, .d = 50, .C = 20, .flags = none},
        {.b = 8, .d = 31, .C = 13, .flags = none}, // d no multiple of C
        {.b = 16, .d = 70, .C = 40, .flags = L2},  // three blocks, the last one short
        {.b = 16, .d = 70, .C = 40, .flags = AUDIT, .md = 7},
        {.b = 8, .d = 20, .C = 64, .flags = L2 | AUDIT}, // one row, padded
        {.b = 8, .d = 3, .C = 1, .flags = none},         // one column
        {.b = 24, .d = 9, .C = 64, .flags = L2},
        {.b = 2, .d = 40, .C = 16, .flags = L2, .room = 3},
        {.b = 3, .d = 41, .C = 16, .flags = L2 | AUDIT},
        {.b = 5, .d = 64, .C = 32, .flags = L2},                             // Kg = 2 + 1
        {.b = 12, .d = 128, .C = 32, .flags = L2},                           // Kg = 4 + 1
        {.b = 12, .d = 33, .C = 32, .flags = L2 | AUDIT, .m = 8, .wmax = 4}, // weights, m a power of two
    };
    for (const validity_sizes& sizes : shapes) {
        CAPTURE(sizes.b, sizes.d, sizes.C, sizes.flags);
        validity_world world(sizes);
        const bytes sent = world.prove();
        CHECK(sent.size() == world.verifier.shape().total());
        CHECK(world.verdict(sent) == 0);
    }
}

TEST_CASE("validity proof: both ends of the range, and a norm at its bound") {
    for (const unsigned b : {2u, 8u, 16u}) {
        const std::int32_t half = std::int32_t{1} << (b - 1);
        const validity_sizes sizes{.b = b, .C = 40, .flags = L2, .room = b == 2 ? 3u : 0u};
        CHECK(judge(sizes, std::vector<std::int32_t>(50, half - 1)) == 0);
        CHECK(judge(sizes, std::vector<std::int32_t>(50, -half)) == 0);
    }
    CHECK(judge({.b = 8, .C = 20, .flags = L2 | AUDIT, .room = 1}, std::vector<std::int32_t>(50, 0)) == 0);
    CHECK(judge({.b = 8, .C = 20, .flags = L2, .room = 0}, {127, -128, 3}) == 0); // T = B2
}

TEST_CASE("validity proof: a prover refuses what it could not prove") {
    validity_world world({.b = 6, .d = 50, .C = 20, .flags = L2, .room = 0});
    auto larger = world.values;
    larger[7] = 32;
    const auto out_of_range = world.prover.prove(world.context, larger, world.rng);
    REQUIRE_FALSE(out_of_range);
    CHECK(out_of_range.error().code == errc::overflow);
    CHECK(out_of_range.error().place == "value 7");
    auto longer = world.values;
    longer[7] = longer[7] < 31 && longer[7] >= 0 ? longer[7] + 1 : -32;
    if (validity_world::squares(longer) <= validity_world::squares(world.values)) longer.assign(50, -32);
    const auto above = world.prover.prove(world.context, longer, world.rng);
    REQUIRE_FALSE(above);
    CHECK(above.error().what == "sum of squares above the norm bound");
    CHECK(world.prover.prove(world.context, std::vector<std::int32_t>(49), world.rng).error().what ==
          "number of values");

    auto other = world.context;
    other.key[0] = static_cast<std::uint8_t>(other.key[0] ^ 1);
    CHECK(world.prover.prove(other, world.values, world.rng).error().code == errc::wrong_key);
    other = world.context;
    other.parameters[0] = static_cast<std::uint8_t>(other.parameters[0] ^ 1);
    CHECK(world.prover.prove(other, world.values, world.rng).error().code == errc::wrong_context);
}

TEST_CASE("validity proof: what is accepted decrypts to the values, and the commitments open to them") {
    validity_world world({.b = 8, .d = 50, .C = 20, .flags = L2 | AUDIT});
    const auto checked = world.verifier.verify(world.context, world.prove(), world.rng);
    REQUIRE(checked);
    const auto opened = test::fixed_private_key<validity_world::scheme>().decrypt((*checked)->ciphertexts);
    REQUIRE(opened);
    const auto sums = encoding::unpack_rows(world.layout, opened->expose());
    REQUIRE(sums);
    for (std::size_t j = 0; j < world.values.size(); ++j) CHECK((*sums)[j] == world.values[j]);
    const auto blindings = pedersen::summed_blindings(world.layout, *sums);
    const auto data = std::span(*sums).first(world.layout.data_rows() * world.layout.columns());
    CHECK(pedersen::check_openings(pedersen::generators(20), (*checked)->rows, data, blindings, world.rng));
}

TEST_CASE("validity proof: the six items of the context, one by one") {
    validity_world world({});
    const bytes sent = world.prove();
    REQUIRE(world.verdict(sent) == 0);
    auto other = world.context;
    other.session[31] ^= 1;
    CHECK(world.verdict(sent, other) == 8);
    other = world.context;
    ++other.round;
    CHECK(world.verdict(sent, other) == 8);
    other = world.context;
    other.party[0] ^= 1;
    CHECK(world.verdict(sent, other) == 8);
    other = world.context;
    other.binding[5] ^= 1;
    CHECK(world.verdict(sent, other) == 8);
    other = world.context;
    other.key[5] ^= 1;
    CHECK(world.verdict(sent, other) == 1);
    other = world.context;
    other.parameters[5] ^= 1;
    CHECK(world.verdict(sent, other) == 1);

    // Bypassing check 1, key and parameters are bound too.
    const auto under = [&](const transcript::context& where) {
        const auto checked = world.verifier.verify(zk::validity_transcript(where), sent, world.rng);
        return checked ? 0u : checked.error().check;
    };
    CHECK(under(other) == 8);
    other = world.context;
    other.key[5] ^= 1;
    CHECK(under(other) == 8);

    // A verifier of another bound, of the same lengths.
    validity_sizes looser{};
    looser.room = 1001;
    validity_world strict(looser);
    CHECK(strict.verdict(sent) == 1 + 7);
}

TEST_CASE("validity proof: length and illegal encodings of every field") {
    validity_world world({});
    const bytes sent = world.prove();
    bytes cut = sent;
    cut.pop_back();
    CHECK(world.verdict(cut) == 2);
    bytes longer = sent;
    longer.push_back(0);
    CHECK(world.verdict(longer) == 2);
    CHECK(world.verdict(bytes{}) == 2);

    const auto& shape = world.verifier.shape();
    for (const zk::field_place& place : shape.fields()) {
        if (place.count == 0) continue;
        CAPTURE(place.name);
        const std::size_t last = place.offset + (place.count - 1) * place.width;
        bytes bad = sent;
        std::fill_n(bad.begin() + static_cast<std::ptrdiff_t>(last), place.width, std::uint8_t{0xff});
        const auto refused_at = [&](std::uint32_t reason, const std::string& where) {
            CHECK(world.verdict(bad) == reason);
            CHECK(world.last.find(where) != std::string::npos);
        };
        const std::string name = std::string(place.name) + " " + std::to_string(place.count - 1);
        switch (place.kind) {
        case zk::field_kind::element:
            refused_at(3, name);
            std::fill_n(bad.begin() + static_cast<std::ptrdiff_t>(last), place.width, std::uint8_t{0});
            refused_at(3, name); // the identity
            break;
        case zk::field_kind::scalar:
            refused_at(4, name);
            break;
        case zk::field_kind::residue:
            refused_at(5, name);
            std::fill_n(bad.begin() + static_cast<std::ptrdiff_t>(last), place.width, std::uint8_t{0});
            refused_at(5, name);
            {
                const bytes n = test::fixed_public_key<validity_world::scheme>().n().to_bytes(place.width);
                std::copy(n.begin(), n.end(), bad.begin() + static_cast<std::ptrdiff_t>(last));
                refused_at(5, name); // no unit
            }
            break;
        case zk::field_kind::signed_integer:
            bad[last] = 0x7f; // 2^255 - 1
            refused_at(6, name);
            bad[last] = 0x80;
            refused_at(6, name);
            break;
        case zk::field_kind::exponent:
            refused_at(7, name);
            std::fill_n(bad.begin() + static_cast<std::ptrdiff_t>(last), place.width, std::uint8_t{0});
            refused_at(7, name); // below Emin
            break;
        }
    }
}

TEST_CASE("validity proof: both sides of the windows of the link") {
    validity_world world({});
    const bytes sent = world.prove();
    const auto& shape = world.verifier.shape();
    const zk::link_windows windows(world.layout);
    const auto with = [&](submission_field which, const integer::bigint& value) {
        const zk::field_place& place = shape[which];
        const integer::bigint lifted = value.is_negative() ? value + (integer::bigint(1) << 256) : value;
        const bytes encoded = lifted.to_bytes(place.width);
        bytes bent = sent;
        std::copy(encoded.begin(), encoded.end(), bent.begin() + static_cast<std::ptrdiff_t>(place.offset));
        return world.verdict(bent);
    };
    const integer::bigint half = zk::link_windows::half(), shift = windows.largest_shift();
    CHECK(with(submission_field::z, half - shift) == 6);
    CHECK(with(submission_field::z, half - 1 - shift) == 8); // inside: another check notices
    CHECK(with(submission_field::z, shift - half - 1) == 6);
    CHECK(with(submission_field::z, shift - half) == 8);
    const integer::bigint least = windows.exponents().minimum();
    CHECK(with(submission_field::zeta, least - 1) == 7);
    CHECK(with(submission_field::zeta, least) == 8);
    const integer::bigint end = integer::bigint(1) << world.layout.exponent_response_bits();
    CHECK(with(submission_field::zeta, end - 1) == 8);
    CHECK(with(submission_field::zeta, end) == 7);
}

TEST_CASE("validity proof: every element replaced by another legal value is refused") {
    validity_world world({.b = 4, .d = 12, .C = 12, .flags = L2 | AUDIT, .md = 4});
    const bytes sent = world.prove();
    const bytes other = world.prove(); // legal values for the same places
    REQUIRE(world.verdict(sent) == 0);
    const auto& shape = world.verifier.shape();
    for (const zk::field_place& place : shape.fields())
        for (std::size_t i = 0; i < place.count; ++i) {
            CAPTURE(place.name, i);
            bytes bent = sent;
            const auto at = static_cast<std::ptrdiff_t>(place.offset + i * place.width);
            std::copy_n(other.begin() + at, place.width, bent.begin() + at);
            const std::uint32_t reason = world.verdict(bent);
            // Whatever is absorbed moves later challenges, so that E1 fails. Responses come after all of
            // them: those that no scalar equation holds are left to the group equations.
            const bool blinding = place.name == "resp" && is_blinding(world.layout, i);
            CHECK(reason == (blinding ? 10u : 8u));
        }
}

TEST_CASE("validity proof: what is swapped or altered with all later messages honest") {
    // The prover's own software, run on bent inputs.
    validity_world world({.b = 8, .d = 50, .C = 20, .flags = L2 | AUDIT});
    auto rows = encoding::lay_out(world.layout, world.values, world.rng);
    REQUIRE(rows);
    const auto judge_plaintexts = [&](const auto& bend) {
        encoding::row_matrix copy(rows->rows(), rows->columns());
        std::copy(rows->expose().begin(), rows->expose().end(), copy.expose().begin());
        auto packed = encoding::pack_rows(world.layout, *rows);
        REQUIRE(packed);
        bend(packed->expose());
        auto made = world.prover.prove(zk::validity_transcript(world.context), std::move(copy),
                                       paillier::plaintext_vector(*std::move(packed)), world.rng);
        REQUIRE(made);
        return world.verdict(*made);
    };
    using integer::bigint;
    using list = std::vector<bigint>;
    const bigint slot = bigint(1) << world.layout.slot_width();
    const bigint n = test::fixed_public_key<validity_world::scheme>().n();
    CHECK(judge_plaintexts([](list&) {}) == 0);
    CHECK(judge_plaintexts([](list& p) { p[1] += 1; }) == 11);     // one slot off by one
    CHECK(judge_plaintexts([](list& p) { p.back() -= 1; }) == 11); // in an audit row
    CHECK(judge_plaintexts([&](list& p) { p[0] += slot; }) == 11); // out of its slot into the next
    CHECK(judge_plaintexts([&](list& p) { p[0] += n / 3; }) == 11);
    CHECK(judge_plaintexts([](list& p) { std::swap(p[0], p[1]); }) == 11);
    CHECK(judge_plaintexts([](list& p) {
              for (bigint& each : p) each = -each;
          }) == 11);
}

TEST_CASE("validity proof: a bound that is too small by one unit is noticed") {
    const std::vector<std::int32_t> x{3, -4, 5, 17, -20, 31};
    validity_sizes sizes{.b = 8, .d = 6, .C = 20, .flags = L2 | AUDIT, .room = 0};
    validity_world exact(sizes, x);
    validity_world strict(sizes, x);
    auto tighter = exact.layout.parameters();
    tighter.B2 = encoding::norm_bound_bytes(validity_world::squares(x) - 1);
    const auto layout = encoding::matrix_layout::create(tighter, validity_world::toy_floors());
    REQUIRE(layout);
    const validity_world::verifier_type verifier(test::fixed_public_key<validity_world::scheme>(), *layout);
    auto where = exact.context;
    where.parameters = layout->digest();
    auto rows = encoding::lay_out(exact.layout, x, exact.rng); // the cheat's bound
    auto packed = encoding::pack_rows(exact.layout, *rows);
    auto made = exact.prover.prove(zk::validity_transcript(where), *std::move(rows),
                                   paillier::plaintext_vector(*std::move(packed)), exact.rng);
    REQUIRE(made);
    const auto checked = verifier.verify(where, *made, exact.rng);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().check == 8);
    CHECK(checked.error().place == "E2");
    CHECK(exact.verdict(exact.prove()) == 0);
}

TEST_CASE("validity proof: the same values give unrelated submissions, from the same source other masks") {
    validity_world world({});
    const bytes one = world.prove(), two = world.prove();
    const auto& shape = world.verifier.shape();
    for (const zk::field_place& place : shape.fields())
        for (std::size_t i = 0; i < place.count; ++i) {
            const auto at = static_cast<std::ptrdiff_t>(place.offset + i * place.width);
            CAPTURE(place.name, i);
            CHECK_FALSE(std::equal(one.begin() + at,
                                   one.begin() + at + static_cast<std::ptrdiff_t>(place.width),
                                   two.begin() + at));
        }

    // A source that starts again for another statement: blindings repeat, masks of the link and after must
    // not.
    validity_world a({}, 9), b({}, 9);
    b.values[0] = b.values[0] == 0 ? 1 : 0;
    const bytes first = a.prove(), second = b.prove();
    for (const submission_field which :
         {submission_field::Y, submission_field::A, submission_field::Py, submission_field::P,
          submission_field::V, submission_field::T, submission_field::tt}) {
        const zk::field_place& place = shape[which];
        for (std::size_t i = 0; i < place.count; ++i) {
            const auto at = static_cast<std::ptrdiff_t>(place.offset + i * place.width);
            CHECK_FALSE(std::equal(first.begin() + at,
                                   first.begin() + at + static_cast<std::ptrdiff_t>(place.width),
                                   second.begin() + at));
        }
    }
}

TEST_CASE("validity proof: sizes are the formulas of the specification") {
    struct row {
        std::uint32_t nbits, a, d, C, J, K, Ka;
        std::size_t total;
    };
    for (const row& given :
         {row{2048, 448, 20000, 365, 5, 55, 5, 215581}, row{3072, 512, 20000, 436, 4, 46, 4, 215460},
          row{4096, 640, 20000, 438, 3, 46, 4, 215539}, row{2048, 448, 252398, 1387, 19, 182, 4, 2010491},
          row{3072, 512, 252398, 1417, 13, 179, 4, 2028365},
          row{4096, 640, 252398, 1460, 10, 173, 4, 2013578},
          row{3072, 512, 1000000, 2289, 21, 437, 6, 7542250}}) {
        encoding::layout_parameters p;
        p.nbits = given.nbits;
        p.b = 16;
        p.m = 4096;
        p.d = given.d;
        p.C = given.C;
        p.flags = L2 | AUDIT;
        p.a = given.a;
        p.md = 29;
        p.B2 = encoding::norm_bound_bytes(std::uint64_t{1} << 40);
        const auto layout = encoding::matrix_layout::create(p);
        REQUIRE(layout);
        CHECK(layout->blocks() == given.J);
        CHECK(layout->data_rows() == given.K);
        CHECK(layout->audit_rows() == given.Ka);
        CHECK(zk::validity_shape(*layout).total() == given.total);
    }
}

TEST_CASE("validity proof: merged verification gives the verdicts of single ones") {
    validity_world world({.b = 8, .d = 50, .C = 60, .flags = L2 | AUDIT});
    using world_verifier = validity_world::verifier_type;
    std::vector<bytes> sent;
    std::vector<transcript::context> contexts;
    for (std::uint8_t u = 0; u < 6; ++u) {
        contexts.push_back(world.context);
        contexts.back().party[0] = u;
        sent.push_back(world.prove(contexts.back()));
    }
    const auto verdicts = [&] {
        std::vector<world_verifier::candidate> candidates;
        for (std::size_t u = 0; u < sent.size(); ++u) candidates.push_back({contexts[u], sent[u]});
        std::vector<std::uint32_t> out;
        for (const auto& each : world.verifier.verify_merged(candidates, world.rng))
            out.push_back(each ? 0 : each.error().check);
        return out;
    };
    const auto singly = [&] {
        std::vector<std::uint32_t> out;
        for (std::size_t u = 0; u < sent.size(); ++u) out.push_back(world.verdict(sent[u], contexts[u]));
        return out;
    };
    using list = std::vector<std::uint32_t>;
    CHECK(verdicts() == list{0, 0, 0, 0, 0, 0});
    CHECK(world.verifier.verify_merged({}, world.rng).empty());

    // One refused by each of several checks, the others accepted all the same.
    const auto& shape = world.verifier.shape();
    const std::size_t blinding = shape[submission_field::resp].offset + 32 * 3; // s_0
    sent[1].back() = 0xff;                                                      // 4
    sent[2].pop_back();                                                         // 2
    std::copy_n(sent[0].begin() + static_cast<std::ptrdiff_t>(blinding), 32,
                sent[3].begin() + static_cast<std::ptrdiff_t>(blinding)); // 10
    auto rows = encoding::lay_out(world.layout, world.values, world.rng);
    auto packed = encoding::pack_rows(world.layout, *rows);
    packed->expose()[2] += 1;
    auto bent = world.prover.prove(zk::validity_transcript(contexts[4]), *std::move(rows),
                                   paillier::plaintext_vector(*std::move(packed)), world.rng);
    REQUIRE(bent);
    sent[4] = *bent; // 11
    contexts[5].key[0] ^= 1;
    CHECK(verdicts() == list{0, 4, 2, 10, 11, 1});
    CHECK(verdicts() == singly());
}
