// Threshold decryption and the proofs around it, on one thread, in processor time.
//
// Names: Threshold/Operation/BitsxDegree/quorum_of_trustees/ciphertexts, Proof/Operation/BitsxDegree/ciphertexts.
// The time of a benchmark is that of one batch; the counter us is for one ciphertext.
//
//     PartialDecryption    powers and share proof, constant time     baseline: mpz_powm_sec, same exponent
//     VerifyPartial        the batch proof                           baseline: the powers again, by mpz_powm
//     Combine              quorum partial decryptions to plaintexts
//     CheckVerificationKeys  the polynomial check of a ceremony
//     PlaintextKnowledge   prove and verify one client's batch
//
// Counters: ratio = baseline over ours for one ciphertext; baselines take a few ciphertexts and are spread.
// The primes are fixed, published and safe (those of tests/support/toy.hpp): generating safe primes takes
// minutes and is measured elsewhere. Never encrypt under them.
#include <veilsum/modular/default_engine.hpp>
#include <veilsum/paillier/encryptor.hpp>
#include <veilsum/paillier/key_generation.hpp>
#include <veilsum/random/system_random.hpp>
#include <veilsum/threshold/combine.hpp>
#include <veilsum/threshold/dealer.hpp>
#include <veilsum/zk/plaintext_knowledge.hpp>

#include <benchmark/benchmark.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include <gmp.h>
#include <time.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace veilsum;
using integer::bigint;
using scheme = paillier::scheme<3072>;
using popk = zk::plaintext_knowledge<scheme>;

constexpr std::size_t baseline_count = 2;

double processor_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}
template <class Operation>
double seconds_of(const Operation& operation) {
    const double begin = processor_seconds();
    operation();
    return processor_seconds() - begin;
}

integer::prime_pair safe_primes() {
    return {secret(*bigint::from_hex(
                "e4035f8640dc0eb7f0c4e31caa75be0f50ec4314b94a96fd59e8bbc095d2266a7c6b97ff47cdae9a5a763b5076001cfc"
                "0ed451d505a9eb07689a76c3a4d051724c09d1e2e65f8472a5110dab83dce64a27c3537f98c34579fe1a1f7cb47aad56"
                "ce60ff98f84abf4c893acbf18b880b415ec217313a8393aaa3a0b8478a71f4a7a7621509251e80a2cffe93de2b007116"
                "97a44dc2a9b743b138ca2a0402daabcc13881cca6515f61126efd9bd0b6159c63b9d5b42983df848948f4eb764e03473")),
            secret(*bigint::from_hex(
                "eb4ce1f6dd4b5448f2997fc046c8bc7b39414af6f47565df37d9b6d8554bd2a91daf32a52d387e970717943e0b72c72b"
                "8d55a921f835392db3301ab006f651b4fc94b174451dac5cedf849c427667eefc0a361c7946b0ad5f3f8200860f35e61"
                "4a0a2b6fedb1ecd01a391f2f3718b0079d401b2e076f343a9a69dcb8c2462323586ea73ee89997f8a64f4e39c9ffdeb2"
                "dc5c30538422ba542ba01e52054ecbdc5b893d6a945293fa9c0383055c84d4d6e690d1202b096a564c67031dd49d487b"))};
}

// Two of three trustees, and `most` ciphertexts under their key.
struct ceremony {
    static constexpr std::size_t most = 200;
    random::system_random rng;
    paillier::public_key<scheme> key = paillier::make_public_key<scheme>(safe_primes(), rng).value();
    threshold::structure who = threshold::structure::create(2, 3).value();
    threshold::dealing<scheme> dealt = threshold::deal(safe_primes(), key, who, rng).value();
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
#ifdef _OPENMP
    omp_set_num_threads(1);
#endif
    return made;
}

// Seconds for one power c^(2 Delta s_1), secret (mpz_powm_sec) or public (mpz_powm).
double power_seconds(const ceremony& with, bool constant_time) {
    const bigint exponent = with.dealt.shares[0].exponent().expose() * 2;
    bigint out;
    return seconds_of([&] {
               for (std::size_t k = 0; k < baseline_count; ++k) {
                   const bigint base = with.made.ciphertexts[k];
                   (constant_time ? mpz_powm_sec : mpz_powm)(out.get(), base.get(), exponent.get(),
                                                             with.key.modulus().get());
                   benchmark::DoNotOptimize(out.get());
               }
           }) /
           static_cast<double>(baseline_count);
}

// `operation` handles `count` ciphertexts; the baseline returns seconds for one.
template <class Operation, class Baseline>
void measure(benchmark::State& state, std::size_t count, const Operation& operation, const Baseline& baseline) {
    double ours = 0, theirs = 0;
    for (auto _ : state) {
        const double time = seconds_of(operation);
        state.SetIterationTime(time);
        ours += time;
        theirs += baseline();
    }
    const auto runs = static_cast<double>(state.iterations());
    const double each = ours / runs / static_cast<double>(count);
    state.counters["us"] = 1e6 * each;
    if (theirs > 0) {
        state.counters["baseline_us"] = 1e6 * theirs / runs;
        state.counters["ratio"] = theirs / runs / each;
    }
}
double no_baseline() { return 0; }

void partial_decryption(benchmark::State& state) {
    ceremony& with = shared();
    const auto count = static_cast<std::size_t>(state.range(0));
    const auto ciphertexts = with.made.ciphertexts.slice(0, count);
    measure(
        state, count,
        [&] {
            auto made = threshold::partially_decrypt(with.key, with.dealt.verification, with.dealt.shares[0],
                                                     ciphertexts, with.context, with.rng);
            if (!made) state.SkipWithError("no partial decryption");
        },
        [&] { return power_seconds(with, true); });
}

void verify_partial(benchmark::State& state) {
    ceremony& with = shared();
    const auto count = static_cast<std::size_t>(state.range(0));
    const auto ciphertexts = with.made.ciphertexts.slice(0, count);
    const auto made = threshold::partially_decrypt(with.key, with.dealt.verification, with.dealt.shares[0],
                                                   ciphertexts, with.context, with.rng);
    measure(
        state, count,
        [&] {
            if (!threshold::verify_partial(with.key, with.dealt.verification, ciphertexts, *made, with.context))
                state.SkipWithError("a valid proof was refused");
        },
        [&] { return power_seconds(with, false); });
    state.counters["bytes"] = static_cast<double>(made->serialize().size());
}

void combine(benchmark::State& state) {
    ceremony& with = shared();
    const auto count = static_cast<std::size_t>(state.range(0));
    const auto ciphertexts = with.made.ciphertexts.slice(0, count);
    std::vector<threshold::verified_partial<scheme>> partials;
    for (std::size_t i = 0; i < 2; ++i) {
        const auto made = threshold::partially_decrypt(with.key, with.dealt.verification, with.dealt.shares[i],
                                                       ciphertexts, with.context, with.rng);
        partials.push_back(*threshold::verify_partial(with.key, with.dealt.verification, ciphertexts, *made,
                                                      with.context));
    }
    measure(
        state, count,
        [&] {
            const auto opened = threshold::combine(with.key, with.who, partials);
            if (!opened || (*opened)[0] != with.messages.expose()[0]) state.SkipWithError("wrong plaintext");
        },
        no_baseline);
}

void check_verification_keys(benchmark::State& state) {
    ceremony& with = shared();
    measure(
        state, 1,
        [&] {
            if (!with.dealt.verification.check(with.key)) state.SkipWithError("honest keys were refused");
        },
        no_baseline);
}

void prove_plaintexts(benchmark::State& state) {
    ceremony& with = shared();
    const auto statement = *popk::statement::create(with.key, with.made.ciphertexts);
    measure(
        state, ceremony::most,
        [&] {
            const auto made = popk::prove(with.context, statement,
                                          {with.encryptor, with.messages, with.made.exponents}, with.rng);
            if (!made) state.SkipWithError("no proof");
        },
        no_baseline);
    state.counters["bytes"] = static_cast<double>(popk::proof_bytes(ceremony::most));
}

void verify_plaintexts(benchmark::State& state) {
    ceremony& with = shared();
    const auto statement = *popk::statement::create(with.key, with.made.ciphertexts);
    const auto made = *popk::prove(with.context, statement,
                                   {with.encryptor, with.messages, with.made.exponents}, with.rng);
    measure(
        state, ceremony::most,
        [&] {
            if (!popk::verify(with.context, statement, made)) state.SkipWithError("a valid proof was refused");
        },
        no_baseline);
}

BENCHMARK(partial_decryption)
    ->Name("Threshold/PartialDecryption/3072x1/2_of_3")
    ->Arg(16)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(verify_partial)
    ->Name("Threshold/VerifyPartial/3072x1/2_of_3")
    ->Arg(16)
    ->Arg(200)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(combine)
    ->Name("Threshold/Combine/3072x1/2_of_3")
    ->Arg(16)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(check_verification_keys)
    ->Name("Threshold/CheckVerificationKeys/3072x1/2_of_3")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(prove_plaintexts)
    ->Name("Proof/PlaintextKnowledge/Prove/3072x1/200")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(verify_plaintexts)
    ->Name("Proof/PlaintextKnowledge/Verify/3072x1/200")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

} // namespace
