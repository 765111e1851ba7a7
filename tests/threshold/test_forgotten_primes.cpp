// After a dealing nothing of the primes is left in the memory of the process, so that no core dump, swap file
// or later bug gives them away.
//
// The test reads all writable memory of its own process, as a core dump holds it, and looks for pieces of the
// primes (support/memory_search.hpp). That it would find them is shown first.
#include "support/threshold_instances.hpp"

#include "support/catch.hpp"
#include "support/memory_search.hpp"
#include "support/seeded_random.hpp"
#include "support/skip.hpp"

#include <veilsum/integer/wiping_memory.hpp>
#include <veilsum/paillier/key_generation.hpp>
#include <veilsum/threshold/dealer.hpp>
#include <veilsum/transcript/transcript.hpp>
#include <veilsum/zk/key_validity.hpp>

#include <fstream>
#include <utility>
#include <vector>

using namespace veilsum;

TEST_CASE("dealer: memory keeps nothing of the primes", "[threshold]") {
    if (!std::ifstream("/proc/self/maps")) return test::skip_case("no /proc/self/maps here");
    integer::wipe_gmp_memory(); // as the programs do that deal keys
    using scheme = paillier::scheme<2048>;
    std::vector<test::needle> needles;
    const auto who = *threshold::structure::create(2, 3);
    tests::seeded_random rng(81);
    {
        auto made = paillier::generate_primes<scheme, true>(rng);
        REQUIRE(made);
        integer::prime_pair primes = *std::move(made);
        needles = test::needles_of(primes);
        // The search itself works: the primes are in memory now.
        REQUIRE(test::occurrences(needles[0]) > 0);
        REQUIRE(test::occurrences(needles[1]) > 0);
        const auto key = paillier::make_public_key<scheme>(primes, rng);
        REQUIRE(key);
        REQUIRE(zk::prove_key(transcript::transcript("test"), primes, *key, rng));
        REQUIRE(threshold::deal(std::move(primes), *key, who, rng));
    }
    for (const test::needle& what : needles) {
        INFO(what.name());
        CHECK(test::occurrences(what) == 0);
    }
}
