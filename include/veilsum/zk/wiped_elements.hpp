// A fixed number of plain elements that are overwritten when they go: tables of field elements, which
// secret<std::vector> would wipe one by one.
#pragma once

#include <sodium/utils.h>

#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace veilsum::zk {

template <class Element>
class wiped_elements {
    static_assert(std::is_trivially_copyable_v<Element>);

  public:
    explicit wiped_elements(std::size_t count = 0) : elements_(count) {}
    wiped_elements(wiped_elements&& other) noexcept : elements_(std::exchange(other.elements_, {})) {}
    wiped_elements& operator=(wiped_elements&& other) noexcept {
        if (this != &other) {
            wipe();
            elements_ = std::exchange(other.elements_, {});
        }
        return *this;
    }
    ~wiped_elements() { wipe(); }

    std::size_t size() const { return elements_.size(); }
    std::span<const Element> expose() const { return elements_; }
    std::span<Element> expose() { return elements_; }

  private:
    void wipe() noexcept {
        if (!elements_.empty()) sodium_memzero(elements_.data(), elements_.size() * sizeof elements_[0]);
    }
    std::vector<Element> elements_;
};

} // namespace veilsum::zk
