// What every role of the cluster does as a process: tell the time, wait, and stop when asked.
#pragma once

#include "support/clock.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <string_view>
#include <thread>

namespace cluster {

using examples::unix_seconds;
using milliseconds = std::chrono::milliseconds;

inline std::atomic<bool> stop_flag{false};
static_assert(std::atomic<bool>::is_always_lock_free); // set by a signal handler

// What a role that was asked to stop says, while it waits for an answer.
inline constexpr std::string_view stopped = "stopped";
inline bool stop_asked() {
    return stop_flag.load();
}
// SIGINT and SIGTERM end a role between two steps. SIGKILL may end it anywhere: it goes on from its folder.
inline void stop_on_signals() {
    for (const int number : {SIGINT, SIGTERM}) std::signal(number, [](int) { stop_flag.store(true); });
}
inline void pause_for(milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (!stop_asked() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(milliseconds(20));
}

} // namespace cluster
