// From a size given at run time to the scheme that has it at compile time.
#pragma once

#include <veilsum/core/result.hpp>
#include <veilsum/paillier/scheme.hpp>

#include <cstddef>
#include <string>

namespace examples {

constexpr bool has_scheme(std::size_t modulus_bits) {
    return modulus_bits == 2048 || modulus_bits == 3072 || modulus_bits == 4096;
}

// Calls visit(scheme) for 2048, 3072 or 4096 bits; every other size is refused.
template <class Visit>
auto with_scheme(std::size_t modulus_bits, Visit&& visit)
    -> decltype(visit(veilsum::paillier::scheme<2048, 1>())) {
    switch (modulus_bits) {
    case 2048:
        return visit(veilsum::paillier::scheme<2048, 1>());
    case 3072:
        return visit(veilsum::paillier::scheme<3072, 1>());
    case 4096:
        return visit(veilsum::paillier::scheme<4096, 1>());
    default:
        return veilsum::error{veilsum::errc::bad_parameter, "key size must be 2048, 3072 or 4096 bits", 0,
                              std::to_string(modulus_bits) + " bits"};
    }
}

} // namespace examples
