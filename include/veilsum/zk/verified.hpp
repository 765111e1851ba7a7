// verified<T, Verifier>: a T together with the fact that a proof about it was checked.
//
// What a proof establishes travels as a type: a function that needs a checked partial decryption asks for
// `verified<...>`, and there is no way to hand it an unchecked one. Only `Verifier` can make the value, so
// whoever asks which check stands behind it finds the answer in one class.
//
//     class share_verifier {                              // the only maker
//         static result<verified<partial, share_verifier>> verify(...);
//     };
//     result<plain> combine(std::span<const verified<partial, share_verifier>>);
//
// It is not a flag: there is no empty state, no default, and no conversion from T. A copy says the same as
// the original, because the content cannot change.
#pragma once

#include <utility>

namespace veilsum::zk {

template <class T, class Verifier>
class verified {
  public:
    const T& operator*() const { return content_; }
    const T* operator->() const { return &content_; }

  private:
    friend Verifier;
    explicit verified(T content) : content_(std::move(content)) {}

    T content_;
};

} // namespace veilsum::zk
