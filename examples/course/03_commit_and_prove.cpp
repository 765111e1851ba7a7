// Lesson 3: commit and prove. A client sends ciphertexts, commitments to the same values, and one proof that
// every value is in range, that the norm is bounded, and that both hold the same. Nobody learns the values.
#include "course.hpp"

#include <veilsum/encoding/plan_layout.hpp>
#include <veilsum/paillier/key_generation.hpp>
#include <veilsum/pedersen/row_commitment.hpp>
#include <veilsum/zk/validity_prover.hpp>
#include <veilsum/zk/validity_verifier.hpp>

namespace paillier = veilsum::paillier;
namespace pedersen = veilsum::pedersen;
using course::must;
using course::refusal;
using course::scheme;
using veilsum::secret;
using veilsum::group::scalar;

int main() {
    veilsum::random::system_random rng;

    // A commitment hides three numbers behind a random blinding, and commitments add up like what they hide.
    const pedersen::generators generators(3);
    const std::vector<std::int32_t> x = {5, -7, 1}, y = {10, 20, 1}, sum = {15, 13, 2};
    const scalar r = scalar::random(rng), s = scalar::random(rng);
    const auto C = pedersen::commit(generators, x, secret<scalar>(scalar(r)));
    const auto D = pedersen::commit(generators, y, secret<scalar>(scalar(s)));
    const bool adds = pedersen::add(C, D) == pedersen::commit(generators, sum, secret<scalar>(r + s));
    std::printf("commitments  %s\n", adds ? "add up" : "DO NOT ADD UP");

    // The public key, and what everybody knows of the round: 50 values, units of 2^-12, clipped to norm 4.
    const auto key = must(paillier::generate_key<scheme>(rng)).public_half;
    const auto layout = must(veilsum::encoding::plan_layout(
        {.format = {12, 16, 4.0},
         .values = 50,
         .total_weight = 4,
         .modulus_bits = scheme::modulus_bits,
         .exponent_bits = paillier::short_exponent::bits<scheme::modulus_bits>}));
    veilsum::transcript::context here{.round = 1, .key = key.id(), .parameters = layout.digest()};
    here.session = {1}; // 32 bytes that no other session has
    here.party = {7};   // who proves

    // The client.
    using encryptor = paillier::encryptor<scheme>;
    const veilsum::zk::validity_prover<scheme> prover(std::make_shared<const encryptor>(key), layout);
    std::vector<std::int32_t> values(50, 1000);
    const veilsum::bytes submission = must(prover.prove(here, values, rng));
    std::printf("submission   %zu bytes, %zu values in %zu ciphertexts\n", submission.size(), layout.values(),
                layout.ciphertexts());

    // Anybody. What is accepted is a type that only the verifier can make.
    const veilsum::zk::validity_verifier<scheme> verifier(key, layout);
    const auto accepted = must(verifier.verify(here, submission, rng));
    std::printf("verifier     accepts; %zu row commitments\n", accepted->rows.size());

    // The proof is worth nothing in another round or for another client.
    auto elsewhere = here;
    elsewhere.round = 2;
    std::printf("round 2      %s\n", refusal(verifier.verify(elsewhere, submission, rng)).c_str());
    elsewhere = here;
    elsewhere.party = {8};
    std::printf("client 8     %s\n", refusal(verifier.verify(elsewhere, submission, rng)).c_str());

    // An honest client that is out of bounds is told so before it sends.
    values[3] = 40000;
    std::printf("too large    %s\n", refusal(prover.prove(here, values, rng)).c_str());
    values.assign(50, 3000);
    std::printf("too long     %s\n", refusal(prover.prove(here, values, rng)).c_str());
}
