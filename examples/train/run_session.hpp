// The programs that are compiled once a key size: each run_*.cpp holds one, so that they build side by side.
#pragma once

#include "train/options.hpp"

#include <veilsum/core/result.hpp>

namespace train {

struct learning_task;

veilsum::result<void> run_2048(const options& given, const learning_task& task);
veilsum::result<void> run_3072(const options& given, const learning_task& task);
veilsum::result<void> run_4096(const options& given, const learning_task& task);

} // namespace train
