#include "support/catch.hpp"
#include "support/ends_process.hpp"

#include <veilsum/learn/data_set.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

using namespace veilsum::learn;
namespace test = veilsum::test;

namespace {

// Example i is (i, -i) with class i mod 3, so that it can be recognised wherever it goes.
data_set numbered(std::size_t count) {
    data_set data{matrix<float>(static_cast<Eigen::Index>(count), 2), {}, 3};
    for (std::size_t i = 0; i < count; ++i) {
        data.inputs(static_cast<Eigen::Index>(i), 0) = static_cast<float>(i);
        data.inputs(static_cast<Eigen::Index>(i), 1) = -static_cast<float>(i);
        data.labels.push_back(static_cast<std::int32_t>(i % 3));
    }
    return data;
}

std::vector<std::size_t> numbers_of(const data_set& data) {
    std::vector<std::size_t> numbers;
    for (std::size_t i = 0; i < data.size(); ++i) {
        const auto number = static_cast<std::size_t>(data.inputs(static_cast<Eigen::Index>(i), 0));
        CHECK(data.inputs(static_cast<Eigen::Index>(i), 1) == -static_cast<float>(number));
        CHECK(data.labels[i] == static_cast<std::int32_t>(number % 3));
        numbers.push_back(number);
    }
    return numbers;
}

} // namespace

TEST_CASE("data set: a subset has the rows asked for, in that order", "[learn]") {
    const data_set data = numbered(5);
    const data_set part = data.subset({4, 0, 4});
    CHECK(part.size() == 3);
    CHECK(part.features() == 2);
    CHECK(part.classes == 3);
    CHECK(numbers_of(part) == std::vector<std::size_t>{4, 0, 4});
    CHECK(data.subset({}).size() == 0);
    CHECK(data.subset({}).features() == 2);
    CHECK(test::ends_process([&] { static_cast<void>(data.subset({5})); }));
}

TEST_CASE("data set: parts are disjoint, together everything, and their sizes differ by at most one",
          "[learn]") {
    for (const std::size_t count : {1u, 2u, 10u, 101u}) {
        for (const std::size_t parts : {1u, 2u, 3u, 7u}) {
            const data_set data = numbered(count);
            const auto dealt = data.partition(parts, 9);
            REQUIRE(dealt.size() == parts);
            std::vector<std::size_t> all;
            std::size_t least = count, most = 0;
            for (const data_set& part : dealt) {
                least = std::min(least, part.size());
                most = std::max(most, part.size());
                CHECK(part.classes == 3);
                for (const std::size_t number : numbers_of(part)) all.push_back(number);
            }
            CHECK(most - least <= 1);
            std::sort(all.begin(), all.end());
            REQUIRE(all.size() == count);
            for (std::size_t i = 0; i < count; ++i) CHECK(all[i] == i);
        }
    }
    CHECK(test::ends_process([] { static_cast<void>(numbered(3).partition(0, 1)); }));
}

TEST_CASE("data set: the seed decides who gets what", "[learn]") {
    const data_set data = numbered(100);
    const auto first = data.partition(2, 1);
    CHECK(numbers_of(first[0]) == numbers_of(data.partition(2, 1)[0]));
    CHECK(numbers_of(first[0]) != numbers_of(data.partition(2, 2)[0]));
    const std::vector<std::size_t> order = numbers_of(first[0]);
    CHECK(!std::is_sorted(order.begin(), order.end()));
}
