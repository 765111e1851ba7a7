// result<T>: a value or an `error`, with the member names of C++23's std::expected.
//
//     result<key> parsed = key::parse(data);
//     if (!parsed) return parsed.error();
//     use(*parsed);
//
// Reading the value of a failed result is a broken contract and ends the process, after a line on standard
// error that describes the error: an error is never mistaken for a default value. Both types convert
// implicitly, so `return value;` and `return error{...};` both work.
//
// A union and not std::variant, because a program has hundreds of these types: a file of 60 of them takes a
// third of the time to compile.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/error.hpp>

#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace veilsum {

namespace detail {

[[noreturn, gnu::cold, gnu::noinline]] inline void break_result(const error& failure) noexcept {
    std::fprintf(stderr, "veilsum: the value of a failed result was read: %s\n", failure.describe().c_str());
    std::terminate();
}

} // namespace detail

template <class T>
class [[nodiscard]] result {
    static_assert(!std::is_same_v<T, veilsum::error> && !std::is_reference_v<T>);

  public:
    using value_type = T;
    result(T value) : has_value_(true), value_(std::move(value)) {}
    result(veilsum::error failure) : has_value_(false), failure_(std::move(failure)) {}

    result(const result& other) requires(std::is_copy_constructible_v<T>) : has_value_(other.has_value_) {
        if (has_value_)
            std::construct_at(&value_, other.value_);
        else
            std::construct_at(&failure_, other.failure_);
    }
    result(result&& other) noexcept : has_value_(other.has_value_) { take(std::move(other)); }
    result& operator=(result other) noexcept {
        destroy();
        has_value_ = other.has_value_;
        take(std::move(other));
        return *this;
    }
    ~result() { destroy(); }

    bool has_value() const { return has_value_; } // whether there is a value, not an error
    explicit operator bool() const { return has_value(); }

    T& value() & { return checked(), value_; } // a broken contract if there is none
    const T& value() const& { return checked(), value_; }
    T&& value() && { return checked(), std::move(value_); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    // A broken contract if there is a value.
    const veilsum::error& error() const& { return expects(!has_value()), failure_; }
    veilsum::error&& error() && { return expects(!has_value()), std::move(failure_); }

  private:
    void checked() const {
        if (!has_value()) detail::break_result(failure_);
    }
    // Makes the member that `has_value_` says, which does not live yet.
    void take(result&& other) noexcept {
        if (has_value_)
            std::construct_at(&value_, std::move(other.value_));
        else
            std::construct_at(&failure_, std::move(other.failure_));
    }
    void destroy() noexcept {
        if (has_value_)
            std::destroy_at(&value_);
        else
            std::destroy_at(&failure_);
    }

    bool has_value_;
    union {
        T value_;
        veilsum::error failure_;
    };
};

// An error, or nothing.
template <>
class [[nodiscard]] result<void> {
  public:
    result() = default;
    result(veilsum::error failure) : failure_(std::move(failure)) {}

    bool has_value() const { return !failure_.has_value(); } // whether there is no error
    explicit operator bool() const { return has_value(); }
    // A broken contract if there is an error.
    void value() const {
        if (!has_value()) detail::break_result(*failure_);
    }
    // A broken contract if there is none.
    const veilsum::error& error() const& { return expects(!has_value()), *failure_; }
    veilsum::error&& error() && { return expects(!has_value()), *std::move(failure_); }

  private:
    std::optional<veilsum::error> failure_;
};

} // namespace veilsum
