// Vectors of residues on NTL: a third engine, to compare the others with and to test them against.
//
//     ntl_engine<6144> ring(modulus);                       // odd, > 1, at most 6144 bits
//     auto a = ring.make(2);                                // two residues, both 1
//     ring.multiply(a, a, a);                               // NTL::MulMod, one after the other
//
// NOT CONSTANT TIME, in any operation, whatever its name: NTL's numbers are as long as their values, its
// powers branch on exponents, and it keeps intermediates that nobody wipes. Vectors are wiped, as every
// engine wipes them, so that code written for the concept compiles and behaves; no secret belongs here.
//
// Layout: NTL::ZZ in [0, n), no Montgomery form. NTL has no products of powers: `multi_power_vartime` takes
// one power each.
//
// NTL ends the process on wrong arguments, so all are checked before they get there. It has to be built with
// threads (NTL_THREADS, its default); then one engine may be used from many. Link with -lntl -lgmp.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>
#include <veilsum/integer/ntl_integer.hpp>
#include <veilsum/modular/base_rows.hpp>
#include <veilsum/modular/batch.hpp>
#include <veilsum/modular/engine.hpp>

#include <NTL/ZZ.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#ifndef NTL_THREADS
#error "this NTL was built without threads (NTL_THREADS=off)"
#endif

namespace veilsum::modular {

using integer::bigint;
using integer::ntl_integer;

template <std::size_t Bits>
class ntl_engine {
    static constexpr std::size_t bytes_each = (Bits + 7) / 8;

  public:
    static constexpr std::size_t bits = Bits;       // longest modulus
    static constexpr std::string_view name = "ntl"; // in reports

    // K residues; fresh ones are 0.
    class vector {
      public:
        vector() = default;
        explicit vector(std::size_t count) : residues_(count) {}
        std::size_t size() const { return residues_.size(); }
        // Overwrites all residues by 0.
        void wipe() {
            for (ntl_integer& residue : residues_) residue.wipe();
        }

      private:
        friend class ntl_engine;
        std::vector<ntl_integer> residues_; // each wipes itself at the end of its life
    };

    // base^(d 2^(w j)) for 1 <= d < 2^w; copies share it.
    class table {
      public:
        std::size_t max_exponent_bits() const { return max_exponent_bits_; } // longest exponent
        std::size_t size_bytes() const { return powers_->size() * bytes_each; }

      private:
        friend class ntl_engine;
        static constexpr std::size_t width = 5;
        static constexpr std::size_t row = (std::size_t{1} << width) - 1;
        table(std::vector<ntl_integer> powers, ntl_integer modulus, std::size_t max_exponent_bits)
            : powers_(std::make_shared<const std::vector<ntl_integer>>(std::move(powers))),
              modulus_(std::move(modulus)), max_exponent_bits_(max_exponent_bits) {}
        std::shared_ptr<const std::vector<ntl_integer>> powers_;
        ntl_integer modulus_; // of the engine that made the table
        std::size_t max_exponent_bits_;
    };

    // Modulus odd, > 1, at most Bits bits.
    explicit ntl_engine(const bigint& modulus) : modulus_(checked(modulus)), n_(out_of(modulus)) {}
    ntl_engine(const ntl_engine&) = default;
    ntl_engine(ntl_engine&&) noexcept = default;
    ntl_engine& operator=(const ntl_engine&) = default;
    ntl_engine& operator=(ntl_engine&&) noexcept = default;
    ~ntl_engine() { wipe(); }
    // Afterwards the engine can only be destroyed or assigned to.
    void wipe() {
        modulus_.wipe();
        n_.wipe();
    }

    const bigint& modulus() const { return modulus_; }

    // `count` residues that are 1.
    vector make(std::size_t count) const {
        vector out(count);
        std::fill(out.residues_.begin(), out.residues_.end(), ntl_integer(1));
        return out;
    }
    // value in [0, modulus).
    void set(vector& out, std::size_t i, const bigint& value) const {
        expects(i < out.size());
        out.residues_[i] = residue(value);
    }
    // The canonical residue, in [0, modulus).
    bigint get(const vector& in, std::size_t i) const {
        expects(i < in.size());
        return into(in.residues_[i]);
    }
    // out[to] = in[from].
    void copy(vector& out, std::size_t to, const vector& in, std::size_t from) const {
        expects(to < out.size() && from < in.size());
        if (&out.residues_[to] != &in.residues_[from]) out.residues_[to] = in.residues_[from];
    }

    // v_i = value_i, all in [0, modulus).
    vector enter(std::span<const bigint> values) const {
        vector out(values.size());
        for (std::size_t i = 0; i < values.size(); ++i) out.residues_[i] = residue(values[i]);
        return out;
    }
    // The canonical residues, in order.
    std::vector<bigint> leave(const vector& in) const {
        std::vector<bigint> values;
        values.reserve(in.size());
        for (const ntl_integer& value : in.residues_) values.push_back(into(value));
        return values;
    }

    // out_i <- a_i b_i
    void multiply(vector& out, const vector& a, const vector& b) const {
        expects(a.size() == b.size() && out.size() == a.size());
        each(out.size(), 1, [&](std::size_t i) {
            NTL::MulMod(out.residues_[i].get(), a.residues_[i].get(), b.residues_[i].get(), n_.get());
        });
    }
    // out_i <- a_i^2
    void square(vector& out, const vector& a) const {
        expects(out.size() == a.size());
        each(out.size(), 1,
             [&](std::size_t i) { NTL::SqrMod(out.residues_[i].get(), a.residues_[i].get(), n_.get()); });
    }

    // out_i <- base_i^exponent, 0 <= exponent < 2^exponent_bits. VARIABLE TIME, see above.
    void power_secret(vector& out, const vector& base, const secret<bigint>& exponent,
                      std::size_t exponent_bits) const {
        expects(exponent.expose().bit_length() <= exponent_bits);
        power_public_vartime(out, base, exponent.expose());
    }
    // out_i <- base_i^exponent, exponent >= 0.
    void power_public_vartime(vector& out, const vector& base, const bigint& exponent) const {
        expects(out.size() == base.size());
        const ntl_integer e = out_of(exponent);
        each(out.size(), exponent.bit_length(),
             [&](std::size_t i) { power(out.residues_[i], base.residues_[i], e); });
    }

    // For powers of one base in [0, modulus) by exponents of at most max_exponent_bits bits.
    table make_table(const bigint& base, std::size_t max_exponent_bits) const {
        const std::size_t rows = (max_exponent_bits + table::width - 1) / table::width;
        std::vector<ntl_integer> powers(rows * table::row);
        ntl_integer first = residue(base);
        for (std::size_t j = 0; j < rows; ++j) {
            ntl_integer* row = powers.data() + j * table::row;
            row[0] = first;
            for (std::size_t d = 1; d < table::row; ++d)
                NTL::MulMod(row[d].get(), row[d - 1].get(), first.get(), n_.get());
            NTL::MulMod(first.get(), row[table::row - 1].get(), row[0].get(), n_.get());
        }
        return table(std::move(powers), n_, max_exponent_bits);
    }
    // out_i <- base^(exponent_i), 0 <= exponent_i < 2^exponent_bits. VARIABLE TIME, see above.
    void power_fixed(vector& out, const table& powers, const secret<std::vector<bigint>>& exponents,
                     std::size_t exponent_bits) const {
        const std::vector<bigint>& values = exponents.expose();
        expects(out.size() == values.size() && powers.modulus_ == n_);
        expects(exponent_bits <= powers.max_exponent_bits_);
        each(out.size(), exponent_bits / table::width, [&](std::size_t i) {
            expects(values[i].bit_length() <= exponent_bits);
            power_from(out.residues_[i], powers, values[i]);
        });
    }
    // base^exponent, the exponent within the table. Variable time.
    bigint power_fixed_vartime(const table& powers, const bigint& exponent) const {
        expects(powers.modulus_ == n_ && exponent.bit_length() <= powers.max_exponent_bits_);
        ntl_integer out;
        power_from(out, powers, exponent);
        return into(out);
    }

    // Number j of the result: prod_k base_{k,j}^(exponent_k) for bases in rows of `columns` numbers, those of
    // several vectors one below the other. One power for each base.
    vector multi_power_vartime(std::span<const vector* const> bases, std::size_t columns,
                               std::span<const bigint> exponents) const {
        const auto rows = rows_of(bases, columns, exponents.size());
        std::vector<ntl_integer> powers;
        std::size_t longest = 1;
        for (const bigint& exponent : exponents) {
            powers.push_back(out_of(exponent));
            longest = std::max(longest, exponent.bit_length());
        }
        vector out = make(columns);
        each(columns, longest * rows.size(), [&](std::size_t j) {
            ntl_integer power_of_one;
            for (std::size_t k = 0; k < rows.size(); ++k) {
                power(power_of_one, rows[k].in->residues_[rows[k].first + j], powers[k]);
                NTL::MulMod(out.residues_[j].get(), out.residues_[j].get(), power_of_one.get(), n_.get());
            }
        });
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

    // The product of all; 1 if there are none.
    bigint product(const vector& factors) const { return product_of(factors.residues_); }

  private:
    static const bigint& checked(const bigint& modulus) {
        expects(modulus.is_odd() && modulus > bigint(1) && modulus.bit_length() <= Bits);
        return modulus;
    }
    static ntl_integer out_of(const bigint& value) {
        expects(!value.is_negative());
        bytes plain = value.to_bytes((value.bit_length() + 7) / 8);
        ntl_integer out = ntl_integer::from_bytes(plain);
        veilsum::wipe(plain);
        return out;
    }
    static bigint into(const ntl_integer& value) {
        bytes plain = value.to_bytes(bytes_each);
        bigint out = bigint::from_bytes(plain);
        veilsum::wipe(plain);
        return out;
    }
    ntl_integer residue(const bigint& value) const {
        expects(!value.is_negative() && value < modulus_);
        return out_of(value);
    }
    void power(ntl_integer& out, const ntl_integer& base, const ntl_integer& exponent) const {
        NTL::PowerMod(out.get(), base.get(), exponent.get(), n_.get());
    }
    void power_from(ntl_integer& out, const table& powers, const bigint& exponent) const {
        expects(!exponent.is_negative());
        ntl_integer result(1);
        const ntl_integer* row = powers.powers_->data();
        for (std::size_t first = 0; first < exponent.bit_length(); first += table::width, row += table::row) {
            std::size_t digit = 0;
            for (std::size_t i = table::width; i-- > 0;)
                digit = 2 * digit + (exponent.bit(first + i) ? 1 : 0);
            if (digit != 0) NTL::MulMod(result.get(), result.get(), row[digit - 1].get(), n_.get());
        }
        out = std::move(result);
    }
    bigint product_of(const std::vector<ntl_integer>& factors) const {
        ntl_integer out(1);
        for (const ntl_integer& factor : factors) NTL::MulMod(out.get(), out.get(), factor.get(), n_.get());
        return into(out);
    }
    // body(i) for all i < count, in parallel; each takes `products` products of residues.
    template <class Body>
    static void each(std::size_t count, std::size_t products, const Body& body) {
        constexpr std::size_t limb_products = 2 * (Bits / 64 + 1) * (Bits / 64 + 1);
        for_each_chunk(count, chunk_of(std::max<std::size_t>(products, 1) * limb_products),
                       [&](std::size_t first, std::size_t last) {
                           for (std::size_t i = first; i < last; ++i) body(i);
                       });
    }

    bigint modulus_;
    ntl_integer n_;
};

static_assert(modular_engine<ntl_engine<256>>);

} // namespace veilsum::modular
