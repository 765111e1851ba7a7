// All sums of subsets of a few fixed points, for many sums over many points.
//
//     table of P_0 .. P_4:   entry v = sum of the P_c with bit c of v set,    0 <= v < 32
//
// The points go to tables in groups of five, in their order; the last group is filled up with the neutral
// element. An entry is a niels point: 15 limbs, of which table g stores limb by limb all 32 entries, so that
// a look-up is 15 choices among 32 words: by masks, or in lanes, where eight indices look up one table at a
// time, by permutations of its words. Those cost a tenth of an addition, whatever the indices are.
//
// Five, because a sum over n points with b-bit coefficients takes n b / 5 look-ups and additions: with four
// additions cost more, with six the choices.
//
// Constant time: every look-up that is not called `_vartime` reads its whole table. Size: 3840 bytes a table.
// Cost of making one: 26 additions and 32 times 6 products, about 13 us, in lanes 1.7 us.
#pragma once

#include <veilsum/core/constant_time.hpp>
#include <veilsum/core/contract.hpp>
#include <veilsum/core/ifma.hpp>
#include <veilsum/core/parallel.hpp>
#include <veilsum/group/edwards_point.hpp>
#include <veilsum/group/lane_edwards_point.hpp>
#include <veilsum/group/point_table.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace veilsum::group {

class subset_tables {
  public:
    static constexpr std::size_t points_each = 5;                         // in one table
    static constexpr std::size_t entries = std::size_t{1} << points_each; // of one table
    static constexpr std::size_t words_of_entry = 3 * field25519::limbs;  // 64-bit words

    // The table of five points.
    struct alignas(64) table {
        std::array<std::array<std::uint64_t, entries>, words_of_entry> word; // [limb][entry]

        // index < 32, secret.
        niels_point look_up(std::uint64_t index) const {
            std::array<std::uint64_t, entries> mask;
            for (std::size_t v = 0; v < entries; ++v) mask[v] = mask_if_equal(v, index);
            std::array<std::uint64_t, words_of_entry> found{};
            for (std::size_t k = 0; k < words_of_entry; ++k)
                for (std::size_t v = 0; v < entries; ++v) found[k] |= mask[v] & word[k][v];
            return entry_of([&](std::size_t k) { return found[k]; });
        }
        // index < 32, public.
        niels_point look_up_vartime(std::size_t index) const {
            return entry_of([&](std::size_t k) { return word[k][index]; });
        }
        // Entry number `index`.
        void set(std::size_t index, const niels_point& value) {
            for (std::size_t k = 0; k < field25519::limbs; ++k) {
                word[k][index] = value.y_plus_x.limb[k];
                word[field25519::limbs + k][index] = value.y_minus_x.limb[k];
                word[2 * field25519::limbs + k][index] = value.twice_dxy.limb[k];
            }
        }

      private:
        template <class Word>
        static niels_point entry_of(const Word& at) {
            niels_point out;
            for (std::size_t k = 0; k < field25519::limbs; ++k) {
                out.y_plus_x.limb[k] = at(k);
                out.y_minus_x.limb[k] = at(field25519::limbs + k);
                out.twice_dxy.limb[k] = at(2 * field25519::limbs + k);
            }
            return out;
        }
    };

    // Point(c): edwards_point, called from several threads.
    template <class Point>
    subset_tables(std::size_t count, const Point& point) : tables_((count + points_each - 1) / points_each) {
        constexpr std::size_t block = 8;
        const auto point_of = [&](std::size_t g, std::size_t c) {
            const std::size_t at = g * points_each + c;
            return g < tables_.size() && at < count ? point(at) : edwards_point{};
        };
        parallel_for((tables_.size() + block - 1) / block, [&](std::size_t k) {
            const std::size_t first = k * block, here = std::min(block, tables_.size() - first);
#if VEILSUM_IFMA_ENGINE
            if (has_ifma()) return fill_lanes(std::span(tables_).subspan(first, here), first, point_of);
#endif
            for (std::size_t g = first; g < first + here; ++g) fill(tables_[g], g, point_of);
        });
    }
    std::size_t size() const {
        return tables_.size();
    }
    const table& operator[](std::size_t g) const {
        return tables_[g];
    }

    // The sum of the points c with chosen[c] != 0, for public choices: an addition for five points.
    edwards_point sum_vartime(std::span<const std::uint8_t> chosen) const {
        expects(chosen.size() <= points_each * tables_.size());
        edwards_point sum;
        for (std::size_t at = 0; at < chosen.size(); at += points_each) {
            std::size_t index = 0;
            for (std::size_t c = at; c < std::min(chosen.size(), at + points_each); ++c)
                index |= static_cast<std::size_t>(chosen[c] != 0) << (c - at);
            if (index != 0) sum = sum + tables_[at / points_each].look_up_vartime(index);
        }
        return sum;
    }

  private:
    // Entry v is the sum of v without its lowest bit and the point of that bit.
    static constexpr std::size_t rest_of(std::size_t v) {
        return v & (v - 1);
    }
    static constexpr std::size_t lowest_of(std::size_t v) {
        return static_cast<std::size_t>(std::countr_zero(v));
    }

    template <class Point>
    static void fill(table& out, std::size_t g, const Point& point_of) {
        std::array<edwards_point, entries> sums;
        std::array<cached_point, points_each> added;
        for (std::size_t c = 0; c < points_each; ++c) added[c] = point_of(g, c).cached();
        for (std::size_t v = 1; v < entries; ++v) sums[v] = sums[rest_of(v)] + added[lowest_of(v)];
        normalise(sums);
        for (std::size_t v = 0; v < entries; ++v) out.set(v, sums[v].niels());
    }
#if VEILSUM_IFMA_ENGINE
    // Eight tables, one in each lane; inverses of all Z by one power (point_table.hpp, normalise).
    template <class Point>
    VEILSUM_IFMA static void fill_lanes(std::span<table> out, std::size_t first, const Point& point_of) {
        std::array<lane_point, entries> sums;
        std::array<lane_cached_point, points_each> added;
        for (std::size_t c = 0; c < points_each; ++c) {
            std::array<edwards_point, lane_count> points;
            for (std::size_t lane = 0; lane < lane_count; ++lane) points[lane] = point_of(first + lane, c);
            added[c] =
                cached(gather_points([&](std::size_t lane) -> const edwards_point& { return points[lane]; }));
        }
        std::array<lane_field25519, entries> before;
        sums[0] = neutral_lanes();
        lane_field25519 product = sums[0].z;
        for (std::size_t v = 1; v < entries; ++v) {
            sums[v] = sums[rest_of(v)];
            add(sums[v], added[lowest_of(v)]);
            before[v] = product;
            product = product * sums[v].z;
        }
        lane_field25519 inverse = inverted(product);
        for (std::size_t v = entries; v-- > 1;) {
            const lane_niels_point entry = niels(sums[v], inverse * before[v]);
            inverse = inverse * sums[v].z;
            store(out, v, entry);
        }
        store(out, 0, niels(sums[0]));
    }
    VEILSUM_IFMA static void store(std::span<table> out, std::size_t v, const lane_niels_point& entry) {
        const auto a = scatter_lanes(entry.y_plus_x), b = scatter_lanes(entry.y_minus_x),
                   c = scatter_lanes(entry.twice_dxy);
        for (std::size_t lane = 0; lane < out.size(); ++lane) out[lane].set(v, {a[lane], b[lane], c[lane]});
    }
#endif

    std::vector<table> tables_;
};

#if VEILSUM_IFMA_ENGINE

// Each lane's entry of the table: index < 32 in each lane, secret.
VEILSUM_IFMA inline lane_niels_point look_up(const subset_tables::table& table, lanes index) {
    static_assert(subset_tables::entries == 4 * lane_count);
    const lane_mask upper = _mm512_test_epi64_mask(index, all_lanes(16));
    lanes word[subset_tables::words_of_entry];
#pragma GCC unroll 15
    for (std::size_t k = 0; k < subset_tables::words_of_entry; ++k) {
        const std::uint64_t* entry = table.word[k].data();
        const lanes low =
            _mm512_permutex2var_epi64(_mm512_load_si512(entry), index, _mm512_load_si512(entry + lane_count));
        const lanes high = _mm512_permutex2var_epi64(_mm512_load_si512(entry + 2 * lane_count), index,
                                                     _mm512_load_si512(entry + 3 * lane_count));
        word[k] = _mm512_mask_mov_epi64(low, upper, high);
    }
    return {{{word[0], word[1], word[2], word[3], word[4]}},
            {{word[5], word[6], word[7], word[8], word[9]}},
            {{word[10], word[11], word[12], word[13], word[14]}}};
}

#endif

} // namespace veilsum::group
