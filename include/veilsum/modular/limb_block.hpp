// Limbs: the words that long numbers are made of, and the aligned blocks that hold many of them.
//
// A number of L limbs is  sum_{i < L} limb_i 2^(64 i),  least significant limb first, always exactly L limbs
// long, so that no length ever depends on a value.
#pragma once

#include <veilsum/core/contract.hpp>

#include <gmp.h>
#include <sodium/utils.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace veilsum::modular {

using limb = mp_limb_t;                      // a word of GMP
inline constexpr std::size_t limb_bits = 64; // bits of a limb
static_assert(GMP_NUMB_BITS == 64, "limbs of 64 bits without nails");

// One allocation of zeroed limbs on a 64-byte boundary: a cache line and the widest vector register.
// It may hold secrets: `wipe` overwrites all of it, and secret<limb_block> does so at the end of its life.
class limb_block {
  public:
    static constexpr std::size_t alignment = 64; // bytes

    limb_block() = default;
    explicit limb_block(std::size_t count) : data_(allocate(count)), size_(count) {
        std::fill_n(data(), count, limb{0});
    }
    limb_block(const limb_block& other) : data_(allocate(other.size_)), size_(other.size_) {
        std::copy_n(other.data(), size_, data());
    }
    limb_block(limb_block&& other) noexcept
        : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}
    limb_block& operator=(limb_block other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        return *this;
    }

    limb* data() { return data_.get(); } // the first limb
    const limb* data() const { return data_.get(); }
    std::size_t size() const { return size_; }
    void wipe() {
        if (size_ != 0) sodium_memzero(data(), size_ * sizeof(limb));
    }

  private:
    struct release {
        void operator()(limb* block) const { ::operator delete (block, std::align_val_t{alignment}); }
    };
    static limb* allocate(std::size_t count) {
        if (count == 0) return nullptr;
        expects(count <= static_cast<std::size_t>(-1) / sizeof(limb));
        return static_cast<limb*>(::operator new (count * sizeof(limb), std::align_val_t{alignment}));
    }
    std::unique_ptr<limb, release> data_;
    std::size_t size_ = 0;
};

} // namespace veilsum::modular
