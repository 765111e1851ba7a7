#include "support/catch.hpp"
#include "support/ends_process.hpp"
#include "support/thread_count.hpp"

#include <veilsum/core/parallel.hpp>
#include <veilsum/learn/digits.hpp>
#include <veilsum/learn/sgd.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

using namespace veilsum::learn;
namespace test = veilsum::test;

namespace {

data_set one_example() {
    data_set data{matrix<float>(1, 1), {0}, 2};
    data.inputs << 1;
    return data;
}

// Four clients train on their own parts, as in a federated round.
std::vector<std::vector<float>> train_clients(const std::vector<data_set>& shards) {
    const mlp<float> network({784, 8, 10}, activation::tanh);
    std::vector<std::vector<float>> weights(shards.size(), network.initial_weights(1));
    veilsum::parallel_for(shards.size(), [&](std::size_t i) {
        const sgd how{.epochs = 1, .batch = 7, .rate = 0.05F, .momentum = 0.9F};
        train(network, weights[i], shards[i], how, i);
    });
    return weights;
}

} // namespace

TEST_CASE("sgd: two steps by hand", "[learn]") {
    // Weights (w_0, w_1, b_0, b_1) = 0, x = 1, label 0, eta = 1/2, mu = 0.9.
    //   g = (-1/2, 1/2, -1/2, 1/2) = v,                   w_0 = 1/4,                        loss log 2
    //   z = (1/2, -1/2), g_0 = 1/(1 + e^-1) - 1 = -q,     v_0 = -0.45 - q,   w_0 = 1/4 + (0.45 + q)/2
    const mlp<float> network({1, 2}, activation::relu);
    const float q = 0.26894142F;
    std::vector<float> weights(4, 0.0F);
    CHECK(train(network, weights, one_example(), {.epochs = 1, .batch = 1, .rate = 0.5F, .momentum = 0.9F},
                0) == Approx(0.69314718).epsilon(1e-6));
    CHECK(weights == std::vector<float>{0.25F, -0.25F, 0.25F, -0.25F});

    weights.assign(4, 0.0F);
    CHECK(train(network, weights, one_example(), {.epochs = 2, .batch = 1, .rate = 0.5F, .momentum = 0.9F},
                0) == Approx(0.31326169).epsilon(1e-6));
    const float w = 0.25F + (0.45F + q) / 2;
    const float expected[] = {w, -w, w, -w};
    for (std::size_t j = 0; j < 4; ++j) CHECK(weights[j] == Approx(expected[j]).epsilon(1e-6));

    weights.assign(4, 0.0F);
    train(network, weights, one_example(), {.epochs = 2, .batch = 1, .rate = 0.5F, .momentum = 0.0F}, 0);
    CHECK(weights[0] == Approx(0.25F + q / 2).epsilon(1e-6));
}

TEST_CASE("sgd: every example is in one batch of an epoch, and the last batch may be smaller", "[learn]") {
    const data_set data = generate_digits(23, 5);
    const mlp<float> network({784, 10}, activation::relu);
    const std::vector<float> start = network.initial_weights(2);
    std::vector<float> gradient(start.size());
    const float loss = network.loss_and_gradient(start, data.inputs, data.labels, gradient);

    // A rate of 0 leaves the weights: the mean over batches of 5 is the mean over all.
    std::vector<float> weights = start;
    CHECK(train(network, weights, data, {.epochs = 2, .batch = 5, .rate = 0.0F, .momentum = 0.9F}, 1) ==
          Approx(loss).epsilon(1e-5));
    CHECK(weights == start);

    // A batch as large as the set, or larger: one step along the whole gradient.
    train(network, weights, data, {.epochs = 1, .batch = 23, .rate = 0.1F, .momentum = 0.5F}, 1);
    for (std::size_t j = 0; j < weights.size(); ++j)
        if (std::abs(weights[j] - (start[j] - 0.1F * gradient[j])) > 1e-6F) FAIL("weight " << j);
    std::vector<float> larger = start;
    train(network, larger, data, {.epochs = 1, .batch = 1000, .rate = 0.1F, .momentum = 0.5F}, 1);
    CHECK(larger == weights);

    // No epoch: nothing happens.
    CHECK(train(network, larger, data, {.epochs = 0, .batch = 5, .rate = 0.1F, .momentum = 0.5F}, 1) == 0);
    CHECK(larger == weights);
}

TEST_CASE("sgd: the seed fixes the order of examples", "[learn]") {
    const data_set data = generate_digits(30, 5);
    const mlp<float> network({784, 10}, activation::relu);
    const auto trained = [&](std::uint64_t seed) {
        std::vector<float> weights = network.initial_weights(2);
        train(network, weights, data, {.epochs = 1, .batch = 4, .rate = 0.05F, .momentum = 0.9F}, seed);
        return weights;
    };
    CHECK(trained(1) == trained(1));
    CHECK(trained(1) != trained(2));
}

TEST_CASE("sgd: the same bits with one and two threads, and again", "[learn]") {
    const auto shards = generate_digits(160, 3).partition(4, 1);
    const auto run = [&] { return train_clients(shards); };
    const auto one = test::with_threads(1, run);
    CHECK(test::with_threads(2, run) == one);
    CHECK(test::with_threads(2, run) == one);
    CHECK(one[0] != one[1]);
}

TEST_CASE("sgd: impossible options break a contract", "[learn]") {
    const mlp<float> network({1, 2}, activation::relu);
    const data_set data = one_example();
    const auto refused = [&](sgd how, std::size_t weight_count) {
        return test::ends_process([&] {
            std::vector<float> weights(weight_count);
            train(network, weights, data, how, 0);
        });
    };
    CHECK(!refused({.epochs = 1, .batch = 1, .rate = 0.1F, .momentum = 0.9F}, 4));
    CHECK(refused({.epochs = 1, .batch = 0, .rate = 0.1F, .momentum = 0.9F}, 4));
    CHECK(refused({.epochs = 1, .batch = 1, .rate = 0.1F, .momentum = 1.0F}, 4));
    CHECK(refused({.epochs = 1, .batch = 1, .rate = 0.1F, .momentum = -0.1F}, 4));
    CHECK(refused({.epochs = 1, .batch = 1, .rate = 0.1F, .momentum = 0.9F}, 5));
    CHECK(test::ends_process([&] {
        std::vector<float> weights(4);
        train(network, weights, data.subset({}), {}, 0);
    }));
}
