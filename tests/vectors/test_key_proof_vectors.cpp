// key-proofs.json: keys, proofs of key validity and of a residue root, honest ones and those that must be
// refused.
#include "support/threshold_instances.hpp"

#include "support/catch.hpp"
#include "support/cheating_owner.hpp"
#include "support/seeded_random.hpp"
#include "vectors/vector_file.hpp"

#include <veilsum/wire/frame.hpp>
#include <veilsum/zk/key_validity.hpp>
#include <veilsum/zk/residue_root.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

using namespace veilsum;
using integer::bigint;
using test::json;
using test::refused;
using tests::seeded_random;

namespace {

using toy = test::toy_scheme<1>;
using bad = test::bad_moduli<512>;

constexpr const char* file_name = "key-proofs.json";
const json context = test::context_of("veilsum.vectors/1", "owner");

// Calls visit(scheme) for the sizes that occur here.
template <class Visit>
auto with_scheme(const json& of, Visit&& visit) {
    const auto bits = of["modulus_bits"].get<unsigned>(), degree = of["degree"].get<unsigned>();
    if (bits == 2048 && degree == 1) return visit(paillier::scheme<2048, 1>());
    REQUIRE(bits == 512);
    if (degree == 2) return visit(test::toy_scheme<2>());
    REQUIRE(degree == 1);
    return visit(toy());
}

// ---- writing

json key_case(const char* name, const bigint& n, const bigint& root, json verdict) {
    wire::writer body;
    body.u16(512);
    body.u8(1);
    body.fixed(n.to_bytes(64));
    body.fixed(root.to_bytes(64));
    const bytes key = wire::frame(wire::message_type::public_key, 1, body.view());
    return {{"name", name},
            {"modulus_bits", 512},
            {"degree", 1},
            {"key", to_hex(key)},
            {"verdict", std::move(verdict)}};
}

json keys() {
    seeded_random rng(1);
    const bigint n = test::fixed_public_key<toy>().n();
    return {key_case("honest", n, 4, "accepted"),
            key_case("one-bit-short", bad::one_bit_short(rng).n, 4, refused("out_of_range", 1)),
            key_case("even", bad::even(rng).n, 4, refused("bad_parameter", 2)),
            key_case("small-factor-16", bad::small_factor(16, rng).n, 4, refused("bad_parameter", 3)),
            key_case("square", bad::square(rng).n, 4, refused("bad_parameter", 4)),
            key_case("prime", bad::prime(rng).n, 4, refused("bad_parameter", 5)),
            key_case("root-zero", n, 0, refused("out_of_range", 6)),
            key_case("root-too-large", n, n, refused("out_of_range", 6)),
            key_case("root-shares-a-factor", n, test::fixed_prime_pair<512>().p.expose(),
                     refused("not_a_unit", 6)),
            key_case("root-of-order-two", n, n - 1, refused("bad_parameter", 7))};
}

template <class Scheme>
json proof_case(const char* name, const paillier::public_key<Scheme>& key, const zk::key_proof<Scheme>& proof,
                json verdict) {
    return {{"name", name},
            {"modulus_bits", Scheme::modulus_bits},
            {"degree", Scheme::degree},
            {"key", to_hex(key.serialize())},
            {"proof", to_hex(proof.serialize(key))},
            {"verdict", std::move(verdict)}};
}
template <class Scheme>
json honest_case(const char* name, std::uint64_t seed) {
    seeded_random rng(seed);
    const auto& key = test::fixed_public_key<Scheme>();
    return proof_case(
        name, key,
        zk::prove_key(test::script_of(context), test::fixed_prime_pair<Scheme::modulus_bits>(), key, rng)
            .value(),
        "accepted");
}
json altered_case(const char* name, const json& of, json changes, json verdict) {
    return {
        {"name", name}, {"of", of["name"]}, {"replace", std::move(changes)}, {"verdict", std::move(verdict)}};
}
// What the owner of a bad modulus can do with all its factors, n = a b for the factor part.
json cheated_case(const char* name, const test::known_modulus& modulus, const bigint& a, seeded_random& rng,
                  json verdict, bool press_into_windows = false) {
    using factors = zk::no_small_factor<toy>;
    const auto script = test::script_of(context);
    const auto key = test::key_of<toy>(modulus.n);
    const auto press = [](factors::response& answer) { answer.z2 = factors::z_window().minimum() + 1; };
    auto coprime = test::cheat_coprime(script, key, modulus).proof;
    auto factor = press_into_windows ? test::cheat_factors<toy>(script, key, a, modulus.n / a, rng, press)
                                     : test::cheat_factors<toy>(script, key, a, modulus.n / a, rng);
    auto blum = test::cheat_blum(script, key, modulus, 4, rng).proof;
    return proof_case(name, key, zk::key_proof<toy>{std::move(coprime), std::move(factor), std::move(blum)},
                      std::move(verdict));
}

json key_proofs() {
    using proof = zk::key_proof<toy>;
    constexpr std::size_t factors_at = proof::coprime::proof_bytes;
    constexpr std::size_t blum_at = factors_at + proof::factors::proof_bytes();
    constexpr std::size_t responses_at = factors_at + 5 * 256;
    json out = json::array();
    out.push_back(honest_case<toy>("honest", 2));
    out.push_back(honest_case<test::toy_scheme<2>>("honest-degree-2", 3));
    out.push_back(honest_case<paillier::scheme<2048>>("honest-2048", 4));

    const json honest = out[0];
    const auto alter = [&](const char* name, std::size_t offset, json verdict, unsigned bit = 0) {
        out.push_back(
            altered_case(name, honest, test::flipped(honest["proof"], offset, bit), std::move(verdict)));
    };
    alter("altered-coprime-root", 63, refused("bad_proof", 2, "coprime modulus, check 4"));
    alter("altered-P", factors_at + 255, refused("bad_proof", 3, "no small factor, check 8"));
    alter("altered-Q", factors_at + 511, refused("bad_proof", 3, "no small factor, check 8"));
    alter("altered-T", factors_at + 5 * 256 - 1, refused("bad_proof", 3, "no small factor, check 8"));
    alter("altered-z1", responses_at + 63, refused("bad_proof", 3, "no small factor, check 8"));
    alter("altered-z2", responses_at + 127, refused("bad_proof", 3, "no small factor, check 9"));
    alter("altered-v", blum_at - 1, refused("bad_proof", 3, "no small factor, check 10"));
    alter("altered-sign", blum_at + 64, refused("bad_proof", 4, "Blum modulus, check 5"), 7);
    alter("altered-factor-w", blum_at + 64 + 16, refused("bad_proof", 4, "Blum modulus, check 5"), 7);
    alter("altered-fourth-root", proof::size_bytes - 1, refused("bad_proof", 4, "Blum modulus, check 5"));
    const auto put = [&](const char* name, std::size_t offset, const bytes& instead, json verdict) {
        out.push_back(altered_case(name, honest, json::array({json::array({offset, to_hex(instead)})}),
                                   std::move(verdict)));
    };
    put("coprime-root-zero", 0, bytes(64, 0), refused("out_of_range", 2, "coprime modulus, check 2"));
    put("P-too-large", factors_at, bytes(256, 0xff), refused("out_of_range", 3, "no small factor, check 2"));
    put("z1-below-its-window", responses_at, bytes(64, 0),
        refused("out_of_range", 3, "no small factor, check 3"));
    put("w-zero", blum_at, bytes(64, 0), refused("out_of_range", 4, "Blum modulus, check 2"));
    put(
        "w-one", blum_at,
        [] {
            bytes one(64, 0);
            one.back() = 1;
            return one;
        }(),
        refused("bad_proof", 4, "Blum modulus, check 2"));

    json elsewhere = honest;
    elsewhere["name"] = "another-context";
    elsewhere["context"] = test::context_of("veilsum.vectors/1", "somebody else");
    elsewhere["verdict"] = refused("bad_proof", 2, "coprime modulus, check 4");
    out.push_back(std::move(elsewhere));
    json shorter = honest;
    shorter["name"] = "one-byte-short";
    shorter["proof"] = shorter["proof"].get<std::string>().substr(2);
    shorter["verdict"] = refused("malformed", 1);
    out.push_back(std::move(shorter));

    seeded_random rng(5);
    const auto shared = bad::shared_factor(128, rng);
    out.push_back(cheated_case("bad-shared-factor", shared, shared.factors[0], rng,
                               refused("bad_proof", 2, "coprime modulus, check 4"), true));
    for (const auto& [name, bits] : {std::pair{"bad-small-factor-40", 40u}, {"bad-small-factor-64", 64u}}) {
        const auto small = bad::small_factor(bits, rng);
        out.push_back(cheated_case(name, small, small.factors[0], rng,
                                   refused("bad_proof", 3, "no small factor, check 9"), true));
    }
    const auto three = bad::three_primes(rng);
    out.push_back(cheated_case("bad-three-primes", three, three.factors[0] * three.factors[1], rng,
                               refused("bad_proof", 4, "Blum modulus, check 5")));
    const auto one = bad::not_blum(false, rng), both = bad::not_blum(true, rng);
    out.push_back(cheated_case("bad-one-prime-1-modulo-4", one, one.factors[0], rng,
                               refused("bad_proof", 4, "Blum modulus, check 5")));
    out.push_back(cheated_case("bad-both-primes-1-modulo-4", both, both.factors[0], rng,
                               refused("bad_proof", 4, "Blum modulus, check 5")));
    return out;
}

template <class Scheme>
json root_case(const char* name, std::uint64_t seed) {
    using relation = zk::residue_root<Scheme>;
    const auto& key = test::fixed_public_key<Scheme>();
    seeded_random rng(seed);
    const secret<bigint> rho(integer::random_unit(key.n(), rng));
    const auto claim =
        *relation::statement::create(key, power_vartime(rho.expose(), key.n_to_s(), key.modulus()));
    const auto proof = relation::prove(test::script_of(context), claim, {rho}, rng).value();
    return {{"name", name},
            {"modulus_bits", Scheme::modulus_bits},
            {"degree", Scheme::degree},
            {"key", to_hex(key.serialize())},
            {"residue", to_hex(claim.h().to_bytes(Scheme::ciphertext_bytes))},
            {"proof", to_hex(proof.serialize(claim))},
            {"verdict", "accepted"}};
}
json root_proofs() {
    json out = json::array();
    out.push_back(root_case<toy>("honest", 6));
    out.push_back(root_case<test::toy_scheme<2>>("honest-degree-2", 7));
    const json honest = out[0];
    out.push_back(
        altered_case("altered-A", honest, test::flipped(honest["proof"], 127), refused("bad_proof", 5)));
    out.push_back(
        altered_case("altered-z", honest, test::flipped(honest["proof"], 191), refused("bad_proof", 5)));
    // One more in the plaintext: (1+n) h has no root.
    json one = honest;
    const auto& key = test::fixed_public_key<toy>();
    one["name"] = "a-ciphertext-of-one";
    one["residue"] = to_hex(
        (bigint::from_bytes(test::from(one["residue"])) * (key.n() + 1) % key.modulus()).to_bytes(128));
    one["verdict"] = refused("bad_proof", 5);
    out.push_back(std::move(one));
    return out;
}

json written() {
    return {{"about",
             "TEST KEYS, whose primes are published. Specifications: paillier, key-validity and the pages "
             "that it "
             "names, residue-root. Written and replayed by tests/vectors, replayed by tests/interop."},
            {"context", context},
            {"keys", keys()},
            {"key_proofs", key_proofs()},
            {"residue_roots", root_proofs()}};
}

// ---- replaying

// The case as it is, or the one that it alters, altered.
json resolved(const json& cases, const json& each) {
    if (!each.contains("of")) return each;
    const auto base =
        std::find_if(cases.begin(), cases.end(), [&](const json& c) { return c["name"] == each["of"]; });
    REQUIRE(base != cases.end());
    json made = *base;
    made["proof"] = to_hex(test::altered(test::from(made["proof"]), each["replace"]));
    made["verdict"] = each["verdict"];
    return made;
}

template <class Scheme>
result<void> check_key_proof(const json& each, const json& said) {
    const auto key = paillier::public_key<Scheme>::parse(test::from(each["key"]));
    REQUIRE(key);
    const auto proof = zk::key_proof<Scheme>::parse(*key, test::from(each["proof"]));
    if (!proof) return proof.error();
    const auto outcome = zk::key_verifier::verify(test::script_of(said), *key, *proof);
    if (!outcome) return outcome.error();
    return {};
}

template <class Scheme>
result<void> check_residue_root(const json& each, const json& said) {
    using relation = zk::residue_root<Scheme>;
    const auto key = paillier::public_key<Scheme>::parse(test::from(each["key"]));
    REQUIRE(key);
    const auto claim = relation::statement::create(*key, bigint::from_bytes(test::from(each["residue"])));
    if (!claim) return claim.error();
    const auto proof = relation::proof::parse(*claim, test::from(each["proof"]));
    if (!proof) return proof.error();
    return relation::verify(test::script_of(said), *claim, *proof);
}

const json& committed() {
    static const json loaded = test::read_vectors(file_name);
    return loaded;
}

} // namespace

TEST_CASE("key proof vectors: the file is what this library writes", "[vectors]") {
    CHECK(written() == committed());
}

TEST_CASE("key proof vectors: keys", "[vectors]") {
    for (const json& each : committed()["keys"]) {
        INFO(each["name"].get<std::string>());
        test::compare(paillier::public_key<toy>::parse(test::from(each["key"])), each["verdict"]);
    }
}

TEST_CASE("key proof vectors: proofs of key validity", "[vectors]") {
    const json& cases = committed()["key_proofs"];
    for (const json& listed : cases) {
        INFO(listed["name"].get<std::string>());
        const json each = resolved(cases, listed);
        const json& said = each.contains("context") ? each["context"] : committed()["context"];
        test::compare(
            with_scheme(each, [&]<class Scheme>(Scheme) { return check_key_proof<Scheme>(each, said); }),
            each["verdict"]);
    }
}

TEST_CASE("key proof vectors: proofs of a residue root", "[vectors]") {
    const json& cases = committed()["residue_roots"];
    for (const json& listed : cases) {
        INFO(listed["name"].get<std::string>());
        const json each = resolved(cases, listed);
        test::compare(with_scheme(each,
                                  [&]<class Scheme>(Scheme) {
                                      return check_residue_root<Scheme>(each, committed()["context"]);
                                  }),
                      each["verdict"]);
    }
}

TEST_CASE("key proof vectors: write the file", "[.write]") {
    test::write_vectors(file_name, written());
}
