// Comma-separated values with numeric features and one label column.
//
// Each line is an example; all lines have the same number of fields. The label may be any text but none;
// classes are numbered in the order of the labels' bytes, or taken from another data set's names so that
// train and test agree. Every other field that is not skipped is a feature: a finite decimal number such as
// 5, -0.25 or 1e-3, in the range of float, without a plus sign. Spaces, tabs and carriage returns around
// fields are ignored, and so are lines that hold nothing else; there is no quoting and there are no comments.
#pragma once

#include <veilsum/core/contract.hpp>
#include <veilsum/core/result.hpp>
#include <veilsum/learn/data_set.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::learn {

// How to read a file.
struct csv_format {
    std::size_t label = 0;            // field that holds the label, from 0
    std::vector<std::size_t> skipped; // fields that are no features, such as an id, from 0
    bool header = false;              // the first line of the file names the fields and is not read
    char separator = ',';             // between fields
};

// What a file held.
struct csv_data {
    data_set data;                        // features and labels, in the order of the lines
    std::vector<std::string> class_names; // label text of each class number
};

// Reads a whole file. `class_names` empty: take them from the file; else class i is class_names[i], whether
// or not the file has an example of it.
//
// Errors, with the first thing that is wrong in the order of the file, lines and fields counted from 1:
//   io             "cannot open file", "cannot read file"                 FILE
//   malformed      "number of fields": not that of the first example      FILE, line L
//   bad_parameter  "label field", "skipped field": there is none such     FILE, line L
//   malformed      "field is not a number"                                FILE, line L, field F
//   malformed      "label is empty"                                       FILE, line L, field F
//   out_of_range   "label": not among `class_names`                       FILE, line L, field F
//   missing        "examples", "features": none at all                    FILE
inline result<csv_data> read_csv(const std::filesystem::path& path, const csv_format& format,
                                 std::vector<std::string> class_names = {}) {
    std::ifstream in(path);
    if (!in) return error{errc::io, "cannot open file", 0, path.string()};
    const auto trim = [](std::string_view text) {
        constexpr std::string_view blank = " \t\r";
        const std::size_t first = text.find_first_not_of(blank);
        if (first == std::string_view::npos) return std::string_view();
        return text.substr(first, text.find_last_not_of(blank) - first + 1);
    };
    const auto is_among = [](const auto& list, const auto& item) {
        return std::find(list.begin(), list.end(), item) != list.end();
    };
    std::vector<float> values;
    std::vector<std::string> labels;
    std::size_t fields_expected = 0;
    std::size_t features = 0;
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (trim(line).empty() || (format.header && number == 1)) continue;
        const std::string place = path.string() + ", line " + std::to_string(number);
        std::vector<std::string_view> fields;
        for (std::string_view rest = line;;) {
            const std::size_t end = rest.find(format.separator);
            fields.push_back(trim(rest.substr(0, end)));
            if (end == std::string_view::npos) break;
            rest.remove_prefix(end + 1);
        }
        if (fields_expected == 0) fields_expected = fields.size();
        if (fields.size() != fields_expected) return error{errc::malformed, "number of fields", 0, place};
        if (format.label >= fields.size()) return error{errc::bad_parameter, "label field", 0, place};
        for (const std::size_t f : format.skipped)
            if (f >= fields.size()) return error{errc::bad_parameter, "skipped field", 0, place};
        const std::size_t before = values.size();
        for (std::size_t f = 0; f < fields.size(); ++f) {
            const auto field = [&] { return place + ", field " + std::to_string(f + 1); };
            if (f == format.label) {
                if (fields[f].empty()) return error{errc::malformed, "label is empty", 0, field()};
                if (!class_names.empty() && !is_among(class_names, fields[f]))
                    return error{errc::out_of_range, "label", 0, field()};
                labels.emplace_back(fields[f]);
                continue;
            }
            if (is_among(format.skipped, f)) continue;
            float value = 0;
            const char* end = fields[f].data() + fields[f].size();
            const auto parsed = std::from_chars(fields[f].data(), end, value);
            if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(value))
                return error{errc::malformed, "field is not a number", 0, field()};
            values.push_back(value);
        }
        features = values.size() - before;
    }
    if (in.bad()) return error{errc::io, "cannot read file", 0, path.string()};
    if (labels.empty()) return error{errc::missing, "examples", 0, path.string()};
    if (features == 0) return error{errc::missing, "features", 0, path.string()};
    if (class_names.empty()) {
        const std::set<std::string> distinct(labels.begin(), labels.end());
        class_names.assign(distinct.begin(), distinct.end());
    }
    csv_data read;
    read.data.inputs = Eigen::Map<const matrix<float>>(
        values.data(), static_cast<Eigen::Index>(labels.size()), static_cast<Eigen::Index>(features));
    read.data.classes = static_cast<std::int32_t>(class_names.size());
    read.data.labels.reserve(labels.size());
    for (const std::string& label : labels) {
        const auto at = std::find(class_names.begin(), class_names.end(), label);
        read.data.labels.push_back(static_cast<std::int32_t>(at - class_names.begin()));
    }
    read.class_names = std::move(class_names);
    return read;
}

// Shift and scale that give each feature mean 0 and variance 1 on the set they were taken from (one example
// at least); a feature that is constant there becomes 0 everywhere. Apply the training set's to the test set
// too.
struct standardisation {
    row_vector<float> mean;  // of each feature
    row_vector<float> scale; // 1 / standard deviation of each feature, 0 where it is constant

    // Of all examples; at least one (contract).
    static standardisation of(const data_set& data) {
        expects(data.size() >= 1);
        const Eigen::Index columns = data.inputs.cols();
        standardisation made{row_vector<float>(columns), row_vector<float>(columns)};
        const auto count = static_cast<double>(data.size());
        for (Eigen::Index c = 0; c < columns; ++c) {
            double sum = 0;
            double squares = 0;
            for (Eigen::Index i = 0; i < data.inputs.rows(); ++i)
                sum += static_cast<double>(data.inputs(i, c));
            const double mean = sum / count;
            for (Eigen::Index i = 0; i < data.inputs.rows(); ++i) {
                const double difference = static_cast<double>(data.inputs(i, c)) - mean;
                squares += difference * difference;
            }
            made.mean(c) = static_cast<float>(mean);
            // Capped: differences among the smallest floats would otherwise be scaled by infinity.
            constexpr double largest = std::numeric_limits<float>::max();
            made.scale(c) =
                squares > 0 ? static_cast<float>(std::min(largest, 1.0 / std::sqrt(squares / count))) : 0.0F;
        }
        return made;
    }
    // The data set must have as many features.
    void apply(data_set& data) const {
        expects(data.inputs.cols() == mean.cols());
        for (Eigen::Index i = 0; i < data.inputs.rows(); ++i)
            data.inputs.row(i) = (data.inputs.row(i) - mean).cwiseProduct(scale);
    }
};

} // namespace veilsum::learn
