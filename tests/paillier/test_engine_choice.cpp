// Keys, ciphertexts and plaintexts are the same numbers whatever engine does the arithmetic, so that a
// machine with the vector unit and one without it work together.
#include "support/toy.hpp"

#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/paillier/encryptor.hpp>

#include <utility>
#include <vector>

using namespace veilsum;
using namespace veilsum::paillier;

namespace {

template <std::size_t Bits, std::size_t Degree>
using portable = scheme<Bits, Degree, modular::gmp_engine>;

std::vector<bigint> some_values(std::size_t count) {
    tests::seeded_random rng(41);
    std::vector<bigint> values;
    for (std::size_t k = 0; k < count; ++k)
        values.push_back(integer::random_bits(200, rng) - (bigint(1) << 199));
    return values;
}

// The bytes of ciphertexts and sums, and the plaintexts that the owner finds.
template <class Scheme>
std::pair<bytes, std::vector<bigint>> everything(std::size_t count) {
    tests::seeded_random rng(42);
    const auto& key = test::fixed_public_key<Scheme>();
    const encryptor<Scheme> encrypt_for(key);
    std::vector<bigint> values = some_values(count);
    auto sealed = encrypt_for.encrypt(plaintext_vector(std::move(values)), rng)->ciphertexts;
    const auto scaled = *scale_vartime(key, sealed, bigint(-5));
    const auto sum = *add(key, *subtract(key, scaled, sealed), *encrypt_for.rerandomise(sealed, rng));
    return {sum.serialize(), test::fixed_private_key<Scheme>().decrypt(sum)->expose()};
}

template <std::size_t Bits, std::size_t Degree>
void engines_agree() {
    for (const std::size_t count : {1u, 3u, 8u, 13u}) {
        const auto [raw, opened] = everything<scheme<Bits, Degree>>(count);
        const auto [portable_raw, portable_opened] = everything<portable<Bits, Degree>>(count);
        REQUIRE(raw == portable_raw);
        REQUIRE(opened == portable_opened);
        std::vector<bigint> expected = some_values(count);
        for (bigint& value : expected) value = value * -5; // -5 M - M + M
        REQUIRE(opened == expected);
    }
}

} // namespace

TEST_CASE("engine choice: the same key, the same bytes, the same plaintexts", "[paillier]") {
    REQUIRE(test::fixed_public_key<scheme<512>>().id() == test::fixed_public_key<portable<512, 1>>().id());
    engines_agree<256, 1>();
    engines_agree<512, 1>();
    engines_agree<512, 2>();
    engines_agree<512, 3>();
}

TEST_CASE("engine choice: a key says which engine works for it", "[paillier]") {
    const auto kind = test::fixed_public_key<scheme<512>>().arithmetic().kind();
    CHECK(kind == (has_ifma() ? modular::engine_kind::ifma : modular::engine_kind::gmp));
    CHECK(portable<3072, 1>::engine::name == "gmp");
}
