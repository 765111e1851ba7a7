// What a round will cost, predicted from rounds of a few clients that are played here and now.
//
//     ./run bench estimate --parameters 252398 --clients 100 --key 3072
//     ./run bench estimate ... --check          then plays that round and compares
//
// Exit status: 0; 1 if the check missed (more than 20 % off in the round, the audit or a step that counts),
// 2 for dimensions that no round can have.
#include "estimate/bill_table.hpp"
#include "estimate/step_costs.hpp"
#include "support/played_round.hpp"

#include <veilsum/aggregation/model.hpp>
#include <veilsum/aggregation/opening.hpp>
#include <veilsum/zk/validity_shape.hpp>

#include <CLI/CLI.hpp>
#ifdef _OPENMP
#include <omp.h>
#endif

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace veilsum;
using namespace veilsum::bench;

struct request {
    std::uint32_t parameters = 0, clients = 0, key = 3072, quorum = 2, trustees = 3;
    bool check = false;
};

constexpr int done = 0, missed = 1, bad_usage = 2;

// The lengths of everything that is sent and kept: they follow from the layout.
template <class Scheme>
round_bytes bytes_of(const encoding::matrix_layout& layout, const request& wish, std::size_t log_entry) {
    const auto who = threshold::structure::create(wish.quorum, wish.trustees).value();
    round_bytes out;
    out.contribution = wire::frame_header_bytes + aggregation::contribution_header::size +
                       zk::validity_shape(layout).total();
    out.answer = wire::frame_header_bytes + aggregation::partial_header::size +
                 threshold::partial_decryption<Scheme>::serialized_bytes(who, layout.ciphertexts());
    out.model = wire::frame_header_bytes + 4 + 4 * layout.values();
    out.aggregate = layout.ciphertexts() * Scheme::ciphertext_bytes;
    out.opening = aggregation::opening::serialized_bytes(layout);
    out.contribution_entry = log_entry;
    return out;
}

// Plays the round and says what it cost; nothing if it went wrong.
template <class Scheme>
std::unique_ptr<played_round<Scheme>> play(const round_dimensions& size, const std::string& what) {
    examples::progress_bar bar(what, "contributions");
    auto round = std::make_unique<played_round<Scheme>>(size, bar.watcher());
    if (round->opened_correctly()) return round;
    std::fprintf(stderr, "estimate: %s opened to a wrong sum\n", what.c_str());
    return nullptr;
}

// What is played has three clients, so that every step is done some times, and room for as many as the round
// asked for, because the room decides how many values a ciphertext holds. Up to the largest of these sizes it
// is the round's own, and nothing but the number of clients is predicted.
constexpr std::array<std::uint32_t, 4> small_rounds{1000, 6000, 20000, 64000};
constexpr std::uint32_t small_cohort = 3;
constexpr int repeats = 5;

template <class Scheme>
std::optional<round_bill> predict(const request& wish, const encoding::matrix_layout& layout) {
    const bool own_size = wish.parameters <= small_rounds.back();
    const auto values =
        own_size ? std::vector{wish.parameters} : std::vector(small_rounds.begin(), small_rounds.end());
    std::vector<double> starts, tables;
    std::size_t log_entry = 0;
    std::vector<step_seconds> times(values.size());
    for (int repeat = 0; repeat < repeats; ++repeat)
        for (std::size_t k = 0; k < values.size(); ++k) {
            const round_dimensions size{values[k], small_cohort, wish.quorum, wish.trustees, wish.clients};
            auto round = play<Scheme>(size, std::to_string(values[k]) + " values");
            if (!round) return std::nullopt;
            log_entry = round->bytes_sent().contribution_entry;
            if (!round->finish_and_audit()) {
                std::fputs("estimate: the audit of a small round did not accept it\n", stderr);
                return std::nullopt;
            }
            starts.push_back(round->start_seconds());
            tables.push_back(round->table_seconds());
            for (std::size_t i = 0; i < round_steps; ++i) {
                const auto step = static_cast<round_step>(i);
                for (const double taken : round->seconds()[step]) times[k][step].push_back(taken);
            }
        }

    round_bill bill;
    bill.clients = wish.clients;
    bill.quorum = wish.quorum;
    bill.start_seconds = median(starts);
    bill.table_seconds = median(tables);
    for (std::size_t i = 0; i < round_steps; ++i) {
        const auto step = static_cast<round_step>(i);
        if (own_size) {
            bill.seconds[step] = median(times[0][step]);
            continue;
        }
        std::vector<cost_sample> samples;
        for (std::size_t k = 0; k < values.size(); ++k) {
            const auto shape =
                layout_of<Scheme>({values[k], small_cohort, wish.quorum, wish.trustees, wish.clients});
            samples.push_back({terms_of(shape.value()), median(times[k][step])});
        }
        const auto factors = fit_costs(samples);
        if (!factors) {
            std::fputs("estimate: a step took no time that could be measured\n", stderr);
            return std::nullopt;
        }
        bill.seconds[step] = cost_at(*factors, terms_of(layout));
    }
    bill.audit_seconds = bill.audit_of_steps();
    bill.bytes = bytes_of<Scheme>(layout, wish, log_entry);
    return bill;
}

// The bill of a round that was played with all its clients.
template <class Scheme>
std::optional<round_bill> real_bill(const request& wish) {
    const round_dimensions size{wish.parameters, wish.clients, wish.quorum, wish.trustees};
    auto round = play<Scheme>(size, "the real round");
    if (!round) return std::nullopt;
    round_bill bill;
    bill.clients = wish.clients;
    bill.quorum = wish.quorum;
    bill.start_seconds = round->start_seconds();
    bill.table_seconds = round->table_seconds();
    const auto audited = round->finish_and_audit();
    if (!audited) {
        std::fputs("estimate: the audit of the real round did not accept it\n", stderr);
        return std::nullopt;
    }
    bill.audit_seconds = *audited;
    bill.bytes = round->bytes_sent();
    for (std::size_t i = 0; i < round_steps; ++i) {
        const auto step = static_cast<round_step>(i);
        double sum = 0;
        for (const double taken : round->seconds()[step]) sum += taken;
        bill.seconds[step] = sum / static_cast<double>(round->seconds()[step].size());
    }
    return bill;
}

template <std::size_t ModulusBits>
int estimate(const request& wish) {
    using scheme = paillier::scheme<ModulusBits>;
    const auto layout = layout_of<scheme>({wish.parameters, wish.clients, wish.quorum, wish.trustees});
    if (!layout) {
        std::fprintf(stderr, "estimate: no round of these dimensions: %s\n",
                     layout.error().describe().c_str());
        return bad_usage;
    }
    std::printf("%u values of 16 bits, %u clients, %u of %u trustees, %zu bits: %zu rows of %zu columns, %zu "
                "ciphertexts\n\n",
                wish.parameters, wish.clients, wish.quorum, wish.trustees, ModulusBits, layout->rows(),
                layout->columns(), layout->ciphertexts());
    std::fflush(stdout);
    const auto predicted = predict<scheme>(wish, *layout);
    if (!predicted) return missed;
    std::fputs(table_of(*predicted).c_str(), stdout);
    std::fflush(stdout);
    if (!wish.check) return done;
    const auto real = real_bill<scheme>(wish);
    if (!real) return missed;
    const comparison compared = compare_bills(*predicted, *real);
    std::printf("\n%s%s\n", compared.text.c_str(),
                compared.good ? "check: within 20 %" : "check: MISSED, more than 20 % off");
    return compared.good ? done : missed;
}

int run(int argc, char** argv) {
    CLI::App app("Predicts what a round with validity proofs costs each party, in processor time and bytes, "
                 "from rounds of a few clients that it plays on this machine (about a minute).");
    app.name("./run bench estimate");
    request wish;
    app.add_option("--parameters", wish.parameters, "values of an update")
        ->required()
        ->check(CLI::Range(1u, std::uint32_t{encoding::largest_dimension}));
    app.add_option("--clients", wish.clients, "clients, of weight 1")
        ->required()
        ->check(CLI::Range(2u, std::uint32_t{aggregation::roster::max_clients}));
    app.add_option("--key", wish.key, "bits of the modulus: 2048, 3072 or 4096 (default 3072)")
        ->check(CLI::IsMember({2048, 3072, 4096}));
    app.add_option("--quorum", wish.quorum, "trustees who answer (default 2)")->check(CLI::Range(1u, 64u));
    app.add_option("--trustees", wish.trustees, "trustees (default 3)")->check(CLI::Range(1u, 64u));
    app.add_flag("--check", wish.check,
                 "then play that very round, which takes as long as predicted, and compare");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
        return app.exit(wrong) == 0 ? done : bad_usage;
    }
    if (wish.quorum > wish.trustees || 2 * wish.quorum <= wish.trustees) {
        std::fputs("estimate: the quorum is more than half of the trustees, and at most all of them\n",
                   stderr);
        return bad_usage;
    }
#ifdef _OPENMP
    if (std::getenv("OMP_NUM_THREADS") == nullptr) omp_set_num_threads(1);
#endif
    switch (wish.key) {
    case 2048:
        return estimate<2048>(wish);
    case 3072:
        return estimate<3072>(wish);
    default:
        return estimate<4096>(wish);
    }
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& wrong) { // of the standard library: no memory, no disk
        std::fprintf(stderr, "estimate: %s\n", wrong.what());
        return missed;
    }
}
