// The newest checkpoint of a log folder, as a file.
#pragma once

#include <veilsum/audit/posix_file.hpp>
#include <veilsum/audit/signed_note.hpp>
#include <veilsum/core/result.hpp>

#include <cstddef>
#include <string>

namespace veilsum::audit {

// <folder>/checkpoint. errc::missing when none was ever written, errc::overflow beyond the cap of notes.
inline result<std::string> read_checkpoint_file(const std::string& folder) {
    const auto file = posix_file::open(folder + "/checkpoint", posix_file::access::read);
    if (!file && file.error().code == errc::missing) return error{errc::missing, "checkpoint", 0, folder};
    if (!file) return file.error();
    const auto size = file->size();
    if (!size) return size.error();
    if (*size > max_note_bytes) return error{errc::overflow, "length of the checkpoint", 1, file->path()};
    bytes note(static_cast<std::size_t>(*size));
    if (auto got = file->read_at(0, note); !got) return got.error();
    return std::string(note.begin(), note.end());
}

} // namespace veilsum::audit
