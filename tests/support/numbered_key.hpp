// Signing keys for tests, told apart by a number.
#pragma once

#include <veilsum/sign/signing_key.hpp>

#include <cstdint>
#include <utility>

namespace veilsum::test {

inline sign::signing_key key_number(std::uint8_t number) {
    byte_array<32> seed{};
    seed.fill(number);
    return sign::signing_key::from_seed(secret<byte_array<32>>(std::move(seed)));
}

} // namespace veilsum::test
