// The results as one table: a line a benchmark, with the counters that support/measure.hpp defines in columns
// of their own and all others behind them.
//
// `us` is the counter of that name; where a benchmark has none, the time of one turn. Times there are
// processor time, or wall time where the benchmark's own description says so (disks).
#pragma once

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::bench {

class table : public benchmark::BenchmarkReporter {
  public:
    bool ReportContext(const Context& context) override {
        PrintBasicContext(&GetErrorStream(), context);
        width_ = static_cast<int>(context.name_field_width);
        std::printf("%-*s %11s  %-12s %11s %7s %8s\n", width_, "benchmark", "us", "of one", "baseline us",
                    "ratio", "bytes");
        std::fflush(stdout);
        return true;
    }

    void ReportRuns(const std::vector<Run>& runs) override {
        for (const Run& run : runs) print(run);
        std::fflush(stdout);
    }

  private:
    static std::string number(double value) {
        char text[32];
        const double size = std::abs(value);
        const int digits = size >= 100 || value == std::floor(value) ? 0
                           : size >= 10                              ? 1
                           : size >= 0.1                             ? 2
                                                                     : 4;
        std::snprintf(text, sizeof text, "%.*f", digits, value);
        return text;
    }

    void print(const Run& run) const {
        if (run.aggregate_unit == benchmark::kPercentage) return;
        std::string name = run.run_name.function_name;
        if (!run.run_name.args.empty()) name += "/" + run.run_name.args;
        if (!run.aggregate_name.empty()) name += "_" + run.aggregate_name;
        if (run.error_occurred) {
            std::printf("%-*s FAILED: %s\n", width_, name.c_str(), run.error_message.c_str());
            return;
        }
        auto counters = run.counters;
        const auto column = [&](const char* key) {
            const auto at = counters.find(key);
            if (at == counters.end()) return std::string();
            std::string text = number(at->second);
            counters.erase(at);
            return text;
        };
        std::string us = column("us");
        if (us.empty()) {
            const double time =
                run.run_name.time_type.empty() ? run.GetAdjustedCPUTime() : run.GetAdjustedRealTime();
            us = number(time / benchmark::GetTimeUnitMultiplier(run.time_unit) * 1e6);
        }
        const std::string baseline = column("baseline_us"), ratio = column("ratio"), bytes = column("bytes");
        std::printf("%-*s %11s  %-12s %11s %7s %8s", width_, name.c_str(), us.c_str(),
                    run.report_label.c_str(), baseline.c_str(), ratio.c_str(), bytes.c_str());
        for (const auto& [key, value] : counters) std::printf("  %s=%s", key.c_str(), number(value).c_str());
        std::printf("\n");
    }

    int width_ = 0;
};

// Passes everything on and counts the benchmarks whose result was wrong: the library itself ends with success
// even then.
class failure_counter : public benchmark::BenchmarkReporter {
  public:
    explicit failure_counter(std::unique_ptr<benchmark::BenchmarkReporter> shown)
        : shown_(std::move(shown)) {}
    bool ReportContext(const Context& context) override { return shown_->ReportContext(context); }
    void ReportRuns(const std::vector<Run>& runs) override {
        for (const Run& run : runs) failures_ += run.error_occurred ? 1 : 0;
        shown_->ReportRuns(runs);
    }
    void Finalize() override { shown_->Finalize(); }
    std::size_t failures() const { return failures_; }

  private:
    std::unique_ptr<benchmark::BenchmarkReporter> shown_;
    std::size_t failures_ = 0;
};

} // namespace veilsum::bench
