#include "support/catch.hpp"

#include <veilsum/core/parallel.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

using namespace veilsum;

TEST_CASE("parallel_for: each index is called once", "[core]") {
    for (const std::size_t count : {0u, 1u, 2u, 3u, 64u, 1000u}) {
        const auto calls = std::make_unique<std::atomic<int>[]>(count + 1);
        parallel_for(count, [&](std::size_t i) { ++calls[i]; });
        for (std::size_t i = 0; i < count; ++i)
            if (calls[i] != 1) FAIL_CHECK("index " << i << " of " << count << ": " << calls[i] << " calls");
        CHECK(calls[count] == 0);
    }
}

TEST_CASE("parallel_for: what each index wrote is there afterwards", "[core]") {
    std::vector<std::uint64_t> squares(5000);
    parallel_for(squares.size(), [&](std::size_t i) { squares[i] = std::uint64_t{i} * i; });
    const std::uint64_t n = squares.size() - 1;
    CHECK(std::accumulate(squares.begin(), squares.end(), std::uint64_t{0}) == n * (n + 1) * (2 * n + 1) / 6);
}

TEST_CASE("parallel_for: a loop inside a loop ends", "[core]") {
    std::vector<std::vector<int>> rows(17, std::vector<int>(33, 0));
    parallel_for(rows.size(), [&](std::size_t r) {
        parallel_for(rows[r].size(), [&](std::size_t c) { rows[r][c] = static_cast<int>(r * 33 + c); });
    });
    int expected = 0;
    for (const auto& row : rows)
        for (const int value : row)
            if (value != expected++) FAIL_CHECK("value " << value);
    CHECK(expected == 17 * 33);
}
