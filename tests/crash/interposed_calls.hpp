// The system calls by which a store writes, taken over: counted, recorded, made to fail, and stopped at.
//
// The functions at the end have the names of the C library's; this program's own win over them, so nothing in
// the library knows. Only files below one folder are concerned, and only while a `watch` exists. Include this
// in one translation unit of a program.
//
// What happens at the n-th call, n from 0:
//     none               nothing: calls are counted and recorded
//     before, after      the process is killed (SIGKILL) before the call has any effect, or after it
//     within             likewise, a write after half of its bytes; for other calls as `before`
//     fails              the call has no effect and gives this errno
//     cut                a write takes half of its bytes and says so; other calls are as always
#pragma once

#include <veilsum/core/bytes.hpp>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::test::crash {

// What a call did, as far as it concerns what a disk holds. Files are numbered as they come to be, so that a
// file keeps its number when its name changes. Paths are relative to the folder that is watched.
struct event {
    enum class kind {
        create_file,
        write,
        truncate,
        sync_file,
        rename,
        unlink,
        make_folder,
        sync_folder,
        note
    };
    kind what;
    int file = -1;
    std::string path = {}, to = {}; // of a note: what the writer was told
    std::uint64_t offset = 0;       // of a truncation: the size
    bytes data = {};
};

enum class fault { none, before, within, after, fails, cut };

class watch {
  public:
    // `folder` exists, is written without a final slash, and holds no files yet, or those of an earlier
    // watch.
    explicit watch(std::string folder, fault what = fault::none, std::size_t at = 0, int code = 0)
        : folder_(std::move(folder)), fault_(what), at_(at), code_(code) {
        active() = this;
    }
    watch(const watch&) = delete;
    watch& operator=(const watch&) = delete;
    ~watch() { active() = nullptr; }

    // The calls so far: "pwrite session/log".
    const std::vector<std::string>& names() const { return names_; }
    // The one that the fault struck.
    const std::string& struck() const { return struck_; }
    const std::vector<event>& events() const { return events_; }
    void note(std::string text) { events_.push_back({event::kind::note, -1, std::move(text)}); }

    static watch*& active() {
        static watch* now = nullptr;
        return now;
    }
    std::optional<std::string> relative(const char* path) const {
        const std::string text(path);
        if (text == folder_) return std::string();
        if (text.compare(0, folder_.size() + 1, folder_ + "/") != 0) return std::nullopt;
        return text.substr(folder_.size() + 1);
    }
    std::optional<std::string> name_of(int descriptor) const {
        const auto found = open_.find(descriptor);
        if (found == open_.end()) return std::nullopt;
        return found->second.path;
    }

    // Runs `real` as the next call, under the fault. `half` does the half of a write, where it is one.
    template <class Real, class Half>
    auto run(const char* name, const std::string& path, const Real& real, const Half& half)
        -> decltype(real()) {
        names_.push_back(std::string(name) + " " + path);
        if (names_.size() != at_ + 1) return real();
        if (fault_ != fault::none) struck_ = names_.back();
        switch (fault_) {
        case fault::before:
            stop();
        case fault::within:
            half();
            stop();
        case fault::after:
            real();
            stop();
        case fault::fails:
            errno = code_;
            return -1;
        case fault::cut:
            return half();
        case fault::none:
            break;
        }
        return real();
    }
    template <class Real>
    auto run(const char* name, const std::string& path, const Real& real) -> decltype(real()) {
        return run(name, path, real, [&] { return fault_ == fault::cut ? real() : decltype(real())(0); });
    }

    void opened(int descriptor, const std::string& path, int flags) {
        if (descriptor < 0) return;
        const bool folder = (flags & O_DIRECTORY) != 0;
        if (!folder && !files_.contains(path)) {
            files_[path] = next_file_++;
            if ((flags & O_CREAT) != 0) events_.push_back({event::kind::create_file, files_[path], path});
        }
        open_[descriptor] = {path, folder ? -1 : files_[path], folder};
    }
    void written(int descriptor, const void* from, ssize_t count, off_t offset) {
        if (count <= 0) return;
        const auto* data = static_cast<const std::uint8_t*>(from);
        events_.push_back({event::kind::write,
                           open_.at(descriptor).file,
                           open_.at(descriptor).path,
                           {},
                           static_cast<std::uint64_t>(offset),
                           bytes(data, data + count)});
    }
    void truncated(int descriptor, off_t size) {
        events_.push_back({event::kind::truncate,
                           open_.at(descriptor).file,
                           open_.at(descriptor).path,
                           {},
                           static_cast<std::uint64_t>(size)});
    }
    void synced(int descriptor) {
        const auto& which = open_.at(descriptor);
        events_.push_back(
            {which.folder ? event::kind::sync_folder : event::kind::sync_file, which.file, which.path});
    }
    void renamed(const std::string& from, const std::string& to) {
        files_[to] = files_.at(from);
        files_.erase(from);
        events_.push_back({event::kind::rename, files_[to], from, to});
    }
    void removed(const std::string& path) {
        events_.push_back({event::kind::unlink, files_.at(path), path});
        files_.erase(path);
    }
    void made_folder(const std::string& path) { events_.push_back({event::kind::make_folder, -1, path}); }

  private:
    struct open_file {
        std::string path;
        int file;
        bool folder;
    };
    [[noreturn]] static void stop() {
        ::kill(::getpid(), SIGKILL);
        for (;;) ::pause();
    }

    std::string folder_;
    fault fault_;
    std::size_t at_;
    int code_;
    std::vector<std::string> names_;
    std::string struck_;
    std::vector<event> events_;
    std::map<std::string, int> files_;
    std::map<int, open_file> open_;
    int next_file_ = 0;
};

template <class Function>
Function next_of(const char* name) {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

} // namespace veilsum::test::crash

extern "C" {

int open(const char* path, int flags, ...) {
    using namespace veilsum::test::crash;
    mode_t mode = 0;
    if ((flags & O_CREAT) != 0) {
        va_list rest;
        va_start(rest, flags);
        mode = va_arg(rest, mode_t);
        va_end(rest);
    }
    static const auto real = next_of<int (*)(const char*, int, ...)>("open");
    watch* const now = watch::active();
    const auto inside = now != nullptr ? now->relative(path) : std::nullopt;
    if (!inside) return real(path, flags, mode);
    return now->run("open", *inside, [&] {
        const int descriptor = real(path, flags, mode);
        now->opened(descriptor, *inside, flags);
        return descriptor;
    });
}
ssize_t pwrite(int descriptor, const void* data, size_t count, off_t offset) {
    using namespace veilsum::test::crash;
    static const auto real = next_of<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
    watch* const now = watch::active();
    const auto inside = now != nullptr ? now->name_of(descriptor) : std::nullopt;
    if (!inside) return real(descriptor, data, count, offset);
    const auto write = [&](size_t part) {
        const ssize_t written = real(descriptor, data, part, offset);
        now->written(descriptor, data, written, offset);
        return written;
    };
    return now->run(
        "pwrite", *inside, [&] { return write(count); },
        [&] { return write(count > 1 ? count / 2 : count); });
}
int fsync(int descriptor) {
    using namespace veilsum::test::crash;
    static const auto real = next_of<int (*)(int)>("fsync");
    watch* const now = watch::active();
    const auto inside = now != nullptr ? now->name_of(descriptor) : std::nullopt;
    if (!inside) return real(descriptor);
    return now->run("fsync", *inside, [&] {
        const int done = real(descriptor);
        if (done == 0) now->synced(descriptor);
        return done;
    });
}
int ftruncate(int descriptor, off_t size) noexcept {
    using namespace veilsum::test::crash;
    static const auto real = next_of<int (*)(int, off_t)>("ftruncate");
    watch* const now = watch::active();
    const auto inside = now != nullptr ? now->name_of(descriptor) : std::nullopt;
    if (!inside) return real(descriptor, size);
    return now->run("ftruncate", *inside, [&] {
        const int done = real(descriptor, size);
        if (done == 0) now->truncated(descriptor, size);
        return done;
    });
}
int rename(const char* from, const char* to) noexcept {
    using namespace veilsum::test::crash;
    static const auto real = next_of<int (*)(const char*, const char*)>("rename");
    watch* const now = watch::active();
    const auto first = now != nullptr ? now->relative(from) : std::nullopt;
    const auto second = now != nullptr ? now->relative(to) : std::nullopt;
    if (!first || !second) return real(from, to);
    return now->run("rename", *second, [&] {
        const int done = real(from, to);
        if (done == 0) now->renamed(*first, *second);
        return done;
    });
}
int unlink(const char* path) noexcept {
    using namespace veilsum::test::crash;
    static const auto real = next_of<int (*)(const char*)>("unlink");
    watch* const now = watch::active();
    const auto inside = now != nullptr ? now->relative(path) : std::nullopt;
    if (!inside) return real(path);
    return now->run("unlink", *inside, [&] {
        const int done = real(path);
        if (done == 0) now->removed(*inside);
        return done;
    });
}
int mkdir(const char* path, mode_t mode) noexcept {
    using namespace veilsum::test::crash;
    static const auto real = next_of<int (*)(const char*, mode_t)>("mkdir");
    watch* const now = watch::active();
    const auto inside = now != nullptr ? now->relative(path) : std::nullopt;
    if (!inside) return real(path, mode);
    return now->run("mkdir", *inside, [&] {
        const int done = real(path, mode);
        if (done == 0) now->made_folder(*inside);
        return done;
    });
}
int flock(int descriptor, int operation) noexcept {
    using namespace veilsum::test::crash;
    static const auto real = next_of<int (*)(int, int)>("flock");
    watch* const now = watch::active();
    const auto inside = now != nullptr ? now->name_of(descriptor) : std::nullopt;
    if (!inside) return real(descriptor, operation);
    return now->run("flock", *inside, [&] { return real(descriptor, operation); });
}

} // extern "C"
