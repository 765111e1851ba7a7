// modular_engine: what an implementation of residue vectors modulo an odd n offers, and the laws it obeys.
//
// Let v[i] be get(v, i), an integer in [0, n), and let all equations be modulo n.
//
//     set(v, i, x)                    v[i] = x, others unchanged;  get(set(x)) = x for 0 <= x < n
//     enter(x)                        v[i] = x_i for all i;  leave(v) = x:  what bytes go through
//     make(K)                         v[i] = 1 for all i < K
//     multiply(v, a, b)               v[i] = a[i] b[i]: commutative, associative, one neutral
//     square(v, a)                    v[i] = a[i] a[i]
//     power_secret(v, a, e, bits)     v[i] = a[i]^e,  a^0 = 1,  a^(e + f) = a^e a^f,  (a b)^e = a^e b^e
//     power_public_vartime(v, a, e)   the same values
//     power_fixed(v, T(g), e, bits)   v[i] = g^(e_i), the values of power_secret on base g
//     power_fixed_vartime(T(g), e)    g^e
//     multi_power_vartime(a, e)       prod_i a[i]^(e_i);  1 when there is nothing to multiply
//     multi_power_vartime(a, J, e)    v[j] = prod_i a[i J + j]^(e_i), j < J: columns that share exponents;
//                                     a is one vector, or several as if they were joined
//     product(a)                      prod_i a[i];  1 when there is nothing to multiply
//
// Every engine gives the same integers; only layouts inside `vector` and `table` differ. Results do not
// depend on the number of threads. What is not named _vartime takes time that depends on sizes alone; `table`
// may be read by many threads at once. 0^0 = 1 throughout.
#pragma once

#include <veilsum/core/secret.hpp>
#include <veilsum/integer/bigint.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace veilsum::modular {

// The laws are in the description of the file. Models: gmp_engine, ifma_engine, default_engine, ntl_engine.
template <class Engine>
concept modular_engine = wipeable<typename Engine::vector> && std::copyable<typename Engine::vector> &&
    std::copyable<typename Engine::table> && std::constructible_from<Engine, const integer::bigint&> &&
    requires(const Engine& engine, typename Engine::vector& out, const typename Engine::vector& in,
             const typename Engine::table& table, std::size_t index, const integer::bigint& number,
             const secret<integer::bigint>& exponent, const secret<std::vector<integer::bigint>>& exponents,
             std::span<const integer::bigint> numbers,
             std::span<const typename Engine::vector* const> several) {
    requires std::same_as<decltype(Engine::bits), const std::size_t>;
    requires std::same_as<decltype(Engine::name), const std::string_view>;
    requires std::default_initializable<typename Engine::vector>;
    { in.size() } -> std::same_as<std::size_t>;
    { table.size_bytes() } -> std::same_as<std::size_t>;
    { table.max_exponent_bits() } -> std::same_as<std::size_t>;
    { engine.modulus() } -> std::same_as<const integer::bigint&>;
    { engine.make(index) } -> std::same_as<typename Engine::vector>;
    engine.set(out, index, number);
    { engine.get(in, index) } -> std::same_as<integer::bigint>;
    { engine.enter(numbers) } -> std::same_as<typename Engine::vector>;
    { engine.leave(in) } -> std::same_as<std::vector<integer::bigint>>;
    engine.copy(out, index, in, index);
    engine.multiply(out, in, in);
    engine.square(out, in);
    engine.power_secret(out, in, exponent, index);
    engine.power_public_vartime(out, in, number);
    { engine.make_table(number, index) } -> std::same_as<typename Engine::table>;
    engine.power_fixed(out, table, exponents, index);
    { engine.power_fixed_vartime(table, number) } -> std::same_as<integer::bigint>;
    { engine.multi_power_vartime(in, numbers) } -> std::same_as<integer::bigint>;
    { engine.multi_power_vartime(in, index, numbers) } -> std::same_as<typename Engine::vector>;
    { engine.multi_power_vartime(several, index, numbers) } -> std::same_as<typename Engine::vector>;
    { engine.product(in) } -> std::same_as<integer::bigint>;
};

} // namespace veilsum::modular
