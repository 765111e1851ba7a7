// What the example programs print: progress on standard error, tables and verdicts on standard output.
#pragma once

#include <veilsum/audit/note_encoding.hpp>
#include <veilsum/core/error.hpp>
#include <veilsum/core/progress.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

namespace examples {

class stopwatch {
  public:
    double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// "950 B", "12.3 kB", "4.56 MB": powers of 1000.
inline std::string human_bytes(double count) {
    constexpr std::string_view units[] = {"B", "kB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    while (count >= 1000 && unit + 1 < std::size(units)) {
        count /= 1000;
        ++unit;
    }
    char text[32];
    std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.2f %s", count, units[unit].data());
    return text;
}

// "0.42 s", "12.3 s", "3 min 05 s".
inline std::string human_seconds(double seconds) {
    char text[48];
    if (seconds < 10) {
        std::snprintf(text, sizeof text, "%.2f s", seconds);
    } else if (seconds < 100) {
        std::snprintf(text, sizeof text, "%.1f s", seconds);
    } else {
        const auto whole = static_cast<long>(seconds + 0.5);
        std::snprintf(text, sizeof text, "%ld min %02ld s", whole / 60, whole % 60);
    }
    return text;
}

// Text of somebody else's for a terminal: what could move its cursor or turn its lines around is spelled out,
// as is what is not UTF-8.
inline std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::string_view before = text;
        const auto point = veilsum::audit::take_code_point(text);
        if (!point) text.remove_prefix(1);
        const bool turns =
            point && ((*point >= 0x200e && *point <= 0x200f) || (*point >= 0x2028 && *point <= 0x202e) ||
                      (*point >= 0x2066 && *point <= 0x2069));
        if (point && !turns && *point >= 0x20 && !(*point >= 0x7f && *point <= 0x9f)) {
            out += before.substr(0, before.size() - text.size());
            continue;
        }
        char spelled[16];
        std::snprintf(spelled, sizeof spelled, point ? "\\u{%x}" : "\\x%02x",
                      point ? static_cast<unsigned>(*point) : static_cast<unsigned char>(before[0]));
        out += spelled;
    }
    return out;
}

// The most memory that this process has held.
inline std::uint64_t peak_memory_bytes() {
    struct rusage used {};
    getrusage(RUSAGE_SELF, &used);
    return static_cast<std::uint64_t>(used.ru_maxrss) * 1024; // kibibytes on Linux
}

// "7.5": as few digits as tell the number.
inline std::string fixed_text(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", value);
    return text;
}

// One line that is redrawn at most ten times a second, with a bar, the rate and the time left. Prints nothing
// when standard error is not a terminal, so logs stay readable.
class progress_bar {
  public:
    progress_bar(std::string label, std::string unit) : label_(std::move(label)), unit_(std::move(unit)) {}
    progress_bar(const progress_bar&) = delete;
    progress_bar& operator=(const progress_bar&) = delete;
    ~progress_bar() {
        if (drawn_) std::fputs("\r\033[K", stderr);
    }

    // `total` 0: the end is not known.
    void update(std::uint64_t done, std::uint64_t total) {
        if (!terminal_) return;
        const double now = watch_.seconds();
        if (drawn_ && now - last_ < 0.1 && done != total) return;
        last_ = now;
        drawn_ = true;
        const double rate = now > 0 ? static_cast<double>(done) / now : 0;
        if (total == 0) {
            std::fprintf(stderr, "\r\033[K%s  %llu %s  %.0f/s  %s", label_.c_str(),
                         static_cast<unsigned long long>(done), unit_.c_str(), rate,
                         human_seconds(now).c_str());
        } else {
            constexpr int width = 24;
            const int filled = static_cast<int>(width * done / total);
            const std::string bar = std::string(static_cast<std::size_t>(filled), '#') +
                                    std::string(static_cast<std::size_t>(width - filled), '.');
            const double left = rate > 0 ? static_cast<double>(total - done) / rate : 0;
            std::fprintf(stderr, "\r\033[K%s [%s] %llu/%llu %s  %.1f/s  %s left", label_.c_str(), bar.c_str(),
                         static_cast<unsigned long long>(done), static_cast<unsigned long long>(total),
                         unit_.c_str(), rate, human_seconds(left).c_str());
        }
        std::fflush(stderr);
    }
    veilsum::progress watcher() {
        return [this](std::uint64_t done, std::uint64_t total) { update(done, total); };
    }

  private:
    std::string label_;
    std::string unit_;
    stopwatch watch_;
    double last_ = 0;
    bool terminal_ = isatty(STDERR_FILENO) == 1;
    bool drawn_ = false;
};

// "train: cannot open file at data/x"; the exit status of a program that was given bad input or met an error.
inline int fail(std::string_view program, const veilsum::error& reason) {
    std::fflush(stdout);
    std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(program.size()), program.data(),
                 reason.describe().c_str());
    return 1;
}

} // namespace examples
