// The reference prover and verifier of validity proofs, against the published vectors, against each other and
// against zk::validity_verifier; and every cheat of the specification's list, refused by both verifiers for
// its reason.
#include "support/toy.hpp"

#include "support/catch.hpp"
#include "support/naive_validity.hpp"
#include "support/naive_world.hpp"
#include "support/published_validity.hpp"
#include "support/validity_cheats.hpp"
#include "support/validity_tampering.hpp"

#include <veilsum/zk/validity_verifier.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace veilsum;
using encoding::flag_audit;
using encoding::flag_l2;
using encoding::layout_parameters;
using encoding::matrix_layout;
using integer::bigint;
using nlohmann::json;

namespace {

// --- Vectors ---

struct vector_case : test::published_case {
    explicit vector_case(const json& published)
        : published_case(published), key{*bigint::from_hex(published["n_hex"].get<std::string>()),
                                         *bigint::from_hex(published["hs_hex"].get<std::string>())} {}
    test::naive_verdict verify(const json& submission) const {
        return test::naive_verify(layout, key, test::after_context(context),
                                  test::published_bytes(submission["submission_hex"]));
    }

    test::naive_key key;
};
const std::vector<vector_case>& vector_cases() {
    static const std::vector<vector_case> cases = [] {
        std::vector<vector_case> out;
        for (const json& one : test::published_validity()["cases"]) out.emplace_back(one);
        REQUIRE(out.size() == 3);
        return out;
    }();
    return cases;
}

// --- Shapes ---

struct shape {
    std::string name;
    layout_parameters p;
};
// m = 2^k: slots of b + k bits.
layout_parameters parameters(std::uint32_t b, std::uint32_t d, std::uint32_t C, std::uint32_t m,
                             std::uint32_t flags = 0, std::uint32_t wmax = 1) {
    layout_parameters p;
    p.nbits = 512;
    p.b = b;
    p.m = m;
    p.wmax = wmax;
    p.d = d;
    p.C = C;
    p.flags = flags;
    p.a = 64;
    if ((flags & flag_audit) != 0)
        p.md = encoding::smallest_digit_count(b, wmax, test::toy_floors.digit_bits);
    if ((flags & flag_l2) != 0) {
        // The largest sum of squares that values of 2 bits less can have, and no more bits than columns.
        const std::uint64_t squares = std::uint64_t{d} << (b >= 4 ? 2 * (b - 3) : 0);
        p.B2 = encoding::norm_bound_bytes(std::min(squares, (std::uint64_t{1} << C) - 1));
    }
    return p;
}
// Values of 2 bits less than b, and of 2 bits if b has 2 or 3; zeros where the bound is exhausted.
std::vector<bigint> values_of(const layout_parameters& p, test::seeded_random& rng) {
    const std::int64_t limit = p.b >= 4 ? std::int64_t{1} << (p.b - 3) : 1;
    bigint left = bigint::from_bytes(p.B2);
    std::vector<bigint> values;
    for (std::uint32_t at = 0; at < p.d; ++at) {
        bigint value = static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(2 * limit))) - limit;
        if ((p.flags & flag_l2) != 0) {
            if (value * value > left) value = 0;
            left -= value * value;
        }
        values.push_back(std::move(value));
    }
    return values;
}
// What the library's verifier says to the same bytes: 0 or the reason.
class library_verifier {
  public:
    explicit library_verifier(const test::naive_world& world)
        : context_(world.context), verifier_(test::fixed_public_key<scheme>(), world.layout) {}
    unsigned reason(byte_view sent) {
        const auto checked = verifier_.verify(context_, sent, rng_);
        return checked ? 0 : checked.error().check;
    }

  private:
    using scheme = test::toy_scheme<1>;
    test::seeded_random rng_{99};
    transcript::context context_;
    zk::validity_verifier<scheme> verifier_;
};

void check_cheats(const test::naive_world& world, const std::vector<test::validity_cheat>& cheats) {
    library_verifier library(world);
    for (const auto& cheat : cheats) {
        const bytes sent = cheat.make(world);
        const auto verdict = world.verify(sent);
        INFO(cheat.name << ": " << verdict);
        CHECK(verdict.reason == cheat.reason);
        CHECK(library.reason(sent) == cheat.reason);
        if (!cheat.where.empty()) CHECK(verdict.where == cheat.where);
    }
}

test::naive_verdict prove_and_verify(const layout_parameters& p, const std::vector<bigint>& values) {
    const auto layout = matrix_layout::create(p, test::toy_floors).value();
    const auto world = test::make_naive_world(layout, values);
    CHECK(library_verifier(world).reason(world.honest) == 0);
    return world.verify(world.honest);
}

} // namespace

TEST_CASE("naive validity proof: the published submissions are accepted, with their transcripts", "[zk]") {
    for (const vector_case& one : vector_cases()) {
        INFO(one.data["name"].get<std::string>());
        CHECK(one.layout.digest() == test::published_array<64>(one.data["params_digest"]));
        const auto verdict = one.verify(one.data);
        INFO(verdict);
        CHECK(verdict.accepted());
        const json& steps = one.data["transcript"];
        REQUIRE(verdict.steps.size() + 6 == steps.size()); // after the context
        for (std::size_t at = 0; at < verdict.steps.size(); ++at) {
            CHECK(verdict.steps[at].label == steps[at + 6]["label"].get<std::string>());
            CHECK(verdict.steps[at].value == test::published_array<64>(steps[at + 6]["state_or_output"]));
        }
        REQUIRE(verdict.challenges.tau.size() == one.data["tau"].size());
        for (std::size_t j = 0; j < verdict.challenges.tau.size(); ++j) {
            CHECK(verdict.challenges.tau[j].bytes() == test::published_array<32>(one.data["tau"][j]));
            CHECK(verdict.challenges.r[j].bytes() == test::published_array<32>(one.data["r"][j]));
        }
        for (std::size_t i = 0; i < verdict.challenges.e.size(); ++i)
            CHECK("0x" + verdict.challenges.e[i].to_hex() == one.data["link_e"][i].get<std::string>());
        for (const json& other : one.data["also_accepted"]) CHECK(one.verify(other).accepted());
    }
}

TEST_CASE("naive validity proof: the published false submissions are refused for their reasons", "[zk]") {
    for (const vector_case& one : vector_cases()) {
        REQUIRE(one.data["negative"].size() == 15);
        for (const json& negative : one.data["negative"]) {
            const auto verdict = one.verify(negative);
            INFO(one.data["name"] << ", " << negative["what"] << ": " << verdict);
            CHECK(verdict.reason == negative["code"].get<unsigned>());
        }
    }
}

TEST_CASE("naive validity proof: honest submissions of all shapes are accepted", "[zk]") {
    const std::vector<shape> shapes = {
        {"one value", parameters(2, 1, 1, 1)},
        {"one column", parameters(3, 4, 1, 5, flag_l2)},
        {"one row, full", parameters(3, 8, 8, 4)},
        {"one row, padded", parameters(5, 9, 11, 3, flag_l2)},
        {"two blocks, the last one full", parameters(16, 24, 24, 1u << 24)},
        {"two blocks, the last one short", parameters(16, 30, 15, 1u << 24)},
        {"cube rows a power of two plus one", parameters(5, 25, 7, 6)},
        {"slack row a power of two plus one", parameters(6, 39, 10, 7, flag_l2)},
        {"12 bits, weights", parameters(12, 20, 10, 12, flag_audit, 3)},
        {"24 bits", parameters(24, 7, 6, 2, flag_audit)},
        {"2 bits, digits of one useful bit", parameters(2, 60, 50, 8, flag_audit)},
        {"audit rows more than one", parameters(6, 30, 10, 9, flag_l2 | flag_audit)},
        {"both options, audit row not full", parameters(8, 31, 18, 4, flag_l2 | flag_audit)},
    };
    for (const auto& [name, p] : shapes) {
        test::seeded_random rng(p.d);
        const auto verdict = prove_and_verify(p, values_of(p, rng));
        INFO(name << ": " << verdict);
        CHECK(verdict.accepted());
    }
}

TEST_CASE("naive validity proof: extreme values are accepted", "[zk]") {
    const layout_parameters p = parameters(5, 11, 6, 3);
    for (const int value : {-16, 15, 0}) {
        INFO("all values " << value);
        CHECK(prove_and_verify(p, std::vector<bigint>(11, value)).accepted());
    }
    layout_parameters bounded = parameters(5, 11, 12, 3, flag_l2);
    bounded.B2 = encoding::norm_bound_bytes(11 * 256); // T = B2: no slack
    CHECK(prove_and_verify(bounded, std::vector<bigint>(11, -16)).accepted());
}

TEST_CASE("naive validity proof: a response outside its window starts the linking afresh", "[zk]") {
    const auto world = test::make_naive_world(flag_l2 | flag_audit);
    test::seeded_random rng(5);
    test::naive_hooks hooks;
    std::size_t tries = 0;
    hooks.masked = [&](test::naive_prover& p) {
        if (++tries == 1) p.y[0] = test::largest_mask() - 1;
        if (tries == 2) p.beta[0] = 0;
    };
    std::size_t restarts = 0;
    hooks.finished = [&](test::naive_prover& p) { restarts = p.restarts; };
    const bytes sent = world.prove(world.witness(rng), rng, hooks);
    CHECK(tries == 3);
    CHECK(restarts == 2);
    CHECK(world.verify(sent).accepted());
}

TEST_CASE("naive validity proof: the sumcheck ends where the evaluations say", "[zk]") {
    const auto world = test::make_naive_world(flag_l2 | flag_audit);
    test::seeded_random rng(6);
    test::naive_hooks hooks;
    hooks.opened = [](test::naive_prover& p) {
        CHECK(p.E1().gap(p.unknowns).is_zero());
        CHECK(p.E2().gap(p.unknowns).is_zero());
        test::naive_validity_sumcheck rounds(p.layout, p.w, p.challenges);
        const auto gamma = p.challenges.gamma;
        auto claim =
            gamma * test::to_scalar(p.layout.norm_bound()) + gamma * gamma * (p.sent.zr.front() - p.y_r);
        CHECK(rounds.sum() == claim);
        for (const auto& r : p.challenges.r) {
            const auto c = rounds.round_polynomial();
            CHECK(c[0] + c[0] + c[1] + c[2] + c[3] == claim);
            claim = c[0] + r * (c[1] + r * (c[2] + r * c[3]));
            rounds.bind(r);
            CHECK(rounds.sum() == claim);
        }
        const auto at = p.at;
        const auto known = p.publics();
        CHECK(claim ==
              known.E * (p.unknowns[at.v_b2] - p.unknowns[at.v_b]) +
                  gamma * known.delta * (p.unknowns[at.v_x2] + known.ls * known.wt * p.unknowns[at.v_s]) +
                  gamma * gamma * known.delta * known.Wd * p.unknowns[at.v_d]);
    };
    CHECK(world.verify(world.prove(world.witness(rng), rng, hooks)).accepted());
}

TEST_CASE("naive validity proof: every cheat is refused for its reason", "[zk]") {
    const auto world = test::make_naive_world(flag_l2 | flag_audit);
    const auto cheats = test::validity_cheats(world);
    check_cheats(world, cheats);
    std::set<std::string> names;
    for (const auto& cheat : cheats) CHECK(names.insert(cheat.name).second);
}

TEST_CASE("naive validity proof: every cheat is refused for its reason, without options", "[zk]") {
    const auto world = test::make_naive_world(0);
    check_cheats(world, test::validity_cheats(world));
}

TEST_CASE("naive validity proof: a verifier that leaves out an item refuses an honest submission", "[zk]") {
    const auto world = test::make_naive_world(flag_l2 | flag_audit);
    CHECK(test::absorbed_labels().size() == 21);
    for (const std::string& label : test::absorbed_labels()) {
        const auto verdict = test::naive_verify(
            world.layout, world.key, test::context_without(world.context, label), world.honest, label);
        INFO(label << ": " << verdict);
        CHECK(verdict.reason == 8);
    }
}

TEST_CASE("naive validity proof: illegal encodings are refused by the check of their kind", "[zk]") {
    const std::uint32_t flags = GENERATE(0u, flag_l2, flag_audit, flag_l2 | flag_audit);
    const auto world = test::make_naive_world(flags);
    const auto tampered = test::tampered_encodings(world);
    check_cheats(world, tampered);
    const auto ends_in = [](const std::string& name, const std::string& end) {
        return name.size() >= end.size() && name.substr(name.size() - end.size()) == end;
    };
    CHECK(std::any_of(tampered.begin(), tampered.end(),
                      [&](const auto& one) { return ends_in(one.name, "plus n^2"); }));
}

TEST_CASE("naive validity proof: no element can be replaced", "[zk]") {
    const std::uint32_t flags = GENERATE(0u, flag_l2 | flag_audit);
    const auto world = test::make_naive_world(flags);
    const auto replaced = test::replaced_elements(world);
    std::size_t elements = 0;
    for (const auto& field : test::submission_fields(world.layout)) elements += field.count;
    CHECK(replaced.size() == elements);
    check_cheats(world, replaced);
}

TEST_CASE("naive validity proof: no bit can be flipped", "[zk]") {
    const auto world = test::make_naive_world(flag_l2 | flag_audit);
    library_verifier library(world);
    test::seeded_random rng(7);
    for (int i = 0; i < 64; ++i) {
        bytes flipped = world.honest;
        const std::uint64_t bit = rng.below(8 * flipped.size());
        flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1u << (bit % 8)));
        INFO("bit " << bit);
        const unsigned reason = world.verify(flipped).reason;
        CHECK(reason >= 3);
        CHECK(library.reason(flipped) == reason);
    }
}
