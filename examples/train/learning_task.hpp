// What the clients learn: a training set that is dealt out to them, and a test set.
#pragma once

#include <veilsum/learn/data_set.hpp>

#include <string>

namespace train {

struct learning_task {
    std::string description;
    veilsum::learn::data_set train;
    veilsum::learn::data_set test;
};

} // namespace train
