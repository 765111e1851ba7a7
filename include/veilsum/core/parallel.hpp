// The one place where loops become threads.
//
// parallel_for(count, body) calls body(i) once for each i < count, in any order, on OpenMP's threads where
// the compiler was given OpenMP, on standard threads else. Each iteration writes only what belongs to its
// index, so results are the same for any number of threads. `body` must not throw.
#pragma once

#include <cstddef>

#ifndef _OPENMP
#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>
#endif

namespace veilsum {

template <class Body>
void parallel_for(std::size_t count, const Body& body) {
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic)
    for (std::size_t i = 0; i < count; ++i) body(i);
#else
    const std::size_t workers =
        std::min<std::size_t>(count, std::max(1u, std::thread::hardware_concurrency()));
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t i = next++; i < count; i = next++) body(i);
    };
    std::vector<std::thread> threads;
    for (std::size_t t = 1; t < workers; ++t) threads.emplace_back(work);
    work();
    for (std::thread& thread : threads) thread.join();
#endif
}

} // namespace veilsum
