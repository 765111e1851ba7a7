// One operation by several contenders in turn: ours, the baseline, and whoever else is there.
//
//     contest race(state, "product");
//     race.ours(16, [&] { sixteen_of_ours(); });
//     race.baseline(1, [&] { one_by_gmp(); });
//     race.rival("openssl", 1, [&] { one_by_openssl(); });
//     race.run();
//
// Counters: us, baseline_us and ratio as in support/measure.hpp; for each rival NAME_us and over_NAME, which
// is NAME_us / us: above 1, ours is faster.
#pragma once

#include "support/measure.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::bench {

class contest {
  public:
    contest(benchmark::State& state, const std::string& one) : state_(state) { state_.SetLabel(one); }

    // Each operation gives so many results a turn; ours comes first.
    void ours(std::size_t items, std::function<void()> operation) {
        entries_.push_back({"", items, std::move(operation)});
    }
    void baseline(std::size_t items, std::function<void()> operation) {
        entries_.push_back({"baseline", items, std::move(operation)});
    }
    void rival(const std::string& name, std::size_t items, std::function<void()> operation) {
        entries_.push_back({name, items, std::move(operation)});
    }

    // Microseconds of one result of ours.
    double run() {
        for (auto _ : state_)
            for (entry& each : entries_) {
                const double time = seconds_of(each.operation);
                each.seconds += time;
                if (each.name.empty()) state_.SetIterationTime(time);
            }
        const double our_time = microseconds(entries_.front());
        for (const entry& each : entries_) {
            const double time = microseconds(each);
            state_.counters[each.name.empty() ? "us" : each.name + "_us"] = time;
            if (each.name == "baseline") {
                state_.counters["ratio"] = time / our_time;
            } else if (!each.name.empty()) {
                state_.counters["over_" + each.name] = time / our_time;
            }
        }
        return our_time;
    }

  private:
    struct entry {
        std::string name;
        std::size_t items;
        std::function<void()> operation;
        double seconds = 0;
    };
    double microseconds(const entry& of) const {
        return 1e6 * of.seconds / (static_cast<double>(state_.iterations()) * static_cast<double>(of.items));
    }

    benchmark::State& state_;
    std::vector<entry> entries_;
};

} // namespace veilsum::bench
