// The loaders on published data sets, where those are present.
#include "support/catch.hpp"
#include "support/shared_data.hpp"
#include "support/skip.hpp"

#include <veilsum/learn/csv.hpp>
#include <veilsum/learn/idx.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

using namespace veilsum::learn;
namespace test = veilsum::test;

namespace {

std::vector<std::size_t> class_sizes(const data_set& data) {
    std::vector<std::size_t> sizes(static_cast<std::size_t>(data.classes));
    for (const std::int32_t label : data.labels) ++sizes.at(static_cast<std::size_t>(label));
    return sizes;
}

} // namespace

TEST_CASE("real data: MNIST", "[learn]") {
    const auto folder = test::shared_data("mnist");
    if (!folder) return test::skip_case(test::where_shared_data_is_sought());
    const auto mnist = read_mnist(*folder);
    REQUIRE(mnist);
    CHECK(mnist->train.size() == 60000);
    CHECK(mnist->test.size() == 10000);
    CHECK(mnist->train.features() == 784);
    CHECK(mnist->test.features() == 784);
    CHECK(mnist->train.inputs.minCoeff() == 0.0F);
    CHECK(mnist->train.inputs.maxCoeff() == 1.0F);
    // Published facts: the first labels are 5 0 4 1 9, the mean of the training pixels is 0.1307.
    CHECK(std::vector<std::int32_t>(mnist->train.labels.begin(), mnist->train.labels.begin() + 5) ==
          std::vector<std::int32_t>{5, 0, 4, 1, 9});
    double sum = 0;
    for (Eigen::Index i = 0; i < mnist->train.inputs.rows(); ++i)
        sum += static_cast<double>(mnist->train.inputs.row(i).sum());
    CHECK(sum / (60000.0 * 784) == Approx(0.1307).margin(5e-5));
    CHECK(class_sizes(mnist->test) ==
          std::vector<std::size_t>{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009});
}

TEST_CASE("real data: optdigits", "[learn]") {
    const auto folder = test::shared_data("uci");
    if (!folder) return test::skip_case(test::where_shared_data_is_sought());
    csv_format format;
    format.label = 64;
    const auto training = read_csv(*folder / "optdigits.tra", format);
    REQUIRE(training);
    const auto testing = read_csv(*folder / "optdigits.tes", format, training->class_names);
    REQUIRE(testing);
    CHECK(training->class_names ==
          std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"});
    CHECK(training->data.size() == 3823);
    CHECK(testing->data.size() == 1797);
    CHECK(training->data.features() == 64);
    CHECK(training->data.inputs.minCoeff() == 0.0F);
    CHECK(training->data.inputs.maxCoeff() == 16.0F);
    // From the data set's own description.
    CHECK(class_sizes(training->data) ==
          std::vector<std::size_t>{376, 389, 380, 389, 387, 376, 377, 387, 380, 382});
    CHECK(class_sizes(testing->data) ==
          std::vector<std::size_t>{178, 182, 177, 183, 181, 182, 181, 179, 174, 180});
}

TEST_CASE("real data: breast cancer, with an id to skip and labels of text", "[learn]") {
    const auto folder = test::shared_data("uci");
    if (!folder) return test::skip_case(test::where_shared_data_is_sought());
    csv_format format;
    format.label = 1;
    format.skipped = {0};
    auto read = read_csv(*folder / "wdbc.data", format);
    REQUIRE(read);
    CHECK(read->data.size() == 569);
    CHECK(read->data.features() == 30);
    CHECK(read->class_names == std::vector<std::string>{"B", "M"});
    CHECK(class_sizes(read->data) == std::vector<std::size_t>{357, 212});
    standardisation::of(read->data).apply(read->data);
    for (Eigen::Index c = 0; c < 30; ++c) {
        CHECK(read->data.inputs.col(c).mean() == Approx(0).margin(1e-4));
        CHECK(read->data.inputs.col(c).squaredNorm() / 569 == Approx(1).epsilon(1e-3));
    }
}
