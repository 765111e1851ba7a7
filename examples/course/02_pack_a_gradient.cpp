// Lesson 2: pack a gradient. Real numbers become small integers, and many of them share one plaintext, each
// in a slot that is wide enough for the sum: nothing carries into the next slot, and what does not fit is
// refused.
#include "course.hpp"

#include <veilsum/encoding/slots.hpp>
#include <veilsum/paillier/encryptor.hpp>
#include <veilsum/paillier/key_generation.hpp>
#include <veilsum/paillier/operations.hpp>

namespace encoding = veilsum::encoding;
namespace paillier = veilsum::paillier;
using course::must;
using course::refusal;
using course::scheme;
using veilsum::integer::bigint;

int main() {
    // One unit is 2^-8, a value has 16 bits (-128 to 127.996), updates are clipped to norm 100.
    const encoding::fixed_point format{8, 16, 100.0};
    must(format.check());
    const auto quantised = must(encoding::quantise(std::vector<float>{0.5F, -1.25F, 0.001F}, format));
    for (const std::int32_t value : quantised) std::printf("quantised    %d\n", value);

    // Sums of at most 4 clients: two bits more than a value.
    const auto layout = must(encoding::slot_layout::create(scheme::plaintext_bits, format.value_bits, 4));
    std::printf("slots        %zu of %u bits in one plaintext of %zu bits\n", layout.slots(), layout.width(),
                std::size_t{scheme::plaintext_bits});

    // Four clients send the extremes side by side: 4 times -32768 needs 18 bits, and has them.
    veilsum::random::system_random rng;
    const auto keys = must(paillier::generate_key<scheme>(rng));
    const paillier::encryptor<scheme> encrypt_for(keys.public_half);
    const std::vector<std::int32_t> extremes = {-32768, 32767, -32768, 1};
    std::vector<paillier::ciphertext_vector<scheme>> sent;
    for (int client = 0; client < 4; ++client) {
        const paillier::plaintext_vector packed(std::vector<bigint>{must(encoding::pack(extremes, layout))});
        sent.push_back(must(encrypt_for.encrypt(packed, rng)).ciphertexts);
    }
    const std::vector<std::uint64_t> weights = {1, 1, 1, 1};
    const auto sum = must(paillier::aggregate(keys.public_half, sent, weights));
    const auto opened = must(keys.private_half.decrypt(sum));
    for (const std::int64_t slot : must(encoding::unpack_sum(opened.expose()[0], layout, extremes.size())))
        std::printf("slot of sum  %lld, as reals: sum %g, mean %g\n", static_cast<long long>(slot),
                    format.decode(slot, 1), format.decode(slot, 4));

    // What would carry is refused before anything is encrypted.
    const encoding::fixed_point unclipped{8, 16, 1000.0};
    std::printf("check        %s\n", refusal(unclipped.check()).c_str());
    const auto huge = encoding::quantise(std::vector<float>{1.0F, 200.0F}, unclipped);
    std::printf("quantise     %s\n", refusal(huge).c_str());
    const auto wide = encoding::pack(std::vector<std::int32_t>{0, 0, 32768}, layout);
    std::printf("pack         %s\n", refusal(wide).c_str());
    std::printf("five clients %s\n", refusal(layout.admits(5)).c_str());
}
