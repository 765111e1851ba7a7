// A virtual clock and a network that loses, doubles, delays and reorders messages, driven by one seed.
//
//     simulated_bus bus(rng, {.loss = 20, .doubled = 10, .slow = 30});
//     bus.send(from, to, tag, bytes);            arrives never, once or twice, at some later second
//     while (auto next = bus.next()) ...         in the order of arrival; next->at is the time now
//
// Messages are bytes. The tag is for the bookkeeping of whoever runs the simulation: it says which message
// this was when it was sent, and no party is shown it. Nothing here depends on a clock, an address or an
// unordered container.
#pragma once

#include "support/seeded_random.hpp"

#include <veilsum/core/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace veilsum::test {

struct network_faults { // in a hundred messages
    std::uint32_t loss = 0;
    std::uint32_t doubled = 0;
    std::uint32_t slow = 0; // takes up to `slow_seconds` instead of up to 20
    std::uint64_t slow_seconds = 700;
};

struct delivery {
    std::uint64_t at = 0;
    int from = 0;
    int to = 0;
    std::size_t tag = 0;
    bool timer = false; // what a party asked to be woken for
    bytes content;
};

class simulated_bus {
  public:
    simulated_bus(std::uint64_t seed, network_faults faults) : rng_(seed), faults_(faults) {}

    std::uint64_t now() const { return now_; }
    std::size_t lost() const { return lost_; }

    void send(int from, int to, std::size_t tag, byte_view content) {
        if (rng_.below(100) < faults_.loss) {
            ++lost_;
            return;
        }
        const std::size_t copies = rng_.below(100) < faults_.doubled ? 2 : 1;
        for (std::size_t i = 0; i < copies; ++i) {
            const bool slow = rng_.below(100) < faults_.slow;
            const std::uint64_t delay = 1 + rng_.below(slow ? faults_.slow_seconds : 20);
            put({now_ + delay, from, to, tag, false, bytes(content.begin(), content.end())});
        }
    }
    // Never lost: a party's own clock.
    void wake(int who, std::uint64_t at, std::size_t tag) {
        put({at < now_ ? now_ : at, who, who, tag, true, {}});
    }
    std::optional<delivery> next() {
        if (queue_.empty()) return std::nullopt;
        auto first = queue_.extract(queue_.begin());
        now_ = first.key().first;
        return std::move(first.mapped());
    }

  private:
    void put(delivery what) {
        const std::uint64_t at = what.at;
        queue_.emplace(std::pair(at, count_++), std::move(what));
    }

    seeded_random rng_;
    network_faults faults_;
    std::uint64_t now_ = 0;
    std::size_t lost_ = 0;
    std::uint64_t count_ = 0; // ties are broken by the order of sending
    std::map<std::pair<std::uint64_t, std::uint64_t>, delivery> queue_;
};

} // namespace veilsum::test
