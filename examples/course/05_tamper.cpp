// Lesson 5: tampering is caught. One bit of a client's submission is flipped, in one field after the other:
// the verifier says which check failed, and on which element where one is to blame.
#include "course.hpp"

#include <veilsum/encoding/plan_layout.hpp>
#include <veilsum/paillier/key_generation.hpp>
#include <veilsum/zk/validity_prover.hpp>
#include <veilsum/zk/validity_verifier.hpp>

namespace paillier = veilsum::paillier;
using course::must;
using course::refusal;
using course::scheme;
using veilsum::zk::validity_field;

int main() {
    veilsum::random::system_random rng;
    const auto key = must(paillier::generate_key<scheme>(rng)).public_half;
    const auto layout = must(veilsum::encoding::plan_layout(
        {.format = {12, 16, 4.0},
         .values = 50,
         .total_weight = 4,
         .modulus_bits = scheme::modulus_bits,
         .exponent_bits = paillier::short_exponent::bits<scheme::modulus_bits>}));
    veilsum::transcript::context here{.round = 1, .key = key.id(), .parameters = layout.digest()};
    here.session = {1};
    here.party = {7};

    using encryptor = paillier::encryptor<scheme>;
    const veilsum::zk::validity_prover<scheme> prover(std::make_shared<const encryptor>(key), layout);
    const veilsum::zk::validity_verifier<scheme> verifier(key, layout);
    const veilsum::bytes good = must(prover.prove(here, std::vector<std::int32_t>(50, 1000), rng));
    must(verifier.verify(here, good, rng));
    std::printf("as it was sent             accepted\n");

    struct flip {
        const char* what;
        validity_field where;
        std::size_t element, byte;
        std::uint8_t bit;
    };
    const std::size_t last = layout.ciphertext_bytes() - 1;
    const flip flips[] = {
        {"commitment, its sign bit", validity_field::rows, 0, 31, 0x80},
        {"ciphertext, its last bit", validity_field::cts, 0, last, 1},
        {"response, its last bit", validity_field::z, 3, 31, 1},
        {"response, its first bit", validity_field::z, 3, 0, 0x80},
        {"scalar, its last bit", validity_field::resp, 5, 0, 1},
        {"scalar, its first bit", validity_field::resp, 5, 31, 0x80},
    };
    for (const flip& each : flips) {
        veilsum::bytes bad = good;
        const auto& place = verifier.shape()[each.where];
        bad[place.offset + each.element * place.width + each.byte] ^= each.bit;
        std::printf("%-26s %s\n", each.what, refusal(verifier.verify(here, bad, rng)).c_str());
    }
    veilsum::bytes cut = good;
    cut.pop_back();
    std::printf("one byte too short         %s\n", refusal(verifier.verify(here, cut, rng)).c_str());
    auto other = here;
    other.party = {8};
    std::printf("another client's           %s\n", refusal(verifier.verify(other, good, rng)).c_str());
}
