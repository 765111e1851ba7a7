// Comma-separated values with numeric features and one label column.
//
// Each line is an example; all lines have the same number of fields. The label may be any text; classes are numbered in
// the alphabetical order of the labels, or taken from another data set's names so that train and test agree. Spaces
// around fields and empty lines are ignored; there is no quoting. Errors name the file, the line and the field.
#pragma once

#include <veilsum/core/result.hpp>
#include <veilsum/learn/data_set.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veilsum::learn {

struct csv_format {
    std::size_t label = 0;             // field that holds the label
    std::vector<std::size_t> skipped;  // fields that are no features, such as an id
    bool header = false;               // the first line names the fields
    char separator = ',';
};

struct csv_data {
    data_set data;
    std::vector<std::string> class_names; // label text of each class number
};

// `class_names` empty: take them from the file. Errors: errc::io cannot open; errc::malformed a field that is not a
// finite number, or a line with another number of fields; errc::missing no examples; errc::out_of_range a label that
// is not among the given names.
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
        const std::size_t before = values.size();
        for (std::size_t f = 0; f < fields.size(); ++f) {
            if (f == format.label) {
                labels.emplace_back(fields[f]);
                continue;
            }
            if (std::find(format.skipped.begin(), format.skipped.end(), f) != format.skipped.end()) continue;
            float value = 0;
            const char* end = fields[f].data() + fields[f].size();
            const auto parsed = std::from_chars(fields[f].data(), end, value);
            if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(value))
                return error{errc::malformed, "field is not a number", 0, place + ", field " + std::to_string(f + 1)};
            values.push_back(value);
        }
        features = values.size() - before;
    }
    if (in.bad()) return error{errc::io, "cannot read file", 0, path.string()};
    if (labels.empty() || features == 0) return error{errc::missing, "examples", 0, path.string()};
    if (class_names.empty()) {
        const std::set<std::string> distinct(labels.begin(), labels.end());
        class_names.assign(distinct.begin(), distinct.end());
    }
    csv_data read;
    read.data.inputs = Eigen::Map<const matrix<float>>(values.data(), static_cast<Eigen::Index>(labels.size()),
                                                       static_cast<Eigen::Index>(features));
    read.data.classes = static_cast<std::int32_t>(class_names.size());
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto at = std::find(class_names.begin(), class_names.end(), labels[i]);
        if (at == class_names.end())
            return error{errc::out_of_range, "label", 0, path.string() + ", example " + std::to_string(i + 1)};
        read.data.labels.push_back(static_cast<std::int32_t>(at - class_names.begin()));
    }
    read.class_names = std::move(class_names);
    return read;
}

// Shift and scale that give each feature mean 0 and variance 1 on the set they were taken from; a constant feature
// becomes 0.
struct standardisation {
    row_vector<float> mean;
    row_vector<float> scale;

    static standardisation of(const data_set& data) {
        const Eigen::Index columns = data.inputs.cols();
        standardisation made{row_vector<float>(columns), row_vector<float>(columns)};
        const auto count = static_cast<double>(data.size());
        for (Eigen::Index c = 0; c < columns; ++c) {
            double sum = 0;
            double squares = 0;
            for (Eigen::Index i = 0; i < data.inputs.rows(); ++i) sum += static_cast<double>(data.inputs(i, c));
            const double mean = sum / count;
            for (Eigen::Index i = 0; i < data.inputs.rows(); ++i) {
                const double difference = static_cast<double>(data.inputs(i, c)) - mean;
                squares += difference * difference;
            }
            made.mean(c) = static_cast<float>(mean);
            made.scale(c) = squares > 0 ? static_cast<float>(1.0 / std::sqrt(squares / count)) : 0.0F;
        }
        return made;
    }
    void apply(data_set& data) const {
        for (Eigen::Index i = 0; i < data.inputs.rows(); ++i)
            data.inputs.row(i) = (data.inputs.row(i) - mean).cwiseProduct(scale);
    }
};

} // namespace veilsum::learn
