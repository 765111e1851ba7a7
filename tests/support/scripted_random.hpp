// Random sources that misbehave in a chosen way: for reaching events that honest randomness never shows.
#pragma once

#include <veilsum/random/random_source.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace veilsum::test {

// Each call of `fill` is served by the next byte of the script, repeated; the last one serves for ever.
class scripted_random {
  public:
    explicit scripted_random(std::vector<std::uint8_t> script) : script_(std::move(script)) {}
    void fill(std::span<std::uint8_t> out) {
        std::fill(out.begin(), out.end(), script_[std::min(calls_++, script_.size() - 1)]);
    }
    std::size_t calls() const { return calls_; }

  private:
    std::vector<std::uint8_t> script_;
    std::size_t calls_ = 0;
};
static_assert(random::random_source<scripted_random>);

} // namespace veilsum::test
