// A labelled data set: one row of features an example, a class number an example.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/learn/generator.hpp>
#include <veilsum/learn/matrix.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace veilsum::learn {

struct data_set {
    matrix<float> inputs;             // N x features
    std::vector<std::int32_t> labels; // N, each in [0, classes)
    std::int32_t classes = 0;         // how many classes there are

    std::size_t size() const { return labels.size(); }
    std::size_t features() const { return static_cast<std::size_t>(inputs.cols()); } // columns of inputs

    // The examples at `rows`, in that order.
    data_set subset(const std::vector<std::size_t>& rows) const {
        data_set part{matrix<float>(static_cast<Eigen::Index>(rows.size()), inputs.cols()), {}, classes};
        part.labels.reserve(rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            expects(rows[i] < size());
            part.inputs.row(static_cast<Eigen::Index>(i)) = inputs.row(static_cast<Eigen::Index>(rows[i]));
            part.labels.push_back(labels[rows[i]]);
        }
        return part;
    }

    // Shuffles with `seed` and deals all examples out in `parts` >= 1 disjoint parts whose sizes differ by at
    // most one; with more parts than examples the last parts are empty.
    std::vector<data_set> partition(std::size_t parts, std::uint64_t seed) const {
        expects(parts >= 1);
        const std::vector<std::size_t> order = generator(seed).permutation(size());
        std::vector<std::vector<std::size_t>> rows(parts);
        for (std::size_t i = 0; i < order.size(); ++i) rows[i % parts].push_back(order[i]);
        std::vector<data_set> dealt;
        dealt.reserve(parts);
        for (const auto& part : rows) dealt.push_back(subset(part));
        return dealt;
    }
};

} // namespace veilsum::learn
