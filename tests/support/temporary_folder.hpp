// A folder that exists as long as the object, under the system's folder for temporary files.
//
// Tests that sync hundreds of files in a row ask for `memory_backed()` as the base: there a sync costs
// nothing, and what they check (which bytes are in a file, and what is made of them) does not depend on the
// disk.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace veilsum::test {

class temporary_folder {
  public:
    explicit temporary_folder(const std::filesystem::path& base = std::filesystem::temp_directory_path()) {
        std::string pattern = (base / "veilsum-XXXXXX").native();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = pattern;
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

  private:
    std::filesystem::path path_;
};

inline std::filesystem::path memory_backed() {
    const char* const shared_memory = "/dev/shm";
    return ::access(shared_memory, W_OK | X_OK) == 0 ? shared_memory : std::filesystem::temp_directory_path();
}

inline std::vector<std::uint8_t> read_whole_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + path.native());
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline void write_whole_file(const std::filesystem::path& path, const std::vector<std::uint8_t>& content) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
    if (!out.flush()) throw std::runtime_error("cannot write " + path.native());
}

} // namespace veilsum::test
