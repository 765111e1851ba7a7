// Pseudo-random numbers for training: initial weights, shuffles, synthetic images. Not for secrets.
//
// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014, figure 16). Integers, permutations and uniform() are computed
// exactly, so a seed gives the same ones on every machine, which standard distributions do not promise.
// uniform(low, high) rounds: its last bit may depend on whether the compiler fuses the multiplication with
// the addition.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace veilsum::learn {

class generator {
  public:
    explicit generator(std::uint64_t seed) : state_(seed) {}

    // An independent stream for item `index` of this seed: results do not depend on the order in which items
    // are made.
    static generator stream(std::uint64_t seed, std::uint64_t index) {
        // Mixed twice, one after the other: an exclusive or of both would give (a, b) and (b, a) one stream.
        return generator(generator(generator(seed).next() ^ index).next());
    }

    // The next 64 bits.
    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    // Uniform in [0, 1), 53 bits.
    double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
    // Uniform in [low, high]; high only by rounding.
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    // Uniform in [0, bound), bound > 0; the bias is below bound / 2^64.
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }

    // Fisher-Yates: a uniform permutation of 0..count-1.
    std::vector<std::size_t> permutation(std::size_t count) {
        std::vector<std::size_t> order(count);
        for (std::size_t i = 0; i < count; ++i) order[i] = i;
        for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[below(i)]);
        return order;
    }

  private:
    std::uint64_t state_;
};

} // namespace veilsum::learn
