// Whole files: read with a cap, written once and completely.
#pragma once

#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <sys/stat.h>
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

} // namespace detail

inline result<bytes> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
    const detail::file_handle file(std::fopen(path.c_str(), "rb"));
    if (!file) return detail::io_error("cannot open file", path);
    bytes data;
    std::uint8_t chunk[1 << 16];
    for (std::size_t got; (got = std::fread(chunk, 1, sizeof chunk, file.get())) > 0;) {
        if (data.size() + got > max_bytes) return error{errc::out_of_range, "length of the file", 0, path.string()};
        data.insert(data.end(), chunk, chunk + got);
    }
    if (std::ferror(file.get()) != 0) return detail::io_error("cannot read file", path);
    return data;
}

// Streams, so the size does not matter.
inline result<veilsum::hash::digest32> digest_of_file(const std::filesystem::path& path) {
    const detail::file_handle file(std::fopen(path.c_str(), "rb"));
    if (!file) return detail::io_error("cannot open file", path);
    veilsum::hash::sha256_hasher hasher;
    std::uint8_t chunk[1 << 16];
    for (std::size_t got; (got = std::fread(chunk, 1, sizeof chunk, file.get())) > 0;) hasher.update({chunk, got});
    if (std::ferror(file.get()) != 0) return detail::io_error("cannot read file", path);
    return hasher.finish();
}

enum class file_access { everyone, owner };

// Refuses to replace a file (errc::duplicate). Files for the owner are never readable by others, not even while they
// are written.
inline result<void> write_new_file(const std::filesystem::path& path, byte_view data,
                                   file_access access = file_access::everyone) {
    const mode_t before = access == file_access::owner ? umask(077) : umask(022);
    umask(access == file_access::owner ? 077 : before);
    detail::file_handle file(std::fopen(path.c_str(), "wbx"));
    umask(before);
    if (!file && errno == EEXIST) return error{errc::duplicate, "file exists", 0, path.string()};
    if (!file) return detail::io_error("cannot create file", path);
    if (!data.empty() && std::fwrite(data.data(), 1, data.size(), file.get()) != data.size())
        return detail::io_error("cannot write file", path);
    if (std::fflush(file.get()) != 0) return detail::io_error("cannot write file", path);
    return {};
}

inline result<void> create_folder(const std::filesystem::path& path) {
    std::error_code failure;
    if (std::filesystem::exists(path, failure)) return error{errc::duplicate, "folder exists", 0, path.string()};
    std::filesystem::create_directories(path, failure);
    if (failure) return error{errc::io, "cannot create folder", 0, path.string() + " (" + failure.message() + ")"};
    return {};
}

} // namespace examples
