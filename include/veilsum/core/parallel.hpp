// The one place where loops become threads.
//
// parallel_for(count, body) calls body(i) once for each i < count, in any order, on OpenMP's threads where
// the compiler was given OpenMP, on standard threads else. Each iteration writes only what belongs to its
// index, so results are the same for any number of threads. `body` must not throw.
//
// thread_count() is how many threads a loop started here would have: for those who may cut their work into
// pieces that cost something each.
#pragma once

#include <algorithm>
#include <cstddef>

#ifdef _OPENMP
#include <omp.h>
#else
#include <atomic>
#include <thread>
#include <vector>
#endif

namespace veilsum {

// Threads that a loop here would use, at least 1; 1 inside a parallel region of OpenMP.
inline std::size_t thread_count() {
#ifdef _OPENMP
    return omp_in_parallel() != 0 ? 1 : static_cast<std::size_t>(std::max(1, omp_get_max_threads()));
#else
    return std::max(1u, std::thread::hardware_concurrency());
#endif
}

namespace detail {

// One function for all bodies: what a thread needs is compiled once, not for each loop of the library.
inline void run_parallel(std::size_t count, const void* body, void (*call)(const void*, std::size_t)) {
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic)
    for (std::size_t i = 0; i < count; ++i) call(body, i);
#else
    const std::size_t workers = std::min(count, thread_count());
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t i = next++; i < count; i = next++) call(body, i);
    };
    std::vector<std::thread> threads;
    for (std::size_t t = 1; t < workers; ++t) threads.emplace_back(work);
    work();
    for (std::thread& thread : threads) thread.join();
#endif
}

} // namespace detail

// Calls body(i) for each i < count, on all threads, in no order; the calls must not depend on each other.
template <class Body>
void parallel_for(std::size_t count, const Body& body) {
    detail::run_parallel(count, &body,
                         [](const void* of, std::size_t i) { (*static_cast<const Body*>(of))(i); });
}

} // namespace veilsum
