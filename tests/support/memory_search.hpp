// Looks for pieces of secret numbers where none may be: in files, and in the writable memory of this process,
// as a core dump would hold it.
//
// What is looked for is kept in disguise (every byte xor 0x5a), so that a search of memory does not find the
// searcher.
#pragma once

#include "support/catch.hpp"

#include <veilsum/integer/primes.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::test {

using integer::bigint;

inline constexpr std::uint8_t disguise = 0x5a;
inline constexpr std::size_t piece_bytes = 24; // 192 bits: no accident

// Pieces of a number as it lies in limbs, disguised: one at each quarter.
class needle {
  public:
    needle(std::string name, const bigint& value)
        : needle(std::move(name), reinterpret_cast<const std::uint8_t*>(mpz_limbs_read(value.get())),
                 mpz_size(value.get()) * sizeof(mp_limb_t)) {}
    needle(std::string name, const std::uint8_t* raw, std::size_t size) : name_(std::move(name)) {
        for (std::size_t quarter = 0; quarter < 4; ++quarter) {
            const std::size_t from =
                quarter * (size - piece_bytes) / 4 / sizeof(mp_limb_t) * sizeof(mp_limb_t);
            std::vector<std::uint8_t> piece;
            for (std::size_t i = 0; i < piece_bytes; ++i)
                piece.push_back(static_cast<std::uint8_t>(raw[from + i] ^ disguise));
            pieces_.push_back(std::move(piece));
        }
    }
    const std::string& name() const { return name_; }
    // At multiples of `step` bytes.
    std::size_t count_in(const std::uint8_t* memory, std::size_t size,
                         std::size_t step = sizeof(mp_limb_t)) const {
        std::size_t found = 0;
        for (const auto& piece : pieces_)
            for (std::size_t i = 0; i + piece_bytes <= size; i += step) {
                std::size_t k = 0;
                while (k < piece_bytes && (memory[i + k] ^ disguise) == piece[k]) ++k;
                found += k == piece_bytes;
            }
        return found;
    }

  private:
    std::string name_;
    std::vector<std::vector<std::uint8_t>> pieces_;
};

// Where the test reads other memory to: not part of what it searches.
inline std::array<std::uint8_t, std::size_t{1} << 16> window;

inline std::size_t occurrences_between(std::FILE* memory, std::uintptr_t first, std::uintptr_t last,
                                       const needle& what) {
    std::size_t found = 0;
    while (first + piece_bytes <= last) {
        const std::size_t size = std::min<std::size_t>(window.size(), last - first);
        if (std::fseek(memory, static_cast<long>(first), SEEK_SET) != 0) return found;
        found += what.count_in(window.data(), std::fread(window.data(), 1, size, memory));
        first += size == window.size() ? size - piece_bytes : size; // pieces may lie across two windows
    }
    std::memset(window.data(), 0, window.size());
    return found;
}

// How often pieces of the number occur in the writable memory of this process.
inline std::size_t occurrences(const needle& what) {
    std::ifstream maps("/proc/self/maps");
    std::FILE* memory = std::fopen("/proc/self/mem", "rb");
    REQUIRE(memory != nullptr);
    std::setvbuf(memory, nullptr, _IONBF, 0);
    const auto own = reinterpret_cast<std::uintptr_t>(window.data());
    std::size_t found = 0;
    for (std::string line; std::getline(maps, line);) {
        unsigned long long first = 0, last = 0;
        char rights[5] = {};
        if (std::sscanf(line.c_str(), "%llx-%llx %4s", &first, &last, rights) != 3) continue;
        if (rights[0] != 'r' || rights[1] != 'w') continue;
        if (last - first > (1ull << 32)) continue; // a sanitizer's shadow of all memory
        if (first <= own && own < last) {
            found += occurrences_between(memory, first, own, what);
            found += occurrences_between(memory, own + window.size(), last, what);
        } else {
            found += occurrences_between(memory, first, last, what);
        }
    }
    std::fclose(memory);
    return found;
}

inline std::vector<needle> needles_of(const integer::prime_pair& primes) {
    const bigint &p = primes.p.expose(), &q = primes.q.expose();
    return {{"p", p}, {"q", q}, {"(p-1)/2", (p - 1) >> 1}, {"(q-1)/2", (q - 1) >> 1}};
}

} // namespace veilsum::test
