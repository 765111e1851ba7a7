// The inverses of many residues for the price of one and three products each.
//
//     w_i = v_i v_(i+h)      invert the h products w      v_i^-1 = w_i^-1 v_(i+h),   v_(i+h)^-1 = w_i^-1 v_i
//
// down to a single residue (Montgomery 1987, section 10.3.1, as a tree, so that each level is a batch).
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/modular/engine.hpp>

#include <cstddef>
#include <optional>
#include <utility>

namespace veilsum::modular {

// Residues first .. first + count - 1.
template <modular_engine Engine>
typename Engine::vector slice(const Engine& engine, const typename Engine::vector& in, std::size_t first,
                              std::size_t count) {
    expects(first <= in.size() && count <= in.size() - first);
    auto out = engine.make(count);
    for (std::size_t i = 0; i < count; ++i) engine.copy(out, i, in, first + i);
    return out;
}

// The vector of v_i^-1; nothing if some v_i has none. Everything is public: variable time.
template <modular_engine Engine>
std::optional<typename Engine::vector> invert_vartime(const Engine& engine,
                                                      const typename Engine::vector& in) {
    if (in.size() == 0) return in;
    if (in.size() == 1) {
        const auto inverse = invert(engine.get(in, 0), engine.modulus());
        if (!inverse) return std::nullopt;
        auto out = engine.make(1);
        engine.set(out, 0, *inverse);
        return out;
    }
    const std::size_t half = in.size() / 2, upper = in.size() - half; // the middle one, if any, is left over
    const auto low = slice(engine, in, 0, half), high = slice(engine, in, upper, half);
    auto product = engine.make(upper);
    {
        auto pairs = engine.make(half);
        engine.multiply(pairs, low, high);
        for (std::size_t i = 0; i < half; ++i) engine.copy(product, i, pairs, i);
        if (upper > half) engine.copy(product, half, in, half);
    }
    const auto inverses = invert_vartime(engine, product);
    if (!inverses) return std::nullopt;
    const auto of_pairs = slice(engine, *inverses, 0, half);
    auto of_low = engine.make(half), of_high = engine.make(half);
    engine.multiply(of_low, of_pairs, high);
    engine.multiply(of_high, of_pairs, low);
    auto out = engine.make(in.size());
    for (std::size_t i = 0; i < half; ++i) {
        engine.copy(out, i, of_low, i);
        engine.copy(out, upper + i, of_high, i);
    }
    if (upper > half) engine.copy(out, half, *inverses, half);
    return out;
}

} // namespace veilsum::modular
