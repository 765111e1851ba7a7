// Files that survive a crash: the few POSIX calls that durable storage needs, with errors as values.
//
// What is promised after `sync` has returned, and nothing before it, is still there after the power fails. A
// new or renamed file is there only after its *folder* has been synced too. After a failed sync the kernel
// may have dropped what it could not write, while it still shows it to readers, and the next sync succeeds:
// trying again proves nothing, and reading neither. Callers stop writing, open the file anew, and write again
// what may be lost. Calls that a signal interrupted are made again, short writes are continued.
//
// Errors: errc::missing (no such file), errc::duplicate (exists already), errc::io else; the place is the
// path and the system's own words. Paths are opened without following a link in the last component, and only
// regular files, so that a folder from somebody else cannot make a reader wait on a pipe.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace veilsum::audit {

// An errno as an error: missing (ENOENT), duplicate (EEXIST), else io; place: path and the system's words.
inline error system_error(std::string_view what, const std::string& path, int code) {
    const errc kind = code == ENOENT ? errc::missing : code == EEXIST ? errc::duplicate : errc::io;
    return error{kind, what, 0, path + ": " + std::generic_category().message(code)};
}

// Makes the call until no signal interrupts it.
template <class Call>
int uninterrupted(const Call& call) {
    int outcome = -1;
    do outcome = call();
    while (outcome < 0 && errno == EINTR);
    return outcome;
}

// An open regular file; closed by the destructor. Move-only.
class posix_file {
  public:
    // `read`: read only; `write`: read and write; `create`: write, and the file must not exist yet.
    enum class access { read, write, create };

    // Opens a regular file; creates it for `create` only. The file is not locked.
    static result<posix_file> open(std::string path, access mode) {
        int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
        if (mode == access::read) flags |= O_RDONLY;
        if (mode != access::read) flags |= O_RDWR;
        if (mode == access::create) flags |= O_CREAT | O_EXCL;
        const int descriptor = uninterrupted([&] { return ::open(path.c_str(), flags, 0666); });
        if (descriptor < 0) return system_error("file cannot be opened", path, errno);
        posix_file opened(descriptor, std::move(path));
        struct stat status {};
        if (::fstat(descriptor, &status) != 0) return opened.failed("file cannot be examined");
        if (!S_ISREG(status.st_mode)) return error{errc::malformed, "kind of file", 0, opened.path_};
        return opened;
    }

    posix_file(posix_file&& other) noexcept
        : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}
    posix_file& operator=(posix_file&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        std::swap(path_, other.path_);
        return *this;
    }
    ~posix_file() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    const std::string& path() const { return path_; } // as it was opened

    // Of the file, in bytes.
    result<std::uint64_t> size() const {
        struct stat status {};
        if (::fstat(descriptor_, &status) != 0) return failed("file cannot be examined");
        return static_cast<std::uint64_t>(status.st_size);
    }

    // Fills all of `out`; a file that ends earlier is errc::io.
    result<void> read_at(std::uint64_t offset, std::span<std::uint8_t> out) const {
        while (!out.empty()) {
            const ssize_t count = ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return failed("file cannot be read");
            if (count == 0) return error{errc::io, "file became shorter while it was read", 0, path_};
            out = out.subspan(static_cast<std::size_t>(count));
            offset += static_cast<std::uint64_t>(count);
        }
        return {};
    }

    // Not durable before `sync`. A failure may leave a part of the data in the file.
    result<void> write_at(std::uint64_t offset, byte_view data) {
        while (!data.empty()) {
            const ssize_t count = ::pwrite(descriptor_, data.data(), data.size(), static_cast<off_t>(offset));
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return failed("file cannot be written");
            if (count == 0) return error{errc::io, "file takes no more bytes", 0, path_};
            data = data.subspan(static_cast<std::size_t>(count));
            offset += static_cast<std::uint64_t>(count);
        }
        return {};
    }

    // Cuts (or extends with zeros) to so many bytes; not durable before `sync`.
    result<void> truncate(std::uint64_t size) {
        if (uninterrupted([&] { return ::ftruncate(descriptor_, static_cast<off_t>(size)); }) != 0)
            return failed("file cannot be cut");
        return {};
    }

    // Durable when it returns (fsync); see the description of the file for what a failure means.
    result<void> sync() {
        if (uninterrupted([&] { return ::fsync(descriptor_); }) != 0) return failed("file cannot be synced");
        return {};
    }

    // Exclusive until the file is closed; a child process made by fork shares it. Never waits: errc::io when
    // somebody else, also in this process, holds it.
    result<void> lock() {
        if (uninterrupted([&] { return ::flock(descriptor_, LOCK_EX | LOCK_NB); }) == 0) return {};
        if (errno == EWOULDBLOCK) return error{errc::io, "lock is held by another writer", 0, path_};
        return failed("file cannot be locked");
    }

  private:
    posix_file(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
    error failed(std::string_view what) const { return system_error(what, path_, errno); }

    int descriptor_ = -1;
    std::string path_;
};

// Makes the entries of a folder durable: new files, renamed files.
inline result<void> sync_folder(const std::string& path) {
    const int descriptor =
        uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
    if (descriptor < 0) return system_error("folder cannot be opened", path, errno);
    const int code = uninterrupted([&] { return ::fsync(descriptor); }) == 0 ? 0 : errno;
    ::close(descriptor);
    if (code != 0) return system_error("folder cannot be synced", path, code);
    return {};
}

// The folder that holds `path`.
inline std::string folder_of(const std::string& path) {
    const std::size_t slash = path.find_last_of('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

// errc::duplicate when anything of that name exists.
inline result<void> create_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0777) != 0) return system_error("folder cannot be created", path, errno);
    return {};
}

// Writes folder/name so that after a crash it holds either its old content or the new, whole: a temporary
// file is written and synced, then renamed, then the folder is synced. Two callers at once must use different
// temporaries.
inline result<void> replace_file(const std::string& folder, const std::string& name,
                                 const std::string& temporary, byte_view content) {
    const std::string from = folder + "/" + temporary;
    const std::string to = folder + "/" + name;
    if (::unlink(from.c_str()) != 0 && errno != ENOENT) // left behind by a crash
        return system_error("file cannot be removed", from, errno);
    {
        auto file = posix_file::open(from, posix_file::access::create);
        if (!file) return file.error();
        if (auto written = file->write_at(0, content); !written) return written;
        if (auto synced = file->sync(); !synced) return synced;
    }
    if (std::rename(from.c_str(), to.c_str()) != 0) return system_error("file cannot be renamed", to, errno);
    return sync_folder(folder);
}

} // namespace veilsum::audit
