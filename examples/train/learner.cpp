#include "train/learner.hpp"

#include <veilsum/learn/generator.hpp>
#include <veilsum/learn/sgd.hpp>

namespace train {

namespace {

veilsum::learn::activation hidden_of(const options& given) {
    using veilsum::learn::activation;
    return given.activation == "tanh"      ? activation::tanh
           : given.activation == "sigmoid" ? activation::sigmoid
                                           : activation::relu;
}

} // namespace

learner::learner(const options& given, const learning_task& task)
    : given_(&given), task_(&task),
      network_({task.train.features(), given.hidden, static_cast<std::size_t>(task.train.classes)},
               hidden_of(given)) {}

std::size_t learner::parameters() const {
    return network_.parameters();
}

std::string learner::description() const {
    const auto& widths = network_.widths();
    return std::to_string(widths[0]) + " - " + std::to_string(widths[1]) + " (" + given_->activation +
           ") - " + std::to_string(widths[2]);
}

std::vector<float> learner::initial_weights() const {
    return network_.initial_weights(given_->seed);
}

void learner::deal_data() {
    shards_ = task_->train.partition(given_->clients, given_->seed);
}

std::vector<float> learner::local_update(std::span<const float> model, std::size_t i,
                                         std::uint64_t round) const {
    std::vector<float> weights(model.begin(), model.end());
    const veilsum::learn::sgd how{given_->epochs, given_->batch, given_->rate, given_->momentum};
    const std::uint64_t seed = veilsum::learn::generator::stream(given_->seed + round, i).next();
    veilsum::learn::train(network_, weights, shards_[i], how, seed);
    for (std::size_t j = 0; j < weights.size(); ++j) weights[j] -= model[j];
    return weights;
}

model_quality learner::evaluate(std::span<const float> model) const {
    const auto quality = network_.evaluate(model, task_->test.inputs, task_->test.labels);
    return {quality.accuracy, quality.loss};
}

} // namespace train
