// Body folder: byte strings stored under their own SHA-256.
//
//     <folder>/<64 hexadecimal digits>
//
// A record names a body by its digest; the body is stored, durably, before the record that names it is
// appended, so a record never points at something that a crash can take away. A body that is there already is
// not written again, but it is compared and synced again: an earlier process may have died between writing
// and syncing.
//
// Reading believes nothing: length against the caller's cap before anything is allocated, then the digest.
// One writer at a time (the log's lock sees to that), any number of readers.
#pragma once

#include <veilsum/audit/posix_file.hpp>
#include <veilsum/core/bytes.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/hash/sha2.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace veilsum::audit {

// The place of errors about a body: "body " and its digest in hexadecimal.
inline std::string body_place(const hash::digest32& digest) {
    return "body " + to_hex(digest);
}

// SHA-256 of a file, read in pieces, so that its size costs no memory.
inline result<hash::digest32> file_digest(const posix_file& file) {
    const auto size = file.size();
    if (!size) return size.error();
    hash::sha256_hasher hasher;
    bytes piece(std::size_t{1} << 16);
    for (std::uint64_t offset = 0; offset < *size;) {
        const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(*size - offset, piece.size()));
        if (auto got = file.read_at(offset, std::span(piece).first(part)); !got) return got.error();
        hasher.update(byte_view(piece).first(part));
        offset += part;
    }
    return hasher.finish();
}

class body_folder {
  public:
    explicit body_folder(std::string path) : path_(std::move(path)) {}

    // Durable when it returns. Cost: one hash of the body, one write, two syncs.
    result<hash::digest32> put(byte_view body) {
        const hash::digest32 digest = hash::sha256(body);
        const std::string name = to_hex(digest);
        if (auto present = posix_file::open(path_ + "/" + name, posix_file::access::write)) {
            const auto held = file_digest(*present);
            if (!held) return held.error();
            if (*held == digest) {
                if (auto synced = present->sync(); !synced) return synced.error();
                if (auto synced = sync_folder(path_); !synced) return synced.error();
                return digest;
            }
        }
        if (auto stored = replace_file(path_, name, "incoming", body); !stored) return stored.error();
        return digest;
    }

    // errc::missing; errc::out_of_range when longer than max_len; errc::mismatch when the content has another
    // digest.
    result<bytes> get(const hash::digest32& digest, std::size_t max_len) const {
        const auto file = posix_file::open(path_ + "/" + to_hex(digest), posix_file::access::read);
        if (!file && file.error().code == errc::missing)
            return error{errc::missing, "body", 0, body_place(digest)};
        if (!file) return file.error();
        const auto size = file->size();
        if (!size) return size.error();
        if (*size > max_len) return error{errc::out_of_range, "length of the body", 0, body_place(digest)};
        bytes body(static_cast<std::size_t>(*size));
        if (auto got = file->read_at(0, body); !got) return got.error();
        if (hash::sha256(body) != digest)
            return error{errc::mismatch, "digest of the body", 0, body_place(digest)};
        return body;
    }

    // Whether a file of that name is there; `get` says whether it is the right one.
    bool has(const hash::digest32& digest) const {
        struct stat status {};
        return ::lstat((path_ + "/" + to_hex(digest)).c_str(), &status) == 0 && S_ISREG(status.st_mode);
    }

  private:
    std::string path_;
};

} // namespace veilsum::audit
