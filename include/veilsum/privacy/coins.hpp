// Coins with exact probabilities: p/q and exp(-a/b), from fair bits and integers alone.
//
//     coins flip(rng);
//     bool once = flip.bernoulli(1, 3);          true with probability 1/3, exactly
//     bool twice = flip.bernoulli_exp(5, 2);     true with probability exp(-5/2), exactly
//
// Floating point would round these probabilities, and noise built on rounded ones gives the guarantees of no
// theorem (Mironov 2012). Reference: Canonne, Kamath, Steinke, "The Discrete Gaussian for Differential
// Privacy", 2020 (arXiv:2004.00010), algorithm 1.  spec: docs/spec/privacy.md, section 1
//
// Variable time: how many bits a coin takes, and how long, depends on its outcome and its probability. What
// that tells is said in discrete_gaussian.hpp. Bytes drawn and not yet used are wiped with the object. The
// source must be random: with one that repeats itself a loop here may never end.
// Cost: two to four random bytes a coin and one division of 128 bits; the source is asked for 512 bytes at a
// time.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/double_word.hpp>
#include <veilsum/random/random_source.hpp>

#include <sodium/utils.h>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace veilsum::privacy {

// Bound on denominators: a remainder times 2^16 stays below 2^128.
inline constexpr unsigned largest_denominator_bits = 112;

template <random::random_source Source>
class coins {
  public:
    explicit coins(Source& rng) : rng_(&rng) {}
    coins(const coins&) = delete;
    coins& operator=(const coins&) = delete;
    ~coins() {
        sodium_memzero(pool_.data(), pool_.size());
        sodium_memzero(&spare_bits_, sizeof spare_bits_);
    }

    // True with probability 1/2; one random bit.
    bool fair() {
        if (spare_count_ == 0) {
            spare_bits_ = byte();
            spare_count_ = 8;
        }
        const bool outcome = (spare_bits_ & 1) != 0;
        spare_bits_ = static_cast<std::uint8_t>(spare_bits_ >> 1);
        --spare_count_;
        return outcome;
    }

    // Uniform in [0, bound), bound >= 1: as few bytes as hold bound - 1, masked, drawn again while too large.
    std::uint64_t below(std::uint64_t bound) {
        expects(bound >= 1);
        const auto bits = static_cast<unsigned>(std::bit_width(bound - 1));
        if (bits == 0) return 0;
        const std::uint64_t mask = ~std::uint64_t{0} >> (64 - bits);
        for (;;) {
            std::uint64_t value = 0;
            for (unsigned taken = 0; taken < bits; taken += 8) value = value << 8 | byte();
            if ((value & mask) < bound) return value & mask;
        }
    }

    // True with probability p/q; p <= q, 1 <= q < 2^112. A uniform real is compared with p/q sixteen binary
    // digits at a time; the first difference decides.
    bool bernoulli(double_word p, double_word q) {
        expects(q >= 1 && q >> largest_denominator_bits == 0 && p <= q);
        if (p == q) return true;
        while (p != 0) {
            const double_word scaled = p << 16;
            const auto digit = static_cast<std::uint32_t>(scaled / q);
            const std::uint32_t high = byte();
            const std::uint32_t drawn = high << 8 | byte();
            if (drawn != digit) return drawn < digit;
            p = scaled % q;
        }
        return false;
    }

    // True with probability exp(-a/b); 1 <= b < 2^112. Whole units first, each a coin of exp(-1).
    bool bernoulli_exp(double_word a, double_word b) {
        expects(b >= 1 && b >> largest_denominator_bits == 0);
        for (double_word whole = a / b; whole != 0; --whole)
            if (!bernoulli_exp_fraction(1, 1)) return false;
        return bernoulli_exp_fraction(a % b, b);
    }

  private:
    // a <= b. With x = a/b: the first k whose coin of x/k fails is odd with probability 1 - x + x^2/2 - ...
    // A coin of x/k is a coin of 1/k and a coin of x.
    bool bernoulli_exp_fraction(double_word a, double_word b) {
        std::uint64_t k = 1;
        while (below(k) == 0 && bernoulli(a, b)) ++k;
        return (k & 1) != 0;
    }

    std::uint8_t byte() {
        if (used_ == pool_.size()) {
            rng_->fill(pool_);
            used_ = 0;
        }
        return pool_[used_++];
    }

    Source* rng_;
    byte_array<512> pool_{};
    std::size_t used_ = 512;
    std::uint8_t spare_bits_ = 0;
    unsigned spare_count_ = 0;
};

} // namespace veilsum::privacy
