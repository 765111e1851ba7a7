// Many numbers of L digits in groups of eight: number i is lane i mod 8 of group i / 8.
//
//     word of digit k of number i:   (i / 8) 8 L + 8 k + i mod 8
//
// so that an operation reads digit k of eight numbers as one vector. The last group may have lanes beyond the
// count: they hold 0 or copies, and are computed with like the others.
#pragma once

#include <veilsum/modular/lane_field.hpp>

#if VEILSUM_IFMA_ENGINE

#include <cstddef>
#include <utility>

namespace veilsum::modular {

template <std::size_t L>
class lane_vector {
  public:
    static constexpr std::size_t group_words = L * lane_count; // limbs of eight numbers

    lane_vector() = default;
    // Numbers that are 0.
    explicit lane_vector(std::size_t count)
        : block_((count + lane_count - 1) / lane_count * group_words), count_(count) {}
    lane_vector(const lane_vector&) = default;
    lane_vector(lane_vector&& other) noexcept
        : block_(std::move(other.block_)), count_(std::exchange(other.count_, 0)) {}
    lane_vector& operator=(lane_vector other) noexcept {
        block_ = std::move(other.block_);
        count_ = other.count_;
        return *this;
    }

    std::size_t size() const { return count_; }
    // Of eight, the last one perhaps not full.
    std::size_t groups() const { return (count_ + lane_count - 1) / lane_count; }
    limb* group(std::size_t g) { return block_.data() + g * group_words; } // limbs of group g
    const limb* group(std::size_t g) const { return block_.data() + g * group_words; }
    // Overwrites all numbers by 0.
    void wipe() { block_.wipe(); }

    // Number `from` of `in` becomes number `to`.
    void copy(std::size_t to, const lane_vector& in, std::size_t from) {
        limb* target = group(to / lane_count) + to % lane_count;
        const limb* source = in.group(from / lane_count) + from % lane_count;
        for (std::size_t k = 0; k < L; ++k) target[k * lane_count] = source[k * lane_count];
    }

  private:
    limb_block block_;
    std::size_t count_ = 0;
};

} // namespace veilsum::modular

#endif
