// Contracts: what the caller's code must guarantee. A broken contract is a bug in the program, not an input
// that somebody sent, and ends the process; whatever a peer, a file or chance can cause is a `result`
// instead.
#pragma once

#include <exception>

namespace veilsum {

// Ends the process unless the condition holds.
constexpr void expects(bool precondition) {
    if (!precondition) std::terminate();
}

} // namespace veilsum
