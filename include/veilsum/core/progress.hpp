// Progress of a long operation: a function that is told how many of how many steps are done.
//
// Optional everywhere (an empty function is not called). It may be called from a worker thread, one call at a
// time, and must not call back into the operation that reports. `total` 0 means that the end is not known.
#pragma once

#include <cstdint>
#include <functional>

namespace veilsum {

using progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// Tells the watcher, if there is one: `done` of `total` (0: not known).
inline void report(const progress& watcher, std::uint64_t done, std::uint64_t total) {
    if (watcher) watcher(done, total);
}

} // namespace veilsum
