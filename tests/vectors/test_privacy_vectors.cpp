// privacy.json: draws of the samplers from a known stream, noise plans with their bounds and costs,
// compositions, and ledgers with altered copies.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"
#include "vectors/vector_file.hpp"

#include <veilsum/privacy/accountant.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using namespace veilsum;
using namespace veilsum::privacy;
using test::json;

namespace {

constexpr const char* file_name = "privacy.json";
constexpr std::size_t drawn = 64;

json ratio_of(const ratio& value) {
    return json::array({value.numerator(), value.denominator()});
}

template <class Draw>
json draws_of(std::uint64_t seed, json parameters, const Draw& draw) {
    test::seeded_random rng(seed);
    coins flip(rng);
    parameters["seed"] = seed;
    parameters["values"] = json::array();
    for (std::size_t i = 0; i < drawn; ++i) parameters["values"].push_back(draw(flip));
    return parameters;
}

json samplers() {
    json out = json::array();
    std::uint64_t seed = 0;
    for (const auto& [a, b] :
         {std::pair<std::uint64_t, std::uint64_t>{1, 3}, {65535, 65536}, {1, 1'000'000'007}})
        out.push_back(draws_of(++seed, {{"kind", "bernoulli"}, {"parameter", {a, b}}},
                               [a = a, b = b](auto& flip) { return int{flip.bernoulli(a, b)}; }));
    for (const auto& [a, b] : {std::pair<std::uint64_t, std::uint64_t>{1, 1}, {1, 1000}, {7, 3}})
        out.push_back(draws_of(++seed, {{"kind", "bernoulli_exp"}, {"parameter", {a, b}}},
                               [a = a, b = b](auto& flip) { return int{flip.bernoulli_exp(a, b)}; }));
    for (const ratio& scale : {*ratio::of(1), *ratio::of(5, 2), *ratio::of(1000, 7), *ratio::of(1, 3)})
        out.push_back(draws_of(++seed, {{"kind", "discrete_laplace"}, {"parameter", ratio_of(scale)}},
                               [noise = discrete_laplace(scale)](auto& flip) { return noise.sample(flip); }));
    for (const ratio& variance : {*ratio::of(1), *ratio::of(1, 4), *ratio::of(10, 3), *ratio::of(1'000'000),
                                  *ratio::of(std::uint64_t{1} << 52)})
        out.push_back(draws_of(
            ++seed, {{"kind", "discrete_gaussian"}, {"parameter", ratio_of(variance)}},
            [noise = discrete_gaussian::of(variance).value()](auto& flip) { return noise.sample(flip); }));
    for (const auto& [scale, parts] : {std::pair(*ratio::of(2), 3u), {*ratio::of(20, 3), 10u}})
        out.push_back(
            draws_of(++seed, {{"kind", "polya_difference"}, {"parameter", ratio_of(scale)}, {"parts", parts}},
                     [noise = polya_difference(scale, parts)](auto& flip) { return noise.sample(flip); }));
    return out;
}

json plan_case(const noise_request& request, std::uint64_t norm) {
    auto plan = noise_plan::make(request);
    REQUIRE(plan);
    json out{{"mechanism", static_cast<unsigned>(request.kind)},
             {"amount", ratio_of(request.amount)},
             {"clients", request.clients},
             {"missing", request.missing},
             {"colluding", request.colluding},
             {"dimension", request.dimension},
             {"tail_bits", request.tail_bits},
             {"norm", norm},
             {"largest_noise", plan->largest_noise()},
             {"noised_norm_bound", plan->noised_norm_bound(norm)}};
    if (const auto gap = plan->gap()) out["gap"] = *gap;
    for (const auto& [name, relation] :
         {std::pair("cost_removed", neighbours::removed), {"cost_replaced", neighbours::replaced}})
        if (auto cost = cost_of(*plan, norm, relation)) out[name] = *cost;
    return out;
}

json plans() {
    json out = json::array();
    for (const std::uint64_t variance : {8u, 40'000u, 3'000'000u})
        for (const std::uint32_t tail : {96u, 128u, 256u})
            out.push_back(plan_case({mechanism::gaussian, *ratio::of(variance), 10, 1, 1, 100, tail}, 9000));
    out.push_back(plan_case({mechanism::gaussian, *ratio::of(24368939, 8), 20, 2, 4, 25450, 128}, 112740));
    out.push_back(plan_case({mechanism::gaussian, *ratio::of(200, 3), 60, 10, 10, 7, 128}, 1));
    out.push_back(plan_case({mechanism::gaussian, *ratio::of(1000), 1, 0, 0, 1u << 24, 128},
                            (std::uint64_t{1} << 50) - 1));
    out.push_back(plan_case({mechanism::laplace, *ratio::of(1000, 3), 10, 1, 1, 1, 128}, 10'000));
    out.push_back(plan_case({mechanism::laplace, *ratio::of(50), 1000, 100, 300, 33, 160}, 777));
    return out;
}

json compositions() {
    json out = json::array();
    for (const std::uint64_t delta : {std::uint64_t{1}, atto / 10'000'000'000, atto / 1'000'000, atto / 100})
        for (const auto& [rho, epsilon, times] :
             {std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>{1'000'000, 0, 0},
              {pico / 2, 0, 0},
              {2'560'000'000'000, 0, 0},
              {70'000'000'000, 0, 0},
              {0, 100'000, 50},
              {0, 1'000'000, 3},
              {0, 2'500'000, 2},
              {pico / 10, 500'000, 7}}) {
            spending book;
            if (rho != 0) REQUIRE(book.add_concentrated(rho));
            for (std::uint64_t i = 0; i < times; ++i) REQUIRE(book.add_pure(epsilon));
            json one{{"rho_pico", rho},
                     {"epsilon_micro", epsilon},
                     {"times", times},
                     {"delta_atto", delta},
                     {"renyi", book.renyi(delta)}};
            if (const auto drv = book.advanced(delta); drv && rho == 0) one["advanced"] = *drv;
            one["spent"] = book.epsilon_micro(delta).value();
            out.push_back(one);
        }
    return out;
}

json ledgers() {
    json out = json::array();
    for (const neighbours relation : {neighbours::removed, neighbours::replaced}) {
        privacy_terms terms{{}, relation, 20 * micro, atto / 1'000'000};
        terms.scope.fill(static_cast<std::uint8_t>(relation));
        auto book = accountant::open(terms);
        REQUIRE(book);
        const auto gaussian =
            noise_plan::make({mechanism::gaussian, *ratio::of(24368939, 8), 20, 2, 4, 25450, 128});
        const auto laplace = noise_plan::make({mechanism::laplace, *ratio::of(5000), 20, 2, 4, 10, 128});
        REQUIRE(gaussian);
        REQUIRE(laplace);
        REQUIRE(book->charge(1, *gaussian, 112'740));
        REQUIRE(book->charge(2, *gaussian, 112'740));
        REQUIRE(book->charge(9, *laplace, 1'000'000));
        const std::string good = to_hex(book->encode());
        json one{{"ledger", good}, {"spent", book->spent_micro()}, {"altered", json::array()}};
        constexpr std::size_t head = wire::frame_header_bytes, entry = head + ledger_head_bytes;
        for (const auto& [name, at] : {std::pair<const char*, std::size_t>{"magic", 0},
                                       {"type", 5},
                                       {"version", 7},
                                       {"count", entry - 1},
                                       {"relation", head + 32},
                                       {"delta", head + 41},
                                       {"round", entry + ledger_entry_bytes + 6},
                                       {"mechanism", entry + 8},
                                       {"variance", entry + 16},
                                       {"denominator", entry + 24},
                                       {"colluding", entry + 36},
                                       {"dimension", entry + 40},
                                       {"norm", entry + 50},
                                       {"cost", entry + 58},
                                       {"spent", entry + 66},
                                       {"last_round", entry + 2 * ledger_entry_bytes + 7}}) {
            const json replace = test::flipped(good, at, 0);
            auto verdict = accountant::decode(test::altered(test::from(good), replace));
            json change{{"name", name}, {"replace", replace}};
            change["verdict"] =
                verdict ? json("accepted")
                        : json{{"code", name_of(verdict.error().code)}, {"check", verdict.error().check}};
            one["altered"].push_back(change);
        }
        out.push_back(one);
    }
    return out;
}

json written() {
    return {{"samplers", samplers()},
            {"plans", plans()},
            {"compositions", compositions()},
            {"ledgers", ledgers()}};
}

} // namespace

TEST_CASE("privacy vectors: the file is what this library writes", "[vectors]") {
    CHECK(written() == test::read_vectors(file_name));
}

TEST_CASE("privacy vectors: write the file", "[.write]") {
    test::write_vectors(file_name, written());
}
