// How many threads the library's loops use while this lives. main sets one, so that figures are a core's; a
// benchmark that needs two says so. Without OpenMP the standard threads cannot be limited, and this does
// nothing.
#pragma once

#ifdef _OPENMP
#include <omp.h>
#endif

namespace veilsum::bench {

class thread_scope {
  public:
#ifdef _OPENMP
    explicit thread_scope(int count) : before_(omp_get_max_threads()) {
        omp_set_num_threads(count);
    }
    ~thread_scope() {
        omp_set_num_threads(before_);
    }
#else
    explicit thread_scope(int) {}
    ~thread_scope() = default;
#endif
    thread_scope(const thread_scope&) = delete;
    thread_scope& operator=(const thread_scope&) = delete;

  private:
#ifdef _OPENMP
    int before_;
#endif
};

} // namespace veilsum::bench
