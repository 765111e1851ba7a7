// Vectors of residues modulo one odd number, eight at a time on AVX-512 IFMA.
//
//     if (has_ifma()) {
//         ifma_engine<6144> ring(modulus);                      // odd, > 1, at most 6144 bits
//         auto a = ring.make(100);                              // thirteen groups of eight, all 1
//         ring.power_secret(a, a, exponent, 512);
//     }
//
// Layout: groups of eight residues, digits of 52 bits, in Montgomery's form (lane_vector.hpp); an operation
// takes whole groups, so that one residue costs as much as eight. Where a batch is a single public power, GMP
// is faster and does it.
//
// Constant time unless the name ends in _vartime, as gmp_engine.hpp has it. Batches run in parallel over
// groups with results that do not depend on the number of threads. Making an engine where has_ifma() is false
// breaks the contract.
//
// Cost on one core (AMD EPYC, family 25 model 17, 6144 bits), each of many: product 1.63 us, square 1.37 us
// (the instruction unit's limit for the schoolbook method is 1.93 us); power with a secret exponent 1.75 us a
// bit, from a table 0.24 us a bit.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/modular/base_rows.hpp>
#include <veilsum/modular/batch.hpp>
#include <veilsum/modular/engine.hpp>
#include <veilsum/modular/lane_multi_power.hpp>
#include <veilsum/modular/lane_power.hpp>
#include <veilsum/modular/lane_table.hpp>
#include <veilsum/modular/lane_vector.hpp>

#if VEILSUM_IFMA_ENGINE

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::modular {

template <std::size_t Bits>
class ifma_engine {
    static constexpr std::size_t digits = digits_for(Bits);
    using field = lane_field<digits>;
    using workspace = typename field::workspace;
    static constexpr std::size_t words = field::words;

  public:
    static constexpr std::size_t bits = Bits;        // longest modulus
    static constexpr std::string_view name = "ifma"; // in reports
    using vector = lane_vector<digits>;              // residues in lanes

    // Powers of one public base (lane_table.hpp).
    class table {
      public:
        std::size_t max_exponent_bits() const { return powers_.max_exponent_bits(); } // longest exponent
        std::size_t size_bytes() const { return powers_.size_bytes(); }

      private:
        friend class ifma_engine;
        table(lane_table<digits> powers, bigint modulus)
            : powers_(std::move(powers)), modulus_(std::move(modulus)) {}
        lane_table<digits> powers_;
        bigint modulus_; // of the engine that made the table: residues of another mean nothing
    };

    // Modulus odd, > 1, at most Bits bits. Variable time in the modulus.
    explicit ifma_engine(const bigint& modulus) : modulus_(modulus), field_(checked(modulus)) {}
    ifma_engine(const ifma_engine&) = default;
    ifma_engine(ifma_engine&&) noexcept = default;
    ifma_engine& operator=(const ifma_engine&) = default;
    ifma_engine& operator=(ifma_engine&&) noexcept = default;
    // The modulus may be a secret prime power of the key's owner.
    ~ifma_engine() { wipe(); }
    // Afterwards the engine can only be destroyed or assigned to.
    void wipe() {
        modulus_.wipe();
        field_.wipe();
    }

    const bigint& modulus() const { return modulus_; }

    // `count` residues that are 1.
    vector make(std::size_t count) const {
        vector out(count);
        for (std::size_t g = 0; g < out.groups(); ++g) std::copy_n(field_.one(), words, out.group(g));
        return out;
    }
    // value in [0, modulus). As costly as eight: `enter` takes many.
    void set(vector& out, std::size_t i, const bigint& value) const {
        expects(i < out.size());
        vector one = enter(std::span<const bigint>(&value, 1));
        out.copy(i, one, 0);
        one.wipe(); // a residue of a secret modulus tells it
    }
    // The canonical residue, in [0, modulus). As costly as eight: `leave` gives many.
    bigint get(const vector& in, std::size_t i) const {
        expects(i < in.size());
        vector one(1);
        one.copy(0, in, i);
        bigint value = std::move(leave(one)[0]);
        one.wipe();
        return value;
    }
    // out[to] = in[from].
    void copy(vector& out, std::size_t to, const vector& in, std::size_t from) const {
        expects(to < out.size() && from < in.size());
        out.copy(to, in, from);
    }

    // v_i = value_i, all in [0, modulus).
    vector enter(std::span<const bigint> values) const {
        vector out(values.size());
        each_group(out, 2, [&](std::size_t g, workspace& room) {
            limb* group = out.group(g);
            const std::size_t end = std::min(values.size(), (g + 1) * lane_count);
            for (std::size_t i = g * lane_count; i < end; ++i) field::put(group, i % lane_count, values[i]);
            expects(field_.below_modulus(group));
            field_.enter(group, group, room);
        });
        return out;
    }
    // The canonical residues.
    std::vector<bigint> leave(const vector& in) const {
        std::vector<bigint> values(in.size());
        each_group(in, 1, [&](std::size_t g, workspace& room) {
            secret<limb_block> plain{limb_block(words)};
            field_.leave(plain.expose().data(), in.group(g), room);
            const std::size_t end = std::min(values.size(), (g + 1) * lane_count);
            for (std::size_t i = g * lane_count; i < end; ++i)
                values[i] = field::take(plain.expose().data(), i % lane_count);
        });
        return values;
    }

    // out_i <- a_i b_i
    void multiply(vector& out, const vector& a, const vector& b) const {
        expects(a.size() == b.size() && out.size() == a.size());
        each_group(out, 4, [&](std::size_t g, workspace& room) {
            field_.multiply(out.group(g), a.group(g), b.group(g), room);
        });
    }
    // out_i <- a_i^2
    void square(vector& out, const vector& a) const {
        expects(out.size() == a.size());
        each_group(out, 3,
                   [&](std::size_t g, workspace& room) { field_.square(out.group(g), a.group(g), room); });
    }

    // out_i <- base_i^exponent, 0 <= exponent < 2^exponent_bits; constant time in the exponent.
    void power_secret(vector& out, const vector& base, const secret<bigint>& exponent,
                      std::size_t exponent_bits) const {
        expects(out.size() == base.size());
        const secret_exponent shared(exponent.expose(), exponent_bits);
        each_group(out, 4 * exponent_bits, [&](std::size_t g, workspace& room) {
            modular::power_secret<digits>(out.group(g), field_, base.group(g),
                                          std::span<const secret_exponent>(&shared, 1), room);
        });
    }
    // out_i <- base_i^exponent, exponent >= 0, everything public.
    void power_public_vartime(vector& out, const vector& base, const bigint& exponent) const {
        expects(out.size() == base.size() && !exponent.is_negative());
        if (base.size() == 1 && exponent.bit_length() > 64) {
            const bigint value = power_vartime(get(base, 0), exponent, modulus_);
            set(out, 0, value);
            return;
        }
        each_group(out, 4 * exponent.bit_length(), [&](std::size_t g, workspace& room) {
            modular::power_public_vartime<digits>(out.group(g), field_, base.group(g), exponent, room);
        });
    }

    // For powers of one public base in [0, modulus) by exponents of at most max_exponent_bits bits.
    table make_table(const bigint& base, std::size_t max_exponent_bits) const {
        const std::vector<bigint> everywhere(lane_count, base);
        const vector residue = enter(everywhere);
        return table(lane_table<digits>(field_, residue.group(0), max_exponent_bits), modulus_);
    }
    // out_i <- base^(exponent_i), 0 <= exponent_i < 2^exponent_bits; constant time in the exponents.
    void power_fixed(vector& out, const table& powers, const secret<std::vector<bigint>>& exponents,
                     std::size_t exponent_bits) const {
        const std::vector<bigint>& values = exponents.expose();
        expects(out.size() == values.size() && powers.modulus_ == modulus_);
        constexpr std::size_t chunk = 8; // groups that share a row of the table while it is in the cache
        const std::size_t threads_share = (out.groups() + 1) / 2;
        for_each_chunk(out.groups(), std::clamp<std::size_t>(threads_share, 1, chunk),
                       [&](std::size_t first, std::size_t last) {
                           workspace room;
                           std::vector<secret_exponent> own;
                           own.reserve((last - first) * lane_count);
                           for (std::size_t i = first * lane_count; i < last * lane_count; ++i)
                               own.emplace_back(i < values.size() ? values[i] : bigint(0), exponent_bits);
                           powers.powers_.power(out.group(first), field_, own, room);
                       });
    }
    // base^exponent, the exponent public and within the table.
    bigint power_fixed_vartime(const table& powers, const bigint& exponent) const {
        expects(powers.modulus_ == modulus_);
        workspace room;
        vector out(1);
        powers.powers_.power_vartime(out.group(0), field_, exponent, room);
        return get(out, 0);
    }

    // Number j of the result: prod_k base_{k,j}^(exponent_k) for bases in rows of `columns` numbers, those of
    // several vectors one below the other.
    vector multi_power_vartime(std::span<const vector* const> bases, std::size_t columns,
                               std::span<const bigint> exponents) const {
        vector out(columns);
        const auto rows = rows_of(bases, columns, exponents.size());
        modular::multi_power_vartime<digits>(out, field_, rows, exponents);
        return out;
    }
    vector multi_power_vartime(const vector& bases, std::size_t columns,
                               std::span<const bigint> exponents) const {
        const vector* const all = &bases;
        return multi_power_vartime(std::span(&all, 1), columns, exponents);
    }
    bigint multi_power_vartime(const vector& bases, std::span<const bigint> exponents) const {
        return get(multi_power_vartime(bases, 1, exponents), 0);
    }

    // The product of all; 1 if there are none. Constant time.
    bigint product(const vector& factors) const {
        workspace room;
        vector level = make(factors.groups() * lane_count);
        for (std::size_t i = 0; i < factors.size(); ++i) level.copy(i, factors, i);
        if (level.groups() == 0) level = make(1);
        // In pairs, so that half of each level runs in parallel.
        for (std::size_t count = level.groups(); count > 1; count = (count + 1) / 2) {
            const std::size_t pairs = count / 2, upper = count - pairs;
            for_each_chunk(pairs, chunk_of(8 * digits * digits), [&](std::size_t first, std::size_t last) {
                workspace own;
                for (std::size_t i = first; i < last; ++i)
                    field_.multiply(level.group(i), level.group(i), level.group(upper + i), own);
            });
        }
        field_.multiply_lanes(level.group(0), room);
        bigint value = get(level, 0);
        level.wipe();
        return value;
    }

  private:
    static std::span<const bigint> checked(const bigint& modulus) {
        expects(has_ifma() && modulus.bit_length() <= Bits);
        return {&modulus, 1};
    }
    // body(group, workspace) for all groups, in parallel; it takes `squared` L^2 multiply-adds.
    template <class Body>
    static void each_group(const vector& of, std::size_t squared, const Body& body) {
        for_each_chunk(of.groups(), chunk_of(squared * digits * digits),
                       [&](std::size_t first, std::size_t last) {
                           workspace room;
                           for (std::size_t g = first; g < last; ++g) body(g, room);
                       });
    }

    bigint modulus_;
    field field_;
};

} // namespace veilsum::modular

#endif
