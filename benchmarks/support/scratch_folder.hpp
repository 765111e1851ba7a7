// A fresh folder, removed with everything in it. TMPDIR chooses the disk.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace veilsum::bench {

class scratch_folder {
  public:
    explicit scratch_folder(const std::filesystem::path& base = std::filesystem::temp_directory_path()) {
        std::string pattern = (base / "veilsum-bench-XXXXXX").native();
        if (::mkdtemp(pattern.data()) == nullptr) std::abort();
        path_ = pattern;
    }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;
    ~scratch_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

  private:
    std::filesystem::path path_;
};

} // namespace veilsum::bench
