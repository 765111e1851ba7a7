// The stack below a function that handled secrets, overwritten when it returns.
//
//     result<dealing> deal(...) {
//         const wiped_stack afterwards;           // first, so that it goes last
//
// Functions that were called in between leave their local variables there, GMP's scratch memory among them.
// 256 KiB of the stacks of this thread and of OpenMP's are overwritten; without OpenMP, only this thread's:
// others have ended by then. Not a guarantee (registers, signal frames, deeper stacks), but a core dump taken
// later does not hold what was there. Cost: some 10 microseconds. Every thread concerned needs a stack larger
// than that: where 128 KiB are usual (musl), OMP_STACKSIZE=2M, and as much for a program's own threads.
#pragma once

#include <sodium/utils.h>

#include <cstddef>

namespace veilsum {

class wiped_stack {
  public:
    wiped_stack() = default;
    wiped_stack(const wiped_stack&) = delete;
    wiped_stack& operator=(const wiped_stack&) = delete;
    ~wiped_stack() {
        constexpr std::size_t depth = std::size_t{1} << 18;
#ifdef _OPENMP
#pragma omp parallel
#endif
        sodium_stackzero(depth);
    }
};

} // namespace veilsum
