// Lesson 7: federated learning. Four hospitals train one network on images that they do not share. Each round
// the encrypted sum of their updates is compared with the sum in the clear: it is the same, bit for bit.
#include "cohort.hpp"

#include <veilsum/learn/digits.hpp>
#include <veilsum/learn/mlp.hpp>
#include <veilsum/learn/sgd.hpp>

namespace learn = veilsum::learn;
using course::cohort;
using course::must;

int main() {
    constexpr std::size_t hospitals = 4;
    const auto images = learn::generate_digits(1200, 1), unseen = learn::generate_digits(300, 2);
    const auto shards = images.partition(hospitals, 3);
    const learn::mlp<float> network({images.features(), 8, 10}, learn::activation::relu);

    const course::scratch_folder folder;
    cohort all(folder.path() / "record", hospitals, network.initial_weights(4));
    const auto accuracy = [&] {
        return network.evaluate(all.model(), unseen.inputs, unseen.labels).accuracy;
    };
    std::printf("network      %zu weights, %s\n", network.parameters(),
                accuracy() < 0.5 ? "untrained" : "trained already?");

    const learn::sgd how{.epochs = 4, .batch = 16, .rate = 0.05F, .momentum = 0.9F};
    for (std::uint64_t round = 1; round <= 3; ++round) {
        std::vector<std::vector<float>> updates;
        std::vector<std::int64_t> plain(network.parameters(), 0);
        for (std::size_t i = 0; i < hospitals; ++i) {
            std::vector<float> weights = all.model();
            learn::train(network, weights, shards[i], how, 10 * round + i);
            for (std::size_t j = 0; j < weights.size(); ++j) weights[j] -= all.model()[j];
            const auto quantised = must(veilsum::encoding::quantise(weights, cohort::format));
            for (std::size_t j = 0; j < plain.size(); ++j) plain[j] += quantised[j];
            updates.push_back(std::move(weights));
        }
        const bool equal = all.aggregate(updates).sums == plain;
        std::printf("round %llu      the encrypted sum %s the plain sum\n",
                    static_cast<unsigned long long>(round), equal ? "equals" : "DIFFERS FROM");
        if (!equal) return 1;
    }
    std::printf("accuracy     %s on images that nobody trained on\n",
                accuracy() > 0.9 ? "above 90 %" : "90 % or less");
}
