// The report of a run: one HTML file without anything from elsewhere, plots as inline SVG.
#pragma once

#include "train/metrics.hpp"

#include <string>
#include <vector>

namespace train {

std::string html_report(const run_facts& facts, const std::vector<round_metrics>& rounds);

} // namespace train
