// The system calls of a test program that change files, seen and steered by a watcher.
//
//     struct stop_at_third : test::call_watcher {
//         test::order before(const test::system_call&) override { if (++count == 3) _exit(0); return {}; }
//         int count = 0;
//     } watcher;
//     const test::watched here(watcher);
//
// The linker replaces the program's own references to open, pwrite, fsync, fdatasync, ftruncate, rename,
// unlink and mkdir (-Wl,--wrap, tests/CMakeLists.txt) by the functions in tests/crash/system_calls.cpp, which
// ask the watcher first. The library under test is compiled as everybody compiles it. Libraries that are
// linked dynamically, std::filesystem among them, are not affected: helpers of tests use it unseen.
#pragma once

#include <veilsum/core/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace veilsum::test {

enum class call_kind { open, create, write, cut, sync, rename, remove, make_folder };

struct system_call {
    call_kind kind;
    std::string path;         // of the file that `descriptor` was opened as, where there is one
    std::string to = {};      // new name
    int descriptor = -1;      // of write, cut and sync
    std::uint64_t offset = 0; // of a write; of a cut the new size
    byte_view data = {};      // of a write
};

struct order {
    int error = 0;                                                 // not 0: the call is not made and fails so
    bool pretend = false;                                          // the call is not made and succeeds
    std::size_t at_most = std::numeric_limits<std::size_t>::max(); // bytes of a write that are made
};

class call_watcher {
  public:
    virtual ~call_watcher() = default;
    virtual order before(const system_call&) { return {}; }
    // Only of calls that were made and succeeded. A write's data is what was written; the descriptor of an
    // open is its outcome.
    virtual void after(const system_call&) {}
};

inline call_watcher*& current_watcher() {
    static call_watcher* current = nullptr;
    return current;
}

// Installs a watcher, or with nullptr none, as long as it lives.
class watched {
  public:
    explicit watched(call_watcher* watcher) : before_(std::exchange(current_watcher(), watcher)) {}
    explicit watched(call_watcher& watcher) : watched(&watcher) {}
    watched(const watched&) = delete;
    watched& operator=(const watched&) = delete;
    ~watched() { current_watcher() = before_; }

  private:
    call_watcher* before_;
};

} // namespace veilsum::test
