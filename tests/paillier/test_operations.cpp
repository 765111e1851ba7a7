#include "support/toy.hpp"

#include "support/catch.hpp"
#include "support/naive_modular.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/paillier/encryptor.hpp>
#include <veilsum/paillier/operations.hpp>

using namespace veilsum;
using namespace veilsum::paillier;
using test::fixed_private_key;
using test::fixed_public_key;
using test::seeded_random;
using toy = test::toy_scheme<1>;

namespace {

template <class Scheme>
ciphertext_vector<Scheme> seal(const std::vector<bigint>& values, seeded_random& rng) {
    static const encryptor<Scheme> encrypt_for(fixed_public_key<Scheme>());
    std::vector<bigint> copy = values;
    return encrypt_for.encrypt(plaintext_vector(std::move(copy)), rng)->ciphertexts;
}
template <class Scheme>
std::vector<bigint> open(const result<ciphertext_vector<Scheme>>& sealed) {
    return fixed_private_key<Scheme>().decrypt(*sealed)->expose();
}

// Signed values far enough from the edge for the sums below.
template <class Scheme>
std::vector<bigint> draw(std::size_t count, seeded_random& rng) {
    std::vector<bigint> out;
    const bigint bound = fixed_public_key<Scheme>().plaintexts().largest() >> 12;
    for (std::size_t i = 0; i < count; ++i)
        out.push_back(tests::any_below(rng, bound) * (i % 2 == 0 ? 1 : -1));
    return out;
}
template <class Operation>
std::vector<bigint> each(const std::vector<bigint>& a, const Operation& operation) {
    std::vector<bigint> out;
    for (std::size_t i = 0; i < a.size(); ++i) out.push_back(operation(i));
    return out;
}

template <class Scheme>
void check_homomorphism() {
    CAPTURE(Scheme::modulus_bits, Scheme::degree);
    seeded_random rng(40 + Scheme::degree);
    const auto& key = fixed_public_key<Scheme>();
    const std::vector<bigint> x = draw<Scheme>(5, rng), y = draw<Scheme>(5, rng), z = draw<Scheme>(5, rng);
    const auto a = seal<Scheme>(x, rng), b = seal<Scheme>(y, rng), c = seal<Scheme>(z, rng);

    CHECK(open(add(key, a, b)) == each(x, [&](std::size_t i) { return x[i] + y[i]; }));
    CHECK(open(subtract(key, a, b)) == each(x, [&](std::size_t i) { return x[i] - y[i]; }));
    for (const std::int64_t factor : {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{2},
                                      std::int64_t{1000}, std::int64_t{-777}})
        CHECK(open(scale_vartime(key, a, factor)) == each(x, [&](std::size_t i) { return x[i] * factor; }));
    std::vector<bigint> constants = y;
    CHECK(open(add_constant(key, a, plaintext_vector(std::move(constants)))) ==
          each(x, [&](std::size_t i) { return x[i] + y[i]; }));

    const std::vector<ciphertext_vector<Scheme>> inputs{a, b, c};
    const std::vector<std::uint64_t> weights{1, 6, 1000};
    const auto sum = aggregate(key, inputs, weights);
    CHECK(open(sum) == each(x, [&](std::size_t i) { return x[i] + y[i] * 6 + z[i] * 1000; }));
    // The same by the operations it is made of: exactly the same ciphertexts.
    const auto slow = add(key, *add(key, a, *scale_vartime(key, b, 6)), *scale_vartime(key, c, 1000));
    CHECK(*sum == *slow);
}

} // namespace

TEST_CASE("operations: sums, differences, multiples, constants, weighted sums", "[paillier]") {
    check_homomorphism<test::toy_scheme<1>>();
    check_homomorphism<test::toy_scheme<2>>();
    check_homomorphism<test::toy_scheme<3>>();
}

TEST_CASE("operations: the algebra of ciphertexts, not only of plaintexts", "[paillier]") {
    seeded_random rng(44);
    const auto& key = fixed_public_key<toy>();
    const auto a = seal<toy>({bigint(5), bigint(-6)}, rng), b = seal<toy>({bigint(7), bigint(8)}, rng);
    CHECK(*add(key, a, b) == *add(key, b, a));
    CHECK(*subtract(key, *add(key, a, b), b) == a);
    CHECK(*scale_vartime(key, a, 3) == *add(key, a, *add(key, a, a)));
    CHECK(*scale_vartime(key, a, -1) == *subtract(key, *scale_vartime(key, a, 0), a));
    CHECK((*scale_vartime(key, a, 0))[0] == 1);
    CHECK(*scale_vartime(key, a, 1) == a);
    const std::vector<ciphertext_vector<toy>> one{a};
    CHECK(*aggregate(key, one, std::vector<std::uint64_t>{1}) == a);
    const std::uint64_t heavy = ~std::uint64_t{0};
    CHECK(*aggregate(key, one, std::vector<std::uint64_t>{heavy}) == *scale_vartime(key, a, heavy));
}

TEST_CASE("operations: sums up to the edge are exact, and beyond it come back wrong, as documented",
          "[paillier]") {
    seeded_random rng(45);
    const auto& key = fixed_public_key<toy>();
    const bigint largest = key.plaintexts().largest();
    const auto top = seal<toy>({largest - 1, -largest + 1}, rng);
    const auto step = seal<toy>({bigint(1), bigint(-1)}, rng);
    const auto edge = add(key, top, step);
    CHECK(open(edge) == std::vector<bigint>{largest, -largest});
    CHECK(open(add(key, *edge, step)) == std::vector<bigint>{-largest, largest});
}

TEST_CASE("operations: ciphertexts of another key are refused everywhere", "[paillier]") {
    seeded_random rng(46);
    const auto& key = fixed_public_key<toy>();
    const auto& other = fixed_public_key<toy, 1>();
    const auto mine = seal<toy>({bigint(1)}, rng);
    const encryptor<toy> encrypt_for_other(other);
    std::vector<bigint> value{bigint(2)};
    const auto theirs = encrypt_for_other.encrypt(plaintext_vector(std::move(value)), rng)->ciphertexts;

    const auto wrong = [](const result<ciphertext_vector<toy>>& made) {
        return !made.has_value() && made.error().code == errc::wrong_key &&
               made.error().what == "ciphertexts";
    };
    CHECK(wrong(add(key, mine, theirs)));
    CHECK(wrong(add(key, theirs, mine)));
    CHECK(wrong(add(other, mine, mine)));
    CHECK(wrong(subtract(key, mine, theirs)));
    CHECK(wrong(scale_vartime(key, theirs, 2)));
    CHECK(wrong(add_constant(key, theirs, plaintext_vector({bigint(1)}))));
    const std::vector<ciphertext_vector<toy>> inputs{mine, mine, theirs};
    const auto sum = aggregate(key, inputs, std::vector<std::uint64_t>{1, 1, 1});
    CHECK(wrong(sum));
    CHECK(sum.error().place == "vector 2");
    CHECK(fixed_private_key<toy>().decrypt(theirs).error().code == errc::wrong_key);
}

TEST_CASE("operations: sizes, counts and weights that cannot work", "[paillier]") {
    seeded_random rng(47);
    const auto& key = fixed_public_key<toy>();
    const auto one = seal<toy>({bigint(1)}, rng), two = seal<toy>({bigint(1), bigint(2)}, rng);
    CHECK(add(key, one, two).error().what == "number of ciphertexts");
    CHECK(subtract(key, two, one).error().code == errc::mismatch);
    CHECK(add_constant(key, two, plaintext_vector({bigint(1)})).error().what == "number of plaintexts");
    const auto beyond = add_constant(key, two, plaintext_vector({bigint(1), key.plaintexts().largest() + 1}));
    CHECK(beyond.error().code == errc::overflow);
    CHECK(beyond.error().place == "plaintext 1");

    using list = std::vector<ciphertext_vector<toy>>;
    using weights = std::vector<std::uint64_t>;
    CHECK(aggregate(key, list{}, weights{}).error().code == errc::missing);
    CHECK(aggregate(key, list{one, one}, weights{1}).error().what == "number of weights");
    const auto zero = aggregate(key, list{one, one}, weights{1, 0});
    CHECK(zero.error().code == errc::out_of_range);
    CHECK(zero.error().place == "vector 1");
    const auto mixed = aggregate(key, list{one, two}, weights{1, 1});
    CHECK(mixed.error().code == errc::mismatch);
    CHECK(mixed.error().place == "vector 1");
}
