// Secret multiples of a fixed point, many at a time:
//
//     x P = sum_{g<51} T_g[bits 5 g .. 5 g + 4 of x],        T_g[v] = v 2^(5 g) P
//
// T are the tables of subset sums (subset_tables.hpp) of P, 2 P, 4 P, .., 2^254 P: a multiple takes 51
// look-ups and additions and no doubling. In lanes eight scalars go together; a single one goes alone there,
// which is still faster than without lanes.
//
//     const base_multiples H(generator);
//     H.add_to(sums, blindings);                  // sums_i += r_i H
//     point p = Q.times(v) + H.times(s);
//
// Constant time in the scalars.
//
// Cost, one core of an AMD EPYC, family 26, microseconds: 0.65 a scalar in lanes, 4.9 for a single one there,
// and 6.6 else. Tables: 192 KiB, 95 us in lanes and 440 us else. (point_table.hpp's `fixed_base` is smaller
// and slower.)
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/group/ristretto255.hpp>
#include <veilsum/group/scalar_digits.hpp>
#include <veilsum/group/subset_tables.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace veilsum::group {

namespace detail {

inline constexpr std::size_t scalars_of_task = 8;

// sums_i += x_i P, the tables being those of 2^j P.
inline void add_multiples(const subset_tables& tables, std::span<const scalar> scalars,
                          std::span<point> sums) {
    for (std::size_t i = 0; i < scalars.size(); ++i) {
        scalar_words words = scalars[i].words();
        edwards_point sum = sums[i].representative();
        for (std::size_t g = 0; g < tables.size(); ++g)
            sum = sum + tables[g].look_up(
                            bits_at(words, subset_tables::points_each * g, subset_tables::points_each));
        sums[i] = point::from_representative(sum);
        sodium_memzero(words.data(), sizeof words);
    }
}

#if VEILSUM_IFMA_ENGINE

// Up to eight; lanes beyond the last scalar repeat the first sum and add nothing.
VEILSUM_IFMA inline void add_multiples_lanes(const subset_tables& tables, std::span<const scalar> scalars,
                                             std::span<point> sums) {
    static_assert(scalars_of_task == lane_count);
    // A fifth word of zeros, so that every five bits lie in two words.
    alignas(64) std::array<std::array<std::uint64_t, lane_count>, 5> word{};
    for (std::size_t lane = 0; lane < scalars.size(); ++lane) {
        scalar_words words = scalars[lane].words();
        for (std::size_t k = 0; k < words.size(); ++k) word[k][lane] = words[k];
        sodium_memzero(words.data(), sizeof words);
    }
    lane_point sum = gather_points([&](std::size_t lane) -> const edwards_point& {
        return sums[lane < sums.size() ? lane : 0].representative();
    });
    for (std::size_t g = 0; g < tables.size(); ++g) {
        const std::size_t bit = subset_tables::points_each * g;
        const auto shift = static_cast<unsigned>(bit % 64);
        // Counts of 64, which the instructions define as leaving nothing, do occur.
        const lanes low = _mm512_maskz_srl_epi64(0xff, _mm512_load_si512(word[bit / 64].data()),
                                                 _mm_cvtsi32_si128(static_cast<int>(shift)));
        const lanes high = _mm512_maskz_sll_epi64(0xff, _mm512_load_si512(word[bit / 64 + 1].data()),
                                                  _mm_cvtsi32_si128(static_cast<int>(64 - shift)));
        add(sum, look_up(tables[g], (low | high) & all_lanes(subset_tables::entries - 1)));
    }
    const std::array<edwards_point, lane_count> points = scatter_points(sum);
    for (std::size_t lane = 0; lane < sums.size(); ++lane)
        sums[lane] = point::from_representative(points[lane]);
    sodium_memzero(word.data(), sizeof word);
}

#endif

inline void add_some_multiples(const subset_tables& tables, std::span<const scalar> scalars,
                               std::span<point> sums) {
#if VEILSUM_IFMA_ENGINE
    if (has_ifma()) return add_multiples_lanes(tables, scalars, sums);
#endif
    add_multiples(tables, scalars, sums);
}

} // namespace detail

class base_multiples {
  public:
    explicit base_multiples(const point& base) : tables_(make(base)) {}

    // x P, for the base P.
    point times(const scalar& x) const {
        point out;
        detail::add_some_multiples(tables_, {&x, 1}, {&out, 1});
        return out;
    }
    // x_i P for all i.
    secret<std::vector<point>> times(std::span<const scalar> scalars) const {
        secret<std::vector<point>> out{std::vector<point>(scalars.size())};
        add_to(out.expose(), scalars);
        return out;
    }
    // sums_i += x_i P for all i; as many sums as scalars (contract).
    void add_to(std::span<point> sums, std::span<const scalar> scalars) const {
        expects(sums.size() == scalars.size());
        constexpr std::size_t size = detail::scalars_of_task;
        parallel_for((scalars.size() + size - 1) / size, [&](std::size_t k) {
            const std::size_t first = k * size, count = std::min(size, scalars.size() - first);
            detail::add_some_multiples(tables_, scalars.subspan(first, count), sums.subspan(first, count));
        });
    }
    // 2^j P for j < 255.
    const subset_tables& tables() const { return tables_; }

  private:
    static subset_tables make(const point& base) {
        std::vector<edwards_point> doublings(255, base.representative());
        for (std::size_t j = 1; j < doublings.size(); ++j) doublings[j] = doublings[j - 1].doubled();
        return subset_tables(doublings.size(), [&](std::size_t j) { return doublings[j]; });
    }

    subset_tables tables_;
};

} // namespace veilsum::group
