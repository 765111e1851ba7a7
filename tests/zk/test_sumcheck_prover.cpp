// The prover of the sumcheck against its plain definition, for every shape of a layout and each arithmetic.
#include "support/catch.hpp"
#include "support/ends_process.hpp"
#include "support/naive_sumcheck.hpp"
#include "support/seeded_random.hpp"
#include "support/skip.hpp"
#include "support/thread_count.hpp"

#include <veilsum/hash/sha2.hpp>
#include <veilsum/zk/lane_row_arithmetic.hpp>
#include <veilsum/zk/multilinear.hpp>
#include <veilsum/zk/sumcheck_prover.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

using namespace veilsum;
using namespace veilsum::zk;
using encoding::flag_audit;
using encoding::flag_l2;
using encoding::matrix_layout;
using group::scalar;
using veilsum::test::naive_sumcheck;
using veilsum::test::seeded_random;

namespace {

using scalars = std::vector<scalar>;

struct shape {
    std::uint32_t d, C, b, flags, md = 0;
};
std::string name_of(const shape& s) {
    return "d " + std::to_string(s.d) + " C " + std::to_string(s.C) + " b " + std::to_string(s.b) +
           " flags " + std::to_string(s.flags) + " md " + std::to_string(s.md);
}
// With L2, the bound is the largest of min(C, 30) bits.
matrix_layout layout_of(const shape& s) {
    encoding::layout_parameters p;
    p.nbits = 512;
    p.b = s.b;
    p.m = 3;
    p.d = s.d;
    p.C = s.C;
    p.flags = s.flags;
    p.a = 64;
    p.md = s.md;
    if ((s.flags & flag_l2) != 0)
        p.B2 = encoding::norm_bound_bytes((std::uint64_t{1} << std::min<std::uint32_t>(s.C, 30)) - 1);
    auto layout = matrix_layout::create(p, {512, 64, 1});
    REQUIRE(layout);
    return *layout;
}

enum class fill { random, least, greatest, zero };

// What a client has, and the verifier's challenges.
struct instance {
    matrix_layout layout;
    std::vector<std::int32_t> x;
    std::vector<std::uint8_t> slack;
    scalars e, tau, r;
    scalar gamma, theta;

    instance(const shape& s, fill how, std::uint64_t seed) : layout(layout_of(s)) {
        seeded_random rng(seed);
        const std::int32_t half = std::int32_t{1} << (s.b - 1);
        x.resize(layout.rows() * layout.columns());
        for (std::int32_t& value : x) {
            const std::int32_t any = static_cast<std::int32_t>(rng.below(std::uint64_t{1} << s.b)) - half;
            value = how == fill::least      ? -half
                    : how == fill::greatest ? half - 1
                    : how == fill::zero     ? 0
                                            : any;
        }
        if (layout.has_l2()) { // any bits: the polynomials do not ask whether the sum is right
            slack.resize(layout.columns());
            for (std::size_t c = 0; c < layout.slack_bits(); ++c)
                slack[c] = static_cast<std::uint8_t>(rng.below(2));
        }
        e = draw(rng, layout.rows());
        tau = draw(rng, layout.variables());
        r = draw(rng, layout.variables());
        gamma = scalar::random(rng);
        theta = scalar::random(rng);
    }
    static scalars draw(seeded_random& rng, std::size_t count) {
        scalars out(count);
        for (scalar& each : out) each = scalar::random(rng);
        return out;
    }
    template <class Arithmetic>
    sumcheck_terms<Arithmetic> prover() const {
        return {layout, x, slack, e, tau, gamma};
    }
    naive_sumcheck naive() const { return {layout, x, slack, e, tau, gamma}; }
    scalar entry(std::size_t i, std::size_t c) const { return scalar::from_i64(x[i * layout.columns() + c]); }
};

bool equal(const round_polynomial& g, const std::array<scalar, 4>& values) {
    for (std::uint64_t X = 1; X < 4; ++X) {
        const scalar at = scalar::from_u64(X);
        if (values[0] + at * (g.c1 + at * (g.c2 + at * g.c3)) != values[X]) return false;
    }
    return true;
}
// Formula (6).
scalars opening_of(const instance& in, const evaluation_weights& at) {
    const matrix_layout& layout = in.layout;
    const std::size_t K = layout.data_rows(), Kt = layout.rows();
    const scalar square = in.theta * in.theta;
    scalars u(layout.columns());
    for (std::size_t c = 0; c < u.size(); ++c) {
        for (std::size_t i = 0; i < Kt; ++i) {
            const std::int64_t y = in.x[i * u.size() + c] + (std::int64_t{1} << (layout.value_bits() - 1));
            for (std::size_t k = 0; k < layout.value_bits(); ++k)
                if ((y >> k & 1) != 0) u[c] += at.rows[i] * at.planes[k];
            if (i < K && layout.has_l2()) u[c] += in.theta * at.rows[i] * in.entry(i, c);
            if (i >= K) u[c] += square * at.rows[i] * in.entry(i, c);
        }
        if (layout.has_l2())
            u[c] += (at.slack_row * at.first_plane + in.theta * square) * scalar::from_u64(in.slack[c]);
    }
    return u;
}

// Every round polynomial, the evaluations at the end and the opening.
template <class Arithmetic>
void check_against_definition(const instance& in) {
    auto prover = in.prover<Arithmetic>();
    naive_sumcheck naive = in.naive();
    scalar claim;
    for (std::size_t j = 0; j < in.layout.variables(); ++j) {
        INFO("variable " << j);
        const std::array<scalar, 4> values = naive.round_values();
        const auto g = prover.round();
        CHECK(equal(g.expose(), values));
        if (j != 0) CHECK(values[0] + values[1] == claim);
        const scalar& r = in.r[j];
        claim = values[0] + r * (g.expose().c1 + r * (g.expose().c2 + r * g.expose().c3));
        naive.bind(r);
        prover.bind(r);
    }
    const evaluation_weights at(in.layout, in.tau, in.r);
    CHECK(at.zero_check == naive.eq_tau[0]);
    CHECK(at.first_plane == naive.eq_zero[0]);
    CHECK(prover.v_b().expose() == naive.beta[0]);
    if (in.layout.has_l2()) {
        CHECK(prover.v_x().expose() == naive.xi[0]);
        CHECK(at.slack_row * prover.v_s().expose() == naive.sigma[0]);
        CHECK(at.slack_columns == naive.omega[0]);
        scalar slack;
        for (std::size_t c = 0; c < in.layout.columns(); ++c)
            slack += scalar::from_u64(in.slack[c]) * at.columns[c];
        CHECK(prover.v_s().expose() == slack);
    }
    if (in.layout.has_audit()) {
        CHECK(prover.v_d().expose() == naive.eta[0]);
        CHECK(evaluate_digit_weights(in.layout, in.e, at.rows, at.columns) == naive.W[0]);
    }
    CHECK(prover.opening(in.theta).expose() == opening_of(in, at));
}

const std::vector<shape> shapes{
    // d not a multiple of C; C no power of two; every b
    {50, 20, 2, 0},
    {30, 12, 3, flag_l2},
    {30, 12, 5, flag_audit, 3},
    {20, 11, 6, flag_l2 | flag_audit, 3},
    {19, 7, 8, flag_l2},
    {19, 7, 12, flag_audit, 3},
    {20, 7, 16, flag_l2 | flag_audit, 3},
    {11, 4, 24, flag_l2 | flag_audit, 2},
    // one row
    {7, 7, 4, 0},
    {5, 7, 16, flag_l2},
    {12, 12, 8, flag_audit, 6},
    {12, 12, 3, flag_l2 | flag_audit, 4},
    // one column
    {1, 1, 2, 0},
    {1, 1, 16, 0},
    {37, 1, 5, 0},
    {1, 1, 8, flag_l2},
    {9, 1, 3, flag_l2},
    // C a power of two, and one more
    {64, 16, 4, flag_l2},
    {64, 8, 6, flag_l2 | flag_audit, 3},
    {50, 17, 4, flag_audit, 8},
    // Kg a power of two, and one more: 8 and 9, 16 and 17, 32 and 33
    {24, 3, 3, 0},
    {24, 3, 3, flag_l2},
    {42, 6, 4, flag_l2 | flag_audit, 3},
    {48, 6, 4, flag_l2 | flag_audit, 3},
    {48, 3, 2, flag_l2},
    {60, 4, 2, flag_audit, 1},
    {62, 2, 2, 0},
    {64, 2, 2, flag_l2},
    // an audit row for every data row
    {40, 8, 4, flag_l2 | flag_audit, 4},
};

template <class Arithmetic>
void check_all_shapes() {
    std::uint64_t seed = 0;
    for (const shape& s : shapes) {
        INFO(name_of(s));
        check_against_definition<Arithmetic>(instance(s, fill::random, ++seed));
    }
    for (const fill how : {fill::least, fill::greatest, fill::zero})
        for (const std::uint32_t flags : {0u, flag_l2, flag_audit, flag_l2 | flag_audit}) {
            const shape s{13, 5, 5, flags, (flags & flag_audit) != 0 ? 2u : 0u};
            INFO(name_of(s) << " fill " << static_cast<int>(how));
            check_against_definition<Arithmetic>(instance(s, how, ++seed));
        }
}

// Challenges for which factors vanish: tau_j = 0 leaves the value at 1 out of the claim; eq(tau_j, r_j) = 0
// makes everything later of the zero check's polynomials zero, but not the values behind them.
template <class Arithmetic>
void check_degenerate_challenges() {
    const shape s{12, 4, 4, flag_l2 | flag_audit, 2}; // 2 plane, 3 row and 2 column variables
    const scalar zero, one = scalar::one(), other = scalar::from_u64(7);
    instance in(s, fill::random, 100);
    const std::size_t variables = in.layout.variables();
    REQUIRE(variables == 7);
    for (std::size_t j = 0; j < variables; ++j)
        for (const auto& [tau, r] :
             {std::pair{zero, other}, {one, other}, {zero, one}, {one, zero}, {other, zero}, {other, one}}) {
            instance changed = in;
            changed.tau[j] = tau;
            changed.r[j] = r;
            INFO("variable " << j << (tau == zero) << (tau == one) << (r == zero) << (r == one));
            check_against_definition<Arithmetic>(changed);
        }
    in.tau.assign(variables, zero);
    check_against_definition<Arithmetic>(in);
    in.r.assign(variables, one);
    check_against_definition<Arithmetic>(in);
}

// Everything that a prover says, hashed.
template <class Prover>
hash::digest64 all_of(Prover prover, const instance& in) {
    bytes said;
    const auto say = [&](const scalar& value) {
        const byte_array<32> data = value.bytes();
        said.insert(said.end(), data.begin(), data.end());
    };
    for (const scalar& r : in.r) {
        const auto g = prover.round();
        for (const scalar* c : {&g.expose().c1, &g.expose().c2, &g.expose().c3}) say(*c);
        prover.bind(r);
    }
    say(prover.v_b().expose());
    if (in.layout.has_l2()) {
        say(prover.v_x().expose());
        say(prover.v_s().expose());
    }
    if (in.layout.has_audit()) say(prover.v_d().expose());
    const auto opening = prover.opening(in.theta);
    for (const scalar& u : opening.expose()) say(u);
    return hash::sha512(said);
}

} // namespace

TEST_CASE("sumcheck_prover: portable rounds, evaluations and opening equal the definition", "[zk]") {
    check_all_shapes<row_arithmetic>();
}
TEST_CASE("sumcheck_prover: portable code where factors vanish", "[zk]") {
    check_degenerate_challenges<row_arithmetic>();
}
#if VEILSUM_IFMA_ENGINE
TEST_CASE("sumcheck_prover: rounds, evaluations and opening in lanes equal the definition", "[zk]") {
    if (!has_ifma()) return test::skip_case("no AVX-512 IFMA");
    check_all_shapes<lane_row_arithmetic>();
}
TEST_CASE("sumcheck_prover: lanes where factors vanish", "[zk]") {
    if (!has_ifma()) return test::skip_case("no AVX-512 IFMA");
    check_degenerate_challenges<lane_row_arithmetic>();
}
// Rows as long as layouts allow, where unreduced sums are largest, and challenges close to l.
TEST_CASE("sumcheck_prover: lanes equal portable code on long rows", "[zk]") {
    if (!has_ifma()) return test::skip_case("no AVX-512 IFMA");
    std::uint64_t seed = 200;
    for (const auto& [s, how] : {std::pair{shape{2 * 4096, 4096, 24, flag_l2}, fill::greatest},
                                 {shape{2 * 4096, 4096, 24, flag_l2}, fill::least},
                                 {shape{1417 * 3, 1417, 16, flag_l2 | flag_audit, 29}, fill::random},
                                 {shape{5 * 1030, 1030, 9, 0}, fill::random}}) {
        INFO(name_of(s) << " fill " << static_cast<int>(how));
        instance in(s, how, ++seed);
        CHECK(all_of(in.prover<lane_row_arithmetic>(), in) == all_of(in.prover<row_arithmetic>(), in));
        in.tau.assign(in.tau.size(), -scalar::from_u64(2));
        in.r.assign(in.r.size(), -scalar::one());
        CHECK(all_of(in.prover<lane_row_arithmetic>(), in) == all_of(in.prover<row_arithmetic>(), in));
    }
}
// Many rows: as many bindings, and groups of rows, as there can be.
TEST_CASE("sumcheck_prover: lanes equal portable code on many rows", "[zk]") {
    if (!has_ifma()) return test::skip_case("no AVX-512 IFMA");
    const instance in(shape{4096 * 2, 2, 4, flag_l2}, fill::random, 300);
    CHECK(in.layout.row_variables() == 13);
    CHECK(all_of(in.prover<lane_row_arithmetic>(), in) == all_of(in.prover<row_arithmetic>(), in));
}
#endif

TEST_CASE("sumcheck_prover: results do not depend on the number of threads", "[zk]") {
    const instance in(shape{600, 20, 5, flag_l2 | flag_audit, 5}, fill::random, 400);
    const auto prove = [&] {
        return all_of(sumcheck_prover(in.layout, in.x, in.slack, in.e, in.tau, in.gamma), in);
    };
    const hash::digest64 expected = all_of(in.prover<row_arithmetic>(), in);
    for (const int threads : {1, 2, 5}) CHECK(test::with_threads(threads, prove) == expected);
}

// Contracts are checked before threads start, which a forked process could not.
TEST_CASE("sumcheck_prover: what the caller must guarantee", "[zk]") {
    const instance in(shape{50, 20, 5, flag_l2 | flag_audit, 5}, fill::random, 500);
    const auto make = [&](auto x, auto slack, auto e, auto tau) {
        return test::ends_process([&] { sumcheck_prover prover(in.layout, x, slack, e, tau, in.gamma); });
    };
    const std::span<const scalar> e(in.e), tau(in.tau);
    const std::span<const std::int32_t> x(in.x);
    const std::span<const std::uint8_t> slack(in.slack);
    CHECK(make(x.first(x.size() - 1), slack, e, tau));
    CHECK(make(x, slack.first(19), e, tau));
    CHECK(make(x, std::span<const std::uint8_t>(), e, tau));
    CHECK(make(x, slack, e.first(e.size() - 1), tau));
    CHECK(make(x, slack, e, tau.first(tau.size() - 1)));
    sumcheck_prover prover(in.layout, x, slack, e, tau, in.gamma);
    CHECK(test::ends_process([&] { (void)prover.v_b(); })); // variables are left
    CHECK(test::ends_process([&] { (void)prover.opening(in.theta); }));
    for (const scalar& r : in.r) prover.bind(r);
    CHECK(prover.opening(in.theta).expose().size() == in.layout.columns());
    CHECK(test::ends_process([&] { prover.bind(in.r[0]); }));
    CHECK(test::ends_process([&] { (void)prover.round(); }));
    const instance plain(shape{50, 20, 5, 0}, fill::random, 501);
    sumcheck_prover without(plain.layout, plain.x, {}, {}, plain.tau, plain.gamma); // no weights needed
    for (const scalar& r : plain.r) without.bind(r);
    CHECK(test::ends_process([&] { (void)without.v_x(); }));
    CHECK(test::ends_process([&] { (void)without.v_s(); }));
    CHECK(test::ends_process([&] { (void)without.v_d(); }));
}
