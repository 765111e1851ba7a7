// Memory that GMP gives back is overwritten first.
//
//     int main() {
//         veilsum::integer::wipe_gmp_memory();        // before secrets are there
//
// Numbers of this library wipe themselves, but GMP also takes scratch memory of its own and moves numbers
// that grow; what it frees then keeps pieces of primes and key shares. This sets GMP's allocation functions,
// for the whole process, to the C library's with one addition: blocks are wiped when they are freed or moved.
// A program that handles keys calls it at its start; a library does not decide this for its program. Not
// covered: scratch below 64 KiB, which GMP keeps on the stack.
//
// Blocks that were allocated before the call are freed in the same way. Out of memory ends the process, as it
// does with GMP's own functions. Not to be called while another thread uses GMP.
#pragma once

#include <gmp.h>
#include <sodium/utils.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace veilsum::integer {

namespace detail {

inline void* allocate_or_abort(std::size_t size) {
    void* block = std::malloc(size);
    if (block == nullptr) std::abort();
    return block;
}
inline void wipe_and_free(void* block, std::size_t size) {
    sodium_memzero(block, size);
    std::free(block);
}
inline void* move_and_wipe(void* block, std::size_t old_size, std::size_t new_size) {
    void* moved = allocate_or_abort(new_size);
    std::memcpy(moved, block, std::min(old_size, new_size));
    wipe_and_free(block, old_size);
    return moved;
}

} // namespace detail

// From here on, memory that GMP frees is overwritten first, in the whole process. Call it once, before any
// thread starts and any number is made. See the description of the file.
inline void wipe_gmp_memory() {
    mp_set_memory_functions(detail::allocate_or_abort, detail::move_and_wipe, detail::wipe_and_free);
}

} // namespace veilsum::integer
