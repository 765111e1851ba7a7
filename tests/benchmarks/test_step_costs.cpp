// The prediction of benchmarks/estimate: the fit finds what the samples were made of, and refuses what tells
// it nothing.
#include "support/catch.hpp"

#include "estimate/step_costs.hpp"

#include <veilsum/encoding/plan_layout.hpp>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

using namespace veilsum::bench;

namespace {

std::vector<cost_sample> samples_of(const cost_terms& factors, double noise = 0) {
    std::vector<cost_sample> out;
    double sign = 1;
    for (const auto& [edges, ciphertexts] :
         std::vector<std::pair<double, double>>{{260, 12}, {420, 60}, {640, 170}, {1100, 480}}) {
        const cost_terms terms{1, edges, ciphertexts};
        out.push_back({terms, cost_at(factors, terms) * (1 + sign * noise)});
        sign = -sign;
    }
    return out;
}

} // namespace

TEST_CASE("step costs: exact samples give the factors that they were made with", "[benchmarks]") {
    for (const cost_terms& factors : {cost_terms{0.07, 2e-5, 6e-3}, cost_terms{0, 3e-6, 1e-4},
                                      cost_terms{0.5, 0, 0}, cost_terms{0, 0, 2e-2}}) {
        const auto found = fit_costs(samples_of(factors));
        REQUIRE(found);
        for (std::size_t i = 0; i < 3; ++i) CHECK((*found)[i] == Approx(factors[i]).margin(1e-9));
    }
}

TEST_CASE("step costs: noise of 3 % moves a prediction forty times as far by less than 10 %",
          "[benchmarks]") {
    const cost_terms factors{0.07, 2e-5, 6e-3}, large{1, 6500, 19200};
    const auto found = fit_costs(samples_of(factors, 0.03));
    REQUIRE(found);
    CHECK(std::abs(cost_at(*found, large) / cost_at(factors, large) - 1) < 0.10);
}

TEST_CASE("step costs: no factor is negative, whatever the samples say", "[benchmarks]") {
    // Falls with the size: the best of what is possible is a constant.
    std::vector<cost_sample> falling = samples_of({0.1, 0, 0});
    for (std::size_t k = 0; k < falling.size(); ++k) falling[k].seconds -= 0.01 * static_cast<double>(k);
    const auto found = fit_costs(falling);
    REQUIRE(found);
    for (const double factor : *found) CHECK(factor >= 0);
    CHECK((*found)[0] == Approx(0.085).epsilon(0.1));
}

TEST_CASE("step costs: samples that tell nothing are refused", "[benchmarks]") {
    std::vector<cost_sample> samples = samples_of({0.07, 2e-5, 6e-3});
    CHECK_FALSE(fit_costs({samples.data(), 2}));
    for (const double bad :
         {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
        auto wrong = samples;
        wrong[1].seconds = bad;
        CHECK_FALSE(fit_costs(wrong));
    }
    CHECK(fit_costs(samples));
}

TEST_CASE("step costs: the terms are those of the layout", "[benchmarks]") {
    const auto layout = veilsum::encoding::plan_layout({.format = {12, 16, 7.5},
                                                        .values = 252398,
                                                        .total_weight = 1024,
                                                        .modulus_bits = 3072,
                                                        .exponent_bits = 512});
    REQUIRE(layout);
    const cost_terms terms = terms_of(*layout);
    REQUIRE(layout->slots() == 118); // of 26 bits
    CHECK(terms[0] == 1);
    CHECK(terms[1] == static_cast<double>(layout->columns() + layout->data_rows() + layout->audit_rows()));
    CHECK(terms[2] ==
          static_cast<double>((layout->data_rows() + layout->audit_rows()) * (layout->columns() / 118)));
    CHECK(terms[2] * 118 >= 252398);
}

TEST_CASE("step costs: the median is one of the values in the middle", "[benchmarks]") {
    CHECK(median({3, 1, 2}) == 2);
    CHECK(median({7}) == 7);
    CHECK(median({4, 1, 100, 3, 2}) == 3);
}
