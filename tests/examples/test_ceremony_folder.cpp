// What a dealing writes holds nothing of the primes, in any byte order or as hexadecimal text.
#include "support/catch.hpp"
#include "support/memory_search.hpp"
#include "support/seeded_random.hpp"
#include "support/temporary_folder.hpp"

#include "support/ceremony_folder.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using namespace veilsum;
using integer::bigint;

namespace {

std::vector<std::uint8_t> read_whole(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<test::needle> every_form(const integer::prime_pair& primes) {
    std::vector<test::needle> forms = test::needles_of(primes);
    for (const secret<bigint>* prime : {&primes.p, &primes.q}) {
        const bytes big_endian = prime->expose().to_bytes(128);
        forms.emplace_back("big-endian", big_endian.data(), big_endian.size());
        const std::string text = to_hex(big_endian);
        forms.emplace_back("hexadecimal", reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    }
    return forms;
}

} // namespace

TEST_CASE("ceremony folder: no file holds anything of the primes", "[examples]") {
    using scheme = paillier::scheme<2048>;
    const test::temporary_folder folder;
    tests::seeded_random rng(91), same(91);
    const auto primes = paillier::generate_primes<scheme, true>(same);
    REQUIRE(primes);
    const auto who = *threshold::structure::create(2, 3);
    const auto dealt = examples::deal_ceremony<scheme>(who, rng, {});
    REQUIRE(dealt);
    REQUIRE(primes->p.expose() * primes->q.expose() == dealt->ceremony.key.n()); // the same primes
    REQUIRE(examples::write_ceremony<scheme>(folder.path() / "keys", *dealt, {}, rng));

    const std::vector<test::needle> forms = every_form(*primes);
    const bytes control = primes->p.expose().to_bytes(128);
    REQUIRE(forms[4].count_in(control.data(), control.size(), 1) == 4);
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
        if (!entry.is_regular_file()) continue;
        ++files;
        const auto content = read_whole(entry.path());
        for (const test::needle& form : forms) {
            INFO(entry.path() << ", " << form.name());
            CHECK(form.count_in(content.data(), content.size(), 1) == 0);
        }
    }
    CHECK(files == 10); // the ceremony; share, identity and passphrase of three trustees
}
