// Stochastic gradient descent with momentum: v <- mu v + g, w <- w - eta v (Sutskever et al. 2013, without
// Nesterov's correction), over shuffled mini-batches.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/learn/data_set.hpp>
#include <veilsum/learn/generator.hpp>
#include <veilsum/learn/mlp.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace veilsum::learn {

struct sgd {
    std::size_t epochs = 1; // passes over the data
    std::size_t batch = 32; // the last batch of an epoch may be smaller
    float rate = 0.05F;     // eta
    float momentum = 0.9F;  // mu, in [0, 1)
};

// Trains `weights` in place; velocity starts at 0. `seed` fixes the order of examples. Returns the mean loss
// over the last epoch, each batch before its step (0 if there is no epoch). One thread: the same bits on any
// number of processors. Weights that diverge become infinite or NaN; whoever encodes them refuses those.
inline double train(const mlp<float>& network, std::vector<float>& weights, const data_set& data,
                    const sgd& options, std::uint64_t seed) {
    expects(weights.size() == network.parameters() && options.batch >= 1 && data.size() >= 1);
    expects(options.momentum >= 0.0F && options.momentum < 1.0F);
    std::vector<float> velocity(weights.size(), 0.0F);
    std::vector<float> gradient(weights.size());
    double mean_loss = 0;
    for (std::size_t epoch = 0; epoch < options.epochs; ++epoch) {
        const std::vector<std::size_t> order = generator::stream(seed, epoch).permutation(data.size());
        mean_loss = 0;
        for (std::size_t first = 0; first < order.size(); first += options.batch) {
            const std::size_t count = std::min(options.batch, order.size() - first);
            const auto begin = order.begin() + static_cast<std::ptrdiff_t>(first);
            const data_set part = data.subset({begin, begin + static_cast<std::ptrdiff_t>(count)});
            const float loss = network.loss_and_gradient(weights, part.inputs, part.labels, gradient);
            mean_loss +=
                static_cast<double>(loss) * static_cast<double>(count) / static_cast<double>(order.size());
            for (std::size_t j = 0; j < weights.size(); ++j) {
                velocity[j] = options.momentum * velocity[j] + gradient[j];
                weights[j] -= options.rate * velocity[j];
            }
        }
    }
    return mean_loss;
}

} // namespace veilsum::learn
