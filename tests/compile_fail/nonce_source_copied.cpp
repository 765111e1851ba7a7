// refused: (use of deleted function|call to (implicitly-)?deleted (copy )?constructor)
// A copy would give the same masks twice, and two responses with one mask give the witness away.
#include <veilsum/random/system_random.hpp>
#include <veilsum/transcript/nonce_source.hpp>

#include <utility>

int main() {
    veilsum::random::system_random rng;
    const veilsum::byte_array<4> witness{1, 2, 3, 4};
    veilsum::transcript::nonce_source nonces(veilsum::transcript::transcript("test/1"), witness, rng);
#ifdef VEILSUM_MISUSE
    auto other = nonces;
#else
    auto other = std::move(nonces);
#endif
    veilsum::byte_array<4> mask{};
    other.fill(mask);
    return mask[0];
}
