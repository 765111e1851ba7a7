#include "support/catch.hpp"
#include "support/ends_process.hpp"

#include <veilsum/learn/generator.hpp>
#include <veilsum/learn/mlp.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

using namespace veilsum::learn;
namespace test = veilsum::test;

namespace {

matrix<double> random_inputs(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed) {
    generator draw(seed);
    matrix<double> inputs(rows, columns);
    for (Eigen::Index i = 0; i < inputs.size(); ++i) inputs.data()[i] = draw.uniform(-1, 1);
    return inputs;
}

std::vector<double> random_weights(std::size_t count, std::uint64_t seed) {
    generator draw(seed);
    std::vector<double> weights(count);
    for (double& w : weights) w = draw.uniform(-1, 1);
    return weights;
}

// Loss and scores of one example by loops over the definition, with nothing shared with the class but the
// layout.
double loss_by_loops(const mlp<double>& network, std::span<const double> weights, std::vector<double> values,
                     std::int32_t label, activation hidden) {
    std::size_t at = 0;
    for (std::size_t k = 0; k < network.layers(); ++k) {
        const std::size_t inputs = network.widths()[k], outputs = network.widths()[k + 1];
        std::vector<double> next(outputs);
        for (std::size_t o = 0; o < outputs; ++o) {
            next[o] = weights[at + inputs * outputs + o];
            for (std::size_t i = 0; i < inputs; ++i) next[o] += weights[at + o * inputs + i] * values[i];
            if (k + 1 == network.layers()) continue;
            if (hidden == activation::relu) next[o] = std::max(0.0, next[o]);
            if (hidden == activation::tanh) next[o] = std::tanh(next[o]);
            if (hidden == activation::sigmoid) next[o] = 1 / (1 + std::exp(-next[o]));
        }
        at += (inputs + 1) * outputs;
        values = next;
    }
    double sum = 0;
    for (const double z : values) sum += std::exp(z);
    return std::log(sum) - values[static_cast<std::size_t>(label)];
}

} // namespace

TEST_CASE("mlp: one layer by hand", "[learn]") {
    // z = (1 - 2 + 1/2, 3 - 4 - 1/2) = (-1/2, -3/2), p = (1/(1 + e^-1), ...), label 0
    const mlp<double> network({2, 2}, activation::relu);
    REQUIRE(network.parameters() == 6);
    const std::vector<double> weights = {1, 2, 3, 4, 0.5, -0.5};
    matrix<double> x(1, 2);
    x << 1, -1;
    const std::int32_t label[] = {0};
    const matrix<double> z = network.scores(weights, x);
    CHECK(z(0, 0) == -0.5);
    CHECK(z(0, 1) == -1.5);
    std::vector<double> gradient(6, std::numeric_limits<double>::quiet_NaN()); // overwritten, not added to
    CHECK(network.loss_and_gradient(weights, x, label, gradient) ==
          Approx(0.31326168751822286).epsilon(1e-14));
    const double q = 0.2689414213699951; // 1 - p_0 = p_1
    const double expected[] = {-q, q, q, -q, -q, q};
    for (std::size_t j = 0; j < 6; ++j) CHECK(gradient[j] == Approx(expected[j]).epsilon(1e-14));
}

TEST_CASE("mlp: a hidden layer of two ReLU units by hand", "[learn]") {
    // x = 2, z_1 = (2, -3/2), a = (2, 0), scores (2, 0), label 1: p_0 = 1/(1 + e^-2)
    const mlp<double> network({1, 2, 2}, activation::relu);
    REQUIRE(network.parameters() == 10);
    const std::vector<double> weights = {1, -1, 0, 0.5, /**/ 1, 5, 0, 7, 0, 0};
    matrix<double> x(1, 1);
    x << 2;
    const std::int32_t label[] = {1};
    std::vector<double> gradient(10);
    CHECK(network.loss_and_gradient(weights, x, label, gradient) ==
          Approx(2.1269280110429727).epsilon(1e-14));
    const double p = 0.8807970779778823;
    const double expected[] = {2 * p, 0, p, 0, /**/ 2 * p, 0, -2 * p, 0, p, -p};
    for (std::size_t j = 0; j < 10; ++j)
        CHECK(gradient[j] == Approx(expected[j]).epsilon(1e-13).margin(1e-300));
}

TEST_CASE("mlp: the derivative of ReLU at 0 is 0", "[learn]") {
    const mlp<double> network({1, 1, 2}, activation::relu);
    const std::vector<double> weights = {0, 0, 1, -1, 0, 0};
    matrix<double> x(1, 1);
    x << 1;
    const std::int32_t label[] = {0};
    std::vector<double> gradient(6);
    static_cast<void>(network.loss_and_gradient(weights, x, label, gradient));
    CHECK(gradient[0] == 0);
    CHECK(gradient[1] == 0);
    CHECK(gradient[4] == Approx(-0.5));
}

TEST_CASE("mlp: gradients agree with finite differences, the loss with plain loops", "[learn]") {
    const auto hidden = GENERATE(activation::relu, activation::tanh, activation::sigmoid);
    const auto widths = GENERATE(std::vector<std::size_t>{5, 4}, std::vector<std::size_t>{5, 6, 4},
                                 std::vector<std::size_t>{5, 6, 3, 4});
    const mlp<double> network(widths, hidden);
    std::vector<double> weights = random_weights(network.parameters(), 3);
    const matrix<double> x = random_inputs(7, 5, 4);
    const std::vector<std::int32_t> labels = {0, 1, 2, 3, 3, 1, 0};
    std::vector<double> gradient(weights.size()), unused(weights.size());
    const double loss = network.loss_and_gradient(weights, x, labels, gradient);

    double naive = 0;
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
        const std::vector<double> example(x.row(i).data(), x.row(i).data() + x.cols());
        naive += loss_by_loops(network, weights, example, labels[static_cast<std::size_t>(i)], hidden) / 7;
    }
    CHECK(loss == Approx(naive).epsilon(1e-13));

    const double step = 1e-6;
    double worst = 0;
    for (std::size_t j = 0; j < weights.size(); ++j) {
        const double kept = weights[j];
        weights[j] = kept + step;
        const double above = network.loss_and_gradient(weights, x, labels, unused);
        weights[j] = kept - step;
        const double below = network.loss_and_gradient(weights, x, labels, unused);
        weights[j] = kept;
        worst = std::max(worst, std::abs((above - below) / (2 * step) - gradient[j]));
    }
    CHECK(worst < 1e-8);
    CHECK(*std::max_element(gradient.begin(), gradient.end()) > 1e-3);
}

TEST_CASE("mlp: scores far apart overflow nothing", "[learn]") {
    const mlp<float> network({1, 2}, activation::relu);
    const std::vector<float> weights = {1, -1, 0, 0};
    matrix<float> x(1, 1);
    x << 1e6F;
    const std::int32_t right[] = {0}, wrong[] = {1};
    std::vector<float> gradient(4);
    CHECK(network.loss_and_gradient(weights, x, right, gradient) == 0.0F);
    CHECK(network.loss_and_gradient(weights, x, wrong, gradient) == 2e6F);
    CHECK(gradient[0] == 1e6F);
}

TEST_CASE("mlp: evaluate counts what the scores say, over many blocks", "[learn]") {
    // 2500 examples are three blocks of evaluation; class is the sign of x, weights score it right but for
    // |x| small.
    const mlp<double> network({1, 2}, activation::relu);
    const std::vector<double> weights = {1, -1, 0, 0.5};
    const matrix<double> x = random_inputs(2500, 1, 8);
    std::vector<std::int32_t> labels;
    std::size_t right = 0;
    double loss = 0;
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
        labels.push_back(x(i, 0) > 0 ? 0 : 1);
        right += (x(i, 0) >= 0.25) == (labels.back() == 0);
        loss += loss_by_loops(network, weights, {x(i, 0)}, labels.back(), activation::relu) / 2500;
    }
    const auto quality = network.evaluate(weights, x, labels);
    CHECK(quality.accuracy == static_cast<double>(right) / 2500);
    CHECK(quality.accuracy < 0.95);
    CHECK(quality.accuracy > 0.80);
    CHECK(quality.loss == Approx(loss).epsilon(1e-12));
    std::vector<double> gradient(4);
    CHECK(network.loss_and_gradient(weights, x, labels, gradient) == Approx(loss).epsilon(1e-12));
}

TEST_CASE("mlp: of equal scores the first counts", "[learn]") {
    const mlp<float> network({2, 3}, activation::relu);
    const std::vector<float> weights(network.parameters(), 0.0F);
    const matrix<float> x = matrix<float>::Ones(4, 2);
    const std::int32_t labels[] = {0, 1, 2, 0};
    const auto quality = network.evaluate(weights, x, labels);
    CHECK(quality.accuracy == 0.5);
    CHECK(quality.loss == Approx(std::log(3.0)));
}

TEST_CASE("mlp: initial weights lie within their bounds and fill them", "[learn]") {
    const auto [hidden, gain] = GENERATE(table<activation, double>(
        {{activation::relu, 2.0}, {activation::tanh, 1.0}, {activation::sigmoid, 1.0}}));
    const mlp<double> network({30, 20, 10}, hidden);
    const auto weights = network.initial_weights(5);
    REQUIRE(weights.size() == 31 * 20 + 21 * 10);
    const auto check = [&, gain = gain](std::size_t from, std::size_t inputs, std::size_t outputs) {
        const double bound = std::sqrt(gain * 6 / static_cast<double>(inputs + outputs));
        double greatest = 0;
        for (std::size_t j = 0; j < inputs * outputs; ++j)
            greatest = std::max(greatest, std::abs(weights[from + j]));
        CHECK(greatest <= bound);
        CHECK(greatest > 0.9 * bound);
        for (std::size_t o = 0; o < outputs; ++o) CHECK(weights[from + inputs * outputs + o] == 0);
    };
    check(0, 30, 20);
    check(31 * 20, 20, 10);
    CHECK(network.initial_weights(5) == weights);
    CHECK(network.initial_weights(6) != weights);
}

TEST_CASE("mlp: sizes that do not fit break a contract", "[learn]") {
    const mlp<float> network({2, 3}, activation::relu);
    const std::vector<float> weights(network.parameters());
    const matrix<float> x = matrix<float>::Zero(1, 2), wide = matrix<float>::Zero(1, 3);
    const std::int32_t label[] = {0}, beyond[] = {3}, negative[] = {-1}, two[] = {0, 0};
    std::vector<float> gradient(weights.size()), short_gradient(1);
    CHECK(test::ends_process([] { mlp<float>({2}, activation::relu); }));
    CHECK(test::ends_process([] { mlp<float>({2, 0, 3}, activation::relu); }));
    CHECK(test::ends_process([&] { static_cast<void>(network.scores(std::vector<float>(3), x)); }));
    CHECK(test::ends_process([&] { static_cast<void>(network.scores(weights, wide)); }));
    CHECK(test::ends_process([&] { network.loss_and_gradient(weights, x, label, short_gradient); }));
    CHECK(test::ends_process([&] { network.loss_and_gradient(weights, x, two, gradient); }));
    CHECK(test::ends_process([&] { network.loss_and_gradient(weights, x, beyond, gradient); }));
    CHECK(test::ends_process([&] { network.loss_and_gradient(weights, x, negative, gradient); }));
    CHECK(test::ends_process([&] { static_cast<void>(network.evaluate(weights, x, two)); }));
}
