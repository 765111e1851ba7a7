// result<T>: a value or an `error`, with the member names of C++23's std::expected.
//
//     result<key> parsed = key::parse(data);
//     if (!parsed) return parsed.error();
//     use(*parsed);
//
// Reading the value of a failed result is a broken contract and ends the process: an error is never mistaken
// for a default value. Both types convert implicitly, so `return value;` and `return error{...};` both work.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/error.hpp>

#include <type_traits>
#include <utility>
#include <variant>

namespace veilsum {

template <class T>
class [[nodiscard]] result {
    static_assert(!std::is_same_v<T, veilsum::error> && !std::is_reference_v<T>);

  public:
    using value_type = T;
    result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    result(veilsum::error failure) : state_(std::in_place_index<1>, std::move(failure)) {}

    bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    T& value() & { return checked(), *std::get_if<0>(&state_); }
    const T& value() const& { return checked(), *std::get_if<0>(&state_); }
    T&& value() && { return checked(), std::move(*std::get_if<0>(&state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    const veilsum::error& error() const& { return expects(!has_value()), *std::get_if<1>(&state_); }
    veilsum::error&& error() && { return expects(!has_value()), std::move(*std::get_if<1>(&state_)); }

  private:
    void checked() const { expects(has_value()); }
    std::variant<T, veilsum::error> state_;
};

template <>
class [[nodiscard]] result<void> {
  public:
    result() = default;
    result(veilsum::error failure) : failure_(std::in_place_index<1>, std::move(failure)) {}

    bool has_value() const { return failure_.index() == 0; }
    explicit operator bool() const { return has_value(); }
    void value() const { expects(has_value()); }
    const veilsum::error& error() const& { return expects(!has_value()), *std::get_if<1>(&failure_); }
    veilsum::error&& error() && { return expects(!has_value()), std::move(*std::get_if<1>(&failure_)); }

  private:
    std::variant<std::monostate, veilsum::error> failure_;
};

} // namespace veilsum
