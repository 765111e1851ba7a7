// Contracts: what the caller's code must guarantee. A broken contract is a bug in the program, not an input
// that somebody sent, and ends the process; whatever a peer, a file or chance can cause is a `result`
// instead.
//
// Before it ends, one line on standard error says where in the library the contract was checked:
//
//     veilsum: broken contract in slice, veilsum/paillier/ciphertext_vector.hpp:139
//
// It never holds a value of the program.
#pragma once

#include <cstdio>
#include <exception>

namespace veilsum {

namespace detail {

// Out of the way of the code that keeps its contracts: one call, never inlined. Nothing else in the library
// prints.
[[noreturn, gnu::cold, gnu::noinline]] inline void break_contract(const char* said) noexcept {
    static_cast<void>(std::fprintf(stderr, "veilsum: %s\n", said));
    std::terminate();
}
[[noreturn, gnu::cold, gnu::noinline]] inline void break_contract(const char* function, const char* file,
                                                                  unsigned line) noexcept {
    static_cast<void>(std::fprintf(stderr, "veilsum: broken contract in %s, %s:%u\n", function, file, line));
    std::terminate();
}

} // namespace detail

// Ends the process unless the condition holds. The place is that of the call; nobody passes another.
constexpr void expects(bool precondition, const char* function = __builtin_FUNCTION(),
                       const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) {
    if (!precondition) detail::break_contract(function, file, line);
}

} // namespace veilsum
