// The time that the programs put on a record.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace examples {

// A clock that does not go back.
class latest_time {
  public:
    // `now`, or the latest that was given before: who was put back stands still until it has caught up.
    std::uint64_t at(std::uint64_t now) {
        std::uint64_t seen = latest_.load();
        while (seen < now && !latest_.compare_exchange_weak(seen, now)) {
        }
        return seen < now ? now : seen;
    }

  private:
    std::atomic<std::uint64_t> latest_{0};
};

// Seconds since 1970 UTC. Never less than at an earlier call in this process: a contribution that comes right
// after a round was opened is not refused as too early because the system's clock was corrected in between.
inline std::uint64_t unix_seconds() {
    static latest_time seen;
    return seen.at(static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
            .count()));
}

} // namespace examples
