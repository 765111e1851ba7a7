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
    if (!given_->uneven) {
        shards_ = task_->train.partition(given_->clients, given_->seed);
        return;
    }
    const std::size_t clients = given_->clients, shares = clients * (clients + 1) / 2;
    const std::vector<std::size_t> order =
        veilsum::learn::generator(given_->seed).permutation(task_->train.size());
    std::vector<std::vector<std::size_t>> rows(clients);
    for (std::size_t k = 0; k < order.size(); ++k) {
        std::size_t share = k % shares, owner = 0; // the first client has one share, the next two, ...
        while (share > owner) share -= ++owner;
        rows[owner].push_back(order[k]);
    }
    shards_.clear();
    for (const auto& own : rows) shards_.push_back(task_->train.subset(own));
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
