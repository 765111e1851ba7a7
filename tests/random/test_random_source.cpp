// random/: the concept, the system source (fresh, shareable, different after a fork), and the seeded source
// that all other tests rely on.
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

#include <veilsum/random/random_source.hpp>
#include <veilsum/random/sodium.hpp>
#include <veilsum/random/system_random.hpp>

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

using namespace veilsum;

namespace {

struct reports_failure {
    bool fill(std::span<std::uint8_t>) { return false; }
};
struct fills_a_vector {
    void fill(std::vector<std::uint8_t>&) {}
};
static_assert(!random::random_source<reports_failure>, "a source cannot fail");
static_assert(!random::random_source<fills_a_vector>);
static_assert(random::random_source<random::system_random>);

} // namespace

TEST_CASE("system_random: draws differ, and every byte of the span is written", "[random]") {
    random::system_random rng;
    std::set<byte_array<32>> seen;
    for (int i = 0; i < 200; ++i) seen.insert(random::random_bytes<32>(rng));
    CHECK(seen.size() == 200);

    // A byte that is skipped stays zero in all of 40 draws; an honest bit does with probability 2^-40.
    for (const std::size_t size : {1u, 7u, 33u, 300u}) {
        bytes any(size, 0);
        for (int i = 0; i < 40; ++i) {
            bytes draw(size, 0);
            rng.fill(draw);
            for (std::size_t k = 0; k < size; ++k) any[k] |= draw[k];
        }
        for (const std::uint8_t value : any) CHECK(value == 255);
    }
    bytes untouched(4, 9);
    rng.fill(std::span(untouched).first(0));
    CHECK(untouched == bytes(4, 9));
}

TEST_CASE("system_random: a forked child does not repeat its parent", "[random]") {
    random::system_random rng;
    (void)random::random_bytes<32>(rng); // any buffer that the library keeps is filled before the fork
    int ends[2] = {};
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const auto drawn = random::random_bytes<32>(rng);
        const ssize_t written = write(ends[1], drawn.data(), drawn.size());
        _exit(written == 32 ? 0 : 1);
    }
    const auto ours = random::random_bytes<32>(rng);
    byte_array<32> theirs{};
    const ssize_t got = read(ends[0], theirs.data(), theirs.size());
    int status = 1;
    REQUIRE(waitpid(child, &status, 0) == child);
    close(ends[0]);
    close(ends[1]);
    REQUIRE(WIFEXITED(status));
    REQUIRE(WEXITSTATUS(status) == 0);
    REQUIRE(got == 32);
    CHECK(ours != theirs);
}

TEST_CASE("system_random: threads may share one object and never see the same bytes", "[random]") {
    random::system_random rng;
    std::vector<std::vector<byte_array<16>>> drawn(4);
    std::vector<std::thread> threads;
    for (auto& mine : drawn)
        threads.emplace_back([&rng, &mine] {
            random::require_sodium();
            for (int i = 0; i < 200; ++i) mine.push_back(random::random_bytes<16>(rng));
        });
    for (std::thread& thread : threads) thread.join();
    std::set<byte_array<16>> seen;
    for (const auto& mine : drawn) seen.insert(mine.begin(), mine.end());
    CHECK(seen.size() == 800);
}

TEST_CASE("seeded_random: the stream is the documented one, however it is cut", "[random]") {
    // Computed with Python's hashlib from the formula in the header, seed 7.
    const std::string expected = "8b9a2bf5afb40e7e0bd525fcd6b274203699e2481793241cc76a16be06b2e224"
                                 "eb24cbc88d767fd29bb316cb59e1b281fa6ce7abcc5d7519ef0027a16fefb051"
                                 "fae6520ce4d9e5ee458d8d24b29e9fbc";
    CHECK(to_hex(test::seeded_random(7).draw(80)) == expected);

    test::seeded_random in_parts(7);
    bytes joined;
    for (const std::size_t part : {0u, 1u, 2u, 61u, 3u, 13u}) {
        const bytes piece = in_parts.draw(part);
        joined.insert(joined.end(), piece.begin(), piece.end());
    }
    CHECK(to_hex(joined) == expected);
    CHECK(test::seeded_random(8).draw(32) != test::seeded_random(7).draw(32));
}
