// Runs something with a given number of OpenMP threads. Without OpenMP the number is the machine's own, and a
// comparison of two runs only shows that repeating gives the same.
#pragma once

#ifdef _OPENMP
#include <omp.h>
#endif

namespace veilsum::test {

template <class Action>
auto with_threads([[maybe_unused]] int count, const Action& action) {
#ifdef _OPENMP
    const int before = omp_get_max_threads();
    omp_set_num_threads(count);
    auto made = action();
    omp_set_num_threads(before);
    return made;
#else
    return action();
#endif
}

} // namespace veilsum::test
