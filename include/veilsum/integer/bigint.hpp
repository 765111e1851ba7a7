// bigint: the integer type that every higher room uses. The choice of the library stands here only.
#pragma once

#include <veilsum/integer/gmp_integer.hpp>

namespace veilsum::integer {

using bigint = gmp_integer;

} // namespace veilsum::integer
