// secret<T>: a value that must not be copied, printed, compared or forgotten in memory.
//
// Move-only; the memory is wiped when the secret dies or is moved from. The one door to the value is
// `expose()`, so that every use of a secret can be found by searching for that word.
//
// A type can be kept secret if it is a byte array, a vector of numbers, or has a member `wipe()` that
// overwrites all memory it owns. Copies that the code behind `expose()` makes are its own responsibility.
// Memory that a big-integer library frees while it grows a number is outside our reach: docs/threat_model.md
// says so.
#pragma once

#include <veilsum/core/bytes.hpp>

#include <sodium/utils.h>

#include <concepts>
#include <type_traits>
#include <utility>

namespace veilsum {

template <std::size_t N>
void wipe(byte_array<N>& data) {
    sodium_memzero(data.data(), data.size());
}
template <class Number>
requires std::is_arithmetic_v<Number>
void wipe(std::vector<Number>& data) {
    if (!data.empty()) sodium_memzero(data.data(), data.size() * sizeof(Number));
}
template <class T>
requires requires(T& value) {
    value.wipe();
}
void wipe(T& value) {
    value.wipe();
}
template <class T, class Allocator>
requires requires(T& value) {
    value.wipe();
}
void wipe(std::vector<T, Allocator>& values) {
    for (T& value : values) value.wipe();
}

// Has an overload of `wipe`, found by argument-dependent lookup.
template <class T>
concept wipeable = std::movable<T> && requires(T& value) {
    wipe(value);
};

template <wipeable T>
class secret {
  public:
    using value_type = T;
    explicit secret(T&& value) : value_(std::move(value)) { wipe(value); }
    secret(secret&& other) noexcept : value_(std::move(other.value_)) { wipe(other.value_); }
    secret& operator=(secret&& other) noexcept {
        if (this != &other) {
            wipe(value_);
            value_ = std::move(other.value_);
            wipe(other.value_);
        }
        return *this;
    }
    secret(const secret&) = delete;
    secret& operator=(const secret&) = delete;
    ~secret() { wipe(value_); }

    T& expose() & { return value_; }
    const T& expose() const& { return value_; }

  private:
    T value_;
};

} // namespace veilsum
