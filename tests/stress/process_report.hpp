// What a process of a stress run tells about itself, in a file of JSON beside the record.
#pragma once

#include <nlohmann/json.hpp>

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace veilsum::stress {

// "VmHWM:", the most memory that this program has held, or "VmRSS:", what it holds, in bytes. Unlike
// getrusage's, these begin with the program and not with whoever started it. Linux only.
inline std::uint64_t resident_bytes(std::string_view which) {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (std::uint64_t kibibytes = 0; word == which && status >> kibibytes) return 1024 * kibibytes;
    throw std::runtime_error("/proc/self/status does not say how much memory is held");
}

// From here on, "VmHWM:" is the most since now. Where that is not allowed it stays the most since the start.
inline void forget_peak() {
    std::ofstream("/proc/self/clear_refs") << "5";
}

// Of all threads.
inline double processor_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

class process_report {
  public:
    // The processor time since the last lap goes to `phase`.
    void lap(const std::string& phase) {
        const double now = processor_seconds();
        seconds_[phase] += now - since_;
        since_ = now;
    }
    // What memory the phase that ends here took.
    void note_memory(const std::string& phase) {
        const std::uint64_t peak = resident_bytes("VmHWM:");
        peak_ = std::max(peak_, peak);
        json_["memory"].push_back({phase, peak, resident_bytes("VmRSS:")});
        forget_peak();
    }
    nlohmann::json& operator[](const std::string& name) { return json_[name]; }

    void write(const std::filesystem::path& path) {
        json_["peak_bytes"] = std::max(peak_, resident_bytes("VmHWM:"));
        json_["seconds"] = seconds_;
        std::ofstream out(path);
        out << json_.dump(1) << '\n';
        if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
    }

  private:
    nlohmann::json json_;
    std::map<std::string, double> seconds_;
    double since_ = processor_seconds();
    std::uint64_t peak_ = 0; // of the phases so far
};

} // namespace veilsum::stress
