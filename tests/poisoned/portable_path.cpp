// What default_engine computes, and with which engine: run by portable_path.sh on this processor and on one
// that lacks its vector instructions, from the same binary. The second line must be the same.
#include "support/seeded_random.hpp"

#include <veilsum/core/bytes.hpp>
#include <veilsum/hash/sha2.hpp>
#include <veilsum/modular/default_engine.hpp>
#include <veilsum/modular/inversion.hpp>

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

using namespace veilsum;
using namespace veilsum::modular;

namespace {

using numbers = std::vector<bigint>;

bigint any_bits(test::seeded_random& rng, std::size_t bits) {
    return bigint::from_bytes(rng.draw(bits / 8));
}

// Everything that an engine does, hashed.
template <std::size_t Bits>
void add(hash::sha256_hasher& digest, const bigint& n) {
    test::seeded_random rng(Bits);
    const default_engine<Bits> engine(n);
    numbers values, exponents;
    for (int i = 0; i < 11; ++i) {
        values.push_back(any_bits(rng, Bits) % n);
        exponents.push_back(any_bits(rng, 96));
    }
    const auto keep = [&](const numbers& results) {
        for (const bigint& result : results) digest.update(result.to_bytes(Bits / 8));
    };
    const auto in = engine.enter(values);
    auto out = engine.make(values.size());
    engine.multiply(out, in, out);
    keep(engine.leave(out));
    engine.square(out, in);
    keep(engine.leave(out));
    engine.power_secret(out, in, secret<bigint>(bigint(exponents[0])), 96);
    keep(engine.leave(out));
    engine.power_public_vartime(out, in, exponents[1]);
    keep(engine.leave(out));
    const auto table = engine.make_table(values[0], 96);
    engine.power_fixed(out, table, secret<numbers>(numbers(exponents)), 96);
    keep(engine.leave(out));
    const auto inverses = invert_vartime(engine, in);
    keep(inverses ? engine.leave(*inverses) : numbers{});
    keep({engine.power_fixed_vartime(table, exponents[2]), engine.multi_power_vartime(in, exponents),
          engine.product(in)});
}

} // namespace

int main() {
    hash::sha256_hasher digest;
    add<512>(digest, (bigint(1) << 511) + bigint(187)); // odd, that is all
    add<1024>(digest, (bigint(1) << 607) - bigint(1));
    add<6144>(digest, (bigint(1) << 6143) - bigint(1));
    const std::string results = to_hex(digest.finish());
    const std::string_view engine = name_of(default_engine<512>(bigint(3)).kind());
    std::printf("engine %.*s\nresults %s\n", static_cast<int>(engine.size()), engine.data(), results.c_str());
}
