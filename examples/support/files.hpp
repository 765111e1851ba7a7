// Whole files and folders: read with a cap, written once and completely.
#pragma once

#include <veilsum/audit/body_folder.hpp>
#include <veilsum/audit/posix_file.hpp>
#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/hash/sha2.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace examples {

using veilsum::byte_view;
using veilsum::bytes;
using veilsum::errc;
using veilsum::error;
using veilsum::result;

namespace detail {

struct file_closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using file_handle = std::unique_ptr<std::FILE, file_closer>;

inline error io_error(std::string_view what, const std::filesystem::path& path) {
    return {errc::io, what, 0, path.string() + " (" + std::strerror(errno) + ")"};
}

// Without this a loss of power can take away a name whose bytes are on the disk.
inline result<void> sync_name(const std::filesystem::path& path) {
    return veilsum::audit::sync_folder(veilsum::audit::folder_of(path.string()));
}

} // namespace detail

inline result<bytes> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
    const detail::file_handle file(std::fopen(path.c_str(), "rb"));
    if (!file) return detail::io_error("cannot open file", path);
    bytes data;
    std::uint8_t chunk[1 << 16];
    for (std::size_t got; (got = std::fread(chunk, 1, sizeof chunk, file.get())) > 0;) {
        if (data.size() + got > max_bytes)
            return error{errc::out_of_range, "length of the file", 0, path.string()};
        data.insert(data.end(), chunk, chunk + got);
    }
    if (std::ferror(file.get()) != 0) return detail::io_error("cannot read file", path);
    return data;
}

// The same for a secret: no copy of it is left in memory. A file that the group or others can read or change
// is refused: it is no secret any more.
inline result<veilsum::secret<bytes>> read_secret_file(const std::filesystem::path& path,
                                                       std::size_t max_bytes) {
    const detail::file_handle file(std::fopen(path.c_str(), "rb"));
    if (!file) return detail::io_error("cannot open file", path);
    struct stat about {};
    if (::fstat(::fileno(file.get()), &about) != 0) return detail::io_error("cannot read file", path);
    if (S_ISREG(about.st_mode) && (about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return error{errc::refused,
                     "secret in a file that others can open (chmod go= FILE, and think who has it)", 0,
                     path.string()};
    std::setvbuf(file.get(), nullptr, _IONBF, 0);
    veilsum::secret<bytes> data(bytes(max_bytes + 1));
    const std::size_t got = std::fread(data.expose().data(), 1, data.expose().size(), file.get());
    if (std::ferror(file.get()) != 0) return detail::io_error("cannot read file", path);
    if (got > max_bytes) return error{errc::out_of_range, "length of the file", 0, path.string()};
    data.expose().resize(got);
    return data;
}

// Of a regular file that is no link, as all files of a record folder must be, of any size.
inline result<veilsum::hash::digest32> digest_of_file(const std::filesystem::path& path) {
    using veilsum::audit::posix_file;
    const auto file = posix_file::open(path.string(), posix_file::access::read);
    if (!file) return file.error();
    return veilsum::audit::file_digest(*file);
}

enum class file_access { everyone, owner };

// Refuses to replace a file (errc::duplicate), and returns when bytes and name are on the disk. Files for the
// owner are never readable by others, not even while they are written.
inline result<void> write_new_file(const std::filesystem::path& path, byte_view data,
                                   file_access access = file_access::everyone) {
    const mode_t mode = access == file_access::owner ? 0600 : 0666;
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (descriptor < 0 && errno == EEXIST) return error{errc::duplicate, "file exists", 0, path.string()};
    const detail::file_handle file(descriptor < 0 ? nullptr : ::fdopen(descriptor, "wb"));
    if (!file) return detail::io_error("cannot create file", path);
    std::setvbuf(file.get(), nullptr, _IONBF, 0); // no copy of a secret stays in a buffer
    if (!data.empty() && std::fwrite(data.data(), 1, data.size(), file.get()) != data.size())
        return detail::io_error("cannot write file", path);
    if (::fsync(descriptor) != 0) return detail::io_error("cannot write file", path);
    return detail::sync_name(path);
}

// Makes the folder and those above it; refuses one that exists (errc::duplicate).
inline result<void> create_folder(const std::filesystem::path& path,
                                  file_access access = file_access::everyone) {
    std::error_code failure;
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), failure);
    if (failure)
        return error{errc::io, "cannot create folder", 0,
                     path.parent_path().string() + " (" + failure.message() + ")"};
    if (::mkdir(path.c_str(), access == file_access::owner ? 0700 : 0777) == 0)
        return detail::sync_name(path);
    if (errno == EEXIST) return error{errc::duplicate, "folder exists", 0, path.string()};
    return detail::io_error("cannot create folder", path);
}

// A folder that appears under its name only when it is complete. Until `finish` it is NAME.incomplete, for
// the owner alone, and goes away with this object; a program that is killed leaves it behind, and the next
// run says so.
class new_folder {
  public:
    static result<new_folder> create(const std::filesystem::path& path) {
        std::filesystem::path name = path.lexically_normal();
        if (!name.has_filename()) name = name.parent_path(); // "keys/" is "keys"
        if (name.empty()) return error{errc::bad_parameter, "name of the folder", 0, path.string()};
        std::error_code failure;
        if (std::filesystem::exists(std::filesystem::symlink_status(name, failure)))
            return error{errc::duplicate, "it exists; nothing in it was touched", 0, name.string()};
        std::filesystem::path staging = name;
        staging += ".incomplete";
        if (auto made = create_folder(staging, file_access::owner); !made) {
            if (made.error().code != errc::duplicate) return made.error();
            return error{errc::duplicate, "left by a run that was cut short, remove it first", 0,
                         staging.string()};
        }
        return new_folder(std::move(name), std::move(staging));
    }
    new_folder(new_folder&& other) noexcept
        : name_(std::move(other.name_)), staging_(std::exchange(other.staging_, std::filesystem::path())) {}
    new_folder& operator=(new_folder&&) = delete;
    ~new_folder() {
        std::error_code ignored;
        if (!staging_.empty()) std::filesystem::remove_all(staging_, ignored);
    }

    // Where to write until `finish`.
    const std::filesystem::path& path() const { return staging_; }
    result<void> finish() && {
        std::error_code failure;
        std::filesystem::rename(staging_, name_, failure);
        if (failure)
            return error{errc::io, "cannot name the folder", 0,
                         name_.string() + " (" + failure.message() + ")"};
        staging_.clear();
        return detail::sync_name(name_);
    }

  private:
    new_folder(std::filesystem::path&& name, std::filesystem::path&& staging)
        : name_(std::move(name)), staging_(std::move(staging)) {}
    std::filesystem::path name_;
    std::filesystem::path staging_; // empty: nothing to remove
};

} // namespace examples
