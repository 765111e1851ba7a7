// The learning part of a session: the network, each client's data, one local training. It knows no
// cryptography and is compiled once, not with each key size.
#pragma once

#include "train/learning_task.hpp"
#include "train/options.hpp"

#include <veilsum/learn/mlp.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace train {

struct model_quality {
    double accuracy = 0;
    double loss = 0;
};

class learner {
  public:
    // Both must outlive this.
    learner(const options& given, const learning_task& task);

    std::size_t parameters() const;
    // "784 - 32 (relu) - 10"
    std::string description() const;
    std::vector<float> initial_weights() const;
    // Deals the training set out to the clients.
    void deal_data();
    std::size_t examples_of(std::size_t i) const { return shards_[i].size(); }
    // Client `i` trains on its own part of the data: what it would add to each weight of the model.
    std::vector<float> local_update(std::span<const float> model, std::size_t i, std::uint64_t round) const;
    model_quality evaluate(std::span<const float> model) const;

  private:
    const options* given_;
    const learning_task* task_;
    veilsum::learn::mlp<float> network_;
    std::vector<veilsum::learn::data_set> shards_;
};

} // namespace train
