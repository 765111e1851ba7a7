// result<T>: a value or an `error`, with the member names of C++23's std::expected.
//
//     result<key> parsed = key::parse(data);
//     if (!parsed) return parsed.error();
//     use(*parsed);
//
// Reading the value of a failed result is a broken contract and ends the process, after a line on standard
// error that describes the error (and says where, if it was `value()`): an error is never mistaken for a
// default value. Both types convert implicitly, so `return value;` and `return error{...};` both work.
//
// A union and not std::variant, because a program has hundreds of these types: a file of 60 of them takes a
// third of the time to compile.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/error.hpp>

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace veilsum {

namespace detail {

[[noreturn, gnu::cold, gnu::noinline]] inline void break_result(const error& failure, const char* file,
                                                                unsigned line) noexcept {
    std::string said = "the value of a failed result was read";
    if (file != nullptr) said.append(" at ").append(file).append(":").append(std::to_string(line));
    break_contract(said.append(": ").append(failure.describe()).c_str());
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

    // A broken contract if there is none. The place is that of the call; nobody passes another.
    T& value(const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) & {
        return checked(file, line), value_;
    }
    const T& value(const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) const& {
        return checked(file, line), value_;
    }
    T&& value(const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) && {
        return checked(file, line), std::move(value_);
    }
    T& operator*() & { return checked(), value_; }
    const T& operator*() const& { return checked(), value_; }
    T&& operator*() && { return checked(), std::move(value_); }
    T* operator->() { return checked(), &value_; }
    const T* operator->() const { return checked(), &value_; }

    // A broken contract if there is a value.
    const veilsum::error& error() const& { return expects(!has_value()), failure_; }
    veilsum::error&& error() && { return expects(!has_value()), std::move(failure_); }

  private:
    void checked(const char* file = nullptr, unsigned line = 0) const {
        if (!has_value()) detail::break_result(failure_, file, line);
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
    void value(const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) const {
        if (!has_value()) detail::break_result(*failure_, file, line);
    }
    // A broken contract if there is none.
    const veilsum::error& error() const& { return expects(!has_value()), *failure_; }
    veilsum::error&& error() && { return expects(!has_value()), *std::move(failure_); }

  private:
    std::optional<veilsum::error> failure_;
};

} // namespace veilsum
