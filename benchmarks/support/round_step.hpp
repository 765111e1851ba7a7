// The steps of a round, by party, and how long each of them took.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace veilsum::bench {

// `follow...` is what a trustee does with the aggregator's records: it checks everything again.
enum class round_step : std::size_t {
    open_round,
    contribute,
    receive,
    close,
    follow_opening,
    follow,
    follow_closing,
    answer,
    receive_answer,
    finish,
};
inline constexpr std::size_t round_steps = 10;

// One T for each step.
template <class T>
class by_step {
  public:
    T& operator[](round_step step) { return all_[static_cast<std::size_t>(step)]; }
    const T& operator[](round_step step) const { return all_[static_cast<std::size_t>(step)]; }

  private:
    std::array<T, round_steps> all_{};
};

// Seconds of each time that a step was done.
using step_seconds = by_step<std::vector<double>>;

} // namespace veilsum::bench
