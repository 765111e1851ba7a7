// Plaintexts: signed integers that stay secret. Which interval they must lie in is the key's to say
// (|M| < n^s / 2), and is checked where they are encrypted.
//
// Move-only and wiped, like every secret; `expose` is the one door. The vector that is handed in is emptied,
// but copies that the caller made of it are the caller's.
#pragma once

#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace veilsum::paillier {

using integer::bigint;

class plaintext_vector {
  public:
    explicit plaintext_vector(std::vector<bigint>&& values) : values_(std::move(values)) {}
    explicit plaintext_vector(secret<std::vector<bigint>>&& values) : values_(std::move(values)) {}

    std::size_t size() const { return values_.expose().size(); }
    const std::vector<bigint>& expose() const { return values_.expose(); }
    const secret<std::vector<bigint>>& values() const { return values_; } // still secret

  private:
    secret<std::vector<bigint>> values_;
};

} // namespace veilsum::paillier
