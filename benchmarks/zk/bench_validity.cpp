// What validity proofs cost: making and checking one, phase by phase. 3072 bits, 16-bit values, 1024 clients,
// both options (L2, AUDIT), short exponents.
//
// Names: Zk/Phase/BitsxDegree/values. Counters (support/measure.hpp) are for one value of the update.
//
//     ProveValidity       everything but encryption: measured as proving with encryption less encrypting the
//     same
//                         plaintexts, in turn
//     Encrypt             that encryption, for scale
//     CommitPlanes        rows and bit planes: sums, blindings, encodings
//     Sumcheck            round polynomials, bindings, opening vector
//     Link                masks, their commitment and encryption, responses
//     VerifyValidity      one submission alone
//     DecodeElements      its group elements
//     FoldedEquations     one sum of products of the same size as checks 9 and 10
//     VerifyMerged        sixteen submissions, their checks merged; for one value of one client
//
// bytes: of a submission over the values; overhead: over the bare ciphertexts of the values, less one.
// peak_MiB: the most memory that the process held. The submission is verified, and its size compared with the
// shape's, before anything is timed.
#include "support/fixed_key.hpp"
#include "support/measure.hpp"
#include "support/peak_memory.hpp"

#include <veilsum/encoding/row_packing.hpp>
#include <veilsum/paillier/key_generation.hpp>
#include <veilsum/random/system_random.hpp>
#include <veilsum/zk/validity_prover.hpp>
#include <veilsum/zk/validity_verifier.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace veilsum;
using scheme = bench::fixed_scheme;
using encryptor = paillier::encryptor<scheme>;

// One client's values and submission, and what made and checks it.
class proved_update {
  public:
    explicit proved_update(std::uint32_t d)
        : values(drawn(d)), layout(layout_of(values)),
          shared(std::make_shared<const encryptor>(
              paillier::make_public_key<scheme>(bench::fixed_safe_primes(), rng).value())),
          prover(shared, layout), verifier(shared->key(), layout),
          rows(encoding::lay_out(layout, values, rng).value()),
          plaintexts(encoding::pack_rows(layout, rows).value()) {
        context.key = shared->key().id();
        context.parameters = layout.digest();
        submission = prover.prove(context, values, rng).value();
    }

    static std::vector<std::int32_t> drawn(std::uint32_t d) {
        random::system_random source;
        std::vector<std::int32_t> out(d);
        bytes raw(2 * std::size_t{d});
        source.fill(raw);
        for (std::size_t j = 0; j < out.size(); ++j)
            out[j] = static_cast<std::int16_t>(static_cast<std::uint16_t>(raw[2 * j] | raw[2 * j + 1] << 8));
        return out;
    }
    static encoding::matrix_layout layout_of(const std::vector<std::int32_t>& values) {
        encoding::layout_parameters p;
        p.nbits = 3072;
        p.b = 16;
        p.m = 1024;
        p.wmax = 1;
        p.d = static_cast<std::uint32_t>(values.size());
        p.flags = encoding::flag_l2 | encoding::flag_audit;
        p.a = static_cast<std::uint32_t>(encryptor::exponent_bits);
        p.md = encoding::smallest_digit_count(p.b, p.wmax);
        const auto slots = encoding::slot_layout::create(scheme::plaintext_bits, p.b, p.m).value();
        p.C = encoding::recommended_columns(p.d, p.b, slots.slots(), p.md);
        std::uint64_t squares = 0;
        for (const std::int64_t x : values) squares += static_cast<std::uint64_t>(x * x);
        p.B2 = encoding::norm_bound_bytes(squares);
        return encoding::matrix_layout::create(p).value();
    }
    bool verifies() { return verifier.verify(context, submission, rng).has_value(); }

    random::system_random rng;
    std::vector<std::int32_t> values;
    encoding::matrix_layout layout;
    std::shared_ptr<const encryptor> shared;
    zk::validity_prover<scheme> prover;
    zk::validity_verifier<scheme> verifier;
    encoding::row_matrix rows;
    paillier::plaintext_vector plaintexts;
    transcript::context context;
    bytes submission;
};

// The last one is kept: phases of one size follow each other.
proved_update& update_of(std::uint32_t d) {
    static std::unique_ptr<proved_update> last;
    if (!last || last->values.size() != d) {
        last.reset();
        last = std::make_unique<proved_update>(d);
    }
    return *last;
}

void prove(benchmark::State& state, proved_update& own) {
    const bench::peak_memory memory;
    double proving = 0, encrypting = 0;
    for (auto _ : state) {
        const double both = bench::seconds_of(
            [&] { benchmark::DoNotOptimize(own.prover.prove(own.context, own.values, own.rng)); });
        const double encryption = bench::seconds_of(
            [&] { benchmark::DoNotOptimize(own.shared->encrypt(own.plaintexts, own.rng)); });
        state.SetIterationTime(both);
        proving += both - encryption;
        encrypting += encryption;
    }
    const auto each = static_cast<double>(state.iterations()) * static_cast<double>(own.values.size());
    state.SetLabel("value");
    state.counters["us"] = 1e6 * proving / each;
    state.counters["encrypt_us"] = 1e6 * encrypting / each;
    state.counters["bytes"] =
        static_cast<double>(own.submission.size()) / static_cast<double>(own.values.size());
    const std::size_t bare = own.layout.data_rows() * own.layout.blocks() * own.layout.ciphertext_bytes();
    state.counters["overhead"] = static_cast<double>(own.submission.size()) / static_cast<double>(bare) - 1;
    state.counters["peak_MiB"] = memory.mebibytes();
}

void commit_planes(benchmark::State& state, proved_update& own) {
    const pedersen::plane_committer committer(own.layout.columns());
    const auto blindings = pedersen::row_blindings(own.layout, own.rows);
    secret<std::vector<group::scalar>> planes{
        std::vector<group::scalar>(own.layout.rows() * (own.layout.value_bits() - 1))};
    for (group::scalar& each : planes.expose()) each = group::scalar::random(own.rng);
    bench::measure(state, "value", own.values.size(), [&] {
        benchmark::DoNotOptimize(
            committer.commit_planes(own.rows, blindings, planes, own.layout.value_bits()));
    });
}

// Challenges of a made-up conversation.
zk::validity_challenges drawn_challenges(proved_update& own) {
    zk::validity_challenges said;
    for (std::size_t i = 0; i < own.layout.rows(); ++i) {
        said.e.push_back(random::random_bytes<16>(own.rng));
        said.row_weights.push_back(group::scalar::from_little_endian(said.e.back()));
    }
    for (std::size_t j = 0; j < own.layout.variables(); ++j) {
        said.tau.push_back(group::scalar::random(own.rng));
        said.r.push_back(group::scalar::random(own.rng));
    }
    said.gamma = group::scalar::random(own.rng);
    said.theta = group::scalar::random(own.rng);
    return said;
}

void sumcheck(benchmark::State& state, proved_update& own) {
    const auto said = drawn_challenges(own);
    const auto slack = zk::norm_slack(own.layout, own.rows.expose());
    bench::measure(state, "value", own.values.size(), [&] {
        zk::sumcheck_prover rounds(own.layout, own.rows.expose(), slack.expose(), said.row_weights, said.tau,
                                   said.gamma);
        for (const group::scalar& r : said.r) {
            benchmark::DoNotOptimize(rounds.round());
            rounds.bind(r);
        }
        benchmark::DoNotOptimize(rounds.opening(said.theta));
    });
}

void link(benchmark::State& state, proved_update& own) {
    const auto said = drawn_challenges(own);
    const zk::link_windows windows(own.layout);
    const pedersen::plane_committer committer(own.layout.columns());
    const auto blindings = pedersen::row_blindings(own.layout, own.rows);
    const auto encrypted = own.shared->encrypt(own.plaintexts, own.rng).value();
    bench::measure(state, "value", own.values.size(), [&] {
        auto masks = zk::link_masks::draw(own.layout, windows, own.rng);
        benchmark::DoNotOptimize(committer.commit(masks.scalars(), masks.blinding()));
        benchmark::DoNotOptimize(own.shared->commit(
            paillier::plaintext_vector(masks.packed(own.layout, own.shared->key().n())), masks.exponents()));
        benchmark::DoNotOptimize(zk::answer_link(own.layout, windows,
                                                 {own.rows.expose(), blindings.expose(), encrypted.exponents},
                                                 said.e, std::move(masks)));
    });
}

void verify(benchmark::State& state, proved_update& own) {
    if (!own.verifies() || own.submission.size() != own.verifier.shape().total())
        return state.SkipWithError("an honest submission was refused");
    bench::measure(state, "value", own.values.size(), [&] { benchmark::DoNotOptimize(own.verifies()); });
}

// Sixteen clients with the same values.
void verify_merged(benchmark::State& state, proved_update& own) {
    using verifier = zk::validity_verifier<scheme>;
    constexpr std::size_t clients = 16;
    std::vector<bytes> sent;
    std::vector<verifier::candidate> candidates(clients, {own.context, {}});
    for (std::size_t u = 0; u < clients; ++u) {
        candidates[u].here.party[0] = static_cast<std::uint8_t>(u);
        sent.push_back(own.prover.prove(candidates[u].here, own.values, own.rng).value());
    }
    for (std::size_t u = 0; u < clients; ++u) candidates[u].data = sent[u];
    const auto all_accepted = [&] {
        for (const auto& verdict : own.verifier.verify_merged(candidates, own.rng))
            if (!verdict) return false;
        return true;
    };
    if (!all_accepted()) return state.SkipWithError("an honest submission was refused");
    const bench::peak_memory memory;
    bench::measure(state, "value", clients * own.values.size(),
                   [&] { benchmark::DoNotOptimize(all_accepted()); });
    state.counters["peak_MiB"] = memory.mebibytes();
}

std::size_t elements_of(const proved_update& own) {
    std::size_t count = 0;
    for (const zk::field_place& place : own.verifier.shape().fields())
        if (place.kind == zk::field_kind::element) count += place.count;
    return count;
}

void decode_elements(benchmark::State& state, proved_update& own) {
    std::vector<group::point> points(elements_of(own));
    bytes encoded;
    for (const zk::field_place& place : own.verifier.shape().fields())
        if (place.kind == zk::field_kind::element)
            encoded.insert(encoded.end(), own.submission.begin() + static_cast<std::ptrdiff_t>(place.offset),
                           own.submission.begin() + static_cast<std::ptrdiff_t>(place.offset + place.size()));
    bench::measure(state, "value", own.values.size(),
                   [&] { benchmark::DoNotOptimize(group::parse_all(encoded, points)); });
}

void folded_equations(benchmark::State& state, proved_update& own) {
    const std::size_t count = elements_of(own) + own.layout.columns() + 4;
    std::vector<group::scalar> scalars(count);
    for (group::scalar& each : scalars) each = group::scalar::random(own.rng);
    std::vector<byte_array<64>> seeds(count);
    for (auto& seed : seeds) own.rng.fill(seed);
    const std::vector<group::point> points = group::from_uniform_all(seeds);
    bench::measure(state, "value", own.values.size(),
                   [&] { benchmark::DoNotOptimize(group::sum_of_products_vartime(scalars, points)); });
}

void add(std::uint32_t d) {
    const std::string parameters = "/3072x1/" + std::to_string(d) + "_values";
    const auto phase = [&](const std::string& name, void (*run)(benchmark::State&, proved_update&)) {
        benchmark::RegisterBenchmark(("Zk/" + name + parameters).c_str(), [d, run](benchmark::State& state) {
            run(state, update_of(d));
        })->UseManualTime();
    };
    phase("ProveValidity", prove);
    phase("CommitPlanes", commit_planes);
    phase("Sumcheck", sumcheck);
    phase("Link", link);
    phase("VerifyValidity", verify);
    phase("DecodeElements", decode_elements);
    phase("FoldedEquations", folded_equations);
    if (d <= 252398) phase("VerifyMerged", verify_merged);
}

[[maybe_unused]] const bool registered = [] {
    for (const std::uint32_t d : {1000u, 20000u, 252398u, 1000000u}) add(d);
    return true;
}();

} // namespace
