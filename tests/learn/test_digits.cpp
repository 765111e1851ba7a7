#include "support/catch.hpp"
#include "support/thread_count.hpp"

#include <veilsum/learn/digits.hpp>
#include <veilsum/learn/mlp.hpp>
#include <veilsum/learn/sgd.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

using namespace veilsum::learn;
namespace test = veilsum::test;

TEST_CASE("digits: the same seed gives the same images for any number of threads", "[learn]") {
    const auto draw = [] { return generate_digits(40, 6); };
    const data_set one = test::with_threads(1, draw), two = test::with_threads(2, draw);
    CHECK(one.inputs == two.inputs);
    CHECK(one.labels == two.labels);
    // Image i does not depend on how many there are, only on the seed.
    CHECK(generate_digits(25, 6).inputs == one.inputs.topRows(25));
    const data_set other = generate_digits(40, 7);
    for (Eigen::Index i = 0; i < 40; ++i) CHECK(other.inputs.row(i) != one.inputs.row(i));
}

TEST_CASE("digits: 28 x 28 values in [0, 1], labels in turn", "[learn]") {
    const data_set data = generate_digits(203, 1);
    REQUIRE(data.inputs.rows() == 203);
    CHECK(data.features() == 784);
    CHECK(data.classes == 10);
    for (std::size_t i = 0; i < data.size(); ++i) CHECK(data.labels[i] == static_cast<std::int32_t>(i % 10));
    CHECK(data.inputs.minCoeff() >= 0.0F);
    CHECK(data.inputs.maxCoeff() <= 1.0F);
    // Ink and paper are on every image, and no two images of one digit are alike.
    for (Eigen::Index i = 0; i < data.inputs.rows(); ++i) {
        CHECK(data.inputs.row(i).minCoeff() < 0.1F);
        CHECK(data.inputs.row(i).maxCoeff() > 0.6F);
    }
    for (Eigen::Index i = 10; i < data.inputs.rows(); ++i)
        CHECK(data.inputs.row(i) != data.inputs.row(i - 10));
    CHECK(generate_digits(0, 1).size() == 0);
}

TEST_CASE("digits: a small network learns them", "[learn]") {
    const data_set training = generate_digits(1500, 1), testing = generate_digits(400, 2);
    const mlp<float> network({784, 16, 10}, activation::relu);
    std::vector<float> weights = network.initial_weights(1);
    const auto before = network.evaluate(weights, testing.inputs, testing.labels);
    CHECK(before.accuracy < 0.3);
    const double loss =
        train(network, weights, training, {.epochs = 5, .batch = 25, .rate = 0.03F, .momentum = 0.9F}, 1);
    const auto after = network.evaluate(weights, testing.inputs, testing.labels);
    INFO("accuracy " << after.accuracy << ", loss " << after.loss << ", training loss " << loss);
    CHECK(after.accuracy > 0.9);
    CHECK(after.loss < 0.2 * before.loss);
    CHECK(loss < 0.3);
}
