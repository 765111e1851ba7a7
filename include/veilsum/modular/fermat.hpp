// Fermat's test of eight candidates at a time:  2^(p-1) = 1 mod p.
//
//     modular::fermat_batch fermat(1536);                // candidates of at most 1536 bits
//     std::vector<bool> likely = fermat.passes(eight);   // what integer/primes.hpp asks of a filter
//
// Each lane has its candidate as modulus and its candidate's bits as exponent; a multiplication by the base 2
// is an addition, so that a test takes one squaring a bit.  R > 16 p leaves room for that: a doubled residue
// is below 4 p, and its square's reduction below 16 p^2 / R + p < 2 p.
//
// Where the vector unit is missing, and below 200 and above 2076 bits, GMP tests one at a time.
//
// Time shows the length of candidates, not their value, on the vector unit; on GMP it is variable. Nearly all
// candidates are thrown away.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/modular/default_engine.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace veilsum::modular {

// Tests candidates of one length; one object serves several threads.
class fermat_batch {
  public:
    // Candidates: odd, > 2, at most `bits` bits. `kind`: one that the processor has.
    explicit fermat_batch(std::size_t bits, engine_kind kind = fastest_engine()) : bits_(bits) {
        expects(kind == engine_kind::gmp || has_ifma());
        if (kind == engine_kind::ifma && bits >= 200 && bits + 4 <= largest * digit_bits)
            batch_ = lanes_at_once;
    }

    // How many candidates `passes` takes for the price of one.
    std::size_t batch() const { return batch_; }

    // For each of at most batch() candidates whether it passes.
    std::vector<bool> passes(std::span<const bigint> candidates) const {
        expects(candidates.size() <= batch_);
        for (const bigint& candidate : candidates)
            expects(candidate.is_odd() && candidate > bigint(2) && candidate.bit_length() <= bits_);
        if (candidates.empty()) return {};
#if VEILSUM_IFMA_ENGINE
        if (batch_ > 1) {
            if (bits_ + 4 <= 10 * digit_bits) return on_lanes<10>(candidates);
            if (bits_ + 4 <= 20 * digit_bits) return on_lanes<20>(candidates);
            if (bits_ + 4 <= 30 * digit_bits) return on_lanes<30>(candidates);
            return on_lanes<largest>(candidates);
        }
#endif
        const bigint even = candidates[0] - 1;
        return {power_vartime(2, even, candidates[0]) == bigint(1)};
    }

  private:
    static constexpr std::size_t largest = 40; // digits
    static constexpr std::size_t digit_bits = 52;
    static constexpr std::size_t lanes_at_once = 8;

#if VEILSUM_IFMA_ENGINE
    template <std::size_t L>
    std::vector<bool> on_lanes(std::span<const bigint> candidates) const {
        using field = lane_field<L>;
        std::vector<bigint> moduli(candidates.begin(), candidates.end());
        moduli.resize(lane_count, candidates[0]);
        field ring{std::span<const bigint>(moduli)};
        typename field::workspace room;
        secret<limb_block> block{limb_block(field::words)};
        limb* const x = block.expose().data();
        std::copy_n(ring.one(), field::words, x);
        // The last step did not double: x < 2 p.
        for (std::size_t i = bits_; i-- > 0;) {
            ring.square(x, x, room);
            std::uint8_t set = 0;
            for (std::size_t lane = 0; lane < lane_count && i > 0; ++lane) // bit 0 of p - 1 is 0
                set = static_cast<std::uint8_t>(set | (moduli[lane].bit(i) ? 1u << lane : 0u));
            ring.double_where(x, set);
        }
        ring.leave(x, x, room);
        std::vector<bool> out(candidates.size());
        for (std::size_t lane = 0; lane < out.size(); ++lane) out[lane] = field::take(x, lane) == bigint(1);
        for (bigint& modulus : moduli) modulus.wipe();
        ring.wipe();
        return out;
    }
#endif

    std::size_t bits_;
    std::size_t batch_ = 1;
};

} // namespace veilsum::modular
