// The one main of the benchmarks; every bench_*.cpp only registers.
//
// The machine is described in the context of the results: they mean nothing without it. Loops run on one
// thread unless OMP_NUM_THREADS says otherwise. The exit status is 1 if a result was wrong.
#include "support/table.hpp"

#include <benchmark/benchmark.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include <gmp.h>
#include <sodium.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>

namespace {

// The value of the first line of /proc/cpuinfo that starts with `key`; empty where there is none.
std::string cpu_info(std::string_view key) {
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);) {
        const auto colon = line.find(':');
        if (line.starts_with(key) && colon != std::string::npos && colon + 2 <= line.size())
            return line.substr(colon + 2);
    }
    return {};
}

// Those of the processor's features that decide how fast big numbers are.
std::string number_features() {
    std::istringstream all(cpu_info("flags"));
    std::string found;
    for (std::string flag; all >> flag;)
        for (const std::string_view wanted : {"adx", "bmi2", "avx2", "avx512f", "avx512ifma"})
            if (flag == wanted) found += (found.empty() ? "" : " ") + flag;
    return found.empty() ? "unknown" : found;
}

std::string compiler() {
#ifdef __clang__
    return __VERSION__;
#else
    return "GCC " __VERSION__;
#endif
}

// Sets one thread unless the user asked for another number; returns what the loops now run on.
std::string set_threads() {
#ifdef _OPENMP
    if (std::getenv("OMP_NUM_THREADS") == nullptr) omp_set_num_threads(1);
    return std::to_string(omp_get_max_threads());
#else
    return std::to_string(std::max(1u, std::thread::hardware_concurrency())) + " (standard threads)";
#endif
}

// The table, unless the command line asks for one of Google Benchmark's own formats. To be called after
// Initialize, which reads that option, with what it was called with.
std::unique_ptr<benchmark::BenchmarkReporter> display(bool own_format) {
    if (own_format)
        return std::unique_ptr<benchmark::BenchmarkReporter>(benchmark::CreateDefaultDisplayReporter());
    return std::make_unique<veilsum::bench::table>();
}

} // namespace

int main(int argc, char** argv) {
    const bool own_format = std::any_of(argv + 1, argv + argc, [](std::string_view argument) {
        return argument.starts_with("--benchmark_format");
    });
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    const std::string model = cpu_info("model name");
    benchmark::AddCustomContext("cpu", model.empty() ? "unknown" : model);
    benchmark::AddCustomContext("cpu_features", number_features());
    benchmark::AddCustomContext("compiler", compiler());
    benchmark::AddCustomContext("gmp", gmp_version);
    benchmark::AddCustomContext("libsodium", sodium_version_string());
    benchmark::AddCustomContext("threads", set_threads());
    veilsum::bench::failure_counter reporter(display(own_format));
    benchmark::RunSpecifiedBenchmarks(&reporter);
    benchmark::Shutdown();
    return reporter.failures() == 0 ? 0 : 1;
}
