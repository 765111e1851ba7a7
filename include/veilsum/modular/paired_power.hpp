// Secret powers modulo two secret moduli at once, as an owner who decrypts by Chinese remainders needs them.
//
//     out[h][k] = x[h][k]^(e_h) mod m_h,    h = 0, 1,   k < K
//
// On the vector unit four lanes work modulo m_0 and four modulo m_1, so that a single number keeps two lanes
// busy where two engines would waste fourteen; other engines come in pairs, one for each modulus.
//
// Constant time in x, e and m, as power_secret is. Cost: ceil(K / 4) powers of eight numbers.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/modular/batch.hpp>
#include <veilsum/modular/default_engine.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace veilsum::modular {

template <modular_engine Engine>
class paired_power {
  public:
    using numbers = std::array<secret<std::vector<bigint>>, 2>; // one vector for each modulus

    // Moduli odd, > 1, at most Engine::bits bits. Variable time in the moduli.
    paired_power(const bigint& first, const bigint& second) {
        expects(first.bit_length() <= Engine::bits && second.bit_length() <= Engine::bits);
#if VEILSUM_IFMA_ENGINE
        if (on_lanes()) {
            std::vector<bigint> moduli;
            for (std::size_t lane = 0; lane < lane_count; ++lane)
                moduli.push_back(lane < share ? first : second);
            field_.emplace(moduli);
            for (bigint& modulus : moduli) modulus.wipe();
            return;
        }
#endif
        engines_.emplace_back(first);
        engines_.emplace_back(second);
    }
    paired_power(const paired_power&) = delete;
    paired_power& operator=(const paired_power&) = delete;
    paired_power(paired_power&&) noexcept = default;
    paired_power& operator=(paired_power&&) noexcept = default;
    ~paired_power() {
#if VEILSUM_IFMA_ENGINE
        if (field_) field_->wipe();
#endif
    }

    // x[h][k] in [0, m_h), as many for each h; 0 <= e_h < 2^exponent_bits.
    numbers raise(const numbers& values, const std::array<const secret<bigint>*, 2>& exponents,
                  std::size_t exponent_bits) const {
        const std::size_t count = values[0].expose().size();
        expects(values[1].expose().size() == count);
        numbers out{secret(std::vector<bigint>(count)), secret(std::vector<bigint>(count))};
        if (!engines_.empty()) {
            // A batch is parallel in itself; of a single number the two powers run side by side.
            const auto one_side = [&](std::size_t h) {
                secret<typename Engine::vector> powers(engines_[h].enter(values[h].expose()));
                engines_[h].power_secret(powers.expose(), powers.expose(), *exponents[h], exponent_bits);
                out[h].expose() = engines_[h].leave(powers.expose());
            };
            if (count == 1) {
                parallel_for(2, one_side);
            } else {
                for (std::size_t h = 0; h < 2; ++h) one_side(h);
            }
            return out;
        }
#if VEILSUM_IFMA_ENGINE
        std::vector<secret_exponent> of_lanes;
        of_lanes.reserve(lane_count);
        for (std::size_t lane = 0; lane < lane_count; ++lane)
            of_lanes.emplace_back(exponents[lane / share]->expose(), exponent_bits);
        for_each_chunk((count + share - 1) / share, 1, [&](std::size_t group, std::size_t) {
            typename field::workspace room;
            secret<limb_block> block{limb_block(field::words)};
            limb* const x = block.expose().data();
            const std::size_t first = group * share, end = std::min(count, first + share);
            for (std::size_t h = 0; h < 2; ++h)
                for (std::size_t k = first; k < end; ++k)
                    field::put(x, h * share + k - first, values[h].expose()[k]);
            field_->enter(x, x, room);
            power_secret<digits>(x, *field_, x, of_lanes, room);
            field_->leave(x, x, room);
            for (std::size_t h = 0; h < 2; ++h)
                for (std::size_t k = first; k < end; ++k)
                    out[h].expose()[k] = field::take(x, h * share + k - first);
        });
#endif
        return out;
    }

  private:
    std::vector<Engine> engines_;
#if VEILSUM_IFMA_ENGINE
    static bool on_lanes() {
        if constexpr (std::same_as<Engine, default_engine<Engine::bits>>) return has_ifma();
        return std::same_as<Engine, ifma_engine<Engine::bits>>;
    }
    static constexpr std::size_t digits = digits_for(Engine::bits);
    static constexpr std::size_t share = lane_count / 2;
    using field = lane_field<digits>;
    std::optional<field> field_;
#endif
};

} // namespace veilsum::modular
