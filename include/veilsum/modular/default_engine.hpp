// The engine that the library uses where the caller names none.
#pragma once

#include <veilsum/modular/gmp_engine.hpp>

#include <cstddef>

namespace veilsum::modular {

template <std::size_t Bits>
using default_engine = gmp_engine<Bits>;

} // namespace veilsum::modular
