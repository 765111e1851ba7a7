// The engine that the library uses where the caller names none: the fastest that the processor has, chosen
// when an engine is made.
//
//     default_engine<6144> ring(modulus);                        // ring.kind() says which it is
//     default_engine<6144> portable(modulus, engine_kind::gmp);  // the same numbers, everywhere
//
// Vectors and tables belong to engines of the kind that made them; mixing kinds breaks the contract.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/modular/engine.hpp>
#include <veilsum/modular/gmp_engine.hpp>
#include <veilsum/modular/ifma_engine.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace veilsum::modular {

// Which arithmetic: `gmp`, the portable one, or `ifma`, eight lanes of AVX-512.
enum class engine_kind : std::uint8_t { gmp, ifma };

// The faster one that this processor has.
inline engine_kind fastest_engine() {
    return has_ifma() ? engine_kind::ifma : engine_kind::gmp;
}
constexpr std::string_view name_of(engine_kind kind) {
    return kind == engine_kind::ifma ? "ifma" : "gmp";
}

#if VEILSUM_IFMA_ENGINE

template <std::size_t Bits>
class default_engine {
    using portable = gmp_engine<Bits>;
    using vectorised = ifma_engine<Bits>;

    // What one of the two engines made. Only that one can look inside.
    template <class Portable, class Vectorised>
    class either {
      public:
        either() = default;
        template <class Made>
        requires(std::same_as<Made, Portable> || std::same_as<Made, Vectorised>) explicit either(Made made)
            : made_(std::move(made)) {}

      protected:
        friend class default_engine;
        template <class Made>
        Made& as() {
            Made* made = std::get_if<Made>(&made_);
            expects(made != nullptr);
            return *made;
        }
        template <class Made>
        const Made& as() const {
            const Made* made = std::get_if<Made>(&made_);
            expects(made != nullptr);
            return *made;
        }
        std::variant<Portable, Vectorised> made_;
    };

  public:
    static constexpr std::size_t bits = Bits;           // longest modulus
    static constexpr std::string_view name = "default"; // in reports

    // Residues in the layout of the engine that was chosen.
    class vector : public either<typename portable::vector, typename vectorised::vector> {
      public:
        using either<typename portable::vector, typename vectorised::vector>::either;
        std::size_t size() const {
            return std::visit([](const auto& made) { return made.size(); }, this->made_);
        }
        // Overwrites all residues by 0.
        void wipe() {
            std::visit([](auto& made) { made.wipe(); }, this->made_);
        }
    };
    // Powers of one base in the layout of the engine that was chosen.
    class table : public either<typename portable::table, typename vectorised::table> {
      public:
        using either<typename portable::table, typename vectorised::table>::either;
        std::size_t size_bytes() const {
            return std::visit([](const auto& made) { return made.size_bytes(); }, this->made_);
        }
        // Longest exponent.
        std::size_t max_exponent_bits() const {
            return std::visit([](const auto& made) { return made.max_exponent_bits(); }, this->made_);
        }
    };

    // Modulus odd, > 1, at most Bits bits. Variable time in the modulus. `kind` must be one that the
    // processor has.
    explicit default_engine(const bigint& modulus, engine_kind kind = fastest_engine())
        : engine_(kind == engine_kind::ifma ? variant(std::in_place_type<vectorised>, modulus)
                                            : variant(std::in_place_type<portable>, modulus)) {}

    // What was chosen.
    engine_kind kind() const {
        return std::holds_alternative<vectorised>(engine_) ? engine_kind::ifma : engine_kind::gmp;
    }
    // Afterwards the engine can only be destroyed or assigned to.
    void wipe() {
        std::visit([](auto& engine) { engine.wipe(); }, engine_);
    }
    const bigint& modulus() const {
        return std::visit([](const auto& engine) -> const bigint& { return engine.modulus(); }, engine_);
    }

    // `count` residues that are 1.
    vector make(std::size_t count) const {
        return std::visit([&](const auto& engine) { return vector(engine.make(count)); }, engine_);
    }
    // v[i] = value, in [0, modulus).
    void set(vector& out, std::size_t i, const bigint& value) const {
        on([&](const auto& engine, auto in) { engine.set(in(out), i, value); });
    }
    // The canonical residue, in [0, modulus).
    bigint get(const vector& from, std::size_t i) const {
        return on([&](const auto& engine, auto in) { return engine.get(in(from), i); });
    }
    // out[to] = from[i].
    void copy(vector& out, std::size_t to, const vector& from, std::size_t i) const {
        on([&](const auto& engine, auto in) { engine.copy(in(out), to, in(from), i); });
    }
    // v[i] = values[i], all in [0, modulus).
    vector enter(std::span<const bigint> values) const {
        return std::visit([&](const auto& engine) { return vector(engine.enter(values)); }, engine_);
    }
    // The canonical residues, in order.
    std::vector<bigint> leave(const vector& from) const {
        return on([&](const auto& engine, auto in) { return engine.leave(in(from)); });
    }
    // out[i] = a[i] b[i]; out may be a or b.
    void multiply(vector& out, const vector& a, const vector& b) const {
        on([&](const auto& engine, auto in) { engine.multiply(in(out), in(a), in(b)); });
    }
    // out[i] = a[i]^2.
    void square(vector& out, const vector& a) const {
        on([&](const auto& engine, auto in) { engine.square(in(out), in(a)); });
    }
    // out[i] = base[i]^exponent, 0 <= exponent < 2^exponent_bits; constant time in the exponent.
    void power_secret(vector& out, const vector& base, const secret<bigint>& exponent,
                      std::size_t exponent_bits) const {
        on([&](const auto& engine, auto in) {
            engine.power_secret(in(out), in(base), exponent, exponent_bits);
        });
    }
    // out[i] = base[i]^exponent, exponent >= 0, everything public.
    void power_public_vartime(vector& out, const vector& base, const bigint& exponent) const {
        on([&](const auto& engine, auto in) { engine.power_public_vartime(in(out), in(base), exponent); });
    }
    // For powers of one public base in [0, modulus) by exponents of at most max_exponent_bits bits.
    table make_table(const bigint& base, std::size_t max_exponent_bits) const {
        return std::visit(
            [&](const auto& engine) { return table(engine.make_table(base, max_exponent_bits)); }, engine_);
    }
    // out[i] = base^(exponents[i]), each below 2^exponent_bits; constant time in the exponents.
    void power_fixed(vector& out, const table& powers, const secret<std::vector<bigint>>& exponents,
                     std::size_t exponent_bits) const {
        on([&](const auto& engine, auto in) {
            engine.power_fixed(in(out), in(powers), exponents, exponent_bits);
        });
    }
    // base^exponent, the exponent public and within the table.
    bigint power_fixed_vartime(const table& powers, const bigint& exponent) const {
        return on(
            [&](const auto& engine, auto in) { return engine.power_fixed_vartime(in(powers), exponent); });
    }
    // Number j of the result: prod_k base_{k,j}^(exponent_k), bases in rows of `columns` numbers, those of
    // several vectors one below the other; everything public.
    vector multi_power_vartime(std::span<const vector* const> bases, std::size_t columns,
                               std::span<const bigint> exponents) const {
        return std::visit(
            [&]<class Engine>(const Engine& engine) {
                using theirs = typename Engine::vector;
                std::vector<const theirs*> all;
                for (const vector* each : bases) all.push_back(&each->template as<theirs>());
                return vector(
                    engine.multi_power_vartime(std::span<const theirs* const>(all), columns, exponents));
            },
            engine_);
    }
    vector multi_power_vartime(const vector& bases, std::size_t columns,
                               std::span<const bigint> exponents) const {
        const vector* const all = &bases;
        return multi_power_vartime(std::span(&all, 1), columns, exponents);
    }
    bigint multi_power_vartime(const vector& bases, std::span<const bigint> exponents) const {
        return on(
            [&](const auto& engine, auto in) { return engine.multi_power_vartime(in(bases), exponents); });
    }
    // The product of all; 1 if there are none. Constant time.
    bigint product(const vector& factors) const {
        return on([&](const auto& engine, auto in) { return engine.product(in(factors)); });
    }

  private:
    using variant = std::variant<portable, vectorised>;

    // body(engine, in): the engine there is, and what takes its vectors and tables out of ours.
    template <class Body>
    auto on(const Body& body) const {
        return std::visit(
            [&]<class Engine>(const Engine& engine) {
                return body(
                    engine, []<class Ours>(Ours & ours) -> auto& {
                        if constexpr (std::same_as<std::remove_const_t<Ours>, vector>) {
                            return ours.template as<typename Engine::vector>();
                        } else {
                            return ours.template as<typename Engine::table>();
                        }
                    });
            },
            engine_);
    }

    variant engine_;
};

#else

template <std::size_t Bits>
class default_engine : public gmp_engine<Bits> {
  public:
    static constexpr std::string_view name = "default";
    explicit default_engine(const bigint& modulus, engine_kind kind = engine_kind::gmp)
        : gmp_engine<Bits>(modulus) {
        expects(kind == engine_kind::gmp);
    }
    engine_kind kind() const { return engine_kind::gmp; }
};

#endif

static_assert(modular_engine<default_engine<256>>);

} // namespace veilsum::modular
