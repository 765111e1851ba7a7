// How the benchmarks measure: processor time, ours and a baseline in turn.
//
//     measure(state, "ciphertext", 16, [&] { encrypt_sixteen(); });
//     compare(state, "product", 20, [&] { twenty_of_ours(); }, 1, [&] { one_of_theirs(); });
//
// Processor time of the whole process leaves out what others take from a shared machine. What it cannot leave
// out (clock speed, caches, memory bandwidth) hits ours and the baseline alike, so the ratio is steadier than
// either time. With several threads it is the sum over them: the cost, not the waiting.
//
// Counters, the same in every benchmark; the label says one of what they are for:
//     us            ours, microseconds          baseline_us   the baseline's
//     ratio         baseline_us / us: above 1, ours is faster
// A benchmark registered with these needs ->UseManualTime().
#pragma once

#include <benchmark/benchmark.h>

#include <time.h>

#include <cstddef>
#include <string>

namespace veilsum::bench {

inline double processor_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <class Operation>
double seconds_of(const Operation& operation) {
    const double begin = processor_seconds();
    operation();
    return processor_seconds() - begin;
}

// The sums of one benchmark's turns.
class stopwatch {
  public:
    stopwatch(benchmark::State& state, const std::string& one) : state_(state) { state_.SetLabel(one); }

    template <class Operation>
    void ours(const Operation& operation) {
        const double time = seconds_of(operation);
        state_.SetIterationTime(time);
        ours_ += time;
    }
    template <class Operation>
    void baseline(const Operation& operation) {
        baseline_ += seconds_of(operation);
    }

    // `items` results a turn by ours, `baseline_items` by the baseline.
    void publish(std::size_t items, std::size_t baseline_items = 1) {
        const auto turns = static_cast<double>(state_.iterations());
        const double each = ours_ / (turns * static_cast<double>(items));
        state_.counters["us"] = 1e6 * each;
        if (baseline_ == 0) return;
        const double theirs = baseline_ / (turns * static_cast<double>(baseline_items));
        state_.counters["baseline_us"] = 1e6 * theirs;
        state_.counters["ratio"] = theirs / each;
    }

  private:
    benchmark::State& state_;
    double ours_ = 0, baseline_ = 0;
};

template <class Ours>
void measure(benchmark::State& state, const std::string& one, std::size_t items, const Ours& ours) {
    stopwatch watch(state, one);
    for (auto _ : state) watch.ours(ours);
    watch.publish(items);
}

template <class Ours, class Baseline>
void compare(benchmark::State& state, const std::string& one, std::size_t items, const Ours& ours,
             std::size_t baseline_items, const Baseline& baseline) {
    stopwatch watch(state, one);
    for (auto _ : state) {
        watch.ours(ours);
        watch.baseline(baseline);
    }
    watch.publish(items, baseline_items);
}

} // namespace veilsum::bench
