// The most memory that this process held resident since `reset`, by the kernel's own mark. Linux only:
// elsewhere `mebibytes` is 0.
#pragma once

#include <fstream>
#include <string>

namespace veilsum::bench {

class peak_memory {
  public:
    peak_memory() { reset(); }
    void reset() { std::ofstream("/proc/self/clear_refs") << "5"; }
    double mebibytes() const {
        std::ifstream status("/proc/self/status");
        for (std::string word; status >> word;)
            if (double kibibytes = 0; word == "VmHWM:" && status >> kibibytes) return kibibytes / 1024;
        return 0;
    }
};

} // namespace veilsum::bench
