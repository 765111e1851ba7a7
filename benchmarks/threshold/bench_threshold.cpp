// Threshold decryption and the proofs around it.
//
// Names: Threshold/Operation/BitsxDegree/quorum_of_trustees/ciphertexts,
// Proof/Operation/BitsxDegree/ciphertexts. Counters (support/measure.hpp) are for one ciphertext.
//
//     PartialDecryption      powers and share proof, constant time   baseline: mpz_powm_sec, same exponent
//     VerifyPartial          the batch proof                         baseline: the powers again, by mpz_powm
//     Combine                quorum partial decryptions to plaintexts
//     Opening                a whole opening: every trustee of a quorum decrypts, all are verified, then
//     combined CheckVerificationKeys  the polynomial check of a ceremony
//     ...PlaintextKnowledge  prove and verify one client's batch
//
// Baselines take a few ciphertexts and are spread. The keys are fixed and public (support/fixed_key.hpp).
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

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace veilsum;
using integer::bigint;
template <std::size_t Bits>
using scheme = paillier::scheme<Bits>;
using popk = zk::plaintext_knowledge<scheme<3072>>;

constexpr std::size_t baseline_count = 2;
constexpr std::size_t most = 200; // ciphertexts of a shared ceremony

// A quorum of trustees, and ciphertexts under their key.
template <std::size_t Bits>
struct ceremony {
    ceremony(std::uint32_t quorum, std::uint32_t trustees, std::size_t ciphertexts)
        : who(threshold::structure::create(quorum, trustees).value()), count(ciphertexts) {}

    threshold::structure who;
    std::size_t count;
    random::system_random rng;
    paillier::public_key<scheme<Bits>> key =
        paillier::make_public_key<scheme<Bits>>(bench::fixed_safe_primes<Bits>(), rng).value();
    threshold::dealing<scheme<Bits>> dealt =
        threshold::deal(bench::fixed_safe_primes<Bits>(), key, who, rng).value();
    paillier::encryptor<scheme<Bits>> encryptor{key};
    paillier::plaintext_vector messages = draw();
    paillier::encryption<scheme<Bits>> made = encryptor.encrypt(messages, rng).value();
    transcript::transcript context{"veilsum.benchmark/1"};

    paillier::plaintext_vector draw() {
        std::vector<bigint> values(count);
        for (bigint& value : values) value = integer::random_bits(Bits - 72, rng);
        return paillier::plaintext_vector(std::move(values));
    }
};

// The ceremony of these parameters; only the last one is kept.
using parameters = std::array<std::size_t, 3>; // bits, quorum, trustees
std::pair<parameters, std::shared_ptr<void>>& last_ceremony() {
    static std::pair<parameters, std::shared_ptr<void>> kept;
    return kept;
}
template <std::size_t Bits>
ceremony<Bits>& shared(std::uint32_t quorum, std::uint32_t trustees) {
    auto& [of, kept] = last_ceremony();
    if (const parameters wanted{Bits, quorum, trustees}; !kept || of != wanted) {
        kept.reset();
        kept = std::make_shared<ceremony<Bits>>(quorum, trustees, most);
        of = wanted;
    }
    return *static_cast<ceremony<Bits>*>(kept.get());
}

// Powers c^(2 Delta s_1) of the first ciphertexts, secret (mpz_powm_sec) or public (mpz_powm).
template <std::size_t Bits>
void baseline_powers(const ceremony<Bits>& with, bool constant_time) {
    const bigint exponent = with.dealt.shares[0].exponent().expose() * 2;
    bigint out;
    for (std::size_t k = 0; k < baseline_count; ++k) {
        const bigint base = with.made.ciphertexts[k];
        (constant_time ? mpz_powm_sec : mpz_powm)(out.get(), base.get(), exponent.get(),
                                                  with.key.modulus().get());
        benchmark::DoNotOptimize(out.get());
    }
}

template <std::size_t Bits>
void partial_decryption(benchmark::State& state, std::uint32_t quorum, std::uint32_t trustees) {
    auto& with = shared<Bits>(quorum, trustees);
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

template <std::size_t Bits>
void verify_partial(benchmark::State& state, std::uint32_t quorum, std::uint32_t trustees) {
    auto& with = shared<Bits>(quorum, trustees);
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

template <std::size_t Bits>
void combine(benchmark::State& state, std::uint32_t quorum, std::uint32_t trustees) {
    auto& with = shared<Bits>(quorum, trustees);
    const auto count = static_cast<std::size_t>(state.range(0));
    const auto ciphertexts = with.made.ciphertexts.slice(0, count);
    std::vector<threshold::verified_partial<scheme<Bits>>> partials;
    for (std::size_t i = 0; i < quorum; ++i) {
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

// One turn is one session: `quorum` trustees of `trustees`, each with one proof for all ciphertexts. Times
// are for one ciphertext and one trustee (combine: one ciphertext); the baseline of verifying is the powers
// again.
template <std::uint32_t Quorum, std::uint32_t Trustees>
void opening(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    ceremony<3072> with(Quorum, Trustees, count);
    const auto& ciphertexts = with.made.ciphertexts;
    const auto each = [&](double seconds) { return 1e6 * seconds / static_cast<double>(count); };
    double decrypt = 0, verify = 0, combine = 0, again = 0;
    std::size_t proof_bytes = 0;
    for (auto _ : state) {
        std::vector<threshold::verified_partial<scheme<3072>>> partials;
        for (std::uint32_t i = 0; i < Quorum; ++i) {
            // The last ones of the trustees, so that Lagrange coefficients are those of an uneven quorum.
            const auto& share = with.dealt.shares[Trustees - 1 - i];
            std::optional<threshold::partial_decryption<scheme<3072>>> sent;
            decrypt += bench::seconds_of([&] {
                if (auto made = threshold::partially_decrypt(with.key, with.dealt.verification, share,
                                                             ciphertexts, with.context, with.rng))
                    sent = *std::move(made);
            });
            if (!sent) return state.SkipWithError("no partial decryption");
            proof_bytes =
                sent->serialize().size() - 6 - sent->values().size() * scheme<3072>::ciphertext_bytes;
            verify += bench::seconds_of([&] {
                if (auto checked = threshold::verify_partial(with.key, with.dealt.verification, ciphertexts,
                                                             *sent, with.context))
                    partials.push_back(*std::move(checked));
            });
            again += bench::seconds_of([&] { baseline_powers(with, false); });
        }
        if (partials.size() != Quorum) return state.SkipWithError("a valid proof was refused");
        combine += bench::seconds_of([&] {
            const auto opened = threshold::combine(with.key, with.who, partials);
            for (std::size_t k = 0; k < count; ++k)
                if (!opened || (*opened)[k] != with.messages.expose()[k]) partials.clear();
        });
        if (partials.empty()) return state.SkipWithError("wrong plaintext");
    }
    state.SetIterationTime(decrypt + verify + combine);
    state.SetLabel("ciphertext");
    state.counters["decrypt_us"] = each(decrypt) / Quorum;
    state.counters["verify_us"] = each(verify) / Quorum;
    state.counters["combine_us"] = each(combine);
    state.counters["baseline_us"] = 1e6 * again / (Quorum * baseline_count);
    state.counters["ratio"] = state.counters["baseline_us"] / state.counters["verify_us"];
    state.counters["proof_bytes"] = static_cast<double>(proof_bytes);
}

void check_verification_keys(benchmark::State& state) {
    auto& with = shared<3072>(2, 3);
    const auto check = [&] { return with.dealt.verification.check(with.key).has_value(); };
    if (!check()) return state.SkipWithError("honest keys were refused");
    bench::measure(state, "ceremony", 1, [&] { benchmark::DoNotOptimize(check()); });
}

void prove_plaintexts(benchmark::State& state) {
    auto& with = shared<3072>(2, 3);
    const auto statement = *popk::statement::create(with.key, with.made.ciphertexts);
    const auto prove = [&] {
        return popk::prove(with.context, statement, {with.encryptor, with.messages, with.made.exponents},
                           with.rng);
    };
    const auto made = prove();
    if (!made || !popk::verify(with.context, statement, *made)) return state.SkipWithError("wrong proof");
    bench::measure(state, "ciphertext", most, [&] { benchmark::DoNotOptimize(prove()); });
    state.counters["bytes"] = static_cast<double>(popk::proof_bytes(most)) / static_cast<double>(most);
}

void verify_plaintexts(benchmark::State& state) {
    auto& with = shared<3072>(2, 3);
    const auto statement = *popk::statement::create(with.key, with.made.ciphertexts);
    const auto made =
        *popk::prove(with.context, statement, {with.encryptor, with.messages, with.made.exponents}, with.rng);
    const auto verify = [&] { return popk::verify(with.context, statement, made).has_value(); };
    if (!verify()) return state.SkipWithError("a valid proof was refused");
    bench::measure(state, "ciphertext", most, [&] { benchmark::DoNotOptimize(verify()); });
}

template <std::size_t Bits>
void add(std::uint32_t quorum, std::uint32_t trustees, std::initializer_list<std::int64_t> checked) {
    const std::string size =
        "/" + std::to_string(Bits) + "x1/" + std::to_string(quorum) + "_of_" + std::to_string(trustees);
    const auto row = [&](const std::string& name, auto* function, std::int64_t count) {
        benchmark::RegisterBenchmark(("Threshold/" + name + size).c_str(), function, quorum, trustees)
            ->ArgName("ciphertexts")
            ->Arg(count)
            ->UseManualTime();
    };
    row("PartialDecryption", partial_decryption<Bits>, 16);
    for (const std::int64_t count : checked) row("VerifyPartial", verify_partial<Bits>, count);
    row("Combine", combine<Bits>, 16);
}

[[maybe_unused]] const bool registered = [] {
    add<2048>(2, 3, {16});
    add<4096>(2, 3, {16});
    add<3072>(2, 3, {16, 200});
    add<3072>(5, 9, {16});
    add<3072>(17, 33, {16});
    return true;
}();
// Ten minutes on one core; the smaller ones show that the proof does not grow.
BENCHMARK(opening<3, 5>)
    ->Name("Threshold/Opening/3072x1/3_of_5")
    ->ArgName("ciphertexts")
    ->Arg(100)
    ->Arg(1000)
    ->Arg(10000)
    ->Iterations(1)
    ->Unit(benchmark::kSecond)
    ->UseManualTime();
BENCHMARK(check_verification_keys)->Name("Threshold/CheckVerificationKeys/3072x1/2_of_3")->UseManualTime();
BENCHMARK(prove_plaintexts)->Name("Proof/ProvePlaintextKnowledge/3072x1/ciphertexts:200")->UseManualTime();
BENCHMARK(verify_plaintexts)->Name("Proof/VerifyPlaintextKnowledge/3072x1/ciphertexts:200")->UseManualTime();

} // namespace
