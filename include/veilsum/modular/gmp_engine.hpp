// Vectors of residues modulo one odd number, on GMP: the engine that runs on every processor.
//
//     gmp_engine<6144> ring(modulus);                       // odd, > 1, at most 6144 bits
//     auto a = ring.make(2);                                // two residues, both 1
//     ring.set(a, 0, bigint(5));                            // (5, 1)
//     ring.multiply(a, a, a);                               // (25, 1)
//     bigint five_squared = ring.get(a, 0);
//
// Layout: K residues are one aligned block of K L limbs, L = Bits / 64, residue by residue, in Montgomery's
// form with R = 2^Bits from `set` to `get`. There is no allocation for a number, and K residues need K Bits /
// 8 bytes.
//
// Constant time unless the name ends in _vartime: time depends on K, Bits, exponent lengths and, in `set`, on
// the number of limbs of the value. What the processor does with a multiplication is taken to be constant, as
// GMP's own mpn_sec_ functions take it. `power_secret` and `power_fixed` wipe their intermediates.
//
// All batches run in parallel over residues with results that do not depend on the number of threads. Output
// vectors may be input vectors. Broken contracts: sizes that differ, values out of range, a modulus that is
// even or too long, a table of another modulus.
//
// Cost on one core (AMD EPYC, family 25 model 17, 6144 bits, GMP 6.2.1): multiplication 5.7 us (mpz_mul +
// mpz_mod 9.2); power with a secret exponent 6.3 us a bit (mpz_powm_sec 12.6, mpz_powm 8.0), from a table 1.3
// us a bit.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/modular/base_rows.hpp>
#include <veilsum/modular/batch.hpp>
#include <veilsum/modular/engine.hpp>
#include <veilsum/modular/fixed_base_table.hpp>
#include <veilsum/modular/montgomery.hpp>
#include <veilsum/modular/multi_power.hpp>
#include <veilsum/modular/power.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::modular {

template <std::size_t Bits>
class gmp_engine {
    static_assert(Bits >= limb_bits && Bits % limb_bits == 0, "whole limbs");
    static constexpr std::size_t limbs = Bits / limb_bits;
    using field = montgomery<limbs>;
    using workspace = typename field::workspace;

  public:
    static constexpr std::size_t bits = Bits;       // longest modulus
    static constexpr std::string_view name = "gmp"; // in reports
    using table = fixed_base_table<limbs>;          // powers of one public base

    // K residues of one engine; fresh ones are 0. Which modulus they belong to is the caller's to know.
    class vector {
      public:
        vector() = default;
        explicit vector(std::size_t count) : block_(count * limbs), count_(count) {}
        vector(const vector&) = default;
        vector(vector&& other) noexcept
            : block_(std::move(other.block_)), count_(std::exchange(other.count_, 0)) {}
        vector& operator=(vector other) noexcept {
            block_ = std::move(other.block_);
            count_ = other.count_;
            return *this;
        }
        std::size_t size() const { return count_; }
        // Overwrites all residues by 0.
        void wipe() { block_.wipe(); }

      private:
        friend class gmp_engine;
        limb* at(std::size_t i) { return block_.data() + i * limbs; }
        const limb* at(std::size_t i) const { return block_.data() + i * limbs; }
        limb_block block_;
        std::size_t count_ = 0;
    };

    // Modulus odd, > 1, at most Bits bits. Variable time in the modulus.
    explicit gmp_engine(const bigint& modulus, row_kernel kernel = fastest_row_kernel())
        : modulus_(modulus), field_(modulus, kernel) {}
    gmp_engine(const gmp_engine&) = default;
    gmp_engine(gmp_engine&&) noexcept = default;
    gmp_engine& operator=(const gmp_engine&) = default;
    gmp_engine& operator=(gmp_engine&&) noexcept = default;
    // The modulus may be a secret prime power of the key's owner.
    ~gmp_engine() { wipe(); }
    // Afterwards the engine can only be destroyed or assigned to.
    void wipe() {
        modulus_.wipe();
        field_.wipe();
    }

    const bigint& modulus() const { return modulus_; }

    // `count` residues that are 1.
    vector make(std::size_t count) const {
        vector out(count);
        for (std::size_t i = 0; i < count; ++i) std::copy_n(field_.one(), limbs, out.at(i));
        return out;
    }
    // value in [0, modulus).
    void set(vector& out, std::size_t i, const bigint& value) const {
        expects(i < out.size());
        workspace room;
        field_.enter(out.at(i), value, room);
    }
    // The canonical residue, in [0, modulus).
    bigint get(const vector& in, std::size_t i) const {
        expects(i < in.size());
        workspace room;
        return field_.leave(in.at(i), room);
    }
    // out[to] = in[from].
    void copy(vector& out, std::size_t to, const vector& in, std::size_t from) const {
        expects(to < out.size() && from < in.size());
        if (out.at(to) != in.at(from)) std::copy_n(in.at(from), limbs, out.at(to));
    }

    // v_i = value_i, all in [0, modulus).
    vector enter(std::span<const bigint> values) const {
        vector out(values.size());
        each(values.size(), 2 * limbs * limbs,
             [&](std::size_t i, workspace& room) { field_.enter(out.at(i), values[i], room); });
        return out;
    }
    // The canonical residues.
    std::vector<bigint> leave(const vector& in) const {
        std::vector<bigint> values(in.size());
        each(values.size(), limbs * limbs,
             [&](std::size_t i, workspace& room) { values[i] = field_.leave(in.at(i), room); });
        return values;
    }

    // out_i <- a_i b_i
    void multiply(vector& out, const vector& a, const vector& b) const {
        expects(a.size() == b.size() && out.size() == a.size());
        each(out.size(), 2 * limbs * limbs,
             [&](std::size_t i, workspace& room) { field_.multiply(out.at(i), a.at(i), b.at(i), room); });
    }
    // out_i <- a_i^2
    void square(vector& out, const vector& a) const {
        expects(out.size() == a.size());
        each(out.size(), 2 * limbs * limbs,
             [&](std::size_t i, workspace& room) { field_.square(out.at(i), a.at(i), room); });
    }

    // out_i <- base_i^exponent, 0 <= exponent < 2^exponent_bits; constant time in the exponent.
    void power_secret(vector& out, const vector& base, const secret<bigint>& exponent,
                      std::size_t exponent_bits) const {
        expects(out.size() == base.size());
        const secret_exponent digits(exponent.expose(), exponent_bits);
        each(out.size(), 2 * limbs * limbs * exponent_bits, [&](std::size_t i, workspace& room) {
            modular::power_secret(out.at(i), field_, base.at(i), digits, room);
        });
    }
    // out_i <- base_i^exponent, exponent >= 0, everything public.
    void power_public_vartime(vector& out, const vector& base, const bigint& exponent) const {
        expects(out.size() == base.size() && !exponent.is_negative());
        const bool by_gmp = prefers_gmp_power(exponent.bit_length());
        each(out.size(), 2 * limbs * limbs * exponent.bit_length(), [&](std::size_t i, workspace& room) {
            if (by_gmp) {
                const bigint value = field_.leave(base.at(i), room);
                field_.enter(out.at(i), power_vartime(value, exponent, modulus_), room);
            } else {
                modular::power_public_vartime(out.at(i), field_, base.at(i), exponent, room);
            }
        });
    }

    // For powers of one public base in [0, modulus) by exponents of at most max_exponent_bits bits.
    table make_table(const bigint& base, std::size_t max_exponent_bits) const {
        workspace room;
        std::array<limb, limbs> residue;
        field_.enter(residue.data(), base, room);
        return table(field_, residue.data(), max_exponent_bits);
    }
    // out_i <- base^(exponent_i), 0 <= exponent_i < 2^exponent_bits; constant time in the exponents.
    void power_fixed(vector& out, const table& powers, const secret<std::vector<bigint>>& exponents,
                     std::size_t exponent_bits) const {
        const std::vector<bigint>& values = exponents.expose();
        expects(out.size() == values.size() && powers.belongs_to(field_));
        each(out.size(), 2 * limbs * limbs * exponent_bits / table::width,
             [&](std::size_t i, workspace& room) {
                 powers.power(out.at(i), field_, secret_exponent(values[i], exponent_bits), room);
             });
    }
    // base^exponent, the exponent public and within the table.
    bigint power_fixed_vartime(const table& powers, const bigint& exponent) const {
        expects(powers.belongs_to(field_));
        workspace room;
        std::array<limb, limbs> out;
        powers.power_vartime(out.data(), field_, exponent, room);
        return field_.leave(out.data(), room);
    }

    // Number j of the result: prod_k base_{k,j}^(exponent_k) for bases in rows of `columns` numbers, those of
    // several vectors one below the other.
    vector multi_power_vartime(std::span<const vector* const> bases, std::size_t columns,
                               std::span<const bigint> exponents) const {
        vector out(columns);
        const auto rows = rows_of(bases, columns, exponents.size());
        const auto base = [&](std::size_t k, std::size_t j) { return rows[k].in->at(rows[k].first + j); };
        modular::multi_power_vartime(out.at(0), field_, columns, base, exponents);
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
        vector level = factors.size() == 0 ? make(1) : factors;
        // In pairs, so that half of each level runs in parallel.
        for (std::size_t count = level.size(); count > 1; count = (count + 1) / 2) {
            const std::size_t pairs = count / 2, upper = count - pairs;
            each(pairs, 2 * limbs * limbs, [&](std::size_t i, workspace& own) {
                field_.multiply(level.at(i), level.at(i), level.at(upper + i), own);
            });
        }
        bigint value = field_.leave(level.at(0), room);
        level.wipe();
        return value;
    }

  private:
    // GMP reduces with Toom products: faster for public numbers where the rows are GMP's too, once the
    // exponent is long enough to pay for the conversions.
    bool prefers_gmp_power(std::size_t exponent_bits) const {
        return exponent_bits > 64 && field_.kernel() == row_kernel::portable;
    }
    // body(i, workspace) for all i < count, in parallel.
    template <class Body>
    static void each(std::size_t count, std::size_t limb_products, const Body& body) {
        for_each_chunk(count, chunk_of(limb_products), [&](std::size_t first, std::size_t last) {
            workspace room;
            for (std::size_t i = first; i < last; ++i) body(i, room);
        });
    }

    bigint modulus_;
    field field_;
};

static_assert(modular_engine<gmp_engine<256>>);

} // namespace veilsum::modular
