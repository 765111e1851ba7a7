// The model as the record knows it: a vector of binary32 weights, and the one rule by which a round changes
// it.
//
//     w'_j = binary32( binary64(w_j) + X_j / (2^scale_bits * W) )         W = sum of the accepted weights
//
// X_j is the opened integer sum. The quotient is one correctly rounded binary64 division (the divisor is
// exact below 2^53), the sum one binary64 addition, then one rounding to binary32: everybody gets the same
// bits, on any machine with IEEE 754 arithmetic. That is what makes "the new model is the right one" a
// statement an auditor can check.
//
//     frame(model, 1) of: count u32 | count x binary32 as u32, big-endian; NaN and infinities are refused
#pragma once

#include <veilsum/core/result.hpp>
#include <veilsum/encoding/fixed_point.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/wire/frame.hpp>
#include <veilsum/wire/message_type.hpp>
#include <veilsum/wire/reader.hpp>
#include <veilsum/wire/writer.hpp>

#include <bit>
#include <cmath>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace veilsum::aggregation {

static_assert(std::numeric_limits<float>::is_iec559 && std::numeric_limits<double>::is_iec559);

class model {
  public:
    static constexpr std::uint32_t max_weights = 1u << 24; // 2^24
    static constexpr std::size_t max_bytes = 64 + std::size_t{max_weights} * 4;

    // errc::out_of_range: not 1 to max_weights of them; or one is not finite, place "weight 3".
    static result<model> of(std::vector<float> weights) {
        if (weights.empty() || weights.size() > max_weights)
            return error{errc::out_of_range, "number of model weights"};
        for (std::size_t i = 0; i < weights.size(); ++i)
            if (!std::isfinite(weights[i]))
                return error{errc::out_of_range, "model weight is not finite", 0,
                             "weight " + std::to_string(i)};
        model made;
        made.weights_ = std::move(weights);
        return made;
    }
    static result<model> parse(byte_view data) {
        const auto body = wire::unframe(data, wire::message_type::model, 1, max_bytes);
        if (!body) return body.error();
        wire::reader in(*body);
        std::vector<float> weights(in.count(max_weights, 4));
        for (float& weight : weights) weight = std::bit_cast<float>(in.u32());
        if (auto end = in.finish(); !end) return end.error();
        return of(std::move(weights));
    }
    bytes serialize() const {
        wire::writer out;
        out.u32(static_cast<std::uint32_t>(weights_.size()));
        for (const float weight : weights_) out.u32(std::bit_cast<std::uint32_t>(weight));
        return wire::frame(wire::message_type::model, 1, out.view());
    }
    hash::digest32 digest() const { return hash::sha256(serialize()); }

    std::span<const float> weights() const { return weights_; } // in the order of the training system
    std::size_t size() const { return weights_.size(); }

    // `sums` has at least size() entries; what follows is padding of the last row and ignored. Fails when a
    // weight would leave the range of binary32 (errc::overflow).
    result<model> updated(std::span<const std::int64_t> sums, std::uint64_t total_weight,
                          const encoding::fixed_point& format) const {
        if (sums.size() < weights_.size()) return error{errc::mismatch, "number of opened sums"};
        std::vector<float> next(weights_.size());
        for (std::size_t j = 0; j < next.size(); ++j)
            next[j] =
                static_cast<float>(static_cast<double>(weights_[j]) + format.decode(sums[j], total_weight));
        auto made = of(std::move(next));
        if (!made) return error{errc::overflow, "model weight after the update", 0, made.error().place};
        return made;
    }

  private:
    model() = default;
    std::vector<float> weights_;
};

} // namespace veilsum::aggregation
