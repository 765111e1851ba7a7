// What the linker puts in the place of the system calls: see support/system_calls.hpp.
#include "support/system_calls.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <map>
#include <string>

// The names are the linker's: a reference to f becomes __wrap_f, and __real_f is the f of the C library.
extern "C" {
int __real_open(const char* path, int flags, ...);
ssize_t __real_pwrite(int descriptor, const void* data, size_t count, off_t offset);
int __real_fsync(int descriptor);
int __real_fdatasync(int descriptor);
int __real_ftruncate(int descriptor, off_t length);
int __real_rename(const char* from, const char* to);
int __real_unlink(const char* path);
int __real_mkdir(const char* path, mode_t mode);

int __wrap_open(const char* path, int flags, ...);
ssize_t __wrap_pwrite(int descriptor, const void* data, size_t count, off_t offset);
int __wrap_fsync(int descriptor);
int __wrap_fdatasync(int descriptor);
int __wrap_ftruncate(int descriptor, off_t length);
int __wrap_rename(const char* from, const char* to);
int __wrap_unlink(const char* path);
int __wrap_mkdir(const char* path, mode_t mode);
}

// The address sanitiser keeps freed memory to find its use; every fork pays for that.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
    return "quarantine_size_mb=1";
}

namespace {

using namespace veilsum::test;

// What each descriptor was last opened as. A closed one stays until its number is used again.
std::map<int, std::string>& opened_paths() {
    static std::map<int, std::string> paths;
    return paths;
}
std::string path_of(int descriptor) {
    const auto found = opened_paths().find(descriptor);
    return found == opened_paths().end() ? std::string() : found->second;
}

// `make` makes the call and returns its outcome, negative on failure.
template <class Make>
auto steered(system_call call, const Make& make) -> decltype(make(call)) {
    call_watcher* const watcher = current_watcher();
    if (watcher == nullptr) return make(call);
    const order wanted = watcher->before(call);
    if (wanted.error != 0) {
        errno = wanted.error;
        return -1;
    }
    if (wanted.pretend) return static_cast<decltype(make(call))>(call.data.size());
    call.data = call.data.first(std::min(call.data.size(), wanted.at_most));
    const auto outcome = make(call);
    if (outcome < 0) return outcome;
    if (call.kind == call_kind::open || call.kind == call_kind::create)
        call.descriptor = static_cast<int>(outcome);
    if (call.kind == call_kind::write) call.data = call.data.first(static_cast<std::size_t>(outcome));
    watcher->after(call);
    return outcome;
}

} // namespace

extern "C" {

int __wrap_open(const char* path, int flags, ...) {
    mode_t mode = 0;
    if ((flags & O_CREAT) != 0) {
        va_list rest;
        va_start(rest, flags);
        mode = static_cast<mode_t>(va_arg(rest, unsigned));
        va_end(rest);
    }
    const call_kind kind = (flags & O_CREAT) != 0 ? call_kind::create : call_kind::open;
    const int descriptor =
        steered({kind, path}, [&](const system_call&) { return __real_open(path, flags, mode); });
    if (descriptor >= 0) opened_paths()[descriptor] = path;
    return descriptor;
}

ssize_t __wrap_pwrite(int descriptor, const void* data, size_t count, off_t offset) {
    const veilsum::byte_view content(static_cast<const std::uint8_t*>(data), count);
    return steered(
        {call_kind::write, path_of(descriptor), {}, descriptor, static_cast<std::uint64_t>(offset), content},
        [&](const system_call& call) {
            return __real_pwrite(descriptor, call.data.data(), call.data.size(), offset);
        });
}

int __wrap_fsync(int descriptor) {
    return steered({call_kind::sync, path_of(descriptor), {}, descriptor},
                   [&](const system_call&) { return __real_fsync(descriptor); });
}

int __wrap_fdatasync(int descriptor) {
    return steered({call_kind::sync, path_of(descriptor), {}, descriptor},
                   [&](const system_call&) { return __real_fdatasync(descriptor); });
}

int __wrap_ftruncate(int descriptor, off_t length) {
    return steered({call_kind::cut, path_of(descriptor), {}, descriptor, static_cast<std::uint64_t>(length)},
                   [&](const system_call&) { return __real_ftruncate(descriptor, length); });
}

int __wrap_rename(const char* from, const char* to) {
    return steered({call_kind::rename, from, to},
                   [&](const system_call&) { return __real_rename(from, to); });
}

int __wrap_unlink(const char* path) {
    return steered({call_kind::remove, path}, [&](const system_call&) { return __real_unlink(path); });
}

int __wrap_mkdir(const char* path, mode_t mode) {
    return steered({call_kind::make_folder, path},
                   [&](const system_call&) { return __real_mkdir(path, mode); });
}
}
