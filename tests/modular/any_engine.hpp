// One face for all engines: numbers in, numbers out, so that a law is written and compiled once and holds for
// every model and size. The template behind it does nothing but convert.
//
//     const auto engine = test::model(gmp_engine<512>(n));
//     engine->multiply({x}, {y}, place::fresh) == std::vector{x * y % n}
#pragma once

#include <veilsum/integer/bigint.hpp>
#include <veilsum/modular/engine.hpp>
#include <veilsum/modular/inversion.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::test {

using integer::bigint;
using numbers = std::vector<bigint>;

// Where an operation writes: a vector of its own, or over its first or second input.
enum class place { fresh, first, second };

class any_engine {
  public:
    any_engine() = default;
    any_engine(const any_engine&) = delete;
    any_engine& operator=(const any_engine&) = delete;
    virtual ~any_engine() = default;

    virtual std::string name() const = 0;
    virtual std::size_t bits() const = 0;
    virtual const bigint& modulus() const = 0;

    // Through make, one number at a time in and out, all at once in and out, and the mixtures.
    virtual numbers ones(std::size_t count) const = 0;
    virtual numbers set_get(const numbers& values) const = 0;
    virtual numbers enter_leave(const numbers& values) const = 0;
    virtual numbers enter_get(const numbers& values) const = 0;
    // Into a vector of as many numbers as `from` has, result i taken from values[from[i]].
    virtual numbers copied(const numbers& values, const std::vector<std::size_t>& from) const = 0;

    virtual numbers multiply(const numbers& a, const numbers& b, place where = place::fresh) const = 0;
    virtual numbers square(const numbers& a, place where = place::fresh) const = 0;
    // a_i^2 by `multiply` with both inputs and the output one vector.
    virtual numbers multiply_itself(const numbers& a) const = 0;
    virtual numbers power_secret(const numbers& base, const bigint& exponent, std::size_t exponent_bits,
                                 place where = place::fresh) const = 0;
    virtual numbers power_public(const numbers& base, const bigint& exponent,
                                 place where = place::fresh) const = 0;
    // The powers with secret exponents, then those with public ones.
    virtual std::pair<numbers, numbers> power_fixed(const bigint& base, std::size_t table_bits,
                                                    const numbers& exponents,
                                                    std::size_t exponent_bits) const = 0;
    // Bytes, and the longest exponent, of a table.
    virtual std::pair<std::size_t, std::size_t> table_facts(const bigint& base,
                                                            std::size_t table_bits) const = 0;
    virtual bigint multi_power(const numbers& bases, const numbers& exponents) const = 0;
    // Each of `bases` in a vector of its own, with rows of `columns` numbers.
    virtual numbers multi_power(const std::vector<numbers>& bases, std::size_t columns,
                                const numbers& exponents) const = 0;
    virtual bigint product(const numbers& factors) const = 0;
    virtual std::optional<numbers> invert(const numbers& values) const = 0;
};

template <modular::modular_engine Engine>
class engine_model final : public any_engine {
    using vector = typename Engine::vector;

  public:
    engine_model(Engine engine, std::string name) : engine_(std::move(engine)), name_(std::move(name)) {}

    std::string name() const override { return name_; }
    std::size_t bits() const override { return Engine::bits; }
    const bigint& modulus() const override { return engine_.modulus(); }

    numbers ones(std::size_t count) const override { return engine_.leave(engine_.make(count)); }
    numbers set_get(const numbers& values) const override {
        vector v = engine_.make(values.size());
        for (std::size_t i = values.size(); i-- > 0;) engine_.set(v, i, values[i]);
        return got(v);
    }
    numbers enter_leave(const numbers& values) const override { return engine_.leave(engine_.enter(values)); }
    numbers enter_get(const numbers& values) const override { return got(engine_.enter(values)); }
    numbers copied(const numbers& values, const std::vector<std::size_t>& from) const override {
        const vector in = engine_.enter(values);
        vector out = engine_.make(from.size());
        for (std::size_t i = 0; i < from.size(); ++i) engine_.copy(out, i, in, from[i]);
        return engine_.leave(out);
    }

    numbers multiply(const numbers& a, const numbers& b, place where) const override {
        vector first = engine_.enter(a), second = engine_.enter(b), fresh = engine_.make(a.size());
        vector& out = where == place::fresh ? fresh : where == place::first ? first : second;
        engine_.multiply(out, first, second);
        return engine_.leave(out);
    }
    numbers square(const numbers& a, place where) const override {
        vector first = engine_.enter(a), fresh = engine_.make(a.size());
        vector& out = where == place::fresh ? fresh : first;
        engine_.square(out, first);
        return engine_.leave(out);
    }
    numbers multiply_itself(const numbers& a) const override {
        vector v = engine_.enter(a);
        engine_.multiply(v, v, v);
        return engine_.leave(v);
    }
    numbers power_secret(const numbers& base, const bigint& exponent, std::size_t exponent_bits,
                         place where) const override {
        vector first = engine_.enter(base), fresh = engine_.make(base.size());
        vector& out = where == place::fresh ? fresh : first;
        engine_.power_secret(out, first, secret<bigint>(bigint(exponent)), exponent_bits);
        return engine_.leave(out);
    }
    numbers power_public(const numbers& base, const bigint& exponent, place where) const override {
        vector first = engine_.enter(base), fresh = engine_.make(base.size());
        vector& out = where == place::fresh ? fresh : first;
        engine_.power_public_vartime(out, first, exponent);
        return engine_.leave(out);
    }
    std::pair<numbers, numbers> power_fixed(const bigint& base, std::size_t table_bits,
                                            const numbers& exponents,
                                            std::size_t exponent_bits) const override {
        const typename Engine::table table = engine_.make_table(base, table_bits);
        vector out = engine_.make(exponents.size());
        engine_.power_fixed(out, table, secret<numbers>(numbers(exponents)), exponent_bits);
        numbers publicly;
        for (const bigint& e : exponents) publicly.push_back(engine_.power_fixed_vartime(table, e));
        return {engine_.leave(out), publicly};
    }
    std::pair<std::size_t, std::size_t> table_facts(const bigint& base,
                                                    std::size_t table_bits) const override {
        const typename Engine::table table = engine_.make_table(base, table_bits);
        return {table.size_bytes(), table.max_exponent_bits()};
    }
    bigint multi_power(const numbers& bases, const numbers& exponents) const override {
        return engine_.multi_power_vartime(engine_.enter(bases), exponents);
    }
    numbers multi_power(const std::vector<numbers>& bases, std::size_t columns,
                        const numbers& exponents) const override {
        std::vector<vector> entered;
        for (const numbers& some : bases) entered.push_back(engine_.enter(some));
        if (entered.size() == 1)
            return engine_.leave(engine_.multi_power_vartime(entered[0], columns, exponents));
        std::vector<const vector*> all;
        for (const vector& some : entered) all.push_back(&some);
        return engine_.leave(
            engine_.multi_power_vartime(std::span<const vector* const>(all), columns, exponents));
    }
    bigint product(const numbers& factors) const override { return engine_.product(engine_.enter(factors)); }
    std::optional<numbers> invert(const numbers& values) const override {
        const auto inverses = modular::invert_vartime(engine_, engine_.enter(values));
        if (!inverses) return std::nullopt;
        return engine_.leave(*inverses);
    }

  private:
    numbers got(const vector& v) const {
        numbers out;
        for (std::size_t i = 0; i < v.size(); ++i) out.push_back(engine_.get(v, i));
        return out;
    }

    Engine engine_;
    std::string name_;
};

using engine_ptr = std::unique_ptr<any_engine>;

template <modular::modular_engine Engine>
engine_ptr model(Engine engine, std::string variant = {}) {
    std::string name(Engine::name);
    if (!variant.empty()) name += " (" + variant + ")";
    name += ", " + std::to_string(Engine::bits) + " bits";
    return std::make_unique<engine_model<Engine>>(std::move(engine), std::move(name));
}

} // namespace veilsum::test
