// threshold.json: ceremonies, partial decryptions with their proofs and what quorums open; before and after a
// refresh.
#include "threshold/refresh_world.hpp"

#include "support/catch.hpp"
#include "vectors/vector_file.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using namespace veilsum;
using integer::bigint;
using test::json;
using test::refused;

namespace {

constexpr const char* file_name = "threshold.json";
const json context = test::context_of("veilsum.vectors/1", "trustee");
const json other_context = test::context_of("veilsum.vectors/1", "somebody else");

template <class Visit>
auto with_degree(const json& of, Visit&& visit) {
    switch (of["degree"].get<unsigned>()) {
    case 2:
        return visit(test::toy_scheme<2>());
    case 3:
        return visit(test::toy_scheme<3>());
    default:
        return visit(test::toy_scheme<1>());
    }
}

// ---- writing

template <class Scheme>
json ceremony_case(const char* name, std::uint32_t quorum, std::uint32_t trustees, std::uint32_t refreshes) {
    test::refresh_world<Scheme> shared(quorum, trustees, quorum + 10 * Scheme::degree);
    for (std::uint32_t k = 0; k < refreshes; ++k) {
        std::vector<std::uint32_t> all;
        for (std::uint32_t i = 1; i <= trustees; ++i) all.push_back(i);
        shared.refresh(all);
    }
    const bigint largest = shared.key().plaintexts().largest();
    const std::vector<bigint> plaintexts{0, -1, 1000000007, largest, -largest};
    const auto ciphertexts = shared.ceremony.encrypt(plaintexts, 20);

    json out{{"name", name},
             {"modulus_bits", Scheme::modulus_bits},
             {"degree", Scheme::degree},
             {"key", to_hex(shared.key().serialize())},
             {"verification_keys", to_hex(shared.verification.serialize())},
             {"epoch", refreshes},
             {"ciphertexts", to_hex(ciphertexts.serialize())},
             {"plaintexts", json::array()}};
    for (const bigint& value : plaintexts) out["plaintexts"].push_back(value.to_decimal());

    json& partials = out["partials"] = json::array();
    for (std::uint32_t i = 1; i <= trustees; ++i) {
        tests::seeded_random rng(30 + i);
        const auto made =
            threshold::partially_decrypt(shared.key(), shared.verification, shared.shares[i - 1], ciphertexts,
                                         test::script_of(context), rng);
        partials.push_back({{"trustee", i}, {"message", to_hex(made.value().serialize())}});
    }
    out["quorums"] = test::subsets(trustees, quorum);

    // All that is wrong starts from the answer of trustee 2.
    const json good = partials[1]["message"];
    json& altered = out["altered"] = json::array();
    const std::size_t width = Scheme::ciphertext_bytes, proof_at = 6 + plaintexts.size() * width;
    const std::size_t length = test::from(good).size();
    const auto add = [&](const char* what, json changes, json verdict, const json& said = context) {
        altered.push_back({{"name", what}, {"replace", std::move(changes)}, {"verdict", std::move(verdict)}});
        if (said != context) altered.back()["context"] = said;
    };
    const auto bytes_at = [](std::size_t offset, std::size_t count, std::uint8_t byte) {
        return json::array({json::array({offset, to_hex(bytes(count, byte))})});
    };
    add("value", test::flipped(good, 6 + width - 1), refused("bad_proof", 6));
    add("announcement-A", test::flipped(good, proof_at + width - 1), refused("bad_proof", 6));
    add("announcement-B", test::flipped(good, proof_at + 2 * width - 1), refused("bad_proof", 6));
    add("response", test::flipped(good, length - 1), refused("bad_proof", 6));
    add("response-zero", bytes_at(proof_at + 2 * width, length - proof_at - 2 * width, 0),
        refused("out_of_range", 5));
    add("value-zero", bytes_at(6, width, 0), refused("out_of_range", 4));
    add("trustee-zero", bytes_at(0, 2, 0), refused("out_of_range", 2));
    add("trustee-three", json::array({json::array({0, "0003"})}), refused("bad_proof", 6));
    add("count", test::flipped(good, 5), refused("mismatch", 3));
    add("another-context", json::array(), refused("bad_proof", 6), other_context);

    json& bad_keys = out["bad_verification_keys"] = json::array();
    const json keys = out["verification_keys"];
    const std::size_t keys_bytes = test::from(keys).size();
    if (trustees > quorum)
        bad_keys.push_back({{"name", "last key"},
                            {"replace", test::flipped(keys, keys_bytes - 1)},
                            {"verdict", refused("mismatch", 2)}});
    else // every set of keys lies on some polynomial, but its constant term is another
        bad_keys.push_back({{"name", "last key"},
                            {"replace", test::flipped(keys, keys_bytes - 1)},
                            {"verdict", refused("mismatch", 3)}});
    return out;
}

json written() {
    return {
        {"about",
         "TEST KEYS, whose primes are published. Specifications: threshold, refresh. Each case of `altered` "
         "starts "
         "from the message of trustee 2. Written and replayed by tests/vectors, replayed by tests/interop."},
        {"context", context},
        {"ceremonies",
         {ceremony_case<test::toy_scheme<1>>("2-of-3", 2, 3, 0),
          ceremony_case<test::toy_scheme<2>>("3-of-5-degree-2", 3, 5, 0),
          ceremony_case<test::toy_scheme<3>>("3-of-3-degree-3", 3, 3, 0),
          ceremony_case<test::toy_scheme<1>>("2-of-3-refreshed-twice", 2, 3, 2)}}};
}

// ---- replaying

template <class Scheme>
void replay(const json& each) {
    const auto key = paillier::public_key<Scheme>::parse(test::from(each["key"]));
    REQUIRE(key);
    const auto keys =
        threshold::verification_keys<Scheme>::parse(*key, test::from(each["verification_keys"]));
    REQUIRE(keys);
    CHECK(keys->epoch().number() == each["epoch"].get<std::uint32_t>());
    CHECK(keys->check(*key));
    const std::size_t count = each["plaintexts"].size();
    const auto ciphertexts =
        paillier::ciphertext_vector<Scheme>::parse(*key, test::from(each["ciphertexts"]), count);
    REQUIRE(ciphertexts);
    const auto verify = [&](const bytes& message,
                            const json& said) -> result<threshold::verified_partial<Scheme>> {
        const auto partial = threshold::partial_decryption<Scheme>::parse(*key, *keys, count, message);
        if (!partial) return partial.error();
        return threshold::verify_partial(*key, *keys, *ciphertexts, *partial, test::script_of(said));
    };

    std::vector<threshold::verified_partial<Scheme>> partials;
    for (const json& partial : each["partials"]) {
        auto checked = verify(test::from(partial["message"]), context);
        if (!checked) FAIL(checked.error().describe());
        partials.push_back(*std::move(checked));
    }
    for (const json& quorum : each["quorums"]) {
        std::vector<threshold::verified_partial<Scheme>> chosen;
        for (const json& i : quorum) chosen.push_back(partials.at(i.get<std::size_t>() - 1));
        const auto opened = threshold::combine(*key, keys->structure(), chosen);
        REQUIRE(opened);
        for (std::size_t k = 0; k < count; ++k)
            CHECK((*opened)[k].to_decimal() == each["plaintexts"][k].get<std::string>());
    }
    const bytes good = test::from(each["partials"][1]["message"]);
    for (const json& change : each["altered"]) {
        INFO(change["name"].get<std::string>());
        test::compare(verify(test::altered(good, change["replace"]),
                             change.contains("context") ? change["context"] : context),
                      change["verdict"]);
    }
    for (const json& change : each["bad_verification_keys"]) {
        INFO(change["name"].get<std::string>());
        const auto bad = threshold::verification_keys<Scheme>::parse(
            *key, test::altered(test::from(each["verification_keys"]), change["replace"]));
        REQUIRE(bad);
        test::compare(bad->check(*key), change["verdict"]);
    }
}

const json& committed() {
    static const json loaded = test::read_vectors(file_name);
    return loaded;
}

} // namespace

TEST_CASE("threshold vectors: the file is what this library writes", "[vectors]") {
    CHECK(written() == committed());
}

TEST_CASE("threshold vectors: partial decryptions, quorums and alterations", "[vectors]") {
    CHECK(committed()["context"] == context);
    for (const json& each : committed()["ceremonies"]) {
        INFO(each["name"].get<std::string>());
        with_degree(each, [&]<class Scheme>(Scheme) { replay<Scheme>(each); });
    }
}

TEST_CASE("threshold vectors: write the file", "[.write]") {
    test::write_vectors(file_name, written());
}
