// Threshold decryption and the proofs around it.
//
// Names: Threshold/Operation/BitsxDegree/quorum_of_trustees/ciphertexts,
// Proof/Operation/BitsxDegree/ciphertexts. Counters (support/measure.hpp) are for one ciphertext.
//
//     PartialDecryption      powers and share proof, constant time   baseline: mpz_powm_sec, same exponent
//     VerifyPartial          the batch proof                         baseline: the powers again, by mpz_powm
//     Combine                quorum partial decryptions to plaintexts
//     CheckVerificationKeys  the polynomial check of a ceremony
//     ...PlaintextKnowledge  prove and verify one client's batch
//
// Baselines take a few ciphertexts and are spread. The key is fixed and public (support/fixed_key.hpp).
#include "support/fixed_key.hpp"
#include "support/measure.hpp"

#include <veilsum/paillier/encryptor.hpp>
#include <veilsum/paillier/key_generation.hpp>
#include <veilsum/random/system_random.hpp>
#include <veilsum/threshold/combine.hpp>
#include <veilsum/threshold/dealer.hpp>
#include <veilsum/threshold/partially_decrypt.hpp>
#include <veilsum/zk/plaintext_knowledge.hpp>

#include <benchmark/benchmark.h>

#include <gmp.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace veilsum;
using bench::fixed_safe_primes;
using integer::bigint;
using scheme = bench::fixed_scheme;
using popk = zk::plaintext_knowledge<scheme>;

constexpr std::size_t baseline_count = 2;

// Two of three trustees, and `most` ciphertexts under their key.
struct ceremony {
    static constexpr std::size_t most = 200;
    random::system_random rng;
    paillier::public_key<scheme> key = paillier::make_public_key<scheme>(fixed_safe_primes(), rng).value();
    threshold::structure who = threshold::structure::create(2, 3).value();
    threshold::dealing<scheme> dealt = threshold::deal(fixed_safe_primes(), key, who, rng).value();
    paillier::encryptor<scheme> encryptor{key};
    paillier::plaintext_vector messages = draw();
    paillier::encryption<scheme> made = encryptor.encrypt(messages, rng).value();
    transcript::transcript context{"veilsum.benchmark/1"};

    paillier::plaintext_vector draw() {
        std::vector<bigint> values(most);
        for (bigint& value : values) value = integer::random_bits(3000, rng);
        return paillier::plaintext_vector(std::move(values));
    }
};

ceremony& shared() {
    static ceremony made;
    return made;
}

// Powers c^(2 Delta s_1) of the first ciphertexts, secret (mpz_powm_sec) or public (mpz_powm).
void baseline_powers(const ceremony& with, bool constant_time) {
    const bigint exponent = with.dealt.shares[0].exponent().expose() * 2;
    bigint out;
    for (std::size_t k = 0; k < baseline_count; ++k) {
        const bigint base = with.made.ciphertexts[k];
        (constant_time ? mpz_powm_sec : mpz_powm)(out.get(), base.get(), exponent.get(),
                                                  with.key.modulus().get());
        benchmark::DoNotOptimize(out.get());
    }
}

void partial_decryption(benchmark::State& state) {
    ceremony& with = shared();
    const auto count = static_cast<std::size_t>(state.range(0));
    const auto ciphertexts = with.made.ciphertexts.slice(0, count);
    const auto decrypt = [&] {
        return threshold::partially_decrypt(with.key, with.dealt.verification, with.dealt.shares[0],
                                            ciphertexts, with.context, with.rng);
    };
    const auto made = decrypt();
    if (!made ||
        !threshold::verify_partial(with.key, with.dealt.verification, ciphertexts, *made, with.context))
        return state.SkipWithError("wrong partial decryption");
    bench::compare(
        state, "ciphertext", count, [&] { benchmark::DoNotOptimize(decrypt()); }, baseline_count,
        [&] { baseline_powers(with, true); });
    state.counters["bytes"] = static_cast<double>(made->serialize().size()) / static_cast<double>(count);
}

void verify_partial(benchmark::State& state) {
    ceremony& with = shared();
    const auto count = static_cast<std::size_t>(state.range(0));
    const auto ciphertexts = with.made.ciphertexts.slice(0, count);
    const auto made = threshold::partially_decrypt(with.key, with.dealt.verification, with.dealt.shares[0],
                                                   ciphertexts, with.context, with.rng);
    const auto verify = [&] {
        return threshold::verify_partial(with.key, with.dealt.verification, ciphertexts, *made, with.context);
    };
    if (!verify()) return state.SkipWithError("a valid proof was refused");
    bench::compare(
        state, "ciphertext", count, [&] { benchmark::DoNotOptimize(verify()); }, baseline_count,
        [&] { baseline_powers(with, false); });
}

void combine(benchmark::State& state) {
    ceremony& with = shared();
    const auto count = static_cast<std::size_t>(state.range(0));
    const auto ciphertexts = with.made.ciphertexts.slice(0, count);
    std::vector<threshold::verified_partial<scheme>> partials;
    for (std::size_t i = 0; i < 2; ++i) {
        const auto made = threshold::partially_decrypt(
            with.key, with.dealt.verification, with.dealt.shares[i], ciphertexts, with.context, with.rng);
        partials.push_back(
            *threshold::verify_partial(with.key, with.dealt.verification, ciphertexts, *made, with.context));
    }
    const auto opened = threshold::combine(with.key, with.who, partials);
    for (std::size_t k = 0; k < count; ++k)
        if (!opened || (*opened)[k] != with.messages.expose()[k])
            return state.SkipWithError("wrong plaintext");
    bench::measure(state, "ciphertext", count,
                   [&] { benchmark::DoNotOptimize(threshold::combine(with.key, with.who, partials)); });
}

void check_verification_keys(benchmark::State& state) {
    ceremony& with = shared();
    const auto check = [&] { return with.dealt.verification.check(with.key).has_value(); };
    if (!check()) return state.SkipWithError("honest keys were refused");
    bench::measure(state, "ceremony", 1, [&] { benchmark::DoNotOptimize(check()); });
}

void prove_plaintexts(benchmark::State& state) {
    ceremony& with = shared();
    const auto statement = *popk::statement::create(with.key, with.made.ciphertexts);
    const auto prove = [&] {
        return popk::prove(with.context, statement, {with.encryptor, with.messages, with.made.exponents},
                           with.rng);
    };
    const auto made = prove();
    if (!made || !popk::verify(with.context, statement, *made)) return state.SkipWithError("wrong proof");
    bench::measure(state, "ciphertext", ceremony::most, [&] { benchmark::DoNotOptimize(prove()); });
    state.counters["bytes"] =
        static_cast<double>(popk::proof_bytes(ceremony::most)) / static_cast<double>(ceremony::most);
}

void verify_plaintexts(benchmark::State& state) {
    ceremony& with = shared();
    const auto statement = *popk::statement::create(with.key, with.made.ciphertexts);
    const auto made =
        *popk::prove(with.context, statement, {with.encryptor, with.messages, with.made.exponents}, with.rng);
    const auto verify = [&] { return popk::verify(with.context, statement, made).has_value(); };
    if (!verify()) return state.SkipWithError("a valid proof was refused");
    bench::measure(state, "ciphertext", ceremony::most, [&] { benchmark::DoNotOptimize(verify()); });
}

BENCHMARK(partial_decryption)
    ->Name("Threshold/PartialDecryption/3072x1/2_of_3")
    ->ArgName("ciphertexts")
    ->Arg(16)
    ->UseManualTime();
BENCHMARK(verify_partial)
    ->Name("Threshold/VerifyPartial/3072x1/2_of_3")
    ->ArgName("ciphertexts")
    ->Arg(16)
    ->Arg(200)
    ->UseManualTime();
BENCHMARK(combine)->Name("Threshold/Combine/3072x1/2_of_3")->ArgName("ciphertexts")->Arg(16)->UseManualTime();
BENCHMARK(check_verification_keys)->Name("Threshold/CheckVerificationKeys/3072x1/2_of_3")->UseManualTime();
BENCHMARK(prove_plaintexts)->Name("Proof/ProvePlaintextKnowledge/3072x1/ciphertexts:200")->UseManualTime();
BENCHMARK(verify_plaintexts)->Name("Proof/VerifyPlaintextKnowledge/3072x1/ciphertexts:200")->UseManualTime();

} // namespace
