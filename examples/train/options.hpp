// What `train` is asked to do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace train {

struct options {
    // data
    std::string data;      // folder with MNIST; empty: generated digits
    std::string train_csv; // with test_csv: comma-separated values instead
    std::string test_csv;
    std::size_t label_column = 1; // of the CSV files, counted from 1
    std::size_t examples = 8000;  // generated training images; a quarter as many for testing

    // parties
    std::size_t clients = 4;
    std::uint32_t trustees = 3;
    std::uint32_t quorum = 2;
    std::uint32_t minimum_cohort = 2;
    std::size_t modulus_bits = 3072;
    bool weigh_by_examples = false; // a client's weight is the number of its examples, else 1
    bool uneven = false;            // client i has i shares of the data, else all the same
    std::uint32_t drawn = 0;        // clients of a round after the first; 0: all
    std::string keys;               // folder of `keys deal`; empty: a ceremony is held here

    // training
    std::size_t rounds = 5;
    std::size_t hidden = 32;
    std::string activation = "relu";
    std::size_t epochs = 2;
    std::size_t batch = 32;
    float rate = 0.05F;
    float momentum = 0.9F;
    std::uint64_t seed = 1; // of the training, the data split and the generated images; never of a key

    // encoding
    unsigned value_bits = 16;
    unsigned scale_bits = 12;
    double clip = 7.5;

    // privacy
    double epsilon = 0; // of all rounds together; 0: no noise
    double delta = 1e-5;
    std::uint32_t colluding = 0; // clients that may tell their noise

    std::string attack; // how the last client cheats; empty: it does not
    std::string out = "demo-out";
    bool check_plaintext = false;
};

} // namespace train
