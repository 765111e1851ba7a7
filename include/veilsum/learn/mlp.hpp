// Multi-layer perceptron with softmax cross-entropy.
//
//     a_0 = x,   z_k = a_{k-1} W_k^T + b_k,   a_k = f(z_k) for k < L,   p = softmax(z_L)
//     loss = -mean log p_label
//
// The weights are one flat vector, layer after layer, W_k (outputs x inputs, row-major) and then b_k: the
// vector that a federated round adds up. `Real` is float in training and double where gradients are checked.
//
// Deterministic: the same weights, data and seed give the same bits for any number of threads on one build.
// The derivative of ReLU at 0 is 0. Cost of one gradient: about 6 multiply-adds a weight and example.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/learn/generator.hpp>
#include <veilsum/learn/matrix.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace veilsum::learn {

// Of the hidden layers: `relu`, `tanh` or `sigmoid`. The last layer has none.
enum class activation : std::uint8_t { relu, tanh, sigmoid };

template <class Real = float>
class mlp {
  public:
    using batch = Eigen::Ref<const matrix<Real>>; // one example a row

    // Widths from input to output, e.g. {784, 32, 10}; at least two, none zero.
    mlp(std::vector<std::size_t> widths, activation hidden) : widths_(std::move(widths)), hidden_(hidden) {
        expects(widths_.size() >= 2);
        for (const std::size_t width : widths_) expects(width >= 1);
    }

    const std::vector<std::size_t>& widths() const { return widths_; } // from input to output
    std::size_t layers() const { return widths_.size() - 1; }          // of weights and biases
    // All weights and biases.
    std::size_t parameters() const {
        std::size_t count = 0;
        for (std::size_t k = 0; k < layers(); ++k) count += (widths_[k] + 1) * widths_[k + 1];
        return count;
    }

    // Uniform in +-sqrt(6 / (inputs + outputs)) (Glorot, Bengio 2010, eq. 16), twice the variance for ReLU
    // (He et al. 2015); biases are 0.
    std::vector<Real> initial_weights(std::uint64_t seed) const {
        generator draw(seed);
        std::vector<Real> weights(parameters(), Real(0));
        std::size_t at = 0;
        for (std::size_t k = 0; k < layers(); ++k) {
            const double gain = hidden_ == activation::relu ? 2.0 : 1.0;
            const double bound = std::sqrt(gain * 6.0 / static_cast<double>(widths_[k] + widths_[k + 1]));
            for (std::size_t i = 0; i < widths_[k] * widths_[k + 1]; ++i)
                weights[at++] = static_cast<Real>(draw.uniform(-bound, bound));
            at += widths_[k + 1];
        }
        return weights;
    }

    // Class scores z_L, one row an example.
    matrix<Real> scores(std::span<const Real> weights, const batch& inputs) const {
        matrix<Real> values = inputs;
        for (std::size_t k = 0; k < layers(); ++k) {
            values = affine(weights, k, values);
            if (k + 1 < layers()) activate(values);
        }
        return values;
    }

    // Mean loss over the batch; its gradient goes to `gradient` (parameters() entries, overwritten).
    Real loss_and_gradient(std::span<const Real> weights, const batch& inputs,
                           std::span<const std::int32_t> labels, std::span<Real> gradient) const {
        expects(weights.size() == parameters() && gradient.size() == parameters());
        expects(labels.size() == static_cast<std::size_t>(inputs.rows()) && !labels.empty());
        std::vector<matrix<Real>> values;
        values.reserve(layers() + 1);
        values.emplace_back(inputs);
        for (std::size_t k = 0; k < layers(); ++k) {
            values.push_back(affine(weights, k, values.back()));
            if (k + 1 < layers()) activate(values.back());
        }
        matrix<Real> delta = std::move(values.back());
        const Real loss = softmax_loss(delta, labels);
        for (std::size_t k = layers(); k-- > 0;) {
            const layer_view at = locate(k);
            Eigen::Map<matrix<Real>>(gradient.data() + at.matrix, at.outputs, at.inputs).noalias() =
                delta.transpose() * values[k];
            Eigen::Map<row_vector<Real>>(gradient.data() + at.bias, at.outputs) = delta.colwise().sum();
            if (k == 0) break;
            matrix<Real> below =
                delta * Eigen::Map<const matrix<Real>>(weights.data() + at.matrix, at.outputs, at.inputs);
            multiply_by_derivative(below, values[k]);
            delta = std::move(below);
        }
        return loss;
    }

    // What `evaluate` measures.
    struct evaluation {
        double accuracy = 0; // share of examples whose largest score is their label's (the first of equals)
        double loss = 0;     // mean cross-entropy
    };
    // On labelled examples, without changing anything. Shape: inputs N x widths().front(), N labels, N >= 1.
    evaluation evaluate(std::span<const Real> weights, const batch& inputs,
                        std::span<const std::int32_t> labels) const {
        expects(labels.size() == static_cast<std::size_t>(inputs.rows()) && !labels.empty());
        constexpr Eigen::Index chunk = 1024;
        std::size_t right = 0;
        double loss = 0;
        for (Eigen::Index first = 0; first < inputs.rows(); first += chunk) {
            const Eigen::Index count = std::min(chunk, inputs.rows() - first);
            matrix<Real> values = scores(weights, inputs.middleRows(first, count));
            const auto part =
                labels.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
            for (Eigen::Index i = 0; i < count; ++i) {
                Eigen::Index best = 0;
                values.row(i).maxCoeff(&best);
                right += best == part[static_cast<std::size_t>(i)];
            }
            loss += static_cast<double>(softmax_loss(values, part)) * static_cast<double>(count);
        }
        const auto total = static_cast<double>(labels.size());
        return {static_cast<double>(right) / total, loss / total};
    }

  private:
    struct layer_view {
        Eigen::Index matrix, bias, inputs, outputs;
    };
    layer_view locate(std::size_t layer) const {
        std::size_t at = 0;
        for (std::size_t k = 0; k < layer; ++k) at += (widths_[k] + 1) * widths_[k + 1];
        const std::size_t bias = at + widths_[layer] * widths_[layer + 1];
        return {static_cast<Eigen::Index>(at), static_cast<Eigen::Index>(bias),
                static_cast<Eigen::Index>(widths_[layer]), static_cast<Eigen::Index>(widths_[layer + 1])};
    }
    matrix<Real> affine(std::span<const Real> weights, std::size_t layer, const batch& inputs) const {
        const layer_view at = locate(layer);
        expects(weights.size() == parameters() && inputs.cols() == at.inputs);
        matrix<Real> values =
            inputs *
            Eigen::Map<const matrix<Real>>(weights.data() + at.matrix, at.outputs, at.inputs).transpose();
        values.rowwise() += Eigen::Map<const row_vector<Real>>(weights.data() + at.bias, at.outputs);
        return values;
    }
    void activate(matrix<Real>& values) const {
        for (Eigen::Index i = 0; i < values.size(); ++i) {
            Real& v = values.data()[i];
            switch (hidden_) {
            case activation::relu:
                v = v > Real(0) ? v : Real(0);
                break;
            case activation::tanh:
                v = std::tanh(v);
                break;
            case activation::sigmoid:
                v = Real(1) / (Real(1) + std::exp(-v));
                break;
            }
        }
    }
    // delta *= f'(z), written in terms of a = f(z).
    void multiply_by_derivative(matrix<Real>& delta, const matrix<Real>& values) const {
        for (Eigen::Index i = 0; i < delta.size(); ++i) {
            const Real a = values.data()[i];
            switch (hidden_) {
            case activation::relu:
                delta.data()[i] = a > Real(0) ? delta.data()[i] : Real(0);
                break;
            case activation::tanh:
                delta.data()[i] *= Real(1) - a * a;
                break;
            case activation::sigmoid:
                delta.data()[i] *= a * (Real(1) - a);
                break;
            }
        }
    }
    // Replaces scores by (softmax - one-hot) / rows, the derivative of the mean loss, and returns the mean
    // loss.
    static Real softmax_loss(matrix<Real>& scores, std::span<const std::int32_t> labels) {
        const Real share = Real(1) / static_cast<Real>(scores.rows());
        Real loss = 0;
        for (Eigen::Index i = 0; i < scores.rows(); ++i) {
            const std::int32_t label = labels[static_cast<std::size_t>(i)];
            expects(label >= 0 && label < scores.cols());
            const Real top = scores.row(i).maxCoeff();
            Real sum = 0;
            for (Eigen::Index c = 0; c < scores.cols(); ++c) sum += std::exp(scores(i, c) - top);
            loss += (std::log(sum) - (scores(i, label) - top)) * share;
            for (Eigen::Index c = 0; c < scores.cols(); ++c)
                scores(i, c) =
                    (std::exp(scores(i, c) - top) / sum - (c == label ? Real(1) : Real(0))) * share;
        }
        return loss;
    }

    std::vector<std::size_t> widths_;
    activation hidden_;
};

} // namespace veilsum::learn
