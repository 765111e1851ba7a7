// train: federated averaging in which every update is encrypted and only sums are opened, in one process.
// A run that is stopped is not resumed: its clients keep their messages in memory (aggregation/outbox.hpp).
#include "support/ceremony_folder.hpp"
#include "support/console.hpp"
#include "train/attack.hpp"
#include "train/learning_task.hpp"
#include "train/options.hpp"
#include "train/run_session.hpp"

#include <veilsum/integer/wiping_memory.hpp>
#include <veilsum/learn/csv.hpp>
#include <veilsum/learn/digits.hpp>
#include <veilsum/learn/idx.hpp>

#include <CLI/CLI.hpp>

#include <filesystem>
#include <string>

namespace {

using examples::errc;
using examples::error;
using examples::result;

result<train::learning_task> load(const train::options& given) {
    using namespace veilsum::learn;
    if (!given.train_csv.empty()) {
        csv_format format;
        format.label = given.label_column - 1;
        auto training = read_csv(given.train_csv, format);
        if (!training) return training.error();
        auto testing = read_csv(given.test_csv, format, training->class_names);
        if (!testing) return testing.error();
        if (training->data.features() != testing->data.features())
            return error{errc::mismatch, "number of features", 0, given.test_csv};
        const auto scaling = standardisation::of(training->data);
        scaling.apply(training->data);
        scaling.apply(testing->data);
        return train::learning_task{given.train_csv, std::move(training->data), std::move(testing->data)};
    }
    if (!given.data.empty()) {
        std::error_code ignored;
        if (!std::filesystem::is_directory(given.data, ignored))
            return error{errc::io, "no such folder", 0, given.data};
        auto mnist = read_mnist(given.data);
        if (!mnist) return mnist.error();
        const std::string name = "MNIST, " + std::to_string(mnist->train.size()) + " images for training, " +
                                 std::to_string(mnist->test.size()) + " for testing";
        return train::learning_task{name, std::move(mnist->train), std::move(mnist->test)};
    }
    const std::string name = "generated digits, " + std::to_string(given.examples) +
                             " images for training, " + std::to_string(given.examples / 4) + " for testing";
    return train::learning_task{name, generate_digits(given.examples, given.seed),
                                generate_digits(given.examples / 4, ~given.seed)};
}

result<void> run(train::options& given) {
    if (!given.keys.empty()) {
        const auto bits = examples::modulus_bits_of_ceremony(given.keys);
        if (!bits) return bits.error();
        given.modulus_bits = *bits;
    }
    if (given.modulus_bits != 2048 && given.modulus_bits != 3072 && given.modulus_bits != 4096)
        return error{errc::bad_parameter, "key size must be 2048, 3072 or 4096 bits", 0,
                     std::to_string(given.modulus_bits) + " bits"};
    std::error_code ignored;
    if (std::filesystem::exists(given.out, ignored))
        return error{errc::duplicate, "output folder exists; nothing in it was touched", 0, given.out};
    const auto task = load(given);
    if (!task) return task.error();
    if (task->train.size() < given.clients)
        return error{errc::bad_parameter, "fewer training examples than clients"};
    switch (given.modulus_bits) {
    case 2048:
        return train::run_2048(given, *task);
    case 4096:
        return train::run_4096(given, *task);
    default:
        return train::run_3072(given, *task);
    }
}

} // namespace

int main(int argc, char** argv) {
    veilsum::integer::wipe_gmp_memory();
    CLI::App app(
        "Federated averaging on encrypted updates: clients, aggregator and trustees in one process.\n"
        "Writes OUT/record, which `audit OUT/record` checks, OUT/receipts with the clients' receipts, and "
        "OUT/private with the trustees' sealed shares and the passphrases that open them.");
    app.option_defaults()->always_capture_default();
    train::options given;
    const auto data =
        app.add_option("--data", given.data, "folder with the MNIST files; default: generated digits");
    const auto csv = app.add_option("--train-csv", given.train_csv, "training set as comma-separated numbers")
                         ->excludes(data);
    app.add_option("--test-csv", given.test_csv, "test set in the same form")->needs(csv);
    csv->needs(app.get_option("--test-csv"));
    app.add_option("--label-column", given.label_column, "column of the label, from 1")
        ->check(CLI::PositiveNumber);
    app.add_option("--examples", given.examples, "generated training images")->check(CLI::Range(40, 1000000));
    app.add_option("--clients", given.clients, "owners of data: each trains on its own")
        ->check(CLI::Range(2, 4096));
    app.add_option("--trustees", given.trustees, "holders of key shares");
    app.add_option("--quorum", given.quorum, "trustees needed to open a sum");
    app.add_option("--minimum-cohort", given.minimum_cohort, "fewest contributions whose sum is opened");
    app.add_option("--bits", given.modulus_bits, "key size: 2048, 3072 or 4096");
    app.add_option(
        "--keys", given.keys,
        "use the ceremony that `keys deal` wrote to this folder; --trustees and --quorum must be its");
    app.add_option("--rounds", given.rounds, "rounds of averaging")->check(CLI::Range(1, 100000));
    app.add_option("--hidden", given.hidden, "hidden units")->check(CLI::Range(1, 100000));
    app.add_option("--activation", given.activation, "relu, tanh or sigmoid")
        ->check(CLI::IsMember({"relu", "tanh", "sigmoid"}));
    app.add_option("--epochs", given.epochs, "local epochs a round")->check(CLI::Range(1, 1000));
    app.add_option("--batch", given.batch, "examples a step")->check(CLI::PositiveNumber);
    app.add_option("--rate", given.rate, "learning rate");
    app.add_option("--momentum", given.momentum, "momentum")->check(CLI::Range(0.0, 0.999));
    app.add_option("--seed", given.seed, "seed of data and training, never of a key");
    app.add_option("--value-bits", given.value_bits, "bits of a quantised value");
    app.add_option("--scale-bits", given.scale_bits, "one unit of a quantised value is 2^-this");
    app.add_option("--clip", given.clip, "Euclidean norm that updates are clipped to");
    app.add_flag("--weigh-by-examples", given.weigh_by_examples,
                 "average with the number of each client's examples as its weight");
    app.add_flag("--uneven", given.uneven, "client i gets i shares of the data, not all the same");
    app.add_option("--draw", given.drawn,
                   "clients of a round after the first, drawn by randomness on the record; 0: all of them");
    const auto epsilon =
        app.add_option(
               "--epsilon", given.epsilon,
               "privacy budget of all rounds: clients add discrete Gaussian noise, and every value gets "
               "as many bits more as that needs; 0: none")
            ->check(CLI::Range(0.0, 1000.0));
    app.add_option("--delta", given.delta, "of the privacy budget")
        ->check(CLI::Range(1e-18, 0.5))
        ->needs(epsilon);
    app.add_option("--colluding", given.colluding, "clients that may give their noise away")->needs(epsilon);
    app.add_option("--attack", given.attack, "let the last client cheat, and see it refused")
        ->check(CLI::IsMember(train::names_of_attacks()));
    app.add_option("--out", given.out, "output folder, which must not exist");
    app.add_flag("--check-plaintext", given.check_plaintext,
                 "compare with summing the same updates in the clear")
        ->excludes(epsilon);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
        return app.exit(wrong) == 0 ? 0 : 2;
    }
    const auto done = run(given);
    return done ? 0 : examples::fail("train", done.error());
}
